"""Implicit steps of high order, for flows that are stiff and smooth at once.

Radau's collocation polynomial of n nodes is found by Newton's method.  Nothing has
to trust it: like the steps of :mod:`saddlesym.ode.defect` it is a guess whose
defect the caller encloses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from flint import arb, arb_mat, ctx, fmpq_poly

#: x ↦ (f(x), the Jacobian of f at x), or None outside the domain of f.
Slopes = Callable[[Sequence[arb]], "tuple[list[arb], list[list[arb]]] | None"]
_ITERATIONS = 24


@lru_cache(maxsize=8)
def radau(n: int, bits: int) -> tuple[arb_mat, arb_mat]:
    """Radau's nodes c_1 < … < c_n = 1: ``(∫₀^{c_i} ℓ_j)_ij`` and the coefficients of all ℓ_j in columns."""
    with ctx.workprec(bits + 8 * n):
        x, older, newer = fmpq_poly([-1, 2]), fmpq_poly([1]), fmpq_poly([-1, 2])
        for m in range(1, n):
            older, newer = newer, ((2 * m + 1) * x * newer - m * older) / (m + 1)
        factors: Any = (newer - older).numer().complex_roots()
        roots = [root.real.mid() for root, _ in factors]
        nodes = sorted(roots, key=float)
        lagrange = arb_mat([[c**j for j in range(n)] for c in nodes]).inv()
        integrals = arb_mat([[c ** (j + 1) / (j + 1) for j in range(n)] for c in nodes])
        return integrals * lagrange, lagrange


def collocation(
    slopes: Slopes, state: Sequence[arb], length: arb, n: int, bits: int
) -> list[list[arb]] | None:
    """Coefficients of x̂'(state + length·τ) in τ, for every unknown (k × n).

    Args:
        slopes: the field and its Jacobian.
        state: x at the start (k), exact.
        length: duration of the step.
        n: number of nodes.
        bits: working precision.

    Returns:
        Exact numbers, or None when Newton's method fails.
    """
    weights, lagrange = radau(n, bits)
    k, first = len(state), slopes(state)
    if first is None:
        return None
    rates = [list(first[0]) for _ in range(n)]
    before: arb | None = None
    for _ in range(_ITERATIONS):
        shift = weights * arb_mat(rates)
        found = [slopes([(x + length * shift[i, a]).mid() for a, x in enumerate(state)]) for i in range(n)]
        residue, rows = [], []
        for i, here in enumerate(found):
            if here is None:
                return None
            for a in range(k):
                residue.append([rates[i][a] - here[0][a]])
                rows.append(
                    [
                        arb(int(i == j and a == b)) - length * weights[i, j] * here[1][a][b]
                        for j in range(n)
                        for b in range(k)
                    ]
                )
        try:
            move = arb_mat([[x.mid() for x in row] for row in rows]).solve(
                arb_mat([[x.mid() for x in row] for row in residue]), algorithm="approx"
            )
        except ZeroDivisionError:
            return None
        size = max(abs(x.mid()) for x in move.entries())
        rates = [[(rates[i][a] - move[k * i + a, 0]).mid() for a in range(k)] for i in range(n)]
        if size < arb((1, 24 - bits)) or (
            before is not None and size < arb((1, -bits // 2)) and size > before / 4
        ):
            return [[x.mid() for x in column] for column in (lagrange * arb_mat(rates)).transpose().tolist()]
        before = size
    return None
