"""Transitions held against orbits of high precision."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from flint import arb

from saddlesym import (
    BadInputError,
    DiagonalProblem,
    Progress,
    SaddleGraph,
    check_transitions,
    heteroclinic_orbit,
    rational,
    transition_graph,
)
from saddlesym.diagonal.orbits.lotka_volterra import LotkaVolterra
from saddlesym.exact.precision import workprec
from saddlesym.graph import check, saved_orbits
from saddlesym.graph.saved_orbits import OrbitSettings, SavedOrbits


@pytest.fixture(scope="module")
def graph() -> SaddleGraph:
    X = [[3, 1, -2], [1, 4, 2], [0, 1, -3], [1, 0, 2]]
    return transition_graph(DiagonalProblem(X, [4, 3, -2, 1]), elementary=False)


def test_every_transition_is_confirmed(graph: SaddleGraph) -> None:
    found = check_transitions(graph, digits=30, which="all", non_edges=3, arc_lengths=False)
    assert len(found.confirmed) == len(found.checked) == graph.edge_count + 3
    assert sum(not c.edge for c in found.checked) == 3
    assert all(float(c.distance) < 1e-30 for c in found.checked if c.edge)
    path = check_transitions(graph, digits=50, arc_lengths=True)
    assert len(path.confirmed) == len(graph.visited) - 1 == len(path.checked)
    # an orbit is no shorter than the straight line
    for c in path.checked:
        a, b = (graph.node(graph.id_of(s)).beta for s in (c.source, c.target))
        straight = sum((float(x) - float(y)) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        assert float(c.arc_length) >= straight * (1 - 1e-12)


def test_planted_false_edges_are_contradicted(graph: SaddleGraph) -> None:
    edges = set(graph.pairs())
    false = [(s, t) for s in range(len(graph)) for t in range(len(graph)) if s != t and (s, t) not in edges]
    found = check_transitions(graph, digits=20, which=false, arc_lengths=False)
    assert len(found.contradicted) == len(found.checked) == len(false)
    assert "undecided" in repr(found)
    assert found.to_dict()["digits"] == 20


def test_samples_are_drawn_by_the_seed(graph: SaddleGraph) -> None:
    drawn = [
        check_transitions(graph, digits=10, which="sample:3", seed=s, arc_lengths=False) for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(len(set(c.target) - set(c.source)) == 1 for c in drawn[2].checked)
    for bad in ("some", "sample:", "sample:-1"):
        with pytest.raises(BadInputError):
            check_transitions(graph, which=bad)
    with pytest.raises(BadInputError):
        check_transitions(graph, digits=0)


def test_resuming_computes_only_what_is_missing(graph: SaddleGraph, tmp_path: Path) -> None:
    file = tmp_path / "orbits.jsonl"
    first = check_transitions(graph, digits=12, resume=file, arc_lengths=False)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(first.checked)
    # a remembered verdict is believed, a line cut short and other digits are not
    planted = replace(first.checked[0], verdict="undecided", note="planted")
    file.unlink()
    SavedOrbits(file, graph.problem, OrbitSettings(12, False, check.MAX_STEPS)).append(planted)
    line = file.read_text(encoding="utf-8").strip()
    file.write_text("\n".join([line, lines[1], lines[2][:30]]) + "\n", encoding="utf-8")
    again = check_transitions(graph, digits=12, resume=file, arc_lengths=False)
    assert again.checked[0] == planted
    assert again.checked[1:] == first.checked[1:]
    assert len(check_transitions(graph, digits=13, resume=file, arc_lengths=False).confirmed) == len(
        first.checked
    )


def test_damaged_results_are_not_believed(graph: SaddleGraph, tmp_path: Path) -> None:
    file = tmp_path / "orbits.jsonl"
    first = check_transitions(graph, digits=12, resume=file, arc_lengths=False)
    entry = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
    for damage in (
        {"verdict": "nonsense"}, {"verdict": None}, {"edge": 1}, {"source": [[0]]}, {"note": "all is proved"},
        {"verdict": "contradicted"}, {"distance": "0"}, {"max_steps": 10**9}, {"digest": None}, {"digest": "0" * 64},
        {"arc_length": "7"}, {"more": 1},
    ):  # fmt: skip
        file.write_text(json.dumps(entry | damage) + "\n", encoding="utf-8")
        assert check_transitions(graph, digits=12, resume=file, arc_lengths=False).checked == first.checked
    os.mkfifo(pipe := tmp_path / "pipe")
    for content in (b"\xff\xfe\x00", b"a,b,y\n1,2,3\n", b"[1]\n", b"{'x': 1}\n"):
        file.write_bytes(content)
        with pytest.raises(BadInputError, match="no file of saved checks"):
            check_transitions(graph, digits=12, resume=file, arc_lengths=False)
        assert file.read_bytes() == content
    for strange in (pipe, "/dev/zero", "/dev/full", tmp_path):
        with pytest.raises(BadInputError):
            check_transitions(graph, digits=12, resume=strange, arc_lengths=False)


def test_processes_give_the_same_answer(graph: SaddleGraph) -> None:
    seen: list[Progress] = []
    one = check_transitions(graph, digits=10, arc_lengths=False)
    assert check_transitions(graph, digits=10, arc_lengths=False, jobs=2, progress=seen.append) == one
    total = len(one.checked)
    assert seen == [Progress(k, total, "orbits") for k in range(1, total + 1)]


def scaled(unit: str) -> SaddleGraph:
    X = [[3, 1, -2], [1, 4, 2], [0, 1, -3], [1, 0, 2]]
    return transition_graph(DiagonalProblem(X, [rational(unit) * y for y in (4, 3, -2, 1)]), elementary=False)


@pytest.mark.parametrize("unit", ["1e-40", "1e40", "1/3"])
def test_the_unit_of_y_changes_nothing(unit: str) -> None:
    graph = scaled(unit)
    edges = set(graph.pairs())
    false = [(s, t) for s in range(4) for t in range(len(graph)) if s != t and (s, t) not in edges]
    assert not check_transitions(graph, digits=12, which="path", arc_lengths=False).undecided
    assert (
        len(check_transitions(graph, digits=12, which="path", arc_lengths=False).confirmed)
        == len(graph.visited) - 1
    )
    found = check_transitions(graph, digits=12, which=false, arc_lengths=False)
    assert len(found.contradicted) == len(false)
    assert all(c.note for c in found.contradicted)


def test_saddles_that_cannot_be_told_apart_decide_nothing() -> None:
    near = transition_graph(DiagonalProblem.from_gram([[1, 0], [0, 1]], [1, "1/16"]), elementary=False)
    both = [(near.id_of(()), near.id_of((0, 1)))]
    for digits, verdict in ((1, "undecided"), (3, "confirmed")):
        found = check_transitions(near, digits=digits, which=both, arc_lengths=False)
        assert [c.verdict for c in found.checked] == [verdict]
        assert verdict == "confirmed" or "as near" in found.checked[0].note


def test_an_orbit_left_at_a_saddle_that_it_leaves_again_decides_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second column, of 10^-12 the rate of the first, has not moved yet when the first has."""
    far = transition_graph(DiagonalProblem.from_gram([[1, 0], [0, 1]], [1, "1e-12"]), elementary=False)
    origin, first = far.id_of(()), far.id_of((0,))
    both = heteroclinic_orbit(far.problem, [0, 0], [0], digits=16)
    early = replace(both, signs=(1, 1), _end=(*both._end, arb("1e-40")), _system=far_system(far.problem))
    monkeypatch.setattr(check, "heteroclinic_orbit", lambda *_, **__: early)
    for pair in ((origin, first), (origin, far.id_of((0, 1)))):
        (found,) = check_transitions(far, digits=10, which=[pair], arc_lengths=False).checked
        assert found.verdict == "undecided"


