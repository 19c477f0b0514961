"""Greedy low-rank path, exponent tracking, and flows that know nothing of either."""

import csv
import json
import math
import runpy
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlesym.cli.main import main
from saddlesym.deep.blocks import CostBlock, cost_blocks, observed_parts, restricted
from saddlesym.deep.cost import QuadraticCost
from saddlesym.deep.float_cost import FloatCost
from saddlesym.deep.flow.flow import deep_linear_flow
from saddlesym.deep.flow.graded_flow import graded_flow
from saddlesym.deep.flow.limit_times import limit_times
from saddlesym.deep.greedy.comparison import compare_with_flow
from saddlesym.deep.greedy.critical import ball_singular_values, rank_critical_point
from saddlesym.deep.greedy.path import greedy_path
from saddlesym.deep.greedy.prediction import predict_jump_times
from saddlesym.deep.greedy.rest import flow_to_rest
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError
from saddlesym.exact.balls import Ball
from saddlesym.exact.linear.singular_values import singular_values
from saddlesym.exact.scalars import to_fmpq
from saddlesym.figures.deep.greedy import draw_greedy

ROOT = Path(__file__).parents[2]
JUMP_TIMES = runpy.run_path(str(ROOT / "examples" / "jump_times.py"))
SVD = DeepLinearProblem.from_csv("svd-3x3")
COMPLETION = DeepLinearProblem.from_csv("completion-3x3")

#: Two parts without common entries; the second has its rate between two of the first.
PARTS = DeepLinearProblem.matrix_completion(
    [[-1, -1, 2, 0], [3, 1, 1, 0], [-3, 3, 1, 0], [0, 0, 0, 3]],
    [[1, 0, 1, 0], [1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]],
)
#: The block of the entry 1 in the corner meets the other one at an observed zero.
RUNAWAY = DeepLinearProblem.matrix_completion(
    [[0, 0, 1], [-3, 2, -1], [3, 1, 3]], [[0, 1, 1], [1, 0, 0], [1, 1, 0]]
)


@pytest.mark.parametrize("depth", [2, 3])
def test_whitened_steps_are_the_eckart_young_points(depth):
    problem = DeepLinearProblem.whitened(SVD.cost.target, depth=depth)
    path = greedy_path(problem, digits=40)
    sigma = [value.ball(50) for value in singular_values(SVD.cost.target).values]
    assert path.ranks == (0, 1, 2, 3)
    assert path.stopped == "minimum"
    for k, step in enumerate(path.steps):
        assert step.certified
        assert step.isolated
        for found, exact in zip(step.singular_values, sigma[:k], strict=True):
            assert found.overlaps(exact)
            assert found.digits >= 40
        for found, exact in zip(step.gradient_values, sigma[k:], strict=False):
            assert found.overlaps(exact)
        with ctx.workprec(300):
            assert step.loss.arb.overlaps(sum((s.arb**2 for s in sigma[k:]), arb(0)) / 2)


def test_completion_steps_are_the_same_critical_points_at_every_depth_until_the_last():
    two, three = greedy_path(COMPLETION), greedy_path(DeepLinearProblem.from_csv("completion-3x3", depth=3))
    assert two.steps[1].A[2][2].overlaps(three.steps[1].A[2][2])
    # the global minima of rank two are a surface: the flow's depth decides which is met
    assert not two.final.certified
    assert abs(two.final.singular_values[0] - three.final.singular_values[0]) > 1e-3


def test_an_enclosed_point_satisfies_its_equations_in_exact_arithmetic():
    step = greedy_path(COMPLETION, digits=60).steps[1]
    with ctx.workprec(400):
        A = arb_mat([[x.arb for x in row] for row in step.A])
        mask, _, B = COMPLETION.cost.flint
        G = arb_mat(3, 3, [arb(m) * a for m, a in zip(mask.entries(), A.entries(), strict=True)]) - arb_mat(B)
        for residual in (G * A.transpose(), A.transpose() * G):
            assert all(entry.contains(0) and entry.rad() < arb(10) ** -55 for entry in residual.entries())


def test_a_guess_that_is_no_critical_point_is_not_enclosed():
    cost = COMPLETION.cost
    assert rank_critical_point(cost, np.array([[9.0, 1, 0], [1, 1, 0], [0, 0, 0]]), 1, 20) is None


