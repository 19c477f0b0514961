"""Exact jump times from flows alone: the jump-time law.

The natural time T_k(α) of jump k is affine in Λ = ln(1/α) up to a power of α:
T_k = Λ·t_k + c_k + O(α^κ).  Two flows therefore give t_k to about as many
digits as log₁₀(1/α) allows, and rational reconstruction then gives the
fraction.  The limiting path is not consulted.

Nobody knows κ beforehand: it is small where something else nearly happens.  So
the slopes (T_k(α') − T_k(α))/(Λ' − Λ) of two pairs of scales are compared.  For
a power of α the second slope is far better than the first, and their difference
is the error of the first.  The proved rate √Λ of the dual variable allows
nothing slower than T_k = Λ·t_k + O(√Λ), and for this slowest law the difference
bounds the error of the second slope too, up to a factor that the scales fix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb

from saddlesym.diagonal.flow.documents import read_data
from saddlesym.diagonal.flow.two_layers.flow import Flow, flow
from saddlesym.diagonal.flow.two_layers.jumps import line_meeting
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, PrecisionError, shown
from saddlesym.exact.balls import Ball, simplest_rational
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.exact.scale import MAX_EXPONENT, InitialScale
from saddlesym.exact.text import exact_string
from saddlesym.grids import Displayed, Grid, Math, changes
from saddlesym.progress import Listener

#: A fraction is believed when it is this many digits shorter than chance allows.
SURPRISE = 8
#: Scales that are needed: two give a time, and one more tells how good it is.
MIN_FLOWS = 3
#: The first scale, where none is given.
FIRST_SCALE = "1e-50"
#: From scale to scale Λ grows by this factor.
FACTOR = 10
#: Factor between the size of a neglected term and the error allowed for it.
_SAFETY = 100
#: Factor between the error that the slowest law has and the error allowed.
_MARGIN = 4
#: A time has all the digits of the flows when its radius is within this factor of theirs.
_FINE = 4
_SMALLER = "scales so small that the plateaus have separated"
_HINT = "smaller values of alpha, or none: they are then chosen"


@dataclass(frozen=True)
class RecoveredJump:
    """One jump time of the limit, as three or more flows give it.

    Attributes:
        coordinate: the coordinate that enters first.
        sign: the sign with which it enters.
        time: t_k; its radius estimates the neglected power of α as well.
        exact: t_k as a fraction, when a short one lies in the ball with and
            without the smallest scale, else None.
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
        mid, radius = self.time.decimal()
        return {
            "coordinate": self.coordinate,
            "sign": self.sign,
            "time": mid,
            "radius": radius,
            "recovered": None if self.exact is None else exact_string(self.exact),
            "constant": self.constant.to_dict(exact=False),
            "entered": list(self.entered),
            "left": list(self.left),
        }


@dataclass(frozen=True)
class Recovery(Displayed, Documented):
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
        """JSON-ready: the data, the jumps, and the flows without their data."""
        problem = self.flows[0].problem
        return {
            "kind": self._kind,
            "features": list(problem.feature_names),
            "alphas": [str(f.scale) for f in self.flows],
            "digits": min(f.digits for f in self.flows),
            "certified": False,
            "jumps": [jump.to_dict() for jump in self.jumps],
            "flows": [
                {k: v for k, v in entry(f).items() if k not in ("features", "problem")} for f in self.flows
            ],
            "problem": problem.data_document(),
        }

    @classmethod
    def _read(
        cls, given: Fields, problem: DiagonalProblem | None = None, known: Sequence[Flow] = ()
    ) -> Recovery:
        """The times recovered again, from flows that are known or followed again."""
        flows = given.each("flows", Flow, problem=read_data(given, problem), known=known)
        if len(flows) < 2:
            raise BadInputError(f"{len(flows)} flows", needed="two or more, of different alpha")
        return _recovered_from(flows)[0]


