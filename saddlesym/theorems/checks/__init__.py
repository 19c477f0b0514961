"""Checks of the statements on instances, each with a false variant that it must reject."""

from __future__ import annotations

from functools import cache

from saddlesym.theorems.checks.check import Check


@cache
def checks() -> tuple[Check, ...]:
    """All checks, in the order of their modules.

    >>> {check.statement for check in checks()} >= {"balancedness", "jump-time-law"}
    True
    """
    from saddlesym.theorems.checks import (
        beyond_laws,
        certified_laws,
        deep_escape_laws,
        deep_flow_laws,
        deep_initialisation_laws,
        deep_saddle_laws,
        deep_symmetry_laws,
        deep_transition_laws,
        flow_laws,
        limit_laws,
        neighbour_laws,
        path_laws,
        recovery_laws,
        saddle_laws,
        transition_laws,
    )

    diagonal = (
        *(flow_laws, saddle_laws, path_laws, transition_laws, neighbour_laws, limit_laws, beyond_laws),
        *(certified_laws, recovery_laws),
    )
    deep = (
        *(deep_symmetry_laws, deep_escape_laws, deep_saddle_laws, deep_transition_laws),
        *(deep_flow_laws, deep_initialisation_laws),
    )
    rooms = (*diagonal, *deep)
    return tuple(check for room in rooms for check in room.CHECKS)


def checks_of(statement_id: str) -> tuple[Check, ...]:
    """The checks of one statement."""
    return tuple(check for check in checks() if check.statement == statement_id)


__all__ = ["Check", "checks", "checks_of"]
