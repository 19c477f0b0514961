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

_MAX_DECADES = 3200.0
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


def limit_times(
    problem: DeepLinearProblem,
    decades: Sequence[float] = (50, 100, 200),
    *,
    seed: int = 0,
    t_end: float | None = None,
    tolerance: float = TOLERANCE,
) -> tuple[LimitTime, ...]:
    """Measure the jump times at several scales and extrapolate them to α → 0.

    Args:
        problem: a network of depth 2.
        decades: log₁₀(1/α) of the flows, three at least, increasing.
        seed: of the starting direction.
        t_end: last accelerated time; by default :func:`search_end`.
        tolerance: smaller scales are added, down to 1e-3200, until the last two slopes
            differ by no more than this part of 1 + t.

    Raises:
        BadInputError: fewer than three scales, or not increasing.
        PrecisionError: the flows do not agree on the number of jumps.

    >>> found = limit_times(DeepLinearProblem.whitened([[2, 0], [0, 1]]), (20, 40, 80))
    >>> [round(limit.time, 9) for limit in found]
    [0.5, 1.0]
    """
    grid = list(map(float, decades))
    t_end = search_end(problem) if t_end is None else t_end
    flows = [graded_flow(problem, d, t_end, seed=seed) for d in grid]
    while True:
        found = slopes(flows)
        settled = all(limit.change <= tolerance * (1 + limit.time) for limit in found)
        if settled or 2 * flows[-1].decades > _MAX_DECADES:
            return found
        flows.append(graded_flow(problem, 2 * flows[-1].decades, t_end, seed=seed))


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
            hint="smaller scales, or a later t_end",
        )
    out = []
    for k in range(counts[0]):
        points = [(flow.decades, flow.jumps[k]) for flow in flows]
        slopes = [(b.onset - a.onset) / ((q - p) * log(10)) for (p, a), (q, b) in pairwise(points)]
        measured = tuple((d, jump.time) for d, jump in points)
        out.append(LimitTime(k + 1, slopes[-1], abs(slopes[-1] - slopes[-2]), measured))
    return tuple(out)
