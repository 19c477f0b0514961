"""Orbits inside jumps: closed form, ends, lengths, and the flow they are the limit of."""

from __future__ import annotations

import itertools
from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx

from saddlesym import BadInputError, DiagonalProblem, flow, heteroclinic_orbit, saddle_path
from saddlesym.diagonal.orbits.power_curve import departure_direction, power_curve, slowest_direction

THREE = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
FLIP = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])


def test_one_coordinate_follows_the_logistic_curve():
    orbit = heteroclinic_orbit(DiagonalProblem([[2]], [3]), [0], [0], digits=40)
    for T in ("-3", "0", "1/7", "2"):
        with ctx.workprec(300):
            exact = (
                arb(3)
                / 2
                / (1 + arb(3) / 2 * (-12 * arb(Fraction(T).numerator) / Fraction(T).denominator).exp())
            )
            assert abs(orbit.beta(T)[0].arb - exact) < arb(10) ** -39
    # the quadrature must give what the closed form says
    with ctx.workprec(300):
        assert abs(orbit._quadrature(40, None) - arb(3) / 2) < arb(10) ** -38


@pytest.mark.parametrize("problem", [THREE, FLIP])
def test_orbits_connect_the_saddles_of_the_path(problem):
    saddles = [[0] * problem.d, *(jump.beta for jump in saddle_path(problem).jumps)]
    for before, jump in zip(saddles, saddle_path(problem).jumps, strict=False):
        orbit = heteroclinic_orbit(problem, before, jump.entered, digits=25)
        with mpmath.workdps(40):
            for ours, exact in zip(orbit.limit, jump.beta.mpf(40), strict=True):
                assert abs(ours.mpf(40) - exact) < mpmath.mpf(10) ** -24


def test_the_limit_has_the_digits_asked_for():
    orbit = heteroclinic_orbit(FLIP, ["1/5", 0], [1], digits=50)
    with ctx.workprec(400):
        assert all(abs(b.arb - exact) < arb(10) ** -50 for b, exact in zip(orbit.limit, (0, 1), strict=True))


def test_length_in_the_plane_is_that_of_fine_chords():
    orbit = heteroclinic_orbit(FLIP, ["1/5", 0], [1], digits=15)
    times = [Fraction(k, 20) for k in range(-1000, 2000)]
    points = [[float(b) for b in orbit.beta(t)] for t in times]
    chords = sum(
        sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) ** 0.5 for p, q in itertools.pairwise(points)
    )
    length = orbit.arc_length()
    assert float(length) == pytest.approx(chords, rel=2e-4)
    assert length.digits >= 14
    assert float(orbit.arc_length(10**4)) == pytest.approx(float(length), rel=1e-12)


def test_the_flow_runs_along_the_orbit():
    """At α = 1e-300 the flow passes through the points of the orbit, up to a shift of time."""
    orbit, result = (
        heteroclinic_orbit(FLIP, ["1/5", 0], [1], digits=25),
        flow(FLIP, "1e-300", digits=25, until=5),
    )
    log = result.log_inverse_scale
    on_orbit = orbit.beta(0)
    low, high = Fraction(34, 10), Fraction(36, 10)
    for _ in range(90):
        middle = (low + high) / 2
        if float(result.beta(middle)[1]) < float(on_orbit[1]):
            low = middle
        else:
            high = middle
    for shift in ("0", "1", "-1", "3"):
        with ctx.workprec(300):
            t = arb(low.numerator) / low.denominator + arb(shift) / log.arb
            values = result.beta(type(log)(t.mid()))
        for a, b in zip(values, orbit.beta(shift), strict=True):
            assert float(a) == pytest.approx(float(b), abs=1e-12)


def test_bad_input_is_refused():
    for saddle, directions in (
        ([1, 0], [1]),
        (["1/5", 0], [0]),
        (["1/5", 0], []),
        ([0, 0], [5]),
        ([0, 1, 2], [0]),
    ):
        with pytest.raises(BadInputError):
            heteroclinic_orbit(FLIP, saddle, directions)
    with pytest.raises(BadInputError):
        heteroclinic_orbit(FLIP, ["1/5", 0], [1], amplitudes=[-1])


SLOW = DiagonalProblem([[40, 39, 0], [39, 40, 1], [0, 1, 30]], [40, "40.003", 1])


def test_slow_ends_are_reached_along_power_curves():
    """One eigenvalue at an end is thousands of times slower than the others."""
    jumps = saddle_path(SLOW).jumps
    starts = [[0] * 3, *(jump.beta for jump in jumps)]
    for start, jump in zip(starts, jumps, strict=False):
        orbit = heteroclinic_orbit(SLOW, start, jump.entered, digits=20, max_steps=2000)
        with ctx.workprec(300):
            for ours, exact in zip(orbit.limit, jump.beta, strict=True):
                assert abs(ours.arb - arb(exact.numerator) / exact.denominator) < arb(10) ** -19
        # long after the integrator stopped the orbit is still on its way, and goes on where it was
        last = orbit._pieces[-1]
        assert last.curve is not None
        with ctx.workprec(300):
            before, after = orbit._pieces[-2].at(last.start), last.at(last.start)
            assert all(abs(a - b) < arb(10) ** -20 for a, b in zip(before, after, strict=True))


def test_power_curve_solves_the_field():
    """dx/dy · λy = x ∘ (κ + Ax), at points that are no nodes of anything."""
    with ctx.workprec(256):
        kappa, matrix = [arb(2), arb(1)], [[arb(-2), arb(-1)], [arb(-1), arb(-3)]]
        rest = [arb(1), arb(0)]
        rate, v = departure_direction([arb(2), arb(3)], matrix, rest, 1, arb(1))
        assert rate == 2
        curve = power_curve([arb(2), arb(3)], matrix, rest, rate, v, 40, arb(10) ** -25)
        for share in ("0.3", "-0.7", "1"):
            y = curve.reach * arb(share)
            x, slope = curve(y), curve.slope(y)
            for i, k in enumerate((arb(2), arb(3))):
                f = x[i] * (k + sum((a * b for a, b in zip(matrix[i], x, strict=True)), arb(0)))
                assert abs(slope[i] * rate * y - f) < arb(10) ** -22
            assert abs(curve.locate(x, arb(10) ** -20) - y) < arb(10) ** -19
        far = [x[0], x[1] + 1]
        assert curve.locate(far, arb(10) ** -20) is None
        # no attractor: the second coordinate grows there
        assert slowest_direction(kappa, [[arb(-2), arb(0)], [arb(0), arb(-3)]], rest) is None
        rate, v = slowest_direction([arb(2), arb(1) / 2], matrix, rest)
        for i in range(2):
            J = [arb(-2), arb(-1)] if i == 0 else [arb(0), arb(-1) / 2]
            assert abs(J[0] * v[0] + J[1] * v[1] - rate * v[i]) < arb(10) ** -60
        assert abs(rate + arb(1) / 2) < arb(10) ** -60


def test_digits_refer_to_the_size_of_the_data():
    tiny = DiagonalProblem([[-3, -1], [-1, 0]], ["-1e-60", "1e-60"])
    orbit = heteroclinic_orbit(tiny, [Fraction(1, 5 * 10**60), 0], [1], digits=30)
    plain = heteroclinic_orbit(FLIP, ["1/5", 0], [1], digits=30)
    with ctx.workprec(400):
        for a, b in zip(orbit.limit, plain.limit, strict=True):
            assert abs(a.arb * arb(10) ** 60 - b.arb) < arb(10) ** -29
    assert float(orbit.arc_length(digits=12)) * 1e60 == pytest.approx(float(plain.arc_length(digits=12)))
