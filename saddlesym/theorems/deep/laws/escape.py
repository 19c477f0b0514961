"""Checks of the escape from the origin: optimal directions, speed, and the maximisers of −H."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise

from flint import fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import inner
from saddlesym.theorems.deep.reference.definitions import (
    Layers,
    Mode,
    column_of,
    leading_form,
    modes_of,
    norm2,
    orthogonal,
    outer,
    product,
    random_layers,
    seeded,
    small,
)
from saddlesym.theorems.evidence.check import Check, Fact
from saddlesym.theorems.evidence.verdict import Kind

_TRIES = 4


def three_layers() -> DeepLinearProblem:
    """Singular values 2 and 1, three layers."""
    return DeepLinearProblem.whitened([[2, 0], [0, 1]], (2, 2, 2, 2))


def _modes(problem: DeepLinearProblem) -> list[Mode]:
    """The singular triples of −G."""
    return modes_of(-problem.flint_gradient_at_origin())


def _unit(rng: random.Random, n: int) -> fmpq_mat:
    """A rational unit vector."""
    return column_of(orthogonal(rng, n), rng.randrange(n)) * rng.choice([-1, 1])


def _chain(rng: random.Random, problem: DeepLinearProblem, mode: Mode) -> Layers:
    """Unit layers w_l w_{l−1}ᵀ from v to u with inner unit vectors and signs of product 1."""
    inner_vectors = [_unit(rng, w) for w in problem.hidden]
    vectors = [mode.v, *inner_vectors, mode.u]
    layers = [outer(above, below) for below, above in pairwise(vectors)]
    a, b = rng.sample(range(problem.depth), 2)
    if rng.random() < 0.5:
        layers[a], layers[b] = -layers[a], -layers[b]
    return layers


def _excess(problem: DeepLinearProblem, layers: Layers, top: fmpq) -> fmpq:
    """s²N^L − H²L^L: non-negative where |H| ≤ s·L^{−L/2}·N^{L/2}, N = Σ‖W_l‖²."""
    L, H = problem.depth, leading_form(problem, layers)
    return top**2 * norm2(layers) ** L - H**2 * fmpq(L) ** L


def _directions(problem: DeepLinearProblem, number: int) -> Iterator[Fact]:
    modes, rng = _modes(problem), seeded(problem, "escape-direction")
    top = modes[min(number, len(modes) - 1)].value
    for _ in range(_TRIES):
        W = random_layers(rng, problem)
        yield Fact(_excess(problem, W, top) >= 0, "|H| is above its bound at random weights")
        best = _chain(rng, problem, modes[0])
        value = -leading_form(problem, best)
        attained = _excess(problem, best, top) == 0 and value > 0
        yield Fact(
            attained, f"a chain of unit layers along the top pair has −H = {value}, the bound says {top}"
        )
        k = rng.randrange(problem.depth)
        nearby = [W + (layer == k) * _bump(rng, W) for layer, W in enumerate(best)]
        strict = _excess(problem, nearby, top) > 0 or _is_chain(problem, nearby, modes[0])
        yield Fact(strict, "the bound is attained beside the chains of equal layers")


def _bump(rng: random.Random, W: fmpq_mat) -> fmpq_mat:
    return fmpq_mat(W.nrows(), W.ncols(), [small(rng) / 10 for _ in range(W.nrows() * W.ncols())])


def _is_chain(problem: DeepLinearProblem, layers: Layers, mode: Mode) -> bool:
    """The form of the theorem, up to scale: rank one, equal norms, A a positive multiple of u vᵀ."""
    same = len({str(inner(W, W)) for W in layers}) == 1
    A = product(layers)
    scale = inner(A, outer(mode.u, mode.v))
    return same and scale > 0 and all(W.rank() == 1 for W in layers) and scale * outer(mode.u, mode.v) == A


def escape_direction(problem: DeepLinearProblem) -> Iterator[Fact]:
    """H²L^L ≤ s_1²(Σ‖W_l‖²)^L at random weights; equality at the chains, and not beside them."""
    return _directions(problem, 0)


def second_pair(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the bound holds with s_2."""
    return _directions(problem, 1)


