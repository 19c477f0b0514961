"""``saddlesym graph``: all saddles and the heteroclinic transitions between them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.options import check_kappa, kappa_option
from saddlesym.cli.writing.formats import form_options, require_form
from saddlesym.cli.writing.output import announce_size, counted, plain, result_stream, write_figure
from saddlesym.cli.writing.tables import print_table
from saddlesym.cli.writing.targets import output_name
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.diagonal.path.chains import NoShape, Shape
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.graph.check import TransitionCheck
    from saddlesym.graph.diagonal import SaddleGraph


def _known_choice(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a choice of orbits that is none before any work is done."""
    if value is not None and not re.fullmatch(r"path|elementary|all|sample:0*[1-9][0-9]{0,8}", value):
        raise BadInputError(f"--check {shown(value)}", needed="path, elementary, all or sample:K with K >= 1")
    return value


def _ids(_context: click.Context, _parameter: click.Parameter, value: str | None) -> list[int] | None:
    """Ids of nodes, separated by commas."""
    if value is None:
        return None
    words = [word.strip() for word in value.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,9}", word) for word in words):
        raise BadInputError(f"--chain {shown(value)}", needed="ids of nodes such as 0,3,7")
    return [int(word) for word in words]


@click.command()
@click.argument("data")
@data_options
@click.option(
    "--elementary/--full",
    default=True,
    help="Only transitions that switch on one column (the default), or all of them.",
)
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
    type=click.Choice(["morse_index", "loss"]),
    default="morse_index",
    show_default=True,
    help="Horizontal axis of a figure.",
)
@form_options("json", "dot", "graphml")
@click.option(
    "--check",
    "which",
    metavar="WHICH",
    callback=_known_choice,
    help="Follow the orbits of path, elementary, all or sample:K transitions and compare their ends.",
)
@click.option("--digits", type=click.IntRange(1, 1000), metavar="N", help="Of --check. Default: 30.")
@click.option(
    "--non-edges",
    type=click.IntRange(0, 100_000),
    metavar="K",
    help="Of --check: K pairs without transition as well. Default: 0.",
)
@click.option(
    "--arc-lengths",
    is_flag=True,
    default=None,
    help="Of --check: lengths of the orbits as well.",
)
@click.option("--seed", type=int, metavar="N", help="Of the draws of --check. Default: 0.")
@click.option(
    "--max-steps",
    type=click.IntRange(1, 10**9),
    metavar="N",
    help="Of --check: an orbit of more steps is undecided. Default: 50000.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N",
    help="Of --check: processes. Default: one per processor.",
)  # fmt: skip
@click.option(
    "--resume", metavar="FILE", callback=output_name, help="Keep results of --check, and go on from them."
)
@kappa_option("Also the chain that the flow takes when |u_i(0)| = sqrt(2) alpha^K_i.")
@click.option(
    "--chain",
    metavar="ID,ID,...",
    callback=_ids,
    help="Also a shape for which the flow takes these nodes (from the origin), or why there is none.",
)
def graph(
    data: str,
    elementary: bool,
    reachable: bool,
    max_support: int | None,
    max_sets: int | None,
    show: Any,
    layers: Any,
    plot: str | None,
    form: str | None,
    output: str | None,
    which: str | None,
    kappa: list[Any] | None,
    chain: list[int] | None,
    **options: Any,
) -> int:
    """The graph of heteroclinic transitions of DATA, exact.

    Nodes are the saddles over all orthants, edges the orbits between them as alpha -> 0.
    With --check, exit status 1 when an orbit contradicts the graph, 3 when one is undecided
    or there is none to follow.
    """
    require_form(output, form, "json", "dot", "graphml")
    settings = {name: options.pop(name) for name in _OF_CHECK}
    alone = [name for name, value in settings.items() if value is not None]
    if which is None and alone:
        raise click.UsageError(f"{_OF_CHECK[alone[0]]} needs --check")
    problem = load_problem(data, **options)
    check_kappa(kappa, problem.d)
    found = _build(
        problem, elementary=elementary, reachable=reachable, max_support=max_support, max_sets=max_sets
    )
    answers = _shapes(found, kappa, chain)
    if plot is not None:
        from saddlesym.figures.graph import draw_graph

        write_figure(draw_graph(found, show=show, layers=layers), plot)
    check = None
    if which is not None:
        check = _check(found, which, {name: value for name, value in settings.items() if value is not None})
    if form is None:
        from saddlesym.cli.shapes import print_shape

        _print(found)
        for answer in answers.values():
            print_shape(found, answer)
    else:
        extra = {name: answer.to_dict() for name, answer in answers.items()}
        _write(found, form, output, extra if check is None else extra | {"check": check.to_dict()})
    if check is None:
        return 0
    return 1 if check.contradicted else 3 if check.undecided or not check.checked else 0


