"""Jump times of the limit α → 0, from flows at several scales alone (L = 2).

The natural time T_k of the onset of a jump, where the k-th singular value passes a threshold
that does not depend on α, is ``T_k(α) = t_k ln(1/α) + c_k`` up to terms that vanish like a
power of α, when all flows start along the same direction.  So the slope between two scales,
the limit of an extrapolation in 1/ln(1/α), is t_k up to such terms; the difference of
the last two slopes shows their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import log
from typing import Any

from saddlesym.deep.flow.graded_flow import GradedFlow, graded_flow
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, PrecisionError
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.scalars import rational
from saddlesym.exact.scale import InitialScale
from saddlesym.grids import Displayed, Grid, Math
from saddlesym.progress import Listener, Progress

_MAX_DECADES = 3200.0
#: The scales, where none are given.
FLOW_SCALES = ("1e-50", "1e-100", "1e-200")
#: Part of 1 + t by which the last two slopes may differ for a limit to be called settled.
TOLERANCE = 1e-6
#: A prediction agrees with a limit that differs by no more than this many of its errors …
_ERRORS = 3
#: … and this.
_FLOOR = 1e-8


@dataclass(frozen=True, repr=False)
class LimitTime(Documented):
    """The limit of one jump time.

    Attributes:
        rank: of A after the jump.
        time: the slope between the two smallest scales, in accelerated time.
        change: its distance to the slope before, an estimate of its error.
        measured: (decades, t(α)) for every flow, t(α) at half of the plateau.
    """

    rank: int
    time: float
    change: float
    measured: tuple[tuple[float, float], ...]

    @property
    def is_settled(self) -> bool:
        """Whether the last two slopes differ by no more than 1e-6 of 1 + t."""
        return self.change <= TOLERANCE * (1 + self.time)

    def agrees(self, predicted: float) -> bool:
        """Whether a prediction is off by no more than three times the estimated error (and 1e-8)."""
        return abs(self.time - predicted) <= _ERRORS * self.change + _FLOOR

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        measured = [{"decades": d, "time": t} for d, t in self.measured]
        return super().to_dict() | {"settled": self.is_settled, "measured": measured}

    @classmethod
    def _read(cls, given: Fields) -> LimitTime:
        measured = tuple((d["decades"], d["time"]) for d in given("measured", tuple[dict[str, float], ...]))
        return cls(given("rank", int), given("time", float), given("change", float), measured)

    def __repr__(self) -> str:
        return f"LimitTime(rank {self.rank}, t = {self.time:.8g} ± {self.change:.1g})"


@dataclass(frozen=True, repr=False)
class DeepRecovery(Displayed, Documented, kind="deep recovery"):
    """Jump times of the limit, as flows of a deep linear network of two layers give them.

    Attributes:
        problem: the network.
        alphas: the scales that were asked for; smaller ones were added until the times settled.
        seed: of the starting direction.
        jumps: in order of rank.
    """

    problem: DeepLinearProblem
    alphas: tuple[str, ...]
    seed: int
    jumps: tuple[LimitTime, ...]

    def times(self) -> list[float]:
        """t_k of all jumps."""
        return [jump.time for jump in self.jumps]

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump: its time, and the change of the last extrapolation."""
        rows = tuple(
            (j.rank, f"{j.time:.10g}", f"{j.change:.1e}", "yes" if j.is_settled else "no")
            for j in self.jumps[:limit]
        )
        header = ("rank", Math("t_k", "t"), "change", "settled")
        return Grid(repr(self), header, rows, frozenset({3}), more=len(self.jumps) - len(rows))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return super().to_dict() | {"certified": False}

    def __repr__(self) -> str:
        return f"DeepRecovery({', '.join(f'{t:.6g}' for t in self.times())})"


