"""How far the flow at a given α can be from the saddle path: bounds with all constants.

The two theorems are proved in ``proofs/explicit_rate.py`` and
``proofs/sharp_rate.py``, the step to β in ``proofs/convergence.py``.  Here their
right-hand sides are evaluated in ball arithmetic from the exact path alone; no
flow is computed.  Write Λ = ln(1/α).  Distances of dual variables are measured
in ``‖Mu‖_{M⁺} = (uᵀMu)^½``, which is √n times the distance of the data-space
variables w with ``z = Xᵀw``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_mat

from saddlesym.diagonal.path.minimiser import constrained_minimiser
from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, DegenerateProblemError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.values import ByValue
from saddlesym.exact.vectors import RationalVector

#: Working precision of the bounds, in bits.
PRECISION = 128


@dataclass(frozen=True)
class Dwell:
    """A stretch of a path on which β rests, up to a given time.

    Attributes:
        start: accelerated time of its start.
        end: accelerated time of its end.
        beta: the saddle (d).
        gradient: ∇L there (d).
        dual_start: s at the start (d).
        dual_end: s at the end (d).
    """

    start: Fraction
    end: Fraction
    beta: RationalVector
    gradient: RationalVector
    dual_start: RationalVector
    dual_end: RationalVector


def dwells(path: SaddlePath, t: Any) -> Iterator[Dwell]:
    """The dwells of a path in order of time, the last one cut off at accelerated time t.

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> [(str(dwell.start), str(dwell.end)) for dwell in dwells(path, 1)]
    [('0', '1/3'), ('1/3', '2/3'), ('2/3', '1')]
    """
    last = rational(t)
    final_dual = path.dual(last)
    zero = RationalVector.of([0] * path.problem.d)
    starts = [(Fraction(0), zero, path.problem.gradient(zero), zero)]
    starts += [(j.time, j.beta, j.gradient, j.dual) for j in path.jumps if j.time < last]
    for k, (start, beta, gradient, dual) in enumerate(starts):
        end, _, _, dual_end = starts[k + 1] if k + 1 < len(starts) else (last, beta, gradient, final_dual)
        if end > start:
            yield Dwell(start, end, beta, gradient, dual, dual_end)


def coordinate_constant(b: Any) -> arb:
    """``C(b) = ¼ e^{W−1} (1−W)²``, ``W e^W = 2e|b|``: the largest value of ``x(½e^{−2x} − |b|)``.

    Args:
        b: one coordinate of a saddle.

    >>> coordinate_constant(0).overlaps(1 / (4 * arb(1).exp()))
    True
    >>> coordinate_constant("1/2").contains(0)
    True
    """
    size = abs(to_fmpq(b))
    with workprec(PRECISION):
        w = (2 * arb(1).exp() * arb(size)).lambertw() if size else arb(0)
        return (w - 1).exp() * (1 - w) ** 2 / 4


def rate_constants(path: SaddlePath, alpha: Any, t: Any = None) -> tuple[arb, ...]:
    """``Σ_i [C(β_i) + α⁴/(4e)]`` for the successive dwells of a path.

    Args:
        path: the exact path.
        alpha: scale of the initialisation, 0 < α < 1.
        t: accelerated time to which the dwells matter; default: all of them.

    Raises:
        BadInputError: α is not between 0 and 1, or t outside the path.

    Source: explicit rate (``proofs/explicit_rate.py``).
    """
    scale, _ = _scale(alpha)
    horizon = _beyond(path) if t is None else rational(t)
    with workprec(PRECISION):
        extra = path.problem.d * scale**4 / (4 * arb(1).exp())
        return tuple(
            sum((coordinate_constant(b) for b in dwell.beta), arb(0)) + extra
            for dwell in dwells(path, horizon)
        )


def rate_constant(path: SaddlePath, alpha: Any, t: Any = None) -> arb:
    """C of ``‖s^α(t) − s(t)‖_{M⁺} ≤ √(2Ct/Λ)``: the largest of :func:`rate_constants`.

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> rate_constant(path, "1e-20").str(10, radius=False)
    '0.2688393901'
    """
    best = arb(0)
    with workprec(PRECISION):
        for constant in rate_constants(path, alpha, t):
            best = best.max(constant)
    return best


def explicit_rate(path: SaddlePath, t: Any, alpha: Any) -> arb:
    """A bound for ``‖s^α(t) − s(t)‖_{M⁺}`` that needs no assumption: ``(2/Λ ∫₀ᵗ C)^½``.

    C is the constant of each dwell (:func:`rate_constants`).  The bound falls
    like Λ^{−1/2} and is at most ``√(2Ct/Λ)`` with the largest of them.

    Args:
        path: the exact path.
        t: accelerated time, ``t >= 0``.
        alpha: scale of the initialisation, 0 < α < 1.

    Returns:
        A ball around the bound; its upper end is a rigorous bound.

    Raises:
        BadInputError: α is not between 0 and 1, or t outside the path.

    Source: explicit rate (``proofs/explicit_rate.py``).

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> explicit_rate(path, 1, "1e-20") < 0.1
    True
    """
    _, log = _scale(alpha)
    constants = rate_constants(path, alpha, t)
    with workprec(PRECISION):
        integral = arb(0)
        for dwell, constant in zip(dwells(path, t), constants, strict=True):
            integral += constant * arb(to_fmpq(dwell.end - dwell.start))
        return (2 * integral / log).sqrt()


def sharp_rate(path: SaddlePath, t: Any, alpha: Any) -> arb:
    """A bound for ``‖s^α(t) − s(t)‖_{M⁺}`` of the true order 1/Λ, on non-degenerate paths.

    The flow is compared with ``Λs + δ_k``, where δ_k makes the active coordinates
    of each saddle exact.  The bound is then ``K/Λ`` with K bounded as α → 0.

    Args:
        path: the exact path.
        t: accelerated time, ``t >= 0``.
        alpha: scale of the initialisation, 0 < α < 1.

    Raises:
        BadInputError: α is not between 0 and 1, or t outside the path.
        DegenerateProblemError: the active columns of a saddle are dependent, or
            an inactive coordinate rests at ±1 during a dwell.

    Source: sharp rate (``proofs/sharp_rate.py``).

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> sharp_rate(path, 1, "1e-40") < explicit_rate(path, 1, "1e-40")
    True
    """
    scale, log = _scale(alpha)
    problem = path.problem
    with workprec(PRECISION):
        rest, old_shift, norm = arb(0), [arb(0)] * problem.d, arb(0)
        for dwell in dwells(path, t):
            shift, norm = _shift(problem, dwell, scale)
            step = dual_norm(problem, [a - b for a, b in zip(shift, old_shift, strict=True)])
            growth = sum(_growth(problem, dwell, shift, log), arb(0))
            rest, old_shift = ((rest + step) ** 2 + 2 * growth).sqrt(), shift
        return (rest + norm) / log


def _shift(problem: DiagonalProblem, dwell: Dwell, scale: arb) -> tuple[list[arb], arb]:
    """δ = M_{:S} M_SS⁻¹ ℓ (d) with ``ℓ_i = ½ arcsinh(β_i/α²) − Λ sign β_i``, and its norm."""
    S = dwell.beta.support()
    if not S:
        return [arb(0)] * problem.d, arb(0)
    rows = [[to_fmpq(problem.M[i][j]) for j in S] for i in range(problem.d)]
    block = fmpq_mat([rows[i] for i in S])
    if block.rank() < len(S):
        raise DegenerateProblemError(
            f"the active columns {problem.names(S)} are linearly dependent",
            columns=S,
            needed="independent active columns",
            hint="use explicit_rate",
        )
    inverse = block.inv()
    log = []
    for i in S:
        size = abs(arb(to_fmpq(dwell.beta[i])))
        value = (size + (size**2 + scale**4).sqrt()).log() / 2
        log.append(value if dwell.beta[i] > 0 else -value)
    v = [_dot(inverse.tolist()[k], log) for k in range(len(S))]
    square = sum((a * b for a, b in zip(log, v, strict=True)), arb(0))
    return [_dot(row, v) for row in rows], square.nonnegative_part().sqrt()


def _growth(problem: DiagonalProblem, dwell: Dwell, shift: Sequence[arb], log: arb) -> Iterator[arb]:
    """``∫ e^{−2Λ} 2cosh(2Λs_i + 2δ_i) dT / (4e)`` over the dwell, for each inactive coordinate."""
    active = set(dwell.beta.support())
    factor = (-2 * log).exp() / (4 * arb(1).exp())
    for i in range(problem.d):
        first, last, g = dwell.dual_start[i], dwell.dual_end[i], dwell.gradient[i]
        if i in active:
            continue
        if g == 0 and abs(first) == 1:
            raise DegenerateProblemError(
                f"column {problem.names([i])} rests at its bound without becoming active",
                columns=(i,),
                needed="|s_i| < 1 wherever beta_i = 0 and the gradient vanishes",
                hint="use explicit_rate",
            )
        at = [2 * log * arb(to_fmpq(s)) + 2 * shift[i] for s in (first, last)]
        if g == 0:
            yield factor * log * arb(to_fmpq(dwell.end - dwell.start)) * 2 * at[0].cosh()
        else:
            yield factor * (at[0].sinh() - at[1].sinh()) / arb(to_fmpq(g))


def dual_norm(problem: DiagonalProblem, delta: Sequence[Any]) -> arb:
    """``‖δ‖_{M⁺}`` of a vector in the range of M, given by numbers or balls.

    Only a maximal independent set of coordinates is read; the others follow from
    it for a vector in the range of M.

    >>> from saddlesym import DiagonalProblem
    >>> dual_norm(DiagonalProblem.from_gram([[4, 0], [0, 1]], [1, 1]), [2, 0])
    1.00000000000000
    """
    basis = problem.quadratic.independent(range(problem.d))
    if not basis:
        return arb(0)
    inverse = fmpq_mat([[to_fmpq(problem.M[i][j]) for j in basis] for i in basis]).inv()
    entries = [x if isinstance(x, arb) else arb(to_fmpq(x)) for x in (delta[i] for i in basis)]
    u = [_dot(row, entries) for row in inverse.tolist()]
    square = sum((a * b for a, b in zip(entries, u, strict=True)), arb(0))
    return square.nonnegative_part().sqrt()


def _dot(row: Sequence[fmpq], values: Sequence[arb]) -> arb:
    return sum((arb(a) * b for a, b in zip(row, values, strict=True)), arb(0))


@dataclass(frozen=True, eq=False)
class ConvergenceBound(ByValue, Documented):
    """How near the flow at a given α is to its limit at one accelerated time.

    All entries are balls around rigorous bounds.

    Attributes:
        dual: bound for ``‖s^α − s‖_{M⁺}``.
        coordinates: bounds for ``|s^α_i − s_i|`` (d).
        inactive: bounds for ``|β^α_i|`` (d); large, and of no use, where |s_i| = 1.
        l1_norm: bound for ``‖β^α‖₁``.
        loss_above: bound for ``L(β^α) − L(β)``; None before the first jump, where
            ``L(β^α) ≤ L(0)``, and at a jump time.
        loss_below: bound for ``L(β) − L(β^α)``.
    """

    dual: arb
    coordinates: tuple[arb, ...]
    inactive: tuple[arb, ...]
    l1_norm: arb
    loss_above: arb | None
    loss_below: arb


def convergence_bound(path: SaddlePath, t: Any, alpha: Any) -> ConvergenceBound:
    """The bounds (a) to (c) of the convergence theorem at accelerated time t.

    Raises:
        BadInputError: α is not between 0 and 1, or t outside the path.

    Source: PF23, Theorem 2, with the constants of ``proofs/convergence.py``.

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> path = saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> bound = convergence_bound(path, "1/2", "1e-100")
    >>> bound.inactive[1] < 1e-30, bound.loss_above < 0.5
    (True, True)
    """
    scale, log = _scale(alpha)
    problem, time = path.problem, rational(t)
    dual, s, beta = explicit_rate(path, time, alpha), path.dual(time), path.beta(time)
    gradient = problem.gradient(beta)
    k = sum(jump.time <= time for jump in path.jumps)
    with workprec(PRECISION):
        diagonal = [arb(to_fmpq(square)).sqrt() for square in problem.squares]
        coordinates = tuple(root * dual for root in diagonal)
        inactive = tuple(
            (-2 * log * (1 - abs(arb(to_fmpq(x))) - near)).exp() / 2
            for x, near in zip(s, coordinates, strict=True)
        )
        energy = arb(to_fmpq(_energy(problem)))
        spare = problem.d * scale / 2
        below = sum((abs(arb(to_fmpq(g))) * x for g, x in zip(gradient, inactive, strict=True) if g), arb(0))
        above = None
        if k and time > path.jumps[k - 1].time:
            start = path.jumps[k - 1].time
            size = arb(to_fmpq(_seminorm(problem, beta))).sqrt()
            logs = sum((abs(arb(to_fmpq(b))) * (1 + 2 * abs(arb(to_fmpq(b)))).log() for b in beta), arb(0))
            eta = size * explicit_rate(path, start, alpha)
            eta += (logs + 4 * energy * arb(to_fmpq(start)) + spare) / (2 * log)
            above = eta / arb(to_fmpq(time - start))
        return ConvergenceBound(
            dual, coordinates, inactive, 4 * energy * arb(to_fmpq(time)) + spare, above, below
        )


def _energy(problem: DiagonalProblem) -> Fraction:
    """ρ² = 2(L(0) − min L)."""
    basis = problem.quadratic.independent(range(problem.d))
    return 2 * (problem.loss([0] * problem.d) - constrained_minimiser(problem, basis).loss)


def _seminorm(problem: DiagonalProblem, b: RationalVector) -> Fraction:
    """‖b‖²_M."""
    M = problem.M
    return sum((b[i] * M[i][j] * b[j] for i in b.support() for j in b.support()), Fraction(0))


def _beyond(path: SaddlePath) -> Fraction:
    """A time at which every dwell of the path has begun."""
    if not path.complete:
        if not path.horizon:
            raise BadInputError(
                "the path was cut before its first jump", needed="a path with a dwell", hint="more jumps"
            )
        return path.horizon
    return (path.jumps[-1].time if path.jumps else Fraction(0)) + 1


def _scale(alpha: Any) -> tuple[arb, arb]:
    """α and Λ = ln(1/α) as balls."""
    value = rational(alpha)
    if not 0 < value < 1:
        raise BadInputError(f"alpha = {shown(alpha)}", needed="a scale with 0 < alpha < 1", hint="1e-20")
    with workprec(PRECISION):
        ball = arb(to_fmpq(value))
        return ball, -ball.log()
