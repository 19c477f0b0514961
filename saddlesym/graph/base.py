"""What every graph of saddles answers: ids, degrees, and chains from the origin to the minima."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from saddlesym.errors import BadInputError
from saddlesym.graph import queries
from saddlesym.graph.export import flat


class TransitionGraph(ABC):
    """Saddles with ids from 0 on, and the transitions between them."""

    origin: int = 0  #: The id of the origin, where every path starts.

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _ends(self) -> tuple[Sequence[int], Sequence[int]]:
        """Sources, in rising order, and targets of all edges."""

    @abstractmethod
    def _morse_indices(self) -> Sequence[int]:
        """The Morse index of every node."""

    @property
    @abstractmethod
    def minima(self) -> tuple[int, ...]:
        """Ids of the global minima among the nodes."""

    @abstractmethod
    def node_facts(self, node: int, digits: int) -> dict[str, Any]:
        """What is known of a node, by name; balls of so many digits."""

    @abstractmethod
    def edge_facts(self, among: Collection[int] | None) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Source, target and what is known of all edges, or of those among some ids."""

    def flat_node(self, node: int, digits: int) -> dict[str, Any]:
        """What is known of a node as flat attributes, for other programs."""
        return flat(self.node_facts(node, digits + 2), digits)

    def flat_edges(self, among: Collection[int] | None) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Source, target and flat attributes of all edges, or of those among some ids."""
        return ((source, target, flat(facts)) for source, target, facts in self.edge_facts(among))

    @cached_property
    def digraph(self) -> Any:
        """The graph as a networkx ``DiGraph`` over ids, frozen.

        Nodes and edges carry what GraphML carries, by the same names, as exact Python objects: tuples
        of columns, fractions, vectors; balls of 30 digits where numbers are not rational.
        """
        import networkx

        graph = networkx.DiGraph()
        graph.add_nodes_from((k, self.node_facts(k, 30)) for k in range(len(self)))
        graph.add_edges_from(self.edge_facts(None))
        return networkx.freeze(graph)

    @property
    def edge_count(self) -> int:
        """Number of transitions."""
        return len(self._ends()[0])

    def pairs(self, among: Collection[int] | None = None) -> Iterator[tuple[int, int]]:
        """All edges, or those among some ids, as pairs of ids."""
        if among is None:
            return zip(*self._ends(), strict=True)
        inside = frozenset(among)
        return (
            (source, target)
            for source in sorted(inside)
            for target in self.adjacency.successors(source).tolist()
            if target in inside
        )

    @cached_property
    def adjacency(self) -> queries.Adjacency:
        """The edges as arrays, which all questions about chains are put to."""
        return queries.Adjacency(len(self), *self._ends())

    def _checked(self, node: int) -> int:
        """An id that is one."""
        try:
            number = operator.index(node)
        except TypeError:
            number = -1
        if not 0 <= number < len(self):
            raise BadInputError(f"node {node!r:.40}", needed=f"an id from 0 to {len(self) - 1}")
        return number

    def _checked_edge(self, source: int, target: int) -> tuple[int, int]:
        """Two ids with an edge from one to the other."""
        pair = self._checked(source), self._checked(target)
        if not self.adjacency.has_edge(*pair):
            raise BadInputError(f"no transition from node {source} to node {target}", needed="an edge")
        return pair

    def morse_counts(self) -> dict[int, int]:
        """How many saddles there are of each Morse index, highest first."""
        return dict(sorted(Counter(self._morse_indices()).items(), reverse=True))

    def is_acyclic(self) -> bool:
        """Whether there is no cycle, found on the graph itself and not from the losses."""
        return queries.is_acyclic(self.adjacency)

    def sinks(self) -> tuple[int, ...]:
        """Ids of nodes without outgoing transition."""
        return tuple(np.flatnonzero(self.adjacency.out_degrees() == 0).tolist())

    def sources(self) -> tuple[int, ...]:
        """Ids of nodes without incoming transition."""
        return tuple(np.flatnonzero(self.adjacency.in_degrees() == 0).tolist())

    def reachable(self, node: int | None = None) -> frozenset[int]:
        """Ids that can be reached from a node (default: the origin), itself included."""
        return queries.reachable(self.adjacency, self.origin if node is None else self._checked(node))

    def longest_chain(self) -> tuple[int, ...]:
        """A chain of most transitions from the origin to a global minimum; empty when there is none."""
        return queries.longest_chain(self.adjacency, self.origin, self.minima)

    def shortest_chain(self) -> tuple[int, ...]:
        """A chain of fewest transitions from the origin to a global minimum; empty when there is none."""
        return queries.shortest_chain(self.adjacency, self.origin, self.minima)

    def count_chains(self) -> int:
        """The number of chains from the origin to a global minimum, without listing them."""
        return queries.count_chains(self.adjacency, self.origin, self.minima)

    def chains(self, limit: int) -> Iterator[tuple[int, ...]]:
        """Chains from the origin to a global minimum, at most ``limit`` of them."""
        return queries.chains(self.adjacency, self.origin, self.minima, limit)
