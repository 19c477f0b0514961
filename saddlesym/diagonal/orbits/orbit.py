"""Heteroclinic orbits: what happens inside a jump, in natural time, as α → 0.

A jump follows β' = −2|β| ⊙ ∇L(β) from a saddle to the next one.  In the
logarithms of |β_i| this is a field of exponentials, so the integrator carries
coefficients that are 10^-100 as well as those of order one.  Where one coordinate
switches on, and where one slow deviation is left at the end, the orbit is a power
series.  This module imports neither the path nor the minimiser: where an orbit ends
is found out by following it.

Source: PF23, section on the jumps and Theorem 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import log
from typing import Any

from flint import arb, fmpq

from saddlesym.diagonal.orbits.lotka_volterra import LotkaVolterra
from saddlesym.diagonal.orbits.power_curve import PowerCurve
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, PrecisionError, require, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.exact.scalars import exact_vector, fraction, rational, to_fmpq
from saddlesym.exact.text import exact_string
from saddlesym.exact.values import at_times
from saddlesym.exact.vectors import RationalVector
from saddlesym.ode.solution import Solution

_GUARD = 8
#: Steps of the integrator after which an orbit is given up, unless the caller says otherwise.
MAX_STEPS = 50_000


@dataclass(frozen=True)
class _Piece:
    """A part of an orbit in the time θ of its system: on a power curve or integrated.

    Attributes:
        start: where it starts; None for θ → −∞.
        end: where it ends; None for θ → ∞.
        curve: the power curve, of which y at θ is ``exp(rate·(θ − shift))·y``; else None.
        y: see there.
        shift: see there.
        solution: the integrated part, else None.
    """

    start: arb | None
    end: arb | None
    curve: PowerCurve | None = None
    y: arb = field(default_factory=arb)
    shift: arb = field(default_factory=arb)
    solution: Solution | None = None

    def _parameter(self, time: arb | None) -> arb:
        assert self.curve is not None
        return arb(0) if time is None else (self.y * (self.curve.rate * (time - self.shift)).exp()).mid()

    def at(self, time: arb) -> list[arb]:
        """x at a time inside."""
        if self.curve is not None:
            return self.curve(self._parameter(time))
        assert self.solution is not None
        assert self.start is not None
        return [entry.exp() for entry in self.solution.state(time - self.start)]

    def length(self, rule: Sequence[tuple[arb, arb]], last: arb | None, system: LotkaVolterra) -> arb:
        """∫‖β'‖ over the piece, up to a time, by Gauss and Legendre's rule."""
        end = self.end if last is None or (self.end is not None and self.end < last) else last
        if self.curve is not None:
            low, high = self._parameter(self.start), self._parameter(end)
            span = high - low
            points = [low + span * (1 + node.mid()) / 2 for node, _ in rule]
            values = [system.length(self.curve.slope(y)) for y in points]
            return sum((w * v for (_, w), v in zip(rule, values, strict=True)), arb(0)) * abs(span) / 2
        assert self.solution is not None
        assert self.start is not None
        kernel, total = self.solution.kernel, arb(0)
        for index, step in enumerate(self.solution.steps):
            if step.kind == "leap":
                continue  # β stands still
            start, length = kernel.real(step.start), kernel.real(step.length)
            if end is not None and not start < end - self.start:
                break
            if end is not None and start + length > end - self.start:
                length = end - self.start - start
            for node, weight in rule:
                time = start + length * (1 + node.mid()) / 2
                x = [entry.exp() for entry in self.solution.state(time, index)]
                total += weight * length / 2 * system.speed_at(x)
        return total


def _edge(piece: _Piece, near: arb | None, decay: float) -> float:
    """The time beyond which a power curve has come so near to its saddle."""
    assert piece.curve is not None
    return float(piece.shift if near is None else near) + decay / abs(float(piece.curve.rate))


@dataclass(frozen=True)
class Orbit(Documented):
    """The orbit out of a saddle along some unstable coordinates.

    Its natural time is such that for T → −∞ the coordinate j grows like
    ``amplitude_j · exp(2|∇L_j| T)``.

    Attributes:
        problem: the problem it belongs to.
        start: the saddle it comes from (d), exact.
        directions: the unstable coordinates.
        signs: the sign of every coordinate on the orbit (d), 0 where it is absent.
        digits: digits aimed at, in ``units``; they are not proved.
        amplitudes: one for each direction, exact.
        closed_form: β(T) as a formula, where there is one, else None.
    """

    problem: DiagonalProblem
    start: RationalVector
    directions: tuple[int, ...]
    signs: tuple[int, ...]
    digits: int
    amplitudes: tuple[Fraction, ...]
    closed_form: str | None
    _system: LotkaVolterra = field(repr=False, compare=False)
    _pieces: tuple[_Piece, ...] = field(repr=False, compare=False)
    _end: tuple[arb, ...] = field(repr=False, compare=False)

    @property
    def support(self) -> tuple[int, ...]:
        """Coordinates that are not zero on the orbit."""
        return tuple(i for i, sign in enumerate(self.signs) if sign != 0)

    @property
    def units(self) -> tuple[Fraction, ...]:
        """What the digits of each coordinate refer to (d)."""
        out = [Fraction(1)] * self.problem.d
        for i, c in zip(self.support, self._system.units, strict=True):
            out[i] = fraction(c)
        return tuple(out)

    @property
    def span(self) -> tuple[float, float]:
        """Natural times between which the orbit moves by more than 10^-digits or so; for pictures."""
        first, last, decay = self._pieces[0], self._pieces[-1], self.digits * log(10)
        low = float(first.start) if first.start is not None else _edge(first, first.end, -decay)
        if last.end is not None:
            high = float(last.end)
        elif last.solution is not None and last.start is not None:
            high = float(last.start) + float(last.solution.end_time)
        else:
            high = _edge(last, last.start, decay)
        speed = float(fraction(self._system.speed))
        return low / speed, high / speed

    @property
    def steps(self) -> int:
        """Number of steps of the integrator."""
        return sum(len(piece.solution) for piece in self._pieces if piece.solution is not None)

    def _coefficients(self, x: Sequence[arb]) -> list[arb]:
        beta = [arb(0)] * self.problem.d
        for i, c, entry in zip(self.support, self._system.units, x, strict=True):
            beta[i] = self.signs[i] * arb(c) * entry
        return beta

    def _time(self, T: Any) -> arb:
        return arb(to_fmpq(rational(T)) * self._system.speed)

    def beta(self, T: Any, *, numpy: bool = False) -> Any:
        """β (d) at natural time T; with several columns entering, the saddle before they are 10^-digits.

        Args:
            T: one time, or a list or an array of them, which gives as many values.
            numpy: a float array of midpoints, (d) or (times × d), in place of balls.
        """
        return at_times(self._beta, T, numpy)

    def _beta(self, T: Any) -> tuple[Ball, ...]:
        with workprec(self._system.bits):
            time = self._time(T)
            first = self._pieces[0].start
            if first is not None and time < first:
                return tuple(Ball(arb(to_fmpq(b))) for b in self.start)
            for piece in self._pieces:
                if piece.end is None or time < piece.end:
                    return tuple(map(Ball, self._coefficients(piece.at(time))))
            return self.limit

    @property
    def limit(self) -> tuple[Ball, ...]:
        """β (d) for T → ∞; coefficients below 10^-digits are zero."""
        with workprec(self._system.bits):
            tiny = arb(10) ** -self.digits
            return tuple(map(Ball, self._coefficients([arb(0) if x < tiny else x for x in self._end])))

    def arc_length(self, T: Any = None, digits: int | None = None) -> Ball:
        """Length of the orbit in β up to natural time T (default: all of it).

        The radius estimates the error of the quadrature and of the ends left out.

        Args:
            T: natural time, rational.
            digits: of the length; default those of the orbit.

        Raises:
            PrecisionError: the quadrature does not settle to the digits.
        """
        digits = self.digits if digits is None else min(digits, self.digits)
        with workprec(self._system.bits):
            last = None if T is None else self._time(T)
            if self.closed_form is not None and last is None:
                (i,) = self.support
                return Ball(abs(self.limit[i].arb))
            nodes = max(8, digits // 2)
            before = self._quadrature(nodes, last)
            for _ in range(5):
                nodes += nodes // 2
                length = self._quadrature(nodes, last)
                gap, small = abs(length.mid() - before.mid()), arb(10) ** -digits * length
                if gap <= small:
                    return Ball(length.mid() + arb(0, (gap + small / 100).upper()))
                before = length
        raise PrecisionError(
            f"the arc length does not settle to {digits} digits",
            needed="a smoother orbit",
            hint="fewer digits",
        )

    def _quadrature(self, nodes: int, last: arb | None) -> arb:
        """∫‖β'‖ dT by Gauss and Legendre's rule on every step."""
        rule = [arb.legendre_p_root(nodes, k, weight=True) for k in range(nodes)]
        pieces = [p for p in self._pieces if last is None or p.start is None or p.start < last]
        return sum((piece.length(rule, last, self._system) for piece in pieces), arb(0))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the data, what was asked for and what was found."""
        return {
            "kind": self._kind,
            "features": list(self.problem.feature_names),
            "start": self.start.strings(),
            "directions": list(self.directions),
            "signs": list(self.signs),
            "digits": self.digits,
            "amplitudes": list(map(exact_string, self.amplitudes)),
            "limit": [b.to_dict(exact=False) for b in self.limit],
            "arc_length": self.arc_length().to_dict(exact=False),
            "closed_form": self.closed_form,
            "problem": self.problem.data_document(),
        }

    @classmethod
    def _read(cls, given: Fields) -> Orbit:
        """The orbit followed again."""
        names = given("features", tuple[str, ...] | None, None)
        return heteroclinic_orbit(
            given.one("problem", DiagonalProblem, feature_names=names),
            given("start", RationalVector),
            given("directions", tuple[int, ...]),
            amplitudes=given("amplitudes", tuple[Fraction, ...]),
            digits=given("digits", int),
        )


