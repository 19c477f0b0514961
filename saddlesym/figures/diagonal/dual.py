"""The dual polytope {w : ‖Xᵀw‖_∞ ≤ 1} and the path of w that slides along its faces.

On a dwell w moves straight on with velocity (y − Xβ)/n; a coordinate of s = Xᵀw that
reaches ±1 is a face that is hit.  It is the path of steepest ascent of yᵀw in the
polytope (theory of PF23; dual of basis pursuit).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from saddlesym.errors import BadInputError
from saddlesym.figures.style import COLOURS, Width, check_sizes, inches, literal, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.path.trajectory import SaddlePath

Array = npt.NDArray[np.float64]
#: Vertices closer than this, relative to the size of the polytope, are one.
_SAME = 1e-9


@dataclass(frozen=True)
class DualPicture:
    """Polytope and path in coordinates of the column space of X.

    Attributes:
        dimension: 2 or 3, the rank of X.
        columns: the columns in these coordinates (dimension × d); faces are ⟨x_i, w⟩ = ±1.
        vertices: of the polytope.
        edges: pairs of indices of vertices.
        points: w at t = 0 and at every jump.
    """

    dimension: int
    columns: Array
    vertices: Array
    edges: tuple[tuple[int, int], ...]
    points: Array


def dual_picture(path: SaddlePath) -> DualPicture:
    """The polytope and the path of w, in floating point.

    Raises:
        BadInputError: X does not have rank 2 or 3, is not known, or far from one in size.
    """
    check_sizes(path.problem)
    X, y = _float_data(path)
    basis, scales, _ = np.linalg.svd(X, full_matrices=False)
    rank = int(np.sum(scales > 1e-10 * scales[0])) if scales.size and scales[0] > 0 else 0
    if rank not in (2, 3):
        raise BadInputError(f"X has rank {rank}", needed="rank 2 or 3 for a picture of the dual polytope")
    frame = np.eye(rank) if X.shape[0] == rank else basis[:, :rank]
    columns, target = frame.T @ X, frame.T @ y
    normals = columns[:, np.linalg.norm(columns, axis=0) > 1e-12].T
    vertices, edges = _polytope(np.unique(np.vstack([normals, -normals]), axis=0))
    points = [np.zeros(rank)]
    betas = [np.zeros(X.shape[1]), *(np.array(jump.beta.floats()) for jump in path.jumps)]
    moments = [0.0, *(float(t) for t in path.times())]
    for k in range(1, len(moments)):
        speed = (target - columns @ betas[k - 1]) / path.problem.n
        points.append(points[-1] + (moments[k] - moments[k - 1]) * speed)
    return DualPicture(rank, columns, vertices, edges, np.array(points))


def _float_data(path: SaddlePath) -> tuple[Array, Array]:
    problem = path.problem
    X = np.array([[float(q) for q in row] for row in problem.X])
    return X, np.array([float(q) for q in problem.y])


def _polytope(normals: Array) -> tuple[Array, tuple[tuple[int, int], ...]]:
    """Vertices and edges of {w : ⟨a, w⟩ ≤ 1 for every row a}; 0 lies inside."""
    from scipy.spatial import HalfspaceIntersection

    dimension = normals.shape[1]
    halfspaces = np.hstack([normals, -np.ones((len(normals), 1))])
    found = HalfspaceIntersection(halfspaces, np.zeros(dimension)).intersections
    size = float(np.abs(found).max())
    vertices: list[Array] = []
    for point in found:
        if all(np.abs(point - other).max() > _SAME * size for other in vertices):
            vertices.append(point)
    corners = np.array(vertices)
    tight = corners @ normals.T > 1 - 1e-7
    edges = []
    for i in range(len(corners)):
        for j in range(i):
            shared = normals[tight[i] & tight[j]]
            if len(shared) and np.linalg.matrix_rank(shared, tol=1e-9) == dimension - 1:
                edges.append((j, i))
    return corners, tuple(edges)


@styled
def draw_dual(
    path: SaddlePath,
    flows: Sequence[Flow] = (),
    *,
    width: Width = "single",
    view: tuple[float, float] = (22, -60),
) -> Figure:
    """The dual polytope with the path of w, in the plane or in space.

    Args:
        path: the path of a problem whose X has rank 2 or 3.
        flows: flows of the problem; their w = (Xᵀ)⁺s is drawn as thin lines (rank n only).
        width: inches, or ``single``, ``double``.
        view: elevation and azimuth in degrees, for a picture in space.

    Raises:
        BadInputError: X does not have rank 2 or 3.
    """
    from saddlesym.figures.notebook import Figure

    picture = dual_picture(path)
    across = inches(width)
    figure = Figure(figsize=(across, 0.95 * across), layout="constrained")
    plane = picture.dimension == 2
    axes: Any = figure.subplots() if plane else figure.add_subplot(projection="3d")
    _draw_polytope(axes, picture, path.problem.feature_names)
    curves = [_dual_curve(one, picture) for one in flows]
    for curve in curves:
        axes.plot(*curve.T, color=COLOURS[2], linewidth=0.9, zorder=3)
    _draw_path(axes, picture, path)
    for letter, name in zip("xyz", ("w_1", "w_2", "w_3"), strict=False):
        if plane and letter == "z":
            break
        getattr(axes, f"set_{letter}label")(f"${name}$", labelpad=None if plane else -8)
    if plane:
        wide, high = np.ptp(picture.vertices, axis=0)
        if max(wide, high) < 2.2 * min(wide, high):
            axes.set_aspect("equal")
        axes.margins(0.12)
    else:
        axes.view_init(*view)
        axes.set_box_aspect(np.ptp(picture.vertices, axis=0), zoom=0.9)
        axes.tick_params(pad=-3, labelsize=6)
        for pane in (axes.xaxis, axes.yaxis, axes.zaxis):
            pane.set_pane_color((1, 1, 1, 0))
            pane.line.set_linewidth(0.5)
        axes.grid(visible=False)
    return figure


def _draw_polytope(axes: Any, picture: DualPicture, names: Sequence[str]) -> None:
    middle = picture.vertices.mean(axis=0)
    if picture.dimension == 2:
        angles = np.arctan2(*(picture.vertices - middle).T[::-1])
        ring = picture.vertices[np.argsort(angles)]
        axes.fill(*ring.T, facecolor="0.94", edgecolor="0.35", linewidth=0.9, zorder=0)
    else:
        for i, j in picture.edges:
            axes.plot(*picture.vertices[[i, j]].T, color="0.6", linewidth=0.7, zorder=1)
    for i, column in enumerate(picture.columns.T):
        for sign in (1, -1):
            if picture.dimension == 3 and not sign * picture.points[-1] @ column > 1 - 1e-7:
                continue  # in space, only the faces that the path ends on
            at = picture.vertices[sign * picture.vertices @ column > 1 - 1e-7]
            if len(at) < picture.dimension:
                continue
            label = f"{'+' if sign > 0 else '−'}{literal(names[i], 10, i).strip()}"
            place = at.mean(axis=0)
            if picture.dimension == 2:
                out = sign * column / np.linalg.norm(column)
                axes.annotate(
                    label, place, xytext=9 * out, textcoords="offset points", ha="center", va="center",
                    fontsize=7, color="0.35",
                )  # fmt: skip
            else:
                axes.add_collection3d(_face(at, column))
                axes.text(*(1.03 * place), label, ha="center", va="center", fontsize=7, color="0.3")


def _face(corners: Array, normal: Array) -> Any:
    """A face of a polytope in space, shaded."""
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    middle = corners.mean(axis=0)
    across = corners[0] - middle
    upright = np.cross(normal, across)
    angles = np.arctan2((corners - middle) @ upright, (corners - middle) @ across * np.linalg.norm(normal))
    return Poly3DCollection([corners[np.argsort(angles)]], facecolor=COLOURS[5], alpha=0.22, edgecolor="0.4")


def _draw_path(axes: Any, picture: DualPicture, path: SaddlePath) -> None:
    points = picture.points
    axes.plot(*points.T, color=COLOURS[0], linewidth=1.8, zorder=4)
    axes.plot(
        *points.T, linestyle="none", marker="o", markersize=4.5, markerfacecolor="white",
        markeredgecolor=COLOURS[0], markeredgewidth=1.2, zorder=5,
    )  # fmt: skip
    axes.plot(*points[-1:].T, marker="o", markersize=5.5, color=COLOURS[0], zorder=6)
    for k, point in enumerate(points[1:], 1):
        label = f"$t_{{{k}}}$"
        if picture.dimension == 2:
            axes.annotate(
                label, point, xytext=(-5, -9), textcoords="offset points", ha="center", fontsize=8,
                color=COLOURS[0], zorder=7,
            )  # fmt: skip
        else:
            axes.text(*(1.06 * point), label, fontsize=8, color=COLOURS[0], zorder=7)


def _dual_curve(flow: Flow, picture: DualPicture, points: int = 400) -> Array:
    """w of a flow, from s = Xᵀw."""
    from saddlesym.figures.diagonal.flow import drawn_times

    duals = np.array([[float(s) for s in flow.dual(t)] for t in drawn_times(flow, points)])
    curve: Array = np.linalg.lstsq(picture.columns.T, duals.T, rcond=None)[0].T
    return curve
