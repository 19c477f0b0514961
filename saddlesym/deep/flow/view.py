"""A numerical solution read as a deep flow: products, singular values, plateaus and jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2

from flint import arb, arb_mat, fmpz

from saddlesym.deep.flow.integrator.solution import MatrixSolution
from saddlesym.deep.flow.ranks import Sample, rests
from saddlesym.deep.flow.units import OwnUnits, times_power
from saddlesym.errors import PrecisionError
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.jacobi import jacobi_singular_values
from saddlesym.exact.precision import workprec
from saddlesym.exact.scale import InitialScale


@dataclass(frozen=True)
class RankJump(Documented):
    """A new singular value of A passes half of its plateau.

    Attributes:
        rank: its place among the singular values, from 1.
        time: accelerated time.
        singular_value: its value on the plateau that follows.
    """

    rank: int
    time: Ball
    singular_value: Ball

    def in_given_units(self, units: OwnUnits) -> RankJump:
        """A jump of the flow in own units as one of the flow of the problem given."""
        return replace(self, singular_value=times_power(self.singular_value, units.product))


@dataclass(frozen=True)
class RankPlateau(Documented):
    """A time at which A hardly moves.

    Attributes:
        rank: how many singular values are up.
        time: accelerated time at which the speed of A is least, as far as rounding lets it be told;
            all else is at this very time.
        singular_values: of A (min(n_0, n_L)), the small ones included.
        loss: C(A).
    """

    rank: int
    time: Ball
    singular_values: tuple[Ball, ...]
    loss: Ball

    def in_given_units(self, units: OwnUnits) -> RankPlateau:
        """A plateau of the flow in own units as one of the flow of the problem given."""
        values = tuple(times_power(s, units.product) for s in self.singular_values)
        return replace(self, singular_values=values, loss=times_power(self.loss, units.loss))


def accelerated_unit(units: OwnUnits, scale: InitialScale) -> arb:
    """One unit of accelerated time, ln(1/α) or α^{−(L−2)} for L ≥ 3, in own natural time."""
    depth, log_inverse = units.problem.depth, scale.log_inverse()
    natural = log_inverse if depth == 2 else ((depth - 2) * log_inverse).exp()
    return natural * arb((1, units.speed))


class View:
    """A solution in own units read in the notions of the network.

    FLINT's precision is set by the caller.  Singular values beyond the rank that A can have are zero.
    """

    def __init__(
        self,
        units: OwnUnits,
        scale: InitialScale,
        digits: int,
        solution: MatrixSolution,
        max_rank: int | None = None,
    ) -> None:
        self.max_rank = units.problem.max_rank if max_rank is None else max_rank
        self.problem, self.digits, self.solution = units.problem, digits, solution
        self.speed = units.speed
        self.bits = solution.bits + 64
        with workprec(self.bits):
            self.unit = accelerated_unit(units, scale)

    def natural(self, t: arb) -> arb:
        """Natural time, within the solution."""
        return self.within(t * self.unit)

    def within(self, time: arb) -> arb:
        """A natural time, or the end of the solution if that is earlier."""
        end = arb(self.solution.end)
        return end if time.mid() > end else time

    def ball(self, value: arb, absolute: bool = True) -> Ball:
        """A number with its estimated radius."""
        size = (1 + abs(value.mid())) if absolute else abs(value.mid())
        return Ball(arb(value.mid(), (arb(10) ** -self.digits * size).upper()))

    def rows(self, matrix: arb_mat) -> tuple[tuple[Ball, ...], ...]:
        """A matrix of balls with estimated radii."""
        return tuple(tuple(map(self.ball, row)) for row in matrix.tolist())

    def _range(self, time: arb) -> int:
        """Bits between the largest and the smallest mode."""
        if self.problem.depth > 2:
            return self.bits * self.problem.depth
        exponents = self.solution.graded_at(time)[2]
        return 4 * (exponents[0] - exponents[-1])

    def product(self, time: arb) -> arb_mat:
        """A = W_L ⋯ W_1 at a natural time."""
        layers = self.solution.narrow_layers(time)
        out = layers[0]
        for w in layers[1:]:
            out = w * out
        return out

    def exact_product(self, time: arb) -> list[list[arb]]:
        """A of the stored state with no further rounding that the small modes could feel."""
        if self.problem.depth > 2:
            return [[x.mid() for x in row] for row in self.product(time).tolist()]
        upper, lower, exponents, _ = self.solution.graded_at(time)
        scaled = [[x * arb((1, 2 * e)) for x in row] for row, e in zip(lower, exponents, strict=True)]
        return [[x.mid() for x in row] for row in (arb_mat(upper) * arb_mat(scaled)).tolist()]

    def singular(self, time: arb) -> tuple[Ball, ...]:
        """Singular values of A at a natural time."""
        with workprec(self.bits + self._range(time) + 64):
            values = jacobi_singular_values(self.exact_product(time))
        zeros = [arb(0)] * (len(values) - self.max_rank)
        return tuple(self.ball(s, absolute=False) for s in [*values[: self.max_rank], *zeros])

    def loss(self, time: arb) -> Ball:
        """C(A) at a natural time."""
        return self.ball(self.problem.cost.ball_value(self.product(time)))

    def detect(
        self, trace: Sequence[Sample], log2_start: float, size: float
    ) -> tuple[tuple[RankJump, ...], tuple[RankPlateau, ...]]:
        """Plateaus and jumps of the trace, to all digits."""
        found = rests(trace, log2_start, size, self.solution.settled)
        jumps: list[RankJump] = []
        plateaus: list[RankPlateau] = []
        before, one = 0, arb((1, self.speed))
        for k, rest in enumerate(found):
            time = self._stillest(trace, rest.index)
            values = self.singular(time)
            plateaus.append(RankPlateau(rest.rank, Ball(time / self.unit), values, self.loss(time)))
            for rank in range(before + 1, rest.rank + 1):
                window = trace[found[k - 1].index if k else 0 : rest.index + 1]
                moment = self.passage(window, rank - 1, values[rank - 1].arb.mid() / 2)
                own = self.ball(moment / self.unit * one)
                jumps.append(RankJump(rank, times_power(own, -self.speed), values[rank - 1]))
            before = max(before, rest.rank)
        return tuple(jumps), tuple(plateaus)

    def _stillest(self, trace: Sequence[Sample], index: int) -> arb:
        """The natural time near a sample at which ‖A'‖ is least, where it can be told from rounding."""
        nodes = [i for i, s in enumerate(trace) if s.log2_speed is not None]
        place = nodes.index(index)
        time, log2_speed = arb(trace[index].start), trace[index].log2_speed or 0.0
        room = self.digits * log2(10) + 8
        if place in (0, len(nodes) - 1) or log2_speed < -room:
            return time
        low, high = self._bracket([arb(trace[i].start) for i in nodes], place)
        if not low < high:
            return time
        while float(high - low) * 2.0 ** (log2_speed + room) > 1.0:
            middle = ((low + high) / 2).mid()
            if self._turning(middle) < 0:
                low = middle
            else:
                high = middle
        return low

    def _bracket(self, times: Sequence[arb], place: int) -> tuple[arb, arb]:
        """Times around one place between which ‖A'‖ turns from falling to rising; equal if there are none."""
        before, after = place - 1, place + 1
        while before > 0 and not self._turning(times[before]) < 0:
            before -= 1
        while after < len(times) - 1 and not self._turning(times[after]) > 0:
            after += 1
        low, high = times[before], times[after]
        return (low, high) if self._turning(low) < 0 < self._turning(high) else (low, low)

    def _turning(self, time: arb) -> arb:
        """⟨A', A''⟩ at a natural time."""
        series = self.solution.series_at(time)
        _, first, second = (a.entries() for a in series.product)
        return arb(sum((x * y for x, y in zip(first, second, strict=True)), fmpz(0)))

    def passage(self, window: Sequence[Sample], index: int, level: arb) -> arb:
        """The natural time at which a singular value first reaches a level: secant steps in a bracket."""
        height = float(level)
        first = next(k for k, s in enumerate(window) if s.values[index] >= height)
        low, high = arb(window[max(0, first - 1)].start), arb(window[first].end)

        def above(time: arb) -> arb:
            with workprec(self.bits + self._range(time) + 64):
                value = jacobi_singular_values(self.exact_product(time))[index]
            return (value.log() - level.log()).mid()

        f_low, f_high = above(low), above(high)
        goal = arb(10) ** -(self.digits + 1)
        x, y, f_x, f_y = low, high, f_low, f_high
        for _ in range(200):
            guess = (y - f_y * (y - x) / (f_y - f_x)).mid() if f_x != f_y else (low + high) / 2
            if not (low < guess < high):
                guess = ((low + high) / 2).mid()
            value = above(guess)
            if value < 0:
                low = guess
            else:
                high = guess
            x, f_x, y, f_y = y, f_y, guess, value
            if abs(x - y) < goal or f_y == 0:
                return y
        raise PrecisionError("a jump time did not converge", needed="more digits", hint="a larger digits=")
