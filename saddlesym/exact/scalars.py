"""The gate: every number a user can hand over becomes an exact rational here.

Accepted are ints, bools, ``Fraction``, ``Decimal``, SymPy rationals, FLINT
integers and rationals, decimal literals and fractions as text (``"0.1"`` is
1/10, ``"-7/3"``), and binary floats.  A float means the shortest decimal that
prints it (0.1 is 1/10); with ``floats="binary"`` it means its binary value.
Nothing is ever evaluated: text is matched against one pattern.
"""

from __future__ import annotations

import math
import numbers
import operator
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from flint import fmpq, fmpz

from saddlesym.errors import BadInputError, shown

Floats: TypeAlias = Literal["decimal", "binary"]

#: Longest number, in decimal digits when written out, that text may stand for.
MAX_DIGITS = 10_000

#: Most numbers in a table: with its copies on the way into a problem, about 100 bytes for each.
MAX_ENTRIES = 2**24

#: What arrays may hold that is no number, by the kind of their type.
_NO_NUMBERS = {"c": "complex numbers", "m": "durations", "M": "dates", "V": "records"}

_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")
_FRACTION = re.compile(r"([+-]?[0-9]+) ?/ ?([0-9]+)")
_NON_FINITE = {"nan", "inf", "infinity", "-inf", "+inf", "-infinity", "+infinity", "-nan", "+nan"}


def parse_rational(text: str, limit: int = MAX_DIGITS) -> fmpq:
    """Read a decimal literal or a fraction exactly.

    Args:
        limit: most decimal digits, written out, of a numerator or denominator.

    Raises:
        BadInputError: not a number, not finite, or longer than ``limit``.

    >>> parse_rational("0.1"), parse_rational("-7/3"), parse_rational("1.5e-3")
    (1/10, -7/3, 3/2000)
    """
    stripped = text.strip()
    if len(stripped) > 2 * limit + 8:
        raise _too_long(stripped, limit)
    if match := _FRACTION.fullmatch(stripped):
        if max(map(len, match.groups())) > limit + 1:
            raise _too_long(stripped, limit)
        denominator = fmpz(match[2])
        if denominator == 0:
            raise BadInputError(f"{shown(stripped)} divides by zero", needed="a finite number")
        return fmpq(fmpz(match[1].lstrip("+")), denominator)
    match = _DECIMAL.fullmatch(stripped)
    if match is None or not (match[2] or match[3]):
        raise _not_a_number(stripped)
    sign, whole, part, exponent_text = match.groups()
    part = part or ""
    power = (exponent_text or "").lstrip("+-").lstrip("0")
    if len(power) > 9:
        raise _too_long(stripped, limit)
    exponent = int(power or 0) * (-1 if (exponent_text or "").startswith("-") else 1) - len(part)
    written = _written_out((whole + part).lstrip("0"), exponent, limit)
    if written is None:
        raise _too_long(stripped, limit)
    return -written if sign == "-" else written


def _written_out(digits: str, exponent: int, limit: int) -> fmpq | None:
    """The number digits · 10^exponent; None when it has more than ``limit`` digits, or decimals."""
    if max(len(digits) + max(exponent, 0), -exponent) > limit:
        return None
    mantissa, power = fmpz(digits or "0"), fmpz(10) ** abs(exponent)
    return fmpq(mantissa * power, 1) if exponent >= 0 else fmpq(mantissa, power)


def read_exact(text: object) -> fmpq:
    """A number of a saved result, of any length: the inverse of writing it down.

    >>> read_exact("195/133")
    195/133
    """
    if not isinstance(text, str):
        raise BadInputError(f"{shown(text)} is not an exact number", needed='text such as "195/133"')
    return parse_rational(text, limit=len(text) + MAX_DIGITS)


def _too_long(text: str, limit: int) -> BadInputError:
    return BadInputError(
        f"the number {shown(text)} ({len(text)} characters) is too long",
        needed=f"at most {limit} digits written out",
        hint="a shorter literal, or pass a Fraction from Python",
    )


def _not_a_number(text: str) -> BadInputError:
    if not text:
        return BadInputError("empty cell", needed="a number")
    if text.lower() in _NON_FINITE:
        return BadInputError(f"{shown(text)} is not finite", needed="a finite number")
    hint = "a point, or --decimal , for decimal commas" if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text) else ""
    return BadInputError(
        f"{shown(text)} is not a number", needed="a decimal such as -1.5e-3 or 2/3", hint=hint
    )


