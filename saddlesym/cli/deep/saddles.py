"""``saddlesym deep saddles``: singular values of the target, and every saddle of the loss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem
from saddlesym.cli.deep.modes import decimal, mode_words
from saddlesym.cli.output import counted, figure_name, output_name, print_table, result_stream, write_figure

if TYPE_CHECKING:
    from saddlesym.deep.saddles import DeepSaddle
    from saddlesym.deep.singular_values import SingularValue
    from saddlesym.graph.deep_build import DeepSaddleGraph


@click.command()
@click.argument("data")
@deep_data_options
@click.option("--max-rank", type=click.IntRange(0), metavar="K", help="Saddles of at most K modes.")
@click.option("--max-sets", type=click.IntRange(1), metavar="N", help="Refuse beyond N sets of modes.")
@click.option("--full", is_flag=True, help="All transitions, not only those that switch on one mode.")
@click.option(
    "--digits",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Digits of decimals. Default: 8 in tables, 30 in JSON.",
)
@click.option("--plot", metavar="FILE", callback=figure_name, help="Figure as .svg, .png or .pdf.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("-o", "--output", metavar="FILE", callback=output_name, help="Write the JSON to a file.")
def saddles(
    data: str,
    mask: str | None,
    depth: int | None,
    hidden: int | list[int] | None,
    header: bool | None,
    floats: str,
    max_rank: int | None,
    max_sets: int | None,
    full: bool,
    digits: int | None,
    plot: str | None,
    as_json: bool,
    output: str | None,
) -> int:
    """Every saddle for the squared error: sets of singular modes of DATA.

    Modes are numbered by falling singular value. Index and nullity are those of the
    balanced critical point. Jump times are those of aligned modes when all layers start at
    alpha: 1/sigma in units of ln(1/alpha) for two layers, 1/((L-2) sigma) in units of
    1/alpha^(L-2) for more, as in deep flow.
    """
    from saddlesym.graph.deep_build import MAX_NODES, deep_transition_graph

    if output is not None and not as_json:
        raise click.UsageError("--output needs --json")
    problem = load_deep_problem(data, mask, depth, hidden, header, floats)
    graph = deep_transition_graph(problem, not full, max_rank=max_rank, max_sets=max_sets or MAX_NODES)
    if plot is not None:
        from saddlesym.figures.deep import draw_deep_saddles

        write_figure(draw_deep_saddles(graph), plot)
    if as_json:
        with result_stream(output) as stream:
            json.dump(graph.to_dict(digits or 30), stream, indent=1)
            stream.write("\n")
    else:
        _print(graph, digits or 8)
    return 0


def _print(graph: DeepSaddleGraph, digits: int) -> None:
    values = graph.saddles[0].decomposition.values
    rows, first = [], 1
    for value in values:
        last = first + value.multiplicity - 1
        modes = str(first) if last == first else f"{first}-{last}"
        rows.append([modes, decimal(value.ball(digits + 2), digits), _exact(value)])
        rows[-1].insert(2, decimal(value.jump_time(graph.problem.depth, digits + 2), digits))
        first = last + 1
    print_table(deep_title(graph.problem), ["mode", "σ", "jump time", "exact"], rows, {0, 1, 2})
    rows = [
        [_label(s), str(s.rank), _loss(s, digits), s.strictness, str(s.morse_index), str(s.nullity)]
        for s in graph.saddles
    ]
    header = ["modes", "rank", "loss", "kind", "index", "nullity"]
    print_table("Saddles: A is the sum of these modes", header, rows, {1, 2, 4, 5})
    click.echo("\n".join(_summary(graph)))


def _label(saddle: DeepSaddle) -> str:
    """The modes of a saddle; of a repeated singular value, how many."""
    return mode_words(saddle.decomposition.values, saddle.counts) or "origin"


def _loss(saddle: DeepSaddle, digits: int) -> str:
    from saddlesym.exact.text import decimal_string

    exact = saddle.rational_loss
    return decimal(saddle.loss(digits + 2), digits) if exact is None else decimal_string(exact, digits)


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
