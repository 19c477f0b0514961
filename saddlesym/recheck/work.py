"""A bound on the work that a document of a stranger may ask for: counted, not timed.

The estimates were fitted to FLINT on one core, from 8 to 66 000 bits and 2 to 50 columns; they
are right up to some factor of five, and grow as the work does.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import comb, lcm

from saddlesym.errors import BudgetError

#: Work that is done by default: about so many seconds of one core.
SECONDS = 120.0
#: Most bytes of one matrix or vector.
MATRIX_BYTES = 2**30
#: Bits up to which a common denominator is found and not estimated.
_FOUND = 2**14


class Work:
    """What may still be spent, in estimated seconds of one core, so that every machine answers alike.

    Args:
        seconds: in all.

    >>> work = Work(10)
    >>> work.spend(3)
    >>> work.spend(8)
    Traceback (most recent call last):
    saddlesym.errors.BudgetError: more work than is allowed
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.left = seconds

    def spend(self, seconds: float) -> None:
        """Take note of work that is about to be done.

        Raises:
            BudgetError: it is more than what is left.
        """
        self.left -= seconds
        if self.left < 0:
            raise BudgetError("more work than is allowed")

    def steps(self, number: int) -> None:
        """Take note of so many simple steps."""
        self.spend(1e-6 * number)

    def products(self, number: int, bits: int, more_bits: int) -> None:
        """Take note of so many products of two integers of so many bits."""
        a, b = 1 + bits / 64, 1 + more_bits / 64
        self.spend(4e-8 * number + number * min(1e-9 * a * b, 1.2e-7 * (a + b)))

    def elimination(self, rows: int, columns: int, bits: int) -> None:
        """Take note of a rank, solution or determinant of rationals of so many bits."""
        self.matrix(rows, columns, bits)
        self.spend(1e-5 + rows * columns * min(rows, columns) * (1e-8 + 8e-9 * bits))

    def matrix(self, rows: int, columns: int, bits: int) -> None:
        """See that a matrix of rationals of so many bits has room.

        Raises:
            BudgetError: it has not.
        """
        if rows * columns * (16 + bits / 4) > MATRIX_BYTES:
            raise BudgetError(f"a matrix of {rows} × {columns} numbers of {bits} bits")


def cleared_bits(rows: Iterable[Iterable[str]]) -> int:
    """Bits of the integers that exact numbers, written out, become over one common denominator.

    >>> cleared_bits([["1/3", "1/4"], ["-7/12", "2"]])
    10
    """
    denominators: set[str] = set()
    longest = 0
    for row in rows:
        for text in row:
            above, _, below = text.partition("/")
            denominators.add(below)
            longest = max(longest, len(above))
    common = 1
    for below in denominators:
        if below:
            if len(below) > _FOUND // 4 or common.bit_length() > _FOUND:
                return int(3.33 * (longest + sum(map(len, denominators))))
            common = lcm(common, int(below))
    return int(3.33 * longest) + common.bit_length()


def number_of_sets(d: int, limit: int, most: int, *, signed: bool = False) -> int:
    """How many sets of up to ``limit`` of d columns there are; counted no further than beyond ``most``.

    Args:
        signed: each with all signs of its columns up to a common one, the empty set left out.

    >>> number_of_sets(3, 2, 100), number_of_sets(10**6, 10**5, 100) > 100
    (7, True)
    """
    total = 0
    for size in range(min(limit, d) + 1):
        total += comb(d, size) << max(0, size - 1) if signed and size else comb(d, size) * (not signed)
        if total > most:
            break
    return total
