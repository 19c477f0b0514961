"""The limit process is the steepest-ascent path of the dual of basis pursuit.

Theorem.  Along the limit process w moves with velocity (y − Xβ)/n inside the polytope
K = {w : ‖Xᵀw‖_∞ ≤ 1}.  This velocity is the projection of y/n on the tangent cone of K at
w: among all admissible directions it is the one of steepest ascent of yᵀw, and yᵀw rises
at the rate ‖y − Xβ‖²/n.

Source: PF23, Section 4 (dual picture); the dual of basis pursuit is max yᵀw over K.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, gradient, n, square, y
from saddlesym.theorems.proof import Proof, Step, main

s, g, x, slope = sp.symbols("s_i g_i beta_i q_i", real=True)
tau = sp.MatrixSymbol("tau", n, 1)
v = (y - X * beta) / n


def tangent(kkt=True):
    """On an active face s_i x_iᵀv ≤ 0, where x_iᵀv = −g_i."""
    hypotheses = [sp.Eq(slope, -g), sp.Eq(sp.Abs(s), 1)]
    return hypotheses + ([s * g >= 0] if kkt else []), s * slope <= 0


def face_slope(sign=-1):
    return X.T * v, sign * gradient(beta)


def projection_distance(factor=2):
    """‖y/n − τ‖² − ‖y/n − v‖² = ‖v − τ‖² + (2/n)(Xβ)ᵀ(v − τ)."""
    return square(y / n - tau) - square(y / n - v), square(v - tau) + factor * (X * beta).T * (v - tau) / n


def normal_part(sign=-1):
    """(Xβ)ᵀ(v − τ) = −βᵀ∇L(β) − βᵀ(Xᵀτ)."""
    return (X * beta).T * (v - tau), sign * beta.T * gradient(beta) - beta.T * (X.T * tau)


def summand(admissible=True):
    """−β_i g_i − β_i q_i ≥ 0 for an admissible τ with slopes q = Xᵀτ."""
    hypotheses = [sp.Abs(s) <= 1, sp.Eq(s * x, sp.Abs(x)), sp.Eq(x * g, 0)]
    if admissible:
        hypotheses.append(sp.Implies(sp.Eq(sp.Abs(s), 1), s * slope <= 0))
    return hypotheses, -x * g - x * slope >= 0


def ascent(factor=1):
    """yᵀv = n‖v‖² + (Xβ)ᵀv with (Xβ)ᵀv = −βᵀ∇L(β) = 0."""
    return y.T * v, factor * n * square(v) - beta.T * gradient(beta)


def steepest(projection=True):
    """yᵀτ/n ≤ ‖v‖‖τ‖, attained at τ = v: from yᵀτ/n = vᵀτ + (Xβ)ᵀτ/n and the sign of the last term."""
    yt, vt, normal = sp.symbols("yt vt p", real=True)
    V, T = sp.symbols("V T", nonnegative=True)
    hypotheses = [sp.Eq(yt, vt + normal), vt**2 <= V**2 * T**2]
    return hypotheses + ([normal <= 0] if projection else []), yt <= V * T


PROOF = Proof(
    statement="dual-steepest-ascent",
    title="Steepest ascent of the dual problem",
    latex=r"w'=\tfrac1n(y-X\beta)=P_{T_K(w)}\big(\tfrac1ny\big),\qquad K=\{w:\|X^{\top}w\|_\infty\le1\}",
    source="PF23, Section 4; basis pursuit duality",
    assumptions=("(β, s) is produced by the limit process, s = Xᵀw.",),
    imports=("subdifferential",),
    steps=(
        Step(
            "The slopes of v = (y − Xβ)/n on the faces of K are the entries of −∇L(β).",
            r"X^{\top}v=-\nabla L(\beta)",
            VectorIdentity(face_slope),
            mutant=VectorIdentity(lambda: face_slope(sign=1)),
        ),
        Step(
            "v is admissible, that is in the tangent cone T_K(w) = {τ : s_i x_iᵀτ ≤ 0 where |s_i| = 1}: just after "
            "a jump s_i g_i ≥ 0 there (subdifferential, step 2), and later on the dwell only coordinates with g_i = 0 are left.",
            r"|s_i|=1,\ s_ig_i\ge0 \;\Rightarrow\; s_ix_i^{\top}v=-s_ig_i\le0",
            Entails(tangent),
            mutant=Entails(lambda: tangent(kkt=False)),
            uses=(1,),
        ),
        Step(
            "Compare v with another admissible τ as approximations of y/n; note y/n − v = Xβ/n.",
            r"\|\tfrac yn-\tau\|^2-\|\tfrac yn-v\|^2=\|v-\tau\|^2+\tfrac2n(X\beta)^{\top}(v-\tau)",
            VectorIdentity(projection_distance),
            mutant=VectorIdentity(lambda: projection_distance(factor=1)),
        ),
        Step(
            "The last term is a sum over coordinates.",
            r"(X\beta)^{\top}(v-\tau)=\sum_i\big(-\beta_ig_i-\beta_i\,x_i^{\top}\tau\big)",
            VectorIdentity(normal_part),
            mutant=VectorIdentity(lambda: normal_part(sign=1)),
            uses=(1,),
        ),
        Step(
            "Each summand is non-negative: β_i g_i = 0, and where β_i ≠ 0 we have s_i = sign β_i, so that "
            "β_i x_iᵀτ ≤ 0. Hence no admissible τ is closer to y/n than v: v is the projection.",
            r"s_i\beta_i=|\beta_i|,\ \beta_ig_i=0,\ (|s_i|=1\Rightarrow s_iq_i\le0) \;\Rightarrow\; "
            r"-\beta_ig_i-\beta_iq_i\ge0",
            Entails(summand),
            mutant=Entails(lambda: summand(admissible=False)),
            uses=(2, 3, 4),
        ),
        Step(
            "Steepest ascent: for admissible τ, yᵀτ/n = vᵀτ + (Xβ)ᵀτ/n, where the last term is at most 0 by step "
            "5, and |vᵀτ| ≤ ‖v‖‖τ‖. So no admissible unit direction gains more than ‖v‖.",
            r"\tfrac1ny^{\top}\tau=v^{\top}\tau+p,\ p\le0,\ (v^{\top}\tau)^2\le\|v\|^2\|\tau\|^2 \;\Rightarrow\; "
            r"\tfrac1ny^{\top}\tau\le\|v\|\|\tau\|",
            Entails(steepest),
            mutant=Entails(lambda: steepest(projection=False)),
            uses=(5,),
            facts=("the inequality of Cauchy–Schwarz",),
        ),
        Step(
            "And v itself gains n‖v‖² = ‖y − Xβ‖²/n, since βᵀ∇L(β) = 0.",
            r"y^{\top}v=n\|v\|^2-\beta^{\top}\nabla L(\beta)",
            VectorIdentity(ascent),
            mutant=VectorIdentity(lambda: ascent(factor=2)),
            uses=(1,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
