"""Plateaus and jumps of a flow, found in the flow itself.

A plateau is a stretch of the flow on which β hardly moves compared with the
rushes before and after it.  From its stillest point the dual variable z is
followed along its tangent, and a jump time is where the line of the first
coordinate that is switched off meets its threshold ±κ_iΛ.  On a long dwell
tangent and solution coincide to all digits, so this definition needs no
threshold of its own.  Nothing here knows the limiting path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, log

from flint import arb, ctx

from saddlesym.diagonal.dual_form import DualForm
from saddlesym.exact.balls import Ball
from saddlesym.ode.solution import Solution

#: A plateau is stiller than the rushes on both sides by this factor.
STILLNESS = 1e4
#: A coordinate is switched on at a plateau when it exceeds this part of the largest one.
#: Where the gradient vanishes a coordinate freezes at some power of α, which is none of that.
SWITCHED_ON = 1e-5


@dataclass(frozen=True)
class Plateau:
    """A stretch on which β stands nearly still.

    Attributes:
        natural_time: T of its stillest point.
        beta: β there (d).
        z: dual variable there (d).
        slope: z' there (d), that is −∇L(β).
        signs: −1, 0, 1 for every coordinate: 0 where it is switched off.
        stillness: estimated speed of β there, relative to the rushes around it.
    """

    natural_time: Ball
    beta: tuple[Ball, ...]
    z: tuple[Ball, ...]
    slope: tuple[Ball, ...]
    signs: tuple[int, ...]
    stillness: float


@dataclass(frozen=True)
class FlowJump:
    """A jump between two plateaus of a flow.

    Attributes:
        coordinate: the coordinate whose line reaches its threshold first.
        sign: the sign with which it enters.
        time: accelerated time T/Λ of that meeting.
        natural_time: T.
        entered: coordinates switched on, or on again with the other sign.
        left: coordinates switched off.
        disturbance: estimated size of the largest coordinate that sleeps through it:
            the power of α that the jump-time law neglects from here on.
    """

    coordinate: int
    sign: int
    time: Ball
    natural_time: Ball
    entered: tuple[int, ...]
    left: tuple[int, ...]
    disturbance: float


def speeds(solution: Solution) -> list[float]:
    """ln of Σ|e_j'| at every node of a solution (−inf where nothing moves)."""
    kernel = solution.kernel
    out = []
    nodes = [step.state for step in solution.steps] + [solution.final]
    with ctx.workprec(kernel.bits + 64):
        for state in nodes:
            exponents = kernel.exponents(state)
            values = {j: u.exp() for j, u in enumerate(exponents)}
            rates = kernel.start_rates(values)
            total = sum((values[j] * abs(rate) for j, rate in enumerate(rates)), arb(0)).mid()
            out.append(float(total.log()) if total > 0 else -inf)
    return out


def stillest_points(speed: Sequence[float], factor: float = STILLNESS) -> list[tuple[int, float]]:
    """Indices of the pronounced minima of a sequence of logarithms, with their depth.

    A minimum counts when the sequence rises by ln(factor) above it on both sides
    (one side at the ends).

    >>> stillest_points([0.0, 30.0, 3.0, 29.0, 28.0, 29.5, 1.0])
    [(0, -30.0), (2, -26.5), (6, -28.5)]
    """
    needed = log(factor)
    found: list[tuple[int, float]] = []
    low, high, falling = 0, 0, True
    peak = -inf  # the rush before the current minimum
    for i, value in enumerate(speed):
        if falling:
            if value < speed[low]:
                low = i
            elif value >= speed[low] + needed:
                found.append((low, 0.0))
                falling, high = False, i
        elif value > speed[high]:
            high = i
        elif value <= speed[high] - needed:
            falling, low = True, i
    if falling:
        found.append((low, 0.0))
    peaks = [max(speed[a:b]) for (a, _), (b, _) in pairwise(found)]
    out = []
    for k, (i, _) in enumerate(found):
        around = peaks[max(0, k - 1) : k + 1] or [peak]
        out.append((i, speed[i] - min(around)))
    return out


def detect(form: DualForm, solution: Solution) -> tuple[tuple[Plateau, ...], tuple[FlowJump, ...]]:
    """Plateaus and jumps of a flow, in order of time."""
    plateaus = [_plateau(form, solution, i, depth) for i, depth in stillest_points(speeds(solution))]
    with ctx.workprec(solution.kernel.bits + 64):
        jumps = [_jump(form, a, b) for a, b in pairwise(plateaus)]
    return tuple(plateaus), tuple(jumps)


def _plateau(form: DualForm, solution: Solution, index: int, depth: float) -> Plateau:
    kernel = solution.kernel
    with ctx.workprec(kernel.bits + 64):
        at_end = index == len(solution.steps)
        state = solution.final if at_end else solution.steps[index].state
        time = solution.end_time if at_end else kernel.real(solution.steps[index].start)
        z = form.enclosed_dual([kernel.real(x) for x in state], solution.error_at(index))
        beta = form.coefficients(z)
        slope = form.slope(beta)
        largest = max((abs(float(b.mid())) for b in beta), default=0.0)
        limit = largest * max(SWITCHED_ON, exp(depth / 2))
        signs = tuple(
            0 if abs(float(b.mid())) <= limit or index == 0 else (1 if b.mid() > 0 else -1) for b in beta
        )
    return Plateau(
        Ball(time),
        tuple(map(Ball, beta)),
        tuple(map(Ball, z)),
        tuple(map(Ball, slope)),
        signs,
        exp(depth),
    )


def _jump(form: DualForm, before: Plateau, after: Plateau) -> FlowJump:
    best: tuple[arb, int, int] | None = None
    for i, sign in enumerate(before.signs):
        speed, z = before.slope[i].arb, before.z[i].arb
        if sign != 0 or speed.contains(0):
            continue
        direction = 1 if speed > 0 else -1
        meeting = before.natural_time.arb + (form.threshold(i) - direction * z) / (direction * speed)
        if best is None or meeting.mid() < best[0].mid():
            best = meeting, i, direction
    assert best is not None  # β moved between the plateaus, so something woke up
    meeting, i, direction = best
    asleep = [
        2
        * (
            abs(before.z[j].arb + before.slope[j].arb * (meeting - before.natural_time.arb))
            - form.threshold(j)
        )
        for j, (a, b) in enumerate(zip(before.signs, after.signs, strict=True))
        if a == b == 0 and j != i
    ]
    disturbance = max((exp(min(0.0, float(u.mid()))) for u in asleep), default=0.0)
    entered = tuple(
        j for j, (a, b) in enumerate(zip(before.signs, after.signs, strict=True)) if b not in (0, a)
    )
    left = tuple(
        j for j, (a, b) in enumerate(zip(before.signs, after.signs, strict=True)) if a != 0 and b == 0
    )
    accelerated = Ball(meeting / form.scale.log_inverse())
    return FlowJump(i, direction, accelerated, Ball(meeting), entered, left, disturbance)
