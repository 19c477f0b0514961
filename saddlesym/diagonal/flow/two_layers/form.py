"""The dual form of the training flow: a convex gradient flow of small dimension.

With z = ½ arcsinh(β/α²) the flow of a two-layer diagonal network is
z' = −∇L(β), and z = Fᵀx for a state x whose dimension is the smaller of the
number of samples and of columns:

- n < d: x = w ∈ ℝⁿ, F = X, w' = (y − Xβ)/n;
- otherwise: x = z_B for a basis B of the columns, F = M_BB⁻¹ M_B·.

Both are gradient flows of a convex function (in the metric M_BB for the
second), so two solutions never move apart, and the distance of a curve to the
solution is at most the integral of its defect.

Units.  With powers of two a, b, c the substitution T̃ = aT, β̃ = β/b, x̃ = cx turns
z' = r − Mβ, β = α^2κ sinh 2z into dz/dT̃ = r/a − (b/a)Mβ̃ with 2κΛ + ln b in the
place of 2κΛ.  Neither z, α nor κ changes, so nothing is rounded and every meaning
is kept.  b = max(max|r_i|/max M_ii, α^2κ), the size of p and q, and a = b·max M_ii make
the numbers of the integration about one at most, whatever the size of the data;
:meth:`DualForm.in_units` chooses them.

Source: PF23 (mirror flow); the two forms and the bound are derived in the
statements ``dual-convex-flow``, ``contraction`` and ``a-posteriori-bound``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import ceil, log

from flint import arb, arb_mat, fmpq, fmpq_mat

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import order_of_two, to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.ode.field import Field, Norm, Real, Term

_BOUND_BITS = 64
#: Precision of the inverse of M, of which bounds are needed only.
_INVERSE_BITS = 512
#: Columns (and correlations with y) may differ in size by this power of two.
_RANGE = 400


@dataclass(frozen=True)
class DualForm:
    """A flow as a vector field for the state x, with the map back to z.

    Attributes:
        field: the vector field of x; terms 2i and 2i+1 are p_i and q_i.
        frame: F by rows (k × d): ``z = Fᵀx``.
        spread: for every i a bound of |z_i| by the norm of x.
        scale: α.
        shape: κ (d): u_i(0) = √2 α^κ_i.
        clock: log2 of a: the time of the field is 2^clock·T.
        size: log2 of b: the terms of the field are p and q over 2^size.
    """

    field: Field
    frame: tuple[tuple[fmpq, ...], ...]
    spread: tuple[arb, ...]
    scale: InitialScale
    shape: tuple[fmpq, ...]
    clock: int = 0
    size: int = 0

    @classmethod
    def of(cls, problem: DiagonalProblem, scale: InitialScale, shape: tuple[fmpq, ...]) -> DualForm:
        """The form with the smaller state for a problem."""
        with workprec(_BOUND_BITS):
            wide = problem.has_data and problem.n < problem.d
            if wide and problem.quadratic.rank() == problem.n:
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

    def in_units(self) -> DualForm:
        """The same flow in units in which its numbers are about one, by powers of two.

        Raises:
            BadInputError: the columns differ too much in size.
        """
        terms, norm = self.field.terms[::2], self.field.measure
        curvatures = [-_product(t.form, t.coefficients) for t in terms]
        pulls = [abs(_product(t.form, self.field.constant)) / 2 for t in terms]
        orders = [[order_of_two(q) for q in values if q != 0] for values in (curvatures, pulls)]
        columns, correlations = (max(o) - min(o) > _RANGE for o in orders)
        if columns:
            raise BadInputError(
                f"the columns differ in size by more than 2^{_RANGE // 2}",
                needed="columns of similar size",
                hint="scale the columns",
            )
        if correlations:
            raise BadInputError(
                f"the correlations of the columns with y differ in size by more than 2^{_RANGE}",
                needed="columns whose speeds are comparable",
                hint="leave out the columns that hardly matter",
            )
        with workprec(_BOUND_BITS):  # p and q start at α^2κ, which may be the larger
            start = max(-2 * self.threshold(i) for i in range(len(self.shape))) / arb(2).log()
        size = max(max(orders[1]) - max(orders[0]), ceil(float(start)))
        clock = max(orders[0]) + size
        longest = max(orders[0]) // 2
        stretch = max(order_of_two(q) for row in self.frame for q in row if q != 0)
        unit = fmpq(2) ** (stretch - clock)
        frame = tuple(tuple(q / fmpq(2) ** stretch for q in row) for row in self.frame)
        measure = Norm(
            tuple(x * arb((1, longest - stretch)) for x in norm.basis),
            tuple(x * arb((1, longest + size - clock)) for t in norm.terms[::2] for x in (t, t)),
        )
        pushes = [tuple(a * unit * fmpq(2) ** size for a in t.coefficients) for t in terms]
        constant = tuple(q * unit for q in self.field.constant)
        spread = tuple(x * arb((1, -longest)) for x in self.spread)
        field = _field(constant, pushes, frame, measure, self.scale, self.shape, size)
        return replace(self, field=field, frame=frame, spread=spread, clock=clock, size=size)

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

    def slope(self, beta: Sequence[arb]) -> list[arb]:
        """dz/dT = −∇L(β) (d), in natural time."""
        return self._pulled([arb(q) for q in self.field.constant], beta)

    def curved(self, v: Sequence[arb]) -> list[arb]:
        """Mv (d)."""
        return [-x for x in self._pulled([arb(0)] * self.field.dimension, v)]

    def _pulled(self, state: list[arb], beta: Sequence[arb]) -> list[arb]:
        for j, b in enumerate(beta):
            for i, a in enumerate(self.field.terms[2 * j].coefficients):
                if a != 0:
                    state[i] += arb(2 * a) * (b * arb((1, -self.size)))
        return [x * arb((1, self.clock)) for x in self.dual(state)]

    def later_changes(self, state: list[arb], error: arb) -> list[arb] | None:
        """Bounds of |β_i(T') − β_i(T)| (d) for all T' > T, from the state at T; None for dependent columns.

        Two solutions never move apart, and the flow from T + h is one: so ‖x'‖ never grows, nor
        does its bound for |∇L(β)_j|.  Independent columns give β = M⁻¹(r + ∇L(β)).
        """
        d = len(self.shape)
        if self._inverse is None:
            return None
        inverse = [[abs(q).upper() for q in row] for row in self._inverse[1].tolist()]
        z = self.enclosed_dual(state, error)
        forces = [self.field.terms[2 * j].coefficients for j in range(d)]
        parts = [(p - q) * arb((1, -self.size)) for p, q in self.parts(z)]
        with_offsets = zip(self.field.constant, zip(*forces, strict=True), strict=True)
        speeds = [
            arb(c) + sum((arb(a) * e for a, e in zip(row, parts, strict=True)), arb(0))
            for c, row in with_offsets
        ]
        speed = sum((w * abs(x) for w, x in zip(self.field.measure.basis, speeds, strict=True)), arb(0))
        slopes = [2 * w * speed for w in self.spread]  # of z at T and T', together
        unit = arb((1, self.size))
        return [unit * sum((q * s for q, s in zip(row, slopes, strict=True)), arb(0)) for row in inverse]

    @property
    def determines(self) -> bool:
        """Whether the gradient determines β: the columns are independent."""
        return self._inverse is not None

    def digits_between(self) -> int:
        """Digits by which the speeds β_j²M_jj of the coordinates that ∇L = 0 determines lie apart.

        So far apart are the fastest jump, whose rounding noise remains, and the slowest.  0 for
        dependent columns, where what is small may be a power of α and no jump.
        """
        if self._inverse is None:
            return 0
        with workprec(_INVERSE_BITS):
            M, inverse = self._inverse
            pull = self.dual([arb(q) for q in self.field.constant])
            end = (inverse * arb_mat([[x] for x in pull])).entries()
            speeds = [(b * b * M[j, j]).log() for j, b in enumerate(end) if not b.contains(0)]
            floats = [float(x) for x in speeds if x.is_finite()]
        return ceil((max(floats) - min(floats)) / log(10)) if floats else 0

    @cached_property
    def _inverse(self) -> tuple[arb_mat, arb_mat] | None:
        """M and M⁻¹ (d × d), where z' = r − Mβ in units of the field; None for dependent columns."""
        d = len(self.shape)
        if self.field.dimension != d:
            return None
        with workprec(_INVERSE_BITS):
            forces = [self.field.terms[2 * j].coefficients for j in range(d)]
            M = arb_mat([[arb(row[i]) for row in self.frame] for i in range(d)])
            M = M * arb_mat([[arb(-2 * force[k]) for force in forces] for k in range(d)])
            try:
                return M, M.inv()
            except ZeroDivisionError:
                return None

    def threshold(self, i: int) -> arb:
        """κ_i Λ: where |z_i| is when coordinate i is of order one."""
        return arb(self.shape[i]) * self.scale.log_inverse()

    def moment(self, time: arb) -> arb:
        """Natural time T of a time of the field."""
        return time * arb((1, -self.clock))


def _field(
    constant: tuple[fmpq, ...],
    pushes: list[tuple[fmpq, ...]],
    frame: tuple[tuple[fmpq, ...], ...],
    norm: Norm,
    scale: InitialScale,
    shape: tuple[fmpq, ...],
    size: int = 0,
) -> Field:
    """``x' = constant + Σ push_i (p_i − q_i)``, p, q = exp(±2z_i − 2κ_iΛ − size·ln 2)."""
    terms = []
    for i, push in enumerate(pushes):
        form, offset = tuple(2 * row[i] for row in frame), _offset(scale, shape[i], size)
        terms.append(Term(push, form, offset))
        terms.append(Term(tuple(-a for a in push), tuple(-a for a in form), offset))
    return Field(constant, tuple(terms), norm, contracting=True)


def _offset(scale: InitialScale, kappa: fmpq, size: int) -> Real:
    return partial(_enclosed_offset, scale, kappa, size)


def _enclosed_offset(scale: InitialScale, kappa: fmpq, size: int) -> arb:
    return arb(-2 * kappa) * scale.log_inverse() - size * arb(2).log()


def _product(a: Sequence[fmpq], b: Sequence[fmpq]) -> fmpq:
    return sum((x * y for x, y in zip(a, b, strict=True)), fmpq(0))
