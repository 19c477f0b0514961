"""Power series of gradient flows of products of matrices, in fixed point.

The field is W_l' = −(W_L ⋯ W_{l+1})ᵀ ∇C(A) (W_{l−1} ⋯ W_1)ᵀ with A = W_L ⋯ W_1 and
∇C(A) = mask ∘ (A K) − B, computed as in back-propagation:

    R_1 = W_1, R_l = W_l R_{l−1};  D_L = ∇C(R_L), D_l = W_{l+1}ᵀ D_{l+1};
    W_1' = −D_1, W_l' = −D_l R_{l−1}ᵀ,

so that a series costs 3(L − 1) products of series.

With two layers the hidden coordinates may be scaled: where W_2 = Y_2 E and W_1 = E Y_1,
E = diag 2^{e_i}, the same field moves Y_2 and Y_1 if A is read as Y_2 E² Y_1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat, fmpz_poly

from saddlesym.ode.online import OnlineProduct

#: (W_1, …, W_L), integers over 2^bits.
Layers: TypeAlias = tuple[fmpz_mat, ...]


@dataclass(frozen=True)
class MatrixField:
    """The gradient flow of ``C(W_L ⋯ W_1)`` for ``∇C(A) = mask ∘ (A K) − B``.

    Attributes:
        mask: zeros and ones (m × n); None for all ones.
        K: (n × n), exact; None for the identity.
        B: (m × n), exact.
    """

    mask: fmpq_mat | None
    K: fmpq_mat | None
    B: fmpq_mat

    def gradient(self, A: fmpz_mat, bits: int, constant: bool = True) -> fmpz_mat:
        """∇C of a fixed-point A, or only its part that is linear in A."""
        m, n = A.nrows(), A.ncols()
        entries = A.entries()
        if self.K is not None:
            numerator, denominator = self.K.numer_denom()
            entries = [x // denominator for x in (A * numerator).entries()]
        if self.mask is not None:
            entries = [x if q != 0 else fmpz(0) for x, q in zip(entries, self.mask.entries(), strict=True)]
        if constant:
            unit = fmpq(fmpz(1) << bits)
            entries = [x - fmpz((q * unit).floor()) for x, q in zip(entries, self.B.entries(), strict=True)]
        return fmpz_mat(m, n, entries)


class Series:
    """The Taylor series of a solution at one state, lengthened term by term.

    Args:
        field: the vector field.
        start: W_1, …, W_L (integers over 2^bits).
        bits: fixed-point bits.
        unit: time is counted in units of 2^unit.
        exponents: e, for two layers (see above); empty for none.
    """

    def __init__(
        self, field: MatrixField, start: Layers, bits: int, unit: int, exponents: Sequence[int] = ()
    ) -> None:
        self.field, self.bits, self.unit = field, bits, unit
        self.layers: list[list[fmpz_mat]] = [[w] for w in start]
        depth = len(start)
        # only hidden coordinates that can be seen in A take part in it
        self._shifts = [-2 * e for e in exponents]
        self._seen = [i for i, s in enumerate(self._shifts) if s < bits + 8]
        self._transposed: list[list[fmpz_mat]] = [[] for _ in range(depth)]
        self._scaled: list[fmpz_mat] = []
        self._narrow: list[fmpz_mat] = []
        self.below: list[list[fmpz_mat]] = [self.layers[0]] + [[] for _ in range(depth - 1)]  # R_1, …, R_L
        self._below_transposed: list[list[fmpz_mat]] = [[] for _ in range(depth - 1)]
        self._above: list[list[fmpz_mat]] = [[] for _ in range(depth)]  # D_1, …, D_L
        if self._shifts:
            self._forward = [OnlineProduct(self._narrow, self._scaled)]
        else:
            self._forward = [OnlineProduct(self.layers[i], self.below[i - 1]) for i in range(1, depth)]
        self._backward = [OnlineProduct(self._transposed[i], self._above[i]) for i in range(depth - 1, 0, -1)]
        self._velocity = [
            OnlineProduct(self._above[i], self._below_transposed[i - 1]) for i in range(1, depth)
        ]

    @property
    def length(self) -> int:
        """The highest power computed so far."""
        return len(self.layers[0]) - 1

    @property
    def product(self) -> list[fmpz_mat]:
        """The coefficients of A, one fewer than those of the layers."""
        return self.below[-1]

    @property
    def gradient(self) -> list[fmpz_mat]:
        """The coefficients of ∇C(A), as many as those of A."""
        return self._above[-1]

    def extend(self) -> int:
        """Append one coefficient to every layer; its size in bits (0 when it vanishes)."""
        k, depth, bits = self.length, len(self.layers), self.bits
        for i in range(depth):
            self._transposed[i].append(self.layers[i][k].transpose())
        if self._shifts:
            self._append_scaled(k)
        for i, product in enumerate(self._forward, 1):
            self.below[i].append(_shifted(product.term(k), bits))
        self._above[-1].append(self.field.gradient(self.product[k], bits, constant=k == 0))
        for i, product in zip(range(depth - 2, -1, -1), self._backward, strict=True):
            self._above[i].append(_shifted(product.term(k), bits))
        size, place = 0, 1
        new = [self._integrated(self._above[0][k], k, -self.unit)]
        for product in self._velocity:
            self._below_transposed[place - 1].append(self.below[place - 1][k].transpose())
            new.append(self._integrated(product.term(k), k, bits - self.unit))
            place += 1
        for i, matrix in enumerate(new):
            self.layers[i].append(matrix)
            size = max(size, height(matrix))
        return size

    def _append_scaled(self, k: int) -> None:
        first, second = self.layers[0][k].tolist(), self.layers[1][k].tolist()
        rows = [_row_shifted(first[i], self._shifts[i]) for i in self._seen]
        columns = [[row[i] for i in self._seen] for row in second]
        if self._seen:
            self._scaled.append(fmpz_mat(rows))
            self._narrow.append(fmpz_mat(columns))
        else:  # nothing is seen: one column of zeros
            self._scaled.append(fmpz_mat(1, len(first[0])))
            self._narrow.append(fmpz_mat(len(second), 1))

    @staticmethod
    def _integrated(velocity: fmpz_mat, k: int, shift: int) -> fmpz_mat:
        """−velocity/((k + 1)·2^shift)."""
        entries = velocity.entries()
        if shift >= 0:
            divisor = -fmpz(k + 1) << shift
            entries = [x // divisor for x in entries]
        else:
            entries = [(x << -shift) // -(k + 1) for x in entries]
        return fmpz_mat(velocity.nrows(), velocity.ncols(), entries)

    def at(self, part: fmpz, part_bits: int, terms: int | None = None) -> Layers:
        """The layers at time part·2^(unit − part_bits), by Horner's rule."""
        last = self.length if terms is None else min(terms, self.length)
        return tuple(horner(series[: last + 1], part, part_bits) for series in self.layers)


def horner(series: Sequence[fmpz_mat], part: fmpz, part_bits: int) -> fmpz_mat:
    """Σ series[k]·(part/2^part_bits)^k in fixed point."""
    total = series[-1]
    for term in reversed(series[:-1]):
        total = _shifted(total * part, part_bits) + term
    return total


def height(matrix: fmpz_mat) -> int:
    """Bits of the largest entry."""
    return fmpz_poly(matrix.entries()).height_bits()


def _shifted(matrix: fmpz_mat, bits: int) -> fmpz_mat:
    return fmpz_mat(matrix.nrows(), matrix.ncols(), [x >> bits for x in matrix.entries()])


def _row_shifted(row: Sequence[fmpz], bits: int) -> list[fmpz]:
    """row·2^-bits."""
    return [x >> bits for x in row] if bits >= 0 else [x << -bits for x in row]
