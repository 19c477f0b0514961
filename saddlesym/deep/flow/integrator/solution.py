"""Solutions of matrix flows: steps in fixed point, states at any time between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, TypeAlias

from flint import arb, arb_mat, fmpq, fmpz, fmpz_mat

from saddlesym.deep.flow.hidden_frames import HiddenFrame, widened
from saddlesym.deep.flow.integrator.leap import Rows, layers_of, leap, rows_of
from saddlesym.deep.flow.integrator.series import FixedLayers, MatrixField, Series
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.balls import dyadic
from saddlesym.exact.values import Uncached


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
    frames: tuple[HiddenFrame | None, ...] = field(default=(), repr=False)

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
        whole = tuple(fmpz_mat([[midpoint_floor(x * scale) for x in row] for row in w]) for w in layers)
        out = Series(self.vector_field, whole, self.bits, 0, step.exponents)
        for _ in range(terms):
            out.extend()
        return out

    def layers(self, time: arb) -> list[arb_mat]:
        """W_1, …, W_L at a time (arb, of which the midpoint is used), as wide as the network given."""
        return widened(self.narrow_layers(time), self.frames) if self.frames else self.narrow_layers(time)

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


def midpoint_floor(value: arb) -> fmpz:
    """The midpoint rounded down."""
    mantissa, exponent = value.mid().man_exp()
    shift = int(exponent)
    return mantissa << shift if shift >= 0 else mantissa >> -shift
