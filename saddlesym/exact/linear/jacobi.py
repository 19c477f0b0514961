"""Singular values of matrices of any precision.

Unlike those of LAPACK they are the same on every machine, and small ones beside large ones are right.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import acb_mat, arb, arb_mat, ctx, fmpz_mat

from saddlesym.exact.linear.matrices import height
from saddlesym.exact.precision import workprec

_SWEEPS = 60


def jacobi_singular_values(rows: Sequence[Sequence[arb]]) -> list[arb]:
    """Singular values of a matrix of exact numbers, in descending order, by one-sided Jacobi rotations.

    Found to FLINT's working precision relative to the largest; repeated ones are
    no trouble.  Not enclosed.

    >>> [s.str(6, radius=False) for s in jacobi_singular_values([[arb(3), arb(0)], [arb(4), arb(5)]])]
    ['6.70820', '2.23607']
    """
    columns = [list(c) for c in zip(*rows, strict=True)]
    if len(rows) < len(columns):
        columns = [list(row) for row in rows]
    small = arb((1, 8 - ctx.prec))
    for _ in range(_SWEEPS):
        turned = False
        for i in range(len(columns)):
            for j in range(i + 1, len(columns)):
                turned |= _rotate(columns, i, j, small)
        if not turned:
            break
    return sorted((_dot(c, c).sqrt().mid() for c in columns), reverse=True)


def sampled_values(matrix: fmpz_mat, bits: int) -> list[arb]:
    """Singular values of a matrix over 2^bits, in descending order: quickly, to what its entries tell.

    Zero stands for what rounding of the entries may have made, by Weyl's inequality: values up to
    (m + n)/2^bits.

    >>> [float(s) for s in sampled_values(fmpz_mat([[3 << 90, 0], [4 << 90, 1 << 10]]), 90)]
    [5.0, 4.963083675318166e-25]
    >>> [float(s) for s in sampled_values(fmpz_mat([[3, 0], [4, 1]]), 0)]
    [5.06449510224598, 0.0]
    """
    if matrix.nrows() < matrix.ncols():
        matrix = matrix.transpose()
    gram = matrix.transpose() * matrix
    with workprec(2 * height(matrix) + 128):  # the squares of all values that are no rounding, and more
        try:
            squares = [x.real.mid() for x in acb_mat(arb_mat(gram)).eig(algorithm="approx")]
        except ValueError:  # the QR iteration has not converged
            squares = [s * s for s in jacobi_singular_values(arb_mat(matrix).tolist())]
        least, unit = matrix.nrows() + matrix.ncols(), arb((1, -bits))
        found = sorted(squares, reverse=True)
        return [s.sqrt().mid() * unit if s > least * least else arb(0) for s in found]


def _rotate(columns: list[list[arb]], i: int, j: int, small: arb) -> bool:
    a, b, c = (_dot(columns[k], columns[m]) for k, m in ((i, i), (j, j), (i, j)))
    if c == 0 or abs(c) <= small * (a * b).sqrt().mid():
        return False
    zeta = ((b - a) / (2 * c)).mid()
    tangent = (1 / (abs(zeta) + (1 + zeta * zeta).sqrt())).mid()
    if zeta < 0:
        tangent = -tangent
    cosine = (1 / (1 + tangent * tangent).sqrt()).mid()
    sine = (cosine * tangent).mid()
    pairs = list(zip(columns[i], columns[j], strict=True))
    columns[i] = [(cosine * x - sine * y).mid() for x, y in pairs]
    columns[j] = [(sine * x + cosine * y).mid() for x, y in pairs]
    return True


def _dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0)).mid()
