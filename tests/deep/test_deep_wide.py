"""Wide random networks in the hidden directions that count: the law of all that is left, at any width."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import ks_2samp

from saddlesym.deep.experiments.distances import _range, _two_dead_layers, distances
from saddlesym.deep.experiments.wide import wide_network
from saddlesym.errors import BadInputError

TARGET = np.array([[1.0, 0.5], [0.0, 1.0]])


def full(depth, width, generator, target_shape=(2, 2)):
    """All weights, drawn one by one: (W_1, …, W_L)."""
    n_out, n_in = target_shape
    sizes = [n_in, *[width] * (depth - 1), n_out]
    return [generator.standard_normal((b, a)) for a, b in pairwise(sizes)]


def words(layers):
    """Squared norms of words in the layers that lead from the inputs or outputs through all directions."""
    up = reduce(lambda below, w: w @ below, layers[:-1])
    down = reduce(lambda above, w: w.T @ above, reversed(layers[1:]), np.eye(len(layers[-1])))
    there_and_back = layers[1].T @ (layers[1] @ layers[0])
    inner = layers[-2] @ (layers[-2].T @ layers[-1].T)
    through = reduce(lambda below, w: w @ below, layers)
    return [float(np.sum(x * x)) for x in (up, down, there_and_back, inner, through)]


@pytest.mark.parametrize(("depth", "width"), [(2, 9), (3, 20), (4, 70)])
def test_moments_are_those_of_full_matrices(depth, width):
    a, b = np.random.default_rng(1), np.random.default_rng(2)
    n = 1000
    drawn = np.array([words(wide_network((2, 3), width, depth, a).layers) for _ in range(n)])
    plain = np.array([words(full(depth, width, b, (2, 3))) for _ in range(n)])
    error = np.sqrt((drawn.var(0) + plain.var(0)) / n)
    assert (np.abs(drawn.mean(0) - plain.mean(0)) < 4 * error).all()
    assert (error < 0.06 * plain.mean(0)).all()
    assert (np.abs(drawn.std(0) / plain.std(0) - 1) < 0.25).all()


def test_great_widths_have_the_norms_of_the_law_of_large_numbers():
    """E tr (W_1ᵀW_2ᵀW_2W_1) = n_0 w² and E ‖W_2ᵀW_2W_1‖² = n_0 w²(2w + 1), with fluctuations of w^{−1/2}."""
    w = 2**50
    up, down, back, _, _ = words(wide_network((2, 3), w, 3, np.random.default_rng(0)).layers)
    assert up == pytest.approx(3 * w**2, rel=1e-6)
    assert down == pytest.approx(2 * w**2, rel=1e-6)
    assert back == pytest.approx(3 * w**2 * (2 * w + 1), rel=1e-6)


def test_distances_have_the_law_of_those_of_full_networks():
    a, b = np.random.default_rng(3), np.random.default_rng(4)
    width, scale, found = 30, 30**-0.45, []
    for _ in range(80):
        drawn = wide_network((2, 2), width, 3, a)
        weights, norms = drawn.scaled(scale)
        found.append(
            (distances(weights, TARGET, norms), distances([scale * w for w in full(3, width, b)], TARGET))
        )
    for quantity in ("minima", "saddles"):
        pair = [[getattr(d, quantity).upper for d in column] for column in zip(*found, strict=True)]
        assert ks_2samp(*pair).pvalue > 0.01


def test_a_step_in_the_directions_drawn_is_a_step_of_the_whole_network():
    """The same two layers, and padded with zero neurons: equal distances."""
    weights, norms = wide_network((2, 2), 2**40, 2, np.random.default_rng(5)).scaled(2**-18)
    padded = [np.vstack([weights[0], np.zeros((6, 2))]), np.hstack([weights[1], np.zeros((2, 6))])]
    here, there = distances(weights, TARGET, norms), distances(padded, TARGET)
    assert here.minima.upper == pytest.approx(there.minima.upper, rel=1e-9)
    assert here.saddles.upper == pytest.approx(there.saddles.upper, rel=1e-9)
    assert here.minima.lower == pytest.approx(there.minima.lower, rel=1e-9)


def test_one_more_sweep_changes_the_distances_little():
    for gamma, close in ((0.85, 1e-6), (1.1, 3e-3), (2.0, 1e-6)):
        two, three = (
            wide_network((2, 2), 2**40, 3, np.random.default_rng(6), sweeps).scaled(2 ** (-20 * gamma))
            for sweeps in (2, 3)
        )
        far = [distances(weights, TARGET, norms).minima.upper for weights, norms in (two, three)]
        assert far[1] == pytest.approx(far[0], rel=close)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_narrow_networks_are_drawn_as_a_whole(depth):
    net = wide_network((2, 2), 3, depth, np.random.default_rng(0))
    assert [len(w) for w in net.layers[:-1]] == [3] * (depth - 1)
    assert net.norms == pytest.approx([np.linalg.norm(w, 2) for w in net.layers])


def test_norms_bound_the_layers_of_full_networks():
    for width in (40, 100):
        (bound,) = wide_network((2, 2), width, 3, np.random.default_rng(0)).norms[1:2]
        drawn = [np.linalg.norm(full(3, width, np.random.default_rng(s))[1], 2) for s in range(20)]
        assert max(drawn) < bound < 2 * max(drawn)


def test_bad_input_is_named():
    for shape, width, depth, sweeps in (
        ((0, 1), 4, 2, 1),
        ((1, 1), 0, 2, 1),
        ((1, 1), 4, 1, 1),
        ((1, 1), 4, 2, 0),
    ):
        with pytest.raises(BadInputError, match="two layers"):
            wide_network(shape, width, depth, np.random.default_rng(0), sweeps)
    with pytest.raises(BadInputError, match="3 norms"):
        distances([np.ones((2, 2))] * 2, TARGET, [1.0, 1.0, 1.0])


def test_two_dead_layers_are_a_saddle_of_scalar_networks():
    """Of numbers w_1, …, w_L any two may vanish: the nearest saddle loses the two smallest."""
    generator = np.random.default_rng(5)
    for depth in (2, 3, 4, 5):
        for _ in range(6):
            numbers = generator.normal(size=depth) * 10.0 ** generator.integers(-2, 2, size=depth)
            found = distances([[[x]] for x in numbers], [[1.0]])
            nearest = float(np.hypot(*np.sort(np.abs(numbers))[:2]))
            assert found.saddles.lower <= nearest * (1 + 1e-12)
            assert found.saddles.upper == pytest.approx(nearest, rel=1e-12)
    issue = distances([[[1.0]], [[0.1]], [[1.0]]], [[1.0]])
    assert issue.saddles.upper == pytest.approx(1.01**0.5, rel=1e-14)


def test_the_step_to_two_dead_layers_ends_at_a_critical_point():
    generator = np.random.default_rng(6)
    sizes = [3, 4, 5, 4, 2]
    weights = [generator.normal(size=(m, n)) * 0.5 for n, m in pairwise(sizes)]
    target = generator.normal(size=(2, 3))
    best = np.inf
    for low in range(4):
        for high in range(low + 1, 4):
            moved = [w.copy() for w in weights]
            below = reduce(lambda a, w: w @ a, weights[:low], np.eye(3))
            above = reduce(lambda a, w: w.T @ a, reversed(weights[high + 1 :]), np.eye(2))
            moved[low] = moved[low] - moved[low] @ _range(below) @ _range(below).T
            moved[high] = moved[high] - _range(above) @ _range(above).T @ moved[high]
            products = [reduce(lambda a, w: w @ a, moved[:k], np.eye(3)) for k in range(5)]
            uppers = [reduce(lambda a, w: w.T @ a, reversed(moved[k + 1 :]), np.eye(2)) for k in range(4)]
            for k in range(4):
                gradient = uppers[k] @ (products[4] - target) @ products[k].T
                assert np.abs(gradient).max() < 1e-13
            best = min(best, sum(np.sum((a - b) ** 2) for a, b in zip(moved, weights, strict=True)) ** 0.5)
    assert _two_dead_layers(weights) == pytest.approx(best, rel=1e-12)
