"""Orbits between the saddles of a deep linear network with whitened squared error.

In singular coordinates the loss is a sum over blocks of modes whenever each block has
hidden units of its own, and such blocks stay apart along the flow.  Two kinds of
blocks give orbits from one saddle to another:

- *growth*: a mode j ∉ S with a free hidden unit, aligned weights.  Its strength obeys
  ``a' = L a^{2−2/L}(σ_j − a)`` (SMG14) and rises from 0 to σ_j: S → S ∪ {j};
- *exchange*: one hidden unit and two modes, σ_j > σ_s.  In this network of width one
  the saddle of s has a single unstable direction (:mod:`saddlesym.deep.saddles.enumeration`), and
  only the saddle of j has a lower loss: S → S∖{s} ∪ {j}.

Several of them may run at once.  So there is an orbit from S to T when the modes
of S∖T can be exchanged for different ones of T∖S, each for a greater σ.  That these are all
is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from saddlesym.deep.saddles.enumeration import DeepSaddle, largest_set
from saddlesym.exact.documents.results import Documented


@dataclass(frozen=True)
class DeepTransition(Documented):
    """An orbit from one saddle to another.

    Attributes:
        source: modes of each distinct singular value at the saddle that is left.
        target: the same at the saddle that is reached.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]

    @property
    def entered(self) -> tuple[int, ...]:
        """Distinct singular values (0-based) of which modes are switched on, as often as that happens."""
        return _gained(self.source, self.target)

    @property
    def left(self) -> tuple[int, ...]:
        """Distinct singular values (0-based) of which modes are switched off."""
        return _gained(self.target, self.source)

    @property
    def is_growth(self) -> bool:
        """Whether S → S ∪ J: no mode is switched off."""
        return not self.left

    @property
    def elementary(self) -> bool:
        """Whether one mode alone is switched on."""
        return len(self.entered) == 1

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: switched on and off, as 0-based numbers of distinct singular values."""
        return super().to_dict() | self.entry()

    def entry(self) -> dict[str, Any]:
        """The transition within the document of a graph, which has ids for its ends."""
        return {
            "entered": list(self.entered),
            "left": list(self.left),
            "growth": self.is_growth,
            "elementary": self.elementary,
        }


def _gained(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k for k, (a, b) in enumerate(zip(before, after, strict=True)) for _ in range(max(0, b - a)))


def transition_between(source: DeepSaddle, target: DeepSaddle) -> DeepTransition | None:
    """The orbit from one saddle to another, when growth and exchange of modes give one.

    That is so exactly when, for every k, T has at least as many of the k greatest
    singular values as S, and T ≠ S.

    >>> from saddlesym import DeepLinearProblem
    >>> from saddlesym.deep import critical_set
    >>> problem = DeepLinearProblem.whitened([[2, 0], [0, 1]])
    >>> low, high, both = (critical_set(problem, c) for c in ([0, 1], [1, 0], [1, 1]))
    >>> transition_between(low, high).left, transition_between(high, low)
    ((1,), None)
    >>> transition_between(low, both).is_growth
    True
    """
    if source.counts == target.counts:
        return None
    totals = zip(accumulate(source.counts), accumulate(target.counts), strict=True)
    if all(before <= after for before, after in totals):
        return DeepTransition(source.counts, target.counts)
    return None


def elementary_transitions(saddle: DeepSaddle) -> Iterator[DeepTransition]:
    """Every orbit from a saddle that switches on one mode: growth first, then exchanges."""
    counts, free = saddle.counts, saddle.left
    open_values = [k for k, room in enumerate(free) if room]
    if saddle.rank < largest_set(saddle.problem, saddle.decomposition):
        for k in open_values:
            yield DeepTransition(counts, _moved(counts, k, None))
    for k in open_values:
        for lesser in range(k + 1, len(counts)):
            if counts[lesser]:
                yield DeepTransition(counts, _moved(counts, k, lesser))


def _moved(counts: tuple[int, ...], gains: int, loses: int | None) -> tuple[int, ...]:
    return tuple(c + (k == gains) - (k == loses) for k, c in enumerate(counts))
