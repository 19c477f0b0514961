"""Writing results: files whole or not at all, and user text made harmless."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import click

from saddlesym.errors import BadInputError, shown, visible

#: Kinds of files that hold a figure, and those that hold a graph.
FIGURES = (".svg", ".png", ".pdf")
GRAPH_FILES = (*FIGURES, ".dot", ".graphml", ".json")


def plain(text: str, width: int = 40) -> str:
    r"""User text on one line: made harmless, length bounded.

    >>> plain("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    text = visible(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it counts.

    >>> counted(1, "chain"), counted(2, "family", "families")
    ('1 chain', '2 families')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def latex(text: str) -> str:
    r"""User text with LaTeX's special characters escaped.

    >>> latex("50%_\\input")
    '50\\%\\_\\textbackslash{}input'
    """
    from saddlesym.display import latex_text

    return latex_text(plain(text, 200))


def latex_number(decimal: str) -> str:
    r"""A decimal as LaTeX mathematics.

    >>> print(latex_number("1.5e-07"))
    1.5 \cdot 10^{-7}
    """
    mantissa, e, exponent = decimal.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


@contextmanager
def result_stream(output: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that appears only when everything was written."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with _replacing(output) as temporary:
        opened: Any = partial(gzip.open, compresslevel=4) if output.endswith(".gz") else open
        with opened(temporary, "wt", encoding="utf-8", newline="") as stream:
            yield stream


class Streamed(list[Any]):
    """A list in a JSON document whose items are made one by one while they are written.

    >>> json.dumps({"squares": Streamed(k * k for k in range(3))}, indent=None)
    '{"squares": [0, 1, 4]}'
    """

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__([None])  # not empty: else the encoder would not look
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


def write_json(document: Any, output: str | None) -> None:
    """One JSON document on standard output, or in a file that appears whole or not at all."""
    with result_stream(output) as stream:
        json.dump(document, stream, indent=1)
        stream.write("\n")


def write_figure(figure: Any, output: str) -> None:
    """Save a matplotlib figure whole or not at all, in the format of its suffix."""
    from saddlesym.figures.style import save

    with _replacing(output) as temporary:
        save(figure, temporary, Path(output).suffix.lower().lstrip("."))


def figure_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a figure file of an unknown kind before any work is done."""
    if value is not None and Path(value).suffix.lower() not in FIGURES:
        raise BadInputError(f"figure file {shown(value)}", needed="a name ending in .svg, .png or .pdf")
    return output_name(_context, _parameter, value)


def graph_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a file for a graph of an unknown kind before any work is done."""
    if value is not None and Path(value).suffix.lower() not in GRAPH_FILES:
        raise BadInputError(f"graph file {shown(value)}", needed=f"a name ending in {', '.join(GRAPH_FILES)}")
    return output_name(_context, _parameter, value)


def output_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an output file whose folder is not there before any work is done."""
    if value is not None and not Path(value).absolute().parent.is_dir():
        raise BadInputError(f"the folder of {shown(value)} does not exist", needed="an existing folder")
    return value


@contextmanager
def _replacing(output: str) -> Iterator[Path]:
    """A temporary file beside the target, renamed to it on success and removed on failure.

    A link is followed, an existing file keeps its permissions, and what is no
    ordinary file (a pipe, a device) is written to as it is.
    """
    target = Path(os.path.realpath(output))
    if target.exists() and not target.is_file():
        yield target
        return
    umask = os.umask(0)
    os.umask(umask)
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".saddlesym-")
    except OSError as error:
        raise BadInputError(f"{shown(output)} cannot be written ({error.strerror})") from None
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
