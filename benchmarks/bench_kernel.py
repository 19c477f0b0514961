"""What Coq's kernel takes to check a path, against n and d: make bench, or python benchmarks/bench_kernel.py.

As a program it prints, for random integer data and the diabetes data, the processor's seconds of
``coqc`` (its start, some 1.2 s, included) with exact and with enclosed jump times.
"""

from __future__ import annotations

import random
import resource
import shutil
import sys

import pytest

from saddlesym import DiagonalProblem, KernelCertificate, kernel_certificate, saddle_path
from saddlesym.kernel.theory import compiled_theory

SIZES = [(5, 10), (10, 20), (20, 40), (40, 80)]
#: Beyond this, exact jump times take minutes.
EXACT_UP_TO = 20


def drawn(n: int, d: int, seed: int = 1) -> DiagonalProblem:
    rng = random.Random(seed)
    X = [[rng.randint(-9, 9) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(X, [rng.randint(-9, 9) for _ in range(n)])


def seconds(problem: DiagonalProblem, exact: bool) -> tuple[float, KernelCertificate]:
    """The processor's time of coqc, and what it said."""
    path = saddle_path(problem)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = kernel_certificate(path, exact=exact)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found


@pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed")
@pytest.mark.parametrize("size", SIZES[:3])
@pytest.mark.parametrize("exact", [True, False])
def test_kernel_certificate(benchmark, size, exact) -> None:
    path = saddle_path(drawn(*size))
    compiled_theory()
    found = benchmark.pedantic(kernel_certificate, (path,), {"exact": exact}, rounds=1)
    assert found.holds


def main() -> int:
    compiled_theory()
    problems = {f"{n} x {d}": drawn(n, d) for n, d in SIZES}
    problems["diabetes, 442 x 10"] = DiagonalProblem.from_csv("diabetes").centred().scaled()
    for name, problem in problems.items():
        jumps = len(saddle_path(problem).jumps)
        for exact in (True, False) if min(problem.n, problem.d) <= EXACT_UP_TO else (False,):
            taken, found = seconds(problem, exact)
            times = "exact" if found.exact else "enclosed"
            size = len(found.source) // 1000
            print(
                f"{name:20} {jumps:3} jumps  {times:8} {size:5} kB  {taken:6.1f} s  {found.verdict}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
