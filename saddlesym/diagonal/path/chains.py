"""The shape κ of the initialisation: which chain it makes the flow take, and which κ makes a chain.

Starting from ``|u_i(0)| = √2 α^{κ_i}`` instead of ``√2 α`` replaces the thresholds
±1 of the dual variable by ±κ_i.  That is the saddle path of the data with column i
divided by κ_i.

Conversely, let a chain of transitions be given, with dwell times δ_k > 0 to be
found.  The dual variable at its jumps is linear in δ, a column that enters must be
at ±κ_i then, and all the others strictly inside their thresholds.  These are linear
equations and strict inequalities, homogeneous in (δ, κ), and linear programming in
rationals decides them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import fmpq, fmpq_mat, fmpz

from saddlesym.diagonal.path.alternative import row_weights, strict_alternative
from saddlesym.diagonal.path.minimiser import Undetermined, minimise
from saddlesym.diagonal.path.transitions import transition_between
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, DegenerateProblemError, NonUniqueMinimiserError, require
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.scalars import exact_vector, fraction
from saddlesym.exact.vectors import RationalVector

#: Significant digits that are tried for a κ in few digits, before the exact one is given.
_DIGITS = (1, 2, 3, 4, 6, 9, 12, 16, 24)


@dataclass(frozen=True)
class Shape(Documented):
    """A shape of the initialisation and the chain of saddles that the flow takes from it.

    Attributes:
        kappa: the thresholds κ_i > 0 (d); all 1 is the usual initialisation.
        supports: the saddles in order, the origin first.
        times: accelerated times of the jumps between them, one fewer.
    """

    kappa: tuple[Fraction, ...]
    supports: tuple[tuple[int, ...], ...]
    times: tuple[Fraction, ...]

    @property
    def elementary(self) -> bool:
        """Whether every step switches on one column."""
        return all(len(set(target) - set(source)) == 1 for source, target in pairwise(self.supports))


@dataclass(frozen=True)
class DwellCondition(Documented):
    """One linear condition on the dwell times of a chain.

    Attributes:
        text: what it says.
        strict: whether the form must be positive; else it must vanish.
        coefficients: of the linear form in the dwell times (one per step).
        multiplier: its weight in the certificate; not negative when strict.
    """

    text: str
    strict: bool
    coefficients: RationalVector
    multiplier: Fraction


@dataclass(frozen=True)
class NoShape(Documented):
    """No shape of the initialisation makes the flow take a chain with only entering columns at thresholds.

    For data without coincidences that means that no shape makes the flow take the chain
    at all: a column that touches its threshold by chance and does not enter is avoided by
    another shape, unless the data force it there.

    Attributes:
        supports: the chain.
        reason: in words.
        conditions: necessary conditions whose weighted sum reads 0 > 0.  Empty when the
            chain is no path for any thresholds: then at ``step`` the sign-constrained
            minimiser is another point.
        step: the number of that step (from 0); None otherwise.
    """

    supports: tuple[tuple[int, ...], ...]
    reason: str
    conditions: tuple[DwellCondition, ...] = ()
    step: int | None = None

    @property
    def is_contradiction(self) -> bool:
        """Whether the weighted sum of the conditions is indeed ``0 > 0``, computed anew."""
        total = [Fraction(0)] * len(self.supports)
        for condition in self.conditions:
            if condition.strict and condition.multiplier < 0:
                return False
            for k, c in enumerate(condition.coefficients):
                total[k] += condition.multiplier * c
        return not any(total) and any(c.strict and c.multiplier > 0 for c in self.conditions)


def path_of_shape(problem: DiagonalProblem, kappa: Sequence[Any], *, max_jumps: int | None = None) -> Shape:
    """The chain of saddles from an initialisation of shape κ, with its jump times.

    Args:
        problem: the data.
        kappa: positive numbers (d), ``|u_i(0)| = √2 α^{κ_i}``.
        max_jumps: stop after this many jumps.

    Raises:
        BadInputError: not one positive number per column.
        NonUniqueMinimiserError: as for :func:`saddlesym.saddle_path`.

    Source: PF23 (initialisation); W20 (shape).

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> path_of_shape(problem, [3, 1]).supports
    ((), (1,), (0, 1))
    """
    require(problem, DiagonalProblem, "a diagonal network")
    weights = exact_vector(kappa, "kappa")
    if len(weights) != problem.d:
        raise BadInputError(f"kappa has {len(weights)} numbers", needed=f"{problem.d}, one per column")
    if min(weights) <= 0:
        raise BadInputError(f"kappa_{weights.index(min(weights))} is not positive", needed="positive numbers")
    shape = tuple(map(fraction, weights))
    path = saddle_path(_divided(problem, shape), max_jumps=max_jumps)
    return Shape(shape, ((), *(jump.support for jump in path.jumps)), tuple(path.times()))


def _divided(problem: DiagonalProblem, kappa: Sequence[Fraction]) -> DiagonalProblem:
    """The data with column i divided by κ_i."""
    if problem.has_data:
        X = [[x / k for x, k in zip(row, kappa, strict=True)] for row in problem.X]
        return DiagonalProblem(X, problem.y, problem.feature_names)
    M = [
        [m / k / q for m, q in zip(row, kappa, strict=True)] for row, k in zip(problem.M, kappa, strict=True)
    ]
    r = [x / k for x, k in zip(problem.r, kappa, strict=True)]
    return DiagonalProblem.from_gram(M, r, feature_names=problem.feature_names)


def shape_for_chain(problem: DiagonalProblem, supports: Sequence[Sequence[int]]) -> Shape | NoShape:
    """A shape κ for which the flow takes a chain, no column but the entering ones reaching its threshold.

    Args:
        problem: the data.
        supports: the chain from the origin, ``[(), (2,), …]``; each step a
            transition.  It may end before the minimum.

    Returns:
        A :class:`Shape` whose path, computed anew, begins with the chain; or a
        :class:`NoShape` with the proof that there is none.

    Raises:
        BadInputError: not a chain of transitions from the origin.
        DegenerateProblemError: a chain that the flow may take, but that is not treated: of
            active sets with dependent columns, or with a step in which a column enters
            that rests at its threshold with zero gradient since an earlier jump.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> found = shape_for_chain(problem, [(), (1,), (0, 1)])
    >>> found.kappa[0] > 3 * found.kappa[1]
    True
    """
    require(problem, DiagonalProblem, "a diagonal network")
    chain = tuple(tuple(sorted(support)) for support in supports)
    entering = _entering_columns(problem, chain)
    if not entering:
        return path_of_shape(problem, [1] * problem.d, max_jumps=0)
    system = _ChainSystem(problem, chain, entering)
    obstacle = system.collect()
    return system.answer() if obstacle is None else obstacle


def _entering_columns(problem: DiagonalProblem, chain: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    if not chain or chain[0] != ():
        raise BadInputError("the chain does not start at the origin", needed="() as its first support")
    out = []
    for source, target in pairwise(chain):
        _refuse_degenerate(problem, source, target)
        step = transition_between(problem, source, target)
        if step is None:
            raise BadInputError(
                f"no transition from {list(source)} to {list(target)}", needed="a chain of transitions"
            )
        out.append(step.entered)
    return out


def _refuse_degenerate(problem: DiagonalProblem, source: tuple[int, ...], target: tuple[int, ...]) -> None:
    """Say so where a step could be one of the flow, and is none that is treated here."""
    if not all(type(i) is int and 0 <= i < problem.d for i in (*source, *target)):
        return  # refused by the transition rule
    for support in (source, target):
        if not problem.quadratic.solve(support):
            raise DegenerateProblemError(
                f"the columns {problem.names(support)} are dependent: they have no single saddle",
                columns=support,
                needed="a chain of saddles; others are not treated, whether the flow takes them or not",
            )
    b, delta = _solved(problem, source)
    slope = problem.quadratic.slope(source, b, delta).entries()
    idle = tuple(j for j in target if j not in source and slope[j] == 0)
    if idle:
        raise DegenerateProblemError(
            f"the gradient of {problem.names(idle)} vanishes at {list(source)}, where it should enter: only a"
            " column that rests at its threshold since an earlier jump does so",
            columns=idle,
            needed="a chain of transitions; others are not treated, whether the flow takes them or not",
        )


class _ChainSystem:
    """The conditions on the dwell times of one chain."""

    def __init__(
        self, problem: DiagonalProblem, chain: tuple[tuple[int, ...], ...], entering: list[tuple[int, ...]]
    ) -> None:
        self.problem, self.chain, self.entering = problem, chain, entering
        self.steps = len(entering)
        self.strict: list[tuple[str, list[fmpq]]] = []
        self.equal: list[tuple[str, list[fmpq]]] = []
        self.gradients: list[list[fmpq]] = []
        for support in chain[:-1]:
            b, delta = _solved(problem, support)
            form = problem.quadratic
            self.gradients.append(form.gradient_vector(form.slope(support, b, delta), delta).rationals())
        # the form that gives κ_i, from the first time that column i enters
        self.kappa: dict[int, list[fmpq]] = {}
        for k, entered in enumerate(entering):
            for j in entered:
                if j not in self.kappa:
                    self.kappa[j] = [self.sign(j, k) * q for q in self.dual(j, k + 1)]

    def sign(self, i: int, step: int) -> int:
        """The sign in which column i enters in a step."""
        return -1 if self.gradients[step][i] > 0 else 1

    def dual(self, i: int, jump: int) -> list[fmpq]:
        """s_i at a jump (counted from 1) as a form in the dwell times."""
        return [-self.gradients[k][i] if k < jump else fmpq(0) for k in range(self.steps)]

    def collect(self) -> NoShape | None:
        """Write the conditions down; or the obstacle that no thresholds avoid."""
        names = self.problem.feature_names
        for k in range(self.steps):
            self.strict.append((f"dwell {k} lasts", [fmpq(int(k == m)) for m in range(self.steps)]))
        for i, form in self.kappa.items():
            self.strict.append((f"the threshold of {names[i]} is positive", form))
        bound: dict[int, int] = {}  # columns at their thresholds, with the sign
        for k, entered in enumerate(self.entering):
            bound = {i: s for i, s in bound.items() if self.gradients[k][i] == 0}
            for i, kappa in self.kappa.items():
                s = self.dual(i, k + 1)
                if i in entered:
                    bound[i] = self.sign(i, k)
                    hit = [a - bound[i] * b for a, b in zip(kappa, s, strict=True)]
                    if any(hit):
                        self.equal.append((f"{names[i]} is at its threshold at jump {k + 1}", hit))
                elif i not in bound:
                    inside = f"{names[i]} is inside its thresholds at jump {k + 1}"
                    self.strict.append((inside, [a - b for a, b in zip(kappa, s, strict=True)]))
                    self.strict.append((inside, [a + b for a, b in zip(kappa, s, strict=True)]))
            found = minimise(self.problem.quadratic, bound, self.chain[k])
            if isinstance(found, Undetermined) or found.support != self.chain[k + 1]:
                return NoShape(
                    self.chain,
                    f"at step {k} a column rests at its threshold with zero gradient, and the"
                    " minimiser under its sign is another point",
                    step=k,
                )
        return None

    def answer(self) -> Shape | NoShape:
        """Decide the conditions."""
        basis = self._free_directions()
        rows = [[_dot(form, v) for v in basis] for _, form in self.strict]
        found = strict_alternative(rows, len(basis))
        if found.solution is None:
            assert found.multipliers is not None
            return self._contradiction(found.multipliers)
        dwell = [
            sum((x * v[k] for x, v in zip(found.solution, basis, strict=True)), fmpq(0))
            for k in range(self.steps)
        ]
        return self._simplest(self._thresholds(dwell))

    def _free_directions(self) -> list[list[fmpq]]:
        """A basis of the dwell times that obey the equations."""
        matrix = fmpq_mat(len(self.equal), self.steps, [q for _, form in self.equal for q in form])
        echelon, rank = matrix.rref()
        pivots = [next(k for k in range(self.steps) if echelon[i, k] != 0) for i in range(rank)]
        basis = []
        for free in (k for k in range(self.steps) if k not in pivots):
            direction = [fmpq(int(k == free)) for k in range(self.steps)]
            for i, pivot in enumerate(pivots):
                direction[pivot] = -echelon[i, free]
            basis.append(direction)
        return basis

    def _contradiction(self, multipliers: Sequence[fmpq]) -> NoShape:
        """Complete the weights of the inequalities by those of the equations."""
        weights: list[fmpq] = []
        if self.equal:
            matrix = fmpq_mat(len(self.equal), self.steps, [q for _, form in self.equal for q in form])
            sums = [
                sum((w * form[k] for w, (_, form) in zip(multipliers, self.strict, strict=True)), fmpq(0))
                for k in range(self.steps)
            ]
            weights = row_weights(matrix, [-q for q in sums])
        conditions = [
            DwellCondition(text, strict, RationalVector.of(form), fraction(weight))
            for strict, part, values in ((True, self.strict, multipliers), (False, self.equal, weights))
            for (text, form), weight in zip(part, values, strict=True)
            if weight != 0
        ]
        return NoShape(
            self.chain, "its conditions on the dwell times contradict each other", tuple(conditions)
        )

    def _thresholds(self, dwell: Sequence[fmpq]) -> list[fmpq]:
        """κ from the dwell times; columns that never enter get thresholds out of reach."""
        kappa = {i: _dot(form, dwell) for i, form in self.kappa.items()}
        largest = max(kappa.values())
        out = []
        for i in range(self.problem.d):
            reach = max(abs(_dot(self.dual(i, k + 1), dwell)) for k in range(self.steps))
            out.append(kappa[i] if i in kappa else max(largest, 2 * reach))
        least = min(out)
        return [q / least for q in out]

    def _simplest(self, kappa: list[fmpq]) -> Shape:
        """A nearby κ of few digits that takes the chain, or this one."""
        for digits in _DIGITS:
            shape = self._taken([_rounded(q, digits) for q in kappa])
            if shape is not None:
                return shape
        shape = self._taken([fraction(q) for q in kappa])
        assert shape is not None
        return shape

    def _taken(self, kappa: Sequence[Fraction]) -> Shape | None:
        try:
            shape = path_of_shape(self.problem, kappa, max_jumps=self.steps)
        except NonUniqueMinimiserError:
            return None
        return shape if shape.supports == self.chain else None


def _rounded(value: fmpq, digits: int) -> Fraction:
    """A positive number to so many significant digits, whatever its size."""
    number = fraction(value)
    size = len(str(fmpz(value.p))) - len(str(fmpz(value.q)))  # within one of the decimal exponent
    unit = Fraction(10) ** (size - digits + 1)
    return max(round(number / unit), 1) * unit


def _solved(problem: DiagonalProblem, support: tuple[int, ...]) -> Any:
    solution = problem.quadratic.solve(support)
    assert solution is not None
    return solution


def _dot(a: Sequence[fmpq], b: Sequence[fmpq]) -> fmpq:
    return sum((x * y for x, y in zip(a, b, strict=True)), fmpq(0))
