"""The answers of ``saddlesym graph --kappa`` and ``--chain``, printed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import click

from saddlesym.cli.writing.output import counted, plain
from saddlesym.cli.writing.tables import print_table
from saddlesym.errors import BadInputError

if TYPE_CHECKING:
    from saddlesym.diagonal.path.chains import NoShape, Shape
    from saddlesym.graph.diagonal import SaddleGraph


def print_shape(graph: SaddleGraph, answer: Shape | NoShape) -> None:
    """A shape with the chain it makes the flow take; or why a chain has none."""
    from saddlesym.diagonal.path.chains import NoShape

    if isinstance(answer, NoShape):
        _print_reason(answer)
        return
    from saddlesym.diagonal.saddles.enumeration import critical_point
    from saddlesym.exact.text import decimal_string, exact_string
    from saddlesym.graph.export import label

    names = tuple(plain(name, 24) for name in graph.problem.feature_names)
    rows = []
    for time, support in zip((Fraction(0), *answer.times), answer.supports, strict=True):
        point = critical_point(graph.problem, support)
        signs = getattr(point, "signs", None)
        text = label(support, signs, names) if signs is not None else " ".join(names[i] for i in support)
        rows.append([_id(graph, support), decimal_string(time, 8), text])
    kappa = ", ".join(plain(exact_string(q), 40) for q in answer.kappa)
    steps = counted(len(rows) - 1, "elementary step" if answer.elementary else "step")
    kind = "" if answer.elementary else ", some of several columns"
    last = critical_point(graph.problem, answer.supports[-1])
    verb = "takes" if last is not None and last.is_minimum else "begins with"
    print_table(f"the chain that the flow {verb} for the shape {kappa}: {steps}{kind}",
                ["id", "time t", "saddle"], rows, {0, 1})  # fmt: skip


def _id(graph: SaddleGraph, support: tuple[int, ...]) -> str:
    try:
        return str(graph.id_of(support))
    except BadInputError:  # left out of the graph by its bounds
        return ""


def _print_reason(answer: NoShape) -> None:
    from saddlesym.exact.text import decimal_string

    click.echo(f"No shape of the initialisation makes the flow take this chain: {answer.reason}.")
    if answer.conditions:
        rows = [[decimal_string(c.multiplier, 8), c.text] for c in answer.conditions]
        print_table("with these weights the conditions add up to 0 > 0", ["weight", "condition"], rows, {0})
