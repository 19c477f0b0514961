"""Numeric checks with flows that know nothing of the path: recovered jump times, orbits, depth.

Where a flow does not resolve the path (another number of jumps at its scale) nothing is
claimed, and the answer is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from flint import arb

from saddlesym.diagonal.flow.many_layers.flow import deep_flow
from saddlesym.diagonal.flow.recovery import Recovery, recovered_from
from saddlesym.diagonal.flow.two_layers.flow import flow
from saddlesym.diagonal.orbits.orbit import heteroclinic_orbit
from saddlesym.diagonal.path.chains import path_of_shape
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import PrecisionError
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction, to_fmpq
from saddlesym.theorems.diagonal.assumptions import path_of
from saddlesym.theorems.diagonal.laws.dwells import relative_error, steps_of
from saddlesym.theorems.evidence.check import FLIPPING, Check, Fact, UndecidedError, seeded
from saddlesym.theorems.evidence.verdict import Kind

_SCALES = ("1e-100", "1e-140", "1e-180", "1e-400")
_DIGITS = 15
#: Depths with the two scales at which jump times are compared.
_DEPTHS = ((3, "1e-4", "1e-6"), (4, "1e-3", "1e-4"))


def _recovered(
    problem: DiagonalProblem, times: Sequence[Fraction], kappa: Sequence[Fraction] | None = None
) -> tuple[Recovery, Recovery]:
    """Jump times from the three larger and the three smaller scales, up to a little after the last jump."""
    end = times[-1] * Fraction(5, 4)
    try:
        flows = [flow(problem, scale, digits=_DIGITS, until=end, kappa=kappa) for scale in _SCALES]
        pairs = recovered_from(flows[:-1]), recovered_from(flows[1:])
    except PrecisionError as error:
        raise UndecidedError(str(error)) from None
    if any(len(recovery.jumps) != len(times) for recovery in pairs):
        counts = [len(recovery.jumps) for recovery in pairs]
        raise UndecidedError(f"the flows resolve {counts} jumps of {len(times)}")
    return pairs


def _times(recovery: Recovery, times: Sequence[Fraction]) -> Iterator[Fact]:
    for k, (jump, t) in enumerate(zip(recovery.jumps, times, strict=True), 1):
        told = f"jump {k} is recovered at {jump.time} = {jump.exact}, not at {t}"
        yield Fact(jump.time.contains(t) and jump.exact in (None, t), told)


def _law(problem: DiagonalProblem, *, constants: bool) -> Iterator[Fact]:
    times = path_of(problem).times()
    large, small = _recovered(problem, times)
    if constants:
        yield from _times(large, times)
    for k, (a, b) in enumerate(zip(large.jumps, small.jumps, strict=True), 1):
        told = f"c_{k} is {a.constant} from the larger scales and {b.constant} from the smaller"
        yield Fact(a.constant.overlaps(b.constant) if constants else b.constant.contains(0), told)


def recovered_times(problem: DiagonalProblem) -> Iterator[Fact]:
    """t_k from flows alone against the exact times, c_k from larger scales and from smaller ones."""
    return _law(problem, constants=True)


def no_constants(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: all constants c_k vanish."""
    return _law(problem, constants=False)


def _weighted(problem: DiagonalProblem, *, faithful: bool) -> Iterator[Fact]:
    rng = seeded(problem, "recovered weights")
    kappa = [Fraction(rng.choice([3, 5, 6, 7]), 4) for _ in range(problem.d)]
    times = path_of_shape(problem, kappa).times
    large, small = _recovered(problem, times, kappa)
    plain = [*path_of(problem).times(), *[Fraction(0)] * len(times)]
    claimed = times if faithful else plain[: len(times)]
    for recovery in (large, small):
        yield from _times(recovery, claimed)


def recovered_weighted(problem: DiagonalProblem) -> Iterator[Fact]:
    """Jump times recovered from flows that start at α^κ_i against the path with thresholds κ_i."""
    return _weighted(problem, faithful=True)


