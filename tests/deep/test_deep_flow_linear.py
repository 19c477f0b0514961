"""Laws of the flow of deep linear networks, against closed forms, symmetries and limits."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from functools import reduce
from pathlib import Path

import mpmath
import numpy as np
import pytest
from click.testing import CliRunner
from ctrl_c import interrupted
from flint import arb, ctx, fmpq_mat, fmpz, fmpz_mat

import saddlesym.deep.flow.flow as deep_flow_module
from saddlesym import Ball, DeepLinearProblem, Progress, escape, flow, transition_graph
from saddlesym.cli.main import cli, main
from saddlesym.cli.progress import progress_bar
from saddlesym.deep import gaussian_direction  # fmt: skip
from saddlesym.deep.closed_forms.aligned import AlignedMode
from saddlesym.deep.closed_forms.riccati import riccati_product
from saddlesym.deep.experiments.first_path import first_path_errors
from saddlesym.deep.flow.integrator.integrate import _Run
from saddlesym.deep.flow.integrator.series import MatrixField, Series
from saddlesym.deep.flow.ranks import steps_ahead
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, PrecisionError

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
SIGMA = np.linalg.svd(np.array(TARGET, float), compute_uv=False)
THREE = DeepLinearProblem.whitened(TARGET)


@pytest.fixture(autouse=True)
def precision():
    with ctx.workprec(200):
        yield


@pytest.fixture(scope="module")
def flows():
    """A generic seeded start at three scales."""
    return {k: flow(THREE, f"1e-{k}", digits=20) for k in (50, 100, 200)}


def product(*matrices):
    out = matrices[0]
    for m in matrices[1:]:
        out = [[sum(a * b for a, b in zip(row, c, strict=True)) for c in zip(*m, strict=True)] for row in out]
    return out


def difference(a, b):
    return max(
        abs(x.arb.mid() - y.arb.mid()) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True)
    )


@pytest.mark.parametrize("unit", [-6, -4])
def test_a_series_is_as_fine_where_bits_are_cut(unit):
    """Two layers of 2×2, against the same series in 300 digits of mpmath."""
    rng, bits, order = random.Random(0), 250, 90
    start = [[[rng.randint(-(2**bits), 2**bits) for _ in range(2)] for _ in range(2)] for _ in range(2)]
    series = Series(
        MatrixField(None, None, fmpq_mat([[3, 1], [1, 2]])), tuple(map(fmpz_mat, start)), bits, unit, (0, -2)
    )
    for _ in range(order):
        series.extend()
    assert len({round(series.log2_one(k) - series.log2_one(k - 1), 3) for k in range(1, order)}) > 1
    with mpmath.workdps(300):
        h, scale = mpmath.mpf(2) ** unit, mpmath.diag([1, mpmath.mpf(2) ** -4])
        first, second = ([mpmath.matrix(w) / mpmath.mpf(2) ** bits] for w in start)
        slopes = []
        for k in range(order):
            A = sum((second[j] * scale * first[k - j] for j in range(k + 1)), mpmath.zeros(2))
            slopes.append(A - (mpmath.matrix([[3, 1], [1, 2]]) if k == 0 else mpmath.zeros(2)))
            for terms, new in (
                (first, sum((second[j].T * slopes[k - j] for j in range(k + 1)), mpmath.zeros(2))),
                (second, sum((slopes[j] * first[k - j].T for j in range(k + 1)), mpmath.zeros(2))),
            ):
                terms.append(new)
            first[-1], second[-1] = -first[-1] * h / (k + 1), -second[-1] * h / (k + 1)
        for part in (512, 1024):
            for found, terms in zip(series.at(fmpz(part), 10), (first, second), strict=True):
                expected = sum(
                    (c * (mpmath.mpf(part) / 1024) ** k for k, c in enumerate(terms)), mpmath.zeros(2)
                )
                for i in range(2):
                    for j in range(2):
                        assert abs(int(found[i, j]) - expected[i, j] * mpmath.mpf(2) ** bits) < 2**8


@pytest.mark.parametrize(("alpha", "digits"), [("1e-30", 15), ("1e-3", 8)])
def test_columns_at_rest_change_nothing(monkeypatch, alpha, digits):
    problem = DeepLinearProblem.whitened([[9, 1, 0], [1, 2, 1], [0, 1, 1]])
    quick = flow(problem, alpha, digits=digits)
    resting = sum(bool(step.still) for step in quick.solution.steps)
    monkeypatch.setattr(_Run, "_without_still", lambda _self, series: series)
    slow = flow(problem, alpha, digits=digits + 5)
    assert not any(step.still for step in slow.solution.steps)
    assert resting > 5
    assert quick.steps < slow.steps
    assert quick.ranks == slow.ranks
    end = min(quick.end.arb, slow.end.arb)
    for t in [jump.time for jump in quick.jumps] + [Fraction(1), Fraction(float(end)) * Fraction(9, 10)]:
        size = arb(10) ** -digits
        assert difference(quick.A(t), slow.A(t)) < size * 10
        for a, b in zip(quick.singular_values(t), slow.singular_values(t), strict=True):
            assert abs(a.arb.mid() / b.arb.mid() - 1) < size
        for v, w in zip(quick.weights(t), slow.weights(t), strict=True):
            assert difference(v, w) < size * 10
    for a, b in zip(quick.times(), slow.times(), strict=True):
        assert abs(a.arb.mid() - b.arb.mid()) < arb(10) ** -digits


def test_jump_times_tend_to_the_inverse_singular_values(flows):
    # t_i(α) = 1/σ_i + c_i/Λ up to a power of α: two scales give both, the third one is a check
    for i in range(3):
        T = {k: float(f.jumps[i].time) * k for k, f in flows.items()}
        limit = (T[200] - T[100]) / 100
        assert abs(limit - 1 / SIGMA[i]) < 1e-12
        assert abs((T[100] - T[50]) / 50 - 1 / SIGMA[i]) < 1e-8
        assert abs(float(flows[200].jumps[i].time) - 1 / SIGMA[i]) > 1e-4  # the flow itself is not yet there


def test_plateau_losses_are_those_of_eckart_and_young(flows):
    for followed in flows.values():
        assert followed.ranks == (0, 1, 2, 3)
        for plateau in followed.plateaus:
            expected = sum(s * s for s in SIGMA[plateau.rank :]) / 2
            assert abs(float(plateau.loss) - expected) < 1e-10


def test_balancedness_is_conserved_to_the_working_precision(flows):
    for followed in flows.values():
        assert followed.balancedness_drift() < 1e-20
        assert followed.balancedness_drift(Fraction(2, 5)) < 1e-20


@pytest.mark.parametrize("depth", [2, 3])
def test_rotations_of_hidden_layers_commute_with_the_flow(depth):
    problem = DeepLinearProblem.whitened([[3, 1], [1, 2]], depth=depth)
    R = [[Fraction(3, 5), Fraction(-4, 5)], [Fraction(4, 5), Fraction(3, 5)]]
    Rt = [list(c) for c in zip(*R, strict=True)]
    W = [[list(r) for r in w] for w in gaussian_direction(problem, 3)]
    turned = [product(R, W[0]), *(product(R, w, Rt) for w in W[1:-1]), product(W[-1], Rt)]
    alpha, t = ("1e-20", Fraction(2, 5)) if depth == 2 else ("1e-2", Fraction(1, 3))
    plain = flow(problem, alpha, digits=25, until=t, direction=W)
    other = flow(problem, alpha, digits=25, until=t, direction=turned)
    assert difference(plain.A(t), other.A(t)) < arb(10) ** -24
    first = [[x.arb.mid() for x in row] for row in plain.weights(t)[0]]
    expected = [
        [sum(arb(q.numerator) / q.denominator * first[k][j] for k, q in enumerate(row)) for j in range(2)]
        for row in R
    ]
    for row, there in zip(expected, other.weights(t)[0], strict=True):
        assert all(abs(x - y.arb.mid()) < arb(10) ** -24 for x, y in zip(row, there, strict=True))


def test_padding_with_zeros_commutes_with_the_flow():
    narrow, wide = (DeepLinearProblem.whitened([[3, 1], [1, 2]], hidden=w) for w in (1, 3))
    W1, W2 = gaussian_direction(narrow, 1)
    padded = [[list(W1[0]), [0, 0], [0, 0]], [[row[0], 0, 0] for row in W2]]
    t = Fraction(2, 5)
    a = flow(narrow, "1e-20", digits=25, until=t, direction=(W1, W2))
    b = flow(wide, "1e-20", digits=25, until=t, direction=padded)
    assert difference(a.A(t), b.A(t)) < arb(10) ** -24


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_aligned_modes_follow_the_closed_form(depth):
    problem = DeepLinearProblem.whitened([[2, 0], [0, 1]], depth=depth)
    alpha = "1e-30" if depth == 2 else "1/20"
    eye = [[1, 0], [0, 1]]
    modes = [AlignedMode.of(s, depth, alpha) for s in (2, 1)]
    half = [mode.half_time(40) for mode in modes]
    unit = modes[0].scale.log_inverse() * (1 if depth == 2 else depth - 2)
    unit = unit if depth == 2 else unit.exp()
    end = Fraction(1, 5) + Fraction(str(round(float(half[1].arb / unit), 3)))
    followed = flow(problem, alpha, digits=30, until=end, direction=[eye] * depth)
    for i, moment in enumerate(half):
        value = followed.view.product(moment.arb)[i, i].mid()
        assert abs(value - arb(2 - i) / 2) < arb(10) ** -29
    t = Fraction(1, 5)
    for i, mode in enumerate(modes):
        expected = mode.value(Ball(arb(t.numerator) / t.denominator * unit), 40).arb
        found = followed.A(t)[i][i].arb
        assert abs(found.mid() / expected.mid() - 1) < arb(10) ** -25


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_the_aligned_time_is_the_integral(depth):
    mode = AlignedMode.of(Fraction(7, 4), depth, "1/3")
    with mpmath.workdps(30):
        top = mpmath.mpf(1.5) ** (mpmath.mpf(1) / depth)
        integral = mpmath.quad(
            lambda w: 1 / (w ** (depth - 1) * (mpmath.mpf(7) / 4 - w**depth)), [mpmath.mpf(1) / 3, top]
        )
        assert abs(mode.time("3/2", 30).mpf(25) - integral) < mpmath.mpf(10) ** -20


def test_the_riccati_solution_is_the_flow_from_balanced_starts():
    # W_1 = K Vᵀ, W_2 = P Kᵀ with orthonormal rational columns V, P
    K = [[2, 1], [1, 3]]
    V = [[Fraction(3, 5), 0], [Fraction(4, 5), 0], [0, 1]]
    P = [[0, 1], [Fraction(5, 13), 0], [Fraction(12, 13), 0]]
    W1, W2 = (
        product(K, [list(c) for c in zip(*V, strict=True)]),
        product(P, [list(c) for c in zip(*K, strict=True)]),
    )
    problem = DeepLinearProblem.whitened(TARGET, hidden=2)
    followed = flow(problem, "1e-20", digits=30, direction=(W1, W2))
    assert any(step.still for step in followed.solution.steps)
    for t in (Fraction(2, 5), Fraction(3, 5), 1):
        time = Ball((followed.log_inverse_scale.arb * t.numerator / t.denominator).mid())
        exact = riccati_product(problem, (W1, W2), "1e-20", time, 40)
        assert exact[0][0].digits > 35
        assert difference(followed.A(t), exact) < arb(10) ** -30
    with pytest.raises(DegenerateProblemError, match="no multiple of the identity"):
        riccati_product(problem, gaussian_direction(problem), "1e-20", 1)


@pytest.mark.long
def test_the_riccati_solution_is_the_flow_of_many_modes():
    """Six modes from 1e-50, to 60 digits: between the jumps, within one, and where columns stand still."""
    rng = random.Random(1)
    problem = DeepLinearProblem.whitened([[rng.randint(-3, 3) for _ in range(6)] for _ in range(6)])
    K = [[rng.randint(-3, 3) for _ in range(6)] for _ in range(6)]
    start = (K, [list(c) for c in zip(*K, strict=True)])
    end = Fraction(2, 5)
    followed = flow(problem, "1e-50", digits=60, until=end, direction=start)
    assert any(step.still for step in followed.solution.steps)
    for t in (Fraction(1, 9), Fraction(3, 20), Fraction(1, 5), end):
        with ctx.workprec(400):
            time = Ball((followed.log_inverse_scale.arb * t.numerator / t.denominator).mid())
        exact = riccati_product(problem, start, "1e-50", time, 70)
        with ctx.workprec(400):
            assert difference(followed.A(t), exact) < arb(10) ** -60


def test_the_riccati_solution_covers_unbalanced_networks_of_width_one():
    problem = DeepLinearProblem.whitened([[2, 1], [0, 1]], hidden=1)
    W = gaussian_direction(problem, 5)
    followed = flow(problem, "1/10", digits=30, until=1, direction=W)
    exact = riccati_product(problem, W, "1/10", Ball(followed.log_inverse_scale.arb), 40)
    assert difference(followed.A(1), exact) < arb(10) ** -30


@pytest.mark.parametrize("time", [Fraction(5001, 1000), Fraction(20001, 1000), Fraction(20)])
def test_the_riccati_solution_takes_any_rational_time(time):
    """W_2 W_1 = 5α²·[[0, 1], [1, 0]] below A* = 2: along (1, 1) a' = 2a(2 − a), a logistic curve."""
    problem = DeepLinearProblem.whitened([[2, 0], [0, 2]])
    W = ([[1, 2], [-2, 1]], [[2, 1], [1, -2]])
    with ctx.workprec(53):  # whatever the caller's precision
        found = riccati_product(problem, W, "1e-5", time, 40)
    with mpmath.workdps(60):
        start = 5 * mpmath.mpf(10) ** -10
        rest = (2 / start - 1) * mpmath.exp(-4 * mpmath.mpf(time.numerator) / time.denominator)
        for row in found:
            assert abs(row[0].mpf(50) + row[1].mpf(50) - 2 / (1 + rest)) < mpmath.mpf(10) ** -40
    with pytest.raises(PrecisionError, match=r"T is known to 0\.01 only; needed: a narrower ball"):
        riccati_product(problem, W, "1e-5", Ball(arb(20, 0.01)), 40)


