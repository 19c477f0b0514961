"""A table as a file has it, with gaps and all its columns, and what is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from saddlesym.data.reading import Content, Missing
from saddlesym.errors import BadInputError, shown


@dataclass(frozen=True)
class DataTable:
    """Named columns of exact numbers, without gaps.

    Attributes:
        names: column names, ``x0, x1, …`` when the file has none.
        rows: FLINT rationals, one list per row.
        source: where it was read from.
        target: index of the column that is the target of a regression, or None.
        digest: the SHA-256 of the file.
        left_out: what the file holds and the table does not, in words.
        notations: how each column is given (see :mod:`saddlesym.exact.rounding`), the target last.
    """

    names: tuple[str, ...]
    rows: list[list[fmpq]]
    source: str
    target: int | None = None
    digest: str = ""
    left_out: tuple[str, ...] = ()
    notations: tuple[str, ...] = ()

    def split(self) -> tuple[list[list[fmpq]], list[fmpq], list[str]]:
        """Features (n × d), target (n) and feature names."""
        k = len(self.names) - 1 if self.target is None else self.target
        X = [row[:k] + row[k + 1 :] for row in self.rows]
        return X, [row[k] for row in self.rows], [*self.names[:k], *self.names[k + 1 :]]


@dataclass(frozen=True)
class TableWithGaps:
    """A table as the file has it: with gaps, which are None.

    Attributes:
        names: of the columns that are not left out.
        columns: their indices in the file.
        rows: the numbers.
        places: the number of each row in the file.
        notations: how each column is given.
        unit: what ``places`` count: ``"line"`` or ``"row"``.
        gap: what the file has at the first gap.
    """

    content: Content
    names: tuple[str, ...]
    columns: list[int]
    rows: list[list[fmpq | None]]
    places: list[int]
    notations: tuple[str, ...]
    unit: str
    gap: str = ""

    @property
    def name(self) -> str:
        return self.content.name

    def column(self, target: str | int | None) -> int:
        """Which of the columns is the target."""
        last = len(self.names) - 1
        if target is None:
            return last
        if target in self.names:
            return self.names.index(str(target))
        by_index = {str(j): k for k, j in enumerate(self.columns)}
        if not isinstance(target, bool) and str(target) in by_index:
            return by_index[str(target)]
        raise BadInputError(
            f"{self.name} has no target column {shown(target)}",
            needed=f"one of {quoted(self.names)} or an index from 0 to {self.columns[-1]}",
        )

    def complete(self, drop: Missing | None, target: int | None = None) -> DataTable:
        """The table without gaps: refused, or without the rows or the columns that have them."""
        names, rows, notations, left_out = self.names, self.rows, self.notations, ""
        gaps = [i for i, row in enumerate(rows) if None in row]
        if gaps and drop is None:
            raise self._gaps(gaps)
        if gaps and drop == "rows":
            rows = [row for row in rows if None not in row]
            if not rows:
                raise BadInputError(f"every row of {self.name} lacks a value", needed="a row without gaps")
            left_out = f"{self._places(gaps)} with missing values"
        elif gaps:
            lacking = {j for i in gaps for j, q in enumerate(rows[i]) if q is None}
            if target in lacking:
                raise BadInputError(
                    f"{self.name}: the target {shown(names[target])} lacks values",
                    needed="a value of it in every row",
                    hint="--drop-missing rows",
                )
            kept = [j for j in range(len(names)) if j not in lacking]
            if len(kept) < (1 if target is None else 2):
                raise BadInputError(f"every column of {self.name} lacks a value", needed="one without gaps")
            left_out = f"columns {quoted([names[j] for j in sorted(lacking)])} with missing values"
            names, notations = (tuple(of[j] for j in kept) for of in (names, notations))
            rows = [[row[j] for j in kept] for row in rows]
            target = None if target is None else kept.index(target)
        full: list[list[fmpq]] = rows  # type: ignore[assignment]
        if target is not None:
            notations = (*notations[:target], *notations[target + 1 :], notations[target])
        parts = (left_out,) if left_out else ()
        return DataTable(names, full, self.content.source, target, self.content.digest, parts, notations)

    def _places(self, rows: Sequence[int]) -> str:
        lines = ", ".join(str(self.places[i]) for i in rows[:5]) + (", ..." if len(rows) > 5 else "")
        plural = "" if len(rows) == 1 else "s"
        return f"{len(rows)} row{plural} ({self.unit}{plural} {lines})"

    def _gaps(self, gaps: Sequence[int]) -> BadInputError:
        i, count = gaps[0], sum(row.count(None) for row in self.rows)
        j = self.rows[i].index(None)
        what = "empty cell" if not self.gap else f"{shown(self.gap)} is not finite"
        if self.gap and "nan" not in self.gap.lower():
            what = f"{shown(self.gap)} says that a value is missing"
        if count > 1:
            lacking = sorted({k for g in gaps for k, q in enumerate(self.rows[g]) if q is None})
            columns = quoted([self.names[k] for k in lacking], 4)
            what += f"; {count} values are missing, in {self._places(gaps)}, columns {columns}"
        return BadInputError(
            f"{self.name}, {self.unit} {self.places[i]}, column {shown(self.names[j])}: {what}",
            needed="a number",
            hint="--drop-missing rows, or columns",
        )


def quoted(names: Sequence[str], most: int = 12) -> str:
    """Names for a message, quoted, the first of them.

    >>> quoted(["a", "b", "c"], 2)
    "'a', 'b', ..."
    """
    return ", ".join(map(shown, names[:most])) + (", ..." if len(names) > most else "")
