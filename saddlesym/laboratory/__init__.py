"""Conjectures of one's own: stated, tested on data, searched for their smallest counterexamples."""

from __future__ import annotations

from saddlesym.lazy import attach

_PUBLIC = {
    "IntegerBox": "saddlesym.laboratory.boxes",
    "Conjecture": "saddlesym.laboratory.conjecture",
    "refute": "saddlesym.laboratory.searching",
    "Climbs": "saddlesym.laboratory.climbs",
    "Ensemble": "saddlesym.laboratory.ensembles",
    "RandomData": "saddlesym.laboratory.ensembles",
    "TextLaw": "saddlesym.laboratory.language.evaluation",
    "GivenData": "saddlesym.laboratory.searching",
    "Refutation": "saddlesym.laboratory.search",
    "Search": "saddlesym.laboratory.search",
    "Walls": "saddlesym.laboratory.walls",
    "Fact": "saddlesym.theorems.evidence.check",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
