"""The saddle graph as a figure: layers by Morse index or loss, the saddle path highlighted."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from io import StringIO
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from saddlesym.errors import BadInputError, shown
from saddlesym.figures.drawing import panels
from saddlesym.figures.labels import place_labels
from saddlesym.figures.style import COLOURS, STYLES, styled
from saddlesym.graph.export import write_dot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.graph.deep import DeepSaddleGraph
    from saddlesym.graph.diagonal import SaddleGraph

Show: TypeAlias = Literal["auto", "all", "reachable", "neighbourhood", "visited"]
LayeredBy: TypeAlias = Literal["morse_index", "loss"]

#: Nodes up to which ``auto`` shows the whole graph.
_READABLE = 70
#: Nodes up to which every node is labelled; beyond, only the saddle path is.
_LABELLED = 40
#: Seconds that Graphviz may take before our own layout is used.
_PATIENCE = 20

Place: TypeAlias = tuple[float, float]


def shown_nodes(graph: SaddleGraph | DeepSaddleGraph, show: Show = "auto") -> tuple[int, ...]:
    """The ids that a drawing shows.

    Args:
        graph: the graph.
        show: ``all``; ``reachable`` from the origin; ``visited`` by the saddle path;
            ``neighbourhood``, the visited ones and all that one transition leads to
            from them; ``auto``, the first of all, reachable, neighbourhood, visited
            that stays readable (70 nodes).

    Raises:
        BadInputError: another word.
    """
    choices: dict[str, Callable[[], Collection[int]]] = {
        "all": lambda: range(len(graph)),
        "reachable": graph.reachable,
        "neighbourhood": lambda: _neighbourhood(graph),
        "visited": lambda: graph.visited,
    }
    if show == "auto":
        parts = (tuple(sorted(choose())) for choose in choices.values())
        return next((part for part in parts if len(part) <= _READABLE), graph.visited)
    if show not in choices:
        raise BadInputError(f"show={shown(show)}", needed=f"auto or one of {', '.join(choices)}")
    return tuple(sorted(choices[show]()))


def _neighbourhood(graph: SaddleGraph | DeepSaddleGraph) -> set[int]:
    near = set(graph.visited)
    for node in graph.visited:
        near.update(graph.adjacency.successors(node).tolist())
    return near


@styled
def draw_graph(
    graph: SaddleGraph,
    *,
    ax: Any = None,
    show: Show = "auto",
    layers: LayeredBy = "morse_index",
    graphviz: bool | None = None,
    width: float | None = None,
    height: float | None = None,
) -> Figure:
    """Saddles in layers, transitions as arrows coloured by net change of the active set.

    Args:
        graph: the graph to draw.
        ax: axes of a user; default a new figure.
        show: which part, see :func:`shown_nodes`.
        layers: the horizontal axis, falling to the right: ``morse_index`` or
            ``loss`` (its excess over the least loss, asinh scale).
        graphviz: whether the program ``dot`` arranges each layer; default: when it is
            installed and the drawing is small.
        width: inches; default by the number of layers.
        height: inches; default by the largest layer.

    Returns:
        The figure; its title says how much of the graph it shows.
    """
    from saddlesym.figures.notebook import Figure

    if layers not in ("morse_index", "loss"):
        raise BadInputError(f"layers={shown(layers)}", needed="morse_index or loss")
    chosen = shown_nodes(graph, show)
    edges = list(graph.pairs(chosen))
    ranks = _ranked(graph, chosen)
    place = _arranged(graph, ranks, edges, graphviz)
    if layers == "loss":
        least = min((graph.node(k).loss for k in graph.minima or chosen), default=Fraction(0))
        place = {k: (float(graph.node(k).loss - least), y) for k, (_, y) in place.items()}
    tallest = max(map(len, ranks))
    size = (width or min(16.0, 3.0 + 1.4 * len(ranks)), height or min(14.0, max(3.5, 1.0 + 0.5 * tallest)))
    if ax is None:
        ax = Figure(figsize=size, layout="constrained").subplots()
    (axes,) = panels(ax, 1)
    _draw_edges(axes, graph, edges, place)
    _draw_nodes(axes, graph, chosen, place)
    _dress(axes, graph, place, layers)
    shown_labels = [k for k in chosen if len(chosen) <= _LABELLED or k in set(graph.visited)]
    place_labels(axes.figure, axes, graph, shown_labels, place)
    return axes.figure  # type: ignore[no-any-return]


def _ranked(graph: SaddleGraph, chosen: Sequence[int]) -> list[list[int]]:
    """The nodes by falling Morse index."""
    ranks: dict[int, list[int]] = {}
    for k in chosen:
        ranks.setdefault(graph.morse_index(k), []).append(k)
    return [ranks[index] for index in sorted(ranks, reverse=True)]


def _arranged(
    graph: SaddleGraph, ranks: list[list[int]], edges: Sequence[tuple[int, int]], graphviz: bool | None
) -> dict[int, Place]:
    """Places (Morse index, height in its layer, centred on 0)."""
    order = None
    if graphviz or (graphviz is None and len(edges) <= 1500):
        order = _graphviz_order(graph, [k for rank in ranks for k in rank])
    if order is None:
        order = _barycentric_order(ranks, edges)
    place = {}
    for rank in ranks:
        for position, k in enumerate(sorted(rank, key=order.__getitem__)):
            place[k] = (float(graph.morse_index(k)), (len(rank) - 1) / 2 - position)
    return place


def _barycentric_order(ranks: list[list[int]], edges: Sequence[tuple[int, int]]) -> dict[int, float]:
    """Few crossings: each node goes to the mean place of its neighbours, to and fro."""
    neighbours: dict[int, list[int]] = {k: [] for rank in ranks for k in rank}
    for source, target in edges:
        neighbours[source].append(target)
        neighbours[target].append(source)
    place = {k: i - (len(rank) - 1) / 2 for rank in ranks for i, k in enumerate(rank)}
    for sweep in range(8):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            wish = {
                k: sum(place[m] for m in neighbours[k]) / len(neighbours[k]) if neighbours[k] else place[k]
                for k in rank
            }
            for i, k in enumerate(sorted(rank, key=lambda k: (wish[k], k))):
                place[k] = i - (len(rank) - 1) / 2
    return place


def _graphviz_order(graph: SaddleGraph, chosen: Collection[int]) -> dict[int, float] | None:
    """Heights by Graphviz' ``dot``; None when it is not there or does not answer."""
    program = shutil.which("dot")
    if program is None:
        return None
    text = StringIO()
    write_dot(graph, text, kept=chosen)
    try:
        answer = subprocess.run(
            [program, "-Tplain"], input=text.getvalue(), capture_output=True, text=True, encoding="utf-8",
            timeout=_PATIENCE, check=True,
        )  # fmt: skip
        rows = [line.split(" ") for line in answer.stdout.splitlines() if line.startswith("node ")]
        heights = {int(row[1]): -float(row[3]) for row in rows}
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
    return heights if heights.keys() >= set(chosen) else None


