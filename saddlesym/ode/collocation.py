"""Implicit steps of high order, for flows that are stiff and smooth at once.

Radau's collocation polynomial of n nodes is found by Newton's method: in floats
first, then with that inverse Jacobian on residues of full precision, which gains a
dozen digits each time.  Nothing has to trust it: like the steps of
:mod:`saddlesym.ode.defect` it is a guess whose defect the caller encloses.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from flint import arb, arb_mat, arb_poly, fmpq_poly
from numpy.typing import NDArray

from saddlesym.exact.precision import workprec

Array = NDArray[np.float64]
_ROUGH, _FINE, _EXACT = 40, 60, 20
_HALVINGS = 12
#: In steps of this many 1/λ the rounding of floats hides what is slow;
#: matrices of more rows than this take too long in balls.
_HIDDEN, _ROWS = 1e13, 80
#: Displacements beyond this are Newton's method gone astray.
_STEEPEST = 500
#: Longer steps would overflow on the way.
_LONGEST = 1e250


class StiffField(Protocol):
    """A field x' = f(x) on ℝᵏ seen from the start of a step: its arguments are displacements."""

    @property
    def dimension(self) -> int:
        """The number k of unknowns."""

    def rough(self, shifts: Array) -> tuple[Array, Array] | None:
        """f (n × k) and its Jacobians (n × k × k) at n displacements; None outside the domain."""

    def fine(self, shift: Sequence[arb]) -> list[arb] | None:
        """F (k) at a displacement; None outside the domain."""


@lru_cache(maxsize=16)
def radau(n: int, bits: int) -> tuple[arb_mat, arb_mat]:
    """Radau's nodes c_1 < … < c_n = 1: ``(∫₀^{c_i} ℓ_j)_ij`` and the coefficients of all ℓ_j in columns."""
    with workprec(bits + 8 * n):
        x, older, newer = fmpq_poly([-1, 2]), fmpq_poly([1]), fmpq_poly([-1, 2])
        for m in range(1, n):
            older, newer = newer, ((2 * m + 1) * x * newer - m * older) / (m + 1)
        factor = arb_poly(newer - older)
        slope = factor.derivative()
        nodes = [arb(c) for c in rough_nodes(n)]
        for _ in range((bits + 8 * n).bit_length()):  # Newton's method doubles the digits of floats
            nodes = [(c - factor(c) / slope(c)).mid() for c in nodes]
        whole = [arb(1)]
        for c in nodes:
            whole = [b - c * a for a, b in zip([*whole, arb(0)], [arb(0), *whole], strict=True)]
        columns = []
        for c in nodes:  # ℓ_j = Π (x − c_i)/(c_j − c_i), by Horner's division
            quotient = [arb(1)]
            for a in whole[-2:0:-1]:
                quotient.append(a + c * quotient[-1])
            size = arb_poly(quotient[::-1])(c)
            columns.append([(a / size).mid() for a in quotient[::-1]])
        lagrange = arb_mat(columns).transpose()
        integrals = arb_mat([[c ** (j + 1) / (j + 1) for j in range(n)] for c in nodes])
        return integrals * lagrange, lagrange


def rough_nodes(n: int) -> list[float]:
    """Radau's nodes in floats: 1, and eigenvalues of the Jacobi matrix of the weight 1 − x on [−1, 1]."""
    diagonal = np.array([-1 / ((2 * m + 1) * (2 * m + 3)) for m in range(n - 1)])
    beside = np.array([(m * (m + 1)) ** 0.5 / (2 * m + 1) for m in range(1, n - 1)])
    matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1) if n > 2 else np.diag(diagonal)
    return [*((1 + x) / 2 for x in np.linalg.eigvalsh(matrix).tolist()), 1.0]


def collocation(field: StiffField, length: arb, n: int, bits: int, tolerance: arb) -> list[list[arb]] | None:
    """Coefficients of x̂'(start + length·τ) in τ, for every unknown (k × n).

    Args:
        field: the field about the start of the step.
        length: duration of the step.
        n: number of nodes.
        bits: working precision.
        tolerance: residue at the nodes that will do.

    Returns:
        Exact numbers, or None when Newton's method fails.
    """
    found = rough_rates(field, length, n, bits)
    if found is None:
        return None
    rates = refined_rates(field, length, *found, bits, tolerance)
    if rates is None:
        return None
    _, lagrange = radau(n, bits)
    return [[x.mid() for x in column] for column in (lagrange * rates).transpose().tolist()]


def rough_rates(field: StiffField, length: arb, n: int, bits: int) -> tuple[arb_mat, Array] | None:
    """x̂' at the nodes (n × k) as far as floats go, and the inverse of Newton's matrix there."""
    weights, _ = radau(n, bits)
    found = _rough(field, float(length), np.array([[float(w) for w in row] for row in weights.tolist()]))
    return None if found is None else (arb_mat([[arb(float(x)) for x in row] for row in found[0]]), found[1])


