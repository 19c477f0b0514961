"""The bounds of the rate and convergence theorems hold, and are not vacuous, on computed flows.

The flows here are integrated by SciPy in the dual variable s of accelerated time, where
``s' = −∇L(h(s))``; they share nothing with the bounds but the problem.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from scipy.integrate import solve_ivp

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.diagonal.path.rate import (
    convergence_bound,
    coordinate_constant,
    dual_norm,
    dwells,
    explicit_rate,
    rate_constant,
    rate_constants,
    sharp_rate,
)
from saddlesym.errors import BadInputError, DegenerateProblemError

DATA = {
    "wide": ([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2]),
    "sign flip": ([[-3, -1], [-1, 0]], [-1, 1]),
    "orthogonal": ([[2, 0], [0, 3]], [3, -1]),
    "equal columns": ([[1, 1, 0], [0, 0, 2]], [1, 1]),
    "shrinking": ([[1, -2, 0], [2, 2, -1], [-1, 1, 0]], [0, -1, 0]),
}
DEGENERATE = {"equal columns", "shrinking"}
SOLVER_ERROR = 1e-6


@dataclass(frozen=True)
class Link:
    """β as a function of s, coordinatewise and vectorised, with its derivative."""

    value: object
    slope: object


def depth_two(log, kappa=1.0):
    """β = α^{2κ} sinh(2Λs) without overflow or cancellation for the sizes met here."""

    def exponentials(s):
        near = np.exp(2 * log * (np.minimum(abs(s), 2 * kappa) - kappa))
        return near, np.exp(-2 * log * (abs(s) + kappa))

    def value(s):
        near, far = exponentials(s)
        return np.sign(s) * (near - far) / 2

    def slope(s):
        near, far = exponentials(s)
        return log * (near + far)

    return Link(value, slope)


def deep_flow(problem, D, alpha, end):
    """s and β of depth D as functions of t, integrated in y with s = tanh y to resolve 1 − |s|."""
    p = D / (D - 2)
    M = np.array([[float(x) for x in row] for row in problem.M])
    r = np.array([float(x) for x in problem.r])

    def value(y):
        y = np.clip(y, -150, 150)
        return alpha**D * (((1 + np.exp(2 * y)) / 2) ** p - ((1 + np.exp(-2 * y)) / 2) ** p)

    solution = solve_ivp(
        lambda t, y: np.cosh(np.clip(y, -150, 150)) ** 2 * (r - M @ value(y)),
        (0.0, end),
        np.zeros(problem.d),
        method="LSODA",
        rtol=1e-9,
        atol=1e-11,
        dense_output=True,
    )
    assert solution.success, solution.message
    return (lambda t: np.tanh(solution.sol(t))), (lambda t: value(solution.sol(t)))


def flow(problem, link, end):
    """Dense solution of s' = −∇L(h(s)), s(0) = 0."""
    M = np.array([[float(x) for x in row] for row in problem.M])
    r = np.array([float(x) for x in problem.r])
    solution = solve_ivp(
        lambda t, s: r - M @ link.value(s),
        (0.0, end),
        np.zeros(problem.d),
        method="LSODA",
        rtol=1e-9,
        atol=1e-11,
        jac=lambda t, s: -M * link.slope(s),
        dense_output=True,
    )
    assert solution.success, solution.message
    return solution.sol


def samples(path, count=40):
    end = Fraction(6, 5) * path.jumps[-1].time
    return [end * k / count for k in range(1, count + 1)]


def high(ball):
    return float(ball.upper())


def distance(path, t, s):
    difference = [Fraction(float(x)) - y for x, y in zip(s, path.dual(t), strict=True)]
    return high(dual_norm(path.problem, difference))


@pytest.fixture(scope="module", params=DATA)
def case(request):
    problem = DiagonalProblem(*DATA[request.param])
    return request.param, problem, saddle_path(problem)


