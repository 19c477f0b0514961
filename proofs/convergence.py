"""Convergence: the flow tends to the piecewise-constant saddle path, with constants.

Theorem.  Let (s, β) be a limit path as in the explicit rate: s(0) = 0, s continuous,
s' = −∇L(β) on dwells where β is constant, finitely many per bounded interval, s(t) ∈ ∂‖β(t)‖₁.  The output of PF23's Algorithm 1
is one, with at most 2^d dwells.  Let 0 < α < 1, Λ = ln(1/α), β^α(t) the flow in accelerated
time t = T/Λ, β* a global minimiser, ρ² = 2(L(0) − L(β*)), and ε(t) the square root of the
bound 2Ct/Λ of the explicit rate.  Then, with b the saddle of a dwell from t_k to t_{k+1},
g = ∇L(b), and t_k < t < t_{k+1}:

(a) ‖β^α(t)‖₁ ≤ 4ρ²t + dα/2;
(b) |β^α_i(t)| ≤ ½ exp(−2Λ(1 − |s_i(t)| − √M_ii ε(t))) for every i;
(c) −Σ|g_i||β^α_i(t)| ≤ L(β^α(t)) − L(b) ≤ η_k/(t − t_k), with
    η_k = ‖b‖_M ε(t_k) + [Σ|b_i| ln(1+2|b_i|) + 4ρ²t_k + dα/2]/(2Λ);
(d) ½‖β^α(t) − b‖²_M ≤ η_k/(t − t_k) + Σ|g_i||β^α_i(t)|;
(e) if b is the only minimiser of L under its signs (b_i ≥ 0 where s_i = 1, b_i ≤ 0 where
    s_i = −1, b_i = 0 elsewhere, s taken inside the dwell) there is μ > 0 such that, as soon
    as √M_ii ε(t) < 1 for all i, with e the part of β^α(t) where |s_i(t)| < 1,
    ‖β^α(t) − b‖ ≤ ‖e‖ + (‖β^α(t) − b‖_M + ‖e‖_M)/μ.

All right-hand sides tend to 0 as α → 0 ((a) apart), uniformly for t in a compact part of the
open dwell, and on the first dwell for t in a compact part of [0, t_1).  That is PF23's
Theorem 2: β^α → β uniformly on compacts that avoid the jump times.  The loss and Xβ^α
converge without the uniqueness in (e).  The rate is O(Λ^{-1/2}) for the loss.

Remarks (not proved here).  With the uniqueness, (c) to (e) give the rate O(Λ^{-1/4}) for β.

Idea.  The Bregman divergence of the hyperbolic entropy from b falls at the rate of the loss
gap.  After division by Λ it is small at the start of the dwell, since the entropy is nearly
Λ‖·‖₁ and s^α is near s; and the loss does not increase, so it must be near L(b) soon after.

Source: PF23, Theorem 2 and Algorithm 1; the proof and its constants are of this project.
"""

import sympy as sp

from saddlesym.theorems.claims import All, Entails, Identity, Limit, SignFrom, VectorIdentity
from saddlesym.theorems.diagonal.notation import LIMIT_PATH
from saddlesym.theorems.proof import Proof, Step, main

z, b, s, g, beta, eps, x = sp.symbols("z b s g beta epsilon x", real=True)
Lam, h, t = sp.symbols("Lambda h t", positive=True)
half = sp.Rational(1, 2)
alpha = sp.exp(-Lam)

d = sp.Symbol("d", integer=True, positive=True)
M = sp.MatrixSymbol("M", d, d)


def vector(name):
    """A column of symbolic length d."""
    return sp.MatrixSymbol(name, d, 1)


def matrix_identity(build):
    """A vector identity in which M is symmetric."""
    return VectorIdentity(build, symmetric=("M",))


def loss(c, share=half):
    """L(c) − L(0) for r = Mβ*."""
    return share * c.T * M * c - (M * vector("beta_star")).T * c


def link(z):
    """β of one coordinate as a function of its dual variable."""
    return alpha**2 * sp.sinh(2 * z)


# --- Algorithm 1 gives a limit path --------------------------------------------------------


