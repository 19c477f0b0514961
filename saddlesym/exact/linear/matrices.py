"""Matrices of rationals: tuples of rows of ``Fraction`` outside, FLINT inside."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, TypeAlias

from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz_mat, fmpz_poly

from saddlesym.errors import BadInputError
from saddlesym.exact.scalars import Floats, exact_rows, fraction, to_fmpq

#: A matrix as the package hands it out: rows of exact numbers.
Matrix: TypeAlias = tuple[tuple[Fraction, ...], ...]


def exact_matrix(values: Any, name: str, floats: Floats = "decimal") -> Matrix:
    """A two-dimensional collection of numbers as rows of fractions.

    Args:
        values: list of rows, NumPy array, data frame, SymPy or FLINT matrix.
        name: what to call it in messages.

    Raises:
        BadInputError: no matrix, an empty one, or an entry that is no finite number.

    >>> exact_matrix([[1, "0.5"]], "A")
    ((Fraction(1, 1), Fraction(1, 2)),)
    """
    if not hasattr(values, "columns") and not hasattr(values, "dtype") and hasattr(values, "tolist"):
        values = values.tolist()  # SymPy, FLINT
    rows = exact_rows(values, name, floats)
    if not rows or not rows[0]:
        raise BadInputError(f"{name} is empty", needed="at least one row and one column")
    return tuple(tuple(map(fraction, row)) for row in rows)


def flint_matrix(rows: Matrix) -> fmpq_mat:
    """The same matrix for the kernels."""
    return fmpq_mat(len(rows), len(rows[0]), [to_fmpq(q) for row in rows for q in row])


def public_matrix(matrix: fmpq_mat) -> Matrix:
    """A FLINT matrix as rows of fractions.

    >>> public_matrix(fmpq_mat(1, 2, [1, fmpq(1, 2)]))
    ((Fraction(1, 1), Fraction(1, 2)),)
    """
    return tuple(tuple(map(fraction, row)) for row in matrix.tolist())


def size(matrix: fmpq_mat) -> tuple[int, int]:
    """Rows and columns."""
    return matrix.nrows(), matrix.ncols()


def identity(n: int) -> fmpq_mat:
    """The identity (n × n)."""
    return fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def hadamard(a: fmpq_mat, b: fmpq_mat) -> fmpq_mat:
    """The entrywise product a ∘ b."""
    return fmpq_mat(*size(a), [p * q for p, q in zip(a.entries(), b.entries(), strict=True)])


def ball_hadamard(a: fmpq_mat, b: arb_mat) -> arb_mat:
    """The entrywise product a ∘ b of an exact matrix and one of balls."""
    return arb_mat(*size(a), [arb(p) * q for p, q in zip(a.entries(), b.entries(), strict=True)])


def inner(a: fmpq_mat, b: fmpq_mat) -> fmpq:
    """The Frobenius product ⟨a, b⟩, the sum of the entries of a ∘ b.

    >>> inner(fmpq_mat(1, 2, [1, 2]), fmpq_mat(1, 2, [3, 4]))
    11
    """
    return sum((p * q for p, q in zip(a.entries(), b.entries(), strict=True)), fmpq(0))


def strings(rows: Matrix) -> list[list[str]]:
    """Every entry with all its digits, as ``"p/q"``, for JSON."""
    return [[str(to_fmpq(q)) for q in row] for row in rows]


def shape_text(shape: Iterable[int]) -> str:
    """A shape for a message: ``"3 × 2"``."""
    return " × ".join(map(str, shape))


def height(matrix: fmpz_mat) -> int:
    """Bits of the largest entry.

    >>> height(fmpz_mat(1, 2, [4, -1]))
    3
    """
    return fmpz_poly(matrix.entries()).height_bits()
