"""Predicted jump times against measured ones on seeded masks and targets, or on seeded data (L = 2).

Draws that the prediction does not speak about are drawn again, and counted by reason.  Matrix
completions of random masks seldom jump more than twice; squared errors with correlated inputs
jump as often as A has rows.  The full tables are `examples/jump-times.csv` and
`examples/jump-times-squared-error.csv`, written by `examples/jump_times.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from saddlesym.deep.blocks import observed_parts
from saddlesym.deep.flow.limit_times import LimitTime, limit_times
from saddlesym.deep.greedy.prediction import predict_jump_times
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BudgetError, DegenerateProblemError, PrecisionError
from saddlesym.exact.documents.results import Documented

Progress = Callable[[int, int], None]
Cost: TypeAlias = Literal["completion", "squared error"]

_LATEST = 8.0


@dataclass(frozen=True)
class JumpComparison(Documented):
    """One draw: every predicted jump and the measured one.

    Attributes:
        target: A*; for squared error the outputs Y.
        mask: zeros and ones; for squared error the inputs X.
        predicted: jump times of the recursion.
        measured: limits from flows alone; empty when they could not be measured.
        agrees: whether there are as many, and each pair differs by at most three times the
            estimated error of the measurement (and 1e-8).
        note: why there is no measurement; else empty.
    """

    target: tuple[tuple[int, ...], ...]
    mask: tuple[tuple[int, ...], ...]
    predicted: tuple[float, ...]
    measured: tuple[LimitTime, ...]
    agrees: bool
    note: str = ""

    @property
    def deviation(self) -> float | None:
        """The greatest |measured − predicted|; None when the numbers of jumps differ."""
        if not self.measured or len(self.measured) != len(self.predicted):
            return None
        return max(abs(m.time - p) for m, p in zip(self.measured, self.predicted, strict=True))

    @property
    def rows(self) -> list[list[str]]:
        """One line of the CSV for each jump that was predicted or measured."""
        out = []
        for k in range(max(len(self.predicted), len(self.measured))):
            p = f"{self.predicted[k]:.10f}" if k < len(self.predicted) else ""
            m = self.measured[k] if k < len(self.measured) else None
            scales = [f"{t:.8f}" for _, t in m.measured[:3]] if m else ["", "", ""]
            last = [f"{m.time:.10f}", f"{m.change:.1e}", f"{m.measured[-1][0]:g}"] if m else ["", "", ""]
            matrices = [
                "/".join(" ".join(map(str, row)) for row in rows) for rows in (self.target, self.mask)
            ]
            out.append([*matrices, str(k + 1), p, *scales, *last, "yes" if self.agrees else "no", self.note])
        return out


_CSV_COLUMNS = (
    "jump", "predicted", "t(1e-50)", "t(1e-100)", "t(1e-200)",
    "extrapolated", "change", "last decades", "agrees", "note",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class JumpTable(Documented):
    """Predictions against measurements.

    Attributes:
        comparisons: one for each accepted draw.
        redrawn: reason → number of draws that were passed over.
        seed: of the draws.
        cost: what was drawn.
    """

    comparisons: tuple[JumpComparison, ...]
    redrawn: dict[str, int] = field(hash=False)
    seed: int
    cost: Cost = "completion"

    @property
    def header(self) -> tuple[str, ...]:
        """The columns of the CSV, whose lines are the rows of the comparisons."""
        return (*(("target", "mask") if self.cost == "completion" else ("Y", "X")), *_CSV_COLUMNS)

    @property
    def jumps(self) -> dict[int, int]:
        """k → number of predicted k-th jumps."""
        return dict(Counter(k for c in self.comparisons for k in range(1, len(c.predicted) + 1)))

    @property
    def agreeing(self) -> int:
        """Number of draws on which prediction and measurement agree."""
        return sum(c.agrees for c in self.comparisons)

    def __repr__(self) -> str:
        return f"JumpTable({self.agreeing} of {len(self.comparisons)} agree)"


def jump_time_table(
    count: int = 50,
    seed: int = 0,
    side: int = 3,
    density: float = 0.7,
    decades: Sequence[float] = (50, 100, 200),
    progress: Progress | None = None,
    cost: Cost = "completion",
) -> JumpTable:
    """Compare on masks and targets, or on data, drawn at random.

    Targets, and outputs Y, have the entries −3, …, 3; inputs X, of side + 2 samples, −2, …, 2.

    Args:
        count: comparisons wanted.
        seed: of the draws; the flow of the n-th draw starts along the direction of seed n.
        side: A is side × side.
        density: probability with which the mask lets an entry through.
        decades: log₁₀(1/α) of the flows; smaller scales are added until the limits settle.
        progress: called with the number of comparisons done and to do.
        cost: ``"completion"``, or ``"squared error"`` with data.

    >>> jump_time_table(1, seed=1, decades=(10, 20, 40))
    JumpTable(1 of 1 agree)
    """
    generator = np.random.default_rng(seed)
    redrawn: Counter[str] = Counter()
    found: list[JumpComparison] = []
    while len(found) < count:
        if cost == "completion":
            second = (generator.random((side, side)) < density).astype(int).tolist()
            first = generator.integers(-3, 4, (side, side)).tolist()
        else:
            second = generator.integers(-2, 3, (side, side + 2)).tolist()
            first = generator.integers(-3, 4, (side, side + 2)).tolist()
        outcome = _compare(cost, first, second, decades, len(found))
        if isinstance(outcome, str):
            redrawn[outcome] += 1
            continue
        found.append(outcome)
        if progress is not None:
            progress(len(found), count)
    return JumpTable(tuple(found), dict(redrawn), seed, cost)


def _compare(
    cost: Cost, first: Any, second: Any, decades: Sequence[float], seed: int
) -> JumpComparison | str:
    """A comparison, or why the draw is passed over."""
    if cost == "completion":
        problem = DeepLinearProblem.matrix_completion(first, second)
    else:
        problem = DeepLinearProblem.squared_error(second, first)
    if not any(any(row) for row in problem.cost.B):
        return "no gradient at the origin"
    if len(observed_parts(problem.cost)) > 1:
        return "observed entries in several parts"
    try:
        prediction = predict_jump_times(problem, 15)
    except DegenerateProblemError as error:
        for word, reason in _REASONS.items():
            if word in error.given:
                return reason
        raise
    if len(prediction.times) < 2:
        return "a single jump, where the prediction is a theorem"
    if prediction.times[-1] > _LATEST:
        return f"a jump later than t = {_LATEST:g}"
    matrices = tuple(map(tuple, first)), tuple(map(tuple, second))
    try:
        measured = limit_times(problem, decades, seed=seed, t_end=2 * _LATEST)
    except (PrecisionError, BudgetError) as error:
        return JumpComparison(*matrices, prediction.times, (), False, error.given)
    agrees = len(measured) == len(prediction.times) and all(
        m.agrees(p) for m, p in zip(measured, prediction.times, strict=True)
    )
    return JumpComparison(*matrices, prediction.times, measured, agrees)


_REASONS = {
    "is repeated": "repeated top singular value",
    "come to rest": "no critical point of the next rank",
    "runs off": "no critical point of the next rank",
    "own rank": "a saddle unstable within its own rank",
    "has ranks": "a rank that does not grow by one",
}
