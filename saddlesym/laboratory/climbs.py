"""Climbing towards a counterexample: data changed step by step while the law comes nearer to being false.

Random data show what is typical and a box what is small; a law such as ``jumps <= 2*d`` is false only on data
that are neither.  How near a law in the language is to being false on given data is a number, its margin
(:meth:`saddlesym.laboratory.language.evaluation.TextLaw.margin`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import SaddlesymError
from saddlesym.exact.scalars import whole_number
from saddlesym.laboratory.language.evaluation import TextLaw
from saddlesym.laboratory.language.quantities import Subject

#: Steps without coming nearer, per column, after which a climb ends.
_PATIENCE = 60
#: By how much an entry is changed, at most, on small and on large steps.
_SMALL, _LARGE = 5, 30


@dataclass(frozen=True)
class Climb:
    """One climb, fixed by the law, the seed and its number.

    Attributes:
        law: what is to become false.
        columns: columns and rows of the data, the fewest and the most.
        steps: most data that are looked at.
        seed: of the climbs.
        number: of this one.
    """

    law: TextLaw
    columns: tuple[int, int]
    steps: int
    seed: int
    number: int

    #: A climb is one piece of work.
    weight = 1

    def problems(self) -> Iterator[DiagonalProblem]:
        """The data at which the law came nearer to being false."""
        rng = random.Random(f"climb/{self.law.text}/{self.columns}/{self.seed}/{self.number}")
        d = rng.randint(*self.columns)
        rows = [[rng.randint(-9, 9) for _ in range(d + 1)] for _ in range(d)]
        margin, stale = self._margin(rows), 0
        yield _problem(rows)
        for _ in range(self.steps):
            candidate = [row[:] for row in rows]
            for _ in range(rng.choice((1, 1, 2, 3))):
                step = rng.choice((-1, 1, rng.randint(-_SMALL, _SMALL), rng.randint(-_LARGE, _LARGE)))
                candidate[rng.randrange(d)][rng.randrange(d + 1)] += step
            found = self._margin(candidate)
            if found is None or (margin is not None and found < margin):
                stale += 1
            else:  # what is as near is taken too, so that it wanders where there is no slope
                nearer = margin is None or found > margin
                rows, margin, stale = candidate, found, 0 if nearer else stale + 1
                if nearer:
                    yield _problem(rows)
            if stale > _PATIENCE * d:
                return

    def _margin(self, rows: list[list[int]]) -> Any:
        """How near the law is to being false; None where it says nothing."""
        try:
            return self.law.margin(Subject(_problem(rows)))
        except SaddlesymError:
            return None


def _problem(rows: list[list[int]]) -> DiagonalProblem:
    return DiagonalProblem([row[:-1] for row in rows], [row[-1] for row in rows])


@dataclass(frozen=True)
class Climbs:
    """Some climbs on square integer data.

    Attributes:
        law: a law in the language.
        count: how many climbs.
        columns: columns (and rows) of the data, the fewest and the most.
        steps: most data that one climb looks at.
        seed: seed of the climbs.

    >>> from saddlesym.laboratory.conjecture import Conjecture
    >>> from saddlesym.laboratory.refutation import refute
    >>> law = Conjecture.written("flips == 0 or jumps <= d")
    >>> refute(law, Climbs(TextLaw(law.text), 5)).verdict
    <Verdict.FAILS: 'FAILS'>
    """

    law: TextLaw
    count: int = 20
    columns: tuple[int, int] = (2, 5)
    steps: int = 3000
    seed: int = 1

    #: What fails first is not the smallest.
    ordered = False

    def __post_init__(self) -> None:
        whole_number(self.count, "count", 1, 10**6)

    def blocks(self, _symmetries: frozenset[str]) -> list[Climb]:
        """The climbs, one by one."""
        return [Climb(self.law, self.columns, self.steps, self.seed, number) for number in range(self.count)]

    def __str__(self) -> str:
        a, b = self.columns
        return f"{self.count} climbs on integer data of {a} to {b} columns, seed {self.seed}"

    def up_to(self, block: Climb) -> str:
        """How far it was searched when the last block was this one."""
        return f"{self}, of these the first {block.number + 1}"
