"""Balls: real numbers known up to a proved radius, as the package hands them out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpz

from saddlesym.errors import PrecisionError
from saddlesym.exact.forms import MisfitError, Seen, decimal, one_of, pair, record, text
from saddlesym.exact.pickling import ball_bits, ball_of_bits
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import parse_rational, to_fmpq
from saddlesym.exact.text import decimal_string


class Ball:
    """A real number that lies within ``radius`` of ``mid``; both are exact decimals.

    Args:
        value: a FLINT ball.

    Comparisons of the numbers are left to :meth:`contains` and :meth:`overlaps`, since ``<`` has
    three answers for balls; two balls are equal if they are the same ball, midpoint and radius.

    >>> from flint import arb
    >>> third = Ball(arb(1) / 3)
    >>> third.contains(Fraction(1, 3)), third.contains("0.33"), float(third)
    (True, False, 0.3333333333333333)
    """

    __slots__ = ("_value",)

    def __init__(self, value: arb) -> None:
        self._value = value

    @property
    def arb(self) -> arb:
        """The FLINT ball itself."""
        return self._value

    @property
    def digits(self) -> int:
        """Number of correct digits: −log₁₀ of radius / (1 + |mid|), rounded down.

        An exact number has 10⁹ of them, a ball without bounds −10⁹.
        """
        with workprec(64):
            radius = self._value.rad()
            if radius == 0:
                return 10**9
            if not self._value.is_finite():
                return -(10**9)
            size = (radius / (1 + abs(self._value.mid()))).log() / arb(10).log()
            return math.floor(float((-size).lower()))

    def contains(self, value: Any) -> bool:
        """Whether an exact number (or another ball) lies in the ball."""
        if isinstance(value, Ball):
            return bool(self._value.contains(value._value))
        return bool(abs(to_fmpq(value) - dyadic(self._value)) <= dyadic(self._value.rad()))

    def overlaps(self, other: Ball) -> bool:
        """Whether two balls may hold the same number."""
        return bool(self._value.overlaps(other._value))

    def decimal(self, digits: int | None = None) -> tuple[str, str]:
        """Midpoint and radius as decimals; the ball they make contains this one.

        Raises:
            PrecisionError: a ball without bounds (or no number), which no decimal contains.
        """
        if not self._value.is_finite():
            raise PrecisionError("a number has no proved bounds", needed="more working digits")
        if digits is not None:
            wanted = digits
        elif self._value.is_exact():  # a dyadic number has this many decimals at most
            wanted = min(self._value.bits() + abs(int(self._value.man_exp()[1])) + 3, 10_000)
        else:
            wanted = max(1, self.digits + 3)
        mid, radius, exponent = self._value.mid_rad_10exp(wanted)
        mid, radius, exponent = _shortened(mid, radius, exponent)
        return _scientific(mid, exponent), _scientific(radius, exponent)

    def rounded(self, digits: int) -> str:
        """The midpoint rounded to significant digits, for tables; ``0`` for a ball that holds 0.

        >>> from flint import arb
        >>> Ball(arb("1.5 +/- 1e-20")).rounded(8), Ball(arb("0 +/- 1e-20")).rounded(8)
        ('1.5', '0')
        """
        if self.contains(0):
            return "0"
        mid = parse_rational(self.decimal(digits + 10)[0], limit=10**9)  # its own, of any length
        return decimal_string(mid, digits)

    def mpf(self, dps: int | None = None) -> Any:
        """The midpoint as an mpmath number, by default with all correct digits."""
        import mpmath
        from mpmath.libmp import dps_to_prec, from_man_exp

        mantissa, exponent = self._value.mid().man_exp()
        precision = dps_to_prec(max(15, min(self.digits, 10**6) if dps is None else dps))
        return mpmath.mp.make_mpf(from_man_exp(int(mantissa), int(exponent), precision, "n"))

    def to_dict(self, *, exact: bool = True) -> dict[str, Any]:
        """JSON-ready: midpoint and radius as decimals (see :meth:`decimal`), and to the last bit.

        Args:
            exact: whether to write ``hex`` as well, both as mantissa and power of two.

        >>> Ball(arb("0.75")).to_dict()
        {'kind': 'ball', 'mid': '0.75', 'radius': '0', 'hex': ['0x3p-2', '0x0p0']}
        """
        mid, radius = self.decimal()
        told = {"mid": mid, "radius": radius}
        return {"kind": "ball"} | told | {"hex": list(map(_hex, ball_bits(self._value)))} if exact else told

    @classmethod
    def from_dict(cls, document: Any) -> Ball:
        """The inverse of :meth:`to_dict`; without ``hex`` a ball that holds the decimals.

        Raises:
            BadInputError: no numbers, or decimals and bits that contradict each other.
        """
        try:
            return read_ball(document, Seen())
        except MisfitError as error:
            raise error.refusal("a ball") from None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ball):
            return NotImplemented
        return ball_bits(self._value) == ball_bits(other._value)

    def __hash__(self) -> int:
        return hash(ball_bits(self._value))

    def __float__(self) -> float:
        return float(self._value.mid())

    def __repr__(self) -> str:
        return f"Ball({self._value.str(12)})"


_FORM = record({"mid": decimal, "radius": decimal}, {"kind": one_of("ball"), "hex": pair(text, text)})
_HEX = re.compile(r"(-?0x[0-9a-f]{1,2500000})p(-?[0-9]{1,9})")
#: Bits before or behind the point of a ball that is read: α = 10^-1000000 to the twelfth power.
_MAX_SHIFT = 40_000_000


def _hex(half: Any) -> str:
    return f"{int(half[0]):#x}p{half[1]}"


def _from_hex(text: Any) -> tuple[fmpz, fmpz]:
    match = _HEX.fullmatch(text) if type(text) is str else None
    if match is None or abs(int(match[2])) > _MAX_SHIFT:
        raise MisfitError(text, 'mantissa and power of two, such as "0x3p-2"')
    return fmpz(int(match[1], 16)), fmpz(int(match[2]))


def read_ball(value: Any, seen: Seen) -> Ball:
    """A ball within a document.

    Raises:
        MisfitError: it is none.
    """
    _FORM(value, seen)
    bits = value.get("hex")
    with workprec(64 if bits is not None else max(64, 4 * len(value["mid"]))):
        told = arb(value["mid"]) + arb(0, arb(value["radius"]).abs_upper())
        if bits is None:
            return Ball(told)
        if bits[1].startswith("-"):
            raise MisfitError(bits, "midpoint and radius", "has")
        found = ball_of_bits(*map(_from_hex, bits))
        if not found.overlaps(told):
            raise MisfitError(bits, "the bits of its midpoint and radius", "has")
        return Ball(found)


def _shortened(mid: fmpz, radius: fmpz, exponent: fmpz) -> tuple[fmpz, fmpz, fmpz]:
    """A decimal ball with a radius of three digits at most, or without trailing zeros if exact."""
    if radius == 0:
        while mid != 0 and mid % 10 == 0:
            mid, exponent = mid // 10, exponent + 1
        return mid, radius, exponent
    drop = max(0, len(str(radius)) - 3)
    ten = fmpz(10) ** drop
    return mid // ten, radius // ten + (2 if drop else 0), exponent + drop


def _scientific(mantissa: fmpz, exponent: fmpz) -> str:
    """``mantissa · 10^exponent`` as a decimal literal, all digits kept."""
    text = str(abs(mantissa))
    sign = "-" if mantissa < 0 else ""
    power = len(text) - 1 + int(exponent)
    if mantissa == 0:
        return "0"
    if -6 < power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{text}"
    if 0 <= power < len(text):
        head, tail = text[: power + 1], text[power + 1 :]
        return f"{sign}{head}.{tail}" if tail else f"{sign}{head}"
    tail = f".{text[1:]}" if len(text) > 1 else ""
    return f"{sign}{text[0]}{tail}e{power:+03d}"


def dyadic(value: arb) -> fmpq:
    """The midpoint of a ball, exactly.

    >>> dyadic(arb(0.75, 1e-5))
    3/4
    """
    mantissa, exponent = value.mid().man_exp()
    e = int(exponent)
    return fmpq(mantissa << e) if e >= 0 else fmpq(mantissa, fmpz(1) << -e)


def power(value: arb, exponent: int) -> arb:
    """A ball to an integer power.

    FLINT's own power of a ball around exactly 0 is undefined, that of a product is not.

    >>> power(arb(0, 1), 2).contains(0), power(arb(2), -3)
    (True, 0.125000000000000)
    """
    result, square, left = arb(1), value, abs(exponent)
    while left:
        if left & 1:
            result = result * square
        square, left = square * square, left >> 1
    return 1 / result if exponent < 0 else result


def known_to(digits: int, values: Iterable[arb], unit: arb | None = None) -> tuple[Ball, ...]:
    """Balls of numbers that are known within 10^-digits units, at the working precision.

    Args:
        digits: how many.
        values: the numbers.
        unit: of each; default 1 + |number|.

    Raises:
        PrecisionError: one of them is not known so well.

    >>> known_to(3, [arb(2)])
    (Ball(2.00000000000),)
    """
    limit, found = arb(10) ** -digits, tuple(map(Ball, values))
    for ball in found:
        size = 1 + abs(ball.arb.mid()) if unit is None else unit
        if not ball.arb.rad() < limit * size:
            raise PrecisionError(
                f"{digits} digits were asked for and {ball.digits} are proved",
                needed="more working digits",
                hint=f"digits={2 * digits}",
            )
    return found


def simplest_rational(ball: arb, max_digits: int) -> Fraction | None:
    """The fraction of least denominator in a ball, when it is far too short to be chance.

    A ball of relative width 10^-D holds fractions of about D/2 digits above and
    below by chance; one whose digits, above and below together, are fewer than
    D − max_digits is taken as meant.

    Args:
        ball: the number.
        max_digits: how many digits of surprise are asked for.

    >>> with workprec(200):
    ...     simplest_rational(arb(195) / 133, 12)
    Fraction(195, 133)
    """
    low, high = dyadic(ball.lower()), dyadic(ball.upper())
    if low >= high:
        return None
    q = _simplest_between(low, high)
    width = decimal_string((high - low) / (1 + abs(low)), 2)
    digits = -int(width.partition("e")[2] or 0)
    size = len(str(abs(q.p))) + len(str(q.q))
    if size > digits - max_digits:
        return None
    return Fraction(int(q.p), int(q.q))


def _simplest_between(low: fmpq, high: fmpq) -> fmpq:
    """The fraction of least denominator in [low, high] (continued fractions)."""
    if low <= 0 <= high:
        return fmpq(0)
    if high < 0:
        return -_simplest_between(-high, -low)
    quotients: list[fmpz] = []
    while True:
        whole = fmpz(low.floor())
        if whole >= low or fmpz(high.floor()) > whole:
            q = fmpq(whole if whole >= low else whole + 1)
            break
        quotients.append(whole)
        low, high = 1 / (high - whole), 1 / (low - whole)
    for whole in reversed(quotients):
        q = whole + 1 / q
    return q
