"""The sign of a polynomial on cells of a rectangle, proved by its Bernstein coefficients.

On a cell a polynomial lies between the least and the largest of its Bernstein
coefficients there (Lorentz 1953; Farouki 2012, section 4).  Halving a cell halves
sums of two coefficients, so errors of floating point only add, and a coefficient
that is exactly zero, as along an edge where the polynomial vanishes, stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import comb
from typing import Any, TypeAlias

import numpy as np

#: Exponents of the two parameters, and the coefficient.
Terms: TypeAlias = Mapping[tuple[int, int], Fraction]
Box: TypeAlias = tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]

_UNIT = 2.0**-52
_TINY = 1e-280


class CellSigns:
    """Signs of one polynomial in two parameters on the cells of a box, halved level by level.

    Args:
        terms: the polynomial.
        box: ranges of the two parameters.

    ``known`` has a sign (±1) for every cell on whose inside the polynomial is proved to have it, else 0.

    >>> box = ((Fraction(0), Fraction(1)), (Fraction(0), Fraction(1)))
    >>> signs = CellSigns({(1, 0): Fraction(1), (0, 1): Fraction(-2)}, box)
    >>> [int(s) for s in signs.known]
    [0]
    >>> [int(s) for s in signs.halved(np.array([0])).known]
    [0, -1, 0, 0]
    """

    def __init__(self, terms: Terms, box: Box) -> None:
        start = _coefficients(terms, box)
        largest = max((abs(c) for row in start for c in row), default=Fraction(0)) or Fraction(1)
        values = np.array([[[float(c / largest) for c in row] for row in start]])
        nonzero = np.array([[[c != 0 for c in row] for row in start]])
        self._values, self._sizes, self._operations = values, np.maximum(np.abs(values), nonzero * _TINY), 1
        self._decide()

    def _decide(self) -> None:
        axes = (1, 2)
        # the sizes are sums of the same terms without their signs, so they bound every rounding error
        error = self._sizes * (2 * self._operations * _UNIT)
        above, below = self._values - error, self._values + error
        positive = (above >= 0).all(axis=axes) & (above > 0).any(axis=axes)
        negative = (below <= 0).all(axis=axes) & (below < 0).any(axis=axes)
        self.known = positive.astype(np.int8) - negative.astype(np.int8)
        # near the least of all floats errors are no longer in proportion
        self.known[((self._sizes > 0) & (self._sizes < 2 * _TINY)).any(axis=axes)] = 0

    def halved(self, cells: Any) -> CellSigns:
        """The four quarters of each of these cells, in the order (0,0), (0,1), (1,0), (1,1)."""
        quarters = object.__new__(CellSigns)
        degree = self._values.shape[1] + self._values.shape[2] - 2
        quarters._values = _quartered(self._values[cells])
        quarters._sizes = _quartered(self._sizes[cells])
        quarters._operations = self._operations + degree + 1
        quarters._decide()
        return quarters

    def kept(self, cells: Any) -> CellSigns:
        """These cells alone."""
        some = object.__new__(CellSigns)
        some._values, some._sizes = self._values[cells], self._sizes[cells]
        some._operations, some.known = self._operations, self.known[cells]
        return some


def _quartered(values: Any) -> Any:
    parts = [half_y for half_x in _halves(values, 1) for half_y in _halves(half_x, 2)]
    return np.stack(parts, axis=1).reshape(-1, *values.shape[1:])


def _halves(values: Any, axis: int) -> tuple[Any, Any]:
    """De Casteljau's rule at the middle, along one axis."""
    work = np.moveaxis(values, axis, 0).copy()
    degree = len(work) - 1
    left, right = np.empty_like(work), np.empty_like(work)
    for k in range(degree + 1):
        left[k], right[degree - k] = work[0], work[degree - k]
        work[: degree - k] = (work[: degree - k] + work[1 : degree - k + 1]) / 2
    return np.moveaxis(left, 0, axis), np.moveaxis(right, 0, axis)


def _coefficients(terms: Terms, box: Box) -> list[list[Fraction]]:
    """The exact Bernstein coefficients on the box."""
    degrees = [max((e[k] for e in terms), default=0) for k in (0, 1)]
    rows = [[terms.get((i, j), Fraction(0)) for j in range(degrees[1] + 1)] for i in range(degrees[0] + 1)]
    rows = [_on_range(row, box[1]) for row in rows]
    columns = [_on_range(column, box[0]) for column in zip(*rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _on_range(coefficients: Sequence[Fraction], ends: tuple[Fraction, Fraction]) -> list[Fraction]:
    """From powers of x to the Bernstein basis of [a, b]."""
    a, width = ends[0], ends[1] - ends[0]
    shifted = list(coefficients)
    n = len(shifted) - 1
    for start in range(n):  # Horner's rule, again and again: the powers of x − a
        for k in range(n - 1, start - 1, -1):
            shifted[k] += a * shifted[k + 1]
    scaled = [c * width**k for k, c in enumerate(shifted)]
    return [
        sum((Fraction(comb(k, i), comb(n, i)) * scaled[i] for i in range(k + 1)), Fraction(0))
        for k in range(n + 1)
    ]
