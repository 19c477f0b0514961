"""Random data: ensembles of problems, each instance fixed by the seed and its number alone.

What is drawn is rounded to a decimal of stated digits and from then on exact.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt
from typing import Any, TypeAlias

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.linear.matrices import public_matrix
from saddlesym.exact.scalars import rational
from saddlesym.theorems.deep.reference.definitions import orthogonal
from saddlesym.theorems.samplers import FAMILIES
from saddlesym.theorems.samplers import instance as family_instance
from saddlesym.theorems.wings import Problem

_Rows: TypeAlias = list[list[Any]]
Draw: TypeAlias = Callable[..., DiagonalProblem]

#: Most entries of X in one instance.
MAX_ENTRIES = 10**6


@dataclass(frozen=True)
class Parameter:
    """A parameter of an ensemble.

    Attributes:
        default: its value unless it is given.
        least: the smallest that it may be.
        most: the largest.
        says: what it is.
        whole: whether it is a whole number.
    """

    default: Fraction
    least: Fraction
    most: Fraction
    says: str
    whole: bool = True


def _whole(default: int, least: int, most: int, says: str) -> Parameter:
    return Parameter(Fraction(default), Fraction(least), Fraction(most), says)


def _real(default: str, least: str, most: str, says: str) -> Parameter:
    return Parameter(Fraction(default), Fraction(least), Fraction(most), says, whole=False)


@dataclass(frozen=True)
class Sort:
    """A sort of random data.

    Attributes:
        says: what it is.
        draw: one instance from a generator, n, d and the parameters by name.
        parameters: those besides n and d.
    """

    says: str
    draw: Draw
    parameters: dict[str, Parameter]


def _gauss(rng: random.Random, digits: int) -> Fraction:
    """A standard normal number, rounded to so many decimals."""
    return Fraction(round(rng.gauss(0, 1) * 10**digits), 10**digits)


def _gaussian_rows(rng: random.Random, n: int, d: int, digits: int) -> _Rows:
    return [[_gauss(rng, digits) for _ in range(d)] for _ in range(n)]


def _integer(rng: random.Random, n: int, d: int, size: int) -> DiagonalProblem:
    X = [[rng.randint(-size, size) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(X, [rng.randint(-size, size) for _ in range(n)])


def _signs(rng: random.Random, n: int, d: int) -> DiagonalProblem:
    X = [[rng.choice((-1, 1)) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(X, [rng.choice((-1, 1)) for _ in range(n)])


def _gaussian(rng: random.Random, n: int, d: int, digits: int) -> DiagonalProblem:
    return DiagonalProblem(_gaussian_rows(rng, n, d, digits), [_gauss(rng, digits) for _ in range(n)])


def _rounded(value: Fraction, digits: int) -> Fraction:
    return Fraction(round(value * 10**digits), 10**digits)


def _root(value: Fraction) -> Fraction:
    """√value to twelve decimals."""
    return Fraction(isqrt(int(value * 10**24)), 10**12)


def _correlated(rng: random.Random, n: int, d: int, digits: int, rho: Fraction) -> DiagonalProblem:
    """Columns √(1 − ρ) z_j + √ρ z with a z that all share: any two have correlation ρ."""
    own, common = _root(1 - rho), _root(rho)
    X = []
    for _ in range(n):
        z = _gauss(rng, 15)
        X.append([_rounded(own * _gauss(rng, 15) + common * z, digits) for _ in range(d)])
    return DiagonalProblem(X, [_gauss(rng, digits) for _ in range(n)])


def _toeplitz(rng: random.Random, n: int, d: int, digits: int, rho: Fraction) -> DiagonalProblem:
    """Each column ρ times the one before and √(1 − ρ²) z: columns i and j have correlation ρ^|i − j|."""
    fresh = _root(1 - rho * rho)
    X = []
    for _ in range(n):
        row = [_gauss(rng, 15)]
        for _ in range(d - 1):
            row.append(_rounded(rho * row[-1] + fresh * _gauss(rng, 15), 15))
        X.append([_rounded(x, digits) for x in row])
    return DiagonalProblem(X, [_gauss(rng, digits) for _ in range(n)])


def _sparse(rng: random.Random, n: int, d: int, digits: int, k: int, noise: Fraction) -> DiagonalProblem:
    """y = Xb with k entries ±1 in b, and noise."""
    X = _gaussian_rows(rng, n, d, digits)
    planted = {j: rng.choice((-1, 1)) for j in rng.sample(range(d), min(k, d))}
    y = [sum((row[j] * b for j, b in planted.items()), Fraction(0)) for row in X]
    return DiagonalProblem(X, [value + noise * _gauss(rng, digits) if noise else value for value in y])


def _orthogonal(rng: random.Random, n: int, d: int, digits: int) -> DiagonalProblem:
    """Columns of a rational orthogonal matrix, each multiplied by a whole number from 1 to 9."""
    if d > n:
        raise BadInputError(f"{d} orthogonal columns of {n} rows", needed="d ≤ n")
    Q = public_matrix(orthogonal(rng, n))
    factors = [rng.randint(1, 9) for _ in range(d)]
    X = [[q * factor for q, factor in zip(row, factors, strict=False)] for row in Q]
    return DiagonalProblem(X, [_gauss(rng, digits) for _ in range(n)])


def _gram(rng: random.Random, n: int, d: int, size: int) -> DiagonalProblem:
    """M and r alone, those of integer data."""
    other = _integer(rng, n, d, size)
    return DiagonalProblem.from_gram(other.M, other.r, loss_at_zero=other.loss([0] * d))


_DIGITS = _whole(3, 0, 30, "decimals that numbers are rounded to")
_SIZE = _whole(5, 1, 10**9, "largest |entry|")

SORTS: dict[str, Sort] = {
    "integer": Sort("whole numbers from −size to size", _integer, {"size": _SIZE}),
    "signs": Sort("entries ±1", _signs, {}),
    "gaussian": Sort("standard normal entries", _gaussian, {"digits": _DIGITS}),
    "correlated": Sort(
        "Gaussian columns, any two of correlation ρ", _correlated,
        {"digits": _DIGITS, "rho": _real("1/2", "0", "1", "ρ")},
    ),
    "toeplitz": Sort(
        "Gaussian columns, i and j of correlation ρ^|i − j|", _toeplitz,
        {"digits": _DIGITS, "rho": _real("1/2", "-1", "1", "ρ")},
    ),
    "sparse": Sort(
        "Gaussian X, y = Xb with k entries ±1 in b, and noise", _sparse,
        {
            "digits": _DIGITS, "k": _whole(2, 1, 10**6, "entries ±1 of b"),
            "noise": _real("0", "0", "1000", "standard deviation of the noise"),
        },
    ),
    "orthogonal": Sort("orthogonal columns of whole lengths", _orthogonal, {"digits": _DIGITS}),
    "gram": Sort("M and r of whole numbers from −size to size", _gram, {"size": _SIZE}),
}  # fmt: skip


@dataclass(frozen=True)
class Ensemble:
    """A sort of random data with its sizes and parameters; or a family of samples of ``verify``.

    Attributes:
        name: one of ``SORTS``, or ``"family:NAME"``.
        n: rows, the fewest and the most; both are drawn with each instance.
        d: columns, likewise.
        parameters: the others by name, as fractions; what is not given is the default.

    >>> gaussian = Ensemble.of("gaussian", n=2, d=(2, 3), digits=1)
    >>> gaussian.instance(7, 0) == gaussian.instance(7, 0), gaussian.instance(7, 1).n
    (True, 2)
    """

    name: str
    n: tuple[int, int] = (2, 4)
    d: tuple[int, int] = (2, 4)
    parameters: Mapping[str, Fraction] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, **given: Any) -> Ensemble:
        """An ensemble, its numbers checked.

        Args:
            name: one of ``SORTS``; or ``family:NAME`` of the samples that ``verify`` draws.
            given: ``n`` and ``d`` (a number, a pair, or text such as ``"2..4"``) and parameters.

        Raises:
            BadInputError: an unknown sort or parameter, or a number out of its range.
        """
        if name.startswith("family:"):
            if name.removeprefix("family:") not in FAMILIES or given:
                raise BadInputError(
                    f"the family {shown(name.removeprefix('family:'))}"
                    + (" with parameters" if given else ""),
                    needed=", ".join(FAMILIES) + "; no parameters",
                )
            return cls(name)
        if name not in SORTS:
            raise BadInputError(
                f"{shown(name)} is no ensemble", needed=f"{', '.join(SORTS)}, or family: and a name"
            )
        n, d = (_range(given.pop(letter, (2, 4)), letter) for letter in "nd")
        if n[1] * d[1] > MAX_ENTRIES:
            raise BadInputError(f"up to {n[1]} × {d[1]} entries", needed=f"at most {MAX_ENTRIES}")
        if name == "orthogonal" and d[1] > n[0]:
            raise BadInputError(f"up to {d[1]} orthogonal columns of {n[0]} rows", needed="d ≤ n")
        known, values = SORTS[name].parameters, {}
        for key, parameter in known.items():
            value = rational(given.pop(key)) if key in given else parameter.default
            if not parameter.least <= value <= parameter.most or (parameter.whole and value.denominator != 1):
                kind = "a whole number" if parameter.whole else "a number"
                raise BadInputError(
                    f"{key} = {value} of {name}", needed=f"{kind} from {parameter.least} to {parameter.most}"
                )
            values[key] = value
        if given:
            strange = next(iter(given))
            raise BadInputError(
                f"{name} has no parameter {shown(strange)}", needed=", ".join(("n", "d", *known))
            )
        return cls(name, n, d, values)

    @classmethod
    def read(cls, text: str) -> Ensemble:
        """An ensemble from text such as ``"gaussian:n=10,d=20,digits=3"``.

        Raises:
            BadInputError: as :meth:`of`, or the text is no list of ``name=number``.

        >>> str(Ensemble.read("integer:n=2..3,d=4,size=9"))
        'integer:n=2..3,d=4,size=9'
        """
        if text.startswith("family:"):
            return cls.of(text)
        name, _, rest = text.partition(":")
        given: dict[str, str] = {}
        for piece in filter(None, rest.split(",")):
            key, sign, value = piece.partition("=")
            if not sign or key in given:
                raise BadInputError(f"{shown(piece)} in {shown(text)}", needed="name=number, each name once")
            given[key.strip()] = value.strip()
        return cls.of(name, **given)

    def __str__(self) -> str:
        if self.name not in SORTS:
            return self.name
        sizes = {
            letter: str(a) if a == b else f"{a}..{b}" for letter, (a, b) in (("n", self.n), ("d", self.d))
        }
        words = {**sizes, **{key: str(value) for key, value in self.parameters.items()}}
        return f"{self.name}:{','.join(f'{key}={value}' for key, value in words.items())}"

    def instance(self, seed: int, number: int) -> Problem | None:
        """Instance ``number`` of the ensemble under a seed; it depends on nothing else.

        None where a family has no admissible instance of this number.
        """
        if self.name not in SORTS:
            return family_instance(self.name.removeprefix("family:"), seed, number)
        rng = random.Random(f"{self}/{seed}/{number}")
        n, d = rng.randint(*self.n), rng.randint(*self.d)
        sort = SORTS[self.name]
        values = {
            key: int(value) if sort.parameters[key].whole else value for key, value in self.parameters.items()
        }
        return sort.draw(rng, n, d, **values)


def _range(value: Any, name: str) -> tuple[int, int]:
    """A number or a range of numbers, at least one."""
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]{1,7})(?:\.\.([0-9]{1,7}))?", value.strip())
        value = (int(match[1]), int(match[2] or match[1])) if match else ()
    elif type(value) is int:
        value = (value, value)
    pair = tuple(value)
    if len(pair) != 2 or not all(type(one) is int for one in pair) or not 1 <= pair[0] <= pair[1]:
        raise BadInputError(f"{name} is {shown(value)}", needed="a number ≥ 1, or a range such as 2..4")
    return pair[0], pair[1]


#: Instances in one block of a random search.
_BLOCK = 50


@dataclass(frozen=True)
class DrawnInstances:
    """Some consecutive instances of an ensemble."""

    ensemble: Ensemble
    seed: int
    start: int
    stop: int

    @property
    def weight(self) -> int:
        """How many they are."""
        return self.stop - self.start

    def problems(self) -> Iterator[Problem]:
        """The instances."""
        for number in range(self.start, self.stop):
            problem = self.ensemble.instance(self.seed, number)
            if problem is not None:
                yield problem


@dataclass(frozen=True)
class RandomData:
    """The first so many instances of an ensemble under a seed.

    Attributes:
        ensemble: what is drawn.
        count: how many.
        seed: seed of the draws.
    """

    ensemble: Ensemble
    count: int = 1000
    seed: int = 1

    #: What fails first is not the smallest.
    ordered = False

    def blocks(self, _symmetries: frozenset[str]) -> list[DrawnInstances]:
        """Its instances, some at a time."""
        return [
            DrawnInstances(self.ensemble, self.seed, start, min(self.count, start + _BLOCK))
            for start in range(0, self.count, _BLOCK)
        ]

    def __str__(self) -> str:
        return f"{self.count} instances of {self.ensemble}, seed {self.seed}"

    def up_to(self, block: DrawnInstances) -> str:
        """How far it was searched when the last block was this one."""
        return f"the first {block.stop} of {self}"
