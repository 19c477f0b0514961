"""Jump times of networks of three layers and more as α → 0: blow-up times of homogeneous flows.

Near the origin the flow is that of ``H(θ) = Tr(GᵀW_L⋯W_1)``, G = ∇C(0), homogeneous of degree L − 1.
From α·θ⁰ it is α times that from θ⁰ with time times α^{−(L−2)}; and from θ⁰ it runs off to infinity in a
finite time T_1: that is the first jump, in units of natural time of α^{−(L−2)}.  As it blows up each layer
turns to ``w_l w_{l−1}ᵀ``, unit vectors of every layer, and what is left of it on their complements, the
*transverse blocks*, is finite and of order α.  While A moves to the critical point A_1 of rank one,
which takes a time of order one, the transverse blocks are only carried along: in the frames that turn as
little as possible (parallel transport) they stay as they are.  At A_1 they obey the homogeneous flow
of their own G, ``∇C(A_1)`` in these frames, blow up after a time T_2, and so on:

    t_k = T_1 + … + T_k     in units of natural time of α^{−(L−2)}.

There is no α in it.  This is a conjecture of this package, supported by flows
(`examples/blow_up_times.py`); all is float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import inf
from typing import Any

import numpy as np
from scipy.integrate import LSODA
from scipy.linalg import null_space, polar

from saddlesym.deep.float_cost import Array, FloatCost, balanced_factors, least_curvature
from saddlesym.deep.flow.direction import gaussian_direction, read_direction
from saddlesym.deep.greedy.path import is_unstable
from saddlesym.deep.greedy.rest import appended, flow_to_rest
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, Degeneracy, DegenerateProblemError

#: A homogeneous flow is followed until it is so many times larger than its start …
_FAR = 1e8
#: … in at most so many steps.
_STEPS = 200_000
#: The path to the next critical point begins at this distance, in √ of the data's size.
_BEGIN = 1e-2
#: ∇C below this part of its first size is none.
_NOTHING = 1e-6


@dataclass(frozen=True)
class BlowUp:
    """The end of a homogeneous flow.

    Attributes:
        time: when it blows up.
        vectors: the unit vectors w_0, …, w_L that its layers turn to.
        frames: orthonormal bases of their complements, in columns.
        blocks: what is left of each layer in these frames.
    """

    time: float
    vectors: tuple[Array, ...] = field(repr=False)
    frames: tuple[Array, ...] = field(repr=False)
    blocks: tuple[Array, ...] = field(repr=False)


@dataclass(frozen=True)
class BlowUpTimes:
    """Predicted jump times in the limit α → 0 of a network of three layers or more.

    Attributes:
        problem: the network.
        direction: the start over α, (W_1, …, W_L).
        times: t_k in units of natural time of α^{−(L−2)}.
        matrices: A at the critical points that the jumps lead to (n_out × n_in).
    """

    problem: DeepLinearProblem
    direction: tuple[Any, ...] = field(repr=False)
    times: tuple[float, ...]
    matrices: tuple[tuple[tuple[float, ...], ...], ...] = field(repr=False)

    @property
    def values(self) -> tuple[float, ...]:
        """The new singular value of each jump, at the critical point that it leads to."""
        return tuple(
            float(np.linalg.svd(np.array(A), compute_uv=False)[k]) for k, A in enumerate(self.matrices)
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": "blow-up times",
            "problem": self.problem.data_document(),
            "time_unit": self.problem.time_unit,
            "times": list(self.times),
            "matrices": [[list(row) for row in A] for A in self.matrices],
        }


def blow_up_times(
    problem: DeepLinearProblem,
    direction: Sequence[Any] | None = None,
    *,
    seed: int = 0,
    max_rank: int | None = None,
    transport: bool = True,
) -> BlowUpTimes:
    """Jump times as α → 0 for three layers and more, without any α.

    Args:
        problem: cost and widths, depth ≥ 3.
        direction: (W_1, …, W_L), the start over α; default a seeded Gaussian one.
        seed: of the Gaussian direction.
        max_rank: stop after so many jumps.
        transport: carry the frames along; False for the law that is false.

    Raises:
        BadInputError: two layers, where jump times do not depend on the direction
            (:func:`saddlesym.deep.greedy.prediction.predict_jump_times`).
        DegenerateProblemError: a homogeneous flow that ends elsewhere, a critical point unstable within its
            own rank, or none of the next rank.
        BudgetError: an integrator gave up.

    Source: own; theory of J21 for the first escape.

    >>> found = blow_up_times(DeepLinearProblem.whitened([[2, 0], [0, 1]], depth=3), max_rank=1)
    >>> len(found.times), round(found.values[0], 6)
    (1, 2.0)
    """
    if problem.depth < 3:
        raise BadInputError(f"depth {problem.depth}", needed="depth 3 or more, where escapes are blow-ups")
    problem.require_gradient_at_origin()
    weights = gaussian_direction(problem, seed) if direction is None else read_direction(problem, direction)
    blocks = [np.array([[float(x) for x in row] for row in w]) for w in weights]
    numbers = FloatCost(problem.cost)
    limit = problem.max_rank if max_rank is None else min(max_rank, problem.max_rank)
    A = np.zeros(problem.cost.shape)
    inner, outer = np.eye(A.shape[1]), np.eye(A.shape[0])
    times: list[float] = []
    matrices: list[Array] = []
    for rank in range(limit):
        G = numbers.gradient(A)
        if np.linalg.norm(G) < _NOTHING * numbers.scale:
            break
        if is_unstable(least_curvature(numbers, A, rank), numbers, A):
            raise DegenerateProblemError(
                f"the critical point of rank {rank} is unstable within its own rank",
                reason=Degeneracy.UNSTABLE_IN_RANK,
                needed="saddles that only a further rank leaves",
            )
        end = homogeneous_blow_up(blocks, outer.T @ G @ inner)
        times.append(end.time + (times[-1] if times else 0.0))
        entering, leaving = inner @ end.vectors[0], outer @ end.vectors[-1]
        inner, outer, blocks = inner @ end.frames[0], outer @ end.frames[-1], list(end.blocks)
        epsilon = _BEGIN * float(np.sqrt(numbers.scale))
        old = balanced_factors(A, rank, problem.depth) if rank else []
        on_the_way: list[Array] = []
        rest = flow_to_rest(
            numbers, appended(old, leaving, entering, epsilon, problem.depth), on_the_way.append
        )
        if rest.runs_off:
            raise DegenerateProblemError(
                f"the flow of width {rank + 1} runs off to infinity",
                reason=Degeneracy.NO_CRITICAL_POINT,
                needed="a critical point of every rank on the way",
            )
        A = rest.A
        for moment in on_the_way if transport else [A]:
            u, _, vt = np.linalg.svd(moment)
            inner, outer = _carried(inner, vt[: rank + 1].T), _carried(outer, u[:, : rank + 1])
        matrices.append(A)
    listed = tuple(tuple(tuple(map(float, row)) for row in A) for A in matrices)
    return BlowUpTimes(problem, weights, tuple(times), listed)


def _carried(frame: Array, taken: Array) -> Array:
    """The orthonormal frame next to this one that is orthogonal to some orthonormal columns."""
    if frame.shape[1] == 0:
        return frame
    nearest: Array = polar(frame - taken @ (taken.T @ frame))[0]
    return nearest


def homogeneous_blow_up(weights: Sequence[Array], G: Array) -> BlowUp:
    """The flow of ``H(θ) = Tr(GᵀW_L⋯W_1)`` from θ to its blow-up.

    Args:
        weights: θ = (W_1, …, W_L), L ≥ 3.
        G: (n_L × n_0), not zero.

    Raises:
        DegenerateProblemError: it does not blow up along the top singular pair of −G.
        BudgetError: the integrator gave up.

    Source: J21, section on the escape from the origin.

    >>> one = [np.array([[1.0]])] * 3
    >>> round(homogeneous_blow_up(one, np.array([[-2.0]])).time, 9)  # w' = 2w²
    0.5
    """
    shapes = [w.shape for w in weights]
    cuts = np.cumsum([w.size for w in weights])[:-1]
    depth = len(weights)
    top = float(np.linalg.norm(G, 2))
    speed = top * depth ** (1 - depth / 2)

    def split(x: Array) -> list[Array]:
        return [part.reshape(shape) for part, shape in zip(np.split(x, cuts), shapes, strict=True)]

    def slope(_time: float, state: Array) -> Array:
        """In the clock s of ds = s_1 ρ^{L−2} dT, in which growth is exponential; the last entry is T."""
        x = state[:-1]
        pace = 1 / (top * float(np.linalg.norm(x)) ** (depth - 2))
        W = split(x)
        below = [np.eye(shapes[0][1])]
        for w in W[:-1]:
            below.append(w @ below[-1])
        above, parts = -G, []
        for w, under in zip(reversed(W), reversed(below), strict=True):
            parts.append((above @ under.T).ravel())
            above = w.T @ above
        return np.append(np.concatenate(parts[::-1]) * pace, pace)

    start = np.concatenate([w.ravel() for w in weights])
    far = _FAR * max(1.0, float(np.linalg.norm(start)))
    solver = LSODA(slope, 0.0, np.append(start, 0.0), inf, rtol=1e-11, atol=1e-13)
    for _ in range(_STEPS):
        radius = float(np.linalg.norm(solver.y[:-1]))
        if radius > far:
            break
        message = solver.step()
        if solver.status == "failed":
            raise BudgetError(f"the homogeneous flow stopped: {message}", hint="another direction")
    else:
        raise BudgetError(
            f"the homogeneous flow is at {radius:.3g} after {_STEPS} steps", hint="another seed"
        )
    time = float(solver.y[-1]) + 1 / ((depth - 2) * speed * radius ** (depth - 2))
    W = split(solver.y[:-1])
    vectors = _vectors(W, G)
    frames = [null_space(v[None, :]) for v in vectors]
    blocks = [above.T @ w @ below for w, below, above in zip(W, frames[:-1], frames[1:], strict=True)]
    # at this radius the outer vectors are seen next to their limits, the top singular pair of −G
    u, _, vt = np.linalg.svd(-G)
    for place, limit in ((0, vt[0]), (-1, u[:, 0])):
        exact = limit * np.sign(limit @ vectors[place])
        vectors[place] = exact
        frames[place] = _carried(frames[place], exact[:, None])
    return BlowUp(time, tuple(vectors), tuple(frames), tuple(blocks))


def _vectors(weights: Sequence[Array], G: Array) -> list[Array]:
    """The unit vectors that the layers turn to, as seen at a large radius."""
    product = reduce(lambda below, w: w @ below, weights)
    left, _, right = np.linalg.svd(product)
    u, _, vt = np.linalg.svd(-G)
    first = right[0] * np.sign(right[0] @ vt[0])
    vectors = [first]
    for w in weights[:-1]:
        image = w @ vectors[-1]
        vectors.append(image / max(float(np.linalg.norm(image)), 1e-300))
    last = left[:, 0] * np.sign(left[:, 0] @ u[:, 0])
    vectors.append(last)
    aligned = abs(first @ vt[0]) * abs(last @ u[:, 0]) > 0.99
    if not aligned or last @ weights[-1] @ vectors[-2] <= 0:
        raise DegenerateProblemError(
            "the homogeneous flow does not blow up along the top singular pair",
            needed="a start that escapes the usual way",
            hint="another direction or seed",
        )
    return vectors
