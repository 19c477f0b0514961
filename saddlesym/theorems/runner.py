"""Verification: proofs, campaigns of checks, counterexamples to folklore, and checks on given data.

Work is cut into units that need nothing but plain values, so that they can run in
other processes.  What comes out depends on the seed, never on the number of jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from saddlesym.display import Displayed, Grid
from saddlesym.errors import BadInputError, SaddlesymError
from saddlesym.theorems.assumptions import first_unmet
from saddlesym.theorems.catalogue import in_order_of_use, statement, statements
from saddlesym.theorems.checks import checks, checks_of
from saddlesym.theorems.checks.check import evidence
from saddlesym.theorems.folklore import recorded
from saddlesym.theorems.proof import load_proof, proof_files, run_proof_of
from saddlesym.theorems.samplers import instance
from saddlesym.theorems.statement import Statement
from saddlesym.theorems.status import Status, derived, overall
from saddlesym.theorems.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.wings import TITLES, Problem, of_usual_size, restored, wing_of
from saddlesym.workers import workers

#: The command that checks statements of a wing on data.
_COMMANDS = {"diagonal": "verify DATA", "deep": "deep verify DATA"}
#: Instances in one unit of work.
_BATCH = 25
#: Fewest instances that a costly check is given, unless fewer are asked for.
_FEWEST = 3


@dataclass(frozen=True)
class Result:
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
            "id": self.statement.id,
            "wing": self.statement.wing,
            "standing": self.statement.standing,
            "folklore": self.statement.is_folklore,
            "verdict": str(self.verdict),
            "evidence": [item.to_dict() for item in self.evidence],
        }
        if self.status is not None:
            out["status"] = str(self.status)
        return out


@dataclass(frozen=True)
class Report(Displayed):
    """The results of one verification, in the order of the catalogue.

    Attributes:
        results: one per statement.
        seed: seed of the campaigns.
        instances: instances asked for per check.
        on_data: whether the checks were run on given data.
    """

    results: tuple[Result, ...]
    seed: int
    instances: int
    on_data: bool = False

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
            "statements": [result.to_dict() for result in self.results],
            "exercised": self.exercised,
            "undecided": self.undecided,
            "seed": self.seed,
        }


@dataclass(frozen=True)
class _Unit:
    """A piece of work: ``kind`` is proof, campaign, folklore or data."""

    kind: str
    statement: str
    check: int = -1
    seed: int = 0
    start: int = 0
    stop: int = 0
    document: dict[str, Any] | None = None
    names: tuple[str, ...] = ()


def verify(
    ids: Sequence[str] = (),
    problem: Problem | None = None,
    *,
    instances: int = 200,
    seed: int = 1,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Run proofs and checks of statements, or check them on given data.

    Args:
        ids: statements; when empty all of them, or with data all of their wing.
        problem: with data, only instance checks are run, on these data; a statement
            with an assumption that does not hold there is SKIPPED.
        instances: sampled instances per check; costly checks get a fixed share of it.
        seed: seed of the samplers.
        jobs: number of processes.
        progress: called with the number of units of work done (see :func:`work`).

    Raises:
        BadInputError: an unknown id, one of the other wing than the data, or numbers
            below one.

    >>> verify(["loss-falls"], instances=5).results[0].verdict
    <Verdict.HOLDS: 'HOLDS'>
    """
    if instances < 1 or jobs < 1:
        raise BadInputError(f"{instances} instances, {jobs} jobs", needed="at least one of each")
    chosen = _chosen(ids, problem)
    units = list(_units(chosen, problem, instances, seed))
    found: list[list[Evidence]] = [[] for _ in units]
    for done, (k, items) in enumerate(_performed(units, jobs), 1):
        found[k] = items
        if progress is not None:
            progress(done)
    return Report(_results(chosen, units, found), seed, instances, on_data=problem is not None)


