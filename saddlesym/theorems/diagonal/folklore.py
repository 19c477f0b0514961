"""Folklore about the path, with the smallest exact counterexamples.

They were found by :func:`saddlesym.laboratory.refutation.refute` over all integer data; what *smallest*
means is said in :mod:`saddlesym.laboratory.boxes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.text import abbreviated
from saddlesym.theorems.diagonal.assumptions import path_of
from saddlesym.theorems.diagonal.laws.path import Steps
from saddlesym.theorems.evidence.check import Fact

Violation: TypeAlias = Callable[[SaddlePath], str | None]


def _leaves(path: SaddlePath) -> str | None:
    for jump in path.jumps:
        if jump.left:
            return f"{_names(path, jump.left)} leaves at t = {abbreviated(jump.time)}"
    return None


def _flips(path: SaddlePath) -> str | None:
    for jump in path.jumps:
        if jump.flipped:
            return f"{_names(path, jump.flipped)} returns with the other sign at t = {abbreviated(jump.time)}"
    return None


def _is_no_lasso(path: SaddlePath) -> str | None:
    if not any(jump.left for jump in path.jumps):
        return None  # then the average is a lasso solution (lasso-average)
    steps = Steps(path.problem)
    for k in range(1, len(steps)):
        end = steps.times[k + 1] if k + 1 < len(steps) else steps.times[k] + 1
        t = (steps.times[k] + end) / 2
        mean = steps.average(t, k)
        for i, (g, x) in enumerate(zip(steps.form.gradient(mean), mean, strict=True)):
            if (x > 0 and -t * g != 1) or (x < 0 and -t * g != -1) or abs(t * g) > 1:
                return f"the lasso's condition fails in {_names(path, (i,))} at t = {abbreviated(t)}"
    return None


def _other_orthant(path: SaddlePath) -> str | None:
    r = path.problem.r
    for jump in path.jumps:
        for i in jump.support:
            if jump.beta[i] * r[i] < 0:
                return f"{_names(path, (i,))} has the sign opposite to r at t = {abbreviated(jump.time)}"
    return None


def _other_order(path: SaddlePath) -> str | None:
    r = path.problem.r
    least: tuple[Any, int] | None = None  # the least |r_i| among those that entered so far
    seen: set[int] = set()
    for jump in path.jumps:
        fresh = [i for i in jump.entered if i not in seen]
        for j in fresh:
            if least is not None and abs(r[j]) > least[0]:
                return f"{_names(path, (least[1],))} enters before {_names(path, (j,))}, whose |r| is larger"
        for j in fresh:
            seen.add(j)
            if least is None or abs(r[j]) < least[0]:
                least = (abs(r[j]), j)
    return None


def _many_jumps(path: SaddlePath) -> str | None:
    if len(path.jumps) > path.problem.d:
        return f"{len(path.jumps)} jumps for d = {path.problem.d}"
    return None


def _names(path: SaddlePath, columns: tuple[int, ...]) -> str:
    return f"column {path.problem.names(columns)}"


@dataclass(frozen=True)
class Counterexample:
    """The smallest counterexample on record to a sentence of folklore.

    Attributes:
        statement: id of the sentence.
        X: integer data (n × d).
        y: integer targets (n).
        violation: says how a path violates the sentence, or None if it does not.
    """

    statement: str
    X: tuple[tuple[int, ...], ...]
    y: tuple[int, ...]
    violation: Violation

    @property
    def problem(self) -> DiagonalProblem:
        """The data as a problem."""
        return DiagonalProblem(self.X, self.y)

    def law(self, problem: DiagonalProblem) -> Iterator[Fact]:
        """The sentence as a law of one instance, which it may or may not obey."""
        return self.law_of_path(path_of(problem))

    def law_of_path(self, path: SaddlePath) -> Iterator[Fact]:
        """The same of its path; where there is no jump it says nothing."""
        violated = self.violation(path)
        if path.jumps:
            yield Fact(violated is None, violated or "")

    def refutes(self) -> str | None:
        """How the recorded data refute the sentence, worked out anew; None if they do not."""
        return self.violation(saddle_path(self.problem))

    @property
    def told(self) -> str:
        """What it is, with its data as people write them."""
        return f"smallest counterexample X = {[list(row) for row in self.X]}, y = {list(self.y)}"

    def to_dict(self) -> dict[str, Any]:
        """The data as JSON-ready integers."""
        return {"X": [list(row) for row in self.X], "y": list(self.y)}


DIAGONAL_RECORDED = (
    Counterexample("active-set-grows", ((-2, -1), (-1, 0)), (-1, 0), _leaves),
    Counterexample("sign-kept", ((-2, -1), (-1, 0)), (-2, 1), _flips),
    Counterexample("path-is-lasso", ((-2, -1), (-1, 0)), (-2, 1), _is_no_lasso),
    Counterexample("one-orthant", ((-2, -1), (-1, -1)), (-1, 0), _other_orthant),
    Counterexample("order-of-correlations", ((-3, -2, -1), (-1, -1, 0)), (-2, 1), _other_order),
    Counterexample("at-most-d-jumps", ((-2, -1), (-1, 0)), (-2, 1), _many_jumps),
)
