"""The graph of deep saddles as GraphML and Graphviz DOT; exact numbers are strings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any

from saddlesym.deep.saddles.enumeration import DeepSaddle, mode_words
from saddlesym.exact.text import decimal_string
from saddlesym.graph.export import dot, flat, graphml

if TYPE_CHECKING:
    from saddlesym.graph.deep import DeepSaddleGraph


def attributed(graph: DeepSaddleGraph, digits: int = 30) -> Any:
    """A networkx ``DiGraph`` with every fact as a flat attribute, for other programs.

    Modes and distinct singular values are 0-based, as in the JSON; losses and times are
    decimals, ``exact_loss`` is a fraction or empty.

    >>> from saddlesym import DeepLinearProblem, deep_transition_graph
    >>> flat = attributed(deep_transition_graph(DeepLinearProblem.whitened([[2, 0], [0, 1]])), 8)
    >>> flat.nodes[1]["label"], flat.nodes[1]["exact_loss"], flat.nodes[1]["time"]
    ('1', '1/2', '0.5')
    >>> flat.edges[2, 1]["entered"], flat.edges[2, 1]["left"], flat.edges[2, 1]["growth"]
    ('0', '1', False)
    """
    import networkx

    out = networkx.DiGraph()
    out.add_nodes_from(_nodes(graph, digits))
    out.add_edges_from((a, b, flat(attributes)) for a, b, attributes in _edges(graph))
    return out


def digraph(graph: DeepSaddleGraph, digits: int = 30) -> Any:
    """A networkx ``DiGraph`` over ids with all that is known of nodes and edges.

    Losses and times are balls of so many digits, losses fractions where they are rational.
    """
    import networkx

    out = networkx.DiGraph()
    out.add_nodes_from((k, _of_node(graph, k, digits)) for k in range(len(graph)))
    out.add_edges_from(_edges(graph))
    return out


def _nodes(graph: DeepSaddleGraph, digits: int) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((k, _node_attributes(graph, k, digits)) for k in range(len(graph)))


def _edges(graph: DeepSaddleGraph) -> Iterator[tuple[int, int, dict[str, Any]]]:
    steps = set(pairwise(graph.visited))
    for source, target in graph.pairs():
        edge = graph.edge(source, target)
        attributes = {
            "entered": edge.entered,
            "left": edge.left,
            "growth": edge.is_growth,
            "elementary": edge.elementary,
            "visited": (source, target) in steps,
        }
        yield source, target, attributes


def _of_node(graph: DeepSaddleGraph, node: int, digits: int) -> dict[str, Any]:
    saddle = graph.node(node)
    exact = saddle.rational_loss
    return {
        "label": mode_words(saddle.decomposition.values, saddle.counts) or "origin",
        "modes": saddle.modes,
        "counts": saddle.counts,
        "rank": saddle.rank,
        "dimension": saddle.dimension,
        "loss": saddle.loss(digits) if exact is None else exact,
        "exact_loss": exact,
        "strictness": saddle.strictness,
        "index": saddle.morse_index,
        "nullity": saddle.nullity,
        "visited": node in graph.visited,
        "time": graph.time(node, digits),
    }


def _node_attributes(graph: DeepSaddleGraph, node: int, digits: int) -> dict[str, Any]:
    known = _of_node(graph, node, digits + 2)
    time = known["time"]
    decimals = {"loss": loss_text(graph.node(node), digits), "time": time and time.rounded(digits)}
    return flat(known | decimals)


def loss_text(saddle: DeepSaddle, digits: int) -> str:
    """The loss as a decimal, from the fraction where there is one."""
    exact = saddle.rational_loss
    return saddle.loss(digits + 2).rounded(digits) if exact is None else decimal_string(exact, digits)


def write_deep_graphml(graph: DeepSaddleGraph, stream: IO[str], digits: int = 30) -> None:
    """GraphML, as networkx, Gephi, yEd and igraph read it."""
    graphml(attributed(graph, digits), stream)


def write_deep_dot(graph: DeepSaddleGraph, stream: IO[str], digits: int = 30) -> None:
    """Graphviz DOT: saddles with as many modes share a rank, the truncations of A* are bold."""
    edges = ((a, b, flat(attributes)) for a, b, attributes in _edges(graph))
    dot(_nodes(graph, digits), edges, stream, layer="rank")
