"""Products of power series whose coefficients become known one by one.

The recurrence of an exponential needs coefficient m of rate·e before it knows
coefficient m + 1 of e.  Coefficients are gathered in blocks; what two finished blocks
contribute to later ones is a polynomial product, in squares whose size doubles, and only
the block at work is multiplied number by number (van der Hoeven's relaxed product).
The integers are exact, so the order of the work changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul

from flint import fmpz, fmpz_poly

_BLOCK = 24


class OnlineProduct:
    """The product of two growing series.

    Args:
        left, right: lists of integers to which their owner appends.
        order: number of coefficients wanted.
    """

    def __init__(self, left: list[fmpz], right: list[fmpz], order: int) -> None:
        self.left, self.right, self.order = left, right, order
        self._past = [fmpz(0)] * order

    def coefficient(self, m: int) -> fmpz:
        """Coefficient m, asked for in order, each as soon as both series have m + 1 coefficients."""
        block, offset = divmod(m, _BLOCK)
        if block == 0:
            return sum(map(mul, self.left, reversed(self.right)))
        if offset == 0:
            self._close(block)
        start = block * _BLOCK - 1
        return (
            sum(map(mul, self.left[: offset + 1], self.right[m:start:-1]), self._past[m])
            + sum(map(mul, self.right[: offset + 1], self.left[m:start:-1]))
        )  # fmt: skip

    def _close(self, block: int) -> None:
        """Pass on what the finished blocks contribute from this block on, as far as all is known."""
        last = self._cross(0, block - 1, 1)
        self._add((block - 1) * _BLOCK, _BLOCK, last)
        size = 1
        while block % size == 0 and block >= 2 * size:
            self._add(block * _BLOCK, 0, self._cross(size, block - size, size))
            size *= 2

    def _cross(self, a: int, b: int, size: int) -> list[fmpz]:
        """Blocks a… of one series times blocks b… of the other, both ways unless a = b."""
        first, second = (slice(k * _BLOCK, (k + size) * _BLOCK) for k in (a, b))
        product = fmpz_poly(self.left[first]) * fmpz_poly(self.right[second])
        if a != b:
            product += fmpz_poly(self.left[second]) * fmpz_poly(self.right[first])
        return product.coeffs()

    def _add(self, place: int, skipped: int, values: Sequence[fmpz]) -> None:
        for m, value in enumerate(values[skipped : self.order - place], place + skipped):
            self._past[m] += value
