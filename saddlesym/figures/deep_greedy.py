"""The greedy path as a figure: loss steps at the predicted jump times, and flows beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saddlesym.figures.path import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.deep.comparison import GreedyComparison
    from saddlesym.deep.greedy import GreedyPath
    from saddlesym.deep.prediction import JumpPrediction


def draw_greedy(
    path: GreedyPath,
    prediction: JumpPrediction | None = None,
    comparison: GreedyComparison | None = None,
    *,
    width: float = 6.5,
) -> Figure:
    """Loss against rank; with a comparison also jump times against 1/ln(1/α) and their limits.

    Args:
        path: the greedy path.
        prediction: its predicted jump times, drawn at 1/ln(1/α) = 0.
        comparison: flows at several scales.
        width: inches.

    Returns:
        A figure of one panel, or of two with a comparison.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(width, (0.45 if comparison else 0.55) * width), layout="constrained")
    axes: Any = figure.subplots(1, 2 if comparison else 1, squeeze=False)[0]
    ranks, losses = range(len(path.steps)), [float(step.loss) for step in path.steps]
    axes[0].plot(ranks, losses, color="0.6", linewidth=1)
    for k, step in enumerate(path.steps):
        filled = COLOURS[0] if step.certified else "white"
        axes[0].plot(k, losses[k], "o", color=COLOURS[0], markerfacecolor=filled)
    axes[0].set_xlabel("step (hidden width)")
    axes[0].set_ylabel("loss")
    axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
    if comparison is not None:
        _times(axes[1], prediction, comparison)
    for panel in axes:
        panel.spines[["top", "right"]].set_visible(False)
    return figure


def _times(axes: Any, prediction: JumpPrediction | None, comparison: GreedyComparison) -> None:
    from math import log

    for k, limit in enumerate(comparison.limits):
        colour = COLOURS[k % len(COLOURS)]
        x = [1 / (decades * log(10)) for decades, _ in limit.measured]
        axes.plot(x, [t for _, t in limit.measured], "o-", color=colour, label=f"jump {k + 1}")
        if prediction is not None and k < len(prediction.times):
            axes.plot(0, prediction.times[k], "x", color=colour, markersize=9, clip_on=False)
    axes.plot([], [], "x", color="black", markersize=9, label="predicted limit")
    axes.set_xlabel(r"$1/\ln(1/\alpha)$")
    axes.set_ylabel(r"jump time $t = T/\ln(1/\alpha)$")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
