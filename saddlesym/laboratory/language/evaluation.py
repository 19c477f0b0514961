"""What a law says of one data set: its truth, the values behind it, and which symmetries it respects."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import fmpq

from saddlesym.exact.text import abbreviated
from saddlesym.laboratory.language.parsing import MAX_DEPTH, parse_law, parse_measure
from saddlesym.laboratory.language.quantities import Subject, UndefinedError, Value
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
    parts,
)
from saddlesym.theorems.evidence.check import Fact, UndecidedError

#: Bounds on the evaluation of a law: bits of a number, steps.
MAX_BITS = 1_000_000
MAX_STEPS = 100_000

#: What carries data to data with the same dynamics: exchange of columns, signs of columns, and
#: exchange and signs of rows of X and y together.
SYMMETRIES = frozenset({"columns", "signs", "rows"})

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
#: How far a comparison is from being true.
_APART: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: abs(a - b), "!=": lambda a, b: -abs(a - b), "<": operator.sub, "<=": operator.sub,
    ">": lambda a, b: b - a, ">=": lambda a, b: b - a,
}  # fmt: skip
_COMBINE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


@dataclass(frozen=True)
class TextLaw:
    """A law or a measure in the language of :mod:`saddlesym.laboratory.language.parsing`.

    Attributes:
        text: as written.
        measure: whether it is a number rather than true or false.

    >>> from saddlesym import DiagonalProblem
    >>> law = TextLaw("jumps <= d")
    >>> list(law(Subject(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))))
    [Fact(holds=False, what='jumps = 3, d = 2')]
    """

    text: str
    measure: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        return TextLaw, (self.text, self.measure)  # the tree is read again

    @cached_property
    def node(self) -> Node:
        """Its tree."""
        return parse_measure(self.text) if self.measure else parse_law(self.text)

    @property
    def parts(self) -> frozenset[str]:
        """What has to be computed of the data: ``"path"``, ``"saddles"``, ``"graph"``."""
        used = {one.quantity.part for one in below(self.node) if isinstance(one, Measured)}
        return frozenset(map(str, used - {"data"}))

    @property
    def eliminates(self) -> bool:
        """Whether its evaluation takes ranks of matrices of data."""
        used = {one.quantity.name for one in below(self.node) if isinstance(one, Measured)}
        return bool(used & {"rank", "index", "nullity"})

    @property
    def symmetries(self) -> frozenset[str]:
        """The symmetries that it respects, as far as its text shows."""
        out = set(SYMMETRIES)
        if not _even(self.node):
            out.discard("signs")
        if not _symmetric(self.node, frozenset()):
            out.discard("columns")
        return frozenset(out)

    def value(self, subject: Subject) -> Value:
        """Its value on one data set, exact.

        Raises:
            UndefinedError: it speaks of what these data do not have.
            UndecidedError: it takes more steps or longer numbers than the bounds of this module allow.
        """
        value: Value = _Evaluation(subject).value(self.node, {})
        return value

    def margin(self, subject: Subject) -> fmpq:
        """How near the law is to being false on one data set: the larger the nearer.

        For a ≤ b it is a − b, for several laws together the largest, for alternatives the smallest.

        Raises:
            UndefinedError, UndecidedError: as :meth:`value`.

        >>> from saddlesym import DiagonalProblem
        >>> TextLaw("jumps <= 2*d").margin(Subject(DiagonalProblem([[2, 0], [0, 3]], [3, -1])))
        -2
        """
        value: fmpq = _Evaluation(subject).margin(self.node, {})
        return value

    def __call__(self, subject: Subject) -> Iterator[Fact]:
        """The law as a fact of one data set, with the values that make it false."""
        evaluation = _Evaluation(subject)
        if evaluation.value(self.node, {}):
            yield Fact(True, "")
        else:
            evaluation.steps = -MAX_STEPS * MAX_DEPTH  # the same again on every level: it is known to end
            yield Fact(False, evaluation.told(self.node, {}))


class _Evaluation:
    """One evaluation, and how much it may still do."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.steps = 0
        self.known: dict[tuple[Any, ...], Value] = {}

    def value(self, node: Node, names: Mapping[str, int]) -> Any:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise UndecidedError(f"the law takes more than {MAX_STEPS} steps on these data")
        match node:
            case Constant(value) | Truth(value):
                return value
            case Variable(name):
                return fmpq(names[name])
            case Measured(quantity, arguments):
                where = tuple(self.whole(one, names) for one in arguments)
                key = (quantity.name, *where)
                if key not in self.known:
                    self.known[key] = quantity.of(self.subject, *where)
                return self.known[key]
            case Comparison(signs, operands):
                left = self.value(operands[0], names)
                for sign, operand in zip(signs, operands[1:], strict=True):
                    right = self.value(operand, names)
                    if not _COMPARE[sign](left, right):
                        return False
                    left = right
                return True
            case Over():
                return self.over(node, names)
        return self.operation(node, names)

    def operation(self, node: Operation, names: Mapping[str, int]) -> Any:
        first = self.value(node.operands[0], names)
        match node.name:
            case "not":
                return not first
            case "and":
                return bool(first) and bool(self.value(node.operands[1], names))
            case "or":
                return bool(first) or bool(self.value(node.operands[1], names))
            case "implies":
                return not first or bool(self.value(node.operands[1], names))
            case "neg":
                return -first
            case "abs":
                return abs(first)
            case "max" | "min":
                values = [first, *(self.value(one, names) for one in node.operands[1:])]
                return max(values) if node.name == "max" else min(values)
            case "**":
                return self.power(first, node.operands[1], names)
        second = self.value(node.operands[1], names)
        if node.name == "/" and second == 0:
            raise UndefinedError("a division by zero")
        if _bits(first) + _bits(second) > MAX_BITS:
            raise UndecidedError(f"the law needs numbers of more than {MAX_BITS} bits on these data")
        return _COMBINE[node.name](first, second)

    def power(self, base: Any, node: Node, names: Mapping[str, int]) -> fmpq:
        exponent = self.whole(node, names)
        if base == 0 and exponent < 0:
            raise UndefinedError("a division by zero")
        if _bits(base) * abs(exponent) > MAX_BITS:
            raise UndecidedError(f"the law needs numbers of more than {MAX_BITS} bits on these data")
        value: fmpq = base**exponent
        return value

    def whole(self, node: Node, names: Mapping[str, int]) -> int:
        """A number as an index or exponent."""
        value = self.value(node, names)
        if value.q != 1:
            raise UndefinedError(f"{abbreviated(value)} is no whole number")
        if _bits(value) > 64:
            raise UndefinedError(f"{abbreviated(value)} is no index")
        return int(value.p)

    def range(self, node: Over, names: Mapping[str, int]) -> range:
        if node.low is None or node.high is None:
            return range(self.subject.problem.d)
        return range(self.whole(node.low, names), self.whole(node.high, names) + 1)

    def over(self, node: Over, names: Mapping[str, int]) -> Any:
        values = (self.value(node.body, {**names, node.variable: k}) for k in self.range(node, names))
        match node.name:
            case "all":
                return all(values)
            case "any":
                return any(values)
            case "count":
                return fmpq(sum(map(bool, values)))
            case "sum":
                total = fmpq(0)
                for value in values:
                    if _bits(total) + _bits(value) > MAX_BITS:
                        raise UndecidedError(
                            f"the law needs numbers of more than {MAX_BITS} bits on these data"
                        )
                    total += value
                return total
        found = list(values)
        if not found:
            raise UndefinedError(f"{node.name} over no {node.variable} at all")
        return max(found) if node.name == "max" else min(found)

    def margin(self, node: Node, names: Mapping[str, int]) -> Any:
        """How near a tree is to being false."""
        match node:
            case Comparison(signs, operands):
                values = [self.value(one, names) for one in operands]
                return max(_APART[sign](a, b) for sign, a, b in zip(signs, values, values[1:], strict=False))
            case Operation("not", (inner,)):
                return -self.margin(inner, names)
            case Operation("and", (left, right)):
                return max(self.margin(left, names), self.margin(right, names))
            case Operation("or", (left, right)):
                return min(self.margin(left, names), self.margin(right, names))
            case Operation("implies", (left, right)):
                return min(-self.margin(left, names), self.margin(right, names))
            case Over("all" | "any" as which):
                found = [self.margin(node.body, {**names, node.variable: k}) for k in self.range(node, names)]
                if not found:
                    raise UndefinedError(f"{which} over no {node.variable} at all")
                return max(found) if which == "all" else min(found)
        return fmpq(-1 if self.value(node, names) else 1)

    def told(self, node: Node, names: Mapping[str, int]) -> str:
        """Why a tree is false: the values of the quantities in the part that makes it so."""
        if isinstance(node, Operation) and node.name == "and":
            false = next(one for one in node.operands if not self.value(one, names))
            return self.told(false, names)
        if isinstance(node, Over) and node.name == "all":
            for k in self.range(node, names):
                inner = {**names, node.variable: k}
                if not self.value(node.body, inner):
                    return f"{node.variable} = {k}: {self.told(node.body, inner)}"
        values = dict(self.values(node, names))
        return ", ".join(f"{name} = {value}" for name, value in values.items()) or "it is false of all data"

    def values(self, node: Node, names: Mapping[str, int]) -> Iterator[tuple[str, str]]:
        """The quantities in a tree and their values, but those under a variable of their own."""
        if isinstance(node, Over):
            return
        if isinstance(node, Measured):
            try:
                where = ", ".join(self.written(one, names) for one in node.arguments)
                value = self.value(node, names)
            except (UndefinedError, UndecidedError):
                return
            label = f"{node.quantity.name}({where})" if where else node.quantity.name
            yield label, str(value).lower() if isinstance(value, bool) else abbreviated(value)
        for part in parts(node):
            yield from self.values(part, names)

    def written(self, node: Node, names: Mapping[str, int]) -> str:
        """An argument of a quantity: a plain word as it is, anything else by its value."""
        if isinstance(node, Measured) and not node.arguments:
            return node.quantity.name
        return str(self.whole(node, names))


