"""Checks of the statements on instances, each with a false variant that it must reject."""

from __future__ import annotations

from functools import cache

from saddlesym.theorems.evidence.check import Check


@cache
def checks() -> tuple[Check, ...]:
    """All checks, in the order of their modules.

    >>> {check.statement for check in checks()} >= {"balancedness", "jump-time-law"}
    True
    """
    from saddlesym.theorems.deep.laws import blow_up as deep_blow_up_laws
    from saddlesym.theorems.deep.laws import escape as deep_escape_laws
    from saddlesym.theorems.deep.laws import flow as deep_flow_laws
    from saddlesym.theorems.deep.laws import initialisation as deep_initialisation_laws
    from saddlesym.theorems.deep.laws import saddles as deep_saddle_laws
    from saddlesym.theorems.deep.laws import symmetry as deep_symmetry_laws
    from saddlesym.theorems.deep.laws import transitions as deep_transition_laws
    from saddlesym.theorems.diagonal.laws import beyond as beyond_laws
    from saddlesym.theorems.diagonal.laws import certified as certified_laws
    from saddlesym.theorems.diagonal.laws import finite_steps as finite_step_laws
    from saddlesym.theorems.diagonal.laws import flow as flow_laws
    from saddlesym.theorems.diagonal.laws import limit as limit_laws
    from saddlesym.theorems.diagonal.laws import neighbours as neighbour_laws
    from saddlesym.theorems.diagonal.laws import path as path_laws
    from saddlesym.theorems.diagonal.laws import recovery as recovery_laws
    from saddlesym.theorems.diagonal.laws import saddles as saddle_laws
    from saddlesym.theorems.diagonal.laws import transitions as transition_laws

    diagonal = (
        *(flow_laws, saddle_laws, path_laws, transition_laws, neighbour_laws, limit_laws, beyond_laws),
        *(certified_laws, recovery_laws, finite_step_laws),
    )
    deep = (
        *(deep_symmetry_laws, deep_escape_laws, deep_saddle_laws, deep_transition_laws),
        *(deep_flow_laws, deep_blow_up_laws, deep_initialisation_laws),
    )
    rooms = (*diagonal, *deep)
    return tuple(check for room in rooms for check in room.CHECKS)


def checks_of(statement_id: str) -> tuple[Check, ...]:
    """The checks of one statement."""
    return tuple(check for check in checks() if check.statement == statement_id)


__all__ = ["Check", "checks", "checks_of"]