def work(ids: Sequence[str] = (), problem: Problem | None = None, *, instances: int = 200) -> int:
    """How many units of work :func:`verify` would do."""
    return sum(1 for _ in _units(_chosen(ids, problem), problem, instances, 0))


def _chosen(ids: Sequence[str], problem: Problem | None) -> list[str]:
    asked = [statement(one) for one in dict.fromkeys(ids)]
    if problem is None:
        return [entry.id for entry in asked] or list(statements())
    wing = wing_of(problem)
    for entry in asked:
        if entry.wing != wing:
            raise BadInputError(
                f"{entry.id} is about {TITLES[entry.wing].lower()}, these data are not",
                needed=f"a statement about {TITLES[wing].lower()}",
                hint=f"`saddlesym {_COMMANDS[entry.wing]} {entry.id}`",
            )
    return [entry.id for entry in asked or statements().values() if entry.wing == wing]


def _units(chosen: Sequence[str], problem: Problem | None, instances: int, seed: int) -> Iterator[_Unit]:
    if problem is not None:
        document = problem.to_dict()
        names = tuple(getattr(problem, "feature_names", ()))
        for one in chosen:
            yield _Unit("data", one, document=document, names=names)
        yield from (_Unit("folklore", one) for one in chosen if statement(one).is_folklore)
        return
    # costly work first, so that the processes end together
    yield from (_Unit("proof", one) for one in _with_uses(chosen) if one in proof_files())
    ordered = sorted(enumerate(checks()), key=lambda entry: entry[1].share)
    for index, check in ordered:
        if check.statement not in chosen:
            continue
        number = min(instances, max(_FEWEST, round(instances * check.share)))
        batch = max(1, round(_BATCH * check.share))
        for start in range(0, number, batch):
            stop = min(number, start + batch)
            yield _Unit("campaign", check.statement, index, seed, start, stop)
    yield from (_Unit("folklore", one) for one in chosen if statement(one).is_folklore)


def uses_of(one: str) -> tuple[str, ...]:
    """What a statement rests on: what the catalogue says, and what its proof imports."""
    imports = load_proof(one).imports if one in proof_files() else ()
    return tuple(dict.fromkeys((*statement(one).uses, *imports)))


@cache
def order_of_use() -> tuple[str, ...]:
    """All ids, every statement after those that it or its proof rests on."""
    return tuple(TopologicalSorter({one: uses_of(one) for one in in_order_of_use()}).static_order())


def _with_uses(chosen: Iterable[str]) -> list[str]:
    """The chosen statements and all that they rest on, in order of use."""
    wanted, waiting = set(chosen), list(chosen)
    while waiting:
        fresh = [used for used in uses_of(waiting.pop()) if used not in wanted]
        wanted.update(fresh)
        waiting.extend(fresh)
    return [one for one in order_of_use() if one in wanted]


def _performed(units: Sequence[_Unit], jobs: int) -> Iterator[tuple[int, list[Evidence]]]:
    if jobs == 1 or len(units) < 2:
        for k, unit in enumerate(units):
            yield k, perform(unit)
        return
    with workers(min(jobs, len(units))) as pool:
        waiting = {pool.submit(perform, unit): k for k, unit in enumerate(units)}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def perform(unit: _Unit) -> list[Evidence]:
    """Do one piece of work."""
    if unit.kind == "proof":
        return [run_proof_of(unit.statement).evidence]
    if unit.kind == "folklore":
        return [_refutation(unit.statement)]
    if unit.kind == "data":
        assert unit.document is not None
        wing = statement(unit.statement).wing
        return _on_data(unit.statement, restored(wing, unit.document, unit.names))
    check = checks()[unit.check]
    assumptions = statement(unit.statement).assumptions
    out = []
    for number in range(unit.start, unit.stop):
        problem = instance(check.family, unit.seed, number, assumptions)
        if problem is None:
            out.append(Evidence(check.kind, Verdict.SKIPPED, 0, "no admissible instance was drawn"))
        else:
            out.append(check(problem))
    return out


