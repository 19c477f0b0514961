"""Rational functions over ℚ in named real parameters, exact and canonical, on FLINT.

The symbolic side of the package divides by Gram determinants and gradients all
the time, and must know when a result is identically zero.  Here every value is
kept in lowest terms, so that equality and zero are decided, never guessed;
:meth:`RationalFunction.sympy` shows it as a factored SymPy expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpz, fmpz_mpoly, fmpz_mpoly_ctx

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import fraction

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")

#: Largest exponent that a SymPy expression handed over may contain.
MAX_EXPONENT = 100


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


class RationalFunctionField:
    """The field ℚ(parameters).

    Args:
        parameters: names; none gives ℚ itself.

    Raises:
        BadInputError: a name that is not allowed, or given twice.

    >>> field = RationalFunctionField(["a", "b"])
    >>> a, b = field.generators
    >>> (a * a - b * b) / (a - b)
    a + b
    """

    def __init__(self, parameters: Sequence[str] = ()) -> None:
        names = tuple(parameters)
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

    def _binary(self, other: object, combine: Callable[..., RationalFunction]) -> Any:
        if isinstance(other, RationalFunction):
            return combine(self.numerator, self.denominator, other.numerator, other.denominator)
        if isinstance(other, int):
            return combine(self.numerator, self.denominator, other, 1)
        return NotImplemented

    def __add__(self, other: object) -> RationalFunction:
        return self._binary(other, lambda p, q, a, b: RationalFunction(self.field, p * b + a * q, q * b))  # type: ignore[no-any-return]

    __radd__ = __add__

    def __sub__(self, other: object) -> RationalFunction:
        return self._binary(other, lambda p, q, a, b: RationalFunction(self.field, p * b - a * q, q * b))  # type: ignore[no-any-return]

    def __rsub__(self, other: object) -> RationalFunction:
        return -self + other

    def __mul__(self, other: object) -> RationalFunction:
        return self._binary(other, lambda p, q, a, b: RationalFunction(self.field, p * a, q * b))  # type: ignore[no-any-return]

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> RationalFunction:
        return self._binary(other, lambda p, q, a, b: RationalFunction(self.field, p * b, q * a))  # type: ignore[no-any-return]

    def __neg__(self) -> RationalFunction:
        return RationalFunction(self.field, -self.numerator, self.denominator)

    def __pow__(self, exponent: int) -> RationalFunction:
        p, q = self.numerator, self.denominator
        if exponent < 0:
            p, q = q, p
        return RationalFunction(self.field, p ** abs(exponent), q ** abs(exponent))

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


def polynomial_to_sympy(polynomial: fmpq_mpoly, symbols: Sequence[sympy.Symbol]) -> sympy.Expr:
    """A FLINT polynomial with integer coefficients as a SymPy expression."""
    return sympy.Add(
        *(
            sympy.Mul(int(c), *(x ** int(e) for x, e in zip(symbols, monomial, strict=True) if e))
            for monomial, c in polynomial.to_dict().items()
        )
    )
