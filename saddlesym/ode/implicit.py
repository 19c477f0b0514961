"""Implicit steps: where fast unknowns follow slow ones, and a power series knows only the fast.

Behind a jump the unknowns of large columns stand where the others allow them to, and a
small column that jumps afterwards takes them along for a time that is long by their
ratio.  What holds back a Taylor step there is no motion but the memory of one:
the step is some multiple of 1/λ, λ the fastest rate of return.  Radau's collocation
(:mod:`saddlesym.ode.collocation`) is held back by the motion alone.

The step offered is one polynomial for every exponential that matters, through its
values at the nodes.  Like a power series it is a guess that nothing has to trust
(:meth:`saddlesym.ode.defect.Certifier.smooth_defect`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, inf, log, log2

import numpy as np
from flint import arb, arb_mat, arb_poly, fmpz

from saddlesym.exact.precision import workprec
from saddlesym.ode.collocation import (
    Array,
    beyond_floats,
    exact_rates,
    radau,
    refined_rates,
    rough_nodes,
    rough_rates,
)
from saddlesym.ode.defect import BOUND_BITS, Certifier
from saddlesym.ode.kernel import Kernel

#: Nodes per bit of the tolerance, and the least: about where work per time is least.
_NODES, _LEAST_NODES = 0.4, 16
#: Bits that the basis of powers loses per node.
_LOSS = 3
#: A Taylor step that is longer than this many 1/λ may be held back by stiffness ...
_STIFF = 4.0
#: ... and an exponential that changes by more than e^this within a step is resolved by no implicit one.
_CHANGE = 25.0
#: The Taylor steps that an implicit one must replace: it costs at least so many, and more of them ...
_WORTH = 12.0
#: ... as Newton's matrices grow: this size of them doubles the cost.
_LARGE = 500
#: Newton's method in floats must not try more than this growth of an exponent.
_STEEPEST = 40.0
_LN2 = log(2.0)
_ATTEMPTS = 12
#: Part of the digits that few nodes must promise, and the rounding noise in them.
_PROMISE, _NOISE = 0.7, 1e-13
#: Against the logarithm of zero.
_TINY = 1e-200
#: It replaces more Taylor steps than this, and may have as many times the defect of one.
_SHARE = 8
#: Bits beyond the tolerance to which collocation is solved, for a step of length one.
_RESIDUE = 64
#: Fixed-point bits beyond the tolerance and the length of a step.
MARGIN = 24


class TooCoarseError(Exception):
    """A step longer than the fixed-point numbers can follow.

    Attributes:
        guard: bits beyond the tolerance that would do.
    """

    def __init__(self, guard: int) -> None:
        self.guard = guard


@dataclass(frozen=True, slots=True)
class Smooth:
    """An implicit step: the exponentials as polynomials in s, time = start + length·s, 0 ≤ s ≤ 1.

    Attributes:
        start: the state it starts from, not quite where the step before it ended.
        active: indices of the terms carried.
        values: their polynomials, exact.
        length: the duration in fixed point.
        defect: proved bound of the defect on it and of the jump at its start.
    """

    start: tuple[fmpz, ...]
    active: tuple[int, ...]
    values: tuple[arb_poly, ...]
    length: fmpz
    defect: arb


class TermField:
    """A field about a state, with its active terms only: the ``StiffField`` of one step."""

    def __init__(self, kernel: Kernel, exponents: Sequence[arb], active: Sequence[int]) -> None:
        field = kernel.field
        terms = [field.terms[j] for j in active]
        self.dimension = field.dimension
        self._forms = arb_mat([[arb(q) for q in t.form] for t in terms])
        self._columns = arb_mat([[arb(q) for q in t.coefficients] for t in terms]).transpose()
        self._constant = arb_mat([[arb(q)] for q in field.constant])
        self._values = [exponents[j].exp().mid() for j in active]
        start = self._constant + self._columns * arb_mat([[e] for e in self._values])
        self._rough_start = np.array([float(x) for x in start.entries()])
        self._rough_forms, self._rough_columns = (
            np.array([[float(x) for x in row] for row in m.tolist()]) for m in (self._forms, self._columns)
        )
        self._rough_values = np.array([float(e) for e in self._values])

    def rough(self, shifts: Array) -> tuple[Array, Array] | None:
        """f (n × k) and its Jacobians (n × k × k) at n displacements, in floats."""
        moved = shifts @ self._rough_forms.T
        if not (np.isfinite(moved).all() and moved.max() < _STEEPEST):
            return None
        # what is small against the terms at the start must not drown in them
        change = (self._rough_values * np.expm1(moved)) @ self._rough_columns.T
        slope = np.einsum(
            "nj,aj,jb->nab", self._rough_values * np.exp(moved), self._rough_columns, self._rough_forms
        )
        return self._rough_start + change, slope

    def values(self, shift: Sequence[arb]) -> list[arb]:
        """The active exponentials at a displacement."""
        moved = (self._forms * arb_mat([[x] for x in shift])).entries()
        return [(e * u.exp()).mid() for e, u in zip(self._values, moved, strict=True)]

    def slope(self, shift: Sequence[arb]) -> arb_mat:
        """The Jacobian (k × k) at a displacement."""
        rows = [[e * x for x in row] for e, row in zip(self.values(shift), self._forms.tolist(), strict=True)]
        return self._columns * arb_mat(rows)

    def fine(self, shift: Sequence[arb]) -> list[arb]:
        """f (k) at a displacement, at the working precision."""
        return (self._constant + self._columns * arb_mat([[e] for e in self.values(shift)])).entries()


class ImplicitSteps:
    """When implicit steps pay, and the guesses carried from one to the next.

    Args:
        kernel: the prepared field.
        certifier: what proves the defects.
        tolerance: bound of the defect of every step.
        tolerance_bits: −log2 of it.
        guard: fixed-point bits beyond it.
    """

    def __init__(
        self, kernel: Kernel, certifier: Certifier, tolerance: arb, tolerance_bits: float, guard: int
    ) -> None:
        self.guard = guard
        self.kernel, self.certifier = kernel, certifier
        self.tolerance, self.tolerance_bits = tolerance, tolerance_bits
        self.nodes = max(_LEAST_NODES, ceil(_NODES * tolerance_bits))
        self.worth = _WORTH * (1 + (self.nodes * kernel.dimension / _LARGE) ** 2)
        self._returns = [abs(float(arb(kernel.coupling[j][j]))) for j in range(kernel.terms)]
        self.patience, self.held_back = self.worth, 0  # Taylor steps that cost as much as a trial
        self.reach = _STIFF  # length of the last Taylor step in units of 1/λ
        self.length: float | None = None  # what the next implicit step should try, while they go on
        self.before = 0.0  # length of the last one

    def fastest(self, values: dict[int, arb]) -> float:
        """λ, or up to a few times as much: the rates at which the terms pull their exponents back."""
        return sum(self._returns[j] * float(e) for j, e in values.items())

    def watch(self, length: float, fastest: float) -> None:
        """Take note of a Taylor step."""
        self.reach = max(_STIFF, length * fastest)
        self.held_back = self.held_back + 1 if length * fastest > _STIFF else 0

    def leapt(self) -> None:
        """Take note of a leap: what comes next is another motion."""
        self.held_back, self.length, self.patience = 0, None, self.worth

    def step(
        self,
        state: Sequence[fmpz],
        exponents: Sequence[arb],
        heights: Sequence[float],
        rates: Sequence[float],
        fastest: float,
        left: fmpz | None,
    ) -> Smooth | None:
        """The next implicit step, if it pays: None means a Taylor step."""
        if (self.length is None and self.held_back < self.patience) or not 0 < fastest < inf:
            return None
        quiet = -self.tolerance_bits * _LN2
        least = self.worth * self.reach / fastest
        # a term that is carried from some step on moves fast unknowns by e/λ at once, and
        # a polynomial through n nodes has n² times as large a slope
        sudden = 2 * log(self.nodes) + max(0.0, -log(fastest))

        def active(span: float) -> tuple[int, ...]:
            """The terms that matter within a time."""
            level = quiet - 4 * _LN2 - log(span + 1) - sudden
            return tuple(j for j, u in enumerate(heights) if u + max(0.0, rates[j]) * span > level)

        moving = max((abs(g) for g, u in zip(rates, heights, strict=True) if u > quiet), default=0.0)
        if self.length is None and not (
            least * moving < _CHANGE and self._promises(exponents, active(least), least)
        ):
            self.patience, self.held_back = 2 * self.patience, 0
            return None
        length = 2 * least if self.length is None else self.length
        for attempt in range(_ATTEMPTS):
            if length < least:
                break
            needed = ceil(log2(max(length, 1.0))) + MARGIN
            if needed > self.guard:  # rounding, times the length, would eat up the tolerance
                raise TooCoarseError(max(needed, 2 * self.guard))
            last = left is not None and length >= float(self.kernel.real(left))
            exact = left if last and left is not None else self._short(length)
            found, factor = self._try(state, exponents, active(length), exact)
            if found is not None:
                if attempt > 0 and self.length is not None:  # what comes closer sets the pace
                    factor = min(factor, length / self.before)
                self.length, self.before = length * factor, length
                return found
            length *= factor
        self.patience, self.held_back, self.length = 2 * self.patience, 0, None
        return None

    def _try(
        self,
        state: Sequence[fmpz],
        exponents: Sequence[arb],
        active: tuple[int, ...],
        length: fmpz,
    ) -> tuple[Smooth | None, float]:
        """A step of this length, if its defect allows, and by what factor to change the length."""
        if not active:
            return None, 0.0
        span = self.kernel.real(length)
        # what stands still must do so to the tolerance over the length, at the nodes to its square
        bits = 64 * ceil(
            (self.kernel.bits + 64 + _LOSS * self.nodes + 2 * float((1 + span).log()) / _LN2) / 64
        )
        with workprec(bits):
            found = self._values(state, exponents, active, span, bits)
            if found is None:
                return None, 0.3
            start, values = found
            defect = self.certifier.smooth_defect(start, active, values, length)
            defect += self.certifier.distance([self.kernel.real(x) for x in state], start)
        ratio = defect / (_SHARE * self.tolerance)
        excess = float((ratio + _TINY).log()) if ratio.is_finite() else 40.0
        factor = max(0.2, min(3.0, 0.9 * exp(-excess / (self.nodes + 1))))
        if not ratio < 1:
            return None, min(0.9, factor)
        return Smooth(tuple(start), active, values, length, defect), factor

    def _values(
        self, state: Sequence[fmpz], exponents: Sequence[arb], active: tuple[int, ...], length: arb, bits: int
    ) -> tuple[list[fmpz], tuple[arb_poly, ...]] | None:
        """Where a collocation starts, and the polynomials through the active exponentials at its nodes.

        The memory of faster motions is left out: the start is moved, by less than the
        tolerance, to where the smooth motion at the nodes comes from.
        """
        kernel, n = self.kernel, self.nodes
        field = TermField(kernel, exponents, active)
        residue = arb((1, self.guard - _RESIDUE - kernel.bits)) / (1 + length) ** 2

        rough = rough_rates(field, length, n, bits)
        if rough is None and not beyond_floats(field, length, n):
            return None

        def solved(field: TermField, before: arb_mat | None) -> arb_mat | None:
            """x̂' at the nodes: from floats, where these see all that moves."""
            if rough is None:
                return exact_rates(field, length, n, bits, residue, before)
            start, inverse = rough
            return refined_rates(field, length, start if before is None else before, inverse, bits, residue)

        rates = solved(field, None)
        if rates is None and rough is not None and beyond_floats(field, length, n):
            rough = None
            rates = solved(field, None)
        if rates is None:
            return None
        weights, lagrange = radau(n, bits)
        moved = (length * arb_mat([lagrange.tolist()[0]]) * weights * rates).entries()
        start = [x + kernel.fixed(m) for x, m in zip(state, moved, strict=True)]
        field = TermField(kernel, kernel.exponents(start), active)
        rates = solved(field, rates)
        if rates is None:
            return None
        shifts = (length * (weights * rates)).tolist()
        through = lagrange * arb_mat([field.values([x.mid() for x in row]) for row in shifts])
        return start, tuple(arb_poly([x.mid() for x in column]) for column in through.transpose().tolist())

    def _promises(self, exponents: Sequence[arb], active: tuple[int, ...], length: float) -> bool:
        """Whether Chebyshev's coefficients fall fast enough, from a few nodes in floats."""
        n, tail = _LEAST_NODES, 3
        if not active:
            return False
        found = rough_rates(TermField(self.kernel, exponents, active), arb(length), n, BOUND_BITS)
        if found is None:
            return False
        rates = np.array([[float(x) for x in row] for row in found[0].tolist()])
        basis = np.polynomial.chebyshev.chebvander(2 * np.array(rough_nodes(n)) - 1, n - 1)
        last = float(np.abs(np.linalg.solve(basis, rates)[-tail:]).max()) * length
        # what is stiff is rounding noise in the rates
        floor = _NOISE * length * max(1.0, float(np.abs(rates).max()))
        needed = -_PROMISE * (n - tail / 2) / self.nodes * self.tolerance_bits * _LN2
        return last < max(floor, exp(needed))

    def _short(self, length: float) -> fmpz:
        """A length as a fixed-point number with a short mantissa."""
        order = ceil(log2(length)) - 16
        return fmpz(max(1, int(length * 2.0**-order))) << (self.kernel.bits + order)
