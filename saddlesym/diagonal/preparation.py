"""What is customarily done to data before a regression, exactly: centring and scaling."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat, fmpz

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import fraction, to_fmpq

#: Most decimals of a standard deviation.
MAX_DECIMALS = 1000


def centred(values: list[fmpq]) -> list[fmpq]:
    """The values with their mean taken off."""
    mean = sum(values, fmpq(0)) / len(values)
    return [q - mean for q in values]


def prepared(
    X: fmpq_mat, y: fmpq_mat, centre: bool, scale: tuple[Fraction, ...] | None
) -> tuple[fmpq_mat, fmpq_mat]:
    """X (n × d) and y (n × 1) with means taken off and columns divided by ``scale``."""
    columns, target = X.transpose().tolist(), y.entries()
    if centre:
        columns, target = [centred(c) for c in columns], centred(target)
    if scale is not None:
        columns = [[q / to_fmpq(unit) for q in c] for c, unit in zip(columns, scale, strict=True)]
    out = fmpq_mat(X.ncols(), X.nrows(), [q for c in columns for q in c]).transpose()
    return out, fmpq_mat(X.nrows(), 1, target)


def constant_columns(X: fmpq_mat) -> tuple[int, ...]:
    """The columns all of whose entries are equal."""
    return tuple(j for j, column in enumerate(X.transpose().tolist()) if all(q == column[0] for q in column))


def deviations(X: fmpq_mat, decimals: Any) -> tuple[Fraction, ...]:
    """The standard deviations of columns that vary, rounded to ``decimals`` places.

    Small ones are rounded to three significant digits.

    Raises:
        BadInputError: ``decimals`` is no whole number from 0 to 1000.
    """
    if isinstance(decimals, bool) or not hasattr(decimals, "__index__") or not 0 <= decimals <= MAX_DECIMALS:
        raise BadInputError(f"decimals={shown(decimals)}", needed=f"a whole number from 0 to {MAX_DECIMALS}")
    return tuple(_rounded_deviation(column, decimals.__index__()) for column in X.transpose().tolist())


def _rounded_deviation(column: list[fmpq], places: int) -> Fraction:
    variance = sum((q * q for q in centred(column)), fmpq(0)) / len(column)
    while (rounded := _rounded_root(variance, places)) < fmpq(100, fmpz(10) ** places):
        places += 1
    return fraction(rounded)


def _rounded_root(value: fmpq, places: int) -> fmpq:
    """√value rounded to so many decimal places, halves up, without floats."""
    doubled = (4 * value * fmpz(10) ** (2 * places)).floor()
    twice = fmpz(doubled).isqrt()  # ⌊2·10^places·√value⌋
    return fmpq((twice + 1) // 2, fmpz(10) ** places)