@pytest.mark.parametrize("digits", [2, 10, 40])
def test_the_flow_stays_within_the_bounds(case, digits):
    name, problem, path = case
    alpha, log = f"1e-{digits}", digits * math.log(10)
    link = depth_two(log)
    solution = flow(problem, link, float(samples(path)[-1]))
    closeness, sharp_closeness = 0.0, 0.0
    for t in samples(path):
        s = solution(float(t))
        beta = link.value(s)
        actual, bound = distance(path, t, s), convergence_bound(path, t, alpha)
        assert actual <= high(bound.dual) + SOLVER_ERROR
        closeness = max(closeness, actual / high(bound.dual))
        assert abs(beta).sum() <= high(bound.l1_norm) + SOLVER_ERROR
        for i in range(problem.d):
            assert abs(s[i] - float(path.dual(t)[i])) <= high(bound.coordinates[i]) + SOLVER_ERROR
            assert abs(beta[i]) <= high(bound.inactive[i]) * (1 + 1e-3) + SOLVER_ERROR
        gap = float(problem.loss([Fraction(float(x)) for x in beta]) - path.loss(t))
        assert gap >= -high(bound.loss_below) - SOLVER_ERROR
        if bound.loss_above is not None:
            assert gap <= high(bound.loss_above) + SOLVER_ERROR
            away = beta - np.array(path.beta(t).floats())
            square = away @ np.array([[float(x) for x in row] for row in problem.M]) @ away
            assert square / 2 <= high(bound.loss_above) + high(bound.loss_below) + SOLVER_ERROR
        if name not in DEGENERATE:
            sharp = high(sharp_rate(path, t, alpha))
            assert actual <= sharp + SOLVER_ERROR
            sharp_closeness = max(sharp_closeness, (actual - SOLVER_ERROR) / sharp)
    assert closeness > 0.01, "a bound that is far off at all times would notice nothing"
    if name not in DEGENERATE:
        assert 0.3 < sharp_closeness <= 1, "the sharp bound is near the truth at every alpha"


def test_a_bound_without_its_factor_two_is_exceeded():
    problem = DiagonalProblem(*DATA["sign flip"])
    path, log = saddle_path(problem), 2 * math.log(10)
    solution = flow(problem, depth_two(log), float(samples(path)[-1]))
    ratios = [
        distance(path, t, solution(float(t))) / high(explicit_rate(path, t, "1e-2")) for t in samples(path)
    ]
    assert 1 / 2 < max(ratios) < 1


@pytest.mark.parametrize(("D", "alpha"), [(3, 1e-3), (3, 1e-6), (4, 1e-3), (5, 1e-2)])
def test_every_depth_follows_the_same_path_at_the_stated_rate(D, alpha):
    for name in ("sign flip", "orthogonal", "wide"):
        problem = DiagonalProblem(*DATA[name])
        path = saddle_path(problem)
        dual, beta = deep_flow(problem, D, alpha, float(samples(path)[-1]))
        energy = 2 * float(problem.loss([0] * problem.d) - path.jumps[-1].loss)
        closeness = 0.0
        for t in samples(path):
            size = 4 * energy * float(t) + problem.d * 2 ** (D / (D - 2)) * alpha**D
            bound = math.sqrt(2 * problem.d * float(t) * alpha ** (D - 2) * size ** (2 / D))
            assert abs(beta(float(t))).sum() <= size * (1 + 1e-3)
            assert distance(path, t, dual(float(t))) <= bound + SOLVER_ERROR
            closeness = max(closeness, distance(path, t, dual(float(t))) / bound)
        assert closeness > 1e-4


@pytest.mark.parametrize(("D", "alpha"), [(3, 1e-6), (4, 1e-4)])
def test_deep_flows_rest_at_the_same_saddles(D, alpha):
    problem = DiagonalProblem(*DATA["sign flip"])
    path = saddle_path(problem)
    _, beta = deep_flow(problem, D, alpha, float(path.times()[-1]) + 1)
    times = [Fraction(0), *path.times()]
    for start, end in zip(times, [*times[1:], times[-1] + 1], strict=True):
        middle = (start + end) / 2
        assert beta(float(middle)) == pytest.approx(path.beta(middle).floats(), abs=1e-3)


