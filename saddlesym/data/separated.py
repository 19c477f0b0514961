"""Text that holds a table: its separator, its comments, its names, its cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from saddlesym.data.reading import Content, Reading
from saddlesym.errors import BadInputError
from saddlesym.exact.scalars import MAX_ENTRIES

#: Most columns of a table.
MAX_COLUMNS = 2**20

#: What people write where a value is missing, in lower case.
MISSING = {"", "na", "n/a", "<na>", "#n/a", "nan", "-nan", "+nan", "null", "none", "?", "."}

#: Separators, the surer ones first: commas stand in names and for decimal points too.
_MARKS = ("\t", ";", "|", ",")
_SAMPLE = 10  # lines from which the separator is told


@dataclass(frozen=True)
class Cells:
    """The cells of a text.

    Attributes:
        name: of the text, for messages.
        first: cells of the first line that is neither blank nor a comment.
        first_line: its number.
        rest: the other lines, with their numbers.
        comment: the last comment before the first line; numpy.savetxt writes names there.
        mark: the separator.
    """

    name: str
    first: list[str]
    first_line: int
    rest: Iterator[tuple[int, list[str]]]
    comment: str
    mark: str


def cells_of(content: Content, reading: Reading) -> Cells:
    """The cells of a text, line by line.

    The separator is the first of tab, ``;``, ``|`` and ``,`` that stands equally often in the
    first lines, or white space.  Lines that begin with ``#`` are comments.

    Raises:
        BadInputError: it is no text in UTF-8, is empty, or is larger than a table may be.
    """
    name, data = content.name, content.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # as spreadsheets write "Unicode text"
        encoding = "utf-16"
    elif b"\0" in data:
        raise BadInputError(f"{name} is a binary file, not a text file", needed="a CSV file, .npy or .npz")
    else:
        encoding = "utf-8-sig"
    sample, comment = _beginning(data, encoding, name)
    mark = _separator(sample, reading.decimal)
    # where nothing is quoted, the number of cells is known before memory is asked for
    if mark != " " and b'"' not in data and data.count(mark.encode()) >= MAX_ENTRIES:
        raise too_large(name)
    rows = _rows(data, encoding, name, mark)
    number, first = next(rows, (0, []))
    if not first:
        raise BadInputError(f"{name} is empty", needed="a table of numbers")
    return Cells(name, first, number, rows, comment, mark)


def too_large(name: str) -> BadInputError:
    """The refusal of a text of too many cells."""
    return BadInputError(
        f"{name} is too large a table",
        needed=f"at most {MAX_ENTRIES:,} numbers in at most {MAX_COLUMNS:,} columns",
        hint="M = XᵀX/n and r = Xᵀy/n in place of many rows",
    )


def _lines(data: bytes, encoding: str, name: str) -> Iterator[str]:
    """The lines with their ends; blank ones for comments outside of quotes."""
    quoted = False
    try:
        for line in io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""):
            if line.startswith("#") and not quoted:
                yield "\n"
                continue
            quoted ^= line.count('"') % 2 == 1
            yield line
    except UnicodeError:
        raise BadInputError(
            f"{name} is not a text file in UTF-8",
            needed="a CSV file, .npy or .npz",
            hint='save it as "CSV UTF-8"',
        ) from None


def _beginning(data: bytes, encoding: str, name: str) -> tuple[list[str], str]:
    """The first lines that are neither blank nor comments, and the last comment before them."""
    sample = list(islice((line for line in _lines(data, encoding, name) if line.strip()), _SAMPLE))
    comment = ""
    for line in io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""):
        if line.startswith("#"):
            comment = line.strip("# \t\r\n")
        elif line.strip():
            break
    return sample, comment


def _separator(sample: Sequence[str], decimal: str) -> str:
    text = "".join(sample)
    lines = re.sub(r'"[^"]*"', "q", text).splitlines()  # quotes may go over several lines
    for mark in _MARKS:
        if mark == decimal and '"' not in text:
            continue
        if len({line.count(mark) for line in lines}) == 1 and lines[0].count(mark):
            return mark
    words = [len(re.sub(r"\s*/\s*", "/", line).split()) for line in lines]
    # a header may lack a name for the row index
    if words and words[-1] > 1 and len(set(words[1:])) <= 1 and words[0] in (words[-1], words[-1] - 1):
        return " "
    return next(
        (mark for mark in (",", ";", "\t", "|") if lines and mark in lines[0] and mark != decimal), ","
    )


def _rows(data: bytes, encoding: str, name: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    def checked() -> Iterator[str]:
        for line in _lines(data, encoding, name):
            if line.count(mark) >= MAX_COLUMNS and len(line.split(mark, MAX_COLUMNS)) > MAX_COLUMNS:
                raise too_large(name)
            # white space at the end would make one cell more, tabs would be no white space
            yield line.replace("\t", " ").rstrip() + "\n" if mark == " " else line

    reader = csv.reader(checked(), delimiter=mark, skipinitialspace=True, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadInputError(f"{name}, line {reader.line_num}: {error}", needed="a CSV file") from None


def is_missing(cell: str) -> bool:
    """Whether a cell says that its value is missing.

    >>> is_missing(" NA"), is_missing("0")
    (True, False)
    """
    return cell.strip().lower() in MISSING


def is_word(cell: str) -> bool:
    """Whether a cell can only be a name: no number, no failed one (inf, too long), nothing missing.

    >>> is_word("age"), is_word("1e"), is_word("NA")
    (True, False, False)
    """
    number_like = r"\s*[+-]?(inf|infinity|[0-9.,][0-9.,e+/_ -]*)\s*"
    return not (is_missing(cell) or re.fullmatch(number_like, cell, re.IGNORECASE))


def names_in_comment(cells: Cells, width: int) -> list[str] | None:
    """The names that a comment gives to the columns, if it has as many words."""
    for mark in (cells.mark, *_MARKS, " "):
        words = [word.strip() for word in cells.comment.split(None if mark == " " else mark)]
        if len(words) == width and all(map(is_word, words)):
            return words
    return None
