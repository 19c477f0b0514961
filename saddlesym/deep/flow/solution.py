"""The numerical solution of a deep flow from α times given weights, in own units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from math import ceil, log, log2
from typing import Any

from flint import arb, fmpq_mat

from saddlesym.deep.flow.hidden_frames import reduced
from saddlesym.deep.flow.integrator.integrate import integrate_matrices
from saddlesym.deep.flow.integrator.series import MatrixField, Series
from saddlesym.deep.flow.integrator.solution import MatrixSolution, MatrixStep
from saddlesym.deep.flow.ranks import Sample, Sampler
from saddlesym.deep.flow.units import OwnUnits
from saddlesym.deep.flow.view import accelerated_unit
from saddlesym.errors import DegenerateProblemError
from saddlesym.exact.linear.matrices import Matrix
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.progress import Listener, Progress

#: Digits by which the integration is finer than the digits of the results.
_FINER = 4
#: Bits of singular values in a trace beyond those of their range.
_VALUE_BITS = 80
_LN2 = log(2.0)


def follow(
    units: OwnUnits,
    scale: InitialScale,
    weights: Sequence[Matrix],
    digits: int,
    end: Any,
    done: Callable[[Sequence[Sample]], bool],
    max_steps: int = 20_000,
    progress: Listener | None = None,
) -> tuple[MatrixSolution, list[Sample]]:
    """The solution from α·weights and its trace, until ``done`` says so, rest, or an accelerated end.

    The weights are those of the problem given, solution and trace are in own units.
    """
    digits += _FINER
    cost, depth = units.problem.cost, units.problem.depth
    mask, K, B = cost.flint
    matrix_field = MatrixField(None if cost.is_full else mask, None if _is_identity(K) else K, B)
    trace: list[Sample] = []
    steps = count(1)
    with workprec(ceil(digits * log2(10)) + 256):
        log_inverse = scale.log_inverse()
        alpha = (-log_inverse).exp() * arb((1, -units.layer))
        log2_scale = -float(log_inverse) / _LN2 - units.layer
        narrow, frames = reduced(weights)
        start = [[[(alpha * q).mid() for q in row] for row in w.tolist()] for w in narrow]
        size = sum(abs(float(arb(q))) for q in B.entries())
        unit = accelerated_unit(units, scale)
        until = None if end is None else unit * to_fmpq(end)
        # Where entries are not observed, A may rest at a saddle of its own rank, or fall into parts that do
        # not feel each other.  Then columns of modes that are up escape in directions in which they
        # are as small as α, and nothing pulls rounding errors back.
        spare = 0 if depth > 2 or cost.is_full else ceil(-log2_scale)
        rest = -(digits - 3) * log2(10) + (0 if depth == 2 else (depth - 1) * log2_scale)

        # singular values below a part of the largest one, or of those of the start, are of no account
        small = ceil(-log2_scale) if depth > 2 else 0
        sampler = Sampler(depth * small + _VALUE_BITS, ceil(digits * log2(10)) + (depth - 1) * small)

        def observe(step: MatrixStep, series: Series) -> bool:
            trace.extend(sampler(step, series))
            if progress is not None:
                time = float(arb(step.start + step.length) / unit)
                progress(Progress(next(steps), what="steps", time=time))
            return done(trace)

        solution = integrate_matrices(
            matrix_field,
            start,
            until,
            digits=digits,
            log2_scale=log2_scale,
            first_unit=round(-log2(size) - (depth - 2) * log2_scale) - 1,
            spare=spare,
            rest=rest,
            observer=observe,
            max_steps=max_steps,
        )
    if any(frames):
        solution = replace(solution, frames=frames)
    if not trace:
        raise DegenerateProblemError(
            "the flow does not move: the direction is critical to leading order",
            needed="a direction θ with ∇𝓛(αθ) ≠ 0",
            hint="a random direction",
        )
    last = solution.steps[-1]
    series = Series(matrix_field, last.layers, solution.bits, last.unit, last.exponents)
    series.extend()
    series.extend()
    trace.append(sampler(last, series)[0])
    return solution, trace


def _is_identity(K: fmpq_mat) -> bool:
    return all(K[i, j] == int(i == j) for i in range(K.nrows()) for j in range(K.ncols()))
