"""Speed of the exact saddle path beside a plain re-statement of its algorithm.

The baseline keeps s as a vector of FLINT rationals and finds each sign-constrained
minimiser by Lawson and Hanson's method from zero, with one ``fmpq_mat.solve`` per
inner step.  A second baseline starts each of them from the saddle before.  All run
on the same data in one run, so that their ratios mean something on a noisy
machine:  make bench
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq, fmpq_mat

from saddlesym import DiagonalProblem, saddle_path, saddles

SIZES = [(20, 40), (40, 80), (60, 120)]


def data(n: int, d: int, seed: int = 1) -> tuple[list[list[int]], list[int]]:
    rng = random.Random(seed)
    X = [[rng.randint(-9, 9) for _ in range(d)] for _ in range(n)]
    return X, [rng.randint(-9, 9) for _ in range(n)]


def plain_path(X: list[list[int]], y: list[int], *, warm: bool) -> list[tuple[fmpq, list[fmpq]]]:
    """Section 4's algorithm as it is written down, over the rationals."""
    n, d = len(X), len(X[0])
    A, b = fmpq_mat(n, d, [fmpq(x) for row in X for x in row]), fmpq_mat(n, 1, [fmpq(x) for x in y])
    M, r = A.transpose() * A / n, A.transpose() * b / n
    time, s, beta, path = fmpq(0), [fmpq(0)] * d, [fmpq(0)] * d, []
    while True:
        g = (M * fmpq_mat(d, 1, beta) - r).entries()
        moving = [i for i in range(d) if g[i] != 0]
        if not moving:
            return path
        step = min((1 + (s[i] if g[i] > 0 else -s[i])) / abs(g[i]) for i in moving)
        time += step
        s = [a - step * c for a, c in zip(s, g, strict=True)]
        start = beta if warm else [fmpq(0)] * d
        beta = plain_minimiser(M, r, {i: int(x.p) for i, x in enumerate(s) if abs(x) == 1}, start)
        path.append((time, beta))


def plain_minimiser(M: fmpq_mat, r: fmpq_mat, signs: dict[int, Any], beta: list[fmpq]) -> list[fmpq]:
    d = len(beta)
    passive = [i for i in signs if beta[i] != 0]
    point = list(beta)
    while True:
        g = (M * fmpq_mat(d, 1, point) - r).entries()
        wrong = [i for i in signs if i not in passive and signs[i] * g[i] < 0]
        if not wrong:
            return point
        passive.append(max(wrong, key=lambda i: abs(g[i])))
        while True:
            k = len(passive)
            block = fmpq_mat(k, k, [M[i, j] for i in passive for j in passive])
            solution = block.solve(fmpq_mat(k, 1, [r[i, 0] for i in passive])).entries()
            goal = dict(zip(passive, solution, strict=True))
            blocked = [i for i in passive if signs[i] * goal[i] <= 0]
            if not blocked:
                point = [goal.get(i, fmpq(0)) for i in range(d)]
                break
            step = min(point[i] / (point[i] - goal[i]) for i in blocked)
            for i in passive:
                point[i] += step * (goal[i] - point[i])
            passive = [i for i in passive if point[i] != 0]


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_saddlesym(benchmark: Any, n: int, d: int) -> None:
    benchmark.group = f"path of {n} x {d} integer data"
    X, y = data(n, d)
    path = benchmark.pedantic(lambda: saddle_path(DiagonalProblem(X, y)), rounds=5, iterations=1)
    assert path.complete


@pytest.mark.parametrize("warm", [False, True], ids=["from-zero", "warm"])
@pytest.mark.parametrize(("n", "d"), SIZES)
def test_plain_baseline(benchmark: Any, n: int, d: int, warm: bool) -> None:
    benchmark.group = f"path of {n} x {d} integer data"
    X, y = data(n, d)
    rounds = 1 if n == 60 else 3
    path = benchmark.pedantic(lambda: plain_path(X, y, warm=warm), rounds=rounds, iterations=1)
    own = saddle_path(DiagonalProblem(X, y))
    assert [t for t, _ in path] == [fmpq(t.numerator, t.denominator) for t in own.times()]
    assert path[-1][1] == own.final.rationals()


def test_all_saddles_of_sixteen_columns(benchmark: Any) -> None:
    benchmark.group = "all 65536 saddles of 20 x 16 integer data"
    problem = DiagonalProblem(*data(20, 16))
    count = benchmark.pedantic(lambda: sum(1 for _ in saddles(problem)), rounds=1, iterations=1)
    assert count == 2**16


@pytest.mark.parametrize("d", [8, 12, 16])
def test_memory_of_writing_all_saddles(benchmark: Any, d: int, tmp_path: Path) -> None:
    """Peak memory of ``saddlesym saddles --json`` as a whole process, shown as extra info."""
    benchmark.group = "peak memory of all saddles as JSON (see the lines below)"
    X, y = data(20, d)
    table = tmp_path / "data.csv"
    table.write_text("\n".join(",".join(map(str, [*row, t])) for row, t in zip(X, y, strict=True)))
    code = (
        "import pathlib, re; from saddlesym.cli.main import main;"
        f"main(['saddles', {str(table)!r}, '--json', '-o', {str(tmp_path / 'out.json')!r}]);"
        "print(re.findall(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[0])"
    )

    def run() -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    peak = benchmark.pedantic(run, rounds=1, iterations=1)
    print(f"\nall saddles of {d} columns as JSON: peak {int(peak) / 1024:.0f} MB")
