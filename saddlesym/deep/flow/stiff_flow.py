"""Flows of three layers and more in float64, by implicit steps that plateaus do not slow down.

On a plateau of natural length α^{−(L−2)} explicit steps follow the fastest mode and are as many;
LSODA changes to implicit steps there.  It knows nothing of saddles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.integrate import LSODA
from scipy.optimize import brentq

from saddlesym.deep.float_cost import Array, FloatCost
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError

_STEPS = 100_000


@dataclass(frozen=True)
class StiffFlow:
    """Singular values of a float64 flow, and when each passed its threshold.

    Attributes:
        alpha: α.
        times: moments of the steps, in units of natural time of α^{−(L−2)}.
        values: singular values of A at each of them.
        passages: when the k-th singular value passed its threshold; None where it did not.
        steps: number of steps.
    """

    alpha: float
    times: tuple[float, ...] = field(repr=False)
    values: tuple[tuple[float, ...], ...] = field(repr=False)
    passages: tuple[float | None, ...]
    steps: int


def stiff_flow(
    problem: DeepLinearProblem,
    alpha: float,
    direction: Sequence[Any],
    until: float,
    thresholds: Sequence[float],
    *,
    rtol: float = 1e-9,
    max_steps: int = _STEPS,
) -> StiffFlow:
    """The flow from α times a direction, until a time in units of α^{−(L−2)}.

    Args:
        problem: cost and widths, depth ≥ 3.
        alpha: α, 1e-8 to 1: below that the least numbers of float64 are near.
        direction: (W_1, …, W_L) over α.
        until: last time.
        thresholds: of the singular values, the largest first.
        rtol: relative tolerance of a step.
        max_steps: give up after so many.

    Raises:
        BadInputError: two layers, or α out of range.
        BudgetError: the integrator gave up.

    >>> problem = DeepLinearProblem.whitened([[1]], depth=3)
    >>> one = stiff_flow(problem, 1e-3, [[[1]], [[1]], [[1]]], 1.2, [0.5])
    >>> abs(one.passages[0] - 1) < 0.01  # w' = w²(1 − w³) from w = α
    True
    """
    if problem.depth < 3 or not 1e-8 <= alpha < 1:
        raise BadInputError(
            f"depth {problem.depth}, alpha {alpha:g}", needed="depth 3 or more, 1e-8 <= alpha < 1"
        )
    numbers = FloatCost(problem.cost)
    shapes = problem.shapes
    cuts = np.cumsum([m * n for m, n in shapes])[:-1]
    start = np.concatenate([[alpha * float(q) for row in w for q in row] for w in direction])

    def split(x: Array) -> list[Array]:
        return [part.reshape(shape) for part, shape in zip(np.split(x, cuts), shapes, strict=True)]

    def product(x: Array) -> Array:
        W = split(x)
        A = W[0]
        for w in W[1:]:
            A = w @ A
        return A

    def slope(_time: float, x: Array) -> Array:
        W = split(x)
        below = [np.eye(shapes[0][1])]
        for w in W:
            below.append(w @ below[-1])
        above, parts = -numbers.gradient(below[-1]), []
        for w, under in zip(reversed(W), reversed(below[:-1]), strict=True):
            parts.append((above @ under.T).ravel())
            above = w.T @ above
        return np.concatenate(parts[::-1])

    def value(x: Array, k: int) -> float:
        return float(np.linalg.svd(product(x), compute_uv=False)[k])

    unit = alpha ** (problem.depth - 2)
    solver = LSODA(slope, 0.0, start, until / unit, rtol=rtol, atol=1e-13 * alpha)
    times, values = [0.0], [tuple(map(float, np.linalg.svd(product(start), compute_uv=False)))]
    passages: list[float | None] = [None] * len(thresholds)
    steps = 0
    while solver.status == "running":
        if steps >= max_steps:
            raise BudgetError(f"{steps} steps reached time {solver.t * unit:.4g}", hint="an earlier end")
        message = solver.step()
        steps += 1
        if solver.status == "failed":
            raise BudgetError(f"the flow stopped: {message}", hint="a larger alpha")
        times.append(solver.t * unit)
        values.append(tuple(map(float, np.linalg.svd(product(solver.y), compute_uv=False))))
        for k, threshold in enumerate(thresholds):
            if passages[k] is None and values[-1][k] > threshold >= values[-2][k]:
                passages[k] = _passage(solver, value, k, threshold) * unit
    return StiffFlow(alpha, tuple(times), tuple(values), tuple(passages), steps)


def _passage(solver: Any, value: Callable[[Array, int], float], k: int, threshold: float) -> float:
    """When, within the last step."""
    dense = solver.dense_output()
    ends = solver.t_old, solver.t
    inside = [value(dense(t), k) - threshold for t in ends]
    if inside[0] * inside[1] > 0:
        return float(solver.t)
    return float(brentq(lambda t: value(dense(t), k) - threshold, *ends, xtol=1e-13 * ends[1], rtol=1e-14))