def test_a_saddle_of_its_own_rank_is_enclosed_but_not_as_a_minimiser():
    cost = QuadraticCost.whitened([[2, 0], [0, 1]])
    found = rank_critical_point(cost, np.array([[0.0, 0], [0, 1.0001]]), 1, 20)
    assert found.A[1, 1].contains(1)
    assert not found.strict_minimum


@given(st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=2, max_size=4))
@settings(max_examples=15, deadline=None)
def test_singular_values_of_balls_contain_the_exact_ones(rows):
    with ctx.workprec(200):
        found = ball_singular_values(arb_mat(rows))
        exact = [v.ball(40).arb for v in singular_values(rows).values for _ in range(v.multiplicity)]
        exact += [arb(0)] * (len(found) - len(exact))
        assert all(a.overlaps(b) and a.rad() < arb(10) ** -20 for a, b in zip(found, exact, strict=True))


def test_whitened_prediction_is_one_over_sigma():
    times = predict_jump_times(SVD, digits=40).jumps
    for jump, value in zip(times, singular_values(SVD.cost.target).values, strict=True):
        assert jump.time.overlaps(value.inverse(50))
        assert jump.time.digits >= 40


def test_completion_prediction_against_the_flow():
    predicted = predict_jump_times(COMPLETION).times
    measured = limit_times(COMPLETION, ("1e-50", "1e-100", "1e-200"), seed=1)
    assert predicted[1] == pytest.approx(2.44741494, abs=1e-8)
    for p, m in zip(predicted, measured, strict=True):
        assert m.time == pytest.approx(p, abs=1e-9)
        # at a finite scale the time is still far from its limit: the extrapolation is needed
        assert abs(m.measured[-1][1] - p) > 1e-4


def test_prediction_against_the_flow_of_many_digits():
    """The same limit from the arbitrary-precision flow, which shares no code with the graded one."""
    natural = []
    for decades in (25, 50):
        flow = deep_linear_flow(COMPLETION, f"1e-{decades}", digits=15)
        natural.append([float(jump.time) * decades for jump in flow.jumps])
    slopes = [(b - a) / 25 for a, b in zip(*natural, strict=True)]
    assert slopes == pytest.approx(predict_jump_times(COMPLETION).times, abs=1e-8)


def test_other_seeds_have_the_same_limits():
    a, b = (limit_times(COMPLETION, ("1e-20", "1e-40", "1e-80"), seed=seed) for seed in (2, 3))
    assert [m.time for m in a] == pytest.approx([m.time for m in b], abs=1e-6)
    assert a[1].measured[0][1] != pytest.approx(b[1].measured[0][1], abs=1e-3)


def test_three_jumps_on_a_general_cost():
    problem = DeepLinearProblem.matrix_completion(
        [[1, 2, 0, -3], [2, -2, 1, 3], [-1, 0, 3, 1], [3, 1, -1, 2]],
        [[1, 1, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1], [1, 1, 1, 0]],
    )
    predicted = predict_jump_times(problem, digits=15).times
    assert len(predicted) >= 3
    measured = limit_times(problem, ("1e-40", "1e-80", "1e-160"), until=max(predicted) + 0.1, tolerance=1e-3)
    assert [m.time for m in measured] == pytest.approx(predicted, abs=1e-5)


def test_rectangular_data_cost():
    problem = DeepLinearProblem.squared_error(
        [[1, 2, 0, 1], [0, 1, 1, -1], [2, 0, 1, 1]], [[1, 3, -1, 2], [0, 1, 2, 1]], hidden=2
    )
    predicted = predict_jump_times(problem, digits=15).times
    assert [m.time for m in limit_times(problem, ("1e-20", "1e-40", "1e-80"))] == pytest.approx(
        predicted, abs=1e-6
    )


def test_a_repeated_singular_value_below_the_top_is_no_obstacle():
    path = greedy_path(DeepLinearProblem.whitened([[3, 0, 0], [0, 2, 0], [0, 0, 1]]), max_steps=1)
    assert path.stopped == "limit"
    with pytest.raises(DegenerateProblemError, match="repeated at rank 1"):
        greedy_path(DeepLinearProblem.whitened([[3, 0, 0], [0, 1, 0], [0, 0, 1]]))


