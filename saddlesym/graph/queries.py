"""Questions about chains of transitions, on arrays: a graph of 20 columns has ten million edges.

Nodes are ids from 0 on.  Work goes layer by layer: all edges that leave a layer are looked at together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from saddlesym.errors import BadInputError

_Ids: TypeAlias = NDArray[np.intp]


class Adjacency:
    """The edges of a directed graph, the targets of every node side by side.

    Args:
        size: number of nodes.
        sources: where the edges start, in rising order.
        targets: where they end; rising for every source.

    >>> graph = Adjacency(4, [0, 0, 1, 2], [1, 2, 2, 3])
    >>> graph.successors(0).tolist(), graph.has_edge(0, 3), graph.out_degrees().tolist()
    ([1, 2], False, [2, 1, 1, 0])
    """

    def __init__(self, size: int, sources: Sequence[int], targets: Sequence[int]) -> None:
        self.size = size
        self.sources = np.asarray(sources, dtype=np.int32)
        self.targets = np.asarray(targets, dtype=np.int32)
        self._starts = np.searchsorted(self.sources, np.arange(size + 1))

    def successors(self, node: int) -> NDArray[np.int32]:
        """Where the edges of a node end, in rising order."""
        return self.targets[self._starts[node] : self._starts[node + 1]]

    def has_edge(self, source: int, target: int) -> bool:
        """Whether there is an edge from one node to another."""
        near = self.successors(source)
        k = int(np.searchsorted(near, target))
        return k < len(near) and int(near[k]) == target

    def out_degrees(self) -> _Ids:
        """Number of edges that leave each node."""
        return np.diff(self._starts)

    def in_degrees(self) -> _Ids:
        """Number of edges that reach each node."""
        return np.bincount(self.targets, minlength=self.size)

    def leaving(self, layer: _Ids) -> tuple[_Ids, NDArray[np.int32]]:
        """All edges that leave some nodes: the place of the source in the layer, and the target."""
        counts = self._starts[layer + 1] - self._starts[layer]
        place = np.repeat(np.arange(len(layer)), counts)
        shift = self._starts[layer] - (np.cumsum(counts) - counts)
        return place, self.targets[np.arange(len(place)) + shift[place]]

    def distances(self, start: int) -> _Ids:
        """Fewest edges from a node to every other one; −1 where it cannot be reached."""
        if not 0 <= start < self.size:
            raise BadInputError(f"node {start}", needed="a node of the graph")
        found = np.full(self.size, -1)
        found[start] = steps = 0
        layer = np.array([start])
        while len(layer):
            steps += 1
            _, targets = self.leaving(layer)
            found[targets[found[targets] < 0]] = steps
            layer = np.flatnonzero(found == steps)
        return found

    def layers(self, start: int | None = None) -> list[_Ids]:
        """Nodes by the length of the longest chain to them, all or those that can be reached from one.

        Nodes on a cycle, and those behind one, are in no layer.
        """
        inside = np.ones(self.size, dtype=bool) if start is None else self.distances(start) >= 0
        degrees = np.bincount(self.targets[inside[self.sources]], minlength=self.size)
        layer, out = np.flatnonzero(inside & (degrees == 0)), []
        while len(layer):
            out.append(layer)
            _, targets = self.leaving(layer)
            seen, times = np.unique(targets, return_counts=True)
            degrees[seen] -= times
            layer = seen[degrees[seen] == 0].astype(np.intp)
        return out

    def _back(self, end: int, length: _Ids) -> tuple[int, ...]:
        """The chain to a node along which a length grows by one with every edge, from 0 on."""
        chain = [end]
        while length[chain[-1]] > 0:
            before = self.sources[self.targets == chain[-1]]
            chain.append(int(before[length[before] == length[chain[-1]] - 1][0]))
        return tuple(reversed(chain))


def is_acyclic(graph: Adjacency) -> bool:
    """Whether a directed graph has no cycle."""
    return sum(map(len, graph.layers())) == graph.size


def reachable(graph: Adjacency, start: int) -> frozenset[int]:
    """Everything that can be reached from a node, itself included."""
    return frozenset(np.flatnonzero(graph.distances(start) >= 0).tolist())


def longest_chain(graph: Adjacency, start: int, ends: Sequence[int]) -> tuple[int, ...]:
    """A longest chain from ``start`` to one of ``ends``; empty when there is none.

    >>> longest_chain(Adjacency(4, [0, 0, 1, 2], [1, 2, 2, 3]), 0, [2])
    (0, 1, 2)
    """
    length = np.full(graph.size, -1)
    for k, layer in enumerate(graph.layers(start)):
        length[layer] = k
    end = max(ends, key=length.__getitem__, default=-1)
    return graph._back(end, length) if end >= 0 and length[end] >= 0 else ()


def shortest_chain(graph: Adjacency, start: int, ends: Sequence[int]) -> tuple[int, ...]:
    """A shortest chain from ``start`` to one of ``ends``; empty when there is none.

    >>> shortest_chain(Adjacency(4, [0, 0, 1, 2], [1, 2, 2, 3]), 0, [3])
    (0, 2, 3)
    """
    length = graph.distances(start)
    reached = [end for end in ends if length[end] >= 0]
    return graph._back(min(reached, key=length.__getitem__), length) if reached else ()


def count_chains(graph: Adjacency, start: int, ends: Sequence[int]) -> int:
    """The number of chains from ``start`` to one of ``ends``.

    >>> count_chains(Adjacency(4, [0, 0, 1, 2], [1, 2, 2, 3]), 0, [3])
    2
    """
    count: Any = np.zeros(graph.size, dtype=object)  # whole numbers of any size
    count[start] = 1
    for layer in graph.layers(start):
        place, targets = graph.leaving(layer)
        np.add.at(count, targets, count[layer][place])
    return sum(int(count[end]) for end in ends)


def chains(graph: Adjacency, start: int, ends: Sequence[int], limit: int) -> Iterator[tuple[int, ...]]:
    """Chains from ``start`` to one of ``ends`` in lexicographic order, at most ``limit``.

    >>> list(chains(Adjacency(4, [0, 0, 1, 2], [1, 2, 2, 3]), 0, [3], 9))
    [(0, 1, 2, 3), (0, 2, 3)]
    """
    if type(limit) is not int or limit < 0:
        raise BadInputError(f"limit is {limit}", needed="a number of chains >= 0")
    leads = np.zeros(graph.size, dtype=bool)
    leads[list(ends)] = True
    for layer in reversed(graph.layers(start)):
        place, targets = graph.leaving(layer)
        leads[layer[place[leads[targets]]]] = True
    return _walk(graph, start, set(ends), leads, limit) if leads[start] else iter(())


def _walk(
    graph: Adjacency, start: int, wanted: set[int], leads: NDArray[np.bool_], limit: int
) -> Iterator[tuple[int, ...]]:
    def onward(node: int) -> Iterator[int]:
        near = graph.successors(node)
        return iter(near[leads[near]].tolist())

    chain = [start]
    pending = [onward(start)]
    found = 0
    if start in wanted and limit > 0:
        found = 1
        yield (start,)
    while pending and found < limit:
        node = next(pending[-1], None)
        if node is None:
            pending.pop()
            chain.pop()
            continue
        chain.append(node)
        pending.append(onward(node))
        if node in wanted:
            found += 1
            yield tuple(chain)
