"""Where data come from and how a result was made: what a reader needs to make it again."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

from saddlesym.exact.text import encodable
from saddlesym.figures.style import source_date
from saddlesym.grids import Cell, Code, Name

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem

#: Packages whose versions can change what is computed or drawn.
_PACKAGES = ("python-flint", "numpy", "scipy", "matplotlib", "networkx")


@dataclass(frozen=True)
class Provenance:
    """A data file and what was done to it.

    Attributes:
        name: of the file, without its folders; empty for data given in Python.
        sha256: of the bytes of the file; empty likewise.
        reference: where the data of a shipped example come from.
        digest: SHA-256 of the exact data and their preparation, as in ``result.json``.
    """

    name: str
    sha256: str
    reference: str
    digest: str

    @classmethod
    def of(cls, problem: DiagonalProblem, name: str = "", reference: str = "") -> Provenance:
        """The provenance of a problem, and the ``name`` of the file it was read from if there is one."""
        data = {key: value for key, value in problem.data_document().items() if key != "source"}
        data["features"] = list(problem.feature_names)
        digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode("utf-8")).hexdigest()
        return cls(name, problem.source_digest, reference, digest)

    def facts(self, problem: DiagonalProblem) -> tuple[tuple[Cell, Cell], ...]:
        """What a page says about the data."""
        size = (
            f"n = {problem.n} rows, d = {problem.d} columns"
            if problem.has_data
            else f"d = {problem.d}, M and r"
        )
        done = [
            *(f"without {what}" for what in problem.left_out),
            "exact means taken off" if problem.is_centred else "",
            "columns divided by their standard deviations, rounded to three decimals"
            if problem.scale
            else "",
        ]
        items: list[tuple[Cell, Cell]] = [("size", size)]
        items.append(("preparation", "; ".join(filter(None, done)) or "none"))
        if self.name:
            items = [("file", Name(self.name)), ("SHA-256 of the file", Code(self.sha256)), *items]
        items.append(("SHA-256 of the exact data", Code(self.digest)))
        if self.reference:
            items.append(("source", self.reference))
        return tuple(items)

    def to_dict(self) -> dict[str, str]:
        """JSON-ready form."""
        return {
            "file": encodable(self.name),
            "sha256": self.sha256,
            "reference": self.reference,
            "data_sha256": self.digest,
        }


def versions() -> dict[str, str]:
    """The versions of saddlesym, Python and the packages that compute and draw."""
    from saddlesym import __version__

    out = {"saddlesym": __version__, "Python": platform.python_version()}
    return out | {name: metadata.version(name) for name in _PACKAGES}


def date() -> str:
    """The day that SOURCE_DATE_EPOCH names; empty when it is not set, so that pages can be made again.

    Raises:
        BadInputError: it is no number of seconds.
    """
    day = source_date()
    return "" if day is None else day.isoformat()


def colophon(command: str = "") -> tuple[tuple[Cell, Cell], ...]:
    """What the foot of a page says: versions, the command, the day if it is set."""
    items: list[tuple[Cell, Cell]] = []
    if command:
        items.append(("command", Code(command)))
    items.append(("versions", ", ".join(f"{name} {number}" for name, number in versions().items())))
    if date():
        items.append(("date", date()))
    return tuple(items)


def stamped(document: dict[str, Any]) -> dict[str, Any]:
    """A document with the versions that made it, and the day if it is set."""
    return document | {"versions": versions()} | ({"date": date()} if date() else {})
