"""``compare``: hold a training run against the saddle path, the law of jump times and the flow at its α."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, NonUniqueMinimiserError, SaddlesymError
from saddlesym.progress import Listener
from saddlesym.runs.comparison import (
    Deviation,
    JumpMatch,
    RunComparison,
    natural_times,
    path_values,
    verdict_of,
)
from saddlesym.runs.diagnosis import (
    Cause,
    Suspect,
    diagnose,
    largest_curvature,
    step_too_large,
)
from saddlesym.runs.events import HalfPassage, column_steps, crests, half_passages, nearest_saddles
from saddlesym.runs.fit import FIT_ERROR, inferred_setting, significant_digits
from saddlesym.runs.law import LawTime, flow_times, law_times
from saddlesym.runs.reading import run_columns
from saddlesym.runs.reference import MAX_STEPS, Reference, reference_run, start_of
from saddlesym.runs.run import TrainingRun
from saddlesym.runs.setting import Setting
from saddlesym.runs.simulation import FloatLoss

#: Steps of the reference for a run that records times and no learning rate.
_FINE_STEPS = 200_000


def compare(
    problem: DiagonalProblem,
    run: Any,
    alpha: float | None = None,
    learning_rate: float | None = None,
    *,
    loss: str | None = None,
    parametrisation: str | None = None,
    depth: int = 2,
    flow: bool = True,
    progress: Listener | None = None,
) -> RunComparison:
    """Hold a training run of a diagonal linear network against the theory.

    Args:
        problem: the data, prepared as they were for the run.
        run: a :class:`TrainingRun`, a data frame, a mapping of names to arrays, or the name of a
            CSV, ``.npz`` or Parquet file with a column ``step`` or ``time`` and β, u and v, or w₊ and w₋.
        alpha: scale of the initialisation: u = √2·α and v = 0, or w₊ = w₋ = α; None to fit it.
        learning_rate: η of the loss; None to fit it, or where ``time`` is recorded.
        loss: ``half-mse`` (½‖·‖²/n), ``mse``, ``half-sum`` or ``sum``; None: recognised from a recorded
            loss, else half-mse.
        parametrisation: ``uv`` or ``squares``; None: by the names of the columns, else uv.
        depth: D of β = a^D − b^D, for D ≥ 3.
        flow: compute the certified flow at this α too.
        progress: called with the steps done, of the reference and of the flow.

    Raises:
        BadInputError: the run cannot be read, or lacks what is needed.

    >>> from saddlesym import DiagonalProblem
    >>> from saddlesym.runs.simulation import simulate
    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> found = compare(problem, simulate(problem, 1e-4, 0.01, 1000), 1e-4, 0.01)
    >>> found.verdict, len(found.jumps)
    ('follows', 2)
    """
    if not isinstance(run, TrainingRun):
        columns, source = run_columns(run)
        guessed = "squares" if any(str(name).startswith("w_plus") for name in columns) else "uv"
        run = TrainingRun.from_columns(
            columns, problem.feature_names, parametrisation or guessed, depth, source
        )
    if run.d != problem.d:
        raise BadInputError(
            f"{run.source} has {run.d} coefficients", needed=f"{problem.d}, one for each feature"
        )
    import numpy as np

    with np.errstate(all="ignore"):  # a run that blows up is still compared up to there
        data = FloatLoss.of(problem)
        setting, assumed = inferred_setting(
            problem, run, data, alpha, learning_rate, loss, parametrisation or run.parametrisation, depth
        )
        fitted = alpha is None or (learning_rate is None and run.steps is not None)
        return _held(problem, run, data, setting, assumed, FIT_ERROR if fitted else 0.0, flow, progress)


def _held(
    problem: DiagonalProblem,
    run: TrainingRun,
    data: FloatLoss,
    setting: Setting,
    assumed: tuple[str, ...],
    slack: float,
    flow: bool,
    progress: Listener | None,
) -> RunComparison:
    """The comparison of a run whose making is known, or fitted up to the part ``slack``."""
    import numpy as np

    depth = setting.depth
    path, degenerate = _path(problem)
    steps = column_steps(path)
    times = natural_times(run, setting)
    made, marks = setting, run.steps
    if setting.step is None or run.steps is None:
        fine = float(times[-1]) / _FINE_STEPS
        made = replace(setting, learning_rate=fine / float(setting.natural(1.0)))
        marks = (times / fine).round()
    reference = reference_run(data, made, marks, start_of(run, setting), progress)
    mine = half_passages(times, run.beta.astype(float), steps)
    m = reference.finite
    wanted = half_passages(times[:m], reference.beta[:m], steps)
    digits = significant_digits(run)
    deviation = _first_deviation(run, reference, times, digits, slack)
    laws = (
        {law.jump: law for law in law_times(path, data, setting.log_inverse, setting.step)}
        if depth == 2
        else {}
    )
    flows = flow_times(problem, setting, path, float(times[-1]), progress) if flow and depth == 2 else {}
    fall = run.loss if run.loss is not None else data.value(run.beta.astype(float))
    tops = crests(times, fall, mine)
    nearest, distances = nearest_saddles(run.beta.astype(float), path)
    matches = _matches(path, setting, steps, mine, wanted, laws, flows, tops, distances, digits, slack, run)
    expected = sum(passage is not None for passage in wanted)
    case = Suspect(run, setting if setting.step else made, data, problem.n, marks, reference)
    unstable = step_too_large(case)
    causes = [unstable] if unstable else list(diagnose(case)) if deviation is not None else []
    end = float(times[-1]) * setting.clock
    due = sum(float(jump.time) <= end for jump in path.jumps)
    later = expected
    if expected < due and m == len(run):
        later = _later(data, made, reference, marks, times, steps)
    visited = nearest, nearest_saddles(reference.beta[:m], path)[0]
    finely: set[int] = set()
    if deviation is None and set(range(1, len(matches) + 1)) - set(map(int, nearest)):
        finely = _visited_between(data, made, run, marks, path, matches)
    verdict, sentence, more = verdict_of(
        path, setting, run, matches, expected, later, end, deviation, causes, visited, finely
    )
    if degenerate is not None:
        more = (*more, degenerate)
    weights = reference.plus[:m] * reference.minus[:m]
    start = weights[0]
    gain = 1 - np.log(np.abs(weights[-1] / start)) / (2 * setting.log_inverse)
    finite = run.beta[np.abs(run.beta).max(axis=1) < 1e100].astype(float)
    curved = None
    if setting.step is not None and depth == 2:
        curved = setting.step * largest_curvature(data, finite, setting.scale)
    return RunComparison(
        problem,
        path,
        run,
        setting,
        assumed,
        verdict,
        sentence,
        matches,
        expected,
        tuple(causes) + more,
        deviation,
        _drift(run, setting, reference, deviation),
        tuple(float(x) for x in gain),
        curved,
        float(np.abs(run.beta - path_values(path, times, setting.clock)).mean()),
        _bound(problem, path, setting, run, times),
        reference,
    )


def _path(problem: DiagonalProblem) -> tuple[SaddlePath, Cause | None]:
    try:
        return saddle_path(problem), None
    except NonUniqueMinimiserError as error:
        return error.path, Cause("degenerate data", f"{error}; nothing is predicted from there on")


def _first_deviation(
    run: TrainingRun, reference: Reference, times: Any, digits: int, slack: float
) -> Deviation | None:
    """The first record outside of what one interval between records and rounding allow.

    A step multiplies u ± v by factors that rounding changes by two units in the last place, so that
    N steps change ln p by at most 4N of them: β by as much of |β|, and what depends on it.  Where α or the
    step was fitted, the clocks may differ by the part ``slack``.
    """
    import numpy as np

    m = min(reference.finite, len(run))
    own, wanted = run.beta[:m].astype(float), reference.beta[:m]
    move = np.abs(np.diff(wanted, axis=0))
    allowed = np.zeros_like(wanted)
    allowed[:-1] = np.maximum(allowed[:-1], move)
    allowed[1:] = np.maximum(allowed[1:], move)
    count = run.steps[:m] if run.steps is not None else np.full(m, _FINE_STEPS)
    size = np.abs(wanted).max(axis=1)
    rounding = (
        4
        * 10.0 ** (-digits + 1)
        * np.maximum.accumulate(size)
        * (1 + (count if digits > 12 else np.sqrt(count)))
    )
    allowed = allowed + rounding[:, None]
    if slack:
        for i in range(run.d):
            early, late = (np.interp(times[:m] * (1 + x), times[:m], wanted[:, i]) for x in (-slack, slack))
            off = np.maximum(np.abs(early - wanted[:, i]), np.abs(late - wanted[:, i]))
            allowed[:, i] += off + 4 * slack * np.abs(wanted[:, i])
    if run.steps is None:
        allowed = allowed + move.max() * 1e-3
    over = (np.abs(own - wanted) > allowed).any(axis=1)
    if not over.any():
        if m < len(run):
            return Deviation(
                m, float(run.clock[m]), float(times[m]), 0, float(run.beta[m][0]), float("nan"), 0.0
            )
        return None
    k = int(over.argmax())
    i = int(np.argmax(np.abs(own[k] - wanted[k]) / allowed[k]))
    return Deviation(
        k,
        float(run.clock[k]),
        float(times[k]),
        i,
        float(own[k, i]),
        float(wanted[k, i]),
        float(allowed[k, i]),
    )


def _matches(
    path: SaddlePath,
    setting: Setting,
    steps: Any,
    mine: list[HalfPassage | None],
    wanted: list[HalfPassage | None],
    laws: dict[int, LawTime],
    flows: dict[int, tuple[float, float]],
    tops: list[float | None],
    distances: Any,
    digits: int,
    slack: float,
    run: TrainingRun,
) -> tuple[JumpMatch, ...]:
    import numpy as np

    out = []
    for k, (step, passage, other, top) in enumerate(zip(steps, mine, wanted, tops, strict=True)):
        if passage is None:
            break
        jump = path.jumps[k]
        slope = path.jumps[k - 1].gradient if k else path.problem.gradient([0] * path.problem.d)
        rate = abs(float(slope[step.coordinate])) or 1.0
        count = float(run.steps[passage.record]) if run.steps is not None else 1.0
        rounding = 4 * 10.0 ** (1 - digits) * count / (2 * rate)
        law = laws.get(step.jump)
        flown = flows.get(step.jump)
        after = mine[k + 1] if k + 1 < len(mine) else None
        following = len(distances) if after is None else after.record
        old = [float(b) for b in path.jumps[k - 1].beta] if k else [0.0] * path.problem.d
        height = float(np.linalg.norm(np.array([float(b) for b in jump.beta]) - old))
        out.append(
            JumpMatch(
                step.jump,
                step.coordinate,
                jump.event(path.problem.feature_names),
                float(jump.time) / setting.clock,
                law.half if law else None,
                law.stepped if law else None,
                law.neglected if law else None,
                flown[0] if flown else None,
                flown[1] if flown else None,
                other.time if other else None,
                passage.time,
                top,
                passage.interval + rounding + slack * passage.time,
                float(distances[passage.record - 1 : following, k + 1].min()) / height,
            )
        )
    return tuple(out)


def _drift(
    run: TrainingRun, setting: Setting, reference: Reference, deviation: Deviation | None
) -> float | None:
    import numpy as np

    if run.weights is None or setting.depth > 2:
        return None
    m = min(len(run) if deviation is None else max(1, deviation.record), reference.finite)
    one, two = (w[:m].astype(float) for w in run.weights)
    kept = one**2 - two**2 if setting.parametrisation == "uv" else 4 * one * two
    with np.errstate(all="ignore"):
        return float(np.nanmax(np.abs(kept / (reference.plus[:m] * reference.minus[:m]) - 1)))


def _bound(
    problem: DiagonalProblem, path: SaddlePath, setting: Setting, run: TrainingRun, times: Any
) -> tuple[float, float] | None:
    """The proved bound of ‖s^α − s‖ at the end of the run, and the distance measured there."""
    import numpy as np

    from saddlesym.diagonal.path.rate import explicit_rate

    if setting.depth > 2:
        return None
    t = Fraction(float(times[-1]) * setting.clock)
    if path.horizon is not None and t > path.horizon:
        return None
    try:
        bound = float(explicit_rate(path, t, Fraction(setting.scale)).upper())
    except SaddlesymError:
        return None
    s = np.arcsinh(run.beta[-1].astype(float) / setting.scale**2) / (2 * setting.log_inverse)
    off = s - np.array([float(x) for x in path.dual(t)])
    M = FloatLoss.of(problem).M
    return bound, float(np.sqrt(max(0.0, off @ np.linalg.lstsq(M, off, rcond=None)[0])))


def _visited_between(
    data: FloatLoss,
    made: Setting,
    run: TrainingRun,
    marks: Any,
    path: SaddlePath,
    matches: tuple[JumpMatch, ...],
) -> set[int]:
    """Saddles to which the reference is nearest at some step, with all steps about the jumps looked at."""
    import numpy as np

    last, step = int(marks[-1]), made.step or 1.0
    looked = [np.linspace(0, last, 20_000)]
    for jump in matches:
        middle, reach = jump.measured / step, jump.tolerance / step + 1000
        looked.append(np.linspace(max(0.0, middle - reach), min(last, middle + reach), 2000))
    fine = np.unique(np.concatenate(looked).astype(int))
    return set(map(int, nearest_saddles(reference_run(data, made, fine, start_of(run, made)).beta, path)[0]))


def _later(data: FloatLoss, made: Setting, reference: Reference, marks: Any, times: Any, steps: Any) -> int:
    """How many of the jumps the reference makes within twice the length of the run."""
    import numpy as np

    last = min(int(marks[-1]), MAX_STEPS)
    more = np.unique(np.linspace(0, last, 2000).astype(int))
    went = reference_run(data, made, more, (reference.plus[-1], reference.minus[-1]))
    beta = np.concatenate([reference.beta, went.beta[1:]])
    clock = np.concatenate([times, times[-1] + more[1:] * (made.step or 0.0)])
    return sum(passage is not None for passage in half_passages(clock, beta, steps))
