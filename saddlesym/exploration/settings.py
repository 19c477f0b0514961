"""What an exploration may spend: budgets by the data's size, not the clock; verdicts can have one of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saddlesym.diagonal.flow.two_layers.flow import MAX_DIGITS, MIN_DIGITS
from saddlesym.diagonal.saddles.enumeration import count_active_sets
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.scale import InitialScale

#: Steps that no flow on well-sized data comes near.
_MOST_STEPS = 20_000
#: A scale that one can see, and two tiny ones, which give the jump times back.
SCALES = ("1e-20", "1e-10000", "1e-20000")


@dataclass(frozen=True)
class Settings(Documented):
    """How far an exploration goes.

    Attributes:
        alphas: scales of the flows, the largest first; those that show the same jumps give the times.
        digits: digits of the flows.
        max_sets: most active sets that are enumerated for the graph.
        listed_sets: most active sets whose saddles are written out in the result.
        flow_work: jumps that a flow is followed through, times d².
        flow_steps: steps of a flow, times d².
        costly_columns: statements whose checks follow flows are checked up to so many columns.
        quick: whether these are the quick settings.
    """

    alphas: tuple[str, ...] = SCALES
    digits: int = 8
    max_sets: int = 5_000
    listed_sets: int = 1_100
    flow_work: int = 20_000
    flow_steps: int = 4_000_000
    costly_columns: int = 8
    quick: bool = False

    @classmethod
    def of(cls, alphas: Any = None, digits: int | None = None, *, quick: bool = False) -> Settings:
        """Settings from what a user says; None means the default.

        Raises:
            BadInputError: fewer than two different scales, or digits out of range.

        >>> Settings.of(["1e-50", "1e-9", "1e-100"]).alphas
        ('1e-9', '1e-50', '1e-100')
        """
        given = SCALES
        chosen = [InitialScale.read(alpha) for alpha in (alphas or given)]
        if len({scale.text for scale in chosen}) < max(2, len(chosen)):
            listed = ", ".join(scale.text for scale in chosen)
            raise BadInputError(f"alpha = {shown(listed)}", needed="two or more different scales")
        chosen.sort(key=lambda scale: float(scale.log_inverse()))
        kept = digits if digits is not None else 6 if quick else 8
        if not MIN_DIGITS <= kept <= MAX_DIGITS:
            raise BadInputError(f"digits={shown(kept)}", needed=f"{MIN_DIGITS} <= digits <= {MAX_DIGITS}")
        texts = tuple(scale.text for scale in chosen)
        if quick:
            return cls(texts, kept, 1_100, 300, 2_000, 1_000_000, 0, True)
        return cls(texts, kept)

    def max_support(self, d: int, sets: int) -> int:
        """The largest size of active sets whose number, up to that size, is within ``sets``.

        >>> Settings().max_support(30, 5_000), Settings().max_support(10, 5_000)
        (3, 10)
        """
        size = 0
        while size < d and count_active_sets(d, size + 1) <= sets:
            size += 1
        return size

    def jumps_followed(self, d: int) -> int:
        """How many jumps of d columns a flow is followed through."""
        return max(1, self.flow_work // d**2)

    def steps(self, d: int) -> int:
        """How many steps a flow may take."""
        return max(500, min(_MOST_STEPS, self.flow_steps // d**2))
