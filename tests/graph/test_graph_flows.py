"""The transition rule against the Lotka-Volterra flow, integrated in floating point."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from saddlesym import DiagonalProblem, SaddleGraph, transition_graph
from saddlesym.diagonal import SaddleNode


def limit(problem: DiagonalProblem, source: SaddleNode, entered: Sequence[int]) -> np.ndarray:
    """Where ``β' = −2|β| ⊙ ∇L(β)`` ends that starts near the source along some columns."""
    M, r = np.array(problem.M, dtype=float), np.array(problem.r, dtype=float)
    moving = sorted({*source.support, *entered})
    signs = np.array([
        source.signs[i] or (-1 if source.saddle.gradient[i] > 0 else 1) for i in moving
    ])  # fmt: skip
    start = [np.log(abs(float(source.beta[i]))) if i in source.support else np.log(1e-9) for i in moving]
    A, b = M[np.ix_(moving, moving)], r[moving]

    def field(_time: float, logs: np.ndarray) -> np.ndarray:
        return -2 * signs * (A @ (signs * np.exp(logs)) - b)

    done = solve_ivp(field, (0, 3000), start, method="LSODA", rtol=1e-9, atol=1e-9)
    assert done.success
    beta = np.zeros(problem.d)
    beta[moving] = signs * np.exp(done.y[:, -1])
    return beta


def drawn(seed: int) -> tuple[DiagonalProblem, SaddleGraph]:
    rng = random.Random(seed)
    X = [[rng.randint(-5, 5) + 9 * (i == j) * rng.randint(0, 1) for j in range(3)] for i in range(4)]
    problem = DiagonalProblem(X, [rng.randint(-9, 9) for _ in range(4)])
    return problem, transition_graph(problem, elementary=False)


@pytest.mark.parametrize("seed", range(6))
def test_orbits_end_where_the_graph_says(seed: int) -> None:
    """From each saddle along each set of unstable columns: to the target of an edge, or of a smaller set."""
    problem, graph = drawn(seed)
    assert graph.dependent == 0
    points = {k: np.array(graph.node(k).beta.floats()) for k in range(len(graph))}
    confirmed = 0
    for node in graph.nodes():
        unstable = [u.coordinate for u in node.saddle.unstable]
        targets = {edge.entered: edge.target for edge in graph.edges() if edge.source == node.id}
        for size in range(1, len(unstable) + 1):
            for entered in itertools.combinations(sorted(unstable), size):
                end = limit(problem, node, entered)
                reached = [k for k, point in points.items() if np.allclose(point, end, rtol=1e-5, atol=1e-5)]
                assert len(reached) == 1
                if entered in targets:
                    assert reached == [targets[entered]]
                    confirmed += 1
                else:
                    # not all of these columns survive: the orbit shows no edge with exactly them
                    assert not set(entered) <= set(graph.support(reached[0]))
    assert confirmed == graph.edge_count
