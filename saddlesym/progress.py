"""How far long work has come: the one thing that every ``progress`` of this package is called with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """A moment of long work.

    Attributes:
        done: how much is done.
        total: how much there is, where that is known.
        what: what is counted: jumps, active sets, steps, orbits, ...
        time: the accelerated time that a flow has come to.
        latest: what was just found, where it is of use by itself: a jump of the path.

    >>> print(Progress(3, 11, "jumps"))
    3 of 11 jumps
    """

    done: int
    total: int | None = None
    what: str = ""
    time: float | None = None
    latest: Any = None

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total}"
        at = "" if self.time is None else f", t = {self.time:.6g}"
        return f"{self.done}{of} {self.what}".rstrip() + at


#: What ``progress=`` takes: a function of one :class:`Progress`.
Listener = Callable[[Progress], None]
