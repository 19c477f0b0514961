"""All integer data of a box, smallest first, up to what carries data to data with the same dynamics.

*Smallest* is meant in the order of: n·d; the largest |entry| of X and y; the sum of the |entries|;
n; and then the entries, X row by row and y, compared as numbers.

Exchanging columns, changing their signs, and exchanging rows of X and y or changing their signs
carries the dynamics along.  Of data that are carried to each other only the smallest has to be looked
at.  What is left out here is what some exchange or change of signs makes smaller; what is kept
holds the smallest of each kind, and few others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from math import factorial
from typing import Any

from flint import fmpz_poly

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.scalars import whole_number
from saddlesym.exact.text import abbreviated
from saddlesym.laboratory.language.evaluation import SYMMETRIES
from saddlesym.theorems.wings import Problem

Row = tuple[int, ...]

#: Most strata of a box: one with more would not be searched in a lifetime.
MAX_STRATA = 50_000
#: Most first rows of X by which data are cut into strata.
_FIRSTS = 100
#: Most entries of data that are written out in a sentence.
_WRITTEN = 60


def integer_vectors(length: int, largest: int, total: int, *, exactly: bool = True) -> Iterator[Row]:
    """Integer vectors with max |entry| = largest and Σ|entry| = total, in increasing order.

    Args:
        exactly: whether some entry has to be of the largest size.

    >>> list(integer_vectors(2, 1, 1))
    [(-1, 0), (0, -1), (0, 1), (1, 0)]
    """

    def extend(length: int, total: int, met: bool) -> Iterator[Row]:
        if length == 0:
            if total == 0 and met:
                yield ()
            return
        if total > largest * length or (not met and total < largest):
            return
        for first in range(-min(largest, total), min(largest, total) + 1):
            for rest in extend(length - 1, total - abs(first), met or abs(first) == largest):
                yield (first, *rest)

    return extend(length, total, not exactly)


@lru_cache
def _numbers(length: int, largest: int) -> fmpz_poly:
    """How many integer vectors with |entries| ≤ largest there are, by the sum of their |entries|."""
    return fmpz_poly([1] + [2] * largest) ** length


@dataclass(frozen=True)
class Stratum:
    """The data of a box with one shape, one largest |entry|, one sum of |entries| and one first row.

    Attributes:
        n: rows.
        d: columns.
        largest: largest |entry| of X and y.
        total: sum of the |entries| of X and y.
        first: the first row of X; None for all of them, where they are many.
        symmetries: what may be used to leave data out.
    """

    n: int
    d: int
    largest: int
    total: int
    first: Row | None
    symmetries: frozenset[str]

    @property
    def weight(self) -> int:
        """About how many data it has: those without symmetries, by what exchanges and signs of rows leave."""
        length = self.n * self.d + self.n - (0 if self.first is None else self.d)
        many = int(_numbers(length, self.largest)[self.total - sum(map(abs, self.first or ()))])
        return 1 + (many // (factorial(self.n) * 2**self.n) if "rows" in self.symmetries else many)

    def problems(self) -> Iterator[DiagonalProblem]:
        """Its data, smallest first."""
        for entries in self.entries():
            cells = [entries[k * self.d : (k + 1) * self.d] for k in range(self.n)]
            yield DiagonalProblem(cells, entries[self.n * self.d :])

    def entries(self) -> Iterator[Row]:
        """X row by row, and y."""
        rows: Iterable[Row] = [self.first] if self.first is not None else []
        if self.first is None:
            rows = rows_below((), self.d, self.largest, self.total, self.symmetries)
        for first in rows:
            yield from self._below(first)

    def _below(self, first: Row) -> Iterator[Row]:
        least = tuple(sorted(-abs(x) for x in first))
        for X in self._rows((first,), self.total - sum(map(abs, first)), least):
            used = sum(abs(x) for row in X for x in row)
            met = any(abs(x) == self.largest for row in X for x in row)
            for y in integer_vectors(self.n, self.largest, self.total - used, exactly=not met):
                if "rows" not in self.symmetries or _targets_are_least(X, y):
                    yield (*(x for row in X for x in row), *y)

    def _rows(self, above: tuple[Row, ...], left: int, least: Row) -> Iterator[tuple[Row, ...]]:
        """X, of which the rows above are given, with Σ|entry| of the others at most ``left``."""
        k = len(above)
        if left > self.largest * (self.d * (self.n - k) + self.n):
            return
        if k == self.n:
            yield above
            return
        for row in rows_below(above, self.d, self.largest, left, self.symmetries):
            if self.symmetries < SYMMETRIES or tuple(sorted(-abs(x) for x in row)) >= least:
                yield from self._rows((*above, row), left - sum(map(abs, row)), least)


def rows_below(
    above: Sequence[Row], d: int, largest: int, most: int, symmetries: frozenset[str]
) -> Iterator[Row]:
    """Rows that may stand below others, in increasing order: no exchange or sign makes X smaller by them.

    Args:
        above: the rows above.
        d: number of entries.
        largest: largest |entry|.
        most: largest sum of |entries|.
        symmetries: the exchanges and changes of sign that may be made.

    >>> list(rows_below((), 2, 1, 2, SYMMETRIES))
    [(-1, -1), (-1, 0), (0, 0)]
    """
    no_column_yet = [not any(row[j] for row in above) for j in range(d)]
    like_the_last = [j > 0 and all(row[j] == row[j - 1] for row in above) for j in range(d)]

    def extend(row: Row, left: int, tied: bool) -> Iterator[Row]:
        j = len(row)
        if j == d:
            yield row
            return
        low, high = -min(largest, left), min(largest, left)
        if ("signs" in symmetries and no_column_yet[j]) or ("rows" in symmetries and not any(row)):
            high = 0
        if "columns" in symmetries and like_the_last[j]:
            low = max(low, row[-1])
        if tied:
            low = max(low, above[-1][j])
        for x in range(low, high + 1):
            yield from extend((*row, x), left - abs(x), tied and x == above[-1][j])

    return extend((), most, "rows" in symmetries and bool(above))


def _targets_are_least(X: Sequence[Row], y: Row) -> bool:
    """Whether no sign of a zero row and no exchange of equal rows makes y smaller."""
    for k, row in enumerate(X):
        if y[k] > 0 and not any(row):
            return False
        if k and row == X[k - 1] and y[k] < y[k - 1]:
            return False
    return True


@dataclass(frozen=True)
class IntegerBox:
    """All integer data with 1 ≤ n·d ≤ size and |entries| ≤ largest: searched exhaustively, smallest first.

    Attributes:
        size: largest n·d.
        largest: largest |entry| of X and y.
        least_size: smallest n·d.
        least_n: fewest rows.
        least_d: fewest columns.

    >>> [told(problem) for block in IntegerBox(1, 1).blocks(SYMMETRIES) for problem in block.problems()]
    ['X = [[-1]], y = [0]', 'X = [[0]], y = [-1]', 'X = [[-1]], y = [-1]', 'X = [[-1]], y = [1]']
    """

    size: int = 6
    largest: int = 2
    least_size: int = 1
    least_n: int = 1
    least_d: int = 1

    #: The first that fails is the smallest.
    ordered = True

    def __post_init__(self) -> None:
        for name in ("size", "largest", "least_size", "least_n", "least_d"):
            whole_number(getattr(self, name), name, 1, 10_000)

    def blocks(self, symmetries: frozenset[str]) -> list[Stratum]:
        """The strata of the box, smallest first."""
        out: list[Stratum] = []
        for size in range(self.least_size, self.size + 1):
            shapes = [
                (n, size // n)
                for n in range(self.least_n, size + 1)
                if size % n == 0 and size // n >= self.least_d
            ]
            longest = max((n * d + n for n, d in shapes), default=0)
            for largest in range(1, self.largest + 1):
                for total in range(largest, largest * longest + 1):
                    for n, d in shapes:
                        if total > largest * (n * d + n):
                            continue
                        firsts = list(islice(rows_below((), d, largest, total, symmetries), _FIRSTS + 1))
                        for first in firsts if len(firsts) <= _FIRSTS else [None]:
                            out.append(Stratum(n, d, largest, total, first, symmetries))
                        if len(out) > MAX_STRATA:
                            raise BadInputError(
                                f"{self} fall into more than {MAX_STRATA} strata", needed="a smaller box"
                            )
        return out

    def __str__(self) -> str:
        least = f"{self.least_size} ≤ " if self.least_size > 1 else ""
        more = "".join(
            f", {name} ≥ {value}" for name, value in (("n", self.least_n), ("d", self.least_d)) if value > 1
        )
        return f"integer data, {least}n·d ≤ {self.size}{more}, |entries| ≤ {self.largest}"

    def up_to(self, block: Stratum) -> str:
        """How far it was searched when the last block was this one: n·d, largest |entry|, their sum."""
        size = block.n * block.d
        return f"{self}; up to n·d = {size}, largest {block.largest}, sum {block.total}"


def told(problem: Problem) -> str:
    """A problem with its data as people write them.

    >>> told(DiagonalProblem([[1, "1/2"]], [2]))
    'X = [[1, 1/2]], y = [2]'
    """
    if not isinstance(problem, DiagonalProblem):
        return f"A* with {problem.cost.shape[0]} rows and {problem.cost.shape[1]} columns"
    if problem.n * (problem.d + 1) > _WRITTEN:
        return (
            f"X ({problem.n} × {problem.d}) and y"
            if problem.has_data
            else f"M ({problem.d} × {problem.d}) and r"
        )
    if problem.has_data:
        return f"X = {_matrix(problem.X)}, y = {_vector(problem.y)}"
    return f"M = {_matrix(problem.M)}, r = {_vector(problem.r)}"


def _vector(values: Iterable[Any]) -> str:
    return f"[{', '.join(abbreviated(Fraction(value)) for value in values)}]"


def _matrix(rows: Iterable[Iterable[Any]]) -> str:
    return f"[{', '.join(map(_vector, rows))}]"


def order_of(problem: DiagonalProblem) -> tuple[Any, ...]:
    """What data are ordered by.

    Integers as said above; a fraction p/q counts as the larger of |p| and q, and as |p| + q − 1 in the sum.

    >>> order_of(DiagonalProblem([[1, "1/2"]], [2]))[:4]
    (2, 2, 5, 1)
    """
    if not problem.has_data:
        raise BadInputError("data given by M and r", needed="X and y")
    entries = [*(x for row in problem.X for x in row), *problem.y]
    height = max(max(abs(x.numerator), x.denominator) for x in entries)
    total = sum(abs(x.numerator) + x.denominator - 1 for x in entries)
    return problem.n * problem.d, height, total, problem.n, entries
