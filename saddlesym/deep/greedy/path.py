"""The greedy low-rank algorithm (J21, LLL21): saddle after saddle, the rank grown by one.

At a critical point A_k of rank k append one hidden unit to every layer, with weights
ε u_1, ε, …, ε v_1ᵀ where (s_1, u_1, v_1) is the top singular pair of −∇C(A_k), and follow
the flow of that network of width k + 1.  As ε → 0 its limit is the next critical point.
J21 conjecture that the flow from a vanishing start visits just these points.

The flow is integrated in floating point, which tells *which* critical point is reached; the
point itself is then refined and enclosed (:mod:`saddlesym.deep.greedy.critical`).  Where it is
not isolated on its rank, as global minima of matrix completion often are not, it stays a
number of the floating-point flow, about 8 digits, and says so.

A critical point of the next rank need not exist: for a_12 = 1, a_21 = 2, a_11 = 0 and a_22
unseen, (ε, 1; 2, 2/ε) has rank one and the loss ε²/2.  The flow then runs off to infinity
ever more slowly, and the path ends with a :class:`RunAway`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ldexp
from typing import Any, TypeAlias

import numpy as np
from flint import arb, arb_mat

from saddlesym.deep.cost import QuadraticCost
from saddlesym.deep.float_cost import Array, FloatCost, balanced_factors, least_curvature
from saddlesym.deep.greedy.critical import ball_singular_values, rank_critical_point
from saddlesym.deep.greedy.rest import RestPoint, appended, flow_to_rest
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, Degeneracy, DegenerateProblemError, require, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.grids import Drawn
from saddlesym.progress import Listener, Progress

#: A number that is enclosed, or else one of a floating-point flow.
Number: TypeAlias = Ball | float

_EPSILON = {2: 1e-7, 3: 1e-3}
_ZERO, _TIE = 1e-8, 1e-9
#: A gradient that is not zero but a smaller part of the data is too small to be followed: near _ZERO rounding
#: would decide whether a new singular value is there.
_FAINT = 1e-6
#: A flow that still changed by more may be on its way to a minimum further out, as far as Newton's method
#: may go from its end, in the size of A.
_SLOW, _REACH = 1e-4, 1e6
_MAX_SIDE = 60
#: Most binary orders between the units of the data and one: 1e100.
_MAX_ORDER = 333


@dataclass(frozen=True, repr=False)
class GreedyStep(Documented):
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
        is_minimum: whether ∇C(A) = 0, so that A is a global minimum; up to 1e-8 of the data where A is not
            enclosed, else up to the digits asked for.
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

    def __repr__(self) -> str:
        return f"GreedyStep(rank {self.rank}, loss {float(self.loss):.6g})"


@dataclass(frozen=True, repr=False)
class RunAway(Documented):
    """The end of a flow that runs off to infinity.

    In the valley that it follows the loss has no least value, as far as a floating-point flow sees.
    That is no proof, and says nothing of other valleys: a matrix of this rank elsewhere may be better
    than all of this one (for T = [[-3, 3, -2, -3], [3, -1, -3, -1], [2, -1, 2, 0], [1, 0, -3, -1]] seen
    through the mask [[1, 0, 1, 1], [1, 1, 1, 1], [1, 0, 0, 1], [0, 0, 1, 1]] the flow of width one runs
    off at loss 11.286, and a matrix of rank one with entries below 6 has loss 11.044).

    Attributes:
        width: k, the hidden width of the flow.
        A: where it was left (n_out × n_in); no critical point.
        loss: C(A), from above near the infimum in this valley.
        gradient_values: s_1 ≥ s_2 ≥ … of ∇C(A); they may converge where A does not.
    """

    width: int
    A: tuple[tuple[float, ...], ...]
    loss: float
    gradient_values: tuple[float, ...]

    @property
    def size(self) -> float:
        """The greatest |entry| of A."""
        return max(abs(x) for row in self.A for x in row)

    @property
    def finding(self) -> str:
        """What was seen, in one line."""
        return (
            f"the flow of width {self.width} runs off to infinity (entries up to {self.size:.3g}, still"
            f" growing, at loss {self.loss:.6g}): this flow meets no critical point (seen in floating point,"
            f" not proved); another matrix of rank {self.width} may have less loss"
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return super().to_dict() | {"finding": self.finding}

    def __repr__(self) -> str:
        return f"RunAway(width {self.width}, loss {self.loss:.6g}, entries to {self.size:.3g})"


@dataclass(frozen=True, repr=False)
class GreedyPath(Drawn, Documented):
    """The critical points of the greedy algorithm, the origin first.

    Attributes:
        problem: the network.
        steps: one for each width reached.
        digits: what was asked of the enclosures.
        stopped: why it ended: ``"minimum"`` (∇C = 0), ``"width"`` (no hidden unit left),
            ``"limit"`` (the requested number of steps), ``"run-away"``, or ``"faint"`` (∇C is not zero, but
            less than 1e-6 of the data, which floating point does not follow).
        run_away: the flow that found no critical point, with ``"run-away"``; else None.
    """

    problem: DeepLinearProblem
    steps: tuple[GreedyStep, ...]
    digits: int
    stopped: str
    run_away: RunAway | None = None

    @property
    def ranks(self) -> tuple[int, ...]:
        """Ranks of the critical points."""
        return tuple(step.rank for step in self.steps)

    @property
    def final(self) -> GreedyStep:
        """The last critical point."""
        return self.steps[-1]

    def __repr__(self) -> str:
        end = "" if self.run_away is None else f", then {self.run_away!r}"
        return f"GreedyPath(ranks {self.ranks}, loss {float(self.final.loss):.6g}{end})"


def greedy_path(
    problem: DeepLinearProblem,
    *,
    digits: int = USUAL_DIGITS,
    max_steps: int | None = None,
    progress: Listener | None = None,
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
            direction is not determined; or a flow that neither rests nor runs off to infinity.

    On some masks the unseen entries run off to infinity, and the flow meets no critical point of the
    next rank.  The path then ends before that rank, with ``stopped`` "run-away".

    Source: J21, section on the greedy low-rank algorithm; LLL21.

    >>> path = greedy_path(DeepLinearProblem.whitened([[3, 0], [0, 1]]))
    >>> path.ranks, [float(step.loss) for step in path.steps], path.stopped
    ((0, 1, 2), [5.0, 0.5, 0.0], 'minimum')
    >>> path.steps[1].singular_values[0].contains(3), path.steps[1].isolated
    (True, True)

    A row that shows a single entry, where the best matrix of rank one of the rest is zero:

    >>> target, mask = [[-2, 2, 1], [-3, 1, -2], [0, -1, -2]], [[0, 1, 0], [1, 1, 1], [0, 1, 1]]
    >>> path = greedy_path(DeepLinearProblem.matrix_completion(target, mask))
    >>> path.ranks, path.stopped, path.run_away.width, round(path.run_away.loss, 6)
    ((0,), 'run-away', 1, 1.0)
    """
    require(problem, DeepLinearProblem, "saddle_path, for a diagonal network")
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 1000:
        raise BadInputError(f"digits {shown(digits)}", needed="a whole number from 1 to 1000")
    if max(problem.cost.shape) > _MAX_SIDE:
        raise BudgetError(f"a matrix of side {max(problem.cost.shape)}", needed=f"{_MAX_SIDE} at most")
    problem.require_gradient_at_origin()
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
    steps = [_step(cost, numbers, RestPoint(A), 0, digits)]
    run_away = None
    while not steps[-1].is_minimum and len(steps) <= limit and not _is_faint(steps[-1], numbers):
        end = _next(cost, numbers, A, steps[-1], problem.depth, a + k)
        step = _step(cost, numbers, end, len(steps), digits)
        if end.runs_off and not step.certified:
            run_away = _run_away(step, a, k)
            break
        steps.append(step)
        A = np.array([[float(x) for x in row] for row in steps[-1].A])
        if progress is not None:
            progress(Progress(len(steps) - 1, limit, "critical points"))
    if run_away is not None:
        stopped = "run-away"
    else:
        stopped = "width" if limit == problem.max_rank else "limit"
        if len(steps) <= limit:
            stopped = "faint"
        if steps[-1].is_minimum:
            stopped = "minimum"
    with workprec(int(3.33 * digits) + 128):
        found = tuple(_in_units(step, a, k) for step in steps)
    return GreedyPath(problem, found, digits, stopped, run_away)


