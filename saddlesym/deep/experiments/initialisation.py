"""Distances at initialisation: how they scale with the width (J21, theorem 1).

The weights are i.i.d. N(0, u² w^{−γ}) in a network of hidden width w, with u^L a power of two as
large as A*: with other constants u the exponents are the same at greater widths.  As w → ∞

    distance to the global minima ≍ w^{−(1−γ)(L−1)/2} for 1 − 1/L ≤ γ < 1,  ≍ 1 for γ ≥ 1,
    distance to the saddles       ≍ w^{(1−γ)/2}.

Both are sampled for a grid of γ and w: the weights by :mod:`saddlesym.deep.experiments.wide`, whose draws
have the exact law at any width, and so at widths at which only the exponent is left to see; the
distances by :mod:`saddlesym.deep.experiments.distances`.  Exponents are fitted with the leading corrections
at finite width, as far as they matter at the widths given, and their squares:

- minima, γ > 1: θ has norm of order ``w^{−(γ−1)/2}`` beside minima of norm one;
- minima, γ < 1: the step is ``w^{−L(1−γ)/2}`` of the norms of the layers, and A_θ is
  ``w^{−(γL−L+1)/2}`` beside A*; changing the sign of a layer changes that of A_θ, so only the
  squares count on the mean (the lower bound has a term in the step itself too); the slower one counts;
- saddles: the n_0 + n_L Gaussian vectors whose norms count fluctuate by w^{−1/2}, and for γ < 1
  building the modes that the saddle keeps takes the square of the step to the minima.

Where the leading one of these corrections is more than 2/5 at the least width, the width is not
yet in the asymptotic regime: the interval is given, and nothing is claimed of it.  In particular
the least singular value σ_r counts for γ > 1, where the norm w^{−(γ−1)/2} of θ must be small beside
σ_r^{1/L}: else a saddle that keeps mode r is nearer than the origin.

The intervals of a study hold together: each has the level 1 − (1 − confidence)/(number of fits).
They rest on the sampling noise and on the accuracy of the distances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from scipy.stats import t as student

from saddlesym.deep.experiments.distances import NEGLIGIBLE, Distances, distances
from saddlesym.deep.experiments.wide import wide_network
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.progress import Listener, Progress

Array = NDArray[np.float64]

#: Values of γ: these parts of the way from 1 − 1/L to 1, and so much above 1 (less where L > 4, for float64).
_BELOW = (0.1, 0.3, 0.5, 0.7, 0.9)
_ABOVE = (0.1, 0.25, 0.5, 1.0, 2.0)
#: Hidden widths by default.
_WIDTHS = tuple(2**k for k in range(40, 121, 8))
#: Relative error that a distance may have: the steps of the search end before it is at rest.
_ACCURACY = 3e-4
#: Greatest leading correction at the least width: two powers of it are fitted, the third one is neglected.
_SMALL = 0.4
#: No width has more bits, and no square of a product of layers more decimals before or behind the point.
_MAX_BITS, _POWERS = 400, 280


@dataclass(frozen=True)
class ExponentFit(Documented):
    """The exponent of one distance in the width.

    Attributes:
        quantity: ``"minima"`` or ``"saddles"``.
        bound: ``"upper"`` or ``"lower"``: which end of the brackets was fitted.
        gamma: the exponent of the variance, w^{−γ}.
        exponent: fitted p in d ≍ w^p.
        low: lower end of the confidence interval.
        high: upper end.
        predicted: the exponent of J21's theorem 1.
        correction: size of the leading correction at the least width, relative to what is fitted.
        means: geometric mean of the distance at each width.
    """

    quantity: str
    bound: str
    gamma: float
    exponent: float
    low: float
    high: float
    predicted: float
    correction: float
    means: tuple[float, ...]

    @property
    def asymptotic(self) -> bool:
        """Whether the corrections are small at all widths, so that the interval is one of the exponent."""
        return self.correction <= _SMALL

    @property
    def agrees(self) -> bool | None:
        """Whether the predicted exponent lies in the confidence interval; None if not asymptotic."""
        return self.low <= self.predicted <= self.high if self.asymptotic else None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        told = {"interval": [self.low, self.high], "asymptotic": self.asymptotic, "agrees": self.agrees}
        return super().to_dict() | told


@dataclass(frozen=True, repr=False)
class InitialisationStudy(Documented):
    """Monte-Carlo estimates of both distances on a grid of γ and w, with fitted exponents.

    Attributes:
        target: A*, in float64.
        depth: L.
        unit: u; the weights are N(0, u² w^{−γ}).
        gammas: the grid of γ.
        widths: the hidden widths w.
        samples: number of draws of θ for each γ and w.
        seed: seed of the draws.
        confidence: level at which all intervals hold at once.
        fits: one for each γ, quantity and bound.
    """

    target: tuple[tuple[float, ...], ...]
    depth: int
    unit: float
    gammas: tuple[float, ...]
    widths: tuple[int, ...]
    samples: int
    seed: int
    confidence: float
    fits: tuple[ExponentFit, ...]

    def of(self, quantity: str, bound: str = "upper") -> tuple[ExponentFit, ...]:
        """The fits of one quantity, in the order of γ."""
        return tuple(fit for fit in self.fits if (fit.quantity, fit.bound) == (quantity, bound))

    def __repr__(self) -> str:
        claimed = [fit.agrees for fit in self.fits if fit.asymptotic]
        agreeing = f"{sum(map(bool, claimed))} of {len(claimed)} exponents agree"
        rest = len(self.fits) - len(claimed)
        return f"InitialisationStudy(depth {self.depth}, {agreeing}{f', {rest} not asymptotic' * bool(rest)})"


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


def initialisation_study(
    target: Any,
    *,
    depth: int = 2,
    gammas: Sequence[float] | None = None,
    widths: Sequence[int] | None = None,
    samples: int = 4,
    seed: int = 0,
    confidence: float = 0.95,
    progress: Listener | None = None,
) -> InitialisationStudy:
    """Sample both distances at initialisation and fit their exponents in the width.

    Args:
        target: A* (n_L × n_0), of any size, for the cost ``½‖A − A*‖²``.
        depth: L.
        gammas: the grid of γ ≥ 1 − 1/L; default five values on each side of 1.
        widths: five hidden widths at least, of any size; default 2⁴⁰, 2⁴⁸, …, 2¹²⁰.
        samples: draws of θ for each γ and w, each used with W_L and with −W_L.
        seed: the draws depend on it, on L, γ and w alone.
        confidence: level at which all intervals hold at once.  They rest on the sampling noise
            and on a relative error of 3e-4 of every mean distance; where the residuals are larger
            than these explain (χ² test), on the residuals.
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
    sizes = tuple(_count(w, "width", 1) for w in (_WIDTHS if widths is None else widths))
    if len(set(sizes)) < 5:
        raise BadInputError(
            f"{len(set(sizes))} widths", needed="five different ones at least, for a fit with errors"
        )
    if not 0 < confidence < 1:
        raise BadInputError(f"confidence {shown(confidence)}", needed="a level between 0 and 1")
    _check_range(grid, max(sizes), depth)
    matrix = np.array(target, dtype=np.float64)
    own, order = _own_units(matrix)
    unit = 2.0 ** (order / depth)
    fits = []
    level = 1 - (1 - confidence) / (4 * len(grid))
    total, done = len(grid) * len(sizes) * samples, 0
    for gamma in grid:
        found: list[list[tuple[Distances, Distances]]] = []
        for width in sizes:
            generator = np.random.default_rng([seed, depth, width, round(gamma * 1e6)])
            drawn = []
            for _ in range(samples):
                drawn.append(_draw(own, width, depth, gamma, generator))
                done += 1
                if progress is not None:
                    progress(Progress(done, total, "draws"))
            found.append(drawn)
        for quantity in ("minima", "saddles"):
            for bound in ("upper", "lower"):
                logs = [[_log(pair, quantity, bound) for pair in drawn] for drawn in found]
                correction = _leading(quantity, bound, gamma, depth, min(sizes), own)
                fits.append(
                    _fit(quantity, bound, gamma, depth, sizes, np.array(logs), level, correction, unit)
                )
    rows = tuple(tuple(map(float, row)) for row in matrix)
    return InitialisationStudy(rows, depth, unit, grid, sizes, samples, seed, confidence, tuple(fits))


