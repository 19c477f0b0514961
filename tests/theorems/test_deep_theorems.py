"""The deep wing of the registry: its wings kept apart, its references right, its folklore refuted."""

from __future__ import annotations

import json
import random

import flint
import pytest
from flint import fmpq, fmpq_mat

from saddlesym import BadInputError, DeepLinearProblem, DiagonalProblem, verify
from saddlesym.cli.main import main
from saddlesym.exact.linear.matrices import identity
from saddlesym.kernel.theory import is_checked, theorems_of
from saddlesym.theorems import runner
from saddlesym.theorems.assumptions import assumption, assumptions, first_unmet
from saddlesym.theorems.catalogue import statements
from saddlesym.theorems.checks import checks_of
from saddlesym.theorems.deep.folklore import DEEP_RECORDED
from saddlesym.theorems.deep.laws import flow as deep_flow_laws
from saddlesym.theorems.deep.laws.separation import balanced_rate
from saddlesym.theorems.deep.reference.closed_form import balanced_start, precision, product_at, reached
from saddlesym.theorems.deep.reference.definitions import (
    gradient,
    loss_along,
    modes_of,
    orthogonal,
    outer,
    public,
    random_layers,
    rational_modes,
)
from saddlesym.theorems.deep.samplers import DEEP_FAMILIES
from saddlesym.theorems.evidence.check import evidence
from saddlesym.theorems.evidence.verdict import Kind, Verdict
from saddlesym.theorems.folklore import recorded
from saddlesym.theorems.proof import load_proof, proof_files
from saddlesym.theorems.samplers import instance
from saddlesym.theorems.wings import restored, wing_of

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
DEEP = [one for one, entry in statements().items() if entry.wing == "deep"]
EXACT = ["deep-balancedness", "deep-origin", "deep-critical-points", "deep-strictness"]


def test_every_id_of_the_issue_is_there():
    wanted = {
        "deep-balancedness", "deep-rotation-equivariance", "deep-width-inclusion", "deep-origin",
        "deep-escape-direction", "deep-escape-speed", "deep-local-maximisers", "deep-critical-points",
        "deep-strictness", "deep-eckart-young", "deep-aligned-modes", "deep-jump-times-whitened",
        "deep-first-path", "deep-greedy-conjecture", "deep-exponent-tracking",
        "deep-initialisation-distances", "deep-rank-grows-by-one", "deep-order-from-target",
        "deep-transitions", "deep-every-balanced-start-learns",
    }  # fmt: skip
    assert wanted <= set(DEEP)


def test_status_is_derived_and_conjectures_are_never_proved():
    assert {one for one in DEEP if statements()[one].standing == "conjecture"} == {
        "deep-greedy-conjecture",
        "deep-exponent-tracking",
        "deep-blow-up-times",
    }
    assert {one for one in DEEP if statements()[one].standing == "recalled"} == {
        "deep-first-path",
        "deep-initialisation-distances",
    }
    for one in DEEP:  # a theorem is what has a proof on file
        assert (one in proof_files()) == (statements()[one].standing == "theorem"), one
    report = verify(ids=[*EXACT, "deep-jump-times-whitened"], instances=4)
    status = {result.statement.id: str(result.status) for result in report.results}
    for one in EXACT:
        known = (
            "kernel-checked (log of Coq "
            if any(map(is_checked, theorems_of(one)))
            else "argued; every formula"
        )
        assert status[one].startswith(known), one
    assert status["deep-jump-times-whitened"] == "argued in part"
    assert "not balanced" in load_proof("deep-jump-times-whitened").grade
    assert report.exit_status == 0


def test_data_of_a_wing_run_that_wing_only():
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    chosen = {unit.statement for unit in runner._units(runner._chosen((), problem), problem, 1, 1)}
    assert chosen
    assert not chosen & set(DEEP)
    deep = DeepLinearProblem.whitened([[2, 0], [0, 1]])
    assert set(runner._chosen((), deep)) == set(DEEP)
    with pytest.raises(BadInputError, match="deep linear networks"):
        verify(problem, ["deep-origin"])
    with pytest.raises(BadInputError, match="diagonal linear networks"):
        verify(deep, ["balancedness"])


