"""Results in notebooks and data frames: exact, escaped, and clear where pandas is missing."""

from __future__ import annotations

import sys
from fractions import Fraction

import pandas as pd
import pytest
from pages import HOSTILE, Structure

from saddlesym import (
    DiagonalProblem,
    SaddlesymError,
    explore,
    flow,
    recover_jump_times,
    saddle_path,
    saddles,
    transition_graph,
    verify,
)
from saddlesym.grids import SHOWN_ROWS, Grid, Name, Rounded, cell_latex

PROBLEM = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2], [*HOSTILE[:3], "d"])


def results() -> list:
    path = saddle_path(PROBLEM)
    two = "1e-80", "1e-160"
    return [
        PROBLEM, path, next(iter(saddles(PROBLEM))), transition_graph(PROBLEM), verify(PROBLEM, ["loss-falls"]),
        flow(PROBLEM, "1e-50", digits=10, certify=False), recover_jump_times(PROBLEM, two, digits=10, certify=False),
        explore(PROBLEM, quick=True), DiagonalProblem.from_gram([[2, 1], [1, 2]], [1, 0]),
    ]  # fmt: skip


@pytest.mark.parametrize("result", results(), ids=lambda result: type(result).__name__)
def test_every_result_shows_itself(result) -> None:
    html = result._repr_html_()
    page = Structure(html)
    assert page.tags <= {
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "bdi",
        "span",
        "details",
        "summary",
    }
    assert not page.handlers
    frame = result.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == len(result.grid().rows)
    latex = result._repr_latex_()
    assert latex.startswith("$$\\begin{array}")
    assert latex.count("{") - latex.count("\\{") == latex.count("}") - latex.count("\\}")
    for name in HOSTILE[:3]:
        if name in frame.columns:
            assert str(Name(name)) in page.isolated


def test_frames_keep_exact_numbers() -> None:
    frame = saddle_path(PROBLEM).to_frame()
    assert list(frame["t"]) == [0, Fraction(1, 5), Fraction(9, 20), Fraction(195, 133)]
    assert list(frame["L"])[-1] == 0
    assert list(PROBLEM.to_frame()["y"]) == [4, 3, -2]
    assert list(transition_graph(PROBLEM).to_frame()["visited at t"].dropna()) == list(frame["t"])


def test_long_results_are_cut_in_notebooks_and_whole_in_frames() -> None:
    problem = DiagonalProblem([[k, k * k] for k in range(60)], list(range(60)))
    assert f"… {60 - SHOWN_ROWS} more rows" in problem._repr_html_()
    assert len(problem.to_frame()) == 60


def test_without_pandas_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SaddlesymError, match="pandas is not installed"):
        PROBLEM.to_frame()


def test_user_text_in_latex_is_text() -> None:
    assert cell_latex(Name("\\input{x}$^_")) == (r"\text{\textbackslash{}input\{x\}\$\textasciicircum{}\_}")


def test_long_fractions_are_folded_with_all_their_digits() -> None:
    long = Fraction(10**60 + 1, 3**50)
    html = Grid("x", ("t",), ((Rounded(long),),)).html()
    assert f"{long.numerator}/{long.denominator}" in html
    assert "<summary>" in html
