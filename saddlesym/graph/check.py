"""Transitions of the saddle graph held against numerical heteroclinic orbits.

The graph is decided from signs; an orbit is followed by a Taylor integrator that
knows neither the graph nor any minimiser.  An edge is confirmed when the orbit out
of its source along the entered columns ends at the exact target.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flint import arb, ctx

from saddlesym.diagonal.orbits import heteroclinic_orbit
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles import Saddle, critical_point
from saddlesym.errors import BadInputError, SaddlesymError, shown
from saddlesym.exact.scalars import to_fmpq

if TYPE_CHECKING:
    from saddlesym.graph.saddle_graph import SaddleGraph

#: Digits beyond the wanted ones that an orbit aims at, since its error is not proved.
_MARGIN = 6


@dataclass(frozen=True)
class CheckedTransition:
    """One pair of saddles and where the orbit between them went.

    Attributes:
        source: support of the saddle the orbit leaves.
        target: support of the saddle it should reach, or should not.
        edge: whether the pair was claimed to be a transition.
        verdict: ``confirmed``, ``contradicted`` or ``undecided``.
        distance: largest coordinate distance of the orbit's end from the exact target.
        arc_length: length of the orbit in β; empty when it was not asked for.
        note: why nothing was decided.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    edge: bool
    verdict: str
    distance: str = ""
    arc_length: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


@dataclass(frozen=True)
class TransitionCheck:
    """What :func:`check_transitions` found; numerical evidence, not a proof.

    Attributes:
        digits: decimal places to which ends and targets were compared.
        checked: every pair that was tried.
    """

    digits: int
    checked: tuple[CheckedTransition, ...]

    def _with(self, verdict: str) -> tuple[CheckedTransition, ...]:
        return tuple(c for c in self.checked if c.verdict == verdict)

    @property
    def confirmed(self) -> tuple[CheckedTransition, ...]:
        """Pairs whose orbit did as claimed."""
        return self._with("confirmed")

    @property
    def contradicted(self) -> tuple[CheckedTransition, ...]:
        """Pairs whose orbit did otherwise."""
        return self._with("contradicted")

    @property
    def undecided(self) -> tuple[CheckedTransition, ...]:
        """Pairs whose orbit could not be followed to the digits."""
        return self._with("undecided")

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"digits": self.digits, "checked": [c.to_dict() for c in self.checked]}

    def __repr__(self) -> str:
        counts = f"{len(self.confirmed)} confirmed, {len(self.contradicted)} contradicted"
        return f"TransitionCheck({counts}, {len(self.undecided)} undecided, {self.digits} digits)"


def check_transitions(
    graph: SaddleGraph,
    digits: int = 50,
    which: str | Sequence[tuple[int, int]] = "path",
    *,
    non_edges: int = 0,
    arc_lengths: bool = True,
    seed: int = 0,
    processes: int = 1,
    resume: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> TransitionCheck:
    """Follow the orbits of transitions and compare their ends with the exact targets.

    Args:
        graph: the graph.
        digits: a transition is confirmed when all coordinates agree to 10^−digits.
        which: ``path``, ``elementary``, ``all``, ``sample:K`` (K elementary ones drawn
            by ``seed``), or pairs of ids claimed to be transitions.
        non_edges: so many pairs that are no transitions, although unstable columns
            lead out of the source towards the target, are tried as well.
        arc_lengths: whether to compute them (several times the work of an orbit).
        seed: of the draws.
        processes: orbits followed at the same time.
        resume: a file of results, one JSON document a line; what it holds for the
            same data and digits is not computed again, new results are appended.
        progress: called with the number of pairs done.

    Raises:
        BadInputError: another word in ``which``, or too few digits.

    >>> from saddlesym import DiagonalProblem, transition_graph
    >>> graph = transition_graph(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    >>> check_transitions(graph, digits=20)
    TransitionCheck(3 confirmed, 0 contradicted, 0 undecided, 20 digits)
    """
    if not 1 <= digits <= 1000:
        raise BadInputError(f"digits={digits}", needed="1 <= digits <= 1000")
    pairs = [(graph.support(s), graph.support(t), True) for s, t in _chosen(graph, which, seed)]
    pairs += [(graph.support(s), graph.support(t), False) for s, t in _non_edges(graph, non_edges, seed)]
    document = json.dumps(graph.problem.to_dict(), sort_keys=True)
    key = hashlib.sha256(f"{document}{digits}{arc_lengths}".encode()).hexdigest()[:16]
    known = dict(_saved(resume, key)) if resume is not None else {}
    missing = [pair for pair in dict.fromkeys(pairs) if pair not in known]
    done = len(pairs) - len(missing)
    for checked in _followed(graph.problem, missing, digits, arc_lengths, processes):
        known[checked.source, checked.target, checked.edge] = checked
        done += 1
        if resume is not None:
            with Path(resume).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"key": key} | checked.to_dict()) + "\n")
        if progress is not None:
            progress(done)
    return TransitionCheck(digits, tuple(known[pair] for pair in pairs))


