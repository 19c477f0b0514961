"""The saddle graph: saddles as nodes, heteroclinic transitions as edges.

A graph of 14 columns has 16384 nodes and 10⁵ to 5·10⁶ edges, one of 20 has 10⁷.  So supports are kept
as bit masks and edges as two arrays of node numbers; nodes and edges are made into
objects when someone looks at them, and the networkx graph when someone asks for it.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

from saddlesym.diagonal.path.chains import NoShape, Shape, path_of_shape, shape_for_chain
from saddlesym.diagonal.path.transitions import mask_of, members
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import Saddle, critical_point
from saddlesym.errors import BadInputError, visible
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.text import exact_string
from saddlesym.exact.vectors import RationalVector
from saddlesym.graph.base import TransitionGraph
from saddlesym.graph.export import head, label
from saddlesym.graph.reading import graph_fields
from saddlesym.grids import Cell, Displayed, Drawn, Grid, Rounded, signed_support


@dataclass(frozen=True)
class SaddleNode(Documented):
    """A saddle as a node of the graph.

    Attributes:
        id: number of the node, by size of the support and then lexicographically.
        saddle: the saddle itself: support, signs, β, gradient, loss, Morse index.
        time: accelerated time at which the saddle path reaches it; None when it does not.
    """

    id: int
    saddle: Saddle
    time: Fraction | None

    @property
    def support(self) -> tuple[int, ...]:
        """Indices of the non-zero coefficients."""
        return self.saddle.support

    @property
    def signs(self) -> tuple[int, ...]:
        """−1, 0 or 1 for every column."""
        return self.saddle.signs

    @property
    def beta(self) -> RationalVector:
        """The point (d)."""
        return self.saddle.beta

    @property
    def loss(self) -> Fraction:
        """L(β)."""
        return self.saddle.loss

    @property
    def morse_index(self) -> int:
        """The number of unstable directions."""
        return self.saddle.morse_index

    @property
    def visited(self) -> bool:
        """Whether the saddle path visits this saddle."""
        return self.time is not None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings; ``time`` is null when not visited."""
        return super().to_dict() | self.entry()

    def entry(self) -> dict[str, Any]:
        """The node within the document of the graph, whose data give the rest of the saddle."""
        return {
            "id": self.id,
            "support": list(self.support),
            "signs": list(self.signs),
            "beta": self.beta.strings(),
            "loss": exact_string(self.loss),
            "morse_index": self.morse_index,
            "visited": self.visited,
            "time": None if self.time is None else exact_string(self.time),
        }