@pytest.mark.parametrize("digits", [5, 30])
def test_weighted_initialisation_follows_the_path_of_rescaled_columns(digits):
    X, y = DATA["wide"]
    kappa = [Fraction(3), Fraction(1), Fraction(1, 2), Fraction(3, 2)]
    problem = DiagonalProblem(X, y)
    rescaled = DiagonalProblem([[Fraction(x) / k for x, k in zip(row, kappa, strict=True)] for row in X], y)
    path = saddle_path(rescaled)
    assert [j.support for j in path.jumps] != [j.support for j in saddle_path(problem).jumps]
    log = digits * math.log(10)
    solution = flow(problem, depth_two(log, np.array(kappa, dtype=float)), float(samples(path)[-1]))
    integral, before = 0.0, Fraction(0)
    for t in samples(path, 400):
        weighted = [b / k for b, k in zip(path.beta(before), kappa, strict=True)]
        integral += float(t - before) * sum(high(coordinate_constant(b)) + 1e-9 for b in weighted)
        integral += sum(float(t - before) * math.exp(-4 * log * float(k)) / (4 * math.e) for k in kappa)
        before = t
        limit = [x * k for x, k in zip(path.dual(t), kappa, strict=True)]
        error = [Fraction(float(x)) - z for x, z in zip(solution(float(t)), limit, strict=True)]
        # a dwell that starts inside a step is counted from the next step on
        assert high(dual_norm(problem, error)) <= math.sqrt(2 * integral / log) * 1.01 + SOLVER_ERROR


@pytest.mark.parametrize(
    "b", [Fraction(0), Fraction(1, 100), Fraction(1, 3), Fraction(1, 2), Fraction(7, 2), Fraction(40)]
)
def test_the_coordinate_constant_is_the_largest_value_of_its_function(b):
    with mpmath.workdps(30):
        grid = [mpmath.mpf(k) / 2000 for k in range(-8000, 8000)]
        best = max(x * (mpmath.exp(-2 * x) / 2 - b.numerator / mpmath.mpf(b.denominator)) for x in grid)
        constant = mpmath.mpf(coordinate_constant(b).str(25, radius=False))
        assert best - mpmath.mpf("1e-20") <= constant <= best + mpmath.mpf("1e-3") * (1 + b.numerator)
        if b:
            value = mpmath.mpf(b.numerator) / b.denominator
            coarse = abs(mpmath.log(2 * value) / 2) * abs(mpmath.mpf(1) / 2 - value)
            assert constant <= coarse + mpmath.mpf("1e-20")


def test_the_constant_of_an_inactive_coordinate_is_one_over_4e():
    with ctx.workprec(128):
        assert (coordinate_constant(0) - 1 / (4 * arb(1).exp())).contains(0)
        assert high(coordinate_constant(0)) - 1 / (4 * math.e) < 1e-15
    assert coordinate_constant("-2/3").overlaps(coordinate_constant("2/3"))


def test_the_bounds_are_ordered_and_have_their_orders_in_alpha():
    path = saddle_path(DiagonalProblem(*DATA["wide"]))
    t = 2
    root = [high(explicit_rate(path, t, f"1e-{k}")) for k in (100, 400)]
    assert root[0] / root[1] == pytest.approx(2, rel=1e-6)
    sharp = [high(sharp_rate(path, t, f"1e-{k}")) for k in (100, 400)]
    assert sharp[0] / sharp[1] == pytest.approx(4, rel=1e-6)
    assert sharp[0] < root[0]
    loose = math.sqrt(2 * high(rate_constant(path, "1e-100")) * t / (100 * math.log(10)))
    assert root[0] <= loose
    assert len(rate_constants(path, "1e-100")) == len(path.jumps) + 1
    assert len(rate_constants(path, "1e-100", t="1/10")) == 1


