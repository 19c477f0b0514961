"""A claim for each of finitely many cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from saddlesym.theorems.proof import Claim, Outcome
from saddlesym.theorems.verdict import Verdict


@dataclass(frozen=True)
class Each:
    """The conjunction of labelled claims, for example one for each d ≤ 4.

    Attributes:
        build: returns (label, claim) pairs.

    >>> from saddlesym.theorems.claims import Identity
    >>> Each(lambda: [(f"d = {d}", Identity(lambda d=d: (d + d, 2 * d))) for d in (1, 2)]).check().detail
    'all of d = 1, d = 2'
    """

    build: Callable[[], Iterable[tuple[str, Claim]]]

    def check(self) -> Outcome:
        """The first case that does not hold decides; no case at all is undecided."""
        labels = []
        for label, claim in self.build():
            outcome = claim.check()
            if not outcome.holds:
                return Outcome(outcome.verdict, f"{label}: {outcome.detail}")
            labels.append(label)
        if not labels:
            return Outcome(Verdict.UNDECIDED, "there is no case")
        return Outcome(Verdict.HOLDS, f"all of {', '.join(labels)}")
