"""Predicted jump times against flows at α = 1e-50, 1e-100, 1e-200 on random matrix completions.

    python examples/jump_times.py 50 > examples/jump-times.csv

The verdict and the draws that were passed over are reported on standard error.
"""

from __future__ import annotations

import csv
import sys

from saddlesym.deep.jump_table import CSV_HEADER, jump_time_table


def main(count: int) -> None:
    """Write the table as CSV on standard output."""

    def show(done: int, total: int) -> None:
        print(f"{done} of {total}", end="\r", file=sys.stderr, flush=True)

    table = jump_time_table(count, progress=show)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for comparison in table.comparisons:
        writer.writerows(comparison.rows)
    print(f"{table.agreeing} of {count} agree", file=sys.stderr)
    for reason, times in sorted(table.redrawn.items()):
        print(f"drawn again, {times} times: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