def far_system(problem: DiagonalProblem) -> LotkaVolterra:
    return LotkaVolterra(problem, (1, 1), 24)


def test_what_is_small_and_grows_slowly_is_not_at_rest() -> None:
    system = far_system(DiagonalProblem.from_gram([[1, 0], [0, 1]], [1, "1e-14"]))
    still = arb(10) ** -24
    with workprec(system.bits):
        settled = [arb(1) / arb(c) for c in system.units[:1]]
        end = [settled[0], arb("1e-14") / arb(system.units[1])]
        assert system._rests(end, still)
        assert not system._rests([settled[0], arb("1e-30")], still)


@pytest.mark.parametrize("unit", ["1e-4", "1e-11", "1e-14", "1e-300"])
def test_columns_in_other_units_are_undecided_at_once(unit: str) -> None:
    far = transition_graph(DiagonalProblem([[1, 0], [0, rational(unit)]], [1, 1]), elementary=False)
    found = check_transitions(far, digits=18, which="all", arc_lengths=False, max_steps=3000)
    assert not found.contradicted
    (both,) = (c for c in found.checked if (c.source, c.target) == ((), (0, 1)))
    assert both.verdict == "undecided"
    assert "too far apart" in both.note or "leaves again" in both.note


def test_time_scales_too_far_apart_are_undecided() -> None:
    far = transition_graph(DiagonalProblem.from_gram([[1, 0], [0, 1]], [1, "1e-30"]), elementary=False)
    slow = [(far.id_of((0,)), far.id_of((0, 1)))]
    found = check_transitions(far, digits=12, which=slow, arc_lengths=False, max_steps=1000)
    assert [c.verdict for c in found.checked] == ["undecided"]
    assert found.checked[0].note