def test_more_digits_agree_with_fewer():
    problem = DeepLinearProblem.from_csv("completion-3x3")
    a, b = (flow(problem, "1e-20", digits=n, max_rank=1) for n in (10, 20))
    for x, y in zip(a.times(), b.times(), strict=True):
        assert abs(x.arb.mid() - y.arb.mid()) < 1e-10


#: Two parts that no observed entry connects, and a saddle that is unstable within its own rank.
PARTS = DeepLinearProblem.matrix_completion(
    [[2, 1, 0], [1, 1, 0], [0, 0, 1]], [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
)
RUNAWAY = DeepLinearProblem.matrix_completion(
    [[0, 0, 1], [-3, 2, -1], [3, 1, 3]], [[0, 1, 1], [1, 0, 0], [1, 1, 0]]
)


@pytest.mark.parametrize(("problem", "count"), [(PARTS, 3), (RUNAWAY, 2)])
def test_rounding_errors_never_stand_in_for_modes_of_the_size_of_alpha(problem, count):
    # nothing pulls back what rounding puts into the other part, or into the saddle's unstable direction
    coarse, fine = (flow(problem, "1e-40", digits=digits) for digits in (7, 14))
    assert len(coarse.jumps) == len(fine.jumps) == count
    for a, b in zip(coarse.jumps, fine.jumps, strict=True):
        assert abs(a.time.arb.mid() - b.time.arb.mid()) < 1e-7
        assert abs(a.singular_value.arb.mid() - b.singular_value.arb.mid()) < 1e-6


def test_float64_loses_the_second_jump():
    # rounding noise of 1e-16 stands in for the transverse mode, which is at 1e-27
    followed = flow(THREE, "1e-50", digits=12, max_rank=1)
    t = float(followed.jumps[0].time) + 0.05
    exact = float(followed.singular_values(t)[1])
    theta = np.array([x for w in gaussian_direction(THREE) for r in w for x in r], float) * 1e-50
    T, n = t * 50 * np.log(10), 4000

    def slope(z):
        W1, W2 = z[:9].reshape(3, 3), z[9:].reshape(3, 3)
        E = np.array(TARGET) - W2 @ W1
        return np.concatenate([(W2.T @ E).ravel(), (E @ W1.T).ravel()])

    h = T / n
    for _ in range(n):
        k1 = slope(theta)
        k2 = slope(theta + h / 2 * k1)
        k3 = slope(theta + h / 2 * k2)
        theta = theta + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(theta + h * k3))
    second = np.linalg.svd(theta[9:].reshape(3, 3) @ theta[:9].reshape(3, 3), compute_uv=False)[1]
    assert exact < 1e-40 < 1e-25 < second


