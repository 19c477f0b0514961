"""How far a point θ of parameter space is from the global minima and from the saddles.

Both distances are hard non-convex problems, so each is held between two numbers: a
lower bound that is an inequality, and the length of an explicit step that reaches the
set.  The cost is ``C(A) = ½‖A − A*‖²``; arithmetic is float64.

Lower bounds.  If no layer moves by more than D in the operator norm, A_θ moves by at
most ``Π(a_l + D) − Π a_l`` with a_l = ‖W_l‖: so the distance to the minima is at least
the D at which that is ‖A* − A_θ‖.  At a saddle G = ∇C(A) ≠ 0 satisfies
``G (W_{L−1}⋯W_1)ᵀ = 0`` and ``(W_L⋯W_2)ᵀ G = 0``, so W_{L−1}⋯W_1 kills a vector of the
row space of G, and the transpose of W_L⋯W_2 one of its column space: both products must
lose rank, which bounds D in the same way by their least singular values.

Upper bounds.  The step to the minima solves ``min ‖δ‖ : A_{θ+δ} = A*`` by sequential
quadratic programming.  For the saddles, let S be a set of singular modes of A*.  Where
``W_1 v_i = 0`` and ``u_iᵀ W_L = 0`` for i ∉ S and A_θ = A_S, all gradients vanish; for
L = 2 these are all saddles (BH89), for L ≥ 3 some of them.  The linear conditions are
met by projection, the last one as before, and the least over all S ≠ full is kept.  Where two
layers l < m die on all that reaches them, ``W_l⋯W_1 = 0`` and ``W_L⋯W_m = 0``, every product of
L − 1 layers has a dead one in it, so this is a saddle of rank 0 too; all pairs are tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from saddlesym.errors import BadInputError, BudgetError
from saddlesym.exact.documents.results import Documented

Array = NDArray[np.float64]

_STEPS, _STILL, _MET = 500, 1e-4, 1e-10
_DENSE, _MODES = 200, 8
#: Singular values of A* below this part of the greatest one are none.
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Bracket(Documented):
    """A distance that lies between two numbers.

    Attributes:
        lower: a lower bound (float64, not rounded outwards).
        upper: the length of a step that reaches the set.
    """

    lower: float
    upper: float


@dataclass(frozen=True)
class Distances(Documented):
    """The distances from one θ.

    Attributes:
        minima: to the global minima, ``{A_θ = A*}``.
        saddles: to the critical points with A_θ ≠ A*.
        saddle_rank: the rank of A at the saddle that gave the upper bound.
    """

    minima: Bracket
    saddles: Bracket
    saddle_rank: int


def distances(weights: Sequence[Any], target: Any, norms: Sequence[float] | None = None) -> Distances:
    """Distances from θ to the global minima and to the saddles of ``½‖W_L⋯W_1 − A*‖²``.

    Args:
        weights: (W_1, …, W_L), W_l of shape n_l × n_{l−1}; hidden widths no smaller
            than n_0 and n_L.
        target: A* (n_L × n_0).
        norms: of the layers as operators, or bounds of these, where ``weights`` are part of a
            wider network (:mod:`saddlesym.deep.experiments.wide`); by default they are computed.

    Raises:
        BadInputError: shapes that do not fit, or numbers that are not finite.
        BudgetError: A* has more than 8 singular modes.

    Source: J21, theorem 1, where the rates of both in the width are given.

    >>> found = distances([[[2.0], [0.0]], [[2.0, 0.0]]], [[1.0]])
    >>> round(found.minima.upper, 4), round(found.saddles.upper, 4), found.saddle_rank
    (1.4142, 2.8284, 0)
    """
    problem = _Network(weights, target)
    u, s, vt = np.linalg.svd(problem.target)
    modes = int(np.sum(s > NEGLIGIBLE * s[0]))
    if modes == 0:
        raise BadInputError(
            "A* = 0", needed="a target other than zero: A* = 0 has no saddle below the origin"
        )
    if modes > _MODES:
        raise BudgetError(f"A* has {modes} singular modes", needed=f"{_MODES} at most: 2^r saddles are tried")
    sizes = [_norm(w) for w in problem.weights] if norms is None else list(norms)
    if len(sizes) != len(problem.weights):
        raise BadInputError(f"{len(sizes)} norms", needed=f"one for each of {len(problem.weights)} layers")
    minima = Bracket(_minima_bound(problem.weights, problem.target, sizes), _step_length(problem))
    upper, rank = _nearest_saddle(problem, u[:, :modes], s[:modes], vt[:modes])
    return Distances(minima, Bracket(_saddle_bound(problem.weights, sizes), upper), rank)


class _Network:
    """Weights and target as checked float64 arrays."""

    def __init__(self, weights: Sequence[Any], target: Any) -> None:
        self.weights = [_array(w, f"W_{k}") for k, w in enumerate(weights, 1)]
        self.target = _array(target, "A*")
        if len(self.weights) < 2:
            raise BadInputError(f"{len(self.weights)} layers", needed="two at least")
        sizes = [self.target.shape[1], *(w.shape[0] for w in self.weights)]
        for k, w in enumerate(self.weights, 1):
            if w.shape[1] != sizes[k - 1]:
                raise BadInputError(f"W_{k} has {w.shape[1]} columns", needed=f"{sizes[k - 1]}")
        if sizes[-1] != self.target.shape[0]:
            raise BadInputError(f"W_{len(weights)} has {sizes[-1]} rows", needed=f"{self.target.shape[0]}")
        if min(sizes[1:-1]) < max(self.target.shape):
            raise BadInputError(
                f"hidden width {min(sizes[1:-1])}",
                needed=f"{max(self.target.shape)} or more, as A* has sides",
            )


def _array(values: Any, name: str) -> Array:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInputError(f"{name} is no matrix of numbers") from None
    if array.ndim != 2 or 0 in array.shape or not np.isfinite(array).all():
        raise BadInputError(f"{name} is no matrix of finite numbers")
    return array


# --- lower bounds


def _norm(matrix: Array) -> float:
    """The operator norm."""
    if min(matrix.shape) < _DENSE:
        return float(np.linalg.norm(matrix, 2))
    start = np.random.default_rng(0).standard_normal(min(matrix.shape))
    return float(svds(matrix, k=1, v0=start, return_singular_vectors=False)[0])


def _least_move(norms: Sequence[float], change: float) -> float:
    """The D with ``Π(a_l + D) − Π a_l = change``."""
    powers = [1.0]  # of Π(a_l + D), the highest first
    for a in norms:
        powers = [p + a * q for p, q in zip([*powers, 0.0], [0.0, *powers], strict=True)]
    powers[-1] = 0.0  # Π a_l itself, which would cancel where the layers are large
    low = 0.0
    high = min((change / p) ** (1 / k) for k, p in zip(range(len(norms), 0, -1), powers, strict=False) if p)
    for _ in range(60):
        middle = (low + high) / 2
        if reduce(lambda value, p: value * middle + p, powers) < change:
            low = middle
        else:
            high = middle
    return low


def _minima_bound(weights: Sequence[Array], target: Array, norms: Sequence[float]) -> float:
    return _least_move(norms, _norm(target - _product(weights)))


def _saddle_bound(weights: Sequence[Array], norms: Sequence[float]) -> float:
    below, above = weights[:-1], [w.T for w in reversed(weights[1:])]
    bounds = [
        _least_move(sizes, float(np.linalg.svd(_product(part), compute_uv=False)[-1]))
        for part, sizes in ((below, norms[:-1]), (above, norms[1:]))
    ]
    # for two layers the two products are W_1 and W_2ᵀ: both must lose rank, in disjoint coordinates
    return hypot(*bounds) if len(weights) == 2 else max(bounds)


# --- upper bounds


def _product(weights: Sequence[Array]) -> Array:
    return reduce(lambda below, w: w @ below, weights)


def _parts(weights: Sequence[Array]) -> tuple[list[Array], list[Array], Array]:
    """For every layer the product below it and the transposed product above it; and A."""
    below, above = [np.eye(weights[0].shape[1])], [np.eye(weights[-1].shape[0])]
    for w in weights[:-1]:
        below.append(w @ below[-1])
    for w in reversed(weights[1:]):
        above.append(w.T @ above[-1])
    return below, above[::-1], weights[-1] @ below[-1]


def _multiplier(below: list[Array], above: list[Array], change: Array) -> Array:
    """Λ such that the step δW_l = above_l Λ below_lᵀ changes A by this much, to first order."""
    gram = sum(np.kron(a.T @ a, b.T @ b) for a, b in zip(above, below, strict=True))
    return np.linalg.solve(gram, change.ravel()).reshape(change.shape)


def _step_length(problem: _Network) -> float:
    """Length of a short step δ with A_{θ+δ} = A*, close to a local minimiser of ‖δ‖."""
    balanced = _balanced_minimum(problem)
    # from tiny layers in great number the first steps may lead out of float64
    for begin in (problem.weights, balanced):
        with np.errstate(over="ignore", invalid="ignore"):
            try:
                found = _search(
                    problem.weights, begin, problem.target, 2 * _length(balanced, problem.weights)
                )
            except np.linalg.LinAlgError:
                continue
        if found is not None:
            return found
    return _length(balanced, problem.weights)


def _balanced_minimum(problem: _Network) -> list[Array]:
    """Weights with the product A*, all layers with the singular values σ^{1/L}, on the first hidden axes."""
    u, s, vt = np.linalg.svd(problem.target, full_matrices=False)
    root = s ** (1 / len(problem.weights))
    out = [np.zeros_like(w) for w in problem.weights]
    for w in out[1:-1]:
        np.fill_diagonal(w[: len(root), : len(root)], root)
    out[0][: len(root)] = root[:, None] * vt
    out[-1][:, : len(root)] = u * root
    return out


def _search(start: list[Array], begin: list[Array], target: Array, far: float) -> float | None:
    """The length of a step from ``start``, no longer than ``far``; None if none was found."""
    now = begin
    for _ in range(_STEPS):
        below, above, A = _parts(now)
        drift = sum(a.T @ (w - w0) @ b for a, w, w0, b in zip(above, now, start, below, strict=True))
        wanted = _multiplier(below, above, target - A + drift)
        # half of the Newton step: the full one exchanges the layers for ever when θ is small
        ahead = [
            (w + w0 + a @ (wanted @ b.T)) / 2 for w, w0, a, b in zip(now, start, above, below, strict=True)
        ]
        length = _length(ahead, start)
        if length > far:  # the first steps from a tiny θ lead nowhere near
            now = [w0 + (w - w0) * (far / length) for w, w0 in zip(ahead, start, strict=True)]
            continue
        moved, now = _length(ahead, now), ahead
        if moved <= _STILL * length:
            break
    for _ in range(_STEPS):
        below, above, A = _parts(now)
        missing = target - A
        if np.abs(missing).max() <= _MET * (1 + np.abs(target).max()):
            return _length(now, start)
        rest = _multiplier(below, above, missing)
        now = [w + a @ (rest @ b.T) for w, a, b in zip(now, above, below, strict=True)]
    return None


def _length(weights: Sequence[Array], others: Sequence[Array]) -> float:
    return float(np.sqrt(sum(np.vdot(w - v, w - v) for w, v in zip(weights, others, strict=True))))


def _nearest_saddle(problem: _Network, u: Array, s: Array, vt: Array) -> tuple[float, int]:
    """Length of a step to some saddle, and its rank: the best over all sets of modes."""
    first, last = problem.weights[0], problem.weights[-1]
    best, rank = _two_dead_layers(problem.weights), 0
    for size in range(len(s)):
        for kept in combinations(range(len(s)), size):
            gone = [i for i in range(len(s)) if i not in kept]
            removed = float(np.hypot(np.linalg.norm(first @ vt[gone].T), np.linalg.norm(u[:, gone].T @ last)))
            if removed >= best:
                continue
            rows, columns = _complement(u[:, gone]), _complement(vt[gone].T)
            if rows.shape[1] == 0 or columns.shape[1] == 0:
                best, rank = removed, size  # all of A is gone already
                continue
            A = rows.T @ (u[:, kept] * s[list(kept)]) @ vt[list(kept)] @ columns
            rest = _Network([first @ columns, *problem.weights[1:-1], rows.T @ last], A)
            far = _minima_bound(rest.weights, A, [_norm(w) for w in rest.weights])
            if float(np.hypot(removed, far)) >= best:
                continue
            reached = float(np.hypot(removed, _step_length(rest)))
            if reached < best:
                best, rank = reached, size
    return best, rank


def _two_dead_layers(weights: Sequence[Array]) -> float:
    """The shortest step after which two layers are zero on what the layers below and above let through."""
    below, above, _ = _parts(weights)
    lower = [float(np.linalg.norm(w @ _range(b))) for w, b in zip(weights, below, strict=True)]
    upper = [float(np.linalg.norm(_range(a).T @ w)) for w, a in zip(weights, above, strict=True)]
    return min(hypot(a, b) for m, b in enumerate(upper) for a in lower[:m])


def _range(matrix: Array) -> Array:
    """An orthonormal basis, in columns, of the range of a matrix."""
    u, s, _ = np.linalg.svd(matrix, full_matrices=False)
    return u[:, s > NEGLIGIBLE * s[0]] if s.size and s[0] else u[:, :0]


def _complement(vectors: Array) -> Array:
    """An orthonormal basis, in columns, of what is orthogonal to orthonormal columns."""
    return np.linalg.qr(vectors, mode="complete")[0][:, vectors.shape[1] :]
