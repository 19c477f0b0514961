"""Checks of the reformulations of the flow, at random rational points of the instance.

The velocity of (u, v) is taken from the values of F alone; the balls of FLINT
enclose the transcendental functions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from flint import arb, arb_series, fmpq

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq
from saddlesym.theorems.diagonal.reference.definitions import (
    Network,
    PlainQuadratic,
    nonzero_rational,
    random_rational,
)
from saddlesym.theorems.evidence.check import Check, Fact, seeded
from saddlesym.theorems.evidence.verdict import Kind

_POINTS = 4
_BITS = 256
_ALPHA_SQUARED = fmpq(1, 100)


def _balanced_point(rng: random.Random, d: int) -> tuple[list[fmpq], list[fmpq]]:
    """Rational u, v with u² − v² = 2α² in every coordinate."""
    u, v = [], []
    for _ in range(d):
        total = nonzero_rational(rng)  # u + v, so that u − v = 2α²/(u + v)
        rest = 2 * _ALPHA_SQUARED / total
        u.append((total + rest) / 2)
        v.append((total - rest) / 2)
    return u, v


def _velocities(problem: DiagonalProblem, salt: str) -> Iterator[tuple[list[fmpq], ...]]:
    """Points (u, v) on the invariant set, their velocity −∇F, and ∇L(u ⊙ v)."""
    form, rng = PlainQuadratic.of(problem), seeded(problem, salt)
    network = Network(form)
    for _ in range(_POINTS):
        u, v = _balanced_point(rng, problem.d)
        slope = network.gradient([*u, *v])
        du, dv = [-x for x in slope[: problem.d]], [-x for x in slope[problem.d :]]
        yield u, v, du, dv, form.gradient([a * b for a, b in zip(u, v, strict=True)])


def balancedness(problem: DiagonalProblem) -> Iterator[Fact]:
    """The rate of u² − v² at random rational points, from values of F alone."""
    for u, v, du, dv, _ in _velocities(problem, "balancedness"):
        for i in range(problem.d):
            rate = 2 * u[i] * du[i] - 2 * v[i] * dv[i]
            yield Fact(rate == 0, f"u² − v² changes at rate {rate} in coordinate {i}")


def sum_conserved(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: u² + v² is conserved."""
    for u, v, du, dv, _ in _velocities(problem, "balancedness"):
        for i in range(problem.d):
            rate = 2 * u[i] * du[i] + 2 * v[i] * dv[i]
            yield Fact(rate == 0, f"u² + v² changes at rate {rate} in coordinate {i}")


def _lotka_volterra(problem: DiagonalProblem, factor: int) -> Iterator[Fact]:
    for u, v, du, dv, g in _velocities(problem, "lotka-volterra"):
        for i in range(problem.d):
            p, q = (u[i] + v[i]) ** 2 / 2, (u[i] - v[i]) ** 2 / 2
            dp, dq = (u[i] + v[i]) * (du[i] + dv[i]), (u[i] - v[i]) * (du[i] - dv[i])
            yield Fact(dp == -factor * p * g[i], f"p' = {dp} where −2p∇L = {-2 * p * g[i]}")
            yield Fact(dq == factor * q * g[i], f"q' = {dq} where 2q∇L = {2 * q * g[i]}")
            yield Fact(p - q == 2 * u[i] * v[i], "β is not (p − q)/2")
            yield Fact(p * q == _ALPHA_SQUARED**2, "pq is not α⁴")


def lotka_volterra(problem: DiagonalProblem) -> Iterator[Fact]:
    """p' and q' at random rational points, from values of F alone."""
    return _lotka_volterra(problem, 2)


