"""Training runs of users, held against the theory at their own scale and step."""

from __future__ import annotations

from saddlesym.lazy import attach

_PUBLIC = {
    "DeepRunComparison": "saddlesym.runs.deep",
    "JumpMatch": "saddlesym.runs.comparison",
    "RunComparison": "saddlesym.runs.comparison",
    "TrainingRun": "saddlesym.runs.run",
    "compare": "saddlesym.runs.comparing",
    "compare_deep": "saddlesym.runs.deep",
    "simulate": "saddlesym.runs.simulation",
    "simulate_deep": "saddlesym.runs.deep",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
