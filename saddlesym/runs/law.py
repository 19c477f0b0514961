"""What the theory predicts at this α and this step: ``T_k ≈ Λ t_k + c_k``, and the same for steps of size η.

With ``g = ∇L`` a step multiplies u ± v by 1 ∓ ηg.  So the sleeping coordinate i, of sign σ, has
``½ ln p_i = −Λ + σ Z_i − Q_i``, where ``Z = −η Σ g`` lies in the range of M and
``Q_i = Σ [−ln(1 − σηg_i) − σηg_i] ≥ 0`` is what finite steps cost it.  As in the proof of the
jump-time law, Z on a dwell is known from the active rows, where p_i = 2|β_i|; a jump is where
``p_i = 1`` on the straight line.  At η = 0 this is ``Λ t_k + c_k``.

From the line to the moment that a user sees, where the column passes half of its step, it takes the
time that the orbit takes; it does not depend on α.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp
from typing import TYPE_CHECKING, Any

from saddlesym.diagonal.flow.two_layers.flow import flow
from saddlesym.diagonal.path.offsets import jump_offsets
from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import SaddlesymError
from saddlesym.progress import Listener
from saddlesym.runs.events import ColumnStep, column_steps
from saddlesym.runs.setting import Setting

if TYPE_CHECKING:
    import numpy as np

    from saddlesym.runs.simulation import FloatLoss

#: Size of the entering coordinate at which an orbit is begun: what is neglected of the law's own order.
_SEED = 1e-9
#: Most steps of an orbit of gradient descent.
_MOST_STEPS = 200_000
#: Where an orbit ends: the rest of its contribution is of the size of this times the step.
_ARRIVED = 1e-6


@dataclass(frozen=True)
class LawTime:
    """The predicted time of one jump, natural time T.

    Attributes:
        jump: number of the jump, from 1.
        limit: Λ t_k.
        line: Λ t_k + c_k, where the line of the dual variable meets its bound.
        half: Λ t_k + c_k + h_k, where the column passes half of its step: flow, α → 0.
        stepped: the same for gradient descent with the step of the run; None without one.
        neglected: α^κ of this jump: the size ``e^{−2Λ(1−|s_i|)}`` that the limit gives to the largest
            coordinate asleep when the column enters. The law counts it as nothing.
    """

    jump: int
    limit: float
    line: float
    half: float
    stepped: float | None
    neglected: float


@dataclass(frozen=True)
class _Orbit:
    """One passage between two saddles, in steps from the moment at which the line meets its bound."""

    half: float  # steps from there to half of the column's step
    extra: np.ndarray[Any, Any]  # what Q gains beyond its lines (d), for the sign +
    extra_minus: np.ndarray[Any, Any]  # and for the sign −


def law_times(
    path: SaddlePath, data: FloatLoss, log_inverse: float, step: float | None
) -> tuple[LawTime, ...]:
    """The predictions for the leading jumps, as far as the jump-time law has a closed form.

    Args:
        path: the exact path.
        data: its loss in floating point.
        log_inverse: Λ.
        step: natural time of one step; None for a flow.

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> from saddlesym.runs.simulation import FloatLoss
    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> [round(t.half, 6) for t in law_times(saddle_path(problem), FloatLoss.of(problem), 10.0, None)]
    [3.516435, 6.531512]
    """
    offsets = {o.jump: o for o in reversed(jump_offsets(path))}
    steps = [s for s in column_steps(path) if s.jump in offsets]
    out = []
    stepped = iter(_stepped(path, data, steps, log_inverse, step)) if step is not None else None
    for s in steps:
        offset = offsets[s.jump]
        limit = log_inverse * float(offset.time)
        line = limit + float(offset.constant.ball())
        delay = _delay(path, data, s)
        if delay is None:
            break
        late = None if stepped is None else next(stepped, None)
        out.append(LawTime(s.jump, limit, line, line + delay, late, _neglected(path, s.jump, log_inverse)))
    return tuple(out)


def _neglected(path: SaddlePath, number: int, log_inverse: float) -> float:
    jump = path.jumps[number - 1]
    asleep = [1 - abs(float(x)) for x in jump.dual if abs(x) < 1]
    return exp(-2 * log_inverse * min(asleep)) if asleep else 0.0


def _saddle(path: SaddlePath, k: int) -> Any:
    """β after k jumps."""
    import numpy as np

    return np.array([float(b) for b in path.jumps[k - 1].beta]) if k else np.zeros(path.problem.d)


def _gradient(path: SaddlePath, data: FloatLoss, k: int) -> Any:
    """∇L after k jumps, exact zeros where it vanishes."""
    import numpy as np

    if k:
        return np.array([float(g) for g in path.jumps[k - 1].gradient])
    return -data.r


def _delay(path: SaddlePath, data: FloatLoss, step: ColumnStep) -> float | None:
    """h_k of the flow: from the line's time to the half of the step along ``(ln p)' = −2σg``, β = σp/2."""
    import numpy as np
    from scipy.integrate import solve_ivp

    k = step.jump - 1
    before, slope = _saddle(path, k), _gradient(path, data, k)
    sign, size = (
        np.sign(before),
        np.log(2 * np.abs(before), where=before != 0, out=np.full(len(before), -np.inf)),
    )
    hits = [hit.coordinate for hit in path.jumps[k].hits]
    lead = -np.log(_SEED) / (2 * min(abs(slope[i]) for i in hits))
    for i in hits:
        sign[i], size[i] = -np.sign(slope[i]), -2 * lead * abs(slope[i])
    awake = np.flatnonzero(np.isfinite(size))
    M, r = data.M[np.ix_(awake, awake)], data.r[awake]
    own, at = sign[awake], int(np.searchsorted(awake, step.coordinate))

    def velocity(_: float, x: Any) -> Any:
        return -2 * own * (M @ (own * np.exp(x) / 2) - r)

    def half(_: float, x: Any) -> float:
        return float((own[at] * np.exp(x[at]) / 2 - step.before) / (step.after - step.before) - 0.5)

    half.terminal, half.direction = True, 1.0  # type: ignore[attr-defined]
    found = solve_ivp(
        velocity, (-lead, 50 * lead), size[awake], method="LSODA", rtol=1e-10, atol=1e-12, events=half
    )
    return float(found.t_events[0][0]) if found.status == 1 else None


def _orbit(path: SaddlePath, data: FloatLoss, step: ColumnStep, eta: float) -> _Orbit | None:
    """The passage of gradient descent with step η from one saddle to the next, for α → 0.

    In a fixed orthant β = σp/2, and a step is ``p ← p(1 − ησg)²``.  The columns that hit start where
    their lines have them; None where the passage does not end.
    """
    import numpy as np

    k = step.jump - 1
    before, after = _saddle(path, k), _saddle(path, k + 1)
    slope, next_slope = _gradient(path, data, k), _gradient(path, data, k + 1)
    sign, p = np.sign(before), 2 * np.abs(before)
    hits = [hit.coordinate for hit in path.jumps[k].hits]
    rate = min(np.log1p(eta * abs(slope[i])) for i in hits)
    lead = np.ceil(-np.log(_SEED) / (2 * rate))
    if not np.isfinite(lead) or lead > _MOST_STEPS:
        return None
    for i in hits:
        sign[i] = -np.sign(slope[i])
        p[i] = np.exp(-2 * lead * np.log1p(eta * abs(slope[i])))
    extra, extra_minus = np.zeros(len(p)), np.zeros(len(p))
    flat = _cost(eta * slope), _cost(-eta * slope)
    next_flat = _cost(eta * next_slope), _cost(-eta * next_slope)
    half, share, n = None, 0.0, -lead
    with np.errstate(all="ignore"):
        while n < _MOST_STEPS:
            beta = sign * p / 2
            g = data.gradient(beta)
            now = (beta[step.coordinate] - step.before) / (step.after - step.before)
            if half is None and now >= 0.5:
                if not 0 < share < 0.5:
                    return None
                low, high = np.log(share / (1 - share)), np.log(now / max(1 - now, 1e-12))
                half = n - 1 - low / (high - low)
            share = now
            rest = flat if n < 0 else next_flat
            extra += _cost(eta * g) - rest[0]
            extra_minus += _cost(-eta * g) - rest[1]
            if half is not None and np.abs(beta - after).max() <= _ARRIVED * np.abs(after).max():
                return _Orbit(float(half), extra, extra_minus)
            factor = 1 - eta * sign * g
            if not (np.isfinite(factor).all() and (factor > 0).all()):
                return None
            p, n = p * factor**2, n + 1
    return None if half is None else _Orbit(float(half), extra, extra_minus)


def _cost(x: Any) -> Any:
    """``−ln(1 − x) − x``: what a step costs a coordinate beyond its line."""
    import numpy as np

    return -np.log1p(-x) - x


def _stepped(
    path: SaddlePath, data: FloatLoss, steps: Sequence[ColumnStep], log_inverse: float, eta: float
) -> list[float | None]:
    """Times of half of the steps for gradient descent with step η, up to a power of α and terms in η².

    As long as no coordinate leaves, Z on the dwell at β_S is ``−g T + M_{:S} M_SS⁻¹ ℓ`` with
    ``ℓ_i = σ_i (½ ln 2|β_i| + Λ + Q_i)``, whatever came before: only Q remembers it.
    """
    import numpy as np

    plus, minus = np.zeros(path.problem.d), np.zeros(path.problem.d)  # Q for both signs
    last, out = 0.0, list[float | None]()
    for s in steps:
        slope, beta = _gradient(path, data, s.jump - 1), _saddle(path, s.jump - 1)
        if np.abs(eta * slope).max() >= 1:
            break
        S, sign = np.flatnonzero(beta), np.sign(beta)
        shift = np.zeros(len(beta))
        if len(S):
            own = np.where(sign > 0, plus, minus)[S]
            wanted = sign[S] * (np.log(2 * np.abs(beta[S])) / 2 + log_inverse + own)
            shift = data.M[:, S] @ np.linalg.solve(data.M[np.ix_(S, S)], wanted)
        i = path.jumps[s.jump - 1].hits[0].coordinate
        way, size = -np.sign(slope[i]), abs(slope[i])
        spent = size - np.log1p(eta * size) / eta
        before = (plus if way > 0 else minus)[i]
        line = float((log_inverse - way * shift[i] + before - spent * last) / (size - spent))
        orbit = _orbit(path, data, s, eta)
        out.append(None if orbit is None else line + orbit.half * eta)
        wait = max(0.0, line - last)
        plus += wait / eta * _cost(eta * slope)
        minus += wait / eta * _cost(-eta * slope)
        if orbit is not None:
            plus, minus = plus + orbit.extra, minus + orbit.extra_minus
        last = max(line, last)
    return out


def flow_times(
    problem: DiagonalProblem,
    setting: Setting,
    path: SaddlePath,
    end: float,
    progress: Listener | None,
) -> dict[int, tuple[float, float]]:
    """Natural times at which the certified flow at this α passes the halves of the steps, with radii."""
    steps = column_steps(path)
    if not steps:
        return {}
    log = setting.log_inverse
    first = float(path.jumps[0].time)
    last = max(end / log, 1.2 * first)
    try:
        solution = flow(problem, Fraction(setting.scale), digits=10, until=Fraction(last), progress=progress)
    except SaddlesymError:
        return {}
    stop = Fraction(float(solution.end)) * Fraction(10**9 - 1, 10**9)
    out: dict[int, tuple[float, float]] = {}
    low = Fraction(0)
    for step in steps:
        found = _half_in_flow(solution, step, low, stop)
        if found is None:
            break
        low = found[0]
        out[step.jump] = float(found[0] + found[1]) / 2 * log, float(found[1] - found[0]) / 2 * log
    return out


def _half_in_flow(
    solution: Any, step: Any, low: Fraction, stop: Fraction
) -> tuple[Fraction, Fraction] | None:
    """Two accelerated times between which the flow first passes the half of a step, by proved signs."""
    from flint import arb

    way = 1 if step.after > step.before else -1

    def side(t: Fraction) -> int:
        ball = (solution.beta(t)[step.coordinate].arb - arb(step.half)) * way
        return 1 if ball > 0 else -1 if ball < 0 else 0

    grid = [low + (stop - low) * k / 256 for k in range(257)]
    before = grid[0]
    for t in grid[1:]:
        if side(t) > 0:
            high = t
            break
        before = t
    else:
        return None
    for _ in range(40):
        middle = (before + high) / 2
        sign = side(middle)
        if sign == 0:
            break
        before, high = (middle, high) if sign < 0 else (before, middle)
    return before, high
