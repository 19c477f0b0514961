"""Reading files that strangers made: bounded in size, and without waiting for what never comes."""

from __future__ import annotations

import os
import select
import shutil
import stat
import sys
import zlib
from pathlib import Path

from saddlesym.errors import BadInputError, shown

#: Most bytes that are read of one file, packed or not.
MAX_BYTES = 2**29
#: Seconds that a pipe may be there without anybody who writes to it.
PIPE_WAIT = 5.0
#: Bytes that a disk must have left before work begins whose result is to be written there.
ROOM = 2**22
_CHUNK = 2**20


def require_room(folder: str | Path, name: str) -> None:
    """Refuse a result that its disk has no room for, before any work is done.

    Args:
        folder: where it is to be written.
        name: what the user calls it.

    Raises:
        BadInputError: fewer than :data:`ROOM` bytes are left.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return  # what cannot be asked is found out when writing
    if free < ROOM:
        raise BadInputError(
            f"the disk of {shown(name)} has {free / 1e6:.1f} MB left",
            needed=f"{ROOM / 1e6:.0f} MB at least",
            hint="another disk",
        )


def read_bytes(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file or a pipe; ``-`` is standard input.

    Args:
        path: name of the file.
        limit: most bytes.

    Raises:
        BadInputError: more than ``limit`` bytes, no file and no pipe, standard input that is
            closed, or a pipe to which nobody writes.
        OSError: it cannot be opened or read.

    >>> read_bytes(os.devnull)
    Traceback (most recent call last):
    saddlesym.errors.BadInputError: '/dev/null' is a device; needed: a file, or - for standard input
    """
    name = "standard input" if str(path) == "-" else shown(str(path))
    if str(path) == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise BadInputError("standard input is closed", needed="a file, or something piped in")
        return _within(sys.stdin.buffer.read(limit + 1), limit, name)
    # without O_NONBLOCK, opening a pipe waits for somebody who writes to it
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as stream:
        status = os.fstat(stream.fileno())
        if stat.S_ISREG(status.st_mode):
            if status.st_size > limit:
                raise _too_large(name, limit)
            return _within(_all(stream.fileno(), limit), limit, name)
        if not stat.S_ISFIFO(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a device"
            raise BadInputError(f"{name} is {kind}", needed="a file, or - for standard input")
        return _within(_from_pipe(stream.fileno(), limit, name), limit, name)


def _all(descriptor: int, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= limit and (part := os.read(descriptor, _CHUNK)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _from_pipe(descriptor: int, limit: int, name: str) -> bytes:
    """All of a pipe: without a writer a read gives nothing at once, with a silent one it would block."""
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    parts: list[bytes] = []
    size, written = 0, False
    while size <= limit:
        try:
            part = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            written = True
            ready.poll(1000)
            continue
        if part:
            parts.append(part)
            size, written = size + len(part), True
        elif written:
            break
        elif not ready.poll(1000 * PIPE_WAIT):
            raise BadInputError(f"{name} is a pipe to which nobody writes", needed="a file")
        else:
            written = True  # somebody has been there
    return b"".join(parts)


def _within(content: bytes, limit: int, name: str) -> bytes:
    if len(content) > limit:
        raise _too_large(name, limit)
    return content


def _too_large(name: str, limit: int) -> BadInputError:
    return BadInputError(f"{name} is too large", needed=f"at most {limit:,} bytes")


def unpacked(content: bytes, name: str, limit: int = MAX_BYTES) -> bytes:
    """What gzip packed, or the content itself when it is not packed.

    Args:
        content: of a file.
        name: of the file, for messages.
        limit: most bytes when unpacked.

    Raises:
        BadInputError: too large when unpacked, or damaged.

    >>> import gzip
    >>> unpacked(gzip.compress(b"{}"), "x.json.gz"), unpacked(b"{}", "x.json")
    (b'{}', b'{}')
    """
    parts: list[bytes] = []
    size, packed = 0, content.startswith(b"\x1f\x8b")
    if not packed:
        return content
    while content.startswith(b"\x1f\x8b"):  # files that gzip packed may be put one after the other
        unpacker = zlib.decompressobj(wbits=31)
        try:
            part = unpacker.decompress(content, limit + 1 - size)
        except zlib.error as error:
            raise BadInputError(
                f"{shown(name)} cannot be unpacked ({error})", needed="what gzip wrote"
            ) from None
        parts.append(part)
        size += len(part)
        if size > limit:
            raise BadInputError(
                f"{shown(name)} is too large when unpacked", needed=f"at most {limit:,} bytes"
            )
        if not unpacker.eof:
            raise BadInputError(f"{shown(name)} is cut off", needed="the whole of what gzip wrote")
        content = unpacker.unused_data
    if content.strip(b"\0"):
        raise BadInputError(f"{shown(name)} goes on after what gzip packed", needed="what gzip wrote")
    return b"".join(parts)
