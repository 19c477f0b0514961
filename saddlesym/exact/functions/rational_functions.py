"""Rational functions over ℚ in named real parameters, exact and canonical, on FLINT.

The symbolic side of the package divides by Gram determinants and gradients all
the time, and must know when a result is identically zero.  Here every value is
kept in lowest terms, so that equality and zero are decided, never guessed;
:meth:`RationalFunction.sympy` shows it as a factored SymPy expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import Any

import sympy
from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpz, fmpz_mpoly, fmpz_mpoly_ctx

from saddlesym.errors import BadInputError, BudgetError, shown
from saddlesym.exact.scalars import fraction

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")

#: Largest exponent that a SymPy expression handed over may contain.
MAX_EXPONENT = 100
#: Most products of terms in one product of polynomials.
MAX_WORK = 2**20
#: Most parameters of a field.
MAX_PARAMETERS = 500
#: Most terms that a determinant is begun for.
MAX_TERMS = 2**18


def parameter(name: str) -> sympy.Symbol:
    """The real symbol of a parameter with this name.

    Raises:
        BadInputError: not an ASCII name such as ``rho`` or ``sigma_1``.

    >>> parameter("rho")
    rho
    """
    if not isinstance(name, str) or len(name) > 40 or not _NAME.fullmatch(name):
        raise BadInputError(
            f"parameter name {shown(name)}",
            needed="ASCII letters and digits, at most 40, single underscores inside",
            hint="rho or sigma_1",
        )
    return sympy.Symbol(name, real=True)


def bound_parameters(number: int) -> None:
    """Refuse more parameters than a field can have, before they are listed.

    >>> bound_parameters(10**12)
    Traceback (most recent call last):
    ...
    saddlesym.errors.BudgetError: 1000000000000 parameters; needed: at most 500; try: numbers for some of them
    """
    if number > MAX_PARAMETERS:
        raise BudgetError(
            f"{number} parameters", needed=f"at most {MAX_PARAMETERS}", hint="numbers for some of them"
        )


class RationalFunctionField:
    """The field ℚ(parameters).

    Args:
        parameters: names; none gives ℚ itself.

    Raises:
        BadInputError: a name that is not allowed, or given twice.
        BudgetError: more than MAX_PARAMETERS of them.

    >>> field = RationalFunctionField(["a", "b"])
    >>> a, b = field.generators
    >>> (a * a - b * b) / (a - b)
    a + b
    """

    def __init__(self, parameters: Sequence[str] = ()) -> None:
        names = tuple(parameters)
        bound_parameters(len(names))
        self.symbols: tuple[sympy.Symbol, ...] = tuple(parameter(name) for name in names)
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise BadInputError(f"the parameter {shown(twice)} appears twice", needed="distinct names")
        self.names = names
        self._ring = fmpz_mpoly_ctx.get(names, Ordering.deglex)
        self._rational_ring = fmpq_mpoly_ctx.get(names, Ordering.deglex)
        self.zero, self.one = self.constant(fmpq(0)), self.constant(fmpq(1))
        unit = self._ring.constant(1)
        self.generators = tuple(RationalFunction(self, g, unit) for g in self._ring.gens())

    def constant(self, value: fmpq | int) -> RationalFunction:
        """A rational number as a constant function."""
        q = fmpq(value)
        return RationalFunction(self, self._ring.constant(q.p), self._ring.constant(q.q))

    def rational_polynomial(self, polynomial: fmpz_mpoly) -> fmpq_mpoly:
        """An integer polynomial of this field in FLINT's ring of rational polynomials."""
        return self._rational_ring.from_dict({e: fmpq(c) for e, c in polynomial.to_dict().items()})

    def from_sympy(self, expression: Any) -> RationalFunction:
        """Read a SymPy expression made of rationals, parameters, sums, products and integer powers.

        Symbols are matched by name, whatever their assumptions.

        Raises:
            BadInputError: anything else occurs in it, or it divides by zero.
        """
        if isinstance(expression, sympy.Rational):
            return self.constant(fmpq(int(expression.p), int(expression.q)))
        if isinstance(expression, sympy.Symbol) and expression.name in self.names:
            return self.generators[self.names.index(expression.name)]
        if isinstance(expression, sympy.Add):
            return sum(map(self.from_sympy, expression.args), self.zero)
        if isinstance(expression, sympy.Mul):
            product = self.one
            for factor in expression.args:
                product = product * self.from_sympy(factor)
            return product
        if isinstance(expression, sympy.Pow) and isinstance(expression.exp, sympy.Integer):
            exponent = int(expression.exp)
            if abs(exponent) <= MAX_EXPONENT:
                base = self.from_sympy(expression.base)
                if exponent < 0 and base.is_zero:
                    raise BadInputError(f"{shown(expression)} divides by zero", needed="a finite entry")
                return base**exponent
        raise BadInputError(
            f"{shown(expression)} is not a rational function of the parameters"
            f" {', '.join(self.names) or '(none)'}",
            needed="rationals, parameters, sums, products and integer powers",
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RationalFunctionField) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        return f"RationalFunctionField({', '.join(self.names)})"


