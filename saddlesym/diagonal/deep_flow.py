"""The training flow of a diagonal network of depth D ≥ 3 at finite initialisation scale α.

β = a^D − b^D with all entries of a and b starting at α.  In the accelerated time
t = D(D−2)α^{D−2}·T the dual variable ζ obeys ζ' = −∇L(β), ζ(0) = 0, with

    β_i = ((1 − ζ_i)/ε)^(−γ) − ((1 + ζ_i)/ε)^(−γ),   ε = α^{D−2}, γ = D/(D−2).

β_i increases with ζ_i, so that the flow is a convex gradient flow as at depth two and
the distance of a curve from it is at most the integral of the defect.  A coordinate
that sleeps is felt like a power of its distance, not exponentially little: no straight
line is good enough for a dwell.  The slow flow along a dwell is smooth though, however
stiff, and implicit polynomial steps follow it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, log2, log10
from typing import Any

from flint import arb, arb_poly, arb_series, ctx, fmpq

from saddlesym.diagonal.dual_form import DualForm
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, BudgetError, PrecisionError, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.ode.collocation import collocation

MAX_DEPTH, MAX_DIGITS = 20, 200
#: ε = α^(D−2) has to be told apart from 1, so its digits are carried along.
MAX_LOST_DIGITS = 200
_GUARD = 5
#: Parts of a step on which its defect is expanded.
_PARTS = 6


@dataclass(frozen=True)
class DeepStep:
    """One polynomial piece: ``x(start + length·τ) = Σ coefficients·τ^m``.

    Attributes:
        start: accelerated time at its start.
        length: its duration.
        polynomials: x (k), exact polynomials in τ.
        error: proved bound of the distance to the solution on this piece.
    """

    start: fmpq
    length: fmpq
    polynomials: tuple[arb_poly, ...] = field(repr=False)
    error: arb


@dataclass(frozen=True)
class DeepFlow:
    """A training flow at depth D ≥ 3 with proved enclosures.

    Attributes:
        problem: the problem it belongs to.
        depth: D.
        scale: α.
        digits: every reported number is within 10^-digits·(1 + |number|).
        t_end: last accelerated time.
        steps: polynomial pieces in order of time.
    """

    problem: DiagonalProblem
    depth: int
    scale: InitialScale
    digits: int
    t_end: Any
    steps: tuple[DeepStep, ...] = field(repr=False)
    law: _DeepLaw = field(repr=False)

    @property
    def certified(self) -> bool:
        """True: every radius is proved."""
        return True

    def _dual(self, t: Any) -> list[arb]:
        exact = _accelerated(t)
        if exact > to_fmpq(self.t_end):
            raise BadInputError(f"time {shown(t)} lies beyond the computed flow", needed=f"t <= {self.t_end}")
        step = self.steps[bisect_right([s.start for s in self.steps], exact) - 1]
        part = arb((exact - step.start) / step.length)
        state = [p(part) for p in step.polynomials]
        return self.law.form.enclosed_dual(state, step.error)

    def _checked(self, values: Sequence[arb]) -> tuple[Ball, ...]:
        limit = arb(10) ** -self.digits
        for value in values:
            if not value.rad() < limit * (1 + abs(value.mid())):
                raise PrecisionError(
                    f"{self.digits} digits were asked for and {Ball(value).digits} are proved",
                    needed="more working digits",
                    hint=f"digits={2 * self.digits}",
                )
        return tuple(map(Ball, values))

    def dual(self, t: Any) -> tuple[Ball, ...]:
        """ζ (d) at accelerated time t."""
        with ctx.workprec(self.law.bits):
            return self._checked(self._dual(t))

    def beta(self, t: Any) -> tuple[Ball, ...]:
        """β (d) at accelerated time t."""
        with ctx.workprec(self.law.bits):
            return self._checked(self.law.beta(self._dual(t)))

    @property
    def final_beta(self) -> tuple[Ball, ...]:
        """β (d) at the end."""
        return self.beta(self.t_end)


class _DeepLaw:
    """ζ ↦ β at one depth and scale, its derivative, its power series, and proved defects."""

    def __init__(self, problem: DiagonalProblem, depth: int, scale: InitialScale, bits: int) -> None:
        self.form = DualForm.of(problem, scale, (fmpq(1),) * problem.d)
        self.gamma, self.bits = arb(fmpq(depth, depth - 2)), bits
        self.constant = [arb(q) for q in self.form.field.constant]
        pushes = [term.coefficients for term in self.form.field.terms[::2]]
        self.pushes = [[2 * arb(q) for q in push] for push in pushes]
        self.forms = [[arb(q) for q in column] for column in zip(*self.form.frame, strict=True)]
        self.basis = self.form.field.measure.basis
        self.enlarge = ((depth - 2) * scale.log_inverse()).exp()  # 1/ε

    def beta(self, zeta: Sequence[Any]) -> list[Any]:
        """β (d); ``zeta`` may be numbers or power series."""
        up, gamma = self.enlarge, -self.gamma
        return [((1 - z) * up) ** gamma - ((1 + z) * up) ** gamma for z in zeta]

    def slopes(self, state: Sequence[arb]) -> tuple[list[arb], list[list[arb]]] | None:
        """x' and its Jacobian; None where some |ζ_i| reaches 1."""
        zeta = self.form.dual(list(state))
        if not all(abs(z) < 1 for z in zeta):
            return None
        value, k = list(self.constant), len(state)
        slope = [[arb(0)] * k for _ in range(k)]
        for z, push, row in zip(zeta, self.pushes, self.forms, strict=True):
            above, below = 1 / ((1 - z) * self.enlarge), 1 / ((1 + z) * self.enlarge)
            p, q = above**self.gamma, below**self.gamma
            steep = self.gamma * self.enlarge * (p * above + q * below)
            for a in range(k):
                value[a] += push[a] * (p - q)
                for b in range(k):
                    slope[a][b] += push[a] * row[b] * steep
        return value, slope

    def defect(self, polynomials: Sequence[arb_poly], length: arb) -> arb:
        """A proved bound for ∫‖x̂' − f(x̂)‖ over a step: Taylor's formula on parts of it."""
        order, total = max(p.degree() for p in polynomials) + 4, arb(0)
        radius = arb(1) / (2 * _PARTS)
        for part in range(_PARTS):
            centre = (2 * part + 1) * radius
            known = self._residue(polynomials, length, centre, order)
            # its last coefficient on the whole part bounds Lagrange's remainder
            rest = self._residue(polynomials, length, centre + arb(0, radius), order + 1)
            for norm, series, wide in zip(self.basis, known, rest, strict=True):
                size = abs(wide[order]) * radius**order
                for m in range(order):
                    size += abs(series[m]) * radius**m
                total += norm * size
        return (total * length / _PARTS).upper()

    def _residue(
        self, polynomials: Sequence[arb_poly], length: arb, point: arb, order: int
    ) -> list[arb_series]:
        """Power series of x̂' − f(x̂) about a point (or ball) of a step."""
        shift = arb_poly([point, 1])
        moved = [p(shift) for p in polynomials]
        with _SeriesLength(order):
            state = [arb_series(list(p.coeffs()), order) for p in moved]
            zeta = self.form.dual(state)  # type: ignore[arg-type]
            out = [
                arb_series(list((p.derivative()).coeffs()), order) / length - c
                for p, c in zip(moved, self.constant, strict=True)
            ]
            for b, push in zip(self.beta(zeta), self.pushes, strict=True):
                out = [x - w * b for x, w in zip(out, push, strict=True)]
            return out


