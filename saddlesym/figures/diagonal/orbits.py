"""Heteroclinic orbits between the saddles of two or three columns, in the plane or in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from saddlesym.diagonal.orbits.orbit import Orbit, heteroclinic_orbit
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.saddles.enumeration import Saddle, saddles
from saddlesym.errors import BadInputError, NonUniqueMinimiserError, SaddlesymError
from saddlesym.figures.style import COLOURS, Width, check_sizes, inches, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.diagonal.problem import DiagonalProblem

Array = npt.NDArray[np.float64]
#: Digits of the orbits that are drawn.
_DIGITS = 8


@dataclass(frozen=True)
class DrawnOrbit:
    """An orbit as a curve.

    Attributes:
        points: β along it (points × d).
        entered: the coordinates along which the saddle is left.
        visited: whether the saddle path takes it.
    """

    points: Array
    entered: tuple[int, ...]
    visited: bool


def elementary_orbits(problem: DiagonalProblem, points: int = 240) -> tuple[list[DrawnOrbit], list[str]]:
    """The orbits out of every saddle along one coordinate, and the steps of the saddle path.

    Returns:
        The orbits, and a sentence for each that could not be followed to its end.
    """
    try:
        path = saddle_path(problem)
    except NonUniqueMinimiserError as error:
        path = error.path
    stations = [(0,) * problem.d, *(tuple(jump.beta) for jump in path.jumps)]
    steps = {
        (tuple(before), tuple(sorted(set(jump.entered) - set(support(before)))))
        for before, jump in zip(stations, path.jumps, strict=False)
    }
    wanted = {
        (tuple(one.beta), (direction.coordinate,))
        for one in saddles(problem)
        if isinstance(one, Saddle)
        for direction in one.unstable
    }
    drawn, failed = [], []
    for start, entered in sorted(wanted | {step for step in steps if step[1]}):
        try:
            orbit = heteroclinic_orbit(problem, start, entered, digits=_DIGITS, max_steps=4000)
        except SaddlesymError as error:
            failed.append(error.given)
            continue
        drawn.append(DrawnOrbit(curve(orbit, points), entered, (start, entered) in steps))
    return drawn, failed


def support(beta: Any) -> tuple[int, ...]:
    """Indices of the entries that are not zero."""
    return tuple(i for i, b in enumerate(beta) if b != 0)


def curve(orbit: Orbit, points: int) -> Array:
    """β along an orbit (points × d), from its saddle to its limit, evenly spread in arc length."""
    start, end = orbit.span
    times = np.linspace(start, end, 6 * points)
    dense = np.array([[float(b) for b in orbit.beta(float(T))] for T in times])
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    wanted = np.linspace(0, lengths[-1], points)
    return np.stack([np.interp(wanted, lengths, column) for column in dense.T], axis=1)


@styled
def draw_orbits(
    problem: DiagonalProblem, *, width: Width = "single", view: tuple[float, float] = (24, -58)
) -> Figure:
    """Saddles and the orbits between them for d = 2 (with level lines of L) or d = 3.

    Saddles of the path are filled, the minimum is a star; bold orbits are those of the path.

    Args:
        problem: two or three columns.
        width: inches, or ``single``, ``double``.
        view: elevation and azimuth in degrees, for a picture in space.

    Raises:
        BadInputError: another number of columns, or data far from one in size.
    """
    from saddlesym.figures.notebook import Figure

    if problem.d not in (2, 3):
        raise BadInputError(f"{problem.d} columns", needed="2 or 3 for a picture of the orbits")
    check_sizes(problem)
    orbits, failed = elementary_orbits(problem)
    across = inches(width)
    figure = Figure(figsize=(across, 0.9 * across), layout="constrained")
    plane = problem.d == 2
    axes: Any = figure.subplots() if plane else figure.add_subplot(projection="3d")
    points = np.array([one.beta.floats() for one in saddles(problem) if isinstance(one, Saddle)])
    if plane:
        _level_lines(axes, problem, np.vstack([points, *(orbit.points for orbit in orbits)]))
    for orbit in sorted(orbits, key=lambda one: one.visited):
        _draw_orbit(axes, orbit)
    _draw_saddles(axes, problem)
    for letter, name in zip("xyz", problem.feature_names, strict=False):
        i = "xyz".index(letter)
        text = rf"$\beta$ of {literal(name, 14, i).strip()}"
        getattr(axes, f"set_{letter}label")(text, labelpad=None if plane else -6)
    if not plane:
        axes.view_init(*view)
        axes.set_box_aspect(None, zoom=0.85)
        axes.tick_params(pad=-3, labelsize=6)
        for pane in (axes.xaxis, axes.yaxis, axes.zaxis):
            pane.set_pane_color((1, 1, 1, 0))
        axes.grid(visible=False)
    if failed:
        axes.set_title(f"{len(failed)} orbits are not followed to their end", fontsize=7)
    return figure


def _level_lines(axes: Any, problem: DiagonalProblem, points: Array) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.12 * np.maximum(high - low, 1e-9 + 0.1 * (high - low).max())
    low, high = low - margin, high + margin
    x, y = np.meshgrid(np.linspace(low[0], high[0], 160), np.linspace(low[1], high[1], 160))
    M = np.array([[float(q) for q in row] for row in problem.M])
    r = np.array([float(q) for q in problem.r])
    loss = (M[0, 0] * x * x + 2 * M[0, 1] * x * y + M[1, 1] * y * y) / 2 - r[0] * x - r[1] * y
    levels = np.quantile(loss, np.linspace(0.02, 0.98, 14))
    axes.contour(
        x, y, loss, levels=np.unique(levels), colors="0.88", linewidths=0.6, linestyles="solid", zorder=0
    )
    for zero in (axes.axhline, axes.axvline):
        zero(0, color="0.75", linewidth=0.6, zorder=0)
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])


def _draw_orbit(axes: Any, orbit: DrawnOrbit) -> None:
    style: dict[str, Any] = (
        {"color": COLOURS[0], "linewidth": 2.0, "zorder": 3}
        if orbit.visited
        else {"color": "0.4", "linewidth": 0.8, "linestyle": "--", "zorder": 2}
    )
    axes.plot(*orbit.points.T, **style)
    if orbit.points.shape[1] == 2:
        k = len(orbit.points) // 2
        head = {"arrowstyle": "-|>", "color": style["color"], "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", orbit.points[k + 2], orbit.points[k - 2], arrowprops=head, zorder=style["zorder"])


def _draw_saddles(axes: Any, problem: DiagonalProblem) -> None:
    try:
        path = saddle_path(problem)
    except NonUniqueMinimiserError as error:
        path = error.path
    visited = {(), *(jump.support for jump in path.jumps)}
    for one in saddles(problem):
        if not isinstance(one, Saddle):
            continue
        point = one.beta.floats()
        marker, size = ("*", 90) if one.is_minimum else ("o", 26)
        fill = COLOURS[0] if one.support in visited else "white"
        options = {} if problem.d == 2 else {"depthshade": False}
        axes.scatter(
            *([x] for x in point), s=size, marker=marker, facecolor=fill, edgecolor="black", linewidth=0.8,
            zorder=5, **options,
        )  # fmt: skip
        if problem.d == 2:
            axes.annotate(
                f"{one.morse_index}", point, xytext=(5, 5), textcoords="offset points", fontsize=7, zorder=6
            )
        else:
            axes.text(*point, f"  {one.morse_index}", fontsize=7, zorder=6)
