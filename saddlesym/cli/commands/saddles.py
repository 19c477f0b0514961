"""``saddlesym saddles``: every saddle with its active set, loss and Morse index."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.writing.formats import DIGITS_SHOWN, form_options, require_form
from saddlesym.cli.writing.output import counted, keep_as_partial, plain, result_stream
from saddlesym.errors import visible

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.diagonal.saddles.enumeration import Saddle, SaddleFamily
    from saddlesym.grids import Piece
    from saddlesym.progress import Progress


@click.command()
@click.argument("data")
@data_options
@click.option("--max-support", type=click.IntRange(0), metavar="K", help="Active sets of at most K columns.")
@click.option("--max-sets", type=click.IntRange(1), metavar="N", help="Refuse beyond N active sets.")
@click.option("--general-position", is_flag=True, help="Also decide whether the columns are in it.")
@form_options("json", "csv", "latex", figure=False)
@DIGITS_SHOWN
def saddles(
    data: str,
    max_support: int | None,
    max_sets: int | None,
    general_position: bool,
    form: str | None,
    output: str | None,
    digits: int | None,
    **options: Any,
) -> int:
    """Every saddle of DATA, with loss and Morse index.

    Rows are streamed: memory does not grow with their number.
    """
    from saddlesym.cli.progress import ctrl_c_between_items, progress_bar
    from saddlesym.diagonal.saddles.enumeration import saddles as enumerate_saddles

    require_form(output, form, "json", "csv", "latex")
    problem = load_problem(data, **options)
    seen_on_terminal = output is None and sys.stdout.isatty()
    with (
        ctrl_c_between_items() as pressed,
        result_stream(output) as stream,
        progress_bar(quiet=seen_on_terminal) as show,
    ):

        def note(moment: Progress) -> None:
            show(moment)
            if pressed():
                raise KeyboardInterrupt

        listing = enumerate_saddles(problem, max_support=max_support, max_sets=max_sets, progress=note)
        position = _position(problem, max_sets) if general_position else None
        found = _Counted(listing)
        if form == "json":
            _write_json(problem, found, stream, position, max_support)
        elif form == "csv":
            _write_csv(problem, found, stream)
        elif form == "latex":
            _write_latex(problem, found, stream, digits or 8)
        else:
            _print(problem, found, stream, digits or 8, position)
        if found.interrupted:
            keep_as_partial(stream, f"interrupted after {counted(found.count, 'saddle')}, which are kept")
    if found.interrupted:
        return 130
    return 0


class _Counted:
    """An iterator that counts, and remembers that Ctrl-C ended it between two active sets."""

    def __init__(self, source: Iterator[Saddle | SaddleFamily]) -> None:
        self._source, self.interrupted, self.count = source, False, 0

    def __iter__(self) -> Iterator[Saddle | SaddleFamily]:
        try:
            for item in self._source:
                self.count += 1
                yield item
        except KeyboardInterrupt:
            self.interrupted = True


def _position(problem: DiagonalProblem, max_sets: int | None) -> dict[str, Any]:
    from saddlesym.diagonal.saddles.position import MAX_SETS, general_position
    from saddlesym.exact.text import exact_string

    answer = general_position(problem, max_sets=max_sets or MAX_SETS)
    return {
        "holds": answer.holds,
        "columns": list(answer.columns),
        "signs": list(answer.signs),
        "coefficients": [exact_string(c) for c in answer.coefficients],
    }


def _write_json(
    problem: DiagonalProblem,
    found: _Counted,
    stream: IO[str],
    position: dict[str, Any] | None,
    max_support: int | None,
) -> None:
    head: dict[str, Any] = {"kind": "saddles", "features": list(problem.feature_names)}
    if position is not None:
        head["general_position"] = position
    head["max_support"] = problem.d if max_support is None else min(max_support, problem.d)
    head["problem"] = problem.data_document()
    stream.write(json.dumps(head)[:-1] + ',\n"saddles": [')
    for k, item in enumerate(found):
        stream.write(",\n" if k else "\n")
        stream.write(json.dumps(item.to_dict()))
    partial = ',\n"partial": true' if found.interrupted else ""
    stream.write(f'\n],\n"complete": {json.dumps(not found.interrupted)}{partial}}}\n')


def _label(item: Saddle | SaddleFamily, names: tuple[str, ...]) -> tuple[Piece, ...]:
    """The signed support of a saddle, or the support of a family."""
    from saddlesym.diagonal.saddles.enumeration import Saddle
    from saddlesym.grids import Name, signed_support

    if isinstance(item, Saddle):
        return signed_support(item.signs, names) if item.support else ("(origin)",)
    inside = [piece for i in item.support for piece in (", ", Name(names[i]))][1:]
    return ("{", *inside, f"}} affine set of dimension {item.dimension}")


def _print(
    problem: DiagonalProblem,
    found: _Counted,
    stream: IO[str],
    digits: int,
    position: dict[str, Any] | None,
) -> None:
    from saddlesym.cli.writing.shown import said
    from saddlesym.exact.text import decimal_string

    stream.write(f"{title(problem)}\n")
    if position is not None:
        names = tuple(plain(name, 24) for name in problem.feature_names)
        stream.write(_position_line(position, names) + "\n")
    width = max(12, digits + 7)
    stream.write(f"{'active':>6}  {'Morse index':>11}  {'nullity':>7}  {'loss':<{width}}  signed support\n")
    counts: dict[int, int] = {}
    families = minima = 0
    for item in found:
        loss = decimal_string(item.loss, digits)
        label = said(_label(item, problem.feature_names), digits)
        note = "  (global minimum)" if item.is_minimum else ""
        numbers = f"{len(item.support):>6}  {item.morse_index:>11}  {item.nullity:>7}"
        stream.write(f"{numbers}  {loss:<{width}}  {label}{note}\n")
        counts[item.morse_index] = counts.get(item.morse_index, 0) + 1
        families += item.dimension > 0
        minima += item.is_minimum
    by_index = ", ".join(f"{counts[k]} of Morse index {k}" for k in sorted(counts, reverse=True))
    stream.write(f"{found.count} critical sets: {by_index}")
    stream.write(f"; {families} of them affine sets\n" if families else "\n")


def _position_line(position: dict[str, Any], names: tuple[str, ...]) -> str:
    if position["holds"]:
        return "The columns are in general position."
    terms = [
        f"({c})·{'' if s > 0 else '−'}{names[i]}"
        for i, s, c in zip(position["columns"], position["signs"], position["coefficients"], strict=True)
    ]
    return f"Not in general position: {' + '.join(terms)} = 0 with coefficients that add up to 0."


def _write_csv(problem: DiagonalProblem, found: _Counted, stream: IO[str]) -> None:
    from saddlesym.exact.text import exact_string

    names = tuple(map(visible, problem.feature_names))
    writer = csv.writer(stream, lineterminator="\n")
    fixed = ["support", "dimension", "morse_index", "nullity", "loss"]
    writer.writerow([*fixed, *(f"beta {name}" for name in names), *(f"gradient {name}" for name in names)])
    for item in found:
        row = [" ".join(map(str, item.support)), item.dimension, item.morse_index, item.nullity]
        writer.writerow([*row, exact_string(item.loss), *item.point.strings(), *item.gradient.strings()])


def _write_latex(problem: DiagonalProblem, found: _Counted, stream: IO[str], digits: int) -> None:
    """Row by row: all of them at once may not fit into memory."""
    from saddlesym.grids import Cell, Grid, Rounded

    def lines(*rows: tuple[Cell, ...]) -> list[str]:
        header = ("signed support", "loss", "Morse index", "nullity")
        return Grid("", header, rows, frozenset({0})).tabular(digits).splitlines(keepends=True)

    before, after = lines()[:3], lines()[3:]
    stream.writelines(before)
    for item in found:
        row = (_label(item, problem.feature_names), Rounded(item.loss), item.morse_index, item.nullity)
        stream.write(lines(row)[3])
    stream.write("".join(after) + "\n")
