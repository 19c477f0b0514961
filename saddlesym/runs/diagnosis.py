"""Why a run is not the one that the theory's network would make: causes by name, each tried.

A cause is named when a reference run made under it lies ten times nearer to the run than the one
made as the user says, or when its own mark is met with: a step beyond the stable one, digits lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from saddlesym.runs.fit import FirstDwell, matched_columns, significant_digits, time_factor
from saddlesym.runs.reference import Reference, reference_run, start_of
from saddlesym.runs.run import TrainingRun
from saddlesym.runs.setting import LEAST_ALPHA, LOSSES, Setting, loss_factor
from saddlesym.runs.simulation import FloatLoss, plain_beta

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A cause explains a run when what is left of the distance is less than this part of it.
EXPLAINED = 0.1
#: A parameter that the run shows differs from the one given beyond this; it is read off to about 1e-3.
_DIFFERENT = 0.01
#: A first dwell whose growth scatters by this much more than that of the reference has noisy gradients.
_NOISY = 0.02
#: A changed target leaves more of the distance, as r is read off before the first jump alone.
_TARGET = 0.35


@dataclass(frozen=True)
class Cause:
    """One named cause.

    Attributes:
        name: ``step too large``, ``precision``, ``loss scale``, ``columns permuted``, ``stopped early``,
            ``target differs``, ``another problem``, ``stochastic gradient``, ``alpha differs``,
            ``alpha not small``, ``degenerate data``, ``initialisation``.
        detail: one sentence with the numbers.
        explains: the share of the distance that is left when the cause is taken into account; None
            where it is known by its mark.
        fatal: whether the run does not follow the theory because of it.
    """

    name: str
    detail: str
    explains: float | None = None
    fatal: bool = True

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"name": self.name, "detail": self.detail, "left": self.explains, "fatal": self.fatal}


@dataclass(frozen=True)
class Suspect:
    """A run that is not its reference, and all that is known of both."""

    run: TrainingRun
    setting: Setting
    data: FloatLoss
    n: int
    marks: Any
    reference: Reference

    def distance(self, beta: Any, other: Any = None) -> float:
        """Mean distance of the run (or other coefficients) from given ones, over the records of both."""
        import numpy as np

        own = self.run.beta if other is None else other
        m = min(len(own), len(beta))
        found = np.abs(own[:m].astype(float) - beta[:m])
        return float(found.mean()) if np.isfinite(found).all() else float("inf")

    def left(
        self, setting: Setting, data: FloatLoss | None = None, own: Any = None, start: Any = None
    ) -> float:
        """What is left of the distance when the reference is made in another way."""
        whole = self.distance(self.reference.beta)
        begun = start_of(self.run, setting) if start is None else start
        made = reference_run(data or self.data, setting, self.marks, begun)
        return self.distance(made.beta, own) / whole if whole else 1.0


def largest_curvature(data: FloatLoss, beta: Any, scale: float) -> float:
    """Largest eigenvalue of the Hessian of the loss in (u, v), for records (m × d) with u² − v² = 2α²."""
    import numpy as np

    thin = beta[:: max(1, len(beta) // 40)].astype(float)
    best = 0.0
    for b in thin:
        size = np.hypot(b, scale**2)
        p, q = size + b, size - b  # (u ± v)²/2
        with np.errstate(invalid="ignore"):
            u = (np.sqrt(np.maximum(p, 0)) + np.sqrt(np.maximum(q, 0))) / np.sqrt(2)
            v = (np.sqrt(np.maximum(p, 0)) - np.sqrt(np.maximum(q, 0))) / np.sqrt(2)
        J = np.concatenate([v, u])
        d, g = len(b), data.gradient(b)
        if d <= 150:
            H = np.tile(data.M, (2, 2)) * np.outer(J, J)
            H[np.arange(d), d + np.arange(d)] += g
            H[d + np.arange(d), np.arange(d)] += g
            best = max(best, float(np.linalg.eigvalsh(H)[-1]))
        else:
            x = np.ones(2 * d) / np.sqrt(2 * d)
            for _ in range(60):
                fold = data.M @ (J[:d] * x[:d] + J[d:] * x[d:])
                y = np.concatenate([J[:d] * fold + g * x[d:], J[d:] * fold + g * x[:d]])
                top = float(np.linalg.norm(y))
                x = y / top if top else x
            best = max(best, top)
    return best


def diagnose(case: Suspect) -> tuple[Cause, ...]:
    """The causes that explain a run, the surest first; empty where none is found."""
    dwell = FirstDwell.of(case.run)
    found = [
        cause
        for cause in (
            _initialisation(case),
            _permuted(case),
            _loss_scale(case, dwell),
            _alpha(case, dwell),
            _precision(case),
        )
        if cause is not None
    ]
    if not found:
        last = _noisy(case, dwell) or _target(case, dwell)
        found = [] if last is None else [last]
    return tuple(sorted(found, key=lambda cause: cause.explains or 0.0))


def step_too_large(case: Suspect) -> Cause | None:
    """A step beyond the stable one at the largest curvature met, with a loss that rises."""
    import numpy as np

    step = case.setting.step
    if step is None or case.setting.depth != 2:
        return None
    beta = case.run.beta
    top = largest_curvature(case.data, beta[np.abs(beta).max(axis=1) < 1e100], case.setting.scale)
    loss = case.data.value(beta.astype(float))
    rises = np.flatnonzero(np.diff(loss) > 1e-9 * case.data.at_zero)
    if case.run.lost or (step * top > 2 and len(rises)):
        lost = "; the run overflows" if case.run.lost else ""
        where = f"; the loss rises at record {int(rises[0]) + 1}" if len(rises) else ""
        return Cause(
            "step too large",
            f"step × largest curvature = {step * top:.3g}; gradient descent is stable below 2{where}{lost}",
        )
    return None


def _initialisation(case: Suspect) -> Cause | None:
    import numpy as np

    run, setting = case.run, case.setting
    if run.clock[0] != 0:
        return None
    plus, minus = start_of(run, setting)
    wanted = start_of(replace(run, weights=None), setting)[0]
    if run.weights is not None:
        off = max(np.abs(np.abs(plus) / wanted - 1).max(), np.abs(np.abs(minus) / wanted - 1).max())
        if off > _DIFFERENT:
            product = np.sqrt(np.abs(plus * minus) / 2)
            return Cause(
                "initialisation",
                f"the first record has α between {product.min():.3g} and {product.max():.3g}, "
                f"and α = {setting.scale:.3g} was given",
                fatal=False,
            )
    elif np.abs(run.beta[0]).max() > 1e-3 * setting.scale**2:
        return Cause(
            "initialisation", f"β is {np.abs(run.beta[0]).max():.3g} at the first record, and 0 in the theory"
        )
    return None


def _permuted(case: Suspect) -> Cause | None:
    order, signs = matched_columns(case.run.beta, case.reference.beta)
    if order == tuple(range(case.run.d)) and all(s > 0 for s in signs):
        return None
    own = case.run.beta[:, list(order)] * list(signs)
    whole = case.distance(case.reference.beta)
    left = case.distance(case.reference.beta, own) / whole if whole else 1.0
    if left > EXPLAINED:
        return None
    names = case.run.names or tuple(map(str, range(case.run.d)))
    moved = [(j, i) for j, i in enumerate(order) if i != j]
    flipped = [names[j] for j, s in enumerate(signs) if s < 0]
    said = [f"{names[j]} is recorded as {names[i]}" for j, i in moved[:4]]
    said += ["…"] if len(moved) > 4 else []
    said += [f"{name} has the other sign" for name in flipped[:4]]
    return Cause("columns permuted", ", ".join(said), left)


def _loss_scale(case: Suspect, dwell: FirstDwell | None) -> Cause | None:
    if dwell is None or case.setting.depth > 2:
        return None
    factor = 1.0
    for _ in range(8):  # each time with the step that the run then has
        more, miss = time_factor(dwell, case.data.r, (case.setting.step or 1.0) * factor)
        factor *= more
        if not 0 < factor < 1e6 or miss > 0.1:
            return None
    if abs(factor - 1) <= _DIFFERENT:
        return None
    left = case.left(replace(case.setting, factor=case.setting.factor * factor))
    if left > EXPLAINED:
        return None
    return Cause("loss scale", f"the run is {factor:.4g} times as fast{_named_factor(case, factor)}", left)


def _named_factor(case: Suspect, factor: float) -> str:
    """What a factor may come from, in words."""
    total = case.setting.factor * factor
    said = [f"the loss {name}" for name in LOSSES if abs(loss_factor(name, case.n) / total - 1) < 0.02]
    if factor > 1.05:
        said.append(f"a momentum of {1 - 1 / factor:.2f}")
    return f", as with {' or '.join([*said, 'another learning rate'])}"


def _alpha(case: Suspect, dwell: FirstDwell | None) -> Cause | None:
    if dwell is None or case.setting.depth > 2 or abs(dwell.alpha / case.setting.scale - 1) <= _DIFFERENT:
        return None
    if not LEAST_ALPHA < dwell.alpha < 0.7:
        return None
    setting = case.setting.with_scale(dwell.alpha)
    left = case.left(setting, start=start_of(replace(case.run, weights=None), setting))
    if left > EXPLAINED:
        return None
    given = case.setting.alpha
    return Cause("alpha differs", f"the run began from alpha = {setting.alpha:.4g}, not {given:.4g}", left)


def _noisy(case: Suspect, dwell: FirstDwell | None) -> Cause | None:
    if dwell is None:
        return None
    own = FirstDwell.of(replace(case.run, beta=case.reference.beta[: len(case.run)], weights=None))
    if dwell.scatter <= _NOISY + 3 * (0.0 if own is None else own.scatter):
        return None
    return Cause(
        "stochastic gradient",
        f"while β rests at zero, the growth of a coordinate varies by {dwell.scatter:.0%} between records",
    )


def _precision(case: Suspect) -> Cause | None:
    """Whether u² − v² does what no step can do to it, or a plain run of few digits goes the same way."""
    import numpy as np

    run, digits = case.run, significant_digits(case.run)
    if case.setting.depth > 2:
        return None
    if run.weights is not None:
        one, two = (w.astype(float) for w in run.weights)
        kept = one**2 - two**2 if case.setting.parametrisation == "uv" else 4 * one * two
        grows = np.abs(kept[1:]) > 2 * np.abs(kept[:-1])
        at = np.flatnonzero((grows | (kept[1:] * kept[:-1] <= 0)).any(axis=1))
        if not len(at):
            return None
        k = int(at[0]) + 1
        i = int(np.argmax((grows | (kept[1:] * kept[:-1] <= 0))[k - 1]))
        return Cause(
            "precision",
            f"u² − v² goes from {kept[k - 1, i]:.2g} to {kept[k, i]:.2g} at record {k}; a step can only "
            f"make it smaller: the tiny components are lost in {digits} digits",
        )
    whole = case.distance(case.reference.beta)
    for dtype in ("float32",) if digits <= 9 else ("float64", "float32"):
        left = case.distance(plain_beta(case.data, case.setting, dtype, case.marks)) / whole
        if left <= EXPLAINED:
            return Cause(
                "precision",
                f"a run with {dtype} weights goes the same way: the tiny components beside u² and v², of "
                f"order α² = {case.setting.scale**2:.2g}, are below its digits",
                left,
            )
    return None


def _target(case: Suspect, dwell: FirstDwell | None) -> Cause | None:
    """The same X with another y, or other data."""
    import numpy as np

    if dwell is None or case.setting.step is None or case.setting.depth > 2:
        return Cause("another problem", "no cause was found that explains the distance")
    r = dwell.correlations(case.setting.step, case.setting.scale)
    off = float(np.linalg.norm(r - case.data.r) / np.linalg.norm(case.data.r))
    left = case.left(case.setting, replace(case.data, r=r))
    said = f"the gradient at zero differs by {off:.2g} times its size from that of these data"
    if left <= _TARGET:
        detail = f"{said}, and the rest fits this X: noise in the target, or another target"
        return Cause("target differs", detail, left)
    return Cause("another problem", f"{said}, and with it this X does not fit either", left)


def causes_in_words(causes: Sequence[Cause]) -> str:
    """The names of causes, for a sentence."""
    return ", ".join(cause.name for cause in causes)
