"""Figures: what is drawn is what the path says."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np
import pytest

from saddlesym import BadInputError, DiagonalProblem, saddle_path
from saddlesym.figures.path import draw_path


def test_steps_and_lines_carry_the_values_of_the_path() -> None:
    path = saddle_path(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1], feature_names=["_a$x$", "b\n"]))
    figure = draw_path(path)
    top, middle, bottom = figure.axes
    steps = [patch.get_data() for patch in top.patches]
    assert [list(step.values) for step in steps] == [[0, 0.2, 0, -1], [0, 0, 1, 4]]
    assert list(steps[0].edges) == [0, 1, 3.5, 7.5, 7.5 * 1.25]
    times, values = middle.lines[0].get_data()
    assert np.interp(3.5, times, values) == pytest.approx(float(abs(path.dual("3.5")[0])))
    assert list(bottom.patches[0].get_data().values) == pytest.approx([0.5, 0.4, 0.25, 0])
    assert bottom.get_xscale() == "linear"
    legend = top.get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 2
    figure.savefig(io.BytesIO(), format="png")


def test_time_is_logarithmic_when_it_spans_decades_and_truncation_is_respected() -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    assert draw_path(saddle_path(problem)).axes[2].get_xscale() == "log"
    for until in ("1", "1/10", "0.1234567"):
        cut = draw_path(saddle_path(problem, until=until))
        assert cut.axes[2].get_xlim()[1] == float(Fraction(until))
    for jumps in range(12):
        figure = draw_path(saddle_path(problem, max_jumps=jumps))
        assert len(figure.axes[0].patches) == len({i for j in figure_jumps(problem, jumps) for i in j})


def figure_jumps(problem: DiagonalProblem, count: int) -> list[tuple[int, ...]]:
    return [jump.support for jump in saddle_path(problem).jumps[:count]]


def test_values_that_no_float_holds_are_refused() -> None:
    tiny = DiagonalProblem([["1", "0"], ["0", "1"]], ["1e-400", "3e-400"])
    with pytest.raises(BadInputError, match="does not fit into a picture"):
        draw_path(saddle_path(tiny))


def test_a_path_without_jumps_can_be_drawn() -> None:
    figure = draw_path(saddle_path(DiagonalProblem([[1], [1]], [0, 0])))
    figure.savefig(io.BytesIO(), format="svg")
    assert figure.axes[0].get_xlim() == (0, 1)
