"""Conjunctions: claims that a step makes together, and a claim for each of finitely many cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import EVERY, Checkable, ClaimOutcome, decide


@dataclass(frozen=True)
class All:
    """Several claims at once, the parts of one step: an identity, say, the sign of a term and a limit.

    Attributes:
        build: returns (label, claim) pairs.

    >>> from saddlesym.theorems.claims import Identity
    >>> sum_, product = Identity(lambda: (1 + 1, 2)), Identity(lambda: (2 * 3, 6))
    >>> All(lambda: [("sum", sum_), ("product", product)]).check().detail
    'all of sum, product'
    """

    build: Callable[[], Iterable[tuple[str, Checkable]]]

    def check(self) -> ClaimOutcome:
        """The first part that does not hold decides; no part at all is undecided."""
        labels = []
        for label, claim in self.build():
            outcome = decide(claim)
            if not outcome.holds:
                return ClaimOutcome(outcome.verdict, f"{label}: {outcome.detail}")
            if isinstance(claim, Each):
                return ClaimOutcome(
                    Verdict.UNDECIDED, f"{label}: only for {claim.scope}; needed: a step of its own"
                )
            labels.append(label)
        if not labels:
            return ClaimOutcome(Verdict.UNDECIDED, "there is no case")
        return ClaimOutcome(Verdict.HOLDS, f"all of {', '.join(labels)}")


@dataclass(frozen=True)
class Each(All):
    """The same claim in finitely many cases of many, for example for each d ≤ 4, which proves no more.

    Attributes:
        build: returns (label, claim) pairs.
        scope: which cases these are; a step that makes the claim has this scope and no other.

    >>> from saddlesym.theorems.claims import Identity
    >>> cases = [(f"d = {d}", Identity(lambda d=d: (d + d, 2 * d))) for d in (1, 2)]
    >>> Each(lambda: cases, scope="d <= 2").check().detail
    'all of d = 1, d = 2'
    """

    scope: str = ""

    def __post_init__(self) -> None:
        if not self.scope or self.scope == EVERY:
            raise ValueError(
                f"finitely many cases are {self.scope or 'not named'}; needed: which, as in 'd <= 4'"
            )
