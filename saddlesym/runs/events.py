"""Jumps measured in a record: where a column passes half of its step, and where the loss falls fastest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from saddlesym.diagonal.path.trajectory import SaddlePath


@dataclass(frozen=True)
class ColumnStep:
    """The step that a column makes at a jump of the limiting path.

    Attributes:
        jump: number of the jump, from 1.
        coordinate: the column that reaches its bound there and changes; of several, the first.
        before, after: its values at the saddles on both sides.
    """

    jump: int
    coordinate: int
    before: float
    after: float

    @property
    def half(self) -> float:
        """The value half way."""
        return (self.before + self.after) / 2


@dataclass(frozen=True)
class HalfPassage:
    """One jump in a record.

    Attributes:
        time: where the column passes half of its step, on the clock of the record.
        interval: distance of the two records between which it does.
        record: index of the record behind it.
    """

    time: float
    interval: float
    record: int


def column_steps(path: SaddlePath) -> tuple[ColumnStep, ...]:
    """What to look for: one step for each jump.

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> [(step.coordinate, step.half) for step in column_steps(path)]
    [(0, 0.75), (1, -0.16666666666666666)]
    """
    out = []
    for k, jump in enumerate(path.jumps):
        old = path.jumps[k - 1].beta if k else [0] * path.problem.d
        moved = [hit.coordinate for hit in jump.hits if jump.beta[hit.coordinate] != old[hit.coordinate]]
        if not moved:
            moved = sorted(range(path.problem.d), key=lambda i: -abs(jump.beta[i] - old[i]))
        i = moved[0]
        out.append(ColumnStep(k + 1, i, float(old[i]), float(jump.beta[i])))
    return tuple(out)


def half_passages(clock: Any, beta: Any, steps: Sequence[ColumnStep]) -> list[HalfPassage | None]:
    """Where the columns pass half of their steps, in the order of the jumps; None from the first missing one.

    Between two records the share x of the step done is interpolated as a logistic curve, linear in
    ln(x/(1−x)), which a jump of one column is.

    Args:
        clock: steps or times (m), increasing.
        beta: coefficients (m × d).
        steps: of :func:`column_steps`.
    """
    import numpy as np

    found: list[HalfPassage | None] = []
    first = 0
    for step in steps:
        share = (beta[first:, step.coordinate] - step.before) / (step.after - step.before)
        later = np.flatnonzero((share[1:] >= 0.5) & (share[:-1] < 0.5))
        if not len(later):
            break
        k = first + int(later[0])
        x, y = (float(np.clip(s, 1e-12, 1 - 1e-12)) for s in share[later[0] : later[0] + 2])
        low, high = np.log(x / (1 - x)), np.log(y / (1 - y))
        where = -low / (high - low) if high > low else 0.5
        a, b = float(clock[k]), float(clock[k + 1])
        found.append(HalfPassage(a + where * (b - a), b - a, k + 1))
        first = k
    return found + [None] * (len(steps) - len(found))


def crests(clock: Any, loss: Any, jumps: Sequence[HalfPassage | None]) -> list[float | None]:
    """Where the loss falls fastest near each jump: the highest −ΔL/Δt half way to its neighbours.

    The crest is the top of the parabola through the three rates about the highest.
    """
    import numpy as np

    rate = -np.diff(loss) / np.diff(clock)
    middle = (clock[1:] + clock[:-1]) / 2
    times = [jump.time for jump in jumps if jump is not None]
    out: list[float | None] = []
    for k, jump in enumerate(jumps):
        if jump is None:
            out.append(None)
            continue
        left = (times[k - 1] + times[k]) / 2 if k else -np.inf
        right = (times[k] + times[k + 1]) / 2 if k + 1 < len(times) else np.inf
        inside = np.flatnonzero((middle > left) & (middle < right))
        if not len(inside):
            out.append(None)
            continue
        top = int(inside[np.argmax(rate[inside])])
        out.append(_parabola(middle, rate, top))
    return out


def _parabola(x: Any, y: Any, k: int) -> float:
    if not 0 < k < len(x) - 1:
        return float(x[k])
    a, b = x[k] - x[k - 1], x[k] - x[k + 1]
    p, q = (y[k] - y[k - 1]) / a, (y[k] - y[k + 1]) / b  # slopes to both neighbours
    if not p > q:
        return float(x[k])
    # derivative of the interpolant at x[k] is (p·b − q·a)/(b − a), its second one 2(p − q)/(b − a)
    return float(x[k] - (p * b - q * a) / (2 * (p - q)))


def nearest_saddles(beta: Any, path: SaddlePath) -> tuple[Any, Any]:
    """Which saddle of the path (0: the start) each record is nearest to, and how far it is from each.

    Returns:
        Indices (m), and Euclidean distances (m × number of saddles).
    """
    import numpy as np

    saddles = [[0.0] * path.problem.d] + [[float(b) for b in jump.beta] for jump in path.jumps]
    distance = np.stack([np.linalg.norm(beta - np.array(s), axis=1) for s in saddles], axis=1)
    return distance.argmin(axis=1), distance
