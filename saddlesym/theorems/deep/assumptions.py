"""Executable assumptions on problems of the deep wing."""

from __future__ import annotations

from saddlesym.deep.blocks import cost_blocks
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.theorems.assumption import Assumption, Finding


def _whitened(problem: DeepLinearProblem) -> Finding:
    return Finding(problem.cost.is_whitened, f"the cost is {problem.cost.name}, not ½‖A − A*‖²")


def _two_layers(problem: DeepLinearProblem) -> Finding:
    return Finding(problem.depth == 2, f"the network has {problem.depth} layers")


def _three_layers_at_most(problem: DeepLinearProblem) -> Finding:
    return Finding(problem.depth <= 3, f"the network has {problem.depth} layers")


def _three_layers_at_least(problem: DeepLinearProblem) -> Finding:
    return Finding(problem.depth >= 3, f"the network has {problem.depth} layers")


def _slope_at_origin(problem: DeepLinearProblem) -> Finding:
    steep = any(any(row) for row in problem.gradient_at_origin)
    return Finding(steep, "the gradient of the cost at zero vanishes, so the flow rests at the origin")


def _coupled(problem: DeepLinearProblem) -> Finding:
    blocks = cost_blocks(problem.cost)
    if len(blocks) <= 1:
        return Finding(True)
    first = blocks[0]
    return Finding(False, f"rows {list(first.rows)} and columns {list(first.columns)} never hear of the rest")


DEEP_ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption("deep-whitened", "the cost is the whitened squared error ½‖A − A*‖²", _whitened, "deep"),
    Assumption("deep-two-layers", "the network has two layers, L = 2", _two_layers, "deep"),
    Assumption(
        "deep-three-layers-at-most",
        "the network has two or three layers, L ≤ 3",
        _three_layers_at_most,
        "deep",
    ),
    Assumption(
        "deep-three-layers-at-least",
        "the network has three layers or more, L ≥ 3",
        _three_layers_at_least,
        "deep",
    ),
    Assumption("deep-nonzero-gradient", "∇C(0) ≠ 0", _slope_at_origin, "deep"),
    Assumption(
        "deep-coupled",
        "∇C(0) and K couple all rows and columns of A: they are not block diagonal after any permutation",
        _coupled,
        "deep",
    ),
)
