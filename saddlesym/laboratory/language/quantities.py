"""What a conjecture may speak of: exact quantities of one data set, by name.

Saddles are numbered along the path: 0 is the origin, k the saddle that jump k leads to, and
``final`` the last one.  Columns are numbered from 0, as everywhere.  Times are accelerated times
t = T / ln(1/α), losses are ‖Xβ − y‖² / (2n).  All numbers are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from flint import fmpq, fmpq_mat

from saddlesym.diagonal.path.trajectory import Jump, SaddlePath
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import saddles
from saddlesym.diagonal.saddles.stability import Stability, stability
from saddlesym.errors import SaddlesymError
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.vectors import RationalVector
from saddlesym.graph.build import transition_graph
from saddlesym.graph.diagonal import SaddleGraph
from saddlesym.graph.queries import Adjacency, count_chains, longest_chain, shortest_chain

Value: TypeAlias = fmpq | bool
Part: TypeAlias = Literal["data", "path", "saddles", "graph"]
Argument: TypeAlias = Literal["saddle", "jump", "column", "number"]

#: Most active sets that are enumerated for one data set.
_MAX_SETS = 2**16


class UndefinedError(SaddlesymError):
    """A quantity that these data do not have, such as the time of a jump that does not happen."""


@dataclass(frozen=True)
class GraphView:
    """What conjectures ask of a transition graph.

    Attributes:
        adjacency: its edges.
        origin: node of β = 0.
        minima: nodes that are global minima.
    """

    adjacency: Adjacency
    origin: int
    minima: tuple[int, ...]

    @classmethod
    def of(cls, graph: SaddleGraph) -> GraphView:
        """That of a graph."""
        return cls(graph.adjacency, graph.origin, graph.minima)


class Subject:
    """One data set and what is computed of it, each part once and only when asked for.

    Args:
        problem: the data.
        path: its saddle path, if it is known already.
        stationary: of every saddle and family of saddles: whether it is a point, and its Morse
            index; if known already.
        graph: its transition graph (elementary transitions), if known already.

    >>> subject = Subject(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> QUANTITIES["jumps"].of(subject), QUANTITIES["time"].of(subject, 2)
    (2, 2/3)
    """

    def __init__(
        self,
        problem: DiagonalProblem,
        path: SaddlePath | None = None,
        stationary: Sequence[tuple[bool, int]] | None = None,
        graph: GraphView | None = None,
    ) -> None:
        self.problem = problem
        if path is not None:
            self.path = path
        if stationary is not None:
            self.stationary = stationary
        if graph is not None:
            self.graph = graph

    @cached_property
    def path(self) -> SaddlePath:
        """The saddle path."""
        return saddle_path(self.problem)

    @cached_property
    def stationary(self) -> Sequence[tuple[bool, int]]:
        """Of every active set with a critical point: whether that is unique, and its Morse index."""
        return [(s.dimension == 0, s.morse_index) for s in saddles(self.problem, max_sets=_MAX_SETS)]

    @cached_property
    def graph(self) -> GraphView:
        """The graph of elementary transitions, with the steps of the path."""
        return GraphView.of(transition_graph(self.problem, max_sets=_MAX_SETS))

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Size of the support of every saddle of the path."""
        return (0, *(len(jump.support) for jump in self.path.jumps))

    @cached_property
    def returns(self) -> int:
        """How often a column enters that had been active before and had left."""
        met: set[int] = set()
        count = 0
        for jump in self.path.jumps:
            count += len(met.intersection(jump.entered))
            met.update(jump.support)
        return count

    def events(self, which: str) -> int:
        """Columns that ``"left"`` or were ``"flipped"``, counted over all jumps."""
        return sum(len(getattr(jump, which)) for jump in self.path.jumps)

    @property
    def ties(self) -> int:
        """Jumps at which more than one coordinate reaches its bound."""
        return sum(len(jump.hits) > 1 for jump in self.path.jumps)

    def critical(self, *, unique: bool, index: int | None = None) -> int:
        """Active sets with one critical point, or with an affine set of them; of one Morse index or any."""
        return sum(one == unique and index in (None, at) for one, at in self.stationary)

    @cached_property
    def _origin(self) -> tuple[RationalVector, RationalVector]:
        zero = RationalVector.of([0] * self.problem.d)
        return zero, self.problem.gradient(zero)

    def jump(self, k: int) -> Jump:
        """Jump k, from 1 on."""
        if not 1 <= k <= len(self.path.jumps):
            raise UndefinedError(f"there is no jump {k}")
        return self.path.jumps[k - 1]

    def saddle(self, k: int) -> tuple[RationalVector, RationalVector]:
        """β and ∇L(β) (each d) at saddle k of the path."""
        if k == 0:
            return self._origin
        jump = self.jump(k)
        return jump.beta, jump.gradient

    def column(self, j: int) -> int:
        """A column that there is."""
        if not 0 <= j < self.problem.d:
            raise UndefinedError(f"there is no column {j}")
        return j

    def time(self, k: int) -> Any:
        """Accelerated time at which saddle k is reached."""
        return self.jump(k).time if k else 0

    def dwell(self, k: int) -> Any:
        """Accelerated time spent at saddle k."""
        return self.time(k + 1) - self.time(k)

    def loss(self, k: int) -> Any:
        """Loss at saddle k."""
        return self.jump(k).loss if k else self.problem.loss(self._origin[0])

    def dual(self, j: int, k: int) -> Any:
        """s_j when saddle k is reached."""
        return self.jump(k).dual[self.column(j)] if k else self._origin[0][self.column(j)]

    def stability(self, k: int) -> Stability:
        """Inertia of the Hessian of F at saddle k."""
        beta, gradient = self.saddle(k)
        support = beta.support()
        rows = [[to_fmpq(self.problem.M[i][j]) for j in support] for i in support]
        return stability(len(support), fmpq_mat(rows).rank() if rows else 0, gradient)

    def chain(self, which: Callable[..., tuple[int, ...]]) -> int:
        """Transitions in a chain from the origin to a global minimum."""
        nodes = which(self.graph.adjacency, self.graph.origin, self.graph.minima)
        if not nodes:
            raise UndefinedError("no chain leads from the origin to a global minimum")
        return len(nodes) - 1


@dataclass(frozen=True)
class Quantity:
    """One word of the vocabulary.

    Attributes:
        name: as laws write it.
        says: what it is, with its unit.
        measure: its value for a subject and whole numbers as arguments.
        arguments: what each argument is.
        part: what has to be computed for it.
        truth: whether it is true or false rather than a number.
        odd: whether it changes its sign when the signs of columns change.
    """

    name: str
    says: str
    measure: Callable[..., Any]
    arguments: tuple[Argument, ...] = ()
    part: Part = "path"
    truth: bool = False
    odd: bool = False

    def of(self, subject: Subject, *arguments: int) -> Value:
        """The value, exact.

        Raises:
            UndefinedError: these data have none.
        """
        value = self.measure(subject, *arguments)
        return bool(value) if self.truth else to_fmpq(value)

    @property
    def written(self) -> str:
        """The name with its arguments.

        >>> QUANTITIES["beta"].written
        'beta(j, k)'
        """
        letters = {"saddle": "k", "jump": "k", "column": "j", "number": "m"}
        names = [letters[one] for one in self.arguments]
        if names == ["j", "j"]:
            names = ["i", "j"]
        return f"{self.name}({', '.join(names)})" if names else self.name


def _most(values: Iterable[Any]) -> Any:
    return max(values, default=0)


def _rows(subject: Subject) -> int:
    if not subject.problem.has_data:
        raise UndefinedError("these data are M and r, of no known number of rows")
    return subject.problem.n


def _rank(subject: Subject) -> int:
    rows = [[to_fmpq(q) for q in row] for row in subject.problem.M]
    return fmpq_mat(rows).rank()


def _edge_count(subject: Subject) -> int:
    return len(subject.graph.adjacency.targets)


_ALL = (
    Quantity("n", "number of rows of X", _rows, part="data"),
    Quantity("d", "number of columns", lambda s: s.problem.d, part="data"),
    Quantity("rank", "rank of X", _rank, part="data"),
    Quantity("M", "entry of M = XᵀX/n", lambda s, i, j: s.problem.M[s.column(i)][s.column(j)],
             ("column", "column"), "data", odd=True),
    Quantity("r", "entry of r = Xᵀy/n", lambda s, j: s.problem.r[s.column(j)], ("column",), "data", odd=True),
    Quantity("max_r", "largest |r_j|; the first jump is at t = 1/max_r",
             lambda s: _most(map(abs, s.problem.r)), part="data"),
    Quantity("jumps", "number of jumps of the path", lambda s: len(s.path.jumps)),
    Quantity("final", "number of the last saddle: the same as jumps", lambda s: len(s.path.jumps)),
    Quantity("time", "accelerated time at which saddle k is reached; time(0) is 0",
             lambda s, k: s.time(k), ("saddle",)),
    Quantity("dwell", "accelerated time spent at saddle k, k < final", lambda s, k: s.dwell(k), ("saddle",)),
    Quantity("loss", "loss ‖Xβ − y‖²/(2n) at saddle k; loss(0) is that of β = 0",
             lambda s, k: s.loss(k), ("saddle",)),
    Quantity("l1", "‖β‖₁ at saddle k", lambda s, k: sum(map(abs, s.saddle(k)[0])), ("saddle",)),
    Quantity("size", "number of non-zero coefficients at saddle k",
             lambda s, k: len(s.saddle(k)[0].support()), ("saddle",)),
    Quantity("max_size", "largest size of a saddle of the path", lambda s: max(s.sizes)),
    Quantity("entries", "columns that enter at jump k", lambda s, k: len(s.jump(k).entered), ("jump",)),
    Quantity("exits", "columns that leave at jump k", lambda s, k: len(s.jump(k).left), ("jump",)),
    Quantity("hits", "coordinates with |s_j| reaching 1 at jump k", lambda s, k: len(s.jump(k).hits),
             ("jump",)),
    Quantity("leaves", "columns that leave, counted over all jumps",
             lambda s: s.events("left")),
    Quantity("returns", "columns that enter after they had left, counted over all jumps",
             lambda s: s.returns),
    Quantity("flips", "those of them that return with the other sign",
             lambda s: s.events("flipped")),
    Quantity("ties", "jumps at which more than one coordinate reaches its bound",
             lambda s: s.ties),
    Quantity("index", "Morse index of saddle k (negative eigenvalues of the Hessian in u, v)",
             lambda s, k: s.stability(k).morse_index, ("saddle",)),
    Quantity("nullity", "zero eigenvalues of the Hessian in u, v at saddle k",
             lambda s, k: s.stability(k).nullity, ("saddle",)),
    Quantity("active", "whether column j is non-zero at saddle k",
             lambda s, j, k: s.saddle(k)[0][s.column(j)] != 0, ("column", "saddle"), truth=True),
    Quantity("beta", "coefficient of column j at saddle k", lambda s, j, k: s.saddle(k)[0][s.column(j)],
             ("column", "saddle"), odd=True),
    Quantity("gradient", "∂L/∂β_j at saddle k", lambda s, j, k: s.saddle(k)[1][s.column(j)],
             ("column", "saddle"), odd=True),
    Quantity("dual", "s_j when saddle k is reached", lambda s, j, k: s.dual(j, k), ("column", "saddle"),
             odd=True),
    Quantity("saddles", "isolated saddles over all active sets, minima included",
             lambda s: s.critical(unique=True), part="saddles"),
    Quantity("families", "active sets whose critical points form an affine set",
             lambda s: s.critical(unique=False), part="saddles"),
    Quantity("of_index", "isolated saddles of Morse index m",
             lambda s, m: s.critical(unique=True, index=m), ("number",), "saddles"),
    Quantity("edges", "elementary transitions between saddles, and the steps of the path", _edge_count,
             part="graph"),
    Quantity("chains", "chains of transitions from the origin to a global minimum",
             lambda s: count_chains(s.graph.adjacency, s.graph.origin, s.graph.minima), part="graph"),
    Quantity("shortest", "transitions in the shortest such chain", lambda s: s.chain(shortest_chain),
             part="graph"),
    Quantity("longest", "transitions in the longest such chain", lambda s: s.chain(longest_chain),
             part="graph"),
)  # fmt: skip

#: The vocabulary, by name.
QUANTITIES: dict[str, Quantity] = {one.name: one for one in _ALL}
