"""``saddlesym kernel``: let Coq's kernel check the path of the user's own data."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.commands.path import walk
from saddlesym.cli.data import data_options, load_problem, title
from saddlesym.cli.writing.output import result_stream
from saddlesym.cli.writing.targets import output_name
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.kernel.certificate import KernelCertificate


def _coq_name(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*\.v", Path(value).name):
        raise BadInputError(
            f"Coq file {shown(value)}", needed="a name that Coq takes: letters, digits and _, ending in .v"
        )
    return output_name(context, parameter, value)


@click.command()
@click.argument("data")
@data_options
@click.option("--until", metavar="TIME", help="The path up to this accelerated time (exact: 1/2, 0.5).")
@click.option("--max-jumps", type=click.IntRange(1), metavar="N", help="The path up to its N-th jump.")
@click.option(
    "--exact-times/--enclosed-times",
    "exact",
    default=None,
    help="Jump times as fractions, or between decimals. Default: as fractions where that takes seconds.",
)
@click.option("--graph", is_flag=True, help="The transition graph instead: independent columns, d <= 6.")
@click.option("-o", "--output", metavar="FILE.v", callback=_coq_name, help="Keep the Coq file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def kernel(
    data: str,
    until: str | None,
    max_jumps: int | None,
    exact: bool | None,
    graph: bool,
    output: str | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Let Coq's kernel check that training on DATA converges to its path.

    The path is computed, written as a Coq file, and given to coqc with the theory of
    proofs/coq: Pesme and Flammarion's theorem for the network itself, and a checker of paths
    that is proved sound. Nothing that saddlesym computes is trusted. Exit status 0 when the
    kernel has checked the theorem, 1 when a claim is refused, 3 when nothing was decided,
    as without Coq: the file is written all the same.
    With --graph: that the saddles are all there, and an edge stands exactly where the
    transition rule holds.
    """
    from saddlesym.cli.progress import stages
    from saddlesym.graph.build import transition_graph
    from saddlesym.kernel.certificate import kernel_certificate
    from saddlesym.kernel.graph import MAX_COLUMNS, kernel_graph_certificate

    if graph and (until, max_jumps, exact) != (None, None, None):
        raise click.UsageError("--graph takes no option of a path")
    problem, status = load_problem(data, **options), 0
    if graph and problem.d > MAX_COLUMNS:
        raise BadInputError(f"--graph: {problem.d} columns", needed=f"at most {MAX_COLUMNS}")
    if graph:
        with stages() as show:
            full = transition_graph(problem, elementary=False)
            certificate = kernel_graph_certificate(full, progress=show)
    else:
        found, status = walk(problem, until, max_jumps, {}, output)
        if status == 130:
            return status
        with stages() as show:
            certificate = kernel_certificate(found, exact=exact, progress=show)
    if output is not None and certificate.source:
        with result_stream(output) as stream:
            stream.write(certificate.source)
    if as_json:
        json.dump(certificate.to_dict(), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        _print(certificate, title(problem), output)
    return {True: status, False: 1, None: 3}[certificate.holds]


def _print(found: KernelCertificate, data: str, output: str | None) -> None:
    def write(text: str) -> None:
        sys.stdout.write(fill(text, 100) + "\n")

    write(f"{data}: {found.verdict}" + (f": {found.reason}" if found.reason else ""))
    if found.holds:
        write(found.words)
        sys.stdout.write(f"\n{found.theorem}\n\n")
        write(f"Checked by coqc in {found.seconds:.1f} s. Axioms: {', '.join(found.axioms)}.")
    if output is not None and found.source:
        write(f"Written: {output}. By hand, in a checkout: make kernel, then coqc -Q .kernel Saddle {output}")
