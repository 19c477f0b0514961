"""What a campaign found: a heat map over two groups, a curve over one, a histogram of one measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saddlesym.errors import BadInputError
from saddlesym.figures.style import Width, inches, line, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.campaigns.summary import Summary


@styled
def draw_summary(summary: Summary, *, width: Width = "double") -> Figure:
    """A summary over one group as curves, over two as a heat map of its first quantity.

    Args:
        summary: of :func:`saddlesym.campaigns.summary.summarise`.
        width: inches, or ``single``, ``double``.

    Raises:
        BadInputError: no group, or more than two.
    """
    from matplotlib.figure import Figure

    if summary.groups not in (1, 2) or not summary.rows:
        raise BadInputError(
            f"a figure of a summary with {summary.groups} groups",
            needed="one or two groups",
            hint="avg(jumps) by n, or avg(jumps) by n, d",
        )
    across = inches(width)
    figure = Figure(figsize=(across, 0.55 * across), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(literal(summary.columns[0]))
    if summary.groups == 1:
        for k, name in enumerate(summary.columns[1:]):
            pairs = [(row[0], row[1 + k]) for row in summary.rows if _is_number(row[1 + k])]
            style = {**line(k), "linewidth": 1.1}
            axes.plot([float(x) for x, _ in pairs], [float(y) for _, y in pairs], marker="o", markersize=3,
                      label=literal(name, 40), **style)  # fmt: skip
        axes.legend(loc="best", fontsize=7)
        return figure
    _heat_map(figure, axes, summary)
    return figure


def _heat_map(figure: Any, axes: Any, summary: Summary) -> None:
    import numpy as np

    first = sorted({row[0] for row in summary.rows})
    second = sorted({row[1] for row in summary.rows})
    values = np.full((len(second), len(first)), np.nan)
    for row in summary.rows:
        if _is_number(row[2]):
            values[second.index(row[1]), first.index(row[0])] = float(row[2])
    image = axes.imshow(values, origin="lower", aspect="auto", cmap="cividis", interpolation="nearest")
    axes.set_xticks(range(len(first)), [_tick(x) for x in first])
    axes.set_yticks(range(len(second)), [_tick(x) for x in second])
    axes.set_ylabel(literal(summary.columns[1]))
    figure.colorbar(image, ax=axes, label=literal(summary.columns[2], 40))


def _tick(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (value is not None and hasattr(value, "__float__"))


@styled
def draw_histogram(values: list[float], name: str, *, width: Width = "single") -> Figure:
    """How often a measure takes which value; one bar for each where there are few.

    Args:
        values: of the measure, without those that are not there.
        name: of the measure.
        width: inches, or ``single``, ``double``.

    Raises:
        BadInputError: no values.
    """
    from collections import Counter

    from matplotlib.figure import Figure

    if not values:
        raise BadInputError(f"no values of {name} to draw", needed="at least one")
    across = inches(width)
    figure = Figure(figsize=(across, 0.7 * across), layout="constrained")
    axes = figure.subplots()
    counts = Counter(values)
    if len(counts) <= 40:
        places = sorted(counts)
        axes.bar([_tick(x) for x in places], [counts[x] for x in places], color=line(0)["color"])
    else:
        axes.hist(values, bins=60, color=line(0)["color"])
    axes.set_xlabel(literal(name, 40))
    axes.set_ylabel("instances")
    return figure
