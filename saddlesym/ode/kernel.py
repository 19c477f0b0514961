"""The Taylor kernel: power series of a field's exponentials in fixed point.

Along x' = b + Σ_j A_j e_j with e_j = exp(ℓ_j(x) + c_j) the exponentials obey a
closed Lotka–Volterra system, e_j' = e_j·(κ_j + Σ_i K_ji e_i), κ = ℓ(b) and
K_ji = ℓ_j(A_i).  Its power series needs one convolution per exponential and
order.  Only exponentials that matter within a step are carried; the others are
enclosed.  Numbers are FLINT integers over 2^bits: the unknowns of the normal
form are logarithms, so an absolute error in them is a relative error of the
exponentials, and fixed point loses nothing, however small these are.

The series is a guess that nothing has to trust: the defect of the piecewise
polynomial made from it is enclosed afterwards (:mod:`saddlesym.ode.defect`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from operator import mul

from flint import arb, fmpq, fmpq_mat, fmpz, fmpz_mat

from saddlesym.exact.linear.rational import common_denominator
from saddlesym.exact.precision import workprec
from saddlesym.memory import require_memory
from saddlesym.ode.convolution import OnlineProduct
from saddlesym.ode.field import Field


@dataclass(frozen=True, slots=True)
class Expansion:
    """Power series in τ of the active exponentials, time = start + 2^scale · τ.

    Attributes:
        active: indices of the terms carried.
        scale: r, the time unit is 2^r.
        values: coefficients of the exponentials, over 2^bits.
        rates: coefficients of the logarithmic derivatives in τ, over 2^bits.
        exponents: enclosures of ℓ_j(x) + c_j at the start, for all terms.
    """

    active: tuple[int, ...]
    scale: int
    values: list[list[fmpz]]
    rates: list[list[fmpz]]
    exponents: list[arb]


class Kernel:
    """A field prepared for one precision and one order.

    Args:
        field: the vector field.
        bits: fixed-point bits of unknowns and series.
        order: number of coefficients of the series of the exponentials.
    """

    def __init__(self, field: Field, bits: int, order: int) -> None:
        self.field, self.bits, self.order = field, bits, order
        self.terms = len(field.terms)
        self.dimension = field.dimension
        columns = fmpq_mat(self.dimension, self.terms, _transposed([t.coefficients for t in field.terms]))
        # the coupling of all pairs of terms, as rationals, as Python's numbers and as balls
        require_memory(200 * self.terms**2, f"a flow of {self.terms} exponentials")
        forms = fmpq_mat(self.terms, self.dimension, [q for t in field.terms for q in t.form])
        constant = fmpq_mat(self.dimension, 1, list(field.constant))
        coupling, growth = forms * columns, forms * constant
        self.coupling = [[coupling[i, j] for j in range(self.terms)] for i in range(self.terms)]
        self.growth = [growth[i, 0] for i in range(self.terms)]
        self._columns = _over_common(list(zip(*columns.tolist(), strict=True)) if self.terms else [])
        self._rows = _over_common([t.form for t in field.terms])
        self._constant = _over_common([field.constant])[0]
        with workprec(bits + 64):
            self._offsets = [t.offset() for t in field.terms]
            self._coupling_balls = [[arb(q) for q in row] for row in self.coupling]
            self._growth_balls = [arb(q) for q in self.growth]
        self._scaled: dict[int, tuple[list[list[fmpz]], list[fmpz]]] = {}
        #: velocities and rates of straight lines, by the terms that span what stands still
        self.lines: dict[tuple[int, ...], tuple[list[fmpq], list[fmpq]] | None] = {}

    def real(self, value: fmpz) -> arb:
        """A fixed-point number as an exact ball."""
        return arb((value, -self.bits))

    def fixed(self, value: arb) -> fmpz:
        """The midpoint of a ball in fixed point, rounded down."""
        mantissa, exponent = value.mid().man_exp()
        shift = int(exponent) + self.bits
        if shift >= 0:
            return mantissa << shift
        # nothing beyond the mantissa is shifted out, however small the number
        return mantissa >> min(-shift, int(abs(mantissa).bit_length()) + 1)

    def exponents(self, state: Sequence[fmpz]) -> list[arb]:
        """Enclosures of ℓ_j(x) + c_j for all terms."""
        out = []
        for (indices, numerators, denominator), offset in zip(self._rows, self._offsets, strict=True):
            total = arb(
                (sum((state[i] * p for i, p in zip(indices, numerators, strict=True)), fmpz(0)), -self.bits)
            )
            out.append((total if denominator == 1 else total / denominator) + offset)
        return out

    def _scaled_rates(self, scale: int) -> tuple[list[list[fmpz]], list[fmpz]]:
        """2^scale·K and 2^scale·κ in fixed point, rounded down."""
        if scale not in self._scaled:
            shift = self.bits + scale
            table = [[_floor(q, shift) for q in row] for row in self.coupling]
            self._scaled[scale] = table, [_floor(q, shift) for q in self.growth]
        return self._scaled[scale]

    def start_rates(self, values: dict[int, arb]) -> list[arb]:
        """ℓ_j(x') at a point, for all terms, from the exponentials that matter there."""
        indices, column = list(values), list(values.values())
        return [
            sum(map(mul, [row[i] for i in indices], column), start)
            for row, start in zip(self._coupling_balls, self._growth_balls, strict=True)
        ]

    def expand(self, exponents: list[arb], active: tuple[int, ...], scale: int) -> Expansion:
        """The power series of the active exponentials, the others taken as zero."""
        table, growth = self._scaled_rates(scale)
        k = len(active)
        coupling = fmpz_mat(k, k, [table[j][i] for j in active for i in active])
        bits = self.bits
        values = [[self.fixed(exponents[j].exp())] for j in active]
        rates: list[list[fmpz]] = [[] for _ in active]
        products = [OnlineProduct(rate, e, self.order) for rate, e in zip(rates, values, strict=True)]
        for m in range(self.order):
            pushes = (coupling * fmpz_mat(k, 1, [e[m] for e in values])).entries()
            for rate, push, j in zip(rates, pushes, active, strict=True):
                rate.append((push >> bits) + growth[j] if m == 0 else push >> bits)
            if m + 1 < self.order:
                for e, product in zip(values, products, strict=True):
                    e.append((product.coefficient(m) >> bits) // (m + 1))
        return Expansion(active, scale, values, rates, exponents)

    def longest(self, series: Expansion, tolerance_bits: float) -> float:
        """The τ at which the first terms left out reach the tolerance, estimated."""
        n, best = self.order - 1, 8.0
        for e, j in zip(series.values, series.active, strict=True):
            weight = log2(float(self.field.measure.terms[j]) + 1e-300) + series.scale
            for m in (n, n - 1):
                if e[m] != 0:
                    size = int(abs(e[m]).bit_length()) - self.bits
                    best = min(best, 2.0 ** min(3.0, (-tolerance_bits - size - weight) / (m + 1)))
        return best

    def advance(self, state: Sequence[fmpz], series: Expansion, step: fmpz) -> list[fmpz]:
        """The state after a step of this length, rounded."""
        bits, guard, r = self.bits, 16, series.scale
        powers, power = [], fmpz(1) << (bits + guard)
        theta, down = _odd(step, bits + r)
        for m in range(self.order):
            power = (power * theta) >> down
            powers.append(power // (m + 1))
        new = list(state)
        indices, numerators, denominator = self._constant
        for i, p in zip(indices, numerators, strict=True):
            new[i] += (step * p) // denominator
        for j, e in zip(series.active, series.values, strict=True):
            integral = sum(map(mul, powers, e)) >> (bits + guard)
            indices, numerators, denominator = self._columns[j]
            for i, p in zip(indices, numerators, strict=True):
                product = integral * p
                new[i] += (product << r if r >= 0 else product >> -r) // denominator
        return new


def _odd(numerator: fmpz, shift: int) -> tuple[fmpz, int]:
    """``numerator / 2^shift`` with as many factors 2 as possible taken off the numerator."""
    low = numerator & -numerator
    twos = min(int(low.bit_length()) - 1, shift) if numerator else 0
    return numerator >> twos, shift - twos


def _floor(value: fmpq, shift: int) -> fmpz:
    return (value.p << shift) // value.q if shift >= 0 else value.p // (value.q << -shift)


def _transposed(vectors: Sequence[Sequence[fmpq]]) -> list[fmpq]:
    return [q for row in zip(*vectors, strict=True) for q in row] if vectors else []


def _over_common(vectors: Sequence[Sequence[fmpq]]) -> list[tuple[list[int], list[fmpz], fmpz]]:
    """Every vector as (indices, numerators, denominator) of its non-zero entries."""
    out = []
    for vector in vectors:
        entries = [(i, q) for i, q in enumerate(vector) if q != 0]
        denominator = common_denominator(q for _, q in entries)
        out.append(([i for i, _ in entries], [q.p * (denominator // q.q) for _, q in entries], denominator))
    return out
