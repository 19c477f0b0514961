"""Exact numbers: the gate from user numbers to rationals, vectors, linear algebra."""

import saddlesym.exact.pickling  # noqa: F401 - FLINT types pickle from here on
from saddlesym.exact.scalars import Floats, parse_rational, rational
from saddlesym.exact.text import abbreviated, decimal_string, exact_string
from saddlesym.exact.vectors import RationalVector

__all__ = [
    "Floats",
    "RationalVector",
    "abbreviated",
    "decimal_string",
    "exact_string",
    "parse_rational",
    "rational",
]
