"""General position of the columns, decided exactly (PF23, Assumption 1).

For every ``k ≤ min(n, d)`` the affine span of k signed columns ±x_{i₁}, …, ±x_{i_k}
must contain none of the other signed columns.  Equivalently: no set T of at most
``min(n, d) + 1`` columns has a linear relation ``Σ h_i x_i = 0``, h ≠ 0, whose
entries can be given signs so that ``Σ ±h_i = 0``.  Independent columns have no
relation at all; a minimal dependent set has one, and then the question is whether
the numbers |h_i| split into two halves of equal sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

from flint import fmpz

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.quadratic import QuadraticForm
from saddlesym.errors import BudgetError
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.rational import kernel
from saddlesym.exact.vectors import RationalVector

#: Most sets of columns that are looked at unless the caller says otherwise.
MAX_SETS = 200_000


@dataclass(frozen=True)
class GeneralPosition(Documented):
    """Whether the columns are in general position, with a witness when they are not.

    Attributes:
        holds: the answer.
        columns: columns that break it; empty when it holds.
        signs: ±1 for each of them.
        coefficients: not all zero, with ``Σ coefficients = 0`` and
            ``Σ coefficients · signs · x = 0``: an affine dependence of signed columns.
    """

    holds: bool
    columns: tuple[int, ...] = ()
    signs: tuple[int, ...] = ()
    coefficients: tuple[Fraction, ...] = ()


def general_position(problem: DiagonalProblem, *, max_sets: int = MAX_SETS) -> GeneralPosition:
    """Decide PF23's Assumption 1 exactly, and name the columns that break it.

    Args:
        problem: the data.
        max_sets: refuse when more sets of columns than this would be looked at.

    Raises:
        BudgetError: the columns are dependent and there are too many sets.

    >>> general_position(DiagonalProblem([[1, 0, 2], [0, 1, 1]], [1, 1])).columns
    (0, 1, 2)
    >>> general_position(DiagonalProblem([[1, 0, 1], [0, 1, 3]], [1, 1])).holds
    True
    """
    form = problem.quadratic
    d = problem.d
    rank = form.rank()
    if rank == d:
        return GeneralPosition(True)
    # without data the number of rows is unknown, and the rank stands in for it
    rows = problem.n if problem.has_data else rank
    top = min(rows, d) + 1
    # a relation of more than rank + 1 columns is no longer minimal
    sizes = range(1, min(top, rank + 2, d) + 1)
    total = sum(comb(d, size) for size in sizes)
    if total > max_sets:
        raise BudgetError(
            f"general position of {d} columns of rank {rank} takes {total} sets of columns",
            needed=f"at most {max_sets}",
            hint="a larger max_sets, or rely on the path, which proves uniqueness at every jump",
        )
    for size in sizes:
        for T in combinations(range(d), size):
            for h in _relations(form, T):
                signs = _balancing_signs(h)
                if signs is not None:
                    return _witness(T, h, signs)
    return GeneralPosition(True)


def _relations(form: QuadraticForm, columns: Sequence[int]) -> Iterator[list[fmpz]]:
    """Relations ``Σ h_i x_i = 0`` of these columns that smaller sets have not shown.

    A set with two independent relations is always affinely dependent: one
    combination of the two has ``Σ h_i = 0``.
    """
    basis = kernel(form.block(columns))
    # in units of x: x_i = ξ_i/q_i, and Σ h'_i ξ_i = 0 means h_i = q_i h'_i ∝ bound_i h'_i
    scaled = [[entry * form.bounds[i] for i, entry in zip(columns, h, strict=True)] for h in basis]
    if len(scaled) >= 2:
        first, second = scaled[0], scaled[1]
        a, b = sum(first, fmpz(0)), sum(second, fmpz(0))
        mixed = first if a == 0 else [b * p - a * q for p, q in zip(first, second, strict=True)]
        yield mixed
    elif len(scaled) == 1 and all(entry != 0 for entry in scaled[0]):
        yield scaled[0]


def _balancing_signs(h: Sequence[fmpz]) -> list[int] | None:
    """Signs with ``Σ ±h_i = 0``, by meeting in the middle; None when there are none."""
    if sum(h, fmpz(0)) == 0:
        return [1] * len(h)
    if sum(map(abs, h), fmpz(0)) % 2 == 1:
        return None
    middle = len(h) // 2
    left = {total: signs for signs, total in _signed_sums(h[:middle])}
    for signs, total in _signed_sums(h[middle:]):
        if -total in left:
            return [*left[-total], *signs]
    return None


def _signed_sums(values: Sequence[fmpz]) -> list[tuple[tuple[int, ...], int]]:
    sums: list[tuple[tuple[int, ...], int]] = [((), 0)]
    for value in values:
        x = int(value)
        sums = [(((*signs, s)), total + s * x) for signs, total in sums for s in (1, -1)]
    return sums


def _witness(columns: Sequence[int], h: Sequence[fmpz], signs: Sequence[int]) -> GeneralPosition:
    used = [(i, s, entry * s) for i, s, entry in zip(columns, signs, h, strict=True) if entry != 0]
    coefficients = RationalVector.of(c for _, _, c in used)
    return GeneralPosition(
        False,
        tuple(i for i, _, _ in used),
        tuple(s for _, s, _ in used),
        tuple(coefficients),
    )
