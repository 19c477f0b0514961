"""The squared loss of a linear model, its gradient and residuals, exact: by X and y, or by M and r alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq, fmpq_mat

from saddlesym.diagonal.quadratic import QuadraticForm
from saddlesym.errors import BadInputError
from saddlesym.exact.linear.matrices import public_matrix
from saddlesym.exact.scalars import exact_vector, fraction
from saddlesym.exact.vectors import RationalVector
from saddlesym.memory import FRACTION, RATIONAL, require_memory


class SquaredLoss:
    """``L(β) = ‖Xβ − y‖² / (2n)``, or ``½βᵀMβ − rᵀβ + L(0)`` where only M, r and L(0) are known.

    Made by :class:`~saddlesym.diagonal.problem.DiagonalProblem`, which says what X and y are.
    """

    n: int
    d: int
    #: M (d × d), r (d × 1) and L(0) where these were given and not X and y.
    _gram_input: tuple[fmpq_mat, fmpq_mat, fmpq] | None
    #: X (n × d) and y (n × 1) as used.
    _data: Any

    @property
    def has_data(self) -> bool:
        """Whether the problem knows X and y, not only M and r."""
        return self._gram_input is None

    def _need_data(self, what: str) -> None:
        if not self.has_data:
            raise BadInputError(
                f"{what} needs the data, and this problem was given by M and r",
                needed="X and y",
                hint="DiagonalProblem(X, y)",
            )

    @cached_property
    def quadratic(self) -> QuadraticForm:
        """The integer form of the loss, for the exact kernels."""
        if self._gram_input is not None:
            return QuadraticForm.from_gram(*self._gram_input)
        return QuadraticForm.from_data(*self._data)

    @cached_property
    def _gram(self) -> tuple[fmpq_mat, fmpq_mat, fmpq]:
        if self._gram_input is not None:
            return self._gram_input
        X, _ = self._data
        require_memory(self.d**2 * RATIONAL, f"the Gram matrix of {self.d} columns")
        return X.transpose() * X / self.n, *self._correlations

    @cached_property
    def _correlations(self) -> tuple[fmpq_mat, fmpq]:
        """r (d × 1) and L(0)."""
        if self._gram_input is not None:
            return self._gram_input[1:]
        X, y = self._data
        return X.transpose() * y / self.n, (y.transpose() * y)[0, 0] / (2 * self.n)

    @property
    def _is_wide(self) -> bool:
        """Whether products with X and Xᵀ are cheaper than one with M."""
        return self._gram_input is None and self.n < self.d

    @cached_property
    def M(self) -> tuple[tuple[Fraction, ...], ...]:
        """XᵀX/n (d × d).

        Raises:
            BudgetError: more of it than fits into memory.
        """
        require_memory(self.d**2 * (RATIONAL + FRACTION), f"M for {self.d} columns", "problem.gradient(beta)")
        return public_matrix(self._gram[0])

    @property
    def squares(self) -> tuple[Fraction, ...]:
        """The diagonal of M (d), the mean square of every column, without the rest of M."""
        if self._gram_input is not None:
            return tuple(fraction(self._gram_input[0][i, i]) for i in range(self.d))
        columns = self._data[0].transpose().tolist()
        return tuple(fraction(sum((q * q for q in column), fmpq(0)) / self.n) for column in columns)

    @cached_property
    def r(self) -> tuple[Fraction, ...]:
        """Xᵀy/n (d)."""
        return tuple(map(fraction, self._correlations[0].entries()))

    def _point(self, beta: Sequence[Any] | RationalVector) -> fmpq_mat:
        vector = beta if isinstance(beta, RationalVector) else RationalVector.of(exact_vector(beta, "beta"))
        if len(vector) != self.d:
            raise BadInputError(f"beta has {len(vector)} entries", needed=f"{self.d} entries")
        return vector.column()

    def loss(self, beta: Sequence[Any] | RationalVector) -> Fraction:
        """L(β), exact, for any rational β (d)."""
        b = self._point(beta)
        if self._is_wide:
            X, y = self._data
            residual = X * b - y
            return fraction((residual.transpose() * residual)[0, 0] / (2 * self.n))
        M, r, constant = self._gram
        return fraction((b.transpose() * (M * b / 2 - r))[0, 0] + constant)

    def residual(self, beta: Sequence[Any] | RationalVector) -> RationalVector:
        """Xβ − y (n), exact, for any rational β (d)."""
        self._need_data("a residual")
        X, y = self._data
        return RationalVector(*(X * self._point(beta) - y).numer_denom())

    def gradient(self, beta: Sequence[Any] | RationalVector) -> RationalVector:
        """∇L(β) = Mβ − r (d), exact, for any rational β (d)."""
        b = self._point(beta)
        if self._is_wide:
            X, y = self._data
            gradient = X.transpose() * (X * b - y) / self.n
        else:
            M, r, _ = self._gram
            gradient = M * b - r
        return RationalVector(*gradient.numer_denom())
