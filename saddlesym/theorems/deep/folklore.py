"""Folklore about deep linear networks, with exact counterexamples."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from flint import fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.linear.matrices import flint_matrix, identity
from saddlesym.exact.linear.rational import is_positive_semidefinite
from saddlesym.theorems.deep.laws.escape import local_maximisers
from saddlesym.theorems.deep.reference.definitions import Mode, random_matrix, rational_modes
from saddlesym.theorems.evidence.check import Fact

Violation: TypeAlias = Callable[[DeepLinearProblem], str | None]


def _together(problem: DeepLinearProblem) -> str | None:
    """Modes of equal σ of a whitened target that appear together in two layers.

    From a balanced start α·(fixed rows B) the block of m such modes is
    ``A = σ(I − (I + q/(2σ)·BBᵀ)⁻¹)`` with ``q = α^(2 − 2σt)`` (deep-jump-times-whitened).
    The ratio of its eigenvalues stays above that of BBᵀ for every q, so that nothing of
    lower rank is met between 0 and σI.
    """
    if not problem.cost.is_whitened or problem.depth != 2:
        return None
    target = -problem.flint_gradient_at_origin()
    gram = target.transpose() * target
    for factor, multiplicity in gram.charpoly().factor()[1]:
        if multiplicity == 2 and factor.degree() == 1 and factor[0] != 0 and problem.max_rank >= 2:
            square = -factor[0] / factor[1]
            sigma = fmpq(square.p.isqrt(), square.q.isqrt())
            if sigma * sigma == square and _never_of_rank_one(sigma, problem.hidden[0]):
                return f"two modes of σ = {sigma} appear together at t = {1 / sigma}: the rank grows by two"
    return None


def _never_of_rank_one(sigma: fmpq, width: int) -> bool:
    """4 det A/(tr A)² of that block against the same of BBᵀ, for q from 2⁻²⁰⁰ to 2²⁰⁰."""
    rng = random.Random(f"together/{width}")
    for _ in range(5):
        B = random_matrix(rng, 2, width)
        S = B * B.transpose()
        if S.det() == 0:
            continue
        for power in range(-200, 201, 50):
            q = fmpq(2) ** power
            A = sigma * (identity(2) - (identity(2) + q / (2 * sigma) * S).inv())
            if A.det() * _trace(S) ** 2 < S.det() * _trace(A) ** 2:
                return False
        far = sigma * identity(2) - A
        return is_positive_semidefinite((far + fmpq(1, 2**100) * identity(2)).numer_denom()[0])
    return False


def _trace(M: fmpq_mat) -> fmpq:
    return M[0, 0] + M[1, 1]


def _other_order(problem: DeepLinearProblem) -> str | None:
    """Modes shared by A* and −∇C(0) that are not in the same order by σ and by s."""
    if problem.depth != 2:
        return None
    G = -problem.flint_gradient_at_origin()
    modes = rational_modes(_target(problem))
    if not modes:
        return None
    speeds = [(mode, _shared(G, mode)) for mode in modes]
    for k, (late, slow) in enumerate(speeds):
        for early, fast in speeds[k + 1 :]:
            if slow is not None and fast is not None and 0 < slow < fast:
                return (
                    f"the mode of σ = {early.value} has s = {fast} and escapes at t = {1 / fast}, before"
                    f" that of σ = {late.value} with s = {slow} at t = {1 / slow}"
                )
    return None


def _target(problem: DeepLinearProblem) -> fmpq_mat:
    """The minimiser A*: the given one, or BK⁻¹."""
    if problem.cost.target is not None:
        return flint_matrix(problem.cost.target)
    _, K, B = problem.cost.flint
    return B * K.inv() if K.det() != 0 else fmpq_mat(*problem.cost.shape)


def _shared(G: fmpq_mat, mode: Mode) -> fmpq | None:
    """s with Gv = su and Gᵀu = sv, or None."""
    s = (mode.u.transpose() * G * mode.v)[0, 0]
    return s if G * mode.v == s * mode.u and G.transpose() * mode.u == s * mode.v else None


def _no_maximiser(problem: DeepLinearProblem) -> str | None:
    """A singular pair below the top one, off which −H rises."""
    facts = list(local_maximisers(problem))
    if facts and all(fact.holds for fact in facts):
        return facts[-1].what
    return None


def _reflected_starts(problem: DeepLinearProblem) -> str | None:
    """A balanced start on the other side of the singular matrices, where A stays.

    For w ≥ m = n, W_2 = QW_1ᵀ with an orthogonal Q along the whole flow, and W_1 keeps its rank: the
    sign of det A = det Q·det W_1ᵀW_1 never changes.  Half of the balanced starts have either sign.
    """
    rows, columns = problem.cost.shape
    if not problem.cost.is_whitened or problem.depth != 2 or not rows == columns <= problem.hidden[0]:
        return None
    target = flint_matrix(problem.cost.target or ())
    for flip in (1, -1):
        W1 = fmpq_mat(problem.hidden[0], columns)
        Q = identity(rows)
        Q[0, 0] = flip
        for k in range(columns):
            W1[k, k] = 1
        W2 = Q * W1.transpose()
        sign = (W2 * W1).det() * target.det()
        if sign < 0 and W2.transpose() * W2 == W1 * W1.transpose():
            diagonal = ", ".join(map(str, [flip, *[1] * (rows - 1)]))
            return (
                f"from W_1 with the rows of I and W_2 = QW_1ᵀ, Q = diag({diagonal}), and from half of all"
                f" balanced starts, det A·det A* stays negative"
            )
    return None


def _rows(M: fmpq_mat) -> list[list[str]]:
    return [[str(q) for q in row] for row in M.tolist()]


@dataclass(frozen=True)
class DeepCounterexample:
    """A counterexample to a sentence about deep linear networks.

    Attributes:
        statement: id of the sentence.
        make: makes the problem.
        told: what it is, with its data as people write them.
        violation: says how a problem violates the sentence, or None if it does not.
    """

    statement: str
    make: Callable[[], DeepLinearProblem]
    told: str
    violation: Violation

    def law(self, problem: DeepLinearProblem) -> Iterator[Fact]:
        """The sentence as a law of one problem, which it may or may not obey."""
        violated = self.violation(problem)
        yield Fact(violated is None, violated or "")

    def refutes(self) -> str | None:
        """How the recorded problem refutes the sentence, worked out anew; None if it does not."""
        return self.violation(self.make())

    def to_dict(self) -> dict[str, Any]:
        """The problem, JSON-ready."""
        return self.make().to_dict()


DEEP_RECORDED = (
    DeepCounterexample(
        "deep-rank-grows-by-one",
        lambda: DeepLinearProblem.whitened([[1, 0], [0, 1]]),
        "smallest counterexample A* = [[1, 0], [0, 1]], whitened, L = 2",
        _together,
    ),
    DeepCounterexample(
        "deep-order-from-target",
        lambda: DeepLinearProblem.squared_error([[1, 0], [0, 2]], [[2, 0], [0, 2]]),
        "counterexample A* = [[2, 0], [0, 1]] with inputs X = [[1, 0], [0, 2]], L = 2",
        _other_order,
    ),
    DeepCounterexample(
        "deep-every-pair-maximises",
        lambda: DeepLinearProblem.whitened([[2, 0], [0, 1]], depth=3),
        "counterexample A* = [[2, 0], [0, 1]], whitened, L = 3",
        _no_maximiser,
    ),
    DeepCounterexample(
        "deep-every-balanced-start-learns",
        lambda: DeepLinearProblem.whitened([[1]]),
        "smallest counterexample A* = [[1]], whitened, L = 2",
        _reflected_starts,
    ),
)
