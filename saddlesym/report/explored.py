"""The page of an exploration, and its JSON twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saddlesym.exact.text import decimal_string, encodable
from saddlesym.grids import Cell, Name, Piece, Rounded
from saddlesym.report.page import Block, CodeBlock, Facts, Page, Paragraph, Prose, Section, prose
from saddlesym.report.provenance import Provenance, colophon, stamped
from saddlesym.report.sections import (
    flow_section,
    graph_section,
    limit_notes,
    path_section,
    saddles_section,
    shapes_section,
    verdicts_section,
)

if TYPE_CHECKING:
    from saddlesym.exploration.exploration import Exploration


def exploration_page(found: Exploration, provenance: Provenance, commands: str = "") -> Page:
    """The page of an exploration.

    Args:
        found: what ``explore`` returned.
        provenance: of its data.
        commands: the command line that made it, for the reader who wants it again.
    """
    foot, left = colophon(), found.missing or ()
    sections = [
        _data(found, provenance),
        path_section(found.path, found.certificate),
        None
        if "saddles" in left
        else saddles_section(found.saddles, found.saddle_size, found.path, found.limits_of("saddles")),
        None if "graph" in left else graph_section(found.graph, found.limits_of("graph")),
        flow_section(found.flows, found.path, found.agreements, found.limits_of("flow")),
        shapes_section(found.path),
        verdicts_section(found.report, found.limits_of("verdicts")),
        _again(found, commands),
    ]
    name = Name(provenance.name or "data")
    title: Cell = ("Saddle to saddle: ", name)
    kept = tuple(section for section in sections if section is not None)
    return Page(title, _lead(found), kept, foot)


def exploration_twin(found: Exploration, provenance: Provenance) -> dict[str, Any]:
    """The page as one JSON document; ``saddlesym check`` re-verifies its exact parts."""
    document = found.to_dict()
    if "source" in document["problem"]:
        document["problem"]["source"] = encodable(
            provenance.name
        )  # not the folders of the machine it was made on
    return stamped(document | {"provenance": provenance.to_dict()})


def _lead(found: Exploration) -> Prose:
    path, names = found.path, found.problem.feature_names
    out: list[Piece] = list(
        prose(
            "A two-layer diagonal linear network $\\beta = u \\odot v$, trained on these data by gradient"
            " flow from vanishing initialisation, makes {jumps} jump{s} between saddles of its loss",
            jumps=len(path.jumps), s="" if len(path.jumps) == 1 else "s",
        )
    )  # fmt: skip
    if path.complete and path.jumps:
        out += prose(" and comes to rest at $t =$ {t}.", t=Rounded(path.jumps[-1].time))
    elif path.complete:
        out += ["; zero is a global minimum already."]
    elif found.partial:
        out += ["; it was interrupted, and nothing here is known to be whole."]
    elif found.stopped:
        out += ["; it is not followed further, since there ", found.stopped, "."]
    else:
        out += [" before its limit stops being determined."]
    left = sorted({i for jump in path.jumps for i in jump.left})
    flipped = sorted({i for jump in path.jumps for i in jump.flipped})
    for columns, verb in ((left, "leaves the active set"), (flipped, "returns with the other sign")):
        if columns:
            listed: list[Piece] = []
            for i in columns:
                listed += [", " if listed else " ", Name(names[i])]
            out += [*listed, f" {verb}" if len(columns) == 1 else f": each {verb}", "."]
    if found.agreements:
        agree = sum(one.holds for one in found.agreements)
        text = " Flows at {a} and {b}, which know nothing of it, give back {agree} of the {all} jump times."
        scales = found.settings.alphas[-2:]
        out += prose(text, a=scales[0], b=scales[1], agree=agree, all=len(path.jumps))
    return tuple(out)


def _data(found: Exploration, provenance: Provenance) -> Section:
    settings = found.settings
    budgets = (
        f"{settings.max_sets} active sets in the graph, {settings.listed_sets} listed;"
        f" {settings.jumps_followed(found.problem.d)} jumps and {settings.steps(found.problem.d)} steps"
        f" per flow; statements that follow flows up to {settings.costly_columns} columns"
    )
    facts: tuple[tuple[Cell, Cell], ...] = (
        *provenance.facts(found.problem),
        ("scales of the flows", ", ".join(settings.alphas)),
        ("digits of the flows", settings.digits),
        ("budgets", ("quick: " if settings.quick else "") + budgets),
    )
    text = prose(
        "The loss is $L(\\beta) = \\|X\\beta - y\\|^2 / (2n)$. Numbers are read exactly: 0.1 is 1/10, and"
        " what is called exact below is a rational number computed without rounding."
    )
    stops = limit_notes(found.limits_of("path"))
    return Section("data", "Data and settings", (Paragraph(text), Facts(facts), *stops))


def _stop(found: Exploration) -> str:
    """The stop of a path by its loss: how the data were written is not known to a saved problem."""
    path = found.path
    if not found.stopped:
        return ""
    losses = [path.loss(0), *(jump.loss for jump in path.jumps)]
    between = (losses[-2] + losses[-1]) / 2 if path.jumps else losses[0] * 2
    return f', stop_loss="{decimal_string(between, 30)}"'


def _again(found: Exploration, commands: str) -> Section:
    scales = ", ".join(repr(alpha) for alpha in found.settings.alphas)
    program = (
        "import json\n"
        "from saddlesym import DiagonalProblem, explore\n\n"
        'document = json.load(open("result.json"))\n'
        'problem = DiagonalProblem.from_dict(document["problem"], document["features"])\n'
        f"found = explore(problem, alphas=[{scales}], digits={found.settings.digits},"
        f" quick={found.settings.quick}{_stop(found)})\n"
        "print(found, found.path.times())\n"
    )
    blocks: tuple[Block, ...] = (
        Paragraph(prose(
            "`result.json` beside this page holds the data, every number with all its digits, and the"
            " verdicts; `saddlesym check` re-verifies its path, its saddles and a graph of at most {most}"
            " saddles from the data alone.",
            most=found.settings.listed_sets,
        )),
        CodeBlock(f"{commands}\nsaddlesym check result.json".strip(), "On the command line"),
        CodeBlock(program, "In Python"),
    )  # fmt: skip
    return Section("again", "Do it again", blocks)
