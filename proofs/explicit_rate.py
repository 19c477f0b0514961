"""Explicit rate: the dual variable of the flow stays within √(2Ct/Λ) of the limit path.

Theorem.  Let 0 < α < 1, Λ = ln(1/α), and let β^α, z be the flow of the diagonal network,
β = α² sinh(2z), z' = −∇L(β), z(0) = 0 (natural time T); put s^α(t) = z(Λt)/Λ.  Let (s, β)
be a limit path: s continuous with s(0) = 0; β constant on each of finitely many dwells per
bounded interval, with s' = −∇L(β) there; and s(t) ∈ ∂‖β(t)‖₁, that is, |s_i| ≤ 1, and
s_i = sign β_i where β_i ≠ 0.  Then the flow exists for all times, and for every t ≥ 0

    ‖s^α(t) − s(t)‖²_{M⁺} ≤ (2/Λ) ∫₀ᵗ Σ_i [C(β_i(τ)) + α⁴/(4e)] dτ ≤ 2Ct/Λ,

    C(b) = ¼ e^{W−1} (1−W)²,  where W ≥ 0 solves W e^W = 2e|b|,

and C is the largest of the sums Σ_i [C(β_i) + α⁴/(4e)] over the dwells up to t.  In
particular C(0) = 1/(4e), and C(b) ≤ |½ ln(2|b|)|·|½ − |b|| for b ≠ 0.

Nothing is assumed of X and y: M may be singular, minimisers need not be unique, and
coordinates may touch ±1 without becoming active.  The norm is ‖Mu‖_{M⁺} = (uᵀMu)^½ on the
range of M, where all differences of dual variables lie.  C(b) is the supremum over x of
x(½e^{−2x} − b), so no smaller constant comes out of this argument.

Idea.  The dual flow is monotone and the limit path is a monotone flow too, driven by the
subdifferential of ‖·‖₁.  Half the squared distance of the two grows at the rate
−(z − Z°)ᵀ(β − β°) with Z° = Λs.  Where the two sign patterns agree this is negative; it can
be positive only in the transition layer of width O(1) around ±Λ, and there by a constant
that does not depend on α.  So over the long time Λt the squared distance grows to O(Λ)
only, and after division by Λ² it vanishes.

Source: theory of monotone flows; PF23, Theorem 2, for the limit.
"""

import sympy as sp

from saddlesym.theorems.claims import All, Entails, Identity, Limit, Sign, SignFrom, VectorIdentity
from saddlesym.theorems.diagonal.notation import LIMIT_PATH
from saddlesym.theorems.proof import Proof, Step, main

z, Z, beta, b, g, x, u, eps = sp.symbols("z Z beta b g x u epsilon", real=True)
Lam, E, t, W, v, h = sp.symbols("Lambda E t W v h", positive=True)
half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)
alpha = sp.exp(-Lam)

n, d = sp.symbols("n d", integer=True, positive=True)
M = sp.MatrixSymbol("M", d, d)


def vector(name):
    """A column of symbolic length d."""
    return sp.MatrixSymbol(name, d, 1)


def matrix_identity(build):
    """A vector identity in which M is symmetric."""
    return VectorIdentity(build, symmetric=("M",))


def link(z):
    """β of one coordinate as a function of its dual variable."""
    return alpha**2 * sp.sinh(2 * z)


def loss_falls(factor=2):
    """g·β' + factor·α² cosh(2z) g² = 0 along z' = −g."""
    return g * sp.diff(link(z), z) * (-g), -factor * alpha**2 * sp.cosh(2 * z) * g**2


def loss_gap(share=half):
    """2(L(β) − L(β*)) and the squared M⁺ norm of ∇L(β) are both (β−β*)ᵀM(β−β*), as Mβ* = r."""
    p, best = vector("beta"), vector("beta_star")

    def loss(c):
        return share * c.T * M * c - (M * best).T * c

    away = p - best
    return [
        (M * p - M * best, M * away),
        (2 * (loss(p) - loss(best)), away.T * M * away),
        (2 * (loss(0 * p) - loss(best)), best.T * M * best),
    ]


def half_square(share=half):
    """½uᵀMu at u + εη, as a quadratic in ε."""
    p, eta = vector("u"), vector("eta")

    def energy(c):
        return half * c.T * M * c

    return energy(p + eps * eta) - energy(p), eps * (M * p).T * eta + eps**2 * share * eta.T * M * eta


