"""Executable assumptions on problems of the diagonal wing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from flint import fmpq_mat

from saddlesym.diagonal.path.data_precision import Stop
from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import NonUniqueMinimiserError
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.text import abbreviated
from saddlesym.theorems.assumption import Assumption, Finding

_STOP: ContextVar[Stop | None] = ContextVar("_STOP", default=None)


@contextmanager
def stopped_paths(stop: Stop) -> Iterator[None]:
    """Within it every path ends where ``stop`` says: what is checked then is said of that part of it."""
    token = _STOP.set(stop)
    try:
        yield
    finally:
        _STOP.reset(token)


def path_of(problem: DiagonalProblem) -> SaddlePath:
    """The saddle path of a problem, computed once (equal problems share it)."""
    return _path(problem, _STOP.get())


@lru_cache(maxsize=256)
def _path(problem: DiagonalProblem, stop: Stop | None) -> SaddlePath:
    return saddle_path(problem, **({} if stop is None else stop.options()))


def _data_given(problem: DiagonalProblem) -> Finding:
    return Finding(problem.has_data, "the problem is given by M and r, without X and y")


def _general_position(problem: DiagonalProblem) -> Finding:
    from saddlesym.diagonal.saddles.position import general_position

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


DIAGONAL_ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption("data-given", "the problem is given by X and y", _data_given),
    Assumption(
        "general-position",
        "the signed columns are in general position (PF23, Assumption 1)",
        _general_position,
    ),
    Assumption("strictly-convex", "M is positive definite", _strictly_convex),
    Assumption("orthogonal-design", "the columns are orthogonal: M is diagonal", _orthogonal),
    Assumption("nonzero-correlation", "some column correlates with the target: r ≠ 0", _nonzero_correlation),
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
