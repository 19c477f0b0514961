"""What an exploration found, and what it could not reach."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb

from saddlesym.diagonal.flow.recovery import Recovery
from saddlesym.diagonal.flow.two_layers.flow import Flow
from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import Saddle, SaddleFamily
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exploration.settings import Settings
from saddlesym.graph.build import transition_graph
from saddlesym.graph.diagonal import SaddleGraph
from saddlesym.grids import Displayed, Grid
from saddlesym.recheck.path import Certificate, certify
from saddlesym.theorems.evidence.results import Report


@dataclass(frozen=True)
class NotReached(Documented):
    """Something that was not done, or not to its end, and why.

    Attributes:
        part: path, saddles, graph, flow or verdicts.
        reason: one sentence; may quote names of columns.
        remedy: what goes further, a command or a call; may be empty.
    """

    part: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class Agreement:
    """An exact jump time beside the one that flows alone gave back.

    Attributes:
        jump: number of the jump (from 1).
        exact: t_k of the exact path.
        recovered: t_k from the flows.
        constant: c_k of the jump-time law, from the flows.
        same_event: whether the flows show the same columns entering and leaving.
    """

    jump: int
    exact: Fraction
    recovered: Ball
    constant: Ball
    same_event: bool

    @property
    def holds(self) -> bool:
        """Whether the recovered ball contains the exact time, for the same event."""
        return self.same_event and self.recovered.contains(self.exact)

    @property
    def gap(self) -> float:
        """|recovered − exact|."""
        with workprec(256):
            return float(abs(self.recovered.arb.mid() - arb(to_fmpq(self.exact))))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        mid, radius = self.recovered.decimal()
        return {
            "jump": self.jump,
            "recovered": mid,
            "radius": radius,
            "agrees": self.holds,
        }


@dataclass(frozen=True, repr=False)
class Exploration(Displayed, Documented):
    """All that ``explore`` found about a data set.

    Attributes:
        problem: the data.
        settings: scales, digits and budgets.
        path: the exact path, as far as it is determined.
        certificate: the path re-checked from the data alone.
        saddles: all saddles with at most ``saddle_size`` columns.
        saddle_size: see there.
        graph: the transitions; None when there was none to make.
        flows: one per scale that could be followed.
        recovery: jump times from three or more scales; None when they could not be told.
        agreements: recovered beside exact.
        report: verdicts on these data.
        limits: what was not done, or not to its end.
        stopped: why the path was not followed further, where a stop ended it.
        missing: parts of the document that there are not because Ctrl-C came first; then the
            exploration is partial, and the others go as far as they had come.
    """

    problem: DiagonalProblem
    settings: Settings
    path: SaddlePath
    certificate: Certificate
    saddles: tuple[Saddle | SaddleFamily, ...]
    saddle_size: int
    graph: SaddleGraph | None
    flows: tuple[Flow, ...]
    recovery: Recovery | None
    agreements: tuple[Agreement, ...]
    report: Report
    limits: tuple[NotReached, ...] = field(default=())
    stopped: str = ""
    missing: tuple[str, ...] | None = None

    @property
    def partial(self) -> bool:
        """Whether Ctrl-C cut it off."""
        return self.missing is not None

    def limits_of(self, *parts: str) -> tuple[NotReached, ...]:
        """The limits of some parts."""
        return tuple(limit for limit in self.limits if limit.part in parts)

    def grid(self, limit: int | None = None) -> Grid:
        """The path; see the attributes for all else."""
        return self.path.grid(limit)

    def to_dict(self) -> dict[str, Any]:
        """One JSON document; ``saddlesym check`` re-verifies its exact parts."""
        data = self.problem.data_document()
        path = self.path.to_dict()
        del path["problem"]
        document = {
            "kind": self._kind,
            "features": list(self.problem.feature_names),
            "settings": entry(self.settings),
            "limits": list(map(entry, self.limits)),
            "stopped": self.stopped,
            "path": path,
            "saddles": {
                "kind": "saddles",
                "features": list(self.problem.feature_names),
                "max_support": self.saddle_size,
                "complete": True,
                "saddles": [saddle.to_dict() for saddle in self.saddles],
            },
            "graph": self._graph_document(),
            "graph_saddles": None if self.graph is None else len(self.graph),
            "flows": list(map(_without_data, self.flows)),
            "recovery": None if self.recovery is None else _without_data(self.recovery),
            "agreements": [one.to_dict() for one in self.agreements],
            "verdicts": _verdicts(self.report),
            "problem": data,
        }
        if self.missing is None:
            return document
        return {name: part for name, part in document.items() if name not in self.missing} | {"partial": True}

    @classmethod
    def _read(cls, given: Fields) -> Exploration:
        """Path, saddles and verdicts as the document says, certificate and flows made again."""
        data = {key: given(key, Any) for key in ("features", "problem")}
        problem = given.one("problem", DiagonalProblem, feature_names=given("features", tuple[str, ...]))
        settings, path = given("settings", Settings), given.one("path", SaddlePath, problem=problem)
        size, saddles = settings.max_support(problem.d, settings.listed_sets), ()
        if "saddles" in given:
            size, saddles = given.one("saddles", _Saddles)
        flows = given.each("flows", Flow, problem=problem)
        recovery = None
        if given("recovery", Any) is not None:
            recovery = given.one("recovery", Recovery, problem=problem, known=flows)
        missing = tuple(part for part in ("saddles", "graph") if part not in given)
        return cls(
            problem,
            settings,
            path,
            certify(path),
            saddles,
            size,
            _graph_of(given, data, problem, settings),
            flows,
            recovery,
            agreements_of(path, recovery),
            _report_of(given, problem.data_document()),
            given("limits", tuple[NotReached, ...]),
            given("stopped", str, ""),
            missing if given("partial", bool, False) else None,
        )

    def _graph_document(self) -> dict[str, Any] | None:
        """The graph with its nodes and edges; None where it is larger than what is listed."""
        graph = self.graph
        if graph is None or len(graph) > self.settings.listed_sets:
            return None
        document = graph.to_dict()
        del document["problem"]
        return document

    def __repr__(self) -> str:
        agree = sum(one.holds for one in self.agreements)
        return (
            f"Exploration({len(self.path.jumps)} jumps, {len(self.flows)} flows, "
            f"{agree} of {len(self.agreements)} recovered times agree, {len(self.limits)} limits)"
        )


#: Stands for a counterexample that is the data of the document.
_THESE = "these data"


def _verdicts(report: Report) -> dict[str, Any]:
    """Verdicts on the data; as a counterexample these stand elsewhere in the document, once."""
    document = report.to_dict()
    for result, about in zip(report.results, document["statements"], strict=True):
        for item, told in zip(result.evidence, about["evidence"], strict=True):
            if not item.recorded and item.counterexample is not None:
                told["counterexample"] = _THESE
    return document


def _report_of(given: Fields, data: dict[str, Any]) -> Report:
    """The verdicts of a document, its data put where they were left out."""
    document = deepcopy(given("verdicts", dict[str, Any]))
    for told in document["statements"]:
        for item in told["evidence"]:
            if item.get("counterexample") == _THESE:
                item["counterexample"] = data
    return Report._read(Fields(document, given.seen))


class _Saddles(Documented, kind="saddles"):
    """The list of saddles of a document: how many columns they have at most, and they."""

    @classmethod
    def _read(cls, given: Fields) -> Any:
        return given("max_support", int), given("saddles", tuple[Saddle | SaddleFamily, ...])


def _without_data(result: Any) -> dict[str, Any]:
    """A result within a document that holds its data."""
    return {key: value for key, value in result.to_dict().items() if key not in ("features", "problem")}


def _graph_of(
    given: Fields, data: dict[str, Any], problem: DiagonalProblem, settings: Settings
) -> SaddleGraph | None:
    """The graph of a document; made again where it was too large to be listed."""
    if given("graph_saddles", int | None, None) is None:
        return None
    document = given("graph", dict[str, Any] | None)
    if document is not None:
        return SaddleGraph._read(Fields({**document, **data}, given.seen))
    return transition_graph(problem, max_support=settings.max_support(problem.d, settings.max_sets))


def agreements_of(path: SaddlePath, recovery: Recovery | None) -> tuple[Agreement, ...]:
    """Exact jump times beside those that flows gave back, as far as there are both."""
    out = []
    for k, (jump, found) in enumerate(zip(path, recovery.jumps if recovery else (), strict=False), 1):
        same = set(jump.entered) == set(found.entered) and set(jump.left) == set(found.left)
        out.append(Agreement(k, jump.time, found.time, found.constant, same))
    return tuple(out)
