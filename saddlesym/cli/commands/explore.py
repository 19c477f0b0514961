"""``saddlesym explore``: the whole picture of a data set as one page."""

from __future__ import annotations

import os
import shlex
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.endings import clock
from saddlesym.cli.options import SECONDS, folder_option, jobs_option
from saddlesym.cli.progress import stages
from saddlesym.cli.stopping import stop_options
from saddlesym.errors import BadInputError, shown, visible
from saddlesym.progress import Progress

if TYPE_CHECKING:
    from saddlesym.exploration.exploration import Exploration


#: Seconds for all verdicts and for one check; with --quick the second of each.
_TOTAL, _EACH = (900.0, 60.0), (120.0, 20.0)


@click.command()
@click.argument("data")
@data_options
@click.option(
    "--alpha",
    "alphas",
    multiple=True,
    metavar="A",
    help="Scale of a flow; give it two or more times. Default: 1e-20, 1e-10000, 1e-20000.",
)
@click.option("--digits", type=int, metavar="N", help="Digits of the flows. Default: 8, with --quick 6.")
@click.option("--quick", is_flag=True, help="Smaller budgets; no statement whose check follows flows.")
@stop_options
@jobs_option(2)
@click.option(
    "--budget",
    type=SECONDS,
    metavar="SECONDS",
    help=f"For all verdicts; the rest is UNDECIDED. Default: {_TOTAL[0]:.0f}, with --quick {_TOTAL[1]:.0f}.",
)
@click.option(
    "--check-budget",
    type=SECONDS,
    metavar="SECONDS",
    help=f"For one check. Default: {_EACH[0]:.0f}, with --quick {_EACH[1]:.0f}.",
)
@folder_option("explored/ and the name of the data")
def explore(
    data: str,
    alphas: tuple[str, ...],
    digits: int | None,
    quick: bool,
    stop_loss: str | None,
    stop_residual: str | None,
    data_precision: str | None,
    jobs: int | None,
    budget: float | None,
    check_budget: float | None,
    folder: str | None,
    **options: Any,
) -> int:
    """The whole picture of DATA in one page: path, saddles, graph, flows, verdicts.

    What is out of reach of the budgets is said on the page and on stderr. Path and flows stop where
    the data are fitted as well as they are written; --data-precision 0: they go on.
    After Ctrl-C (exit status 130) the page of what is finished is written beside, into DIR.partial.
    """
    from saddlesym.data.examples import located
    from saddlesym.exploration.explore import ExplorationInterrupted
    from saddlesym.exploration.explore import explore as run
    from saddlesym.exploration.settings import Settings
    from saddlesym.report.explored import exploration_page, exploration_twin
    from saddlesym.report.files import PAGE, check_folder, write_folder
    from saddlesym.report.provenance import Provenance, date

    problem = load_problem(data, **options)
    file, example = located(data)
    target = (
        folder
        if folder is not None
        else os.path.join("explored", "standard-input" if data == "-" else file.stem)
    )
    check_folder(target)
    if data != "-" and Path(target).resolve() in Path(file).resolve().parents:
        raise BadInputError(
            f"DATA lies in {shown(target)}, which is written anew", needed="another folder for the page"
        )
    Settings.of(alphas or None, digits, quick=quick)
    date()
    name = "standard input" if data == "-" else file.name
    provenance = Provenance.of(problem, name, "" if example is None else example.reference)
    command = _command(file.name if example is None else data)
    total = budget or _TOTAL[quick]
    with stages() as show:
        try:
            found = run(
                problem,
                alphas=alphas or None,
                digits=digits,
                quick=quick,
                jobs=jobs or min(2, os.cpu_count() or 1),
                budget=total,
                check_budget=min(total, check_budget or _EACH[quick]),
                progress=show,
                stop_loss=stop_loss,
                stop_residual=stop_residual,
                data_precision=data_precision,
            )
        except ExplorationInterrupted as interrupted:
            found, target = interrupted.exploration, _beside(target)
            clock.wait()
            click.echo(f"saddlesym: interrupted; what is finished goes to {shown(target)} ...", err=True)

        def write() -> None:
            page = exploration_page(found, provenance, command)
            write_folder(page, exploration_twin(found, provenance), target)

        cut = found.partial
        try:
            if not cut:
                show(Progress(0, what="page"))
            write()
        except KeyboardInterrupt:
            if cut:
                raise
            cut = True  # all the same the page is written: all else is there
            clock.wait()
            click.echo("saddlesym: interrupted while the page is written, which takes seconds ...", err=True)
            write()
    for limit in found.limits:
        remedy = f" To go further: {limit.remedy}." if limit.remedy else ""
        click.echo(f"saddlesym: {limit.part}: {limit.reason}{remedy}", err=True)
    _print(found, os.path.join(target, PAGE))
    return 130 if cut else 0


def _beside(folder: str) -> str:
    """A free name for the folder of a partial report: nothing is replaced by a part."""
    name = f"{os.path.normpath(folder)}.partial"
    return next(one for one in chain([name], (f"{name}-{k}" for k in count(2))) if not os.path.lexists(one))


def _command(name: str) -> str:
    """The command that makes the page again, without the folders of this machine."""
    context = click.get_current_context()
    words = ["saddlesym", "explore", name]
    for option in context.command.params:
        given = context.get_parameter_source(str(option.name)) is click.core.ParameterSource.COMMANDLINE
        if option.name in ("data", "folder", "jobs", "timeout") or not given:
            continue
        value = context.params[str(option.name)]
        if isinstance(value, bool):
            words.append((option.opts if value else option.secondary_opts)[0])
        else:
            for one in value if isinstance(value, tuple) else (value,):
                words += [option.opts[0], str(one)]
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """A word for a shell; what is no printable text in the $'...' of POSIX, so that it can be copied."""
    if visible(word) == word:
        return shlex.quote(word)
    # what stands for itself in $'...': printable ASCII but the quote and the backslash
    said = (chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\{b:03o}" for b in os.fsencode(word))
    return f"$'{''.join(said)}'"


def _print(found: Exploration, written: str) -> None:
    from saddlesym.exact.text import decimal_string

    path = found.path
    end = f", the last at t = {decimal_string(path.jumps[-1].time, 8)}" if path.jumps else ""
    click.echo(f"{title(found.problem)}: {len(path.jumps)} jumps{end}")
    if found.agreements:
        agree = sum(one.holds for one in found.agreements)
        click.echo(f"{agree} of {len(path.jumps)} jump times recovered from flows alone")
    counts: dict[str, int] = {}
    for result in found.report.results:
        if not result.statement.is_folklore:
            counts[str(result.verdict)] = counts.get(str(result.verdict), 0) + 1
    click.echo("statements: " + ", ".join(f"{number} {verdict}" for verdict, number in counts.items()))
    click.echo(f"The page: {written}")
