"""Morse index and nullity of a balanced critical point of a deep network, from its Hessian alone.

Of the certificate, so that nothing here comes from the solver.  In singular coordinates all
layers of the point are diagonal, so ∇²𝓛 falls apart into blocks of the entries (p, q) and
(q, p) of all layers, whose inertia is computed exactly.  For that, σ is replaced by t^L with
whole numbers t in the same order; an eigenvalue of a block changes sign only where two
singular values meet (``exchange_block``), so the order is all that counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise

from flint import fmpz_mat

from saddlesym.recheck.work import Work

#: A singular coordinate: t of its singular value (0 for none), whether it is in S, and in which layers it is.
_Coordinate = tuple[int, bool, tuple[bool, ...]]


class Inertia:
    """Morse index and nullity of the sets of modes of one problem.

    Args:
        owners: for each mode the number of its distinct singular value, falling.
        widths: of all layers.
        work: what may be spent.
    """

    def __init__(self, owners: Sequence[int], widths: Sequence[int], work: Work) -> None:
        self._owners, self._widths, self._work = owners, widths, work
        self._blocks: dict[tuple[_Coordinate, _Coordinate | None], tuple[int, int]] = {}

    def of(self, modes: Sequence[int]) -> tuple[int, int]:
        """Morse index and nullity of ∇²𝓛 at the balanced critical point of a set, block by block."""
        chosen = set(modes)
        order = [
            *modes,
            *(j for j in range(len(self._owners)) if j not in chosen),
        ]  # S uses the first hidden units
        kinds: Counter[_Coordinate] = Counter()
        # beyond the modes, coordinates between two widths are alike
        steps = sorted({len(order), *(w for w in self._widths if w > len(order))})
        runs = [(p, 1) for p in range(len(order))] + [(a, b - a) for a, b in pairwise(steps)]
        for p, number in runs:
            t = self._owners[-1] + 1 - self._owners[order[p]] if p < len(order) else 0
            kinds[t, p < len(modes), tuple(p < w for w in self._widths)] += number
        self._work.steps(len(kinds) ** 2 + len(self._owners) * len(self._widths))
        blocks: list[tuple[_Coordinate, _Coordinate | None, int]] = [
            (kind, None, n) for kind, n in kinds.items()
        ]
        blocks += [(kind, kind, n * (n - 1) // 2) for kind, n in kinds.items()]
        blocks += [(a, b, m * n) for (a, m), (b, n) in combinations(kinds.items(), 2)]
        index = nullity = 0
        for a, b, times in blocks:
            if times:
                negative, zero = self._block(a, b)
                index, nullity = index + times * negative, nullity + times * zero
        return index, nullity

    def _block(self, a: _Coordinate, b: _Coordinate | None) -> tuple[int, int]:
        if (a, b) not in self._blocks:
            size = 2 * len(self._widths)
            bits = size * max(a[0], 1 if b is None else b[0], 2).bit_length()
            self._work.spend(2e-5 * size**2 + 6e-10 * size**3 * bits)
            self._blocks[a, b] = _block_inertia(a, b)
        return self._blocks[a, b]


def _block_inertia(a: _Coordinate, b: _Coordinate | None) -> tuple[int, int]:
    """Negative and zero eigenvalues of the block of the entries (p, q) and (q, p) of all layers.

    Args:
        a: the coordinate p.
        b: the coordinate q; None for q = p.
    """
    ends = (a,) if b is None else (a, b)
    places = ((0, 0),) if b is None else ((0, 1), (1, 0))
    L = len(a[2]) - 1
    weight = [t if used else 0 for t, used, _ in ends]
    excess = [w**L - t**L for w, (t, _, _) in zip(weight, ends, strict=True)]
    variables = [
        (layer, i, j)
        for layer in range(1, L + 1)
        for i, j in places
        if ends[i][2][layer] and ends[j][2][layer - 1]
    ]

    def second(x: tuple[int, int, int], y: tuple[int, int, int]) -> int:
        """∂²𝓛 by the entries x and y: from ½‖dA‖², and from ⟨∇C, d²A⟩."""
        (k, i, j), (m, *other) = x, y
        total = 0
        if [i, j] == other:  # both move the entry (i, j) of A
            total += weight[i] ** (2 * L - k - m) * weight[j] ** (k + m - 2)
        if k != m and [j, i] == other:
            (high, end, middle), (low, _, _) = (x, y) if k > m else (y, x)
            if ends[end][2][0] and ends[end][2][L]:
                outside, inside = (L - high) + (low - 1), high - low - 1
                total += excess[end] * weight[end] ** outside * weight[middle] ** inside
        return total

    n = len(variables)
    if n == 0:
        return 0, 0
    ascending = fmpz_mat(n, n, [second(x, y) for x in variables for y in variables]).charpoly().coeffs()
    zero = next(k for k, c in enumerate(ascending) if c != 0)
    signs = [c * (-1) ** k for k, c in enumerate(ascending) if c != 0]  # of the polynomial at −x
    return sum((x > 0) != (y > 0) for x, y in pairwise(signs)), zero
