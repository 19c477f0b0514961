"""The statements as a directed graph along what they use, with their status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saddlesym.theorems.evidence.results import Report
from saddlesym.theorems.evidence.status import Grade
from saddlesym.theorems.runner import uses_of

if TYPE_CHECKING:
    import networkx

#: Fill and text colour by status (Okabe and Ito's colours, lightened).
GRADE_COLOURS: dict[Grade, tuple[str, str]] = {
    Grade.PROVED: ("#009E73", "white"),
    Grade.PROVED_MODULO: ("#7FCEB8", "black"),
    Grade.PROVED_IN_PART: ("#BFE6DC", "black"),
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
    depth: dict[str, int] = {}
    for one in networkx.topological_sort(graph):
        depth[one] = max((depth[below] + 1 for below in graph.predecessors(one)), default=0)
    networkx.set_node_attributes(graph, depth, "depth")
    return graph


def to_dot(graph: networkx.DiGraph[str]) -> str:
    """The graph in Graphviz's language, statements that use nothing at the bottom."""
    lines = ["digraph statements {", "  rankdir=BT;", '  node [shape=box, style="filled,rounded"];']
    for one, data in graph.nodes(data=True):
        fill, text = map(_quoted, GRADE_COLOURS[data["grade"]])
        label = _quoted(f"{data['title']}\n{data['status']}")
        lines.append(f"  {_quoted(one)} [label={label}, fillcolor={fill}, fontcolor={text}];")
    lines += [f"  {_quoted(below)} -> {_quoted(above)};" for below, above in graph.edges]
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    r"""A string of Graphviz.

    >>> print(_quoted('a "b"\n'))
    "a \"b\"\n"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
