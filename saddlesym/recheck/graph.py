"""Re-checking a saved saddle graph from its data alone (see :mod:`saddlesym.recheck.path`).

An edge is a transition when its target fulfils the Karush-Kuhn-Tucker conditions on the
common face, which the numbers of the two nodes show; nothing is minimised here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import inf
from typing import Any

from flint import fmpq

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.forms import fits
from saddlesym.exact.scalars import read_exact
from saddlesym.exact.vectors import RationalVector
from saddlesym.recheck.chains import no_shape_holds, shape_holds, stop_holds, walk
from saddlesym.recheck.forms import graph as result_forms
from saddlesym.recheck.metered import MeteredQuadratic
from saddlesym.recheck.path import Certificate, Claim, all_hold, within_budget
from saddlesym.recheck.signed_points import SignedPoint, SignedPoints, follows_signs, signs_of
from saddlesym.recheck.work import Work, number_of_sets

#: Most active sets solved, and pairs of saddles compared.
MAX_SETS, MAX_PAIRS = 20_000, 2**25

Pair = tuple[int, int]


def certify_graph(document: dict[str, Any], work: Work | None = None) -> Certificate:
    """Decide every claim of a document of ``saddlesym graph --json``.

    Checked are that each node is a saddle with its loss and Morse index, that each edge
    is a transition with its rates, that no saddle and no transition is missing as far as
    the document says so, and that the visited saddles with their times are the path.

    Args:
        document: of JSON.
        work: what may be spent; by default there is no bound.

    Raises:
        BadInputError: the document does not have the expected form.
    """
    fits(document, result_forms.graph, "a graph document")
    try:
        return Certificate(tuple(within_budget(_claims(document, work or Work(inf)))))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError(
            f"not a graph document ({type(error).__name__}: {shown(error)})",
            needed="the JSON that `saddlesym graph --json` writes",
        ) from None


def _claims(document: dict[str, Any], work: Work) -> Iterator[Claim]:
    yield from _Verifier(document, work).claims()


class _Verifier:
    def __init__(self, document: dict[str, Any], work: Work) -> None:
        self.document, self.work = document, work
        self.partial = "partial" in document
        self.form = MeteredQuadratic(document["problem"], work)
        self.points = SignedPoints(self.form)
        self.d = self.points.d
        self.entries, self.edges = document["nodes"], document["edges"]
        self.limit = document["max_support"]
        self.elementary, self.reachable = document["elementary"], document["reachable_only"]
        self.nodes = [self.points.at(RationalVector.read(entry["beta"])) for entry in self.entries]
        self.ids = {node.mask: k for k, node in enumerate(self.nodes)}
        self.pairs = [(self._id(edge["source"]), self._id(edge["target"])) for edge in self.edges]
        self.visited = [self._id(k) for k in document["visited"]]
        self.steps = set(pairwise(self.visited))
        self.undetermined = [(self._id(s), self._id(t)) for s, t in document["undetermined"]]

    def _id(self, value: Any) -> int:
        if not 0 <= value < len(self.entries):
            raise BadInputError(f"id {shown(value)}", needed="the id of a node")
        return int(value)

    def claims(self) -> Iterator[Claim]:
        """All claims in order."""
        failed: dict[str, tuple[bool | None, str]] = {}
        for k, (entry, node) in enumerate(zip(self.entries, self.nodes, strict=True)):
            _note_failures(failed, self._node_claims(k, entry, node), f"at node {k}")
        for edge, pair in zip(self.edges, self.pairs, strict=True):
            where = f"from node {pair[0]} to node {pair[1]}"
            _note_failures(failed, self._edge_claims(edge, pair), where)
        for text in (*_NODE_TEXTS, *_EDGE_TEXTS):
            yield Claim(text, *failed.get(text, (True, "")))
        order = [(len(node.support), sorted(node.support)) for node in self.nodes]
        ordered = all(a < b for a, b in pairwise(order)) and all(a < b for a, b in pairwise(self.pairs))
        yield Claim("nodes and edges are in order, none twice", ordered)
        yield self._undetermined()
        yield Claim("max_support is no more than there are columns", self.limit <= self.d)
        if not self.partial:
            yield from self._nodes_complete()
            yield from self._edges_complete()
        yield from self._path()
        yield from self._answers()
        yield from self._orbits()

    def _node_claims(self, k: int, entry: dict[str, Any], node: SignedPoint) -> list[tuple[str, bool | None]]:
        support, beta = entry["support"], RationalVector.read(entry["beta"])
        block = self.form.block(sorted(node.support))
        critical = all(node.gradient[i] == 0 for i in node.support)
        isolated = not node.support or block.rank() == len(node.support)
        values = (
            entry["id"] == k,
            support == sorted(node.support) and len(support) <= self.limit <= self.d,
            entry["signs"] == list(beta.signs()),
            critical and isolated,
            read_exact(entry["loss"]) == self.form.loss(beta),
            entry["morse_index"] == sum(1 for g in node.gradient if g != 0),
        )
        return list(zip(_NODE_TEXTS, values, strict=True))

    def _edge_claims(self, edge: dict[str, Any], pair: Pair) -> list[tuple[str, bool | None]]:
        source, target = (self.nodes[k] for k in pair)
        entered = sorted(target.support - source.support)
        rates = [2 * abs(source.gradient[j]) for j in entered]
        falls = read_exact(self.entries[pair[1]]["loss"]) < read_exact(self.entries[pair[0]]["loss"])
        values = (
            edge["entered"] == entered and edge["left"] == sorted(source.support - target.support),
            [read_exact(text) for text in edge["rates"]] == rates,
            edge["elementary"] == (len(entered) == 1),
            self._is_minimiser(pair),
            falls,
            edge["visited"] == (pair in self.steps),
        )
        return list(zip(_EDGE_TEXTS, values, strict=True))

    def _is_minimiser(self, pair: Pair) -> bool | None:
        """Whether the target is the minimiser on the face; None: not known whether the only one."""
        source, target = (self.nodes[k] for k in pair)
        return follows_signs(source, target) and self.points.only_one(target, signs_of(source))

    def _undetermined(self) -> Claim:
        """Pairs that would be edges if their minimiser were the only one."""
        pairs = self.undetermined
        text = "undetermined pairs are in order, none twice, and have several minimisers on their face"
        if any(a >= b for a, b in pairwise(pairs)):
            return Claim(text, False, "out of order")
        if self.elementary and pairs:
            return Claim(text, False, "steps of one column have a unique minimiser")
        answers: list[bool | None] = []
        for source, target in pairs:
            s, t = self.nodes[source], self.nodes[target]
            unique = self.points.only_one(t, signs_of(s)) if follows_signs(s, t) else True
            answers.append(None if unique is None else not unique)
        return Claim(text, all_hold(answers))

    def _nodes_complete(self) -> Iterator[Claim]:
        dependent = self.document["dependent_active_sets"]
        self.universe: list[SignedPoint] | None = None
        none_missing = f"no saddle of up to {self.limit} columns is missing"
        if self.elementary and self.reachable:
            yield Claim("the list does not claim to hold all saddles", dependent is None)
        elif number_of_sets(self.d, self.limit, MAX_SETS) > MAX_SETS:
            yield Claim(
                f"{none_missing}, and dependent active sets are counted", None, "too many active sets"
            )
        else:
            self.universe, singular, missing = [], 0, ""
            for size in range(min(self.limit, self.d) + 1):
                for active in combinations(range(self.d), size):
                    point = self.points.critical(active)
                    if point is None:
                        singular += 1
                    elif list(point.support()) == list(active):
                        self.universe.append(self.points.at(point))
                        if self.universe[-1].mask not in self.ids:
                            missing = f"active set {list(active)}"
            if not self.reachable:
                yield Claim(none_missing, not missing, missing)
            text = "the number of dependent active sets is right"
            yield Claim(text, dependent == singular)
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
            yield Claim(f"{text}, and those left out are counted", None, "too many pairs")
            return
        self.work.steps(len(self.nodes) * len(self.universe))
        missing = ""
        for k, s in enumerate(self.nodes):
            for t in self.universe:
                if follows_signs(s, t) and (k, self.ids.get(t.mask, -1)) not in listed:
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
        only = True
        for s, t in self.pairs:
            entered = self.nodes[t].support - self.nodes[s].support
            only = only and (len(entered) == 1 or (s, t) in self.steps)
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
                point = self.points.critical(sorted({*node.support, j}))
                beyond = point is not None and len(node.support) == self.limit
                if not beyond or point is None or not self._keeps_signs(node, point, j):
                    missing = f"column {j} of node {k}"
                cut += 1
        yield Claim("every unstable column of every node has its elementary transition, or is cut",
                    not missing, missing)  # fmt: skip
        yield Claim("the number of transitions cut off is right", self.document["cut"] == cut)

    def _keeps_signs(self, node: SignedPoint, point: RationalVector, entering: int) -> bool:
        face, signs = (*node.support, entering), point.signs()
        return all(signs[i] == (1 if node.up >> i & 1 else -1) for i in face)

    def _path(self) -> Iterator[Claim]:
        times = [self.entries[k]["time"] for k in self.visited]
        marked = [k for k, entry in enumerate(self.entries) if entry["visited"]]
        timed = [k for k, entry in enumerate(self.entries) if entry["time"] is not None]
        yield Claim("visited nodes alone are marked and have a time",
                    marked == timed == sorted(set(self.visited)))  # fmt: skip
        listed = set(self.pairs)
        yield Claim("steps of the path are edges", all(step in listed for step in pairwise(self.visited)))
        chain = [self.nodes[k] for k in self.visited]
        found = walk(self.points, chain, [read_exact(t) for t in times], [fmpq(1)] * self.d)
        text = (
            "the visited saddles and times obey s' = −∇L(β), s ∈ ∂‖β‖₁, each the only minimiser when reached"
        )
        yield Claim(text, found.holds, found.detail)
        note = self.document["path_note"]
        text = "the path ends at a global minimum, or where and why it is said to stop"
        stops: bool | None = found.holds
        if found.holds:
            stops = stop_holds(self.points, chain[-1], found.dual, note, self.limit)
        yield Claim(text, stops, shown(note, 80) if note else "")

    def _answers(self) -> Iterator[Claim]:
        """Whatever else was asked for."""
        for name in ("chain_of_shape", "shape_of_chain"):
            answer = self.document.get(name)
            if answer is None:
                continue
            if "kappa" in answer:
                whole = name == "chain_of_shape"
                holds, detail = shape_holds(self.points, answer, whole)
                verb = "takes" if whole else "begins with"
                text = f"the flow of the shape κ {verb} its chain at its times: s' = −∇L(β), |s_i| ≤ κ_i"
            else:
                holds, detail = no_shape_holds(self.points, answer)
                text = "the chain is taken for no shape with the entering columns alone at their thresholds"
            yield Claim(text, holds, "" if holds else detail)

    def _orbits(self) -> Iterator[Claim]:
        """Numerical evidence that is kept beside the graph."""
        if "check" not in self.document:
            return
        listed = {(tuple(sorted(self.nodes[s].support)), tuple(sorted(self.nodes[t].support)))
                  for s, t in self.pairs}  # fmt: skip
        record, right, counts = self.document["check"], True, dict.fromkeys(result_forms.VERDICTS, 0)
        for one in record["checked"]:
            counts[one["verdict"]] += 1
            pair = tuple(one["source"]), tuple(one["target"])
            right = right and one["edge"] == (pair in listed)
        yield Claim("recorded orbits are called edges where they are edges", right)
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        yield Claim("the recorded orbits are not followed again", None, f"recorded: {told}", aside=True)


def _note_failures(
    failed: dict[str, tuple[bool | None, str]], answers: list[tuple[str, bool | None]], where: str
) -> None:
    """Keep the first failure of every claim; what is false goes before what is not known."""
    for text, holds in answers:
        if not holds and (text not in failed or (holds is False and failed[text][0] is None)):
            failed[text] = holds, where


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
