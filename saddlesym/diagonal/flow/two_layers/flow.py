"""The training flow of a diagonal network at finite initialisation scale α.

The flow is integrated in its dual form with a hundred digits or more and knows
nothing of the limiting path: this module imports neither the path nor the
minimiser, so that agreement with them is evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, log10
from typing import Any

from flint import arb

from saddlesym.diagonal.flow.documents import agreeing, flow_document, most_steps, read_data
from saddlesym.diagonal.flow.jumps_grid import jumps_grid
from saddlesym.diagonal.flow.loss import enclosed_loss, first_loss
from saddlesym.diagonal.flow.start import accelerated_time, last_time, read_shape
from saddlesym.diagonal.flow.two_layers.crests import enclosed_dual
from saddlesym.diagonal.flow.two_layers.form import DualForm
from saddlesym.diagonal.flow.two_layers.jumps import FlowJump, Plateau, detect
from saddlesym.diagonal.flow.two_layers.solve import solve_flow
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, PrecisionError, shown
from saddlesym.exact.balls import Ball, known_to
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.exact.scalars import fraction, to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.exact.values import at_times
from saddlesym.grids import Displayed, Drawn, Grid, Math
from saddlesym.ode.solution import Solution
from saddlesym.progress import Listener

MIN_DIGITS, MAX_DIGITS = 5, 10_000
#: Steps after which a flow is given up.
MAX_STEPS = 50_000
#: Digits beyond the requested ones, for the sum of some thousand local defects and for slow jumps:
#: with one less the diabetes data at α = 1e-100 lacked a digit of the last jump and were solved twice.
_GUARD = 7
_ATTEMPTS = 4
#: Digits by which the slowest jump must stand out of the noise of a solution (see ``STILLNESS``); half of
#: its own are added, since the rate at which the loss falls is a square.
_CONTRAST = 8
#: How many digits an attempt may add: an unbounded ball says nothing about how many are needed.
_MOST_MISSING = 4000


@dataclass(frozen=True)
class Flow(Displayed, Drawn, Documented):
    """A training flow from t = 0 to ``end``, with proved enclosures when certified.

    Attributes:
        problem: the problem it belongs to.
        scale: α.
        digits: every reported number is within 10^-digits·(1 + |number|); of plateaus, β.
        kappa: κ (d).
        certified: whether the radii are proved; otherwise they are estimates.
        jumps: jumps found in the flow, in order of time.
        plateaus: plateaus found in the flow, one more than jumps.
        settled: whether the flow came to rest before any time limit.
        solution: the piecewise polynomial behind it, in the units of ``form``; it may
            reach a trifle beyond the requested end, or end before it at a proved rest.
        until: the last time that was asked for; None when there was none.
        leaping: whether leaps over dwells were allowed.
    """

    problem: DiagonalProblem
    scale: InitialScale
    digits: int
    kappa: tuple[Fraction, ...]
    certified: bool
    jumps: tuple[FlowJump, ...]
    plateaus: tuple[Plateau, ...]
    solution: Solution = field(repr=False, compare=False)
    form: DualForm = field(repr=False, compare=False)
    until: Fraction | None = None
    leaping: bool = True

    @property
    def settled(self) -> bool:
        """Whether the flow came to rest for ever (at its tolerance) by its end."""
        return self.solution.settled

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the flow before its time; all numbers hold up to ``end``."""
        return self.solution.interrupted

    @property
    def later_changes(self) -> tuple[Ball, ...] | None:
        """Proved bounds of |β_i(t) − β_i(end)| (d) for all t > end, where the flow is certified.

        None for dependent columns, whose β no gradient determines.  Of a flow that is
        ``slowing`` these are often below its digits: z moves on, and β does not.
        """
        with workprec(self._bits):
            kernel = self.solution.kernel
            state = [kernel.real(x) for x in self.solution.final]
            found = self.form.later_changes(state, self.solution.defect)
            return None if found is None else tuple(Ball(x.upper()) for x in found)

    @property
    def slowing(self) -> bool:
        """Whether the flow was left unsettled because it falls like a power of the time.

        So it does where a coordinate with s_i = ±1 has β_i = 0 and no gradient at the end (no strict
        complementarity).  That no jump comes later is judged, not proved; all numbers hold up to ``end``.
        """
        return self.solution.slowing

    @property
    def log_inverse_scale(self) -> Ball:
        """Λ = ln(1/α)."""
        with workprec(self._bits):
            return Ball(self.scale.log_inverse())

    @property
    def end(self) -> Ball:
        """The last accelerated time."""
        with workprec(self._bits):
            if self._reaches_request():
                return Ball(arb(to_fmpq(self.until)))
            return Ball(self.form.moment(self.solution.end_time) / self.scale.log_inverse())

    def _reaches_request(self) -> bool:
        """Whether the solution covers the requested end (it rests before it otherwise)."""
        if self.until is None:
            return False
        time = self._own_time(arb(to_fmpq(self.until)))
        return self.solution.rest is not None or bool(time.upper() <= self.solution.end_time)

    def _own_time(self, t: arb) -> arb:
        """Time of the solution for an accelerated time."""
        return t * self.scale.log_inverse() * arb((1, self.form.clock))

    @property
    def _bits(self) -> int:
        return self.solution.kernel.bits + 64

    def _dual(self, t: Any) -> list[arb]:
        """Enclosures of z (d) at accelerated time t."""
        time = self._own_time(t.arb if isinstance(t, Ball) else arb(accelerated_time(t)))
        if self.solution.rest is None and time.upper() > self.solution.end_time:
            raise BadInputError(
                f"time {shown(t)} lies beyond the computed flow",
                needed=f"t <= {self.end.arb.str(8, radius=False)}",
                hint="a later until",
            )
        return enclosed_dual(self.form, self.solution, time)

    def _final_dual(self) -> list[arb]:
        if self._reaches_request():
            return self._dual(self.until)
        kernel = self.solution.kernel
        return self.form.enclosed_dual([kernel.real(x) for x in self.solution.final], self.solution.defect)

    def beta(self, t: Any, *, numpy: bool = False) -> Any:
        """β (d) at accelerated time t.

        Args:
            t: one time, or a list or an array of them, which gives as many values.
            numpy: a float array of midpoints, (d) or (times × d), in place of balls.

        Raises:
            BadInputError: a time is negative, or beyond the computed flow; so for all that take times.
        """
        return at_times(self._beta, t, numpy)

    def _beta(self, t: Any) -> tuple[Ball, ...]:
        with workprec(self._bits):
            return known_to(self.digits, self.form.coefficients(self._dual(t)))

    def dual(self, t: Any, *, numpy: bool = False) -> Any:
        """s = z/Λ (d) at accelerated time t."""
        return at_times(self._scaled_dual, t, numpy)

    def _scaled_dual(self, t: Any) -> tuple[Ball, ...]:
        with workprec(self._bits):
            log = self.scale.log_inverse()
            return known_to(self.digits, [z / log for z in self._dual(t)])

    def u(self, t: Any, *, numpy: bool = False) -> Any:
        """First-layer weights u (d) at accelerated time t."""
        return at_times(self._u, t, numpy)

    def _u(self, t: Any) -> tuple[Ball, ...]:
        with workprec(self._bits):
            parts = self.form.parts(self._dual(t))
            return known_to(self.digits, [(p.sqrt() + q.sqrt()) / arb(2).sqrt() for p, q in parts])

    def v(self, t: Any, *, numpy: bool = False) -> Any:
        """Second-layer weights v (d) at accelerated time t; β = u ⊙ v."""
        return at_times(self._v, t, numpy)

    def _v(self, t: Any) -> tuple[Ball, ...]:
        with workprec(self._bits):
            parts = self.form.parts(self._dual(t))
            return known_to(self.digits, [(p.sqrt() - q.sqrt()) / arb(2).sqrt() for p, q in parts])

    def loss(self, t: Any, *, numpy: bool = False) -> Any:
        """L(β) at accelerated time t, within 10^-digits·(1 + L(0)): that of y = 10^50 is 10^100 at first."""
        return at_times(self._loss_at, t, numpy)

    def _loss_at(self, t: Any) -> Ball:
        with workprec(self._bits):
            value, unit = self._loss(self.form.coefficients(self._dual(t)))
            return known_to(self.digits, [value], unit)[0]

    def _loss(self, beta: list[arb]) -> tuple[arb, arb]:
        """L(β), and 1 + L(0), to which its digits refer."""
        value = enclosed_loss(self.problem, beta, self.form.slope(beta))
        return value, 1 + first_loss(self.problem)

    @property
    def final_beta(self) -> tuple[Ball, ...]:
        """β (d) at the end."""
        with workprec(self._bits):
            return known_to(self.digits, self.form.coefficients(self._final_dual()))

    @property
    def steps(self) -> int:
        """Number of steps of the integrator, leaps included."""
        return len(self.solution)

    @property
    def leaps(self) -> int:
        """Number of leaps over dwells."""
        return self.solution.leaps

    def times(self) -> list[Ball]:
        """Accelerated jump times T_k(α)/Λ of this flow."""
        return [jump.time for jump in self.jumps]

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump that was found in the flow."""
        return jumps_grid(self, Math(r"T_k(\alpha)/\Lambda", "t"), limit)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the data, what was asked for and what was found; decimals with their radius."""
        return flow_document(self, {"certified": self.certified, "leaping": self.leaping})

    @classmethod
    def _read(cls, given: Fields, problem: DiagonalProblem | None = None, known: Sequence[Flow] = ()) -> Flow:
        """The flow followed again, unless it is known: a document proves nothing."""
        for one in known:
            if entry(one).items() >= given.document.items():
                return one
        found = flow(
            read_data(given, problem),
            given("alpha", InitialScale),
            digits=given("digits", int),
            until=given("until", Fraction | None, None),
            kappa=given("kappa", tuple[Fraction, ...] | None, None),
            certify=given("certified", bool),
            leaps=given("leaping", bool, True),
            max_steps=most_steps(given("steps", int)),
        )
        return agreeing(found, given)

    def __repr__(self) -> str:
        kind = "certified" if self.certified else "not certified"
        return (
            f"Flow(alpha={self.scale}, {self.digits} digits, {kind}, {len(self.jumps)} jumps, "
            f"end={self.end.arb.str(6, radius=False)}, {self.steps} steps)"
        )


