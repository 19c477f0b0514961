"""Recovered jump times lie within their radii, fractions are confirmed by one more scale."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx
from recoveries import case, known_path, misses, outcome

from saddlesym import DiagonalProblem, flow, recover_jump_times, saddle_path
from saddlesym.diagonal.flow.recovery import _Clock, alike, recovered_from
from saddlesym.errors import BadInputError, PrecisionError
from saddlesym.exact.scale import InitialScale

#: With the scales and digits at which the radius of two flows alone missed the time.
MISSED = [
    ([[-1, 2], [3, -2], [1, -3], [0, -2]], [3, 2, 2, 3], ("1e-10", "1e-20"), 30, "128/5"),
    (
        [[0, -1, 0], [1, -1, -1], [-1, 0, 1], [0, 1, -1]],
        [-1, -1, 1, -1],
        ("1e-30", "1e-60"),
        20,
        "4",
    ),
    (
        [["9/4", 1, "-1/2"], [0, "3/4", "-4/5"], ["-1/6", 0, "-1/4"]],
        [-3, 0, 0],
        ("1e-6", "1e-12"),
        12,
        "1154/31",
    ),
    (
        [[-10, "1/10", "1/5"], [-10, "3/10", 0], [30, "-1/10", 0]],
        ["3/10", "3/100", "-1/5"],
        ("1e-6", "1e-12"),
        20,
        "9045/22",
    ),
    (
        [[-1, "1/3", -2], ["1/4", -7, 2], ["-9/4", "-7/5", "-8/5"]],
        ["1/4", "9/4", "3/2"],
        ("1e-10", "1e-20"),
        15,
        "797532/12221",
    ),
    ([[-1, -3, 1], [-1, 2, 1], [0, -2, 3], [1, 3, -3]], [-1, 0, -1, -1], ("1e-10", "1e-20"), 20, "200/3"),
    ([["-1.83", "-0.01"], ["-1.38", "0.26"]], ["1.27", "1.27"], ("1e-6", "1e-12"), 15, "2047000/58293"),
    ([[-1, -3], [1, 3], [3, 2]], ["1/100", "-1/10", "-3/10"], ("1e-15", "1e-40"), 20, "2300/63"),
]


@pytest.mark.parametrize(("X", "y", "scales", "digits", "right"), MISSED)
def test_a_radius_never_misses_where_that_of_two_flows_did(X, y, scales, digits, right):
    problem, time = DiagonalProblem(X, y), Fraction(right)
    path = saddle_path(problem)
    assert time in path.times()
    # at the three scales around the given ones: no smaller one mends a bad radius
    larger = (*scales, str(InitialScale.read(scales[-1]).smaller(2)))
    for given in (scales, larger):
        found = recover_jump_times(problem, given, digits=digits, certify=False)
        assert len(found.jumps) == len(path.jumps)
        assert misses(found, path) == ([], [])
        assert [str(f.scale) for f in found.flows][: len(given)] == list(given)
    chosen = recover_jump_times(problem, digits=20, certify=False)
    assert [jump.exact for jump in chosen.jumps] == path.times()


@pytest.mark.parametrize(
    "logs", [(20, 40, 80), (23, 46, 460), (230, 322, 414), (23, 25.3, 27.6), (10, 300, 310)]
)
@pytest.mark.parametrize(
    "law",
    [
        lambda log: log.sqrt(),  # the slowest that the proved rate allows
        lambda log: -log.log(),  # a coordinate that fades like 1/T
        lambda log: 5 * (-log / 10).exp(),
        lambda log: -100 * (-log / 100).exp(),
        lambda log: 7 * (-2 * log).exp(),
    ],
)
def test_the_disagreement_of_two_slopes_bounds_the_error_of_the_better_one(logs, law):
    with ctx.workprec(1200):
        sizes = [arb(log) for log in logs]
        moments = [arb(5) / 7 * log + 3 + law(log) for log in sizes]
        clock = _Clock(sizes, [0.0] * len(sizes), arb("1e-250"))
        first, last = clock.slopes(moments)
        last += arb(0, clock.doubts([first, last])[-1])
        assert not first.contains(arb(5) / 7)
        assert last.contains(arb(5) / 7)
        assert last.rad() < 200 * abs(first.mid() - arb(5) / 7)


@pytest.mark.parametrize("number", range(3000, 3014))
def test_random_recoveries(number):
    one = case(number)
    verdict, told = outcome(one)
    assert verdict in ("right", "no known jump", *(["refused"] if one.scales else [])), told


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(20))
def test_two_thousand_random_recoveries(hundred):
    verdicts = [outcome(case(100 * hundred + k)) for k in range(100)]
    assert [told for verdict, told in verdicts if verdict == "MISS"] == []
    assert sum(verdict == "right" for verdict, _ in verdicts) > 50


def test_a_wrong_radius_or_fraction_or_event_is_a_miss():
    problem = DiagonalProblem(*MISSED[0][:2])
    found, path = recover_jump_times(problem, digits=15, certify=False), known_path(problem)
    assert misses(found, path) == ([], [])
    good = found.jumps[1]
    for change, count in (
        ({"exact": Fraction(129, 5)}, (1, 0)),
        ({"time": type(good.time)(arb("25.61", "1e-3"))}, (1, 0)),
        ({"entered": (*good.entered, 5)}, (0, 1)),
    ):
        jump = type(good)(**{**vars(good), **change})
        told = misses(type(found)((found.jumps[0], jump), found.flows), path)
        assert tuple(map(len, told)) == count


def test_scales_are_chosen_smaller_until_jumps_separate_and_fractions_repeat():
    problem = DiagonalProblem([[1, 0], [0, 1]], [2, "2.001"])
    found = recover_jump_times(problem, digits=20, certify=False)
    assert [jump.exact for jump in found.jumps] == [Fraction(2000, 2001), Fraction(1)]
    # at 1e-50, 1e-500 and 1e-5000 both coordinates enter at once
    assert [str(f.scale) for f in found.flows] == ["1e-50000", "1e-500000", "1e-1000000"]
    with pytest.raises(PrecisionError, match="flows differ"):
        recover_jump_times(problem, ["1e-5000"], digits=8, certify=False)


def test_no_fraction_without_a_scale_that_confirms_it():
    problem = DiagonalProblem(*MISSED[0][:2])
    # at the first pair 128/5 is missed, so that the second has nothing to confirm
    found = recover_jump_times(problem, ["1e-10", "1e-20", "1e-200"], digits=30, certify=False)
    assert [jump.exact for jump in found.jumps] == [Fraction(2, 5), None]
    assert found.jumps[1].time.contains(Fraction(128, 5))
    more = recover_jump_times(problem, ["1e-10", "1e-20"], digits=30, certify=False)
    assert [jump.exact for jump in more.jumps] == [Fraction(2, 5), Fraction(128, 5)]
    assert len(more.flows) > 3


def test_given_scales_are_sorted_and_bad_ones_are_one_clear_line():
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    found = recover_jump_times(problem, ["1e-160", "1e-320", "1e-80"], digits=10, certify=False)
    assert [str(f.scale) for f in found.flows] == ["1e-80", "1e-160", "1e-320"]
    for scales, message in [
        (("1e-80", "10e-81"), "different scales"),
        (("1e-80", "1e-90", "1e-80"), "different scales"),
        (("1e-600000",), "no room for 3 scales"),
        (("x",), "cannot be read"),
    ]:
        with pytest.raises(BadInputError, match=message) as caught:
            recover_jump_times(problem, scales, digits=10, certify=False)
        assert "\n" not in str(caught.value)


def test_two_flows_recover_nothing_and_unlike_ones_are_left_out():
    problem = DiagonalProblem([[1, 0], [0, 1]], [2, "2.1"])
    flows = [
        flow(problem, alpha, digits=15, certify=False) for alpha in ("1e-3", "1e-500", "1e-1000", "1e-2000")
    ]
    assert alike(flows) == flows[1:]
    assert [jump.exact for jump in recovered_from(flows[1:]).jumps] == [Fraction(20, 21), Fraction(1)]
    with pytest.raises(BadInputError, match="2 flows"):
        recovered_from(flows[2:])
