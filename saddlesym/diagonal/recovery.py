"""Exact jump times from flows alone: the jump-time law.

The natural time T_k(α) of jump k is affine in Λ = ln(1/α) up to a power of α:
T_k = Λ·t_k + c_k + O(α^κ).  Two flows therefore give t_k to about as many
digits as log₁₀(1/α) allows, and rational reconstruction then gives the
fraction.  The limiting path is not consulted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from saddlesym.diagonal.flow import Flow, flow
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, PrecisionError
from saddlesym.exact.balls import Ball, simplest_rational
from saddlesym.exact.scale import InitialScale
from saddlesym.exact.text import exact_string

#: A fraction is believed when it is this many digits shorter than chance allows.
SURPRISE = 8
#: Factor between the size of a neglected term and the error allowed for it.
_SAFETY = 100


@dataclass(frozen=True)
class RecoveredJump:
    """One jump time of the limit, as two or more flows give it.

    Attributes:
        coordinate: the coordinate that enters first.
        sign: the sign with which it enters.
        time: t_k; its radius estimates the neglected power of α as well.
        exact: t_k as a fraction, when a short one lies in the ball, else None.
        constant: c_k of the law T_k = Λ·t_k + c_k.
        entered: coordinates switched on.
        left: coordinates switched off.
    """

    coordinate: int
    sign: int
    time: Ball
    exact: Fraction | None
    constant: Ball
    entered: tuple[int, ...]
    left: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "coordinate": self.coordinate,
            "sign": self.sign,
            "time": self.time.to_dict()["mid"],
            "radius": self.time.to_dict()["radius"],
            "recovered": None if self.exact is None else exact_string(self.exact),
            "constant": self.constant.to_dict(),
            "entered": list(self.entered),
            "left": list(self.left),
        }


@dataclass(frozen=True)
class Recovery:
    """Jump times of the limit, recovered from flows.

    Attributes:
        jumps: in order of time.
        flows: the flows they come from.
    """

    jumps: tuple[RecoveredJump, ...]
    flows: tuple[Flow, ...]

    def times(self) -> list[Ball]:
        """t_k of all jumps."""
        return [jump.time for jump in self.jumps]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "alphas": [str(f.scale) for f in self.flows],
            "digits": min(f.digits for f in self.flows),
            "jumps": [jump.to_dict() for jump in self.jumps],
        }


def recover_jump_times(
    problem: DiagonalProblem,
    *alphas: Any,
    digits: int = 60,
    t_end: Any = None,
    init_shape: Sequence[Any] | None = None,
    certify: bool = True,
    progress: Callable[[float, int], None] | None = None,
) -> Recovery:
    """Jump times t_k and constants c_k from the flows at two or more scales α.

    Args:
        problem: the data.
        alphas: two or three scales, different from each other.
        digits: digits of the flows.
        t_end: last accelerated time; default: until the flows rest.
        init_shape: κ (d); default all 1.
        certify: prove the radii of the flows.
        progress: called with (accelerated time, steps so far) of each flow in turn.

    Returns:
        The jumps.  The radius of a time adds up the proved radii of the flows and
        an estimate of the neglected power of α (motion at the plateaus, coordinates
        that sleep through a jump, with three scales the disagreement between pairs);
        so it is no proof.

    Raises:
        BadInputError: fewer than two scales, or equal ones.
        PrecisionError: the flows do not show the same jumps (α is too large).

    Source: the statement ``jump-time-law``.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> recovery = recover_jump_times(problem, "1e-80", "1e-160", digits=30)
    >>> [jump.exact for jump in recovery.jumps]
    [Fraction(1, 3), Fraction(2, 3)]
    """
    scales = [InitialScale.read(alpha) for alpha in alphas]
    if len(scales) < 2 or len({scale.text for scale in scales}) < len(scales):
        raise BadInputError(f"{len(scales)} scales", needed="two or three different values of alpha")
    flows = tuple(
        flow(problem, scale, digits, t_end, init_shape=init_shape, certify=certify, progress=progress)
        for scale in scales
    )
    patterns = [[(j.coordinate, j.sign, j.entered, j.left) for j in f.jumps] for f in flows]
    if any(pattern != patterns[0] for pattern in patterns[1:]):
        counts = ", ".join(f"{len(p)} at {s}" for p, s in zip(patterns, scales, strict=True))
        raise PrecisionError(
            f"the flows show different jumps ({counts})",
            needed="scales so small that the plateaus have separated",
            hint="smaller values of alpha",
        )
    with ctx.workprec(max(f._bits for f in flows)):
        return Recovery(tuple(_recovered(flows, k) for k in range(len(patterns[0]))), flows)


def _recovered(flows: Sequence[Flow], k: int) -> RecoveredJump:
    """Jump k from the last two flows, checked against the others."""
    logs = [f.scale.log_inverse() for f in flows]
    times = [f.jumps[k].natural_time.arb for f in flows]
    # what the law neglects: motion on the plateaus, and coordinates that slept through jumps
    neglected = max(
        max([p.stillness for p in f.plateaus[: k + 1]] + [j.disturbance for j in f.jumps[:k]]) for f in flows
    )
    slack = arb(10) ** (-flows[0].digits) + _SAFETY * neglected
    slopes = [
        (times[i] - times[i - 1] + arb(0, slack)) / (logs[i] - logs[i - 1]) for i in range(1, len(flows))
    ]
    time = slopes[-1]
    for other in slopes[:-1]:
        time += arb(0, abs(other.mid() - time.mid()))
    exact = simplest_rational(time, SURPRISE)
    slope = time if exact is None else arb(exact.numerator) / exact.denominator
    constant = times[-1] - logs[-1] * slope + arb(0, slack)
    jump = flows[-1].jumps[k]
    return RecoveredJump(
        jump.coordinate, jump.sign, Ball(time), exact, Ball(constant), jump.entered, jump.left
    )
