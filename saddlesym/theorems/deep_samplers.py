"""Seeded families of deep linear problems: shallow and deep, whitened, with data, with a mask."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from flint import fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.matrices import public_matrix
from saddlesym.theorems.checks.deep_reference import orthogonal


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


DEEP_FAMILIES: dict[str, Callable[[random.Random], DeepLinearProblem]] = {
    "deep-any": _any,
    "deep-modes": _modes,
    "deep-several-modes": _several_modes,
    "deep-modes-two-layers": _modes_two_layers,
}
