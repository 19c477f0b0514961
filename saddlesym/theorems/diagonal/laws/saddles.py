"""Checks of the critical points of F and their stability, over active sets of the instance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from flint import fmpq

from saddlesym.diagonal.path.minimiser import constrained_minimiser
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.theorems.diagonal.reference.definitions import (
    Network,
    PlainQuadratic,
    inertia,
    nonzero_rational,
    random_rational,
    sampled_subsets,
)
from saddlesym.theorems.evidence.check import Check, Fact, UndecidedError, seeded
from saddlesym.theorems.evidence.verdict import Kind

_LARGEST_HESSIAN = 16


def _factors(rng: random.Random, b: Sequence[fmpq]) -> list[fmpq]:
    """A rational (u, v) with u ⊙ v = b that vanishes where b does."""
    u = [nonzero_rational(rng) if x != 0 else fmpq(0) for x in b]
    return [*u, *(x / a if x != 0 else fmpq(0) for x, a in zip(b, u, strict=True))]


def _saddles(
    problem: DiagonalProblem, salt: str, most: int
) -> Iterator[tuple[PlainQuadratic, random.Random, list[int], list[fmpq]]]:
    """The form, a generator, and saddles by their supports, each support once."""
    form, rng = PlainQuadratic.of(problem), seeded(problem, salt)
    if problem.d > 12:  # the black box F costs d² per value
        most = min(most, 3)
    seen: set[tuple[int, ...]] = set()
    for S in sampled_subsets(problem.d, rng, most):
        b = form.stationary(S)
        support = [] if b is None else [i for i, x in enumerate(b) if x != 0]
        if b is not None and tuple(support) not in seen:
            seen.add(tuple(support))
            yield form, rng, support, b


def _is_critical(u: fmpq, v: fmpq, g: fmpq) -> bool:
    return (u == 0 and v == 0) or g == 0


def _forgetful(u: fmpq, v: fmpq, g: fmpq) -> bool:
    return u * v == 0 or g == 0


def _critical(problem: DiagonalProblem, rule: Callable[[fmpq, fmpq, fmpq], bool]) -> Iterator[Fact]:
    d = problem.d
    for form, rng, support, b in _saddles(problem, "critical-points", 24):
        network = Network(form)
        point = _factors(rng, b)
        nearby = list(point)
        nearby[rng.randrange(2 * d)] += 1
        for theta in (point, nearby, [random_rational(rng) for _ in range(2 * d)]):
            u, v = theta[:d], theta[d:]
            g = form.gradient([x * y for x, y in zip(u, v, strict=True)])
            critical = not any(network.gradient(theta))
            ruled = all(rule(*entry) for entry in zip(u, v, g, strict=True))
            yield Fact(critical == ruled, f"∇F vanishes: {critical}, the rule says {ruled} at {theta}")
        bound = form.value(b)
        for _ in range(3):
            other = [random_rational(rng) if i in support else fmpq(0) for i in range(d)]
            yield Fact(bound <= form.value(other), f"the saddle on {support} is no minimiser")


def critical_points(problem: DiagonalProblem) -> Iterator[Fact]:
    """∇F from values of F alone, against the rule, at saddles and off them."""
    return _critical(problem, _is_critical)


def forgetful_rule(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: critical as soon as u_i v_i = 0 or ∇L(β)_i = 0."""
    return _critical(problem, _forgetful)


def constrained_minimisers(problem: DiagonalProblem) -> Iterator[Fact]:
    """β_S against plain elimination and the excess of L on every S."""
    form, rng = PlainQuadratic.of(problem), seeded(problem, "constrained-minimisers")
    for S in sampled_subsets(problem.d, rng):
        plain = form.stationary(S)
        if plain is None or not S:
            continue  # M_SS is not definite
        found = constrained_minimiser(problem, S)
        b = found.beta.rationals()
        yield Fact(b == plain, f"β_S on {S} is {found.beta}, Gauss's elimination says {plain}")
        other = [random_rational(rng) if i in S else fmpq(0) for i in range(problem.d)]
        gap = [x - y for x, y in zip(other, b, strict=True)]
        excess = form.value(other) - form.value(b)
        bowl = sum((x * (m + r) for x, m, r in zip(gap, form.gradient(gap), form.r, strict=True)), fmpq(0))
        yield Fact(excess == bowl / 2, f"L exceeds its minimum on {S} by {excess}, not {bowl / 2}")
        yield Fact(excess > 0 or not any(gap), f"{other} is as good on {S}")


