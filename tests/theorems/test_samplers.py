"""Samplers are repeatable and admissible; counterexamples are the smallest there are."""

from __future__ import annotations

from itertools import product

import pytest

from saddlesym import DiagonalProblem, certify, saddle_path
from saddlesym.errors import BadInputError
from saddlesym.theorems.assumptions import first_unmet
from saddlesym.theorems.diagonal.folklore import (
    DIAGONAL_RECORDED,
    integer_data,
    integer_vectors,
    smallest_counterexample,
)
from saddlesym.theorems.samplers import FAMILIES, instance

EASY = [entry for entry in DIAGONAL_RECORDED if entry.least_d == 2]
HARD = [entry for entry in DIAGONAL_RECORDED if entry.least_d > 2]


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_instances_repeat_and_vary(family):
    first = [instance(family, 3, k).to_dict() for k in range(8)]
    assert first == [instance(family, 3, k).to_dict() for k in range(8)]
    assert len({str(document) for document in first}) > 4
    assert first != [instance(family, 4, k).to_dict() for k in range(8)]


def test_instances_meet_the_assumptions_that_were_asked_for():
    asked = ("strictly-convex", "isolated-jumps", "no-departure")
    for k in range(10):
        assert first_unmet(asked, instance("any", 1, k, asked)) is None


def test_impossible_assumptions_give_no_instance():
    assert instance("wide", 1, 0, ("strictly-convex",)) is None


def test_unknown_family():
    with pytest.raises(BadInputError):
        instance("none", 1, 0)


def test_families_are_what_they_are_called():
    for k in range(10):
        assert instance("wide", 2, k).d > instance("wide", 2, k).n
        M = instance("orthogonal", 2, k).M
        assert all(M[i][j] == 0 for i in range(len(M)) for j in range(i))


@pytest.mark.parametrize("entry", DIAGONAL_RECORDED, ids=lambda entry: entry.statement)
def test_recorded_counterexample_refutes_on_a_certified_path(entry):
    assert entry.refutes()
    assert certify(saddle_path(entry.problem)).holds


@pytest.mark.parametrize("entry", EASY, ids=lambda entry: entry.statement)
def test_search_finds_the_recorded_counterexample(entry):
    found, tried = smallest_counterexample(entry.violation, sizes=range(4, 5))
    assert tried > 100
    assert (found.X, found.y) == (entry.problem.X, entry.problem.y)


@pytest.mark.long
@pytest.mark.parametrize("entry", HARD, ids=lambda entry: entry.statement)
def test_long_search_finds_the_recorded_counterexample(entry):
    found, _ = smallest_counterexample(entry.violation, least_d=entry.least_d)
    assert (found.X, found.y) == (entry.problem.X, entry.problem.y)


@pytest.mark.parametrize("entry", HARD, ids=lambda entry: entry.statement)
def test_nothing_smaller_refutes_among_the_smallest_entries(entry):
    found, tried = smallest_counterexample(entry.violation, least_d=entry.least_d, largest=1)
    assert found is None
    assert tried > 100


def test_search_can_give_up():
    assert smallest_counterexample(lambda _: None, most=10) == (None, 10)


def test_integer_vectors_are_all_of_them_in_order():
    found = [v for total in range(1, 7) for v in integer_vectors(3, 2, total)]
    expected = [v for v in product(range(-2, 3), repeat=3) if max(map(abs, v)) == 2]
    assert found == sorted(expected, key=lambda v: (sum(map(abs, v)), v))


def test_symmetry_leaves_out_nothing_that_is_smallest():
    """Every 2 × 2 datum with entries up to 1 is carried by a symmetry to one that is kept."""
    kept = {(p.X, p.y) for p in integer_data(4, 1)}
    for entries in product((-1, 0, 1), repeat=6):
        if not any(entries):
            continue
        orbit = set()
        for swap, a, b, c, e in product((False, True), (1, -1), (1, -1), (1, -1), (1, -1)):
            rows = [(a * entries[0], b * entries[1]), (a * entries[2], b * entries[3])]
            rows = [row[::-1] if swap else row for row in rows]
            X = ((c * rows[0][0], c * rows[0][1]), (e * rows[1][0], e * rows[1][1]))
            orbit.add((X, (c * entries[4], e * entries[5])))
        assert orbit & kept


@pytest.mark.long
def test_number_of_sign_flips_over_small_integer_data():
    flips = 0
    for a, b, c, e, f, g in product(range(-3, 4), repeat=6):
        path = saddle_path(DiagonalProblem([[a, b], [c, e]], [f, g]))
        flips += any(jump.flipped for jump in path.jumps)
    assert flips == 3904
