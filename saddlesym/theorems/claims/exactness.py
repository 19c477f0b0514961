"""A float in an expression is a rounded number: nothing is proved with it."""

from __future__ import annotations

from typing import Any

import sympy as sp

from saddlesym.theorems.proof import Outcome
from saddlesym.theorems.verdict import Verdict


def inexact(*exprs: Any) -> Outcome | None:
    """UNDECIDED if a float occurs in one of the expressions, else None.

    >>> x = sp.Symbol("x")
    >>> inexact(x + sp.Rational(1, 2)) is None, inexact(x + 0.5).verdict
    (True, <Verdict.UNDECIDED: 'UNDECIDED'>)
    """
    for expr in map(sp.sympify, exprs):
        if expr.has(sp.Float):
            return Outcome(Verdict.UNDECIDED, f"a rounded number occurs in {expr!s:.80}")
    return None
