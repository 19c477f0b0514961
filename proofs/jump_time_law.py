"""Jump-time law: T_k = Λt_k + c_k + O(α^κ), and the constants c_k in closed form.

Theorem.  Let (s, β) be a limit path (see the explicit rate), (z, β^α) the flow in natural time T,
Λ = ln(1/α).  Assume of every dwell considered, with saddle b, S = supp b and g = ∇L(b): the
columns in S are independent, and inside the dwell |s_i| < 1 wherever b_i = 0 and g_i = 0.
Then there are vectors d_0 = 0, d_1, d_2, … that do not depend on α such that, for some κ > 0
and uniformly for t in a compact part of dwell k (t = 0 included for k = 0),

    z(Λt) = Λs(t) + d_k + O(α^κ),        β^α(t) = β_k + O(α^κ).

Let coordinate j reach its bound at the jump time t_{k+1}, with g_j = ∇L(β_k)_j ≠ 0.  The
straight line that z_j follows on dwell k meets ±Λ at the natural time

    T_{k+1} = Λ t_{k+1} + c_{k+1} + O(α^κ),        c_{k+1} = d_{k,j}/g_j,

and for every small enough η > 0 so does, with another constant, the time near Λt_{k+1}
(θ = T − Λt_{k+1} ≥ −ρΛ, ρ > 0 as in the proof) at which |β_j| passes η.  Closed form: if no coordinate leaves, that is, if at every jump up to the k-th all
coordinates with |s_i| = 1 are active afterwards, then with S = supp β_k

    d_k = M_{:S} M_SS⁻¹ ℓ,        ℓ_i = ½ sign(β_i) ln(2|β_i|),

so that c_{k+1} is a rational combination of logarithms of rationals.

Idea.  Near a jump, y = z − Λs(t_{k+1}) obeys a system without α, up to a power of α.  That
system is a contraction too.  It has one orbit y* that comes in along the line of dwell k; the
orbit goes out, exponentially fast, along a line of the direction of dwell k + 1, whose offset
is d_{k+1}.  Local errors only add, so the flow follows y* to within a power of α.

Source: statement observed numerically in this project; proof of this project.
"""

import sympy as sp

from saddlesym.theorems.claims import All, Entails, Identity, Limit, Sign, VectorIdentity
from saddlesym.theorems.diagonal.notation import LIMIT_PATH
from saddlesym.theorems.proof import Proof, Step, main

y, z, g, s, theta, x, eps = sp.symbols("y z g s theta x epsilon", real=True)
Lam, gamma, K = sp.symbols("Lambda gamma K", positive=True)
half = sp.Rational(1, 2)
alpha = sp.exp(-Lam)

d, m = sp.symbols("d m", integer=True, positive=True)
M = sp.MatrixSymbol("M", d, d)


def vector(name, size=d):
    """A column of symbolic length."""
    return sp.MatrixSymbol(name, size, 1)


def half_square(share=half):
    """½uᵀMu at u + εη, as a quadratic in ε."""
    p, eta = vector("u"), vector("eta")

    def energy(c):
        return half * c.T * M * c

    return energy(p + eps * eta) - energy(p), eps * (M * p).T * eta + eps**2 * share * eta.T * M * eta


def defect_adds(factor=1):
    """From N·N' ≤ −m + N·D with m ≥ 0 and N > 0: N' ≤ D."""
    N = sp.Symbol("N", positive=True)
    speed, mono, D = (
        sp.Symbol("v", real=True),
        sp.Symbol("m", nonnegative=True),
        sp.Symbol("D", nonnegative=True),
    )
    return [N * speed <= -mono + N * D], speed <= factor * D


def limit_link(sign):
    """The link of the α-free system at a coordinate with s = sign."""
    return sign * sp.exp(2 * sign * y) / 2


