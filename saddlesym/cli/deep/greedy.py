"""``saddlesym deep greedy``: the greedy low-rank path, predicted jump times, and flows beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem
from saddlesym.cli.progress import progress_bar
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import counted, write_figure, write_json
from saddlesym.cli.writing.tables import print_table

if TYPE_CHECKING:
    from saddlesym.deep.greedy.comparison import GreedyComparison
    from saddlesym.deep.greedy.path import GreedyPath, Number
    from saddlesym.deep.greedy.prediction import JumpPrediction
    from saddlesym.deep.problem import DeepLinearProblem

_ALPHAS = ("1e-10", "1e-25", "1e-50", "1e-100", "1e-200")


@click.command()
@click.argument("data")
@deep_data_options
@click.option(
    "--digits",
    type=click.IntRange(1, 1000),
    default=30,
    show_default=True,
    metavar="N",
    help="Digits of the enclosed numbers in JSON.",
)
@click.option("--max-steps", type=click.IntRange(0), metavar="N", help="Stop after the point of rank N.")
@click.option("--flows", is_flag=True, help="Hold it against flows from alpha = 1e-10 to 1e-200 (depth 2).")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="K",
    help="Of the starting direction of the flows.",
)
@result_options
def greedy(
    data: str,
    digits: int,
    max_steps: int | None,
    flows: bool,
    seed: int,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Greedy low-rank path: critical points of rank 0, 1, 2, ...

    From each one the flow leaves along the top singular pair of the gradient. For depth 2
    also the jump times that exponent tracking predicts, in units of ln(1/alpha). Where --flows
    cannot be followed, the path is shown without them (exit status 3).
    """
    problem = load_deep_problem(data, **options)
    if flows and problem.depth != 2:
        raise click.UsageError("--flows needs depth 2")
    path, prediction, comparison = _run(problem, digits, max_steps, flows, seed)
    if plot is not None:
        from saddlesym.figures.deep.greedy import draw_greedy

        write_figure(draw_greedy(path, prediction, comparison), plot)
    # a path without the flows that were asked for is a part of the answer.
    status = 3 if flows and comparison is None else 0
    if not as_json:
        _print(path, prediction, comparison)
        return status
    document = path.to_dict()
    document["prediction"] = None if prediction is None else _part(prediction)
    document["comparison"] = None if comparison is None else _part(comparison)
    if comparison is not None and prediction is not None:
        jumps = zip(document["comparison"]["limits"], prediction.jumps, strict=False)
        for k, (limit, jump) in enumerate(jumps):
            limit["verdict"] = comparison.verdict(k, float(jump.time))
    write_json(document, output)
    return status


def _run(
    problem: DeepLinearProblem, digits: int, max_steps: int | None, flows: bool, seed: int
) -> tuple[GreedyPath, JumpPrediction | None, GreedyComparison | None]:
    from saddlesym.deep.greedy.comparison import compare_with_flow
    from saddlesym.deep.greedy.path import greedy_path
    from saddlesym.errors import DegenerateProblemError

    with progress_bar() as show:
        path = greedy_path(problem, digits=digits, max_steps=max_steps, progress=show)
    prediction = _prediction(problem, digits) if problem.depth == 2 else None
    if not flows:
        return path, prediction, None
    try:
        with progress_bar() as show:
            return path, prediction, compare_with_flow(path, _ALPHAS, seed=seed, progress=show)
    except DegenerateProblemError as error:
        click.echo(f"saddlesym: the path is not held against flows: {error}", err=True)
        return path, prediction, None


def _prediction(problem: DeepLinearProblem, digits: int) -> JumpPrediction | None:
    """The prediction, or a line that says why there is none."""
    from saddlesym.deep.greedy.prediction import predict_jump_times
    from saddlesym.errors import DegenerateProblemError

    try:
        return predict_jump_times(problem, digits=digits)
    except DegenerateProblemError as error:
        click.echo(f"saddlesym: no jump times are predicted: {error}", err=True)
        return None


def _part(result: JumpPrediction | GreedyComparison) -> dict[str, Any]:
    """A result within a document that holds the network and its greedy path."""
    return {key: value for key, value in result.to_dict().items() if key not in ("problem", "path")}


def _print(path: GreedyPath, prediction: JumpPrediction | None, comparison: GreedyComparison | None) -> None:
    header = ["step", "rank", "loss", "singular values of A", "of the gradient", "enclosed"]
    rows = []
    for step in path.steps:
        slopes = [float(s) for s in step.gradient_values]
        rows.append(
            [
                str(step.width), str(step.rank), _decimal(step.loss),
                ", ".join(f"{float(s):.8g}" for s in step.singular_values) or "–",
                "0" if step.is_minimum else ", ".join(f"{s:.8g}" for s in slopes if s > 1e-9 * slopes[0]),
                ("yes" if step.isolated else "yes, not as a minimiser") if step.certified else "no",
            ]
        )  # fmt: skip
    print_table(deep_title(path.problem), header, rows, {0, 1, 2})
    for step in path.steps[:-1]:
        if step.is_unstable_on_its_rank:
            click.echo(f"The critical point of rank {step.rank} is unstable within its own rank.")
    if path.run_away is not None:
        click.echo(f"The path ends here: {path.run_away.finding}.")
    if prediction is not None:
        _print_times(prediction, comparison)
    if comparison is not None and len(path.steps) > 1:
        lines = [[f"1e-{p.decades:g}", *(f"{d:.2e}" for d in p.distances)] for p in comparison.plateaus]
        lines.append(["verdict", *comparison.approach])
        count = max(len(line) for line in lines)
        ranks = [f"rank {k}" for k in range(1, count)]
        print_table(
            "Distance of the flow's plateaus from these points", ["alpha", *ranks], lines, set(range(count))
        )
    elif comparison is not None:
        click.echo("No critical point above the origin to hold the flows against.")


def _decimal(value: Number) -> str:
    """Eight digits; 0 for a ball that holds it."""
    from saddlesym.exact.balls import Ball

    return "0" if isinstance(value, Ball) and value.contains(0) else f"{float(value):.8g}"


def _print_times(prediction: JumpPrediction, comparison: GreedyComparison | None) -> None:
    header = ["jump", "predicted t"]
    if comparison is not None:
        header += [*(f"t at 1e-{p.decades:g}" for p in comparison.plateaus[-3:]), "extrapolated", "verdict"]
    rows = []
    for k, jump in enumerate(prediction.jumps):
        row = [str(k + 1), f"{float(jump.time):.10g}"]
        if comparison is not None and k < len(comparison.limits):
            limit = comparison.limits[k]
            row += [
                *(f"{t:.6g}" for _, t in limit.measured[-3:]),
                f"{limit.time:.10g} ± {max(limit.change, 1e-12):.0e}",
                comparison.verdict(k, float(jump.time)),
            ]
        rows.append(row)
    print_table("Jump times by exponent tracking (a conjecture)", header, rows, set(range(len(header))))
    if comparison is not None and len(comparison.limits) != len(prediction.jumps):
        click.echo(
            f"The flows have {counted(len(comparison.limits), 'jump')},"
            f" {len(prediction.jumps)} are predicted."
        )
    if comparison is not None and not all(limit.is_settled for limit in comparison.limits):
        click.echo("open: the last two slopes of the flows differ too much to speak for or against it.")
    if len(prediction.blocks) > 1:
        click.echo(f"{len(prediction.blocks)} blocks of A that do not meet in the limit; jumps merged.")
    if not prediction.follows_greedy:
        click.echo("The jumps come in another order than the steps of the greedy path.")