def test_the_first_path_is_that_of_width_one():
    rows = first_path_errors(THREE, ("1e-10", "1e-20"), digits=12)
    order = np.log10(rows[0].error / rows[1].error) / 10
    assert abs(order - (1 - SIGMA[1] / SIGMA[0])) < 1e-3


@pytest.mark.parametrize("alpha", ["0.1", "0.01"])
def test_the_first_path_is_followed_to_its_last_height_at_large_scales(alpha):
    # the wide flow passes 9/10 of the plateau before the narrow one does
    (row,) = first_path_errors(DeepLinearProblem.whitened([[2, 0], [0, 1]]), (alpha,), digits=8)
    assert 0 < row.error < row.size
    with pytest.raises(BadInputError, match="smaller alpha"):
        first_path_errors(THREE, ("0.9",), digits=8)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"alpha": "2"}, "not below 1"),
        ({"alpha": "nan"}, "cannot be read"),
        ({"alpha": "0"}, "not positive"),
        ({"until": 0}, "positive accelerated time"),
        ({"until": "nan"}, "not finite"),
        ({"digits": 2}, "digits"),
        ({"seed": -1}, "seed"),
        ({"max_rank": 4}, "max_rank"),
        ({"direction": [[[1]], [[1]]]}, "3 × 3"),
        ({"direction": [[[0] * 3] * 3] * 2}, "zero"),
        ({"direction": [[[1] * 3] * 3]}, "one matrix per layer"),
    ],
)
def test_bad_input_is_refused_on_one_line(options, words):
    with pytest.raises(BadInputError, match=words) as caught:
        flow(THREE, **options)
    assert "\n" not in str(caught.value)


