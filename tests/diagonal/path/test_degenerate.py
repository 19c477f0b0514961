"""Degenerate data: a right answer or a typed refusal that names the columns, never noise."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from saddlesym import (
    DegenerateProblemError,
    DiagonalProblem,
    NonUniqueMinimiserError,
    SaddlePath,
    certify,
    saddle_path,
)
from saddlesym.diagonal import constrained_minimiser, sign_constrained_minimiser


def certified(X: list[list[int]], y: list[int]) -> SaddlePath:
    path = saddle_path(DiagonalProblem(X, y))
    assert certify(path).holds
    return path


@pytest.mark.parametrize("y", [[0, 0], [1, -1]])
def test_zero_or_orthogonal_target_never_moves(y: list[int]) -> None:
    path = certified([[1, 2], [1, 2]], y)
    assert path.jumps == ()
    assert path.final == (0, 0)
    assert path.beta(10**9) == (0, 0)


def test_zero_column_stays_at_zero() -> None:
    path = certified([[1, 0, 2], [3, 0, 1]], [1, 2])
    without = certified([[1, 2], [3, 1]], [1, 2])
    assert path.times() == without.times()
    assert all(jump.beta[1] == jump.dual[1] == 0 for jump in path.jumps)


def test_equal_and_opposite_columns_share_equally() -> None:
    path = certified([[3, 3, -3, 1], [1, 1, -1, 2]], [2, -3])
    single = certified([[3, 1], [1, 2]], [2, -3])
    assert path.times() == single.times()
    for jump, one in zip(path.jumps, single.jumps, strict=True):
        share = one.beta[0] / 3
        assert jump.beta == (share, share, -share, one.beta[1])
        assert jump.loss == one.loss
        assert jump.dual == (one.dual[0], one.dual[0], -one.dual[0], one.dual[1])


def test_proportional_columns_the_longer_one_wins() -> None:
    path = certified([[1, 2], [1, 2]], [1, 1])
    assert path.times() == [Fraction(1, 2)]
    assert path.final == (0, Fraction(1, 2))


def test_rank_deficient_with_a_unique_path() -> None:
    # third column = first + second, n = 3: rank 2, and the path never needs all three
    path = certified([[2, 1, 3], [0, 1, 1], [1, -1, 0]], [3, 1, 1])
    assert path.complete
    assert path.problem.gradient(path.final) == (0, 0, 0)


def test_non_unique_minimiser_is_refused_with_columns_time_and_the_path_before() -> None:
    problem = DiagonalProblem(
        [[2, 0, 1, 0], [0, 2, 1, 0], [0, 0, 0, 9]], [2, 2, 1], feature_names=list("abcd")
    )
    with pytest.raises(NonUniqueMinimiserError, match="'a', 'b', 'c'") as caught:
        saddle_path(problem)
    error = caught.value
    assert error.columns == (0, 1, 2)
    assert error.time == Fraction(3, 4)
    assert "\n" not in str(error)
    assert error.path.times() == [Fraction(1, 3)]
    assert certify(error.path).holds
    # what lies before that time can still be asked for
    assert saddle_path(problem, until=Fraction(1, 2)).times() == [Fraction(1, 3)]
    assert saddle_path(problem, max_jumps=1).times() == [Fraction(1, 3)]


def test_dependent_tied_columns_with_a_unique_minimiser_carry_a_separator() -> None:
    path = certified([[1, 1, 1], [0, 1, 2]], [1, 0])
    assert path.final == (1, 0, 0)
    assert [hit.coordinate for hit in path.jumps[0].hits] == [0, 1, 2]
    assert path.jumps[0].separator is not None


def test_ties_enter_together() -> None:
    path = certified([[1, 0], [0, 1]], [2, 2])
    assert path.times() == [1]
    assert path.jumps[0].entered == (0, 1)
    assert path.final == (2, 2)


def test_residual_that_vanishes_early_ends_the_path() -> None:
    # y = 2·x1, sparse and noise-free in d > n
    path = certified([[1, 3, -2, 1, 0], [2, -3, 1, 1, 1], [1, 3, 1, -1, 2]], [6, -6, 6])
    assert path.final == (0, 2, 0, 0, 0)
    assert path.jumps[-1].loss == 0
    assert len(path.jumps) == 1


def test_one_row_and_one_column() -> None:
    assert certified([[2, -3, 1]], [6]).final == (0, -2, 0)
    assert certified([[2]], [6]).times() == [Fraction(1, 12)]
    assert certified([[1], [2]], [1, 1]).final == (Fraction(3, 5),)


def test_many_more_columns_than_rows() -> None:
    rng = np.random.default_rng(5)
    problem = DiagonalProblem(rng.integers(-(10**6), 10**6, (4, 3000)), [5, -7, 11, 3])
    path = saddle_path(problem)
    assert certify(path).holds
    assert len(path.final.support()) <= 4
    assert len(path.jumps) >= 4
    assert path.problem.loss(path.final) == 0


def test_dependent_active_set_is_refused_by_name() -> None:
    problem = DiagonalProblem([[1, 2, 0], [1, 2, 1]], [1, 2], feature_names=["u", "v", "w"])
    with pytest.raises(DegenerateProblemError, match="'u', 'v' are linearly dependent") as caught:
        constrained_minimiser(problem, [0, 1, 2])
    assert caught.value.columns == (0, 1)
    with pytest.raises(NonUniqueMinimiserError):
        sign_constrained_minimiser(problem, [1, 1, 0])
    with pytest.raises(DegenerateProblemError, match="'c'"):
        DiagonalProblem([[1, 5], [2, 5]], [1, 2], feature_names=["a", "c"]).scaled()


def test_float_guess_that_is_wrong_is_overruled() -> None:
    # columns that float64 cannot tell apart: their difference is 1e-30 of their length
    big = 10**30
    path = certified([[big, big + 1], [big, big - 1]], [1, 0])
    assert path.complete
    assert path.problem.gradient(path.final) == (0, 0)
    # and entries no float can hold
    huge = 10**400
    path = certified([[huge, 1, 3], [1, huge, 2]], [huge, 5])
    assert path.problem.gradient(path.final) == (0, 0, 0)


def test_sign_constrained_minimiser_has_kkt_signs_and_beats_other_points() -> None:
    problem = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
    found = sign_constrained_minimiser(problem, [1, -1, 0, 1])
    assert all(s * g >= 0 for s, g in zip(found.signs, found.gradient, strict=True) if s)
    assert all(g == 0 for b, g in zip(found.beta, found.gradient, strict=True) if b)
    for point in ([0, 0, 0, 0], [1, 0, 0, 0], [1, -1, 0, 1], [Fraction(11, 10), 0, 0, 1]):
        assert problem.loss(point) >= found.loss
    assert sign_constrained_minimiser(problem, {0: 1, 1: -1, 3: 1}, start=[0]).beta == found.beta
    with pytest.raises(ValueError, match="signs"):
        sign_constrained_minimiser(problem, [2, 0, 0, 0])
    with pytest.raises(ValueError, match="active set"):
        constrained_minimiser(problem, [1, 1])
