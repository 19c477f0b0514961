"""Exact rationals as text: decimals of any length, and abbreviations.

FLINT's integers are used throughout: Python's own refuse to print beyond 4300
digits, and a library must not change that limit for its host program.
"""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq, fmpz

from saddlesym.exact.scalars import to_fmpq, whole_number

#: Most digits that a number is rounded to.
MAX_DPS = 10**6


def exact_string(value: Fraction | fmpq | int) -> str:
    """All digits of a rational: ``"195/133"``.

    >>> exact_string(Fraction(-4, 39)), exact_string(7)
    ('-4/39', '7')
    """
    return str(to_fmpq(value))


def abbreviated(value: Fraction | fmpq | int, width: int = 24) -> str:
    """The exact fraction when it fits into ``width``, else its head and size.

    >>> abbreviated(Fraction(195, 133)), abbreviated(Fraction(10**30 + 1, 7**40))
    ('195/133', '10000…00001/63668…24001 (31/34 digits)')
    """
    q = to_fmpq(value)
    text = str(q)
    if len(text) <= width:
        return text
    top, _, bottom = text.partition("/")
    parts = [part if len(part) <= 12 else f"{part[:5]}…{part[-5:]}" for part in (top, bottom) if part]
    sizes = "/".join(str(len(part.lstrip("-"))) for part in (top, bottom) if part)
    return f"{'/'.join(parts)} ({sizes} digits)"


def decimal_string(value: Fraction | fmpq | int, digits: int = 30) -> str:
    """The nearest decimal with ``digits`` significant digits (1 to a million).

    Trailing zeros are dropped exactly when the decimal is the number itself, so
    ``"0.2"`` is 1/5 and ``"0.200"`` is only near it.  Halves round to even.

    >>> decimal_string(Fraction(4, 39), 8), decimal_string(Fraction(1, 5))
    ('0.10256410', '0.2')
    """
    q, digits = to_fmpq(value), whole_number(digits, "digits", 1, MAX_DPS)
    p, n = abs(q.p), q.q
    if p == 0:
        return "0"
    exponent = len(str(p)) - len(str(n))  # 10^exponent <= 10 p/n < 10^(exponent + 2)
    if _scaled(p, n, -exponent)[0] < 1:
        exponent -= 1
    whole, rest = _scaled(p, n, digits - 1 - exponent)
    exact = rest == 0
    half = _scaled_remainder_vs_half(p, n, digits - 1 - exponent, rest)
    if half > 0 or (half == 0 and whole % 2 == 1):
        whole += 1
    text = str(whole)
    if len(text) > digits:  # 9.99… rounded up to 10
        text, exponent = text[:-1], exponent + 1
    if exact:
        text = text.rstrip("0") or "0"
    sign = "-" if q.p < 0 else ""
    if -5 <= exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{text}"
    if 0 <= exponent < (21 if exact else digits):  # zeros that are not digits of it are not shown
        head = text[: exponent + 1].ljust(exponent + 1, "0")
        tail = text[exponent + 1 :]
        return f"{sign}{head}.{tail}" if tail else f"{sign}{head}"
    tail = f".{text[1:]}" if len(text) > 1 else ""
    return f"{sign}{text[0]}{tail}e{exponent:+03d}"


def _scaled(p: fmpz, n: fmpz, shift: int) -> tuple[fmpz, fmpz]:
    """Quotient and remainder of ``p·10^shift / n``."""
    if shift >= 0:
        return divmod(p * fmpz(10) ** shift, n)
    return divmod(p, n * fmpz(10) ** (-shift))


def _scaled_remainder_vs_half(p: fmpz, n: fmpz, shift: int, rest: fmpz) -> int:
    divisor = n if shift >= 0 else n * fmpz(10) ** (-shift)
    difference = 2 * rest - divisor
    return int(difference > 0) - int(difference < 0)


def encodable(name: str) -> str:
    r"""The name of a file as text that every file and page can hold.

    Names are bytes; those that are not UTF-8 reach Python as halves of surrogate pairs, which no
    encoding takes.  They are written as the bytes that they are.

    >>> print(encodable("caf\udce9.csv"), encodable("café.csv"))
    caf\xe9.csv café.csv
    """
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # halves that no name of a file gives
        return name.encode("utf-8", "backslashreplace").decode("utf-8")
