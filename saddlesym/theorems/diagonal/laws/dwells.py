"""Where the exact path can be seen in a flow of a given scale: the resolved dwells.

In the middle of a dwell an inactive coordinate has shrunk to about α^{2(1−|s_i|)}
and an active one has relaxed at the slowest rate of ``2|β_S|M_SS``.  A dwell that is
too short for both at the scale α is not resolved, and comparing there would test
nothing; a law that finds no resolved dwell is undecided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flint import arb, fmpq

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import fraction
from saddlesym.theorems.diagonal.laws.path import Steps
from saddlesym.theorems.diagonal.reference.definitions import PlainQuadratic
from saddlesym.theorems.diagonal.reference.plain_flow import PlainFlow
from saddlesym.theorems.evidence.check import UndecidedError

#: Inactive coordinates must be below 10^−SHARP, active ones within it, at mid-dwell.
SHARP = 3


@dataclass(frozen=True)
class ResolvedDwell:
    """A resolved dwell of the exact path.

    Attributes:
        number: 0 for the one before the first jump.
        middle: accelerated time of its middle.
        beta: the saddle (d).
    """

    number: int
    middle: fmpq
    beta: list[fmpq]


@lru_cache(maxsize=64)
def steps_of(problem: DiagonalProblem) -> Steps:
    """The plain steps of the exact path, computed once."""
    return Steps(problem)


@lru_cache(maxsize=64)
def training(problem: DiagonalProblem, digits: int) -> PlainFlow:
    """The plain flow from α = 10^−digits, shared by the checks of one instance."""
    return PlainFlow.training(PlainQuadratic.of(problem), digits)


def natural(t: fmpq, digits: int) -> arb:
    """Natural time of an accelerated time at α = 10^−digits."""
    with workprec(128):
        return (arb(10).log() * digits * arb(t)).mid()


def resolved(
    form: PlainQuadratic,
    times: Sequence[fmpq],
    betas: Sequence[Sequence[fmpq]],
    duals: Sequence[Sequence[fmpq]],
    thresholds: Sequence[fmpq],
    digits: int,
) -> list[ResolvedDwell]:
    """The first dwells that a flow of scale 10^−digits resolves; the last of all is taken a quarter longer.

    The list ends before the first dwell that is not resolved, since that one leaves its
    trace on all later ones.
    """
    out = []
    for k, begin in enumerate(times):
        end = times[k + 1] if k + 1 < len(times) else begin * fmpq(5, 4)
        middle = (begin + end) / 2
        slope = form.gradient(betas[k])
        at_middle = [s - (middle - begin) * g for s, g in zip(duals[k], slope, strict=True)]
        gaps = [kappa - abs(s) for s, b, kappa in zip(at_middle, betas[k], thresholds, strict=True) if b == 0]
        decayed = all(2 * digits * gap >= SHARP for gap in gaps)
        relaxed = _slowest_rate(form, betas[k]) * float(natural(middle - begin, digits)) >= SHARP * 2.31
        if not (decayed and relaxed):
            break
        out.append(ResolvedDwell(k, middle, list(betas[k])))
    return out


def resolved_dwells(problem: DiagonalProblem, digits: int) -> list[ResolvedDwell]:
    """The resolved dwells of the ordinary path."""
    steps = steps_of(problem)
    ones = [fmpq(1)] * problem.d
    return resolved(steps.form, steps.times, steps.betas, steps.duals, ones, digits)


def scales_for(problem: DiagonalProblem, first: int) -> tuple[int, int, int]:
    """Three scales, each the square of the one before, that show at least one jump.

    The first is 10^−first, or its square or fourth power where that one is too coarse.
    """
    for digits in (first, 2 * first, 4 * first):
        if any(dwell.number for dwell in resolved_dwells(problem, digits)):
            return digits, 2 * digits, 4 * digits
    raise UndecidedError(f"no dwell after a jump is long enough to be resolved at α = 1e-{4 * first}")


def needed(dwells: list[ResolvedDwell], digits: int) -> list[ResolvedDwell]:
    """The dwells, if there is one after a jump; else the law is undecided."""
    if not any(dwell.number for dwell in dwells):
        raise UndecidedError(f"no dwell after a jump is long enough to be resolved at α = 1e-{digits}")
    return dwells


def _slowest_rate(form: PlainQuadratic, beta: Sequence[fmpq]) -> float:
    """The smallest eigenvalue of ``2 diag(√|β_S|) M_SS diag(√|β_S|)``; infinite for no support."""
    import numpy as np

    S = [i for i, b in enumerate(beta) if b != 0]
    if not S:
        return float("inf")
    root = np.sqrt([abs(float(fraction(beta[i]))) for i in S])
    block = np.array([[float(fraction(form.M[i][j])) for j in S] for i in S])
    return float(2 * np.linalg.eigvalsh(block * np.outer(root, root))[0])


def relative_error(found: Sequence[arb], saddle: Sequence[fmpq]) -> float:
    """``‖found − saddle‖_∞ / (1 + ‖saddle‖_∞)``."""
    size = 1 + max(abs(b) for b in saddle)
    gap = max(float(abs(x - arb(b)).mid()) for x, b in zip(found, saddle, strict=True))
    return gap / float(fraction(size))
