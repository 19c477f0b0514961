"""FLINT's balls, polynomials and matrices as pickles: python-flint gives them no ``__reduce__``.

Registered once for every type, so that whatever holds them pickles and deep-copies without a word of
its own, and comes back the same to the last bit.
"""

from __future__ import annotations

import copyreg
from typing import Any

from flint import (
    arb,
    arb_mat,
    arb_poly,
    fmpq_mat,
    fmpq_mpoly,
    fmpq_mpoly_ctx,
    fmpq_poly,
    fmpz,
    fmpz_mat,
    fmpz_mpoly,
    fmpz_mpoly_ctx,
    fmpz_poly,
)

_Bits = tuple[fmpz, fmpz] | str


def ball_bits(value: arb) -> tuple[_Bits, _Bits]:
    """Midpoint and radius, each as mantissa and exponent of 2, or as the word for what has none.

    >>> ball_bits(arb("0.75"))
    ((3, -2), (0, 0))
    """
    return _half(value.mid()), _half(value.rad())


def _half(number: arb) -> _Bits:
    if number.is_finite():
        mantissa, exponent = number.man_exp()
        return mantissa, exponent
    return "nan" if number.is_nan() else "inf" if number > 0 else "-inf"


def ball_of_bits(mid: _Bits, radius: _Bits) -> arb:
    """The ball of :func:`ball_bits`, exactly, whatever the working precision."""
    if isinstance(mid, str) or isinstance(radius, str):
        centre = arb(mid)
        return centre + arb("0 +/- inf") if radius == "inf" else centre
    ball = arb(mid, radius)
    if ball.rad() != arb(radius):
        mantissa, exponent = radius
        ball = arb(mid, ((mantissa << 2) - 1, exponent - 2))  # what is rounded up to the radius meant
    return ball


def _reduce_ball(value: arb) -> tuple[Any, ...]:
    return ball_of_bits, ball_bits(value)


def _reduce_list(value: Any) -> tuple[Any, ...]:
    return type(value), (value.coeffs(),)


def _reduce_fraction_list(value: fmpq_poly) -> tuple[Any, ...]:
    return fmpq_poly, (value.numer().coeffs(), value.denom())


def _reduce_matrix(value: Any) -> tuple[Any, ...]:
    return type(value), (value.nrows(), value.ncols(), value.entries())


def _ring(kind: Any, names: tuple[str, ...], ordering: Any) -> Any:
    return kind.get(names, ordering)


def _reduce_ring(value: Any) -> tuple[Any, ...]:
    return _ring, (type(value), tuple(value.names()), value.ordering())


def _sparse(ring: Any, terms: dict[tuple[int, ...], Any]) -> Any:
    return ring.from_dict(terms)


def _reduce_sparse(value: Any) -> tuple[Any, ...]:
    return _sparse, (value.context(), value.to_dict())


copyreg.pickle(arb, _reduce_ball)
for _polynomial in (arb_poly, fmpz_poly):
    copyreg.pickle(_polynomial, _reduce_list)
copyreg.pickle(fmpq_poly, _reduce_fraction_list)
for _matrix in (arb_mat, fmpz_mat, fmpq_mat):
    copyreg.pickle(_matrix, _reduce_matrix)
for _context in (fmpz_mpoly_ctx, fmpq_mpoly_ctx):
    copyreg.pickle(_context, _reduce_ring)
for _several in (fmpz_mpoly, fmpq_mpoly):
    copyreg.pickle(_several, _reduce_sparse)