def test_a_vanishing_gradient_is_refused():
    with pytest.raises(DegenerateProblemError, match="vanishes at the origin"):
        flow(DeepLinearProblem.whitened([[0, 0], [0, 0]]))


def test_command_line(tmp_path: Path):
    figure = tmp_path / "flow.svg"
    command = [
        "deep",
        "flow",
        "svd-3x3",
        "--alpha",
        "1e-20",
        "--digits",
        "8",
        "--json",
        "--plot",
        str(figure),
    ]
    result = CliRunner().invoke(cli, command)
    document = json.loads(result.stdout)
    assert [jump["rank"] for jump in document["jumps"]] == [1, 2, 3]
    assert document["alpha"] == "1e-20"
    assert not document["certified"]
    assert len(document["plateaus"]) == 4
    assert figure.read_text().startswith("<?xml")


def test_a_deeper_flow_out_of_reach_is_refused_at_once():
    problem = DeepLinearProblem.whitened(TARGET, depth=3)
    for alpha in ("1e-5", "1e-50"):
        with pytest.raises(BudgetError, match="depth 3") as caught:
            flow(problem, alpha)
        assert "\n" not in str(caught.value)


def test_ctrl_c_leaves_no_file(tmp_path: Path):
    options = ["--digits", "900", "--json", "-o", tmp_path / "out.json"]
    done = interrupted("Series.extend", "deep", "flow", "svd-3x3", *options, calls=30)
    assert done.returncode == 130
    assert done.stderr.strip().endswith("saddlesym: interrupted")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_flow_stops_when_the_plateau_of_the_last_rank_is_over():
    followed = flow(THREE, "1e-50", digits=10, max_rank=1)
    assert [jump.rank for jump in followed.jumps] == [1]
    assert 1 / SIGMA[0] < float(followed.end) < 1 / SIGMA[1]


