"""How values of each type are written as JSON and read again.

A document is a stranger's: it is looked at field by field, nothing in it is evaluated, and what does
not fit is refused with its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from itertools import repeat
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from flint import arb, fmpq

from saddlesym.errors import visible
from saddlesym.exact.balls import Ball, read_ball
from saddlesym.exact.forms import MisfitError, Seen, exact, flag, need_list, one_of, text
from saddlesym.exact.scalars import fraction, read_exact
from saddlesym.exact.scale import InitialScale
from saddlesym.exact.text import exact_string
from saddlesym.exact.vectors import RationalVector, read_vector

#: Bits of a whole number of a document.
_MAX_BITS = 10_000
_SPECIAL = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


@dataclass(frozen=True)
class Codec:
    """How values of one type are written and read.

    Attributes:
        write: a value as JSON.
        read: JSON as a value; raises MisfitError.
        classes: what the values are instances of.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any, Seen], Any]
    classes: tuple[type, ...]


class Fields:
    """What a document gives: a field is looked at, and read, as it is taken.

    Args:
        document: the object of the document.
        seen: what was noted so far.
    """

    def __init__(self, document: Any, seen: Seen) -> None:
        if type(document) is not dict:
            raise MisfitError(document, "an object")
        self.document, self.seen = document, seen

    def __contains__(self, key: str) -> bool:
        return key in self.document

    def __call__(self, key: str, hint: Any, default: Any = MISSING) -> Any:
        """A field as a value of a type; the default where there is none."""
        if key not in self.document:
            if default is MISSING:
                raise MisfitError(key, "every field that the program writes", "has no")
            return default
        with at(f".{visible(key)}"):
            return codec(hint).read(self.document[key], self.seen)

    def one(self, key: str, cls: type[Any], **more: Any) -> Any:
        """A field as a result of a class, whose ``_read`` takes something besides."""
        return self(key, _with(cls, more))

    def each(self, key: str, cls: type[Any], **more: Any) -> tuple[Any, ...]:
        """A field as results of a class, whose ``_read`` takes something besides."""
        found: tuple[Any, ...] = self(key, _listed((_with(cls, more), Ellipsis)))
        return found


@contextmanager
def at(place: str) -> Iterator[None]:
    """Adds where a value stands to what is said of it."""
    try:
        yield
    except MisfitError as error:
        error.place.append(place)
        raise


def codec(hint: Any) -> Codec:
    """How values of a type are written and read.

    Numbers, text, truth values, exact numbers, balls, vectors, classes of results, words of an
    enumeration; tuples and dictionaries of them, what may be None, and one of several types.
    """
    return hint if isinstance(hint, Codec) else _codec(hint)


@cache
def _codec(hint: Any) -> Codec:
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (tuple, Sequence):
        return _listed(inner if origin is tuple else (*inner, Ellipsis))
    if origin is dict:
        return _mapped(codec(inner[1]))
    if origin in (Union, UnionType):
        return _one_of_several(inner)
    if origin is Literal:
        form = one_of(*inner)
        return Codec(lambda value: value, lambda value, seen: (form(value, seen), value)[1], (str, int))
    if isinstance(hint, type) and issubclass(hint, Enum):
        form = one_of(*(member.value for member in hint))
        return Codec(
            lambda value: value.value, lambda value, seen: (form(value, seen), hint(value))[1], (hint,)
        )
    if isinstance(hint, type) and hasattr(hint, "_read"):
        return _with(hint, {})
    if str(hint).startswith("numpy") or getattr(origin, "__module__", "") == "numpy":
        return _ARRAY
    if getattr(hint, "__module__", "").startswith("sympy"):
        from saddlesym.exact.functions.trees import read_tree, tree

        return Codec(tree, lambda value, seen: read_tree(value, hint), (hint,))
    raise TypeError(f"no way to write {hint}")


def _with(cls: type[Any], more: dict[str, Any]) -> Codec:
    return Codec(entry, lambda value, seen: taken(cls, value, seen, **more), (cls,))


def entry(value: Any, *arguments: Any) -> dict[str, Any]:
    """A result within another document, where what it is goes without saying.

    Args:
        value: the result.
        arguments: of its ``to_dict``.
    """
    document: dict[str, Any] = value.to_dict(*arguments)
    if type(value)._tagged:
        del document["kind"]
    return document


def taken(cls: type[Any], document: Any, seen: Seen, **more: Any) -> Any:
    """A result of a class from its part of a document, whose kind is looked at if it has one."""
    given = Fields(document, seen)
    if cls._tagged and "kind" in given:
        with at(".kind"):
            one_of(cls._kind)(document["kind"], seen)
    return cls._read(given, **more)


