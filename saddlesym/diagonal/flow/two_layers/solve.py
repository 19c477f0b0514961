"""The solution of a dual flow from rest, in the units of its form."""

from __future__ import annotations

from math import ceil, log10

from flint import arb, fmpq

from saddlesym.diagonal.flow.two_layers.form import DualForm
from saddlesym.exact.precision import workprec
from saddlesym.ode.integrate import integrate
from saddlesym.ode.solution import Solution
from saddlesym.progress import Listener, Progress


def solve_flow(
    form: DualForm,
    digits: int,
    digits_shown: int,
    last: fmpq | None,
    certify: bool,
    leaps: bool,
    max_steps: int,
    progress: Listener | None,
    between: int,
    keep: bool,
) -> Solution:
    """Integrate a form from zero.

    Args:
        form: what to integrate.
        digits: working digits.
        digits_shown: digits of β after whose last change a flow that never rests may end.
        last: last accelerated time; None for the rest.
        certify, leaps, max_steps, progress, keep: see :func:`saddlesym.flow`.
        between: digits between the scales of the data.
    """
    until = None
    with workprec(ceil(4 * digits) + 128):
        log = form.scale.log_inverse() * arb((1, form.clock))
        if last is not None:
            # a trifle more, so that the ball of the last time lies within the solution
            until = arb(last) * log
            until = (until + arb(10) ** -digits + 2 * until.rad()).mid()
        unit = float(1 / log)

    def report(time: float, steps: int) -> None:
        assert progress is not None
        progress(Progress(steps, what="steps", time=time * unit))

    def named(time: float) -> str:
        return f"accelerated time t = {time * unit:.6g}"

    def enough(state: list[arb], error: arb) -> bool:
        """Whether β stays where it is, to the digits, though z may never rest."""
        changes = form.later_changes(state, error)
        return changes is not None and all(x < arb(10) ** -digits_shown for x in changes)

    return integrate(
        form.field,
        [0] * form.field.dimension,
        until,
        digits=digits,
        leaps=leaps,
        certify=certify,
        max_steps=max_steps,
        progress=None if progress is None else report,
        named=named,
        reach_bits=ceil(between / 2 / log10(2)),
        enough=enough if until is None and form.determines else None,
        keep=keep,
    )
