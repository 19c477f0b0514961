"""Flows at depth D ≥ 3: the weights' own flow in mpmath, the limit, the certificate."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import arb, arb_poly, ctx, fmpq

from saddlesym import Ball, DiagonalProblem, Progress, flow, path_of_shape, saddle_path
from saddlesym.diagonal.flow.many_layers.form import DeepForm, LocalField
from saddlesym.diagonal.flow.many_layers.march import March
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, PrecisionError
from saddlesym.exact.scale import InitialScale

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
    return beta(mpmath.odefun(field, 0, [alpha] * (2 * d), tol=mpmath.mpf(10) ** -15)(natural))


@pytest.mark.parametrize(("problem", "depth"), [(PLAIN, 3), (WIDE, 4)])
def test_the_network_itself_agrees(problem, depth):
    alpha, t = "0.3", Fraction(1)
    ours = flow(problem, until=t, depth=depth, alpha=alpha, digits=12)
    with mpmath.workdps(25):
        theirs = network(problem, depth, mpmath.mpf(alpha), t)
        for ball, value in zip(ours.final_beta, theirs, strict=True):
            assert abs(ball.mpf(25) - value) < mpmath.mpf(10) ** -12 * (1 + abs(value))
            assert abs(value) > 1e-3


@pytest.mark.parametrize("depth", [3, 5])
def test_enclosures_hold_the_answer_of_twice_the_digits(depth):
    coarse, fine = (flow(PLAIN, until=2, depth=depth, alpha="1e-4", digits=digits) for digits in (8, 16))
    for t in ("1/70", "1/7", "6/7", "9/7", 2):
        for kind in ("beta", "dual"):
            for a, b in zip(getattr(coarse, kind)(t), getattr(fine, kind)(t), strict=True):
                assert a.arb.contains(b.arb)


@pytest.mark.parametrize("depth", [3, 4])
def test_one_column_has_an_implicit_closed_form(depth):
    """d = 1, L = ½(β − 1)²: ∫dζ/(1 − β(ζ)) = t; mpmath's quadrature inverts nothing."""
    result = flow(DiagonalProblem([[1]], [1]), until=2, depth=depth, alpha="0.1", digits=12)
    with mpmath.workdps(30):
        alpha, gamma = mpmath.mpf("0.1"), mpmath.mpf(depth) / (depth - 2)

        def beta(z):
            return alpha**depth * ((1 - z) ** -gamma - (1 + z) ** -gamma)

        for t in ("1/2", "9/10"):
            (zeta,) = result.dual(t)
            time = mpmath.quad(lambda z: 1 / (1 - beta(z)), mpmath.linspace(0, zeta.mpf(30), 9))
            assert abs(time - mpmath.mpf(Fraction(t).numerator) / Fraction(t).denominator) < 1e-11


@pytest.mark.parametrize(("problem", "depth"), [(PLAIN, 4), (WIDE, 3)])
def test_the_limit_is_the_path_of_depth_two(problem, depth):
    path = saddle_path(problem)
    times = [Fraction(0), *path.times()]
    middles = [(a + b) / 2 for a, b in pairwise(times[1:])] + [times[-1] * 2]
    result = flow(problem, until=middles[-1], depth=depth, alpha="1e-20", digits=6)
    for t in middles:
        for ball, exact in zip(result.beta(t), path.beta(t), strict=True):
            assert abs(float(ball) - float(exact)) < 1e-5


def test_the_cost_is_free_of_alpha():
    counts = [
        flow(PLAIN, until=2, alpha=alpha, digits=6, depth=3).steps
        for alpha in ("1e-20", "1e-1000", "1e-20000")
    ]
    assert max(counts) <= min(counts) + 2


@pytest.mark.parametrize("depth", [3, 4])
def test_leaps_change_nothing(monkeypatch, depth):
    leaping = flow(PLAIN, until=2, depth=depth, alpha="1e-9", digits=5)
    monkeypatch.setattr(March, "_leap", lambda *_: False)
    walking = flow(PLAIN, until=2, depth=depth, alpha="1e-9", digits=10)
    assert leaping.leaps > walking.leaps == 0
    for t in ("1/9", "3/8", "7/5", 2):
        for a, b in zip(leaping.beta(t), walking.beta(t), strict=True):
            assert a.overlaps(b)


