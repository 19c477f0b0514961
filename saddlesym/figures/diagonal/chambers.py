"""The chambers of a family in the plane of its two parameters, or on the line of its one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from saddlesym.errors import BadInputError
from saddlesym.figures.style import Width, inches, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.chambers.chamber import ChamberMap

#: Chambers that are named in the legend; the rest have a colour and no name.
_NAMED = 14


@styled
def draw_chambers(
    found: ChamberMap, marks: Sequence[Sequence[Any]] = (), *, width: Width = "double"
) -> Figure:
    """Each chamber in its colour; white is not decided, and grey is where M is no Gram matrix.

    Args:
        found: of a family with one or two parameters.
        marks: points to be marked, each with a value for every parameter in their order.
        width: inches, or ``single``, ``double``.

    Raises:
        BadInputError: more than two parameters.
    """
    from saddlesym.figures.notebook import Figure

    if len(found.family.ranges) > 2:
        raise BadInputError(
            f"a picture of {len(found.family.ranges)} parameters",
            needed="one or two parameters",
            hint="a family with numbers for the others",
        )
    across = inches(width)
    in_plane = len(found.family.ranges) == 2
    legend = 0.19 * min(len(found.chambers), _NAMED) + 0.3
    figure = Figure(figsize=(across, (0.62 * across if in_plane else 0.8) + legend), layout="constrained")
    axes = figure.subplots()
    colours = _colours(len(found.chambers))
    if in_plane:
        _draw_plane(axes, found, colours)
    else:
        _draw_line(axes, found, colours)
    for mark in marks:
        x, *y = (float(value) for value in found.point(mark))
        axes.plot(
            [x], y or [0.5], marker="x", markersize=7, markeredgewidth=1.6, color="black", linestyle="none"
        )
    axes.set_xlabel(literal(found.family.names[0]))
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colours[k], edgecolor="0.3", linewidth=0.4, label=f"{k + 1}: {_shown(str(one))}")
        for k, one in enumerate(found.chambers[:_NAMED])
    ]
    if handles:
        figure.legend(handles=handles, loc="outside lower left", fontsize=6.5, ncols=1, frameon=False)
    return figure


def _shown(sequence: str) -> str:
    text = sequence.replace("->", "→").replace("-", "−")
    return text if len(text) <= 90 else f"{text[:89]}…"


def _draw_plane(axes: Any, found: ChamberMap, colours: Any) -> None:
    import numpy as np

    size = 2**found.depth
    image = np.ones((size, size, 3))
    for level, i, j, chamber in found.cells:
        step = 2 ** (found.depth - level)
        colour = colours[chamber] if chamber >= 0 else (0.85, 0.85, 0.85)
        image[j * step : (j + 1) * step, i * step : (i + 1) * step] = colour
    (a, b), (c, d) = ((float(low), float(high)) for low, high in found.family.ranges)
    axes.imshow(image, extent=(a, b, c, d), origin="lower", aspect="auto", interpolation="nearest")
    axes.set_ylabel(literal(found.family.names[1]))
    for k, one in enumerate(found.chambers):
        if one.share > 0.004:
            x, y = (float(value) for value in one.sample)
            axes.text(x, y, str(k + 1), ha="center", va="center", fontsize=6.5)


def _draw_line(axes: Any, found: ChamberMap, colours: Any) -> None:
    for k, one in enumerate(found.chambers):
        for low, high in one.ends:
            axes.axvspan(float(low), float(high), color=colours[k], linewidth=0)
            axes.text((float(low) + float(high)) / 2, 0.5, str(k + 1), ha="center", va="center", fontsize=7)
    for one in found.chambers:
        for ends in one.ends:
            for end in ends:
                axes.axvline(float(end), color="0.25", linewidth=0.6)
    low, high = found.family.ranges[0]
    axes.set_xlim(float(low), float(high))
    axes.set_ylim(0, 1)
    axes.set_yticks([])


def _colours(count: int) -> list[tuple[float, float, float]]:
    """Light colours; hue and lightness both change from one to the next."""
    from colorsys import hls_to_rgb

    return [hls_to_rgb((0.58 + 0.381966 * k) % 1, (0.80, 0.66, 0.88)[k % 3], 0.62) for k in range(count)]
