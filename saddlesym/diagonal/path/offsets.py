"""The constants c_k of the jump-time law, in closed form.

A flow at scale α jumps at the natural times ``T_k = Λ t_k + c_k + O(α^κ)`` with
``Λ = ln(1/α)``.  As long as no coordinate leaves, the dual variable follows the
line ``Λ s + d_k`` with ``d_k = M_{:S} M_SS⁻¹ ℓ``, ``ℓ_i = ½ sign(β_i) ln(2|β_i|)``,
so that every c_k is a rational combination of logarithms of rationals.  The proof
is in ``proofs/jump_time_law.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_mat

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.errors import BadInputError
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction, to_fmpq


@dataclass(frozen=True)
class LogSum(Documented):
    """An exact number ``Σ coefficient · ln(argument)``.

    Attributes:
        terms: pairs (coefficient, argument > 0), without zero coefficients.
    """

    terms: tuple[tuple[Fraction, Fraction], ...]

    def ball(self, bits: int = 128) -> arb:
        """An enclosure computed with so many bits.

        >>> LogSum(((Fraction(1, 2), Fraction(4)),)).ball().overlaps(arb(2).log())
        True
        """
        with workprec(bits):
            return sum((arb(to_fmpq(c)) * arb(to_fmpq(q)).log() for c, q in self.terms), arb(0))

    def mpf(self, dps: int) -> Any:
        """The number with ``dps`` digits, as an mpmath number."""
        import mpmath

        with mpmath.workdps(dps + 10):
            total = mpmath.mpf(0)
            for c, q in self.terms:
                factor = mpmath.mpf(c.numerator) / c.denominator
                total += factor * mpmath.log(mpmath.mpf(q.numerator) / q.denominator)
        with mpmath.workdps(dps):
            return +total

    def sympy(self) -> Any:
        """The number as a SymPy expression."""
        import sympy

        def exact(q: Fraction) -> Any:
            return sympy.Rational(q.numerator, q.denominator)

        return sum((exact(c) * sympy.log(exact(q)) for c, q in self.terms), sympy.Integer(0))

    def __str__(self) -> str:
        return " + ".join(f"{c}*log({q})" for c, q in self.terms) or "0"


@dataclass(frozen=True)
class JumpOffset(Documented):
    """The constant of one jump.

    Attributes:
        jump: number of the jump, from 1.
        coordinate: the coordinate that reaches its bound there.
        time: t_k, accelerated.
        constant: c_k, in natural time: the straight line of the dual coordinate
            meets its bound at ``Λ t_k + c_k + O(α^κ)``.
    """

    jump: int
    coordinate: int
    time: Fraction
    constant: LogSum

    def natural_time(self, log_inverse_alpha: Any, dps: int = 30) -> Any:
        """``Λ t_k + c_k`` for a given Λ = ln(1/α), as an mpmath number.

        Args:
            log_inverse_alpha: Λ > 0, a number or an mpmath number.
            dps: digits.

        Raises:
            BadInputError: Λ is not positive.
        """
        import mpmath

        with mpmath.workdps(dps + 10):
            size = mpmath.mpf(log_inverse_alpha)
            if not size > 0:
                raise BadInputError(f"ln(1/alpha) = {mpmath.nstr(size, 6)}", needed="a positive number")
            return size * self.time.numerator / self.time.denominator + self.constant.mpf(dps + 10)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings; the constant as pairs (coefficient, argument)."""
        document = super().to_dict()
        return document | {"constant": document["constant"]["terms"]}

    @classmethod
    def _read(cls, given: Fields) -> JumpOffset:
        terms = given("constant", tuple[tuple[Fraction, Fraction], ...])
        return cls(given("jump", int), given("coordinate", int), given("time", Fraction), LogSum(terms))


def jump_offsets(path: SaddlePath) -> tuple[JumpOffset, ...]:
    """The constants c_k for the leading jumps of a path, one for each coordinate that hits.

    The list ends with the first jump after a saddle at which some coordinate with
    |s_i| = 1 is inactive (it has left, say), or whose active columns are dependent:
    from there on the constants exist under weaker assumptions, but depend on the
    orbit and have no closed form.

    Source: jump-time law (``proofs/jump_time_law.py``).

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> path = saddle_path(DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2]))
    >>> for offset in jump_offsets(path):
    ...     print(offset.time, offset.constant, "=", offset.constant.ball().str(12, radius=False))
    1/5 0 = 0
    9/20 3/80*log(3) = 0.0411979608251
    195/133 -153/266*log(175/53) + 15/133*log(80/53) = -0.640622366929
    """
    M = path.problem.M
    out: list[JumpOffset] = []
    for k, jump in enumerate(path.jumps):
        before = path.jumps[k - 1] if k else None
        weights: dict[int, list[tuple[Fraction, Fraction]]] = {hit.coordinate: [] for hit in jump.hits}
        if before is not None:
            S = before.support
            block = fmpq_mat([[to_fmpq(M[i][j]) for j in S] for i in S])
            at_bound = {i for i, s in enumerate(before.dual) if abs(s) == 1}
            if at_bound != set(S) or block.rank() < len(S):
                break
            inverse = block.inv()
            for hit in jump.hits:
                row = fmpq_mat([[to_fmpq(M[hit.coordinate][i]) for i in S]]) * inverse
                slope = to_fmpq(before.gradient[hit.coordinate])
                weights[hit.coordinate] = [
                    (fraction(row[0, m] * _sign(before.beta[i]) / (2 * slope)), 2 * abs(before.beta[i]))
                    for m, i in enumerate(S)
                ]
        out += [
            JumpOffset(k + 1, i, jump.time, LogSum(tuple((c, q) for c, q in terms if c and q != 1)))
            for i, terms in weights.items()
        ]
    return tuple(out)


def _sign(value: Fraction) -> fmpq:
    return fmpq(1 if value > 0 else -1)
