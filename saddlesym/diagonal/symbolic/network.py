"""The 2-layer diagonal network, derived symbolically: F, its flow, its saddles.

``β = u ⊙ v`` and ``F(u, v) = L(u ⊙ v)``.  Gradient and Hessian are obtained by
differentiating F, not from their closed forms, so that the closed forms can be
checked against them.  The saddle of an active set is a vector of rational
functions of the parameters of a :class:`SymbolicProblem`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, TypeAlias

import sympy

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.symbolic.problem import SymbolicProblem, Values, evaluate, sympy_column
from saddlesym.errors import BadInputError, DegenerateProblemError
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.functions.latex import aligned
from saddlesym.exact.vectors import RationalVector

DiagonalGiven: TypeAlias = int | DiagonalProblem | SymbolicProblem


@dataclass(frozen=True)
class DiagonalNetwork(Documented):
    """F(u, v) of the diagonal network and what follows from it by differentiation.

    Attributes:
        problem: the loss L.
        u, v: the weights of the two layers, as symbols (d each).
        F: the training loss ``L(u ⊙ v)``.
        gradient: ∇F with respect to (u, v) (2d × 1).
        hessian: ∇²F (2d × 2d).
        flow: ``(u, v)' = −∇F`` in natural time T (2d × 1).
        conserved: one quantity per coordinate that the flow keeps, ``u_i² − v_i²``.
    """

    problem: SymbolicProblem
    u: tuple[sympy.Symbol, ...]
    v: tuple[sympy.Symbol, ...]
    F: sympy.Expr
    gradient: sympy.ImmutableMatrix
    hessian: sympy.ImmutableMatrix
    flow: sympy.ImmutableMatrix
    conserved: tuple[sympy.Expr, ...]

    @property
    def weights(self) -> tuple[sympy.Symbol, ...]:
        """All weights, u before v (2d)."""
        return self.u + self.v

    def time_derivative(self, quantity: sympy.Expr) -> sympy.Expr:
        """The derivative in natural time of a function of u and v along the flow, expanded.

        >>> net = diagonal_network(1)
        >>> net.time_derivative(net.u[0]**2 - net.v[0]**2)
        0
        """
        rates = zip(self.weights, self.flow, strict=True)
        return sympy.expand(sum(sympy.diff(quantity, w) * rate for w, rate in rates))

    def latex(self) -> str:
        """F, the flow and the conserved quantities as an ``aligned`` block of LaTeX."""
        lines = [("F(u, v)", self.F)]
        lines += [(rf"\dot{{{sympy.latex(w)}}}", e) for w, e in zip(self.weights, self.flow, strict=True)]
        lines += [
            (rf"\tfrac{{d}}{{dT}}\left({sympy.latex(q)}\right)", self.time_derivative(q))
            for q in self.conserved
        ]
        return aligned(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, expressions as text."""
        return {
            "kind": self._kind,
            "problem": entry(self.problem),
            "weights": [str(w) for w in self.weights],
            "F": str(self.F),
            "gradient": [str(e) for e in self.gradient],
            "hessian": [[str(e) for e in row] for row in self.hessian.tolist()],
            "flow": [str(e) for e in self.flow],
            "conserved": [str(q) for q in self.conserved],
        }

    @classmethod
    def _read(cls, given: Fields) -> DiagonalNetwork:
        """Derived again."""
        return diagonal_network(given("problem", SymbolicProblem))

    def __repr__(self) -> str:
        return f"DiagonalNetwork(d={self.problem.d})"


def diagonal_network(problem: DiagonalGiven) -> DiagonalNetwork:
    """Derive gradient, Hessian, flow and conserved quantities of F(u, v) = L(u ⊙ v).

    Args:
        problem: a dimension d (generic M and r), a family, or concrete data.

    Raises:
        BadInputError: a parameter of the family has the name of a weight (``u_1``, …).

    Source: PF23, section 1; conservation is its balancedness.

    >>> net = diagonal_network(1)
    >>> net.F
    m_11*u_1**2*v_1**2/2 - r_1*u_1*v_1
    >>> net.conserved
    (u_1**2 - v_1**2,)
    """
    loss = SymbolicProblem.of(problem)
    u, v = (tuple(sympy.Symbol(f"{w}_{i + 1}", real=True) for i in range(loss.d)) for w in "uv")
    if clash := set(loss.parameters) & {*u, *v}:
        raise BadInputError(
            f"the parameter {min(map(str, clash))} has the name of a weight", needed="another name"
        )
    F = sympy.expand(loss.loss([a * b for a, b in zip(u, v, strict=True)]))
    gradient = sympy.Matrix([sympy.diff(F, w) for w in u + v])
    hessian = gradient.jacobian(sympy.Matrix(u + v))
    return DiagonalNetwork(
        loss,
        u,
        v,
        F,
        sympy.ImmutableMatrix(gradient),
        sympy.ImmutableMatrix(hessian),
        sympy.ImmutableMatrix(-gradient),
        tuple(a**2 - b**2 for a, b in zip(u, v, strict=True)),
    )


