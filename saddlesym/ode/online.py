"""Products of power series of matrices whose terms become known one after another."""

from __future__ import annotations

from itertools import chain

from flint import fmpz, fmpz_mat

#: Terms per tile.  Products of whole tiles are single matrix products.
_TILE = 4


class OnlineProduct:
    """The product of two series of integer matrices that are still growing.

    Term k is ``Σ_{j≤k} left[j]·right[k−j]`` and may be asked for, in order, as soon as
    the terms 0, …, k of both series are there.  Of the pairs (j, k − j), those with j
    and k − j past the first tile and in whole tiles are multiplied for four k at
    once, ``left`` as a row of blocks and ``right`` as a block Toeplitz matrix, so that
    hardly any time goes into moving numbers.

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
        self._rows: list[list[list[fmpz]]] = []  # left, by rows
        self._flat: list[list[fmpz]] = []  # right, row after row
        self._strips: list[fmpz_mat] = []  # tile a of left, from a = 1: m × nT
        self._toeplitz: list[fmpz_mat] = []  # tile c of right, from c = 1: nT × wT
        self._far: list[fmpz_mat] = []

    def term(self, k: int) -> fmpz_mat:
        """Term k of the product; k counts up from 0, call by call."""
        self._rows.append(self.left[k].tolist())
        self._flat.append(self.right[k].entries())
        tile, place = divmod(k, _TILE)
        if tile == 0:
            return self._near(range(k + 1), k)
        if place == 0:
            self._far = self._whole_tiles(tile) if tile > 1 else []
        near = self._near([*range(_TILE), *range(tile * _TILE, k + 1)], k)
        return near + self._far[place] if self._far else near

    def _near(self, indices: range | list[int], k: int) -> fmpz_mat:
        """Σ left[j]·right[k−j] over some j."""
        total = self.left[indices[0]] * self.right[k - indices[0]]
        for j in indices[1:]:
            total += self.left[j] * self.right[k - j]
        return total

    def _whole_tiles(self, tile: int) -> list[fmpz_mat]:
        """The part of the terms of this tile that comes from tiles 1, …, tile − 1 of both sides."""
        m, n = len(self._rows[0]), len(self._rows[0][0])
        w = len(self._flat[0]) // n
        a = tile - 1
        strip = [x for i in range(m) for j in range(a * _TILE, tile * _TILE) for x in self._rows[j][i]]
        self._strips.append(fmpz_mat(m, n * _TILE, strip))
        block: list[fmpz] = []
        for b in range(_TILE):
            for i in range(n):
                for d in range(_TILE):
                    block += self._flat[a * _TILE + d - b][i * w : (i + 1) * w]
        self._toeplitz.append(fmpz_mat(n * _TILE, w * _TILE, block))
        total = self._strips[0] * self._toeplitz[-1]
        for row, column in zip(self._strips[1:], reversed(self._toeplitz[:-1]), strict=True):
            total += row * column
        rows = total.tolist()
        return [fmpz_mat(m, w, [x for row in rows for x in row[d * w : (d + 1) * w]]) for d in range(_TILE)]
