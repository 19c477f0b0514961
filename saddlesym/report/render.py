"""From a page to HTML: one file, nothing from the network, everything from a user escaped."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from saddlesym.grids import Cell, cell_html, cell_text
from saddlesym.report.page import Page


def render(page: Page) -> str:
    """The page as one HTML document, which UTF-8 can hold whatever names it was given."""
    html = _environment().get_template("page.html.j2").render(page=page) + "\n"
    return html.encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def mathml(latex: str, display: str = "inline") -> str:
    r"""LaTeX of our own as MathML.

    >>> mathml(r"\beta_i")[:29], "<mi>&#x003B2;</mi>" in mathml(r"\beta_i")
    ('<math xmlns="http://www.w3.or', True)
    """
    from latex2mathml.converter import convert

    return str(convert(latex, display=display))


def _html(cell: Cell) -> Markup:
    return Markup(cell_html(cell, mathml, folds=False))


def _cell(cell: Cell) -> Markup:
    return Markup(cell_html(cell, mathml))


def _formula(latex: str) -> Markup:
    return Markup(mathml(latex, "block"))


def _data_uri(svg: str) -> str:
    """A drawing that cannot reach out of its frame: no scripts, no clash of ids."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def _kind(block: Any) -> str:
    return type(block).__name__


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("saddlesym.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        html=_html, cell=_cell, text=cell_text, formula=_formula, data_uri=_data_uri, kind=_kind
    )
    return environment
