"""``saddlesym theorems``: the statements, one of them in full, or all as a graph."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.options import jobs_option
from saddlesym.cli.writing.output import plain, result_stream, write_figure
from saddlesym.cli.writing.tables import print_table
from saddlesym.cli.writing.targets import output_name
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.kernel.theory import KernelTheorem
    from saddlesym.theorems.evidence.results import Report
    from saddlesym.theorems.proof import ProofRun
    from saddlesym.theorems.statement import Statement

_GRAPHS = (".svg", ".png", ".pdf", ".dot")


def _graph_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and Path(value).suffix.lower() not in _GRAPHS:
        raise BadInputError(f"graph file {shown(value)}", needed=f"a name ending in {', '.join(_GRAPHS)}")
    return output_name(_context, _parameter, value)


@click.command()
@click.argument("statement_id", metavar="[ID]", required=False)
@click.option(
    "--plot",
    metavar="FILE",
    callback=_graph_name,
    help="Draw what uses what, coloured by status: .svg, .png, .pdf or .dot.",
)
@click.option("--status", is_flag=True, help="Verify on a few instances; the statements as a Markdown table.")
@click.option(
    "--instances",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="Sampled instances per check, for the status in the graph.",
)
@jobs_option()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def theorems(
    statement_id: str | None,
    plot: str | None,
    status: bool,
    instances: int,
    jobs: int | None,
    as_json: bool,
) -> int:
    """The statements, or the one named ID in full, with its proof run step by step.

    With --plot or --status, everything is verified on a few instances first: status
    is never typed in.
    """
    if plot is not None or status:
        if statement_id is not None or as_json:
            raise click.UsageError("--plot and --status take all statements; neither ID nor --json")
        report = _verified(instances, jobs)
        if plot is not None:
            _draw(plot, report)
        if status:
            sys.stdout.write(status_table(report))
        return 0
    if statement_id is None:
        _list(as_json)
        return 0
    return _show(statement_id, as_json)


def _verified(instances: int, jobs: int | None) -> Report:
    from saddlesym.cli.progress import progress_bar
    from saddlesym.theorems.runner import verify

    with progress_bar() as show:
        return verify(instances=instances, jobs=jobs or os.cpu_count() or 1, progress=show)


def status_table(report: Report) -> str:
    """The statements with their status, and the Coq theorems that the kernel has checked, as Markdown."""
    from saddlesym.kernel.theory import is_checked, theorems_of

    lines = ["| statement | what it says | status | in Coq |", "|---|---|---|---|"]
    for result in report.results:
        entry = result.statement
        coq = ", ".join(f"`{one.name}`" for one in theorems_of(entry.id) if is_checked(one))
        lines.append(f"| `{entry.id}` | {entry.title.replace('|', '&#124;')} | {result.status} | {coq} |")
    return "\n".join(lines) + "\n"


def _draw(output: str, report: Report) -> None:
    from saddlesym.theorems.dependency import dependency_graph, to_dot

    drawn = dependency_graph(report)
    if Path(output).suffix.lower() == ".dot":
        with result_stream(output) as stream:
            stream.write(to_dot(drawn))
        return
    from saddlesym.figures.statements import draw_statements

    write_figure(draw_statements(drawn), output)


def _list(as_json: bool) -> None:
    from saddlesym.theorems.catalogue import statements
    from saddlesym.theorems.checks import checks_of
    from saddlesym.theorems.evidence.kernel import kernel_evidence
    from saddlesym.theorems.proof import load_proof, proof_files, standing
    from saddlesym.theorems.wings import TITLES

    entries = list(statements().values())
    if as_json:
        document = {"kind": "statements", "statements": list(map(_document, entries))}
        json.dump(document, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    for wing, title in TITLES.items():
        rows = []
        for entry in entries:
            if entry.wing != wing:
                continue
            kinds = [str(item.kind) for item in kernel_evidence(entry.id)]
            if entry.id in proof_files():
                kinds += ["proof" if load_proof(entry.id).is_general else "proof in part"]
            kinds += [str(check.kind) for check in checks_of(entry.id)]
            if entry.is_folklore:
                kinds = ["counterexample"]
            told = ", ".join(dict.fromkeys(kinds))
            rows.append([entry.id, entry.title, standing(entry), told, entry.source])
        print_table(f"Statements: {title}", ["id", "title", "standing", "evidence", "source"], rows, set())
    sys.stdout.write("`saddlesym theorems ID` shows one in full; `saddlesym verify` says what holds.\n")


def _document(entry: Statement) -> dict[str, Any]:
    from saddlesym.kernel.theory import is_checked, theorems_of
    from saddlesym.theorems.catalogue import used_by
    from saddlesym.theorems.proof import load_proof, proof_files, standing
    from saddlesym.theorems.runner import uses_of

    return {
        "id": entry.id,
        "title": entry.title,
        "text": entry.text,
        "latex": entry.latex,
        "source": entry.source,
        "wing": entry.wing,
        "standing": entry.standing,
        "stands_as": standing(entry),
        "folklore": entry.is_folklore,
        "assumptions": list(entry.assumptions),
        "uses": list(uses_of(entry.id)),
        "used_by": list(used_by(entry.id)),
        "coq": [asdict(one) | {"checked": is_checked(one)} for one in theorems_of(entry.id)],
        "has_proof": entry.id in proof_files(),
        "proof_grade": load_proof(entry.id).grade if entry.id in proof_files() else None,
    }


def _show(statement_id: str, as_json: bool) -> int:
    from saddlesym.theorems.catalogue import statement
    from saddlesym.theorems.evidence.verdict import Verdict
    from saddlesym.theorems.proof import proof_files, run_proof_of

    entry = statement(statement_id)
    run = run_proof_of(entry.id) if entry.id in proof_files() else None
    if as_json:
        document = {"kind": "statement"} | _document(entry) | {"checks": _checks(entry)}
        document["proof"] = None if run is None else run.to_dict()
        json.dump(document, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        _print_statement(entry, run)
    if run is None or run.verdict is Verdict.HOLDS:
        return 0
    return 1 if run.verdict is Verdict.FAILS else 3


def _kernel(theorem: KernelTheorem) -> str:
    """How the kernel stands to a theorem."""
    from saddlesym.kernel.theory import is_checked, log

    found = log()
    if found is None or not is_checked(theorem):
        return "not run: make kernel checks it"
    return f"kernel-checked, log of Coq {found.version}"


def _checks(entry: Statement) -> list[dict[str, str]]:
    from saddlesym.theorems.checks import checks_of

    return [
        {"kind": str(check.kind), "compares": check.sentence, "rejects": check.variant_sentence}
        for check in checks_of(entry.id)
    ]


def _print_statement(entry: Statement, run: ProofRun | None) -> None:
    from saddlesym.kernel.theory import theorems_of
    from saddlesym.theorems.assumptions import assumption
    from saddlesym.theorems.catalogue import used_by
    from saddlesym.theorems.folklore import recorded
    from saddlesym.theorems.proof import proof_text, standing
    from saddlesym.theorems.runner import uses_of

    def write(text: str, margin: str = "") -> None:
        sys.stdout.write(fill(text, 100, initial_indent=margin, subsequent_indent=margin + "  ") + "\n")

    called = standing(entry)
    write(f"{entry.id}: {entry.title}" + ("" if called == "theorem" else f"  [{called}]"))
    write(entry.text, "  ")
    sys.stdout.write(f"\n  {entry.latex}\n\n")
    for found in theorems_of(entry.id):
        sys.stdout.write(f"In Coq ({found.file}, {_kernel(found)}):\n\n{indent(found.text, '  ')}\n\n")
    write(f"Source: {entry.source}")
    for one in entry.assumptions:
        write(f"Assumes {one}: {assumption(one).sentence}")
    write(f"Uses: {', '.join(uses_of(entry.id)) or 'nothing else'}")
    write(f"Used by: {', '.join(used_by(entry.id)) or 'nothing'}")
    if entry.is_folklore:
        example = recorded(entry.id)
        refuted = plain(example.refutes() or "", 200)
        write(f"{example.told[0].upper()}{example.told[1:]}: {refuted}")
    for check in _checks(entry):
        write(f"Check ({check['kind']}): {check['compares']}. It rejects: {check['rejects']}.")
    sys.stdout.write("\n" + (proof_text(run) if run is not None else "No proof on file.") + "\n")
