"""The flow of a network grown by one unit, followed in floating point to where it rests.

A flow that reaches a critical point stops moving there: between the speeds 1e-8 and 1e-10 of
the data hardly anything happens.  Where the valley that it follows has no least value, the entries grow
like a power of 1/speed instead and are never at rest, although the flow is as slow as one
likes.  So the flow reports, besides its last point, how much that point still moved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.integrate import LSODA

from saddlesym.deep.float_cost import Array, FloatCost
from saddlesym.errors import BudgetError, Degeneracy, DegenerateProblemError

#: Speeds, in the greatest entry of B, at rest and where the last stretch begins.
_REST, _LATE = 1e-10, 1e-8
#: Part of the entries that may still change on the last stretch.  Random masks change by 1e-5 at
#: most, and minima with a degenerate Hessian by a few 1e-2; a run-away by 1 and more.
_STILL = 0.1
#: Entries below this part of the greatest are measured by it.
_FLOOR = 1e-3
#: A flow is left where A is so many times the data (float64 follows it no longer), or at so late a time.
_FAR, _LATEST = 1e5, 1e14
_FLOW_STEPS = 300_000


class RestPoint(NamedTuple):
    """Where a flow ended.

    Attributes:
        A: the product of the weights.
        change: the greatest relative change of its entries on the last stretch.
        is_far: whether it was left because A had grown too far from the data.
    """

    A: Array
    change: float = 0.0
    is_far: bool = False

    @property
    def runs_off(self) -> bool:
        """Whether A was still on its way, however slowly."""
        return self.is_far or self.change > _STILL


def appended(old: list[Array], u: Array, v: Array, epsilon: float, depth: int) -> list[Array]:
    """One more unit in each hidden layer, with the weights ε v_1ᵀ, ε, …, ε u_1."""
    if not old:
        return [epsilon * v[None, :], *[np.full((1, 1), epsilon)] * (depth - 2), epsilon * u[:, None]]
    inner = []
    for w in old[1:-1]:
        k = len(w)
        block = np.zeros((k + 1, k + 1))
        block[:k, :k], block[k, k] = w, epsilon
        inner.append(block)
    return [np.vstack([old[0], epsilon * v]), *inner, np.hstack([old[-1], epsilon * u[:, None]])]


def flow_to_rest(
    numbers: FloatCost, start: list[Array], observe: Callable[[Array], object] | None = None
) -> RestPoint:
    """Follow the gradient flow of all layers until it rests, or creeps too slowly to be followed.

    Args:
        numbers: the cost.
        start: (W_1, …, W_L).
        observe: called with A at the start and after every step.

    Raises:
        BudgetError: the integrator gave up.
        DegenerateProblemError: a flow that neither rests nor runs off.
    """
    shapes = [w.shape for w in start]
    cuts = np.cumsum([w.size for w in start])[:-1]

    def weights(x: Array) -> list[Array]:
        return [part.reshape(shape) for part, shape in zip(np.split(x, cuts), shapes, strict=True)]

    def product(x: Array) -> Array:
        A = np.eye(shapes[0][1])
        for w in weights(x):
            A = w @ A
        return A

    def field(_time: float, x: Array) -> Array:
        W = weights(x)
        below = [np.eye(shapes[0][1])]
        for w in W:
            below.append(w @ below[-1])
        above = -numbers.gradient(below[-1])
        parts = []
        for w, under in zip(reversed(W), reversed(below[:-1]), strict=True):
            parts.append((above @ under.T).ravel())
            above = w.T @ above
        return np.concatenate(parts[::-1])

    x = np.concatenate([w.ravel() for w in start])
    first = float(np.linalg.norm(field(0.0, x)))
    solver = LSODA(field, 0.0, x, np.inf, rtol=1e-10, atol=1e-13, first_step=1e-3 / numbers.scale)
    far = max(_FAR * numbers.scale, 10 * np.abs(product(x)).max())
    peak, late = first, None
    if observe is not None:
        observe(product(x))
    for _ in range(_FLOW_STEPS):
        message = solver.step()
        if solver.status == "failed":
            raise BudgetError(f"the flow to the next critical point stopped: {message}", hint="other data")
        speed = float(np.linalg.norm(field(0.0, solver.y)))
        peak = max(peak, speed)
        if speed > _LATE * numbers.scale:
            late = solver.y.copy()
        # the start is nearly at rest too: first the escape must have happened
        at_rest = speed < _REST * numbers.scale and peak > 1e3 * speed and peak > 10 * first
        A = product(solver.y)
        is_far = bool(np.abs(A).max() > far)
        if observe is not None:
            observe(A)
        if at_rest or is_far or solver.t > _LATEST:
            break
    found = RestPoint(A, 0.0 if late is None else _change(product(late), A), is_far)
    if at_rest or found.runs_off:
        return found
    raise DegenerateProblemError(
        f"the flow from the last saddle does not come to rest (A is {np.abs(A).max():.3g} times the data)",
        reason=Degeneracy.NO_CRITICAL_POINT,
        needed="a critical point of the next rank",
    )


def _change(before: Array, after: Array) -> float:
    sizes = np.abs(after)
    return float(np.max(np.abs(after - before) / np.maximum(sizes, _FLOOR * sizes.max())))
