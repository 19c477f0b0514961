"""The page of a conjecture: what was searched, and its counterexample or how far it held."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.grids import Cell, Code, Grid, Name
from saddlesym.report.page import Block, CodeBlock, Facts, Note, Page, Paragraph, Section, Table, prose
from saddlesym.report.provenance import colophon, stamped
from saddlesym.report.sections import path_section

if TYPE_CHECKING:
    from saddlesym.laboratory.search import Search


def conjecture_page(search: Search, law: str) -> Page:
    """The page of a search for a counterexample.

    Args:
        search: what came out.
        law: the argument of the command, to be made again.
    """
    one = search.conjecture
    sections = [_statement(search), _searched(search)]
    if search.counterexample is not None:
        sections.insert(1, _counterexample(search))
        path = _path(search)
        if path is not None:
            sections.append(path)
    command = f"saddlesym conjecture {shlex.quote(law)}"
    sections.append(Section("again", "Again", (CodeBlock(command), CodeBlock("saddlesym check result.json"))))
    lead = prose("{verdict}.", verdict=Name(search.headline))
    return Page(("Conjecture: ", Name(one.name)), lead, tuple(sections), colophon())


def conjecture_twin(search: Search) -> dict[str, Any]:
    """The page as one JSON document; ``saddlesym check`` re-verifies its counterexample."""
    return stamped(search.to_dict())


def _statement(search: Search) -> Section:
    one = search.conjecture
    facts: list[tuple[Cell, Cell]] = [("says", Name(one.says))]
    facts.append(("law", Code(one.text) if one.text else Name(one.origin.rpartition("/")[2] or "in Python")))
    facts.append(("about", one.about))
    assumed = [name if isinstance(name, str) else name.__name__ for name in one.assumes]
    facts.append(("assumes", Name(", ".join(assumed) or "nothing")))
    facts.append(("symmetries used", search.symmetries))
    return Section("statement", "The conjecture", (Facts(tuple(facts)),))


def _searched(search: Search) -> Section:
    grid = search.grid()
    table = Grid(
        "Spaces of data, in the order in which they were searched", grid.header, grid.rows, grid.left
    )
    text = prose(
        "Data that exchanges or signs of columns and rows carry to each other are counted once, where these"
        " symmetries were used. A data set is skipped where an assumption fails on it, where a minimiser"
        " is not unique, or where the law speaks of what these data do not have."
    )
    blocks: list[Block] = [Paragraph(text), Table(table)]
    reasons = tuple((str(verdict), Name(why)) for verdict, why in sorted(search.tally.reasons.items()))
    if reasons:
        blocks.append(
            Table(Grid("The first reason of each outcome", ("outcome", "why"), reasons, frozenset({0, 1})))
        )
    if search.partial:
        blocks.append(Note(prose("The search did not come to its end.")))
    if search.counterexample is None:
        blocks.append(Note(prose("A law that no data refute here is not proved.")))
    return Section("searched", "What was searched", tuple(blocks))


def _counterexample(search: Search) -> Section:
    found = search.counterexample
    assert found is not None
    text = prose(
        "There {what}; {smallest}.", what=Name(found.detail or "it is false"), smallest=found.smallest
    )
    blocks: list[Block] = [Paragraph(text)]
    if isinstance(found.problem, DiagonalProblem):
        grid = found.problem.grid()
        blocks.append(Table(Grid("The data", grid.header, grid.rows, grid.left)))
    return Section("counterexample", "The counterexample", tuple(blocks))


def _path(search: Search) -> Section | None:
    """The path on the counterexample, with its certificate."""
    from saddlesym.diagonal.path.walk import saddle_path
    from saddlesym.errors import NonUniqueMinimiserError
    from saddlesym.recheck.path import certify

    found = search.counterexample
    if found is None or not isinstance(found.problem, DiagonalProblem):
        return None
    try:
        path = saddle_path(found.problem)
    except NonUniqueMinimiserError:
        return None
    return path_section(path, certify(path))