def test_steps_are_bounded_and_more_steps_are_a_new_try(graph: SaddleGraph, tmp_path: Path) -> None:
    file = tmp_path / "orbits.jsonl"
    few = check_transitions(graph, digits=12, resume=file, arc_lengths=False, max_steps=3)
    assert len(few.undecided) == len(few.checked)
    assert "max_steps" in few.checked[0].note
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert check_transitions(graph, digits=12, resume=file, arc_lengths=False, max_steps=3) == few
    assert len(file.read_text(encoding="utf-8").splitlines()) == lines
    assert check_transitions(graph, digits=12, resume=file, arc_lengths=False).confirmed


def test_a_line_cut_off_does_not_spoil_the_next(graph: SaddleGraph, tmp_path: Path) -> None:
    file = tmp_path / "orbits.jsonl"
    first = check_transitions(graph, digits=12, resume=file, arc_lengths=False)
    text = file.read_text(encoding="utf-8")
    file.write_text(text[:-20], encoding="utf-8")
    assert check_transitions(graph, digits=12, resume=file, arc_lengths=False) == first
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    kept = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    assert len(kept) == len(first.checked)
    # another version's results are not believed
    key = SavedOrbits(file, graph.problem, OrbitSettings(12, False, 10)).key
    assert key == kept[0]["key"]
    for place in (tmp_path, tmp_path / "no" / "file"):
        with pytest.raises(BadInputError):
            check_transitions(graph, digits=13, resume=place, arc_lengths=False)


def test_the_key_of_saved_results_carries_the_version(
    graph: SaddleGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = OrbitSettings(12, False, 10)
    before = SavedOrbits(tmp_path, graph.problem, settings).key
    monkeypatch.setattr(saved_orbits, "_FORMAT", "another version")
    assert SavedOrbits(tmp_path, graph.problem, settings).key != before


def test_ids_and_counts_are_checked(graph: SaddleGraph) -> None:
    for bad in ([(-1, 0)], [(0, 99)], [(0, "1")], [(0,)], [3]):
        with pytest.raises(BadInputError):
            check_transitions(graph, digits=20, which=bad)  # type: ignore[arg-type]
    for count in (-1, 10**9):
        with pytest.raises(BadInputError, match="non_edges"):
            check_transitions(graph, digits=20, non_edges=count)
    for bad_id in (-1, 99, "0", None):
        for ask in (
            graph.support,
            graph.node,
            graph.morse_index,
            lambda k: graph.edge(0, k),
            lambda k: graph.shape_for([k]),
        ):
            with pytest.raises(BadInputError, match="node"):
                ask(bad_id)
    with pytest.raises(BadInputError):
        graph.reachable(-1)
    with pytest.raises(BadInputError):
        check_transitions(graph, digits=10, which="sample:0")
    # there are fewer pairs without transition than asked for: all of them
    every = check_transitions(graph, digits=10, which=[], non_edges=100_000, arc_lengths=False)
    assert 0 < len(every.checked) < 60
    assert len(every.confirmed) == len(every.checked) == len(set(every.checked))


def test_sampled_edges_of_diabetes() -> None:
    graph = transition_graph(DiagonalProblem.from_csv("diabetes").centred().scaled())
    found = check_transitions(graph, digits=30, which="sample:6", seed=1, arc_lengths=False)
    assert len(found.confirmed) == len(found.checked) == 6


@pytest.mark.long
def test_diabetes_at_fifty_digits() -> None:
    graph = transition_graph(DiagonalProblem.from_csv("diabetes").centred().scaled())
    for which in ("path", "sample:200"):
        found = check_transitions(graph, digits=50, which=which, arc_lengths=which == "path", jobs=2)
        assert len(found.confirmed) == len(found.checked) >= 11
