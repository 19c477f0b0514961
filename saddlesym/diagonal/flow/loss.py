"""The loss along a flow, enclosed."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.scalars import to_fmpq


def first_loss(problem: DiagonalProblem) -> arb:
    """L(0) at the working precision."""
    return arb(to_fmpq(problem.loss([0] * problem.d)))


def enclosed_loss(problem: DiagonalProblem, beta: Sequence[arb], slope: Sequence[arb]) -> arb:
    """L(β) of a ball: L(0) − ½βᵀ(r − ∇L(β)), the trapezoidal rule, which is exact for a quadratic L.

    Args:
        problem: the data.
        beta: β (d).
        slope: −∇L(β) (d).

    >>> problem = DiagonalProblem([[1]], [2])
    >>> enclosed_loss(problem, [arb(1)], [arb(1)]), first_loss(problem)
    (0.500000000000000, 2.00000000000000)
    """
    total = first_loss(problem)
    for b, s, r in zip(beta, slope, problem.r, strict=True):
        total -= b * (arb(to_fmpq(r)) + s) / 2
    return total
