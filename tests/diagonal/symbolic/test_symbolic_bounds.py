"""Symbolic results have a size that is foreseen; sums and products are worked out on small polynomials."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from saddlesym import BudgetError
from saddlesym.diagonal import saddle_conditions, symbolic_path, symbolic_saddle
from saddlesym.diagonal.symbolic.problem import SymbolicProblem
from saddlesym.exact.functions import rational_functions
from saddlesym.exact.functions.rational_functions import RationalFunction, RationalFunctionField


def test_six_generic_columns_are_within_reach() -> None:
    """The determinant of a symmetric 6 × 6 matrix of symbols has 388 terms."""
    block = SymbolicProblem.generic(6).block(range(6))
    assert len(block.determinant.numerator) == 388
    assert all(gradient.is_zero for gradient in block.gradient)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: symbolic_saddle(7, range(7)),
        lambda: symbolic_saddle(12, range(12)),
        lambda: symbolic_saddle(25, range(3, 24)),
        lambda: symbolic_saddle(10**9, [0]),
        lambda: saddle_conditions(10**6),
        lambda: SymbolicProblem.generic(40),
        lambda: SymbolicProblem.generic_data(10**6, 10**6),
        lambda: symbolic_saddle(SymbolicProblem.generic_data(6, 6), range(6)),
        lambda: symbolic_path(8, [[1] * 8]),
        lambda: saddle_conditions(8).branch(range(8)),
    ],
)
def test_what_cannot_be_written_down_is_refused(
    ask: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, multiply = 0, rational_functions._product

    def counted(p: Any, q: Any) -> Any:
        nonlocal work
        work += len(p) * len(q)
        return multiply(p, q)

    monkeypatch.setattr(rational_functions, "_product", counted)
    with pytest.raises(BudgetError, match=r"parameters|terms"):
        ask()
    assert work < 10**5


@pytest.mark.parametrize("d", [12, 30, 60])
def test_families_of_few_parameters_may_be_large(d: int) -> None:
    """Equal correlations ρ: det = (1 − ρ)^(d−1) (1 + (d−1)ρ), and β = 1 / (1 + (d−1)ρ) for equal targets."""
    M = [[1 if i == j else "rho" for j in range(d)] for i in range(d)]
    block = SymbolicProblem.from_gram(M, [1] * d, ["rho"]).block(range(d))
    [rho] = block.determinant.field.generators
    one = block.determinant.field.one
    assert block.determinant == (one - rho) ** (d - 1) * (one + rho * (d - 1))
    assert set(block.beta) == {one / (one + rho * (d - 1))}


def test_a_power_of_too_many_terms_is_refused() -> None:
    field = RationalFunctionField([f"a{k}" for k in range(12)])
    total = sum(field.generators, field.zero)
    with pytest.raises(BudgetError, match="terms"):
        total**40
    assert (field.generators[0] ** 100).size()[1] == 100


@pytest.mark.parametrize("seed", range(20))
def test_arithmetic_against_the_plain_rules(seed: int) -> None:
    """Sum and product by cross-multiplication, and one greatest common divisor at the end."""
    rng, field = Random(seed), RationalFunctionField(["a", "b"])
    a, b = field.generators

    def drawn() -> RationalFunction:
        def polynomial() -> RationalFunction:
            return (a * rng.randint(-2, 2) + b * rng.randint(-2, 2) + rng.randint(-2, 2)) * (
                a - b
            ) ** rng.randint(0, 2)

        top, bottom = polynomial(), polynomial()
        return top if bottom.is_zero else top / bottom

    for _ in range(10):
        x, y = drawn(), drawn()
        p, q, r, s = x.numerator, x.denominator, y.numerator, y.denominator
        assert x + y == RationalFunction(field, p * s + r * q, q * s)
        assert x - y == RationalFunction(field, p * s - r * q, q * s)
        assert x * y == RationalFunction(field, p * r, q * s)
        for value in (x + y, x - y, x * y):
            assert value.numerator.gcd(value.denominator).is_one()
        if y.is_zero:
            with pytest.raises(ZeroDivisionError):
                x / y
        else:
            assert x / y == RationalFunction(field, p * s, q * r)
            assert x / y * y == x
