"""Surplus hidden width costs nothing and changes nothing; flows that run off say no more than was seen."""

from __future__ import annotations

import numpy as np
import pytest

from saddlesym import DeepLinearProblem, flow, greedy_path
from saddlesym.deep import gaussian_direction
from saddlesym.deep.flow import solution as solution_module

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]


def unreduced(weights):
    """The identity in place of the reduction: all hidden directions are followed."""
    from flint import arb_mat

    from saddlesym.exact.linear.matrices import flint_matrix

    return [arb_mat(flint_matrix(w)) for w in weights], (None,) * (len(weights) - 1)


@pytest.mark.parametrize(
    ("problem", "start"),
    [
        (DeepLinearProblem.whitened(TARGET, hidden=[8]), "1e-12"),
        (DeepLinearProblem.matrix_completion([[2, 1], [1, 3]], [[1, 1], [0, 1]], hidden=[6]), "1e-6"),
        (DeepLinearProblem.whitened([[2, 1]], hidden=[5]), "1e-9"),
    ],
)
def test_the_narrow_network_has_the_flow_of_the_wide_one(problem, start, monkeypatch):
    narrow = flow(problem, start, digits=12)
    assert any(narrow.solution.frames)
    monkeypatch.setattr(solution_module, "reduced", unreduced)
    wide = flow(problem, start, digits=12)
    assert not any(wide.solution.frames)
    assert narrow.ranks == wide.ranks
    for a, b in zip(narrow.times(), wide.times(), strict=True):
        assert a.overlaps(b)
    for t in (0, float(wide.times()[0]) / 2, float(wide.times()[-1])):
        for mine, theirs in zip(narrow.weights(t), wide.weights(t), strict=True):
            a, b = (np.array([[float(x) for x in row] for row in w]) for w in (mine, theirs))
            assert a.shape == b.shape
            assert np.abs(a - b).max() < 1e-11 * (1 + np.abs(b).max())
    assert narrow.balancedness_drift() < 1e-11


def test_the_start_is_the_direction_given():
    problem = DeepLinearProblem.whitened(TARGET, hidden=[40])
    direction = gaussian_direction(problem, 3)
    found = flow(problem, "1e-10", digits=10, direction=direction)
    for mine, given in zip(found.weights(0), direction, strict=True):
        for row, other in zip(mine, given, strict=True):
            assert [float(x) * 1e10 for x in row] == pytest.approx(
                [float(q) for q in other], rel=1e-6, abs=1e-6
            )


def test_the_number_of_steps_does_not_grow_with_the_width():
    steps = {
        width: flow(DeepLinearProblem.whitened(TARGET, hidden=[width]), "1e-20", digits=12).steps
        for width in (6, 100)
    }
    assert steps[100] < 1.5 * steps[6]


def test_a_dependent_start_is_reduced_to_its_rank():
    """Two hidden neurons that start alike stay alike."""
    problem = DeepLinearProblem.whitened([[2, 0], [0, 1]], hidden=[4])
    direction = [[[1, 2], [3, -1], [1, 2], [3, -1]], [[1, 0, 1, 0], [0, 2, 0, 2]]]
    found = flow(problem, "1e-8", digits=10, direction=direction)
    W1 = found.weights(found.times()[0].decimal(8)[0])[0]
    assert [float(x) for x in W1[0]] == pytest.approx([float(x) for x in W1[2]], abs=1e-9)
    assert len(found.solution.frames[0][0]) == 2


def best_of_rank_one(target, mask, starts=200):
    """Alternating least squares from many starts: float, and independent of the package."""
    generator = np.random.default_rng(0)
    T, M = np.array(target, float), np.array(mask, float)
    best = (np.inf, 0.0)
    for _ in range(starts):
        u, v = generator.normal(size=4), generator.normal(size=4)
        for _ in range(400):
            u = (M * T) @ v / (M @ v**2)
            v = (M * T).T @ u / (M.T @ u**2)
        A = np.outer(u, v)
        if np.abs(A).max() < 1e3:
            best = min(best, (0.5 * float(np.sum(M * (A - T) ** 2)), float(np.abs(A).max())))
    return best


def test_a_run_away_says_nothing_of_other_valleys():
    target = [[-3, 3, -2, -3], [3, -1, -3, -1], [2, -1, 2, 0], [1, 0, -3, -1]]
    mask = [[1, 0, 1, 1], [1, 1, 1, 1], [1, 0, 0, 1], [0, 0, 1, 1]]
    path = greedy_path(DeepLinearProblem.matrix_completion(target, mask))
    assert path.stopped == "run-away"
    loss, size = best_of_rank_one(target, mask)
    assert loss == pytest.approx(11.0436, abs=1e-4)
    assert size < 6
    assert path.run_away.loss > loss + 0.2
    assert "no best matrix" not in path.run_away.finding
    assert "another matrix of rank 1 may have less loss" in path.run_away.finding
