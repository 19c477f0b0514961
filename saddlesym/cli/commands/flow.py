"""``saddlesym flow``: the training flow at a finite scale α, to many digits."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.lasting import foretell
from saddlesym.cli.options import certify_option, check_kappa, kappa_option
from saddlesym.cli.progress import progress_bar
from saddlesym.cli.stopping import FlowWatch, stop_options
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import keep_as_partial, plain, result_stream, write_figure
from saddlesym.cli.writing.tables import print_table

if TYPE_CHECKING:
    from saddlesym.diagonal.flow.many_layers.flow import DeepFlow
    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.progress import Progress


@click.command()
@click.argument("data")
@data_options
@click.option("--alpha", default="1e-50", show_default=True, help="Initialisation scale, down to 1e-1000000.")
@click.option(
    "--digits", type=int, metavar="N", help="Digits of every number. Default: 30; from --depth 3 on, 12."
)
@click.option("--until", metavar="TIME", help="Last accelerated time. Default: until the flow rests.")
@click.option(
    "--depth", type=click.IntRange(2, 20), metavar="D", help="Depth of the network, up to 20. Default: 2."
)
@kappa_option("Shape of the start: |u_i(0)| = sqrt(2) alpha^K_i. Default: all 1.")
@certify_option
@stop_options
@click.option("--max-steps", type=click.IntRange(1), metavar="N", help="Give up after so many steps.")
@result_options
def flow(
    data: str,
    alpha: str,
    digits: int | None,
    until: str | None,
    depth: int | None,
    kappa: list[Any] | None,
    certify: bool | None,
    stop_loss: str | None,
    stop_residual: str | None,
    data_precision: str | None,
    max_steps: int | None,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Training flow of DATA from initialisation scale alpha.

    Times are accelerated times: t = T/ln(1/alpha) at depth two, t = D(D-2)*alpha^(D-2)*T at depth D >= 3,
    where all digits are always proved. The jumps are found in the flow itself. On Ctrl-C a flow of
    depth two is shown, or kept beside the file asked for, up to where it is.
    """
    from saddlesym.exact.precision import USUAL_DIGITS
    from saddlesym.verbs.flows import flow as follow

    stops = {"stop_loss": stop_loss, "stop_residual": stop_residual, "data_precision": data_precision}
    two_layers = depth in (None, 2)
    if not two_layers and any(value is not None for value in stops.values()):
        raise click.UsageError("--stop-loss, --stop-residual and --data-precision are for --depth 2")
    problem = load_problem(data, **options)
    check_kappa(kappa, problem.d)
    if kappa is not None and any(value is not None for value in stops.values()):
        raise click.UsageError("--kappa with a stop of the path, which is that of shape 1")
    watch = FlowWatch(problem, until, stops) if two_layers and kappa is None else None
    last: Any = until if watch is None or watch.end is None else watch.end
    foreseen = (
        foretell(problem, alpha, USUAL_DIGITS if digits is None else digits, last) if two_layers else None
    )
    with progress_bar() as show:

        def note(moment: Progress) -> None:
            known = foreseen is not None and moment.done < foreseen
            show(replace(moment, total=foreseen if known else None))
            if watch is not None and moment.time is not None:
                watch(moment.time)

        found: Any = follow(
            problem, alpha, digits=digits, until=last, depth=depth, kappa=kappa, certify=certify,
            max_steps=max_steps, keep=True, progress=note,
        )  # fmt: skip
    cut = getattr(found, "interrupted", False)
    if plot is not None:
        from saddlesym.figures.diagonal.flow import draw_flow

        write_figure(draw_flow(found, limit_of(problem, kappa)), plot, partial=cut)
    stopped = "" if watch is None or cut else watch.reason(found)
    if as_json:
        with result_stream(output) as stream:
            marked = {"stopped": stopped or None} | ({"partial": True} if cut else {})
            json.dump(found.to_dict() | marked, stream, indent=1)
            stream.write("\n")
            if cut:
                keep_as_partial(stream, f"interrupted: {_until(found)}, which is kept")
    else:
        _print(found)
        if stopped:
            sys.stdout.write(f"{stopped[:1].upper()}{stopped[1:]}.\n")
        if cut:
            click.echo(f"saddlesym: interrupted: {_until(found)}", err=True)
    return 130 if cut else 0


def _until(found: Flow | DeepFlow) -> str:
    from saddlesym.cli.writing.shown import said

    return f"the flow up to t = {said(found.end, 8)}"


def limit_of(problem: DiagonalProblem, kappa: list[Any] | None) -> Any:
    """The exact path behind the picture; none where it is another, or not unique."""
    from saddlesym.diagonal.path.walk import saddle_path
    from saddlesym.errors import NonUniqueMinimiserError

    if kappa is not None and any(k != 1 for k in kappa):
        return None
    try:
        return saddle_path(problem)
    except NonUniqueMinimiserError as error:
        click.echo(f"saddlesym: {error}; the figure shows the flow alone", err=True)
        return None


def print_jumps(found: Flow | DeepFlow) -> None:
    """The jumps of a flow as a table."""
    from saddlesym.cli.writing.shown import print_grid
    from saddlesym.diagonal.flow.many_layers.flow import DeepFlow

    clock = f", depth {found.depth}, {found.clock}" if isinstance(found, DeepFlow) else ""
    heading = f"{title(found.problem)}, alpha = {found.scale}{clock}"
    if found.jumps:
        print_grid(heading, found.grid(), found.digits)
    else:
        sys.stdout.write(f"{heading}: no jumps\n\n")


def _print(found: Flow | DeepFlow) -> None:
    from saddlesym.cli.writing.shown import said

    print_jumps(found)
    names = tuple(plain(name, 24) for name in found.problem.feature_names)
    final = [[names[i], said(b, found.digits)] for i, b in enumerate(found.final_beta)]
    print_table(f"At t = {said(found.end, 8)}", ["column", "β"], final, {1})
    proof = "proved" if found.certified else "not proved (--certify)"
    if getattr(found, "slowing", False):
        sys.stdout.write(_unsettled(found))
    sys.stdout.write(f"{found.steps} steps, {found.leaps} of them leaps; {found.digits} digits {proof}.\n")


def _unsettled(found: Any) -> str:
    """What is known of a flow that never rests."""
    changes = found.later_changes
    if found.certified and changes is not None and all(x.arb < 10.0**-found.digits for x in changes):
        return "The flow moves on, but β stays within the digits shown for ever (proved).\n"
    return "The flow falls like a power of the time and never rests: β is that of the time shown.\n"
