"""A path of the user's own data, checked by Coq's kernel: ``kernel_certificate``."""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.errors import BadInputError
from saddlesym.kernel.coq_file import coq_file, question, theorem
from saddlesym.kernel.theory import AXIOMS, NoCoqError, compiled_theory, run_coqc
from saddlesym.kernel.walk import IntegerWalk, independents, walked
from saddlesym.progress import Listener, Progress

#: Called with what is done, and how much of how much.

#: What Coq says where the checker's answer is not true.
_FALSE = '"eq_refl" has type "true = true" while it is expected'

#: Seconds that the checker takes for a unit of work, roughly, and to start.
_SECONDS_PER_WORK, _START = 4e-8, 1.5

#: The claims of Checker.v in words; k counts dwells from 0, the start.
#: What coqc says of a checker that does not give true: the proof of ``check ... = true`` by computing fails.
_REFUSED = re.compile(r'in proof accepted|Unable to unify|expected to have type\s+"check\b[^"]*= true"')
_CLAIMS = {
    "SomeData": "there are data",
    "StartsAtZero": "the path starts at t = 0",
    "TimeEnclosed": "the end of dwell {k} is at the time claimed",
    "TimeAdvances": "time advances on dwell {k}",
    "DualAtStart": "|s_i| ≤ 1, and = sign(β_i) where β_i is not 0, at the start of dwell {k}",
    "Arrival": "the coordinate named reaches its bound at the end of dwell {k}",
    "Cancels": "what cancels after dwell {k} is a common divisor",
    "DualAtEnd": "|s_i| ≤ 1, and = sign(β_i) where β_i is not 0, at the end of dwell {k}",
    "SaddleChanges": "the saddles before and after jump {k} differ",
    "ColumnsIndependent": "the columns of group {k} are independent",
    "FaceInGroup": "the columns at their bound during dwell {k} are in its group",
    "GradientVanishes": "∇L = 0 at the end of the path",
    "DualAtLast": "|s_i| ≤ 1, and = sign(β_i) where β_i is not 0, at the end of the path",
    "FaceOfLast": "the columns at their bound at the end are in their group",
}


