"""The runner: verdicts, derived status, repeatability, and what counts as success."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from saddlesym import DiagonalProblem, verify
from saddlesym.errors import BadInputError
from saddlesym.theorems import runner
from saddlesym.theorems.assumptions import assumption
from saddlesym.theorems.catalogue import statement
from saddlesym.theorems.checks import checks
from saddlesym.theorems.diagonal.folklore import DIAGONAL_RECORDED
from saddlesym.theorems.evidence.results import Report, Result
from saddlesym.theorems.evidence.status import Grade, combined_verdict, derived, overall
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.statement import Statement

PROOF = Evidence(Kind.PROOF, Verdict.HOLDS, 3, "proved")
IN_PART = Evidence(Kind.PROOF, Verdict.HOLDS, 3, "proved in part", partial="step 2 only for d <= 4")
EXACT = Evidence(Kind.EXACT, Verdict.HOLDS, 9, "")
NUMERIC = Evidence(Kind.NUMERIC, Verdict.HOLDS, 9, "")
FALSE = Evidence(Kind.EXACT, Verdict.FAILS, 1, "")
OPEN = Evidence(Kind.NUMERIC, Verdict.UNDECIDED, 0, "")


def _entry(one, standing="theorem"):
    return Statement(one, one, one, one, "here", standing=standing)


def _status(proofs, others, uses, order):
    return derived(order, {one: _entry(one) for one in order}, proofs, others, uses)


def test_proved_only_along_proved_uses():
    uses = {"b": ("a",), "c": ("b",)}
    found = _status({"a": PROOF, "b": PROOF, "c": PROOF}, {}, uses, "abc")
    assert [str(found[one]) for one in "abc"] == [str(Grade.ARGUED)] * 3
    found = _status({"b": PROOF, "c": PROOF}, {"a": [EXACT]}, uses, "abc")
    assert [str(found[one]) for one in "abc"] == ["supported (exact)", "argued modulo a", "argued modulo a"]
    found = _status({"a": IN_PART, "b": PROOF}, {}, uses, "ab")
    assert [str(found[one]) for one in "ab"] == ["argued in part", "argued modulo a"]
    # a statement that was not examined is no ground to stand on
    assert str(_status({"b": PROOF}, {}, uses, "b")["b"]) == "argued modulo a"


def test_failing_proof_proves_nothing():
    broken = replace(PROOF, verdict=Verdict.UNDECIDED)
    assert str(_status({"a": broken}, {"a": [NUMERIC]}, {}, "a")["a"]) == "undecided"
    assert _status({"a": PROOF}, {"a": [FALSE]}, {}, "a")["a"].grade is Grade.FALSE


def test_status_of_no_evidence_is_undecided():
    assert _status({}, {}, {}, "a")["a"].grade is Grade.UNDECIDED
    assert combined_verdict([]) is Verdict.UNDECIDED
    assert combined_verdict([Verdict.SKIPPED, Verdict.UNDECIDED]) is Verdict.UNDECIDED


def _report(*results):
    return runner.Report(tuple(results), 1, 1)


def _result(*found, standing="theorem"):
    return runner.Result(_entry("a", standing), None, found, None)


def test_exit_status():
    good, bad = _result(EXACT), _result(EXACT, FALSE)
    assert _report(good).exit_status == 0
    assert _report(good, bad).exit_status == 1
    assert _report(good, _result(OPEN)).exit_status == 3
    assert _report(bad, _result(OPEN)).exit_status == 1
    assert _report(_result(EXACT, OPEN)).exit_status == 0
    skipped = _result(Evidence(Kind.EXACT, Verdict.SKIPPED, 0, ""))
    assert _report(good, skipped).exit_status == 0
    assert _report(skipped).exit_status == 3
    assert _report(_result(FALSE, standing="folklore")).exit_status == 0
    assert _report(_result(EXACT, standing="folklore")).exit_status == 1


def test_campaign_counts_what_was_truly_exercised():
    report = verify(ids=["loss-falls", "sign-kept"], instances=12, seed=5)
    falls, kept = report.results
    assert falls.verdict is Verdict.HOLDS
    assert falls.checks[0].exercised == 12
    assert "12 of 12" in falls.checks[0].detail
    assert kept.verdict is Verdict.FAILS
    assert kept.checks[0].counterexample == {"X": [[-2, -1], [-1, 0]], "y": [-2, 1]}
    assert report.exercised == 12  # the recorded counterexample is no sampled instance
    assert report.exit_status == 0


def test_same_seed_same_answer_whatever_the_jobs():
    ids = ["balancedness", "minimum-l1", "shared-knots", "at-most-d-jumps"]
    one, two = (verify(ids=ids, instances=30, seed=3, jobs=jobs).to_dict() for jobs in (1, 2))
    assert json.dumps(one) == json.dumps(two)


def test_progress_reaches_the_announced_work():
    seen = []
    verify(ids=["acyclicity"], instances=40, progress=seen.append)
    assert [moment.done for moment in seen] == list(range(1, seen[0].total + 1))


def test_no_admissible_instance_is_undecided(monkeypatch):
    monkeypatch.setattr(runner, "instance", lambda *_: None)
    monkeypatch.setattr(runner, "proof_files", dict)
    (result,) = verify(ids=["acyclicity"], instances=4).results
    assert result.verdict is Verdict.UNDECIDED
    assert result.checks[0].exercised == 0


def test_false_statement_fails_with_its_counterexample(monkeypatch):
    falsified = tuple(
        replace(check, law=check.variant) if check.statement == "loss-falls" else check for check in checks()
    )
    monkeypatch.setattr(runner, "checks", lambda: falsified)
    report = verify(ids=["loss-falls"], instances=40)
    assert report.exit_status == 1
    assert report.results[0].verdict is Verdict.FAILS
    counterexample = report.results[0].checks[0].counterexample
    problem = DiagonalProblem.from_dict(counterexample)
    assert (
        checks()[[c.statement for c in checks()].index("loss-falls")].reject(problem).verdict is Verdict.FAILS
    )


def test_folklore_that_is_not_refuted_is_no_success(monkeypatch):
    harmless = replace(DIAGONAL_RECORDED[1], X=((1,),), y=(1,))
    monkeypatch.setattr(runner, "recorded", lambda _: harmless)
    assert verify(ids=["sign-kept"]).exit_status == 1


def test_statement_is_skipped_with_its_assumption_named():
    doubled = DiagonalProblem([[1, 1, 0], [2, 2, 1]], [1, 3], ["a", "b", "c"])
    report = verify(doubled, ["unique-path", "orthogonal-designs", "loss-falls", "critical-points"])
    by_id = {result.statement.id: result for result in report.results}
    assert by_id["unique-path"].verdict is Verdict.SKIPPED
    assert "general-position" in by_id["unique-path"].checks[0].detail
    assert "'a', 'b'" in by_id["unique-path"].checks[0].detail
    assert by_id["orthogonal-designs"].verdict is Verdict.SKIPPED
    assert by_id["loss-falls"].verdict is Verdict.SKIPPED
    assert "unique-minimisers" in by_id["loss-falls"].checks[0].detail
    assert by_id["critical-points"].verdict is Verdict.HOLDS
    assert report.exit_status == 0
    assert all(result.proof is None and result.status is None for result in report.results)


def test_everything_on_small_data_holds():
    report = verify(DiagonalProblem([[3, 1], [1, 2], [0, 1]], [4, -3, 2]), (), jobs=1)
    assert {result.verdict for result in report.results if not result.statement.is_folklore} <= {
        Verdict.HOLDS,
        Verdict.SKIPPED,
        Verdict.UNDECIDED,
    }
    assert sum(result.verdict is Verdict.HOLDS for result in report.results) > 20


def test_bad_numbers_are_refused():
    for wrong in ({"instances": 0}, {"jobs": 0}):
        with pytest.raises(BadInputError):
            verify(ids=["loss-falls"], **wrong)
    with pytest.raises(BadInputError):
        verify(ids=["no-such-statement"])


def test_a_proof_that_ran_and_did_not_hold_is_not_outvoted() -> None:
    proof = Evidence(Kind.PROOF, Verdict.UNDECIDED, 2, "step 3 undecided")
    assert overall(proof, [EXACT]) is Verdict.UNDECIDED
    assert overall(proof, [FALSE]) is Verdict.FAILS
    assert overall(None, [EXACT]) is Verdict.HOLDS


def test_folklore_left_undecided_is_neither_success_nor_failure() -> None:
    open_question = Evidence(Kind.EXACT, Verdict.UNDECIDED, 0, "")
    result = Result(statement("sign-kept"), None, (open_question,), None)
    assert Report((result,), 1, 1).exit_status == 3
    stands = Result(statement("sign-kept"), None, (EXACT,), None)
    assert Report((stands,), 1, 1).exit_status == 1


def test_undecided_tries_are_counted_and_decide_the_exit_status_on_data() -> None:
    some = Evidence(Kind.EXACT, Verdict.HOLDS, 9, "", undecided=2)
    result = Result(statement("loss-falls"), None, (some,), None)
    assert (Report((result,), 1, 1).undecided, Report((result,), 1, 1).exit_status) == (2, 0)
    assert Report((result,), 1, 1, on_data=True).exit_status == 3


def test_twins_have_no_unique_minimiser() -> None:
    finding = assumption("unique-minimisers")(DiagonalProblem([[1, 1], [2, 2]], [2, 1]))
    assert finding.holds is False
    assert "'x0', 'x1'" in finding.reason
    assert assumption("unique-minimisers")(DiagonalProblem([[1, 2], [2, 4]], [2, 1])).holds is True