def flow(
    problem: DiagonalProblem,
    alpha: Any = "1e-50",
    *,
    digits: int = USUAL_DIGITS,
    until: Any = None,
    kappa: Sequence[Any] | None = None,
    certify: bool = True,
    leaps: bool = True,
    max_steps: int = MAX_STEPS,
    progress: Listener | None = None,
    keep: bool = False,
) -> Flow:
    """Gradient flow of the two-layer diagonal network from scale α, to many digits.

    Args:
        problem: the data.
        alpha: α as text, Decimal, Fraction or float, 1e-1000000 ≤ α < 1.
        digits: every reported number is within 10^-digits·(1 + |number|).
        until: last accelerated time t = T/ln(1/α); default: until the flow rests, or where
            coordinates fall like 1/T, at |s_i| = 1 with β_i = 0, until that is plain (``slowing``).
        kappa: κ (d), positive: u_i(0) = √2·α^κ_i, v(0) = 0; default all 1.
        certify: prove the radii, by the bound on the integral of the defect.
        leaps: straight lines over dwells, so that the cost does not grow with ln(1/α).
        max_steps: give up after this many steps.
        progress: called with the steps so far and the accelerated time.
        keep: whether Ctrl-C ends the flow where it is (``interrupted``), instead of losing it.

    Raises:
        BadInputError: α, digits, until or κ out of range; until before the first jump.
        DegenerateProblemError: y is orthogonal to every column, so β = 0 for ever.
        PrecisionError: the digits could not be proved.
        BudgetError: more than ``max_steps`` steps.

    Source: theory of PF23; enclosures from the a-posteriori bound of the convex dual flow.

    >>> result = flow(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), alpha="1e-200", digits=20)
    >>> [(jump.coordinate, round(float(jump.time), 3)) for jump in result.jumps]
    [(0, 0.333), (1, 0.666)]
    >>> [round(float(b), 12) for b in result.final_beta]
    [1.5, -0.333333333333]
    """
    scale = InitialScale.read(alpha)
    if not isinstance(digits, int) or isinstance(digits, bool) or not MIN_DIGITS <= digits <= MAX_DIGITS:
        raise BadInputError(f"digits={shown(digits)}", needed=f"{MIN_DIGITS} <= digits <= {MAX_DIGITS}")
    shape = read_shape(kappa, problem.d)
    last = last_time(problem, shape, until)
    form = DualForm.of(problem, scale, shape).in_units()
    extra = _GUARD + ceil(max(0.0, log10(max(float(s) for s in form.spread))))
    between = form.digits_between() if last is None else 0
    if between > 0:
        extra = max(extra, between + _CONTRAST - digits // 2)
    for _ in range(_ATTEMPTS):
        solution = solve_flow(
            form, digits + extra, digits, last, certify, leaps, max_steps, progress, between, keep
        )
        try:
            plateaus, jumps = detect(form, solution)
        except PrecisionError:
            missing = digits - 1
        else:
            end = None if last is None or solution.interrupted else fraction(last)
            result = Flow(
                problem, scale, digits, tuple(map(fraction, shape)), certify, jumps, plateaus, solution, form,
                end, leaps,
            )  # fmt: skip
            missing = _missing_digits(result)
            if missing <= 0:
                return result
        if solution.interrupted:  # a part that has not the digits asked for is not kept
            raise KeyboardInterrupt
        extra += missing + 1
    raise PrecisionError(
        f"{digits} digits were not reached with {digits + extra} working digits",
        needed="a problem whose flow is better conditioned",
        hint="fewer digits",
    )


def _missing_digits(result: Flow) -> int:
    """How many digits the worst of some reported numbers lacks: plateaus, jumps, the end."""
    with workprec(result._bits):
        end = result.form.coefficients(result._final_dual())
        loss, unit = result._loss(end)
        values = [*end, (loss - loss.mid()) / unit, result.end.arb]
        values += [jump.time.arb for jump in result.jumps]
        for plateau in result.plateaus:
            values += [b.arb for b in plateau.beta]
        worst = min((Ball(value).digits for value in values), default=result.digits)
    return min(result.digits - worst, _MOST_MISSING)


__all__ = ["Flow", "FlowJump", "Plateau", "flow"]
