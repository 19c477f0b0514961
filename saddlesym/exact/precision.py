"""FLINT's working precision, which all threads of a process share, behind one lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, get_ident

from flint import ctx

#: Digits of what is computed, unless the caller says otherwise.
USUAL_DIGITS = 30


class _Shared:
    """The lock, the thread that holds it, and the precisions to go back to, the common one first."""

    def __init__(self) -> None:
        self.lock, self.holder, self.outer = RLock(), 0, list[int]()


_shared = _Shared()


@contextmanager
def workprec(bits: int) -> Iterator[None]:
    """FLINT at a precision of so many bits, for this thread alone.

    Other threads that ask for a precision here wait; the same thread may ask again.
    A thread that sets ``flint.ctx`` itself is not held up.

    >>> with workprec(300):
    ...     ctx.prec
    300
    """
    with _shared.lock:
        _shared.holder = get_ident()
        _shared.outer.append(ctx.prec)
        try:
            with ctx.workprec(bits):
                yield
        finally:
            _shared.outer.pop()


@contextmanager
def kept() -> Iterator[None]:
    """Room for foreign code: it sees the common precision, and what it changes there is put back."""
    with _shared.lock, workprec(ctx.prec):
        yield


def _free_in_child() -> None:
    """A forked process has one thread: a lock that another one held would never be released in it."""
    if _shared.outer and _shared.holder == get_ident():
        return  # forked within its own block, which goes on
    if _shared.outer:
        ctx.prec = _shared.outer[0]
    _shared.lock, _shared.outer = RLock(), []


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_free_in_child)
