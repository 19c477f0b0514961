"""Evidence of Coq's kernel for statements of the catalogue, on the strength of the log that is shipped."""

from __future__ import annotations

from saddlesym.kernel.theory import is_checked, log, theorems_of
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