class RationalFunction:
    """An element of a :class:`RationalFunctionField`, immutable.

    ``numerator`` and ``denominator`` are coprime polynomials with integer
    coefficients; the leading coefficient of the denominator is positive.
    """

    __slots__ = ("denominator", "field", "numerator")

    def __init__(self, field: RationalFunctionField, numerator: fmpz_mpoly, denominator: fmpz_mpoly) -> None:
        if denominator.is_zero():
            raise ZeroDivisionError("a rational function with denominator zero")
        divisor = numerator.gcd(denominator)
        if denominator.leading_coefficient() < 0:
            divisor = -divisor
        self.field = field
        self.numerator: fmpz_mpoly = numerator if divisor.is_one() else numerator // divisor
        self.denominator: fmpz_mpoly = denominator if divisor.is_one() else denominator // divisor

    @property
    def is_zero(self) -> bool:
        """Whether it vanishes identically."""
        return bool(self.numerator.is_zero())

    def number(self) -> Fraction | None:
        """The value of a constant function; None for any other."""
        if not (self.numerator.is_constant() and self.denominator.is_constant()):
            return None
        top = fmpz(0) if self.is_zero else self.numerator.leading_coefficient()
        return fraction(fmpq(top, self.denominator.leading_coefficient()))

    def factors(self) -> tuple[fmpq, list[tuple[fmpq_mpoly, int]]]:
        """A rational unit, and irreducible primitive polynomials with their exponents (± integers).

        The function is the unit times the product; zero has the unit 0.
        """
        if self.is_zero:
            return fmpq(0), []
        # over the integers python-flint 0.9 cannot sort factors with large coefficients
        top, above = self.field.rational_polynomial(self.numerator).factor()
        bottom, below = self.field.rational_polynomial(self.denominator).factor()
        powers = [(p, int(e)) for p, e in above] + [(p, -int(e)) for p, e in below]
        return fmpq(top) / fmpq(bottom), powers

    def sympy(self) -> sympy.Expr:
        """The function as a factored SymPy expression."""
        unit, powers = self.factors()
        value = sympy.Rational(int(unit.p), int(unit.q))
        return sympy.Mul(value, *(polynomial_to_sympy(p, self.field.symbols) ** e for p, e in powers))

    def size(self) -> tuple[int, int, int]:
        """Number of terms, total degree, and bits of the largest coefficient."""
        parts = (self.numerator, self.denominator)
        bits = (abs(c).bit_length() for part in parts for c in part.coeffs())
        return (
            sum(map(len, parts)),
            max(int(part.total_degree()) for part in parts),
            max(bits, default=0),
        )

    def _other(self, other: object) -> RationalFunction | None:
        if isinstance(other, RationalFunction):
            return other
        return self.field.constant(other) if isinstance(other, int) else None

    def _plus(self, other: RationalFunction) -> RationalFunction:
        # what the denominators share is taken out first (Henrici, 1956): polynomials stay small
        p, q, a, b = self.numerator, self.denominator, other.numerator, other.denominator
        shared = q.gcd(b)
        if not shared.is_one():
            q, b = q // shared, b // shared
        top = _product(p, b) + _product(a, q)
        return RationalFunction(self.field, top, _product(q, other.denominator))

    def _times(self, p: fmpz_mpoly, q: fmpz_mpoly) -> RationalFunction:
        """The product with p/q in lowest terms."""
        if q.is_zero():
            raise ZeroDivisionError("a rational function with denominator zero")
        a, b = self.numerator, self.denominator
        first, second = a.gcd(q), p.gcd(b)
        top = _product(a // first, p // second) if not self.is_zero else a
        return RationalFunction(self.field, top, _product(b // second, q // first))

    def __add__(self, other: object) -> RationalFunction:
        value = self._other(other)
        return NotImplemented if value is None else self._plus(value)

    __radd__ = __add__

    def __sub__(self, other: object) -> RationalFunction:
        value = self._other(other)
        return NotImplemented if value is None else self._plus(-value)

    def __rsub__(self, other: object) -> RationalFunction:
        return -self + other

    def __mul__(self, other: object) -> RationalFunction:
        value = self._other(other)
        return NotImplemented if value is None else self._times(value.numerator, value.denominator)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> RationalFunction:
        value = self._other(other)
        return NotImplemented if value is None else self._times(value.denominator, value.numerator)

    def __neg__(self) -> RationalFunction:
        return RationalFunction(self.field, -self.numerator, self.denominator)

    def __pow__(self, exponent: int) -> RationalFunction:
        p, q = self.numerator, self.denominator
        if exponent < 0:
            p, q = q, p
        return RationalFunction(self.field, _power(p, abs(exponent)), _power(q, abs(exponent)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return bool(self.numerator == other * self.denominator)
        if not isinstance(other, RationalFunction):
            return NotImplemented
        return (
            self.field == other.field
            and bool(self.numerator == other.numerator)
            and bool(self.denominator == other.denominator)
        )

    def __hash__(self) -> int:
        return hash((self.field, str(self.numerator), str(self.denominator)))

    def __repr__(self) -> str:
        return str(self.sympy())


def _product(p: fmpz_mpoly, q: fmpz_mpoly) -> fmpz_mpoly:
    """A product of polynomials that is no larger than can be worked with."""
    work = len(p) * len(q)
    if work > MAX_WORK:
        raise BudgetError(
            f"a symbolic result takes products of {len(p)} by {len(q)} terms",
            needed=f"at most {MAX_WORK} in one product",
            hint="fewer parameters, numbers for some of them, or a smaller active set",
        )
    return p * q


def _power(p: fmpz_mpoly, exponent: int) -> fmpz_mpoly:
    """A power by repeated squares, so that it ends before it is too large."""
    if len(p) < 2:
        return p**exponent
    out = p**0
    while exponent:
        if exponent & 1:
            out = _product(out, p)
        exponent >>= 1
        if exponent:
            p = _product(p, p)
    return out


def bound_determinant(rows: Sequence[Sequence[RationalFunction]]) -> None:
    """Refuse a determinant of more than MAX_TERMS terms, as far as can be foreseen, before it is begun.

    There are at most as many as the rows give when they are multiplied out, and as there are
    monomials of the degree.
    """
    expanded, degree, names = 1, 0, 0
    for row in rows:
        sizes = [entry.size() for entry in row]
        expanded *= sum(
            terms - 1 for entry, (terms, _, _) in zip(row, sizes, strict=True) if not entry.is_zero
        )
        degree += max(total for _, total, _ in sizes)
        names = len(row[0].field.names)
    if expanded > MAX_TERMS and comb(names + degree, min(names, degree)) > MAX_TERMS:
        raise BudgetError(
            f"the determinant of these {len(rows)} columns may have more terms than can be written down",
            needed=f"at most {MAX_TERMS}",
            hint="fewer parameters, numbers for some of them, or a smaller active set",
        )


def polynomial_to_sympy(polynomial: fmpq_mpoly, symbols: Sequence[sympy.Symbol]) -> sympy.Expr:
    """A FLINT polynomial with integer coefficients as a SymPy expression."""
    return sympy.Add(
        *(
            sympy.Mul(int(c), *(x ** int(e) for x, e in zip(symbols, monomial, strict=True) if e))
            for monomial, c in polynomial.to_dict().items()
        )
    )
