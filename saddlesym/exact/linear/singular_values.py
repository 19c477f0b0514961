"""Exact singular values of a rational matrix, and its singular vectors as balls.

The squares of the singular values are the eigenvalues of AᵀA, roots of a
polynomial over ℚ whose factorisation gives their multiplicities exactly.  For an
eigenvalue λ of the symmetric matrix M with minimal polynomial m the projector on
its eigenspace is ``q(M)/q(λ)``, ``q(x) = m(x)/(x − λ)``: a formula without pivots,
so it holds for balls as it stands and whatever the multiplicities are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from flint import arb, arb_mat, fmpq, fmpq_mat, fmpq_poly, fmpz_poly

from saddlesym.errors import BadInputError, DegenerateProblemError
from saddlesym.exact.algebraic import RealRoot, ends, real_roots, refined, relative_digits
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.linear.matrices import Matrix, exact_matrix, flint_matrix, shape_text, size, strings
from saddlesym.exact.scalars import Floats, to_fmpq

BallMatrix: TypeAlias = tuple[tuple[Ball, ...], ...]


@dataclass(frozen=True, repr=False)
class SingularValue(Documented):
    """A positive singular value σ, exactly: σ² is a root of an irreducible integer polynomial.

    Attributes:
        square: σ², a real algebraic number.
        multiplicity: how many times it is a singular value.
    """

    square: RealRoot
    multiplicity: int

    @property
    def rational_square(self) -> Fraction | None:
        """σ² when it is rational."""
        return self.square.rational

    @property
    def rational(self) -> Fraction | None:
        """σ when it is rational."""
        square = self.square.rational
        if square is None:
            return None
        q = to_fmpq(square)
        return Fraction(int(q.p.isqrt()), int(q.q.isqrt())) if _is_square(q) else None

    def arb(self) -> arb:
        """σ at FLINT's current precision."""
        return self.square.arb().sqrt()

    def ball(self, digits: int = 30) -> Ball:
        """σ with a relative error below 10^−digits."""
        return Ball(refined(self.arb, lambda x: relative_digits(x) > digits, digits))

    def inverse(self, digits: int = 30) -> Ball:
        """1/σ: for L = 2 and aligned weights the accelerated jump time of the mode (SMG14)."""
        return self.jump_time(2, digits)

    def jump_time(self, depth: int, digits: int = 30) -> Ball:
        """The accelerated time at which this mode jumps when all layers start at α on its diagonal, α → 0.

        ``1/σ`` in units of ln(1/α) for L = 2; ``1/((L−2)σ)`` in units of α^{−(L−2)} for L ≥ 3 (SMG14).

        >>> value, = singular_values([[2]]).values
        >>> [float(value.jump_time(depth)) for depth in (2, 3, 4)]
        [0.5, 0.5, 0.25]
        """
        speed = max(1, depth - 2)
        return Ball(refined(lambda: 1 / (speed * self.arb()), lambda x: relative_digits(x) > digits, digits))

    @cached_property
    def minimal_polynomial(self) -> tuple[int, ...]:
        """The irreducible integer polynomial of σ itself, constant term first.

        >>> singular_values([[3, 0], [0, 1]]).values[0].minimal_polynomial
        (-3, 1)
        """
        spread = [0] * (2 * self.square.degree + 1)
        spread[::2] = self.square.polynomial
        factors = [factor for factor, _ in fmpz_poly(spread).factor()[1]]

        def candidates() -> list[fmpz_poly]:
            return [factor for factor in factors if factor(self.arb()).contains(0)]

        factor = refined(candidates, lambda left: len(left) == 1, 15)[0]
        sign = 1 if factor.leading_coefficient() > 0 else -1
        return tuple(sign * int(c) for c in factor)

    @property
    def root(self) -> RealRoot:
        """σ itself as a real algebraic number."""
        found = [root for root, _ in real_roots(fmpq_poly(list(self.minimal_polynomial)))]

        def matching() -> list[RealRoot]:
            return [root for root in found if root.arb().overlaps(self.arb())]

        return refined(matching, lambda left: len(left) == 1, 15)[0]

    def sympy(self) -> Any:
        """σ by radicals where it or its square has degree 2 at most, else as a ``CRootOf``."""
        import sympy

        if self.square.degree == 2 and len(self.minimal_polynomial) > 3:
            return sympy.sqrt(self.square.sympy())
        return self.root.sympy()

    def interval(self, digits: int = 30) -> tuple[Fraction, Fraction]:
        """Rational ends of an interval that holds σ, of relative width about 10^−digits.

        Their squares isolate σ² among the roots of its polynomial.
        """
        return ends(self.ball(digits).arb)

    def to_dict(self, digits: int = 30) -> dict[str, Any]:
        """JSON-ready."""
        return super().to_dict() | {"value": self.ball(digits).to_dict(exact=False)}

    def __float__(self) -> float:
        return float(self.ball(17))

    def __repr__(self) -> str:
        times = f", multiplicity {self.multiplicity}" if self.multiplicity > 1 else ""
        return f"SingularValue({float(self):.12g}{times})"


