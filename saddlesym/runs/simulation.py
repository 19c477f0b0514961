"""Training runs made here: gradient descent on a diagonal network in floating point, many at a time.

Plain runs (``float32``, ``float64``) hold the weights as a user's program does, and lose what such
a program loses.  A ``relative`` run holds u + v and u − v, which each step multiplies by 1 ∓ ηg:
nothing tiny is ever added to something large, and the run is exact to rounding at every α.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, BudgetError, shown
from saddlesym.exact.scalars import MAX_ENTRIES
from saddlesym.memory import require_memory
from saddlesym.progress import Listener, Progress
from saddlesym.runs.run import TrainingRun
from saddlesym.runs.setting import Setting, loss_factor

if TYPE_CHECKING:
    import numpy as np

OPTIMISERS = ("gd", "sgd", "momentum")
DTYPES = ("float32", "float64", "relative")
#: Most steps of a run.
MAX_STEPS = 20_000_000
#: Steps between two calls of ``progress``.
_CHUNK = 10_000


@dataclass(frozen=True)
class FloatLoss:
    """``L = ‖Xβ − y‖²/(2n)`` in floating point, for many β at a time."""

    M: np.ndarray[Any, Any]
    r: np.ndarray[Any, Any]
    at_zero: float
    X: np.ndarray[Any, Any] | None
    y: np.ndarray[Any, Any] | None

    @classmethod
    def of(cls, problem: DiagonalProblem) -> FloatLoss:
        """The loss of a problem, its exact M and r rounded once."""
        import numpy as np

        require_memory(8 * problem.d**2, f"M for {problem.d} columns")
        M = np.array([[float(q) for q in row] for row in problem.M])
        r = np.array([float(q) for q in problem.r])
        X = y = None
        if problem.has_data:
            X = np.array([[float(q) for q in row] for row in problem.X])
            y = np.array([float(q) for q in problem.y])
        return cls(M, r, float(problem.loss([0] * problem.d)), X, y)

    def gradient(self, beta: Any) -> Any:
        """∇L(β) for β (… × d)."""
        return beta @ self.M - self.r

    def value(self, beta: Any) -> Any:
        """L(β) for β (… × d)."""
        return ((beta @ self.M) * beta).sum(-1) / 2 - beta @ self.r + self.at_zero


def simulate(
    problem: DiagonalProblem,
    alpha: Any = 1e-3,
    learning_rate: Any = 1e-2,
    steps: int = 1000,
    optimiser: str = "gd",
    dtype: str = "float64",
    *,
    parametrisation: str = "uv",
    depth: int = 2,
    loss: str = "half-mse",
    momentum: float = 0.9,
    batch_size: int = 1,
    seed: Any = 0,
    every: int | None = None,
    progress: Listener | None = None,
) -> Any:
    """Gradient descent from scale α: one :class:`TrainingRun`, or a tuple of them made at once.

    Where ``alpha``, ``learning_rate`` or ``seed`` are sequences, they are broadcast against each other
    and one run is made for each entry.  A run that overflows is recorded up to there.

    Args:
        problem: the data.
        alpha: scale of the initialisation: u = √2·α and v = 0; ``squares``: w₊ = w₋ = α; depth ≥ 3:
            a = b = α.
        learning_rate: η, of the loss named.
        steps: number of steps.
        optimiser: ``gd``, ``sgd`` (rows drawn with replacement) or ``momentum`` (heavy ball).
        dtype: ``float32`` or ``float64`` weights, or ``relative`` (``gd`` only): u ± v by factors.
        parametrisation: ``uv`` (β = u ⊙ v) or ``squares`` (β = w₊² − w₋²).
        depth: D; for D ≥ 3 β = a^D − b^D.
        loss: ``half-mse`` (½‖·‖²/n), ``mse``, ``half-sum`` or ``sum``.
        momentum: of the heavy ball.
        batch_size: rows of a stochastic gradient.
        seed: of the rows that are drawn.
        every: record every so many steps; default: about 2000 records.
        progress: called with the number of steps done.

    Raises:
        BadInputError: an option out of range.

    >>> run = simulate(DiagonalProblem([[2, 0], [0, 3]], [3, -1]), 1e-4, 0.01, 2000)
    >>> [round(float(b), 6) for b in run.beta[-1]]
    [1.5, -0.333333]
    """
    import numpy as np

    for what, given, allowed in (("optimiser", optimiser, OPTIMISERS), ("dtype", dtype, DTYPES)):
        if given not in allowed:
            raise BadInputError(f"{what}={shown(given)}", needed=" or ".join(allowed))
    if not isinstance(steps, int) or not 1 <= steps <= MAX_STEPS:
        raise BadInputError(f"steps={shown(steps)}", needed=f"1 <= steps <= {MAX_STEPS:,}")
    if dtype == "relative" and optimiser != "gd":
        raise BadInputError(f"dtype='relative' with {shown(optimiser)}", needed="optimiser='gd'")
    scales, rates, seeds = (np.atleast_1d(a) for a in np.broadcast_arrays(alpha, learning_rate, seed))
    factor = loss_factor(loss, problem.n)
    settings = [
        Setting(float(a), float(e), factor, parametrisation, depth)
        for a, e in zip(scales, rates, strict=True)
    ]
    data = FloatLoss.of(problem)
    if optimiser == "sgd" and (data.X is None or not 1 <= batch_size <= problem.n):
        raise BadInputError(f"batch_size={shown(batch_size)}", needed=f"data, and 1 to {problem.n} rows")
    stride = every or max(1, steps // 2000)
    marks = np.arange(0, steps + 1, stride)
    if marks[-1] != steps:
        marks = np.append(marks, steps)
    if len(marks) * len(settings) * problem.d * 3 > MAX_ENTRIES:
        raise BudgetError(f"{len(marks):,} records of {len(settings)} runs", needed="less", hint="every=100")
    walk = _Walk(data, settings, optimiser, dtype, momentum, batch_size, [int(s) for s in seeds])
    one = np.empty((len(marks), len(settings), problem.d), np.float32 if dtype == "float32" else float)
    two = np.empty_like(one)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for k, (before, mark) in enumerate(zip([0, *marks], marks, strict=False)):
            for n in range(before, mark):
                walk.step()
                if progress is not None and n % _CHUNK == 0:
                    progress(Progress(n, steps, "steps"))
            one[k], two[k] = walk.weights()
        runs = tuple(
            _recorded(problem, setting, data, marks, one[:, j], two[:, j], loss)
            for j, setting in enumerate(settings)
        )
    return runs if np.ndim(alpha) or np.ndim(learning_rate) or np.ndim(seed) else runs[0]


def _recorded(
    problem: DiagonalProblem, setting: Setting, data: FloatLoss, marks: Any, one: Any, two: Any, loss: str
) -> TrainingRun:
    import numpy as np

    uv = setting.parametrisation == "uv" and setting.depth == 2
    names = ("u", "v") if uv else ("w_plus", "w_minus")
    beta = one * two if uv else one**setting.depth - two**setting.depth
    columns = {
        "step": marks,
        names[0]: one,
        names[1]: two,
        "beta": beta,
        "loss": setting.factor * data.value(beta.astype(float)),
    }
    finite = np.isfinite(beta).all(axis=1)
    if not finite[:3].all():
        raise BadInputError(
            f"the run with learning rate {setting.learning_rate:g} overflows within {marks[2]} steps",
            needed="a smaller step",
        )
    return TrainingRun.from_columns(
        columns, problem.feature_names, setting.parametrisation, setting.depth, "the run"
    )


def plain_beta(data: FloatLoss, setting: Setting, dtype: str, marks: Any) -> Any:
    """β (m × d) of one plain run of gradient descent after the given numbers of steps."""
    import numpy as np

    walk = _Walk(data, [setting], "gd", dtype, 0.0, 1, [0])
    out = np.empty((len(marks), len(data.r)))
    done = 0
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for k, mark in enumerate(marks):
            for _ in range(done, int(mark)):
                walk.step()
            done = int(mark)
            one, two = walk.weights()
            out[k] = (one * two if walk.uv else one**setting.depth - two**setting.depth)[0]
    return out


class _Walk:
    """The weights of several runs (k × d each), one step at a time."""

    def __init__(
        self,
        data: FloatLoss,
        settings: Sequence[Setting],
        optimiser: str,
        dtype: str,
        momentum: float,
        batch_size: int,
        seeds: Sequence[int],
    ) -> None:
        import numpy as np

        first = settings[0]
        self.depth, self.uv = first.depth, first.parametrisation == "uv" and first.depth == 2
        self.relative = dtype == "relative"
        kind = np.float32 if dtype == "float32" else np.float64
        self.M, self.r = data.M.astype(kind), data.r.astype(kind)
        shape = (len(settings), len(data.r))
        scale = np.array([[s.alpha] for s in settings])
        rate = np.array([[(s.learning_rate or 0.0) * s.factor] for s in settings])
        self.rate = rate.astype(kind)
        if self.relative and self.uv:
            self.one = self.two = np.broadcast_to(sqrt(2) * scale, shape).copy()  # u + v and u − v
        elif self.uv:
            self.one = np.broadcast_to(sqrt(2) * scale, shape).astype(kind)
            self.two = np.zeros(shape, kind)
        else:
            self.one = np.broadcast_to(scale, shape).astype(kind)
            self.two = self.one.copy()
        self.speeds = None if optimiser != "momentum" else (np.zeros(shape, kind), np.zeros(shape, kind))
        self.momentum = kind(momentum)
        self.rows: Any = None
        if optimiser == "sgd":
            assert data.X is not None
            assert data.y is not None
            self.rows = data.X.astype(kind), data.y.astype(kind)
            self.generators = [np.random.default_rng(seed) for seed in seeds]
            self.batch_size = batch_size

    def _gradient(self, beta: Any) -> Any:
        import numpy as np

        if self.rows is None:
            return beta @ self.M - self.r
        X, y = self.rows
        chosen = np.stack([g.integers(0, len(y), self.batch_size) for g in self.generators])
        residual = np.einsum("kbd,kd->kb", X[chosen], beta) - y[chosen]
        return np.einsum("kb,kbd->kd", residual, X[chosen]) / self.batch_size

    def step(self) -> None:
        """One step of every run."""
        one, two = self.one, self.two
        if self.relative:
            self._relative_step()
            return
        if self.uv:
            slope = self.rate * self._gradient(one * two)
            by_one, by_two = slope * two, slope * one
        else:
            D = self.depth
            slope = D * self.rate * self._gradient(one**D - two**D)
            by_one, by_two = slope * one ** (D - 1), -slope * two ** (D - 1)
        if self.speeds is not None:
            by_one, by_two = self.momentum * self.speeds[0] + by_one, self.momentum * self.speeds[1] + by_two
            self.speeds = by_one, by_two
        self.one, self.two = one - by_one, two - by_two

    def _relative_step(self) -> None:
        one, two, D = self.one, self.two, self.depth
        if self.uv:
            slope = self.rate * self._gradient((one**2 - two**2) / 4)
            self.one, self.two = one * (1 - slope), two * (1 + slope)
        else:
            slope = D * self.rate * self._gradient(one**D - two**D)
            self.one, self.two = one * (1 - slope * one ** (D - 2)), two * (1 + slope * two ** (D - 2))

    def weights(self) -> tuple[Any, Any]:
        """The two factors of every run (each k × d)."""
        if self.relative and self.uv:
            return (self.one + self.two) / 2, (self.one - self.two) / 2
        return self.one, self.two
