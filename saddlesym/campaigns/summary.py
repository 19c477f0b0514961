"""Summaries of the rows of a campaign, in the words of SQL, by DuckDB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from saddlesym.campaigns.storage import Store
from saddlesym.errors import BadInputError, shown

_BY = re.compile(r"^(.*?)(?:\s+by\s+([A-Za-z0-9_,\s]+))?$", re.DOTALL | re.IGNORECASE)
#: Longest text of a summary.
MAX_LENGTH = 2_000


@dataclass(frozen=True)
class Summary:
    """A small table: groups and what was asked of each.

    Attributes:
        columns: names; the groups come first.
        groups: how many of them are groups.
        rows: values.
    """

    columns: tuple[str, ...]
    groups: int
    rows: tuple[tuple[Any, ...], ...]


def summarise(store: Store, text: str) -> Summary:
    """Aggregates of the rows, such as ``"avg(jumps), max(dwell) by n, d"``.

    The words before ``by`` are expressions of DuckDB's SQL over the columns of the rows and the parameters
    of the cells; those after it are columns to group by.  They are run on a copy of the rows in memory,
    with everything outside of it locked: no file is read or written, no setting changed.

    Raises:
        BadInputError: DuckDB does not understand it.
    """
    import duckdb

    if len(text) > MAX_LENGTH:
        raise BadInputError(f"a summary of {len(text)} characters", needed=f"at most {MAX_LENGTH}")
    match = _BY.match(text.strip())
    assert match is not None  # every text matches
    groups = [name.strip() for name in (match[2] or "").split(",") if name.strip()]
    connection = duckdb.connect(":memory:")
    try:
        rows, cells = store.rows(), _cells(store)
        connection.register("rows_there", rows)
        connection.register("cells_there", cells)
        extra = ", ".join(f'c."{name}"' for name in cells.column_names if name != "cell")
        joined = f", {extra}" if extra else ""
        connection.execute(
            f"CREATE TABLE rows AS SELECT r.*{joined} FROM rows_there r JOIN cells_there c ON r.cell = c.cell"
        )
        connection.unregister("rows_there")
        connection.unregister("cells_there")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        by = ", ".join(f'"{name}"' for name in groups)
        query = f"SELECT {by + ', ' if by else ''}{match[1]} FROM rows"
        if by:
            query += f" GROUP BY {by} ORDER BY {by}"
        statements = connection.extract_statements(query)
        if len(statements) != 1:
            raise BadInputError(f"{shown(text)} is more than one statement", needed="expressions")
        answer = connection.execute(query)
        columns = tuple(str(column[0]) for column in answer.description)
        return Summary(columns, len(groups), tuple(tuple(row) for row in answer.fetchall()))
    except duckdb.Error as error:
        why = " ".join(str(error).split())[:200]
        raise BadInputError(
            f"the summary {shown(text)} is not understood: {why}",
            needed="aggregates of columns, and columns to group by",
            hint=f"avg({store.campaign.measures[0].name}) by n, d; columns: {', '.join(store.columns())}",
        ) from None
    finally:
        connection.close()


def _cells(store: Store) -> Any:
    """The parameters of every cell, by its number; names that rows have are left out."""
    import pyarrow

    cells = store.campaign.cells
    names = {name for cell in cells for name, _ in cell.parameters} - set(store.columns())
    columns: dict[str, list[Any]] = {"cell": list(range(len(cells)))}
    for name in sorted(names):
        columns[name] = [_float(dict(cell.parameters).get(name)) for cell in cells]
    return pyarrow.table(columns)


def _float(text: str | None) -> float | None:
    from fractions import Fraction

    try:
        return None if text is None else float(Fraction(text))
    except ValueError:
        return None
