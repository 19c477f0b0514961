"""The error tree of saddlesym.

Every message says, on one line, what was given, what is needed and what to
try.  Text that comes from a user (file names, cells, column names) is shown by
:func:`shown`, which keeps it short, and harmless by :func:`visible`.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

#: Marks that may stand on one letter; more of them run over the lines around it.
_MARKS = 3
#: Characters that count as printable but show nothing: fillers, joiners, selectors of variants.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(c) for a, b in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for c in range(a, b + 1)
}


def visible(text: str) -> str:
    r"""Text of others with nothing in it that moves, hides or forges what stands around it.

    Escaped are control characters and ends of lines, what changes the direction of writing,
    what shows nothing, halves of surrogate pairs, and marks heaped on one letter.  All that
    comes from a file, a name or a saved result goes through here on its way to a terminal.

    >>> print(visible("ok\x1b[2J\u202e \u03b2"))
    ok\x1b[2J\u202e β
    """
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    marks = _MARKS  # none at the start, where it would sit on a character of ours
    for c in text:
        marks = marks + 1 if unicodedata.category(c) in ("Mn", "Me") else 0
        shows = c.isprintable() and c not in _INVISIBLE and marks <= _MARKS
        out.append(c if shows else c.encode("unicode_escape").decode())
    return "".join(out)


def shown(value: object, width: int = 40) -> str:
    r"""User text as a short, quoted, printable piece of a message.

    >>> shown("a\nb")
    "'a\\nb'"
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > width:
        text = f"{text[: width - 10]}...{text[-5:]}"
    return repr(text) if visible(text) == text else ascii(text)


class SaddlesymError(Exception):
    """Base of all errors that saddlesym raises on purpose.

    Args:
        given: what was found, and where.
        needed: what would have been right.
        hint: what to try next.

    >>> print(SaddlesymError("row 3 is empty", needed="a number", hint="fill it in"))
    row 3 is empty; needed: a number; try: fill it in
    """

    def __init__(self, given: str, *, needed: str = "", hint: str = "") -> None:
        self.given, self.needed, self.hint = given, needed, hint
        parts = [given]
        if needed:
            parts.append(f"needed: {needed}")
        if hint:
            parts.append(f"try: {hint}")
        super().__init__("; ".join(parts))


class BadInputError(SaddlesymError, ValueError):
    """The input cannot be read as what it should be."""

    def at(self, place: str) -> BadInputError:
        """The same error with the place where it happened put in front."""
        return type(self)(f"{place}: {self.given}", needed=self.needed, hint=self.hint)


class OtherWingError(BadInputError):
    """A word names something of the other kind of networks: diagonal ones or products of matrices."""


def require(value: object, kind: type, hint: str = "") -> None:
    """Refuse what is of another kind: a problem of the other networks, a result of another question.

    >>> require(3, str, "text")
    Traceback (most recent call last):
    ...
    saddlesym.errors.BadInputError: '3' of type int; needed: str; try: text
    """
    if not isinstance(value, kind):
        raise BadInputError(f"{shown(value)} of type {type(value).__name__}", needed=kind.__name__, hint=hint)


class UnknownNameError(BadInputError):
    """A word is none of the names that are known.

    Attributes:
        near: the known names that are most like it.
    """

    def __init__(self, given: str, *, needed: str = "", hint: str = "", near: tuple[str, ...] = ()) -> None:
        super().__init__(given, needed=needed, hint=hint or " or ".join(near))
        self.near = near


class DataWarning(UserWarning):
    """Data were read one way, and there is a sign that another was meant."""


class BudgetError(SaddlesymError):
    """The answer exists, but enumerating it is out of the stated reach."""


class PrecisionError(SaddlesymError):
    """The requested digits were not reached; nothing less is handed out."""


class Degeneracy(StrEnum):
    """Why a question has no single answer, where callers tell the cases apart."""

    ORIGIN_IS_MINIMUM = "no gradient at the origin"
    REPEATED_VALUE = "repeated top singular value"
    NO_CRITICAL_POINT = "no critical point of the next rank"
    UNSTABLE_IN_RANK = "a saddle unstable within its own rank"
    RANK_STEP = "a rank that does not grow by one"
    OTHER = "another"


class DegenerateProblemError(SaddlesymError):
    """The problem is well formed, but the question has no single answer on it.

    Attributes:
        columns: indices (0-based) of the columns that are responsible.
        reason: which degeneracy it is.
    """

    def __init__(
        self,
        given: str,
        *,
        columns: tuple[int, ...] = (),
        reason: Degeneracy = Degeneracy.OTHER,
        needed: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(given, needed=needed, hint=hint)
        self.columns, self.reason = columns, reason


class NonUniqueMinimiserError(DegenerateProblemError):
    """A sign-constrained minimiser is a set with more than one point.

    Attributes:
        columns: the columns whose coefficients are not determined.
        time: the accelerated time of the jump, when met on a path.
        path: the part of the path before that jump, when met on a path.
    """

    def __init__(
        self, given: str, *, columns: tuple[int, ...] = (), needed: str = "", hint: str = ""
    ) -> None:
        super().__init__(given, columns=columns, needed=needed, hint=hint)
        self.time: Fraction | None = None
        self.path: Any = None
