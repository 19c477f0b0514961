"""Runs of deep linear networks: singular values of ``W_L ⋯ W_1`` over time against plateaus, ranks and times.

A run with its layers is held against gradient descent from its own first record; one of singular
values or products alone against the limit: saddles of the greedy path, and at depth two the
predicted times ``Λ t_k``.  A random start moves each of them by a constant: the amplitude of a mode
is α times a number of order one, and the logarithm of that number over the rate is waited for more
or less.  Amplitudes within a factor of e³ ≈ 20 of α are allowed for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any

from saddlesym.deep.float_cost import FloatCost
from saddlesym.deep.greedy.path import greedy_path
from saddlesym.deep.greedy.prediction import predict_jump_times
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, SaddlesymError, shown
from saddlesym.grids import Displayed, Grid
from saddlesym.runs.comparison import EXIT_STATUS
from saddlesym.runs.reading import run_columns

#: ln of the factor by which the amplitude of a mode may differ from α at a random start.
_SPREAD = 3.0
#: The largest part of the step at which a saddle counts as visited.
_NEAR = 0.5


@dataclass(frozen=True)
class RankMatch:
    """One jump of the rank. Times are natural times T.

    Attributes:
        rank: the rank behind it.
        plateau: the singular value that enters, at the saddle behind the jump.
        limit: Λ t_k at depth two; None where no time is predicted.
        reference: in gradient descent from the recorded start; None where it is not known.
        measured: where the singular value passes half of its plateau.
        tolerance: how far ``measured`` may be from ``reference``, or else from ``limit``.
        nearest: least distance of the singular values from those of the saddle, in parts of ``plateau``.
    """

    rank: int
    plateau: float
    limit: float | None
    reference: float | None
    measured: float
    tolerance: float | None
    nearest: float

    @property
    def agrees(self) -> bool | None:
        """Whether the jump comes when it should; None where no time is predicted."""
        expected = self.limit if self.reference is None else self.reference
        if expected is None or self.tolerance is None:
            return None
        return abs(self.measured - expected) <= self.tolerance


@dataclass(frozen=True, eq=False)
class DeepRunComparison(Displayed):
    """A run of a deep linear network beside the theory.

    Attributes:
        problem: the network.
        alpha: scale of the entries of the layers at the start.
        step: natural time of one step; 1 for a run that records times.
        verdict: ``follows``, ``does not follow`` or ``cannot be told``.
        sentence: the verdict in one sentence.
        jumps: one entry for each jump that is found.
        expected: ranks that the greedy path goes through.
        records: number of records.
    """

    problem: DeepLinearProblem
    alpha: float
    step: float
    verdict: str
    sentence: str
    jumps: tuple[RankMatch, ...]
    expected: int
    records: int

    @property
    def status(self) -> int:
        """0 follows, 1 does not, 3 cannot be told."""
        return EXIT_STATUS[self.verdict]

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump of the rank; times in steps, or those of the record."""
        rows = tuple(
            (
                jump.rank,
                f"{jump.measured / self.step:.6g}",
                {None: "–", True: "yes", False: "no"}[jump.agrees],
                *(None if x is None else f"{x / self.step:.6g}" for x in (jump.reference, jump.limit)),
                f"{jump.plateau:.6g}",
                f"{jump.nearest:.2g}",
            )
            for jump in self.jumps[:limit]
        )
        header = ("rank", "measured", "agrees", "reference", "limit Λt", "singular value", "nearest")
        return Grid(self.sentence, header, rows, more=len(self.jumps) - len(rows))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": "deep run comparison",
            "verdict": self.verdict,
            "sentence": self.sentence,
            "alpha": self.alpha,
            "step": self.step,
            "depth": self.problem.depth,
            "records": self.records,
            "expected_jumps": self.expected,
            "jumps": [
                {
                    "rank": jump.rank,
                    "singular_value": jump.plateau,
                    "limit": jump.limit,
                    "reference": jump.reference,
                    "measured": jump.measured,
                    "tolerance": jump.tolerance,
                    "nearest": jump.nearest,
                    "agrees": jump.agrees,
                }
                for jump in self.jumps
            ],
            "first_deviation": None
            if self.status != 1
            else next((j.measured for j in self.jumps if j.agrees is False), None),
        }

    def __repr__(self) -> str:
        return f"DeepRunComparison({self.verdict!r}, {len(self.jumps)} of {self.expected} jumps)"


