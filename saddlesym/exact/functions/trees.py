"""SymPy expressions as trees of JSON, and back, exactly as they stood: nothing is parsed or evaluated.

A number is a text, a symbol an object with its name and what is assumed of it, and all else a list
of a word and arguments.  The text of an expression would not do: read again, ``2*(x + y)`` of a
factored expression is ``2*x + 2*y``.
"""

from __future__ import annotations

import re
from typing import Any

import sympy

from saddlesym.exact.forms import MisfitError, need_list

#: Bounds on a tree that is read: its depth, its entries, digits of a number.
MAX_DEPTH, MAX_ENTRIES, MAX_LENGTH = 60, 200_000, 4_000

_FUNCTIONS = {
    f.__name__: f for f in (sympy.Add, sympy.Mul, sympy.Pow, sympy.Abs, sympy.sign, sympy.exp, sympy.log)
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_,]{0,99}")
_NUMBER = re.compile(r"-?[0-9]+(?:/[0-9]*[1-9][0-9]*)?")
_ASSUMED = frozenset({"real", "positive", "nonnegative", "integer"})


def tree(expression: Any) -> Any:
    """An expression or matrix as JSON.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> tree(sympy.sqrt(x) / 3)
    ['Mul', '1/3', ['Pow', {'symbol': 'x', 'real': True}, '1/2']]
    """
    if isinstance(expression, sympy.MatrixBase):
        return ["Matrix", *([tree(e) for e in row] for row in expression.tolist())]
    if isinstance(expression, sympy.Rational):
        return str(expression)
    if isinstance(expression, sympy.Symbol):
        return {"symbol": expression.name} | {
            k: v for k, v in expression.assumptions0.items() if k in _ASSUMED
        }
    if isinstance(expression, sympy.CRootOf):
        return ["Root", list(map(str, reversed(expression.poly.all_coeffs()))), expression.index]
    name = type(expression).__name__
    if name not in _FUNCTIONS:
        raise TypeError(f"no way to write {name}")
    return [name, *map(tree, expression.args)]


def read_tree(value: Any, kind: Any = sympy.Expr) -> Any:
    """The inverse of :func:`tree`.

    Args:
        value: of JSON.
        kind: the class that is wanted.

    Raises:
        MisfitError: it is none of that class, or larger than the bounds of this module allow.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> factored = sympy.factor(2 * x + 2 * y)
    >>> read_tree(tree(factored)) == factored
    True
    """
    found = _Reader().read(value, 0)
    if not isinstance(found, kind):
        raise MisfitError(value, f"the tree of {kind.__name__}")
    return found


class _Reader:
    def __init__(self) -> None:
        self.entries = 0

    def read(self, value: Any, depth: int) -> Any:
        self.entries += 1
        if depth > MAX_DEPTH or self.entries > MAX_ENTRIES:
            raise MisfitError(value, f"a tree of depth {MAX_DEPTH} and {MAX_ENTRIES} entries at most")
        if type(value) is str:
            return self._number(value)
        if type(value) is dict:
            return self._symbol(value)
        need_list(value)
        word, *arguments = value or [None]
        if word == "Matrix":
            return self._matrix(arguments, depth)
        if word == "Root":
            return self._root(arguments)
        function = _FUNCTIONS.get(word) if type(word) is str else None
        if function is None or not arguments:
            raise MisfitError(value, f"{', '.join(_FUNCTIONS)}, Matrix or Root, and arguments")
        return function(*(self.read(argument, depth + 1) for argument in arguments), evaluate=False)

    def _number(self, value: str) -> Any:
        if len(value) > MAX_LENGTH or not _NUMBER.fullmatch(value):
            raise MisfitError(value, 'a number such as "2/3"')
        p, _, q = value.partition("/")
        return sympy.Rational(int(p), int(q or "1"))

    def _symbol(self, value: dict[str, Any]) -> Any:
        name = value.get("symbol")
        if type(name) is not str or not _NAME.fullmatch(name):
            raise MisfitError(value, "a symbol with its name")
        assumed = {k: v for k, v in value.items() if k != "symbol"}
        if not assumed.keys() <= _ASSUMED or not all(type(v) is bool for v in assumed.values()):
            raise MisfitError(value, f"a symbol that is {', '.join(sorted(_ASSUMED))}")
        return sympy.Symbol(name, **assumed)

    def _matrix(self, rows: list[Any], depth: int) -> Any:
        for row in rows:
            need_list(row, len(rows[0]))
        entries = [[self.read(entry, depth + 1) for entry in row] for row in rows]
        return sympy.ImmutableMatrix(
            len(rows), len(rows[0]) if rows else 0, [e for row in entries for e in row]
        )

    def _root(self, arguments: list[Any]) -> Any:
        need_list(arguments, 2)
        coefficients, index = arguments
        need_list(coefficients)
        if (
            not 3 <= len(coefficients) <= 100
            or type(index) is not int
            or not 0 <= index < len(coefficients) - 1
        ):
            raise MisfitError(arguments, "coefficients of a polynomial and the index of a root")
        numbers = [self._number(c) for c in reversed(coefficients)]
        return sympy.CRootOf(sympy.Poly(numbers, sympy.Symbol("x")), index)