def test_repeated_singular_values_jump_together():
    followed = flow(DeepLinearProblem.whitened([[2, 0], [0, 2]]), "1e-30", digits=10)
    assert followed.ranks == (0, 2)
    assert [jump.rank for jump in followed.jumps] == [1, 2]
    with pytest.raises(DegenerateProblemError, match="multiplicity 2"):
        first_path_errors(DeepLinearProblem.whitened([[2, 0], [0, 2]]))


@pytest.mark.parametrize("depth", [3, 4])
def test_a_start_that_has_not_grown_is_no_plateau_of_rank_one(depth):
    """Before the first jump the largest singular value so far is no measure of what is up."""
    problem = DeepLinearProblem.whitened(TARGET, depth=depth)
    followed = flow(problem, "1e-6", digits=10, until="1/100")
    assert (followed.ranks, followed.jumps) == ((0,), ())
    assert float(followed.plateaus[0].loss) == 8.5


@pytest.mark.parametrize(
    ("target", "alpha", "digits", "rank"),
    [
        ([[1, 2], [2, 4]], "1e-20", 60, 1),
        ([[1, 2], [2, 4]], "1e-10", 30, 1),
        ([[1, 2, 0], [2, 4, 0], [0, 0, 1]], "1e-12", 40, 2),
    ],
)
def test_flows_to_targets_of_less_than_full_rank_come_to_rest(target, alpha, digits, rank):
    """What has no mode to grow on shrinks at a rate like α² for ever."""
    followed = flow(DeepLinearProblem.whitened(target), alpha, digits=digits)
    assert followed.settled
    assert followed.ranks == tuple(range(rank + 1))
    assert followed.steps < 200
    assert float(followed.plateaus[-1].loss) < float(alpha) ** 3
    values = np.linalg.svd(np.array(target, float), compute_uv=False)
    assert [float(j.singular_value) for j in followed.jumps] == pytest.approx(list(values[:rank]), rel=1e-13)


