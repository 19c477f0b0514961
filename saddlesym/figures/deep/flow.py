"""A deep flow as a figure: singular values of A and its rank against accelerated time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saddlesym.figures.drawing import panels
from saddlesym.figures.style import Width, inches, line, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.deep.flow.flow import DeepLinearFlow


@styled
def draw_deep_flow(flow: DeepLinearFlow, *, ax: Any = None, width: Width = "double") -> Figure:
    """Singular values and rank of a deep flow over accelerated time.

    Args:
        flow: the flow; its jumps are marked by thin vertical lines.
        ax: axes of a user, one or as many as there are panels; default a new figure.
        width: inches, or ``single``, ``double``.

    Returns:
        A figure of two panels.
    """
    from saddlesym.figures.notebook import Figure

    across = inches(width)
    if ax is None:
        figure = Figure(figsize=(across, 0.7 * across), layout="constrained")
        ax = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    top, bottom = panels(ax, 2)
    drawn = [top] if bottom is None else [top, bottom]
    unit = flow.natural_unit
    times = [sample.time / unit for sample in flow.trace]
    count = len(flow.trace[0].values)
    for i in range(count):
        values = [sample.values[i] for sample in flow.trace]
        top.plot(times, values, label=rf"$\sigma_{{{i + 1}}}(A)$", **line(i))
    moments = sorted(float(jump.time) for jump in flow.jumps)
    end = float(flow.end)
    for axes in drawn:
        for moment in moments:
            axes.axvline(moment, color="0.85", linewidth=0.6, zorder=0)
        axes.set_xlim(0, end)
    top.set_ylabel("singular values")
    if bottom is not None:
        ranks, edges = range(len(moments) + 1), [0.0, *moments, max([end, *moments])]
        bottom.stairs(ranks, edges, baseline=None, color="black", linewidth=1.2)
        bottom.set_yticks(ranks)
        bottom.set_ylabel("rank")
    drawn[-1].set_xlabel(time_label(flow.problem.depth))
    if count > 12 and bottom is not None:
        top.figure.legend(loc="outside lower center", ncols=max(2, int(across)), handlelength=2.6)
    else:
        top.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=2.6)
    return top.figure  # type: ignore[no-any-return]


def time_label(depth: int) -> str:
    """The accelerated time of deep linear networks, as the label of an axis."""
    if depth == 2:
        return r"accelerated time $t = T/\ln(1/\alpha)$"
    power = r"\alpha" if depth == 3 else rf"\alpha^{{{depth - 2}}}"
    return rf"accelerated time $t = {power}\,T$"
