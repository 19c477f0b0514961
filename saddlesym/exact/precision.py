"""FLINT's working precision, which all threads of a process share, behind one lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from flint import ctx

_LOCK = RLock()


@contextmanager
def workprec(bits: int) -> Iterator[None]:
    """FLINT at a precision of so many bits, for this thread alone.

    Other threads that ask for a precision here wait; the same thread may ask again.
    A thread that sets ``flint.ctx`` itself is not held up.

    >>> with workprec(300):
    ...     ctx.prec
    300
    """
    with _LOCK, ctx.workprec(bits):
        yield


@contextmanager
def kept() -> Iterator[None]:
    """Room for foreign code: it sees the common precision, and what it changes there is put back."""
    with _LOCK, ctx.workprec(ctx.prec):
        yield
