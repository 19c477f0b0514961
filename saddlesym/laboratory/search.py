"""What came out of a search for a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import saddles
from saddlesym.graph.build import transition_graph
from saddlesym.grids import Displayed, Grid, Name
from saddlesym.laboratory.boxes import told
from saddlesym.laboratory.conjecture import Conjecture
from saddlesym.laboratory.language.evaluation import TextLaw
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.wings import Problem


@dataclass
class Tally:
    """How many data came out how, and the first reason for each outcome.

    Attributes:
        counts: by verdict.
        reasons: the first of each.
    """

    counts: dict[Verdict, int] = field(default_factory=dict)
    reasons: dict[Verdict, str] = field(default_factory=dict)

    def add(self, found: Evidence) -> None:
        """Count one more."""
        self.counts[found.verdict] = self.counts.get(found.verdict, 0) + 1
        if found.detail:
            self.reasons.setdefault(found.verdict, found.detail)

    def merge(self, other: Tally) -> None:
        """Count those of another tally, which come after these."""
        for verdict, number in other.counts.items():
            self.counts[verdict] = self.counts.get(verdict, 0) + number
        for verdict, reason in other.reasons.items():
            self.reasons.setdefault(verdict, reason)

    def __getitem__(self, verdict: Verdict) -> int:
        return self.counts.get(verdict, 0)

    @property
    def tried(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Searched:
    """One space that was searched.

    Attributes:
        space: what it is, in words, as far as it was searched.
        tally: how its data came out.
        whole: whether all of it was searched, or all up to a counterexample.
    """

    space: str
    tally: Tally
    whole: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "space": self.space,
            "whole": self.whole,
            "tried": self.tally.tried,
            **{str(verdict).lower(): self.tally[verdict] for verdict in Verdict},
        }


@dataclass(frozen=True)
class Refutation:
    """Data on which a conjecture is false.

    Attributes:
        problem: the data, exact.
        detail: what is false there.
        found: the same where it was found first; differs from ``problem`` when that was made smaller.
        smallest: what is known of its size: that no data of a box come before it, or that it is small.
    """

    problem: Problem
    detail: str
    found: Problem
    smallest: str


@dataclass(frozen=True)
class Search(Displayed):
    """The outcome of a search for a counterexample.

    Attributes:
        conjecture: what was searched.
        searched: the spaces, in order.
        counterexample: data on which it is false; None when none was found.
        symmetries: the exchanges and changes of sign that were used, and how they are known.
        partial: whether it was interrupted or ran out of its budget.
    """

    conjecture: Conjecture
    searched: tuple[Searched, ...]
    counterexample: Refutation | None
    symmetries: str = ""
    partial: bool = False

    @property
    def tally(self) -> Tally:
        """All data together."""
        out = Tally()
        for one in self.searched:
            out.merge(one.tally)
        return out

    @property
    def verdict(self) -> Verdict:
        """FAILS with a counterexample; HOLDS when it held wherever it was decided, at least once."""
        if self.counterexample is not None:
            return Verdict.FAILS
        tally = self.tally
        if tally[Verdict.UNDECIDED] or not tally[Verdict.HOLDS]:
            return Verdict.UNDECIDED
        return Verdict.HOLDS

    @property
    def exit_status(self) -> int:
        """0 not refuted, 1 refuted, 3 undecided."""
        return {Verdict.FAILS: 1, Verdict.HOLDS: 0}.get(self.verdict, 3)

    @property
    def headline(self) -> str:
        """The verdict in one line; a law that held on many data is never called proved."""
        tally = self.tally
        if self.counterexample is not None:
            return f"REFUTED: {told(self.counterexample.problem)}"
        held, undecided = tally[Verdict.HOLDS], tally[Verdict.UNDECIDED]
        if undecided:
            return f"UNDECIDED on {undecided} data sets ({tally.reasons[Verdict.UNDECIDED]}); held on {held}"
        if not held:
            why = tally.reasons.get(Verdict.SKIPPED, "no data were tried")
            return f"UNDECIDED: no data were decided ({why})"
        return f"HOLDS ON {held} data sets"

    def grid(self, limit: int | None = None) -> Grid:
        """One row per space that was searched."""
        rows = tuple(
            (
                one.space,
                one.tally.tried,
                *(one.tally[verdict] for verdict in Verdict),
                "yes" if one.whole else "no",
            )
            for one in self.searched[:limit]
        )
        header = ("searched", "data", "held", "fails", "undecided", "skipped", "whole")
        return Grid(Name(self.headline).text, header, rows, frozenset({0}), len(self.searched) - len(rows))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; read by ``saddlesym check``."""
        one = self.conjecture
        tally = self.tally
        document: dict[str, Any] = {
            "kind": "conjecture",
            "name": one.name,
            "says": one.says,
            "law": one.text or None,
            "about": one.about,
            "assumes": [
                name if isinstance(name, str) else getattr(name, "__name__", "?") for name in one.assumes
            ],
            "verdict": "REFUTED" if self.verdict is Verdict.FAILS else str(self.verdict),
            "tried": tally.tried,
            **{str(verdict).lower(): tally[verdict] for verdict in Verdict},
            "reasons": {str(verdict).lower(): reason for verdict, reason in sorted(tally.reasons.items())},
            "searched": [space.to_dict() for space in self.searched],
            "symmetries": self.symmetries,
            "counterexample": None,
        }
        if self.partial:
            document["partial"] = True
        found = self.counterexample
        if found is not None:
            document["counterexample"] = {
                "detail": found.detail,
                "smallest": found.smallest,
                "found": found.found.to_dict(),
                "problem": found.problem.data_document(),
                **_certified(found.problem, one),
            }
        return document

    def __repr__(self) -> str:
        return f"Search({self.headline})"


def _certified(problem: Problem, conjecture: Conjecture) -> dict[str, Any]:
    """The results that a law speaks of, as documents that are checked without the solver."""
    if not isinstance(problem, DiagonalProblem) or conjecture.kind is not Kind.EXACT:
        return {}
    law = conjecture.law
    wanted = law.parts if isinstance(law, TextLaw) else {conjecture.about}
    out: dict[str, Any] = {"features": list(problem.feature_names)}
    documents: dict[str, Callable[[], dict[str, Any]]] = {
        "path": lambda: saddle_path(problem).to_dict(),
        "saddles": lambda: {
            "kind": "saddles",
            "max_support": problem.d,
            "saddles": [one.to_dict() for one in saddles(problem)],
            "complete": True,
        },
        "graph": lambda: transition_graph(problem).to_dict(),
    }
    for part in sorted(wanted & documents.keys()):
        out[part] = {k: v for k, v in documents[part]().items() if k not in ("problem", "features")}
    return out
