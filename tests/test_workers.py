"""Worker processes end with the work, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from saddlesym.workers import workers

#: One worker is at work, the other one waits for some; then a signal comes.
_PARENT = """
import os, sys, time
from saddlesym.workers import workers

with workers(2) as pool:
    list(pool.map(abs, range(20)))
    pool.submit(time.sleep, 1000)
    print("ready")
    sys.stdout.flush()
    os.kill(os.getpid(), int(sys.argv[1]))
    time.sleep(1000)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "SIGINT"])
def test_no_worker_is_left_of_a_parent_that_is_killed(name: str) -> None:
    number = getattr(signal, name)
    command = [sys.executable, "-c", _PARENT, str(int(number))]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            out, _ = process.communicate(timeout=100)  # until nobody holds the other end: no worker is left
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert out == b"ready\n"
    assert process.returncode == -number


def test_an_error_in_the_work_is_raised_and_ends_it() -> None:
    with pytest.raises(ZeroDivisionError), workers(1) as pool:
        pool.submit(divmod, 1, 0).result()
