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
