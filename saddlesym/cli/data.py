"""The DATA argument and its options, common to the commands."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    click.option(
        "--decimal",
        type=click.Choice([".", ","]),
        default=".",
        show_default=True,
        help="Decimal mark of text; with commas, cells are separated by ; tab, | or white space.",
    ),
    click.option(
        "--drop-column",
        "--index-column",
        "drop_columns",
        metavar="COLUMN",
        multiple=True,
        help="Leave out a column (a row index, text): name or 0-based index. May be repeated.",
    ),
    click.option(
        "--drop-missing",
        type=click.Choice(["rows", "columns"]),
        help="Leave out the rows, or the columns, that lack a value.",
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
    click.option("--drop-constant", is_flag=True, help="Leave out columns that are constant."),
    *FILE_OPTIONS,
]


def file_options(command: Command) -> Command:
    """Add the options that say how a file of numbers is read."""
    for option in reversed(FILE_OPTIONS):
        command = option(command)
    return command


def data_options(command: Command) -> Command:
    """Add ``--target``, ``--centre``, ``--scale``, ``--drop-constant`` and those of files."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def warnings_shown() -> Iterator[None]:
    """Say on stderr, one line each, how data were read that may have been meant otherwise."""
    from saddlesym.errors import DataWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        yield
    for one in caught:
        if issubclass(one.category, DataWarning):
            click.echo(f"saddlesym: warning: {one.message}", err=True)
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def load_problem(
    data: str,
    target: str | None,
    centre: bool | None,
    scale: bool | None,
    drop_constant: bool,
    **reading: Any,
) -> DiagonalProblem:
    """The problem that DATA and its options describe."""
    from saddlesym.cli.writing.targets import refuse_own_input
    from saddlesym.data.examples import located
    from saddlesym.diagonal.problem import DiagonalProblem

    file, example = located(data)
    refuse_own_input(file)
    with warnings_shown():
        problem = DiagonalProblem.from_csv(data, target, **reading)
    if drop_constant:
        problem = problem.without_constant()
    if centre if centre is not None else bool(example and example.centre):
        problem = problem.centred()
    if scale if scale is not None else bool(example and example.scale):
        problem = problem.scaled()
    return problem


def source_name(source: str) -> str:
    """What to call the data on one line: the file without its folders."""
    from saddlesym.cli.writing.output import plain

    return "standard input" if source == "-" else plain(Path(source).name) or "data"


def title(problem: DiagonalProblem) -> str:
    """One line about the data and what was done to them."""
    from saddlesym.cli.writing.output import plain

    size = f"n = {problem.n}, d = {problem.d}" if problem.has_data else f"d = {problem.d}, from M and r"
    done = (", centred" if problem.is_centred else "") + (", scaled" if problem.scale else "")
    without = f"; without {plain('; '.join(problem.left_out), 120)}" if problem.left_out else ""
    return f"{source_name(problem.source)}: {size}{done}{without}"
