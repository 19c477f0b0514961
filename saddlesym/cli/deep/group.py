"""The command group ``saddlesym deep``."""

from __future__ import annotations

import click

from saddlesym.cli.deep.compare import compare
from saddlesym.cli.deep.escape import escape
from saddlesym.cli.deep.flow import flow
from saddlesym.cli.deep.greedy import greedy
from saddlesym.cli.deep.initialisation import initialisation
from saddlesym.cli.deep.saddles import saddles
from saddlesym.cli.deep.verify import verify


@click.group()
def deep() -> None:
    """Deep linear networks A = W_L ... W_1.

    DATA is the target A*: a CSV file of a matrix (header optional), .npy, or a shipped
    example (svd-3x3, completion-3x3). The cost is half the squared distance to A*; with
    --mask only the entries where the mask is 1 count. Numbers are read exactly.
    """


for command in (
    saddles,
    escape,
    flow,
    greedy,
    initialisation,
    compare,
    verify,
):
    deep.add_command(command)
