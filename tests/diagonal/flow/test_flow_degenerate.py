"""Flows of degenerate data: dependent columns, vanishing gradients, targets of very different size."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from flint import fmpq_mat

from saddlesym import DiagonalProblem
from saddlesym.diagonal.flow.many_layers.flow import deep_flow
from saddlesym.diagonal.flow.two_layers.flow import flow
from saddlesym.diagonal.flow.two_layers.jumps import stillest_points
from saddlesym.errors import BudgetError, DegenerateProblemError
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq


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
    found = flow(DiagonalProblem(X, y), alpha, digits=8)
    assert found.settled
    assert len(found.jumps) == 1
    assert all(
        abs(float(b) - Fraction(exact)) < 1e-5 for b, exact in zip(found.final_beta, beta, strict=True)
    )


@pytest.mark.parametrize("X", [[[-1, -1], [-1, 0]], [[-2, -1], [-1, 0]], [[2, 2], [-1, 0]]])
def test_flows_without_strict_complementarity_end_with_beta_proved(X):
    problem = DiagonalProblem(X, [-1, 0] if X[0][0] < 0 else [2, 0])
    found = flow(problem, "1e-50", digits=12)
    limit = [0, 1]  # the interpolator: residual and gradient vanish
    assert not any(problem.gradient(limit))
    assert not found.settled
    assert found.steps < 1000
    for b, change, exact in zip(found.final_beta, found.later_changes, limit, strict=True):
        assert float(change) < 1e-12
        assert abs(b.arb - exact) <= change.arb + b.arb.rad()


@pytest.mark.parametrize(
    ("X", "y", "times"),
    [
        # |z| grows from 0 to ½ ln(2|β|/α²) at the speed |gradient|, here y/n
        ([[1, 0], [0, 1]], [1, "1e-9"], [2, 1.55e9]),
        ([[1, 0], [0, 1]], [1, "1e-17"], [2, 1.15e17]),
        ([[2, 0], [0, 1]], [1, "-1e-12"], [None, 1.4e12]),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, "1e-8", "1e-8"], [3, 2.4e8]),
        ([[3, 1], [1, 2]], [1, "0.33333333333333331"], [None, 6.15e16]),
    ],
)
def test_jumps_after_dwells_far_longer_than_the_path_so_far_are_found(X, y, times):
    problem = DiagonalProblem(X, y)
    found = flow(problem, "1e-20", digits=12)
    assert found.settled
    assert not found.slowing
    assert found.steps < 400
    assert len(found.jumps) == len(times)
    for time, expected in zip(found.times(), times, strict=True):
        assert expected is None or float(time) == pytest.approx(expected, rel=0.01)
    M = fmpq_mat(len(X[0]), len(X[0]), [to_fmpq(q) for row in problem.M for q in row])
    limit = M.solve(fmpq_mat(len(X[0]), 1, [to_fmpq(q) for q in problem.r])).entries()
    assert all(abs(b.arb - exact) < 1e-12 for b, exact in zip(found.final_beta, limit, strict=True))


@pytest.mark.parametrize(
    ("X", "y", "alpha", "beta"),
    [
        ([[-2, 0, 2], [-1, -2, 1]], [0, 1], "1e-8", [0, "-1/2", 0]),
        ([[-1, 2, 0], [2, -1, -1], [3, -1, 1]], [2, -2, 0], "1e-10", [0, 1, 1]),
        ([[-1, 2, 0], [2, -1, -1], [3, -1, 1]], [2, -2, 0], "1e-20", [0, 1, 1]),
    ],
)
def test_slow_motions_of_coordinates_that_vanish_end(X, y, alpha, beta):
    found = flow(DiagonalProblem(X, y), alpha, digits=12)
    assert found.settled or found.slowing
    assert found.steps < 400
    assert all(
        abs(float(b) - Fraction(exact)) < 1e-8 for b, exact in zip(found.final_beta, beta, strict=True)
    )


@pytest.mark.long
def test_slow_unknowns_that_drown_in_floats_are_followed():
    X = [[-1, -3, 1, -1, 3], [1, -3, 1, -1, -1], [0, -3, 1, -1, 3]]
    found = flow(DiagonalProblem(X, [0, 3, "3e-17"]), "1e-19", digits=10, max_steps=400)
    assert found.settled
    assert abs(float(found.final_beta[0]) - 3e-17) < 1e-25


def test_refusals_name_the_clock_of_their_times():
    with pytest.raises(BudgetError, match=r"30 steps reached only accelerated time t = 0\.\d+"):
        flow(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), "1e-20", digits=12, max_steps=30, leaps=False)
    with pytest.raises(BudgetError, match="3 steps reached only accelerated time t = "):
        deep_flow(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), max_steps=3, depth=3, alpha="1e-10", digits=10)


def test_what_lies_below_the_noise_is_no_plateau():
    speed = [0.0, 30.0, 3.0, 29.0, 28.0, 29.5, 1.0]
    assert [i for i, _ in stillest_points(speed)] == [0, 2, 6]
    assert [i for i, _ in stillest_points(speed, noise=[0, 0, 28, 28, 0, 0, 0])] == [0, 6]


def degenerate(rng: random.Random) -> tuple[list[list[int]], list[Fraction], str, int]:
    """Ties, dependent, equal, opposite and zero columns, and targets of very different size."""
    n, d = rng.choice([(rng.randint(1, 5), rng.randint(1, 5))] * 6 + [(2, 9), (9, 2), (1, 6), (6, 1)])
    X = [[rng.randint(-3, 3) for _ in range(d)] for _ in range(n)]
    kind, i, j = rng.randrange(7), rng.randrange(d), rng.randrange(d)
    for row in X:
        if kind == 0 and i != j:
            row[j] = -row[i]
        elif kind == 1:
            row[j] = row[i]
        elif kind == 2:
            row[j] = 0
        elif kind == 3 and d > 2:
            row[2] = row[0] + row[1]
        elif kind == 4 and d > 1:
            row[1] = 2 * row[0]
    sizes = [0] if rng.random() < 0.4 else [0, 0, -17, -9, 9, 17]
    y = [rng.choice([0, 0, 1, -1, 2, -2, 3]) * Fraction(10) ** rng.choice(sizes) for _ in range(n)]
    if kind == 5:  # interpolated by few columns
        beta = [rng.choice([0, 1, -1]) for _ in range(d)]
        y = [Fraction(sum(p * q for p, q in zip(row, beta, strict=True))) for row in X]
    if kind == 6 and n > 1:
        X[1], y[1] = list(X[0]), -y[0]
    return X, y, f"1e-{rng.randint(3, 20)}", rng.randint(8, 20)


def ends(seed: str) -> None:
    X, y, alpha, digits = degenerate(random.Random(seed))
    problem = DiagonalProblem(X, y)
    if not any(problem.r):
        with pytest.raises(DegenerateProblemError):
            flow(problem, alpha, digits=digits)
        return
    found = flow(problem, alpha, digits=digits, max_steps=2000)
    assert found.settled != found.slowing
    # the gradient has come down to what β's digits let through, or to 1/T
    start = max(abs(float(r)) for r in problem.r)
    last = max(abs(float(found.form.moment(found.solution.end_time))), 1e-300)
    with workprec(400):
        slopes = found.form.slope([b.arb.mid() for b in found.final_beta])
        size = 1 + max(abs(float(b)) for b in found.final_beta)
        assert all(float(abs(s).lower()) < 1e-6 * start * size + 100 / last for s in slopes)


@pytest.mark.parametrize("k", range(25))
def test_degenerate_flows_end(k):
    ends(f"few/{k}")


@pytest.mark.long
@pytest.mark.parametrize("k", range(500))
def test_many_degenerate_flows_end(k):
    ends(f"many/{k}")
