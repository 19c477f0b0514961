"""Random problems whose jump times are recovered from flows alone and compared with the exact path.

    python tests/recoveries.py [COUNT] [FIRST]

prints a line for every problem that is not answered in full and, at the end, the tally.
A miss, an exact time outside of its ball or a fraction that is another one, makes the status 1.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from saddlesym import DiagonalProblem, Progress, Recovery, SaddlePath, recover_jump_times, saddle_path
from saddlesym.errors import NonUniqueMinimiserError, SaddlesymError

#: CPU seconds after which a problem counts as given up.
PATIENCE = 12.0
Rows = list[list[Fraction]]


def _integer(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-3, 3))


def _sign(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-1, 1))


def _rational(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-9, 9), rng.randint(1, 6))


def _decimal(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-200, 200), 100)


def _plain(rng: random.Random, entry: Callable[[random.Random], Fraction], most: int) -> tuple[Rows, Rows]:
    n, d = rng.randint(1, most), rng.randint(1, most)
    return [[entry(rng) for _ in range(d)] for _ in range(n)], [[entry(rng)] for _ in range(n)]


def _dependent(rng: random.Random) -> tuple[Rows, Rows]:
    """Columns that repeat others, negated or added up."""
    X, y = _plain(rng, rng.choice([_sign, _integer]), 3)
    i, j, kind = rng.randrange(len(X[0])), rng.randrange(len(X[0])), rng.randrange(3)
    more = {0: lambda row: -row[i], 1: lambda row: row[i] + row[j], 2: lambda row: row[i] / 2}[kind]
    return [[*row, more(row)] for row in X], y


def _near_tie(rng: random.Random) -> tuple[Rows, Rows]:
    """Correlations that differ by little: jumps close together, or sleepers that nearly wake."""
    d, gap = rng.randint(2, 3), Fraction(1, 10 ** rng.randint(1, 3))
    X = [[Fraction(3 * (i == j)) + rng.randint(-1, 1) for j in range(d)] for i in range(d)]
    return X, [[Fraction(rng.choice([-1, 1]) * 2) + gap * rng.randint(-3, 3)] for _ in range(d)]


def _uneven(rng: random.Random) -> tuple[Rows, Rows]:
    """Columns and targets of different sizes: long dwells, small last jumps."""
    X, y = _plain(rng, _integer, 3)
    sizes = [Fraction(10) ** rng.randint(-1, 1) for _ in X[0]]
    heights = [Fraction(10) ** rng.randint(-2, 1) for _ in X]
    return [[x * s for x, s in zip(row, sizes, strict=True)] for row in X], [
        [t[0] * h] for t, h in zip(y, heights, strict=True)
    ]


FAMILIES: dict[str, Callable[[random.Random], tuple[Rows, Rows]]] = {
    "integer": lambda rng: _plain(rng, _integer, 4),
    "rational": lambda rng: _plain(rng, _rational, 3),
    "decimal": lambda rng: _plain(rng, _decimal, 3),
    "signs": lambda rng: _plain(rng, _sign, 5),
    "dependent": _dependent,
    "near-tie": _near_tie,
    "uneven": _uneven,
}
#: Chosen by the function, completed by it, and too large on purpose.
SCALES = (
    (),
    (),
    ("1e-10", "1e-20"),
    ("1e-30", "1e-60"),
    ("1e-6", "1e-12", "1e-24"),
    ("1e-9", "1e-11", "1e-14"),
)


KINDS = {0: "scales chosen", 2: "scales completed", 3: "scales given"}


@dataclass(frozen=True)
class Case:
    """One random problem with the settings of its recovery."""

    number: int
    family: str
    problem: DiagonalProblem
    scales: tuple[str, ...]
    digits: int

    def __str__(self) -> str:
        rows = [" ".join(map(str, row)) for row in self.problem.X]
        y = " ".join(map(str, self.problem.y))
        scales = " ".join(self.scales) or "chosen"
        return f"{self.number} {self.family} X = {'; '.join(rows)} | y = {y} | {scales}, {self.digits} digits"


def case(number: int) -> Case:
    """The case of this number, always the same."""
    rng = random.Random(f"recoveries {number}")
    family = list(FAMILIES)[number % len(FAMILIES)]
    while True:
        X, y = FAMILIES[family](rng)
        if all(any(row[j] for row in X) for j in range(len(X[0]))) and any(t[0] for t in y):
            problem = DiagonalProblem(X, [t[0] for t in y])
            if any(problem.r):
                return Case(number, family, problem, rng.choice(SCALES), rng.choice([12, 15, 20]))


def known_path(problem: DiagonalProblem) -> SaddlePath:
    """The path, as far as it is unique."""
    try:
        return saddle_path(problem)
    except NonUniqueMinimiserError as error:
        known: SaddlePath = error.path
        return known


def end_of(one: Case, path: SaddlePath) -> Fraction | None:
    """None: until the flow rests.  A little after the last jump where it fades like 1/T, or may.

    It fades where a coordinate is left at its bound without a gradient, and for a large α where one
    sleeps, so that its power of α is none that the digits neglect.
    """
    last = path.jumps[-1]
    asleep = [abs(s) for b, s in zip(last.beta, last.dual, strict=True) if b == 0]
    fades = bool(asleep) if one.scales else any(s == 1 for s in asleep)
    return last.time * Fraction(5, 4) if fades or not path.complete else None


class GivenUpError(Exception):
    """The patience is at its end."""


def recovered(one: Case, end: Fraction | None) -> Recovery:
    """The recovery of a case, within the patience."""
    start = time.process_time()

    def note(_moment: Progress) -> None:
        if time.process_time() - start > PATIENCE:
            raise GivenUpError(f"{PATIENCE} s")

    return recover_jump_times(
        one.problem, one.scales, digits=one.digits, until=end, certify=False, progress=note
    )


def misses(found: Recovery, path: SaddlePath) -> tuple[list[str], list[str]]:
    """Times outside of their balls or fractions that are others, and events that are others.

    Each jump is compared with the next exact one of the same event.  Where there is none, two exact
    jumps are taken for one or a column that fades counts as entered: then the ball has to hold the
    next exact time, or a later one.  A path that is known in part is compared so far.
    """
    wrong, other, exact = [], [], list(path.jumps)
    for k, jump in enumerate(found.jumps, 1):
        event = (set(jump.entered), set(jump.left))
        same = [one for one in exact if (set(one.entered), set(one.left)) == event]
        fits = [one for one in exact if jump.time.contains(one.time) and jump.exact in (None, one.time)]
        told = f"jump {k} is recovered at {jump.time} = {jump.exact}"
        if same and same[0] in fits:
            exact = exact[exact.index(same[0]) + 1 :]
        elif fits and not same:
            other.append(f"{told}: another event than at {fits[0].time}")
            exact = exact[exact.index(fits[0]) + 1 :]
        elif same or path.complete:
            wrong.append(f"{told}, none of {', '.join(map(str, path.times()))}")
            break
        else:
            break
    return wrong, other


def outcome(one: Case) -> tuple[str, Sequence[str]]:
    """The verdict in a word, and what there is to say."""
    path = known_path(one.problem)
    if not path.jumps:
        return "no known jump", []
    try:
        found = recovered(one, end_of(one, path))
    except SaddlesymError as error:
        return "refused", [str(error)]
    except GivenUpError as error:
        return "given up", [str(error)]
    wrong, other = misses(found, path)
    if wrong or other:
        return ("MISS", wrong) if wrong else ("other event", other)
    if len(found.jumps) < len(path.jumps):
        times = ", ".join(map(str, path.times()))
        return "jumps lost", [f"{len(found.jumps)} of {len(path.jumps)} jumps: {times}"]
    return "right", []


def main(count: int, first: int) -> int:
    """Tally of so many cases."""
    tally: Counter[str] = Counter()
    for number in range(first, first + count):
        one = case(number)
        verdict, told = outcome(one)
        tally[f"{verdict}, {KINDS[len(one.scales)]}"] += 1
        if told:
            print(f"{verdict}: {one}: {'; '.join(told)}", flush=True)
        if (number + 1 - first) % 100 == 0:
            print(
                f"-- {number + 1 - first} cases, {time.process_time():.0f} s: {dict(sorted(tally.items()))}",
                flush=True,
            )
    print(f"{count} cases, {time.process_time():.0f} CPU seconds: {dict(sorted(tally.items()))}")
    return int(any(verdict.startswith("MISS") for verdict in tally))


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*(numbers + [2000, 0][len(numbers) :])))
