"""Depth universality: networks of depth D ≥ 3 follow the same saddle path as depth 2.

Theorem.  Let D ≥ 3, β = a^D − b^D coordinate by coordinate, and let (a, b) follow the gradient
flow of L(a^D − b^D) in natural time T with all entries of a and b starting at α, 0 < α < 1.
In the accelerated time t = D(D−2)α^{D−2} T put s^α = D(D−2)α^{D−2} z, where z' = −∇L(β),
z(0) = 0.  Then with p = D/(D−2)

    β_i = α^D[(1 − s^α_i)^{−p} − (1 + s^α_i)^{−p}],   ds^α/dt = −∇L(β),   |s^α_i| < 1,

the flow exists for all times, and if (s, β) is a limit path (the same as for depth 2: s(0) = 0,
s' = −∇L(β), s ∈ ∂‖β‖₁), then with ρ² = 2(L(0) − min L) and B(t) = 4ρ²t + d·2^p·α^D

    ‖s^α(t) − s(t)‖²_{M⁺} ≤ ε(t)² = 2dt·α^{D−2}·B(t)^{2/D},

and on the dwell of the saddle b that starts at t_k

    L(β^α(t)) − L(b) ≤ η_k/(t − t_k),
    η_k = ‖b‖_M ε(t_k) + ½d(D−2)·α^{D−2}·(B(t_k) + α^D)^{2/D}.

Both bounds are powers of α.  So β^α converges to the saddle path uniformly on compacts that
avoid the jump times, under the assumptions of the convergence theorem: same saddles, same
jump times for every depth.  Only the orbits inside a jump depend on D:
β' = −D²(a^{2D−2} + b^{2D−2})∇L(β).

Remarks (not proved here).  In the limit |β|^{2−2/D} takes the place of the bracket.

Idea.  The proof for depth 2 uses of the link β_i = h(s_i) only that it is odd and increasing,
and that h(s) is small unless |s| is near 1.

Source: the flow of a^D − b^D is that of W20, section 5; statement and proof of this project.
"""

import sympy as sp

from saddlesym.theorems.claims import All, Entails, Identity, Limit, Sign, along
from saddlesym.theorems.diagonal.notation import LIMIT_PATH
from saddlesym.theorems.proof import Proof, Step, main

a, b, alpha, h, t = sp.symbols("a b alpha h t", positive=True)
z, g, s, x, beta, level = sp.symbols("z g s x beta b_i", real=True)
k = sp.Symbol("k", positive=True)
D = k + 2  # any real depth above 2
p = D / k


def gradient_flow(power=1):
    """∂/∂a and ∂/∂b of a^D − b^D times g, with the sign of descent."""
    link = a**D - b**D
    return [
        (-g * sp.diff(link, a), -D * a ** (D - power) * g),
        (-g * sp.diff(link, b), D * b ** (D - power) * g),
    ]


FLOW = {a: -D * a ** (D - 1) * g, b: D * b ** (D - 1) * g, z: -g}


def conserved(factor=1):
    """a^{−(D−2)} + D(D−2)z and b^{−(D−2)} − D(D−2)z do not change."""
    return [
        (sp.powsimp(along(a ** (-k) + factor * D * k * z, FLOW)), 0),
        (sp.powsimp(along(b ** (-k) - factor * D * k * z, FLOW)), 0),
    ]


def link_formula(exponent=p):
    """With a^{−(D−2)} = α^{−(D−2)}u: a^D = α^D u^{−p}."""
    u = sp.Symbol("u", positive=True)
    solved = (alpha ** (-k) * u) ** (-1 / k)
    return [(sp.simplify(solved ** (-k) / (alpha ** (-k) * u)), 1),
            (sp.powsimp(sp.expand_power_base(solved**D / (alpha**D * u ** (-exponent)))), 1)]  # fmt: skip


def velocity(factor=2):
    """β' = −D²(a^{2D−2} + b^{2D−2})g."""
    return sp.powsimp(along(a**D - b**D, FLOW)), sp.expand(
        -(D**2) * (a ** (2 * D - factor) + b ** (2 * D - factor)) * g
    )


def link(y):
    """β/α^D as a function of s = y."""
    return (1 - y) ** (-p) - (1 + y) ** (-p)


