"""Figures: what is drawn is what the path says."""

from __future__ import annotations

import io
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.cbook import is_math_text
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from saddlesym import BadInputError, DeepLinearProblem, DiagonalProblem, flow, saddle_path, transition_graph
from saddlesym.figures.deep.flow import draw_deep_flow
from saddlesym.figures.diagonal.dual import draw_dual, dual_picture
from saddlesym.figures.diagonal.flow import draw_flow
from saddlesym.figures.diagonal.flows import draw_flows, draw_jump_times, jump_time_errors
from saddlesym.figures.diagonal.orbits import draw_orbits, elementary_orbits
from saddlesym.figures.diagonal.path import draw_path
from saddlesym.figures.graph import draw_graph
from saddlesym.figures.style import line, svg_text


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


def test_figures_are_the_same_bytes_and_leave_the_style_of_others_alone() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    path = saddle_path(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    first, second = svg_text(draw_path(path)), svg_text(draw_path(path, width="double"))
    assert first == second
    assert svg_text(draw_path(path, width="single")) != first
    assert dict(mpl.rcParams) == before
    assert "<text" not in first  # glyphs are paths: the fonts travel with the drawing
    with pytest.raises(BadInputError, match="width"):
        draw_path(path, width="triple")


def test_curves_differ_without_colour() -> None:
    looks = [line(k) for k in range(28)]
    assert len({(look["color"], look["linestyle"]) for look in looks}) == 28
    assert all(looks[k]["linestyle"] != looks[k + 1]["linestyle"] for k in range(27))


NAMES = ["$\\frac$", "\\", "a\\$b", "", "_", "%d", "年齢", "עלות", "a\u0000b", "x" * 99]


#: What the figures write for them: literally, or by the number of the column.
WRITTEN = [
    "\\$∖frac\\$", "∖", "a∖\\$b", "column 3", " _", "%d", "column 6", "column 7", "a?b", "x" * 19 + "…",
]  # fmt: skip


def words(figure: Figure) -> list[str]:
    """All that a figure says; no line of it is mathematics by accident, and it can be rendered."""
    drawing = ElementTree.fromstring(svg_text(figure))
    assert drawing.tag.endswith("svg")
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_any_name_can_be_drawn() -> None:
    X = [[int(i == j) for i in range(len(NAMES))] for j in range(len(NAMES))]
    figure = draw_path(saddle_path(DiagonalProblem(X, list(range(1, 11)), NAMES)))
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == WRITTEN
    assert set(WRITTEN) < set(words(figure))
    assert not any(map(is_math_text, WRITTEN))
    for names, written in (
        ([NAMES[2], NAMES[7]], ["a∖\\$b", "column 1"]),
        ([NAMES[6], NAMES[0]], ["column 0", "\\$∖frac\\$"]),
    ):
        problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1], names)
        path = saddle_path(problem)
        assert {f"{sign}{name}" for name in written for sign in "+−"} < set(words(draw_dual(path)))
        assert set(written) < set(words(draw_flow(flow(problem, "1e-5", digits=8, certify=False), path)))
        for figure in (draw_orbits(problem), draw_graph(transition_graph(problem))):
            said = words(figure)
            assert all(any(name in text for text in said) for name in written)


def test_a_column_looks_the_same_in_every_figure() -> None:
    """x0 is never active: grey in flows; x1 and x2 have the first two looks, whatever their sizes."""
    problem = DiagonalProblem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, "1/5000", 3])
    path = saddle_path(problem)
    followed = flow(problem, "1e-5", digits=8, certify=False)
    patches = [(p.get_edgecolor(), p.get_linestyle()) for p in draw_path(path).axes[0].patches]
    looks = [(to_rgba(line(k)["color"]), line(k)["linestyle"]) for k in range(2)]
    assert patches == looks
    for drawn in (draw_flow(followed, path), draw_flows([followed], path)):
        lines = drawn.axes[0].lines
        seen = {one.get_label(): (to_rgba(one.get_color()), one.get_linestyle()) for one in lines}
        assert {name: look for name, look in seen.items() if not str(name).startswith("_")} == {
            "x1": looks[0],
            "x2": looks[1],
        }
    alone = draw_flow(followed).axes[0].lines
    assert [not str(one.get_label()).startswith("_") for one in alone] == [False, False, True]


