"""A training run as a figure: coefficients, dual variable and loss, with the prediction behind."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from saddlesym.figures.diagonal.path import active_columns
from saddlesym.figures.style import Width, inches, line, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.runs.comparison import RunComparison


@styled
def draw_comparison(found: RunComparison, *, width: Width = "double") -> Figure:
    """β, |s| and the loss of a run over accelerated time; the limit in light steps, the reference in grey.

    The first record at which the run leaves its reference is marked by a dotted line.

    Args:
        found: the comparison.
        width: inches, or ``single``, ``double``.

    Returns:
        A figure of three panels.
    """
    import numpy as np
    from matplotlib.figure import Figure

    from saddlesym.runs.comparison import path_values
    from saddlesym.runs.simulation import FloatLoss

    run, setting, path = found.run, found.setting, found.path
    thin = np.unique(np.linspace(0, len(run) - 1, min(len(run), 3000)).astype(int))
    natural = found.natural_times[thin]
    times, beta = natural * setting.clock, run.beta[thin].astype(float)
    assert found.reference is not None
    expected = found.reference.beta[thin]
    fine = np.union1d(np.linspace(times[0], times[-1], 2000), times)
    limit = path_values(path, fine / setting.clock, setting.clock)
    across = inches(width)
    figure = Figure(figsize=(across, 0.95 * across), layout="constrained")
    panels = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1.5))
    named = active_columns(path)
    named = [i for i in named if np.abs(limit[:, i]).max() > 0] or named
    top = 1.6 * max(float(np.abs(limit).max()), float(np.abs(beta[-1]).max()), 1e-300)
    for i, name in enumerate(found.problem.feature_names):
        if i in named:
            panels[0].plot(fine, limit[:, i], color="0.85", linewidth=3, zorder=0)
            panels[0].plot(times, expected[:, i], color="0.55", linewidth=0.7, zorder=1)
            style: dict[str, Any] = line(named.index(i))
            panels[0].plot(times, beta[:, i], label=literal(name, column=i), **style)
        else:
            style = {"color": "0.7", "linewidth": 0.8, "zorder": 1}
            panels[0].plot(times, beta[:, i], **style)
        if setting.depth == 2:
            with np.errstate(invalid="ignore", over="ignore"):
                dual = np.arcsinh(beta[:, i] / setting.scale**2) / (2 * setting.log_inverse)
            panels[1].plot(times, np.abs(dual), **style)
    if setting.depth == 2:
        _limit_dual(panels[1], found, fine)
    data = FloatLoss.of(found.problem)
    panels[2].plot(fine, data.value(limit), color="0.85", linewidth=3, zorder=0)
    panels[2].plot(times, data.value(expected), color="0.55", linewidth=0.7, zorder=1)
    panels[2].plot(times, data.value(beta), color="black", linewidth=1.2)
    if np.abs(beta).max() > top:
        panels[0].set_ylim(-top, top)
        panels[2].set_ylim(0, 1.3 * data.at_zero)
    if found.first_deviation is not None:
        for panel in panels:
            panel.axvline(
                found.first_deviation.natural_time * setting.clock,
                color="black",
                linestyle=":",
                linewidth=0.8,
            )
    panels[0].set_ylabel(r"$\beta_i$")
    panels[1].set_ylabel(r"$|s_i|$")
    panels[2].set_ylabel(r"$L(\beta)$")
    panels[2].set_xlabel(
        r"accelerated time $t = T/\ln(1/\alpha)$" if setting.depth == 2 else r"accelerated time $t$"
    )
    if path.jumps and times[-1] > 30 * float(path.jumps[0].time):
        panels[2].set_xscale("log")
        panels[2].set_xlim(float(path.jumps[0].time) / 3, times[-1])
    else:
        panels[2].set_xlim(times[0], times[-1])
    if named and len(named) <= 12:
        panels[0].legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=2.6)
    elif named:
        figure.legend(loc="outside lower center", ncols=max(2, int(across)), handlelength=2.6)
    return figure


def _limit_dual(panel: Any, found: RunComparison, times: Any) -> None:
    """|s| of the limit: straight between jumps."""
    import numpy as np

    path = found.path
    end = float(times[-1]) if path.horizon is None else min(float(times[-1]), float(path.horizon))
    moments = [t for t in [0.0, *(float(jump.time) for jump in path.jumps), end] if t <= end]
    values = np.array([[abs(float(x)) for x in path.dual(Fraction(t))] for t in moments])
    for i in range(path.problem.d):
        panel.plot(moments, values[:, i], color="0.85", linewidth=2.5, zorder=0)
    panel.axhline(1, color="0.6", linewidth=0.5, zorder=0)
    panel.set_ylim(bottom=0)
