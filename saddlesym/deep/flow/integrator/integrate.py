"""Taylor integration of gradient flows of products of matrices, to any number of digits.

Order and step are chosen together: the series is lengthened as long as the step that it allows
grows faster than its cost. With two layers the hidden coordinates are kept graded
(:mod:`saddlesym.deep.flow.integrator.graded_coordinates`), so that precision and cost do not depend
on how small the start is; hidden coordinates that stand still up to the tolerance are held, so that
steps are as long as those allow that move; and where all of A stands still the rest of the solution
is a matrix exponential: a leap. Errors are controlled, not enclosed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import ceil, log, log2
from typing import Literal, TypeAlias

from flint import arb, arb_mat, fmpq, fmpz, fmpz_mat

from saddlesym.deep.flow.hidden_frames import Frame, restored
from saddlesym.deep.flow.integrator.graded_coordinates import Graded, apart, graded
from saddlesym.deep.flow.integrator.leap import GUARD, Rows, columns_of, layers_of, leap, norm_bound, rows_of
from saddlesym.deep.flow.integrator.series import FixedLayers, MatrixField, Series
from saddlesym.errors import BadInputError, BudgetError, shown
from saddlesym.exact.balls import dyadic
from saddlesym.exact.linear.matrices import height
from saddlesym.exact.precision import workprec
from saddlesym.exact.values import Uncached

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


@dataclass(frozen=True, slots=True)
class MatrixStep:
    """One piece of a solution, from a state on.

    Attributes:
        kind: ``"taylor"`` or ``"leap"`` (A stands still, small modes move as e^{tS}).
        start: natural time at its start, exact.
        length: its duration, exact.
        layers: the state (W_1, …, W_L), or with two layers (Y_1, Y_2), over 2^bits.
        exponents: e, with two layers; else empty.
        rotation: columns of Q, with two layers; else empty.
        unit: time unit 2^unit of its series.
        order: number of terms of its series.
        still: hidden coordinates that stand still on it.
    """

    kind: Literal["taylor", "leap"]
    start: fmpq
    length: fmpq
    layers: FixedLayers
    exponents: tuple[int, ...]
    rotation: tuple[tuple[arb, ...], ...]
    unit: int
    order: int
    still: tuple[int, ...] = ()


#: Called with every step and its series; True ends the integration after that step.
Observer: TypeAlias = "Callable[[MatrixStep, Series], bool]"


@dataclass(frozen=True)
class MatrixSolution(Uncached):
    """A numerical solution with dense output; its errors are estimated, not enclosed.

    Attributes:
        vector_field: the field it solves.
        bits: fixed-point bits of the states.
        steps: the pieces; the last one has length zero and holds the end.
        settled: whether the flow came to rest.
        frames: of hidden layers that are wider than the states
            (:mod:`saddlesym.deep.flow.hidden_frames`); empty where none is.
    """

    vector_field: MatrixField = field(repr=False)
    bits: int
    steps: tuple[MatrixStep, ...] = field(repr=False)
    settled: bool
    frames: tuple[Frame | None, ...] = field(default=(), repr=False)

    @cached_property
    def _starts(self) -> list[fmpq]:
        return [step.start for step in self.steps]

    @property
    def end(self) -> fmpq:
        """The last time."""
        return self.steps[-1].start

    @cached_property
    def _series(self) -> Callable[[int], Series]:
        @lru_cache(maxsize=16)
        def series(index: int) -> Series:
            step = self.steps[index]
            out = Series(self.vector_field, step.layers, self.bits, step.unit, step.exponents, step.still)
            for _ in range(step.order):
                out.extend()
            return out

        return series

    def graded_at(self, time: arb) -> tuple[Rows, Rows, tuple[int, ...], tuple[tuple[arb, ...], ...]]:
        """(Y_2, Y_1, e, Q) at a time, with two layers: W_2 = Y_2 E Qᵀ, W_1 = Q E Y_1."""
        step, layers = self._state(time)
        return layers[1], layers[0], step.exponents, step.rotation

    def _state(self, time: arb) -> tuple[MatrixStep, list[Rows]]:
        point = dyadic(time)
        if point < 0 or point > self.end:
            raise BadInputError(
                f"time {shown(time.str(8, radius=False))} lies outside the solution",
                needed=f"0 <= time <= {arb(self.end).str(8, radius=False)}",
            )
        index = bisect_right(self._starts, point) - 1
        step = self.steps[index]
        elapsed = point - step.start
        if elapsed == 0:
            return step, [rows_of(w, self.bits) for w in step.layers]
        if step.kind == "leap":
            columns = leap(self.vector_field, step.layers, step.exponents, self.bits, elapsed)
            return step, layers_of([list(c) for c in columns], step.layers[1].nrows())
        part_bits = self.bits + 32
        part = elapsed * fmpq(2) ** (part_bits - step.unit)
        layers = self._series(index).at(fmpz(part.floor()), part_bits)
        return step, [rows_of(w, self.bits) for w in layers]

    def series_at(self, time: arb, terms: int = 3) -> Series:
        """The first terms of the Taylor series at a time, in natural time."""
        step, layers = self._state(time)
        scale = arb((1, self.bits))
        whole = tuple(fmpz_mat([[_floor(x * scale) for x in row] for row in w]) for w in layers)
        out = Series(self.vector_field, whole, self.bits, 0, step.exponents)
        for _ in range(terms):
            out.extend()
        return out

    def layers(self, time: arb) -> list[arb_mat]:
        """W_1, …, W_L at a time (arb, of which the midpoint is used), as wide as the network given."""
        return restored(self.narrow_layers(time), self.frames) if self.frames else self.narrow_layers(time)

    def narrow_layers(self, time: arb) -> list[arb_mat]:
        """The layers in the narrowest network with the same A."""
        step, layers = self._state(time)
        if not step.exponents:
            return [arb_mat(w) for w in layers]
        Q = arb_mat([list(c) for c in step.rotation]).transpose()
        scale = [arb((1, e)) for e in step.exponents]
        first = Q * arb_mat([[s * x for x in row] for s, row in zip(scale, layers[0], strict=True)])
        second = arb_mat([[s * x for s, x in zip(scale, row, strict=True)] for row in layers[1]])
        return [first, second * Q.transpose()]


def _floor(value: arb) -> fmpz:
    """The midpoint rounded down."""
    mantissa, exponent = value.mid().man_exp()
    shift = int(exponent)
    return mantissa << shift if shift >= 0 else mantissa >> -shift


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
            self.layers = tuple(fmpz_mat([[_floor(x * unit_ball) for x in row] for row in w]) for w in start)

    def _settle(self, frame: Graded, m: int) -> None:
        """Take over a graded state."""
        scale = arb((1, self.bits))
        whole = [[_floor(x * scale) for x in c] for c in frame.columns]
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