def test_a_deep_flow_is_drawn_in_the_style_of_the_house() -> None:
    followed = flow(DeepLinearProblem.whitened([[3, 0], [0, 1]]), "1e-5", digits=8)
    figure = draw_deep_flow(followed, width="single")
    top, bottom = figure.axes
    assert [(one.get_color(), one.get_linestyle()) for one in top.lines[:2]] == [
        (line(k)["color"], line(k)["linestyle"]) for k in range(2)
    ]
    assert top.lines[0].get_ydata()[-1] == pytest.approx(3, rel=1e-6)
    assert list(bottom.patches[0].get_data().values) == [0, 1, 2]
    assert list(bottom.patches[0].get_data().edges)[1:3] == pytest.approx(
        [float(t) for t in followed.times()]
    )
    assert figure.get_size_inches()[0] == 3.4
    assert all(axes.xaxis.label.get_fontfamily()[0] == "STIXGeneral" for axes in figure.axes)
    with pytest.raises(BadInputError, match="width"):
        draw_deep_flow(followed, width="triple")


def test_flows_are_drawn_over_the_path_one_panel_per_scale() -> None:
    problem = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])
    path = saddle_path(problem)
    flows = [flow(problem, alpha, digits=10, certify=False) for alpha in ("1e-5", "1e-30", "1e-90")]
    figure = draw_flows(flows, path)
    assert len(figure.axes) == 3
    times, values = figure.axes[2].lines[0].get_data()
    assert np.interp(5, times, values) == pytest.approx(float(flows[2].beta(5)[0]), abs=1e-6)
    assert list(figure.axes[0].patches[0].get_data().values) == [0, 0.2, 0, -1]
    errors = jump_time_errors(flows, path)
    assert set(errors) >= {2, 3}
    for series in errors.values():  # T_k/Λ − t_k = c_k/Λ up to a power of α
        constants = [error / small for small, error in series[:2]]
        assert constants[0] == pytest.approx(constants[1], rel=1e-3)
    assert len(draw_jump_times(flows, path).axes[0].lines) == len(errors) + 1
    with pytest.raises(BadInputError):
        draw_flows([], path)


@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[-3, -1], [-1, 0]], [-1, 1]),
        ([[3, 1, -2, 1], [1, 2, 2, -1]], [4, 3]),
        ([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2]),
        ([[1, 2], [0, 1], [3, 1], [1, 1]], [1, 2, 0, 4]),
    ],
)
def test_w_slides_along_the_faces_that_s_says(X: list[list[int]], y: list[int]) -> None:
    path = saddle_path(DiagonalProblem(X, y))
    picture = dual_picture(path)
    for point, jump in zip(picture.points[1:], path.jumps, strict=True):
        assert point @ picture.columns == pytest.approx(jump.dual.floats(), abs=1e-9)
    assert np.abs(picture.vertices @ picture.columns).max() <= 1 + 1e-9
    tight = np.sum(np.abs(picture.vertices @ picture.columns) > 1 - 1e-9, axis=1)
    assert min(tight) >= picture.dimension
    if picture.dimension == 3:  # Euler's formula, every face being a signed column that is tight somewhere
        sides = np.vstack([picture.columns.T, -picture.columns.T])
        faces = sum(np.sum(picture.vertices @ side > 1 - 1e-9) >= 3 for side in sides)
        assert len(picture.vertices) - len(picture.edges) + faces == 2
    draw_dual(path)


def test_a_polytope_in_more_than_space_is_refused() -> None:
    with pytest.raises(BadInputError, match="rank 1"):
        draw_dual(saddle_path(DiagonalProblem([[1], [2]], [1, 1])))
    with pytest.raises(BadInputError, match="4 columns"):
        draw_orbits(DiagonalProblem([[1, 0, 0, 1]], [1]))


def test_orbits_join_the_saddles_of_the_graph() -> None:
    problem = DiagonalProblem([[3, 1, -2], [1, 2, 2], [0, 1, -1]], [4, 3, -2])
    graph = transition_graph(problem)
    orbits, failed = elementary_orbits(problem)
    assert not failed
    nodes = {node.id: np.array(node.beta.floats()) for node in graph.nodes()}
    ends = {
        tuple(
            next(k for k, beta in nodes.items() if np.abs(beta - end).max() < 1e-5)
            for end in (one.points[0], one.points[-1])
        )
        for one in orbits
    }
    assert ends == set(graph.pairs())
    assert sum(one.visited for one in orbits) == len(saddle_path(problem).jumps)