def links_increase(direction=1):
    """Derivatives of α² sinh 2z and of ½σe^{2σy}; the second is 2|B|."""
    full = direction * alpha**2 * sp.sinh(2 * z)
    return [
        ("sinh", Sign(lambda: sp.diff(full, z).subs(sp.cosh(2 * z), sp.Symbol("C", positive=True)), ">")),
        ("limit", Identity(lambda: [(sp.diff(limit_link(c), y), 2 * c * limit_link(c)) for c in (1, -1)])),
        ("positive", Sign(lambda: [direction * sp.exp(2 * c * y) for c in (1, -1)], ">")),
    ]


def shifted_link(power=4):
    """α² sinh(2Λσ + 2y) = ½σe^{2σy} − ½σα⁴e^{−2σy} for σ = ±1, and the bound for |σ| < 1."""
    rest = sp.exp(2 * Lam * (s - 1) + 2 * y) / 2 - alpha**2 * sp.sinh(2 * Lam * s + 2 * y)
    return [
        *(
            (
                alpha**2 * sp.sinh(2 * Lam * c + 2 * y),
                limit_link(c) - c * alpha**power * sp.exp(-2 * c * y) / 2,
            )
            for c in (1, -1)
        ),
        (rest, alpha**2 * sp.exp(-2 * Lam * s - 2 * y) / 2),
    ]


def arrives(sign=-1):
    """s = σ − τg with |s| ≤ 1 for a τ < 0 (before the jump), σ = ±1, g ≠ 0: σg < 0."""
    tau = sp.Symbol("tau", negative=True)
    return [sp.Eq(sp.Abs(s), 1), sp.Ne(g, 0), sp.Abs(s - tau * g) <= 1], sign * s * g > 0


def leaves(sign=1):
    """s = σ − τg with |s| ≤ 1 for a τ > 0 (after the jump), σ = ±1, g ≠ 0: σg > 0."""
    tau = sp.Symbol("tau", positive=True)
    return [sp.Eq(sp.Abs(s), 1), sp.Ne(g, 0), sp.Abs(s - tau * g) <= 1], sign * s * g > 0


def exact_on_support(factor=half):
    """½σe^{2σℓ} = σ|b| for ℓ = ½σ ln(2|b|)."""
    b = sp.Symbol("b", positive=True)
    return [(limit_link(c).subs(y, factor * c * sp.log(2 * b)), c * b) for c in (1, -1)]


def defect_integral(rate=2):
    """The integral of Ke^{2γθ} from −∞ is K/(2γ)·e^{2γθ}, and vanishes at −∞."""
    total = K / (2 * gamma) * sp.exp(rate * gamma * theta)
    return [
        ("derivative", Identity(lambda: (sp.diff(total, theta), K * sp.exp(2 * gamma * theta)))),
        ("at −∞", Limit(lambda: (total, theta, -sp.oo, "+", 0))),
    ]


def powers_of_alpha(sign=1):
    """α^p·e^{2C(1+ρΛ)} = e^{2C}α^{p−2Cρ}, and Λα^q → 0 for q > 0."""
    p, C, rho, q = sp.symbols("p C rho q", positive=True)
    total = alpha**p * sp.exp(2 * C * (1 + rho * Lam))
    return [
        ("exponent", Identity(lambda: (total, sp.exp(2 * C) * sp.exp(-Lam * (p - 2 * C * rho))))),
        ("length", Limit(lambda: (Lam * sp.exp(-sign * q * Lam), Lam, sp.oo, "-", 0))),
    ]


def errors_add(count=3):
    """‖flow − y*‖ at the end of the window: start, line, defect."""
    total, first, line, start, defect, e = sp.symbols("t f l s d e", nonnegative=True)
    given = [first <= start + line, total <= first + defect, start <= e, line <= e, defect <= e]
    return given, total <= count * e


def link_decays(factor=2):
    """ln(2|B|) = 2σ(δ − gθ + e) with |e| ≤ D, θ ≥ 0: at most 2(|δ|+D) − 2γθ if σg ≥ γ."""
    delta, e, D = sp.symbols("delta e D", real=True)
    given = [sp.Eq(sp.Abs(s), 1), sp.Abs(e) <= D, theta >= 0, s * g >= gamma]
    return given, 2 * s * (delta - g * theta + e) <= factor * (sp.Abs(delta) + D) - 2 * gamma * theta


