"""What a saved result has to look like, field by field, before anything in it is believed.

A form is a function of a value and of what was noted so far.  It refuses a value of another
kind: true where 1 belongs, 0.0 where 0 belongs, a key that is missing.  Fields that no data
decide are noted by name, so that a certificate can say that it has not looked at them.

>>> seen = Seen()
>>> point = record({"x": exact, "k": whole}, given=("note",))
>>> fits({"x": "1/3", "k": 2, "note": "fast", "colour": "red"}, point, "a point", seen)
>>> seen.unchecked
('note', 'colour')
>>> fits({"x": "1/3", "k": 2.0}, point, "a point")
Traceback (most recent call last):
saddlesym.errors.BadInputError: not a point: k is 2.0; needed: a whole number
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from saddlesym.errors import BadInputError, shown, visible

#: Zeros that exponents such as that of ``1e9999`` may add to a document in all, in digits.
MAX_ZEROS = 2_000_000

#: Greatest power of ten of a decimal that is not written out.
MAX_EXPONENT = 12_000_000

_FRACTION = re.compile(r"-?[0-9]+(?:/[0-9]+)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,9}))?")
_ANY_FRACTION = re.compile(r"[+-]?[0-9]+ ?/ ?[0-9]+")


class Seen:
    """What was noted while a document was looked at."""

    def __init__(self) -> None:
        self.place: list[str] = []
        self.zeros = 0
        self._unchecked: dict[str, None] = {}

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Fields that nothing decides, by their dotted names."""
        return tuple(self._unchecked)

    def note(self, key: str) -> None:
        """A field of the record that is looked at is not checked."""
        self._unchecked[".".join((*self.place, visible(key)))] = None


Form = Callable[[Any, Seen], None]


class MisfitError(Exception):
    """A value that is not what it should be; where it stands is added on the way out."""

    def __init__(self, value: Any, needed: str, verb: str = "is") -> None:
        super().__init__(needed)
        self.told, self.needed, self.place = f"{verb} {_told(value)}", needed, list[str]()

    def refusal(self, what: str) -> BadInputError:
        """It as one line about a document that is not what it should be, such as "a path document"."""
        place = "".join(reversed(self.place)).lstrip(".")
        return BadInputError(f"not {what}: {f'{place} ' if place else 'it '}{self.told}", needed=self.needed)


def _told(value: Any) -> str:
    """A value of a document in a message, as JSON writes it."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list | tuple | dict):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return shown(value)[1:-1]


def fits(document: Any, form: Form, what: str, seen: Seen | None = None) -> None:
    """See that a document has a form.

    Args:
        document: of JSON.
        form: what it should be.
        what: what to call it in a message, such as "a path document".
        seen: takes what is noted.

    Raises:
        BadInputError: it has another one.
    """
    try:
        form(document, seen or Seen())
    except MisfitError as error:
        raise error.refusal(what) from None


def exact(value: Any, seen: Seen) -> None:
    """Text of a fraction or a decimal."""
    if type(value) is not str:
        raise MisfitError(value, 'an exact number as text, such as "195/133"')
    if _FRACTION.fullmatch(value):
        return
    match = _DECIMAL.fullmatch(value)
    if match is None and not _ANY_FRACTION.fullmatch(value):
        raise MisfitError(value, 'an exact number as text, such as "195/133"')
    seen.zeros += abs(int(match[1] or 0)) if match else 0
    if seen.zeros > MAX_ZEROS:
        raise MisfitError(value, f"numbers that are written out, or no more than {MAX_ZEROS} zeros in all")


def decimal(value: Any, _seen: Seen) -> None:
    """Text of a decimal that is not written out, as in a ball: zeros do not count."""
    match = _DECIMAL.fullmatch(value) if type(value) is str else None
    if match is None or abs(int(match[1] or 0)) > MAX_EXPONENT:
        raise MisfitError(value, f'a decimal as text, such as "1.5e-30", up to 1e{MAX_EXPONENT}')


def text(value: Any, _seen: Seen) -> None:
    """Any text."""
    if not isinstance(value, str):
        raise MisfitError(value, "text")


def flag(value: Any, _seen: Seen) -> None:
    """True or false."""
    if type(value) is not bool:
        raise MisfitError(value, "true or false")


def whole(value: Any, _seen: Seen) -> None:
    """A whole number that is not negative."""
    if type(value) is not int or value < 0:
        raise MisfitError(value, "a whole number")


def positive(value: Any, _seen: Seen) -> None:
    """A whole number that is not zero."""
    if type(value) is not int or value < 1:
        raise MisfitError(value, "a whole number >= 1")


def one_of(*choices: Any) -> Form:
    """One of some values, of the same type."""

    def form(value: Any, _seen: Seen) -> None:
        alike = (
            c
            for c in choices
            if isinstance(value, type(c)) and isinstance(value, bool) == isinstance(c, bool)
        )
        if value not in alike:
            raise MisfitError(value, " or ".join(map(str, choices)))

    return form


def optional(inner: Form) -> Form:
    """Null, or something."""

    def form(value: Any, seen: Seen) -> None:
        if value is not None:
            inner(value, seen)

    return form


def need_list(value: Any, length: int | None = None) -> None:
    """Refuse what is no list, or none of this length."""
    if type(value) not in (list, tuple) or length not in (None, len(value)):
        raise MisfitError(value, "a list" if length is None else f"a list of {length}")


def listed(inner: Form) -> Form:
    """A list of things of one form."""

    def form(value: Any, seen: Seen) -> None:
        need_list(value)
        for k, item in enumerate(value):
            try:
                inner(item, seen)
            except MisfitError as error:
                error.place.append(f"[{k}]")
                raise

    return form


def pair(first: Form, second: Form) -> Form:
    """A list of two things."""

    def form(value: Any, seen: Seen) -> None:
        need_list(value, 2)
        first(value[0], seen)
        second(value[1], seen)

    return form


def table(value: Any, seen: Seen) -> None:
    """Rows of exact numbers, at least one, of equal length."""
    listed(listed(exact))(value, seen)
    if not value or not value[0] or len({len(row) for row in value}) > 1:
        raise MisfitError(f"{len(value)} rows", "rows of equal length", "has")


def record(
    fields: Mapping[str, Form],
    optional_fields: Mapping[str, Form] | None = None,
    given: tuple[str, ...] = (),
) -> Form:
    """An object with known keys; others, and those that are ``given``, are noted as not checked.

    Args:
        fields: those that have to be there.
        optional_fields: those that may be.
        given: those of them, or others, that say something that no data decide.
    """
    known = {**fields, **(optional_fields or {})}

    def form(value: Any, seen: Seen) -> None:
        if type(value) is not dict:
            raise MisfitError(value, "an object")
        for key in fields:
            if key not in value:
                raise MisfitError(key, "every field that the program writes", "has no")
        for key in value:
            if key in given or key not in known:
                seen.note(key)
            if key not in known:
                continue
            seen.place.append(key)
            try:
                known[key](value[key], seen)
            except MisfitError as error:
                error.place.append(f".{key}")
                raise
            seen.place.pop()

    return form
