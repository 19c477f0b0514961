"""Limits of scalar expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from saddlesym.theorems.claims.identity import zero_route
from saddlesym.theorems.proof import Outcome
from saddlesym.theorems.verdict import Verdict


@dataclass(frozen=True)
class Limit:
    """A limit: ``build`` returns (expression, variable, point, direction, value).

    Decided by SymPy's Gruntz algorithm.  A limit that a proof leans on heavily
    should be backed by an explicit bound in a step of its own.

    >>> x = sp.Symbol("x", positive=True)
    >>> Limit(lambda: (sp.log(1 + x) / x, x, 0, "+", 1)).check().verdict
    <Verdict.HOLDS: 'HOLDS'>
    >>> Limit(lambda: (sp.log(1 + x) / x, x, 0, "+", 2)).check().verdict
    <Verdict.FAILS: 'FAILS'>
    """

    build: Callable[[], tuple[Any, Any, Any, str, Any]]

    def check(self) -> Outcome:
        """Compute the limit and compare."""
        expr, variable, point, direction, value = self.build()
        found = sp.limit(expr, variable, point, direction)
        if isinstance(found, sp.Limit) or found.has(sp.AccumBounds, sp.nan):
            return Outcome(Verdict.UNDECIDED, "SymPy does not find the limit")
        value = sp.sympify(value)
        if found == value or (found.is_finite and value.is_finite and zero_route(found - value)):
            return Outcome(Verdict.HOLDS, f"the limit is {value}")
        return Outcome(Verdict.FAILS, f"the limit is {found!s:.80}, not {value!s:.80}")
