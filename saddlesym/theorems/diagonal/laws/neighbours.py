"""Exact checks of special designs and of neighbouring methods: orthogonal data, lasso, weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from flint import fmpq

from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.scalars import fraction
from saddlesym.theorems.diagonal.laws.path import Steps
from saddlesym.theorems.diagonal.reference.definitions import PlainQuadratic, lasso_knots, plain_path
from saddlesym.theorems.evidence.check import FLIPPING, Check, Fact, seeded
from saddlesym.theorems.evidence.verdict import Kind


def _orthogonal(problem: DiagonalProblem, when: Callable[[fmpq, fmpq], fmpq]) -> Iterator[Fact]:
    steps = Steps(problem)
    form = steps.form
    moving = [i for i in range(problem.d) if form.r[i] != 0]
    due = {i: when(form.r[i], form.M[i][i]) for i in moving}
    yield Fact(steps.times[1:] == sorted(set(due.values())), f"jumps at {steps.times[1:]}, due at {due}")
    for t, b in zip(steps.times, steps.betas, strict=True):
        closed = [form.r[i] / form.M[i][i] if i in due and due[i] <= t else fmpq(0) for i in range(problem.d)]
        yield Fact(b == closed, f"β = {b} at t = {t}, the closed form says {closed}")


def orthogonal_designs(problem: DiagonalProblem) -> Iterator[Fact]:
    """Times and saddles against the closed form."""
    return _orthogonal(problem, lambda r, _: 1 / abs(r))


def time_of_the_coefficient(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: coordinate i jumps at M_ii/|r_i|."""
    return _orthogonal(problem, lambda r, m: m / abs(r))


def _lasso(problem: DiagonalProblem, *, forever: bool) -> Iterator[Fact]:
    steps, rng = Steps(problem), seeded(problem, "lasso-average")
    departure = steps.first_departure()
    for k in range(len(steps)):
        begin = steps.times[k]
        # on a path that was stopped the last dwell is known at its beginning
        end = steps.times[k + 1] if k + 1 < len(steps) else begin + (1 if steps.complete else 0)
        for t in (begin, begin + (end - begin) * fmpq(rng.randint(1, 98), 99)):
            if t == 0:
                continue
            mean, s = steps.average(t, k), steps.dual(t, k)
            slope = steps.form.gradient(mean)
            identity = all(-t * g == x for g, x in zip(slope, s, strict=True))
            yield Fact(identity, f"−t∇L(β̄) is not s at t = {t}")
            if forever or departure is None or t <= steps.times[departure]:
                optimal = all(
                    -t * g == (1 if x > 0 else -1) if x != 0 else abs(t * g) <= 1
                    for g, x in zip(slope, mean, strict=True)
                )
                yield Fact(optimal, f"β̄ = {mean} is no lasso solution with λ = 1/{t}")


def lasso_average(problem: DiagonalProblem) -> Iterator[Fact]:
    """−t∇L(β̄) = s, and the lasso's optimality of β̄, at rational times."""
    return _lasso(problem, forever=False)


def lasso_forever(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: β̄ is a lasso solution for all times."""
    return _lasso(problem, forever=True)


def _knots(problem: DiagonalProblem, *, forever: bool) -> Iterator[Fact]:
    steps = Steps(problem)
    departure = steps.first_departure()
    last = len(steps) - 1 if forever or departure is None else departure
    knots = lasso_knots(steps.form)
    for k in range(1, last + 1):
        knot = next(knots, None)
        same = knot is not None and knot[0] == steps.times[k]
        yield Fact(same, f"jump {k} is at t = {steps.times[k]}, the lasso's knot at {knot and knot[0]}")
    if departure is None and steps.complete:
        extra = next(knots, None)
        yield Fact(extra is None, f"the lasso has one more knot at {extra and extra[0]}")


def shared_knots(problem: DiagonalProblem) -> Iterator[Fact]:
    """Jump times against the knots of an exact lasso homotopy."""
    return _knots(problem, forever=False)


def all_knots(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: all knots are shared."""
    return _knots(problem, forever=True)


def _weighted(problem: DiagonalProblem, *, inverse: bool) -> Iterator[Fact]:
    """The plain algorithm with thresholds κ against the path of the rescaled columns."""
    rng = seeded(problem, "weighted-initialisation")
    form = PlainQuadratic.of(problem)
    d = problem.d
    kappa = [fmpq(rng.randint(2, 9), rng.choice([1, 2, 3])) for _ in range(d)]
    factor = [1 / x if inverse else x for x in kappa]
    M = [[fraction(form.M[i][j] * factor[i] * factor[j]) for j in range(d)] for i in range(d)]
    r = [fraction(x * f) for x, f in zip(form.r, factor, strict=True)]
    path = saddle_path(DiagonalProblem.from_gram(M, r))
    plain = list(plain_path(form, kappa))
    yield Fact(
        len(plain) == len(path.jumps), f"{len(plain)} jumps with thresholds, {len(path.jumps)} rescaled"
    )
    for jump, rescaled in zip(plain, path.jumps, strict=True):
        beta = [x * f for x, f in zip(rescaled.beta.rationals(), factor, strict=True)]
        same = fraction(jump.time) == rescaled.time and jump.beta == beta
        yield Fact(
            same, f"thresholds {kappa}: {jump.beta} at {jump.time}, rescaled {beta} at {rescaled.time}"
        )
    increasing = all(a.time < b.time for a, b in pairwise(plain))
    yield Fact(increasing, "times do not increase")


def weighted_initialisation(problem: DiagonalProblem) -> Iterator[Fact]:
    """The algorithm with thresholds κ against the path of rescaled columns."""
    return _weighted(problem, inverse=True)


def wrong_rescaling(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: columns are multiplied by κ_i."""
    return _weighted(problem, inverse=False)


CHECKS = (
    Check(
        "orthogonal-designs",
        Kind.EXACT,
        "times and saddles against the closed form",
        orthogonal_designs,
        time_of_the_coefficient,
        "coordinate i jumps at M_ii/|r_i|",
        "orthogonal",
        witness=(((2, 0), (0, 3)), (3, -1)),
    ),
    Check(
        "lasso-average",
        Kind.EXACT,
        "−t∇L(β̄) = s, and the lasso's optimality of β̄, at rational times",
        lasso_average,
        lasso_forever,
        "β̄ is a lasso solution for all times",
        "path",
        witness=FLIPPING,
        of_any_part=True,
    ),
    Check(
        "shared-knots",
        Kind.EXACT,
        "jump times against the knots of an exact lasso homotopy",
        shared_knots,
        all_knots,
        "all knots are shared",
        "path",
        witness=FLIPPING,
        of_any_part=True,
    ),
    Check(
        "weighted-initialisation",
        Kind.EXACT,
        "the algorithm with thresholds κ against the path of rescaled columns",
        weighted_initialisation,
        wrong_rescaling,
        "columns are multiplied by κ_i",
        "path",
    ),
)
