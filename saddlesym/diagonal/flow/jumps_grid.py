"""The jumps of a flow as a table, whatever its depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.balls import Ball
from saddlesym.grids import Grid, Math, Name, Piece, changes


class Happening(Protocol):
    """What is shown of a jump."""

    @property
    def time(self) -> Ball: ...
    @property
    def coordinate(self) -> int: ...
    @property
    def entered(self) -> tuple[int, ...]: ...
    @property
    def left(self) -> tuple[int, ...]: ...


class Jumping(Protocol):
    """A flow with jumps."""

    @property
    def problem(self) -> DiagonalProblem: ...
    @property
    def jumps(self) -> Sequence[Happening]: ...


def jumps_grid(flow: Jumping, time: Math, limit: int | None) -> Grid:
    """One row per jump: when, and what happens.

    Args:
        flow: the flow.
        time: heading of the column of times.
        limit: most rows.
    """
    names = flow.problem.feature_names
    rows = tuple((k, jump.time, _event(names, jump)) for k, jump in enumerate(flow.jumps[:limit], 1))
    return Grid(repr(flow), ("jump", time, "event"), rows, frozenset({2}), more=len(flow.jumps) - len(rows))


def _event(names: Sequence[str], jump: Happening) -> tuple[Piece, ...]:
    """What happens; a coordinate far below the others is not told from one that sleeps by its size."""
    words = changes(names, jump.entered, jump.left)
    return words or (Name(names[jump.coordinate]), " meets its bound")
