"""``explore``: path, saddles, graph, flows and verdicts of one data set.

What is out of reach is said in ``limits``, never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial
from threading import Event
from typing import Any

from saddlesym.diagonal.flow.recovery import FACTOR, MIN_FLOWS, Recovery, alike, recovered_from
from saddlesym.diagonal.flow.two_layers.flow import Flow, flow
from saddlesym.diagonal.path.data_precision import Stop
from saddlesym.diagonal.path.stopping_time import rest_on_dwell
from saddlesym.diagonal.path.trajectory import Jump, SaddlePath
from saddlesym.diagonal.path.walk import cut_off, saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.saddles.enumeration import Saddle, SaddleFamily, saddles
from saddlesym.errors import BudgetError, NonUniqueMinimiserError, SaddlesymError, require
from saddlesym.exploration.exploration import Agreement, Exploration, NotReached, agreements_of
from saddlesym.exploration.settings import Settings
from saddlesym.graph.build import transition_graph
from saddlesym.graph.diagonal import SaddleGraph
from saddlesym.progress import Listener, Progress
from saddlesym.recheck.path import Certificate, certify
from saddlesym.theorems.catalogue import statements
from saddlesym.theorems.checks import checks_of
from saddlesym.theorems.evidence.results import Report
from saddlesym.theorems.runner import VerificationInterrupted, checked_budget, verify
from saddlesym.theorems.wings import wing_of
from saddlesym.workers import OVERTIME, Budget


class ExplorationInterrupted(KeyboardInterrupt):
    """Ctrl-C in an exploration; ``exploration`` holds what was finished before, and is ``partial``."""

    def __init__(self, exploration: Exploration) -> None:
        super().__init__("the exploration was interrupted")
        self.exploration = exploration


def explore(
    problem: DiagonalProblem,
    *,
    alphas: Sequence[Any] | None = None,
    digits: int | None = None,
    quick: bool = False,
    stop_loss: Any = None,
    stop_residual: Any = None,
    data_precision: Any = None,
    jobs: int = 1,
    budget: float | None = None,
    check_budget: float | None = None,
    progress: Listener | None = None,
) -> Exploration:
    """The whole picture of a data set, within budgets that depend on its size.

    Args:
        problem: the data.
        alphas: two or more scales of the flows; default 1e-20, 1e-10000, 1e-20000.
        digits: digits of the flows; default 8 (quick: 6).
        quick: smaller budgets, no statement whose check follows flows.
        stop_loss: path and flows stop at the first saddle whose loss is at most that.
        stop_residual: they stop at the first saddle with no residual greater than that.
        data_precision: they stop where the data are fitted as well as they are known: by default
            as well as they were written, where that is known; 0: exactly; see
            :func:`saddlesym.saddle_path`.
        jobs: with more than one, verdicts are made in a process beside the flows.
        budget: seconds for all verdicts; what is not finished then is UNDECIDED.  With it they
            are made in processes of their own.
        check_budget: seconds for one check.
        progress: called with the part at work (``what``), how much is done and how much there is.

    Returns:
        What was found, and what was out of reach.

    Raises:
        BadInputError: alphas, digits, a stop or a budget out of range.
        ExplorationInterrupted: on Ctrl-C, with what was finished.

    >>> found = explore(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]), quick=True)
    >>> found
    Exploration(3 jumps, 3 flows, 3 of 3 recovered times agree, 1 limits)
    """
    require(problem, DiagonalProblem, "saddles, greedy_path and flow, for a product of matrices")
    settings = Settings.of(alphas, digits, quick=quick)
    stop = Stop.of(problem, stop_loss, stop_residual, data_precision)
    if data_precision is None:
        stop = replace(stop, rounding=Stop.as_given(problem).rounding)
    tell: Listener = progress or (lambda _moment: None)
    work = _Work(problem, settings)
    spend = checked_budget(budget, check_budget)
    try:
        with _verdicts(problem, settings, jobs, tell, work, spend, stop) as report_of:
            work.run(stop, tell)
            work.report = report_of()
            work.limits += filter(None, [_out_of_time(work.report)])
    except KeyboardInterrupt:
        raise ExplorationInterrupted(work.found(interrupted=True)) from None
    return work.found()


class _Work:
    """An exploration in the making: what is finished of it."""

    def __init__(self, problem: DiagonalProblem, settings: Settings) -> None:
        self.problem, self.settings = problem, settings
        self.limits: list[NotReached] = []
        self.jumps: list[Jump] = []
        self.path: SaddlePath | None = None
        self.stopped = ""
        self.certificate: Certificate | None = None
        self.size = settings.max_support(problem.d, settings.listed_sets)
        self.saddles: tuple[Saddle | SaddleFamily, ...] | None = None
        self.graph: SaddleGraph | None = None
        self.has_graph = self.has_flows = self.has_recovery = False
        self.flows: list[Flow] = []
        self.recovery: Recovery | None = None
        self.report: Report | None = None

    def run(self, stop: Stop, tell: Listener) -> None:
        """All parts but the verdicts, each kept as soon as it is there."""
        problem, settings, limits = self.problem, self.settings, self.limits

        def note(moment: Progress) -> None:
            self.jumps.append(moment.latest)
            tell(Progress(len(self.jumps), what="path"))

        path, self.stopped = _path(problem, stop, note, limits)
        self.path = path
        self.certificate = certify(path)
        self.saddles = tuple(saddles(problem, max_support=self.size, progress=_as("saddles", tell)))
        self.graph = _graph(problem, settings, tell, limits)
        self.has_graph = True
        _flows(problem, path, bool(self.stopped), settings, tell, limits, self.flows)
        self.has_flows = True
        self.recovery = _recovery(self.flows, settings, limits, tell)
        self.has_recovery = True

    def found(self, *, interrupted: bool = False) -> Exploration:
        """What there is."""
        path = self.path or cut_off(self.problem, self.jumps)
        report = self.report or _nothing_verified(self.problem, self.settings)
        agreements = () if self.recovery is None else _agreements(path, self.recovery, self.limits)
        missing = None
        if interrupted:
            there = {"saddles": self.saddles is not None, "graph": self.has_graph}
            missing = tuple(name for name, done in there.items() if not done)
            self.limits.insert(0, NotReached("path", _interrupted(self)))
        return Exploration(
            self.problem, self.settings, path, self.certificate or certify(path), self.saddles or (),
            self.size, self.graph, tuple(self.flows), self.recovery, agreements, report,
            tuple(self.limits), self.stopped, missing,
        )  # fmt: skip


def _interrupted(work: _Work) -> str:
    """How far an exploration came."""
    parts = {
        "the path": work.path is not None,
        "the saddles": work.saddles is not None,
        "the graph": work.has_graph,
        "the flows": work.has_flows,
        "the recovered times": work.has_recovery,
        "the verdicts": work.report is not None and not work.report.partial,
    }
    left = [name for name, done in parts.items() if not done]
    return f"It was interrupted: not there, or not whole: {', '.join(left) or 'nothing'}."


def _path(
    problem: DiagonalProblem, stop: Stop, note: Listener, limits: list[NotReached]
) -> tuple[SaddlePath, str]:
    """The path, and why ``stop`` ended it, if it did."""
    try:
        path = saddle_path(problem, **stop.options(), progress=note)
    except NonUniqueMinimiserError as error:
        limits.append(NotReached("path", f"The path stops: {error.given}.", error.hint))
        return error.path, ""
    if path.complete:
        return path, ""
    reason = stop.reached(problem, path.final, path.jumps[-1].loss if path.jumps else path.loss(0))
    fits = "the rounding of the data" in reason
    where = f"after jump {len(path.jumps)}" if path.jumps else "at zero"
    what = f"The path stops {where}: {reason}{'; what follows would fit rounding errors' if fits else ''}."
    limits.append(NotReached("path", what, "saddlesym explore DATA --data-precision 0" if fits else ""))
    return path, reason


def _graph(
    problem: DiagonalProblem, settings: Settings, tell: Listener, limits: list[NotReached]
) -> SaddleGraph | None:
    size = settings.max_support(problem.d, settings.max_sets)
    try:
        graph = transition_graph(problem, max_support=size, progress=_as("graph", tell))
    except SaddlesymError as error:
        limits.append(NotReached("graph", f"There is no graph: {error.given}.", error.hint))
        return None
    if size < min(problem.d, problem.quadratic.rank()):
        reason = (
            f"Of the 2^{problem.d} active sets only the {len(graph)} saddles with at most {size} columns are"
            f" in the graph (budget: {settings.max_sets} sets); {graph.cut} transitions lead out of it."
        )
        limits.append(NotReached("graph", reason, f"saddlesym graph DATA --max-support {size + 1}"))
    return graph


def _flows(
    problem: DiagonalProblem,
    path: SaddlePath,
    stopped: bool,
    settings: Settings,
    tell: Listener,
    limits: list[NotReached],
    out: list[Flow],
) -> None:
    """Add the flows to ``out``, each as soon as it is there."""
    if not _near_one(problem):
        reason = "No flows: the size of the data is far from one (below 1e-20 or above 1e20)."
        limits.append(NotReached("flow", reason, "rescale the data"))
        return
    count = min(len(path.jumps), settings.jumps_followed(problem.d))
    if stopped and not path.jumps:
        limits.append(NotReached("flow", "No flows: the path stops at zero."))
        return
    for alpha in settings.alphas:
        end = _end(path, count, stopped)
        while True:
            try:
                out.append(_flow(problem, alpha, end, settings, tell))
            except BudgetError as error:
                if count > 1:
                    count //= 2
                    end = _end(path, count, stopped)
                    continue
                limits.append(NotReached("flow", f"No flow at alpha = {alpha}: {error.given}.", error.hint))
            except SaddlesymError as error:
                limits.append(NotReached("flow", f"No flow at alpha = {alpha}: {error.given}.", error.hint))
            break
    if out and count < len(path.jumps):
        reason = (
            f"Flows are followed through the first {count} of {len(path.jumps)} jumps"
            f" (budget for {problem.d} columns: {settings.jumps_followed(problem.d)} jumps,"
            f" {settings.steps(problem.d)} steps)."
        )
        limits.append(NotReached("flow", reason, "saddlesym flow DATA"))


def _flow(
    problem: DiagonalProblem, alpha: Any, end: Fraction | None, settings: Settings, tell: Listener
) -> Flow:
    most = settings.steps(problem.d)
    return flow(
        problem, alpha, digits=settings.digits, until=end, certify=False, max_steps=most,
        progress=_as(f"flow at {alpha}", tell),
    )  # fmt: skip


def _as(part: str, tell: Listener) -> Listener:
    """What a part of the work says of itself, under the name of the part."""
    return lambda moment: tell(replace(moment, what=part))


def _near_one(problem: DiagonalProblem) -> bool:
    """Whether columns and correlations with y are of a size that flows are made for."""
    sizes = [*problem.squares, *map(abs, problem.r)]
    return all(Fraction(1, 10**20) <= size <= 10**20 for size in sizes if size)


def _end(path: SaddlePath, count: int, stopped: bool) -> Fraction | None:
    """The middle of the dwell after so many jumps; None for all of a complete path that comes to rest."""
    times = path.times()
    if count < len(times):
        return Fraction((times[count - 1] + times[count]) / 2)
    if not times:
        return None
    if stopped:
        return rest_on_dwell(path)
    if path.complete:
        # a column that is left at its bound without a gradient fades like 1/T, and the flow never rests
        last = path.jumps[-1]
        fades = any(b == 0 and abs(s) == 1 for b, s in zip(last.beta, last.dual, strict=True))
        return times[-1] * Fraction(5, 4) if fades else None
    return path.horizon if path.horizon is not None and path.horizon > times[-1] else None


def _recovery(
    flows: Sequence[Flow], settings: Settings, limits: list[NotReached], tell: Listener
) -> Recovery | None:
    if len(flows) < 2:
        return None
    if flows[-2].until != flows[-1].until:
        limits.append(
            NotReached("flow", "The two smallest scales were not followed equally far.", "larger budgets")
        )
        return None
    kept = alike([one for one in flows if one.until == flows[-1].until])
    try:
        smaller = kept[-1].scale.smaller(FACTOR)
        if len(kept) == MIN_FLOWS - 1 and smaller is not None:
            # where the jumps have not separated at the first scale, another one has to confirm the times
            kept.append(_flow(kept[-1].problem, smaller, kept[-1].until, settings, tell))
        return recovered_from(kept)
    except SaddlesymError as error:
        limits.append(NotReached("flow", f"Jump times could not be recovered: {error.given}.", error.hint))
        return None


def _agreements(path: SaddlePath, recovery: Recovery, limits: list[NotReached]) -> tuple[Agreement, ...]:
    out = agreements_of(path, recovery)
    followed = recovery.flows[0].until
    expected = sum(followed is None or jump.time < followed for jump in path.jumps)
    if len(recovery.jumps) != expected and path.complete:
        reason = (
            f"The flows show {len(recovery.jumps)} jumps where the path has {expected}:"
            " some plateaus have not separated."
        )
        limits.append(NotReached("flow", reason, "smaller values of alpha"))
    return out


def _ids(problem: DiagonalProblem, settings: Settings) -> tuple[list[str], NotReached | None]:
    """The ids to check: all, or those whose checks follow no flow; and which are left out."""
    near = _near_one(problem)
    wing = wing_of(problem)
    every = [one.id for one in statements().values() if one.wing == wing]
    if problem.d <= settings.costly_columns and near:
        return every, None
    cheap = [one for one in every if all(check.share == 1 for check in checks_of(one))]
    left = len(every) - len(cheap)
    why = "the size of the data is far from one" if not near else "quick settings" if settings.quick else ""
    why = why or f"more than {settings.costly_columns} columns"
    reason = f"{left} statements whose checks follow flows were not checked ({why})."
    return cheap, NotReached("verdicts", reason, "saddlesym verify DATA")


@contextmanager
def _verdicts(
    problem: DiagonalProblem,
    settings: Settings,
    jobs: int,
    tell: Listener,
    work: _Work,
    spend: Budget,
    stop_path: Stop,
) -> Iterator[Callable[[], Report]]:
    """A function that gives the verdicts: at once, or when the process beside has made them."""
    ids, left_out = _ids(problem, settings)
    if left_out is not None:
        work.limits.append(left_out)
    check = partial(verify, problem, ids, budget=spend.total, check_budget=spend.each, stop_path=stop_path)
    if jobs == 1:
        try:
            yield lambda: check(progress=_as("verdicts", tell))
        except VerificationInterrupted as error:
            work.report = error.report
            raise
        return
    stop = Event()
    with ThreadPoolExecutor(1) as beside:  # it only waits for a process that does the work
        future = beside.submit(check, stop=stop)

        def wait() -> Report:
            tell(Progress(0, what="verdicts"))
            return future.result()

        try:
            yield wait
        except KeyboardInterrupt:
            unfinished = not future.done()
            stop.set()
            work.report = replace(future.result(), partial=unfinished)
            raise
        finally:
            stop.set()


def _nothing_verified(problem: DiagonalProblem, settings: Settings) -> Report:
    stop = Event()
    stop.set()
    return replace(verify(problem, _ids(problem, settings)[0], stop=stop), partial=True)


def _out_of_time(report: Report) -> NotReached | None:
    """What a budget of time has left undecided."""
    cut = sum(any(item.detail.startswith(OVERTIME) for item in one.evidence) for one in report.results)
    if not cut:
        return None
    which = f"{cut} statement{' was' if cut == 1 else 's were'} not checked to the end in the time given."
    return NotReached("verdicts", which, "saddlesym verify DATA --budget SECONDS --check-budget SECONDS")
