"""``saddlesym deep flow``: the training flow of a deep linear network at a finite scale α."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem
from saddlesym.cli.progress import progress_bar
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import counted, write_figure, write_json
from saddlesym.cli.writing.tables import print_table

if TYPE_CHECKING:
    from saddlesym.deep.flow.flow import DeepLinearFlow


@click.command()
@click.argument("data")
@deep_data_options
@click.option("--alpha", default="1e-50", show_default=True, help="Initialisation scale, below 1.")
@click.option("--digits", type=int, metavar="N", help="Digits aimed at. Default: 30.")
@click.option("--until", metavar="TIME", help="Last accelerated time. Default: until the flow rests.")
@click.option("--seed", type=int, metavar="K", help="Of the random direction. Default: 0.")
@click.option("--max-rank", type=int, metavar="R", help="Stop once the plateau of rank R is over.")
@click.option("--max-steps", type=click.IntRange(1), metavar="N", help="Give up after so many steps.")
@result_options
def flow(
    data: str,
    alpha: str,
    digits: int | None,
    until: str | None,
    seed: int | None,
    max_rank: int | None,
    max_steps: int | None,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Training flow of DATA from alpha times a random direction.

    Times are accelerated: t = T/ln(1/alpha) for two layers, alpha^(L-2) T for more. A jump is
    where a new singular value of A passes half of its plateau, found in the flow itself; it is
    listed once that plateau is reached. From three layers on a plateau takes about
    alpha^-(L-2) steps, and is refused when that is too many. Digits are estimated, not proved.
    """
    from saddlesym.verbs.flows import flow as follow

    problem = load_deep_problem(data, **options)
    with progress_bar() as show:
        found: Any = follow(
            problem, alpha, digits=digits, until=until, seed=seed, max_rank=max_rank, max_steps=max_steps,
            progress=show,
        )  # fmt: skip
    if plot is not None:
        from saddlesym.figures.deep.flow import draw_deep_flow

        write_figure(draw_deep_flow(found), plot)
    if as_json:
        write_json(found.to_dict(), output)
    else:
        _print(found)
    return 0


def _print(found: DeepLinearFlow) -> None:
    rows = [
        [str(jump.rank), f"{float(jump.time):.12g}", f"{float(jump.singular_value):.12g}"]
        for jump in found.jumps
    ]
    title = f"{deep_title(found.problem)}, alpha = {found.scale}"
    print_table(title, ["rank", "time t", "singular value"], rows, {0, 1, 2})
    rows = [[str(p.rank), f"{float(p.time):.8g}", f"{float(p.loss):.12g}"] for p in found.plateaus]
    print_table("Plateaus", ["rank", "time t", "loss"], rows, {0, 1, 2})
    if not found.settled:
        sys.stdout.write("A jump whose plateau is not reached by the end is not listed.\n")
    end = "at rest" if found.settled else "not yet at rest"
    sys.stdout.write(
        f"{end} at t = {float(found.end):.8g}, in units of {found.problem.time_unit}; "
        f"{counted(found.steps, 'step')}, {found.leaps} of them leaps; "
        f"{found.digits} digits, not proved; balancedness drifts by {found.balancedness_drift():.1e}.\n"
    )
