"""The saddle graph of a deep linear network: sets of singular modes, growth and exchange of modes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.deep.saddles.enumeration import DeepSaddle, deep_saddles
from saddlesym.deep.saddles.mode_sets import mode_words
from saddlesym.deep.saddles.transitions import (
    DeepTransition,
    elementary_transitions,
    transition_between,
)
from saddlesym.errors import BadInputError, BudgetError
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.text import decimal_string
from saddlesym.graph.base import TransitionGraph
from saddlesym.graph.reading import GraphPair
from saddlesym.grids import Drawn
from saddlesym.progress import Listener, Progress

#: Most saddles of a graph unless the caller says otherwise.
MAX_NODES = 2**14
#: Most pairs of saddles that are compared for a full graph.
MAX_PAIRS = 2**24


@dataclass(frozen=True, repr=False)
class DeepSaddleGraph(TransitionGraph, Drawn, Documented, kind="deep saddles"):
    """All saddles of a whitened problem as nodes, and orbits between them as edges.

    Made by :func:`saddlesym.deep_transition_graph`; ids go by rank, then by modes.

    Attributes:
        problem: the network.
        elementary: whether only orbits that switch on one mode are edges.
        saddles: the saddle of each id.
        visited: ids of the truncations of A*, S = {}, {1}, {1, 2}, …: the saddles that a
            flow with aligned modes visits (SMG14), a repeated singular value at once.
        max_rank: the bound on the rank that was asked for; None for all saddles.
    """

    problem: DeepLinearProblem
    elementary: bool
    saddles: tuple[DeepSaddle, ...]
    visited: tuple[int, ...]
    max_rank: int | None
    _edges: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.saddles)

    def _ends(self) -> tuple[Sequence[int], Sequence[int]]:
        return [source for source, _ in self._edges], [target for _, target in self._edges]

    def _morse_indices(self) -> Sequence[int]:
        return [saddle.morse_index for saddle in self.saddles]

    def node(self, node: int) -> DeepSaddle:
        """The saddle with this id.

        Raises:
            BadInputError: no such id.
        """
        return self.saddles[self._checked(node)]

    def edge(self, source: int, target: int) -> DeepTransition:
        """The orbit between two ids.

        Raises:
            BadInputError: there is none.
        """
        source, target = self._checked_edge(source, target)
        return DeepTransition(self.saddles[source].counts, self.saddles[target].counts)

    def time(self, node: int, digits: int = 30) -> Ball | None:
        """Jump time at which a flow with aligned modes reaches this saddle; None when it does not.

        For layers that start at α on the diagonal and the mode σ that enters: ``1/σ`` in units
        of ln(1/α) for L = 2, ``1/((L−2)σ)`` in units of α^{−(L−2)} for L ≥ 3, the units of
        :func:`saddlesym.flow`.  None also for the origin.

        Source: SMG14.
        """
        if node not in self.visited[1:]:
            return None
        entered = self.visited.index(node) - 1
        return self.saddles[node].decomposition.values[entered].jump_time(self.problem.depth, digits)

    @cached_property
    def minima(self) -> tuple[int, ...]:
        """The id of the minimum that the widths allow."""
        return tuple(k for k, saddle in enumerate(self.saddles) if saddle.is_minimum)

    def node_facts(self, node: int, digits: int) -> dict[str, Any]:
        """Every fact about a node; the loss is a fraction where it is rational."""
        saddle = self.node(node)
        exact = saddle.rational_loss
        return {
            "label": mode_words(saddle.decomposition.values, saddle.counts) or "origin",
            "modes": saddle.modes,
            "counts": saddle.counts,
            "rank": saddle.rank,
            "dimension": saddle.dimension,
            "loss": saddle.loss(digits) if exact is None else exact,
            "exact_loss": exact,
            "strictness": saddle.strictness,
            "morse_index": saddle.morse_index,
            "nullity": saddle.nullity,
            "visited": node in self.visited,
            "time": self.time(node, digits),
        }

    def flat_node(self, node: int, digits: int) -> dict[str, Any]:
        """What is known of a node for other programs: losses are decimals, ``exact_loss`` a fraction."""
        return super().flat_node(node, digits) | {"loss": loss_text(self.node(node), digits)}

    def edge_facts(self, among: Collection[int] | None) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Every fact about edges; modes and distinct singular values are 0-based, as in the JSON."""
        steps = set(pairwise(self.visited))
        for source, target in self.pairs(among):
            edge = self.edge(source, target)
            yield (
                source,
                target,
                {
                    "entered": edge.entered,
                    "left": edge.left,
                    "growth": edge.is_growth,
                    "elementary": edge.elementary,
                    "visited": (source, target) in steps,
                },
            )

    def to_dict(self, digits: int = 30) -> dict[str, Any]:
        """The whole graph, JSON-ready; ids are positions in ``saddles``."""
        steps = set(pairwise(self.visited))
        return {
            "kind": self._kind,
            "problem": self.problem.data_document(),
            "singular_values": self.saddles[0].decomposition.values_document(digits),
            "elementary": self.elementary,
            "visited": list(self.visited),
            "max_rank": self.max_rank,
            "time_unit": self.problem.time_unit,
            "saddles": [
                {"id": k, **saddle.entry(digits), "time": _time(self.time(k, digits))}
                for k, saddle in enumerate(self.saddles)
            ],
            "transitions": [
                {"source": a, "target": b, **self.edge(a, b).entry(), "visited": (a, b) in steps}
                for a, b in self._edges
            ],
        }

    @classmethod
    def _read(cls, given: Fields) -> DeepSaddleGraph:
        problem = given("problem", DeepLinearProblem)
        saddles = given.each("saddles", DeepSaddle, problem=problem)
        pairs = given.each("transitions", GraphPair)
        visited = given("visited", tuple[int, ...])
        if not all(0 <= k < len(saddles) for k in (*visited, *chain.from_iterable(pairs))):
            raise BadInputError("ids of saddles that are not listed", needed=f"from 0 to {len(saddles) - 1}")
        most = given("max_rank", int | None, None)
        return cls(problem, given("elementary", bool), saddles, visited, most, pairs)

    def __repr__(self) -> str:
        kind = "elementary" if self.elementary else "all"
        return f"DeepSaddleGraph({len(self)} saddles, {self.edge_count} transitions ({kind}))"


