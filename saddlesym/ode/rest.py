"""Rest: a proof that a field vanishes near a state, so that a solution stays there for ever.

Krawczyk's operator maps a box around the state into its own interior only if the
box holds a zero x* of the field.  Where two solutions never move apart, a solution
that has come within D of x* stays within D of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat, fmpz

from saddlesym.exact.precision import workprec
from saddlesym.ode.defect import BOUND_BITS
from saddlesym.ode.field import Field


def distance_to_rest(field: Field, state: Sequence[fmpz], bits: int) -> arb | None:
    """A proved bound for the distance of a state from a zero of the field, in the field's norm.

    Args:
        field: the vector field.
        state: x over 2^bits (k).
        bits: fixed-point bits.

    Returns:
        The bound; None when no zero is proved near by.

    >>> from saddlesym.ode.field import exp, variables, vector_field
    >>> (x,) = variables(1)
    >>> distance_to_rest(vector_field([1 - exp(x)]), [fmpz(1)], 100) < 2.0**-90
    True
    >>> distance_to_rest(vector_field([1 + exp(x)]), [fmpz(1)], 100) is None
    True
    """
    k, terms = field.dimension, field.terms
    with workprec(bits + 64):
        forms = arb_mat(len(terms), k, [arb(q) for t in terms for q in t.form])
        columns = arb_mat(len(terms), k, [arb(q) for t in terms for q in t.coefficients]).transpose()
        offsets = arb_mat([[t.offset()] for t in terms])
        point = arb_mat([[arb((x, -bits))] for x in state])

        def values(x: arb_mat) -> list[arb]:
            return [u.exp() for u in (forms * x + offsets).entries()]

        def jacobian(e: list[arb]) -> arb_mat:
            return columns * arb_mat([[a * w for a in row] for row, w in zip(forms.tolist(), e, strict=True)])

        here = values(point)
        slope = columns * arb_mat([[e] for e in here]) + arb_mat([[arb(q)] for q in field.constant])
        try:
            inverse = arb_mat([[x.mid() for x in row] for row in jacobian(here).inv().tolist()])
        except ZeroDivisionError:
            return None
        move = (inverse * slope).entries()
        if not all(x.is_finite() for x in move):
            return None
        radii = [(2 * abs(x) + arb((1, 8 - bits))).upper() for x in move]
        cube = arb_mat([[arb(0, r)] for r in radii])
        image = (arb_mat(k, k, [int(i == j) for i in range(k) for j in range(k)])
                 - inverse * jacobian(values(point + cube))) * cube  # fmt: skip
        if not all(abs(u - x) < r for u, x, r in zip(image.entries(), move, radii, strict=True)):
            return None
    with workprec(BOUND_BITS):
        return sum((b * r for b, r in zip(field.measure.basis, radii, strict=True)), arb(0)).upper()
