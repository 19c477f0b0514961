"""Numeric checks of the limit α → 0: flows at decreasing scales against the exact path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from flint import arb, fmpq

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction
from saddlesym.theorems.diagonal.laws.dwells import (
    natural,
    needed,
    relative_error,
    resolved,
    resolved_dwells,
    scales_for,
    steps_of,
    training,
)
from saddlesym.theorems.diagonal.reference.definitions import PlainQuadratic, plain_path
from saddlesym.theorems.diagonal.reference.plain_flow import PlainFlow
from saddlesym.theorems.evidence.check import FLIPPING, Check, Fact, UndecidedError, seeded
from saddlesym.theorems.evidence.verdict import Kind

_SCALES = (8, 16, 32)
_CLOSE = 1e-2
_EXACT = 1e-9


def _shrinking(errors: Sequence[float], where: str) -> Iterator[Fact]:
    """Errors at decreasing scales: each smaller than the one before, the last one small."""
    told = ", ".join(f"{e:.2e}" for e in errors)
    for before, after in pairwise(errors):
        yield Fact(after < max(before, _EXACT), f"the errors {where} do not fall: {told}")
    yield Fact(errors[-1] < _CLOSE, f"the errors {where} stay large: {told}")


def _convergence(problem: DiagonalProblem, clock: fmpq) -> Iterator[Fact]:
    scales = scales_for(problem, _SCALES[0])
    for dwell in resolved_dwells(problem, scales[0]):
        try:
            errors = [
                relative_error(flow.beta(flow.at(natural(clock * dwell.middle, digits))), dwell.beta)
                for digits in scales
                for flow in (training(problem, digits),)
            ]
        except UndecidedError:
            if dwell.number:  # followed over at least one jump
                return
            raise
        yield from _shrinking(errors, f"on dwell {dwell.number}")


def convergence(problem: DiagonalProblem) -> Iterator[Fact]:
    """Flows at α = 1e-8 (or smaller), α² and α⁴ in the middle of every resolved dwell."""
    return _convergence(problem, fmpq(1))


def double_clock(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: time runs twice as fast."""
    return _convergence(problem, fmpq(2))


def weighted_flow(problem: DiagonalProblem) -> Iterator[Fact]:
    """Flows from α^κ_i against the algorithm with thresholds κ_i."""
    return _weighted(problem, faithful=True)


