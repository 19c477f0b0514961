"""The shape of the initialisation: which chain it makes, and which shape makes a chain."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from saddlesym import (
    BadInputError,
    DegenerateProblemError,
    DiagonalProblem,
    path_of_shape,
    rational,
    saddle_path,
    shape_for_chain,
    transition_graph,
)
from saddlesym.diagonal import NoShape, Shape, sign_constrained_minimiser
from saddlesym.diagonal.path.alternative import _proved_weights, strict_alternative


@given(st.integers(0, 10**9), st.booleans())
def test_either_a_solution_or_multipliers(seed: int, guess: bool) -> None:
    rng = random.Random(seed)
    m, width = rng.randint(1, 9), rng.randint(0, 5)
    rows = [[fmpq(rng.randint(-3, 3), rng.randint(1, 3)) for _ in range(width)] for _ in range(m)]
    found = strict_alternative(rows, width, guess=guess)
    assert (found.solution is None) != (found.multipliers is None)
    if found.solution is not None:
        assert all(sum(a * x for a, x in zip(row, found.solution, strict=True)) > 0 for row in rows)
    if found.multipliers is not None:
        weights = found.multipliers
        assert sum(weights) == 1
        assert min(weights) >= 0
        assert all(sum(w * row[k] for w, row in zip(weights, rows, strict=True)) == 0 for k in range(width))


def test_a_margin_far_below_rounding_is_decided() -> None:
    tiny = fmpq(1, 10**40)
    rows = [[fmpq(1), fmpq(-1)], [fmpq(-1), 1 + tiny], [fmpq(1), fmpq(0)]]
    found = strict_alternative(rows, 2)
    assert found.solution is not None
    x, y = found.solution
    assert y < x < (1 + tiny) * y
    assert strict_alternative([rows[0], [fmpq(-1), 1 - tiny], rows[2]], 2).multipliers is not None
    assert strict_alternative([rows[0], [fmpq(-1), fmpq(1)], rows[2]], 2).multipliers == (
        fmpq(1, 2),
        fmpq(1, 2),
        0,
    )


def test_a_wrong_guess_of_the_rows_proves_nothing() -> None:
    """The relation of these rows has both signs, or there are two of them, or none."""
    one, zero = fmpq(1), fmpq(0)
    assert _proved_weights([[one], [one]], [0, 1]) is None
    assert _proved_weights([[one], [-one], [2 * one]], [0, 1, 2]) is None
    assert _proved_weights([[one, zero], [zero, one]], [0, 1]) is None
    assert _proved_weights([[-one], [2 * one]], [0, 1]) == {0: 2, 1: 1}


def plain_path(
    problem: DiagonalProblem, kappa: list[Fraction], most: int
) -> list[tuple[Fraction, tuple[int, ...]]]:
    """The algorithm with thresholds ±κ_i written down as it is, for the data as they are."""
    time, s, beta, out = Fraction(0), [Fraction(0)] * problem.d, [Fraction(0)] * problem.d, []
    while len(out) < most and any(g := list(problem.gradient(beta))):
        step = min((k + (x if c > 0 else -x)) / abs(c) for k, x, c in zip(kappa, s, g, strict=True) if c)
        time, s = time + step, [x - step * c for x, c in zip(s, g, strict=True)]
        signs = [(x > 0) - (x < 0) if abs(x) == k else 0 for x, k in zip(s, kappa, strict=True)]
        beta = list(sign_constrained_minimiser(problem, signs).beta)
        out.append((time, tuple(i for i, b in enumerate(beta) if b)))
    return out


def drawn(seed: int, wide: bool = False) -> tuple[DiagonalProblem, random.Random]:
    rng = random.Random(seed)
    d = rng.randint(2, 4)
    n = rng.randint(1, d) if wide else d + rng.randint(0, 2)
    X = [[rng.randint(-5, 5) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(X, [rng.randint(-5, 5) for _ in range(n)]), rng


@given(st.integers(0, 10**9), st.booleans())
def test_path_of_a_shape_has_its_thresholds(seed: int, wide: bool) -> None:
    problem, rng = drawn(seed, wide)
    kappa = [Fraction(rng.randint(1, 40), rng.randint(1, 9)) for _ in range(problem.d)]
    try:
        plain = plain_path(problem, kappa, 99)
        found = path_of_shape(problem, kappa)
    except DegenerateProblemError:
        return
    assert list(zip(found.times, found.supports[1:], strict=True)) == plain


@given(st.integers(0, 10**9), st.booleans())
def test_every_chain_has_a_shape_or_a_contradiction(seed: int, wide: bool) -> None:
    problem, rng = drawn(seed, wide)
    graph = transition_graph(problem)
    answers = {}
    for ids in graph.chains(40):
        chain = tuple(map(graph.support, ids))
        answer = answers[chain] = shape_for_chain(problem, chain)
        if isinstance(answer, Shape):
            plain = plain_path(problem, list(answer.kappa), len(chain) - 1)
            assert ((), *(support for _, support in plain)) == chain == answer.supports
            assert tuple(time for time, _ in plain) == answer.times
            assert answer.elementary
        elif answer.step is None:
            assert answer.is_contradiction
    # a chain said to be impossible is never taken
    for _ in range(30):
        kappa = [Fraction(rng.randint(1, 10**6), rng.randint(1, 1000)) for _ in range(problem.d)]
        try:
            taken = path_of_shape(problem, kappa).supports
        except DegenerateProblemError:
            continue
        assert not isinstance(answers.get(taken), NoShape)


def test_both_answers_occur_and_certificates_can_fail() -> None:
    X = [[-2, -2, -1, -1], [-2, 2, 2, 2], [-2, -2, -2, -1], [2, 2, -2, 1]]
    problem = DiagonalProblem(X, [-2, 0, -2, -2])
    graph = transition_graph(problem)
    answers = [shape_for_chain(problem, list(map(graph.support, ids))) for ids in graph.chains(200)]
    impossible = [a for a in answers if isinstance(a, NoShape)]
    assert 0 < len(impossible) < len(answers)
    for answer in impossible:
        assert answer.is_contradiction
        for k, condition in enumerate(answer.conditions):
            changed = replace(condition, multiplier=condition.multiplier + 1)
            bent = replace(answer, conditions=(*answer.conditions[:k], changed, *answer.conditions[k + 1 :]))
            assert not bent.is_contradiction
        assert not replace(answer, conditions=()).is_contradiction


def test_the_visited_chain_of_diabetes_has_a_shape() -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    graph = transition_graph(problem)
    assert graph.chain_taken([1] * 10) == graph.visited
    assert graph.chain_taken(range(1, 11)) != graph.visited
    answer = graph.shape_for(graph.visited)
    assert isinstance(answer, Shape)
    assert graph.chain_taken(answer.kappa) == graph.visited
    assert isinstance(graph.shape_for(graph.shortest_chain()), Shape)
    longest = graph.shape_for(graph.longest_chain())
    assert isinstance(longest, NoShape)
    assert longest.is_contradiction
    assert longest.to_dict()["conditions"][0]["strict"] is True
    assert path_of_shape(problem, [1] * 10).times == tuple(saddle_path(problem).times())


def test_refusals() -> None:
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    for attempt in (
        lambda: path_of_shape(problem, [1]),
        lambda: path_of_shape(problem, [1, 0]),
        lambda: shape_for_chain(problem, []),
        lambda: shape_for_chain(problem, [(0,), (0, 1)]),
        lambda: shape_for_chain(problem, [(), (1,), (0,)]),
        lambda: shape_for_chain(problem, [(), (0,), (1,)]),
    ):
        with pytest.raises(BadInputError):
            attempt()
    assert shape_for_chain(problem, [()]) == Shape((Fraction(1), Fraction(1)), ((),), ())
    gram = DiagonalProblem.from_gram([[2, 1], [1, 2]], [3, 2])
    assert path_of_shape(gram, [2, 1]).supports[1] == (1,)
    assert isinstance(shape_for_chain(gram, [(), (1,), (0, 1)]), Shape)


def test_a_column_resting_at_its_threshold() -> None:
    """A column that leaves with zero gradient stays at its threshold, and may come back unasked."""
    X = [[0, 2, 0, -2], [2, 0, 2, -1], [2, 2, 2, 0], [1, -2, 2, 1]]
    problem = DiagonalProblem(X, [0, 2, -1, 0])
    chain = [(), (0,), (0, 3), (2, 3), (1, 2, 3), (0, 1, 3), (0, 1, 2, 3)]
    answer = shape_for_chain(problem, chain)
    assert isinstance(answer, NoShape)
    assert answer.step == 3
    # column 0 left at step 2 with zero gradient
    start = shape_for_chain(problem, chain[:4])
    assert isinstance(start, Shape)
    assert transition_graph(problem).node(transition_graph(problem).id_of([2, 3])).saddle.gradient[0] == 0
    # so step 3 goes elsewhere, whatever the thresholds
    rng = random.Random(5)
    for _ in range(200):
        kappa = [k * Fraction(rng.randint(50, 150), 100) for k in start.kappa]
        assert list(path_of_shape(problem, kappa).supports[:5]) != chain[:5]


@given(st.integers(0, 10**9))
def test_chains_with_several_columns_entering_at_once(seed: int) -> None:
    problem, rng = drawn(seed)
    graph = transition_graph(problem, elementary=False)
    every = list(graph.chains(300))
    for ids in rng.sample(every, min(4, len(every))):
        answer = graph.shape_for(ids)
        if isinstance(answer, Shape):
            taken = [(), *(support for _, support in plain_path(problem, list(answer.kappa), len(ids) - 1))]
            assert taken == [graph.support(k) for k in ids]
        else:
            assert answer.step is not None or answer.is_contradiction


@pytest.mark.parametrize("unit", ["1e400", "1e-400"])
def test_data_beyond_the_range_of_floats(unit: str) -> None:
    X = [[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]]
    plain = DiagonalProblem(X, [4, 3, -2])
    huge = DiagonalProblem([[rational(unit) * row[0], *row[1:]] for row in X], [4, 3, -2])
    chain = [(), (1,), (0, 1), (0, 1, 3)]
    found, scaled = shape_for_chain(plain, chain), shape_for_chain(huge, chain)
    assert isinstance(found, Shape)
    assert isinstance(scaled, Shape)
    assert path_of_shape(huge, scaled.kappa, max_jumps=3).supports == tuple(chain)
    # the same thresholds in the unit of the first column
    ratio = scaled.kappa[0] / scaled.kappa[1] / rational(unit)
    assert path_of_shape(
        plain, [ratio, 1, *(k / scaled.kappa[1] for k in scaled.kappa[2:])], max_jumps=3
    ).supports == (scaled.supports)


@pytest.mark.parametrize(
    ("X", "y", "kappa", "reason"),
    [
        ([[1, 1], [0, 0]], [-2, 2], [2, 2], "dependent"),
        ([[1, 0, 1], [2, -2, 2], [0, 1, -1]], [0, 1, -1], [1, 1, 1], "vanishes"),
        ([[-2, -2, -2], [1, 2, 0], [1, 0, 2], [-2, 2, -2]], [1, -1, -1, 0], [1, 2, 1], "vanishes"),
    ],
)
def test_chains_of_the_flow_that_are_not_treated_are_said_to_be_so(
    X: list[list[int]], y: list[int], kappa: list[int], reason: str
) -> None:
    problem = DiagonalProblem(X, y)
    chain = path_of_shape(problem, kappa).supports
    with pytest.raises(DegenerateProblemError, match=reason) as caught:
        shape_for_chain(problem, chain)
    assert "not treated" in str(caught.value)
