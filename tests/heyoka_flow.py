"""The flow in heyoka, an independent Taylor integrator: z' = r − Mβ, β = α² sinh 2z."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import heyoka as hy
import mpmath

from saddlesym import DiagonalProblem


def heyoka_flow(problem: DiagonalProblem, exponent: int, digits: int, t: Fraction, cap: str = "1") -> Any:
    """z (as mpmath numbers) at accelerated time t for α = 10^-exponent.

    Steps are capped: the Taylor coefficients of z do not show the next jump.
    """
    dps = digits + 20
    prec = int(dps * 3.33) + 8
    with mpmath.workdps(dps + 10):
        log = exponent * mpmath.log(10)

        def number(text: Any) -> Any:
            return hy.real(text if isinstance(text, str) else mpmath.nstr(text, dps + 10), prec)

        def rational(q: Fraction) -> Any:
            return hy.expression(hy.real(q.numerator, prec) / hy.real(q.denominator, prec))

        d = problem.d
        z = [hy.expression(f"z{i}") for i in range(d)]
        square = hy.expression(number(f"1e-{2 * exponent}"))
        beta = [square * hy.sinh(rational(Fraction(2)) * x) for x in z]
        equations = [
            (
                z[i],
                rational(problem.r[i])
                - hy.sum([rational(q) * b for q, b in zip(row, beta, strict=True) if q]),
            )
            for i, row in enumerate(problem.M)
        ]
        start = [hy.real(0, prec)] * d
        options: dict[str, Any] = {"fp_type": hy.real, "prec": prec, "compact_mode": True}
        integrator = hy.taylor_adaptive(equations, start, tol=number(f"1e-{digits}"), **options)
        last = log * t.numerator / t.denominator
        integrator.propagate_until(number(last), max_delta_t=number(cap))
        return [mpmath.mpf(str(x)) for x in integrator.state]
