"""Seeded families of diagonal problems: small integer and rational data of many kinds."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import NonUniqueMinimiserError
from saddlesym.theorems.diagonal.assumptions import path_of
from saddlesym.theorems.diagonal.laws.dwells import resolved_dwells


def _integers(rng: random.Random, n: int, d: int, size: int) -> DiagonalProblem:
    X = [[rng.randint(-size, size) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(X, [rng.randint(-size, size) for _ in range(n)])


def _tall(rng: random.Random) -> DiagonalProblem:
    d = rng.randint(1, 4)
    return _integers(rng, d + rng.randint(0, 3), d, rng.choice([2, 3, 5, 9]))


def _wide(rng: random.Random) -> DiagonalProblem:
    n = rng.randint(1, 3)
    return _integers(rng, n, n + rng.randint(1, 3), rng.choice([3, 5, 9]))


def _rational(rng: random.Random) -> DiagonalProblem:
    d = rng.randint(2, 4)
    X = [[Fraction(rng.randint(-9, 9), rng.randint(1, 6)) for _ in range(d)] for _ in range(d + 1)]
    return DiagonalProblem(X, [Fraction(rng.randint(-9, 9), rng.randint(1, 6)) for _ in range(d + 1)])


def _gram(rng: random.Random) -> DiagonalProblem:
    """Given by M = AᵀA and r = Aᵀa alone."""
    other = _tall(rng)
    return DiagonalProblem.from_gram(other.M, other.r)


def _orthogonal(rng: random.Random) -> DiagonalProblem:
    """Columns that are multiples of the columns of a Hadamard or identity matrix."""
    n = rng.choice([2, 3, 4])
    hadamard = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    basis = hadamard if n == 4 and rng.random() < 0.5 else [[int(i == j) for j in range(n)] for i in range(n)]
    d = rng.randint(1, n)
    factors = [rng.choice([-1, 1]) * rng.randint(1, 5) for _ in range(d)]
    X = [[basis[i][j] * factors[j] for j in range(d)] for i in range(n)]
    return DiagonalProblem(X, [rng.randint(-6, 6) for _ in range(n)])


def _degenerate(rng: random.Random) -> DiagonalProblem:
    """Degenerate on purpose: equal, opposite, zero and dependent columns, ties, a zero target."""
    n, d = rng.randint(1, 3), rng.randint(2, 4)
    X = [[rng.randint(-2, 2) for _ in range(d)] for _ in range(n)]
    y = [rng.randint(-3, 3) for _ in range(n)]
    kind = rng.randrange(6)
    if kind == 5:
        y = [0] * n
    for row in X:
        row[-1] = (row[0], -row[0], 0, 2 * row[0], row[0] + row[1], row[-1])[kind]
    return DiagonalProblem(X, y)


def _any(rng: random.Random) -> DiagonalProblem:
    kinds = (_tall, _tall, _wide, _rational, _gram, _orthogonal, _degenerate)
    return rng.choice(kinds)(rng)


def _mostly_curious(rng: random.Random) -> DiagonalProblem:
    """Like any, but paths along which a coordinate leaves are looked for in half of the draws."""
    problem = _any(rng)
    if rng.random() < 0.5:
        return problem
    for _ in range(25):
        try:
            if any(jump.left for jump in saddle_path(problem).jumps):
                break
        except NonUniqueMinimiserError:
            pass
        problem = rng.choice((_tall, _wide))(rng)
    return problem


def _definite(rng: random.Random) -> DiagonalProblem:
    d = rng.randint(2, 4)
    return _integers(rng, d + rng.randint(0, 2), d, rng.choice([2, 3, 5]))


def _general(rng: random.Random) -> DiagonalProblem:
    n = rng.randint(2, 3)
    return _integers(rng, n, rng.randint(n, n + 3), rng.choice([5, 9, 20]))


def _separated(rng: random.Random) -> DiagonalProblem:
    """A short path with a dwell after a jump that a flow at α = 1e-8 resolves."""
    while True:
        d = rng.randint(1, 3)
        problem = _integers(rng, rng.randint(1, 3), d, 3)
        try:
            times = path_of(problem).times()
        except NonUniqueMinimiserError:
            continue
        if times and times[-1] <= 5 and any(dwell.number for dwell in resolved_dwells(problem, 8)):
            return problem


DIAGONAL_FAMILIES: dict[str, Callable[[random.Random], DiagonalProblem]] = {
    "any": _any,
    "path": _mostly_curious,
    "tall": _tall,
    "wide": _wide,
    "definite": _definite,
    "orthogonal": _orthogonal,
    "general-position": _general,
    "degenerate": _degenerate,
    "separated": _separated,
}
