"""Power series of gradient flows of products of matrices, in fixed point.

The field is W_l' = −(W_L ⋯ W_{l+1})ᵀ ∇C(A) (W_{l−1} ⋯ W_1)ᵀ with A = W_L ⋯ W_1 and
∇C(A) = mask ∘ (A K) − B, computed as in back-propagation:

    R_1 = W_1, R_l = W_l R_{l−1};  D_L = ∇C(R_L), D_l = W_{l+1}ᵀ D_{l+1};
    W_1' = −D_1, W_l' = −D_l R_{l−1}ᵀ,

so that a series costs 3(L − 1) products of series.

With two layers the hidden coordinates may be scaled: where W_2 = Y_2 E and W_1 = E Y_1,
E = diag 2^{e_i}, the same field moves Y_2 and Y_1 if A is read as Y_2 E² Y_1.  Hidden
coordinates may also be held still; their part of A is then a constant.

The terms of a series that converges fall, and where term k has lost b bits, all that enters it
needs b bits less.  So as a series gets longer its unit of time is lengthened, by which
its terms stop falling, and the bits are cut that then are too many: most products are of
numbers of one or two machine words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log2
from typing import TypeAlias

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from saddlesym.exact.linear.matrices import height

#: (W_1, …, W_L), integers over 2^bits.
FixedLayers: TypeAlias = tuple[fmpz_mat, ...]
#: A unit of time is lengthened by a multiple of 2^-_GRAIN.
_GRAIN = 6
#: Bits below the last one that are kept when bits are cut: hundreds of products are added.
_KEPT = 16
#: Sizes up to which FLINT's products of matrices are fastest, and the steps of those well above.
_WORDS, _LADDER = (61, 125), 0.85
#: A cut is worth while if it leaves this part of the bits.
_LESS = 0.9
#: Whether bits can be cut is looked at after every so many terms.
_LOOK = 4


@dataclass(frozen=True)
class MatrixField:
    """The gradient flow of ``C(W_L ⋯ W_1)`` for ``∇C(A) = mask ∘ (A K) − B``.

    Attributes:
        mask: zeros and ones (m × n); None for all ones.
        K: (n × n), exact; None for the identity.
        B: (m × n), exact.
    """

    mask: fmpq_mat | None
    K: fmpq_mat | None
    B: fmpq_mat

    def gradient(self, A: fmpz_mat, bits: int, constant: bool = True) -> fmpz_mat:
        """∇C of a fixed-point A, or only its part that is linear in A."""
        if self.K is None and self.mask is None and not constant:
            return A
        m, n = A.nrows(), A.ncols()
        entries = A.entries()
        if self.K is not None:
            numerator, denominator = self.K.numer_denom()
            entries = [x // denominator for x in (A * numerator).entries()]
        if self.mask is not None:
            entries = [x if q != 0 else fmpz(0) for x, q in zip(entries, self.mask.entries(), strict=True)]
        if constant:
            unit = fmpq(fmpz(1) << bits)
            entries = [x - fmpz((q * unit).floor()) for x, q in zip(entries, self.B.entries(), strict=True)]
        return fmpz_mat(m, n, entries)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From term ``first`` on, term k is written as an integer over 2^bits·(stretch/2^_GRAIN)^k."""

    first: int
    bits: int
    stretch: int

    def rise(self, k: int) -> float:
        """log2 of the factor of term k."""
        return k * (log2(self.stretch) - _GRAIN)


