"""One instance, or more, of every public result: what the tests of all results go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

import saddlesym
from saddlesym import DeepLinearProblem, DiagonalProblem
from saddlesym.exact.documents.results import Documented


@cache
def diagonal() -> DiagonalProblem:
    return DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])


@cache
def path() -> saddlesym.SaddlePath:
    return saddlesym.saddle_path(diagonal())


@cache
def family() -> saddlesym.diagonal.SymbolicProblem:
    return saddlesym.diagonal.SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, "1/2"], ["rho"])


@cache
def deep() -> DeepLinearProblem:
    return DeepLinearProblem.whitened([[2, 0], [0, 1]])


@cache
def greedy() -> saddlesym.GreedyPath:
    return saddlesym.greedy_path(deep())


def impossible() -> saddlesym.diagonal.NoShape:
    X = [[-2, -2, -1, -1], [-2, 2, 2, 2], [-2, -2, -2, -1], [2, 2, -2, 1]]
    graph = saddlesym.transition_graph(DiagonalProblem(X, [-2, 0, -2, -2]))
    answers = (
        saddlesym.shape_for_chain(graph.problem, list(map(graph.support, c))) for c in graph.chains(200)
    )
    return next(answer for answer in answers if isinstance(answer, saddlesym.diagonal.NoShape))


def run_away() -> saddlesym.GreedyPath:
    target, mask = [[-2, 2, 1], [-3, 1, -2], [0, -1, -2]], [[0, 1, 0], [1, 1, 1], [0, 1, 1]]
    return saddlesym.greedy_path(DeepLinearProblem.matrix_completion(target, mask))


RESULTS: dict[str, Callable[[], Any]] = {
    "DiagonalProblem": diagonal,
    "from Gram": lambda: DiagonalProblem.from_gram([[2, 1], [1, 2]], [3, 2]),
    "prepared": lambda: DiagonalProblem([[1, 2], [3, 5], [0, 1]], [1, 2, 4], ["a", "b"]).centred().scaled(),
    "SaddlePath": path,
    "Certificate": lambda: saddlesym.certify(path()),
    "ConstrainedMinimiser": lambda: saddlesym.diagonal.constrained_minimiser(diagonal(), [0]),
    "SignConstrainedMinimiser": lambda: saddlesym.diagonal.sign_constrained_minimiser(
        diagonal(), {0: 1, 1: -1}
    ),
    "Saddle": lambda: tuple(saddlesym.saddles(diagonal())),
    "SaddleFamily": lambda: tuple(saddlesym.saddles(DiagonalProblem([[1, 1]], [1]))),
    "Transition": lambda: saddlesym.diagonal.elementary_transitions(diagonal(), []),
    "UnstableDirection": lambda: saddlesym.diagonal.critical_point(diagonal(), []).unstable,
    "SaddleNode": lambda: tuple(saddlesym.transition_graph(diagonal()).nodes()),
    "TransitionEdge": lambda: tuple(saddlesym.transition_graph(diagonal()).edges()),
    "SaddleGraph": lambda: saddlesym.transition_graph(diagonal()),
    "TransitionCheck": lambda: saddlesym.check_transitions(saddlesym.transition_graph(diagonal()), digits=10),
    "GeneralPosition": lambda: saddlesym.diagonal.general_position(diagonal()),
    "Shape": lambda: saddlesym.path_of_shape(diagonal(), [3, 1]),
    "NoShape": impossible,
    "Flow": lambda: saddlesym.flow(diagonal(), "1e-10", digits=8),
    "DeepFlow": lambda: saddlesym.flow(diagonal(), "1e-10", depth=3, digits=6),
    "Recovery": lambda: saddlesym.recover_jump_times(diagonal(), ["1e-20", "1e-40"], digits=12),
    "Orbit": lambda: saddlesym.heteroclinic_orbit(diagonal(), [0, 0], [0], digits=10),
    "Ball": lambda: saddlesym.flow(diagonal(), "1e-10", digits=8).beta(1)[0],
    "ConvergenceBound": lambda: saddlesym.diagonal.convergence_bound(path(), "1/2", "1e-10"),
    "JumpOffset": lambda: saddlesym.diagonal.jump_offsets(
        saddlesym.saddle_path(DiagonalProblem([[2, 1], [1, 3]], [3, -1]))
    ),
    "DiagonalNetwork": lambda: saddlesym.diagonal.diagonal_network(2),
    "SaddleConditions": lambda: saddlesym.diagonal.saddle_conditions(2),
    "SaddleBranch": lambda: tuple(saddlesym.diagonal.saddle_conditions(2).branches()),
    "SymbolicProblem": family,
    "SymbolicSaddle": lambda: saddlesym.diagonal.symbolic_saddle(2, [0]),
    "SymbolicPath": lambda: saddlesym.diagonal.possible_paths(2),
    "PathInterval": lambda: saddlesym.diagonal.path_intervals(family(), "-1/2", "1/2"),
    "QuadraticCost": lambda: saddlesym.deep.QuadraticCost.whitened([[2, 0], [0, 1]]),
    "CostBlock": lambda: saddlesym.deep.cost_blocks(
        saddlesym.deep.QuadraticCost.whitened([[2, 0, 0], [0, 1, 1]])
    ),
    "DeepLinearProblem": deep,
    "DeepSaddle": lambda: tuple(saddlesym.saddles(deep())),
    "DeepTransition": lambda: saddlesym.deep.transition_between(
        saddlesym.deep.critical_set(deep(), [1, 0]), saddlesym.deep.critical_set(deep(), [1, 1])
    ),
    "DeepSaddleGraph": lambda: saddlesym.transition_graph(deep()),
    "DeepNetwork": lambda: saddlesym.deep.deep_network([1, 1, 1]),
    "ScalarMode": lambda: saddlesym.deep.scalar_mode(2),
    "DeepLinearFlow": lambda: saddlesym.flow(deep(), "1e-10", digits=8),
    "AlignedMode": lambda: saddlesym.deep.AlignedMode.of(2, depth=2, alpha="1e-10"),
    "FirstPathError": lambda: saddlesym.deep.first_path_errors(deep(), ["1e-4"]),
    "Escape": lambda: saddlesym.escape(deep()),
    "EscapeBound": lambda: saddlesym.escape(deep()).bound([[[1, 2], [0, 1]], [[1, 0], [3, 1]]]),
    "EscapeDirection": lambda: tuple(saddlesym.escape(deep()).critical_directions()),
    "RunAway": run_away,
    "SingularDecomposition": lambda: saddlesym.deep.singular_values([[3, 1], [0, 1]]),
    "GreedyPath": greedy,
    "JumpPrediction": lambda: saddlesym.deep.predict_jump_times(deep()),
    "GradedFlow": lambda: saddlesym.deep.graded_flow(deep(), "1e-200"),
    "LimitTime": lambda: saddlesym.recover_jump_times(deep(), ["1e-20", "1e-40", "1e-80"]),
    "GreedyComparison": lambda: saddlesym.deep.compare_with_flow(greedy(), ["1e-20", "1e-40", "1e-80"]),
    "Distances": lambda: saddlesym.deep.distances([[[2.0], [0.0]], [[2.0, 0.0]]], [[1.0]]),
    "InitialisationStudy": lambda: saddlesym.deep.initialisation_study(
        [[1]], gammas=[2.0], widths=[8, 16, 32, 64, 128], samples=4
    ),
    "WideNetwork": lambda: saddlesym.deep.wide_network((2, 3), 2**64, 2, np.random.default_rng(0)),
    "Statement": lambda: saddlesym.statement("loss-falls"),
    "Report": lambda: saddlesym.verify(ids=["loss-falls"], instances=1),
    "ProofRun": lambda: saddlesym.theorems.run_proof(saddlesym.theorems.load_proof("loss-falls")),
    "Exploration": lambda: saddlesym.explore(diagonal(), quick=True),
    "RationalVector": lambda: path().final,
}


def parts(value: Any, seen: set[int]) -> Iterator[Any]:
    """A result and everything in it that could be one."""
    if id(value) in seen:
        return
    seen.add(id(value))
    yield value
    if is_dataclass(value):
        inner = [getattr(value, f.name) for f in fields(value)]
    elif isinstance(value, Mapping):
        inner = list(value.values())
    else:
        inner = list(value) if isinstance(value, tuple | list) else []
    for one in inner:
        yield from parts(one, seen)


def public() -> Iterator[type]:
    """The classes that users see: of every package that lists its names, and all that have documents."""
    for name in ("saddlesym", *(f"saddlesym.{room}" for room in ROOMS)):
        module = import_module(name)
        for one in getattr(module, "__all__", ()):
            if isinstance(kind := getattr(module, one), type):
                yield kind
    kinds = [Documented]
    for kind in kinds:
        kinds += kind.__subclasses__()
        if kind.__module__.startswith("saddlesym.") and not kind.__name__.startswith("_"):
            yield kind


ROOMS = ("diagonal", "deep", "theorems", "graph")
#: Listed or documented, and no results: errors, words, protocols, and parts of documents.
NO_RESULTS = (BaseException, Enum, Iterator)
PARTS = {"Documented", "GraphNode", "GraphPair", "Progress"}
PUBLIC = sorted({
    kind.__name__
    for kind in public()
    if not issubclass(kind, NO_RESULTS)
    and not getattr(kind, "_is_protocol", False)
    and kind.__name__ not in PARTS
})  # fmt: skip


@cache
def instances() -> dict[str, list[Any]]:
    """All results of RESULTS and in them by the names of their classes."""
    found: dict[str, list[Any]] = {}
    for make in RESULTS.values():
        result = make()
        for one in parts(result, set()):
            found.setdefault(type(one).__name__, []).append(one)
    return found