def stays_inside(kkt=sp.Ge):
    """|s − τg| ≤ 1 for 0 ≤ τ ≤ δ, given |s| ≤ 1, the KKT signs, and no earlier hit than δ."""
    tau, delta = sp.symbols("tau delta", nonnegative=True)
    no_hit = sp.And(
        sp.Implies(sp.And(g < 0, s < 1), s - delta * g <= 1),
        sp.Implies(sp.And(g > 0, s > -1), s - delta * g >= -1),
    )
    signs = sp.And(sp.Implies(sp.Eq(s, 1), kkt(g, 0)), sp.Implies(sp.Eq(s, -1), kkt(0, g)))
    return [sp.Abs(s) <= 1, tau <= delta, signs, no_hit], sp.Abs(s - tau * g) <= 1


def complementary(support=True):
    """Where b ≠ 0 the KKT conditions give g = 0, so s keeps the sign of b during the dwell."""
    tau = sp.Symbol("tau", nonnegative=True)
    signs = sp.And(sp.Implies(b > 0, sp.Eq(s, 1)), sp.Implies(b < 0, sp.Eq(s, -1)))
    slack = sp.Implies(sp.Ne(b, 0), sp.Eq(g, 0)) if support else sp.Abs(g) <= 1
    return [signs, slack], sp.Eq((s - tau * g) * b, sp.Abs(b))


def falls(sign=-1):
    """Loss change −|g|ε + ½mε² < 0 along ε·s·e_i for s = −sign g and a small step, e.g. ε = |g|/(m+1)."""
    m = sp.Symbol("m", nonnegative=True)
    step = sp.Symbol("epsilon", positive=True)
    given = [sp.Ne(g, 0), sp.Eq(sp.Abs(s), 1), sign * s * g > 0, sp.Eq(step * (m + 1), sp.Abs(g))]
    return given, step * s * g + half * m * step**2 < 0


def determined(share=half):
    """L(c) − L(b) = ∇L(b)ᵀ(c − b) + ½‖c − b‖²_M; the first term is 0 for c supported where b is."""
    p, q = vector("c"), vector("b")
    gradient, away = M * q - M * vector("beta_star"), p - q
    return loss(p) - loss(q), gradient.T * away + share * away.T * M * away


# --- a-priori bounds -----------------------------------------------------------------------


def pairing(copies=1):
    """zᵀβ = uᵀMβ for z = Mu."""
    u, p = vector("u"), vector("beta")
    return (M * u).T * p, copies * u.T * M * p


def bounded_pairing(factor=2):
    """zᵀβ ≤ ‖z‖‖β‖_M ≤ ρT·2ρ from ‖z‖ ≤ ρT, ‖β−β*‖_M ≤ ρ, ‖β*‖_M = ρ."""
    pair, dual, size, rho, away, T = sp.symbols("p q m rho a T", nonnegative=True)
    given = [pair <= dual * size, dual <= rho * T, away <= rho, size <= away + rho]
    return given, pair <= factor * rho**2 * T


def tail(factor=2):
    """½ e^{−2Λ(1−σ)} − α² sinh(2Λσ) = ½ α² e^{−2Λσ} > 0, here with σ = s."""
    return sp.exp(-2 * Lam * (1 - s)) / 2 - link(Lam * s), alpha**2 * sp.exp(-factor * Lam * s) / 2


def l1_coordinate(factor=2):
    """|β| ≤ 2sβ + α/2, since |s| ≥ ½ or |β| ≤ α/2."""
    a = sp.Symbol("alpha", positive=True)
    small = sp.Implies(sp.Abs(s) < half, sp.Abs(beta) <= a / 2)
    return [sp.Implies(s >= 0, beta >= 0), sp.Implies(s <= 0, beta <= 0), small], (
        sp.Abs(beta) <= factor * s * beta + a / 2
    )


# --- the Bregman divergence ----------------------------------------------------------------


def entropy(p):
    """φ_α of one coordinate."""
    a = sp.Symbol("a", positive=True)  # α²
    return (p * sp.asinh(p / a) - sp.sqrt(p**2 + a**2) + a) / 2


def entropy_derivatives(factor=1):
    """φ' = ½ arcsinh(β/α²), and φ at β = α² sinh 2z."""
    a = sp.Symbol("a", positive=True)
    y = sp.Symbol("y", real=True)
    at = factor * (a * sp.sinh(2 * y) * 2 * y - a * sp.cosh(2 * y) + a) / 2
    legendre = y * a * sp.sinh(2 * y) - a * (sp.cosh(2 * y) - 1) / 2
    return [
        (sp.diff(entropy(b), b), sp.asinh(b / a) / 2),
        ((a * sp.cosh(2 * y)) ** 2, (a * sp.sinh(2 * y)) ** 2 + a**2),
        (at, legendre),
    ]


