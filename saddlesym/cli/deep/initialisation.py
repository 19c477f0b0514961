"""``saddlesym deep initialisation``: distances to minima and saddles at the start, and their exponents."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import file_options
from saddlesym.cli.deep.data import load_deep_problem
from saddlesym.cli.progress import progress_bar
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import plain, write_figure, write_json
from saddlesym.cli.writing.tables import print_table
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.deep.experiments.initialisation import InitialisationStudy


#: A greatest entry beyond this, or below one over it, is out of the range of float64.
_LARGEST = 10**300


def _numbers(kind: Any) -> Any:
    def read(_context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
        if value is None:
            return None
        try:
            return [kind(part) for part in value.split(",")]
        except ValueError:
            raise BadInputError(
                f"--{parameter.name} {shown(value)}", needed="a comma list of numbers"
            ) from None

    return read


@click.command()
@click.argument("data")
@click.option(
    "--depth", type=click.IntRange(2), default=2, show_default=True, metavar="L", help="Number of layers."
)
@click.option(
    "--gammas",
    metavar="LIST",
    callback=_numbers(float),
    help="Values of gamma; the weights are N(0, u^2 w^-gamma). Default: ten.",
)
@click.option(
    "--widths",
    metavar="LIST",
    callback=_numbers(int),
    help="Hidden widths w, five at least, of any size. Default: 2^40, 2^48, ..., 2^120.",
)
@click.option(
    "--samples",
    type=click.IntRange(2),
    default=4,
    show_default=True,
    metavar="N",
    help="Draws for each gamma and w.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, metavar="K", help="Of the draws."
)
@click.option(
    "--confidence",
    type=float,
    default=0.95,
    show_default=True,
    metavar="P",
    help="Level at which all intervals hold at once.",
)
@file_options
@result_options
def initialisation(
    data: str,
    depth: int,
    gammas: list[float] | None,
    widths: list[int] | None,
    samples: int,
    seed: int,
    confidence: float,
    plot: str | None,
    as_json: bool,
    output: str | None,
    **reading: Any,
) -> int:
    """Distances from a random start to the minima and the saddles, as the width grows.

    For the squared distance to DATA. The draws have the exact law of networks of these widths,
    in units u with u^L a power of two as large as DATA: the weights are N(0, u^2 w^-gamma).
    Each distance lies between a lower and an upper bound; the fitted exponents are of the upper
    one, those of the lower one are in the JSON. Nothing is claimed of a fit whose corrections are
    not small at the least width.
    """
    problem = load_deep_problem(data, None, depth, None, **reading)
    if not problem.cost.is_whitened:
        raise BadInputError(f"{shown(data)} is a matrix completion", needed="a target without a mask")
    from saddlesym.deep.experiments.initialisation import initialisation_study
    from saddlesym.exact.text import decimal_string

    largest = max(abs(x) for row in problem.cost.B for x in row)
    if largest and not Fraction(1, _LARGEST) <= largest <= _LARGEST:
        raise BadInputError(
            f"the greatest entry of {shown(data)} is {decimal_string(largest, 3)}",
            needed="one between 1e-300 and 1e300",
            hint="another unit",
        )
    target = [[float(x) for x in row] for row in problem.cost.B]
    with progress_bar() as show:
        study = initialisation_study(
            target, depth=depth, gammas=gammas, widths=widths, samples=samples, seed=seed,
            confidence=confidence, progress=show,
        )  # fmt: skip
    if plot is not None:
        from saddlesym.figures.deep.initialisation import draw_initialisation

        write_figure(draw_initialisation(study), plot)
    if not as_json:
        _print(study, data)
        return 0
    write_json(study.to_dict(), output)
    return 0


def _shown(width: int) -> str:
    """A width, a great power of two as such."""
    power = width.bit_length() - 1
    return f"2^{power}" if power >= 20 and width == 2**power else str(width)


def _print(study: InitialisationStudy, data: str) -> None:
    header = ["γ", "distance to", "exponent of w", "interval", "predicted", "inside"]
    rows = [
        [
            f"{fit.gamma:g}", fit.quantity, f"{fit.exponent:z.5f}", f"[{fit.low:z.5f}, {fit.high:z.5f}]",
            f"{fit.predicted:.4g}", {True: "yes", False: "no", None: "-"}[fit.agrees],
        ]
        for quantity in ("minima", "saddles")
        for fit in study.of(quantity)
    ]  # fmt: skip
    least, most = _shown(study.widths[0]), _shown(study.widths[-1])
    title = (
        f"{plain(data)}: depth {study.depth}, widths {least} to {most}, "
        f"{study.samples} draws each; intervals hold together at {100 * study.confidence:g}%"
    )
    print_table(title, header, rows, {0, 2, 3, 4})
    early = [
        fit.correction
        for quantity in ("minima", "saddles")
        for fit in study.of(quantity)
        if not fit.asymptotic
    ]
    if early:
        click.echo(
            f"-: no claim, not asymptotic at these widths: at {least} the leading correction is up to "
            f"{max(early):.2g} of what is fitted; try greater --widths"
        )