def _own_units(target: Array) -> tuple[Array, int]:
    """A*/2^a with an operator norm near one, exactly, and a; with it go weights in units of 2^(a/L)."""
    largest = float(np.abs(target).max(initial=0.0))
    if target.ndim != 2 or not 0 < largest < np.inf:  # the first draw refuses it
        return target, 0
    rough = int(np.frexp(largest)[1])
    order = rough + round(float(np.log2(np.linalg.norm(np.ldexp(target, -rough), 2))))
    return np.ldexp(target, -order), order


def _draw(
    target: Array, width: int, depth: int, gamma: float, generator: np.random.Generator
) -> tuple[Distances, Distances]:
    """The distances of a draw and of its twin with −W_L."""
    network = wide_network(target.shape, width, depth, generator)
    weights, norms = network.scaled(float(width) ** (-gamma / 2))
    # −W_L is as likely as W_L, and A_θ changes its sign: the mean of the two is steadier
    twin = [*weights[:-1], -weights[-1]]
    return distances(weights, target, norms), distances(twin, target, norms)


def _log(pair: tuple[Distances, Distances], quantity: str, bound: str) -> float:
    """The mean logarithm of one bound of one distance over a draw and its twin."""
    return float(np.mean([np.log(getattr(getattr(d, quantity), bound)) for d in pair]))