def increasing(sign=1):
    """The link h is odd, and h' = pα^D[(1−s)^{−p−1} + (1+s)^{−p−1}] is positive; u = 1 − s, v = 1 + s."""
    u, v = sp.symbols("u v", positive=True)
    y = sp.Symbol("y", real=True)
    slope = sign * p * (u ** (-p - 1) + v ** (-p - 1))
    return [
        ("odd", Identity(lambda: (link(-y), -link(y)))),
        ("derivative", Identity(lambda: (sp.diff(link(y), y), slope.subs({u: 1 - y, v: 1 + y})))),
        ("sign", Sign(lambda: slope, ">")),
    ]


def half_way(base=2):
    """For σ ≤ ½, u = 1 − σ ≥ ½: u^{−p} ≤ 2^p, in logarithms (l = ln u, m = ln 2)."""
    log, two, q = sp.symbols("l m q", real=True)
    return [log >= -two, two > 0, q > 0], -q * log <= base * q * two / 2


def l1_coordinate(factor=2):
    """|β| ≤ 2sβ + c, since |s| ≥ ½ or |β| ≤ c."""
    c = sp.Symbol("c", positive=True)
    small = sp.Implies(sp.Abs(s) < sp.Rational(1, 2), sp.Abs(beta) <= c)
    signs = [sp.Implies(s >= 0, beta >= 0), sp.Implies(s <= 0, beta <= 0)]
    return [*signs, small], sp.Abs(beta) <= factor * s * beta + c


def contribution(bound=1):
    """−(x − s)(β − b) ≤ (1 − |x|)|β| for |x| < 1, β with the sign of x, |s| ≤ 1, sb = |b|."""
    given = [sp.Abs(x) < bound, sp.Abs(s) <= 1, sp.Implies(x >= 0, beta >= 0), sp.Implies(x <= 0, beta <= 0)]
    given += [sp.Implies(level > 0, sp.Eq(s, 1)), sp.Implies(level < 0, sp.Eq(s, -1))]
    return given, -(x - s) * (beta - level) <= (1 - sp.Abs(x)) * sp.Abs(beta)


def layer(share=2):
    """β ≤ α^D u^{−p} gives uβ ≤ α^{D−2}β^{2/D}, in logarithms: m = ln β, l = ln u, n = ln α."""
    m, log, n = sp.symbols("m l n", real=True)
    return [k * m <= k * D * n - D * log], D * (log + m) <= D * k * n + share * m


def layer_equality(share=2):
    """And equality for β = α^D u^{−p}."""
    u = sp.Symbol("u", positive=True)
    full = alpha**D * u ** (-p)
    ratio = u * full / (alpha**k * sp.expand_power_base(full ** (share / D)))
    return sp.simplify(sp.powsimp(ratio, force=True)), 1


def integrated(factor=2):
    """E ≤ tC bounds ‖s^α − s‖² = 2E by 2tC."""
    half_square, total = sp.symbols("E C", nonnegative=True)
    return [half_square <= t * total], 2 * half_square <= factor * t * total


def dual_potential(constant=1):
    """φ*(s) = (α^D/(p−1))[(1−s)^{1−p} + (1+s)^{1−p} − 2] has φ*' = h, φ*(0) = 0; 1/(p−1) = (D−2)/2."""
    y = sp.Symbol("y", real=True)
    potential = ((1 - y) ** (1 - p) + (1 + y) ** (1 - p) - 2) / (p - 1)
    return [
        (sp.simplify(sp.diff(potential, y) - constant * link(y)), 0),
        (sp.simplify(potential.subs(y, 0)), 0),
        (1 / (p - 1), k / 2),
    ]


def divergence_falls(factor=1):
    """d/dt (φ(b) − sb + φ*(s)) = −g(h(s) − b) along s' = −g."""
    y, phi = sp.symbols("y phi_b", real=True)
    potential = ((1 - y) ** (1 - p) + (1 + y) ** (1 - p) - 2) / (p - 1)
    value = phi - y * level + alpha**D * potential
    return sp.simplify(sp.diff(value, y) * (-g) + factor * g * (alpha**D * link(y) - level)), 0


def young(shift=0):
    """φ*(s) − φ*(y) ≥ h(y)(s − y) as the slope h is increasing: a mean slope m lies on the right side."""
    y, mean, slope, rise = sp.symbols("y m h r", real=True)
    given = [
        sp.Eq(rise, mean * (s - y)),
        sp.Implies(s >= y, mean >= slope),
        sp.Implies(s <= y, mean <= slope),
    ]
    return given, rise >= slope * (s - y) + shift


def entropy_bound(top=1):
    """φ(b) = yb − φ*(y) ≤ |b| for |y| < 1 and φ* ≥ 0."""
    y, potential = sp.symbols("y f", real=True)
    return [sp.Abs(y) < top, potential >= 0], y * level - potential <= sp.Abs(level)


