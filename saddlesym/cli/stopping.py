"""Options that say where a path or a flow may stop, and the warning that it fits rounding errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.diagonal.trajectory import Jump

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = [
    click.option("--stop-loss", metavar="LOSS", help="Stop at the first saddle whose loss is at most that."),
    click.option(
        "--stop-residual",
        metavar="SIZE",
        help="Stop at the first saddle with no residual greater than that, in the unit of y.",
    ),
    click.option(
        "--data-precision",
        metavar="SIZE|given",
        help="Stop where the data are fitted as well as they are known: each number within SIZE,"
        " or as it is written (given).",
    ),
]


def stop_options(command: Command) -> Command:
    """Add ``--stop-loss``, ``--stop-residual`` and ``--data-precision``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class RoundingWatch:
    """Says once, on stderr, from which jump on a path fits the rounding errors of its data.

    Args:
        problem: the data.
        stops: the options of :func:`stop_options`; a user who named a precision needs no warning.
    """

    def __init__(self, problem: DiagonalProblem, stops: dict[str, Any]) -> None:
        from saddlesym.diagonal.data_precision import Stop

        self.problem = problem
        self.stop = Stop() if stops.get("data_precision") is not None else Stop.as_given(problem)

    def __call__(self, number: int, jump: Jump) -> None:
        """Look at a jump, the ``number``-th."""
        from saddlesym.diagonal.data_precision import Stop

        reason = self.stop.reached(self.problem, jump.beta, jump.loss)
        if reason and jump.gradient.support():
            click.echo(
                f"saddlesym: after jump {number} {reason}; what follows fits rounding errors;"
                " try: --data-precision given, to stop there",
                err=True,
            )
            self.stop = Stop()
