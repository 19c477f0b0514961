"""The run that the theory's network would make: the same α, the same step, the same records, no rounding.

With ``g = ∇L(u ⊙ v)`` a step of gradient descent is ``u ± v ← (u ± v)(1 ∓ ηg)``, coordinate by
coordinate (``proofs/finite_steps.py``).  In these factors nothing tiny is lost, so that double
precision holds them to a relative error of about 2·10⁻¹⁶ a step, whatever α is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from saddlesym.errors import BudgetError
from saddlesym.progress import Listener, Progress
from saddlesym.runs.run import TrainingRun
from saddlesym.runs.setting import Setting
from saddlesym.runs.simulation import FloatLoss

if TYPE_CHECKING:
    import numpy as np

#: Most steps of a reference run: some seconds for each million.
MAX_STEPS = 5_000_000
_CHUNK = 5_000


@dataclass(frozen=True, eq=False)
class Reference:
    """A run without rounding, at the records of another.

    Attributes:
        beta: β (m × d).
        plus, minus: u + v and u − v (each m × d), or a and b at depth D ≥ 3.
        finite: leading records that are finite.
    """

    beta: np.ndarray[Any, Any]
    plus: np.ndarray[Any, Any]
    minus: np.ndarray[Any, Any]
    finite: int


def start_of(run: TrainingRun, setting: Setting) -> tuple[Any, Any]:
    """u + v and u − v (or a and b) from which the run began: as recorded, or else by α."""
    import numpy as np

    if run.weights is not None and run.clock[0] == 0:
        one, two = (w[0].astype(float) for w in run.weights)
        if setting.depth > 2:
            return one, two
        return (one + two, one - two) if setting.parametrisation == "uv" else (2 * one, 2 * two)
    if setting.depth > 2:
        return np.full(run.d, setting.scale), np.full(run.d, setting.scale)
    return np.full(run.d, sqrt(2) * setting.scale), np.full(run.d, sqrt(2) * setting.scale)


def reference_run(
    data: FloatLoss,
    setting: Setting,
    steps: Any,
    start: tuple[Any, Any],
    progress: Listener | None = None,
) -> Reference:
    """Gradient descent in factors, recorded after the given numbers of steps (m).

    Raises:
        BudgetError: more than ``MAX_STEPS`` steps.
    """
    import numpy as np

    last = int(steps[-1])
    if last > MAX_STEPS:
        raise BudgetError(
            f"{last:.9g} steps", needed=f"at most {MAX_STEPS:,}", hint="the run up to an earlier step"
        )
    a, b = (np.array(x, dtype=float) for x in start)
    step, D = setting.step, setting.depth
    assert step is not None
    plus, minus = np.empty((len(steps), len(a))), np.empty((len(steps), len(a)))
    M, r, done, k = data.M, data.r, 0, 0
    quarter = 4.0 if D == 2 else 1.0
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for k, mark in enumerate(steps):
            for _ in range(done, int(mark)):
                if D == 2:
                    slope = step * (((a * a - b * b) / 4) @ M - r)
                    a, b = a * (1 - slope), b * (1 + slope)
                else:
                    slope = D * step * ((a**D - b**D) @ M - r)
                    a, b = a * (1 - slope * a ** (D - 2)), b * (1 + slope * b ** (D - 2))
            if progress is not None and int(mark) // _CHUNK > done // _CHUNK:
                progress(Progress(int(mark), last, "steps"))
            done = int(mark)
            plus[k], minus[k] = a, b
        beta = (plus**D - minus**D) / quarter
    good = np.asarray(np.isfinite(beta).all(axis=1))
    return Reference(beta, plus, minus, len(good) if good.all() else int(np.argmin(good)))
