"""``saddlesym deep saddles``: singular values of the target, and every saddle of the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem
from saddlesym.cli.writing.formats import DIGITS_SHOWN, form_options, require_form
from saddlesym.cli.writing.output import counted, result_stream, write_figure, write_json
from saddlesym.cli.writing.tables import print_table

if TYPE_CHECKING:
    from saddlesym.exact.linear.singular_values import SingularValue
    from saddlesym.graph.deep import DeepSaddleGraph


@click.command()
@click.argument("data")
@deep_data_options
@click.option(
    "--elementary/--full",
    default=True,
    help="Only transitions that switch on one mode (the default), or all of them.",
)
@click.option("--max-rank", type=click.IntRange(0), metavar="K", help="Saddles of at most K modes.")
@click.option("--max-sets", type=click.IntRange(1), metavar="N", help="Refuse beyond N sets of modes.")
@click.option(
    "--show",
    type=click.Choice(["auto", "all", "neighbourhood", "visited"]),
    default="auto",
    show_default=True,
    help="What a figure shows; neighbourhood: the truncations of DATA and all one transition from them.",
)
@form_options("json", "dot", "graphml")
@DIGITS_SHOWN
def saddles(
    data: str,
    elementary: bool,
    max_rank: int | None,
    max_sets: int | None,
    show: Any,
    plot: str | None,
    form: str | None,
    output: str | None,
    digits: int | None,
    **options: Any,
) -> int:
    """Every saddle for the squared error: sets of singular modes of DATA.

    Modes are numbered by falling singular value. Index and nullity are those of the
    balanced critical point. Jump times are those of aligned modes when all layers start at
    alpha: 1/sigma in units of ln(1/alpha) for two layers, 1/((L-2) sigma) in units of
    1/alpha^(L-2) for more, as in deep flow.
    """
    from saddlesym.cli.progress import progress_bar
    from saddlesym.graph.deep import deep_transition_graph

    require_form(output, form, "json", "dot", "graphml")
    problem = load_deep_problem(data, **options)
    with progress_bar() as progress:
        graph = deep_transition_graph(
            problem, elementary=elementary, max_rank=max_rank, max_sets=max_sets, progress=progress
        )
    if plot is not None:
        from saddlesym.figures.deep.saddles import draw_deep_saddles

        write_figure(draw_deep_saddles(graph, show=show), plot)
    if form is None:
        _print(graph, digits or 8)
    elif form == "json":
        write_json(graph.to_dict(digits or 30), output)
    else:
        from saddlesym.graph.export import write_dot, write_graphml

        write: Any = {"dot": write_dot, "graphml": write_graphml}[form]
        with result_stream(output) as stream:
            write(graph, stream, digits or 30)
    return 0


def _print(graph: DeepSaddleGraph, digits: int) -> None:
    from saddlesym.deep.saddles.mode_sets import mode_words
    from saddlesym.graph.deep import loss_text

    values = graph.saddles[0].decomposition.values
    rows, first = [], 1
    for value in values:
        last = first + value.multiplicity - 1
        modes = str(first) if last == first else f"{first}-{last}"
        time = value.jump_time(graph.problem.depth, digits + 2)
        rows.append([modes, value.ball(digits + 2).rounded(digits), time.rounded(digits), _exact(value)])
        first = last + 1
    print_table(deep_title(graph.problem), ["mode", "σ", "jump time", "exact"], rows, {0, 1, 2})
    rows = [
        [
            mode_words(s.decomposition.values, s.counts) or "origin",
            str(s.rank), loss_text(s, digits), s.strictness, str(s.morse_index), str(s.nullity),
        ]
        for s in graph.saddles
    ]  # fmt: skip
    header = ["modes", "rank", "loss", "kind", "Morse index", "nullity"]
    print_table("Saddles: A is the sum of these modes", header, rows, {1, 2, 4, 5})
    click.echo("\n".join(_summary(graph)))


def _exact(value: SingularValue) -> str:
    """σ by radicals when it is short, else the polynomial of which σ² is a root."""
    from saddlesym.exact.text import abbreviated

    if value.rational is not None:
        return abbreviated(value.rational)
    if value.rational_square is not None:
        return f"√({abbreviated(value.rational_square)})"
    if value.square.degree == 2 and len(text := str(value.sympy())) <= 40:
        return text
    text = _polynomial(value.square.polynomial)
    return f"σ²: {text}" if len(text) <= 60 else f"σ² of degree {value.square.degree}"


def _polynomial(coefficients: tuple[int, ...]) -> str:
    """A polynomial as people write it, the highest power first."""
    from flint import fmpz

    text = ""
    for power, c in reversed(list(enumerate(coefficients))):
        if c:
            size = str(fmpz(abs(c))) if abs(c) != 1 or power == 0 else ""
            x = "" if power == 0 else "x" if power == 1 else f"x^{power}"
            text += f" {'-' if c < 0 else '+'} {size}{x}"
    return text.removeprefix(" + ")


def _summary(graph: DeepSaddleGraph) -> list[str]:
    kinds: list[str] = [s.strictness for s in graph.saddles]
    words = {
        "strict": ("strict saddle", "strict saddles"),
        "non-strict": ("non-strict saddle", "non-strict saddles"),
        "minimum": ("minimum", "minima"),
    }
    counts = ", ".join(f"{n} {word[n > 1]}" for kind, word in words.items() if (n := kinds.count(kind)))
    families = sum(saddle.dimension > 0 for saddle in graph.saddles)
    also = (
        f"; {counted(families, 'family', 'families')} (a repeated singular value in part)" if families else ""
    )
    kind = "elementary transition" if graph.elementary else "transition"
    lines = [
        f"{counted(len(graph), 'critical set')}: {counts}{also}", counted(graph.edge_count, kind),
        f"Jump times of aligned modes from layers of size alpha, in units of {graph.problem.time_unit}.",
    ]  # fmt: skip
    if graph.minima:
        longest, shortest = graph.longest_chain(), graph.shortest_chain()
        least = "" if len(shortest) == len(longest) else f"{len(shortest) - 1} to "
        lines.append(
            f"{counted(graph.count_chains(), 'chain')} from the origin to the minimum,"
            f" of {least}{counted(len(longest) - 1, 'transition')};"
            f" aligned modes make {len(graph.visited) - 1}."
        )
    return lines
