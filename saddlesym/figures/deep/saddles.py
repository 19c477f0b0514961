"""The saddles of a deep linear network as a figure: the lattice of sets of singular modes."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from saddlesym.figures.drawing import panels
from saddlesym.figures.graph import Show, shown_nodes
from saddlesym.figures.style import COLOURS, Width, coordinate, inches, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.deep.saddles.enumeration import DeepSaddle
    from saddlesym.graph.deep import DeepSaddleGraph

#: Saddles up to which each has a label; beyond, only the truncations do.
_LABELLED = 20
_MARKERS = {"strict": "o", "non-strict": "s", "minimum": "*"}


@styled
def draw_deep_saddles(
    graph: DeepSaddleGraph, *, ax: Any = None, show: Show = "auto", width: Width = "double"
) -> Figure:
    """Saddles by rank and loss; growth of a mode as a solid arrow, exchange as a dashed one.

    Args:
        graph: the graph to draw.
        ax: axes of a user; default a new figure.
        show: which part, see :func:`saddlesym.figures.graph.shown_nodes`; the visited
            saddles are the truncations of A*.
        width: inches, or ``single``, ``double``.

    Returns:
        The figure; its title says how much of the graph it shows.
    """
    from saddlesym.figures.notebook import Figure

    across = inches(width)
    own = ax is None
    if own:
        ax = Figure(figsize=(across, 0.7 * across), layout="constrained").subplots()
    (axes,) = panels(ax, 1)
    chosen = shown_nodes(graph, show)
    place = _places(graph, chosen)
    _draw_edges(axes, graph, place, own)
    _draw_nodes(axes, graph, place)
    ranks = sorted({graph.node(k).rank for k in chosen})
    axes.set_xlim(ranks[0] - 0.6, ranks[-1] + 0.6)
    axes.set_xticks(ranks)
    axes.set_xlabel("rank of $A$")
    axes.set_ylabel("loss $C(A)$")
    part = f"{len(chosen)} of {len(graph)}" if len(chosen) < len(graph) else f"{len(graph)}"
    axes.set_title(f"{part} saddles, depth {graph.problem.depth}; bold: truncations of A*")
    return axes.figure  # type: ignore[no-any-return]


def _places(graph: DeepSaddleGraph, chosen: Collection[int]) -> dict[int, tuple[float, float]]:
    """Rank and loss; saddles of one rank are spread a little, so that arrows pass between them."""
    ranks: dict[int, list[int]] = {}
    for k in chosen:
        ranks.setdefault(graph.node(k).rank, []).append(k)
    return {
        k: (rank + 0.4 * (i / (len(row) - 1) - 0.5 if len(row) > 1 else 0), coordinate(graph.node(k).loss(8)))
        for rank, row in ranks.items()
        for i, k in enumerate(row)
    }


def _draw_edges(axes: Any, graph: DeepSaddleGraph, place: dict[int, tuple[float, float]], own: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyArrowPatch

    steps = set(pairwise(graph.visited))
    seen = set()
    for source, target in graph.pairs():
        if source not in place or target not in place:
            continue
        growth, bold = graph.edge(source, target).is_growth, (source, target) in steps
        seen.add(growth)
        axes.add_patch(
            FancyArrowPatch(
                place[source],
                place[target],
                arrowstyle="-|>",
                mutation_scale=13 if bold else 8,
                connectionstyle="arc3,rad=0.0" if growth else "arc3,rad=0.15",
                shrinkA=5,
                shrinkB=5,
                color=COLOURS[0] if growth else COLOURS[1],
                linestyle="-" if growth else "--",
                linewidth=2.4 if bold else 0.9,
                alpha=1.0 if bold else 0.55,
                zorder=2 if bold else 1,
            )
        )
    kinds = [(True, "growth of a mode", "-"), (False, "exchange of modes", "--")]
    handles = [
        Line2D([], [], color=COLOURS[0 if growth else 1], linestyle=style, label=label)
        for growth, label, style in kinds
        if growth in seen
    ]
    for kind in dict.fromkeys(graph.node(k).strictness for k in place):
        label = kind if kind == "minimum" else f"{kind} saddle"
        handles.append(Line2D([], [], color="0.3", linestyle="", marker=_MARKERS[kind], label=label))
    if own:
        columns = max(1, int(axes.figure.get_figwidth() / 1.6))
        axes.figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    else:
        axes.legend(handles=handles, loc="upper right", fontsize="small")


def _draw_nodes(axes: Any, graph: DeepSaddleGraph, place: dict[int, tuple[float, float]]) -> None:
    from matplotlib.patheffects import withStroke

    visited = set(graph.visited)
    for k, (x, y) in place.items():
        saddle = graph.node(k)
        axes.plot(
            [x],
            [y],
            marker=_MARKERS[saddle.strictness],
            markersize=10 if saddle.is_minimum else 6 if k in visited else 5,
            color="black" if k in visited else "0.5",
            zorder=3,
        )
        if k not in visited and len(place) > _LABELLED:
            continue
        axes.annotate(
            _label(saddle),
            (x, y),
            xytext=(0, -7),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize="x-small",
            fontweight="bold" if k in visited else "normal",
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=4,
        )
    axes.margins(y=0.15)


def _label(saddle: DeepSaddle) -> str:
    """The modes, numbered from 1, neighbours as one range; dots after a family."""
    if not saddle.modes:
        return "origin"
    runs: list[list[int]] = []
    for mode in saddle.modes:
        if runs and mode == runs[-1][-1] + 1:
            runs[-1].append(mode)
        else:
            runs.append([mode])
    words = [
        f"{run[0] + 1}–{run[-1] + 1}" if len(run) > 2 else ", ".join(str(mode + 1) for mode in run)
        for run in runs
    ]
    return "{" + ", ".join(words) + "}" + ("…" if saddle.dimension else "")
