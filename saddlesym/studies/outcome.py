"""What a study found: claims with their verdicts and numbers, and the sections of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite
from typing import Any

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.text import exact_string
from saddlesym.exact.vectors import RationalVector
from saddlesym.grids import Cell, Rounded
from saddlesym.report.page import Prose, Section, prose
from saddlesym.theorems.evidence.verdict import Kind, Verdict


@dataclass(frozen=True)
class StudyClaim:
    """A claim that a run decided.

    Attributes:
        key: a short name, unique in the study.
        text: what is claimed.
        verdict: what the run says.
        kind: kind of the evidence.
        found: the numbers of this run, in words.
        numbers: the same numbers as values.
    """

    key: str
    text: Prose
    verdict: Verdict
    kind: Kind
    found: Prose
    numbers: Mapping[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, exact numbers as strings."""
        numbers = {name: _json(value) for name, value in self.numbers.items()}
        return {
            "claim": self.key, "verdict": str(self.verdict), "kind": str(self.kind), "numbers": numbers,
        }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a study found.

    Attributes:
        claims: what it claims, decided by this run.
        sections: tables and figures of its page.
        paths: exact paths by name; kept in ``result.json``, where ``saddlesym check`` decides them again.
    """

    claims: tuple[StudyClaim, ...]
    sections: tuple[Section, ...] = field(repr=False)
    paths: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def holds(self) -> bool:
        """Whether every claim holds."""
        return bool(self.claims) and all(claim.verdict is Verdict.HOLDS for claim in self.claims)

    def __getitem__(self, key: str) -> StudyClaim:
        """A claim by its key."""
        for claim in self.claims:
            if claim.key == key:
                return claim
        raise BadInputError(f"no claim {shown(key)}", needed=", ".join(claim.key for claim in self.claims))


def claim(key: str, text: str, holds: bool | None, kind: Kind, found: str = "", **numbers: Any) -> StudyClaim:
    """A claim, its verdict and what this run found.

    Args:
        key: a short name, unique in the study.
        text: what is claimed, a template of :func:`~saddlesym.report.page.prose`.
        holds: what the run says; None when it cannot say.
        kind: kind of the evidence.
        found: a template with ``{name}`` for numbers of this run.
        numbers: exact numbers, balls, floats, or lists of them.

    >>> one = claim("sum", "1 + 1 is even", 2 % 2 == 0, Kind.EXACT, "the sum is {total}", total=2)
    >>> one.verdict, one.found
    (<Verdict.HOLDS: 'HOLDS'>, ('the sum is ', 2))
    """
    verdict = Verdict.UNDECIDED if holds is None else Verdict.HOLDS if holds else Verdict.FAILS
    words = {name: _cell(value) for name, value in numbers.items()}
    return StudyClaim(key, prose(text, **words), verdict, kind, prose(found, **words), numbers)


def _cell(value: Any) -> Cell:
    if isinstance(value, Fraction):
        return str(Rounded(value))  # a long fraction is in result.json; here it would break the sentence
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, RationalVector):
        value = list(value)
    if isinstance(value, list | tuple):
        out: list[Any] = []
        for k, item in enumerate(value):
            cell = _cell(item)
            out += [", " if k else "", *(cell if isinstance(cell, tuple) else (cell,))]
        return tuple(piece for piece in out if piece != "") or "none"
    return value  # type: ignore[no-any-return]


def _json(value: Any) -> Any:
    if isinstance(value, Fraction):
        return exact_string(value)
    if isinstance(value, Ball):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_json(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return value if isinstance(value, str | int | bool) or value is None else str(value)
