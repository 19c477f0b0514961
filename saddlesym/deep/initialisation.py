"""Distances at initialisation: how they scale with the width (J21, theorem 1).

The weights are i.i.d. N(0, w^{−γ}) in a network of hidden width w.  As w → ∞

    distance to the global minima ≍ w^{−(1−γ)(L−1)/2} for 1 − 1/L ≤ γ < 1,  ≍ 1 for γ ≥ 1,
    distance to the saddles       ≍ w^{(1−γ)/2}.

Both are sampled (:mod:`saddlesym.deep.distances`) for a grid of γ and w, and the
exponents are fitted with what is known of the corrections at finite width:

- minima, γ > 1: θ has norm of order ``x = w^{−(γ−1)/2}`` beside minima of norm one; terms in
  x and x² are fitted;
- minima, γ < 1: the step is ``x = w^{−L(1−γ)/2}`` of the norms of the layers, and A_θ is
  ``y = w^{−(γL−L+1)/2}`` beside A*; changing the sign of a layer changes that of A_θ, so only x²
  and y² count on the mean (the lower bound has a term in x too); the slower one is fitted;
- saddles: the n_0 + n_L Gaussian vectors whose norms count fluctuate by w^{−1/2}; fitted.

The intervals of a study hold together: each has the level 1 − (1 − confidence)/(number of fits).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from scipy.stats import t as student

from saddlesym.deep.distances import Distances, distances
from saddlesym.errors import BadInputError, shown

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]

#: Values of γ on both sides of 1 for L layers, inside the theorem's range γ ≥ 1 − 1/L.
_GAMMAS = {2: (0.6, 0.65, 0.7, 0.75, 0.8), 3: (0.75, 0.775, 0.8, 0.825, 0.85)}
_ABOVE = (1.5, 1.75, 2.0, 2.5, 3.0)
#: Hidden widths by default, half an octave apart: layers of w × w numbers leave less room beyond L = 2.
_WIDTHS = {
    2: tuple(round(2 ** (k / 2)) for k in range(16, 29)),
    3: tuple(round(2 ** (k / 2)) for k in range(8, 17)),
}


@dataclass(frozen=True)
class ExponentFit:
    """The exponent of one distance in the width.

    Attributes:
        quantity: ``"minima"`` or ``"saddles"``.
        bound: ``"upper"`` or ``"lower"``: which end of the brackets was fitted.
        gamma: the exponent of the variance, w^{−γ}.
        exponent: fitted p in d ≍ w^p.
        low: lower end of the confidence interval.
        high: upper end.
        predicted: the exponent of J21's theorem 1.
        means: geometric mean of the distance at each width.
    """

    quantity: str
    bound: str
    gamma: float
    exponent: float
    low: float
    high: float
    predicted: float
    means: tuple[float, ...]

    @property
    def agrees(self) -> bool:
        """Whether the predicted exponent lies in the confidence interval."""
        return self.low <= self.predicted <= self.high

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "quantity": self.quantity, "bound": self.bound, "gamma": self.gamma,
            "exponent": self.exponent, "interval": [self.low, self.high],
            "predicted": self.predicted, "agrees": self.agrees, "means": list(self.means),
        }  # fmt: skip


@dataclass(frozen=True, repr=False)
class InitialisationStudy:
    """Monte-Carlo estimates of both distances on a grid of γ and w, with fitted exponents.

    Attributes:
        target: A*, in float64.
        depth: L.
        gammas: the grid of γ.
        widths: the hidden widths w.
        samples: number of draws of θ for each γ and w.
        seed: seed of the draws.
        confidence: level at which all intervals hold at once.
        fits: one for each γ, quantity and bound.
    """

    target: tuple[tuple[float, ...], ...]
    depth: int
    gammas: tuple[float, ...]
    widths: tuple[int, ...]
    samples: int
    seed: int
    confidence: float
    fits: tuple[ExponentFit, ...]

    def of(self, quantity: str, bound: str = "upper") -> tuple[ExponentFit, ...]:
        """The fits of one quantity, in the order of γ."""
        return tuple(fit for fit in self.fits if (fit.quantity, fit.bound) == (quantity, bound))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "target": [list(row) for row in self.target], "depth": self.depth, "widths": list(self.widths),
            "gammas": list(self.gammas), "samples": self.samples, "seed": self.seed,
            "confidence": self.confidence, "fits": [fit.to_dict() for fit in self.fits],
        }  # fmt: skip

    def __repr__(self) -> str:
        agreeing = sum(fit.agrees for fit in self.fits)
        return f"InitialisationStudy(depth {self.depth}, {agreeing} of {len(self.fits)} exponents agree)"


def predicted_exponent(quantity: str, gamma: float, depth: int) -> float:
    """The exponent of w in J21's theorem 1.

    Raises:
        BadInputError: γ < 1 − 1/L, where the theorem says nothing.

    >>> predicted_exponent("minima", 0.5, 2), predicted_exponent("saddles", 2.0, 3)
    (-0.25, -0.5)
    """
    if gamma < 1 - 1 / depth:
        raise BadInputError(
            f"gamma = {gamma:g} at depth {depth}", needed=f"1 - 1/L = {1 - 1 / depth:g} or more"
        )
    if quantity == "minima":
        return min(gamma - 1, 0.0) * (depth - 1) / 2
    return (1 - gamma) / 2


def random_weights(
    target_shape: tuple[int, int], width: int, depth: int, gamma: float, generator: np.random.Generator
) -> list[Array]:
    """(W_1, …, W_L) with i.i.d. entries N(0, w^{−γ}), for A of this shape (n_L, n_0)."""
    n_out, n_in = target_shape
    sizes = [n_in, *[width] * (depth - 1), n_out]
    scale = width ** (-gamma / 2)
    return [scale * generator.standard_normal((b, a)) for a, b in pairwise(sizes)]


def initialisation_study(
    target: Any,
    depth: int = 2,
    gammas: Sequence[float] | None = None,
    widths: Sequence[int] | None = None,
    samples: int = 8,
    seed: int = 0,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> InitialisationStudy:
    """Sample both distances at initialisation and fit their exponents in the width.

    Args:
        target: A* (n_L × n_0), for the cost ``½‖A − A*‖²``.
        depth: L.
        gammas: the grid of γ ≥ 1 − 1/L, γ ≠ 1 where exponents are to be told apart;
            default five values on each side of 1.
        widths: five hidden widths at least; default 2⁸…2¹⁴ for L = 2, 2⁴…2⁸ beyond,
            half an octave apart.
        samples: draws of θ for each γ and w, each used with W_L and with −W_L.
        seed: the draws depend on it, on L, γ and w alone.
        confidence: level at which all intervals hold at once.  They rest on the sampling
            noise; where the residuals are larger than that explains (χ² test), on these.
        progress: called with the number of draws done and to do.

    Raises:
        BadInputError: a γ outside the theorem's range, widths below the sides of A*, ….

    >>> study = initialisation_study([[1]], gammas=[2.0], widths=[8, 16, 32, 64, 128], samples=4)
    >>> fit, = study.of("saddles")
    >>> fit.predicted, fit.agrees
    (-0.5, True)
    """
    depth, samples, seed = _count(depth, "depth", 2), _count(samples, "samples", 2), _count(seed, "seed", 0)
    grid = _gammas(gammas, depth)
    sizes = tuple(_count(w, "width", 1) for w in (_WIDTHS[min(depth, 3)] if widths is None else widths))
    if len(set(sizes)) < 5:
        raise BadInputError(
            f"{len(set(sizes))} widths", needed="five different ones at least, for a fit with errors"
        )
    if not 0 < confidence < 1:
        raise BadInputError(f"confidence {shown(confidence)}", needed="a level between 0 and 1")
    matrix = np.array(target, dtype=np.float64)
    fits = []
    level = 1 - (1 - confidence) / (4 * len(grid))
    total, done = len(grid) * len(sizes) * samples, 0
    for gamma in grid:
        found: list[list[tuple[Distances, Distances]]] = []
        for width in sizes:
            generator = np.random.default_rng([seed, depth, width, round(gamma * 1e6)])
            drawn = []
            for _ in range(samples):
                weights = random_weights(matrix.shape, width, depth, gamma, generator)
                # −W_L is as likely as W_L, and A_θ changes its sign: the mean of the two is steadier
                twin = [*weights[:-1], -weights[-1]]
                drawn.append((distances(weights, matrix), distances(twin, matrix)))
                done += 1
                if progress is not None:
                    progress(done, total)
            found.append(drawn)
        for quantity in ("minima", "saddles"):
            for bound in ("upper", "lower"):
                logs = [[_log(pair, quantity, bound) for pair in drawn] for drawn in found]
                fits.append(_fit(quantity, bound, gamma, depth, sizes, np.array(logs), level))
    rows = tuple(tuple(map(float, row)) for row in matrix)
    return InitialisationStudy(rows, depth, grid, sizes, samples, seed, confidence, tuple(fits))


def _log(pair: tuple[Distances, Distances], quantity: str, bound: str) -> float:
    """The mean logarithm of one bound of one distance over a draw and its twin."""
    return float(np.mean([np.log(getattr(getattr(d, quantity), bound)) for d in pair]))


def _fit(
    quantity: str, bound: str, gamma: float, depth: int, widths: Sequence[int], logs: Array, level: float
) -> ExponentFit:
    """Weighted least squares on the mean log-distance of each width."""
    samples = logs.shape[1]
    w = np.array(widths, dtype=np.float64)
    columns = [np.ones_like(w), np.log(w), *(w**-q for q in _corrections(quantity, bound, gamma, depth))]
    design = np.stack(columns, axis=1)
    means = logs.mean(axis=1)
    # the spread of so few draws is itself uncertain: a power law in w is fitted to it
    spread = np.exp(np.polyval(np.polyfit(np.log(w), np.log(logs.std(axis=1, ddof=1)), 1), np.log(w)))
    weight = np.sqrt(samples) / spread
    freedom = len(w) - len(columns)
    scaled = design * weight[:, None]
    solution = np.linalg.lstsq(scaled, means * weight, rcond=None)[0]
    excess = float(np.sum((weight * (means - design @ solution)) ** 2))
    error = float(np.sqrt(np.linalg.inv(scaled.T @ scaled)[1, 1]))
    if excess > chi2.ppf(0.95, freedom):
        error *= float(np.sqrt(excess / freedom))
    else:
        freedom = len(w) * (samples - 1)
    reach = float(student.ppf((1 + level) / 2, freedom)) * error
    exponent = float(solution[1])
    predicted = predicted_exponent(quantity, gamma, depth)
    distances_ = tuple(map(float, np.exp(means)))
    return ExponentFit(
        quantity, bound, gamma, exponent, exponent - reach, exponent + reach, predicted, distances_
    )


def _corrections(quantity: str, bound: str, gamma: float, depth: int) -> list[float]:
    """The powers w^{−q} of the corrections that are fitted; see the module's docstring."""
    if quantity == "saddles":
        return [0.5]
    if gamma > 1:
        return [(gamma - 1) / 2, gamma - 1]
    step, noise = depth * (1 - gamma), gamma * depth - depth + 1
    terms = {step, noise} if bound == "upper" else {step / 2, step, noise}
    return [min(q for q in terms if q > 0)]


def _gammas(gammas: Sequence[float] | None, depth: int) -> tuple[float, ...]:
    if gammas is None:
        base = 1 - 1 / depth
        below = _GAMMAS.get(depth) or tuple(round(base + (1 - base) * k / 10, 4) for k in (3, 4, 5, 6, 7))
        return below + _ABOVE
    try:
        grid = tuple(float(g) for g in gammas)
    except (TypeError, ValueError):
        raise BadInputError(f"gammas {shown(gammas)}", needed="numbers") from None
    for gamma in grid:
        if not np.isfinite(gamma):
            raise BadInputError(f"gamma {gamma}", needed="a finite number")
        predicted_exponent("minima", gamma, depth)
    if not grid:
        raise BadInputError("no gamma", needed="one at least")
    return grid


def _count(value: Any, name: str, least: int) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        raise BadInputError(f"{name} {shown(value)}", needed=f"a whole number, {least} or more")
    return int(value.__index__())
