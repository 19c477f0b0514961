"""The saddle path as a figure: coefficients, |s| and loss against accelerated time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from saddlesym.figures.drawing import panels
from saddlesym.figures.style import Width, coordinate, inches, line, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.diagonal.path.trajectory import SaddlePath


@styled
def draw_path(
    path: SaddlePath, *, ax: Any = None, width: Width = "double", height: float | None = None
) -> Figure:
    """Coefficients and loss as steps, and |s_i| as the lines it follows between jumps.

    Args:
        path: the path to draw.
        ax: axes of a user, one or as many as there are panels; default a new figure.
        width: inches, or ``single``, ``double`` for a column or the page of a paper.
        height: inches; default by the width.

    Returns:
        A figure of three panels over accelerated time t, on a logarithmic axis when
        the jumps span more than a decade and a half.
    """
    from saddlesym.figures.notebook import Figure

    names = path.problem.feature_names
    moments = path.times()
    logarithmic = bool(moments) and moments[-1] > 30 * moments[0]
    last, first = _end(path), moments[0] / 3 if logarithmic else Fraction(0)
    times, start, end = [coordinate(t) for t in moments], coordinate(first), coordinate(last) or 1.0
    across = inches(width)
    if ax is None:
        figure = Figure(figsize=(across, height or 0.45 * across + 1.7), layout="constrained")
        ax = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1))
    top, middle, bottom = panels(ax, 3)
    drawn = [axes for axes in (top, middle, bottom) if axes is not None]
    edges = [start, *times, end]
    active = active_columns(path)
    for order, i in enumerate(active):
        values = [0.0, *(coordinate(jump.beta[i]) for jump in path.jumps)]
        _style(top.stairs(values, edges, baseline=None, label=literal(names[i], column=i)), order)
    if middle is not None:
        _draw_duals(middle, path, active, (first, last, *(_between(start, end) if logarithmic else ())))
    if bottom is not None:
        losses = [coordinate(path.loss(0)), *(coordinate(jump.loss) for jump in path.jumps)]
        bottom.stairs(losses, edges, baseline=None, color="black", linewidth=1.2)
        bottom.set_ylabel(r"$L(\beta)$")
    for axes in drawn:
        for t in times:
            axes.axvline(t, color="0.85", linewidth=0.6, zorder=0)
        if logarithmic:
            axes.set_xscale("log")
        axes.set_xlim(start, end)
    top.set_ylabel(r"$\beta_i$")
    drawn[-1].set_xlabel(r"accelerated time $t = T/\ln(1/\alpha)$")
    if len(active) > 12 and len(drawn) == 3:
        top.figure.legend(loc="outside lower center", ncols=max(2, int(across)), handlelength=2.6)
    elif active:
        top.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=2.6)
    return top.figure  # type: ignore[no-any-return]


def _draw_duals(axes: Any, path: SaddlePath, active: list[int], points: Sequence[Fraction]) -> None:
    """|s_i| as the lines it follows between jumps, and at more points where these are no lines."""
    first, last = points[:2]
    exact = sorted(t for t in {*points, *path.times()} if first <= t <= last)
    knots, duals = [coordinate(t) for t in exact], path.dual(exact, numpy=True)
    for i in range(path.problem.d):
        (curve,) = axes.plot(knots, abs(duals[:, i]))
        if i in active:
            _style(curve, active.index(i))
        else:
            curve.set(color="0.75", linewidth=0.8, linestyle="-", zorder=1)
    axes.set_ylabel(r"$|s_i|$")
    axes.set_ylim(0, 1.05)


def active_columns(path: SaddlePath) -> list[int]:
    """The columns that are ever active; the k-th has the look of ``line(k)`` in all figures of the path."""
    return [i for i in range(path.problem.d) if any(jump.beta[i] != 0 for jump in path.jumps)]


def _end(path: SaddlePath) -> Fraction:
    """Where the time axis stops: a little after the last jump, within what is known."""
    if path.horizon is not None:
        return path.horizon
    return path.jumps[-1].time * 5 / 4 if path.jumps else Fraction(1)


def _between(start: float, end: float) -> list[Fraction]:
    """Points that let straight lines look right on a logarithmic axis."""
    ratio = (end / start) ** (1 / 200)
    return [Fraction(start * ratio**k) for k in range(1, 200)]


def _style(artist: Any, order: int) -> None:
    artist.set(**line(order), linewidth=1.4)
