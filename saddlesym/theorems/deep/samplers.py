"""Seeded families of deep linear problems: shallow and deep, whitened, with data, with a mask."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import public_matrix
from saddlesym.theorems.deep.reference.definitions import orthogonal


def _matrix(rng: random.Random, rows: int, columns: int, size: int = 4) -> list[list[int]]:
    return [[rng.randint(-size, size) for _ in range(columns)] for _ in range(rows)]


def _widths(rng: random.Random, n_out: int, n_in: int, depth: int, least: int = 1) -> tuple[int, ...]:
    return (n_in, *(rng.randint(least, 3) for _ in range(depth - 1)), n_out)


def _any(rng: random.Random) -> DeepLinearProblem:
    """Any cost, any widths, depth 2 to 4."""
    n_out, n_in = rng.randint(1, 3), rng.randint(1, 3)
    widths = _widths(rng, n_out, n_in, rng.choice([2, 2, 3, 3, 4]))
    target = _matrix(rng, n_out, n_in)
    kind = rng.randrange(3)
    if kind == 0:
        return DeepLinearProblem.whitened(target, widths)
    if kind == 1:
        N = n_in + rng.randint(0, 2)
        return DeepLinearProblem.squared_error(_matrix(rng, n_in, N, 2), _matrix(rng, n_out, N, 3), widths)
    mask = [[int(rng.random() < 0.7) for _ in range(n_in)] for _ in range(n_out)]
    return DeepLinearProblem.matrix_completion(target, mask, widths)


def _rational_target(rng: random.Random, n_out: int, n_in: int, *, zeros: bool = True) -> Any:
    """A* = U diag(σ) Vᵀ with distinct rational σ and rational orthogonal U, V."""
    values = rng.sample([fmpq(k, 2) for k in range(1, 11)], min(n_out, n_in))
    if zeros and rng.random() < 0.3 and len(values) > 1:
        values[-1] = fmpq(0)
    core = fmpq_mat(n_out, n_in)
    for i, value in enumerate(values):
        core[i, i] = value
    return public_matrix(orthogonal(rng, n_out) * core * orthogonal(rng, n_in).transpose())


def _modes(rng: random.Random) -> DeepLinearProblem:
    """Whitened, with rational singular triples; depth 2 to 4."""
    n_out, n_in = rng.randint(1, 3), rng.randint(1, 3)
    widths = _widths(rng, n_out, n_in, rng.choice([2, 2, 3, 4]))
    return DeepLinearProblem.whitened(_rational_target(rng, n_out, n_in), widths)


def _several_modes(rng: random.Random) -> DeepLinearProblem:
    """The same with two modes at least (a zero singular value apart)."""
    n_out, n_in = rng.choice([(2, 2), (2, 3), (3, 2), (3, 3)])
    widths = _widths(rng, n_out, n_in, rng.choice([2, 3, 3, 4]))
    return DeepLinearProblem.whitened(_rational_target(rng, n_out, n_in, zeros=False), widths)


def _modes_two_layers(rng: random.Random) -> DeepLinearProblem:
    n_out, n_in = rng.randint(1, 3), rng.randint(1, 3)
    return DeepLinearProblem.whitened(_rational_target(rng, n_out, n_in), _widths(rng, n_out, n_in, 2))


def _narrow_two_layers(rng: random.Random) -> DeepLinearProblem:
    """Fewer hidden neurons than modes, or square of full rank with as many or more."""
    n = rng.randint(2, 3)
    target = _rational_target(rng, n, n, zeros=False)
    return DeepLinearProblem.whitened(target, (n, rng.randint(1, n + 1), n))


def _singular_values(matrix: Any) -> Any:
    return np.linalg.svd(np.array([[float(x) for x in row] for row in matrix]), compute_uv=False)


def _data(rng: random.Random, depth: int) -> DeepLinearProblem | None:
    """Correlated inputs."""
    n_out, n_in = rng.choice([(2, 2), (2, 2), (2, 3), (3, 2)])
    X, Y = _matrix(rng, n_in, n_in + 2, 2), _matrix(rng, n_out, n_in + 2, 3)
    problem = DeepLinearProblem.squared_error(X, Y, depth=depth)
    spread = _singular_values(problem.cost.K)
    return problem if spread[-1] > spread[0] / 5 else None


def _completion(rng: random.Random, n_out: int, depth: int) -> DeepLinearProblem | None:
    """n_out × 3 with one entry unseen in two rows, one to three in three rows."""
    target, mask = _matrix(rng, n_out, 3, 3), [[1] * 3 for _ in range(n_out)]
    for cell in rng.sample(range(3 * n_out), 1 if n_out == 2 else rng.randint(1, 3)):
        mask[cell // 3][cell % 3] = 0
    unseen = [(i, j) for i in range(n_out) for j in range(3) if not mask[i][j]]
    if n_out == 3 and len(unseen) == 1:
        # one value of the unseen entry makes A singular; where it is far away, so is the end of rank 2
        i, j = unseen[0]
        rows = [[target[a][b] for b in range(3) if b != j] for a in range(3) if a != i]
        if abs(rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0]) < 3:
            return None
    return DeepLinearProblem.matrix_completion(target, mask, depth=depth)


def _apart(rng: random.Random, depth: int) -> DeepLinearProblem:
    """Correlated inputs or a mask, singular values of ∇C(0) well apart and no long flow."""
    while True:
        kind = rng.randrange(10)
        problem = _data(rng, depth) if kind < 5 else _completion(rng, 2 if kind < 7 else 3, depth)
        if problem is None:
            continue
        values = _singular_values(problem.gradient_at_origin)
        coupled = all(
            any(row) for row in (*problem.gradient_at_origin, *zip(*problem.gradient_at_origin, strict=True))
        )
        if coupled and 1.5 * values[1] < values[0] < 4 * values[1]:
            return problem


def _two_jumps(rng: random.Random) -> DeepLinearProblem:
    """Two layers, correlated inputs or a mask."""
    return _apart(rng, 2)


def _two_or_three_layers(rng: random.Random) -> DeepLinearProblem:
    """Two or three layers, correlated inputs or a mask."""
    return _apart(rng, rng.choice([2, 3]))


def _two_jumps_whitened(rng: random.Random) -> DeepLinearProblem:
    """Two layers, integer targets with singular values well apart."""
    while True:
        n_out, n_in = rng.choice([(2, 2), (2, 3), (3, 2), (3, 3)])
        target = _matrix(rng, n_out, n_in)
        values = _singular_values(target)
        if values[-1] > 0.2 * values[0] and all(a > 1.25 * b for a, b in pairwise(values)):
            return DeepLinearProblem.whitened(target)


def _small_target(rng: random.Random) -> DeepLinearProblem:
    """Small whitened targets, two to four layers."""
    n_out, n_in = rng.choice([(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)])
    depth = rng.choice([2, 3, 3, 4])
    while True:
        target = _matrix(rng, n_out, n_in, 3)
        if _singular_values(target)[-1] > 0.5:
            return DeepLinearProblem.whitened(target, depth=depth)


def _three_or_four_layers(rng: random.Random) -> DeepLinearProblem:
    """Three or four layers, whitened or with correlated inputs, singular values well apart."""
    depth = rng.choice([3, 3, 4])
    whitened = _two_jumps_whitened(rng)
    while rng.random() < 0.5:
        problem = _data(rng, depth)
        if problem is None:
            continue
        values = _singular_values(problem.gradient_at_origin)
        if 1.5 * values[1] < values[0] < 4 * values[1]:
            return problem
    return DeepLinearProblem.whitened(whitened.cost.target, depth=depth)


DEEP_FAMILIES: dict[str, Callable[[random.Random], DeepLinearProblem]] = {
    "deep-any": _any,
    "deep-modes": _modes,
    "deep-several-modes": _several_modes,
    "deep-modes-two-layers": _modes_two_layers,
    "deep-narrow-two-layers": _narrow_two_layers,
    "deep-two-jumps": _two_jumps,
    "deep-two-or-three-layers": _two_or_three_layers,
    "deep-three-or-four-layers": _three_or_four_layers,
    "deep-two-jumps-whitened": _two_jumps_whitened,
    "deep-small-target": _small_target,
}