def link_stays(factor=2):
    """And of size at most 2(|δ|+D) if g = 0: |B| stays between two positive constants."""
    delta, e, D = sp.symbols("delta e D", real=True)
    given = [sp.Eq(sp.Abs(s), 1), sp.Abs(e) <= D]
    return given, sp.Abs(2 * s * (delta + e)) <= factor * (sp.Abs(delta) + D)


def bounded_link(factor=2):
    """The two cases, by whether g vanishes."""
    return [
        ("leaving", Entails(lambda: link_decays(factor))),
        ("active", Entails(lambda: link_stays(factor))),
    ]


def energy_rate(leaving=half):
    """2|B|·x(−g − x) is at most ½|B|g², and −2|B|x² if g = 0; here x = (Mη)_i."""
    size, c = sp.symbols("B c", positive=True)
    return [
        ("leaving", Entails(lambda: ([], 2 * size * x * (-g - x) <= leaving * size * g**2))),
        ("active", Entails(lambda: ([sp.Eq(g, 0), size >= c], 2 * size * x * (-g - x) <= -2 * c * x**2))),
    ]


def squares(share=half):
    """(a + b)² ≥ ½a² − b²."""
    p, q = sp.symbols("a b", real=True)
    return [], (p + q) ** 2 >= share * p**2 - q**2


def energy_decays(factor=1):
    """G' ≤ −2cQ + K₁e, Q ≥ ½l·h − K₂e, μ(h + K₃e) ≥ G give G' ≤ −(cl/μ)G + (K₁ + 2cK₂ + clK₃)e."""
    c, lam, mu, e = sp.symbols("c l mu e", positive=True)
    rate, q, h, G = sp.symbols("r Q h G", real=True)
    k1, k2, k3, decay = sp.symbols("k_1 k_2 k_3 a", nonnegative=True)
    given = [rate <= -2 * c * q + k1 * e, q >= lam * h / 2 - k2 * e, mu * (h + k3 * e) >= G]
    given += [sp.Eq(decay * mu, c * lam)]
    return given, rate <= -factor * decay * G + (k1 + 2 * c * k2 + c * lam * k3) * e


def gronwall(rate=1):
    """With c ≤ a, c ≤ γ, G ≥ 0: (Ge^{cθ})' = e^{cθ}(G' + cG), and G' + cG ≤ Ke^{−2γθ}."""
    c = sp.Symbol("c", positive=True)
    G = sp.Function("G")(theta)
    speed, value, a, e = sp.symbols("r G a e", real=True)
    given = [speed <= -rate * a * value + K * e, value >= 0, c <= a]
    return [
        ("product", Identity(lambda: (sp.diff(G * sp.exp(c * theta), theta),
                                      sp.exp(c * theta) * (sp.diff(G, theta) + c * G)))),
        ("bound", Entails(lambda: (given, speed + c * value <= K * e))),
    ]  # fmt: skip


def settles(rate=1):
    """The tail of ∫Ke^{−cθ/2} is (2K/c)e^{−cθ/2} and vanishes."""
    c = sp.Symbol("c", positive=True)
    tail = 2 * K / c * sp.exp(-rate * c * theta / 2)
    return [
        ("derivative", Identity(lambda: (sp.diff(tail, theta), -K * sp.exp(-c * theta / 2)))),
        ("at ∞", Limit(lambda: (tail, theta, sp.oo, "-", 0))),
    ]


def in_dwell_time(speed=1):
    """Λσ − gθ + d = Λ(σ − (t − t*)g) + d for θ = Λ(t − t*)."""
    t, start, shift = sp.symbols("t t_star d_i", real=True)
    return (Lam * s - speed * g * theta + shift).subs(theta, Lam * (t - start)), (
        Lam * (s - (t - start) * g) + shift
    )


