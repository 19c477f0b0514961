"""Saddles of deep linear networks against their definition: gradients and Hessians of the loss."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest

from saddlesym import BadInputError, BudgetError, DeepLinearProblem, DegenerateProblemError, saddles
from saddlesym.deep import critical_set, width_limited_minimum

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
WIDE = [[2, 1, 0, 1], [0, 1, -1, 3]]
TALL = [[1, 2], [0, 1], [3, -1], [1, 1]]
RANK_ONE = [[1, 2, 0], [2, 4, 0]]
TWICE = [[2, 0, 0, 0], [0, 0, 2, 0], [0, 1, 0, 0]]  # 2, 2, 1
EQUAL = [[0, 1], [-1, 0]]

CASES = [
    (TARGET, (3, 3, 3)),
    (TARGET, (3, 5, 3)),
    (TARGET, (3, 1, 3)),
    (WIDE, (4, 2, 2)),
    (TALL, (2, 4, 4)),
    (RANK_ONE, (3, 3, 2)),
    (TWICE, (4, 3, 3)),
    (EQUAL, (2, 3, 2)),
    (TARGET, (3, 3, 3, 3)),
    (WIDE, (4, 3, 2, 2)),
    (RANK_ONE, (3, 2, 4, 2)),
    (TWICE, (4, 2, 3, 3)),
    (EQUAL, (2, 2, 2, 2, 2)),
    ([[2, 0], [0, 1]], (2, 2, 3, 2, 2)),
]


def loss(target, weights):
    product = np.eye(target.shape[1])
    for w in weights:
        product = w @ product
    return ((product - target) ** 2).sum() / 2


def balanced(saddle):
    """The balanced critical point in floats, from NumPy's own singular vectors."""
    target = np.array(saddle.problem.cost.B, float)
    u, s, vt = np.linalg.svd(target)
    L, shapes = saddle.problem.depth, saddle.problem.shapes
    weights = [np.zeros(shape) for shape in shapes]
    for unit, mode in enumerate(saddle.modes):
        for layer, w in enumerate(weights, 1):
            left = u[:, mode] if layer == L else np.eye(shapes[layer - 1][0])[unit]
            right = vt[mode] if layer == 1 else np.eye(shapes[layer - 1][1])[unit]
            np.add(w, s[mode] ** (1 / L) * np.outer(left, right), out=w)
    return target, weights


def hessian(target, weights):
    """Second derivatives of the loss by complex-free central differences of its exact gradient."""

    def gradient(flat):
        parts, at = [], 0
        for w in weights:
            parts.append(flat[at : at + w.size].reshape(w.shape))
            at += w.size
        below = [np.eye(target.shape[1])]
        for w in parts:
            below.append(w @ below[-1])
        slope, out = below[-1] - target, []
        for w, under in zip(reversed(parts), reversed(below[:-1]), strict=True):
            out.append((slope @ under.T).ravel())
            slope = w.T @ slope
        return np.concatenate(out[::-1])

    flat = np.concatenate([w.ravel() for w in weights])
    step = 1e-5
    columns = [
        (gradient(flat + step * e) - gradient(flat - step * e)) / (2 * step) for e in np.eye(flat.size)
    ]
    assert np.abs(gradient(flat)).max() < 1e-9  # it is a critical point
    return (np.array(columns) + np.array(columns).T) / 2


@pytest.mark.parametrize(("target", "widths"), CASES)
def test_index_nullity_and_strictness_are_those_of_the_numerical_hessian(target, widths):
    problem = DeepLinearProblem.whitened(target, widths)
    best = min(float(s.loss()) for s in saddles(problem))
    for saddle in saddles(problem):
        matrix, weights = balanced(saddle)
        assert loss(matrix, weights) == pytest.approx(float(saddle.loss()), abs=1e-9)
        eigenvalues = np.linalg.eigvalsh(hessian(matrix, weights))
        negative, zero = (eigenvalues < -1e-6).sum(), (abs(eigenvalues) <= 1e-6).sum()
        assert (saddle.morse_index, saddle.nullity) == (negative, zero), saddle
        assert saddle.is_minimum == (float(saddle.loss()) < best + 1e-9)
        expected = "minimum" if saddle.is_minimum else "strict" if negative else "non-strict"
        assert saddle.strictness == expected


def test_eigenvalues_are_those_of_the_stated_blocks():
    """Not only their signs: the block of s ∈ S, j ∉ S has σ_s^{1−2/L}(σ_s ± σ_j)."""
    for L in (2, 3, 4):
        problem = DeepLinearProblem.whitened([[3, 0], [0, 5]], depth=L)
        saddle = critical_set(problem, [0, 1])  # the lesser value, 3
        eigenvalues = np.linalg.eigvalsh(hessian(*balanced(saddle)))
        for expected in (3 ** (1 - 2 / L) * (3 - 5), 3 ** (1 - 2 / L) * (3 + 5), L * 3 ** (2 - 2 / L)):
            assert np.abs(eigenvalues - expected).min() < 1e-6


