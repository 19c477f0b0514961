"""The saddle graph against independent programs: two for each orthant, and every path."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from typing import Any

import pytest

from saddlesym import DiagonalProblem, SaddleGraph, transition_graph
from saddlesym.diagonal import transition_between
from tests.conftest import ORACLES, oracle_names, read_oracle

ORTHANTS = sorted(path.stem for path in (ORACLES / "lv").glob("*.json"))
Edge = tuple[tuple[int, ...], tuple[int, ...]]


def oracle_problem(name: str) -> DiagonalProblem:
    oracle = read_oracle(name)
    problem = DiagonalProblem(oracle["X"], oracle["y"])
    return problem.centred() if oracle["intercept"] else problem


def within(graph: SaddleGraph, orthant: list[int]) -> tuple[set[tuple[int, ...]], set[Edge]]:
    """Nodes and edges of the graph whose coefficients have the signs of the orthant."""
    inside = {
        node.id for node in graph.nodes() if all(s * o >= 0 for s, o in zip(node.signs, orthant, strict=True))
    }
    edges = {(graph.support(s), graph.support(t)) for s, t in graph.pairs() if s in inside and t in inside}
    return {graph.support(k) for k in inside}, edges


def as_edges(edges: list[Any]) -> set[Edge]:
    return {(tuple(source), tuple(target)) for source, target in edges}


@pytest.mark.parametrize("program", ["information_structure", "invasion_graph"])
@pytest.mark.parametrize("name", ORTHANTS)
def test_orthant_has_the_nodes_and_edges_of_both_programs(name: str, program: str) -> None:
    oracle = json.loads((ORACLES / "lv" / f"{name}.json").read_text(encoding="utf-8"))
    problem = oracle_problem(name.split("__")[0])
    signs = oracle["signs"]
    # the oracle states its own system: it must be that of the same data
    A = [
        [-2 * a * s * t for a, t in zip(row, signs, strict=True)]
        for row, s in zip(problem.M, signs, strict=True)
    ]
    assert [[Fraction(a) for a in row] for row in oracle["A"]] == A
    nodes, edges = within(transition_graph(problem, elementary=False), signs)
    expected = oracle[program]
    assert nodes == {tuple(support) for support in expected["supports"]}
    assert edges == as_edges(expected["edges"])


@pytest.mark.parametrize("name", oracle_names())
def test_every_step_of_every_path_is_an_edge(name: str) -> None:
    """The supports are those of the independent program, not of our own path."""
    problem = oracle_problem(name)
    supports = [tuple(s) for s in read_oracle(name)["facts"]["support"]]
    for source, target in itertools.pairwise(supports):
        step = transition_between(problem, source, target)
        assert step is not None, (source, target)
        assert set(step.entered) == set(target) - set(source)
    graph = transition_graph(problem, reachable=True, max_support=problem.d)
    assert graph.path_note == ""
    assert [graph.support(k) for k in graph.visited] == supports
    pairs = set(graph.pairs())
    assert all(step in pairs for step in zip(graph.visited, graph.visited[1:], strict=False))
