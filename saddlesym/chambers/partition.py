"""Finding the chambers of a family: samples, exact conditions, and cells on which their signs are proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, product
from typing import Any

import numpy as np

from saddlesym.chambers.bernstein import CellSigns
from saddlesym.chambers.chamber import Chamber, ChamberMap
from saddlesym.chambers.family import Family
from saddlesym.chambers.line import chambers_on_line
from saddlesym.chambers.regions import FactorTable, SignProduct, holds
from saddlesym.chambers.two_columns import chambers_of_two_columns
from saddlesym.chambers.walls import walls_between
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.symbolic.path import Signs, SymbolicPath, sign_sequence, symbolic_path
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError
from saddlesym.exact.scalars import whole_number
from saddlesym.progress import Listener, Progress

#: Most chambers of one family.
MAX_CHAMBERS = 1_000
#: Most halvings of each side: 2^10 by 2^10 cells.
MAX_DEPTH = 10
_GRID = 9


@dataclass
class _Found:
    """A sequence that occurs, before the box is divided."""

    path: SymbolicPath
    sample: tuple[Fraction, ...]
    regions: tuple[SignProduct, ...]


@dataclass
class _Search:
    """Chambers found so far, and what samples said."""

    family: Family
    table: FactorTable
    gram: tuple[SignProduct, ...]
    found: dict[tuple[Signs, ...], _Found] = field(default_factory=dict)

    def sample(self, point: tuple[Fraction, ...]) -> str | None:
        """Add the chamber around a point; why there is none, or None if the point is in one now."""
        sign_of = self.table.sign_at(point)
        if any(holds(one.regions, sign_of) for one in self.found.values()):
            return None
        family = self.family.problem
        values = dict(zip(self.family.names, point, strict=True))
        try:
            sequence = sign_sequence(saddle_path(family.at(values)))
            if sequence in self.found:
                return "on a wall"
            path = symbolic_path(family, sequence)
        except BudgetError:
            raise
        except DegenerateProblemError:
            return "minimisers are not unique"
        except BadInputError:
            return "no path: an entry divides by zero, or M is no Gram matrix"
        if not path.complete or any(c.sign == "=" for c in path.conditions):
            return "on a wall"
        if len(self.found) >= MAX_CHAMBERS:
            raise BudgetError(
                "the family has too many chambers", needed=f"at most {MAX_CHAMBERS}", hint="smaller ranges"
            )
        regions = self.table.conditions(path)
        if not holds(regions, self.table.sign_at(point)):
            return "on a wall"
        self.found[sequence] = _Found(path, point, regions)
        return None


def chambers(family: Family, *, depth: int = 7, progress: Listener | None = None) -> ChamberMap:
    """Cut the box of a family into the chambers of its paths.

    A chamber is given exactly: by polynomial inequalities in the parameters, derived
    with symbols from one sequence of signed active sets.  They are disjoint, and the
    path at every point inside is the one told.  Which chambers there are is found by
    exact paths at rational points; on cells of the box the signs of all polynomials are
    then proved, so that what lies in no chamber is known: it is looked at again, until
    only strips along the walls are left.  A chamber thinner than these can be missed.

    Args:
        family: one or two parameters and their ranges; with at most two columns any number of them.
        depth: how often each side of the box is halved at most; with one parameter the
            ends of the chambers are exact.
        progress: called with the rounds done; ``what`` says how many chambers there are by now.

    Raises:
        BudgetError: too many chambers, or conditions too large to be written down.

    Source: PF23, Algorithm 1; the conditions of
    :func:`saddlesym.diagonal.symbolic.path.symbolic_path`.

    >>> content = {"parameters": {"m": [-1, 1], "x": ["1/10", 1]}, "M": [[1, "m"], ["m", 1]], "r": [1, "x"]}
    >>> for chamber in chambers(Family.of(content), depth=5).chambers: print(chamber)
    {+0} -> {+0, +1}
    {+0} -> {+0, -1}
    """
    depth = whole_number(depth, "depth", 1, MAX_DEPTH)
    if len(family.ranges) == 1:
        return chambers_on_line(family)
    if len(family.ranges) > 2:
        return chambers_of_two_columns(family)
    table = FactorTable(family.problem)
    search = _Search(family, table, table.gram_conditions(family.problem))
    tell = progress or (lambda _: None)
    for point in _grid(family):
        search.sample(point)
    rounds = count(1)
    while True:
        what = f"rounds, {len(search.found)} chambers, {len(table.factors)} polynomials"
        tell(Progress(next(rounds), what=what))
        division = _Division(search, family.ranges, depth)
        if not division.run():
            return _result(search, division)


def _grid(family: Family) -> Iterator[tuple[Fraction, ...]]:
    """Points with short denominators, well spread, off the obvious walls."""
    parts = [(Fraction(k) + Fraction(6, 17) + Fraction(k % 3, 19)) / _GRID for k in range(_GRID)]
    for place in product(parts, repeat=len(family.ranges)):
        yield tuple(a + (b - a) * part for (a, b), part in zip(family.ranges, place, strict=True))


class _Division:
    """One division of the box with the chambers known now."""

    def __init__(self, search: _Search, box: Any, depth: int) -> None:
        self.search, self.box, self.depth = search, box, depth
        self.chambers = list(search.found.values())
        self.decided: list[tuple[int, int, int, int]] = []
        self.outside: list[tuple[int, int, int]] = []
        self.excluded: dict[str, list[tuple[int, int, int]]] = {}
        self.left: list[tuple[int, int, int]] = []
        #: at the last level: chamber of every cell's middle, −1 for none, −2 for no Gram matrix
        self.middles = np.full((2**depth, 2**depth), -1, dtype=np.int16)

    def middle(self, level: int, i: int, j: int) -> tuple[Fraction, ...]:
        """The middle of a cell, as values of the parameters."""
        ends = self.search.family.ranges
        place = (Fraction(2 * i + 1, 2 ** (level + 1)), Fraction(2 * j + 1, 2 ** (level + 1)))
        return tuple(a + (b - a) * part for (a, b), part in zip(ends, place, strict=True))

    def run(self) -> bool:
        """Divide; whether a chamber was met that was not known, and all has to be done again."""
        table = self.search.table
        count = len(table.factors)
        places = np.zeros((1, 2), dtype=np.int64)
        signs = np.zeros((1, count), dtype=np.int8)
        forms = [CellSigns(table.terms(k), self.box) for k in range(count)]
        rows = [np.array([0]) for _ in range(count)]
        for level in range(self.depth + 1):
            for k in range(count):
                signs[rows[k], k] = forms[k].known
                open_ = np.flatnonzero(forms[k].known == 0)
                forms[k], rows[k] = forms[k].kept(open_), rows[k][open_]
            keep = self._decide(level, places, signs)
            if keep is None:
                return True
            if level == self.depth or not len(keep):
                break
            places, signs = self._halve(places, signs, keep, forms, rows)
        else:
            keep = np.array([], dtype=np.int64)
        return self._look_at_rest(places, keep)

    @staticmethod
    def _halve(
        places: Any, signs: Any, keep: Any, forms: list[CellSigns], rows: list[Any]
    ) -> tuple[Any, Any]:
        """The quarters of the cells that are kept, with what is known of them."""
        position = np.full(len(places), -1, dtype=np.int64)
        position[keep] = np.arange(len(keep))
        for k in range(len(forms)):
            inside = np.flatnonzero(position[rows[k]] >= 0)
            forms[k] = forms[k].halved(inside)
            rows[k] = (4 * position[rows[k][inside]][:, None] + np.arange(4)).reshape(-1)
        steps = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        quarters = (2 * places[keep][:, None, :] + steps).reshape(-1, 2)
        return quarters, np.repeat(signs[keep], 4, axis=0)

    def _decide(self, level: int, places: Any, signs: Any) -> Any | None:
        """Note the cells that are decided; the others, or None when a new chamber was met."""
        size = len(places)
        gram = _everywhere(self.search.gram, signs)
        outside = gram < 0
        state = np.full((len(self.chambers), size), -1, dtype=np.int8)
        for c, chamber in enumerate(self.chambers):
            state[c] = _everywhere(chamber.regions, signs)
        open_ = ~outside
        for c in range(len(self.chambers)):
            inside = np.flatnonzero((state[c] > 0) & (gram > 0) & open_)
            self.decided += [(level, int(i), int(j), c) for i, j in places[inside]]
            open_[inside] = False
        self.outside += [(level, int(i), int(j)) for i, j in places[outside]]
        orphans = np.flatnonzero(open_ & (state < 0).all(axis=0) & (gram > 0))
        known = len(self.search.found)
        for cell in orphans:
            i, j = (int(x) for x in places[cell])
            why = self.search.sample(self.middle(level, i, j))
            if why is None:  # the factors of this chamber are not among those divided here
                continue
            if why == "on a wall" and level < self.depth:
                continue
            self.excluded.setdefault(why, []).append((level, i, j))
            open_[cell] = False
        return None if len(self.search.found) > known else np.flatnonzero(open_)

    def _look_at_rest(self, places: Any, keep: Any) -> bool:
        """The chamber of the middle of every cell of the last level; whether one was not known."""
        for level, i, j, c in self.decided:
            step = 2 ** (self.depth - level)
            self.middles[i * step : (i + 1) * step, j * step : (j + 1) * step] = c
        for level, i, j in self.outside:
            step = 2 ** (self.depth - level)
            self.middles[i * step : (i + 1) * step, j * step : (j + 1) * step] = -2
        known = len(self.search.found)
        for i, j in places[keep].tolist() if len(keep) else ():
            self.left.append((self.depth, i, j))
            point = self.middle(self.depth, i, j)
            sign_of = self.search.table.sign_at(point)
            if not holds(self.search.gram, sign_of):
                continue
            inside = next((c for c, one in enumerate(self.chambers) if holds(one.regions, sign_of)), None)
            if inside is not None:
                self.middles[i, j] = inside
            else:
                self.search.sample(point)
        return len(self.search.found) > known

    def sample_of(self, c: int) -> tuple[Fraction, ...]:
        """A point well inside of a chamber: the middle of one of its largest cells, where it has one."""
        cells = [cell[:3] for cell in self.decided if cell[3] == c]
        return self.middle(*min(cells)) if cells else self.chambers[c].sample

    def share(self, cells: Sequence[tuple[int, ...]]) -> Fraction:
        """The part of the box that these cells take."""
        whole = 4**self.depth
        return Fraction(sum(4 ** (self.depth - cell[0]) for cell in cells), whole)


def _everywhere(conditions: Sequence[SignProduct], signs: Any) -> Any:
    """On every cell: 1 where all conditions are proved, −1 where one is disproved, 0 where neither is."""
    state = np.ones(len(signs), dtype=np.int8)
    failed = np.zeros(len(signs), dtype=bool)
    for one in conditions:
        value = np.full(len(signs), one.sign, dtype=np.int8)
        for k in one.odd:
            value = value * signs[:, k]
        known = value
        if one.strict:
            for k in one.even:
                known = known * signs[:, k] * signs[:, k]
        failed |= value < 0
        state[known <= 0] = 0
    state[failed] = -1
    return state


def _result(search: _Search, division: _Division) -> ChamberMap:
    shares = [
        division.share([cell for cell in division.decided if cell[3] == c])
        for c in range(len(division.chambers))
    ]
    order = sorted(range(len(shares)), key=lambda c: (-shares[c], c))
    rank = {c: k for k, c in enumerate(order)}
    rank[-1], rank[-2] = -1, -2
    listed = tuple(
        Chamber(division.chambers[c].path, division.sample_of(c), shares[c], division.chambers[c].regions)
        for c in order
    )
    middles = np.vectorize(rank.__getitem__, otypes=[np.int16])(division.middles)
    cells = [(level, i, j, rank[c]) for level, i, j, c in division.decided]
    cells += [(level, i, j, -1) for level, i, j in division.outside]
    excluded = tuple((why, division.share(some)) for why, some in sorted(division.excluded.items()))
    return ChamberMap(
        search.family,
        listed,
        walls_between(search.table, listed, middles, division.middle, division.depth),
        division.share(division.outside),
        division.share(division.left),
        excluded,
        division.depth,
        search.table,
        cells,
    )
