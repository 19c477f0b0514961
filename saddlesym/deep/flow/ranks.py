"""Plateaus and jumps of a deep flow, found in the flow alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, ldexp, log2
from sys import float_info

from flint import arb, fmpq, fmpz, fmpz_mat

from saddlesym.deep.cost import QuadraticCost
from saddlesym.deep.flow.integrator.integrate import PART
from saddlesym.deep.flow.integrator.series import Series
from saddlesym.deep.flow.integrator.solution import MatrixStep
from saddlesym.deep.flow.units import OwnUnits
from saddlesym.exact.linear.jacobi import sampled_values
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import power_of_two

#: log2 of the factor by which the speed of A has to fall and rise around a plateau …
_DIP = 2.0
#: … and to have fallen at an end that counts as one.
_LAST_DIP = 6.0
#: Quarters of a step at which singular values are looked at, besides its start.
_QUARTERS = (1, 2, 3)
#: A singular value is up where it is this many times the speed over the top of the gradient, or of that top.
_UP, _LEFT_ALONE = 4.0, 2.0**_LAST_DIP
#: Part of the largest one below which no singular value is up: most of the way from a tiny start lies below.
_LEAST = 1e-12
#: Part of the size of the data by which singular values may move on one plateau.
_STILL = 1e-3
#: The gradient has settled on a plateau where its top has fallen by no more than this on the recent steps.
_SETTLED = 2.0
#: Bits of the entries from which the size of the data is told.
_SIZE_BITS = 80
#: Steps from which the length of those to come is told.
_RECENT = 16


@dataclass(frozen=True, slots=True)
class Sample:
    """The flow in floating point at one time, to find one's way.

    Attributes:
        time: natural time.
        values: singular values of A, descending; zero where rounding does not let them be told from it.
        start: the exact natural time at which the step begins that the sample lies in.
        end: the same for its end.
        log2_speed: log2 of ‖A'‖; None between two steps.
        slope: the top singular value of ∇C(A), zero as above; 0 between two steps.
    """

    time: float
    values: tuple[float, ...]
    start: fmpq
    end: fmpq
    log2_speed: float | None = None
    slope: float = 0.0


def in_given_units(sample: Sample, units: OwnUnits) -> Sample:
    """A sample of a flow in own units as one of the flow of the problem given."""
    speed, rate = power_of_two(-units.speed), units.product + units.curvature
    return replace(
        sample,
        time=ldexp(sample.time, -units.speed),
        values=tuple(ldexp(value, units.product) for value in sample.values),
        start=sample.start * speed,
        end=sample.end * speed,
        log2_speed=None if sample.log2_speed is None else sample.log2_speed + units.product + units.speed,
        slope=ldexp(sample.slope, rate),
    )


class Sampler:
    """Takes samples of one flow, step by step: in exact arithmetic, the same numbers on every machine.

    Args:
        bits: singular values of A that rounding to 2^-bits may have made are given as zero,
        slope_bits: and so is a top singular value of ∇C(A), by 2^-slope_bits.
    """

    def __init__(self, bits: int, slope_bits: int) -> None:
        self.bits, self.slope_bits = bits, slope_bits

    def __call__(self, step: MatrixStep, series: Series) -> list[Sample]:
        """Samples of one step: at its start, and three more inside unless A stands still."""
        ends = step.start, step.start + step.length
        gradient = _cut(series.gradient[0], series.bits, self.slope_bits)
        slope = _floats(sampled_values(*gradient))[0]
        first = self._values(series.product[0], series.bits)
        start = _float(step.start)
        if step.kind == "leap":
            return [Sample(start, first, *ends, -float(series.bits), slope)]
        squares = sum(x * x for x in series.product[1].entries())
        log2_speed = (log2(int(squares)) / 2 if squares else 0.0) - series.bits
        out = [Sample(start, first, *ends, log2_speed - step.unit if squares else log2_speed, slope)]
        for quarter in _QUARTERS if step.length else ():
            time = step.length * fmpq(quarter, 4)
            part = time * power_of_two(PART + 2 - step.unit)
            A = series.product_at(part.p, PART + 2)
            out.append(Sample(_float(step.start + time), self._values(A, series.bits), *ends))
        return out

    def _values(self, A: fmpz_mat, bits: int) -> tuple[float, ...]:
        return _floats(sampled_values(*_cut(A, bits, self.bits)))


def _cut(matrix: fmpz_mat, bits: int, kept: int) -> tuple[fmpz_mat, int]:
    """A matrix over 2^bits with no more than so many of them."""
    drop = max(0, bits - kept)
    return fmpz_mat(matrix.nrows(), matrix.ncols(), [x >> drop for x in matrix.entries()]), bits - drop


def _floats(values: Sequence[arb]) -> tuple[float, ...]:
    """As floats; what is not zero stays so."""
    return tuple(max(float(value), float_info.min) if value > 0 else 0.0 for value in values)


def _float(value: fmpq) -> float:
    with workprec(64):
        return float(arb(value).mid())


def growth_size(cost: QuadraticCost) -> float:
    """A singular value that a first jump reaches at least: s_1/‖K‖, the minimum of C along its direction.

    Of a cost in own units.
    """
    _, *both = cost.flint
    scale = fmpz(1) << _SIZE_BITS
    whole = (fmpz_mat(m.nrows(), m.ncols(), [(q * scale).floor() for q in m.entries()]) for m in both)
    K, B = (_floats(sampled_values(m, _SIZE_BITS))[0] for m in whole)
    return B / K


def steps_ahead(
    trace: Sequence[Sample], depth: int, max_rank: int, log2_start: float, size: float, end: float
) -> float:
    """On a plateau of three or more layers, about how many steps there will be until it is over.

    The next singular value a obeys ``a' ≤ L a^{2−2/L} s`` when the layers are balanced, s the top
    singular value of ∇C(A), and so needs the time ``a^{−(1−2/L)}/((L−2) s)``; steps stay as they are.
    Nothing is foretold (0) as long as s still falls, which it does to nothing where no mode is left to
    grow, and where a cannot be told from zero: such a flow may just rest.

    Args:
        trace: samples in order of time.
        depth: L, at least 3.
        max_rank: the greatest rank that the widths allow.
        log2_start: log2 of the size of A at the start.
        size: of a singular value that is up.
        end: the last natural time; infinite for none.
    """
    nodes = [s for s in trace if s.log2_speed is not None]
    recent, here = nodes[-_RECENT:], nodes[-1]
    speeds = [s.log2_speed or 0.0 for s in nodes]
    middle = _middle(log2_start, size)
    ranks = {sum(value > middle for value in s.values) for s in recent}
    rank = max(ranks)
    if len(recent) < _RECENT or len(ranks) > 1 or not 0 < rank < max_rank:
        return 0.0
    if speeds[-1] > max(speeds) - _LAST_DIP or max(s.slope for s in recent) > _SETTLED * here.slope:
        return 0.0
    following = here.values[rank]
    if following == 0.0 or here.slope == 0.0:
        return 0.0
    wait = float(following ** (2 / depth - 1)) / ((depth - 2) * here.slope)
    # late and slow, the times of two steps may be the same number in floating point
    return min(wait, end - here.time) * (_RECENT - 1) / _float(here.start - recent[0].start)


@dataclass(frozen=True, slots=True)
class Rest:
    """A plateau: where, and the rank of A there."""

    index: int
    rank: int


def rests(trace: Sequence[Sample], log2_start: float, size: float, settled: bool) -> list[Rest]:
    """The plateaus of a trace: its start, and minima of the speed of A with larger speeds on both sides.

    Args:
        trace: samples in order of time.
        log2_start: log2 of the size of A at the start.
        size: of a singular value that is up, as far as the cost tells.
        settled: whether the last sample is at rest.
    """
    nodes = [i for i, s in enumerate(trace) if s.log2_speed is not None]
    found: list[int] = []
    low: float = inf
    high, at, falling = -inf, nodes[0], True
    for i in nodes:
        speed = trace[i].log2_speed or 0.0
        if falling and speed < low:
            low, at = speed, i
        elif falling and speed > low + _DIP:
            found.append(at)
            falling, high = False, speed
        elif not falling:
            high = max(high, speed)
            if speed < high - _DIP:
                falling, low, at = True, speed, i
    if settled:
        at = nodes[-1]
    if falling and (settled or low < high - _LAST_DIP):
        found.append(at)
    if not found:
        found.append(nodes[0])
    out: list[Rest] = []
    for i in dict.fromkeys(found):
        rest = Rest(i, _rank(trace, i, log2_start, size, settled and i == nodes[-1]))
        if out and out[-1].rank == rest.rank and _stays(trace, out[-1].index, i, size):
            # where A stands still its speed is rounding, which has dips of its own
            stiller = (trace[i].log2_speed or 0.0) < (trace[out[-1].index].log2_speed or 0.0)
            out[-1] = rest if stiller or i == nodes[-1] else out[-1]
        else:
            out.append(rest)
    return out


def _stays(trace: Sequence[Sample], first: int, last: int, size: float) -> bool:
    """Whether the singular values hardly move between two samples."""
    here = trace[first].values
    return all(
        abs(a - b) <= _STILL * size
        for sample in trace[first : last + 1]
        for a, b in zip(sample.values, here, strict=True)
    )


def _rank(trace: Sequence[Sample], index: int, log2_start: float, size: float, last: bool) -> int:
    """How many singular values are up: grown half of their way from the start, and not on their way."""
    here = trace[index]
    if index == 0 and not last:
        return 0
    # before the first jump no sample tells how large a singular value is that is up
    middle = _middle(log2_start, max(size, *(max(s.values) for s in trace)))
    pull = 0.0 if last else here.slope
    if pull > 0.0:
        # one on its way feels a gradient as large as itself, and makes the speed by it
        middle = max(middle, min(_UP * 2.0 ** (here.log2_speed or 0.0) / pull, _LEFT_ALONE * pull))
    return int(sum(s > middle for s in here.values))


def _middle(log2_start: float, top: float) -> float:
    """Half of the way of a singular value from the start to the top, on a logarithmic scale; see _LEAST."""
    return float(max(2.0 ** ((log2_start + log2(top)) / 2), _LEAST * top))
