"""A slow second integrator in mpmath, to hold against the fast one.

It shares nothing with it but the field: all terms are carried, numbers are
floating point, and the step comes from the relative size of every exponential.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import arb

from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.vectors import to_mpf
from saddlesym.ode.field import Field


@dataclass(frozen=True)
class ReferenceSolution:
    """States at the nodes, and the power series that connect them.

    Attributes:
        times: node times.
        series: for every step the coefficients of each unknown.
        dps: working digits.
    """

    times: tuple[Any, ...]
    series: tuple[list[list[Any]], ...] = field(repr=False)
    dps: int

    def __call__(self, time: Any) -> list[Any]:
        """The state at a time, as mpmath numbers."""
        import mpmath

        with mpmath.workdps(self.dps):
            point = to_mpf(to_fmpq(time), self.dps)
            index = max(0, sum(1 for t in self.times[:-1] if t <= point) - 1)
            h = point - self.times[index]
            return [mpmath.polyval(list(reversed(c)), h) for c in self.series[index]]

    def __len__(self) -> int:
        return len(self.series)


def integrate_reference(
    field: Field, start: Sequence[Any], until: Any, *, digits: int = 30
) -> ReferenceSolution:
    """Solve x' = f(x) in mpmath floating point with ``digits`` digits and some guard.

    Args:
        field: the vector field.
        start: x at time 0, rationals.
        until: the last time, rational.
        digits: digits aimed at.

    >>> from saddlesym.ode.field import exp, variables, vector_field
    >>> (x,) = variables(1)
    >>> solution = integrate_reference(vector_field([1 - exp(x)]), [-2], 3, digits=15)
    >>> round(float(solution(3)[0]), 12)
    -0.276185519211
    """
    import mpmath

    dps = digits + 15
    with mpmath.workdps(dps):
        order = int(1.2 * dps) + 4
        time, last = mpmath.mpf(0), to_mpf(to_fmpq(until), dps)
        state = [to_mpf(to_fmpq(x), dps) for x in start]
        with workprec(int(3.4 * dps) + 32):
            offsets = [_mpf(term.offset()) for term in field.terms]
        terms = [
            (
                [to_mpf(q, dps) for q in term.coefficients],
                [to_mpf(q, dps) for q in term.form],
                offset,
            )
            for term, offset in zip(field.terms, offsets, strict=True)
        ]
        constant = [to_mpf(q, dps) for q in field.constant]
        times, pieces = [time], []
        while time < last:
            xs, es = _series(state, constant, terms, order)
            h = last - time
            for e in es:
                for m in (order - 2, order - 3):
                    if e[m] != 0:
                        h = min(h, mpmath.exp(-2) * abs(e[0] / e[m]) ** (mpmath.mpf(1) / m))
            pieces.append(xs)
            state = [mpmath.polyval(list(reversed(c)), h) for c in xs]
            time = last if h == last - time else time + h
            times.append(time)
        return ReferenceSolution(tuple(times), tuple(pieces), dps)


def _series(state: list[Any], constant: list[Any], terms: list[Any], order: int) -> tuple[Any, Any]:
    """Power series of the unknowns and of the exponentials, term by term."""
    import mpmath

    k = len(state)
    xs = [[x] for x in state]
    es = [[mpmath.exp(mpmath.fdot(form, state) + offset)] for _, form, offset in terms]
    us: list[list[Any]] = [[] for _ in terms]  # m · (m-th coefficient of the exponent)
    for m in range(order - 1):
        for i in range(k):
            value = mpmath.fdot([a[i] for a, _, _ in terms], [e[m] for e in es])
            xs[i].append((value + (constant[i] if m == 0 else 0)) / (m + 1))
        for (_, form, _), u, e in zip(terms, us, es, strict=True):
            u.append((m + 1) * mpmath.fdot(form, [x[m + 1] for x in xs]))
            e.append(mpmath.fdot(u, reversed(e)) / (m + 1))
    return xs, es


def _mpf(value: arb) -> Any:
    import mpmath
    from mpmath.libmp import from_man_exp

    mantissa, exponent = value.mid().man_exp()
    return mpmath.mp.make_mpf(from_man_exp(int(mantissa), int(exponent), mpmath.mp.prec, "n"))
