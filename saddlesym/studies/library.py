"""The shipped studies: which there are, how to load one by its name, its page and its JSON twin.

A checkout has them in ``examples/studies/``, an installed package in
``saddlesym/examples/studies/``. Only these files are ever loaded by name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from saddlesym.errors import BadInputError, shown
from saddlesym.grids import Grid
from saddlesym.report.page import CodeBlock, Folded, Page, Paragraph, Section, Table, prose
from saddlesym.report.provenance import colophon, stamped
from saddlesym.studies.outcome import Outcome

_PARTS = ("Question", "Source", "Seen")


@dataclass(frozen=True)
class Study:
    """A case study: a program, and what its docstring says about it.

    Attributes:
        name: what to call it.
        path: its file.
        title: one line.
        question: what it asks.
        source: where the question or the data come from.
        seen: what there is to see.
    """

    name: str
    path: Path = field(repr=False)
    title: str
    question: str = field(repr=False)
    source: str = field(repr=False)
    seen: str = field(repr=False)

    @classmethod
    def of(cls, path: Path) -> Study:
        """What a file says about itself; it is not run.

        Raises:
            BadInputError: its docstring has no title, question, source or what is seen.
        """
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        title, *paragraphs = (re.sub(r"\s+", " ", part).strip() for part in text.split("\n\n"))
        told = {word: rest.strip() for word, _, rest in (part.partition(". ") for part in paragraphs)}
        if not title or not all(told.get(part) for part in _PARTS):
            raise BadInputError(
                f"{shown(path.name)} does not introduce itself", needed=f"a title and {', '.join(_PARTS)}"
            )
        return cls(path.stem.replace("_", "-"), path, title.rstrip("."), *(told[part] for part in _PARTS))

    def run(self, quick: bool = False, say: Callable[[str], None] = lambda _what: None) -> Outcome:
        """Do the study.

        Args:
            quick: a small version of the same.
            say: called with what is going on.
        """
        spec = spec_from_file_location(f"saddlesym_studies.{self.path.stem}", self.path)
        assert spec is not None  # it is a Python file
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        outcome: Outcome = module.study(quick, say)
        return outcome

    def page(self, outcome: Outcome, quick: bool) -> Page:
        """The page of an outcome: the question, the verdicts, what was found, the program itself."""
        held = sum(claim.verdict == "HOLDS" for claim in outcome.claims)
        rows = tuple((one.text, str(one.verdict), str(one.kind), one.found) for one in outcome.claims)
        grid = Grid(
            "What is claimed, and what this run says", ("claim", "verdict", "evidence", "found"), rows,
            frozenset({0, 1, 2, 3}),
        )  # fmt: skip
        text = prose(
            "{held} of {all} claims hold. Every verdict and number was computed in this run. Evidence is"
            " exact (rational arithmetic), ball (a rigorous enclosure) or numeric (not rigorous).",
            held=held, all=len(rows),
        )  # fmt: skip
        command = f"saddlesym study {self.name}{' --quick' if quick else ''}"
        program = CodeBlock(self.path.read_text(encoding="utf-8"))
        again = Section("again", "Do it again", (
            CodeBlock(f"{command}\nsaddlesym check result.json" if outcome.paths else command),
            Folded(prose("The program"), (program,)),
        ))  # fmt: skip
        claims = Section("claims", "Claims and verdicts", (Paragraph(text), Table(grid)))
        source = Section("source", "Source", (Paragraph((self.source,)),))
        foot = (("setting", "quick" if quick else "full"), *colophon(command))
        return Page(self.title, (self.question,), (claims, *outcome.sections, source, again), foot)

    def twin(self, outcome: Outcome, quick: bool) -> dict[str, Any]:
        """The page as one JSON document; ``saddlesym check`` decides its paths again."""
        return stamped({
            "kind": "study",
            "study": self.name,
            "quick": quick,
            "claims": [one.to_dict() for one in outcome.claims],
            "paths": {name: path.to_dict() for name, path in outcome.paths.items()},
        })  # fmt: skip


@cache
def studies() -> dict[str, Study]:
    """The shipped studies by name.

    >>> studies()["diabetes-sign-flip"].path.name
    'diabetes_sign_flip.py'
    """
    package = Path(__file__).parents[1]
    places = (package / "examples" / "studies", package.parent / "examples" / "studies")
    folder = next(place for place in places if place.is_dir())
    found = map(Study.of, sorted(folder.glob("[a-z]*.py")))
    return {study.name: study for study in found}


def load_study(name: str) -> Study:
    """A shipped study.

    Raises:
        BadInputError: there is none of that name.

    >>> load_study("shapes-and-chains").title
    'Shapes of the initialisation that realise other chains of saddles'
    """
    if name not in studies():
        raise BadInputError(f"there is no study {shown(name)}", needed=f"one of: {', '.join(studies())}")
    return studies()[name]