def _time(ball: Ball | None) -> dict[str, str] | None:
    return None if ball is None else ball.to_dict(exact=False)


def loss_text(saddle: DeepSaddle, digits: int) -> str:
    """The loss as a decimal, from the fraction where there is one."""
    exact = saddle.rational_loss
    return saddle.loss(digits + 2).rounded(digits) if exact is None else decimal_string(exact, digits)


def deep_transition_graph(
    problem: DeepLinearProblem,
    *,
    elementary: bool = True,
    max_rank: int | None = None,
    max_sets: int | None = None,
    progress: Listener | None = None,
) -> DeepSaddleGraph:
    """All saddles of a network with whitened squared error and the orbits between them.

    Args:
        problem: the network.
        elementary: only orbits that switch on one mode, besides the steps of the path of
            aligned modes; False for all that growth and exchange of modes give.
        max_rank: leave out saddles of more modes.
        max_sets: refuse when there are more saddles than this; default 2¹⁴.
        progress: called with the sets of modes done, then with the saddles whose transitions are.

    Raises:
        DegenerateProblemError: the cost is not the whitened squared error.
        BudgetError: too many saddles, or pairs of them.

    >>> graph = deep_transition_graph(DeepLinearProblem.from_csv("svd-3x3"))
    >>> graph
    DeepSaddleGraph(8 saddles, 18 transitions (elementary))
    >>> [graph.node(k).modes for k in graph.visited]
    [(), (0,), (0, 1), (0, 1, 2)]
    """
    most = MAX_NODES if max_sets is None else max_sets
    saddles = tuple(deep_saddles(problem, max_rank=max_rank, max_sets=most, progress=progress))
    if not elementary and len(saddles) ** 2 > MAX_PAIRS:
        raise BudgetError(
            f"{len(saddles)} saddles have too many pairs",
            needed=f"at most {MAX_PAIRS} pairs",
            hint="elementary transitions, or max_rank",
        )
    ids = {saddle.counts: k for k, saddle in enumerate(saddles)}
    visited = _truncations(saddles[0], ids)
    edges = set(pairwise(visited))
    for k, saddle in enumerate(saddles):
        if elementary:
            targets = (ids.get(step.target) for step in elementary_transitions(saddle))
            edges |= {(k, target) for target in targets if target is not None}
        else:
            edges |= {
                (k, b) for b, target in enumerate(saddles) if transition_between(saddle, target) is not None
            }
        if progress is not None:
            progress(Progress(k + 1, len(saddles), "saddles"))
    return DeepSaddleGraph(problem, elementary, saddles, visited, max_rank, tuple(sorted(edges)))


def _truncations(origin: DeepSaddle, ids: dict[tuple[int, ...], int]) -> tuple[int, ...]:
    """Ids of the sets of the greatest modes, one distinct singular value after the other."""
    counts, path = list(origin.counts), [ids[origin.counts]]
    room = origin.problem.max_rank
    for k, value in enumerate(origin.decomposition.values):
        counts[k] = min(room, value.multiplicity)
        room -= counts[k]
        if counts[k] == 0 or tuple(counts) not in ids:
            break
        path.append(ids[tuple(counts)])
    return tuple(path)
