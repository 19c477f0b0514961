"""Checks of critical points, strictness and losses for whitened squared error, on rational modes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from flint import fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import flint_matrix, inner
from saddlesym.exact.scalars import to_fmpq
from saddlesym.theorems.deep.reference.definitions import (
    Layers,
    Mode,
    column_of,
    gradient,
    invertible,
    loss_along,
    modes_of,
    orthogonal,
    outer,
    product,
    public,
    random_matrix,
    seeded,
)
from saddlesym.theorems.evidence.check import Check, Fact
from saddlesym.theorems.evidence.verdict import Kind

_TRIES = 4


def three_modes() -> DeepLinearProblem:
    """Singular values 3, 2, 1; two layers, two hidden neurons."""
    return DeepLinearProblem.whitened([[3, 0, 0], [0, 2, 0], [0, 0, 1]], (3, 2, 3))


def _modes(problem: DeepLinearProblem) -> list[Mode]:
    return modes_of(flint_matrix(problem.cost.target or ()))


def _subset(rng: random.Random, number: int, most: int) -> tuple[int, ...]:
    return tuple(sorted(rng.sample(range(number), rng.randint(0, min(number, most)))))


def critical_layers(rng: random.Random, problem: DeepLinearProblem, chosen: Sequence[Mode]) -> Layers:
    """Layers with the product Σσuvᵀ over the chosen modes, critical and in general not balanced.

    The values are split at random over the layers, and hidden layers are changed by
    random invertible matrices.
    """
    frames = [orthogonal(rng, w) for w in problem.hidden]
    layers = []
    rest = [mode.value for mode in chosen]
    for layer, (rows, columns) in enumerate(problem.shapes):
        last = layer == problem.depth - 1
        W = fmpq_mat(rows, columns)
        for k, mode in enumerate(chosen):
            share = rest[k] if last else fmpq(rng.randint(1, 3), rng.randint(1, 3))
            rest[k] /= share
            right = mode.v if layer == 0 else column_of(frames[layer - 1], k)
            left = mode.u if last else column_of(frames[layer], k)
            W += share * outer(left, right)
        layers.append(W)
    for k, width in enumerate(problem.hidden):
        G = invertible(rng, width)
        layers[k], layers[k + 1] = G * layers[k], layers[k + 1] * G.inv()
    return layers


def _values(problem: DeepLinearProblem, share: fmpq) -> Iterator[Fact]:
    modes, rng = _modes(problem), seeded(problem, "critical-points")
    target = flint_matrix(problem.cost.target or ())
    for _ in range(_TRIES):
        S = _subset(rng, len(modes), problem.max_rank)
        W = critical_layers(rng, problem, [modes[i] for i in S])
        W[0] = share * W[0]
        critical = not any(any(g.entries()) for g in gradient(problem, W))
        yield Fact(critical, f"the gradient does not vanish at the modes {S}")
        loss = to_fmpq(problem.loss(public(W)))
        expected = sum((m.value**2 for i, m in enumerate(modes) if i not in S), fmpq(0)) / 2
        yield Fact(loss == expected, f"the loss of the modes {S} is {loss}, not {expected}")
        if S:  # away from the values A_S nothing is critical
            off = [fmpq(rng.randint(2, 5), 7) * W[0], *W[1:]]
            A = product(off)
            at_value = A.transpose() * A == A.transpose() * target
            moved = any(any(g.entries()) for g in gradient(problem, off))
            yield Fact(moved and not at_value, f"a multiple of A_S is critical for {S}")


def critical_points(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The gradient and the loss at factorisations of A_S, balanced or not, and off them."""
    return _values(problem, fmpq(1))


