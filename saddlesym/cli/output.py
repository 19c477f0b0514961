"""Writing results: files whole or not at all, tables, and user text made harmless."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from saddlesym.errors import BadInputError, shown

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def plain(text: str, width: int = 40) -> str:
    r"""User text on one line: control characters escaped, length bounded.

    >>> plain("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return visible if len(visible) <= width else f"{visible[: width - 1]}…"


def latex(text: str) -> str:
    r"""User text with LaTeX's special characters escaped.

    >>> latex("50%_\\input")
    '50\\%\\_\\textbackslash{}input'
    """
    return "".join(_LATEX.get(c, c) for c in plain(text, 200))


@contextmanager
def result_stream(output: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that appears only when everything was written."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    target = Path(output)
    with _replacing(target) as temporary, open(temporary, "w", encoding="utf-8", newline="") as stream:
        yield stream


def write_figure(figure: Any, output: str) -> None:
    """Save a matplotlib figure whole or not at all, in the format of its suffix."""
    target = Path(output)
    with _replacing(target) as temporary:
        figure.savefig(temporary, format=target.suffix.lower().lstrip("."), dpi=200)


def figure_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a figure file of an unknown kind before any work is done."""
    if value is not None and Path(value).suffix.lower() not in (".svg", ".png", ".pdf"):
        raise BadInputError(f"figure file {shown(value)}", needed="a name ending in .svg, .png or .pdf")
    return value


def output_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an output file whose folder is not there before any work is done."""
    if value is not None and not Path(value).absolute().parent.is_dir():
        raise BadInputError(f"the folder of {shown(value)} does not exist", needed="an existing folder")
    return value


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A temporary file beside the target, renamed to it on success and removed on failure."""
    if not target.absolute().parent.is_dir():
        raise BadInputError(f"the folder of {shown(str(target))} does not exist", needed="an existing folder")
    handle, name = tempfile.mkstemp(dir=target.absolute().parent, prefix=".saddlesym-")
    os.close(handle)
    try:
        yield Path(name)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> None:
    """A titled table on standard output, as wide as it needs to be when not on a terminal.

    Args:
        right: indices of the columns that are flush right.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=10_000)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for k, name in enumerate(header):
        table.add_column(name, justify="right" if k in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(Text(title, style="bold"), table)
