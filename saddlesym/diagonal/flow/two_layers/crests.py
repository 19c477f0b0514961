"""Crests: moments at which a flow loses its loss faster than just before and just after.

Along z' = −∇L(β) =: s the loss falls at the rate

    E = −dL/dT = Σ m_i s_i²,   m_i = 2√(β_i² + α^4κ_i) = p_i + q_i,

with m' = 4sβ, β' = ms =: k, s' = −Mk and hence

    E'  = 4 Σ β_i s_i³ − 2 kᵀMk,
    E'' = 4 Σ k_i s_i³ − 12 Σ β_i s_i² (Mk)_i − 4 (Mk)ᵀk',   k' = 4βs² − m ⊙ Mk.

A crest is a local maximum of E: a property of the exact flow, whatever computed it.
It is enclosed by two moments, with a proof that E' > 0 at the first and E' < 0 at the second.
(To prove E'' < 0 in between takes more digits: on an interval the large terms of E'' do not cancel.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from flint import arb

from saddlesym.diagonal.flow.two_layers.form import DualForm
from saddlesym.errors import PrecisionError
from saddlesym.ode.solution import Solution

_ITERATIONS = 60
_WIDENINGS = 8


def enclosed_dual(form: DualForm, solution: Solution, time: arb) -> list[arb]:
    """Enclosures of z (d) at a time of the field, on all of the ball."""
    # a ball that reaches over the border of two steps needs both
    first, last = solution.index(time.lower()), solution.index(time.upper())
    pieces = [
        form.enclosed_dual(solution.state(time, k), solution.error_at(k)) for k in range(first, last + 1)
    ]
    return [reduce(arb.union, column) for column in zip(*pieces, strict=True)]


def descent_rate(form: DualForm, z: list[arb]) -> tuple[arb, arb, arb]:
    """E, E' and E'' (in natural time) at a point."""
    parts = form.parts(z)
    m, beta = [p + q for p, q in parts], [(p - q) / 2 for p, q in parts]
    s = form.slope(beta)
    k = [a * b for a, b in zip(m, s, strict=True)]
    Mk = form.curved(k)
    turn = [4 * b * a * a - c * e for a, b, c, e in zip(s, beta, m, Mk, strict=True)]
    zero = arb(0)
    rate = sum((a * b * b for a, b in zip(m, s, strict=True)), zero)
    first = sum((4 * b * a * a * a - 2 * c * e for a, b, c, e in zip(s, beta, k, Mk, strict=True)), zero)
    second = sum(
        (
            4 * c * a * a * a - 12 * b * a * a * e - 4 * e * t
            for a, b, c, e, t in zip(s, beta, k, Mk, turn, strict=True)
        ),
        zero,
    )
    return rate, first, second


def crest(form: DualForm, solution: Solution, index: int) -> tuple[arb, arb]:
    """The crest next to a node at which E is larger than at its neighbours.

    Args:
        form: the dual form.
        solution: its solution.
        index: the node.

    Returns:
        Enclosures of its time (in the unit of the solution) and of E there.

    Raises:
        PrecisionError: no crest is proved there with the digits of the solution.
    """
    unit = arb((1, -form.clock))

    def at(time: arb) -> tuple[arb, arb, arb]:
        rate, first, second = descent_rate(form, enclosed_dual(form, solution, time))
        return rate, first * unit, second * unit * unit

    low, middle, high = (solution.node(max(0, k))[0] for k in (index - 1, index, index + 1))
    guess = _root(at, low, middle, high)
    _, first, second = at(guess)
    radius = (2 * abs(first / second)).upper()
    for _ in range(_WIDENINGS):
        before, after = guess - radius, guess + radius
        if not radius.is_finite() or not (before > low and after < high):
            break
        if at(before)[1] > 0 and at(after)[1] < 0:
            cell = guess + arb(0, radius)
            return cell, at(cell)[0]
        radius = 2 * radius
    raise PrecisionError(
        "no moment of steepest descent is proved in a jump", needed="more digits", hint="more digits"
    )


def _root(at: Callable[[arb], tuple[arb, arb, arb]], low: arb, start: arb, high: arb) -> arb:
    """Near a zero of E' between two times: Newton's method, with halving where it leaves the bracket."""
    time = start
    for _ in range(_ITERATIONS):
        _, first, second = at(time)
        if first.contains(0):
            break
        if first > 0:
            low = time
        else:
            high = time
        following = (time - first / second).mid() if second < 0 else (low + high) / 2
        if not (following > low and following < high):
            following = ((low + high) / 2).mid()
        if following == time:
            break
        time = following
    return time.mid()
