"""The verbs ``flow`` and ``recover_jump_times``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.precision import USUAL_DIGITS
from saddlesym.verbs.dispatch import is_deep, refuse

if TYPE_CHECKING:
    from fractions import Fraction

    from saddlesym.deep.flow.flow import DeepLinearFlow
    from saddlesym.deep.flow.limit_times import DeepRecovery
    from saddlesym.deep.problem import DeepLinearProblem
    from saddlesym.diagonal.flow.many_layers.flow import DeepFlow
    from saddlesym.diagonal.flow.recovery import Recovery
    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.progress import Listener

#: The scale of a flow, unless the caller says otherwise.
ALPHA = "1e-50"


def flow(
    problem: DiagonalProblem | DeepLinearProblem,
    alpha: Any = ALPHA,
    *,
    digits: int | None = None,
    until: Any = None,
    depth: int | None = None,
    kappa: Sequence[Any] | None = None,
    certify: bool | None = None,
    stop_loss: Any = None,
    stop_residual: Any = None,
    data_precision: Any = None,
    direction: Sequence[Any] | None = None,
    seed: int | None = None,
    max_rank: int | None = None,
    max_steps: int | None = None,
    keep: bool = False,
    progress: Listener | None = None,
) -> Flow | DeepFlow | DeepLinearFlow:
    """The training flow of a network from initialisation scale α, to many digits.

    It knows nothing of saddles and paths: jumps and plateaus are found in the flow itself.

    Args:
        problem: a diagonal network (β = u ⊙ v) or a deep linear network (A = W_L ⋯ W_1).
        alpha: α as text, Decimal, Fraction or float: 1e-1000000 ≤ α < 1 at depth two; see
            Raises for the other limits.
        digits: every number is within 10^-digits·(1 + |number|); default 30, and 12 for a
            diagonal network of depth three or more, where steps are costly.
        until: last accelerated time: t = T/ln(1/α) at depth two, t = D(D−2)·α^(D−2)·T for a
            diagonal network of depth D ≥ 3, t = α^(L−2)·T for L ≥ 3 matrices; T is natural
            time.  Default: until the flow rests.
        depth: D of a diagonal network, default two; that of a deep linear network is its own.
        kappa: of diagonal networks: κ (d), positive: |u_i(0)| = √2·α^κ_i at depth two,
            a_i(0) = κ_i^(−1/(D−2))·α beyond; default all 1.
        certify: prove the digits.  By default they are where that can be done: always from depth
            three on, never for deep linear networks; False saves time at depth two.  The result
            says it in ``certified``.
        stop_loss: of diagonal networks of depth two, as for :func:`saddlesym.saddle_path`: end on
            the dwell at the first saddle of the path whose loss is at most that.
        stop_residual: likewise, with no residual greater than that.
        data_precision: likewise, where the data are fitted as well as they are known.
        direction: of deep linear networks: (W_1, …, W_L) over α; default a random one.
        seed: of that random, Gaussian direction; default 0.
        max_rank: of deep linear networks: stop once the plateau of this rank is over.
        max_steps: give up after this many steps; default 50000 at depth two, 5000 beyond,
            20000 for deep linear networks.
        keep: whether Ctrl-C ends the flow where it is (``interrupted``), instead of losing it,
            where that can be done: at depth two.
        progress: called with a :class:`~saddlesym.Progress`: the steps and the accelerated time.

    Returns:
        A :class:`~saddlesym.FlowResult`: ``Flow`` at depth two, ``DeepFlow`` beyond, or ``DeepLinearFlow``.

    Raises:
        BadInputError: an option out of range, or one of the other kind of network.
        DegenerateProblemError: the flow never moves.
        PrecisionError: the digits could not be proved.
        BudgetError: more than ``max_steps`` steps, or as many to be foreseen.

    Source: PF23 and J21; enclosures from the a-posteriori bound of the convex dual flow.

    >>> from saddlesym import DeepLinearProblem, DiagonalProblem
    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> [(jump.coordinate, round(float(jump.time), 3)) for jump in flow(problem, "1e-200").jumps]
    [(0, 0.333), (1, 0.666)]
    >>> [round(float(t), 3) for t in flow(problem, "1e-1000", depth=3, digits=8).times()]
    [0.333, 0.667]
    >>> found = flow(DeepLinearProblem.whitened([[2, 0], [0, 1]]), "1e-40", digits=12)
    >>> found.ranks, [round(float(t), 1) for t in found.times()], found.certified
    ((0, 1, 2), [0.5, 1.0], False)
    """
    common: dict[str, Any] = {"until": until, "progress": progress}
    common |= {k: v for k, v in {"digits": digits, "max_steps": max_steps}.items() if v is not None}
    stops = {"stop_loss": stop_loss, "stop_residual": stop_residual, "data_precision": data_precision}
    deep = {"direction": direction, "seed": seed, "max_rank": max_rank}
    if is_deep(problem):
        from saddlesym.deep.flow.flow import deep_linear_flow

        refuse({"kappa": kappa} | stops, "diagonal networks")
        _check_depth(problem, depth)
        _check_unproved(certify)
        return deep_linear_flow(
            problem, alpha, direction=direction, seed=0 if seed is None else seed, max_rank=max_rank, **common
        )
    refuse(deep, "deep linear networks")
    if depth in (None, 2):
        from saddlesym.diagonal.flow.two_layers.flow import flow as two_layer_flow

        common["until"] = _end(problem, until, kappa, stops)
        return two_layer_flow(problem, alpha, kappa=kappa, certify=certify is not False, keep=keep, **common)
    from saddlesym.diagonal.flow.many_layers.flow import deep_flow

    refuse(stops, "depth two")
    return deep_flow(problem, alpha, depth=depth, kappa=kappa, **common)


def _check_depth(problem: DeepLinearProblem, depth: int | None) -> None:
    if depth not in (None, problem.depth):
        raise BadInputError(
            f"depth={shown(depth)}",
            needed=f"depth={problem.depth}, that of the problem",
            hint="DeepLinearProblem.whitened(A, depth=...)",
        )


def _check_unproved(certify: bool | None) -> None:
    if certify:
        raise BadInputError(
            "certify=True for a deep linear network",
            needed="certify=False",
            hint="its digits are estimated, not proved",
        )


def _end(problem: Any, until: Any, kappa: Any, stops: dict[str, Any]) -> Fraction | Any:
    """The last time asked for, or one on the dwell where the path may stop, if that comes first."""
    if all(value is None for value in stops.values()):
        return until
    from saddlesym.diagonal.path.stopping_time import stopping_time
    from saddlesym.exact.scalars import rational

    refuse({"kappa": kappa}, "flows that no stop of the path ends")
    end = stopping_time(problem, **stops)
    last = None if until is None else rational(until)
    return last if end is None else end if last is None else min(end, last)


def recover_jump_times(
    problem: DiagonalProblem | DeepLinearProblem,
    alphas: Sequence[Any] = (),
    *,
    digits: int | None = None,
    until: Any = None,
    kappa: Sequence[Any] | None = None,
    certify: bool | None = None,
    stop_loss: Any = None,
    stop_residual: Any = None,
    data_precision: Any = None,
    seed: int | None = None,
    progress: Listener | None = None,
) -> Recovery | DeepRecovery:
    """Jump times of the limit α → 0, from flows at three or more scales alone.

    Args:
        problem: a diagonal network, followed at depth two, or a deep linear network of two layers.
        alphas: scales, different from each other.  Smaller ones are added until every time is
            settled; for diagonal networks that ends when three or more are given.  Default:
            from 1e-50 on (for deep networks 1e-50, 1e-100, 1e-200).
        digits: digits of the flows of diagonal networks; default 30.  The more of them,
            the longer the fractions that are recognised.
        until: last accelerated time; default: until the flows rest.
        kappa: of diagonal networks: κ (d), as for :func:`flow`; default all 1.
        certify: of diagonal networks: whether the digits of the flows are proved; default True.
        stop_loss: of diagonal networks: the flows end as for :func:`flow`.
        stop_residual: likewise.
        data_precision: likewise.
        seed: of the random direction of deep networks, the same at every scale; default 0.
        progress: called with a :class:`~saddlesym.Progress` of each flow in turn.

    Returns:
        For diagonal networks a ``Recovery``: times whose radius also estimates the neglected power
        of α, with the fraction that each was recognised as, if one was.  For deep ones a
        ``DeepRecovery``: floating-point slopes, with their last change.  Both are estimates, no proof.

    Raises:
        BadInputError: equal scales, too few, or one so small that no three fit; an option of the
            other kind of network.
        PrecisionError: the flows show no jumps, not the same ones, or one that is two (α is too large).

    Source: the statement ``jump-time-law``; for deep networks the same law, not proved here.

    >>> from saddlesym import DeepLinearProblem, DiagonalProblem
    >>> recovery = recover_jump_times(DiagonalProblem([[2, 0], [0, 3]], [3, -1]))
    >>> [jump.exact for jump in recovery.jumps]
    [Fraction(1, 3), Fraction(2, 3)]
    >>> deep = recover_jump_times(DeepLinearProblem.whitened([[2, 0], [0, 1]]))
    >>> [round(t, 9) for t in deep.times()]
    [0.5, 1.0]
    """
    stops = {"stop_loss": stop_loss, "stop_residual": stop_residual, "data_precision": data_precision}
    if is_deep(problem):
        from saddlesym.deep.flow.limit_times import recovered

        refuse({"kappa": kappa, "digits": digits} | stops, "diagonal networks")
        _check_unproved(certify)
        return recovered(problem, alphas, until=until, seed=0 if seed is None else seed, progress=progress)
    from saddlesym.diagonal.flow.recovery import recover_jump_times as recover

    refuse({"seed": seed}, "deep linear networks")
    return recover(
        problem, alphas, digits=USUAL_DIGITS if digits is None else digits,
        until=_end(problem, until, kappa, stops), kappa=kappa,
        certify=certify is not False, progress=progress,
    )  # fmt: skip
