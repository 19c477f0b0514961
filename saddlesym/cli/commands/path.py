"""``saddlesym path``: jump times and saddles, exact."""

from __future__ import annotations

import csv
import json
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.stopping import RoundingWatch, stop_options
from saddlesym.cli.writing.formats import DIGITS_SHOWN, form_options, require_form
from saddlesym.cli.writing.output import (
    Streamed,
    announce_size,
    counted,
    keep_as_partial,
    plain,
    result_stream,
    write_figure,
)
from saddlesym.cli.writing.tables import print_table
from saddlesym.errors import NonUniqueMinimiserError, visible

if TYPE_CHECKING:
    from saddlesym.diagonal.path.trajectory import Jump, SaddlePath
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.progress import Progress


@click.command()
@click.argument("data")
@data_options
@click.option("--until", metavar="TIME", help="Stop at this accelerated time (exact: 1/2, 0.5).")
@click.option("--max-jumps", type=click.IntRange(0), metavar="N", help="Stop after N jumps.")
@stop_options
@form_options("json", "csv", "latex")
@DIGITS_SHOWN
@click.option(
    "--rounded", is_flag=True, help="With --json: decimals of --digits digits, which `check` cannot check."
)
def path(
    data: str,
    until: str | None,
    max_jumps: int | None,
    stop_loss: str | None,
    stop_residual: str | None,
    data_precision: str | None,
    plot: str | None,
    form: str | None,
    output: str | None,
    digits: int | None,
    rounded: bool,
    **options: Any,
) -> int:
    """Jump times and saddles of DATA, exact.

    The limit of vanishing initialisation. Times are accelerated times t = T/ln(1/alpha).
    Where the minimiser of a jump is not unique, the path up to it is shown (exit status 3).
    A file FILE.json.gz is compressed.
    """
    require_form(output, form, "json", "csv", "latex")
    if rounded and form != "json":
        raise click.UsageError("--rounded needs --json")
    problem = load_problem(data, **options)
    stops = {"stop_loss": stop_loss, "stop_residual": stop_residual, "data_precision": data_precision}
    found, status = walk(problem, until, max_jumps, stops, output)
    if plot is not None:
        from saddlesym.figures.diagonal.path import draw_path

        write_figure(draw_path(found), plot, partial=status == 130)
    with result_stream(output) as stream:
        if status == 130:
            keep_as_partial(stream, f"interrupted after {counted(len(found.jumps), 'jump')}, which are kept")
        if form == "json":
            _write_json(found, stream, digits or 30, exact=not rounded, interrupted=status == 130)
        elif form == "csv":
            _write_csv(found, stream, digits or 30)
        elif form == "latex":
            stream.write(found.grid().tabular(digits or 8) + "\n")
        else:
            _print(found, digits or 8)
            sys.stdout.write(_stopped(found, stops))
    return status


def walk(
    problem: DiagonalProblem,
    until: str | None,
    max_jumps: int | None,
    stops: dict[str, Any],
    output: str | None,
) -> tuple[SaddlePath, int]:
    """The path and an exit status: what was found before Ctrl-C is kept."""
    from saddlesym.cli.progress import ctrl_c_between_items, progress_bar
    from saddlesym.diagonal.path.walk import cut_off, saddle_path

    jumps: list[Jump] = []
    watch = RoundingWatch(problem, stops)
    try:
        with ctrl_c_between_items() as pressed, progress_bar() as show:

            def note(moment: Progress) -> None:
                jumps.append(moment.latest)
                show(moment)
                watch(moment.done, moment.latest)
                if pressed():
                    raise KeyboardInterrupt

            return saddle_path(problem, until=until, max_jumps=max_jumps, progress=note, **stops), 0
    except NonUniqueMinimiserError as error:
        click.echo(f"saddlesym: {error}; the path before it is known and follows", err=True)
        return error.path, 3
    except KeyboardInterrupt:
        return cut_off(problem, jumps), 130


def _print(found: SaddlePath, digits: int) -> None:
    from saddlesym.cli.writing.shown import print_grid
    from saddlesym.exact.text import abbreviated, decimal_string

    names = tuple(plain(name, 24) for name in found.problem.feature_names)
    print_grid(title(found.problem), found.grid(), digits)
    support = found.final.support()
    rows = [[names[i], decimal_string(found.final[i], digits), abbreviated(found.final[i])] for i in support]
    if rows:
        when = "The last saddle" if found.complete else "The saddle reached"
        print_table(f"{when}: non-zero coefficients", ["column", "β", "exact"], rows, {1})
    sys.stdout.write(_ending(found, digits) + "\n")


def _ending(found: SaddlePath, digits: int) -> str:
    from saddlesym.exact.text import abbreviated, decimal_string

    if found.complete and found.certificate is not None:
        norm = decimal_string(found.certificate.l1_norm, digits)
        first = "" if found.jumps else "β = 0 is a global minimum already. "
        return f"{first}Global minimum of least ℓ1 norm reached: ‖β‖₁ = {norm} (with exact dual certificate)."
    return f"Stopped: the path is known up to t = {abbreviated(found.horizon or 0)}."


def _stopped(found: SaddlePath, stops: dict[str, Any]) -> str:
    """A line on the criterion that ended the path, if one did."""
    from saddlesym.diagonal.path.data_precision import Stop

    if found.complete:
        return ""
    loss = found.jumps[-1].loss if found.jumps else found.loss(0)
    reason = Stop.of(found.problem, **stops).reached(found.problem, found.final, loss)
    return f"{reason[:1].upper()}{reason[1:]}.\n" if reason else ""


def _write_json(
    found: SaddlePath, stream: IO[str], digits: int, *, exact: bool, interrupted: bool = False
) -> None:
    """The document of a path, its jumps one by one: all of them at once may not fit into memory."""
    if exact:
        what = f"{counted(len(found.jumps), 'jump')} of {found.problem.d} columns with all digits"
        announce_size(found.exact_size, what, "--rounded, or -o FILE.json.gz")
    document = found.document(digits, exact=exact)
    if interrupted:
        document["partial"] = True
    if found.jumps:
        document["jumps"] = Streamed(jump.entry(digits, exact=exact) for jump in found.jumps)
    json.dump(document, stream, indent=1)
    stream.write("\n")


def _write_csv(found: SaddlePath, stream: IO[str], digits: int) -> None:
    from saddlesym.exact.text import decimal_string, exact_string

    names = [visible(name) for name in found.problem.feature_names]
    writer = csv.writer(stream, lineterminator="\n")
    kinds = ["entered", "left", "flipped"]
    writer.writerow(["time", "time_decimal", "loss", *kinds, *(f"beta {name}" for name in names)])
    for jump in found.jumps:
        changes = [" ".join(map(str, getattr(jump, kind))) for kind in kinds]
        time = [exact_string(jump.time), decimal_string(jump.time, digits), exact_string(jump.loss)]
        writer.writerow([*time, *changes, *jump.beta.strings()])
