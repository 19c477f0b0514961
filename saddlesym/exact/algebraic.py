"""Real algebraic numbers: a root of an irreducible integer polynomial, to any number of digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

from flint import arb, ctx, fmpq, fmpq_poly, fmpz, fmpz_poly

from saddlesym.errors import BadInputError, PrecisionError
from saddlesym.exact.balls import Ball, dyadic
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction

#: Bits beyond which a search for digits is given up.
_MOST_BITS = 2**24

Computed = TypeVar("Computed")


def refined(compute: Callable[[], Computed], accept: Callable[[Computed], bool], digits: int) -> Computed:
    """Repeat a computation with balls at growing precision until its result is accepted.

    Args:
        digits: decimal digits that the first attempt is made for.

    Raises:
        PrecisionError: it was not accepted at 2^24 bits.
    """
    bits = int(3.33 * digits) + 64
    while bits <= _MOST_BITS:
        with workprec(bits):
            result = compute()
            if accept(result):
                return result
        bits *= 2
    raise PrecisionError(f"{digits} digits were not reached with {bits // 2} bits", needed="fewer digits")


def relative_digits(value: arb) -> float:
    """Decimal digits to which a ball is known, relative to its midpoint."""
    return 10.0**9 if value.rad() == 0 else float(value.rel_accuracy_bits()) / 3.33


#: Greatest degree of a polynomial that is read: it is factored.
MAX_DEGREE = 500


@dataclass(frozen=True)
class RealRoot(Documented):
    """A real root of an irreducible polynomial with integer coefficients.

    Attributes:
        polynomial: coefficients, constant term first, coprime, the last one positive.
        index: its place among the real roots, the least first.

    >>> golden = real_roots(fmpq_poly([-1, -1, 1]))[0][0]
    >>> golden, golden.sympy()
    (RealRoot(1.61803398875, x^2 + (-1)*x + (-1)), 1/2 + sqrt(5)/2)
    """

    polynomial: tuple[int, ...]
    index: int

    @property
    def degree(self) -> int:
        """Degree of the number over ℚ."""
        return len(self.polynomial) - 1

    @property
    def rational(self) -> Fraction | None:
        """The number itself when it is rational."""
        if self.degree != 1:
            return None
        return Fraction(-self.polynomial[0], self.polynomial[1])

    def arb(self) -> arb:
        """The number at FLINT's current precision."""
        if self.degree == 1:
            return arb(fmpq(-self.polynomial[0], self.polynomial[1]))
        return _isolated(self.polynomial, ctx.prec)[self.index]

    def ball(self, digits: int = 30) -> Ball:
        """The number with a relative error below 10^−digits."""
        return Ball(refined(self.arb, lambda x: relative_digits(x) > digits, digits))

    def interval(self, digits: int = 30) -> tuple[Fraction, Fraction]:
        """Rational ends of an interval that holds this root and no other of its polynomial."""
        return ends(self.ball(digits).arb)

    def sympy(self) -> Any:
        """By radicals up to degree 2, beyond as SymPy's ``CRootOf``."""
        import sympy

        x = sympy.Symbol("x")
        polynomial = sympy.Poly(list(reversed(self.polynomial)), x)
        if self.degree == 1:
            return sympy.Rational(-self.polynomial[0], self.polynomial[1])
        if self.degree == 2:
            c, b, a = map(sympy.Integer, self.polynomial)
            sign = 1 if self.index == 1 else -1  # a > 0
            return sympy.expand((-b + sign * sympy.sqrt(b**2 - 4 * a * c)) / (2 * a))
        return sympy.CRootOf(polynomial, self.index)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; coefficients as strings, constant term first."""
        return {
            "kind": self._kind,
            "polynomial": [str(fmpz(c)) for c in self.polynomial],
            "index": self.index,
        }

    @classmethod
    def _read(cls, given: Fields) -> RealRoot:
        fractions, index = given("polynomial", tuple[Fraction, ...]), given("index", int)
        polynomial = tuple(c.numerator for c in fractions if c.denominator == 1)
        if len(polynomial) < len(fractions) or not 2 <= len(polynomial) <= MAX_DEGREE + 1:
            raise BadInputError(
                f"a polynomial of {len(fractions)} coefficients",
                needed=f"whole ones, of degree 1 to {MAX_DEGREE}",
            )
        factors = fmpz_poly(list(polynomial)).factor()
        if polynomial[-1] < 1 or factors[0] != 1 or [power for _, power in factors[1]] != [1]:
            raise BadInputError(
                "a polynomial that is reducible, or not in lowest terms", needed="a minimal one"
            )
        if not 0 <= index < len(_isolated(polynomial, ctx.prec)):
            raise BadInputError(f"index {index}", needed="that of one of its real roots")
        return cls(polynomial, index)

    def __float__(self) -> float:
        return float(self.ball(17))

    def __repr__(self) -> str:
        return f"RealRoot({float(self):.12g}, {fmpz_poly(list(self.polynomial))})"


def real_roots(polynomial: fmpq_poly) -> list[tuple[RealRoot, int]]:
    """The distinct real roots with exact multiplicities, the greatest first.

    Args:
        polynomial: not zero.

    >>> [(float(root), m) for root, m in real_roots(fmpq_poly([0, -4, 8, -5, 1]))]
    [(2.0, 2), (1.0, 1), (0.0, 1)]
    """
    found = []
    for factor, multiplicity in polynomial.numer().factor()[1]:
        coefficients = tuple(int(c) for c in (factor if factor.leading_coefficient() > 0 else -factor))
        count = 1 if len(coefficients) == 2 else len(_isolated(coefficients, ctx.prec))
        found += [(RealRoot(coefficients, k), multiplicity) for k in range(count)]
    if not found:
        return []

    def separated(values: list[tuple[arb, int]]) -> bool:
        return all(a > b for (a, _), (b, _) in pairwise(values))

    def ordered() -> list[tuple[arb, int]]:
        values = [(root.arb(), k) for k, (root, _) in enumerate(found)]
        return sorted(values, key=lambda pair: dyadic(pair[0]), reverse=True)

    return [found[k] for _, k in refined(ordered, separated, 15)]


@lru_cache(maxsize=256)
def _isolated(coefficients: tuple[int, ...], _precision: int) -> tuple[arb, ...]:
    """The real roots of an irreducible polynomial as disjoint balls, the least first.

    Remembered for each precision: a list of saddles asks for the same roots thousands of times.
    """
    found: list[Any] = fmpz_poly(list(coefficients)).complex_roots()  # pairs, whatever the stubs say
    roots = [root.real for root, _ in found if root.imag == 0]
    return tuple(sorted(roots, key=dyadic))


def ends(ball: arb) -> tuple[Fraction, Fraction]:
    """The ends of a ball, exactly (its own ``lower`` rounds to the current precision)."""
    mid, radius = fraction(dyadic(ball)), fraction(dyadic(ball.rad()))
    return mid - radius, mid + radius
