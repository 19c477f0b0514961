"""Construction of the saddle graph: all nodes, then all edges, from one table of signs."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise
from math import comb
from typing import Any

import numpy as np

from saddlesym.diagonal.path.transitions import SignTable, mask_of, members
from saddlesym.diagonal.path.walk import iter_jumps
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import checked_size, count_active_sets, most_sets, told_count
from saddlesym.errors import BudgetError, NonUniqueMinimiserError
from saddlesym.graph.diagonal import SaddleGraph
from saddlesym.graph.queries import Adjacency
from saddlesym.memory import require_memory
from saddlesym.progress import Listener, Progress
from saddlesym.recheck.path_stop import PathStop

#: Largest number of columns whose full graph is formed: masks are 64-bit there.
_WORD = 63
#: Most pairs of saddles that are compared for a full graph unless the caller says otherwise.
MAX_PAIRS = 2**32
#: Most saddles that are reached from the origin unless the caller says otherwise.
MAX_REACHED = 2**17
#: Bytes that an active set and a transition take while a graph is made and looked at.
_SET, _EDGE = 600, 40
#: Saddles whose transitions are counted to foresee the size of a full graph.
_SAMPLE = 256


def transition_graph(
    problem: DiagonalProblem,
    *,
    elementary: bool = True,
    reachable: bool = False,
    max_support: int | None = None,
    max_sets: int | None = None,
    progress: Listener | None = None,
) -> SaddleGraph:
    """All saddles over all orthants, and all heteroclinic transitions between them.

    Args:
        problem: the data.
        elementary: only transitions that switch on one column (and any number
            off), besides the steps of the saddle path; False for all transitions.
        reachable: keep only what can be reached from β = 0.
        max_support: leave out saddles with larger active sets.
        max_sets: refuse when more active sets than this would be looked at (default 2²⁰), or,
            outward from the origin, more saddles than this are reached (default 2¹⁷).
        progress: called with the number of active sets solved, and then with that of saddles
            whose transitions are done; outward from the origin, with the latter alone.

    Returns:
        The graph.  Active sets with dependent columns have affine sets of critical
        points, which are counted and no nodes.  A pair whose common face has no
        unique minimiser is listed in ``undetermined`` and no edge.

    Raises:
        BadInputError: ``max_support`` or ``max_sets`` is not a whole number >= 0.
        BudgetError: too many active sets, too many pairs of them, or too little memory.

    Source: PF23, Theorem 3 (orbits inside a jump); HS22 (invasion graph).

    >>> graph = transition_graph(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    >>> graph
    SaddleGraph(4 saddles, 4 transitions (elementary), d=2)
    >>> [graph.support(k) for k in graph.visited]
    [(), (0,), (1,), (0, 1)]
    """
    size = checked_size("max_support", max_support)
    most = checked_size("max_sets", max_sets)
    table = SignTable(problem)
    rank = problem.quadratic.rank()
    limit = problem.d if size is None else min(size, problem.d)
    draft = _Draft(problem, table, min(rank, limit))
    outward = elementary and reachable
    if not outward:
        _check_budget(problem.d, draft.top, most_sets(problem.d) if most is None else most, elementary)
    draft.follow()
    if outward:
        draft.explore(MAX_REACHED if most is None else most, progress)
    else:
        draft.enumerate_saddles(limit, progress)
        if elementary:
            draft.add_elementary(progress)
        else:
            draft.add_all(progress)
            if limit < rank:
                draft.cut = None
            if reachable:
                draft.keep_reachable()
    return draft.graph(elementary, reachable, limit)


def _check_budget(d: int, top: int, max_sets: int, elementary: bool) -> None:
    total = count_active_sets(d, top)
    if total > max_sets:
        raise BudgetError(
            f"{d} columns have {told_count(total)} active sets to look at",
            needed=f"at most {max_sets}",
            hint="a smaller max_support (--max-support), --reachable, or a larger max_sets (--max-sets)",
        )
    if not elementary and (total * total > MAX_PAIRS or d > _WORD):
        raise BudgetError(
            f"the full graph of {told_count(total)} saddles of {d} columns takes {told_count(total * total)}"
            " comparisons",
            needed=f"at most {MAX_PAIRS}, and at most {_WORD} columns",
            hint="the elementary graph, or a smaller max_support (--max-support)",
        )
    _require_memory(total, d, elementary)


def _require_memory(total: int, d: int, elementary: bool) -> None:
    """Refuse what would not fit, before anything is enumerated."""
    edges = total * (d + 1) / 2 if elementary else 0  # every saddle has index d − |S|; all are counted later
    require_memory(
        total * _SET + edges * _EDGE,
        f"the graph of {total} active sets",
        "a smaller max_support (--max-support), or --reachable",
    )


@dataclass
class _Draft:
    """A graph under construction: supports as masks, edges as numbers of masks in the order of ``masks``."""

    problem: DiagonalProblem
    table: SignTable
    top: int
    masks: list[int] = field(default_factory=list)
    sources: array[int] = field(default_factory=lambda: array("i"))
    targets: array[int] = field(default_factory=lambda: array("i"))
    undetermined: list[tuple[int, int]] = field(default_factory=list)
    visited: list[int] = field(default_factory=lambda: [0])
    times: list[Fraction] = field(default_factory=lambda: [Fraction(0)])
    path_note: str = ""
    dependent: int | None = None
    cut: int | None = 0

    def follow(self) -> None:
        """Walk along the saddle path as far as its steps are transitions between nodes, and no further."""
        jumps = iter_jumps(self.problem)
        while True:
            try:
                jump = next(jumps, None)
            except NonUniqueMinimiserError:
                self.path_note = PathStop.NOT_UNIQUE
                return
            if jump is None:
                return
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

    def add_steps(self, ids: dict[int, int]) -> None:
        """The steps of the saddle path that switch on several columns at once (ties)."""
        for source, target in pairwise(self.visited):
            if (target & ~source).bit_count() > 1:
                self.sources.append(ids[source])
                self.targets.append(ids[target])

    def enumerate_saddles(self, limit: int, progress: Listener | None) -> None:
        """Every saddle of at most ``top`` columns; columns beyond the rank are dependent."""
        d = self.problem.d
        self.dependent = sum(comb(d, size) for size in range(self.top + 1, limit + 1))
        done, total = 0, count_active_sets(d, self.top)
        for size in range(self.top + 1):
            for active in combinations(range(d), size):
                mask = mask_of(active)
                if self.table.at(mask) is None:
                    self.dependent += 1
                elif self.table.is_saddle(mask):
                    self.masks.append(mask)
                done += 1
                if progress is not None:
                    progress(Progress(done, total, "active sets"))

    def add_elementary(self, progress: Listener | None) -> None:
        """The elementary transitions from every saddle, and the path's other steps."""
        ids = {mask: k for k, mask in enumerate(self.masks)}
        for k, source in enumerate(self.masks):
            kept = self._elementary(source, listed=True)
            self.sources.extend([k] * len(kept))
            self.targets.extend(ids[target] for target in kept)
            if progress is not None:
                progress(Progress(k + 1, len(self.masks), "saddles"))
        self.add_steps(ids)

    def _elementary(self, source: int, *, listed: bool) -> list[int]:
        """Targets of elementary transitions with at most ``top`` columns; the others are counted.

        Where all sets of at most ``top`` columns are listed, faces of that size are solved already.
        """
        looked_up = listed and source.bit_count() < self.top
        every = self.table.elementary_targets(source) if looked_up else self.table.bordered_targets(source)
        kept = [target for target in every if target.bit_count() <= self.top]
        assert self.cut is not None
        self.cut += len(every) - len(kept)
        return kept

    def explore(self, max_saddles: int, progress: Listener | None) -> None:
        """Elementary transitions outward from the origin, never enumerating active sets."""
        ids = {mask: k for k, mask in enumerate(self.visited)}
        pending = list(self.visited)
        while pending:
            source = pending.pop()
            for target in self._elementary(source, listed=False):
                if target not in ids:
                    ids[target] = len(ids)
                    pending.append(target)
                self.sources.append(ids[source])
                self.targets.append(ids[target])
            if len(ids) > max_saddles:
                raise BudgetError(
                    f"more than {max_saddles} saddles can be reached from the origin",
                    needed=f"at most {max_saddles}",
                    hint="a smaller max_support (--max-support), or a larger max_sets (--max-sets)",
                )
            if progress is not None:
                progress(Progress(len(ids) - len(pending), what="saddles"))
        self.add_steps(ids)
        self.masks = list(ids)
        self._reorder(sorted(ids, key=lambda mask: (mask.bit_count(), members(mask))))

    def _reorder(self, kept: list[int]) -> None:
        """Number these masks in this order; edges from or to others are dropped."""
        ids = {mask: k for k, mask in enumerate(kept)}
        new = np.fromiter((ids.get(mask, -1) for mask in self.masks), dtype=np.int32, count=len(self.masks))
        sources, targets = (new[np.frombuffer(a, dtype=np.int32)] for a in (self.sources, self.targets))
        both = (sources >= 0) & (targets >= 0)
        self.masks = kept
        self.sources, self.targets = _array(sources[both]), _array(targets[both])

    def add_all(self, progress: Listener | None) -> None:
        """Every pair of saddles that obeys the transition rule, one source against all at once."""
        rule = _Rule(self.table, self.masks)
        count = len(self.masks)
        sample = range(0, count, max(1, count // _SAMPLE))
        edges = count * sum(len(rule.targets(k)) for k in sample) / max(1, len(sample))
        require_memory(
            edges * _EDGE,
            f"the full graph of {count} saddles, with some {edges:.2g} transitions,",
            "the elementary graph, or a smaller max_support (--max-support)",
        )
        for k, source in enumerate(self.masks):
            found = rule.targets(k)
            for j in rule.idle(k, found):
                if self.table.undetermined(source, self.masks[j]):
                    self.undetermined.append((source, self.masks[j]))
                    found = found[found != j]
            self.sources.frombytes(np.full(len(found), k, dtype=np.int32).tobytes())
            self.targets.frombytes(found.astype(np.int32).tobytes())
            if progress is not None:
                progress(Progress(k + 1, len(self.masks), "saddles"))

    def keep_reachable(self) -> None:
        """Drop what cannot be reached from the origin."""
        edges = Adjacency(len(self.masks), self.sources, self.targets)
        found = [mask for mask, far in zip(self.masks, edges.distances(0).tolist(), strict=True) if far >= 0]
        self._reorder(found)
        inside = set(found)
        self.undetermined = [pair for pair in self.undetermined if inside.issuperset(pair)]

    def graph(self, elementary: bool, reachable_only: bool, max_support: int) -> SaddleGraph:
        """The finished graph."""
        ids = {mask: k for k, mask in enumerate(self.masks)}
        self._sort()
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
            _sources=self.sources,
            _targets=self.targets,
            _indices=array("i", map(self.table.morse_index, self.masks)),
            _times=tuple(self.times),
        )

    def _sort(self) -> None:
        """Bring the edges in order of source and target."""
        sources, targets = (np.frombuffer(a, dtype=np.int32) for a in (self.sources, self.targets))
        keys = sources.astype(np.int64) << 32 | targets
        if np.all(keys[1:] > keys[:-1]):
            return
        keys.sort()
        self.sources, self.targets = _array(keys >> 32), _array(keys & 0xFFFFFFFF)


def _array(values: Any) -> array[int]:
    out = array("i")
    out.frombytes(values.astype(np.int32).tobytes())
    return out


class _Rule:
    """The transition rule, for one saddle against all others at once; masks have at most 63 bits."""

    def __init__(self, table: SignTable, masks: list[int]) -> None:
        signs = [table.at(mask) for mask in masks]
        self.P = np.array([s[0] for s in signs if s is not None], dtype=np.uint64)
        self.N = np.array([s[1] for s in signs if s is not None], dtype=np.uint64)
        self.T = np.array(masks, dtype=np.uint64)
        self.P_on, self.N_on = self.P & self.T, self.N & self.T
        self.P_off, self.N_off = self.P & ~self.T, self.N & ~self.T

    def targets(self, k: int) -> Any:
        """The numbers of all that the rule allows from saddle k."""
        S, p, n = self.T[k], self.P[k], self.N[k]
        # as in SignTable.connects: signs agree on T, and the columns that leave do so rightly
        clash = self.P_on & ~p | self.N_on & ~n | S & (self.P_off & p | self.N_off & n)
        return np.flatnonzero((clash == 0) & (self.T & ~S != 0))

    def idle(self, k: int, found: Any) -> list[int]:
        """Those of them where a column of saddle k vanishes with its gradient."""
        doubtful = self.T[k] & ~self.T[found] & ~(self.P[found] | self.N[found]) != 0
        numbers: list[int] = found[doubtful].tolist()
        return numbers
