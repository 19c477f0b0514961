"""Proofs for steps and leaps: enclosures of the defect, from the field and the guess alone.

Nothing that the kernel computes is believed.  Given the series ê_j it offers, let
x̂ be the polynomial with x̂' = b + Σ_active A_j ê_j and the given start.  Its defect
is Σ_active A_j (ê_j − e_j) − Σ_others A_j e_j, where e_j = exp(ℓ_j(x̂) + c_j).  With
D = ê' − ê·ℓ(x̂') the quotient obeys (ê/e)' = D/e, hence

    |ê − e| ≤ G·(|ê(0) − e(0)| + ∫|D|),   G a bound for the growth of e,

and D is a polynomial with known coefficients: exact integer arithmetic and a
few balls turn it into a proved bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flint import arb, arb_mat, arb_poly, fmpq, fmpq_mat, fmpz, fmpz_poly

from saddlesym.exact.precision import workprec
from saddlesym.ode.field import Field
from saddlesym.ode.kernel import Expansion

#: Precision of upper bounds: they need to be right, not sharp.
BOUND_BITS = 64


class Certifier:
    """A field prepared for proofs about steps at one precision.

    Args:
        field: the vector field.
        bits: fixed-point bits of the kernel whose steps are judged.
        order: number of coefficients of its series.
    """

    def __init__(self, field: Field, bits: int, order: int) -> None:
        self.field, self.bits, self.order = field, bits, order
        self.norm = field.measure
        terms = field.terms
        columns = [list(t.coefficients) for t in terms]
        self._coupling = [[_pairing(t.form, a) for a in columns] for t in terms]
        self._growth = [_pairing(t.form, field.constant) for t in terms]
        with workprec(bits + 64):
            self._forms = arb_mat(len(terms), field.dimension, [arb(q) for t in terms for q in t.form])
            self._offsets = [t.offset() for t in terms]
            self._columns = [[(i, arb(q)) for i, q in enumerate(a) if q != 0] for a in columns]
            self._constant = [arb(q) for q in field.constant]
        with workprec(BOUND_BITS):
            self._coupling_balls = [[arb(q) for q in row] for row in self._coupling]
            self._coupling_size = [[abs(q).upper() for q in row] for row in self._coupling_balls]
            self._growth_balls = [arb(q) for q in self._growth]
        self._shifted: dict[int, tuple[list[list[fmpz]], list[fmpz]]] = {}

    def _real(self, value: fmpz) -> arb:
        return arb((value, -self.bits))

    def _rates(self, scale: int) -> tuple[list[list[fmpz]], list[fmpz]]:
        """2^scale·K and 2^scale·κ over 2^bits, each rounded by less than one unit."""
        if scale not in self._shifted:
            factor = fmpq(2) ** (self.bits + scale)
            table = [[fmpz((q * factor).floor()) for q in row] for row in self._coupling]
            self._shifted[scale] = table, [fmpz((q * factor).floor()) for q in self._growth]
        return self._shifted[scale]

    def exponents(self, state: Sequence[fmpz]) -> list[arb]:
        """Enclosures of ℓ_j(x) + c_j for all terms."""
        column = arb_mat(len(state), 1, [self._real(x) for x in state])
        return [u + c for u, c in zip((self._forms * column).entries(), self._offsets, strict=True)]

    def defect(self, state: Sequence[fmpz], series: Expansion, step: fmpz) -> arb:
        """A proved bound for ∫‖x̂' − f(x̂)‖ over a step of this length from this state."""
        n, bits, active = self.order, self.bits, series.active
        exponents = self.exponents(state)
        gaps = [
            abs(self._real(e[0]) - exponents[j].exp()) for e, j in zip(series.values, active, strict=True)
        ]
        polynomials = [fmpz_poly(e) for e in series.values]
        table, growth = self._rates(series.scale)
        with workprec(BOUND_BITS):
            length = self._real(step)
            theta = length * arb((1, -series.scale))
            if not theta <= 1:  # the bounds below take powers of theta to fall
                return arb("inf")
            unit = arb((1, -bits))
            tops = [_absolute_sum(e, bits, theta) for e in series.values]
            slack = unit * (1 + sum(tops, arb(0)))  # from rounding K and κ
            total = arb(0)
            for v, p, j, top, gap in zip(series.rates, polynomials, active, tops, gaps, strict=True):
                rate = fmpz_poly(v)
                exact = fmpz_poly([growth[j] << bits])
                for i, q in zip(active, polynomials, strict=True):
                    if table[j][i] != 0:
                        exact += q * table[j][i]
                # how far the rates offered are from 2^scale·ℓ(x̂')
                off = slack + n * arb((1, (exact - rate * (fmpz(1) << bits)).height_bits() - 2 * bits))
                d = p.derivative() * (fmpz(1) << bits) - p * rate
                low = d.truncate(n - 1).height_bits() - 2 * bits
                high = d.right_shift(n - 1).height_bits() - 2 * bits
                size = theta * n * arb((1, low)) + theta**n * arb((1, high)) + theta * top * off
                rise = (theta * (_positive_bound(v, bits, theta) + off)).exp()
                total += self.norm.terms[j] * (rise * (gap + size))
            total = length * (total + self._asleep(series, exponents, tops, length))
            return total.upper()

    def _asleep(self, series: Expansion, exponents: Sequence[arb], tops: Sequence[arb], length: arb) -> arb:
        """A bound for Σ‖A_j‖ e_j over the terms that are not carried, during the step."""
        carried, total = set(series.active), arb(0)
        first = {j: self._real(e[0]) for j, e in zip(series.active, series.values, strict=True)}
        swings = [top - abs(x) for top, x in zip(tops, first.values(), strict=True)]
        for j, exponent in enumerate(exponents):
            if j in carried:
                continue
            row, sizes = self._coupling_balls[j], self._coupling_size[j]
            rate = positive_part(sum((row[i] * x for i, x in first.items()), self._growth_balls[j]))
            for i, swing in zip(series.active, swings, strict=True):
                rate += sizes[i] * swing
            total += self.norm.terms[j] * (exponent + length * rate).exp()
        return total

    def smooth_defect(
        self, state: Sequence[fmpz], active: Sequence[int], values: Sequence[arb_poly], step: fmpz
    ) -> arb:
        """A proved bound for ∫‖x̂' − f(x̂)‖ over a step on which the ê_j are any polynomials.

        Args:
            state: where x̂ starts.
            active: the terms that are carried.
            values: their ê_j, exact polynomials in s where time = start + step·s, 0 ≤ s ≤ 1.
            step: its duration.
        """
        exponents, length = self.exponents(state), self._real(step)
        n = max((e.length() for e in values), default=0)
        gaps = [abs(e(arb(0)) - exponents[j].exp()) for e, j in zip(values, active, strict=True)]
        # what the basis of powers cancels
        with workprec(self.bits + 64 + 6 * n):
            moved, ratios, coupling = [], [], self._coupling
            for j, growth in enumerate(self._growth):
                rate = arb_poly([arb(growth)])
                for i, e in zip(active, values, strict=True):
                    if coupling[j][i] != 0:
                        rate += arb(coupling[j][i]) * e
                moved.append(length * rate)
            for e, j in zip(values, active, strict=True):
                ratios.append(e.derivative() - e * moved[j])
            sizes = chebyshev_sums(ratios) if ratios else []
            swings = chebyshev_sums([rate.integral() for rate in moved])
        with workprec(BOUND_BITS):
            carried = {
                j: (gap, abs(middle) + rest)
                for j, gap, (middle, rest) in zip(active, gaps, sizes, strict=True)
            }
            total = arb(0)
            for j, (weight, exponent, (middle, rest)) in enumerate(
                zip(self.norm.terms, exponents, swings, strict=True)
            ):
                if j in carried:
                    gap, size = carried[j]
                    total += weight * (2 * rest).exp() * (gap + size)
                else:
                    total += weight * (exponent + positive_part(middle) + rest).exp()
            return (length * total).upper()

    def landing(self, state: Sequence[fmpz], series: Expansion, step: fmpz, landed: Sequence[fmpz]) -> arb:
        """A proved bound for the distance between x̂ at the end of a step and the state kept."""
        length = self._real(step)
        tau = length * arb((1, -series.scale))
        end = [self._real(x) + length * b for x, b in zip(state, self._constant, strict=True)]
        for e, j in zip(series.values, series.active, strict=True):
            integral = arb_poly(fmpz_poly(e)).integral()(tau) * arb((1, series.scale - self.bits))
            for i, a in self._columns[j]:
                end[i] += a * integral
        return self.distance(end, landed)

    def smooth_end(
        self, state: Sequence[fmpz], active: Sequence[int], values: Sequence[arb_poly], step: fmpz
    ) -> list[arb]:
        """x̂ at the end of a step as in :meth:`smooth_defect`."""
        length = self._real(step)
        end = [self._real(x) + length * b for x, b in zip(state, self._constant, strict=True)]
        for e, j in zip(values, active, strict=True):
            integral = e.integral()(arb(1)) * length
            for i, a in self._columns[j]:
                end[i] += a * integral
        return end

    def distance(self, point: Sequence[arb], landed: Sequence[fmpz]) -> arb:
        """A proved bound for the distance between a point and a state."""
        total = arb(0)
        for x, y, weight in zip(point, landed, self.norm.basis, strict=True):
            total += weight * abs(x - self._real(y))
        with workprec(BOUND_BITS):
            return total.upper()

    def line_defect(
        self,
        before: Sequence[fmpz],
        state: Sequence[fmpz],
        velocity: Sequence[fmpz],
        held: Sequence[int],
        length: fmpz,
        landed: Sequence[fmpz],
    ) -> arb:
        """A proved bound for a leap: the jumps at both ends of a line plus ∫‖x̂' − f(x̂)‖ along it.

        Args:
            before: the state that the leap sets out from.
            state: where the line starts.
            velocity: x̂' along it.
            held: terms said to stand still and to be part of the velocity.
            length: its duration.
            landed: the state kept after it.
        """
        exponents, span = self.exponents(state), self._real(length)
        slopes = arb_mat(len(velocity), 1, [self._real(v) for v in velocity])
        rates = (self._forms * slopes).entries()
        residue = [self._real(v) - b for v, b in zip(velocity, self._constant, strict=True)]
        for j in held:
            e = exponents[j].exp()
            for i, a in self._columns[j]:
                residue[i] -= a * e
        gaps = [
            abs(self._real(x - y)) + abs(self._real(x + ((length * v) >> self.bits) - z)) + span * abs(g)
            for x, y, v, g, z in zip(state, before, velocity, residue, landed, strict=True)
        ]
        standing = set(held)
        with workprec(BOUND_BITS):
            total = sum(
                (b * (g + arb((1, -self.bits))) for b, g in zip(self.norm.basis, gaps, strict=True)), arb(0)
            )
            for j, (weight, start, rate) in enumerate(zip(self.norm.terms, exponents, rates, strict=True)):
                if j in standing:
                    total += weight * span * start.exp() * (span * abs(rate)).expm1()
                    continue
                highest = (start + span * positive_part(rate)).exp()
                integral, speed = (span * highest).upper(), abs(rate).lower()
                if speed > 0:
                    quotient = (highest / speed).upper()
                    integral = quotient if quotient < integral else integral
                total += weight * integral
            return total.upper()


