"""``saddlesym recover``: the jump times of the limit, from flows alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.commands.flow import limit_of, print_jumps
from saddlesym.cli.data import data_options, load_problem
from saddlesym.cli.options import certify_option, check_kappa, kappa_option
from saddlesym.cli.progress import progress_bar
from saddlesym.cli.stopping import FlowWatch, stop_options
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import write_figure, write_json

if TYPE_CHECKING:
    from saddlesym.progress import Progress


@click.command()
@click.argument("data")
@data_options
@click.option(
    "--alpha",
    "alphas",
    multiple=True,
    metavar="A",
    help="Scale of a flow; may be repeated. Default: 1e-50 and smaller ones, until the times are settled.",
)
@click.option("--digits", type=int, metavar="N", help="Digits of the flows. Default: 30.")
@click.option("--until", metavar="TIME", help="Last accelerated time. Default: until the flows rest.")
@kappa_option("Shape of the start: |u_i(0)| = sqrt(2) alpha^K_i. Default: all 1.")
@certify_option
@stop_options
@result_options
def recover(
    data: str,
    alphas: tuple[str, ...],
    digits: int | None,
    until: str | None,
    kappa: list[Any] | None,
    certify: bool | None,
    stop_loss: str | None,
    stop_residual: str | None,
    data_precision: str | None,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Jump times of the limit alpha -> 0, recovered from flows of DATA alone.

    The natural time of a jump is affine in ln(1/alpha) up to a power of alpha, so that flows at
    three or more scales give its slope, and a short fraction in its ball. These are estimates: the path
    is not consulted. The first table shows the jumps of the flow at the largest scale.
    """
    from saddlesym.verbs.flows import recover_jump_times

    problem = load_problem(data, **options)
    check_kappa(kappa, problem.d)
    stops = {"stop_loss": stop_loss, "stop_residual": stop_residual, "data_precision": data_precision}
    if kappa is not None and any(value is not None for value in stops.values()):
        raise click.UsageError("--kappa with a stop of the path, which is that of shape 1")
    watch = FlowWatch(problem, until, stops) if kappa is None else None
    last: Any = until if watch is None or watch.end is None else watch.end
    with progress_bar() as show:

        def note(moment: Progress) -> None:
            show(moment)
            if watch is not None and moment.time is not None:
                watch(moment.time)

        found: Any = recover_jump_times(
            problem, alphas, digits=digits, until=last, kappa=kappa, certify=certify, progress=note
        )
    first = found.flows[0]
    if plot is not None:
        from saddlesym.figures.diagonal.flow import draw_flow

        write_figure(draw_flow(first, limit_of(problem, kappa)), plot)
    stopped = "" if watch is None else watch.reason(first)
    if as_json:
        write_json(found.to_dict() | {"stopped": stopped or None}, output)
        return 0
    from saddlesym.cli.writing.shown import print_grid

    print_jumps(first)
    print_grid("In the limit of small alpha, estimated", found.grid(), first.digits)
    scales = ", ".join(str(flow.scale) for flow in found.flows)
    proof = "proved" if first.certified else "not proved (--certify)"
    sys.stdout.write(f"From flows at alpha = {scales}, whose {first.digits} digits are {proof}.\n")
    if stopped:
        sys.stdout.write(f"{stopped[:1].upper()}{stopped[1:]}.\n")
    return 0