@dataclass(frozen=True)
class KernelCertificate:
    """What Coq's kernel says of a path.

    Attributes:
        holds: True: the theorem is checked; False: the checker refuses a claim; None: nothing was decided.
        reason: the claim that is refused, or why nothing was decided.
        theorem: the statement about the data, in Coq; empty where no file could be written.
        source: the Coq file.
        words: the theorem in words.
        exact: whether the jump times in it are exact (else they are enclosed between decimals).
        complete: whether the path goes to its end.
        axioms: on which the theorem rests, as Coq lists them.
        seconds: that ``coqc`` took for the file.
    """

    holds: bool | None
    reason: str = ""
    theorem: str = ""
    source: str = ""
    words: str = ""
    exact: bool = True
    complete: bool = True
    axioms: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """``KERNEL-CHECKED``, ``REFUSED`` or ``NOT CHECKED``."""
        return {True: "KERNEL-CHECKED", False: "REFUSED", None: "NOT CHECKED"}[self.holds]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, without the source."""
        return {
            "verdict": self.verdict, "holds": self.holds, "reason": self.reason, "words": self.words,
            "theorem": self.theorem, "exact": self.exact, "complete": self.complete,
            "axioms": list(self.axioms), "seconds": round(self.seconds, 2),
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"KernelCertificate({self.verdict}{f': {self.reason}' if self.reason else ''})"


def expected_seconds(walk: IntegerWalk) -> float:
    """How long ``coqc`` will take for a path, within a factor of a few."""
    return _START + _SECONDS_PER_WORK * walk.work


def kernel_certificate(
    path: SaddlePath,
    *,
    exact: bool | None = None,
    run: bool = True,
    progress: Listener | None = None,
) -> KernelCertificate:
    """Let Coq's kernel check that the flow of these very data converges to this very path.

    The Coq file of the path is written from its data, times and saddles, and given to ``coqc``
    together with the theory of ``proofs/coq``.  Nothing of this program is trusted: the file states
    the theorem, and the checker, proved sound in Coq, recomputes everything.

    Args:
        path: complete, or known up to a horizon.
        exact: whether the theorem gives the jump times exactly, whatever the work; by default where
            that takes some seconds, and else between decimals.
        run: whether to run ``coqc``, where it is installed; otherwise the file is only written.
        progress: called with what is done, and how much of it.

    Raises:
        BadInputError: the problem is given by M and r, or the path ends at t = 0.

    Source: PF23, Theorem 2, in ``proofs/coq``.

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> found = kernel_certificate(saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1])), run=False)
    >>> print(found.theorem)
    Theorem flow_converges_to_the_path :
      certified 2 2 (features the_data) (responses the_data) 2
        (time jump_times) (saddle the_data the_saddles).
    """
    if not path.complete and not path.horizon:
        raise BadInputError("the path is known up to t = 0 only", needed="a path that leaves its start")
    if twins := _twins(path):
        return KernelCertificate(
            None,
            f"columns {twins} are equal or opposite, and share a coefficient: the theorem is not about that",
        )
    walk = walked(path, exact=exact)
    groups, held, dependent = independents(walk)
    if dependent is not None:
        names = path.problem.names(dependent)
        return KernelCertificate(
            None,
            f"columns {names} are at their bound together and dependent, which the theorem does not cover",
        )
    source = coq_file(walk, groups, held, Path(path.problem.source).name)
    found = KernelCertificate(
        None,
        "coqc was not run",
        theorem(walk),
        source,
        _words(walk),
        exact=walk.exact,
        complete=walk.complete,
    )
    return run_kernel(found, expected_seconds(walk), question(source, walk), progress) if run else found


def _words(walk: IntegerWalk) -> str:
    """The statement of the theorem in words."""
    times = "" if walk.exact else " (jump times: when coordinates arrive, between the decimals given)"
    flows = (
        "For these data, the gradient flow of the diagonal network (u, v) from u = √2 α, v = 0 exists"
        " for all times and every α < 1, and as α → 0 it converges in accelerated time t = T/ln(1/α),"
        f" uniformly on compacts without jump times, to this path{times}"
    )
    if walk.complete:
        return f"{flows}; its saddles differ, and its end is the only global minimiser of least ℓ1 norm."
    return f"{flows}, up to its horizon; its saddles differ."


def _twins(path: SaddlePath) -> str:
    """The first two columns that are equal or opposite, by name."""
    seen: dict[tuple[Any, ...], int] = {}
    form = path.problem.quadratic
    for j in range(form.size):
        first = seen.setdefault(form.fingerprint(j)[0], j)
        if first != j:
            return path.problem.names((first, j))
    return ""


def run_kernel(
    found: KernelCertificate, seconds: float, asked: str, progress: Listener | None = None
) -> KernelCertificate:
    """Give a file to ``coqc``.

    Args:
        found: holds the file.
        seconds: that it will take, roughly.
        asked: a file that prints which claim is refused; empty when there is none.
        progress: called with what is done, and how much of it.
    """
    show = progress or (lambda _moment: None)
    try:
        theory = compiled_theory(progress)
    except NoCoqError as error:
        return replace(found, reason=str(error))
    show(Progress(0, what=f"coqc checks it, about {seconds:.0f} s"))
    with tempfile.TemporaryDirectory(prefix="saddlesym-") as folder:
        where = Path(folder)
        (where / "Claim.v").write_text(found.source, encoding="utf-8")
        started = time.monotonic()
        run = run_coqc(where, "Claim.v", theory)
        found = replace(found, seconds=time.monotonic() - started)
        if run.returncode == 0:
            axioms = tuple(re.findall(r"^(\S+)(?= :|$)", run.stdout.partition("Axioms:\n")[2], re.MULTILINE))
            foreign = [name for name in axioms if name.rpartition(".")[2] not in AXIOMS]
            if foreign:
                return replace(found, reason=f"the theorem rests on {', '.join(foreign)}", axioms=axioms)
            return replace(found, holds=True, reason="", axioms=axioms)
        if run.returncode < 0 or not _REFUSED.search(run.stderr):
            return replace(found, reason=f"coqc fails: {' '.join(run.stderr.split())[-200:]}")
        if not asked:
            return replace(found, holds=False, reason="refused: what is listed is not complete, or not right")
        show(Progress(0, what="coqc looks for the claim that is refused"))
        (where / "Question.v").write_text(asked, encoding="utf-8")
        answer = run_coqc(where, "Question.v", theory).stdout
    claim = re.search(r"= Some \(?(\w+)(?: (\d+))?", answer)
    words = "" if claim is None else _CLAIMS[claim[1]].format(k=claim[2])
    return replace(found, holds=False, reason=f"refused: {words or 'a claim'}")