def recover_jump_times(
    problem: DiagonalProblem,
    alphas: Sequence[Any] = (),
    *,
    digits: int = USUAL_DIGITS,
    until: Any = None,
    kappa: Sequence[Any] | None = None,
    certify: bool = True,
    progress: Listener | None = None,
) -> Recovery:
    """Jump times t_k and constants c_k from the flows at three or more scales α.

    Args:
        problem: the data.
        alphas: scales, different from each other.  With fewer than three, smaller ones (Λ ten times
            larger; the cost does not depend on α) are added until every time is settled: the same
            fraction twice, or all the digits that the flows have.  With none, the first is 1e-50, and
            scales at which jumps have not separated are left out.
        digits: digits of the flows.
        until: last accelerated time; default: until the flows rest.
        kappa: κ (d); default all 1.
        certify: prove the radii of the flows.
        progress: called with the steps and the accelerated time of each flow in turn.

    Returns:
        The jumps.  The radius of a time adds up the radii of the flows and estimates of the
        neglected power of α: from motion at the plateaus and coordinates that sleep through a jump,
        and from the disagreement between pairs of scales; so it is no proof.  ``exact`` is a
        fraction that the smallest scale confirmed.

    Raises:
        BadInputError: equal scales, or one so small that no three fit.
        PrecisionError: the flows show no jumps, not the same ones, or one that is two (α is too large).

    Source: the statement ``jump-time-law``.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> recovery = recover_jump_times(problem)
    >>> [jump.exact for jump in recovery.jumps]
    [Fraction(1, 3), Fraction(2, 3)]
    >>> [str(flow.scale) for flow in recovery.flows]
    ['1e-50', '1e-500', '1e-5000']
    """
    given = sorted(map(InitialScale.read, alphas), key=lambda scale: float(scale.log_inverse()))
    if any(not one.log_inverse() < other.log_inverse() for one, other in pairwise(given)):
        raise BadInputError(
            f"alpha = {', '.join(shown(scale.text) for scale in given)}", needed="different scales"
        )
    flows: list[Flow] = []
    coming: list[InitialScale] = given or [InitialScale.read(FIRST_SCALE)]
    while True:
        flows += [
            flow(
                problem,
                scale,
                digits=digits,
                until=until,
                kappa=kappa,
                certify=certify,
                progress=progress,
            )
            for scale in coming
        ]
        kept = flows if given else alike(flows)
        smaller = flows[-1].scale.smaller(FACTOR)
        try:
            if len(kept) > 1:
                recovery, settled = _recovered_from(kept)
                if len(given) >= MIN_FLOWS or (len(kept) >= MIN_FLOWS and (settled or smaller is None)):
                    return recovery
        except PrecisionError:
            if given or smaller is None:
                raise
        if smaller is None:
            raise BadInputError(
                f"no room for {MIN_FLOWS} scales from alpha = {kept[0].scale} down",
                needed=f"alpha of at least 1e-{MAX_EXPONENT // 10}, or {MIN_FLOWS} scales",
            )
        coming = [smaller]


def recovered_from(flows: Sequence[Flow]) -> Recovery:
    """The jump times that three or more flows of one problem give, see :func:`recover_jump_times`.

    Args:
        flows: flows, the largest α first.

    Raises:
        BadInputError: fewer than three flows.
        PrecisionError: the flows do not show the same jumps.
    """
    if len(flows) < MIN_FLOWS:
        raise BadInputError(f"{len(flows)} flows", needed=f"{MIN_FLOWS} or more, of different alpha")
    return _recovered_from(flows)[0]


def alike(flows: Sequence[Flow]) -> list[Flow]:
    """The last flows that show the same jumps: those at which jumps have not separated are left out."""
    return [
        f for k, f in enumerate(flows) if all(_pattern(later) == _pattern(flows[-1]) for later in flows[k:])
    ]


def _pattern(flow: Flow) -> list[tuple[Any, ...]]:
    return [(j.coordinate, j.sign, j.entered, j.left) for j in flow.jumps]


def _recovered_from(flows: Sequence[Flow]) -> tuple[Recovery, bool]:
    """The jump times, and whether further scales have nothing to add."""
    first = _pattern(flows[0])
    if any(_pattern(f) != first for f in flows[1:]):
        told = " and ".join(f"{_events(f)} at alpha = {f.scale}" for f in flows)
        raise PrecisionError(f"the flows differ: {told}", needed=_SMALLER, hint=_HINT)
    if not first:
        scales = ", ".join(str(f.scale) for f in flows)
        raise PrecisionError(f"the flows show no jump at alpha = {scales}", needed=_SMALLER, hint=_HINT)
    with workprec(max(f._bits for f in flows)):
        jumps, settled = zip(*(_recovered(flows, k) for k in range(len(first))), strict=True)
        return Recovery(jumps, tuple(flows)), all(settled)


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


