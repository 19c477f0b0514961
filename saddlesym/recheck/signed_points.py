"""Points of the loss with the signs in which coordinates stand or are drawn there.

Of the certificate, so that nothing here comes from the solver: that a point is a minimiser
under signs is seen from the conditions of Karush, Kuhn and Tucker, that it is the only one
from the rays of a cone.  Where a minimiser has to be found, all its supports are tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from flint import fmpq, fmpq_mat

from saddlesym.errors import BadInputError
from saddlesym.exact.vectors import RationalVector
from saddlesym.recheck.metered import MeteredQuadratic

#: Most supports of a minimiser that are tried, and extreme rays tried for uniqueness.
MAX_SUPPORTS, MAX_RAYS = 20_000, 20_000


@dataclass(frozen=True)
class SignedPoint:
    """A point as its numbers give it: signs where it is not zero, and of −∇L where it is."""

    support: frozenset[int]
    beta: list[fmpq]
    gradient: list[fmpq]
    up: int
    down: int
    mask: int


class SignedPoints:
    """Points of one loss."""

    def __init__(self, form: MeteredQuadratic) -> None:
        self.form, self.d, self.work = form, form.r.nrows(), form.work

    def at(self, beta: RationalVector) -> SignedPoint:
        """Any point (d)."""
        if len(beta) != self.d:
            raise BadInputError(
                f"a node has {len(beta)} coefficients, the data {self.d} columns",
                needed="the data that the graph was made from",
            )
        gradient, values = self.form.gradient(beta), beta.rationals()
        up = down = mask = 0
        for i, (b, g) in enumerate(zip(values, gradient, strict=True)):
            mask |= int(b != 0) << i
            up |= int(b > 0 or (b == 0 and g < 0)) << i
            down |= int(b < 0 or (b == 0 and g > 0)) << i
        return SignedPoint(frozenset(beta.support()), values, gradient, up, down, mask)

    def critical(self, active: Sequence[int]) -> RationalVector | None:
        """The critical point of an active set; None when its columns are dependent."""
        k, values = len(active), [fmpq(0)] * self.d
        if k:
            block = self.form.block(active)
            if block.rank() < k:
                return None
            right = fmpq_mat(k, 1, [self.form.r[i, 0] for i in active])
            for i, q in zip(active, block.solve(right).entries(), strict=True):
                values[i] = q
        return RationalVector.of(values)

    def only_one(self, point: SignedPoint, signs: Mapping[int, int]) -> bool | None:
        """Whether a minimiser under signs is the only one; None: too many rays to try.

        Others differ from it by a vector of the kernel that has these signs where the
        point is zero and its gradient too.
        """
        idle = sorted(j for j in signs if point.beta[j] == 0 and point.gradient[j] == 0)
        face = sorted({*idle, *point.support})
        if not face or self.form.block(face).rank() == len(face):
            return True
        if point.support and self.form.block(sorted(point.support)).rank() < len(point.support):
            return False
        basis = _kernel(self.form.block(face))
        size = len(basis)
        rows = [[signs[j] * v[face.index(j)] for v in basis] for j in idle]
        rays_tried = comb(len(rows), size - 1)
        if rays_tried > MAX_RAYS:
            return None
        self.work.spend(rays_tried * 1e-5 * (1 + size**2 + size * len(rows)))
        # a pointed cone is more than its apex exactly when it has an extreme ray
        for chosen in combinations(rows, size - 1):
            rays = (
                _kernel(fmpq_mat(size - 1, size, [q for row in chosen for q in row]))
                if chosen
                else [[fmpq(1)]]
            )
            if len(rays) == 1:
                products = [sum((a * b for a, b in zip(row, rays[0], strict=True)), fmpq(0)) for row in rows]
                if min(products) >= 0 or max(products) <= 0:
                    return False
        return True

    def minimiser(self, signs: Mapping[int, int]) -> SignedPoint | None:
        """A minimiser under signs with independent columns; None: too many supports to try.

        There is one, since the minimisers are a polyhedron without lines.
        """
        if 2 ** len(signs) > MAX_SUPPORTS:
            return None
        columns = sorted(signs)
        for size in range(len(columns), -1, -1):
            for active in combinations(columns, size):
                beta = self.critical(active)
                if beta is not None and all(beta[i] * signs[i] > 0 for i in active):
                    point = self.at(beta)
                    if minimises(point, signs):
                        return point
        raise AssertionError("a loss that is bounded below has a minimiser")

    def without_twins(self, signs: Mapping[int, int]) -> dict[int, int]:
        """The signs of the first of all columns that are equal up to sign."""
        kept: dict[int, int] = {}
        for i in sorted(signs):
            blocks = (self.form.block((i, j)) for j in kept)
            if not any(abs(M[0, 1]) == M[0, 0] == M[1, 1] for M in blocks):
                kept[i] = signs[i]
        return kept


def minimises(point: SignedPoint, signs: Mapping[int, int]) -> bool:
    """Whether a point is a minimiser under signs, by the conditions of Karush, Kuhn and Tucker."""
    return (
        all(point.gradient[i] == 0 for i in point.support)
        and all(i in signs and point.beta[i] * signs[i] > 0 for i in point.support)
        and all(sign * point.gradient[i] >= 0 for i, sign in signs.items())
    )


def follows_signs(source: SignedPoint, target: SignedPoint) -> bool:
    """Whether the target is a minimiser on the common face, under the signs drawn at the source."""
    s, t = source, target
    if not t.mask & ~s.mask:
        return False
    clash = t.mask & (t.up & ~s.up | t.down & ~s.down)
    # where it left, ∇L at the target must not draw it back
    return not clash and not s.mask & ~t.mask & (t.up & s.up | t.down & s.down)


def signs_of(point: SignedPoint) -> dict[int, int]:
    """The signs of a point on its support."""
    return {j: 1 if point.beta[j] > 0 else -1 for j in point.support}


def _kernel(matrix: fmpq_mat) -> list[list[fmpq]]:
    """A basis of the vectors that a matrix takes to zero."""
    echelon, rank = matrix.rref()
    width = matrix.ncols()
    pivots = [next(j for j in range(width) if echelon[i, j] != 0) for i in range(rank)]
    basis = []
    for free in (j for j in range(width) if j not in pivots):
        v = [fmpq(int(j == free)) for j in range(width)]
        for i, pivot in enumerate(pivots):
            v[pivot] = -echelon[i, free]
        basis.append(v)
    return basis