def to_fmpq(value: Any, floats: Floats = "decimal") -> fmpq:
    """Any supported number as a FLINT rational (the inner side of the gate).

    Raises:
        BadInputError: not finite, not rational, or of an unknown type.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, fmpz | int):
        return fmpq(int(value) if isinstance(value, bool) else value)
    if isinstance(value, str):
        return parse_rational(value)
    if isinstance(value, float):
        return _from_float(float(value), floats)
    if isinstance(value, Decimal):
        return _from_decimal(value)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind != "m" and isinstance(value, numbers.Rational):  # Fraction, SymPy's and NumPy's (a timedelta too)
        return fmpq(fmpz(int(value.numerator)), fmpz(int(value.denominator)))
    if kind == "b":
        return fmpq(int(value))
    if kind == "f":  # narrower or wider than float64: NumPy prints the shortest decimal
        if floats == "binary" and value - value == 0:  # finite: a longdouble may be beyond every float
            p, q = value.as_integer_ratio()
            return fmpq(fmpz(int(p)), fmpz(int(q)))
        return parse_rational(str(value))
    raise BadInputError(
        f"{shown(value)} of type {type(value).__name__} is not an exact number",
        needed="an int, Fraction, Decimal, decimal string, SymPy rational or float",
    )


def _from_float(value: float, floats: Floats) -> fmpq:
    if not math.isfinite(value):
        raise BadInputError(f"{value} is not finite", needed="a finite number")
    if floats == "binary":
        p, q = value.as_integer_ratio()
        return fmpq(fmpz(p), fmpz(q))
    return parse_rational(repr(value))


def _from_decimal(value: Decimal) -> fmpq:
    if not value.is_finite():
        raise BadInputError(f"{value} is not finite", needed="a finite number")
    sign, digits, exponent = value.as_tuple()
    written = _written_out("".join(map(str, digits)), int(exponent), MAX_DIGITS)
    if written is None:
        raise _too_long(f"{value:.20e}", MAX_DIGITS)
    return -written if sign else written


def rational(value: Any, floats: Floats = "decimal") -> Fraction:
    """Any supported number as a ``fractions.Fraction``.

    Args:
        value: int, Fraction, Decimal, decimal or fraction text, SymPy rational,
            NumPy scalar, FLINT number or float.
        floats: ``"decimal"`` (a float is the shortest decimal that prints it)
            or ``"binary"`` (its exact binary value).

    Raises:
        BadInputError: the value is not finite, not rational or not a number.

    >>> rational(0.1), rational("0.1"), rational(0.5, floats="binary")
    (Fraction(1, 10), Fraction(1, 10), Fraction(1, 2))
    """
    return fraction(to_fmpq(value, floats))


def whole_number(value: Any, name: str, least: int = 0, most: int | None = None) -> int:
    """An argument that counts something, as an int.

    Args:
        value: what was handed over.
        name: what to call it in messages.
        least: the smallest that makes sense.
        most: the greatest, if there is one.

    Raises:
        BadInputError: no whole number, or one out of that range.

    >>> whole_number("a", "max_jumps")
    Traceback (most recent call last):
    saddlesym.errors.BadInputError: max_jumps is 'a'; needed: a whole number >= 0
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        span = f">= {least}" if most is None else f"from {least} to {most}"
        raise BadInputError(f"{name} is {shown(value)}", needed=f"a whole number {span}")
    return number


class _LowestTerms:
    """Numerator and denominator already coprime.

    ``Fraction(Rational)`` copies the two parts without a gcd, which costs more
    than everything else for numbers of ten thousand digits.
    """

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator, self.denominator = numerator, denominator


numbers.Rational.register(_LowestTerms)


def fraction(value: fmpq) -> Fraction:
    """A FLINT rational as a ``Fraction``.

    >>> fraction(fmpq(2, 6))
    Fraction(1, 3)
    """
    coprime: Any = _LowestTerms(int(value.p), int(value.q))
    return Fraction(coprime)


def power_of_two(exponent: int) -> fmpq:
    """2^exponent.

    >>> power_of_two(-2)
    1/4
    """
    return fmpq(2) ** exponent


def order_of_two(value: fmpq) -> int:
    """⌊log₂|value|⌋ or one more, for a number that is not zero.

    >>> order_of_two(fmpq(-1, 10**60))
    -199
    """
    return int(value.p.bit_length()) - int(value.q.bit_length())


def _check_floats(floats: str) -> None:
    if floats not in ("decimal", "binary"):
        raise BadInputError(f"floats={shown(floats)}", needed='"decimal" or "binary"')


