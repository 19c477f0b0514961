"""Deep flows beside mpmath's odefun and heyoka: the same 2×2 problem to the same accuracy; and 10×10.

make bench.  A(T) is compared shortly after the first jump, since odefun takes too long for more.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from saddlesym import DeepLinearProblem, flow
from saddlesym.deep import gaussian_direction

TWO = DeepLinearProblem.whitened([[3, 1], [1, 2]])
TIME, DIGITS, EXPONENT = Fraction(2, 5), 30, 10


def _start() -> list[Any]:
    scale = mpmath.mpf(10) ** -EXPONENT
    return [scale * q.numerator / q.denominator for w in gaussian_direction(TWO) for row in w for q in row]


def _slopes(z: list[Any]) -> list[Any]:
    """W_1' = W_2ᵀE, W_2' = E W_1ᵀ with E = A* − W_2 W_1; works on numbers and on expressions."""
    W1, W2, target = [z[0:2], z[2:4]], [z[4:6], z[6:8]], [[3, 1], [1, 2]]
    E = [[target[i][j] - W2[i][0] * W1[0][j] - W2[i][1] * W1[1][j] for j in range(2)] for i in range(2)]
    first = [W2[0][i] * E[0][j] + W2[1][i] * E[1][j] for i in range(2) for j in range(2)]
    second = [E[i][0] * W1[j][0] + E[i][1] * W1[j][1] for i in range(2) for j in range(2)]
    return first + second


def _odefun() -> list[Any]:
    with mpmath.workdps(DIGITS + 15):
        end = EXPONENT * mpmath.log(10) * TIME.numerator / TIME.denominator
        return list(mpmath.odefun(lambda _t, z: _slopes(z), 0, _start())(end))


def _heyoka() -> list[Any]:
    import heyoka as hy

    dps = DIGITS + EXPONENT + 5
    prec = int(3.33 * dps) + 16
    with mpmath.workdps(dps + 5):
        z = list(hy.make_vars(*(f"z{i}" for i in range(8))))

        def real(x: Any) -> Any:
            return hy.real(mpmath.nstr(x, dps), prec)

        start = [real(x) for x in _start()]
        options = {
            "fp_type": hy.real,
            "prec": prec,
            "compact_mode": True,
            "tol": real(mpmath.mpf(10) ** -dps),
        }
        equations = [(x, hy.sum([e])) for x, e in zip(z, _slopes([hy.expression(x) for x in z]), strict=True)]
        integrator = hy.taylor_adaptive(equations, start, **options)
        integrator.propagate_until(real(EXPONENT * mpmath.log(10) * TIME.numerator / TIME.denominator))
        return [mpmath.mpf(str(x)) for x in integrator.state]


@pytest.mark.parametrize("solver", ["saddlesym", "heyoka", "mpmath odefun"])
def test_two_by_two(benchmark: Any, solver: str) -> None:
    benchmark.group = f"2x2, alpha = 1e-{EXPONENT}, {DIGITS} digits"
    expected = flow(TWO, f"1e-{EXPONENT}", digits=DIGITS + 10, until=TIME).weights(TIME)
    numbers = [x.mpf(DIGITS + 5) for w in expected for row in w for x in row]
    if solver == "saddlesym":
        followed = benchmark.pedantic(flow, (TWO, f"1e-{EXPONENT}", DIGITS, TIME), rounds=3)
        found = [x.mpf(DIGITS + 5) for w in followed.weights(TIME) for row in w for x in row]
    else:
        found = benchmark.pedantic({"heyoka": _heyoka}.get(solver, _odefun), rounds=1)
    with mpmath.workdps(DIGITS + 10):
        error = max(abs(a - b) for a, b in zip(found, numbers, strict=True))
        benchmark.extra_info["error"] = mpmath.nstr(error, 3)
        assert error < mpmath.mpf(10) ** (3 - DIGITS)


@pytest.mark.parametrize("exponent", [50, 200, 1000])
def test_cost_against_alpha(benchmark: Any, exponent: int) -> None:
    benchmark.group = "svd-3x3, 30 digits"
    problem = DeepLinearProblem.from_csv("svd-3x3")
    followed = benchmark.pedantic(flow, (problem, f"1e-{exponent}", 30), rounds=1)
    benchmark.extra_info["steps"] = followed.steps
    assert followed.ranks == (0, 1, 2, 3)


def test_ten_by_ten(benchmark: Any) -> None:
    """Ten jumps; σ_1/σ_10 = 36, and the time is 1.5·ln(1/α)/σ_10."""
    rng = random.Random(1)
    problem = DeepLinearProblem.whitened([[rng.randint(-3, 3) for _ in range(10)] for _ in range(10)])
    followed = benchmark.pedantic(flow, (problem, "1e-50", 60), rounds=1)
    assert followed.settled
    assert len(followed.jumps) == 10
