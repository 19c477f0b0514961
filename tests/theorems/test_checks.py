"""Every check holds on admissible data, rejects its false variant, and can be undecided."""

from __future__ import annotations

import flint
import pytest

from saddlesym import DiagonalProblem
from saddlesym.theorems.assumptions import assumption, assumptions, first_unmet
from saddlesym.theorems.catalogue import statement
from saddlesym.theorems.checks import checks
from saddlesym.theorems.diagonal.laws.dwells import natural, training
from saddlesym.theorems.diagonal.reference.definitions import (
    Network,
    PlainQuadratic,
    inertia,
    lasso_knots,
    plain_path,
)
from saddlesym.theorems.diagonal.reference.plain_flow import PlainFlow
from saddlesym.theorems.evidence.check import FLIPPING, SHRINKING, Fact, UndecidedError, evidence
from saddlesym.theorems.evidence.verdict import Kind, Verdict
from saddlesym.theorems.samplers import instance

EVERY = [pytest.param(check, id=f"{check.statement}-{check.kind}") for check in checks()]


@pytest.mark.parametrize("check", EVERY)
def test_false_variant_is_rejected(check):
    found = check.reject(check.example())
    assert found.verdict is Verdict.FAILS
    assert found.counterexample == check.example().data_document()
    assert found.detail


@pytest.mark.parametrize("check", EVERY)
def test_law_itself_holds_where_its_variant_fails(check):
    problem = check.example()
    assert first_unmet(statement(check.statement).assumptions, problem) is None
    found = check(problem)
    assert found.verdict is Verdict.HOLDS, found


@pytest.mark.parametrize("check", EVERY)
def test_law_holds_on_sampled_instances(check):
    for number in range(6 if check.share == 1 else 2):
        problem = instance(check.family, 7, number, statement(check.statement).assumptions)
        assert problem is not None
        found = check(problem)
        assert found.verdict is Verdict.HOLDS, found
        assert found.kind is check.kind


def test_check_that_compares_nothing_is_undecided():
    found = evidence(Kind.EXACT, lambda _: iter(()), DiagonalProblem([[1]], [1]))
    assert found.verdict is Verdict.UNDECIDED
    assert found.exercised == 0


def test_balls_that_overlap_are_undecided():
    found = evidence(
        Kind.BALL, lambda _: iter([Fact(True, ""), Fact(None, "x < y")]), DiagonalProblem([[1]], [1])
    )
    assert found.verdict is Verdict.UNDECIDED
    assert "x < y" in found.detail


def test_exhausted_budget_is_undecided():
    def law(_problem):
        yield Fact(True, "")
        raise UndecidedError("out of steps")

    assert evidence(Kind.NUMERIC, law, DiagonalProblem([[1]], [1])).verdict is Verdict.UNDECIDED
    wide = DiagonalProblem([[int(i == j) for j in range(13)] for i in range(13)], [1] * 13)
    check = next(c for c in checks() if c.statement == "transition-rule")
    assert check(wide).verdict is Verdict.UNDECIDED


def test_flow_gives_up_within_its_budget():
    flow = PlainFlow.training(PlainQuadratic.of(DiagonalProblem([[1]], [2])), 50, most=5)
    with pytest.raises(UndecidedError, match="5 steps"):
        flow.reach(flint.arb(1000))


def test_flow_agrees_with_the_logistic_closed_form():
    # d = 1: β = α² sinh 2z with z' = r − Mβ; for α → 0 a logistic curve, T₀ read off at half height
    flow = training(DiagonalProblem([[1]], [1]), 20)
    late = natural(flint.fmpq(3, 2), 20)
    assert abs(float(flow.beta(flow.at(late))[0]) - 1) < 1e-15
    half = flow.crossing(lambda z: (flow.beta(z)[0] - flint.arb(0.5)).mid(), flint.arb(0), late)
    for delay in (1, 2, 5):
        found = float(flow.beta(flow.at((half + delay).mid()))[0])
        assert abs(found - 1 / (1 + 2.718281828459045 ** (-2 * delay))) < 1e-12


