"""The start of a flow: the shape κ of its initialisation, and how long it stays near zero.

While β is near zero the dual variable moves at the speed r = Xᵀy/n, so that coordinate i
reaches its threshold ±κ_i at the accelerated time κ_i/|r_i|: the first jump of the limit
is at the least of these, whatever the depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, DegenerateProblemError, shown
from saddlesym.exact.scalars import exact_vector, rational, to_fmpq

#: until in units of the earliest jump.
_LATEST = fmpq(10) ** 100


def read_shape(kappa: Sequence[Any] | None, d: int) -> tuple[fmpq, ...]:
    """κ (d), exact; all ones when it is not given.

    Raises:
        BadInputError: not d positive numbers.

    >>> read_shape(["0.5", 2], 2)
    (1/2, 2)
    """
    if kappa is None:
        return (fmpq(1),) * d
    shape = tuple(exact_vector(kappa, "kappa"))
    if len(shape) != d or min(shape) <= 0:
        raise BadInputError(
            f"kappa has {len(shape)} entries, the least {min(shape, default=0)}",
            needed=f"{d} positive numbers",
        )
    return shape


def accelerated_time(t: Any) -> fmpq:
    """A time as a rational.

    Raises:
        BadInputError: no number, or a negative one.
    """
    time = to_fmpq(rational(t))
    if time < 0:
        raise BadInputError(f"time {shown(t)} is negative", needed="an accelerated time t >= 0")
    return time


def first_jump_time(problem: DiagonalProblem, shape: Sequence[fmpq]) -> fmpq:
    """t_1 = min κ_i/|r_i|, in accelerated time.

    Raises:
        DegenerateProblemError: r = 0, so that the flow stays where it is.

    >>> first_jump_time(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), [fmpq(1), fmpq(1)])
    1/3
    """
    times = [k / abs(to_fmpq(r)) for k, r in zip(shape, problem.r, strict=True) if r != 0]
    if not times:
        raise DegenerateProblemError(
            "y is orthogonal to every column, so the flow stays at zero for ever",
            columns=tuple(range(problem.d)),
            needed="some correlation between y and the columns",
        )
    return min(times)


def last_time(problem: DiagonalProblem, shape: Sequence[fmpq], until: Any) -> fmpq | None:
    """``until`` as a rational, not before anything happens.

    Raises:
        BadInputError: it lies before the first jump, or more than 1e100 times beyond it.
        DegenerateProblemError: r = 0.
    """
    first = first_jump_time(problem, shape)
    if until is None:
        return None
    last = to_fmpq(rational(until))
    if last <= first:
        raise BadInputError(
            f"until={shown(until)} lies before the first jump",
            needed=f"until > {first}",
            hint="without until the flow goes on to its rest",
        )
    if last > _LATEST * first:
        raise BadInputError(
            f"until={shown(until)} is far beyond the first jump",
            needed="until at most 1e100 times the first jump time",
            hint="without until the flow goes on to its rest",
        )
    return last
