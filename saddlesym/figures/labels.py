"""Labels beside the nodes of a drawn graph, none on top of another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from saddlesym.figures.style import literal
from saddlesym.graph.export import label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.graph.diagonal import SaddleGraph

#: Points from a node to its label, near ones first.
_DISTANCES = (6, 14, 24, 36, 50)
#: Where a label may be: horizontal and vertical side.
_SIDES = ((0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0))
#: Beyond so many points a thin line joins label and node.
_FAR = 10


def place_labels(
    figure: Figure,
    axes: Any,
    graph: SaddleGraph,
    chosen: Sequence[int],
    place: dict[int, tuple[float, float]],
) -> None:
    """Write signed supports beside nodes, those of the saddle path first.

    Each goes to the nearest free place.  Where there is none, a label of the path takes
    the least crowded place and any other label is left out.

    Args:
        figure: the figure, complete but for the labels.
        axes: its axes.
        graph: the graph.
        chosen: ids to label.
        place: where the nodes are, in data coordinates.
    """
    figure.draw_without_rendering()  # from here on the layout is known
    point = figure.dpi / 72
    spots = {k: axes.transData.transform(xy) for k, xy in place.items()}
    visited = set(graph.visited)
    taken = [_box(x, y, 4 * point) for x, y in spots.values()]
    for a, b in pairwise(k for k in graph.visited if k in spots):
        line = [spots[a] + (spots[b] - spots[a]) * t / 24 for t in range(1, 24)]
        taken += [_box(x, y, 1.5 * point) for x, y in line]
    legend = axes.get_legend()
    if legend is not None:
        taken.append(legend.get_window_extent().extents)
    names = tuple(literal(name, 12, i).strip() for i, name in enumerate(graph.problem.feature_names))
    for k in sorted(chosen, key=lambda k: (k not in visited, k)):
        node = graph.node(k)
        style = {
            "fontsize": "x-small" if k in visited else "xx-small",
            "fontweight": "bold" if k in visited else "normal",
            "color": "black" if k in visited else "0.35",
        }
        box = _write(figure, axes, _wrapped(label(node.support, node.signs, names)), place[k], taken, style,
                     k in visited)  # fmt: skip
        if box is not None:
            taken.append(box)


def _write(
    figure: Figure, axes: Any, words: str, at: tuple[float, float], taken: Sequence[Any],
    style: dict[str, Any],
    needed: bool,
) -> Any:  # fmt: skip
    """Write one label; its box, or None when it was left out."""
    from matplotlib.patheffects import withStroke

    text = axes.annotate(words, at, xytext=(0, 0), textcoords="offset points", **style)
    best: tuple[float, Any, Any] | None = None
    for distance in _DISTANCES:
        for across, up in _SIDES:
            text.set(
                position=(across * distance, up * distance),
                ha={0: "center", 1: "left", -1: "right"}[across],
                va={0: "center", 1: "bottom", -1: "top"}[up],
            )
            box = text.get_window_extent().extents
            crowd = _outside(box, figure.bbox.extents) + sum(_common(box, other) for other in taken)
            if best is None or crowd < best[0] - 1e-9:
                best = crowd, box, (text.get_position(), text.get_ha(), text.get_va())
        if best is not None and best[0] == 0:
            break
    assert best is not None
    text.remove()
    crowd, box, (position, ha, va) = best
    if crowd > 0 and not needed:
        return None
    far = max(map(abs, position)) > _FAR
    line = {"arrowprops": {"arrowstyle": "-", "linewidth": 0.4, "color": "0.5", "shrinkA": 0, "shrinkB": 2}}
    written = axes.annotate(
        words, at, xytext=position, textcoords="offset points", ha=ha, va=va, zorder=4,
        path_effects=[withStroke(linewidth=2, foreground="white")], **style, **(line if far else {}),
    )  # fmt: skip
    written.set_in_layout(False)  # or the layout would move under the labels
    return box


def _box(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius


def _common(a: Any, b: Any) -> float:
    """Area that two boxes share."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return float(width * height) if width > 0 and height > 0 else 0.0


def _outside(box: Any, frame: Any) -> float:
    """Area of a box outside a frame, made to count more than anything inside."""
    return 100 * float((box[2] - box[0]) * (box[3] - box[1]) - _common(box, frame))


def _wrapped(text: str) -> str:
    """A signed support in lines of three columns."""
    words = text.split(" ")
    return "\n".join(" ".join(words[k : k + 3]) for k in range(0, len(words), 3))
