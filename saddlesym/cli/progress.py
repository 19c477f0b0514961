"""Long work: progress on stderr where a person is watching, and Ctrl-C that is always heard."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from time import monotonic
from typing import Any

from saddlesym.progress import Listener, Progress

#: Seconds until work without a terminal says how far it is.
_FIRST_SIGN = 10.0

#: Whether Ctrl-C was pressed in this run of the program.
_pressed = Event()


@contextmanager
def ctrl_c_remembered() -> Iterator[None]:
    """Ctrl-C interrupts at once, and again at the next report of progress.

    Python drops a KeyboardInterrupt that strikes within a ``__del__`` or a callback of a
    library, and the work would go on as if nobody had asked it to end.
    """

    def interrupt(_signal: int, _frame: object) -> None:
        _pressed.set()
        raise KeyboardInterrupt

    _pressed.clear()
    with _on_ctrl_c(interrupt):
        yield


@contextmanager
def _on_ctrl_c(handler: Callable[[int, Any], None]) -> Iterator[None]:
    """A handler of Ctrl-C, where it is for this program to hear it.

    It is not in a program started with SIGINT ignored, as a shell script starts those in the background,
    nor where the handler is not Python's (None), nor in a thread.
    """
    before = signal.getsignal(signal.SIGINT)
    if before in (signal.SIG_IGN, None) or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _heard(report: Listener) -> Listener:
    """A report of progress that ends the work if Ctrl-C was pressed."""

    def call(moment: Progress) -> None:
        if _pressed.is_set():
            raise KeyboardInterrupt
        report(moment)

    return call


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Listener]:
    """What to pass as ``progress``: it shows what is counted, how much is done, and the time that is left.

    Where no terminal shows a bar, work of more than ten seconds says how far it is, ever more rarely.

    Args:
        quiet: show nothing (results themselves appear on the terminal).
    """
    if quiet:
        yield _heard(lambda _moment: None)
        return
    if not sys.stderr.isatty():
        yield _heard(_Signs())
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def update(moment: Progress) -> None:
            bar.update(task, description=moment.what, completed=moment.done, total=moment.total)

        yield _heard(update)


class _Signs:
    """One line on stderr after _FIRST_SIGN seconds, after twice as long, and so on."""

    def __init__(self) -> None:
        self.start, self.due = monotonic(), _FIRST_SIGN

    def __call__(self, moment: Progress) -> None:
        elapsed = monotonic() - self.start
        if elapsed < self.due:
            return
        while self.due <= elapsed:
            self.due *= 2
        done, total = moment.done, moment.total
        of = "" if total is None else f" of {total}"
        rest = f", about {elapsed * (total - done) / done:.0f} s to go" if total and 0 < done <= total else ""
        sys.stderr.write(f"saddlesym: {moment.what}: {done}{of} after {elapsed:.0f} s{rest}\n")
        sys.stderr.flush()


@contextmanager
def ctrl_c_between_items() -> Iterator[Callable[[], bool]]:
    """A function that tells whether Ctrl-C was pressed, so that work ends after a whole item.

    A second Ctrl-C interrupts at once.
    """
    pressed = False

    def note(_signal: int, _frame: object) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, before)

    before = signal.getsignal(signal.SIGINT)
    with _on_ctrl_c(note):
        yield lambda: pressed


@contextmanager
def stages() -> Iterator[Listener]:
    """What to pass as ``progress`` to work of several parts.

    On a terminal a line that moves; elsewhere one line on stderr per part.
    """
    current = ""
    if not sys.stderr.isatty():

        def say(moment: Progress) -> None:
            nonlocal current
            if moment.what != current:
                current = moment.what
                sys.stderr.write(f"saddlesym: {current} ...\n")
                sys.stderr.flush()

        yield _heard(say)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("data", total=None)

        def move(moment: Progress) -> None:
            done, total = moment.done, moment.total
            count = f" {done}" if done and total is None else f" {done} of {total}" if total else ""
            bar.update(task, description=f"{moment.what}{count}")

        yield _heard(move)