class Series:
    """The Taylor series of a solution at one state, lengthened term by term.

    Args:
        field: the vector field.
        start: W_1, …, W_L (integers over 2^bits).
        bits: fixed-point bits.
        unit: time is counted in units of 2^unit.
        exponents: e, for two layers (see above); empty for none.
        still: the hidden coordinates that are held, in ascending order.
    """

    def __init__(
        self,
        field: MatrixField,
        start: FixedLayers,
        bits: int,
        unit: int,
        exponents: Sequence[int] = (),
        still: Sequence[int] = (),
    ) -> None:
        self.field, self.bits, self.unit, self.start = field, bits, unit, start
        self._moving = [i for i in range(start[0].nrows()) if i not in still]
        self._shifts = [-2 * exponents[i] for i in self._moving] if exponents else []
        # only hidden coordinates that can be seen in A take part in it
        self._seen = [i for i, s in enumerate(self._shifts) if s < bits + 8]
        self._held: fmpz_mat | None = None
        if still:
            rows, columns = start[0].tolist(), start[1].transpose().tolist()
            lower = fmpz_mat([_row_shifted(rows[i], -2 * exponents[i]) for i in still])
            self._held = _shifted(fmpz_mat([columns[i] for i in still]).transpose() * lower, bits)
            start = (
                fmpz_mat([rows[i] for i in self._moving]),
                fmpz_mat([columns[i] for i in self._moving]).transpose(),
            )
        depth = len(start)
        #: The terms of the layers, of those hidden coordinates that move, and of A and ∇C(A).
        self.layers: list[list[fmpz_mat]] = [[w] for w in start]
        self.product: list[fmpz_mat] = []
        self.gradient: list[fmpz_mat] = []
        #: log2 of the terms of the layers in units of 2^-bits, at least 0.
        self.sizes = [float(max(map(height, start)))]
        self._scales = [_Scale(0, bits, 1 << _GRAIN)]
        # what products are made of, all in the last scale
        places: list[list[list[fmpz_mat]]] = [[[] for _ in range(depth)] for _ in range(5)]
        self._upper, self._lower, self._transposed, self._below_transposed, self._above = places

    @property
    def length(self) -> int:
        """The highest power computed so far."""
        return len(self.layers[0]) - 1

    def log2_one(self, k: int) -> float:
        """log2 of the number that stands for one in term k."""
        scale = self._scale_of(k)
        return scale.bits + scale.rise(k)

    def _scale_of(self, k: int) -> _Scale:
        return next(scale for scale in reversed(self._scales) if scale.first <= k)

    def extend(self) -> float:
        """Append one coefficient to every layer; its entry in ``sizes``."""
        k, depth = self.length, len(self.layers)
        if k and k % _LOOK == 0:
            self._cut(k)
        bits = self._scales[-1].bits
        below = self.layers[0][k]
        for i in range(1, depth):
            self._transposed[i].append(self.layers[i][k].transpose())
            self._below_transposed[i - 1].append(below.transpose())
            upper, lower = self.layers[i][k], below
            if self._shifts:
                upper, lower = self._scaled(self._transposed[i][k], lower)
            self._upper[i].append(upper)
            self._lower[i].append(lower)
            below = _shifted(_term(self._upper[i], self._lower[i]), bits)
        if k == 0 and self._held is not None:
            below += self._held
        self.product.append(below)
        self.gradient.append(self.field.gradient(below, bits, constant=k == 0))
        self._above[-1].append(self.gradient[k])
        for i in range(depth - 1, 0, -1):
            self._above[i - 1].append(_shifted(_term(self._transposed[i], self._above[i]), bits))
        new = [self._integrated(self._above[0][k], k, 0)]
        for i in range(1, depth):
            new.append(self._integrated(_term(self._above[i], self._below_transposed[i - 1]), k, bits))
        for terms, matrix in zip(self.layers, new, strict=True):
            terms.append(matrix)
        size = max(map(height, new)) - self.log2_one(k + 1) + self.bits
        self.sizes.append(max(0.0, size))
        return self.sizes[-1]

    def _scaled(self, upper: fmpz_mat, lower: fmpz_mat) -> tuple[fmpz_mat, fmpz_mat]:
        """Y_2 E² and Y_1, of the hidden coordinates that are seen, from Y_2ᵀ and Y_1."""
        if not self._seen:  # one of zeros
            return fmpz_mat(upper.ncols(), 1), fmpz_mat(1, lower.ncols())
        rows = upper.tolist()
        scaled = fmpz_mat([_row_shifted(rows[i], self._shifts[i]) for i in self._seen]).transpose()
        if len(self._seen) < lower.nrows():
            rows = lower.tolist()
            lower = fmpz_mat([rows[i] for i in self._seen])
        return scaled, lower

    def _cut(self, k: int) -> None:
        """Lengthen the unit of time until terms no longer fall, and cut bits that term k does not need."""
        old = self._scales[-1]
        top = max(self.sizes)
        half = k // 2
        fall = min((top - self.sizes[j]) / j for j in range(half, k + 1))
        fall = min(fall, (self.sizes[half] - self.sizes[k]) / (k - half))
        if self.bits + _KEPT - k * fall > _LESS * old.bits or fall <= 0.0:
            return
        stretch = int(2.0 ** (fall + _GRAIN))
        fall = log2(stretch) - _GRAIN
        operands = [x for place in (self._upper, self._lower, self._transposed, self._below_transposed,
                    self._above) for x in place if len(x) == k]  # fmt: skip
        head = max(
            height(x[j]) - old.bits - old.rise(j) + j * fall for x in operands for j in (0, 1, k - 2, k - 1)
        )
        head = max(head, *(size - self.bits + j * fall for j, size in enumerate(self.sizes)))
        for size in _sizes_below(self.bits):
            bits = size - max(0, ceil(head)) - 1
            if self.bits + _KEPT - k * fall <= bits <= _LESS * old.bits:
                break
        else:
            return
        new = _Scale(k, bits, stretch)
        self._scales.append(new)
        factors, shift = _ratios(old, new, k + 1)
        for terms in operands:
            terms[:] = [_multiplied(x, factor, shift) for x, factor in zip(terms, factors, strict=False)]
        for terms in self.layers:
            terms[k] = _multiplied(terms[k], factors[k], shift)

    def _integrated(self, velocity: fmpz_mat, k: int, shift: int) -> fmpz_mat:
        """−velocity/2^shift integrated: the coefficient of power k + 1, in the last scale."""
        shift += _GRAIN - self.unit
        factor = -fmpz(self._scales[-1].stretch) << max(0, -shift)
        divisor = fmpz(k + 1) << max(0, shift)
        entries = [x * factor // divisor for x in velocity.entries()]
        return fmpz_mat(velocity.nrows(), velocity.ncols(), entries)

    def at(self, part: fmpz, part_bits: int) -> FixedLayers:
        """The layers at time part·2^(unit − part_bits)."""
        moved = self._sums(self.layers, part, part_bits)
        if self._held is None:
            return tuple(moved)
        rows, columns = self.start[0].tolist(), self.start[1].transpose().tolist()
        first, second = moved[0].tolist(), moved[1].transpose().tolist()
        for place, i in enumerate(self._moving):
            rows[i], columns[i] = first[place], second[place]
        return fmpz_mat(rows), fmpz_mat(columns).transpose()

    def product_at(self, part: fmpz, part_bits: int) -> fmpz_mat:
        """A over 2^bits at time part·2^(unit − part_bits), from the terms of A itself."""
        return self._sums([self.product], part, part_bits)[0]

    def _sums(self, series: Sequence[Sequence[fmpz_mat]], part: fmpz, part_bits: int) -> list[fmpz_mat]:
        # terms may have fallen more slowly than they did when bits were cut
        over = max(size - self.bits + self._scale_of(k).rise(k) for k, size in enumerate(self.sizes))
        spare = self.bits + _KEPT + max(0, ceil(over))
        totals = [fmpz_mat(terms[0].nrows(), terms[0].ncols()) for terms in series]
        ends = [scale.first for scale in self._scales[1:]] + [len(series[0])]
        for scale, end in zip(self._scales, ends, strict=True):
            factor, divisor = part << _GRAIN, fmpz(scale.stretch) << part_bits
            weight = (factor**scale.first << (spare + self.bits - scale.bits)) // divisor**scale.first
            for k in range(scale.first, end):
                totals = [total + terms[k] * weight for total, terms in zip(totals, series, strict=True)]
                weight = weight * factor // divisor
        return [_shifted(total, spare) for total in totals]


def _term(left: Sequence[fmpz_mat], right: Sequence[fmpz_mat]) -> fmpz_mat:
    """The last term of a product of two series of as many terms."""
    total = left[0] * right[-1]
    for a, b in zip(left[1:], right[-2::-1], strict=True):
        total += a * b
    return total


def _sizes_below(bits: int) -> list[int]:
    """The sizes in bits that numbers may be cut to, ascending."""
    sizes, size = list(_WORDS), _LADDER * bits
    while size > 2 * _WORDS[-1]:
        sizes.insert(len(_WORDS), int(size))
        size *= _LADDER
    return sizes


def _ratios(old: _Scale, new: _Scale, count: int) -> tuple[list[fmpz], int]:
    """Numbers over 2^shift by which terms 0, 1, … have to be multiplied."""
    shift = new.bits + 8
    out = [fmpz(1) << shift]
    for _ in range(count - 1):
        out.append(out[-1] * new.stretch // old.stretch)
    return out, shift + old.bits - new.bits


def _multiplied(matrix: fmpz_mat, factor: fmpz, shift: int) -> fmpz_mat:
    """matrix·factor/2^shift."""
    return fmpz_mat(matrix.nrows(), matrix.ncols(), [x * factor >> shift for x in matrix.entries()])


def _shifted(matrix: fmpz_mat, bits: int) -> fmpz_mat:
    return fmpz_mat(matrix.nrows(), matrix.ncols(), [x >> bits for x in matrix.entries()])


def _row_shifted(row: Sequence[fmpz], bits: int) -> list[fmpz]:
    """row·2^-bits."""
    return [x >> bits for x in row] if bits >= 0 else [x << -bits for x in row]
