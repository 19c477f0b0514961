"""Predicted jump times against flows at α = 1e-50, 1e-100, 1e-200 on random problems.

    python examples/jump_times.py 50 > examples/jump-times.csv
    python examples/jump_times.py 25 "squared error" > examples/jump-times-squared-error.csv

The verdict and the draws that were passed over are reported on standard error; the flows of
scales below 1e-200 that some limits need take most of the time (minutes).
"""

from __future__ import annotations

import csv
import sys

from saddlesym.deep.experiments.jump_table import Cost, jump_time_table


def main(count: int, cost: Cost) -> None:
    """Write the table as CSV on standard output."""

    def show(done: int, total: int) -> None:
        print(f"{done} of {total}", end="\r", file=sys.stderr, flush=True)

    table = jump_time_table(count, progress=show, cost=cost)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(table.header)
    for comparison in table.comparisons:
        writer.writerows(comparison.rows)
    counts = ", ".join(f"{number} of t_{k}" for k, number in sorted(table.jumps.items()))
    print(f"{table.agreeing} of {count} agree; jumps: {counts}", file=sys.stderr)
    for reason, times in sorted(table.redrawn.items()):
        print(f"drawn again, {times} times: {reason}", file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[2:] not in ([], ["squared error"]):
        raise SystemExit('usage: python jump_times.py [COUNT ["squared error"]]')
    kind: Cost = "squared error" if sys.argv[2:] else "completion"
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, kind)
