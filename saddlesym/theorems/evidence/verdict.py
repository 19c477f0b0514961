"""Verdicts and evidence: what is known of a statement, and how.

The verdict and the kind of evidence are two axes that never stand in for each
other: a statement that held on a thousand instances is not proved, and a proof
says nothing about a bug in a float.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from saddlesym.exact.documents.results import Documented


class Verdict(StrEnum):
    """What a check answers.

    HOLDS, FAILS (a counterexample is kept), UNDECIDED (precision or budget ran
    out, or nothing admissible was tried), SKIPPED (an assumption fails here).
    """

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    UNDECIDED = "UNDECIDED"
    SKIPPED = "SKIPPED"


class Kind(StrEnum):
    """The kind of evidence, strongest first.

    KERNEL (a proof that Coq's kernel has checked), PROOF (an argument in words, every
    formula of which is checked; general), EXACT (rational arithmetic, these instances), BALL
    (rigorous enclosure, these instances), NUMERIC (not rigorous).
    """

    KERNEL = "kernel"
    PROOF = "proof"
    EXACT = "exact"
    BALL = "ball"
    NUMERIC = "numeric"


@dataclass(frozen=True)
class Evidence(Documented):
    """One piece of evidence for or against a statement.

    Attributes:
        kind: what sort of evidence it is.
        verdict: what it says.
        exercised: how many instances (or proof steps) were truly tried.
        detail: one sentence: what was done, or why nothing could be said.
        counterexample: JSON-ready exact data of a failing instance, else None.
        undecided: how many instances were tried without an answer.
        partial: for a proof, what keeps it from covering the whole statement.
        recorded: whether it is a counterexample on record, worked out anew, which says
            nothing about any other data.

    >>> Evidence(Kind.EXACT, Verdict.HOLDS, 12, "12 random instances").to_dict()["kind"]
    'exact'
    """

    kind: Kind
    verdict: Verdict
    exercised: int
    detail: str
    counterexample: dict[str, Any] | None = field(default=None, hash=False)
    undecided: int = 0
    partial: str = ""
    recorded: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; ``kind`` is that of the evidence, and what there is none of is left out."""
        always = ("kind", "verdict", "exercised", "detail")
        return {name: value for name, value in super().to_dict().items() if value or name in always}
