"""The initialisation scale α of a network, down to 10^−1000000, by its logarithm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, isfinite, log
from typing import Any

from flint import arb, fmpq, fmpz

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq

#: α may be as small as ten to the minus this.
MAX_EXPONENT = 1_000_000
_LONGEST = 200
_LITERAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?")


@dataclass(frozen=True, eq=False)
class InitialScale:
    """α = mantissa · 10^exponent, never written out.

    Attributes:
        mantissa: positive rational.
        exponent: integer.
        text: α as it was given.

    >>> scale = InitialScale.read("1e-1000000")
    >>> round(float(scale.log_inverse()))
    2302585
    """

    mantissa: fmpq
    exponent: int
    text: str

    @classmethod
    def read(cls, value: Any) -> InitialScale:
        """Read α from text, Decimal, Fraction or float.

        Raises:
            BadInputError: not a number with 10^-1000000 ≤ α < 1.
        """
        if isinstance(value, InitialScale):
            return value
        if isinstance(value, Decimal):
            value = str(value)
        if isinstance(value, Fraction):
            value = to_fmpq(value)
        if type(value) is float and isfinite(value):
            value = str(value)
        scale = (
            cls._from_text(value.strip()) if isinstance(value, str) else cls(to_fmpq(value), 0, str(value))
        )
        needed = f"a number with 1e-{MAX_EXPONENT} <= alpha < 1"
        if scale.mantissa <= 0:
            raise BadInputError(f"alpha={shown(scale.text)} is not positive", needed=needed)
        if scale._order() >= 0 and scale._at_least_one():
            raise BadInputError(f"alpha={shown(scale.text)} is not below 1", needed=needed)
        if scale._order() < -MAX_EXPONENT - 1 or scale._below(-MAX_EXPONENT):
            raise BadInputError(f"alpha={shown(scale.text)} is too small", needed=needed)
        return scale

    @classmethod
    def _from_text(cls, text: str) -> InitialScale:
        match = _LITERAL.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None or not (match[2] or match[3]):
            if "/" in text and len(text) <= _LONGEST:
                return cls(to_fmpq(text), 0, text)
            raise BadInputError(
                f"alpha={shown(text)} cannot be read",
                needed=f"a positive decimal of at most {_LONGEST} characters, such as 1e-50",
            )
        part = match[3] or ""
        return cls(
            fmpq(fmpz((match[2] or "") + part) * (-1 if match[1] == "-" else 1)),
            int(match[4] or 0) - len(part),
            text,
        )

    @property
    def decades(self) -> float:
        """log₁₀(1/α).

        >>> InitialScale.read("1e-50").decades
        50.0
        """
        with workprec(64):
            return float((self.log_inverse() / arb(10).log()).mid())

    def _order(self) -> int:
        """⌊log₁₀ α⌋ or one less or more."""
        size = len(str(self.mantissa.p)) - len(str(self.mantissa.q))
        return size + self.exponent

    def _at_least_one(self) -> bool:
        return self._order() > 2 or self.mantissa * _power(self.exponent) >= 1

    def _below(self, exponent: int) -> bool:
        """Whether α < 10^exponent."""
        if abs(self._order() - exponent) > 2:
            return self._order() < exponent
        return self.mantissa * _power(self.exponent - exponent) < 1

    def smaller(self, factor: int) -> InitialScale | None:
        """A power of ten about α^factor, never below the smallest α; None when there is hardly room below α.

        >>> str(InitialScale.read("1e-50").smaller(10)), str(InitialScale.read("0.5").smaller(10))
        ('1e-500', '1e-4')
        >>> str(InitialScale.read("1e-300000").smaller(10)), InitialScale.read("1e-800000").smaller(10)
        ('1e-1000000', None)
        """
        order = float(self.log_inverse()) / log(10)
        exponent = min(ceil(factor * order * (1 - 1e-12)), MAX_EXPONENT)
        return None if exponent < 1.5 * order else InitialScale(fmpq(1), -exponent, f"1e-{exponent}")

    def log_inverse(self) -> arb:
        """Λ = ln(1/α), enclosed at FLINT's working precision, however near α is to one."""
        if self._order() >= -1:  # a quotient as long as the text: its distance from one is exact
            return -arb(self.mantissa * _power(self.exponent) - 1).log1p()
        return -(arb(self.mantissa).log() + self.exponent * arb(10).log())

    def __eq__(self, other: object) -> bool:
        """Whether both are the same number, however they were written."""
        if not isinstance(other, InitialScale) or abs(self._order() - other._order()) > 2:
            return NotImplemented if not isinstance(other, InitialScale) else False
        return bool(self.mantissa * _power(self.exponent - other.exponent) == other.mantissa)

    def __hash__(self) -> int:
        return hash(InitialScale)  # rarely asked for

    def __str__(self) -> str:
        return self.text


def _power(exponent: int) -> fmpq:
    ten = fmpz(10) ** abs(exponent)
    return fmpq(ten) if exponent >= 0 else fmpq(1, ten)
