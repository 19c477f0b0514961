"""Laws written in a small language: read from text, with everything in it known before any of it runs.

The text is cut into tokens and read into a tree by precedence climbing.  Words stand for the
quantities of :mod:`saddlesym.laboratory.language.quantities` and for nothing else: nothing is looked up,
imported, called or handed to an interpreter.  Length, depth, size of numbers and the place of
powers are bounded while the text is read.

======================  ==================================================================
numbers                 ``2``, ``0.5`` (exactly 1/2), ``+ - * /``, ``**`` or ``^``
comparisons             ``== != < <= > >=``, also in a chain: ``1 <= jumps <= d``
truth                   ``not``, ``and``, ``or``, ``implies``, ``true``, ``false``
functions               ``abs(x)``, ``max(x, y, …)``, ``min(x, y, …)``
over a range            ``all(… for k in 1..jumps)``, ``any``, ``sum``, ``max``, ``min``,
                        ``count``; ``for j in columns``; several ``for`` after each other
======================  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import parse_rational
from saddlesym.laboratory.language.quantities import QUANTITIES
from saddlesym.laboratory.language.tree import (
    Comparison,
    Constant,
    Measured,
    Node,
    Operation,
    Over,
    Truth,
    Variable,
    below,
    is_truth,
)

#: Bounds on a law: characters, words and signs, depth of what is enclosed, digits of a number in it.
MAX_LENGTH = 2_000
MAX_TOKENS = 300
MAX_DEPTH = 40
MAX_DIGITS = 100

#: Words with a meaning of their own.
FUNCTIONS = ("abs", "max", "min")
OVER_A_RANGE = ("all", "any", "count", "max", "min", "sum")
_WORDS = frozenset({"not", "and", "or", "implies", "true", "false", "for", "in", "columns"})

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r\n]+)|(?P<number>[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\.\.|\*\*|==|!=|<=|>=|[-+*/^()<>,])"
)
#: How tightly the operators between two operands bind.
_BINDING = {"implies": 1, "or": 2, "and": 3, "+": 6, "-": 6, "*": 7, "/": 7, "**": 9, "^": 9}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_COMPARISON, _NOT, _SIGNED = 5, 4, 8


def parse_law(text: str) -> Node:
    """Read a law, which is true or false of a data set.

    Raises:
        BadInputError: it is no law; the message says where and what was expected.

    >>> parse_law("jumps <= 2").signs
    ('<=',)
    >>> parse_law("jumps <= 2 + ")
    Traceback (most recent call last):
    saddlesym.errors.BadInputError: 'jumps <= 2 + ' ends too early; needed: a quantity, a number or (
    """
    return _parsed(text, truth=True)


def parse_measure(text: str) -> Node:
    """Read a number that every data set has, such as ``"time(final) / time(1)"``.

    Raises:
        BadInputError: it is none.
    """
    return _parsed(text, truth=False)


def _parsed(text: str, *, truth: bool) -> Node:
    if not isinstance(text, str):
        raise BadInputError(f"a law of type {type(text).__name__}", needed="text")
    if len(text) > MAX_LENGTH:
        raise BadInputError(f"{shown(text)} has {len(text)} characters", needed=f"at most {MAX_LENGTH}")
    reader = _Reader(text)
    node = reader.expression(0)
    if reader.token.kind != "end":
        raise reader.unexpected("an operator or the end")
    if is_truth(node) != truth:
        kind, other = ("true or false", "a number") if truth else ("a number", "true or false")
        raise BadInputError(
            f"{shown(text)} is {other}, not {kind}",
            needed="a comparison, such as jumps <= d" if truth else "a number, such as time(final)",
        )
    return node


@dataclass(frozen=True)
class _Token:
    kind: str  # "number", "name", the word or sign itself, or "end"
    text: str
    place: int


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadInputError(
                f"{shown(text)} has {shown(text[place])} at character {place + 1}",
                needed="quantities, numbers, + - * / ** ( ) and comparisons in plain ASCII",
                hint="==" if text[place] == "=" else "",
            )
        kind, word = str(match.lastgroup), match[0]
        if kind != "blank":
            own = kind == "sign" or word in _WORDS
            yield _Token(word if own else kind, word, place)
        place = match.end()
    yield _Token("end", "", place)


class _Reader:
    """Precedence climbing over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.token = next(self.tokens)
        self.taken = 0
        self.depth = 0
        self.variables: list[str] = []

    def take(self) -> _Token:
        self.taken += 1
        if self.taken > MAX_TOKENS:
            raise BadInputError(
                f"{shown(self.text)} is too long", needed=f"at most {MAX_TOKENS} words and signs"
            )
        token, self.token = self.token, next(self.tokens, self.token)
        return token

    def unexpected(self, needed: str, hint: str = "") -> BadInputError:
        end = self.token.kind == "end"
        what = (
            "ends too early" if end else f"has {shown(self.token.text)} at character {self.token.place + 1}"
        )
        return BadInputError(f"{shown(self.text)} {what}", needed=needed, hint=hint)

    def expect(self, kind: str) -> None:
        if self.token.kind != kind:
            raise self.unexpected(shown(kind))
        self.take()

    def expression(self, binding: int) -> Node:
        """What follows, up to an operator that binds no more tightly than ``binding``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadInputError(f"{shown(self.text)} is too deep", needed=f"depth at most {MAX_DEPTH}")
        node = self.prefixed()
        while True:
            sign = self.token.kind
            if sign in _COMPARISONS and binding < _COMPARISON:
                node = self.comparison(node)
            elif _BINDING.get(sign, 0) > binding:
                node = self.combined(node, sign)
            else:
                break
        self.depth -= 1
        return node

    def prefixed(self) -> Node:
        sign = self.token.kind
        if sign == "not":
            self.take()
            return Operation("not", (self.truth(self.expression(_NOT)),))
        if sign in ("+", "-"):
            self.take()
            operand = self.number(self.expression(_SIGNED))
            return Operation("neg", (operand,)) if sign == "-" else operand
        return self.atom()

    def comparison(self, first: Node) -> Node:
        signs, operands = [], [self.number(first)]
        while self.token.kind in _COMPARISONS:
            signs.append(self.take().kind)
            operands.append(self.number(self.expression(_COMPARISON)))
        return Comparison(tuple(signs), tuple(operands))

    def combined(self, left: Node, sign: str) -> Node:
        self.take()
        if sign in ("implies", "or", "and"):
            # implies groups to the right: a implies (b implies c)
            right = self.truth(self.expression(_BINDING[sign] - (sign == "implies")))
            return Operation(sign, (self.truth(left), right))
        right = self.number(self.expression(_BINDING[sign]))
        if sign in ("**", "^"):
            sign = "**"
            if any(
                isinstance(one, Operation) and one.name == "**"
                for side in (left, right)
                for one in below(side)
            ):
                raise BadInputError(
                    f"{shown(self.text)} has a power in a power", needed="one power at a time"
                )
        return Operation(sign, (self.number(left), right))

    def number(self, node: Node) -> Node:
        if is_truth(node):
            raise self.unexpected("a number, where something true or false stands before this")
        return node

    def truth(self, node: Node) -> Node:
        if not is_truth(node):
            raise self.unexpected("something true or false, such as jumps <= d, before this")
        return node

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.take()
            return Constant(parse_rational(token.text, MAX_DIGITS))
        if token.kind in ("true", "false"):
            self.take()
            return Truth(token.kind == "true")
        if token.kind == "(":
            self.take()
            node = self.expression(0)
            self.expect(")")
            return node
        if token.kind == "name":
            return self.named()
        raise self.unexpected("a quantity, a number or (")

    def named(self) -> Node:
        name = self.token.text
        if name in self.variables:
            self.take()
            return Variable(name)
        if name in FUNCTIONS or name in OVER_A_RANGE:
            self.take()
            self.expect("(")
            return self.function(name)
        quantity = QUANTITIES.get(name)
        if quantity is None:
            raise BadInputError(
                f"{shown(self.text)} has {shown(name)}, which is no quantity",
                needed="a word of the vocabulary",
                hint=_near(name),
            )
        self.take()
        arguments: list[Node] = []
        if quantity.arguments:
            if self.token.kind != "(":
                raise self.unexpected(f"( after {name}, as in {quantity.written}")
            self.take()
            arguments = [self.number(self.expression(0))]
            while self.token.kind == ",":
                self.take()
                arguments.append(self.number(self.expression(0)))
            if len(arguments) != len(quantity.arguments):
                raise self.unexpected(
                    f"{len(quantity.arguments)} in parentheses after {name}, as in {quantity.written}"
                )
            self.expect(")")
        elif self.token.kind == "(":
            raise self.unexpected(f"no parentheses after {name}")
        return Measured(quantity, tuple(arguments))

    def function(self, name: str) -> Node:
        """What stands in the parentheses of a function, up to their end."""
        # the variables of a body are declared after it, so the text is read twice from here
        bound = [] if name == "abs" else self.declared()
        self.variables += bound
        first = self.expression(0)
        if bound:
            return self.over(name, first, bound)
        if name not in FUNCTIONS:
            raise self.unexpected(f"a range, as in {name}(… for k in 1..jumps)")
        operands = [self.number(first)]
        while self.token.kind == ",":
            self.take()
            operands.append(self.number(self.expression(0)))
        if name == "abs" and len(operands) > 1:
            raise self.unexpected("one number")
        self.expect(")")
        return Operation(name, tuple(operands))

    def declared(self) -> list[str]:
        """The variables that the ``for`` of these parentheses declare, looked for ahead."""
        names, depth = [], 0
        ahead = list(_tokens(self.text[self.token.place :]))
        for k, token in enumerate(ahead):
            depth += (token.kind == "(") - (token.kind == ")")
            if depth < 0:
                break
            if token.kind == "for" and depth == 0:
                names.append(ahead[k + 1].text if ahead[k + 1].kind == "name" else "")
        for name in names:
            if name and (
                name in QUANTITIES or name in FUNCTIONS or name in OVER_A_RANGE or name in self.variables
            ):
                raise BadInputError(
                    f"{shown(self.text)} has 'for {name}'", needed="a name with no other meaning"
                )
        if len(set(names)) < len(names):
            raise BadInputError(f"{shown(self.text)} declares a variable twice", needed="different names")
        return names

    def over(self, name: str, body: Node, bound: list[str]) -> Node:
        body = self.truth(body) if name in ("all", "any", "count") else self.number(body)
        ranges: list[tuple[str, Node | None, Node | None]] = []
        # a range may speak of the variables before it, not of its own and those after it
        del self.variables[len(self.variables) - len(bound) :]
        for variable in bound:
            self.expect("for")
            if self.token.kind != "name":
                raise self.unexpected("a variable, as in for k in 1..jumps")
            self.take()
            self.expect("in")
            low, high = self.range()
            ranges.append((variable, low, high))
            self.variables.append(variable)
        del self.variables[len(self.variables) - len(bound) :]
        self.expect(")")
        return _nested(name, body, ranges)

    def range(self) -> tuple[Node | None, Node | None]:
        if self.token.kind == "columns":
            self.take()
            return None, None
        low = self.number(self.expression(_COMPARISON))
        self.expect("..")
        return low, self.number(self.expression(_COMPARISON))


def _nested(name: str, body: Node, ranges: list[tuple[str, Node | None, Node | None]]) -> Node:
    """One variable at a time, the first declared outermost."""
    for k, (variable, low, high) in reversed(list(enumerate(ranges))):
        inner = k == len(ranges) - 1
        body = Over(name if inner or name != "count" else "sum", body, variable, low, high)
    return body


def _near(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, QUANTITIES, 1)
    return f"`{near[0]}`" if near else "`saddlesym conjecture --quantities` lists them"
