"""Two layers and whitened squared error: the flow of A in closed form, by a matrix Riccati equation.

Write Z = (W_2; W_1ᵀ), S = [[0, A*], [A*ᵀ, 0]] and J = diag(1, −1).  The balancedness
D = ZᵀJZ = W_2ᵀW_2 − W_1W_1ᵀ is conserved and the flow is

    Z' = S Z + ½ J Z D − ½ Z ZᵀZ.

If D = λ·1 the middle term is (λ/2) J Z and Q = ZZᵀ obeys the Riccati equation
Q' = FQ + QF − Q² with F = S + (λ/2)J, so that

    Q(T) = Y (1 + ∫₀ᵀ YᵀY)⁻¹ Yᵀ,   Y(T) = e^{TF} Z(0),

whose upper right block is A(T).  For other D the middle term does not act from the left
and the substitution fails: a start with W_2ᵀW_2 − W_1W_1ᵀ ≠ λ·1 has no such form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, DegenerateProblemError, PrecisionError
from saddlesym.exact.balls import Ball
from saddlesym.exact.linear.matrices import exact_matrix, flint_matrix
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.scale import InitialScale


def riccati_product(
    problem: DeepLinearProblem, direction: Sequence[Any], alpha: Any, time: Any, digits: int = USUAL_DIGITS
) -> tuple[tuple[Ball, ...], ...]:
    """A(T) from weights α·direction, enclosed, without following the flow.

    Args:
        problem: two layers, whitened squared error.
        direction: (W_1, W_2) over α, rational, with W_2ᵀW_2 − W_1W_1ᵀ = λ·1 exactly.
        alpha: α.
        time: natural time T, rational or a ball.
        digits: digits of the result relative to its largest entry.

    Raises:
        BadInputError: another cost or depth.
        DegenerateProblemError: the start is not λ-balanced, so there is no closed form.
        PrecisionError: the ball of T is too wide for what it is multiplied by.

    Source: the Riccati equation of the balanced case is classical (Fukumizu 1998); the λ-balanced
    one is checked here by substitution.

    >>> problem = DeepLinearProblem.whitened([[2]])
    >>> riccati_product(problem, [[[1]], [[1]]], "1e-10", 20, 10)[0][0].arb.str(8, radius=False)
    '2.0000000'
    """
    cost = problem.cost
    if problem.depth != 2 or not cost.is_whitened:
        raise BadInputError(
            f"the closed form does not cover {problem!r}", needed="depth 2 and whitened squared error"
        )
    W1, W2 = (flint_matrix(exact_matrix(w, f"W_{k}")) for k, w in enumerate(direction, 1))
    balance = W2.transpose() * W2 - W1 * W1.transpose()
    level = balance[0, 0]
    w = balance.nrows()
    if balance != fmpq_mat(w, w, [level if i == j else fmpq(0) for i in range(w) for j in range(w)]):
        raise DegenerateProblemError(
            "W_2ᵀW_2 − W_1W_1ᵀ is no multiple of the identity",
            needed="a λ-balanced start",
            hint="saddlesym.flow",
        )
    scale = InitialScale.read(alpha)
    m, n = cost.shape
    B = cost.flint[2]
    given = time.arb if isinstance(time, Ball) else to_fmpq(rational(time))
    size = sum(abs(float(arb(q))) for q in B.entries()) + abs(float(arb(level))) + 1.0
    growth = int(3 * size * float(arb(given).upper())) + int(6 * float(scale.log_inverse()))
    with workprec(int(3.33 * digits) + 2 * growth + 64):
        duration = arb(given)
        alpha_ball = (-scale.log_inverse()).exp()
        F = arb_mat(m + n, m + n)
        for i in range(m):
            F[i, i] = arb(level) * alpha_ball * alpha_ball / 2
            for j in range(n):
                F[i, m + j] = F[m + j, i] = arb(B[i, j])
        for j in range(n):
            F[m + j, m + j] = -arb(level) * alpha_ball * alpha_ball / 2
        Z = arb_mat([list(map(arb, row)) for row in W2.tolist() + W1.transpose().tolist()]) * alpha_ball
        Y = (F * duration).exp() * Z
        kernel = _identity(w) + Z.transpose() * _integral(F, duration) * Z
        try:
            Q = Y * kernel.inv() * Y.transpose()
        except ZeroDivisionError:  # that of the exact T is 1 + a Gram matrix, so T is not known well enough
            raise PrecisionError(
                f"T is known to {float(duration.rad()):.1g} only", needed="a narrower ball"
            ) from None
        return tuple(tuple(Ball(Q[i, m + j]) for j in range(n)) for i in range(m))


def _identity(n: int) -> arb_mat:
    return arb_mat([[arb(int(i == j)) for j in range(n)] for i in range(n)])


def _integral(F: arb_mat, duration: arb) -> arb_mat:
    """∫₀ᵀ e^{2sF} ds, from the exponential of [[2F, 1], [0, 0]]."""
    k = F.nrows()
    block = arb_mat(2 * k, 2 * k)
    for i in range(k):
        block[i, k + i] = duration
        for j in range(k):
            block[i, j] = 2 * F[i, j] * duration
    grown = block.exp()
    return arb_mat([[grown[i, k + j] for j in range(k)] for i in range(k)])
