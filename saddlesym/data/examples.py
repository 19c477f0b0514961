"""The shipped examples, and the file that a user's word stands for."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from saddlesym.errors import BadInputError, OtherWingError, UnknownNameError, shown

#: Rows of samples for a regression, or one matrix: the target of a deep linear network.
DataKind: TypeAlias = Literal["regression", "matrix"]


@dataclass(frozen=True)
class Example:
    """A data set that is shipped with saddlesym.

    Attributes:
        name: what to call it wherever a file name works.
        title: one line about it.
        reference: where the data come from.
        path: the CSV file.
        centre: whether the customary preparation centres it.
        scale: whether the customary preparation scales it.
        kind: what it is data for.
        mask: for matrix completion, the CSV file of the observed entries.
    """

    name: str
    title: str
    reference: str
    path: Path
    centre: bool = False
    scale: bool = False
    kind: DataKind = "regression"
    mask: Path | None = None


@cache
def examples(kind: DataKind = "regression") -> dict[str, Example]:
    """The shipped examples by name.

    Args:
        kind: ``"regression"`` for diagonal networks, ``"matrix"`` for deep ones.

    >>> sorted(examples())
    ['diabetes', 'shrinking', 'sign-flip']
    >>> sorted(examples("matrix"))
    ['completion-3x3', 'svd-3x3']
    """
    package = Path(__file__).parent.parent
    folder = next(p for p in (package / "examples", package.parent / "examples") if p.is_dir())
    catalogue = tomllib.loads((folder / "examples.toml").read_text(encoding="utf-8"))
    found = {}
    for name, entry in catalogue.items():
        if entry.get("kind", "regression") == kind:
            for key in {"file", "mask"} & entry.keys():
                entry[key] = folder / entry[key]
            found[name] = Example(name=name, path=entry.pop("file"), **entry)
    return found


def located(source: str | Path, kind: DataKind = "regression") -> tuple[Path, Example | None]:
    """The file that a user's word stands for: a path, ``-`` for standard input, or the name of an example.

    Raises:
        BadInputError: it stands for none.
    """
    if not isinstance(source, str | os.PathLike):
        raise BadInputError(f"{shown(source)} of type {type(source).__name__}", needed="the name of a file")
    path = Path(source)
    if str(source) == "-":
        return path, None
    refusal: type[BadInputError]
    what, refusal = "is neither a file nor a shipped example", UnknownNameError
    try:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            return path, None
        what = "is a folder"
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last for names with a NUL
        pass
    except OSError as error:
        raise BadInputError(f"{shown(source)} cannot be read ({error.strerror})") from None
    here = examples(kind)
    if str(source) in here:
        example = here[str(source)]
        return example.path, example
    other: DataKind = "matrix" if kind == "regression" else "regression"
    if str(source) in examples(other):
        room = "deep" if other == "matrix" else "diagonal"
        what, refusal = f"is an example for {room} linear networks", OtherWingError
    raise refusal(
        f"{shown(source)} {what}",
        needed=f"a file, - for standard input, or one of: {', '.join(sorted(here))}",
    )
