"""What a law is made of: numbers, quantities, operators, comparisons, ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from flint import fmpq

from saddlesym.laboratory.language.quantities import Quantity


@dataclass(frozen=True)
class Constant:
    """A number as written."""

    value: fmpq


@dataclass(frozen=True)
class Truth:
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True)
class Variable:
    """The variable of an enclosing ``for``."""

    name: str


@dataclass(frozen=True)
class Measured:
    """A quantity with its arguments."""

    quantity: Quantity
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Operation:
    """An operator or function with its operands: ``+``, ``not``, ``neg``, ``abs``, ``and``, …"""

    name: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Comparison:
    """A chain of comparisons, with one sign fewer than operands."""

    signs: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Over:
    """``all(body for name in low..high)``, and its like; without bounds over the columns."""

    name: str
    body: Node
    variable: str
    low: Node | None = None
    high: Node | None = None


Node: TypeAlias = Constant | Truth | Variable | Measured | Operation | Comparison | Over


def is_truth(node: Node) -> bool:
    """Whether a tree is true or false rather than a number."""
    if isinstance(node, Truth | Comparison):
        return True
    if isinstance(node, Measured):
        return node.quantity.truth
    if isinstance(node, Operation):
        return node.name in ("not", "and", "or", "implies")
    return isinstance(node, Over) and node.name in ("all", "any")


def parts(node: Node) -> tuple[Node, ...]:
    """The trees right below a tree."""
    if isinstance(node, Measured):
        return node.arguments
    if isinstance(node, Operation | Comparison):
        return node.operands
    if isinstance(node, Over):
        return tuple(one for one in (node.low, node.high, node.body) if one is not None)
    return ()


def below(node: Node) -> Iterator[Node]:
    """A tree and all trees in it."""
    yield node
    for part in parts(node):
        yield from below(part)