def odd(sign=1):
    """Changing the signs of z, Z° and b leaves (z − Z°)(β(z) − b) as it is."""
    return (-z + Z) * (link(-z) + sign * b), (z - Z) * (link(z) - b)


def layer(width=2):
    """(Λ − z)(β(z) − b) in the layer variable x = Λ − z."""
    profile = sp.exp(-width * x) / 2 - alpha**4 * sp.exp(2 * x) / 2 - b
    return (Lam - z) * (link(z) - b), (x * profile).subs(x, Lam - z)


def inactive(bound=Lam):
    """−(z − Z°)β ≤ max(Λ − |z|, 0)·|β| when β has the sign of z and |Z°| ≤ Λ."""
    hypotheses = [sp.Abs(Z) <= bound, sp.Implies(z >= 0, beta >= 0), sp.Implies(z <= 0, beta <= 0)]
    return hypotheses, -(z - Z) * beta <= sp.Max(Lam - sp.Abs(z), 0) * sp.Abs(beta)


def tangent(slope=1):
    """e^t ≥ 1 + t on both half lines."""
    return [
        ("t > 0", SignFrom(lambda: (sp.exp(h) - 1 - slope * h, h, 0))),
        ("t < 0", SignFrom(lambda: (sp.exp(-h) - 1 + slope * h, h, 0))),
    ]


def hump(peak=2):
    """1/(2e) − y e^{−2y} = ½ e^{−2y} (e^{2y−1} − 2y), here with y = h."""
    return 1 / (2 * sp.E) - h * sp.exp(-2 * h), sp.exp(-2 * h) * (sp.exp(2 * h - 1) - peak * h) / 2


def second_tail(constant=quarter):
    """For x = −y < 0 the term −½α⁴ x e^{2x} = ½α⁴ y e^{−2y} is at most α⁴/(4e)."""
    product, a4 = sp.Symbol("p", real=True), sp.Symbol("q", positive=True)  # y e^{-2y}, alpha^4
    inverse_e = sp.Symbol("i", positive=True)
    return [product <= inverse_e / 2], a4 * product / 2 <= constant * inverse_e * a4


def centred_at_the_peak(scale=quarter):
    """The substitution x = (1 − W − u)/2, b = ½ W e^{W−1}."""
    centre, level = (1 - W - u) / 2, W * sp.exp(W - 1) / 2
    return centre * (sp.exp(-2 * centre) / 2 - level), scale * sp.exp(W - 1) * (1 - W - u) * (sp.exp(u) - W)


def peak(excess=0):
    """(1−W)² − (1−W−u)(e^u − W) ≥ 0 for every real u, the two half lines apart."""
    w = sp.Symbol("W", nonnegative=True)

    def right():
        return (1 - w) ** 2 - (1 - w - h) * (sp.exp(h) - w) - excess, h, 0

    def left():  # u = −h, multiplied by e^h
        return sp.expand(sp.exp(h) * ((1 - w) ** 2 - (1 - w + h) * (sp.exp(-h) - w) - excess)), h, 0

    return [("u > 0", SignFrom(right)), ("u < 0", SignFrom(left))]


def lambert(direction=1):
    """W e^W grows strictly from 0 to infinity, so that W is well defined."""
    grows = direction * W * sp.exp(W)
    return [
        ("start", Identity(lambda: (grows.subs(W, 0), 0))),
        ("growth", Sign(lambda: sp.diff(grows, W), ">")),
        ("range", Limit(lambda: (grows, W, sp.oo, "-", sp.oo))),
    ]


def at_zero(value=1 / (4 * sp.E)):
    """C(0), and b = ½ W e^{W−1} written as in the theorem."""
    w = sp.Symbol("W", real=True)
    constant = quarter * sp.exp(w - 1) * (1 - w) ** 2
    return [(constant.subs(w, 0), value), (2 * sp.E * (w * sp.exp(w - 1) / 2), w * sp.exp(w))]


def coarser(share=1):
    """¼ e (1−W)² ≤ ¼ |l + W − 1|·|1 − W e| with e = e^{W−1} and l = ln W."""
    e, log = sp.Symbol("e", positive=True), sp.Symbol("l", real=True)
    below, above = sp.And(e <= 1, log <= 0), sp.And(e >= 1, log >= 0)
    goal = e * (1 - W) ** 2 <= share * sp.Abs(log + W - 1) * sp.Abs(1 - W * e)
    return [
        ("W < 1", Entails(lambda: ([W < 1, below], goal))),
        ("W >= 1", Entails(lambda: ([W >= 1, above], goal))),
    ]