def _speed(problem: DeepLinearProblem, power: int) -> Iterator[Fact]:
    modes, rng, L = _modes(problem), seeded(problem, "escape-speed"), problem.depth
    G = problem.flint_gradient_at_origin()
    for _ in range(_TRIES):
        chain, x = _chain(rng, problem, modes[0]), fmpq(rng.randint(1, 5), rng.randint(1, 5))
        layers = [x * W for W in chain]  # ρ = x√L, so ρ' = s_1L^{1−L/2}ρ^{L−1} says x' = s_1x^{L−1}
        for k, W in enumerate(chain):
            velocity = -_partial(problem, layers, k, G)
            expected = modes[0].value * x ** (L - 1 + power) * W
            yield Fact(velocity == expected, f"layer {k + 1} leaves the ray at x = {x}")
        any_layers = random_layers(rng, problem)
        euler = inner(any_layers[0], _partial(problem, any_layers, 0, G))
        yield Fact(euler == leading_form(problem, any_layers), "⟨W_1, ∂H/∂W_1⟩ is not H")


def _partial(problem: DeepLinearProblem, layers: Layers, k: int, G: fmpq_mat) -> fmpq_mat:
    """∂H/∂W_{k+1} = PᵀGQᵀ."""
    below = reduce(lambda low, W: W * low, layers[:k]) if k else None
    above = reduce(lambda low, W: W * low, layers[k + 1 :]) if k + 1 < problem.depth else None
    out = G if above is None else above.transpose() * G
    return out if below is None else out * below.transpose()


def escape_speed(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The velocity of the leading flow on the optimal ray, and Euler's identity that bounds all others."""
    return _speed(problem, 0)


def wrong_speed(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the speed grows like ρ^L."""
    return _speed(problem, 1)


def _maximisers(problem: DeepLinearProblem, *, rises: bool) -> Iterator[Fact]:
    modes, rng = _modes(problem), seeded(problem, "local-maximisers")
    for mode in modes[1:]:  # none at all where the gradient at the origin vanishes
        best = modes[0]
        chain = _chain(rng, problem, mode)
        start = leading_form(problem, chain)
        yield Fact(start == -mode.value, f"−H at the pair of {mode.value} is {-start}")
        for t in (fmpq(1, 3), fmpq(1, 50), fmpq(1, 10**6)):
            c, k = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
            turned = list(chain)
            turned[0] = chain[0] * outer(mode.v, c * mode.v + k * best.v)
            turned[-1] = outer(c * mode.u + k * best.u, mode.u) * chain[-1]
            gain = start - leading_form(problem, turned)
            same = norm2(turned) == norm2(chain)
            expected = (best.value - mode.value) * k * k
            told = f"turning the pair of {mode.value} by {t} towards that of {best.value} gains {gain}"
            yield Fact(same and gain == expected and (gain > 0) == rises, told)


def local_maximisers(problem: DeepLinearProblem) -> Iterator[Fact]:
    """−H rises from every pair below the top one along an explicit rational rotation."""
    return _maximisers(problem, rises=True)


def every_pair_is_one(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: −H falls along that rotation."""
    return _maximisers(problem, rises=False)


CHECKS = (
    Check(
        "deep-escape-direction",
        Kind.EXACT,
        "H²L^L ≤ s_1²(Σ‖W_l‖²)^L at random weights, equality at the chains of rank one and not beside them",
        escape_direction,
        second_pair,
        "the bound holds with s_2",
        "deep-modes",
        witness=three_layers,
    ),
    Check(
        "deep-escape-speed",
        Kind.EXACT,
        "velocity of the leading flow on the optimal ray, and Euler's identity",
        escape_speed,
        wrong_speed,
        "the speed grows like ρ^L",
        "deep-modes",
        witness=three_layers,
    ),
    Check(
        "deep-local-maximisers",
        Kind.EXACT,
        "−H along an explicit rotation from every singular pair below the top one",
        local_maximisers,
        every_pair_is_one,
        "−H falls along that rotation",
        "deep-several-modes",
        witness=three_layers,
    ),
)
