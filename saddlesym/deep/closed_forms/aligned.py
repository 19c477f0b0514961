"""Aligned modes of the deep flow: one scalar equation, solved in closed form.

When all layers are balanced and share the singular vectors of A*, each mode obeys

    a' = L a^{2−2/L} (σ − a),      w' = w^{L−1}(σ − w^L)  with a = w^L,

in natural time T, from w(0) = α.  The time at which w reaches a value is an elementary
integral for every L; for L = 2 it can be solved for a.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.scale import InitialScale

MAX_DEPTH = 100


@dataclass(frozen=True)
class AlignedMode(Documented):
    """One aligned mode of a balanced deep linear network.

    Attributes:
        singular_value: σ > 0.
        depth: L ≥ 2.
        scale: α = w(0).

    Source: SMG14 for L = 2 and the equation; the integrals are elementary.

    >>> mode = AlignedMode.of(2, depth=2, alpha="1e-10")
    >>> round(float(mode.value(mode.half_time(30), 30)), 12)
    1.0
    """

    singular_value: Fraction
    depth: int
    scale: InitialScale

    @classmethod
    def of(cls, singular_value: Any, depth: int = 2, alpha: Any = "1e-50") -> AlignedMode:
        """Check and read the data.

        Raises:
            BadInputError: σ ≤ α^L (the mode would shrink), or L or α out of range.
        """
        sigma, scale = rational(singular_value), InitialScale.read(alpha)
        if isinstance(depth, bool) or not isinstance(depth, int) or not 2 <= depth <= MAX_DEPTH:
            raise BadInputError(f"depth={shown(depth)}", needed=f"2 <= depth <= {MAX_DEPTH}")
        if sigma <= 0 or not arb(to_fmpq(sigma)).log() > -depth * scale.log_inverse():
            raise BadInputError(f"singular value {shown(sigma)}", needed="more than alpha^depth")
        return cls(sigma, depth, scale)

    @classmethod
    def _read(cls, given: Fields) -> AlignedMode:
        return cls.of(given("singular_value", Fraction), given("depth", int), given("scale", InitialScale))

    def _bits(self, digits: int) -> int:
        # the time is a difference of terms of size α^{-(L-2)}, or of logarithms
        return int(3.33 * digits) + int(1.45 * self.depth * float(self.scale.log_inverse())) + 64

    def time(self, value: Any, digits: int = USUAL_DIGITS) -> Ball:
        """Natural time at which a reaches a value, exactly enclosed.

        Args:
            value: a with α^L ≤ a < σ, rational or a ball.
            digits: working digits.
        """
        with workprec(self._bits(digits)):
            a = value.arb if isinstance(value, Ball) else arb(to_fmpq(rational(value)))
            if not (a > 0 and a < arb(to_fmpq(self.singular_value))):
                raise BadInputError(
                    f"value {shown(value)}", needed=f"a number between 0 and {self.singular_value}"
                )
            return Ball(
                self._primitive(a.root(self.depth)) - self._primitive((-self.scale.log_inverse()).exp())
            )

    def half_time(self, digits: int = USUAL_DIGITS) -> Ball:
        """Natural time at which a = σ/2."""
        return self.time(self.singular_value / 2, digits)

    def _primitive(self, w: arb) -> arb:
        """A primitive of 1/(w^{L−1}(σ − w^L)) = w^{1−L}/σ + w/(σ(σ − w^L))."""
        L, sigma = self.depth, arb(to_fmpq(self.singular_value))
        head = w.log() if L == 2 else -(w ** (2 - L)) / (L - 2)
        return (head + self._tail(w)) / sigma

    def _tail(self, w: arb) -> arb:
        """∫_0^w v/(σ − v^L) dv."""
        L, sigma = self.depth, arb(to_fmpq(self.singular_value))
        c = sigma.root(L)
        x = w / c
        if L == 2:
            return -(1 - x * x).log() / 2
        if L == 4:  # ½ ∫ du/(σ − u²), u = v²
            return (x * x).atanh() / (2 * c * c)
        # v/(σ − v^L) dv = c^{2−L} x/(1 − x^L) dx, partial fractions at the roots of unity
        total = arb(0)
        for k in range(L):
            angle = 2 * arb(k) / L
            cos, sin = angle.cos_pi(), angle.sin_pi()
            cos2, sin2 = (2 * angle).cos_pi(), (2 * angle).sin_pi()
            # residue of x/(1 − x^L) at ω is −ω²/L; real part of −ω²/L·ln(1 − x/ω), ω = cos + i sin
            log_size = (1 - 2 * x * cos + x * x).log() / 2
            argument = arb.atan2(x * sin, 1 - x * cos)
            total -= (cos2 * log_size - sin2 * argument) / L
        return total * c ** (2 - L)

    def value(self, time: Any, digits: int = USUAL_DIGITS) -> Ball:
        """a at a natural time: in closed form for L = 2, else the root of the exact time.

        >>> mode = AlignedMode.of(3, depth=3, alpha="1/100")
        >>> mode.time(mode.value(20, 30), 30).contains(20)
        True
        """
        with workprec(self._bits(digits)):
            t = time.arb if isinstance(time, Ball) else arb(to_fmpq(rational(time)))
            sigma, alpha = arb(to_fmpq(self.singular_value)), (-self.scale.log_inverse()).exp()
            if self.depth == 2:
                start = alpha * alpha
                return Ball(sigma / (1 + (sigma / start - 1) * (-2 * sigma * t).exp()))
            low, high = alpha, sigma.root(self.depth)
            goal, origin = t.mid(), self._primitive(alpha)
            for _ in range(4 * self._bits(digits)):
                middle = ((low + high) / 2).mid()
                if self._primitive(middle) - origin < goal:
                    low = middle
                else:
                    high = middle
                if (high - low).upper() < arb(10) ** (-digits) * low:
                    break
            return Ball(low.union(high) ** self.depth)
