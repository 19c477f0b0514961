"""``explore``: path, saddles, graph, flows and verdicts of one data set.

What is out of reach is said in ``limits``, never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from threading import Event
from typing import Any

from saddlesym.diagonal.certificate import certify
from saddlesym.diagonal.flow import Flow, flow
from saddlesym.diagonal.path import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.recovery import FACTOR, MIN_FLOWS, Recovery, alike, recovered_from
from saddlesym.diagonal.saddles import saddles
from saddlesym.diagonal.trajectory import SaddlePath
from saddlesym.errors import BudgetError, NonUniqueMinimiserError, SaddlesymError
from saddlesym.exploration.exploration import Agreement, Exploration, Limit
from saddlesym.exploration.settings import Settings
from saddlesym.graph.build import transition_graph
from saddlesym.graph.saddle_graph import SaddleGraph
from saddlesym.theorems.catalogue import statements
from saddlesym.theorems.checks import checks_of
from saddlesym.theorems.results import Report
from saddlesym.theorems.runner import verify
from saddlesym.theorems.wings import wing_of

#: Called with the part at work, how much of it is done, and how much there is (None: unknown).
Progress = Callable[[str, int, int | None], None]


def explore(
    problem: DiagonalProblem,
    *,
    alphas: Sequence[Any] | None = None,
    digits: int | None = None,
    quick: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Exploration:
    """The whole picture of a data set, within budgets that depend on its size.

    Args:
        problem: the data.
        alphas: two or more scales of the flows; default 1e-20, 1e-10000, 1e-20000.
        digits: digits of the flows; default 8 (quick: 6).
        quick: smaller budgets, no statement whose check follows flows.
        jobs: with more than one, verdicts are made in a process beside the flows.
        progress: called with the part at work, how much is done and how much there is.

    Returns:
        What was found, and what was out of reach.

    Raises:
        BadInputError: alphas or digits out of range.

    >>> found = explore(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]), quick=True)
    >>> found
    Exploration(3 jumps, 3 flows, 3 of 3 recovered times agree, 1 limits)
    """
    settings = Settings.of(alphas, digits, quick=quick)
    tell: Progress = progress or (lambda _part, _done, _total: None)
    limits: list[Limit] = []
    with _verdicts(problem, settings, jobs, tell, limits) as report_of:
        path = _path(problem, tell, limits)
        certificate = certify(path)
        size = settings.max_support(problem.d, settings.listed_sets)
        listed = tuple(saddles(problem, max_support=size, progress=lambda k: tell("saddles", k, None)))
        graph = _graph(problem, settings, tell, limits)
        flows = _flows(problem, path, settings, tell, limits)
        recovery = _recovery(flows, settings, limits, tell)
        report = report_of()
    agreements = () if recovery is None else _agreements(path, recovery, limits)
    return Exploration(
        problem, settings, path, certificate, listed, size, graph, flows, recovery, agreements, report,
        tuple(limits),
    )  # fmt: skip


def _path(problem: DiagonalProblem, tell: Progress, limits: list[Limit]) -> SaddlePath:
    try:
        return saddle_path(problem, progress=_counted("path", tell))
    except NonUniqueMinimiserError as error:
        limits.append(Limit("path", f"The path stops: {error.given}.", error.hint))
        path: SaddlePath = error.path
        return path


def _counted(part: str, tell: Progress) -> Callable[[Any], None]:
    done = 0

    def note(_item: Any) -> None:
        nonlocal done
        done += 1
        tell(part, done, None)

    return note


def _graph(
    problem: DiagonalProblem, settings: Settings, tell: Progress, limits: list[Limit]
) -> SaddleGraph | None:
    size = settings.max_support(problem.d, settings.max_sets)
    try:
        graph = transition_graph(problem, max_support=size, progress=lambda k: tell("graph", k, None))
    except SaddlesymError as error:
        limits.append(Limit("graph", f"There is no graph: {error.given}.", error.hint))
        return None
    if size < min(problem.d, problem.quadratic.rank()):
        reason = (
            f"Of the 2^{problem.d} active sets only the {len(graph)} saddles with at most {size} columns are"
            f" in the graph (budget: {settings.max_sets} sets); {graph.cut} transitions lead out of it."
        )
        limits.append(Limit("graph", reason, f"saddlesym graph DATA --max-support {size + 1}"))
    return graph


def _flows(
    problem: DiagonalProblem, path: SaddlePath, settings: Settings, tell: Progress, limits: list[Limit]
) -> tuple[Flow, ...]:
    if not _near_one(problem):
        reason = "No flows: the size of the data is far from one (below 1e-20 or above 1e20)."
        limits.append(Limit("flow", reason, "rescale the data"))
        return ()
    count = min(len(path.jumps), settings.jumps_followed(problem.d))
    out = []
    for alpha in settings.alphas:
        end = _end(path, count)
        while True:
            try:
                out.append(_flow(problem, alpha, end, settings, tell))
            except BudgetError as error:
                if count > 1:
                    count //= 2
                    end = _end(path, count)
                    continue
                limits.append(Limit("flow", f"No flow at alpha = {alpha}: {error.given}.", error.hint))
            except SaddlesymError as error:
                limits.append(Limit("flow", f"No flow at alpha = {alpha}: {error.given}.", error.hint))
            break
    if out and count < len(path.jumps):
        reason = (
            f"Flows are followed through the first {count} of {len(path.jumps)} jumps"
            f" (budget for {problem.d} columns: {settings.jumps_followed(problem.d)} jumps,"
            f" {settings.steps(problem.d)} steps)."
        )
        limits.append(Limit("flow", reason, "saddlesym flow DATA"))
    return tuple(out)


def _flow(
    problem: DiagonalProblem, alpha: Any, end: Fraction | None, settings: Settings, tell: Progress
) -> Flow:
    def note(_time: float, steps: int) -> None:
        tell(f"flow at {alpha}", steps, None)

    most = settings.steps(problem.d)
    return flow(problem, alpha, settings.digits, end, certify=False, max_steps=most, progress=note)


def _near_one(problem: DiagonalProblem) -> bool:
    """Whether columns and correlations with y are of a size that flows are made for."""
    sizes = [*problem.squares, *map(abs, problem.r)]
    return all(Fraction(1, 10**20) <= size <= 10**20 for size in sizes if size)


def _end(path: SaddlePath, count: int) -> Fraction | None:
    """The middle of the dwell after so many jumps; None for all of a complete path that comes to rest."""
    times = path.times()
    if count < len(times):
        return Fraction((times[count - 1] + times[count]) / 2)
    if not times:
        return None
    if path.complete:
        # a column that is left at its bound without a gradient fades like 1/T, and the flow never rests
        last = path.jumps[-1]
        fades = any(b == 0 and abs(s) == 1 for b, s in zip(last.beta, last.dual, strict=True))
        return times[-1] * Fraction(5, 4) if fades else None
    return path.horizon if path.horizon is not None and path.horizon > times[-1] else None


def _recovery(
    flows: Sequence[Flow], settings: Settings, limits: list[Limit], tell: Progress
) -> Recovery | None:
    if len(flows) < 2:
        return None
    if flows[-2].requested_end != flows[-1].requested_end:
        limits.append(
            Limit("flow", "The two smallest scales were not followed equally far.", "larger budgets")
        )
        return None
    kept = alike([one for one in flows if one.requested_end == flows[-1].requested_end])
    try:
        smaller = kept[-1].scale.smaller(FACTOR)
        if len(kept) == MIN_FLOWS - 1 and smaller is not None:
            # where the jumps have not separated at the first scale, another one has to confirm the times
            kept.append(_flow(kept[-1].problem, smaller, kept[-1].requested_end, settings, tell))
        return recovered_from(kept)
    except SaddlesymError as error:
        limits.append(Limit("flow", f"Jump times could not be recovered: {error.given}.", error.hint))
        return None


def _agreements(path: SaddlePath, recovery: Recovery, limits: list[Limit]) -> tuple[Agreement, ...]:
    out = []
    for k, (jump, found) in enumerate(zip(path.jumps, recovery.jumps, strict=False), 1):
        same = set(jump.entered) == set(found.entered) and set(jump.left) == set(found.left)
        out.append(Agreement(k, jump.time, found.time, found.constant, same))
    followed = recovery.flows[0].requested_end
    expected = sum(followed is None or jump.time < followed for jump in path.jumps)
    if len(recovery.jumps) != expected and path.complete:
        reason = (
            f"The flows show {len(recovery.jumps)} jumps where the path has {expected}:"
            " some plateaus have not separated."
        )
        limits.append(Limit("flow", reason, "smaller values of alpha"))
    return tuple(out)


def _statements(problem: DiagonalProblem, settings: Settings, limits: list[Limit]) -> list[str]:
    """The ids to check: all, or those whose checks follow no flow."""
    near = _near_one(problem)
    wing = wing_of(problem)
    every = [one.id for one in statements().values() if one.wing == wing]
    if problem.d <= settings.costly_columns and near:
        return every
    cheap = [one for one in every if all(check.share == 1 for check in checks_of(one))]
    left = len(every) - len(cheap)
    why = "the size of the data is far from one" if not near else "quick settings" if settings.quick else ""
    why = why or f"more than {settings.costly_columns} columns"
    reason = f"{left} statements whose checks follow flows were not checked ({why})."
    limits.append(Limit("verdicts", reason, "saddlesym verify DATA"))
    return cheap


@contextmanager
def _verdicts(
    problem: DiagonalProblem, settings: Settings, jobs: int, tell: Progress, limits: list[Limit]
) -> Iterator[Callable[[], Report]]:
    """A function that gives the verdicts: at once, or when the process beside has made them."""
    ids = _statements(problem, settings, limits)
    if jobs == 1:
        yield lambda: verify(ids, problem, progress=lambda k: tell("verdicts", k, None))
        return
    stop = Event()
    with ThreadPoolExecutor(1) as beside:  # it only waits for a process that does the work
        future = beside.submit(verify, ids, problem, stop=stop)

        def wait() -> Report:
            tell("verdicts", 0, None)
            return future.result()

        try:
            yield wait
        finally:
            stop.set()
