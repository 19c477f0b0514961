"""Transitions of the saddle graph held against numerical heteroclinic orbits.

The graph is decided from signs; an orbit is followed by a Taylor integrator that
knows neither the graph nor any minimiser.  An edge is confirmed when the orbit out
of its source along the entered columns ends at the exact target.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flint import arb

from saddlesym.diagonal.orbits.orbit import MAX_STEPS, Orbit, heteroclinic_orbit
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import Saddle, critical_point
from saddlesym.errors import BadInputError, PrecisionError, SaddlesymError, require, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.exact.scalars import to_fmpq
from saddlesym.graph.saved_orbits import CheckedTransition, OrbitSettings, SavedOrbits, SupportPair
from saddlesym.progress import Listener, Progress
from saddlesym.workers import ENDED, NotDone, performed

if TYPE_CHECKING:
    from saddlesym.graph.diagonal import SaddleGraph

#: Digits beyond the wanted ones that an orbit aims at, since its error is not proved.
_MARGIN = 4
#: Digits of arc lengths: the quadrature takes several times the work of an orbit.
_LENGTH_DIGITS = 20
#: Most pairs without transition that are tried.
MAX_NON_EDGES = 100_000
#: Pairs of nodes up to which those without transition are listed before some are drawn.
_LISTED = 200_000


@dataclass(frozen=True)
class TransitionCheck(Documented):
    """What :func:`check_transitions` found; numerical evidence, not a proof.

    Attributes:
        digits: decimal places to which ends and targets were compared, in the orbit's units.
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

    def __repr__(self) -> str:
        counts = f"{len(self.confirmed)} confirmed, {len(self.contradicted)} contradicted"
        return f"TransitionCheck({counts}, {len(self.undecided)} undecided, {self.digits} digits)"


def check_transitions(
    graph: SaddleGraph,
    which: str | Sequence[tuple[int, int]] = "path",
    *,
    digits: int = USUAL_DIGITS,
    non_edges: int = 0,
    arc_lengths: bool = False,
    seed: int = 0,
    max_steps: int = MAX_STEPS,
    jobs: int = 1,
    resume: str | Path | None = None,
    progress: Listener | None = None,
) -> TransitionCheck:
    """Follow the orbits of transitions and compare their ends with the exact targets.

    Args:
        graph: the graph.
        which: ``path``, ``elementary``, ``all``, ``sample:K`` (K elementary ones drawn
            by ``seed``), or pairs of ids claimed to be transitions.
        digits: a transition is confirmed when all coordinates agree to 10^−digits, in units
            of the size of β, so that other units of the data change nothing.
        non_edges: so many pairs (or all, when there are fewer) that are no transitions,
            although unstable columns lead out of the source towards the target, are
            tried as well.
        arc_lengths: whether to compute them (several times the work of an orbit).
        seed: of the draws.
        max_steps: give an orbit up, as undecided, after this many steps.
        jobs: orbits followed at the same time.
        resume: a file of results, one JSON document a line; what it holds for the
            same data and digits is not computed again, new results are appended.
        progress: called with the number of pairs done and the number there are.

    Raises:
        BadInputError: another word in ``which``, ids that are no nodes, numbers out of
            range, or a file that cannot be read or written.

    Orbits whose time scales are too far apart are undecided: where several columns enter at
    once, their growth rates may differ by a factor of some 500 at 50 digits, less at more.

    >>> from saddlesym import DiagonalProblem, transition_graph
    >>> graph = transition_graph(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]))
    >>> check_transitions(graph, digits=20)
    TransitionCheck(3 confirmed, 0 contradicted, 0 undecided, 20 digits)
    """
    from saddlesym.graph.diagonal import SaddleGraph

    require(graph, SaddleGraph, "the graph of a diagonal network")
    for name, value, top in (
        ("digits", digits, 1000),
        ("max_steps", max_steps, 10**9),
        ("jobs", jobs, 256),
    ):
        if not 1 <= value <= top:
            raise BadInputError(f"{name}={value}", needed=f"1 <= {name} <= {top}")
    if not 0 <= non_edges <= MAX_NON_EDGES:
        raise BadInputError(f"non_edges={non_edges}", needed=f"0 <= non_edges <= {MAX_NON_EDGES}")
    pairs = [(graph.support(s), graph.support(t), True) for s, t in _chosen(graph, which, seed)]
    pairs += [(graph.support(s), graph.support(t), False) for s, t in _non_edges(graph, non_edges, seed)]
    settings = OrbitSettings(digits, arc_lengths, max_steps)
    saved = None if resume is None else SavedOrbits(Path(resume), graph.problem, settings)
    known = {} if saved is None else saved.read()
    missing = [pair for pair in dict.fromkeys(pairs) if pair not in known]
    done = len(pairs) - len(missing)
    if saved is not None and missing:
        saved.prepare()
    for checked in _followed(graph.problem, missing, settings, jobs):
        known[checked.source, checked.target, checked.edge] = checked
        done += 1
        if saved is not None and checked.note != ENDED:  # that says nothing of the orbit
            saved.append(checked)
        if progress is not None:
            progress(Progress(done, len(pairs), "orbits"))
    return TransitionCheck(digits, tuple(known[pair] for pair in pairs))


