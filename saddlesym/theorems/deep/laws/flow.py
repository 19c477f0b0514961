"""Checks of learning against flows: jump times, first path, greedy order, exponents.

Jump times and plateaus of two layers come from :mod:`saddlesym.deep.flow.graded_flow` (float64 with
graded amplitudes, at scales down to 1e-96), their first path from flows of arbitrary precision,
and all of three layers from :mod:`saddlesym.theorems.deep.reference.plain_layers`; all that is numeric
evidence.  The balanced flow of whitened squared error is enclosed in balls from its closed form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import TypeAlias

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat
from numpy.typing import NDArray

from saddlesym.deep.experiments.first_path import first_path_errors
from saddlesym.deep.flow.graded_flow import GradedFlow, graded_flow
from saddlesym.deep.flow.limit_times import LimitTime, limit_times
from saddlesym.deep.greedy.path import GreedyPath, greedy_path
from saddlesym.deep.greedy.prediction import predict_jump_times
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, DegenerateProblemError, PrecisionError
from saddlesym.exact.linear.matrices import flint_matrix
from saddlesym.exact.precision import workprec
from saddlesym.theorems.deep.laws.separation import balanced_rate, greedy_gap, judged, jump_gap, ratio_gap
from saddlesym.theorems.deep.reference.closed_form import balanced_start, precision, product_at, reached
from saddlesym.theorems.deep.reference.definitions import Mode, modes_of, outer, product, seeded
from saddlesym.theorems.deep.reference.plain_layers import first_path_gaps, plateaus
from saddlesym.theorems.evidence.check import Check, Fact, UndecidedError
from saddlesym.theorems.evidence.verdict import Kind

Entries: TypeAlias = Sequence[Sequence[object]]
Pairs: TypeAlias = tuple[tuple[float, float], ...]

_SCALES = ("1e-12", "1e-24", "1e-48")
#: Decades of the larger α of the closed form: more where modes are close, until its error α^r is 1e-15
#: up to a factor, but no more than can be afforded.
_DECADES, _SETTLED, _MOST_DECADES = 40, 15, 2000
_T_END = 40.0
#: Part of 1 + t by which a measured limit may miss, besides ten times its own change.
_CLOSE = 1e-4
_NEAR = 1e-3
#: Part of what it is held against that an error still falling may be.
_SMALL = 1 / 20
#: gΛ from which plateaus are held against the greedy path; three layers reach no more.
_ENOUGH_OF_PLATEAUS = 5.0
#: Pairs of scales between which an error has to fall: the next pair is tried where the first one is not
#: small enough, for constants can be large.  In decades for two layers; α itself for three.
_TWO_LAYERS: Pairs = ((24.0, 96.0), (96.0, 384.0), (384.0, 1536.0))
_THREE_LAYERS: Pairs = ((1e-2, 1e-4), (1e-4, 1e-6))
#: The same for the first path, whose error is of the order α^{1 − s_2/s_1} at both depths.
_PATH_TWO_LAYERS = (("1e-10", "1e-30"), ("1e-40", "1e-120"))
_PATH_THREE_LAYERS: Pairs = ((1e-3, 1e-6), (1e-6, 1e-10))


def two_modes() -> DeepLinearProblem:
    """Singular values 2 and 1."""
    return DeepLinearProblem.whitened([[2, 0], [0, 1]])


def narrow() -> DeepLinearProblem:
    """Singular values 3, 2 and 1, and one hidden neuron."""
    return DeepLinearProblem.whitened([[3, 0, 0], [0, 2, 0], [0, 0, 1]], hidden=1)


def correlated() -> DeepLinearProblem:
    """Two correlated inputs, whose modes are not those of the target."""
    return DeepLinearProblem.squared_error([[2, 0, 1], [1, 1, 0]], [[3, 1, 2], [-1, 2, 1]])


# --- jump times of whitened squared error


def _plateau(modes: Sequence[Mode], shape: tuple[int, int], t: fmpq, factor: int) -> fmpq_mat:
    """Σσuvᵀ over the modes with σt > factor."""
    chosen = [mode for mode in modes if mode.value * t > factor]
    return sum((mode.value * outer(mode.u, mode.v) for mode in chosen), fmpq_mat(*shape))


def _balanced(problem: DeepLinearProblem, factor: int, *, skips: bool = True) -> Iterator[Fact]:
    """Between all the times 1/σ_i, those of modes beyond the width too, and after the last of them."""
    every = modes_of(flint_matrix(problem.cost.target or ()))
    start = balanced_start(seeded(problem, "jump-times"), problem)
    chosen = reached(every, start)
    _, width, _ = problem.widths
    yield Fact(len(chosen) <= width, f"{len(chosen)} modes are reached with {width} hidden neurons")
    full = len(every) == problem.cost.shape[0] == problem.cost.shape[1] <= width
    if full:
        signs = product(start).det() * flint_matrix(problem.cost.target or ()).det()
        told = f"det A(0)·det A* = {signs}, and {len(chosen)} of {len(every)} modes are reached"
        yield Fact(not signs < 0 or len(chosen) < len(every), told)
    expected = [every[i] for i in chosen] if skips else every
    times = [1 / mode.value for mode in every]
    if not times:
        raise UndecidedError("A* = 0 has no mode to learn")
    late = []
    for t in [times[0] / 2, *((a + b) / 2 for a, b in pairwise(times)), 2 * times[-1]]:
        rate = balanced_rate(every, chosen, t)
        scale = max(_DECADES, int((_SETTLED / rate).ceil()))
        if scale > _MOST_DECADES:
            late.append(t)
            continue
        gaps = []
        for decades in (scale, 2 * scale):
            with workprec(precision(decades, every[0].value, t)):
                gap = product_at(every, start, decades, t) - arb_mat(
                    _plateau(expected, problem.cost.shape, t, factor)
                )
                gaps.append(sum((x * x for x in gap.entries()), arb(0)).sqrt())
        told = f"at t = {t} the distance to the plateau is {gaps[-1].str(5)}"
        yield Fact(_decided(gaps[1], arb(1) / 100), told)
        yield Fact(_decided(gaps[1], gaps[0] / 2), f"{told}, not smaller than at a larger α")
    if late:
        raise UndecidedError(f"the plateau at t = {late[0]} is not reached at α = 1e-{_MOST_DECADES}")


def _decided(x: arb, bound: arb) -> bool | None:
    """Whether x < bound; None if the balls do not say."""
    return True if x < bound else False if x >= bound else None


def balanced_jump_times(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The closed form between the times 1/σ_k, from a balanced start at 1e-40 and 1e-80 or less."""
    return _balanced(problem, 1)


