"""Sets of singular modes, and balls as decimals, for tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saddlesym.deep.singular_values import SingularValue
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


def mode_words(values: Sequence[SingularValue], counts: Sequence[int]) -> str:
    """Modes numbered from 1 by falling singular value; of a repeated one taken in part, how many.

    >>> from saddlesym import singular_values
    >>> values = singular_values([[3, 0, 0], [0, 1, 0], [0, 0, 1]]).values
    >>> mode_words(values, (1, 1)), mode_words(values, (0, 2))
    ('1, 1 of 2-3', '2, 3')
    """
    words, first = [], 1
    for value, taken in zip(values, counts, strict=True):
        last = first + value.multiplicity - 1
        if 0 < taken < value.multiplicity:
            words.append(f"{taken} of {first}-{last}")
        elif taken:
            words += map(str, range(first, last + 1))
        first = last + 1
    return ", ".join(words)
