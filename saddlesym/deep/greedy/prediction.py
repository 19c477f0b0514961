"""Jump times of a two-layer flow as α → 0, by tracking exponents (general cost, L = 2).

With Z = [W_2; W_1ᵀ] the flow is ``Z' = 𝔾Z``, 𝔾 = −[[0, G], [Gᵀ, 0]], G = ∇C(A): every
hidden direction follows the same linear equation.  Write the amplitudes of Z, the greatest
first, as α^{e_1}, α^{e_2}, …, all e_j = 1 at the start.  While A rests at a critical point
of rank k with gradient G_k, the first k amplitudes are of order one (e_j = 0), and the
next ones grow at the rates s_1(G_k) ≥ s_2(G_k) ≥ … in this order: volumes Π_{j≤m} of the
m first amplitudes grow at the sum of the first m rates.  A jump multiplies Z by a matrix
that does not depend on α; as long as its relevant minors do not vanish it moves no
exponent.  Hence, in accelerated time,

    t_{k+1} = t_k + e_{k+1}/s_1(G_k),    e_{k+j} ← e_{k+j} − s_j(G_k) (t_{k+1} − t_k),

in particular ``t_1 = 1/s_1(G_0)``, ``t_2 = t_1 + (1 − s_2(G_0) t_1)/s_1(G_1)``.

*Where minors vanish.*  If after a permutation of rows and of columns B = −∇C(0) is block
diagonal (and so is K), the blocks never hear of each other in the limit: each has exponents
of its own, the recursion holds in each, and the jumps are merged.  Applied to the whole
matrix the plain recursion is then false in general, and so is the greedy order.

*Assumed*: simple top singular values, and no critical point on the way is left along a
direction of its own rank (checked in floating point; refused otherwise).  This is a
conjecture, supported by flows (`examples/jump_times.py`), not a theorem; for
whitened squared error it gives 1/σ_k.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb

from saddlesym.deep.blocks import CostBlock, cost_blocks, observed_parts, restricted
from saddlesym.deep.float_cost import FloatCost, least_curvature
from saddlesym.deep.greedy.path import (
    GreedyPath,
    Number,
    greedy_path,
    is_unstable,
)
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, Degeneracy, DegenerateProblemError
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.precision import USUAL_DIGITS, workprec


@dataclass(frozen=True, repr=False)
class PredictedJump(Documented):
    """A predicted jump.

    Attributes:
        time: accelerated time t = T / ln(1/α).
        rank: the rank of A after it.
        block: 0-based index of the block that jumps.
        rates: s_1 ≥ s_2 ≥ … of ∇C in that block before the jump.
        exponents: e of the block's amplitudes when the jump happens, those of its own rank first.
    """

    time: Number
    rank: int
    block: int
    rates: tuple[Number, ...]
    exponents: tuple[Number, ...]

    def __repr__(self) -> str:
        return f"PredictedJump(rank {self.rank}, t = {float(self.time):.6g})"


@dataclass(frozen=True, repr=False)
class JumpPrediction(Documented):
    """The predicted jumps of a two-layer flow.

    Attributes:
        problem: the network (depth 2).
        jumps: in order of time.
        blocks: the parts of A that are independent in the limit; usually one.
        paths: the greedy path of each block.
        follows_greedy: whether the jumps come in the order of the greedy algorithm on the
            whole matrix.
    """

    problem: DeepLinearProblem
    jumps: tuple[PredictedJump, ...]
    blocks: tuple[CostBlock, ...]
    paths: tuple[GreedyPath, ...]
    follows_greedy: bool

    @property
    def times(self) -> tuple[float, ...]:
        """The jump times in float64."""
        return tuple(float(jump.time) for jump in self.jumps)

    def __repr__(self) -> str:
        return f"JumpPrediction({', '.join(f'{t:.6g}' for t in self.times)})"


def predict_jump_times(problem: DeepLinearProblem, *, digits: int = USUAL_DIGITS) -> JumpPrediction:
    """Jump times in the limit α → 0 by exponent tracking.

    Args:
        problem: a network of depth 2.
        digits: wanted of the numbers that can be enclosed.

    Raises:
        BadInputError: another depth.
        DegenerateProblemError: an assumption of the recursion fails; which.

    >>> predict_jump_times(DeepLinearProblem.whitened([[3, 0], [0, 2]])).times
    (0.3333333333333333, 0.5)
    >>> predict_jump_times(DeepLinearProblem.from_csv("completion-3x3"))
    JumpPrediction(0.301373, 2.44741)
    """
    if problem.depth != 2:
        raise BadInputError(f"depth {problem.depth}", needed="depth 2, where escapes are exponential")
    problem.require_gradient_at_origin()
    blocks = cost_blocks(problem.cost)
    width = problem.hidden[0]
    paths = tuple(greedy_path(_sub_problem(problem, block), digits=digits) for block in blocks)
    for path in paths:
        if path.run_away is not None:
            raise DegenerateProblemError(
                f"the flow of width {path.run_away.width} runs off to infinity",
                reason=Degeneracy.NO_CRITICAL_POINT,
                needed="a critical point of every rank on the way",
                hint="deep flow shows where the flow goes",
            )
    with workprec(int(3.33 * digits) + 128):
        jumps = [jump for k, path in enumerate(paths) for jump in _recursion(path, k)]
    jumps = sorted(jumps, key=lambda jump: float(jump.time))[:width]
    jumps = [replace(jump, rank=k) for k, jump in enumerate(jumps, 1)]
    _check_stability(problem, blocks, paths, jumps)
    return JumpPrediction(problem, tuple(jumps), blocks, paths, _is_greedy(paths, jumps))


def _sub_problem(problem: DeepLinearProblem, block: CostBlock) -> DeepLinearProblem:
    return DeepLinearProblem(
        restricted(problem.cost, block), (len(block.columns), problem.hidden[0], len(block.rows))
    )


def _recursion(path: GreedyPath, block: int) -> list[PredictedJump]:
    """The recursion of the module's docstring along one greedy path."""
    leaving = path.steps[:-1]
    if not all(step.rank == step.width for step in leaving):
        raise DegenerateProblemError(
            f"the greedy path has ranks {path.ranks}",
            reason=Degeneracy.RANK_STEP,
            needed="one more at each step for the recursion",
        )
    values = [_unwrapped(step.gradient_values) for step in leaving]
    size = path.problem.max_rank
    exponents: list[Any] = [1] * size
    time: Any = 0
    jumps = []
    for k, rates in enumerate(values):
        dwell = exponents[k] / rates[0]
        time += dwell
        exponents = [
            *([0] * (k + 1)), *(exponents[k + j] - dwell * rates[j] for j in range(1, size - k))
        ]  # fmt: skip
        jumps.append(
            PredictedJump(
                _number(time),
                k + 1,
                block,
                leaving[k].gradient_values[: size - k],
                tuple(map(_number, exponents)),
            )
        )
    return jumps


