"""Jump times of networks of three and four layers against sums of blow-up times: a table of random costs.

    python examples/blow_up_times.py [COUNT [FIRST]] > examples/blow-up-times.csv

Seeded targets with entries k/10, |k| ≤ 30, of 2 or 3 rows and columns: whitened, with one entry unseen, or
with correlated inputs; 3 or 4 hidden neurons; a seeded Gaussian start.  One line for each jump: the
prediction, and how far the jump of the flow is from it at three scales.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import Counter
from collections.abc import Iterator

from saddlesym.deep.flow.stiff_flow import stiff_flow
from saddlesym.deep.greedy.blow_up import blow_up_times
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import SaddlesymError

COLUMNS = ("case", "layers", "cost", "shape", "jump", "predicted", "error 1", "error 2", "error 3", "agrees")
SCALES = {3: (1e-2, 1e-3, 1e-4), 4: (1e-1, 3e-2, 1e-2)}
#: A flow agrees where its last error is below this part of the time, or has fallen by this factor to ten
#: times that.
CLOSE, FALL = 1e-3, 10


def drawn(case: int) -> tuple[DeepLinearProblem, int, str, tuple[int, int]]:
    """The cost number ``case``; depth, kind and shape."""
    rng = random.Random(f"blow-up/{case}")
    depth, kind = rng.choice([3, 3, 4]), rng.choice(["whitened", "mask", "inputs"])
    rows, columns, width = rng.randint(2, 3), rng.randint(2, 3), rng.randint(3, 4)
    target = [[f"{rng.randint(-30, 30)}/10" for _ in range(columns)] for _ in range(rows)]
    hidden = [width] * (depth - 1)
    if kind == "whitened":
        return DeepLinearProblem.whitened(target, hidden=hidden), depth, kind, (rows, columns)
    if kind == "mask":
        mask = [[1] * columns for _ in range(rows)]
        mask[rng.randrange(rows)][rng.randrange(columns)] = 0
        return DeepLinearProblem.matrix_completion(target, mask, hidden=hidden), depth, kind, (rows, columns)
    inputs = [[rng.randint(-2, 2) for _ in range(columns + 2)] for _ in range(columns)]
    outputs = [[rng.randint(-3, 3) for _ in range(columns + 2)] for _ in range(rows)]
    return DeepLinearProblem.squared_error(inputs, outputs, hidden=hidden), depth, kind, (rows, columns)


def compared(case: int) -> Iterator[list[str]]:
    """The lines of one cost."""
    problem, depth, kind, shape = drawn(case)
    found = blow_up_times(problem, seed=case)
    values = [value / 2 for value in found.values]
    until = 1.2 * found.times[-1]
    passages = [stiff_flow(problem, a, found.direction, until, values).passages for a in SCALES[depth]]
    for k, time in enumerate(found.times):
        errors = [None if p[k] is None else abs(p[k] - time) for p in passages]
        last, first = errors[-1], errors[0]
        agrees = last is not None and (
            last <= CLOSE * time or (first is not None and last <= 10 * CLOSE * time and FALL * last <= first)
        )
        shown = ["" if e is None else f"{e:.1e}" for e in errors]
        yield [
            str(case), str(depth), kind, f"{shape[0]}x{shape[1]}", str(k + 1), f"{time:.8g}", *shown,
            "yes" if agrees else "no",
        ]  # fmt: skip


def main(count: int, first: int = 0) -> None:
    """Write the table as CSV on standard output, and its sum on standard error."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    seen: Counter[str] = Counter()
    jumps: Counter[int] = Counter()
    done, case = 0, first
    while done < count:
        try:
            rows = list(compared(case))
        except SaddlesymError as error:
            seen[str(error).partition(";")[0][:60]] += 1
        else:
            writer.writerows(rows)
            sys.stdout.flush()
            done += 1
            jumps[len(rows)] += 1
            seen["agrees" if all(row[-1] == "yes" for row in rows) else "does not agree"] += 1
        case += 1
        print(f"{done} of {count}", end="\r", file=sys.stderr, flush=True)
    print(f"{case - first} costs drawn; jumps: {dict(sorted(jumps.items()))}", file=sys.stderr)
    for what, number in seen.most_common():
        print(f"{number} {what}", file=sys.stderr)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3] or ["20"]))