def _draw_edges(
    axes: Any, graph: SaddleGraph, edges: Sequence[tuple[int, int]], place: dict[int, Place]
) -> None:
    from matplotlib.patches import FancyArrowPatch

    steps = set(zip(graph.visited, graph.visited[1:], strict=False))
    faint = max(0.15, min(0.8, 60 / (len(edges) + 1)))
    drawn: dict[int, Any] = {}
    for source, target in sorted(edges, key=lambda pair: pair in steps):
        visited = (source, target) in steps
        net = len(graph.support(target)) - len(graph.support(source))
        colour, style = _change(net)
        arrow = FancyArrowPatch(
            place[source],
            place[target],
            arrowstyle="-|>",
            mutation_scale=13 if visited else 7,
            connectionstyle=f"arc3,rad={0.0 if net == 1 else 0.18}",
            shrinkA=5,
            shrinkB=5,
            color=colour,
            linestyle=style,
            linewidth=2.4 if visited else 0.8,
            alpha=1.0 if visited else faint,
            zorder=2 if visited else 1,
        )
        axes.add_patch(arrow)
        drawn.setdefault(net, (colour, style))
    handles = [
        axes.plot(
            [], [], color=drawn[net][0], linestyle=drawn[net][1], label=f"{net:+d}".replace("+0", "±0")
        )[0]
        for net in sorted(drawn, reverse=True)
    ]
    if handles:
        axes.legend(
            handles=handles, title="active columns", fontsize="x-small", title_fontsize="x-small",
            loc="center left", bbox_to_anchor=(1, 0.5), frameon=False,
        )  # fmt: skip


def _change(net: int) -> tuple[str, str]:
    """Colour and line style of a net change of the size of the active set."""
    ordered = {1: 0, 0: 1, -1: 3, 2: 2, -2: 4}
    k = ordered.get(net, 5)
    return COLOURS[k], STYLES[0 if net > 0 else 1 if net == 0 else 3]


def _draw_nodes(axes: Any, graph: SaddleGraph, chosen: Sequence[int], place: dict[int, Place]) -> None:
    visited = set(graph.visited)
    minima = set(graph.minima)
    for member, colour in ((False, "0.55"), (True, "black")):
        group = [k for k in chosen if (k in visited) == member]
        if group:
            axes.scatter(
                [place[k][0] for k in group],
                [place[k][1] for k in group],
                s=[60 if k in minima else 26 if member else 14 for k in group],
                c=colour,
                zorder=3,
            )


def _mark_decades(axes: Any, least: float, most: float) -> None:
    """Ticks at 0 and at powers of ten, or where there is none between, at both ends."""
    decades = range(ceil(log10(least)), floor(log10(most)) + 1)
    kept = decades[:: 1 + len(decades) // 9]
    ticks = [(10.0**k, f"$10^{{{k}}}$") for k in kept] or [(x, f"{x:.2g}") for x in {least, most}]
    axes.set_xticks([0.0, *(x for x, _ in ticks)], labels=["0", *(text for _, text in ticks)])
    axes.minorticks_off()


def _dress(axes: Any, graph: SaddleGraph, place: dict[int, Place], layers: LayeredBy) -> None:
    from matplotlib.ticker import MaxNLocator

    across, up = [x for x, _ in place.values()], [y for _, y in place.values()]
    if layers == "loss":
        positive = [x for x in across if x > 0]
        if positive:
            axes.set_xscale("asinh", linear_width=min(positive) / 2)
            axes.set_xlim(2 * max(positive), -min(positive) / 9)
            _mark_decades(axes, min(positive), max(positive))
    else:
        axes.set_xlim(max(across) + 0.5, min(across) - 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(min(up) - 1.2, max(up) + 1.2)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_yticks([])
    axes.set_xlabel("Morse index" if layers == "morse_index" else r"excess loss $L(\beta) - \min L$")
    kind = "elementary transitions" if graph.elementary else "transitions"
    part = f"{len(place)} of {len(graph)} saddles" if len(place) < len(graph) else f"{len(graph)} saddles"
    axes.set_title(f"{part}, {kind}; bold: the saddle path", fontsize="small")
