"""Sets of singular modes: how many there are, one after the other, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from saddlesym.exact.linear.singular_values import SingularValue


def count_sets(multiplicities: Sequence[int], limit: int) -> int:
    """How many choices of at most ``limit`` modes there are, equal modes not told apart.

    >>> count_sets([1, 1, 1], 2), count_sets([2], 2)
    (7, 3)
    """
    ways = [1] + [0] * limit
    for m in multiplicities:
        ways = [sum(ways[max(0, k - m) : k + 1]) for k in range(limit + 1)]
    return sum(ways)


def mode_counts(multiplicities: Sequence[int], rank: int) -> Iterator[tuple[int, ...]]:
    """Choices of ``rank`` modes, those of greater singular values first."""
    if not multiplicities:
        if rank == 0:
            yield ()
        return
    head, *rest = multiplicities
    room = sum(rest)
    for taken in range(min(head, rank), max(0, rank - room) - 1, -1):
        for tail in mode_counts(rest, rank - taken):
            yield (taken, *tail)


def mode_words(values: Sequence[SingularValue], counts: Sequence[int]) -> str:
    """Modes numbered from 1 by falling singular value; of a repeated one taken in part, how many.

    >>> from saddlesym.exact.linear.singular_values import singular_values
    >>> values = singular_values([[3, 0, 0], [0, 1, 0], [0, 0, 1]]).values
    >>> mode_words(values, (1, 1)), mode_words(values, (0, 2))
    ('1, 1 of 2-3', '2, 3')
    """
    words, first = [], 1
    for value, taken in zip(values, counts, strict=True):
        last = first + value.multiplicity - 1
        if 0 < taken < value.multiplicity:
            words.append(f"{taken} of {first}-{last}")
        elif taken:
            words += map(str, range(first, last + 1))
        first = last + 1
    return ", ".join(words)
