"""Folklore about the path, and the search for its smallest exact counterexamples.

*Smallest* is meant in the order of: n·d; the largest |entry| of X and y; the sum of
the |entries|; n; and then the entries, X row by row and y, compared as numbers.
Data are integers.  For n = 1 or d = 1 the path has one jump, to a point with the
signs of r, and no sentence below can fail; so the search begins at 2 × 2.  (The order
of entry cannot fail for d = 2 either, since the first to enter has the largest |r_i|.)
Data whose path is not unique are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import NonUniqueMinimiserError
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
        least_d: the sentence cannot fail for fewer columns.
    """

    statement: str
    X: tuple[tuple[int, ...], ...]
    y: tuple[int, ...]
    violation: Violation
    least_d: int = 2

    @property
    def problem(self) -> DiagonalProblem:
        """The data as a problem."""
        return DiagonalProblem(self.X, self.y)

    def law(self, problem: DiagonalProblem) -> Iterator[Fact]:
        """The sentence as a law of one instance, which it may or may not obey."""
        path = path_of(problem)
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
    Counterexample("order-of-correlations", ((-3, -2, -1), (-1, -1, 0)), (-2, 1), _other_order, least_d=3),
    Counterexample("at-most-d-jumps", ((-2, -1), (-1, 0)), (-2, 1), _many_jumps),
)


def integer_vectors(length: int, largest: int, total: int) -> Iterator[tuple[int, ...]]:
    """Integer vectors with max |entry| = largest and Σ|entry| = total, in increasing order.

    >>> list(integer_vectors(2, 1, 1))
    [(-1, 0), (0, -1), (0, 1), (1, 0)]
    """

    def extend(length: int, total: int, met: bool) -> Iterator[tuple[int, ...]]:
        if length == 0:
            if total == 0 and met:
                yield ()
            return
        if total > largest * length or (not met and total < largest):
            return
        for first in range(-min(largest, total), min(largest, total) + 1):
            for rest in extend(length - 1, total - abs(first), met or abs(first) == largest):
                yield (first, *rest)

    return extend(length, total, False)


def _is_first_of_its_kind(entries: tuple[int, ...], n: int, d: int) -> bool:
    """Whether no exchange or change of sign of columns, or of sign of a row, makes the data smaller.

    These symmetries carry paths to paths and keep every sentence above true or
    false, so that the smallest counterexample passes this (necessary) test: its first
    row has no positive entry and increases, and every other row begins with a
    negative entry (its target, when the row is zero, is not positive).
    """
    if any(x > 0 for x in entries[:d]) or any(a > b for a, b in pairwise(entries[:d])):
        return False
    for k in range(1, n):
        row = (*entries[k * d : (k + 1) * d], entries[n * d + k])
        if next((x for x in row if x), 0) > 0:
            return False
    return True


def integer_data(size: int, largest: int, least_d: int = 2) -> Iterator[DiagonalProblem]:
    """Integer data with n·d = size, n ≥ 2, d ≥ least_d and that largest |entry|, smallest first.

    Data that a symmetry makes smaller are left out.
    """
    shapes = [(n, size // n) for n in range(2, size // least_d + 1) if size % n == 0]
    longest = max((n * d + n for n, d in shapes), default=0)
    for total in range(largest, largest * longest + 1):
        for n, d in shapes:
            for entries in integer_vectors(n * d + n, largest, total):
                if not _is_first_of_its_kind(entries, n, d):
                    continue
                rows = [entries[k * d : (k + 1) * d] for k in range(n)]
                yield DiagonalProblem(rows, entries[n * d :])


def smallest_counterexample(
    violation: Violation,
    *,
    least_d: int = 2,
    sizes: range = range(4, 7),
    largest: int = 3,
    most: int | None = None,
) -> tuple[DiagonalProblem | None, int]:
    """Search integer data in the order of smallness for a path that violates a sentence.

    Args:
        violation: see :class:`Counterexample`.
        least_d: the least number of columns.
        sizes: the values of n·d to go through.
        largest: the largest |entry|.
        most: give up after that many data.

    Returns:
        the smallest counterexample, or None, and the number of data that were tried.
    """
    tried = 0
    for size in sizes:
        for bound in range(1, largest + 1):
            for problem in integer_data(size, bound, least_d):
                if most is not None and tried >= most:
                    return None, tried
                tried += 1
                try:
                    path = saddle_path(problem)
                except NonUniqueMinimiserError:
                    continue
                if violation(path) is not None:
                    return problem, tried
    return None, tried
