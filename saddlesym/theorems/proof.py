"""Proofs as data: numbered steps, each with a sentence, a formula and a check that can fail.

A *claim* is anything with ``check() -> ClaimOutcome``; the kinds of claims live in
:mod:`saddlesym.theorems.claims`.  A step carries its claim, and beside it a
*mutant*: the same claim with a mistake planted in it, which must not come out
as HOLDS (the test suite runs every mutant).  What a step takes from earlier
steps and from textbooks is said in ``uses`` and ``facts``; a fact is named
because the machine does not check it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Protocol

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.statement import Statement

EVERY = "all dimensions"
"""The scope of a step that is checked for all dimensions at once."""


@dataclass(frozen=True)
class ClaimOutcome:
    """What the check of a claim says, and in one sentence why."""

    verdict: Verdict
    detail: str

    @property
    def holds(self) -> bool:
        """Whether the verdict is HOLDS."""
        return self.verdict is Verdict.HOLDS


class Checkable(Protocol):
    """Something that can be checked, and can fail."""

    def check(self) -> ClaimOutcome:
        """Decide the claim: HOLDS, FAILS, or UNDECIDED with the reason."""
        ...


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Attributes:
        sentence: what is claimed and why, in words a referee can follow.
        formula: the claim as LaTeX, without delimiters.
        claim: the machine check.
        mutant: the claim with a mistake planted; it must not hold.
        scope: for which dimensions the claim is checked; :data:`EVERY`, or for
            example ``"d <= 4"``, which lowers the grade of the whole proof.  That of a claim
            of finitely many cases is the claim's own.
        uses: numbers of earlier steps, from 1.
        facts: textbook facts that the step rests on, by name; not machine-checked.
        transfers: arguments of other proofs taken over with changes that the sentence
            names; a reader has to follow them, the machine does not.
    """

    sentence: str
    formula: str
    claim: Checkable
    mutant: Checkable
    scope: str = ""
    uses: tuple[int, ...] = ()
    facts: tuple[str, ...] = ()
    transfers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        cases = getattr(self.claim, "scope", EVERY)  # of a claim of finitely many cases
        scope = self.scope or cases
        if not scope or (cases != EVERY and scope != cases):
            raise ValueError(
                f"the scope of these cases is {cases or 'missing'}, not {scope or 'empty'}: {self.sentence}"
            )
        object.__setattr__(self, "scope", scope)


#: The grade of a proof of the whole statement: an argument in words, whose formulas are machine-checked.
ARGUED = "argued; every formula checked"


@dataclass(frozen=True)
class Proof(Documented):
    """The proof of one statement.

    Attributes:
        statement: permanent id of the statement that is proved.
        title: a short name for people.
        latex: what is proved, as LaTeX without delimiters.
        source: paper key and number, as in ``"PF23, Theorem 2"``.
        assumptions: what is assumed, in words.
        steps: the numbered steps.
        not_covered: the part of the statement that these steps do not prove; empty
            if there is none.  It lowers the grade.
        imports: ids of the statements whose proofs this proof rests on.
    """

    statement: str
    title: str
    latex: str
    source: str
    assumptions: tuple[str, ...]
    steps: tuple[Step, ...]
    not_covered: str = ""
    imports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for number, step in enumerate(self.steps, start=1):
            if not all(1 <= k < number for k in step.uses):
                raise ValueError(f"{self.statement}: step {number} uses {step.uses}; needed: earlier steps")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the id of the statement: claims hold functions, which stay in their file."""
        return load_proof, (self.statement,)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: what is proved, and the steps in words."""
        return {
            "kind": self._kind,
            "id": self.statement,
            "title": self.title,
            "latex": self.latex,
            "source": self.source,
            "assumptions": list(self.assumptions),
            "imports": list(self.imports),
            "grade": self.grade,
            "steps": [
                {
                    "number": number,
                    "sentence": step.sentence,
                    "formula": step.formula,
                    "scope": step.scope,
                    "uses": list(step.uses),
                    "facts": list(step.facts),
                    "transfers": list(step.transfers),
                }
                for number, step in enumerate(self.steps, 1)
            ],
        }

    @classmethod
    def _read(cls, given: Fields) -> Proof:
        """The proof of that statement; its claims are functions, which stay in their file."""
        return load_proof(given("id", str))

    @property
    def grade(self) -> str:
        """:data:`ARGUED`, or what keeps the proof, or one that it rests on, from being one for all data."""
        limits = [f"step {k} only for {s.scope}" for k, s in enumerate(self.steps, 1) if s.scope != EVERY]
        if self.not_covered:
            limits.append(f"not covered: {self.not_covered}")
        limits += [
            f"rests on {i}: {load_proof(i).grade}" for i in self.imports if not load_proof(i).is_general
        ]
        return f"argued in part ({'; '.join(limits)})" if limits else ARGUED

    @property
    def is_general(self) -> bool:
        """Whether the steps prove the whole statement, for all dimensions."""
        return self.grade == ARGUED


