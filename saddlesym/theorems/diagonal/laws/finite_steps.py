"""Checks of gradient descent with finite steps: one step exactly, its end point, its jump times."""

from __future__ import annotations

from collections.abc import Iterator
from math import asinh, inf, log, log1p, sqrt

from flint import fmpq

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.theorems.diagonal.laws.dwells import steps_of
from saddlesym.theorems.diagonal.reference.definitions import Network, PlainQuadratic, random_rational
from saddlesym.theorems.evidence.check import Check, Fact, UndecidedError, seeded
from saddlesym.theorems.evidence.verdict import Kind

_POINTS = 4
#: Step in units of the stable one, and the steps that a run may take.
_STEP, _MOST = 0.1, 200_000


def _one_step(problem: DiagonalProblem, power: int) -> Iterator[Fact]:
    """u² − v² before and after an exact step, the gradient of F from its values alone."""
    form, rng = PlainQuadratic.of(problem), seeded(problem, "finite-steps")
    network = Network(form)
    for _ in range(_POINTS):
        u, v = ([random_rational(rng) for _ in range(problem.d)] for _ in range(2))
        eta = fmpq(rng.randint(1, 9), rng.randint(5, 50))
        slope = network.gradient([*u, *v])
        g = form.gradient([a * b for a, b in zip(u, v, strict=True)])
        for i in range(problem.d):
            new_u, new_v = u[i] - eta * slope[i], v[i] - eta * slope[problem.d + i]
            found, factor = new_u**2 - new_v**2, 1 - (eta * g[i]) ** power
            told = f"u² − v² goes from {u[i] ** 2 - v[i] ** 2} to {found}, factor {factor}"
            yield Fact(found == factor * (u[i] ** 2 - v[i] ** 2), told)
            sums = new_u + new_v == (1 - eta * g[i]) * (u[i] + v[i])
            yield Fact(sums, f"u + v is not multiplied by 1 − ηg in coordinate {i}")


def one_step(problem: DiagonalProblem) -> Iterator[Fact]:
    """u² − v² and u + v after a step, in rational arithmetic."""
    return _one_step(problem, 2)


