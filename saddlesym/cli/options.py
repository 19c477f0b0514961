"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from saddlesym.errors import BadInputError, shown

Command = TypeVar("Command", bound=Callable[..., Any])


def positive_numbers(_context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Positive exact numbers, separated by commas."""
    if value is None:
        return None
    from saddlesym.exact.scalars import rational

    given = f"{parameter.opts[0]} {shown(value)}"
    try:
        numbers = [rational(word.strip()) for word in value.split(",")]
    except BadInputError as error:
        raise error.at(given) from None
    for k, number in enumerate(numbers, 1):
        if number <= 0:
            raise BadInputError(f"{given}: number {k} is not positive", needed="positive numbers")
    return numbers


def kappa_option(text: str) -> Callable[[Command], Command]:
    """``--kappa``: the shape of the initialisation."""
    return click.option("--kappa", metavar="K1,K2,...", callback=positive_numbers, help=text)


def check_kappa(kappa: list[Any] | None, d: int) -> None:
    """Refuse a shape that does not fit to the data."""
    if kappa is not None and len(kappa) != d:
        raise BadInputError(f"--kappa has {len(kappa)} numbers", needed=f"{d}, one per column")


def certify_option(command: Command) -> Command:
    """``--certify`` and ``--no-certify``."""
    return click.option(
        "--certify/--no-certify",
        default=None,
        help="Prove the digits of the flow. Default: where that can be done; --no-certify saves time.",
    )(command)


#: Seconds of a budget.
SECONDS = click.FloatRange(0, 1e9, min_open=True)


def folder_option(default: str) -> Callable[[Command], Command]:
    """``--output`` of a result that is a folder."""
    return click.option(
        "-o",
        "--output",
        "folder",
        metavar="DIR",
        help=f"Write the result there, a folder. Default: {default}.",
    )


def jobs_option(most: int = 1024) -> Callable[[Command], Command]:
    """``--jobs``: worker processes."""
    return click.option(
        "--jobs", type=click.IntRange(1, most), metavar="N", help="Processes. Default: one per processor."
    )
