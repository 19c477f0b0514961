"""Flows at depth D ≥ 3: the weights' own flow in mpmath, the limit, the certificate."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import arb, arb_poly, ctx

from saddlesym import DiagonalProblem, deep_flow, flow, saddle_path
from saddlesym.diagonal.deep_flow import _DeepLaw
from saddlesym.errors import BadInputError, BudgetError, PrecisionError

PLAIN = DiagonalProblem([[2, 1], [-1, 2], [1, 1]], [3, -1, 1])
WIDE = DiagonalProblem([[2, 1, -1], [0, 1, 2]], [2, 1])


def network(problem: DiagonalProblem, depth: int, alpha: mpmath.mpf, t: Fraction) -> list[mpmath.mpf]:
    """β = a^D − b^D by mpmath's odefun for a' = −D a^(D−1) ∇L, b' = D b^(D−1) ∇L from α, in natural time."""
    d = problem.d
    M = [[mpmath.mpf(q.numerator) / q.denominator for q in row] for row in problem.M]
    r = [mpmath.mpf(q.numerator) / q.denominator for q in problem.r]

    def beta(w):
        return [a**depth - b**depth for a, b in zip(w[:d], w[d:], strict=True)]

    def field(_, w):
        now = beta(w)
        g = [mpmath.fdot(row, now) - q for row, q in zip(M, r, strict=True)]
        return [-depth * a ** (depth - 1) * x for a, x in zip(w[:d], g, strict=True)] + [
            depth * b ** (depth - 1) * x for b, x in zip(w[d:], g, strict=True)
        ]

    natural = mpmath.mpf(t.numerator) / t.denominator / (depth * (depth - 2) * alpha ** (depth - 2))
    return beta(mpmath.odefun(field, 0, [alpha] * (2 * d), tol=mpmath.mpf(10) ** -18)(natural))


@pytest.mark.parametrize("depth", [3, 4])
@pytest.mark.parametrize("problem", [PLAIN, WIDE])
def test_the_network_itself_agrees(problem, depth):
    alpha, t = "0.2", Fraction(3, 2)
    ours = deep_flow(problem, t, depth=depth, alpha=alpha, digits=12)
    with mpmath.workdps(25):
        theirs = network(problem, depth, mpmath.mpf(alpha), t)
        for ball, value in zip(ours.final_beta, theirs, strict=True):
            assert abs(ball.mpf(25) - value) < mpmath.mpf(10) ** -12 * (1 + abs(value))
            assert abs(value) > 1e-3


@pytest.mark.parametrize("depth", [3, 4, 5])
def test_enclosures_hold_the_answer_of_twice_the_digits(depth):
    coarse, fine = (deep_flow(PLAIN, 2, depth=depth, alpha="1e-4", digits=digits) for digits in (8, 16))
    for t in ("0", "1/7", "6/7", "9/7", 2):
        for kind in ("beta", "dual"):
            for a, b in zip(getattr(coarse, kind)(t), getattr(fine, kind)(t), strict=True):
                assert a.arb.contains(b.arb)


@pytest.mark.parametrize("depth", [3, 4])
def test_one_column_has_an_implicit_closed_form(depth):
    """d = 1, L = ½(β − 1)²: ∫dζ/(1 − β(ζ)) = t; mpmath's quadrature inverts nothing."""
    result = deep_flow(DiagonalProblem([[1]], [1]), 2, depth=depth, alpha="0.1", digits=12)
    with mpmath.workdps(30):
        alpha, gamma = mpmath.mpf("0.1"), mpmath.mpf(depth) / (depth - 2)

        def beta(z):
            return alpha**depth * ((1 - z) ** -gamma - (1 + z) ** -gamma)

        for t in ("1/2", "9/10"):
            (zeta,) = result.dual(t)
            time = mpmath.quad(lambda z: 1 / (1 - beta(z)), mpmath.linspace(0, zeta.mpf(30), 9))
            assert abs(time - mpmath.mpf(Fraction(t).numerator) / Fraction(t).denominator) < 1e-11


@pytest.mark.parametrize(("problem", "depth"), [(PLAIN, 3), (PLAIN, 4), (WIDE, 3)])
def test_the_limit_is_the_path_of_depth_two(problem, depth):
    path = saddle_path(problem)
    times = [Fraction(0), *path.times()]
    middles = [(a + b) / 2 for a, b in pairwise(times[1:])] + [times[-1] * 2]
    result = deep_flow(problem, middles[-1], depth=depth, alpha="1e-20", digits=6)
    for t in middles:
        for ball, exact in zip(result.beta(t), path.beta(t), strict=True):
            assert abs(float(ball) - float(exact)) < 1e-5


def test_the_cost_grows_no_faster_than_the_logarithm_of_alpha():
    counts = [len(deep_flow(PLAIN, 2, alpha=f"1e-{k}", digits=6).steps) for k in (8, 16)]
    assert counts[1] < 2.5 * counts[0]


def test_a_planted_wrong_polynomial_is_caught():
    result = deep_flow(PLAIN, 1, alpha="1e-3", digits=8)
    with ctx.workprec(result.law.bits):
        for step in (result.steps[0], result.steps[-1]):
            length = arb(step.length)
            honest = result.law.defect(step.polynomials, length)
            for power in (1, 3, 8):
                spoilt = [p + arb_poly([0] * power + [arb("1e-12")]) for p in step.polynomials]
                # moved by 1e-12 on the way, so its defect is of that size at least
                assert result.law.defect(spoilt, length) > arb("1e-13") > 10 * honest


def test_planted_wrong_collocation_never_passes(monkeypatch):
    honest = _DeepLaw.slopes

    def spoilt(self, state):
        found = honest(self, state)
        return None if found is None else ([x + arb("1e-9") for x in found[0]], found[1])

    monkeypatch.setattr(_DeepLaw, "slopes", spoilt)
    with pytest.raises(BudgetError):
        deep_flow(PLAIN, 1, alpha="1e-3", digits=8, max_steps=20)


def test_more_digits_than_proved_are_never_shown():
    result = deep_flow(PLAIN, 1, alpha="1e-3", digits=8)
    greedy = type(result)(**{**vars(result), "digits": 40})
    with pytest.raises(PrecisionError, match="40 digits were asked for"):
        greedy.beta(1)


def test_bad_input_is_one_clear_line():
    for arguments in (
        {"depth": 2}, {"depth": 21}, {"depth": 3.5}, {"alpha": 1}, {"alpha": "1e-300"}, {"digits": 4},
        {"digits": 201}, {"t_end": 0}, {"t_end": -1},
    ):  # fmt: skip
        with pytest.raises(BadInputError) as caught:
            deep_flow(PLAIN, **{"t_end": 1, **arguments})
        assert "\n" not in str(caught.value)
    with pytest.raises(BadInputError, match="deep_flow"):
        flow(PLAIN, depth=3)
    with pytest.raises(BadInputError, match="beyond"):
        deep_flow(PLAIN, 1, alpha="1e-3", digits=6).beta(2)
