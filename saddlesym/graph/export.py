"""The saddle graph as JSON, GraphML and Graphviz DOT; exact numbers are strings."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any

from saddlesym.exact.balls import Ball
from saddlesym.exact.text import exact_string

if TYPE_CHECKING:
    from saddlesym.graph.base import TransitionGraph
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


def write_graph_json(graph: SaddleGraph, stream: IO[str], extra: Mapping[str, Any] | None = None) -> None:
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
    """About how many characters :func:`write_graph_json` makes, from some nodes and edges of the graph."""

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


def flat(attributes: Mapping[str, Any], digits: int = 30) -> dict[str, Any]:
    """Attributes for other programs: fractions as text, balls rounded, lists separated by blanks.

    >>> flat({"support": (0, 2), "loss": Fraction(1, 3), "time": None, "visited": True})
    {'support': '0 2', 'loss': '1/3', 'time': '', 'visited': True}
    """
    return {key: _flat(value, digits) for key, value in attributes.items()}


def _flat(value: Any, digits: int) -> Any:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return value
    if isinstance(value, Fraction):
        return exact_string(value)
    if isinstance(value, Ball):
        return value.rounded(digits)
    return " ".join(str(_flat(one, digits)) for one in value)


def attributed(graph: TransitionGraph, digits: int = 30) -> Any:
    """A networkx ``DiGraph`` with every fact as a flat attribute, for other programs.

    Lists of columns or modes are their 0-based indices, separated by blanks.

    >>> from saddlesym import DeepLinearProblem, transition_graph
    >>> flat = attributed(transition_graph(DeepLinearProblem.whitened([[2, 0], [0, 1]])), 8)
    >>> flat.nodes[1]["label"], flat.nodes[1]["exact_loss"], flat.nodes[1]["time"]
    ('1', '1/2', '0.5')
    >>> flat.edges[2, 1]["entered"], flat.edges[2, 1]["left"], flat.edges[2, 1]["growth"]
    ('0', '1', False)
    """
    import networkx

    out = networkx.DiGraph()
    out.add_nodes_from((k, graph.flat_node(k, digits)) for k in range(len(graph)))
    out.add_edges_from(graph.flat_edges(None))
    return out


def write_graphml(graph: TransitionGraph, stream: IO[str], digits: int = 30) -> None:
    """GraphML, as networkx, Gephi, yEd and igraph read it; decimals of that many digits."""
    import networkx

    for line in networkx.generate_graphml(attributed(graph, digits)):
        stream.write(line + "\n")


def write_dot(
    graph: TransitionGraph, stream: IO[str], digits: int = 30, kept: Collection[int] | None = None
) -> None:
    """Graphviz DOT: what the saddle path visits is bold.

    Saddles of one Morse index share a rank of the drawing; deep ones of as many modes, since
    there the origin and the minimum may both have index 0.

    Args:
        graph: the graph.
        stream: where to write.
        digits: of decimals.
        kept: ids to write; default all.
    """
    stream.write('digraph saddles {\n  rankdir="LR"; node [shape="box", fontsize="10"];\n')
    ranks: dict[int, list[int]] = {}
    for node in range(len(graph)) if kept is None else sorted(set(kept)):
        attributes = graph.flat_node(node, digits)
        ranks.setdefault(attributes.get("rank", attributes["morse_index"]), []).append(node)
        stream.write(f"  {node} [{_dot_attributes(attributes)}];\n")
    for value in sorted(ranks, reverse=True):
        stream.write(f'  {{ rank="same"; {" ".join(f"{k};" for k in ranks[value])} }}\n')
    for source, target, attributes in graph.flat_edges(kept):
        stream.write(f"  {source} -> {target} [{_dot_attributes(attributes)}];\n")
    stream.write("}\n")


def _dot_attributes(attributes: dict[str, Any]) -> str:
    bold = {"style": "bold"} if attributes["visited"] else {}
    return ", ".join(f"{key}={dot_string(value)}" for key, value in (attributes | bold).items())


def dot_string(value: Any) -> str:
    r"""A value as a string of Graphviz.

    >>> print(dot_string('a "b"\n'), dot_string(True))
    "a \"b\"\n" "true"
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
