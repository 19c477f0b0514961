"""Distances at initialisation as a figure: fitted exponents against γ, on the predicted lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlesym.figures.style import COLOURS, Width, inches, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.deep.experiments.initialisation import InitialisationStudy


@styled
def draw_initialisation(study: InitialisationStudy, *, width: Width = "double") -> Figure:
    """Exponents of both distances in the width, with their confidence intervals.

    Args:
        study: the estimates.
        width: inches, or ``single``, ``double``.

    Returns:
        A figure of two panels over γ: upper bounds as discs, lower bounds as open squares; pale where
        the widths are not asymptotic and nothing is claimed.
    """
    from saddlesym.deep.experiments.initialisation import predicted_exponent
    from saddlesym.figures.notebook import Figure

    across = inches(width)
    figure = Figure(figsize=(across, 0.45 * across), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True)
    low, high = min(study.gammas), max(study.gammas)
    knots = sorted({low, high, *([1.0] if low < 1 < high else [])})
    spread = 0.008 * (high - low)  # so that the two bounds stand side by side
    for axes, quantity, title in zip(
        panels, ("minima", "saddles"), ("to the global minima", "to the saddles"), strict=True
    ):
        line = [predicted_exponent(quantity, g, study.depth) for g in knots]
        axes.plot(knots, line, color="0.6", linewidth=1.2, label="predicted")
        for bound, mark, shift, colour in (
            ("upper", "o", -spread, COLOURS[0]),
            ("lower", "s", spread, COLOURS[1]),
        ):
            for asymptotic in (True, False):
                fits = [fit for fit in study.of(quantity, bound) if fit.asymptotic == asymptotic]
                if not fits:
                    continue
                axes.errorbar(
                    [fit.gamma + shift for fit in fits],
                    [fit.exponent for fit in fits],
                    yerr=[
                        [fit.exponent - fit.low for fit in fits],
                        [fit.high - fit.exponent for fit in fits],
                    ],
                    fmt=mark, color=colour, markersize=4, capsize=2, linewidth=1,
                    markerfacecolor=colour if bound == "upper" else "white",
                    alpha=None if asymptotic else 0.3,
                    label=f"{bound} bound" if asymptotic else f"{bound} bound, not asymptotic",
                )  # fmt: skip
        axes.set_title(f"distance {title}")
        axes.set_xlabel(r"$\gamma$ (variance $w^{-\gamma}$)")
    panels[0].set_ylabel("exponent of $w$")
    panels[1].legend()
    return figure
