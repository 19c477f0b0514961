"""The loss of a saved result, formed from its recorded data alone, for the certificates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from saddlesym.exact.scalars import read_exact
from saddlesym.exact.vectors import RationalVector
from saddlesym.memory import RATIONAL, require_memory


class RecheckedLoss:
    """The loss, formed from the recorded data by the shortest way.

    Columns are kept as integers, each with a unit of its own, and vectors over one denominator, so
    that no gcd of long numbers is taken; M is formed only where it is the smaller matrix.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._M: fmpq_mat | None = None
        if "M" in document:
            rows, right = _table(document["M"]), _numbers(document["r"])
            self._form_gram(fmpq_mat(len(rows), len(rows), [q for row in rows for q in row]))
            self.r = fmpq_mat(len(right), 1, right)
            self.loss_at_zero = read_exact(document["loss_at_zero"])
            self.rows = int(self._integers.rank())  # stands in for n, which is not known
        else:
            rows, target = _table(document["X"]), _numbers(document["y"])
            n, d = len(rows), len(rows[0])
            columns = [[row[j] for row in rows] for j in range(d)]
            if document["centred"]:
                target = _less_mean(target)
                columns = [_less_mean(column) for column in columns]
            if document["scale"] is not None:
                units = _numbers(document["scale"])
                columns = [[q / u for q in c] for c, u in zip(columns, units, strict=True)]
            self._n, self.rows = n, n
            y = fmpq_mat(n, 1, target)
            if d <= n:
                XT = fmpq_mat(d, n, [q for column in columns for q in column])
                self._form_gram(XT * XT.transpose() / n)
                self.r = XT * y / n
            else:
                self._form_columns(columns)
                self.r = self._back(*y.numer_denom()).column()
            self.loss_at_zero = (y.transpose() * y)[0, 0] / (2 * n)
        self._right = RationalVector(*self.r.numer_denom())

    def _form_gram(self, M: fmpq_mat) -> None:
        self._M = M
        self._integers, self._denominator = M.numer_denom()

    def _form_columns(self, columns: list[list[fmpq]]) -> None:
        """Xᵀ as integer rows, the row j over the integer ``_own[j]`` that brings it to lowest terms."""
        self._own = [fmpz(1)] * len(columns)
        entries: list[fmpz] = []
        for j, column in enumerate(columns):
            integers, self._own[j] = fmpq_mat(1, len(column), column).numer_denom()
            entries += integers.entries()
        self._integers = fmpz_mat(len(columns), self._n, entries)
        self._across = self._integers.transpose()
        common = fmpz(1)
        for q in self._own:
            common = common.lcm(q)
        self._common, self._weights = common, [common // q for q in self._own]

    def _weighted(self, numerators: fmpz_mat) -> fmpz_mat:
        """Every entry times what brings its column's unit to the common one."""
        if self._common == 1:
            return numerators
        entries = zip(numerators.entries(), self._weights, strict=True)
        return fmpz_mat(numerators.nrows(), 1, [p * w if p else p for p, w in entries])

    def _back(self, residual: fmpz_mat, denominator: fmpz) -> RationalVector:
        """Xᵀ/n times a vector (n) given over one denominator."""
        product = self._weighted(self._integers * residual)
        return RationalVector(product, denominator * self._common * self._n)

    def image(self, vector: RationalVector) -> RationalVector:
        """M times a vector (d), over one denominator."""
        if self._M is not None:
            return RationalVector(self._integers * vector.numerators, vector.denominator * self._denominator)
        fitted = self._across * self._weighted(vector.numerators)
        return self._back(fitted, vector.denominator * self._common)

    def times_M(self, vector: RationalVector) -> list[fmpq]:
        """M times a vector (d)."""
        return self.image(vector).rationals()

    def block(self, indices: Sequence[int]) -> fmpq_mat:
        """M_SS for an index list S."""
        k = len(indices)
        if k > 1000:
            require_memory(2 * RATIONAL * k * k, f"forming the products of {k} columns")
        if self._M is not None:
            return fmpq_mat(k, k, [self._M[i, j] for i in indices for j in indices])
        rows = fmpq_mat(
            k, self._n, [fmpq(self._integers[i, j], self._own[i]) for i in indices for j in range(self._n)]
        )
        return rows * rows.transpose() / self._n

    def slope(self, beta: RationalVector) -> RationalVector:
        """∇L(β) (d), over one denominator."""
        image, right = self.image(beta), self._right
        difference = image.numerators * right.denominator - right.numerators * image.denominator
        return RationalVector(difference, image.denominator * right.denominator)

    def gradient(self, beta: RationalVector) -> list[fmpq]:
        """∇L(β) (d)."""
        return self.slope(beta).rationals()

    def loss(self, beta: RationalVector) -> fmpq:
        """L(β) = ½βᵀ(∇L(β) − r) + L(0)."""
        slope, right = self.slope(beta), self._right
        return (dot(beta, slope) - dot(beta, right)) / 2 + self.loss_at_zero


def dot(a: RationalVector, b: RationalVector) -> fmpq:
    """The product aᵀb."""
    return fmpq((a.numerators.transpose() * b.numerators)[0, 0], a.denominator * b.denominator)


def _numbers(texts: Sequence[str]) -> list[fmpq]:
    return [read_exact(text) for text in texts]


def _table(rows: Sequence[Sequence[str]]) -> list[list[fmpq]]:
    return [_numbers(row) for row in rows]


def _less_mean(values: list[fmpq]) -> list[fmpq]:
    mean = sum(values, fmpq(0)) / len(values)
    return [q - mean for q in values]
