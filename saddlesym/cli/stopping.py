"""Options that say where a path or a flow may stop, and the warning that it fits rounding errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from fractions import Fraction

    from saddlesym.diagonal.flow.many_layers.flow import DeepFlow
    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.path.trajectory import Jump
    from saddlesym.diagonal.problem import DiagonalProblem

Command = TypeVar("Command", bound=Callable[..., Any])

_ADVICE = "what follows fits rounding errors; try: --data-precision given, to stop there"

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
        from saddlesym.diagonal.path.data_precision import Stop

        self.problem = problem
        self.stop = Stop() if stops.get("data_precision") is not None else Stop.as_given(problem)

    def __call__(self, number: int, jump: Jump) -> None:
        """Look at a jump, the ``number``-th."""
        from saddlesym.diagonal.path.data_precision import Stop

        reason = self.stop.reached(self.problem, jump.beta, jump.loss)
        if reason and jump.gradient.support():
            click.echo(f"saddlesym: after jump {number} {reason}; {_ADVICE}", err=True)
            self.stop = Stop()


class FlowWatch:
    """Where a training flow is to end, by the exact path, and a warning when it fits rounding errors.

    Args:
        problem: the data.
        until: the last accelerated time, if there is one.
        stops: the options of :func:`stop_options`.

    Attributes:
        end: a last time on the dwell where one of them holds; None where the flow is not ended by them.
    """

    def __init__(self, problem: DiagonalProblem, until: str | None, stops: dict[str, Any]) -> None:
        from saddlesym.diagonal.path.data_precision import Stop
        from saddlesym.diagonal.path.stopping_time import stop_of_path, stopping_time
        from saddlesym.exact.scalars import rational

        self.problem, self.asked = problem, Stop.of(problem, **stops)
        self.end: Fraction | None = None
        self._warning: tuple[float, str] | None = None
        last = None if until is None else rational(until)
        if self.asked != Stop():
            end = stopping_time(problem, **stops)
            self.end = end if last is None or (end is not None and end < last) else None
        known = Stop.as_given(problem)
        if self.end is None and stops["data_precision"] is None and known != Stop():
            path = stop_of_path(problem, known, last)
            if path is not None and path.jumps:
                reason = known.reached(problem, path.final, path.jumps[-1].loss)
                self._warning = float(path.times()[-1]), f"after jump {len(path.jumps)} {reason}"

    def __call__(self, time: float) -> None:
        """Look at the time that the flow has come to."""
        if self._warning is not None and time > self._warning[0]:
            click.echo(f"saddlesym: {self._warning[1]}; {_ADVICE}", err=True)
            self._warning = None

    def reason(self, found: Flow | DeepFlow) -> str:
        """Why the flow ended where it did, by its own β; empty where no criterion ended it."""
        if self.end is None:
            return ""
        from flint import arb, fmpz, fmpz_mat

        from saddlesym.exact.balls import dyadic
        from saddlesym.exact.precision import workprec
        from saddlesym.exact.vectors import RationalVector

        with workprec(8 * found.digits + 256):  # smaller parts of β say nothing, and can be 10^-1000000
            unit = arb(10) ** (2 * found.digits + 20)
            whole = [fmpz(dyadic(ball.arb * unit).floor()) for ball in found.final_beta]
        beta = RationalVector(fmpz_mat(len(whole), 1, whole), fmpz(10) ** (2 * found.digits + 20))
        return self.asked.reached(self.problem, beta, self.problem.loss(beta)) or (
            "the flow ends on the dwell where the path may stop, not as close to its saddle as that"
        )