def potential_bound(share=1):
    """φ*(s) ≤ α^D u^{1−p}/(p−1), as (1+σ)^{1−p} ≤ 1; and α^D u^{−p} ≤ |β| + α^D, as (1+σ)^{−p} ≤ 1."""
    near, far, scale, link_far, link_near = sp.symbols("n f c v w", positive=True)
    given = [far <= 1, link_far <= 1]
    value = (near + far - 2) * scale
    return given, sp.And(value <= near * scale * share, link_near <= (link_near - link_far) + 1)


def start_of_dwell(weight=1):
    """D_0 ≤ ‖b‖₁ − s^α·b + Σφ* ≤ ‖b‖_M ε + F."""
    first, norm, eps_k, size, F = sp.symbols("D n epsilon m F", nonnegative=True)
    slope = sp.Symbol("q", real=True)
    return [norm - slope + weight * F >= first, norm - slope <= eps_k * size], first <= size * eps_k + F


def loss_after(power=1):
    """From H·gap ≤ ∫ ≤ D_0 − D_1, D_1 ≥ 0."""
    H = sp.Symbol("H", positive=True)
    gap, integral, first, last = sp.symbols("l I D_0 D_1", real=True)
    return [H * gap <= integral, integral <= first - last, last >= 0], gap <= first / H**power


def stays_away(room=1):
    """|s| ≤ 1 − 2κ and |s^α − s| ≤ κ give |s^α| ≤ 1 − κ."""
    kappa = sp.Symbol("kappa", positive=True)
    return [sp.Abs(s) <= 1 - 2 * kappa, sp.Abs(x - s) <= room * kappa], sp.Abs(x) <= 1 - kappa


def power_of_alpha(sign=1):
    """C·e^{−kΛ} and C·e^{−DΛ} tend to 0 for every k = D − 2 > 0."""
    Lam, C = sp.symbols("Lambda C", positive=True)
    return [
        (name, Limit(lambda rate=rate: (C * sp.exp(-sign * rate * Lam), Lam, sp.oo, "-", 0)))
        for name, rate in (("D - 2", k), ("D", D))
    ]


