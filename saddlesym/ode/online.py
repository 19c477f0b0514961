"""Products of power series of matrices whose terms become known one after another."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq_mat, fmpz, fmpz_mat

#: Terms per tile.  A tile is a polynomial of degree three.
_TILE = 4
#: The values of a polynomial of degree six at 0, 1, −1, 2, −2, ½ (times 2^6) and ∞, from its coefficients.
_VALUES = fmpz_mat(
    [
        [1, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 1],
        [1, -1, 1, -1, 1, -1, 1],
        [1, 2, 4, 8, 16, 32, 64],
        [1, -2, 4, -8, 16, -32, 64],
        [64, 32, 16, 8, 4, 2, 1],
        [0, 0, 0, 0, 0, 0, 1],
    ]
)
#: Its coefficients from these values: integers over one denominator.
_WEIGHTS, _DENOMINATOR = fmpq_mat(_VALUES).inv().numer_denom()


class OnlineProduct:
    """The product of two series of integer matrices that are still growing.

    Term k is ``Σ_{j≤k} left[j]·right[k−j]`` and may be asked for, in order, as soon as
    the terms 0, …, k of both series are there.  Of the pairs (j, k − j), those with j
    and k − j past the first tile are multiplied tile by tile as Toom and Cook do:
    the product of two tiles has degree six, so that its values at seven points do, and these
    are seven products of matrices instead of sixteen.

    Args:
        left: matrices (m × n), appended to by the caller.
        right: matrices (n × w), appended to by the caller.

    >>> left, right = [fmpz_mat([[1, 2]])], [fmpz_mat([[3], [4]])]
    >>> product = OnlineProduct(left, right)
    >>> product.term(0)
    [11]
    """

    def __init__(self, left: list[fmpz_mat], right: list[fmpz_mat]) -> None:
        self.left, self.right = left, right
        self._lefts: list[list[fmpz_mat]] = []  # values of tile a of left, from a = 1
        self._rights: list[list[fmpz_mat]] = []  # values of tile c of right, from c = 1
        self._far: list[fmpz_mat] = []  # parts of the terms of this tile and the next one

    def term(self, k: int) -> fmpz_mat:
        """Term k of the product; k counts up from 0, call by call."""
        tile, place = divmod(k, _TILE)
        if place == 0 and tile > 1:
            self._far = self._whole_tiles(tile)
        near = self._near([j for j in range(k + 1) if j < _TILE or k - j < _TILE], k)
        return near + self._far[place] if self._far else near

    def _near(self, indices: Sequence[int], k: int) -> fmpz_mat:
        """Σ left[j]·right[k−j] over some j."""
        total = self.left[indices[0]] * self.right[k - indices[0]]
        for j in indices[1:]:
            total += self.left[j] * self.right[k - j]
        return total

    def _whole_tiles(self, tile: int) -> list[fmpz_mat]:
        """What tiles 1, …, tile − 1 of both sides give to this tile, with what is left of the last one."""
        last = slice((tile - 1) * _TILE, tile * _TILE)
        self._lefts.append(_values(self.left[last]))
        self._rights.append(_values(self.right[last]))
        sums = [a * b for a, b in zip(self._lefts[0], self._rights[-1], strict=True)]
        for left, right in zip(self._lefts[1:], reversed(self._rights[:-1]), strict=True):
            sums = [s + a * b for s, a, b in zip(sums, left, right, strict=True)]
        terms = _coefficients(sums)
        for place, rest in enumerate(self._far[_TILE:]):
            terms[place] += rest
        return terms


def _values(tile: Sequence[fmpz_mat]) -> list[fmpz_mat]:
    """a + bx + cx² + dx³ at the points of _VALUES (at ½ times 2^3)."""
    a, b, c, d = tile
    even, odd = a + c, b + d
    far_even, far_odd = a + 4 * c, 2 * b + 8 * d
    half = 8 * a + 4 * b + 2 * c + d
    return [a, even + odd, even - odd, far_even + far_odd, far_even - far_odd, half, d]


def _coefficients(values: Sequence[fmpz_mat]) -> list[fmpz_mat]:
    """The polynomial of degree six with these values."""
    m, n = values[0].nrows(), values[0].ncols()
    flat = fmpz_mat([v.entries() for v in values])
    rows: list[list[fmpz]] = (_WEIGHTS * flat).tolist()
    return [fmpz_mat(m, n, [x // _DENOMINATOR for x in row]) for row in rows]
