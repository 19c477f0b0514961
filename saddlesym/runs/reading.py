"""Reading a run: CSV, ``.npz``, Parquet, a data frame, or a mapping of arrays."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

from saddlesym.data.numpy_files import npz_arrays
from saddlesym.data.reading import Content, Reading
from saddlesym.data.separated import cells_of, is_missing, is_word, too_large
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import MAX_ENTRIES

#: How a Parquet file begins.
_PARQUET = b"PAR1"


def run_columns(run: Any) -> tuple[dict[str, Any], str]:
    """The named columns of a run, and what to call it.

    Args:
        run: name of a CSV, ``.npz`` or Parquet file, ``-`` for a CSV on standard input, a data frame, or
            a mapping of names to arrays.

    Raises:
        BadInputError: it is none of these, or cannot be read.

    >>> columns, name = run_columns({"step": [0, 1, 2], "x0": [0.0, 0.1, 0.2]})
    >>> sorted(columns), name
    (['step', 'x0'], 'the run')
    """
    if isinstance(run, Mapping):
        return dict(run), "the run"
    if hasattr(run, "columns") and hasattr(run, "__getitem__"):
        return {str(name): run[name] for name in run.columns}, "the run"
    if not isinstance(run, str | os.PathLike):
        raise BadInputError(f"a run of type {type(run).__name__}", needed="a file, a data frame or a mapping")
    content = _content(run)
    if content.data.startswith(_PARQUET):
        return _from_parquet(content), content.name
    if content.kind == "npz":
        _, names = npz_arrays(content.data, content.name, ())
        return npz_arrays(content.data, content.name, names, 3)[0], content.name
    if content.kind == "npy":
        raise BadInputError(f"{content.name} has no names of columns", needed="a CSV, .npz or Parquet file")
    return _from_text(content), content.name


def _content(run: str | os.PathLike[str]) -> Content:
    if str(run) != "-" and not os.path.exists(run):  # no run is shipped, as data are
        needed = "a run as CSV, .npz or Parquet, or - for standard input"
        raise BadInputError(f"{shown(str(run))} is no file", needed=needed)
    return Content.of(str(run))


def _from_text(content: Content) -> dict[str, Any]:
    """Columns by the names in the first line; an empty cell or ``nan`` is not a number, nor is ``inf``."""
    import numpy as np

    cells = cells_of(content, Reading())
    names = [cell.strip() for cell in cells.first]
    if not all(map(is_word, names)):
        raise BadInputError(
            f"{content.name}, line {cells.first_line}: {', '.join(shown(n, 16) for n in names[:4])}",
            needed="names of columns: step, then beta_0, beta_1 ... or the names of the features",
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInputError(f"{content.name}: two columns are named {shown(twice)}", needed="distinct names")
    columns: list[list[float]] = [[] for _ in names]
    count = 0
    for number, row in cells.rest:
        if len(row) != len(names):
            raise BadInputError(
                f"{content.name}, line {number}: {len(row)} cells",
                needed=f"{len(names)} as in line {cells.first_line}",
            )
        count += len(row)
        if count > MAX_ENTRIES:
            raise too_large(content.name)
        for column, cell in zip(columns, row, strict=True):
            column.append(_number(cell))
    return {name: np.array(column, dtype=float) for name, column in zip(names, columns, strict=True)}


def _number(cell: str) -> float:
    """A cell as a float; not a number where it is missing or a word."""
    if is_missing(cell):
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _from_parquet(content: Content) -> dict[str, Any]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise BadInputError(
            f"{content.name} is a Parquet file, and pyarrow is not installed",
            needed="pip install 'saddlesym[parquet]'",
            hint="the run as CSV or .npz",
        ) from None
    try:
        file = parquet.ParquetFile(io.BytesIO(content.data))
        if file.metadata.num_rows * file.metadata.num_columns > MAX_ENTRIES:
            raise too_large(content.name)
        table = file.read()
        return {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
    except BadInputError:
        raise
    except Exception as error:  # pyarrow has a dozen kinds of errors for damaged files
        raise BadInputError(f"{content.name} is a damaged Parquet file ({shown(error, 60)})") from None
