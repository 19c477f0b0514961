"""Arrays of ``.npy`` and ``.npz`` files: what their headers claim is believed only as far as bytes are there.

``numpy.load`` asks for the memory that a header claims, unpacks all of an archive, and fails on
damaged files in a dozen ways.  Here a header is matched against one pattern, sizes are compared
before anything is made of them, and of an archive only the arrays that are needed are unpacked.
"""

from __future__ import annotations

import io
import math
import re
import sys
import zipfile
from collections.abc import Collection, Iterator
from typing import IO, Any

from flint import fmpq

from saddlesym.data.separated import is_missing
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import Floats, check_entries, to_fmpq
from saddlesym.files import MAX_BYTES

_MAX_HEADER = 2**16
_MAX_MEMBERS = 10_000
_ITEM = re.compile(
    r"""\s*(['"])(?P<key>descr|fortran_order|shape)\1\s*:\s*
        (?:(['"])(?P<descr>[^'"]*)\3 | (?P<order>True|False) | \((?P<shape>[0-9L,\s]*)\))\s*(?:,|$)""",
    re.VERBOSE,
)
_NUMBERS = re.compile(r"[<>|=]?(b1|[iu][1248]|f(2|4|8|12|16)|U[1-9][0-9]{0,6})")


def npy_array(data: bytes, name: str) -> Any:
    """The array of a ``.npy`` file.

    Args:
        data: the content.
        name: of the file, for messages.

    Raises:
        BadInputError: damaged, no plain numbers, or another size than its header claims.
    """
    return _array(io.BytesIO(data), name)


#: Ways of packing a member of an archive that NumPy does not use.
_PACKED = {9: "by deflate64", 12: "by bzip2", 14: "by LZMA", 93: "by Zstandard", 95: "by xz"}


def npz_arrays(
    data: bytes, name: str, wanted: Collection[str], most_dimensions: int = 2
) -> tuple[dict[str, Any], list[str]]:
    """The arrays of a ``.npz`` file that are ``wanted``, of at most so many dimensions, and the names of all.

    Raises:
        BadInputError: damaged, encrypted, packed in another way than NumPy does, or an array
            that :func:`npy_array` refuses.
    """
    if data.count(b"PK\x01\x02") > _MAX_MEMBERS:
        raise _unreadable(name, f"more than {_MAX_MEMBERS:,} members")
    arrays: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            for key in wanted:
                info = members.get(key)
                if info is None:
                    continue
                if info.flag_bits & 1:
                    raise _unreadable(name, "it is encrypted")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    how = _PACKED.get(info.compress_type, f"by method {info.compress_type}")
                    raise _unreadable(name, f"{key} is packed {how}, not by deflate as NumPy does")
                with archive.open(info) as member:
                    arrays[key] = _array(member, f"{key} in {name}", most_dimensions)
    except (BadInputError, MemoryError):
        raise
    except Exception as error:  # a damaged archive is told by ten kinds of errors, of zlib and struct too
        raise _unreadable(name, shown(error, 60)) from None
    return arrays, sorted(members)


def array_rows(array: Any, name: str, floats: Floats) -> Iterator[list[fmpq | None]]:
    """The rows of a two-dimensional array as exact numbers, None where a value is missing.

    Raises:
        BadInputError: an entry is no finite number.
    """
    # tolist() would widen float32, whose shortest decimal differs
    narrow = array.dtype.kind == "f" and array.dtype.itemsize != 8
    for i, row in enumerate(array):
        out: list[fmpq | None] = []
        for j, entry in enumerate(row if narrow else row.tolist()):
            gap = is_missing(entry) if isinstance(entry, str) else entry != entry
            try:
                out.append(None if gap else to_fmpq(entry, floats))
            except BadInputError as error:
                raise error.at(f"{name}[{i}][{j}]") from None
        yield out


def _array(stream: IO[bytes], name: str, most_dimensions: int = 2) -> Any:
    import numpy as np

    start = stream.read(8)
    width = {1: 2, 2: 4, 3: 4}.get(start[6] if len(start) == 8 else 0)
    if not start.startswith(b"\x93NUMPY") or width is None:
        raise _unreadable(name, "no header of NumPy's")
    length = int.from_bytes(stream.read(width), "little")
    if length > _MAX_HEADER:
        raise _unreadable(name, f"a header of {length:,} bytes")
    kind, fortran, shape = _header(stream.read(length).decode("latin-1"), name, most_dimensions)
    try:
        dtype = np.dtype(kind)
    except TypeError:
        raise BadInputError(f"{name} holds {shown(kind)}, which this machine has not") from None
    count = math.prod(shape)
    if count == 0:
        raise BadInputError(f"{name} is empty", needed="a table of numbers")
    check_entries(count, name)
    needed = count * dtype.itemsize
    if needed > MAX_BYTES:
        raise _unreadable(name, f"{needed:,} bytes")
    content = stream.read(needed + 1)
    if len(content) != needed:
        there = "more" if len(content) > needed else f"{len(content):,}"
        raise _unreadable(name, f"its header claims {needed:,} bytes, there are {there}")
    array = np.frombuffer(content, dtype)
    if dtype.kind == "U" and (array.view(dtype.str[0] + "u4") > sys.maxunicode).any():
        raise _unreadable(name, "text beyond Unicode")
    return array.reshape(tuple(shape), order="F" if fortran else "C")


def _header(text: str, name: str, most_dimensions: int) -> tuple[str, bool, list[int]]:
    """The type, the order and the shape that a header claims."""
    inside = text.strip()
    if not (inside.startswith("{") and inside.endswith("}")):
        raise _unreadable(name, "its header is damaged")
    items: dict[str, str] = {}
    rest = inside[1:-1].strip()
    while rest:
        match = _ITEM.match(rest)
        if match is None:
            if re.search(r"descr['\"]\s*:\s*\[", inside):
                raise BadInputError(f"{name} holds records", needed="a plain array of numbers")
            raise _unreadable(name, "its header is damaged")
        items[match["key"]] = match["descr"] or match["order"] or match["shape"] or ""
        rest = rest[match.end() :].strip()
    sizes = [part.strip().removesuffix("L") for part in items.get("shape", "").split(",")]
    if not sizes[-1]:
        sizes.pop()  # of (3,) and of ()
    whole = items.keys() == {"descr", "fortran_order", "shape"}
    if (
        not whole
        or items["fortran_order"] not in ("True", "False")
        or not all(part.isdecimal() and len(part) < 20 for part in sizes)
    ):
        raise _unreadable(name, "its header is damaged")
    if not _NUMBERS.fullmatch(items["descr"]):
        what = "objects, which would have to be executed" if "O" in items["descr"] else shown(items["descr"])
        raise BadInputError(f"{name} holds {what}", needed="real numbers, or for names text")
    if not 1 <= len(sizes) <= most_dimensions:
        needed = "one or two" if most_dimensions == 2 else f"one to {most_dimensions}"
        raise BadInputError(f"{name} has {len(sizes)} dimensions", needed=needed)
    return items["descr"], items["fortran_order"] == "True", list(map(int, sizes))


def _unreadable(name: str, why: str) -> BadInputError:
    return BadInputError(
        f"{name} is not a readable NumPy file ({why})",
        needed="numbers written by numpy.save, numpy.savez or numpy.savez_compressed",
    )
