"""When a training flow has reached the saddle at which the limiting path may stop.

A flow knows nothing of the path.  Where it is to end is told by the path, though, as soon as a fit
is good enough: on the dwell at that saddle.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from saddlesym.diagonal.path.data_precision import Stop
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, NonUniqueMinimiserError, require

if TYPE_CHECKING:
    from saddlesym.diagonal.path.trajectory import Jump, SaddlePath

#: The longest stay on a dwell, in units of the time before it: it may last 10^17 times as long.
_LONGEST = 1000


def dwell_end(jump: Jump) -> Fraction | None:
    """The time at which the saddle that a jump leads to is left again; None for a global minimum.

    There s moves along −∇L, and coordinate i meets its bound after (1 + s_i sign g_i) / |g_i|, g = ∇L.

    >>> from saddlesym import DiagonalProblem
    >>> path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> dwell_end(path.jumps[0]) == path.jumps[1].time, dwell_end(path.jumps[1])
    (True, None)
    """
    waits = [(1 + (s if g > 0 else -s)) / abs(g) for s, g in zip(jump.dual, jump.gradient, strict=True) if g]
    return jump.time + min(waits) if waits else None


def rest_on_dwell(path: SaddlePath) -> Fraction | None:
    """The middle of the dwell after the last jump of a path, or earlier on a long one.

    None where there is no jump, or where β rests for ever after the last.
    """
    if not path.jumps:
        return None
    last = path.jumps[-1]
    end = dwell_end(last)
    return None if end is None else min((last.time + end) / 2, _LONGEST * last.time)


def stop_of_path(problem: DiagonalProblem, stop: Stop, until: Fraction | None = None) -> SaddlePath | None:
    """The path to the first saddle where a stop holds; None where none does, or where the path ends there."""
    try:
        path = saddle_path(problem, until=until, **stop.options())
    except NonUniqueMinimiserError:
        return None
    loss = path.jumps[-1].loss if path.jumps else path.loss(0)
    return None if path.complete or not stop.reached(problem, path.final, loss) else path


def stopping_time(
    problem: DiagonalProblem,
    *,
    stop_loss: Any = None,
    stop_residual: Any = None,
    data_precision: Any = None,
) -> Fraction | None:
    """A last time for :func:`saddlesym.flow`, at depth two: it ends there as the path stops.

    Args:
        problem: the data.
        stop_loss: as for :func:`saddlesym.saddle_path`; so are the others.
        stop_residual: see there.
        data_precision: see there; True for the rounding with which the data were written.

    Returns:
        An accelerated time on the dwell at the first saddle where one of the criteria holds; None
        where none does before the path ends, or where the flow rests at that saddle anyway.

    Raises:
        BadInputError: a criterion that makes no sense, or one that β = 0 meets.

    >>> from saddlesym import DiagonalProblem, flow
    >>> problem = DiagonalProblem([[3, 1], [1, 2]], [1, 1 / 3])
    >>> end = stopping_time(problem, data_precision=True)
    >>> len(flow(problem, until=end).jumps)
    1
    """
    require(problem, DiagonalProblem, "a diagonal network")
    stop = Stop.of(problem, stop_loss, stop_residual, data_precision)
    path = stop_of_path(problem, stop)
    if path is None:
        return None
    if not path.jumps:
        reason = stop.reached(problem, path.final, path.loss(0))
        raise BadInputError(f"at β = 0 {reason}", needed="a criterion that β = 0 does not meet")
    return rest_on_dwell(path)