def chebyshev_sums(polynomials: Sequence[arb_poly]) -> list[tuple[arb, arb]]:
    """Chebyshev's expansions on [0, 1]: a_0, and Σ|a_k| over the others, for every polynomial.

    s^m = 4^(−m) Σ_k C(2m, m−k) T_k(2s − 1), k = −m … m, is the binomial theorem for cos².

    >>> [(float(a), float(b)) for a, b in chebyshev_sums([arb_poly([0, 0, 1])])]
    [(0.375, 0.625)]
    """
    length = max(1, *(p.length() for p in polynomials))
    table = _powers(length)
    columns = [[*p.coeffs(), *[arb(0)] * (length - p.length())] for p in polynomials]
    product = (arb_mat(columns) * table).tolist()
    return [(row[0], sum(map(abs, row[1:]), arb(0))) for row in product]


def positive_part(value: arb) -> arb:
    """An upper bound for max(value, 0)."""
    top = value.upper()
    return top if top > 0 else arb(0)


@lru_cache(maxsize=8)
def _powers(length: int) -> arb_mat:
    """Chebyshev's coefficients of s^m on [0, 1] in row m, exact."""
    with workprec(4 * length + 64):
        rows = []
        for m in range(length):
            row = [arb(fmpz.bin_uiui(2 * m, m))]
            row += [arb(2 * fmpz.bin_uiui(2 * m, m - k)) for k in range(1, m + 1)]
            rows.append([c * arb((1, -2 * m)) for c in row] + [arb(0)] * (length - m - 1))
        return arb_mat(rows)


def _pairing(form: Sequence[fmpq], vector: Sequence[fmpq]) -> fmpq:
    return fmpq((fmpq_mat(1, len(form), list(form)) * fmpq_mat(len(vector), 1, list(vector)))[0, 0])


def _absolute_sum(coefficients: Sequence[fmpz], bits: int, theta: arb) -> arb:
    """A bound for Σ|c_m| θ^m: the first coefficients one by one, the rest by their size."""
    total, power = arb(0), arb(1)
    for c in coefficients[:6]:
        total += arb((abs(c), -bits)) * power
        power *= theta
    jump = theta**12
    for start in range(6, len(coefficients), 12):
        height = fmpz_poly(coefficients[start : start + 12]).height_bits()
        total += 12 * arb((1, height - bits)) * power
        power *= jump
    return total


def _positive_bound(coefficients: Sequence[fmpz], bits: int, theta: arb) -> arb:
    """An upper bound of max(0, Σ c_m τ^m) for 0 ≤ τ ≤ θ."""
    rest = _absolute_sum([fmpz(0), *coefficients[1:]], bits, theta)
    return positive_part(arb((coefficients[0], -bits)) + rest)
