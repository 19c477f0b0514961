"""Which wing a problem belongs to, and options that are of the other one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from saddlesym.deep.problem import DeepLinearProblem
    from saddlesym.diagonal.problem import DiagonalProblem


def is_deep(problem: DiagonalProblem | DeepLinearProblem) -> TypeIs[DeepLinearProblem]:
    """Whether a problem is a product of matrices; a diagonal network otherwise.

    Raises:
        BadInputError: it is no problem at all.
    """
    from saddlesym.diagonal.problem import DiagonalProblem

    if isinstance(problem, DiagonalProblem):
        return False
    from saddlesym.deep.problem import DeepLinearProblem

    if isinstance(problem, DeepLinearProblem):
        return True
    raise BadInputError(
        f"{type(problem).__name__} {shown(problem)}",
        needed="a problem",
        hint="DiagonalProblem(X, y), or DeepLinearProblem.whitened(A)",
    )


def refuse(given: Mapping[str, Any], whose: str) -> None:
    """Refuse options that mean nothing for a problem.

    Args:
        given: options of the other wing that were passed, None for those that were not.
        whose: whom they belong to.

    Raises:
        BadInputError: one of them was passed.

    >>> refuse({"max_rank": None}, "deep linear networks")
    """
    for name, value in given.items():
        if value is not None:
            raise BadInputError(f"{name}={shown(value)}", needed=f"no {name}: it is for {whose}")