def _run_away(step: GreedyStep, a: int, k: int) -> RunAway:
    step = _in_units(step, a, k)
    rows = tuple(tuple(map(float, row)) for row in step.A)
    return RunAway(step.width, rows, float(step.loss), tuple(map(float, step.gradient_values)))


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


# --- one critical point


def _step(cost: QuadraticCost, numbers: FloatCost, end: RestPoint, width: int, digits: int) -> GreedyStep:
    A = end.A
    values = np.linalg.svd(A, compute_uv=False)
    rank = int(np.sum(values > _ZERO * max(values[0], numbers.scale)))
    loss = _loss(cost, numbers, A)
    with workprec(int(3.33 * digits) + 128):
        found = None if rank == 0 else rank_critical_point(cost, A, rank, digits)
        if found is None and (end.runs_off or end.change > _SLOW):
            further = rank_critical_point(cost, A, rank, digits, reach=_REACH)
            if further is not None and further.strict_minimum and cost.ball_value(further.A) < loss:
                found = further
        if found is not None:
            A = np.array([[float(x.mid()) for x in row] for row in found.A.tolist()])
        slopes = np.linalg.svd(numbers.gradient(A), compute_uv=False)
        if found is None:
            is_minimum = bool(slopes[0] < _ZERO * numbers.scale)
        else:
            is_minimum = all(x.contains(0) for x in found.gradient.entries())
        curvature = least_curvature(numbers, A, rank)
        stability = curvature, is_unstable(curvature, numbers, A)
        if rank == 0:
            zero = arb_mat(*cost.shape)
            return _enclosed(cost, zero, cost.ball_gradient(zero), width, 0, True, False, stability)
        if found is not None:
            return _enclosed(
                cost, found.A, found.gradient, width, rank, found.strict_minimum, is_minimum, stability
            )
    rows = tuple(tuple(map(float, row)) for row in A)
    return GreedyStep(
        width, rank, rows, loss, tuple(map(float, values[:rank])), tuple(map(float, slopes)),
        False, False, is_minimum, *stability,
    )  # fmt: skip