def test_the_first_jump_of_one_coordinate_attains_the_order_of_the_sharp_rate():
    problem = DiagonalProblem.from_gram([[1]], [8])
    path = saddle_path(problem)
    for k in (10, 1000):
        log = k * math.log(10)
        offset = math.log(16) / 2 / log  # s ends at 1 + ln(2b)/(2 ln(1/alpha)), and M = 1
        assert offset < high(sharp_rate(path, 1, f"1e-{k}")) < 3 * offset


def test_dwells_partition_time_and_carry_the_path(case):
    _, _, path = case
    t = samples(path)[-1]
    pieces = list(dwells(path, t))
    assert pieces[0].start == 0
    assert pieces[-1].end == t
    for one, two in pairwise(pieces):
        assert one.end == two.start
        assert one.dual_end == two.dual_start
    for piece in pieces:
        step = piece.end - piece.start
        moved = [s - step * g for s, g in zip(piece.dual_start, piece.gradient, strict=True)]
        assert piece.dual_end == moved


def test_the_dual_norm_is_that_of_data_space(case):
    _, problem, _ = case
    w = [Fraction(k + 1, k + 2) for k in range(problem.n)]
    X = problem.X
    delta = [sum(X[k][i] * w[k] for k in range(problem.n)) for i in range(problem.d)]
    basis, *_ = np.linalg.lstsq(np.array(X, dtype=float).T, np.array(delta, dtype=float), rcond=None)
    assert high(dual_norm(problem, delta)) == pytest.approx(
        math.sqrt(problem.n) * np.linalg.norm(basis), rel=1e-9
    )


def test_the_balls_are_narrow_and_leave_the_precision_alone(case):
    name, _, path = case
    before = ctx.prec
    bounds = [explicit_rate(path, 1, "1e-50"), rate_constant(path, "1e-50")]
    if name not in DEGENERATE:
        bounds.append(sharp_rate(path, 1, "1e-50"))
    for bound in bounds:
        assert bound.is_finite()
        assert float(bound.rad()) < 1e-20
    assert ctx.prec == before


def test_degenerate_paths_have_no_sharp_rate():
    shrinking = saddle_path(DiagonalProblem(*DATA["shrinking"]))
    with pytest.raises(DegenerateProblemError, match="rests at its bound"):
        sharp_rate(shrinking, shrinking.jumps[-1].time + 1, "1e-20")
    equal = saddle_path(DiagonalProblem(*DATA["equal columns"]))
    with pytest.raises(DegenerateProblemError, match="linearly dependent"):
        sharp_rate(equal, equal.jumps[-1].time + 1, "1e-20")


@pytest.mark.parametrize("alpha", [0, 1, 2, "-1e-3"])
def test_the_scale_must_lie_between_0_and_1(alpha):
    path = saddle_path(DiagonalProblem(*DATA["orthogonal"]))
    for bound in (explicit_rate, sharp_rate, convergence_bound):
        with pytest.raises(BadInputError, match="alpha"):
            bound(path, 1, alpha)


def test_times_outside_the_path_are_refused():
    problem = DiagonalProblem(*DATA["orthogonal"])
    with pytest.raises(BadInputError, match="negative"):
        explicit_rate(saddle_path(problem), -1, "1e-3")
    with pytest.raises(BadInputError, match="beyond"):
        explicit_rate(saddle_path(problem, max_jumps=1), 5, "1e-3")


def test_nothing_to_learn_means_nothing_to_bound():
    path = saddle_path(DiagonalProblem([[1, 0], [0, 0]], [0, 0]))
    assert high(rate_constant(path, "1e-9")) == pytest.approx(2 / (4 * math.e), rel=1e-9)
    assert dual_norm(path.problem, [0, 0]) == 0
    assert convergence_bound(path, 1, "1e-9").loss_above is None


def test_a_path_without_a_dwell_has_no_rate_constant():
    cut = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), max_jumps=0)
    with pytest.raises(BadInputError, match="cut before its first jump"):
        rate_constant(cut, "1e-3")
