"""Nothing is decided by rounding: the same verdicts, ranks and counts under all kernels of OpenBLAS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

CASES = Path(__file__).with_name("kernel_cases.py")
#: Which kernel a process has got: OpenBLAS takes another one where the processor has not what it needs.
ASK = """
import ctypes, glob, numpy, os
found = ""
for line in open("/proc/self/maps") if os.path.exists("/proc/self/maps") else ():
    path = line.split()[-1]
    if "openblas" not in path:
        continue
    library = ctypes.CDLL(path)
    for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
        if hasattr(library, name):
            call = getattr(library, name)
            call.restype = ctypes.c_char_p
            found = call().decode()
            break
    break
print(found)
"""
#: Kernels that differ in the order in which they add, those of the issue first.
NAMES = ("SkylakeX", "Haswell", "Nehalem", "Sandybridge", "Prescott", "NeoverseN1", "ARMv8", "CortexA57")
WANTED = 3


def run(kernel, *command):
    environment = {**os.environ, "OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": "1"}
    answer = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=600
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def kernels():
    """Names under which this machine really runs different kernels."""
    got = {}
    for name in NAMES:
        if len(got) < WANTED:
            got.setdefault(run(name, "-c", ASK).strip().lower(), name)
    return [name for core, name in got.items() if core]


@pytest.fixture(scope="module")
def found():
    """What is told under three kernels, of which the last has decompositions with errors of 1e-14 besides."""
    *plain, last = kernels() or [""]
    told = {name: json.loads(run(name, str(CASES))) for name in plain or [""]}
    told[f"{last} and noise"] = json.loads(run(last, str(CASES), "1e-14"))
    return told


def test_three_kernels_run_here():
    if sys.platform != "linux" or "openblas" not in str(np.show_config("dicts")).lower():
        pytest.skip("numpy without OpenBLAS, or no /proc to ask for its kernel")
    assert len(kernels()) == WANTED


def test_verdicts_ranks_and_counts_do_not_depend_on_the_kernel(found):
    first, *others = found
    for other in others:
        different = {name for name, told in found[first].items() if told != found[other][name]}
        assert not different, (first, other)


def test_the_cases_are_of_every_kind(found):
    told = next(iter(found.values()))
    assert len(told) > 60
    assert sum(name.startswith("flow") for name in told) == 20
    refused = [
        name for name, answer in told.items() if isinstance(answer, list) and "Error" in str(answer[0])
    ]
    assert len(refused) < len(told) / 5
    assert told["near 1 1e-9"][:2] == [[0, 1], "faint"]
    assert told["near 2 1e-7 0.99999999e-7"][:2] == [[0, 1], "faint"]
    error, reason = told["graded 3x3"]
    assert error == "DegenerateProblemError"
    assert reason.startswith("the plateau of rank 1 from t = 0.248 on")
    assert [len(told[f"graded {name}"][0]) for name in ("left in time", "runs off")] == [2, 2]
    assert told["flow ('2 1', 3, '1e-18', '1/2')"][0] == [0]
    assert told["flow ('2 0', 3, '1e-2', None)"][0] == [0, 1]