def test_the_plain_recursion_and_the_greedy_order_are_false_where_parts_do_not_meet():
    prediction = predict_jump_times(PARTS, digits=15)
    assert prediction.blocks == (CostBlock((0, 1, 2), (0, 1, 2)), CostBlock((3,), (3,)))
    assert not prediction.follows_greedy
    parts = [
        DeepLinearProblem(restricted(PARTS.cost, b), (len(b.columns), 4, len(b.rows)))
        for b in observed_parts(PARTS.cost)
    ]
    measured = sorted(
        m.time for part in parts for m in limit_times(part, ("1e-20", "1e-40", "1e-80"), tolerance=1e-3)
    )
    assert measured == pytest.approx(prediction.times, abs=1e-5)
    # what the recursion says of the whole matrix, along the greedy path
    steps = greedy_path(PARTS, digits=15).steps
    first, second = ([float(s) for s in step.gradient_values] for step in steps[:2])
    t1 = 1 / first[0]
    plain = t1 + (1 - first[1] * t1) / second[0]
    assert plain == pytest.approx(0.32186, abs=1e-5)
    assert measured[1] == pytest.approx(1 / 3, abs=1e-5)


def test_blocks_of_a_full_mask_are_one_part():
    cost = QuadraticCost.whitened([[2, 0], [0, 1]])
    assert len(cost_blocks(cost)) == 2
    assert len(observed_parts(cost)) == 1


def test_a_saddle_unstable_within_its_rank_is_refused():
    with pytest.raises(DegenerateProblemError, match="unstable within its own rank"):
        predict_jump_times(RUNAWAY)
    assert greedy_path(RUNAWAY).steps[1].is_unstable_on_its_rank


CORNER = [[1, 1], [1, 0]]
#: Row 1 shows its entry a in column 2 only, column 1 its entry c in row 2 only.
LONELY = [[0, 1, 0], [1, 1, 1], [0, 1, 1]]


def lonely(a, c, depth=2):
    """Rows 2 and 3 show the orthogonal columns (1, −1) and (−2, −2)."""
    return DeepLinearProblem.matrix_completion([[0, a, 0], [c, 1, -2], [0, -1, -2]], LONELY, depth=depth)


def test_a_flow_that_runs_off_to_infinity_is_said():
    # rank-one matrices come as near as one likes to these three entries, and never reach them
    cost = QuadraticCost.matrix_completion([[0, 1], [2, 5]], CORNER)
    for eps in (Fraction(1, 10**3), Fraction(1, 10**6)):
        assert DeepLinearProblem(cost, (2, 1, 2)).loss([[[1, 1 / eps]], [[eps], [2]]]) == eps**2 / 2
    for scale in (1, 100):
        start = [scale * np.array([[0.05, 0.03]]), scale * np.array([[0.04], [0.05]])]
        end = flow_to_rest(FloatCost(cost), start)
        assert end.runs_off
        assert end.A[0, 0] * end.A[1, 1] == pytest.approx(2, rel=1e-6)
        assert abs(end.A[1, 1]) > 1e4


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize(("a", "c", "unit"), [(2, -3, 1), (1, 1, 1), (-1, Fraction(1, 3), 10**6)])
def test_a_rank_whose_best_matrix_is_not_attained(a, c, unit, depth):
    """u_1 and v_1 can meet a and c for any v_2 ≠ 0, u_2 ≠ 0, so the infimum over rank one is that of the
    full 2 × 2 rest (1, −2; −1, −2), half the square of its smaller singular value √2: 1.  Its only best
    matrix has v_2 = 0, where a ≠ 0 is out of reach.
    """
    plain = lonely(a, c, depth)
    problem = DeepLinearProblem.matrix_completion(
        [[unit * q for q in row] for row in plain.cost.target], LONELY, depth=depth
    )
    path = greedy_path(problem, digits=10)
    assert (path.ranks, path.stopped, path.run_away.width) == ((0,), "run-away", 1)
    far = path.run_away
    assert far.loss / unit**2 == pytest.approx(1, abs=1e-6)
    assert far.loss > unit**2
    assert far.gradient_values[0] / unit == pytest.approx(math.sqrt(2), abs=1e-6)
    assert far.size > 1e4 * unit
    assert "not proved" in path.to_dict()["run_away"]["finding"]


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("inverse", [10, 100, 1000])
def test_a_best_matrix_far_out_is_no_run_away(inverse, depth):
    """With 1/n in the corner the unseen entry of the only rank-one completion is 2 n."""
    problem = DeepLinearProblem.matrix_completion([[Fraction(1, inverse), 1], [2, 0]], CORNER, depth=depth)
    path = greedy_path(problem, digits=10)
    assert (path.ranks, path.stopped, path.run_away) == ((0, 1), "minimum", None)
    assert path.final.isolated
    assert path.final.A[1][1].contains(2 * inverse)