@dataclass(frozen=True)
class SymbolicDirection(Documented):
    """A coordinate off the active set along which the flow leaves a saddle.

    Attributes:
        coordinate: its index (0-based).
        rate: growth rate of β_j in natural time, ``2|g_j|``.
        direction: sign with which it leaves, ``−sign g_j``.
    """

    coordinate: int
    rate: sympy.Expr
    direction: sympy.Expr


@dataclass(frozen=True)
class SymbolicSaddle(Documented):
    """The saddle of an active set, as expressions in the parameters.

    It is a saddle *of support S* where every entry of β_S is non-zero, and it is
    defined where ``determinant`` does not vanish.

    Attributes:
        problem: the problem it belongs to.
        active: the active set S (0-based, sorted).
        beta: ``β_S = M_SS⁻¹ r_S``, zero elsewhere (d × 1).
        loss: L(β).
        gradient: ∇L(β) (d × 1), zero on S.
        determinant: det M_SS.
        unstable: a direction for every j ∉ S whose g_j is not identically zero.
    """

    problem: SymbolicProblem
    active: tuple[int, ...]
    beta: sympy.ImmutableMatrix
    loss: sympy.Expr
    gradient: sympy.ImmutableMatrix
    determinant: sympy.Expr
    unstable: tuple[SymbolicDirection, ...]

    @property
    def morse_index(self) -> sympy.Expr:
        """Number of negative eigenvalues of ∇²F at the saddle: ``#{j ∉ S : g_j ≠ 0}``.

        An expression that is right at every value of the parameters; for generic
        ones it is ``len(unstable)``.
        """
        return sum((sympy.sign(self.gradient[e.coordinate]) ** 2 for e in self.unstable), sympy.Integer(0))

    @property
    def nullity(self) -> sympy.Expr:
        """Number of zero eigenvalues of ∇²F at a saddle of support S: ``|S| + 2·#{j ∉ S : g_j = 0}``."""
        return 2 * self.problem.d - len(self.active) - 2 * self.morse_index

    def at(self, values: Values) -> tuple[RationalVector, RationalVector, Any]:
        """β (d), ∇L(β) (d) and L(β), exact, at exact values of all parameters.

        Raises:
            BadInputError: a value is missing.
            DegenerateProblemError: M_SS is singular there.
        """
        where = self.problem.substitution(values)
        if evaluate(self.determinant, where) == 0:
            raise DegenerateProblemError(
                f"M_SS is singular at these parameters for the active set {list(self.active)}",
                columns=self.active,
                needed="an active set with independent columns",
            )
        beta = RationalVector.of([evaluate(e, where) for e in self.beta])
        gradient = RationalVector.of([evaluate(e, where) for e in self.gradient])
        return beta, gradient, evaluate(self.loss, where)

    def lambdify(self, modules: Any = "math") -> Callable[..., Any]:
        """A numerical function of the parameters that gives ``(β, ∇L, L)`` as lists and a number."""
        return self.problem.lambdify([list(self.beta), list(self.gradient), self.loss], modules)

    def latex(self) -> str:
        """β, L, the gradient off S and the rates as an ``aligned`` block of LaTeX."""
        lines: list[tuple[str, Any]] = [(rf"\beta_{{{i + 1}}}", self.beta[i]) for i in self.active]
        lines.append(("L", self.loss))
        for e in self.unstable:
            lines.append((rf"\nabla L_{{{e.coordinate + 1}}}", self.gradient[e.coordinate]))
            lines.append((rf"\lambda_{{{e.coordinate + 1}}}", e.rate))
        return aligned(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, expressions as text; indices are 0-based."""
        return {
            "kind": self._kind,
            "problem": entry(self.problem),
            "active": list(self.active),
            "beta": [str(e) for e in self.beta],
            "loss": str(self.loss),
            "gradient": [str(e) for e in self.gradient],
            "determinant": str(self.determinant),
            "unstable": [
                {"coordinate": e.coordinate, "rate": str(e.rate), "direction": str(e.direction)}
                for e in self.unstable
            ],
            "morse_index": str(self.morse_index),
        }

    @classmethod
    def _read(cls, given: Fields) -> SymbolicSaddle:
        """Derived again."""
        return symbolic_saddle(given("problem", SymbolicProblem), given("active", tuple[int, ...]))

    def __repr__(self) -> str:
        return f"SymbolicSaddle(active={self.active}, d={self.problem.d})"


def symbolic_saddle(problem: DiagonalGiven, active: Any) -> SymbolicSaddle:
    """The saddle of an active set with its loss, gradient, unstable directions and rates.

    Args:
        problem: a dimension d (generic M and r), a family, or concrete data.
        active: indices (0-based) of the active set S.

    Raises:
        BadInputError: an index out of range, or given twice.
        DegenerateProblemError: M_SS is singular at all parameters.
        BudgetError: the result is too large to be written down (generic M: beyond six columns).

    Source: PF23, section 3 (critical points and their stability).

    >>> saddle = symbolic_saddle(2, [0])
    >>> saddle.beta.T, saddle.gradient[1]
    (Matrix([[r_1/m_11, 0]]), -(m_11*r_2 - m_12*r_1)/m_11)
    >>> len(saddle.unstable)
    1
    """
    loss = SymbolicProblem.of(problem)
    block = loss.block(active)
    unstable = tuple(
        SymbolicDirection(j, 2 * sympy.Abs(g.sympy()), -sympy.sign(g.sympy()))
        for j, g in enumerate(block.gradient)
        if j not in block.active and not g.is_zero
    )
    return SymbolicSaddle(
        loss,
        block.active,
        sympy_column(block.beta),
        loss.block_loss(block).sympy(),
        sympy_column(block.gradient),
        block.determinant.sympy(),
        unstable,
    )


@dataclass(frozen=True)
class SaddleBranch(Documented):
    """One family of critical points: those whose weights vanish exactly off an active set.

    Attributes:
        active: the active set S (0-based).
        equations: expressions that must vanish: u_i and v_i for i ∉ S, ∇L(u ⊙ v)_i for i ∈ S.
        saddle: the one β they leave; None when M_SS is singular at all parameters,
            where the solutions form an affine set.
    """

    active: tuple[int, ...]
    equations: tuple[sympy.Expr, ...]
    saddle: SymbolicSaddle | None


@dataclass(frozen=True)
class SaddleConditions(Documented):
    """The equations ∇F(u, v) = 0, and their solution branch by branch.

    Attributes:
        network: the network whose critical points they describe.
        loss_gradient: ∇L(u ⊙ v), expanded (d).
        equations: the 2d entries of ∇F, factored as ``v_i ∇L_i`` and ``u_i ∇L_i``.
    """

    network: DiagonalNetwork
    loss_gradient: tuple[sympy.Expr, ...]
    equations: tuple[sympy.Expr, ...]

    def branch(self, active: Any) -> SaddleBranch:
        """The critical points of one active set."""
        problem, net = self.network.problem, self.network
        try:
            saddle = symbolic_saddle(problem, active)
        except DegenerateProblemError:
            saddle = None
        S = tuple(sorted(active))
        off = {w: sympy.S.Zero for i in range(problem.d) if i not in S for w in (net.u[i], net.v[i])}
        equations = [*off, *(self.loss_gradient[i].xreplace(off) for i in S)]
        return SaddleBranch(S, tuple(equations), saddle)

    def branches(self) -> Iterator[SaddleBranch]:
        """All 2^d branches, one by one, by size of the active set."""
        d = self.network.problem.d
        for S in chain.from_iterable(combinations(range(d), k) for k in range(d + 1)):
            yield self.branch(S)

    def latex(self) -> str:
        """The equations as an ``aligned`` block of LaTeX."""
        return aligned([(sympy.latex(e), 0) for e in self.equations])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, expressions as text."""
        problem, equations = entry(self.network.problem), [str(e) for e in self.equations]
        return {"kind": self._kind, "problem": problem, "equations": equations}

    @classmethod
    def _read(cls, given: Fields) -> SaddleConditions:
        """Derived again."""
        return saddle_conditions(given("problem", SymbolicProblem))

    def __repr__(self) -> str:
        return f"SaddleConditions({len(self.equations)} equations, d={self.network.problem.d})"


def saddle_conditions(problem: DiagonalGiven) -> SaddleConditions:
    """The conditions for (u, v) to be a critical point of F.

    Args:
        problem: a dimension d (generic M and r), a family, or concrete data.

    Returns:
        the equations; for every i either ``u_i = v_i = 0`` or ``∇L(u ⊙ v)_i = 0``, which
        :meth:`SaddleConditions.branches` goes through.

    Source: PF23, section 3 (critical points).

    >>> saddle_conditions(1).equations
    (v_1*(m_11*u_1*v_1 - r_1), u_1*(m_11*u_1*v_1 - r_1))
    >>> [branch.active for branch in saddle_conditions(2).branches()]
    [(), (0,), (1,), (0, 1)]
    """
    net = diagonal_network(problem)
    products = [a * b for a, b in zip(net.u, net.v, strict=True)]
    gradient = tuple(sympy.expand(g) for g in net.problem.gradient(products))
    pairs = zip(net.v + net.u, gradient * 2, strict=True)
    return SaddleConditions(net, gradient, tuple(weight * g for weight, g in pairs))
