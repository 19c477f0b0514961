"""Identities between scalar expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import flint
import sympy as sp

from saddlesym.theorems.claims.enclosure import enclose
from saddlesym.theorems.claims.exactness import exactly, inexact
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import ClaimOutcome

_ROUTES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("expansion", sp.expand),
    ("cancellation", lambda e: sp.cancel(sp.together(e))),
    ("exponentials", lambda e: sp.expand(sp.powsimp(sp.expand(e.rewrite(sp.exp))))),
    ("exponentials and cancellation", lambda e: sp.cancel(sp.together(sp.expand(e.rewrite(sp.exp))))),
    ("trigonometric simplification", sp.trigsimp),
    ("simplification", sp.simplify),
    ("exponentials and simplification", lambda e: sp.simplify(e.rewrite(sp.exp))),
    ("square roots and simplification", lambda e: sp.simplify(sp.radsimp(sp.simplify(e)))),
)


def along(expr: Any, flow: Mapping[Any, Any]) -> Any:
    """The time derivative of an expression along ``x' = flow[x]`` (chain rule).

    >>> x, y = sp.symbols("x y")
    >>> along(x**2 + y**2, {x: y, y: -x})
    0
    """
    return sp.expand(sum(sp.diff(expr, x) * velocity for x, velocity in flow.items()))


@dataclass(frozen=True)
class Identity:
    """Two expressions are equal for all values of their symbols at which both are defined.

    HOLDS when the difference simplifies to the symbol 0 along one of several
    routes; FAILS when a rigorous enclosure of the difference at a rational point
    excludes 0; UNDECIDED otherwise.

    Attributes:
        build: returns the two sides, or a list of such pairs.

    >>> x = sp.Symbol("x")
    >>> Identity(lambda: (sp.cosh(x) ** 2 - sp.sinh(x) ** 2, 1)).check().verdict
    <Verdict.HOLDS: 'HOLDS'>
    >>> Identity(lambda: (sp.cosh(x) ** 2 + sp.sinh(x) ** 2, 1)).check().verdict
    <Verdict.FAILS: 'FAILS'>
    """

    build: Callable[[], Any]

    def check(self) -> ClaimOutcome:
        """Simplify the difference to 0, or find a point where it is not 0."""
        built = exactly(self.build)
        pairs = built if isinstance(built, list) else [built]
        if not pairs:
            return ClaimOutcome(Verdict.UNDECIDED, "no identity was given")
        routes = []
        for lhs, rhs in pairs:
            if rounded := inexact(lhs, rhs):
                return rounded
            difference = sp.sympify(lhs) - sp.sympify(rhs)
            route = zero_route(difference)
            if route is None:
                return refuted(difference)
            if route not in routes:
                routes.append(route)
        many = f"{len(pairs)} identities: " if len(pairs) > 1 else ""
        return ClaimOutcome(Verdict.HOLDS, f"{many}lhs - rhs reduces to 0 by {', '.join(routes)}")


def zero_route(difference: Any) -> str | None:
    """The name of a simplification that turns the expression into 0, or None."""
    if difference == 0:
        return "evaluation"
    for name, route in _ROUTES:
        if route(difference) == 0:
            return name
    return None


def refuted(difference: Any) -> ClaimOutcome:
    """FAILS with a rational point where the expression is certainly not 0, else UNDECIDED."""
    unknown = difference.atoms(sp.Derivative, sp.core.function.AppliedUndef)
    flat = difference.subs({u: sp.Dummy(f"f{k}") for k, u in enumerate(sorted(unknown, key=str))})
    symbols = sorted(flat.free_symbols, key=str)
    for attempt in range(12):
        point = {s: _value(s, k, attempt) for k, s in enumerate(symbols)}
        try:
            ball = enclose(flat, {s: flint.arb(v) for s, v in point.items()})
        except NotImplementedError as error:
            return ClaimOutcome(Verdict.UNDECIDED, f"not simplified to 0, and {error}")
        if ball.is_finite() and not ball.contains(0):
            where = ", ".join(f"{s} = {v}" for s, v in point.items())
            return ClaimOutcome(Verdict.FAILS, f"lhs - rhs is {ball.str(6)} at {where or 'once'}")
    return ClaimOutcome(Verdict.UNDECIDED, f"lhs - rhs was not simplified to 0: {difference!s:.120}")


def _value(symbol: Any, k: int, attempt: int) -> flint.fmpq:
    """A rational value that respects the sign and integrality the symbol is declared with."""
    if symbol.is_integer:
        value = flint.fmpq(2 * (k + attempt) + 2 if symbol.is_even else k + attempt + 1)
    else:
        value = flint.fmpq(3 + 2 * k + 5 * attempt, 7 + 3 * ((k * k + attempt) % 4))
        value = value / 50 if attempt >= 8 else value  # the last attempts are near 0
    free = symbol.is_positive is None and symbol.is_nonnegative is None
    return (
        -value if symbol.is_negative or symbol.is_nonpositive or (free and (k + attempt) % 3 == 2) else value
    )