def simulate_deep(
    problem: DeepLinearProblem,
    alpha: float,
    learning_rate: float,
    steps: int,
    *,
    seed: int = 0,
    every: int = 1,
) -> dict[str, Any]:
    """Gradient descent from layers of independent entries N(0, α²): a mapping with ``step``, ``W1``, ….

    >>> run = simulate_deep(DeepLinearProblem.whitened([[3, 0], [0, 2]]), 1e-3, 0.01, 800)
    >>> run["W1"].shape
    (801, 2, 2)
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    shapes = [(b, a) for a, b in zip(problem.widths, problem.widths[1:], strict=False)]
    layers = [alpha * rng.standard_normal(shape) for shape in shapes]
    marks = np.arange(0, steps + 1, every)
    kept = _descend(problem, layers, learning_rate, marks)
    return {"step": marks, **{f"W{k + 1}": block for k, block in enumerate(kept)}}


def _descend(problem: DeepLinearProblem, layers: Sequence[Any], step: float, marks: Any) -> list[Any]:
    """Gradient descent; the layers (each m × n_l × n_{l−1}) after so many steps."""
    import numpy as np

    cost = FloatCost(problem.cost)
    now = [np.array(W, dtype=float) for W in layers]
    out = [np.empty((len(marks), *W.shape)) for W in now]
    done = 0
    with np.errstate(all="ignore"):
        for k, mark in enumerate(marks):
            for _ in range(done, int(mark)):
                before = [np.eye(problem.widths[0])]  # W_{l−1} ⋯ W_1
                for W in now:
                    before.append(W @ before[-1])
                slope = cost.gradient(before[-1])
                after = np.eye(problem.widths[-1])  # W_L ⋯ W_{l+1}
                moves = []
                for W, low in zip(reversed(now), reversed(before[:-1]), strict=True):
                    moves.append(after.T @ slope @ low.T)
                    after = after @ W
                now = [W - step * move for W, move in zip(now, reversed(moves), strict=True)]
            done = int(mark)
            for block, W in zip(out, now, strict=True):
                block[k] = W
    return out


def compare_deep(
    problem: DeepLinearProblem,
    run: Any,
    alpha: float,
    learning_rate: float | None = None,
    *,
    factor: float = 1.0,
) -> DeepRunComparison:
    """Hold a run of a deep linear network against the theory.

    Args:
        problem: the network and its cost.
        run: a file, a frame or a mapping with ``step`` or ``time`` (m), and the layers ``W1`` … ``WL``
            (m × n_l × n_{l−1}), the product ``A`` (m × n_L × n_0), or singular values ``s_1``, ``s_2`` …
        alpha: scale of the entries of the layers at the start.
        learning_rate: η; None where times are recorded.
        factor: the run's loss is so many times the cost of the problem.

    Raises:
        BadInputError: the run cannot be read, or lacks what is needed.

    >>> problem = DeepLinearProblem.whitened([[3, 0], [0, 2]])
    >>> compare_deep(problem, simulate_deep(problem, 1e-3, 0.01, 800), 1e-3, 0.01).verdict
    'follows'
    """
    import numpy as np

    if not 0 < alpha < 1:
        raise BadInputError(f"alpha = {shown(alpha)}", needed="a number with 0 < alpha < 1")
    columns, source = run_columns(run)
    arrays = {name.strip(): np.asarray(value, dtype=float) for name, value in columns.items()}
    clock, step = _clock(arrays, source, learning_rate, factor)
    layers, values = _singular_values(problem, arrays, source)
    m = int(np.argmin(np.isfinite(values).all(axis=1))) if not np.isfinite(values).all() else len(values)
    if len(clock) != len(values) or m < 3:
        raise BadInputError(
            f"{source}: {m} finite records and {len(clock)} steps", needed="one each, 3 or more"
        )
    clock, values = clock[:m] * step, values[:m]
    saddles, rates = _saddles(problem, values.shape[1])
    limits = _limits(problem, alpha)
    reference = None
    if layers is not None and "step" in arrays and clock[0] == 0:
        made = _descend(problem, [W[0] for W in layers], step, arrays["step"][:m])
        reference = np.linalg.svd(_product(made), compute_uv=False)[:, : values.shape[1]]
    jumps = []
    last = 0
    for k in range(1, len(saddles)):
        found = _half(clock, values[:, k - 1], saddles[k][k - 1], last)
        if found is None:
            break
        time, record, interval = found
        expected = None if reference is None else _half(clock, reference[:, k - 1], saddles[k][k - 1], 0)
        nearest = float(np.linalg.norm(values[record:] - saddles[k], axis=1).min()) / saddles[k][k - 1]
        limit = limits[k - 1] if k <= len(limits) else None
        allowed = interval if reference is not None else sum(_SPREAD / s for s in rates[:k]) + interval
        jumps.append(
            RankMatch(
                k,
                float(saddles[k][k - 1]),
                limit,
                expected[0] if expected else None,
                time,
                allowed if reference is not None or limit is not None else None,
                nearest,
            )
        )
        last = record
    verdict, sentence = _judged(jumps, len(saddles) - 1, reference is not None)
    return DeepRunComparison(problem, alpha, step, verdict, sentence, tuple(jumps), len(saddles) - 1, m)


def _clock(arrays: Mapping[str, Any], source: str, rate: float | None, factor: float) -> tuple[Any, float]:
    if "step" in arrays:
        if rate is None or not rate > 0:
            raise BadInputError(
                f"{source} has steps", needed="the learning rate", hint="--learning-rate 1e-2"
            )
        clock, unit = arrays["step"], rate * factor
    elif "time" in arrays:
        clock, unit = arrays["time"], factor
    else:
        raise BadInputError(f"{source} has no column of steps or times", needed="a column step or time")
    if not (clock[1:] > clock[:-1]).all():
        raise BadInputError(f"{source}: its steps or times do not increase", needed="an increasing column")
    return clock, unit


def _product(layers: Sequence[Any]) -> Any:
    product = layers[0]
    for W in layers[1:]:
        product = W @ product
    return product


def _singular_values(
    problem: DeepLinearProblem, arrays: Mapping[str, Any], source: str
) -> tuple[list[Any] | None, Any]:
    """The layers, if they are recorded, and the singular values of the product (m × r)."""
    import numpy as np

    names = [f"W{k + 1}" for k in range(problem.depth)]
    if all(name in arrays for name in names):
        layers = [arrays[name] for name in names]
        for name, W, a, b in zip(names, layers, problem.widths, problem.widths[1:], strict=False):
            if W.ndim != 3 or W.shape[1:] != (b, a):
                raise BadInputError(f"{source}: {name} is {W.shape}", needed=f"records of {b} × {a}")
        if not all(np.isfinite(W).all() for W in layers):
            raise BadInputError(f"{source}: a layer is not finite", needed="the run up to there")
        return layers, np.linalg.svd(_product(layers), compute_uv=False)[:, : problem.max_rank]
    if "A" in arrays and arrays["A"].ndim == 3 and arrays["A"].shape[1:] == problem.cost.shape:
        return None, np.linalg.svd(arrays["A"], compute_uv=False)[:, : problem.max_rank]
    chosen = [
        arrays[name] for k in range(1, problem.max_rank + 1) for name in (f"s_{k}", f"s{k}") if name in arrays
    ]
    if not chosen or len({len(a) for a in chosen}) != 1:
        raise BadInputError(
            f"{source} has the columns {', '.join(shown(name, 12) for name in list(arrays)[:8])}",
            needed=f"layers W1 to W{problem.depth}, products A, or singular values s_1, s_2 ...",
        )
    return None, np.stack(chosen, axis=1)


def _saddles(problem: DeepLinearProblem, count: int) -> tuple[list[Any], list[float]]:
    """Singular values of the saddles of the greedy path, and the rates at which each is left."""
    import numpy as np

    steps = greedy_path(problem, digits=15).steps
    values = [
        np.linalg.svd(np.array([[float(x) for x in row] for row in s.A]), compute_uv=False) for s in steps
    ]
    return [v[:count] for v in values], [float(s.gradient_values[0]) for s in steps[:-1]]


def _limits(problem: DeepLinearProblem, alpha: float) -> list[float]:
    """Λ t_k at depth two, where it is predicted."""
    if problem.depth != 2:
        return []
    try:
        return [-log(alpha) * t for t in predict_jump_times(problem, digits=15).times]
    except SaddlesymError:
        return []


def _half(clock: Any, values: Any, plateau: float, first: int) -> tuple[float, int, float] | None:
    """Where a singular value passes half of its plateau, the record behind, and the interval."""
    import numpy as np

    share = values[first:] / plateau
    later = np.flatnonzero((share[1:] >= 0.5) & (share[:-1] < 0.5))
    if not len(later):
        return None
    k = int(later[0])
    a, b = float(clock[first + k]), float(clock[first + k + 1])
    where = (0.5 - share[k]) / (share[k + 1] - share[k])
    return a + float(where) * (b - a), first + k + 1, b - a


def _judged(jumps: Sequence[RankMatch], expected: int, exact: bool) -> tuple[str, str]:
    if not jumps:
        return "cannot be told", "The run ends before its first jump."
    far = [jump.rank for jump in jumps if jump.nearest > _NEAR]
    off = [jump.rank for jump in jumps if jump.agrees is False]
    late = any(a.measured > b.measured for a, b in pairwise(jumps))
    if off or late or far:
        what = (
            f"the jump to rank {off[0]} does not come when predicted"
            if off
            else "singular values come in another order"
            if late
            else f"it does not come near the saddle of rank {far[0]}"
        )
        return "does not follow", f"The run does not follow the theory: {what}."
    judged = [jump for jump in jumps if jump.agrees]
    when = ", each when gradient descent makes it" if exact else ", each within what a random start allows"
    if not judged:
        when = "; no times are predicted at this depth without the layers"
    return "follows", f"The run follows the theory: {len(jumps)} of {expected} ranks in order{when}."