def test_modes_a_thousand_times_slower_are_waited_for():
    followed = flow(DeepLinearProblem.whitened([[10, 0], [0, "0.01"]]), "1e-30", digits=30)
    assert followed.ranks == (0, 1, 2)
    assert float(followed.jumps[1].singular_value) == pytest.approx(0.01, rel=1e-15)
    assert followed.steps < 6000  # 40000 without columns at rest held


@pytest.mark.parametrize(
    ("target", "direction"),
    [
        ([[2]], [[[1]], [[-1]]]),
        ([[3, 0], [0, 1]], ([[1, 0], [0, 1]], [[-1, 0], [0, 1]])),
        ([[3, 0], [0, 1]], ([[1, 2], [2, -1]], [[1, 2], [-2, 1]])),  # balanced, det A(0) < 0
        ([[2]], [[[1]], [[Fraction(-1) + Fraction(1, 10**25)]]]),
    ],
)
def test_starts_that_only_rounding_would_move_are_refused(target, direction):
    with pytest.raises(DegenerateProblemError, match="stable manifold"):
        flow(DeepLinearProblem.whitened(target), "1e-10", digits=20, direction=direction)


def test_starts_near_the_stable_manifold_keep_their_digits():
    """W_2 = −W_1 + ε: only ε/2 grows."""
    problem, near = DeepLinearProblem.whitened([[2]]), Fraction(-1) + Fraction(1, 10**11)
    few, many = (flow(problem, "1e-10", digits=digits, direction=[[[1]], [[near]]]) for digits in (15, 40))
    assert abs(few.jumps[0].time.arb.mid() - many.jumps[0].time.arb.mid()) < 1e-15
    assert few.jumps[0].time.arb.rad() > 1e-16


def test_singular_values_beyond_the_rank_are_zero():
    """One hidden neuron, and two of which one never starts."""
    for problem, direction in (
        (DeepLinearProblem.whitened([[2, 1], [0, 1]], hidden=1), None),
        (DeepLinearProblem.whitened([[2, 0], [0, 1]]), ([[1, 2], [0, 0]], [[1, 0], [1, 0]])),
    ):
        followed = flow(problem, "1e-30", digits=20, direction=direction)
        assert all(str(p.singular_values[1].arb) == "0" for p in followed.plateaus)
        assert followed.ranks == (0, 1)


def test_a_start_far_above_the_data_is_refused():
    with pytest.raises(BadInputError, match=r"too large for data of this size; needed: alpha < 2\^-33"):
        flow(DeepLinearProblem.whitened([["1e-20"]]), "1e-3", digits=10)


def test_what_counts_as_up_comes_from_the_data():
    """The first jump ends at s_1/‖K‖, however large K is: 1e8 samples of a size of 1e4."""
    problem = DeepLinearProblem.squared_error([[10**4, 0], [0, 10**4]], [[2, 0], [0, 1]])
    followed = flow(problem, "1e-20", digits=10)
    assert followed.ranks == (0, 1, 2)
    for data in ([["1e150", 0], [0, 1]], [["1e-150"]], [["1e400"]]):
        with pytest.raises(BadInputError, match="too large or too small"):
            flow(DeepLinearProblem.whitened(data), "1e-20", digits=10)


