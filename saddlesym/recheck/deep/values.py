"""Singular values of a saved result, enclosed as tightly as its balls need to be decided.

Of the certificate: a singular value is where p(x²) changes its sign, found by halving.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from flint import fmpq, fmpq_poly

from saddlesym.exact.scalars import fraction, to_fmpq
from saddlesym.recheck.work import Work

Interval = tuple[Fraction, Fraction]

#: Most times that an interval is halved: a ball of a sum that is rational by chance is not decided by it.
MAX_HALVINGS = 600


class SignChange:
    """The only positive x of an interval at which p(x²) changes its sign.

    Args:
        polynomial: p.
        interval: of the document.
        work: what may be spent.
    """

    def __init__(self, polynomial: fmpq_poly, interval: Interval, work: Work) -> None:
        self._p, self._work = polynomial, work
        self.interval = interval
        self._rising = self._at(interval[1]) > 0
        self._halvings = 0

    def _at(self, x: Fraction) -> fmpq:
        bits = x.denominator.bit_length()
        degree = max(1, self._p.degree())
        self._work.products(2 * degree, 64, 2 * degree * bits)
        square = to_fmpq(x) ** 2
        return self._p(square)

    @property
    def enclosed(self) -> bool:
        """Whether p(x²) changes its sign in the interval, or vanishes at it when it is a point."""
        low, high = map(self._at, self.interval)
        return bool(low * high < 0) or (self.interval[0] == self.interval[1] and low == 0)

    def pin(self, x: Fraction) -> None:
        """Know the value exactly, if it is x."""
        if self.interval[0] <= x <= self.interval[1] and self._at(x) == 0:
            self.interval = x, x

    def halve(self) -> bool:
        """Halve the interval; whether it has become smaller."""
        low, high = self.interval
        if low == high or self._halvings == MAX_HALVINGS:
            return False
        self._halvings += 1
        middle = (low + high) / 2
        value = self._at(middle)
        if value == 0:
            self.interval = middle, middle
        else:
            self.interval = (low, middle) if (value > 0) == self._rising else (middle, high)
        return True


def contained(
    values: Sequence[SignChange], enclosure: Callable[[], Interval], claimed: Interval
) -> bool | None:
    """Whether a number lies in a ball; None: it is too near to its border to tell.

    Args:
        values: what the number depends on, enclosed ever more tightly.
        enclosure: an interval of the number, from theirs.
        claimed: the ball.
    """
    while True:
        low, high = enclosure()
        if claimed[0] <= low and high <= claimed[1]:
            return True
        if high < claimed[0] or low > claimed[1]:
            return False
        smaller = False
        for value in values:
            smaller = value.halve() or smaller
        if not smaller:
            return None


def exact_sum(values: Sequence[fmpq_poly], counts: Sequence[int]) -> Fraction | None:
    """Σ counts·σ², where all conjugates are counted equally often; None where they are not.

    Args:
        values: the polynomials of the σ².
        counts: how often each is counted.
    """
    total = Fraction(0)
    for p in {tuple(p.coeffs()) for p in values}:
        taken = {c for c, q in zip(counts, values, strict=True) if tuple(q.coeffs()) == p}
        if len(taken) > 1:
            return None
        total -= taken.pop() * fraction(p[-2] / p[-1])
    return total
