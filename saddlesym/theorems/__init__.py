"""Statements as data, their assumptions, proofs, checks and verdicts."""

from __future__ import annotations

from saddlesym.lazy import attach

_PUBLIC = {
    "Evidence": "saddlesym.theorems.evidence.verdict",
    "Kind": "saddlesym.theorems.evidence.verdict",
    "Verdict": "saddlesym.theorems.evidence.verdict",
    "Proof": "saddlesym.theorems.proof",
    "ProofRun": "saddlesym.theorems.proof",
    "load_proof": "saddlesym.theorems.proof",
    "load_proofs": "saddlesym.theorems.proof",
    "run_proof": "saddlesym.theorems.proof",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
