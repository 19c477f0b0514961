"""A saved graph is re-checked from its data; whatever is changed in it is found."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from test_graph_laws import problems

from saddlesym import BadInputError, DiagonalProblem, check_transitions, shape_for_chain, transition_graph
from saddlesym.cli.main import main
from saddlesym.graph.certificate import certify_graph

Document = dict[str, Any]
THREE = DiagonalProblem([[3, 1, -2], [1, 4, 2], [0, 1, -3], [1, 0, 2]], [4, 3, -2, 1])
FOUR = DiagonalProblem([[-2, -2, -1, -1], [-2, 2, 2, 2], [-2, -2, -2, -1], [2, 2, -2, 1]], [-2, 0, -2, -2])
TIE = DiagonalProblem([[2, 0], [0, 2]], [2, 2])


def document(problem: DiagonalProblem, *arguments: Any, **options: Any) -> Document:
    return json.loads(json.dumps(transition_graph(problem, *arguments, **options).to_dict()))


@given(problems())
def test_every_graph_is_confirmed(problem: DiagonalProblem) -> None:
    for elementary in (True, False):
        for reachable in (True, False):
            for bound in (None, 1, 2):
                found = certify_graph(document(problem, elementary, reachable, bound))
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
    "index": _change("nodes", 0, "index", to=2),
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
    if name == "kind of graph" and not elementary:
        return  # all of this full graph can be reached, so that this says the same
    saved = document(THREE, elementary)
    assert certify_graph(saved).holds
    changed = copy.deepcopy(saved)
    CHANGES[name](changed)
    with contextlib.suppress(BadInputError):
        assert not certify_graph(changed).holds


def test_a_false_edge_is_found() -> None:
    graph = transition_graph(THREE, elementary=False)
    saved, listed = document(THREE, False), set(graph.pairs())
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
    saved = document(wide, False)
    assert certify_graph(saved).holds
    assert saved["undetermined"]
    moved = saved["undetermined"].pop()
    assert not certify_graph(saved).holds
    again = document(wide, False)
    again["undetermined"] = [moved, *again["undetermined"], [0, 1]]
    assert not certify_graph(again).holds


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
        assert not certify_graph(document(FOUR) | extra).holds


def test_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "g.json"
    arguments = [
        "graph",
        "sign-flip",
        "-o",
        str(file),
        "--check",
        "path",
        "--digits",
        "12",
        "--shape",
        "1,1/3",
    ]
    assert main(arguments) == 0
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert [c["verdict"] for c in saved["check"]["checked"]] == ["confirmed"] * 3
    assert main(["check", str(file)]) == 0
    assert "NOT followed again" in capsys.readouterr().out
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
    check = check_transitions(graph, 10, arc_lengths=False)
    found = certify_graph(document(THREE) | {"check": check.to_dict()})
    assert found.holds
    assert "NOT" in found.claims[-1].text
