"""Flows of degenerate data: dependent columns, vanishing gradients, targets of very different size."""

from __future__ import annotations

from fractions import Fraction

import pytest

from saddlesym import DiagonalProblem
from saddlesym.diagonal.flow import flow
from saddlesym.diagonal.plateaus import stillest_points


@pytest.mark.parametrize(
    ("X", "y", "alpha", "beta"),
    [
        ([[-1, 1, -1], [-1, 1, 1]], [-1, -1], "1e-3", ["1/2", "-1/2", 0]),
        ([[-1, -1, -1], [1, 1, -1]], [1, 1], "1e-8", [0, 0, -1]),
        ([[1, 1], [2, 2]], [1, 2], "1e-8", ["1/2", "1/2"]),
        ([[1, -1]], [2], "1e-6", [1, -1]),
        ([[1, 0, 0], [0, 1, 1]], [1, 0], "1e-8", [1, 0, 0]),
    ],
)
def test_dependent_columns_reach_their_digits(X, y, alpha, beta):
    found = flow(DiagonalProblem(X, y), alpha, 8)
    assert found.settled
    assert len(found.jumps) == 1
    assert all(
        abs(float(b) - Fraction(exact)) < 1e-5 for b, exact in zip(found.final_beta, beta, strict=True)
    )


@pytest.mark.parametrize("X", [[[-1, -1], [-1, 0]], [[-2, -1], [-1, 0]], [[2, 2], [-1, 0]]])
def test_flows_without_strict_complementarity_end_with_beta_proved(X):
    problem = DiagonalProblem(X, [-1, 0] if X[0][0] < 0 else [2, 0])
    found = flow(problem, "1e-50", 12)
    limit = [0, 1]  # the interpolator: residual and gradient vanish
    assert not any(problem.gradient(limit))
    assert not found.settled
    assert found.steps < 1000
    for b, change, exact in zip(found.final_beta, found.later_changes, limit, strict=True):
        assert float(change) < 1e-12
        assert abs(b.arb - exact) <= change.arb + b.arb.rad()


@pytest.mark.parametrize(
    ("X", "y"), [([[1, 0], [0, 1]], [1, "1e-17"]), ([[3, 1], [1, 2]], [1, "0.33333333333333331"])]
)
def test_dwells_far_longer_than_the_path_so_far_end(X, y):
    problem = DiagonalProblem(X, y)
    found = flow(problem, "1e-20", 12)
    assert found.steps < 400
    assert found.settled or all(float(x) < 1e-12 for x in found.later_changes)
    (a, b), (c, e), (p, q) = *X, problem.y
    limit = (p * e - b * q) / (a * e - b * c), (a * q - c * p) / (a * e - b * c)
    assert all(abs(float(b) - float(exact)) < 1e-12 for b, exact in zip(found.final_beta, limit, strict=True))


def test_what_lies_below_the_noise_is_no_plateau():
    speed = [0.0, 30.0, 3.0, 29.0, 28.0, 29.5, 1.0]
    assert [i for i, _ in stillest_points(speed)] == [0, 2, 6]
    assert [i for i, _ in stillest_points(speed, noise=[0, 0, 28, 28, 0, 0, 0])] == [0, 6]
