"""The greedy low-rank algorithm (J21, LLL21): saddle after saddle, the rank grown by one.

At a critical point A_k of rank k append one hidden unit to every layer, with weights
ε u_1, ε, …, ε v_1ᵀ where (s_1, u_1, v_1) is the top singular pair of −∇C(A_k), and follow
the flow of that network of width k + 1.  As ε → 0 its limit is the next critical point.
J21 conjecture that the flow from a vanishing start visits just these points.

The flow is integrated in floating point, which tells *which* critical point is reached; the
point itself is then refined and enclosed (:mod:`saddlesym.deep.critical`).  Where it is
not isolated on its rank, as global minima of matrix completion often are not, it stays a
number of the floating-point flow, about 8 digits, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ldexp
from typing import Any, TypeAlias

import numpy as np
from flint import arb, arb_mat, fmpq_mat
from scipy.integrate import LSODA

from saddlesym.deep.cost import QuadraticCost
from saddlesym.deep.critical import ball_singular_values, rank_critical_point
from saddlesym.deep.float_cost import Array, FloatCost
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.precision import workprec

#: A number that is enclosed, or else one of a floating-point flow.
Number: TypeAlias = Ball | float
Progress = Callable[[int], None]

_EPSILON = {2: 1e-7, 3: 1e-3}
_REST, _ZERO, _TIE = 1e-10, 1e-8, 1e-9
_FAR = 1e5
_FLOW_STEPS = 300_000
_MAX_SIDE = 60
#: Most binary orders between the units of the data and one: 1e100.
_MAX_ORDER = 333


@dataclass(frozen=True, repr=False)
class GreedyStep:
    """One critical point of the algorithm.

    Attributes:
        width: k, the hidden width it was reached with.
        rank: the rank of A; less than the width when the new unit died.
        A: the matrix (n_out × n_in).
        loss: C(A).
        singular_values: those of A, the greatest first, as many as A has rank.
        gradient_values: s_1 ≥ s_2 ≥ … of ∇C(A).
        certified: whether the numbers are balls, proved to hold a critical point.
        isolated: whether A is proved to be a strict local minimiser of C on its rank.
        is_minimum: whether ∇C(A) = 0, so that A is a global minimum.
        least_curvature: the least eigenvalue of the Hessian of (W_2, W_1) ↦ C(W_2 W_1) at
            width ``rank``, in floating point.
        is_unstable_on_its_rank: whether that is clearly negative: a network of this width would
            leave A again.
    """

    width: int
    rank: int
    A: tuple[tuple[Number, ...], ...]
    loss: Number
    singular_values: tuple[Number, ...]
    gradient_values: tuple[Number, ...]
    certified: bool
    isolated: bool
    is_minimum: bool
    least_curvature: float
    is_unstable_on_its_rank: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "width": self.width, "rank": self.rank, "A": [list(map(number_json, row)) for row in self.A],
            "loss": number_json(self.loss), "singular_values": list(map(number_json, self.singular_values)),
            "gradient_values": list(map(number_json, self.gradient_values)), "certified": self.certified,
            "isolated": self.isolated, "is_minimum": self.is_minimum,
            "least_curvature": self.least_curvature,
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"GreedyStep(rank {self.rank}, loss {float(self.loss):.6g})"


@dataclass(frozen=True, repr=False)
class GreedyPath:
    """The critical points of the greedy algorithm, the origin first.

    Attributes:
        problem: the network.
        steps: one for each width reached.
        digits: what was asked of the enclosures.
        stopped: why it ended: ``"minimum"`` (∇C = 0), ``"width"`` (no hidden unit left) or
            ``"limit"`` (the requested number of steps).
    """

    problem: DeepLinearProblem
    steps: tuple[GreedyStep, ...]
    digits: int
    stopped: str

    @property
    def ranks(self) -> tuple[int, ...]:
        """Ranks of the critical points."""
        return tuple(step.rank for step in self.steps)

    @property
    def final(self) -> GreedyStep:
        """The last critical point."""
        return self.steps[-1]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "problem": self.problem.to_dict(), "digits": self.digits, "stopped": self.stopped,
            "steps": [step.to_dict() for step in self.steps],
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"GreedyPath(ranks {self.ranks}, loss {float(self.final.loss):.6g})"


def greedy_path(
    problem: DeepLinearProblem,
    digits: int = 30,
    *,
    max_steps: int | None = None,
    progress: Progress | None = None,
) -> GreedyPath:
    """Run the greedy low-rank algorithm on a deep linear network.

    Args:
        problem: cost and widths; the least hidden width bounds the rank.
        digits: wanted of the enclosed numbers, 1 to 1000.
        max_steps: stop after as many steps.
        progress: called with the number of steps done.

    Raises:
        BadInputError: digits, or data out of the range of floating point.
        DegenerateProblemError: ∇C(0) = 0; a repeated top singular value, where the next
            direction is not determined; or a flow that runs off to infinity.

    Source: J21, section on the greedy low-rank algorithm; LLL21.

    >>> path = greedy_path(DeepLinearProblem.whitened([[3, 0], [0, 1]]))
    >>> path.ranks, [float(step.loss) for step in path.steps], path.stopped
    ((0, 1, 2), [5.0, 0.5, 0.0], 'minimum')
    >>> path.steps[1].singular_values[0].contains(3), path.steps[1].isolated
    (True, True)
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 1000:
        raise BadInputError(f"digits {shown(digits)}", needed="a whole number from 1 to 1000")
    if max(problem.cost.shape) > _MAX_SIDE:
        raise BudgetError(f"a matrix of side {max(problem.cost.shape)}", needed=f"{_MAX_SIDE} at most")
    if problem.flint_gradient_at_origin() == fmpq_mat(*problem.cost.shape):
        raise DegenerateProblemError(
            "∇C(0) = 0: the origin is a global minimum", needed="a gradient at the origin"
        )
    cost, a, k = problem.cost.in_own_units()
    if max(map(abs, (a, k, a + k))) > _MAX_ORDER:
        raise BadInputError(
            "the data are too large or too small for floating point",
            needed="sizes between 1e-100 and 1e100",
            hint="another unit",
        )
    numbers = FloatCost(cost)
    A = np.zeros(cost.shape)
    limit = min(problem.max_rank, max_steps if max_steps is not None else problem.max_rank)
    steps = [_step(cost, numbers, A, 0, digits)]
    while not steps[-1].is_minimum and len(steps) <= limit:
        A = _next(numbers, A, steps[-1], problem.depth, a + k)
        steps.append(_step(cost, numbers, A, len(steps), digits))
        A = np.array([[float(x) for x in row] for row in steps[-1].A])
        if progress is not None:
            progress(len(steps) - 1)
    stopped = "minimum" if steps[-1].is_minimum else "width" if limit == problem.max_rank else "limit"
    with workprec(int(3.33 * digits) + 128):
        found = tuple(_in_units(step, a, k) for step in steps)
    return GreedyPath(problem, found, digits, stopped)


