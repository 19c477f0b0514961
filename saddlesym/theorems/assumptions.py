"""Assumptions that can be executed: does a problem meet them, and if not, why not?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from flint import fmpq_mat

from saddlesym.diagonal.path import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.trajectory import SaddlePath
from saddlesym.errors import BadInputError, NonUniqueMinimiserError, SaddlesymError, shown
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.text import abbreviated
from saddlesym.theorems.statement import Wing
from saddlesym.theorems.wings import Problem


@dataclass(frozen=True)
class Finding:
    """Whether an assumption holds on a problem.

    Attributes:
        holds: True, False, or None when it could not be decided.
        reason: why it does not hold (naming columns), or was not decided.
    """

    holds: bool | None
    reason: str = ""


@dataclass(frozen=True)
class Assumption:
    """An assumption of a statement.

    Attributes:
        id: permanent id.
        sentence: what is assumed.
        examine: the test of one problem of the wing.
        wing: the kind of problem it is about.
    """

    id: str
    sentence: str
    examine: Callable[[Any], Finding]
    wing: Wing = "diagonal"

    def __call__(self, problem: Problem) -> Finding:
        """Examine a problem."""
        try:
            return self.examine(problem)
        except SaddlesymError as error:
            return Finding(None, str(error))


@lru_cache(maxsize=256)
def path_of(problem: DiagonalProblem) -> SaddlePath:
    """The saddle path of a problem, computed once (problems are compared by identity)."""
    return saddle_path(problem)


def _data_given(problem: DiagonalProblem) -> Finding:
    return Finding(problem.has_data, "the problem is given by M and r, without X and y")


def _general_position(problem: DiagonalProblem) -> Finding:
    from saddlesym.diagonal.position import general_position

    answer = general_position(problem)
    if answer.holds:
        return Finding(True)
    return Finding(False, f"columns {problem.names(answer.columns)} break it")


def _strictly_convex(problem: DiagonalProblem) -> Finding:
    rows = [[to_fmpq(q) for q in row] for row in problem.M]
    echelon, rank = fmpq_mat(rows).rref()
    if rank == problem.d:
        return Finding(True)
    pivots = {next(j for j in range(problem.d) if echelon[i, j] != 0) for i in range(rank)}
    free = next(j for j in range(problem.d) if j not in pivots)
    on = [j for j in sorted(pivots) if echelon[sorted(pivots).index(j), free] != 0]
    return Finding(False, f"M is singular: columns {problem.names([*on, free])} are linearly dependent")


def _orthogonal(problem: DiagonalProblem) -> Finding:
    M = problem.M
    for i in range(problem.d):
        for j in range(i):
            if M[i][j] != 0:
                return Finding(False, f"columns {problem.names([j, i])} are not orthogonal")
    return Finding(True)


def _nonzero_correlation(problem: DiagonalProblem) -> Finding:
    if any(problem.r):
        return Finding(True)
    return Finding(False, "no column correlates with the target (r = 0), so the flow rests at zero")


def _unique_minimisers(problem: DiagonalProblem) -> Finding:
    try:
        path = path_of(problem)
    except NonUniqueMinimiserError as error:
        at = "" if error.time is None else f" at t = {abbreviated(error.time)}"
        return Finding(False, f"the coefficients of {problem.names(error.columns)} are not determined{at}")
    # equal or opposite columns have a path, on which they share, but no unique minimiser
    leader: dict[tuple[object, ...], int] = {}
    for j in sorted({j for jump in path.jumps for j in jump.support}):
        key, _ = problem.quadratic.fingerprint(j)
        if key in leader:
            twins = problem.names([leader[key], j])
            return Finding(False, f"columns {twins} are equal or opposite and can be traded")
        leader[key] = j
    return Finding(True)


def _isolated_jumps(problem: DiagonalProblem) -> Finding:
    try:
        path = path_of(problem)
    except NonUniqueMinimiserError as error:
        return Finding(False, error.given)
    for jump in path.jumps:
        if len(jump.hits) > 1:
            names = problem.names([hit.coordinate for hit in jump.hits])
            return Finding(False, f"{names} reach their bounds together at t = {abbreviated(jump.time)}")
    return Finding(True)


def _entering_jumps(problem: DiagonalProblem) -> Finding:
    for jump in path_of(problem).jumps:
        if {hit.coordinate for hit in jump.hits} != set(jump.entered):
            names = problem.names([hit.coordinate for hit in jump.hits])
            return Finding(False, f"{names} does not enter alone at t = {abbreviated(jump.time)}")
    return Finding(True)


def _regular_dwells(problem: DiagonalProblem) -> Finding:
    rows = [[to_fmpq(q) for q in row] for row in problem.M]
    for jump in path_of(problem).jumps:
        S = jump.support
        if fmpq_mat([[rows[i][j] for j in S] for i in S]).rank() < len(S):
            return Finding(False, f"the active columns {problem.names(S)} are linearly dependent")
        for i, (b, g, s) in enumerate(zip(jump.beta, jump.gradient, jump.dual, strict=True)):
            if b == 0 and g == 0 and abs(s) == 1:
                where = f"from t = {abbreviated(jump.time)} on"
                return Finding(
                    False, f"{problem.names((i,))} rests at its bound without being active {where}"
                )
    return Finding(True)


def _no_departure(problem: DiagonalProblem) -> Finding:
    for jump in path_of(problem).jumps:
        if jump.left:
            return Finding(False, f"{problem.names(jump.left)} leaves at t = {abbreviated(jump.time)}")
    return Finding(True)


@cache
def assumptions(wing: Wing = "diagonal") -> dict[str, Assumption]:
    """The executable assumptions of a wing by id.

    >>> from saddlesym import DiagonalProblem
    >>> assumptions()["strictly-convex"](DiagonalProblem([[1, 2]], [1])).reason
    "M is singular: columns 'x0', 'x1' are linearly dependent"
    """
    if wing == "deep":
        from saddlesym.theorems.deep_assumptions import DEEP_ASSUMPTIONS

        return {entry.id: entry for entry in DEEP_ASSUMPTIONS}
    entries = (
        Assumption("data-given", "the problem is given by X and y", _data_given),
        Assumption(
            "general-position",
            "the signed columns are in general position (PF23, Assumption 1)",
            _general_position,
        ),
        Assumption("strictly-convex", "M is positive definite", _strictly_convex),
        Assumption("orthogonal-design", "the columns are orthogonal: M is diagonal", _orthogonal),
        Assumption(
            "nonzero-correlation", "some column correlates with the target: r ≠ 0", _nonzero_correlation
        ),
        Assumption(
            "unique-minimisers",
            "every sign-constrained minimiser that the path meets is unique (weaker than general position)",
            _unique_minimisers,
        ),
        Assumption("isolated-jumps", "one coordinate at a time reaches its bound", _isolated_jumps),
        Assumption(
            "entering-jumps",
            "at every jump the coordinate that reaches its bound enters, and no other",
            _entering_jumps,
        ),
        Assumption(
            "regular-dwells",
            "at every saddle active columns are independent and no inactive coordinate rests at its bound",
            _regular_dwells,
        ),
        Assumption("no-departure", "no coordinate ever leaves the active set", _no_departure),
    )
    return {entry.id: entry for entry in entries}


def assumption(assumption_id: str) -> Assumption:
    """One assumption by its id."""
    found = (assumptions() | assumptions("deep")).get(assumption_id)
    if found is None:
        raise BadInputError(f"{shown(assumption_id)} is not an assumption", needed="an assumption id")
    return found


def first_unmet(ids: tuple[str, ...], problem: Problem) -> tuple[str, Finding] | None:
    """The first of these assumptions that a problem does not meet, and why; None if it meets all."""
    for one in ids:
        finding = assumption(one)(problem)
        if not finding.holds:
            return one, finding
    return None