def restricted_minimiser(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the minimiser on S is the global one with the other coordinates set to zero."""
    form = PlainQuadratic.of(problem)
    whole = form.stationary(range(problem.d))
    for S in sampled_subsets(problem.d, seeded(problem, "constrained-minimisers")):
        plain = form.stationary(S)
        if whole is not None and plain is not None:
            cut = [x if i in S else fmpq(0) for i, x in enumerate(whole)]
            yield Fact(plain == cut, f"β_S on {S} is {plain}, not {cut}")


def _hessian(problem: DiagonalProblem, formula: Callable[[int, int, int], tuple[int, int]]) -> Iterator[Fact]:
    d = problem.d
    if d > _LARGEST_HESSIAN:
        raise UndecidedError(f"the Hessian of F has {2 * d} rows, too many to take from values of F")
    for form, rng, support, b in _saddles(problem, "hessian-splitting", 16 if d <= 5 else 4):
        g = form.gradient(b)
        flat = sum(1 for i in range(d) if i not in support and g[i] == 0)
        index, nullity = formula(d, len(support), flat)
        negative, zero, _ = inertia(Network(form).hessian(_factors(rng, b)))
        yield Fact(
            (negative, zero) == (index, nullity),
            f"support {support}: index {negative} and nullity {zero}, the formula says {index} and {nullity}",
        )


def hessian_splitting(problem: DiagonalProblem) -> Iterator[Fact]:
    """Inertia of the 2d × 2d Hessian of F at rational saddles, by Descartes' rule."""
    return _hessian(problem, lambda d, k, flat: (d - k - flat, k + 2 * flat))


def nothing_flat(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: every coordinate outside S is unstable."""
    return _hessian(problem, lambda d, k, flat: (d - k, k))


def _escapes(problem: DiagonalProblem, sense: int) -> Iterator[Fact]:
    form = PlainQuadratic.of(problem)
    lowest = form.value(_least_squares(problem, form))
    for _, rng, support, b in _saddles(problem, "no-spurious-minima", 24):
        g, theta = form.gradient(b), _factors(rng, b)
        here = form.value(b)
        outside = [i for i in range(problem.d) if i not in support and g[i] != 0]
        if not outside:
            yield Fact(here == lowest, f"the saddle on {support} has no escape and is no global minimum")
            continue
        i = outside[0]
        step = min(fmpq(1, 2), abs(g[i]) / form.M[i][i])  # F falls while ε² < 2|g_i|/M_ii
        moved = list(theta)
        moved[i], moved[problem.d + i] = step, (-step if g[i] > 0 else step) * sense
        yield Fact(Network(form).value(moved) < here, f"F does not fall off the saddle on {support}")


def _least_squares(problem: DiagonalProblem, form: PlainQuadratic) -> list[fmpq]:
    """A global minimiser: the stationary point on columns that span all of them."""
    basis: list[int] = []
    for j in range(problem.d):
        if form.stationary([*basis, j]) is not None:
            basis.append(j)
    b = form.stationary(basis)
    assert b is not None
    return b


def no_spurious_minima(problem: DiagonalProblem) -> Iterator[Fact]:
    """F at an explicit rational step off every saddle."""
    return _escapes(problem, 1)


def wrong_escape(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: F falls along v_i = +ε sign g_i."""
    return _escapes(problem, -1)


CHECKS = (
    Check(
        "critical-points",
        Kind.EXACT,
        "∇F from values of F alone, against the rule, at saddles and off them",
        critical_points,
        forgetful_rule,
        "critical as soon as u_i v_i = 0 or ∇L(β)_i = 0",
        "any",
    ),
    Check(
        "constrained-minimisers",
        Kind.EXACT,
        "β_S against plain elimination and the excess of L on every S",
        constrained_minimisers,
        restricted_minimiser,
        "the minimiser on S is the global one cut off outside S",
        "any",
    ),
    Check(
        "hessian-splitting",
        Kind.EXACT,
        "inertia of the 2d × 2d Hessian of F at rational saddles, by Descartes' rule",
        hessian_splitting,
        nothing_flat,
        "every coordinate outside S is unstable",
        "any",
        witness=(((1, 0), (0, 1)), (2, 0)),
    ),
    Check(
        "no-spurious-minima",
        Kind.EXACT,
        "F at an explicit rational step off every saddle",
        no_spurious_minima,
        wrong_escape,
        "F falls along v_i = +ε sign g_i",
        "any",
    ),
)
