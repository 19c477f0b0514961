"""Deep linear networks of explicit small size, derived symbolically.

``𝓛(W_1, …, W_L) = C(W_L ⋯ W_1)`` with weights as symbols.  Gradient and Hessian are
obtained by differentiating 𝓛, not from their closed forms, so that those can be
checked against them; the laws of J21 (balancedness, rotations, inclusion of width, the
leading form at the origin) come as objects that vanish identically, or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from typing import Any, TypeAlias

import sympy
from sympy.polys.rings import PolyRing

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.functions.latex import aligned
from saddlesym.exact.functions.trees import tree
from saddlesym.exact.linear.matrices import Matrix
from saddlesym.exact.vectors import to_sympy

DeepGiven: TypeAlias = DeepLinearProblem | Sequence[int]

#: Most weights of a network that is differentiated.
MAX_WEIGHTS = 200


@dataclass(frozen=True, repr=False)
class DeepNetwork(Documented):
    """𝓛 of a deep linear network and what follows from it by differentiation.

    Attributes:
        widths: (n_0, w_1, …, w_{L−1}, n_L).
        weights: W_1, …, W_L, matrices of symbols ``w_l_ij``.
        mask, K, B: the cost ``C(A) = ½⟨mask ∘ (A K), A⟩ − ⟨B, A⟩ + constant``.
        constant: C(0).
    """

    widths: tuple[int, ...]
    weights: tuple[sympy.ImmutableMatrix, ...]
    mask: sympy.ImmutableMatrix
    K: sympy.ImmutableMatrix
    B: sympy.ImmutableMatrix
    constant: sympy.Expr

    @property
    def depth(self) -> int:
        """L."""
        return len(self.weights)

    @cached_property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """All weights, layer by layer and row by row."""
        return tuple(entry for W in self.weights for entry in W)

    @cached_property
    def product(self) -> sympy.ImmutableMatrix:
        """A = W_L ⋯ W_1 (n_L × n_0)."""
        return _product(self.weights)

    def cost_gradient(self, A: Any) -> sympy.ImmutableMatrix:
        """∇C(A) (n_L × n_0)."""
        return sympy.ImmutableMatrix(self.mask.multiply_elementwise(A * self.K) - self.B)

    @cached_property
    def _polynomials(self) -> Any:
        """The ring ℚ[weights, entries of B], in which 𝓛 is expanded and differentiated fast."""
        others = sorted(self.B.free_symbols, key=str)
        return PolyRing((*self.symbols, *others), sympy.QQ, sympy.grevlex)

    @cached_property
    def _loss(self) -> Any:
        ring = self._polynomials
        A = reduce(_times, ([[ring(w) for w in row] for row in W.tolist()] for W in reversed(self.weights)))
        mask, K, B = (
            [[ring.from_expr(e) for e in row] for row in M.tolist()] for M in (self.mask, self.K, self.B)
        )
        slope = _times(A, K)
        total = ring.from_expr(sympy.expand(self.constant))
        for i, row in enumerate(A):
            for j, entry in enumerate(row):
                total += entry * (mask[i][j] * slope[i][j] / 2 - B[i][j])
        return total

    @cached_property
    def _gradient(self) -> list[Any]:
        return [self._loss.diff(self._polynomials(w)) for w in self.symbols]

    @cached_property
    def loss(self) -> sympy.Expr:
        """𝓛, expanded."""
        return self._loss.as_expr()

    @cached_property
    def gradient(self) -> tuple[sympy.ImmutableMatrix, ...]:
        """∇𝓛, one matrix for each layer, by differentiation."""
        return self._layers([g.as_expr() for g in self._gradient])

    def _layers(self, entries: Sequence[Any]) -> tuple[sympy.ImmutableMatrix, ...]:
        """One matrix for each layer from entries in the order of :attr:`symbols`."""
        left = iter(entries)
        return tuple(sympy.ImmutableMatrix(*W.shape, [next(left) for _ in W]) for W in self.weights)

    @property
    def flow(self) -> tuple[sympy.ImmutableMatrix, ...]:
        """W_l' = −∂𝓛/∂W_l in natural time T."""
        return tuple(-g for g in self.gradient)

    @cached_property
    def hessian(self) -> sympy.ImmutableMatrix:
        """∇²𝓛 in the order of :attr:`symbols`."""
        gens = [self._polynomials(w) for w in self.symbols]
        return sympy.ImmutableMatrix([[g.diff(w).as_expr() for w in gens] for g in self._gradient])

    def hessian_at(self, weights: Sequence[Any]) -> sympy.ImmutableMatrix:
        """∇²𝓛 at given weights (W_1, …, W_L), numbers or expressions.

        >>> net = deep_network([1, 1, 1])
        >>> net.hessian_at([[[0]], [[0]]])
        Matrix([
        [    0, -b_11],
        [-b_11,     0]])
        """
        given = [sympy.ImmutableMatrix(W) for W in weights]
        if [W.shape for W in given] != [W.shape for W in self.weights]:
            raise BadInputError(
                f"weights of shapes {[W.shape for W in given]}", needed=f"{[W.shape for W in self.weights]}"
            )
        values = dict(zip(self.symbols, (entry for W in given for entry in W), strict=True))
        return self.hessian.subs(values, simultaneous=True)

    @property
    def conserved(self) -> tuple[sympy.ImmutableMatrix, ...]:
        """``W_{l+1}ᵀW_{l+1} − W_lW_lᵀ`` for l = 1, …, L − 1, which the flow keeps (balancedness)."""
        pairs = pairwise(self.weights)
        return tuple(sympy.ImmutableMatrix(above.T * above - below * below.T) for below, above in pairs)

    def time_derivative(self, quantity: Any) -> Any:
        """The derivative in natural time of an expression or matrix of the weights, expanded.

        >>> net = deep_network([1, 1, 1])
        >>> net.time_derivative(net.conserved[0])
        Matrix([[0]])
        """
        ring = self._polynomials

        def along(entry: sympy.Expr) -> sympy.Expr:
            slopes = [sympy.diff(entry, w) for w in self.symbols]
            try:
                terms = [
                    ring.from_expr(sympy.expand(e)) * g for e, g in zip(slopes, self._gradient, strict=True)
                ]
            except ValueError:  # no polynomial of the weights
                pairs = zip(slopes, self._gradient, strict=True)
                return sympy.expand(-sum((e * g.as_expr() for e, g in pairs), _ZERO))
            return -sum(terms, ring.zero).as_expr()

        return quantity.applyfunc(along) if hasattr(quantity, "applyfunc") else along(quantity)

    def homogeneous_part(self, degree: int) -> sympy.Expr:
        """The part of 𝓛 of one degree in the weights.

        It is zero unless the degree is 0, L or 2L: all derivatives of order 1, …, L − 1
        vanish at the origin.

        >>> net = deep_network([1, 1, 1, 1])
        >>> [k for k in range(9) if net.homogeneous_part(k) != 0]
        [0, 3, 6]
        """
        ring, count = self._polynomials, len(self.symbols)
        terms = {m: c for m, c in self._loss.terms() if sum(m[:count]) == degree}
        return ring.from_dict(terms).as_expr()

    @cached_property
    def leading_form(self) -> sympy.Expr:
        """H(θ) = Tr(GᵀW_L ⋯ W_1), G = ∇C(0): the part of degree L."""
        G = self.cost_gradient(sympy.zeros(*self.B.shape))
        return sympy.expand((G.T * self.product).trace())

    def rotated(self, layer: int, rotation: Any) -> tuple[sympy.ImmutableMatrix, ...]:
        """The weights after a rotation R of hidden layer l: ``W_l → R W_l``, ``W_{l+1} → W_{l+1} Rᵀ``."""
        return _rotated(self.weights, layer, sympy.ImmutableMatrix(rotation))

    def rotation_defect(self, layer: int, plane: tuple[int, int] = (0, 1)) -> tuple[Any, ...]:
        """∇𝓛 at rotated weights minus the rotated ∇𝓛, for a rotation by any angle in a plane.

        Zero matrices: the flow commutes with these rotations, hence with all, which
        they generate.  Entries are polynomials in c = cos and s = sin, reduced by c² + s² = 1.

        Args:
            layer: hidden layer, 1 to L − 1.
            plane: two different hidden units (0-based).
        """
        width = self.widths[layer] if 1 <= layer < self.depth else 0
        if len(set(plane)) != 2 or not all(0 <= unit < width for unit in plane):
            raise BadInputError(
                f"layer {layer} and units {plane}", needed="a hidden layer and two different units of it"
            )
        cosine, sine = sympy.symbols("c s", real=True)
        p, q = plane
        R = sympy.eye(width)
        R[p, p] = R[q, q] = cosine
        R[p, q], R[q, p] = -sine, sine
        R = sympy.ImmutableMatrix(R)
        ring = PolyRing((*self._polynomials.symbols, cosine, sine), sympy.QQ, sympy.grevlex)
        moved = [ring.from_expr(sympy.expand(e)) for W in self.rotated(layer, R) for e in W]
        at = [(ring(w), e) for w, e in zip(self.symbols, moved, strict=True)]
        circle = ring(cosine) ** 2 + ring(sine) ** 2 - 1
        rotated = [sympy.expand(e) for W in _rotated(self.gradient, layer, R) for e in W]
        out = [
            (g.set_ring(ring).compose(at) - ring.from_expr(e)).rem([circle]).as_expr()
            for g, e in zip(self._gradient, rotated, strict=True)
        ]
        return self._layers(out)

    def inclusion_defect(self, hidden: Sequence[int]) -> tuple[Any, ...]:
        """∇𝓛 of a wider network at weights padded with zeros, minus the padded ∇𝓛.

        Zero matrices: a network keeps its flow inside a wider one.

        Args:
            hidden: the wider hidden widths (w'_1, …, w'_{L−1}).
        """
        widths = (self.widths[0], *hidden, self.widths[-1])
        if len(widths) != len(self.widths) or any(a > b for a, b in zip(self.widths, widths, strict=True)):
            raise BadInputError(f"hidden widths {tuple(hidden)}", needed=f"at least {self.widths[1:-1]}")
        wider = DeepNetwork(widths, _symbols(widths), self.mask, self.K, self.B, self.constant)
        corners = zip(wider.weights, self.weights, strict=True)
        inside = tuple(sympy.ImmutableMatrix(wide[: W.rows, : W.cols]) for wide, W in corners)
        narrow = DeepNetwork(self.widths, inside, self.mask, self.K, self.B, self.constant)
        ring = wider._polynomials
        padding = {k for k, w in enumerate(ring.symbols) if w in {*wider.symbols} - {*narrow.symbols}}
        out = []
        for g, e in zip(
            wider._gradient, (e for W in _padded(narrow.gradient, widths) for e in W), strict=True
        ):
            # padded weights are zero: only terms without them are left
            left = {m: c for m, c in g.terms() if not any(m[k] for k in padding)}
            out.append((ring.from_dict(left) - ring.from_expr(e)).as_expr())
        return wider._layers(out)

    def latex(self) -> str:
        """A, H, the flow and the conserved quantities as an ``aligned`` block of LaTeX."""
        lines: list[tuple[str, Any]] = [("A", self.product), ("H", self.leading_form)]
        lines += [(rf"\dot W_{{{k}}}", rate) for k, rate in enumerate(self.flow, 1)]
        lines += [
            (
                rf"\tfrac{{d}}{{dT}}\left(W_{{{k + 1}}}^\top W_{{{k + 1}}} - W_{{{k}}} W_{{{k}}}^\top\right)",
                zero,
            )
            for k, zero in enumerate(map(self.time_derivative, self.conserved), 1)
        ]
        return aligned(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, expressions as text."""
        return {
            "kind": self._kind,
            "trees": {name: tree(getattr(self, name)) for name in ("mask", "K", "B", "constant")},
            "widths": list(self.widths),
            "weights": [_strings(W) for W in self.weights],
            "loss": str(self.loss),
            "gradient": [_strings(g) for g in self.gradient],
            "leading_form": str(self.leading_form),
            "conserved": [_strings(q) for q in self.conserved],
        }

    @classmethod
    def _read(cls, given: Fields) -> DeepNetwork:
        """The network of these widths and this cost, its weights named anew."""
        widths = _checked(given("widths", tuple[int, ...]))
        mask, K, B, constant = given.one("trees", _Cost)
        shapes = [W.shape for W in (mask, K, B)]
        if shapes != [(widths[-1], widths[0]), (widths[0], widths[0]), (widths[-1], widths[0])]:
            raise BadInputError("a cost of another shape", needed="that of the widths")
        return cls(widths, _symbols(widths), mask, K, B, constant)

    def __repr__(self) -> str:
        return f"DeepNetwork(widths={self.widths})"


class _Cost(Documented):
    """The matrices of a cost as trees."""

    @classmethod
    def _read(cls, given: Fields) -> Any:
        return *(given(name, sympy.ImmutableMatrix) for name in ("mask", "K", "B")), given(
            "constant", sympy.Expr
        )


def deep_network(problem: DeepGiven) -> DeepNetwork:
    """The loss of a deep linear network with symbolic weights.

    Args:
        problem: a problem with its exact numbers; or widths (n_0, …, n_L), for the
            whitened squared error with a target of symbols ``b_ij``.

    Raises:
        BadInputError: fewer than three widths, or widths that are not positive.
        BudgetError: more than 200 weights.

    Source: J21, section 2.

    >>> net = deep_network([1, 1, 1])
    >>> net.loss
    b_11**2/2 - b_11*w_1_11*w_2_11 + w_1_11**2*w_2_11**2/2
    >>> net.leading_form
    -b_11*w_1_11*w_2_11
    """
    if isinstance(problem, DeepLinearProblem):
        widths, cost = problem.widths, problem.cost
        mask, K, B = map(_sympy, (cost.mask, cost.K, cost.B))
        constant = to_sympy(cost.constant)
    else:
        widths = _checked(tuple(problem))
        n_out, n_in = widths[-1], widths[0]
        B = _symbol_matrix("b", n_out, n_in)
        mask, K = sympy.ones(n_out, n_in).as_immutable(), sympy.eye(n_in).as_immutable()
        constant = _inner(B, B) / 2
    _bounded(widths)
    return DeepNetwork(widths, _symbols(widths), mask, K, B, constant)


def _checked(widths: tuple[int, ...]) -> tuple[int, ...]:
    if len(widths) < 3 or not all(type(w) is int and w > 0 for w in widths):
        raise BadInputError(f"widths {widths}", needed="three or more positive whole numbers")
    _bounded(widths)
    return widths


def _bounded(widths: tuple[int, ...]) -> None:
    """Refuse a network of too many weights before one of them is made; a target counts as a layer."""
    count = sum(a * b for a, b in pairwise(widths))
    if max(count, widths[0] * widths[-1]) > MAX_WEIGHTS:
        raise BudgetError(f"{count} symbolic weights", needed=f"{MAX_WEIGHTS} at most", hint="smaller widths")


_ZERO = sympy.Integer(0)


def _symbols(widths: tuple[int, ...]) -> tuple[sympy.ImmutableMatrix, ...]:
    shapes = zip(widths[1:], widths, strict=False)
    return tuple(_symbol_matrix(f"w_{k}", rows, columns) for k, (rows, columns) in enumerate(shapes, 1))


def _symbol_matrix(name: str, rows: int, columns: int) -> sympy.ImmutableMatrix:
    separator = "," if max(rows, columns) > 9 else ""

    def entry(i: int, j: int) -> sympy.Symbol:
        return sympy.Symbol(f"{name}_{i + 1}{separator}{j + 1}", real=True)

    return sympy.ImmutableMatrix(rows, columns, entry)


def _sympy(rows: Matrix) -> sympy.ImmutableMatrix:
    return sympy.ImmutableMatrix([[to_sympy(q) for q in row] for row in rows])


def _product(weights: Sequence[Any]) -> sympy.ImmutableMatrix:
    return sympy.ImmutableMatrix(
        reduce(lambda below, W: sympy.Matrix(W) * below, weights[1:], sympy.Matrix(weights[0]))
    )


def _inner(a: Any, b: Any) -> sympy.Expr:
    return sum((p * q for p, q in zip(a, b, strict=True)), _ZERO)


def _times(a: list[list[Any]], b: list[list[Any]]) -> list[list[Any]]:
    """The product of two matrices with entries in a ring."""
    columns = list(zip(*b, strict=True))
    return [[sum(p * q for p, q in zip(row, column, strict=True)) for column in columns] for row in a]


def _rotated(weights: Sequence[Any], layer: int, R: Any) -> tuple[sympy.ImmutableMatrix, ...]:
    moved = list(weights)
    moved[layer - 1] = R * moved[layer - 1]
    moved[layer] = moved[layer] * R.T
    return tuple(moved)


def _padded(weights: Sequence[Any], widths: tuple[int, ...]) -> tuple[sympy.ImmutableMatrix, ...]:
    out = []
    for W, rows, columns in zip(weights, widths[1:], widths, strict=False):
        wide = sympy.zeros(rows, columns)
        wide[: W.rows, : W.cols] = W
        out.append(sympy.ImmutableMatrix(wide))
    return tuple(out)


def _strings(matrix: Any) -> list[list[str]]:
    return [[str(e) for e in row] for row in matrix.tolist()]