def test_at_depth_two_every_saddle_is_strict_and_deeper_ones_only_out_of_order():
    for target, widths in CASES:
        for saddle in saddles(DeepLinearProblem.whitened(target, widths)):
            if saddle.is_minimum:
                continue
            if len(widths) == 3:
                assert saddle.strictness == "strict"
            else:
                assert (saddle.strictness == "strict") == (not saddle.is_top)
    unbalanced = [np.zeros((3, 3)), np.eye(3), np.zeros((3, 3))]  # the same A = 0 as at the origin
    assert np.linalg.eigvalsh(hessian(np.array(TARGET, float), unbalanced))[0] < -3
    origin = next(saddles(DeepLinearProblem.whitened(TARGET, depth=3)))
    assert (origin.strictness, origin.morse_index, origin.nullity) == ("non-strict", 0, 27)


def test_critical_values_are_the_sums_of_modes_and_their_losses_exact():
    problem = DeepLinearProblem.whitened(TARGET)
    found = list(saddles(problem))
    assert [s.modes for s in found] == [S for k in range(4) for S in combinations(range(3), k)]
    u, s, vt = np.linalg.svd(np.array(TARGET, float))
    for saddle in found:
        S = list(saddle.modes)
        expected = (u[:, S] * s[S]) @ vt[S]
        values = np.array([[float(x) for x in row] for row in saddle.value()])
        assert np.allclose(values, expected, atol=1e-12)
    assert [x.rational_loss for x in found if x.rational_loss is not None] == [Fraction(17, 2), 0]
    assert float(found[1].sympy_loss().evalf(40)) == pytest.approx(float(found[1].loss(40)), abs=1e-30)
    assert found[1].loss(80).digits >= 79


def test_the_minimum_is_the_truncation_that_the_widths_allow():
    for hidden, modes in ((1, (0,)), (2, (0, 1)), (3, (0, 1, 2)), (7, (0, 1, 2))):
        problem = DeepLinearProblem.whitened(TARGET, hidden=hidden)
        least = width_limited_minimum(problem)
        assert least.modes == modes
        assert [s for s in saddles(problem) if s.is_minimum] == [least]
    assert width_limited_minimum(DeepLinearProblem.whitened(TARGET, hidden=[3, 1, 3])).rank == 1
    tied = width_limited_minimum(DeepLinearProblem.whitened(EQUAL, hidden=1))
    assert (tied.dimension, tied.rational_loss) == (1, Fraction(1, 2))


def test_repeated_singular_values_make_families():
    problem = DeepLinearProblem.whitened(TWICE, (4, 3, 3))
    found = {s.counts: s for s in saddles(problem)}
    assert set(found) == {(a, b) for a in range(3) for b in range(2)}
    family = found[1, 0]
    assert (family.dimension, family.modes, family.rational_loss) == (1, (0,), Fraction(5, 2))
    with pytest.raises(DegenerateProblemError, match="family of dimension 1"):
        family.value()
    whole = found[2, 0].value()
    assert [[round(float(x), 12) for x in row] for row in whole] == [[2, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 0]]
    with pytest.raises(DegenerateProblemError, match="vectors are not determined"):
        found[2, 0].weights()


@pytest.mark.parametrize("widths", [(3, 4, 3), (3, 3, 2, 3)])
def test_weights_multiply_to_the_value_and_are_balanced(widths):
    problem = DeepLinearProblem.whitened(TARGET, widths)
    for saddle in saddles(problem):
        W = [np.array([[float(x) for x in row] for row in w]) for w in saddle.weights()]
        product = W[0]
        for w in W[1:]:
            product = w @ product
        assert np.allclose(product, [[float(x) for x in row] for row in saddle.value()], atol=1e-12)
        for below, above in pairwise(W):
            assert np.allclose(above.T @ above, below @ below.T, atol=1e-12)


def test_other_forms_of_the_whitened_cost_keep_their_constant():
    X = [[1, 1, 1, 1], [1, -1, 1, -1]]  # XXᵀ/N = I
    Y = [[3, 1, 1, 2]]
    problem = DeepLinearProblem.squared_error(X, Y)
    least = width_limited_minimum(problem)
    entries = problem.cost.B
    assert least.rational_loss == problem.cost.value(entries) > 0
    assert DeepLinearProblem.whitened([[0, 0]]).cost.is_whitened
    only = list(saddles(DeepLinearProblem.whitened([[0, 0]])))
    assert [(s.modes, s.is_minimum, s.rational_loss) for s in only] == [((), True, 0)]


def test_documents_and_refusals():
    problem = DeepLinearProblem.whitened(TARGET)
    document = json.loads(json.dumps(critical_set(problem, [1, 0, 1]).to_dict(20)))
    assert document["modes"] == [0, 2]
    assert document["exact_loss"] is None
    with pytest.raises(DegenerateProblemError, match="completion cost"):
        saddles(DeepLinearProblem.from_csv("completion-3x3"))
    with pytest.raises(BudgetError, match="8 sets of modes"):
        saddles(problem, max_sets=7)
    assert len(list(saddles(problem, max_rank=1, max_sets=7))) == 4
    for counts in ([1, 1], [2, 0, 0], [-1, 0, 0], [True, 0, 0]):
        with pytest.raises(BadInputError, match="counts"):
            critical_set(problem, counts)
    with pytest.raises(BadInputError, match="1 in all"):
        critical_set(DeepLinearProblem.whitened(TARGET, hidden=1), [1, 1, 0])
