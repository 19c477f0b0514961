"""A census: which sequences of signed active sets do all integer data of a size have, up to symmetry?

Changing the order or the signs of columns changes a path in the same way; the order and the
signs of rows, the sign of y together with all columns, and multiples of the loss do not
change it at all.  So data are compared by M and r, up to symmetries of the columns and a factor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations, product
from math import comb
from typing import Any

import numpy as np

from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.symbolic.path import Signs, sign_sequence, signed_set
from saddlesym.errors import BudgetError, NonUniqueMinimiserError
from saddlesym.exact.scalars import whole_number
from saddlesym.progress import Listener, Progress

#: Most multisets of rows that are gone through.
MAX_DATA = 20_000_000
_CHUNK = 200_000


@dataclass(frozen=True)
class PathType:
    """A sequence of signed active sets, up to symmetries of the columns, with its smallest data.

    Attributes:
        signs: of the successive saddles, in the form that comes first among its images.
        rows: the smallest data that have it, the last entry of a row is that of y: first by the largest
            entry in size, then by the number of rows, then by the sum of the sizes of the entries.
        count: classes of data (M and r up to symmetry and a factor) that have it.
    """

    signs: tuple[Signs, ...]
    rows: tuple[tuple[int, ...], ...]
    count: int

    def __str__(self) -> str:
        return " -> ".join(map(signed_set, self.signs)) or "no jumps"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "signs": [list(s) for s in self.signs],
            "rows": [list(map(int, row)) for row in self.rows],
            "count": self.count,
        }


@dataclass(frozen=True)
class Census:
    """All types of paths of integer data with entries up to a size.

    Attributes:
        d, rows, entries: number of columns, most rows, largest entry in size.
        types: those that occur, those with the most jumps last.
        classes: classes of data gone through.
        not_unique: those whose path meets a minimiser that is not unique.
    """

    d: int
    rows: int
    entries: int
    types: tuple[PathType, ...] = field(repr=False)
    classes: int
    not_unique: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": "census",
            "d": self.d,
            "rows": self.rows,
            "entries": self.entries,
            "classes": self.classes,
            "not_unique": self.not_unique,
            "types": [one.to_dict() for one in self.types],
        }


def census(d: int, rows: int, entries: int, *, progress: Listener | None = None) -> Census:
    """Go through all integer data with d columns, at most so many rows, and entries up to a size.

    Args:
        d: number of columns, 1 to 3.
        rows: most rows.
        entries: largest entry of X and y in absolute value.
        progress: called with the number of paths computed and of all.

    Raises:
        BudgetError: there are more than MAX_DATA multisets of rows.

    >>> for one in census(2, 2, 1).types: print(one, one.rows)
    no jumps ((-1, 0, 0),)
    {+0} ((-1, 0, -1),)
    {+0, +1} ((-1, -1, -1),)
    {+0} -> {+0, +1} ((-1, -1, 0), (-1, 0, -1))
    """
    d = whole_number(d, "d", 1, 3)
    rows, entries = whole_number(rows, "rows", 1), whole_number(entries, "entries", 1)
    kinds = ((2 * entries + 1) ** (d + 1) - 1) // 2
    total = sum(comb(kinds + n - 1, n) for n in range(1, rows + 1))
    if total > MAX_DATA or rows * entries**2 > 31:
        raise BudgetError(
            f"{total} multisets of rows with {d} + 1 entries up to {entries}",
            needed=f"at most {MAX_DATA}",
            hint="fewer rows, or smaller entries",
        )
    classes = _classes(d, rows, entries)
    first: dict[tuple[Signs, ...], tuple[tuple[int, ...], ...]] = {}
    counts: Counter[tuple[Signs, ...]] = Counter()
    not_unique = 0
    for k, data in enumerate(classes, 1):
        X, y = [row[:-1] for row in data], [row[-1] for row in data]
        try:
            sequence = up_to_symmetry(sign_sequence(saddle_path(DiagonalProblem(X, y))), d)
        except NonUniqueMinimiserError:
            not_unique += 1
        else:
            first.setdefault(sequence, data)
            counts[sequence] += 1
        if progress is not None:
            progress(Progress(k, len(classes), "paths"))
    order = sorted(first, key=lambda s: (len(s), s))
    types = tuple(PathType(s, first[s], counts[s]) for s in order)
    return Census(d, rows, entries, types, len(classes), not_unique)


def up_to_symmetry(sequence: tuple[Signs, ...], d: int) -> tuple[Signs, ...]:
    """The greatest of the images of a sequence under orders and signs of the columns.

    >>> up_to_symmetry(((0, -1), (1, -1)), 2)
    ((1, 0), (1, 1))
    """
    return max(
        tuple(tuple(s * state[i] for i, s in zip(order, signs, strict=True)) for state in sequence)
        for order in permutations(range(d))
        for signs in product((1, -1), repeat=d)
    )


def _classes(d: int, rows: int, entries: int) -> list[tuple[tuple[int, ...], ...]]:
    """The smallest data of every class of M and r, the smallest first."""
    seen: set[int] = set()
    found: list[tuple[tuple[int, ...], ...]] = []
    for size in range(1, entries + 1):
        kinds = _rows(d, size)
        largest = np.abs(kinds).max(axis=1) == size
        for n in range(1, rows + 1):
            level: list[tuple[int, int, tuple[int, ...]]] = []
            for block in _multisets(len(kinds), n):
                chosen = block[largest[block].any(axis=1)]
                keys, weight = _keys(kinds[chosen], d), np.abs(kinds[chosen]).sum(axis=(1, 2))
                order = np.argsort(weight, kind="stable")
                for k in order[np.unique(keys[order], return_index=True)[1]]:
                    if int(keys[k]) not in seen:
                        level.append((int(weight[k]), int(keys[k]), tuple(map(int, chosen[k]))))
            for _, key, which in sorted(level, key=lambda item: (item[0], item[2])):
                if key not in seen:
                    seen.add(key)
                    found.append(tuple(tuple(map(int, kinds[i])) for i in which))
    return found


def _rows(d: int, size: int) -> Any:
    """Rows (x, y) up to their sign, without the zero row."""
    values = np.array(list(product(range(-size, size + 1), repeat=d + 1)), dtype=np.int64)
    return values[: len(values) // 2]


def _multisets(kinds: int, n: int) -> Iterator[Any]:
    """All multisets of n of these kinds, as sorted rows of numbers, in blocks."""
    block = np.arange(kinds)[:, None]
    if n == 1:
        yield block
        return
    for shorter in _multisets(kinds, n - 1):
        step = max(1, _CHUNK // kinds)
        for start in range(0, len(shorter), step):
            part = shorter[start : start + step]
            longer = np.concatenate([np.repeat(part, kinds, axis=0), np.tile(block, (len(part), 1))], axis=1)
            yield longer[longer[:, -1] >= longer[:, -2]]


def _keys(data: Any, d: int) -> Any:
    """One number for each class of M and r: the least code of its images under symmetries of the columns."""
    gram = np.einsum("kni,knj->kij", data, data)
    flat = gram[:, :d, :].reshape(len(gram), -1)
    divisor = np.gcd.reduce(flat, axis=1)
    gram = gram // np.maximum(divisor, 1)[:, None, None]
    places = [(i, j) for i in range(d) for j in range(i, d)] + [(i, d) for i in range(d)]
    best = None
    for order in permutations(range(d)):
        for signs in product((1, -1), repeat=d):
            index, sign = (*order, d), (*signs, 1)
            code = np.zeros(len(gram), dtype=np.int64)
            for i, j in places:
                code = code * 64 + (32 + sign[i] * sign[j] * gram[:, index[i], index[j]])
            best = code if best is None else np.minimum(best, code)
    return best
