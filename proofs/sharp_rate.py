"""Sharp rate: on a non-degenerate path the dual variable is within K/Λ of its limit.

Theorem.  In the setting of the explicit rate assume of every dwell up to time t, with saddle
b = β_k, S = supp b and g = ∇L(b): the columns in S are independent; and |s_i| < 1 wherever
b_i = 0 and g_i = 0.  With ℓ_i = ½ sign(b_i) ln(|b_i| + √(b_i² + α⁴)) for i in S put

    δ_k = M_{:S} M_SS⁻¹ ℓ,   ‖δ_k‖²_{M⁺} = ℓᵀ M_SS⁻¹ ℓ   (δ = 0 while b = 0),
    G_k = e^{−2Λ}/(4e) Σ_{i∉S} [sinh(2Λs_i + 2δ_i) at the start − the same at the end]/g_i,

where a term with g_i = 0 is 2Λ(t_{k+1} − t_k) cosh(2Λs_i + 2δ_i), and an unfinished dwell
ends at t.  Let R_0² = 2G_0 and R_k² = (R_{k−1} + ‖δ_k − δ_{k−1}‖)² + 2G_k.  Then on dwell k

    ‖s^α(t) − s(t)‖_{M⁺} ≤ (R_k + ‖δ_k‖)/Λ,

and the numerator stays bounded as α → 0.  So the rate is O(1/Λ) instead of Λ^{−1/2}: in
natural time z stays within a fixed distance of the broken line Λs(T/Λ), and jumps are
displaced by O(1).  With it, (c) of the convergence theorem holds with η_k = O(1/Λ), and an
inactive coordinate obeys |β_i| ≤ ½e^{2√M_ii K} α^{2(1−|s_i|)}.

Remarks (not proved here).  The order is right: the first jump of one coordinate, d = 1, has the
offset ½ ln(2|b|)/Λ for good.  The second assumption is needed: a coordinate that rests at ±1
without being active drifts off like a logarithm of T.

Idea.  Compare with Λs + δ_k instead of Λs.  The shift makes the active coordinates exact, so
that they contribute nothing to the growth of the distance; and an inactive coordinate
contributes e^{−2Λ(1−|s_i|)}, which is of order one only for a natural time 1/|g_i| at either
end of a dwell.

Source: theory of monotone flows; the statement and proof are of this project.
"""

import sympy as sp

from saddlesym.theorems.claims import All, Entails, Identity, Sign, SignFrom, VectorIdentity
from saddlesym.theorems.diagonal.notation import LIMIT_PATH
from saddlesym.theorems.proof import Proof, Step, main

z, Z, beta, g, s, x, eps = sp.symbols("z Z beta g s x epsilon", real=True)
Lam, h, b, a = sp.symbols("Lambda h b a", positive=True)
half = sp.Rational(1, 2)
alpha = sp.exp(-Lam)

d, m = sp.symbols("d m", integer=True, positive=True)
M, B = sp.MatrixSymbol("M", d, d), sp.MatrixSymbol("B", m, m)


def vector(name, size=d):
    """A column of symbolic length."""
    return sp.MatrixSymbol(name, size, 1)


def matrix_identity(build):
    """A vector identity in which M and its block B = M_SS are symmetric."""
    return VectorIdentity(build, symmetric=("M", "B"))


def shift_on_support(copies=1):
    """v_S = M_SS⁻¹ℓ has M_SS v_S = ℓ and vᵀMv = v_SᵀM_SS v_S = ℓᵀM_SS⁻¹ℓ."""
    log = vector("ell", m)
    v, v_transposed = B.I * log, log.T * B.I  # the inverse is symmetric as B is
    return [(B * v, log), (v_transposed * B * v, copies * log.T * B.I * log)]


def exact_when_shifted(power=1):
    """α² sinh(2Λ + 2ℓ) = b for 2ℓ = ln(b + R), R² = b² + a², a = α²."""
    e = ((b + sp.sqrt(b**2 + a**2)) / a) ** power  # e^{2Λ + 2ℓ}
    return a * (e - 1 / e) / 2, b