def test_every_piece_is_told_and_a_meddling_callback_does_no_harm():
    told = []

    def meddle(moment: Progress) -> None:
        told.append(moment.done)
        ctx.prec = 20 + moment.done % 7  # put back by the caller

    result = flow(PLAIN, until=2, alpha="1e-30", digits=8, progress=meddle, depth=3)
    assert result.leaps > 0
    assert told == list(range(1, result.steps + 1))
    plain = flow(PLAIN, until=2, alpha="1e-30", digits=8, depth=3)
    assert [b.decimal() for b in result.final_beta] == [b.decimal() for b in plain.final_beta]


def test_a_leap_from_the_wrong_saddle_is_never_taken(monkeypatch):
    """Planted: the leap holds the active coordinates a trifle beside their saddle."""
    honest = DeepForm.saddle

    def spoilt(self, S):
        goal = honest(self, S)
        return goal if goal is None or not S else [b + fmpq(1, 10**9) if b != 0 else b for b in goal]

    problem = DiagonalProblem([[1]], [2])
    assert flow(problem, until=2, alpha="1e-30", digits=12, depth=3).leaps == 2
    monkeypatch.setattr(DeepForm, "saddle", spoilt)
    assert flow(problem, until=2, alpha="1e-30", digits=12, depth=3).leaps == 1


@pytest.mark.parametrize(
    "data", [(((-3, -1), (-1, 0)), (-1, 1)), (((1, -2, 0), (2, 2, -1), (-1, 1, 0)), (0, -1, 0))]
)
def test_jumps_are_those_of_the_limit(data):
    """Sign flip, shrinking active set, a tie: coordinate, sign, what enters, what leaves."""
    problem = DiagonalProblem(*data)
    result, path = flow(problem, alpha="1e-12", digits=6, depth=3), saddle_path(problem)
    assert result.settled
    assert len(result.jumps) == len(path.jumps)
    for found, exact in zip(result.jumps, path.jumps, strict=True):
        assert (found.entered, found.left) == (exact.entered, exact.left)
        assert abs(float(found.time) - float(exact.time)) < 1e-8
        assert found.sign == (1 if exact.beta[found.coordinate] > 0 else -1)


def test_jump_times_do_not_depend_on_the_steps():
    coarse, fine = (flow(PLAIN, until=2, alpha="1e-3", digits=digits, depth=3) for digits in (6, 14))
    for a, b in zip(coarse.times(), fine.times(), strict=True):
        assert a.overlaps(b)
        assert b.arb.rad() < a.arb.rad() < 1e-6


def test_the_jump_time_is_where_the_coefficient_passes_its_level():
    problem = DiagonalProblem([[1]], [2])
    result = flow(problem, until=1, alpha="1e-2", digits=15, depth=3)
    (jump,) = result.jumps_through("1/4")
    middle = Fraction(float(jump.time))
    for shift, side in ((Fraction(-1, 10**9), -1), (Fraction(1, 10**9), 1)):
        assert (float(result.beta(middle + shift)[0]) - 0.5) * side > 0  # |β| = ¼·2
    with pytest.raises(BadInputError):
        result.jumps_through(1)


@pytest.mark.parametrize("share", ["1e-10", "1e-20", "1e-30", "1e-100"])
def test_a_level_passed_within_a_leap_is_found(share):
    """Until the jump U = 1/ε − 2τ, so that |β| = U⁻³ passes its level 2·share in τ = (1/ε − level^(−1/3))/2."""
    result = flow(DiagonalProblem([[1]], [2]), alpha="1e-1000", digits=8, depth=3)
    (jump,) = result.jumps_through(share)
    assert (jump.coordinate, jump.sign, jump.entered, jump.left) == (0, 1, (0,), ())
    with ctx.workprec(8000):
        height = (2 * arb(share)) ** (-arb(1) / 3)
        assert abs((1 - 2 * jump.time.arb) * arb(10) ** 1000 / height - 1) < 1e-6


def test_levels_of_all_sizes_are_passed_by_all_coefficients():
    result = flow(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), alpha="1e-1000", digits=8, depth=3)
    for share in ("1/5", "1e-5", "1e-15", "1e-30", "1e-60"):
        assert [(j.coordinate, j.sign) for j in result.jumps_through(share)] == [(0, 1), (1, -1)]


