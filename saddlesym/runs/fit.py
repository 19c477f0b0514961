"""What a run itself shows of its making: its gradient, its α, the scale of its loss, its digits.

While a coordinate sleeps, a step multiplies it by ``(1 + η|g|)²``: the growth of ln|β_i| between two
records is the gradient, whatever α is.  Before the first jump β ≈ 0, and the gradient is −r.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.runs.run import TrainingRun
from saddlesym.runs.setting import LOSSES, Setting, loss_factor

if TYPE_CHECKING:
    import numpy as np

    from saddlesym.runs.simulate import FloatLoss

#: A coordinate sleeps below this part of its largest value in the run.
ASLEEP = 1e-3
#: Intervals of the first dwell that are read.
_READ = 400


@dataclass(frozen=True)
class FirstDwell:
    """What the records before the first jump show, in steps or in times of the record's clock.

    Attributes:
        growth: for each coordinate half the growth of ln|β_i| per unit of the clock, with the sign
            of β_i (d); not a number where it is not seen.
        scatter: relative standard deviation of the growth between records, of the fastest coordinate.
        offset: half of ln|2β_i| at clock 0 of the line that ln|β_i| follows (d): ln α in exact runs.
    """

    growth: np.ndarray[Any, Any]
    scatter: float
    offset: np.ndarray[Any, Any]

    @classmethod
    def of(cls, run: TrainingRun, scale: float = 0.0) -> FirstDwell | None:
        """None where fewer than three records show any growth.

        Args:
            run: the run.
            scale: α of the theory, if it is known.
        """
        import numpy as np

        size = np.abs(run.beta.astype(float))
        top = size.max()
        awake = np.flatnonzero(size.max(axis=1) > ASLEEP * top)
        last = int(awake[0]) if len(awake) else len(run)
        if last < 4 or not top > 0:
            return None
        chosen = np.unique(np.linspace(0, last - 1, min(last, _READ)).astype(int))
        clock, beta = run.clock[chosen], run.beta[chosen].astype(float)
        growth, offset = np.full(run.d, np.nan), np.full(run.d, np.nan)
        scatters: list[tuple[float, float]] = []
        for i in range(run.d):
            # β = (p − q)/2 is a pure exponential once one of p and q is a thousand times the other
            floor = max(_floor(beta[:, i]), 30 * scale**2)
            good = np.flatnonzero(
                (np.abs(beta[:, i]) > floor) & (np.sign(beta[:, i]) == np.sign(beta[-1, i]))
            )
            if len(good) < 3 or good[-1] - good[0] != len(good) - 1:
                continue
            x, y = clock[good], np.log(np.abs(beta[good, i]))
            rates = np.diff(y) / np.diff(x) / 2
            slope = (y[-1] - y[0]) / (x[-1] - x[0]) / 2
            growth[i] = np.sign(beta[-1, i]) * slope
            offset[i] = (y[-1] + np.log(2)) / 2 - slope * x[-1]
            scatters.append((abs(slope), float(rates.std())))
        if not scatters:
            return None
        # of the fastest coordinate: slow ones have hardly left their start when the dwell ends
        slope, spread = max(scatters)
        return cls(growth, spread / slope if slope else 0.0, offset)


def _floor(values: Any) -> float:
    """Half way, in logarithms, from the first value that is not zero to the last."""
    import numpy as np

    some = np.abs(values[np.flatnonzero(values)])
    return float(np.sqrt(some[0]) * np.sqrt(some[-1])) if len(some) else float("inf")


def significant_digits(run: TrainingRun) -> int:
    """Digits of the numbers recorded: 7 for float32, 17 for float64, or as many as the text has.

    >>> import numpy as np
    >>> significant_digits(TrainingRun(np.array([[0.0], [0.125], [1.03]]), np.arange(3)))
    3
    """
    import numpy as np

    values = run.beta[:: max(1, len(run) // 100)].ravel()
    values = values[np.flatnonzero(values)][:400].astype(float)
    if run.beta.dtype == np.float32 or (len(values) and (values.astype(np.float32) == values).all()):
        few = _decimals(values, 7)
        return min(few, 7)
    return _decimals(values, 17)


def _decimals(values: Any, most: int) -> int:
    digits = 1
    for value in values:
        while digits < most and float(f"{value:.{digits - 1}e}") != value:
            digits += 1
    return digits


def recognised_loss(run: TrainingRun, data: FloatLoss, n: int) -> tuple[str, float] | None:
    """The name of the recorded loss and its ratio to ``‖Xβ − y‖²/(2n)``; an empty name for another ratio.

    None where no loss is recorded, or it is no multiple of the loss of these data.
    """
    import numpy as np

    if run.loss is None:
        return None
    own = data.value(run.beta.astype(float))
    good = np.isfinite(run.loss) & (own > 1e-9 * data.at_zero)
    if good.sum() < 2:
        return None
    ratios = run.loss[good] / own[good]
    ratio = float(np.median(ratios))
    if not (isfinite(ratio) and ratio > 0) or np.abs(ratios / ratio - 1).max() > 0.01:
        return None
    names = [name for name in LOSSES if abs(loss_factor(name, n) / ratio - 1) < 0.005]
    return (names[0] if names else ""), ratio


def time_factor(dwell: FirstDwell, r: Any, step: float | None) -> tuple[float, float] | None:
    """By what the run's clock is faster than the theory's, and how far its r is from a multiple of r.

    The second number is the largest relative difference of a coordinate, weighted by |r_i|.

    Args:
        dwell: of :class:`FirstDwell`.
        r: Xᵀy/n (d).
        step: natural time per unit of the clock; None for 1.
    """
    import numpy as np

    unit = step or 1.0
    seen = np.flatnonzero(np.isfinite(dwell.growth))
    if not len(seen):
        return None
    implied = gradient_at_zero(dwell, unit)[seen]
    own = r[seen]
    if not np.abs(own).max() > 0:
        return None
    factor = float(implied @ own / (own @ own))
    miss = float(np.abs(implied - factor * own).max() / np.abs(factor * own).max()) if factor else np.inf
    return factor, miss


def gradient_at_zero(dwell: FirstDwell, step: float, exact_steps: bool = True) -> Any:
    """−∇L(0) = r as the run itself shows it (d), in natural units; not a number where it is not seen."""
    import numpy as np

    if not exact_steps:
        return dwell.growth / step
    return np.sign(dwell.growth) * np.expm1(np.abs(dwell.growth)) / step


def fitted_alpha(dwell: FirstDwell) -> float | None:
    """α of the theory from the line that ln|β_i| follows; the median of the coordinates seen."""
    import numpy as np

    seen = dwell.offset[np.isfinite(dwell.offset)]
    return float(np.exp(np.median(seen))) if len(seen) else None


def matched_columns(beta: Any, wanted: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which column of the run is which of the reference, and with which sign: the least distance of all.

    Returns:
        For each column of the reference the column of the run, and its sign.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    thin = max(1, len(beta) // 300)
    a, b = beta[::thin].astype(float), wanted[::thin]
    same = ((b[:, :, None] - a[:, None, :]) ** 2).sum(0)
    opposite = ((b[:, :, None] + a[:, None, :]) ** 2).sum(0)
    rows, columns = linear_sum_assignment(np.minimum(same, opposite))
    signs = np.where(same[rows, columns] <= opposite[rows, columns], 1, -1)
    return tuple(map(int, columns)), tuple(map(int, signs))


def inferred_setting(
    problem: DiagonalProblem,
    run: TrainingRun,
    data: FloatLoss,
    alpha: float | None,
    learning_rate: float | None,
    loss: str | None,
    parametrisation: str,
    depth: int,
) -> tuple[Setting, tuple[str, ...]]:
    """How the run was made, and what of it was recognised, fitted or assumed."""
    said: list[str] = []
    found = recognised_loss(run, data, problem.n)
    if loss is not None:
        factor = loss_factor(loss, problem.n)
        if found is not None and abs(found[1] / factor - 1) > 0.01:
            own = found[0] or f"{found[1]:.4g} times half-mse"
            said.append(f"the recorded loss is {own}, and {loss} was given")
    elif found is not None:
        factor = found[1] if not found[0] else loss_factor(found[0], problem.n)
        said.append(
            f"loss {found[0] or f'of {factor:.4g} times half-mse'}, recognised from the recorded loss"
        )
    else:
        factor = 1.0
        said.append(f"loss {LOSSES[0]}, assumed")
    if run.times is not None and learning_rate is None and run.steps is not None and run.steps[-1] > 0:
        learning_rate = float(run.times[-1] / run.steps[-1])
        said.append(f"learning rate {learning_rate:.6g}, by the columns of steps and times")
    base = Setting(0.1 if alpha is None else alpha, learning_rate, factor, parametrisation, depth)
    dwell = FirstDwell.of(run) if depth == 2 else None
    if learning_rate is None and run.steps is not None:
        speed = dwell and time_factor(dwell, data.r, None)
        if not speed or speed[0] <= 0:
            raise BadInputError(
                f"{run.source} has steps, no times, too few records before its first jump to fit it",
                needed="the learning rate",
                hint="--learning-rate 1e-2",
            )
        unit = float(base.natural(1.0))
        base = replace(base, learning_rate=speed[0] / unit)
        said.append(f"learning rate {base.learning_rate:.4g}, fitted to the growth before the first jump")
    if alpha is None:
        fitted = _recorded_alpha(run, parametrisation, depth) or (
            None if dwell is None else fitted_alpha(dwell)
        )
        if not fitted:
            raise BadInputError(
                f"{run.source} has too few records before its first jump to fit alpha",
                needed="alpha",
                hint="--alpha 1e-3",
            )
        base = base.with_scale(fitted)
        said.append(f"alpha {base.alpha:.4g}, fitted")
    return base, tuple(said)


def _recorded_alpha(run: TrainingRun, parametrisation: str, depth: int) -> float | None:
    """α of the theory from the weights of the first record, by |u² − v²| = 2α²."""
    import numpy as np

    if run.weights is None or run.clock[0] != 0:
        return None
    one, two = (w[0].astype(float) for w in run.weights)
    if depth > 2:
        return float(np.median(np.abs(one)))
    kept = np.abs(one**2 - two**2) if parametrisation == "uv" else np.abs(4 * one * two)
    return float(np.sqrt(np.median(kept) / 2)) or None
