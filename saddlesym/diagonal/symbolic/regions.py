"""Where in parameter space which sequence of active sets is the path.

For d = 2 the possible sequences are few and are listed in full.  For a family
with one parameter the line is cut exactly, at real roots of the polynomials in
the conditions of the sequences that occur.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cmp_to_key
from itertools import chain, combinations, pairwise, product
from typing import Any

import sympy

from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.symbolic.network import DiagonalGiven
from saddlesym.diagonal.symbolic.path import Signs, SymbolicPath, sign_sequence, signed_set, symbolic_path
from saddlesym.diagonal.symbolic.problem import SymbolicProblem, evaluate
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, shown
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.functions.trees import tree
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.text import exact_string
from saddlesym.exact.vectors import to_sympy

#: Sample points tried in one interval before giving up.
MAX_SAMPLES = 30


def possible_paths(problem: DiagonalGiven) -> tuple[SymbolicPath, ...]:
    """Every sequence of signed active sets that the path of a problem with d ≤ 2 can have.

    Since the loss falls at every jump, no support is met twice; each jump lets some
    coordinates enter and some others leave.  Sequences that some condition excludes
    at all parameters, or that need an equality between parameters (a tie), are left
    out.  For generic M and r sixteen are left; their regions are disjoint and cover
    every definite M and every r except where some of ``r_i``, ``r_1 ± r_2`` and
    ``m_ii r_j − m_12 r_i`` vanish (the tests have an SMT solver prove this).
    Where M is singular the conditions of two sequences of a family may hold at once;
    :meth:`SymbolicPath.holds_at` is then false for both.

    Raises:
        BudgetError: d > 2; give a sequence to :func:`symbolic_path` instead.

    Source: PF23, Algorithm 1.

    >>> paths = possible_paths(2)
    >>> len(paths), paths[0]
    (16, SymbolicPath({+0} -> {+1} -> {-0, +1}, 9 conditions, complete))
    """
    loss = SymbolicProblem.of(problem)
    if loss.d > 2:
        raise BudgetError(
            f"the possible sequences for d = {loss.d} are too many to list",
            needed="d <= 2",
            hint="symbolic_path with the sequence of an exact path",
        )
    return tuple(_continuations(loss, ()))


def _continuations(loss: SymbolicProblem, begun: tuple[Signs, ...]) -> Iterator[SymbolicPath]:
    try:
        path = symbolic_path(loss, begun)
    except (BadInputError, DegenerateProblemError):
        return
    if any(c.sign == "=" for c in path.conditions):
        return
    if path.complete:
        if not path.is_impossible:
            yield path
        return
    old = begun[-1] if begun else (0,) * loss.d
    met = {_support(signs) for signs in begun} | {()}
    outside = [i for i, s in enumerate(old) if not s]
    for entering, kept in product(_subsets(outside), _subsets(_support(old))):
        if not entering or tuple(sorted(entering + kept)) in met:
            continue
        for bounds in product((1, -1), repeat=len(entering)):
            new = dict(zip(entering, bounds, strict=True)) | {i: old[i] for i in kept}
            yield from _continuations(loss, (*begun, tuple(new.get(i, 0) for i in range(loss.d))))


def _subsets(items: Sequence[int]) -> list[tuple[int, ...]]:
    return list(chain.from_iterable(combinations(items, k) for k in range(len(items) + 1)))


def _support(signs: Signs) -> tuple[int, ...]:
    return tuple(i for i, s in enumerate(signs) if s)


@dataclass(frozen=True)
class PathInterval(Documented):
    """An open interval of one parameter on which the sequence of active sets is the same.

    Attributes:
        lower, upper: exact end points, SymPy rationals or algebraic numbers.
        path: saddles and times on it, as functions of the parameter.
        sample: a parameter inside at which the exact path was computed.
    """

    lower: sympy.Expr
    upper: sympy.Expr
    path: SymbolicPath = field(repr=False)
    sample: Fraction = field(repr=False)

    @property
    def signs(self) -> tuple[Signs, ...]:
        """Signs of the successive saddles."""
        return self.path.signs

    def to_dict(self, digits: int = 30) -> dict[str, Any]:
        """JSON-ready; end points as text and as decimals."""
        return {
            "kind": self._kind,
            "ends": [tree(self.lower), tree(self.upper)],
            "lower": str(self.lower),
            "upper": str(self.upper),
            "lower_decimal": str(sympy.N(self.lower, digits)),
            "upper_decimal": str(sympy.N(self.upper, digits)),
            "sample": exact_string(self.sample),
            "path": entry(self.path),
        }

    @classmethod
    def _read(cls, given: Fields) -> PathInterval:
        lower, upper = given("ends", tuple[sympy.Expr, sympy.Expr])
        return cls(lower, upper, given("path", SymbolicPath), given("sample", Fraction))

    def __repr__(self) -> str:
        sets = " -> ".join(map(signed_set, self.signs)) or "no jumps"
        ends = (_short(end) for end in (self.lower, self.upper))
        return f"PathInterval({' to '.join(ends)}: {sets})"


def _short(number: sympy.Expr) -> str:
    text = str(number)
    return text if len(text) <= 24 else f"{sympy.N(number, 8)}..."


def path_intervals(family: SymbolicProblem, lower: Any, upper: Any) -> tuple[PathInterval, ...]:
    """Cut a range of one parameter at the exact points where the sequence of active sets changes.

    Args:
        family: a problem with exactly one parameter.
        lower: left end of the range, a rational number.
        upper: its right end.

    Returns:
        Open intervals from left to right.  Where M is no Gram matrix there is none.
        Two neighbours may show the same sequence: then the point between them is an
        exception (a tie, or a singular block).

    Raises:
        BadInputError: not one parameter, or an empty range.
        DegenerateProblemError: the path is not unique on a whole interval.
        BudgetError: no admissible sample was found in an interval.

    Source: PF23, Algorithm 1, with the conditions of :func:`symbolic_path`.

    >>> family = SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, "1/2"], ["rho"])
    >>> path_intervals(family, -1, 1)
    (PathInterval(-1 to 1/2: {+0} -> {+0, +1}), PathInterval(1/2 to 1: {+0} -> {+0, -1}))
    """
    if len(family.parameters) != 1:
        raise BadInputError(
            f"the family has {len(family.parameters)} parameters", needed="exactly one parameter"
        )
    start, end = (to_sympy(to_fmpq(bound)) for bound in (lower, upper))
    if not start < end:
        raise BadInputError(f"the range {shown(lower)} to {shown(upper)} is empty", needed="lower < upper")
    cuts = _between(_gram_cuts(family), start, end)
    todo = list(pairwise([start, *cuts, end]))[::-1]
    found: list[PathInterval] = []
    while todo:
        a, b = todo.pop()
        interval = _sampled(family, a, b)
        if interval is None:
            continue
        path, sample = interval
        cuts = _between(_condition_cuts(path, family.parameters[0]), a, b)
        at = to_sympy(sample)
        left = [c for c in cuts if _less(c, at)]
        right = [c for c in cuts if not _less(c, at)]
        low, high = (left[-1] if left else a), (right[0] if right else b)
        if right:
            todo.append((high, b))
        if left:
            todo.append((a, low))
        found.append(PathInterval(low, high, path, sample))
    return tuple(sorted(found, key=lambda piece: piece.sample))


def _gram_cuts(family: SymbolicProblem) -> set[sympy.Expr]:
    """Roots of the coefficients of M's characteristic polynomial, and poles of the entries.

    Between them the inertia of M does not change.
    """
    x = family.parameters[0]
    entries = [*(e for row in family.gram for e in row), *family.correlations, family.constant]
    if family.data is not None:
        entries += [*(e for row in family.data[0] for e in row), *family.data[1]]
    cuts: set[sympy.Expr] = set()
    for e in entries:
        cuts |= set(_roots(sympy.denom(e.sympy()), x))
    if family.data is None:
        for coefficient in family.M.charpoly().all_coeffs():
            cuts |= set(_roots(sympy.numer(sympy.together(coefficient)), x))
    return cuts


def _condition_cuts(path: SymbolicPath, x: sympy.Symbol) -> set[sympy.Expr]:
    """Points where some condition of the path may cease to hold."""
    cuts: set[sympy.Expr] = set()
    for condition in path.conditions:
        for root, multiplicity in _roots(condition.expression, x).items():
            if condition.sign == ">" or multiplicity % 2:
                cuts.add(root)
    return cuts


def _roots(polynomial: sympy.Expr, x: sympy.Symbol) -> dict[sympy.Expr, int]:
    poly = sympy.Poly(polynomial, x)
    return dict(poly.real_roots(multiple=False)) if poly.degree() > 0 else {}


def _between(points: set[sympy.Expr], low: sympy.Expr, high: sympy.Expr) -> list[sympy.Expr]:
    inside = [p for p in points if _less(low, p) and _less(p, high)]
    return sorted(inside, key=cmp_to_key(lambda p, q: -1 if _less(p, q) else 1))


def _less(a: sympy.Expr, b: sympy.Expr) -> bool:
    """a < b, decided with as many digits as it takes.

    Equal points are equal expressions: an irrational one is named by its irreducible polynomial.
    """
    if a == b:
        return False
    low, high, _ = _apart(a, b)
    return low < high


def _apart(a: sympy.Expr, b: sympy.Expr) -> tuple[Fraction, Fraction, Fraction]:
    """Approximations of two different numbers, and a bound on their errors far below the distance."""
    digits = 20
    while True:
        low, high = _rounded(a, digits), _rounded(b, digits)
        error = max(abs(low), abs(high)) / 10 ** (digits - 2)
        if abs(high - low) > 10**6 * error:
            return low, high, error
        digits *= 2


def _rounded(number: sympy.Expr, digits: int) -> Fraction:
    """The number itself where it is rational, else with a relative error below 10^(1 − digits)."""
    if isinstance(number, sympy.Rational):
        return rational(number)
    decimal = number.evalf(digits, maxn=20 * digits, strict=True)
    return rational(sympy.Rational(str(decimal)))


def _sampled(family: SymbolicProblem, a: sympy.Expr, b: sympy.Expr) -> tuple[SymbolicPath, Fraction] | None:
    """The path at a generic point between a and b; None when there is no Gram matrix."""
    name = family.parameters[0].name
    trouble: Exception | None = None
    for sample in _samples(a, b):
        values = {name: sample}
        try:
            problem = family.at(values)
        except BadInputError:
            return None
        try:
            path = symbolic_path(family, sign_sequence(saddle_path(problem)))
        except (BadInputError, DegenerateProblemError) as error:
            trouble = error
            continue
        where = family.substitution(values)
        generic = all(evaluate(c.expression, where) != 0 for c in path.conditions)
        if generic and path.complete and path.holds_at(values):
            return path, sample
    if isinstance(trouble, DegenerateProblemError):
        raise trouble
    raise BudgetError(
        f"no generic parameter was found between {a} and {b} in {MAX_SAMPLES} samples",
        needed="a family whose path changes at isolated parameters",
        hint="a smaller range",
    )


def _samples(a: sympy.Expr, b: sympy.Expr) -> Iterator[Fraction]:
    """Rational points strictly between a and b, with short denominators."""
    low, high, error = _apart(a, b)
    size = high - low
    for k in range(MAX_SAMPLES):
        # the multiples of the golden ratio modulo 1 fill the interval evenly
        part = (Fraction(1, 2) + k * Fraction(377, 610)) % 1
        point = low + size * (Fraction(1, 20) + part * Fraction(9, 10))
        limit = 10
        while abs((short := point.limit_denominator(limit)) - point) > size / 100:
            limit *= 10
        if low + error < short < high - error:
            yield short