def heteroclinic_orbit(
    problem: DiagonalProblem,
    saddle: Sequence[Any],
    directions: Sequence[int],
    *,
    amplitudes: Sequence[Any] | None = None,
    digits: int = USUAL_DIGITS,
    max_steps: int = MAX_STEPS,
) -> Orbit:
    """The orbit that leaves a saddle along given unstable coordinates.

    Args:
        problem: the data.
        saddle: β (d), exact: ∇L vanishes on its support.
        directions: coordinates off the support with ∇L ≠ 0.
        amplitudes: positive, one per direction: β_j ~ amplitude·exp(2|∇L_j|T) for
            T → −∞; default 1.  One direction: it only shifts time.
        digits: digits aimed at.
        max_steps: give up after this many steps.

    Raises:
        BadInputError: not a saddle, or not unstable directions.
        BudgetError: the orbit does not come to rest (a coefficient falls like 1/T).
        PrecisionError: its time scales are too far apart.

    Source: PF23, Theorem 3; the ordinary differential equation of the statement
    ``heteroclinic-arcs``.

    >>> problem = DiagonalProblem([[1]], [3])
    >>> orbit = heteroclinic_orbit(problem, [0], [0], digits=20)
    >>> orbit.closed_form, float(orbit.arc_length())
    ('β(T) = 3/(1 + 3·exp(−6·T))', 3.0)
    """
    require(problem, DiagonalProblem, "a diagonal network")
    beta = RationalVector.of(exact_vector(saddle, "saddle"))
    gradient = problem.gradient(beta)
    support = beta.support()
    for i in support:
        if gradient[i] != 0:
            raise BadInputError(
                f"beta is no saddle: its gradient does not vanish at coordinate {i}",
                needed="a minimiser of L on its support",
            )
    chosen = tuple(dict.fromkeys(directions))
    if not chosen or any(not 0 <= j < problem.d or j in support or gradient[j] == 0 for j in chosen):
        raise BadInputError(
            f"directions {shown(list(directions))}",
            needed="coordinates off the support with a gradient that is not zero",
        )
    if not 5 <= digits <= 2000:
        raise BadInputError(f"digits={digits}", needed="5 <= digits <= 2000")
    weights = [fmpq(1)] * len(chosen) if amplitudes is None else exact_vector(amplitudes, "amplitudes")
    if len(weights) != len(chosen) or min(weights) <= 0:
        raise BadInputError(f"{len(weights)} amplitudes", needed=f"{len(chosen)} positive numbers")
    signs = list(beta.signs())
    for j in chosen:
        signs[j] = -1 if gradient[j] > 0 else 1
    system = LotkaVolterra(problem, signs, digits + _GUARD)
    with workprec(system.bits):
        pieces, end = _followed(system, beta, chosen, weights, gradient, max_steps)
    formula = _closed_form(problem, system.present, signs, weights)
    sizes = tuple(map(fraction, weights))
    return Orbit(
        problem, beta, chosen, tuple(signs), digits, sizes, formula, system, tuple(pieces), tuple(end)
    )


