"""saddlesym: exact saddle-to-saddle dynamics of linear neural networks.

>>> import saddlesym
>>> problem = saddlesym.DiagonalProblem([[2, 0], [0, 3]], [3, -1])
>>> saddlesym.saddle_path(problem).times()
[Fraction(1, 3), Fraction(2, 3)]
"""

from __future__ import annotations

from saddlesym.lazy import attach

_PUBLIC = {
    "examples": "saddlesym.data.examples",
    "escape": "saddlesym.deep.escape",
    "GreedyPath": "saddlesym.deep.greedy.path",
    "greedy_path": "saddlesym.deep.greedy.path",
    "DeepLinearProblem": "saddlesym.deep.problem",
    "Recovery": "saddlesym.diagonal.flow.recovery",
    "heteroclinic_orbit": "saddlesym.diagonal.orbits.orbit",
    "path_of_shape": "saddlesym.diagonal.path.chains",
    "shape_for_chain": "saddlesym.diagonal.path.chains",
    "stopping_time": "saddlesym.diagonal.path.stopping_time",
    "SaddlePath": "saddlesym.diagonal.path.trajectory",
    "saddle_path": "saddlesym.diagonal.path.walk",
    "DiagonalProblem": "saddlesym.diagonal.problem",
    "BadInputError": "saddlesym.errors",
    "BudgetError": "saddlesym.errors",
    "DegenerateProblemError": "saddlesym.errors",
    "NonUniqueMinimiserError": "saddlesym.errors",
    "PrecisionError": "saddlesym.errors",
    "SaddlesymError": "saddlesym.errors",
    "Ball": "saddlesym.exact.balls",
    "rational": "saddlesym.exact.scalars",
    "RationalVector": "saddlesym.exact.vectors",
    "Exploration": "saddlesym.exploration.exploration",
    "explore": "saddlesym.exploration.explore",
    "check_transitions": "saddlesym.graph.check",
    "DeepSaddleGraph": "saddlesym.graph.deep",
    "SaddleGraph": "saddlesym.graph.diagonal",
    "Progress": "saddlesym.progress",
    "Certificate": "saddlesym.recheck.path",
    "statement": "saddlesym.theorems.catalogue",
    "statements": "saddlesym.theorems.catalogue",
    "Report": "saddlesym.theorems.evidence.results",
    "verify": "saddlesym.theorems.runner",
    "Statement": "saddlesym.theorems.statement",
    "certify": "saddlesym.verbs.certificates",
    "flow": "saddlesym.verbs.flows",
    "recover_jump_times": "saddlesym.verbs.flows",
    "transition_graph": "saddlesym.verbs.graphs",
    "FlowResult": "saddlesym.verbs.results",
    "saddles": "saddlesym.verbs.saddles",
}
_MODULES = {
    "deep": "saddlesym.deep",
    "diagonal": "saddlesym.diagonal",
    "figures": "saddlesym.figures",
    "kernel": "saddlesym.kernel",
    "laboratory": "saddlesym.laboratory",
    "runs": "saddlesym.runs",
    "theorems": "saddlesym.theorems",
}

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC, _MODULES)