def _bits(value: Any) -> int:
    return int(value.p.bit_length()) + int(value.q.bit_length())


def _even(node: Node) -> bool:
    """Whether a change of signs of columns is seen to leave a tree as it is."""
    if isinstance(node, Operation) and node.name == "abs" and isinstance(node.operands[0], Measured):
        return all(map(_even, node.operands[0].arguments))
    if isinstance(node, Measured) and node.quantity.odd:
        return False
    return all(map(_even, parts(node)))


def _symmetric(node: Node, columns: frozenset[str]) -> bool:
    """Whether an exchange of columns is seen to leave a tree as it is.

    So it is where columns are named by variables that run over all of them, and these by nothing else.
    """
    if isinstance(node, Variable):
        return node.name not in columns
    if isinstance(node, Measured):
        for kind, argument in zip(node.quantity.arguments, node.arguments, strict=True):
            if kind == "column":
                if not (isinstance(argument, Variable) and argument.name in columns):
                    return False
            elif not _symmetric(argument, columns):
                return False
        return True
    if isinstance(node, Over) and node.low is None:
        return _symmetric(node.body, columns | {node.variable})
    if isinstance(node, Over):
        columns = columns - {node.variable} if node.variable in columns else columns
    return all(_symmetric(part, columns) for part in parts(node))


def measured(text: str, subject: Subject) -> Value:
    """The value of a number written as text, on one data set.

    >>> from saddlesym import DiagonalProblem
    >>> measured("time(final) / time(1)", Subject(DiagonalProblem([[2, 0], [0, 3]], [3, -1])))
    2
    """
    return TextLaw(text, measure=True).value(subject)


def quantity_values(text: str, subject: Subject) -> dict[str, str]:
    """The quantities that a law names outside of ranges, with their values as text."""
    evaluation = _Evaluation(subject)
    return dict(evaluation.values(TextLaw(text).node, {}))


__all__ = ["MAX_BITS", "MAX_STEPS", "SYMMETRIES", "TextLaw", "measured", "quantity_values"]
