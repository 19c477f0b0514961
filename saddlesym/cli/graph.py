"""``saddlesym graph``: all saddles and the heteroclinic transitions between them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.output import output_name, plain, print_table, result_stream, write_figure
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.graph.saddle_graph import SaddleGraph

_FIGURES = (".svg", ".png", ".pdf")
_FILES = (*_FIGURES, ".dot", ".graphml", ".json")


def _graph_name(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and Path(value).suffix.lower() not in _FILES:
        raise BadInputError(f"graph file {shown(value)}", needed=f"a name ending in {', '.join(_FILES)}")
    return output_name(context, parameter, value)


def _known_choice(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a choice of orbits that is none before any work is done."""
    if value is not None and not re.fullmatch(r"path|elementary|all|sample:[0-9]{1,9}", value):
        raise BadInputError(f"--check {shown(value)}", needed="path, elementary, all or sample:K")
    return value


@click.command()
@click.argument("data")
@data_options
@click.option("-o", "--output", metavar="FILE", callback=_graph_name, help=f"One of {' '.join(_FILES)}.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, every digit kept.")
@click.option("--full", is_flag=True, help="All transitions, not only those that switch on one column.")
@click.option("--reachable", is_flag=True, help="Only what can be reached from the origin.")
@click.option("--max-support", type=click.IntRange(0), metavar="K", help="Active sets of at most K columns.")
@click.option("--max-sets", type=click.IntRange(1), metavar="N", help="Refuse beyond N active sets.")
@click.option(
    "--show",
    type=click.Choice(["auto", "all", "reachable", "neighbourhood", "visited"]),
    default="auto",
    show_default=True,
    help="What a figure shows; neighbourhood: the saddle path and all one transition from it.",
)
@click.option(
    "--layers",
    type=click.Choice(["index", "loss"]),
    default="index",
    show_default=True,
    help="Horizontal axis of a figure: Morse index or loss.",
)
@click.option(
    "--check",
    "which",
    metavar="WHICH",
    callback=_known_choice,
    help="Follow the orbits of path, elementary, all or sample:K transitions and compare their ends.",
)
@click.option("--digits", type=click.IntRange(1, 1000), default=50, show_default=True, help="Of --check.")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Of --check.")
@click.option(
    "--resume", metavar="FILE", callback=output_name, help="Keep results of --check, and go on from them."
)
def graph(
    data: str,
    output: str | None,
    as_json: bool,
    full: bool,
    reachable: bool,
    max_support: int | None,
    max_sets: int | None,
    show: Any,
    layers: Any,
    which: str | None,
    digits: int,
    processes: int,
    resume: str | None,
    **options: Any,
) -> int:
    """The graph of heteroclinic transitions of DATA, exact.

    Nodes are the saddles over all orthants, edges the orbits between them as alpha -> 0.
    With --check, exit status 1 when an orbit contradicts the graph, 3 when one is undecided.
    """
    problem = load_problem(data, **options)
    found = _build(problem, not full, reachable, max_support, max_sets)
    suffix = Path(output).suffix.lower() if output is not None else ""
    if output is not None and suffix in _FIGURES:
        from saddlesym.figures.graph import draw_graph

        write_figure(draw_graph(found, show=show, layers=layers), output)
    elif output is not None:
        from saddlesym.graph import export

        write = {".json": export.write_json, ".dot": export.write_dot, ".graphml": export.write_graphml}
        with result_stream(output) as stream:
            write[suffix](found, stream)
    if as_json:
        from saddlesym.graph.export import write_json

        with result_stream(None) as stream:
            write_json(found, stream)
    elif output is None:
        _print(found)
    return 0 if which is None else _check(found, which, digits, processes, resume)


def _check(found: SaddleGraph, which: str, digits: int, processes: int, resume: str | None) -> int:
    """Follow orbits and say what they did, on stderr; the exit status."""
    from saddlesym.cli.progress import progress_bar
    from saddlesym.graph.check import check_transitions

    with progress_bar("orbits", None) as show:
        check = check_transitions(
            found, digits, which, arc_lengths=False, processes=processes, resume=resume, progress=show
        )
    click.echo(f"saddlesym: {check!r}", err=True)
    for c in (*check.contradicted, *check.undecided):
        click.echo(
            f"saddlesym: {list(c.source)} -> {list(c.target)} {c.verdict}: {c.note or c.distance}", err=True
        )
    return 1 if check.contradicted else 3 if check.undecided else 0


def _build(
    problem: DiagonalProblem, elementary: bool, reachable: bool, max_support: int | None, max_sets: int | None
) -> SaddleGraph:
    from saddlesym.cli.progress import progress_bar
    from saddlesym.diagonal.saddles import MAX_SETS
    from saddlesym.graph.build import transition_graph

    with progress_bar("saddles", None) as show:
        return transition_graph(
            problem, elementary, reachable, max_support, max_sets=max_sets or MAX_SETS, progress=show
        )


def _print(found: SaddleGraph) -> None:
    from saddlesym.exact.text import decimal_string
    from saddlesym.graph.export import label

    names = tuple(plain(name, 24) for name in found.problem.feature_names)
    rows = []
    for k in found.visited:
        node = found.node(k)
        assert node.time is not None
        out = found.digraph.out_degree(k)
        time, loss = decimal_string(node.time, 8), decimal_string(node.loss, 8)
        rows.append([str(k), time, str(node.index), str(out), loss, label(node.support, node.signs, names)])
    header = ["id", "time t", "index", "transitions", "loss", "saddle"]
    print_table(f"{title(found.problem)}; the saddle path in its graph", header, rows, {0, 1, 2, 3, 4})
    click.echo("\n".join(_summary(found)))


def _summary(found: SaddleGraph) -> list[str]:
    kind = "elementary transitions" if found.elementary else "transitions"
    counts = ", ".join(f"{count} of index {index}" for index, count in found.morse_counts().items())
    lines = [f"{len(found)} saddles ({counts})", f"{found.edge_count} {kind}"]
    if found.path_note:
        lines.append(f"The saddle path is not followed to its end: {found.path_note}.")
    if found.dependent:
        lines.append(f"{found.dependent} active sets with dependent columns are no nodes.")
    if found.undetermined:
        lines.append(f"{len(found.undetermined)} pairs have no unique minimiser on their face: no edges.")
    if found.cut:
        lines.append(f"{found.cut} transitions lead to more than {found.max_support} columns: left out.")
    longest, shortest = found.longest_chain(), found.shortest_chain()
    if longest:
        lines.append(
            f"{found.count_chains()} chains from the origin to a global minimum,"
            f" of {len(shortest) - 1} to {len(longest) - 1} transitions;"
            f" the saddle path makes {len(found.visited) - 1}."
        )
    return lines