@pytest.mark.parametrize(("depth", "power"), [(2, -40), (2, 33), (3, -7), (3, 5)])
def test_powers_of_two_in_the_data_change_nothing_but_powers_of_two(depth, power):
    """A* → 2^(Lj) A* and α → 2^j α: W → 2^j W, T → T/2^((2L−2)j)."""
    alpha = Fraction(1, 2**60) if depth == 2 else Fraction(1, 2**8)
    rows = [[2, 1], [0, 1]]
    here = flow(DeepLinearProblem.whitened(rows, depth=depth), alpha, digits=10)
    size, weight = Fraction(2) ** (depth * power), Fraction(2) ** power
    there = flow(
        DeepLinearProblem.whitened([[size * x for x in row] for row in rows], depth=depth),
        alpha * weight,
        digits=10,
    )
    assert abs(there.steps - here.steps) <= 2  # logarithms of α are rounded
    assert there.ranks == here.ranks
    natural = [[jump.time.arb * followed.view.unit for jump in followed.jumps] for followed in (here, there)]
    for a, b in zip(*natural, strict=True):  # both in own units
        assert abs(a.mid() - b.mid()) < arb(10) ** -8
    for a, b in zip(here.plateaus, there.plateaus, strict=True):
        assert abs(float(b.loss) / float(a.loss) / float(size) ** 2 - 1) < 1e-9
        assert [float(s) / float(size) for s in b.singular_values] == pytest.approx(
            [float(s) for s in a.singular_values], rel=1e-9
        )
    assert there.natural_unit == pytest.approx(
        float(there.log_inverse_scale) if depth == 2 else 1 / float(alpha * weight)
    )
    assert there.trace[-1].values[0] == pytest.approx(here.trace[-1].values[0] * float(size))
    rate = float(size) * float(size) / float(weight) ** 2  # of natural times
    assert there.trace[-1].time * rate == pytest.approx(here.trace[-1].time)
    for followed, one in ((here, 1.0), (there, float(weight))):
        first = followed.weights(followed.jumps[0].time)
        assert [float(x) / one for w in first for row in w for x in row] == pytest.approx(
            [float(x) for w in here.weights(here.jumps[0].time) for row in w for x in row], rel=1e-8
        )
        A = np.array([[float(x) for x in row] for row in followed.A(followed.jumps[0].time)])
        W = [np.array([[float(x) for x in row] for row in w]) for w in first]
        assert np.allclose(A, reduce(lambda x, w: w @ x, W), rtol=1e-9, atol=0)
        assert float(followed.loss(followed.jumps[0].time)) == pytest.approx(
            0.5 * np.sum((A - np.array(rows) * one**depth) ** 2), rel=1e-9
        )
    assert there.balancedness_drift() < 1e-9 * float(weight) ** 2


@pytest.mark.parametrize("unit", ["1e-90", "1/100", "1e6", "1e90"])
def test_data_of_any_accepted_size_get_their_digits(unit):
    u = Fraction(unit)
    followed = flow(DeepLinearProblem.whitened([[3 * u, u], [u, 2 * u]]), "1e-80", digits=12)
    assert followed.ranks == (0, 1, 2)
    for jump, exact in zip(followed.jumps, ((5 + 5**0.5) / 2, (5 - 5**0.5) / 2), strict=True):
        assert float(jump.singular_value) == pytest.approx(exact * float(u), rel=1e-12)
        assert float(jump.time.arb.rad()) * float(u) < 1e-10


@pytest.mark.parametrize(
    ("depth", "alpha", "end"), [(3, "1e-7", None), (4, "1e-3", None), (4, "1e-6", "1/5"), (3, "1e-18", "1/2")]
)
def test_a_plateau_of_too_many_steps_is_refused_at_once(depth, alpha, end):
    problem, steps = DeepLinearProblem.whitened([[3, 1], [1, 2]], depth=depth), []
    with pytest.raises(BudgetError, match=r"a plateau would take about|steps or more"):
        flow(problem, alpha, digits=6, until=end, progress=lambda moment: steps.append(moment.done))
    assert len(steps) < 200


def test_steps_ahead_are_not_far_from_the_truth(monkeypatch):
    """The estimate may be three times too large, and is used with a factor of four."""
    problem, told, steps = DeepLinearProblem.whitened(TARGET, depth=3), [], []

    def listening(*arguments):
        told.append((len(steps), steps_ahead(*arguments)))
        return 0.0

    monkeypatch.setattr(deep_flow_module, "steps_ahead", listening)
    flow(problem, "4e-3", digits=10, max_rank=1, progress=lambda moment: steps.append(moment.done))
    foreseen = [done + ahead for done, ahead in told if ahead]
    assert len(steps) / 3 < min(foreseen) < max(foreseen) < 3 * len(steps) + 800


