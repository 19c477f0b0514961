"""Critical points of C on the matrices of rank k, to any number of digits and with a proof.

Near a matrix of rank k whose columns with indices in J are independent, every matrix of
rank k is ``A = P E`` in just one way, where E (k × n_in) is the identity on J and free
elsewhere: k (n_out + n_in − k) numbers, as many as the dimension of the manifold, so the
gauge is gone.  A is the value of a critical point of a network of full-rank layers, of any
depth, iff it is a critical point of ``f(P, E) = C(P E)``, that is

    ∇C(A) Eᵀ = 0   and   Pᵀ ∇C(A) = 0.

Newton's method finds it from a floating-point guess; Krawczyk's test then proves that the
ball around it holds a critical point and only one.  The Hessian of f at that ball, if
positive definite, proves that A is a strict local minimiser on its rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpq_mat
from numpy.typing import NDArray
from scipy.linalg import qr

from saddlesym.deep.cost import QuadraticCost
from saddlesym.exact.balls import Ball
from saddlesym.exact.linear.matrices import ball_hadamard
from saddlesym.exact.precision import workprec

Array = NDArray[np.float64]
_NEWTON_STEPS = 60
_DEAD = 1e-9


@dataclass(frozen=True)
class RankCriticalPoint:
    """A critical point of C on the matrices of rank k, enclosed.

    Attributes:
        A: balls that hold it (n_out × n_in).
        gradient: ∇C(A) (n_out × n_in).
        strict_minimum: whether it is proved to be a strict local minimiser on its rank.
    """

    A: arb_mat
    gradient: arb_mat
    strict_minimum: bool


def rank_critical_point(
    cost: QuadraticCost, guess: Array, rank: int, digits: int, reach: float = 1e-3
) -> RankCriticalPoint | None:
    """The critical point on the matrices of this rank near a guess; None where none is proved.

    Args:
        cost: C.
        guess: a matrix of that rank up to rounding (n_out × n_in).
        rank: k ≥ 1.
        digits: wanted digits.
        reach: how far from the guess it may be, in 1 + the greatest entry.

    >>> cost = QuadraticCost.whitened([[2, 0], [0, 1]])
    >>> found = rank_critical_point(cost, np.array([[2.001, 0.0], [0.0, 0.0]]), 1, 30)
    >>> found.A[0, 0].contains(2), found.strict_minimum
    (True, True)
    """
    rows, columns = _used(cost, guess)
    if rank > min(len(rows), len(columns)):
        return None
    chart = _Chart.of(cost, guess[np.ix_(rows, columns)], rank, rows, columns)
    with workprec(int(3.33 * digits) + 128):
        x = chart.newton(reach)
        enclosure = None if x is None else chart.krawczyk(x, digits)
        if enclosure is None:
            return None
        whole, point = chart.extended(cost, enclosure, rows, columns)
        A = whole.product(point)
        return RankCriticalPoint(A, cost.ball_gradient(A), _is_positive_definite(whole.hessian(point)))


def ball_singular_values(matrix: arb_mat) -> list[arb]:
    """Singular values of a matrix of balls, the greatest first, at FLINT's current precision.

    With approximate singular vectors U, V the matrix UᵀMV is nearly diagonal, so by Weyl
    its singular values are its diagonal up to the norm of the rest; and they are those of
    M up to factors between the extreme singular values of U and V (Ostrowski).

    >>> [round(float(s.mid()), 12) for s in ball_singular_values(arb_mat([[0, 2], [3, 0]]))]
    [3.0, 2.0]
    """
    if matrix.nrows() < matrix.ncols():
        return ball_singular_values(matrix.transpose())
    import mpmath

    n = matrix.ncols()
    with mpmath.workprec(ctx.prec):
        middle = mpmath.matrix([[Ball(matrix[i, j]).mpf() for j in range(n)] for i in range(matrix.nrows())])
        left, _, right = mpmath.svd_r(middle, full_matrices=True)
        U, V = _arb_matrix(left), _arb_matrix(right).transpose()
    core = U.transpose() * matrix * V
    off = arb(0)
    for i in range(core.nrows()):
        for j in range(n):
            off += core[i, j] * core[i, j] if i != j else 0
    stretch = arb(1, _defect(U)) * arb(1, _defect(V))
    found = [(abs(core[i, i]) + arb(0, off.upper().sqrt().upper())) / stretch.sqrt() for i in range(n)]
    return sorted((_non_negative(s) for s in found), key=lambda s: s.mid(), reverse=True)


def _arb_matrix(matrix: Any) -> arb_mat:
    return arb_mat(matrix.rows, matrix.cols, [arb(x) for x in matrix])


def _defect(U: arb_mat) -> arb:
    """An upper bound of ‖UᵀU − I‖: the sum of all entries."""
    gram = U.transpose() * U
    total = arb(0)
    for i in range(gram.nrows()):
        for j in range(gram.ncols()):
            total += abs(gram[i, j] - int(i == j))
    return total.upper()


def _non_negative(value: arb) -> arb:
    return value if value.lower() >= 0 else value.nonnegative_part()


def _used(cost: QuadraticCost, guess: Array) -> tuple[list[int], list[int]]:
    """Rows and columns of A that are not zero.

    A row that vanishes may be left out only if B is zero where it meets the kept columns,
    for then it solves its equations exactly; and likewise a column, which K must not couple.
    """
    small = _DEAD * np.abs(guess).max()
    B = np.array([[float(x) for x in row] for row in cost.B])
    rows = {i for i in range(len(guess)) if np.abs(guess[i]).max() > small}
    columns = {j for j in range(guess.shape[1]) if np.abs(guess[:, j]).max() > small}
    if any(cost.K[i][j] != 0 for i in columns for j in range(guess.shape[1]) if j not in columns):
        columns = set(range(guess.shape[1]))
    grown = True
    while grown:
        more_rows = {i for i in range(len(guess)) if any(B[i, j] != 0 for j in columns)} - rows
        more_columns = {j for j in range(guess.shape[1]) if any(B[i, j] != 0 for i in rows)} - columns
        rows, columns = rows | more_rows, columns | more_columns
        grown = bool(more_rows or more_columns)
    return sorted(rows), sorted(columns)


@dataclass
class _Chart:
    """The chart (P, free part of E) and the function f in it."""

    mask: fmpq_mat
    K: fmpq_mat
    B: fmpq_mat
    rank: int
    pivots: list[int]
    free: list[int]
    start: Array

    @classmethod
    def of(
        cls, cost: QuadraticCost, guess: Array, rank: int, rows: Sequence[int], columns: Sequence[int]
    ) -> _Chart:
        mask, K, B = cost.flint
        order = qr(guess, mode="economic", pivoting=True)[2]
        pivots, free = sorted(map(int, order[:rank])), sorted(map(int, order[rank:]))
        P = guess[:, pivots]
        E = np.linalg.lstsq(P, guess[:, free], rcond=None)[0]
        start = np.concatenate([P.ravel(), E.ravel()])
        return cls(_block(mask, rows, columns), _block(K, columns, columns), _block(B, rows, columns),
                   rank, pivots, free, start)  # fmt: skip

    @property
    def n_out(self) -> int:
        return int(self.B.nrows())

    def parts(self, x: arb_mat) -> tuple[arb_mat, arb_mat]:
        """P and the whole of E."""
        entries = x.entries()
        cut = self.n_out * self.rank
        E = arb_mat(self.rank, len(self.pivots) + len(self.free))
        for a, j in enumerate(self.pivots):
            E[a, j] = 1
        for a in range(self.rank):
            for b, j in enumerate(self.free):
                E[a, j] = entries[cut + a * len(self.free) + b]
        return arb_mat(self.n_out, self.rank, entries[:cut]), E

    def _vector(self, by_P: arb_mat, by_E: arb_mat) -> list[arb]:
        return [*by_P.entries(), *(by_E[a, j] for a in range(self.rank) for j in self.free)]

    def product(self, x: arb_mat) -> arb_mat:
        P, E = self.parts(x)
        return P * E

    def gradient(self, x: arb_mat) -> arb_mat:
        """∇f, as a column."""
        P, E = self.parts(x)
        G = ball_hadamard(self.mask, P * E * arb_mat(self.K)) - arb_mat(self.B)
        values = self._vector(G * E.transpose(), P.transpose() * G)
        return arb_mat(len(values), 1, values)

    def hessian(self, x: arb_mat) -> arb_mat:
        P, E = self.parts(x)
        K = arb_mat(self.K)
        G = ball_hadamard(self.mask, P * E * K) - arb_mat(self.B)
        size = x.nrows()
        out = arb_mat(size, size)
        for column in range(size):
            unit = arb_mat(size, 1)
            unit[column, 0] = 1
            dP, dE = self.parts(unit)
            for a, j in enumerate(self.pivots):
                dE[a, j] = 0
            dG = ball_hadamard(self.mask, (dP * E + P * dE) * K)
            by_P = dG * E.transpose() + G * dE.transpose()
            by_E = dP.transpose() * G + P.transpose() * dG
            for row, value in enumerate(self._vector(by_P, by_E)):
                out[row, column] = value
        return out

    def extended(
        self, cost: QuadraticCost, x: arb_mat, rows: Sequence[int], columns: Sequence[int]
    ) -> tuple[_Chart, arb_mat]:
        """The chart of the whole matrix, and the same point in it: zero in the other rows and columns."""
        P, E = self.parts(x)
        pivots = [columns[j] for j in self.pivots]
        free = [j for j in range(cost.shape[1]) if j not in pivots]
        tall, wide = arb_mat(cost.shape[0], self.rank), arb_mat(self.rank, cost.shape[1])
        for a in range(self.rank):
            for b, i in enumerate(rows):
                tall[i, a] = P[b, a]
            for b, j in enumerate(columns):
                wide[a, j] = E[a, b]
        whole = _Chart(*cost.flint, self.rank, pivots, free, self.start)
        values = whole._vector(tall, wide)
        return whole, arb_mat(len(values), 1, values)

    def newton(self, reach: float) -> arb_mat | None:
        """A zero of ∇f at working precision, without proof; None where the iteration fails."""
        x = arb_mat(len(self.start), 1, [arb(float(v)) for v in self.start])
        goal = arb(2) ** (16 - ctx.prec)
        for _ in range(_NEWTON_STEPS):
            try:
                step = self.hessian(x).solve(self.gradient(x))
            except ZeroDivisionError:
                return None
            x = (x - step).mid()
            length = max(abs(s.mid()) for s in step.entries())  # radii are large at a nearly singular Hessian
            if not length.is_finite() or length > 1e6:
                return None
            if length < goal * (1 + max(abs(v).upper() for v in x.entries())):
                drift = max(abs(float(v.mid()) - s) for v, s in zip(x.entries(), self.start, strict=True))
                return x if drift < reach * (1 + np.abs(self.start).max()) else None
        return None

    def krawczyk(self, x: arb_mat, digits: int) -> arb_mat | None:
        """Balls around x that are proved to hold just one zero of ∇f."""
        size = x.nrows()
        radius = arb(10) ** (-digits - 10) * (1 + max(abs(v).upper() for v in x.entries()))
        spread = arb_mat(size, 1, [arb(0, radius)] * size)
        inside = x + spread
        try:
            preconditioner = self.hessian(x).inv().mid()
        except ZeroDivisionError:
            return None
        one = arb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
        image = x - preconditioner * self.gradient(x) + (one - preconditioner * self.hessian(inside)) * spread
        pairs: Any = zip(inside.entries(), image.entries(), strict=True)
        return image if all(a.contains_interior(b) for a, b in pairs) else None


def _block(matrix: fmpq_mat, rows: Sequence[int], columns: Sequence[int]) -> fmpq_mat:
    return fmpq_mat(len(rows), len(columns), [matrix[i, j] for i in rows for j in columns])


def _is_positive_definite(matrix: arb_mat) -> bool:
    """Whether symmetric elimination meets only positive pivots."""
    rows = [[matrix[i, j] for j in range(matrix.ncols())] for i in range(matrix.nrows())]
    for k, pivot_row in enumerate(rows):
        if not pivot_row[k] > 0:
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot_row[k]
            for j in range(k, len(row)):
                row[j] -= factor * pivot_row[j]
    return True
