"""The Coq theory as text: what it must not contain, and what its page and its list of theorems say of it.

None of this needs Coq; that the proofs hold is for ``make kernel`` to say.
"""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from saddlesym.theorems.catalogue import statements

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "proofs" / "coq"
SOURCES = sorted(FOLDER.glob("*.v"))
UNPROVED = (
    "Admitted",
    "Axiom",
    "Axioms",
    "Parameter",
    "Parameters",
    "Conjecture",
    "admit",
    "give_up",
    "Abort",
)
WEAKENING = (
    "bypass_check",
    "Unset Guard Checking",
    "Unset Positivity",
    "Unset Universe",
    "type_in_type",
    "Type In Type",
)
IN_SECTIONS = ("Variable", "Variables", "Hypothesis", "Hypotheses", "Context")


def _trust() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coq_trust", FOLDER / "trust.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


trust = _trust()


def unproved(source: str) -> list[str]:
    """What stands in a source for a proof that is not there, or switches the kernel's checks off."""
    text = trust.masked(source)
    found = [word for word in UNPROVED if re.search(rf"(?<![\w']){word}(?![\w'])", text)]
    return found + [words for words in WEAKENING if words.lower() in text.lower()]


def leaking(source: str) -> list[str]:
    """Variables and hypotheses that stand outside of every section, where they are axioms."""
    depth, found = 0, []
    for sentence in re.split(r"\.(?=\s|$)", trust.masked(source)):
        words = sentence.split()
        first = words[0] if words else ""
        if first in ("Section", "Module"):
            depth += 1
        elif first == "End":
            depth -= 1
        elif first in ("Local", "Global") and len(words) > 1:
            first = words[1]
        if first in IN_SECTIONS and depth == 0:
            found.append(sentence.strip())
    return found


def test_there_is_a_theory():
    assert len(SOURCES) >= 14
    assert sorted(trust.modules()) == [path.name for path in SOURCES]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_is_left_unproved(path):
    source = path.read_text(encoding="utf-8")
    assert unproved(source) == []
    assert leaking(source) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_proof_that_begins_ends(path):
    text = trust.masked(path.read_text(encoding="utf-8"))
    begun = len(re.findall(r"(?<![\w'])Proof(?: with [^.]*| using [^.]*)?\.", text))
    stated = len(re.findall(r"^\s*(?:Theorem|Lemma|Corollary|Fact|Remark|Proposition)\s", text, re.MULTILINE))
    ended = len(re.findall(r"(?<![\w'])(?:Qed|Defined)\.", text))
    assert begun == ended
    assert stated <= ended


@pytest.mark.parametrize(
    "planted",
    [
        "Lemma a : 0 = 1. Proof. Admitted.",
        "Axiom a : 0 = 1.",
        "Parameter a : 0 = 1.",
        "Lemma a : 0 = 1. Proof. admit. Qed.",
        "Lemma a : 0 = 1.\nAbort.",
        "Unset Guard Checking.",
        "#[bypass_check(guard)] Fixpoint f (n : nat) : nat := f n.",
    ],
)
def test_a_planted_gap_is_seen(planted):
    assert unproved(
        "(** Admitted words of a comment are none. *) Lemma b : 0 = 0. Proof. reflexivity. Qed. " + planted
    )
    assert unproved("(** Admitted, Axiom, Parameter *)") == []


def test_a_planted_hypothesis_is_seen():
    assert leaking("Section A. Variable a : nat. End A. Hypothesis b : 0 = 1.") == ["Hypothesis b : 0 = 1"]
    assert leaking("Section A. Hypothesis b : 0 = 1. End A.") == []
    assert leaking("Local Hypothesis b : 0 = 1.") != []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_file_says_what_stands_there(path):
    first = path.read_text(encoding="utf-8")
    assert first.startswith("(** ")
    assert f"`{path.name}`" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_page_prints_what_stands_in_the_sources():
    written = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert trust.readme(trust.Theory().page()) == written, "python proofs/coq/trust.py --write"


def test_the_page_names_the_four_axioms():
    written = (FOLDER / "README.md").read_text(encoding="utf-8")
    allowed = re.search(
        r"^AXIOMS := ((?:.*\\\n)*.*)$", (FOLDER / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert allowed is not None
    names = allowed.group(1).replace("\\", " ").split()
    assert len(names) == 4
    assert all(f"`{name}`" in written for name in names)


def test_the_final_theorems_are_there():
    theory = trust.Theory()
    entries = trust.theorems()
    assert len({(entry["file"], entry["coq"]) for entry in entries}) == len(entries) >= 15
    for entry in entries:
        assert set(entry) == {"coq", "file", "statement", "paper", "says"}
        found = theory.find(entry["file"], entry["coq"])
        assert found is not None, entry
        assert found.kind == "Theorem", entry
        assert entry["statement"] == "" or entry["statement"] in statements(), entry
        assert entry["paper"], entry
        assert entry["says"].endswith("."), entry


def test_a_definition_is_found_through_others():
    theory = trust.Theory()
    found = theory.find("GeneralPosition.v", "pf23")
    assert found is not None
    mentioned = theory.mentioned("GeneralPosition.v", found)
    assert {"general_position", "algorithm_1", "algorithm_run", "minimiser", "loss", "Sum"} <= {
        name for _, name in mentioned
    }
    assert "check" not in {name for _, name in mentioned}  # what stands in later files is not seen