def first_order_factor(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: u² − v² is multiplied by 1 − ηg."""
    return _one_step(problem, 1)


class _Descent:
    """Gradient descent in u + v and u − v, in floating point: each step multiplies them."""

    def __init__(self, problem: DiagonalProblem, alpha: float, share: float) -> None:
        import numpy as np

        steps = steps_of(problem)
        self.M = np.array([[float(q) for q in row] for row in problem.M])
        self.r = np.array([float(q) for q in problem.r])
        size = max(1e-300, *(abs(float(x.p) / float(x.q)) for b in steps.betas for x in b))
        self.step = share / (2 * np.abs(self.M).sum(axis=1).max() * size + np.abs(self.r).max())
        self.plus = np.full(problem.d, sqrt(2) * alpha)
        self.minus = self.plus.copy()

    def beta(self) -> object:
        return (self.plus**2 - self.minus**2) / 4

    def advance(self) -> object:
        """One step; returns ηg."""
        slope = self.step * (((self.plus**2 - self.minus**2) / 4) @ self.M - self.r)
        self.plus, self.minus = self.plus * (1 - slope), self.minus * (1 + slope)
        return slope


def _end_point(problem: DiagonalProblem, *, gain: bool) -> Iterator[Fact]:
    """``½ arcsinh(β/a) − ζ`` at the end of a run lies in the range of M; ``gain``: a has shrunk."""
    import numpy as np

    run = _Descent(problem, 0.1, 0.8)
    a, zeta = np.full(problem.d, 0.01), np.zeros(problem.d)
    for _ in range(_MOST // 4):
        x = np.asarray(run.advance())
        a *= 1 - x**2
        zeta -= np.arctanh(x) - x
        if np.abs(x).max() < 1e-13:
            break
    else:
        raise UndecidedError("gradient descent did not converge within the budget")
    beta = np.asarray(run.beta())
    scale = a if gain else np.full(problem.d, 0.01)
    z = np.array([asinh(b / s) / 2 for b, s in zip(beta, scale, strict=True)]) - zeta
    values, vectors = np.linalg.eigh(run.M)
    null = vectors[:, values < 1e-9 * max(1e-300, values.max())]
    if not null.shape[1]:
        return
    off = float(np.linalg.norm(null.T @ z))
    yield Fact(off < 1e-7 * (1 + float(np.linalg.norm(z))), f"∇φ(β) − ζ leaves the range of M by {off:.2e}")


def end_point(problem: DiagonalProblem) -> Iterator[Fact]:
    """The optimality condition of the Bregman projection at the end of a run in floating point."""
    return _end_point(problem, gain=True)


def end_point_without_gain(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the same with α² in the place of the a that the steps leave."""
    return _end_point(problem, gain=False)


def _clocks(problem: DiagonalProblem, eta: float) -> Iterator[tuple[int, int, float]]:
    """Jump number, coordinate and τ_k of the finite-step clocks, along the saddles of the exact path."""
    steps = steps_of(problem)
    d = problem.d
    clock = {(i, sign): -1.0 for i in range(d) for sign in (1, -1)}
    time = 0.0
    for k in range(1, len(steps)):
        before, after = steps.betas[k - 1], steps.betas[k]
        g = [float(x) for x in problem.gradient([_fraction(b) for b in before])]
        waits = {
            (i, 1 if g[i] < 0 else -1): -clock[i, 1 if g[i] < 0 else -1] / (log1p(eta * abs(g[i])) / eta)
            for i in range(d)
            if before[i] == 0 and abs(g[i]) > 1e-14
        }
        if not waits or max(abs(x) for x in g) * eta >= 1:
            return
        (entering, sign), wait = min(waits.items(), key=lambda item: item[1])
        if before[entering] != 0 or after[entering] == 0 or (after[entering] > 0) != (sign > 0):
            return  # steps of this size change the order
        time += wait
        for i in range(d):
            for s in (1, -1):
                clock[i, s] += wait * log1p(-s * eta * g[i]) / eta
        yield k, entering, time


def _fraction(q: fmpq) -> object:
    from saddlesym.exact.scalars import fraction

    return fraction(q)


def _passages(problem: DiagonalProblem, alpha: float, wanted: list[tuple[int, int, float]]) -> list[float]:
    """Natural times at which the entering coordinates pass half of their steps, one after the other."""
    import numpy as np

    steps = steps_of(problem)
    run, out, before = _Descent(problem, alpha, _STEP), list[float](), 0.0
    for number in range(_MOST):
        if len(out) == len(wanted):
            break
        k, i, _ = wanted[len(out)]
        target = float(_fraction(steps.betas[k][i])) / 2  # type: ignore[arg-type]
        now = float(np.asarray(run.beta())[i]) / target
        if now >= 1:
            rise = log(now / before) if before > 0 else inf
            out.append((number - log(now) / rise) * float(run.step))
            before = 0.0
            continue
        before = now
        run.advance()
    return out


def _jump_law(problem: DiagonalProblem, *, steps_count: bool) -> Iterator[Fact]:
    eta = float(_Descent(problem, 0.5, _STEP).step)
    wanted = list(_clocks(problem, eta))
    exact = [float(_fraction(t)) for t in steps_of(problem).times]  # type: ignore[arg-type]
    scales = (1e-25, 1e-50)
    found = [_passages(problem, alpha, wanted) for alpha in scales]
    apart = log(scales[0] / scales[1])
    for (k, _, tau), first, second in zip(wanted, *found, strict=False):
        quotient = (second - first) / apart
        claimed = tau if steps_count else exact[k]
        # a passage is interpolated to a part of a step; a jump that is not yet resolved settles like α^κ
        allowed = 2 * eta / apart + abs(tau - exact[k]) / 10
        told = f"jump {k}: (T(α₂) − T(α₁))/(Λ₂ − Λ₁) = {quotient:.8f}, claimed {claimed:.8f} ± {allowed:.1e}"
        yield Fact(abs(quotient - claimed) <= allowed, told)


def jumps_with_steps(problem: DiagonalProblem) -> Iterator[Fact]:
    """Differences of passage times of gradient descent at α = 1e-25 and 1e-50 against τ_k."""
    return _jump_law(problem, steps_count=True)


def jumps_of_the_flow(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: τ_k = t_k, whatever the step."""
    return _jump_law(problem, steps_count=False)


CHECKS = (
    Check(
        "finite-steps",
        Kind.EXACT,
        "u² − v² and u + v after a step, in rational arithmetic",
        one_step,
        first_order_factor,
        "u² − v² is multiplied by 1 − ηg",
        "any",
    ),
    Check(
        "finite-step-bias",
        Kind.NUMERIC,
        "the optimality condition of the Bregman projection at the end of a run",
        end_point,
        end_point_without_gain,
        "the same with α² in the place of the a that the steps leave",
        "wide",
        witness=(((2, 1, 1), (-1, 2, 0)), (3, -1)),
        share=0.1,
    ),
    Check(
        "finite-step-jumps",
        Kind.NUMERIC,
        "differences of passage times of gradient descent at α = 1e-25 and 1e-50 against τ_k",
        jumps_with_steps,
        jumps_of_the_flow,
        "τ_k = t_k, whatever the step",
        "separated",
        share=0.06,
    ),
)
