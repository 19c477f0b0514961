"""Escape of a deep linear network from the origin: directions, speed, time.

Near the origin ``𝓛(θ) = C(0) + H(θ) + …`` with ``H(θ) = ⟨G, W_L ⋯ W_1⟩``, G = ∇C(0), homogeneous of
degree L and linear in each layer.  With s_1 the greatest singular value of −G,

    −H(θ) ≤ s_1 ‖W_L ⋯ W_1‖_*  ≤ s_1 Π ‖W_l‖_F ≤ s_1 (‖θ‖²/L)^{L/2}

(von Neumann's trace inequality, Hölder's for Schatten norms, arithmetic and geometric
mean), with equality throughout exactly for ``W_l = c w_l w_{l−1}ᵀ``, w_L = u_1, w_0 = v_1 the top
pair of −G when it is simple, the inner unit vectors free.  These are the optimal
escape directions (J21).

All critical points of −H on the unit sphere with −H ≠ 0 are balanced, since the
gradient is a multiple of the point.  Hence (up to rotations of the hidden layers, and the
sign) they are ``W_l = Σ_{k∈S} b_k e_k^{(l)} e_k^{(l−1)ᵀ}`` over singular modes of −G with ``s_k b_k^{L−2}``
constant on S:

- L = 2: S holds one singular value, of speed s_k/2;
- L ≥ 3: any S, of speed ``L^{−L/2} (Σ_{k∈S} s_k^{−2/(L−2)})^{−(L−2)/2}``.

Only those with S = {1} are local maxima.  At S = {k} with s_k < s_1 the entries
(u_1, w_{L−1}) of W_L and (w_1, v_1) of W_1 together give the curvature
``(s_1 − s_k) L^{1−L/2} > 0``; at |S| ≥ 2 moving strength from one mode to another gives
``L(L − 2)`` times the speed.  And where −H ≤ 0 there is no local maximum, because H is
harmonic: it is linear in every entry of θ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import arb, arb_mat, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.deep.saddles.mode_sets import count_sets, mode_counts
from saddlesym.errors import BadInputError, BudgetError, Degeneracy, DegenerateProblemError, require, shown
from saddlesym.exact.algebraic import refined, relative_digits
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.linear.matrices import exact_matrix, flint_matrix, inner, public_matrix
from saddlesym.exact.linear.singular_values import BallMatrix, SingularDecomposition, singular_values
from saddlesym.exact.scalars import exact_vector, fraction, to_fmpq
from saddlesym.grids import Drawn

#: Most critical directions that are listed unless the caller says otherwise.
MAX_DIRECTIONS = 2**16


@dataclass(frozen=True)
class EscapeDirection(Documented):
    """A family of critical points of −H on the unit sphere, up to rotations of the hidden layers.

    Attributes:
        counts: how many modes of each distinct singular value of −G it holds.
        rank: their number, the rank of every layer.
        speed: the value of −H.
        ascent: curvature of −H on the sphere in a direction along which it grows; None
            for the optimal direction, which is the only local maximum.
    """

    counts: tuple[int, ...]
    rank: int
    speed: Ball
    ascent: Ball | None

    @property
    def is_maximum(self) -> bool:
        """Whether −H has a local maximum there; it then is the global one."""
        return self.ascent is None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; ``ascent`` is null for the maximum."""
        return super().to_dict() | {"maximum": self.is_maximum}


@dataclass(frozen=True)
class EscapeBound(Documented):
    """The chain ``−H(θ) ≤ s_1 Π‖W_l‖ ≤ s_1 (‖θ‖²/L)^{L/2}`` at one point θ.

    Attributes:
        leading: −H(θ), exact.
        product: s_1 Π ‖W_l‖_F.
        sphere: s_1 (‖θ‖²/L)^{L/2}, which is s* on the unit sphere.
    """

    leading: Fraction
    product: Ball
    sphere: Ball

    @property
    def holds(self) -> bool:
        """Whether no ball contradicts the chain."""
        return not (to_fmpq(self.leading) > self.product.arb or self.product.arb > self.sphere.arb)