@dataclass(frozen=True)
class TransitionEdge(Documented):
    """A heteroclinic transition as an edge of the graph.

    Attributes:
        source: id of the saddle that is left.
        target: id of the saddle that is reached.
        entered: columns switched on.
        left: columns switched off.
        rates: growth rates of the entered columns at the source in natural time T
            as α → 0.
        visited: whether the saddle path makes this transition.
    """

    source: int
    target: int
    entered: tuple[int, ...]
    left: tuple[int, ...]
    rates: tuple[Fraction, ...]
    visited: bool

    @property
    def elementary(self) -> bool:
        """Whether one column alone is switched on."""
        return len(self.entered) == 1

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings."""
        return super().to_dict() | {"elementary": self.elementary}

    def entry(self) -> dict[str, Any]:
        """The edge within the document of the graph."""
        return entry(self)


@dataclass(frozen=True, repr=False)
class SaddleGraph(Displayed, Drawn, Documented, TransitionGraph):
    """All saddles of a problem, over all orthants, and the transitions between them.

    Made by :func:`saddlesym.transition_graph`.

    Attributes:
        problem: the data.
        elementary: whether only transitions that switch on one column were asked for.
            Steps of the saddle path are edges in any case.
        visited: ids of the saddles on the saddle path, in order, as far as it stays
            in the graph.
        path_note: why the path is not followed to its end, in the words of
            :class:`~saddlesym.recheck.path_stop.PathStop`; empty when it is.
        dependent: number of active sets of at most ``max_support`` columns that are
            dependent; their critical points form affine sets, which are not nodes.
            None when active sets were not enumerated.
        undetermined: pairs of ids that obey the transition rule, but where the
            minimiser on the common face is not unique; they are not edges.
        cut: number of elementary transitions left out because they lead to more than
            ``max_support`` columns.  None for a full graph with such a bound: its other
            transitions would be known only with the saddles that were not looked at.
        max_support: largest active set that was looked at.
        reachable_only: whether only saddles that can be reached from the origin are kept.
    """

    problem: DiagonalProblem
    elementary: bool
    visited: tuple[int, ...]
    path_note: str
    dependent: int | None
    undetermined: tuple[tuple[int, int], ...]
    cut: int | None
    max_support: int
    reachable_only: bool
    _masks: Sequence[int] = field(repr=False)
    _sources: array[int] = field(repr=False, hash=False)
    _targets: array[int] = field(repr=False, hash=False)
    _indices: array[int] = field(repr=False, hash=False)
    _times: tuple[Fraction, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self._masks)

    def _ends(self) -> tuple[Sequence[int], Sequence[int]]:
        return self._sources, self._targets

    def _morse_indices(self) -> Sequence[int]:
        return self._indices

    @cached_property
    def _ids(self) -> dict[int, int]:
        return {mask: k for k, mask in enumerate(self._masks)}

    @cached_property
    def _visit_times(self) -> dict[int, Fraction]:
        return dict(zip(self.visited, self._times, strict=True))

    @cached_property
    def _visited_steps(self) -> frozenset[tuple[int, int]]:
        return frozenset(zip(self.visited, self.visited[1:], strict=False))

    def id_of(self, support: Sequence[int]) -> int:
        """The id of the saddle with this support.

        Raises:
            BadInputError: there is none in the graph.
        """
        inside = all(type(i) is int and 0 <= i < self.problem.d for i in support)
        found = self._ids.get(mask_of(support)) if inside else None
        if found is None:
            raise BadInputError(
                f"no saddle of support {list(support)} in the graph", needed="one of its nodes"
            )
        return found

    def support(self, node: int) -> tuple[int, ...]:
        """The support of a node, without computing the saddle.

        Raises:
            BadInputError: no id of a node; so for all that takes ids.
        """
        return members(self._masks[self._checked(node)])

    def node(self, node: int) -> SaddleNode:
        """The node with this id, its saddle computed exactly.

        Raises:
            BadInputError: no such id.
        """
        node = self._checked(node)
        saddle = critical_point(self.problem, members(self._masks[node]))
        assert isinstance(saddle, Saddle)
        return SaddleNode(node, saddle, self._visit_times.get(node))

    def grid(self, limit: int | None = None) -> Grid:
        """One row per saddle: its active set, loss, Morse index, and when the saddle path visits it."""
        names = self.problem.feature_names
        rows: list[tuple[Cell, ...]] = []
        for one in islice(self.nodes(), limit):
            time = None if one.time is None else Rounded(one.time)
            rows.append((one.id, signed_support(one.signs, names), Rounded(one.loss), one.morse_index, time))
        header = ("id", "active set", "loss", "Morse index", "visited at t")
        return Grid(repr(self), header, tuple(rows), frozenset({1}), more=len(self) - len(rows))

    def morse_index(self, node: int) -> int:
        """The number of unstable directions of a node, without computing the saddle."""
        return self._indices[self._checked(node)]

    def nodes(self) -> Iterator[SaddleNode]:
        """All nodes in the order of their ids, one at a time."""
        return map(self.node, range(len(self)))

    def edges(self, among: Collection[int] | None = None) -> Iterator[TransitionEdge]:
        """All edges, or those among some ids, grouped by source, one at a time."""
        at, gradient = -1, RationalVector.of(())
        for source, target in self.pairs(among):
            if source != at:
                at, gradient = source, self.node(source).saddle.gradient
            yield self._edge(source, target, gradient)

    def edge(self, source: int, target: int) -> TransitionEdge:
        """The edge between two nodes.

        Raises:
            BadInputError: there is none.
        """
        source, target = self._checked_edge(source, target)
        return self._edge(source, target, self.node(source).saddle.gradient)

    def _edge(self, source: int, target: int, gradient: RationalVector) -> TransitionEdge:
        S, T = self._masks[source], self._masks[target]
        entered = members(T & ~S)
        rates = tuple(2 * abs(gradient[j]) for j in entered)
        visited = (source, target) in self._visited_steps
        return TransitionEdge(source, target, entered, members(S & ~T), rates, visited)

    def pair(self, number: int) -> tuple[int, int]:
        """The ids that the edge of this number, in the order of :meth:`pairs`, leads from and to."""
        return self._sources[number], self._targets[number]

    @cached_property
    def minima(self) -> tuple[int, ...]:
        """Ids of the global minima among the nodes (Morse index 0)."""
        return tuple(k for k, index in enumerate(self._indices) if index == 0)

    def chain_taken(self, kappa: Sequence[Any]) -> tuple[int, ...]:
        """Ids of the saddles that the flow visits from an initialisation of shape κ (d).

        Raises:
            BadInputError: κ is not positive, or a saddle is not in the graph.
            NonUniqueMinimiserError: the path is not unique.
        """
        return tuple(map(self.id_of, path_of_shape(self.problem, kappa).supports))

    def shape_for(self, chain: Sequence[int]) -> Shape | NoShape:
        """A shape κ that makes the flow take a chain of ids from the origin, or a proof that none does.

        See :func:`saddlesym.shape_for_chain`.
        """
        return shape_for_chain(self.problem, [self.support(k) for k in chain])

    def node_facts(self, node: int, digits: int) -> dict[str, Any]:
        """Every exact fact about a node; ``digits`` are not needed for that."""
        one = self.node(node)
        names = tuple(map(visible, self.problem.feature_names))
        return {
            "label": label(one.support, one.signs, names),
            "support": one.support,
            "signs": one.signs,
            "beta": one.beta,
            "loss": one.loss,
            "morse_index": one.morse_index,
            "visited": one.visited,
            "time": one.time,
        }

    def edge_facts(self, among: Collection[int] | None) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Every exact fact about edges."""
        for edge in self.edges(among):
            facts = {
                name: getattr(edge, name) for name in ("entered", "left", "rates", "elementary", "visited")
            }
            yield edge.source, edge.target, facts

    def to_dict(self) -> dict[str, Any]:
        """The whole graph, JSON-ready, exact numbers as strings."""
        return head(self) | {
            "nodes": [node.entry() for node in self.nodes()],
            "edges": [edge.entry() for edge in self.edges()],
        }

    @classmethod
    def _read(cls, given: Fields) -> SaddleGraph:
        return cls(**graph_fields(given))

    def __repr__(self) -> str:
        kind = "elementary" if self.elementary else "all"
        return f"SaddleGraph({len(self)} saddles, {self.edge_count} transitions ({kind}), d={self.problem.d})"
