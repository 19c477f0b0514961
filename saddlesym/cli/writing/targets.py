"""Files that results are written to: refused before any work, written whole, never the data themselves."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import click

from saddlesym.cli.endings import unfinished
from saddlesym.errors import BadInputError, shown
from saddlesym.files import require_room

#: Kinds of files that hold a figure.
FIGURES = (".svg", ".png", ".pdf")

#: Where the names of files to be written stand in the context of a command.
_OUTPUTS = "saddlesym.outputs"


def figure_name(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a figure file of an unknown kind before any work is done."""
    if value is not None and Path(value).suffix.lower() not in FIGURES:
        raise BadInputError(f"figure file {shown(value)}", needed="a name ending in .svg, .png or .pdf")
    _check_date(value)
    return output_name(context, parameter, value)


def _check_date(figure: str | None) -> None:
    if figure is not None and Path(figure).suffix.lower() in FIGURES and "SOURCE_DATE_EPOCH" in os.environ:
        from saddlesym.figures.style import source_date

        source_date()


def output_name(context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a file that cannot be written, or that another option names, before any work is done."""
    if value is None:
        return None
    check_writable(value)
    others = context.meta.setdefault(_OUTPUTS, [])
    if any(_same(value, other) for other in others):
        raise BadInputError(f"two options name {shown(value)}", needed="a file for each")
    others.append(value)
    return value


def refuse_own_input(*inputs: str | Path) -> None:
    """Refuse a command that would write onto a file that it reads, by whatever name.

    Raises:
        BadInputError: with both names.
    """
    context = click.get_current_context(silent=True)
    for output in context.meta.get(_OUTPUTS, ()) if context is not None else ():
        for source in inputs:
            if _same(output, source):
                raise BadInputError(
                    f"{shown(output)} would be written onto {shown(str(source))}, which is read",
                    needed="another file for the result",
                )


def _same(one: str | Path, other: str | Path) -> bool:
    try:
        if str(other) == "-":  # what standard input comes from, where that is a file
            return os.path.samestat(os.stat(one), os.fstat(0))
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return os.path.realpath(one) == os.path.realpath(other)


def check_writable(output: str | Path) -> None:
    """Refuse a file that cannot come to be: no folder, a folder that takes none, a read-only target.

    Raises:
        BadInputError: which of these it is.
    """
    target = Path(os.path.realpath(output))
    if not target.parent.is_dir():
        raise BadInputError(f"the folder of {shown(str(output))} does not exist", needed="an existing folder")
    if target.is_dir():
        raise BadInputError(f"{shown(str(output))} is a folder", needed="the name of a file")
    if target.exists() and not target.is_file():
        return  # a pipe or a device
    if target.exists() and not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise BadInputError(f"{shown(str(output))} is read-only", needed="a file that may be written")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".saddlesym-")
    except OSError as error:
        raise BadInputError(f"{shown(str(output))} cannot be written ({error.strerror})") from None
    os.close(handle)
    os.unlink(name)
    require_room(target.parent, str(output))


def beside(output: str | Path) -> Path:
    """Where a result goes that is not whole: ``s.partial.json`` for ``s.json``.

    >>> str(beside("runs/s.json")), str(beside("s.json.gz")), str(beside("s"))
    ('runs/s.partial.json', 's.partial.json.gz', 's.partial')
    """
    path = Path(output)
    stem, dot, suffixes = (
        path.name.partition(".") if path.name.endswith(".gz") else (path.stem, "", path.suffix)
    )
    return path.with_name(f"{stem}.partial{dot}{suffixes}")


def _free(path: Path) -> Path:
    """That name, or the first one like it that is nobody's: nothing is replaced by a part."""
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    names = (path.with_name(f"{path.name.removesuffix(suffix)}-{k}{suffix}") for k in count(2))
    return next(name for name in chain([path], names) if not os.path.lexists(name))


@dataclass
class Target:
    """A file in the making.

    Attributes:
        written: where to write.
        partial: whether what was written is only a part of the result.
        kept: where it is, in the end.
    """

    written: Path
    partial: bool = False
    kept: Path | None = None


@contextmanager
def replacing(output: str) -> Iterator[Target]:
    """A temporary file beside the target, renamed to it on success and removed on failure.

    A link is followed, an existing file keeps its permissions, and what is no
    ordinary file (a pipe, a device) is written to as it is.  A partial result leaves the
    target as it was and gets a name beside it.
    """
    final = Path(os.path.realpath(output))
    if final.exists() and not final.is_file():
        yield Target(final)
        return
    check_writable(output)
    umask = os.umask(0)
    os.umask(umask)
    try:
        mode = final.stat().st_mode & 0o777 if final.exists() else 0o666 & ~umask
        handle, name = tempfile.mkstemp(dir=final.parent, prefix=".saddlesym-")
    except OSError as error:
        raise BadInputError(f"{shown(output)} cannot be written ({error.strerror})") from None
    unfinished.add(name)
    os.close(handle)
    target = Target(Path(name))
    try:
        yield target
        os.chmod(name, mode)
        target.kept = _free(beside(final)) if target.partial else final
        os.replace(name, target.kept)
    except BaseException:
        target.written.unlink(missing_ok=True)
        raise
    finally:
        unfinished.discard(name)
