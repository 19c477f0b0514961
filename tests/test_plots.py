"""Results draw themselves: on the axes of a user, or as a figure that shows itself."""

from __future__ import annotations

import re
from typing import Any

import networkx
import numpy as np
import pytest
from flint import arb
from matplotlib.figure import Figure
from results import deep, diagonal, greedy, instances, path

import saddlesym
from saddlesym import BadInputError, DiagonalProblem
from saddlesym.graph.export import attributed, flat

#: Panels of the figure of each result.
PANELS = {
    "SaddlePath": 3, "Flow": 2, "DeepFlow": 2, "SaddleGraph": 1, "DeepSaddleGraph": 1, "DeepLinearFlow": 2,
    "GreedyPath": 1, "Escape": 2,
}  # fmt: skip


def drawn(axes: Any) -> int:
    return len(axes.lines) + len(axes.patches) + len(axes.collections)


@pytest.mark.parametrize("name", PANELS)
def test_results_draw_on_the_axes_of_a_user(name: str) -> None:
    result, count = instances()[name][0], PANELS[name]
    figure = Figure()
    axes = figure.subplots(1, count + 1)
    assert result.plot(axes[0]) is axes[0]
    assert drawn(axes[0])
    assert axes[0].get_xlabel()
    assert not any(map(drawn, axes[1:]))
    assert figure.legends == []  # nothing outside of the axes
    several = Figure().subplots(count, 1, squeeze=False)
    result.plot(ax=several)
    assert all(map(drawn, several.flat))
    assert several[-1, 0].get_xlabel()
    for wrong in (3, [], list(axes)[: count + 1], figure):
        with pytest.raises(BadInputError, match="axes of matplotlib"):
            result.plot(ax=wrong)


@pytest.mark.parametrize("name", PANELS)
def test_figures_show_themselves(name: str) -> None:
    figure = instances()[name][0].plot()
    assert len(figure.axes) == PANELS[name]
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_one_axes_shows_what_the_first_panel_shows() -> None:
    own, whole = Figure().subplots(), path().plot().axes[0]
    path().plot(own)
    assert [line.get_xydata().tolist() for line in own.lines] == [
        line.get_xydata().tolist() for line in whole.lines
    ]
    assert own.get_xlim() == whole.get_xlim()


def test_a_path_is_a_sequence_of_jumps() -> None:
    found = path()
    assert len(found) == len(found.jumps) == 3
    assert list(found) == list(found.jumps)
    assert found[0] is found.jumps[0]
    assert found[-1].beta == found.final
    assert found[1:] == found.jumps[1:]
    with pytest.raises(IndexError):
        found[3]
    still = saddlesym.saddle_path(DiagonalProblem([[1]], [0]))
    assert (len(still), bool(still), list(still)) == (0, True, [])


def test_values_at_several_times() -> None:
    found, times = path(), ["0", "1/3", 0.5, 1]
    assert found.beta(times) == tuple(map(found.beta, times))
    exact = np.array([found.dual(t).floats() for t in times])
    assert np.array_equal(found.dual(np.array([0, 1 / 3, 0.5, 1]), numpy=True)[[0, 2, 3]], exact[[0, 2, 3]])
    assert found.loss(times, numpy=True).dtype == np.float64
    assert found.beta("1/2", numpy=True).tolist() == found.beta("1/2").floats()
    for name, call in (("Flow", "beta"), ("Flow", "u"), ("DeepFlow", "dual"), ("Flow", "loss")):
        flow = instances()[name][0]
        several = getattr(flow, call)(["1/10", "1/5"])
        assert several == (getattr(flow, call)("1/10"), getattr(flow, call)("1/5"))
        array = getattr(flow, call)(np.array([0.1, 0.2]), numpy=True)
        assert array.shape == ((2,) if call == "loss" else (2, 2))
        assert np.allclose(array, np.array(_floats(several)), rtol=1e-15)
    followed = instances()["DeepLinearFlow"][0]
    assert followed.singular_values([0, "1/4"], numpy=True).shape == (2, 2)
    layers = followed.weights([0, "1/4", "1/2"], numpy=True)
    assert [w.shape for w in layers] == [(3, 2, 2), (3, 2, 2)]
    orbit = instances()["Orbit"][0]
    assert orbit.beta([0, 1], numpy=True).shape == (2, 2)
    with pytest.raises(BadInputError, match="is negative; needed"):
        found.beta([0, -1])


def _floats(values: Any) -> Any:
    return [_floats(x) for x in values] if isinstance(values, tuple) else float(values)


def test_orbits_of_other_amplitudes_are_others() -> None:
    one, other = (
        saddlesym.heteroclinic_orbit(diagonal(), [0, 0], [0], amplitudes=[a], digits=10) for a in (1, 2)
    )
    assert one != other


@pytest.mark.parametrize("kind", ["diagonal", "deep"])
def test_digraphs_carry_what_graphml_carries(kind: str) -> None:
    if kind == "diagonal":
        graph: Any = saddlesym.transition_graph(diagonal())
    else:
        graph = saddlesym.transition_graph(deep())
    written = attributed(graph)
    inside = graph.digraph
    assert networkx.is_frozen(inside)
    assert inside.nodes.keys() == written.nodes.keys()
    assert inside.edges.keys() == written.edges.keys()
    for mine, theirs in ((inside.nodes, written.nodes), (inside.edges, written.edges)):
        for key in mine:
            assert mine[key].keys() == theirs[key].keys()
            for name, value in mine[key].items():
                if not hasattr(value, "arb") and name != "loss":
                    assert flat({name: value})[name] == theirs[key][name]
    if kind == "diagonal":
        node = graph.node(1)
        held = inside.nodes[1]
        assert (held["beta"], held["loss"], held["time"]) == (node.beta, node.loss, node.time)
        assert inside.edges[0, 1]["rates"] == graph.edge(0, 1).rates
    else:
        assert inside.nodes[0]["loss"] == graph.saddles[0].rational_loss
        assert inside.nodes[1]["time"].arb.overlaps(arb("0.5"))


def test_a_listing_of_saddles_says_what_it_is() -> None:
    done: list[int] = []
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    listing = saddlesym.saddles(problem, progress=lambda moment: done.append(moment.done))
    assert repr(listing) == "<saddles of 2 columns: 4 at most, none computed yet; list() computes them>"
    assert done == []  # lazy
    assert iter(listing) is listing
    next(listing)
    assert done == [1]
    assert "1 computed; list() computes the others" in repr(listing)
    assert len(list(listing)) == 3
    assert repr(listing) == "<saddles of 2 columns: all 4 were computed>"
    assert repr(saddlesym.saddles(deep())).startswith("<saddles of 2 modes: 4 at most")


def test_a_path_as_latex() -> None:
    text = path().to_latex()
    assert text.startswith(r"\begin{array}{rrlrr}")
    assert text.endswith(r"\end{array}")
    assert "$" not in text
    assert len(re.findall(r"\\\\", text)) == len(path()) + 1
    hostile = DiagonalProblem([[2, 0], [0, 3]], [3, -1], [r"$\input{x}", "50%_"])
    assert r"\frac{1}{3}" in saddlesym.saddle_path(hostile).to_latex()
    assert r"\text{\$\textbackslash{}input\{x\}}" in saddlesym.saddle_path(hostile).to_latex()
    assert saddlesym.saddle_path(hostile).to_latex(1).count(r"\\") == 3


def test_greedy_paths_with_flows_have_two_panels() -> None:
    comparison = instances()["GreedyComparison"][0]
    assert len(greedy().plot(comparison=comparison).axes) == 2