def _unwrapped(values: tuple[Number, ...]) -> list[Any]:
    return [value.arb if isinstance(value, Ball) else value for value in values]


def _number(value: Any) -> Number:
    """Balls stay balls; where a floating-point number came in, the ball's midpoint."""
    return Ball(value) if isinstance(value, arb) else float(value)


def _check_stability(
    problem: DeepLinearProblem, blocks: tuple[CostBlock, ...], paths: tuple[GreedyPath, ...],
    jumps: list[PredictedJump],
) -> None:  # fmt: skip
    """No critical point on the way may be left along a direction of its own rank.

    Parts of A that share no observed entry move apart from one another altogether, so each
    such part is looked at by itself.
    """
    for part in observed_parts(problem.cost):
        numbers = FloatCost(_sub_problem(problem, part).cost)
        inside = [jump for jump in jumps if set(blocks[jump.block].rows) <= set(part.rows)]
        reached = [0] * len(blocks)
        A = np.zeros(problem.cost.shape)
        for rank, jump in enumerate(inside[:-1], 1):
            reached[jump.block] += 1
            block, step = blocks[jump.block], paths[jump.block].steps[reached[jump.block]]
            A[np.ix_(block.rows, block.columns)] = [[float(x) for x in row] for row in step.A]
            own = A[np.ix_(part.rows, part.columns)]
            if is_unstable(least_curvature(numbers, own, rank), numbers, own):
                raise DegenerateProblemError(
                    f"the critical point of rank {jump.rank} is unstable within its own rank",
                    reason=Degeneracy.UNSTABLE_IN_RANK,
                    needed="saddles that only a further rank leaves",
                    hint="deep flow shows where the flow goes from there",
                )


def _is_greedy(paths: tuple[GreedyPath, ...], jumps: list[PredictedJump]) -> bool:
    """Whether each jump is that of the block with the greatest singular value of ∇C."""
    reached = [0] * len(paths)
    for jump in jumps:
        rates = [float(path.steps[k].gradient_values[0]) for path, k in zip(paths, reached, strict=True)]
        if rates[jump.block] < max(rates):
            return False
        reached[jump.block] += 1
    return True
