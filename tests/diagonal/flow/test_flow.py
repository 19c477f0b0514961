"""Laws of flows at finite α: enclosures, invariants, the limit, an independent integrator."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx
from heyoka_flow import heyoka_flow

from saddlesym import DiagonalProblem, flow, recover_jump_times, saddle_path
from saddlesym.diagonal.flow.two_layers.flow import flow as two_layer_flow
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, PrecisionError
from saddlesym.exact.balls import Ball, simplest_rational
from saddlesym.exact.scale import InitialScale
from saddlesym.ode.solution import Solution

THREE = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
SHRINKING = DiagonalProblem([[1, -2, 0], [2, 2, -1], [-1, 1, 0]], [0, -1, 0])
FLIP = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])


def random_problem(seed: int) -> DiagonalProblem:
    random.seed(seed)
    n, d = random.randint(1, 4), random.randint(1, 4)
    while True:
        X = [[random.randint(-3, 3) for _ in range(d)] for _ in range(n)]
        y = [random.randint(-4, 4) for _ in range(n)]
        if any(sum(X[i][j] * y[i] for i in range(n)) for j in range(d)):
            return DiagonalProblem(X, y)


def is_narrow(ball: Ball, digits: int) -> bool:
    with ctx.workprec(400):
        return bool(ball.arb.rad() < arb(10) ** -digits * (1 + abs(ball.arb.mid())))


@pytest.mark.parametrize("seed", range(100))
def test_enclosures_hold_the_answer_of_twice_the_digits(seed):
    problem = random_problem(seed)
    start = min(1 / abs(r) for r in problem.r if r)
    last = start * Fraction(3, 2)
    coarse, fine = (flow(problem, "1e-20", digits=digits, until=last) for digits in (10, 20))
    for t in (last / 3, start, last * Fraction(9, 10), last):
        for kind in ("beta", "dual", "u", "v"):
            for a, b in zip(getattr(coarse, kind)(t), getattr(fine, kind)(t), strict=True):
                # the answer lies somewhere in the fine ball, so all of that must lie in the coarse one
                assert a.arb.contains(b.arb)
                assert is_narrow(a, 10)
                assert is_narrow(b, 20)
        assert coarse.loss(t).arb.contains(fine.loss(t).arb)


def test_errors_left_out_of_the_radii_are_noticed(monkeypatch):
    """Planted: enclosures without the accumulated defect, which overlap no longer with the truth."""
    problem, t = random_problem(3), "0.6"
    fine = flow(problem, "1e-20", digits=20, until=1).dual(t)
    monkeypatch.setattr(Solution, "error_at", lambda *_: arb(0))
    blind = flow(problem, "1e-20", digits=10, until=1).dual(t)
    assert not all(a.arb.contains(b.arb) for a, b in zip(blind, fine, strict=True))


@pytest.mark.parametrize(("problem", "t"), [(THREE, "8/5"), (SHRINKING, "3"), (FLIP, "8")])
@pytest.mark.parametrize("exponent", [20, 60])
def test_heyoka_agrees(problem, t, exponent):
    time = Fraction(t)
    ours = flow(problem, f"1e-{exponent}", digits=25, until=time).dual(time)
    theirs = heyoka_flow(problem, exponent, 30, time)
    with mpmath.workdps(60):
        log = exponent * mpmath.log(10)
        for a, b in zip(ours, theirs, strict=True):
            assert abs(a.mpf(50) - b / log) < mpmath.mpf(10) ** -24


def test_invariants_hold_along_the_flow():
    result = flow(THREE, "1e-30", digits=30)
    for t in ("0.1", "0.21", "1.3", "1.5"):
        with ctx.workprec(400):
            for u, v, b in zip(result.u(t), result.v(t), result.beta(t), strict=True):
                # u² − v² = 2α² is below the radius of u², so it is tested through u·v = β and u ≥ |v|
                assert (u.arb * v.arb).overlaps(b.arb)
                assert u.arb + arb(10) ** -29 > abs(v.arb)
    losses = [float(result.loss(Fraction(k, 10))) for k in range(17)]
    assert losses == sorted(losses, reverse=True)
    assert all(b.contains(0) or abs(float(b)) < 1e-50 for b in result.beta(0))


def test_balancedness_where_alpha_is_large_enough_to_see_it():
    result = flow(THREE, "1e-3", digits=30)
    with ctx.workprec(300):
        for u, v in zip(result.u("0.7"), result.v("0.7"), strict=True):
            assert (u.arb**2 - v.arb**2).overlaps(2 * arb("1e-6"))


def test_jump_times_of_the_theory_come_back_from_flows_alone():
    recovery = recover_jump_times(THREE, ["1e-80", "1e-160"], digits=60)
    assert [j.exact for j in recovery.jumps] == [Fraction(1, 5), Fraction(9, 20), Fraction(195, 133)]
    known = ["0", "0.0411979608250541134273216963845947139", "-0.64062236692921133962816160541984583"]
    for jump, text in zip(recovery.jumps, known, strict=True):
        with ctx.workprec(300):
            assert abs(jump.constant.arb - arb(text)) < arb("1e-34")
    path = saddle_path(THREE)  # only now
    assert [j.exact for j in recovery.jumps] == path.times()
    assert [(j.entered, j.left) for j in recovery.jumps] == [(j.entered, j.left) for j in path.jumps]


@pytest.mark.parametrize(
    ("problem", "alphas", "until"),
    [(SHRINKING, ("1e-100", "1e-200"), 250), (FLIP, ("1e-200", "1e-400", "1e-800"), None)],
)
def test_small_examples_come_back_exactly(problem, alphas, until):
    # SHRINKING ends with |s| = 1 at β = 0: its coordinates fall like 1/T and never come to rest
    recovery = recover_jump_times(problem, alphas, digits=30, until=until)
    path = saddle_path(problem)
    assert [j.exact for j in recovery.jumps] == path.times()
    assert [(j.entered, j.left) for j in recovery.jumps] == [(j.entered, j.left) for j in path.jumps]


def test_diabetes_in_a_certified_flow():
    """All eleven jumps in order, with s3 entering negative, leaving and returning positive."""
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    result = flow(problem, "1e-2000", digits=6, until="0.4")
    path = saddle_path(problem, until="0.4")
    assert result.certified
    assert [(j.entered, j.left) for j in result.jumps] == [(j.entered, j.left) for j in path.jumps]
    for ours, exact in zip(result.jumps, path.jumps, strict=True):
        assert abs(float(ours.time) - float(exact.time)) < 2e-4


@pytest.mark.long
def test_diabetes_jump_times_to_twenty_digits():
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    recovery = recover_jump_times(problem, ["1e-20000", "1e-40000"], digits=24)
    path = saddle_path(problem)
    assert [(j.entered, j.left) for j in recovery.jumps] == [(j.entered, j.left) for j in path.jumps]
    with mpmath.workdps(40):
        for ours, exact in zip(recovery.times(), path.times(40), strict=True):
            assert abs(ours.mpf(40) - exact) < mpmath.mpf(10) ** -20
    (s3,) = [i for i, name in enumerate(problem.feature_names) if name == "s3"]
    assert [(j.sign, j.coordinate) for j in recovery.jumps if j.coordinate == s3] == [(-1, s3), (1, s3)]


def test_the_limit_is_approached_like_one_over_log_alpha():
    path = saddle_path(THREE)
    gaps = []
    for alpha in ("1e-100", "1e-200", "1e-400"):
        result = flow(THREE, alpha, digits=15)
        gaps.append(max(abs(float(a) - float(b)) for a, b in zip(result.dual(1), path.dual(1), strict=True)))
    assert gaps[0] == pytest.approx(2 * gaps[1], rel=1e-6)
    assert gaps[1] == pytest.approx(2 * gaps[2], rel=1e-6)


def test_the_cost_does_not_grow_with_alpha():
    small, tiny = (flow(THREE, alpha, digits=30) for alpha in ("1e-1000", "1e-1000000"))
    assert abs(tiny.steps - small.steps) < 20
    assert tiny.leaps >= len(tiny.jumps)


def test_leaps_change_nothing():
    with_leaps, without = (
        two_layer_flow(FLIP, "1e-40", digits=20, until=8, leaps=on) for on in (True, False)
    )
    assert without.leaps == 0 < with_leaps.leaps
    for t in ("2", "5", "7.6", "8"):
        for a, b in zip(with_leaps.beta(t), without.beta(t), strict=True):
            assert a.overlaps(b)


def test_ties_and_equal_columns_are_no_trouble():
    tie = flow(DiagonalProblem([[1, 0], [0, 1]], [2, 2]), "1e-100", digits=20)
    assert [j.entered for j in tie.jumps] == [(0, 1)]
    equal = flow(DiagonalProblem([[1, 1], [0, 0]], [2, 1]), "1e-100", digits=20)
    assert all(abs(float(b) - 1) < 1e-15 for b in equal.final_beta)


def test_gram_input_of_full_and_of_deficient_rank():
    for problem in (THREE, FLIP):
        gram = DiagonalProblem.from_gram(problem.M, problem.r)
        a, b = flow(problem, "1e-30", digits=15, until="1.1"), flow(gram, "1e-30", digits=15, until="1.1")
        assert all(x.overlaps(y) for x, y in zip(a.beta(1), b.beta(1), strict=True))


def test_weighted_initialisation_moves_the_thresholds():
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    recovery = recover_jump_times(problem, ["1e-100", "1e-200"], digits=30, kappa=["1/2", 3])
    assert [(j.coordinate, j.exact) for j in recovery.jumps] == [(0, Fraction(1, 6)), (1, Fraction(2))]


@pytest.mark.parametrize(
    ("X", "y", "alphas", "name"),
    [
        ([[3, 3, 3, 2], [3, -1, 2, -3]], [2, -2], ("1e-6", "1e-12"), "x1"),
        ([[-2, 3, 3, -3], [0, 2, -4, -4], [1, 4, 0, 1]], [1, -5, 4], ("1e-10", "1e-20"), "x3"),
    ],
)
def test_two_jumps_in_one_are_never_taken_for_one(X, y, alphas, name):
    with pytest.raises(PrecisionError, match=f"is two: .* where '{name}' enters"):
        recover_jump_times(DiagonalProblem(X, y), alphas, digits=20)


def test_coordinates_that_enter_together_are_one_jump():
    problem = DiagonalProblem([[1, 0, 1], [0, 1, 1], [0, 0, 3]], [1, 1, 2])
    recovery = recover_jump_times(problem, ["1e-40", "1e-80"], digits=15)
    assert [(j.exact, j.entered) for j in recovery.jumps] == [(Fraction(3, 8), (2,)), (Fraction(10), (0, 1))]


def test_a_time_too_late_or_negative_is_refused():
    result = flow(THREE, "1e-30", digits=10, until=1)
    for t in ("2", "-1", "x"):
        with pytest.raises(BadInputError):
            result.beta(t)


def test_more_digits_than_proved_are_never_shown():
    result = flow(THREE, "1e-30", digits=10, until=1)
    greedy = type(result)(**{**vars(result), "digits": 40})
    with pytest.raises(PrecisionError, match="40 digits were asked for"):
        greedy.beta("0.2")


def test_bad_input_is_one_clear_line():
    cases = [
        (BadInputError, {"alpha": "1"}),
        (BadInputError, {"alpha": 0}),
        (BadInputError, {"alpha": "-1e-5"}),
        (BadInputError, {"alpha": "1e-1000001"}),
        (BadInputError, {"alpha": "tiny"}),
        (BadInputError, {"digits": 4}),
        (BadInputError, {"digits": 10**6}),
        (BadInputError, {"until": "0.1"}),
        (BadInputError, {"kappa": [1, 1]}),
        (BadInputError, {"kappa": [1, 1, 0, 1]}),
        (BudgetError, {"max_steps": 3}),
    ]
    for kind, arguments in cases:
        with pytest.raises(kind) as caught:
            flow(THREE, **{"alpha": "1e-20", "digits": 10, **arguments})
        assert "\n" not in str(caught.value)
    with pytest.raises(DegenerateProblemError):
        flow(DiagonalProblem([[1, 0]], [0]))
    with pytest.raises(BadInputError, match="columns differ in size"):
        flow(DiagonalProblem([[1, 0], [0, "1e-70"]], [1, "1e70"]))
    with pytest.raises(BadInputError, match="correlations of the columns with y differ"):
        flow(DiagonalProblem([[1, 0], [0, 1]], [1, "1e-130"]))
    with pytest.raises(PrecisionError, match="flows differ: no jump at alpha = 1e-2 and 3 jumps"):
        recover_jump_times(THREE, ["1e-2", "1e-80"], digits=10)


@pytest.mark.parametrize(
    ("text", "log10"), [("1e-50", 50), ("0.001", 3), ("25e-4", 2.602059991), ("1/1000", 3), (0.01, 2)]
)
def test_alpha_is_read_exactly(text, log10):
    with ctx.workprec(100):
        assert float(InitialScale.read(text).log_inverse() / arb(10).log()) == pytest.approx(log10)


def test_balls_print_as_decimals_that_contain_them():
    with ctx.workprec(300):
        for value in (arb(1) / 3, -arb(2).sqrt() * arb(10) ** -40, arb("12345.678", 1e-3), arb(7)):
            mid, radius = Ball(value).decimal()
            assert arb(mid, arb(radius).upper()).contains(value)
            assert Ball(value).contains(Fraction(1, 3)) == bool(value.contains(arb(1) / 3))


def test_only_surprisingly_short_fractions_are_believed():
    with ctx.workprec(200):
        assert simplest_rational(arb(fmpq_mid(195, 133), arb("1e-20")), 8) == Fraction(195, 133)
        assert simplest_rational(arb(-fmpq_mid(195, 133), arb("1e-20")), 8) == Fraction(-195, 133)
        assert simplest_rational(arb(2).sqrt() + arb(0, "1e-20"), 8) is None
        assert simplest_rational(arb(fmpq_mid(195, 133), arb("1e-10")), 8) is None


def fmpq_mid(p: int, q: int) -> arb:
    return (arb(p) / q).mid()


@pytest.mark.parametrize("target", [1, 1000, 10**6])
def test_the_end_is_the_requested_one_even_in_the_middle_of_a_jump(target: int) -> None:
    """d = 1: β(T) = α² sinh 2z rises from 0 to y within a time 1/y around t = 1/y."""
    for shift in ("0.9", "1", "1.05"):
        end = Fraction(shift) / target + Fraction(1, 10**4) / target
        if end * target <= 1:
            continue
        result = flow(DiagonalProblem([[1]], [target]), "1e-10", digits=5, until=end)
        assert result.end.contains(end)
        fine = flow(DiagonalProblem([[1]], [target]), "1e-10", digits=15, until=2 * end)
        assert result.final_beta[0].arb.contains(fine.beta(end)[0].arb)
        assert result.beta(result.end)[0].arb.overlaps(result.final_beta[0].arb)
