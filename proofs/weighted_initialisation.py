"""The shape of the initialisation changes the thresholds and the norm.

Theorem.  Let u_i(0) = √2 α^{κ_i}, κ_i > 0, v(0) = 0.  Then β_i = α^{2κ_i} sinh(2z_i) with z' = −∇L(β),
z(0) = 0; with s = z/Λ, coordinate i is negligible for |s_i| < κ_i as α → 0 and would be unbounded
for |s_i| > κ_i: the threshold ±1 becomes ±κ_i.  The potential divided by Λ tends to Σκ_i|β_i|.
The limit process with these thresholds is, after s_i/κ_i and κ_iβ_i are taken as variables,
the process with thresholds ±1 for the columns x_i/κ_i; so it ends at a minimiser of
Σκ_i|β_i| over the global minimisers of L.

Source: PF23, Section 4 (remark on the initialisation); W20, Section 5.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Limit, VectorIdentity, along
from saddlesym.theorems.notation import X, beta, d, gradient, n, w, y
from saddlesym.theorems.proof import Proof, Step, main

u, v, g, z = sp.symbols("u v g z", real=True)
s, x, t, bound = sp.symbols("s_i beta_i sigma_i B", real=True)
kappa, size, b, omega, excess = sp.symbols("kappa_i Lambda b omega rho", positive=True)
D, Dinv = sp.MatrixSymbol("K", d, d), sp.MatrixSymbol("K", d, d) ** -1


def conserved(power=2):
    return along(u**power - v**2, {u: -g * v, v: -g * u}), 0


def dual_velocity(factor=2):
    """½ arcsinh(β/ω)' with β' = −2√(β² + ω²) g, ω = α^{2κ}."""
    return sp.diff(sp.asinh(z / omega) / 2, z) * (-factor * sp.sqrt(z**2 + omega**2) * g), -g


def velocity_squared(scale=4):
    """(p + q)² = 4(β² + ω²) when u² − v² = 2ω: the velocity β' = −(u² + v²) g."""
    p_plus_q = u**2 + v**2
    return p_plus_q**2 - (u**2 - v**2) ** 2, scale * (u * v) ** 2


def threshold(distance, value):
    """½(e^{−2Λ(κ − s)} − e^{−2Λ(κ + s)}) with κ = s + distance, as Λ → ∞; κ + s is positive."""
    sum_of_both = sp.Symbol("kappa_plus_s", positive=True)
    coordinate = (sp.exp(-2 * size * distance) - sp.exp(-2 * size * sum_of_both)) / 2
    return coordinate, size, sp.oo, "-", value


def exponent(factor=2):
    """e^{−2Λκ} sinh(2Λs) = ½(e^{−2Λ(κ − s)} − e^{−2Λ(κ + s)})."""
    left = sp.exp(-2 * size * kappa) * sp.sinh(factor * size * s)
    return left, (sp.exp(-2 * size * (kappa - s)) - sp.exp(-2 * size * (kappa + s))) / 2


def remainder(factor=1):
    """With ω = e^{−2Λκ} the part of the potential that grows with Λ is Λκb."""
    root = sp.sqrt(b**2 + omega**2)
    phi = (b * (sp.log(b + root) - sp.log(omega)) - root + omega) / 2
    growing = -sp.log(omega) / 2  # Λκ
    return phi - factor * growing * b, (b * sp.log(b + root) - root + omega) / 2


def rescaled_data(sign=-1):
    """X̃ = XK⁻¹, β̃ = Kβ: ∇L̃(β̃) = K⁻¹∇L(β), X̃ᵀw = K⁻¹Xᵀw, X̃β̃ = Xβ."""
    scaled = X * Dinv
    return [
        (scaled.T * (scaled * (D * beta) + sign * y) / n, Dinv * gradient(beta)),
        (scaled.T * w, Dinv * (X.T * w)),
        (scaled * (D * beta), X * beta),
    ]


def same_constraints(scaled=True):
    """|s| ≤ κ and s β = κ|β| say the same of s/κ and κβ with threshold 1."""
    new = [sp.Eq(t * kappa, s) if scaled else sp.Eq(t, s), sp.Eq(bound, kappa * x)]
    original = sp.And(sp.Abs(s) <= kappa, sp.Eq(s * x, kappa * sp.Abs(x)))
    return new, sp.Equivalent(original, sp.And(sp.Abs(t) <= 1, sp.Eq(t * bound, sp.Abs(bound))))


def same_norm(positive=True):
    weight = kappa if positive else -kappa
    return [sp.Eq(bound, weight * x)], sp.Eq(sp.Abs(bound), weight * sp.Abs(x))


