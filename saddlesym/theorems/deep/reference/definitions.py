"""Plain re-statements about deep linear networks, for checks that share no code with the solvers.

Everything is over FLINT's rationals.  A loss along a ray is a polynomial, and its
coefficients are derivatives: they are taken from the definition of the loss alone.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from flint import fmpq, fmpq_mat, fmpq_poly

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import Matrix, flint_matrix, identity, inner, public_matrix
from saddlesym.exact.scalars import fraction, to_fmpq
from saddlesym.theorems.evidence.check import UndecidedError

Layers = list[fmpq_mat]


def seeded(problem: DeepLinearProblem, salt: str) -> random.Random:
    """A generator fixed by the problem, so that it is always tried at the same points."""
    return random.Random(zlib.crc32(repr((salt, problem.cost.data_document(), problem.widths)).encode()))


def small(rng: random.Random) -> fmpq:
    """A small rational number."""
    return fmpq(rng.randint(-6, 6), rng.randint(1, 4))


def random_matrix(rng: random.Random, rows: int, columns: int) -> fmpq_mat:
    """A matrix of small rationals."""
    return fmpq_mat(rows, columns, [small(rng) for _ in range(rows * columns)])


def random_layers(rng: random.Random, problem: DeepLinearProblem) -> Layers:
    """Weights W_1, …, W_L of small rationals."""
    return [random_matrix(rng, *shape) for shape in problem.shapes]


def orthogonal(rng: random.Random, n: int) -> fmpq_mat:
    """A rational orthogonal matrix, by Cayley's transform of an antisymmetric one.

    >>> Q = orthogonal(random.Random(1), 3)
    >>> Q.transpose() * Q == identity(3)
    True
    """
    K = fmpq_mat(n, n)
    for i in range(n):
        for j in range(i):
            K[i, j] = fmpq(rng.randint(-2, 2), rng.randint(1, 2))
            K[j, i] = -K[i, j]
    return (identity(n) - K) * (identity(n) + K).inv()


def invertible(rng: random.Random, n: int) -> fmpq_mat:
    """An invertible matrix of small rationals."""
    while True:
        G = random_matrix(rng, n, n)
        if G.det() != 0:
            return G


def product(layers: Sequence[fmpq_mat]) -> fmpq_mat:
    """W_L ⋯ W_1."""
    return reduce(lambda below, W: W * below, layers)


def outer(u: fmpq_mat, v: fmpq_mat) -> fmpq_mat:
    """u vᵀ for columns."""
    return u * v.transpose()


def column_of(M: fmpq_mat, j: int) -> fmpq_mat:
    """Column j."""
    return fmpq_mat(M.nrows(), 1, [M[i, j] for i in range(M.nrows())])


def norm2(layers: Sequence[fmpq_mat]) -> fmpq:
    """Σ‖W_l‖²."""
    return sum((inner(W, W) for W in layers), fmpq(0))


def public(layers: Sequence[fmpq_mat]) -> list[Matrix]:
    """Weights as the package takes them."""
    return [public_matrix(W) for W in layers]


def gradient(problem: DeepLinearProblem, layers: Sequence[fmpq_mat]) -> Layers:
    """∇𝓛 by the package, one matrix for each layer."""
    return [flint_matrix(g) for g in problem.gradient(public(layers))]


def leading_form(problem: DeepLinearProblem, layers: Sequence[fmpq_mat]) -> fmpq:
    """H(θ) = tr GᵀW_L⋯W_1."""
    return inner(problem.flint_gradient_at_origin(), product(layers))


def loss_along(
    problem: DeepLinearProblem, layers: Sequence[fmpq_mat], moves: Sequence[fmpq_mat]
) -> fmpq_poly:
    """The polynomial ε ↦ 𝓛(θ + εE), from sums over the entries of A, mask, K and B."""
    entries = [
        [[fmpq_poly([W[i, j], E[i, j]]) for j in range(W.ncols())] for i in range(W.nrows())]
        for W, E in zip(layers, moves, strict=True)
    ]
    A = entries[0]
    for W in entries[1:]:
        A = [
            [_sum(w * row[j] for w, row in zip(line, A, strict=True)) for j in range(len(A[0]))] for line in W
        ]
    mask, K, B = problem.cost.flint
    total = fmpq_poly([to_fmpq(problem.cost.constant)])
    for i, line in enumerate(A):
        for j, entry in enumerate(line):
            if mask[i, j] != 0:
                total += _sum(line[k] * K[k, j] for k in range(len(line))) * entry / 2
            total -= B[i, j] * entry
    return total


def _sum(terms: object) -> fmpq_poly:
    out = fmpq_poly([0])
    for term in terms:  # type: ignore[attr-defined]
        out += term
    return out


@dataclass(frozen=True)
class Mode:
    """A singular triple with rational value and rational unit vectors."""

    value: fmpq
    u: fmpq_mat
    v: fmpq_mat


def rational_modes(M: fmpq_mat) -> list[Mode] | None:
    """The positive singular triples, largest first; None unless all are simple and rational.

    >>> [str(mode.value) for mode in rational_modes(fmpq_mat(2, 2, [0, 3, -2, 0]))]
    ['3', '2']
    """
    gram = M.transpose() * M if M.ncols() <= M.nrows() else M * M.transpose()
    modes = []
    _, factors = gram.charpoly().factor()
    for factor, multiplicity in factors:
        if factor.degree() != 1:
            return None
        square = -factor[0] / factor[1]
        if square == 0:
            continue
        value = _root(square)
        if value is None or multiplicity > 1:
            return None
        vector = _unit_kernel(gram - square * identity(gram.nrows()))
        if vector is None:
            return None
        image = (M * vector if M.ncols() <= M.nrows() else M.transpose() * vector) / value
        u, v = (image, vector) if M.ncols() <= M.nrows() else (vector, image)
        modes.append(Mode(value, u, v))
    return sorted(modes, key=lambda mode: -fraction(mode.value))


def modes_of(M: fmpq_mat) -> list[Mode]:
    """The same, with an error in place of None."""
    modes = rational_modes(M)
    if modes is None:
        # equations between irrational numbers: balls could refute them, and never confirm them
        raise UndecidedError(
            "the singular values are not simple with rational unit vectors, which the exact checks need;"
            " the proofs do not (`saddlesym verify`)"
        )
    return modes


def _root(square: fmpq) -> fmpq | None:
    value = fmpq(square.p.isqrt(), square.q.isqrt())
    return value if value * value == square else None


def _unit_kernel(matrix: fmpq_mat) -> fmpq_mat | None:
    """A rational unit vector that spans the kernel, which has dimension one."""
    echelon, rank = matrix.rref()
    n = matrix.nrows()
    pivots = [next(j for j in range(n) if echelon[i, j] != 0) for i in range(rank)]
    free = next(j for j in range(n) if j not in pivots)
    entries = [fmpq(0)] * n
    entries[free] = fmpq(1)
    for i, j in enumerate(pivots):
        entries[j] = -echelon[i, free]
    vector = fmpq_mat(n, 1, entries)
    length = _root(inner(vector, vector))
    return None if length is None else vector / length
