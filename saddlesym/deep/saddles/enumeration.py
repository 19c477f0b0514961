"""Critical points of a deep linear network with whitened squared error, mode by mode.

For ``C(A) = ½‖A − A*‖²`` the product A = W_L ⋯ W_1 of a critical point is
``A_S = Σ_{i∈S} σ_i u_i v_iᵀ`` for a set S of singular modes of A*, at most as many as
the least width (BH89 for L = 2).  For every depth: the derivatives by W_L and W_1
give ``(A − A*)Aᵀ = 0`` and ``Aᵀ(A − A*) = 0``, so every singular triple of A is one
of A*; and every A_S is the product of a critical point, the balanced one below.  A
repeated singular value leaves the choice of r of its m modes free in a
Grassmannian of dimension r(m − r): the critical values are then a *family*.

Index and nullity are those of the *balanced* critical point over A_S,
``W_l = Σ_{i∈S} σ_i^{1/L} e_i^{(l)} e_i^{(l−1)ᵀ}``.  In singular coordinates its Hessian
splits into blocks, with r = |S|, ρ = rank A*, hidden width w, m × n the shape of A*:

- (s, t) both in S: the L entries of the layers give one positive eigenvalue;
- s in S, j a singular mode not in S: the entries of W_L at (j, s) and of W_1 at (s, j) give
  ``σ_s^{1−2/L}(σ_s ± σ_j)``: negative for the minus sign exactly when σ_j > σ_s;
- s in S, and one of the |m − n| directions without a mode: one positive eigenvalue;
- L = 2 only, for each of the w − r hidden units not in use and each mode j not in S
  with σ_j > 0: the eigenvalues ±σ_j;

and every other direction is a zero eigenvalue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, Literal, TypeAlias

from flint import arb, arb_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.deep.saddles.mode_sets import count_sets, mode_counts
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError
from saddlesym.exact.algebraic import refined
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.linear.matrices import inner
from saddlesym.exact.linear.singular_values import (
    BallMatrix,
    SingularDecomposition,
    singular_values,
)
from saddlesym.exact.scalars import fraction, to_fmpq
from saddlesym.exact.text import exact_string
from saddlesym.exact.values import Listing
from saddlesym.progress import Listener, Progress

#: Most sets of modes that are enumerated unless the caller says otherwise.
MAX_SETS = 2**20

Strictness: TypeAlias = Literal["minimum", "strict", "non-strict"]


@dataclass(frozen=True, repr=False)
class DeepSaddle(Documented):
    """The critical points with one choice of singular modes.

    Attributes:
        problem: the network.
        decomposition: singular values and vectors of A*.
        counts: how many modes of each distinct singular value are chosen.
    """

    problem: DeepLinearProblem
    decomposition: SingularDecomposition
    counts: tuple[int, ...]

    @property
    def rank(self) -> int:
        """|S|, the rank of A_S."""
        return sum(self.counts)

    @property
    def modes(self) -> tuple[int, ...]:
        """S: numbers of the modes (0-based, by falling singular value).

        Of a repeated singular value that is taken in part, the first ones stand for all choices.
        """
        starts = accumulate((v.multiplicity for v in self.decomposition.values), initial=0)
        return tuple(s + k for s, taken in zip(starts, self.counts, strict=False) for k in range(taken))

    @property
    def dimension(self) -> int:
        """Dimension of the set of values A_S: 0 unless a repeated singular value is taken in part."""
        return sum(r * (m - r) for r, m in zip(self.counts, self._multiplicities, strict=True))

    @property
    def _multiplicities(self) -> list[int]:
        return [value.multiplicity for value in self.decomposition.values]

    @property
    def left(self) -> tuple[int, ...]:
        """How many modes of each distinct singular value are not chosen."""
        return tuple(m - r for r, m in zip(self.counts, self._multiplicities, strict=True))

    def _pairs(self) -> tuple[int, int]:
        """Numbers of pairs (s ∈ S, j ∉ S) with σ_j > σ_s, and with σ_j = σ_s."""
        free = [0, *accumulate(self.left)]
        inversions = sum(r * above for r, above in zip(self.counts, free, strict=False))
        return inversions, self.dimension

    @property
    def _unused(self) -> int:
        """For L = 2: hidden units not in use times modes not chosen, an eigenvalue pair ±σ_j for each."""
        if self.problem.depth > 2:
            return 0
        return (self.problem.hidden[0] - self.rank) * (self.decomposition.rank - self.rank)

    @property
    def morse_index(self) -> int:
        """Number of negative eigenvalues of the Hessian of 𝓛 at the balanced critical point.

        For L = 2: ``(w − r)(ρ − r) + #{(s, j) : s ∈ S, j ∉ S, σ_j > σ_s}``; for L ≥ 3 the second
        term alone.
        """
        return self._unused + self._pairs()[0]

    @property
    def nullity(self) -> int:
        """Number of zero eigenvalues of the Hessian of 𝓛 at the balanced critical point."""
        n_out, n_in = self.problem.cost.shape
        inversions, ties = self._pairs()
        r = self.rank
        positive = self._unused + r * r + r * (n_out + n_in - 2 * r) - inversions - ties
        parameters = sum(rows * columns for rows, columns in self.problem.shapes)
        return parameters - positive - self.morse_index

    @property
    def is_minimum(self) -> bool:
        """Whether the loss is the least that the widths allow (Eckart and Young)."""
        full = min(self.problem.max_rank, self.decomposition.rank)
        return self.rank == full and self._pairs()[0] == 0

    @property
    def strictness(self) -> Strictness:
        """Whether the balanced critical point is a minimum, or a saddle that is strict or not.

        A saddle is strict when its Hessian has a negative eigenvalue.  For L = 2 all
        are (BH89); for L ≥ 3 those that pass over a greater singular value.  It is the
        balanced point that is meant: W_1 = W_3 = 0, W_2 = 1 is a strict saddle with A = 0.
        """
        if self.is_minimum:
            return "minimum"
        return "strict" if self.morse_index > 0 else "non-strict"

    @property
    def is_top(self) -> bool:
        """Whether no mode outside S has a greater singular value than one inside: A_S truncates A*."""
        return self._pairs()[0] == 0

    @cached_property
    def _floor(self) -> Fraction:
        """C(A*), zero unless the cost was given with another constant."""
        B = self.problem.cost.flint[2]
        return self.problem.cost.constant - fraction(inner(B, B) / 2)

    def loss(self, digits: int = 30) -> Ball:
        """``C(A_S) = C(A*) + ½ Σ_{j∉S} σ_j²``, with an error below 10^−digits of σ_1² + |C(A*)|."""
        values = self.decomposition.values
        floor = to_fmpq(self._floor)

        def compute() -> arb:
            squares = (v.square.arb() * c for v, c in zip(values, self.left, strict=True) if c)
            return sum(squares, arb(0)) / 2 + floor

        size = abs(arb(floor)) + (values[0].square.ball(5).arb if values else arb(1))
        limit = size.lower() * arb(10) ** (-digits)
        return Ball(refined(compute, lambda x: bool(x.rad() < limit), digits))

    @property
    def rational_loss(self) -> Fraction | None:
        """The loss as a fraction where the factors of the characteristic polynomial show it is one.

        That is where S takes equally of all conjugate singular values.
        """
        by_factor: dict[tuple[int, ...], set[int]] = {}
        for value, count in zip(self.decomposition.values, self.left, strict=True):
            by_factor.setdefault(value.square.polynomial, set()).add(count)
        if any(len(counts) > 1 for counts in by_factor.values()):
            return None
        total = self._floor
        for polynomial, (count,) in by_factor.items():
            total += Fraction(-polynomial[-2], 2 * polynomial[-1]) * count  # the roots add up to −a_{d−1}/a_d
        return total

    def sympy_loss(self) -> Any:
        """The loss as an exact SymPy expression."""
        import sympy

        terms = zip(self.decomposition.values, self.left, strict=True)
        total = sum((c * v.square.sympy() for v, c in terms if c), sympy.Integer(0))
        return total / 2 + sympy.Rational(self._floor.numerator, self._floor.denominator)

    def value(self, digits: int = 30) -> BallMatrix:
        """A_S (n_L × n_0), to 10^−digits of σ_1.

        Raises:
            DegenerateProblemError: a repeated singular value is taken in part.
        """
        if self.dimension:
            raise DegenerateProblemError(
                f"{self!r} is a family of dimension {self.dimension}, not one matrix",
                needed="all or none of the modes of a repeated singular value",
            )
        return self.decomposition.combination([r > 0 for r in self.counts], digits)

    def weights(self, digits: int = 30) -> tuple[BallMatrix, ...]:
        """The balanced critical point (W_1, …, W_L) over A_S; mode i of S uses hidden unit i.

        Raises:
            DegenerateProblemError: a chosen singular value is repeated, so its vectors are not determined.
        """
        chosen = [k for k, r in enumerate(self.counts) if r]
        pairs = [self.decomposition.vectors(k, digits + 5) for k in chosen]
        L = self.problem.depth

        def compute() -> list[arb_mat]:
            roots = [self.decomposition.values[k].arb().root(L) for k in chosen]
            layers = []
            for layer, (rows, columns) in enumerate(self.problem.shapes, 1):
                W = arb_mat(rows, columns)
                for unit, (root, (u, v)) in enumerate(zip(roots, pairs, strict=True)):
                    left = [x.arb for x in u] if layer == L else _unit(rows, unit)
                    right = [x.arb for x in v] if layer == 1 else _unit(columns, unit)
                    W += arb_mat(rows, columns, [root * a * b for a in left for b in right])
                layers.append(W)
            return layers

        largest = self.decomposition.values[0].ball(5).arb.root(L) if chosen else arb(1)
        limit = largest.lower() * arb(10) ** (-digits)
        layers = refined(
            compute, lambda layers: all(x.rad() < limit for W in layers for x in W.entries()), digits
        )
        return tuple(tuple(tuple(map(Ball, row)) for row in W.tolist()) for W in layers)

    def to_dict(self, digits: int = 30) -> dict[str, Any]:
        """JSON-ready; modes are 0-based, ``loss`` is a ball and ``exact_loss`` a fraction or null."""
        return {"kind": self._kind, "problem": self.problem.data_document()} | self.entry(digits)

    def entry(self, digits: int = 30) -> dict[str, Any]:
        """The saddle within the document of a graph, which holds the problem."""
        exact = self.rational_loss
        return {
            "modes": list(self.modes),
            "counts": list(self.counts),
            "rank": self.rank,
            "dimension": self.dimension,
            "loss": self.loss(digits).to_dict(exact=False),
            "exact_loss": None if exact is None else exact_string(exact),
            "strictness": self.strictness,
            "morse_index": self.morse_index,
            "nullity": self.nullity,
        }

    @classmethod
    def _read(cls, given: Fields, problem: DeepLinearProblem | None = None) -> DeepSaddle:
        problem = given("problem", DeepLinearProblem) if problem is None else problem
        return critical_set(problem, given("counts", tuple[int, ...]))

    def __repr__(self) -> str:
        return f"DeepSaddle(modes={self.modes}, loss={float(self.loss(8)):.6g}, {self.strictness})"


def whitened_decomposition(problem: DeepLinearProblem) -> SingularDecomposition:
    """The singular values of A* of a problem with whitened squared error.

    Raises:
        DegenerateProblemError: the cost is another one.
    """
    cost = problem.cost
    if not cost.is_whitened:
        raise DegenerateProblemError(
            f"the critical points of the {cost.name} cost are not given by subsets of singular modes",
            needed="whitened squared error, C(A) = ½‖A − A*‖²",
            hint="the commands on flows, which take every cost",
        )
    return singular_values(cost.B)


def deep_saddles(
    problem: DeepLinearProblem,
    *,
    max_rank: int | None = None,
    max_sets: int | None = None,
    progress: Listener | None = None,
) -> Listing[DeepSaddle]:
    """All critical values of a network with whitened squared error, by rank and then by modes.

    Args:
        problem: the network.
        max_rank: leave out sets of more modes.
        max_sets: refuse when there are more sets than this; default 2²⁰.
        progress: called with the number of sets done, after each, and that of all.

    Raises:
        DegenerateProblemError: the cost is not the whitened squared error.
        BudgetError: more than ``max_sets`` sets of modes.

    Source: BH89 for L = 2; the products are the same for every depth.

    >>> problem = DeepLinearProblem.whitened([[2, 0], [0, 1]])
    >>> [(s.modes, s.rational_loss, s.strictness, s.morse_index) for s in deep_saddles(problem)][:2]
    [((), Fraction(5, 2), 'strict', 4), ((0,), Fraction(1, 2), 'strict', 1)]
    """
    decomposition = whitened_decomposition(problem)
    limit = largest_set(problem, decomposition, max_rank)
    multiplicities = [value.multiplicity for value in decomposition.values]
    total = count_sets(multiplicities, limit)
    most = MAX_SETS if max_sets is None else max_sets
    if total > most:
        raise BudgetError(
            f"{total} sets of modes", needed=f"{most} at most", hint="max_rank, or a larger max_sets"
        )
    each = _enumerate(problem, decomposition, limit, total, progress)
    return Listing(f"saddles of {decomposition.rank} modes", total, each)


def _enumerate(
    problem: DeepLinearProblem,
    decomposition: SingularDecomposition,
    limit: int,
    total: int,
    progress: Listener | None,
) -> Iterator[DeepSaddle]:
    multiplicities = [value.multiplicity for value in decomposition.values]
    every = chain.from_iterable(mode_counts(multiplicities, rank) for rank in range(limit + 1))
    for done, counts in enumerate(every, 1):
        if progress is not None:
            progress(Progress(done, total, "sets of modes"))
        yield DeepSaddle(problem, decomposition, counts)


def critical_set(problem: DeepLinearProblem, counts: Sequence[int]) -> DeepSaddle:
    """The critical points that take so many modes of each distinct singular value.

    Raises:
        BadInputError: a number that is out of range, or more modes than the widths allow.

    >>> critical_set(DeepLinearProblem.whitened([[2, 0], [0, 1]]), [0, 1])
    DeepSaddle(modes=(1,), loss=2, strict)
    """
    decomposition = whitened_decomposition(problem)
    chosen, most = tuple(counts), [value.multiplicity for value in decomposition.values]
    fits = len(chosen) == len(most) and all(
        type(r) is int and 0 <= r <= m for r, m in zip(chosen, most, strict=True)
    )
    if not fits or sum(chosen) > problem.max_rank:
        raise BadInputError(
            f"counts {list(counts)}",
            needed=f"at most {most}, {problem.max_rank} in all",
        )
    return DeepSaddle(problem, decomposition, chosen)


def width_limited_minimum(problem: DeepLinearProblem) -> DeepSaddle:
    """The global minimum: as many of the greatest singular modes as the widths allow.

    >>> width_limited_minimum(DeepLinearProblem.whitened([[2, 0], [0, 1]], hidden=1)).rational_loss
    Fraction(1, 2)
    """
    decomposition = whitened_decomposition(problem)
    room, counts = problem.max_rank, []
    for value in decomposition.values:
        counts.append(min(room, value.multiplicity))
        room -= counts[-1]
    return DeepSaddle(problem, decomposition, tuple(counts))


def largest_set(
    problem: DeepLinearProblem, decomposition: SingularDecomposition, max_rank: int | None = None
) -> int:
    """The greatest |S|: bounded by the widths, by the rank of A*, and by ``max_rank``."""
    limits = [problem.max_rank, decomposition.rank]
    return min(limits if max_rank is None else [*limits, max_rank])


def _unit(length: int, position: int) -> list[arb]:
    return [arb(int(k == position)) for k in range(length)]