def half_speed(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: p' = −p ⊙ ∇L(β)."""
    return _lotka_volterra(problem, 1)


def _entropy(beta: arb_series, alpha_squared: arb) -> arb_series:
    """φ_α of one coordinate, as a power series."""
    root = (beta * beta + alpha_squared**2).sqrt()
    inverse = ((beta + root) / alpha_squared).log()
    return (beta * inverse - root + alpha_squared) / 2


def _mirror(problem: DiagonalProblem, factor: fmpq) -> Iterator[Fact]:
    """∇φ_α from the series of φ_α; its rate along the flow from a second series."""
    with workprec(_BITS):
        a2 = arb(_ALPHA_SQUARED)
        for u, v, du, dv, g in _velocities(problem, "mirror-flow"):
            for i in range(problem.d):
                speed = arb(du[i] * v[i] + u[i] * dv[i])
                series = _entropy(arb_series([arb(u[i] * v[i]), 1], 3), a2)
                first, second = (series[k] * (1 if k == 1 else 2) for k in (1, 2))
                dual = arb.asinh(arb(u[i] * v[i]) / a2) / 2
                yield Fact(first.overlaps(dual), f"∇φ is {first}, ½arcsinh(β/α²) is {dual}")
                rate = second * speed  # d/dT ∇φ(β(T)) = φ''(β) β'
                yield Fact(rate.overlaps(arb(-factor * g[i])), f"∇φ moves at {rate}, −∇L is {-g[i]}")


def mirror_flow(problem: DiagonalProblem) -> Iterator[Fact]:
    """The rate of ∇φ_α(β) along the flow, φ_α as a power series in balls."""
    return _mirror(problem, fmpq(1))


def mirror_twice(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: ∇φ_α(β) moves at −2∇L(β)."""
    return _mirror(problem, fmpq(2))


def _potential(problem: DiagonalProblem, slope: fmpq) -> Iterator[Fact]:
    """``0 ≤ φ_α(b) − ln(1/α)|b| − ½|b|(ln 2|b| − 1) ≤ α²``, which gives the limit with its rate."""
    rng = seeded(problem, "potential-limit")
    values = [abs(nonzero_rational(rng)) for _ in range(problem.d)]
    for digits in (5, 50, 500):
        with workprec(_BITS + 8 * digits):
            alpha = arb(fmpq(1, 10**digits))
            for b in values:
                x = arb(b)
                phi = _entropy(arb_series([x], 1), alpha * alpha)[0]
                rest = phi + alpha.log() * x * arb(slope) - x * ((2 * x).log() - 1) / 2
                inside = bool(rest >= 0) and bool(rest <= alpha * alpha)
                outside = bool(rest < 0) or bool(rest > alpha * alpha)
                what = f"φ_α({b}) − ln(1/α)|b| − ½|b|(ln 2|b| − 1) = {rest.str(8)} at α = 1e-{digits}"
                yield Fact(True if inside else False if outside else None, what)


def potential_limit(problem: DiagonalProblem) -> Iterator[Fact]:
    """0 ≤ φ_α(b) − ln(1/α)|b| − ½|b|(ln 2|b| − 1) ≤ α² at α = 1e-5, 1e-50, 1e-500."""
    return _potential(problem, fmpq(1))


def potential_half(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: φ_α/ln(1/α) tends to ½‖·‖₁."""
    return _potential(problem, fmpq(1, 2))


class DataFlow:
    """The dual flow in data space, ``w' = (y − Xβ(Xᵀw))/n``, in balls."""

    def __init__(self, problem: DiagonalProblem) -> None:
        self.n, self.d = problem.n, problem.d
        self.X = [[arb(to_fmpq(q)) for q in row] for row in problem.X]
        self.y = [arb(to_fmpq(q)) for q in problem.y]
        self.a2 = arb(_ALPHA_SQUARED)

    def point(self, rng: random.Random) -> list[arb]:
        """A random w, scaled so that the entries of Xᵀw are of order one."""
        largest = max((abs(x).mid() for row in self.X for x in row), default=arb(1))
        scale = 1 / (1 + largest * self.n**0.5)
        return [arb(random_rational(rng)) * scale for _ in range(self.n)]

    def dual(self, w: Sequence[arb]) -> list[arb]:
        """``z = Xᵀw`` (d)."""
        return [sum((self.X[k][i] * w[k] for k in range(self.n)), arb(0)) for i in range(self.d)]

    def beta(self, w: Sequence[arb]) -> list[arb]:
        """``β = α² sinh 2z`` (d)."""
        return [self.a2 * (2 * z).sinh() for z in self.dual(w)]

    def velocity(self, w: Sequence[arb]) -> list[arb]:
        """w' (n)."""
        b = self.beta(w)
        return [(self.y[k] - _dot(self.X[k], b)) / self.n for k in range(self.n)]

    def potential(self, w: Sequence[arb]) -> arb:
        """Φ_α(w)."""
        bowl = sum(((2 * z).cosh() for z in self.dual(w)), arb(0))
        return (self.a2 / 2 * bowl - _dot(self.y, w)) / self.n

    def slope(self, w: Sequence[arb], k: int) -> arb:
        """∂Φ/∂w_k, from the power series of Φ along the axis."""
        bowl = arb(0)
        for i, z in enumerate(self.dual(w)):
            up = arb_series([2 * z, 2 * self.X[k][i]], 2).exp()
            down = arb_series([-2 * z, -2 * self.X[k][i]], 2).exp()
            bowl += (up[1] + down[1]) / 2
        return (self.a2 / 2 * bowl - self.y[k]) / self.n


def _dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0))


