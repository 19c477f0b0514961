"""The dual form of a network of depth D ≥ 3, in units in which the field is free of α.

β = a^D − b^D, and a_i = b_i = α·κ_i^{−1/(D−2)} at the start (all weights start at α
when κ = 1).  Along the flow

    U_i = a_i^{−(D−2)} = κ_i/ε − Z_i,   V_i = b_i^{−(D−2)} = κ_i/ε + Z_i,   ε = α^{D−2},

where Z' = −∇L(β) = r − Mβ and Z(0) = 0, in the fast time τ = D(D−2)·T of the gradient flow
of L(a^D − b^D) (τ = (D−2)·T where every a_i and b_i is a product of D layers of their own).  So
β_i = U_i^{−γ} − V_i^{−γ} with γ = D/(D−2), and α enters through the start alone.  Accelerated time is
t = ετ, and ζ = εZ obeys dζ/dt = −∇L(β) within |ζ_i| < κ_i.

β_i increases with Z_i, so that the flow is a convex gradient flow as at depth two:
the distance of a curve from the solution, in the norm of M⁺, is at most the integral of
its defect.

Source: the statement ``depth-universality``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, arb_poly, arb_series, ctx, fmpq, fmpq_mat, fmpz

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.ode.collocation import Array

#: Parts of a step on which its defect is expanded.
_PARTS = 6
_BOUND_BITS = 64


@dataclass(frozen=True)
class Frame:
    """Coordinates Y = Z_B of the flow for a basis B of the columns: Z = FᵀY, F = M_BB⁻¹ M_B·.

    The norm of a displacement is that of M⁺ in Z, whatever the basis.

    Attributes:
        basis: B.
        columns: the columns of F (d × k).
        norms: norms of the k unit vectors.
    """

    basis: tuple[int, ...]
    columns: tuple[tuple[fmpq, ...], ...]
    norms: tuple[arb, ...]

    def dual(self, state: Sequence[Any]) -> list[Any]:
        """Z (d) of a state (k) of numbers, polynomials or power series."""
        return [_combined(column, state) for column in self.columns]


class DeepForm:
    """The field Z' = r − Mβ of a network and its map Z ↦ β, exact.

    Args:
        problem: the data.
        depth: D.
        scale: α.
        shape: κ (d).

    Attributes:
        lift: 1/ε.
        gamma: γ = D/(D−2).
        spread: √M_ii, which is the norm of column i of M and bounds |Z_i| by the norm of Z.
    """

    def __init__(
        self, problem: DiagonalProblem, depth: int, scale: InitialScale, shape: Sequence[fmpq]
    ) -> None:
        self.depth, self.shape, self.gamma = depth, tuple(shape), fmpq(depth, depth - 2)
        self.M = [[to_fmpq(q) for q in row] for row in problem.M]
        self.r = [to_fmpq(q) for q in problem.r]
        self.d, self._quadratic = problem.d, problem.quadratic
        with workprec(_BOUND_BITS):
            self.spread = [arb(self.M[i][i]).sqrt().upper() for i in range(self.d)]
        power = fmpq(fmpz(10)) ** (-scale.exponent * (depth - 2))
        self.lift = power / scale.mantissa ** (depth - 2)
        self._frames: dict[tuple[int, ...], Frame] = {}

    def independent(self, order: Sequence[int]) -> list[int]:
        """The first independent ones of these columns."""
        return self._quadratic.independent(order) if order else []

    def frame(self, order: Sequence[int]) -> Frame:
        """The coordinates of the first independent columns in this order."""
        basis = tuple(sorted(self.independent(order)))
        if basis not in self._frames:
            k = len(basis)
            inverse = fmpq_mat(k, k, [self.M[i][j] for i in basis for j in basis]).inv()
            wide = inverse * fmpq_mat(k, self.d, [x for i in basis for x in self.M[i]])
            with workprec(_BOUND_BITS):
                norms = tuple(arb(inverse[i, i]).sqrt().upper() for i in range(k))
            self._frames[basis] = Frame(basis, tuple(map(tuple, wide.transpose().tolist())), norms)
        return self._frames[basis]

    def layers(self, Z: Sequence[arb]) -> tuple[list[arb], list[arb]]:
        """U and V (d each)."""
        tops = [arb(kappa * self.lift) for kappa in self.shape]
        return [x - z for x, z in zip(tops, Z, strict=True)], [x + z for x, z in zip(tops, Z, strict=True)]

    def beta(self, up: Sequence[Any], down: Sequence[Any]) -> list[Any]:
        """β (d) of U and V, numbers or power series."""
        if self.gamma.q == 1:  # D = 3, 4: FLINT's powers with integer exponents are slow for series
            whole = int(self.gamma.p)
            return [(1 / u) ** whole - (1 / v) ** whole for u, v in zip(up, down, strict=True)]
        power = arb(-self.gamma)
        return [u**power - v**power for u, v in zip(up, down, strict=True)]

    def velocity(self, beta: Sequence[arb]) -> list[arb]:
        """Z' = −∇L(β) (d)."""
        return [arb(ri) - _combined(row, beta) for ri, row in zip(self.r, self.M, strict=True)]

    def exact_velocity(self, beta: Sequence[fmpq]) -> list[fmpq]:
        """Z' = −∇L(β) (d) at a rational β."""
        return [
            ri - sum((q * b for q, b in zip(row, beta, strict=True)), fmpq(0))
            for ri, row in zip(self.r, self.M, strict=True)
        ]

    def gram(self, S: Sequence[int]) -> fmpq_mat:
        """M_SS."""
        return fmpq_mat(len(S), len(S), [self.M[i][j] for i in S for j in S])

    def saddle(self, S: Sequence[int]) -> list[fmpq] | None:
        """The β supported on S at which ∇L(β)_S = 0; None when there is not just one."""
        out = [fmpq(0)] * self.d
        if S:
            try:
                values = self.gram(S).solve(fmpq_mat([[self.r[i]] for i in S])).entries()
            except ZeroDivisionError:
                return None
            for i, b in zip(S, values, strict=True):
                out[i] = b
        return out


