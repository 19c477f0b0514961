"""Checks of balancedness, of rotations and added neurons, and of the origin, on rational weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flint import fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import identity, inner
from saddlesym.theorems.deep.reference.definitions import (
    Layers,
    gradient,
    leading_form,
    loss_along,
    orthogonal,
    outer,
    product,
    random_layers,
    seeded,
)
from saddlesym.theorems.evidence.check import Check, Fact
from saddlesym.theorems.evidence.verdict import Kind

_TRIES = 3


def masked_layers() -> DeepLinearProblem:
    """Three layers and a mask."""
    return DeepLinearProblem.matrix_completion([[3, 1], [-1, 2]], [[1, 1], [0, 1]], (2, 2, 2, 2))


def _balanced(problem: DeepLinearProblem, sign: int) -> Iterator[Fact]:
    rng = seeded(problem, "balancedness")
    for _ in range(_TRIES):
        W, E = random_layers(rng, problem), random_layers(rng, problem)
        slope = gradient(problem, W)
        along = sum((inner(g, e) for g, e in zip(slope, E, strict=True)), fmpq(0))
        found = loss_along(problem, W, E)[1]
        yield Fact(
            found == along, f"the loss changes at the rate {found} along a ray, its gradient says {along}"
        )
        for k in range(problem.depth - 1):
            up = W[k + 1].transpose() * slope[k + 1]
            down = slope[k] * W[k].transpose()
            rate = up + up.transpose() - sign * (down + down.transpose())
            worst = max(rate.entries(), key=abs)
            yield Fact(worst == 0, f"layers {k + 1} and {k + 2}: an entry changes at the rate {worst}")


def balancedness(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The rate of W_{l+1}ᵀW_{l+1} − W_lW_lᵀ, with a gradient that agrees with values of the loss."""
    return _balanced(problem, 1)


def wrong_balance(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the sum of the two is conserved."""
    return _balanced(problem, -1)


def _turned(W: Sequence[fmpq_mat], frames: Sequence[fmpq_mat], *, back: bool = True) -> Layers:
    """F_l W_l F_{l−1}ᵀ."""
    return [
        above * w * (below.transpose() if back else below)
        for w, below, above in zip(W, frames, frames[1:], strict=False)
    ]


def _rotations(problem: DeepLinearProblem, *, back: bool) -> Iterator[Fact]:
    rng = seeded(problem, "rotations")
    for _ in range(_TRIES):
        W = random_layers(rng, problem)
        inside = [orthogonal(rng, w) for w in problem.hidden]
        frames = [identity(problem.widths[0]), *inside, identity(problem.widths[-1])]
        V = _turned(W, frames, back=back)
        yield Fact(product(V) == product(W), "the product changes when hidden layers turn")
        same = gradient(problem, V) == _turned(gradient(problem, W), frames, back=back)
        yield Fact(same, "the gradient does not turn with the layers")


def rotation_equivariance(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Product and gradient at rational rotations of the hidden layers."""
    return _rotations(problem, back=True)


def one_sided_rotation(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: R_l W_l R_{l−1} does as well as R_l W_l R_{l−1}ᵀ."""
    return _rotations(problem, back=False)


def _inclusion(problem: DeepLinearProblem, outgoing: int) -> Iterator[Fact]:
    rng = seeded(problem, "inclusion")
    for _ in range(_TRIES):
        W = random_layers(rng, problem)
        wide = [w + rng.randint(1, 2) for w in problem.hidden]
        widths = (problem.widths[0], *wide, problem.widths[-1])
        bigger = DeepLinearProblem(problem.cost, widths)
        V = _padded(W, widths, outgoing)
        yield Fact(product(V) == product(W), "the product changes when neurons are added")
        found, expected = gradient(bigger, V), _padded(gradient(problem, W), widths, 0)
        yield Fact(found == expected, "the added neurons move, or the others move differently")


def _padded(layers: Sequence[fmpq_mat], widths: Sequence[int], outgoing: int) -> Layers:
    """Zeros in the new rows; in the new columns of a layer the value ``outgoing``."""
    out = []
    for W, rows, columns in zip(layers, widths[1:], widths[:-1], strict=True):
        new = fmpq_mat(rows, columns)
        for i in range(W.nrows()):
            for j in range(columns):
                new[i, j] = W[i, j] if j < W.ncols() else outgoing
        out.append(new)
    return out


def width_inclusion(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Product and gradient of the network with zero neurons added."""
    return _inclusion(problem, 0)


def loose_inclusion(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: a new neuron rests as soon as its incoming weights are zero."""
    return _inclusion(problem, 1)


def _origin(problem: DeepLinearProblem, order: int) -> Iterator[Fact]:
    rng, L = seeded(problem, "origin"), problem.depth
    zero = [fmpq_mat(*shape) for shape in problem.shapes]
    for _ in range(_TRIES):
        E = random_layers(rng, problem)
        ray = loss_along(problem, zero, E)
        low = [str(ray[k]) for k in range(1, L + order) if ray[k] != 0]
        yield Fact(not low, f"a derivative of order below {L + order} does not vanish: {low}")
        H = leading_form(problem, E)
        yield Fact(ray[L] == H, f"the coefficient of order {L} is {ray[L]}, H says {H}")
    G = problem.flint_gradient_at_origin()
    entry = next(((i, j) for i in range(G.nrows()) for j in range(G.ncols()) if G[i, j] != 0), None)
    if entry is None:
        return
    i, j = entry
    ends = [-1 if G[i, j] > 0 else 1, *[1] * (L - 1)]
    units = [fmpq_mat(n, 1, [int(k == (j if layer == 0 else i if layer == L else 0)) for k in range(n)])
             for layer, n in enumerate(problem.widths)]  # fmt: skip
    E = [sign * outer(units[k + 1], units[k]) for k, sign in enumerate(ends)]
    ray = loss_along(problem, zero, E)
    yield Fact(ray[L] < 0, f"the loss does not fall along the direction of the entry {entry}")
    yield Fact((ray[2] < 0) == (L == 2), f"L = {L}: the second derivative there is {2 * ray[2]}")


def origin(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Coefficients of ε ↦ 𝓛(εθ), from sums over entries, and an explicit direction of descent."""
    return _origin(problem, 0)


def flatter_origin(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the derivatives of order L vanish too."""
    return _origin(problem, 1)


CHECKS = (
    Check(
        "deep-balancedness",
        Kind.EXACT,
        "rate of W_{l+1}ᵀW_{l+1} − W_lW_lᵀ at rational weights, with a gradient checked on values of the"
        " loss",
        balancedness,
        wrong_balance,
        "the sum of the two matrices is conserved",
        "deep-any",
        witness=masked_layers,
    ),
    Check(
        "deep-rotation-equivariance",
        Kind.EXACT,
        "product and gradient at rational rotations of the hidden layers",
        rotation_equivariance,
        one_sided_rotation,
        "R_l W_l R_{l−1} does as well as R_l W_l R_{l−1}ᵀ",
        "deep-any",
        witness=masked_layers,
    ),
    Check(
        "deep-width-inclusion",
        Kind.EXACT,
        "product and gradient of the network with zero neurons added",
        width_inclusion,
        loose_inclusion,
        "a new neuron rests as soon as its incoming weights are zero",
        "deep-any",
        witness=masked_layers,
    ),
    Check(
        "deep-origin",
        Kind.EXACT,
        "all coefficients of ε ↦ 𝓛(εθ) up to order L, from sums over entries",
        origin,
        flatter_origin,
        "the derivatives of order L vanish too",
        "deep-any",
        witness=masked_layers,
    ),
)
