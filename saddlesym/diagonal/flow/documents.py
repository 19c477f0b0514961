"""Flows as documents: the data, what was asked for, and what was found.

Numbers of a flow are proved, and a document proves nothing: whoever reads it follows the flow
again, as far as the document says, and what it says of jumps has to agree.
"""

from __future__ import annotations

from typing import Any, TypeVar

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Fields
from saddlesym.exact.text import exact_string

#: Most steps of a flow that is followed again.
MAX_STEPS = 1_000_000

Found = TypeVar("Found")


def flow_document(flow: Any, more: dict[str, Any]) -> dict[str, Any]:
    """The document of a flow at any depth.

    Args:
        flow: the flow.
        more: what it says besides.
    """
    until = flow.until
    return {
        "kind": flow._kind,
        "alpha": str(flow.scale),
        "digits": flow.digits,
        "until": None if until is None else exact_string(until),
        "kappa": [exact_string(k) for k in flow.kappa],
        **more,
        "settled": flow.settled,
        **({"interrupted": True} if getattr(flow, "interrupted", False) else {}),
        "features": list(flow.problem.feature_names),
        "end": flow.end.to_dict(exact=False),
        "jumps": [_jump(jump, flow.digits) for jump in flow.jumps],
        "final_beta": [b.to_dict(exact=False) for b in flow.final_beta],
        "steps": flow.steps,
        "leaps": flow.leaps,
        "problem": flow.problem.data_document(),
    }


def _jump(jump: Any, digits: int) -> dict[str, Any]:
    mid, radius = jump.time.decimal(min(jump.time.digits, digits) + 3)
    return {
        "coordinate": jump.coordinate,
        "sign": jump.sign,
        "time": mid,
        "radius": radius,
        "entered": list(jump.entered),
        "left": list(jump.left),
    }


def read_data(given: Fields, problem: DiagonalProblem | None) -> DiagonalProblem:
    """The data of a document, or those that are known already.

    Raises:
        BadInputError: the flow was cut off, so that following it again would not end there.
    """
    if given("interrupted", bool, False):
        raise BadInputError(
            "a flow that was interrupted", needed="one that ended by itself", hint="its pickle"
        )
    if problem is not None:
        return problem
    names = given("features", tuple[str, ...] | None, None)
    found: DiagonalProblem = given.one("problem", DiagonalProblem, feature_names=names)
    return found


def most_steps(told: int) -> int:
    """How many steps a flow may take of which a document tells so many."""
    return min(5 * max(told, 0) // 4 + 50, MAX_STEPS)


def agreeing(flow: Found, given: Fields) -> Found:
    """A flow that was followed again, if its jumps are those of the document.

    Raises:
        BadInputError: they are others.
    """
    jumps = flow.jumps  # type: ignore[attr-defined]
    told = given("jumps", tuple[dict[str, Any], ...])
    if len(told) != len(jumps):
        raise BadInputError(
            f"a document of {len(told)} jumps of a flow with {len(jumps)}", needed="the jumps of the flow"
        )
    for k, (jump, entry) in enumerate(zip(jumps, told, strict=True), 1):
        time = Ball.from_dict({"mid": entry["time"], "radius": entry["radius"]})
        same = (entry["coordinate"], entry["sign"]) == (jump.coordinate, jump.sign)
        if not same or not time.overlaps(jump.time):
            raise BadInputError(
                f"jump {k} is at t = {entry['time'][:20]} in the document",
                needed=f"{jump.time.rounded(12)}, where the flow has it",
            )
    return flow
