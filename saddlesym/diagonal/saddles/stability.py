"""Stability of the critical points of F(u, v) = L(u ⊙ v).

At a critical point the Hessian of F splits (PF23, section 3): every i with
``u_i = v_i = 0`` gives the eigenvalues ±|∇L(β)_i|, and the active coordinates
give the form ``JᵀM_SS J`` with J of full row rank, which has as many positive
eigenvalues as M_SS has rank, and zeros otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from saddlesym.exact.documents.results import Documented
from saddlesym.exact.vectors import RationalVector


@dataclass(frozen=True)
class UnstableDirection(Documented):
    """A coordinate along which a saddle is left.

    Attributes:
        coordinate: index (0-based).
        sign: the sign with which β grows, −sign ∇L(β)_i.
        rate: growth rate of β in natural time T as α → 0, ``2|∇L(β)_i|``.
    """

    coordinate: int
    sign: int
    rate: Fraction


@dataclass(frozen=True)
class Stability:
    """Inertia of the Hessian of F (2d × 2d) at a critical point.

    Attributes:
        morse_index: number of negative eigenvalues.
        nullity: number of zero eigenvalues.
    """

    morse_index: int
    nullity: int


def stability(support_size: int, rank: int, gradient: RationalVector) -> Stability:
    """Morse index and nullity of a critical point.

    Args:
        support_size: |S|.
        rank: rank of M_SS.
        gradient: ∇L(β) (d), zero on S.

    >>> stability(1, 1, RationalVector.of([0, 3, 0]))
    Stability(morse_index=1, nullity=3)
    """
    index = sum(1 for p in gradient.numerators.entries() if p != 0)
    idle = len(gradient) - support_size - index
    return Stability(index, 2 * support_size - rank + 2 * idle)


def unstable_directions(gradient: RationalVector) -> tuple[UnstableDirection, ...]:
    """The unstable directions of a critical point, fastest first.

    >>> unstable_directions(RationalVector.of([0, -2, 3]))[0]
    UnstableDirection(coordinate=2, sign=-1, rate=Fraction(6, 1))
    """
    found = [
        UnstableDirection(i, -1 if gradient[i] > 0 else 1, 2 * abs(gradient[i])) for i in gradient.support()
    ]
    return tuple(sorted(found, key=lambda direction: (-direction.rate, direction.coordinate)))