_OF_CHECK = {
    "digits": "--digits", "non_edges": "--non-edges", "arc_lengths": "--arc-lengths", "seed": "--seed",
    "max_steps": "--max-steps", "jobs": "--jobs", "resume": "--resume",
}  # fmt: skip


def _write(found: SaddleGraph, form: str, output: str | None, extra: dict[str, Any]) -> None:
    """The graph, with what was asked about it besides where the form has room for that."""
    from saddlesym.graph import export

    if form == "json":
        what = f"{counted(len(found), 'saddle')} and {counted(found.edge_count, 'transition')}"
        zipped = "" if output is not None and output.lower().endswith(".gz") else ", or -o FILE.json.gz"
        announce_size(export.json_size(found), what, f"--max-support{zipped}")
    with result_stream(output) as stream:
        if form == "json":
            export.write_graph_json(found, stream, extra)
        else:
            {"dot": export.write_dot, "graphml": export.write_graphml}[form](found, stream)


def _shapes(
    found: SaddleGraph, kappa: list[Any] | None, chain: list[int] | None
) -> dict[str, Shape | NoShape]:
    """The answers to --kappa and --chain, by their names in a JSON document."""
    answers: dict[str, Shape | NoShape] = {}
    if kappa is not None:
        from saddlesym.diagonal.path.chains import path_of_shape

        answers["chain_of_shape"] = path_of_shape(found.problem, kappa)
    if chain is not None:
        answers["shape_of_chain"] = found.shape_for(chain)
    return answers


def _check(found: SaddleGraph, which: str, settings: dict[str, Any]) -> TransitionCheck:
    """Follow orbits and say what they did, on stderr."""
    from saddlesym.cli.progress import progress_bar
    from saddlesym.graph.check import check_transitions

    with progress_bar() as show:
        check = check_transitions(
            found, which=which, progress=show, **({"jobs": os.cpu_count() or 1} | settings)
        )
    click.echo(f"saddlesym: {check!r}", err=True)
    if not check.checked:
        click.echo("saddlesym: there is no such transition: nothing was checked", err=True)
    for c in check.checked:
        pair = f"{list(c.source)} -> {list(c.target)}{'' if c.edge else ' (no edge)'}"
        if c.verdict == "confirmed" and c.arc_length:
            click.echo(f"saddlesym: {pair}: arc length {plain(c.arc_length)}", err=True)
        elif c.verdict != "confirmed":
            click.echo(f"saddlesym: {pair} {c.verdict}: {plain(c.note or c.distance, 200)}", err=True)
    return check


def _build(problem: DiagonalProblem, **options: Any) -> SaddleGraph:
    from saddlesym.cli.progress import progress_bar
    from saddlesym.graph.build import transition_graph

    with progress_bar() as show:
        return transition_graph(problem, progress=show, **options)


def _print(found: SaddleGraph) -> None:
    from saddlesym.exact.text import decimal_string
    from saddlesym.graph.export import label

    names = tuple(plain(name, 24) for name in found.problem.feature_names)
    rows = []
    for k in found.visited:
        node = found.node(k)
        assert node.time is not None
        out = len(found.adjacency.successors(k))
        time, loss = decimal_string(node.time, 8), decimal_string(node.loss, 8)
        rows.append(
            [str(k), time, str(node.morse_index), str(out), loss, label(node.support, node.signs, names)]
        )
    header = ["id", "time t", "Morse index", "transitions", "loss", "saddle"]
    print_table(f"{title(found.problem)}; the saddle path in its graph", header, rows, {0, 1, 2, 3, 4})
    click.echo("\n".join(_summary(found)))


def _summary(found: SaddleGraph) -> list[str]:
    kind = "elementary transition" if found.elementary else "transition"
    counts = ", ".join(f"{count} of Morse index {index}" for index, count in found.morse_counts().items())
    lines = [f"{counted(len(found), 'saddle')} ({counts})", counted(found.edge_count, kind)]
    if found.path_note:
        lines.append(f"The saddle path is not followed to its end: {found.path_note}.")
    if found.dependent:
        lines.append(f"{found.dependent} active sets with dependent columns are no nodes.")
    if found.undetermined:
        lines.append(f"{len(found.undetermined)} pairs have no unique minimiser on their face: no edges.")
    if found.cut is None:
        lines.append(f"Transitions to more than {found.max_support} columns are left out, uncounted.")
    elif found.cut:
        lines.append(f"{found.cut} transitions lead to more than {found.max_support} columns: left out.")
    longest, shortest = found.longest_chain(), found.shortest_chain()
    if longest:
        lines.append(
            f"{counted(found.count_chains(), 'chain')} from the origin to a global minimum,"
            f" of {len(shortest) - 1} to {len(longest) - 1} transitions;"
            f" the saddle path makes {len(found.visited) - 1}."
        )
    return lines
