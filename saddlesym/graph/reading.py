"""What documents say of nodes and edges of saddle graphs, read and held against each other."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

from saddlesym.diagonal.path.transitions import mask_of
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.documents.results import Documented, Fields

_Ids = tuple[int, int]


@dataclass(frozen=True)
class GraphNode(Documented):
    """What a document says of a node beyond what its data say."""

    id: int
    support: tuple[int, ...]
    morse_index: int
    time: Fraction | None


class GraphPair(Documented):
    """The ids of an edge."""

    @classmethod
    def _read(cls, given: Fields) -> Any:
        return given("source", int), given("target", int)


def graph_fields(given: Fields) -> dict[str, Any]:
    """The fields of a :class:`~saddlesym.SaddleGraph` in a document.

    Raises:
        BadInputError: ids, supports or times that do not fit each other.
    """
    names = given("features", tuple[str, ...] | None, None)
    problem = given.one("problem", DiagonalProblem, feature_names=names)
    nodes, pairs = given.each("nodes", GraphNode), given.each("edges", GraphPair)
    visited, undetermined = given("visited", tuple[int, ...]), given("undetermined", tuple[_Ids, ...])
    inside = range(len(nodes))
    if [node.id for node in nodes] != list(inside) or not all(
        k in inside for k in chain(visited, *pairs, *undetermined)
    ):
        raise BadInputError("ids that are not those of the nodes", needed=f"0 to {len(nodes) - 1}")
    if not all(
        len(set(n.support)) == len(n.support) and set(n.support) <= set(range(problem.d)) for n in nodes
    ):
        raise BadInputError("a support that is none", needed=f"distinct columns from 0 to {problem.d - 1}")
    times = tuple(nodes[k].time for k in visited)
    if None in times:
        raise BadInputError("a visited node without a time", needed="the times of the saddle path")
    return {
        "problem": problem,
        "elementary": given("elementary", bool),
        "visited": visited,
        "path_note": given("path_note", str),
        "dependent": given("dependent_active_sets", int | None),
        "undetermined": undetermined,
        "cut": given("cut", int | None),
        "max_support": given("max_support", int),
        "reachable_only": given("reachable_only", bool),
        "_masks": tuple(mask_of(node.support) for node in nodes),
        "_sources": array("i", [source for source, _ in pairs]),
        "_targets": array("i", [target for _, target in pairs]),
        "_indices": array("i", [node.morse_index for node in nodes]),
        "_times": times,
    }
