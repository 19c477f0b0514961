"""A training run beside what the theory says of it: jump by jump, with a verdict and its reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.grids import Displayed, Grid
from saddlesym.runs.diagnosis import Cause, causes_in_words
from saddlesym.runs.setting import Setting

if TYPE_CHECKING:
    import numpy as np

    from saddlesym.runs.reference import Reference
    from saddlesym.runs.run import TrainingRun

#: What a comparison may say, and the exit status of the command for it.
EXIT_STATUS = {"follows": 0, "does not follow": 1, "cannot be told": 3}


@dataclass(frozen=True)
class JumpMatch:
    """One jump of the limiting path and what the run did there. Times are natural times T of the theory.

    Attributes:
        jump: number, from 1.
        coordinate: the column whose step is timed.
        event: what the jump does, in words.
        limit: Λ t_k.
        law: Λ t_k + c_k + h_k: half of the step, α → 0 at this Λ; None beyond the closed form.
        law_stepped: the same for this step size.
        neglected: the power of α that the law neglects at this jump: the size of the largest sleeper.
        flow: in the certified flow at this α; None where it was not computed.
        flow_radius: half the width of its proved enclosure.
        reference: in gradient descent without rounding, at this α and this step.
        measured: in the run.
        crest: where the recorded loss (or else that of β) falls fastest.
        tolerance: how far ``measured`` and ``reference`` may differ: one interval between records,
            and what rounding in the run's digits can do.
        nearest: least distance of the run from the saddle behind the jump, as a part of the step
            that leads to it.
    """

    jump: int
    coordinate: int
    event: tuple[Any, ...]
    limit: float
    law: float | None
    law_stepped: float | None
    neglected: float | None
    flow: float | None
    flow_radius: float | None
    reference: float | None
    measured: float
    crest: float | None
    tolerance: float
    nearest: float

    @property
    def agrees(self) -> bool:
        """Whether the run makes the jump when the reference does."""
        return self.reference is not None and bool(abs(self.measured - self.reference) <= self.tolerance)


@dataclass(frozen=True)
class Deviation:
    """The first record at which the run is not where its reference is.

    Attributes:
        record: index, from 0.
        clock: step (or time) of the record.
        natural_time: T.
        coordinate: the column that is farthest off, in units of what is allowed.
        measured, expected: its values.
        allowed: how far they may differ.
    """

    record: int
    clock: float
    natural_time: float
    coordinate: int
    measured: float
    expected: float
    allowed: float


@dataclass(frozen=True, eq=False)
class RunComparison(Displayed):
    """What a run and the theory say to each other.

    Attributes:
        problem: the data.
        path: the limiting path, as far as it is unique.
        run: the run.
        setting: how it was made.
        assumed: what was fitted or assumed, in words.
        verdict: ``follows``, ``does not follow`` or ``cannot be told``.
        sentence: the verdict in one sentence.
        jumps: one entry for each jump that is found in the run, in order.
        expected: number of jumps of the path that the reference makes within the length of the run.
        causes: why, by name.
        first_deviation: None where the run stays with its reference.
        conserved: largest relative difference of u² − v² from what the steps leave of it, up to the
            first deviation; None where the weights were not recorded.
        gain: for each coordinate Λ_i/Λ at the end: the shape κ that the steps induce (d).
        curvature: step × largest curvature of the loss in (u, v) met; stable below 2.
        distance: mean |β − path| over the records.
        bound: the proved bound for ``‖s^α − s‖`` at the end of the run, and the distance there.
    """

    problem: DiagonalProblem
    path: SaddlePath
    run: TrainingRun
    setting: Setting
    assumed: tuple[str, ...]
    verdict: str
    sentence: str
    jumps: tuple[JumpMatch, ...]
    expected: int
    causes: tuple[Cause, ...]
    first_deviation: Deviation | None
    conserved: float | None
    gain: tuple[float, ...]
    curvature: float | None
    distance: float
    bound: tuple[float, float] | None
    reference: Reference | None = field(repr=False, default=None)

    @property
    def status(self) -> int:
        """0 follows, 1 does not, 3 cannot be told."""
        return EXIT_STATUS[self.verdict]

    @cached_property
    def natural_times(self) -> np.ndarray[Any, Any]:
        """Natural time T of each record (m)."""
        found: np.ndarray[Any, Any] = natural_times(self.run, self.setting)
        return found

    def on_clock(self, natural: float) -> float:
        """A natural time on the clock of the record: steps, or the user's time."""
        if self.run.steps is not None and self.setting.step is not None:
            return natural / self.setting.step
        return natural / float(self.setting.natural(1.0))

    @property
    def unit(self) -> str:
        """What the clock counts: ``step`` or ``time``."""
        return "step" if self.run.steps is not None else "time"

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump that was found, on the clock of the record."""
        rows = tuple(
            (
                jump.jump,
                jump.event,
                f"{self.on_clock(jump.measured):.6g}",
                "yes" if jump.agrees else "no",
                *(
                    None if x is None else f"{self.on_clock(x):.6g}"
                    for x in (jump.reference, jump.law_stepped, jump.flow, jump.law, jump.limit)
                ),
            )
            for jump in self.jumps[:limit]
        )
        header = (
            "jump", "event", self.unit, "agrees", "reference", "law, this step", "flow at α",
            "law Λt + c", "limit Λt",
        )  # fmt: skip
        return Grid(self.sentence, header, rows, frozenset({1}), more=len(self.jumps) - len(rows))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; times both on the clock of the record and natural; None for what is not finite."""
        found: dict[str, Any] = _finite(self._document())
        return found

    def _document(self) -> dict[str, Any]:
        clock = self.on_clock

        def both(value: float | None) -> dict[str, float] | None:
            return None if value is None else {self.unit: clock(value), "natural_time": value}

        first = self.first_deviation
        return {
            "kind": "run comparison",
            "verdict": self.verdict,
            "sentence": self.sentence,
            "features": list(self.problem.feature_names),
            "alpha": self.setting.alpha,
            "learning_rate": self.setting.learning_rate,
            "loss_factor": self.setting.factor,
            "parametrisation": self.setting.parametrisation,
            "depth": self.setting.depth,
            "assumed": list(self.assumed),
            "records": len(self.run),
            "expected_jumps": self.expected,
            "jumps": [
                {
                    "jump": jump.jump,
                    "coordinate": jump.coordinate,
                    "limit": both(jump.limit),
                    "law": both(jump.law),
                    "law_stepped": both(jump.law_stepped),
                    "neglected": jump.neglected,
                    "flow": both(jump.flow),
                    "flow_radius": jump.flow_radius,
                    "reference": both(jump.reference),
                    "measured": both(jump.measured),
                    "crest": both(jump.crest),
                    "tolerance": both(jump.tolerance),
                    "nearest": jump.nearest,
                    "agrees": jump.agrees,
                }
                for jump in self.jumps
            ],
            "first_deviation": None
            if first is None
            else {
                "record": first.record,
                self.unit: first.clock,
                "natural_time": first.natural_time,
                "coordinate": first.coordinate,
                "measured": first.measured,
                "expected": first.expected,
                "allowed": first.allowed,
            },
            "causes": [cause.to_dict() for cause in self.causes],
            "conserved_drift": self.conserved,
            "gain": list(self.gain),
            "step_times_curvature": self.curvature,
            "mean_distance_to_path": self.distance,
            "dual_bound": None
            if self.bound is None
            else {"proved": self.bound[0], "measured": self.bound[1]},
        }

    def __repr__(self) -> str:
        return (
            f"RunComparison({self.verdict!r}, {len(self.jumps)} of {self.expected} jumps, d={self.problem.d})"
        )


