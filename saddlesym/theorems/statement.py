"""A theorem, conjecture or piece of folklore as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from saddlesym.exact.documents.results import Documented

Standing: TypeAlias = Literal["theorem", "recalled", "conjecture", "folklore"]
Wing: TypeAlias = Literal["diagonal", "deep"]


@dataclass(frozen=True)
class Statement(Documented):
    """One statement of the field, with what it assumes and where it comes from.

    Attributes:
        id: permanent, lower case with hyphens: ``"balancedness"``.
        title: a short name for people.
        text: the statement in one or two plain sentences.
        latex: the statement as LaTeX (without delimiters).
        source: paper key and number, as in ``"PF23, Theorem 2"``.
        assumptions: ids of executable assumptions that an instance must meet.
        uses: ids of the statements that its proof or meaning rests on.
        standing: ``"theorem"``, ``"recalled"`` (a theorem of the source, quoted from
            memory and not proved here), ``"conjecture"`` (open) or ``"folklore"`` (known
            to be false, kept with its counterexample).
        wing: the networks it is about, ``"diagonal"`` or ``"deep"``; its instances
            are problems of that wing.
    """

    id: str
    title: str
    text: str
    latex: str
    source: str
    assumptions: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    standing: Standing = "theorem"
    wing: Wing = "diagonal"

    @property
    def is_folklore(self) -> bool:
        """Whether the statement is kept because it is false."""
        return self.standing == "folklore"
