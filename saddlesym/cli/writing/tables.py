"""Tables on a terminal: columns give way to its width, numbers are never broken across lines."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

#: What is kept at least of an exact number, of a decimal, of a word that is no number, of a column of words.
_EXACT, _DECIMAL, _WORD, _TEXT = 8, 10, 12, 14
#: A number in a text, with what leans on it.
_NUMBER = re.compile(r"[^\w\s]*\d[\d.,/^×·…]*(e[-+−]?\d+)?[^\w\s]*")
#: A decimal that may be cut: digits before the point and the exponent stay.
_FIXED = re.compile(r"(?P<head>[^\w\s]*\d+\.)(?P<tail>\d+)(?P<end>(e[-+−]?\d+)?)")
#: Spaces of a table beyond its columns: one at either side of each, one between two.
_GAP = 3


def cell_len(text: str) -> int:
    """Columns that a text takes on a terminal; rich is imported only where something is printed."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its cells, and how it may give way."""

    name: str
    cells: tuple[str, ...]
    right: bool

    @property
    def is_exact(self) -> bool:
        """Whether it repeats exactly what a decimal beside it says."""
        return self.name == "exact"

    def widest(self) -> int:
        """The width at which nothing is cut or wrapped."""
        return max(map(cell_len, (self.name, *self.cells)))

    def least(self, *, cut: bool) -> int:
        """The least width without a broken number; with ``cut``, long decimals may lose digits."""
        if self.is_exact:
            return min(self.widest(), _EXACT)
        least = [min(cell_len(word), _WORD) for word in self.name.split()]
        if not self.right:
            least.append(min(self.widest(), _TEXT))
        for cell in self.cells:
            for word in (cell,) if self.right else cell.split():
                kept = _shortened(word, _DECIMAL) if cut and _FIXED.fullmatch(word) else word
                is_number = self.right or _NUMBER.fullmatch(word)
                least.append(cell_len(kept) if is_number else min(cell_len(kept), _WORD))
        return max(least, default=1)

    def lines(self, text: str, width: int) -> str:
        """A cell or the name in a width: wrapped between words, what is longer than a line cut."""
        if cell_len(text) <= width:
            return text
        if text != self.name and (self.right or self.is_exact):
            return _shortened(text.partition("…")[0] + "…" if self.is_exact else text, width)
        lines = [""]
        for word in text.split():
            piece = _shortened(word, width)
            if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(piece) <= width:
                lines[-1] += f" {piece}"
            elif lines[-1]:
                lines.append(piece)
            else:
                lines[-1] = piece
        return "\n".join(lines)


def _shortened(word: str, width: int) -> str:
    """A word with an ellipsis where it was cut; of a decimal the magnitude stays.

    >>> _shortened("1.23456789012e-20", 10), _shortened("gene123456789", 8)
    ('1.234…e-20', 'gene123…')
    """
    if cell_len(word) <= width:
        return word
    if number := _FIXED.fullmatch(word):
        keep = max(1, width - len(number["head"]) - len(number["end"]) - 1)
        return f"{number['head']}{number['tail'][:keep]}…{number['end']}"
    while word and cell_len(word) >= width:
        word = word[:-1]
    return f"{word.rstrip('…')}…"


def fitted(columns: Sequence[Column], width: int | None) -> dict[int, int]:
    """Which columns are shown, and how wide each is.

    In this order they give way: exact numbers are cut, words wrap and long ones are cut,
    decimals lose digits, then columns are left out: those of exact numbers, the others from
    the right; the first two stay.

    Args:
        columns: all of them.
        width: of the terminal; None for as much as is needed.
    """
    shown = list(range(len(columns)))
    expendable = sorted(shown[2:], key=lambda k: (columns[k].is_exact, k))
    while True:
        widths = {k: columns[k].widest() for k in shown}
        if width is None:
            return widths
        room = width - _GAP * len(shown) + 1
        exact = [k for k in shown if columns[k].is_exact]
        words = [k for k in shown if not columns[k].right]
        for able, cut in ((exact, False), (words, False), (shown, True)):
            least = {k: columns[k].least(cut=cut) for k in able}
            if _shrunk(widths, least, room):
                return widths
        if not expendable:
            return widths
        shown.remove(expendable.pop())


def _shrunk(widths: dict[int, int], least: dict[int, int], room: int) -> bool:
    """Take from the widest column that can give until all fit; whether they do."""
    while sum(widths.values()) > room:
        able = [k for k, bound in least.items() if widths[k] > bound]
        if not able:
            return False
        widths[max(able, key=widths.__getitem__)] -= 1
    return True


def terminal_width() -> int | None:
    """Columns of the terminal: what COLUMNS says, else what standard output is; None for a file or a pipe."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]], right: set[int]) -> None:
    """A titled table on standard output, as wide as it needs to be when nothing bounds it.

    Args:
        title: one line above it.
        header: names of the columns.
        rows: cells.
        right: indices of the columns that are flush right.
    """
    cells = list(zip(*rows, strict=True)) or [()] * len(header)
    columns = [Column(name, tuple(cells[k]), k in right) for k, name in enumerate(header)]
    width = terminal_width()
    widths = fitted(columns, width)
    heading = Column("", (title,), right=False).lines(title, width or cell_len(title))
    whole = sum(widths.values()) + _GAP * len(widths) - 1
    print(_strong(heading), " " * whole, sep="\n")
    print("\n".join(map(_strong, _row(columns, widths, [column.name for column in columns]))))
    print(" " + "─" * (whole - 2) + " ")
    for row in zip(*cells, strict=True):
        print("\n".join(_row(columns, widths, row)))
    print(" " * whole)
    if missing := [name for k, name in enumerate(header) if k not in widths]:
        needed = sum(column.widest() + _GAP for column in columns) - 1
        print(f"Not shown in {width} columns: {', '.join(missing)}.\nCOLUMNS={needed} shows all.")


def _row(columns: Sequence[Column], widths: dict[int, int], cells: Sequence[str]) -> Iterator[str]:
    """The lines of one row: names of columns stand at the bottom of theirs, cells at the top."""
    wrapped = {k: columns[k].lines(cells[k], wide).split("\n") for k, wide in widths.items()}
    height = max(map(len, wrapped.values()))
    is_header = all(cells[k] is columns[k].name for k in widths)
    for k, lines in wrapped.items():
        empty = [""] * (height - len(lines))
        wrapped[k] = empty + lines if is_header else lines + empty
    for line in zip(*wrapped.values(), strict=True):
        pieces = []
        for (k, wide), text in zip(widths.items(), line, strict=True):
            space = " " * (wide - cell_len(text))
            pieces.append(space + text if columns[k].right else text + space)
        yield f" {'   '.join(pieces)} "


def _strong(text: str) -> str:
    """Bold where a person reads it on a terminal that knows it."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else f"\x1b[1m{text}\x1b[0m"