def test_what_uses_a_path_copes_with_a_run_away(capsys, tmp_path):
    problem = lonely(2, -3)
    path = greedy_path(problem, digits=10)
    found = compare_with_flow(path, ("1e-4", "1e-8", "1e-16"))
    assert (found.approach, found.plateaus[0].distances) == ((), ())
    (axes,) = draw_greedy(path).axes
    assert axes.lines[-1].get_xydata().tolist() == [[1, path.run_away.loss]]
    with pytest.raises(DegenerateProblemError, match="runs off to infinity"):
        predict_jump_times(problem)
    for name, rows in (("data.csv", problem.cost.target), ("mask.csv", LONELY)):
        (tmp_path / name).write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
    words = ["deep", "greedy", str(tmp_path / "data.csv"), "--mask", str(tmp_path / "mask.csv")]
    assert main(words) == 0
    captured = capsys.readouterr()
    assert "The path ends here: the flow of width 1 runs off to infinity" in captured.out
    assert "no jump times are predicted" in captured.err
    assert main([*words, "--depth", "3", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["stopped"], document["run_away"]["width"], len(document["steps"])) == ("run-away", 1, 1)


def test_plateaus_tend_to_the_greedy_points():
    found = compare_with_flow(greedy_path(COMPLETION), ("1e-4", "1e-8", "1e-16"))
    first, second, third = (plateau.distances[0] for plateau in found.plateaus)
    assert first > 3 * second > 9 * third > 0


def test_the_figure_shows_losses_and_limits():
    path, prediction = greedy_path(COMPLETION), predict_jump_times(COMPLETION)
    found = compare_with_flow(path, ("1e-4", "1e-8", "1e-16"))
    left, right = draw_greedy(path, prediction, found, width="single").axes
    _, enclosed, floating = left.lines
    assert list(enclosed.get_ydata()) == [float(step.loss) for step in path.steps if step.certified]
    assert (list(floating.get_xdata()), floating.get_markerfacecolor()) == ([2], "white")
    for k, limit in enumerate(found.limits):
        flows, cross = right.lines[2 * k : 2 * k + 2]
        assert list(flows.get_ydata()) == [t for _, t in limit.measured]
        assert list(flows.get_xdata()) == pytest.approx([1 / (d * math.log(10)) for d in (4, 8, 16)])
        assert cross.get_xydata().tolist() == [[0, prediction.times[k]]]
    assert len(draw_greedy(path).axes) == 1


def test_the_graded_flow_agrees_with_a_plain_one_where_both_can_go():
    """Against an integration of W_1, W_2 in float64 at a scale that float64 still bears."""
    from scipy.integrate import solve_ivp

    decades, seed = 3, 4
    flow = graded_flow(COMPLETION, f"1e-{decades}", until=4, seed=seed)
    start = 10.0**-decades * np.random.default_rng(seed).standard_normal((6, 3))
    mask, B = (
        np.array([[float(x) for x in row] for row in m]) for m in (COMPLETION.cost.mask, COMPLETION.cost.B)
    )

    def field(_t, z):
        Z = z.reshape(6, 3)
        G = mask * (Z[:3] @ Z[3:].T) - B
        return np.vstack([-G @ Z[3:], -G.T @ Z[:3]]).ravel()

    for jump in flow.jumps:
        end = solve_ivp(field, (0, jump.natural_time), start.ravel(), rtol=1e-10, atol=1e-14).y[:, -1]
        Z = end.reshape(6, 3)
        value = np.linalg.svd(Z[:3] @ Z[3:].T, compute_uv=False)[jump.rank - 1]
        plateau = np.linalg.svd(np.array(jump.plateau), compute_uv=False)[jump.rank - 1]
        assert value == pytest.approx(plateau / 2, rel=1e-6)


def test_flow_at_1e_minus_500_is_still_right():
    flow = graded_flow(DeepLinearProblem.whitened([[2, 0], [0, 1]]), "1e-500", until=3)
    assert [jump.time for jump in flow.jumps] == pytest.approx([0.5, 1], abs=3e-3)
    assert flow.settled


def comparisons(*arguments, **options):
    """What examples/jump_times.py compares, without the draws that it passes over."""
    return [found for found in JUMP_TIMES["draws"](*arguments, **options) if not isinstance(found, str)]


def deviation(found):
    return max(abs(m.time - p) for m, p in zip(found.measured, found.predicted, strict=True))


def test_draws_without_a_prediction_say_why():
    target, mask = [[-2, 2, 1], [-3, 1, -2], [0, -1, -2]], [[0, 1, 0], [1, 1, 1], [0, 1, 1]]
    unstable = [[0, 0, 1], [-3, 2, -1], [3, 1, 3]], [[0, 1, 1], [1, 0, 0], [1, 1, 0]]
    reasons = {
        JUMP_TIMES["compared"](cost, first, second, ("1e-20",), 0)
        for cost, first, second in [
            ("completion", [[0, 0], [0, 0]], [[1, 1], [1, 1]]),
            ("completion", [[1, 0], [0, 2]], [[1, 0], [0, 1]]),
            ("completion", [[1, 1], [-1, 1]], [[1, 1], [1, 1]]),
            ("completion", target, mask),
            ("completion", *unstable),
        ]
    }
    assert reasons == {
        "no gradient at the origin",
        "observed entries in several parts",
        "repeated top singular value",
        "no critical point of the next rank",
        "a saddle unstable within its own rank",
    }


def test_a_small_table():
    table = comparisons(2, seed=3, alphas=("1e-20", "1e-40", "1e-80"))
    assert all(c.agrees and len(c.predicted) >= 2 and deviation(c) < 1e-5 for c in table)


def test_squared_errors_jump_three_times():
    (found,) = comparisons(1, "squared error", seed=2, alphas=("1e-20", "1e-40", "1e-80"))
    assert (found.agrees, len(found.predicted), len(list(found.rows()))) == (True, 3, 3)
    assert deviation(found) < 1e-5


@pytest.mark.parametrize(
    ("name", "jumps", "settled"),
    [("jump-times", [50, 50, 1], 47), ("jump-times-squared-error", [25, 25, 24], 25)],
)
def test_the_page_counts_what_the_tables_hold(name, jumps, settled):
    with (ROOT / "examples" / f"{name}.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [sum(row["jump"] == k for row in rows) for k in "123"] == jumps
    assert all(row["agrees"] == "yes" for row in rows)
    near = [row for row in rows if abs(float(row["extrapolated"]) - float(row["predicted"])) < 1e-8]
    assert sum(row["jump"] == "2" for row in near) == settled
    assert f"| {settled} of {jumps[1]} | {jumps[2]} of {jumps[2]} |" in (ROOT / "docs" / "deep.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.long
def test_fifty_draws():
    assert all(found.agrees for found in comparisons(50))


def sized(unit):
    """The shipped target in another unit."""
    return DeepLinearProblem.whitened(
        [[Fraction(unit) * q for q in row] for row in SVD.cost.target], depth=SVD.depth
    )


@pytest.mark.parametrize("unit", ["1e-90", "1e-12", "1e-3", "1e3", "1e12", "1e90"])
def test_the_unit_of_the_data_does_not_matter(unit):
    """In other units the path is the same: also which points are proved, and which are minima."""
    u, here, there = Fraction(unit), greedy_path(SVD), greedy_path(sized(unit))
    assert there.stopped == here.stopped
    for a, b in zip(here.steps, there.steps, strict=True):
        assert (b.rank, b.certified, b.isolated, b.is_minimum, b.is_unstable_on_its_rank) == (
            a.rank, a.certified, a.isolated, a.is_minimum, a.is_unstable_on_its_rank
        )  # fmt: skip
        pairs = list(
            zip(a.singular_values + a.gradient_values, b.singular_values + b.gradient_values, strict=True)
        )
        pairs += [
            (x, y) for row, other in zip(a.A, b.A, strict=True) for x, y in zip(row, other, strict=True)
        ]
        with ctx.workprec(300):
            assert all(Ball(x.arb * arb(to_fmpq(u))).overlaps(y) for x, y in pairs)
            assert Ball(a.loss.arb * arb(to_fmpq(u * u))).overlaps(b.loss)
            most = abs(b.gradient_values[0].arb) + abs(here.steps[0].gradient_values[0].arb * to_fmpq(u))
            assert all(y.arb.rad() < most * arb(10) ** -25 for _, y in pairs)
        assert b.least_curvature == pytest.approx(a.least_curvature * float(u), rel=1e-6, abs=1e-6 * float(u))
    times = predict_jump_times(sized(unit)).times
    assert times == pytest.approx([t / float(u) for t in predict_jump_times(SVD).times], rel=1e-12)


def test_flows_of_small_data_are_followed_for_longer():
    limits = limit_times(sized("1e-3"), ("1e-20", "1e-40", "1e-80"))
    assert [limit.time for limit in limits] == pytest.approx(
        [273.0709888, 581.2900679, 1259.973846], rel=1e-6
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: predict_jump_times(DeepLinearProblem.from_csv("svd-3x3", depth=3)), "depth 3"),
        (lambda: graded_flow(DeepLinearProblem.from_csv("svd-3x3", depth=3)), "depth 3"),
        (lambda: graded_flow(SVD, math.nan), "not finite"),
        (lambda: graded_flow(SVD, "1e-100001"), "alpha"),
        (lambda: graded_flow(SVD, "1e-10", until="soon"), "until"),
        (lambda: graded_flow(PARTS, "1e-10"), "2 parts"),
        (lambda: greedy_path(SVD, digits=0), "digits"),
        (lambda: greedy_path(DeepLinearProblem.whitened([[0, 0], [0, 0]])), "origin"),
        (lambda: predict_jump_times(DeepLinearProblem.whitened([[0, 0], [0, 0]])), "origin"),
        (lambda: greedy_path(DeepLinearProblem.whitened([[1, 0], [0, 1]])), "repeated"),
        (lambda: limit_times(SVD, ("1e-10", "1e-20")), "scales"),
        (lambda: graded_flow(sized("1e4"), "1e-10"), "is 30000; needed: a size 0.001 to 1000"),
        (lambda: greedy_path(sized("1e-200")), "too large or too small"),
        (lambda: limit_times(SVD, ("1e-10", "1e-5", "1e-20")), "scales"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((BadInputError, BudgetError, DegenerateProblemError), match=words):
        call()


def test_command(capsys, tmp_path):
    figure = tmp_path / "g.svg"
    assert main(["deep", "greedy", "completion-3x3", "--flows", "--plot", str(figure)]) == 0
    out = capsys.readouterr().out
    assert "2.447414944" in out
    assert "1e-200" in out
    assert figure.stat().st_size > 1000
    assert main(["deep", "greedy", "svd-3x3"]) == 0
    assert "e-" not in capsys.readouterr().out  # a ball around zero is shown as 0
    assert main(["deep", "greedy", "svd-3x3", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [step["rank"] for step in document["steps"]] == [0, 1, 2, 3]
    assert document["prediction"]["jumps"][2]["time"]["mid"].startswith("1.25997384577154")
    assert document["comparison"] is None


def test_command_refuses(capsys, tmp_path):
    flat = tmp_path / "zero.csv"
    flat.write_text("0,0\n0,0\n")
    for arguments in (
        ["deep", "greedy", "svd-3x3", "--depth", "3", "--flows"],
        ["deep", "greedy", "svd-3x3", "-o", "x.json"],
        ["deep", "greedy", str(flat)],
    ):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1


def test_a_limit_that_has_not_settled_is_no_evidence():
    """A target whose limits come slowly: neither agreement nor disagreement is claimed."""
    problem = DeepLinearProblem.matrix_completion(
        [[3, 1, 0, 2], [1, 2, -1, 0], [0, 0, 1, 1], [1, 0, -2, 4]],
        [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]],
    )
    predicted = predict_jump_times(problem, digits=15).times
    found = compare_with_flow(greedy_path(problem), ("1e-25", "1e-50", "1e-100"))
    assert [found.verdict(k, predicted[k]) for k in (0, 1)] == ["agrees", "open"]
    assert found.approach[0] != "reached"
    easy = compare_with_flow(greedy_path(SVD), ("1e-25", "1e-50", "1e-100"))
    assert easy.approach == ("reached",) * 3
    right = predict_jump_times(SVD, digits=15).times
    assert [easy.verdict(k, t) for k, t in enumerate(right)] == ["agrees"] * 3
    assert easy.verdict(1, right[1] + 1e-5) == "differs"
    assert easy.to_dict()["approach"] == ["reached"] * 3