@dataclass(frozen=True)
class ProofRun(Documented):
    """A proof after its steps have been checked.

    Attributes:
        proof: the proof.
        outcomes: one outcome for each step, in order.
    """

    proof: Proof
    outcomes: tuple[ClaimOutcome, ...]

    @property
    def verdict(self) -> Verdict:
        """FAILS if a step fails, else UNDECIDED if one is undecided (or none exists), else HOLDS."""
        verdicts = {outcome.verdict for outcome in self.outcomes}
        if Verdict.FAILS in verdicts:
            return Verdict.FAILS
        return Verdict.HOLDS if verdicts == {Verdict.HOLDS} else Verdict.UNDECIDED

    @property
    def evidence(self) -> Evidence:
        """The proof as evidence.

        A proof that does not cover the whole statement in all dimensions says so in
        ``partial``; then nothing is called a theorem without reserve on its strength.
        """
        bad = [k for k, outcome in enumerate(self.outcomes, 1) if not outcome.holds]
        total = len(self.outcomes)
        if bad:
            detail = f"step {bad[0]} of {total}: {self.outcomes[bad[0] - 1].detail}"
        else:
            detail = f"{self.proof.grade}: {total} steps; the words joining them are not checked"
            if told := [str(k) for k, step in enumerate(self.proof.steps, 1) if step.transfers]:
                detail += f"; arguments taken over from other proofs in words: step {', '.join(told)}"
            if self.proof.imports:
                detail += f"; rests on the proofs of {', '.join(self.proof.imports)}"
        partial = "" if self.proof.is_general else self.proof.grade
        return Evidence(Kind.PROOF, self.verdict, total - len(bad), detail, partial=partial)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form: the statement, its grade, and every step with its verdict."""
        document = self.proof.to_dict() | {"kind": self._kind, "verdict": str(self.verdict)}
        for step, outcome in zip(document["steps"], self.outcomes, strict=True):
            step |= {"verdict": str(outcome.verdict), "detail": outcome.detail}
        return document

    @classmethod
    def _read(cls, given: Fields) -> ProofRun:
        proof = Proof._read(given)
        steps = given("steps", tuple[dict[str, Any], ...])
        if len(steps) != len(proof.steps):
            raise BadInputError(f"{len(steps)} steps", needed=f"{len(proof.steps)}, those of the proof")
        found = [ClaimOutcome(Verdict(step["verdict"]), str(step["detail"])) for step in steps]
        return cls(proof, tuple(found))


def decide(claim: Checkable) -> ClaimOutcome:
    """Check a claim; one that its decision procedure does not understand is UNDECIDED."""
    try:
        return claim.check()
    except (NotImplementedError, TypeError, ValueError, AttributeError) as error:
        return ClaimOutcome(Verdict.UNDECIDED, f"not understood: {error!s:.120}")


def run_proof(proof: Proof) -> ProofRun:
    """Check every step of a proof.

    >>> from saddlesym.theorems.proof import load_proof
    >>> run = run_proof(load_proof("balancedness"))
    >>> run.evidence.kind, run.evidence.verdict
    (<Kind.PROOF: 'proof'>, <Verdict.HOLDS: 'HOLDS'>)
    """
    return ProofRun(proof, tuple(decide(step.claim) for step in proof.steps))


def proof_text(run: ProofRun) -> str:
    """A proof and its verdicts as plain text, one paragraph for each step."""
    from textwrap import fill

    proof = run.proof
    lines = [f"{proof.title}  ({proof.source})", "", f"    {proof.latex}", ""]
    lines += [fill(f"Assumes: {a}", 100, subsequent_indent="         ") for a in proof.assumptions]
    lines += [f"Rests on: {', '.join(proof.imports)}"] if proof.imports else []
    for number, (step, outcome) in enumerate(zip(proof.steps, run.outcomes, strict=True), 1):
        sources = [f"step {k}" for k in step.uses] + list(step.facts)
        sources += [f"taken over in words, not machine-checked: {t}" for t in step.transfers]
        by = f" [by {'; '.join(sources)}]" if sources else ""
        lines += ["", fill(f"{number}. {step.sentence}{by}", 100, subsequent_indent="   ")]
        lines += [f"     {step.formula}"]
        lines += [fill(f"{outcome.verdict} ({step.scope}): {outcome.detail}", 100,
                       initial_indent="   ", subsequent_indent="     ")]  # fmt: skip
    return "\n".join([*lines, "", f"{run.verdict}: {run.evidence.detail}"])


@cache
def proof_files() -> dict[str, Path]:
    """The proof file of each statement that has one, by statement id; imports nothing.

    >>> proof_files()["balancedness"].name
    'balancedness.py'
    """
    package = Path(__file__).parents[1]
    folder = next(p for p in (package / "proofs", package.parent / "proofs") if p.is_dir())
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("[a-z]*.py"))}


@cache
def load_proof(statement: str) -> Proof:
    """The proof of one statement; its expressions are built only when it is run.

    Raises:
        BadInputError: if there is no proof file for that statement.

    >>> load_proof("balancedness").title
    'Balancedness'
    """
    if statement not in proof_files():
        raise BadInputError(f"there is no proof file for {shown(statement)}",
                            needed=f"one of: {', '.join(proof_files())}")  # fmt: skip
    path = proof_files()[statement]
    name = f"saddlesym_proofs.{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadInputError(f"{shown(path.name)} cannot be loaded", needed="a Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module  # so that dataclasses and tracebacks find their module
    spec.loader.exec_module(module)
    proof: Proof = module.PROOF
    if proof.statement != statement:
        raise BadInputError(f"{shown(path.name)} proves {shown(proof.statement)}", needed=shown(statement))
    return proof


def load_proofs() -> dict[str, Proof]:
    """All proofs by statement id."""
    return {statement: load_proof(statement) for statement in proof_files()}


def run_proof_of(statement: str) -> ProofRun:
    """Load and check the proof of one statement; made for worker processes, which get the id."""
    return run_proof(load_proof(statement))


def main(proof: Proof) -> int:
    """Run a proof as a program: print it; exit status 0 if it holds, else 1."""
    run = run_proof(proof)
    # a terminal without Greek letters gets escapes, not a traceback
    encoding = sys.stdout.encoding or "ascii"
    print(proof_text(run).encode(encoding, "backslashreplace").decode(encoding))
    return 0 if run.verdict is Verdict.HOLDS else 1


def standing(entry: Statement) -> str:
    """What a statement may be called on the strength of its proof file, whose grade is derived.

    A theorem without a complete proof on file says so; recalled ones, conjectures and
    folklore are called that, whatever their evidence.

    >>> from saddlesym.theorems.catalogue import statement
    >>> standing(statement("balancedness")), standing(statement("heteroclinic-arcs"))
    ('theorem', 'theorem, argued in part')
    >>> standing(statement("deep-first-path")), standing(statement("one-orthant"))
    ('recalled, not proved here', 'folklore, false')
    """
    if entry.standing == "theorem":
        if entry.id not in proof_files():
            return "claim, not proved"
        return "theorem" if load_proof(entry.id).is_general else "theorem, argued in part"
    more = {"recalled": ", not proved here", "folklore": ", false", "conjecture": ""}
    return entry.standing + more[entry.standing]
