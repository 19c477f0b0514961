"""How a file of numbers is read: what the user says of it, and its content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeAlias

from saddlesym.data.examples import DataKind, located
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import Floats
from saddlesym.files import read_bytes, unpacked

#: What is left out where a value is missing.
Missing: TypeAlias = Literal["rows", "columns"]

_SUFFIXES = {".npy": "npy", ".npz": "npz"}
_BEGINNINGS = {b"\x93NUMPY": "npy", b"PK\x03\x04": "npz", b"PK\x05\x06": "npz"}


@dataclass(frozen=True)
class Reading:
    """What is said of a file of numbers.

    Attributes:
        header: whether the first line holds column names; None to decide from it.
        floats: what a float in a NumPy file means, its shortest decimal or its binary value.
        decimal: the decimal mark of text, ``"."`` or ``","``.
        drop_columns: columns to leave out, by name or 0-based index: a row index, text.
        drop_missing: whether to leave out the rows, or the columns, that lack a value.

    Raises:
        BadInputError: one of them is something else.
    """

    header: bool | None = None
    floats: Floats = "decimal"
    decimal: str = "."
    drop_columns: Sequence[str | int] = ()
    drop_missing: Missing | None = None

    def __post_init__(self) -> None:
        allowed = {
            "header": (None, True, False),
            "floats": ("decimal", "binary"),
            "decimal": (".", ","),
            "drop_missing": (None, "rows", "columns"),
        }
        for name, values in allowed.items():
            given = getattr(self, name)
            if not any(given is value or (type(given) is str and given == value) for value in values):
                needed = " or ".join(map(repr, values))
                raise BadInputError(f"{name}={shown(given)}", needed=needed)
        columns = self.drop_columns
        if isinstance(columns, str | int):
            columns = (columns,)
        if not isinstance(columns, Sequence) or not all(type(column) in (str, int) for column in columns):
            raise BadInputError(f"drop_columns={shown(columns)}", needed="names or indices of columns")
        object.__setattr__(self, "drop_columns", tuple(columns))


@dataclass(frozen=True)
class Content:
    """What a file holds.

    Attributes:
        source: what the user called it.
        kind: ``"npy"``, ``"npz"`` or ``"text"``, by its name or else by its first bytes.
        data: its bytes; unpacked, if gzip packed them.
        digest: the SHA-256 of the file as it lies there.
    """

    source: str
    kind: str
    data: bytes
    digest: str

    @classmethod
    def of(cls, source: str | Path, kind: DataKind = "regression") -> Content:
        """The content of a file, of standard input, or of a shipped example.

        Raises:
            BadInputError: there is none, or it is too large.
        """
        path, _ = located(source, kind)
        try:
            packed = read_bytes(path)
        except OSError as error:
            raise BadInputError(f"{shown(source)} cannot be read ({error.strerror})") from None
        data = unpacked(packed, str(source))
        beginnings = (what for mark, what in _BEGINNINGS.items() if data.startswith(mark))
        suffix = Path(path.name.lower().removesuffix(".gz")).suffix
        return cls(
            str(source), _SUFFIXES.get(suffix) or next(beginnings, "text"), data, sha256(packed).hexdigest()
        )

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "standard input" if self.source == "-" else shown(self.source)
