"""The walk of the checker in Coq, done once before: hints for every dwell, and whether they will do.

The dual variable is carried as integers over a unit.  A path is walked *exactly*, its jump times
are then rationals; or *enclosed*: the unit is fixed, a jump time is the one at which the arriving
coordinate is exactly at its bound, known between two rationals, and every other coordinate is
known up to a radius.  Exact numbers grow with every jump, enclosed ones do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, gcd, lcm

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.kernel.integers import IntegerData, IntegerPoint, LeftInverse


@dataclass(frozen=True)
class Hint:
    """What the checker is told about a dwell; see ``proofs/coq/Checker.v``.

    Attributes:
        scale: by what the unit grows.
        move: the length of the dwell, over clock times denominator, in the new unit.
        slack: by how much ``move`` may be too short.
        arrives: the coordinate that ends the dwell; d when the end is a horizon.
        cancels: a common divisor after the dwell.
        face: the columns that may be at their bound inside the dwell.
    """

    scale: int
    move: int
    slack: int
    arrives: int
    cancels: int
    face: tuple[int, ...]


@dataclass
class _State:
    """The dual variable, times ``columns_over``: integers over ``unit``, exact or up to ``radius``."""

    columns_over: list[int]
    mids: list[int]
    exact: list[bool]
    radius: int = 0
    unit: int = 1

    def bound(self, i: int) -> int:
        return self.columns_over[i] * self.unit

    def error(self, i: int) -> int:
        return 0 if self.exact[i] else self.radius

    def touches(self, numerators: Sequence[int]) -> bool:
        """|s_i| ≤ 1 and s_i b_i = |b_i|, for certain."""
        for i, b in enumerate(numerators):
            if b == 0:
                if abs(self.mids[i]) + self.error(i) > self.bound(i):
                    return False
            elif not self.exact[i] or self.mids[i] != (self.bound(i) if b > 0 else -self.bound(i)):
                return False
        return True

    def face(self, slopes: Sequence[int]) -> tuple[int, ...]:
        return tuple(
            i for i, g in enumerate(slopes) if g == 0 and abs(self.mids[i]) + self.error(i) >= self.bound(i)
        )


@dataclass(frozen=True)
class IntegerWalk:
    """A path as the checker walks it.

    Attributes:
        data: in integers.
        points: the saddles, from 0 on; of a path up to a horizon those of its dwells.
        lower, upper: bounds of the jump times (and of the horizon), from 0 on.
        hints: one for each dwell that ends.
        complete: whether the last point is the end of the path.
        last_face: the columns at their bound at that end.
        work: bit operations that the checker takes, roughly.
    """

    data: IntegerData
    points: list[IntegerPoint]
    lower: list[Fraction]
    upper: list[Fraction]
    hints: list[Hint]
    complete: bool
    last_face: tuple[int, ...]
    work: int

    @property
    def exact(self) -> bool:
        """Whether the jump times are known exactly."""
        return self.lower == self.upper


@dataclass
class _Walker:
    data: IntegerData
    points: list[IntegerPoint]
    ends: list[tuple[Fraction, int]]  # times of jumps (and of a horizon), and who arrives
    bits: int | None  # of an enclosed walk
    state: _State = field(init=False)
    work: int = 0
    sound: bool = True

    def __post_init__(self) -> None:
        d = self.data.d
        self.state = _State(self.data.columns_over, [0] * d, [True] * d)
        self.slopes = [self.data.slopes(point) for point in self.points]
        self.clocks = [self.data.clock * denominator for _, denominator in self.points]

    def hints(self) -> list[Hint]:
        """The hints of all dwells; ``sound`` says afterwards whether they will be accepted."""
        hints: list[Hint] = []
        before = Fraction(0)
        step = self._exactly if self.bits is None else self._enclosed
        for k, (time, arrives) in enumerate(self.ends):
            hints.append(step(k, time - before, arrives))
            before = time
        return hints

    def _exactly(self, k: int, length: Fraction, arrives: int) -> Hint:
        step = length / self.clocks[k]
        unit = lcm(self.state.unit, step.denominator)
        move = step.numerator * (unit // step.denominator)
        return self._step(k, unit // self.state.unit, move, 0, arrives)

    def _enclosed(self, k: int, length: Fraction, arrives: int) -> Hint:
        state, scale = self.state, 1
        if k == 0:
            largest = max(abs(g) for slopes in self.slopes for g in slopes)
            scale = 2 ** (largest.bit_length() + (self.bits or 0))
        unit = scale * state.unit
        g = self.slopes[k][arrives] if arrives < self.data.d else 0
        if g == 0:  # a horizon
            move, slack = floor(length / self.clocks[k] * unit), 0
        else:
            way = self.data.columns_over[arrives] * unit + (1 if g > 0 else -1) * scale * state.mids[arrives]
            error = scale * state.error(arrives)
            move = (way - error) // abs(g)
            slack = -(-(way + error) // abs(g)) - move
        return self._step(k, scale, move, slack, arrives)

    def _step(self, k: int, scale: int, move: int, slack: int, arrives: int) -> Hint:
        state, slopes = self.state, self.slopes[k]
        self.sound &= move > 0 and slack >= 0 and state.touches(self.points[k][0])
        unit = scale * state.unit
        mids, exact = [], []
        for i, g in enumerate(slopes):
            if g == 0:
                mids.append(scale * state.mids[i])
                exact.append(state.exact[i])
            elif i == arrives:
                bound = self.data.columns_over[i] * unit
                mids.append(-bound if g > 0 else bound)
                exact.append(True)
            else:
                mids.append(scale * state.mids[i] - move * g)
                exact.append(state.exact[i] and slack == 0)
        radius = scale * state.radius + slack * max(map(abs, slopes))
        divisor = gcd(unit, radius, *mids) if self.bits is None else 1
        face = state.face(slopes)
        self.work += self._cost(k, scale, move, divisor, unit)
        self.state = _State(
            state.columns_over, [m // divisor for m in mids], exact, radius // divisor, unit // divisor
        )
        self.sound &= self.state.touches(self.points[k][0])
        return Hint(scale, move, slack, arrives, divisor, face)

    def _cost(self, k: int, scale: int, move: int, divisor: int, unit: int) -> int:
        size = max(map(abs, self.slopes[k])).bit_length()
        step = move.bit_length() * size
        if scale > 1:
            step += scale.bit_length() * self.state.unit.bit_length()
        if divisor > 1:
            step += 2 * divisor.bit_length() * unit.bit_length()
        return self.data.d * step


#: Precisions of enclosed walks, in bits of s; the next one when the last one did not do.
_PRECISIONS = (64, 128, 256, 512, 1024)
#: Work of the checker up to which jump times are exact: some ten seconds.
EXACT_WORK = 5 * 10**8


def walked(path: SaddlePath, *, exact: bool | None = None) -> IntegerWalk:
    """The walk of a path, exact where that is no great work, or where coordinates arrive together.

    Args:
        path: computed, or read back; complete, or known up to a horizon.
        exact: whether jump times have to be exact; by default where that takes some seconds at most.

    Returns:
        The walk, also of a path that the checker will refuse.

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> walk = walked(saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1])))
    >>> [str(time) for time in walk.lower], walk.exact
    (['0', '1/3', '2/3'], True)
    """
    data = IntegerData.of(path.problem)
    points = [([0] * data.d, 1), *(data.point(jump.beta) for jump in path.jumps)]
    ends = [(jump.time, jump.hits[0].coordinate if jump.hits else data.d) for jump in path.jumps]
    if not path.complete:
        horizon = path.horizon or Fraction(0)
        if not ends or horizon > ends[-1][0]:
            ends.append((horizon, data.d))
        points = points[: len(ends)]
    found = None
    if exact is not False:
        found, sound = _attempt(data, points, ends, path.complete, None)
        if exact or not sound or found.work <= EXACT_WORK:
            return found
    for bits in _PRECISIONS:
        enclosed, sound = _attempt(data, points, ends, path.complete, bits)
        if sound:
            return enclosed
    return found or _attempt(data, points, ends, path.complete, None)[0]


def _attempt(
    data: IntegerData,
    points: list[IntegerPoint],
    ends: list[tuple[Fraction, int]],
    complete: bool,
    bits: int | None,
) -> tuple[IntegerWalk, bool]:
    """A walk, and whether the checker will accept it."""
    walker = _Walker(data, points, ends, bits)
    hints = walker.hints()
    times = [Fraction(0), *(time for time, _ in ends)]
    work = walker.work + _rest(data, points, times if bits is None else [])
    lower, upper = (times, times) if bits is None else _enclosures(walker, hints, bits)
    last: tuple[int, ...] = ()
    if complete:
        walker.sound &= not any(walker.slopes[-1]) and walker.state.touches(points[-1][0])
        last = walker.state.face(walker.slopes[-1])
    return IntegerWalk(data, points, lower, upper, hints, complete, last, work), walker.sound


def _enclosures(walker: _Walker, hints: Sequence[Hint], bits: int) -> tuple[list[Fraction], list[Fraction]]:
    """Short decimals between which the jump times lie, each step rounded outwards."""
    ulp = 10 ** (bits * 3 // 10)
    lower, upper, unit = [Fraction(0)], [Fraction(0)], 1
    for hint, clock in zip(hints, walker.clocks, strict=False):
        unit *= hint.scale
        lower.append(Fraction(floor((lower[-1] + Fraction(hint.move * clock, unit)) * ulp), ulp))
        upper.append(
            Fraction(ceil((upper[-1] + Fraction((hint.move + hint.slack) * clock, unit)) * ulp), ulp)
        )
    return lower, upper


def _rest(data: IntegerData, points: Sequence[IntegerPoint], times: Sequence[Fraction]) -> int:
    """Bit operations for the gradients and for comparing times."""
    gram = max(int(abs(x)).bit_length() for x in data.gram.entries())
    bits = [max(*map(abs, b), q).bit_length() for b, q in points]
    nonzero = [sum(1 for x in b if x) for b, _ in points]
    gradients = sum(data.d * k * gram * size for k, size in zip(nonzero, bits, strict=True))
    lengths = [time.denominator.bit_length() for time in times]
    return gradients + sum(4 * a * b for a, b in pairwise(lengths))


def independents(walk: IntegerWalk) -> tuple[list[LeftInverse], list[int], tuple[int, ...] | None]:
    """Few groups of independent columns that hold the faces of all dwells.

    Returns:
        the groups, which of them holds the face of each dwell (and of the end), and a face whose
        columns are dependent, if there is one.
    """
    faces = [hint.face for hint in walk.hints] + ([walk.last_face] if walk.complete else [])
    largest: list[tuple[int, ...]] = []
    for face in sorted(set(faces), key=lambda f: (-len(f), f)):
        if not any(set(face) <= set(other) for other in largest):
            largest.append(face)
    groups: list[LeftInverse] = []
    for face in largest:
        inverse = LeftInverse.of(walk.data, face)
        if inverse is None:
            return [], [], face
        groups.append(inverse)
    held = [next(m for m, group in enumerate(groups) if set(face) <= set(group.columns)) for face in faces]
    return groups, held, None
