"""Laws of jump times, units and shared precision of flows: what must not depend on how a flow was computed."""

from __future__ import annotations

import threading
from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import arb, ctx
from heyoka_flow import heyoka_flow
from test_flow import FLIP, SHRINKING, THREE, random_problem

from saddlesym import DiagonalProblem, Progress, flow, recover_jump_times, saddle_path
from saddlesym.diagonal.flow.two_layers.form import DualForm
from saddlesym.errors import BadInputError, PrecisionError
from saddlesym.exact.balls import Ball
from saddlesym.exact.scale import InitialScale
from saddlesym.ode.solution import Solution


def assert_same_jumps(problem: DiagonalProblem, alpha: str, digits: tuple[int, ...], t_end: Fraction) -> None:
    flows = [flow(problem, alpha, digits=n, until=t_end) for n in digits]
    with ctx.workprec(600):
        for a, b in pairwise(flows):
            assert [(j.entered, j.left) for j in a.jumps] == [(j.entered, j.left) for j in b.jumps]
            for one, two in zip(a.jumps, b.jumps, strict=True):
                assert one.time.overlaps(two.time)
                assert two.time.arb.rad() < one.time.arb.rad()
            for plateau in a.plateaus:  # what is said of a plateau holds at the time it names
                time = plateau.natural_time.arb / b.scale.log_inverse()
                if time < b.end.arb:
                    for x, y in zip(plateau.beta, b.beta(Ball(time)), strict=True):
                        assert x.overlaps(y)


def moderate_end(problem: DiagonalProblem) -> Fraction:
    return 6 * min(1 / abs(r) for r in problem.r if r)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("alpha", ["1e-3", "1e-10"])
def test_jump_times_do_not_depend_on_the_steps(seed, alpha):
    problem = random_problem(seed)
    assert_same_jumps(problem, alpha, (12, 24), moderate_end(problem))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("alpha", ["1e-3", "1e-10", "1e-50"])
def test_jump_times_do_not_depend_on_the_steps_full_size(seed, alpha):
    problem = random_problem(seed)
    assert_same_jumps(problem, alpha, (20, 40, 80), moderate_end(problem))


def test_jump_times_without_the_accumulated_defect_disagree(monkeypatch):
    """Planted: the law above notices radii that leave out the error of the solution."""
    problem = random_problem(3)
    fine = flow(problem, "1e-10", digits=24, until=moderate_end(problem))
    monkeypatch.setattr(Solution, "error_at", lambda *_: arb(0))
    blind = flow(problem, "1e-10", digits=12, until=moderate_end(problem))
    assert not all(a.time.overlaps(b.time) for a, b in zip(blind.jumps, fine.jumps, strict=True))


@pytest.mark.parametrize(("x", "y", "alpha"), [(1, 3, "1e-3"), (2, -1, "1e-5"), (3, 10**6, "1e-20")])
def test_one_coordinate_jumps_where_the_closed_form_says(x, y, alpha):
    """d = 1: E' = 0 where 6Mβ² − 2rβ + 4Mα⁴ = 0, and T = ∫dz/(r − Mα² sinh 2z)."""
    (jump,) = flow(DiagonalProblem([[x]], [y]), alpha, digits=20).jumps
    with mpmath.workdps(50):
        M, r, square = mpmath.mpf(x * x), abs(mpmath.mpf(x * y)), mpmath.mpf(alpha) ** 2
        beta = (r + mpmath.sqrt(r * r - 24 * M * M * square**2)) / (6 * M)
        top = mpmath.asinh(beta / square) / 2
        nodes = [top * k / 40 for k in range(41)]
        time = mpmath.quad(lambda z: 1 / (r - M * square * mpmath.sinh(2 * z)), nodes)
        assert abs(time - jump.natural_time.mpf(45)) < mpmath.mpf(10) ** -19 * (1 + time)
    assert jump.natural_time.contains(Fraction(mpmath.nstr(time, 40)))
    assert jump.sign == (1 if x * y > 0 else -1)


