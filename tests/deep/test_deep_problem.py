"""Deep linear networks: cost and problem, exact against plain sums and differences."""

from __future__ import annotations

import json
import pickle
import random
from fractions import Fraction

import pytest

from saddlesym import BadInputError, DeepLinearProblem, examples
from saddlesym.data.table import read_matrix
from saddlesym.deep import QuadraticCost
from saddlesym.exact.linear.matrices import exact_matrix

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
MASK = [[1, 1, 0], [1, 0, 1], [0, 1, 1]]


def random_matrix(seed: int, rows: int, columns: int) -> list[list[Fraction]]:
    generator = random.Random(seed)
    return [
        [Fraction(generator.randint(-9, 9), generator.randint(1, 5)) for _ in range(columns)]
        for _ in range(rows)
    ]


def costs() -> list[QuadraticCost]:
    X, Y = random_matrix(1, 3, 5), random_matrix(2, 2, 5)
    return [
        QuadraticCost.whitened(TARGET),
        QuadraticCost.matrix_completion(TARGET, MASK),
        QuadraticCost.squared_error(X, Y),
        QuadraticCost([[1, 0], [1, 1]], [[2, 0], [0, 3]], [[1, 0], [2, -1]], "1/7"),
    ]


def test_each_cost_is_the_sum_that_defines_it():
    A = random_matrix(3, 3, 3)
    squares = [[(a - b) ** 2 for a, b in zip(p, q, strict=True)] for p, q in zip(A, TARGET, strict=True)]
    assert QuadraticCost.whitened(TARGET).value(A) == sum(map(sum, squares)) / 2
    seen = sum(
        q for row, mask in zip(squares, MASK, strict=True) for q, m in zip(row, mask, strict=True) if m
    )
    assert QuadraticCost.matrix_completion(TARGET, MASK).value(A) == seen / 2

    X, Y, A = random_matrix(1, 3, 5), random_matrix(2, 2, 5), random_matrix(4, 2, 3)
    errors = [sum(A[i][k] * X[k][n] for k in range(3)) - Y[i][n] for i in range(2) for n in range(5)]
    assert QuadraticCost.squared_error(X, Y).value(A) == sum(e * e for e in errors) / 10


@pytest.mark.parametrize("cost", costs(), ids=lambda cost: cost.name)
def test_the_gradient_is_the_central_difference_exactly(cost):
    n_out, n_in = cost.shape
    A = random_matrix(5, n_out, n_in)
    gradient = cost.gradient(A)
    for i in range(n_out):
        for j in range(n_in):
            plus, minus = ([row[:] for row in A] for _ in range(2))
            plus[i][j] += 1
            minus[i][j] -= 1
            assert gradient[i][j] == (cost.value(plus) - cost.value(minus)) / 2  # exact for a quadratic


@pytest.mark.parametrize("widths", [(3, 3, 3), (3, 2, 3), (3, 1, 4, 3), (3, 4, 2, 1, 3)])
def test_the_gradient_of_each_layer_is_the_derivative_of_the_loss(widths):
    problem = DeepLinearProblem(QuadraticCost.matrix_completion(TARGET, MASK), widths)
    W = [random_matrix(10 + k, *shape) for k, shape in enumerate(problem.shapes)]
    gradient = problem.gradient(W)
    for k, (rows, columns) in enumerate(problem.shapes):
        assert (len(gradient[k]), len(gradient[k][0])) == (rows, columns)
        for i, j in {(0, 0), (rows - 1, columns - 1)}:
            losses = []
            for step in (1, -1):  # the loss is quadratic in one entry
                moved = [[row[:] for row in w] for w in W]
                moved[k][i][j] += step
                losses.append(problem.loss(moved))
            assert gradient[k][i][j] == (losses[0] - losses[1]) / 2


def test_widths_defaults_and_examples():
    assert DeepLinearProblem.whitened([[1, 2, 3]]).widths == (3, 1, 1)
    assert DeepLinearProblem.whitened(TARGET, depth=4, hidden=5).widths == (3, 5, 5, 5, 3)
    assert DeepLinearProblem.whitened(TARGET, hidden=[2, 7]).depth == 3
    problem = DeepLinearProblem.whitened(TARGET, (3, 2, 3))
    assert (problem.depth, problem.hidden, problem.max_rank) == (2, (2,), 2)
    assert set(examples("matrix")) == {"svd-3x3", "completion-3x3"}
    shipped = DeepLinearProblem.from_csv("completion-3x3", depth=3)
    assert shipped.cost == QuadraticCost.matrix_completion(TARGET, MASK)
    assert DeepLinearProblem.from_csv("svd-3x3").cost.target == exact_matrix(TARGET, "A")
    assert all(g == -b for g, b in zip(shipped.gradient_at_origin[0], (3, 1, 0), strict=True))


