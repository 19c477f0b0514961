"""Results as JSON documents, and documents as results again, each field by its declared type.

A class of results that is a dataclass inherits :class:`Documented`; what its fields can be is in
:func:`~saddlesym.exact.documents.codecs.codec`.  A document is a stranger's: it is looked at field
by field, nothing in it is evaluated, and what does not fit is refused in one line.  What is read is
what the document says; no proof comes with it.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from functools import cache
from importlib import import_module
from inspect import get_annotations
from typing import Any, ClassVar, Self, get_type_hints

from saddlesym.errors import BadInputError, SaddlesymError, shown
from saddlesym.exact.documents.codecs import Codec, Fields, codec, entry, taken
from saddlesym.exact.forms import MisfitError, Seen
from saddlesym.exact.values import Uncached


class Documented(Uncached):
    """A result with ``to_dict`` and ``from_dict``: ``type(r).from_dict(r.to_dict()) == r``.

    Every document says what it is by ``kind``, the name of the class in words unless the class
    says otherwise.  What a class derives it adds to the document by :meth:`to_dict`, where
    reading passes over it; where fields alone do not make the result, it says how by ``_read``.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class GridPoint(Documented):
    ...     x: int
    >>> document = GridPoint(3).to_dict()
    >>> document, GridPoint.from_dict(document)
    ({'kind': 'grid point', 'x': 3}, GridPoint(x=3))
    >>> GridPoint.from_dict({"kind": "graph", "x": 3})
    Traceback (most recent call last):
    saddlesym.errors.BadInputError: not a grid point: kind is 'graph'; needed: grid point
    """

    _kind: ClassVar[str] = ""
    #: Whether documents have it; not where a field has this name.
    _tagged: ClassVar[bool] = True

    def __init_subclass__(cls, kind: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls._kind = kind or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", cls.__name__).lower()
        cls._tagged = "kind" not in get_annotations(cls)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings; indices are 0-based."""
        told = {"kind": self._kind} if self._tagged else {}
        cls: Any = type(self)
        return told | {key: how.write(getattr(self, name)) for name, key, how, _ in _layout(cls)}

    @classmethod
    def from_dict(cls, document: Any) -> Self:
        """The inverse of :meth:`to_dict`.

        Raises:
            BadInputError: a field is missing, of the wrong kind or out of range.
            BudgetError: numbers that do not fit into memory.
        """
        found: Self = read(cls, document)
        return found

    @classmethod
    def _read(cls, given: Fields) -> Self:
        """The result from what a document gives."""
        this: Any = cls
        found: Self = cls(**{name: given(key, how, default) for name, key, how, default in _layout(this)})
        return found


def read(cls: type[Any], document: Any, **more: Any) -> Any:
    """A result of a class from a document.

    Args:
        cls: a class with ``_read``.
        document: of JSON.
        more: what ``_read`` takes besides.

    Raises:
        BadInputError: it does not fit.
    """
    what = cls._kind
    try:
        return taken(cls, document, Seen(), **more)
    except MisfitError as error:
        raise error.refusal(f"{'an' if what[0] in 'aeiou' else 'a'} {what}") from None
    except SaddlesymError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        # the fields are of the right kind, and do not fit each other
        raise BadInputError(
            f"not a document of this kind ({type(error).__name__}: {shown(error)})",
            needed=f"what to_dict() of a {what} gives",
        ) from None


@cache
def _layout(cls: Any) -> tuple[tuple[str, str, Codec, Any], ...]:
    """Name, key, codec and default of every field."""
    hints = _hints(cls)
    return tuple(
        (f.name, f.metadata.get("key", f.name), codec(hints[f.name]), _default(f))
        for f in fields(cls)
        if f.init
    )


def _default(f: Any) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default


def _hints(cls: type[Any]) -> dict[str, Any]:
    """The types of the fields; SymPy's are known to type checkers alone where it is imported late."""
    late = any("sympy" in str(f.type) for f in fields(cls))
    return get_type_hints(cls, localns={"sympy": import_module("sympy")} if late else {})


__all__ = ["Documented", "Fields", "entry", "read"]
