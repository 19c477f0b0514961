"""Where a deep flow starts: seeded random directions, the same on every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq_mat
from numpy.typing import NDArray

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, shown
from saddlesym.exact.linear.matrices import Matrix, exact_matrix, flint_matrix, shape_text
from saddlesym.exact.scalars import fraction, order_of_two, power_of_two

#: A normal number is the sum of so many uniform ones on a grid of 2^-16, centred.
_SUMMANDS, _GRID = 12, 16
#: A part of a start that is nothing, as far as floating point tells; flows carry enough bits for larger ones.
_NOTHING = 1e-12


#: Most weights of a network whose flow is followed, number by number.
MAX_WEIGHTS = 10**6


def check_weights(problem: DeepLinearProblem) -> None:
    """Refuse a network too large to be written down, before it is.

    Raises:
        BudgetError: more than 10⁶ weights.
    """
    count = sum(m * n for m, n in problem.shapes)
    if count > MAX_WEIGHTS:
        raise BudgetError(f"{count} weights", needed=f"{MAX_WEIGHTS} at most", hint="smaller hidden widths")


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
    check_weights(problem)
    bits = random.Random(seed)

    def entry() -> Fraction:
        total = sum(bits.getrandbits(_GRID) for _ in range(_SUMMANDS))
        return Fraction(total - _SUMMANDS * (2**_GRID - 1) // 2, 2**_GRID)

    return tuple(tuple(tuple(entry() for _ in range(n)) for _ in range(m)) for m, n in problem.shapes)


def hidden_span(problem: DeepLinearProblem, weights: Sequence[Matrix]) -> int:
    """A bound for the rank of A along the whole flow: with two layers, the rank of (W_2; W_1ᵀ) at the start.

    >>> hidden_span(DeepLinearProblem.whitened([[2, 0], [0, 1]]), [[[1, 0], [2, 0]], [[1, 2], [0, 0]]])
    1
    """
    return min(problem.max_rank, int(_stacked(weights).rank())) if problem.depth == 2 else problem.max_rank


def growing_part(problem: DeepLinearProblem, weights: Sequence[Matrix]) -> float:
    """With two layers, the least part of the start that grows at the origin, relative to all of it.

    Near the origin (W_2; W_1ᵀ) obeys Z' = SZ with the eigenvalues ±s_i; its part along the growing
    (u_i, v_i)/√2 has as many singular values as modes can rise, and the least of them counts.

    Raises:
        DegenerateProblemError: it is nothing: some hidden direction lies on the stable manifold of the
            origin, which rounding would leave and the flow does not.

    >>> two = DeepLinearProblem.whitened([[2]])
    >>> round(growing_part(two, gaussian_direction(two)), 3)
    0.999
    """
    G = problem.flint_gradient_at_origin()
    rising = int(G.rank())
    modes = min(rising, hidden_span(problem, weights))
    u, _, vt = np.linalg.svd(-_floats(G))
    Z = _floats(_stacked(weights))
    rows = len(u)
    parts = (u[:, :rising].T @ Z[:rows] + vt[:rising] @ Z[rows:]) / 2**0.5
    sizes = np.linalg.svd(parts, compute_uv=False)
    part = float(sizes[modes - 1] / np.linalg.norm(Z, 2))
    if part < _NOTHING:
        raise DegenerateProblemError(
            "a hidden direction of the start lies on the stable manifold of the origin",
            needed=f"a part that grows, larger than {_NOTHING:g}: rounding, not the flow, would decide",
            hint="another direction, or one hidden neuron less",
        )
    return part


def _stacked(weights: Sequence[Matrix]) -> fmpq_mat:
    """(W_2; W_1ᵀ)."""
    return flint_matrix((*weights[1], *zip(*weights[0], strict=True)))


def _floats(matrix: fmpq_mat) -> NDArray[np.float64]:
    """A matrix over the power of two nearest to its largest entry."""
    size = max((order_of_two(q) for q in matrix.entries() if q != 0), default=0)
    return np.array([[float(fraction(q / power_of_two(size))) for q in row] for row in matrix.tolist()])


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
