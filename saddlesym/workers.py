"""Worker processes: none outlives the work, and one that is killed costs nothing that was finished.

Every worker has a pipe of its own, over which it gets one task at a time.  So it is known what a
worker was at when it was ended from outside, and there is no queue or lock that it could leave behind.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from threading import Event, Thread
from time import monotonic
from traceback import format_exc
from typing import Any

#: Why there is no result where a worker ended twice at the same task.
ENDED = "the worker was ended from outside twice, perhaps for want of memory"
#: How the reasons begin why there is no result in time.
OVERTIME = ("the budget of ", "it took longer than ")
#: Longest wait, in seconds, before the clock and the wish to stop are looked at again.
_LOOK = 0.5


@dataclass(frozen=True)
class NotDone:
    """What stands in the place of a result that there is not, and why."""

    reason: str


@dataclass(frozen=True)
class Budget:
    """Seconds that work may take; None: as long as it takes.

    Attributes:
        total: for all tasks together.
        each: for one task.
        clock: seconds from some moment on.
    """

    total: float | None = None
    each: float | None = None
    clock: Callable[[], float] = monotonic

    def __bool__(self) -> bool:
        return self.total is not None or self.each is not None


def performed(
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    number: int,
    budget: Budget | None = None,
    stop: Event | None = None,
) -> Iterator[tuple[int, Any]]:
    """The results of ``function(*task)``, as they come, each with the number of its task.

    Args:
        function: defined at the top of a module, as are the types of its arguments and result.
        tasks: arguments, task by task; started in this order.
        number: processes.
        budget: a task that takes longer is ended; its result is :class:`NotDone`.
        stop: when set, all that is not finished is :class:`NotDone`.

    A task whose worker is ended from outside (killed by the system for want of memory, say)
    is done once more, by another worker, and is :class:`NotDone` when that one ends as well.
    The workers end with the iteration, however that ends, and when this process does.
    An error in a task is raised here.

    >>> sorted(performed(abs, [(-3,), (4,)], 2))
    [(0, 3), (1, 4)]
    """
    crew = _Crew(function, tasks, budget or Budget(), stop or Event())
    try:
        yield from crew.results(min(number, len(tasks)))
    finally:
        crew.end()


class _Worker:
    """A process, the end of its pipe, and the task that it is at."""

    def __init__(self) -> None:
        context = get_context("spawn")  # so that no lock of this process is held in it for ever
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()  # its end is the sign that the worker has ended
        self.task, self.since = -1, 0.0

    def end(self) -> None:
        self.process.kill()  # a long proof would otherwise run to its end
        self.process.join()
        self.process.close()
        self.pipe.close()


class _Crew:
    def __init__(
        self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], budget: Budget, stop: Event
    ) -> None:
        self.function, self.tasks, self.budget, self.stop = function, tasks, budget, stop
        self.waiting = deque(range(len(tasks)))
        self.idle: list[_Worker] = []
        self.busy: dict[Any, _Worker] = {}
        self.ended_once: set[int] = set()
        self.start = budget.clock()

    def end(self) -> None:
        for worker in (*self.idle, *self.busy.values()):
            worker.end()

    def results(self, number: int) -> Iterator[tuple[int, Any]]:
        while self.waiting or self.busy:
            now = self.budget.clock()
            reason = self._over(now)
            if reason is not None:
                left = [worker.task for worker in self.busy.values()] + list(self.waiting)
                yield from ((k, NotDone(reason)) for k in left)
                return
            while self.waiting and len(self.busy) < number:
                self._give(self.waiting.popleft(), now)
            for pipe in wait(list(self.busy), _LOOK):
                yield from self._answer(self.busy.pop(pipe))
            yield from self._too_long()

    def _over(self, now: float) -> str | None:
        """Why all work ends, if it does."""
        total = self.budget.total
        if self.stop.is_set():
            return "it was interrupted"
        if total is not None and now - self.start >= total:
            return f"{OVERTIME[0]}{total:g} s was used up"
        return None

    def _give(self, task: int, now: float) -> None:
        worker = self.idle.pop() if self.idle else _Worker()
        worker.task, worker.since = task, now
        self.busy[worker.pipe] = worker
        with suppress(OSError):  # it has ended, which its answer will show
            worker.pipe.send((self.function, self.tasks[task]))

    def _answer(self, worker: _Worker) -> Iterator[tuple[int, Any]]:
        task = worker.task
        try:
            good, value = worker.pipe.recv()
        except (EOFError, OSError):
            worker.end()
            if task in self.ended_once:
                yield task, NotDone(ENDED)
            else:
                self.ended_once.add(task)
                self.waiting.appendleft(task)
            return
        self.idle.append(worker)
        if not good:
            raise value
        yield task, value

    def _too_long(self) -> Iterator[tuple[int, Any]]:
        each, now = self.budget.each, self.budget.clock()
        if each is None:
            return
        for worker in [worker for worker in self.busy.values() if now - worker.since >= each]:
            del self.busy[worker.pipe]
            worker.end()
            yield worker.task, NotDone(f"{OVERTIME[1]}{each:g} s")


def _work(pipe: Connection) -> None:
    """Do tasks until there are no more; Ctrl-C is left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()
    while True:
        try:
            function, arguments = pipe.recv()
            pipe.send((True, function(*arguments)))
        except EOFError:
            return
        except Exception as error:  # in the work, or on its way here or back
            error.add_note(format_exc())  # for those who look at a traceback
            pipe.send((False, error))


def _end_with_the_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])  # a worker at work would not see it
    os._exit(1)
