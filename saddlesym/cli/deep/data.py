"""The DATA argument of ``saddlesym deep`` and its options, common to the commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from saddlesym.cli.data import FILE_OPTIONS, source_name, warnings_shown
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.deep.problem import DeepLinearProblem

Command = TypeVar("Command", bound=Callable[..., Any])


def _hidden(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Any:
    """One width or a comma list of them."""
    if value is None:
        return None
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() and part.isascii() and len(part) < 10 and int(part) > 0 for part in parts):
        raise BadInputError(f"--hidden {shown(value)}", needed="a positive number, or a comma list of them")
    widths = list(map(int, parts))
    return widths[0] if len(widths) == 1 else widths


_OPTIONS = [
    click.option(
        "--mask", metavar="FILE", help="CSV of zeros and ones: matrix completion. Default: all ones."
    ),
    click.option(
        "--depth",
        type=click.IntRange(2),
        metavar="L",
        help="Number of layers. Default: 2, or one more than the widths in a list for --hidden.",
    ),
    click.option(
        "--hidden",
        metavar="W",
        callback=_hidden,
        help="Hidden width, or a comma list of L-1 widths. Default: the smaller side of DATA.",
    ),
    *FILE_OPTIONS,
]


def deep_data_options(command: Command) -> Command:
    """Add ``--mask``, ``--depth``, ``--hidden`` and the options of files."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def load_deep_problem(
    data: str,
    mask: str | None,
    depth: int | None,
    hidden: int | list[int] | None,
    **reading: Any,
) -> DeepLinearProblem:
    """The problem that DATA and its options describe."""
    from saddlesym.cli.writing.targets import refuse_own_input
    from saddlesym.deep.problem import DeepLinearProblem

    refuse_own_input(data, *([] if mask is None else [mask]))
    if isinstance(hidden, list) and depth is None:
        depth = len(hidden) + 1
    with warnings_shown():
        return DeepLinearProblem.from_csv(data, mask, depth, hidden, **reading)


def deep_title(problem: DeepLinearProblem) -> str:
    """One line about the data, the cost and the network."""
    cost = {"whitened": "squared error", "completion": "matrix completion"}.get(
        problem.cost.name, problem.cost.name
    )
    widths = "-".join(map(str, problem.widths))
    return f"{source_name(problem.source)}: {cost}, depth {problem.depth}, widths {widths}"
