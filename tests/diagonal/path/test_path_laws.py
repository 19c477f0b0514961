"""Laws of the saddle path on generated instances."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog, nnls

from saddlesym import DiagonalProblem, NonUniqueMinimiserError, SaddlePath, certify, saddle_path
from saddlesym.diagonal.path.minimiser import Undetermined, Vertex, minimise

ENTRIES = st.one_of(st.integers(-5, 5), st.fractions(-3, 3, max_denominator=4))


@st.composite
def problems(draw: st.DrawFn, max_n: int = 5, max_d: int = 6) -> DiagonalProblem:
    n, d = draw(st.integers(1, max_n)), draw(st.integers(1, max_d))
    row = st.lists(ENTRIES, min_size=d, max_size=d)
    X = draw(st.lists(row, min_size=n, max_size=n))
    return DiagonalProblem(X, draw(st.lists(ENTRIES, min_size=n, max_size=n)))


def path_of(problem: DiagonalProblem) -> SaddlePath:
    try:
        return saddle_path(problem)
    except NonUniqueMinimiserError as error:
        assert another_minimiser_exists(problem, error)
        assume(False)
        raise


def another_minimiser_exists(problem: DiagonalProblem, error: NonUniqueMinimiserError) -> bool:
    """A refusal must be justified: the coefficients it names really can be traded."""
    path, columns = error.path, error.columns
    last = path.jumps[-1] if path.jumps else None
    start = last.time if last else Fraction(0)
    s, g = path.dual(start), problem.gradient(path.final)
    s = [a - (error.time - start) * b for a, b in zip(s, g, strict=True)]
    bound = [i for i, x in enumerate(s) if abs(x) == 1]
    X, y = np.array(problem.X, dtype=float), np.array(problem.y, dtype=float)
    signed = X[:, bound] * np.array([float(s[i]) for i in bound])
    fit = signed @ nnls(signed, y)[0]
    reach = {}
    for k, i in enumerate(bound):
        ends = [linprog(sign * np.eye(len(bound))[k], A_eq=signed, b_eq=fit) for sign in (1, -1)]
        reach[i] = np.inf if ends[1].status == 3 else -ends[1].fun - ends[0].fun
    return len(columns) > 1 and all(reach[i] > 1e-6 for i in columns)


@given(problems())
def test_every_path_is_certified(problem: DiagonalProblem) -> None:
    path = path_of(problem)
    certificate = certify(path)
    assert certificate.holds, certificate.failures
    assert path.complete
    assert problem.gradient(path.final) == (0,) * problem.d


@given(problems())
def test_times_increase_and_loss_falls(problem: DiagonalProblem) -> None:
    path = path_of(problem)
    times, losses = [Fraction(0), *path.times()], [path.loss(0), *(j.loss for j in path.jumps)]
    assert times == sorted(set(times))
    assert losses == sorted(set(losses), reverse=True)
    assert losses == [problem.loss([0] * problem.d), *(problem.loss(j.beta) for j in path.jumps)]


@given(problems())
def test_dual_is_a_subgradient_of_the_norm_at_any_time(problem: DiagonalProblem) -> None:
    path = path_of(problem)
    times = [Fraction(0), *path.times()]
    middles = [(a + b) / 2 for a, b in pairwise(times)]
    for t in [*times, *middles, 2 * times[-1] + 1]:
        s, beta = path.dual(t), path.beta(t)
        assert all(abs(x) <= 1 for x in s)
        assert sum(a * b for a, b in zip(s, beta, strict=True)) == sum(map(abs, beta))
    for t in middles:  # strictly inside a dwell no moving coordinate is at its bound
        g = problem.gradient(path.beta(t))
        assert all(abs(x) < 1 for x, slope in zip(path.dual(t), g, strict=True) if slope != 0)


@given(problems(), st.randoms(use_true_random=False))
def test_permuting_and_flipping_columns_permutes_and_flips_the_path(
    problem: DiagonalProblem, random: Any
) -> None:
    path = path_of(problem)
    order = random.sample(range(problem.d), problem.d)
    signs = [random.choice((-1, 1)) for _ in order]
    X = [[s * row[i] for i, s in zip(order, signs, strict=True)] for row in problem.X]
    other = saddle_path(DiagonalProblem(X, problem.y))
    assert other.times() == path.times()
    for jump, image in zip(path.jumps, other.jumps, strict=True):
        assert tuple(image.beta) == tuple(s * jump.beta[i] for i, s in zip(order, signs, strict=True))
        assert tuple(image.dual) == tuple(s * jump.dual[i] for i, s in zip(order, signs, strict=True))
        assert {order[i] for i in image.flipped} == set(jump.flipped)


@given(problems(), st.fractions(Fraction(1, 7), 7, max_denominator=9))
def test_scaling_the_target_scales_saddles_and_divides_times(
    problem: DiagonalProblem, factor: Fraction
) -> None:
    path = path_of(problem)
    other = saddle_path(DiagonalProblem(problem.X, [factor * value for value in problem.y]))
    assert other.times() == [t / factor for t in path.times()]
    assert [tuple(b) for b in other.saddles()] == [tuple(factor * x for x in b) for b in path.saddles()]


@given(problems())
def test_gram_form_gives_the_same_path(problem: DiagonalProblem) -> None:
    path = path_of(problem)
    zero = problem.loss([0] * problem.d)
    other = saddle_path(DiagonalProblem.from_gram(problem.M, problem.r, loss_at_zero=zero))
    assert other.times() == path.times()
    assert other.saddles() == path.saddles()
    assert [j.loss for j in other.jumps] == [j.loss for j in path.jumps]
    assert certify(other).holds


@given(problems(max_n=4, max_d=6))
def test_end_is_the_minimum_l1_solution(problem: DiagonalProblem) -> None:
    path = path_of(problem)
    X, y = np.array(problem.X, dtype=float), np.array(problem.y, dtype=float)
    fitted = X @ np.array(path.final.floats())  # equality with the least-squares fit
    assert np.allclose(X.T @ (fitted - y), 0, atol=1e-9)
    split = linprog(np.ones(2 * problem.d), A_eq=np.hstack([X, -X]), b_eq=fitted, bounds=(0, None))
    assert split.status == 0
    assert split.fun == pytest.approx(float(sum(map(abs, path.final))), rel=1e-7, abs=1e-8)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-9, 9)), min_size=1, max_size=6))
def test_diagonal_gram_closed_form(pairs: list[tuple[int, int]]) -> None:
    """M diagonal: coordinate i jumps at 1/|r_i| to r_i/M_ii, and none ever leaves."""
    d = len(pairs)
    M = [[pairs[i][0] if i == j else 0 for j in range(d)] for i in range(d)]
    r = [value for _, value in pairs]
    path = saddle_path(DiagonalProblem.from_gram(M, r))
    assert path.times() == sorted({Fraction(1, abs(value)) for value in r if value})
    assert path.final == tuple(Fraction(value, m) for m, value in pairs)
    for jump in path.jumps:
        assert jump.left == ()
        assert set(jump.entered) == {i for i in range(d) if r[i] and Fraction(1, abs(r[i])) == jump.time}


@given(st.lists(st.tuples(ENTRIES, ENTRIES), min_size=1, max_size=5))
def test_one_column_closed_form(rows: list[tuple[Any, Any]]) -> None:
    problem = DiagonalProblem([[x] for x, _ in rows], [y for _, y in rows])
    path = saddle_path(problem)
    r, m = problem.r[0], problem.M[0][0]
    if r == 0:
        assert path.jumps == ()
    else:
        assert path.times() == [1 / abs(r)]
        assert path.final == (r / m,)


@given(problems())
def test_floating_point_only_guesses(problem: DiagonalProblem) -> None:
    """The proposal in float64 never changes an answer of the exact method."""
    form = problem.quadratic
    signs = {i: 1 if value > 0 else -1 for i, value in enumerate(problem.r)}
    fast, slow = minimise(form, signs), minimise(form, signs, guess=False)
    assert type(fast) is type(slow)
    if isinstance(fast, Vertex) and isinstance(slow, Vertex):
        assert fast.support == slow.support
        assert [b * slow.delta for b in fast.b] == [b * fast.delta for b in slow.b]
    else:
        assert isinstance(fast, Undetermined)


def test_stop_criteria_cut_the_same_path() -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    whole = saddle_path(problem)
    for k in (0, 1, 5, 10):
        cut = saddle_path(problem, max_jumps=k)
        assert cut.jumps == whole.jumps[:k]
        assert not cut.complete
        assert certify(cut).holds
    assert saddle_path(problem, max_jumps=11).complete
    assert saddle_path(problem, max_jumps=99).complete
    at_jump = saddle_path(problem, until=whole.jumps[3].time)
    assert len(at_jump.jumps) == 4
    before = saddle_path(problem, until=whole.jumps[3].time - Fraction(1, 10**9))
    assert len(before.jumps) == 3
    assert certify(before).holds
    assert before.beta(before.horizon) == whole.beta(before.horizon)


def test_values_in_between_and_refusals() -> None:
    path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), until="1/2")
    assert path.beta("0.4") == (Fraction(3, 2), 0)
    assert path.dual(Fraction(1, 6)) == (Fraction(1, 2), Fraction(-1, 4))
    assert path.loss(0) == Fraction(5, 2)
    with pytest.raises(ValueError, match="negative"):
        path.beta(-1)
    with pytest.raises(ValueError, match="beyond the computed path"):
        path.beta("0.6")
    with pytest.raises(ValueError, match="time limit '-1' is negative"):
        saddle_path(path.problem, until="-1")
    with pytest.raises(ValueError, match="max_jumps is '-3'"):
        saddle_path(path.problem, max_jumps=-3)


def test_any_number_of_digits_and_sympy() -> None:
    import mpmath
    import sympy

    path = saddle_path(DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2]))
    assert path.times() == [Fraction(1, 5), Fraction(9, 20), Fraction(195, 133)]
    third = path.times(dps=120)[2]
    with mpmath.workdps(130):
        assert abs(third - mpmath.mpf(195) / 133) < mpmath.mpf(10) ** -119
        assert abs(path.saddles(dps=120)[0][0] - mpmath.mpf(path.saddles()[0][0].numerator)
                   / path.saddles()[0][0].denominator) < mpmath.mpf(10) ** -119  # fmt: skip
    exact = path.sympy()[2]
    assert exact["time"] == sympy.Rational(195, 133)
    assert isinstance(exact["beta"], sympy.MatrixBase)
    assert list(exact["dual"]) == [sympy.Rational(x.numerator, x.denominator) for x in path.jumps[2].dual]
