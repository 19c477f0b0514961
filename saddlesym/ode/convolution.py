"""Products of power series whose coefficients become known one by one.

The recurrence of an exponential needs coefficient m of rate·e before it knows
coefficient m + 1 of e.  Coefficients are gathered in blocks; what two finished blocks
contribute to later ones is a polynomial product, in squares whose size doubles, and only
the block at work is multiplied number by number (van der Hoeven's relaxed product).
The integers are exact, so the order of the work changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import mul

from flint import fmpz, fmpz_poly

#: Length of a block; shorter products than _SHORT have one block, since it pays only later.
_BLOCK, _SHORT = 24, 96


class OnlineProduct:
    """The product of two growing series.

    Args:
        left, right: lists of integers to which their owner appends.
        order: number of coefficients wanted.
    """

    def __init__(self, left: list[fmpz], right: list[fmpz], order: int) -> None:
        self.left, self.right, self.order = left, right, order
        self._past = [fmpz(0)] * order
        self._block = _BLOCK if order >= _SHORT else order

    def coefficient(self, m: int) -> fmpz:
        """Coefficient m, asked for in order, each as soon as both series have m + 1 coefficients."""
        block, offset = divmod(m, self._block)
        if block == 0:
            return _dot(self.left, reversed(self.right))
        if offset == 0:
            self._close(block)
        start = block * self._block - 1
        first = _dot(self.left[: offset + 1], self.right[m:start:-1])
        return self._past[m] + first + _dot(self.right[: offset + 1], self.left[m:start:-1])

    def _close(self, block: int) -> None:
        """Pass on what the finished blocks contribute from this block on, as far as all is known."""
        last = self._cross(0, block - 1, 1)
        self._add((block - 1) * self._block, self._block, last)
        size = 1
        while block % size == 0 and block >= 2 * size:
            self._add(block * self._block, 0, self._cross(size, block - size, size))
            size *= 2

    def _cross(self, a: int, b: int, size: int) -> list[fmpz]:
        """Blocks a… of one series times blocks b… of the other, both ways unless a = b."""
        first, second = (slice(k * self._block, (k + size) * self._block) for k in (a, b))
        product = fmpz_poly(self.left[first]) * fmpz_poly(self.right[second])
        if a != b:
            product += fmpz_poly(self.left[second]) * fmpz_poly(self.right[first])
        return product.coeffs()

    def _add(self, place: int, skipped: int, values: Sequence[fmpz]) -> None:
        for m, value in enumerate(values[skipped : self.order - place], place + skipped):
            self._past[m] += value


def _dot(left: Iterable[fmpz], right: Iterable[fmpz]) -> fmpz:
    return sum(map(mul, left, right), fmpz(0))
