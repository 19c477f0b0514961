"""A quadratic cost in float64, for flows that only have to find their way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlesym.deep.cost import QuadraticCost

Array = NDArray[np.float64]


class FloatCost:
    """Mask, K and B of a cost, and its gradient."""

    def __init__(self, cost: QuadraticCost) -> None:
        self.mask, self.K, self.B = (
            np.array([[float(x) for x in row] for row in rows]) for rows in (cost.mask, cost.K, cost.B)
        )
        self.scale = float(np.abs(self.B).max())

    def gradient(self, A: Array) -> Array:
        """∇C(A)."""
        product: Array = self.mask * (A @ self.K) - self.B
        return product


def balanced_factors(A: Array, rank: int, depth: int) -> list[Array]:
    """Balanced weights (W_1, …, W_L) of hidden width ``rank`` with product A."""
    u, s, vt = np.linalg.svd(A)
    root = s[:rank] ** (1 / depth)
    return [root[:, None] * vt[:rank], *[np.diag(root)] * (depth - 2), u[:, :rank] * root]


def least_curvature(numbers: FloatCost, A: Array, rank: int) -> float:
    """Least eigenvalue of the Hessian of C(W_2 W_1) at the balanced factors of A."""
    if rank == 0:
        return 0.0
    low, high = balanced_factors(A, rank, 2)
    G = numbers.gradient(A)
    rows = []
    for unit in np.eye(high.size + low.size):
        d2, d1 = unit[: high.size].reshape(high.shape), unit[high.size :].reshape(low.shape)
        dG = numbers.mask * ((d2 @ low + high @ d1) @ numbers.K)
        rows.append(np.concatenate([(dG @ low.T + G @ d1.T).ravel(), (high.T @ dG + d2.T @ G).ravel()]))
    return float(np.linalg.eigvalsh(np.array(rows))[0])
