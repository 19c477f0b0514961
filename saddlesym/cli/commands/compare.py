"""``saddlesym compare``: a user's training run held against the theory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.progress import progress_bar
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import plain, write_figure, write_json
from saddlesym.cli.writing.tables import print_table
from saddlesym.errors import visible

if TYPE_CHECKING:
    from saddlesym.runs.comparison import RunComparison


@click.command()
@click.argument("data")
@click.argument("run")
@data_options
@click.option(
    "--alpha", type=float, help="Scale: u = sqrt(2)*alpha, v = 0, or w+ = w- = alpha. Default: fitted."
)
@click.option(
    "--learning-rate", "--lr", type=float, help="Step size. Default: fitted; not needed with times."
)
@click.option(
    "--loss",
    type=click.Choice(["half-mse", "mse", "half-sum", "sum"]),
    help="half-mse is |Xb-y|^2/(2n), sum is |Xb-y|^2. Default: by the recorded loss, else half-mse.",
)
@click.option(
    "--parametrisation",
    type=click.Choice(["uv", "squares"]),
    help="b = u*v, or b = w+^2 - w-^2. Default: by the names of the columns.",
)
@click.option(
    "--depth", type=click.IntRange(2, 20), default=2, show_default=True, help="Depth D of b = a^D - b^D."
)
@click.option("--page", metavar="DIR", help="Write a page with its figure, and the JSON, to this folder.")
@click.option("--flow/--no-flow", default=True, help="Compute the certified flow at this alpha too.")
@result_options
def compare(
    data: str,
    run: str,
    alpha: float | None,
    learning_rate: float | None,
    loss: str | None,
    parametrisation: str | None,
    depth: int,
    page: str | None,
    flow: bool,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Hold a training RUN on DATA against the theory.

    RUN is a CSV, .npz or Parquet file with a column step (or time) and coefficients: beta_0, beta_1 ...
    (or the names of the features), u_i and v_i, or w_plus_i and w_minus_i; loss is optional.
    Exit status 0: it follows the theory, 1: it does not, 3: that cannot be told.
    """
    from saddlesym.runs.comparing import compare as hold

    if page is not None:
        from saddlesym.report.files import check_folder

        check_folder(page)
    problem = load_problem(data, **options)
    with progress_bar() as show:
        found = hold(
            problem,
            run,
            alpha,
            learning_rate,
            loss=loss,
            parametrisation=parametrisation,
            depth=depth,
            flow=flow,
            progress=show,
        )
    if plot is not None:
        from saddlesym.figures.diagonal.comparison import draw_comparison

        write_figure(draw_comparison(found), plot)
    if page is not None:
        from saddlesym.report.compared import comparison_page, comparison_twin
        from saddlesym.report.files import write_folder

        write_folder(comparison_page(found), comparison_twin(found), page)
    if as_json:
        write_json(found.to_dict(), output)
    else:
        _print(found)
    return found.status


def _print(found: RunComparison) -> None:
    write = sys.stdout.write
    write(f"{visible(found.sentence)}\n")
    for cause in found.causes:
        write(f"  {cause.name}: {visible(cause.detail)}\n")
    for words in found.assumed:
        write(f"  note: {words}\n")
    write("\n")
    grid = found.grid()
    names = tuple(plain(name, 24) for name in found.problem.feature_names)
    if found.jumps:
        from saddlesym.grids import cell_text

        rows = [[cell_text(cell) if cell is not None else "–" for cell in row] for row in grid.rows]
        print_table(
            f"{title(found.problem)}, in {found.unit}s",
            [str(h) for h in grid.header],
            rows,
            {0, 2, 4, 5, 6, 7, 8},
        )
    first = found.first_deviation
    if first is not None:
        write(
            f"First record off: {found.unit} {first.clock:.6g}, {names[first.coordinate]} = "
            f"{first.measured:.6g} where {first.expected:.6g} ± {first.allowed:.1g} is expected.\n"
        )
    write(f"Mean |β − path| = {found.distance:.3g} over {len(found.run)} records.")
    if found.bound is not None:
        write(f" ‖s − s(t)‖ = {found.bound[1]:.3g} at the end; proved for the flow: {found.bound[0]:.3g}.")
    write("\n")
    if found.curvature is not None:
        write(f"Step × largest curvature met = {found.curvature:.3g} (stable below 2).\n")
    if found.conserved is not None:
        write(f"u² − v² follows its law (a factor 1 − η²g² a step) to {found.conserved:.2g}.\n")
