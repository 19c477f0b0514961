"""How a run was made, and what that is in the units of the theory.

The theory trains ``β = u ⊙ v`` on ``L = ‖Xβ − y‖²/(2n)`` from ``u = √2·α, v = 0``.  Other habits
are the same dynamics in other units:

- a loss that is c times L moves c times as fast: MSE has c = 2, half a sum of squares c = n,
  a sum of squares c = 2n;
- ``β = w₊² − w₋²`` from ``w₊ = w₋ = a`` is the theory at ``α = √2·a`` with twice the step:
  ``w± ← w±(1 ∓ 2ηg)``, while ``u ± v ← (u ± v)(1 ∓ ηg)``, and ``u ± v = 2w±``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, log, sqrt
from typing import Any

from saddlesym.errors import BadInputError, shown

#: How many times ½‖Xβ − y‖²/n a loss is, for n rows.
LOSSES = ("half-mse", "mse", "half-sum", "sum")
#: How β is made of the weights.
PARAMETRISATIONS = ("uv", "squares")
#: Least α: beyond it the relative weights of the reference underflow in floating point.
LEAST_ALPHA = 1e-70


def loss_factor(loss: str, n: int) -> float:
    """c, where a loss is c times ``‖Xβ − y‖²/(2n)``.

    >>> [loss_factor(name, 50) for name in LOSSES]
    [1.0, 2.0, 50.0, 100.0]
    """
    factors = {"half-mse": 1.0, "mse": 2.0, "half-sum": float(n), "sum": 2.0 * n}
    if loss not in factors:
        raise BadInputError(f"loss={shown(loss)}", needed=" or ".join(LOSSES))
    return factors[loss]


@dataclass(frozen=True)
class Setting:
    """What is known of how a run was made.

    Attributes:
        alpha: scale of the initialisation in the convention of the parametrisation: u = √2·α and
            v = 0, or w₊ = w₋ = α, or (at depth D ≥ 3) a = b = α.
        learning_rate: η of the user's loss; None for a gradient flow in the time of that loss.
        factor: the user's loss is so many times ``‖Xβ − y‖²/(2n)``.
        parametrisation: ``uv`` or ``squares``.
        depth: D; beyond two β = a^D − b^D.
    """

    alpha: float
    learning_rate: float | None
    factor: float = 1.0
    parametrisation: str = "uv"
    depth: int = 2

    def __post_init__(self) -> None:
        if self.parametrisation not in PARAMETRISATIONS:
            given = f"parametrisation={shown(self.parametrisation)}"
            raise BadInputError(given, needed=" or ".join(PARAMETRISATIONS))
        if not LEAST_ALPHA <= self.scale < 1:
            raise BadInputError(
                f"alpha = {shown(self.alpha)}",
                needed=f"{LEAST_ALPHA:g} <= alpha < {1 / self._width:.3g}",
                hint="1e-5",
            )
        rate = self.learning_rate
        if rate is not None and not (isfinite(rate) and rate > 0):
            raise BadInputError(f"learning rate {shown(rate)}", needed="a positive number", hint="1e-2")

    @property
    def _width(self) -> float:
        """By what the user's α is multiplied to be that of the theory."""
        return sqrt(2) if self.parametrisation == "squares" and self.depth == 2 else 1.0

    @property
    def _speed(self) -> float:
        """Natural time of the theory per unit of the user's time."""
        return self.factor * (2.0 if self.parametrisation == "squares" and self.depth == 2 else 1.0)

    @property
    def scale(self) -> float:
        """α of the theory."""
        return self.alpha * self._width

    @property
    def log_inverse(self) -> float:
        """Λ = ln(1/α)."""
        return -log(self.scale)

    @property
    def step(self) -> float | None:
        """Natural time T of the theory that one step takes."""
        return None if self.learning_rate is None else self.learning_rate * self._speed

    @property
    def clock(self) -> float:
        """Accelerated time per natural time T: t = T/Λ, or t = D(D−2)·α^(D−2)·T."""
        if self.depth == 2:
            return 1 / self.log_inverse
        return self.depth * (self.depth - 2) * self.scale ** (self.depth - 2)

    def natural(self, times: Any) -> Any:
        """Natural times T of the theory for times of the user's loss (learning rate × steps)."""
        return times * self._speed

    def with_scale(self, scale: float) -> Setting:
        """The same with another α of the theory."""
        return replace(self, alpha=scale / self._width)
