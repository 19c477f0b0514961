"""Vector fields built from +, × and exp or sinh of linear forms.

Sums and products of exponentials of linear forms are sums of exponentials of
linear forms again, so every such field has the one normal form

    x' = b + Σ_j A_j · exp(ℓ_j(x) + c_j),

and a polynomial (Lotka–Volterra) field has it in the logarithms of its
unknowns.  Coefficients and forms are rational and exact; the offsets c_j may be
any real number that can be computed to any precision, such as 2 ln α.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeAlias

from flint import arb, fmpq

from saddlesym.errors import BadInputError
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq

#: A real number as a function that encloses it at FLINT's working precision.
Real: TypeAlias = Callable[[], arb]


def _nothing() -> arb:
    return arb(0)


@dataclass(frozen=True)
class Term:
    """One term ``A · exp(form(x) + offset)`` of a vector field on ℝᵏ.

    Attributes:
        coefficients: A (k), exact.
        form: the linear form (k), exact.
        offset: c, enclosed at the working precision whenever it is called.
    """

    coefficients: tuple[fmpq, ...]
    form: tuple[fmpq, ...]
    offset: Real = field(default_factory=lambda: _nothing)


@dataclass(frozen=True)
class Norm:
    """Upper bounds for a norm on ℝᵏ in which errors of a field are measured.

    Attributes:
        basis: norms of the k unit vectors.
        terms: norms of the coefficient vectors A_j.
    """

    basis: tuple[arb, ...]
    terms: tuple[arb, ...]


@dataclass(frozen=True)
class Field:
    """The vector field ``x' = b + Σ_j A_j exp(ℓ_j(x) + c_j)`` on ℝᵏ.

    Attributes:
        constant: b (k), exact.
        terms: the exponential terms.
        norm: the norm for defects; default Euclidean.
        contracting: whether it is known that two solutions never move apart in that norm.
            Only then is a zero of the field a proof of rest.
    """

    constant: tuple[fmpq, ...]
    terms: tuple[Term, ...]
    norm: Norm | None = None
    contracting: bool = False

    def __post_init__(self) -> None:
        k = len(self.constant)
        if any(len(t.coefficients) != k or len(t.form) != k for t in self.terms):
            raise BadInputError(
                "the terms of a vector field differ in dimension",
                needed=f"{k} coefficients and a form on R^{k}",
            )

    @property
    def dimension(self) -> int:
        """k, the number of unknowns."""
        return len(self.constant)

    @cached_property
    def measure(self) -> Norm:
        """The norm in use, with the default filled in."""
        if self.norm is not None:
            return self.norm
        with workprec(64):
            lengths = [sum((arb(a) ** 2 for a in t.coefficients), arb(0)).sqrt() for t in self.terms]
            return Norm((arb(1),) * self.dimension, tuple(x.upper() for x in lengths))


@dataclass(frozen=True)
class Linear:
    """A linear form plus a rational constant on ℝᵏ, the argument of exp and sinh.

    >>> x, y = variables(2)
    >>> 2 * x - y + 1
    Linear(form=(2, -1), constant=1)
    """

    form: tuple[fmpq, ...]
    constant: fmpq = field(default_factory=fmpq)

    def __add__(self, other: Any) -> Linear:
        if isinstance(other, Linear):
            form = tuple(a + b for a, b in zip(self.form, other.form, strict=True))
            return Linear(form, self.constant + other.constant)
        return Linear(self.form, self.constant + to_fmpq(other))

    __radd__ = __add__

    def __neg__(self) -> Linear:
        return self.__mul__(-1)

    def __sub__(self, other: Any) -> Linear:
        return self + (-other if isinstance(other, Linear) else -to_fmpq(other))

    def __rsub__(self, other: Any) -> Linear:
        return (-self).__add__(other)

    def __mul__(self, factor: Any) -> Linear:
        q = to_fmpq(factor)
        return Linear(tuple(a * q for a in self.form), self.constant * q)

    __rmul__ = __mul__


@dataclass(frozen=True)
class ExponentialSum:
    """A sum of rational multiples of exponentials of linear forms; closed under + and ×.

    Attributes:
        terms: coefficient by (form, constant of the exponent).

    >>> x, y = variables(2)
    >>> exp(x) * exp(-x) * exp(y - 1) == exp(y - 1)
    True
    """

    terms: Mapping[tuple[tuple[fmpq, ...], fmpq], fmpq]

    def __add__(self, other: Any) -> ExponentialSum:
        total = dict(self.terms)
        for key, value in _lifted(other, self).terms.items():
            total[key] = total.get(key, fmpq(0)) + value
        return ExponentialSum({key: value for key, value in total.items() if value != 0})

    __radd__ = __add__

    def __neg__(self) -> ExponentialSum:
        return self.__mul__(-1)

    def __sub__(self, other: Any) -> ExponentialSum:
        return self + (-_lifted(other, self))

    def __rsub__(self, other: Any) -> ExponentialSum:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> ExponentialSum:
        total: dict[tuple[tuple[fmpq, ...], fmpq], fmpq] = {}
        for (f, c), p in self.terms.items():
            for (g, e), q in _lifted(other, self).terms.items():
                key = (tuple(a + b for a, b in zip(f, g, strict=True)), c + e)
                total[key] = total.get(key, fmpq(0)) + p * q
        return ExponentialSum({key: value for key, value in total.items() if value != 0})

    __rmul__ = __mul__


def _lifted(value: Any, like: ExponentialSum) -> ExponentialSum:
    if isinstance(value, ExponentialSum):
        return value
    size = len(next(iter(like.terms))[0]) if like.terms else 0
    q = to_fmpq(value)
    return ExponentialSum({((fmpq(0),) * size, fmpq(0)): q} if q != 0 else {})


def variables(k: int) -> tuple[Linear, ...]:
    """The k coordinates of ℝᵏ, from which linear forms are made."""
    return tuple(Linear(tuple(fmpq(int(i == j)) for j in range(k))) for i in range(k))


def exp(argument: Linear) -> ExponentialSum:
    """exp of a linear form."""
    return ExponentialSum({(argument.form, argument.constant): fmpq(1)})


def sinh(argument: Linear) -> ExponentialSum:
    """sinh of a linear form, as two exponentials."""
    return (exp(argument) - exp(-argument)) * fmpq(1, 2)


def vector_field(components: Sequence[ExponentialSum | Any], dimension: int | None = None) -> Field:
    """The field with these components, in normal form.

    Args:
        components: k exponential sums or numbers.
        dimension: k, checked when given.

    Raises:
        BadInputError: components that live on a space of another dimension.

    >>> x, y = variables(2)
    >>> f = vector_field([1 - exp(x + y), 2 * sinh(y) * exp(x)])
    >>> f.constant, len(f.terms)
    ((1, 0), 2)
    """
    k = len(components)
    if dimension not in (None, k):
        raise BadInputError(f"{k} components", needed=f"{dimension} components")
    zero = (fmpq(0),) * k
    empty = ExponentialSum({(zero, fmpq(0)): fmpq(0)})
    columns: dict[tuple[tuple[fmpq, ...], fmpq], list[fmpq]] = {}
    for i, component in enumerate(components):
        for key, value in _lifted(component, empty).terms.items():
            if len(key[0]) != k:
                raise BadInputError(
                    f"component {i} uses {len(key[0])} variables", needed=f"forms in {k} variables"
                )
            columns.setdefault(key, [fmpq(0)] * k)[i] += value
    constant = columns.pop((zero, fmpq(0)), list(zero))
    terms = [Term(tuple(a), form, _constant(c)) for (form, c), a in columns.items()]
    return Field(tuple(constant), tuple(terms))


def _constant(value: fmpq) -> Real:
    return partial(arb, value)
