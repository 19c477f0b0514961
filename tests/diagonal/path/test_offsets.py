"""The constants of the jump-time law, against recorded digits, closed cases and computed flows."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.diagonal.path.offsets import LogSum, jump_offsets
from saddlesym.errors import BadInputError

WIDE = ([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
FLIP = ([[-3, -1], [-1, 0]], [-1, 1])


def test_the_constants_are_those_of_high_precision_flows():
    # from flows at alpha = 1e-80 and 1e-160, which agreed to 35 digits
    recorded = [0, "0.0411979608250541134273216963845947139", "-0.64062236692921133962816160541984583"]
    offsets = jump_offsets(saddle_path(DiagonalProblem(*WIDE)))
    assert [o.time for o in offsets] == [Fraction(1, 5), Fraction(9, 20), Fraction(195, 133)]
    with mpmath.workdps(40):
        for offset, digits in zip(offsets, recorded, strict=True):
            assert abs(offset.constant.mpf(40) - mpmath.mpf(digits)) < mpmath.mpf("1e-34")


def measured_shift(problem, path, log):
    """z − Λs in the middle of every dwell but the last, from a flow in the variable s."""
    M = np.array([[float(x) for x in row] for row in problem.M])
    r = np.array([float(x) for x in problem.r])

    def value(s):
        return (
            np.sign(s) * (np.exp(2 * log * (np.minimum(abs(s), 2) - 1)) - np.exp(-2 * log * (abs(s) + 1))) / 2
        )

    def slope(s):
        return log * (np.exp(2 * log * (np.minimum(abs(s), 2) - 1)) + np.exp(-2 * log * (abs(s) + 1)))

    times = [Fraction(0), *path.times()]
    solution = solve_ivp(
        lambda t, s: r - M @ value(s),
        (0, float(times[-1])),
        np.zeros(problem.d),
        method="LSODA",
        rtol=1e-10,
        atol=1e-12,
        jac=lambda t, s: -M * slope(s),
        dense_output=True,
    )
    assert solution.success, solution.message
    middles = [(a + b) / 2 for a, b in pairwise(times)]
    return [log * (solution.sol(float(t)) - np.array(path.dual(t).floats())) for t in middles]


@pytest.mark.parametrize(
    "data", [WIDE, ([[2, 1], [0, 1]], [4, 3]), ([[2, 1, 0], [1, 3, 1], [0, 1, 2]], [3, 1, 2])]
)
def test_the_flow_has_these_constants(data):
    problem = DiagonalProblem(*data)
    path = saddle_path(problem)
    offsets = jump_offsets(path)
    assert len(offsets) >= 2
    for digits, error in ((30, 2e-3), (60, 2e-6), (120, 1e-9)):  # a power of α
        shifts = measured_shift(problem, path, digits * math.log(10))
        for offset in offsets:
            k = offset.jump - 1
            gradient = path.jumps[k - 1].gradient if k else problem.gradient([0] * problem.d)
            slope = float(gradient[offset.coordinate])
            seen = shifts[k][offset.coordinate] / slope
            assert seen == pytest.approx(float(offset.constant.mpf(15)), abs=error)


def test_where_a_coordinate_leaves_the_constants_still_exist_but_the_list_ends():
    problem = DiagonalProblem(*FLIP)
    path = saddle_path(problem)
    assert any(jump.left for jump in path.jumps)
    first_departure = next(k for k, jump in enumerate(path.jumps, 1) if jump.left)
    assert max(o.jump for o in jump_offsets(path)) == first_departure
    near, far = (measured_shift(problem, path, digits * math.log(10)) for digits in (20, 40))
    for one, two in zip(near, far, strict=True):
        assert one == pytest.approx(two, abs=1e-4)


def test_orthogonal_columns_jump_without_offset():
    path = saddle_path(DiagonalProblem([[2, 0, 0], [0, 3, 0], [0, 0, 1]], [3, -1, 5]))
    offsets = jump_offsets(path)
    assert len(offsets) == 3
    assert all(o.constant.terms == () and str(o.constant) == "0" for o in offsets)


def test_ties_have_one_constant_for_each_coordinate():
    offsets = jump_offsets(saddle_path(DiagonalProblem([[1, 0], [0, 1]], [2, 2])))
    assert [(o.jump, o.coordinate) for o in offsets] == [(1, 0), (1, 1)]


def test_dependent_active_columns_end_the_list():
    path = saddle_path(DiagonalProblem([[1, 1, 0], [0, 0, 2]], [3, 1]))
    assert [o.jump for o in jump_offsets(path)] == [1, 1]


def test_a_log_sum_is_the_same_number_in_every_form():
    number = LogSum(((Fraction(1, 3), Fraction(5, 2)), (Fraction(-2), Fraction(7))))
    value = math.log(2.5) / 3 - 2 * math.log(7)
    assert float(number.ball()) == pytest.approx(value)
    assert float(number.mpf(30)) == pytest.approx(value)
    assert float(number.sympy()) == pytest.approx(value)
    assert str(number) == "1/3*log(5/2) + -2*log(7)"


def test_natural_times_are_affine_in_the_logarithm_of_the_scale():
    offset = jump_offsets(saddle_path(DiagonalProblem(*WIDE)))[1]
    one, two = offset.natural_time(100), offset.natural_time(200)
    assert mpmath.almosteq(two - one, mpmath.mpf(45))
    assert offset.to_dict()["time"] == "9/20"
    with pytest.raises(BadInputError, match="positive"):
        offset.natural_time(0)
