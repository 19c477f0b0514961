"""The balanced two-layer flow of whitened squared error in closed form, in balls of any precision.

With Z = (W_1ᵀ; W_2) and M = (0, A*ᵀ; A*, 0) the product is the lower left block of
``e^{MT}Z_0 (I + Z_0ᵀ ∫₀ᵀ e^{2Mτ}dτ Z_0)⁻¹ Z_0ᵀe^{MT}`` (deep-jump-times-whitened, step 3).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from flint import arb, arb_mat, fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import identity
from saddlesym.theorems.deep.reference.definitions import Layers, Mode, orthogonal, outer, random_matrix
from saddlesym.theorems.evidence.check import UndecidedError

#: Beyond, the closed form is not evaluated.
MAX_BITS = 10**6


def balanced_start(rng: random.Random, problem: DeepLinearProblem) -> Layers:
    """Rational (W_1, W_2) with W_2ᵀW_2 = W_1W_1ᵀ, otherwise at random: of either sign of det A."""
    W1, W2 = _balanced(rng, problem)
    while not any(W1.entries()):
        W1, W2 = _balanced(rng, problem)
    if rng.random() < 0.5:  # reflect the outputs or the inputs: the isometries of Cayley have determinant 1
        if problem.widths[0] <= problem.widths[2]:
            W2 = _first_negated(identity(W2.nrows())) * W2
        else:
            W1 = W1 * _first_negated(identity(W1.ncols()))
    return [W1, W2]


def _first_negated(unit: fmpq_mat) -> fmpq_mat:
    unit[0, 0] = -1
    return unit


def reached(modes: Sequence[Mode], start: Layers) -> list[int]:
    """The modes whose vectors W_1v_i + W_2ᵀu_i do not lie in the span of those before."""
    rows: list[list[fmpq]] = []
    found = []
    for i, mode in enumerate(modes):
        vector = start[0] * mode.v + start[1].transpose() * mode.u
        rows.append([vector[k, 0] for k in range(vector.nrows())])
        if fmpq_mat(rows).rank() == len(rows):
            found.append(i)
        else:
            rows.pop()
    return found


def _balanced(rng: random.Random, problem: DeepLinearProblem) -> Layers:
    n_in, width, n_out = problem.widths
    size = max(n_in, n_out)
    Q = orthogonal(rng, size)
    if n_in <= n_out:  # W_2 = QW_1ᵀ with an isometry Q
        W1 = random_matrix(rng, width, n_in)
        isometry = fmpq_mat(n_out, n_in, [Q[i, j] for i in range(n_out) for j in range(n_in)])
        return [W1, isometry * W1.transpose()]
    W2 = random_matrix(rng, n_out, width)
    isometry = fmpq_mat(n_in, n_out, [Q[i, j] for i in range(n_in) for j in range(n_out)])
    return [(isometry * W2).transpose(), W2]


def product_at(modes: Sequence[Mode], start: Layers, decades: int, t: fmpq) -> arb_mat:
    """A(tΛ) from 10^−decades times a balanced start, Λ = ln(1/α), at FLINT's present precision."""
    scale = decades * arb(10).log()
    alpha, time = (-scale).exp(), scale * arb(t)
    n_in, n_out = start[0].ncols(), start[1].nrows()
    stacked = _stack(start[0].transpose(), start[1])
    growth = _of_M(modes, n_in, n_out, lambda lam: (arb(lam) * time).exp())
    weight = _of_M(
        modes,
        n_in,
        n_out,
        lambda lam: time if lam == 0 else ((2 * arb(lam) * time).exp() - 1) / (2 * arb(lam)),
    )
    Z = arb_mat(stacked)
    N = arb_mat(identity(stacked.ncols())) + alpha**2 * (Z.transpose() * weight * Z)
    E = alpha * (growth * Z)
    R = E * N.inv() * E.transpose()
    return arb_mat([[R[n_in + i, j] for j in range(n_in)] for i in range(n_out)])


def _stack(above: fmpq_mat, below: fmpq_mat) -> fmpq_mat:
    return fmpq_mat(above.nrows() + below.nrows(), above.ncols(), [*above.entries(), *below.entries()])


def _of_M(modes: Sequence[Mode], n_in: int, n_out: int, f: Callable[[fmpq], arb]) -> arb_mat:
    """f(M) from the eigenvectors (v; ±u)/√2 for ±σ, and 0 on the rest."""
    rest = identity(n_in + n_out)
    total = arb_mat(n_in + n_out, n_in + n_out)
    for mode in modes:
        for sign in (1, -1):
            vector = _stack(mode.v, sign * mode.u)
            projector = outer(vector, vector) / 2
            rest -= projector
            total += f(sign * mode.value) * arb_mat(projector)
    return total + f(fmpq(0)) * arb_mat(rest)


def precision(decades: int, largest: fmpq, t: fmpq) -> int:
    """Bits that cover every power of α that occurs."""
    bits = fmpq(17, 5) * decades * 4 * (1 + largest * t)
    if bits > MAX_BITS:
        raise UndecidedError("the singular values are too far apart for a closed form in balls")
    return int(bits.ceil()) + 200
