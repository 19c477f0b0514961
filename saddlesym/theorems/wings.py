"""The two wings of the field: what a statement is about, and what its instances are."""

from __future__ import annotations

from typing import Any, TypeAlias

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.theorems.statement import Wing

#: An instance of a statement of either wing.
Problem: TypeAlias = DiagonalProblem | DeepLinearProblem

#: What each wing is called, in the order in which they are listed.
TITLES: dict[Wing, str] = {"diagonal": "Diagonal linear networks", "deep": "Deep linear networks"}


def wing_of(problem: Problem) -> Wing:
    """The wing that a problem belongs to.

    >>> wing_of(DiagonalProblem([[1]], [1]))
    'diagonal'
    """
    return "deep" if isinstance(problem, DeepLinearProblem) else "diagonal"


def restored(wing: Wing, document: dict[str, Any], names: tuple[str, ...] = ()) -> Problem:
    """The problem that ``to_dict`` wrote down, for another process.

    Args:
        wing: which kind of problem it is.
        document: what ``to_dict`` gave.
        names: names of the columns of a diagonal problem.
    """
    if wing == "deep":
        return DeepLinearProblem.from_dict(document)
    return DiagonalProblem.from_dict(document, names)


#: Binary orders of the entries up to which a problem of the deep wing is checked as it is.
_USUAL = 7


def of_usual_size(problem: Problem) -> tuple[Problem, str]:
    """The same problem in units in which the tolerances of numeric checks mean something, and which they are.

    The statements do not depend on units; diagonal networks find their own.

    >>> small, unit = of_usual_size(DeepLinearProblem.whitened([["3e-20"]]))
    >>> small.cost.shape, unit
    ((1, 1), ' (A in units of 2^-65)')
    """
    if not isinstance(problem, DeepLinearProblem):
        return problem, ""
    cost, a, k = problem.cost.in_own_units()
    if max(abs(a), abs(k)) <= _USUAL:
        return problem, ""
    units = f" (A in units of 2^{a}" + (f", K of 2^{k})" if k else ")")
    return DeepLinearProblem(cost, problem.widths, problem.source), units