def divergence(constant=1):
    """φ(b) − φ(β) − z(b − β) = φ(b) − zb + ½α²(cosh 2z − 1) for β = α² sinh 2z."""
    phi = sp.Symbol("phi_b", real=True)
    legendre = z * link(z) - alpha**2 * (sp.cosh(2 * z) - 1) / 2
    return phi - legendre - z * (b - link(z)), phi - z * b + alpha**2 * (sp.cosh(2 * z) - constant) / 2


def convex(share=half):
    """The divergence of b = α² sinh 2y from β = α² sinh 2z, by e^k − 1 − k with k = 2(z−y)."""
    a, Y, K = sp.symbols("a Y K", positive=True)  # α², e^{2y}, e^k
    y, k = sp.symbols("y k", real=True)
    sinh, cosh, cosh_z = (Y - 1 / Y) / 2, (Y + 1 / Y) / 2, (Y * K + 1 / (Y * K)) / 2
    phi = y * a * sinh - a * (cosh - 1) / 2
    lhs = phi - (y + k / 2) * a * sinh + a * (cosh_z - 1) / 2
    return lhs, share * a * (Y * (K - 1 - k) + (1 / K - 1 + k) / Y) / 2


def tangent(slope=1):
    """e^t ≥ 1 + t on both half lines."""
    return [
        ("t > 0", SignFrom(lambda: (sp.exp(h) - 1 - slope * h, h, 0))),
        ("t < 0", SignFrom(lambda: (sp.exp(-h) - 1 + slope * h, h, 0))),
    ]


def divergence_falls(factor=2):
    """d/dT (φ(b) − zb + ½α²(cosh 2z − 1)) = −g(β − b) along z' = −g."""
    phi = sp.Symbol("phi_b", real=True)
    value = phi - z * b + alpha**2 * (sp.cosh(factor * z) - 1) / 2
    return sp.diff(value, z) * (-g), -g * (link(z) - b)


def convexity_of_loss(share=half):
    """∇L(β)ᵀ(β−b) = L(β) − L(b) + ½‖β−b‖²_M."""
    p, q = vector("beta"), vector("b")
    away = p - q
    gradient = M * p - M * vector("beta_star")
    return gradient.T * away, loss(p) - loss(q) + share * away.T * M * away


def loss_after(h_power=1):
    """H(L(β) − L(b)) ≤ ∫(L − L(b)) ≤ D_0 − D_1 with D_1 ≥ 0 bounds the loss gap at the end."""
    H = sp.Symbol("H", positive=True)
    gap, integral, first, last = sp.symbols("l I D_0 D_1", real=True)
    return [H * gap <= integral, integral <= first - last, last >= 0], gap <= first / H**h_power


# --- the divergence at the start of a dwell ------------------------------------------------


def root(bound=1):
    """For R² = b² + a², 0 < a ≤ 1, b, R ≥ 0: a ≤ R ≤ b + a, so b + R ≤ 1 + 2b and R > 0."""
    a = sp.Symbol("a", positive=True)
    r, p = sp.symbols("R b", nonnegative=True)
    return [a <= 1, sp.Eq(r**2, p**2 + a**2)], sp.And(r >= a, r <= p + a, p + r <= bound + 2 * p)


def entropy_split(share=half):
    """φ(b) = Λb + ½[b ln(b + R) − R + α²], R = √(b² + α⁴), using asinh(y) = ln(y + √(y²+1))."""
    a, p = sp.symbols("a b", positive=True)  # a = α², so Λ = −½ ln a
    R = sp.sqrt(p**2 + a**2)
    asinh = sp.log(p / a + R / a)
    phi = (p * (sp.log(p + R) - sp.log(a)) - R + a) / 2
    y = sp.Symbol("y", real=True)
    return [
        (sp.sinh(sp.log(y + sp.sqrt(y**2 + 1))), y),
        ((R / a) ** 2, (p / a) ** 2 + 1),
        (sp.simplify(sp.exp(asinh - sp.log(p + R) + sp.log(a))), 1),
        (phi, -share * sp.log(a) * p + (p * sp.log(p + R) - R + a) / 2),
    ]


