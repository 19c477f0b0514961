"""Implications in real arithmetic, decided by the SMT solver z3."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from saddlesym.theorems.claims.exactness import exactly, inexact
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import ClaimOutcome


@dataclass(frozen=True)
class Entails:
    """Hypotheses imply a conclusion for all real values of the symbols at which the hypotheses are defined.

    HOLDS when z3 proves that the hypotheses and the negated conclusion have no
    common solution, and that the hypotheses let no denominator of the conclusion vanish (in the
    conclusion of an ``Implies``: its premise too); FAILS with a model that satisfies both, or at which
    the conclusion is not defined; UNDECIDED when z3 answers "unknown", and when the hypotheses
    contradict each other, for then the implication says nothing.  Domains declared on the symbols
    (``positive=True``, ``nonnegative=True``) are hypotheses.  Polynomials, quotients, ``Abs``, ``Max``,
    ``Min``, relations and Boolean connectives are understood.

    Attributes:
        build: returns (list of hypotheses, conclusion) as SymPy relations.
        seconds: z3's time limit.

    >>> x, y = sp.symbols("x y", real=True)
    >>> Entails(lambda: ([x > y, y > 0], x**2 > y**2)).check().verdict
    <Verdict.HOLDS: 'HOLDS'>
    >>> Entails(lambda: ([x > y], x**2 > y**2)).check().verdict
    <Verdict.FAILS: 'FAILS'>
    """

    build: Callable[[], tuple[Sequence[Any], Any]]
    seconds: int = 20

    def check(self) -> ClaimOutcome:
        """Refute the negation."""
        import z3

        hypotheses, conclusion = exactly(self.build)
        if rounded := inexact(*hypotheses, conclusion):
            return rounded
        reals: dict[Any, Any] = {}
        given = [_term(h, reals) for h in hypotheses]
        goal = z3.And(_term(conclusion, reals), *_denominators(sp.sympify(conclusion), reals))
        defined = [fact for h in hypotheses for fact in _denominators(sp.sympify(h), reals)]
        given += [fact for s, x in reals.items() for fact in _domain(s, x)]
        consistent = _solver(self.seconds, *given, *defined).check()
        if consistent != z3.sat:
            said = "contradictory" if consistent == z3.unsat else "not shown to be consistent"
            return ClaimOutcome(Verdict.UNDECIDED, f"the hypotheses are {said}")
        solver = _solver(self.seconds, *given, z3.Not(goal))
        if defined and solver.check() != z3.unsat:  # is it so for lack of a denominator?
            solver = _solver(self.seconds, *given, *defined, z3.Not(goal))
        answer = solver.check()
        if answer == z3.unsat:
            return ClaimOutcome(Verdict.HOLDS, "z3: the hypotheses exclude the negation")
        if answer == z3.unknown:
            return ClaimOutcome(Verdict.UNDECIDED, f"z3: {solver.reason_unknown()}")
        model = solver.model()
        values = ", ".join(f"{s} = {model.eval(x, model_completion=True)}" for s, x in reals.items())
        return ClaimOutcome(Verdict.FAILS, f"z3: counterexample {values}")


def _solver(seconds: int, *facts: Any) -> Any:
    import z3

    solver = z3.Solver()
    solver.set("timeout", 1000 * seconds)
    solver.set("ctrl_c", False)  # else Ctrl-C would only leave this one question undecided
    solver.add(*facts)
    return solver


def _denominators(expr: Any, reals: dict[Any, Any]) -> list[Any]:
    """z3 formulas that no denominator of the expression vanishes; z3 gives 1/0 some value."""
    import z3

    if isinstance(expr, sp.Implies):
        premise, conclusion = expr.args
        guarded = [z3.Implies(_term(premise, reals), fact) for fact in _denominators(conclusion, reals)]
        return _denominators(premise, reals) + guarded
    facts = [fact for a in expr.args for fact in _denominators(a, reals)]
    if isinstance(expr, sp.Pow) and expr.exp.is_negative:
        facts.append(_term(expr.base, reals) != 0)
    return facts


def _domain(symbol: Any, x: Any) -> list[Any]:
    if symbol.is_positive:
        return [x > 0]
    if symbol.is_negative:
        return [x < 0]
    if symbol.is_nonnegative:
        return [x >= 0]
    return [x != 0] if symbol.is_nonzero else []


def _term(expr: Any, reals: dict[Any, Any]) -> Any:
    """The z3 term of a SymPy expression, relation or Boolean formula."""
    import z3

    expr = sp.sympify(expr)
    if expr in (sp.true, sp.false):
        return z3.BoolVal(expr == sp.true)
    if expr.is_Symbol:
        if expr not in reals:
            reals[expr] = z3.Real(f"{expr.name}_{len(reals)}")
        return reals[expr]
    if expr.is_Rational:
        return z3.Q(int(expr.p), int(expr.q))
    args = [_term(a, reals) for a in expr.args]
    match expr:
        case sp.Add():
            return z3.Sum(args)
        case sp.Mul():
            return z3.Product(args)
        case sp.Pow() if expr.exp.is_Integer:
            base = z3.Product([args[0]] * abs(int(expr.exp)))
            return base if expr.exp > 0 else 1 / base
        case sp.And():
            return z3.And(args)
        case sp.Or():
            return z3.Or(args)
        case sp.Not():
            return z3.Not(args[0])
    binary = {
        sp.Eq: lambda a, b: a == b,
        sp.Ne: lambda a, b: a != b,
        sp.Gt: lambda a, b: a > b,
        sp.Ge: lambda a, b: a >= b,
        sp.Lt: lambda a, b: a < b,
        sp.Le: lambda a, b: a <= b,
        sp.Implies: z3.Implies,
        sp.Equivalent: lambda a, b: a == b,
    }
    if type(expr) in binary:
        return binary[type(expr)](*args)
    if isinstance(expr, sp.Abs):
        return z3.If(args[0] >= 0, args[0], -args[0])
    if isinstance(expr, sp.sign):
        return z3.If(args[0] > 0, z3.RealVal(1), z3.If(args[0] < 0, z3.RealVal(-1), z3.RealVal(0)))
    if isinstance(expr, sp.Max | sp.Min):
        best = args[0]
        for a in args[1:]:
            best = z3.If(a >= best, a, best) if isinstance(expr, sp.Max) else z3.If(a <= best, a, best)
        return best
    raise NotImplementedError(f"no z3 term for {expr!s:.60}")