def test_flow_agrees_with_an_independent_integrator():
    from math import asinh

    import numpy as np
    from scipy.integrate import solve_ivp

    problem = DiagonalProblem([[3, 1, -2], [1, 2, 2]], [4, 3])
    M, r = (np.array(problem.M, dtype=float), np.array(problem.r, dtype=float))
    flow = PlainFlow.training(PlainQuadratic.of(problem), 3)
    answer = solve_ivp(
        lambda _t, z: r - M @ (1e-6 * np.sinh(2 * z)),
        (0, 6),
        np.zeros(3),
        method="Radau",
        rtol=1e-11,
        atol=1e-12,
    )
    found = [float(x) for x in flow.at(flint.arb(6))]
    assert np.allclose(found, answer.y[:, -1], atol=1e-8)
    assert asinh(1e6) / 2 + 1 > max(map(abs, found))


def test_black_box_derivatives_are_exact():
    # F = ½(uv)²·2 − uv for d = 1, M = 2, r = 1
    network = Network(PlainQuadratic.of(DiagonalProblem.from_gram([[2]], [1])))
    u, v = flint.fmpq(2, 3), flint.fmpq(-5, 7)
    assert network.gradient([u, v]) == [2 * u * v * v - v, 2 * u * u * v - u]
    assert network.hessian([u, v]) == [[2 * v * v, 4 * u * v - 1], [4 * u * v - 1, 2 * u * u]]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [([[2, 0], [0, 3]], (0, 0, 2)), ([[1, 2], [2, 1]], (1, 0, 1)), ([[0, 0], [0, 0]], (0, 2, 0)),
     ([[1, 1, 0], [1, 1, 0], [0, 0, -5]], (1, 1, 1))],
)  # fmt: skip
def test_inertia_by_descartes(matrix, expected):
    assert inertia([[flint.fmpq(x) for x in row] for row in matrix]) == expected


def test_lasso_knots_agree_with_closed_form_and_leave():
    knots = [
        float(t.p) / float(t.q)
        for t, _ in lasso_knots(PlainQuadratic.of(DiagonalProblem([[2, 0], [0, 3]], [3, -1])))
    ]
    assert knots == pytest.approx([1 / 3, 2 / 3])
    # on the flipping data the lasso and the path part after the departure
    form = PlainQuadratic.of(DiagonalProblem(*FLIPPING))
    assert [t for t, _ in lasso_knots(form)] != [jump.time for jump in plain_path(form)]


def test_plain_path_needs_its_signs():
    form = PlainQuadratic.of(DiagonalProblem(*SHRINKING))
    assert [j.beta for j in plain_path(form)]
    flipping = PlainQuadratic.of(DiagonalProblem(*FLIPPING))
    assert [j.beta for j in plain_path(flipping)] != [j.beta for j in plain_path(flipping, signed=False)]


CASES = [
    ("data-given", DiagonalProblem.from_gram([[1]], [1]), "M and r"),
    ("general-position", DiagonalProblem([[1, 1], [2, 2]], [1, 0], ["a", "b"]), "'a', 'b'"),
    ("strictly-convex", DiagonalProblem([[1, 0, 2], [0, 1, 0]], [1, 1], ["a", "b", "c"]), "'a', 'c'"),
    ("orthogonal-design", DiagonalProblem([[1, 0], [1, 1]], [1, 1]), "'x0', 'x1'"),
    ("nonzero-correlation", DiagonalProblem([[1, 0]], [0]), "r = 0"),
    ("unique-minimisers", DiagonalProblem([[1, 1, 1], [-1, 0, 1]], [1, 0]), "'x0'"),
    ("isolated-jumps", DiagonalProblem([[1, 0], [0, 1]], [2, 2]), "together"),
    ("entering-jumps", DiagonalProblem([[1, 0], [0, 1]], [2, 2]), None),
    ("no-departure", DiagonalProblem(*FLIPPING), "'x0' leaves"),
    ("regular-dwells", DiagonalProblem([[1, 1], [1, 1]], [1, 0]), "dependent"),
]


@pytest.mark.parametrize(("one", "problem", "named"), CASES, ids=[case[0] for case in CASES])
def test_assumption_that_fails_names_its_columns(one, problem, named):
    finding = assumption(one)(problem)
    if named is None:
        assert finding.holds
    else:
        assert finding.holds is False
        assert named in finding.reason


def test_all_assumptions_hold_on_a_good_problem():
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    assert {case[0] for case in CASES} == set(assumptions())
    assert first_unmet(tuple(assumptions()), problem) is None
