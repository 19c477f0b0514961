"""Orbits along one direction of an equilibrium, as power series.

Near an equilibrium x* of ``x' = x ∘ (κ + Ax)`` the orbits that leave or reach it along
one eigenvector v of the linearisation form a curve ``x(y) = x* + v y + Σ c_k y^k`` with
``y' = λy``.  Comparing coefficients gives one linear system for each c_k.  At a saddle
that is how a single coordinate switches on; at an attractor with one slow eigenvalue it is
how the orbit creeps in once all other deviations have died out, which no explicit
integrator could follow in reasonable time.

Nothing here is proved; the size of the last coefficients bounds what is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat, arb_poly

BallTable = list[list[arb]]


@dataclass(frozen=True)
class PowerCurve:
    """The curve x(y) on which ``y' = λy``.

    Attributes:
        rate: λ.
        coefficients: of y, one list for each coordinate (k × order + 1).
        reach: the y up to which the terms left out stay below the tolerance.
    """

    rate: arb
    coefficients: list[list[arb]]
    reach: arb

    def __call__(self, y: arb) -> list[arb]:
        """x at y."""
        return [arb_poly(c)(y).mid() for c in self.coefficients]

    def slope(self, y: arb) -> list[arb]:
        """dx/dy at y."""
        return [arb_poly(c).derivative()(y).mid() for c in self.coefficients]

    def locate(self, x: Sequence[arb], tolerance: arb) -> arb | None:
        """The y at which the curve passes within the tolerance of a point; None when it does not."""
        i = max(range(len(x)), key=lambda k: float(abs(self.coefficients[k][1])))
        polynomial, y = arb_poly(self.coefficients[i]), arb(0)
        derivative = polynomial.derivative()
        for _ in range(60):
            move = ((polynomial(y) - x[i]) / derivative(y)).mid()
            y = (y - move).mid()
            if not abs(y) <= self.reach:
                return None
            if abs(move) < tolerance / 8:
                near = all(abs(a - b) < tolerance for a, b in zip(self(y), x, strict=True))
                return y if near else None
        return None


def power_curve(
    kappa: Sequence[arb],
    matrix: BallTable,
    rest: Sequence[arb],
    rate: arb,
    direction: Sequence[arb],
    order: int,
    tolerance: arb,
) -> PowerCurve | None:
    """The curve through an equilibrium along an eigenvector.

    Args:
        kappa: κ (k).
        matrix: A (k × k).
        rest: the equilibrium x* (k).
        rate: eigenvalue λ of the linearisation there, not zero.
        direction: its eigenvector v (k).
        order: number of terms.
        tolerance: that terms left out must not exceed.

    Returns:
        None at a resonance, where a multiple of λ is another eigenvalue.
    """
    size = range(len(rest))
    growth = [kappa[i] + _dot(matrix[i], rest) if rest[i] == 0 else arb(0) for i in size]
    x: list[list[arb]] = [[rest[i], direction[i]] for i in size]
    f: list[list[arb]] = [[growth[i], _dot(matrix[i], direction).mid()] for i in size]
    for k in range(2, order + 1):
        system = [
            [(rate * k - growth[i] if i == j else arb(0)) - rest[i] * matrix[i][j] for j in size]
            for i in size
        ]
        right = [[sum((x[i][m] * f[i][k - m] for m in range(1, k)), arb(0)).mid()] for i in size]
        try:
            column = _middle(system).solve(arb_mat(right), algorithm="approx").entries()
        except ZeroDivisionError:
            return None
        c = [entry.mid() for entry in column]
        for i in size:
            x[i].append(c[i])
            f[i].append(_dot(matrix[i], c).mid())
    # of the last two, since every second one may vanish
    bounds = [(tolerance / abs(row[k])).root(k) for row in x for k in (order - 1, order) if abs(row[k]) != 0]
    reach = min((b.mid() for b in bounds), default=arb(1))
    return PowerCurve(rate, x, (reach * arb("0.9")).mid()) if reach.is_finite() else None


def departure_direction(
    kappa: Sequence[arb], matrix: BallTable, rest: Sequence[arb], entering: int, amount: arb
) -> tuple[arb, list[arb]] | None:
    """Eigenvalue and eigenvector along a coordinate that is absent at an equilibrium."""
    size = range(len(rest))
    rate = (kappa[entering] + _dot(matrix[entering], rest)).mid()
    others = [i for i in size if i != entering]
    v = [arb(0)] * len(rest)
    v[entering] = amount
    if others:
        system = [[(rate if i == j else arb(0)) - rest[i] * matrix[i][j] for j in others] for i in others]
        right = [[rest[i] * matrix[i][entering] * amount] for i in others]
        try:
            found = _middle(system).solve(_middle(right), algorithm="approx").entries()
        except ZeroDivisionError:
            return None
        for i, value in zip(others, found, strict=True):
            v[i] = value.mid()
    return rate, v


def slowest_direction(
    kappa: Sequence[arb], matrix: BallTable, rest: Sequence[arb]
) -> tuple[arb, list[arb]] | None:
    """The eigenvalue next to zero of an attractor, with its eigenvector; None if it attracts not all."""
    import numpy as np

    size = range(len(rest))
    growth = [kappa[i] + _dot(matrix[i], rest) if rest[i] == 0 else arb(0) for i in size]
    J = [
        [rest[i] * matrix[i][j] + (growth[i] if i == j else arb(0)) for j in size]
        for i in size
    ]  # fmt: skip
    values, vectors = np.linalg.eig(np.array([[float(entry.mid()) for entry in row] for row in J]))
    k = int(np.argmin(np.abs(values)))
    if max(values.real) >= 0 or values[k].imag != 0:
        return None
    guess = vectors[:, k].real
    guess = guess / np.max(np.abs(guess))
    fixed = int(np.argmax(np.abs(guess)))
    rate, v = arb(float(values[k].real)), [arb(float(entry)) for entry in guess]
    for _ in range(12):  # Newton's method for Jv = λv with one entry of v held
        residue = [[(_dot(J[i], v) - rate * v[i]).mid()] for i in size]
        system = [
            [-v[i] if j == fixed else J[i][j] - (rate if i == j else arb(0)) for j in size] for i in size
        ]
        try:
            move = [x.mid() for x in _middle(system).solve(arb_mat(residue), algorithm="approx").entries()]
        except ZeroDivisionError:
            return None
        rate = (rate - move[fixed]).mid()
        v = [entry if j == fixed else (entry - move[j]).mid() for j, entry in enumerate(v)]
    return rate, v


def _dot(row: Sequence[arb], vector: Sequence[arb]) -> arb:
    return sum((a * b for a, b in zip(row, vector, strict=True)), arb(0))


def _middle(rows: Sequence[Sequence[Any]]) -> arb_mat:
    return arb_mat([[entry.mid() for entry in row] for row in rows])
