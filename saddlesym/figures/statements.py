"""The statements as a figure: layers along what they use, coloured by status."""

from __future__ import annotations

from textwrap import fill as wrap
from typing import TYPE_CHECKING

from saddlesym.figures.style import styled
from saddlesym.theorems.dependency import GRADE_COLOURS
from saddlesym.theorems.evidence.status import Grade

if TYPE_CHECKING:
    import networkx
    from matplotlib.figure import Figure

#: Widest row of boxes; longer layers are broken into several rows.
_ACROSS = 8


@styled
def draw_statements(graph: networkx.DiGraph[str]) -> Figure:
    """The dependency graph of statements (see ``saddlesym.theorems.dependency``).

    Each statement stands above all that it uses; uses that follow from others are
    not drawn.
    """
    import networkx
    from matplotlib.patches import Patch

    from saddlesym.figures.notebook import Figure

    places = _places(graph)
    rows = 1 + max((y for _, y in places.values()), default=0)
    figure = Figure(figsize=(1.75 * _ACROSS, 0.5 + 0.95 * rows), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.6, _ACROSS - 0.4)
    axes.set_ylim(-0.6, rows - 0.4)
    boxes = {}
    for one, data in graph.nodes(data=True):
        fill, colour = GRADE_COLOURS[data["grade"]]
        x, y = places[one]
        boxes[one] = axes.text(
            x, y, wrap(data["title"], 17), ha="center", va="center", fontsize=7, color=colour, zorder=2,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": fill, "edgecolor": "0.3", "linewidth": 0.6},
        )  # fmt: skip
    present = {data["grade"] for _, data in graph.nodes(data=True)}
    handles = [
        Patch(facecolor=GRADE_COLOURS[grade][0], edgecolor="0.3", label=str(grade))
        for grade in Grade
        if grade in present
    ]
    if handles:
        figure.legend(
            handles=handles, loc="outside upper center", ncols=len(handles), fontsize=8, frameon=False
        )
    figure.draw_without_rendering()  # from here on the sizes of the boxes are known
    for below, above in networkx.transitive_reduction(graph).edges:
        ends = {"patchA": boxes[below].get_bbox_patch(), "patchB": boxes[above].get_bbox_patch()}
        arrow = {"arrowstyle": "-|>", "color": "0.55", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 1, **ends}
        axes.annotate("", xy=places[above], xytext=places[below], arrowprops=arrow, zorder=1)
    return figure


def _places(graph: networkx.DiGraph[str]) -> dict[str, tuple[float, int]]:
    """Row and position of every statement; within a row, near the mean of what it uses."""
    layers: dict[int, list[str]] = {}
    for one, data in graph.nodes(data=True):
        alone = graph.degree(one) == 0  # such as folklore: a row of its own, below everything
        layers.setdefault(-1 if alone else data["depth"], []).append(one)
    places: dict[str, tuple[float, int]] = {}
    row = 0
    for depth in sorted(layers):
        members = sorted(layers[depth], key=lambda one: (_wished(graph, one, places), one))
        for start in range(0, len(members), _ACROSS):
            part = members[start : start + _ACROSS]
            for k, one in enumerate(part):
                places[one] = ((k + 0.5) * _ACROSS / len(part) - 0.5, row)
            row += 1
    return places


def _wished(graph: networkx.DiGraph[str], one: str, places: dict[str, tuple[float, int]]) -> float:
    below = [places[used][0] for used in graph.predecessors(one) if used in places]
    return sum(below) / len(below) if below else 0.0
