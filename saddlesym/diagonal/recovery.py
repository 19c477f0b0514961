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
from itertools import pairwise
from typing import Any

from flint import arb

from saddlesym.diagonal.flow import Flow, flow
from saddlesym.diagonal.plateaus import line_meeting
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.display import Displayed, Grid, Math, changes
from saddlesym.errors import BadInputError, PrecisionError, shown
from saddlesym.exact.balls import Ball, simplest_rational
from saddlesym.exact.precision import workprec
from saddlesym.exact.scale import InitialScale
from saddlesym.exact.text import exact_string

#: A fraction is believed when it is this many digits shorter than chance allows.
SURPRISE = 8
#: Factor between the size of a neglected term and the error allowed for it.
_SAFETY = 100
_SMALLER = "scales so small that the plateaus have separated"
_HINT = "smaller values of alpha"


@dataclass(frozen=True)
class RecoveredJump:
    """One jump time of the limit, as two or more flows give it.

    Attributes:
        coordinate: the coordinate that enters first.
        sign: the sign with which it enters.
        time: t_k; its radius estimates the neglected power of α as well.
        exact: t_k as a fraction, when a short one lies in the ball, else None.
        constant: c_k of the law T_k = Λ·t_k + c_k, by the clock of straight lines: T_k is where
            the line that z follows on the dwell meets its threshold (FlowJump.line_time).
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
class Recovery(Displayed):
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

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump: its time, the fraction it was recognised as, the constant, what happens."""
        names = self.flows[0].problem.feature_names
        rows = tuple(
            (
                k,
                j.time,
                j.exact if j.exact is not None else "–",
                j.constant,
                changes(names, j.entered, j.left),
            )
            for k, j in enumerate(self.jumps[:limit], 1)
        )
        header = ("jump", Math("t_k", "t"), "recognised as", Math("c_k", "constant"), "event")
        caption = f"Jump times recovered from flows at alpha = {', '.join(str(f.scale) for f in self.flows)}"
        return Grid(caption, header, rows, frozenset({4}), more=len(self.jumps) - len(rows))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "alphas": [str(f.scale) for f in self.flows],
            "digits": min(f.digits for f in self.flows),
            "certified": False,
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
        PrecisionError: the flows show no jumps, not the same ones, or one that is two (α is too large).

    Source: the statement ``jump-time-law``.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> recovery = recover_jump_times(problem, "1e-80", "1e-160", digits=30)
    >>> [jump.exact for jump in recovery.jumps]
    [Fraction(1, 3), Fraction(2, 3)]
    """
    scales = [InitialScale.read(alpha) for alpha in alphas]
    if len(scales) < 2 or len({scale.text for scale in scales}) < len(scales):
        raise BadInputError(f"{len(scales)} scales", needed="two or three different values of alpha")
    return recovered_from(
        [
            flow(problem, scale, digits, t_end, init_shape=init_shape, certify=certify, progress=progress)
            for scale in scales
        ]
    )


def recovered_from(flows: Sequence[Flow]) -> Recovery:
    """The jump times that two or more flows of one problem give, see :func:`recover_jump_times`.

    Raises:
        PrecisionError: the flows do not show the same jumps.
    """
    scales = [f.scale for f in flows]
    patterns = [[(j.coordinate, j.sign, j.entered, j.left) for j in f.jumps] for f in flows]
    if any(pattern != patterns[0] for pattern in patterns[1:]):
        told = " and ".join(f"{_events(f)} at alpha = {f.scale}" for f in flows)
        raise PrecisionError(f"the flows differ: {told}", needed=_SMALLER, hint=_HINT)
    if not patterns[0]:
        raise PrecisionError(
            f"the flows show no jump at alpha = {', '.join(map(str, scales))}", needed=_SMALLER, hint=_HINT
        )
    with workprec(max(f._bits for f in flows)):
        return Recovery(tuple(_recovered(flows, k) for k in range(len(patterns[0]))), tuple(flows))


def _events(flow: Flow) -> str:
    """The jumps of a flow in a few words: "1 jump (x1; x2 and x3)"."""
    names = flow.problem.feature_names
    steps = [" and ".join(shown(names[i], 20) for i in j.entered + j.left) or "?" for j in flow.jumps[:6]]
    more = ["..."] if len(flow.jumps) > 6 else []
    count = "no jump" if not steps else f"{len(flow.jumps)} jump{'s' if len(steps) > 1 else ''}"
    return f"{count} ({'; '.join(steps + more)})" if steps else count


def _own_line(flow: Flow, k: int, i: int) -> arb | None:
    """Where the line of a coordinate that enters in jump k meets its threshold, by its dwell before.

    In the limit the dual variable is continuous, so that all coordinates of one jump meet at
    one t_k.  None where this one does not come from sleep, or from the other side.
    """
    before, after = flow.plateaus[k], flow.plateaus[k + 1]
    met = line_meeting(flow.form, before, i) if before.signs[i] == 0 else None
    return met[0] if met is not None and met[1] == after.signs[i] else None


def _recovered(flows: Sequence[Flow], k: int) -> RecoveredJump:
    """Jump k from the last two flows, checked against the others."""
    lines = [line for f in flows if (line := f.jumps[k].line_time) is not None]
    if len(lines) < len(flows):
        raise PrecisionError(
            f"jump {k + 1} starts with all coordinates switched on", needed=_SMALLER, hint=_HINT
        )
    logs = [f.scale.log_inverse() for f in flows]
    times = [line.arb for line in lines]
    # what the law neglects: motion on the plateaus, and coordinates that slept through jumps
    neglected = max(
        max([p.stillness for p in f.plateaus[: k + 1]] + [j.disturbance for j in f.jumps[:k]]) for f in flows
    )
    slack = arb(10) ** (-flows[0].digits) + _SAFETY * neglected

    def per_log(moments: Sequence[arb]) -> list[arb]:
        pairs = pairwise(zip(moments, logs, strict=True))
        return [(t - s + arb(0, slack)) / (m - n) for (s, n), (t, m) in pairs]

    slopes = per_log(times)
    for i in flows[0].jumps[k].entered:
        own = [_own_line(f, k, i) for f in flows]
        met = [t for t in own if t is not None]
        if len(met) < len(flows) or not all(a.overlaps(b) for a, b in zip(per_log(met), slopes, strict=True)):
            raise PrecisionError(
                f"jump {k + 1} is two: the plateaus have not separated where "
                f"{shown(flows[0].problem.feature_names[i], 20)} enters",
                needed=_SMALLER,
                hint=_HINT,
            )
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