def _chosen(graph: SaddleGraph, which: str | Sequence[tuple[int, int]], seed: int) -> list[tuple[int, int]]:
    if not isinstance(which, str):
        pairs = list(which)
        if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
            raise BadInputError("which holds something else than pairs", needed="pairs of ids")
        return [(s, t) for s, t in pairs]
    elementary = [(s, t) for s, t in graph.pairs() if len({*graph.support(t)} - {*graph.support(s)}) == 1]
    word, _, number = which.partition(":")
    if word == "sample" and number.isdecimal() and len(number) < 10 and int(number) > 0:
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
    if count == 0:
        return []
    taken, rng, nodes = {*graph.pairs(), *graph.undetermined}, random.Random(seed), len(graph)
    unstable: dict[int, set[int]] = {}

    def qualifies(s: int, t: int) -> bool:
        entering = set(graph.support(t)) - set(graph.support(s))
        # the full graph alone knows that steps of several columns are no transitions
        if not entering or (s, t) in taken or (graph.elementary and len(entering) > 1):
            return False
        if s not in unstable:
            unstable[s] = set(graph.node(s).saddle.gradient.support())
        return entering <= unstable[s]

    if nodes * nodes <= _LISTED:
        every = [(s, t) for s in range(nodes) for t in range(nodes) if qualifies(s, t)]
        return rng.sample(every, min(count, len(every)))
    found: dict[tuple[int, int], None] = {}
    for _ in range(1000 * count):
        pair = rng.randrange(nodes), rng.randrange(nodes)
        if pair not in found and qualifies(*pair):
            found[pair] = None
            if len(found) == count:
                break
    return list(found)


def _followed(
    problem: DiagonalProblem, pairs: Sequence[SupportPair], settings: OrbitSettings, jobs: int
) -> Iterator[CheckedTransition]:
    if jobs <= 1 or len(pairs) <= 1:
        for pair in pairs:
            yield _check_pair(problem, *pair, settings)
        return
    document = problem.data_document()
    for k, found in performed(_check_document, [(document, *pair, settings) for pair in pairs], jobs):
        lost = isinstance(found, NotDone)
        yield CheckedTransition(*pairs[k], "undecided", note=found.reason) if lost else found


def _check_document(document: dict[str, Any], *arguments: Any) -> CheckedTransition:
    return _check_pair(DiagonalProblem.from_dict(document), *arguments)


def _check_pair(
    problem: DiagonalProblem,
    source: tuple[int, ...],
    target: tuple[int, ...],
    edge: bool,
    settings: OrbitSettings,
) -> CheckedTransition:
    """Follow the orbit from one saddle along the columns that another has in addition."""
    start, end = critical_point(problem, source), critical_point(problem, target)
    assert isinstance(start, Saddle)
    assert isinstance(end, Saddle)
    entering = tuple(j for j in target if j not in source)
    if not entering or any(start.gradient[j] == 0 for j in entering):
        verdict, note = "contradicted" if edge else "confirmed", "no unstable columns lead there"
        return CheckedTransition(source, target, edge, verdict, note=note)
    digits = settings.digits
    try:
        orbit = heteroclinic_orbit(
            problem, start.beta, entering, digits=max(digits + _MARGIN, 10), max_steps=settings.max_steps
        )
    except SaddlesymError as error:
        return CheckedTransition(source, target, edge, "undecided", note=str(error))
    text, length, note = distance(orbit, end).str(5, radius=False), "", ""
    reached, other = _arrived(problem, orbit, end, digits)
    if reached is None:
        return CheckedTransition(source, target, edge, "undecided", text, note=other)
    if not reached:
        note = f"the orbit ends at the saddle of support {other}"
    if settings.arc_lengths:
        places = min(digits, _LENGTH_DIGITS)
        try:
            length = orbit.arc_length(digits=places).arb.str(places, radius=False)
        except PrecisionError as error:
            note = str(error)
    verdict = "confirmed" if reached == edge else "contradicted"
    return CheckedTransition(source, target, edge, verdict, text, length, note)


def _arrived(problem: DiagonalProblem, orbit: Orbit, target: Saddle, digits: int) -> tuple[bool | None, str]:
    """Whether an orbit ends at a saddle (None: cannot be told), and which other one it ends at, or why.

    That it ends elsewhere is said only where the saddle at its end is found, exact.
    """
    with workprec(4 * (digits + _MARGIN) + 64):
        tiny = arb(10) ** -digits
        size = [abs(x.arb.mid()) / arb(to_fmpq(c)) for x, c in zip(orbit.limit, orbit.units, strict=True)]
    support = tuple(i for i, x in enumerate(size) if x > tiny)
    here = critical_point(problem, support)
    if not isinstance(here, Saddle) or here.support != support or not distance(orbit, here) < tiny:
        return None, f"the orbit does not end at a saddle to {digits} digits"
    if support == orbit.start.support():  # where the loss is as it was
        return None, "the orbit was not seen to leave its start"
    if support != target.support and distance(orbit, target) < tiny:
        return None, f"the saddle of support {list(support)} is as near to {digits} digits"
    if any(orbit.signs[i] * here.gradient[i] < 0 for i in orbit.support if i not in support):
        return None, f"the orbit is left near the saddle of support {list(support)}, which it leaves again"
    if support == target.support:
        return True, ""
    return False, str(list(support))


def distance(orbit: Orbit, saddle: Saddle) -> arb:
    """Largest coordinate distance of the end of an orbit from a saddle, in the orbit's units."""
    with workprec(4 * orbit.digits + 64):
        gaps = [
            abs(x.arb.mid() - arb(to_fmpq(y))) / arb(to_fmpq(c))
            for x, y, c in zip(orbit.limit, saddle.beta, orbit.units, strict=True)
        ]
        return max((gap.mid() for gap in gaps), default=arb(0))
