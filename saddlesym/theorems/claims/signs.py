"""Signs of expressions: by assumptions, by derivatives, by ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import flint
import sympy as sp

from saddlesym.theorems.claims.enclosure import enclose
from saddlesym.theorems.claims.exactness import exactly, inexact
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import ClaimOutcome

StrictOrNot = Literal[">", ">="]


def known_sign(expr: Any, relation: StrictOrNot) -> bool | None:
    """What SymPy's assumptions say of ``expr > 0`` or ``expr >= 0``: True, False or None."""
    expr = sp.sympify(expr)
    for form in (lambda e: e, sp.factor, sp.expand, lambda e: sp.factor(sp.together(e)), sp.simplify):
        shaped = form(expr)
        answer: bool | None = shaped.is_positive if relation == ">" else shaped.is_nonnegative
        if answer is not None:
            return answer
    return None


@dataclass(frozen=True)
class Sign:
    """Expressions are positive (``">"``) or non-negative (``">="``) wherever they are defined.

    The symbols carry their domains as SymPy assumptions (``positive=True`` and so
    on); the expression should be written so that its sign is manifest.

    Attributes:
        build: returns one expression or a list of them.
        relation: ``">"`` or ``">="``.

    >>> x = sp.Symbol("x", real=True)
    >>> Sign(lambda: 1 + x**2, ">").check().verdict
    <Verdict.HOLDS: 'HOLDS'>
    """

    build: Callable[[], Any]
    relation: StrictOrNot = ">="

    def check(self) -> ClaimOutcome:
        """Ask SymPy for the sign of each expression, after factoring if need be."""
        built = exactly(self.build)
        exprs = built if isinstance(built, list) else [built]
        if not exprs:
            return ClaimOutcome(Verdict.UNDECIDED, "no expression was given")
        for expr in map(sp.sympify, exprs):
            if rounded := inexact(expr):
                return rounded
            answer = known_sign(expr, self.relation)
            if answer is False:
                return ClaimOutcome(Verdict.FAILS, f"{expr!s:.80} is not {self.relation} 0")
            if answer is None:
                point = _violation(expr, self.relation)
                if point is not None:
                    return ClaimOutcome(Verdict.FAILS, f"{expr!s:.80} {self.relation} 0 fails at {point}")
                return ClaimOutcome(Verdict.UNDECIDED, f"SymPy does not know the sign of {expr!s:.80}")
        return ClaimOutcome(Verdict.HOLDS, f"{self.relation} 0 by the domains of the symbols")


@dataclass(frozen=True)
class SignFrom:
    """``f(x) > 0`` (or ``>= 0``) for all ``x > start``, by the signs of derivatives.

    With ``f, f', …, f^(m−1)`` non-negative at ``start`` and ``f^(m)`` positive (or
    non-negative) beyond it, Taylor's formula gives the sign of f.  It needs f to be
    smooth from ``start`` on, which :func:`is_smooth_from` must recognise; UNDECIDED
    otherwise, unless a point refutes the claim.

    Attributes:
        build: returns (f, variable, start).
        relation: ``">"`` or ``">="``.
        order: the number m of derivatives to take at most.

    >>> x = sp.Symbol("x", real=True)
    >>> SignFrom(lambda: (sp.exp(x) - 1 - x, x, 0), ">").check().detail
    '> 0 beyond 0: derivatives up to order 2'
    """

    build: Callable[[], tuple[Any, Any, Any]]
    relation: StrictOrNot = ">="
    order: int = 4

    def check(self) -> ClaimOutcome:
        """Differentiate until the sign beyond the start is manifest."""
        f, x, start = exactly(self.build)
        if rounded := inexact(f, start):
            return rounded
        beyond = sp.Dummy("h", positive=True)
        g = sp.sympify(f)
        smooth = is_smooth_from(g, x, start)
        for m in range(self.order + 1 if smooth else 0):
            if known_sign(g.subs(x, start + beyond), self.relation):
                detail = f"{self.relation} 0 beyond {start}: derivatives up to order {m}"
                return ClaimOutcome(Verdict.HOLDS, detail)
            if not known_sign(sp.simplify(g.subs(x, start)), ">="):
                break
            g = sp.diff(g, x)
        point = _violation(sp.sympify(f).subs(x, start + beyond), self.relation)
        if point is not None:
            return ClaimOutcome(Verdict.FAILS, f"{self.relation} 0 fails at distance {point} from {start}")
        if not smooth:
            return ClaimOutcome(Verdict.UNDECIDED, f"not recognised as smooth from {start} on")
        return ClaimOutcome(
            Verdict.UNDECIDED, f"the derivatives up to order {self.order} do not decide the sign"
        )