class _SeriesLength:
    """FLINT's length of power series, for a while."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __enter__(self) -> None:
        self.before, ctx.cap = ctx.cap, self.length

    def __exit__(self, *_: object) -> None:
        ctx.cap = self.before


def deep_flow(
    problem: DiagonalProblem,
    t_end: Any,
    *,
    depth: int = 3,
    alpha: Any = "1e-10",
    digits: int = 10,
    max_steps: int = 5000,
) -> DeepFlow:
    """Gradient flow of a diagonal network of depth D ≥ 3 from scale α, certified.

    Args:
        problem: the data.
        t_end: last accelerated time ``t = D(D−2)α^{D−2}·T``.
        depth: D, 3 ≤ D ≤ 20.
        alpha: α with ``(D−2)·log₁₀(1/α) ≤ 200``; all weights start there.  The number of
            steps grows in proportion to that number.
        digits: every reported number is within 10^-digits·(1 + |number|).
        max_steps: give up after this many steps.

    Raises:
        BadInputError: depth, α, digits or t_end out of range.
        PrecisionError: the digits could not be proved.
        BudgetError: more than ``max_steps`` steps.

    Source: the statement ``depth-universality``; enclosures from the a-posteriori bound.

    >>> result = deep_flow(DiagonalProblem([[1]], [2]), 1, alpha="1e-6", digits=8)
    >>> round(float(result.final_beta[0]), 7)
    2.0
    """
    if not isinstance(depth, int) or isinstance(depth, bool) or not 3 <= depth <= MAX_DEPTH:
        raise BadInputError(
            f"depth={shown(depth)}", needed=f"3 <= depth <= {MAX_DEPTH}", hint="flow(...) is depth two"
        )
    if not isinstance(digits, int) or isinstance(digits, bool) or not 5 <= digits <= MAX_DIGITS:
        raise BadInputError(f"digits={shown(digits)}", needed=f"5 <= digits <= {MAX_DIGITS}")
    scale, last = InitialScale.read(alpha), _accelerated(t_end)
    if last == 0:
        raise BadInputError(f"t_end={shown(t_end)}", needed="t_end > 0")
    with ctx.workprec(64):
        lost = float((depth - 2) * scale.log_inverse() / arb(10).log())
        if lost > MAX_LOST_DIGITS:
            raise BadInputError(
                f"alpha={shown(scale.text)} at depth {depth}",
                needed=f"(depth - 2)·log10(1/alpha) <= {MAX_LOST_DIGITS}",
            )
    n = 8 + digits // 2
    bits = ceil((digits + lost + 2 * _GUARD) * log2(10)) + 5 * n + 64
    with ctx.workprec(bits):
        law = _DeepLaw(problem, depth, scale, bits)
        sharp = max(log10(max(float(x) for x in law.form.spread)), 0.0)
        tolerance = arb(10) ** -ceil(digits + lost + _GUARD + sharp)
        steps = _solve(law, last, n, tolerance, max_steps)
        result = DeepFlow(problem, depth, scale, digits, rational(t_end), steps, law)
        result._checked(law.beta(result._dual(last)))
        return result


def _solve(law: _DeepLaw, last: fmpq, n: int, tolerance: arb, max_steps: int) -> tuple[DeepStep, ...]:
    """Polynomial pieces up to the last time, each with a defect below the tolerance."""
    state, time, error = [arb(0)] * len(law.constant), fmpq(0), arb(0)
    length, steps = arb(last) / 64, []
    while time < last:
        for _ in range(400):
            exact = min(_short(length), last - time)
            span = arb(exact)
            rates = collocation(law.slopes, state, span, n, law.bits)
            if rates is None:
                length = span / 3
                continue
            pieces = tuple(
                arb_poly([x, *((span * c / (m + 1)).mid() for m, c in enumerate(row))])
                for x, row in zip(state, rates, strict=True)
            )
            defect = law.defect(pieces, span)
            excess = float((defect / tolerance).log()) if defect.is_finite() and defect > 0 else 40.0
            factor = max(0.2, min(3.0, 0.9 * 2.718281828 ** (-excess / (n + 1))))
            length = span * arb(factor)
            if defect < tolerance:
                break
        else:
            raise BudgetError(
                f"no step satisfies the tolerance at time {float(time):.6g}",
                needed="a flow that is smooth there",
                hint="fewer digits",
            )
        ends = [p(arb(1)) for p in pieces]
        kept = [x.mid() for x in ends]
        # the next piece starts at the midpoints: what is cut off is a jump of x̂
        cut = sum((w * x.rad() for w, x in zip(law.basis, ends, strict=True)), arb(0))
        error = (error + defect).upper()
        steps.append(DeepStep(time, exact, pieces, error))
        state, time, error = kept, time + exact, (error + cut).upper()
        if len(steps) >= max_steps and time < last:
            raise BudgetError(
                f"{max_steps} steps reached only time {float(time):.6g}",
                needed="fewer steps",
                hint="an earlier t_end, fewer digits, or a larger max_steps",
            )
    return tuple(steps)


def _short(value: arb) -> fmpq:
    """A positive number with 30 bits nearby, so that times stay short."""
    mantissa, exponent = value.mid().man_exp()
    excess = max(0, int(mantissa.bit_length()) - 30)
    return fmpq(mantissa >> excess) * fmpq(2) ** (int(exponent) + excess)


def _accelerated(t: Any) -> fmpq:
    time = to_fmpq(rational(t))
    if time < 0:
        raise BadInputError(f"time {shown(t)} is negative", needed="an accelerated time t >= 0")
    return time
