"""``saddlesym deep escape``: how a deep linear network leaves the origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.deep.data import deep_data_options, deep_title, load_deep_problem
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import write_figure, write_json
from saddlesym.cli.writing.tables import print_table

if TYPE_CHECKING:
    from saddlesym.deep.escape import Escape, EscapeDirection


@click.command()
@click.argument("data")
@deep_data_options
@click.option("--radius", metavar="R", help="Also the escape time from this radius ‖θ‖ along the direction.")
@click.option(
    "--max-rank",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    metavar="K",
    help="Critical directions of at most K modes.",
)
@click.option(
    "--digits",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Digits of decimals. Default: 8 in tables, 30 in JSON.",
)
@result_options
def escape(
    data: str,
    radius: str | None,
    max_rank: int,
    digits: int | None,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Optimal escape direction from the origin, its speed, and escape times.

    Near the origin the loss is C(0) + H(theta) with H of degree L. Listed are the critical
    points of -H on the unit sphere; only the optimal one is a local maximum.
    """
    from saddlesym.deep.escape import escape as solve
    from saddlesym.exact.scalars import rational
    from saddlesym.exact.text import decimal_string, exact_string

    start = None if radius is None else rational(radius)
    problem = load_deep_problem(data, **options)
    found = solve(problem)
    wanted = digits or (30 if as_json else 8)
    directions = list(found.critical_directions(max_rank=max_rank, digits=wanted + 2))
    time = None if start is None else _time(found, start, wanted + 2)
    if plot is not None:
        from saddlesym.figures.deep.escape import draw_escape

        write_figure(draw_escape(found, directions), plot)
    if not as_json:
        _print(found, directions, wanted)
        if start is not None and time is not None:
            end = "radius 1" if found.depth == 2 else "the blow-up of H's flow"
            click.echo(f"From radius {decimal_string(start, 8)} to {end}: T = {time.rounded(wanted)}.")
        return 0
    document = found.to_dict(wanted) | {"critical_directions": [d.to_dict() for d in directions]}
    if start is not None and time is not None:
        document |= {"radius": exact_string(start), "time": time.to_dict(exact=False)}
    write_json(document, output)
    return 0


def _time(found: Escape, start: Any, digits: int) -> Any:
    """Escape time from a radius: to radius 1 for L = 2, to the blow-up of the leading flow otherwise."""
    return found.time(start, 1 if found.depth == 2 else None, digits)


def _print(found: Escape, directions: list[EscapeDirection], digits: int) -> None:
    from saddlesym.deep.saddles.mode_sets import mode_words

    L, u_v = found.depth, found.pair(digits + 5)
    rows = [
        [str(i + 1), *(side[i].rounded(digits) if i < len(side) else "" for side in u_v)]
        for i in range(max(map(len, u_v)))
    ]
    print_table(deep_title(found.problem), ["entry", "u of W_L", "v of W_1"], rows, {0, 1, 2})
    rows = [
        [
            mode_words(found.decomposition.values, d.counts),
            str(d.rank),
            d.speed.rounded(digits),
            "maximum" if d.ascent is None else f"saddle, −H grows with curvature {d.ascent.rounded(5)}",
        ]
        for d in directions
    ]
    print_table(
        "Critical directions of −H on the unit sphere", ["modes", "rank", "speed", "kind"], rows, {1, 2}
    )
    rate, time = (
        ball.rounded(digits) for ball in (found.rate(digits + 2), found.accelerated_time(digits + 2))
    )
    law = f"ρ' = {rate} ρ" if L == 2 else f"ρ' = {rate} ρ^{L - 1}"
    click.echo(f"Optimal: W_l = w_l w_(l-1)ᵀ/√{L}, w_{L} = u, w_0 = v, other unit vectors free; {law}.")
    click.echo(f"From α times it, α → 0, the escape takes t = {time}, in units of {found.problem.time_unit}.")
