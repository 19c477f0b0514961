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
def family() -> saddlesym.SymbolicProblem:
    return saddlesym.SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, "1/2"], ["rho"])


@cache
def deep() -> DeepLinearProblem:
    return DeepLinearProblem.whitened([[2, 0], [0, 1]])


@cache
def greedy() -> saddlesym.GreedyPath:
    return saddlesym.greedy_path(deep())


def impossible() -> saddlesym.NoShape:
    X = [[-2, -2, -1, -1], [-2, 2, 2, 2], [-2, -2, -2, -1], [2, 2, -2, 1]]
    graph = saddlesym.transition_graph(DiagonalProblem(X, [-2, 0, -2, -2]))
    answers = (
        saddlesym.shape_for_chain(graph.problem, list(map(graph.support, c))) for c in graph.chains(200)
    )
    return next(answer for answer in answers if isinstance(answer, saddlesym.NoShape))


def run_away() -> saddlesym.GreedyPath:
    target, mask = [[-2, 2, 1], [-3, 1, -2], [0, -1, -2]], [[0, 1, 0], [1, 1, 1], [0, 1, 1]]
    return saddlesym.greedy_path(DeepLinearProblem.matrix_completion(target, mask))


RESULTS: dict[str, Callable[[], Any]] = {
    "DiagonalProblem": diagonal,
    "from Gram": lambda: DiagonalProblem.from_gram([[2, 1], [1, 2]], [3, 2]),
    "prepared": lambda: DiagonalProblem([[1, 2], [3, 5], [0, 1]], [1, 2, 4], ["a", "b"]).centred().scaled(),
    "SaddlePath": path,
    "Certificate": lambda: saddlesym.certify(path()),
    "ConstrainedMinimiser": lambda: saddlesym.constrained_minimiser(diagonal(), [0]),
    "SignConstrainedMinimiser": lambda: saddlesym.sign_constrained_minimiser(diagonal(), {0: 1, 1: -1}),
    "Saddle": lambda: tuple(saddlesym.saddles(diagonal())),
    "SaddleFamily": lambda: tuple(saddlesym.saddles(DiagonalProblem([[1, 1]], [1]))),
    "Transition": lambda: saddlesym.elementary_transitions(diagonal(), []),
    "UnstableDirection": lambda: saddlesym.critical_point(diagonal(), []).unstable,
    "SaddleNode": lambda: tuple(saddlesym.transition_graph(diagonal()).nodes()),
    "TransitionEdge": lambda: tuple(saddlesym.transition_graph(diagonal()).edges()),
    "SaddleGraph": lambda: saddlesym.transition_graph(diagonal()),
    "TransitionCheck": lambda: saddlesym.check_transitions(saddlesym.transition_graph(diagonal()), digits=10),
    "GeneralPosition": lambda: saddlesym.general_position(diagonal()),
    "Shape": lambda: saddlesym.path_of_shape(diagonal(), [3, 1]),
    "NoShape": impossible,
    "Flow": lambda: saddlesym.flow(diagonal(), "1e-10", digits=8),
    "DeepFlow": lambda: saddlesym.deep_flow(diagonal(), alpha="1e-10", digits=6),
    "Recovery": lambda: saddlesym.recover_jump_times(diagonal(), "1e-20", "1e-40", digits=12),
    "Orbit": lambda: saddlesym.heteroclinic_orbit(diagonal(), [0, 0], [0], digits=10),
    "Ball": lambda: saddlesym.flow(diagonal(), "1e-10", digits=8).beta(1)[0],
    "ConvergenceBound": lambda: saddlesym.convergence_bound(path(), "1/2", "1e-10"),
    "JumpOffset": lambda: saddlesym.jump_offsets(
        saddlesym.saddle_path(DiagonalProblem([[2, 1], [1, 3]], [3, -1]))
    ),
    "DiagonalNetwork": lambda: saddlesym.diagonal_network(2),
    "SaddleConditions": lambda: saddlesym.saddle_conditions(2),
    "SaddleBranch": lambda: tuple(saddlesym.saddle_conditions(2).branches()),
    "SymbolicProblem": family,
    "SymbolicSaddle": lambda: saddlesym.symbolic_saddle(2, [0]),
    "SymbolicPath": lambda: saddlesym.possible_paths(2),
    "PathInterval": lambda: saddlesym.path_intervals(family(), "-1/2", "1/2"),
    "QuadraticCost": lambda: saddlesym.QuadraticCost.whitened([[2, 0], [0, 1]]),
    "CostBlock": lambda: saddlesym.cost_blocks(saddlesym.QuadraticCost.whitened([[2, 0, 0], [0, 1, 1]])),
    "DeepLinearProblem": deep,
    "DeepSaddle": lambda: tuple(saddlesym.deep_saddles(deep())),
    "DeepTransition": lambda: saddlesym.deep_transition(
        saddlesym.critical_set(deep(), [1, 0]), saddlesym.critical_set(deep(), [1, 1])
    ),
    "DeepSaddleGraph": lambda: saddlesym.deep_transition_graph(deep()),
    "DeepNetwork": lambda: saddlesym.deep_network([1, 1, 1]),
    "ScalarMode": lambda: saddlesym.scalar_mode(2),
    "DeepLinearFlow": lambda: saddlesym.deep_linear_flow(deep(), "1e-10", digits=8),
    "AlignedMode": lambda: saddlesym.AlignedMode.of(2, depth=2, alpha="1e-10"),
    "FirstPathError": lambda: saddlesym.first_path_errors(deep(), ["1e-4"]),
    "Escape": lambda: saddlesym.escape(deep()),
    "EscapeBound": lambda: saddlesym.escape(deep()).bound([[[1, 2], [0, 1]], [[1, 0], [3, 1]]]),
    "EscapeDirection": lambda: tuple(saddlesym.escape(deep()).critical_directions()),
    "RunAway": run_away,
    "SingularDecomposition": lambda: saddlesym.singular_values([[3, 1], [0, 1]]),
    "GreedyPath": greedy,
    "JumpPrediction": lambda: saddlesym.predict_jump_times(deep()),
    "GradedFlow": lambda: saddlesym.graded_flow(deep(), 200),
    "LimitTime": lambda: saddlesym.limit_times(deep(), (20, 40, 80)),
    "GreedyComparison": lambda: saddlesym.compare_with_flow(greedy(), (20, 40, 80)),
    "Distances": lambda: saddlesym.distances([[[2.0], [0.0]], [[2.0, 0.0]]], [[1.0]]),
    "InitialisationStudy": lambda: saddlesym.initialisation_study(
        [[1]], gammas=[2.0], widths=[8, 16, 32, 64, 128], samples=4
    ),
    "WideNetwork": lambda: saddlesym.wide_network((2, 3), 2**64, 2, np.random.default_rng(0)),
    "Statement": lambda: saddlesym.statement("loss-falls"),
    "Report": lambda: saddlesym.verify(["loss-falls"], instances=1),
    "ProofRun": lambda: saddlesym.run_proof(saddlesym.load_proof("loss-falls")),
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
PARTS = {"Documented", "Node", "Pair"}
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
