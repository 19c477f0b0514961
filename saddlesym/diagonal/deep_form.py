"""The dual form of a network of depth D ≥ 3, in units in which the field is free of α.

β = a^D − b^D, and a_i = b_i = α·κ_i^{−1/(D−2)} at the start (all weights start at α
when κ = 1).  Along the flow

    U_i = a_i^{−(D−2)} = κ_i/ε − Z_i,   V_i = b_i^{−(D−2)} = κ_i/ε + Z_i,   ε = α^{D−2},

where Z' = −∇L(β) in the fast time τ = D(D−2)·T and Z(0) = 0.  So β_i = U_i^{−γ} −
V_i^{−γ} with γ = D/(D−2), and α enters through the start alone.  Accelerated time is
t = ετ, and ζ = εZ obeys dζ/dt = −∇L(β) within |ζ_i| < κ_i.

β_i increases with Z_i, so that the flow is a convex gradient flow as at depth two:
Z = FᵀX for a state X of small dimension, and the distance of a curve from the solution
is at most the integral of its defect.

Source: the statement ``depth-universality``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb, arb_poly, arb_series, ctx, fmpq, fmpq_mat, fmpz

from saddlesym.diagonal.dual_form import DualForm
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.scale import InitialScale
from saddlesym.ode.collocation import Floats

#: Parts of a step on which its defect is expanded.
_PARTS = 6


class DeepForm:
    """The field X' = c + Σ push_i β_i and its map X ↦ Z ↦ β, exact.

    Args:
        problem: the data.
        depth: D.
        scale: α.
        shape: κ (d).

    Attributes:
        dimension: k, the smaller of n and d.
        lift: 1/ε.
        gamma: γ = D/(D−2).
        basis: norms of the unit vectors of the state space (k).
        push_norms: norms of the pushes (d).
        spread: for every i a bound of |Z_i| by the norm of X.
    """

    def __init__(
        self, problem: DiagonalProblem, depth: int, scale: InitialScale, shape: Sequence[fmpq]
    ) -> None:
        form = DualForm.of(problem, scale, (fmpq(1),) * problem.d)
        self.depth, self.shape, self.gamma = depth, tuple(shape), fmpq(depth, depth - 2)
        self.dimension, self.d = form.field.dimension, problem.d
        self.constant = form.field.constant
        self.pushes = [tuple(2 * q for q in term.coefficients) for term in form.field.terms[::2]]
        self.columns = list(zip(*form.frame, strict=True))  # F by columns (d × k)
        measure = form.field.measure
        self.basis, self.spread = measure.basis, form.spread
        self.push_norms = [(2 * norm).upper() for norm in measure.terms[::2]]
        power = fmpq(fmpz(10)) ** (-scale.exponent * (depth - 2))
        self.lift = power / scale.mantissa ** (depth - 2)

    def dual(self, state: Sequence[Any]) -> list[Any]:
        """Z (d) of a state (k) of numbers, polynomials or power series."""
        return [_combined(column, state) for column in self.columns]

    def layers(self, Z: Sequence[arb]) -> tuple[list[arb], list[arb]]:
        """U and V (d each)."""
        tops = [arb(kappa * self.lift) for kappa in self.shape]
        return [x - z for x, z in zip(tops, Z, strict=True)], [x + z for x, z in zip(tops, Z, strict=True)]

    def beta(self, up: Sequence[Any], down: Sequence[Any]) -> list[Any]:
        """β (d) of U and V, numbers or power series."""
        power = arb(-self.gamma)
        return [u**power - v**power for u, v in zip(up, down, strict=True)]

    def velocity(self, beta: Sequence[Any]) -> list[Any]:
        """Z' = −∇L(β) (d); exact when β is."""
        exact = isinstance(beta[0], fmpq)
        state = list(self.constant) if exact else [arb(q) for q in self.constant]
        for push, b in zip(self.pushes, beta, strict=True):
            state = [x + (q * b if exact else arb(q) * b) for x, q in zip(state, push, strict=True)]
        if exact:
            return [sum((q * x for q, x in zip(f, state, strict=True)), fmpq(0)) for f in self.columns]
        return self.dual(state)

    def gram(self, S: Sequence[int]) -> fmpq_mat:
        """M_SS."""
        return fmpq_mat(
            [[-sum(map(_product, self.columns[j], self.pushes[i]), fmpq(0)) for j in S] for i in S]
        )

    def saddle(self, S: Sequence[int]) -> list[fmpq] | None:
        """The β supported on S at which ∇L(β)_S = 0; None when there is not just one."""
        out = [fmpq(0)] * self.d
        if S:
            forces = [[sum(map(_product, self.columns[i], self.constant), fmpq(0))] for i in S]
            try:
                values = self.gram(S).solve(fmpq_mat(forces)).entries()
            except ZeroDivisionError:
                return None
            for i, b in zip(S, values, strict=True):
                out[i] = b
        return out


def _product(a: fmpq, b: fmpq) -> fmpq:
    return a * b


def _combined(weights: Sequence[fmpq], parts: Sequence[Any]) -> Any:
    total: Any = None
    for q, x in zip(weights, parts, strict=True):
        if q != 0:
            term = arb(q) * x
            total = term if total is None else total + term
    return parts[0] * arb(0) if total is None else total


class LocalField:
    """The field about a state with given U and V: its arguments are displacements of X.

    It is the :class:`~saddlesym.ode.collocation.StiffField` of one step.
    """

    def __init__(self, form: DeepForm, up: Sequence[arb], down: Sequence[arb]) -> None:
        self.form, self.up, self.down = form, list(up), list(down)
        self.dimension = form.dimension
        self._pushes = [[arb(q) for q in push] for push in form.pushes]
        self._columns = [[arb(q) for q in column] for column in form.columns]
        self._constant = [arb(q) for q in form.constant]
        self._power = arb(-form.gamma)
        self._floats = (
            np.array([[float(q) for q in push] for push in self._pushes]),
            np.array([[float(q) for q in column] for column in self._columns]),
            np.array([float(q) for q in self._constant]),
            np.array([float(u) for u in self.up]),
            np.array([float(v) for v in self.down]),
        )

    def rough(self, shifts: Floats) -> tuple[Floats, Floats] | None:
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
            for norm, series, wide in zip(self.form.basis, known, rest, strict=True):
                size = abs(wide[order]) * radius**order
                for m in range(order):
                    size += abs(series[m]) * radius**m
                total += norm * size
        return (total * length / _PARTS).upper()

    def _residue(
        self, polynomials: Sequence[arb_poly], length: arb, point: arb, order: int
    ) -> list[arb_series]:
        """Power series of x̂' − f(x̂) about a point (or ball) of a step."""
        shift = arb_poly([point, 1])
        moved = [p(shift) for p in polynomials]
        before, ctx.cap = ctx.cap, order
        try:
            Z = [arb_series(list(z.coeffs()), order) for z in self.form.dual(moved)]
            up = [u - z for u, z in zip(self.up, Z, strict=True)]
            down = [v + z for v, z in zip(self.down, Z, strict=True)]
            out = [
                arb_series(list(p.derivative().coeffs()), order) / length - c
                for p, c in zip(moved, self._constant, strict=True)
            ]
            for b, push in zip(self.form.beta(up, down), self._pushes, strict=True):
                out = [x - w * b for x, w in zip(out, push, strict=True)]
            return out
        finally:
            ctx.cap = before
