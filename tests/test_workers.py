"""Worker processes end with the work, however it ends; one that is killed costs nothing that was finished."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from multiprocessing import active_children
from pathlib import Path
from threading import Event

import pytest

from saddlesym.workers import ENDED, Budget, NotDone, performed

#: One worker is at work, the other one waits for some; then a signal comes.
_PARENT = """
import os, sys, time
from saddlesym.workers import performed

if __name__ == "__main__":
    for _ in performed(time.sleep, [(0,), (1000,), (0,)], 2):
        if _[0] == 2:
            print("ready")
            sys.stdout.flush()
            os.kill(os.getpid(), int(sys.argv[1]))
            time.sleep(1000)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "SIGINT"])
def test_no_worker_and_no_semaphore_is_left_of_a_parent_that_is_killed(name: str) -> None:
    number = getattr(signal, name)
    command = [sys.executable, "-c", _PARENT, str(int(number))]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            out, err = process.communicate(timeout=100)  # until nobody holds the other end: no worker is left
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert out == b"ready\n"
    assert b"leaked" not in err
    assert process.returncode == -number


def test_an_error_in_the_work_is_raised_and_ends_it() -> None:
    with pytest.raises(ZeroDivisionError):
        list(performed(divmod, [(1, 0)], 1))
    assert not active_children()


def dies(folder: str, name: int, times: int) -> int:
    """Ends its own process as the system does, so many times; then answers."""
    for k in range(times):
        with suppress(FileExistsError):
            Path(folder, f"{name}-{k}").touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)
    return name


@pytest.mark.parametrize("number", [1, 2, 3])
def test_work_of_a_killed_worker_is_done_once_more(tmp_path: Path, number: int) -> None:
    deaths = [0, 1, 0, 2, 1, 0]
    tasks = [(str(tmp_path), k, times) for k, times in enumerate(deaths)]
    expected = {k: NotDone(ENDED) if times > 1 else k for k, times in enumerate(deaths)}
    assert dict(performed(dies, tasks, number)) == expected


def test_all_workers_killed_at_all_tasks(tmp_path: Path) -> None:
    found = dict(performed(dies, [(str(tmp_path), k, 9) for k in range(3)], 2))
    assert found == dict.fromkeys(range(3), NotDone(ENDED))
    assert len(list(tmp_path.iterdir())) == 6  # each was tried twice, and no more


def test_a_budget_ends_what_is_not_finished() -> None:
    ticks = count()  # a clock that runs as often as it is looked at
    limits = Budget(total=50, clock=lambda: 10.0 * next(ticks))
    found = dict(performed(time.sleep, [(1000,), (1000,), (1000,)], 2, limits))
    assert found == dict.fromkeys(range(3), NotDone("the budget of 50 s was used up"))
    assert not active_children()


def test_a_task_that_takes_too_long_is_ended_and_the_next_one_is_done() -> None:
    late = Event()
    limits = Budget(each=60, clock=lambda: 100.0 if late.is_set() else 0.0)
    found = {}
    for k, result in performed(time.sleep, [(0,), (1000,), (0,)], 2, limits):
        found[k] = result
        if set(found) == {0, 2}:
            late.set()
    assert found == {0: None, 1: NotDone("it took longer than 60 s"), 2: None}


def test_what_was_finished_before_a_stop_is_kept() -> None:
    stop = Event()
    found = {}
    for k, result in performed(time.sleep, [(0,), (1000,), (1000,)], 1, stop=stop):
        found[k] = result
        stop.set()
    assert found == {0: None, 1: NotDone("it was interrupted"), 2: NotDone("it was interrupted")}


def test_no_tasks_no_workers() -> None:
    assert list(performed(abs, [], 4)) == []
