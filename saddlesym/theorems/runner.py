"""Verification: proofs, campaigns of checks, counterexamples to folklore, and checks on given data.

Work is cut into units that need nothing but plain values, so that they can run in
other processes.  What comes out depends on the seed, never on the number of jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from graphlib import TopologicalSorter
from math import isfinite
from threading import Event
from typing import Any

from saddlesym.diagonal.path.data_precision import Stop
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, SaddlesymError, shown
from saddlesym.progress import Listener, Progress
from saddlesym.theorems.assumptions import first_unmet
from saddlesym.theorems.catalogue import in_order_of_use, statement, statements
from saddlesym.theorems.checks import checks, checks_of
from saddlesym.theorems.diagonal.assumptions import path_of, stopped_paths
from saddlesym.theorems.evidence.check import evidence
from saddlesym.theorems.evidence.kernel import kernel_evidence
from saddlesym.theorems.evidence.results import Report, Result
from saddlesym.theorems.evidence.status import Status, derived
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.folklore import recorded
from saddlesym.theorems.proof import load_proof, proof_files, run_proof_of
from saddlesym.theorems.samplers import instance
from saddlesym.theorems.wings import TITLES, Problem, of_usual_size, restored, wing_of
from saddlesym.workers import Budget, NotDone, performed

#: The command that checks statements of a wing on data.
_COMMANDS = {"diagonal": "verify DATA", "deep": "deep verify DATA"}
#: Instances in one unit of work.
_BATCH = 25
#: Fewest instances that a costly check is given, unless fewer are asked for.
_FEWEST = 3


@dataclass(frozen=True)
class _Unit:
    """A piece of work: ``kind`` is proof, campaign, folklore or data.

    ``check`` is the number of the check: of all checks in a campaign, of those of the statement on data.
    """

    kind: str
    statement: str
    check: int = -1
    seed: int = 0
    start: int = 0
    stop: int = 0
    document: dict[str, Any] | None = None
    names: tuple[str, ...] = ()
    stopped: Stop | None = None


class VerificationInterrupted(KeyboardInterrupt):
    """Ctrl-C in a verification; ``report`` holds every verdict reached before, the others UNDECIDED."""

    def __init__(self, report: Report) -> None:
        super().__init__("the verification was interrupted")
        self.report = report


def verify(
    problem: Problem | None = None,
    ids: Sequence[str] = (),
    *,
    instances: int = 200,
    seed: int = 1,
    jobs: int = 1,
    budget: float | None = None,
    check_budget: float | None = None,
    progress: Listener | None = None,
    stop: Event | None = None,
    stop_path: Stop | None = None,
) -> Report:
    """Run proofs and checks of statements, or check them on given data.

    Args:
        problem: with data, only instance checks are run, on these data; a statement
            with an assumption that does not hold there is SKIPPED.
        ids: statements; when empty all of them, or with data all of their wing.
        instances: sampled instances per check; costly checks get a fixed share of it.
        seed: seed of the samplers.
        jobs: number of processes.
        budget: seconds for all of it; what is not finished then is UNDECIDED.
        check_budget: seconds for one check (on data), one proof, or one batch of instances.
        progress: called with the units of work done, and how many there are.
        stop: when set, by another thread, what is not finished is UNDECIDED.
        stop_path: where paths of the data stop, as when they fit its rounding.  What holds of a path up to
            any of its jumps is checked up to there, and says so; the rest on the whole path.

    With a budget, ``stop`` or several jobs, work is done in other processes.  One that is
    ended from outside costs nothing that was finished; see :func:`saddlesym.workers.performed`.

    Raises:
        BadInputError: an unknown id, one of the other wing than the data, numbers
            below one, or a budget that is not positive.
        Interrupted: on Ctrl-C, with the verdicts reached so far.

    >>> verify(ids=["loss-falls"], instances=5).results[0].verdict
    <Verdict.HOLDS: 'HOLDS'>
    """
    if problem is not None and not isinstance(problem, Problem):
        raise BadInputError(f"{shown(problem)} of type {type(problem).__name__}", needed="a problem, or none")
    if instances < 1 or jobs < 1:
        raise BadInputError(f"{instances} instances, {jobs} jobs", needed="at least one of each")
    limits = checked_budget(budget, check_budget)
    chosen = _chosen(ids, problem)
    units = list(_units(chosen, problem, instances, seed, None if stop_path == Stop() else stop_path))
    found: list[list[Evidence] | None] = [None for _ in units]

    def report(partial: bool) -> Report:
        items = [
            _undone(unit, NotDone("it was interrupted")) if one is None else one
            for unit, one in zip(units, found, strict=True)
        ]
        return Report(_results(chosen, units, items), seed, instances, problem is not None, partial)

    try:
        for done, (k, items) in enumerate(_performed(units, jobs, limits, stop), 1):
            found[k] = _undone(units[k], items) if isinstance(items, NotDone) else items
            if progress is not None:
                progress(Progress(done, len(units), "checks"))
    except KeyboardInterrupt:
        raise VerificationInterrupted(report(partial=True)) from None
    return report(partial=False)


def checked_budget(budget: float | None, check_budget: float | None) -> Budget:
    """Seconds for all and for one piece of work.

    Raises:
        BadInputError: one of them is not positive.
    """
    for name, value in (("budget", budget), ("check_budget", check_budget)):
        if value is not None and not (isfinite(value) and value > 0):
            raise BadInputError(f"{name}={value}", needed="a positive number of seconds")
    return Budget(budget, check_budget)


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


def _units(
    chosen: Sequence[str], problem: Problem | None, instances: int, seed: int, stopped: Stop | None = None
) -> Iterator[_Unit]:
    if problem is not None:
        document = problem.data_document()
        names = tuple(getattr(problem, "feature_names", ()))
        for one in chosen:
            for k in range(1 if statement(one).is_folklore else max(1, len(checks_of(one)))):
                yield _Unit("data", one, k, document=document, names=names, stopped=stopped)
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


def _performed(
    units: Sequence[_Unit], jobs: int, limits: Budget, stop: Event | None
) -> Iterator[tuple[int, list[Evidence] | NotDone]]:
    if stop is None and not limits and (jobs == 1 or len(units) < 2):
        yield from ((k, perform(unit)) for k, unit in enumerate(units))
    else:
        yield from performed(perform, [(unit,) for unit in units], jobs, limits, stop)


def _undone(unit: _Unit, left: NotDone) -> list[Evidence]:
    """What stands for the evidence of a piece of work that was not finished."""
    if unit.kind == "campaign":
        one = Evidence(checks()[unit.check].kind, Verdict.UNDECIDED, 0, left.reason)
        return [one] * (unit.stop - unit.start)
    if unit.kind == "data":
        laws = checks_of(unit.statement)
        kind = laws[unit.check].kind if unit.check < len(laws) else Kind.EXACT
        return [Evidence(kind, Verdict.UNDECIDED, 0, left.reason)]
    if unit.kind == "proof":
        return [Evidence(Kind.PROOF, Verdict.UNDECIDED, 0, left.reason)]
    return [Evidence(Kind.EXACT, Verdict.UNDECIDED, 0, left.reason, recorded=True)]


def perform(unit: _Unit) -> list[Evidence]:
    """Do one piece of work."""
    if unit.kind == "proof":
        return [run_proof_of(unit.statement).evidence]
    if unit.kind == "folklore":
        return [_refutation(unit.statement)]
    if unit.kind == "data":
        assert unit.document is not None
        wing = statement(unit.statement).wing
        return _on_data_up_to(unit, restored(wing, unit.document, unit.names))
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


def _on_data_up_to(unit: _Unit, problem: Problem) -> list[Evidence]:
    laws = checks_of(unit.statement)
    if unit.stopped is None or not laws or not laws[unit.check].of_any_part:
        return _on_data(unit.statement, unit.check, problem)
    assert isinstance(problem, DiagonalProblem)
    with stopped_paths(unit.stopped):
        found = _on_data(unit.statement, unit.check, problem)
        try:
            path = path_of(problem)
        except SaddlesymError:
            return found
    if path.complete:
        return found
    part = f" (on the path up to jump {len(path.jumps)}, where it stops)"
    return [replace(item, detail=item.detail + part) for item in found]


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


def _on_data(one: str, number: int, problem: Problem) -> list[Evidence]:
    """The check of this number; an assumption that fails is told once, with the first."""
    entry = statement(one)
    laws = checks_of(one)
    unmet = first_unmet(entry.assumptions, problem)
    if unmet is not None and number > 0:
        return []
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
    if not laws:
        return []
    data, units = (problem, "") if laws[number].kind is Kind.EXACT else of_usual_size(problem)
    item = laws[number](data)
    return [replace(item, counterexample=None, detail=item.detail + units)]


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
        kernel = {one: kernel_evidence(one) for one in order}
        single = {one: [*items, *kernel[one]] for one, items in single.items()}
        others = kernel | single
        status = derived(order, entries, proofs, others, {one: uses_of(one) for one in order})
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
