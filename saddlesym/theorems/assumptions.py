"""The assumptions that can be executed, of both wings: does a problem meet them, and if not, why not?"""

from __future__ import annotations

from functools import cache

from saddlesym.errors import BadInputError, shown
from saddlesym.theorems.assumption import Assumption, Finding
from saddlesym.theorems.statement import Wing
from saddlesym.theorems.wings import Problem


@cache
def assumptions(wing: Wing = "diagonal") -> dict[str, Assumption]:
    """The executable assumptions of a wing by id.

    >>> from saddlesym import DiagonalProblem
    >>> assumptions()["strictly-convex"](DiagonalProblem([[1, 2]], [1])).reason
    "M is singular: columns 'x0', 'x1' are linearly dependent"
    """
    from saddlesym.theorems.deep.assumptions import DEEP_ASSUMPTIONS
    from saddlesym.theorems.diagonal.assumptions import DIAGONAL_ASSUMPTIONS

    return {entry.id: entry for entry in (DIAGONAL_ASSUMPTIONS if wing == "diagonal" else DEEP_ASSUMPTIONS)}


def assumption(assumption_id: str) -> Assumption:
    """One assumption by its id."""
    found = (assumptions() | assumptions("deep")).get(assumption_id)
    if found is None:
        raise BadInputError(f"{shown(assumption_id)} is not an assumption", needed="an assumption id")
    return found


def first_unmet(ids: tuple[str, ...], problem: Problem) -> tuple[str, Finding] | None:
    """The first of these assumptions that a problem does not meet, and why; None if it meets all."""
    for one in ids:
        finding = assumption(one)(problem)
        if not finding.holds:
            return one, finding
    return None
