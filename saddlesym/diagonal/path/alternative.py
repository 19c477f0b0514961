"""Strict homogeneous linear inequalities, decided exactly with a certificate either way.

Gordan's theorem: for a rational matrix N either some x has ``Nx > 0`` in every row,
or some ``λ ≥ 0``, not zero, has ``Nᵀλ = 0``; never both.  This linear programme is
one non-negative least-squares problem: minimise ``½‖Nᵀλ‖² + ½(1ᵀλ − 1)²`` over
λ ≥ 0.  At the minimum ``N_i·x ≥ 1 − 1ᵀλ`` for ``x = Nᵀλ``, and
``‖x‖² = 1ᵀλ (1 − 1ᵀλ)``.  So either x = 0 and λ is the certificate, or x solves
all the inequalities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq, fmpq_mat

from saddlesym.diagonal.path.minimiser import some_minimiser
from saddlesym.diagonal.quadratic import QuadraticForm
from saddlesym.exact.linear.rational import kernel
from saddlesym.exact.scalars import fraction, to_fmpq


@dataclass(frozen=True)
class Alternative:
    """The answer to ``Nx > 0``: exactly one of the two is not None.

    Attributes:
        solution: x, with ``Nx > 0``.
        multipliers: ``λ ≥ 0`` with ``Nᵀλ = 0`` and sum 1.
    """

    solution: tuple[fmpq, ...] | None
    multipliers: tuple[fmpq, ...] | None


def strict_alternative(rows: Sequence[Sequence[fmpq]], width: int, *, guess: bool = True) -> Alternative:
    """Solve ``N x > 0`` exactly, or prove that it cannot be solved.

    Args:
        rows: the rows of N, at least one.
        width: the number of unknowns.
        guess: whether a linear programme in floats may propose x, or the support
            of λ; either is proved exactly, or the exact method goes on from there.

    >>> x, y = strict_alternative([[fmpq(1), fmpq(-1)], [fmpq(-1), fmpq(2)]], 2).solution
    >>> y < x < 2 * y
    True
    >>> strict_alternative([[fmpq(1), fmpq(-1)], [fmpq(-2), fmpq(2)]], 2).multipliers
    (2/3, 1/3)
    """
    # rows of like size: the answer does not depend on it, the float guess does
    scales = [1 / max(map(abs, row)) if any(row) else fmpq(1) for row in rows]
    N = [[scale * x for x in row] for scale, row in zip(scales, rows, strict=True)]
    working = list(range(len(rows)))
    if guess and width:
        x, working = _proposal(N)
        near = _rounded(N, x)
        if near is not None:
            return Alternative(tuple(near), None)
        weights = _proved_weights(N, working)
        if weights is not None:
            return Alternative(None, _unscaled(weights, scales))
    while True:
        x, weights = _least_norm(N, working, width)
        if weights is not None:
            return Alternative(None, _unscaled(weights, scales))
        products = [
            (sum((a * b for a, b in zip(row, x, strict=True)), fmpq(0)), k) for k, row in enumerate(N)
        ]
        violated = sorted((value, k) for value, k in products if value <= 0)
        if not violated:
            return Alternative(tuple(_rounded(N, x) or x), None)
        working += [k for _, k in violated[: width + 1]]


def _unscaled(weights: dict[int, fmpq], scales: Sequence[fmpq]) -> tuple[fmpq, ...]:
    total = sum((scales[k] * q for k, q in weights.items()), fmpq(0))
    return tuple(scale * weights.get(k, fmpq(0)) / total for k, scale in enumerate(scales))


def _least_norm(
    N: Sequence[Sequence[fmpq]], working: Sequence[int], width: int
) -> tuple[list[fmpq], dict[int, fmpq] | None]:
    """x and, when it is zero, λ, for some of the rows; see the module's head."""
    m = len(working)
    part = fmpq_mat(m, width, [x for k in working for x in N[k]])
    ones = fmpq_mat(m, 1, [fmpq(1)] * m)
    form = QuadraticForm.from_gram(part * part.transpose() + ones * ones.transpose(), ones, fmpq(0))
    found = some_minimiser(form, dict.fromkeys(range(m), 1))
    point = form.beta_vector(found.support, found.b, found.delta).column()
    x = (part.transpose() * point).entries()
    if any(x):
        return x, None
    return x, {k: q for k, q in zip(working, point.entries(), strict=True) if q != 0}


