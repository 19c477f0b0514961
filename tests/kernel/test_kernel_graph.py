"""The Coq file of a transition graph: complete and right, and nothing else passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kernel.test_kernel import COQ, FLIP, data_of, defined, drawn, integers, run, saddles_of

from saddlesym import DiagonalProblem, transition_graph
from saddlesym.errors import BadInputError
from saddlesym.kernel import kernel_graph_certificate, theory

SQUARE = drawn(3, 3, 8)


def source(problem: DiagonalProblem) -> str:
    return kernel_graph_certificate(transition_graph(problem, elementary=False), run=False).source


def test_the_file_is_about_the_data_and_the_graph_that_are_meant() -> None:
    text, graph = source(SQUARE), transition_graph(SQUARE, elementary=False)
    assert data_of(text) == ([list(row) for row in SQUARE.X], list(SQUARE.y))
    masks = [sum(1 << i for i in graph.support(k)) for k in range(len(graph))]
    assert integers(defined(text, "the_nodes").replace("%nat", "")) == sorted(masks)
    pairs = re.findall(r"\((\d+), (\d+)\)", defined(text, "the_edges"))
    assert {(int(s), int(t)) for s, t in pairs} == {(masks[s], masks[t]) for s, t in graph.pairs()}
    points = saddles_of(text, "the_points")
    for k, mask in enumerate(masks):
        assert points[mask] == list(graph.node(k).beta)


def test_what_is_out_of_reach_is_refused() -> None:
    with pytest.raises(BadInputError, match="7 columns"):
        kernel_graph_certificate(transition_graph(drawn(8, 7, 1), elementary=False))
    with pytest.raises(BadInputError, match="dependent"):
        kernel_graph_certificate(transition_graph(drawn(2, 3, 1), elementary=False))
    for options in ({}, {"elementary": False, "max_support": 1}):
        with pytest.raises(BadInputError, match="leaves out"):
            kernel_graph_certificate(transition_graph(FLIP, **options))  # type: ignore[arg-type]


def test_the_command_says_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["diabetes", "--graph"], ["sign-flip", "--graph", "--until", "1"]):
        status, out, err = run(capsys, "kernel", *arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)


#: What is done to the file of FLIP.
TAMPERED = {
    "data": (r"\[-3; -1\]", "[-3; -2]"),
    "saddle": (r"the_nodes : list nat := \[0; ", "the_nodes : list nat := ["),
    "point": (r"\(\[-1; 4\]", "([-1; 5]"),
    "missing edge": (r"\(1, 2\); ", ""),
    "edge too many": (r"\(1, 2\); ", "(1, 2); (1, 3); "),
    "inverse": (r"inverse_over := (\d+)", r"inverse_over := 1\1"),
}


@COQ
def test_the_kernel_checks_graphs() -> None:
    for problem in (FLIP, SQUARE):
        assert kernel_graph_certificate(transition_graph(problem, elementary=False)).holds


@COQ
@pytest.mark.parametrize("what", TAMPERED)
def test_coqc_refuses_a_graph_that_was_tampered_with(what: str, tmp_path: Path) -> None:
    text = source(FLIP)
    changed = re.sub(*TAMPERED[what], text, count=1)
    assert changed != text
    (tmp_path / "Claim.v").write_text(changed, encoding="utf-8")
    refused = theory.run_coqc(tmp_path, "Claim.v", theory.compiled_theory())
    assert refused.returncode == 1
    assert "true = true" in refused.stderr


@pytest.mark.long
@COQ
@pytest.mark.parametrize("seed", [1, 2])
def test_the_kernel_checks_graphs_of_six_columns(seed: int) -> None:
    graph = transition_graph(drawn(9, 6, seed), elementary=False)
    assert kernel_graph_certificate(graph).holds
