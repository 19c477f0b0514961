"""Speed of the saddle graph beside a plain loop, and its growth with d.

The plain loop decides every elementary transition by one exact non-negative
least-squares solve on its face: Lawson and Hanson's method over FLINT's rationals,
one ``fmpq_mat.solve`` per inner step, started from zero.  A second plain loop
starts each of them from the saddle itself.  All run on the same data in one run,
so that their ratios mean something on a noisy machine:  make bench
"""

from __future__ import annotations

import random
import resource
from itertools import combinations
from typing import Any

import pytest
from flint import fmpq, fmpq_mat

from saddlesym import DiagonalProblem, transition_graph

#: Bytes that the graph of 14 columns may take, everything included.
MEMORY = 2 * 1024**3


def random_gram(d: int, seed: int = 1) -> DiagonalProblem:
    """M = AᵀA/(d + 6) for a random integer matrix A, and r = Aᵀb/(d + 6)."""
    rng = random.Random(seed)
    n = d + 6
    A = fmpq_mat(n, d, [fmpq(rng.randint(-99, 99)) for _ in range(n * d)])
    b = fmpq_mat(n, 1, [fmpq(rng.randint(-99, 99)) for _ in range(n)])
    return DiagonalProblem.from_gram((A.transpose() * A / n).tolist(), (A.transpose() * b / n).entries())


def plain_elementary(problem: DiagonalProblem, *, warm: bool) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    """All elementary transitions, each by its own exact solve."""
    d = problem.d
    M, r = (fmpq_mat(d, k, list(map(_fmpq, values))) for k, values in _flat(problem))
    edges = set()
    for size in range(d + 1):
        for support in combinations(range(d), size):
            beta = _solved(M, r, support)
            point = [fmpq(0)] * d
            for i, value in zip(support, beta, strict=True):
                point[i] = value
            gradient = (M * fmpq_mat(d, 1, point) - r).entries()
            for j in range(d):
                if j not in support and gradient[j] != 0:
                    signs = {i: 1 if point[i] > 0 else -1 for i in support}
                    signs[j] = 1 if gradient[j] < 0 else -1
                    edges.add((support, _minimiser(M, r, signs, list(point) if warm else [fmpq(0)] * d)))
    return edges


def _flat(problem: DiagonalProblem) -> Any:
    return (problem.d, [q for row in problem.M for q in row]), (1, problem.r)


def _fmpq(value: Any) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _solved(M: fmpq_mat, r: fmpq_mat, support: Any) -> list[fmpq]:
    k = len(support)
    if not k:
        return []
    block = fmpq_mat(k, k, [M[i, j] for i in support for j in support])
    return block.solve(fmpq_mat(k, 1, [r[i, 0] for i in support])).entries()


def _minimiser(M: fmpq_mat, r: fmpq_mat, signs: dict[int, int], point: list[fmpq]) -> tuple[int, ...]:
    d = len(point)
    passive = [i for i in signs if point[i] != 0]
    while True:
        gradient = (M * fmpq_mat(d, 1, point) - r).entries()
        wrong = [i for i in signs if i not in passive and signs[i] * gradient[i] < 0]
        if not wrong:
            return tuple(sorted(passive))
        passive.append(max(wrong, key=lambda i: abs(gradient[i])))
        while True:
            goal = dict(zip(passive, _solved(M, r, passive), strict=True))
            blocked = [i for i in passive if signs[i] * goal[i] <= 0]
            if not blocked:
                point = [goal.get(i, fmpq(0)) for i in range(d)]
                break
            step = min(point[i] / (point[i] - goal[i]) for i in blocked)
            for i in passive:
                point[i] += step * (goal[i] - point[i])
            passive = [i for i in passive if point[i] != 0]


@pytest.mark.parametrize("d", [8, 10, 12, 14, 16])
def test_elementary_graph(benchmark: Any, d: int) -> None:
    benchmark.group = f"elementary graph of a random Gram matrix, d = {d}"
    problem = random_gram(d)
    graph = benchmark.pedantic(lambda: transition_graph(problem), rounds=3, iterations=1)
    assert graph.edge_count == d * 2 ** (d - 1)
    if d == 14:
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MEMORY


@pytest.mark.parametrize("warm", [False, True], ids=["from-zero", "warm"])
@pytest.mark.parametrize("d", [8, 10, 12])
def test_plain_loop(benchmark: Any, d: int, warm: bool) -> None:
    benchmark.group = f"elementary graph of a random Gram matrix, d = {d}"
    problem = random_gram(d)
    edges = benchmark.pedantic(lambda: plain_elementary(problem, warm=warm), rounds=1, iterations=1)
    graph = transition_graph(problem)
    assert edges == {(graph.support(s), graph.support(t)) for s, t in graph.pairs()}


@pytest.mark.parametrize("elementary", [True, False], ids=["elementary", "full"])
def test_diabetes(benchmark: Any, elementary: bool) -> None:
    benchmark.group = "graph of the diabetes data"

    def fresh() -> Any:
        return transition_graph(
            DiagonalProblem.from_csv("diabetes").centred().scaled(), elementary=elementary
        )

    assert len(benchmark.pedantic(fresh, rounds=3, iterations=1)) == 1024


@pytest.mark.parametrize("d", [12, 14])
def test_full_graph(benchmark: Any, d: int) -> None:
    benchmark.group = f"full graph of a random Gram matrix, d = {d}"
    problem = random_gram(d)
    graph = benchmark.pedantic(lambda: transition_graph(problem, elementary=False), rounds=1, iterations=1)
    assert len(graph) == 2**d
