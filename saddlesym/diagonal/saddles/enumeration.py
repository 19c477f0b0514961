"""All saddles of a diagonal linear network: one for every active set that has one.

An active set S with independent columns has one minimiser ``β_S = M_SS⁻¹ r_S``;
it is a saddle of support S when no entry vanishes.  When M_SS is singular the
minimisers form an affine set, a *family* of critical points.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import log10
from typing import Any

from flint import fmpz, fmpz_mat

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.quadratic import QuadraticForm
from saddlesym.diagonal.saddles.stability import Stability, UnstableDirection, stability, unstable_directions
from saddlesym.errors import BadInputError, BudgetError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.rational import kernel
from saddlesym.exact.scalars import fraction
from saddlesym.exact.values import Listing
from saddlesym.exact.vectors import RationalVector
from saddlesym.grids import Displayed, Grid, Math, Rounded
from saddlesym.progress import Listener, Progress

#: Most active sets that are enumerated unless the caller says otherwise, and most numbers that they may have.
MAX_SETS, MAX_NUMBERS = 2**20, 2**28


@dataclass(frozen=True)
class Saddle(Displayed, Documented):
    """The critical point of an active set with independent columns.

    Attributes:
        support: the active set S; every entry of β there is non-zero.
        beta: the point β = u ⊙ v (d).
        gradient: ∇L(β) (d), zero on S.
        loss: L(β).
        morse_index: number of negative eigenvalues of the Hessian of F.
        nullity: number of zero eigenvalues of the Hessian of F.
    """

    support: tuple[int, ...]
    beta: RationalVector
    gradient: RationalVector
    loss: Fraction
    morse_index: int
    nullity: int

    @property
    def point(self) -> RationalVector:
        """β, by the name that it has in a family."""
        return self.beta

    @property
    def dimension(self) -> int:
        """Dimension of the set of minimisers: it is a point."""
        return 0

    @property
    def signs(self) -> tuple[int, ...]:
        """−1, 0 or 1 for every column."""
        return self.beta.signs()

    @property
    def is_minimum(self) -> bool:
        """Whether ∇L(β) = 0: a global minimum rather than a strict saddle."""
        return self.morse_index == 0

    @property
    def unstable(self) -> tuple[UnstableDirection, ...]:
        """The directions along which the saddle is left, fastest first."""
        return unstable_directions(self.gradient)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings."""
        return super().to_dict() | {"signs": list(self.signs)}

    def grid(self, limit: int | None = None) -> Grid:
        """One row per column: β and ∇L."""
        values = zip(self.beta, self.gradient, strict=True)
        rows = tuple((i, Rounded(b), Rounded(g)) for i, (b, g) in enumerate(values))
        caption = f"Saddle of support {list(self.support)}, Morse index {self.morse_index}"
        header = ("column", Math(r"\beta", "beta"), Math(r"\nabla L", "gradient"))
        return Grid(caption, header, rows[:limit], more=len(rows) - len(rows[:limit]))

    def __repr__(self) -> str:
        return f"Saddle(beta={self.beta!r}, morse_index={self.morse_index})"


