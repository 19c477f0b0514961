"""Tables of exact numbers from CSV, ``.npy`` and ``.npz`` files and shipped examples."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from flint import fmpq

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import Floats, exact_rows, parse_rational

#: Rows of samples for a regression, or one matrix: the target of a deep linear network.
Kind: TypeAlias = Literal["regression", "matrix"]


@dataclass(frozen=True)
class Example:
    """A data set that is shipped with saddlesym.

    Attributes:
        name: what to call it wherever a file name works.
        title: one line about it.
        reference: where the data come from.
        path: the CSV file.
        centre: whether the customary preparation centres it.
        scale: whether the customary preparation scales it.
        kind: what it is data for.
        mask: for matrix completion, the CSV file of the observed entries.
    """

    name: str
    title: str
    reference: str
    path: Path
    centre: bool = False
    scale: bool = False
    kind: Kind = "regression"
    mask: Path | None = None


@cache
def examples(kind: Kind = "regression") -> dict[str, Example]:
    """The shipped examples by name.

    Args:
        kind: ``"regression"`` for diagonal networks, ``"matrix"`` for deep ones.

    >>> sorted(examples())
    ['diabetes', 'shrinking', 'sign-flip']
    >>> sorted(examples("matrix"))
    ['completion-3x3', 'svd-3x3']
    """
    here = Path(__file__).parent
    folder = next(p for p in (here / "examples", here.parent / "examples") if p.is_dir())
    catalogue = tomllib.loads((folder / "examples.toml").read_text(encoding="utf-8"))
    found = {}
    for name, entry in catalogue.items():
        if entry.get("kind", "regression") == kind:
            for key in {"file", "mask"} & entry.keys():
                entry[key] = folder / entry[key]
            found[name] = Example(name=name, path=entry.pop("file"), **entry)
    return found


@dataclass(frozen=True)
class Table:
    """Named columns of exact numbers.

    Attributes:
        names: column names, ``x0, x1, …`` when the file has none.
        rows: FLINT rationals, one list per row.
        source: where it was read from.
    """

    names: tuple[str, ...]
    rows: list[list[fmpq]]
    source: str

    def split(self, target: str | int | None) -> tuple[list[list[fmpq]], list[fmpq], list[str]]:
        """Features (n × d), target (n) and feature names.

        Args:
            target: name or 0-based index of the target column; default the last.
        """
        k = self._column(target)
        if len(self.names) < 2:
            raise BadInputError(
                f"{shown(self.source)} has one column", needed="at least one feature and the target"
            )
        X = [row[:k] + row[k + 1 :] for row in self.rows]
        return X, [row[k] for row in self.rows], [*self.names[:k], *self.names[k + 1 :]]

    def _column(self, target: str | int | None) -> int:
        last = len(self.names) - 1
        if target is None:
            return last
        if target in self.names:
            return self.names.index(str(target))
        if str(target) in map(str, range(last + 1)):
            return int(target)
        listed = ", ".join(map(shown, self.names[:12])) + (", ..." if last > 11 else "")
        raise BadInputError(
            f"{shown(self.source)} has no target column {shown(target)}",
            needed=f"one of {listed} or an index from 0 to {last}",
        )


def located(source: str | Path, kind: Kind = "regression") -> tuple[Path, Example | None]:
    """The file that a user's word stands for: a path, or the name of an example."""
    path = Path(source)
    if path.exists() and not path.is_dir():
        return path, None
    here = examples(kind)
    if str(source) in here:
        example = here[str(source)]
        return example.path, example
    what = "is a folder" if path.is_dir() else "is neither a file nor a shipped example"
    other: Kind = "matrix" if kind == "regression" else "regression"
    if str(source) in examples(other):
        room = "deep" if other == "matrix" else "diagonal"
        what = f"is an example for {room} linear networks"
    raise BadInputError(f"{shown(source)} {what}", needed=f"a file, or one of: {', '.join(sorted(here))}")


def read_table(source: str | Path, *, header: bool | None = None, floats: Floats = "decimal") -> Table:
    """Read a CSV or ``.npy`` file, or a shipped example by name."""
    return _read(source, "regression", header, floats)


def read_matrix(source: str | Path, *, header: bool | None = None, floats: Floats = "decimal") -> Table:
    """Read one matrix, of any number of rows, from a CSV or ``.npy`` file or a shipped example.

    >>> read_matrix("svd-3x3").rows[0]
    [3, 1, 0]
    """
    path, _ = located(source, "matrix")
    if header is not None and path.suffix.lower() == ".npy":
        raise BadInputError("--header or --no-header with a NumPy file", needed="a CSV file")
    if path.suffix.lower() == ".npz":
        raise BadInputError(f"{shown(path.name)} is an archive", needed="one matrix, as .csv or .npy")
    return _read(source, "matrix", header, floats)


def matrix_example(source: str | Path) -> Example | None:
    """The shipped example of a matrix that a user's word stands for, if it does."""
    return located(source, "matrix")[1]