@pytest.mark.parametrize("end", ["1/10", "11/40"])
def test_the_opening_plateau_is_always_listed(end, capsys):
    assert main(["deep", "flow", "svd-3x3", "--until", end, "--digits", "10"]) == 0
    out = capsys.readouterr().out
    assert "0        0    8.5" in out
    assert "A jump whose plateau is not reached by the end is not listed." in out
    assert "in units of ln(1/alpha)" in out


def test_json_at_a_scale_where_noise_decides_the_rank(capsys):
    assert main(["deep", "flow", "svd-3x3", "--alpha", "1e-2", "--digits", "8", "--json"]) == 0
    assert all(type(p["rank"]) is int for p in json.loads(capsys.readouterr().out)["plateaus"])


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_one_unit_of_time_in_every_command(depth, capsys):
    """Layers that start at α: the flow, the list of saddles and the escape speak of the same time."""
    problem = DeepLinearProblem.whitened([[1]], depth=depth)
    alpha = "1e-40" if depth == 2 else "1/50"
    followed = flow(problem, alpha, digits=10, direction=[[[1]]] * depth)
    listed = transition_graph(problem).to_dict()
    escaped = escape(problem).to_dict()
    assert followed.to_dict()["time_unit"] == listed["time_unit"] == escaped["time_unit"] == problem.time_unit
    time = float(listed["saddles"][1]["time"]["mid"])
    assert float(followed.jumps[0].time) == pytest.approx(time, rel=0.02)
    # the escape starts at the norm α, these layers at √L·α
    scale = 1 if depth == 2 else depth ** (1 - depth / 2)
    assert float(escaped["accelerated_time"]["mid"]) * scale == pytest.approx(time)


def test_radii_that_cannot_be(capsys):
    for radius, words in (("0", "a positive one"), ("-1", "a positive one"), ("2", "'1' at most")):
        assert main(["deep", "escape", "svd-3x3", f"--radius={radius}"]) == 2
        error = capsys.readouterr().err
        assert words in error
        assert "radii" not in error


def test_one_thing_is_counted_in_the_singular(tmp_path, capsys):
    file = tmp_path / "one.csv"
    file.write_text("1,0\n0,0\n")
    assert main(["deep", "saddles", str(file)]) == 0
    out = capsys.readouterr().out
    assert "1 elementary transition\n" in out
    assert "1 chain from the origin to the minimum, of 1 transition;" in out


def test_long_work_without_a_terminal_says_how_far_it_is(monkeypatch, capsys):
    now = iter([0.0, 9.0, 11.0, 12.0, 19.0, 45.0, 79.0])
    monkeypatch.setattr("saddlesym.cli.progress.monotonic", lambda: next(now))
    with progress_bar() as show:
        for done in range(1, 7):
            show(Progress(done, 6, "draws"))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "saddlesym: draws: 2 of 6 after 11 s, about 22 s to go",
        "saddlesym: draws: 5 of 6 after 45 s, about 9 s to go",
    ]


def test_deep_statements_are_checked_on_deep_data(capsys):
    assert main(["deep", "verify", "svd-3x3", "deep-origin", "--depth", "3", "--jobs", "1"]) == 0
    assert "deep-origin   HOLDS" in capsys.readouterr().out
    for words, hint in (
        (["verify", "svd-3x3"], "saddlesym deep verify svd-3x3"),
        (["verify", "diabetes", "deep-origin"], "saddlesym deep verify DATA"),
        (["deep", "verify", "diabetes"], "saddlesym verify diabetes"),
        (["deep", "verify", "deep-origin"], "DATA is missing"),
        (["deep", "verify", "svd-3x3", "loss-falls"], "about diagonal linear networks"),
    ):
        assert main(words) == 2
        assert hint in capsys.readouterr().err


@pytest.mark.parametrize("digits", [8, 15])
def test_rounding_on_a_plateau_makes_no_plateaus(digits):
    followed = flow(DeepLinearProblem.whitened(TARGET), "1e-100", digits=digits)
    assert followed.ranks == (0, 1, 2, 3)
    assert [float(jump.time) for jump in followed.jumps] == pytest.approx(
        [0.27365, 0.5819, 1.26717], abs=1e-5
    )
