"""The search for a counterexample: over spaces of data, in order, in this process or several."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Event
from time import monotonic
from typing import Any, Protocol

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.laboratory.boxes import IntegerBox
from saddlesym.laboratory.climbs import Climbs
from saddlesym.laboratory.conjecture import Conjecture
from saddlesym.laboratory.ensembles import Ensemble, RandomData
from saddlesym.laboratory.language.evaluation import SYMMETRIES, TextLaw
from saddlesym.laboratory.search import Refutation, Search, Searched, Tally
from saddlesym.laboratory.shrink import shrunk
from saddlesym.laboratory.sources import conjecture_of
from saddlesym.laboratory.symmetries import symmetries_of
from saddlesym.laboratory.walls import Walls
from saddlesym.progress import Listener, Progress
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.runner import checked_budget
from saddlesym.theorems.wings import Problem
from saddlesym.workers import Budget, NotDone, performed

#: Seconds of work in this process before others are started: most searches need none.
_ALONE = 2.0
#: About how many data a box may have that is searched unless told otherwise.
_USUAL = 50_000


class DataBlock(Protocol):
    """Some data of a space, in their order, and about how many they are."""

    @property
    def weight(self) -> int:
        """About how many data there are in it."""
        ...

    def problems(self) -> Iterator[Problem]:
        """The data."""
        ...


class Space(Protocol):
    """Data to search: see :class:`IntegerBox`, :class:`RandomData` and :class:`Walls`."""

    ordered: bool

    def blocks(self, symmetries: frozenset[str]) -> Sequence[Any]:
        """The data in blocks, in their order."""
        ...

    def up_to(self, block: Any) -> str:
        """How far it was searched when the last block was this one."""
        ...


@dataclass(frozen=True)
class GivenData:
    """Data of one's own as a space."""

    data: tuple[Problem, ...]

    #: What fails first is not the smallest.
    ordered = False

    @property
    def weight(self) -> int:
        """How many they are."""
        return len(self.data)

    def problems(self) -> Iterator[Problem]:
        """The data."""
        return iter(self.data)

    def blocks(self, _symmetries: frozenset[str]) -> list[GivenData]:
        """All of them."""
        return [self]

    def up_to(self, _block: GivenData) -> str:
        """How far it was searched."""
        return str(self)

    def __str__(self) -> str:
        return f"{len(self.data)} given data set{'' if len(self.data) == 1 else 's'}"