def recovered_unweighted(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the jump times do not depend on κ."""
    return _weighted(problem, faithful=False)


def _arcs(problem: DiagonalProblem, *, signed: bool) -> Iterator[Fact]:
    steps = steps_of(problem)
    path = path_of(problem)
    for k in range(1, min(len(steps), 5)):
        old, goal = steps.betas[k - 1], steps.betas[k]
        woken = [hit.coordinate for hit in path.jumps[k - 1].hits]
        if not signed:
            bound = [i for i, x in enumerate(steps.duals[k]) if abs(x) == 1]
            goal = steps.form.stationary(bound) or goal
        orbit = heteroclinic_orbit(problem, [fraction(b) for b in old], woken, digits=_DIGITS, max_steps=2000)
        error = relative_error([b.arb for b in orbit.limit], goal)
        yield Fact(error < 1e-12, f"the orbit of jump {k} ends {error:.1e} away from {goal}")
        with workprec(64):
            length = orbit.arc_length().arb
            chord = sum((arb((a - b) * (a - b)) for a, b in zip(goal, old, strict=True)), arb(0)).sqrt()
            told = f"the orbit of jump {k} has length {length.str(6)}, its chord {chord.str(6)}"
            yield Fact(bool(length.is_finite() and length.upper() >= chord.lower()), told)


def orbits_of_the_path(problem: DiagonalProblem) -> Iterator[Fact]:
    """The orbit out of every saddle to 15 digits: its limit, its finite length."""
    return _arcs(problem, signed=True)


def orbits_without_signs(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: an orbit ends at the minimiser without signs."""
    return _arcs(problem, signed=False)


def _order(problem: DiagonalProblem, extra: int) -> Iterator[Fact]:
    times = path_of(problem).times()
    for depth, coarse, fine in _DEPTHS:
        flows = [
            deep_flow(problem, until=times[-1] * Fraction(5, 4), depth=depth, alpha=alpha, digits=5)
            for alpha in (coarse, fine)
        ]
        if any(len(found.jumps) != len(times) for found in flows):
            raise UndecidedError(f"the flows at depth {depth} do not resolve all {len(times)} jumps")
        with workprec(192):
            for k, (a, b, t) in enumerate(zip(flows[0].times(), flows[1].times(), times, strict=True), 1):
                ratio = arb(to_fmpq(fine) / to_fmpq(coarse)) ** (depth - 2 + extra)
                first, last = (abs(x.arb - arb(to_fmpq(t))) for x in (a, b))
                told = f"jump {k} at depth {depth}: errors {first.str(4)}, {last.str(4)}"
                yield Fact(bool(last < 3 * ratio * first), f"the times approach t_k too slowly; {told}")


def depth_order(problem: DiagonalProblem) -> Iterator[Fact]:
    """Jump times of deep flows approach t_k like α^{D−2}, D = 3, 4."""
    return _order(problem, 0)


def depth_order_too_high(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: they approach like α^{D−1}."""
    return _order(problem, 1)


CHECKS = (
    Check(
        "jump-time-law",
        Kind.NUMERIC,
        "t_k from flows alone against the exact times, c_k from larger scales and from smaller ones",
        recovered_times,
        no_constants,
        "all constants c_k vanish",
        "separated",
        share=0.025,
    ),
    Check(
        "weighted-initialisation",
        Kind.NUMERIC,
        "jump times recovered from flows that start at α^κ_i against the path with thresholds κ_i",
        recovered_weighted,
        recovered_unweighted,
        "the jump times do not depend on κ",
        "separated",
        witness=(((1, 0), (0, 1)), (2, 1)),
        share=0.025,
    ),
    Check(
        "heteroclinic-arcs",
        Kind.NUMERIC,
        "the orbit out of every saddle to 15 digits: its limit, its finite length",
        orbits_of_the_path,
        orbits_without_signs,
        "an orbit ends at the minimiser without signs",
        "separated",
        witness=FLIPPING,
        share=0.025,
    ),
    Check(
        "depth-universality",
        Kind.NUMERIC,
        "jump times of flows at depths 3 and 4 approach t_k like α^(D−2)",
        depth_order,
        depth_order_too_high,
        "they approach like α^(D−1)",
        "separated",
        share=0.015,
    ),
)