@dataclass(frozen=True, repr=False)
class SingularDecomposition(Documented):
    """The singular values of a rational matrix A and what belongs to each of them.

    Attributes:
        matrix: A (m × n).
        values: the distinct positive singular values, the greatest first.
    """

    matrix: Matrix
    values: tuple[SingularValue, ...]

    @property
    def rank(self) -> int:
        """Rank of A: the multiplicities added up."""
        return sum(value.multiplicity for value in self.values)

    @property
    def is_simple(self) -> bool:
        """Whether no positive singular value is repeated."""
        return all(value.multiplicity == 1 for value in self.values)

    @cached_property
    def _a(self) -> fmpq_mat:
        return flint_matrix(self.matrix)

    @cached_property
    def _gram(self) -> tuple[bool, fmpq_mat, list[fmpq]]:
        """Whether AᵀA or AAᵀ is the smaller, that matrix, and its minimal polynomial."""
        m, n = size(self._a)
        transposed = self._a.transpose()
        right = n <= m
        gram = transposed * self._a if right else self._a * transposed
        polynomial = fmpq_poly([1])
        for factor in {value.square.polynomial for value in self.values}:
            polynomial *= fmpq_poly(list(factor))
        if self.rank < gram.nrows():
            polynomial *= fmpq_poly([0, 1])
        return right, gram, [fmpq(c) for c in polynomial.coeffs()]

    @cached_property
    def _powers(self) -> list[fmpq_mat]:
        """The powers of the smaller Gram matrix below the degree of its minimal polynomial."""
        _, gram, coefficients = self._gram
        return _repeated(gram, gram**0, len(coefficients) - 1)

    @cached_property
    def _known_columns(self) -> dict[int, list[fmpq_mat]]:
        return {}

    def _columns(self, j: int) -> list[fmpq_mat]:
        """The j-th columns of those powers, found without the powers."""
        if j not in self._known_columns:
            _, gram, coefficients = self._gram
            unit = fmpq_mat(gram.nrows(), 1, [int(i == j) for i in range(gram.nrows())])
            self._known_columns[j] = _repeated(gram, unit, len(coefficients) - 1)
        return self._known_columns[j]

    def _quotient(self, k: int) -> tuple[list[arb], arb]:
        """The coefficients of q(x) = m(x)/(x − σ_k²), the constant one first, and q(σ_k²)."""
        coefficients = self._gram[2]
        square = self.values[k].square.arb()
        quotient = [arb(coefficients[-1])]  # Horner
        for c in reversed(coefficients[1:-1]):
            quotient.append(quotient[-1] * square + arb(c))
        quotient.reverse()
        return quotient, sum((factor * square**j for j, factor in enumerate(quotient)), arb(0))

    def _projector(self, k: int) -> arb_mat:
        """The projector on the eigenspace of σ_k² of the smaller Gram matrix."""
        quotient, scale = self._quotient(k)
        return _combined(quotient, self._powers) / scale

    def _component(self, k: int) -> arb_mat:
        """σ_k times its partial isometry, Σ σ_k u vᵀ over its singular pairs."""
        a = arb_mat(self._a)
        return a * self._projector(k) if self._gram[0] else self._projector(k) * a

    def component(self, k: int, digits: int = 30) -> BallMatrix:
        """The part ``Σ σ_k u vᵀ`` of A that belongs to the k-th distinct singular value (m × n).

        It depends on no choice of singular vectors.

        >>> singular_values([[0, 2], [3, 0]]).component(0)[1][0].contains(3)
        True
        """
        return self.combination([j == k for j in range(len(self.values))], digits)

    def combination(self, taken: Sequence[bool], digits: int = 30) -> BallMatrix:
        """The sum of the components that are taken, to 10^−digits of the greatest singular value (m × n)."""
        if len(taken) != len(self.values):
            raise BadInputError(
                f"{len(taken)} choices", needed=f"one for each of {len(self.values)} distinct values"
            )

        def compute() -> arb_mat:
            total = arb_mat(*size(self._a))
            for k, wanted in enumerate(taken):
                if wanted:
                    total += self._component(k)
            return total

        scale = self.values[0].ball(5).arb.upper() if self.values else arb(1)
        limit = scale * arb(10) ** (-digits)
        return _public(refined(compute, lambda m: all(x.rad() < limit for x in m.entries()), digits))

    def vectors(self, k: int, digits: int = 30) -> tuple[tuple[Ball, ...], tuple[Ball, ...]]:
        """The singular pair (u, v) of a simple singular value: unit vectors with A v = σ u.

        The greatest entry of v (of u when A has more columns than rows) is positive.

        Raises:
            DegenerateProblemError: the value is repeated, so that its vectors are not determined.
        """
        if self.values[k].multiplicity > 1:
            raise DegenerateProblemError(
                f"the singular value {float(self.values[k]):.6g} has multiplicity"
                f" {self.values[k].multiplicity}, so its vectors are not determined",
                needed="a simple singular value",
                hint="component(k), which is determined",
            )
        right, gram, _ = self._gram
        count = gram.nrows()

        def compute() -> tuple[list[arb], list[arb]]:
            # a column of q(M) is a multiple of the vector; where that has a zero the column is one of zeros
            quotient, _ = self._quotient(k)
            columns = (_combined(quotient, self._columns(j)) for j in range(count))
            told = ((w, sum((x * x for x in w.entries()), arb(0))) for w in columns)
            w, square = next(((w, square) for w, square in told if square > 0), (arb_mat(count, 1), arb(0)))
            top = max(w.entries(), key=lambda x: abs(x.mid()))
            first = w / (square.sqrt() if top > 0 else -square.sqrt())
            a = arb_mat(self._a)
            second = ((a if right else a.transpose()) * first) / self.values[k].arb()
            pair = first.entries(), second.entries()
            return (pair[1], pair[0]) if right else pair

        limit = arb(10) ** (-digits)
        u, v = refined(compute, lambda pair: all(x.rad() < limit for x in (*pair[0], *pair[1])), digits)
        return tuple(map(Ball, u)), tuple(map(Ball, v))

    def to_dict(self, digits: int = 30) -> dict[str, Any]:
        """JSON-ready: the matrix, from which values are found again, and its distinct values."""
        return {"kind": self._kind, "matrix": strings(self.matrix)} | self.values_document(digits)

    def values_document(self, digits: int = 30) -> dict[str, Any]:
        """The distinct values within a document that holds the matrix."""
        return {"rank": self.rank, "values": [entry(value, digits) for value in self.values]}

    @classmethod
    def _read(cls, given: Fields) -> SingularDecomposition:
        return singular_values(given("matrix", Matrix))

    def __repr__(self) -> str:
        listed = ", ".join(
            f"{float(v):.6g}" + (f" ×{v.multiplicity}" if v.multiplicity > 1 else "") for v in self.values[:6]
        )
        more = ", …" if len(self.values) > 6 else ""
        return f"SingularDecomposition({shape_text(size(self._a))}: {listed}{more})"


