"""A conjecture: a law about one result, what it assumes, and what it says of given data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from saddlesym.deep.greedy.path import greedy_path
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.deep.saddles.enumeration import deep_saddles
from saddlesym.diagonal.flow.two_layers.flow import flow
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import saddles
from saddlesym.errors import BadInputError, NonUniqueMinimiserError, SaddlesymError, shown
from saddlesym.graph.build import transition_graph
from saddlesym.laboratory.language.evaluation import SYMMETRIES, TextLaw
from saddlesym.laboratory.language.quantities import Subject, UndefinedError
from saddlesym.theorems.assumption import Finding
from saddlesym.theorems.assumptions import assumption
from saddlesym.theorems.evidence.check import Fact, evidence
from saddlesym.theorems.evidence.verdict import Evidence, Kind, Verdict
from saddlesym.theorems.wings import Problem

LawFunction: TypeAlias = Callable[[Any], bool | Fact | Iterable[Fact] | None]
Assumed: TypeAlias = str | Callable[[Any], bool | Finding]


@dataclass(frozen=True)
class ResultKind:
    """What a law may be about: how it is computed, and how sure it is.

    Attributes:
        compute: the result, of a problem.
        kind: of the evidence that a law of it gives.
        problem: the kind of problem.
    """

    compute: Callable[[Any], Any]
    kind: Kind = Kind.EXACT
    problem: type = DiagonalProblem


#: What the law of a conjecture is given, by the word for it.
RESULTS: dict[str, ResultKind] = {
    "data": ResultKind(lambda problem: problem),
    "quantities": ResultKind(Subject),
    "path": ResultKind(saddle_path),
    "saddles": ResultKind(lambda problem: tuple(saddles(problem))),
    "graph": ResultKind(transition_graph),
    "flow": ResultKind(lambda problem: flow(problem, alpha="1e-30", digits=12), Kind.BALL),
    "deep data": ResultKind(lambda problem: problem, problem=DeepLinearProblem),
    "deep saddles": ResultKind(lambda problem: tuple(deep_saddles(problem)), problem=DeepLinearProblem),
    "deep path": ResultKind(greedy_path, Kind.NUMERIC, DeepLinearProblem),
}


class LawError(BadInputError):
    """A law of a user that ends in an error of its own."""


@dataclass(frozen=True)
class Conjecture:
    """A sentence about all data that may or may not be true.

    Attributes:
        name: a short name.
        says: the sentence.
        law: decides it for one result: True or False, a :class:`Fact` with its evidence, or several
            of them; nothing (or None) where it has nothing to say.  Facts whose ``holds`` is None
            leave it undecided.
        assumes: what the data have to meet: ids of shipped assumptions (``saddlesym theorems``) or
            functions of the problem that answer True, False or a :class:`Finding`.
        about: what the law is given, one of ``RESULTS``: ``"path"``, ``"saddles"``, ``"graph"``,
            ``"flow"`` (α = 1e-30, 12 digits), ``"data"``, ``"deep path"`` (the greedy path),
            ``"deep saddles"``, ``"deep data"``, or ``"quantities"`` for laws in the language.
        symmetries: which of ``"columns"``, ``"signs"`` and ``"rows"`` carry data that obey the law
            to data that obey it; None: a search finds out by trying.
        origin: the file and name that it was read from, for other processes; empty when there is none.

    >>> from saddlesym import DiagonalProblem
    >>> few = Conjecture("few jumps", "at most d jumps", lambda path: len(path.jumps) <= path.problem.d)
    >>> few.test(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])).verdict
    <Verdict.FAILS: 'FAILS'>
    """

    name: str
    says: str
    law: LawFunction
    assumes: tuple[Assumed, ...] = ()
    about: str = "path"
    symmetries: frozenset[str] | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        if self.about not in RESULTS:
            raise BadInputError(f"a conjecture about {shown(self.about)}", needed=", ".join(RESULTS))
        if not callable(self.law):
            raise BadInputError(f"the law of {shown(self.name)} is {shown(self.law)}", needed="a function")
        object.__setattr__(self, "assumes", tuple(self.assumes))
        for one in self.assumes:
            if not callable(one):
                assumption(one)
        if self.symmetries is not None:
            object.__setattr__(self, "symmetries", frozenset(self.symmetries))
            if strange := self.symmetries - SYMMETRIES:
                raise BadInputError(
                    f"the symmetry {shown(min(strange))}", needed=", ".join(sorted(SYMMETRIES))
                )

    @classmethod
    def written(
        cls, text: str, name: str = "", says: str = "", assumes: tuple[Assumed, ...] = ()
    ) -> Conjecture:
        """A conjecture in the language of :mod:`saddlesym.laboratory.language.parsing`.

        Raises:
            BadInputError: the text is no law.

        >>> from saddlesym import DiagonalProblem
        >>> Conjecture.written("jumps <= 2*d").test(DiagonalProblem([[2, 0], [0, 3]], [3, -1])).verdict
        <Verdict.HOLDS: 'HOLDS'>
        """
        law = TextLaw(text)
        return cls(name or text, says or text, law, assumes, "quantities", law.symmetries)

    @property
    def text(self) -> str:
        """The law as written in the language; empty for a law in Python."""
        return self.law.text if isinstance(self.law, TextLaw) else ""

    @property
    def kind(self) -> Kind:
        """The kind of evidence that it gives."""
        return RESULTS[self.about].kind

    @property
    def deep(self) -> bool:
        """Whether it is about deep linear networks."""
        return RESULTS[self.about].problem is DeepLinearProblem

    def test(self, problem: Problem) -> Evidence:
        """What the law says of these data.

        Args:
            problem: a :class:`DiagonalProblem`, or a :class:`DeepLinearProblem` for what is deep.

        Returns:
            Evidence whose verdict is HOLDS, FAILS (with its exact data), UNDECIDED, or SKIPPED where an
            assumption fails, a minimiser is not unique or the law speaks of what these data do not have.

        Raises:
            BadInputError: a problem of the other kind.
            LawError: the law or an assumption ended in an error, or gave no answer that is one.
        """
        if not isinstance(problem, RESULTS[self.about].problem):
            raise BadInputError(
                f"{shown(self.name)} is about {self.about}, these data are not",
                needed=RESULTS[self.about].problem.__name__,
            )
        for one in self.assumes:
            name, finding = self._examined(one, problem)
            if not finding.holds:
                verdict = Verdict.UNDECIDED if finding.holds is None else Verdict.SKIPPED
                told = "could not be decided" if finding.holds is None else "does not hold"
                reason = f": {finding.reason}" if finding.reason else ""
                return Evidence(self.kind, verdict, 0, f"{name} {told}{reason}")
        try:
            return evidence(self.kind, self._facts, problem)
        except _PassedOn as passed:
            if isinstance(passed.reason, LawError):
                raise passed.reason from passed.__cause__
            return Evidence(self.kind, Verdict.SKIPPED, 0, str(passed.reason))

    def _examined(self, one: Assumed, problem: Problem) -> tuple[str, Finding]:
        if isinstance(one, str):
            entry = assumption(one)
            try:
                return one, entry(problem)
            except AttributeError:  # of the other wing
                raise BadInputError(
                    f"{one} is an assumption on other networks", needed="one of this wing"
                ) from None
        name = getattr(one, "__name__", "assumption")
        try:
            answer = one(problem)
        except NonUniqueMinimiserError as error:
            return name, Finding(False, error.given)
        except SaddlesymError as error:
            return name, Finding(None, str(error))
        except Exception as error:
            raise self._broken(f"the assumption {name}", error, problem) from error
        return name, answer if isinstance(answer, Finding) else Finding(bool(answer))

    def _facts(self, problem: Problem) -> Iterator[Fact]:
        result = RESULTS[self.about].compute(problem)
        silent = True
        try:
            for fact in _facts_of(self.law(result)):
                silent = False
                yield fact
        except UndefinedError as error:
            raise _PassedOn(error.given) from None
        except SaddlesymError:
            raise
        except Exception as error:
            raise _PassedOn(self._broken("the law", error, problem)) from error
        if silent:
            raise _PassedOn("the law says nothing of these data")

    def _broken(self, what: str, error: Exception, problem: Problem) -> LawError:
        from saddlesym.laboratory.boxes import told

        return LawError(
            f"{what} of {shown(self.name)} ended in {type(error).__name__} ({shown(error, 80)[1:-1]})"
            f" on {told(problem)}",
            needed="True, False, None, a Fact, or several Facts",
        )


class _PassedOn(Exception):  # noqa: N818
    """What has to get past the reading of typed errors as undecided."""

    def __init__(self, reason: str | LawError) -> None:
        super().__init__(reason)
        self.reason = reason


def _facts_of(answer: Any) -> Iterator[Fact]:
    """What a law answered, as facts.

    Raises:
        TypeError: it is no answer.
    """
    if answer is None:
        return
    if isinstance(answer, Fact):
        yield answer
    elif isinstance(answer, Iterable) and not isinstance(answer, str | bytes | dict):
        for one in answer:
            if isinstance(one, bool):
                yield Fact(one, "")
            elif isinstance(one, Fact):
                yield one
            else:
                raise TypeError(f"it yielded {shown(one)}")
    elif type(answer).__name__ in ("bool", "bool_"):
        yield Fact(bool(answer), "")
    else:
        raise TypeError(f"it returned {shown(answer)}")
