"""The jumps of a flow as a table, whatever its depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.balls import Ball
from saddlesym.grids import Grid, Math, changes


class Happening(Protocol):
    """What is shown of a jump."""

    @property
    def time(self) -> Ball: ...
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
    rows = tuple(
        (k, jump.time, changes(names, jump.entered, jump.left))
        for k, jump in enumerate(flow.jumps[:limit], 1)
    )
    return Grid(repr(flow), ("jump", time, "event"), rows, frozenset({2}), more=len(flow.jumps) - len(rows))