def test_verify_on_a_deep_problem():
    deep = DeepLinearProblem.matrix_completion(TARGET, [[1, 1, 0], [1, 0, 1], [0, 1, 1]], depth=3)
    report = verify(deep, [*EXACT, "deep-rank-grows-by-one"])
    verdicts = {result.statement.id: result.verdict for result in report.results}
    assert verdicts["deep-balancedness"] is Verdict.HOLDS
    assert verdicts["deep-critical-points"] is Verdict.SKIPPED
    assert all(result.proof is None and result.status is None for result in report.results)


@pytest.mark.parametrize("unit", [fmpq(1, 10**9), fmpq(10**60)], ids=["1e-9", "1e60"])
def test_verdicts_do_not_depend_on_the_unit_of_the_data(unit):
    def verdicts(size):
        problem = DeepLinearProblem.whitened([[2 * size, 0], [0, size]])
        results = verify(problem, ()).results
        return {r.statement.id: r.verdict for r in results if not r.statement.is_folklore}

    usual = verdicts(fmpq(1))
    assert Verdict.FAILS not in usual.values()
    assert verdicts(unit) == usual


def test_modes_too_far_apart_are_undecided():
    problem = DeepLinearProblem.whitened([[10**30, 0], [0, 1]])
    (result,) = verify(problem, ["deep-jump-times-whitened"]).results
    assert "too far apart" in result.checks[0].detail


@pytest.mark.parametrize("mask", [[[1, 1], [1, 1]], [[1, 0], [0, 1]], [[1, 0], [0, 0]]])
def test_rest_at_the_origin_has_no_pair_to_turn(mask):
    """Where ∇C(0) = 0 there is no singular pair."""
    A = [[0, 0], [0, 0]] if mask[0][1] else [[0, -1], [1, 0]]
    results = {r.statement.id: r for r in verify(DeepLinearProblem.matrix_completion(A, mask), ()).results}
    assert results["deep-every-pair-maximises"].checks[0].verdict is not Verdict.FAILS
    assert results["deep-local-maximisers"].verdict is Verdict.SKIPPED
    assert Verdict.FAILS not in {r.verdict for r in results.values() if not r.statement.is_folklore}


def test_what_a_check_cannot_be_run_on_ends_that_check_alone():
    """Observed entries that do not meet: no flow for exponent tracking, all else is answered."""
    problem = DeepLinearProblem.matrix_completion([[2, -1], [3, -2]], [[1, 0], [0, 1]])
    origin, tracking = verify(problem, ["deep-exponent-tracking", "deep-origin"]).results
    assert origin.verdict is Verdict.HOLDS
    assert tracking.verdict is Verdict.UNDECIDED
    assert "do not meet" in tracking.checks[0].detail


@pytest.mark.parametrize("error", [BadInputError("odd data"), ZeroDivisionError("a bug")], ids=repr)
def test_typed_errors_leave_a_check_undecided_and_bugs_come_through(error):
    def law(_problem):
        raise error
        yield

    problem = DeepLinearProblem.whitened([[1]])
    if isinstance(error, ZeroDivisionError):
        with pytest.raises(ZeroDivisionError):
            evidence(Kind.NUMERIC, law, problem)
    else:
        found = evidence(Kind.NUMERIC, law, problem)
        assert (found.verdict, found.detail) == (Verdict.UNDECIDED, "odd data")


def test_data_beyond_floating_point_keep_what_is_exact():
    report = verify(DeepLinearProblem.whitened([[10**400, 0], [0, 1]]), ())
    verdicts = {result.statement.id: result.verdict for result in report.results}
    assert verdicts["deep-balancedness"] is Verdict.HOLDS
    assert report.undecided
    assert not any(r.verdict is Verdict.FAILS for r in report.results if not r.statement.is_folklore)


def _tie(behind, **options):
    return DeepLinearProblem.whitened([[1, 0], [0, 1 - fmpq(1, behind)]], **options)


