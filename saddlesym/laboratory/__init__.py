"""Conjectures of one's own: stated, tested on data, searched for their smallest counterexamples."""

from __future__ import annotations

from saddlesym.lazy import attach

_PUBLIC = {
    "Conjecture": "saddlesym.laboratory.conjecture",
    "Ensemble": "saddlesym.laboratory.ensembles",
    "Fact": "saddlesym.theorems.evidence.check",
    "GivenData": "saddlesym.laboratory.refutation",
    "IntegerBox": "saddlesym.laboratory.boxes",
    "RandomData": "saddlesym.laboratory.ensembles",
    "Search": "saddlesym.laboratory.search",
    "Walls": "saddlesym.laboratory.walls",
    "refute": "saddlesym.laboratory.refutation",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
