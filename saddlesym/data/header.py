"""The first line of a text: names of columns, or numbers already; and which columns are left out."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from saddlesym.data.gaps import quoted
from saddlesym.data.reading import Reading
from saddlesym.data.separated import Cells, is_word, names_in_comment
from saddlesym.errors import BadInputError, DataWarning, shown


@dataclass(frozen=True)
class Header:
    """What is known of the columns before the numbers are read.

    Attributes:
        in_line: whether the first line holds names.
        width: cells of each line.
        columns: indices of the columns that are read.
        names: their names.
    """

    in_line: bool
    width: int
    columns: list[int]
    names: tuple[str, ...]


def header_of(cells: Cells, second: Sequence[str] | None, reading: Reading) -> Header:
    """The columns of a text, by its first two lines and what was said of it.

    Without a word on it, the first line holds names when none of its cells is a number; a
    :class:`DataWarning` says when numbers there may be names.  A comment above numbers holds
    the names when it has as many words.

    Raises:
        BadInputError: names and numbers are mixed, or a name is missing or there twice.
    """
    first, place = [cell.strip() for cell in cells.first], f"{cells.name}, line {cells.first_line}"
    if second is not None and len(second) == len(first) + 1 and {0, "0"} & set(reading.drop_columns):
        first = ["", *first]  # the header names no row index, as R writes it
    columns = kept_columns(reading.drop_columns, first, len(first), cells.name, reading.header)
    read = [first[j] for j in columns]
    in_line, told = (
        reading.header,
        names_in_comment(cells, len(first)) if reading.header is not False else None,
    )
    if in_line is None:
        by_name = any(str(column) in first and not str(column).isdecimal() for column in reading.drop_columns)
        index = not first[0] and len(first) > 2 and _counts(first[1:], 0)  # of a frame that pandas wrote
        in_line = by_name or index or _only_words(read, place)
        if not (in_line or told) and (
            (_counts(read, 0) and len(read) > 1) or (_counts(read, 1) and len(read) > 3)
        ):
            warnings.warn(
                f"{place} is {', '.join(read[:4])}{', ...' if len(read) > 4 else ''}: read as numbers, "
                "not as names of columns; --header or --no-header says which they are",
                DataWarning,
                stacklevel=2,
            )
    elif in_line and told and not any(map(is_word, read)):
        in_line = False  # the names stand in the comment
    if in_line or told:
        source = first if in_line else told or []
        names = _checked([(j, source[j]) for j in columns], cells.name)
    else:
        names = tuple(f"x{j}" for j in columns)
    return Header(in_line, len(first), columns, names)


def kept_columns(
    dropped: Sequence[str | int], names: Sequence[str], width: int, place: str, header: bool | None = None
) -> list[int]:
    """The indices of the columns that are not left out.

    Args:
        dropped: names or 0-based indices; digits are an index, unless a header is given that has them.
        names: of the columns, if there are any.
        width: number of columns.
        place: the file, for messages.
        header: whether the names are known to be names.
    """
    positions: dict[str, int] = {}
    for j, name in enumerate(names if header is not False else ()):
        positions.setdefault(name, j)
    out = set()
    for column in dropped:
        text = str(column)
        is_index = text.isascii() and text.isdecimal() and len(text) < 9
        if text in positions and not isinstance(column, int) and (header or not is_index):
            out.add(positions[text])
        elif is_index and int(text) < width:
            out.add(int(text))
        else:
            listing = f"one of {quoted(names)} or " if names and header is not False else ""
            raise BadInputError(
                f"{place} has no column {shown(text)} to leave out",
                needed=f"{listing}an index from 0 to {width - 1}",
            )
    if len(out) == width:
        raise BadInputError(f"every column of {place} is left out", needed="one that stays")
    return [j for j in range(width) if j not in out]


def _counts(cells: Sequence[str], start: int) -> bool:
    return all(cell == str(k) for k, cell in enumerate(cells, start))


def _only_words(cells: Sequence[str], place: str) -> bool:
    words = [cell for cell in cells if is_word(cell)]
    numbers = [cell for cell in cells if cell and not is_word(cell)]
    if numbers and words:
        raise BadInputError(
            f"{place} mixes numbers ({shown(numbers[0])}) and text ({shown(words[0])})",
            needed="all names or all numbers",
            hint="--header or --no-header says which they are; --drop-column leaves out a column of text",
        )
    return bool(words)


def _checked(names: Sequence[tuple[int, str]], place: str) -> tuple[str, ...]:
    for j, name in names:
        if not name:
            raise BadInputError(
                f"{place}: column {j + 1} has no name (a row index?)",
                needed="a name for every column",
                hint=f"--index-column {j} to leave it out",
            )
    twice = [name for name, count in Counter(name for _, name in names).items() if count > 1]
    if twice:
        raise BadInputError(f"{place}: two columns are named {shown(twice[0])}", needed="distinct names")
    return tuple(name for _, name in names)