def cosh_by_sinh(shift=1):
    """Sinh y − (cosh y − 1) = 1 − e^{−y} for the size y = |2z|; cosh is even."""
    y = sp.Symbol("y", nonnegative=True)
    return [(sp.sinh(y) - (sp.cosh(y) - shift), 1 - sp.exp(-y)), (sp.cosh(-y), sp.cosh(y))]


def start_of_dwell(entropy_share=half):
    """D/Λ ≤ ‖b‖_M ε + (Σ b ln(1+2b) + ‖β‖₁)/(2Λ), from the three bounds."""
    D, eps_k, size, K, l1 = sp.symbols("D epsilon m K l", nonnegative=True)
    slope = sp.Symbol("q", real=True)  # Σ s_i^α b_i
    norm = sp.Symbol("n", nonnegative=True)  # ‖b‖₁ = Σ s_i b_i
    given = [Lam * (norm - slope) + entropy_share * K + l1 / 2 >= D, norm - slope <= eps_k * size]
    return given, D / Lam <= size * eps_k + (K + l1) / (2 * Lam)


# --- from the loss to β --------------------------------------------------------------------


def at_rest(times=2):
    """With |s| ≤ 1 and sb = |b| at two times of a dwell, gb = 0."""
    sigma, t1, t2 = sp.symbols("sigma t_1 t_2", real=True)
    conditions = []
    for time in (t1, t2)[:times]:
        value = sigma - time * g
        conditions += [sp.Abs(value) <= 1, sp.Eq(value * b, sp.Abs(b))]
    return [t1 < t2, *conditions], sp.Eq(g * b, 0)


def loss_split(share=half):
    """L(β) − L(b) = ∇L(b)ᵀβ − ∇L(b)ᵀb + ½‖β − b‖²_M."""
    p, q = vector("beta"), vector("b")
    gradient, away = M * q - M * vector("beta_star"), p - q
    return loss(p) - loss(q), gradient.T * p - gradient.T * q + share * away.T * M * away


def two_sided(factor=1):
    """From L−L(b) = p + q with |p| ≤ A, q ≥ 0, and L−L(b) ≤ B: −A ≤ L−L(b) and q ≤ B + A."""
    gap, p, q, A, B = sp.symbols("l p q A B", real=True)
    given = [sp.Eq(gap, p + q), sp.Abs(p) <= factor * A, q >= 0, gap <= B]
    return given, sp.And(gap >= -A, q <= B + A)


def strictly_inside(lowest=0):
    """A non-constant segment between points of [−1, 1] has its interior in (−1, 1)."""
    s0, s1, theta = sp.symbols("s_0 s_1 theta", real=True)
    given = [sp.Abs(s0) <= 1, sp.Abs(s1) <= 1, sp.Ne(s0, s1), theta >= lowest, theta < 1]
    given += [theta > 0] if lowest == 0 else []
    return given, sp.Abs((1 - theta) * s0 + theta * s1) < 1


def vanishes(weight=1):
    """½ exp(−2(κΛ − c√Λ)) → 0 as Λ → ∞ for κ, c > 0."""
    kappa, c = sp.symbols("kappa c", positive=True)
    y = sp.Symbol("y", positive=True)  # √Λ
    return sp.exp(-2 * (weight * kappa * y**2 - c * y)) / 2, y, sp.oo, "-", 0


def right_sign(closeness=1):
    """|s| = 1 and |s^α − s| < 1 give s^α the sign of s."""
    near = sp.Symbol("s_alpha", real=True)
    return [sp.Eq(sp.Abs(s), 1), sp.Abs(near - s) < closeness], near * s > 0


def other_minimiser(share=half):
    """L(b + εh) − L(b) = ε∇L(b)ᵀh + ½ε²hᵀMh."""
    q, p = vector("b"), vector("h")
    gradient = M * q - M * vector("beta_star")
    return loss(q + eps * p) - loss(q), eps * gradient.T * p + share * eps**2 * p.T * M * p


def still_feasible(limit=1):
    """For b with sb ≥ 0 and h with sh ≥ 0 where b = 0: s(b + εh) ≥ 0 if ε|h| ≤ |b| where b ≠ 0."""
    p = sp.Symbol("h", real=True)
    step = sp.Symbol("epsilon", positive=True)
    given = [sp.Eq(sp.Abs(s), 1), s * b >= 0, sp.Implies(sp.Eq(b, 0), s * p >= 0)]
    given += [sp.Implies(sp.Ne(b, 0), step * sp.Abs(p) <= limit * sp.Abs(b))]
    return given, s * (b + step * p) >= 0


