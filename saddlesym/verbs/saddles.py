"""The verb ``saddles``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from saddlesym.verbs.dispatch import is_deep, refuse

if TYPE_CHECKING:
    from saddlesym.deep.problem import DeepLinearProblem
    from saddlesym.deep.saddles.enumeration import DeepSaddle
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.diagonal.saddles.enumeration import Saddle, SaddleFamily
    from saddlesym.progress import Listener


def saddles(
    problem: DiagonalProblem | DeepLinearProblem,
    *,
    max_support: int | None = None,
    max_rank: int | None = None,
    max_sets: int | None = None,
    progress: Listener | None = None,
) -> Iterator[Saddle | SaddleFamily | DeepSaddle]:
    """Every saddle of the loss, one at a time: nothing is kept.

    Args:
        problem: a diagonal network, or a deep linear network with the whitened squared error.
        max_support: of diagonal networks: largest active set to look at; default all.
        max_rank: of deep networks: leave out saddles of more singular modes; default all.
        max_sets: refuse when more active sets, or sets of modes, than this would be looked at;
            default 2²⁰.
        progress: called with a :class:`~saddlesym.Progress` after each active set, or set of modes.

    Yields:
        For a diagonal network, by size of the active set, a ``Saddle`` per active set with
        independent columns and a minimiser that is non-zero on all of it (otherwise it is the
        saddle of a smaller set), a ``SaddleFamily`` where columns are dependent.  For a deep
        network a ``DeepSaddle`` per set of singular modes, by their number.

    Raises:
        BudgetError: too many sets (raised at once, not on iteration).
        BadInputError: a bound that is no whole number >= 0, or one of the other kind of network.
        DegenerateProblemError: a deep network with another cost.

    Source: PF23, section 3; for whitened data, Baldi and Hornik 1989 and J21.

    >>> from saddlesym import DeepLinearProblem, DiagonalProblem
    >>> [(s.support, s.morse_index) for s in saddles(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))]
    [((), 2), ((0,), 1), ((1,), 1), ((0, 1), 0)]
    >>> [(s.modes, s.morse_index) for s in saddles(DeepLinearProblem.whitened([[2, 0], [0, 1]]))]
    [((), 4), ((0,), 1), ((1,), 2), ((0, 1), 0)]
    """
    if is_deep(problem):
        from saddlesym.deep.saddles.enumeration import deep_saddles

        refuse({"max_support": max_support}, "diagonal networks (max_rank here)")
        return deep_saddles(problem, max_rank=max_rank, max_sets=max_sets, progress=progress)
    from saddlesym.diagonal.saddles.enumeration import saddles as diagonal_saddles

    refuse({"max_rank": max_rank}, "deep linear networks (max_support here)")
    return diagonal_saddles(problem, max_support=max_support, max_sets=max_sets, progress=progress)
