"""Flows of three layers in float64, from which the first path and the greedy order are checked."""

import numpy as np
import pytest

from saddlesym import DeepLinearProblem, flow
from saddlesym.deep import AlignedMode
from saddlesym.deep.experiments.first_path import first_path_errors
from saddlesym.theorems.deep.reference import plain_layers
from saddlesym.theorems.deep.reference.plain_layers import first_path_gaps, plateaus, product, steps
from saddlesym.theorems.evidence.check import UndecidedError

COMPLETION = DeepLinearProblem.matrix_completion([[3, 1, 0], [1, 2, -1]], [[1, 1, 0], [1, 1, 1]], depth=3)


def test_a_scalar_chain_follows_the_closed_form():
    """a' = 3a^{4/3}(2 − a): the time in which a goes from 10^−3 to 1."""
    problem = DeepLinearProblem.whitened([[2]], depth=3)
    followed = list(steps(problem, [np.full((1, 1), 0.1)] * 3))
    assert product(followed[-1].layers)[0, 0] == pytest.approx(2, rel=1e-8)
    step = next(s for s in followed if product(s.layers)[0, 0] > 1)
    low, high = step.before, step.time
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if product(step.within(middle))[0, 0] < 1 else (low, middle)
    expected = AlignedMode.of(2, depth=3, alpha="0.1").half_time(20)
    assert high == pytest.approx(float(expected), rel=1e-7)


def test_plateaus_of_a_diagonal_target():
    found = plateaus(DeepLinearProblem.whitened([[2, 0], [0, 1]], depth=3), 1e-3, 0, 40.0)
    assert list(found) == [1, 2]
    assert np.allclose(found[1], [[2, 0], [0, 0]], atol=1e-6)
    assert np.allclose(found[2], [[2, 0], [0, 1]], atol=1e-6)


def test_plateaus_are_those_of_a_flow_of_arbitrary_precision():
    problem = DeepLinearProblem.whitened([[2, 1], [0, 1]], depth=3)
    exact = flow(problem, "1e-2", digits=12)
    found = plateaus(problem, 1e-2, 0, 40.0)
    for plateau in exact.plateaus:
        if plateau.rank:
            values = np.linalg.svd(found[plateau.rank], compute_uv=False)
            top = [float(x) for x in plateau.singular_values[: plateau.rank]]
            assert values[: plateau.rank] == pytest.approx(top, rel=1e-3)


def order(problem):
    """1 − s_2/s_1."""
    rows = [[float(x) for x in row] for row in problem.gradient_at_origin]
    values = np.linalg.svd(rows, compute_uv=False)
    return 1 - values[1] / values[0]


def test_first_path_gaps_fall_like_the_transverse_mode():
    for seed in range(3):
        gaps = first_path_gaps(COMPLETION, (1e-3, 1e-6), seed)
        assert gaps[1] < 0.02
        assert np.log10(gaps[0] / gaps[1]) / 3 > order(COMPLETION) - 0.1


@pytest.mark.long
def test_first_path_errors_of_three_layers_in_arbitrary_precision():
    large, small = first_path_errors(COMPLETION, ("1e-3", "1e-6"), digits=12)
    assert np.log10(large.error / small.error) / 3 == pytest.approx(order(COMPLETION), abs=0.02)


def test_a_flow_without_end_is_undecided(monkeypatch):
    monkeypatch.setattr(plain_layers, "_STEPS", 50)
    with pytest.raises(UndecidedError, match="50 steps"):
        list(steps(DeepLinearProblem.whitened([[1]], depth=3), [np.full((1, 1), 1e-3)] * 3))
