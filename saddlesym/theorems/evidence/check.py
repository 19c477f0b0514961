"""What a check is: a law that an instance obeys, and a false law that it must reject.

A law reads a problem and yields facts, each true or false, as it goes through
what it compares.  The first false fact is a counterexample.  A law that yields
nothing has tried nothing, which is UNDECIDED and never HOLDS.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import NonUniqueMinimiserError, SaddlesymError
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.wings import Problem


class UndecidedError(SaddlesymError):
    """Precision or budget ran out before a check could answer."""


@dataclass(frozen=True)
class Fact:
    """One comparison.

    Attributes:
        holds: what came out; None when the balls overlap and nothing can be said.
        what: what was compared, with its numbers, for the case that it is false.
    """

    holds: bool | None
    what: str


#: A law reads a problem of the wing that its statement belongs to.
Law: TypeAlias = Callable[[Any], Iterator[Fact]]
Data: TypeAlias = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]

#: Two correlated columns; enough to see through most false variants.
PLAIN: Data = (((2, 1), (-1, 2), (1, 1)), (3, -1, 1))
#: A coordinate leaves and returns with the other sign.
FLIPPING: Data = (((-3, -1), (-1, 0)), (-1, 1))
#: The active set shrinks.
SHRINKING: Data = (((1, -2, 0), (2, 2, -1), (-1, 1, 0)), (0, -1, 0))


@dataclass(frozen=True)
class Check:
    """A check of one statement on one instance.

    Attributes:
        statement: id of the statement.
        kind: kind of its evidence.
        sentence: what is compared with what.
        law: the comparison itself.
        variant: a false law, close to the true one, that the check must reject.
        variant_sentence: what the false law claims.
        family: name of the sampler of admissible instances (``samplers.FAMILIES``).
        witness: an instance on which the false variant fails: its X and y, or what makes it.
        share: the part of a campaign's instances that this check is given, since
            following a flow costs more than comparing fractions.
        of_any_part: whether the law holds of a path up to any of its jumps, too.
    """

    statement: str
    kind: Kind
    sentence: str
    law: Law
    variant: Law
    variant_sentence: str
    family: str
    witness: Data | Callable[[], Problem] = PLAIN
    share: float = 1.0
    of_any_part: bool = False

    def example(self) -> Problem:
        """The instance on which the false variant fails."""
        return self.witness() if callable(self.witness) else DiagonalProblem(*self.witness)

    def __call__(self, problem: Problem) -> Evidence:
        """The evidence that this instance gives."""
        return evidence(self.kind, self.law, problem)

    def reject(self, problem: Problem) -> Evidence:
        """The evidence on the planted false variant; FAILS where the check sees through it."""
        return evidence(self.kind, self.variant, problem)


def evidence(kind: Kind, law: Law, problem: Problem) -> Evidence:
    """Run a law on an instance.

    An instance that a check cannot be run on, whatever the typed error, is undecided; other checks
    and instances may still answer.
    """
    facts = 0
    try:
        for fact in law(problem):
            if fact.holds is None:
                told = f"the precision or the scale does not decide: {fact.what}"
                return Evidence(kind, Verdict.UNDECIDED, 0, told)
            if not fact.holds:
                return Evidence(kind, Verdict.FAILS, 1, fact.what, problem.data_document())
            facts += 1
    except NonUniqueMinimiserError as error:
        return Evidence(kind, Verdict.SKIPPED, 0, f"unique-minimisers does not hold: {error.given}")
    except SaddlesymError as error:
        return Evidence(kind, Verdict.UNDECIDED, 0, str(error))
    if not facts:
        return Evidence(kind, Verdict.UNDECIDED, 0, "this instance has nothing to compare")
    return Evidence(kind, Verdict.HOLDS, 1, f"{facts} comparisons")


def seeded(problem: DiagonalProblem, salt: str) -> random.Random:
    """A generator fixed by the data, so that the same instance is always tried at the same points."""
    M, r = problem.M, problem.r
    return random.Random(zlib.crc32(repr((salt, M, r)).encode()))
