"""Families with one parameter: the ends of every chamber are exact numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import sympy

from saddlesym.chambers.chamber import Chamber, ChamberMap, Wall, what_changes
from saddlesym.chambers.family import Family
from saddlesym.chambers.regions import FactorTable
from saddlesym.diagonal.symbolic.regions import PathInterval, path_intervals
from saddlesym.exact.scalars import rational


def chambers_on_line(family: Family) -> ChamberMap:
    """The chambers of a family with one parameter, complete: no chamber is missed.

    Raises:
        DegenerateProblemError: the path is not unique on a whole interval.
        BudgetError: no admissible sample was found in an interval.
    """
    low, high = family.ranges[0]
    intervals = path_intervals(family.problem, low, high)
    table = FactorTable(family.problem)
    together: dict[tuple[tuple[int, ...], ...], list[PathInterval]] = {}
    for one in intervals:
        together.setdefault(one.signs, []).append(one)
    numbers = {signs: k for k, signs in enumerate(together)}
    listed = tuple(
        Chamber(
            some[0].path,
            (some[0].sample,),
            sum((_inner_length(one) for one in some), Fraction(0)) / (high - low),
            table.conditions(some[0].path),
            tuple((one.lower, one.upper) for one in some),
        )
        for some in together.values()
    )
    x = family.problem.parameters[0]
    walls = tuple(
        Wall(
            sympy.minimal_polynomial(left.upper, x),
            (numbers[left.signs], numbers[right.signs]),
            what_changes(left.signs, right.signs),
            ((left.sample,), (right.sample,)),
        )
        for left, right in pairwise(intervals)
        if left.upper == right.lower and left.signs != right.signs
    )
    covered = sum((one.share for one in listed), Fraction(0))
    outside = max(Fraction(0), 1 - covered - Fraction(2 * len(intervals), 10**18))
    return ChamberMap(family, listed, walls, outside, Fraction(0), (), 0, table)


def _inner_length(one: PathInterval) -> Fraction:
    """A rational number just below the length of an interval."""
    ends = [_decimal(end) for end in (one.lower, one.upper)]
    exact = all(isinstance(end, sympy.Rational) for end in (one.lower, one.upper))
    length = ends[1] - ends[0]
    return length if exact else length * (1 - Fraction(1, 10**18))


def _decimal(number: sympy.Expr) -> Fraction:
    return rational(number if isinstance(number, sympy.Rational) else sympy.Rational(str(number.evalf(40))))
