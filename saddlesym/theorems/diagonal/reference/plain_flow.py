"""A plain high-precision flow, written to be read, for the numeric checks.

The state is the dual variable z with ``z' = −∇L(β)`` and
``β_i = a_i e^{2z_i} − b_i e^{−2z_i}``.  With ``a_i = b_i = α²/2`` this is training
from the scale α; with one of them zero it is a Lotka–Volterra orbit of the limit.
Power series of a fixed order in natural time T are added up step by step.  The
step bounds the *relative* truncation error of both exponentials, so that no
component, however small, is lost, and no transition is stepped over.

Nothing here knows of jump times or saddles.  The result is numeric: no error is
enclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul

from flint import arb, fmpq

from saddlesym.exact.precision import workprec
from saddlesym.theorems.diagonal.reference.definitions import PlainQuadratic
from saddlesym.theorems.evidence.check import UndecidedError

_ORDER = 36
_DIGITS = 20
_BITS = 128


@dataclass(frozen=True)
class Segment:
    """One step: z as polynomials in ``T − start`` on [start, start + width]."""

    start: arb
    width: arb
    series: list[list[arb]]

    def dual(self, T: arb) -> list[arb]:
        """z (d) at a natural time of this step."""
        step = T - self.start
        out = []
        for coefficients in self.series:
            value = arb(0)
            for c in reversed(coefficients):
                value = value * step + c
            out.append(value.mid())
        return out


class PlainFlow:
    """The flow of one problem from one initial state, extended on demand.

    Args:
        form: M and r.
        up: a (d), the factors of ``e^{2z}``.
        down: b (d), the factors of ``e^{−2z}``.
        start: z(0) (d), default zero.
        most: steps after which to give up.
    """

    def __init__(
        self,
        form: PlainQuadratic,
        up: Sequence[arb],
        down: Sequence[arb],
        start: Sequence[arb] | None = None,
        most: int = 4000,
    ) -> None:
        with workprec(_BITS):
            self.M = [[arb(q).mid() for q in row] for row in form.M]
            self.r = [arb(q).mid() for q in form.r]
            self.up, self.down = [a.mid() for a in up], [b.mid() for b in down]
            self.d, self.most = form.d, most
            z = [arb(0)] * self.d if start is None else [x.mid() for x in start]
        self._z, self._time = z, arb(0)
        self.segments: list[Segment] = []

    @classmethod
    def training(
        cls, form: PlainQuadratic, digits: int, weights: Sequence[fmpq] | None = None, most: int = 4000
    ) -> PlainFlow:
        """Training from α = 10^−digits, or from α^κ_i for weights κ."""
        with workprec(_BITS):
            rate = arb(10).log() * (-2 * digits)
            kappa = [fmpq(1)] * form.d if weights is None else weights
            half = [(rate * arb(k)).exp() / 2 for k in kappa]
            return cls(form, half, half, most=most)

    @property
    def time(self) -> arb:
        """Natural time reached so far."""
        return self._time

    def beta(self, z: Sequence[arb]) -> list[arb]:
        """β (d) of a dual variable."""
        out = []
        with workprec(_BITS):  # an error of z is a relative error of e^{2z}
            for a, b, x in zip(self.up, self.down, z, strict=True):
                grown = (2 * x).exp()
                out.append((a * grown - b / grown).mid())
        return out

    def slope(self, beta: Sequence[arb]) -> list[arb]:
        """∇L(β) (d)."""
        with workprec(_BITS):
            rows = zip(self.M, self.r, strict=True)
            return [(sum(map(mul, row, beta), arb(0)) - r).mid() for row, r in rows]

    def advance(self, limit: arb) -> Segment:
        """Take one step, not beyond the natural time ``limit``."""
        if len(self.segments) >= self.most:
            raise UndecidedError(
                f"the flow took {self.most} steps and reached T = {self._time.str(5, radius=False)}"
            )
        with workprec(_BITS):
            z, p, q = self._series()
            width = min(self._width(p), self._width(q), (limit - self._time).mid())
            segment = Segment(self._time, width, z)
            self.segments.append(segment)
            self._time = (self._time + width).mid()
            self._z = segment.dual(self._time)
        return segment

    def _series(self) -> tuple[list[list[arb]], list[list[arb]], list[list[arb]]]:
        grown = [(2 * x).exp() for x in self._z]
        z = [[x] for x in self._z]
        p = [[(a * e).mid()] for a, e in zip(self.up, grown, strict=True)]
        q = [[(b / e).mid()] for b, e in zip(self.down, grown, strict=True)]
        speed: list[list[arb]] = [[] for _ in range(self.d)]  # coefficients of z'
        for k in range(_ORDER):
            beta = [x[k] - y[k] for x, y in zip(p, q, strict=True)]
            for i in range(self.d):
                c = -sum(map(mul, self.M[i], beta), arb(0))
                speed[i].append((c + self.r[i] if k == 0 else c).mid())
            for i in range(self.d):
                z[i].append((speed[i][k] / (k + 1)).mid())
                if p[i][0] != 0:
                    p[i].append((2 * sum(map(mul, speed[i], reversed(p[i])), arb(0)) / (k + 1)).mid())
                else:
                    p[i].append(arb(0))
                if q[i][0] != 0:
                    q[i].append((-2 * sum(map(mul, speed[i], reversed(q[i])), arb(0)) / (k + 1)).mid())
                else:
                    q[i].append(arb(0))
        return z, p, q

    @staticmethod
    def _width(series: Sequence[Sequence[arb]]) -> arb:
        """The step at which the last two terms are 10^−digits of the first, for every component."""
        tolerance = arb(10) ** -_DIGITS
        width = arb(10) ** 9
        for coefficients in series:
            for k in (_ORDER - 1, _ORDER):
                if coefficients[0] != 0 and coefficients[k] != 0:
                    ratio = tolerance * abs(coefficients[0] / coefficients[k])
                    width = min(width, (ratio.log() / k).exp().mid())
        return width

    def reach(self, T: arb) -> None:
        """Follow the flow up to a natural time."""
        while self._time < T:
            self.advance(T)

    def at(self, T: arb) -> list[arb]:
        """z at a natural time, following the flow as far as needed."""
        self.reach(T)
        low, high = 0, len(self.segments)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.segments[middle].start <= T else (low, middle)
        with workprec(_BITS):
            return self.segments[low].dual(T) if self.segments else list(self._z)

    def crossing(
        self, level: Callable[[list[arb]], arb], begin: arb, end: arb, pieces: int = 4
    ) -> arb | None:
        """The first natural time in [begin, end] at which ``level(z)`` turns positive, or None."""
        times = self.grid(begin, end, pieces)
        for low, high in pairwise(times):
            if level(self.at(low)) <= 0 < level(self.at(high)):
                return self.root(level, low, high)
        return None

    def root(self, level: Callable[[list[arb]], arb], low: arb, high: arb, halvings: int = 80) -> arb:
        """Where ``level(z)`` changes its sign between two natural times, by bisection."""
        rising = bool(level(self.at(high)) > 0)
        with workprec(_BITS):
            for _ in range(halvings):
                middle = ((low + high) / 2).mid()
                above = bool(level(self.at(middle)) > 0)
                low, high = (low, middle) if above == rising else (middle, high)
        return high

    def grid(self, begin: arb, end: arb, pieces: int) -> list[arb]:
        """The times of [begin, end] that cut every step into so many pieces."""
        self.reach(end)
        out = [begin]
        with workprec(_BITS):
            for segment in self.segments:
                for k in range(1, pieces + 1):
                    T = (segment.start + segment.width * k / pieces).mid()
                    if begin < T < end:
                        out.append(T)
        return [*out, end]

    def length(self, begin: arb, end: arb, pieces: int = 12) -> arb:
        """Euclidean length of the curve of β between two natural times (a fine polygon)."""
        points = [self.beta(self.at(T)) for T in self.grid(begin, end, pieces)]
        total = arb(0)
        for a, b in pairwise(points):
            total += sum(((x - y) * (x - y) for x, y in zip(a, b, strict=True)), arb(0)).sqrt().mid()
        return total.mid()