@dataclass(frozen=True)
class _Clock:
    """What is needed to extrapolate a moment T(α) of the flows.

    Attributes:
        logs: Λ of each flow.
        neglected: estimated size of what the law neglects at each flow.
        rounding: 10^-digits.
    """

    logs: list[arb]
    neglected: list[float]
    rounding: arb

    def slack(self, n: int, moment: arb) -> arb:
        """Error allowed for the law at flow n: the digits of the flow, and what it neglects."""
        return self.rounding * (1 + abs(moment)) + _SAFETY * self.neglected[n]

    def slopes(self, moments: Sequence[arb]) -> list[arb]:
        """t by each pair of neighbouring flows, with the slack of both."""
        flows = list(zip(moments, self.logs, map(self.slack, range(len(moments)), moments), strict=True))
        return [
            (t - s + arb(0, e.upper()) + arb(0, f.upper())) / (m - n)
            for (s, n, e), (t, m, f) in pairwise(flows)
        ]

    def doubts(self, slopes: Sequence[arb]) -> list[arb]:
        """By how much each slope may err for all that the one before it disagrees; nothing for the first."""
        shares = [1 / (n.sqrt() + m.sqrt()) for n, m in pairwise(self.logs)]
        # were T = Λt + O(√Λ), the error of the second slope would be this part of the difference
        parts = [small / (large - small) for large, small in pairwise(shares)]
        return [arb(0)] + [
            (_MARGIN * part * abs(t.mid() - s.mid())).upper()
            for part, (s, t) in zip(parts, pairwise(slopes), strict=True)
        ]

    def finest(self, moments: Sequence[arb]) -> arb:
        """Radius that the last slope has by the digits of the flows alone."""
        (s, n), (t, m) = list(zip(moments, self.logs, strict=True))[-2:]
        return (self.rounding * (2 + abs(s) + abs(t)) + s.rad() + t.rad()) / (m - n)


def _recovered(flows: Sequence[Flow], k: int) -> tuple[RecoveredJump, bool]:
    """Jump k from the last two flows, checked against the others, and whether it is settled."""
    jump = flows[-1].jumps[k]
    times = [line.arb for f in flows if (line := f.jumps[k].line_time) is not None]
    if len(times) < len(flows):
        raise PrecisionError(
            f"jump {k + 1} starts with all coordinates switched on", needed=_SMALLER, hint=_HINT
        )
    clock = _Clock(
        [f.scale.log_inverse() for f in flows],
        # motion on the plateaus, and coordinates that slept through jumps
        [
            max([p.stillness for p in f.plateaus[: k + 1]] + [j.disturbance for j in f.jumps[:k]])
            for f in flows
        ],
        arb(10) ** (-flows[0].digits),
    )
    plain = clock.slopes(times)
    doubts = clock.doubts(plain)
    for i in jump.entered:
        own = [met for f in flows if (met := _own_line(f, k, i)) is not None]
        # what its own line disagrees by excuses nothing: those of a tie are as good as that of the jump
        if len(own) < len(flows) or not (clock.slopes(own)[-1] - plain[-1]).overlaps(
            arb(0, _SAFETY * doubts[-1])
        ):
            raise PrecisionError(
                f"jump {k + 1} is two: the plateaus have not separated where "
                f"{shown(flows[0].problem.feature_names[i], 20)} enters",
                needed=_SMALLER,
                hint=_HINT,
            )
    slopes = [slope + arb(0, doubt) for slope, doubt in zip(plain, doubts, strict=True)]
    time = slopes[-1]
    fractions = [simplest_rational(slope, SURPRISE) for slope in slopes]
    exact = fractions[-1] if len(slopes) > 1 and fractions[-1] == fractions[-2] else None
    settled = fractions[-1] == exact and (exact is not None or time.rad() <= _FINE * clock.finest(times))
    slope = time if exact is None else arb(exact.numerator) / exact.denominator
    constants = [t - log * slope for t, log in zip(times, clock.logs, strict=True)]
    error = clock.slack(-1, times[-1]) + abs(constants[-1].mid() - constants[-2].mid())
    constant = Ball(constants[-1] + arb(0, error.upper()))
    return (
        RecoveredJump(jump.coordinate, jump.sign, Ball(time), exact, constant, jump.entered, jump.left),
        bool(settled),
    )
