"""Rigorous enclosures of SymPy expressions in ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import flint
import sympy as sp

from saddlesym.exact.balls import power


def enclose(expr: Any, at: Mapping[Any, flint.arb]) -> flint.arb:
    """A ball that contains every value of the expression for symbols in the given balls.

    Raises:
        NotImplementedError: for a function that has no enclosure here.
    """
    if expr in at:
        return at[expr]
    if expr.is_Float:
        raise NotImplementedError("no enclosure for a rounded number")
    if expr.is_Rational:
        return flint.arb(flint.fmpq(int(expr.p), int(expr.q)))
    args = [enclose(a, at) for a in expr.args] if not isinstance(expr, sp.Pow) else []
    match expr:
        case sp.Add():
            total = flint.arb(0)
            for a in args:
                total = total + a
            return total
        case sp.Mul():
            product = flint.arb(1)
            for a in args:
                product = product * a
            return product
        case sp.Pow():
            return _power(expr, at)
        case _ if expr in _CONSTANTS:
            constant: flint.arb = _CONSTANTS[expr]()
            return constant
        case _ if not all(a.is_finite() for a in args):
            return flint.arb("nan")  # the functions below may forget that an argument is undefined
        case _ if isinstance(expr, sp.Max | sp.Min):
            pick = flint.arb.max if isinstance(expr, sp.Max) else flint.arb.min
            best = args[0]
            for a in args[1:]:
                best = pick(best, a)
            return best
        case _ if type(expr) in _FUNCTIONS:
            value: flint.arb = _FUNCTIONS[type(expr)](args[0])
            return value
    raise NotImplementedError(f"no enclosure for {expr!s:.60}")


def _power(expr: Any, at: Mapping[Any, flint.arb]) -> flint.arb:
    if expr.exp.is_Integer:
        return power(enclose(expr.base, at), int(expr.exp))
    if expr.exp == sp.Rational(1, 2):
        return enclose(expr.base, at).sqrt()
    return (enclose(expr.exp, at) * enclose(expr.base, at).log()).exp()


_CONSTANTS: dict[Any, Callable[[], Any]] = {sp.E: flint.arb.const_e, sp.pi: flint.arb.pi}
_FUNCTIONS: dict[Any, Callable[[Any], Any]] = {
    sp.exp: flint.arb.exp,
    sp.log: flint.arb.log,
    sp.sinh: flint.arb.sinh,
    sp.cosh: flint.arb.cosh,
    sp.tanh: flint.arb.tanh,
    sp.asinh: flint.arb.asinh,
    sp.sin: flint.arb.sin,
    sp.cos: flint.arb.cos,
    sp.Abs: abs,
    sp.sign: flint.arb.sgn,
}
