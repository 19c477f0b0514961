"""Checks of the results beyond the papers: jump-time law, explicit rate, cost free of α."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from flint import arb, fmpq

from saddlesym.diagonal.flow.two_layers.flow import flow
from saddlesym.diagonal.path.rate import sharp_rate
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction
from saddlesym.theorems.diagonal.assumptions import path_of
from saddlesym.theorems.diagonal.laws.dwells import (
    natural,
    resolved_dwells,
    scales_for,
    steps_of,
    training,
)
from saddlesym.theorems.diagonal.reference.plain_flow import PlainFlow
from saddlesym.theorems.evidence.check import Check, Fact, UndecidedError, seeded
from saddlesym.theorems.evidence.verdict import Kind

_FIRST = 10


def _passages(problem: DiagonalProblem, digits: int, first: int) -> Iterator[tuple[int, arb]]:
    """For every jump between dwells resolved at 10^−first: when the entering coordinate passes η."""
    steps = steps_of(problem)
    middles = {d.number: d.middle for d in resolved_dwells(problem, first)}
    flow = training(problem, digits)
    threshold = min(abs(x) for b in steps.betas for x in b if x != 0) / 16
    for k in range(1, len(steps)):
        if k - 1 not in middles or k not in middles:
            continue
        entering = next(i for i, b in enumerate(steps.betas[k]) if b != 0 and steps.betas[k - 1][i] == 0)
        with workprec(128):
            eta = arb(threshold).mid()
        try:
            passed = flow.crossing(
                lambda z, i=entering, level=eta: (abs(flow.beta(z)[i]) - level).mid(),  # type: ignore[misc]
                natural(middles[k - 1], digits),
                natural(middles[k], digits),
            )
        except UndecidedError:
            if k > 1:  # the budget went as far as an earlier jump
                return
            raise
        if passed is not None:
            yield k, passed


def _law(problem: DiagonalProblem, *, differences: bool) -> Iterator[Fact]:
    steps = steps_of(problem)
    scales = scales_for(problem, _FIRST)
    passed = [dict(_passages(problem, digits, scales[0])) for digits in scales]
    for k in passed[0]:
        if not all(k in found for found in passed):
            continue
        with workprec(128):
            T = [found[k] for found in passed]
            scale = [arb(10).log() * digits for digits in scales]
            t = arb(steps.times[k])
            if differences:
                found = [(T[1] - T[0]) / (scale[1] - scale[0]), (T[2] - T[1]) / (scale[2] - scale[1])]
            else:
                found = [T[1] / scale[1], T[2] / scale[2]]
            errors = [float((abs(x - t) / t).mid()) for x in found]
        told = f"jump {k}: relative errors {errors[0]:.2e}, {errors[1]:.2e}"
        yield Fact(errors[1] < 1e-3, f"two flows do not give back t; {told}")
        yield Fact(errors[1] < max(errors[0] / 10, 1e-15), f"the error falls no faster than 1/Λ; {told}")


def jump_time_law(problem: DiagonalProblem) -> Iterator[Fact]:
    """Differences of passage times at α = 1e-10 (or smaller), α², α⁴ against the exact times."""
    return _law(problem, differences=True)


def law_without_constant(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: T_k = t_k ln(1/α) without a constant."""
    return _law(problem, differences=False)


def _constants(beta: list[fmpq]) -> list[arb]:
    """C_i of the explicit rate on the dwell at a saddle β."""
    out = []
    for b in beta:
        size = abs(arb(b))
        out.append(1 / (4 * arb(1).exp()) if b == 0 else abs((2 * size).log()) / 2 * abs(size - arb(0.5)))
    return out


def _pointwise(problem: DiagonalProblem, factor: fmpq) -> Iterator[Fact]:
    """``−(z_i − Z_i)(β(z_i) − β_i) ≤ C_i + α⁴/(4e)`` at random z near the limit path Z = Λs."""
    steps, rng = steps_of(problem), seeded(problem, "explicit-rate")
    with workprec(256):
        alpha2 = arb(10) ** -20
        rate = arb(10).log() * 10
        for k in range(len(steps)):
            begin = steps.times[k]
            end = steps.times[k + 1] if k + 1 < len(steps) else begin + 1
            t = begin + (end - begin) * fmpq(rng.randint(0, 99), 99)
            limit = [rate * arb(s) for s in steps.dual(t, k)]
            for i, (Z, b, C) in enumerate(
                zip(limit, steps.betas[k], _constants(steps.betas[k]), strict=True)
            ):
                bound = arb(factor) * C + alpha2**2 / (4 * arb(1).exp())
                moves = [arb(fmpq(rng.randint(-300, 300), 100)) for _ in range(8)]
                nearly = [rate - arb(fmpq(m, 8)) for m in range(1, 9)] if b == 0 else []
                targets = [Z + m for m in moves] + nearly + [-x for x in nearly]
                for z in targets:
                    growth = -(z - Z) * (alpha2 * (2 * z).sinh() - arb(b))
                    if growth.overlaps(bound) and b != 0 and bound.overlaps(arb(0)):
                        continue  # both sides vanish: β_i = 1/2
                    holds = True if growth <= bound else False if growth > bound else None
                    yield Fact(holds, f"the distance grows at {growth.str(6)} > C = {bound.str(6)} in {i}")


