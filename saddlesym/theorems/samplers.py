"""Seeded samplers of instances for campaigns: problems of both wings, drawn by family.

An instance is fixed by (family, seed, number); it never depends on what else a
campaign does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeAlias

from saddlesym.errors import BadInputError, shown
from saddlesym.theorems.assumptions import first_unmet
from saddlesym.theorems.deep.samplers import DEEP_FAMILIES
from saddlesym.theorems.diagonal.samplers import DIAGONAL_FAMILIES
from saddlesym.theorems.wings import Problem

DrawProblem: TypeAlias = Callable[[random.Random], Problem]

#: Draws after which an instance number counts as having no admissible instance.
TRIES = 40

FAMILIES: dict[str, DrawProblem] = {**DIAGONAL_FAMILIES, **DEEP_FAMILIES}


def instance(family: str, seed: int, number: int, assumptions: tuple[str, ...] = ()) -> Problem | None:
    """One admissible instance of a family; None when none was drawn in ``TRIES`` tries.

    Args:
        family: name of a family.
        seed: seed of the campaign.
        number: number of the instance in it.
        assumptions: ids of the assumptions that it must meet.

    >>> instance("orthogonal", 1, 0) is not None
    True
    """
    if family not in FAMILIES:
        raise BadInputError(f"{shown(family)} is no family of instances", needed=", ".join(FAMILIES))
    rng = random.Random(f"{family}/{seed}/{number}")
    for _ in range(TRIES):
        problem = FAMILIES[family](rng)
        if first_unmet(assumptions, problem) is None:
            return problem
    return None
