"""The verb ``certify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.diagonal.path.trajectory import SaddlePath
    from saddlesym.graph.deep import DeepSaddleGraph
    from saddlesym.graph.diagonal import SaddleGraph
    from saddlesym.recheck.path import Certificate


def certify(result: SaddlePath | SaddleGraph | DeepSaddleGraph) -> Certificate:
    """Decide every claim of a result in exact arithmetic, from its data alone.

    The code that decides shares nothing with the code that found it, and a result that was
    altered fails; ``saddlesym check FILE`` does the same to a saved one.

    Args:
        result: a saddle path, or a graph of saddles and transitions.

    Returns:
        A certificate whose ``holds`` is True exactly when all claims hold, False when one is
        false, None when one was too large to decide.

    Raises:
        BadInputError: a result of another kind.

    Source: PF23, Algorithm 1 and Theorems 2 and 3.

    >>> from saddlesym import DeepLinearProblem, DiagonalProblem, saddle_path, transition_graph
    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> certify(saddle_path(problem))
    Certificate(11 claims, all hold)
    >>> certify(transition_graph(problem)).holds
    True
    >>> certify(transition_graph(DeepLinearProblem.whitened([[2, 0], [0, 1]]))).holds
    True
    """
    from saddlesym.diagonal.path.trajectory import SaddlePath

    if isinstance(result, SaddlePath):
        from saddlesym.recheck.path import certify as certify_path

        return certify_path(result)
    from saddlesym.graph.diagonal import SaddleGraph

    if isinstance(result, SaddleGraph):
        from saddlesym.recheck.graph import certify_graph

        return certify_graph(result.to_dict())
    from saddlesym.graph.deep import DeepSaddleGraph

    if isinstance(result, DeepSaddleGraph):
        from saddlesym.recheck.deep.saddles import certify_deep_saddles

        return certify_deep_saddles(result.to_dict())
    raise BadInputError(
        f"{type(result).__name__} {shown(result)}",
        needed="a saddle path or a graph of saddles",
        hint="the balls of a flow that is certified are proved as it is followed",
    )