def _in_units(step: GreedyStep, a: int, k: int) -> GreedyStep:
    """A step of the cost in its own units (:meth:`QuadraticCost.in_own_units`), of the cost itself."""

    def scaled(values: tuple[Number, ...], exponent: int) -> tuple[Number, ...]:
        factor = arb((1, exponent))
        return tuple(Ball(v.arb * factor) if isinstance(v, Ball) else ldexp(v, exponent) for v in values)

    return replace(
        step,
        A=tuple(scaled(row, a) for row in step.A),
        loss=scaled((step.loss,), 2 * a + k)[0],
        singular_values=scaled(step.singular_values, a),
        gradient_values=scaled(step.gradient_values, a + k),
        least_curvature=ldexp(step.least_curvature, a + k),
    )


def number_json(value: Number) -> Any:
    """A ball with its radius, a floating-point number as it is."""
    return value.to_dict() if isinstance(value, Ball) else value


# --- one critical point


def _step(cost: QuadraticCost, numbers: FloatCost, A: Array, width: int, digits: int) -> GreedyStep:
    values = np.linalg.svd(A, compute_uv=False)
    rank = int(np.sum(values > _ZERO * max(values[0], numbers.scale)))
    slopes = np.linalg.svd(numbers.gradient(A), compute_uv=False)
    is_minimum = bool(slopes[0] < _ZERO * numbers.scale)
    curvature = least_curvature(numbers, A, rank)
    stability = curvature, is_unstable(curvature, numbers, A)
    with workprec(int(3.33 * digits) + 128):
        if rank == 0:
            zero = arb_mat(*cost.shape)
            return _enclosed(cost, zero, cost.ball_gradient(zero), width, 0, True, False, stability)
        found = rank_critical_point(cost, A, rank, digits)
        if found is not None:
            return _enclosed(
                cost, found.A, found.gradient, width, rank, found.strict_minimum, is_minimum, stability
            )
    loss = float(np.sum((numbers.gradient(A) - numbers.B) * A) / 2 + float(cost.constant))
    rows = tuple(tuple(map(float, row)) for row in A)
    return GreedyStep(
        width, rank, rows, loss, tuple(map(float, values[:rank])), tuple(map(float, slopes)),
        False, False, is_minimum, *stability,
    )  # fmt: skip


