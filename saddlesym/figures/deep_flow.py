"""A deep flow as a figure: singular values of A and its rank against accelerated time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlesym.figures.path import COLOURS, STYLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.deep.flow import DeepLinearFlow

#: Markers along the curves tell them apart in grey too.
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def draw_deep_flow(flow: DeepLinearFlow, *, width: float = 6.5) -> Figure:
    """Singular values and rank of a deep flow over accelerated time.

    Args:
        flow: the flow; its jumps are marked by thin vertical lines.
        width: inches.

    Returns:
        A figure of two panels.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, 0.7 * width), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    unit = flow.natural_unit
    times = [sample.time / unit for sample in flow.trace]
    end = float(flow.t_end)
    for i in range(len(flow.trace[0].values)):
        top.plot(
            times,
            [sample.values[i] for sample in flow.trace],
            color=COLOURS[i % len(COLOURS)],
            linestyle=STYLES[i % len(STYLES)],
            marker=_MARKERS[i % len(_MARKERS)],
            markersize=4,
            markevery=(0.02 + 0.03 * i, 0.2),
            linewidth=1.4,
            label=f"$\\sigma_{{{i + 1}}}(A)$",
        )
    moments = [float(jump.time) for jump in flow.jumps]
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        for moment in moments:
            axes.axvline(moment, color="0.75", linewidth=0.8, zorder=0)
    order = sorted(moments)
    bottom.stairs(range(len(order) + 1), [0.0, *order, max(end, *order, 0.0)], baseline=None, color="black")
    bottom.set_yticks(range(len(order) + 1))
    top.set_ylabel("singular values")
    bottom.set_ylabel("rank")
    words = r"t = T/\ln(1/\alpha)" if flow.problem.depth == 2 else r"t = \alpha^{L-2}\,T"
    bottom.set_xlabel(f"accelerated time ${words}$")
    bottom.set_xlim(0, end)
    top.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
