"""``saddlesym chambers`` and ``census``: which paths a family has, and which ones small integer data have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from saddlesym.cli.progress import progress_bar
from saddlesym.cli.writing.formats import json_name, result_options
from saddlesym.cli.writing.output import counted, plain, write_figure, write_json
from saddlesym.cli.writing.tables import print_table
from saddlesym.errors import BadInputError

if TYPE_CHECKING:
    from fractions import Fraction

    from saddlesym.chambers.chamber import ChamberMap


@click.command()
@click.argument("family")
@click.option(
    "--depth", type=click.IntRange(1, 10), default=7, show_default=True,
    help="Halve each side of the box so many times.",
)  # fmt: skip
@click.option(
    "--at", "points", multiple=True, metavar="VALUES",
    help="Which chamber is this point in? One value for each parameter, as 1/2,0.3; may be repeated.",
)  # fmt: skip
@click.option("--times", is_flag=True, help="Also the jump times in each chamber, as formulas.")
@result_options
def chambers(
    family: str,
    depth: int,
    points: tuple[str, ...],
    times: bool,
    plot: str | None,
    as_json: bool,
    output: str | None,
) -> int:
    """Where in the parameters of FAMILY which sequence of saddles is the path.

    FAMILY is a TOML or JSON file with parameters and their ranges, and M and r, or X and y,
    whose entries are expressions in them; or a shipped one: two-columns, sign-flip,
    correlated, four-columns. Every chamber is given by exact polynomial inequalities.
    """
    from saddlesym.chambers.family import read_family
    from saddlesym.chambers.partition import chambers as find

    family_read = read_family(family)
    if plot is not None and len(family_read.ranges) > 2:
        raise BadInputError(
            f"--plot with {len(family_read.ranges)} parameters", needed="a family with one or two parameters"
        )
    places = [tuple(part.strip() for part in text.split(",")) for text in points]
    with progress_bar() as show:
        found = find(family_read, depth=depth, progress=show)
    located = [(found.point(place), found.chamber_at(place)) for place in places]
    if plot is not None:
        from saddlesym.figures.diagonal.chambers import draw_chambers

        write_figure(draw_chambers(found, [point for point, _ in located]), plot)
    if as_json:
        document = found.to_dict()
        document["points"] = [
            {"values": [str(x) for x in point], "chamber": chamber} for point, chamber in located
        ]
        write_json(document, output)
        return 0
    _print(found, times)
    for point, chamber in located:
        where = ", ".join(f"{n} = {x}" for n, x in zip(found.family.names, point, strict=True))
        which = "on a wall, or in none" if chamber is None else f"chamber {chamber + 1}"
        click.echo(f"At {where}: {which}" + ("" if chamber is None else f": {found.chambers[chamber]}"))
    return 0


def _print(found: ChamberMap, times: bool) -> None:
    family = found.family
    title = plain(family.title, 100) or repr(family)
    on_line = bool(found.chambers) and bool(found.chambers[0].ends)
    rows = []
    for k, one in enumerate(found.chambers, 1):
        where = (
            ", ".join(f"{a} to {b}" for a, b in one.ends)
            if on_line
            else ", ".join(f"{n}={x}" for n, x in zip(family.names, one.sample, strict=True))
        )
        rows.append([str(k), _percent(one.share), where, str(one)])
    header = ["chamber", "share", "range" if on_line else "a point inside", "signed active sets (0-based)"]
    print_table(title, header, rows, {0, 1})
    if found.walls:
        cells = [
            [f"{wall.between[0] + 1} | {wall.between[1] + 1}", f"{wall.polynomial} = 0", wall.kind]
            for wall in found.walls
        ]
        click.echo()
        print_table(
            "Walls, each with a point checked on either side",
            ["between", "where", "what happens"],
            cells,
            set(),
        )
    if times:
        click.echo()
        for k, one in enumerate(found.chambers, 1):
            formulas = ", ".join(f"t{j} = {time}" for j, time in enumerate(one.path.times(), 1))
            click.echo(f"{k}: {formulas or 'no jumps'}")
            click.echo("   where " + ", ".join(str(c) for c in one.path.conditions))
    click.echo()
    parts = [f"{counted(len(found.chambers), 'chamber')}, {counted(len(found.walls), 'wall')}"]
    if found.outside:
        parts.append(f"M is no Gram matrix in {_percent(found.outside)} of the box")
    parts += [f"{why} in {_percent(share)}" for why, share in found.excluded]
    if found.undecided:
        strips = f"{_percent(found.undecided)} along the walls is left undecided"
        parts.append(f"{strips} (a chamber thinner than that can be missed)")
    click.echo("; ".join(parts) + ".")


def _percent(share: Fraction) -> str:
    return f"{100 * float(share):.3g} %"


@click.command()
@click.option("--columns", "d", type=click.IntRange(1, 3), default=3, show_default=True)
@click.option("--rows", type=click.IntRange(1), default=3, show_default=True, help="At most so many rows.")
@click.option(
    "--entries", type=click.IntRange(1), default=1, show_default=True,
    help="Entries of X and y are integers up to this size.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, is_eager=True, help="One JSON document on standard output.")
@click.option(
    "-o", "--output", metavar="FILE", callback=json_name, help="Write the result there, not to stdout."
)
def census(d: int, rows: int, entries: int, as_json: bool, output: str | None) -> int:
    """Every type of path that small integer data have, with the smallest data of each.

    Types are sequences of signed active sets up to the order and the signs of columns.
    """
    from saddlesym.chambers.census import census as go_through

    with progress_bar() as show:
        found = go_through(d, rows, entries, progress=show)
    if as_json:
        write_json(found.to_dict(), output)
        return 0
    data = f"{counted(d, 'column')}, at most {counted(rows, 'row')}, entries up to {entries}"
    print_table(
        f"Paths of all integer data with {data}",
        ["jumps", "classes", "smallest rows (x..., y)", "signed active sets (0-based)"],
        [[str(len(one.signs)), str(one.count), _rows(one.rows), str(one)] for one in found.types],
        {0, 1},
    )
    classes = counted(found.classes, "class", "classes")
    click.echo(f"\n{counted(len(found.types), 'type')} in {classes} of data up to symmetry;", nl=False)
    click.echo(f" {found.not_unique} of these meet a minimiser that is not unique.")
    return 0


def _rows(rows: tuple[tuple[int, ...], ...]) -> str:
    return "; ".join(" ".join(map(str, row)) for row in rows)
