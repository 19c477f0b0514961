"""Results as tables of exact cells: for notebooks, for data frames, and for pages.

A :class:`Grid` is what a result says in rows and columns, before anything is
formatted.  Its cells are numbers that stay exact, names that come from a user, LaTeX,
plain words, or several of these one after the other.
"""

from __future__ import annotations

import html
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from typing import Any, TypeAlias

from saddlesym.errors import SaddlesymError, visible
from saddlesym.exact.balls import Ball
from saddlesym.exact.text import abbreviated, decimal_string, exact_string

#: Rows that a notebook shows; data frames and files hold all of them.
SHOWN_ROWS = 40
#: Longest fraction that stands beside its decimal.
_BESIDE = 14
#: The same, in LaTeX text.
_IN_TEXT = 24
#: Significant digits of the decimals in tables.
DIGITS = 8


@dataclass(frozen=True)
class Name:
    """Text that comes from a user: a column, a file. It is escaped and isolated wherever it is shown."""

    text: str

    def __str__(self) -> str:
        return visible(self.text)


@dataclass(frozen=True)
class Math:
    """LaTeX mathematics of our own (never user text), without dollar signs; how to say it in plain text."""

    latex: str
    plain: str = ""

    def __str__(self) -> str:
        return self.plain or self.latex


@dataclass(frozen=True)
class Code:
    """A word of a program, set in a typewriter face."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Rounded:
    """An exact number shown by its decimal, with the fraction beside it or behind it.

    >>> str(Rounded(Fraction(195, 133))), str(Rounded(Fraction(1, 7**40))), str(Rounded(Fraction(7, 2)))
    ('195/133 ≈ 1.4661654', '1.5706463e-34', '3.5')
    """

    value: Fraction
    digits: int = DIGITS

    @property
    def decimal(self) -> str:
        """The nearest decimal; shorter when it is the number itself."""
        return decimal_string(self.value, self.digits)

    def is_decimal(self) -> bool:
        """Whether the decimal is the number itself."""
        return len(self.decimal) < 2 * self.digits + 8 and Fraction(self.decimal) == self.value

    def is_short(self) -> bool:
        """Whether the fraction fits beside the decimal."""
        return len(exact_string(self.value)) <= _BESIDE

    def __str__(self) -> str:
        if self.is_decimal() or not self.is_short():
            return self.decimal
        return f"{exact_string(self.value)} ≈ {self.decimal}"


Piece: TypeAlias = str | int | Fraction | Ball | Rounded | Name | Math | Code | None
Cell: TypeAlias = Piece | tuple[Piece, ...]


@dataclass(frozen=True)
class Grid:
    """A table before it is formatted.

    Attributes:
        caption: one line about it.
        header: names of the columns.
        rows: cells, as many per row as the header has.
        left: indices of the columns that hold words rather than numbers.
        more: number of rows that were left out at the end.
        exact: indices of the columns whose fractions stand beside their decimals in a terminal and in LaTeX.

    >>> print(Grid("Times", ("k", "t"), ((1, Fraction(1, 5)),)).html())
    <table><caption>Times</caption><thead><tr><th scope="col">k</th><th scope="col">t</th></tr></thead>
    <tbody><tr><td>1</td><td>1/5</td></tr></tbody></table>
    """

    caption: Cell
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left: frozenset[int] = frozenset()
    more: int = 0
    exact: frozenset[int] = frozenset()

    def html(self) -> str:
        """The table for a notebook."""
        head = "".join(f'<th scope="col">{cell_html(cell)}</th>' for cell in self.header)
        body = "".join(self._row(row) for row in self.rows)
        if self.more:
            body += f'<tr><td colspan="{len(self.header)}">… {self.more} more rows</td></tr>'
        caption = f"<caption>{cell_html(self.caption)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"

    def _row(self, row: Sequence[Cell]) -> str:
        style = dict.fromkeys(self.left, ' style="text-align:left"')
        cells = (f"<td{style.get(k, '')}>{cell_html(cell)}</td>" for k, cell in enumerate(row))
        return f"<tr>{''.join(cells)}</tr>"

    def latex(self) -> str:
        """The table as a LaTeX array, which notebooks can show too."""
        columns = "".join("l" if k in self.left else "r" for k in range(len(self.header)))
        lines = [" & ".join(map(cell_latex, row)) for row in (self.header, *self.rows)]
        if self.more:
            lines.append(r"\vdots")
        lines[0] += r" \\ \hline" if len(lines) > 1 else ""
        body = lines[0] + "\n" + " \\\\\n".join(lines[1:])
        return f"$$\\begin{{array}}{{{columns}}}\n{body}\n\\end{{array}}$$"

    def tabular(self, digits: int = DIGITS) -> str:
        r"""The table as a LaTeX ``tabular`` with the rules of booktabs, for a paper.

        >>> grid = Grid("", ("k", Math("t")), ((1, Rounded(Fraction(1, 3))),), exact=frozenset({1}))
        >>> print(grid.tabular(5))
        \begin{tabular}{rr}
        \toprule
        k & $t$ \\ \midrule
        1 & $\tfrac{1}{3} \approx 0.33333$ \\
        \bottomrule
        \end{tabular}
        """
        columns = "".join("l" if k in self.left else "r" for k in range(len(self.header)))
        head = " & ".join(_text_latex(cell, digits) for cell in self.header)
        lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", rf"{head} \\ \midrule"]
        for row in self.rows:
            cells = (_text_latex(cell, digits, exact=k in self.exact) for k, cell in enumerate(row))
            lines.append(rf"{' & '.join(cells)} \\")
        return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries; numbers as they are, everything else as text."""
        keys = [cell_text(cell) for cell in self.header]
        return [dict(zip(keys, map(_value, row), strict=True)) for row in self.rows]

    def frame(self) -> Any:
        """The rows as a pandas data frame.

        Raises:
            SaddlesymError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise SaddlesymError(
                "pandas is not installed", needed="pandas for to_frame()", hint="pip install pandas"
            ) from None
        return pd.DataFrame(self.records(), columns=[cell_text(cell) for cell in self.header])


class Drawn:
    """A result with a figure of its own."""

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw it.

        Args:
            ax: axes of matplotlib to draw on, one or as many as the figure has panels: one takes the
                first panel.  Default: a new figure, which a notebook shows by itself.
            options: of the function in :mod:`saddlesym.figures` that draws it, such as ``width``.

        Returns:
            The figure, or ``ax``.

        Raises:
            BadInputError: no axes, or more than there are panels.
        """
        return import_module("saddlesym.figures.drawing").plot(self, ax=ax, **options)


