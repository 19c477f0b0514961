"""Checks of the distances at initialisation: fitted exponents against J21's theorem 1."""

from __future__ import annotations

from collections.abc import Iterator

from saddlesym.deep.experiments.initialisation import initialisation_study, predicted_exponent
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.theorems.deep.reference.definitions import seeded
from saddlesym.theorems.evidence.check import Check, Fact, UndecidedError
from saddlesym.theorems.evidence.verdict import Kind

#: Widths at which little but the exponent is left to see, from draws of the exact law.
_WIDTHS = tuple(2**k for k in (40, 56, 72, 88, 104))
#: So wide that one instance in thousands misses by chance.
_CONFIDENCE = 0.99999
#: All saddles below A* are tried: 2^r of them.
_MODES = 4
#: What the false variant adds to γ.
_OFF = 0.01


def scalar() -> DeepLinearProblem:
    """One input, one output, the target 2."""
    return DeepLinearProblem.whitened([[2]])


def _exponents(problem: DeepLinearProblem, off: float) -> Iterator[Fact]:
    target, depth = [[float(x) for x in row] for row in problem.cost.target or ()], problem.depth
    if not any(map(any, target)):
        raise UndecidedError("A* = 0 leaves no saddle to measure the distance of")
    if min(problem.cost.shape) > _MODES:
        raise UndecidedError(f"more than {_MODES} modes: `saddlesym deep initialisation` takes its time")
    gammas = (1 - 0.5 / depth, 2.0)  # in the middle of what the theorem allows below 1, and above
    seed = seeded(problem, "initialisation").randrange(10**6)
    study = initialisation_study(
        target, depth=depth, gammas=gammas, widths=_WIDTHS, samples=2, seed=seed, confidence=_CONFIDENCE
    )
    claimed = [fit for fit in study.fits if fit.asymptotic]
    if not claimed:
        raise UndecidedError("the singular values of A* are too far apart for these widths")
    for fit in claimed:
        expected = predicted_exponent(fit.quantity, fit.gamma + off, depth)
        told = f"{fit.quantity}, γ = {fit.gamma:g}: exponent {fit.exponent:.5f}, expected {expected:.5f}"
        yield Fact(fit.low <= expected <= fit.high, told)


def initialisation_distances(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Exponents of both distances in the width, fitted to samples."""
    return _exponents(problem, 0.0)


def shifted_exponents(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the exponents are those of γ + 1/100."""
    return _exponents(problem, _OFF)


CHECKS = (
    Check(
        "deep-initialisation-distances",
        Kind.NUMERIC,
        "exponents of both distances in the width, fitted to samples at widths of 2^40 to 2^104",
        initialisation_distances,
        shifted_exponents,
        "the exponents are those of γ + 1/100",
        "deep-small-target",
        witness=scalar,
        share=0.05,
    ),
)
