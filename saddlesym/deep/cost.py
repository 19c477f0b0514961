"""The convex cost C(A) of the product A = W_L ⋯ W_1, quadratic with exact coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from flint import arb, arb_mat, fmpq_mat

from saddlesym.errors import BadInputError
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.linear.matrices import (
    Matrix,
    ball_hadamard,
    exact_matrix,
    flint_matrix,
    hadamard,
    identity,
    inner,
    public_matrix,
    shape_text,
    strings,
)
from saddlesym.exact.linear.rational import is_positive_semidefinite
from saddlesym.exact.scalars import (
    Floats,
    fraction,
    order_of_two,
    power_of_two,
    rational,
    to_fmpq,
)
from saddlesym.exact.text import exact_string


@dataclass(frozen=True, repr=False)
class QuadraticCost(Documented):
    """The cost ``C(A) = ½⟨mask ∘ (A K), A⟩ − ⟨B, A⟩ + constant``, with ``∇C(A) = mask ∘ (A K) − B``.

    Attributes:
        mask: zeros and ones (n_out × n_in).
        K: symmetric positive semidefinite (n_in × n_in); diagonal unless the mask is
            all ones, since otherwise ∇C would not have that form.
        B: −∇C(0) (n_out × n_in).
        constant: C(0).
        name: what the cost is called: ``"whitened"``, ``"data"``, ``"completion"`` or ``"quadratic"``.
        target: the matrix A* that it was made from (n_out × n_in); None where there is none.

    Raises:
        BadInputError: shapes that do not fit, a mask of other numbers, K not symmetric
            positive semidefinite, or a cost that has no minimum.

    Source: J21, section 2; the whitened case is that of BH89 and SMG14.

    >>> cost = QuadraticCost.whitened([[3, 1], [0, 2]])
    >>> cost.value([[3, 1], [0, 0]]), cost.gradient([[0, 0], [0, 0]])[0]
    (Fraction(2, 1), (Fraction(-3, 1), Fraction(-1, 1)))
    """

    mask: Matrix
    K: Matrix
    B: Matrix
    constant: Fraction
    name: str = "quadratic"
    target: Matrix | None = None

    def __post_init__(self) -> None:
        for field in ("mask", "K", "B"):
            object.__setattr__(self, field, exact_matrix(getattr(self, field), field))
        object.__setattr__(self, "constant", rational(self.constant))
        if self.target is not None:
            object.__setattr__(self, "target", exact_matrix(self.target, "target"))
        self._check()

    def _check(self) -> None:
        n_in = self.shape[1]
        needed = {"mask": self.shape, "K": (n_in, n_in), "target": self.shape}
        for field, shape in needed.items():
            rows = getattr(self, field)
            if rows is not None and (len(rows), len(rows[0])) != shape:
                raise BadInputError(
                    f"{field} is {shape_text((len(rows), len(rows[0])))}", needed=shape_text(shape)
                )
        for i, row in enumerate(self.mask):
            for j, entry in enumerate(row):
                if entry not in (0, 1):
                    raise BadInputError(f"mask[{i}][{j}] is {exact_string(entry)}", needed="0 or 1")
        if self._K.transpose() != self._K:
            raise BadInputError("K is not symmetric", needed="K = XXᵀ/N")
        diagonal = all(q == 0 for i, row in enumerate(self.K) for j, q in enumerate(row) if i != j)
        if not diagonal and not self.is_full:
            raise BadInputError("a mask with zeros and a K that is not diagonal", needed="one of them alone")
        if not is_positive_semidefinite(self._K.numer_denom()[0]):
            raise BadInputError("K has a negative eigenvalue", needed="K = XXᵀ/N")
        if not self._has_minimum():
            raise BadInputError("the cost has no minimum", needed="B in the range of A ↦ mask ∘ (A K)")

    def _has_minimum(self) -> bool:
        if self.is_full:
            n_out, n_in = self.shape
            stacked = fmpq_mat(n_in + n_out, n_in, [*self._K.entries(), *self._B.entries()])
            return bool(stacked.rank() == self._K.rank())
        return all(
            b == 0 or (seen != 0 and self.K[j][j] != 0)
            for row, mask in zip(self.B, self.mask, strict=True)
            for j, (b, seen) in enumerate(zip(row, mask, strict=True))
        )

    @classmethod
    def whitened(cls, target: Any, *, floats: Floats = "decimal") -> QuadraticCost:
        """``C(A) = ½‖A − A*‖²``, the squared error for whitened inputs.

        Args:
            target: A* (n_out × n_in).
        """
        A = exact_matrix(target, "target", floats)
        ones = [[1] * len(A[0])] * len(A)
        return cls._completion(A, exact_matrix(ones, "mask"), "whitened")

    @classmethod
    def matrix_completion(cls, target: Any, mask: Any, *, floats: Floats = "decimal") -> QuadraticCost:
        """``C(A) = ½ Σ (A_ij − A*_ij)²`` over the entries where the mask is 1.

        Args:
            target: A* (n_out × n_in); its entries off the mask play no role.
            mask: zeros and ones (n_out × n_in).

        >>> QuadraticCost.matrix_completion([[3, 1], [0, 2]], [[1, 0], [1, 1]]).B[0]
        (Fraction(3, 1), Fraction(0, 1))
        """
        A, seen = exact_matrix(target, "target", floats), exact_matrix(mask, "mask", floats)
        return cls._completion(A, seen, "completion")

    @classmethod
    def _completion(cls, target: Matrix, mask: Matrix, name: str) -> QuadraticCost:
        shape = len(target), len(target[0])
        if (len(mask), len(mask[0])) != shape:
            raise BadInputError(
                f"the mask is {shape_text((len(mask), len(mask[0])))}",
                needed=f"{shape_text(shape)}, as the target",
            )
        seen = hadamard(flint_matrix(mask), flint_matrix(target))
        constant = fraction(inner(seen, seen) / 2)
        return cls(mask, public_matrix(identity(shape[1])), public_matrix(seen), constant, name, target)

    @classmethod
    def squared_error(cls, X: Any, Y: Any, *, floats: Floats = "decimal") -> QuadraticCost:
        """``C(A) = ‖AX − Y‖² / (2N)`` for N samples, which are columns.

        Args:
            X: inputs (n_in × N).
            Y: outputs (n_out × N).

        >>> QuadraticCost.squared_error([[1, 1], [0, 2]], [[1, 3]]).K[0]
        (Fraction(1, 1), Fraction(1, 1))
        """
        inputs, outputs = exact_matrix(X, "X", floats), exact_matrix(Y, "Y", floats)
        N = len(inputs[0])
        if len(outputs[0]) != N:
            raise BadInputError(
                f"X has {N} columns but Y has {len(outputs[0])}", needed="one column of each per sample"
            )
        x, y = flint_matrix(inputs), flint_matrix(outputs)
        ones = exact_matrix([[1] * len(inputs)] * len(outputs), "mask")
        K, B = x * x.transpose() / N, y * x.transpose() / N
        constant = fraction(inner(y, y) / (2 * N))
        return cls(ones, public_matrix(K), public_matrix(B), constant, "data")

    @property
    def shape(self) -> tuple[int, int]:
        """(n_out, n_in), the shape of A."""
        return len(self.B), len(self.B[0])

    @property
    def is_full(self) -> bool:
        """Whether the mask is all ones."""
        return all(entry == 1 for row in self.mask for entry in row)

    @property
    def is_whitened(self) -> bool:
        """Whether ``C(A) = ½‖A − A*‖²`` up to a constant, however it was given."""
        return self.is_full and bool(identity(self.shape[1]) == self._K)

    @cached_property
    def _mask(self) -> fmpq_mat:
        return flint_matrix(self.mask)

    @cached_property
    def _K(self) -> fmpq_mat:
        return flint_matrix(self.K)

    @cached_property
    def _B(self) -> fmpq_mat:
        return flint_matrix(self.B)

    @property
    def flint(self) -> tuple[fmpq_mat, fmpq_mat, fmpq_mat]:
        """Mask, K and B as FLINT matrices, for the kernels; not to be changed."""
        return self._mask, self._K, self._B

    def flint_gradient(self, A: fmpq_mat) -> fmpq_mat:
        """∇C(A) of a FLINT matrix (n_out × n_in)."""
        product = A * self._K
        return (product if self.is_full else hadamard(self._mask, product)) - self._B

    def ball_gradient(self, A: arb_mat) -> arb_mat:
        """∇C(A) of a matrix of balls (n_out × n_in), at FLINT's current precision."""
        product = A * arb_mat(self._K)
        return (product if self.is_full else ball_hadamard(self._mask, product)) - arb_mat(self._B)

    def ball_value(self, A: arb_mat) -> arb:
        """C(A) of a matrix of balls (n_out × n_in), at FLINT's current precision."""
        doubled = self.ball_gradient(A) - arb_mat(self._B)
        pairs = zip(doubled.entries(), A.entries(), strict=True)
        return sum((g * a for g, a in pairs), arb(0)) / 2 + to_fmpq(self.constant)

    def _point(self, A: Any) -> fmpq_mat:
        rows = exact_matrix(A, "A")
        if (len(rows), len(rows[0])) != self.shape:
            raise BadInputError(
                f"A is {shape_text((len(rows), len(rows[0])))}", needed=shape_text(self.shape)
            )
        return flint_matrix(rows)

    def value(self, A: Any) -> Fraction:
        """C(A), exact, for any rational A (n_out × n_in)."""
        a = self._point(A)
        return fraction(inner(self.flint_gradient(a) - self._B, a) / 2 + to_fmpq(self.constant))

    def gradient(self, A: Any) -> Matrix:
        """∇C(A) (n_out × n_in), exact, for any rational A (n_out × n_in)."""
        return public_matrix(self.flint_gradient(self._point(A)))

    def in_own_units(self, layers: int = 1) -> tuple[QuadraticCost, int, int]:
        """The same cost with K and A of size one: C̃(Ã) = C(2^a Ã)/2^(2a+k), and the integers a and k.

        Args:
            layers: a is a multiple of it, so that so many layers can share 2^a exactly.

        >>> small, a, k = QuadraticCost.whitened([["3e-20"]]).in_own_units()
        >>> float(small.B[0][0]) * 2.0**a, k
        (3e-20, 0)
        """
        k = _binary_size(self.K)
        a = layers * ((_binary_size(self.B) - k + (layers - 1) // 2) // layers)
        K, B = self._K / power_of_two(k), self._B / power_of_two(a + k)
        constant = self.constant / fraction(power_of_two(2 * a + k))
        target = None if self.target is None else public_matrix(flint_matrix(self.target) / power_of_two(a))
        return QuadraticCost(self.mask, public_matrix(K), public_matrix(B), constant, self.name, target), a, k

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings."""
        return {"kind": self._kind} | self.data_document()

    def data_document(self) -> dict[str, Any]:
        """The cost within the document of a problem."""
        return {
            "name": self.name,
            "mask": strings(self.mask),
            "K": strings(self.K),
            "B": strings(self.B),
            "constant": exact_string(self.constant),
            "target": None if self.target is None else strings(self.target),
        }

    @classmethod
    def _read(cls, given: Fields) -> QuadraticCost:
        mask, K, B = (given(key, Matrix) for key in ("mask", "K", "B"))
        name = given("name", Literal["whitened", "data", "completion", "quadratic"], "quadratic")
        return cls(mask, K, B, given("constant", Fraction), name, given("target", Matrix | None, None))

    def __reduce__(self) -> tuple[Any, ...]:
        """FLINT's matrices do not pickle; what they were made from does."""
        return QuadraticCost, (self.mask, self.K, self.B, self.constant, self.name, self.target)

    def __repr__(self) -> str:
        return f"QuadraticCost({self.name}, {shape_text(self.shape)})"


def _binary_size(matrix: Matrix) -> int:
    """An integer near log₂ of the greatest entry in size; 0 for a zero matrix."""
    return max((order_of_two(to_fmpq(entry)) for row in matrix for entry in row if entry), default=0)
