"""Ctrl-C at a place of the program instead of after a time: the same on a slow machine and on a fast one."""

from __future__ import annotations

import subprocess
import sys

#: The program, which sends itself SIGINT when a function is called for the k-th time.
_PROGRAM = """
import signal, sys
from saddlesym.cli.main import main

place, left, arguments = sys.argv[1], int(sys.argv[2]), sys.argv[3:]

def watch(frame, event, _):
    global left
    if event == "call" and frame.f_code.co_qualname == place:
        left -= 1
        if left == 0:
            sys.setprofile(None)
            signal.raise_signal(signal.SIGINT)

sys.setprofile(watch)
sys.exit(main(arguments))
"""


def interrupted(place: str, *arguments: object, calls: int = 1) -> subprocess.CompletedProcess[str]:
    """Run the command line and press Ctrl-C at some call of a function.

    Args:
        place: qualified name of the function within its module.
        arguments: of the command line.
        calls: at which call of it.
    """
    command = [sys.executable, "-c", _PROGRAM, place, str(calls), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)
