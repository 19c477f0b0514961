"""The error tree of saddlesym.

Every message says, on one line, what was given, what is needed and what to
try.  Text that comes from a user (file names, cells, column names) is shown by
:func:`shown`, which keeps it short and free of control characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction


def shown(value: object, width: int = 40) -> str:
    r"""User text as a short, quoted, printable piece of a message.

    >>> shown("a\nb")
    "'a\\nb'"
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > width:
        text = f"{text[: width - 10]}...{text[-5:]}"
    return ascii(text) if not text.isprintable() else repr(text)


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


class DataWarning(UserWarning):
    """Data were read one way, and there is a sign that another was meant."""


class BudgetError(SaddlesymError):
    """The answer exists, but enumerating it is out of the stated reach."""


class PrecisionError(SaddlesymError):
    """The requested digits were not reached; nothing less is handed out."""


class DegenerateProblemError(SaddlesymError):
    """The problem is well formed, but the question has no single answer on it.

    Attributes:
        columns: indices (0-based) of the columns that are responsible.
    """

    def __init__(
        self, given: str, *, columns: tuple[int, ...] = (), needed: str = "", hint: str = ""
    ) -> None:
        super().__init__(given, needed=needed, hint=hint)
        self.columns = columns


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