def test_a_large_loss_is_known_to_its_digits():
    problem = DiagonalProblem([[1, 0], [0, 1]], ["5e6", 1])
    result = flow(problem, alpha="1e-6", digits=12, depth=3)
    fine = flow(problem, until=result.until, alpha="1e-6", digits=20, depth=3)
    for t in (0, "1e-7", "3/10", 1, result.until):
        loss = result.loss(t).arb
        assert loss.rad() < arb("1e-12") * arb(625 * 10**10)
        assert loss.overlaps(fine.loss(t).arb)


def test_a_flow_that_hardly_leaves_the_origin_comes_to_rest():
    """Where α^D ≫ |β|, no U comes near its bound; the flow ends where ∇L = 0 all the same."""
    for y, alpha in (("1e-12", "1e-2"), ("1e-3", "1e-1"), (1, "9/10")):
        result = flow(DiagonalProblem([[1]], [y]), alpha=alpha, digits=5, max_steps=100, depth=3)
        assert result.settled
        rate = float(result.form.velocity([b.arb.mid() for b in result.final_beta])[0])
        assert abs(rate) < 1e-3 * float(Fraction(y))


def test_separate_layers_follow_the_same_curve_d_times_as_slowly():
    """u_l' = −∇L·Π_{m ≠ l} u_m with three layers each: t = (D−2)α^{D−2}T, by mpmath's odefun."""
    alpha, t, D = mpmath.mpf("0.3"), Fraction(1), 3

    def field(_, w):
        a, b = mpmath.fprod(w[:D]), mpmath.fprod(w[D:])
        g = a - b - 1
        return [-g * a / x for x in w[:D]] + [g * b / x for x in w[D:]]

    result = flow(DiagonalProblem([[1]], [1]), until=t, depth=D, alpha="0.3", digits=12)
    with mpmath.workdps(25):
        w = mpmath.odefun(field, 0, [alpha] * (2 * D), tol=mpmath.mpf(10) ** -15)(1 / ((D - 2) * alpha))
        for ball, value in zip((x[0] for x in result.weights(t)), (w[0], w[D]), strict=True):
            assert abs(ball.mpf(25) - value) < 1e-11


def test_weights_and_loss_belong_to_beta():
    result = flow(WIDE, until=2, depth=5, alpha="1/10", digits=12)
    for t in (0, "1/3", "7/6", 2):
        a, b = result.weights(t)
        beta = [float(x) ** 5 - float(y) ** 5 for x, y in zip(a, b, strict=True)]
        assert beta == pytest.approx([float(x) for x in result.beta(t)], abs=1e-10)
        assert float(result.loss(t)) == pytest.approx(
            float(WIDE.loss([Fraction(x) for x in beta])), abs=1e-10
        )
    assert all(x.overlaps(y) for x, y in zip(*result.weights(0), strict=True))
    assert float(result.weights(0)[0][0]) == pytest.approx(0.1)


def test_the_shape_of_the_start_moves_the_thresholds():
    problem, kappa = DiagonalProblem([[2, 1], [1, 3]], [3, 4]), [Fraction(1, 2), Fraction(9, 4)]
    result, limit = (
        flow(problem, alpha="1e-12", digits=6, kappa=kappa, depth=3),
        path_of_shape(problem, kappa),
    )
    assert float(result.weights(0)[0][1]) == pytest.approx(4e-12 / 9)
    assert [float(t) for t in result.times()] == pytest.approx([float(t) for t in limit.times], abs=1e-9)
    assert [jump.coordinate for jump in flow(problem, alpha="1e-12", digits=6, depth=3).jumps] != [
        jump.coordinate for jump in result.jumps
    ]


def test_to_dict_has_the_keys_of_the_flow_at_depth_two():
    plain = flow(PLAIN, alpha="1e-30", digits=8).to_dict()
    deep = flow(PLAIN, alpha="1e-30", digits=8, depth=3).to_dict()
    assert set(deep) - set(plain) == {"depth", "clock"}
    assert set(plain) - set(deep) == {"leaping"}
    assert set(plain["jumps"][0]) == set(deep["jumps"][0])


