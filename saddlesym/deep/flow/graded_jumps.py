"""The jumps and plateaus of a two-layer flow that was followed in float64.

A plateau is read where the flow is stillest.  It may be a saddle of its own rank k: a network of width k
would leave it too, along a direction that grows like e^{λT}.  How far the flow is along that direction
decides when it leaves.  Where it comes so near to the saddle that rounding (:data:`_NOISE` of A in every
step) is a part of that distance, and then has the time to grow, the times that follow would be those of
rounding: such a flow is refused.  Along flat directions, where a whole set of matrices is critical,
nothing grows, and rounding stays what it was.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log

import numpy as np
from scipy.optimize import minimize_scalar

from saddlesym.deep.float_cost import Array, FloatCost, least_curvature
from saddlesym.errors import Degeneracy, DegenerateProblemError
from saddlesym.exact.documents.results import Documented

#: A singular value is there from this part of ‖∇C(0)‖ on.
_SEEN = 1e-4
#: Speeds, as parts of ‖∇C(0)‖ ‖A‖: below the first the flow is on a plateau, below the second what moves it
#: may be rounding.
_QUIET, _STILL = 1e-2, 1e-12
#: Error of each step, as a part of A; the part of a distance that it may be; λT up to which it stays small.
_NOISE, _PART, _GROWTH = 1e-14, 1e-7, 10.0


@dataclass(frozen=True, repr=False)
class GradedJump(Documented):
    """A jump of the flow, and the plateau behind it.

    Attributes:
        rank: k, when the k-th singular value of A passes half of its plateau.
        natural_time: T of that passage.
        time: t = T / ln(1/α).
        onset: natural time at which that singular value passes 10⁻⁴ ‖∇C(0)‖, a threshold that
            does not depend on α: for extrapolation.
        plateau: A at the stillest moment before the next jump (n_out × n_in).
        plateau_time: t of that moment; where more than rounding no longer moves A, of its first moment.
    """

    rank: int
    natural_time: float
    time: float
    onset: float
    plateau: tuple[tuple[float, ...], ...]
    plateau_time: float

    def __repr__(self) -> str:
        return f"GradedJump(rank {self.rank}, t = {self.time:.6g})"


@dataclass(frozen=True)
class GradedStep:
    """One Taylor step: A(time + h) = U(h) P V(h)ᵀ."""

    time: float
    size: float
    U: Array
    V: Array
    P: Array

    def product(self, h: float) -> Array:
        """A at this time after the step began."""
        powers = h ** np.arange(len(self.U))
        U, V = np.tensordot(powers, self.U, 1), np.tensordot(powers, self.V, 1)
        result: Array = U @ self.P @ V.T
        return result

    def values(self, h: float) -> Array:
        """Singular values of A at this time after the step began."""
        found: Array = np.linalg.svd(self.product(h), compute_uv=False).astype(np.float64)
        return found

    def speed(self, h: float) -> float:
        """‖A′(time + h)‖."""
        orders = np.arange(len(self.U))
        powers, slopes = h**orders, orders[1:] * h ** orders[:-1]
        U, V = np.tensordot(powers, self.U, 1), np.tensordot(powers, self.V, 1)
        dU, dV = np.tensordot(slopes, self.U[1:], 1), np.tensordot(slopes, self.V[1:], 1)
        return float(np.linalg.norm(dU @ self.P @ V.T + U @ self.P @ dV.T))


class Record:
    """What was met on the way, step by step.

    Raises:
        DegenerateProblemError: from :meth:`jumps`, where rounding would decide.
    """

    def __init__(self, steps: list[GradedStep], cost: FloatCost) -> None:
        self.steps, self.cost = steps, cost
        self.size = float(np.linalg.norm(cost.B, 2))
        self.times = [step.time for step in steps]
        self.values = np.array([step.values(0.0) for step in steps])
        self.speeds = np.array([step.speed(0.0) for step in steps])
        #: Speeds as parts of ‖∇C(0)‖ ‖A‖.
        self.pace = self.speeds / np.maximum(self.size * self.values[:, 0], 1e-300)

    def jumps(self, scale: float) -> tuple[GradedJump, ...]:
        """Each singular value from its onset on; the stillest moment before the next onset is its plateau."""
        self._refuse_noise(scale)
        seen = _SEEN * self.size
        onsets: list[tuple[int, float]] = []
        for k in range(self.values.shape[1]):
            above = np.nonzero(self.values[:, k] > seen)[0]
            if len(above) == 0:
                break
            first = int(above[0])
            onsets.append((first, self._passage(k, seen, first)))
        onsets.append((len(self.steps), self.times[-1]))
        jumps = []
        for k, (first, onset) in enumerate(onsets[:-1]):
            rest = self._stillest(first, *onsets[k + 1])
            step, h = self._at(rest)
            natural = self._passage(k, step.values(h)[k] / 2, first)
            plateau = tuple(tuple(map(float, row)) for row in step.product(h))
            jumps.append(GradedJump(k + 1, natural, natural / scale, onset, plateau, rest / scale))
        return tuple(jumps)

    def _at(self, time: float) -> tuple[GradedStep, float]:
        step = self.steps[bisect_right(self.times, time) - 1]
        return step, time - step.time

    def _speed(self, time: float) -> float:
        step, h = self._at(time)
        return step.speed(h)

    def _stillest(self, first: int, last: int, end: float) -> float:
        """Where the speed is least after its last maximum, before the step ``last`` and the time ``end``.

        The first moment below what rounding moves, which its own least would choose.
        """
        fastest = max(range(first, max(last, first + 1)), key=self.speeds.__getitem__)
        least = min(range(fastest, max(last, fastest + 1)), key=self.speeds.__getitem__)
        if self.pace[least] <= _STILL:
            after = next(i for i in range(fastest, least + 1) if self.pace[i] <= _STILL)
            if after == fastest:
                return self.times[after]
            a, b = self.times[after - 1 : after + 1]
            p, q = np.log(self.pace[after - 1 : after + 1] + 1e-300)
            return float(a + (b - a) * (p - log(_STILL)) / (p - q))
        low = self.times[max(least - 1, fastest)]
        high = min(self.times[min(least + 1, len(self.times) - 1)], max(end, low))
        return _least(self._speed, low, high)

    def _passage(self, k: int, level: float, first: int) -> float:
        """When σ_k passes a level for the first time, counted from the step before ``first``."""
        later = np.nonzero(self.values[first:, k] >= level)[0]
        step = self.steps[max(first + int(later[0]) - 1, 0)]
        low, high = 0.0, step.size
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if step.values(middle)[k] < level else (low, middle)
        return float(step.time + high)

    # --- plateaus that are saddles of their own rank

    def _refuse_noise(self, scale: float) -> None:
        near = _NOISE / _PART
        for begin, end in self._quiet():
            least = begin + int(np.argmin(self.pace[begin:end]))
            rank = int(np.sum(self.values[least] > _SEEN * self.size))
            if rank == 0:
                continue
            rate = -least_curvature(self.cost, self.steps[least].product(0.0), rank)
            growth = rate * (self.times[min(end, len(self.times) - 1)] - self.times[begin])
            if growth > _GROWTH and self.pace[least] * self.size < near * rate:
                raise DegenerateProblemError(
                    f"the plateau of rank {rank} from t = {self.times[begin] / scale:.3g} on is a saddle"
                    f" unstable within its own rank, which the flow meets within {near:g} of A",
                    reason=Degeneracy.UNSTABLE_IN_RANK,
                    needed="a greater distance: rounding of float64 would decide when the flow leaves",
                    hint="a larger alpha; or saddlesym.flow, which takes the digits it needs",
                )

    def _quiet(self) -> Iterator[tuple[int, int]]:
        """Stretches of steps, begin and end, on which the flow is on a plateau."""
        edges = np.flatnonzero(np.diff([0, *(self.pace < _QUIET), 0]))
        yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _least(value: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one minimum is least."""
    if not low < high:
        return low
    accuracy = {"xatol": 1e-9 * (high - low)}
    inside = minimize_scalar(value, bounds=(low, high), method="bounded", options=accuracy)
    return min((low, float(inside.x), high), key=value)
