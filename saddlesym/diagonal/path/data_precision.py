"""Where a fit can no longer be told from the rounding of the data, and a path may stop.

Let the numbers of column j of X be known within δ_j and the targets within δ_y.  Over all data that
these leave open, residual i of a fixed β takes exactly the values within

    ε(β) = Σ_j δ_j |β_j| + δ_y

of ``(Xβ − y)_i``, each row on its own.  So some of these data are fitted exactly by β when and only
when every residual is within ε(β), and then ``L(β) ≤ ε(β)²/2``.  What a path does after that fits
rounding errors.  (The rows of centred data do not vary on their own: there the condition is only
necessary.)

Source: W. Oettli and W. Prager, Numer. Math. 6 (1964) 405–409.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import fmpq

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.rounding import Rounding
from saddlesym.exact.scalars import fraction, rational, to_fmpq
from saddlesym.exact.text import decimal_string
from saddlesym.exact.vectors import RationalVector

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem


def residual_rounding(rounding: Rounding, beta: Sequence[Any] | RationalVector) -> Fraction:
    """ε(β) = Σ_j δ_j |β_j| + δ_y, the most by which rounding of the data changes a residual.

    Args:
        rounding: δ (d) and δ_y.
        beta: coefficients (d).

    Returns:
        ε(β), in the unit of y.

    >>> residual_rounding(Rounding((Fraction(1, 2), Fraction(0)), Fraction(1, 10)), [-3, 7])
    Fraction(8, 5)
    """
    vector = beta if isinstance(beta, RationalVector) else RationalVector.of(beta)
    numerators = zip(rounding.X, vector.numerators.entries(), strict=True)
    total = sum((to_fmpq(delta) * abs(p) for delta, p in numerators if delta and p), fmpq(0))
    return fraction(total / vector.denominator + to_fmpq(rounding.y))


def loss_rounding(rounding: Rounding, beta: Sequence[Any] | RationalVector) -> Fraction:
    """ε(β)²/2: the loss of a β that fits the data to their rounding is at most that.

    >>> loss_rounding(Rounding((Fraction(1, 2),), Fraction(0)), [4])
    Fraction(2, 1)
    """
    return residual_rounding(rounding, beta) ** 2 / 2


def fits_to_rounding(
    problem: DiagonalProblem,
    beta: Sequence[Any] | RationalVector,
    rounding: Rounding,
    loss: Fraction | None = None,
) -> bool:
    """Whether every residual at β is within ε(β): see this module.

    Args:
        problem: with its data X and y.
        beta: coefficients (d).
        rounding: of the data as used, such as ``problem.rounding``.
        loss: L(β), if it is known: most β are refused by it.

    >>> from saddlesym import DiagonalProblem
    >>> problem = DiagonalProblem([[3, 1], [1, 2]], [1, 0.3333])
    >>> fits_to_rounding(problem, ["1/3", 0], Rounding((Fraction(0),) * 2, Fraction(1, 20000)))
    True
    """
    return _within(problem, beta, residual_rounding(rounding, beta), loss)


def _within(
    problem: DiagonalProblem,
    beta: Sequence[Any] | RationalVector,
    limit: Fraction,
    loss: Fraction | None = None,
) -> bool:
    """Whether no residual at β is greater than ``limit``; then L(β) is at most limit²/2."""
    bound = to_fmpq(limit)
    if loss is not None and 2 * to_fmpq(loss) > bound * bound:
        return False
    residual = problem.residual(beta)
    return all(abs(p) * bound.q <= bound.p * residual.denominator for p in residual.numerators.entries())


@dataclass(frozen=True)
class Stop:
    """Where to stop a path or a flow: at the first saddle that one of these holds at.

    Attributes:
        loss: L is at most that.
        residual: every entry of Xβ − y is at most that, in the unit of y.
        rounding: every residual is within the rounding of the data.
    """

    loss: Fraction | None = None
    residual: Fraction | None = None
    rounding: Rounding | None = None

    @classmethod
    def of(
        cls,
        problem: DiagonalProblem,
        stop_loss: Any = None,
        stop_residual: Any = None,
        data_precision: Any = None,
    ) -> Stop:
        """The criteria that a user names.

        Args:
            problem: the data.
            stop_loss: a loss.
            stop_residual: the greatest absolute value of a residual.
            data_precision: True or ``"given"``, for the rounding with which the data were
                written; or the most by which one of their numbers, as given, may be wrong
                (0 for exact data); or a Rounding of the data as used.

        Raises:
            BadInputError: a value that is not one of these, residuals of a problem that was given by
                M and r, or a rounding that is not known.
        """
        loss = None if stop_loss is None else _number(stop_loss, "stop_loss", problem.has_data)
        residual = None if stop_residual is None else _number(stop_residual, "stop_residual")
        rounding = None if data_precision is None else _rounding(problem, data_precision)
        if not problem.has_data and (residual is not None or rounding is not None):
            raise BadInputError(
                "residuals of a problem that was given by M and r",
                needed="X and y",
                hint="a stop by its loss",
            )
        return cls(loss, residual, rounding if rounding is None or _is_known(rounding) else None)

    @classmethod
    def as_given(cls, problem: DiagonalProblem) -> Stop:
        """At the rounding with which the data were written; nowhere when it is nothing or not known."""
        known = problem.has_data and problem.rounding is not None
        return cls.of(problem, data_precision=True) if known else cls()

    def options(self) -> dict[str, Any]:
        """The same criteria as keywords of :func:`saddlesym.saddle_path`."""
        return {"stop_loss": self.loss, "stop_residual": self.residual, "data_precision": self.rounding}

    def reached(self, problem: DiagonalProblem, beta: RationalVector, loss: Fraction) -> str:
        """Which of the criteria holds at β, in words; empty when none does.

        Args:
            problem: the data.
            beta: coefficients (d).
            loss: L(β).
        """
        if self.loss is not None and loss <= self.loss:
            return f"the loss {decimal_string(loss, 3)} is at most {decimal_string(self.loss, 3)}"
        if self.residual is not None and _within(problem, beta, self.residual, loss):
            return f"no residual is greater than {decimal_string(self.residual, 3)}"
        if self.rounding is not None and fits_to_rounding(problem, beta, self.rounding, loss):
            bound = decimal_string(residual_rounding(self.rounding, beta), 3)
            value = decimal_string(loss, 3)
            return f"the loss {value} is below the rounding of the data (residuals within {bound})"
        return ""


def _is_known(rounding: Rounding) -> bool:
    """Whether anything is left open."""
    return any(rounding.X) or bool(rounding.y)


def _number(value: Any, name: str, positive: bool = True) -> Fraction:
    """A bound; losses relative to an unknown L(0) may be negative."""
    try:
        number = rational(value)
    except BadInputError as error:
        raise error.at(name) from None
    if positive and number < 0:
        raise BadInputError(f"{name} is {shown(value)}", needed="a number >= 0")
    return number


def _rounding(problem: DiagonalProblem, data_precision: Any) -> Rounding:
    if isinstance(data_precision, Rounding):
        if len(data_precision.X) != problem.d:
            raise BadInputError(
                f"a rounding of {len(data_precision.X)} columns", needed=f"one of {problem.d} columns"
            )
        return data_precision
    if data_precision is True or (isinstance(data_precision, str) and data_precision == "given"):
        if problem.rounding is None:
            raise BadInputError(
                "how the data were written is not known",
                needed="the most by which one of their numbers may be wrong",
                hint="data_precision=1e-6 (--data-precision 1e-6)",
            )
        return problem.rounding
    unit = _number(data_precision, "data_precision") * (2 if problem.is_centred else 1)
    scale = problem.scale or (Fraction(1),) * problem.d
    return Rounding(tuple(unit / size for size in scale), unit)
