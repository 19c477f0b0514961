"""The greedy path as a figure: its losses, and the jump times of flows beside the predicted ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saddlesym.figures.drawing import panels
from saddlesym.figures.style import COLOURS, MARKERS, Width, inches, line, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.deep.greedy.comparison import GreedyComparison
    from saddlesym.deep.greedy.path import GreedyPath
    from saddlesym.deep.greedy.prediction import JumpPrediction


@styled
def draw_greedy(
    path: GreedyPath,
    prediction: JumpPrediction | None = None,
    comparison: GreedyComparison | None = None,
    *,
    ax: Any = None,
    width: Width = "double",
) -> Figure:
    """Loss of each step; with a comparison also jump times against 1/ln(1/α) and their limits.

    Args:
        path: the greedy path; critical points that are not enclosed are drawn open, and a flow that
            ran off to infinity as a triangle.
        prediction: its predicted jump times, drawn at 1/ln(1/α) = 0.
        comparison: flows at several scales.
        ax: axes of a user, one or as many as there are panels; default a new figure.
        width: inches, or ``single``, ``double``.

    Returns:
        A figure of one panel, or of two with a comparison.
    """
    from matplotlib.ticker import MaxNLocator

    from saddlesym.figures.notebook import Figure

    across = inches(width)
    count = 2 if comparison else 1
    if ax is None:
        figure = Figure(figsize=(across, (0.45 if comparison else 0.55) * across), layout="constrained")
        ax = figure.subplots(1, count, squeeze=False)
    axes = panels(ax, count)
    steps = [(k, float(step.loss)) for k, step in enumerate(path.steps)]
    axes[0].plot(*zip(*steps, strict=True), color="0.6", linewidth=1)
    for certified, fill, label in (
        (True, COLOURS[0], "enclosed in balls"),
        (False, "white", "floating point"),
    ):
        points = [point for point, step in zip(steps, path.steps, strict=True) if step.certified == certified]
        if points:
            look = {"color": COLOURS[0], "markerfacecolor": fill, "linestyle": "", "label": label}
            axes[0].plot(*zip(*points, strict=True), marker="o", **look)
    if path.run_away is not None:
        far = path.run_away
        look = {
            "color": COLOURS[1],
            "markerfacecolor": "white",
            "linestyle": "",
            "label": "runs off to infinity",
        }
        axes[0].plot(far.width, far.loss, marker="^", **look)
    axes[0].set_xlabel("step (hidden width)")
    axes[0].set_ylabel("loss")
    axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].legend()
    if comparison is not None and axes[1] is not None:
        _times(axes[1], prediction, comparison)
    return axes[0].figure  # type: ignore[no-any-return]


def _times(axes: Any, prediction: JumpPrediction | None, comparison: GreedyComparison) -> None:
    from math import log

    for k, limit in enumerate(comparison.limits):
        look: dict[str, Any] = {**line(k), "marker": MARKERS[k % len(MARKERS)], "markersize": 4}
        x = [1 / (decades * log(10)) for decades, _ in limit.measured]
        axes.plot(x, [t for _, t in limit.measured], label=f"jump {k + 1}", **look)
        if prediction is not None and k < len(prediction.times):
            axes.plot(0, prediction.times[k], "x", color=look["color"], markersize=9, clip_on=False)
    axes.plot([], [], "x", color="black", markersize=9, label="predicted limit")
    axes.set_xlabel(r"$1/\ln(1/\alpha)$")
    axes.set_ylabel(r"jump time $t = T/\ln(1/\alpha)$")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend(handlelength=2.6)
