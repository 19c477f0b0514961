"""Jump times of three layers and more without any α, against flows, closed forms and other numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from saddlesym.deep.flow.stiff_flow import stiff_flow
from saddlesym.deep.greedy.blow_up import blow_up_times, homogeneous_blow_up
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, DegenerateProblemError

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]


@pytest.mark.parametrize("depth", [3, 4, 5])
@pytest.mark.parametrize("sigma", [0.5, 3.0])
def test_scalar_networks_blow_up_when_their_closed_form_does(depth, sigma):
    """w' = σ w^{L−1} from w = 2: at 2^{−(L−2)}/((L−2)σ)."""
    end = homogeneous_blow_up([np.array([[2.0]])] * depth, np.array([[-sigma]]))
    assert end.time == pytest.approx(2.0 ** (2 - depth) / ((depth - 2) * sigma), rel=1e-8)


def test_aligned_modes_blow_up_one_after_another():
    """Diagonal starts never couple: mode i at 1/((L−2) σ_i a_i^{L−2}), in units of α^{−(L−2)}."""
    problem = DeepLinearProblem.whitened([[3, 0], [0, 2]], depth=3)
    found = blow_up_times(problem, [[[1, 0], [0, "1/2"]]] * 3)
    assert found.times == pytest.approx((1 / 3, 1), rel=1e-6)
    assert found.values == pytest.approx((3, 2), rel=1e-6)
    with pytest.raises(DegenerateProblemError):  # the other mode comes first, at 1/4: no generic start
        blow_up_times(problem, [[[1, 0], [0, 2]]] * 3)


def test_three_jumps_of_a_generic_start_are_those_of_another_program():
    """A prototype that shares no code gave 0.170756, 0.636344, 2.51477."""
    found = blow_up_times(DeepLinearProblem.whitened(TARGET, depth=3))
    assert found.times == pytest.approx((0.170756, 0.636344, 2.51477), rel=3e-6)
    assert found.values == pytest.approx(np.linalg.svd(np.array(TARGET, float), compute_uv=False), rel=1e-6)


def test_flows_tend_to_the_times():
    problem = DeepLinearProblem.whitened(TARGET, depth=3)
    found = blow_up_times(problem, max_rank=2)
    halves = [value / 2 for value in found.values]
    errors = []
    for alpha in (1e-2, 1e-3):
        flow = stiff_flow(problem, alpha, found.direction, 1.2 * found.times[-1], halves)
        errors.append([abs(p - t) for p, t in zip(flow.passages, found.times, strict=True)])
    assert all(5 * small < large for large, small in zip(*errors, strict=True))
    assert max(errors[1]) < 1e-3


MASKED = DeepLinearProblem.matrix_completion(
    [["0.6", "-2.8", "-0.3"], [0, "0.6", -3], ["-1.7", "-0.1", "2.2"]],
    [[1, 1, 1], [1, 0, 1], [1, 0, 1]],
    hidden=[3, 3],
)


def test_without_parallel_transport_the_law_is_false():
    """The frames turn on the way to a critical point that is not aligned with the one before."""
    right, wrong = (blow_up_times(MASKED, seed=10, max_rank=2, transport=one) for one in (True, False))
    assert right.times[0] == pytest.approx(wrong.times[0], rel=1e-9)
    halves, until = [value / 2 for value in right.values], 1.2 * right.times[1]
    seen = [stiff_flow(MASKED, alpha, right.direction, until, halves).passages[1] for alpha in (1e-3, 1e-5)]
    errors = [[abs(t - one.times[1]) for t in seen] for one in (right, wrong)]
    assert errors[0][1] < errors[0][0] / 10
    assert errors[1][1] > errors[1][0] / 3
    assert errors[0][1] < errors[1][1] / 4


def test_stiff_flows_against_plain_integration():
    problem = DeepLinearProblem.whitened([[2, 1], [0, 1]], depth=3)
    found = blow_up_times(problem, max_rank=1)
    alpha, start = 0.05, [np.array([[float(q) for q in row] for row in w]) for w in found.direction]
    T = np.array([[2.0, 1.0], [0.0, 1.0]])

    def slope(_t, x):
        w1, w2, w3 = (part.reshape(2, 2) for part in np.split(x, 3))
        g = w3 @ w2 @ w1 - T
        return -np.concatenate(
            [(w2.T @ w3.T @ g).ravel(), (w3.T @ g @ w1.T).ravel(), (g @ w1.T @ w2.T).ravel()]
        )

    def crossed(_t, x):
        w1, w2, w3 = (part.reshape(2, 2) for part in np.split(x, 3))
        return np.linalg.svd(w3 @ w2 @ w1, compute_uv=False)[0] - 1

    plain = solve_ivp(
        slope, (0, 400), alpha * np.concatenate([w.ravel() for w in start]), method="DOP853", rtol=1e-12,
        atol=1e-15, events=crossed,
    )  # fmt: skip
    flow = stiff_flow(problem, alpha, found.direction, 400 * alpha, [1.0])
    assert flow.passages[0] == pytest.approx(float(plain.t_events[0][0]) * alpha, rel=1e-6)


def test_what_has_no_blow_up_is_refused():
    with pytest.raises(BadInputError):
        blow_up_times(DeepLinearProblem.whitened(TARGET))
    with pytest.raises(BadInputError):
        stiff_flow(DeepLinearProblem.whitened(TARGET), 1e-3, [], 1.0, [])
    with pytest.raises(BadInputError):
        stiff_flow(DeepLinearProblem.whitened(TARGET, depth=3), 1e-30, [], 1.0, [])


def test_the_shipped_table_is_that_of_the_program():
    import csv
    import runpy
    from pathlib import Path

    folder = Path(__file__).parents[2] / "examples"
    program = runpy.run_path(str(folder / "blow_up_times.py"))
    with (folder / "blow-up-times.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["case"] for row in rows}) == 200
    assert sum(row["agrees"] == "yes" for row in rows) == 391
    shown = [row for row in rows if row["case"] == "1"]
    for row, again in zip(shown, program["compared"](1), strict=True):
        assert again[:5] == [row[name] for name in ("case", "layers", "cost", "shape", "jump")]
        assert float(again[5]) == pytest.approx(float(row["predicted"]), rel=1e-5)
        assert again[-1] == row["agrees"]