def coarser_in_b(inside=2):
    """With 2b = W e^{W−1}: ln(2b) = ln W + W − 1 and ½ − b = ½(1 − W e^{W−1})."""
    level = W * sp.exp(W - 1) / 2
    return [
        (sp.expand_log(sp.log(inside * level), force=True), sp.log(W) + W - 1),
        (half - level, half * (1 - W * sp.exp(W - 1))),
    ]


def integrated(power=2):
    """E ≤ Λ·I and I ≤ Ct give 2E/Λ² ≤ 2I/Λ ≤ 2Ct/Λ."""
    integral, C = sp.symbols("I C", nonnegative=True)
    return [Lam * integral >= E, integral <= C * t], sp.And(
        2 * E / Lam**power <= 2 * integral / Lam, 2 * integral / Lam <= 2 * C * t / Lam
    )


def polarised(cross=2):
    """(e − λu)ᵀM(e − λu) as a quadratic in λ."""
    p, q = vector("e"), vector("u")
    away = p - eps * q
    return away.T * M * away, p.T * M * p - cross * eps * p.T * M * q + eps**2 * q.T * M * q


def cauchy_schwarz(power=2):
    """From p − 2λc + λ²q ≥ 0 for all λ, with p, q ≥ 0: c² ≤ pq."""
    p, q, c = sp.symbols("p q c", real=True)

    def at(lam):
        return p - 2 * lam * c + lam**2 * q >= 0

    return [
        ("q > 0", Entails(lambda: ([q > 0, p >= 0, at(c / q)], c**power <= p * q))),
        ("q = 0", Entails(lambda: ([sp.Eq(q, 0), p >= 0, sp.Implies(sp.Ne(c, 0), at((p + 1) / (2 * c)))],
                                   c**power <= p * q))),
    ]  # fmt: skip