_Pair = tuple[tuple[int, ...], tuple[int, ...], bool]


def _chosen(graph: SaddleGraph, which: str | Sequence[tuple[int, int]], seed: int) -> list[tuple[int, int]]:
    if not isinstance(which, str):
        return list(which)
    elementary = [(s, t) for s, t in graph.pairs() if len({*graph.support(t)} - {*graph.support(s)}) == 1]
    word, _, number = which.partition(":")
    if word == "sample" and number.isdecimal():
        return random.Random(seed).sample(elementary, min(int(number), len(elementary)))
    choices = {
        "path": list(zip(graph.visited, graph.visited[1:], strict=False)),
        "elementary": elementary,
        "all": list(graph.pairs()),
    }
    if which not in choices:
        raise BadInputError(f"which={shown(which)}", needed="path, elementary, all, sample:K or pairs of ids")
    return choices[which]


def _non_edges(graph: SaddleGraph, count: int, seed: int) -> list[tuple[int, int]]:
    """Pairs without transition whose entering columns are unstable at the source."""
    edges, rng, found = set(graph.pairs()), random.Random(seed), []
    for _ in range(200 * count):
        s, t = rng.randrange(len(graph)), rng.randrange(len(graph))
        entering = set(graph.support(t)) - set(graph.support(s))
        # the full graph alone knows that steps of several columns are no transitions
        if not entering or (s, t) in edges or (s, t) in found or (graph.elementary and len(entering) > 1):
            continue
        if (s, t) not in graph.undetermined and entering <= set(graph.node(s).saddle.gradient.support()):
            found.append((s, t))
        if len(found) == count:
            break
    return found


def _saved(resume: str | Path, key: str) -> Iterator[tuple[_Pair, CheckedTransition]]:
    path = Path(resume)
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except UnicodeDecodeError:
        raise BadInputError(
            f"{shown(str(path))} is no file of saved checks",
            needed="a new name, or a file of an earlier --check",
        ) from None
    for line in lines:
        try:
            entry = json.loads(line)
            if entry.pop("key") != key:
                continue
            entry["source"], entry["target"] = tuple(entry["source"]), tuple(entry["target"])
            checked = CheckedTransition(**entry)
            known = checked.verdict in ("confirmed", "contradicted", "undecided")
            if not known or type(checked.edge) is not bool:
                continue
            if any(type(i) is not int for i in (*checked.source, *checked.target)):
                continue
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # a line cut off by an interruption
        yield (checked.source, checked.target, checked.edge), checked


def _followed(
    problem: DiagonalProblem, pairs: Sequence[_Pair], digits: int, arc_lengths: bool, processes: int
) -> Iterator[CheckedTransition]:
    if processes <= 1 or len(pairs) <= 1:
        for pair in pairs:
            yield check_pair(problem, *pair, digits, arc_lengths)
        return
    document = problem.to_dict()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            jobs = [pool.submit(_check_document, document, *pair, digits, arc_lengths) for pair in pairs]
            for job in as_completed(jobs):
                yield job.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _check_document(document: dict[str, Any], *arguments: Any) -> CheckedTransition:
    return check_pair(DiagonalProblem.from_dict(document), *arguments)


def check_pair(
    problem: DiagonalProblem,
    source: tuple[int, ...],
    target: tuple[int, ...],
    edge: bool,
    digits: int,
    arc_lengths: bool,
) -> CheckedTransition:
    """Follow the orbit from one saddle along the columns that another has in addition.

    Args:
        problem: the data.
        source: support of the first saddle.
        target: support of the second.
        edge: whether they are claimed to be joined.
        digits: places to compare.
        arc_lengths: whether to compute the length of the orbit.
    """
    start, end = critical_point(problem, source), critical_point(problem, target)
    assert isinstance(start, Saddle)
    assert isinstance(end, Saddle)
    entering = tuple(j for j in target if j not in source)
    if not entering or any(start.gradient[j] == 0 for j in entering):
        verdict, note = "contradicted" if edge else "confirmed", "no unstable columns lead there"
        return CheckedTransition(source, target, edge, verdict, note=note)
    try:
        orbit = heteroclinic_orbit(problem, start.beta, entering, digits=max(digits + _MARGIN, 10))
        with ctx.workprec(4 * (digits + _MARGIN) + 64):
            gaps = [abs(x.arb.mid() - arb(to_fmpq(y))) for x, y in zip(orbit.limit, end.beta, strict=True)]
            distance = max((gap.mid() for gap in gaps), default=arb(0))
            reached = bool(distance < arb(10) ** -digits)
            elsewhere = bool(distance > arb(10) ** -(digits // 2))
            text = distance.str(5, radius=False)
        length = orbit.arc_length().arb.str(min(digits, 50), radius=False) if arc_lengths else ""
    except SaddlesymError as error:
        return CheckedTransition(source, target, edge, "undecided", note=str(error))
    verdict = "confirmed" if reached == edge else "contradicted"
    if not reached and not elsewhere:
        verdict = "undecided"
    return CheckedTransition(source, target, edge, verdict, text, length)