def is_smooth_from(f: Any, x: Any, start: Any) -> bool:
    """Whether ``f`` is recognised as a smooth function of ``x`` on ``[start, ∞)``.

    Recognised are sums, products, non-negative integer powers, exp, sinh, cosh,
    tanh and asinh of such functions, and logarithms and any powers of those that
    are known to be positive.  A domain declared on ``x`` must contain the half line.

    >>> x = sp.Symbol("x", real=True)
    >>> is_smooth_from(sp.log(1 + x), x, 0), is_smooth_from(sp.log(1 + x), x, -1)
    (True, False)
    """
    start = sp.sympify(start)
    outside = x.is_extended_nonnegative and not start.is_nonnegative
    if outside or x.is_real is False or x.is_integer or x.is_extended_nonpositive:
        return False
    return _smooth(sp.sympify(f).subs(x, start + (h := sp.Dummy("h", nonnegative=True))), h)


def _smooth(expr: Any, h: Any) -> bool:
    if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        return False
    if expr == h or h not in expr.free_symbols:
        return True
    if not all(_smooth(a, h) for a in expr.args):
        return False
    if isinstance(expr, sp.Pow):
        integer = expr.exp.is_Integer and expr.exp.is_nonnegative
        return bool(integer or known_sign(expr.base, ">"))
    if isinstance(expr, sp.log):
        return len(expr.args) == 1 and known_sign(expr.args[0], ">") is True
    return isinstance(expr, sp.Add | sp.Mul | sp.exp | sp.sinh | sp.cosh | sp.tanh | sp.asinh)


@dataclass(frozen=True)
class SignOnBox:
    """``f > 0`` on a closed box of rational bounds, by ball arithmetic and bisection.

    HOLDS when every piece of a bisection has an enclosure above 0; FAILS at a
    rational point with an enclosure of at most 0; UNDECIDED when the budget ends.
    Balls are never asked for a two-valued comparison: "not certainly positive"
    means bisect again.

    Attributes:
        build: returns (f, {symbol: (low, high)}).
        pieces: how many pieces may be looked at.

    >>> x = sp.Symbol("x")
    >>> SignOnBox(lambda: (sp.cosh(x) - x, {x: (0, 2)})).check().verdict
    <Verdict.HOLDS: 'HOLDS'>
    """

    build: Callable[[], tuple[Any, dict[Any, tuple[Any, Any]]]]
    pieces: int = 20_000

    def check(self) -> ClaimOutcome:
        """Bisect until the enclosures decide."""
        f, box = exactly(self.build)
        f = sp.sympify(f)
        if rounded := inexact(f, *(bound for bounds in box.values() for bound in bounds)):
            return rounded
        symbols = list(box)
        todo = [tuple((_exact(low), _exact(high)) for low, high in box.values())]
        for seen in range(1, self.pieces + 1):
            if not todo:
                return ClaimOutcome(Verdict.HOLDS, f"> 0 on the box: {seen - 1} enclosures")
            piece = todo.pop()
            middle = [(low + high) / 2 for low, high in piece]
            here = enclose(f, {s: flint.arb(_fmpq(m)) for s, m in zip(symbols, middle, strict=True)})
            if here <= 0:
                where = ", ".join(f"{s} = {m}" for s, m in zip(symbols, middle, strict=True))
                return ClaimOutcome(Verdict.FAILS, f"the expression is {here.str(6)} at {where}")
            hulls = [flint.arb(_fmpq(low)).union(flint.arb(_fmpq(high))) for low, high in piece]
            if not enclose(f, dict(zip(symbols, hulls, strict=True))) > 0:
                k = max(range(len(piece)), key=lambda j: piece[j][1] - piece[j][0])
                low, high = piece[k]
                for half in ((low, middle[k]), (middle[k], high)):
                    todo.append((*piece[:k], half, *piece[k + 1 :]))
        return ClaimOutcome(Verdict.UNDECIDED, f"{len(todo)} pieces left after {self.pieces} enclosures")


def _exact(value: Any) -> Fraction:
    value = sp.Rational(value)
    return Fraction(int(value.p), int(value.q))


def _fmpq(value: Fraction) -> flint.fmpq:
    return flint.fmpq(value.numerator, value.denominator)


def _violation(expr: Any, relation: StrictOrNot) -> str | None:
    """A rational point within the symbols' domains where the relation certainly fails."""
    symbols = sorted(expr.free_symbols, key=str)
    grid = [flint.fmpq(p, q) for p, q in ((1, 2), (2, 1), (1, 7), (9, 1), (1, 1), (40, 1), (1, 60))]
    for attempt in range(4 * len(grid)):
        point = {}
        for k, s in enumerate(symbols):
            value = grid[(attempt * (k + 1) + k) % len(grid)]
            negative = s.is_negative or s.is_nonpositive or (s.is_positive is None
                and s.is_nonnegative is None and (attempt + k) % 2)  # fmt: skip
            point[s] = -value if negative else value
        try:
            ball = enclose(expr, {s: flint.arb(v) for s, v in point.items()})
        except NotImplementedError:
            return None
        if (ball < 0) or (relation == ">" and ball <= 0):
            return ", ".join(f"{s} = {v}" for s, v in point.items()) or "a constant"
    return None
