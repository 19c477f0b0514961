"""Tables of exact numbers from CSV, ``.npy`` and ``.npz`` files and shipped examples."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from flint import fmpq

from saddlesym.data.examples import Example, located
from saddlesym.data.gaps import DataTable, TableWithGaps, quoted
from saddlesym.data.header import Header, header_of, kept_columns
from saddlesym.data.numpy_files import array_rows, npy_array, npz_arrays
from saddlesym.data.reading import Content, Reading
from saddlesym.data.separated import cells_of, is_missing, is_word, too_large
from saddlesym.errors import BadInputError, DataWarning, shown
from saddlesym.exact.rounding import DECIMAL, notation
from saddlesym.exact.scalars import MAX_ENTRIES, parse_rational

#: Most bits of all numbers of a table together.
MAX_BITS = 2**31

#: Most numbers that are kept by their text, as they often come again.
_KNOWN = 2**16

#: Names of columns that only count the rows.
_INDEX_NAMES = {"unnamed: 0", "index", "id", "row", "rownames", "row.names"}


def read_table(
    source: str | Path | Content, target: str | int | None = None, reading: Reading | None = None
) -> DataTable:
    """Read the data of a regression from CSV, ``.npy`` or ``.npz`` (X and y), or a shipped example.

    Args:
        source: file, ``-`` for standard input, or name of an example.
        target: name or 0-based index, in the file, of the target column; default the last.
        reading: what is said of the file.

    Raises:
        BadInputError: says which line and column, and what is wrong there.

    >>> table = read_table("sign-flip")
    >>> table.names, table.split()[1]
    (('x0', 'x1', 'y'), [-1, 1])
    """
    content = source if isinstance(source, Content) else Content.of(source)
    reading = reading or Reading()
    if content.kind == "npz" and target is not None:
        raise BadInputError("--target with an .npz file", needed="the array y of the file")
    given = _given(content, reading)
    k = given.column(target)
    if len(given.names) < 2:
        raise BadInputError(f"{content.name} has one column", needed="at least one feature and the target")
    return given.complete(reading.drop_missing, k)


def read_matrix(source: str | Path, reading: Reading | None = None) -> DataTable:
    """Read one matrix, of any number of rows, from a CSV or ``.npy`` file or a shipped example.

    >>> read_matrix("svd-3x3").rows[0]
    [3, 1, 0]
    """
    content = Content.of(source, "matrix")
    reading = reading or Reading()
    if content.kind == "npz":
        raise BadInputError(f"{content.name} is an archive", needed="one matrix, as .csv or .npy")
    return _given(content, reading).complete(reading.drop_missing)


def matrix_example(source: str | Path) -> Example | None:
    """The shipped example of a matrix that a user's word stands for, if it does."""
    return located(source, "matrix")[1]


def holds_moments(content: Content) -> bool:
    """Whether a ``.npz`` file holds M and r in place of X and y.

    Raises:
        BadInputError: it holds neither, or is damaged.
    """
    _, there = npz_arrays(content.data, content.name, ())
    if {"X", "y"} <= set(there):
        return False
    if {"M", "r"} <= set(there):
        return True
    raise BadInputError(
        f"{content.name} holds the arrays {quoted(there) or '(none)'}",
        needed="arrays named X and y (or M and r)",
    )


def read_moments(content: Content, reading: Reading) -> dict[str, Any]:
    """The arrays M, r and perhaps feature_names of a ``.npz`` file.

    Raises:
        BadInputError: they cannot be read.
    """
    _numpy_takes(reading)
    return npz_arrays(content.data, content.name, ("M", "r", "feature_names"))[0]


def names_of(arrays: dict[str, Any]) -> tuple[str, ...] | None:
    """The names of the features that a ``.npz`` file holds, if it does."""
    if "feature_names" not in arrays:
        return None
    given = arrays["feature_names"]
    if given.dtype.kind in "bf":  # whole numbers may be the names of columns, as in data frames
        raise BadInputError(
            f"feature_names hold {given.dtype.name}, such as {given.ravel()[0]}",
            needed="text, or whole numbers",
        )
    return tuple(map(str, given.ravel()))


def _given(content: Content, reading: Reading) -> TableWithGaps:
    if content.kind == "text":
        return _from_text(content, reading)
    _numpy_takes(reading)
    if content.kind == "npz":
        return _from_npz(content, reading)
    array = npy_array(content.data, content.name)
    if array.ndim != 2:
        raise BadInputError(f"{content.name} is one-dimensional", needed="a table of numbers")
    columns = kept_columns(reading.drop_columns, (), array.shape[1], content.name)
    rows = array_rows(array[:, columns], content.name, reading.floats)
    names = tuple(f"x{j}" for j in columns)
    given = (notation(array[0]),) * len(columns)
    return TableWithGaps(
        content, names, columns, *_gathered(enumerate(rows), content.name), given, "row", "nan"
    )


def _numpy_takes(reading: Reading) -> None:
    if reading.header or reading.decimal != ".":
        option = "--header" if reading.header else "--decimal"
        raise BadInputError(f"{option} with a NumPy file", needed="a CSV file")


