"""The exact path against independent programs, and the small facts known of examples."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from conftest import fractions, oracle_names, read_oracle

from saddlesym import DiagonalProblem, certify, saddle_path


@pytest.mark.parametrize("name", oracle_names())
def test_path_agrees_with_every_independent_program(name: str) -> None:
    oracle = read_oracle(name)
    problem = DiagonalProblem(oracle["X"], oracle["y"])
    if oracle["intercept"]:
        problem = problem.centred()
    path = saddle_path(problem)
    exact = oracle["exact_crosscheck"]
    assert tuple(path.times()) == fractions(exact["t"][1:])
    assert [tuple(b) for b in path.saddles()] == [fractions(b) for b in exact["beta"][1:]]
    assert [tuple(jump.dual) for jump in path.jumps] == [fractions(s) for s in exact["s"][1:]]
    assert tuple(jump.loss for jump in path.jumps) == fractions(exact["loss"][1:])
    assert path.loss(0) == Fraction(exact["loss"][0])

    libra, valid = oracle["libra"], oracle["libra"]["n_valid_jumps"]
    assert len(path.jumps) == valid
    for jump, t, beta in zip(path.jumps, libra["t"][1 : valid + 1], libra["beta"][1:], strict=False):
        assert float(jump.time) == pytest.approx(float(t), rel=1e-9)
        assert jump.beta.floats() == pytest.approx([float(b) for b in beta], rel=1e-8, abs=1e-9)

    facts = oracle["facts"]
    assert [list(jump.support) for jump in path.jumps] == facts["support"][1:]
    assert sum(len(jump.left) for jump in path.jumps) == facts["deactivations"]
    assert len({i for jump in path.jumps for i in jump.flipped}) == facts["coords_changing_sign"]
    assert certify(path).holds


def test_first_jump_is_the_first_lasso_knot() -> None:
    for name in oracle_names():
        oracle = read_oracle(name)
        if oracle.get("lasso") and not oracle["intercept"]:
            path = saddle_path(DiagonalProblem(oracle["X"], oracle["y"]))
            assert float(path.jumps[0].time) == pytest.approx(
                1 / float(oracle["lasso"]["sklearn_alphas"][0]), rel=1e-9
            )


def test_diabetes_facts() -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    assert (problem.n, problem.d) == (442, 10)
    path = saddle_path(problem)
    assert len(path.jumps) == 11
    s3 = problem.feature_names.index("s3")
    story = [
        (round(float(jump.time), 6), "enters" if s3 in jump.entered else "leaves", jump.beta.signs()[s3])
        for jump in path.jumps
        if s3 in jump.entered + jump.left
    ]
    assert story == [(0.066505, "enters", -1), (3.838486, "leaves", 0), (10.251926, "enters", 1)]
    assert path.jumps[-1].flipped == (s3,)
    assert certify(path).holds


def test_smallest_sign_flip() -> None:
    path = saddle_path(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    assert path.times() == [1, Fraction(7, 2), Fraction(15, 2)]
    assert path.saddles() == [(Fraction(1, 5), 0), (0, 1), (-1, 4)]
    assert [jump.flipped for jump in path.jumps] == [(), (), (0,)]


def test_smallest_shrinking_active_set() -> None:
    path = saddle_path(DiagonalProblem([[1, -2, 0], [2, 2, -1], [-1, 1, 0]], [0, -1, 0]))
    sizes = [len(jump.support) for jump in path.jumps]
    assert any(b < a for a, b in itertools.pairwise(sizes))
    assert path.final == (0, 0, 1)


def test_small_two_by_two_data_with_entries_up_to_one_never_shrink_and_rarely_flip() -> None:
    flips = longest = 0
    for a, b, c, d, e, f in itertools.product((-1, 0, 1), repeat=6):
        try:
            path = saddle_path(DiagonalProblem([[a, b], [c, d]], [e, f]))
        except Exception as error:
            raise AssertionError(f"{[[a, b], [c, d]]}, {[e, f]}") from error
        sizes = [0, *(len(jump.support) for jump in path.jumps)]
        assert sizes == sorted(sizes)
        flips += any(jump.flipped for jump in path.jumps)
        longest = max(longest, len(path.jumps))
    assert (flips, longest) == (0, 2)


@pytest.mark.long
def test_sign_flips_among_all_two_by_two_integer_data_up_to_three() -> None:
    flips = longest = 0
    for a, b, c, d, e, f in itertools.product(range(-3, 4), repeat=6):
        path = saddle_path(DiagonalProblem([[a, b], [c, d]], [e, f]))
        flips += any(jump.flipped for jump in path.jumps)
        longest = max(longest, len(path.jumps))
        sizes = [0, *(len(jump.support) for jump in path.jumps)]
        assert sizes == sorted(sizes)
    assert (flips, longest) == (3904, 3)
