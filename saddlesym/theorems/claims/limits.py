"""Limits of scalar expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp

from saddlesym.theorems.claims.exactness import exactly, inexact
from saddlesym.theorems.claims.identity import zero_route
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import ClaimOutcome


@dataclass(frozen=True)
class Limit:
    """A limit: ``build`` returns (expression, variable, point, direction, value).

    Decided by SymPy's Gruntz algorithm, which takes coefficients that it cannot tell to be
    zero as different from zero: lim 1/(1 + a·x) is 0 for it, also where a may be 0.  So the signs
    of all other symbols are told apart, positive, negative and zero; every coefficient, in every
    sum, of what depends on the variable must then have a sign; and the limit must be the same
    function of the symbols where they take equal values or small integers.  A limit that a proof
    leans on heavily should be backed by an explicit bound in a step of its own.

    >>> x = sp.Symbol("x", positive=True)
    >>> Limit(lambda: (sp.log(1 + x) / x, x, 0, "+", 1)).check().verdict
    <Verdict.HOLDS: 'HOLDS'>
    >>> Limit(lambda: (sp.log(1 + x) / x, x, 0, "+", 2)).check().verdict
    <Verdict.FAILS: 'FAILS'>
    """

    build: Callable[[], tuple[Any, Any, Any, str, Any]]

    def check(self) -> ClaimOutcome:
        """Compute the limit and compare."""
        expr, variable, point, direction, value = exactly(self.build)
        if rounded := inexact(expr, point, value):
            return rounded
        expr, point, value = sp.sympify(expr), sp.sympify(point), sp.sympify(value)
        if variable in point.free_symbols | value.free_symbols:
            return ClaimOutcome(Verdict.UNDECIDED, f"the point or the value depends on {variable}")
        for signs in _sign_cases((expr.free_symbols | point.free_symbols) - {variable}):
            outcome = _decided(expr.subs(signs), variable, point.subs(signs), direction, value.subs(signs))
            if not outcome.holds:
                return outcome
        return ClaimOutcome(Verdict.HOLDS, f"the limit is {value}")


def _decided(expr: Any, variable: Any, point: Any, direction: str, value: Any) -> ClaimOutcome:
    """The claim where every parameter has a sign."""
    parameters = sorted((expr.free_symbols | point.free_symbols) - {variable}, key=str)
    vague = _of_unknown_sign(expr, variable)
    if vague is not None:
        return ClaimOutcome(Verdict.UNDECIDED, f"the limit may depend on the sign of {vague!s:.60}")
    found = _limit(expr, variable, point, direction)
    if found is None:
        return ClaimOutcome(Verdict.UNDECIDED, "SymPy does not find the limit")
    if not _equal(found, value):
        return ClaimOutcome(Verdict.FAILS, f"the limit is {found!s:.80}, not {value!s:.80}")
    for special in _specialisations(parameters):
        there = _limit(expr.subs(special), variable, point.subs(special), direction)
        if there is None or not _equal(there, value.subs(special)):
            where = ", ".join(f"{s} = {v}" for s, v in special.items())
            return ClaimOutcome(Verdict.UNDECIDED, f"the limit is another one at {where}: {there!s:.60}")
    return ClaimOutcome(Verdict.HOLDS, f"the limit is {value}")


def _sign_cases(parameters: set[Any]) -> Iterator[dict[Any, Any]]:
    """Substitutions that give every real parameter a sign, positive, negative or zero, by its domain."""
    choices = []
    for symbol in sorted(parameters, key=str):
        if symbol.is_positive or symbol.is_negative:
            continue
        size = sp.Dummy(symbol.name, positive=True, integer=symbol.is_integer)
        allowed = [size] if symbol.is_nonpositive is not True else []
        allowed += [-size] if symbol.is_nonnegative is not True else []
        allowed += [sp.Integer(0)] if symbol.is_nonzero is not True else []
        choices.append([(symbol, value) for value in allowed])
    return map(dict, product(*choices))


def _limit(expr: Any, variable: Any, point: Any, direction: str) -> Any:
    """SymPy's limit; None if it finds none."""
    try:
        found = sp.limit(expr, variable, point, direction)
    except (NotImplementedError, sp.PoleError, ValueError):
        return None
    return None if isinstance(found, sp.Limit) or found.has(sp.AccumBounds, sp.nan) else found


def _equal(found: Any, value: Any) -> bool:
    return bool(found == value or (found.is_finite and value.is_finite and zero_route(found - value)))


def _of_unknown_sign(expr: Any, variable: Any) -> Any:
    """A coefficient, in some sum, of what depends on the variable that may vanish; None if there is none."""
    for total in sp.expand_mul(expr).atoms(sp.Add) | expr.atoms(sp.Add):
        coefficients: dict[Any, Any] = {}
        for term in sp.Add.make_args(sp.expand_mul(total)):
            coefficient, rest = term.as_independent(variable, as_Add=False)
            coefficients[rest] = coefficients.get(rest, 0) + coefficient
        for coefficient in map(sp.sympify, coefficients.values()):
            if not (coefficient.is_positive or coefficient.is_negative or coefficient.is_zero):
                return coefficient
    return None


def _specialisations(parameters: list[Any]) -> list[dict[Any, Any]]:
    """Values at which coefficients may agree that differ in general: equal ones, and small integers."""
    if not parameters:
        return []
    signs = {s: 1 if s.is_positive else -1 for s in parameters}
    pairs = [{a: signs[a] * signs[b] * b} for k, a in enumerate(parameters) for b in parameters[:k]]
    integers = [{s: signs[s] * (2 + (k + j) % 3) for k, s in enumerate(parameters)} for j in (0, 1)]
    return [signs, *pairs, *integers]