def _followed(
    system: LotkaVolterra,
    saddle: RationalVector,
    chosen: Sequence[int],
    weights: Sequence[fmpq],
    gradient: RationalVector,
    max_steps: int,
) -> tuple[list[_Piece], list[arb]]:
    """The pieces of an orbit, and its limit in the units of the system."""
    rest = [abs(to_fmpq(saddle[i])) / c for i, c in zip(system.present, system.units, strict=True)]
    place = {i: k for k, i in enumerate(system.present)}
    amounts = {j: arb(w / system.units[place[j]]) for j, w in zip(chosen, weights, strict=True)}
    rates = {j: arb(2 * abs(to_fmpq(gradient[j])) / system.speed) for j in chosen}
    pieces: list[_Piece] = []
    curve = system.departure(rest, place[chosen[0]], amounts[chosen[0]]) if len(chosen) == 1 else None
    if curve is not None:
        time = (curve.reach.log() / curve.rate).mid()
        x = curve(curve.reach)
        pieces.append(_Piece(None, time, curve, curve.reach, time))
    else:
        # so early that the coordinates are 10^-digits of what they will be
        depth = arb(10).log() * system.digits
        time = min(((-depth - amounts[j].log()) / rates[j]).mid() for j in chosen)
        x = [arb(q) for q in rest]
        for j in chosen:
            x[place[j]] = (amounts[j] * (rates[j] * time).exp()).mid()
    solutions, arrival = system.follow(x, max_steps)
    for solution in solutions:
        after = (time + solution.end_time).mid()
        pieces.append(_Piece(time, after, solution=solution))
        time = after
    if arrival is not None:
        curve, y = arrival
        pieces.append(_Piece(time, None, curve, y, time))
        return pieces, [row[0] for row in curve.coefficients]
    last = solutions[-1]
    return pieces, [last.kernel.real(entry).exp() for entry in last.final]


def _closed_form(
    problem: DiagonalProblem, present: Sequence[int], signs: Sequence[int], weights: Sequence[fmpq]
) -> str | None:
    """The logistic curve, where a single coordinate moves out of zero."""
    if len(present) != 1:
        return None
    (i,) = present
    c: Fraction = problem.r[i] / problem.M[i][i]
    ratio = to_fmpq(abs(c)) / weights[0]
    return f"β(T) = {c}/(1 + {ratio}·exp(−{2 * abs(problem.r[i])}·T))"
