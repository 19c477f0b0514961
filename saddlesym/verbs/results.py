"""What every flow says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class FlowResult(Protocol):
    """A training flow from α, of whatever network: what :func:`saddlesym.flow` returns.

    Times are accelerated times t of the network (``flow`` says which); every ``t`` that is passed
    lies in [0, end] and may be an int, a Fraction, a decimal string or a Ball.

    Besides, a flow of a diagonal network has ``beta(t)`` (d) and ``dual(t)`` (d), one of a deep
    linear network has ``A(t)`` (n_out × n_in) and ``singular_values(t)``, both with ``loss(t)``.

    Attributes:
        problem: the data.
        jumps: the jumps found in the flow, in order of time; each has a ``time``.
        end: the last accelerated time.
        settled: whether the flow came to rest by its end.
        certified: whether the radii of its numbers are proved; otherwise they are estimates.
        steps: number of steps of the integrator.
    """

    @property
    def problem(self) -> Any: ...
    @property
    def jumps(self) -> Sequence[Any]: ...
    @property
    def end(self) -> Any: ...
    @property
    def settled(self) -> bool: ...
    @property
    def certified(self) -> bool: ...
    @property
    def steps(self) -> int: ...

    def times(self) -> list[Any]:
        """Accelerated times of the jumps."""

    def loss(self, t: Any) -> Any:
        """The loss at accelerated time t."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with the data; numbers as decimal strings with their radius."""

    def to_frame(self) -> Any:
        """One row per jump, as a pandas data frame."""
