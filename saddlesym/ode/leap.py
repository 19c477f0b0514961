"""Leaps: straight lines on which the exponentials that matter stand still.

Near an equilibrium of the active exponentials the unknowns move on a straight
line until the next exponential wakes up.  The line is found by solving for the
velocity v = b + A_S·E_S with ℓ_j(v) = 0 for the active j, after moving the state
by less than the tolerance to where e_S = E_S.  A leap costs the same however long it
is.  Like a series, a line is a guess that nothing has to trust: the move onto it and
its defect are enclosed afterwards (:meth:`saddlesym.ode.defect.Certifier.line_defect`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz

from saddlesym.ode.kernel import Kernel

_LN2 = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line that nearly solves the field.

    Attributes:
        state: where it starts, in fixed point: the equilibrium next to the given state.
        active: terms held constant.
        velocity: x' in fixed point.
        reach: how long it may be followed (estimate; inf when nothing wakes up).
        fixed: whether the active terms leave no direction to move in, so that it is a point.
    """

    state: list[fmpz]
    active: tuple[int, ...]
    velocity: list[fmpz]
    reach: float
    fixed: bool = False


def straight_line(
    kernel: Kernel, state: Sequence[fmpz], active: tuple[int, ...], tolerance_bits: float
) -> Line | None:
    """The line next to a state on which the active exponentials stand still.

    Newton's method moves the state onto the equilibrium; the move is part of the
    defect, and smaller than the tolerance when the state was near enough.  The
    velocity is found in rational arithmetic, so that a sleeping term whose rate is
    tiny is told from one that never wakes.

    Args:
        kernel: the prepared field.
        state: x in fixed point.
        active: the terms that are to stand still.
        tolerance_bits: −log2 of the defect allowed.

    Returns:
        The line, or None when there is none near by.
    """
    point, basis = list(state), _independent(kernel, active)
    table = kernel.coupling
    exact = _velocity(kernel, basis)
    if exact is None:
        return None
    exponents = kernel.exponents(point)
    for _ in range(4 if basis else 0):
        values = {j: exponents[j].exp() for j in active}
        start = kernel.start_rates(values)
        if all(abs(start[j]) < arb((1, 16 - kernel.bits)) for j in active):
            break
        # d(rates)/dx · A_B c = −rates, for a move A_B c within the span of the coefficients
        wanted = arb_mat([[-start[j]] for j in basis])
        slope = arb_mat([[arb(table[j][i]) * values[i] for i in active] for j in basis])
        span = arb_mat([[arb(table[j][i]) for i in basis] for j in active])
        try:
            move = (slope * span).solve(wanted).entries()
        except ZeroDivisionError:
            return None
        for j, c in zip(basis, move, strict=True):
            for i, q in enumerate(kernel.field.terms[j].coefficients):
                if q != 0:
                    point[i] += kernel.fixed(arb(q) * c)
        exponents = kernel.exponents(point)
    velocity, rates = exact
    reach = _reach(kernel, exponents, rates, set(active), tolerance_bits)
    drift = [kernel.fixed(arb(v)) for v in velocity]
    return Line(point, tuple(active), drift, reach, len(basis) == kernel.dimension)


def _velocity(kernel: Kernel, basis: Sequence[int]) -> tuple[list[fmpq], list[fmpq]] | None:
    """v = b + A_B E with ℓ_j(v) = 0 on the basis B, and ℓ_j(v) for all terms; both exact."""
    key = tuple(basis)
    if key not in kernel.lines:
        kernel.lines[key] = _solved(kernel, basis)
    return kernel.lines[key]


def _solved(kernel: Kernel, basis: Sequence[int]) -> tuple[list[fmpq], list[fmpq]] | None:
    velocity, rates = list(kernel.field.constant), list(kernel.growth)
    if not basis:
        return velocity, rates
    block = fmpq_mat([[kernel.coupling[j][i] for i in basis] for j in basis])
    try:
        heights = block.solve(fmpq_mat([[-kernel.growth[j]] for j in basis])).entries()
    except ZeroDivisionError:
        return None
    for i, e in zip(basis, heights, strict=True):
        column = kernel.field.terms[i].coefficients
        velocity = [v + a * e for v, a in zip(velocity, column, strict=True)]
        rates = [g + row[i] * e for g, row in zip(rates, kernel.coupling, strict=True)]
    return velocity, rates


def _reach(
    kernel: Kernel, exponents: Sequence[arb], rates: Sequence[fmpq], held: set[int], tolerance_bits: float
) -> float:
    """How long a line may be before a sleeping term disturbs it by the tolerance."""
    reach = inf
    for j, rate in enumerate(rates):
        if j in held or rate <= 0:
            continue
        g = arb(rate)
        height = -tolerance_bits * _LN2 - float((kernel.field.measure.terms[j] / g).log()) - 1.5
        reach = min(reach, max(0.0, float((height - exponents[j]) / g)))
    return reach


def _independent(kernel: Kernel, active: Sequence[int]) -> list[int]:
    """The first active terms whose linear forms span those of all of them."""
    chosen: list[int] = []
    rows: list[list[fmpq]] = []
    for j in active:
        candidate = [*rows, list(kernel.field.terms[j].form)]
        if fmpq_mat(candidate).rank() == len(candidate):
            rows, chosen = candidate, [*chosen, j]
    return chosen
