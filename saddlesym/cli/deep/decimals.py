"""Balls as decimals for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saddlesym.exact.balls import Ball


def decimal(ball: Ball, digits: int) -> str:
    """The midpoint of a ball rounded to significant digits; 0 for a ball that holds 0.

    >>> from flint import arb
    >>> from saddlesym.exact.balls import Ball
    >>> decimal(Ball(arb("1.5 +/- 1e-20")), 8), decimal(Ball(arb("0 +/- 1e-20")), 8)
    ('1.5', '0')
    """
    from saddlesym.exact.scalars import parse_rational
    from saddlesym.exact.text import decimal_string

    if ball.contains(0):
        return "0"
    return decimal_string(parse_rational(ball.decimal(digits + 10)[0]), digits)
