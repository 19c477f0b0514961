"""Verification within a budget, under Ctrl-C, and when the system kills a worker."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from saddlesym import BadInputError, DiagonalProblem, Progress, explore, transition_graph, verify
from saddlesym.cli.main import main
from saddlesym.graph import check
from saddlesym.theorems import runner
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.workers import ENDED

SMALL = DiagonalProblem([[3, 1], [1, 2], [0, 1]], [4, -3, 2])
THREE = ["critical-points", "loss-falls", "termination"]


def killed(module: str, work: str, folder: str, times: int, only: str, *task: Any) -> Any:
    """Some work whose process is killed at first, so many times, as the system does for want of memory."""
    for k in range(times if only in repr(task) else 0):
        with suppress(FileExistsError):
            Path(folder, str(k)).touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)
    return getattr(import_module(module), work)(*task)


def dying(work: str, folder: Path, times: int) -> Any:
    return partial(killed, runner.__name__, work, str(folder), times, "")


def test_a_worker_killed_once_changes_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = verify(SMALL, THREE)
    monkeypatch.setattr(runner, "perform", dying("perform", tmp_path, 1))
    assert verify(SMALL, THREE, jobs=2) == expected
    assert len(list(tmp_path.iterdir())) == 1


def test_a_worker_killed_twice_leaves_one_check_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "perform", dying("perform", tmp_path, 2))
    report = verify(SMALL, THREE, check_budget=1000)
    verdicts = [result.verdict for result in report.results]
    assert sorted(verdicts) == ["HOLDS", "HOLDS", "UNDECIDED"]
    left = next(result for result in report.results if result.verdict is Verdict.UNDECIDED)
    assert left.checks[0].detail == ENDED
    assert report.exit_status == 3


def test_an_exploration_outlives_the_worker_of_its_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "perform", dying("perform", tmp_path, 2))
    found = explore(SMALL, quick=True, jobs=2)
    assert len(found.flows) == 3
    assert sum(ENDED in item.detail for result in found.report.results for item in result.evidence) == 1
    assert sum(result.verdict is Verdict.HOLDS for result in found.report.results) > 15


@pytest.mark.parametrize("times", [1, 2])
def test_an_orbit_whose_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    graph = transition_graph(SMALL)
    expected = check.check_transitions(graph, digits=10, arc_lengths=False)
    saved = tmp_path / "saved.jsonl"
    (tmp_path / "deaths").mkdir()
    work = check._check_document
    monkeypatch.setattr(
        check,
        "_check_document",
        partial(killed, check.__name__, work.__name__, str(tmp_path / "deaths"), times, "(), (0,), True"),
    )
    found = check.check_transitions(graph, digits=10, arc_lengths=False, jobs=2, resume=saved)
    assert [one.note for one in found.undecided] == [ENDED] * (times - 1)
    assert ENDED not in saved.read_text()  # the death of a process says nothing of the orbit
    monkeypatch.setattr(check, "_check_document", work)
    assert check.check_transitions(graph, digits=10, arc_lengths=False, resume=saved) == expected


def test_ctrl_c_keeps_every_verdict_reached() -> None:
    def press(moment: Progress) -> None:
        if moment.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(runner.VerificationInterrupted) as caught:
        verify(SMALL, THREE, progress=press)
    report = caught.value.report
    assert [result.verdict for result in report.results] == ["HOLDS", "HOLDS", "UNDECIDED"]
    assert report.results[2].checks[0].detail == "it was interrupted"
    assert report.partial
    assert report.to_dict()["partial"] is True
    assert "partial" not in verify(SMALL, THREE).to_dict()


def test_ctrl_c_in_a_campaign_counts_the_instances_that_were_tried() -> None:
    def press(moment: Progress) -> None:
        if moment.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(runner.VerificationInterrupted) as caught:
        verify(ids=["loss-falls"], instances=60, progress=press)
    [result] = caught.value.report.results
    assert result.undecided > 0
    assert result.proof is None or result.proof.verdict is not Verdict.FAILS


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_command_prints_what_it_has_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    perform, calls = runner.perform, 0

    def one_then_ctrl_c(unit: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return perform(unit)

    monkeypatch.setattr(
        runner, "_performed", lambda units, *_: ((k, one_then_ctrl_c(unit)) for k, unit in enumerate(units))
    )
    status = main(["verify", *THREE, "sign-flip", *(["--json"] if form == "json" else [])])
    out, err = capsys.readouterr()
    assert status == 130
    if form == "json":
        document = json.loads(out)
        assert document["partial"] is True
        assert [one["verdict"] for one in document["statements"]] == ["HOLDS", "UNDECIDED", "UNDECIDED"]
    else:
        assert "1 HOLDS, 2 UNDECIDED" in out
    assert "interrupted" in err


def test_checks_within_the_budget_are_kept_the_others_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "Budget", partial(runner.Budget, clock=iter(range(10**9)).__next__))
    report = verify(SMALL, THREE, budget=0.5)
    assert {result.verdict for result in report.results} == {Verdict.UNDECIDED}
    assert {result.checks[0].detail for result in report.results} == {"the budget of 0.5 s was used up"}
    assert report.exit_status == 3
    assert not report.partial


def test_a_budget_that_suffices_changes_nothing() -> None:
    assert verify(SMALL, THREE, budget=1e6, check_budget=1e6) == verify(SMALL, THREE)


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["budget", "check_budget"])
def test_budgets_are_positive(name: str, bad: float) -> None:
    with pytest.raises(BadInputError, match=name):
        verify(SMALL, THREE, **{name: bad})  # type: ignore[arg-type]
