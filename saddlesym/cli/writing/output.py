"""Writing results: files whole or not at all, and user text made harmless."""

from __future__ import annotations

import functools
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from saddlesym.cli.endings import clock
from saddlesym.cli.writing.targets import replacing
from saddlesym.errors import shown, visible

#: A document of so many characters is announced.
_LARGE = 10**8


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


@contextmanager
def result_stream(output: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that appears only when everything was written."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with replacing(output) as target:
        zipped = output.lower().endswith(".gz")
        opened: Any = functools.partial(gzip.open, compresslevel=4) if zipped else open
        with opened(target.written, "wt", encoding="utf-8", newline="") as stream:
            yield stream
            message = getattr(stream, "partial", "")
            target.partial = bool(message)
    if message and target.kept is not None:
        click.echo(f"saddlesym: {message} in {shown(target.kept.name)}", err=True)


def keep_as_partial(stream: IO[str], message: str) -> None:
    """What is written is not the whole result: it goes beside the file, which stays as it was.

    It is written to its end, whatever time that takes; see :func:`saddlesym.cli.writing.targets.beside`.

    Args:
        stream: of :func:`result_stream`.
        message: what is kept, said once it is.
    """
    clock.stop()
    if stream is sys.stdout:
        click.echo(f"saddlesym: {message}", err=True)
    else:
        stream.partial = message  # type: ignore[attr-defined]


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


def announce_size(size: float, what: str, remedy: str) -> None:
    """Say on stderr, before it is written, how large a document will be, if it will be large.

    Args:
        size: characters.
        what: the document, in words.
        remedy: what makes it smaller.
    """
    if size > _LARGE:
        from saddlesym.memory import in_words

        click.echo(f"saddlesym: {what} make about {in_words(size)}; try: {remedy}", err=True)


def write_json(document: Any, output: str | None) -> None:
    """One JSON document on standard output, or in a file that appears whole or not at all."""
    with result_stream(output) as stream:
        json.dump(document, stream, indent=1)
        stream.write("\n")


def write_figure(figure: Any, output: str, *, partial: bool = False) -> None:
    """Save a matplotlib figure whole or not at all, in the format of its suffix; a partial one beside."""
    from saddlesym.figures.style import save

    with replacing(output) as target:
        save(figure, target.written, Path(output).suffix.lower().lstrip("."))
        target.partial = partial
