"""The end point of the limit path is a global minimiser of the loss of least ℓ1 norm.

Theorem.  Let ∇L(β) = 0 and let w be such that s = Xᵀw has |s_i| ≤ 1 and s_i β_i = |β_i| for
all i.  Then ‖b‖₁ ≥ ‖β‖₁ for every other global minimiser b of L.  If b has the same norm,
then s_i b_i = |b_i| for all i.  So if β is the only minimiser of L under the sign constraints
of the last jump, it is the only global minimiser of least ℓ1 norm.

Source: PF23, Theorem 2 (the certificate is that of basis pursuit).
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, b, beta, gradient, loss, n, square, w
from saddlesym.theorems.proof import Proof, Step, main

s, x, c, g, dt = sp.symbols("s beta_i b_i g delta", real=True)


def common_fit(factor=1):
    """L(b) − L(β) = ∇L(β)ᵀ(b − β) + ‖X(b − β)‖²/2n."""
    return loss(b) - loss(beta), gradient(beta).T * (b - beta) + factor * square(X * (b - beta)) / (2 * n)


def pairing(sign=-1):
    """sᵀb − sᵀβ = wᵀX(b − β)."""
    dual = X.T * w
    return dual.T * b + sign * dual.T * beta, w.T * (X * (b - beta))


def young(bound=1):
    """|s| ≤ 1 gives s b ≤ |b|."""
    return [sp.Abs(s) <= bound], s * c <= sp.Abs(c)


def combined(feasible=True):
    """‖b‖₁ ≥ sᵀb = sᵀβ = ‖β‖₁, with the sums as scalars."""
    norm_b, norm_beta, sb, sbeta, fit = sp.symbols("B1 B0 sb sbeta fit", real=True)
    hypotheses = [sb <= norm_b, sp.Eq(sbeta, norm_beta), sp.Eq(sb - sbeta, fit)]
    return hypotheses + ([sp.Eq(fit, 0)] if feasible else []), norm_b >= norm_beta


def equality(same_norm=True):
    """A sum of terms |b_i| − s_i b_i ≥ 0 that vanishes has vanishing terms; then b obeys the constraints of s."""
    rest = sp.Symbol("R", nonnegative=True)
    excess = sp.Abs(c) - s * c + rest
    hypotheses = [sp.Abs(s) <= 1, sp.Eq(excess, 0) if same_norm else excess >= 0]
    return hypotheses, sp.And(s * c >= 0, sp.Implies(sp.Abs(s) < 1, sp.Eq(c, 0)))


def accumulated(sign=-1):
    """s + δ(−∇L(β)) = Xᵀ(w + δ(y − Xβ)/n): the limit process keeps s in the range of Xᵀ."""
    y = sp.MatrixSymbol("y", n, 1)
    return X.T * w + sign * dt * gradient(beta), X.T * (w + dt * (y - X * beta) / n)


PROOF = Proof(
    statement="minimum-l1",
    title="The limit is a minimum-ℓ1 solution",
    latex=r"\nabla L(\beta)=0,\ s=X^{\top}w\in\partial\|\beta\|_1 \;\Rightarrow\; "
    r"\|\beta\|_1=\min\{\|b\|_1:\nabla L(b)=0\}",
    source="PF23, Theorem 2",
    assumptions=("β is the last point of the limit path, so ∇L(β) = 0; s is its dual variable there.",),
    imports=("subdifferential",),
    steps=(
        Step(
            "Since ∇L(β) = 0, another global minimiser b has ‖X(b − β)‖ = 0: all fit the data alike, Xb = Xβ.",
            r"L(b)-L(\beta)=\nabla L(\beta)^{\top}(b-\beta)+\tfrac1{2n}\|X(b-\beta)\|^2",
            VectorIdentity(common_fit),
            mutant=VectorIdentity(lambda: common_fit(factor=2)),
        ),
        Step(
            "The dual variable stays in the range of Xᵀ: it starts at 0 = Xᵀ0, and a dwell of length δ adds "
            "−δ∇L(β) = Xᵀ(δ(y − Xβ)/n). So s = Xᵀw with w the accumulated residual.",
            r"X^{\top}w-\delta\nabla L(\beta)=X^{\top}\big(w+\tfrac{\delta}{n}(y-X\beta)\big)",
            VectorIdentity(accumulated),
            mutant=VectorIdentity(lambda: accumulated(sign=1)),
        ),
        Step(
            "Hence s does not see the difference of two minimisers.",
            r"s^{\top}b-s^{\top}\beta=w^{\top}X(b-\beta)=0",
            VectorIdentity(pairing),
            mutant=VectorIdentity(lambda: pairing(sign=1)),
            uses=(1, 2),
        ),
        Step(
            "By the subdifferential statement |s_i| ≤ 1 and s_i β_i = |β_i|; the first bounds s_i b_i.",
            r"|s_i|\le1 \;\Rightarrow\; s_ib_i\le|b_i|",
            Entails(young),
            mutant=Entails(lambda: young(bound=2)),
        ),
        Step(
            "Summing over the coordinates, ‖b‖₁ ≥ sᵀb = sᵀβ = ‖β‖₁.",
            r"\|b\|_1\ge s^{\top}b=s^{\top}\beta=\|\beta\|_1",
            Entails(combined),
            mutant=Entails(lambda: combined(feasible=False)),
            uses=(3, 4),
        ),
        Step(
            "If b has the same norm, the non-negative terms |b_i| − s_i b_i add up to 0 (R is the sum of the others), so "
            "each vanishes, and b obeys the sign constraints that s sets at the last jump (s does not move after it): in "
            "particular b_i = 0 where |s_i| < 1. As b has the least loss, too, b = β if the minimiser there is unique.",
            r"|b_i|-s_ib_i+R=0,\ R\ge0,\ |s_i|\le1 \;\Rightarrow\; s_ib_i\ge0,\ (|s_i|<1\Rightarrow b_i=0)",
            Entails(equality),
            mutant=Entails(lambda: equality(same_norm=False)),
            uses=(1, 5),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
