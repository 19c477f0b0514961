"""Where a product of two layers stands still: the rest of its flow is a matrix exponential.

The state is graded (:mod:`saddlesym.deep.flow.integrator.graded_coordinates`): columns y_i of (Y_2;
Y_1ᵀ) with exponents e_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TypeAlias

from flint import arb, arb_mat, fmpq, fmpz_mat

from saddlesym.deep.flow.integrator.series import FixedLayers, MatrixField, Series
from saddlesym.exact.precision import workprec

Rows: TypeAlias = list[list[arb]]

#: Bits by which the fixed point is finer than the tolerance of a step.
GUARD = 24


def rows_of(matrix: fmpz_mat, bits: int) -> Rows:
    """The rows of a matrix over 2^bits as exact balls."""
    return [[arb((x, -bits)) for x in row] for row in matrix.tolist()]


def layers_of(columns: Sequence[Sequence[arb]], m: int) -> list[Rows]:
    """(Y_1, Y_2) from the columns of (Y_2; Y_1ᵀ)."""
    return [
        [list(c[m:]) for c in columns],
        [list(row) for row in zip(*(c[:m] for c in columns), strict=True)],
    ]


def columns_of(layers: Sequence[Rows]) -> Rows:
    """The columns of (Y_2; Y_1ᵀ) from (Y_1, Y_2)."""
    return [[row[i] for row in layers[1]] + list(layers[0][i]) for i in range(len(layers[0]))]


def leap(
    matrix_field: MatrixField, layers: FixedLayers, exponents: Sequence[int], bits: int, length: fmpq
) -> tuple[tuple[arb, ...], ...]:
    """The columns y_i after a time in which A stands still: e^{tS} y_i for the small ones."""
    first, second = (rows_of(w, bits) for w in layers)
    columns = columns_of([first, second])
    series = Series(matrix_field, layers, bits, 0, exponents)
    series.extend()
    slope = series.gradient[0]
    m, n = slope.nrows(), slope.ncols()
    time = arb(length)
    with workprec(bits + ceil(4.4 * norm_bound(slope, bits) * float(time)) + 64):
        S = arb_mat(m + n, m + n)
        for i in range(m):
            for j in range(n):
                S[i, m + j] = S[m + j, i] = -arb((slope[i, j], -bits)) * time
        grown = S.exp()
        out = []
        for column, e in zip(columns, exponents, strict=True):
            if 2 * e > -bits + GUARD:  # part of A, and at rest
                out.append(tuple(column))
            else:
                moved = grown * arb_mat([[x] for x in column])
                out.append(tuple(x.mid() for x in moved.entries()))
    return tuple(out)


def norm_bound(slope: fmpz_mat, bits: int) -> float:
    """A bound for the operator norm: √(largest row sum · largest column sum)."""
    rows = [[abs(float(arb((x, -bits)))) for x in row] for row in slope.tolist()]
    return float((max(map(sum, rows)) * max(map(sum, zip(*rows, strict=True)))) ** 0.5)
