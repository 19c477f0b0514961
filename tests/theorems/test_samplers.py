"""Samplers are repeatable and admissible; counterexamples on record refute."""

from __future__ import annotations

import pytest

from saddlesym import certify, saddle_path
from saddlesym.errors import BadInputError
from saddlesym.theorems.assumptions import first_unmet
from saddlesym.theorems.diagonal.folklore import DIAGONAL_RECORDED
from saddlesym.theorems.samplers import FAMILIES, instance


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