@dataclass(frozen=True)
class Examined:
    """What one block of a search showed.

    Attributes:
        tally: how its data came out, up to the first that fails.
        problem: the first that fails.
        detail: what is false there.
    """

    tally: Tally
    problem: Problem | None = None
    detail: str = ""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in a search; ``search`` holds what was searched before."""

    def __init__(self, search: Search) -> None:
        super().__init__("the search was interrupted")
        self.search = search


def random_data(conjecture: Conjecture, seed: int = 1) -> RandomData:
    """The random data on which a conjecture is tried unless others are named."""
    if conjecture.deep:
        return RandomData(Ensemble.of("family:deep-any"), 200, seed)
    if conjecture.about == "flow":
        return RandomData(Ensemble.of("integer", n=(2, 3), d=(2, 3), size=3), 20, seed)
    return RandomData(Ensemble.of("gaussian", n=(2, 5), d=(2, 6), digits=3), 500, seed)


def usual_spaces(
    conjecture: Conjecture, seed: int = 1, symmetries: frozenset[str] = SYMMETRIES
) -> tuple[Space, ...]:
    """Where a search looks unless told otherwise: a box, walls, random data, and climbs.

    Small on purpose: some minutes of one processor at most.  Flows and deep networks are tried on
    random data alone.  The box is smaller for a law that respects few symmetries.
    """
    drawn = random_data(conjecture, seed)
    if conjecture.deep or conjecture.about == "flow":
        return (drawn,)
    boxes = (IntegerBox(size, largest) for size, largest in ((6, 2), (4, 2), (4, 1), (3, 1)))
    box = next(one for one in boxes if sum(block.weight for block in one.blocks(symmetries)) <= _USUAL)
    spaces: tuple[Space, ...] = (box, Walls(seed=seed), drawn)
    if isinstance(conjecture.law, TextLaw):
        spaces = (*spaces, Climbs(conjecture.law, seed=seed))
    return spaces


def refute(
    conjecture: Conjecture,
    spaces: Space | Sequence[Space] | None = None,
    *,
    jobs: int = 1,
    budget: float | None = None,
    seed: int = 1,
    shrink: bool = True,
    progress: Listener | None = None,
    stop: Event | None = None,
) -> Search:
    """Search for data on which a conjecture is false.

    Args:
        conjecture: the conjecture.
        spaces: what to search, in order; default :func:`usual_spaces`.  A :class:`IntegerBox` is searched
            exhaustively, so that the first counterexample in it is the smallest.
        jobs: processes; what comes out does not depend on their number.
        budget: seconds; what was searched by then is said.
        seed: of the default spaces, and of what is tried to find symmetries.
        shrink: whether to make a counterexample smaller that is not known to be the smallest.
        progress: called with about how many data are done and there are in the space at work.
        stop: when set, by another thread, the search ends.

    Raises:
        BadInputError: a budget that is not positive, or fewer than one job.
        LawError: a law in Python ended in an error.
        Interrupted: on Ctrl-C, with what was searched.

    >>> search = refute(Conjecture.written("leaves == 0"), IntegerBox(4, 2))
    >>> search.counterexample.problem.X, search.counterexample.problem.y[0]
    (((Fraction(-2, 1), Fraction(-1, 1)), (Fraction(-1, 1), Fraction(0, 1))), Fraction(-1, 1))
    """
    limits = checked_budget(budget, None)
    if jobs < 1:
        raise BadInputError(f"{jobs} jobs", needed="at least one")
    wanted = None
    if spaces is not None:
        wanted = tuple(spaces) if isinstance(spaces, Sequence) else (spaces,)
    run = _Run(conjecture, jobs, limits, stop or Event(), progress, shrink)
    return run.search(wanted, seed)


class _Run:
    """One search."""

    def __init__(
        self,
        conjecture: Conjecture,
        jobs: int,
        limits: Budget,
        stop: Event,
        progress: Listener | None,
        shrink: bool,
    ) -> None:
        self.conjecture, self.stop, self.progress, self.shrink = conjecture, stop, progress, shrink
        self.jobs, self.travels = jobs, _travels(conjecture)
        self.limits = limits
        self.start = monotonic()
        self.searched: list[Searched] = []
        self.found: Refutation | None = None
        self.symmetries, self.known_by = frozenset[str](), "there was no time to find any"

    def over(self) -> bool:
        """Whether the time is up."""
        total = self.limits.total
        return self.stop.is_set() or (total is not None and monotonic() - self.start >= total)

    def search(self, spaces: Sequence[Space] | None, seed: int) -> Search:
        try:
            self.look_for_symmetries(seed)
            for space in usual_spaces(self.conjecture, seed, self.symmetries) if spaces is None else spaces:
                self.look_through(space)
                if self.found is not None or self.over():
                    break
        except KeyboardInterrupt:
            raise Interrupted(self.outcome(partial=True)) from None
        return self.outcome(partial=self.found is None and self.over())

    def look_for_symmetries(self, seed: int) -> None:
        """Find out what the law respects, elsewhere if it may never end and the time is bounded."""
        law, total = self.conjecture, self.limits.total
        if total is None or law.symmetries is not None or not self.travels:
            self.symmetries, self.known_by = symmetries_of(law, seed)
            return
        task = (law.origin or law, seed)
        for _, found in performed(_symmetries_elsewhere, [task], 1, Budget(total), self.stop):
            if not isinstance(found, NotDone):
                self.symmetries, self.known_by = found

    def outcome(self, *, partial: bool) -> Search:
        known = f"{', '.join(sorted(self.symmetries)) or 'none'} ({self.known_by})"
        return Search(self.conjecture, tuple(self.searched), self.found, known, partial)

    def look_through(self, space: Space) -> None:
        """Search one space; what was seen before an interrupt is kept."""
        blocks = space.blocks(self.symmetries)
        seen: list[Examined | None] = [None] * len(blocks)
        failed: int | None = None
        whole, done = False, 0
        total = sum(block.weight for block in blocks) if self.progress is not None else 0
        try:
            for k, one in self.performed(blocks):
                seen[k], done = one, done + (blocks[k].weight if total else 0)
                if one.problem is not None and (failed is None or k < failed):
                    failed = k
                if failed is not None and all(one is not None for one in seen[:failed]):
                    break
                if self.progress is not None:
                    self.progress(Progress(done, total, "data sets"))
            whole = True
        finally:
            self.note(space, blocks, seen, failed)
            last = None if failed is None else seen[failed]
            if last is not None:
                first = all(one is not None for one in seen[:failed])
                self.take(space, last, first, shrink=whole and self.shrink)

    def note(
        self, space: Space, blocks: Sequence[Any], seen: Sequence[Examined | None], failed: int | None
    ) -> None:
        """Count what was seen of a space: without a gap where it is ordered, and up to what fails."""
        tally = Tally()
        end = len(blocks) if failed is None else failed + 1
        done = next((k for k in range(end) if seen[k] is None), end)
        for one in seen[: end if failed is not None else done]:
            if one is not None:
                tally.merge(one.tally)
        if failed is not None and not space.ordered:
            text = f"{space}, up to the first that fails"
        elif done == end and failed is None:
            text = str(space)
        elif done:
            text = space.up_to(blocks[done - 1])
        else:
            text = f"{space}: nothing of it"
        self.searched.append(Searched(text, tally, done == end))

    def performed(self, blocks: Sequence[Any]) -> Iterator[tuple[int, Examined]]:
        """What the blocks show, as it comes."""
        k, total = 0, self.limits.total
        others = self.travels and (self.jobs > 1 or total is not None)
        # a law in Python may never end, and only what is at work elsewhere can be ended when the time is up
        alone = _ALONE if total is None or isinstance(self.conjecture.law, TextLaw) else 0.0
        while k < len(blocks) and not self.over():
            if others and monotonic() - self.start >= alone:
                break
            seen = examined(self.conjecture, blocks[k], self.over)
            if seen is None:
                return
            yield k, seen
            k += 1
        if k == len(blocks) or self.over():
            return
        rest = Budget(None if total is None else max(0.01, total - (monotonic() - self.start)))
        what: Any = self.conjecture.origin or self.conjecture
        tasks = [(what, block) for block in blocks[k:]]
        for number, seen in performed(_examined_elsewhere, tasks, self.jobs, rest, self.stop):
            if not isinstance(seen, NotDone):
                yield k + number, seen

    def take(self, space: Space, seen: Examined, first: bool, *, shrink: bool) -> None:
        """Keep the first counterexample, made smaller unless it is the smallest."""
        problem = seen.problem
        assert problem is not None
        known = "as it was found"
        if space.ordered:
            known = f"none smaller among {space}" if first else f"not known whether the smallest of {space}"
        self.found = Refutation(problem, seen.detail, problem, known)
        if space.ordered or not shrink or not isinstance(problem, DiagonalProblem) or not problem.has_data:
            return
        small, tries = shrunk(problem, self.fails, over=self.over)
        known = f"made smaller in {tries} tries; no claim that none is smaller"
        self.found = Refutation(small, self.conjecture.test(small).detail, problem, known)

    def fails(self, problem: Problem) -> bool:
        return self.conjecture.test(problem).verdict is Verdict.FAILS


def examined(
    conjecture: Conjecture, block: DataBlock, over: Callable[[], bool] = lambda: False
) -> Examined | None:
    """Test the data of a block up to the first that fails; None when the time was up before its end."""
    tally = Tally()
    for problem in block.problems():
        if over():
            return None
        found = conjecture.test(problem)
        tally.add(found)
        if found.verdict is Verdict.FAILS:
            return Examined(tally, problem, found.detail)
    return Examined(tally)


def _made(what: str | Conjecture) -> Conjecture:
    """A conjecture in another process: as it came, or from the file that makes it."""
    return _read(what) if isinstance(what, str) else what


@lru_cache(maxsize=4)
def _read(origin: str) -> Conjecture:
    return conjecture_of(origin)


def _examined_elsewhere(what: str | Conjecture, block: DataBlock) -> Examined:
    """The same in another process."""
    seen = examined(_made(what), block)
    assert seen is not None
    return seen


def _symmetries_elsewhere(what: str | Conjecture, seed: int) -> tuple[frozenset[str], str]:
    return symmetries_of(_made(what), seed)


def _travels(conjecture: Conjecture) -> bool:
    """Whether a conjecture can be taken to another process."""
    if conjecture.origin:
        return True
    functions = [conjecture.law, *(one for one in conjecture.assumes if callable(one))]
    if any(getattr(one, "__module__", "") == "__main__" for one in functions):
        return False
    try:
        pickle.dumps(conjecture)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True
