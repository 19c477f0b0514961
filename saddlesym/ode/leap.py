"""Leaps: straight lines on which the exponentials that matter stand still.

Near an equilibrium of the active exponentials the unknowns move on a straight
line until the next exponential wakes up.  The line is found by solving for the
velocity v = b + A_S·E_S with ℓ_j(v) = 0 for the active j, after moving the state
by less than the tolerance to where e_S = E_S; that move, ``A_S (E_S − e_S)`` and
all that sleeps are enclosed.  A leap costs the same
however long it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat, fmpz

from saddlesym.ode.defect import BOUND_BITS, positive_part
from saddlesym.ode.kernel import Kernel

_LN2 = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line that nearly solves the field.

    Attributes:
        state: where it starts, in fixed point: the equilibrium next to the given state.
        active: terms held constant.
        velocity: x' in fixed point.
        rates: enclosures of ℓ_j(velocity) for all terms.
        exponents: enclosures of ℓ_j(x) + c_j at its start, for all terms.
        jump: proved bound for the distance from the given state to its start.
        gap: proved bound for ‖velocity − b − A_S e_S‖ at its start.
        reach: how long it may be followed (estimate; inf when nothing wakes up).
    """

    state: list[fmpz]
    active: tuple[int, ...]
    velocity: list[fmpz]
    rates: list[arb]
    exponents: list[arb]
    jump: arb
    gap: arb
    reach: float


def straight_line(
    kernel: Kernel, state: Sequence[fmpz], active: tuple[int, ...], tolerance_bits: float
) -> Line | None:
    """The line next to a state on which the active exponentials stand still.

    Newton's method moves the state onto the equilibrium; the move is part of the
    defect, and smaller than the tolerance when the state was near enough.

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
    block = arb_mat([[arb(table[j][i]) for i in basis] for j in basis]) if basis else None
    moves, shift = [arb(0)] * len(basis), [arb(0)] * len(basis)
    for attempt in range(5):
        exponents = kernel.exponents(point)
        values = {j: exponents[j].exp() for j in active}
        start = kernel.start_rates(values)
        if block is None:
            break
        wanted = arb_mat([[-start[j]] for j in basis])
        if attempt == 4 or all(abs(start[j]) < arb((1, 16 - kernel.bits)) for j in active):
            try:
                shift = block.solve(wanted).entries()
            except ZeroDivisionError:
                return None
            break
        # d(rates)/dx · A_B c = wanted, for a move A_B c within the span of the coefficients
        slope = arb_mat([[arb(table[j][i]) * values[i] for i in active] for j in basis])
        span = arb_mat([[arb(table[j][i]) for i in basis] for j in active])
        try:
            move = (slope * span).solve(wanted).entries()
        except ZeroDivisionError:
            return None
        moves = [a + abs(c) for a, c in zip(moves, move, strict=True)]
        for j, c in zip(basis, move, strict=True):
            for i, q in enumerate(kernel.field.terms[j].coefficients):
                if q != 0:
                    point[i] += kernel.fixed(arb(q) * c)
    amplitudes = dict(values)
    for i, y in zip(basis, shift, strict=True):
        amplitudes[i] = amplitudes[i] + y
    exact = [arb(q) for q in kernel.field.constant]
    for j, e in amplitudes.items():
        for i, q in enumerate(kernel.field.terms[j].coefficients):
            if q != 0:
                exact[i] += arb(q) * e
    velocity = [kernel.fixed(x) for x in exact]
    rates = [
        sum((arb(q) * kernel.real(velocity[i]) for i, q in enumerate(t.form) if q != 0), arb(0))
        for t in kernel.field.terms
    ]
    measure = kernel.field.measure
    gap = jump = arb(0)
    for i, basis_norm in enumerate(measure.basis):
        gap += basis_norm * abs(kernel.real(velocity[i]) - exact[i])
        jump += basis_norm * arb((1, 3 - kernel.bits)) * len(basis)
    for i, y, c in zip(basis, shift, moves, strict=True):
        gap += measure.terms[i] * abs(y)
        jump += measure.terms[i] * c
    with ctx.workprec(BOUND_BITS):
        gap, jump = gap.upper(), jump.upper()
    held = set(active)
    reach = _reach(kernel, exponents, rates, held, tolerance_bits)
    return Line(point, tuple(active), velocity, rates, exponents, jump, gap, reach)


def _reach(
    kernel: Kernel, exponents: Sequence[arb], rates: Sequence[arb], held: set[int], tolerance_bits: float
) -> float:
    """How long a line may be before a sleeping term disturbs it by the tolerance."""
    reach, noise = inf, 2.0 ** (20 - kernel.bits)
    for j, rate in enumerate(rates):
        g = float(rate)
        if j in held or g <= noise:
            continue
        height = -tolerance_bits * _LN2 - float((kernel.field.measure.terms[j] / g).log()) - 1.5
        reach = min(reach, max(0.0, (height - float(exponents[j])) / g))
    return reach


def line_defect(kernel: Kernel, line: Line, length: arb) -> arb:
    """A proved bound for the jump onto a line plus ∫‖x̂' − f(x̂)‖ along this length of it."""
    with ctx.workprec(BOUND_BITS):
        total = line.jump + length * line.gap
        held = set(line.active)
        for j, weight in enumerate(kernel.field.measure.terms):
            rate, start = line.rates[j], line.exponents[j]
            if j in held:
                drift = length * abs(rate)
                total += weight * length * start.exp() * drift.expm1()
                continue
            highest = (start + length * positive_part(rate)).exp()
            speed = abs(rate).lower()
            integral = (length * highest).upper()
            if speed > 0:
                quotient = (highest / speed).upper()
                integral = quotient if quotient < integral else integral
            total += weight * integral
        return total.upper()


def _independent(kernel: Kernel, active: Sequence[int]) -> list[int]:
    """The first active terms whose linear forms span those of all of them."""
    chosen: list[int] = []
    rows: list[list[fmpq]] = []
    for j in active:
        candidate = [*rows, list(kernel.field.terms[j].form)]
        if fmpq_mat(candidate).rank() == len(candidate):
            rows, chosen = candidate, [*chosen, j]
    return chosen