def every_mode_reached(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: every balanced start reaches every mode, whatever the width."""
    return _balanced(problem, 1, skips=False)


def late_balanced_jumps(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: mode k appears at 2/σ_k."""
    return _balanced(problem, 2)


def _limits(problem: DeepLinearProblem) -> tuple[LimitTime, ...]:
    """Jump times for α → 0, measured from flows alone."""
    try:
        return limit_times(problem, _SCALES, until=_T_END, tolerance=_CLOSE)
    except (PrecisionError, DegenerateProblemError) as error:
        raise UndecidedError(str(error)) from None


def _compared(measured: Sequence[LimitTime], expected: Sequence[float], gap: float) -> Iterator[Fact]:
    for limit, t in zip(measured, expected, strict=False):
        if limit.change > _NEAR * (1 + limit.time):
            raise UndecidedError(f"the jump of rank {limit.rank} has not settled: ± {limit.change:.1g}")
        near = bool(abs(limit.time - t) <= _CLOSE * (1 + t) + 10 * limit.change)
        told = f"jump {limit.rank} is measured at t = {limit.time:.7g}, expected at {t:.7g}"
        yield Fact(judged(near, gap, limit.measured[-2][0] * log(10)), told)


def _generic(problem: DeepLinearProblem, factor: float) -> Iterator[Fact]:
    values = np.linalg.svd(_floats(problem.cost.target or ()), compute_uv=False)
    expected = [factor / s for s in values[: problem.hidden[0]] if s > 1e-9]
    yield from _compared(_limits(problem), expected, ratio_gap(values))


def generic_jump_times(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Slopes of the jump times of generic flows in ln(1/α), against 1/σ_k."""
    return _generic(problem, 1.0)


def late_generic_jumps(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: mode k appears at 2/σ_k."""
    return _generic(problem, 2.0)


def _floats(rows: Entries) -> NDArray[np.float64]:
    return np.array([[float(x) for x in row] for row in rows])  # type: ignore[arg-type]


# --- the first path and the greedy order


@lru_cache(maxsize=16)
def _flow(problem: DeepLinearProblem, decades: float) -> GradedFlow:
    try:
        return graded_flow(problem, f"1e-{decades:g}", until=_T_END)
    except DegenerateProblemError as error:
        raise UndecidedError(str(error)) from None


def _vanishes(errors: tuple[float, float]) -> bool | None:
    """Whether an error at two scales is small, or at least falling to zero.

    None if it falls, but slowly, or is small already: what is left may be that of the numbers.
    """
    if errors[1] < _NEAR or (errors[1] < _SMALL and errors[1] < errors[0] / 4):
        return True
    # α^{1 − s_2/s_1} may be slow where no scale that is affordable is small
    return None if errors[1] < max(_SMALL, 0.9 * errors[0]) else False


def _distance(found: Entries, expected: Entries) -> float:
    a, b = _floats(found), _floats(expected)
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def _path_errors(problem: DeepLinearProblem) -> tuple[tuple[float, float], float]:
    """Distances to the path of width one, over its size, and Λ at the smaller scale.

    At the first pair of scales that is small enough.
    """
    seed = seeded(problem, "first-path").randrange(10**6)
    if problem.depth > 2:
        for scales in _PATH_THREE_LAYERS:
            gaps = first_path_gaps(problem, scales, seed)
            if _vanishes(gaps):
                break
        return gaps, -log(scales[1])
    try:
        for pair in _PATH_TWO_LAYERS:
            large, small = first_path_errors(problem, pair, digits=12, seed=seed)
            gaps = large.error / large.size, small.error / small.size
            if _vanishes(gaps):
                break
    except DegenerateProblemError as error:
        raise UndecidedError(str(error)) from None
    except BadInputError as error:  # the next escape comes before the path of width one is at its end
        raise UndecidedError(f"{pair[0]} is not small enough to compare: {error}") from None
    return gaps, -log(float(pair[1]))


def _first(problem: DeepLinearProblem, *, towards: bool) -> Iterator[Fact]:
    gaps, nats = _path_errors(problem)
    values = np.linalg.svd(_floats(problem.gradient_at_origin), compute_uv=False)
    vanishes = judged(_vanishes(gaps), ratio_gap(values[:2]), nats)
    told = f"off the path of width one, at two scales, by {gaps[0]:.2g} and {gaps[1]:.2g} of its size"
    yield Fact(None if vanishes is None else vanishes == towards, told)


def first_path(problem: DeepLinearProblem) -> Iterator[Fact]:
    """All weights on the escape, rotated once, against the path of the network of width one."""
    return _first(problem, towards=True)


def other_path(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: as α → 0 the escape does not come nearer to that path."""
    return _first(problem, towards=False)


def _greedy_steps(problem: DeepLinearProblem) -> GreedyPath:
    try:
        return greedy_path(problem, digits=15)
    except DegenerateProblemError as error:
        raise UndecidedError(str(error)) from None


def _plateaus(problem: DeepLinearProblem, scales: tuple[float, float]) -> list[tuple[int, Entries, Entries]]:
    """Rank and A of the plateaus of a generic flow, at two scales."""
    if problem.depth == 2:
        first, second = (_flow(problem, decades).jumps for decades in scales)
        return [
            (small.rank, large.plateau, small.plateau) for large, small in zip(first, second, strict=False)
        ]
    seed = seeded(problem, "greedy").randrange(10**6)
    seen, then = (plateaus(problem, alpha, seed, _T_END) for alpha in scales)
    return [(rank, seen[rank].tolist(), then[rank].tolist()) for rank in then if rank in seen]


def _against(
    path: GreedyPath, found: Sequence[tuple[int, Entries, Entries]], shift: int, gap: float, nats: float
) -> Iterator[Fact]:
    for number, (rank, large, small) in enumerate(found[: len(path.steps) - 1 - shift], 1):
        step = path.steps[number + shift]
        gaps = _distance(large, step.A), _distance(small, step.A)
        told = (
            f"plateau {number} has rank {rank} and is at the relative distances {gaps} from the greedy step"
        )
        yield Fact(judged(_vanishes(gaps) if rank == number else False, gap, nats, _ENOUGH_OF_PLATEAUS), told)


def _greedy(problem: DeepLinearProblem, shift: int) -> Iterator[Fact]:
    if problem.depth > 3:
        raise UndecidedError(f"flows of {problem.depth} layers from small scales are not followed here")
    path = _greedy_steps(problem)
    if path.run_away is not None:
        raise UndecidedError(path.run_away.finding)
    if any(step.is_unstable_on_its_rank for step in path.steps):
        raise UndecidedError("a critical point of the greedy path is unstable on its own rank")
    if not all(step.isolated or step.is_minimum for step in path.steps):
        raise UndecidedError("a saddle of the greedy path is not proved to be an isolated critical point")
    gap = greedy_gap(problem, path)
    for scales in _TWO_LAYERS if problem.depth == 2 else _THREE_LAYERS:
        nats = scales[1] * log(10) if problem.depth == 2 else -log(scales[1])
        facts = list(_against(path, _plateaus(problem, scales), shift, gap, nats))
        if all(fact.holds for fact in facts):
            break
    yield from facts


def greedy_conjecture(problem: DeepLinearProblem) -> Iterator[Fact]:
    """The plateaus of generic flows at two scales against the steps of the greedy algorithm."""
    return _greedy(problem, 0)


def shifted_greedy(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: the flow skips the first step."""
    return _greedy(problem, 1)


# --- exponent tracking


def _tracking(problem: DeepLinearProblem, *, remember: bool) -> Iterator[Fact]:
    try:
        prediction = predict_jump_times(problem, digits=15)
    except DegenerateProblemError as error:
        raise UndecidedError(str(error)) from None
    times = list(prediction.times)
    if not remember:
        times = list(np.cumsum([1 / float(jump.rates[0]) for jump in prediction.jumps]))
    yield from _compared(_limits(problem), times, jump_gap(prediction))


def exponent_tracking(problem: DeepLinearProblem) -> Iterator[Fact]:
    """Predicted jump times against the slopes of those of generic flows."""
    return _tracking(problem, remember=True)


def forgetful_tracking(problem: DeepLinearProblem) -> Iterator[Fact]:
    """False: every dwell lasts 1/s_1, as if nothing had grown before."""
    return _tracking(problem, remember=False)


CHECKS = (
    Check(
        "deep-jump-times-whitened",
        Kind.BALL,
        "closed form from a balanced start of any kind at 1e-40 and 1e-80 or less, between the times 1/σ_k",
        balanced_jump_times,
        late_balanced_jumps,
        "mode k appears at 2/σ_k",
        "deep-modes-two-layers",
        witness=two_modes,
        share=0.2,
    ),
    Check(
        "deep-jump-times-whitened",
        Kind.BALL,
        "closed form of narrow networks, and of starts of either sign of det A(0), up to 2/σ_r",
        balanced_jump_times,
        every_mode_reached,
        "every balanced start reaches every mode, whatever the width",
        "deep-narrow-two-layers",
        witness=narrow,
        share=0.1,
    ),
    Check(
        "deep-jump-times-whitened",
        Kind.NUMERIC,
        "slopes in ln(1/α) of the jump times of flows from unbalanced starts, against 1/σ_k",
        generic_jump_times,
        late_generic_jumps,
        "mode k appears at 2/σ_k",
        "deep-two-jumps-whitened",
        witness=two_modes,
        share=0.015,
    ),
    Check(
        "deep-first-path",
        Kind.NUMERIC,
        "all weights on the escape at two scales, rotated once, against the path of width one",
        first_path,
        other_path,
        "as α → 0 the escape does not come nearer to that path",
        "deep-two-or-three-layers",
        witness=correlated,
        share=0.04,
    ),
    Check(
        "deep-greedy-conjecture",
        Kind.NUMERIC,
        "plateaus of generic flows at two scales against the steps of the greedy algorithm",
        greedy_conjecture,
        shifted_greedy,
        "the flow skips the first step",
        "deep-two-or-three-layers",
        witness=correlated,
        share=0.06,
    ),
    Check(
        "deep-exponent-tracking",
        Kind.NUMERIC,
        "predicted jump times against the slopes in ln(1/α) of those of generic flows",
        exponent_tracking,
        forgetful_tracking,
        "every dwell lasts 1/s_1, as if nothing had grown before",
        "deep-two-jumps",
        witness=correlated,
        share=0.015,
    ),
)
