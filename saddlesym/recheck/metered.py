"""The loss of the certificates, with its work counted before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq_mat

from saddlesym.errors import BadInputError
from saddlesym.exact.vectors import RationalVector
from saddlesym.recheck.loss import RecheckedLoss
from saddlesym.recheck.work import Work, cleared_bits


class MeteredQuadratic(RecheckedLoss):
    """A loss that asks before it multiplies and before it hands out a block to eliminate.

    Args:
        document: the recorded data, numbers written out.
        work: what may be spent.
    """

    def __init__(self, document: dict[str, Any], work: Work) -> None:
        self.work = work
        if "M" in document:
            d = len(document["M"])
            self._bits = self._gram_bits = cleared_bits(document["M"])
            self._height = d
            work.elimination(d, d, self._bits)
        else:
            n, d = len(document["X"]), len(document["X"][0])
            units = document.get("scale") or ()
            self._bits = cleared_bits([*document["X"], *([units] if units else [])])
            self._bits += n.bit_length() * bool(document.get("centred"))
            self._gram_bits = 2 * self._bits + 2 * n.bit_length()
            self._height = n
            work.matrix(n, d, self._bits)
            work.products(n * min(n, d) * d if d <= n else n * d, self._bits, self._bits)
        super().__init__(document)

    def image(self, vector: RationalVector) -> RationalVector:
        """M times a vector (d), over one denominator."""
        if len(vector) != self.r.nrows():
            raise BadInputError(
                f"a vector of {len(vector)} entries", needed=f"{self.r.nrows()}, one per column"
            )
        bits = vector.bits
        self.work.products(2 * self._height * len(vector), self._bits, self._bits + bits)
        return super().image(vector)

    def block(self, indices: Sequence[int]) -> fmpq_mat:
        """M_SS for an index list S, which is about to be eliminated."""
        k = len(indices)
        self.work.elimination(k, k, self._gram_bits)
        if self._M is None:
            self.work.products(k * k * self._height, self._bits, self._bits)
        return super().block(indices)
