"""Mutated files into every reader: nothing but a table or one line comes out, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import random
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from saddlesym import DeepLinearProblem, DiagonalProblem, SaddlesymError
from saddlesym.errors import DataWarning


def _saved(*arrays: object, **named: object) -> bytes:
    out = io.BytesIO()
    if named:
        (np.savez_compressed if arrays else np.savez)(out, **named)  # type: ignore[arg-type]
    else:
        np.save(out, np.array(arrays[0]))
    return out.getvalue()


X, Y = [[1.5, 2.0], [3.0, -0.25], [0.0, 7.0]], [1.0, 2.0, 4.0]
SEEDS = [
    b"a,b,y\n1,2,3\n4,5.5,6e-1\n7/2,-8,9\n",
    b'"x, 1";"b";y\n1,5;2;3\n"4";;NA\n',
    b"# a b y\n1.0e+00 2 3\n 4 5 6\n",
    b",0,1\n0,1,2\n1,3,4\n",
    "a\tb\n1\t2\n3\t5\n".encode("utf-16"),
    gzip.compress(b"a|b|c\n1|2|3\n4|5|6\n"),
    _saved([[1.5, 2.0, 3.0], [4.0, float("nan"), 6.0]]),
    _saved([["1/2", "3"], ["0.1", "x"]]),
    _saved(np.array(X, dtype=np.longdouble)),
    _saved(X=X, y=Y),
    _saved(1, X=X, y=Y, feature_names=["a", "b"], other=np.zeros(50)),
    _saved(M=[[2, 1], [1, 2]], r=[1, 0]),
]
PIECES = [
    b'"', b"\n", b"\r", b",", b";", b"\t", b"|", b" ", b"#", b"1e9999", b"1e-99999999999", b"9" * 300, b"nan", b"inf",
    b"NA", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"/0", b"(999999999999, 2)", b"'|O'", b"'<U999999'", b"'<M8[ns]'", b"'|V0'",
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x93NUMPY", b"\x1f\x8b\x08", b"\xff\xff\xff\xff", b"[" * 200, "é٣".encode(),
]  # fmt: skip


def mutated(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.choice([0, 1, 1, 2, 3, 8])):
        i, j = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        change = rng.randrange(6)
        if change == 0 and data:
            data[rng.randrange(len(data))] = rng.randrange(256)
        elif change == 1:
            del data[i : min(j, i + 9)]
        elif change == 2:
            data[i:i] = rng.choice(PIECES)
        elif change == 3:
            data[i : i + 1] = rng.choice(PIECES)
        elif change == 4:
            data[j:j] = data[i:j]
        else:
            del data[rng.randrange(len(data) + 1) :]
    return bytes(data)


def read_all(file: Path, rng: random.Random) -> int:
    """Read a file both ways; how many of them gave a table."""
    choices = {
        "header": [True, False],
        "floats": ["binary"],
        "decimal": [","],
        "drop_columns": [[0], ["a"], [1, "b"]],
        "drop_missing": ["rows", "columns"],
    }
    options = {name: rng.choice(values) for name, values in choices.items() if rng.random() < 0.2}
    read = 0
    for make in (DiagonalProblem.from_csv, DeepLinearProblem.from_csv):
        try:
            make(file, **options)
            read += 1
        except SaddlesymError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
    return read


def fuzz(folder: Path, count: int, seed: int) -> tuple[int, float]:
    """Read mutated files; how many gave a table, and the most seconds of the processor for one."""
    rng = random.Random(seed)
    read, slowest = 0, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        for k in range(count):
            file = folder / rng.choice(["t.csv", "t.npy", "t.npz", *["t"] * 9])  # the last by what they hold
            content = mutated(rng)
            file.write_bytes(content)
            begin = time.process_time()
            try:
                read += read_all(file, rng) > 0
            except Exception as error:
                raise AssertionError(f"mutation {k} of seed {seed}: {file.name} {content!r}") from error
            slowest = max(slowest, time.process_time() - begin)
    return read, slowest


def test_mutated_files_give_a_table_or_one_line(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read, _ = fuzz(tmp_path, 2000, seed=1)
    assert 150 < read < 1000  # both are met
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kilobytes


@pytest.mark.long
def test_very_many_mutated_files_give_a_table_or_one_line(tmp_path: Path) -> None:
    read, slowest = fuzz(tmp_path, 40_000, seed=2)
    assert 3000 < read < 20_000
    assert slowest < 20
