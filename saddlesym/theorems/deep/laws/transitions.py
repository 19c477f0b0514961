"""Checks of the orbits of an exchange or growth of modes, exactly, on rational modes.

The weights of the theorem are written down at a rational moment of the orbit, in all layers and
beside modes at rest; the package's gradient must be the velocity that the theorem gives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flint import fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import flint_matrix, identity
from saddlesym.theorems.deep.reference.definitions import (
    Layers,
    Mode,
    column_of,
    gradient,
    modes_of,
    orthogonal,
    outer,
    seeded,
)
from saddlesym.theorems.evidence.check import Check, Fact
from saddlesym.theorems.evidence.verdict import Kind

_TRIES = 3
#: cos and sin of a rational angle.
_POINTS = ((fmpq(3, 5), fmpq(4, 5)), (fmpq(12, 13), fmpq(5, 13)), (fmpq(8, 17), fmpq(15, 17)))


def three_modes() -> DeepLinearProblem:
    """Singular values 3, 2 and 1; three layers."""
    return DeepLinearProblem.whitened([[3, 0, 0], [0, 2, 0], [0, 0, 1]], (3, 2, 2, 3))


def _neuron(frames: Sequence[fmpq_mat], k: int, p: fmpq_mat, q: fmpq_mat) -> list[fmpq_mat]:
    """x_0 = p, x_1, …, x_L = q: hidden neuron k of every layer."""
    return [p, *(column_of(frame, k) for frame in frames), q]


def _term(line: Sequence[fmpq_mat], sizes: Sequence[fmpq]) -> Layers:
    """Σ of one neuron: size·x_l x_{l−1}ᵀ in every layer."""
    return [size * outer(above, below) for size, below, above in zip(sizes, line, line[1:], strict=False)]


def _sum(a: Layers, b: Layers) -> Layers:
    return [x + y for x, y in zip(a, b, strict=True)]


def _orbit(problem: DeepLinearProblem, *, rising: bool) -> Iterator[Fact]:
    modes, rng = modes_of(flint_matrix(problem.cost.target or ())), seeded(problem, "transitions")
    for _ in range(_TRIES if len(modes) > 1 else 0):
        j, s = sorted(rng.sample(range(len(modes)), 2))  # σ_j > σ_s
        if not rising:
            j, s = s, j
        frames = [identity(w) if w == 1 else orthogonal(rng, w) for w in problem.hidden]
        rho = fmpq(rng.randint(1, 6), 4)
        layers, velocity = _exchange(problem, modes[j], modes[s], frames, rng.choice(_POINTS), rho)
        resting = [k for k in range(len(modes)) if k not in (j, s)][: min(problem.hidden) - 1]
        for number, k in enumerate(resting, 1):  # at rest, of any split over the layers
            rest = _term(
                _neuron(frames, number, modes[k].v, modes[k].u),
                [modes[k].value, *[fmpq(1)] * (problem.depth - 1)],
            )
            layers = _sum(layers, rest)
        slope = gradient(problem, layers)
        same = all(not any((g + v).entries()) for g, v in zip(slope, velocity, strict=True))
        told = f"modes {s} → {j} beside {resting}"
        yield Fact(same, f"{told}: the gradient is not the velocity of the orbit")
        first = column_of(frames[0], 0)
        now, rate = ([(first.transpose() * W * mode.v)[0, 0] for mode in (modes[j], modes[s])]
                     for W in (layers[0], velocity[0]))  # fmt: skip
        turning = rate[0] * now[1] - rate[1] * now[0]
        yield Fact(turning > 0, f"{told}: the weight does not turn towards mode {j} but by {turning}")


def _exchange(
    problem: DeepLinearProblem,
    high: Mode,
    low: Mode,
    frames: Sequence[fmpq_mat],
    angle: tuple[fmpq, fmpq],
    rho: fmpq,
) -> tuple[Layers, Layers]:
    """Weights of the pair at (p_j, p_s) = ``angle`` and norm ρ, and their velocity by the theorem."""
    L, (c, d) = problem.depth, angle
    mu = high.value * c * c + low.value * d * d
    drho = rho ** (L - 1) * (mu - rho**L)
    dc, dd = (rho ** (L - 2) * (mode.value - mu) * x for mode, x in ((high, c), (low, d)))
    line = _neuron(frames, 0, c * high.v + d * low.v, c * high.u + d * low.u)
    layers, velocity = _term(line, [rho] * L), _term(line, [drho] * L)
    velocity[0] = velocity[0] + rho * outer(line[1], dc * high.v + dd * low.v)
    velocity[-1] = velocity[-1] + rho * outer(dc * high.u + dd * low.u, line[-2])
    return layers, velocity


def exchange_orbits(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The gradient at a moment of the orbit of an exchange, in all layers."""
    return _orbit(problem, rising=True)


def exchange_downwards(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: a mode is exchanged for one of smaller σ."""
    return _orbit(problem, rising=False)


CHECKS = (
    Check(
        "deep-transitions",
        Kind.EXACT,
        "gradient against the velocity of an exchange of modes at rational moments, beside modes at rest",
        exchange_orbits,
        exchange_downwards,
        "a mode is exchanged for one of smaller σ",
        "deep-several-modes",
        witness=three_modes,
    ),
)
