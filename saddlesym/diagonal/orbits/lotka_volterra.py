"""The field inside a jump, ``β' = −2|β| ⊙ ∇L(β)``, in units in which its orbits are of order one.

In a fixed orthant, with ``β_i = s_i c_i x_i``, c_i > 0, and natural time ``T = θ/ρ``, it is the
Lotka–Volterra system ``dx/dθ = x ∘ (κ + Ax)``.  The units c_i and ρ are powers of two read off
the data, so that another unit of y or of a column changes nothing but the units.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import ceil

from flint import arb, fmpq, fmpq_mat

from saddlesym.diagonal.orbits.power_curve import (
    PowerCurve,
    departure_direction,
    power_curve,
    slowest_direction,
)
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BudgetError, PrecisionError
from saddlesym.exact.scalars import order_of_two, to_fmpq
from saddlesym.ode.field import Field, Term
from saddlesym.ode.integrate import integrate
from saddlesym.ode.solution import Solution

#: Most of |ln x| at the start of an orbit, some 10^5 bits; beyond, the steps take longer and longer.
_DEEPEST = 70_000
#: Steps of a piece, about, between two looks whether a curve takes over.
_PIECE = 60


class LotkaVolterra:
    """``dx/dθ = x ∘ (κ + Ax)`` for the coordinates that are present on an orbit.

    Args:
        problem: the data.
        signs: of every coordinate on the orbit (d), 0 where it is absent.
        digits: working digits.
    """

    def __init__(self, problem: DiagonalProblem, signs: Sequence[int], digits: int) -> None:
        self.digits = digits
        self.bits = ceil(4 * digits) + 128
        self.present = [i for i in range(problem.d) if signs[i] != 0]
        r = [to_fmpq(problem.r[i]) * signs[i] for i in self.present]
        M = [[to_fmpq(problem.M[i][j]) * signs[i] * signs[j] for j in self.present] for i in self.present]
        # |r_i|/√M_ii is at most the size of the data, and c_i that over √M_ii the size of β_i
        size = max(order_of_two(q * q / M[i][i]) for i, q in enumerate(r) if q != 0)
        #: c_i of the present coordinates
        self.units = [_power_of_two((size - order_of_two(M[i][i])) // 2) for i in range(len(r))]
        #: ρ, units of θ per unit of natural time
        self.speed = _power_of_two(max(order_of_two(q) for q in r if q != 0) + 1)
        self.kappa = [2 * q / self.speed for q in r]
        self.matrix = [[-2 * m * c / self.speed for m, c in zip(row, self.units, strict=True)] for row in M]

    @cached_property
    def field(self) -> Field:
        """The field of ξ = ln x."""
        size = range(len(self.kappa))
        return Field(
            tuple(self.kappa),
            tuple(
                Term(tuple(self.matrix[i][j] for i in size), tuple(fmpq(int(i == j)) for i in size))
                for j in size
            ),
        )

    @cached_property
    def _balls(self) -> tuple[list[arb], list[list[arb]]]:
        return [arb(q) for q in self.kappa], [[arb(q) for q in row] for row in self.matrix]

    def rates(self, x: Sequence[arb]) -> list[arb]:
        """κ + Ax, the logarithmic derivatives in θ."""
        kappa, matrix = self._balls
        return [
            sum((a * b for a, b in zip(row, x, strict=True)), k) for k, row in zip(kappa, matrix, strict=True)
        ]

    def length(self, vector: Sequence[arb]) -> arb:
        """The length in β of a vector in the units of x."""
        scaled = [arb(c) * v for c, v in zip(self.units, vector, strict=True)]
        return sum((x * x for x in scaled), arb(0)).mid().sqrt()

    def speed_at(self, x: Sequence[arb]) -> arb:
        """‖dβ/dθ‖ at a point."""
        return self.length([a * b for a, b in zip(x, self.rates(x), strict=True)])

    @property
    def _order(self) -> int:
        return ceil(1.3 * self.digits)

    def departure(self, rest: Sequence[fmpq], entering: int, amount: arb) -> PowerCurve | None:
        """The curve along which one present coordinate leaves an equilibrium; y ~ amount·exp(λθ)."""
        point = [arb(q) for q in rest]
        found = departure_direction(*self._balls, point, entering, amount)
        if found is None:
            return None
        return power_curve(*self._balls, point, *found, self._order, arb(10) ** -self.digits)

    def arrival(self, x: Sequence[arb]) -> tuple[PowerCurve, arb] | None:
        """The curve on which a point creeps into an attractor, and its place y there; or None.

        The attractor is looked for next to the point only: its coordinates that vanish
        are those that fall fastest.
        """
        rates = self.rates(x)
        falling = sorted(range(len(x)), key=lambda i: float(rates[i]))
        tolerance = arb(10) ** (4 - self.digits)
        for leaving in range(len(x)):
            rest = self._equilibrium(sorted(falling[leaving:]))
            if rest is None or not all(abs(a - b) < a / 2 for a, b in zip(rest, x, strict=True) if a != 0):
                continue
            found = slowest_direction(*self._balls, rest)
            if found is None:
                continue
            curve = power_curve(*self._balls, rest, *found, self._order, arb(10) ** -self.digits)
            y = None if curve is None else curve.locate(x, tolerance)
            if curve is not None and y is not None:
                return curve, y
        return None

    def _equilibrium(self, active: Sequence[int]) -> list[arb] | None:
        """x with ``κ + Ax = 0`` on the active coordinates and 0 elsewhere, if it is unique and positive."""
        k = len(active)
        table = fmpq_mat(k, k, [self.matrix[i][j] for i in active for j in active])
        if table.rank() < k:
            return None
        found = table.solve(fmpq_mat(k, 1, [-self.kappa[i] for i in active])).entries()
        if min(found) <= 0:
            return None
        rest = [arb(0)] * len(self.kappa)
        for i, value in zip(active, found, strict=True):
            rest[i] = arb(value).mid()
        return rest

    def _rests(self, x: Sequence[arb], still: arb) -> bool:
        """Whether nothing moves, nor is about to grow."""
        rates = self.rates(x)
        small = still.sqrt()
        # what is small and grows, however slowly, comes back; of the others the rate is near zero
        if any(
            rate > (10**4 * still if entry < small else small) for entry, rate in zip(x, rates, strict=True)
        ):
            return False
        return all(abs(entry * rate) < still for entry, rate in zip(x, rates, strict=True))

    def _integrated(self, start: Sequence[arb], length: fmpq, max_steps: int) -> Solution:
        """A piece of the orbit in ξ; its defect is not proved, since the error of an orbit is not either."""
        try:
            if not all(entry.is_finite() for entry in start):
                raise OverflowError
            return integrate(
                self.field, start, length, digits=self.digits, certify=False, max_steps=max_steps
            )
        except OverflowError:  # fixed-point numbers do not hold one time scale beside the other
            raise _too_far_apart() from None

    def follow(
        self, x: Sequence[arb], max_steps: int
    ) -> tuple[list[Solution], tuple[PowerCurve, arb] | None]:
        """The orbit from a point until it rests, or until a curve takes over that creeps into its end.

        Raises:
            BudgetError: neither within so many steps.
            PrecisionError: a coordinate starts at less than exp(−70000): the entering columns'
                rates are too far apart.
        """
        start = [entry.log() for entry in x]
        if not all(abs(entry) < _DEEPEST for entry in start):
            raise _too_far_apart()
        pieces: list[Solution] = []
        length, steps, elapsed, still = fmpq(4), 0, fmpq(0), arb(10) ** -self.digits
        while steps < max_steps:
            most = min(4 * _PIECE, max_steps - steps)
            try:
                piece = self._integrated(start, length, most)
            except BudgetError:
                steps, length = steps + most, length / 8
                continue
            pieces.append(piece)
            steps, elapsed = steps + len(piece), elapsed + length
            start = [piece.kernel.real(entry) for entry in piece.final]
            point = [entry.exp() for entry in start]
            if self._rests(point, still):
                return pieces, None
            arrival = self.arrival(point)
            if arrival is not None:
                return pieces, arrival
            if len(piece) < _PIECE / 2:
                length *= 2
            elif len(piece) > 2 * _PIECE:
                length /= 2
        raise BudgetError(
            f"{max_steps} steps reached only natural time {float(arb(elapsed / self.speed)):.6g}",
            needed="fewer steps",
            hint="fewer digits, or a larger max_steps",
        )


def _too_far_apart() -> PrecisionError:
    return PrecisionError(
        "the orbit has time scales that are too far apart to be followed",
        needed="rates of like size",
        hint="another unit of some columns, or fewer digits",
    )


def _power_of_two(exponent: int) -> fmpq:
    return fmpq(2) ** exponent