def recovered(
    problem: DeepLinearProblem,
    alphas: Sequence[Any] = (),
    *,
    until: Any = None,
    seed: int = 0,
    progress: Listener | None = None,
) -> DeepRecovery:
    """The jump times from flows at these scales and smaller ones, see :func:`saddlesym.recover_jump_times`.

    >>> recovered(DeepLinearProblem.whitened([[2, 0], [0, 1]]), ["1e-20", "1e-40", "1e-80"])
    DeepRecovery(0.5, 1)
    """
    scales = sorted(map(InitialScale.read, alphas or FLOW_SCALES), key=lambda scale: scale.decades)
    last = None if until is None else float(rational(until))
    jumps = limit_times(problem, scales, seed=seed, until=last, progress=progress)
    return DeepRecovery(problem, tuple(scale.text for scale in scales), seed, jumps)


def limit_times(
    problem: DeepLinearProblem,
    alphas: Sequence[Any] = FLOW_SCALES,
    *,
    seed: int = 0,
    until: float | None = None,
    tolerance: float = TOLERANCE,
    progress: Listener | None = None,
) -> tuple[LimitTime, ...]:
    """Measure the jump times at several scales and extrapolate them to α → 0.

    Args:
        problem: a network of depth 2.
        alphas: scales of the flows, three at least, decreasing.
        seed: of the starting direction.
        until: last accelerated time; by default :func:`search_end`.
        tolerance: smaller scales are added, down to 1e-3200, until the last two slopes
            differ by no more than this part of 1 + t.
        progress: called with the number of flows done.

    Raises:
        BadInputError: fewer than three scales, or not increasing.
        PrecisionError: the flows do not agree on the number of jumps.

    >>> found = limit_times(DeepLinearProblem.whitened([[2, 0], [0, 1]]), ["1e-20", "1e-40", "1e-80"])
    >>> [round(limit.time, 9) for limit in found]
    [0.5, 1.0]
    """
    coming = [InitialScale.read(alpha) for alpha in alphas]
    until = search_end(problem) if until is None else until
    flows: list[GradedFlow] = []
    while True:
        for scale in coming:
            flows.append(graded_flow(problem, scale, until=until, seed=seed))
            if progress is not None:
                progress(Progress(len(flows), what="flows"))
        found = slopes(flows)
        settled = all(limit.change <= tolerance * (1 + limit.time) for limit in found)
        smaller = flows[-1].scale.smaller(2)
        if settled or smaller is None or smaller.decades > _MAX_DECADES:
            return found
        coming = [smaller]


def search_end(problem: DeepLinearProblem) -> float:
    """Accelerated time up to which flows are followed: 50, or longer where the entries of ∇C(0) are small."""
    largest = max(abs(b) for row in problem.cost.B for b in row)
    return 50.0 / (float(min(largest, Fraction(1))) or 1.0)


def slopes(flows: Sequence[GradedFlow]) -> tuple[LimitTime, ...]:
    """Extrapolate the onsets of flows at three or more scales, in decreasing order of α.

    Raises:
        BadInputError: fewer scales, or another order.
        PrecisionError: the flows do not agree on the number of jumps.
    """
    grid = [flow.decades for flow in flows]
    if len(grid) < 3 or any(a >= b for a, b in pairwise(grid)):
        raise BadInputError(f"scales {grid}", needed="three or more, each alpha smaller than the one before")
    counts = [len(flow.jumps) for flow in flows]
    if len(set(counts)) > 1:
        raise PrecisionError(
            f"flows at {len(flows)} scales have {', '.join(map(str, counts))} jumps",
            hint="smaller scales, or a later until",
        )
    out = []
    for k in range(counts[0]):
        points = [(flow.decades, flow.jumps[k]) for flow in flows]
        slopes = [(b.onset - a.onset) / ((q - p) * log(10)) for (p, a), (q, b) in pairwise(points)]
        measured = tuple((d, jump.time) for d, jump in points)
        out.append(LimitTime(k + 1, slopes[-1], abs(slopes[-1] - slopes[-2]), measured))
    return tuple(out)