def _read(source: str | Path, kind: Kind, header: bool | None, floats: Floats) -> Table:
    path, _ = located(source, kind)
    if path.suffix.lower() == ".npy":
        rows = exact_rows(_load(path), shown(path.name), floats)
        if not rows or not rows[0]:
            raise BadInputError(f"{shown(path.name)} is empty", needed="a table of numbers")
        _enough(len(rows), shown(path.name), kind)
        return Table(_default_names(len(rows[0])), rows, str(source))
    return _read_csv(source, kind, header)


def read_npz(path: str | Path) -> dict[str, Any]:
    """The arrays of a ``.npz`` file by name."""
    arrays = _load(located(path)[0])
    if not isinstance(arrays, dict):
        raise BadInputError(f"{shown(path)} is not an .npz archive", needed="arrays X and y")
    return arrays


def _load(path: Path) -> Any:
    """The array of a ``.npy`` file, or the arrays of a ``.npz`` file by name."""
    import zipfile

    import numpy as np

    try:
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            return {name: loaded[name] for name in loaded.files} if hasattr(loaded, "files") else loaded
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise BadInputError(
            f"{shown(path.name)} is not a readable NumPy file ({shown(error, 60)})",
            needed="numbers written by numpy.save or numpy.savez",
        ) from None


def read_csv(source: str | Path, *, header: bool | None = None) -> Table:
    """Read a comma, semicolon or tab separated file of numbers exactly.

    Args:
        source: file, or name of a shipped example.
        header: whether the first line holds column names; default: it does when
            none of its cells is a number.

    Raises:
        BadInputError: says which line and column, and what is wrong there.
    """
    return _read_csv(source, "regression", header)


def _read_csv(source: str | Path, kind: Kind, header: bool | None) -> Table:
    path, _ = located(source, kind)
    name = shown(str(source))
    lines = _cells(path, name)
    if not lines:
        raise BadInputError(f"{name} is empty", needed="a table of numbers")
    first_line, first = lines[0]
    if header is None:
        header = _looks_like_header(first, f"{name}, line {first_line}")
    names = _header_names(first, name) if header else _default_names(len(first))
    body = lines[1:] if header else lines
    _enough(len(body), name, kind)
    rows = []
    for number, cells in body:
        if len(cells) != len(names):
            raise BadInputError(
                f"{name}, line {number}: {len(cells)} cells",
                needed=f"{len(names)} as in line {first_line}",
            )
        rows.append(
            [
                _number(cell, f"{name}, line {number}, column {shown(column)}")
                for cell, column in zip(cells, names, strict=True)
            ]
        )
    return Table(names, rows, str(source))


def _enough(rows: int, name: str, kind: Kind) -> None:
    if kind == "matrix":
        if rows < 1:
            raise BadInputError(f"{name} has no row of data", needed="a matrix of numbers")
    elif rows < 2:
        raise BadInputError(
            f"{name} has {'only one' if rows else 'no'} row of data",
            needed="at least two rows",
            hint="for n = 1 build DiagonalProblem(X, y) in Python",
        )


def _cells(path: Path, name: str) -> list[tuple[int, list[str]]]:
    """The non-blank lines of the file with their numbers, split into cells."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError(
            f"{name} is not a text file in UTF-8", needed="a CSV file, .npy or .npz"
        ) from None
    except OSError as error:
        raise BadInputError(f"{name} cannot be read ({error.strerror})") from None
    if "\0" in text:
        raise BadInputError(f"{name} is a binary file", needed="a CSV file, .npy or .npz")
    head = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", head)
    delimiter = next((mark for mark in ",;\t" if mark in unquoted), ",")
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    out = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                out.append((reader.line_num, cells))
    except csv.Error as error:
        raise BadInputError(f"{name}, line {reader.line_num}: {error}", needed="a CSV file") from None
    return out


def _number(cell: str, place: str) -> fmpq:
    try:
        return parse_rational(cell)
    except BadInputError as error:
        raise error.at(place) from None


def _is_word(cell: str) -> bool:
    """Whether a cell can only be a name: not a number, nor a failed one (nan, empty, too long)."""
    number_like = r"\s*([+-]?(nan|inf|infinity|[0-9.][0-9.,e+/_ -]*))?\s*"
    return not re.fullmatch(number_like, cell, re.IGNORECASE)


def _looks_like_header(cells: Sequence[str], place: str) -> bool:
    words = [cell for cell in cells if _is_word(cell)]
    numbers = [cell for cell in cells if cell.strip() and not _is_word(cell)]
    if numbers and words:
        text = words[0]
        raise BadInputError(
            f"{place} mixes numbers ({shown(numbers[0])}) and text ({shown(text)})",
            needed="all names or all numbers",
            hint="say whether it is a header with --header or --no-header",
        )
    return bool(words)


def _header_names(cells: Sequence[str], name: str) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    for k, column in enumerate(names):
        if not column:
            raise BadInputError(
                f"{name}: column {k + 1} has no name (a row index?)",
                needed="a name for every column",
                hint="remove that column or name it",
            )
        if column in names[:k]:
            raise BadInputError(f"{name}: two columns are named {shown(column)}", needed="distinct names")
    return names


def _default_names(count: int) -> tuple[str, ...]:
    return tuple(f"x{j}" for j in range(count))