def test_round_trips(tmp_path):
    for cost in costs():
        n_out, n_in = cost.shape
        problem = DeepLinearProblem(cost, (n_in, 2, n_out))
        problem.gradient([random_matrix(1, 2, n_in), random_matrix(2, n_out, 2)])  # fills the caches
        again = DeepLinearProblem.from_dict(json.loads(json.dumps(problem.to_dict())))
        assert again == problem == pickle.loads(pickle.dumps(problem))
        assert hash(again) == hash(problem)
    file = tmp_path / "row.csv"
    file.write_text("0.1, 2/3\n")
    assert exact_matrix(read_matrix(file).rows, "A") == ((Fraction(1, 10), Fraction(2, 3)),)
    assert DeepLinearProblem.from_csv(file).cost.shape == (1, 2)


def test_any_cost_of_the_whitened_form_is_known_as_such():
    X = [[1, 1], [1, -1]]  # XXᵀ/N = I
    assert QuadraticCost.squared_error(X, [[2, 3]]).is_whitened
    assert QuadraticCost.matrix_completion(TARGET, [[1] * 3] * 3).is_whitened
    assert not QuadraticCost.matrix_completion(TARGET, MASK).is_whitened
    assert not QuadraticCost.squared_error([[1, 2]], [[1, 1]]).is_whitened


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: QuadraticCost.whitened([[1, float("nan")]]), "not finite"),
        (lambda: QuadraticCost.whitened([[1, 2], [3]]), "rows of equal length"),
        (lambda: QuadraticCost.whitened([1, 2]), "two-dimensional"),
        (lambda: QuadraticCost.whitened([[]]), "empty"),
        (lambda: QuadraticCost.matrix_completion(TARGET, [[1, 1], [1, 1]]), "the mask is 2 × 2"),
        (lambda: QuadraticCost.matrix_completion([[1, 2]], [[1, "1/2"]]), r"mask\[0\]\[1\] is 1/2"),
        (lambda: QuadraticCost.matrix_completion([[1]], 1), "two-dimensional"),
        (lambda: QuadraticCost.squared_error([[1, 2]], [[1]]), "X has 2 columns but Y has 1"),
        (lambda: QuadraticCost([[1, 1]], [[1, 2], [2, 1]], [[1, 1]], 0), "negative eigenvalue"),
        (lambda: QuadraticCost([[1, 1]], [[1, 1], [0, 1]], [[1, 1]], 0), "not symmetric"),
        (lambda: QuadraticCost([[1, 0]], [[2, 1], [1, 2]], [[1, 0]], 0), "not diagonal"),
        (lambda: QuadraticCost([[1, 1]], [[1, 0], [0, 0]], [[1, 1]], 0), "no minimum"),
        (lambda: QuadraticCost([[1, 0]], [[1, 0], [0, 1]], [[1, 1]], 0), "no minimum"),
        (lambda: DeepLinearProblem.whitened(TARGET, (3, 3)), "three at least"),
        (lambda: DeepLinearProblem.whitened(TARGET, (2, 3, 3)), "begin with 3 and end with 3"),
        (lambda: DeepLinearProblem.whitened(TARGET, (3, 0, 3)), "positive whole number"),
        (lambda: DeepLinearProblem.whitened(TARGET, (3, True, 3)), "positive whole number"),
        (lambda: DeepLinearProblem.whitened(TARGET, depth=1), "2 or more layers"),
        (lambda: DeepLinearProblem.whitened(TARGET, depth=2, hidden=[1, 2]), "2 hidden widths for depth 2"),
        (lambda: DeepLinearProblem.whitened(TARGET, (3, 3, 3), depth=2), "either all widths"),
        (lambda: DeepLinearProblem.whitened([[1]]).loss([[[1]]]), "1 weight matrices"),
        (lambda: DeepLinearProblem.whitened([[1]]).loss([[[1]], [[1, 2]]]), "W_2 is 1 × 2"),
        (lambda: QuadraticCost.whitened(TARGET).value([[1]]), "A is 1 × 1"),
        (lambda: DeepLinearProblem.from_csv("diabetes"), "is an example for diagonal linear networks"),
        (lambda: DeepLinearProblem.from_csv("nowhere.csv"), "completion-3x3, svd-3x3"),
    ],
)
def test_bad_input_is_one_clear_line(make, message):
    with pytest.raises(BadInputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
