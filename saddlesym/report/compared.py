"""The page of a training run held against the theory, and its JSON twin."""

from __future__ import annotations

from typing import Any

from saddlesym.figures.diagonal.comparison import draw_comparison
from saddlesym.grids import Cell, Grid
from saddlesym.report.page import Block, Facts, Note, Page, Paragraph, Section, Table, picture, prose
from saddlesym.report.provenance import colophon, stamped
from saddlesym.report.sections import path_section
from saddlesym.runs.comparison import RunComparison


def comparison_page(found: RunComparison, command: str = "") -> Page:
    """Verdict, causes, the table of jumps, the figure, and the path behind them."""
    setting, first = found.setting, found.first_deviation
    facts: list[tuple[Cell, Cell]] = [
        ("alpha", f"{setting.alpha:.6g}"),
        ("learning rate", "–" if setting.learning_rate is None else f"{setting.learning_rate:.6g}"),
        ("loss", f"{setting.factor:.6g} times ‖Xβ − y‖²/(2n)"),
        ("records", len(found.run)),
        ("mean |β − path|", f"{found.distance:.3g}"),
    ]
    if found.curvature is not None:
        facts.append(("step × largest curvature met (stable below 2)", f"{found.curvature:.3g}"))
    if found.bound is not None:
        facts.append(
            ("‖s − s(t)‖ at the end", f"{found.bound[1]:.3g}; proved for the flow: {found.bound[0]:.3g}")
        )
    if found.conserved is not None:
        facts.append(("u² − v² follows its law to", f"{found.conserved:.2g}"))
    if first is not None:
        facts.append((f"first record off, at {found.unit}", f"{first.clock:.6g}"))
    notes: tuple[Block, ...] = tuple(Note((words,)) for words in found.assumed)
    blocks: list[Block] = [Table(found.grid()), Facts(tuple(facts)), *notes]
    if found.causes:
        rows = tuple((cause.name, cause.detail) for cause in found.causes)
        blocks.insert(0, Table(Grid("Causes", ("cause", "how it is known"), rows, frozenset({0, 1}))))
    text = prose(
        "Times are those of the record. The reference is gradient descent at this scale and step without"
        " rounding; the law is $\\Lambda t_k + c_k + h_k$, with and without the cost of the steps."
    )
    figure = picture("run", draw_comparison(found), "The run beside its prediction.", prose(
        "The run in colour, the limit in light steps, gradient descent without rounding in grey."
    ))  # fmt: skip
    sections = [
        Section("run", "The run", (Paragraph(text), *blocks, figure)),
        path_section(found.path),
    ]
    return Page("A training run and the theory", (found.sentence,), tuple(sections), colophon(command))


def comparison_twin(found: RunComparison) -> dict[str, Any]:
    """The JSON of the comparison, with the versions that made it."""
    return stamped(found.to_dict())
