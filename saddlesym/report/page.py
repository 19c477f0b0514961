"""The view model of a page: sections, and the blocks that they are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from saddlesym.grids import Cell, Code, Grid, Math, Piece, pieces

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Prose: TypeAlias = tuple[Piece, ...]

_MARKS = re.compile(r"\$([^$]+)\$|`([^`]+)`|\{(\w+)\}")


def prose(template: str, **fields: Cell) -> Prose:
    """A sentence of ours with mathematics, code and values in it.

    Args:
        template: ``$latex$``, `` `code` `` and ``{field}`` are understood; it must not
            hold text that comes from a user.
        fields: what stands for ``{field}``; never read for markup.

    >>> prose("The `value` is {value}.", value=4)
    ('The ', Code(text='value'), ' is ', 4, '.')
    """
    out: list[Piece] = []
    at = 0
    for mark in _MARKS.finditer(template):
        out.append(template[at : mark.start()])
        latex, code, name = mark.groups()
        out += [Math(latex)] if latex else [Code(code)] if code else pieces(fields[name])
        at = mark.end()
    out.append(template[at:])
    return tuple(piece for piece in out if piece != "")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: Prose


@dataclass(frozen=True)
class Note:
    """A remark that must not be overlooked: what is out of reach, what is not proved."""

    text: Prose


@dataclass(frozen=True)
class Formula:
    """Displayed mathematics (LaTeX of our own), with a sentence of what it says."""

    latex: str
    label: str = ""


@dataclass(frozen=True)
class Table:
    """A table; its caption is that of the grid."""

    grid: Grid


@dataclass(frozen=True)
class Picture:
    """A figure.

    Attributes:
        name: of its file, without suffix; unique on the page.
        svg: the drawing.
        alt: what is to be seen, for those who do not see it.
        caption: what it shows and how to read it.
    """

    name: str
    svg: str = field(repr=False)
    alt: str = ""
    caption: Prose = ()


@dataclass(frozen=True)
class CodeBlock:
    """A program or a command to copy."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class Facts:
    """Pairs of a term and what there is to say about it."""

    items: tuple[tuple[Cell, Cell], ...]


@dataclass(frozen=True)
class Folded:
    """Blocks under a line that a reader opens; printed in full."""

    summary: Prose
    blocks: tuple[Block, ...]


Block: TypeAlias = Paragraph | Note | Formula | Table | Picture | CodeBlock | Facts | Folded


@dataclass(frozen=True)
class Section:
    """A part of a page under a heading.

    Attributes:
        id: anchor, unique on the page.
        title: the heading.
        blocks: its contents.
        parts: sections one level below.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        title: its heading; may hold user text as :class:`~saddlesym.grids.Name`.
        lead: what it says in one paragraph.
        sections: in order.
        colophon: facts about how it was made, at the foot.
    """

    title: Cell
    lead: Prose
    sections: tuple[Section, ...]
    colophon: tuple[tuple[Cell, Cell], ...] = ()

    def pictures(self) -> tuple[Picture, ...]:
        """All figures, in order."""
        return tuple(block for section in self.sections for block in _pictures(section))


def _pictures(section: Section) -> list[Picture]:
    out: list[Picture] = []
    waiting: list[Block] = list(section.blocks)
    while waiting:
        block = waiting.pop(0)
        if isinstance(block, Picture):
            out.append(block)
        elif isinstance(block, Folded):
            waiting = [*block.blocks, *waiting]
    return [*out, *(picture for part in section.parts for picture in _pictures(part))]


def picture(name: str, figure: Figure, alt: str, caption: Prose = ()) -> Picture:
    """A matplotlib figure as a block of a page."""
    from saddlesym.figures.style import svg_text

    return Picture(name, svg_text(figure), alt, caption)
