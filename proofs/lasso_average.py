"""The running average of the limit path and the lasso.

Theorem.  Let β̄(t) = (1/t)∫₀ᵗ β.  Then −t∇L(β̄(t)) = s(t) for every t > 0.  Consequently β̄(t)
solves the lasso min L(b) + λ‖b‖₁ with λ = 1/t if and only if s_i β̄_i = |β̄_i| for all i; and
this is the case as long as no coordinate has left the active set or changed its sign.

Source: B25.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, b, beta, d, gradient, loss, n, square
from saddlesym.theorems.proof import Proof, Step, main

t, tau, lam = sp.symbols("t tau lambda", positive=True)
s, x, c, g, h = sp.symbols("s_i bar_i b_i g_i h", real=True)
mean, dual = sp.MatrixSymbol("m", d, 1), sp.MatrixSymbol("s", d, 1)


def one_more_dwell(weight=t):
    """With s = −t∇L(m), a dwell of length τ at β gives −(t + τ)∇L of the new average."""
    new_mean = (weight * mean + tau * beta) / (t + tau)
    return -t * gradient(mean) - tau * gradient(beta), -(t + tau) * gradient(new_mean)


def quadratic(factor=1):
    return loss(b) - loss(beta), gradient(beta).T * (b - beta) + factor * square(X * (b - beta)) / (2 * n)


def lasso_gap(complementary=True):
    """g(b − m) + λ(|b| − |m|) ≥ 0 with g = −λ s, |s| ≤ 1 and s m = |m|."""
    hypotheses = [sp.Abs(s) <= 1, sp.Eq(g, -lam * s)]
    if complementary:
        hypotheses.append(sp.Eq(s * x, sp.Abs(x)))
    return hypotheses, g * (c - x) + lam * (sp.Abs(c) - sp.Abs(x)) >= 0


def shrink(violated=True):
    """If s m < |m|, shrinking m_i by the factor 1 − κ lowers the lasso objective for small κ."""
    k, size = sp.symbols("kappa M_ii", positive=True)
    gap = sp.Abs(x) - s * x
    hypotheses = [sp.Eq(g, -lam * s), sp.Eq(h, -k * x), k < 1]
    hypotheses.append(k * size * x**2 < 2 * lam * gap if violated else k * size * x**2 < 1 + 2 * lam * gap)
    return hypotheses, h * g + size * h**2 / 2 + lam * ((1 - k) * sp.Abs(x) - sp.Abs(x)) < 0


def kept_sign(kept=True):
    """Adding τβ with the same s keeps s·S = |S| for the sum S = t·β̄."""
    total, value = sp.symbols("S_i beta_i", real=True)
    hypotheses = [sp.Eq(sp.Abs(s), 1), s * total >= 0]
    return hypotheses + ([s * value >= 0] if kept else []), sp.Eq(
        s * (total + tau * value), sp.Abs(total + tau * value)
    )


def first_time(scale=1):
    """Before the first jump s = t r: |s_i| ≤ 1 while t ≤ 1/R, R = max|r_i|, and |s_i| reaches 1 then if |r_i| = R."""
    r, top = sp.symbols("r_i R", real=True)
    stays = sp.Implies(t * top <= scale, sp.Abs(s) <= 1)
    arrives = sp.Implies(sp.Eq(sp.Abs(r), top), sp.Equivalent(sp.Abs(s) >= 1, t * top >= 1))
    return [sp.Abs(r) <= top, top > 0, sp.Eq(s, t * r)], sp.And(stays, arrives)


PROOF = Proof(
    statement="lasso-average",
    title="The average of the path and the lasso",
    latex=r"-t\,\nabla L(\bar\beta(t))=s(t),\qquad \bar\beta(t)=\tfrac1t\int_0^t\beta",
    source="B25",
    assumptions=("(β, s) is produced by the limit process; X and y are arbitrary.",),
    imports=("subdifferential",),
    steps=(
        Step(
            "∇L is affine. If −t∇L(m) = s(t) for the average m of the path up to t, then after a further time τ at "
            "the saddle β the new average m' = (tm + τβ)/(t + τ) has −(t + τ)∇L(m') = s(t) − τ∇L(β) = s(t + τ).",
            r"-t\nabla L(m)-\tau\nabla L(\beta)=-(t+\tau)\,\nabla L\Big(\frac{tm+\tau\beta}{t+\tau}\Big)",
            VectorIdentity(one_more_dwell),
            mutant=VectorIdentity(lambda: one_more_dwell(weight=2 * t)),
        ),
        Step(
            "On the first dwell m = β = 0 and s = −t∇L(0): the claim holds. By induction over the dwells it holds "
            "at all times. In particular s = tr on the first dwell, and with R = max|r_i| the first jump comes at 1/R = "
            "1/λ_max: the lasso solution is 0 exactly for λ ≥ R.",
            r"|r_i|\le R,\ s_i=tr_i \;\Rightarrow\; (tR\le1\Rightarrow|s_i|\le1),\ "
            r"(|r_i|=R\Rightarrow(|s_i|\ge1\iff tR\ge1))",
            Entails(first_time),
            mutant=Entails(lambda: first_time(scale=2)),
            uses=(1,),
        ),
        Step(
            "The lasso objective at b exceeds that at β̄ by a sum of terms g_i(b_i − β̄_i) + λ(|b_i| − |β̄_i|) and "
            "a squared norm, g = ∇L(β̄).",
            r"L(b)-L(\bar\beta)=\nabla L(\bar\beta)^{\top}(b-\bar\beta)+\tfrac1{2n}\|X(b-\bar\beta)\|^2",
            VectorIdentity(quadratic),
            mutant=VectorIdentity(lambda: quadratic(factor=2)),
        ),
        Step(
            "With λ = 1/t step 2 says g_i = −λs_i. If s_i β̄_i = |β̄_i|, each term is non-negative: β̄ solves the lasso.",
            r"g_i=-\lambda s_i,\ |s_i|\le1,\ s_i\bar\beta_i=|\bar\beta_i| \;\Rightarrow\; "
            r"g_i(b_i-\bar\beta_i)+\lambda(|b_i|-|\bar\beta_i|)\ge0",
            Entails(lasso_gap),
            mutant=Entails(lambda: lasso_gap(complementary=False)),
            uses=(2, 3),
        ),
        Step(
            "If s_i β̄_i < |β̄_i| for some i, shrinking β̄_i by a small factor κ lowers the objective: β̄ does not "
            "solve the lasso; the hypothesis on κ is met by every small κ.",
            r"h=-\kappa\bar\beta_i,\ \kappa M_{ii}\bar\beta_i^2<2\lambda(|\bar\beta_i|-s_i\bar\beta_i) \;\Rightarrow\; "
            r"hg_i+\tfrac12M_{ii}h^2-\lambda\kappa|\bar\beta_i|<0",
            Entails(shrink),
            mutant=Entails(lambda: shrink(violated=False)),
            uses=(2, 3),
        ),
        Step(
            "Suppose no coordinate has left or changed sign up to t. If β̄_i ≠ 0, coordinate i has entered, and since "
            "then β_i s_i = |β_i| > 0 with s_i = ±1 fixed (subdifferential, step 6). The sum t β̄_i of non-negative "
            "multiples of s_i has s_i β̄_i = |β̄_i|; if β̄_i = 0 this is trivial.",
            r"|s|=1,\ sS\ge0,\ s\beta\ge0 \;\Rightarrow\; s(S+\tau\beta)=|S+\tau\beta|",
            Entails(kept_sign),
            mutant=Entails(lambda: kept_sign(kept=False)),
            uses=(4,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
