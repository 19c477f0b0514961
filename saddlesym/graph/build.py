"""Construction of the saddle graph: all nodes, then all edges, from one table of signs."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise
from math import comb

import numpy as np

from saddlesym.diagonal.path import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles import MAX_SETS, count_active_sets
from saddlesym.diagonal.transitions import SignTable, mask_of, members
from saddlesym.errors import BadInputError, BudgetError, NonUniqueMinimiserError
from saddlesym.graph.path_stop import PathStop
from saddlesym.graph.saddle_graph import SaddleGraph

#: Largest number of columns whose full graph is formed: masks are 64-bit there.
_WORD = 63
#: Most pairs of saddles that are compared for a full graph unless the caller says otherwise.
MAX_PAIRS = 2**32

Progress = Callable[[int], None]


def transition_graph(
    problem: DiagonalProblem,
    elementary: bool = True,
    reachable_from_origin: bool = False,
    max_support: int | None = None,
    *,
    max_sets: int = MAX_SETS,
    progress: Progress | None = None,
) -> SaddleGraph:
    """All saddles over all orthants, and all heteroclinic transitions between them.

    Args:
        problem: the data.
        elementary: only transitions that switch on one column (and any number
            off), besides the steps of the saddle path; False for all transitions.
        reachable_from_origin: keep only what can be reached from β = 0.
        max_support: leave out saddles with larger active sets.
        max_sets: refuse when more active sets than this would be looked at.
        progress: called with the number of saddles done.

    Returns:
        The graph.  Active sets with dependent columns have affine sets of critical
        points, which are counted and no nodes.  A pair whose common face has no
        unique minimiser is listed in ``undetermined`` and no edge.

    Raises:
        BadInputError: a negative ``max_support``.
        BudgetError: too many active sets, or too many pairs of them.

    Source: PF23, Theorem 3 (orbits inside a jump); HS22 (invasion graph).

    >>> graph = transition_graph(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    >>> graph
    SaddleGraph(4 saddles, 4 transitions (elementary), d=2)
    >>> [graph.support(k) for k in graph.visited]
    [(), (0,), (1,), (0, 1)]
    """
    if max_support is not None and max_support < 0:
        raise BadInputError(f"max_support is {max_support}", needed="a size >= 0")
    table = SignTable(problem)
    rank = problem.quadratic.rank()
    limit = problem.d if max_support is None else min(max_support, problem.d)
    draft = _Draft(problem, table, min(rank, limit))
    draft.follow()
    if elementary and reachable_from_origin:
        draft.explore(max_sets, progress)
    else:
        _check_budget(problem.d, draft.top, max_sets, elementary)
        draft.enumerate_saddles(limit)
        if elementary:
            draft.add_elementary(progress)
        else:
            draft.add_all(progress)
            if limit < rank:
                draft.cut = None
            if reachable_from_origin:
                draft.keep_reachable()
    return draft.graph(elementary, reachable_from_origin, limit)


def _check_budget(d: int, top: int, max_sets: int, elementary: bool) -> None:
    total = count_active_sets(d, top)
    if total > max_sets:
        raise BudgetError(
            f"{d} columns have {total} active sets to look at",
            needed=f"at most {max_sets}",
            hint="a smaller max_support (--max-support), --reachable, or a larger max_sets (--max-sets)",
        )
    if not elementary and (total * total > MAX_PAIRS or d > _WORD):
        raise BudgetError(
            f"the full graph of {total} saddles of {d} columns takes {total * total} comparisons",
            needed=f"at most {MAX_PAIRS}, and at most {_WORD} columns",
            hint="the elementary graph, or a smaller max_support (--max-support)",
        )


@dataclass
class _Draft:
    """A graph under construction: supports and edges as masks, ids are given at the end."""

    problem: DiagonalProblem
    table: SignTable
    top: int
    masks: list[int] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    undetermined: list[tuple[int, int]] = field(default_factory=list)
    visited: list[int] = field(default_factory=lambda: [0])
    times: list[Fraction] = field(default_factory=lambda: [Fraction(0)])
    path_note: str = ""
    dependent: int | None = None
    cut: int | None = 0

    def follow(self) -> None:
        """Walk along the saddle path as far as its steps are transitions between nodes."""
        try:
            path = saddle_path(self.problem)
        except NonUniqueMinimiserError as error:
            path, self.path_note = error.path, PathStop.NOT_UNIQUE
        for jump in path.jumps:
            source, target = self.visited[-1], mask_of(jump.support)
            obstacle = self._obstacle(source, target)
            if obstacle is not None:
                self.path_note = obstacle
                return
            self.visited.append(target)
            self.times.append(jump.time)

    def _obstacle(self, source: int, target: int) -> PathStop | None:
        if not self.table.is_saddle(target):
            return PathStop.DEPENDENT
        if target.bit_count() > self.top:
            return PathStop.TOO_LARGE
        if not self.table.connects(source, target) or self.table.undetermined(source, target):
            return PathStop.NO_TRANSITION
        return None

    def steps(self) -> Iterator[tuple[int, int]]:
        """The steps of the saddle path that switch on several columns at once (ties)."""
        for source, target in pairwise(self.visited):
            if (target & ~source).bit_count() > 1:
                yield source, target

    def enumerate_saddles(self, limit: int) -> None:
        """Every saddle of at most ``top`` columns; columns beyond the rank are dependent."""
        d = self.problem.d
        self.dependent = sum(comb(d, size) for size in range(self.top + 1, limit + 1))
        for size in range(self.top + 1):
            for active in combinations(range(d), size):
                mask = mask_of(active)
                if self.table.at(mask) is None:
                    self.dependent += 1
                elif self.table.is_saddle(mask):
                    self.masks.append(mask)

    def add_elementary(self, progress: Progress | None) -> None:
        """The elementary transitions from every saddle, and the path's other steps."""
        for k, source in enumerate(self.masks):
            self.edges += self._elementary(source)
            if progress is not None:
                progress(k + 1)
        self.edges += self.steps()

    def _elementary(self, source: int) -> list[tuple[int, int]]:
        """Elementary transitions to at most ``top`` columns; the others are counted."""
        every = self.table.elementary_targets(source)
        kept = [(source, target) for target in every if target.bit_count() <= self.top]
        assert self.cut is not None
        self.cut += len(every) - len(kept)
        return kept

    def explore(self, max_sets: int, progress: Progress | None) -> None:
        """Elementary transitions outward from the origin, never enumerating active sets."""
        found, pending = set(self.visited), list(self.visited)
        while pending:
            fresh = self._elementary(pending.pop())
            self.edges += fresh
            for _, target in fresh:
                if target not in found:
                    found.add(target)
                    pending.append(target)
            if len(found) > max_sets:
                raise BudgetError(
                    f"more than {max_sets} saddles can be reached from the origin",
                    needed=f"at most {max_sets}",
                    hint="a smaller max_support (--max-support), or a larger max_sets (--max-sets)",
                )
            if progress is not None:
                progress(len(found) - len(pending))
        self.masks = sorted(found, key=lambda mask: (mask.bit_count(), members(mask)))
        self.edges += self.steps()

    def add_all(self, progress: Progress | None) -> None:
        """Every pair of saddles that obeys the transition rule, one source against all at once."""
        signs = [self.table.at(mask) for mask in self.masks]
        P = np.array([s[0] for s in signs if s is not None], dtype=np.uint64)
        N = np.array([s[1] for s in signs if s is not None], dtype=np.uint64)
        T = np.array(self.masks, dtype=np.uint64)
        P_on, N_on, P_off, N_off = P & T, N & T, P & ~T, N & ~T
        for k, source in enumerate(self.masks):
            S, p, n = T[k], P[k], N[k]
            # as in SignTable.connects: signs agree on T, and the columns that leave do so rightly
            clash = P_on & ~p | N_on & ~n | S & (P_off & p | N_off & n)
            found = np.flatnonzero((clash == 0) & (T & ~S != 0))
            idle = S & ~T[found] & ~(P[found] | N[found]) != 0
            for j, doubtful in zip(found.tolist(), idle.tolist(), strict=True):
                pair = source, self.masks[j]
                refused = doubtful and self.table.undetermined(*pair)
                (self.undetermined if refused else self.edges).append(pair)
            if progress is not None:
                progress(k + 1)

    def keep_reachable(self) -> None:
        """Drop what cannot be reached from the origin."""
        successors: dict[int, list[int]] = {}
        for source, target in self.edges:
            successors.setdefault(source, []).append(target)
        found, pending = {0}, [0]
        while pending:
            for target in successors.get(pending.pop(), ()):
                if target not in found:
                    found.add(target)
                    pending.append(target)
        self.masks = [mask for mask in self.masks if mask in found]
        self.edges = [pair for pair in self.edges if pair[0] in found]
        self.undetermined = [pair for pair in self.undetermined if found.issuperset(pair)]

    def graph(self, elementary: bool, reachable_only: bool, max_support: int) -> SaddleGraph:
        """The finished graph."""
        ids = {mask: k for k, mask in enumerate(self.masks)}
        edges = sorted((ids[source], ids[target]) for source, target in self.edges)
        return SaddleGraph(
            problem=self.problem,
            elementary=elementary,
            visited=tuple(ids[mask] for mask in self.visited),
            path_note=self.path_note,
            dependent=self.dependent,
            undetermined=tuple((ids[source], ids[target]) for source, target in self.undetermined),
            cut=self.cut,
            max_support=max_support,
            reachable_only=reachable_only,
            _masks=tuple(self.masks),
            _sources=array("i", (source for source, _ in edges)),
            _targets=array("i", (target for _, target in edges)),
            _indices=array("i", map(self.table.index, self.masks)),
            _times=tuple(self.times),
        )