def refined_rates(
    field: StiffField, length: arb, start: arb_mat, inverse: Array, bits: int, tolerance: arb
) -> arb_mat | None:
    """x̂' at the nodes (n × k), exact numbers; arguments as for :func:`collocation`."""
    rates, k, before = start.tolist(), field.dimension, float("inf")
    weights, _ = radau(len(rates), bits)
    for _ in range(_FINE):
        shift = weights * arb_mat(rates)
        residue = []
        for i, row in enumerate(rates):
            here = field.fine([(length * shift[i, a]).mid() for a in range(k)])
            if here is None:
                return None
            residue.append([(x - y).mid() for x, y in zip(row, here, strict=True)])
        worst = max(abs(x) for row in residue for x in row)
        if worst < tolerance:
            return arb_mat(rates)
        size = float(worst)
        if not size < before / 2:
            return None
        before = size
        # scaled, since residues may be smaller than any float
        move = inverse @ np.array([float(x / worst) for row in residue for x in row])
        rates = [
            [(x - worst * arb(float(y))).mid() for x, y in zip(row, step, strict=True)]
            for row, step in zip(rates, move.reshape(-1, k), strict=True)
        ]
    return None


class SlopedField(StiffField, Protocol):
    """One whose Jacobian is known beyond floats."""

    def slope(self, shift: Sequence[arb]) -> arb_mat:
        """The Jacobian (k × k) at a displacement."""


def beyond_floats(field: StiffField, length: arb, n: int) -> bool:
    """Whether slow unknowns drown in the rounding of the fast, and balls can do what floats cannot."""
    first = field.rough(np.zeros((1, field.dimension)))
    return (
        first is not None
        and n * field.dimension <= _ROWS
        and float(length) * float(np.abs(first[1]).max()) > _HIDDEN
    )


def exact_rates(
    field: SlopedField, length: arb, n: int, bits: int, tolerance: arb, start: arb_mat | None = None
) -> arb_mat | None:
    """x̂' at the nodes (n × k) by Newton's method at full precision; None when it fails."""
    k, before = field.dimension, float("inf")
    weights, _ = radau(n, bits)
    ones = [[int(i == j) for j in range(n * k)] for i in range(n * k)]
    try:
        if start is None:
            origin = [arb(0)] * k
            here = arb_mat([[x] for x in field.fine(origin) or ()])
            euler = (arb_mat([row[:k] for row in ones[:k]]) - length * field.slope(origin)).solve(here)
            start = arb_mat([[x.mid() for x in euler.entries()]] * n)
        rates = start.tolist()
        for _ in range(_EXACT):
            shifts = [[x.mid() for x in row] for row in (length * (weights * arb_mat(rates))).tolist()]
            if not all(abs(x) < _STEEPEST for row in shifts for x in row):
                return None
            residue = [
                (x - y).mid()
                for row, shift in zip(rates, shifts, strict=True)
                for x, y in zip(row, field.fine(shift) or (), strict=True)
            ]
            worst = max(map(abs, residue))
            if worst < tolerance:
                return arb_mat(rates)
            if not float(worst) < 4 * before:
                return None
            before = float(worst)
            slopes = [(length * field.slope(shift)).tolist() for shift in shifts]
            matrix = arb_mat(
                [
                    [
                        (ones[i * k + a][j * k + b] - weights[i, j] * slopes[i][a][b]).mid()
                        for j in range(n)
                        for b in range(k)
                    ]
                    for i in range(n)
                    for a in range(k)
                ]
            )
            move = matrix.solve(arb_mat([[x] for x in residue])).entries()
            rates = [
                [(x - y).mid() for x, y in zip(row, move[i * k : (i + 1) * k], strict=True)]
                for i, row in enumerate(rates)
            ]
    except ZeroDivisionError:
        pass
    return None


def _rough(field: StiffField, length: float, weights: Array) -> tuple[Array, Array] | None:
    """Rates at the nodes (n × k) and the inverse of Newton's matrix there, in floats."""
    n, k = len(weights), field.dimension
    first = field.rough(np.zeros((1, k)))
    if first is None or not length < _LONGEST:
        return None
    # Euler's implicit step, since what is stiff is rounding noise in the rates themselves
    try:
        euler = np.linalg.solve(np.eye(k) - length * first[1][0], first[0][0])
    except np.linalg.LinAlgError:
        return None
    rates = np.repeat(euler[None, :], n, axis=0)
    here = field.rough(length * weights @ rates)
    size = np.inf
    for _ in range(_ROUGH):
        if here is None:
            return None
        value, slope = here
        matrix = np.eye(n * k) - (length * weights[:, None, :, None] * slope[:, :, None, :]).reshape(
            n * k, n * k
        )
        if not np.isfinite(matrix).all():
            return None
        try:
            inverse: Any = np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            return None
        move = (inverse @ (rates - value).ravel()).reshape(n, k)
        last, size = size, float(np.abs(move).max())
        if size <= 1e-12 * float(np.abs(rates).max()) or (size < 1e-6 and size > last / 4):
            return rates, inverse
        part = 1.0
        for _ in range(_HALVINGS):
            here = field.rough(length * weights @ (rates - part * move))
            if here is not None:
                break
            part /= 2
        rates = rates - part * move
    return None
