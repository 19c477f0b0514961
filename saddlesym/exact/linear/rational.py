"""Linear algebra over the rationals, on FLINT."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from flint import fmpq, fmpz, fmpz_mat


def common_denominator(values: Iterable[fmpq]) -> fmpz:
    """Least common denominator of some rationals.

    >>> common_denominator([fmpq(1, 4), fmpq(5, 6)])
    12
    """
    return reduce(lambda a, q: a.lcm(q.q), values, fmpz(1))


def common_divisor(values: Iterable[fmpz], start: fmpz | int = 0) -> fmpz:
    """Greatest common divisor of some integers and ``start`` (0 when all are 0).

    >>> common_divisor([fmpz(12), fmpz(-18)])
    6
    """
    divisor = abs(fmpz(start))
    for value in values:
        if divisor == 1:
            break
        divisor = divisor.gcd(value)
    return divisor


def principal_block(rows: Sequence[Sequence[fmpz]], indices: Sequence[int]) -> fmpz_mat:
    """The block of a square table with these rows and these columns."""
    k = len(indices)
    return fmpz_mat(k, k, [rows[i][j] for i in indices for j in indices])


def solve(matrix: fmpz_mat, right: fmpz_mat) -> tuple[fmpz_mat, fmpz] | None:
    """Solve a square integer system; None when the matrix is singular.

    Returns:
        ``(p, q)`` with ``matrix · p = q · right`` and q > 0.

    >>> solve(fmpz_mat([[2, 0], [0, 4]]), fmpz_mat([[1], [1]]))
    ([2]
    [1], 4)
    """
    if matrix.nrows() == 0:
        return fmpz_mat(0, right.ncols()), fmpz(1)
    try:
        solution: Any = matrix.solve(right)  # over the rationals, whatever the stubs say
    except ZeroDivisionError:
        return None
    numerators, denominator = solution.numer_denom()
    return numerators, denominator


def kernel(matrix: fmpz_mat) -> list[list[fmpz]]:
    """A basis of ``{v : matrix · v = 0}`` in primitive integer vectors.

    >>> kernel(fmpz_mat([[1, 2, 3]]))
    [[2, -1, 0], [3, 0, -1]]
    """
    basis, nullity = matrix.nullspace()
    out = []
    for j in range(nullity):
        vector = [basis[i, j] for i in range(matrix.ncols())]
        divisor = common_divisor(vector)
        out.append([entry // divisor for entry in vector])
    return out


def independent_columns(matrix: fmpz_mat) -> list[int]:
    """Indices of the first columns that span the column space.

    >>> independent_columns(fmpz_mat([[1, 2, 0], [2, 4, 1]]))
    [0, 2]
    """
    echelon, _, rank = matrix.rref()
    pivots: list[int] = []
    for i in range(rank):
        start = pivots[-1] + 1 if pivots else 0
        pivots.append(next(j for j in range(start, matrix.ncols()) if echelon[i, j] != 0))
    return pivots


def is_positive_semidefinite(matrix: fmpz_mat) -> bool:
    """Whether a symmetric integer matrix has no negative eigenvalue.

    Its eigenvalues are real, so this holds exactly when the coefficients of the
    characteristic polynomial alternate in sign (Descartes).

    >>> is_positive_semidefinite(fmpz_mat([[1, 1], [1, 1]]))
    True
    >>> is_positive_semidefinite(fmpz_mat([[1, 2], [2, 1]]))
    False
    """
    descending = list(reversed(matrix.charpoly().coeffs()))
    return all(c >= 0 if k % 2 == 0 else c <= 0 for k, c in enumerate(descending))