def singular_values(matrix: Any, *, floats: Floats = "decimal") -> SingularDecomposition:
    """All positive singular values of a rational matrix, with exact multiplicities.

    Args:
        matrix: A (m × n).

    >>> found = singular_values([[3, 1, 0], [1, 2, -1], [0, 0, 1]])
    >>> [round(float(value.inverse()), 6) for value in found.values]
    [0.273071, 0.58129, 1.259974]
    >>> found.values[0].square
    RealRoot(13.4106205436, x^3 + (-17)*x^2 + 50*x + (-25))
    >>> singular_values([[1, 2], [2, 4]]).values[0].sympy()
    5
    """
    rows = exact_matrix(matrix, "matrix", floats)
    a = flint_matrix(rows)
    transposed = a.transpose()
    gram = transposed * a if a.ncols() <= a.nrows() else a * transposed
    roots = real_roots(gram.charpoly())
    return SingularDecomposition(
        rows, tuple(SingularValue(root, m) for root, m in roots if root.rational != 0)
    )


def _repeated(matrix: fmpq_mat, start: fmpq_mat, count: int) -> list[fmpq_mat]:
    """start, M·start, M²·start, …."""
    out = [start]
    for _ in range(count - 1):
        out.append(matrix * out[-1])
    return out


def _combined(factors: Sequence[arb], matrices: Sequence[fmpq_mat]) -> arb_mat:
    total = arb_mat(*size(matrices[0]))
    for factor, matrix in zip(factors, matrices, strict=True):
        total += arb_mat(matrix) * factor
    return total


def _public(matrix: arb_mat) -> BallMatrix:
    return tuple(tuple(map(Ball, row)) for row in matrix.tolist())


def _is_square(q: fmpq) -> bool:
    return all(part.isqrt() ** 2 == part for part in (q.p, q.q))
