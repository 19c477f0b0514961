"""What makes results behave as values: equality where fields hold balls, and pickles without caches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any, TypeVar

from flint import arb

from saddlesym.exact.pickling import ball_bits


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same; balls are if midpoint and radius are.

    ``==`` of FLINT's balls asks whether the numbers in them are surely equal, which a ball of some
    width is not even to itself; that of arrays has an answer for each entry.

    >>> third = arb(1) / 3
    >>> third == third, same([third], [arb(1) / 3]), same(third, third + 1)
    (False, True, False)
    """
    if type(a) is not type(b):
        return False
    if isinstance(a, arb):
        return ball_bits(a) == ball_bits(b)
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if hasattr(a, "tobytes") and hasattr(a, "dtype"):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    return bool(a == b)


def at_times(value: Callable[[Any], Any], t: Any, numpy: bool, *, parts: bool = False) -> Any:
    """A function of time at one time, or at each of several.

    Args:
        value: of one time.
        t: one time, or a list, a tuple or an array of them.
        numpy: whether to give float arrays; several times are their first axis.
        parts: whether a value is of several parts, an array each.

    >>> at_times(lambda t: (t, 2 * t), [1, 2], True)
    array([[1., 2.],
           [2., 4.]])
    """
    several = isinstance(t, Iterable) and not isinstance(t, str) and getattr(t, "ndim", 1) != 0
    found = tuple(map(value, t)) if several else value(t)
    if not numpy:
        return found
    if not parts:
        return float_array(found)
    return tuple(map(float_array, zip(*found, strict=True) if several else found))


def float_array(values: Any) -> Any:
    """Numbers, or nested sequences of them, as an array of the nearest floats (balls by their midpoint)."""
    import numpy as np

    return np.array(_floats(values), dtype=np.float64)


def _floats(values: Any) -> Any:
    return list(map(_floats, values)) if isinstance(values, Sequence) else float(values)


class ByValue:
    """Equality of a dataclass by its compared fields as :func:`same` sees them (declare it ``eq=False``)."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(
            same(getattr(self, f.name), getattr(other, f.name))
            for f in fields(self)  # type: ignore[arg-type]
            if f.compare
        )

    def __hash__(self) -> int:
        return hash(type(self).__name__)  # rarely asked for; balls and arrays make no better one cheap


class Uncached:
    """Pickles without what was cached on the way: it is derived again where it is asked for."""

    def __getstate__(self) -> dict[str, Any]:
        kind = type(self)
        return {
            name: value
            for name, value in self.__dict__.items()
            if not isinstance(getattr(kind, name, None), cached_property)
        }


T = TypeVar("T")


class Listing(Iterator[T]):
    """Results one after another, each computed when it is asked for; nothing is kept.

    Args:
        what: they are, in words.
        most: how many there can be.
        items: makes them.

    >>> squares = Listing("squares", 3, (k * k for k in range(3)))
    >>> squares
    <squares: 3 at most, none computed yet; list() computes them>
    >>> next(squares)
    0
    >>> squares
    <squares: 3 at most, 1 computed; list() computes the others>
    >>> list(squares), squares
    ([1, 4], <squares: all 3 were computed>)
    """

    def __init__(self, what: str, most: int, items: Iterable[T]) -> None:
        self.what, self.most, self.done = what, most, 0
        self._items, self._ended = iter(items), False

    def __next__(self) -> T:
        try:
            item = next(self._items)
        except StopIteration:
            self._ended = True
            raise
        self.done += 1
        return item

    def __repr__(self) -> str:
        if self._ended:
            return f"<{self.what}: all {self.done} were computed>"
        done, left = (f"{self.done} computed", "the others") if self.done else ("none computed yet", "them")
        return f"<{self.what}: {self.most} at most, {done}; list() computes {left}>"