@pytest.mark.parametrize(("problem", "exponent"), [(THREE, 20), (FLIP, 10)])
def test_heyoka_sees_the_descent_turn_at_the_jump_time(problem, exponent):
    """−d²L/dT² = 4Σβs³ − 2kᵀMk changes its sign within a little more than the proved radius."""
    for jump in flow(problem, f"1e-{exponent}", digits=20).jumps[1:2]:
        middle = Fraction(mpmath.nstr(jump.time.mpf(40), 40))
        signs = []
        for side in (-1, 1):
            z = heyoka_flow(problem, exponent, 32, middle + side * Fraction(1, 10**18))
            with mpmath.workdps(50):
                square = mpmath.mpf(10) ** (-2 * exponent)
                M = [[mpmath.mpf(q.numerator) / q.denominator for q in row] for row in problem.M]
                beta = [square * mpmath.sinh(2 * x) for x in z]
                s = [
                    mpmath.mpf(r.numerator) / r.denominator - mpmath.fdot(row, beta)
                    for r, row in zip(problem.r, M, strict=True)
                ]
                k = [2 * square * mpmath.cosh(2 * x) * a for x, a in zip(z, s, strict=True)]
                turn = 4 * mpmath.fsum(b * a**3 for a, b in zip(s, beta, strict=True))
                turn -= 2 * mpmath.fsum(c * mpmath.fdot(row, k) for c, row in zip(k, M, strict=True))
                signs.append(mpmath.sign(turn))
        assert signs == [1, -1]


def test_proved_times_obey_the_jump_time_law():
    """T_k(α) is affine in Λ by this clock as well: its slope is the exact jump time."""
    one, two = (flow(THREE, alpha, digits=40) for alpha in ("1e-400", "1e-800"))
    exact = saddle_path(THREE).times()
    with ctx.workprec(300):
        gap = two.scale.log_inverse() - one.scale.log_inverse()
        for a, b, t in zip(one.jumps, two.jumps, exact, strict=True):
            slope = (b.natural_time.arb - a.natural_time.arb) / gap
            assert abs(slope - arb(t.numerator) / t.denominator) < arb(10) ** -35


@pytest.mark.parametrize("power", [-400, -28, 50, 400])
def test_scaled_data_have_the_scaled_flow(power):
    """X → aX, y → ay: the same β at the same α, at times 1/a² as large."""
    a = Fraction(10) ** power
    problem = DiagonalProblem([[q * a for q in row] for row in THREE.X], [q * a for q in THREE.y])
    plain, scaled = flow(THREE, "1e-20", digits=12), flow(problem, "1e-20", digits=12)
    assert scaled.settled
    assert len(scaled.jumps) == 3
    with ctx.workprec(200):
        for one, two in zip(plain.jumps, scaled.jumps, strict=True):
            square = arb(a.numerator) ** 2 / arb(a.denominator) ** 2
            assert one.time.arb.overlaps(two.time.arb * square)
    for t in (Fraction(1, 5), Fraction(43, 100), Fraction(3, 2)):
        for one, two in zip(plain.beta(t), scaled.beta(t / a**2), strict=True):
            assert one.overlaps(two)


def test_a_scaled_target_is_another_scale_of_initialisation():
    """y → by: b·β at α·√b, at times 1/b as large in natural time."""
    b = Fraction(1, 10**60)
    small = flow(DiagonalProblem(THREE.X, [q * b for q in THREE.y]), "1e-50", digits=20)
    plain = flow(THREE, "1e-20", digits=20)
    with ctx.workprec(400):
        for one, two in zip(plain.jumps, small.jumps, strict=True):
            assert one.natural_time.arb.overlaps(two.natural_time.arb / 10**60)
        for one, two in zip(plain.final_beta, small.final_beta, strict=True):
            assert one.arb.overlaps(two.arb * arb(10) ** 60)


def test_a_slow_column_is_waited_for():
    result = flow(DiagonalProblem([[1, 0], [0, "1/10"]], [1, 1]), "1e-20", digits=10)
    assert [j.coordinate for j in result.jumps] == [0, 1]
    assert [round(float(b), 9) for b in result.final_beta] == [1, 10]
    with pytest.raises(BadInputError, match="differ in size"):
        flow(DiagonalProblem([[1, 0], [0, Fraction(1, 10**90)]], [1, 1]), "1e-20", digits=10)


