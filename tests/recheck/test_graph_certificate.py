"""A saved graph is re-checked from its data; whatever is changed in it is found."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from strategies import problems

from saddlesym import (
    BadInputError,
    DiagonalProblem,
    SaddlesymError,
    check_transitions,
    path_of_shape,
    shape_for_chain,
    transition_graph,
)
from saddlesym.cli.main import main
from saddlesym.diagonal import NoShape
from saddlesym.recheck import graph as certificate
from saddlesym.recheck import signed_points
from saddlesym.recheck.graph import certify_graph
from saddlesym.recheck.path_stop import PathStop

Document = dict[str, Any]
THREE = DiagonalProblem([[3, 1, -2], [1, 4, 2], [0, 1, -3], [1, 0, 2]], [4, 3, -2, 1])
FOUR = DiagonalProblem([[-2, -2, -1, -1], [-2, 2, 2, 2], [-2, -2, -2, -1], [2, 2, -2, 1]], [-2, 0, -2, -2])
TIE = DiagonalProblem([[2, 0], [0, 2]], [2, 2])


def document(problem: DiagonalProblem, **options: Any) -> Document:
    return json.loads(json.dumps(transition_graph(problem, **options).to_dict()))


@given(problems())
def test_every_graph_is_confirmed(problem: DiagonalProblem) -> None:
    for elementary in (True, False):
        for reachable in (True, False):
            for bound in (None, 1, 2):
                found = certify_graph(
                    document(problem, elementary=elementary, reachable=reachable, max_support=bound)
                )
                assert found.holds, found.failures


def _change(*path: Any, to: Any) -> Callable[[Document], None]:
    def change(saved: Document) -> None:
        part: Any = saved
        for key in path[:-1]:
            part = part[key]
        assert part[path[-1]] != to
        part[path[-1]] = to

    return change


def _drop(*path: Any) -> Callable[[Document], None]:
    def change(saved: Document) -> None:
        part: Any = saved
        for key in path[:-1]:
            part = part[key]
        del part[path[-1]]

    return change


def _drop_last_node(saved: Document) -> None:
    last = len(saved["nodes"]) - 1
    saved["nodes"].pop()
    saved["edges"] = [edge for edge in saved["edges"] if last not in (edge["source"], edge["target"])]
    saved["visited"] = [k for k in saved["visited"] if k != last]
    saved["path_note"] = "its next minimiser is not unique"


def _unvisit(saved: Document) -> None:
    """The path ends one saddle early, consistently."""
    last, before = saved["visited"].pop(), saved["visited"][-1]
    saved["nodes"][last] |= {"visited": False, "time": None}
    for edge in saved["edges"]:
        if (edge["source"], edge["target"]) == (before, last):
            edge["visited"] = False


CHANGES = {
    "id": _change("nodes", 2, "id", to=3),
    "support": _change("nodes", 1, "support", to=[1]),
    "signs": _change("nodes", 1, "signs", to=[-1, 0, 0]),
    "beta": _change("nodes", 1, "beta", 0, to="1"),
    "beta of the origin": _change("nodes", 0, "beta", 2, to="1/1000000"),
    "loss": _change("nodes", 3, "loss", to="1"),
    "index": _change("nodes", 0, "morse_index", to=2),
    "visited": _change("nodes", 0, "visited", to=False),
    "time": _change("nodes", 0, "time", to="1/7"),
    "time of one not visited": _change("nodes", 3, "time", to="1"),
    "source": _change("edges", 0, "source", to=1),
    "target": _change("edges", 0, "target", to=5),
    "entered": _change("edges", 0, "entered", to=[2]),
    "left": _change("edges", 0, "left", to=[0]),
    "rates": _change("edges", 0, "rates", to=["1"]),
    "elementary edge": _change("edges", 0, "elementary", to=False),
    "visited edge": _change("edges", 1, "visited", to=True),
    "max_support": _change("max_support", to=2),
    "dependent": _change("dependent_active_sets", to=1),
    "cut": _change("cut", to=1),
    "path": _change("visited", to=[0]),
    "path note": _change("path_note", to="its next minimiser is not unique"),
    "undetermined": _change("undetermined", to=[[0, 1]]),
    "an edge": _drop("edges", 0),
    "the last edge": _drop("edges", -1),
    "a node": _drop_last_node,
    "the end of the path": _unvisit,
    "data": _change("problem", "X", 0, 0, to="4"),
    "target data": _change("problem", "y", 0, to="5"),
    "kind of graph": _change("reachable_only", to=True),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("elementary", [True, False])
def test_changes_are_found(name: str, elementary: bool) -> None:
    # all of the full graph can be reached, so that it may say so
    true = name == "kind of graph" and not elementary
    saved = document(THREE, elementary=elementary)
    assert certify_graph(saved).holds
    changed = copy.deepcopy(saved)
    CHANGES[name](changed)
    with contextlib.suppress(BadInputError):
        assert certify_graph(changed).holds is true


def test_a_false_edge_is_found() -> None:
    graph = transition_graph(THREE, elementary=False)
    saved, listed = document(THREE, elementary=False), set(graph.pairs())
    columns = [set(graph.support(k)) for k in range(len(graph))]
    false = [
        (s, t) for s in range(len(graph)) for t in range(len(graph)) if columns[t] - columns[s] and (s, t) not in listed
    ]  # fmt: skip
    assert false
    for s, t in false:
        gradient = graph.node(s).saddle.gradient
        entered = sorted(columns[t] - columns[s])
        edge = {
            "source": s, "target": t, "entered": entered, "left": sorted(columns[s] - columns[t]),
            "rates": [str(2 * abs(gradient[j])) for j in entered],
            "elementary": len(entered) == 1, "visited": False,
        }  # fmt: skip
        edges = sorted([*saved["edges"], edge], key=lambda e: (e["source"], e["target"]))
        failures = certify_graph(saved | {"edges": edges}).failures
        assert any("minimiser on the common face" in claim.text for claim in failures)


def test_ties_and_dependent_columns() -> None:
    assert certify_graph(document(TIE)).holds
    saved = document(TIE)
    tie = next(k for k, edge in enumerate(saved["edges"]) if not edge["elementary"])
    del saved["edges"][tie]
    assert [c.text for c in certify_graph(saved).failures] == ["steps of the path are edges"]
    # 3 = 1 + 2: at the target of columns 0 and 1 the idle column 2 can be traded against both
    wide = DiagonalProblem([[1, 0, 1], [0, 1, 1]], [2, 1])
    saved = document(wide, elementary=False)
    assert certify_graph(saved).holds
    assert saved["undetermined"]
    moved = saved["undetermined"].pop()
    assert certify_graph(saved).holds is False
    again = document(wide, elementary=False)
    again["undetermined"] = [moved, *again["undetermined"], [0, 1]]
    assert certify_graph(again).holds is False


def test_answers_about_shapes() -> None:
    graph = transition_graph(FOUR)
    answers, kinds = [], set()
    for chain in graph.chains(60):
        answer = shape_for_chain(FOUR, [graph.support(k) for k in chain])
        if type(answer) not in kinds:
            kinds.add(type(answer))
            answers.append(answer)
    assert len(answers) == 2
    for answer in answers:
        extra = {"shape_of_chain": json.loads(json.dumps(answer.to_dict()))}
        assert certify_graph(document(FOUR) | extra).holds
        if "kappa" in extra["shape_of_chain"]:
            extra["shape_of_chain"]["kappa"][0] = "1000"
        else:
            extra["shape_of_chain"]["conditions"][0]["multiplier"] = "77"
        assert certify_graph(document(FOUR) | extra).holds is False


def test_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "g.json"
    arguments = [
        "graph",
        "sign-flip",
        "--json",
        "-o",
        str(file),
        "--check",
        "path",
        "--digits",
        "12",
        "--kappa",
        "1,1/3",
    ]
    assert main(arguments) == 0
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert [c["verdict"] for c in saved["check"]["checked"]] == ["confirmed"] * 3
    assert main(["check", str(file)]) == 0
    told = capsys.readouterr().out
    assert "NOT CHECKED  the recorded orbits are not followed again  [recorded: 3 confirmed" in told
    assert told.endswith(
        "hold, decided exactly from the data; besides, 1 of numerical evidence NOT CHECKED.\n"
    )
    assert main(["check", str(file), "--data", "diabetes"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    saved["nodes"][0]["loss"] = "0"
    file.write_text(json.dumps(saved), encoding="utf-8")
    assert main(["check", str(file)]) == 1
    assert "FALSE  the losses are exact" in capsys.readouterr().out
    for damage in ({"nodes": 1}, {"visited": [99]}, {"edges": [{}]}, {"elementary": 1}, {"max_support": "2"}):
        file.write_text(json.dumps(saved | damage), encoding="utf-8")
        assert main(["check", str(file)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_numerical_evidence_is_no_claim() -> None:
    graph = transition_graph(THREE)
    check = check_transitions(graph, digits=10, arc_lengths=False).to_dict()
    found = certify_graph(document(THREE) | {"check": check})
    assert found.holds is True
    assert [(c.holds, c.aside) for c in found.unchecked] == [(None, True)]
    assert found.to_dict()["claims"][-1]["holds"] is None
    moved = copy.deepcopy(check)
    moved["checked"][0]["edge"] = False
    assert certify_graph(document(THREE) | {"check": moved}).holds is False
    for forged in (
        {"checked": "all confirmed"},
        check | {"checked": [check["checked"][0] | {"verdict": "yes"}]},
    ):
        with pytest.raises(BadInputError):
            certify_graph(document(THREE) | {"check": forged})


def failing(saved: Document) -> list[str]:
    return [claim.text for claim in certify_graph(saved).failures]


def _cut_path(saved: Document, length: int, note: str) -> Document:
    """The path ends after so many saddles, with a reason; all marks are in accord with it."""
    saved = copy.deepcopy(saved)
    saved["visited"], saved["path_note"] = saved["visited"][:length], note
    steps = list(pairwise(saved["visited"]))
    for entry in saved["nodes"]:
        if entry["id"] not in saved["visited"]:
            entry |= {"visited": False, "time": None}
    for edge in saved["edges"]:
        edge["visited"] = (edge["source"], edge["target"]) in steps
    return saved


@pytest.mark.parametrize("note", [*PathStop, "", "the network refuses to train"])
def test_a_path_does_not_stop_without_reason(note: str) -> None:
    saved = document(THREE)
    for length in range(1, len(saved["visited"])):
        (text,) = failing(_cut_path(saved, length, note))
        assert "said to stop" in text


# the reasons that there are, each with data where it is the true one
WIDE = [[1, 0, 1], [0, 1, 1]]
STOPS = {
    PathStop.TOO_LARGE: document(THREE, max_support=1),
    PathStop.DEPENDENT: document(DiagonalProblem([[1, 1, 0], [0, 0, 1]], [3, 1])),
    PathStop.NOT_UNIQUE: document(DiagonalProblem([[2, 0, 1, 1], [0, 2, 1, -1]], [2, 2])),
}


@pytest.mark.parametrize("true", STOPS)
def test_the_true_reason_alone_is_accepted(true: PathStop) -> None:
    assert STOPS[true]["path_note"] == true
    for note in (*PathStop, ""):
        assert certify_graph(STOPS[true] | {"path_note": note}).holds is (note == true)


def test_a_step_that_is_no_transition_is_a_true_reason() -> None:
    # at t = 1 the columns reach their bounds together, and the first of them leaves at once
    for problem in _searched(PathStop.NO_TRANSITION):
        saved = document(problem)
        for note in (*PathStop, ""):
            assert certify_graph(saved | {"path_note": note}).holds is (note == PathStop.NO_TRANSITION)


def _searched(stop: PathStop) -> list[DiagonalProblem]:
    """Small data whose path stops for a reason."""
    rng, found = random.Random(5), []
    while len(found) < 2:
        X = [[rng.randint(-2, 2) for _ in range(3)] for _ in range(3)]
        try:
            problem = DiagonalProblem(X, [rng.randint(-3, 3) for _ in range(3)])
            if transition_graph(problem).path_note == stop:
                found.append(problem)
        except SaddlesymError:
            continue
    return found


def test_the_last_saddle_of_a_path_is_a_minimiser() -> None:
    saved = document(TIE)
    first = next(entry["id"] for entry in saved["nodes"] if entry["support"] == [0])
    both = saved["visited"][-1]
    saved["visited"], saved["path_note"] = [0, first], "its next minimiser is not unique"
    saved["nodes"][first] |= {"visited": True, "time": saved["nodes"][both]["time"]}
    saved["nodes"][both] |= {"visited": False, "time": None}
    saved["edges"] = [edge for edge in saved["edges"] if edge["elementary"]]
    for edge in saved["edges"]:
        edge["visited"] = (edge["source"], edge["target"]) == (0, first)
    assert any("s ∈ ∂‖β‖₁" in text for text in failing(saved))
    shape = {"kappa": ["1", "1"], "supports": [[], [0]], "times": ["1/2"]}
    for name in ("chain_of_shape", "shape_of_chain"):
        assert failing(document(TIE) | {name: shape})
    whole = {"chain_of_shape": shape | {"supports": [[], [0, 1]]}}
    assert certify_graph(document(TIE) | whole).holds


def test_the_chain_of_a_shape_goes_on_to_the_minimum() -> None:
    shape = json.loads(json.dumps(path_of_shape(THREE, [1, 1, 1]).to_dict()))
    part = shape | {"supports": shape["supports"][:-1], "times": shape["times"][:-1]}
    assert certify_graph(document(THREE) | {"chain_of_shape": shape}).holds is True
    assert failing(document(THREE) | {"chain_of_shape": part})
    assert certify_graph(document(THREE) | {"shape_of_chain": part}).holds is True
    assert failing(document(THREE) | {"shape_of_chain": part | {"kappa": ["1", "1", "0"]}})
    # equal columns share, so that the support has no single saddle
    twins = DiagonalProblem([[1, 1, 0], [0, 0, 1]], [3, 1])
    shared = {"chain_of_shape": json.loads(json.dumps(path_of_shape(twins, [1, 1, 1]).to_dict()))}
    assert certify_graph(document(twins) | shared).holds is None


def test_no_shape_needs_a_proof() -> None:
    taken = json.loads(json.dumps(path_of_shape(THREE, [1, 1, 1]).to_dict()))["supports"]
    none = {"supports": taken, "reason": "impossible", "step": None, "conditions": []}
    steps = len(taken) - 1
    invented = {"text": "0 > 0", "strict": True, "coefficients": ["0"] * steps, "multiplier": "1"}
    false = [none, none | {"conditions": [invented]}, none | {"supports": [[]]}]
    false += [none | {"step": k} for k in range(steps)]
    for answer in false:
        assert failing(document(THREE) | {"shape_of_chain": answer})
    with pytest.raises(BadInputError):
        certify_graph(document(THREE) | {"shape_of_chain": none | {"step": steps}})


def test_a_step_that_no_thresholds_allow() -> None:
    # column 0 leaves with zero gradient at step 2 and rests at its threshold
    X = [[0, 2, 0, -2], [2, 0, 2, -1], [2, 2, 2, 0], [1, -2, 2, 1]]
    resting = DiagonalProblem(X, [0, 2, -1, 0])
    answer = shape_for_chain(resting, [(), (0,), (0, 3), (2, 3), (1, 2, 3)])
    assert isinstance(answer, NoShape)
    extra = json.loads(json.dumps(answer.to_dict()))
    for step in range(4):
        found = certify_graph(document(resting) | {"shape_of_chain": extra | {"step": step}})
        assert found.holds is (step == answer.step == 3)


def test_undetermined_pairs_are_listed_once_and_not_at_elementary_steps() -> None:
    wide = DiagonalProblem(WIDE, [2, 1])
    full = document(wide, elementary=False)
    assert full["undetermined"]
    assert failing(full | {"undetermined": [p for p in full["undetermined"] for _ in range(3)]})
    assert failing(document(wide) | {"undetermined": full["undetermined"]})
    # beyond the rank a bound on the support leaves nothing out: the same graph
    bounded = document(wide, elementary=True, reachable=True, max_support=2)
    assert document(wide, elementary=True, reachable=True) | {"max_support": 2} == bounded
    assert certify_graph(bounded).holds


@pytest.mark.parametrize("name", ["MAX_SETS", "MAX_PAIRS"])
def test_what_is_too_large_to_check_is_not_said_to_hold(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    saved = document(THREE, elementary=False)
    monkeypatch.setattr(certificate, name, 3)
    found = certify_graph(saved)
    assert found.holds is None
    assert found.unchecked
    assert not found.failures
    file = tmp_path / "g.json"
    file.write_text(json.dumps(saved), encoding="utf-8")
    assert main(["check", str(file)]) == 3
    total = len(found.claims)
    told = capsys.readouterr().out
    assert f"{total - len(found.unchecked)} of {total} claims hold" in told
    assert told.endswith("NOT CHECKED.\n")
    saved["nodes"][0]["loss"] = "0"
    file.write_text(json.dumps(saved), encoding="utf-8")
    assert main(["check", str(file)]) == 1


def test_rays_too_many_to_try_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = document(DiagonalProblem(WIDE, [2, 1]), elementary=False)
    monkeypatch.setattr(signed_points, "MAX_RAYS", 0)
    found = certify_graph(saved)
    assert found.holds is None
    assert "undetermined" in found.unchecked[0].text
