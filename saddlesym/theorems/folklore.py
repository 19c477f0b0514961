"""The counterexamples on record to the folklore of both wings."""

from __future__ import annotations

from saddlesym.theorems.deep.folklore import DEEP_RECORDED, DeepCounterexample
from saddlesym.theorems.diagonal.folklore import DIAGONAL_RECORDED, Counterexample


def recorded(statement_id: str) -> Counterexample | DeepCounterexample:
    """The counterexample on record to one sentence of either wing."""
    return next(entry for entry in (*DIAGONAL_RECORDED, *DEEP_RECORDED) if entry.statement == statement_id)
