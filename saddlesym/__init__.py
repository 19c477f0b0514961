"""saddlesym: exact saddle-to-saddle dynamics of linear neural networks.

>>> import saddlesym
>>> problem = saddlesym.DiagonalProblem([[2, 0], [0, 3]], [3, -1])
>>> saddlesym.saddle_path(problem).times()
[Fraction(1, 3), Fraction(2, 3)]
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PUBLIC = {
    "DiagonalProblem": "saddlesym.diagonal.problem",
    "ConstrainedMinimiser": "saddlesym.diagonal.minimiser",
    "SignConstrainedMinimiser": "saddlesym.diagonal.minimiser",
    "constrained_minimiser": "saddlesym.diagonal.minimiser",
    "sign_constrained_minimiser": "saddlesym.diagonal.minimiser",
    "Hit": "saddlesym.diagonal.trajectory",
    "Jump": "saddlesym.diagonal.trajectory",
    "L1Certificate": "saddlesym.diagonal.trajectory",
    "SaddlePath": "saddlesym.diagonal.trajectory",
    "saddle_path": "saddlesym.diagonal.path",
    "iter_jumps": "saddlesym.diagonal.path",
    "Certificate": "saddlesym.diagonal.certificate",
    "Claim": "saddlesym.diagonal.certificate",
    "certify": "saddlesym.diagonal.certificate",
    "Saddle": "saddlesym.diagonal.saddles",
    "SaddleFamily": "saddlesym.diagonal.saddles",
    "UnstableDirection": "saddlesym.diagonal.stability",
    "saddles": "saddlesym.diagonal.saddles",
    "critical_point": "saddlesym.diagonal.saddles",
    "Transition": "saddlesym.diagonal.transitions",
    "transition_between": "saddlesym.diagonal.transitions",
    "elementary_transitions": "saddlesym.diagonal.transitions",
    "Shape": "saddlesym.diagonal.shape",
    "NoShape": "saddlesym.diagonal.shape",
    "path_of_shape": "saddlesym.diagonal.shape",
    "shape_for_chain": "saddlesym.diagonal.shape",
    "SaddleGraph": "saddlesym.graph.saddle_graph",
    "SaddleNode": "saddlesym.graph.saddle_graph",
    "TransitionEdge": "saddlesym.graph.saddle_graph",
    "TransitionCheck": "saddlesym.graph.check",
    "CheckedTransition": "saddlesym.graph.check",
    "check_transitions": "saddlesym.graph.check",
    "transition_graph": "saddlesym.graph.build",
    "GeneralPosition": "saddlesym.diagonal.position",
    "general_position": "saddlesym.diagonal.position",
    "Flow": "saddlesym.diagonal.flow",
    "flow": "saddlesym.diagonal.flow",
    "DeepFlow": "saddlesym.diagonal.deep_flow",
    "deep_flow": "saddlesym.diagonal.deep_flow",
    "Recovery": "saddlesym.diagonal.recovery",
    "recover_jump_times": "saddlesym.diagonal.recovery",
    "Orbit": "saddlesym.diagonal.orbits",
    "heteroclinic_orbit": "saddlesym.diagonal.orbits",
    "QuadraticCost": "saddlesym.deep.cost",
    "DeepLinearProblem": "saddlesym.deep.problem",
    "DeepSaddle": "saddlesym.deep.saddles",
    "critical_set": "saddlesym.deep.saddles",
    "deep_saddles": "saddlesym.deep.saddles",
    "width_limited_minimum": "saddlesym.deep.saddles",
    "DeepTransition": "saddlesym.deep.transitions",
    "deep_transition": "saddlesym.deep.transitions",
    "elementary_deep_transitions": "saddlesym.deep.transitions",
    "DeepSaddleGraph": "saddlesym.graph.deep_build",
    "deep_transition_graph": "saddlesym.graph.deep_build",
    "DeepNetwork": "saddlesym.deep.derivation",
    "deep_network": "saddlesym.deep.derivation",
    "ScalarMode": "saddlesym.deep.scalar_modes",
    "scalar_mode": "saddlesym.deep.scalar_modes",
    "exchange_block": "saddlesym.deep.scalar_modes",
    "Escape": "saddlesym.deep.escape",
    "EscapeBound": "saddlesym.deep.escape",
    "EscapeDirection": "saddlesym.deep.escape",
    "escape": "saddlesym.deep.escape",
    "SingularDecomposition": "saddlesym.deep.singular_values",
    "SingularValue": "saddlesym.deep.singular_values",
    "singular_values": "saddlesym.deep.singular_values",
    "RealRoot": "saddlesym.exact.algebraic",
    "Ball": "saddlesym.exact.balls",
    "Statement": "saddlesym.theorems.statement",
    "Verdict": "saddlesym.theorems.verdict",
    "Kind": "saddlesym.theorems.verdict",
    "Evidence": "saddlesym.theorems.verdict",
    "statement": "saddlesym.theorems.catalogue",
    "statements": "saddlesym.theorems.catalogue",
    "verify": "saddlesym.theorems.runner",
    "Report": "saddlesym.theorems.runner",
    "explore": "saddlesym.exploration.explore",
    "Exploration": "saddlesym.exploration.exploration",
    "SymbolicProblem": "saddlesym.diagonal.symbolic_problem",
    "DiagonalNetwork": "saddlesym.diagonal.derivation",
    "SaddleBranch": "saddlesym.diagonal.derivation",
    "SaddleConditions": "saddlesym.diagonal.derivation",
    "SymbolicSaddle": "saddlesym.diagonal.derivation",
    "SymbolicDirection": "saddlesym.diagonal.derivation",
    "diagonal_network": "saddlesym.diagonal.derivation",
    "saddle_conditions": "saddlesym.diagonal.derivation",
    "symbolic_saddle": "saddlesym.diagonal.derivation",
    "Condition": "saddlesym.diagonal.signs",
    "SymbolicJump": "saddlesym.diagonal.symbolic_path",
    "SymbolicPath": "saddlesym.diagonal.symbolic_path",
    "sign_sequence": "saddlesym.diagonal.symbolic_path",
    "symbolic_path": "saddlesym.diagonal.symbolic_path",
    "PathInterval": "saddlesym.diagonal.path_regions",
    "path_intervals": "saddlesym.diagonal.path_regions",
    "possible_paths": "saddlesym.diagonal.path_regions",
    "ConvergenceBound": "saddlesym.diagonal.rate",
    "convergence_bound": "saddlesym.diagonal.rate",
    "JumpOffset": "saddlesym.diagonal.offsets",
    "LogSum": "saddlesym.diagonal.offsets",
    "jump_offsets": "saddlesym.diagonal.offsets",
    "explicit_rate": "saddlesym.diagonal.rate",
    "rate_constant": "saddlesym.diagonal.rate",
    "sharp_rate": "saddlesym.diagonal.rate",
    "Proof": "saddlesym.theorems.proof",
    "ProofRun": "saddlesym.theorems.proof",
    "run_proof": "saddlesym.theorems.proof",
    "load_proof": "saddlesym.theorems.library",
    "load_proofs": "saddlesym.theorems.library",
    "RationalVector": "saddlesym.exact.vectors",
    "parse_expression": "saddlesym.exact.expressions",
    "rational": "saddlesym.exact.scalars",
    "examples": "saddlesym.tables",
    "SaddlesymError": "saddlesym.errors",
    "BadInputError": "saddlesym.errors",
    "BudgetError": "saddlesym.errors",
    "PrecisionError": "saddlesym.errors",
    "DegenerateProblemError": "saddlesym.errors",
    "NonUniqueMinimiserError": "saddlesym.errors",
}

__version__ = "0.1.0"
__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    """Import public names on first use, so that ``import saddlesym`` is light."""
    if name in _PUBLIC:
        value = getattr(import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'saddlesym' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
