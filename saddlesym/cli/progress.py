"""Long work: progress on stderr where a person is watching, and Ctrl-C that is always heard."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from time import monotonic
from typing import Any

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


def _heard(report: Callable[..., None]) -> Callable[..., None]:
    """A report of progress that ends the work if Ctrl-C was pressed."""

    def call(*arguments: Any) -> None:
        if _pressed.is_set():
            raise KeyboardInterrupt
        report(*arguments)

    return call


@contextmanager
def progress_bar(label: str, total: int | None, *, quiet: bool = False) -> Iterator[Callable[..., None]]:
    """A function to call with the number of items done, and how many there are where that is known only then.

    Where no terminal shows a bar, work of more than ten seconds says how far it is, ever more rarely.

    Args:
        total: how many there will be; None when that is not known.
        quiet: show nothing (results themselves appear on the terminal).
    """
    if quiet:
        yield _heard(lambda _done, _total=None: None)
        return
    if not sys.stderr.isatty():
        yield _heard(_Signs(label, total))
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield _heard(lambda done, total=total: bar.update(task, completed=done, total=total))


class _Signs:
    """One line on stderr after _FIRST_SIGN seconds, after twice as long, and so on."""

    def __init__(self, label: str, total: int | None) -> None:
        self.label, self.total = label, total
        self.start, self.due = monotonic(), _FIRST_SIGN

    def __call__(self, done: int, total: int | None = None) -> None:
        elapsed = monotonic() - self.start
        if elapsed < self.due:
            return
        while self.due <= elapsed:
            self.due *= 2
        total = self.total if total is None else total
        of = "" if total is None else f" of {total}"
        rest = f", about {elapsed * (total - done) / done:.0f} s to go" if total and 0 < done <= total else ""
        sys.stderr.write(f"saddlesym: {self.label}: {done}{of} after {elapsed:.0f} s{rest}\n")
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
def stages() -> Iterator[Callable[[str, int, int | None], None]]:
    """A function to call with the part at work, how much of it is done, and how much there is.

    On a terminal a line that moves; elsewhere one line on stderr per part.
    """
    current = ""
    if not sys.stderr.isatty():

        def say(part: str, _done: int, _total: int | None) -> None:
            nonlocal current
            if part != current:
                current = part
                sys.stderr.write(f"saddlesym: {part} ...\n")
                sys.stderr.flush()

        yield _heard(say)
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("data", total=None)

        def move(part: str, done: int, total: int | None) -> None:
            count = f" {done}" if done and total is None else f" {done} of {total}" if total else ""
            bar.update(task, description=f"{part}{count}")

        yield _heard(move)
