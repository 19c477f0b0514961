"""The status of a statement, derived from evidence along what it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from saddlesym.exact.documents.results import Documented
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.statement import Statement


class Grade(StrEnum):
    """How well a statement stands, best first; FALSE and REFUTED_AS_EXPECTED lie outside the order."""

    KERNEL = "kernel-checked"
    ARGUED = "argued; every formula checked"
    ARGUED_MODULO = "argued modulo"
    ARGUED_IN_PART = "argued in part"
    SUPPORTED = "supported"
    UNDECIDED = "undecided"
    SKIPPED = "skipped"
    FALSE = "false"
    REFUTED_AS_EXPECTED = "refuted, as expected"


@dataclass(frozen=True)
class Status(Documented):
    """What is known of a statement.

    Attributes:
        grade: the word for it.
        modulo: for ARGUED_MODULO, the used statements that lack a complete proof.
        best: the strongest kind of evidence that holds; None if there is none.
        log: for KERNEL, where it is written that the kernel has checked it.
    """

    grade: Grade
    modulo: tuple[str, ...] = ()
    best: Kind | None = None
    log: str = ""

    def __str__(self) -> str:
        if self.grade is Grade.KERNEL:
            return f"kernel-checked ({self.log})"
        if self.grade is Grade.ARGUED_MODULO:
            return f"argued modulo {', '.join(self.modulo)}"
        if self.grade is Grade.SUPPORTED:
            return f"supported ({self.best})"
        return str(self.grade)


def combined_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict from several: FAILS beats HOLDS beats UNDECIDED beats SKIPPED; of none, UNDECIDED.

    >>> combined_verdict([Verdict.SKIPPED, Verdict.HOLDS]), combined_verdict([])
    (<Verdict.HOLDS: 'HOLDS'>, <Verdict.UNDECIDED: 'UNDECIDED'>)
    """
    for verdict in (Verdict.FAILS, Verdict.HOLDS, Verdict.UNDECIDED, Verdict.SKIPPED):
        if verdict in verdicts:
            return verdict
    return Verdict.UNDECIDED


def overall(proof: Evidence | None, others: Sequence[Evidence]) -> Verdict:
    """The verdict on a statement: a proof that ran and did not hold is outvoted by nothing."""
    verdict = combined_verdict([item.verdict for item in (*([] if proof is None else [proof]), *others)])
    if verdict is Verdict.HOLDS and proof is not None and proof.verdict is not Verdict.HOLDS:
        return Verdict.UNDECIDED
    return verdict


def derived(
    order: Sequence[str],
    entries: Mapping[str, Statement],
    proofs: Mapping[str, Evidence],
    others: Mapping[str, Sequence[Evidence]],
    uses: Mapping[str, Sequence[str]],
) -> dict[str, Status]:
    """The status of every statement in ``order``, which lists used statements first.

    Args:
        order: ids to grade.
        entries: the statements.
        proofs: the evidence of each proof that was run; ``partial`` unless it is a
            proof of the whole statement in all dimensions.
        others: all other evidence.
        uses: what each statement rests on.  A used statement that is not in ``order``
            was not examined and counts as lacking a proof.
    """
    out: dict[str, Status] = {}
    for one in order:
        out[one] = _status(one, entries[one], proofs.get(one), others.get(one, ()), uses, out)
    return out


def _status(
    one: str,
    entry: Statement,
    proof: Evidence | None,
    others: Sequence[Evidence],
    uses: Mapping[str, Sequence[str]],
    known: Mapping[str, Status],
) -> Status:
    everything = [*([] if proof is None else [proof]), *others]
    verdict = overall(proof, others)
    if verdict is Verdict.FAILS:
        return Status(Grade.REFUTED_AS_EXPECTED if entry.is_folklore else Grade.FALSE)
    if verdict is Verdict.SKIPPED:
        return Status(Grade.SKIPPED)
    if verdict is Verdict.UNDECIDED:
        return Status(Grade.UNDECIDED)
    kinds = [item.kind for item in everything if item.verdict is Verdict.HOLDS]
    best = min(kinds, key=list(Kind).index)
    if best is Kind.KERNEL:  # rests on nothing else
        item = next(item for item in everything if item.kind is best)
        return Status(Grade.KERNEL, best=best, log=item.detail.partition(":")[0])
    if proof is None or proof.verdict is not Verdict.HOLDS:
        return Status(Grade.SUPPORTED, best=best)
    if proof.partial:
        return Status(Grade.ARGUED_IN_PART, best=best)
    missing = []
    for used in uses.get(one, ()):
        status = known.get(used)
        if status is None or status.grade not in (Grade.KERNEL, Grade.ARGUED, Grade.ARGUED_MODULO):
            missing.append(used)
        else:
            missing.extend(status.modulo)
    if missing:
        return Status(Grade.ARGUED_MODULO, tuple(dict.fromkeys(missing)), best)
    return Status(Grade.ARGUED, best=best)
