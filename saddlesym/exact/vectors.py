"""Vectors of rationals over one common denominator.

Jump times and dual variables of a long path have tens of thousands of digits.
Keeping a vector as integers over one denominator makes arithmetic free of
gcds; an entry is brought to lowest terms only when someone looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, overload

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from saddlesym.errors import BudgetError
from saddlesym.exact.forms import Seen, exact, fits, listed, one_of, record
from saddlesym.exact.scalars import fraction, read_exact, to_fmpq, whole_number
from saddlesym.exact.text import MAX_DPS, abbreviated, decimal_string

#: Most bits of a vector that is read, its numerators over their common denominator.
MAX_BITS = 2**33


class RationalVector(Sequence[Fraction]):
    """An immutable vector of exact rationals; its entries are ``Fraction``.

    Args:
        numerators: FLINT integers (d × 1).
        denominator: positive FLINT integer common to all of them.

    >>> v = RationalVector.of(["1/2", 0, "-3"])
    >>> v[0], v == (Fraction(1, 2), 0, -3), len(v)
    (Fraction(1, 2), True, 3)
    """

    __slots__ = ("_denominator", "_numerators")

    def __init__(self, numerators: fmpz_mat, denominator: fmpz) -> None:
        self._numerators, self._denominator = numerators, denominator

    @classmethod
    def of(cls, values: Iterable[Any]) -> RationalVector:
        """The vector of any numbers that the gate lets through."""
        entries = [to_fmpq(value) for value in values]
        numerators, denominator = fmpq_mat(len(entries), 1, entries).numer_denom()
        return cls(numerators, denominator)

    @classmethod
    def read(cls, texts: Iterable[Any]) -> RationalVector:
        """The vector of a saved result, numbers of any length.

        Raises:
            BudgetError: over their common denominator they would not fit into memory.
        """
        entries = [read_exact(text) for text in texts]
        common = fmpz(1)
        for entry in entries:
            common = common.lcm(entry.q)
            if common.bit_length() * len(entries) > MAX_BITS:
                raise BudgetError(f"{len(entries)} numbers without a common denominator of reasonable size")
        return cls.of(entries)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, every entry with all its digits."""
        return {"kind": "vector", "entries": self.strings()}

    @classmethod
    def from_dict(cls, document: Any) -> RationalVector:
        """The inverse of :meth:`to_dict`.

        Raises:
            BadInputError: an entry is no exact number.
            BudgetError: see :meth:`read`.
        """
        fits(document, _FORM, "a vector")
        return cls.read(document["entries"])

    def __reduce__(self) -> tuple[Any, ...]:
        """FLINT's matrices do not pickle; their integers do."""
        return _restored, ([int(p) for p in self._numerators.entries()], int(self._denominator))

    @property
    def numerators(self) -> fmpz_mat:
        return self._numerators

    @property
    def denominator(self) -> fmpz:
        return self._denominator

    def rationals(self) -> list[fmpq]:
        """The entries as FLINT rationals in lowest terms."""
        return [fmpq(p, self._denominator) for p in self._numerators.entries()]

    @property
    def bits(self) -> int:
        """Bits of the longest integer of the vector."""
        return int(max(p.bit_length() for p in (*self._numerators.entries(), self._denominator)))

    def column(self) -> fmpq_mat:
        """The vector as a FLINT matrix (d × 1)."""
        return fmpq_mat(self._numerators) / self._denominator

    def support(self) -> tuple[int, ...]:
        """Indices of the entries that are not zero."""
        return tuple(i for i, p in enumerate(self._numerators.entries()) if p != 0)

    def signs(self) -> tuple[int, ...]:
        """−1, 0 or 1 for every entry."""
        return tuple(int(p > 0) - int(p < 0) for p in self._numerators.entries())

    def strings(self) -> list[str]:
        """Every entry with all its digits, as ``"p/q"``."""
        return [str(q) for q in self.rationals()]

    def decimals(self, digits: int = 30) -> list[str]:
        """Every entry as the nearest decimal of that many significant digits."""
        return [decimal_string(q, digits) for q in self.rationals()]

    def floats(self) -> list[float]:
        """Every entry as the nearest float."""
        return [float(x) for x in self]

    def mpf(self, dps: int) -> list[Any]:
        """Every entry as an mpmath number of ``dps`` digits, correctly rounded."""
        return [to_mpf(q, dps) for q in self.rationals()]

    def sympy(self) -> Any:
        """The vector as an exact SymPy column matrix."""
        import sympy

        return sympy.Matrix([to_sympy(q) for q in self.rationals()])

    def __len__(self) -> int:
        return self._numerators.nrows()

    @overload
    def __getitem__(self, index: int) -> Fraction: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Fraction, ...]: ...
    def __getitem__(self, index: int | slice) -> Fraction | tuple[Fraction, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} of a vector of length {len(self)}")
        return fraction(fmpq(self._numerators[index % len(self), 0], self._denominator))

    def __iter__(self) -> Iterator[Fraction]:
        return (fraction(q) for q in self.rationals())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RationalVector):
            left = self._numerators * other._denominator
            return bool(left == other._numerators * self._denominator)
        if isinstance(other, Sequence) and not isinstance(other, str):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        entries = [abbreviated(q, 16) for q in self.rationals()[:8]]
        more = f", … {len(self)} entries" if len(self) > 8 else ""
        return f"({', '.join(entries)}{more})"


_FORM = record({"entries": listed(exact)}, {"kind": one_of("vector")})


def read_vector(value: Any, seen: Seen) -> RationalVector:
    """The entries of a vector within a document.

    Raises:
        MisfitError: they are none.
    """
    listed(exact)(value, seen)
    return RationalVector.read(value)


def _restored(numerators: list[int], denominator: int) -> RationalVector:
    return RationalVector(fmpz_mat(len(numerators), 1, numerators), fmpz(denominator))


def to_mpf(value: fmpq | Fraction, dps: int) -> Any:
    """A rational as an mpmath number of ``dps`` digits (1 to a million), correctly rounded.

    >>> import mpmath
    >>> mpmath.nstr(to_mpf(Fraction(1, 3), 30), 30)
    '0.333333333333333333333333333333'
    """
    import mpmath
    from mpmath.libmp import dps_to_prec, from_rational

    q, digits = to_fmpq(value), whole_number(dps, "dps", 1, MAX_DPS)
    return mpmath.mp.make_mpf(from_rational(int(q.p), int(q.q), dps_to_prec(digits), "n"))


def to_sympy(value: fmpq | Fraction) -> Any:
    """A rational as a SymPy ``Rational``.

    >>> to_sympy(Fraction(2, 6))
    1/3
    """
    import sympy

    q = to_fmpq(value)
    return sympy.Rational(int(q.p), int(q.q))