def _norm(a: Sequence[arb]) -> arb:
    return _dot(a, a).sqrt()


def _at_most(left: arb, right: arb, what: str) -> Fact:
    return Fact(True if left <= right else False if left > right else None, what)


def _pairs(problem: DiagonalProblem, salt: str) -> Iterator[tuple[DataFlow, list[arb], list[arb]]]:
    flow, rng = DataFlow(problem), seeded(problem, salt)
    for _ in range(_POINTS):
        a, b = flow.point(rng), flow.point(rng)
        if any(x != y for x, y in zip(a, b, strict=True)):
            yield flow, a, b


def _dual_convex(problem: DiagonalProblem, sign: int) -> Iterator[Fact]:
    with workprec(_BITS):
        for flow, a, b in _pairs(problem, "dual-convex-flow"):
            speed = flow.velocity(a)
            for k in range(0, flow.n, 1 + flow.n // 40):
                slope = sign * flow.slope(a, k)
                yield Fact(speed[k].overlaps(-slope), f"w' = {speed[k].str(8)}, −∇Φ = {(-slope).str(8)}")
            if all(x.overlaps(y) for x, y in zip(flow.dual(a), flow.dual(b), strict=True)):
                continue  # Φ is affine along the kernel of Xᵀ: nothing to decide there
            middle = [(x + y) / 2 for x, y in zip(a, b, strict=True)]
            mean = (flow.potential(a) + flow.potential(b)) / 2
            yield _at_most(flow.potential(middle), mean, "Φ lies above a chord at its midpoint")


def dual_convex_flow(problem: DiagonalProblem) -> Iterator[Fact]:
    """w' against −∇Φ_α, and Φ_α against its chords, at random points."""
    return _dual_convex(problem, 1)


def dual_ascent(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: w' = +∇Φ_α(w)."""
    return _dual_convex(problem, -1)


def contraction(problem: DiagonalProblem) -> Iterator[Fact]:
    """The rate of ‖w₁ − w₂‖² at random pairs of points."""
    with workprec(_BITS):
        for flow, a, b in _pairs(problem, "contraction"):
            apart = [x - y for x, y in zip(a, b, strict=True)]
            if all(z.contains(0) for z in flow.dual(apart)):
                continue  # the two have the same β, and their distance stays
            pull = _dot(apart, [x - y for x, y in zip(flow.velocity(a), flow.velocity(b), strict=True)])
            yield _at_most(pull, arb(0), f"½‖w₁ − w₂‖² grows at rate {pull.str(8)}")


def contraction_of_z(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the dual variable itself contracts in the Euclidean norm."""
    with workprec(_BITS):
        for flow, a, b in _pairs(problem, "contraction"):
            z = [x - y for x, y in zip(flow.dual(a), flow.dual(b), strict=True)]
            if all(x.contains(0) for x in z):
                continue
            rate = flow.dual([x - y for x, y in zip(flow.velocity(a), flow.velocity(b), strict=True)])
            pull = _dot(z, rate)
            yield _at_most(pull, arb(0), f"½‖z₁ − z₂‖² grows at rate {pull.str(8)}")


def _a_posteriori(problem: DiagonalProblem, factor: fmpq) -> Iterator[Fact]:
    """Pointwise: the distance to a curve with velocity v̂ grows no faster than its defect."""
    with workprec(_BITS):
        rng = seeded(problem, "a-posteriori-bound velocity")
        for flow, w, curve in _pairs(problem, "a-posteriori-bound"):
            apart = [x - y for x, y in zip(w, curve, strict=True)]
            for velocity in ([arb(0)] * flow.n, [arb(random_rational(rng)) for _ in range(flow.n)]):
                defect = [x - y for x, y in zip(velocity, flow.velocity(curve), strict=True)]
                speed = [x - y for x, y in zip(flow.velocity(w), velocity, strict=True)]
                growth = _dot(apart, speed) / _norm(apart)
                allowed = arb(factor) * _norm(defect)
                if growth.overlaps(allowed):
                    continue  # equality, which happens for n = 1
                yield _at_most(
                    growth, allowed, f"‖w − ŵ‖ grows at {growth.str(8)}, the defect is {allowed.str(8)}"
                )


def a_posteriori_bound(problem: DiagonalProblem) -> Iterator[Fact]:
    """The rate of ‖w − ŵ‖ against the defect at random pairs of points."""
    return _a_posteriori(problem, fmpq(1))


def tenth_of_the_defect(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: a tenth of the defect is enough."""
    return _a_posteriori(problem, fmpq(1, 10))


CHECKS = (
    Check(
        "balancedness",
        Kind.EXACT,
        "the rate of u² − v² at random rational points, from values of F alone",
        balancedness,
        sum_conserved,
        "u² + v² is conserved",
        "any",
    ),
    Check(
        "lotka-volterra",
        Kind.EXACT,
        "p' and q' at random rational points, from values of F alone",
        lotka_volterra,
        half_speed,
        "p' = −p ⊙ ∇L(β)",
        "any",
    ),
    Check(
        "mirror-flow",
        Kind.BALL,
        "the rate of ∇φ_α(β) along the flow, φ_α as a power series in balls",
        mirror_flow,
        mirror_twice,
        "∇φ_α(β) moves at −2∇L(β)",
        "any",
    ),
    Check(
        "potential-limit",
        Kind.BALL,
        "0 ≤ φ_α(b) − ln(1/α)|b| − ½|b|(ln 2|b| − 1) ≤ α² at α = 1e-5, 1e-50, 1e-500",
        potential_limit,
        potential_half,
        "φ_α/ln(1/α) tends to ½‖·‖₁",
        "any",
    ),
    Check(
        "dual-convex-flow",
        Kind.BALL,
        "w' against −∇Φ_α, and Φ_α against its chords, at random points",
        dual_convex_flow,
        dual_ascent,
        "w' = +∇Φ_α(w)",
        "any",
    ),
    Check(
        "contraction",
        Kind.BALL,
        "the rate of ‖w₁ − w₂‖² at random pairs of points",
        contraction,
        contraction_of_z,
        "z = Xᵀw contracts in the Euclidean norm",
        "any",
        witness=(((-3, 1), (-2, 3)), (1, 1)),
    ),
    Check(
        "a-posteriori-bound",
        Kind.BALL,
        "the rate of ‖w − ŵ‖ against the defect at random pairs of points",
        a_posteriori_bound,
        tenth_of_the_defect,
        "a tenth of the defect is enough",
        "any",
    ),
)
