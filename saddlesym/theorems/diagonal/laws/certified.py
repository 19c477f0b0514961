"""Ball checks of the proved rates: certified flows against the exact path.

Each side is a ball: the flow with its proved radius, the right-hand side of the theorem
evaluated from the exact path.  A comparison that the balls leave open is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from flint import arb, fmpq

from saddlesym.diagonal.flow.many_layers.flow import deep_flow
from saddlesym.diagonal.flow.two_layers.flow import flow
from saddlesym.diagonal.path.rate import convergence_bound, dual_norm, explicit_rate
from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq
from saddlesym.theorems.diagonal.assumptions import path_of
from saddlesym.theorems.evidence.check import Check, Fact
from saddlesym.theorems.evidence.verdict import Kind

_SCALES = ("1e-10", "1e-100")
_DEEP = ((3, "1e-12"), (4, "1e-5"))
_BITS = 128


def at_most(value: arb, bound: arb) -> bool | None:
    """Whether a ball lies below another one; None when they overlap."""
    return True if value <= bound else False if value > bound else None


def sample_times(path: SaddlePath) -> list[Fraction]:
    """The middle and the end of each of the first dwells; the last one is a quarter of its start long."""
    times = [Fraction(0), *path.times()[:4]]
    times.append(times[-1] * Fraction(5, 4))
    return [t for a, b in pairwise(times) for t in ((a + b) / 2, b)]


def _rate(problem: DiagonalProblem, *, power: bool) -> Iterator[Fact]:
    path = path_of(problem)
    times = sample_times(path)
    for alpha in _SCALES:
        found = flow(problem, alpha, digits=12, until=times[-1])
        for t in times:
            with workprec(_BITS):
                gap = [a.arb - arb(to_fmpq(b)) for a, b in zip(found.dual(t), path.dual(t), strict=True)]
                distance = dual_norm(problem, gap)
                bound = arb(to_fmpq(alpha)).sqrt() if power else explicit_rate(path, t, alpha)
            told = f"‖s^α − s‖ = {distance.str(6)} > {bound.str(6)} at t = {t}, α = {alpha}"
            yield Fact(at_most(distance, bound), told)


def certified_rate(problem: DiagonalProblem) -> Iterator[Fact]:
    """‖s^α − s‖ of certified flows at α = 1e-10, 1e-100 against the bound with all constants."""
    return _rate(problem, power=False)


def certified_power(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the distance is below √α."""
    return _rate(problem, power=True)


def _bounds(problem: DiagonalProblem, clock: int) -> Iterator[Fact]:
    path = path_of(problem)
    times = [t for t in sample_times(path) if t not in path.times()]
    for alpha in _SCALES:
        found = flow(problem, alpha, digits=12, until=clock * times[-1])
        for t in times:
            bound, where = convergence_bound(path, t, alpha), f"at t = {t}, α = {alpha}"
            beta, dual, loss = found.beta(clock * t), found.dual(clock * t), found.loss(clock * t).arb
            with workprec(_BITS):
                for i, (b, s, limit) in enumerate(zip(beta, dual, path.dual(t), strict=True)):
                    gap = abs(s.arb - arb(to_fmpq(limit)))
                    told = f"|s^α_{i} − s_{i}| = {gap.str(6)} > {bound.coordinates[i].str(6)} {where}"
                    yield Fact(at_most(gap, bound.coordinates[i]), told)
                    if abs(limit) < 1:
                        told = f"|β_{i}| = {abs(b.arb).str(6)} > {bound.inactive[i].str(6)} {where}"
                        yield Fact(at_most(abs(b.arb), bound.inactive[i]), told)
                excess = loss - arb(to_fmpq(path.loss(t)))
                if bound.loss_above is not None:  # before the first jump it is L(β) ≤ L(0), nearly equal
                    told = f"L exceeds its limit by {excess.str(6)} {where}"
                    yield Fact(at_most(excess, bound.loss_above), told)