class Displayed(ABC):
    """A result that notebooks show as a table, and pandas takes as a data frame."""

    __slots__ = ()

    @abstractmethod
    def grid(self, limit: int | None = None) -> Grid:
        """What it says, in rows and columns; at most ``limit`` rows, and how many more there are."""

    def to_frame(self) -> Any:
        """The rows of :meth:`grid` as a pandas data frame; exact numbers stay ``Fraction``.

        Raises:
            SaddlesymError: pandas is not installed.
        """
        return self.grid().frame()

    def to_latex(self, limit: int | None = None) -> str:
        r"""The rows of :meth:`grid` as a LaTeX array for a paper, without dollar signs around it.

        Args:
            limit: most rows; default all.

        Returns:
            Text such as ``\begin{array}{rrl} …``; fractions are exact where they are short.
        """
        return self.grid(limit).latex().strip("$")

    def _repr_html_(self) -> str:
        return self.grid(SHOWN_ROWS).html()

    def _repr_latex_(self) -> str:
        return self.grid(SHOWN_ROWS).latex()


def pieces(cell: Cell) -> tuple[Piece, ...]:
    """A cell as a tuple of pieces."""
    return cell if isinstance(cell, tuple) else (cell,)


def cell_html(cell: Cell, math: Callable[[str], str] | None = None, *, folds: bool = True) -> str:
    """A cell as HTML; user text is escaped and isolated.

    Args:
        cell: the cell.
        math: LaTeX to markup; by default dollar signs, which notebooks understand.
        folds: whether long fractions open on a click; not within a paragraph.

    >>> cell_html((Name("<b>"), " enters at ", Fraction(1, 3)))
    '<bdi>&lt;b&gt;</bdi> enters at 1/3'
    """
    return "".join(_piece_html(piece, math, folds) for piece in pieces(cell))


def _piece_html(piece: Piece, math: Callable[[str], str] | None, folds: bool) -> str:
    if isinstance(piece, Name):
        return f"<bdi>{_inert(html.escape(str(piece)))}</bdi>"
    if isinstance(piece, Math):
        return f"${html.escape(piece.latex)}$" if math is None else math(piece.latex)
    if isinstance(piece, Code):
        return f"<code>{html.escape(piece.text)}</code>"
    if isinstance(piece, Fraction | Rounded):
        short, full = _piece_text(piece), exact_string(piece.value if isinstance(piece, Rounded) else piece)
        said = piece.is_decimal() or piece.is_short() if isinstance(piece, Rounded) else short == full
        return short if said or not folds else f"<details><summary>{short}</summary>{full}</details>"
    return html.escape(cell_text(piece))


