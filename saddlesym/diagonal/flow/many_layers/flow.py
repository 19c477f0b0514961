"""The training flow of a diagonal network of depth D ≥ 3 at finite initialisation scale α.

The form of the flow is that of :mod:`saddlesym.diagonal.flow.many_layers.form`, its pieces come
from :mod:`saddlesym.diagonal.flow.many_layers.march`, its jumps from
:mod:`saddlesym.diagonal.flow.many_layers.jumps`. Like the flow at depth two it knows nothing of the
limiting path.

Units: the flow is the gradient flow of L(a^D − b^D) in a and b, T its natural time, and accelerated
time at depth D is ``t = D(D−2)·α^{D−2}·T``. In this clock the limit α → 0 has the same saddles and
jump times as at depth two. Where a and b are each a product of D separate layers, all alike at the
start, the same curves are followed with ``t = (D−2)·α^{D−2}·T``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce
from itertools import chain
from math import ceil, log10
from typing import Any

from flint import arb, fmpq

from saddlesym.diagonal.flow.documents import agreeing, flow_document, most_steps, read_data
from saddlesym.diagonal.flow.jumps_grid import jumps_grid
from saddlesym.diagonal.flow.loss import enclosed_loss, first_loss
from saddlesym.diagonal.flow.many_layers.form import DeepForm
from saddlesym.diagonal.flow.many_layers.jumps import DeepJump, Reader, jumps, passages
from saddlesym.diagonal.flow.many_layers.march import DeepPiece, March
from saddlesym.diagonal.flow.start import accelerated_time, first_jump_time, read_shape
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, PrecisionError, shown
from saddlesym.exact.balls import Ball, dyadic, known_to
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction, rational, to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.exact.values import at_times
from saddlesym.grids import Displayed, Drawn, Grid, Math
from saddlesym.progress import Listener, Progress

MAX_DEPTH, MAX_DIGITS = 20, 200
#: Digits unless the caller says otherwise: steps are costly here.
DEEP_DIGITS = 12
#: Steps after which a flow is given up.
MAX_STEPS = 5_000
#: Largest (D−2)·log₁₀(1/α).
MAX_SCALE_DIGITS = 100_000
#: Largest (D−2)·digits: steps are as long as 10^((D−2)·digits/2), which floats have to hold.
MAX_REACH = 400
_GUARD, _ATTEMPTS = 5, 3
#: A coefficient is switched on when β_i x_i is longer than this part of the fitted values.
_LEVEL = Fraction(1, 1000)


#: U and V (d each).
TwoSided = tuple[list[arb], list[arb]]


@dataclass(frozen=True)
class DeepFlow(Displayed, Drawn, Documented, kind="flow of many layers"):
    """A training flow at depth D ≥ 3 with proved enclosures.

    Attributes:
        problem: the problem it belongs to.
        depth: D.
        scale: α.
        digits: every reported number is within 10^-digits·(1 + |number|).
        kappa: κ (d).
        until: last accelerated time ``t = D(D−2)α^{D−2}·T``.
        settled: whether the end was chosen as about twice the time at which the flow came to rest.
        pieces: polynomial pieces in order of time.
    """

    problem: DiagonalProblem
    depth: int
    scale: InitialScale
    digits: int
    kappa: tuple[Fraction, ...]
    until: Fraction
    settled: bool
    pieces: tuple[DeepPiece, ...] = field(repr=False, compare=False)
    form: DeepForm = field(repr=False, compare=False)

    @property
    def certified(self) -> bool:
        """True: every radius is proved."""
        return True

    @property
    def clock(self) -> str:
        """The accelerated time in words."""
        return f"t = {self.depth * (self.depth - 2)}*alpha^{self.depth - 2}*T"

    @property
    def end(self) -> Ball:
        """The last accelerated time."""
        with workprec(self._bits):
            return Ball(arb(to_fmpq(self.until)))

    @property
    def steps(self) -> int:
        """Number of polynomial pieces, leaps included."""
        return len(self.pieces)

    @property
    def leaps(self) -> int:
        """Number of leaps over dwells."""
        return sum(piece.leap for piece in self.pieces)

    @property
    def _bits(self) -> int:
        return 4 * self.digits + 64

    @cached_property
    def _begins(self) -> list[fmpq]:
        return [piece.begin for piece in self.pieces]

    def _layers(self, t: Any) -> TwoSided:
        """U and V (d each) at accelerated time t, at the precision of their piece."""
        low, high = (time * self.form.lift for time in self._span(t))
        if high > self.pieces[-1].end:
            raise BadInputError(f"time {shown(t)} lies beyond the computed flow", needed=f"t <= {self.until}")
        first, last = (bisect_right(self._begins, time) - 1 for time in (low, high))
        found = [self._on(piece, low, high) for piece in self.pieces[first : last + 1]]
        return found[0] if len(found) == 1 else reduce(_united, found)

    def _span(self, t: Any) -> tuple[fmpq, fmpq]:
        """The least and the greatest time of a ball; a number twice."""
        if not isinstance(t, Ball):
            return (accelerated_time(t),) * 2
        if t == self.end:  # which is not exact
            return (to_fmpq(self.until),) * 2
        return accelerated_time(dyadic(t.arb.lower())), dyadic(t.arb.upper())

    def _on(self, piece: DeepPiece, low: fmpq, high: fmpq) -> TwoSided:
        """U and V on the part of a piece that lies between two times of the march."""
        with workprec(piece.bits):
            begin, end = (
                arb((min(max(time, piece.begin), piece.end) - piece.begin) / piece.length)
                for time in (low, high)
            )
            return Reader(self.form, piece).layers(begin, None if low == high else end)

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
            return known_to(self.digits, self.form.beta(*self._layers(t)))

    def dual(self, t: Any, *, numpy: bool = False) -> Any:
        """ζ (d) at accelerated time t: dζ/dt = −∇L(β), |ζ_i| < κ_i."""
        return at_times(self._dual, t, numpy)

    def _dual(self, t: Any) -> tuple[Ball, ...]:
        with workprec(self._bits):
            _, down = self._layers(t)
            pairs = zip(down, self.form.shape, strict=True)
            return known_to(self.digits, [v / arb(self.form.lift) - arb(kappa) for v, kappa in pairs])

    def weights(self, t: Any, *, numpy: bool = False) -> Any:
        """The weights a and b (d each) at accelerated time t: β = a^D − b^D.

        D separate layers that start alike stay alike, u^(1) = … = u^(D) = a, and take
        the same way D times as slowly.
        """
        return at_times(self._weights, t, numpy, parts=True)

    def _weights(self, t: Any) -> tuple[tuple[Ball, ...], tuple[Ball, ...]]:
        with workprec(self._bits):
            power = arb(fmpq(-1, self.depth - 2))
            a, b = ([x**power for x in part] for part in self._layers(t))
            return known_to(self.digits, a), known_to(self.digits, b)

    def loss(self, t: Any, *, numpy: bool = False) -> Any:
        """L(β) at accelerated time t, within 10^-digits·(1 + L(0))."""
        return at_times(self._loss_at, t, numpy)

    def _loss_at(self, t: Any) -> Ball:
        with workprec(self._bits):
            value, unit = self._loss(self.form.beta(*self._layers(t)))
            return known_to(self.digits, [value], unit)[0]

    def _loss(self, beta: Sequence[arb]) -> tuple[arb, arb]:
        """L(β), and 1 + L(0), to which its digits refer."""
        value = enclosed_loss(self.problem, beta, self.form.velocity(beta))
        return value, 1 + first_loss(self.problem)

    def _worst(self) -> int:
        """The least number of digits of β and of the loss at the end and at the ends of all pieces."""
        with workprec(self._bits):
            states = [self.form.beta(*self._layers(self.until))]
        for piece in self.pieces:
            with workprec(piece.bits):
                states.append(Reader(self.form, piece).beta(arb(1)))
        with workprec(self._bits):
            losses = [(value - value.mid()) / unit for value, unit in map(self._loss, states)]
            return min(Ball(x).digits for x in (*losses, *chain.from_iterable(states)))

    @property
    def final_beta(self) -> tuple[Ball, ...]:
        """β (d) at the end."""
        return self._beta(self.until)

    @cached_property
    def jumps(self) -> tuple[DeepJump, ...]:
        """The jumps, in order of time: see :meth:`jumps_through` for the level in use."""
        return self.jumps_through(_LEVEL)

    def jumps_through(self, share: Any) -> tuple[DeepJump, ...]:
        """The jumps, found from the flow alone; every time is proved.

        A coefficient is switched on while the length of β_i x_i exceeds ``share`` of the
        length of the fitted values: |β_i| > share·√(rᵀM⁺r / M_ii).  All passages through
        these levels are found.  Those that lie together make one jump, and what is on
        and off again (or the other way round) within one is no jump.

        Args:
            share: positive and below one.

        Raises:
            PrecisionError: a coefficient touches the level without passing it.
        """
        part = to_fmpq(rational(share))
        if not 0 < part < 1:
            raise BadInputError(f"share={shown(share)}", needed="0 < share < 1")
        frame, r, M = self.form.frame(range(self.problem.d)), self.form.r, self.form.M
        goal = self.form.saddle(frame.basis)
        assert goal is not None  # a basis
        fit = sum((b * q for b, q in zip(goal, r, strict=True)), fmpq(0))
        with workprec(self._bits):
            levels = [
                (arb(part) * (arb(fit) / arb(M[i][i])).sqrt()).mid() if M[i][i] != 0 else arb(1)
                for i in range(self.problem.d)
            ]
        return jumps(self.form, list(passages(self.form, self.pieces, levels)))

    def times(self) -> list[Ball]:
        """Accelerated times of the jumps."""
        return [jump.time for jump in self.jumps]

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump that was found in the flow."""
        return jumps_grid(self, Math("t_k", "t"), limit)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with the keys of :meth:`Flow.to_dict` and depth and clock."""
        return flow_document(self, {"depth": self.depth, "clock": self.clock, "certified": self.certified})

    @classmethod
    def _read(cls, given: Fields, problem: DiagonalProblem | None = None) -> DeepFlow:
        """The flow followed again: a document proves nothing."""
        settled = given("settled", bool)
        found = deep_flow(
            read_data(given, problem),
            given("alpha", InitialScale),
            depth=given("depth", int),
            digits=given("digits", int),
            until=None if settled else given("until", Fraction),
            kappa=given("kappa", tuple[Fraction, ...] | None, None),
            max_steps=most_steps(given("steps", int)),
        )
        return agreeing(found, given)

    def __repr__(self) -> str:
        return (
            f"DeepFlow(depth={self.depth}, alpha={self.scale}, {self.digits} digits, certified, "
            f"end={float(self.until):.6g}, {self.steps} steps)"
        )


def _united(one: TwoSided, other: TwoSided) -> TwoSided:
    """Balls that hold what either holds."""
    up, down = ([a.union(b) for a, b in zip(*pair, strict=True)] for pair in zip(one, other, strict=True))
    return up, down


def deep_flow(
    problem: DiagonalProblem,
    alpha: Any = "1e-50",
    *,
    digits: int = DEEP_DIGITS,
    until: Any = None,
    depth: int = 3,
    kappa: Sequence[Any] | None = None,
    max_steps: int = MAX_STEPS,
    progress: Listener | None = None,
) -> DeepFlow:
    """Gradient flow of a diagonal network of depth D ≥ 3 from scale α, certified.

    Args:
        problem: the data.
        alpha: α with ``(D−2)·log₁₀(1/α) ≤ 100000``.  From about 10^(−digits) down the number
            of steps does not depend on it.
        digits: every reported number is within 10^-digits·(1 + |number|); at most 400/(D−2).
        until: last accelerated time ``t = D(D−2)α^{D−2}·T``; default: twice the time at
            which the flow is near a saddle without gradient.
        depth: D, 3 ≤ D ≤ 20.
        kappa: κ (d), positive: a_i(0) = b_i(0) = κ_i^(−1/(D−2))·α, which makes the
            thresholds of ζ_i ±κ_i; default all 1.
        max_steps: give up after this many steps.
        progress: called with the steps so far and the accelerated time.

    Raises:
        BadInputError: depth, α, digits, κ or until out of range.
        DegenerateProblemError: y is orthogonal to every column.
        PrecisionError: the digits could not be proved.
        BudgetError: more than ``max_steps`` steps.

    Source: the statement ``depth-universality``; enclosures from the a-posteriori bound.

    >>> result = deep_flow(DiagonalProblem([[1]], [2]), alpha="1e-1000", digits=8)
    >>> round(float(result.final_beta[0]), 7), result.clock
    (2.0, 't = 3*alpha^1*T')
    >>> [round(float(t), 7) for t in result.times()]
    [0.5]
    """
    scale, shape, last = _read(problem, until, depth, alpha, digits, kappa)
    form = DeepForm(problem, depth, scale, shape)
    sharp = _GUARD + ceil(max(0.0, log10(max(float(x) for x in form.spread))))
    fast = None if last is None else last * form.lift

    def report(time: fmpq, steps: int) -> None:
        assert progress is not None
        progress(Progress(steps, what="steps", time=float(time)))

    heard = None if progress is None else report
    for _ in range(_ATTEMPTS):
        with workprec(64):
            tolerance = (arb(10) ** -(digits + sharp)).mid()
        march = March(form, fast, tolerance, min(32, 12 + digits // 2), max_steps, heard)
        pieces = tuple(march.run())
        assert march.last is not None  # the march has found its end
        end = fraction(march.last / form.lift)
        result = DeepFlow(
            problem, depth, scale, digits, tuple(map(fraction, shape)), end, last is None, pieces, form
        )
        worst = result._worst()
        if worst >= digits:
            return result
        sharp += digits - worst + 1
    raise PrecisionError(
        f"{digits} digits were not reached with {digits + sharp} working digits",
        needed="a problem whose flow is better conditioned",
        hint="fewer digits",
    )


def _read(
    problem: DiagonalProblem,
    until: Any,
    depth: int,
    alpha: Any,
    digits: int,
    kappa: Sequence[Any] | None,
) -> tuple[InitialScale, tuple[fmpq, ...], fmpq | None]:
    """α, κ and the last time, or one clear line."""
    if not isinstance(depth, int) or isinstance(depth, bool) or not 3 <= depth <= MAX_DEPTH:
        raise BadInputError(f"depth={shown(depth)}", needed=f"2 <= depth <= {MAX_DEPTH}")
    most = min(MAX_DIGITS, MAX_REACH // (depth - 2))
    if not isinstance(digits, int) or isinstance(digits, bool) or not 5 <= digits <= most:
        raise BadInputError(f"digits={shown(digits)}", needed=f"5 <= digits <= {most} at depth {depth}")
    scale = InitialScale.read(alpha)
    with workprec(64):
        size = float((depth - 2) * scale.log_inverse() / arb(10).log())
    if size > MAX_SCALE_DIGITS:
        raise BadInputError(
            f"alpha={shown(scale.text)} at depth {depth}",
            needed=f"(depth - 2)·log10(1/alpha) <= {MAX_SCALE_DIGITS}",
        )
    shape = read_shape(kappa, problem.d)
    first_jump_time(problem, shape)  # refuses a flow that never moves
    last = None if until is None else accelerated_time(until)
    if last == 0:
        raise BadInputError(f"until={shown(until)}", needed="until > 0")
    return scale, shape, last
