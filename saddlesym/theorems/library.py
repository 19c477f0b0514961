"""The proof files: where they are, and how to load one or all of them.

A checkout has them in ``proofs/``, an installed package in ``saddlesym/proofs/``.
The file of a statement bears its id with underscores: ``lotka_volterra.py``.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from saddlesym.errors import BadInputError, shown
from saddlesym.theorems.proof import Proof, ProofRun, run_proof
from saddlesym.theorems.statement import Statement


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


def standing(entry: Statement) -> str:
    """What a statement may be called on the strength of its proof file, whose grade is derived.

    A theorem without a complete proof on file says so; recalled ones, conjectures and
    folklore are called that, whatever their evidence.

    >>> from saddlesym.theorems.catalogue import statement
    >>> standing(statement("balancedness")), standing(statement("heteroclinic-arcs"))
    ('theorem', 'theorem, proved in part')
    >>> standing(statement("deep-first-path")), standing(statement("one-orthant"))
    ('recalled, not proved here', 'folklore, false')
    """
    if entry.standing == "theorem":
        if entry.id not in proof_files():
            return "claim, not proved"
        return "theorem" if load_proof(entry.id).is_general else "theorem, proved in part"
    more = {"recalled": ", not proved here", "folklore": ", false", "conjecture": ""}
    return entry.standing + more[entry.standing]
