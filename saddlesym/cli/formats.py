"""Options for the form of a result: table, JSON, CSV or LaTeX, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from saddlesym.cli.output import output_name

Command = TypeVar("Command", bound=Callable[..., Any])


def _one_form(context: click.Context, parameter: click.Parameter, chosen: bool) -> None:
    """Keep the form that was asked for in ``form``; two of them contradict each other."""
    form = context.params.setdefault("form", None)
    if chosen and form:
        raise click.UsageError(f"--{form} and --{parameter.name}: a result has one form; give one of them")
    if chosen:
        context.params["form"] = parameter.name


def _form(flag: str, text: str) -> Callable[[Command], Command]:
    return click.option(flag, is_flag=True, expose_value=False, callback=_one_form, help=text)


_OPTIONS = [
    _form("--json", "One JSON document, every digit kept."),
    _form("--csv", "Comma separated values, exact."),
    _form("--latex", "A LaTeX tabular (needs booktabs)."),
    click.option("-o", "--output", metavar="FILE", callback=output_name, help="Write there, not to stdout."),
    click.option(
        "--digits",
        type=click.IntRange(1, 100_000),
        metavar="N",
        help="Significant digits of decimals. Default: 8 in tables, 30 elsewhere.",
    ),
]


def format_options(command: Command) -> Command:
    """Add ``--json``, ``--csv``, ``--latex``, ``--output`` and ``--digits``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
