"""At which scales a statement about α → 0 may be judged at all.

Errors at a finite α are of the order α^g, where the gap g is what the closest rival mode is behind.
Where gΛ, Λ = ln(1/α), is not large, no mode has won yet, and being off the limit refutes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf

from flint import fmpq

from saddlesym.deep.greedy.path import GreedyPath
from saddlesym.deep.greedy.prediction import JumpPrediction, predict_jump_times
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import DegenerateProblemError
from saddlesym.theorems.deep.reference.definitions import Mode
from saddlesym.theorems.deep.reference.plain_layers import all_seen

#: gΛ from which errors α^g are small, whatever their factors in these checks.
ENOUGH = 12.0


def judged(holds: bool | None, gap: float, nats: float, enough: float = ENOUGH) -> bool | None:
    """What was found at Λ = ``nats``: "not so" only counts where modes this far apart have separated.

    >>> judged(False, 0.5, 100), judged(False, 1e-4, 100), judged(True, 1e-4, 100)
    (False, None, True)
    """
    if holds is None or holds:
        return holds
    return False if gap * nats >= enough else None


def ratio_gap(values: Iterable[object]) -> float:
    """The least 1 − s_{k+1}/s_k of positive values in decreasing order: how far behind the next mode is.

    >>> ratio_gap([4, 2, 1.5, 0])
    0.25
    """
    floats = [float(x) for x in values]  # type: ignore[arg-type]
    return min((1 - b / a for a, b in pairwise(floats) if b > 0), default=inf)


def path_gap(path: GreedyPath) -> float:
    """The least gap between s_1 and s_2 at the critical points that a greedy path leaves."""
    return min((ratio_gap(step.gradient_values[:2]) for step in path.steps[:-1]), default=inf)


def jump_gap(prediction: JumpPrediction) -> float:
    """The least exponent of a rival at a predicted jump, of its own block or of another."""
    own = [0] * len(prediction.paths)
    within = []
    for jump in prediction.jumps:
        own[jump.block] += 1
        within += [abs(float(e)) for e in jump.exponents[own[jump.block] :]]
    between = [
        (float(after.time) - float(before.time)) * float(after.rates[0])
        for before, after in pairwise(prediction.jumps)
    ]
    return min([*within, *between, *map(path_gap, prediction.paths)], default=inf)


def greedy_gap(problem: DeepLinearProblem, path: GreedyPath) -> float:
    """The least gap on a greedy path: of exponents for two layers, of rates for more; 0 if it cannot be told.

    Nor is anything told of plateaus whose rank the flows of three layers may miscount.
    """
    if problem.depth > 2:
        seen = all_seen([x for step in path.steps for x in step.singular_values])
        return path_gap(path) if seen else 0.0
    try:
        return jump_gap(predict_jump_times(problem, digits=15))
    except DegenerateProblemError:
        return 0.0


def balanced_rate(modes: Sequence[Mode], reached: Sequence[int], t: fmpq) -> fmpq:
    """r such that a balanced flow at time tΛ is off its plateau by the order of α^r.

    Mode i is α^(2|1 − σ_i t|) off 0 or σ_i; what a mode that is never reached has in common with an
    earlier one j dies like α^((σ_j − σ_i)t), and all the rest at least like α.
    """
    own = [2 * abs(1 - mode.value * t) for mode in modes]
    shared = [
        (modes[j].value - modes[i].value) * t
        for i in range(len(modes))
        if i not in reached
        for j in reached
        if j < i and modes[j].value * t > 1
    ]
    return min([fmpq(1), *own, *shared])
