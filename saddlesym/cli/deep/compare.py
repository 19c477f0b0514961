"""``saddlesym deep compare``: a training run of a deep linear network held against the theory."""

from __future__ import annotations

import sys
from typing import Any

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import write_json
from saddlesym.cli.writing.tables import print_table
from saddlesym.errors import visible


@click.command()
@click.argument("data")
@click.argument("run")
@deep_data_options
@click.option("--alpha", type=float, required=True, help="Scale of the entries of the layers at the start.")
@click.option("--learning-rate", "--lr", type=float, help="Step size; not needed with times.")
@click.option(
    "--loss-factor",
    type=float,
    default=1.0,
    show_default=True,
    help="The run's loss in units of the cost, half the squared distance to A*.",
)
@result_options
def compare(
    data: str,
    run: str,
    alpha: float,
    learning_rate: float | None,
    loss_factor: float,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Hold a training RUN of a deep linear network against the theory.

    RUN is an .npz, CSV or Parquet file with step (or time) and layers W1, W2 ..., products A, or singular
    values s_1, s_2 ... Exit status 0: it follows the theory, 1: it does not, 3: that cannot be told.
    """
    from saddlesym.runs.deep import compare_deep

    if plot is not None:
        raise click.UsageError("--plot is for saddlesym compare")
    problem = load_deep_problem(data, **options)
    found = compare_deep(problem, run, alpha, learning_rate, factor=loss_factor)
    if as_json:
        write_json(found.to_dict(), output)
        return found.status
    sys.stdout.write(f"{visible(found.sentence)}\n\n")
    if found.jumps:
        grid = found.grid()
        rows = [["–" if cell is None else str(cell) for cell in row] for row in grid.rows]
        print_table(deep_title(problem), [str(h) for h in grid.header], rows, {0, 1, 3, 4, 5, 6})
    return found.status
