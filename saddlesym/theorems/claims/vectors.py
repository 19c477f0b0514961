"""Identities between matrix expressions of symbolic shape: one check for every n and d."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.matrices.expressions import (
    Identity as UnitMatrix,
)
from sympy.matrices.expressions import (
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixExpr,
    MatrixSymbol,
    Transpose,
    ZeroMatrix,
)

from saddlesym.theorems.claims.exactness import exactly, inexact
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import ClaimOutcome

Letter = tuple[Any, bool, bool]
"""A matrix symbol, whether it is transposed, and whether it is inverted."""
Word = tuple[Letter, ...]


@dataclass(frozen=True)
class VectorIdentity:
    """Two matrix expressions are equal for all matrices of the symbols' shapes.

    Both sides are expanded into words in the matrix symbols and their transposes
    (the free algebra with involution), where ``AA⁻¹`` cancels, symbols declared
    symmetric equal their transposes, and scalar (1 × 1) factors equal their own
    transposes and commute with everything.  Equal normal forms prove the identity
    in all dimensions, wherever the inverses that occur exist; different ones mean that
    it fails for some matrices, since these words are independent functions of the entries
    in large dimensions.

    Attributes:
        build: returns the two sides, or a list of such pairs.
        symmetric: names of the matrix symbols that are symmetric.

    >>> n, d = sp.symbols("n d", integer=True, positive=True)
    >>> X, b, c = MatrixSymbol("X", n, d), MatrixSymbol("b", d, 1), MatrixSymbol("c", d, 1)
    >>> VectorIdentity(lambda: (b.T * X.T * X * c, c.T * X.T * X * b)).check().verdict
    <Verdict.HOLDS: 'HOLDS'>
    >>> VectorIdentity(lambda: (b.T * X.T * X * c, b.T * X.T * X * b)).check().verdict
    <Verdict.FAILS: 'FAILS'>
    """

    build: Callable[[], Any]
    symmetric: tuple[str, ...] = ()

    def check(self) -> ClaimOutcome:
        """Compare normal forms."""
        built = exactly(self.build)
        pairs = built if isinstance(built, list) else [built]
        if not pairs:
            return ClaimOutcome(Verdict.UNDECIDED, "no identity was given")
        size = 0
        for lhs, rhs in pairs:
            if rounded := inexact(lhs, rhs):
                return rounded
            if lhs.shape != rhs.shape:
                return ClaimOutcome(Verdict.FAILS, f"the shapes differ: {lhs.shape} and {rhs.shape}")
            left = normal_form(lhs, self.symmetric)
            rest = _sum(left, normal_form(rhs, self.symmetric), -1)
            size += len(left)
            if rest:
                word, coefficient = next(iter(rest.items()))
                return ClaimOutcome(Verdict.FAILS, f"lhs - rhs keeps the term {coefficient}·{_spelt(word)}")
        return ClaimOutcome(Verdict.HOLDS, f"normal forms agree for all shapes ({size} terms)")


def normal_form(expr: Any, symmetric: tuple[str, ...] = ()) -> dict[Word, Any]:
    """The words of a matrix expression with their coefficients; equal forms, equal matrices."""
    total: dict[Word, Any] = {}
    for word, coefficient in _words(expr, symmetric).items():
        total = _sum(total, {_settled(word, symmetric): coefficient}, 1)
    return total


def _settled(word: Word, symmetric: tuple[str, ...]) -> Word:
    """The word with its scalar factors in front, in a fixed order and orientation."""
    pieces: list[Word] = []
    for letter in word:
        if pieces and _shape(pieces[-1])[1] != 1:
            pieces[-1] += (letter,)
        else:
            pieces.append((letter,))
    scalars = [min(p, _transposed(p, symmetric), key=str) for p in pieces if _shape(p) == (1, 1)]
    rest = [p for p in pieces if _shape(p) != (1, 1)]
    return tuple(letter for piece in [*sorted(scalars, key=str), *rest] for letter in piece)


def _shape(word: Word) -> tuple[Any, Any]:
    (first, first_t, _), (last, last_t, _) = word[0], word[-1]
    return first.shape[1 if first_t else 0], last.shape[0 if last_t else 1]


def _words(expr: Any, symmetric: tuple[str, ...]) -> dict[Word, Any]:
    match expr:
        case UnitMatrix():
            return {(): sp.Integer(1)}
        case ZeroMatrix():
            return {}
        case MatrixSymbol():
            return {((expr, False, False),): sp.Integer(1)}
        case Transpose():
            inner = _words(expr.arg, symmetric)
            return {_transposed(word, symmetric): c for word, c in inner.items()}
        case Inverse():
            inner = _words(expr.arg, symmetric)
            [(word, c)] = inner.items() if len(inner) == 1 else [((), None)]
            if c is not None and all(m.shape[0] == m.shape[1] for m, _, _ in word):
                return {tuple((m, t, not i) for m, t, i in reversed(word)): 1 / c}
        case MatAdd():
            total: dict[Word, Any] = {}
            for term in expr.args:
                total = _sum(total, _words(term, symmetric), 1)
            return total
        case MatMul():
            product: dict[Word, Any] = {(): sp.Integer(1)}
            for factor in expr.args:
                if isinstance(factor, MatrixExpr):
                    product = _product(product, _words(factor, symmetric))
                else:
                    product = {word: sp.expand(c * factor) for word, c in product.items()}
            return product
        case MatPow() if expr.exp.is_Integer and expr.exp > 0:
            product = _words(expr.base, symmetric)
            for _ in range(int(expr.exp) - 1):
                product = _product(product, _words(expr.base, symmetric))
            return product
    raise NotImplementedError(f"no normal form for {expr!s:.60}")


def _product(left: dict[Word, Any], right: dict[Word, Any]) -> dict[Word, Any]:
    total: dict[Word, Any] = {}
    for a, x in left.items():
        for b, y in right.items():
            total = _sum(total, {_joined(a, b): sp.expand(x * y)}, 1)
    return total


def _joined(a: Word, b: Word) -> Word:
    """Concatenation; a symbol beside its inverse cancels."""
    while a and b and a[-1][:2] == b[0][:2] and a[-1][2] != b[0][2]:
        a, b = a[:-1], b[1:]
    return a + b


def _transposed(word: Word, symmetric: tuple[str, ...]) -> Word:
    return tuple((m, t if m.name in symmetric else not t, i) for m, t, i in reversed(word))


def _sum(left: dict[Word, Any], right: dict[Word, Any], sign: int) -> dict[Word, Any]:
    total = dict(left)
    for word, coefficient in right.items():
        value = sp.expand(total.get(word, 0) + sign * coefficient)
        if value == 0 or sp.cancel(value) == 0:
            total.pop(word, None)
        else:
            total[word] = value
    return total


def _spelt(word: Word) -> str:
    return " ".join(f"{m}{'ᵀ' if t else ''}{'⁻¹' if i else ''}" for m, t, i in word) or "I"
