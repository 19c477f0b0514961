"""``saddlesym flow``: the training flow at a finite scale α, to many digits."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.lasting import foretell
from saddlesym.cli.progress import progress_bar
from saddlesym.cli.stopping import FlowWatch, stop_options
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import keep_as_partial, plain, result_stream, write_figure
from saddlesym.cli.writing.tables import print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from saddlesym.diagonal.flow.many_layers.flow import DeepFlow
    from saddlesym.diagonal.flow.many_layers.jumps import DeepJump
    from saddlesym.diagonal.flow.recovery import Recovery
    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.flow.two_layers.jumps import FlowJump
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.exact.balls import Ball

_DIGITS, _DEEP_DIGITS = 60, 12
_ALPHA = "1e-50"


@click.command()
@click.argument("data")
@data_options
@click.option(
    "--alpha",
    default=None,
    help=f"Initialisation scale, down to 1e-1000000. [default: {_ALPHA}; with --recover, chosen]",
)
@click.option(
    "--digits",
    type=int,
    default=None,
    help=f"Digits of every number shown. [default: {_DIGITS}; at depth >= 3, {_DEEP_DIGITS}]",
)
@click.option(
    "--depth",
    type=click.IntRange(2, 20),
    default=2,
    show_default=True,
    help="Depth D of the network, up to 20.",
)
@click.option("--until", metavar="TIME", help="Last accelerated time. Default: until the flow rests.")
@stop_options
@click.option("--certify", is_flag=True, help="Prove the digits by enclosing the defect of every step.")
@click.option(
    "--recover",
    is_flag=True,
    help="Jump times of the limit from flows alone, at smaller alpha until the fractions repeat.",
)
@result_options
def flow(
    data: str,
    alpha: str | None,
    digits: int | None,
    depth: int,
    until: str | None,
    stop_loss: str | None,
    stop_residual: str | None,
    data_precision: str | None,
    certify: bool,
    recover: bool,
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
    stops = {"stop_loss": stop_loss, "stop_residual": stop_residual, "data_precision": data_precision}
    if recover and depth != 2:
        raise click.UsageError("--recover is for --depth 2")
    if depth != 2 and any(value is not None for value in stops.values()):
        raise click.UsageError("--stop-loss, --stop-residual and --data-precision are for --depth 2")
    if digits is None:
        digits = _DIGITS if depth == 2 else _DEEP_DIGITS
    problem = load_problem(data, **options)
    found: Flow | DeepFlow
    recovery, clock = None, ""
    watch = FlowWatch(problem, until, stops) if depth == 2 else None
    last: Any = until if watch is None or watch.end is None else watch.end
    foreseen = foretell(problem, _ALPHA if alpha is None else alpha, digits, last) if depth == 2 else None
    if recover:
        foreseen = None  # there are several flows
    with progress_bar("steps", foreseen) as show:

        def note(time: float, steps: int) -> None:
            if foreseen is not None or steps % 16 == 0:
                show(steps, foreseen if foreseen is not None and steps < foreseen else None)
            if watch is not None:
                watch(time)

        if depth == 2:
            found, recovery = _run(problem, alpha, digits, last, certify, recover, note)
        else:
            from saddlesym.diagonal.flow.many_layers.flow import deep_flow

            found = deep_flow(
                problem,
                until,
                depth=depth,
                alpha=_ALPHA if alpha is None else alpha,
                digits=digits,
                progress=note,
            )
            clock = f", depth {depth}, {found.clock}"
    cut = getattr(found, "interrupted", False)
    if plot is not None:
        from saddlesym.figures.diagonal.flow import draw_flow

        write_figure(draw_flow(found, _limit(problem)), plot, partial=cut)
    stopped = "" if watch is None or cut else watch.reason(found)
    if as_json:
        with result_stream(output) as stream:
            marked = {"partial": True} if cut else {}
            json.dump(_document(found, recovery, stopped) | marked, stream, indent=1)
            stream.write("\n")
            if cut:
                keep_as_partial(stream, f"interrupted: {_until(found)}, which is kept")
    else:
        _print(found, recovery, clock)
        if stopped:
            sys.stdout.write(f"{stopped[:1].upper()}{stopped[1:]}.\n")
        if cut:
            click.echo(f"saddlesym: interrupted: {_until(found)}", err=True)
    return 130 if cut else 0


def _run(
    problem: DiagonalProblem,
    alpha: str | None,
    digits: int,
    until: Any,
    certify: bool,
    recover: bool,
    note: Callable[[float, int], None],
) -> tuple[Flow, Recovery | None]:
    from saddlesym.diagonal.flow.recovery import recover_jump_times
    from saddlesym.diagonal.flow.two_layers.flow import flow as solve

    if not recover:
        scale = _ALPHA if alpha is None else alpha
        return solve(problem, scale, digits, until, certify=certify, progress=note, keep=True), None
    scales = [] if alpha is None else [alpha]
    recovery = recover_jump_times(
        problem, *scales, digits=digits, t_end=until, certify=certify, progress=note
    )
    return recovery.flows[0], recovery


def _until(found: Flow | DeepFlow) -> str:
    return f"the flow up to t = {_decimal(found.t_end, 8)}"


def _limit(problem: DiagonalProblem) -> Any:
    """The exact path behind the picture; none where it is not unique."""
    from saddlesym.diagonal.path.walk import saddle_path
    from saddlesym.errors import NonUniqueMinimiserError

    try:
        return saddle_path(problem)
    except NonUniqueMinimiserError as error:
        click.echo(f"saddlesym: {error}; the figure shows the flow alone", err=True)
        return None


def _document(found: Flow | DeepFlow, recovery: Recovery | None, stopped: str) -> dict[str, Any]:
    document = found.to_dict()
    exact = (
        [jump.to_dict()["recovered"] for jump in recovery.jumps] if recovery else [None] * len(found.jumps)
    )
    for entry, text in zip(document["jumps"], exact, strict=True):
        entry["recovered"] = text
    # what is extrapolated to α = 0 rests on an estimate, even where the flows are proved
    document["recovered_certified"] = False
    document["stopped"] = stopped or None
    document["recovery"] = None if recovery is None else recovery.to_dict()
    return document


def _decimal(ball: Ball, digits: int) -> str:
    """A ball as a decimal with the digits asked for, or fewer where fewer are known."""
    text = ball.arb.str(min(digits, max(1, ball.digits)), radius=False)
    return "0" if text.startswith("0e") else text


def _print(found: Flow | DeepFlow, recovery: Recovery | None, clock: str) -> None:
    names = tuple(plain(name, 24) for name in found.problem.feature_names)
    header = ["jump", "time t", "event"]
    if recovery is not None:
        header += ["limit (estimated)", "exact (estimated)", "constant c (estimated)"]
    rows = []
    jumps: Sequence[FlowJump | DeepJump] = found.jumps
    for k, jump in enumerate(jumps):
        words = [f"{names[i]} enters" for i in jump.entered] + [f"{names[i]} leaves" for i in jump.left]
        row = [str(k + 1), _decimal(jump.time, found.digits), ", ".join(words)]
        if recovery is not None:
            limit = recovery.jumps[k]
            exact = limit.to_dict()["recovered"] or "–"
            row += [_decimal(limit.time, found.digits), exact, _decimal(limit.constant, found.digits)]
        rows.append(row)
    heading = f"{title(found.problem)}, alpha = {found.scale}{clock}"
    if rows:
        print_table(heading, header, rows, {0, 1, 3, 5})
    else:
        sys.stdout.write(f"{heading}: no jumps\n\n")
    final = [[names[i], _decimal(b, found.digits)] for i, b in enumerate(found.final_beta)]
    print_table(f"At t = {_decimal(found.t_end, 8)}", ["column", "β"], final, {1})
    proof = (
        f"{found.digits} digits proved"
        if found.certified
        else f"{found.digits} digits, not proved (--certify)"
    )
    if getattr(found, "slowing", False):
        sys.stdout.write(_unsettled(found))
    sys.stdout.write(f"{found.steps} steps, {found.leaps} of them leaps; {proof}.\n")


def _unsettled(found: Any) -> str:
    """What is known of a flow that never rests."""
    changes = found.later_changes
    if found.certified and changes is not None and all(x.arb < 10.0**-found.digits for x in changes):
        return "The flow moves on, but β stays within the digits shown for ever (proved).\n"
    return "The flow falls like a power of the time and never rests: β is that of the time shown.\n"
