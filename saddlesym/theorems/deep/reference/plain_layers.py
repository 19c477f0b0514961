"""The gradient flow of all layers in float64, by SciPy's LSODA, for three layers.

At depth 3 a scale of 1e-3 or 1e-6 is small already, since errors are powers of α as at depth 2,
and far above the rounding noise that would seed the escapes.  Nothing here knows a limit, and
nothing is shared with the flows of :mod:`saddlesym.deep` but the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import LSODA

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.theorems.evidence.check import UndecidedError

Array = NDArray[np.float64]

_ACCURACY, _STEPS = 1e-9, 30_000
#: Start of the width-one path, on its unstable manifold up to the L-th power of this; heights compared.
_TINY, _HEIGHTS, _MIDDLE = 1e-4, (0.05, 0.25, 0.5, 0.75, 0.9), 0.5
#: A singular value is there once it is this part of the largest one ever; a flow rests below this speed.
_SEEN, _REST = 0.02, 1e-7


@dataclass(frozen=True)
class PlainStep:
    """One step of the integrator: the weights at its end, and in between."""

    time: float
    layers: list[Array]
    speed: float
    before: float
    within: Callable[[float], list[Array]]

    @property
    def product(self) -> Array:
        """A at the end of the step."""
        return product(self.layers)


def product(layers: list[Array]) -> Array:
    """W_L ⋯ W_1."""
    return reduce(lambda below, w: w @ below, layers)


def steps(problem: DeepLinearProblem, start: list[Array]) -> Iterator[PlainStep]:
    """The flow from these weights, step by step, until it rests."""
    shapes, cuts = [w.shape for w in start], np.cumsum([w.size for w in start])[:-1]
    mask, K, B = (np.array([[float(x) for x in row] for row in rows]) for rows in (
        problem.cost.mask, problem.cost.K, problem.cost.B,
    ))  # fmt: skip

    def layers(x: Array) -> list[Array]:
        return [part.reshape(shape) for part, shape in zip(np.split(x, cuts), shapes, strict=True)]

    def field(_time: float, x: Array) -> Array:
        W = layers(x)
        below = [np.eye(shapes[0][1])]
        for w in W:
            below.append(w @ below[-1])
        above, parts = B - mask * (below[-1] @ K), []
        for w, under in zip(reversed(W), reversed(below[:-1]), strict=True):
            parts.append((above @ under.T).ravel())
            above = w.T @ above
        return np.concatenate(parts[::-1])

    x = np.concatenate([w.ravel() for w in start])
    smallest = float(np.abs(x).max())
    solver = LSODA(field, 0.0, x, np.inf, rtol=_ACCURACY, atol=_ACCURACY * smallest, first_step=1e-3)
    peak = first = float(np.linalg.norm(field(0.0, x)))
    for _ in range(_STEPS):
        before = float(solver.t)
        solver.step()
        if solver.status == "failed":
            break
        speed = float(np.linalg.norm(field(0.0, solver.y)))
        peak = max(peak, speed)
        yield PlainStep(solver.t, layers(solver.y), speed, before, _within(solver.dense_output(), layers))
        # the start is nearly at rest too: first the escape must have happened
        if speed < min(_REST * smallest, peak / 1000) and peak > 10 * first:
            return
    raise UndecidedError(f"the flow does not rest within {_STEPS} steps of LSODA")


def _within(dense: Callable[[float], Array], layers: Callable[[Array], list[Array]]) -> Any:
    return lambda time: layers(dense(time))


def gaussian(problem: DeepLinearProblem, alpha: float, seed: int) -> list[Array]:
    """α times a Gaussian direction, the same for every α."""
    generator = np.random.default_rng(seed)
    return [alpha * generator.standard_normal(shape) for shape in problem.shapes]


def plateaus(problem: DeepLinearProblem, alpha: float, seed: int, t_end: float) -> dict[int, Array]:
    """A at the stillest moment of each rank, from α times a Gaussian direction, until t_end·α^{−(L−2)}."""
    seen: list[tuple[Array, Array, float]] = []
    for step in steps(problem, gaussian(problem, alpha, seed)):
        A = step.product
        seen.append((A, np.asarray(np.linalg.svd(A, compute_uv=False), dtype=np.float64), step.speed))
        if step.time > t_end * alpha ** (2 - problem.depth):
            break
    least = _SEEN * max(values[0] for _, values, _ in seen)
    stillest: dict[int, tuple[float, Array]] = {}
    for A, values, speed in seen:
        rank = int(np.sum(values > least))
        if rank and speed < stillest.get(rank, (np.inf, A))[0]:
            stillest[rank] = speed, A
    return {rank: A for rank, (_, A) in sorted(stillest.items())}


def all_seen(singular_values: Sequence[object]) -> bool:
    """Whether :func:`plateaus` counts singular values of these plateaus, twice as large as it needs.

    >>> all_seen([1, 2, 30]), all_seen([1, 2])
    (False, True)
    """
    floats = [float(x) for x in singular_values]  # type: ignore[arg-type]
    return min(floats, default=0.0) >= 2 * _SEEN * max(floats, default=0.0)


# --- the first path


class _Rise:
    """The moments at which the largest singular value of A passes parts of the first plateau."""

    def __init__(self, flow: Iterator[PlainStep], plateau: float, t_end: float) -> None:
        self.steps: list[PlainStep] = []
        for step in flow:
            self.steps.append(step)
            if _top(step.layers) > 0.95 * plateau:
                return
            if step.time > t_end:
                break
        raise UndecidedError("the flow does not rise to the plateau of the width-one network")

    def passage(self, height: float) -> float:
        """When a height is passed for the first time."""
        step = next(s for s in self.steps if _top(s.layers) >= height)
        low, high = step.before, step.time
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if _top(step.within(middle)) < height else (low, middle)
        return high

    def weights(self, time: float) -> list[Array]:
        """All layers at a time within the rise."""
        return next((s for s in self.steps if s.time >= time), self.steps[-1]).within(time)


def _top(layers: list[Array]) -> float:
    return float(np.linalg.norm(product(layers), 2))


def first_path_gaps(
    problem: DeepLinearProblem, alphas: tuple[float, float], seed: int
) -> tuple[float, float]:
    """Distance of the escape to the width-one path, over the size of that, at two scales.

    Time is shifted and the hidden layers are turned once, at half of the plateau; what is left is
    measured in all weights at five heights.
    """
    G = np.array([[float(x) for x in row] for row in problem.gradient_at_origin])
    u, values, vt = np.linalg.svd(-G)
    inner = [np.ones((1, 1))] * (problem.depth - 2)
    start = [_TINY * w for w in (vt[:1], *inner, u[:, :1])]
    narrow = DeepLinearProblem(
        problem.cost, (problem.widths[0], *(1,) * len(problem.hidden), problem.widths[-1])
    )
    path = list(steps(narrow, start))
    plateau = _top(path[-1].layers)
    single = _Rise(iter(path), plateau, np.inf)
    moments = [single.passage(height * plateau) for height in _HEIGHTS]
    middle = single.passage(_MIDDLE * plateau)
    out = []
    for alpha in alphas:
        limit = 100 * alpha ** (2 - problem.depth) / float(values[0])
        wide = _Rise(steps(problem, gaussian(problem, alpha, seed)), plateau, limit)
        passed = wide.passage(_MIDDLE * plateau)
        frames = _images(wide.weights(passed), single.weights(middle))
        gaps = []
        for moment in moments:
            here, there = single.weights(moment), wide.weights(passed + moment - middle)
            gaps.append(_gap(there, _padded(here, frames)) / _gap(here, [0 * w for w in here]))
        out.append(max(gaps))
    return out[0], out[1]


def _images(wide: list[Array], narrow: list[Array]) -> list[Array]:
    """Unit columns w_1, …, w_{L−1}: where the wide layers send the input of the narrow network."""
    out: list[Array] = []
    image: Any = narrow[0].T
    for layer in wide[:-1]:
        image = layer @ image
        image = image / np.linalg.norm(image)
        out.append(image)
    return out


def _padded(narrow: list[Array], frames: list[Array]) -> list[Array]:
    """The narrow weights in the hidden directions of the wide network."""
    inner = [b @ w @ a.T for w, a, b in zip(narrow[1:-1], frames, frames[1:], strict=False)]
    return [frames[0] @ narrow[0], *inner, narrow[-1] @ frames[-1].T]


def _gap(first: list[Array], second: list[Array]) -> float:
    return float(np.sqrt(sum(np.sum((a - b) ** 2) for a, b in zip(first, second, strict=True))))
