"""Checks of the transition rule: all pairs of saddles, by enumeration in a definite problem."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from flint import fmpq

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.theorems.diagonal.reference.definitions import PlainQuadratic, signed_minimisers, subsets
from saddlesym.theorems.evidence.check import SHRINKING, Check, Fact, UndecidedError, seeded
from saddlesym.theorems.evidence.verdict import Kind

#: Largest d whose 4^d pairs of saddles are all gone through, and largest d that is tried at all.
ALL_PAIRS, LARGEST = 5, 12
#: Pairs that are drawn when there are too many.
DRAWN = 40


class Saddles:
    """Every saddle of a definite problem by its support, with its gradient."""

    def __init__(self, problem: DiagonalProblem) -> None:
        if problem.d > LARGEST:
            raise UndecidedError(f"{problem.d} coordinates have too many saddles to go through")
        self._rng = seeded(problem, "transitions")
        self.form = PlainQuadratic.of(problem)
        self.beta: dict[tuple[int, ...], list[fmpq]] = {}
        for S in subsets(range(problem.d)):
            b = self.form.stationary(S)
            if b is not None and all(b[i] != 0 for i in S):
                self.beta[S] = b
        self.slope = {S: self.form.gradient(b) for S, b in self.beta.items()}

    def pairs(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """All ordered pairs of saddles; when they are too many, some where one coordinate enters."""
        if self.form.d <= ALL_PAIRS:
            yield from ((S, T) for S in self.beta for T in self.beta if S != T)
            return
        supports = [S for S in self.beta if len(S) < self.form.d]
        for _ in range(DRAWN):
            S = self._rng.choice(supports)
            entering = self._rng.choice([j for j in range(self.form.d) if j not in S])
            for dropped in (None, *S):
                T = tuple(sorted({*S, entering} - {dropped}))
                if T in self.beta:
                    yield S, T

    def rule(self, S: tuple[int, ...], T: tuple[int, ...], *, leaving: bool = True) -> bool:
        """The transition rule from β_S to β_T; ``leaving=False`` forgets the condition on S∖T."""
        b, c, g, h = self.beta[S], self.beta[T], self.slope[S], self.slope[T]
        new = [j for j in T if j not in S]
        if not new or any(g[j] * c[j] >= 0 for j in new):
            return False
        if any(b[j] * c[j] < 0 for j in S if j in T):
            return False
        return not leaving or all(b[j] * h[j] >= 0 for j in S if j not in T)

    def attracted(self, S: tuple[int, ...], T: tuple[int, ...]) -> bool:
        """Whether β_T attracts the interior of the face of an orthant that β_S is unstable in.

        On the face of the coordinates S ∪ T with given signs the flow goes to the only
        sign-constrained minimiser; the signs on T∖S are those in which β_S is unstable.
        """
        b, g = self.beta[S], self.slope[S]
        new = [j for j in T if j not in S]
        if not new or any(g[j] == 0 for j in new):
            return False
        signs = {j: (1 if b[j] > 0 else -1) for j in S} | {j: (-1 if g[j] > 0 else 1) for j in new}
        return signed_minimisers(self.form, signs) == [self.beta[T]]

    def edges(self) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """The pairs that the rule joins."""
        return [(S, T) for S, T in self.pairs() if self.rule(S, T)]


def _transitions(problem: DiagonalProblem, *, leaving: bool) -> Iterator[Fact]:
    saddles = Saddles(problem)
    for S, T in saddles.pairs():
        ruled, attracted = saddles.rule(S, T, leaving=leaving), saddles.attracted(S, T)
        yield Fact(ruled == attracted, f"{S} → {T}: the rule says {ruled}, enumeration {attracted}")


def transition_rule(problem: DiagonalProblem) -> Iterator[Fact]:
    """The rule for all pairs of saddles against enumerated sign-constrained minimisers."""
    return _transitions(problem, leaving=True)


def rule_without_leaving(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the KKT sign on S∖T is not needed."""
    return _transitions(problem, leaving=False)


def acyclicity(problem: DiagonalProblem) -> Iterator[Fact]:
    """L along every transition, and a topological order of the graph."""
    saddles = Saddles(problem)
    edges = saddles.edges()
    for S, T in edges:
        lower = saddles.form.value(saddles.beta[T]) < saddles.form.value(saddles.beta[S])
        yield Fact(lower, f"the loss does not fall from {S} to {T}")
    if edges:
        graph: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        for S, T in edges:
            graph.setdefault(S, []).append(T)
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            yield Fact(False, f"a cycle of transitions: {error.args[1]}")
        else:
            yield Fact(True, "acyclic")


def supports_grow(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: every transition makes the active set larger."""
    for S, T in Saddles(problem).edges():
        yield Fact(len(T) > len(S), f"the active set does not grow from {S} to {T}")


CHECKS = (
    Check(
        "transition-rule",
        Kind.EXACT,
        "the rule for all pairs of saddles against enumerated sign-constrained minimisers (not orbits)",
        transition_rule,
        rule_without_leaving,
        "the KKT sign on S∖T is not needed",
        "definite",
        witness=SHRINKING,
    ),
    Check(
        "acyclicity",
        Kind.EXACT,
        "L along every transition, and a topological order of the graph",
        acyclicity,
        supports_grow,
        "every transition makes the active set larger",
        "definite",
        witness=SHRINKING,
    ),
)
