"""Transitions held against orbits of high precision."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from saddlesym import BadInputError, DiagonalProblem, SaddleGraph, check_transitions, transition_graph


@pytest.fixture(scope="module")
def graph() -> SaddleGraph:
    X = [[3, 1, -2], [1, 4, 2], [0, 1, -3], [1, 0, 2]]
    return transition_graph(DiagonalProblem(X, [4, 3, -2, 1]), elementary=False)


def test_every_transition_is_confirmed(graph: SaddleGraph) -> None:
    check = check_transitions(graph, 30, "all", non_edges=3, arc_lengths=False)
    assert len(check.confirmed) == len(check.checked) == graph.edge_count + 3
    assert sum(not c.edge for c in check.checked) == 3
    assert all(float(c.distance) < 1e-30 for c in check.checked if c.edge)
    path = check_transitions(graph, 50)
    assert len(path.confirmed) == len(graph.visited) - 1 == len(path.checked)
    # an orbit is no shorter than the straight line
    for c in path.checked:
        a, b = (graph.node(graph.id_of(s)).beta for s in (c.source, c.target))
        straight = sum((float(x) - float(y)) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        assert float(c.arc_length) >= straight * (1 - 1e-12)


def test_planted_false_edges_are_contradicted(graph: SaddleGraph) -> None:
    edges = set(graph.pairs())
    false = [(s, t) for s in range(len(graph)) for t in range(len(graph)) if s != t and (s, t) not in edges]
    check = check_transitions(graph, 20, false, arc_lengths=False)
    assert len(check.contradicted) == len(check.checked) == len(false)
    assert "undecided" in repr(check)
    assert check.to_dict()["digits"] == 20


def test_samples_are_drawn_by_the_seed(graph: SaddleGraph) -> None:
    drawn = [check_transitions(graph, 10, "sample:3", seed=s, arc_lengths=False) for s in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(len(set(c.target) - set(c.source)) == 1 for c in drawn[2].checked)
    for bad in ("some", "sample:", "sample:-1"):
        with pytest.raises(BadInputError):
            check_transitions(graph, which=bad)
    with pytest.raises(BadInputError):
        check_transitions(graph, 0)


def test_resuming_computes_only_what_is_missing(graph: SaddleGraph, tmp_path: Path) -> None:
    file = tmp_path / "orbits.jsonl"
    first = check_transitions(graph, 12, resume=file, arc_lengths=False)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(first.checked)
    # a remembered verdict is believed, a line cut short and other digits are not
    entry = json.loads(lines[0]) | {"verdict": "undecided", "note": "planted"}
    file.write_text("\n".join([json.dumps(entry), lines[1], lines[2][:30]]) + "\n", encoding="utf-8")
    again = check_transitions(graph, 12, resume=file, arc_lengths=False)
    assert again.checked[0] == replace(first.checked[0], verdict="undecided", note="planted")
    assert again.checked[1:] == first.checked[1:]
    assert len(check_transitions(graph, 13, resume=file, arc_lengths=False).confirmed) == len(first.checked)


def test_damaged_results_are_not_believed(graph: SaddleGraph, tmp_path: Path) -> None:
    file = tmp_path / "orbits.jsonl"
    first = check_transitions(graph, 12, resume=file, arc_lengths=False)
    entry = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
    for damage in ({"verdict": "nonsense"}, {"verdict": None}, {"edge": 1}, {"source": [[0]]}):
        file.write_text(json.dumps(entry | damage) + "\n", encoding="utf-8")
        assert check_transitions(graph, 12, resume=file, arc_lengths=False).checked == first.checked
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInputError, match="no file of saved checks"):
        check_transitions(graph, 12, resume=file, arc_lengths=False)


def test_processes_give_the_same_answer(graph: SaddleGraph) -> None:
    seen: list[tuple[int, int]] = []
    one = check_transitions(graph, 10, arc_lengths=False)
    assert check_transitions(graph, 10, arc_lengths=False, processes=2, progress=lambda *x: seen.append(x)) == one
    total = len(one.checked)
    assert seen == [(k, total) for k in range(1, total + 1)]


@pytest.mark.long
def test_diabetes_at_fifty_digits() -> None:
    graph = transition_graph(DiagonalProblem.from_csv("diabetes").centred().scaled())
    for which in ("path", "sample:200"):
        check = check_transitions(graph, 50, which, arc_lengths=False, processes=2)
        assert not check.contradicted
        assert not check.undecided
