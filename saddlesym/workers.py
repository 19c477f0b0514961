"""Worker processes that never outlive the work they were started for."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread


@contextmanager
def workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of so many processes; an exception in the block, Ctrl-C among them, ends them at once.

    They also end when this process does, killed by a signal of any kind.

    >>> with workers(1) as pool:
    ...     pool.submit(abs, -3).result()
    3
    """
    before = set(active_children())
    # spawned, so that no lock of this process is held in them for ever
    pool = ProcessPoolExecutor(number, get_context("spawn"), initializer=_depend_on_the_parent)
    try:
        yield pool
    except BaseException:
        for worker in set(active_children()) - before:
            worker.terminate()  # a long proof would otherwise run to its end
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _depend_on_the_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])  # otherwise the worker waits for work from a queue whose other end it holds
    os._exit(1)