def _listed(inner: tuple[Any, ...]) -> Codec:
    """Tuples of any length of one type, or of some length with a type for each entry."""
    endless = len(inner) == 2 and inner[1] is Ellipsis
    each = (codec(inner[0]),) if endless else tuple(map(codec, inner))

    def alongside(value: Any) -> Iterator[tuple[Codec, Any]]:
        return zip(repeat(each[0]) if endless else each, value, strict=not endless)

    def read_all(value: Any, seen: Seen) -> tuple[Any, ...]:
        need_list(value, None if endless else len(each))
        out: list[Any] = []
        try:
            out.extend(how.read(item, seen) for how, item in alongside(value))
        except MisfitError as error:
            error.place.append(f"[{len(out)}]")
            raise
        return tuple(out)

    return Codec(lambda value: [how.write(item) for how, item in alongside(value)], read_all, (tuple,))


def _mapped(one: Codec) -> Codec:
    def read_all(value: Any, seen: Seen) -> dict[str, Any]:
        out = {}
        for key, item in Fields(value, seen).document.items():
            text(key, seen)
            with at(f".{visible(key)}"):
                out[key] = one.read(item, seen)
        return out

    return Codec(lambda value: {str(k): one.write(v) for k, v in value.items()}, read_all, (dict,))


def _one_of_several(hints: tuple[Any, ...]) -> Codec:
    """One of several types: classes of results are told apart by their kind, the others by their JSON."""
    several = [codec(hint) for hint in hints if hint is not NoneType]
    nothing = NoneType in hints
    results = {how.classes[0]._kind: how for how in several if hasattr(how.classes[0], "_kind")}

    def write(value: Any) -> Any:
        if value is None and nothing:
            return None
        how = next((how for how in several if isinstance(value, how.classes)), several[-1])
        told = how.write(value)
        return (
            {"kind": type(value)._kind} | told if len(results) > 1 and type(value)._kind in results else told
        )

    def read_one(value: Any, seen: Seen) -> Any:
        if value is None and nothing:
            return None
        if len(several) == 1:
            return several[0].read(value, seen)
        if len(results) > 1 and type(value) is dict:
            with at(".kind"):
                one_of(*results)(value.get("kind"), seen)
            return results[value["kind"]].read(value, seen)
        for how in several[:-1]:
            try:
                return how.read(value, seen)
            except MisfitError:
                continue
        return several[-1].read(value, seen)

    return Codec(write, read_one, tuple(c for how in several for c in how.classes) + (NoneType,) * nothing)


def _read_whole(value: Any, _seen: Seen) -> int:
    if type(value) is not int or value.bit_length() > _MAX_BITS:
        raise MisfitError(value, "a whole number")
    return value


def _write_float(value: Any) -> Any:
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _read_float(value: Any, _seen: Seen) -> float:
    if type(value) is str and value in _SPECIAL:
        return _SPECIAL[value]
    if type(value) not in (int, float) or not math.isfinite(value):
        raise MisfitError(value, "a number")
    return float(value)


def _read_text(value: Any, seen: Seen) -> str:
    text(value, seen)
    return str(value)


def _read_flag(value: Any, seen: Seen) -> bool:
    flag(value, seen)
    return bool(value)


def _read_exact(value: Any, seen: Seen) -> fmpq:
    exact(value, seen)
    return read_exact(value)


def _read_array(value: Any, seen: Seen) -> Any:
    import numpy as np

    rows = codec(tuple[tuple[float, ...], ...]).read(value, seen)
    if len({len(row) for row in rows}) > 1:
        raise MisfitError(f"{len(rows)} rows", "rows of equal length", "has")
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(rows[0]) if rows else 0)


def _json(value: Any, _seen: Seen) -> Any:
    return value


def _write_ball(ball: Ball) -> dict[str, Any]:
    document = ball.to_dict()
    del document["kind"]
    return document


_ARRAY = Codec(lambda value: value.tolist(), _read_array, ())
_PLAIN: Mapping[Any, Codec] = {
    bool: Codec(bool, _read_flag, (bool,)),
    int: Codec(int, _read_whole, (int,)),
    float: Codec(_write_float, _read_float, (float,)),
    str: Codec(str, _read_text, (str,)),
    Any: Codec(lambda value: value, _json, (object,)),
    Fraction: Codec(exact_string, lambda value, seen: fraction(_read_exact(value, seen)), (Fraction,)),
    fmpq: Codec(exact_string, _read_exact, (fmpq,)),
    arb: Codec(lambda x: _write_ball(Ball(x)), lambda value, seen: read_ball(value, seen).arb, (arb,)),
    Ball: Codec(_write_ball, read_ball, (Ball,)),
    InitialScale: Codec(str, lambda value, seen: InitialScale.read(_read_text(value, seen)), (InitialScale,)),
    RationalVector: Codec(RationalVector.strings, read_vector, (RationalVector,)),
}
