"""Rational functions of named parameters, read from text.

A family of problems is written with entries such as ``"1 - rho**2"`` or
``"2/3*rho"``.  The text is cut into tokens and evaluated, token by token, in the
field of rational functions of the declared parameters: nothing in it is ever
looked up, imported, called or handed to an interpreter.  Every value is
canonical, so that a division by something that is identically zero is seen, and
the size of every intermediate result is bounded.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.functions.rational_functions import RationalFunction, RationalFunctionField
from saddlesym.exact.scalars import parse_rational

if TYPE_CHECKING:
    import sympy

#: Bounds on a text: characters, open parentheses, exponent; and on every value in it:
#: total degree, number of terms, bits of a coefficient.
MAX_LENGTH = 1_000
MAX_DEPTH = 50
MAX_EXPONENT = 20
MAX_DEGREE = 20
MAX_TERMS = 100
MAX_BITS = 1_000

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OPERATOR = re.compile(r"\*\*|[-+*/^()]")
_BLANK = re.compile(r"[ \t\r\n]+")


def parse_expression(text: str, parameters: Sequence[str] = ()) -> sympy.Expr:
    """Read a rational function of some parameters.

    Allowed are decimal literals (read exactly), the names of the parameters, the
    operators ``+ - * /``, powers ``**`` or ``^`` with an integer literal as exponent,
    and parentheses.

    Args:
        text: the expression.
        parameters: names that may occur in it.

    Returns:
        The rational function as a factored SymPy expression in real symbols.

    Raises:
        BadInputError: anything else is in the text, it divides by zero, or it is
            larger than the bounds of this module allow.

    >>> parse_expression("2/3*rho + 0.5", ["rho"])
    2*rho/3 + 1/2
    >>> parse_expression("(a^2 - 1) / (a - 1)", ["a"])
    a + 1
    """
    return read_expression(text, RationalFunctionField(parameters)).sympy()


def read_expression(text: str, field: RationalFunctionField) -> RationalFunction:
    """As :func:`parse_expression`, as an element of ``field``."""
    if not isinstance(text, str):
        raise BadInputError(f"an expression of type {type(text).__name__}", needed="text")
    if len(text) > MAX_LENGTH:
        raise BadInputError(
            f"the expression {shown(text)} has {len(text)} characters", needed=f"at most {MAX_LENGTH}"
        )
    return _Reader(text, field).read()


@dataclass(frozen=True)
class _Token:
    kind: str  # "number", "name", the operator itself, or "end"
    text: str
    place: int


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        if match := _BLANK.match(text, place):
            place = match.end()
            continue
        for kind, pattern in (("number", _NUMBER), ("name", _NAME), ("", _OPERATOR)):
            if match := pattern.match(text, place):
                yield _Token(kind or match[0], match[0], place)
                place = match.end()
                break
        else:
            raise BadInputError(
                f"{shown(text)} has {shown(text[place])} at character {place + 1}",
                needed="numbers, parameter names, + - * / ** and parentheses in plain ASCII",
            )
    yield _Token("end", "", place)


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, field: RationalFunctionField) -> None:
        self.text, self.field = text, field
        self.values = dict(zip(field.names, field.generators, strict=True))
        self.tokens = _tokens(text)
        self.token = next(self.tokens)
        self.depth = 0

    def read(self) -> RationalFunction:
        value = self._sum()
        if self.token.kind != "end":
            raise self._unexpected("an operator or the end")
        return value

    def _take(self) -> _Token:
        token, self.token = self.token, next(self.tokens, self.token)
        return token

    def _sum(self) -> RationalFunction:
        value = self._product()
        while self.token.kind in ("+", "-"):
            combine = operator.add if self._take().kind == "+" else operator.sub
            value = self._bounded(combine, value, self._product())
        return value

    def _product(self) -> RationalFunction:
        value = self._factor()
        while self.token.kind in ("*", "/"):
            sign = self._take()
            other = self._factor()
            value = self._times(value, other) if sign.kind == "*" else self._over(value, other, sign)
        return value

    def _factor(self) -> RationalFunction:
        negative = False
        while self.token.kind in ("+", "-"):
            negative ^= self._take().kind == "-"
        value = self._power()
        return -value if negative else value

    def _power(self) -> RationalFunction:
        base = self._atom()
        if self.token.kind not in ("**", "^"):
            return base
        sign = self._take()
        exponent = self._exponent()
        if self.token.kind in ("**", "^"):
            raise self._unexpected("one exponent", hint="put the inner power in parentheses")
        value = self.field.one
        for _ in range(abs(exponent)):
            value = self._times(value, base)
        return self._over(self.field.one, value, sign) if exponent < 0 else value

    def _exponent(self) -> int:
        enclosed = self.token.kind == "("
        if enclosed:
            self._take()
        negative = self.token.kind == "-"
        if negative:
            self._take()
        token = self.token
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected("an integer literal as exponent")
        self._take()
        if len(token.text) > 3 or int(token.text) > MAX_EXPONENT:
            raise BadInputError(
                f"{shown(self.text)} has the exponent {shown(token.text)}",
                needed=f"at most {MAX_EXPONENT} in absolute value",
            )
        if enclosed:
            self._close()
        return -int(token.text) if negative else int(token.text)

    def _atom(self) -> RationalFunction:
        token = self.token
        if token.kind == "number":
            self._take()
            return self._checked(self.field.constant(parse_rational(token.text)))
        if token.kind == "name":
            if token.text not in self.values:
                raise BadInputError(
                    f"{shown(self.text)} contains the name {shown(token.text)}",
                    needed=f"a declared parameter ({', '.join(self.values) or 'none was declared'})",
                )
            self._take()
            return self.values[token.text]
        if token.kind == "(":
            self._take()
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self._too_large(f"at most {MAX_DEPTH} open parentheses")
            value = self._sum()
            self._close()
            self.depth -= 1
            return value
        raise self._unexpected("a number, a parameter or an opening parenthesis")

    def _close(self) -> None:
        if self.token.kind != ")":
            raise self._unexpected("a closing parenthesis")
        self._take()

    def _times(self, a: RationalFunction, b: RationalFunction) -> RationalFunction:
        return self._bounded(operator.mul, a, b)

    def _over(self, a: RationalFunction, b: RationalFunction, sign: _Token) -> RationalFunction:
        if b.is_zero:
            raise BadInputError(
                f"{shown(self.text)} divides by zero at character {sign.place + 1}",
                needed="a divisor that is not identically zero",
            )
        return self._bounded(operator.truediv, a, b)

    def _bounded(
        self,
        combine: Callable[[RationalFunction, RationalFunction], RationalFunction],
        a: RationalFunction,
        b: RationalFunction,
    ) -> RationalFunction:
        # the work is bounded before it is done, the size of its result after
        if a.size()[0] * b.size()[0] > 10 * MAX_TERMS:
            raise self._too_large(f"at most {MAX_TERMS} terms when multiplied out")
        return self._checked(combine(a, b))

    def _checked(self, value: RationalFunction) -> RationalFunction:
        terms, degree, bits = value.size()
        if terms > MAX_TERMS:
            raise self._too_large(f"at most {MAX_TERMS} terms when multiplied out")
        if degree > MAX_DEGREE:
            raise self._too_large(f"degree at most {MAX_DEGREE}")
        if bits > MAX_BITS:
            raise self._too_large(f"coefficients of at most {MAX_BITS} bits")
        return value

    def _too_large(self, needed: str) -> BadInputError:
        return BadInputError(f"the expression {shown(self.text)} is too large", needed=needed)

    def _unexpected(self, needed: str, hint: str = "") -> BadInputError:
        what = "ends too early" if self.token.kind == "end" else f"has {shown(self.token.text)}"
        where = "" if self.token.kind == "end" else f" at character {self.token.place + 1}"
        return BadInputError(f"{shown(self.text)} {what}{where}", needed=needed, hint=hint)