@dataclass(frozen=True, repr=False)
class Escape(Drawn, Documented):
    """How a network leaves the origin.  Made by :func:`saddlesym.escape`.

    Attributes:
        problem: the network.
        decomposition: singular values and vectors of −G = −∇C(0), s_1 simple.
    """

    problem: DeepLinearProblem
    decomposition: SingularDecomposition

    @property
    def depth(self) -> int:
        """L."""
        return self.problem.depth

    def speed(self, digits: int = 30) -> Ball:
        """``s* = s_1 L^{−L/2}``, the maximum of −H on the unit sphere."""
        return _ball(lambda: self._top() / _half_power(self.depth, self.depth), digits)

    def rate(self, digits: int = 30) -> Ball:
        """The constant of ``ρ' = s_1 L^{1−L/2} ρ^{L−1}``, ρ = ‖θ‖ on an optimal direction, natural time."""
        return _ball(self._rate, digits)

    def _top(self) -> arb:
        return self.decomposition.values[0].arb()

    def _rate(self) -> arb:
        return self._top() / _half_power(self.depth, self.depth - 2)

    def pair(self, digits: int = 30) -> tuple[tuple[Ball, ...], tuple[Ball, ...]]:
        """(u_1, v_1), the top singular pair of −G."""
        return self.decomposition.vectors(0, digits)

    def direction(self, inner: Sequence[Any] | None = None, digits: int = 30) -> tuple[BallMatrix, ...]:
        """An optimal escape direction (W_1, …, W_L) of norm one.

        Args:
            inner: the vectors (w_1, …, w_{L−1}) of the hidden layers, exact and not zero,
                which are normalised; by default the first unit vectors.

        Raises:
            BadInputError: vectors of other lengths, or a zero vector.
        """
        L = self.depth
        given = self._inner(inner)
        u, v = self.pair(digits + 5)

        def compute() -> list[arb_mat]:
            middle = [arb_mat(w) / _norm(w) for w in given]
            chain = [_column(v), *middle, _column(u)]
            root = arb(L).sqrt()
            return [chain[k + 1] * chain[k].transpose() / root for k in range(L)]

        limit = arb(10) ** (-digits)
        layers = refined(compute, lambda out: all(x.rad() < limit for W in out for x in W.entries()), digits)
        return tuple(tuple(tuple(map(Ball, row)) for row in W.tolist()) for W in layers)

    def _inner(self, inner: Sequence[Any] | None) -> list[fmpq_mat]:
        hidden = self.problem.hidden
        vectors = [[1] + [0] * (w - 1) for w in hidden] if inner is None else list(inner)
        if len(vectors) != len(hidden):
            raise BadInputError(
                f"{len(vectors)} inner vectors", needed=f"{len(hidden)}, one per hidden layer"
            )
        out = []
        for k, (vector, width) in enumerate(zip(vectors, hidden, strict=True), 1):
            entries = exact_vector(vector, f"w_{k}")
            if len(entries) != width:
                raise BadInputError(f"w_{k} has {len(entries)} entries", needed=str(width))
            if not any(entries):
                raise BadInputError(f"w_{k} is zero", needed="a direction")
            out.append(fmpq_mat(width, 1, entries))
        return out

    def time(self, start: Any, end: Any = None, digits: int = 30) -> Ball:
        """Natural time in which the leading flow along an optimal direction goes from ‖θ‖ = start to end.

        Args:
            start: initial radius ρ_0 > 0.
            end: final radius, at least ρ_0; without it the time of the blow-up,
                ``1/((L−2) s_1 L^{1−L/2} ρ_0^{L−2})``, for L ≥ 3.

        Raises:
            BadInputError: radii that are not positive or not in order, or no end for L = 2.
        """
        first = to_fmpq(start)
        last = None if end is None else to_fmpq(end)
        if first <= 0:
            raise BadInputError(f"radius {shown(start)}", needed="a positive one")
        if last is not None and last < first:
            raise BadInputError(
                f"radius {shown(start)}", needed=f"{shown(end)} at most, where the escape ends"
            )
        L = self.depth
        if L == 2:
            if last is None:
                raise BadInputError("no final radius", needed="one: for L = 2 the growth is exponential")
            return _ball(lambda: (arb(last) / arb(first)).log() / self._rate(), digits)
        span = 1 / first ** (L - 2) - (1 / last ** (L - 2) if last is not None else 0)
        return _ball(lambda: arb(span) / ((L - 2) * self._rate()), digits)

    def radius(self, start: Any, time: Any, digits: int = 30) -> Ball:
        """‖θ‖ after a natural time of the leading flow along an optimal direction, from ‖θ‖ = start.

        Raises:
            BadInputError: a radius that is not positive, a negative time, or one after the blow-up.
        """
        first, T, L = to_fmpq(start), to_fmpq(time), self.depth
        if first <= 0 or T < 0:
            raise BadInputError(f"radius {start} and time {time}", needed="radius > 0 and time >= 0")
        if L == 2:
            return _ball(lambda: arb(first) * (self._rate() * T).exp(), digits)

        def left() -> arb:
            return 1 - (L - 2) * self._rate() * arb(first) ** (L - 2) * T

        if refined(left, lambda x: x > 0 or x < 0, 15) < 0:
            raise BadInputError(
                f"time {time} is after the blow-up at {float(self.time(start)):.6g}", needed="an earlier time"
            )
        return _ball(lambda: arb(first) / left().root(L - 2), digits)

    def accelerated_time(self, digits: int = 30) -> Ball:
        """Accelerated time of the escape from radius α along an optimal direction, in the limit α → 0.

        That is from α times a direction of norm one.  For L = 2 ``1/s_1``, in units of ln(1/α);
        for L ≥ 3 ``1/((L−2) s_1 L^{1−L/2})``, in units of α^{−(L−2)}.  When every layer starts
        at α, the norm is √L·α and L ≥ 3 gives 1/((L−2) s_1), as for aligned modes.
        """
        return _ball(lambda: 1 / (max(1, self.depth - 2) * self._rate()), digits)

    def bound(self, weights: Sequence[Any]) -> EscapeBound:
        """The chain of inequalities that makes s* the maximum, at given rational weights.

        Args:
            weights: (W_1, …, W_L), of any norm.
        """
        A = flint_matrix(self.problem.end_to_end(weights))
        leading = -inner(self.problem.flint_gradient_at_origin(), A)
        squares = [inner(w, w) for w in (flint_matrix(exact_matrix(W, "W")) for W in weights)]
        L = self.depth
        product = reduce(lambda a, b: a * b, squares)
        mean = sum(squares) / L

        def chain(square: Any) -> Ball:
            return _ball(lambda: self._top() * arb(square).sqrt(), 30)

        return EscapeBound(fraction(leading), chain(product), chain(mean**L))

    def optimality(self, digits: int = 30) -> tuple[Ball, Ball, Ball]:
        """‖θ‖², −H(θ) and s* at the direction given by :meth:`direction`, from its entries alone.

        The first holds 1, and the last two the same number.
        """
        layers = [arb_mat([[x.arb for x in row] for row in W]) for W in self.direction(digits=digits + 10)]
        G = self.problem.flint_gradient_at_origin()

        def compute() -> tuple[arb, arb]:
            square = sum((x * x for W in layers for x in W.entries()), arb(0))
            A = reduce(lambda below, W: W * below, layers)
            return square, -sum((arb(g) * a for g, a in zip(G.entries(), A.entries(), strict=True)), arb(0))

        square, value = refined(compute, lambda _: True, digits + 20)
        return Ball(square), Ball(value), self.speed(digits)

    def critical_directions(
        self, *, max_rank: int | None = None, max_directions: int = MAX_DIRECTIONS, digits: int = 30
    ) -> Iterator[EscapeDirection]:
        """Every critical value of −H on the unit sphere other than 0 and up to sign, by rank.

        Raises:
            BudgetError: more than ``max_directions`` of them.
        """
        L, values = self.depth, self.decomposition.values
        multiplicities = [value.multiplicity for value in values]
        limits = [self.problem.max_rank, self.decomposition.rank]
        limit = min(limits if max_rank is None else [*limits, max_rank])
        total = sum(multiplicities) if L == 2 else count_sets(multiplicities, limit) - 1
        if total > max_directions:
            raise BudgetError(
                f"{total} critical directions", needed=f"{max_directions} at most", hint="max_rank"
            )
        for rank in range(1, limit + 1):
            for counts in mode_counts(multiplicities, rank):
                if L == 2 and sum(r > 0 for r in counts) > 1:
                    continue
                yield self._critical(counts, rank, digits)

    def _critical(self, counts: tuple[int, ...], rank: int, digits: int) -> EscapeDirection:
        L, values = self.depth, self.decomposition.values
        first = next(k for k, r in enumerate(counts) if r)

        def speed() -> arb:
            scale = _half_power(L, L)
            if rank == 1 or L == 2:
                return values[first].arb() / scale
            power = arb(-2) / (L - 2)
            total = sum((values[k].arb() ** power * r for k, r in enumerate(counts) if r), arb(0))
            return 1 / (scale * total ** (arb(L - 2) / 2))

        def ascent() -> arb:
            if rank == 1 or L == 2:
                return (self._top() - values[first].arb()) / _half_power(L, L - 2)
            return L * (L - 2) * speed()

        grows = None if first == 0 and rank == 1 else _ball(ascent, digits)
        return EscapeDirection(counts, rank, _ball(speed, digits), grows)

    def to_dict(self, digits: int = 30) -> dict[str, Any]:
        """JSON-ready; critical directions are left out."""
        u, v = self.pair(digits)
        return {
            "kind": self._kind,
            "problem": self.problem.data_document(),
            "depth": self.depth,
            "singular_values": self.decomposition.values_document(digits),
            "speed": self.speed(digits).to_dict(exact=False),
            "rate": self.rate(digits).to_dict(exact=False),
            "accelerated_time": self.accelerated_time(digits).to_dict(exact=False),
            "time_unit": self.problem.time_unit,
            "left": [x.to_dict(exact=False) for x in u],
            "right": [x.to_dict(exact=False) for x in v],
        }

    @classmethod
    def _read(cls, given: Fields) -> Escape:
        return escape(given("problem", DeepLinearProblem))

    def __repr__(self) -> str:
        top, speed = float(self.decomposition.values[0]), float(self.speed(17))
        return f"Escape(depth={self.depth}, s_1={top:.8g}, speed={speed:.8g})"


