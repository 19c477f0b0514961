"""The escape from the origin as a figure: critical speeds on the sphere, and the growth of ‖θ‖."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from saddlesym.deep.saddles.mode_sets import mode_words
from saddlesym.errors import BadInputError
from saddlesym.figures.deep.flow import time_label
from saddlesym.figures.drawing import panels
from saddlesym.figures.style import COLOURS, Width, coordinate, inches, line, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.deep.escape import Escape, EscapeDirection

#: Growing curves that are drawn: those of the fastest directions of one mode.
_CURVES = 4
#: For L ≥ 3, how many times its start ‖θ‖ is drawn to grow.
_GROWTH = 100.0


#: From so many inches on the two panels stand side by side.
_BESIDE = 5.0


@styled
def draw_escape(
    escape: Escape,
    directions: Sequence[EscapeDirection] | None = None,
    *,
    ax: Any = None,
    width: Width = "double",
) -> Figure:
    """Critical values of −H on the unit sphere by rank, and ‖θ‖ along those of one mode as α → 0.

    From radius α along a critical direction of speed s the leading flow is ρ' = L s ρ^{L−1}: in
    accelerated time ln ρ/ln(1/α) = 2st − 1 for L = 2, and ρ = α(1 − (L−2)Lst)^{−1/(L−2)} for L ≥ 3.

    Args:
        escape: how the network leaves the origin.
        directions: critical directions of −H, the optimal one among them; default all.
        ax: axes of a user, one or as many as there are panels; default a new figure.
        width: inches, or ``single``, ``double``.

    Returns:
        A figure of two panels; the local maximum is filled, the saddles of −H are open, and
        a dotted line marks the escape time of the optimal direction.  Modes are written
        beside the points where there is room.

    Raises:
        BadInputError: no directions, or speeds beyond what floating point holds.
    """
    from saddlesym.figures.notebook import Figure

    directions = tuple(escape.critical_directions()) if directions is None else directions
    if not any(direction.is_maximum for direction in directions):
        raise BadInputError("no optimal direction to draw", needed="the critical directions of an escape")
    across = inches(width)
    beside = across >= _BESIDE
    if ax is None:
        figure = Figure(figsize=(across, (0.42 if beside else 1.5) * across), layout="constrained")
        ax = figure.subplots(*((1, 2) if beside else (2, 1)))
    left, right = panels(ax, 2)
    _speeds(left, escape, directions)
    if right is not None:
        _growth(right, escape, directions)
    return left.figure  # type: ignore[no-any-return]


def _speeds(axes: Any, escape: Escape, directions: Sequence[EscapeDirection]) -> None:
    values = escape.decomposition.values
    named: dict[tuple[int, str], float] = {}  # by rank and side, the last height with a label
    apart = coordinate(escape.speed(17)) / 25
    for direction in sorted(directions, key=lambda d: -coordinate(d.speed)):
        x, y = direction.rank, coordinate(direction.speed)
        fill = COLOURS[0] if direction.is_maximum else "white"
        axes.plot(x, y, "o", markersize=5, color=COLOURS[0], markerfacecolor=fill, clip_on=False)
        for aside, align in ((6, "left"), (-6, "right")):
            if (x, align) not in named or named[x, align] - y > apart:
                named[x, align] = y
                axes.annotate(
                    mode_words(values, direction.counts), (x, y), xytext=(aside, 0),
                    textcoords="offset points", ha=align, va="center", fontsize=7,
                )  # fmt: skip
                break
    for fill, label in ((COLOURS[0], "local maximum"), ("white", "saddle")):
        axes.plot([], [], "o", markersize=5, color=COLOURS[0], markerfacecolor=fill, label=label)
    ranks = sorted({direction.rank for direction in directions})
    axes.set_xticks(ranks)
    axes.set_xlim(ranks[0] - 0.5, ranks[-1] + 0.9)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("rank of the direction")
    axes.set_ylabel(r"critical value of $-H$ on the sphere")
    axes.legend(loc="upper right")


def _growth(axes: Any, escape: Escape, directions: Sequence[EscapeDirection]) -> None:
    L, values = escape.depth, escape.decomposition.values
    end = coordinate(escape.accelerated_time(17))
    alone = [direction for direction in directions if direction.rank == 1][:_CURVES]
    for k, direction in enumerate(alone):
        times, heights = _curve(L, coordinate(direction.speed), end)
        axes.plot(times, heights, label=mode_words(values, direction.counts), **line(k))
    axes.axvline(end, color="0.5", linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
    axes.annotate(
        f"$t = {end:.5g}$", (end, 1), xycoords=("data", "axes fraction"), xytext=(0, 2),
        textcoords="offset points", ha="center", va="bottom", fontsize=7, color="0.35",
    )  # fmt: skip
    if L == 2:
        axes.set_ylabel(r"$\ln\|\theta\|\,/\,\ln(1/\alpha)$")
        axes.set_ylim(-1, 0)
    else:
        axes.set_yscale("log")
        axes.set_ylim(1, _GROWTH)
        axes.set_ylabel(r"$\|\theta\|\,/\,\alpha$")
    axes.set_xlim(0, 1.05 * end)
    axes.set_xlabel(time_label(L))
    axes.legend(loc="upper left", title="mode", handlelength=2.6)


def _curve(depth: int, speed: float, end: float) -> tuple[list[float], list[float]]:
    """Accelerated times up to ``end`` and the height of the curve of one direction."""
    if depth == 2:
        return [0.0, end], [-1.0, 2 * speed * end - 1]
    power, blow_up = depth - 2, 1 / ((depth - 2) * depth * speed)
    top = min(_GROWTH, (1 - end / blow_up) ** (-1 / power)) if blow_up > end * (1 + 1e-9) else _GROWTH
    heights = [top ** (k / 200) for k in range(201)]
    return [blow_up * (1 - height**-power) for height in heights], heights