def test_units_change_neither_rates_nor_norm():
    """z' at a given β, and a bound of |z_i| by the norm of the state, are the same in all units."""
    for problem in (THREE, SHRINKING, FLIP):
        big = DiagonalProblem([[q * 3 * 10**40 for q in row] for row in problem.X], problem.y)
        for data in (problem, big):
            plain = DualForm.of(data, flow(FLIP, "1e-5", digits=5, until=2).scale, (1,) * data.d)
            scaled = plain.in_units()
            with ctx.workprec(200):
                beta = [arb(k + 1) / 7 for k in range(data.d)]
                for a, b in zip(plain.slope(beta), scaled.slope(beta), strict=True):
                    assert a.overlaps(b)
                assert max(scaled.spread) < 10
                ratio = [a / b for a, b in zip(plain.spread, scaled.spread, strict=True)]
                assert all(x.overlaps(ratio[0]) for x in ratio)


def test_a_rest_is_proved_and_answers_for_all_later_times():
    early, late = flow(THREE, "1e-30", digits=15), flow(THREE, "1e-30", digits=15, until="1e60")
    assert late.steps < early.steps + 10
    assert late.end.contains(Fraction(10) ** 60)
    fine = flow(THREE, "1e-30", digits=30, until=4)
    for t in (early.end, Ball(arb(4)), Ball(arb(10) ** 50)):
        for a, b in zip(early.beta(t), fine.final_beta, strict=True):
            assert a.overlaps(b)
    with pytest.raises(BadInputError, match="far beyond"):
        flow(THREE, "1e-30", digits=15, until="1e400")


def test_two_threads_and_a_meddling_callback_do_no_harm():
    def meddle(moment: Progress) -> None:
        ctx.prec = 20 + moment.done % 7  # put back by the caller

    expected = {n: [b.decimal() for b in flow(THREE, "1e-10", digits=n).final_beta] for n in (10, 25)}
    found: dict[int, list[tuple[str, str]]] = {}

    def work(n: int) -> None:
        found[n] = [b.decimal() for b in flow(THREE, "1e-10", digits=n, progress=meddle).final_beta]

    threads = [threading.Thread(target=work, args=(n,)) for n in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_no_jump_to_recover_is_one_clear_line():
    with pytest.raises(PrecisionError, match="show no jump at alpha") as caught:
        recover_jump_times(THREE, ["0.5", "0.25"], digits=10)
    assert "\n" not in str(caught.value)


def test_a_ball_without_bounds_has_no_digits():
    assert Ball(arb("nan")).digits < 0
    assert Ball(arb(0, "inf")).digits < 0
    assert Ball(arb(1, 1e6)).digits < 0


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_ball_without_bounds_is_never_printed(value):
    with pytest.raises(PrecisionError, match="no proved bounds"):
        Ball(arb(value)).to_dict()
    with pytest.raises(PrecisionError, match="no proved bounds"):
        Ball(arb(0, "inf")).decimal(5)


@pytest.mark.parametrize("nines", [1, 50, 190])
def test_a_scale_next_to_one_keeps_its_digits(nines):
    """α = 1 − 10^−m: Λ = 10^−m·(1 + 10^−m/2 + ...), and the accelerated time has Λ in its denominator."""
    scale = InitialScale.read("0." + "9" * nines)
    with ctx.workprec(64):
        assert abs(scale.log_inverse() * arb(10) ** nines - 1) < 0.06
        assert scale.log_inverse().rad() < scale.log_inverse() * arb(2) ** -50
    result = flow(FLIP, scale, digits=10)
    assert result.end.digits >= 10
    assert result.end.arb.rad() < 1e-10 * result.end.arb
    assert float(result.to_dict()["end"]["mid"]) > 0


def test_a_scale_far_above_the_coefficients_is_no_trouble():
    """Kernel regime: where α² ≫ |β|, the end is the least-squares one of smallest norm, and nothing jumps."""
    X = [[q * 10**30 for q in row] for row in THREE.X]
    result = flow(DiagonalProblem(X, THREE.y), "0.1", digits=10)
    assert (result.jumps, result.settled) == ((), True)
    plain = DiagonalProblem(THREE.X, THREE.y)
    lazy = flow(DiagonalProblem(X, THREE.y), "0.1", digits=45).final_beta
    with ctx.workprec(300):
        slope = [sum((arb(q.numerator) * b.arb for q, b in zip(row, lazy, strict=True)), arb(0)) for row in X]
        for a, y in zip(slope, plain.y, strict=True):
            assert abs(a - y.numerator) < arb(10) ** -10
