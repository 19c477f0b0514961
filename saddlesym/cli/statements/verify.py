"""``saddlesym verify``: run proofs and checks, with an honest verdict on each statement."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.options import SECONDS, jobs_option
from saddlesym.cli.writing.output import plain
from saddlesym.cli.writing.tables import print_table

if TYPE_CHECKING:
    from saddlesym.data.examples import DataKind
    from saddlesym.theorems.evidence.results import Report, Result
    from saddlesym.theorems.wings import Problem


#: Seconds for all checks on data, and for one of them, unless the user says otherwise.
_TOTAL, _EACH = 900.0, 120.0


class Budgets(NamedTuple):
    """Seconds for a verification and for one unit of its work; None: as long as it takes."""

    total: float | None
    each: float | None

    @classmethod
    def of(cls, total: float | None, each: float | None, *, on_data: bool) -> Budgets:
        """What was asked for; by default checks on data are bounded, since data can be of any size."""
        if not on_data:
            return cls(total, each)
        return cls(total or _TOTAL, each or _EACH)


def budget_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that bound the time of a verification."""
    total = click.option(
        "--budget", type=SECONDS, metavar="SECONDS",
        help=f"For all of it; the rest is UNDECIDED. Default: with DATA {_TOTAL:.0f}, otherwise none.",
    )  # fmt: skip
    each = click.option(
        "--check-budget", type=SECONDS, metavar="SECONDS",
        help=f"For one check, proof or batch of instances. Default: with DATA {_EACH:.0f}, otherwise none.",
    )  # fmt: skip
    return total(each(command))


