"""The conditions of paths as signs of irreducible polynomials that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq_mpoly

from saddlesym.diagonal.symbolic.path import SymbolicPath
from saddlesym.diagonal.symbolic.problem import SymbolicProblem
from saddlesym.exact.functions.rational_functions import RationalFunction
from saddlesym.exact.scalars import fraction, to_fmpq


@dataclass(frozen=True)
class SignProduct:
    """A condition on the signs of factors: ``sign · ∏ odd > 0`` and, if it is strict, no even one is zero.

    Attributes:
        sign: ±1.
        odd, even: numbers of factors in the table, by the parity of their exponents.
        strict: whether zero is excluded.
        reason: what it says about the path.
    """

    sign: int
    odd: tuple[int, ...]
    even: tuple[int, ...]
    strict: bool
    reason: str

    def at(self, sign_of: Callable[[int], int]) -> int:
        """1 where it holds with strict signs, 0 on its boundary, −1 where it fails."""
        value = self.sign
        for factor in self.odd:
            value *= sign_of(factor)
        if self.strict and any(sign_of(factor) == 0 for factor in self.even):
            return -1
        return value


class FactorTable:
    """The irreducible factors of all conditions met so far, each once."""

    def __init__(self, problem: SymbolicProblem) -> None:
        self.field = problem.field
        self.factors: list[fmpq_mpoly] = []
        self._places: dict[str, int] = {}

    def place(self, factor: fmpq_mpoly) -> int:
        """The number of this factor."""
        key = str(factor)
        if key not in self._places:
            self._places[key] = len(self.factors)
            self.factors.append(factor)
        return self._places[key]

    def product(self, function: RationalFunction, strict: bool, reason: str) -> SignProduct:
        """``function > 0`` (or ≥ 0) as signs of factors."""
        unit, powers = function.factors()
        odd = tuple(self.place(factor) for factor, e in powers if e % 2)
        even = tuple(self.place(factor) for factor, e in powers if e % 2 == 0)
        return SignProduct(int(unit > 0) - int(unit < 0), odd, even, strict, reason)

    def conditions(self, path: SymbolicPath) -> tuple[SignProduct, ...]:
        """What a path asks of the parameters, with M definite on what touches its bounds at every jump."""
        read = self.field.from_sympy
        found = [self.product(read(c.expression), c.sign == ">", c.reason) for c in path.conditions]
        for k, jump in enumerate(path.jumps, 1):
            tight = tuple(
                i
                for i in range(path.problem.d)
                if jump.signs[i] or (jump.gradient[i] == 0 and jump.dual[i] in (1, -1))
            )
            if tight != jump.support:
                determinant = path.problem.block(tight).determinant
                found.append(self.product(determinant, True, f"jump {k}: one minimiser"))
        return tuple(one for one in found if one.odd or one.even or one.sign < 1)

    def gram_conditions(self, problem: SymbolicProblem) -> tuple[SignProduct, ...]:
        """When M = XᵀX/n for some X: no coefficient of its characteristic polynomial has the wrong sign."""
        if problem.data is not None:
            return ()
        read, found = self.field.from_sympy, []
        for k, coefficient in enumerate(problem.M.charpoly().all_coeffs()[1:], 1):
            function = read((-1) ** k * coefficient.expand())
            if not function.is_zero:
                found.append(self.product(function, False, "M is a Gram matrix"))
        return tuple(one for one in found if one.odd or one.sign < 1)

    def sign_at(self, point: Sequence[Fraction]) -> Callable[[int], int]:
        """Signs of the factors at a rational point, each computed once."""
        values = [to_fmpq(x) for x in point]
        seen: dict[int, int] = {}

        def sign_of(k: int) -> int:
            if k not in seen:
                value = self.factors[k](*values)
                seen[k] = int(value > 0) - int(value < 0)
            return seen[k]

        return sign_of

    def terms(self, k: int) -> dict[tuple[int, int], Fraction]:
        """The terms of a factor in two parameters."""
        return {(int(i), int(j)): fraction(c) for (i, j), c in self.factors[k].to_dict().items()}

    def sympy(self, k: int) -> Any:
        """A factor as a SymPy expression."""
        from saddlesym.exact.functions.rational_functions import polynomial_to_sympy

        return polynomial_to_sympy(self.factors[k], self.field.symbols)


def holds(conditions: Sequence[SignProduct], sign_of: Callable[[int], int]) -> bool:
    """Whether all conditions hold with strict signs: the point is inside, on no wall."""
    return all(one.at(sign_of) > 0 for one in conditions)