def _enclosed(
    cost: QuadraticCost, A: arb_mat, gradient: arb_mat, width: int, rank: int,
    isolated: bool, is_minimum: bool, stability: tuple[float, bool],
) -> GreedyStep:  # fmt: skip
    def balls(values: Sequence[arb]) -> tuple[Ball, ...]:
        return tuple(map(Ball, values))

    rows = tuple(balls([A[i, j] for j in range(A.ncols())]) for i in range(A.nrows()))
    return GreedyStep(
        width, rank, rows, Ball(cost.ball_value(A)), balls(ball_singular_values(A)[:rank]),
        balls(ball_singular_values(gradient)), True, isolated, is_minimum, *stability,
    )  # fmt: skip


def is_unstable(curvature: float, numbers: FloatCost, A: Array) -> bool:
    """Whether :func:`least_curvature` is negative by more than rounding."""
    return curvature < -1e-6 * float(np.linalg.norm(A, 2) * np.linalg.norm(numbers.K, 2))


def least_curvature(numbers: FloatCost, A: Array, rank: int) -> float:
    """Least eigenvalue of the Hessian of C(W_2 W_1) at the balanced factors of A."""
    if rank == 0:
        return 0.0
    low, high = _factors(A, rank, 2)
    G = numbers.gradient(A)
    rows = []
    for unit in np.eye(high.size + low.size):
        d2, d1 = unit[: high.size].reshape(high.shape), unit[high.size :].reshape(low.shape)
        dG = numbers.mask * ((d2 @ low + high @ d1) @ numbers.K)
        rows.append(np.concatenate([(dG @ low.T + G @ d1.T).ravel(), (high.T @ dG + d2.T @ G).ravel()]))
    return float(np.linalg.eigvalsh(np.array(rows))[0])


# --- the flow to the next one


def _factors(A: Array, rank: int, depth: int) -> list[Array]:
    """Balanced weights (W_1, …, W_L) of hidden width ``rank`` with product A."""
    u, s, vt = np.linalg.svd(A)
    root = s[:rank] ** (1 / depth)
    return [root[:, None] * vt[:rank], *[np.diag(root)] * (depth - 2), u[:, :rank] * root]


def _next(numbers: FloatCost, A: Array, step: GreedyStep, depth: int, unit: int) -> Array:
    G = numbers.gradient(A)
    u, s, vt = np.linalg.svd(-G)
    if len(s) > 1 and s[0] - s[1] < _TIE * s[0]:
        raise DegenerateProblemError(
            f"the top singular value {ldexp(s[0], unit):.6g} of ∇C is repeated at rank {step.rank}",
            needed="a simple one: the next direction is not determined",
            hint="other data; or deep flow, where the start decides",
        )
    epsilon = _EPSILON.get(depth, 1e-2) * np.sqrt(numbers.scale)
    old = _factors(A, step.rank, depth) if step.rank else []
    grown = _appended(old, u[:, 0], vt[0], epsilon, depth)
    return _flow(numbers, grown)


def _appended(old: list[Array], u: Array, v: Array, epsilon: float, depth: int) -> list[Array]:
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


def _flow(numbers: FloatCost, start: list[Array]) -> Array:
    """Follow the gradient flow of all layers until it rests; the product there."""
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
    far = _FAR * max(1.0, numbers.scale)
    peak = first
    for _ in range(_FLOW_STEPS):
        message = solver.step()
        if solver.status == "failed":
            raise BudgetError(f"the flow to the next critical point stopped: {message}", hint="other data")
        speed = float(np.linalg.norm(field(0.0, solver.y)))
        peak = max(peak, speed)
        # the start is nearly at rest too: first the escape must have happened
        if speed < _REST * numbers.scale and peak > 1e3 * speed and peak > 10 * first:
            return product(solver.y)
        if np.abs(solver.y).max() > far or solver.t > 1e14:
            break
    size = float(np.abs(product(solver.y)).max())
    raise DegenerateProblemError(
        f"the flow from the last saddle does not come to rest (A grows to {size:.3g} times the data)",
        needed="a critical point of the next rank: the cost may have no minimum on matrices of that rank",
    )
