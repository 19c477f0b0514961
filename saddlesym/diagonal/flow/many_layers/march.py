"""Pieces of a deep flow, one after the other: implicit steps, and leaps over dwells.

A sleeping coordinate is felt like β_j = U_j^{−γ}.  Over a dwell on which all sleeping
U_j stay above a radius R, and the active ones stand at the saddle of their support,
the straight line with exactly that velocity has a defect of order R^{1−γ}.  So a leap
goes from the moment when R is left behind to the moment when the next coordinate comes
as close as R.  R depends on the tolerance and not on α, and so does the cost.

Times and states here are in the fast units of :mod:`saddlesym.diagonal.flow.many_layers.form`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, exp, log2
from typing import Any

from flint import arb, arb_poly, fmpq, fmpz

from saddlesym.diagonal.flow.many_layers.form import DeepForm, LocalField
from saddlesym.errors import BudgetError
from saddlesym.exact.precision import kept, workprec
from saddlesym.exact.scalars import order_of_two
from saddlesym.ode.collocation import collocation

_ATTEMPTS = 400
#: Residue at the nodes, relative to the tolerance: between the nodes it is larger by far.
_RESIDUE = 1e-9
#: A leap has to be worth this many times the present step.
_WORTH = 4
#: Rest is believed when ∇L is this part of what it was, and vanishes at the saddle of the support
#: or, by Newton's method, at a state which no U and V is away from by more than this part of itself.
_REST = 1e-3


@dataclass(frozen=True)
class Origin:
    """A state from which pieces count.

    Attributes:
        time: fast time τ there.
        up: U (d), to many digits.
        down: V (d).
    """

    time: fmpq
    up: tuple[arb, ...] = field(repr=False)
    down: tuple[arb, ...] = field(repr=False)


@dataclass(frozen=True)
class DeepPiece:
    """One piece of the flow on ``[start, start + length]`` after its origin.

    Attributes:
        origin: what it counts from.
        start: time since the origin.
        length: duration.
        displacement: Z since the origin (d), polynomials in the part τ ∈ [0, 1] done.
        error: proved bound of the distance to the solution on this piece, in the norm of M⁺.
        bits: working precision at which it is to be read.
        leap: whether it is a straight line over a dwell.
    """

    origin: Origin
    start: fmpq
    length: fmpq
    displacement: tuple[arb_poly, ...] = field(repr=False)
    error: arb
    bits: int
    leap: bool = False

    @property
    def begin(self) -> fmpq:
        """Fast time at its start."""
        return self.origin.time + self.start

    @property
    def end(self) -> fmpq:
        """Fast time at its end."""
        return self.begin + self.length


class March:
    """The pieces of one flow, found one after the other.

    Args:
        form: the field.
        last: fast time at which to stop; None: twice the time at which the flow rests.
        tolerance: bound of the defect of every piece.
        nodes: nodes of the implicit steps.
        max_steps: pieces after which to give up.
        progress: called with (accelerated time, pieces so far).
    """

    def __init__(
        self,
        form: DeepForm,
        last: fmpq | None,
        tolerance: arb,
        nodes: int,
        max_steps: int,
        progress: Callable[[fmpq, int], None] | None = None,
    ) -> None:
        self.form, self.last, self.tolerance, self.nodes = form, last, tolerance, nodes
        self.max_steps, self.progress = max_steps, progress
        self.pieces: list[DeepPiece] = []
        self.error = arb(0)
        self.tolerance_bits = ceil(-log2(float(tolerance))) if float(tolerance) > 0 else 1074
        self.size = order_of_two(form.lift * max(form.shape)) + 1
        # a leap has to hold its active U to tolerance/length, and length is of the size of U
        self.fine_bits = 2 * max(0, self.size) + self.tolerance_bits + 128
        with workprec(64):
            excess = 1 / (arb(form.gamma) - 1)
            rates = [w * (4 * form.d) / ((arb(form.gamma) - 1) * tolerance) for w in form.spread]
            self.radius = max((x**excess).upper() for x in rates)
        with workprec(self.fine_bits):
            self.frame = form.frame(range(form.d))
            k = len(self.frame.basis)
            self.state = [arb(0)] * k  # of the origin
            self.origin = Origin(fmpq(0), *map(tuple, form.layers(self.frame.dual(self.state))))
        self.moved = [arb(0)] * k  # since the origin
        self.since = fmpq(0)

    @property
    def time(self) -> fmpq:
        """The fast time reached."""
        return self.origin.time + self.since

    def _now(self) -> str:
        return f"accelerated time t = {float(self.time / self.form.lift):.6g}"

    def run(self) -> list[DeepPiece]:
        """All pieces up to the last time."""
        length: arb | None = None  # None: nothing to go by yet
        closing = arb("inf")
        while self.last is None or self.time < self.last:
            if len(self.pieces) >= self.max_steps:
                raise BudgetError(
                    f"{self.max_steps} steps reached only {self._now()}",
                    needed="fewer steps",
                    hint="an earlier until, fewer digits, or a larger max_steps",
                )
            with workprec(self._bits(length or arb(1))):
                up, down = self._layers()
                if self.last is None and self._rests(up, down):
                    self.last = _short(arb(2 * self.time / self.form.lift)) * self.form.lift
                if self._leap(up, down, length or arb(1)):
                    length, closing = None, arb("inf")
                else:
                    now = self._closing(up, down)
                    if length is None:
                        length = (now / 2).mid() if now.is_finite() else arb(1)
                    if now < closing < 100 * length:  # what comes closer sets the pace
                        length *= (now / closing).mid()
                    length, closing = self._step(up, down, min(length, 4 * now)), now
            if self.progress is not None:
                with kept():
                    self.progress(self.time / self.form.lift, len(self.pieces))
        return self.pieces

    def _bits(self, length: arb) -> int:
        """Working precision: U to tolerance/length, when Z is as long as what has been moved."""
        span = max(0, _order(length))
        size = max(span, *(_order(x) for x in self.moved))
        return 64 * ceil((self.tolerance_bits + span + size + 5 * self.nodes + 64) / 64)

    def _layers(self) -> tuple[list[arb], list[arb]]:
        Z = self.frame.dual(self.moved)
        up = [+(u - z) for u, z in zip(self.origin.up, Z, strict=True)]
        return up, [+(v + z) for v, z in zip(self.origin.down, Z, strict=True)]

    def _closing(self, up: Sequence[arb], down: Sequence[arb]) -> arb:
        """The time in which the first coordinate would reach its bound at the present speed."""
        speeds = self.form.velocity(self.form.beta(up, down))
        times = [arb("inf")]
        for u, v, m in zip(up, down, speeds, strict=True):
            if m > 0:
                times.append((u / m).mid())
            elif m < 0:
                times.append((-v / m).mid())
        return min(times)

    def _step(self, up: Sequence[arb], down: Sequence[arb], length: arb) -> arb:
        """One implicit step; returns the length that the next one should try."""
        local = LocalField(self.form, up, down)
        for _ in range(_ATTEMPTS):
            exact = _short(length)
            if self.last is not None:
                exact = min(exact, self.last - self.time)
            span, bits = arb(exact), self._bits(arb(exact))
            with workprec(bits):
                rates = collocation(local, span, self.nodes, bits, self.tolerance * _RESIDUE / span)
                if rates is None:
                    length = span / 3
                    continue
                pieces = [
                    arb_poly([0, *((span * c / (m + 1)).mid() for m, c in enumerate(row))]) for row in rates
                ]
                defect = local.defect(pieces, span)
                excess = float((defect / self.tolerance).log()) if defect.is_finite() and defect > 0 else 40.0
                if not defect.is_finite():
                    excess = 40.0
                factor = max(0.2, min(4.0, 0.9 * exp(-excess / (self.nodes + 1))))
                length = span * arb(factor)
                if defect < self.tolerance:
                    self._keep(local, pieces, exact, defect, bits)
                    return length
        raise BudgetError(
            f"no step satisfies the tolerance at {self._now()}",
            needed="a flow that is smooth there",
            hint="fewer digits",
        )

    def _keep(
        self, local: LocalField, pieces: Sequence[arb_poly], exact: fmpq, defect: arb, bits: int
    ) -> None:
        self.error = (self.error + defect).upper()
        Z = zip(self.frame.dual(self.moved), local.frame.dual(pieces), strict=True)
        displacement = tuple(x + p for x, p in Z)
        self.pieces.append(DeepPiece(self.origin, self.since, exact, displacement, self.error, bits))
        ends = [displacement[b](arb(1)) for b in self.frame.basis]
        # the next piece starts at the midpoints: what is cut off is a jump of x̂
        self._cut(ends)
        self.moved, self.since = [x.mid() for x in ends], self.since + exact

    def _cut(self, state: Sequence[arb]) -> None:
        cut = sum((w * x.rad() for w, x in zip(self.frame.norms, state, strict=True)), arb(0))
        self.error = (self.error + cut).upper()

    def _rests(self, up: Sequence[arb], down: Sequence[arb]) -> bool:
        """Whether β is near a saddle at which ∇L vanishes exactly, or the state near a zero of ∇L."""
        beta = self.form.beta(up, down)
        drift = max(map(abs, self.form.velocity([b.mid() for b in beta])))
        if not drift.mid() <= _REST * max(abs(arb(q)) for q in self.form.r):
            return False
        edge = arb(self.form.lift).sqrt()
        S = [i for i, (u, v) in enumerate(zip(up, down, strict=True)) if u < edge or v < edge]
        # dependent columns share one fit, which some of them can make alone
        goal = self.form.saddle(self.form.independent(S))
        if goal is not None and not any(self.form.exact_velocity(goal)):
            return True
        # where α is large, nothing comes near its bound and the flow ends all the same
        way = LocalField(self.form, up, down).newton()
        return way is not None and all(
            abs(z).mid() < _REST * min(u.mid(), v.mid()) for z, u, v in zip(way, up, down, strict=True)
        )

    def _leap(self, up: Sequence[arb], down: Sequence[arb], length: arb) -> bool:
        """Leap to the end of the dwell, if the tolerance allows and it is worth it."""
        form, tolerance = self.form, self.tolerance
        S = [i for i, (u, v) in enumerate(zip(up, down, strict=True)) if u < self.radius or v < self.radius]
        drift = form.velocity([b.mid() for b in form.beta(up, down)])
        if any(not abs(drift[i].mid()) < 1000 * tolerance for i in S):
            return False
        goal = form.saddle(S)
        if goal is None or any(goal[i] == 0 or (goal[i] > 0) != bool(up[i] < down[i]) for i in S):
            return False
        speed = form.exact_velocity(goal)
        span = self._span(up, down, S, speed)
        if span is None or not arb(span) > _WORTH * length:
            return False
        with workprec(self.fine_bits):
            found = self._line(S, goal)
            if found is None:
                return False
            state, shift = found
            origin = Origin(self.time, *map(tuple, form.layers(self.frame.dual(state))))
            defect = self._line_defect(origin, goal, speed, span)
            if not defect < tolerance:
                return False
            self.error = (self.error + shift + defect).upper()
            displacement = tuple(arb_poly([0, arb(m * span)]) for m in speed)
            self.pieces.append(
                DeepPiece(origin, fmpq(0), span, displacement, self.error, self.fine_bits, leap=True)
            )
            ends = [x + arb(span * speed[b]) for x, b in zip(state, self.frame.basis, strict=True)]
            self._cut(ends)
            self.state, self.moved, self.since = [x.mid() for x in ends], [arb(0)] * len(ends), fmpq(0)
            self.origin = Origin(origin.time + span, *map(tuple, form.layers(self.frame.dual(self.state))))
        return True

    def _span(
        self, up: Sequence[arb], down: Sequence[arb], S: Sequence[int], speed: Sequence[fmpq]
    ) -> fmpq | None:
        """How long the sleeping coordinates stay away from the radius, rounded down; None if nothing asks."""
        spans = [] if self.last is None else [self.last - self.time]
        with workprec(self.fine_bits):
            Z = self.frame.dual(self.moved)
            for i, m in enumerate(speed):
                if i in S or m == 0:
                    continue
                room = self.origin.up[i] - Z[i] if m > 0 else self.origin.down[i] + Z[i]
                slow = self.radius * arb(abs(m)) ** (-1 / (arb(self.form.gamma) - 1))
                spans.append(_floor((room - slow) / arb(abs(m)), slow / arb(abs(m))))
        return min(spans, default=None)

    def _line(self, S: Sequence[int], goal: Sequence[fmpq]) -> tuple[list[arb], arb] | None:
        """The state nearby with all active U at the saddle, and how far it is away."""
        form = self.form
        state = [x + y for x, y in zip(self.state, self.moved, strict=True)]
        if not S:
            return [x.mid() for x in state], arb(0)
        Z = self.frame.dual(state)
        gaps = []
        for i in S:
            side = 1 if goal[i] > 0 else -1
            stand = arb(form.shape[i] * form.lift) - arb(abs(goal[i])) ** (-1 / arb(form.gamma))
            gaps.append(side * stand - Z[i])
        try:
            inverse = form.gram(S).inv()
        except ZeroDivisionError:
            return None
        shift = arb(0)
        for a, i in enumerate(S):
            part = sum((arb(inverse[a, b]) * gap for b, gap in enumerate(gaps)), arb(0))
            shift += abs(part) * form.spread[i]
            state = [x + arb(form.M[b][i]) * part for x, b in zip(state, self.frame.basis, strict=True)]
        if not shift < self.tolerance:
            return None
        rounded = [x.mid() for x in state]
        for w, x in zip(self.frame.norms, state, strict=True):
            shift += w * x.rad()
        return rounded, shift.upper()

    def _line_defect(self, origin: Origin, goal: Sequence[fmpq], speed: Sequence[fmpq], span: fmpq) -> arb:
        """∫ Σ √M_ii·|β_i − goal_i| along the line: β of a linear U has a primitive."""
        gamma, h, total = arb(self.form.gamma), arb(span), arb(0)
        for i, (u, v) in enumerate(zip(origin.up, origin.down, strict=True)):
            part, m = arb(0), arb(speed[i])
            for start, rate, level in ((u, -m, max(goal[i], fmpq(0))), (v, m, max(-goal[i], fmpq(0)))):
                end = start + rate * h
                if not (start > 0 and end > 0):
                    return arb("inf")
                if speed[i] == 0:
                    part += h * abs(start**-gamma - arb(level))
                else:
                    part += abs(end ** (1 - gamma) - start ** (1 - gamma)) / ((gamma - 1) * abs(m))
            total += self.form.spread[i] * part
        return total.upper()


def _order(value: arb) -> int:
    """⌈log₂|value|⌉ or so; a very negative number for zero."""
    mantissa, exponent = value.mid().man_exp()
    return int(mantissa.bit_length()) + int(exponent) if mantissa != 0 else -(10**9)


def _short(value: arb) -> fmpq:
    """A positive number with 30 bits nearby, so that times stay short."""
    mantissa, exponent = value.mid().man_exp()
    excess = max(0, int(mantissa.bit_length()) - 30)
    return fmpq(mantissa >> excess) * fmpq(2) ** (int(exponent) + excess)


def _floor(value: arb, grain: arb) -> fmpq:
    """A dyadic number below a value, by no more than about a grain."""
    step = _order(grain) - 4
    scaled: Any = (value.lower() * arb((1, -step))).floor()
    whole = scaled.lower().unique_fmpz()
    return fmpq(whole if whole is not None else fmpz(0)) * fmpq(2) ** step
