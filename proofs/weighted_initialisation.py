"""Weighted initialisation: the shape of the initialisation sets the thresholds of the path.

Theorem.  Let u_i(0) = √2·α^{κ_i} with κ_i > 0, v(0) = 0, otherwise the setting of the explicit
rate (all κ_i = 1).  Then β_i = α^{2κ_i} sinh(2z_i), z' = −∇L(β), z(0) = 0; put
s^α(t) = z(Λt)/Λ.  A weighted limit path has s(0) = 0, s continuous, s' = −∇L(β) on dwells
where β is constant, and s(t) ∈ ∂(Σκ_i|β_i(t)|): |s_i| ≤ κ_i, and s_i = κ_i sign β_i where
β_i ≠ 0.  So coordinate i becomes active when |s_i| reaches κ_i.  For all 0 < α < 1 and t ≥ 0

    ‖s^α(t) − s(t)‖²_{M⁺} ≤ (2/Λ) ∫₀ᵗ Σ_i [C(β_i) + α^{4κ_i}/(4e)] dτ =: ε(t)²,

with C(b) as in the explicit rate; and on the dwell of a saddle b that starts at t_k, with
ρ² = 2(L(0) − min L),

    Σκ_i|β^α_i(t)| ≤ 4ρ²t + ½Σκ_iα^{κ_i},      L(β^α(t)) − L(b) ≤ η_k/(t − t_k),
    η_k = ‖b‖_M ε(t_k) + [Σ|b_i| ln(1+2|b_i|) + (4ρ²t_k + ½Σκ_iα^{κ_i})/min κ]/(2Λ).

So β^α tends to the weighted path, uniformly on compacts that avoid the jump times, under the
uniqueness assumption of the convergence theorem.  The weighted path of (X, y) is the plain
path of the columns X_i/κ_i: with σ_i = s_i/κ_i, β̃_i = κ_iβ_i.  It ends at a global minimiser
of least Σκ_i|β_i|.

Source: PF23, discussion of the initialisation; statement and proof of this project.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Limit, VectorIdentity, along
from saddlesym.theorems.proof import Proof, Step, main

z, Z, beta, b, g, s, x = sp.symbols("z Z beta b g s x", real=True)
Lam, kappa, t = sp.symbols("Lambda kappa t", positive=True)
reach = sp.Symbol("r", positive=True)  # κΛ
half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)
scale = sp.exp(-reach)  # α^κ

n, d, m = sp.symbols("n d m", integer=True, positive=True)


def link(z):
    """β of one coordinate as a function of its dual variable."""
    return scale**2 * sp.sinh(2 * z)


def solves_the_flow(rate=2):
    """With p = (u+v)²/2 = α^{2κ}e^{2z}, q = (u−v)²/2 = α^{2κ}e^{−2z}, β = (p−q)/2."""
    u, v, eps = sp.symbols("u v epsilon", real=True)
    p, q = (u + v) ** 2 / 2, (u - v) ** 2 / 2
    flow = {u: -g * v, v: -g * u, z: -g}
    start = {u: sp.sqrt(2) * eps, v: 0, z: 0}
    return [
        (along(p * sp.exp(-rate * z), flow), 0),
        (along(q * sp.exp(rate * z), flow), 0),
        (p.subs(start), eps**2),
        (q.subs(start), eps**2),
        ((p - q) / 2, u * v),
        ((scale**2 * sp.exp(2 * z) - scale**2 * sp.exp(-2 * z)) / 2, link(z)),
    ]


def rescaled(weight=1):
    """∇L of the columns X_i/κ_i at κ_iβ_i, with K = diag κ: K⁻¹Xᵀ(XK⁻¹(Kβ) − y)/n = K⁻¹∇L(β)."""
    X, K = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("K", d, d)
    y, p = sp.MatrixSymbol("y", n, 1), sp.MatrixSymbol("beta", d, 1)
    columns, transposed = X * K.I, K.I * X.T  # K is diagonal, so its inverse is symmetric
    scaled_gradient = transposed * (columns * (K * p) - weight * y) / n
    return scaled_gradient, K.I * (X.T * (X * p - y) / n)


def rescaled_signs(bound=kappa):
    """|s| ≤ κ and sβ = κ|β| say |σ| ≤ 1 and σβ̃ = |β̃| for σ = s/κ, β̃ = κβ."""
    given = [sp.Abs(s) <= bound, sp.Eq(s * beta, kappa * sp.Abs(beta))]
    return given, sp.And(sp.Abs(s / kappa) <= 1, sp.Eq(s / kappa * (kappa * beta), sp.Abs(kappa * beta)))


def layer(width=4):
    """(κΛ − z)(β(z) − b) in the layer variable x = κΛ − z."""
    profile = sp.exp(-2 * x) / 2 - scale**width * sp.exp(2 * x) / 2 - b
    return (reach - z) * (link(z) - b), (x * profile).subs(x, reach - z)


def inactive(bound=1):
    """−(z − Z°)β ≤ max(κΛ − |z|, 0)·|β| when β has the sign of z and |Z°| ≤ κΛ."""
    given = [sp.Abs(Z) <= bound * reach, sp.Implies(z >= 0, beta >= 0), sp.Implies(z <= 0, beta <= 0)]
    return given, -(z - Z) * beta <= sp.Max(reach - sp.Abs(z), 0) * sp.Abs(beta)


def second_tail(constant=quarter):
    """½qy e^{−2y} ≤ q/(4e) from y e^{−2y} ≤ 1/(2e), with q = α^{4κ}."""
    product, q, inverse_e = (
        sp.Symbol("p", real=True),
        sp.Symbol("q", positive=True),
        sp.Symbol("i", positive=True),
    )
    return [product <= inverse_e / 2], q * product / 2 <= constant * inverse_e * q


def integrated(power=2):
    """E ≤ Λ·I gives 2E/Λ² ≤ 2I/Λ."""
    E, integral = sp.symbols("E I", nonnegative=True)
    return [Lam * integral >= E], 2 * E / Lam**power <= 2 * integral / Lam


def tail(factor=2):
    """½e^{−2(κΛ−y)} − α^{2κ} sinh 2y = ½α^{2κ}e^{−2y} > 0, with y = Λσ."""
    y = sp.Symbol("y", nonnegative=True)
    return sp.exp(-2 * (reach - y)) / 2 - link(y), scale**2 * sp.exp(-factor * y) / 2


def l1_coordinate(factor=2):
    """κ|β| ≤ 2sβ + κc, since |s| ≥ κ/2 or |β| ≤ c (c = ½α^κ)."""
    c = sp.Symbol("c", positive=True)
    signs = [sp.Implies(s >= 0, beta >= 0), sp.Implies(s <= 0, beta <= 0)]
    small = sp.Implies(2 * sp.Abs(s) < kappa, sp.Abs(beta) <= c)
    return [*signs, small], kappa * sp.Abs(beta) <= factor * s * beta + kappa * c


def entropy_split(share=half):
    """φ(b) = κΛb + ½[b ln(b + R) − R + a], a = α^{2κ}, so that κΛ = −½ ln a."""
    a, p = sp.symbols("a b", positive=True)
    R = sp.sqrt(p**2 + a**2)
    phi = (p * sp.log((p + R) / a) - R + a) / 2
    split = -share * sp.log(a) * p + (p * sp.log(p + R) - R + a) / 2
    return sp.expand_log(phi, force=True), split


def start_of_dwell(entropy_share=half):
    """D/Λ ≤ ‖b‖_M ε + (Σ b ln(1+2b) + ‖β‖₁)/(2Λ), and ‖β‖₁ ≤ W/min κ."""
    D, eps_k, size, K, l1, W, norm = sp.symbols("D epsilon m K l W n", nonnegative=True)
    slope = sp.Symbol("q", real=True)
    least = sp.Symbol("c", positive=True)
    given = [
        Lam * (norm - slope) + entropy_share * K + l1 / 2 >= D,
        norm - slope <= eps_k * size,
        least * l1 <= W,
    ]
    return given, D / Lam <= size * eps_k + (K + W / least) / (2 * Lam)


def vanishes(weight=1):
    """½exp(−2(cΛ − r√Λ)) → 0 as Λ → ∞, c = κ_i − |s_i| > 0."""
    c, r, y = sp.symbols("c r y", positive=True)  # y = √Λ
    return sp.exp(-2 * (weight * c * y**2 - r * y)) / 2, y, sp.oo, "-", 0


def least_norm(bound=1):
    """s_i c_i ≤ κ_i|c_i| for any c, from |s_i| ≤ κ_i."""
    c = sp.Symbol("c", real=True)
    return [sp.Abs(s) <= bound * kappa], s * c <= kappa * sp.Abs(c)


def same_pairing(copies=1):
    """sᵀc = sᵀβ for s = Mv and Mc = Mβ = r: both are vᵀr."""
    M = sp.MatrixSymbol("M", d, d)
    v, c = sp.MatrixSymbol("v", d, 1), sp.MatrixSymbol("c", d, 1)
    return (M * v).T * c, copies * v.T * (M * c)


PROOF = Proof(
    statement="weighted-initialisation",
    title="Weighted initialisation",
    latex=r"|u_i(0)|=\sqrt2\,\alpha^{\kappa_i}:\quad \beta^\alpha\to\beta,\ s'=-\nabla L(\beta),\ "
    r"s\in\partial\bigl(\textstyle\sum_i\kappa_i|\beta_i|\bigr)",
    source="PF23, discussion of the initialisation; proof of this project",
    assumptions=(
        "0 < α < 1, κ_i > 0, u_i(0) = √2·α^{κ_i}, v(0) = 0; X and y are arbitrary.",
        "(s, β) is a weighted limit path, for example from Algorithm 1 on the columns X_i/κ_i.",
        "For the convergence of β: on each dwell β_k is the only minimiser of L under the signs of s.",
    ),
    imports=("explicit-rate", "convergence"),
    steps=(
        Step(
            "With z' = −g, z(0) = 0, the quantities (u+v)²/2·e^{−2z} and (u−v)²/2·e^{2z} are conserved; at "
            "the start both are α^{2κ}. So β = uv, half the difference of the two squares, is α^{2κ} sinh "
            "2z.",
            r"\beta_i = \alpha^{2\kappa_i}\sinh2z_i,\quad z'=-\nabla L(\beta)",
            Identity(solves_the_flow),
            mutant=Identity(lambda: solves_the_flow(rate=1)),
        ),
        Step(
            "A weighted limit path of (X, y) is a plain one of the columns X_i/κ_i with σ_i = s_i/κ_i, "
            "β̃_i = κ_iβ_i: its gradient is ∇L(β)_i/κ_i. So Algorithm 1 on these columns produces it.",
            r"K^{-1}X^{\!\top}(XK^{-1}K\beta-y)/n = K^{-1}\nabla L(\beta),\quad"
            r" K=\operatorname{diag}\kappa",
            VectorIdentity(rescaled),
            mutant=VectorIdentity(lambda: rescaled(weight=2)),
        ),
        Step(
            "And the conditions on the signs correspond.",
            r"|s_i|\le\kappa_i,\ s_i\beta_i=\kappa_i|\beta_i| \;\Leftrightarrow\;"
            r" |\sigma_i|\le1,\ \sigma_i\tilde\beta_i=|\tilde\beta_i|",
            Entails(rescaled_signs),
            mutant=Entails(lambda: rescaled_signs(bound=2 * kappa)),
            uses=(2,),
        ),
        Step(
            "Steps 1 to 4 of the explicit rate do not depend on the scale of β: the flow exists, and half "
            "of ‖z − Z°‖²_{M⁺}, Z° = Λs, grows at the rate −(z − Z°)ᵀ(β − β°). For β°_i = b > 0, where "
            "Z°_i = κΛ, a coordinate contributes the following, with x = κΛ − z.",
            r"(\kappa\Lambda-z)(\alpha^{2\kappa}\sinh2z-b) ="
            r" x\bigl(\tfrac12e^{-2x}-\tfrac12\alpha^{4\kappa}e^{2x}-b\bigr)",
            Identity(layer),
            mutant=Identity(lambda: layer(width=2)),
            uses=(1,),
        ),
        Step(
            "For b = 0 it contributes at most the same in x = κΛ − |z| if x > 0, else 0.",
            r"-(z-Z^\circ)\beta \le \max(\kappa\Lambda-|z|,0)\,|\beta|",
            Entails(inactive),
            mutant=Entails(lambda: inactive(bound=2)),
            uses=(4,),
        ),
        Step(
            "That is the expression of the explicit rate with α^{4κ} for α⁴. By its steps 7 to 13, which "
            "treat x(½e^{−2x} − b), it is at most C(b) + α^{4κ}/(4e).",
            r"\tfrac12\alpha^{4\kappa}ye^{-2y} \le \frac{\alpha^{4\kappa}}{4e}",
            Entails(second_tail),
            mutant=Entails(lambda: second_tail(constant=quarter / 2)),
            uses=(4, 5),
        ),
        Step(
            "Integration over the natural time Λt, and division by Λ², give the bound for the dual variable.",
            r"\|s^\alpha-s\|_{M^+}^2 = \tfrac{2E}{\Lambda^2} \le \varepsilon(t)^2",
            Entails(integrated),
            mutant=Entails(lambda: integrated(power=1)),
            uses=(6,),
        ),
        Step(
            "With σ = |s^α_i|, |β_i| ≤ ½e^{−2Λ(κ−σ)}; at most ½α^κ if σ ≤ κ/2.",
            r"\tfrac12e^{-2\Lambda(\kappa-\sigma)}-\alpha^{2\kappa}\sinh(2\Lambda\sigma) ="
            r" \tfrac12\alpha^{2\kappa}e^{-2\Lambda\sigma}",
            Identity(tail),
            mutant=Identity(lambda: tail(factor=1)),
            uses=(1,),
        ),
        Step(
            "So κ_i|β_i| ≤ 2s^α_iβ_i + ½κ_iα^{κ_i}. The sum is at most 4ρ²t + ½Σκ_iα^{κ_i}, by steps 5 and "
            "6 of the convergence theorem, which do not depend on the scale of β.",
            r"\kappa_i|\beta_i| \le 2s^\alpha_i\beta_i+\tfrac12\kappa_i\alpha^{\kappa_i}",
            Entails(l1_coordinate),
            mutant=Entails(lambda: l1_coordinate(factor=1)),
            uses=(8,),
        ),
        Step(
            "The entropy is that of depth 2 with α^{2κ} for α², so steps 9 to 18 of the convergence "
            "theorem hold with this change. In particular φ(b) ≤ κΛ|b| + ½|b| ln(1+2|b|).",
            r"\varphi(b) = \kappa\Lambda b+\tfrac12\bigl[b\ln(b+R)-R+\alpha^{2\kappa}\bigr],"
            r"\quad R=\sqrt{b^2+\alpha^{4\kappa}}",
            Identity(entropy_split),
            mutant=Identity(lambda: entropy_split(share=1)),
            uses=(1,),
        ),
        Step(
            "At t_k, where Σs_ib_i = Σκ_i|b_i|, the divergence divided by Λ is at most η_k, and L(β^α(t)) "
            "− L(b) ≤ η_k/(t − t_k) follows as in step 15 there.",
            r"\frac{D_0}\Lambda \le \|b\|_M\,\varepsilon(t_k)+\frac{\sum|b_i|"
            r"\ln(1+2|b_i|)+\|\beta^\alpha\|_1}{2\Lambda}"
            r" \le \eta_k",
            Entails(start_of_dwell),
            mutant=Entails(lambda: start_of_dwell(entropy_share=1)),
            uses=(7, 9, 10),
        ),
        Step(
            "Inactive coordinates vanish, |β_i| ≤ ½exp(−2Λ(κ_i − |s_i| − √M_ii ε)), where |s_i| < κ_i. "
            "Steps 20 to 29 of the convergence theorem apply word for word to σ_i = s_i/κ_i in the place "
            "of s_i, and β^α → β.",
            r"\tfrac12e^{-2(c\Lambda-r\sqrt\Lambda)} \to 0",
            Limit(vanishes),
            mutant=Limit(lambda: vanishes(weight=-1)),
            uses=(7, 8, 11),
        ),
        Step(
            "The end: let Mβ = r = Mc. As s = Mv for some v, sᵀc = vᵀMc is vᵀr for every such c, hence "
            "equal to sᵀβ.",
            r"s^{\!\top}c = v^{\!\top}Mc = v^{\!\top}r = s^{\!\top}\beta",
            VectorIdentity(same_pairing, symmetric=("M",)),
            mutant=VectorIdentity(lambda: same_pairing(copies=2), symmetric=("M",)),
        ),
        Step(
            "So Σκ_i|c_i| ≥ sᵀc = sᵀβ = Σκ_i|β_i|: the end of the path has the least weighted norm.",
            r"s_ic_i \le \kappa_i|c_i|",
            Entails(least_norm),
            mutant=Entails(lambda: least_norm(bound=2)),
            uses=(3, 13),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
