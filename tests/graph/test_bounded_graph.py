"""Graphs that are large: what would not fit is refused before work, what fits is in arrays."""

from __future__ import annotations

import random
from itertools import islice
from math import comb

import networkx
import pytest

from saddlesym import BadInputError, BudgetError, DiagonalProblem, saddles, transition_graph
from saddlesym.diagonal import elementary_transitions, transition_between
from saddlesym.diagonal.path.transitions import SignTable, mask_of, members
from saddlesym.diagonal.saddles.enumeration import count_active_sets, told_count
from saddlesym.graph import build, queries
from saddlesym.graph.diagonal import SaddleGraph
from saddlesym.graph.queries import Adjacency


def drawn(n: int, d: int, seed: int, size: int = 5) -> DiagonalProblem:
    rng = random.Random(seed)
    rows = [[rng.randint(-size, size) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(rows, [rng.randint(-size, size) for _ in range(n)])


#: Tall, square and wide, with ties and vanishing coefficients (entries −1, 0, 1), and a Gram matrix.
PROBLEMS = [drawn(n, d, seed, size) for seed, (n, d, size) in enumerate(
    [(6, 4, 5), (5, 5, 1), (4, 7, 1), (3, 8, 1), (8, 6, 9), (2, 5, 1), (7, 7, 2), (4, 4, 1)]
)]  # fmt: skip
PROBLEMS.append(DiagonalProblem.from_gram([["2", "1/2"], ["1/2", "1/3"]], ["1", "-1/5"]))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_one_bordered_solve_gives_the_targets_of_one_solve_per_face(problem: DiagonalProblem) -> None:
    sets = [mask_of(item.support) for item in saddles(problem) if item.dimension == 0]
    for mask in sets:
        fresh = SignTable(problem)
        assert fresh.bordered_targets(mask) == SignTable(problem).elementary_targets(mask)
        assert all(members(t) for t in fresh.bordered_targets(mask))


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("top", [0, 1, 2, 3])
def test_a_bounded_graph_is_the_part_of_the_whole_one(problem: DiagonalProblem, top: int) -> None:
    whole, part = transition_graph(problem), transition_graph(problem, max_support=top)
    inside = [k for k in range(len(whole)) if len(whole.support(k)) <= top]
    assert [whole.support(k) for k in inside] == [part.support(k) for k in range(len(part))]
    leaving = [(s, t) for s, t in whole.pairs() if len(whole.support(s)) <= top]
    kept = {(s, t) for s, t in leaving if len(whole.support(t)) <= top}
    single = [(s, t) for s, t in leaving if len({*whole.support(t)} - {*whole.support(s)}) == 1]
    assert kept >= set(part.pairs())
    assert all(len({*whole.support(t)} - {*whole.support(s)}) > 1 for s, t in kept - set(part.pairs()))
    assert part.cut == sum((s, t) not in kept for s, t in single)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_outward_from_the_origin_is_the_part_that_can_be_reached(problem: DiagonalProblem) -> None:
    whole, part = transition_graph(problem), transition_graph(problem, reachable=True)
    assert {part.support(k) for k in range(len(part))} == {whole.support(k) for k in whole.reachable()}
    pairs = {(whole.support(s), whole.support(t)) for s, t in whole.pairs() if s in whole.reachable()}
    assert {(part.support(s), part.support(t)) for s, t in part.pairs()} == pairs


def test_a_thousand_columns_of_supports_of_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a million faces of two columns are seen through a thousand solves."""
    problem, solved = drawn(3, 60, 1, 9), 0

    class Counting(SignTable):
        def _solved(self, active: int) -> tuple[int, int] | None:
            nonlocal solved
            solved += 1
            return super()._solved(active)

    monkeypatch.setattr(build, "SignTable", Counting)
    graph = transition_graph(problem, max_support=1)
    assert len(graph) == 61
    assert solved < 200  # of 1 + 60 + 60 · 59 / 2 sets


def random_digraph(seed: int) -> tuple[Adjacency, networkx.DiGraph]:
    rng = random.Random(seed)
    size = rng.randint(2, 12)
    pairs = sorted((a, b) for a in range(size) for b in range(a + 1, size) if rng.random() < 0.35)
    graph = networkx.DiGraph(pairs)
    graph.add_nodes_from(range(size))
    return Adjacency(size, [s for s, _ in pairs], [t for _, t in pairs]), graph


@pytest.mark.parametrize("seed", range(30))
def test_questions_about_chains_against_networkx(seed: int) -> None:
    ours, theirs = random_digraph(seed)
    ends = sorted(random.Random(seed).sample(range(ours.size), 2))
    assert queries.reachable(ours, 0) == networkx.descendants(theirs, 0) | {0}
    every = [tuple(c) for e in ends if e for c in networkx.all_simple_paths(theirs, 0, e)] + [(0,)] * (
        0 in ends
    )
    assert queries.count_chains(ours, 0, ends) == len(every)
    assert list(queries.chains(ours, 0, ends, 10**6)) == sorted(every)
    longest, shortest = queries.longest_chain(ours, 0, ends), queries.shortest_chain(ours, 0, ends)
    assert len(longest) == max(map(len, every), default=0)
    assert len(shortest) == min(map(len, every), default=0)
    assert {longest, shortest} <= {*every, ()}
    assert queries.is_acyclic(ours)
    assert [ours.has_edge(a, b) for a in range(ours.size) for b in range(ours.size)] == [
        theirs.has_edge(a, b) for a in range(ours.size) for b in range(ours.size)
    ]
    assert ours.in_degrees().tolist() == [theirs.in_degree(k) for k in range(ours.size)]


def test_a_cycle_is_seen() -> None:
    assert not queries.is_acyclic(Adjacency(3, [0, 1, 2], [1, 2, 0]))
    assert not queries.is_acyclic(Adjacency(4, [0, 1, 2], [1, 2, 1]))


def test_edges_take_eight_bytes() -> None:
    graph = transition_graph(drawn(9, 7, 3), elementary=False)
    assert graph._sources.itemsize == graph._targets.itemsize == 4
    assert "digraph" not in vars(graph)
    graph.longest_chain(), graph.sinks(), graph.is_acyclic(), graph.edge(*next(graph.pairs()))
    assert "digraph" not in vars(graph)  # objects for every edge are made only for those who ask for them


@pytest.mark.parametrize("elementary", [True, False])
def test_what_would_not_fit_is_refused_before_work(monkeypatch: pytest.MonkeyPatch, elementary: bool) -> None:
    monkeypatch.setattr(build._Draft, "follow", lambda _: pytest.fail("work has begun"))
    monkeypatch.setattr("saddlesym.memory.free_memory", lambda: 10**6)
    with pytest.raises(BudgetError, match="of memory"):
        transition_graph(drawn(14, 12, 1), elementary=elementary)


def test_a_full_graph_of_too_many_transitions_is_refused_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = drawn(12, 9, 1)
    size = transition_graph(problem, elementary=False).edge_count
    asked: list[float] = []
    monkeypatch.setattr(build, "require_memory", lambda amount, *_: asked.append(amount))
    transition_graph(problem, elementary=False)
    assert 0.8 * size < asked[-1] / build._EDGE < 1.25 * size


@pytest.mark.parametrize(
    ("d", "settings"),
    [(18, {"elementary": False}), (70, {"elementary": False}), (21, {}), (64, {"max_support": 8}), (300, {"max_support": 3})],
)  # fmt: skip
def test_sizes_are_refused_before_the_path_is_followed(
    monkeypatch: pytest.MonkeyPatch, d: int, settings: dict[str, object]
) -> None:
    monkeypatch.setattr(build._Draft, "follow", lambda _: pytest.fail("work has begun"))
    with pytest.raises(BudgetError, match="max-support"):
        transition_graph(drawn(d, d, 1), **settings)  # type: ignore[arg-type]


def test_outward_there_is_a_bound_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "MAX_REACHED", 20)
    with pytest.raises(BudgetError, match="more than 20 saddles can be reached"):
        transition_graph(drawn(9, 8, 1), reachable=True)
    assert len(transition_graph(drawn(9, 8, 1), reachable=True, max_sets=1000)) > 20


@pytest.mark.parametrize("bad", [-1, "3", 1.5, True, "a"])
def test_bounds_are_whole_numbers(bad: object) -> None:
    for name in ("max_support", "max_sets"):
        for ask in (transition_graph, saddles):
            with pytest.raises(BadInputError, match=name):
                ask(PROBLEMS[0], **{name: bad})


def test_only_edges_among_some_nodes_are_looked_at() -> None:
    graph: SaddleGraph = transition_graph(drawn(7, 5, 4))
    few = {0, 3, 4, 9, 17}
    expected = [(s, t) for s, t in graph.pairs() if s in few and t in few]
    assert list(graph.pairs(few)) == expected
    assert [(e.source, e.target) for e in graph.edges(few)] == expected


def test_all_elementary_transitions_take_one_solve() -> None:
    problem = drawn(4, 3000, 1, 9)
    found = elementary_transitions(problem, ())
    gradient = [
        entry / problem.n
        for entry in (
            sum(x * y for x, y in zip(c, problem.y, strict=True)) for c in zip(*problem.X, strict=True)
        )
    ]
    assert [t.entered for t in found] == [(j,) for j, r in enumerate(gradient) if r]
    assert [t.rates for t in found] == [(2 * abs(r),) for r in gradient if r]
    assert all(t.target == t.entered and not t.left for t in found)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_elementary_transitions_are_those_between_two_saddles(problem: DiagonalProblem) -> None:
    for item in saddles(problem):
        if item.dimension == 0:
            for found in elementary_transitions(problem, item.support):
                assert len(found.entered) == 1
                assert found == transition_between(problem, found.source, found.target)


@pytest.mark.parametrize("top", [None, 1, 2, 9_999, 19_999, 20_000, 10**9])
def test_saddles_of_many_columns_are_counted_at_once(top: int | None) -> None:
    problem = drawn(2, 20_000, 3)
    with pytest.raises(BudgetError) as refused:
        saddles(problem, max_support=top)
    assert len(str(refused.value)) < 200
    assert "needed: at most 13421" in str(refused.value)
    assert len(list(islice(saddles(problem, max_support=1, max_sets=20_001), 2))) == 2


def test_numbers_of_active_sets() -> None:
    for d in range(8):
        for top in range(10):
            assert count_active_sets(d, top) == sum(comb(d, k) for k in range(min(d, top) + 1))
    assert count_active_sets(20_000) == 2**20_000
    assert (
        told_count(count_active_sets(20_000, 10)) == f"about 1e{len(str(count_active_sets(20_000, 10))) - 1}"
    )
