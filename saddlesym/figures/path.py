"""The saddle path as a figure: coefficients, |s| and loss against accelerated time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.diagonal.trajectory import SaddlePath

#: Okabe and Ito's colours, distinguishable with every kind of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
#: Line styles tell the curves apart when colours come round again, or in grey.
STYLES = ("-", "--", "-.", ":")


def draw_path(path: SaddlePath, *, width: float = 6.5, height: float = 5.0) -> Figure:
    """Coefficients and loss as steps, and |s_i| as the lines it follows between jumps.

    Args:
        path: the path to draw.
        width: inches.
        height: inches.

    Returns:
        A figure of three panels over accelerated time t, on a logarithmic axis when
        the jumps span more than a decade and a half.
    """
    from matplotlib.figure import Figure

    names = path.problem.feature_names
    times = [float(jump.time) for jump in path.jumps]
    logarithmic = bool(times) and times[-1] / times[0] > 30
    end = _end(path, times)
    start = times[0] / 3 if logarithmic else 0.0
    figure = Figure(figsize=(width, height), layout="constrained")
    top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1))
    edges = [start, *times, end]
    active = [i for i in range(path.problem.d) if any(jump.beta[i] != 0 for jump in path.jumps)]
    for order, i in enumerate(active):
        values = [0.0, *(float(jump.beta[i]) for jump in path.jumps)]
        _style(top.stairs(values, edges, baseline=None, label=_label(names[i])), order)
    knots = sorted({start, end, *times, *_between(start, end, logarithmic)})
    duals = [path.dual(Fraction(t)).floats() for t in knots]
    for i in range(path.problem.d):
        (line,) = middle.plot(knots, [abs(s[i]) for s in duals])
        if i in active:
            _style(line, active.index(i))
        else:
            line.set(color="0.75", linewidth=0.8, zorder=1)
    losses = [float(path.loss(0)), *(float(jump.loss) for jump in path.jumps)]
    bottom.stairs(losses, edges, baseline=None, color="black", linewidth=1.2)
    for axes in (top, middle, bottom):
        for t in times:
            axes.axvline(t, color="0.85", linewidth=0.6, zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
    top.set_ylabel(r"$\beta_i$")
    middle.set_ylabel(r"$|s_i|$")
    middle.set_ylim(0, 1.05)
    bottom.set_ylabel(r"$L(\beta)$")
    bottom.set_xlabel(r"accelerated time $t = T/\ln(1/\alpha)$")
    if logarithmic:
        bottom.set_xscale("log")
    bottom.set_xlim(start, end)
    if active:
        top.legend(fontsize="x-small", ncols=1 + len(active) // 9, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _end(path: SaddlePath, times: list[float]) -> float:
    """Where the time axis stops: a little after the last jump, within what is known."""
    if path.horizon is not None:
        return float(path.horizon) or 1.0
    return times[-1] * 1.25 if times else 1.0


def _between(start: float, end: float, logarithmic: bool) -> list[float]:
    """Points that let straight lines look right on a logarithmic axis."""
    if not logarithmic:
        return []
    ratio = (end / start) ** (1 / 200)
    return [start * ratio**k for k in range(1, 200)]


def _label(name: str) -> str:
    """A name that matplotlib takes literally: no mathematics, nothing unprintable, not hidden."""
    visible = "".join(c if c.isprintable() else "?" for c in name).replace("$", r"\$")
    short = visible if len(visible) <= 20 else f"{visible[:19]}…"
    return f" {short}" if short.startswith("_") else short


def _style(artist: Any, order: int) -> None:
    artist.set(
        color=COLOURS[order % len(COLOURS)],
        linestyle=STYLES[order // len(COLOURS) % len(STYLES)],
        linewidth=1.4,
    )
