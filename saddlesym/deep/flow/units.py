"""A deep network in the units of its own data: flows rest and step by absolute measures."""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.balls import Ball

#: Binary orders of the weights and of K beyond which floating point, which finds the way, gives up.
_MAX_ORDER = 330


@dataclass(frozen=True)
class OwnUnits:
    """A problem with K and A of size one, and what its numbers are in those of the problem given.

    With A = 2^(Lm)·Ã, K = 2^k·K̃ and the weights shared alike, W_l = 2^m·W̃_l, the flow is the same
    with 2^((2L−2)m + k) units of time for one.  All of it is exact.

    Attributes:
        problem: the one of size one.
        layer: m.
        curvature: k.
    """

    problem: DeepLinearProblem
    layer: int
    curvature: int

    @classmethod
    def of(cls, problem: DeepLinearProblem) -> OwnUnits:
        """The units of a problem.

        Raises:
            BadInputError: data beyond the range of floating point.

        >>> OwnUnits.of(DeepLinearProblem.whitened([["3e-20", 0], [0, "1e-20"]])).layer
        -33
        """
        cost, product, curvature = problem.cost.in_own_units(problem.depth)
        own = cls(
            DeepLinearProblem(cost, problem.widths, problem.source), product // problem.depth, curvature
        )
        if max(map(abs, (own.product, own.curvature, own.speed))) > _MAX_ORDER:
            raise BadInputError(
                "the data are too large or too small for floating point",
                needed="sizes between 1e-100 and 1e100",
                hint="another unit",
            )
        return own

    @property
    def product(self) -> int:
        """Lm: A = 2^(Lm)·Ã."""
        return self.problem.depth * self.layer

    @property
    def speed(self) -> int:
        """(2L−2)m + k: so many times two units of own time are one of natural time."""
        return 2 * self.product - 2 * self.layer + self.curvature

    @property
    def loss(self) -> int:
        """2Lm + k: C = 2^(2Lm + k)·C̃."""
        return 2 * self.product + self.curvature


def times_power(number: Ball, exponent: int) -> Ball:
    """2^exponent times a ball, exactly.

    >>> times_power(Ball(3), -1).contains("3/2")
    True
    """
    return Ball(number.arb * arb((1, exponent)))
