"""Re-checking a saved saddle graph from its data alone (see :mod:`saddlesym.diagonal.certificate`).

An edge is a transition when its target fulfils the Karush-Kuhn-Tucker conditions on the
common face, which the numbers of the two nodes show; nothing is minimised here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb
from typing import Any

from flint import fmpq, fmpq_mat

from saddlesym.diagonal.certificate import Certificate, Claim, Quadratic
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import read_exact
from saddlesym.exact.vectors import RationalVector

#: Most active sets solved, pairs of saddles compared, and extreme rays tried for uniqueness.
MAX_SETS, MAX_PAIRS, MAX_RAYS = 20_000, 2**25, 20_000

Pair = tuple[int, int]


@dataclass(frozen=True)
class _Node:
    """A saddle as its numbers give it: signs where it is not zero, and of −∇L where it is."""

    support: frozenset[int]
    beta: list[fmpq]
    gradient: list[fmpq]
    up: int
    down: int
    mask: int


def certify_graph(document: dict[str, Any]) -> Certificate:
    """Decide every claim of a document of ``saddlesym graph --json``.

    Checked are that each node is a saddle with its loss and Morse index, that each edge
    is a transition with its rates, that no saddle and no transition is missing as far as
    the document says so, and that the visited saddles with their times are the path.

    Raises:
        BadInputError: the document does not have the expected form.
    """
    try:
        return Certificate(tuple(_Verifier(document).claims()))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError(
            f"not a graph document ({type(error).__name__}: {shown(error)})",
            needed="the JSON that `saddlesym graph --json` writes",
        ) from None


class _Verifier:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.form = Quadratic(document["problem"])
        self.d = self.form.r.nrows()
        self.entries, self.edges = document["nodes"], document["edges"]
        self.limit = _integer(document["max_support"])
        self.elementary, self.reachable = _flag(document["elementary"]), _flag(document["reachable_only"])
        self.nodes = [self._node(RationalVector.read(entry["beta"])) for entry in self.entries]
        self.ids = {node.mask: k for k, node in enumerate(self.nodes)}
        self.pairs = [(self._id(edge["source"]), self._id(edge["target"])) for edge in self.edges]
        self.visited = [self._id(k) for k in document["visited"]]
        self.undetermined = [(self._id(s), self._id(t)) for s, t in document["undetermined"]]

    def _id(self, value: Any) -> int:
        if not 0 <= _integer(value) < len(self.entries):
            raise BadInputError(f"id {value}", needed="the id of a node")
        return int(value)

    def _node(self, beta: RationalVector) -> _Node:
        if len(beta) != self.d:
            raise BadInputError(
                f"a node has {len(beta)} coefficients, the data {self.d} columns",
                needed="the data that the graph was made from",
            )
        gradient = self.form.gradient(beta)
        values = beta.rationals()
        up = down = mask = 0
        for i, (b, g) in enumerate(zip(values, gradient, strict=True)):
            mask |= int(b != 0) << i
            up |= int(b > 0 or (b == 0 and g < 0)) << i
            down |= int(b < 0 or (b == 0 and g > 0)) << i
        return _Node(frozenset(beta.support()), values, gradient, up, down, mask)

    def claims(self) -> Iterator[Claim]:
        """All claims in order."""
        bad: dict[str, str] = {}
        for k, (entry, node) in enumerate(zip(self.entries, self.nodes, strict=True)):
            for text, holds in self._node_claims(k, entry, node):
                if not holds:
                    bad.setdefault(text, f"at node {k}")
        for edge, pair in zip(self.edges, self.pairs, strict=True):
            for text, holds in self._edge_claims(edge, pair):
                if not holds:
                    bad.setdefault(text, f"from node {pair[0]} to node {pair[1]}")
        for text in (*_NODE_TEXTS, *_EDGE_TEXTS):
            yield Claim(text, text not in bad, bad.get(text, ""))
        order = [(len(node.support), sorted(node.support)) for node in self.nodes]
        ordered = all(a < b for a, b in pairwise(order)) and all(a < b for a, b in pairwise(self.pairs))
        yield Claim("nodes and edges are in order, none twice", ordered)
        several = all(
            self._follows_signs(pair) and self._unique(pair) is not True for pair in self.undetermined
        )
        yield Claim("undetermined pairs have several minimisers on their face", several)
        yield from self._nodes_complete()
        yield from self._edges_complete()
        yield from self._path()
        yield from self._answers()

    def _node_claims(self, k: int, entry: dict[str, Any], node: _Node) -> list[tuple[str, bool]]:
        support, beta = entry["support"], RationalVector.read(entry["beta"])
        block = self.form.block(sorted(node.support))
        critical = all(node.gradient[i] == 0 for i in node.support)
        isolated = not node.support or block.rank() == len(node.support)
        values = (
            entry["id"] == k and type(entry["id"]) is int,
            support == sorted(node.support) and len(support) <= self.limit <= self.d,
            entry["signs"] == list(beta.signs()),
            critical and isolated,
            read_exact(entry["loss"]) == self.form.loss(beta),
            _integer(entry["index"]) == sum(1 for g in node.gradient if g != 0),
        )
        return list(zip(_NODE_TEXTS, values, strict=True))

    def _edge_claims(self, edge: dict[str, Any], pair: Pair) -> list[tuple[str, bool]]:
        source, target = (self.nodes[k] for k in pair)
        entered = sorted(target.support - source.support)
        rates = [2 * abs(source.gradient[j]) for j in entered]
        falls = read_exact(self.entries[pair[1]]["loss"]) < read_exact(self.entries[pair[0]]["loss"])
        values = (
            edge["entered"] == entered and edge["left"] == sorted(source.support - target.support),
            [read_exact(text) for text in edge["rates"]] == rates,
            _flag(edge["elementary"]) == (len(entered) == 1),
            self._follows_signs(pair) and self._unique(pair) is not False,
            falls,
            _flag(edge["visited"]) == (pair in set(pairwise(self.visited))),
        )
        return list(zip(_EDGE_TEXTS, values, strict=True))

    def _follows_signs(self, pair: Pair) -> bool:
        """Whether the target is a minimiser on the face, under the signs drawn at the source."""
        s, t = (self.nodes[k] for k in pair)
        if not t.mask & ~s.mask:
            return False
        clash = t.mask & (t.up & ~s.up | t.down & ~s.down)
        # where it left, ∇L at the target must not draw it back
        return not clash and not s.mask & ~t.mask & (t.up & s.up | t.down & s.down)

    def _unique(self, pair: Pair) -> bool | None:
        """Whether it is the only one; None: too many rays to try.

        Others differ from it by a vector of the kernel that has the signs of the source
        where the source is not zero, the target is, and the gradient at the target vanishes.
        """
        s, t = (self.nodes[k] for k in pair)
        idle = sorted(j for j in s.support - t.support if t.gradient[j] == 0)
        face = sorted({*idle, *t.support})
        kernel = _kernel(self.form.block(face)) if idle else []
        if not kernel:
            return True
        size = len(kernel)
        rows = [[(1 if s.beta[j] > 0 else -1) * v[face.index(j)] for v in kernel] for j in idle]
        if comb(len(rows), size - 1) > MAX_RAYS:
            return None
        # a pointed cone is more than its apex exactly when it has an extreme ray
        for chosen in combinations(rows, size - 1):
            rays = (
                _kernel(fmpq_mat(size - 1, size, [q for row in chosen for q in row]))
                if chosen
                else [[fmpq(1)]]
            )
            if len(rays) == 1:
                products = [sum((a * b for a, b in zip(row, rays[0], strict=True)), fmpq(0)) for row in rows]
                if min(products) >= 0 or max(products) <= 0:
                    return False
        return True

    def _saddle(self, active: Sequence[int]) -> RationalVector | None:
        """The critical point of an active set with independent columns."""
        k, values = len(active), [fmpq(0)] * self.d
        block = self.form.block(active) if k else None
        if block is not None:
            if block.rank() < k:
                return None
            right = fmpq_mat(k, 1, [self.form.r[i, 0] for i in active])
            for i, q in zip(active, block.solve(right).entries(), strict=True):
                values[i] = q
        return RationalVector.of(values)

    def _nodes_complete(self) -> Iterator[Claim]:
        dependent = self.document["dependent_active_sets"]
        self.universe: list[_Node] | None = None
        if sum(comb(self.d, k) for k in range(min(self.limit, self.d) + 1)) > MAX_SETS:
            yield Claim("no saddle is missing: NOT re-checked, too many active sets", True)
            return
        if self.elementary and self.reachable:
            yield Claim("the list does not claim to hold all saddles", dependent is None)
        else:
            self.universe, singular, missing = [], 0, ""
            for size in range(self.limit + 1):
                for active in combinations(range(self.d), size):
                    point = self._saddle(active)
                    if point is None:
                        singular += 1
                    elif list(point.support()) == list(active):
                        self.universe.append(self._node(point))
                        if self.universe[-1].mask not in self.ids:
                            missing = f"active set {list(active)}"
            if not self.reachable:
                yield Claim(f"no saddle of up to {self.limit} columns is missing", not missing, missing)
            text = "the number of dependent active sets is right"
            yield Claim(text, _integer(dependent) == singular)
        if self.reachable:
            found, pending = {self.ids.get(0, -1)}, [self.ids.get(0, -1)]
            after: dict[int, list[int]] = {}
            for s, t in self.pairs:
                after.setdefault(s, []).append(t)
            while pending:
                fresh = [t for t in after.get(pending.pop(), ()) if t not in found]
                found.update(fresh)
                pending += fresh
            unreached = set(range(len(self.nodes))) - found
            yield Claim("every node can be reached from the origin", not unreached)

    def _edges_complete(self) -> Iterator[Claim]:
        if self.elementary:
            yield from self._elementary_complete()
            return
        text = "no transition between nodes is missing"
        listed = {*self.pairs, *self.undetermined}
        if self.universe is None or len(self.nodes) * len(self.universe) > MAX_PAIRS:
            yield Claim(f"{text}: NOT re-checked, too many pairs", True)
            return
        missing = ""
        for k, s in enumerate(self.nodes):
            for t in self.universe:
                clash = t.mask & (t.up & ~s.up | t.down & ~s.down) | s.mask & ~t.mask & (
                    t.up & s.up | t.down & s.down
                )
                if not clash and t.mask & ~s.mask and (k, self.ids.get(t.mask, -1)) not in listed:
                    missing = f"from node {k} to active set {sorted(t.support)}"
        yield Claim(text, not missing, missing)
        cut = self.document["cut"]
        whole = self.limit >= self.form.block(range(self.d)).rank()
        yield Claim(
            "transitions left out are counted only where they are known", cut == (0 if whole else None)
        )

    def _elementary_complete(self) -> Iterator[Claim]:
        """One elementary transition for each unstable column, or to more columns than are looked at."""
        columns: dict[int, list[int]] = {}
        steps = set(pairwise(self.visited))
        only = True
        for s, t in self.pairs:
            entered = self.nodes[t].support - self.nodes[s].support
            only = only and (len(entered) == 1 or (s, t) in steps)
            if len(entered) == 1:
                columns.setdefault(s, []).extend(entered)
        yield Claim("steps of several columns are steps of the path", only)
        cut, missing = 0, ""
        for k, node in enumerate(self.nodes):
            unstable = {j for j, g in enumerate(node.gradient) if g != 0}
            there = columns.get(k, [])
            if len(set(there)) < len(there) or not unstable.issuperset(there):
                missing = f"node {k}"
            for j in unstable.difference(there):
                point = self._saddle(sorted({*node.support, j}))
                beyond = point is not None and len(node.support) == self.limit
                if not beyond or point is None or not self._keeps_signs(node, point, j):
                    missing = f"column {j} of node {k}"
                cut += 1
        yield Claim("every unstable column of every node has its elementary transition, or is cut",
                    not missing, missing)  # fmt: skip
        yield Claim("the number of transitions cut off is right", _integer(self.document["cut"]) == cut)

    def _keeps_signs(self, node: _Node, point: RationalVector, entering: int) -> bool:
        face, signs = (*node.support, entering), point.signs()
        return all(signs[i] == (1 if node.up >> i & 1 else -1) for i in face)

    def _path(self) -> Iterator[Claim]:
        times = [self.entries[k]["time"] for k in self.visited]
        marked = [k for k, entry in enumerate(self.entries) if _flag(entry["visited"])]
        timed = [k for k, entry in enumerate(self.entries) if entry["time"] is not None]
        yield Claim("visited nodes alone are marked and have a time",
                    marked == timed == sorted(set(self.visited)))  # fmt: skip
        listed = set(self.pairs)
        yield Claim("steps of the path are edges", all(step in listed for step in pairwise(self.visited)))
        solves = self._solves_path(
            [self.nodes[k] for k in self.visited], [read_exact(t) for t in times], [fmpq(1)] * self.d
        )
        yield Claim("the visited saddles and times obey s' = −∇L(β), s ∈ ∂‖β‖₁", solves)
        ends = not any(self.nodes[self.visited[-1]].gradient)
        yield Claim("the path ends at a global minimum exactly where no reason says why not",
                    ends == (self.document["path_note"] == ""))  # fmt: skip

    def _solves_path(self, chain: Sequence[_Node], times: Sequence[fmpq], kappa: Sequence[fmpq]) -> bool:
        """Whether s from 0 stays within ±κ, and at ±κ_i where β_i is not zero, at both ends of all dwells."""
        if chain[0].support or times[0] != 0 or len(times) != len(chain):
            return False
        s = [fmpq(0)] * self.d
        for (before, t), (after, u) in pairwise(zip(chain, times, strict=True)):
            if not t < u:
                return False
            s = [a - (u - t) * g for a, g in zip(s, before.gradient, strict=True)]
            if any(abs(a) > k for a, k in zip(s, kappa, strict=True)):
                return False
            for node in (before, after):
                if any(s[i] != (kappa[i] if node.beta[i] > 0 else -kappa[i]) for i in node.support):
                    return False
        return True

    def _answers(self) -> Iterator[Claim]:
        """Whatever else was asked for."""
        for name in ("chain_of_shape", "shape_of_chain"):
            answer = self.document.get(name)
            if answer is None:
                continue
            if "kappa" not in answer:
                yield Claim("the weights refute the chain's conditions (these are NOT re-checked)",
                            _adds_up(answer))  # fmt: skip
                continue
            points = [self._saddle(S) for S in answer["supports"]]
            chain = [self._node(p) for p in points if p is not None]
            kappa = [read_exact(q) for q in answer["kappa"]]
            supports = [sorted(node.support) for node in chain] == answer["supports"]
            times = [fmpq(0), *map(read_exact, answer["times"])]
            holds = supports and min(kappa) > 0 and self._solves_path(chain, times, kappa)
            yield Claim("the chain and times for the shape κ obey s' = −∇L(β), |s_i| ≤ κ_i", holds)
        if "check" in self.document:
            yield Claim("the orbits that were followed are NOT followed again", True)


_NODE_TEXTS = (
    "nodes are numbered from 0",
    "supports are where β is not zero, within max_support",
    "signs are those of β",
    "∇L vanishes on the support of every node, and its columns are independent",
    "the losses are exact",
    "the Morse indices count the entries of ∇L that are not zero",
)
_EDGE_TEXTS = (
    "columns entered and left are the differences of the supports",
    "the rates are 2|∇L| at the source",
    "elementary edges are those of one column",
    "every target is the minimiser on the common face under the signs drawn at the source",
    "the loss falls along every edge",
    "edges of the path are marked",
)


def _adds_up(answer: dict[str, Any]) -> bool:
    total = [fmpq(0)] * (len(answer["supports"]) - 1)
    positive = False
    for condition in answer["conditions"]:
        weight = read_exact(condition["multiplier"])
        if _flag(condition["strict"]):
            if weight < 0:
                return False
            positive = positive or weight > 0
        row = [read_exact(q) for q in condition["coefficients"]]
        total = [a + weight * b for a, b in zip(total, row, strict=True)]
    return not answer["conditions"] or (positive and not any(total))


def _kernel(matrix: fmpq_mat) -> list[list[fmpq]]:
    """A basis of the vectors that a matrix takes to zero."""
    echelon, rank = matrix.rref()
    width = matrix.ncols()
    pivots = [next(j for j in range(width) if echelon[i, j] != 0) for i in range(rank)]
    basis = []
    for free in (j for j in range(width) if j not in pivots):
        v = [fmpq(int(j == free)) for j in range(width)]
        for i, pivot in enumerate(pivots):
            v[pivot] = -echelon[i, free]
        basis.append(v)
    return basis


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise BadInputError(f"{shown(value)} where a whole number belongs", needed="an integer")
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise BadInputError(f"{shown(value)} where true or false belongs", needed="true or false")
    return value
