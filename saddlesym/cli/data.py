"""The DATA argument and its options, common to the commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem

Command = TypeVar("Command", bound=Callable[..., Any])

#: How a file of numbers is read, whatever its numbers mean.
FILE_OPTIONS = [
    click.option(
        "--header/--no-header",
        default=None,
        help="Whether line 1 holds names. Default: it does when none of its cells is a number.",
    ),
    click.option(
        "--floats",
        type=click.Choice(["decimal", "binary"]),
        default="decimal",
        show_default=True,
        help="What a float in .npy or .npz means: its shortest decimal, or its binary value.",
    ),
]

_OPTIONS = [
    click.option("--target", metavar="COLUMN", help="Target: name or 0-based index. Default: the last."),
    click.option(
        "--centre/--no-centre",
        "--center/--no-center",
        "centre",
        default=None,
        help="Take the exact means off y and the columns. Default: only for examples that want it.",
    ),
    click.option(
        "--scale/--no-scale",
        default=None,
        help="Divide columns by their standard deviations, rounded to 3 decimals. Default: as above.",
    ),
    *FILE_OPTIONS,
]


def data_options(command: Command) -> Command:
    """Add ``--target``, ``--centre``, ``--scale``, ``--header`` and ``--floats``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def load_problem(
    data: str,
    target: str | None,
    centre: bool | None,
    scale: bool | None,
    header: bool | None,
    floats: Any,
) -> DiagonalProblem:
    """The problem that DATA and its options describe."""
    from saddlesym.cli.targets import refuse_own_input
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.errors import BadInputError
    from saddlesym.tables import located, read_table

    file, example = located(data)
    refuse_own_input(file)
    if header is not None and file.suffix.lower() in (".npy", ".npz"):
        raise BadInputError("--header or --no-header with a NumPy file", needed="a CSV file")
    if file.suffix.lower() == ".npz":
        if target is not None:
            raise BadInputError("--target with an .npz file", needed="the array y of the file")
        problem = DiagonalProblem.from_npz(file, floats=floats)
    else:
        table = read_table(data, header=header, floats=floats)
        X, y, names = table.split(target)
        problem = DiagonalProblem(X, y, names, source=data)
    if centre if centre is not None else bool(example and example.centre):
        problem = problem.centred()
    if scale if scale is not None else bool(example and example.scale):
        problem = problem.scaled()
    return problem


def title(problem: DiagonalProblem) -> str:
    """One line about the data and what was done to them."""
    from saddlesym.cli.output import plain

    size = f"n = {problem.n}, d = {problem.d}" if problem.has_data else f"d = {problem.d}, from M and r"
    done = (", centred" if problem.is_centred else "") + (", scaled" if problem.scale else "")
    return f"{plain(Path(problem.source).name) or 'data'}: {size}{done}"