@click.command()
@click.argument("arguments", nargs=-1, metavar="[DATA] [ID]...")
@data_options
@click.option(
    "--instances", type=click.IntRange(1, 1_000_000), default=200, show_default=True, metavar="N",
    help="Sampled instances per check; costly checks get a fixed share of them.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, metavar="N", help="Seed of the samplers."
)
@jobs_option()
@budget_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify(
    arguments: tuple[str, ...],
    instances: int,
    seed: int,
    jobs: int | None,
    budget: float | None,
    check_budget: float | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Verify statements: all of them, or those named by ID.

    Without DATA, proofs are run step by step, checks are run on sampled instances,
    and folklore is refuted by its smallest counterexample. With DATA, the checks are
    run on these data only; a statement whose assumption fails there is skipped.

    What a budget or Ctrl-C cuts off is UNDECIDED; every verdict reached before is kept.

    Exit status: 0 all hold (and folklore fails, as it must), 1 one fails,
    3 something is left undecided, 130 after Ctrl-C.
    """
    from saddlesym.errors import BadInputError
    from saddlesym.theorems.catalogue import statement

    ids, data = sorted_arguments(arguments)
    if data is None and any(value not in (None, False, (), "decimal", ".") for value in options.values()):
        raise click.UsageError("options that prepare data need DATA")
    if data is not None:
        for one in ids:
            if statement(one).wing == "deep":
                raise BadInputError(
                    f"{one} is about deep linear networks",
                    needed="a statement about diagonal networks",
                    hint="saddlesym deep verify DATA",
                )
    problem = None if data is None else load_problem(data, **options)
    heading = "All data" if problem is None else title(problem)
    budgets = Budgets.of(budget, check_budget, on_data=problem is not None)
    return run_and_show(ids, problem, heading, instances, seed, jobs, as_json, budgets)


def run_and_show(
    ids: list[str],
    problem: Problem | None,
    heading: str,
    instances: int,
    seed: int,
    jobs: int | None,
    as_json: bool,
    budgets: Budgets,
) -> int:
    """Verify, print the report, and return the exit status."""
    from saddlesym.cli.progress import progress_bar
    from saddlesym.theorems.runner import VerificationInterrupted
    from saddlesym.theorems.runner import verify as run

    with progress_bar() as show:
        try:
            report = run(
                problem,
                ids,
                instances=instances,
                seed=seed,
                jobs=jobs or os.cpu_count() or 1,
                budget=budgets.total,
                check_budget=budgets.each,
                progress=show,
            )
        except VerificationInterrupted as interrupted:
            report = interrupted.report
    if as_json:
        json.dump(report.to_dict(), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        print_report(report, heading)
        sys.stdout.write(closing_line(report) + "\n")
    if report.partial:
        sys.stdout.flush()
        click.echo("saddlesym: interrupted: what was not finished is UNDECIDED", err=True)
        return 130
    return report.exit_status


def sorted_arguments(
    arguments: tuple[str, ...], kind: DataKind = "regression"
) -> tuple[list[str], str | None]:
    """The statement ids among the arguments, and the one that is DATA."""
    from saddlesym.data.examples import located
    from saddlesym.errors import BadInputError, OtherWingError, UnknownNameError, shown
    from saddlesym.theorems.catalogue import statement, statements

    ids = [word for word in arguments if word in statements()]
    others = [word for word in arguments if word not in statements()]
    if len(others) > 1:
        raise BadInputError(
            f"neither {shown(others[0])} nor {shown(others[1])} is a statement",
            needed="at most one DATA, and statement ids",
            hint="`saddlesym theorems` lists the ids",
        )
    if not others:
        return ids, None
    try:
        located(others[0], kind)
    except OtherWingError as error:
        command = "verify" if kind == "matrix" else "deep verify"
        hint = f"saddlesym {command} {plain(others[0])}"
        raise BadInputError(error.given, needed=error.needed, hint=hint) from None
    except BadInputError as error:
        try:
            statement(others[0])
        except UnknownNameError as unknown:
            near = f" ({unknown.hint}?)" if unknown.near else ""
            raise BadInputError(
                f"{error.given}, nor a statement", needed=f"a statement id{near}, {error.needed}"
            ) from None
        raise
    return ids, others[0]


def print_report(report: Report, heading: str) -> None:
    """The verdicts as a table: on data, or wing by wing."""
    from saddlesym.theorems.wings import TITLES

    if report.on_data:
        rows = [[result.statement.id, _verdict(result), _on_data(result)] for result in report.results]
        print_table(heading, ["statement", "verdict", "evidence"], rows, set())
        return
    for wing, name in TITLES.items():
        rows = []
        for result in report.results:
            if result.statement.wing != wing:
                continue
            tried = sum(item.exercised for item in result.checks)
            best = "" if result.best is None else f"{result.best.kind}: {plain(result.best.detail, 200)}"
            status = plain(str(result.status), 60)
            if result.statement.standing in ("conjecture", "recalled"):
                status = f"{result.statement.standing}, {status}"
            rows.append([result.statement.id, _verdict(result), status, str(tried), best])
        if rows:
            header = ["statement", "verdict", "status", "tried", "best evidence"]
            print_table(f"{heading}: {name}", header, rows, {3})


def _verdict(result: Result) -> str:
    expected = result.statement.is_folklore and result.verdict == "FAILS"
    return f"{result.verdict} (as expected)" if expected else str(result.verdict)


def _on_data(result: Result) -> str:
    """What the checks say on the data; where several say something, each of them."""
    told = [(f"{item.kind}: " if item.exercised else "") + plain(item.detail, 200) for item in result.checks]
    return "; ".join(told)


def closing_line(report: Report) -> str:
    """How many statements came out how, and how many instances were truly tried."""
    theorems = [result for result in report.results if not result.statement.is_folklore]
    folklore = [result for result in report.results if result.statement.is_folklore]
    counts = []
    for verdict in ("HOLDS", "FAILS", "UNDECIDED", "SKIPPED"):
        number = sum(result.verdict == verdict for result in theorems)
        if number or verdict == "HOLDS":
            counts.append(f"{number} {verdict}")
    plural = "" if len(theorems) == 1 else "s"
    line = f"{len(theorems)} statement{plural}: {', '.join(counts)}. "
    if folklore:
        refuted = sum(result.verdict == "FAILS" for result in folklore)
        line += f"Folklore: {refuted} of {len(folklore)} refuted, as expected. "
    steps = sum(result.proof.exercised for result in report.results if result.proof is not None)
    if steps:
        line += f"{steps} proof steps checked. "
    where = "on the data" if report.on_data else f"on sampled instances, seed {report.seed}"
    line += f"{report.exercised} instance checks truly exercised {where}"
    return line + (f"; {report.undecided} more were tried and undecided." if report.undecided else ".")
