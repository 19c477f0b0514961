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

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import factorial, log
from typing import Any

import numpy as np

from saddlesym.deep.blocks import observed_parts
from saddlesym.deep.float_cost import Array, FloatCost
from saddlesym.deep.flow.direction import check_weights
from saddlesym.deep.flow.graded_jumps import GradedJump, GradedStep, Record
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.scale import InitialScale
from saddlesym.exact.text import decimal_string
from saddlesym.grids import Displayed, Grid, Math

_ORDER, _TOLERANCE = 16, 1e-14
_REST = 1e-9
_MAX_STEPS = 200_000
_MAX_STEP = 50.0
_MAX_DECADES = 100_000
#: Where the greatest entry of ∇C(0) may lie: times are judged by differences from 1e-8 to 1e-6.
_SIZES = Fraction(1, 1000), Fraction(1000)


@dataclass(frozen=True, repr=False)
class GradedFlow(Displayed, Documented):
    """A two-layer flow followed in float64; its values at given times are followed again when asked for.

    Attributes:
        problem: the network (depth 2).
        scale: α.
        seed: of the direction.
        until: the last accelerated time that was asked for.
        jumps: its jumps, in order of rank.
        end: the last accelerated time.
        settled: whether ∇C has vanished there.
        steps: number of Taylor steps.
    """

    problem: DeepLinearProblem
    scale: InitialScale
    seed: int
    until: float
    jumps: tuple[GradedJump, ...]
    end: float
    settled: bool
    steps: int

    @property
    def certified(self) -> bool:
        """False: these are floating-point numbers."""
        return False

    @property
    def decades(self) -> float:
        """log₁₀(1/α)."""
        return self.scale.decades

    def times(self) -> list[float]:
        """Accelerated jump times."""
        return [jump.time for jump in self.jumps]

    @cached_property
    def _record(self) -> list[GradedStep]:
        return _followed(self.problem, self.scale, self.until, self.seed)[0]

    def A(self, t: Any) -> Array:
        """A (n_out × n_in) at accelerated time t.

        Raises:
            BadInputError: a time outside the computed flow.
        """
        time = _between(t, "t", 0, self.end) * self.decades * log(10)
        step = self._record[max(bisect_right(self._record, time, key=lambda s: s.time) - 1, 0)]
        return step.product(time - step.time)

    def singular_values(self, t: Any) -> tuple[float, ...]:
        """Singular values of A at accelerated time t."""
        return tuple(map(float, np.linalg.svd(self.A(t), compute_uv=False)))

    def loss(self, t: Any) -> float:
        """C(A) at accelerated time t."""
        return float(self.problem.cost.value(self.A(t).tolist()))

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump."""
        rows = tuple((j.rank, f"{j.time:.8g}") for j in self.jumps[:limit])
        header = ("rank", Math(r"T_k(\alpha)/\Lambda", "t"))
        return Grid(repr(self), header, rows, more=len(self.jumps) - len(rows))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return super().to_dict() | {"alpha": str(self.scale), "certified": False}

    def __repr__(self) -> str:
        return f"GradedFlow(alpha = {self.scale}, {len(self.jumps)} jumps)"


def graded_flow(
    problem: DeepLinearProblem, alpha: Any = "1e-100", *, until: float = 10.0, seed: int = 0
) -> GradedFlow:
    """Follow the flow of a two-layer network in float64 from α times a Gaussian direction.

    Args:
        problem: a network of depth 2.
        alpha: α, from 1e-100000 to 0.1.
        until: last accelerated time, unless ∇C vanishes before.
        seed: of the direction, the same for every α.

    Raises:
        BadInputError: another depth, or numbers out of range.
        DegenerateProblemError: a mask whose entries fall into parts without common rows or columns; a plateau
            that is a saddle of its own rank, where rounding would decide when the flow leaves.
        BudgetError: more than 200000 steps or 10⁶ weights, or data that are very large or small.

    >>> flow = graded_flow(DeepLinearProblem.whitened([[2, 0], [0, 1]]), "1e-200")
    >>> [round(jump.time, 2) for jump in flow.jumps]
    [0.5, 1.0]
    """
    if problem.depth != 2:
        raise BadInputError(f"depth {problem.depth}", needed="depth 2", hint="saddlesym.flow, for any depth")
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
    scale, until = InitialScale.read(alpha), _between(until, "until", 0, 1e6)
    if not 1 <= scale.decades <= _MAX_DECADES:
        raise BadInputError(
            f"alpha={shown(scale.text)}", needed=f"1e-{_MAX_DECADES} <= alpha <= 0.1 for a flow in float64"
        )
    record, rest = _followed(problem, scale, until, seed)
    nats = scale.decades * log(10)
    jumps = Record(record, _Field(problem.cost)).jumps(nats)
    return GradedFlow(problem, scale, seed, until, jumps, record[-1].time / nats, rest, len(record))


def _followed(
    problem: DeepLinearProblem, scale: InitialScale, until: float, seed: int
) -> tuple[list[GradedStep], bool]:
    """The steps from α times a Gaussian direction to a last accelerated time, and whether the flow rests."""
    nats = scale.decades * log(10)
    rows = sum(problem.cost.shape)
    start = np.random.default_rng(seed).standard_normal((rows, problem.hidden[0]))
    return _follow(_Field(problem.cost), _Graded.of(start, -nats), until * nats)


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


def _follow(vectors: _Field, state: _Graded, end: float) -> tuple[list[GradedStep], bool]:
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
        record.append(GradedStep(time, float(size), U, V, P))
        rest = bool(np.abs(vectors.gradient(A)).max() < _REST * scale)
        if rest or time >= end:
            return record, rest
        if len(record) > _MAX_STEPS:
            raise BudgetError(
                f"{_MAX_STEPS} steps", needed="a shorter flow", hint="a larger alpha or an earlier until"
            )
        powers = size ** np.arange(_ORDER + 1)
        X = np.vstack([np.tensordot(powers, U, 1), np.tensordot(powers, V, 1)])
        state = state.moved(X)
        time += float(size)
