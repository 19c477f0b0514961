"""Plateaus and jumps of a flow, found in the flow itself.

A plateau is a stretch of the flow on which β hardly moves compared with the
rushes before and after it.  The time of a jump between two plateaus is its highest
crest, the highest local maximum of −dL/dT that is found (:mod:`saddlesym.diagonal.flow.two_layers.crests`):
it belongs to the exact flow, and does not depend on the steps of the integrator.  That it
is a local maximum is proved, that there is no higher one is not.

The constants of the jump-time law are read off another clock.  From the stillest node
of the plateau the dual variable z is followed along its tangent, and the line time
of a jump is where the line of the first coordinate that is switched off meets its
threshold ±κ_iΛ.  On a long dwell tangent and solution coincide to all digits; on a
short one the line time depends on the node, so it is an estimate and called one.  Both
clocks give the same t_k; their constants differ by what the orbit takes from the one
to the other.  Nothing here knows the limiting path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, log

from flint import arb

from saddlesym.diagonal.flow.two_layers.crests import crest
from saddlesym.diagonal.flow.two_layers.form import DualForm
from saddlesym.errors import PrecisionError
from saddlesym.exact.balls import Ball
from saddlesym.exact.precision import workprec
from saddlesym.ode.solution import Solution

#: A plateau is stiller than the rushes on both sides by this factor.
STILLNESS = 1e4
#: A coordinate is switched on at a plateau when it exceeds this part of the largest one.
#: Where the gradient vanishes a coordinate freezes at some power of α, which is none of that.
SWITCHED_ON = 1e-5
#: Nodes at which the loss falls at least this part of the fastest may lie next to the highest crest.
_RIVAL = 0.25


@dataclass(frozen=True)
class Plateau:
    """A stretch on which β stands nearly still.

    Its balls are proved where the flow is certified.  To the digits of the flow are those
    of β; z and the slope, in which large numbers may cancel, are as good as they come.

    Attributes:
        natural_time: T of the node of the solution at which it is stillest: an exact
            number, and one of many times on the plateau.
        beta: β at that time (d).
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
        coordinate: the coordinate whose line reaches its threshold first (where all are
            switched on: the one that changes most).
        sign: the sign with which it enters.
        time: accelerated time T/Λ of the highest local maximum of −dL/dT that is found.
        natural_time: T.
        line_time: natural time of the meeting of line and threshold, an estimate;
            None where all coordinates are switched on.
        entered: coordinates switched on, or on again with the other sign.
        left: coordinates switched off.
        disturbance: estimated size of the largest coordinate that sleeps through it:
            the power of α that the jump-time law neglects from here on.
    """

    coordinate: int
    sign: int
    time: Ball
    natural_time: Ball
    line_time: Ball | None
    entered: tuple[int, ...]
    left: tuple[int, ...]
    disturbance: float


def speeds(form: DualForm, solution: Solution) -> tuple[list[float], list[float], list[float]]:
    """ln of Σ|e_j'|, of Σ e_j ℓ_j(x')², which is −4 dL/dT, and of the noise in the first, at every node.

    −inf where nothing moves.  The noise is what a shift of the state by the largest defect of a
    step can do to Σ|e_j'|, to first order: behind a leap the terms that stood still return from there.
    """
    kernel = solution.kernel
    motion, descent, noise = [], [], []
    with workprec(kernel.bits + 64):
        shift = arb(max((step.defect for step in solution), default=arb(0), key=float).mid())
        moved = [2 * w * shift for w in form.spread for _ in (0, 1)]  # of the exponents
        coupling = [[abs(arb(q)) for q in row] for row in kernel.coupling]
        for index in range(len(solution) + 1):
            exponents = kernel.exponents(solution.node(index)[1])
            largest = max(map(float, exponents))
            # what is smaller by more than the precision changes neither the rates nor the sum
            floor = min(largest, 0.0) - 0.7 * kernel.bits
            values = {j: u.exp() for j, u in enumerate(exponents) if float(u) > floor}
            rates = kernel.start_rates(values)
            motion.append(_log(sum((e * abs(rates[j]) for j, e in values.items()), arb(0))))
            # (a ball about zero has no power in FLINT, but a product)
            descent.append(_log(sum((e * rates[j] * rates[j] for j, e in values.items()), arb(0))))
            turn = {j: e * moved[j] for j, e in values.items()}
            noise.append(
                _log(
                    sum((abs(rates[j]) * x for j, x in turn.items()), arb(0))
                    + sum(
                        (e * coupling[j][i] * x for j, e in values.items() for i, x in turn.items()), arb(0)
                    )
                )
            )
    return motion, descent, noise


def _log(value: arb) -> float:
    middle = value.mid()
    return float(middle.log()) if middle > 0 else -inf


def stillest_points(
    speed: Sequence[float], factor: float = STILLNESS, noise: Sequence[float] | None = None
) -> list[tuple[int, float]]:
    """Indices of the pronounced minima of a sequence of logarithms, with their depth.

    A minimum counts when the sequence rises by ln(factor) above it on both sides
    (one side at the ends), and above the noise where that is given.

    >>> stillest_points([0.0, 30.0, 3.0, 29.0, 28.0, 29.5, 1.0])
    [(0, -30.0), (2, -26.5), (6, -28.5)]
    >>> stillest_points([0.0, 30.0, 3.0, 29.0, 28.0, 29.5, 1.0], noise=[0, 0, 28, 28, 0, 0, 0])
    [(0, -30.0), (6, -29.0)]
    """
    needed = log(factor)
    heard = speed if noise is None else list(map(max, speed, noise))
    found: list[tuple[int, float]] = []
    low, high, falling = 0, 0, True
    peak = -inf  # the rush before the current minimum
    for i, value in enumerate(speed):
        if falling:
            if value < speed[low]:
                low = i
            elif heard[i] >= heard[low] + needed:
                found.append((low, 0.0))
                falling, high = False, i
        elif value > speed[high]:
            high = i
        elif heard[i] <= heard[high] - needed:
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
    """Plateaus and jumps of a flow, in order of time.

    Raises:
        PrecisionError: the digits of the solution do not tell a jump from its surroundings.
    """
    motion, descent, noise = speeds(form, solution)
    found = stillest_points(motion, noise=noise)
    plateaus = [_plateau(form, solution, i, depth) for i, depth in found]
    jumps = []
    with workprec(solution.kernel.bits + 64):
        for (i, _), (j, _), before, after in zip(found, found[1:], plateaus, plateaus[1:], strict=False):
            moment = form.moment(_highest_crest(form, solution, descent, i, j))
            jumps.append(_jump(form, before, after, moment))
    return tuple(plateaus), tuple(jumps)


def _highest_crest(
    form: DualForm, solution: Solution, descent: Sequence[float], first: int, last: int
) -> arb:
    """The time of the highest crest between two nodes."""
    inner = range(first + 1, last)
    level = max((descent[i] for i in inner), default=-inf) + log(_RIVAL)
    tops = [i for i in inner if level <= descent[i] >= descent[i + 1] and descent[i] > descent[i - 1]]
    best: tuple[arb, arb] | None = None
    for i in tops:
        time, rate = crest(form, solution, i)
        if best is None or rate > best[1]:
            best = time, rate
    if best is None:
        raise PrecisionError("no crest between two plateaus", needed="more digits", hint="more digits")
    return best[0]


def _plateau(form: DualForm, solution: Solution, index: int, depth: float) -> Plateau:
    kernel = solution.kernel
    with workprec(kernel.bits + 64):
        start, state = solution.node(index)
        time = form.moment(start)
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


def line_meeting(form: DualForm, plateau: Plateau, i: int) -> tuple[arb, int] | None:
    """Natural time at which the line of a sleeping coordinate meets its threshold, and with which sign.

    None where it is not known which way the line goes.
    """
    speed, z = plateau.slope[i].arb, plateau.z[i].arb
    if speed.contains(0):
        return None
    direction = 1 if speed > 0 else -1
    return plateau.natural_time.arb + (form.threshold(i) - direction * z) / (direction * speed), direction


def _jump(form: DualForm, before: Plateau, after: Plateau, moment: arb) -> FlowJump:
    best: tuple[arb, int, int] | None = None
    for i, sign in enumerate(before.signs):
        met = line_meeting(form, before, i) if sign == 0 else None
        # of lines that cannot be told apart (equal columns, ties) the first one
        if met is not None and (best is None or met[0] < best[0]):
            best = met[0], i, met[1]
    if best is None:
        change = [float(b) - float(a) for a, b in zip(before.beta, after.beta, strict=True)]
        coordinate = max(range(len(change)), key=lambda i: abs(change[i]))
        direction, line = 1 if change[coordinate] > 0 else -1, None
    else:
        line, coordinate, direction = best
    pairs = list(enumerate(zip(before.signs, after.signs, strict=True)))
    asleep = [
        2
        * (
            abs(before.z[j].arb + before.slope[j].arb * (moment - before.natural_time.arb))
            - form.threshold(j)
        )
        for j, (a, b) in pairs
        if a == b == 0 and j != coordinate
    ]
    return FlowJump(
        coordinate,
        direction,
        Ball(moment / form.scale.log_inverse()),
        Ball(moment),
        None if line is None else Ball(line),
        tuple(j for j, (a, b) in pairs if b not in (0, a)),
        tuple(j for j, (a, b) in pairs if a != 0 and b == 0),
        max((exp(min(0.0, float(u.mid()))) for u in asleep), default=0.0),
    )
