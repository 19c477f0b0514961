"""Every proof runs to its end, and every step rejects a planted mistake."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest

from saddlesym.errors import BadInputError
from saddlesym.theorems.claims import All, Each
from saddlesym.theorems.evidence.verdict import Kind, Verdict
from saddlesym.theorems.proof import (
    EVERY,
    ClaimOutcome,
    Proof,
    ProofRun,
    Step,
    load_proof,
    load_proofs,
    proof_files,
    proof_text,
    run_proof,
    run_proof_of,
)

STEPS = [
    pytest.param(step, id=f"{statement}-{number}")
    for statement, proof in load_proofs().items()
    for number, step in enumerate(proof.steps, 1)
]


@pytest.mark.parametrize("statement", proof_files())
def test_every_step_of_every_proof_holds(statement):
    run = run_proof_of(statement)
    assert [o for o in run.outcomes if not o.holds] == []
    assert run.verdict is Verdict.HOLDS
    assert run.evidence.kind is Kind.PROOF
    assert bool(run.evidence.partial) != load_proof(statement).is_general
    assert run.evidence.exercised == len(run.proof.steps) > 0


@pytest.mark.parametrize("step", STEPS)
def test_every_step_rejects_its_mutant(step):
    outcome = step.mutant.check()
    assert outcome.verdict is Verdict.FAILS, outcome.detail  # refuted, not merely left open
    assert type(step.mutant) is type(step.claim), "a mutant is the same kind of claim"


@pytest.mark.parametrize("statement", proof_files())
def test_a_proof_file_reads_as_a_document(statement):
    tree = ast.parse(proof_files()[statement].read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree)
    assert docstring is not None
    assert "Theorem." in docstring
    assert "Source:" in docstring
    proof = load_proof(statement)
    assert proof.assumptions
    for step in proof.steps:
        assert step.sentence.rstrip(")").endswith(".")
    for formula in (proof.latex, *(step.formula for step in proof.steps)):
        assert formula.strip()
        assert formula.count("{") - formula.count("}") == formula.count(r"\{") - formula.count(r"\}")
        assert formula.count(r"\left") == formula.count(r"\right")
        assert not re.search(r"\\q?quad[A-Za-z]", formula), "a command runs into the next letter"


def test_proofs_rest_on_proofs_that_exist_and_not_on_themselves():
    proofs = load_proofs()
    done: set[str] = set()
    while ready := {s for s, p in proofs.items() if s not in done and set(p.imports) <= done}:
        done |= ready
    assert done == set(proofs), "imports are missing or circular"


def test_a_proof_file_is_a_program():
    run = subprocess.run(
        [sys.executable, str(proof_files()["balancedness"])], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "HOLDS: argued; every formula checked: 5 steps" in run.stdout


class Fixed:
    def __init__(self, verdict):
        self.verdict = verdict

    def check(self):
        return ClaimOutcome(self.verdict, "as planted")


def small_proof(*verdicts, scope=EVERY, not_covered=""):
    steps = tuple(Step("s.", "f", Fixed(v), Fixed(Verdict.FAILS), scope=scope) for v in verdicts)
    return Proof("x", "X", "x", "none", ("none",), steps, not_covered=not_covered)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((Verdict.HOLDS, Verdict.HOLDS), Verdict.HOLDS),
        ((Verdict.HOLDS, Verdict.UNDECIDED), Verdict.UNDECIDED),
        ((Verdict.UNDECIDED, Verdict.FAILS), Verdict.FAILS),
        ((), Verdict.UNDECIDED),
    ],
)
def test_a_proof_is_as_good_as_its_worst_step(verdicts, expected):
    assert run_proof(small_proof(*verdicts)).verdict is expected


def test_a_proof_in_part_is_not_evidence_of_kind_proof():
    for proof in (
        small_proof(Verdict.HOLDS, scope="d <= 4"),
        small_proof(Verdict.HOLDS, not_covered="the bound"),
    ):
        evidence = run_proof(proof).evidence
        assert evidence.partial
        assert "in part" in evidence.detail


def test_a_proof_that_rests_on_a_proof_in_part_is_one_in_part():
    proof = replace(small_proof(Verdict.HOLDS), imports=("heteroclinic-arcs",))
    assert not load_proof("heteroclinic-arcs").is_general
    assert run_proof(proof).evidence.partial
    assert "rests on heteroclinic-arcs" in proof.grade


def test_what_is_taken_over_in_words_is_printed_with_the_proof():
    step = Step("s.", "f", Fixed(Verdict.HOLDS), Fixed(Verdict.FAILS), transfers=("contraction, step 2",))
    run = run_proof(replace(small_proof(), steps=(step,)))
    assert "contraction, step 2" in proof_text(run)
    assert run.to_dict()["steps"][0]["transfers"] == ["contraction, step 2"]
    assert "in words: step 1" in run.evidence.detail


def test_a_step_that_is_not_understood_is_undecided():
    class Foreign:
        def check(self):
            raise NotImplementedError("no normal form")

    run = run_proof(replace(small_proof(), steps=(Step("s.", "f", Foreign(), Fixed(Verdict.FAILS)),)))
    assert run.verdict is Verdict.UNDECIDED
    assert "no normal form" in run.evidence.detail


def test_a_claim_of_finitely_many_cases_states_its_scope():
    for scope in ("", EVERY):
        with pytest.raises(ValueError, match="cases"):
            Each(list, scope=scope)
    few = Each(lambda: [(f"d = {d}", Fixed(Verdict.HOLDS)) for d in range(1, 5)], scope="d <= 4")
    with pytest.raises(ValueError, match="scope"):
        Step("s.", "f", few, Fixed(Verdict.FAILS), scope=EVERY)
    step = Step("s.", "f", few, Fixed(Verdict.FAILS))
    assert step.scope == "d <= 4"
    assert run_proof(replace(small_proof(), steps=(step,))).evidence.partial
    hidden = Step("s.", "f", All(lambda: [("cases", few)]), Fixed(Verdict.FAILS))
    assert run_proof(replace(small_proof(), steps=(hidden,))).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("statement", proof_files())
def test_a_proof_file_has_no_rounded_number(statement):
    tree = ast.parse(proof_files()[statement].read_text(encoding="utf-8"))
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    names = {getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(tree)}
    assert not [v for v in values if isinstance(v, float | complex)]
    assert not names & {"Float", "float", "evalf", "math"}


@pytest.mark.parametrize("statement", proof_files())
def test_a_theorem_cited_by_step_is_imported(statement):
    proof = load_proof(statement)
    cited = {"Lotka–Volterra, step": "lotka-volterra", "balancedness, step": "balancedness"}
    cited |= {"explicit rate, step": "explicit-rate", "convergence, step": "convergence"}
    text = " ".join(" ".join((s.sentence, *s.facts, *s.transfers)) for s in proof.steps)
    assert set(re.findall(r"deep-[a-z-]*[a-z]", text)) <= set(proof.imports)
    assert {i for words, i in cited.items() if words in text and i != statement} <= set(proof.imports)


def test_a_step_may_only_use_earlier_steps():
    step = Step("s.", "f", Fixed(Verdict.HOLDS), Fixed(Verdict.FAILS), uses=(1,))
    with pytest.raises(ValueError, match="earlier steps"):
        Proof("x", "X", "x", "none", ("none",), (step,))


def test_an_unknown_statement_has_no_proof():
    with pytest.raises(BadInputError, match="no proof file"):
        load_proof("no-such-thing")


def test_a_run_is_json_ready():
    import json

    run = ProofRun(load_proof("balancedness"), run_proof_of("balancedness").outcomes)
    assert json.loads(json.dumps(run.to_dict()))["steps"][0]["verdict"] == "HOLDS"


def test_a_proof_program_survives_a_terminal_without_greek_letters():
    import os

    run = subprocess.run(
        [sys.executable, str(proof_files()["contraction"])],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert run.returncode == 0, run.stderr
    assert "HOLDS: argued" in run.stdout


def test_a_proof_program_with_a_broken_step_exits_with_1(tmp_path):
    source = proof_files()["balancedness"].read_text(encoding="utf-8")
    broken = tmp_path / "balancedness.py"
    broken.write_text(source.replace("2 * alpha**2\n", "3 * alpha**2\n"), encoding="utf-8")
    assert broken.read_text(encoding="utf-8") != source
    run = subprocess.run([sys.executable, str(broken)], capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    assert "FAILS: step 4 of 5" in run.stdout


def test_a_proof_runs_in_another_process():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        run = pool.submit(run_proof_of, "balancedness").result()
    assert run.verdict is Verdict.HOLDS
    assert run.proof is load_proof("balancedness")


def test_listing_proofs_is_light_and_z3_is_imported_only_by_its_claims():
    code = (
        "import sys; from saddlesym.theorems.proof import load_proofs, proof_files; proof_files();"
        " assert 'sympy' not in sys.modules; load_proofs(); assert 'z3' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
