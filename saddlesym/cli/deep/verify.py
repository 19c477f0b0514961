"""``saddlesym deep verify``: the statements about deep linear networks, checked on given data."""

from __future__ import annotations

from typing import Any

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem
from saddlesym.cli.options import jobs_option
from saddlesym.cli.statements.verify import Budgets, budget_options, run_and_show, sorted_arguments


@click.command()
@click.argument("arguments", nargs=-1, metavar="DATA [ID]...")
@deep_data_options
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, metavar="N", help="Of random starts."
)
@jobs_option()
@budget_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify(
    arguments: tuple[str, ...],
    seed: int,
    jobs: int | None,
    budget: float | None,
    check_budget: float | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Check statements about deep linear networks on DATA: all of them, or those named by ID.

    A statement whose assumption fails on DATA is skipped. Sampled instances and proofs of
    the same statements are run by "saddlesym verify" without DATA.

    What a budget or Ctrl-C cuts off is UNDECIDED; every verdict reached before is kept.

    Exit status: 0 all hold, 1 one fails, 3 something is left undecided, 130 after Ctrl-C.
    """
    ids, data = sorted_arguments(arguments, "matrix")
    if data is None:
        raise click.UsageError("DATA is missing")
    problem = load_deep_problem(data, **options)
    budgets = Budgets.of(budget, check_budget, on_data=True)
    return run_and_show(ids, problem, deep_title(problem), 1, seed, jobs, as_json, budgets)
