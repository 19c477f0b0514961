"""Several flows over one path: one panel per scale, and how the jump times approach the exact ones."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from saddlesym.errors import BadInputError
from saddlesym.exact.vectors import to_mpf
from saddlesym.figures.diagonal.flow import drawn_times
from saddlesym.figures.diagonal.path import active_columns
from saddlesym.figures.style import MARKERS, Width, inches, line, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.path.trajectory import SaddlePath

#: Curves that get a colour and a name; the rest, the smallest ones, are grey.
_NAMED = 14


@styled
def draw_flows(
    flows: Sequence[Flow], path: SaddlePath, *, points: int = 300, width: Width = "double"
) -> Figure:
    """Coefficients of flows at several scales, each over the steps of the limiting path.

    Args:
        flows: flows of one problem.
        path: the exact path of the same problem, drawn as broad grey steps.
        points: times at which each flow is evaluated.
        width: inches, or ``single``, ``double``.

    Raises:
        BadInputError: no flows.
    """
    from saddlesym.figures.notebook import Figure

    if not flows:
        raise BadInputError("no flows to draw", needed="at least one")
    across = inches(width)
    figure = Figure(figsize=(across, 0.5 + (0.16 * across + 0.55) * len(flows)), layout="constrained")
    panels = figure.subplots(len(flows), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    spread = [drawn_times(one, points) for one in flows]
    last = max(times[-1] for times in spread)
    samples = [_sampled(one, times, last, points) for one, times in zip(flows, spread, strict=True)]
    order = _by_size(samples, path.problem.d)
    active = active_columns(path)
    named = [i for i in active if i in order[:_NAMED]]
    for axes, one, (times, rows) in zip(panels, flows, samples, strict=True):
        _steps(axes, path, float(last))
        for i in reversed(order):
            style = line(active.index(i)) if i in named else {"color": "0.7", "linewidth": 0.7}
            label = literal(path.problem.feature_names[i], column=i) if i in named else None
            values = [row[i] for row in rows]
            if one.settled and times[-1] < last:  # it rests
                axes.plot([*times, float(last)], [*values, values[-1]], label=label, **style)
            else:
                axes.plot(times, values, label=label, **style)
        axes.set_ylabel(r"$\beta_i$")
        axes.set_title(rf"$\alpha = {_power(str(one.scale))}$", loc="right", pad=2)
    _time_axis(panels[-1], path, float(last))
    handles, labels = panels[0].get_legend_handles_labels()
    if handles:
        drawn = [i for i in reversed(order) if i in named]
        places = [drawn.index(i) for i in named]
        keys, texts = [handles[k] for k in places], [labels[k] for k in places]
        figure.legend(keys, texts, loc="outside right upper", handlelength=2.6)
    return figure


def _sampled(
    flow: Flow, times: list[Fraction], last: Fraction, points: int
) -> tuple[list[float], list[list[float]]]:
    """Coefficients at these times, and on to the end of the picture as far as the flow goes."""
    begin, end = times[-1], min(last, Fraction(float(flow.end)) * (1 - Fraction(1, 10**9)))
    if begin < end:
        times = [*times, *(begin + (end - begin) * k / points for k in range(1, points + 1))]
    return [float(t) for t in times], [[float(b) for b in flow.beta(t)] for t in times]


def _by_size(samples: Sequence[tuple[list[float], list[list[float]]]], d: int) -> list[int]:
    """The columns, those that grow largest first."""
    largest = [max(abs(row[i]) for _, rows in samples for row in rows) for i in range(d)]
    return sorted(range(d), key=lambda i: -largest[i])


def _steps(axes: Any, path: SaddlePath, last: float) -> None:
    moments = [float(t) for t in path.times() if float(t) < last]
    edges = [0.0, *moments, last]
    for i in range(path.problem.d):
        values = [0.0, *(float(jump.beta[i]) for jump in path.jumps[: len(moments)])]
        if any(values):
            axes.stairs(values, edges, baseline=None, color="0.85", linewidth=3.5, zorder=0)


def _time_axis(axes: Any, path: SaddlePath, last: float) -> None:
    axes.set_xlabel(r"accelerated time $t = T/\ln(1/\alpha)$")
    first = float(path.jumps[0].time) if path.jumps else last
    if last > 30 * first:
        axes.set_xscale("log")
        axes.set_xlim(first / 2, last)
    else:
        axes.set_xlim(0, last)


def _power(text: str) -> str:
    """``1e-50`` as LaTeX; anything else as it is."""
    mantissa, e, exponent = text.lower().partition("e")
    if not e or not mantissa.replace(".", "").isdigit():
        return text.replace("_", "")
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


@styled
def draw_jump_times(flows: Sequence[Flow], path: SaddlePath, *, width: Width = "single") -> Figure:
    """How far the jump times of flows are from the exact ones, against 1/Λ, both axes logarithmic.

    By the jump-time law T_k(α)/Λ − t_k is c_k/Λ up to a power of α, so that the marks of
    one jump lie on a line of slope one.  Only jumps that a flow shows as the path has
    them are drawn.

    Args:
        flows: flows of one problem at several scales.
        path: its exact path.
        width: inches, or ``single``, ``double``.

    Raises:
        BadInputError: no jump with c_k ≠ 0 is seen in two flows.
    """
    from matplotlib.ticker import NullFormatter, NullLocator

    from saddlesym.figures.notebook import Figure

    marks = jump_time_errors(flows, path)
    if not marks:
        raise BadInputError("no jump time has an error to show", needed="two flows that see the same jump")
    across = inches(width)
    figure = Figure(figsize=(across, 0.75 * across), layout="constrained")
    axes = figure.subplots()
    for order, (k, series) in enumerate(marks.items()):
        x, y = zip(*series, strict=True)
        axes.plot(
            x, y, marker=MARKERS[order % len(MARKERS)], markersize=4, label=f"jump {k}",
            **{**line(order), "linewidth": 0.9},
        )  # fmt: skip
    left = min(x for series in marks.values() for x, _ in series)
    base = min(y for series in marks.values() for x, y in series if x == left) / 3
    right = max(x for series in marks.values() for x, _ in series)
    axes.plot([left, right], [base, base * right / left], color="0.5", linewidth=0.8, linestyle=(0, (1, 2)))
    axes.annotate("slope 1", (right, base * right / left), ha="right", va="top", color="0.35", fontsize=7)
    axes.set_xscale("log")
    axes.set_yscale("log")
    seen = {x for series in marks.values() for x, _ in series}
    scales = {1 / float(one.log_inverse_scale): _power(str(one.scale)) for one in flows}
    axes.set_xticks(sorted(seen), [f"${scales[x]}$" for x in sorted(seen)])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(r"$\alpha$, at $1/\ln(1/\alpha)$")
    axes.set_ylabel(r"$|T_k(\alpha)/\ln(1/\alpha) - t_k|$")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=7, handlelength=2.6)
    return figure


def jump_time_errors(flows: Sequence[Flow], path: SaddlePath) -> dict[int, list[tuple[float, float]]]:
    """(1/Λ, |T_k(α)/Λ − t_k|) by the number of the jump, for flows that show the path's first k jumps."""
    marks: dict[int, list[tuple[float, float]]] = {}
    for one in flows:
        small = 1 / float(one.log_inverse_scale)
        for k, (exact, seen) in enumerate(zip(path.jumps, one.jumps, strict=False), 1):
            if (set(exact.entered), set(exact.left)) != (set(seen.entered), set(seen.left)):
                break
            error = abs(float(seen.time.mpf(40) - to_mpf(exact.time, 40)))
            if error > 10.0 ** (1 - one.digits) * float(exact.time):
                marks.setdefault(k, []).append((small, error))
    return {k: sorted(series) for k, series in sorted(marks.items()) if len(series) > 1}
