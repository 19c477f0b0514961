"""CPU time and peak memory of ``saddlesym path`` and ``check`` on wide data, beside the library call.

Each row is a process of its own: the library call reads the same file and walks the same path, and
"document" makes the JSON of it besides (every fraction brought to lowest terms and written out).  The
figures are those of the processes (user + system seconds, and the largest resident size), start of
the interpreter included, so that they mean something on a busy machine:  make bench
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

#: Rows, columns, and the jumps that are walked (None: to the end of the path).
SIZES = [(20, 20_000, None), (20, 20_000, 1), (72, 7_129, 20), (20, 100_000, 5)]
#: What the command may take of what the library call takes.
ALLOWED = 1.2

LIBRARY = (
    "import sys; from saddlesym import DiagonalProblem, certify, saddle_path;"
    "jumps = int(sys.argv[2]) if sys.argv[2] else None;"
    "path = saddle_path(DiagonalProblem.from_csv(sys.argv[1], header=False), max_jumps=jumps);"
)
DOCUMENT = LIBRARY + "import json, os; json.dump(path.to_dict(), open(os.devnull, 'w'), indent=1)"
CERTIFY = LIBRARY + "assert certify(path).holds"


def table(folder: Path, n: int, d: int) -> Path:
    rng, target = random.Random(n + d), folder / f"{n}x{d}.csv"
    if not target.exists():
        with target.open("w") as stream:
            for _ in range(n):
                stream.write(",".join(str(rng.randint(-999, 999)) for _ in range(d + 1)) + "\n")
    return target


def cost(command: list[str]) -> tuple[float, float]:
    """User and system seconds of a process, and its peak memory in MB."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


@pytest.mark.parametrize(("n", "d", "jumps"), SIZES)
def test_path_of_wide_data(benchmark: Any, n: int, d: int, jumps: int | None, tmp_path: Path) -> None:
    benchmark.group = "paths of wide data (see the lines below)"
    data = table(tmp_path, n, d)
    limit = "" if jumps is None else str(jumps)
    command = [
        "-m",
        "saddlesym",
        "path",
        str(data),
        "--no-header",
        *(["--max-jumps", limit] if limit else []),
    ]
    runs = {
        "library": ["-c", LIBRARY, str(data), limit],
        "table": command,
        "document": ["-c", DOCUMENT, str(data), limit],
        "json": [*command, "--json", "-o", str(tmp_path / "p.json")],
        "json.gz": [*command, "--json", "-o", str(tmp_path / "p.json.gz")],
        "rounded": [*command, "--json", "--rounded"],
        "certify": ["-c", CERTIFY, str(data), limit],
        "check": ["-m", "saddlesym", "check", str(tmp_path / "p.json")],
    }

    def measured() -> dict[str, tuple[float, float]]:
        return {name: cost(run) for name, run in runs.items()}

    costs = benchmark.pedantic(measured, rounds=1, iterations=1)
    seconds, memory = costs["library"]
    print(f"\n{n} x {d}, {'all' if jumps is None else jumps} jumps:")
    for name, (used, peak) in costs.items():
        print(
            f"  {name:8} {used:7.2f} s of CPU ({used / seconds:5.2f}), {peak:6.0f} MB ({peak / memory:4.2f})"
        )
    for command_name, call in (("table", "library"), ("json", "document")):
        assert all(own <= ALLOWED * its for own, its in zip(costs[command_name], costs[call], strict=True))
