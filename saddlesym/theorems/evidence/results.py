"""The results of a verification, and its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.grids import Displayed, Grid
from saddlesym.theorems.catalogue import statement
from saddlesym.theorems.evidence.status import Status, overall
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.statement import Statement


@dataclass(frozen=True)
class Result(Documented):
    """What was found about one statement.

    Attributes:
        statement: the statement.
        proof: evidence of its proof; None when there is none, or data were given.
        checks: all other evidence.
        status: derived from the evidence along what the statement uses; None when the
            checks were run on given data, which say nothing about other data.
    """

    statement: Statement
    proof: Evidence | None
    checks: tuple[Evidence, ...]
    status: Status | None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence, the proof first."""
        return self.checks if self.proof is None else (self.proof, *self.checks)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the evidence taken together."""
        return overall(self.proof, self.checks)

    @property
    def as_expected(self) -> bool:
        """Whether nothing is wrong: no theorem fails, and no folklore stands."""
        wrong = Verdict.HOLDS if self.statement.is_folklore else Verdict.FAILS
        return self.verdict is not wrong

    @property
    def undecided(self) -> int:
        """How many tries of its checks ended without an answer."""
        return sum(item.undecided or item.verdict is Verdict.UNDECIDED for item in self.checks)

    @property
    def best(self) -> Evidence | None:
        """The evidence that decides: the strongest of those that agree with the verdict."""
        agreeing = [item for item in self.evidence if item.verdict is self.verdict]
        return min(agreeing, key=lambda item: list(Kind).index(item.kind), default=None)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        out: dict[str, Any] = {
            "kind": self._kind,
            "id": self.statement.id,
            "wing": self.statement.wing,
            "standing": self.statement.standing,
            "folklore": self.statement.is_folklore,
            "verdict": str(self.verdict),
            "evidence": [item.to_dict() for item in self.evidence],
        }
        if self.status is not None:
            out |= {"status": str(self.status), "graded": entry(self.status)}
        return out

    @classmethod
    def _read(cls, given: Fields) -> Result:
        """A result about a statement that is known."""
        evidence = given("evidence", tuple[Evidence, ...])
        proof = evidence[0] if evidence and evidence[0].kind is Kind.PROOF else None
        checks = evidence if proof is None else evidence[1:]
        return cls(statement(given("id", str)), proof, checks, given("graded", Status | None, None))


@dataclass(frozen=True)
class Report(Displayed, Documented, kind="verification"):
    """The results of one verification, in the order of the catalogue.

    Attributes:
        results: one per statement.
        seed: seed of the campaigns.
        instances: instances asked for per check.
        on_data: whether the checks were run on given data.
        partial: whether it was interrupted: what was not finished is UNDECIDED.
    """

    results: tuple[Result, ...]
    seed: int
    instances: int
    on_data: bool = False
    partial: bool = False

    @property
    def exercised(self) -> int:
        """How often a check truly tried an instance; recorded counterexamples do not count."""
        theorems = (result for result in self.results if not result.statement.is_folklore)
        return sum(item.exercised for result in theorems for item in result.checks)

    @property
    def undecided(self) -> int:
        """How many tries of checks ended without an answer."""
        return sum(result.undecided for result in self.results)

    @property
    def exit_status(self) -> int:
        """0 all hold (folklore fails, as it must), 1 one does not, 3 something is undecided.

        On given data one check that could not decide is enough for 3.
        """
        if not all(result.as_expected for result in self.results):
            return 1
        verdicts = {result.verdict for result in self.results}
        decided = {Verdict.HOLDS, Verdict.FAILS} & verdicts
        if Verdict.UNDECIDED in verdicts or not decided:
            return 3
        return 3 if self.on_data and self.undecided else 0

    def grid(self, limit: int | None = None) -> Grid:
        """One row per statement: verdict, status where there is one, and the evidence that decides."""
        rows = tuple(
            (
                one.statement.id,
                str(one.verdict),
                "" if one.status is None else str(one.status),
                "" if one.best is None else f"{one.best.kind}: {one.best.detail}",
            )
            for one in self.results[:limit]
        )
        where = "on the data" if self.on_data else f"on sampled instances, seed {self.seed}"
        header = ("statement", "verdict", "status", "evidence")
        more = len(self.results) - len(rows)
        return Grid(f"Statements, checked {where}", header, rows, frozenset(range(4)), more)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "kind": self._kind,
            "statements": list(map(entry, self.results)),
            "exercised": self.exercised,
            "undecided": self.undecided,
            "seed": self.seed,
            "instances": self.instances,
            "on_data": self.on_data,
        } | ({"partial": True} if self.partial else {})

    @classmethod
    def _read(cls, given: Fields) -> Report:
        return cls(
            given("statements", tuple[Result, ...]),
            given("seed", int),
            given("instances", int),
            given("on_data", bool),
            given("partial", bool, False),
        )