PROOF = Proof(
    statement="depth-universality",
    title="Depth universality",
    latex=r"\beta=a^D-b^D,\ D\ge3:\quad \|s^\alpha(t)-s(t)\|_{M^+}^2 \le"
    r" 2dt\,\alpha^{D-2}B(t)^{2/D},\quad"
    r" L(\beta^\alpha(t))-L(\beta_k) \le \frac{\eta_k}{t-t_k}",
    source="this project; tried numerically for D = 3, 4",
    assumptions=(
        "D ≥ 3 (any real D > 2 would do), 0 < α < 1, a(0) = b(0) = α·1; X and y are arbitrary.",
        LIMIT_PATH,
        "For the convergence of β: on each dwell β_k is the only minimiser of L under the signs of s.",
    ),
    imports=("explicit-rate", "convergence"),
    steps=(
        Step(
            "With g = ∇L(β) the gradient flow is a_i' = −D a_i^{D−1} g_i, b_i' = D b_i^{D−1} g_i. Write D "
            "= k + 2.",
            r"a_i' = -Da_i^{D-1}g_i,\quad b_i' = Db_i^{D-1}g_i",
            Identity(gradient_flow),
            mutant=Identity(lambda: gradient_flow(power=2)),
        ),
        Step(
            "Along it, with z' = −g, the quantities a_i^{−(D−2)} + D(D−2)z_i and b_i^{−(D−2)} − D(D−2)z_i "
            "are conserved; at the start both are α^{−(D−2)}. With s_i = D(D−2)α^{D−2}z_i: a_i^{−(D−2)} = "
            "α^{−(D−2)}(1 − s_i) and b_i^{−(D−2)} = α^{−(D−2)}(1 + s_i).",
            r"a_i^{-(D-2)} = \alpha^{-(D-2)}(1-s_i),\quad b_i^{-(D-2)} = \alpha^{-(D-2)}(1+s_i)",
            Identity(conserved),
            mutant=Identity(lambda: conserved(factor=2)),
            uses=(1,),
        ),
        Step(
            "Hence |s_i| < 1 and β_i = h(s_i) with h(s) = α^D[(1−s)^{−p} − (1+s)^{−p}], p = D/(D−2). In "
            "the time t = D(D−2)α^{D−2}T the velocity of s is that of z in natural time, ds/dt = −∇L(β).",
            r"a_i^{-(D-2)}=\alpha^{-(D-2)}u \;\Rightarrow\; a_i^D = \alpha^Du^{-p}",
            Identity(link_formula),
            mutant=Identity(lambda: link_formula(exponent=1)),
            uses=(2,),
        ),
        Step(
            "For the orbits inside a jump, the velocity of β in natural time.",
            r"\beta_i' = -D^2\bigl(a_i^{2D-2}+b_i^{2D-2}\bigr)g_i",
            Identity(velocity),
            mutant=Identity(lambda: velocity(factor=1)),
            uses=(1,),
        ),
        Step(
            "h is odd and strictly increasing. So dL/dt = −Σh'(s_i)g_i² ≤ 0, and with it the bounds "
            "‖s^α(t)‖_{M⁺} ≤ ρt, ‖β‖_M ≤ 2ρ, and s^α(t)ᵀβ^α(t) ≤ 2ρ²t of the explicit rate (step 2) and of "
            "the convergence theorem (steps 5 and 6) hold here by the same words, with s for z and t for "
            "T.",
            r"h(-s)=-h(s),\quad h'>0",
            All(increasing),
            mutant=All(lambda: increasing(sign=-1)),
            uses=(3,),
            transfers=("explicit rate, step 2", "convergence, steps 5 and 6"),
        ),
        Step(
            "If |s_i| ≤ ½ then |β_i| ≤ α^D(1−|s_i|)^{−p} ≤ 2^pα^D.",
            r"u\ge\tfrac12 \;\Rightarrow\; u^{-p}\le2^p",
            Entails(half_way),
            mutant=Entails(lambda: half_way(base=1)),
            uses=(3,),
            facts=("the logarithm is increasing",),
        ),
        Step(
            "So |β_i| ≤ 2s_iβ_i + 2^pα^D for all i, and ‖β^α(t)‖₁ ≤ B(t). In particular s stays in a "
            "compact part of (−1, 1)^d on bounded intervals, and the flow exists for all times.",
            r"\|\beta^\alpha(t)\|_1 \le 4\rho^2t+d\,2^p\alpha^D = B(t)",
            Entails(l1_coordinate),
            mutant=Entails(lambda: l1_coordinate(factor=1)),
            uses=(5, 6),
            facts=("a solution of an ODE that stays in a compact set exists for all times",),
        ),
        Step(
            "By step 3 of the explicit rate half the square of ‖s^α − s‖_{M⁺} grows at the rate −(s^α − "
            "s)ᵀ(β^α − b). A coordinate with x = s^α_i contributes at most (1 − |x|)|β_i|.",
            r"-(x-s_i)(\beta_i-b_i) \le (1-|x|)\,|\beta_i|",
            Entails(contribution),
            mutant=Entails(lambda: contribution(bound=2)),
            uses=(5,),
        ),
        Step(
            "With u = 1 − |x|, |β_i| ≤ α^Du^{−p}; so u ≤ α^{D−2}|β_i|^{−(D−2)/D} and u|β_i| ≤ "
            "α^{D−2}|β_i|^{2/D}, at most α^{D−2}B^{2/D}. The check is in logarithms, multiplied by D(D−2).",
            r"u\,|\beta_i| \le \alpha^{D-2}|\beta_i|^{2/D} \le \alpha^{D-2}B^{2/D}",
            Entails(layer),
            mutant=Entails(lambda: layer(share=1)),
            uses=(3, 7, 8),
            facts=("the logarithm is increasing",),
        ),
        Step(
            "Integrate over [0, t], where B is increasing, from the distance 0 at the start.",
            r"\|s^\alpha(t)-s(t)\|_{M^+}^2 \le 2t\cdot d\,\alpha^{D-2}B(t)^{2/D} = \varepsilon(t)^2",
            Entails(integrated),
            mutant=Entails(lambda: integrated(factor=1)),
            uses=(9,),
        ),
        Step(
            "Let φ*(s) be the integral of h from 0, even and non-negative.",
            r"\varphi^*(s) = \tfrac{D-2}2\alpha^D\bigl[(1-s)^{1-p}+(1+s)^{1-p}-2\bigr]",
            Identity(dual_potential),
            mutant=Identity(lambda: dual_potential(constant=2)),
            uses=(5,),
        ),
        Step(
            "For b_i = h(y_i) put φ(b_i) = y_ib_i − φ*(y_i) and D(b, s) = Σ[φ(b_i) − s_ib_i + φ*(s_i)]. It "
            "is not negative, since φ*(s) − φ*(y) ≥ h(y)(s − y) for the increasing slope h.",
            r"\varphi^*(s)-\varphi^*(y) \ge h(y)(s-y)",
            Entails(young),
            mutant=Entails(lambda: young(shift=1)),
            uses=(5, 11),
            facts=("mean value theorem",),
        ),
        Step(
            "Along the flow each coordinate of D changes at the rate −g_i(β_i − b_i), so dD/dt ≤ −(L(β) − "
            "L(b)) by step 14 of the convergence theorem.",
            r"\tfrac{d}{dt}D(b,s) = -\nabla L(\beta)^{\!\top}(\beta-b)",
            Identity(divergence_falls),
            mutant=Identity(lambda: divergence_falls(factor=2)),
            uses=(11, 12),
        ),
        Step(
            "φ(b_i) ≤ |b_i|, as |y_i| < 1 and φ* ≥ 0.",
            r"\varphi(b) = yb-\varphi^*(y) \le |b|",
            Entails(entropy_bound),
            mutant=Entails(lambda: entropy_bound(top=2)),
            uses=(11, 12),
        ),
        Step(
            "For u = 1 − |s|: φ*(s) ≤ ½(D−2)·u·α^Du^{−p}, and α^Du^{−p} ≤ |β| + α^D, because (1+|s|) to a "
            "negative power is at most 1.",
            r"\varphi^*(s) \le \tfrac{D-2}2\,u\cdot\alpha^Du^{-p},\quad \alpha^Du^{-p} \le"
            r" |\beta|+\alpha^D",
            Entails(potential_bound),
            mutant=Entails(lambda: potential_bound(share=sp.Rational(1, 2))),
            uses=(11,),
        ),
        Step(
            "As in step 9, with Y = α^Du^{−p} one has u·Y = α^{D−2}Y^{2/D}; so φ*(s_i) ≤ ½(D−2)α^{D−2}(B + "
            "α^D)^{2/D}.",
            r"u\,Y = \alpha^{D-2}Y^{2/D}",
            Identity(layer_equality),
            mutant=Identity(lambda: layer_equality(share=1)),
            uses=(7, 15),
        ),
        Step(
            "At the start t_k of the dwell of b, Σs_ib_i = ‖b‖₁ and Σ(s_i − s^α_i)b_i ≤ ε(t_k)‖b‖_M. With "
            "steps 14 and 16, D(b, s^α(t_k)) ≤ η_k.",
            r"D(b,s^\alpha(t_k)) \le \|b\|_1-b^{\!\top}s^\alpha+\sum\varphi^*(s^\alpha_i) \le \eta_k",
            Entails(start_of_dwell),
            mutant=Entails(lambda: start_of_dwell(weight=2)),
            uses=(10, 14, 16),
        ),
        Step(
            "The loss does not increase; so, with H = t − t_k, H(L(β^α(t)) − L(b)) ≤ D(b, s^α(t_k)) ≤ η_k.",
            r"L(\beta^\alpha(t))-L(b) \le \frac{\eta_k}{t-t_k}",
            Entails(loss_after),
            mutant=Entails(lambda: loss_after(power=2)),
            uses=(5, 12, 13, 17),
        ),
        Step(
            "For every D > 2 the factors α^{D−2} and α^D tend to 0, and with them ε(t) and η_k, locally "
            "uniformly in t.",
            r"\alpha^{D-2} = e^{-(D-2)\Lambda} \to 0",
            All(power_of_alpha),
            mutant=All(lambda: power_of_alpha(sign=-1)),
            uses=(10, 17),
        ),
        Step(
            "Where |s_i| ≤ 1 − 2κ one has |s^α_i| ≤ 1 − κ as soon as √M_ii ε ≤ κ, and then |β_i| ≤ "
            "α^Dκ^{−p} → 0. This and steps 18 and 19 are all that steps 20 to 29 of the convergence "
            "theorem use of the flow, besides that β_i has the sign of s^α_i. They apply word for word: "
            "β^α → β uniformly on compacts that avoid the jump times.",
            r"|s_i|\le1-2\kappa \;\Rightarrow\;"
            r" |s^\alpha_i|\le1-\kappa,\ |\beta_i|\le\alpha^D\kappa^{-p}\to0",
            Entails(stays_away),
            mutant=Entails(lambda: stays_away(room=2)),
            uses=(7, 10, 18, 19),
            transfers=("convergence, steps 20 to 29",),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
