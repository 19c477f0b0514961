"""The catalogue of statements: ids that never change, and what they rest on."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from saddlesym.errors import BadInputError
from saddlesym.theorems.assumptions import assumptions
from saddlesym.theorems.catalogue import in_order_of_use, statement, statements, used_by
from saddlesym.theorems.checks import checks_of
from saddlesym.theorems.deep.folklore import DEEP_RECORDED
from saddlesym.theorems.diagonal.folklore import DIAGONAL_RECORDED
from saddlesym.theorems.proof import load_proof, proof_files

PERMANENT = [
    "balancedness", "lotka-volterra", "mirror-flow", "potential-limit", "dual-convex-flow",
    "contraction", "a-posteriori-bound", "critical-points", "constrained-minimisers",
    "hessian-splitting", "no-spurious-minima", "unique-path", "termination", "loss-falls",
    "subdifferential", "minimum-l1", "inverse-scale-space", "dual-steepest-ascent", "convergence",
    "heteroclinic-arcs", "transition-rule", "acyclicity", "orthogonal-designs", "lasso-average",
    "shared-knots", "depth-universality", "weighted-initialisation", "jump-time-law",
    "explicit-rate", "alpha-free-cost", "active-set-grows", "sign-kept", "path-is-lasso",
    "one-orthant", "order-of-correlations", "at-most-d-jumps",
]  # fmt: skip

ALL = list(statements())


def test_permanent_ids_are_there():
    assert set(PERMANENT) <= set(ALL)
    assert all(one == entry.id for one, entry in statements().items())


@pytest.mark.parametrize("one", ALL)
def test_statement_is_complete(one):
    entry = statements()[one]
    assert entry.title
    assert entry.text.endswith(".")
    assert entry.source
    assert entry.latex.count("{") == entry.latex.count("}")
    assert "$" not in entry.latex
    assert set(entry.uses) <= set(ALL)
    assert set(entry.assumptions) <= set(assumptions(entry.wing))
    assert (entry.wing == "deep") == one.startswith("deep-")
    assert all(statements()[used].wing == entry.wing for used in entry.uses)
    assert not any(statements()[used].is_folklore for used in entry.uses)


@pytest.mark.parametrize("one", ALL)
def test_statement_can_be_tested(one):
    if statements()[one].is_folklore:
        assert [entry.statement for entry in (*DIAGONAL_RECORDED, *DEEP_RECORDED)].count(one) == 1
    else:
        assert checks_of(one)


def test_uses_are_acyclic_and_agree_with_the_proofs():
    order = in_order_of_use()
    assert sorted(order) == sorted(ALL)
    for one in ALL:
        assert all(order.index(used) < order.index(one) for used in statements()[one].uses)
        assert all(one in used_by(used) for used in statements()[one].uses)
    both = {one: set(statements()[one].uses) for one in ALL}
    for one in proof_files():
        both[one] |= set(load_proof(one).imports)
    TopologicalSorter(both).prepare()
    assert set(proof_files()) <= set(ALL)


@pytest.mark.parametrize("one", sorted(proof_files()))
def test_what_a_proof_imports_is_said_in_the_catalogue(one):
    assert set(load_proof(one).imports) <= set(statements()[one].uses)


def test_unknown_id_is_refused_with_its_neighbours():
    with pytest.raises(BadInputError, match="loss-falls"):
        statement("loss-fals")
    with pytest.raises(BadInputError, match="theorems"):
        statement("x" * 500)
