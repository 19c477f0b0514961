"""What is called kernel-checked, and on what strength."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from saddlesym import verify
from saddlesym.cli.main import main
from saddlesym.kernel import theory
from saddlesym.theorems.catalogue import statements
from saddlesym.theorems.evidence.kernel import kernel_evidence
from saddlesym.theorems.evidence.status import Grade, derived
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict

KERNEL = Evidence(Kind.KERNEL, Verdict.HOLDS, 0, "log of Coq 8.16.1: pf23")
PROOF = Evidence(Kind.PROOF, Verdict.HOLDS, 3, "argued")
EXACT = Evidence(Kind.EXACT, Verdict.HOLDS, 9, "9 instances")
FALSE = replace(EXACT, verdict=Verdict.FAILS)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A log of a full check of the sources as they are."""
    for name in theory.source_hashes():
        (tmp_path / name).write_bytes((theory.folder() / name).read_bytes())
    lines = [f"  {one.file[:-2]}.{one.name}: classic sig_not_dec" for one in theory.kernel_theorems()]
    head = ["The Coq Proof Assistant, version 8.16.1", "Axioms of the final theorems:"]
    (tmp_path / "kernel.log").write_text("\n".join(head + lines) + "\n", encoding="utf-8")
    hashes = "".join(f"{value}  {name}\n" for name, value in theory.source_hashes().items())
    (tmp_path / "kernel.sha256").write_text(hashes, encoding="utf-8")
    monkeypatch.setattr(theory, "folder", lambda: tmp_path)
    theory.log.cache_clear()
    yield tmp_path
    theory.log.cache_clear()


def test_a_log_of_these_sources_is_evidence(checked: Path) -> None:
    (found,) = kernel_evidence("balancedness")
    assert (found.kind, found.verdict) == (Kind.KERNEL, Verdict.HOLDS)
    assert found.detail.startswith("log of Coq 8.16.1: balancedness")
    assert kernel_evidence("acyclicity") == ()


def test_a_log_of_other_sources_is_none(checked: Path) -> None:
    with (checked / "Base.v").open("a", encoding="utf-8") as stream:
        stream.write(" ")
    theory.log.cache_clear()
    assert theory.log() is None
    assert kernel_evidence("balancedness") == ()


def test_a_theorem_on_another_axiom_or_not_in_the_log_is_not_checked(checked: Path) -> None:
    text = (checked / "kernel.log").read_text(encoding="utf-8")
    for changed in (
        text.replace("Setting.balancedness: classic", "Setting.balancedness: wish"),
        re.sub(r"  Setting\.balancedness:.*\n", "", text),
    ):
        assert changed != text
        (checked / "kernel.log").write_text(changed, encoding="utf-8")
        theory.log.cache_clear()
        assert kernel_evidence("balancedness") == ()
        assert kernel_evidence("contraction") != ()


def test_the_kernel_stands_above_all_and_a_counterexample_above_it() -> None:
    entries = statements()
    ids = ["acyclicity", "termination"]
    uses = {"termination": ["acyclicity"]}

    def status(proofs: dict[str, Evidence], others: dict[str, list[Evidence]]) -> list[str]:
        return [str(one) for one in derived(ids, entries, proofs, others, uses).values()]

    assert next(iter(Kind)) is Kind.KERNEL
    assert status(dict.fromkeys(ids, PROOF), {"acyclicity": [KERNEL]}) == [
        "kernel-checked (log of Coq 8.16.1)", "argued; every formula checked",
    ]  # fmt: skip
    # it rests on nothing that is not in it, and gives what rests on it no lack
    partial = replace(PROOF, partial="step 2")
    assert (
        status({"acyclicity": partial}, {one: [KERNEL] for one in ids})[0]
        == status({}, {ids[0]: [KERNEL]})[0]
    )
    assert status({}, {"acyclicity": [KERNEL, FALSE]})[0] == "false"
    # a false argument is a false argument, whoever else vouches for the statement
    broken = replace(PROOF, verdict=Verdict.UNDECIDED)
    assert status({"acyclicity": broken}, {"acyclicity": [KERNEL]})[0] == "undecided"


def test_verification_shows_it(checked: Path) -> None:
    first, second = verify(ids=["contraction", "acyclicity"], instances=2).results
    assert (first.status.grade, second.status.grade) == (Grade.KERNEL, Grade.ARGUED)
    assert first.best.kind is Kind.KERNEL
    assert first.best.detail.startswith("log of Coq")


def test_the_command_prints_the_theorem_as_it_stands_in_the_source(
    checked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for one in theory.kernel_theorems():
        source = (theory.folder() / one.file).read_text(encoding="utf-8")
        assert one.text in source
        assert re.search(rf"\bTheorem {re.escape(one.name)}\b", one.text), one.name
    assert main(["theorems", "contraction"]) == 0
    out = capsys.readouterr().out
    (only,) = theory.theorems_of("contraction")
    assert f"In Coq ({only.file}, kernel-checked, log of Coq 8.16.1):" in out
    assert all(line.strip() in out for line in only.text.splitlines())
    assert main(["theorems", "contraction", "--json"]) == 0
    (document,) = json.loads(capsys.readouterr().out)["coq"]
    assert (document["name"], document["text"], document["checked"]) == (only.name, only.text, True)


def test_without_a_log_it_says_not_run(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checked / "kernel.log").unlink()
    theory.log.cache_clear()
    assert main(["theorems", "contraction"]) == 0
    assert "In Coq (Rate.v, not run: make kernel checks it):" in capsys.readouterr().out


def test_every_statement_that_a_theorem_names_is_one() -> None:
    assert {one.statement for one in theory.kernel_theorems()} - {""} <= statements().keys()