def certified_convergence(problem: DiagonalProblem) -> Iterator[Fact]:
    """s, β off the support and the loss of certified flows at α = 1e-10, 1e-100 against the proved bounds."""
    return _bounds(problem, 1)


def certified_double_clock(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: time runs twice as fast."""
    return _bounds(problem, 2)


def _energy(path: SaddlePath) -> fmpq:
    """ρ² = 2(L(0) − min L)."""
    return 2 * (to_fmpq(path.loss(0)) - to_fmpq(path.loss(path.times()[-1])))


def _depth(problem: DiagonalProblem, clock: int) -> Iterator[Fact]:
    path = path_of(problem)
    times = sample_times(path)
    for depth, alpha in _DEEP:
        found = deep_flow(problem, until=clock * times[-1], depth=depth, alpha=alpha, digits=6)
        with workprec(_BITS):
            d, scale = problem.d, arb(to_fmpq(alpha))
            share, small = scale ** (depth - 2), arb(fmpq(2, depth))
            lift = d * arb(2) ** arb(fmpq(depth, depth - 2)) * scale**depth
            energy = arb(_energy(path))
        for t in times:
            where = f"at t = {t}, depth {depth}, α = {alpha}"
            with workprec(_BITS):
                norm = 4 * energy * arb(to_fmpq(t)) + lift  # B(t), a bound of ‖β‖₁
                bound = (2 * d * arb(to_fmpq(t)) * share * norm**small).sqrt()
                pairs = zip(found.dual(clock * t), path.dual(t), strict=True)
                distance = dual_norm(problem, [a.arb - arb(to_fmpq(b)) for a, b in pairs])
            yield Fact(at_most(distance, bound), f"‖s^α − s‖ = {distance.str(6)} > {bound.str(6)} {where}")
            starts = [Fraction(0), *path.times()]
            begin = max(start for start in starts if start <= t)
            if begin == t or begin == 0:
                continue
            beta, loss = path.beta(t), found.loss(clock * t).arb
            with workprec(_BITS):
                norm = 4 * energy * arb(to_fmpq(begin)) + lift
                rate = (2 * d * arb(to_fmpq(begin)) * share * norm**small).sqrt()
                size = arb(to_fmpq(2 * (path.loss(0) - path.loss(t)))).sqrt()  # ‖β_k‖_M
                eta = size * rate + d * (depth - 2) * share * (norm + scale**depth) ** small / 2
                excess = loss - arb(to_fmpq(problem.loss(beta)))
                yield Fact(
                    at_most(excess, eta / arb(to_fmpq(t - begin))),
                    f"L exceeds its limit by {excess.str(6)} {where}",
                )


def certified_depth(problem: DiagonalProblem) -> Iterator[Fact]:
    """ζ and the loss of certified flows at depths 3 and 4 (α = 1e-12, 1e-5) against the proved bounds."""
    return _depth(problem, 1)


def depth_twice_as_fast(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: time runs twice as fast."""
    return _depth(problem, 2)


CHECKS = (
    Check(
        "explicit-rate",
        Kind.BALL,
        "‖s^α − s‖ of certified flows at α = 1e-10, 1e-100 against the bound with all constants",
        certified_rate,
        certified_power,
        "the distance is below √α",
        "separated",
        share=0.025,
    ),
    Check(
        "convergence",
        Kind.BALL,
        "s, β off the support and the loss of certified flows at α = 1e-10, 1e-100 against the proved bounds",
        certified_convergence,
        certified_double_clock,
        "time runs twice as fast",
        "separated",
        share=0.025,
    ),
    Check(
        "depth-universality",
        Kind.BALL,
        "ζ and the loss of certified flows at depths 3 and 4 (α = 1e-12, 1e-5) against the proved bounds",
        certified_depth,
        depth_twice_as_fast,
        "time runs twice as fast",
        "separated",
        share=0.015,
    ),
)