def escape(problem: DeepLinearProblem) -> Escape:
    """The escape of a network from the origin, for every quadratic cost.

    Args:
        problem: the network.

    Raises:
        DegenerateProblemError: the gradient at the origin is zero (the origin is a minimum),
            or its greatest singular value is repeated (J21's theorem on the first path then
            does not apply, and the optimal directions are no longer of one pair).

    Source: J21, on optimal escape paths.

    >>> found = escape(DeepLinearProblem.whitened([[3, 0], [0, 1]], depth=3))
    >>> found
    Escape(depth=3, s_1=3, speed=0.57735027)
    >>> round(float(found.time("1/100")), 6)
    57.735027
    """
    require(problem, DeepLinearProblem, "a product of matrices")
    G = problem.flint_gradient_at_origin()
    decomposition = singular_values(public_matrix(-G))
    if not decomposition.values:
        raise DegenerateProblemError(
            "the gradient at the origin is zero",
            reason=Degeneracy.ORIGIN_IS_MINIMUM,
            needed="∇C(0) ≠ 0: the origin is a minimum of this cost",
        )
    top = decomposition.values[0]
    if top.multiplicity > 1:
        raise DegenerateProblemError(
            f"the greatest singular value {float(top):.6g} of the gradient at the origin has multiplicity"
            f" {top.multiplicity}: the first-path theorem of J21 does not apply",
            reason=Degeneracy.REPEATED_VALUE,
            needed="a simple greatest singular value",
            hint="a small change of the data",
        )
    return Escape(problem, decomposition)


def _ball(compute: Any, digits: int) -> Ball:
    return Ball(refined(compute, lambda x: relative_digits(x) > digits, digits))


def _half_power(base: int, power: int) -> arb:
    """base^(power/2)."""
    return (arb(base) ** power).sqrt()


def _norm(w: fmpq_mat) -> arb:
    return arb(inner(w, w)).sqrt()


def _column(vector: tuple[Ball, ...]) -> arb_mat:
    return arb_mat(len(vector), 1, [x.arb for x in vector])
