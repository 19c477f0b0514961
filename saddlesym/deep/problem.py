"""A deep linear network with its cost: θ = (W_1, …, W_L), A = W_L ⋯ W_1, loss C(A)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any

from flint import fmpq_mat

from saddlesym.data.reading import Missing, Reading
from saddlesym.data.table import matrix_example, read_matrix
from saddlesym.deep.cost import QuadraticCost
from saddlesym.errors import BadInputError, Degeneracy, DegenerateProblemError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.matrices import (
    Matrix,
    exact_matrix,
    flint_matrix,
    identity,
    public_matrix,
    shape_text,
)
from saddlesym.exact.scalars import Floats
from saddlesym.exact.text import encodable

#: Most layers of a network, and greatest width of one: beyond, what it says is not readable any more.
MAX_DEPTH, MAX_WIDTH = 1000, 10**9


@dataclass(frozen=True, repr=False)
class DeepLinearProblem(Documented):
    """The loss ``𝓛(W_1, …, W_L) = C(W_L ⋯ W_1)`` of a deep linear network.

    Attributes:
        cost: the convex cost C.
        widths: (n_0, w_1, …, w_{L−1}, n_L), from the input to the output; W_l is
            n_l × n_{l−1}.
        source: where the data were read from; empty when they were given.

    The flow is θ' = −∇𝓛 in natural time T.  Signs: ``G = ∇C(0)``, and the singular
    pairs (s_i, u_i, v_i) are those of −G.

    Raises:
        BadInputError: fewer than two or more than 1000 layers, or widths that do not fit the cost or are
            beyond 10⁹.

    Source: J21, section 2.

    >>> problem = DeepLinearProblem.whitened([[3, 1, 0], [1, 2, -1]], depth=3)
    >>> problem.widths, problem.depth, problem.gradient_at_origin[1]
    ((3, 2, 2, 2), 3, (Fraction(-1, 1), Fraction(-2, 1), Fraction(1, 1)))
    """

    cost: QuadraticCost
    widths: tuple[int, ...]
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        _check_depth(len(self.widths) - 1)
        widths = tuple(_width(w) for w in self.widths)
        object.__setattr__(self, "widths", widths)
        n_out, n_in = self.cost.shape
        if len(widths) < 3:
            raise BadInputError(
                f"{len(widths)} widths", needed="three at least: input, hidden layers, output (depth ≥ 2)"
            )
        if (widths[0], widths[-1]) != (n_in, n_out):
            raise BadInputError(
                f"widths {widths} for a cost of {n_out} × {n_in} matrices",
                needed=f"widths that begin with {n_in} and end with {n_out}",
            )

    @classmethod
    def whitened(
        cls,
        target: Any,
        widths: Sequence[int] | None = None,
        depth: int | None = None,
        hidden: int | Sequence[int] | None = None,
        *,
        floats: Floats = "decimal",
    ) -> DeepLinearProblem:
        """The network for ``C(A) = ½‖A − A*‖²``.

        Args:
            target: A* (n_L × n_0).
            widths: all widths; or instead
            depth: number L of layers, 2 by default, and
            hidden: one width for all hidden layers, or one for each; by default
                min(n_0, n_L), which does not limit the rank of A.
        """
        return cls._of(QuadraticCost.whitened(target, floats=floats), widths, depth, hidden)

    @classmethod
    def matrix_completion(
        cls,
        target: Any,
        mask: Any,
        widths: Sequence[int] | None = None,
        depth: int | None = None,
        hidden: int | Sequence[int] | None = None,
        *,
        floats: Floats = "decimal",
    ) -> DeepLinearProblem:
        """The network for ``C(A) = ½ Σ (A_ij − A*_ij)²`` over the entries where the mask is 1."""
        cost = QuadraticCost.matrix_completion(target, mask, floats=floats)
        return cls._of(cost, widths, depth, hidden)

    @classmethod
    def squared_error(
        cls,
        X: Any,
        Y: Any,
        widths: Sequence[int] | None = None,
        depth: int | None = None,
        hidden: int | Sequence[int] | None = None,
        *,
        floats: Floats = "decimal",
    ) -> DeepLinearProblem:
        """The network for ``C(A) = ‖AX − Y‖² / (2N)``; samples are columns of X and Y."""
        return cls._of(QuadraticCost.squared_error(X, Y, floats=floats), widths, depth, hidden)

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        mask: str | Path | None = None,
        depth: int | None = None,
        hidden: int | Sequence[int] | None = None,
        *,
        header: bool | None = None,
        floats: Floats = "decimal",
        decimal: str = ".",
        drop_columns: Sequence[str | int] = (),
        drop_missing: Missing | None = None,
    ) -> DeepLinearProblem:
        """Read the target A* from a CSV or ``.npy`` file, or a shipped example by its name.

        Args:
            path: file, ``"-"`` for standard input, or the name of an example such as ``"svd-3x3"``.
            mask: file of zeros and ones of the same shape: matrix completion.  Without
                it, that of the example, or none (whitened squared error).
            depth: number of layers, 2 by default.
            hidden: hidden widths, as for :meth:`whitened`.
            header: whether the first line holds names; default: decided from it.
            floats: what a float in a NumPy file means, ``"decimal"`` or ``"binary"``.
            decimal: the decimal mark, ``"."`` or ``","``.
            drop_columns: columns to leave out, by name or 0-based index.
            drop_missing: leave out the ``"rows"`` or the ``"columns"`` that lack a value.

        >>> DeepLinearProblem.from_csv("completion-3x3")
        DeepLinearProblem(completion, widths=(3, 3, 3))
        """
        rows = read_matrix(path, Reading(header, floats, decimal, drop_columns, drop_missing)).rows
        example = matrix_example(path)
        if mask is None and example is not None:
            mask = example.mask
        if mask is None:
            cost = QuadraticCost.whitened(rows)
        else:
            cost = QuadraticCost.matrix_completion(rows, _mask_rows(mask))
        problem = cls._of(cost, None, depth, hidden)
        return cls(problem.cost, problem.widths, str(path))

    @classmethod
    def _of(
        cls,
        cost: QuadraticCost,
        widths: Sequence[int] | None,
        depth: int | None,
        hidden: int | Sequence[int] | None,
    ) -> DeepLinearProblem:
        if widths is not None:
            if depth is not None or hidden is not None:
                raise BadInputError(
                    "widths and also depth or hidden", needed="either all widths, or depth and hidden"
                )
            return cls(cost, tuple(widths))
        n_out, n_in = cost.shape
        inside = _hidden_widths(min(n_out, n_in), depth, hidden)
        return cls(cost, (n_in, *inside, n_out))

    @property
    def depth(self) -> int:
        """L, the number of layers."""
        return len(self.widths) - 1

    @property
    def hidden(self) -> tuple[int, ...]:
        """The hidden widths (w_1, …, w_{L−1})."""
        return self.widths[1:-1]

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shapes of W_1, …, W_L."""
        return tuple(zip(self.widths[1:], self.widths[:-1], strict=True))

    @property
    def max_rank(self) -> int:
        """The largest rank that A = W_L ⋯ W_1 can have: the least of all widths."""
        return min(self.widths)

    @property
    def time_unit(self) -> str:
        """The unit of accelerated time: "ln(1/alpha)" for two layers, "1/alpha^(L-2)" for more."""
        return "ln(1/alpha)" if self.depth == 2 else "1/alpha^(L-2)"

    @property
    def gradient_at_origin(self) -> Matrix:
        """G = ∇C(0) (n_L × n_0), exact."""
        return public_matrix(self.flint_gradient_at_origin())

    def flint_gradient_at_origin(self) -> fmpq_mat:
        """G = ∇C(0) as a FLINT matrix."""
        return self.cost.flint_gradient(fmpq_mat(*self.cost.shape))

    def require_gradient_at_origin(self) -> None:
        """Refuse a problem whose origin is a global minimum, which nothing leaves.

        Raises:
            DegenerateProblemError: ∇C(0) = 0.
        """
        if not any(self.flint_gradient_at_origin().entries()):
            raise DegenerateProblemError(
                "∇C(0) = 0: the origin is a global minimum",
                reason=Degeneracy.ORIGIN_IS_MINIMUM,
                needed="a gradient at the origin",
            )

    def _weights(self, weights: Sequence[Any]) -> list[fmpq_mat]:
        if len(weights) != self.depth:
            raise BadInputError(f"{len(weights)} weight matrices", needed=f"{self.depth}, W_1 first")
        out = []
        for k, (given, shape) in enumerate(zip(weights, self.shapes, strict=True), 1):
            rows = exact_matrix(given, f"W_{k}")
            if (len(rows), len(rows[0])) != shape:
                raise BadInputError(
                    f"W_{k} is {shape_text((len(rows), len(rows[0])))}", needed=shape_text(shape)
                )
            out.append(flint_matrix(rows))
        return out

    def end_to_end(self, weights: Sequence[Any]) -> Matrix:
        """A = W_L ⋯ W_1 (n_L × n_0), exact, for rational weights (W_1, …, W_L)."""
        return public_matrix(_product(self._weights(weights)))

    def loss(self, weights: Sequence[Any]) -> Fraction:
        """𝓛 = C(W_L ⋯ W_1), exact, for rational weights (W_1, …, W_L)."""
        return self.cost.value(self.end_to_end(weights))

    def gradient(self, weights: Sequence[Any]) -> tuple[Matrix, ...]:
        """∇𝓛, exact: one matrix for each layer, ``(W_L⋯W_{l+1})ᵀ ∇C(A) (W_{l−1}⋯W_1)ᵀ``.

        >>> problem = DeepLinearProblem.whitened([[2]], depth=2)
        >>> problem.gradient([[[1]], [[1]]])
        (((Fraction(-1, 1),),), ((Fraction(-1, 1),),))
        """
        W = self._weights(weights)
        slope = self.cost.flint_gradient(_product(W))
        below = [identity(self.widths[0])]  # below[l] = W_l ⋯ W_1
        for w in W[:-1]:
            below.append(w * below[-1])
        out: list[fmpq_mat] = []
        above = slope  # (W_L ⋯ W_{l+1})ᵀ ∇C(A)
        for w, under in zip(reversed(W), reversed(below), strict=True):
            out.append(above * under.transpose())
            above = w.transpose() * above
        return tuple(map(public_matrix, reversed(out)))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings."""
        return {"kind": self._kind} | self.data_document()

    def data_document(self) -> dict[str, Any]:
        """The problem within another document."""
        cost = self.cost.data_document()
        return {"source": encodable(self.source), "cost": cost, "widths": list(self.widths)}

    def __repr__(self) -> str:
        return f"DeepLinearProblem({self.cost.name}, widths={self.widths})"


def _mask_rows(mask: str | Path) -> Any:
    try:
        return read_matrix(mask, Reading(header=False)).rows
    except BadInputError as error:
        raise error.at("mask") from None


def _product(weights: list[fmpq_mat]) -> fmpq_mat:
    return reduce(lambda below, w: w * below, weights)


def _width(value: Any) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or (width := value.__index__()) < 1:
        raise BadInputError(f"width {shown(value)}", needed="a positive whole number")
    if width > MAX_WIDTH:
        raise BadInputError(f"width {shown(value)}", needed=f"{MAX_WIDTH} at most")
    return int(width)


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BadInputError(f"depth {shown(depth)}", needed=f"{MAX_DEPTH} layers at most")


def _hidden_widths(default: int, depth: int | None, hidden: int | Sequence[int] | None) -> tuple[int, ...]:
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 2):
        raise BadInputError(f"depth {shown(depth)}", needed="2 or more layers")
    _check_depth(depth or 2)
    if hidden is None:
        hidden = default
    if hasattr(hidden, "__index__"):
        return (_width(hidden),) * ((depth or 2) - 1)
    inside = tuple(hidden)
    if depth is not None and len(inside) != depth - 1:
        raise BadInputError(
            f"{len(inside)} hidden widths for depth {depth}", needed=f"one width, or {depth - 1} of them"
        )
    return tuple(map(_width, inside))
