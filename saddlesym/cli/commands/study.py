"""``saddlesym study``: the case studies, one page each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from saddlesym.cli.options import folder_option
from saddlesym.cli.progress import stages
from saddlesym.progress import Progress

if TYPE_CHECKING:
    from saddlesym.studies.library import Study


@click.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="All of them, one after the other.")
@click.option("--quick", is_flag=True, help="A small version of the same, in seconds.")
@folder_option("studied/NAME")
def study(name: str | None, every: bool, quick: bool, folder: str | None) -> int:
    """Run the case study NAME and write its page; without NAME, list them.

    Exit status 0 when all its claims hold, 1 when one is false, 3 when one is undecided.
    """
    from saddlesym.studies.library import load_study, studies

    if name is not None and every:
        raise click.UsageError("NAME and --all: give one of them")
    if name is not None:
        return _run(load_study(name), quick, folder or os.path.join("studied", name))
    if every:
        from saddlesym.report.files import check_folder

        target = folder or "studied"
        for each in studies():
            check_folder(os.path.join(target, each))
        worst = [_run(one, quick, os.path.join(target, one.name)) for one in studies().values()]
        return 1 if 1 in worst else max(worst)
    if quick or folder is not None:
        raise click.UsageError("--quick and --output need NAME or --all")
    width = max(map(len, studies()))
    for one in studies().values():
        click.echo(f"{one.name:{width}}  {one.title}")
    return 0


def _run(one: Study, quick: bool, target: str) -> int:
    from saddlesym.report.files import PAGE, check_folder, write_folder
    from saddlesym.report.provenance import date

    check_folder(target)
    date()
    with stages() as show:
        outcome = one.run(quick, lambda what: show(Progress(0, what=f"{one.name}: {what}")))
        show(Progress(0, what=f"{one.name}: page"))
        write_folder(one.page(outcome, quick), one.twin(outcome, quick), target)
    verdicts = [str(found.verdict) for found in outcome.claims]
    for found, verdict in zip(outcome.claims, verdicts, strict=True):
        if verdict != "HOLDS":
            click.echo(f"saddlesym: {one.name}: {found.key} {verdict}", err=True)
    click.echo(f"{one.name}: {verdicts.count('HOLDS')} of {len(verdicts)} claims hold")
    click.echo(f"The page: {os.path.join(target, PAGE)}")
    return 1 if "FAILS" in verdicts else 0 if outcome.holds else 3
