"""Evidence of Coq's kernel for statements of the catalogue, on the strength of the log that is shipped."""

from __future__ import annotations

from saddlesym.kernel.theory import is_checked, kernel_theorems, log, theorems_of
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict


def kernel_evidence(statement: str) -> tuple[Evidence, ...]:
    """One piece of evidence where the log of these very sources has theorems that prove the statement.

    Args:
        statement: id.

    >>> kernel_evidence("acyclicity")
    ()
    """
    found, names = log(), [one.name for one in theorems_of(statement) if is_checked(one)]
    if found is None or not names:
        return ()
    detail = f"log of Coq {found.version}: {', '.join(names)}"
    return (Evidence(Kind.KERNEL, Verdict.HOLDS, 0, detail),)


def kernel_summary() -> str:
    """What the page on statements says of the kernel: a sentence made of the log, or that there is none."""
    found = log()
    if found is None:
        return "No log of these sources is shipped: nothing is called kernel-checked.\n"
    checked = [one for one in kernel_theorems() if is_checked(one)]
    statements = {one.statement for one in checked if one.statement}
    return (
        f"Coq {found.version} has checked {len(checked)} theorems;"
        f" {len(statements)} statements of the table below are kernel-checked.\n"
    )