def half_square(share=half):
    """½(u−v)ᵀM(u−v) when u moves along η and v does not."""
    p, q, eta = vector("u"), vector("v"), vector("eta")

    def energy(c):
        return half * (c - q).T * M * (c - q)

    change = eps * (M * p - M * q).T * eta + share * eps**2 * eta.T * M * eta
    return energy(p + eps * eta) - energy(p), change


def monotone(sign=1):
    """(p − q)(sinh 2p − sinh 2q) = 2(p − q) sinh(p − q) cosh(p + q)."""
    p, q = sp.symbols("p q", real=True)
    return (p - q) * (sp.sinh(2 * p) - sp.sinh(2 * q)), 2 * (p - q) * sp.sinh(p - q) * sp.cosh(p + sign * q)


def product_sign(sign=1):
    """X sinh x, even in x, is positive for x > 0; and cosh > 0."""
    y = sp.Symbol("y", real=True)
    return [
        ("even", Identity(lambda: (-y * sp.sinh(-y), y * sp.sinh(y)))),
        ("sign", Sign(lambda: [sign * h * sp.sinh(h), sp.cosh(y)], ">")),
    ]


def inactive(bound=1):
    """−(z − Z)β ≤ max(|Z| − |z|, 0)·|β| when β has the sign of z."""
    signs = [sp.Implies(z >= 0, beta >= 0), sp.Implies(z <= 0, beta <= 0)]
    return signs, -(z - Z) * beta <= sp.Max(bound * sp.Abs(Z) - sp.Abs(z), 0) * sp.Abs(beta)


def profile(weight=1):
    """α² sinh 2(Z − y) = ½α²e^{2Z}e^{−2y} − ½α²e^{−2(Z−y)}."""
    y = sp.Symbol("y", real=True)
    kept = weight * sp.exp(-2 * Lam + 2 * Z - 2 * y) / 2
    return alpha**2 * sp.sinh(2 * (Z - y)), kept - sp.exp(-2 * Lam - 2 * (Z - y)) / 2


def tangent(slope=1):
    """e^t ≥ 1 + t on both half lines."""
    return [
        ("t > 0", SignFrom(lambda: (sp.exp(h) - 1 - slope * h, h, 0))),
        ("t < 0", SignFrom(lambda: (sp.exp(-h) - 1 + slope * h, h, 0))),
    ]


def hump(peak=2):
    """1/(2e) − y e^{−2y} = ½ e^{−2y} (e^{2y−1} − 2y), here with y = h."""
    return 1 / (2 * sp.E) - h * sp.exp(-2 * h), sp.exp(-2 * h) * (sp.exp(2 * h - 1) - peak * h) / 2


def coordinate_bound(constant=4):
    """y(½qE·f) ≤ qE/(4e) from y f ≤ 1/(2e), and E = e^{2|Z|} ≤ 2cosh 2Z = E + 1/E."""
    q, E, i, C = sp.symbols("q E i C", positive=True)  # α², e^{2|Z|}, 1/e, 2cosh 2Z
    product = sp.Symbol("p", real=True)  # y e^{-2y}
    given = [product <= i / 2, sp.Eq(C, E + 1 / E)]
    return given, q * E * product / 2 <= q * i * C / constant


def antiderivative(factor=2):
    """d/dT [−sinh(2ẑ)/g] = 2cosh 2ẑ for ẑ' = −g."""
    rate = sp.Symbol("g", nonzero=True)
    return sp.diff(-sp.sinh(2 * Z) / rate, Z) * (-rate), factor * sp.cosh(2 * Z)


def one_dwell(growth=2):
    """R_k² = (R + J)² + 2G bounds the distance at the end, from E' integrated and a triangle."""
    R, J, G, first, last, before = sp.symbols("R J G f l p", nonnegative=True)
    given = [before <= R, first <= before + J, last**2 / 2 <= first**2 / 2 + G]
    return given, last**2 <= (R + J) ** 2 + growth * G