def _refutation(one: str) -> Evidence:
    """The recorded counterexample, worked out anew."""
    counterexample = recorded(one)
    try:
        violated = counterexample.refutes()
    except SaddlesymError as error:
        return Evidence(Kind.EXACT, Verdict.UNDECIDED, 0, str(error), recorded=True)
    if violated is None:
        detail = "the counterexample on record does not refute it"
        return Evidence(Kind.EXACT, Verdict.HOLDS, 1, detail, recorded=True)
    detail = f"{counterexample.told}: {violated}"
    return Evidence(Kind.EXACT, Verdict.FAILS, 1, detail, counterexample.to_dict(), recorded=True)


def _on_data(one: str, problem: Problem) -> list[Evidence]:
    entry = statement(one)
    laws = checks_of(one)
    unmet = first_unmet(entry.assumptions, problem)
    if unmet is not None:
        name, finding = unmet
        verdict = Verdict.SKIPPED if finding.holds is False else Verdict.UNDECIDED
        told = "does not hold" if finding.holds is False else "could not be decided"
        return [
            Evidence(laws[0].kind if laws else Kind.EXACT, verdict, 0, f"{name} {told}: {finding.reason}")
        ]
    if entry.is_folklore:
        found = evidence(Kind.EXACT, recorded(one).law, problem)
        return [
            replace(
                found, detail=f"on these data: {'it holds' if not found.counterexample else found.detail}"
            )
        ]
    own = of_usual_size(problem)
    pairs = [(check, (problem, "") if check.kind is Kind.EXACT else own) for check in laws]
    items = [(check(data), units) for check, (data, units) in pairs]
    return [replace(item, counterexample=None, detail=item.detail + units) for item, units in items]


def _results(
    chosen: Sequence[str], units: Sequence[_Unit], found: Sequence[list[Evidence]]
) -> tuple[Result, ...]:
    proofs: dict[str, Evidence] = {}
    single: dict[str, list[Evidence]] = {one: [] for one in chosen}
    campaigns: dict[int, list[Evidence]] = {}
    for unit, items in zip(units, found, strict=True):
        if unit.kind == "proof":
            proofs[unit.statement] = items[0]
        elif unit.kind == "campaign":
            campaigns.setdefault(unit.check, []).extend(items)
        else:
            single[unit.statement].extend(items)
    for index in sorted(campaigns):
        single[checks()[index].statement].append(_summary(index, campaigns[index]))
    entries = statements()
    with_data = any(unit.kind == "data" for unit in units)
    order = [one for one in order_of_use() if one in single or one in proofs]
    status: dict[str, Status] = {}
    if not with_data:
        status = derived(order, entries, proofs, single, {one: uses_of(one) for one in order})
    return tuple(
        Result(entries[one], proofs.get(one), tuple(single[one]), status.get(one))
        for one in entries
        if one in single
    )


def _summary(index: int, items: Sequence[Evidence]) -> Evidence:
    """The evidence of a campaign from that of its instances."""
    check = checks()[index]
    failed = [item for item in items if item.verdict is Verdict.FAILS]
    exercised = sum(item.exercised for item in items)
    if failed:
        return replace(failed[0], exercised=exercised, detail=f"{check.sentence}: {failed[0].detail}")
    undecided = [item for item in items if item.verdict is Verdict.UNDECIDED]
    skipped = len(items) - exercised - len(undecided)
    counts = f"{exercised} of {len(items)} instances exercised"
    if undecided:
        counts += f", {len(undecided)} undecided ({undecided[0].detail})"
    if skipped:
        counts += f", {skipped} not admissible"
    verdict = Verdict.HOLDS if exercised else Verdict.UNDECIDED
    detail = f"{check.sentence}: {counts}"
    return Evidence(check.kind, verdict, exercised, detail, undecided=len(undecided))
