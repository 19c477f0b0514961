"""The loss as an integer quadratic form: what the exact kernels compute with.

A loss ``L(β) = ½ βᵀMβ − rᵀβ + L(0)`` with rational M and r is brought to
integers column by column.  With ``β_j = (q_j / q_y) b_j`` and positive rational
units q_j, q_y it becomes ``½ bᵀΓb − ρᵀb`` up to a factor, Γ and ρ integer.  So a
column in millimetres and one in kilometres do not share a denominator, and the
integers stay as small as the data allow.  In these units, with ``Q`` the common
denominator of the q_j and ``bound_j = Q q_j``:

* ``M_ij = Γ_ij / (n q_i q_j)`` and ``r_i = ρ_i / (n q_i q_y)``,
* ``γ = Γb − ρ`` gives the gradient ``g_i = γ_i / (n q_i q_y)``,
* ``σ_i = Q q_i s_i`` obeys ``σ' = −γ`` in the time ``t Q / (n q_y)``, and
  ``|s_i| = 1`` reads ``|σ_i| = bound_i``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from saddlesym.exact.linear.rational import (
    common_denominator,
    common_divisor,
    independent_columns,
    principal_block,
    solve,
)
from saddlesym.exact.vectors import RationalVector
from saddlesym.memory import INTEGER, require_memory

_ZERO = fmpz(0)
#: From so many columns on memory is looked at before their products are formed.
_MANY = 1000


class QuadraticForm:
    """Integer form of a convex quadratic loss; made by ``from_data`` or ``from_gram``.

    Attributes:
        size: number of coordinates d.
        rho: the integers ρ.
        bounds: the positive integers ``Q q_j`` that σ must not exceed.
        time_unit: accelerated time t per unit of the internal time.
    """

    def __init__(
        self,
        columns: fmpz_mat | None,
        gram_rows: list[list[fmpz]] | None,
        rho: list[fmpz],
        units: list[fmpq],
        target_unit: fmpq,
        n: int,
        loss_at_zero: fmpq,
    ) -> None:
        self.size = len(rho)
        self.rho = rho
        self._columns = columns
        self._gram_rows = gram_rows
        scale = common_denominator(units)
        self.bounds = [(q * scale).p for q in units]
        self.time_unit = n * target_unit / scale
        self._scale, self._target_unit, self._n = scale, target_unit, n
        self._loss_at_zero = loss_at_zero
        self._rho = fmpz_mat(self.size, 1, rho)
        self._plain = all(bound == 1 for bound in self.bounds)

    @classmethod
    def from_data(cls, X: fmpq_mat, y: fmpq_mat) -> QuadraticForm:
        """The form of ``‖Xβ − y‖² / (2n)`` for X (n × d) and y (n × 1)."""
        n, d = X.nrows(), X.ncols()
        primitive = [_primitive(row) for row in X.transpose().tolist()]
        target, target_unit = _primitive(y.entries())
        columns = fmpz_mat(d, n, [entry for column, _ in primitive for entry in column]).transpose()
        eta = fmpz_mat(n, 1, target)
        form = cls(
            columns,
            None,
            (columns.transpose() * eta).entries(),
            [unit for _, unit in primitive],
            target_unit,
            n,
            (y.transpose() * y)[0, 0] / (2 * n),
        )
        form._eta = eta
        return form

    @classmethod
    def from_gram(cls, M: fmpq_mat, r: fmpq_mat, loss_at_zero: fmpq) -> QuadraticForm:
        """The form of ``½βᵀMβ − rᵀβ + loss_at_zero`` for M (d × d) and r (d × 1)."""
        rows = M.tolist()
        d = len(rows)
        q = [common_denominator(row) for row in rows]
        gram_rows = [[(rows[i][j] * q[i] * q[j]).p for j in range(d)] for i in range(d)]
        scaled = [r[i, 0] * q[i] for i in range(d)]
        target, target_unit = _primitive(scaled)
        return cls(None, gram_rows, target, [fmpq(u) for u in q], target_unit, 1, loss_at_zero)

    _eta: fmpz_mat

    @property
    def is_wide(self) -> bool:
        """Whether there are more columns than rows, so that Γ is best left unformed."""
        return self._columns is not None and self._columns.nrows() < self.size

    @cached_property
    def gram(self) -> fmpz_mat:
        """Γ (d × d)."""
        if self._columns is None:
            return fmpz_mat(self.gram_table)
        return self._columns.transpose() * self._columns

    @cached_property
    def gram_table(self) -> list[list[fmpz]]:
        """Γ as rows."""
        return self.gram.tolist() if self._gram_rows is None else self._gram_rows

    @cached_property
    def _transposed(self) -> fmpz_mat:
        assert self._columns is not None
        return self._columns.transpose()

    @cached_property
    def _column_table(self) -> list[list[fmpz]]:
        return self._transposed.tolist()

    def block(self, indices: Sequence[int]) -> fmpz_mat:
        """Γ_SS for an index list S.

        Raises:
            BudgetError: it would not fit into memory.
        """
        _require(len(indices))
        if self.is_wide and self.size > 512:
            rows = self.column_block(indices)
            return rows * rows.transpose()
        return principal_block(self.gram_table, indices)

    def cross_block(self, rows: Sequence[int], columns: Sequence[int]) -> fmpz_mat:
        """Γ with these rows and these columns."""
        if self._columns is not None:
            return self.column_block(rows) * self.column_block(columns).transpose()
        table = self.gram_table
        return fmpz_mat(len(rows), len(columns), [table[i][j] for i in rows for j in columns])

    @cached_property
    def diagonal(self) -> list[fmpz]:
        """The diagonal of Γ (d)."""
        if self._columns is None:
            return [row[i] for i, row in enumerate(self.gram_table)]
        return [sum((entry * entry for entry in column), fmpz(0)) for column in self._column_table]

    def column_block(self, indices: Sequence[int]) -> fmpz_mat:
        """The integer columns of S as rows (|S| × n); needs data, not a Gram matrix."""
        table = self._column_table
        n = len(table[0]) if table else 0
        return fmpz_mat(len(indices), n, [entry for i in indices for entry in table[i]])

    @property
    def gram_unit(self) -> fmpq:
        """``n / Q²``, so that ``gram_unit · M_ij = Γ_ij / (bound_i bound_j)``."""
        return fmpq(self._n, self._scale * self._scale)

    def fingerprint(self, j: int) -> tuple[tuple[Any, ...], int]:
        """A key that two columns share exactly when they are equal or opposite, and a sign."""
        row = self._column_table[j] if self._columns is not None else self.gram_table[j]
        entries = [int(entry) for entry in row]
        sign = next((1 if e > 0 else -1 for e in entries if e), 1)
        return (int(self.bounds[j]), *(sign * e for e in entries)), sign

    def independent(self, indices: Sequence[int]) -> list[int]:
        """The first of these columns that span what all of them span."""
        table = self.column_block(indices).transpose() if self.is_wide else self.block(indices)
        return [indices[k] for k in independent_columns(table)]

    def rank_of(self, indices: Sequence[int]) -> int:
        """Rank of the columns of S."""
        return int((self.column_block(indices) if self.is_wide else self.block(indices)).rank())

    def basis(self, start: Sequence[int]) -> list[int]:
        """Columns that span what all columns span; ``start`` itself when that can be seen."""
        full = min(self.size, self._n if self._columns is not None else self.size)
        if len(start) == full and self.block(start).rank() == full:
            return list(start)
        return self.independent(range(self.size))

    def rank(self) -> int:
        """Rank of all columns."""
        if self.is_wide:
            assert self._columns is not None
            return int(self._columns.rank())
        return int(self.gram.rank())

    def solve(self, support: Sequence[int]) -> tuple[list[fmpz], fmpz] | None:
        """Integers (B, Δ) with ``Γ_SS B = Δ ρ_S``, Δ > 0; None when Γ_SS is singular."""
        right = fmpz_mat(len(support), 1, [self.rho[i] for i in support])
        solution = solve(self.block(support), right)
        return None if solution is None else (solution[0].entries(), solution[1])

    def slope(self, support: Sequence[int], b: Sequence[fmpz], delta: fmpz) -> fmpz_mat:
        """``C = ΓB − Δρ`` (d × 1), so that ``γ = C / Δ``, at the point B/Δ on the support."""
        point = fmpz_mat(self.size, 1, self._embedded(support, b))
        if self.is_wide:
            residual = self._columns * point - self._eta * delta  # type: ignore[operator]
            return self._transposed * residual
        return self.gram * point - self._rho * delta

    def beta_vector(self, support: Sequence[int], b: Sequence[fmpz], delta: fmpz) -> RationalVector:
        """β (d) of the point B/Δ on the support."""
        if not self._plain:
            b = [self.bounds[i] * entry for i, entry in zip(support, b, strict=True)]
        numerators = fmpz_mat(self.size, 1, self._embedded(support, b)) * self._target_unit.q
        return RationalVector(numerators, delta * self._scale * self._target_unit.p)

    def _embedded(self, support: Sequence[int], values: Sequence[fmpz]) -> list[fmpz]:
        """Values on the support, zeros elsewhere (d)."""
        entries = [_ZERO] * self.size
        for i, entry in zip(support, values, strict=True):
            entries[i] = entry
        return entries

    def gradient_vector(self, slope: fmpz_mat, delta: fmpz) -> RationalVector:
        """∇L(β) (d) from ``γ = slope / delta``."""
        unit = self._n * self._target_unit
        factor = self._scale * unit.q
        return self._per_bound(slope * factor, delta * unit.p)

    def dual_vector(self, sigma: fmpz_mat, denominator: fmpz) -> RationalVector:
        """s (d) from ``σ = sigma / denominator``."""
        return self._per_bound(sigma, denominator)

    def _per_bound(self, numerators: fmpz_mat, denominator: fmpz) -> RationalVector:
        if self._plain:
            return RationalVector(numerators, denominator)
        weights, common = self._bound_weights
        entries = [p * w for p, w in zip(numerators.entries(), weights, strict=True)]
        return RationalVector(fmpz_mat(self.size, 1, entries), denominator * common)

    @cached_property
    def _bound_weights(self) -> tuple[list[fmpz], fmpz]:
        common = fmpz(1)
        for bound in self.bounds:
            common = common.lcm(bound)
        return [common // bound for bound in self.bounds], common

    def loss(self, support: Sequence[int], b: Sequence[fmpz], delta: fmpz) -> fmpq:
        """L at the minimiser B/Δ of its own support, where ``L = L(0) − ½ rᵀβ``."""
        product = sum((self.rho[i] * e for i, e in zip(support, b, strict=True)), fmpz(0))
        return self._loss_at_zero - fmpq(product, delta) / (
            2 * self._n * self._target_unit * self._target_unit
        )

    def float_problem(self, indices: Sequence[int], signs: Sequence[int]) -> tuple[Any, Any]:
        """Γ_EE and ρ_E in float64, normalised to unit diagonal, signs applied.

        Only ever used to guess; raises OverflowError when floats cannot hold it.
        """
        import numpy as np

        _require(len(indices))
        if self._columns is not None:
            table = self._float_columns[:, indices] * np.array(signs, dtype=float)
            return table.T @ table, self._float_target @ table
        rows = self.gram_table
        norms = np.sqrt([float(int(rows[i][i])) for i in indices])
        block = np.array([[float(int(rows[i][j])) for j in indices] for i in indices])
        rho = np.array([float(int(self.rho[i])) for i in indices])
        sign = np.array(signs, dtype=float)
        return (block / np.outer(norms, norms)) * np.outer(sign, sign), rho / norms * sign

    @cached_property
    def _float_columns(self) -> Any:
        import numpy as np

        columns = []
        for row in self._column_table:
            largest = int(max(map(abs, row), default=fmpz(1))) or 1
            column = np.array([int(e) / largest for e in row])
            norm = np.linalg.norm(column)
            columns.append(column / norm if norm else column)
        return np.array(columns).T

    @cached_property
    def _float_target(self) -> Any:
        import numpy as np

        entries = self._eta.entries()
        largest = int(max(map(abs, entries), default=fmpz(1))) or 1
        return np.array([int(e) / largest for e in entries])


def _require(columns: int) -> None:
    """Refuse the products of so many columns with one another if memory does not hold them."""
    if columns > _MANY:
        require_memory(3 * INTEGER * columns**2, f"forming the products of {columns} columns")


def _primitive(values: list[fmpq]) -> tuple[list[fmpz], fmpq]:
    """A rational vector as coprime integers, and the positive unit that maps one to the other."""
    numerators, denominator = fmpq_mat(len(values), 1, values).numer_denom()
    integers = numerators.entries()
    divisor = common_divisor(integers)
    if divisor == 0:
        return integers, fmpq(1)
    if divisor != 1:
        integers = [entry // divisor for entry in integers]
    return integers, fmpq(denominator, divisor)