def weighted_blind(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the path does not depend on κ."""
    return _weighted(problem, faithful=False)


def _weighted(problem: DiagonalProblem, *, faithful: bool) -> Iterator[Fact]:
    rng = seeded(problem, "weighted flow")
    kappa = [fmpq(rng.choice([3, 4, 5, 6, 8]), 4) for _ in range(problem.d)]
    form = PlainQuadratic.of(problem)
    jumps = list(plain_path(form, kappa if faithful else None))
    zero = [fmpq(0)] * problem.d
    times = [fmpq(0), *(jump.time for jump in jumps)]
    betas, duals = [zero, *(jump.beta for jump in jumps)], [zero, *(jump.dual for jump in jumps)]
    bounds = kappa if faithful else [fmpq(1)] * problem.d
    dwells = needed(resolved(form, times, betas, duals, bounds, _SCALES[0]), _SCALES[0])
    flows = [PlainFlow.training(form, digits, kappa) for digits in _SCALES]
    for dwell in dwells:
        errors = [
            relative_error(flow.beta(flow.at(natural(dwell.middle, digits))), dwell.beta)
            for digits, flow in zip(_SCALES, flows, strict=True)
        ]
        yield from _shrinking(errors, f"with κ = {kappa} on dwell {dwell.number}")


def _orbit(problem: DiagonalProblem, k: int, seed: float) -> tuple[PlainFlow, arb]:
    """The orbit β' = −2|β| ⊙ ∇L out of the saddle before jump k, and the time when it has come to rest."""
    steps = steps_of(problem)
    old, s = steps.betas[k - 1], steps.duals[k]
    signs = [int(x > 0) - int(x < 0) if abs(x) == 1 or b != 0 else 0 for x, b in zip(s, old, strict=True)]
    up = [arb(int(x > 0)) for x in signs]
    down = [arb(int(x < 0)) for x in signs]
    with workprec(128):
        start = []
        for b, sign in zip(old, signs, strict=True):
            size = abs(arb(b)) if b != 0 else arb(seed)
            start.append((sign * size.log() / 2).mid() if sign else arb(0))
        flow = PlainFlow(steps.form, up, down, start, most=600)
    pace = min((float(abs(arb(g)).mid()) for g in steps.slopes[k - 1] if g != 0), default=1.0)
    span = arb(25.0 / pace)
    for _ in range(40):
        flow.reach((flow.time + span).mid())
        beta = flow.beta(flow.at(flow.time))
        moving = max(abs(b * g).mid() for b, g in zip(beta, flow.slope(beta), strict=True))
        if moving < 1e-9 and len(flow.segments) > 3:
            return flow, flow.time
    raise UndecidedError("the orbit does not come to rest within the budget")


def _free_minimiser(problem: DiagonalProblem, k: int) -> list[fmpq]:
    steps = steps_of(problem)
    bound = [i for i, x in enumerate(steps.duals[k]) if abs(x) == 1]
    free = steps.form.stationary(bound)
    return steps.betas[k] if free is None else free


def _arcs(problem: DiagonalProblem, target: Callable[[DiagonalProblem, int], list[fmpq]]) -> Iterator[Fact]:
    steps = steps_of(problem)
    for k in range(1, min(len(steps), 6)):
        goal = target(problem, k)
        lengths = []
        for seed in (1e-6, 1e-9):
            flow, end = _orbit(problem, k, seed)
            error = relative_error(flow.beta(flow.at(end)), goal)
            yield Fact(error < 1e-5, f"the orbit of jump {k} ends {error:.1e} away from {goal}")
            lengths.append(float(flow.length(arb(0), end)))
        drift = abs(lengths[1] - lengths[0])
        yield Fact(drift < 1e-2 * (1 + lengths[1]), f"the arc of jump {k} has length {lengths}")
        yield from _arc_of_the_flow(problem, k, lengths[1])


def _arc_of_the_flow(problem: DiagonalProblem, k: int, length: float) -> Iterator[Fact]:
    """The flow itself, between the middles of the dwells before and after, covers the same length."""
    digits = _SCALES[1]
    middles = {dwell.number: dwell.middle for dwell in resolved_dwells(problem, digits)}
    if k - 1 in middles and k in middles:
        flow = training(problem, digits)
        covered = float(flow.length(natural(middles[k - 1], digits), natural(middles[k], digits)))
        yield Fact(
            abs(covered - length) < 3e-2 * (1 + length),
            f"the flow covers {covered:.4f} at jump {k}, the orbit {length:.4f}",
        )


def heteroclinic_arcs(problem: DiagonalProblem) -> Iterator[Fact]:
    """Lotka–Volterra orbits out of every saddle: their end and their length."""
    return _arcs(problem, lambda p, k: steps_of(p).betas[k])


def arcs_without_signs(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: an orbit ends at the minimiser without signs."""
    return _arcs(problem, _free_minimiser)


def _deep_flow(form: PlainQuadratic, depth: int, alpha: float, times: Sequence[float]) -> list[list[float]]:
    """β of a depth-D network at times t, in floats, by SciPy's Radau on x = ln(a/α), y = ln(b/α)."""
    import numpy as np
    from scipy.integrate import solve_ivp

    M = np.array([[float(fraction(q)) for q in row] for row in form.M])
    r = np.array([float(fraction(q)) for q in form.r])
    d, lift = form.d, float(alpha) ** depth

    def slope(state: Any) -> Any:
        return M @ (lift * (np.exp(depth * state[:d]) - np.exp(depth * state[d:]))) - r

    def field(_t: float, state: Any) -> Any:
        g = slope(state) / (depth - 2)
        return np.concatenate([-np.exp((depth - 2) * state[:d]) * g, np.exp((depth - 2) * state[d:]) * g])

    def jacobian(_t: float, state: Any) -> Any:
        x, y = state[:d], state[d:]
        g, fast = slope(state), (np.exp((depth - 2) * x), np.exp((depth - 2) * y))
        du = M * (lift * depth * np.exp(depth * x)) / (depth - 2)
        dv = M * (lift * depth * np.exp(depth * y)) / (depth - 2)
        top = np.hstack([-fast[0][:, None] * du - np.diag(fast[0] * g), fast[0][:, None] * dv])
        low = np.hstack([fast[1][:, None] * du, -fast[1][:, None] * dv + np.diag(fast[1] * g)])
        return np.vstack([top, low])

    answer = solve_ivp(
        field, (0.0, times[-1]), np.zeros(2 * d), method="Radau", jac=jacobian,
        t_eval=list(times), rtol=1e-8, atol=1e-10,
    )  # fmt: skip
    if not answer.success:
        raise UndecidedError(f"Radau's method gave up: {answer.message}")
    return [list(map(float, lift * (np.exp(depth * s[:d]) - np.exp(depth * s[d:])))) for s in answer.y.T]


def _depth(problem: DiagonalProblem, clock: float) -> Iterator[Fact]:
    scales = (1e-2, 1e-3, 1e-4)
    form = PlainQuadratic.of(problem)
    for depth in (3, 4):
        dwells = needed(resolved_dwells(problem, _SCALES[0]), _SCALES[0])[:6]
        times = [clock * float(fraction(dwell.middle)) for dwell in dwells]
        rows = [_deep_flow(form, depth, alpha, times) for alpha in scales]
        for k, dwell in enumerate(dwells):
            errors = [relative_error([arb(x) for x in row[k]], dwell.beta) for row in rows]
            yield from _shrinking(
                [max(e, 1e-6) - 1e-6 for e in errors], f"at depth {depth}, dwell {dwell.number}"
            )


def depth_universality(problem: DiagonalProblem) -> Iterator[Fact]:
    """Depths 3 and 4 at α = 1e-2, 1e-3, 1e-4, by Radau's method in floats."""
    return _depth(problem, 1.0)


def depth_double_clock(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: time runs twice as fast."""
    return _depth(problem, 2.0)


CHECKS = (
    Check(
        "convergence",
        Kind.NUMERIC,
        "flows at α = 1e-8 (or smaller), α² and α⁴ in the middle of every resolved dwell",
        convergence,
        double_clock,
        "time runs twice as fast",
        "separated",
        share=0.06,
    ),
    Check(
        "heteroclinic-arcs",
        Kind.NUMERIC,
        "Lotka–Volterra orbits out of every saddle: their end and their length",
        heteroclinic_arcs,
        arcs_without_signs,
        "an orbit ends at the minimiser without signs",
        "separated",
        witness=FLIPPING,
        share=0.06,
    ),
    Check(
        "depth-universality",
        Kind.NUMERIC,
        "depths 3 and 4 at α = 1e-2, 1e-3, 1e-4, by Radau's method in floats",
        depth_universality,
        depth_double_clock,
        "time runs twice as fast",
        "separated",
        share=0.03,
    ),
    Check(
        "weighted-initialisation",
        Kind.NUMERIC,
        "flows from α^κ_i against the algorithm with thresholds κ_i",
        weighted_flow,
        weighted_blind,
        "the path does not depend on κ",
        "separated",
        witness=(((1, 0), (0, 1)), (1, 3)),
        share=0.06,
    ),
)
