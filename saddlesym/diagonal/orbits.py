"""Heteroclinic orbits: what happens inside a jump, in natural time, as α → 0.

A jump follows β' = −2|β| ⊙ ∇L(β) from a saddle to the next one.  In the
logarithms of |β_i| this is a field of exponentials, so the integrator carries
coefficients that are 10^-100 as well as those of order one.  This module
imports neither the path nor the minimiser: where an orbit ends is found out by
following it.

Source: PF23, section on the jumps and Theorem 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any

from flint import arb, ctx, fmpq

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, PrecisionError, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.scalars import exact_vector, rational, to_fmpq
from saddlesym.exact.vectors import RationalVector
from saddlesym.ode.field import Field, Term
from saddlesym.ode.integrate import integrate
from saddlesym.ode.solution import Solution

_GUARD = 8


@dataclass(frozen=True)
class Orbit:
    """The orbit out of a saddle along some unstable coordinates.

    Its natural time is such that for T → −∞ the coordinate j grows like
    ``amplitude_j · exp(2|∇L_j| T)``.

    Attributes:
        problem: the problem it belongs to.
        start: the saddle it comes from (d), exact.
        directions: the unstable coordinates.
        signs: the sign of every coordinate on the orbit (d), 0 where it is absent.
        digits: digits aimed at; they are not proved.
        closed_form: β(T) as a formula, where there is one, else None.
    """

    problem: DiagonalProblem
    start: RationalVector
    directions: tuple[int, ...]
    signs: tuple[int, ...]
    digits: int
    closed_form: str | None
    _solution: Solution = field(repr=False)
    _origin: arb = field(repr=False)

    @property
    def support(self) -> tuple[int, ...]:
        """Coordinates that are not zero on the orbit."""
        return tuple(i for i, sign in enumerate(self.signs) if sign != 0)

    @property
    def _bits(self) -> int:
        return self._solution.kernel.bits + 64

    @property
    def span(self) -> tuple[float, float]:
        """Natural times between which the orbit is seen to move, to its digits."""
        start = float(self._origin)
        return start, start + float(self._solution.end_time)

    def _coefficients(self, logs: Sequence[arb]) -> list[arb]:
        beta = [arb(0)] * self.problem.d
        for i, x in zip(self.support, logs, strict=True):
            beta[i] = self.signs[i] * x.exp()
        return beta

    def beta(self, T: Any) -> tuple[Ball, ...]:
        """β (d) at natural time T; the saddle itself before the orbit has left it by 10^-digits."""
        with ctx.workprec(self._bits):
            elapsed = arb(to_fmpq(rational(T))) - self._origin
            if elapsed < 0:
                return tuple(Ball(arb(to_fmpq(b))) for b in self.start)
            if elapsed > self._solution.end_time:
                return self.limit
            return tuple(map(Ball, self._coefficients(self._solution.state(elapsed))))

    @property
    def limit(self) -> tuple[Ball, ...]:
        """β (d) for T → ∞; coefficients below 10^-digits are zero."""
        kernel = self._solution.kernel
        with ctx.workprec(self._bits):
            beta = self._coefficients([kernel.real(x) for x in self._solution.final])
            tiny = arb(10) ** -self.digits
            return tuple(Ball(arb(0) if abs(b) < tiny else b) for b in beta)

    def _speed(self, logs: Sequence[arb]) -> arb:
        """‖β'‖ at a point of the orbit."""
        beta = self._coefficients(logs)
        total = arb(0)
        for i in self.support:
            slope = arb(self._gradient[0][i])
            for j in self.support:
                slope += arb(self._gradient[1][i][j]) * beta[j]
            total += (2 * beta[i] * slope) ** 2
        return total.mid().sqrt()

    @cached_property
    def _gradient(self) -> tuple[list[fmpq], list[list[fmpq]]]:
        M = [[to_fmpq(q) for q in row] for row in self.problem.M]
        return [-to_fmpq(q) for q in self.problem.r], M

    def arc_length(self, T: Any = None) -> Ball:
        """Length of the orbit in β up to natural time T (default: all of it).

        The radius estimates the error of the quadrature and of the ends left out.

        Raises:
            PrecisionError: the quadrature does not settle to the digits.
        """
        with ctx.workprec(self._bits):
            last = None if T is None else arb(to_fmpq(rational(T))) - self._origin
            if self.closed_form is not None and last is None:
                (i,) = self.support
                return Ball(abs(self.limit[i].arb))
            nodes = max(8, self.digits // 2)
            before = self._quadrature(nodes, last)
            for _ in range(5):
                nodes += nodes // 2
                length = self._quadrature(nodes, last)
                gap = abs(length.mid() - before.mid())
                if gap < arb(10) ** -self.digits * (1 + length):
                    tail = arb(10) ** (-self.digits - 2)
                    return Ball(length.mid() + arb(0, gap + tail))
                before = length
        raise PrecisionError(
            f"the arc length does not settle to {self.digits} digits",
            needed="a smoother orbit",
            hint="fewer digits",
        )

    def _quadrature(self, nodes: int, last: arb | None) -> arb:
        """∫‖β'‖ dT by Gauss and Legendre's rule on every step."""
        rule = [arb.legendre_p_root(nodes, k, weight=True) for k in range(nodes)]
        kernel, total = self._solution.kernel, arb(0)
        for index, step in enumerate(self._solution.steps):
            if step.kind == "leap":
                continue  # β stands still
            start, length = kernel.real(step.start), kernel.real(step.length)
            if last is not None:
                if not start < last:
                    break
                if start + length > last:
                    length = last - start
            for node, weight in rule:
                time = start + length * (1 + node.mid()) / 2
                total += weight * length / 2 * self._speed(self._solution.state(time, index))
        return total

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready summary."""
        return {
            "start": self.start.strings(),
            "directions": list(self.directions),
            "signs": list(self.signs),
            "digits": self.digits,
            "limit": [b.to_dict() for b in self.limit],
            "arc_length": self.arc_length().to_dict(),
            "closed_form": self.closed_form,
        }


def heteroclinic_orbit(
    problem: DiagonalProblem,
    saddle: Sequence[Any],
    directions: Sequence[int],
    *,
    amplitudes: Sequence[Any] | None = None,
    digits: int = 30,
    max_steps: int = 50_000,
) -> Orbit:
    """The orbit that leaves a saddle along given unstable coordinates.

    Args:
        problem: the data.
        saddle: β (d), exact: ∇L vanishes on its support.
        directions: coordinates off the support with ∇L ≠ 0.
        amplitudes: positive, one per direction: β_j ~ amplitude·exp(2|∇L_j|T) for
            T → −∞; default 1.  One direction: it only shifts time.
        digits: digits aimed at.
        max_steps: give up after this many steps.

    Raises:
        BadInputError: not a saddle, or not unstable directions.
        BudgetError: the orbit does not come to rest (a coefficient falls like 1/T).

    Source: PF23, Theorem 3; the ordinary differential equation of the statement
    ``heteroclinic-arcs``.

    >>> problem = DiagonalProblem([[1]], [3])
    >>> orbit = heteroclinic_orbit(problem, [0], [0], digits=20)
    >>> orbit.closed_form, float(orbit.arc_length())
    ('β(T) = 3/(1 + 3·exp(−6·T))', 3.0)
    """
    beta = RationalVector.of(exact_vector(saddle, "saddle"))
    gradient = problem.gradient(beta)
    support = beta.support()
    for i in support:
        if gradient[i] != 0:
            raise BadInputError(
                f"beta is no saddle: its gradient does not vanish at coordinate {i}",
                needed="a minimiser of L on its support",
            )
    chosen = tuple(dict.fromkeys(directions))
    if not chosen or any(not 0 <= j < problem.d or j in support or gradient[j] == 0 for j in chosen):
        raise BadInputError(
            f"directions {shown(list(directions))}",
            needed="coordinates off the support with a gradient that is not zero",
        )
    if not 5 <= digits <= 2000:
        raise BadInputError(f"digits={digits}", needed="5 <= digits <= 2000")
    weights = [fmpq(1)] * len(chosen) if amplitudes is None else exact_vector(amplitudes, "amplitudes")
    if len(weights) != len(chosen) or min(weights) <= 0:
        raise BadInputError(f"{len(weights)} amplitudes", needed=f"{len(chosen)} positive numbers")
    signs = list(beta.signs())
    for j in chosen:
        signs[j] = -1 if gradient[j] > 0 else 1
    working = digits + _GUARD
    with ctx.workprec(ceil(working * 4) + 128):
        # so early that the coordinates are 10^-working of what they will be
        slowest = min(abs(to_fmpq(gradient[j])) for j in chosen)
        origin = -(arb(10).log() * working + 1) / (2 * slowest)
        start = {i: arb(abs(to_fmpq(beta[i]))).log() for i in support}
        for j, w in zip(chosen, weights, strict=True):
            start[j] = arb(w).log() + 2 * abs(to_fmpq(gradient[j])) * origin
        present = [i for i in range(problem.d) if signs[i] != 0]
        solution = integrate(
            _logarithmic(problem, signs, present),
            [start[i] for i in present],
            digits=working,
            max_steps=max_steps,
        )
    formula = _closed_form(problem, present, signs, weights)
    return Orbit(problem, beta, chosen, tuple(signs), digits, formula, solution, origin.mid())


def _logarithmic(problem: DiagonalProblem, signs: Sequence[int], present: Sequence[int]) -> Field:
    """ξ_i' = −2 s_i ∇L(β)_i for ξ_i = ln|β_i| and β_j = s_j exp(ξ_j)."""
    M, r = problem.M, problem.r
    constant = tuple(to_fmpq(2 * signs[i] * r[i]) for i in present)
    terms = tuple(
        Term(
            tuple(to_fmpq(-2 * signs[i] * signs[j] * M[i][j]) for i in present),
            tuple(fmpq(int(i == j)) for i in present),
        )
        for j in present
    )
    return Field(constant, terms)


def _closed_form(
    problem: DiagonalProblem, present: Sequence[int], signs: Sequence[int], weights: Sequence[fmpq]
) -> str | None:
    """The logistic curve, where a single coordinate moves out of zero."""
    if len(present) != 1:
        return None
    (i,) = present
    c: Fraction = problem.r[i] / problem.M[i][i]
    ratio = to_fmpq(abs(c)) / weights[0]
    return f"β(T) = {c}/(1 + {ratio}·exp(−{2 * abs(problem.r[i])}·T))"
