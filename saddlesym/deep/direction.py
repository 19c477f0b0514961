"""Where a deep flow starts: seeded random directions, the same on every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.matrices import Matrix, exact_matrix, shape_text

#: A normal number is the sum of so many uniform ones on a grid of 2^-16, centred.
_SUMMANDS, _GRID = 12, 16


def gaussian_direction(problem: DeepLinearProblem, seed: int = 0) -> tuple[Matrix, ...]:
    """Pseudo-Gaussian weights (W_1, …, W_L), exact rationals of mean 0 and variance 1 (up to 2^-32).

    Args:
        problem: gives the shapes.
        seed: a whole number ≥ 0 for the Mersenne Twister, whose bits every machine repeats.

    >>> gaussian_direction(DeepLinearProblem.whitened([[2]]), seed=1)[0]
    ((Fraction(-4403, 16384),),)
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise BadInputError(f"seed {shown(seed)}", needed="a whole number >= 0")
    bits = random.Random(seed)

    def entry() -> Fraction:
        total = sum(bits.getrandbits(_GRID) for _ in range(_SUMMANDS))
        return Fraction(total - _SUMMANDS * (2**_GRID - 1) // 2, 2**_GRID)

    return tuple(tuple(tuple(entry() for _ in range(n)) for _ in range(m)) for m, n in problem.shapes)


def read_direction(problem: DeepLinearProblem, direction: Sequence[Any]) -> tuple[Matrix, ...]:
    """Weights given by the caller, W_1 first, checked and exact.

    Raises:
        BadInputError: wrong number or shape of matrices, or all entries zero.
    """
    if isinstance(direction, str) or not hasattr(direction, "__len__") or len(direction) != problem.depth:
        raise BadInputError(
            "the direction is not a list of one matrix per layer",
            needed=f"{problem.depth} matrices, W_1 first",
        )
    out = []
    for k, (given, shape) in enumerate(zip(direction, problem.shapes, strict=True), 1):
        rows = exact_matrix(given, f"direction of W_{k}")
        if (len(rows), len(rows[0])) != shape:
            raise BadInputError(
                f"the direction of W_{k} is {shape_text((len(rows), len(rows[0])))}", needed=shape_text(shape)
            )
        out.append(rows)
    if not any(q for rows in out for row in rows for q in row):
        raise BadInputError("the direction is zero", needed="an entry that is not zero")
    return tuple(out)