@dataclass(frozen=True)
class SaddleFamily(Documented, kind="family"):
    """The critical points of an active set with dependent columns: an affine set.

    Attributes:
        support: the active set S; generic points of the family are non-zero on it.
        point: one point of the family (d); it may have zeros on S.
        directions: basis of the directions in which the family extends (each d).
        gradient: ∇L (d), the same at every point.
        loss: L, the same at every point.
        morse_index: negative eigenvalues of the Hessian at points of support S.
        nullity: zero eigenvalues of the Hessian at points of support S.
    """

    support: tuple[int, ...]
    point: RationalVector
    directions: tuple[RationalVector, ...]
    gradient: RationalVector
    loss: Fraction
    morse_index: int
    nullity: int

    @property
    def dimension(self) -> int:
        """Dimension of the affine set."""
        return len(self.directions)

    @property
    def is_minimum(self) -> bool:
        """Whether ∇L = 0: global minima rather than strict saddles."""
        return self.morse_index == 0

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings."""
        return super().to_dict() | {"dimension": self.dimension}

    def __repr__(self) -> str:
        return f"SaddleFamily(support={self.support}, dimension={self.dimension})"


def count_active_sets(d: int, max_support: int | None = None) -> int:
    """Number of active sets of at most ``max_support`` of d columns.

    >>> count_active_sets(10), count_active_sets(30, 2)
    (1024, 466)
    """
    if max_support is None or max_support >= d:
        return 1 << d
    total = sets = 1
    for k in range(max_support):
        sets = sets * (d - k) // (k + 1)
        total += sets
    return total


def most_sets(d: int) -> int:
    """How many active sets of d columns are looked at unless the caller says otherwise.

    >>> most_sets(20) == 2**20, most_sets(20_000)
    (True, 13421)
    """
    return min(MAX_SETS, MAX_NUMBERS // max(d, 1))


def told_count(total: int) -> str:
    """A number of active sets that fits on a line.

    >>> told_count(1024), told_count(2**20_000)
    ('1024', 'about 1e6020')
    """
    return str(total) if total < 10**15 else f"about 1e{int(total.bit_length() * log10(2))}"


def checked_size(name: str, value: Any) -> int | None:
    """A bound that a caller gave, as a whole number >= 0, or None.

    >>> checked_size("max_support", "3")
    Traceback (most recent call last):
    ...
    saddlesym.errors.BadInputError: max_support='3'; needed: a whole number >= 0, or None
    """
    try:
        number = None if value is None else operator.index(value)
    except TypeError:
        number = -1
    if isinstance(value, bool) or (number is not None and number < 0):
        text = shown(value) if isinstance(value, str) else shown(value).strip("'")
        raise BadInputError(f"{name}={text}", needed="a whole number >= 0, or None")
    return number


def saddles(
    problem: DiagonalProblem,
    *,
    max_support: int | None = None,
    max_sets: int | None = None,
    progress: Listener | None = None,
) -> Listing[Saddle | SaddleFamily]:
    """Every saddle, by size of its active set, one at a time.

    Args:
        problem: the data.
        max_support: largest active set to look at; default all.
        max_sets: refuse when more active sets than this would be looked at; default :func:`most_sets`.
        progress: called with the number of active sets done, after each, and that of all.

    Returns:
        An iterator: a :class:`Saddle` per active set with independent columns and a minimiser
        that is non-zero on all of it (otherwise it is the saddle of a smaller
        set), a :class:`SaddleFamily` where columns are dependent.  Nothing is kept.

    Raises:
        BudgetError: too many active sets (raised at once, not on iteration).
        BadInputError: ``max_support`` or ``max_sets`` is not a whole number >= 0.

    Source: PF23, section 3.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> [(s.support, s.morse_index) for s in saddles(problem)]
    [((), 2), ((0,), 1), ((1,), 1), ((0, 1), 0)]
    >>> saddles(problem)
    <saddles of 2 columns: 4 at most, none computed yet; list() computes them>
    """
    max_support = checked_size("max_support", max_support)
    most = checked_size("max_sets", max_sets)
    most = most_sets(problem.d) if most is None else most
    total = count_active_sets(problem.d, max_support)
    if total > most:
        raise BudgetError(
            f"{problem.d} columns have {told_count(total)} active sets to look at",
            needed=f"at most {most}",
            hint="a smaller max_support (--max-support), or a larger max_sets (--max-sets)",
        )
    top = problem.d if max_support is None else max_support
    return Listing(f"saddles of {problem.d} columns", total, _enumerate(problem, top, total, progress))


def _enumerate(
    problem: DiagonalProblem, top: int, total: int, progress: Listener | None
) -> Iterator[Saddle | SaddleFamily]:
    form = problem.quadratic
    done = 0
    for size in range(min(top, problem.d) + 1):
        for active in combinations(range(problem.d), size):
            found = _critical(form, active)
            done += 1
            if progress is not None:
                progress(Progress(done, total, "active sets"))
            if found is not None:
                yield found


def critical_point(problem: DiagonalProblem, active: Sequence[int]) -> Saddle | SaddleFamily | None:
    """The critical points whose support is ``active``, or None when there are none.

    Raises:
        BadInputError: an index out of range, or given twice.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> critical_point(problem, [1])
    Saddle(beta=(0, -1/3), morse_index=1)
    """
    S = tuple(sorted(active))
    if len(set(S)) != len(S) or (S and not 0 <= S[0] <= S[-1] < problem.d):
        raise BadInputError(
            f"active set {list(active)}", needed=f"distinct indices from 0 to {problem.d - 1}"
        )
    return _critical(problem.quadratic, S)


def _critical(form: QuadraticForm, active: tuple[int, ...]) -> Saddle | SaddleFamily | None:
    """The critical points with support ``active``, if there are any."""
    solution = form.solve(active)
    if solution is None:
        return _family(form, active)
    b, delta = solution
    if any(entry == 0 for entry in b):
        return None
    gradient = form.gradient_vector(form.slope(active, b, delta), delta)
    inertia = stability(len(active), len(active), gradient)
    beta = form.beta_vector(active, b, delta)
    loss = fraction(form.loss(active, b, delta))
    return Saddle(active, beta, gradient, loss, inertia.morse_index, inertia.nullity)


def _family(form: QuadraticForm, active: tuple[int, ...]) -> SaddleFamily | None:
    basis = form.independent(active)
    solution = form.solve(basis)
    assert solution is not None
    b, delta = solution
    relations = kernel(form.block(active))
    value = dict(zip(basis, b, strict=True))
    for k, i in enumerate(active):
        if value.get(i, 0) == 0 and all(relation[k] == 0 for relation in relations):
            return None  # this coordinate is zero throughout: the family of a smaller set
    gradient = form.gradient_vector(form.slope(basis, b, delta), delta)
    inertia: Stability = stability(len(active), len(basis), gradient)
    return SaddleFamily(
        active,
        form.beta_vector(basis, b, delta),
        tuple(_direction(form, active, relation) for relation in relations),
        gradient,
        fraction(form.loss(basis, b, delta)),
        inertia.morse_index,
        inertia.nullity,
    )


def _direction(form: QuadraticForm, active: tuple[int, ...], relation: list[fmpz]) -> RationalVector:
    """A kernel vector of Γ in the units of β."""
    entries = [fmpz(0)] * form.size
    for i, entry in zip(active, relation, strict=True):
        entries[i] = entry * form.bounds[i]
    return RationalVector(fmpz_mat(form.size, 1, entries), fmpz(1))