TIED = {
    "behind by 1e-2": _tie(100),
    "behind by 1e-3": _tie(1000),
    "behind by 1e-4": _tie(10**4),
    "behind by 1e-10": _tie(10**10),
    "one neuron": _tie(1000, hidden=1),
    "three layers": _tie(1000, depth=3),
    "after another mode": DeepLinearProblem.whitened([[5, 0, 0], [0, 1, 0], [0, 0, fmpq(499, 100)]]),
    "coupled": DeepLinearProblem.whitened([[1, fmpq(1, 10**12)], [0, 1]]),
    "completion": DeepLinearProblem.matrix_completion(
        [[1, fmpq(1, 1000)], [fmpq(1, 1000), 1]], [[1, 1], [1, 1]], depth=3
    ),
    "correlated inputs": DeepLinearProblem.squared_error([[1, 0], [0, 2]], [[1, 0], [0, fmpq(999, 2000)]]),
    "first plateau small": DeepLinearProblem.squared_error(
        [[1, 0, 2], [0, fmpq(1, 100), fmpq(1, 100)]], [[3, 1, 0], [1, 2, -1]], depth=3
    ),
}
LIMITS = ["deep-jump-times-whitened", "deep-first-path", "deep-greedy-conjecture", "deep-exponent-tracking"]


@pytest.mark.parametrize("name", TIED)
def test_limits_are_not_refuted_before_modes_separate(name):
    """All hold for α → 0; no scale that is tried comes near the limit."""
    results = verify(TIED[name], LIMITS).results
    assert all(result.verdict is not Verdict.FAILS for result in results)
    assert any(result.undecided for result in results)


def test_modes_far_apart_are_told_from_the_limit(monkeypatch):
    """An escape that stays off the path of width one is a counterexample, but not where modes are tied."""
    monkeypatch.setattr(deep_flow_laws, "_path_errors", lambda _problem: ((0.5, 0.5), 276.0))
    (check,) = checks_of("deep-first-path")
    assert check(deep_flow_laws.correlated()).verdict is Verdict.FAILS
    assert check(_tie(1000)).verdict is Verdict.UNDECIDED


def test_two_modes_nearly_tied_still_have_plateaus_of_their_own():
    """Where the closed form can be followed far enough the answer is a proof, not a shrug."""
    for check in checks_of("deep-jump-times-whitened"):
        if check.kind is Kind.BALL:
            assert check(_tie(100)).verdict is Verdict.HOLDS


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("t", [fmpq(1, 4), fmpq(2, 5), fmpq(3, 4), fmpq(2)])
def test_distance_to_the_plateau_falls_at_least_at_the_rate_told(width, t):
    problem = DeepLinearProblem.whitened([[3, 0, 0], [0, 2, 0], [0, 0, 1]], hidden=width)
    modes = modes_of(fmpq_mat(3, 3, [3, 0, 0, 0, 2, 0, 0, 0, 1]))
    for seed in range(3):
        start = balanced_start(random.Random(seed), problem)
        found = reached(modes, start)
        plateau = sum(
            (m.value * outer(m.u, m.v) for m in (modes[i] for i in found) if m.value * t > 1), fmpq_mat(3, 3)
        )
        with flint.ctx.workprec(precision(200, fmpq(3), t)):
            near, far = (
                sum(
                    (x * x for x in (product_at(modes, start, d, t) - plateau).entries()), flint.arb(0)
                ).sqrt()
                for d in (100, 200)
            )
            slope = (near / far).log() / flint.arb(10).log() / 100
        assert float(slope) > float(balanced_rate(modes, found, t)) - 0.02


def test_irrational_modes_are_undecided_not_held():
    (result,) = verify(DeepLinearProblem.whitened(TARGET), ["deep-critical-points"]).results
    assert result.verdict is Verdict.UNDECIDED


