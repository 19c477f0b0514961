"""Speed of flows beside heyoka (same z form, same accuracy) and mpmath's odefun.

Every row solves one problem to the same accuracy in one run, so that the
ratios mean something on a noisy machine:  make bench
The steps of heyoka are capped at four units of natural time, which was its best of
1, 2, 4 and 10; its just-in-time compilation (0.01 to 0.2 s) is part of its time.
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest

from saddlesym import DiagonalProblem, flow

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from heyoka_flow import heyoka_flow

FOUR = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])


def ten() -> DiagonalProblem:
    rng = random.Random(1)
    X = [[rng.randint(-3, 3) for _ in range(10)] for _ in range(12)]
    return DiagonalProblem(X, [rng.randint(-9, 9) for _ in range(12)])


CASES = {"d4": (FOUR, Fraction(8, 5)), "d10": (ten(), Fraction(2))}


@pytest.mark.parametrize("digits", [30, 60, 120])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("solver", ["saddlesym", "saddlesym certified", "heyoka"])
def test_flow(benchmark: Any, solver: str, case: str, digits: int) -> None:
    problem, t = CASES[case]
    benchmark.group = f"{case}, {digits} digits, alpha = 1e-100"
    if solver == "heyoka":
        z = benchmark.pedantic(heyoka_flow, (problem, 100, digits, t), rounds=1)
    else:
        options = {"digits": digits, "until": t, "certify": solver.endswith("certified")}
        result = benchmark.pedantic(flow, (problem, "1e-100"), options, rounds=1)
        with mpmath.workdps(digits + 20):
            z = [s.mpf(digits + 10) * 100 * mpmath.log(10) for s in result.dual(t)]
    reference = flow(problem, "1e-100", digits=digits + 10, until=t).dual(t)
    with mpmath.workdps(digits + 20):
        log = 100 * mpmath.log(10)
        error = max(abs(a - b.mpf(digits + 15) * log) for a, b in zip(z, reference, strict=True))
        benchmark.extra_info["error"] = mpmath.nstr(error, 3)
        assert error < mpmath.mpf(10) ** (4 - digits)


@pytest.mark.parametrize("solver", ["saddlesym", "saddlesym certified", "mpmath odefun"])
def test_odefun(benchmark: Any, solver: str) -> None:
    """A mild flow, up to just after the first jump: odefun takes minutes on others."""
    t, digits = Fraction(6, 25), 30
    benchmark.group = "d4, 30 digits, alpha = 1e-10, odefun"
    if solver.startswith("saddlesym"):
        options = {"digits": digits, "until": t, "certify": solver.endswith("certified")}
        benchmark.pedantic(flow, (FOUR, "1e-10"), options, rounds=1)
        return

    def odefun() -> Any:
        with mpmath.workdps(digits):
            M = mpmath.matrix([[mpmath.mpf(q.numerator) / q.denominator for q in row] for row in FOUR.M])
            r = [mpmath.mpf(q.numerator) / q.denominator for q in FOUR.r]
            square = mpmath.mpf(10) ** -20

            def slope(_T: Any, z: Any) -> Any:
                beta = [square * mpmath.sinh(2 * x) for x in z]
                return [r[i] - mpmath.fdot(M[i, :], beta) for i in range(4)]

            return mpmath.odefun(slope, 0, [0] * 4)(10 * mpmath.log(10) * t.numerator / t.denominator)

    z = benchmark.pedantic(odefun, rounds=1)
    expected = flow(FOUR, "1e-10", digits=digits, until=t).dual(t)
    with mpmath.workdps(digits):
        for a, b in zip(z, expected, strict=True):
            assert abs(a - b.mpf(35) * 10 * mpmath.log(10)) < mpmath.mpf(10) ** -20


@pytest.mark.parametrize("exponent", [1000, 1_000_000])
def test_small_scales(benchmark: Any, exponent: int) -> None:
    benchmark.group = "d4, 60 digits certified, cost against alpha"
    result = benchmark.pedantic(flow, (FOUR, f"1e-{exponent}", 60), rounds=3)
    benchmark.extra_info["steps"] = result.steps