def exact_vector(values: Any, name: str, floats: Floats = "decimal") -> list[fmpq]:
    """A one-dimensional collection of numbers as FLINT rationals.

    Args:
        values: list, tuple, NumPy array (n,) or (n, 1), or data series.
        name: what to call it in messages.
    """
    _check_floats(floats)
    items = _listed(values, name)
    if items is None:
        raise BadInputError(f"{name} is of type {type(values).__name__}", needed="a sequence of numbers")
    if items and all(len(inner) == 1 for inner in map(_inner, items)):
        items = [_inner(item)[0] for item in items]
    elif items and (inner := _inner(items[0])):
        raise BadInputError(
            f"{name}[0] has {len(inner)} entries, so {name} is two-dimensional",
            needed="one dimension",
            hint=f"{name}.ravel()" if len(items) == 1 else f"one of its columns, {name}[:, 0]",
        )
    out = []
    for i, item in enumerate(items):
        try:
            out.append(to_fmpq(item, floats))
        except BadInputError as error:
            raise error.at(f"{name}[{i}]") from None
    return out


def exact_rows(values: Any, name: str, floats: Floats = "decimal") -> list[list[fmpq]]:
    """A two-dimensional collection of numbers as rows of FLINT rationals.

    Args:
        values: list of rows, NumPy array (n, d) or data frame.
        name: what to call it in messages.
    """
    if hasattr(values, "columns"):
        return _frame_rows(values, name, floats)
    items = _listed(values, name)
    if items is None or any(_listed(row, name) is None for row in items):
        raise BadInputError(
            f"{name} is not two-dimensional", needed="a list of rows, an array or a data frame"
        )
    rows = [exact_vector(row, f"{name}[{i}]", floats) for i, row in enumerate(items)]
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise BadInputError(
                f"{name}[{i}] has {len(row)} entries but {name}[0] has {len(rows[0])}",
                needed="rows of equal length",
            )
    return rows


def _frame_rows(frame: Any, name: str, floats: Floats) -> list[list[fmpq]]:
    """The rows of a data frame, read by columns: as one array it would lose exactness.

    Converting a frame whole brings all columns to one type, and an integer of 60
    bits beside a float column becomes a float.
    """
    check_entries(math.prod(getattr(frame, "shape", ())), name)
    if hasattr(frame, "iloc"):
        columns = [frame.iloc[:, j] for j in range(len(frame.columns))]
    else:
        columns = [frame[label] for label in frame.columns]
    exact = [
        exact_vector(column, f"{name}[{label!r}]", floats)
        for column, label in zip(columns, frame.columns, strict=True)
    ]
    return [list(row) for row in zip(*exact, strict=True)]


def check_entries(count: int, name: str) -> None:
    """Refuse a table of more numbers than memory is asked for.

    Raises:
        BadInputError: more than ``MAX_ENTRIES``.
    """
    if count > MAX_ENTRIES:
        raise BadInputError(
            f"{name} has {count:,} numbers",
            needed=f"at most {MAX_ENTRIES:,}",
            hint="M = XᵀX/n and r = Xᵀy/n in place of many rows",
        )


def _listed(values: Any, name: str) -> list[Any] | None:
    """The entries of an array-like as a list, or None when it is not one."""
    if hasattr(values, "toarray"):
        raise BadInputError(f"{name} is a sparse matrix", needed="a dense one", hint=f"{name}.toarray()")
    if hasattr(values, "to_numpy"):  # data frames and series
        values = values.to_numpy()
    if hasattr(values, "dtype") and hasattr(values, "tolist"):
        if getattr(values, "ndim", 0) == 0:
            return None
        check_entries(math.prod(values.shape), name)
        kind = getattr(values.dtype, "kind", "")
        if not kind:  # an array of another library
            values = values.__array__()
            kind = values.dtype.kind
        if kind in _NO_NUMBERS:  # of which tolist() makes numbers, for some
            raise BadInputError(f"{name} holds {_NO_NUMBERS[kind]} ({values.dtype})", needed="real numbers")
        # tolist() would widen float32, whose shortest decimal differs
        narrow = kind == "f" and values.dtype.itemsize != 8
        return list(values) if narrow else list(values.tolist())
    if isinstance(values, str | bytes) or not isinstance(values, Sequence):
        return None
    return list(values)


def _inner(item: Any) -> list[Any]:
    return (_listed(item, "an entry") if not isinstance(item, str) else None) or []
