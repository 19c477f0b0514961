"""Laws of the saddle graph on generated data."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import problems

from saddlesym import (
    BadInputError,
    BudgetError,
    DegenerateProblemError,
    DiagonalProblem,
    SaddleGraph,
    saddle_path,
    transition_graph,
)
from saddlesym.diagonal import (
    constrained_minimiser,
    elementary_transitions,
    sign_constrained_minimiser,
    transition_between,
)
from saddlesym.diagonal.path.transitions import SignTable, mask_of


def optimal(problem: DiagonalProblem, beta: Sequence[Fraction], signs: dict[int, int]) -> bool:
    """The conditions of Karush, Kuhn and Tucker for the minimum under these signs."""
    g = problem.gradient(list(beta))
    feasible = all(beta[i] * signs.get(i, 0) > 0 for i in range(problem.d) if beta[i] != 0)
    return feasible and all(s * g[i] >= 0 if beta[i] == 0 else g[i] == 0 for i, s in signs.items())


def brute_force(problem: DiagonalProblem, signs: dict[int, int]) -> set[tuple[int, ...]]:
    """Supports of all minimisers with independent support, by trying every active set."""
    found = set()
    for size in range(len(signs) + 1):
        for active in itertools.combinations(sorted(signs), size):
            try:
                beta = constrained_minimiser(problem, active).beta
            except DegenerateProblemError:
                continue
            if beta.support() == active and optimal(problem, list(beta), signs):
                found.add(active)
    return found


@given(problems(tall=True))
def test_transition_rule_is_the_sign_constrained_minimiser(problem: DiagonalProblem) -> None:
    """From each saddle, every set of unstable directions leads to the minimiser on its face."""
    graph = transition_graph(problem, elementary=False)
    edges = {(graph.support(s), graph.support(t)) for s, t in graph.pairs()}
    expected = set()
    for node in graph.nodes():
        g = node.saddle.gradient
        unstable = [j for j in range(problem.d) if g[j] != 0]
        for size in range(1, len(unstable) + 1):
            for entering in itertools.combinations(unstable, size):
                signs = {i: node.signs[i] for i in node.support}
                signs |= {j: -1 if g[j] > 0 else 1 for j in entering}
                (target,) = brute_force(problem, signs)
                if set(entering) <= set(target):
                    expected.add((node.support, target))
    assert edges == expected


@given(problems())
def test_elementary_transitions_are_those_of_the_full_graph(problem: DiagonalProblem) -> None:
    """Pivots on one face at a time, and the comparison of all pairs, find the same edges."""
    full, elementary = transition_graph(problem, elementary=False), transition_graph(problem)
    assert {(e.source, e.target) for e in full.edges() if e.elementary} == {
        (e.source, e.target) for e in elementary.edges() if e.elementary
    }
    assert [n.support for n in full.nodes()] == [n.support for n in elementary.nodes()]
    for node in elementary.nodes():
        found = elementary_transitions(problem, node.support)
        assert len(found) == node.morse_index
        for t in found:
            assert transition_between(problem, node.support, t.target) == t
            edge = elementary.edge(node.id, elementary.id_of(t.target))
            assert (edge.entered, edge.left, edge.rates) == (t.entered, t.left, t.rates)


@given(problems(), st.booleans())
def test_graph_is_acyclic_and_the_loss_falls(problem: DiagonalProblem, elementary: bool) -> None:
    graph = transition_graph(problem, elementary=elementary)
    assert graph.is_acyclic()
    assert networkx.is_directed_acyclic_graph(graph.digraph)
    losses = [node.loss for node in graph.nodes()]
    assert all(losses[s] > losses[t] for s, t in graph.pairs())
    least = min(losses)
    # every saddle that is no global minimum has an unstable direction, hence a transition
    assert {k for k, loss in enumerate(losses) if loss == least} == set(graph.sinks()) == set(graph.minima)
    assert [node.morse_index for node in graph.nodes()] == [graph.morse_index(k) for k in range(len(graph))]
    assert sum(graph.morse_counts().values()) == len(graph)


@given(problems(tall=True), st.booleans())
def test_definite_problems_have_one_sink(problem: DiagonalProblem, elementary: bool) -> None:
    graph = transition_graph(problem, elementary=elementary)
    assert len(graph.sinks()) == 1
    assert not graph.undetermined
    assert graph.dependent == 0


@given(problems(tall=True), st.booleans(), st.booleans())
def test_visited_path_is_a_path_of_the_graph(
    problem: DiagonalProblem, elementary: bool, reachable: bool
) -> None:
    graph, path = transition_graph(problem, elementary=elementary, reachable=reachable), saddle_path(problem)
    resting = any(  # a column at its bound with zero coefficient and zero gradient: two transitions at once
        abs(s) == 1 and b == 0 and g == 0
        for jump in path.jumps
        for s, b, g in zip(jump.dual, jump.beta, jump.gradient, strict=True)
    )
    if graph.path_note:
        assert resting
        assert graph.path_note == "its next step is no single transition"
        return
    assert [graph.support(k) for k in graph.visited] == [(), *(jump.support for jump in path.jumps)]
    assert [graph.node(k).time for k in graph.visited] == [0, *path.times()]
    assert [graph.node(k).beta for k in graph.visited[1:]] == path.saddles()
    steps = set(zip(graph.visited, graph.visited[1:], strict=False))
    assert steps <= set(graph.pairs())
    assert {(e.source, e.target) for e in graph.edges() if e.visited} == steps
    assert {n.id for n in graph.nodes() if n.visited} == set(graph.visited)


@given(problems(), st.data())
def test_permuting_columns_permutes_the_graph(problem: DiagonalProblem, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(problem.d)))
    moved = DiagonalProblem([[row[j] for j in order] for row in problem.X], problem.y)
    for elementary in (True, False):
        first, second = (
            transition_graph(problem, elementary=elementary),
            transition_graph(moved, elementary=elementary),
        )

        def renamed(graph: SaddleGraph) -> set[tuple[tuple[int, ...], ...]]:
            return {
                tuple(tuple(sorted(order[i] for i in graph.support(k))) for k in pair)
                for pair in graph.pairs()
            }

        assert renamed(second) == {(first.support(s), first.support(t)) for s, t in first.pairs()}
        assert len(first) == len(second)
        assert len(first.undetermined) == len(second.undetermined)


@given(problems())
def test_undetermined_pairs_have_several_minimisers_and_edges_do_not(problem: DiagonalProblem) -> None:
    graph = transition_graph(problem, elementary=False)
    for pairs, several in ((graph.undetermined, True), (graph.pairs(), False)):
        for source, target in pairs:
            here, there = graph.node(source), graph.node(target)
            g = here.saddle.gradient
            signs = {i: here.signs[i] or (-1 if g[i] > 0 else 1) for i in {*here.support, *there.support}}
            supports = brute_force(problem, signs)
            assert there.support in supports
            # the minimisers form a pointed polyhedron: one point, or several vertices, or a ray
            assert (len(supports) > 1 or has_ray(problem, signs)) == several


def has_ray(problem: DiagonalProblem, signs: dict[int, int]) -> bool:
    """Whether some Xh = 0 with h ≠ 0 on the columns of ``signs``, and of these signs."""
    zero = DiagonalProblem(problem.X, [0] * problem.n)
    try:
        sign_constrained_minimiser(zero, signs)
    except DegenerateProblemError:
        return True
    return False


@given(problems(), st.integers(0, 3))
def test_reachable_part_and_bound_on_the_support(problem: DiagonalProblem, bound: int) -> None:
    whole = transition_graph(problem)
    part = transition_graph(problem, reachable=True)
    expected = {whole.support(k) for k in whole.reachable()}
    assert expected == {part.support(k) for k in range(len(part))}
    full = transition_graph(problem, elementary=False, reachable=True)
    assert {full.support(k) for k in range(len(full))} >= expected
    small = transition_graph(problem, max_support=bound)
    inside = {whole.support(k) for k in range(len(whole)) if len(whole.support(k)) <= bound}
    assert inside == {small.support(k) for k in range(len(small))}
    kept = {(whole.support(s), whole.support(t)) for s, t in whole.pairs() if whole.edge(s, t).elementary}
    steps = {(small.support(s), small.support(t)) for s, t in small.pairs() if small.edge(s, t).elementary}
    assert steps == {(s, t) for s, t in kept if {s, t} <= inside}
    assert small.cut == sum(1 for s, t in kept if s in inside and t not in inside)


@given(problems())
def test_chains(problem: DiagonalProblem) -> None:
    graph = transition_graph(problem)
    chains = list(graph.chains(2000))
    every = [
        tuple(chain)
        for end in graph.minima
        for chain in networkx.all_simple_paths(graph.digraph, graph.origin, end)
    ]
    if graph.origin in graph.minima:
        every.append((graph.origin,))
    assert sorted(chains) == sorted(set(every))
    assert len(chains) == graph.count_chains() == len(set(chains))
    assert len(graph.longest_chain()) == max(map(len, chains), default=0)
    assert len(graph.shortest_chain()) == min(map(len, chains), default=0)
    for chain in (graph.longest_chain(), graph.shortest_chain()):
        assert not chain or chain in chains
    assert list(graph.chains(1)) == chains[:1]


@given(st.integers(0, 10**6))
def test_pivots_end_at_the_minimiser_from_any_signs(seed: int) -> None:
    import random

    rng = random.Random(seed)
    d = rng.randint(2, 6)
    X = [[rng.randint(-3, 3) for _ in range(d)] for _ in range(d + 1)]
    problem = DiagonalProblem(X, [rng.randint(-3, 3) for _ in range(d + 1)])
    signs = {i: rng.choice((-1, 1)) for i in range(d)}
    table = SignTable(problem)
    if table.at((1 << d) - 1) is None:
        return
    up, down = (mask_of([i for i, s in signs.items() if s == side]) for side in (1, -1))
    found = table.minimiser(up, down)
    assert {found} == {mask_of(active) for active in brute_force(problem, signs)}


def test_single_pivots_alone_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    expected = list(transition_graph(problem).pairs())
    monkeypatch.setattr("saddlesym.diagonal.path.transitions._BLOCK_PIVOTS", 0)
    assert list(transition_graph(problem).pairs()) == expected


def test_diabetes() -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    graph = transition_graph(problem)
    assert (len(graph), graph.edge_count) == (1024, 5120)
    assert graph.sinks() == (1023,)
    assert graph.sources() == (0,)
    assert len(graph.visited) == 12
    assert graph.path_note == ""
    full = transition_graph(problem, elementary=False)
    assert set(graph.pairs()) < set(full.pairs())
    assert len(full.shortest_chain()) < len(graph.shortest_chain())
    edge = graph.edge(*graph.visited[:2])
    assert edge.visited
    assert problem.feature_names[edge.entered[0]] == "bmi"
    # the first column to enter is the one with the largest growth rate
    assert edge.rates[0] == max(2 * abs(x) for x in problem.r)


def test_ties_are_steps_of_several_columns() -> None:
    problem = DiagonalProblem([[1, 0], [0, 1]], [2, 2])
    for reachable in (False, True):
        graph = transition_graph(problem, reachable=reachable)
        assert [graph.support(k) for k in graph.visited] == [(), (0, 1)]
        assert [(e.entered, e.visited) for e in graph.edges() if not e.elementary] == [((0, 1), True)]
        assert graph.edge_count == 5


def test_dependent_columns_are_said() -> None:
    twins = DiagonalProblem([[1, 1, 0], [0, 0, 2]], [3, 1])
    graph = transition_graph(twins, elementary=False)
    assert graph.dependent == 2
    assert "affine" in graph.path_note
    # from (0, 0, 1/2) towards the minimum (2, 1, 0): x0 − x1 = x2, so (2−h, 1+h, h) are minima too
    problem = DiagonalProblem([[1, 0, 1], [0, 1, -1]], [2, 1])
    graph = transition_graph(problem, elementary=False)
    assert [(graph.support(s), graph.support(t)) for s, t in graph.undetermined] == [((2,), (0, 1))]
    with pytest.raises(DegenerateProblemError, match="can be moved along columns 'x0', 'x1', 'x2'"):
        transition_between(problem, [2], [0, 1])
    assert transition_between(problem, [], [0, 1]) is not None


@pytest.mark.parametrize(
    ("X", "y", "determined"),
    [
        ([[1, 0, 1, -2], [0, 1, 1, -3], [0, 0, 1, -1]], [3, -1, 0], False),
        ([[1, 0, 2, 1], [0, 1, -2, 0], [0, 0, 1, -1]], [1, 3, 0], True),
    ],
)
def test_columns_that_only_together_depend_on_the_target(
    X: list[list[int]], y: list[int], determined: bool
) -> None:
    """x2 + x3 lies in the span of x0 and x1, neither does alone: the signs of β at (2, 3) decide."""
    problem = DiagonalProblem(X, y)
    graph = transition_graph(problem, elementary=False)
    start = graph.node(graph.id_of([2, 3]))
    assert (start.signs[2] == start.signs[3]) != determined
    pair = start.id, graph.id_of([0, 1])
    assert (pair in graph.undetermined) != determined
    assert (pair in set(graph.pairs())) == determined


def test_refusals() -> None:
    wide = DiagonalProblem([[(i * j * j + 3 * j) % 17 - 8 for j in range(60)] for i in range(30)], [1] * 30)
    with pytest.raises(BudgetError, match="--max-support"):
        transition_graph(wide)
    with pytest.raises(BudgetError, match="from the origin"):
        transition_graph(wide, reachable=True, max_sets=50)
    assert len(transition_graph(wide, max_support=1)) == 61
    with pytest.raises(BudgetError, match="elementary graph"):
        transition_graph(wide, elementary=False, max_support=5, max_sets=10**8)
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    graph = transition_graph(problem)
    for attempt in (
        lambda: transition_graph(problem, max_support=-1),
        lambda: graph.node(9),
        lambda: graph.edge(0, 3),
        lambda: graph.id_of([7]),
        lambda: graph.chains(-1),
        lambda: graph.reachable(17),
        lambda: transition_between(problem, [0], [2]),
        lambda: transition_between(DiagonalProblem([[1, 1]], [1]), [], [0, 1]),
        lambda: elementary_transitions(problem, [-1]),
    ):
        with pytest.raises(BadInputError):
            attempt()
    with pytest.raises(networkx.NetworkXError):
        graph.digraph.add_edge(0, 3)
