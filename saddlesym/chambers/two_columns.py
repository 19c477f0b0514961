"""All data of two columns at once: the path depends on three ratios, and its chambers are known exactly.

The loss times a constant, or the targets times a constant, changes times and saddles by a
factor and no sign.  So of M_11, M_12, M_22, r_1, r_2 three ratios are left,
``c = M_12/M_11``, ``q = M_22/M_11`` and ``x = r_2/r_1``; M is definite where q > c².
"""

from __future__ import annotations

import random
from fractions import Fraction

from saddlesym.chambers.chamber import Chamber, ChamberMap
from saddlesym.chambers.family import Family
from saddlesym.chambers.regions import FactorTable, holds
from saddlesym.chambers.walls import walls_on
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.symbolic.regions import possible_paths
from saddlesym.errors import BadInputError

_POINTS, _MOST_POINTS = 4_000, 40_000
_SEGMENTS = 4_000


def coordinates(problem: DiagonalProblem) -> tuple[Fraction, Fraction, Fraction]:
    """The ratios c, q, x of a problem with two columns; its path is that of r_1 = 1 up to the sign of r_1.

    Raises:
        BadInputError: not two columns, or M_11 or r_1 is zero.

    >>> coordinates(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    (Fraction(3, 10), Fraction(1, 10), Fraction(1, 2))
    """
    M, r = problem.M, problem.r
    if problem.d != 2 or M[0][0] == 0 or r[0] == 0:
        raise BadInputError(
            f"{problem.d} columns, r = {', '.join(map(str, r))}",
            needed="two columns, with the first not orthogonal to the targets",
        )
    return M[0][1] / M[0][0], M[1][1] / M[0][0], r[1] / r[0]


def chambers_of_two_columns(family: Family) -> ChamberMap:
    """Every chamber of a family with two columns, however many parameters it has.

    Complete: the sequences that two columns can have are listed by
    :func:`saddlesym.diagonal.symbolic.regions.possible_paths`.  The ranges serve for samples only:
    shares are those of random points in the box, and a chamber that none of them meets is left out.
    """
    table = FactorTable(family.problem)
    gram = table.gram_conditions(family.problem)
    paths = possible_paths(family.problem)
    regions = [table.conditions(path) for path in paths]
    chance = random.Random(0)
    points: dict[int, list[tuple[Fraction, ...]]] = {}
    outside = inside = 0
    for drawn in range(_MOST_POINTS):
        if drawn >= _POINTS and len(points) == len(paths):
            break
        point = tuple(a + (b - a) * Fraction(chance.randrange(1, 60), 60) for a, b in family.ranges)
        sign_of = table.sign_at(point)
        if not holds(gram, sign_of):
            outside += 1
            continue
        for k, one in enumerate(regions):
            if holds(one, sign_of):
                inside += 1
                points.setdefault(k, []).append(point)
    met = sorted(points, key=lambda k: (-len(points[k]), k))
    whole = max(1, inside + outside)  # points on walls are not counted
    listed = tuple(Chamber(paths[k], points[k][0], Fraction(len(points[k]), whole), regions[k]) for k in met)
    pairs = [chance.sample(range(len(met)), 2) for _ in range(_SEGMENTS)] if len(met) > 1 else []
    segments = [((a, b), chance.choice(points[met[a]]), chance.choice(points[met[b]])) for a, b in pairs]
    walls = walls_on(table, listed, segments)
    return ChamberMap(family, listed, walls, Fraction(outside, whole), Fraction(0), (), 0, table)
