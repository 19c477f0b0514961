"""The dual form of the training flow: a convex gradient flow of small dimension.

With z = ½ arcsinh(β/α²) the flow of a two-layer diagonal network is
z' = −∇L(β), and z = Fᵀx for a state x whose dimension is the smaller of the
number of samples and of columns:

- n < d: x = w ∈ ℝⁿ, F = X, w' = (y − Xβ)/n;
- otherwise: x = z_B for a basis B of the columns, F = M_BB⁻¹ M_B·.

Both are gradient flows of a convex function (in the metric M_BB for the
second), so two solutions never move apart, and the distance of a curve to the
solution is at most the integral of its defect.

Source: PF23 (mirror flow); the two forms and the bound are derived in the
statements ``dual-convex-flow``, ``contraction`` and ``a-posteriori-bound``.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, ctx, fmpq, fmpq_mat

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.ode.field import Field, Norm, Real, Term

_BOUND_BITS = 64


@dataclass(frozen=True)
class DualForm:
    """A flow as a vector field for the state x, with the map back to z.

    Attributes:
        field: the vector field of x; terms 2i and 2i+1 are p_i and q_i.
        frame: F by rows (k × d): ``z = Fᵀx``.
        spread: for every i a bound of |z_i| by the norm of x.
        scale: α.
        shape: κ (d): u_i(0) = √2 α^κ_i.
    """

    field: Field
    frame: tuple[tuple[fmpq, ...], ...]
    spread: tuple[arb, ...]
    scale: InitialScale
    shape: tuple[fmpq, ...]

    @classmethod
    def of(cls, problem: DiagonalProblem, scale: InitialScale, shape: tuple[fmpq, ...]) -> DualForm:
        """The form with the smaller state for a problem."""
        with ctx.workprec(_BOUND_BITS):
            if problem.has_data and problem.n < problem.d:
                return cls._in_samples(problem, scale, shape)
            return cls._in_columns(problem, scale, shape)

    @classmethod
    def _in_samples(cls, problem: DiagonalProblem, scale: InitialScale, shape: tuple[fmpq, ...]) -> DualForm:
        X = [[to_fmpq(q) for q in row] for row in problem.X]
        n, d = problem.n, problem.d
        frame = tuple(map(tuple, X))
        constant = tuple(to_fmpq(q) / n for q in problem.y)
        pushes = [tuple(-X[i][j] / (2 * n) for i in range(n)) for j in range(d)]
        lengths = [sum((arb(X[i][j]) ** 2 for i in range(n)), arb(0)).sqrt().upper() for j in range(d)]
        norm = Norm((arb(1),) * n, tuple((x / (2 * n)).upper() for x in lengths for _ in (0, 1)))
        return cls(_field(constant, pushes, frame, norm, scale, shape), frame, tuple(lengths), scale, shape)

    @classmethod
    def _in_columns(cls, problem: DiagonalProblem, scale: InitialScale, shape: tuple[fmpq, ...]) -> DualForm:
        M, r = [[to_fmpq(q) for q in row] for row in problem.M], [to_fmpq(q) for q in problem.r]
        d = problem.d
        basis = problem.quadratic.independent(range(d))
        k = len(basis)
        block = fmpq_mat(k, k, [M[i][j] for i in basis for j in basis])
        inverse = block.inv() if k else block
        wide = fmpq_mat(k, d, [M[i][j] for i in basis for j in range(d)])
        frame = tuple(map(tuple, (inverse * wide).tolist()))
        pushes = [tuple(-M[i][j] / 2 for i in basis) for j in range(d)]
        lengths = [arb(M[j][j]).sqrt().upper() for j in range(d)]
        norm = Norm(
            tuple(arb(inverse[i, i]).sqrt().upper() for i in range(k)),
            tuple((x / 2).upper() for x in lengths for _ in (0, 1)),
        )
        constant = tuple(r[i] for i in basis)
        return cls(_field(constant, pushes, frame, norm, scale, shape), frame, tuple(lengths), scale, shape)

    def dual(self, state: list[arb]) -> list[arb]:
        """z (d) of a state (k), at the working precision."""
        return [
            sum((arb(row[i]) * x for row, x in zip(self.frame, state, strict=True) if row[i] != 0), arb(0))
            for i in range(len(self.shape))
        ]

    def enclosed_dual(self, state: list[arb], error: arb) -> list[arb]:
        """z (d) of the solution, of which ``state`` is at most ``error`` away in norm."""
        return [z + arb(0, w * error) for z, w in zip(self.dual(state), self.spread, strict=True)]

    def coefficients(self, z: list[arb]) -> list[arb]:
        """β (d) of the dual variable: ``½(e^{2z − 2κΛ} − e^{−2z − 2κΛ})``."""
        return [(p - q) / 2 for p, q in self.parts(z)]

    def parts(self, z: list[arb]) -> list[tuple[arb, arb]]:
        """p = (u + v)²/2 and q = (u − v)²/2 of every coordinate."""
        levels = [2 * self.threshold(i) for i in range(len(z))]
        return [((2 * x - a).exp(), (-2 * x - a).exp()) for x, a in zip(z, levels, strict=True)]

    def slope(self, beta: list[arb]) -> list[arb]:
        """z' = −∇L(β) (d)."""
        state = [arb(q) for q in self.field.constant]
        for j, b in enumerate(beta):
            for i, a in enumerate(self.field.terms[2 * j].coefficients):
                if a != 0:
                    state[i] += arb(2 * a) * b
        return self.dual(state)

    def threshold(self, i: int) -> arb:
        """κ_i Λ: where |z_i| is when coordinate i is of order one."""
        return arb(self.shape[i]) * self.scale.log_inverse()


def _field(
    constant: tuple[fmpq, ...],
    pushes: list[tuple[fmpq, ...]],
    frame: tuple[tuple[fmpq, ...], ...],
    norm: Norm,
    scale: InitialScale,
    shape: tuple[fmpq, ...],
) -> Field:
    """``x' = constant + Σ push_i (p_i − q_i)``, p, q = exp(±2z_i − 2κ_iΛ)."""
    terms = []
    for i, push in enumerate(pushes):
        form, offset = tuple(2 * row[i] for row in frame), _offset(scale, shape[i])
        terms.append(Term(push, form, offset))
        terms.append(Term(tuple(-a for a in push), tuple(-a for a in form), offset))
    return Field(constant, tuple(terms), norm)


def _offset(scale: InitialScale, kappa: fmpq) -> Real:
    return lambda: arb(-2 * kappa) * scale.log_inverse()
