"""Families of problems: entries that depend on a few parameters, and the ranges of these."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from saddlesym.diagonal.symbolic.problem import SymbolicProblem
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import rational
from saddlesym.exact.text import exact_string
from saddlesym.files import read_bytes

#: Most bytes of a file with a family.
MAX_BYTES = 2**20
#: Most columns: conditions of a path grow with their number.
MAX_COLUMNS = 12
#: Most parameters, with two columns.
MAX_PARAMETERS = 6
_KEYS = {"title", "parameters", "M", "r", "X", "y"}
_EXAMPLES = "families"


@dataclass(frozen=True)
class Family:
    """Problems with one or two parameters (with at most two columns: up to six), and their ranges.

    Attributes:
        problem: the symbolic problem.
        ranges: by parameter, in the order of ``problem.parameters``: lower and upper end.
        title: one line about it.

    >>> Family.of({"parameters": {"rho": ["-1", 1]}, "M": [[1, "rho"], ["rho", 1]], "r": [1, "1/2"]})
    Family(d=2, rho in [-1, 1])
    """

    problem: SymbolicProblem
    ranges: tuple[tuple[Fraction, Fraction], ...]
    title: str = ""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Family:
        """A family from its fields, as a file has them.

        Args:
            content: ``parameters`` maps each name to its two ends; ``M`` (d × d) and ``r`` (d), or
                ``X`` (n × d) and ``y`` (n), have numbers or expressions as texts; ``title`` is optional.

        Raises:
            BadInputError: a field that is missing, unknown, or cannot be read.
        """
        unknown = sorted(set(content) - _KEYS, key=str)
        given: set[str] = {key for key in ("M", "r", "X", "y") if key in content}
        if unknown or given not in ({"M", "r"}, {"X", "y"}):
            raise BadInputError(
                f"a family with {', '.join(shown(k) for k in content) or 'nothing'}",
                needed="parameters, and M and r, or X and y",
                hint='parameters = { rho = [-1, 1] }, M = [[1, "rho"], ["rho", 1]], r = [1, "1/2"]',
            )
        parameters = content.get("parameters")
        if not isinstance(parameters, Mapping) or not 0 < len(parameters) <= MAX_PARAMETERS:
            raise BadInputError(
                f"parameters {shown(parameters)}",
                needed="one or two parameters with their ranges (up to six for two columns)",
                hint="parameters = { rho = [-1, 1] }",
            )
        ranges = tuple(_range(name, ends) for name, ends in parameters.items())
        names = [str(name) for name in parameters]
        size = content["r"] if "r" in content else content["X"]
        columns = size if "r" in content else size[0] if isinstance(size, list) and size else size
        if not isinstance(columns, list) or len(columns) > MAX_COLUMNS:
            raise BadInputError(
                f"{'r' if 'r' in content else 'X'} is {shown(size)}",
                needed=f"a list of at most {MAX_COLUMNS} columns",
            )
        if len(parameters) > 2 and len(columns) > 2:
            raise BadInputError(
                f"{len(parameters)} parameters for {len(columns)} columns",
                needed="at most two parameters, unless there are only two columns",
                hint="numbers for some of them",
            )
        if given == {"M", "r"}:
            problem = SymbolicProblem.from_gram(content["M"], content["r"], names)
        else:
            problem = SymbolicProblem.from_data(content["X"], content["y"], names)
        title = content.get("title", "")
        return cls(problem, ranges, title if isinstance(title, str) else "")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return self.problem.field.names

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; :meth:`of` reads it back."""
        fields = self.problem.to_dict()
        entries = {key: value for key, value in fields.items() if key in ("M", "r", "X", "y")}
        ends = {
            name: [exact_string(low), exact_string(high)]
            for name, (low, high) in zip(self.names, self.ranges, strict=True)
        }
        return {"title": self.title, "parameters": ends, **entries}

    def __repr__(self) -> str:
        pairs = zip(self.names, self.ranges, strict=True)
        ends = (f"{name} in [{exact_string(a)}, {exact_string(b)}]" for name, (a, b) in pairs)
        return f"Family(d={self.problem.d}, {', '.join(ends)})"


def _range(name: Any, ends: Any) -> tuple[Fraction, Fraction]:
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise BadInputError(f"the range of {shown(name)} is {shown(ends)}", needed="its two ends")
    low, high = (rational(end) for end in ends)
    if not low < high:
        raise BadInputError(f"the range of {shown(name)} is {shown(ends)}", needed="lower < upper")
    return low, high


def shipped_families() -> dict[str, Path]:
    """The families that are shipped, by name."""
    package = Path(__file__).parents[1]
    folders = (package / "examples" / _EXAMPLES, package.parent / "examples" / _EXAMPLES)
    found = next((folder for folder in folders if folder.is_dir()), None)
    return {} if found is None else {path.stem: path for path in sorted(found.glob("*.toml"))}


def read_family(source: str | Path) -> Family:
    """A family from a TOML or JSON file, or a shipped one by its name.

    Raises:
        BadInputError: it cannot be read as one.
        OSError: there is no such file.
    """
    path = Path(source)
    if not path.exists() and str(source) in shipped_families():
        path = shipped_families()[str(source)]
    if not path.exists() and str(source) != "-":
        raise BadInputError(
            f"there is no family {shown(str(source))}",
            needed=f"a TOML or JSON file, or {', '.join(shipped_families())}",
        )
    text = read_bytes(path, MAX_BYTES).decode("utf-8", "replace")
    try:
        content = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        raise BadInputError(
            f"{shown(str(source))} is not read: {why[:200]}", needed="a family as TOML or JSON"
        ) from None
    if not isinstance(content, dict):
        raise BadInputError(f"{shown(str(source))} is not a family", needed="a TOML or JSON table")
    return Family.of(content)