def planted(bits=300):
    problem = DiagonalProblem([[2, 1], [-1, 2], [1, 1]], [3, -1, 1])
    with ctx.workprec(bits):
        form = DeepForm(problem, 3, InitialScale.read("1e-3"), [fmpq(1)] * 2)
        march = March(form, form.lift, (arb(10) ** -13).mid(), 16, 200)
        march.run()
    return form, march


def test_a_planted_wrong_polynomial_is_caught():
    form, march = planted()
    pieces = [piece for piece in march.pieces if not piece.leap]
    with ctx.workprec(300):
        for piece in (pieces[0], pieces[-1]):
            start = [z(arb(0)) for z in piece.displacement]
            up = [u - z for u, z in zip(piece.origin.up, start, strict=True)]
            down = [v + z for v, z in zip(piece.origin.down, start, strict=True)]
            local, length = LocalField(form, up, down), arb(piece.length)
            honest = [piece.displacement[b] - start[b] for b in local.frame.basis]
            assert local.defect(honest, length) < arb("2e-13")
            for power in (1, 3, 8):
                spoilt = [p + arb_poly([0] * power + [arb("1e-9")]) for p in honest]
                # moved by 1e-9 on the way, so its defect is of that size at least
                assert local.defect(spoilt, length) > arb("1e-10")


def test_planted_wrong_collocation_never_passes(monkeypatch):
    honest = LocalField.fine

    def spoilt(self, shift):
        found = honest(self, shift)
        return None if found is None else [x + arb("1e-9") for x in found]

    monkeypatch.setattr(LocalField, "fine", spoilt)
    with pytest.raises(BudgetError):
        flow(DiagonalProblem([[1]], [2]), until=1, alpha="1e-3", digits=8, max_steps=20, depth=3)


def test_more_digits_than_proved_are_never_shown():
    result = flow(PLAIN, until=1, alpha="1e-3", digits=8, depth=3)
    greedy = replace(result, digits=40)
    with pytest.raises(PrecisionError, match="40 digits were asked for"):
        greedy.beta(1)


def test_a_ball_of_times_gives_all_values_in_between_and_the_end_is_one():
    result = flow(PLAIN, until=2, alpha="1e-3", digits=8, depth=3)
    assert [b.decimal() for b in result.beta(result.end)] == [b.decimal() for b in result.final_beta]
    edge = result.pieces[len(result.pieces) // 2].begin / result.form.lift
    for middle, radius in ((fmpq(1, 3), 1e-14), (edge, 1e-14)):  # across an end of pieces too
        wide = result.beta(Ball(arb(arb(middle).mid(), radius)))
        for k in range(-4, 5):
            inside = middle + fmpq(k, 5) * fmpq(Fraction(radius).numerator, Fraction(radius).denominator)
            for ball, exact in zip(wide, result.beta(Fraction(int(inside.p), int(inside.q))), strict=True):
                assert ball.arb.overlaps(exact.arb)
                assert ball.arb.contains(exact.arb.mid())
    with pytest.raises(PrecisionError, match="8 digits were asked for"):
        result.beta(Ball(arb(result.times()[0].arb.mid(), 1e-3)))
    with pytest.raises(BadInputError, match="beyond"):
        result.beta(Ball(arb(2, 1e-14)))


def test_bad_input_is_one_clear_line():
    for arguments in (
        {"depth": 1}, {"depth": 21}, {"depth": 3.5}, {"alpha": 1}, {"alpha": "1e-200000"}, {"digits": 4},
        {"digits": 201}, {"depth": 20, "digits": 30}, {"kappa": [1]}, {"kappa": [1, 0]}, {"until": 0}, {"until": -1},
    ):  # fmt: skip
        with pytest.raises(BadInputError) as caught:
            flow(PLAIN, **{"until": 1, "depth": 3, **arguments})
        assert "\n" not in str(caught.value)
    with pytest.raises(DegenerateProblemError):
        flow(DiagonalProblem([[1]], [0]), depth=3, alpha="1e-10", digits=10)
    with pytest.raises(BadInputError, match="beyond"):
        flow(PLAIN, until=1, alpha="1e-3", digits=6, depth=3).beta(2)
