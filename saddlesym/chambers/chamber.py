"""What is found about a family: its chambers, the walls between them, and what is left undecided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy

from saddlesym.chambers.family import Family
from saddlesym.chambers.regions import FactorTable, SignProduct, holds
from saddlesym.diagonal.symbolic.path import Signs, SymbolicPath, signed_set
from saddlesym.errors import BadInputError
from saddlesym.exact.scalars import rational
from saddlesym.exact.text import exact_string


@dataclass(frozen=True)
class Chamber:
    """The parameters at which the path has one sequence of signed active sets.

    Attributes:
        path: times and saddles there as functions of the parameters, with the exact conditions.
        sample: a rational point inside at which the exact path was computed.
        share: part of the box that is proved to belong to it, at the resolution used.
        ends: with one parameter, the exact ends of its intervals.
    """

    path: SymbolicPath = field(repr=False)
    sample: tuple[Fraction, ...]
    share: Fraction
    regions: tuple[SignProduct, ...] = field(repr=False, compare=False)
    ends: tuple[tuple[sympy.Expr, sympy.Expr], ...] = ()

    @property
    def signs(self) -> tuple[Signs, ...]:
        """Signs of the successive saddles."""
        return self.path.signs

    def __str__(self) -> str:
        return " -> ".join(map(signed_set, self.signs)) or "no jumps"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "signs": [list(s) for s in self.signs],
            "sample": [exact_string(x) for x in self.sample],
            "share": exact_string(self.share),
            **({"ends": [[str(a), str(b)] for a, b in self.ends]} if self.ends else {}),
            "path": {key: value for key, value in self.path.to_dict().items() if key != "problem"},
        }


@dataclass(frozen=True)
class Wall:
    """Where two chambers meet: a polynomial in the parameters that vanishes.

    Attributes:
        polynomial: it has one sign on each side.
        between: numbers of the two chambers.
        kind: what happens to the path there.
        sides: a rational point in each of the two chambers, on both sides of the wall and close to it.
    """

    polynomial: sympy.Expr
    between: tuple[int, int]
    kind: str
    sides: tuple[tuple[Fraction, ...], tuple[Fraction, ...]] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "polynomial": str(self.polynomial),
            "between": list(self.between),
            "kind": self.kind,
            "sides": [[exact_string(x) for x in side] for side in self.sides],
        }


@dataclass(frozen=True)
class ChamberMap:
    """All chambers of a family that were found in its box.

    Attributes:
        family: the family.
        chambers: in the order of their shares, the largest first.
        walls: what separates neighbours.
        outside: part of the box where M is no Gram matrix, proved.
        undecided: part of the box that is in no chamber for certain: strips along the walls.
        excluded: parts where no path has a chamber, with the reason.
        depth: the sides of the box were halved so many times.
        cells: level, column, row and chamber (−1: outside) of each cell that is decided.
    """

    family: Family
    chambers: tuple[Chamber, ...]
    walls: tuple[Wall, ...]
    outside: Fraction
    undecided: Fraction
    excluded: tuple[tuple[str, Fraction], ...]
    depth: int
    table: FactorTable = field(repr=False, compare=False)
    cells: Any = field(repr=False, compare=False, default=None)

    def chamber_at(self, values: Mapping[Any, Any] | Sequence[Any]) -> int | None:
        """The number of the chamber that a point is inside of; None on a wall, or in none.

        Decided exactly, from the conditions alone: no path is computed.

        Args:
            values: exact values of all parameters, by name or in their order.
        """
        point = self.point(values)
        sign_of = self.table.sign_at(point)
        found = [k for k, one in enumerate(self.chambers) if holds(one.regions, sign_of)]
        return found[0] if len(found) == 1 else None

    def point(self, values: Mapping[Any, Any] | Sequence[Any]) -> tuple[Fraction, ...]:
        """Values of the parameters in their order."""
        if isinstance(values, Mapping):
            where = self.family.problem.substitution(values)
            return tuple(rational(where[x]) for x in self.family.problem.parameters)
        if len(values) != len(self.family.names):
            raise BadInputError(
                f"{len(values)} values", needed=f"one for each of {', '.join(self.family.names)}"
            )
        return tuple(rational(x) for x in values)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": "chambers",
            "family": self.family.to_dict(),
            "depth": self.depth,
            "chambers": [one.to_dict() for one in self.chambers],
            "walls": [wall.to_dict() for wall in self.walls],
            "outside": exact_string(self.outside),
            "undecided": exact_string(self.undecided),
            "excluded": [{"reason": why, "share": exact_string(part)} for why, part in self.excluded],
        }

    def __repr__(self) -> str:
        return (
            f"ChamberMap({len(self.chambers)} chambers, {len(self.walls)} walls,"
            f" {float(self.undecided):.2g} of the box undecided)"
        )


def what_changes(first: Sequence[Signs], second: Sequence[Signs]) -> str:
    """What happens at a wall between two sequences of signed active sets."""
    old: Signs = (0,) * len(first[0]) if first else (0,) * len(second[0]) if second else ()
    for one, other in zip(first, second, strict=False):
        if one == other:
            old = one
            continue
        entered = [{(i, s) for i, s in enumerate(new) if s and not old[i]} for new in (one, other)]
        if entered[0] != entered[1]:
            columns = [{i for i, _ in side} for side in entered]
            if columns[0] == columns[1]:
                return "change of sign: a gradient vanishes, its time goes to infinity"
            return "tie: two columns reach their bounds together"
        return "a coefficient vanishes: at the jump it leaves, or it stays"
    return "a jump goes to infinity: the last gradient vanishes"