def meets_the_bound(sign=1):
    """σΛ − (T − Λt*)g + d = σΛ at T = Λt* + d/g."""
    T, start, shift = sp.symbols("T t_star d_j", real=True)
    slope = sp.Symbol("g", nonzero=True)
    line = s * Lam - (T - Lam * start) * slope + shift
    return line.subs(T, Lam * start + sign * shift / slope), s * Lam


def passes(slope=1):
    """|y − y*| ≤ e where both rise at least at the rate m: they pass a level within e/m."""
    rise, e, first, second, level, at_first = sp.symbols("m e a b L v", real=True)
    # y*(a) = L, y(b) = L; y has the value v at a, and rises by at least m|a − b| from there
    given = [
        rise > 0,
        sp.Abs(at_first - level) <= e,
        sp.Abs(at_first - level) >= slope * rise * sp.Abs(second - first),
    ]
    return given, rise * sp.Abs(second - first) <= e


def nested(copies=1):
    """For d_k = Cp, (d_k)_F = Bp: d_k + C B⁻¹(ℓ − Bp) = C B⁻¹ℓ, with C = M_{:F}, B = M_FF."""
    C, B = sp.MatrixSymbol("C", d, m), sp.MatrixSymbol("B", m, m)
    p, log = vector("p", m), vector("ell", m)
    return C * p + C * B.I * (log - copies * B * p), C * B.I * log


