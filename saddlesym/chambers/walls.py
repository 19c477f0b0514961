"""Walls: which polynomial vanishes between two neighbouring chambers, with a point on either side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from saddlesym.chambers.chamber import Chamber, Wall, what_changes
from saddlesym.chambers.regions import FactorTable, holds

ParameterPoint: TypeAlias = tuple[Fraction, ...]
#: Segments that are looked at for each pair of neighbours.
_TRIES = 12
_HALVINGS = 40


def walls_between(
    table: FactorTable,
    chambers: Sequence[Chamber],
    middles: Any,
    middle: Callable[[int, int, int], ParameterPoint],
    depth: int,
) -> tuple[Wall, ...]:
    """The walls that are crossed between middles of neighbouring cells.

    Args:
        table: the polynomials.
        chambers: the chambers.
        middles: the chamber of the middle of every cell (negative: none).
        middle: level, column and row of a cell to its middle.
        depth: the level of these cells.
    """
    segments: dict[tuple[int, int], list[tuple[ParameterPoint, ParameterPoint]]] = {}
    for (i, j), (k, m) in _neighbours(middles):
        first, second = int(middles[i, j]), int(middles[k, m])
        p, q = middle(depth, i, j), middle(depth, k, m)
        segments.setdefault((min(first, second), max(first, second)), []).append(
            (p, q) if first < second else (q, p)
        )
    return walls_on(
        table, chambers, [(pair, p, q) for pair, some in sorted(segments.items()) for p, q in _spread(some)]
    )


def walls_on(
    table: FactorTable,
    chambers: Sequence[Chamber],
    segments: Iterable[tuple[tuple[int, int], ParameterPoint, ParameterPoint]],
) -> tuple[Wall, ...]:
    """The walls that segments between points of two chambers cross, where they cross no third one."""
    walls: dict[tuple[int, int, int], Wall] = {}
    for (a, b), p, q in segments:
        crossed = _crossing(table, chambers[a], chambers[b], p, q)
        if crossed is not None:
            factor, sides = crossed
            pair, sides = ((a, b), sides) if a < b else ((b, a), (sides[1], sides[0]))
            kind = what_changes(chambers[pair[0]].signs, chambers[pair[1]].signs)
            walls.setdefault((*pair, factor), Wall(table.sympy(factor), pair, kind, sides))
    return tuple(walls[key] for key in sorted(walls))


def _neighbours(middles: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Cells of different chambers side by side, or with one cell between them whose middle is in none."""
    for di, dj in ((1, 0), (0, 1), (2, 0), (0, 2)):
        here = middles[: middles.shape[0] - di, : middles.shape[1] - dj]
        there = middles[di:, dj:]
        apart = (here != there) & (here >= 0) & (there >= 0)
        if max(di, dj) == 2:
            rows, columns = here.shape
            apart &= middles[di // 2 : di // 2 + rows, dj // 2 : dj // 2 + columns] == -1
        for i, j in zip(*apart.nonzero(), strict=True):
            yield (int(i), int(j)), (int(i) + di, int(j) + dj)


def _spread(
    segments: list[tuple[ParameterPoint, ParameterPoint]],
) -> list[tuple[ParameterPoint, ParameterPoint]]:
    step = max(1, len(segments) // _TRIES)
    return segments[::step]


def _crossing(
    table: FactorTable, first: Chamber, second: Chamber, p: ParameterPoint, q: ParameterPoint
) -> tuple[int, tuple[ParameterPoint, ParameterPoint]] | None:
    """The factor whose sign differs at p in one chamber and q in the other, the ends drawn together."""
    used = sorted({k for one in (*first.regions, *second.regions) for k in one.odd})
    for _ in range(_HALVINGS):
        at_p, at_q = table.sign_at(p), table.sign_at(q)
        changed = [k for k in used if at_p(k) * at_q(k) < 0]
        decisive = [k for k in changed if any(k in one.odd for one in first.regions)]
        if len(decisive) == 1 and len(changed) == 1:
            return decisive[0], (p, q)
        between = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
        sign_of = table.sign_at(between)
        if holds(first.regions, sign_of):
            p = between
        elif holds(second.regions, sign_of):
            q = between
        else:
            return None  # a third chamber lies between them, or the middle is on a wall
    return None