def half_modes(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: half of A_S is critical too."""
    return _values(problem, fmpq(1, 2))


def _kernel_vector(matrix: fmpq_mat) -> fmpq_mat | None:
    """A vector z ≠ 0 with matrix·z = 0."""
    echelon, rank = matrix.rref()
    n = matrix.ncols()
    pivots = [next(j for j in range(n) if echelon[i, j] != 0) for i in range(rank)]
    free = [j for j in range(n) if j not in pivots]
    if not free:
        return None
    z = fmpq_mat(n, 1)
    z[free[0], 0] = 1
    for i, j in enumerate(pivots):
        z[j, 0] = -echelon[i, free[0]]
    return z


def descent(problem: DeepLinearProblem, W: Layers, modes: Sequence[Mode], S: Sequence[int]) -> Layers | None:
    """The direction (Y, X) of the theorem at a critical point of two layers; None at a global minimum."""
    missing = [mode for i, mode in enumerate(modes) if i not in S]
    if not missing:
        return None
    best = missing[0]  # modes come largest first
    for above in (True, False):
        blind, other = (W[1], W[0].transpose()) if above else (W[0].transpose(), W[1])
        z = _kernel_vector(blind)
        if z is not None:
            image = other * z
            far = (inner(image, image) / best.value + 1) * z / inner(z, z)
            x, y = (z, far) if above else (far, z)
            return [outer(y, best.v), outer(best.u, x)]
    weak = [modes[i] for i in S if modes[i].value < best.value]
    if not weak:
        return None
    own = weak[0]
    return [outer(W[0] * own.v / own.value, best.v), outer(best.u, W[1].transpose() * own.u / own.value)]


def _strict(problem: DeepLinearProblem, sign: int) -> Iterator[Fact]:
    modes, rng = _modes(problem), seeded(problem, "strictness")
    lowest = sum((mode.value**2 for mode in modes[problem.max_rank :]), fmpq(0)) / 2
    for _ in range(_TRIES):
        S = _subset(rng, len(modes), problem.max_rank)
        W = critical_layers(rng, problem, [modes[i] for i in S])
        move = descent(problem, W, modes, S)
        if move is None:
            loss = to_fmpq(problem.loss(public(W)))
            yield Fact(loss == lowest, f"no direction is named at {S}, whose loss {loss} is above {lowest}")
            continue
        ray = loss_along(problem, W, [sign * move[0], move[1]])
        yield Fact(ray[1] == 0 and ray[2] < 0, f"at {S} the loss has the coefficients {ray[1]} and {ray[2]}")


def strictness(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The second coefficient of the loss along the explicit direction, at critical points of any balance."""
    return _strict(problem, 1)


def wrong_direction(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the loss falls along (−Y, X)."""
    return _strict(problem, -1)


def _losses(problem: DeepLinearProblem, shift: int) -> Iterator[Fact]:
    modes, rng = _modes(problem), seeded(problem, "eckart-young")
    target = flint_matrix(problem.cost.target or ())
    rows, columns = target.nrows(), target.ncols()
    for r in range(1, min(rows, columns) + 1):
        bound = sum((mode.value**2 for mode in modes[max(0, r - shift) :]), fmpq(0))
        best = sum((mode.value * outer(mode.u, mode.v) for mode in modes[:r]), fmpq_mat(rows, columns))
        nearest = best - target
        yield Fact(
            inner(nearest, nearest) == bound,
            f"A_{r} is at the distance² {inner(nearest, nearest)}, not {bound}",
        )
        for _ in range(3):
            U = random_matrix(rng, rows, r)
            for C in (random_matrix(rng, r, columns), _fit(U, target)):
                gap = U * C - target
                yield Fact(inner(gap, gap) >= bound, f"a matrix of rank {r} is nearer than {bound}")


def _fit(U: fmpq_mat, target: fmpq_mat) -> fmpq_mat:
    """The best C for A = UC, where UᵀU is invertible; else zero."""
    gram = U.transpose() * U
    return gram.inv() * U.transpose() * target if gram.det() != 0 else fmpq_mat(U.ncols(), target.ncols())


def eckart_young(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Distances of A_r and of other matrices of rank r."""
    return _losses(problem, 0)


def one_mode_more(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the loss of A_r counts mode r too."""
    return _losses(problem, 1)


def _aligned(problem: DeepLinearProblem, power: int) -> Iterator[Fact]:
    modes, rng, L = _modes(problem), seeded(problem, "aligned-modes"), problem.depth
    for _ in range(_TRIES):
        chosen = modes[: problem.max_rank]
        frames = [orthogonal(rng, w) for w in problem.hidden]
        b = [fmpq(rng.randint(1, 7), rng.randint(1, 7)) for _ in chosen]
        left = [[column_of(F, k) for k in range(len(chosen))] for F in frames] + [[m.u for m in chosen]]
        right = [[m.v for m in chosen], *left[:-1]]
        layers = [
            _weighted(b, *pair, shape)
            for pair, shape in zip(zip(left, right, strict=True), problem.shapes, strict=True)
        ]
        speed = [x ** (L - 1 + power) * (mode.value - x**L) for x, mode in zip(b, chosen, strict=True)]
        for k, (slope, *pair, shape) in enumerate(
            zip(gradient(problem, layers), left, right, problem.shapes, strict=True)
        ):
            expected = _weighted(speed, pair[0], pair[1], shape)
            yield Fact(-slope == expected, f"layer {k + 1} does not move as aligned modes do at b = {b}")


def _weighted(
    weights: Sequence[fmpq], left: Sequence[fmpq_mat], right: Sequence[fmpq_mat], shape: tuple[int, int]
) -> fmpq_mat:
    out = fmpq_mat(*shape)
    for b, u, v in zip(weights, left, right, strict=True):
        out += b * outer(u, v)
    return out


def aligned_modes(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The velocity of every layer at aligned balanced weights."""
    return _aligned(problem, 0)


def wrong_mode_speed(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: b' = b^L(σ − b^L)."""
    return _aligned(problem, 1)


CHECKS = (
    Check(
        "deep-critical-points",
        Kind.EXACT,
        "gradient and loss at factorisations of A_S, balanced or not, and off them",
        critical_points,
        half_modes,
        "half of A_S is critical too",
        "deep-modes",
        witness=three_modes,
    ),
    Check(
        "deep-strictness",
        Kind.EXACT,
        "second coefficient of the loss along the explicit direction at every kind of critical point",
        strictness,
        wrong_direction,
        "the loss falls along (−Y, X)",
        "deep-modes-two-layers",
        witness=three_modes,
    ),
    Check(
        "deep-eckart-young",
        Kind.EXACT,
        "distances of A_r and of other matrices of rank r from A*",
        eckart_young,
        one_mode_more,
        "the loss of A_r counts mode r too",
        "deep-modes",
        witness=three_modes,
    ),
    Check(
        "deep-aligned-modes",
        Kind.EXACT,
        "velocity of every layer at aligned balanced weights",
        aligned_modes,
        wrong_mode_speed,
        "b' = b^L(σ − b^L)",
        "deep-modes",
        witness=three_modes,
    ),
)