PROOF = Proof(
    statement="jump-time-law",
    title="Jump-time law",
    latex=r"T_{k+1}(\alpha) = \Lambda t_{k+1}+c_{k+1}+O(\alpha^\kappa),\quad c_{k+1}=d_{k,j}/g_j,\quad"
    r" z(\Lambda t) = \Lambda s(t)+d_k+O(\alpha^\kappa)",
    source="this project",
    assumptions=(
        "The setting of the explicit rate: 0 < α < 1, u(0) = √2·α·1, v(0) = 0; X and y are arbitrary.",
        LIMIT_PATH,
        "The columns of the support of each saddle are linearly independent.",
        "Inside each dwell, |s_i| < 1 wherever β_i = 0 and ∇L(β)_i = 0.",
        "For the closed form: no coordinate leaves up to the jump.",
    ),
    imports=("mirror-flow", "explicit-rate", "convergence"),
    steps=(
        Step(
            "Contraction with a defect. Let y' = r − MB(y) and ŷ' = r − MB(ŷ) + Mδ, with B non-decreasing "
            "in each coordinate and y − ŷ in the range of M at the start. Then y − ŷ = Mu with u' = −(B(y) "
            "− B(ŷ)) − δ, and with η = u' the identity gives the derivative of ½N², N = ‖y − ŷ‖_{M⁺}: it "
            "is at most −m + N‖δ‖_M with m = (y − ŷ)ᵀ(B(y) − B(ŷ)) ≥ 0.",
            r"\tfrac{d}{d\theta}\tfrac12\|y-\hat y\|_{M^+}^2 ="
            r" -(y-\hat y)^{\!\top}(B(y)-B(\hat y))-(y-\hat y)^{\!\top}\delta",
            VectorIdentity(half_square, symmetric=("M",)),
            mutant=VectorIdentity(lambda: half_square(share=1), symmetric=("M",)),
            facts=("Cauchy–Schwarz inequality for M (explicit rate, step 18)",),
        ),
        Step(
            "So, where N > 0, N' ≤ ‖δ‖_M, and N grows by at most the integral of ‖δ‖_M: local errors only "
            "add.",
            r"N' \le \|\delta\|_M",
            Entails(defect_adds),
            mutant=Entails(lambda: defect_adds(factor=half)),
            uses=(1,),
        ),
        Step(
            "This applies to the flow, with B_i = α² sinh 2z_i, and to the limit system, with B_i = "
            "½σ_ie^{2σ_iy_i} for i in a set F with signs σ_i and B_i = 0 elsewhere: both links are "
            "increasing, the latter with the derivative e^{2σy} = 2|B|. Along both the loss does not "
            "increase, so that solutions exist for all later times, as in step 2 of the explicit rate.",
            r"\bigl(\tfrac12\sigma e^{2\sigma y}\bigr)' = e^{2\sigma y} = 2|B| > 0",
            All(links_increase),
            mutant=All(lambda: links_increase(direction=-1)),
            uses=(2,),
        ),
        Step(
            "Take a jump at t*, σ = s(t*), F the set where |σ_i| = 1, θ = T − Λt*, and y = z − Λσ, which "
            "has y' = r − Mβ. For i in F, β_i differs from the link of the limit system by ½α⁴e^{−2σy}; "
            "for i not in F (say σ_i ≥ 0), β_i is at most ½α^{2(1−|σ_i|)}e^{2|y_i|} in size.",
            r"\alpha^2\sinh(2\Lambda\sigma+2y) = \tfrac12\sigma e^{2\sigma y}-\tfrac12\sigma\alpha^4e^{-2\sigma y}",
            Identity(shifted_link),
            mutant=Identity(lambda: shifted_link(power=2)),
            uses=(3,),
        ),
        Step(
            "Incoming line. Let b, S, g belong to the dwell before t*, and d_k be its offset, with (d_k)_i "
            "= ½σ_i ln(2|b_i|) on S (induction; nothing is required for b = 0). On ℓ(θ) = d_k − gθ the "
            "limit link equals b on S, where g = 0.",
            r"\tfrac12\sigma e^{2\sigma\ell} = b \quad\text{for}\quad \ell=\tfrac12\sigma\ln(2|b|)",
            Identity(exact_on_support),
            mutant=Identity(lambda: exact_on_support(factor=1)),
            uses=(4,),
        ),
        Step(
            "A coordinate i of F outside S has g_i ≠ 0 by assumption, and arrives from inside: σ_ig_i < 0. "
            "So |B_i(ℓ)| = ½e^{2σ_i(d_k)_i}e^{2|g_i|θ}: for θ ≤ 0, ℓ solves the limit system up to a "
            "defect of size Ke^{2γθ}, γ the least of these |g_i|.",
            r"\sigma_ig_i < 0",
            Entails(arrives),
            mutant=Entails(lambda: arrives(sign=1)),
            uses=(5,),
        ),
        Step(
            "Its integral from −∞ to θ ≤ 0 is (K/2γ)e^{2γθ}. Let y_N solve the limit system from y_N(−N) = "
            "ℓ(−N). By step 2 it stays within that distance of ℓ, and two of them, y_N and y_{N'} with N' "
            "> N, stay within (K/2γ)e^{−2γN} of each other for θ ≥ −N. So y_N converges, uniformly for θ "
            "bounded below, to a solution y* with ‖y* − ℓ‖ ≤ (K/2γ)e^{2γθ}. It does not depend on α.",
            r"\|y^*(\theta)-\ell(\theta)\|_{M^+} \le \tfrac K{2\gamma}e^{2\gamma\theta}",
            All(defect_integral),
            mutant=All(lambda: defect_integral(rate=1)),
            uses=(2, 6),
            facts=("a locally uniform limit of solutions of an ODE is a solution",),
        ),
        Step(
            "Outgoing side. Let b, S, g now belong to the dwell after t*; S lies in F. A coordinate of F "
            "outside S has g_i ≠ 0 by assumption and moves inside: σ_ig_i > 0.",
            r"\sigma_ig_i > 0",
            Entails(leaves),
            mutant=Entails(lambda: leaves(sign=-1)),
            uses=(4,),
        ),
        Step(
            "Let δ = M_{:S}M_SS⁻¹ℓ with ℓ_i = ½σ_i ln(2|b_i|), so that δ = ℓ on S. As in steps 5 and 6 the "
            "line δ − gθ solves the limit system for θ ≥ 0 up to a defect Ke^{−2γθ}, which is integrable: "
            "e = y* − (δ − gθ) is bounded in ‖·‖_{M⁺}, and |e_i| ≤ D for all i. Hence on F outside S "
            "|B_i(y*)| falls like e^{−2γθ}, and on S it stays between two positive constants. (The check "
            "is on ln(2|B_i|) = 2σ_iy*_i.)",
            r"\ln(2|B_i(y^*)|) = 2\sigma_i(\delta_i-g_i\theta+e_i) \le 2(|\delta_i|+D)-2\gamma\theta",
            All(bounded_link),
            mutant=All(lambda: bounded_link(factor=1)),
            uses=(2, 5, 8),
        ),
        Step(
            "Let η = B(y*) − b, so that y*' = −g − Mη, and G = ½‖η‖²_M, whose derivative is (Mη)ᵀη' (step "
            "1) with η_i' = 2|B_i|y*_i' (step 3). A coordinate of S, where g_i = 0 and |B_i| ≥ c, adds at "
            "most −2c(Mη)_i²; one of F outside S adds at most ½|B_i|g_i², which falls like e^{−2γθ}.",
            r"2|B|x(-g-x) \le \tfrac12|B|g^2",
            All(energy_rate),
            mutant=All(lambda: energy_rate(leaving=half / 2)),
            uses=(1, 3, 9),
        ),
        Step(
            "(Mη)_S = M_SSη_S + a rest, which is a constant times the η_i outside S and falls like "
            "e^{−2γθ}. By the inequality, Q = |(Mη)_S|² ≥ ½|M_SSη_S|² − K₂e^{−2γθ}, and |M_SSη_S|² ≥ "
            "l|η_S|² with l > 0 as M_SS is definite.",
            r"(a+b)^2 \ge \tfrac12a^2-b^2",
            Entails(squares),
            mutant=Entails(lambda: squares(share=2)),
            uses=(9,),
        ),
        Step(
            "G ≤ μ(|η_S|² + K₃e^{−2γθ}) with μ bounding the form M. So G' ≤ −aG + Ke^{−2γθ} with a = cl/μ "
            "> 0.",
            r"G' \le -aG+Ke^{-2\gamma\theta}",
            Entails(energy_decays),
            mutant=Entails(lambda: energy_decays(factor=2)),
            uses=(10, 11),
        ),
        Step(
            "With c = min(a, γ), (Ge^{cθ})' ≤ Ke^{(c−2γ)θ} ≤ Ke^{−γθ}, which is integrable; so G ≤ (G(0) + "
            "K/γ)e^{−cθ}.",
            r"G(\theta) \le (G(0)+K/\gamma)\,e^{-c\theta}",
            All(gronwall),
            mutant=All(lambda: gronwall(rate=half)),
            uses=(12,),
        ),
        Step(
            "Hence ‖y*' + g‖_{M⁺} = √(2G) ≤ K'e^{−cθ/2}, and y* + gθ tends to a limit d_{k+1}, with the "
            "error (2K'/c)e^{−cθ/2}. Since η → 0 on S (by step 11), B(y*) → b there, and by step 5 "
            "(d_{k+1})_i = ½σ_i ln(2|b_i|) for i in S, as the induction requires.",
            r"\|y^*(\theta)+g\theta-d_{k+1}\|_{M^+} \le \tfrac{2K'}ce^{-c\theta/2}",
            All(settles),
            mutant=All(lambda: settles(rate=2)),
            uses=(5, 11, 13),
        ),
        Step(
            "Both lines grow linearly, so |y*_i| ≤ C(1 + |θ|). For |θ| ≤ ρΛ the defect of y* in the "
            "equation of the flow is, by step 4, of the order of α⁴e^{2C(1+ρΛ)} or "
            "α^{2(1−|σ_i|)}e^{2C(1+ρΛ)}: for ρ small, a positive power of α, also after multiplication by "
            "the length 2ρΛ.",
            r"\alpha^pe^{2C(1+\rho\Lambda)} = e^{2C}\alpha^{p-2C\rho},\quad \Lambda\alpha^q\to0",
            All(powers_of_alpha),
            mutant=All(lambda: powers_of_alpha(sign=-1)),
            uses=(4, 7, 14),
        ),
        Step(
            "Through the jump. At θ = −ρΛ, in the dwell before, the flow is within O(α^κ) of the line "
            "(induction), and y* within O(α^{2γρ}) by step 7. By steps 2 and 15 it is then within O(α^κ) "
            "of y* for |θ| ≤ ρΛ, with another κ > 0.",
            r"\|z-\Lambda\sigma-y^*\|_{M^+} = O(\alpha^\kappa) \quad (|\theta|\le\rho\Lambda)",
            Entails(errors_add),
            mutant=Entails(lambda: errors_add(count=2)),
            uses=(2, 7, 15),
        ),
        Step(
            "At θ = ρΛ, by step 14, z is within O(α^κ) of Λσ − gθ + d_{k+1}, which is Λs(t) + d_{k+1} at t "
            "= t* + ρ. From there to any t inside the dwell compare with Λs + d_{k+1}: by step 4 its links "
            "differ from b by O(α⁴) on S, and by O(α^{2κ}) elsewhere, where |s_i| ≤ 1 − 2κ (convergence, "
            "step 23, and the assumption); over the time Λ(t − t*) this adds a power of α. The first dwell "
            "starts at z = 0 exactly, with d_0 = 0. Induction proves the formula for z, and β_i = α² sinh "
            "2z_i the one for β^α.",
            r"\Lambda\sigma-g\theta+d = \Lambda s(t)+d",
            Identity(in_dwell_time),
            mutant=Identity(lambda: in_dwell_time(speed=2)),
            uses=(2, 4, 14, 15, 16),
        ),
        Step(
            "The line z_j = Λσ_j − (T − Λt*)g_j + d_{k,j} meets Λσ_j = ±Λ at T = Λt* + d_{k,j}/g_j. This "
            "is the jump-time law.",
            r"T_{k+1} = \Lambda t_{k+1}+d_{k,j}/g_j+O(\alpha^\kappa)",
            Identity(meets_the_bound),
            mutant=Identity(lambda: meets_the_bound(sign=-1)),
            uses=(17,),
        ),
        Step(
            "Thresholds. As θ → −∞, y* tends to ℓ and y*' to −g; so for θ ≤ θ_1 both y*_j and, by step 16, "
            "z_j rise towards σ_jΛ at least at a rate m = |g_j|/3, and |β_j| passes every η below its "
            "value at θ_1 once there. The flow and y* differ by O(α^κ), so they pass η at times θ ≥ −ρΛ "
            "that differ by O(α^κ): the time near Λt* is Λt* + θ_η + O(α^κ), θ_η not depending on α.",
            r"m\,|\theta-\theta_\eta| \le |z_j-\Lambda\sigma_j-y^*_j| = O(\alpha^\kappa)",
            Entails(passes),
            mutant=Entails(lambda: passes(slope=half)),
            uses=(7, 16),
        ),
        Step(
            "Closed form. y* − ℓ has the derivative −M(B(y*) − b_k) with support in F, and g_{k+1} − g_k = "
            "M_{:F}(b_{k+1} − b_k)_F lies in the range of M_{:F} too; so d_{k+1} − d_k = M_{:F}v. If all of F is active after the jump, step 14 gives d_{k+1} on F, so v = M_FF⁻¹(ℓ − "
            "d_k)_F. If so at each jump before, d_k = M_{:F}p by induction, and d_{k+1} = M_{:F}M_FF⁻¹ℓ.",
            r"d_k+M_{:F}M_{FF}^{-1}(\ell-d_k)_F = M_{:F}M_{FF}^{-1}\ell",
            VectorIdentity(nested, symmetric=("B",)),
            mutant=VectorIdentity(lambda: nested(copies=2), symmetric=("B",)),
            uses=(7, 14),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
