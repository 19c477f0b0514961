"""How the program ends when it is not let to finish: ``--timeout``, SIGTERM, and faults of its own."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any

import click

from saddlesym.errors import BadInputError, shown

#: Exit statuses: out of time, ended by SIGTERM or SIGHUP (128 + their number), and a fault of this program.
OUT_OF_TIME, FAULT = 124, 70
#: Seconds between the requests to end: first after a whole item, then at once, then without asking.
_GRACE = 5.0
#: Seconds to write a report after the first of them.
_WRITING = 60.0
#: Set to anything, faults show where they happened.
_TRACEBACK = "SADDLESYM_TRACEBACK"


class TerminatedError(BaseException):
    """SIGTERM or SIGHUP: what is half written is taken away, and nothing else is done."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


class Clock:
    """The time limit of a run."""

    def __init__(self) -> None:
        self.rang = 0
        self.seconds: float | None = None

    def start(self, seconds: float) -> None:
        """Ask the work to end as Ctrl-C does once these seconds are over."""
        self.seconds = seconds
        if not hasattr(signal, "setitimer") or current_thread() is not main_thread():
            raise BadInputError("--timeout", needed="a system with timers, and the main thread")
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, seconds, _GRACE)
        # the last resort, by the system: no Python runs within a call of a C library that does not return
        signal.setitimer(signal.ITIMER_PROF, 2 * seconds + 4 * _GRACE)

    def wait(self) -> None:
        """Time to write what is finished, before the next request."""
        if self.seconds is not None and self.rang:
            signal.setitimer(signal.ITIMER_REAL, _WRITING, _GRACE)

    def stop(self) -> None:
        """No more requests."""
        if self.seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _ring(self, _signal: int, frame: Any) -> None:
        self.rang += 1
        if self.rang > 2:  # twice asked in vain
            _remove_unfinished()
            os.write(2, b"saddlesym: out of time; what could not be interrupted was ended\n")
            os._exit(OUT_OF_TIME)
        heard = signal.getsignal(signal.SIGINT)
        if callable(heard):
            heard(signal.SIGINT, frame)
        else:
            raise KeyboardInterrupt


clock = Clock()

#: Files and folders that are being written, to be taken away if the process has to end at once.
unfinished: set[str] = set()


def _remove_unfinished() -> None:
    for name in list(unfinished):
        try:
            os.unlink(name)
        except OSError:
            continue


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM and SIGHUP as exceptions, so that what is half written is taken away."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if current_thread() is not main_thread():
        yield
        return

    def end(number: int, _frame: Any) -> None:
        raise TerminatedError(number)

    before = {n: signal.getsignal(n) for n in numbers}
    taken = [n for n in numbers if before[n] == signal.SIG_DFL]  # nohup ignores SIGHUP: so do we then
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        clock.stop()
        for number in taken:
            signal.signal(number, before[number])


def _seconds(_context: click.Context, _parameter: click.Parameter, value: float | None) -> None:
    if value is None:
        return
    if not 0 < value < 1e9:
        raise BadInputError(f"--timeout {shown(str(value))}", needed="a positive number of seconds")
    clock.start(value)


def with_timeout(command: click.Command) -> None:
    """Give a command, or all commands of a group, the option ``--timeout``."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            with_timeout(inner)
        return
    command.params.append(
        click.Option(
            ["--timeout"],
            type=float,
            metavar="SECONDS",
            callback=_seconds,
            expose_value=False,
            is_eager=True,
            help=f"End after this time as Ctrl-C does: what is finished is kept (exit status {OUT_OF_TIME}).",
        )
    )


def told(error: BaseException) -> tuple[str, int]:
    """One line about an error that nothing was prepared for, and the exit status it gets."""
    if isinstance(error, MemoryError):
        what = f" ({error})" if str(error) else ""
        return (
            f"not enough memory{what}; try: smaller data, or a bound such as --max-support or --max-jumps",
            2,
        )
    if isinstance(error, RecursionError):
        return "the input is nested too deeply", 2
    if os.environ.get(_TRACEBACK):
        traceback.print_exception(error, file=sys.stderr)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}, line {place.lineno}"
    return (
        f"this is a fault of the program: {type(error).__name__}: {shown(str(error), 120)} ({where});"
        f" please report it with what {_TRACEBACK}=1 adds",
        FAULT,
    )


def reopen_standard_streams() -> None:
    """Take closed standard streams for empty ones: a file opened later would get their number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
            if getattr(sys, name) is not None:
                continue
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
        if name != "stdin":  # what reads standard input says that it is closed
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