PROOF = Proof(
    statement="weighted-initialisation",
    title="Shape of the initialisation",
    latex=r"u_i(0)=\sqrt2\,\alpha^{\kappa_i}:\quad |s_i|\le\kappa_i,\qquad \varphi_\alpha/\Lambda\to\sum_i\kappa_i|\beta_i|",
    source="PF23, Section 4; W20, Section 5",
    assumptions=("Gradient flow on F(u, v) = L(u ⊙ v) from u_i(0) = √2·α^{κ_i}, κ_i > 0, v(0) = 0.",),
    not_covered="the convergence of the flow to the process with thresholds ±κ_i",
    imports=("balancedness", "potential-limit", "minimum-l1"),
    steps=(
        Step(
            "The conservation law does not depend on the start; here it reads u_i² − v_i² = 2ω_i with ω_i = α^{2κ_i}.",
            r"\tfrac{d}{dT}(u_i^2-v_i^2)=0",
            Identity(conserved),
            mutant=Identity(lambda: conserved(power=3)),
        ),
        Step(
            "β_i' = −(u_i² + v_i²) g_i, and u_i² + v_i² = 2√(β_i² + ω_i²).",
            r"(u_i^2+v_i^2)^2-(u_i^2-v_i^2)^2=4u_i^2v_i^2=4\beta_i^2",
            Identity(velocity_squared),
            mutant=Identity(lambda: velocity_squared(scale=2)),
            uses=(1,),
        ),
        Step(
            "So z_i = ½ arcsinh(β_i/ω_i) has z' = −∇L(β) and z(0) = 0, as before, with ω_i in the place of α².",
            r"\tfrac{d}{dT}\,\tfrac12\mathrm{arcsinh}(\beta_i/\omega_i)=-g_i",
            Identity(dual_velocity),
            mutant=Identity(lambda: dual_velocity(factor=1)),
            uses=(2,),
        ),
        Step(
            "With z = Λs and ω_i = e^{−2Λκ_i}, β_i is a difference of two exponentials in Λ.",
            r"\beta_i=e^{-2\Lambda\kappa_i}\sinh(2\Lambda s_i)=\tfrac12\big(e^{-2\Lambda(\kappa_i-s_i)}-e^{-2\Lambda(\kappa_i+s_i)}\big)",
            Identity(exponent),
            mutant=Identity(lambda: exponent(factor=1)),
            uses=(3,),
        ),
        Step(
            "Below the threshold β_i tends to 0. Let s_i > 0 (for s_i < 0 the signs change, for s_i = 0 β_i = 0) and "
            "κ_i = s_i + ρ with ρ > 0.",
            r"\tfrac12\big(e^{-2\Lambda\rho}-e^{-2\Lambda(\kappa_i+s_i)}\big)\to0",
            Limit(lambda: threshold(excess, 0)),
            mutant=Limit(lambda: threshold(-excess, 0)),
            uses=(4,),
        ),
        Step(
            "Above it, κ_i = s_i − ρ > 0, β_i would be unbounded.",
            r"\tfrac12\big(e^{2\Lambda\rho}-e^{-2\Lambda(\kappa_i+s_i)}\big)\to\infty",
            Limit(lambda: threshold(-excess, sp.oo)),
            mutant=Limit(lambda: threshold(excess, sp.oo)),
            uses=(4,),
        ),
        Step(
            "The potential: Λκ_i|b| splits off exactly, as in the potential limit, step 3, and the rest is bounded by "
            "its steps 4 to 9, which hold for every ω in (0, 1]. Division by Λ gives Σκ_i|β_i|.",
            r"\varphi(b)-\Lambda\kappa_ib=\tfrac12\Big[b\ln\!\big(b+\sqrt{b^2+\omega^2}\big)-\sqrt{b^2+\omega^2}+\omega\Big]",
            Identity(remainder),
            mutant=Identity(lambda: remainder(factor=2)),
            uses=(3,),
        ),
        Step(
            "Take K = diag(κ), X̃ = XK⁻¹, β̃ = Kβ, s̃ = K⁻¹s. Gradient, dual variable and fit go over into each other.",
            r"\nabla\tilde L(\tilde\beta)=K^{-1}\nabla L(\beta),\quad \tilde X^{\top}w=K^{-1}X^{\top}w,\quad "
            r"\tilde X\tilde\beta=X\beta",
            VectorIdentity(rescaled_data, symmetric=("K",)),
            mutant=VectorIdentity(lambda: rescaled_data(sign=1), symmetric=("K",)),
        ),
        Step(
            "The thresholds and sign conditions go over as well: the limit process with thresholds ±κ_i for X is the one "
            "with ±1 for X̃.",
            r"\big(|s_i|\le\kappa_i,\ s_i\beta_i=\kappa_i|\beta_i|\big)\iff\big(|\tilde s_i|\le1,\ "
            r"\tilde s_i\tilde\beta_i=|\tilde\beta_i|\big)",
            Entails(same_constraints),
            mutant=Entails(lambda: same_constraints(scaled=False)),
            uses=(8,),
        ),
        Step(
            "Hence it ends at the global minimiser with the least ‖β̃‖₁ = Σκ_i|β_i| (minimum ℓ1, applied to X̃).",
            r"|\tilde\beta_i|=\kappa_i|\beta_i|",
            Entails(same_norm),
            mutant=Entails(lambda: same_norm(positive=False)),
            uses=(9,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