def _from_npz(content: Content, reading: Reading) -> TableWithGaps:
    if reading.drop_columns:
        raise BadInputError("--drop-column with an .npz file", needed="a CSV or .npy file")
    if holds_moments(content):
        raise BadInputError(f"{content.name} holds M and r", needed="X and y")
    arrays, _ = npz_arrays(content.data, content.name, ("X", "y", "feature_names"))
    X, y = arrays["X"], arrays["y"]
    n, d = X.shape[0], X.size // X.shape[0]
    if X.ndim != 2 or y.shape not in ((n,), (n, 1)):
        shapes = [" × ".join(map(str, a.shape)) for a in (X, y)]
        raise BadInputError(
            f"{content.name}: X is {shapes[0]} and y is {shapes[1]}",
            needed="X of n × d numbers and y of n, one per row of X",
        )
    names = names_of(arrays) or tuple(f"x{j}" for j in range(d))
    if len(names) != d:
        raise BadInputError(f"{len(names)} feature names for {d} columns", needed="one name per column")
    parts = {"X": X, "y": y.reshape(n, 1)}
    rows = zip(
        *(array_rows(a, f"{k} in {content.name}", reading.floats) for k, a in parts.items()), strict=True
    )
    numbers, places = _gathered(enumerate([*x, *target] for x, target in rows), content.name)
    given = (notation(X[0]),) * d + (notation(y),)
    return TableWithGaps(content, (*names, "y"), list(range(d + 1)), numbers, places, given, "row", "nan")


def _from_text(content: Content, reading: Reading) -> TableWithGaps:
    cells = cells_of(content, reading)
    second = next(cells.rest, None)
    header = header_of(cells, second and second[1], reading)
    lines = chain(
        [] if header.in_line else [(cells.first_line, cells.first)], [second] if second else [], cells.rest
    )
    gap: list[str] = []
    rows, places = _gathered(
        _numbers(lines, header, cells.first_line, content.name, reading.decimal, gap), content.name
    )
    if not rows:
        raise BadInputError(f"{content.name} has no row of data", needed="a table of numbers")
    if (
        header.columns[0] == 0
        and header.names[0].lower() in _INDEX_NAMES
        and _counted([row[0] for row in rows])
    ):
        warnings.warn(
            f"{content.name}: column {shown(header.names[0])} only counts the rows; "
            "--index-column 0 leaves it out",
            DataWarning,
            stacklevel=2,
        )
    given = (DECIMAL,) * len(header.names)
    return TableWithGaps(content, header.names, header.columns, rows, places, given, "line", *gap)


def _numbers(
    lines: Iterable[tuple[int, list[str]]],
    header: Header,
    first_line: int,
    name: str,
    decimal: str,
    gap: list[str],
) -> Iterator[tuple[int, list[fmpq | None]]]:
    """The numbers of each line; the first cell without a value goes to ``gap``."""
    known: dict[str, fmpq | None] = {}
    whole = len(header.columns) == header.width
    for number, row in lines:
        if len(row) != header.width:
            hint = "--index-column 0 if column 0 counts the rows" if len(row) == header.width + 1 else ""
            raise BadInputError(
                f"{name}, line {number}: {len(row)} cells",
                needed=f"{header.width} as in line {first_line}",
                hint=hint,
            )
        cells = row if whole else [row[j] for j in header.columns]
        if len(known) > _KNOWN:
            known.clear()
        for cell, column in zip(cells, header.names, strict=True):
            if cell not in known:
                try:
                    known[cell] = None if is_missing(cell) else _number(cell, decimal)
                except BadInputError as error:
                    hint = error.hint
                    if is_word(cell) and not hint:
                        hint = f"--drop-column {shown(column)} to leave the column out"
                    place = f"{name}, line {number}, column {shown(column)}"
                    raise BadInputError(f"{place}: {error.given}", needed=error.needed, hint=hint) from None
                if known[cell] is None and not gap:
                    gap.append(cell.strip())
        yield number, [known[cell] for cell in cells]


def _number(cell: str, decimal: str) -> fmpq:
    if decimal == ",":
        if "." in cell:
            raise BadInputError(
                f"{shown(cell)} has a point", needed="commas for decimals, as --decimal , says"
            )
        cell = cell.replace(",", ".", 1)
    return parse_rational(cell)


def _gathered(
    rows: Iterable[tuple[int, list[fmpq | None]]], name: str
) -> tuple[list[list[fmpq | None]], list[int]]:
    """The rows and their places in the file; refused before they fill the memory."""
    out, places = [], []
    count = bits = 0
    for place, row in rows:
        count += len(row)
        bits += sum(q.height_bits() for q in row if q is not None)
        if count > MAX_ENTRIES:
            raise too_large(name)
        if bits > MAX_BITS:
            raise BadInputError(
                f"the numbers of {name} are too long",
                needed=f"at most {MAX_BITS // 8:,} bytes of all together",
                hint="fewer digits",
            )
        out.append(row)
        places.append(place)
    return out, places


def _counted(column: list[fmpq | None]) -> bool:
    """Whether a column counts: k, k + 1, k + 2, …"""
    start = column[0]
    return start is not None and len(column) > 1 and all(q == start + i for i, q in enumerate(column))