def finally_close(power=1):
    """‖z − Λs‖ ≤ ‖z − ẑ‖ + ‖δ‖ divided by Λ."""
    total, R, shift = sp.symbols("t R delta", nonnegative=True)
    return [total <= R + shift], total / Lam**power <= (R + shift) / Lam


def sinh_bound(share=half):
    """½e^y − |sinh y| = ½e^{−y} for y = |argument| ≥ 0."""
    y = sp.Symbol("y", nonnegative=True)
    return [(share * sp.exp(y) - sp.sinh(y), sp.exp(-y) / 2), (sp.sinh(-y), -sp.sinh(y))]


def growth_bound(room=1):
    """Two sinh of size at most ½e^{2Λ+2|δ|}: how much their difference adds to G_k."""
    q, i, D, rate = sp.symbols("q i D r", positive=True)  # e^{-2Λ}, 1/e, e^{2|δ|}, |g|
    first, last = sp.symbols("f l", real=True)
    given = [sp.Abs(first) <= D / (2 * q), sp.Abs(last) <= D / (2 * q)]
    return given, q * i / 4 * (first - last) / rate <= room * i * D / (4 * rate)


def resting(constant=2):
    """Λe^{−2cΛ} ≤ 1/(2ec), from y e^{−2y} ≤ 1/(2e) with y = cΛ."""
    c, i, E = sp.symbols("c i E", positive=True)  # E = e^{-2cΛ}
    return [c * Lam * E <= i / 2], Lam * E <= i / (constant * c)


def log_range(top=1):
    """2b ≤ b + R ≤ 2b + 1 for R² = b² + a², 0 < a ≤ 1, so ℓ lies between ½ln 2b and ½ln(1+2b)."""
    r = sp.Symbol("R", positive=True)
    return [a <= 1, sp.Eq(r**2, b**2 + a**2)], sp.And(2 * b <= b + r, b + r <= 2 * b + top)


def power_of_alpha(factor=2):
    """½exp(−2Λ(1 − s − mK/Λ)) = ½e^{2mK}·α^{2(1−s)}."""
    K, root = sp.symbols("K m", positive=True)
    bound = sp.exp(-2 * Lam * (1 - s - root * K / Lam)) / 2
    return bound, sp.exp(factor * root * K) * sp.exp(-2 * Lam * (1 - s)) / 2


