"""Questions about chains of transitions, on the networkx graph of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import networkx

from saddlesym.errors import BadInputError


def is_acyclic(graph: Any) -> bool:
    """Whether a directed graph has no cycle."""
    return bool(networkx.is_directed_acyclic_graph(graph))


def reachable(graph: Any, start: int) -> frozenset[int]:
    """Everything that can be reached from a node, itself included."""
    if start not in graph:
        raise BadInputError(f"node {start}", needed="a node of the graph")
    return frozenset(networkx.descendants(graph, start) | {start})


def _between(graph: Any, start: int, ends: Sequence[int]) -> Any:
    """The part of the graph that lies on chains from ``start`` to one of ``ends``."""
    forward = networkx.descendants(graph, start) | {start}
    backward = set(ends)
    for end in ends:
        backward |= networkx.ancestors(graph, end)
    return graph.subgraph(forward & backward).copy()


def longest_chain(graph: Any, start: int, ends: Sequence[int]) -> tuple[int, ...]:
    """A longest chain from ``start`` to one of ``ends``; empty when there is none.

    >>> longest_chain(networkx.DiGraph([(0, 1), (1, 2), (0, 2), (2, 3)]), 0, [2])
    (0, 1, 2)
    """
    part = _between(graph, start, ends)
    length: dict[int, int] = {start: 0}
    before: dict[int, int] = {}
    for node in networkx.topological_sort(part):
        for successor in part.successors(node):
            if length[node] + 1 > length.get(successor, -1):
                length[successor], before[successor] = length[node] + 1, node
    reached = [end for end in ends if end in part and end in length]
    if not reached:
        return ()
    chain = [max(reached, key=length.__getitem__)]
    while chain[-1] != start:
        chain.append(before[chain[-1]])
    return tuple(reversed(chain))


def shortest_chain(graph: Any, start: int, ends: Sequence[int]) -> tuple[int, ...]:
    """A shortest chain from ``start`` to one of ``ends``; empty when there is none.

    >>> shortest_chain(networkx.DiGraph([(0, 1), (1, 2), (0, 2), (2, 3)]), 0, [3])
    (0, 2, 3)
    """
    before: dict[int, int | None] = {start: None}
    layer = [start]
    wanted = set(ends)
    while layer:
        for node in layer:
            if node in wanted:
                chain, at = [node], before[node]
                while at is not None:
                    chain.append(at)
                    at = before[at]
                return tuple(reversed(chain))
        following = []
        for node in layer:
            for successor in graph.successors(node):
                if successor not in before:
                    before[successor] = node
                    following.append(successor)
        layer = following
    return ()


def count_chains(graph: Any, start: int, ends: Sequence[int]) -> int:
    """The number of chains from ``start`` to one of ``ends``.

    >>> count_chains(networkx.DiGraph([(0, 1), (1, 2), (0, 2), (2, 3)]), 0, [3])
    2
    """
    part = _between(graph, start, ends)
    count = dict.fromkeys(part, 0)
    if start in count:
        count[start] = 1
    for node in networkx.topological_sort(part):
        for successor in part.successors(node):
            count[successor] += count[node]
    return sum(count[end] for end in ends if end in count)


def chains(graph: Any, start: int, ends: Sequence[int], limit: int) -> Iterator[tuple[int, ...]]:
    """Chains from ``start`` to one of ``ends`` in lexicographic order, at most ``limit``.

    >>> list(chains(networkx.DiGraph([(0, 1), (1, 2), (0, 2), (2, 3)]), 0, [3], 9))
    [(0, 1, 2, 3), (0, 2, 3)]
    """
    if limit < 0:
        raise BadInputError(f"limit is {limit}", needed="a number of chains >= 0")
    part, wanted = _between(graph, start, ends), set(ends)
    return _walk(part, start, wanted, limit) if start in part else iter(())


def _walk(part: Any, start: int, wanted: set[int], limit: int) -> Iterator[tuple[int, ...]]:
    chain = [start]
    pending = [iter(sorted(part.successors(start)))]
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
        pending.append(iter(sorted(part.successors(node))))
        if node in wanted:
            found += 1
            yield tuple(chain)
