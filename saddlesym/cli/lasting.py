"""How long a flow to many digits will take, told before it begins."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.progress import Progress

#: Digits of the flow that is timed, and the fewest digits for which it is.
_PILOT, _MANY = 20, 100
#: Seconds that the timed flow may take, and the shortest work that is foretold.
_PATIENCE, _LONG = 4.0, 30.0
#: Measured from 20 to 200 digits: a fifth of the cost at 20 grows like the cube of the digits.
_CUBIC = 0.2


class _TooSlowError(Exception):
    pass


def foretell(problem: DiagonalProblem, alpha: Any, digits: int, until: Any) -> int | None:
    """Say on stderr how long a flow to so many digits takes, if that is long, from one to a few digits.

    Returns:
        About how many steps it takes; None where that was not looked at.
    """
    from saddlesym.diagonal.flow.two_layers.flow import MAX_DIGITS, flow
    from saddlesym.errors import SaddlesymError

    if not _MANY <= digits <= MAX_DIGITS:
        return None  # the flow itself refuses more
    start, steps = process_time(), None

    def note(_moment: Progress) -> None:
        if process_time() - start > _PATIENCE:
            raise _TooSlowError

    least = ""
    try:
        steps = flow(problem, alpha, digits=_PILOT, until=until, certify=False, progress=note).steps
    except _TooSlowError:
        least = "more than "
    except SaddlesymError:
        return None  # which the flow itself will say
    seconds = (process_time() - start) * (1 - _CUBIC + _CUBIC * (digits / _PILOT) ** 3)
    if seconds > _LONG:
        click.echo(
            f"saddlesym: {digits} digits take {least}{duration(seconds)}, to judge by a flow with {_PILOT};"
            " try: fewer digits, or --timeout SECONDS",
            err=True,
        )
    return steps


def duration(seconds: float) -> str:
    """A rough time in the unit that reads best.

    >>> duration(42), duration(8000), duration(1e7), duration(1e12)
    ('about 42 s', 'about 2 hours', 'about 116 days', 'about 31688 years')
    """
    for size, unit in ((365.25 * 86400, "years"), (86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {seconds:.0f} s"
