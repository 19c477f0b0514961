"""The saddle graph as JSON, GraphML and Graphviz DOT; exact numbers are strings."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any

from saddlesym.errors import visible
from saddlesym.exact.text import exact_string

if TYPE_CHECKING:
    from saddlesym.graph.diagonal import SaddleGraph, SaddleNode, TransitionEdge


#: Nodes and edges that the size of a document is estimated from.
_SAMPLE = 200


def head(graph: SaddleGraph) -> dict[str, Any]:
    """All that a JSON document says besides nodes and edges."""
    return {
        "kind": "saddle graph",
        "features": list(graph.problem.feature_names),
        "elementary": graph.elementary,
        "max_support": graph.max_support,
        "reachable_only": graph.reachable_only,
        "visited": list(graph.visited),
        "path_note": graph.path_note,
        "dependent_active_sets": graph.dependent,
        "undetermined": [list(pair) for pair in graph.undetermined],
        "cut": graph.cut,
        "problem": graph.problem.data_document(),
    }


def write_json(graph: SaddleGraph, stream: IO[str], extra: Mapping[str, Any] | None = None) -> None:
    """One JSON document, written node by node and edge by edge.

    Args:
        graph: the graph.
        stream: where to write.
        extra: what the document holds besides, such as ``{"check": check.to_dict()}``.
    """
    stream.write(json.dumps(head(graph))[:-1])
    for name, items in (("nodes", map(_as_dict, graph.nodes())), ("edges", map(_as_dict, graph.edges()))):
        stream.write(f',\n"{name}": [')
        for k, item in enumerate(items):
            stream.write((",\n" if k else "\n") + json.dumps(item))
        stream.write("\n]")
    for name, value in (extra or {}).items():
        stream.write(f",\n{json.dumps(name)}: {json.dumps(value)}")
    stream.write("}\n")


def json_size(graph: SaddleGraph) -> int:
    """About how many characters :func:`write_json` makes, from some nodes and edges spread over the graph."""

    def estimate(many: int, item: Callable[[int], SaddleNode | TransitionEdge]) -> int:
        sample = range(0, many, max(1, many // _SAMPLE))
        return many * sum(len(json.dumps(item(k).entry())) + 2 for k in sample) // max(1, len(sample))

    nodes = estimate(len(graph), graph.node)
    edges = estimate(graph.edge_count, lambda k: graph.edge(*graph.pair(k)))
    return len(json.dumps(head(graph))) + nodes + edges


def _as_dict(item: SaddleNode | TransitionEdge) -> dict[str, Any]:
    return item.entry()


def label(support: Collection[int], signs: tuple[int, ...], names: tuple[str, ...]) -> str:
    """A saddle in words: its signed support, ``0`` for the origin.

    >>> label((0, 2), (1, 0, -1), ("a", "b", "c"))
    '+a −c'
    """
    return " ".join(f"{'+' if signs[i] > 0 else '−'}{names[i]}" for i in support) or "0"


def digraph(graph: SaddleGraph) -> Any:
    """A networkx ``DiGraph`` over ids with all that is known of nodes and edges, exactly."""
    import networkx

    names = tuple(map(visible, graph.problem.feature_names))
    out = networkx.DiGraph()
    out.add_nodes_from((node.id, _of_node(node, names)) for node in graph.nodes())
    out.add_edges_from((edge.source, edge.target, _of_edge(edge)) for edge in graph.edges())
    return out


def _of_node(node: SaddleNode, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "label": label(node.support, node.signs, names),
        "support": node.support,
        "signs": node.signs,
        "beta": node.beta,
        "loss": node.loss,
        "index": node.index,
        "visited": node.visited,
        "time": node.time,
    }


def _of_edge(edge: TransitionEdge) -> dict[str, Any]:
    return {
        "entered": edge.entered,
        "left": edge.left,
        "rates": edge.rates,
        "elementary": edge.elementary,
        "visited": edge.visited,
    }


def flat(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes for other programs: fractions as text, lists separated by blanks, None as nothing.

    >>> flat({"support": (0, 2), "loss": Fraction(1, 3), "time": None, "visited": True})
    {'support': '0 2', 'loss': '1/3', 'time': '', 'visited': True}
    """
    return {key: _flat(value) for key, value in attributes.items()}


def _flat(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return value
    if isinstance(value, Fraction):
        return exact_string(value)
    return " ".join(str(_flat(one)) for one in value)


def flattened(graph: Any) -> Any:
    """A networkx graph with flat attributes."""
    import networkx

    out = networkx.DiGraph()
    out.add_nodes_from((k, flat(attributes)) for k, attributes in graph.nodes(data=True))
    out.add_edges_from((a, b, flat(attributes)) for a, b, attributes in graph.edges(data=True))
    return out


def attributed(graph: SaddleGraph) -> Any:
    """A networkx ``DiGraph`` with every exact fact as a flat attribute, for other programs.

    Lists of columns are their 0-based indices, separated by blanks.
    """
    return flattened(digraph(graph))


def write_graphml(graph: SaddleGraph, stream: IO[str]) -> None:
    """GraphML, as networkx, Gephi, yEd and igraph read it."""
    graphml(attributed(graph), stream)


def graphml(digraph: Any, stream: IO[str]) -> None:
    """GraphML of a networkx graph with flat attributes."""
    import networkx

    for line in networkx.generate_graphml(digraph):
        stream.write(line + "\n")


def write_dot(graph: SaddleGraph, stream: IO[str], kept: Collection[int] | None = None) -> None:
    """Graphviz DOT: saddles of one Morse index share a rank, the saddle path is bold.

    Args:
        graph: the graph.
        stream: where to write.
        kept: ids to write; default all.
    """
    wanted = set(range(len(graph)) if kept is None else kept)
    names = tuple(map(visible, graph.problem.feature_names))
    nodes = ((node.id, flat(_of_node(node, names))) for node in map(graph.node, sorted(wanted)))
    edges = ((edge.source, edge.target, flat(_of_edge(edge))) for edge in graph.edges(wanted))
    dot(nodes, edges, stream)


def dot(
    nodes: Iterable[tuple[int, dict[str, Any]]],
    edges: Iterable[tuple[int, int, dict[str, Any]]],
    stream: IO[str],
    layer: str = "index",
) -> None:
    """Graphviz DOT of nodes and edges with flat attributes.

    Args:
        nodes: ids and attributes; what is ``visited`` is bold.
        edges: source, target and attributes.
        stream: where to write.
        layer: the attribute by which nodes share a rank of the drawing.
    """
    stream.write('digraph saddles {\n  rankdir="LR"; node [shape="box", fontsize="10"];\n')
    ranks: dict[int, list[int]] = {}
    for node, attributes in nodes:
        ranks.setdefault(attributes[layer], []).append(node)
        stream.write(f"  {node} [{_dot_attributes(attributes)}];\n")
    for value in sorted(ranks, reverse=True):
        stream.write(f'  {{ rank="same"; {" ".join(f"{k};" for k in ranks[value])} }}\n')
    for source, target, attributes in edges:
        stream.write(f"  {source} -> {target} [{_dot_attributes(attributes)}];\n")
    stream.write("}\n")


def _dot_attributes(attributes: dict[str, Any]) -> str:
    bold = {"style": "bold"} if attributes["visited"] else {}
    return ", ".join(f"{key}={_quoted(value)}" for key, value in (attributes | bold).items())


def _quoted(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
