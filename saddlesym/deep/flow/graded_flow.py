"""The two-layer flow in graded coordinates: float64 at any scale α.

With Z = [W_2; W_1ᵀ], one column for each hidden unit, the flow is a linear equation
driven by its own product:

    Z' = 𝔾 Z,   𝔾 = [[0, −G], [−Gᵀ, 0]],   G = ∇C(W_2 W_1).

Plain float64 fails at small α because rounding errors of order 1e-16 in the large
columns seed the escapes.  Here Z is kept as ``Q · diag(e^d) · N`` with Q orthonormal and N
unit upper triangular, as Lyapunov exponents are computed: the amplitude of each new
direction has its own exponent d, of any size, and rounding stays inside the directions
that are already large, where the flow is stable.  It is not where a plateau is a saddle of
its own rank: there rounding would choose when the flow leaves, and it is refused
(:mod:`saddlesym.deep.flow.graded_jumps`).

Each step is a Taylor polynomial in the frame Q.  This is an
independent, quick route to jump times at α = 1e-200 and below; nothing here knows the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import factorial, log
from typing import Any

import numpy as np

from saddlesym.deep.blocks import observed_parts
from saddlesym.deep.float_cost import Array, FloatCost
from saddlesym.deep.flow.direction import check_weights
from saddlesym.deep.flow.graded_jumps import GradedJump, Record, Step
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.text import decimal_string

_ORDER, _TOLERANCE = 16, 1e-14
_REST = 1e-9
_MAX_STEPS = 200_000
_MAX_STEP = 50.0
#: Where the greatest entry of ∇C(0) may lie: times are judged by differences from 1e-8 to 1e-6.
_SIZES = Fraction(1, 1000), Fraction(1000)


@dataclass(frozen=True, repr=False)
class GradedFlow(Documented):
    """A two-layer flow followed in float64 from α = 10^−decades.

    Attributes:
        problem: the network (depth 2).
        decades: log₁₀(1/α).
        jumps: its jumps, in order of rank.
        t_end: the last accelerated time.
        at_rest: whether ∇C has vanished there.
        steps: number of Taylor steps.
    """

    problem: DeepLinearProblem
    decades: float
    jumps: tuple[GradedJump, ...]
    t_end: float
    at_rest: bool
    steps: int

    def __repr__(self) -> str:
        return f"GradedFlow(alpha = 1e-{self.decades:g}, {len(self.jumps)} jumps)"


def graded_flow(
    problem: DeepLinearProblem, decades: float = 100, t_end: float = 10.0, *, seed: int = 0
) -> GradedFlow:
    """Follow the flow of a two-layer network from α = 10^−decades times a Gaussian direction.

    Args:
        problem: a network of depth 2.
        decades: log₁₀(1/α), between 1 and 100000.
        t_end: last accelerated time, unless ∇C vanishes before.
        seed: of the direction, the same for every α.

    Raises:
        BadInputError: another depth, or numbers out of range.
        DegenerateProblemError: a mask whose entries fall into parts without common rows or columns; a plateau
            that is a saddle of its own rank, where rounding would decide when the flow leaves.
        BudgetError: more than 200000 steps or 10⁶ weights, or data that are very large or small.

    >>> flow = graded_flow(DeepLinearProblem.whitened([[2, 0], [0, 1]]), 200)
    >>> [round(jump.time, 2) for jump in flow.jumps]
    [0.5, 1.0]
    """
    if problem.depth != 2:
        raise BadInputError(
            f"depth {problem.depth}", needed="depth 2", hint="deep_linear_flow, for any depth"
        )
    check_weights(problem)
    parts = len(observed_parts(problem.cost))
    if parts > 1:
        raise DegenerateProblemError(
            f"the observed entries fall into {parts} parts that do not meet",
            needed="one: each part escapes in the hidden directions of the others, which rounding disturbs",
            hint="each part by itself (saddlesym.deep.blocks), for they move independently",
        )
    largest = max(abs(b) for row in problem.cost.B for b in row)
    low, high = _SIZES
    if largest and not low <= largest <= high:
        raise BudgetError(
            f"the greatest entry of ∇C(0) is {decimal_string(largest, 3)}",
            needed=f"a size {float(low):g} to {float(high):g}, as the tolerances assume",
            hint="another unit",
        )
    vectors = _Field(problem.cost)
    decades, t_end = _between(decades, "decades", 1, 1e5), _between(t_end, "t_end", 0, 1e6)
    scale = decades * log(10)
    rows = sum(problem.cost.shape)
    start = np.random.default_rng(seed).standard_normal((rows, problem.hidden[0]))
    record, rest = _follow(vectors, _Graded.of(start, -scale), t_end * scale)
    jumps = Record(record, vectors).jumps(scale)
    return GradedFlow(problem, decades, jumps, record[-1].time / scale, rest, len(record))


def _between(value: Any, name: str, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadInputError(f"{name} {shown(value)}", needed="a number") from None
    if not low <= number <= high:
        raise BadInputError(f"{name} {shown(value)}", needed=f"a number between {low:g} and {high:g}")
    return number


class _Field(FloatCost):
    """The Taylor coefficients of the solution through X at A = U P Vᵀ, X = [U; V]."""

    def taylor(self, X: Array, P: Array) -> tuple[Array, Array]:
        n_out = len(self.B)
        U = np.zeros((_ORDER + 1, n_out, X.shape[1]))
        V = np.zeros((_ORDER + 1, len(X) - n_out, X.shape[1]))
        UP, G = np.zeros_like(U), np.zeros((_ORDER, *self.B.shape))
        U[0], V[0] = X[:n_out], X[n_out:]
        for k in range(_ORDER):
            UP[k] = U[k] @ P
            A = (UP[: k + 1] @ V[k::-1].transpose(0, 2, 1)).sum(axis=0)
            G[k] = self.mask * (A @ self.K)
            if k == 0:
                G[0] -= self.B
            U[k + 1] = (G[: k + 1] @ V[k::-1]).sum(axis=0) / -(k + 1)
            V[k + 1] = (G[: k + 1].transpose(0, 2, 1) @ U[k::-1]).sum(axis=0) / -(k + 1)
        return U, V


@dataclass
class _Graded:
    """Z = Q · diag(exp d) · N: orthonormal columns, exponents, unit upper triangular."""

    Q: Array
    d: Array
    N: Array

    @classmethod
    def of(cls, Z: Array, log_scale: float) -> _Graded:
        Q, R = _qr(Z)
        return cls(Q, np.log(np.diag(R)) + log_scale, R / np.diag(R)[:, None])

    def gram(self) -> Array:
        """diag(e^d) N Nᵀ diag(e^d): what ZZᵀ is in the frame Q."""
        with np.errstate(under="ignore"):
            half = np.exp(self.d)[:, None] * self.N
            product: Array = half @ half.T
        return product

    def moved(self, X: Array) -> _Graded:
        """The same Z after its frame Q has become X."""
        Q, R = _qr(X)
        d = self.d + np.log(np.diag(R))
        with np.errstate(under="ignore"):
            N = np.triu((R * np.exp(np.minimum(self.d[None, :] - d[:, None], 700.0))) @ self.N)
        return _Graded(Q, d, N)


def _qr(Z: Array) -> tuple[Array, Array]:
    """QR with a positive diagonal.  More columns than rows: the surplus stays in R."""
    Q, R = np.linalg.qr(Z)
    sign = np.sign(np.diag(R))
    return Q * sign, R * sign[:, None]


def _follow(vectors: _Field, state: _Graded, end: float) -> tuple[list[Step], bool]:
    time, record = 0.0, []
    scale = vectors.scale or 1.0
    longest = _MAX_STEP / min(1.0, scale)
    limit = (_TOLERANCE * factorial(3)) ** (1 / _ORDER)
    while True:
        P = state.gram()
        U, V = vectors.taylor(state.Q, P)
        last = max(np.abs(U[-1]).max(), np.abs(V[-1]).max(), 1e-300)
        before = max(np.abs(U[-2]).max(), np.abs(V[-2]).max(), 1e-300)
        size = min(limit * last ** (-1 / _ORDER), limit * before ** (-1 / (_ORDER - 1)), longest)
        A = U[0] @ P @ V[0].T
        size = min(size, max(end - time, 0.0))
        record.append(Step(time, float(size), U, V, P))
        rest = bool(np.abs(vectors.gradient(A)).max() < _REST * scale)
        if rest or time >= end:
            return record, rest
        if len(record) > _MAX_STEPS:
            raise BudgetError(
                f"{_MAX_STEPS} steps", needed="a shorter flow", hint="a larger alpha or an earlier t_end"
            )
        powers = size ** np.arange(_ORDER + 1)
        X = np.vstack([np.tensordot(powers, U, 1), np.tensordot(powers, V, 1)])
        state = state.moved(X)
        time += float(size)
