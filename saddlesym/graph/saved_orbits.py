"""Orbits that were followed, kept in a file of one JSON document a line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import saddlesym
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.documents.results import Documented, entry
from saddlesym.files import read_bytes

#: Of the lines of a file of results; another format or version is not believed.
_FORMAT = f"saddlesym {saddlesym.__version__}, orbits 3"

SupportPair = tuple[tuple[int, ...], tuple[int, ...], bool]


@dataclass(frozen=True)
class CheckedTransition(Documented):
    """One pair of saddles and where the orbit between them went.

    Attributes:
        source: support of the saddle the orbit leaves.
        target: support of the saddle it should reach, or should not.
        edge: whether the pair was claimed to be a transition.
        verdict: ``confirmed``, ``contradicted`` or ``undecided``.
        distance: largest coordinate distance of the orbit's end from the exact target,
            in the orbit's units (a power of two per column, of the size of β there).
        arc_length: length of the orbit in β, up to 20 digits; empty when it was not
            asked for or does not settle.
        note: where the orbit ends instead, or why nothing was decided.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    edge: bool
    verdict: str
    distance: str = ""
    arc_length: str = ""
    note: str = ""


@dataclass(frozen=True)
class OrbitSettings:
    """How orbits are followed."""

    digits: int
    arc_lengths: bool
    max_steps: int


class SavedOrbits:
    """A file of results, one JSON document a line, that may have been cut off anywhere."""

    def __init__(self, path: Path, problem: DiagonalProblem, settings: OrbitSettings) -> None:
        self.path, self.settings = path, settings
        data = {name: value for name, value in problem.data_document().items() if name != "source"}
        text = json.dumps([_FORMAT, data, settings.digits, settings.arc_lengths], sort_keys=True)
        self.key = hashlib.sha256(text.encode()).hexdigest()[:16]

    def read(self) -> dict[SupportPair, CheckedTransition]:
        """What it holds for these data and settings."""
        try:
            if self.path.exists() and not self.path.is_file():
                raise BadInputError(
                    f"{shown(str(self.path))} is no file", needed="a file that can be added to"
                )
            content = read_bytes(self.path).decode("utf-8") if self.path.exists() else ""
        except UnicodeDecodeError:
            raise self._no_results() from None
        except OSError as error:
            raise BadInputError(f"{shown(str(self.path))} cannot be read ({error.strerror})") from None
        whole, _, _cut_off = content.rpartition("\n")
        if any(not line.startswith('{"') for line in whole.split("\n") if line.strip()):
            raise self._no_results()  # results are not added to a file of something else
        return dict(filter(None, map(self._result, content.split("\n"))))

    def _no_results(self) -> BadInputError:
        return BadInputError(
            f"{shown(str(self.path))} is no file of saved checks",
            needed="a new name, or a file of an earlier --check",
        )

    def _digest(self, entry: dict[str, Any]) -> str:
        """Of a line, its data and its settings: a line changed by hand is not believed."""
        text = json.dumps([self.key, entry], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _result(self, line: str) -> tuple[SupportPair, CheckedTransition] | None:
        try:
            entry = json.loads(line)
            digest = entry.pop("digest")
            if entry.get("key") != self.key or digest != self._digest(entry):
                return None
            del entry["key"]
            steps = entry.pop("max_steps")
            entry["source"], entry["target"] = tuple(entry["source"]), tuple(entry["target"])
            checked = CheckedTransition(**entry)
            known = checked.verdict in ("confirmed", "contradicted", "undecided")
            whole = known and type(checked.edge) is bool
            words = (checked.distance, checked.arc_length, checked.note)
            whole = whole and all(type(word) is str for word in words)
            if not whole or any(type(i) is not int for i in (steps, *checked.source, *checked.target)):
                return None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None  # a line cut off by an interruption
        if checked.verdict == "undecided" and steps < self.settings.max_steps:
            return None  # more steps may decide it
        return (checked.source, checked.target, checked.edge), checked

    def prepare(self) -> None:
        """See that lines can be added, and that the next one does not continue one that was cut off."""
        try:
            with self.path.open("a+b") as stream:
                if stream.tell():
                    stream.seek(-1, 2)
                    if stream.read(1) != b"\n":
                        stream.write(b"\n")
        except OSError as error:
            raise BadInputError(f"{shown(str(self.path))} cannot be written ({error.strerror})") from None

    def append(self, checked: CheckedTransition) -> None:
        """Add a result."""
        # as it is read back, so that the digest is of the same
        settings = {"key": self.key, "max_steps": self.settings.max_steps}
        line = json.loads(json.dumps(settings | entry(checked)))
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line | {"digest": self._digest(line)}) + "\n")
