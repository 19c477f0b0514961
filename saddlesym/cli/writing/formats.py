"""Options for the form of a result: table, JSON, CSV, LaTeX or a figure, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from saddlesym.cli.writing.targets import figure_name, output_name

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


#: Forms of a result besides the table.
_FORMS = {
    "json": "One JSON document, every digit kept.",
    "csv": "Comma separated values, exact.",
    "latex": "A LaTeX tabular (needs booktabs).",
    "dot": "The graph for Graphviz.",
    "graphml": "The graph as GraphML.",
}

_OUTPUT = click.option(
    "-o", "--output", metavar="FILE", callback=output_name,
    help="Write the result there, not to stdout; FILE.gz is compressed.",
)  # fmt: skip
_PLOT = click.option("--plot", metavar="FILE", callback=figure_name, help="Figure as .svg, .png or .pdf.")
DIGITS_SHOWN = click.option(
    "--digits",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Significant digits of decimals. Default: 8 in tables, 30 elsewhere.",
)


def form_options(*forms: str, figure: bool = True) -> Callable[[Command], Command]:
    """Add ``--plot``, one option for each form of the result, and ``--output``."""

    def add(command: Command) -> Command:
        command = _OUTPUT(command)
        for name in reversed(forms):
            command = _form(f"--{name}", _FORMS[name])(command)
        return _PLOT(command) if figure else command

    return add


def require_form(output: str | None, form: str | None, *forms: str) -> None:
    """Refuse a file where no form was asked for."""
    if output is not None and form is None:
        *first, last = (f"--{name}" for name in forms)
        needed = f"{', '.join(first)} or {last}" if first else last
        raise click.UsageError(f"--output needs {needed}")


def json_name(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a file where no JSON was asked for."""
    if value is not None and not context.params["as_json"]:
        raise click.UsageError("--output needs --json")
    return output_name(context, parameter, value)


def result_options(command: Command) -> Command:
    """Add ``--plot``, ``--json`` and ``--output``, which needs ``--json``."""
    for option in (
        click.option(
            "-o",
            "--output",
            metavar="FILE",
            callback=json_name,
            help="Write the result there, not to stdout.",
        ),
        # eager: known when --output is read
        click.option(
            "--json", "as_json", is_flag=True, is_eager=True, help="One JSON document on standard output."
        ),
        click.option("--plot", metavar="FILE", callback=figure_name, help="Figure as .svg, .png or .pdf."),
    ):
        command = option(command)
    return command
