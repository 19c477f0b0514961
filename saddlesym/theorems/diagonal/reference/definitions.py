"""Plain restatements that the checks compare with: no code is shared with the solver.

Everything here follows a definition word by word: subsets are enumerated, paths
are stepped with one solve per subset, derivatives of the polynomial F are taken
by finite differences, which are exact for polynomials of this degree.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

from flint import fmpq, fmpq_mat

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.scalars import to_fmpq
from saddlesym.theorems.evidence.check import UndecidedError

#: Subsets that one enumeration may go through.
SUBSETS = 5000


@dataclass(frozen=True)
class PlainQuadratic:
    """``L(b) = ½bᵀMb − rᵀb`` (up to its constant) in plain rationals."""

    M: list[list[fmpq]]
    r: list[fmpq]

    @classmethod
    def of(cls, problem: DiagonalProblem) -> PlainQuadratic:
        """The loss of a problem, its constant left out."""
        return cls([[to_fmpq(q) for q in row] for row in problem.M], [to_fmpq(q) for q in problem.r])

    @property
    def d(self) -> int:
        """Number of coordinates."""
        return len(self.r)

    def gradient(self, b: Sequence[fmpq]) -> list[fmpq]:
        """``Mb − r`` (d)."""
        used = [j for j, x in enumerate(b) if x != 0]
        return [sum((row[j] * b[j] for j in used), -ri) for row, ri in zip(self.M, self.r, strict=True)]

    def value(self, b: Sequence[fmpq]) -> fmpq:
        """L(b), its constant left out."""
        slope = self.gradient(b)
        return sum(((g - r) * x for g, r, x in zip(slope, self.r, b, strict=True)), fmpq(0)) / 2

    def stationary(self, S: Sequence[int]) -> list[fmpq] | None:
        """The b supported on S with ``(Mb)_S = r_S``; None when M_SS is singular."""
        out = [fmpq(0)] * self.d
        if S:
            block = fmpq_mat([[self.M[i][j] for j in S] for i in S])
            try:
                solution = block.solve(fmpq_mat([[self.r[i]] for i in S]))
            except ZeroDivisionError:
                return None
            for k, i in enumerate(S):
                out[i] = solution[k, 0]
        return out


def subsets(items: Sequence[int], largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """All subsets by size, the empty one first; refuses when there are too many."""
    top = len(items) if largest is None else min(largest, len(items))
    if sum(comb(len(items), k) for k in range(top + 1)) > SUBSETS:
        raise UndecidedError(f"{len(items)} coordinates have more than {SUBSETS} subsets to go through")
    for k in range(top + 1):
        yield from combinations(items, k)


def sampled_subsets(d: int, rng: random.Random, most: int = 40) -> list[tuple[int, ...]]:
    """All subsets of d coordinates when they are few, else some of every size."""
    if 2**d <= most:
        return list(subsets(range(d)))
    picked = {tuple(sorted(rng.sample(range(d), rng.randint(0, d)))) for _ in range(most)}
    return sorted(picked, key=lambda S: (len(S), S))


def signed_minimisers(form: PlainQuadratic, signs: Mapping[int, int]) -> list[list[fmpq]]:
    """Every vertex of the set of minimisers of L under signs, by trying all supports."""
    found: list[list[fmpq]] = []
    for S in subsets(sorted(signs)):
        b = form.stationary(S)
        if b is None or any(signs[i] * b[i] <= 0 for i in S):
            continue
        slope = form.gradient(b)
        if all(slope[i] * s >= 0 for i, s in signs.items()) and b not in found:
            found.append(b)
    return found


@dataclass(frozen=True)
class PlainJump:
    """One jump of :func:`plain_path`: time, saddle, dual."""

    time: fmpq
    beta: list[fmpq]
    dual: list[fmpq]


def plain_path(
    form: PlainQuadratic, thresholds: Sequence[fmpq] | None = None, *, signed: bool = True, most: int = 200
) -> Iterator[PlainJump]:
    """PF23's Algorithm 1 as it stands in the paper, with thresholds ±κ_i instead of ±1.

    Args:
        thresholds: κ (d), by default all one.
        signed: with False the minimiser forgets the signs, which is wrong.
        most: jumps after which to stop.
    """
    d = form.d
    kappa = [fmpq(1)] * d if thresholds is None else list(thresholds)
    time, s, b = fmpq(0), [fmpq(0)] * d, [fmpq(0)] * d
    for _ in range(most):
        g = form.gradient(b)
        steps = [(kappa[i] + (s[i] if g[i] > 0 else -s[i])) / abs(g[i]) for i in range(d) if g[i] != 0]
        if not steps:
            return
        delta = min(steps)
        time += delta
        s = [x - delta * y for x, y in zip(s, g, strict=True)]
        signs = {i: 1 if s[i] > 0 else -1 for i in range(d) if abs(s[i]) == kappa[i]}
        if signed:
            vertices = signed_minimisers(form, signs)
            if len(vertices) != 1:
                raise UndecidedError("the minimiser is not unique, and the plain algorithm does not choose")
            b = vertices[0]
        else:
            free = form.stationary(sorted(signs))
            if free is None:
                raise UndecidedError("the columns at their bounds are dependent")
            b = free
        yield PlainJump(time, b, s)
    raise UndecidedError(f"more than {most} jumps")


def lasso_knots(form: PlainQuadratic, most: int = 200) -> Iterator[tuple[fmpq, list[fmpq]]]:
    """The knots of the lasso path from λ_max down, by homotopy; yields 1/λ and the solution."""
    d = form.d
    level = max(abs(x) for x in form.r)
    active = {i: 1 if form.r[i] > 0 else -1 for i in range(d) if abs(form.r[i]) == level}
    dropped: int | None = None
    for _ in range(most):
        if len(active) > 1 and dropped is None and level == max(abs(x) for x in form.r):
            raise UndecidedError("two columns tie for the first knot")
        A = sorted(active)
        block = fmpq_mat([[form.M[i][j] for j in A] for i in A])
        try:  # b_A(λ) = a − λc
            a = block.solve(fmpq_mat([[form.r[i]] for i in A])).entries()
            c = block.solve(fmpq_mat([[fmpq(active[i])] for i in A])).entries()
        except ZeroDivisionError:
            raise UndecidedError("the lasso's active columns are dependent") from None
        yield 1 / level, _embedded(d, A, [x - level * y for x, y in zip(a, c, strict=True)])
        events: list[tuple[fmpq, int, int]] = []
        base, slope = _embedded(d, A, a), _embedded(d, A, c)
        for j in range(d):
            if j in active:  # b_j reaches zero
                if slope[j] != 0 and 0 < (at := base[j] / slope[j]) < level:
                    events.append((at, j, 0))
                continue
            fixed = form.r[j] - sum((form.M[j][i] * base[i] for i in A), fmpq(0))
            moving = sum((form.M[j][i] * slope[i] for i in A), fmpq(0))
            for sign in (1, -1):  # fixed + λ·moving reaches sign·λ
                if moving != sign and 0 < (at := fixed / (sign - moving)) < level:
                    events.append((at, j, sign))
        if not events:
            return
        level = max(at for at, _, _ in events)
        now = [(j, sign) for at, j, sign in events if at == level]
        if len(now) > 1:
            raise UndecidedError("two events of the lasso path coincide")
        j, sign = now[0]
        dropped = j
        if sign:
            active[j] = sign
        else:
            del active[j]
    raise UndecidedError(f"more than {most} knots")


def _embedded(d: int, S: Sequence[int], values: Sequence[fmpq]) -> list[fmpq]:
    out = [fmpq(0)] * d
    for i, x in zip(S, values, strict=True):
        out[i] = x
    return out


def inertia(matrix: Sequence[Sequence[fmpq]]) -> tuple[int, int, int]:
    """Numbers of negative, zero and positive eigenvalues of a symmetric matrix.

    Its characteristic polynomial has only real roots, so that Descartes' rule of
    signs counts the positive ones exactly.

    >>> inertia([[fmpq(0), fmpq(1)], [fmpq(1), fmpq(0)]])
    (1, 0, 1)
    """
    coefficients = fmpq_mat([list(row) for row in matrix]).charpoly().coeffs()
    zero = next(k for k, c in enumerate(coefficients) if c != 0)
    nonzero = [c for c in coefficients if c != 0]
    positive = sum(1 for a, b in pairwise(nonzero) if a * b < 0)
    return len(matrix) - zero - positive, zero, positive


class Network:
    """``F(u, v) = L(u ⊙ v)`` as a black box: all derivatives come from its values alone.

    F is a polynomial of degree at most two in each single coordinate, so central
    differences of any width give its first and second derivatives exactly.
    """

    def __init__(self, form: PlainQuadratic) -> None:
        self.form = form

    def value(self, theta: Sequence[fmpq]) -> fmpq:
        """F at θ = (u, v)."""
        d = self.form.d
        return self.form.value([theta[i] * theta[d + i] for i in range(d)])

    def _moved(self, theta: Sequence[fmpq], *moves: tuple[int, int]) -> fmpq:
        point = list(theta)
        for k, step in moves:
            point[k] += step
        return self.value(point)

    def gradient(self, theta: Sequence[fmpq]) -> list[fmpq]:
        """∇F (2d) at θ = (u, v)."""
        return [(self._moved(theta, (k, 1)) - self._moved(theta, (k, -1))) / 2 for k in range(len(theta))]

    def hessian(self, theta: Sequence[fmpq]) -> list[list[fmpq]]:
        """∇²F (2d × 2d) at θ = (u, v)."""
        size, here = len(theta), self.value(theta)
        out = [[fmpq(0)] * size for _ in range(size)]
        for k in range(size):
            out[k][k] = self._moved(theta, (k, 1)) + self._moved(theta, (k, -1)) - 2 * here
            for m in range(k):
                corners = [a * b * self._moved(theta, (k, a), (m, b)) for a in (1, -1) for b in (1, -1)]
                out[k][m] = out[m][k] = sum(corners, fmpq(0)) / 4
        return out


def random_rational(rng: random.Random, size: int = 5) -> fmpq:
    """A small random rational."""
    return fmpq(rng.randint(-size, size), rng.randint(1, size))


def nonzero_rational(rng: random.Random, size: int = 5) -> fmpq:
    """A small random rational other than zero."""
    return fmpq(rng.choice([-1, 1]) * rng.randint(1, size), rng.randint(1, size))
