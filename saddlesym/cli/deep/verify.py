"""``saddlesym deep verify``: the statements about deep linear networks, checked on given data."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem


@click.command()
@click.argument("data", metavar="DATA")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@deep_data_options
@click.option(
    "--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes. Default: one per processor."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify(data: str, ids: tuple[str, ...], jobs: int | None, as_json: bool, **options: Any) -> int:
    """Check the statements about deep linear networks on DATA: all of them, or those named by ID.

    A statement whose assumption fails on DATA is skipped. Exact checks need rational singular
    values and vectors, and are undecided without them.

    Exit status: 0 all hold (and folklore fails, as it must), 1 one fails,
    3 something is left undecided.
    """
    from saddlesym.cli.progress import progress_bar
    from saddlesym.cli.verify import closing_line, print_report
    from saddlesym.theorems.runner import verify as run
    from saddlesym.theorems.runner import work

    problem = load_deep_problem(data, **options)
    with progress_bar("verifying", work(ids, problem)) as show:
        report = run(ids, problem, jobs=jobs or os.cpu_count() or 1, progress=show)
    if as_json:
        json.dump(report.to_dict(), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        print_report(report, deep_title(problem))
        sys.stdout.write(closing_line(report) + "\n")
    return report.exit_status