PROOF = Proof(
    statement="sharp-rate",
    title="Sharp rate of convergence of the dual variable",
    latex=r"\|s^\alpha(t)-s(t)\|_{M^+} \le \frac{R_k+\|\delta_k\|_{M^+}}{\Lambda} = O(1/\Lambda)",
    source="this project",
    assumptions=(
        "The setting of the explicit rate: 0 < α < 1, u(0) = √2·α·1, v(0) = 0; X and y are arbitrary.",
        LIMIT_PATH,
        "The columns of the support of each saddle are linearly independent.",
        "On each dwell, |s_i| < 1 wherever β_i = 0 and ∇L(β)_i = 0.",
    ),
    imports=("mirror-flow", "explicit-rate", "convergence"),
    steps=(
        Step(
            "Fix a dwell with saddle b. As M_SS is positive definite, v supported on S with v_S = M_SS⁻¹ℓ "
            "is well defined; δ = Mv agrees with ℓ on S, and ‖δ‖²_{M⁺} = vᵀMv = ℓᵀM_SS⁻¹ℓ.",
            r"M_{SS}v_S = \ell,\quad v^{\!\top}Mv = \ell^{\!\top}M_{SS}^{-1}\ell",
            matrix_identity(shift_on_support),
            mutant=matrix_identity(lambda: shift_on_support(copies=2)),
        ),
        Step(
            "Let ẑ = Z° + δ with Z° = Λs. On S, where Z°_i = Λ sign b_i, it has α² sinh 2ẑ_i = b_i; let "
            "b_i > 0, the other sign being the same.",
            r"\alpha^2\sinh(2\Lambda+2\ell) = b,\quad 2\ell=\ln(b+\sqrt{b^2+\alpha^4})",
            Identity(exact_when_shifted),
            mutant=Identity(lambda: exact_when_shifted(power=2)),
            uses=(1,),
        ),
        Step(
            "As in the explicit rate z − Z° = Mu with u' = −(β − b), so z − ẑ = M(u − v) with v constant "
            "on the dwell; with η = u' the identity gives the derivative of ½‖z − ẑ‖²_{M⁺}, namely −(z − "
            "ẑ)ᵀ(β − b).",
            r"\tfrac{d}{dT}\tfrac12\|z-\hat z\|_{M^+}^2 = -(z-\hat z)^{\!\top}(\beta-b)",
            matrix_identity(half_square),
            mutant=matrix_identity(lambda: half_square(share=1)),
            uses=(1,),
        ),
        Step(
            "For i in S, by step 2, (z_i − ẑ_i)(β_i − b_i) is α² times the following product.",
            r"(p-q)(\sinh2p-\sinh2q) = 2(p-q)\sinh(p-q)\cosh(p+q).",
            Identity(monotone),
            mutant=Identity(lambda: monotone(sign=-1)),
            uses=(2,),
        ),
        Step(
            "The product is not negative. So the active coordinates contribute nothing.",
            r"x\sinh x \ge 0,\ \cosh x > 0 \;\Rightarrow\; -(z_i-\hat z_i)(\beta_i-b_i) \le 0 \quad"
            r" (i\in S)",
            All(product_sign),
            mutant=All(lambda: product_sign(sign=-1)),
            uses=(4,),
        ),
        Step(
            "For i not in S, b_i = 0 and β_i has the sign of z_i; the contribution is at most y|β_i| with "
            "y = |ẑ_i| − |z_i| if y > 0, and at most 0 otherwise.",
            r"-(z-\hat z)\beta \le \max(|\hat z|-|z|,0)\,|\beta|",
            Entails(inactive),
            mutant=Entails(lambda: inactive(bound=half)),
            uses=(3,),
        ),
        Step(
            "With Z = |ẑ_i| and |z_i| = Z − y, |β_i| is at most ½α²e^{2Z}e^{−2y}.",
            r"\alpha^2\sinh2(Z-y) = \tfrac12\alpha^2e^{2Z}e^{-2y}-\tfrac12\alpha^2e^{-2(Z-y)}",
            Identity(profile),
            mutant=Identity(lambda: profile(weight=2)),
            uses=(6,),
        ),
        Step(
            "For all real t, e^t ≥ 1 + t.",
            r"e^t\ge1+t",
            All(tangent),
            mutant=All(lambda: tangent(slope=2)),
        ),
        Step(
            "Hence ye^{−2y} ≤ 1/(2e).",
            r"\tfrac1{2e}-ye^{-2y} = \tfrac12e^{-2y}\bigl(e^{2y-1}-2y\bigr) \ge 0",
            Identity(hump),
            mutant=Identity(lambda: hump(peak=1)),
            uses=(8,),
        ),
        Step(
            "So an inactive coordinate contributes at most α²·2cosh(2ẑ_i)/(4e).",
            r"y\cdot\tfrac12\alpha^2e^{2|\hat z|}e^{-2y} \le \frac{\alpha^2e^{2|\hat z|}}{4e}"
            r" \le \frac{\alpha^2\,2\cosh2\hat z}{4e}",
            Entails(coordinate_bound),
            mutant=Entails(lambda: coordinate_bound(constant=8)),
            uses=(7, 9),
        ),
        Step(
            "In natural time ẑ_i = Λs_i + δ_i moves at the velocity −g_i, so that the integral of 2cosh "
            "2ẑ_i over the dwell is the difference of sinh(2ẑ_i)/g_i between start and end, and 2Λ(t_{k+1} "
            "− t_k)cosh 2ẑ_i if g_i = 0. The sum over the inactive coordinates is G_k.",
            r"\tfrac{d}{dT}\bigl[-\sinh(2\hat z_i)/g_i\bigr] = 2\cosh2\hat z_i",
            Identity(antiderivative),
            mutant=Identity(lambda: antiderivative(factor=1)),
            uses=(10,),
        ),
        Step(
            "At a jump z and Z° are continuous and ẑ moves by δ_k − δ_{k−1}, so the distance grows by at "
            "most its norm J; on the dwell half its square grows by at most G_k. By induction on k, ‖z − "
            "ẑ‖_{M⁺} ≤ R_k on dwell k; at T = 0 it is 0. Within the dwell the same holds with the dwell "
            "ended at t.",
            r"R_k^2 = (R_{k-1}+\|\delta_k-\delta_{k-1}\|)^2+2G_k",
            Entails(one_dwell),
            mutant=Entails(lambda: one_dwell(growth=1)),
            uses=(3, 5, 11),
        ),
        Step(
            "One more triangle inequality, and division by Λ, prove the bound.",
            r"\|s^\alpha-s\| \le \frac{\|z-\hat z\|+\|\delta_k\|}\Lambda \le"
            r" \frac{R_k+\|\delta_k\|}\Lambda",
            Entails(finally_close),
            mutant=Entails(lambda: finally_close(power=-1)),
            uses=(12,),
        ),
        Step(
            "The numerator is bounded as α → 0. First, ℓ_i lies between ½ln(2|b_i|) and ½ln(1 + 2|b_i|), "
            "so ‖δ_k‖ and all |δ_i| are bounded.",
            r"2b \le b+\sqrt{b^2+\alpha^4} \le 2b+1",
            Entails(log_range),
            mutant=Entails(lambda: log_range(top=half)),
            uses=(1,),
            facts=("the logarithm is increasing",),
        ),
        Step(
            "Next, |sinh y| ≤ ½e^{|y|}.",
            r"\tfrac12e^y-\sinh y = \tfrac12e^{-y} > 0",
            Identity(sinh_bound),
            mutant=Identity(lambda: sinh_bound(share=1)),
        ),
        Step(
            "Since |Λs_i| ≤ Λ, a coordinate with g_i ≠ 0 adds at most e^{2|δ_i|}/(4e|g_i|) to G_k.",
            r"\frac{e^{-2\Lambda}}{4e}\cdot\frac{\sinh(\cdot)-\sinh(\cdot)}{g_i} \le"
            r" \frac{e^{2|\delta_i|}}{4e|g_i|}",
            Entails(growth_bound),
            mutant=Entails(lambda: growth_bound(room=half)),
            uses=(11, 15),
        ),
        Step(
            "A coordinate with g_i = 0 and c = 1 − |s_i| > 0 adds at most (t_{k+1} − "
            "t_k)e^{2|δ_i|}/(4e²c), because 2cosh y ≤ 2e^{|y|} and Λe^{−2cΛ} ≤ 1/(2ec) by step 9. So R_k "
            "is bounded, which ends the proof.",
            r"\Lambda e^{-2c\Lambda} \le \frac1{2ec}",
            Entails(resting),
            mutant=Entails(lambda: resting(constant=4)),
            uses=(9, 11),
        ),
        Step(
            "Consequence: with ε(t) = K/Λ bound (b) of the convergence theorem reads |β_i| ≤ ½e^{2√M_ii "
            "K}α^{2(1−|s_i|)}, and (c) holds with η_k = O(1/Λ).",
            r"\tfrac12e^{-2\Lambda(1-|s|-\sqrt{M_{ii}}K/\Lambda)} ="
            r" \tfrac12e^{2\sqrt{M_{ii}}K}\alpha^{2(1-|s|)}",
            Identity(power_of_alpha),
            mutant=Identity(lambda: power_of_alpha(factor=1)),
            uses=(13,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
