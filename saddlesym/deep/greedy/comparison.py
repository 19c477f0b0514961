"""The greedy path and the predicted jump times beside flows at decreasing α (L = 2).

J21's conjecture says that the plateaus of the flow tend to the critical points of the greedy
algorithm.  Here both meet: for every scale the distance ‖A(plateau) − A_k‖, and for every
jump the prediction and the limit that the flows themselves extrapolate to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from saddlesym.deep.flow.graded_flow import GradedFlow, graded_flow
from saddlesym.deep.flow.limit_times import FLOW_SCALES, TOLERANCE, LimitTime, search_end, slopes
from saddlesym.deep.greedy.path import GreedyPath
from saddlesym.exact.documents.results import Documented
from saddlesym.progress import Listener, Progress


@dataclass(frozen=True, repr=False)
class PlateauDistance(Documented):
    """How near the flow from one scale comes to the greedy critical points.

    Attributes:
        decades: log₁₀(1/α).
        distances: ‖A(plateau) − A_k‖ in the Frobenius norm for k = 1, 2, …
        times: the jump times at half of each plateau.
    """

    decades: float
    distances: tuple[float, ...]
    times: tuple[float, ...]

    def __repr__(self) -> str:
        return f"PlateauDistance(1e-{self.decades:g}: {', '.join(f'{d:.2g}' for d in self.distances)})"


@dataclass(frozen=True, repr=False)
class GreedyComparison(Documented):
    """A greedy path beside flows.

    Attributes:
        path: the greedy path.
        plateaus: one entry for each scale.
        limits: the jump times that the flows extrapolate to.
    """

    path: GreedyPath
    plateaus: tuple[PlateauDistance, ...]
    limits: tuple[LimitTime, ...]

    def verdict(self, k: int, predicted: float) -> str:
        """What the flows say of the predicted time of their k-th jump (from 0).

        "agrees" and "differs" only when the limit is settled; "open" when it is not.
        """
        limit = self.limits[k]
        if not limit.is_settled:
            return "open"
        return "agrees" if limit.agrees(predicted) else "differs"

    @property
    def approach(self) -> tuple[str, ...]:
        """For each rank k = 1, 2, …: whether the plateaus come to the greedy point as α falls.

        "reached": within 1e-6 of 1 + ‖A_k‖ at the smallest α; "nearer": not so, but less than half as
        far as at the scale before; else "not seen".
        """
        before, last = (plateau.distances for plateau in self.plateaus[-2:])
        out = []
        for far, near, step in zip(before, last, self.path.steps[1:], strict=False):
            size = sum(float(x) ** 2 for row in step.A for x in row) ** 0.5
            near_enough = near <= TOLERANCE * (1 + size)
            out.append("reached" if near_enough else "nearer" if near < far / 2 else "not seen")
        return tuple(out)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return super().to_dict() | {"approach": list(self.approach)}

    def __repr__(self) -> str:
        return f"GreedyComparison({len(self.plateaus)} scales, {len(self.limits)} jumps)"


def compare_with_flow(
    path: GreedyPath,
    alphas: Sequence[Any] = FLOW_SCALES,
    *,
    seed: int = 0,
    until: float | None = None,
    progress: Listener | None = None,
) -> GreedyComparison:
    """Hold a greedy path against flows from small scales α.

    Args:
        path: of a network of depth 2; where it ends in a run-away, the plateaus before that rank count.
        alphas: scales of the flows, three at least, decreasing.
        seed: of the starting direction.
        until: last accelerated time of the flows; by default that of :func:`limit_times`.
        progress: called with the number of flows done.

    Raises:
        BadInputError, DegenerateProblemError, PrecisionError: those of the flows.

    >>> from saddlesym.deep.greedy.path import greedy_path
    >>> from saddlesym.deep.problem import DeepLinearProblem
    >>> path = greedy_path(DeepLinearProblem.whitened([[2, 0], [0, 1]]))
    >>> found = compare_with_flow(path, ["1e-20", "1e-40", "1e-80"])
    >>> max(found.plateaus[-1].distances) < 1e-8
    True
    """
    flows: list[GradedFlow] = []
    until = search_end(path.problem) if until is None else until
    for alpha in alphas:
        flows.append(graded_flow(path.problem, alpha, until=until, seed=seed))
        if progress is not None:
            progress(Progress(len(flows), len(alphas), "flows"))
    points = [np.array([[float(x) for x in row] for row in step.A]) for step in path.steps[1:]]
    plateaus = tuple(
        PlateauDistance(
            flow.decades,
            tuple(
                float(np.linalg.norm(np.array(jump.plateau) - point))
                for jump, point in zip(flow.jumps, points, strict=False)
            ),
            tuple(jump.time for jump in flow.jumps),
        )
        for flow in flows
    )
    return GreedyComparison(path, plateaus, slopes(flows))
