"""The statements as a directed graph along what they use, with their status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saddlesym.graph.export import dot_string
from saddlesym.theorems.evidence.results import Report
from saddlesym.theorems.evidence.status import Grade
from saddlesym.theorems.runner import uses_of

if TYPE_CHECKING:
    import networkx

#: Fill and text colour by status (Okabe and Ito's colours, lightened).
GRADE_COLOURS: dict[Grade, tuple[str, str]] = {
    Grade.KERNEL: ("#005A41", "white"),
    Grade.ARGUED: ("#009E73", "white"),
    Grade.ARGUED_MODULO: ("#7FCEB8", "black"),
    Grade.ARGUED_IN_PART: ("#BFE6DC", "black"),
    Grade.SUPPORTED: ("#56B4E9", "black"),
    Grade.UNDECIDED: ("#F0E442", "black"),
    Grade.SKIPPED: ("#FFFFFF", "black"),
    Grade.FALSE: ("#D55E00", "white"),
    Grade.REFUTED_AS_EXPECTED: ("#CCCCCC", "black"),
}


def dependency_graph(report: Report) -> networkx.DiGraph[str]:
    """The examined statements, with an edge from each one to those that use it.

    Node attributes: ``title``, ``grade``, ``status`` and ``depth`` (length of the
    longest chain of uses below it).  Statements that a chosen one uses, but that were
    not examined themselves, are left out.
    """
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for result in report.results:
        if result.status is None:
            continue
        attributes: dict[str, Any] = {
            "title": result.statement.title,
            "grade": result.status.grade,
            "status": str(result.status),
        }
        graph.add_node(result.statement.id, **attributes)
    for result in report.results:
        for used in uses_of(result.statement.id):
            if used in graph:
                graph.add_edge(used, result.statement.id)
    for depth, layer in enumerate(networkx.topological_generations(graph)):
        networkx.set_node_attributes(graph, dict.fromkeys(layer, depth), "depth")
    return graph


def to_dot(graph: networkx.DiGraph[str]) -> str:
    """The graph in Graphviz's language, statements that use nothing at the bottom."""
    lines = ["digraph statements {", "  rankdir=BT;", '  node [shape=box, style="filled,rounded"];']
    for one, data in graph.nodes(data=True):
        fill, text = map(dot_string, GRADE_COLOURS[data["grade"]])
        label = dot_string(f"{data['title']}\n{data['status']}")
        lines.append(f"  {dot_string(one)} [label={label}, fillcolor={fill}, fontcolor={text}];")
    lines += [f"  {dot_string(below)} -> {dot_string(above)};" for below, above in graph.edges]
    return "\n".join([*lines, "}", ""])
