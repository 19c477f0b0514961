"""The verb ``transition_graph``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlesym.verbs.dispatch import is_deep, refuse

if TYPE_CHECKING:
    from saddlesym.deep.problem import DeepLinearProblem
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.graph.deep import DeepSaddleGraph
    from saddlesym.graph.diagonal import SaddleGraph
    from saddlesym.progress import Listener


def transition_graph(
    problem: DiagonalProblem | DeepLinearProblem,
    *,
    elementary: bool = True,
    reachable: bool = False,
    max_support: int | None = None,
    max_rank: int | None = None,
    max_sets: int | None = None,
    progress: Listener | None = None,
) -> SaddleGraph | DeepSaddleGraph:
    """All saddles and the heteroclinic orbits between them, as α → 0.

    Args:
        problem: a diagonal network, or a deep linear network with the whitened squared error.
        elementary: only transitions that switch on one column, or one mode, besides the steps of
            the saddle path; False for all of them.
        reachable: keep only what can be reached from the origin (all of it, in a deep network).
        max_support: of diagonal networks: leave out saddles with larger active sets.
        max_rank: of deep networks: leave out saddles of more singular modes.
        max_sets: refuse when there are more active sets than this to look at (default 2²⁰), or,
            outward from the origin, more saddles than this are reached (default 2¹⁷); of deep
            networks, more saddles than this (default 2¹⁴).
        progress: called with a :class:`~saddlesym.Progress`: first the active sets solved, then the
            saddles whose transitions are done.

    Returns:
        A ``SaddleGraph`` over all orthants, in which active sets with dependent columns are counted
        and no nodes and pairs without a unique minimiser are ``undetermined``; or a ``DeepSaddleGraph``.

    Raises:
        BadInputError: a bound that is no whole number >= 0, or one of the other kind of network.
        BudgetError: too many saddles, too many pairs of them, or too little memory.
        DegenerateProblemError: a deep network with another cost.

    Source: PF23, Theorem 3 (orbits inside a jump); HS22 (invasion graph); ``deep-transitions``.

    >>> from saddlesym import DeepLinearProblem, DiagonalProblem
    >>> transition_graph(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    SaddleGraph(4 saddles, 4 transitions (elementary), d=2)
    >>> transition_graph(DeepLinearProblem.from_csv("svd-3x3"))
    DeepSaddleGraph(8 saddles, 18 transitions (elementary))
    """
    if is_deep(problem):
        from saddlesym.graph.deep import deep_transition_graph

        refuse({"max_support": max_support}, "diagonal networks (max_rank here)")
        return deep_transition_graph(
            problem, elementary=elementary, max_rank=max_rank, max_sets=max_sets, progress=progress
        )
    from saddlesym.graph.build import transition_graph as diagonal_graph

    refuse({"max_rank": max_rank}, "deep linear networks (max_support here)")
    return diagonal_graph(
        problem, elementary=elementary, reachable=reachable, max_support=max_support, max_sets=max_sets,
        progress=progress,
    )  # fmt: skip
