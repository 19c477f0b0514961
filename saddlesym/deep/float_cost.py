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
