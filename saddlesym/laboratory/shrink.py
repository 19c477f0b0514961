"""Making a counterexample smaller while it stays one.

Rows and columns are left out, numbers rounded to fewer digits and to small fractions, entries set to
zero and brought nearer to it, one change after the other, as long as any of these leaves a
counterexample that comes earlier in the order of :mod:`saddlesym.laboratory.boxes`.  A
counterexample on a wall (a tie, say) is left by all of these; so the walls around the changed data
are looked at too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import TypeAlias

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.laboratory.boxes import order_of
from saddlesym.laboratory.walls import on_walls

_Table: TypeAlias = tuple[tuple[Fraction, ...], ...]

#: Most numbers of data of which any two are changed together, and of which single ones are changed.
_FEW, _MANY = 12, 2000


def shrunk(
    problem: DiagonalProblem,
    fails: Callable[[DiagonalProblem], bool],
    *,
    tries: int = 2000,
    over: Callable[[], bool] = lambda: False,
) -> tuple[DiagonalProblem, int]:
    """A smaller counterexample, and how many data were tried on the way.

    Args:
        problem: data X and y on which the law fails.
        fails: whether it fails on other data.
        tries: give up after so many.
        over: asked before every try; True ends it.

    The result is one from which no row or column can be left out, and no entry made smaller in one of
    the ways of this module, unless ``tries`` ran out.

    >>> big = DiagonalProblem([[7, 0], [3, "5/2"]], [1, 9])
    >>> small, _ = shrunk(big, lambda problem: any(x > 2 for row in problem.X for x in row))
    >>> small.X, small.y
    (((Fraction(3, 1),),), (Fraction(0, 1),))
    """
    tried, seen = 0, {_table(problem)}
    order = order_of(problem)
    going = True
    while going:
        going = False
        for candidate in _candidates(_table(problem)):
            if candidate in seen:
                continue
            seen.add(candidate)
            other = DiagonalProblem([row[:-1] for row in candidate], [row[-1] for row in candidate])
            rank = order_of(other)
            if rank >= order:
                continue
            if tried >= tries or over():
                return problem, tried
            tried += 1
            if fails(other):
                problem, order, going = other, rank, True
                break
    return problem, tried


def _table(problem: DiagonalProblem) -> _Table:
    """X and y side by side."""
    return tuple((*row, target) for row, target in zip(problem.X, problem.y, strict=True))


def _candidates(rows: _Table) -> Iterator[_Table]:
    """Changed tables, the boldest first."""
    n, d = len(rows), len(rows[0]) - 1
    if n > 1:
        for k in range(n):
            yield rows[:k] + rows[k + 1 :]
    if d > 1:
        for j in range(d):
            yield tuple(row[:j] + row[j + 1 :] for row in rows)
    yield from _plainer(rows)
    if n * (d + 1) > _MANY:
        return
    for j in range(d + 1):  # whole columns, y included
        yield tuple((*row[:j], Fraction(0), *row[j + 1 :]) for row in rows)
    for k in range(n):
        yield (*rows[:k], (Fraction(0),) * (d + 1), *rows[k + 1 :])
    for k in range(n):
        for j in range(d + 1):
            for value in _nearer(rows[k][j]):
                yield _with(rows, k, j, value)
    yield from _carried(rows)
    yield from _walls_around(rows)
    # two at a time, where one alone keeps nothing
    if n * (d + 1) <= _FEW:
        for place, other in combinations([(k, j) for k in range(n) for j in range(d + 1)], 2):
            for value in _nearer(rows[place[0]][place[1]])[:3]:
                for second in _nearer(rows[other[0]][other[1]])[:3]:
                    yield _with(_with(rows, *place, value), *other, second)


def _walls_around(rows: _Table) -> Iterator[_Table]:
    """Points on the walls around the data in few digits, and around parts of them."""
    n, d = len(rows), len(rows[0]) - 1
    largest = max(abs(x) for row in rows for x in row)
    parts = [rows[:k] + rows[k + 1 :] for k in range(n) if n > 1]
    parts += [tuple(row[:j] + row[j + 1 :] for row in rows) for j in range(d) if d > 1]
    for part in (*parts, rows):
        for size in (1, 2, 3, 5, 9):
            if not largest:
                continue
            small = [[Fraction(round(size * x / largest)) for x in row] for row in part]
            for _, point in on_walls(
                DiagonalProblem([r[:-1] for r in small], [r[-1] for r in small]), beside=False
            ):
                yield _table(point)


def _carried(rows: _Table) -> Iterator[_Table]:
    """The data after one exchange or change of sign of rows or columns."""
    n, d = len(rows), len(rows[0]) - 1
    for k in range(n):
        yield (*rows[:k], tuple(-x for x in rows[k]), *rows[k + 1 :])
        if k:
            yield (*rows[: k - 1], rows[k], rows[k - 1], *rows[k + 1 :])
    for j in range(d):
        yield tuple((*row[:j], -row[j], *row[j + 1 :]) for row in rows)
        if j:
            yield tuple((*row[: j - 1], row[j], row[j - 1], *row[j + 1 :]) for row in rows)


def _with(rows: _Table, k: int, j: int, value: Fraction) -> _Table:
    return (*rows[:k], (*rows[k][:j], value, *rows[k][j + 1 :]), *rows[k + 1 :])


def _plainer(rows: _Table) -> Iterator[_Table]:
    """All entries rounded, or multiplied so that they become whole, or divided by what they share."""
    entries = [x for row in rows for x in row]
    common = lcm(*(x.denominator for x in entries))
    if common > 1:
        for digits in range(4):
            yield tuple(tuple(Fraction(round(x * 10**digits), 10**digits) for x in row) for row in rows)
        yield tuple(tuple(x * common for x in row) for row in rows)
        for bound in (1, 2, 3, 5, 10, 100):
            yield tuple(tuple(x.limit_denominator(bound) for x in row) for row in rows)
    for divisor in (10, 5, 3, 2):
        yield tuple(tuple(Fraction(round(x / divisor)) for x in row) for row in rows)


def _nearer(x: Fraction) -> list[Fraction]:
    """Values nearer to zero or with a smaller denominator."""
    if x == 0:
        return []
    whole = Fraction(round(x))
    sign = 1 if x > 0 else -1
    out = [Fraction(0), Fraction(sign), whole, Fraction(int(x)), Fraction(round(x / 2)), x - sign]
    out += [x.limit_denominator(bound) for bound in (2, 5, 10, 100, 1000) if bound < x.denominator]
    out.append(-x)  # an order of signs too: -1 comes before 1
    return [value for value in dict.fromkeys(out) if value != x]
