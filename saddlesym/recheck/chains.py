"""Re-checking chains of saddles: the path, chains for a shape κ, and that a chain has none.

The flow obeys ``s' = −∇L(β)`` with |s_i| ≤ κ_i, and β minimises L under the signs of the
s_i at ±κ_i.  A chain with its times therefore fixes s, and all of it can be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flint import fmpq

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import read_exact
from saddlesym.recheck.path import all_hold
from saddlesym.recheck.path_stop import PathStop
from saddlesym.recheck.signed_points import SignedPoint, SignedPoints, follows_signs, minimises, signs_of


@dataclass(frozen=True)
class Walk:
    """What was seen of a chain.

    Attributes:
        holds: whether it is the flow, as far as it goes; None: not decided at some step.
        detail: where it is not.
        dual: s when the last point is reached.
    """

    holds: bool | None
    detail: str
    dual: list[fmpq]


def walk(
    points: SignedPoints, chain: Sequence[SignedPoint], times: Sequence[fmpq], kappa: Sequence[fmpq]
) -> Walk:
    """Follow s along a chain and look at every point when it is reached, the last one included."""
    s = [fmpq(0)] * points.d
    if chain[0].support or times[0] != 0 or len(times) != len(chain):
        return Walk(False, "at the start", s)
    answers: list[bool | None] = []
    for k, (before, after) in enumerate(pairwise(chain)):
        dwell = times[k + 1] - times[k]
        s = [a - dwell * g for a, g in zip(s, before.gradient, strict=True)]
        signs = at_bound(s, kappa)
        inside = all(abs(a) <= q for a, q in zip(s, kappa, strict=True))
        if dwell <= 0 or not inside or before.beta == after.beta or not minimises(after, signs):
            return Walk(False, f"at jump {k + 1}", s)
        answers.append(points.only_one(after, signs))
        if answers[-1] is False:
            return Walk(False, f"at jump {k + 1} the minimiser is not unique", s)
    holds = all_hold(answers)
    return Walk(holds, "" if holds else f"uniqueness at jump {answers.index(None) + 1}", s)


def at_bound(s: Sequence[fmpq], kappa: Sequence[fmpq]) -> dict[int, int]:
    """The coordinates with |s_i| = κ_i, and their signs."""
    return {i: 1 if a > 0 else -1 for i, (a, k) in enumerate(zip(s, kappa, strict=True)) if abs(a) == k}


def stop_holds(
    points: SignedPoints, last: SignedPoint, dual: Sequence[fmpq], note: str, limit: int
) -> bool | None:
    """Whether the path (κ = 1) stops at its last point for the reason given; None: not decided."""
    moving = [i for i, g in enumerate(last.gradient) if g != 0]
    if not moving or note not in list(PathStop):
        return not moving and note == ""
    # s_i moves against the gradient, and meets ±1 first where the dwell ends
    dwell = min((1 + dual[i] * (1 if g > 0 else -1)) / abs(g) for i in moving for g in [last.gradient[i]])
    s = [a - dwell * g for a, g in zip(dual, last.gradient, strict=True)]
    signs = at_bound(s, [fmpq(1)] * points.d)
    point = points.minimiser(signs)
    unique = None if point is None else points.only_one(point, signs)
    if point is None or unique is None:
        return None
    if unique:
        if note == PathStop.NO_TRANSITION:
            one = follows_signs(last, point) and points.only_one(point, signs_of(last))
            return None if one is None else not one
        return note == PathStop.TOO_LARGE and len(point.support) > limit
    leaders = points.without_twins(signs)
    point = points.minimiser(leaders)
    assert point is not None
    shared = points.only_one(point, leaders)
    if shared is None or note not in (PathStop.DEPENDENT, PathStop.NOT_UNIQUE):
        return None if shared is None else False
    return shared == (note == PathStop.DEPENDENT)


def shape_holds(points: SignedPoints, answer: Mapping[str, Any], complete: bool) -> tuple[bool | None, str]:
    """Whether the flow of shape κ takes a chain at these times.

    Args:
        points: of the loss.
        answer: κ, supports and times.
        complete: whether the chain must go on to a global minimum.
    """
    chain, obstacle = _chain(points, answer["supports"])
    kappa = [read_exact(q) for q in answer["kappa"]]
    times = [fmpq(0), *map(read_exact, answer["times"])]
    if len(kappa) != points.d or min(kappa) <= 0:
        return False, "κ"
    if chain is None:
        return obstacle
    found = walk(points, chain, times, kappa)
    if found.holds is not False and complete and any(chain[-1].gradient):
        return False, "it stops before the minimum"
    return found.holds, found.detail


def _chain(
    points: SignedPoints, supports: Sequence[Sequence[int]]
) -> tuple[list[SignedPoint] | None, tuple[bool | None, str]]:
    """The saddles of a chain, or what to say when it has none."""
    chain = []
    for k, support in enumerate(supports):
        inside = all(0 <= i < points.d for i in support)
        if not inside or list(support) != sorted(set(support)):
            raise BadInputError(f"support {shown(support)}", needed="increasing indices of columns")
        beta = points.critical(support)
        if beta is None:
            return None, (None, f"the columns of saddle {k} are dependent")
        if list(beta.support()) != list(support):
            return None, (False, f"no saddle has the support of saddle {k}")
        chain.append(points.at(beta))
    if not chain or chain[0].support:
        return None, (False, "it does not start at the origin")
    return chain, (True, "")


def no_shape_holds(points: SignedPoints, answer: Mapping[str, Any]) -> tuple[bool | None, str]:
    """Whether a chain is taken for no shape with the entering columns alone at their thresholds.

    Either the conditions on its dwell times, formed again here, add up to 0 > 0 with the
    weights given; or at the step given the minimiser is another point.
    """
    chain, obstacle = _chain(points, answer["supports"])
    if chain is None:
        return obstacle
    if len(chain) == 1:
        return False, "every shape starts at the origin"
    points.work.steps(len(chain) ** 2 * points.d)
    system = _Conditions(chain)
    if not system.forms:
        return None, "a column enters whose gradient vanishes"
    step, conditions = answer["step"], answer["conditions"]
    if step is not None:
        if conditions or not 0 <= step < len(system.bounds):
            raise BadInputError(f"step {shown(step)}", needed="the number of a step, without conditions")
        point, signs = chain[step + 1], system.bounds[step]
        unique = points.only_one(point, signs) if minimises(point, signs) else False
        return None if unique is None else not unique, f"at step {step}"
    total, positive = [fmpq(0)] * system.steps, False
    for condition in conditions:
        weight, strict = read_exact(condition["multiplier"]), condition["strict"]
        form = tuple(read_exact(q) for q in condition["coefficients"])
        if (strict, form) not in system.forms or (strict and weight < 0):
            return False, f"condition {shown(condition['text'], 80)}"
        positive = positive or (strict and weight > 0)
        total = [a + weight * b for a, b in zip(total, form, strict=True)]
    return positive and not any(total), "the sum of the conditions"


class _Conditions:
    """What a chain asks of its dwell times δ, as linear forms in them, formed from its gradients.

    Attributes:
        steps: number of steps.
        forms: (strict, coefficients): the form is positive, or else zero.  Empty when a
            column enters without being driven.
        bounds: at every jump the columns at their thresholds, with signs.
    """

    def __init__(self, chain: Sequence[SignedPoint]) -> None:
        self.steps = len(chain) - 1
        self.forms: set[tuple[bool, tuple[fmpq, ...]]] = set()
        self.bounds: list[dict[int, int]] = []
        entering = [b.support - a.support for a, b in pairwise(chain)]
        if any(chain[k].gradient[j] == 0 for k, new in enumerate(entering) for j in new):
            return
        thresholds: dict[int, list[fmpq]] = {}
        for k, new in enumerate(entering):
            for j in sorted(new - set(thresholds)):
                side = self._drawn(chain[k], j)
                thresholds[j] = [side * q for q in self._dual(chain, j, k + 1)]
        for k in range(self.steps):
            self.forms.add((True, tuple(fmpq(int(k == m)) for m in range(self.steps))))
        self.forms.update((True, tuple(form)) for form in thresholds.values())
        bound: dict[int, int] = {}
        for k, new in enumerate(entering):
            bound = {i: side for i, side in bound.items() if chain[k].gradient[i] == 0}
            bound |= {j: self._drawn(chain[k], j) for j in new}
            self.bounds.append(bound)
            for i, kappa in thresholds.items():
                s = self._dual(chain, i, k + 1)
                if i in new:
                    self.forms.add((False, tuple(a - bound[i] * b for a, b in zip(kappa, s, strict=True))))
                elif i not in bound:
                    for side in (1, -1):
                        self.forms.add((True, tuple(a - side * b for a, b in zip(kappa, s, strict=True))))

    @staticmethod
    def _drawn(point: SignedPoint, j: int) -> int:
        return 1 if point.gradient[j] < 0 else -1

    def _dual(self, chain: Sequence[SignedPoint], i: int, jump: int) -> list[fmpq]:
        return [-chain[k].gradient[i] if k < jump else fmpq(0) for k in range(self.steps)]
