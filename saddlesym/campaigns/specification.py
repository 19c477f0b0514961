"""What a campaign is: which random data, how many of them, and what is measured."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import whole_number
from saddlesym.files import read_bytes
from saddlesym.laboratory.ensembles import Ensemble
from saddlesym.laboratory.language.evaluation import TextLaw
from saddlesym.laboratory.language.parsing import parse_law, parse_measure

#: Bounds on a campaign: instances, cells of its grid, measures, bytes of its file.
MAX_INSTANCES = 10**9
MAX_CELLS = 10_000
MAX_MEASURES = 64
MAX_BYTES = 2**20
#: Columns that every row has.
FIXED = ("number", "cell", "n", "d", "status")

_KEYS = {"title", "instances", "seed", "block", "ensemble", "grid", "measures", "exact"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_EXAMPLES = "campaigns"


@dataclass(frozen=True)
class Measure:
    """One column of the rows.

    Attributes:
        name: of the column.
        text: in the language of laws; ``$k`` stands for a parameter of the cell.
        exact: whether the exact value is kept as text too, in the column ``NAME_exact``.
    """

    name: str
    text: str
    exact: bool = False

    def law(self, parameters: Mapping[str, str]) -> TextLaw:
        """The measure in one cell, its parameters put in.

        Raises:
            BadInputError: it is neither a number nor true or false, or names a parameter that is none.
        """

        def value(match: re.Match[str]) -> str:
            if match[1] not in parameters:
                raise BadInputError(
                    f"${match[1]} in the measure {self.name}", needed=f"one of {', '.join(parameters)}"
                )
            return f"({parameters[match[1]]})"

        text = re.sub(r"\$([A-Za-z_][A-Za-z0-9_]*)", value, self.text)
        try:
            parse_measure(text)
        except BadInputError as error:
            try:
                parse_law(text)
            except BadInputError:
                raise error from None
            return TextLaw(text)
        return TextLaw(text, measure=True)


@dataclass(frozen=True)
class GridCell:
    """One point of the grid: an ensemble, and the parameters by name as text."""

    ensemble: Ensemble
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class InstanceBlock:
    """Consecutive instances of one cell, the unit of work and of what is kept.

    Attributes:
        number: of the block, from 0.
        cell: number of its cell.
        start, stop: instances of the cell.
    """

    number: int
    cell: int
    start: int
    stop: int


@dataclass(frozen=True)
class Campaign:
    """Random data, how many of them, and what is measured on each.

    Attributes:
        title: one line about it.
        cells: the points of the grid.
        measures: the columns.
        instances: data sets in each cell.
        seed: with the number of an instance it fixes the data, whatever runs where.
        block: data sets in one block.

    >>> campaign = Campaign.of({"ensemble": {"name": "integer", "n": 2, "d": 2}, "instances": 4,
    ...                         "measures": {"jumps": "jumps"}})
    >>> campaign.total, len(list(campaign.blocks()))
    (4, 1)
    """

    title: str
    cells: tuple[GridCell, ...]
    measures: tuple[Measure, ...]
    instances: int
    seed: int
    block: int

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Campaign:
        """A campaign from its fields, as a file has them.

        Args:
            content: ``ensemble`` (``name``, ``n``, ``d`` and its parameters), ``grid`` (lists of values of
                some of these: every combination is a cell), ``measures`` (name to text),
                ``exact`` (names kept exactly too), ``instances`` in each cell, ``seed``, ``block``,
                ``title``.

        Raises:
            BadInputError: a field that is missing, unknown, or cannot be read.
        """
        unknown = set(content) - _KEYS
        missing = {"ensemble", "measures", "instances"} - set(content)
        if unknown or missing:
            what = [f"no {name}" for name in sorted(missing)] + [f"{shown(name)}" for name in sorted(unknown)]
            raise BadInputError(
                f"a campaign with {', '.join(what)}",
                needed="ensemble, measures and instances; grid, seed, block, exact and title if wanted",
            )
        measures = _measures(content["measures"], content.get("exact", []))
        cells = _cells(content["ensemble"], content.get("grid", {}))
        instances = whole_number(content["instances"], "instances", 1)
        if instances * len(cells) > MAX_INSTANCES:
            raise BadInputError(
                f"{instances * len(cells)} instances", needed=f"at most {MAX_INSTANCES}", hint="fewer"
            )
        for cell in cells:
            for measure in measures:
                measure.law(dict(cell.parameters))
        title = content.get("title", "")
        return cls(
            title if isinstance(title, str) else "",
            cells,
            measures,
            instances,
            whole_number(content.get("seed", 1), "seed", 0),
            whole_number(content.get("block", 1000), "block", 1, 10**6),
        )

    @property
    def total(self) -> int:
        """Data sets in all cells."""
        return self.instances * len(self.cells)

    def blocks(self) -> Iterator[InstanceBlock]:
        """All blocks, in order."""
        number = 0
        for cell in range(len(self.cells)):
            for start in range(0, self.instances, self.block):
                yield InstanceBlock(number, cell, start, min(start + self.block, self.instances))
                number += 1

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: what is fixed by the file, cell by cell."""
        return {
            "title": self.title,
            "cells": [{"ensemble": str(c.ensemble), "parameters": dict(c.parameters)} for c in self.cells],
            "measures": {m.name: m.text for m in self.measures},
            "exact": [m.name for m in self.measures if m.exact],
            "instances": self.instances,
            "seed": self.seed,
            "block": self.block,
        }

    def digest(self) -> str:
        """A hash of all that fixes the rows; the title does not."""
        fields = {key: value for key, value in self.to_dict().items() if key != "title"}
        return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _measures(given: Any, exact: Any) -> tuple[Measure, ...]:
    if not isinstance(given, Mapping) or not 0 < len(given) <= MAX_MEASURES:
        raise BadInputError(
            f"measures {shown(given)}",
            needed=f"1 to {MAX_MEASURES} names with a text each",
            hint='jumps = "jumps"',
        )
    if not isinstance(exact, list) or not set(map(str, exact)) <= set(given):
        raise BadInputError(f"exact is {shown(exact)}", needed="a list of names of measures")
    for name, text in given.items():
        if not _NAME.fullmatch(name) or name in FIXED or name.endswith("_exact"):
            raise BadInputError(
                f"the measure {shown(name)}",
                needed=f"a name of small letters, digits and _, none of {', '.join(FIXED)}",
            )
        if not isinstance(text, str):
            raise BadInputError(f"the measure {name} is {shown(text)}", needed="a text such as time(final)")
    return tuple(Measure(name, text, name in exact) for name, text in given.items())