def _inert(text: str) -> str:
    r"""HTML in which no dollar sign and no backslash of a user begins mathematics.

    Notebooks look for $...$, \(...\) and the like within one piece of text; in an element of its own
    each of these characters is a piece by itself.
    """
    return re.sub(r"[$\\]", r"<span>\g<0></span>", text)


def cell_text(cell: Cell) -> str:
    """A cell as plain text; long fractions are abbreviated.

    >>> cell_text(("t = ", Fraction(1, 3)))
    't = 1/3'
    """
    return "".join(_piece_text(piece) for piece in pieces(cell))


def _piece_text(piece: Piece) -> str:
    if piece is None:
        return ""
    if isinstance(piece, Fraction):
        return abbreviated(piece)
    if isinstance(piece, Ball):
        if piece.arb.contains(0) and not piece.arb.is_zero():
            return f"0 ± {float(piece.arb.abs_upper()):.0e}"
        return str(piece.arb.str(DIGITS, radius=False))
    return str(piece)


def cell_latex(cell: Cell) -> str:
    r"""A cell as LaTeX mathematics.

    >>> cell_latex((Name("50%"), Fraction(-1, 3)))
    '\\text{50\\%}-\\frac{1}{3}'
    """
    return "".join(map(_piece_latex, pieces(cell)))


def _piece_latex(piece: Piece) -> str:
    if isinstance(piece, Math):
        return piece.latex
    if isinstance(piece, Rounded):
        return _piece_latex(piece.value) if piece.is_short() and not piece.is_decimal() else piece.decimal
    if isinstance(piece, Fraction) and piece.denominator != 1 and "…" not in abbreviated(piece):
        sign = "-" if piece < 0 else ""
        return rf"{sign}\frac{{{abs(piece.numerator)}}}{{{piece.denominator}}}"
    text = latex_text(cell_text(piece))
    return text if isinstance(piece, int | Ball | Fraction) or not text else rf"\text{{{text}}}"


def _text_latex(cell: Cell, digits: int, *, exact: bool = False) -> str:
    """A cell within LaTeX text."""
    out = ""
    for piece in pieces(cell):
        if isinstance(piece, Rounded):
            mantissa, e, power = decimal_string(piece.value, digits).partition("e")
            value = rf"{mantissa} \cdot 10^{{{int(power)}}}" if e else mantissa
            fraction = exact_string(piece.value)
            if exact and "/" in fraction and len(fraction) <= _IN_TEXT:
                value = r"\tfrac{{{}}}{{{}}} \approx {}".format(*fraction.split("/"), value)
            out += f"${value}$"
        elif isinstance(piece, Math):
            out += f"${piece.latex}$"
        else:
            text = latex_text(cell_text(piece))
            out += text if isinstance(piece, Name) else re.sub("[+−]", lambda sign: _SIGNS[sign[0]], text)
    return out


_SIGNS = {"+": "$+$", "−": "$-$"}


def latex_text(text: str) -> str:
    r"""Text with LaTeX's special characters escaped.

    >>> latex_text("50%_\\input")
    '50\\%\\_\\textbackslash{}input'
    """
    return "".join(_LATEX.get(c, c) for c in text)


_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def _value(cell: Cell) -> Any:
    if isinstance(cell, Rounded):
        return cell.value
    if isinstance(cell, int | Fraction | Ball) or cell is None:
        return cell
    return cell_text(cell)


def signed_support(signs: Iterable[int], names: Sequence[str]) -> tuple[Piece, ...]:
    """A signed active set as pieces of a cell: ``+a −c``, and ``0`` for the empty one."""
    out: list[Piece] = []
    for sign, name in zip(signs, names, strict=True):
        if sign:
            out += [f"{' ' if out else ''}{'+' if sign > 0 else '−'}", Name(name)]
    return tuple(out) or ("0",)


def changes(names: Sequence[str], entered: Sequence[int], left: Sequence[int]) -> tuple[Piece, ...]:
    """Which columns are switched on and off, in words."""
    out: list[Piece] = []
    for columns, verb in ((entered, " enters"), (left, " leaves")):
        for i in columns:
            out += [", ", Name(names[i]), verb]
    return tuple(out[1:])
