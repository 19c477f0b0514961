"""Plateaus and jumps of a deep flow, found in the flow alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, ldexp, log2

import numpy as np
from flint import arb, fmpq, fmpz_mat

from saddlesym.deep.cost import QuadraticCost
from saddlesym.deep.units import OwnUnits
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction, power_of_two
from saddlesym.ode.matrix_flow import MatrixStep
from saddlesym.ode.matrix_series import Series, height

#: log2 of the factor by which the speed of A has to fall and rise around a plateau …
_DIP = 2.0
#: … and to have fallen at an end that counts as one.
_LAST_DIP = 6.0
#: Points of a step at which singular values are looked at.
_PARTS = (0.0, 0.25, 0.5, 0.75)
#: A singular value is up where it is this many times the speed over the top of the gradient.
_UP = 4.0
_NOISE = 1e-12
#: Part of the size of the data by which singular values may move on one plateau.
_STILL = 1e-3
_EPSILON = 2.0**-53
#: Steps from which the length of those to come is told.
_RECENT = 16


@dataclass(frozen=True, slots=True)
class Sample:
    """The flow in floating point at one time, to find one's way.

    Attributes:
        time: natural time.
        values: singular values of A, descending.
        start: the exact natural time at which the step begins that the sample lies in.
        end: the same for its end.
        log2_speed: log2 of ‖A'‖; None between two steps.
        slope: the top singular value of ∇C(A); 0 between two steps.
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


def samples(step: MatrixStep, series: Series) -> list[Sample]:
    """Samples of one step."""
    start, length = _float(step.start), _float(step.length)
    ends = step.start, step.start + step.length
    slope = float(np.linalg.norm(_floats(series.gradient[0], float(series.bits)), 2))
    A = [_floats(a, series.log2_one(k)) for k, a in enumerate(series.product)]
    first = tuple(np.linalg.svd(A[0], compute_uv=False).tolist())
    if step.kind == "leap":
        return [Sample(start, first, *ends, -float(series.bits), slope)]
    velocity, bits = series.product[1], height(series.product[1])
    log2_speed = -float(series.bits)
    if bits:
        size = float(np.linalg.norm(_floats(velocity, float(bits))))
        log2_speed = log2(size) + bits - series.bits - step.unit
    out = [Sample(start, first, *ends, log2_speed, slope)]
    whole = length * 2.0**-step.unit
    for part in _PARTS[1:]:
        total = np.zeros_like(A[0])
        for a in reversed(A):
            total = total * (part * whole) + a
        values = tuple(np.linalg.svd(total, compute_uv=False).tolist())
        out.append(Sample(start + part * length, values, *ends))
    return out


def _float(value: fmpq) -> float:
    with workprec(64):
        return float(arb(value).mid())


def _floats(matrix: fmpz_mat, log2_one: float) -> np.ndarray:
    drop = max(0, int(log2_one) - 60)
    scale = 2.0 ** (drop - log2_one)
    return np.array([[float(int(x >> drop)) * scale for x in row] for row in matrix.tolist()])


def growth_size(cost: QuadraticCost) -> float:
    """A singular value that a first jump reaches at least: s_1/‖K‖, the minimum of C along its direction."""
    _, K, B = (np.array([[float(fraction(q)) for q in row] for row in m.tolist()]) for m in cost.flint)
    return float(np.linalg.norm(B, 2) / np.linalg.norm(K, 2))


def steps_ahead(
    trace: Sequence[Sample], depth: int, max_rank: int, log2_start: float, size: float, end: float
) -> float:
    """On a plateau of three or more layers, about how many steps there will be until it is over.

    The next singular value a obeys ``a' ≤ L a^{2−2/L} s`` when the layers are balanced, s the top
    singular value of ∇C(A), and so needs the time ``a^{−(1−2/L)}/((L−2) s)``; steps stay as they are.

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
    middle = 2.0 ** ((log2_start + log2(size)) / 2)
    ranks = {sum(value > middle for value in s.values) for s in recent}
    rank = max(ranks)
    if len(recent) < _RECENT or len(ranks) > 1 or not 0 < rank < max_rank:
        return 0.0
    if speeds[-1] > max(speeds) - _LAST_DIP or here.slope <= 0.0:
        return 0.0
    following = max(here.values[rank], _EPSILON * here.values[0])
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
    top = max(size, *(max(s.values) for s in trace))
    # below _NOISE the singular values of a sample are rounding
    middle = max(2.0 ** ((log2_start + log2(top)) / 2), _NOISE * top)
    if not last and here.slope > 0.0:
        middle = max(middle, _UP * 2.0 ** (here.log2_speed or 0.0) / here.slope)
    return int(sum(s > middle for s in here.values))