def _fit(
    quantity: str, bound: str, gamma: float, depth: int, widths: Sequence[int], logs: Array, level: float,
    correction: float, unit: float,
) -> ExponentFit:  # fmt: skip
    """Weighted least squares on the mean log-distance of each width."""
    samples = logs.shape[1]
    w = np.array(widths, dtype=np.float64)
    columns = [np.ones_like(w), np.log(w)]
    for q in _corrections(quantity, bound, gamma, depth):
        if w.min() ** -q > _ACCURACY:
            columns.append((w / w.min()) ** -q)
    design = np.stack(columns, axis=1)
    means = logs.mean(axis=1)
    weight = 1 / np.hypot(_spread(w, logs) / np.sqrt(samples), _ACCURACY)
    freedom = len(w) - len(columns)
    scaled = design * weight[:, None]
    inverse = np.linalg.pinv(scaled)
    solution = inverse @ (means * weight)
    excess = float(np.sum((weight * (means - design @ solution)) ** 2))
    error = float(np.linalg.norm(inverse[1]))
    if excess > chi2.ppf(0.95, freedom):
        error *= float(np.sqrt(excess / freedom))
    else:
        freedom = len(w) * (samples - 1)
    reach = float(student.ppf((1 + level) / 2, freedom)) * error
    exponent = float(solution[1])
    predicted = predicted_exponent(quantity, gamma, depth)
    distances_ = tuple(map(float, unit * np.exp(means)))
    return ExponentFit(
        quantity,
        bound,
        gamma,
        exponent,
        exponent - reach,
        exponent + reach,
        predicted,
        correction,
        distances_,
    )


def _spread(w: Array, logs: Array) -> Array:
    """The standard deviation at each width: a power law, since that of few draws is itself uncertain."""
    found: Array = logs.std(axis=1, ddof=1)
    seen = found > _ACCURACY / 100
    if len(set(w[seen])) < 3:
        return found
    law: Array = np.exp(np.polyval(np.polyfit(np.log(w[seen]), np.log(found[seen]), 1), np.log(w)))
    return law


def _corrections(quantity: str, bound: str, gamma: float, depth: int) -> list[float]:
    """The powers w^{−q} of the corrections that are fitted; see the module's docstring."""
    step, noise = depth * (1 - gamma), gamma * depth - depth + 1
    if quantity == "saddles":
        return [step, 2 * step] if 0 < step < 0.5 else [0.5]
    if gamma > 1:
        return [(gamma - 1) / 2, gamma - 1]
    terms = {step, noise} if bound == "upper" else {step / 2, step, noise}
    slowest = min(q for q in terms if q > 0)
    return [slowest, 2 * slowest]


def _leading(quantity: str, bound: str, gamma: float, depth: int, width: int, target: Array) -> float:
    """The size of the leading correction at a width, with what A* has to do with it."""
    values = np.linalg.svd(target, compute_uv=False)
    greatest, least = float(values[0]), float(values[values > NEGLIGIBLE * values[0]][-1])

    def power(exponent: float) -> float:
        return float(float(width) ** exponent)

    step, noise = depth * (1 - gamma), gamma * depth - depth + 1
    if gamma > 1:
        return power((1 - gamma) / 2) / float(least ** (1 / depth))
    moved = greatest * power(-step / 2) if gamma < 1 else 0.0  # at γ = 1 it is part of the limit
    if quantity == "saddles":
        return max(moved**2, power(-0.5))
    return max(moved if bound == "lower" else moved**2, (power(-noise / 2) / greatest) ** 2)


def _gammas(gammas: Sequence[float] | None, depth: int) -> tuple[float, ...]:
    if gammas is None:
        below = [round(1 - (1 - part) / depth, 4) for part in _BELOW]
        return (*below, *(round(1 + more * min(1, 3 / (depth - 1)), 4) for more in _ABOVE))
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


def _check_range(grid: Sequence[float], width: int, depth: int) -> None:
    """Refuse networks whose layers, some products of which are squared, leave float64."""
    powers = max(abs(g - 1) for g in grid) * (depth - 1) * width.bit_length() * 0.30103
    if width.bit_length() > _MAX_BITS or powers > _POWERS:
        raise BadInputError(
            f"width {shown(width)}",
            needed=f"below 2^{_MAX_BITS}, and |gamma - 1| (L - 1) log10 w below {_POWERS}, for float64",
        )


def _count(value: Any, name: str, least: int) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        raise BadInputError(f"{name} {shown(value)}", needed=f"a whole number, {least} or more")
    return int(value.__index__())
