"""Sign conditions on rational functions, reduced to polynomial inequalities.

A condition such as ``(r_1 − r_2)/r_1 ≥ 0`` is turned into the sign of a
polynomial by multiplying it with functions whose sign earlier conditions fix.
Only equivalences are used: the conjunction of all conditions keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import sympy

from saddlesym.diagonal.symbolic.problem import evaluate
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.functions.rational_functions import (
    RationalFunction,
    RationalFunctionField,
    polynomial_to_sympy,
)
from saddlesym.exact.functions.trees import tree

Relation: TypeAlias = Literal[">", ">=", "="]


@dataclass(frozen=True)
class Condition(Documented):
    """A polynomial with its required sign: ``expression > 0``, ``≥ 0`` or ``= 0``.

    Attributes:
        expression: a polynomial in the parameters, factored.
        sign: ``">"``, ``">="`` or ``"="``.
        reason: what it says about the path.
    """

    expression: sympy.Expr
    sign: Relation
    reason: str = field(compare=False)

    @property
    def relation(self) -> Any:
        """The condition as a SymPy relation."""
        if self.sign == "=":
            return sympy.Eq(self.expression, 0)
        return self.expression > 0 if self.sign == ">" else self.expression >= 0

    @property
    def truth(self) -> bool | None:
        """True or False where that does not depend on the parameters, else None."""
        return self.holds({}) if isinstance(self.expression, sympy.Rational) else None

    def holds(self, where: Mapping[sympy.Symbol, sympy.Rational]) -> bool:
        """Whether it holds at exact values of all parameters."""
        return _has_sign(evaluate(self.expression, where), self.sign)

    def latex(self) -> str:
        """The relation as LaTeX."""
        symbol = {">": ">", ">=": r"\geq", "=": "="}[self.sign]
        return f"{sympy.latex(self.expression)} {symbol} 0"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, the expression as text and as a tree."""
        return {"kind": self._kind} | self.entry() | {"tree": tree(self.expression)}

    @classmethod
    def _read(cls, given: Fields) -> Condition:
        return cls(given("tree", sympy.Expr), given("sign", Relation), given("reason", str))

    def entry(self) -> dict[str, str]:
        """The condition within the document of a path, its expression as text alone."""
        return {"expression": str(self.expression), "sign": self.sign, "reason": self.reason}

    def __str__(self) -> str:
        return f"{self.expression} {self.sign} 0"


class SignConditions:
    """A growing conjunction of sign conditions.

    >>> field = RationalFunctionField(["a", "b"])
    >>> a, b = field.generators
    >>> conditions = SignConditions(field)
    >>> conditions.require(a, ">")
    >>> conditions.require((a - b) / a, ">=")
    >>> [str(condition) for condition in conditions.result()]
    ['a > 0', 'a - b >= 0']
    """

    def __init__(self, field: RationalFunctionField) -> None:
        self.field = field
        self._polynomials: dict[str, Any] = {}
        self._nonzero: set[str] = set()
        self._product_signs: dict[frozenset[str], int] = {}
        self._conditions: dict[tuple[bool, int, frozenset[tuple[str, int]]], tuple[Relation, str]] = {}

    def require(self, function: RationalFunction, relation: Relation, reason: str = "") -> None:
        """Add ``function`` > 0, ≥ 0 or = 0; its denominator must be known not to vanish."""
        unit, factors = function.factors()
        sign = int(unit > 0) - int(unit < 0)
        odd: set[str] = set()
        even: set[str] = set()
        for polynomial, exponent in factors:
            key = str(polynomial)
            self._polynomials[key] = polynomial
            if exponent % 2 and relation != "=":
                odd.add(key)
            elif key not in self._nonzero and (exponent > 0 or relation != "="):
                even.add(key)
        if relation == "=":
            # a product vanishes where one of its factors does
            self._record(abs(sign), even, set(), relation, reason)
        else:
            sign *= self._reduce(odd)
            self._record(sign, odd, even, relation, reason)

    def _reduce(self, odd: set[str]) -> int:
        """Cancel known products out of a product of factors; the sign that this leaves."""
        sign, changed = 1, True
        while changed:
            changed = False
            for product, its_sign in self._product_signs.items():
                if product <= odd:
                    odd -= product
                    sign *= its_sign
                    changed = True
        return sign

    def _record(self, sign: int, odd: set[str], even: set[str], relation: Relation, reason: str) -> None:
        if not odd and not even and _has_sign(sign, relation):
            return
        if relation == ">" and sign:
            self._nonzero |= odd | even
            if odd:
                self._product_signs.setdefault(frozenset(odd), sign)
        powers = frozenset({(key, 1) for key in odd} | {(key, 2) for key in even})
        place = (relation == "=", sign, powers)
        known = self._conditions.get(place)
        if known is None or (known[0] == ">=" and relation == ">"):
            self._conditions[place] = (relation, reason)

    def result(self) -> tuple[Condition, ...]:
        """All conditions, in the order in which they were added."""
        out = []
        for (_, sign, powers), (relation, reason) in self._conditions.items():
            factors = [
                polynomial_to_sympy(self._polynomials[key], self.field.symbols) ** e
                for key, e in sorted(powers)
            ]
            out.append(Condition(sympy.Mul(sign, *factors), relation, reason))
        return tuple(out)


def _has_sign(value: Fraction | int, relation: Relation) -> bool:
    return value == 0 if relation == "=" else value > 0 if relation == ">" else value >= 0