def _loss(cost: QuadraticCost, numbers: FloatCost, A: Array) -> float:
    return float(np.sum((numbers.gradient(A) - numbers.B) * A) / 2 + float(cost.constant))


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


# --- the flow to the next one


def _is_faint(step: GreedyStep, numbers: FloatCost) -> bool:
    return float(step.gradient_values[0]) < _FAINT * numbers.scale


def _next(
    cost: QuadraticCost, numbers: FloatCost, A: Array, step: GreedyStep, depth: int, unit: int
) -> RestPoint:
    G = numbers.gradient(A)
    if step.certified:  # G by its own size, not by that of the data
        exact = cost.ball_gradient(arb_mat([[x.arb for x in row if isinstance(x, Ball)] for row in step.A]))
        G = np.array([[float(x.mid()) for x in row] for row in exact.tolist()])
    u, s, vt = np.linalg.svd(-G)
    # the values of a point that is enclosed are so too; others are as good as the flow that came to rest
    gap = _TIE * s[0] if step.certified else max(_TIE * s[0], _ZERO * numbers.scale)
    if len(s) > 1 and s[0] - s[1] < gap:
        raise DegenerateProblemError(
            f"the top singular value {ldexp(s[0], unit):.6g} of ∇C is repeated at rank {step.rank}, "
            "or nearly so",
            reason=Degeneracy.REPEATED_VALUE,
            needed=f"a gap above {gap / s[0]:g} of it, which floating point can tell: it fixes the next"
            " direction",
            hint="other data; or deep flow, where the start decides",
        )
    epsilon = _EPSILON.get(depth, 1e-2) * np.sqrt(numbers.scale)
    old = balanced_factors(A, step.rank, depth) if step.rank else []
    return flow_to_rest(numbers, appended(old, u[:, 0], vt[0], epsilon, depth))