def _cells(ensemble: Any, grid: Any) -> tuple[GridCell, ...]:
    if not isinstance(ensemble, Mapping) or not isinstance(ensemble.get("name"), str):
        raise BadInputError(
            f"ensemble {shown(ensemble)}", needed="its name, n, d and parameters",
            hint='ensemble = { name = "gaussian", n = 10, d = 20 }',
        )  # fmt: skip
    if not isinstance(grid, Mapping) or not all(isinstance(v, list) and v for v in grid.values()):
        raise BadInputError(f"grid {shown(grid)}", needed="lists of values", hint="grid = { n = [5, 10] }")
    size = 1
    for values in grid.values():
        size *= len(values)
    if size > MAX_CELLS or "name" in grid:
        raise BadInputError(f"a grid of {size} cells", needed=f"at most {MAX_CELLS}, of one ensemble")
    cells = []
    for values in product(*grid.values()):
        given = {k: _number(v) for k, v in {**ensemble, **dict(zip(grid, values, strict=True))}.items()}
        one = Ensemble.of(**given)
        parameters = {**{k: str(v) for k, v in given.items() if k != "name"}}
        parameters |= {key: str(value) for key, value in one.parameters.items()}
        cells.append(GridCell(one, tuple(sorted(parameters.items()))))
    return tuple(cells)


def _number(value: Any) -> Any:
    """A float of a TOML file as the decimal that was written."""
    return repr(value) if isinstance(value, float) else value


def shipped_campaigns() -> dict[str, Path]:
    """The campaigns that are shipped, by name."""
    package = Path(__file__).parents[1]
    folders = (package / "examples" / _EXAMPLES, package.parent / "examples" / _EXAMPLES)
    found = next((folder for folder in folders if folder.is_dir()), None)
    return {} if found is None else {path.stem: path for path in sorted(found.glob("*.toml"))}


def read_campaign(source: str | Path) -> Campaign:
    """A campaign from a TOML file, or a shipped one by its name.

    Raises:
        BadInputError: it cannot be read as one.
    """
    path = Path(source)
    if not path.exists() and str(source) in shipped_campaigns():
        path = shipped_campaigns()[str(source)]
    if not path.exists():
        raise BadInputError(
            f"there is no campaign {shown(str(source))}",
            needed=f"a TOML file, or {', '.join(shipped_campaigns())}",
        )
    try:
        content = tomllib.loads(read_bytes(path, MAX_BYTES).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        raise BadInputError(
            f"{shown(str(source))} is not read: {why[:200]}", needed="a campaign as TOML"
        ) from None
    return Campaign.of(content)
