"""What an executable assumption is, and what it finds on a problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from saddlesym.errors import SaddlesymError
from saddlesym.theorems.statement import Wing
from saddlesym.theorems.wings import Problem


@dataclass(frozen=True)
class Finding:
    """Whether an assumption holds on a problem.

    Attributes:
        holds: True, False, or None when it could not be decided.
        reason: why it does not hold (naming columns), or was not decided.
    """

    holds: bool | None
    reason: str = ""


@dataclass(frozen=True)
class Assumption:
    """An assumption of a statement.

    Attributes:
        id: permanent id.
        sentence: what is assumed.
        examine: the test of one problem of the wing.
        wing: the kind of problem it is about.
    """

    id: str
    sentence: str
    examine: Callable[[Any], Finding]
    wing: Wing = "diagonal"

    def __call__(self, problem: Problem) -> Finding:
        """Examine a problem."""
        try:
            return self.examine(problem)
        except SaddlesymError as error:
            return Finding(None, str(error))
