"""Results on a terminal: their grids as tables, numbers as decimals."""

from __future__ import annotations

from saddlesym.cli.writing.output import plain
from saddlesym.cli.writing.tables import print_table
from saddlesym.exact.balls import Ball
from saddlesym.exact.text import abbreviated, decimal_string
from saddlesym.grids import Cell, Grid, Name, Rounded, cell_text, pieces

#: Mathematical names of columns, in words.
_HEADS = {"t": "time t", "L": "loss", "beta": "β"}


def print_grid(title: str, grid: Grid, digits: int) -> None:
    """A titled table on standard output; beside some numbers stand their fractions.

    Args:
        title: one line above it.
        grid: of the result.
        digits: of the decimals; balls show fewer where fewer are known.
    """
    header: list[str] = []
    columns: list[list[str]] = []
    right: set[int] = set()
    for k, name in enumerate(grid.header):
        cells = [row[k] for row in grid.rows]
        if k not in grid.left:
            right.add(len(header))
        header.append(_HEADS.get(cell_text(name), cell_text(name)))
        columns.append([said(cell, digits) for cell in cells])
        if k in grid.exact:
            header.append("exact")
            columns.append([abbreviated(cell.value) if isinstance(cell, Rounded) else "" for cell in cells])
    print_table(title, header, zip(*columns, strict=True), right)


def said(cell: Cell, digits: int) -> str:
    """A cell as text of a terminal: names of users harmless and short, numbers as decimals."""
    out = ""
    for piece in pieces(cell):
        if isinstance(piece, Name):
            out += plain(piece.text, 24)
        elif isinstance(piece, Rounded):
            out += decimal_string(piece.value, digits)
        elif isinstance(piece, Ball):
            text = str(piece.arb.str(min(digits, max(1, piece.digits)), radius=False))
            out += "0" if text.startswith("0e") else text
        else:
            out += cell_text(piece)
    return out
