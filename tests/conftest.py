"""Fixtures for all tests: precisions are reset, Hypothesis is repeatable."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: as on the command line

import flint
import hypothesis
import mpmath
import pytest

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
hypothesis.settings.load_profile("repeatable")

# A runner in the background may hand down an ignored SIGINT; the tests of Ctrl-C need a live one.
signal.signal(signal.SIGINT, signal.default_int_handler)

ORACLES = Path(__file__).parent / "oracles"


@pytest.fixture(autouse=True)
def default_precision() -> Iterator[None]:
    """Fail the test that leaves a global precision changed, then put it back."""
    before = (mpmath.mp.prec, flint.ctx.prec)
    yield
    after = (mpmath.mp.prec, flint.ctx.prec)
    mpmath.mp.prec, flint.ctx.prec = before
    assert after == before, "a global precision was left changed"


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work says on stderr how far it is after some seconds: on a slow machine, but in no test that did not ask."""
    monkeypatch.setattr("saddlesym.cli.progress.monotonic", lambda: 0.0)


def oracle_names() -> list[str]:
    return sorted(path.stem for path in (ORACLES / "iss").glob("*.json"))


def read_oracle(name: str) -> dict[str, Any]:
    return json.loads((ORACLES / "iss" / f"{name}.json").read_text(encoding="utf-8"))


def fractions(values: list[str]) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, values))