def _finite(value: Any) -> Any:
    """A document with None in the place of numbers that JSON cannot write."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def natural_times(run: TrainingRun, setting: Setting) -> Any:
    """Natural time T of the theory at each record (m)."""
    if run.steps is not None and setting.step is not None:
        return run.steps * setting.step
    assert run.times is not None
    return setting.natural(run.times)


def path_values(path: SaddlePath, times: Any, clock: float) -> Any:
    """β of the path (m × d) at natural times (m)."""
    import numpy as np

    moments = np.array([float(jump.time) for jump in path.jumps])
    saddles = np.array([[0.0] * path.problem.d] + [[float(b) for b in jump.beta] for jump in path.jumps])
    return saddles[np.searchsorted(moments, times * clock, side="right")]


def verdict_of(
    path: SaddlePath,
    setting: Setting,
    run: TrainingRun,
    matches: tuple[JumpMatch, ...],
    expected: int,
    later: int,
    end: float,
    deviation: Deviation | None,
    causes: list[Cause],
    visited: tuple[Any, Any],
    finely: set[int],
) -> tuple[str, str, tuple[Cause, ...]]:
    """The verdict, its sentence, and causes that are no fault of the run.

    Args:
        later: number of jumps that the reference makes when it goes on for as long again.
        end: accelerated time of the last record.
        visited: nearest saddles at the records, of the run and of the reference.
        finely: saddles that the reference visits between the records.
    """
    total, unit = len(path.jumps), "step" if run.steps is not None else "time"
    same = bool(matches) and len(matches) == expected and all(jump.agrees for jump in matches)
    mine, wanted = visited
    if causes and causes[0].name == "step too large":
        return "does not follow", "The run does not follow the theory: its step is too large.", ()
    if deviation is not None and not (same and len(wanted) == len(mine) and mine[-1] == wanted[-1]):
        why = f"; probable cause: {causes_in_words(causes)}" if causes else ""
        return (
            "does not follow",
            f"The run does not follow the theory from {unit} {deviation.clock:.6g} on{why}.",
            (),
        )
    if not path.jumps and not path.complete:
        return "cannot be told", "The first jump of these data is not unique: nothing is predicted.", ()
    if not path.jumps:
        return (
            "follows",
            "The run follows the theory: β = 0 is a minimum of the loss, and it stays there.",
            (),
        )
    due = sum(float(jump.time) <= end for jump in path.jumps)
    passed = sorted(set(range(1, len(matches) + 1)) - set(map(int, mine)))
    missed = sorted(set(passed) - finely)
    if passed and not missed:
        said = f"no record lies near {_saddles(passed)}, though gradient descent goes there"
        return "cannot be told", f"The records are too far apart: {said}.", ()
    if missed or later < min(due, total):
        which = missed or [expected + 1]
        return (
            "does not follow",
            "The run is gradient descent at this alpha, which is not small: it "
            + (
                f"passes {_saddles(missed)} of the limit without coming near."
                if missed
                else "makes fewer jumps."
            ),
            (
                Cause(
                    "alpha not small",
                    f"gradient descent at alpha = {setting.alpha:.3g} does not visit {_saddles(which)}",
                ),
            ),
        )
    if not matches:
        return "cannot be told", f"The run ends at t = {end:.4g}, before its first jump.", ()
    words = f"{len(matches)} of {total} jumps in order, each when predicted"
    more: tuple[Cause, ...] = ()
    if len(matches) < total:
        nxt = float(path.jumps[len(matches)].time)
        late = f", later at alpha = {setting.alpha:.3g}" if nxt <= end else ""
        more = (
            Cause(
                "stopped early",
                f"the run ends at t = {end:.4g}; jump {len(matches) + 1} is at t = {nxt:.4g}{late}",
                fatal=False,
            ),
        )
        words += "; it was stopped before the others"
    if deviation is not None:
        why = f" ({causes_in_words(causes)})" if causes else ""
        words += f"; it leaves gradient descent without rounding at {unit} {deviation.clock:.6g}{why}"
    return "follows", f"The run follows the theory: {words}.", more


def _saddles(which: list[int]) -> str:
    """Some saddles by number, in words."""
    few = ", ".join(map(str, which[:5])) + (", …" if len(which) > 5 else "")
    return f"saddle{'' if len(which) == 1 else 's'} {few}"
