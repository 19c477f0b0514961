"""Hidden coordinates of a two-layer product in which its modes lie apart.

Write Z = (W_2; W_1ᵀ), one column for each hidden unit.  A rotation of the hidden layer
turns Z into ZQ and commutes with the flow; every column obeys the same linear equation
z' = S(t) z, where S depends on A alone.  So once the columns are near to orthogonal,
each may have an exponent of its own, z_i = 2^{e_i} y_i, and relative errors of the y_i
are relative errors of the modes, be they as small as 10^-1000: the working precision need
not cover the range of sizes.  This is one-sided Jacobi: what it does for the singular
values of a graded matrix (high relative accuracy), it does here for the flow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb

#: Columns with a smaller cosine count as nearly orthogonal.
_COSINE = arb((1, -3))
_SWEEPS = 30


@dataclass(frozen=True)
class Graded:
    """Z = Y·diag(2^{e_i})·Qᵀ with columns of Y of size about one.

    Attributes:
        columns: the columns y_i of Y, exact numbers.
        exponents: e, in descending order.
        rotation: the columns of Q, orthogonal up to rounding.
    """

    columns: tuple[tuple[arb, ...], ...]
    exponents: tuple[int, ...]
    rotation: tuple[tuple[arb, ...], ...]


def graded(
    columns: Sequence[Sequence[arb]], exponents: Sequence[int], rotation: Sequence[Sequence[arb]]
) -> Graded:
    """Rotate hidden coordinates until the columns 2^{e_i} y_i are near to orthogonal, and scale them.

    FLINT's working precision has to cover the loss of digits where columns were
    nearly parallel.

    >>> one, zero = arb(1), arb(0)
    >>> columns = [one, one], [one, one + arb((1, -40))]
    >>> graded(columns, [0, 0], [[one, zero], [zero, one]]).exponents
    (1, -41)
    """
    y, e, q = [list(c) for c in columns], list(exponents), [list(c) for c in rotation]
    for i in range(len(y)):
        y[i], e[i] = _scaled(y[i], e[i])
    for _ in range(_SWEEPS):
        order = sorted(range(len(y)), key=lambda i: -e[i])
        y, e, q = [y[i] for i in order], [e[i] for i in order], [q[i] for i in order]
        turned = False
        for i in range(len(y)):
            for j in range(i + 1, len(y)):
                turned |= _turn(y, e, q, i, j, _COSINE)
        if not turned:
            break
    return Graded(tuple(map(tuple, y)), tuple(e), tuple(map(tuple, q)))


def apart(state: Graded, group: Sequence[int], least: arb) -> Graded | None:
    """Rotate hidden coordinates until the columns of a group are orthogonal to all others.

    Their cosines are ``least`` or smaller afterwards; None where they are so already.

    >>> one, zero = arb(1), arb(0)
    >>> state = Graded(((one, zero), (one, one)), (0, -40), ((one, zero), (zero, one)))
    >>> turned = apart(state, [0], arb((1, -50)))
    >>> abs(float(turned.columns[1][0])) < 1e-15, float(turned.columns[1][1])
    (True, 0.5)
    >>> apart(turned, [0], arb((1, -40))) is None
    True
    """
    y, e, q = [list(c) for c in state.columns], list(state.exponents), [list(c) for c in state.rotation]
    others = [j for j in range(len(y)) if j not in group]
    changed = False
    for _ in range(_SWEEPS):
        turned = [_turn(y, e, q, min(i, j), max(i, j), least) for i in group for j in others]
        if not any(turned):
            break
        changed = True
    return Graded(tuple(map(tuple, y)), tuple(e), tuple(map(tuple, q))) if changed else None


def _scaled(column: Sequence[arb], exponent: int) -> tuple[list[arb], int]:
    """The column with its largest entry in [½, 1), and its exponent; zero stays as it is."""
    sizes = [int(x.man_exp()[1]) + x.man_exp()[0].bit_length() for x in column if x != 0]
    shift = max(sizes, default=0)
    factor = arb((1, -shift))
    return [x * factor for x in column], exponent + shift


def _turn(y: list[list[arb]], e: list[int], q: list[list[arb]], i: int, j: int, least: arb) -> bool:
    """Make columns i and j orthogonal by a rotation, unless their cosine is small."""
    a, b, c = (_dot(y[i], y[i]), _dot(y[j], y[j]), _dot(y[i], y[j]))
    if c * c <= least * least * a * b:
        return False
    ratio = arb((1, e[j] - e[i]))
    zeta = (ratio * b - a / ratio) / (2 * c)
    tangent = 1 / (abs(zeta) + (1 + zeta * zeta).sqrt())
    if zeta < 0:
        tangent = -tangent
    cosine = (1 / (1 + tangent * tangent).sqrt()).mid()
    sine = (cosine * tangent).mid()
    down, up = (sine * ratio).mid(), (sine / ratio).mid()
    first = [(cosine * s - down * t).mid() for s, t in zip(y[i], y[j], strict=True)]
    second = [(up * s + cosine * t).mid() for s, t in zip(y[i], y[j], strict=True)]
    y[i], e[i] = _scaled(first, e[i])
    y[j], e[j] = _scaled(second, e[j])
    q[i], q[j] = (
        [(cosine * s - sine * t).mid() for s, t in zip(q[i], q[j], strict=True)],
        [(sine * s + cosine * t).mid() for s, t in zip(q[i], q[j], strict=True)],
    )
    return True


def _dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0)).mid()
