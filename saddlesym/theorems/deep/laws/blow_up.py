"""Checks of jump times of three layers and more: blow-ups of homogeneous flows against flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from saddlesym.deep.flow.stiff_flow import stiff_flow
from saddlesym.deep.greedy.blow_up import BlowUpTimes, blow_up_times
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BudgetError, DegenerateProblemError
from saddlesym.theorems.deep.reference.definitions import seeded
from saddlesym.theorems.evidence.check import Check, Fact, UndecidedError
from saddlesym.theorems.evidence.verdict import Kind

#: Two scales for each depth; float64 follows plateaus of more layers less far.
_SCALES = {3: (1e-2, 1e-4), 4: (1e-1, 1e-2)}
#: Part of a jump time that the error at the smaller scale may be, and by how much it has to fall.
_CLOSE, _FALL, _EXACT = 0.01, 0.7, 1e-6
#: Jumps that are compared: from the third on errors of float64 may be as large as what is measured.
_JUMPS = 2


def _compared(problem: DeepLinearProblem, *, alike: bool) -> Iterator[Fact]:
    if problem.depth not in _SCALES:
        raise UndecidedError(f"flows of {problem.depth} layers from small scales are not followed here")
    seed = seeded(problem, "blow-up").randrange(10**6)
    try:
        found = blow_up_times(problem, seed=seed, max_rank=_JUMPS)
        passages = [_passages(problem, alpha, found) for alpha in _SCALES[problem.depth]]
    except (DegenerateProblemError, BudgetError) as error:
        raise UndecidedError(str(error)) from None
    for k, time in enumerate(found.times):
        expected = (k + 1) * found.times[0] if alike else time
        seen = [some[k] for some in passages]
        if None in seen:
            raise UndecidedError(f"jump {k + 1} is not seen")
        before, after = (abs(t - expected) / expected for t in seen if t is not None)
        told = f"jump {k + 1} is expected at {expected:.6g} and seen {before:.1e} and {after:.1e} of it off"
        falls = after <= _FALL * before
        if after <= _EXACT or (after <= _CLOSE and falls):
            yield Fact(True, told)
        else:
            yield Fact(None if falls else False, told)  # while it falls, nothing is said


def _passages(problem: DeepLinearProblem, alpha: float, found: BlowUpTimes) -> Sequence[float | None]:
    values = [value / 2 for value in found.values]
    until = 1.5 * found.times[-1]
    return stiff_flow(problem, alpha, found.direction, until, values).passages


def blow_ups(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Jump times of a flow at two scales against the sums of blow-up times."""
    yield from _compared(problem, alike=False)


def equal_dwells(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: every jump takes as long as the first."""
    yield from _compared(problem, alike=True)


def three_modes_in_three_layers() -> DeepLinearProblem:
    """A target with three modes, L = 3."""
    return DeepLinearProblem.whitened([[3, 1, 0], [1, 2, -1], [0, 0, 1]], depth=3)


CHECKS = (
    Check(
        "deep-blow-up-times",
        Kind.NUMERIC,
        "jump times of float64 flows from generic starts at two scales against sums of blow-up times",
        blow_ups,
        equal_dwells,
        "every jump takes as long as the first",
        "deep-three-or-four-layers",
        witness=three_modes_in_three_layers,
        share=0.01,
    ),
)
