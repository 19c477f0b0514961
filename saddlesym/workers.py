"""Worker processes that never outlive the work they were started for."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context


@contextmanager
def workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of so many processes; an exception in the block, Ctrl-C among them, ends them at once.

    >>> with workers(1) as pool:
    ...     pool.submit(abs, -3).result()
    3
    """
    before = set(active_children())
    # spawned, so that no lock of this process is held in them for ever
    pool = ProcessPoolExecutor(number, get_context("spawn"), initializer=_leave_ctrl_c_to_the_parent)
    try:
        yield pool
    except BaseException:
        for worker in set(active_children()) - before:
            worker.terminate()  # a long proof would otherwise run to its end
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