def test_command_line_keeps_the_wings_apart(capsys):
    assert main(["theorems"]) == 0
    out = capsys.readouterr().out
    assert out.index("Statements: Diagonal") < out.index("balancedness") < out.index("Statements: Deep")
    assert "conjecture" in out
    assert main(["theorems", "deep-greedy-conjecture"]) == 0
    assert "[conjecture]" in capsys.readouterr().out
    assert main(["theorems", "deep-order-from-target"]) == 0
    assert "escapes at t = 1/2, before" in capsys.readouterr().out
    assert main(["verify", "deep-origin", "loss-falls", "--instances", "3", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert out.index("Diagonal linear networks") < out.index("Deep linear networks")
    assert main(["verify", "deep-origin", "sign-flip"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_json_says_wing_and_standing(capsys):
    assert main(["verify", "deep-origin", "--instances", "2", "--jobs", "1", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["statements"]
    assert (entry["wing"], entry["standing"]) == ("deep", "theorem")


def test_problems_survive_the_journey_to_another_process():
    for family in sorted(DEEP_FAMILIES):
        problem = instance(family, 1, 0)
        assert wing_of(problem) == "deep"
        assert restored("deep", problem.to_dict()).to_dict() == problem.to_dict()
    diagonal = DiagonalProblem([[1, 2]], [1], ["a", "b"])
    assert restored("diagonal", diagonal.to_dict(), ("a", "b")).feature_names == ("a", "b")


@pytest.mark.parametrize(
    ("family", "depths"), [("deep-two-jumps", {2}), ("deep-two-or-three-layers", {2, 3})]
)
def test_campaigns_meet_completions_of_every_shape(family, depths):
    drawn = [instance(family, 1, number) for number in range(40)]
    for depth in depths:
        found = {p.cost.shape for p in drawn if p.depth == depth and p.cost.name == "completion"}
        assert found == {(2, 3), (3, 3)}
    assert {problem.depth for problem in drawn} == depths


def test_false_variants_are_rejected_for_three_layers_too():
    """And for 3 × 3 completions; the first instances of each kind."""
    for one in ("deep-first-path", "deep-greedy-conjecture"):
        (check,) = checks_of(one)
        drawn = [instance(check.family, 1, number, statements()[one].assumptions) for number in range(12)]
        for chosen in (
            next(p for p in drawn if p.depth == 3),
            next(p for p in drawn if p.depth == 3 and p.cost.shape == (3, 3)),
        ):
            assert check(chosen).verdict is Verdict.HOLDS
            assert check.reject(chosen).verdict is Verdict.FAILS


def test_a_rank_without_minimum_is_undecided():
    """The unseen entries of the best matrices of rank one run off to infinity."""
    target, mask = [[-2, 2, 1], [-3, 1, -2], [0, -1, -2]], [[0, 1, 0], [1, 1, 1], [0, 1, 1]]
    deep = DeepLinearProblem.matrix_completion(target, mask, depth=3)
    (result,) = verify(deep, ["deep-greedy-conjecture"]).results
    assert result.verdict is Verdict.UNDECIDED
    assert "runs off to infinity" in result.checks[0].detail


def test_statements_beyond_three_layers_are_not_claimed():
    deep = DeepLinearProblem.whitened(TARGET, depth=4)
    first, greedy = verify(deep, ["deep-first-path", "deep-greedy-conjecture"]).results
    assert first.verdict is Verdict.SKIPPED
    assert greedy.verdict is Verdict.UNDECIDED
    three = DeepLinearProblem.whitened(TARGET, depth=3)
    report = verify(three, ["deep-first-path", "deep-greedy-conjecture", "deep-initialisation-distances"])
    assert [result.verdict for result in report.results] == [Verdict.HOLDS] * 3


CASES = [
    ("deep-whitened", DeepLinearProblem.matrix_completion([[1, 2]], [[1, 0]]), "completion"),
    ("deep-two-layers", DeepLinearProblem.whitened([[1]], depth=3), "3 layers"),
    ("deep-three-layers-at-most", DeepLinearProblem.whitened([[1]], depth=4), "4 layers"),
    ("deep-three-layers-at-least", DeepLinearProblem.whitened([[1]]), "2 layers"),
    ("deep-nonzero-gradient", DeepLinearProblem.whitened([[0]]), "vanishes"),
    ("deep-coupled", DeepLinearProblem.matrix_completion([[1, 2], [3, 1]], [[1, 0], [0, 1]]), "never hear"),
]


@pytest.mark.parametrize(("one", "problem", "named"), CASES, ids=[case[0] for case in CASES])
def test_assumption_that_fails_says_why(one, problem, named):
    finding = assumption(one)(problem)
    assert finding.holds is False
    assert named in finding.reason


def test_all_deep_assumptions_hold_on_a_good_problem():
    assert {case[0] for case in CASES} == set(assumptions("deep"))
    two_layers = tuple(one for one in assumptions("deep") if one != "deep-three-layers-at-least")
    assert first_unmet(two_layers, DeepLinearProblem.whitened([[2, 1], [0, 1]])) is None


def test_loss_along_a_ray_is_the_loss():
    rng = random.Random(3)
    for family in ("deep-any", "deep-modes"):
        problem = instance(family, 5, 1)
        W, E = random_layers(rng, problem), random_layers(rng, problem)
        ray, step = loss_along(problem, W, E), fmpq(2, 3)
        moved = problem.loss(public([w + step * e for w, e in zip(W, E, strict=True)]))
        assert str(ray(step)) == str(moved)
        assert len(gradient(problem, W)) == problem.depth


def test_rational_modes_are_found_or_refused():
    rng = random.Random(1)
    U, V = orthogonal(rng, 2), orthogonal(rng, 3)
    core = fmpq_mat(2, 3, [5, 0, 0, 0, fmpq(1, 2), 0])
    M = U * core * V.transpose()
    modes = rational_modes(M)
    assert [mode.value for mode in modes] == [5, fmpq(1, 2)]
    assert sum((mode.value * outer(mode.u, mode.v) for mode in modes), fmpq_mat(2, 3)) == M
    assert rational_modes(identity(2)) is None  # a repeated value
    assert rational_modes(fmpq_mat(2, 2, [1, 1, 0, 1])) is None  # irrational values


def test_closed_form_solves_the_flow():
    """Its derivative in T, by a difference of balls, is that of A along the flow."""
    problem = DeepLinearProblem.whitened([[2, 0, 0], [0, 1, 0]])
    modes = modes_of(fmpq_mat(2, 3, [2, 0, 0, 0, 1, 0]))
    W = balanced_start(random.Random(4), problem)
    assert W[1].transpose() * W[1] == W[0] * W[0].transpose()
    with flint.ctx.workprec(precision(1, fmpq(2), fmpq(1)) + 400):
        assert all(abs(x) < flint.arb(10) ** -20 for x in _gap_at_start(modes, W).entries())


def _gap_at_start(modes, W):
    step = fmpq(1, 10**40)
    ahead, back = product_at(modes, W, 1, step), product_at(modes, W, 1, -step)
    slope = (ahead - back) / (2 * flint.arb(step) * flint.arb(10).log())
    small = [w / 10 for w in W]
    residual = fmpq_mat(2, 3, [2, 0, 0, 0, 1, 0]) - small[1] * small[0]
    exact = residual * small[0].transpose() * small[0] + small[1] * small[1].transpose() * residual
    return slope - flint.arb_mat(exact)


@pytest.mark.parametrize("entry", DEEP_RECORDED, ids=lambda entry: entry.statement)
def test_recorded_counterexample_refutes_and_harmless_data_do_not(entry):
    assert recorded(entry.statement) is entry
    assert entry.refutes()
    harmless = DeepLinearProblem.whitened([[2, 0]])
    assert entry.violation(harmless) is None
    assert all(fact.holds for fact in entry.law(harmless))


def test_folklore_needs_its_counterexample():
    by_id = {entry.statement: entry.violation for entry in DEEP_RECORDED}
    distinct = DeepLinearProblem.whitened([[2, 0], [0, 1]])
    assert by_id["deep-rank-grows-by-one"](distinct) is None
    assert by_id["deep-order-from-target"](distinct) is None
    masked = DeepLinearProblem.matrix_completion([[2, 0], [0, 1]], [[1, 1], [1, 1]])
    assert by_id["deep-order-from-target"](masked) is None
    narrow = DeepLinearProblem.whitened([[1, 0], [0, 1]], hidden=1)
    assert by_id["deep-rank-grows-by-one"](narrow) is None


def test_equal_modes_appear_together_in_a_flow():
    from saddlesym.deep.flow.graded_flow import graded_flow

    jumps = graded_flow(DeepLinearProblem.whitened([[1, 0], [0, 1]]), "1e-200", until=3).jumps
    assert [round(jump.time, 1) for jump in jumps] == [1.0, 1.0]
    assert abs(jumps[1].natural_time - jumps[0].natural_time) < 10  # of 460


def test_order_is_turned_in_a_flow():
    from saddlesym.deep.flow.limit_times import limit_times

    problem = recorded("deep-order-from-target").make()
    assert [round(limit.time, 6) for limit in limit_times(problem, ("1e-20", "1e-40", "1e-80"))] == [0.5, 1.0]
    first = limit_times(DeepLinearProblem.whitened([[2, 0], [0, 1]]), ("1e-20", "1e-40", "1e-80"))[0]
    assert round(first.time, 6) == 0.5


def test_half_of_the_balanced_starts_miss_a_mode():
    """Starts of either sign of det A are drawn, and the sign decides."""
    problem = DeepLinearProblem.whitened([[2, 0], [0, 1]])
    modes = modes_of(fmpq_mat(2, 2, [2, 0, 0, 1]))
    seen = {True: 0, False: 0}
    for seed in range(40):
        start = balanced_start(random.Random(seed), problem)
        determinant = (start[1] * start[0]).det()
        if determinant != 0:
            seen[determinant > 0] += 1
            assert (len(reached(modes, start)) == 2) or determinant < 0
            assert determinant > 0 or len(reached(modes, start)) < 2
    assert min(seen.values()) > 10


def test_scalar_on_the_wrong_side_of_zero_never_arrives():
    """W_1 = 1, W_2 = −1 at A* = 1, followed far beyond the time 1."""
    from saddlesym.deep import riccati_product

    problem = DeepLinearProblem.whitened([[1]], hidden=1)
    (((value,),),) = (riccati_product(problem, [[[1]], [[-1]]], "1e-20", 138),)
    assert abs(float(value)) < 1e-100
    assert reached(modes_of(fmpq_mat([[1]])), [fmpq_mat([[1]]), fmpq_mat([[-1]])]) == []


@pytest.mark.parametrize(("width", "number"), [(1, 1), (2, 2), (3, 3)])
def test_narrow_networks_reach_as_many_modes_as_neurons(width, number):
    problem = DeepLinearProblem.whitened([[3, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0]], hidden=width)
    modes = modes_of(fmpq_mat(3, 4, [3, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0]))
    assert reached(modes, balanced_start(random.Random(5), problem)) == list(range(number))


def test_listing_says_how_each_statement_stands(capsys):
    assert main(["theorems"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "theorem, argued in part" in lines["deep-jump-times-whitened"]
    assert "proof in part, ball, numeric" in lines["deep-jump-times-whitened"]
    assert "recalled, not proved here" in lines["deep-first-path"]
    assert "recalled" in lines["deep-initialisation-distances"]
    assert "claim, not proved" in lines["alpha-free-cost"]
    assert "conjecture" in lines["deep-exponent-tracking"]
    assert main(["theorems", "deep-first-path"]) == 0
    assert "[recalled, not proved here]" in capsys.readouterr().out.partition("\n")[0]


def test_elementary_transitions_are_those_of_the_theorem():
    """Pairing every mode that is left with a greater one that is entered, by trying all pairings."""
    from itertools import permutations

    from saddlesym import transition_graph

    graph = transition_graph(DeepLinearProblem.whitened([[3, 0, 0], [0, 2, 0], [0, 0, 1]], hidden=2))
    edges = {(graph.saddles[a].modes, graph.saddles[b].modes) for a, b in graph.digraph.edges}
    assert edges
    for source, target in edges:
        lost, gained = set(source) - set(target), set(target) - set(source)
        assert any(all(j < s for s, j in zip(lost, order, strict=False)) for order in permutations(gained))


def test_deep_data_are_verified_by_their_own_command(capsys, tmp_path):
    ids = ["deep-origin", "deep-transitions"]
    assert main(["deep", "verify", "completion-3x3", *ids, "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert "matrix completion" in out
    assert "SKIPPED" in out
    file = tmp_path / "modes.csv"
    file.write_text("3,0\n0,1\n")
    assert main(["deep", "verify", str(file), *ids, "--depth", "3", "--jobs", "1", "--json"]) == 0
    assert [one["verdict"] for one in json.loads(capsys.readouterr().out)["statements"]] == ["HOLDS"] * 2
    for words in (["verify", "svd-3x3"], ["verify", str(file), "deep-origin"]):
        assert main(words) == 2
        error = capsys.readouterr().err
        assert "saddlesym deep verify" in error
        assert error.count("\n") == 1
    assert main(["deep", "verify", str(file), "loss-falls"]) == 2


@pytest.mark.long
def test_learning_laws_on_many_instances():
    """Numeric evidence on more instances than the quick campaigns have."""
    ids = ["deep-jump-times-whitened", "deep-first-path", "deep-greedy-conjecture", "deep-exponent-tracking"]
    report = verify(ids=ids, instances=2000)
    for result in report.results:
        assert result.verdict is Verdict.HOLDS
        assert all(item.exercised >= 20 for item in result.checks if item.kind is Kind.NUMERIC)
