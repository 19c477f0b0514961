"""How far the numbers that are meant may lie from the ones that are given.

A float stands for every number that rounds to it, a decimal for every number that is
printed so: half a unit in the last place.  Whole numbers and fractions are exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpz

from saddlesym.exact.scalars import fraction, order_of_two, power_of_two

#: How a column of numbers is given: exactly, as decimals, or as floats of so many bits.
EXACT, DECIMAL = "exact", "decimal"
_BITS = {2: 11, 4: 24, 8: 53, 10: 64, 12: 64, 16: 64}  # of the mantissa, by the bytes of a float

#: Decimals of so many digits are floats that were printed, as repr and numpy.savetxt do.
_PRINTED = range(15, 21)


def notation(values: Any) -> str:
    """How one column is given: ``"exact"``, ``"decimal"``, or the bits of a float's mantissa.

    Args:
        values: array, series or sequence of numbers (n).

    >>> notation([1, 0.5]), notation(["1/3", "0.5"]), notation([1, 2])
    ('53', 'decimal', 'exact')
    """
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    dtype = getattr(values, "dtype", None)
    kind = getattr(dtype, "kind", "O")
    if kind == "f" and dtype is not None:
        return str(_BITS.get(dtype.itemsize, 53))
    if kind not in "OU":
        return EXACT
    bits, decimals = [], False
    for entry in values:
        value = entry[0] if isinstance(entry, list | tuple) else entry  # a column may be n × 1
        if type(value) in (fmpq, int, Fraction):
            continue
        if isinstance(value, str | Decimal):
            decimals = True
        elif isinstance(value, float):
            bits.append(53)
        elif getattr(getattr(value, "dtype", None), "kind", "") == "f":
            bits.append(_BITS.get(value.dtype.itemsize, 53))
    return str(min(bits)) if bits else DECIMAL if decimals else EXACT


def notations(values: Any, width: int) -> tuple[str, ...]:
    """How each of the columns of a table (n × width) is given: array, data frame or rows."""
    if hasattr(values, "iloc"):
        return tuple(notation(values.iloc[:, j]) for j in range(width))
    if hasattr(values, "columns"):
        return tuple(notation(values[label]) for label in values.columns)
    dtype = getattr(values, "dtype", None)
    if dtype is not None and not hasattr(dtype, "kind"):  # an array of another library
        values = values.__array__()
    if getattr(getattr(values, "dtype", None), "kind", "O") not in "OU":
        return (notation(values),) * width
    if all(getattr(getattr(row, "dtype", None), "kind", "O") not in "OU" for row in values):
        return (min(map(notation, values), key=_coarseness),) * width
    return tuple(map(notation, zip(*values, strict=True)))


def _coarseness(given: str) -> int:
    return int(given) if given.isdecimal() else 100


def half_unit(column: Sequence[fmpq], given: str) -> fmpq:
    """The most by which the numbers meant may differ from those of a column.

    For floats a unit in the last place of the greatest that is no whole number: half of it lies
    between the number meant and the float, up to half between the float and its shortest decimal.  For
    decimals half a unit of the finest last digit, as trailing zeros are often not written,
    or what it is for floats when that many digits stand there; nothing when ``given`` exactly.

    Args:
        column: the numbers.
        given: their :func:`notation`.

    >>> half_unit([fmpq(3, 2), fmpq(5, 4)], "decimal"), half_unit([fmpq(3, 2)], "53")
    (1/200, 1/4503599627370496)
    """
    broken = [abs(q) for q in column if q.q != 1]
    if given == EXACT or not broken:
        return fmpq(0)
    if given == DECIMAL:
        decimals = _decimals(broken)
        if decimals is None:
            return fmpq(0)
        unit = fmpq(1, fmpz(10) ** decimals)
        if len((max(map(abs, column)) / unit).floor().str()) not in _PRINTED:
            return unit / 2
        given = "53"
    greatest = max(broken)
    order = order_of_two(greatest)
    order -= power_of_two(order) > greatest  # 2^order ≤ greatest < 2^(order + 1)
    return power_of_two(order + 1 - int(given))


def _decimals(numbers: Sequence[fmpq]) -> int | None:
    """Decimals of the one that has most; None when a fraction has no end of them."""
    most = 0
    for denominator in {int(q.q) for q in numbers}:
        twos = (denominator & -denominator).bit_length() - 1
        rest = denominator >> twos
        fives = round((rest.bit_length() - 1) / math.log2(5))
        fives += 5**fives < rest
        if 5**fives != rest:
            return None
        most = max(most, twos, fives)
    return most


@dataclass(frozen=True)
class Rounding:
    """How far the data that are meant may lie from those of a problem.

    Attributes:
        X: for each column (d), the most by which one of its entries may differ.
        y: the same for the targets.
    """

    X: tuple[Fraction, ...]
    y: Fraction

    @classmethod
    def of(
        cls,
        columns: Sequence[Sequence[fmpq]],
        given: Sequence[str],
        centred: bool,
        scale: Sequence[Fraction] | None,
    ) -> Rounding:
        """The rounding of columns and a target, the last one, that are centred and scaled after.

        Args:
            columns: the numbers as given.
            given: how, by :func:`notation`.
            centred: whether the means are taken off, each of which may differ as much.
            scale: what the columns, but not the target, are divided by.
        """
        units = [
            fraction(half_unit(column, how)) * (2 if centred else 1)
            for column, how in zip(columns, given, strict=True)
        ]
        X, y = units[:-1], units[-1]
        if scale is not None:
            X = [unit / size for unit, size in zip(X, scale, strict=True)]
        return cls(tuple(X), y)
