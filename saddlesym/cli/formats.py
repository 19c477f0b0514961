"""Options for the form of a result: table, JSON, CSV or LaTeX, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from saddlesym.cli.output import output_name

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = [
    click.option("--json", "form", flag_value="json", help="One JSON document, every digit kept."),
    click.option("--csv", "form", flag_value="csv", help="Comma separated values, exact."),
    click.option("--latex", "form", flag_value="latex", help="A LaTeX tabular (needs booktabs)."),
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
