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

    from saddlesym.runs.simulation import FloatLoss

#: The first dwell lasts until a coordinate exceeds this part of the largest value met.
ASLEEP = 1e-4
#: What is fitted to the first dwell is right to about this part, since coordinates reach ASLEEP in it.
FIT_ERROR = 1e-3
#: Records of the first dwell that are read.
_READ = 400


@dataclass(frozen=True)
class FirstDwell:
    """What the records before the first jump show, on the clock of the record.

    Attributes:
        alpha: α of the theory, from the line that ln|β_i| of the fastest coordinate follows.
        end: clock of the last record of the dwell.
        ratios: β_i/α² there (d).
        scatter: relative standard deviation of the fastest coordinate's growth between records.
    """

    alpha: float
    end: float
    ratios: np.ndarray[Any, Any]
    scatter: float

    @classmethod
    def of(cls, run: TrainingRun) -> FirstDwell | None:
        """None where fewer than three records show an exponential growth."""
        import numpy as np

        size = np.abs(run.beta.astype(float))
        whole = float(np.median(size[-max(1, len(run) // 10) :].max(axis=1)))
        awake = np.flatnonzero(size.max(axis=1) > ASLEEP * whole)
        last = int(awake[0]) if len(awake) else 0
        if last < 4:
            return None
        chosen = np.unique(np.linspace(0, last - 1, min(last, _READ)).astype(int))
        clock, beta = run.clock[chosen], run.beta[chosen].astype(float)
        fastest = int(size[last - 1].argmax())
        values = np.abs(beta[:, fastest])
        some = values[np.flatnonzero(values)]
        if not len(some):
            return None
        # β = (p − q)/2 is a pure exponential once p has left q far behind: above the middle, in logarithms
        good = np.flatnonzero(values >= np.sqrt(some[0]) * np.sqrt(some[-1]))
        good = good[good >= len(values) - len(good)]
        if len(good) < 3 or not values[good].all():
            return None
        x, y = clock[good], np.log(values[good])
        slope = (y[-1] - y[0]) / (x[-1] - x[0]) / 2
        if not slope > 0:
            return None
        spread = float((np.diff(y) / np.diff(x)).std()) / 2
        alpha = float(np.exp((y[-1] + np.log(2)) / 2 - slope * x[-1]))
        if not alpha > 0:
            return None
        return cls(alpha, float(x[-1]), beta[-1] / alpha**2, spread / float(slope))

    def correlations(self, step: float | None, alpha: float | None = None) -> Any:
        """r (d) as the run itself shows it.

        N steps from zero leave ``β = α²((1 + ηr)^2N − (1 − ηr)^2N)/2``, a flow ``α² sinh(2rT)``.

        Args:
            step: natural time of a step; None where the clock is the time itself.
            alpha: α of the theory, where it is better known.
        """
        import numpy as np

        ratios = self.ratios if alpha is None else self.ratios * (self.alpha / alpha) ** 2
        growth = np.arcsinh(np.abs(ratios)) / (2 * self.end)
        if step is not None:
            wanted, low, high = (
                np.arcsinh(np.abs(ratios)),
                np.zeros(len(growth)),
                np.full(len(growth), 1 - 1e-12),
            )
            for _ in range(60):  # bisection for x = ηr, which is below one in a stable run
                x = (low + high) / 2
                grown = np.exp(np.minimum(2 * self.end * np.log1p(x), 700)) / 2
                grown = np.arcsinh(grown - np.exp(2 * self.end * np.log1p(-x)) / 2)
                low, high = np.where(grown < wanted, x, low), np.where(grown < wanted, high, x)
            growth = (low + high) / (2 * step)
        return np.sign(ratios) * growth


def significant_digits(run: TrainingRun) -> int:
    """Digits of the numbers recorded: 7 for float32, 17 for float64, or as many as the text has.

    >>> import numpy as np
    >>> significant_digits(TrainingRun(np.array([[0.0], [0.125], [1.03]]), np.arange(3)))
    3
    """
    import numpy as np

    recorded = run.beta if run.weights is None else run.weights[0]
    values = recorded[:: max(1, len(run) // 100)].ravel()
    values = values[np.flatnonzero(values)][:400].astype(float)
    if recorded.dtype == np.float32 or (len(values) and (values.astype(np.float32) == values).all()):
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


def time_factor(dwell: FirstDwell, r: Any, step: float | None) -> tuple[float, float]:
    """By what the run is faster than the theory, and how far its r is from that multiple of r, relatively.

    Args:
        dwell: of the run.
        r: Xᵀy/n (d).
        step: natural time of a step; None for a clock of times, or where the step is not known.
    """
    import numpy as np

    implied = dwell.correlations(step)
    factor = float(implied @ r / (r @ r))
    rest = float(np.linalg.norm(implied - factor * r))
    return factor, rest / float(np.linalg.norm(implied)) if factor > 0 else np.inf


def _fitted_step(dwell: FirstDwell, r: Any) -> float:
    """The natural time of a step with which the run's r is nearest to r."""
    step = time_factor(dwell, r, None)[0]
    for _ in range(20):  # a flow at first; then the factors 1 ± ηr of true steps
        if not step > 0:
            return 0.0
        step *= time_factor(dwell, r, step)[0]
    return step


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
        speed = 0.0 if dwell is None else _fitted_step(dwell, data.r)
        if not speed > 0:
            raise BadInputError(
                f"{run.source} has steps, no times, too few records before its first jump to fit it",
                needed="the learning rate",
                hint="--learning-rate 1e-2",
            )
        unit = float(base.natural(1.0))
        base = replace(base, learning_rate=speed / unit)
        said.append(f"learning rate {base.learning_rate:.4g}, fitted to the growth before the first jump")
    if alpha is None:
        fitted = _recorded_alpha(run, parametrisation, depth) or (None if dwell is None else dwell.alpha)
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