def _combined(weights: Sequence[fmpq], parts: Sequence[Any]) -> Any:
    total: Any = None
    for q, x in zip(weights, parts, strict=True):
        if q != 0:
            term = arb(q) * x
            total = term if total is None else total + term
    return parts[0] * arb(0) if total is None else total


class LocalField:
    """The field about a state with given U and V: its arguments are displacements of Y.

    The basis consists of the coordinates that are nearest to their bounds, so that what
    is stiff is a coordinate of its own.  It is the
    :class:`~saddlesym.ode.collocation.StiffField` of one step.
    """

    def __init__(self, form: DeepForm, up: Sequence[arb], down: Sequence[arb]) -> None:
        self.form, self.up, self.down = form, list(up), list(down)
        near = [min(u.mid(), v.mid()) for u, v in zip(up, down, strict=True)]
        self.frame = form.frame(sorted(range(form.d), key=near.__getitem__))
        basis = self.frame.basis
        self.dimension = len(basis)
        self._pushes = [[arb(-form.M[b][i]) for b in basis] for i in range(form.d)]
        self._columns = [[arb(q) for q in column] for column in self.frame.columns]
        self._constant = [arb(form.r[b]) for b in basis]
        self._power = arb(-form.gamma)
        self._floats = (
            np.array([[float(q) for q in push] for push in self._pushes]),
            np.array([[float(q) for q in column] for column in self._columns]),
            np.array([float(q) for q in self._constant]),
            np.array([float(u) for u in self.up]),
            np.array([float(v) for v in self.down]),
        )

    def rough(self, shifts: Array) -> tuple[Array, Array] | None:
        """F (n × k) and its Jacobians (n × k × k) at n displacements, in floats."""
        pushes, columns, constant, up, down = self._floats
        z = shifts @ columns.T
        above, below = up - z, down + z
        if not (above.min() > 0 and below.min() > 0):
            return None
        gamma = float(arb(self.form.gamma))
        with np.errstate(all="ignore"):
            p, q = above**-gamma, below**-gamma
            steep = gamma * (p / above + q / below)
        slope = np.einsum("ni,ia,ib->nab", steep, pushes, columns)
        return constant + (p - q) @ pushes, slope

    def fine(self, shift: Sequence[arb]) -> list[arb] | None:
        """F (k) at a displacement, at the working precision."""
        value = list(self._constant)
        for u, v, push, column in zip(self.up, self.down, self._pushes, self._columns, strict=True):
            z = arb(0)
            for q, x in zip(column, shift, strict=True):
                z += q * x
            above, below = u - z, v + z
            if not (above > 0 and below > 0):
                return None
            b = above**self._power - below**self._power
            for a, q in enumerate(push):
                value[a] += q * b
        return value

    def newton(self) -> list[arb] | None:
        """The displacement of Z (d) by Newton's method towards a zero of the field, not proved."""
        rates = self.fine([arb(0)] * self.dimension)
        if rates is None:
            return None
        slope = arb_mat(self.dimension, self.dimension)
        for u, v, push, column in zip(self.up, self.down, self._pushes, self._columns, strict=True):
            steep = arb(self.form.gamma) * (u**self._power / u + v**self._power / v)
            slope += arb_mat([[a * steep * q for q in column] for a in push])
        try:
            found = slope.mid().solve(arb_mat([[-x.mid()] for x in rates]))
        except ZeroDivisionError:
            return None
        return self.frame.dual(found.entries())

    def defect(self, polynomials: Sequence[arb_poly], length: arb) -> arb:
        """A proved bound for ∫‖x̂' − f(x̂)‖ over a step: Taylor's formula on parts of it.

        Args:
            polynomials: displacements (k) as polynomials in τ ∈ [0, 1].
            length: duration of the step.
        """
        order, total = max(p.degree() for p in polynomials) + 4, arb(0)
        radius = arb(1) / (2 * _PARTS)
        for part in range(_PARTS):
            centre = (2 * part + 1) * radius
            known = self._residue(polynomials, length, centre, order)
            # its last coefficient on the whole part bounds Lagrange's remainder
            rest = self._residue(polynomials, length, centre + arb(0, radius), order + 1)
            if known is None or rest is None:
                return arb("inf")
            for norm, series, wide in zip(self.frame.norms, known, rest, strict=True):
                size = abs(wide[order]) * radius**order
                for m in range(order):
                    size += abs(series[m]) * radius**m
                total += norm * size
        return (total * length / _PARTS).upper()

    def _residue(
        self, polynomials: Sequence[arb_poly], length: arb, point: arb, order: int
    ) -> list[arb_series] | None:
        """Power series of x̂' − f(x̂) about a point (or ball) of a step; None where U may vanish."""
        shift = arb_poly([point, 1])
        moved = [p(shift) for p in polynomials]
        before, ctx.cap = ctx.cap, order
        try:
            # combined before they are moved: what cancels in Z must not grow wide first
            paths = self.frame.dual(polynomials)
            Z = [arb_series(list(z(shift).coeffs()), order) for z in paths]
            up = [u - z for u, z in zip(self.up, Z, strict=True)]
            down = [v + z for v, z in zip(self.down, Z, strict=True)]
            if not all(x[0] > 0 for x in (*up, *down)):
                return None
            out = [
                arb_series(list(p.derivative().coeffs()), order) / length - c
                for p, c in zip(moved, self._constant, strict=True)
            ]
            for b, push in zip(self.form.beta(up, down), self._pushes, strict=True):
                out = [x - w * b for x, w in zip(out, push, strict=True)]
            return out
        finally:
            ctx.cap = before