def rate_pointwise(problem: DiagonalProblem) -> Iterator[Fact]:
    """The growth of the distance in every coordinate against C_i, at random points."""
    return _pointwise(problem, fmpq(1))


def rate_too_small(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: a fiftieth of C_i is enough."""
    return _pointwise(problem, fmpq(1, 50))


def _distances(problem: DiagonalProblem, digits: int) -> Iterator[tuple[fmpq, float, float]]:
    """Times, ``‖s^α − s‖_{M⁺}`` of the flow at those times, and ln(1/α)."""
    import numpy as np

    steps, flow = steps_of(problem), training(problem, digits)
    gram = np.array([[float(fraction(q)) for q in row] for row in steps.form.M])
    inverse = np.linalg.pinv(gram, rcond=1e-12)
    rate = float((arb(10).log() * digits).mid())
    for k in range(len(steps)):
        begin = steps.times[k]
        end = steps.times[k + 1] if k + 1 < len(steps) else begin * fmpq(5, 4)
        for t in (begin + (end - begin) / 3, end):
            if t == 0:
                continue
            try:
                z = flow.at(natural(t, digits))
            except UndecidedError:
                if k > 1:  # the budget went past the first jump
                    return
                raise
            gap = np.array(
                [float((x / rate - arb(s)).mid()) for x, s in zip(z, steps.dual(t, k), strict=True)]
            )
            yield t, float(np.sqrt(max(gap @ inverse @ gap, 0.0))), rate


def _distance(problem: DiagonalProblem, *, power: bool) -> Iterator[Fact]:
    """``‖s^α − s‖_{M⁺}`` along the flow against the bound; ``power`` asks for √α instead."""
    constant = max(float(sum(_constants(b), arb(0)).mid()) for b in steps_of(problem).betas)
    for digits in (2, 8, 16):
        for t, found, rate in _distances(problem, digits):
            time = float(fraction(t))
            bound = 10 ** (-digits / 2) if power else (2 * constant * time / rate) ** 0.5
            told = f"‖s^α − s‖ = {found:.3e} > {bound:.3e} at t = {time:.4f}, α = 1e-{digits}"
            yield Fact(found <= bound + 1e-12, told)


def _sharp(problem: DiagonalProblem, *, square: bool) -> Iterator[Fact]:
    """``‖s^α − s‖_{M⁺}`` along the flow against K/Λ; ``square`` asks for K/Λ² instead."""
    path = path_of(problem)
    for digits in (4, 8, 16):
        for t, found, rate in _distances(problem, digits):
            bound = float(sharp_rate(path, fraction(t), f"1e-{digits}").upper()) / (rate if square else 1.0)
            told = f"‖s^α − s‖ = {found:.3e} > {bound:.3e} at t = {t}, α = 1e-{digits}"
            yield Fact(found <= bound + 1e-12, told)


def sharp_rate_of_the_flow(problem: DiagonalProblem) -> Iterator[Fact]:
    """‖s^α − s‖ along flows at α = 1e-4, 1e-8, 1e-16 against K/ln(1/α)."""
    return _sharp(problem, square=False)


def sharper_still(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the distance falls like 1/ln(1/α)²."""
    return _sharp(problem, square=True)


def rate_of_the_flow(problem: DiagonalProblem) -> Iterator[Fact]:
    """‖s^α − s‖ along flows at α = 1e-2, 1e-8, 1e-16 against the bound."""
    return _distance(problem, power=False)


def power_rate(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the distance is below √α."""
    return _distance(problem, power=True)


def _busy(flow: PlainFlow, end: arb, level: float) -> float:
    """The natural time up to ``end`` in which some |β_i ∇L(β)_i| exceeds the level."""

    def excess(z: list[arb]) -> arb:
        beta = flow.beta(z)
        return (max(abs(b * g).mid() for b, g in zip(beta, flow.slope(beta), strict=True)) - level).mid()

    times = flow.grid(arb(0), end, 4)
    values = [excess(flow.at(T)) for T in times]
    total = 0.0
    for (a, b), (x, y) in zip(pairwise(times), pairwise(values), strict=True):
        if x > 0 and y > 0:
            total += float(b - a)
        elif x > 0 or y > 0:  # one passage through the level
            passage = flow.root(excess, a, b, 40)
            total += float(passage - a) if x > 0 else float(b - passage)
    return total


def _cost(problem: DiagonalProblem, *, everything: bool) -> Iterator[Fact]:
    steps = steps_of(problem)
    scales = scales_for(problem, _FIRST)
    last = resolved_dwells(problem, scales[0])[-1]
    size = max((abs(x) for x in steps.form.r), default=fmpq(1))
    level = 1e-3 * float(fraction(size))
    spent = []
    for digits in scales:
        flow, end = training(problem, digits), natural(last.middle, digits)
        flow.reach(end)
        spent.append(float(end) if everything else _busy(flow, end, level))
    drift = [abs(b - a) / (1 + b) for a, b in pairwise(spent)]
    told = ", ".join(f"{x:.4f}" for x in spent)
    yield Fact(drift[1] < max(drift[0] / 2, 1e-6), f"the busy time does not settle: {told}")
    yield Fact(drift[1] < 2e-2, f"the busy time grows: {told}")


def alpha_free_cost(problem: DiagonalProblem) -> Iterator[Fact]:
    """The natural time away from straight lines at α = 1e-10 (or smaller), α², α⁴."""
    return _cost(problem, everything=False)


def whole_time(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the whole natural time tends to a constant."""
    return _cost(problem, everything=True)


def _steps(problem: DiagonalProblem, share: float) -> Iterator[Fact]:
    times = path_of(problem).times()
    last = times[-1] * 2
    scales = ("1e-1000", "1e-1000000")
    large, small = (flow(problem, alpha, digits=8, until=last) for alpha in scales)
    for result in (large, small):
        proved = result.certified and result.solution.defect.is_finite()
        yield Fact(bool(proved), f"the flow at α = {result.scale} has no proved bound")
    told = f"{large.steps} steps at α = {scales[0]}, {small.steps} at α = {scales[1]}"
    yield Fact(small.steps <= share * large.steps, f"the certified flow costs more: {told}")


def certified_cost(problem: DiagonalProblem) -> Iterator[Fact]:
    """Steps of certified flows with leaps at α = 1e-1000 and 1e-1000000."""
    return _steps(problem, 1.25)


def cost_that_falls(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: half the steps are enough at the smaller scale."""
    return _steps(problem, 0.5)


CHECKS = (
    Check(
        "jump-time-law",
        Kind.NUMERIC,
        "differences of passage times at α = 1e-10 (or smaller), α², α⁴ against the exact times",
        jump_time_law,
        law_without_constant,
        "T_k = t_k ln(1/α) without a constant",
        "separated",
        share=0.06,
    ),
    Check(
        "explicit-rate",
        Kind.BALL,
        "the growth of the distance in every coordinate against C_i, at random points",
        rate_pointwise,
        rate_too_small,
        "a fiftieth of C_i is enough",
        "path",
    ),
    Check(
        "explicit-rate",
        Kind.NUMERIC,
        "‖s^α − s‖ along flows at α = 1e-2, 1e-8, 1e-16 against the bound",
        rate_of_the_flow,
        power_rate,
        "the distance is below √α",
        "separated",
        share=0.06,
    ),
    Check(
        "sharp-rate",
        Kind.NUMERIC,
        "‖s^α − s‖ along flows at α = 1e-4, 1e-8, 1e-16 against K/ln(1/α)",
        sharp_rate_of_the_flow,
        sharper_still,
        "the distance falls like 1/ln(1/α)²",
        "separated",
        witness=(((1,),), (3,)),
        share=0.06,
    ),
    Check(
        "alpha-free-cost",
        Kind.BALL,
        "steps of certified flows with leaps at α = 1e-1000 and 1e-1000000",
        certified_cost,
        cost_that_falls,
        "the cost falls with α",
        "separated",
        share=0.06,
    ),
    Check(
        "alpha-free-cost",
        Kind.NUMERIC,
        "the natural time away from straight lines at α = 1e-10 (or smaller), α², α⁴",
        alpha_free_cost,
        whole_time,
        "the whole natural time tends to a constant",
        "separated",
        share=0.06,
    ),
)
