"""Checks of the distances at initialisation: fitted exponents against J21's theorem 1."""

from __future__ import annotations

from collections.abc import Iterator

from saddlesym.deep.initialisation import initialisation_study
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.theorems.checks.check import Check, Fact, UndecidedError
from saddlesym.theorems.checks.deep_reference import seeded
from saddlesym.theorems.verdict import Kind

#: Values of γ below and above 1, and widths.  (Three layers take minutes: ``deep initialisation``.)
_GAMMAS, _WIDTHS = (0.7, 2.0), (32, 64, 128, 256, 512)
#: So wide that one instance in thousands misses by chance.
_CONFIDENCE = 0.99999


def scalar() -> DeepLinearProblem:
    """One input, one output, the target 2."""
    return DeepLinearProblem.whitened([[2]])


def _exponents(problem: DeepLinearProblem, sign: int) -> Iterator[Fact]:
    if problem.depth != 2:
        raise UndecidedError("distances are sampled here for two layers only")
    target = [[float(x) for x in row] for row in problem.cost.target or ()]
    seed = seeded(problem, "initialisation").randrange(10**6)
    study = initialisation_study(target, 2, _GAMMAS, _WIDTHS, samples=4, seed=seed, confidence=_CONFIDENCE)
    for fit in study.fits:
        expected = sign * fit.predicted
        told = f"{fit.quantity}, γ = {fit.gamma:g}: exponent {fit.exponent:.3f}, expected {expected:.3f}"
        yield Fact(fit.low <= expected <= fit.high, told)


def initialisation_distances(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Exponents of both distances in the width, fitted to samples."""
    return _exponents(problem, 1)


def opposite_exponents(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the exponents have the other sign."""
    return _exponents(problem, -1)


CHECKS = (
    Check(
        "deep-initialisation-distances",
        Kind.NUMERIC,
        "exponents of both distances in the width, fitted to samples at five widths",
        initialisation_distances,
        opposite_exponents,
        "the exponents have the other sign",
        "deep-small-target",
        witness=scalar,
        share=0.015,
    ),
)
