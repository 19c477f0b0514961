"""Solutions as piecewise polynomials with a proved defect on every piece."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal, TypeAlias

from flint import arb, arb_poly, fmpz, fmpz_poly

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.precision import workprec
from saddlesym.exact.values import Uncached
from saddlesym.ode.defect import BOUND_BITS
from saddlesym.ode.kernel import Kernel

StepKind: TypeAlias = Literal["taylor", "leap", "implicit"]


@dataclass(frozen=True, slots=True)
class SolutionStep:
    """One piece of a solution.  Numbers are fixed point over 2^bits of the kernel.

    Attributes:
        kind: ``"taylor"``, ``"implicit"`` or ``"leap"`` (a straight line).
        start: time at its start.
        length: its duration.
        state: x at its start (k).
        active: terms carried, or standing still (leap).
        scale: time unit 2^scale of the series; 0 without one.
        velocity: x' of a leap (k), else empty.
        defect: proved bound for ∫‖x̂' − f(x̂)‖ over the step, plus the jump of x̂
            by rounding at its end (an estimate where certification was off).
        values: the active exponentials of an implicit step as polynomials in the part of
            the step done, else empty.
    """

    kind: StepKind
    start: fmpz
    length: fmpz
    state: tuple[fmpz, ...]
    active: tuple[int, ...]
    scale: int
    velocity: tuple[fmpz, ...]
    defect: arb
    values: tuple[arb_poly, ...] = ()


@dataclass(frozen=True)
class Solution(Uncached):
    """A numerical solution: piecewise polynomial, with its defect enclosed.

    Calling it gives the state at a time (dense output).  Power series are not stored;
    they are expanded again, identically, where they are asked for.

    Attributes:
        kernel: the prepared field that made it.
        steps: the pieces in order of time.
        end: the last time, in fixed point.
        final: the state at the end.
        settled: whether the solution came to rest for ever at the tolerance.
        rest: where an equilibrium near the final state is proved, a bound for the further
            distance from ``final`` at all later times, for a field whose solutions
            never move apart; later times are then part of the solution.
        slowing: whether it was left because it never rests but slows down like a power of the time.
        interrupted: whether Ctrl-C ended it before its time.
    """

    kernel: Kernel = field(repr=False)
    steps: tuple[SolutionStep, ...] = field(repr=False)
    end: fmpz
    final: tuple[fmpz, ...] = field(repr=False)
    settled: bool
    rest: arb | None = None
    slowing: bool = False
    interrupted: bool = False

    @cached_property
    def _starts(self) -> list[fmpz]:
        return [step.start for step in self.steps]

    @cached_property
    def defects(self) -> list[arb]:
        """Accumulated defect up to the end of every step: proved upper bounds."""
        total, out = arb(0), []
        with workprec(BOUND_BITS):
            for step in self.steps:
                total = (total + step.defect).upper()
                out.append(total)
        return out

    @property
    def end_time(self) -> arb:
        """The last time, exact."""
        return self.kernel.real(self.end)

    @property
    def leaps(self) -> int:
        """Number of leaps among the steps."""
        return sum(step.kind == "leap" for step in self.steps)

    @property
    def defect(self) -> arb:
        """Accumulated defect over the whole solution, a proved upper bound."""
        return self.defects[-1] if self.steps else arb(0)

    @property
    def implicit(self) -> int:
        """Number of implicit steps."""
        return sum(step.kind == "implicit" for step in self.steps)

    def node(self, index: int) -> tuple[arb, tuple[fmpz, ...]]:
        """Time and state at the start of a step; for the index behind the last one, at the end."""
        if index < len(self.steps):
            return self.kernel.real(self.steps[index].start), self.steps[index].state
        return self.end_time, self.final

    def error_at(self, index: int) -> arb:
        """Accumulated defect at the end of a step; for the index behind the last one, at rest."""
        if index < len(self.steps):
            return self.defects[index]
        with workprec(BOUND_BITS):
            return self.defect if self.rest is None else (self.defect + self.rest).upper()

    def index(self, time: arb) -> int:
        """The step in which a time lies; the number of steps for a time at rest.

        Raises:
            BadInputError: a time outside the solution.
        """
        point = self.kernel.fixed(time)
        if self.rest is not None and point > self.end:
            return len(self.steps)
        if point < -2 or point > self.end + 1:
            raise BadInputError(
                f"time {shown(time.str(8, radius=False))} lies outside the solution",
                needed=f"0 <= time <= {self.end_time.str(8, radius=False)}",
            )
        return max(0, bisect_right(self._starts, point) - 1)

    @cached_property
    def _integrals(self) -> Any:
        @lru_cache(maxsize=64)
        def integrals(index: int) -> list[arb_poly]:
            """∫₀^τ of the active exponentials of a step, as polynomials in τ."""
            step, kernel = self.steps[index], self.kernel
            with workprec(kernel.bits + 64):
                if step.kind == "implicit":
                    return [e.integral() for e in step.values]
                series = kernel.expand(kernel.exponents(step.state), step.active, step.scale)
                unit = arb((1, -kernel.bits))
                return [unit * arb_poly(fmpz_poly(e)).integral() for e in series.values]

        return integrals

    def state(self, time: arb, index: int | None = None) -> list[arb]:
        """x̂ at a time, the piecewise polynomial itself (no defect added).

        Args:
            time: a ball; the result encloses x̂ on all of it as far as the ball
                stays within the step (or index) it starts in.
            index: which step, where that is known.
        """
        index = self.index(time) if index is None else index
        if index >= len(self.steps):
            return [self.kernel.real(x) for x in self.final]
        step, kernel = self.steps[index], self.kernel
        with workprec(kernel.bits + 64):
            elapsed = time - kernel.real(step.start)
            state = [kernel.real(x) for x in step.state]
            if step.kind == "leap":
                return [x + elapsed * kernel.real(v) for x, v in zip(state, step.velocity, strict=True)]
            unit = kernel.real(step.length) if step.kind == "implicit" else arb((1, step.scale))
            tau = elapsed / unit
            out = [x + elapsed * arb(q) for x, q in zip(state, kernel.field.constant, strict=True)]
            for j, polynomial in zip(step.active, self._integrals(index), strict=True):
                integral = polynomial(tau) * unit
                for i, q in enumerate(kernel.field.terms[j].coefficients):
                    if q != 0:
                        out[i] += arb(q) * integral
            return out

    def __call__(self, time: Any) -> list[arb]:
        """The state x̂ at a time given as a number or ball."""
        with workprec(self.kernel.bits + 64):
            return self.state(arb(time))

    def __iter__(self) -> Iterator[SolutionStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)