def _proposal(N: Sequence[Sequence[fmpq]]) -> tuple[list[fmpq], list[int]]:
    """The x of largest margin in floats, and the rows that bound it."""
    import numpy as np
    from scipy.optimize import linprog

    table = np.array([[float(fraction(x)) for x in row] for row in N])
    columns = np.abs(table).max(axis=0)
    columns[columns == 0] = 1.0
    m, width = table.shape
    # maximise the margin τ in  Nx ≥ τ,  −1 ≤ x ≤ 1
    answer = linprog(
        np.append(np.zeros(width), -1.0),
        A_ub=np.hstack([-table / columns, np.ones((m, 1))]),
        b_ub=np.zeros(m),
        bounds=[*[(-1, 1)] * width, (0, 1)],
    )
    if answer.x is None:
        return [fmpq(0)] * width, list(range(m))
    with np.errstate(over="ignore"):
        proposed = answer.x[:-1] / columns
    if not np.isfinite(proposed).all():
        return [fmpq(0)] * width, list(range(m))
    x = [to_fmpq(float(value), "binary") for value in proposed]
    weights = -answer.ineqlin.marginals
    tight = [k for k in range(m) if weights[k] > 1e-12]
    return x, tight or list(range(m))


def _proved_weights(N: Sequence[Sequence[fmpq]], working: Sequence[int]) -> dict[int, fmpq] | None:
    """λ on these rows, if their only linear relation has one sign."""
    width = len(N[0])
    part = fmpq_mat(len(working), width, [x for k in working for x in N[k]]).transpose()
    relations = kernel(part.numer_denom()[0])
    if len(relations) != 1:
        return None
    sign = 1 if max(relations[0]) > 0 else -1
    if any(sign * value < 0 for value in relations[0]):
        return None
    return {k: fmpq(sign * value) for k, value in zip(working, relations[0], strict=True)}


def _rounded(N: Sequence[Sequence[fmpq]], x: Sequence[fmpq]) -> list[fmpq] | None:
    """A solution with few digits at x or near it; None when there is none to be seen."""
    largest = max(map(abs, x), default=fmpq(0))
    if largest == 0:
        return None
    trials = [
        [fmpq((entry * 2**bits / largest + fmpq(1, 2)).floor()) for entry in x]
        for bits in (2, 4, 8, 16, 32, 64)
    ]
    for near in (*trials, list(x)):
        if all(sum((a * b for a, b in zip(row, near, strict=True)), fmpq(0)) > 0 for row in N):
            return near
    return None


def row_weights(rows: fmpq_mat, target: list[fmpq]) -> list[fmpq]:
    """Weights with which the rows add up to a vector of their span."""
    gram = rows * rows.transpose()
    kept: list[int] = []
    for k in range(rows.nrows()):
        trial = [*kept, k]
        block = fmpq_mat(len(trial), len(trial), [gram[i, j] for i in trial for j in trial])
        if block.rank() == len(trial):
            kept = trial
    right = rows * fmpq_mat(len(target), 1, target)
    block = fmpq_mat(len(kept), len(kept), [gram[i, j] for i in kept for j in kept])
    solution = block.solve(fmpq_mat(len(kept), 1, [right[i, 0] for i in kept])).entries()
    weights = [fmpq(0)] * rows.nrows()
    for i, value in zip(kept, solution, strict=True):
        weights[i] = value
    return weights
