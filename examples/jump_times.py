"""Predicted jump times against flows at α = 1e-50, 1e-100, 1e-200 on random two-layer problems.

    python examples/jump_times.py 50 > examples/jump-times.csv
    python examples/jump_times.py 25 "squared error" > examples/jump-times-squared-error.csv

Masks and targets, or inputs X and outputs Y, are drawn at random; targets and outputs have the
entries −3, …, 3, inputs, of two samples more than A has columns, −2, …, 2.  Draws that the
prediction does not speak about are drawn again, and counted by reason.  Matrix completions of
random masks seldom jump more than twice; squared errors with correlated inputs jump as often as A
has rows.

The verdict and the draws that were passed over are reported on standard error; the flows of
scales below 1e-200 that some limits need take most of the time (minutes).
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from saddlesym import (
    BudgetError,
    DeepLinearProblem,
    DegenerateProblemError,
    PrecisionError,
    recover_jump_times,
)
from saddlesym.deep import LimitTime, observed_parts, predict_jump_times

Cost = Literal["completion", "squared error"]
Rows = list[list[int]]

SIDE, DENSITY, LATEST = 3, 0.7, 8.0
ALPHAS = ("1e-50", "1e-100", "1e-200")
COLUMNS = (
    "jump", "predicted", "t(1e-50)", "t(1e-100)", "t(1e-200)",
    "extrapolated", "change", "last decades", "agrees", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """One draw: every predicted jump, and the measured ones, empty when there is only a note."""

    target: Rows
    mask: Rows
    predicted: tuple[float, ...]
    measured: tuple[LimitTime, ...] = ()
    note: str = ""

    @property
    def agrees(self) -> bool:
        """As many jumps, each within three times the error estimated of its measurement (and 1e-8)."""
        pairs = zip(self.measured, self.predicted, strict=False)
        return len(self.measured) == len(self.predicted) and all(m.agrees(p) for m, p in pairs)

    def rows(self) -> Iterator[list[str]]:
        """One line of the CSV for each jump that was predicted or measured."""
        matrices = ["/".join(" ".join(map(str, row)) for row in rows) for rows in (self.target, self.mask)]
        for k in range(max(len(self.predicted), len(self.measured))):
            p = f"{self.predicted[k]:.10f}" if k < len(self.predicted) else ""
            m = self.measured[k] if k < len(self.measured) else None
            times = [f"{t:.8f}" for _, t in m.measured[:3]] if m else [""] * 3
            times += [f"{m.time:.10f}", f"{m.change:.1e}", f"{m.measured[-1][0]:g}"] if m else [""] * 3
            yield [*matrices, str(k + 1), p, *times, "yes" if self.agrees else "no", self.note]


def compared(cost: Cost, first: Rows, second: Rows, alphas: Sequence[str], seed: int) -> Comparison | str:
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
        times = predict_jump_times(problem, digits=15).times
    except DegenerateProblemError as error:
        return str(error.reason)
    if len(times) < 2:
        return "a single jump, where the prediction is a theorem"
    if times[-1] > LATEST:
        return f"a jump later than t = {LATEST:g}"
    try:
        measured = recover_jump_times(problem, alphas, until=2 * LATEST, seed=seed).jumps
    except DegenerateProblemError as error:
        return str(error.reason)
    except (PrecisionError, BudgetError) as error:
        return Comparison(first, second, times, note=error.given)
    return Comparison(first, second, times, measured)


def draws(
    count: int,
    cost: Cost = "completion",
    seed: int = 0,
    alphas: Sequence[str] = ALPHAS,
) -> Iterator[Comparison | str]:
    """Comparisons until there are ``count``, and in between the reasons why draws were passed over."""
    generator = np.random.default_rng(seed)
    found = 0
    while found < count:
        if cost == "completion":
            second = (generator.random((SIDE, SIDE)) < DENSITY).astype(int).tolist()
            first = generator.integers(-3, 4, (SIDE, SIDE)).tolist()
        else:
            second = generator.integers(-2, 3, (SIDE, SIDE + 2)).tolist()
            first = generator.integers(-3, 4, (SIDE, SIDE + 2)).tolist()
        outcome = compared(cost, first, second, alphas, found)
        found += isinstance(outcome, Comparison)
        yield outcome


def main(count: int, cost: Cost) -> None:
    """Write the table as CSV on standard output."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*(("target", "mask") if cost == "completion" else ("Y", "X")), *COLUMNS])
    done: list[Comparison] = []
    passed_over: Counter[str] = Counter()
    for outcome in draws(count, cost):
        if isinstance(outcome, str):
            passed_over[outcome] += 1
            continue
        writer.writerows(outcome.rows())
        done.append(outcome)
        print(f"{len(done)} of {count}", end="\r", file=sys.stderr, flush=True)
    jumps = Counter(k for one in done for k in range(1, len(one.predicted) + 1))
    counts = ", ".join(f"{number} of t_{k}" for k, number in sorted(jumps.items()))
    print(f"{sum(one.agrees for one in done)} of {count} agree; jumps: {counts}", file=sys.stderr)
    for reason, times in sorted(passed_over.items()):
        print(f"drawn again, {times} times: {reason}", file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[2:] not in ([], ["squared error"]):
        raise SystemExit('usage: python jump_times.py [COUNT ["squared error"]]')
    kind: Cost = "squared error" if sys.argv[2:] else "completion"
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, kind)