def conclusion(inverse=1):
    """Two triangle inequalities and ‖h‖ ≤ ‖h‖_M/μ for β − b = h + e."""
    mu = sp.Symbol("mu", positive=True)
    total, face, rest, face_M, rest_M, total_M = sp.symbols("t h e h_M e_M t_M", nonnegative=True)
    given = [total <= face + rest, mu * face <= face_M, face_M <= total_M + rest_M]
    return given, total <= rest + inverse * (total_M + rest_M) / mu


def small(power=1):
    """η_k → 0 as Λ → ∞: ε(t_k) = c/√Λ, and the other terms are bounded by K/(2Λ)."""
    c, m, K = sp.symbols("c m K", positive=True)
    y = sp.Symbol("y", positive=True)  # √Λ
    return m * c / y**power + K / (2 * y**2), y, sp.oo, "-", 0


PROOF = Proof(
    statement="convergence",
    title="Convergence to the saddle path",
    latex=r"L(\beta^\alpha(t))-L(\beta_k) \le \frac{\eta_k}{t-t_k},\quad \eta_k=O(\Lambda^{-1/2}),\qquad"
    r" \beta^\alpha\to\beta \text{ uniformly on compacts avoiding the jump times}",
    source="PF23, Theorem 2",
    assumptions=(
        "0 < α < 1 and the flow starts from u(0) = √2·α·1, v(0) = 0; X and y are arbitrary.",
        LIMIT_PATH,
        "For the convergence of β (not of s, Xβ and the loss): on each dwell β_k is the only minimiser of "
        "L under the signs of s.",
        "The minimisers β_k exist (not machine-checked): a convex quadratic that is bounded below attains its minimum "
        "on a polyhedral cone (Frank and Wolfe 1956).",
    ),
    imports=("mirror-flow", "explicit-rate"),
    steps=(
        Step(
            "Algorithm 1 produces a limit path. Its saddle b is a sign-constrained minimiser, so by KKT "
            "g_i = 0 where b_i ≠ 0 and s_i g_i ≥ 0 where |s_i| = 1; and δ is the least time at which some "
            "s_i with g_i ≠ 0 that is not already leaving ±1 gets to ±1. Then |s_i − τg_i| ≤ 1 for 0 ≤ τ ≤ "
            "δ.",
            r"|s_i-\tau g_i| \le 1 \quad (0\le\tau\le\delta)",
            Entails(stays_inside),
            mutant=Entails(lambda: stays_inside(kkt=sp.Le)),
            facts=("conditions of Karush, Kuhn and Tucker for a convex quadratic under sign constraints",),
        ),
        Step(
            "And s_i stays equal to sign(b_i) where b_i ≠ 0. So s(t) ∈ ∂‖b‖₁ during the dwell.",
            r"(s_i-\tau g_i)\,b_i = |b_i|",
            Entails(complementary),
            mutant=Entails(lambda: complementary(support=False)),
            uses=(1,),
        ),
        Step(
            "The loss falls strictly at each jump. The old saddle has the new signs, and some i has g_i ≠ "
            "0 and has hit s_i = −sign(g_i): moving along ε·s_i in coordinate i is allowed, and lowers the "
            "loss.",
            r"L(b+\varepsilon s_ie_i)-L(b) = -\varepsilon|g_i|+\tfrac12\varepsilon^2M_{ii} < 0",
            Entails(falls),
            mutant=Entails(lambda: falls(sign=1)),
            uses=(2,),
        ),
        Step(
            "A saddle b minimises L over all c supported where b is, as g vanishes there. So its loss "
            "depends on its support alone, and by step 3 no support is met twice: the path has at most 2^d "
            "dwells.",
            r"L(c)-L(b) = g^{\!\top}(c-b)+\tfrac12\|c-b\|_M^2 \ge 0 \quad (\operatorname{supp}c\subseteq"
            r"\operatorname{supp}b)",
            matrix_identity(determined),
            mutant=matrix_identity(lambda: determined(share=1)),
            uses=(1, 3),
        ),
        Step(
            "Bound (a). As z is in the range of M, z = Mu, the sum Σz_iβ_i is uᵀMβ, at most ‖z‖_{M⁺}‖β‖_M.",
            r"z^{\!\top}\beta = u^{\!\top}M\beta \le \|z\|_{M^+}\|\beta\|_M",
            matrix_identity(pairing),
            mutant=matrix_identity(lambda: pairing(copies=2)),
            facts=("Cauchy–Schwarz inequality for M (explicit rate, step 18)",),
        ),
        Step(
            "By step 2 of the explicit rate ‖z(T)‖_{M⁺} ≤ ρT, ‖β − β*‖_M ≤ ρ and ‖β*‖_M = ρ. Hence zᵀβ ≤ "
            "2ρ²T, and s^α(t)ᵀβ^α(t) ≤ 2ρ²t after division by Λ.",
            r"z^{\!\top}\beta \le \rho T\cdot 2\rho",
            Entails(bounded_pairing),
            mutant=Entails(lambda: bounded_pairing(factor=1)),
            uses=(5,),
        ),
        Step(
            "For σ = |s^α_i| one has |β_i| = α² sinh(2Λσ) ≤ ½e^{−2Λ(1−σ)}. In particular |β_i| ≤ α/2 for σ "
            "≤ ½.",
            r"\tfrac12e^{-2\Lambda(1-\sigma)}-\alpha^2\sinh(2\Lambda\sigma) ="
            r" \tfrac12\alpha^2e^{-2\Lambda\sigma} > 0",
            Identity(tail),
            mutant=Identity(lambda: tail(factor=1)),
        ),
        Step(
            "β_i has the sign of s^α_i, so |β_i| ≤ 2s^α_iβ_i + α/2 in both cases σ ≥ ½ and σ < ½. The sum "
            "over i, with step 6, is bound (a): ‖β^α(t)‖₁ ≤ 4ρ²t + dα/2.",
            r"|\beta_i| \le 2s^\alpha_i\beta_i+\tfrac\alpha2",
            Entails(l1_coordinate),
            mutant=Entails(lambda: l1_coordinate(factor=1)),
            uses=(6, 7),
        ),
        Step(
            "The entropy φ of one coordinate has the derivative ½ arcsinh(β/α²) = z, and at β = α² sinh "
            "2z, where √(β² + α⁴) = α² cosh 2z, its value is zβ − ½α²(cosh 2z − 1).",
            r"\varphi'(\beta)=\tfrac12\operatorname{arcsinh}(\beta/\alpha^2),\quad"
            r" \varphi(\alpha^2\sinh 2z) = z\beta-\tfrac12\alpha^2(\cosh 2z-1)",
            Identity(entropy_derivatives),
            mutant=Identity(lambda: entropy_derivatives(factor=2)),
        ),
        Step(
            "So its Bregman divergence, D(b, β) = Σ[φ(b_i) − φ(β_i) − z_i(b_i − β_i)], is Σ[φ(b_i) − "
            "z_ib_i + ½α²(cosh 2z_i − 1)].",
            r"D(b,\beta) = \sum_i\varphi(b_i)-z_ib_i+\tfrac{\alpha^2}2(\cosh 2z_i-1)",
            Identity(divergence),
            mutant=Identity(lambda: divergence(constant=2)),
            uses=(9,),
        ),
        Step(
            "For all real t, e^t ≥ 1 + t.",
            r"e^t\ge1+t",
            All(tangent),
            mutant=All(lambda: tangent(slope=2)),
        ),
        Step(
            "D(b, β) ≥ 0: with b_i = α² sinh 2y and k = 2(z − y) a coordinate contributes ¼α²[e^{2y}(e^k − "
            "1 − k) + e^{−2y}(e^{−k} − 1 + k)], non-negative by step 11.",
            r"\tfrac{\alpha^2}4\bigl[e^{2y}(e^k-1-k)+e^{-2y}(e^{-k}-1+k)\bigr] \ge 0",
            Identity(convex),
            mutant=Identity(lambda: convex(share=1)),
            uses=(10, 11),
        ),
        Step(
            "Along the flow, with b fixed and g(T) = ∇L(β(T)), each coordinate of D changes at the rate "
            "−g_i(β_i − b_i).",
            r"\tfrac{d}{dT}D(b,\beta) = -\nabla L(\beta)^{\!\top}(\beta-b)",
            Identity(divergence_falls),
            mutant=Identity(lambda: divergence_falls(factor=1)),
            uses=(10,),
        ),
        Step(
            "The right-hand side is −(L(β) − L(b)) − ½‖β − b‖²_M, at most −(L(β) − L(b)).",
            r"\nabla L(\beta)^{\!\top}(\beta-b) = L(\beta)-L(b)+\tfrac12\|\beta-b\|_M^2",
            matrix_identity(convexity_of_loss),
            mutant=matrix_identity(lambda: convexity_of_loss(share=1)),
            uses=(13,),
        ),
        Step(
            "Upper half of (c). The loss does not increase (explicit rate, step 1), so over the natural "
            "time H = Λ(t − t_k) from the start of the dwell H·(L(β^α(t)) − L(b)) ≤ ∫(L(β) − L(b)) dT, "
            "which by step 14 is at most D_0 − D_1 with D_1 ≥ 0 (step 12). So the loss gap is at most "
            "D_0/(Λ(t − t_k)), where D_0 = D(b, β^α(t_k)).",
            r"L(\beta^\alpha(t))-L(b) \le \frac{D(b,\beta^\alpha(t_k))}{\Lambda(t-t_k)}",
            Entails(loss_after),
            mutant=Entails(lambda: loss_after(h_power=2)),
            uses=(12, 14),
        ),
        Step(
            "Now D_0. As φ is even let b_i ≥ 0. Since arcsinh y = ln(y + √(y²+1)), with R = √(b_i² + α⁴) "
            "one has φ(b_i) = Λb_i + ½[b_i ln(b_i + R) − R + α²].",
            r"\varphi(b) = \Lambda b+\tfrac12\bigl[b\ln(b+R)-R+\alpha^2\bigr]",
            Identity(entropy_split),
            mutant=Identity(lambda: entropy_split(share=1)),
            uses=(9,),
        ),
        Step(
            "Here α² ≤ R and b_i + R ≤ 1 + 2b_i, so φ(b_i) ≤ Λ|b_i| + ½|b_i| ln(1 + 2|b_i|).",
            r"\alpha^2\le R\le b+\alpha^2,\quad \varphi(b) \le \Lambda|b|+\tfrac12|b|\ln(1+2|b|)",
            Entails(root),
            mutant=Entails(lambda: root(bound=half)),
            uses=(16,),
            facts=("the logarithm is increasing",),
        ),
        Step(
            "And ½α²(cosh 2z_i − 1) ≤ ½|β_i|, since cosh y − 1 = sinh y − (1 − e^{−y}) ≤ sinh y for y = "
            "|2z_i| ≥ 0.",
            r"\cosh y-1 = \sinh y-(1-e^{-y}) \le \sinh y",
            Identity(cosh_by_sinh),
            mutant=Identity(lambda: cosh_by_sinh(shift=2)),
        ),
        Step(
            "Σ s_i(t_k)b_i = ‖b‖₁ as s(t_k) ∈ ∂‖b‖₁ by continuity, and Σ(s_i − s^α_i)b_i ≤ ‖s − "
            "s^α‖_{M⁺}‖b‖_M ≤ ε(t_k)‖b‖_M by the explicit rate. With z = Λs^α and steps 17, 18 and 8 this "
            "is D_0/Λ ≤ η_k, and step 15 becomes the upper half of (c).",
            r"\frac{D_0}\Lambda \le \|b\|_M\,\varepsilon(t_k)"
            r"+\frac{\sum|b_i|\ln(1+2|b_i|)+\|\beta^\alpha(t_k)\|_1}{2\Lambda} \le \eta_k",
            Entails(start_of_dwell),
            mutant=Entails(lambda: start_of_dwell(entropy_share=1)),
            uses=(5, 8, 15, 17, 18),
        ),
        Step(
            "Lower half of (c). On a dwell of positive length g_ib_i = 0 for g = ∇L(b): s_i = σ − tg_i "
            "keeps the value sign(b_i) if b_i ≠ 0.",
            r"g_i\,b_i = 0",
            Entails(at_rest),
            mutant=Entails(lambda: at_rest(times=1)),
        ),
        Step(
            "So L(β) − L(b) = gᵀβ + ½‖β − b‖²_M.",
            r"L(\beta)-L(b) = g^{\!\top}\beta-g^{\!\top}b+\tfrac12\|\beta-b\|_M^2",
            matrix_identity(loss_split),
            mutant=matrix_identity(lambda: loss_split(share=1)),
            uses=(20,),
        ),
        Step(
            "With |gᵀβ| ≤ Σ|g_i||β_i| this gives the lower half of (c), and with its upper half (d).",
            r"-\sum|g_i||\beta_i| \le L(\beta)-L(b),\quad"
            r" \tfrac12\|\beta-b\|_M^2 \le \tfrac{\eta_k}{t-t_k}+\sum|g_i||\beta_i|",
            Entails(two_sided),
            mutant=Entails(lambda: two_sided(factor=2)),
            uses=(19, 21),
        ),
        Step(
            "Inside the open dwell |s_i(t)| < 1 wherever g_i ≠ 0, because s_i is linear, not constant, and "
            "|s_i| ≤ 1 up to both ends. A last dwell without end has g = 0, by |s_i| ≤ 1.",
            r"g_i\ne0 \;\Rightarrow\; |s_i(t)| < 1 \quad (t_k<t<t_{k+1})",
            Entails(strictly_inside),
            mutant=Entails(lambda: strictly_inside(lowest=-1)),
        ),
        Step(
            "Bound (b) is step 7 with |s^α_i| ≤ |s_i| + √M_ii ε(t) (explicit rate, step 18). Where 1 − "
            "|s_i| ≥ κ > 0 on a compact part of the dwell it is at most ½e^{−2(κΛ − c√Λ)} and tends to 0 "
            "faster than any power of 1/Λ. On the first dwell b = 0 and |s_i| < 1 for all i and 0 ≤ t < "
            "t_1, and nothing more is needed.",
            r"|\beta^\alpha_i(t)| \le \tfrac12e^{-2\Lambda(1-|s_i(t)|-\sqrt{M_{ii}}\varepsilon(t))} \to"
            r" 0",
            Limit(vanishes),
            mutant=Limit(lambda: vanishes(weight=-1)),
            uses=(7, 23),
        ),
        Step(
            "η_k → 0 as Λ → ∞: its first term is of order Λ^{−1/2}, the others of order 1/Λ. So (c) and "
            "(d) tend to 0 uniformly on compact parts of the open dwell: the loss and Xβ^α converge, for "
            "‖Xv‖² = n‖v‖²_M.",
            r"\eta_k = O(\Lambda^{-1/2}) \to 0",
            Limit(small),
            mutant=Limit(lambda: small(power=0)),
            uses=(19, 22, 24),
        ),
        Step(
            "Bound (e). Let F be the set of i with |s_i| = 1 inside the dwell, on which g = 0 by step 23. "
            "As soon as √M_ii ε < 1 the sign of s^α_i, and so that of β^α_i, is s_i for i in F.",
            r"|s_i|=1,\ |s^\alpha_i-s_i|<1 \;\Rightarrow\; s^\alpha_is_i>0",
            Entails(right_sign),
            mutant=Entails(lambda: right_sign(closeness=2)),
            uses=(23, 24),
        ),
        Step(
            "Let K be the closed cone of vectors h with support in F and s_ih_i ≥ 0 where b_i = 0. For h "
            "in K, gᵀh = 0, so that b + εh has the loss L(b) + ½ε²‖h‖²_M.",
            r"L(b+\varepsilon h)-L(b) = \varepsilon g^{\!\top}h+\tfrac{\varepsilon^2}2\|h\|_M^2",
            matrix_identity(other_minimiser),
            mutant=matrix_identity(lambda: other_minimiser(share=1)),
            uses=(26,),
        ),
        Step(
            "And b + εh has the signs of s for small ε > 0. If ‖h‖_M = 0 it is a minimiser too, so h = 0 "
            "by uniqueness. Hence ‖·‖_M is positive on the compact set of unit vectors of K; its minimum "
            "there is μ > 0, and ‖h‖_M ≥ μ‖h‖ on K.",
            r"\|h\|_M \ge \mu\|h\| \quad (h\in K)",
            Entails(still_feasible),
            mutant=Entails(lambda: still_feasible(limit=2)),
            uses=(27,),
            facts=("a continuous function has a minimum on a compact set",),
        ),
        Step(
            "Write β^α(t) − b = h + e, with h the part on F, which is in K by step 26, and e the rest, "
            "where |s_i| < 1 and b_i = 0. Two triangle inequalities give (e); e → 0 by step 24 and ‖β^α − "
            "b‖_M → 0 by step 25, both uniformly on compact parts of the dwell. This is the theorem.",
            r"\|\beta^\alpha(t)-b\| \le \|e\|+\frac{\|\beta^\alpha(t)-b\|_M+\|e\|_M}{\mu} \to 0",
            Entails(conclusion),
            mutant=Entails(lambda: conclusion(inverse=half)),
            uses=(24, 25, 26, 28),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
