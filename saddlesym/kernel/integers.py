"""Data, saddles and gradients of a path as integers over denominators, as the checker in Coq takes them.

Column i of X is integers over ``δ_i = columns_over[i]``, y is ``targets / targets_over``, and a saddle is
``β_i = δ_i numerators_i / denominator``, so that Xβ needs no other denominators.  With M and r the
integers XᵀX and Xᵀy the gradient of the loss at a saddle is ``slopes_i / (δ_i · clock · denominator)``,
where ``clock = n · targets_over``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from flint import fmpz, fmpz_mat

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.linear.rational import common_denominator, principal_block
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.vectors import RationalVector

#: Numerators and their common denominator.
IntegerPoint: TypeAlias = tuple[list[int], int]


@dataclass(frozen=True)
class IntegerData:
    """A data set in integers.

    Attributes:
        rows: X, each column times its denominator (n × d).
        columns_over: the denominators (d).
        targets: y times ``targets_over`` (n).
    """

    rows: list[list[int]]
    columns_over: list[int]
    targets: list[int]
    targets_over: int

    @classmethod
    def of(cls, problem: DiagonalProblem) -> IntegerData:
        """The data as used, after centring and scaling.

        Raises:
            BadInputError: the problem is given by M and r.

        >>> IntegerData.of(DiagonalProblem([["1/2", 1]], [3]))
        IntegerData(rows=[[1, 1]], columns_over=[2, 1], targets=[3], targets_over=1)
        """
        if not problem.has_data:
            raise BadInputError(
                "the problem is given by M and r", needed="data X and y, which the theorem is about"
            )
        X = [[to_fmpq(x) for x in row] for row in problem.X]
        y = [to_fmpq(v) for v in problem.y]
        over, y_over = [common_denominator(column) for column in zip(*X, strict=True)], common_denominator(y)
        rows = [[int(q.p * (c // q.q)) for q, c in zip(row, over, strict=True)] for row in X]
        return cls(rows, list(map(int, over)), [int(q.p * (y_over // q.q)) for q in y], int(y_over))

    @property
    def n(self) -> int:
        return len(self.rows)

    @property
    def d(self) -> int:
        return len(self.rows[0])

    @cached_property
    def gram(self) -> fmpz_mat:
        """M (d × d)."""
        X = fmpz_mat(self.rows)
        return X.transpose() * X

    @cached_property
    def corr(self) -> list[fmpz]:
        """r (d)."""
        return (fmpz_mat(self.rows).transpose() * fmpz_mat(self.n, 1, self.targets)).entries()

    @property
    def clock(self) -> int:
        """The unit of gradients and times."""
        return self.n * self.targets_over

    def slopes(self, point: IntegerPoint) -> list[int]:
        """∇L at a saddle, times ``clock`` and the denominators of the saddle and of the column (d)."""
        numerators, denominator = point
        moved = self.targets_over * (self.gram * fmpz_mat(self.d, 1, numerators))
        return [int(g - denominator * r) for g, r in zip(moved.entries(), self.corr, strict=True)]

    def point(self, beta: RationalVector) -> IntegerPoint:
        """A saddle in integers.

        >>> IntegerData.of(DiagonalProblem([["1/2", 1]], [3])).point(RationalVector.of(["2/3", 1]))
        ([1, 3], 3)
        """
        entries = [q / int(over) for q, over in zip(beta.rationals(), self.columns_over, strict=True)]
        common = common_denominator(entries)
        return [int(q.p * (common // q.q)) for q in entries], int(common)

    def block(self, columns: tuple[int, ...]) -> fmpz_mat:
        """The Gram matrix of some columns."""
        return principal_block(self.gram.tolist(), columns)


@dataclass(frozen=True)
class LeftInverse:
    """A rounded inverse of the Gram matrix of some columns, which shows that they are independent.

    Attributes:
        columns: increasing.
        entries: (k × k), over ``over``; every row of ``entries · M − over`` has an ℓ1 norm of at most over/2.
    """

    columns: tuple[int, ...]
    entries: list[list[int]]
    over: int

    @classmethod
    def of(cls, data: IntegerData, columns: tuple[int, ...]) -> LeftInverse | None:
        """With as few digits as will do; None when the columns are dependent.

        >>> data = IntegerData.of(DiagonalProblem([[1, 1], [0, 2]], [3, 1]))
        >>> LeftInverse.of(data, (0, 1)) is None, LeftInverse.of(data, (1,))
        (False, LeftInverse(columns=(1,), entries=[[1]], over=4))
        """
        M = data.block(columns)
        if M.rank() < len(columns):
            return None
        if not columns:
            return cls(columns, [], 1)
        inverse: Any = M.inv()  # over the rationals, whatever the stubs say
        p, q = inverse.numer_denom()
        size = sum(abs(int(x)) for x in M.entries())
        bits = max(size.bit_length() - 6, 0)
        while True:
            entries = [[_nearest(x << bits, q) for x in row] for row in p.tolist()]
            defect = (fmpz_mat(entries) * M - _identity(len(columns)) * 2**bits).tolist()
            if all(2 * sum(map(abs, row)) <= 2**bits for row in defect):
                return cls(columns, entries, 2**bits)
            bits += 1


def _nearest(x: fmpz, q: fmpz) -> int:
    return int((2 * x + q) // (2 * q))


def _identity(k: int) -> fmpz_mat:
    return fmpz_mat(k, k, [int(i == j) for i in range(k) for j in range(k)])
