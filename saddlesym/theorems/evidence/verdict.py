"""Verdicts and evidence: what is known of a statement, and how.

The verdict and the kind of evidence are two axes that never stand in for each
other: a statement that held on a thousand instances is not proved, and a proof
says nothing about a bug in a float.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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
class Evidence:
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
        """JSON-ready form."""
        out: dict[str, Any] = {
            "kind": str(self.kind),
            "verdict": str(self.verdict),
            "exercised": self.exercised,
            "detail": self.detail,
        }
        if self.undecided:
            out["undecided"] = self.undecided
        if self.partial:
            out["partial"] = self.partial
        if self.counterexample is not None:
            out["counterexample"] = self.counterexample
        return out