PROOF = Proof(
    statement="explicit-rate",
    title="Explicit rate of convergence of the dual variable",
    latex=r"\|s^\alpha(t)-s(t)\|_{M^+}^2 \le \frac{2}{\Lambda}\int_0^t\sum_i\Bigl[C(\beta_i(\tau))"
    r"+\frac{\alpha^4}{4e}\Bigr]d\tau \le \frac{2Ct}{\Lambda},\quad C(b)=\tfrac14e^{W-1}(1-W)^2,"
    r"\ We^W=2e|b|",
    source="this project; the limit is that of PF23, Theorem 2",
    assumptions=(
        "0 < α < 1 and the flow starts from u(0) = √2·α·1, v(0) = 0; X and y are arbitrary.",
        LIMIT_PATH,
    ),
    imports=("mirror-flow",),
    steps=(
        Step(
            "Write the flow in its dual variable (mirror flow): β_i = α² sinh(2z_i), z' = −∇L(β), z(0) = "
            "0. The loss does not increase: g_i β_i' = −2α² cosh(2z_i) g_i² ≤ 0 for g = ∇L(β).",
            r"\tfrac{d}{dT}L(\beta) = -\sum_i 2\alpha^2\cosh(2z_i)\,g_i^2 \le 0",
            Identity(loss_falls),
            mutant=Identity(lambda: loss_falls(factor=1)),
        ),
        Step(
            "Let Mβ* = r. Then ∇L(β) = M(β − β*), and the identities say that ‖∇L(β)‖²_{M⁺} = 2(L(β) − "
            "L(β*)), which by step 1 never exceeds its initial value ρ² = 2(L(0) − L(β*)) = ‖β*‖²_M. Hence "
            "‖z(T)‖_{M⁺} ≤ ρT: z stays bounded on bounded intervals, and the flow, whose right-hand side "
            "is analytic in z, exists for all times.",
            r"2(L(\beta)-L(\beta^*)) = \|\beta-\beta^*\|_M^2 = \|\nabla L(\beta)\|_{M^+}^2 \le \rho^2",
            matrix_identity(loss_gap),
            mutant=matrix_identity(lambda: loss_gap(share=1)),
            uses=(1,),
            facts=(
                "a solution of an ODE that stays bounded on bounded intervals exists for all times",
                "M M⁺ M = M, so that ‖Mu‖²_{M⁺} = uᵀMu",
            ),
        ),
        Step(
            "Let Z°(T) = Λ s(T/Λ) and β°(T) = β(T/Λ) be the limit path in natural time; it satisfies Z°' = "
            "−∇L(β°) on each dwell. With u' = −(β − β°), u(0) = 0 one has z − Z° = Mu, for both sides "
            "vanish at 0 and have the derivative −M(β − β°). So E = ½‖z − Z°‖²_{M⁺} = ½uᵀMu, and the "
            "identity (with η = u') gives its derivative.",
            r"\tfrac{d}{dT}\tfrac12 u^{\!\top}Mu = (Mu)^{\!\top}u' ="
            r" -(z-Z^\circ)^{\!\top}(\beta-\beta^\circ)",
            matrix_identity(half_square),
            mutant=matrix_identity(lambda: half_square(share=1)),
            uses=(2,),
            facts=("M M⁺ M = M, so that ‖Mu‖²_{M⁺} = uᵀMu",),
        ),
        Step(
            "It remains to bound −(z_i − Z°_i)(β_i − β°_i) for each coordinate. The expression is "
            "unchanged when z_i, Z°_i and β°_i all change their signs, so that β°_i = b ≥ 0 without loss "
            "of generality.",
            r"(-z+Z^\circ)(\beta(-z)+b) = (z-Z^\circ)(\beta(z)-b)",
            Identity(odd),
            mutant=Identity(lambda: odd(sign=-1)),
            uses=(3,),
        ),
        Step(
            "Let b > 0. Then s_i = 1 and Z°_i = Λ. In x = Λ − z_i, the distance to the bound, the term is "
            "x(½e^{−2x} − ½α⁴e^{2x} − b).",
            r"(\Lambda-z)(\alpha^2\sinh 2z-b) = x\bigl(\tfrac12e^{-2x}-\tfrac12\alpha^4e^{2x}-b\bigr)",
            Identity(layer),
            mutant=Identity(lambda: layer(width=1)),
            uses=(4,),
        ),
        Step(
            "Let b = 0. Then |Z°_i| ≤ Λ, and β_i has the sign of z_i. The term is at most max(x, 0)·|β_i| "
            "with x = Λ − |z_i|, and by the identity of step 5 for |z_i| this is x(½e^{−2x} − ½α⁴e^{2x}) "
            "if x > 0, and 0 otherwise.",
            r"-(z-Z^\circ)\beta \le \max(\Lambda-|z|,0)\,|\beta|",
            Entails(inactive),
            mutant=Entails(lambda: inactive(bound=2 * Lam)),
            uses=(4, 5),
        ),
        Step(
            "For all real t, e^t ≥ 1 + t, with signs of derivatives on both half lines.",
            r"e^t \ge 1+t",
            All(tangent),
            mutant=All(lambda: tangent(slope=2)),
        ),
        Step(
            "Hence y e^{−2y} ≤ 1/(2e): the difference is ½e^{−2y}(e^{2y−1} − 2y), non-negative by step 7 "
            "with t = 2y − 1.",
            r"\tfrac1{2e}-ye^{-2y} = \tfrac12e^{-2y}\bigl(e^{2y-1}-2y\bigr) \ge 0",
            Identity(hump),
            mutant=Identity(lambda: hump(peak=1)),
            uses=(7,),
        ),
        Step(
            "The term with α⁴ can be dropped at the price of α⁴/(4e): for x ≥ 0 it is −½α⁴xe^{2x} ≤ 0, and "
            "for x = −y < 0 it is ½α⁴ye^{−2y}, at most α⁴/(4e) by step 8.",
            r"-\tfrac12\alpha^4xe^{2x} \le \tfrac{\alpha^4}{4e}",
            Entails(second_tail),
            mutant=Entails(lambda: second_tail(constant=quarter / 2)),
            uses=(5, 6, 8),
        ),
        Step(
            "W e^W grows from 0 to infinity on W ≥ 0, so that W e^W = 2eb has exactly one solution W ≥ 0 "
            "for every b ≥ 0.",
            r"(We^W)' = (1+W)e^W > 0,\quad We^W\to\infty",
            All(lambert),
            mutant=All(lambda: lambert(direction=-1)),
        ),
        Step(
            "With this W, b = ½We^{W−1}; put x = (1 − W − u)/2, where u runs over all reals as x does. "
            "What is left of the term becomes ¼e^{W−1}(1 − W − u)(e^u − W).",
            r"x(\tfrac12e^{-2x}-b) = \tfrac14e^{W-1}(1-W-u)(e^u-W)",
            Identity(centred_at_the_peak),
            mutant=Identity(lambda: centred_at_the_peak(scale=half)),
            uses=(5, 6, 10),
        ),
        Step(
            "For all W ≥ 0 and all real u, (1 − W − u)(e^u − W) ≤ (1 − W)², with equality at u = 0. For u "
            "> 0 the difference and its derivative vanish at 0 and its second derivative is (1 + W + u)e^u "
            "> 0; for u = −h < 0 the same holds of e^h times the difference, whose second derivative is (1 "
            "+ W + Wh)e^h > 0.",
            r"(1-W-u)(e^u-W) \le (1-W)^2",
            All(peak),
            mutant=All(lambda: peak(excess=sp.Rational(1, 100))),
        ),
        Step(
            "So every coordinate contributes at most C(b) + α⁴/(4e), C(b) = ¼e^{W−1}(1−W)²; for an "
            "inactive coordinate, b = 0 and W = 0, this is 1/(4e) (and the α⁴ is not needed, as x > 0).",
            r"-(z_i-Z_i^\circ)(\beta_i-\beta_i^\circ) \le C(\beta_i^\circ)+\tfrac{\alpha^4}{4e},\quad"
            r" C(0)=\tfrac1{4e}",
            Identity(at_zero),
            mutant=Identity(lambda: at_zero(value=1 / (2 * sp.E))),
            uses=(5, 6, 9, 11, 12),
        ),
        Step(
            "Integrate: E(0) = 0 and E' ≤ Σ_i[C(β°_i) + α⁴/(4e)] give E(Λt) ≤ Λ∫₀ᵗΣ_i[C(β_i(τ)) + "
            "α⁴/(4e)]dτ. Since s^α − s = (z − Z°)/Λ, its squared norm is 2E/Λ², which proves the theorem.",
            r"\|s^\alpha-s\|_{M^+}^2 = \tfrac{2E}{\Lambda^2} \le \tfrac2\Lambda\int_0^t\sum_i[\dots]d\tau"
            r" \le \tfrac{2Ct}{\Lambda}",
            Entails(integrated),
            mutant=Entails(lambda: integrated(power=1)),
            uses=(3, 13),
            facts=(
                "E is continuous and piecewise continuously differentiable, hence the integral of its "
                "derivative",
            ),
        ),
        Step(
            "The coarser constant: with ln(2b) = ln W + W − 1 and ½ − b = ½(1 − We^{W−1}) it is compared "
            "in the next step.",
            r"\ln 2b = \ln W+W-1,\quad \tfrac12-b=\tfrac12(1-We^{W-1})",
            Identity(coarser_in_b),
            mutant=Identity(lambda: coarser_in_b(inside=3)),
            uses=(11,),
        ),
        Step(
            "C(b) ≤ |½ ln 2b|·|½ − b| for b > 0: with e = e^{W−1} and l = ln W, which are at most 1 and 0 "
            "for W < 1, at least 1 and 0 for W ≥ 1, the claim is e(1−W)² ≤ |l + W − 1|·|1 − We|.",
            r"\tfrac14e^{W-1}(1-W)^2 \le |\tfrac12\ln 2b|\cdot|\tfrac12-b|",
            All(coarser),
            mutant=All(lambda: coarser(share=half)),
            uses=(15,),
        ),
        Step(
            "For single coordinates the quadratic form M is needed: here for all vectors e, u and numbers λ.",
            r"(e-\lambda u)^{\!\top}M(e-\lambda u) = e^{\!\top}Me-2\lambda"
            r" e^{\!\top}Mu+\lambda^2u^{\!\top}Mu \ge 0",
            matrix_identity(polarised),
            mutant=matrix_identity(lambda: polarised(cross=1)),
        ),
        Step(
            "Hence (Cauchy–Schwarz for M, by the choice of λ) (eᵀMu)² ≤ eᵀMe·uᵀMu. For δ = Mu: |eᵀδ| ≤ "
            "‖e‖_M ‖δ‖_{M⁺}, and with e a unit vector |s^α_i − s_i| ≤ √M_ii·‖s^α − s‖_{M⁺}.",
            r"(e^{\!\top}Mu)^2 \le (e^{\!\top}Me)(u^{\!\top}Mu),\quad"
            r" |\delta_i| \le \sqrt{M_{ii}}\,\|\delta\|_{M^+}",
            All(cauchy_schwarz),
            mutant=All(lambda: cauchy_schwarz(power=1)),
            uses=(17,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
