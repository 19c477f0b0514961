"""Every public result pickles, deep-copies and comes back as itself, in another process too."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import fields, is_dataclass
from functools import cache
from signal import alarm
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq, fmpq_mat, fmpq_poly, fmpz_mat, fmpz_poly

import saddlesym
from saddlesym import DeepLinearProblem, DiagonalProblem
from saddlesym.exact.pickling import ball_bits
from saddlesym.exact.precision import workprec
from saddlesym.workers import performed


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
    "DeepFlow": lambda: saddlesym.flow(diagonal(), alpha="1e-10", digits=6, depth=3),
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
    "LimitTime": lambda: saddlesym.recover_jump_times(deep(), ["1e-20", "1e-40", "1e-80"]).jumps,
    "DeepRecovery": lambda: saddlesym.recover_jump_times(deep(), ["1e-20", "1e-40", "1e-80"]),
    "GreedyComparison": lambda: saddlesym.deep.compare_with_flow(greedy(), ("1e-20", "1e-40", "1e-80")),
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


@pytest.mark.parametrize("name", RESULTS)
def test_pickles(name: str) -> None:
    result = RESULTS[name]()
    again = pickle.loads(pickle.dumps(result))
    copied = copy.deepcopy(result)
    assert type(again) is type(result)
    assert again == result
    assert copied == result
    assert hash(again) == hash(result)


def parts(value: Any, seen: set[int]) -> set[str]:
    """Names of the classes of everything in a result."""
    if id(value) in seen:
        return set()
    seen.add(id(value))
    found = {type(value).__name__}
    if is_dataclass(value):
        inner = [getattr(value, f.name) for f in fields(value)]
    elif isinstance(value, Mapping):
        inner = list(value.values())
    else:
        inner = list(value) if isinstance(value, tuple | list) else []
    return found.union(*(parts(x, seen) for x in inner))


def test_every_public_result_is_among_them() -> None:
    rooms = (saddlesym, saddlesym.diagonal, saddlesym.deep, saddlesym.theorems)
    public = {name: getattr(room, name) for room in rooms for name in room.__all__}
    results = {
        name
        for name, one in public.items()
        if isinstance(one, type)
        and not issubclass(one, BaseException)
        and one not in (saddlesym.FlowResult, saddlesym.Progress)
    }
    missing = results - set(RESULTS) - parts([make() for make in RESULTS.values()], set())
    assert sorted(missing) == []


def test_results_cross_process_borders() -> None:
    result = saddlesym.flow(diagonal(), "1e-10", digits=8)
    [(_, found)] = performed(_beta, [(result,)], 1)
    assert found == result.beta("1/2")


def _beta(result: saddlesym.diagonal.Flow) -> tuple[saddlesym.Ball, ...]:
    return result.beta("1/2")


@pytest.mark.parametrize("bits", [20, 53, 2000])
def test_flint_numbers_come_back_to_the_last_bit(bits: int) -> None:
    with workprec(1000):
        balls = [(arb(k) / 7).exp() for k in range(1, 100)] + [arb(0, 1e-20), arb(3), arb(10) ** 10**6 / 3]
        balls += [arb("inf"), arb("-inf"), arb("nan"), arb("5 +/- inf")]
        saved = pickle.dumps(balls)
    with workprec(bits):
        again = pickle.loads(saved)
    assert [ball_bits(x) for x in again] == [ball_bits(x) for x in balls]
    matrix, polynomial = fmpq_mat(1, 2, [fmpq(1, 3), fmpq(2)]), fmpq_poly([1, 2, 3]) / 7
    for value in (matrix, polynomial, fmpz_mat(0, 3), fmpz_poly([1, 0, 5])):
        assert copy.deepcopy(value) == value


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("inside", [False, True])
def test_a_fork_beside_a_thread_at_work_has_the_precision_for_itself(inside: bool) -> None:
    """The lock of another thread is not held for ever in a child, nor is its precision kept."""
    entered, leave = Event(), Event()

    def hold() -> None:
        with workprec(777):
            entered.set()
            leave.wait()

    thread = Thread(target=hold)
    if not inside:  # another thread holds it; else this one does
        thread.start()
        entered.wait()
    before = 53
    with workprec(300) if inside else nullcontext():
        child = os.fork()
        if child == 0:
            alarm(20)  # a deadlock ends the child, and the test is red
            good = ctx.prec == (300 if inside else before)
            with workprec(100):
                good = good and ctx.prec == 100
            os._exit(0 if good else 1)
        _, status = os.waitpid(child, 0)
    leave.set()
    if not inside:
        thread.join()
    assert status == 0


def test_problems_are_equal_by_value() -> None:
    one, other = DiagonalProblem([[1, 2]], [3]), DiagonalProblem([["1", "2.0"]], [3])
    gram = DiagonalProblem.from_gram([[1, 2], [2, 4]], [3, 6])
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other, gram}) == 2
    for different in (
        DiagonalProblem([[1, 2]], [4]),
        DiagonalProblem([[1, 2]], [3], ["a", "b"]),
        DiagonalProblem([[1, 2], [1, 2]], [3, 3]),
        gram,
        None,
    ):
        assert one != different
    assert DiagonalProblem([[1], [3]], [0, 1]).centred() != DiagonalProblem([[1], [3]], [0, 1])
