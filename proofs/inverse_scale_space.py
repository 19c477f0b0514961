"""The limit process is the inverse scale space flow, and that flow is unique.

Theorem.  The limit process satisfies s' = −∇L(β) on each dwell, s(0) = 0 and s ∈ ∂‖β‖₁: it is
a solution of the inverse scale space flow of the ℓ1 norm.  Any two solutions of that flow
have the same s and the same ∇L(β), hence the same Xβ, for almost all times.

Source: BMBO13; PF23, Section 4.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, d, gradient, n, square, y
from saddlesym.theorems.proof import Proof, Step, main

s, s2, x, x2 = sp.symbols("s_1 s_2 beta_1 beta_2", real=True)
w1, w2 = sp.MatrixSymbol("w_1", n, 1), sp.MatrixSymbol("w_2", n, 1)
b1, b2 = sp.MatrixSymbol("beta_1", d, 1), sp.MatrixSymbol("beta_2", d, 1)


def velocity(sign=-1):
    """Xᵀw' = −∇L(β) for w' = (y − Xβ)/n."""
    return X.T * (y - X * beta) / n, sign * gradient(beta)


def distance(sign=-1):
    """½ d/dt ‖w₁ − w₂‖² = −(s₁ − s₂)ᵀ(β₁ − β₂)/n."""
    rate = (y - X * b1) / n - (y - X * b2) / n
    return (w1 - w2).T * rate, sign * (X.T * w1 - X.T * w2).T * (b1 - b2) / n


def monotone(bound=1):
    """(s₁ − s₂)(β₁ − β₂) ≥ 0 for subgradients of |·|."""
    pairs = ((s, x), (s2, x2))
    hypotheses = [sp.Abs(p) <= bound for p, _ in pairs] + [sp.Eq(p * q, sp.Abs(q)) for p, q in pairs]
    return hypotheses, (s - s2) * (x - x2) >= 0


def no_distance(grows=False):
    """A non-increasing non-negative quantity that starts at 0 stays 0."""
    start, now, change = sp.symbols("D_0 D_t I", real=True)
    hypotheses = [
        sp.Eq(start, 0),
        sp.Eq(now, start + change),
        now >= 0,
        change >= 0 if grows else change <= 0,
    ]
    return hypotheses, sp.Eq(now, 0)


def same_gradient(sign=-1):
    """∇L(β₁) − ∇L(β₂) = M(β₁ − β₂), and (β₁ − β₂)ᵀM(β₁ − β₂) = ‖X(β₁ − β₂)‖²/n."""
    return (b1 - b2).T * (gradient(b1) + sign * gradient(b2)), square(X * (b1 - b2)) / n


PROOF = Proof(
    statement="inverse-scale-space",
    title="Inverse scale space",
    latex=r"s'=-\nabla L(\beta),\quad s\in\partial\|\beta\|_1,\quad s(0)=0 \qquad\text{(unique in } s,\ X\beta)",
    source="BMBO13; PF23, Section 4",
    assumptions=(
        "A solution of the inverse scale space flow has absolutely continuous s, and s' = −∇L(β), "
        "s ∈ ∂‖β‖₁ for almost all t.",
    ),
    imports=("subdifferential",),
    steps=(
        Step(
            "The limit process moves s with velocity −∇L(β), which is Xᵀw' for w' = (y − Xβ)/n, and keeps "
            "s ∈ ∂‖β‖₁ (subdifferential, step 8). So it is a solution, with s = Xᵀw.",
            r"X^{\top}\tfrac1n(y-X\beta)=-\nabla L(\beta)",
            VectorIdentity(velocity),
            mutant=VectorIdentity(lambda: velocity(sign=1)),
        ),
        Step(
            "For two solutions, lifted to w₁ and w₂ from w = 0 in this way, the distance changes at the following rate.",
            r"\tfrac12\tfrac{d}{dt}\|w_1-w_2\|^2=-\tfrac1n(s_1-s_2)^{\top}(\beta_1-\beta_2)",
            VectorIdentity(distance),
            mutant=VectorIdentity(lambda: distance(sign=1)),
            uses=(1,),
            facts=("Xᵀ is injective on range(X), so that Xβ is integrable where ∇L(β) is",),
        ),
        Step(
            "Subgradients are monotone: in every coordinate the product of the differences is non-negative.",
            r"|s_k|\le1,\ s_k\beta_k=|\beta_k| \;\Rightarrow\; (s_1-s_2)(\beta_1-\beta_2)\ge0",
            Entails(monotone),
            mutant=Entails(lambda: monotone(bound=2)),
        ),
        Step(
            "So ‖w₁ − w₂‖² starts at 0, does not increase and is not negative: w₁ = w₂ and s₁ = s₂ at all times.",
            r"D(0)=0,\ D\ge0,\ D(t)=D(0)+\int_0^tD'\le D(0) \;\Rightarrow\; D(t)=0",
            Entails(no_distance),
            mutant=Entails(lambda: no_distance(grows=True)),
            uses=(2, 3),
        ),
        Step(
            "Hence s₁' = s₂' almost everywhere, that is ∇L(β₁) = ∇L(β₂), and then ‖X(β₁ − β₂)‖ = 0.",
            r"(\beta_1-\beta_2)^{\top}(\nabla L(\beta_1)-\nabla L(\beta_2))=\tfrac1n\|X(\beta_1-\beta_2)\|^2",
            VectorIdentity(same_gradient),
            mutant=VectorIdentity(lambda: same_gradient(sign=1)),
            uses=(4,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
