"""Neighbourhoods of degenerate data: points on walls between paths of different kinds, and beside them.

A wall is a set of measure zero that random data miss.  Each is reached exactly, by changing one column
that had no part in the path so far, so that the path up to the saddle in question stays as it is:

- *tie*: a column is multiplied by 1/|s_j|, so that its dual variable reaches its bound together with
  the one that makes the jump;
- *rest*: a column is made orthogonal to the residual of a saddle, so that its gradient vanishes there;
- *vanishing*: y is changed along a column that is active at a saddle, so that its coefficient in the
  minimiser of that active set is zero.

Columns that are dependent, equal or opposite are walls too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import NonUniqueMinimiserError
from saddlesym.laboratory.ensembles import Ensemble

_Rows: TypeAlias = list[list[Fraction]]

#: Beside a wall: factors by which what was changed is changed a little less or more.
_BESIDE = (Fraction(999, 1000), Fraction(1001, 1000))


def on_walls(problem: DiagonalProblem, *, beside: bool = True) -> Iterator[tuple[str, DiagonalProblem]]:
    """Points on the walls around a problem, with the name of the wall, and points on both sides of them.

    Args:
        problem: data X and y; nothing is yielded where its path is not unique.
        beside: whether to yield the points beside the walls too.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> name, tied = next(on_walls(problem))
    >>> name, tied.X[1][1]
    ('tie', Fraction(6, 1))
    """
    try:
        path = saddle_path(problem)
    except NonUniqueMinimiserError:
        return
    X, y = [list(row) for row in problem.X], list(problem.y)
    for name, moved, column in _moves(path, X, y):
        yield name, _changed(X, y, column, moved)
        if beside:
            before = y if column is None else [row[column] for row in X]
            for factor in _BESIDE:
                step = [a + factor * (b - a) for a, b in zip(before, moved, strict=True)]
                yield f"beside a {name}", _changed(X, y, column, step)


def _changed(X: _Rows, y: list[Fraction], column: int | None, values: list[Fraction]) -> DiagonalProblem:
    """The data with other values in a column, or in y."""
    if column is None:
        return DiagonalProblem(X, values)
    rows = [[*row[:column], value, *row[column + 1 :]] for row, value in zip(X, values, strict=True)]
    return DiagonalProblem(rows, y)


def _moves(path: SaddlePath, X: _Rows, y: list[Fraction]) -> Iterator[tuple[str, list[Fraction], int | None]]:
    """The wall, the new values, and the column that takes them; None for y."""
    d = path.problem.d
    columns = [[row[j] for row in X] for j in range(d)]
    met: set[int] = set()
    residual: Any = path.problem.residual([0] * d)
    for jump in path.jumps:
        fresh = [j for j in range(d) if j not in met and j not in jump.support]
        for j in fresh:
            s = abs(jump.dual[j])
            if 0 < s < 1:
                yield "tie", [x / s for x in columns[j]], j
        met.update(jump.support)
        residual = list(path.problem.residual(jump.beta))
        square = sum(q * q for q in residual)
        for j in fresh:
            product = sum(q * x for q, x in zip(residual, columns[j], strict=True))
            if square and product:
                yield "rest", [x - product / square * q for q, x in zip(residual, columns[j], strict=True)], j
        for j in jump.support:
            yield "vanishing", [t - jump.beta[j] * x for t, x in zip(y, columns[j], strict=True)], None
    for j in range(1, d):
        for sign in (1, -1):
            yield "equal columns", [sign * x for x in columns[0]], j


@dataclass(frozen=True)
class Around:
    """The walls around some consecutive instances of an ensemble."""

    ensemble: Ensemble
    seed: int
    start: int
    stop: int

    @property
    def weight(self) -> int:
        """Around how many instances they are."""
        return self.stop - self.start

    def problems(self) -> Iterator[DiagonalProblem]:
        """The points on the walls and beside them."""
        for number in range(self.start, self.stop):
            problem = self.ensemble.instance(self.seed, number)
            if isinstance(problem, DiagonalProblem) and problem.has_data:
                yield from (point for _, point in on_walls(problem))


#: Instances in one block of a search around walls.
_BLOCK = 5


@dataclass(frozen=True)
class Walls:
    """Points on the walls around the first so many instances of an ensemble, and beside the walls.

    Attributes:
        ensemble: of the data in whose neighbourhood walls are looked for.
        count: how many of these.
        seed: seed of the draws.

    >>> sum(1 for block in Walls(count=1).blocks(frozenset()) for _ in block.problems()) > 10
    True
    """

    ensemble: Ensemble = Ensemble.of("integer", n=(2, 3), d=(2, 4), size=3)  # noqa: RUF009
    count: int = 100
    seed: int = 1

    #: What fails first is not the smallest.
    ordered = False

    def blocks(self, _symmetries: frozenset[str]) -> list[Around]:
        """The neighbourhoods of some instances at a time."""
        return [
            Around(self.ensemble, self.seed, start, min(self.count, start + _BLOCK))
            for start in range(0, self.count, _BLOCK)
        ]

    def __str__(self) -> str:
        return f"walls around {self.count} instances of {self.ensemble}, seed {self.seed}"

    def up_to(self, block: Around) -> str:
        """How far it was searched when the last block was this one."""
        return f"{self}, of these the first {block.stop}"
