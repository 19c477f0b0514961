"""The integrator: Taylor steps of arbitrary order and precision, implicit steps, and leaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil, exp, inf, log, log2
from typing import Any

from flint import arb, fmpz

from saddlesym.errors import BadInputError, BudgetError
from saddlesym.exact.precision import kept, workprec
from saddlesym.ode.defect import BOUND_BITS, Certifier
from saddlesym.ode.field import Field
from saddlesym.ode.implicit import MARGIN, ImplicitSteps, Smooth, TooCoarseError
from saddlesym.ode.kernel import Kernel
from saddlesym.ode.leap import Line, straight_line
from saddlesym.ode.rest import distance_to_rest
from saddlesym.ode.solution import Solution, SolutionStep

_LN2 = log(2.0)
#: ln(R/h): the ratio of radius of convergence to step at which work per time is least.
#: Long series, whose products are cheap, are taken a little further.
_RATIO, _LONG_RATIO, _LONG = 2.0, 1.7, 300
#: A leap must be this many times longer than the Taylor step it replaces.
_WORTH = 8.0
#: Leaps are few, and each may have this many times the defect of a Taylor step.
_LEAP_SHARE = 16
#: Implicit steps for which a solution that has done enough may still come to rest, or to move.
_PATIENCE = 16
#: Fixed-point bits beyond the tolerance: room for steps of 2^40 and the noise of stiff fields.
_GUARD_BITS = 64
#: ... beyond the bits of the time, for implicit steps as long as it.
_ROOM_BITS = 48
#: A solution that never rests: three blocks of so many steps, none of them a leap, of which each
#: multiplies the time by this, as where unknowns fall like a power of the time.
#: Where a proof may come that the rest does not matter, blocks are longer.
_BLOCK, _LONG_BLOCK, _FACTOR = 20, 100, 30
#: The largest rate times the time is then about a power that does not change (by more than a factor);
#: it falls to nothing where a solution comes to rest, and grows with the time where one waits for a jump.
_POWERS, _STEADY = (0.01, 30.0), 3.0


def integrate(
    field: Field,
    start: Sequence[Any],
    until: Any = None,
    *,
    digits: int = 30,
    order: int | None = None,
    leaps: bool = True,
    certify: bool = True,
    max_steps: int = 1_000_000,
    progress: Callable[[float, int], None] | None = None,
    enough: Callable[[list[arb], arb], bool] | None = None,
    named: Callable[[float], str] = "time {:.6g}".format,
    reach_bits: int = 0,
    keep: bool = False,
) -> Solution:
    """Solve x' = f(x) with a proved bound for the defect of every step.

    Args:
        field: the vector field (k unknowns).
        start: x at time 0 (k): rationals or balls, of which the midpoint is used.
        until: the last time (rational or ball); None: until nothing moves any
            more but on a straight line on which no term ever wakes up.  A solution
            of a contracting field that is proved to rest ends there, and answers for
            all later times; one that slows down like a power of the time ends too, unsettled.
        digits: the defect of each Taylor step is at most 10^-digits in the field's norm
            (of a leap, 16 times as much).
        order: length of the power series; default: from the digits.
        leaps: whether straight lines may be taken where they satisfy the bound.
        certify: whether the defect of Taylor steps is enclosed; without it they are
            chosen by the size of the last terms, and ``defect`` is not available.
        max_steps: give up after this many steps.
        progress: called with (time, steps so far) after every step.
        enough: called with a state (k) and a bound of its error, at the ends of implicit steps: whether
            what is still to come does not matter.  A solution that decays like a power of the time
            ends some steps later; one in which an exponential is still to wake up goes on.
        keep: whether Ctrl-C ends the solution after its last whole step, instead of losing it.

    Raises:
        BadInputError: wrong number of unknowns, digits out of range, a negative time.
        BudgetError: more than ``max_steps`` steps.

    The answer depends on nothing but the arguments.

    >>> from saddlesym.ode.field import exp, variables, vector_field
    >>> (x,) = variables(1)
    >>> solution = integrate(vector_field([1 - exp(x)]), [-2], until=3, digits=20)
    >>> solution(3)[0].str(15, radius=False)
    '-0.276185519211369'
    """
    if len(start) != field.dimension:
        raise BadInputError(
            f"{len(start)} starting values for {field.dimension} unknowns", needed="one value per unknown"
        )
    if not 1 <= digits <= 100_000:
        raise BadInputError(f"digits={digits}", needed="1 <= digits <= 100000")
    guard = max(_GUARD_BITS, reach_bits + _ROOM_BITS)
    while True:
        try:
            run = _Run(field, digits, order, leaps, certify, max_steps, progress, guard, named)
            return run.solve(start, until, enough, keep)
        except TooCoarseError as found:
            guard = found.guard


class _Run:
    """One integration: its tolerance, its kernel, and the guesses it carries along."""

    def __init__(
        self, field: Field, digits: int, order: int | None, leaps: bool, certify: bool, max_steps: int,
        progress: Callable[[float, int], None] | None, guard: int, named: Callable[[float], str],
    ) -> None:  # fmt: skip
        self.named = named
        self.tolerance_bits = digits * log2(10.0)
        ratio = _RATIO if self.tolerance_bits < _LONG else _LONG_RATIO
        self.order = order or max(8, ceil(self.tolerance_bits * _LN2 / ratio))
        self.guard = guard
        # a unit vector that is long in the norm makes rounding count for more
        longest = max((float(b.log()) for b in field.measure.basis), default=0.0) / _LN2
        bits = ceil(self.tolerance_bits + max(0.0, longest)) + guard
        self.kernel = Kernel(field, bits, self.order)
        self.certifier = Certifier(field, bits, self.order)
        self.leaps, self.certify = leaps, certify
        self.max_steps, self.progress = max_steps, progress
        with workprec(BOUND_BITS):
            self.tolerance = arb(10) ** -digits
            self.weights = [float(w.log()) if w > 0 else -inf for w in field.measure.terms]
        self.steps: list[SolutionStep] = []
        #: the largest rate of an exponent now, and at the start of each step
        self.pace, self.paces = 0.0, list[float]()
        self.rest = 0
        #: part of the estimated step that the proof granted lately
        self.trim = 1.0
        self.rest_bound: arb | None = None
        self.implicit = ImplicitSteps(self.kernel, self.certifier, self.tolerance, self.tolerance_bits, guard)
        self.scale = self.explicit_scale = self._first_scale()

    def _first_scale(self) -> int:
        """log2 of a time in which nothing can change much."""
        with workprec(BOUND_BITS):
            rates = [abs(float(arb(g))) for g in self.kernel.growth]
        return -ceil(log2(max(rates, default=0.0) + 1e-300)) if any(rates) else 0

    def solve(
        self, start: Sequence[Any], until: Any, enough: Callable[[list[arb], arb], bool] | None, keep: bool
    ) -> Solution:
        kernel = self.kernel
        bits = kernel.bits + 64
        with workprec(bits):
            state = [kernel.fixed(arb(x)) for x in start]
            limit = None if until is None else kernel.fixed(arb(until))
        if limit is not None and limit < 0:
            raise BadInputError(f"the last time {until} is negative", needed="a time >= 0")
        time, settled, slowing, interrupted = fmpz(0), False, False, False
        error, creeping = arb(0), 0  # (steps in a row after which nothing mattered any more)
        while limit is None or time < limit:
            # the precision is asked for step by step, so that other threads get their turn
            with workprec(bits):
                if len(self.steps) >= self.max_steps:
                    raise BudgetError(
                        f"{self.max_steps} steps reached only {self.named(float(kernel.real(time)))}",
                        needed="fewer steps",
                        hint="an earlier last time, fewer digits, or a larger max_steps",
                    )
                try:
                    result = self._step(state, time, limit)
                except KeyboardInterrupt:
                    interrupted = keep and bool(self.steps)
                    if not interrupted:
                        raise
                    break
                if result is None:
                    settled = True
                    break
                step, state = result
                time = time + step.length
                self.steps.append(step)
                self.paces.append(self.pace)
                now = float(kernel.real(time))
                with workprec(BOUND_BITS):
                    error = (error + step.defect).upper()
                done = (
                    enough is not None
                    and step.kind == "implicit"
                    and enough([kernel.real(x) for x in state], error)
                )
                creeping = creeping + 1 if done else 0
                if limit is None and self._slows_down(creeping, enough is None):
                    slowing = True
                    break
            if self.progress is not None:
                with kept():
                    self.progress(now, len(self.steps))
        return Solution(
            kernel, tuple(self.steps), time, tuple(state), settled, self.rest_bound, slowing, interrupted
        )

    def _slows_down(self, creeping: int, unproved: bool) -> bool:
        """Whether unknowns fall like a power of the time, for ever as it seems.

        Where a slow rate has just woken up, steps grow as fast, but to its own time alone and within a block.
        """
        block = _BLOCK if unproved else _LONG_BLOCK
        marks = [-creeping, -1] if creeping > _PATIENCE else [-3 * block, -2 * block, -block, -1]
        if len(self.steps) < -marks[0] or any(step.kind == "leap" for step in self.steps[marks[0] :]):
            return False
        times = [float(self.kernel.real(self.steps[i].start)) for i in marks]
        if not all(b > _FACTOR * a for a, b in pairwise(times)):
            return False
        powers = [self.paces[i] * time for i, time in zip(marks, times, strict=True)]
        least, most = _POWERS
        return all(least < p < most for p in powers) and max(powers) < _STEADY * min(powers)

    def _step(
        self, state: list[fmpz], time: fmpz, limit: fmpz | None
    ) -> tuple[SolutionStep, list[fmpz]] | None:
        """The next step and the state after it; None when the solution has settled."""
        kernel = self.kernel
        exponents = kernel.exponents(state)
        floats = [float(u) for u in exponents]
        quiet = -self.tolerance_bits * _LN2
        heights = [u + w for u, w in zip(floats, self.weights, strict=True)]
        # over a long step even a weak term adds up
        awake = tuple(j for j, u in enumerate(heights) if u > quiet - 30 - max(0, self.scale) * _LN2)
        values = {j: exponents[j].exp() for j in awake}
        rates = [float(g) for g in kernel.start_rates(values)]
        self.pace = max(map(abs, rates), default=0.0)
        if self.leaps:
            settled, leap = self._leap(state, time, limit, heights, rates, values)
            if settled:
                return None
            if leap is not None:
                self.implicit.leapt()
                return leap
        fastest = self.implicit.fastest(values)
        left = None if limit is None else limit - time
        smooth = self.implicit.step(state, exponents, heights, rates, fastest, left)
        if smooth is not None:
            # leaps ask what happens within a step
            self.scale = int(smooth.length.bit_length()) - kernel.bits
            return self._land(time, smooth)
        self.scale = self.explicit_scale
        step, new = self._taylor(state, time, limit, exponents, heights, rates)
        self.explicit_scale = self.scale
        self.implicit.watch(float(kernel.real(step.length)), fastest)
        return step, new

    def _land(self, time: fmpz, smooth: Smooth) -> tuple[SolutionStep, list[fmpz]]:
        """An implicit step as a piece of the solution, and the state after it."""
        end = self.certifier.smooth_end(smooth.start, smooth.active, smooth.values, smooth.length)
        new = [self.kernel.fixed(x) for x in end]
        total = (smooth.defect + self.certifier.distance(end, new)).upper()
        step = SolutionStep(
            "implicit", time, smooth.length, smooth.start, smooth.active, 0, (), total, smooth.values
        )
        return step, new

    def _leap(
        self,
        state: list[fmpz],
        time: fmpz,
        limit: fmpz | None,
        heights: list[float],
        rates: list[float],
        values: dict[int, arb],
    ) -> tuple[bool, tuple[SolutionStep, list[fmpz]] | None]:
        kernel, quiet = self.kernel, -self.tolerance_bits * _LN2
        # standing still: above the tolerance, and hardly changing within a step
        still = quiet / 2 - self.scale * _LN2
        held = tuple(
            j
            for j in values
            if heights[j] + max(0, self.scale) * _LN2 > quiet
            and (rates[j] == 0 or log(abs(rates[j])) < still)
        )
        for j in values:
            # the deviation that a line would have to neglect
            if rates[j] != 0 and heights[j] + log(abs(rates[j])) + self.scale * _LN2 > quiet + 10:
                return False, None
        if self.rest > 0:
            self.rest -= 1
            return False, None
        self.rest = 3  # after a failure, look again some steps later
        line = straight_line(kernel, state, held, self.tolerance_bits)
        if line is None:
            return False, None
        reach = line.reach
        # the line is a point: wait until the rest is proved, where a zero can be a proof
        if reach == inf and line.fixed and kernel.field.contracting:
            return self._rests(line, state), None
        if reach == inf and limit is None:
            ahead = fmpz(1) << max(0, kernel.bits + self.scale)
            return self._leap_along(line, state, ahead) is not None, None
        left = inf if limit is None else float(kernel.real(limit - time))
        reach = min(reach, left)
        if reach < _WORTH * 2.0**self.scale:
            return False, None
        needed = ceil(log2(max(reach, 1.0))) + MARGIN
        if needed > self.guard:
            raise TooCoarseError(needed)
        length = limit - time if limit is not None and reach >= left else kernel.fixed(arb(reach))
        leap = self._leap_along(line, state, length)
        if leap is None:
            return False, None
        self.rest = 0
        new, total = leap
        step = SolutionStep("leap", time, length, tuple(line.state), held, 0, tuple(line.velocity), total)
        return False, (step, new)

    def _rests(self, line: Line, state: list[fmpz]) -> bool:
        """Whether the solution stays within the tolerance for ever, proved."""
        distance = distance_to_rest(self.kernel.field, line.state, self.kernel.bits)
        if distance is None:
            return False
        with workprec(BOUND_BITS):
            # from the state to the zero of the field, and as far again later on
            for x, y, b in zip(line.state, state, self.kernel.field.measure.basis, strict=True):
                distance += b * abs(self.kernel.real(x - y))
            bound = (2 * distance).upper()
        if not bound < _LEAP_SHARE * self.tolerance:
            return False
        self.rest_bound = bound
        return True

    def _leap_along(self, line: Line, state: list[fmpz], length: fmpz) -> tuple[list[fmpz], arb] | None:
        """The state after a line and the defect of the leap; None when that is too large."""
        bits = self.kernel.bits
        new = [x + ((length * v) >> bits) for x, v in zip(line.state, line.velocity, strict=True)]
        defect = self.certifier.line_defect(state, line.state, line.velocity, line.active, length, new)
        return (new, defect) if defect < _LEAP_SHARE * self.tolerance else None

    def _taylor(
        self,
        state: list[fmpz],
        time: fmpz,
        limit: fmpz | None,
        exponents: list[arb],
        heights: list[float],
        rates: list[float],
    ) -> tuple[SolutionStep, list[fmpz]]:
        kernel, certifier, quiet = self.kernel, self.certifier, -self.tolerance_bits * _LN2
        for _ in range(60):
            span = 2.0**self.scale
            active = tuple(
                j for j, u in enumerate(heights) if u + max(0.0, rates[j]) * span > quiet - 4 - log(span)
            )
            series = kernel.expand(exponents, active, self.scale)
            theta = kernel.longest(series, self.tolerance_bits + 4)
            if theta < 0.05:
                self.scale += min(-1, ceil(log2(max(theta, 1e-6))) + 1)
                continue
            length = self._short(min(1.0, theta * self.trim))
            self.trim = min(1.0, 1.01 * self.trim)
            last = limit is not None and time + length >= limit
            if last and limit is not None:
                length = limit - time
            for _ in range(8):
                defect = certifier.defect(state, series, length) if self.certify else self.tolerance
                if not self.certify or defect < self.tolerance:
                    break
                excess = float((defect / self.tolerance).log()) if defect.is_finite() else 20.0
                ratio = float(kernel.real(length)) / 2.0**self.scale
                shorter = max(0.3, 0.97 * exp(-excess / self.order))
                length, last = self._short(ratio * shorter), False
                self.trim = max(0.5, self.trim * shorter)
            else:
                self.scale -= 1
                continue
            new = kernel.advance(state, series, length)
            total = defect
            if self.certify:
                landing = certifier.landing(state, series, length, new)
                with workprec(BOUND_BITS):
                    total = (defect + landing).upper()
            step = SolutionStep("taylor", time, length, tuple(state), active, self.scale, (), total)
            if theta > 1.0:
                self.scale += min(3, ceil(log2(theta)))
            elif theta < 0.5 and not last:
                self.scale -= 1
            return step, new
        raise BudgetError(
            f"no step satisfies the tolerance at {self.named(float(kernel.real(time)))}",
            needed="a field that is smooth there",
            hint="fewer digits",
        )

    def _short(self, theta: float) -> fmpz:
        """The time 2^scale · θ as a fixed-point number with a short mantissa."""
        if self.kernel.bits + self.scale < 32:
            raise BudgetError(
                "the steps become too short for the digits", needed="slower changes", hint="more digits"
            )
        return fmpz(max(1, int(theta * 65536))) << (self.kernel.bits + self.scale - 16)
