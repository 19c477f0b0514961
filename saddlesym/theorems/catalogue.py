"""The statements of the field as data: theorems, open ones, and folklore that is false.

A statement says what is claimed and what it rests on.  It never says whether it
is true: that is computed from evidence (:mod:`saddlesym.theorems.runner`).
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

from saddlesym.errors import UnknownNameError, shown
from saddlesym.theorems.deep.statements import folklore as deep_folklore
from saddlesym.theorems.deep.statements import learning as deep
from saddlesym.theorems.diagonal.statements import beyond, flow, folklore, neighbours, path, saddles
from saddlesym.theorems.statement import Statement

_ROOMS = (flow, saddles, path, neighbours, beyond, folklore, deep, deep_folklore)


@cache
def statements() -> dict[str, Statement]:
    """All statements by permanent id, wing by wing; in each wing folklore comes last.

    >>> statements()["loss-falls"].source, statements()["deep-origin"].wing
    ('PF23, section 4', 'deep')
    """
    return {entry.id: entry for room in _ROOMS for entry in room.STATEMENTS}


def statement(statement_id: str) -> Statement:
    """One statement by its id.

    Raises:
        UnknownNameError: there is none of that id.
    """
    found = statements().get(statement_id)
    if found is None:
        near = tuple(get_close_matches(statement_id, statements(), n=3, cutoff=0.5))
        hint = "" if near else "`saddlesym theorems` lists them"
        raise UnknownNameError(
            f"{shown(statement_id)} is not a statement", needed="a statement id", hint=hint, near=near
        )
    return found


def used_by(statement_id: str) -> tuple[str, ...]:
    """Ids of the statements that use this one directly."""
    return tuple(other.id for other in statements().values() if statement_id in other.uses)


@cache
def in_order_of_use() -> tuple[str, ...]:
    """All ids, every statement after the ones that it uses.

    >>> order = in_order_of_use()
    >>> order.index("balancedness") < order.index("lotka-volterra")
    True
    """
    from graphlib import TopologicalSorter

    graph = {entry.id: entry.uses for entry in statements().values()}
    return tuple(TopologicalSorter(graph).static_order())


__all__ = ["in_order_of_use", "statement", "statements", "used_by"]
