"""A flow as a figure: loss and coefficients against accelerated time, the limit behind them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from saddlesym.figures.diagonal.path import active_columns
from saddlesym.figures.drawing import panels
from saddlesym.figures.style import Width, inches, line, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.diagonal.flow.many_layers.flow import DeepFlow
    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.path.trajectory import SaddlePath

#: A coordinate smaller than this part of the largest one is drawn in grey.
_VISIBLE = 1e-3


@styled
def draw_flow(
    flow: Flow | DeepFlow,
    path: SaddlePath | None = None,
    *,
    ax: Any = None,
    points: int = 400,
    width: Width = "double",
) -> Figure:
    """Coefficients and loss of a flow, with the exact path as grey steps behind it.

    The columns that the path activates look as in the figure of the path, all others are
    grey; without a path those are named that grow to a visible size.

    Args:
        flow: the flow.
        path: the limiting path to draw behind it; None for none.
        ax: axes of a user, one or as many as there are panels; default a new figure.
        points: times at which the flow is evaluated, half of them near its jumps.
        width: inches, or ``single``, ``double``.

    Returns:
        A figure of two panels over accelerated time t.
    """
    from saddlesym.figures.notebook import Figure

    times = drawn_times(flow, points)
    moments = [float(t) for t in times]
    rows = flow.beta(times, numpy=True)
    across = inches(width)
    if ax is None:
        figure = Figure(figsize=(across, 0.7 * across), layout="constrained")
        ax = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    top, bottom = panels(ax, 2)
    drawn = [top] if bottom is None else [top, bottom]
    if path is not None:
        _limit(top, bottom, path, moments[0], moments[-1])
    named = _visible(rows) if path is None else active_columns(path)
    for i, name in enumerate(flow.problem.feature_names):
        style = line(named.index(i)) if i in named else {"color": "0.7", "linewidth": 0.8, "zorder": 1}
        label = literal(name, column=i) if i in named else None
        top.plot(moments, rows[:, i], label=label, **style)
    top.set_ylabel(r"$\beta_i$")
    if bottom is not None:
        bottom.plot(moments, flow.loss(times, numpy=True), color="black", linewidth=1.2)
        bottom.set_ylabel(r"$L(\beta)$")
    drawn[-1].set_xlabel(_clock(flow))
    for axes in drawn:
        if flow.jumps and moments[-1] > 30 * float(flow.jumps[0].time):
            axes.set_xscale("log")
            axes.set_xlim(float(flow.jumps[0].time) / 3, moments[-1])
        else:
            axes.set_xlim(0, moments[-1])
    if len(named) > 12 and bottom is not None:
        top.figure.legend(loc="outside lower center", ncols=max(2, int(across)), handlelength=2.6)
    elif named:
        top.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=2.6)
    return top.figure  # type: ignore[no-any-return]


def _visible(rows: Any) -> list[int]:
    """The columns that grow to a visible size."""
    sizes = abs(rows).max(axis=0)
    return [i for i, size in enumerate(sizes) if size > _VISIBLE * max(sizes)]


def _clock(flow: Flow | DeepFlow) -> str:
    """The accelerated time, as the label of its axis."""
    depth = getattr(flow, "depth", 2)
    if depth == 2:
        return r"accelerated time $t = T/\ln(1/\alpha)$"
    return rf"accelerated time $t = {depth * (depth - 2)}\,\alpha^{{{depth - 2}}}\,T$"


def drawn_times(flow: Flow | DeepFlow, points: int) -> list[Fraction]:
    """Times for a picture: evenly spread ones, the same amount around the jumps, and no doubles."""
    end = Fraction(float(flow.end)) * (1 - Fraction(1, 10**9))
    last = float(flow.jumps[-1].time) * 1.25 if flow.jumps else float(end)
    end = min(end, Fraction(last))
    times = {end * k / points for k in range(points + 1)}
    edges = [0.0, *(float(jump.time) for jump in flow.jumps), float(end)]
    each = max(4, points // max(1, 2 * len(flow.jumps)))
    for before, here, after in zip(edges, edges[1:], edges[2:], strict=False):
        reach = min(here - before, after - here) / 2
        for k in range(-each, each + 1):
            times.add(Fraction(here + reach * (k / each) ** 3))
    return sorted(t for t in times if 0 <= t <= end)


def _limit(top: Any, bottom: Any, path: SaddlePath, start: float, end: float) -> None:
    """The exact path as light steps."""
    moments = [float(j.time) for j in path.jumps if float(j.time) < end]
    edges = [start, *moments, end]
    for i in range(path.problem.d):
        values = [0.0, *(float(j.beta[i]) for j in path.jumps[: len(moments)])]
        if any(values):
            top.stairs(values, edges, baseline=None, color="0.82", linewidth=3, zorder=0)
    if bottom is None:
        return
    losses = [float(path.loss(0)), *(float(j.loss) for j in path.jumps[: len(moments)])]
    bottom.stairs(losses, edges, baseline=None, color="0.82", linewidth=3, zorder=0)
