"""Taylor integration of gradient flows of products of matrices, to any number of digits.

Order and step are chosen together: the series is lengthened as long as the step that it allows
grows faster than its cost. With two layers the hidden coordinates are kept graded
(:mod:`saddlesym.deep.flow.integrator.graded_coordinates`), so that precision and cost do not depend
on how small the start is; hidden coordinates that stand still up to the tolerance are held, so that
steps are as long as those allow that move; and where all of A stands still the rest of the solution
is a matrix exponential: a leap. Errors are controlled, not enclosed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log, log2
from typing import Literal

from flint import arb, fmpq, fmpz, fmpz_mat

from saddlesym.deep.flow.integrator.graded_coordinates import Graded, apart, graded
from saddlesym.deep.flow.integrator.leap import GUARD, Rows, columns_of, leap, norm_bound, rows_of
from saddlesym.deep.flow.integrator.series import MatrixField, Series
from saddlesym.deep.flow.integrator.solution import MatrixSolution, MatrixStep, Observer, midpoint_floor
from saddlesym.errors import BudgetError
from saddlesym.exact.balls import dyadic
from saddlesym.exact.linear.matrices import height
from saddlesym.exact.precision import workprec

#: Bits by which the tolerance of a step is finer than the digits asked for.
_MARGIN = 12
#: The length of a step is a multiple of 2^-10 of the unit of time.
PART = 10
#: A leap has to be worth it: growth of at least e^6 of the fastest mode.
_WORTH = 6.0
_SHORTEST, _LONGEST = 8, 5000
#: Bits above the tolerance by which rounding lets a hidden coordinate at rest move in a unit of time.
_ROUNDING = 4
#: A hidden coordinate sleeps where it has grown by fewer bits than this since the start …
_GROWN = 5
#: … and for ever where log2 of ‖∇C(A)‖ is at most this much above that of A at the start …
_ASLEEP = 10
#: … if the start is so small.
_SMALL_START = -20


def integrate_matrices(
    matrix_field: MatrixField,
    start: Sequence[Rows],
    until: arb | None = None,
    *,
    digits: int,
    log2_scale: float = 0.0,
    first_unit: int = 0,
    spare: int = 0,
    rest: float = -100.0,
    observer: Observer | None = None,
    max_steps: int = 100_000,
) -> MatrixSolution:
    """Solve the gradient flow of C(W_L ⋯ W_1).

    Args:
        matrix_field: ∇C.
        start: W_1, …, W_L as rows of exact numbers.
        until: last natural time; the solution may reach a trifle beyond it.
        digits: with two layers relative digits of every mode; with more, digits relative to
            the scale of the start.
        log2_scale: log2 of the scale of the start (used with more than two layers).
        first_unit: log2 of a time in which little happens at first.
        spare: bits of working precision beyond those, for flows that enlarge rounding errors.
        rest: the flow rests when log2 of the largest |y_i'| (two layers) or |W_l'| is below; with two
            layers those that have not grown count only while ∇C(A) is large against A at the start.
        observer: called with every step; True ends the integration.
        max_steps: give up after this many.

    Raises:
        BudgetError: more than ``max_steps`` steps.
    """
    run = _Run(matrix_field, start, digits, log2_scale, first_unit, spare)
    return run.solve(until, rest, observer, max_steps)


class _Run:
    """One integration: the state, and the guesses it carries along."""

    def __init__(
        self,
        matrix_field: MatrixField,
        start: Sequence[Rows],
        digits: int,
        log2_scale: float,
        unit: int,
        spare: int,
    ) -> None:
        self.field, self.unit = matrix_field, unit
        self.two = len(start) == 2
        depth = len(start)
        small = 0 if self.two else ceil(-log2_scale)
        self.bits = ceil(digits * log2(10)) + _MARGIN + GUARD + (2 * depth - 3) * small + spare
        # steps as long as 1/scale^(L-2) enlarge the rounding of velocities by as much
        self.tolerance = GUARD + (depth - 2) * small
        rows, columns = len(start[-1]), len(start[0][0])
        self.overhead = min(200.0, 25_000.0 / (rows * columns * len(start[0])))
        self.order = _SHORTEST
        self.time = fmpq(0)
        self.exponents: tuple[int, ...] = ()
        self.rotation: tuple[tuple[arb, ...], ...] = ()
        self.still: tuple[int, ...] = ()
        self.first_exponent = 0
        if self.two:
            w = len(start[0])
            eye = [[arb(int(i == j)) for j in range(w)] for i in range(w)]
            with workprec(2 * self.bits):
                self._settle(graded(columns_of(start), [0] * w, eye), len(start[1]))
            self.first_exponent = max(self.exponents)
        else:
            unit_ball = arb((1, self.bits))
            self.layers = tuple(
                fmpz_mat([[midpoint_floor(x * unit_ball) for x in row] for row in w]) for w in start
            )

    def _settle(self, frame: Graded, m: int) -> None:
        """Take over a graded state."""
        scale = arb((1, self.bits))
        whole = [[midpoint_floor(x * scale) for x in c] for c in frame.columns]
        self.layers = (
            fmpz_mat([c[m:] for c in whole]),
            fmpz_mat([list(row) for row in zip(*(c[:m] for c in whole), strict=True)]),
        )
        with workprec(self.bits + 32):
            self.exponents = frame.exponents
            self.rotation = tuple(tuple(+x for x in c) for c in frame.rotation)
            self.rotation = tuple(tuple(x.mid() for x in c) for c in self.rotation)

    def solve(
        self, until: arb | None, rest: float, observer: Observer | None, max_steps: int
    ) -> MatrixSolution:
        steps: list[MatrixStep] = []
        end, settled = None if until is None else dyadic(until.upper()), False
        with workprec(self.bits + 64):
            while end is None or self.time < end:
                if len(steps) >= max_steps:
                    raise BudgetError(
                        f"{max_steps} steps reached only natural time {float(arb(self.time)):.6g}",
                        needed="fewer steps",
                        hint="an earlier last time, fewer digits, another alpha, or a larger max_steps",
                    )
                self.still = ()
                series = Series(self.field, self.layers, self.bits, self.unit, self.exponents)
                size = series.extend()
                if size - self.bits - self.unit < rest or self._sleeps(series, rest):
                    settled = True
                    break
                step = self._leap(series, end)
                if step is None:
                    series = self._without_still(series)
                    step = self._taylor(series)
                steps.append(step)
                if observer is not None and observer(step, series):
                    break
            self.still = ()
            steps.append(self._step("taylor", fmpq(0), 1))
        return MatrixSolution(self.field, self.bits, tuple(steps), settled)

    def _step(self, kind: Literal["taylor", "leap"], length: fmpq, order: int) -> MatrixStep:
        return MatrixStep(
            kind, self.time, length, self.layers, self.exponents, self.rotation, self.unit, order, self.still
        )

    def _sleeps(self, series: Series, rest: float) -> bool:
        """Whether hidden coordinates that have grown rest, and the others find nothing left to grow on.

        Where A* has no more modes the others shrink at a rate like α², which ends nothing in any time.
        """
        first = self.first_exponent
        if not self.two or first > _SMALL_START:
            return False
        speeds = self._speeds(series)
        return norm_bound(series.gradient[0], self.bits) < 2.0 ** (2 * first + _ASLEEP) and all(
            e < first + _GROWN or speed - self.bits - self.unit < rest
            for e, speed in zip(self.exponents, speeds, strict=True)
        )

    def _without_still(self, series: Series) -> Series:
        """A series of those hidden coordinates alone that move.

        What has come to rest at the top of A holds back the steps of all others: rounding errors
        there die out at its rate, which a power series has to resolve.  Columns at rest are
        orthogonal to the others, or made so, since one that is not has to follow them.
        """
        if not self.two:
            return series
        visible = [i for i, e in enumerate(self.exponents) if 2 * e > GUARD - self.bits]
        speeds = self._speeds(series)
        slow = [i for i in visible if speeds[i] < self.bits // 2]
        if not slow or len(slow) == len(self.exponents):
            return series
        frame = apart(self._graded(), slow, arb((1, GUARD // 2 - self.bits)))
        if frame is not None:
            self._settle(frame, self.layers[1].nrows())
            series = Series(self.field, self.layers, self.bits, self.unit, self.exponents)
            series.extend()
            speeds = self._speeds(series)
        # a step is no longer than the unit of time
        self.still = tuple(i for i in slow if speeds[i] <= GUARD + _ROUNDING)
        if not self.still:
            return series
        return Series(self.field, self.layers, self.bits, self.unit, self.exponents, self.still)

    @staticmethod
    def _speeds(series: Series) -> list[int]:
        """Bits by which each column moves in a unit of time, relative to its own size."""
        first, second = series.layers[0][1].tolist(), series.layers[1][1].transpose().tolist()
        return [height(fmpz_mat([[*a, *b]])) for a, b in zip(first, second, strict=True)]

    def _graded(self) -> Graded:
        rows = [rows_of(w, self.bits) for w in self.layers]
        return Graded(tuple(map(tuple, columns_of(rows))), self.exponents, self.rotation)

    def _taylor(self, series: Series) -> MatrixStep:
        """A step as long as is worth while."""
        sizes = series.sizes
        best, best_order, log2_part = -1e300, 0, 0.0
        while series.length < _LONGEST:
            series.extend()
            k = series.length
            if k < _SHORTEST:
                continue
            log2_part = min((self.tolerance - sizes[j]) / j for j in (k, k - 1))
            if log2_part >= 0.0:
                best_order = k
                break
            worth = log2_part - log2(k * (k + self.overhead))
            if worth > best:
                best, best_order = worth, k
            elif k >= self.order and k > best_order + 3:
                break
        self.order = best_order
        part = max(1, int(2.0 ** (min(log2_part, 0.0) + PART)))
        length = fmpq(part) * fmpq(2) ** (self.unit - PART)
        step = self._step("taylor", length, series.length)
        self.layers = series.at(fmpz(part), PART)
        self.time += length
        if self.two:
            self._regrade()
        self.unit += 1 if log2_part >= 0.0 else max(-3, round(log2_part))
        return step

    def _regrade(self) -> None:
        state = self._graded()
        self._settle(graded(state.columns, state.exponents, state.rotation), self.layers[1].nrows())

    def _leap(self, series: Series, end: fmpq | None) -> MatrixStep | None:
        """A leap, where A stands still and it is long enough to be worth while."""
        if not self.two:
            return None
        level = -self.bits + GUARD  # what cannot be felt, as an exponent of A
        seen = [i for i, e in enumerate(self.exponents) if 2 * e > level]
        small = [e for i, e in enumerate(self.exponents) if i not in seen]
        if not small:
            return None
        rate = norm_bound(series.gradient[0], self.bits)
        room = (level - 2 * max(small)) * log(2.0) / 2
        if rate == 0.0 or room < _WORTH:
            return None
        length = room / rate
        if end is not None:
            length = min(length, float(arb(end - self.time)) + 1e-6 / rate)
        speeds = self._speeds(series)
        if max((speeds[i] for i in seen), default=0) - self.unit + log2(length) > GUARD:
            return None
        exponent = ceil(log2(length)) - 30
        exact = fmpq(int(length * 2.0**-exponent)) * fmpq(2) ** exponent
        step = self._step("leap", exact, 1)
        with workprec(self.bits + ceil(4.4 * rate * length) + 64):
            columns = leap(self.field, self.layers, self.exponents, self.bits, exact)
            self._settle(graded(columns, self.exponents, self.rotation), self.layers[1].nrows())
        self.time += exact
        return step
