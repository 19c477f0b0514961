"""Orbits between the saddles of deep linear networks, whitened squared error: growth and exchange of modes.

Theorem.  Let 𝓛(θ) = ½‖W_L⋯W_1 − A*‖², L ≥ 2, any widths, A* = Σσ_iu_iv_iᵀ.  Let T ≠ S be sets of at most as many modes as
the least width, such that the modes of S∖T can be paired with different modes of T∖S of greater σ.  Then the flow has
an orbit, defined for all times, from a critical point with the product A_S = Σ_{i∈S}σ_iu_iv_iᵀ to one with the product A_T.
In particular S → S∪J (growth) and S → S∖{s}∪{j} for σ_j > σ_s (exchange).

That there are no other orbits is not claimed.

Source: SMG14 for growth; the orbit of an exchange: this project (for L = 2 it is one of Oja's flow).
"""

import sympy as sp

from saddlesym.theorems.claims import Identity, Limit, Sign, VectorIdentity
from saddlesym.theorems.deep.notation import L, column, low, mid, n_in, n_out
from saddlesym.theorems.proof import Proof, Step, main

rho, sj, ss, x, tau, g, gp, I0 = sp.symbols("rho sigma_j sigma_s x tau g g' I", positive=True)
p, q, y, z = column("p", n_in), column("q", n_out), column("x_l", mid), column("x_{l-1}", low)
above, below, slope = sp.symbols("c d f")
b, sigma = sp.symbols("b sigma", positive=True)


def separate(sign=1):
    """PᵀDQᵀ for P = c·qxᵀ, Q = d·zpᵀ: a multiple of x zᵀ, the factor being cd·qᵀDp."""
    D = sp.MatrixSymbol("D", n_out, n_in)
    return (above * q * y.T).T * D * (below * z * p.T).T, sign * above * below * y * (q.T * D * p) * z.T


def growth(sign=1):
    """b^{L−1}(σ − b^L) for b^L = x σ/(1 + x) < σ."""
    level = x * sigma / (1 + x)
    return [b ** (L - 1) * sign * (sigma - level)]


def ratio(share=1):
    """p_j/p_s along p_i' = f(σ_i − μ)p_i."""
    a, c, mu, f = sp.symbols("p_j p_s mu f", positive=True)
    da, dc = f * (sj - mu) * a, f * (ss - mu) * c
    return (da * c - a * dc) / c**2, share * f * (sj - ss) * a / c


def bernoulli(share=1):
    """r = ρ^{−L} along ρ̇ = ρ(μ − ρ^L)."""
    mu = sp.Symbol("mu", positive=True)
    rate = -L * rho ** (-L - 1) * rho * (mu - rho**L)
    return rate, -L * mu * rho ** (-L) + share * L


def solved(share=1):
    """r = L g^{−L/2}I with I' = g^{L/2} and μ = g'/(2g)."""
    rate = L * (-L / 2 * g ** (-L / 2 - 1) * gp * I0 + g ** (-L / 2) * g ** (L / 2))
    return rate, -L * gp / (2 * g) * L * g ** (-L / 2) * I0 + share * L


def mean(share=1):
    """μ = (σ_sc + σ_jx)/(1 + x), x = e^{2(σ_j − σ_s)τ}."""
    return (ss + share * sj * x) / (1 + x), x, sp.oo, "-", sj


def mean_before(share=1):
    return (share * ss + sj * x) / (1 + x), x, 0, "+", ss


def monotone(sign=1):
    d = sp.Symbol("d", positive=True)  # σ_j = σ_s + d
    return [sign * sp.simplify(sp.diff((ss + (ss + d) * x) / (1 + x), x))]


def two_layers(share=1):
    """L = 2: z_i = √c_i e^{σ_iT}/√n, n = Σc_ke^{2σ_kT}/σ_k along z_i' = σ_iz_i − |z|²z_i."""
    T, c, d = sp.symbols("T c_j c_s", positive=True)
    terms = (c * sp.exp(2 * sj * T), d * sp.exp(2 * ss * T))
    n = terms[0] / sj + terms[1] / ss
    square = terms[0] / n
    return sp.diff(square, T), 2 * square * (sj - share * (terms[0] + terms[1]) / n)


PROOF = Proof(
    statement="deep-transitions",
    title="Orbits between the saddles: growth and exchange of modes",
    latex=r"S\to S\cup\{j\},\qquad S\to S\setminus\{s\}\cup\{j\}\quad(\sigma_j>\sigma_s)",
    source="Own; SMG14 for growth",
    assumptions=(
        "𝓛(θ) = ½‖W_L⋯W_1 − A*‖², L ≥ 2, A* = Σσ_iu_iv_iᵀ; T arises from S by adding modes and by exchanging modes s for others with "
        "σ_j > σ_s, each mode once; |S|, |T| ≤ the least width.",
    ),
    imports=("deep-aligned-modes", "deep-critical-points"),
    steps=(
        Step(
            "Give every mode of S that stays, every mode that is added and every pair that is exchanged one hidden neuron in every layer: W_l is a sum of terms "
            "f·x_l x_{l−1}ᵀ with orthonormal x_l for 0 < l < L, x_0 = p and x_L = q, where p and q lie in the span of the v_i and u_i of the modes of the term. D = A* − A maps "
            "these spans to one another: the velocity of W_l is the sum of those of the terms, and each term moves as a network of width one by itself.",
            r"(c\,q x_l^{\top})^{\top}D\,(d\,x_{l-1}p^{\top})^{\top}=cd\,x_l(q^{\top}Dp)x_{l-1}^{\top}",
            VectorIdentity(separate),
            mutant=VectorIdentity(lambda: separate(sign=-1)),
            facts=("Picard–Lindelöf: uniqueness of solutions",),
        ),
        Step(
            "A mode that stays rests at b^L = σ. One that is added has b' = b^{L−1}(σ − b^L) (deep-aligned-modes), positive for 0 < b^L < σ: its solution "
            "rises from 0 at T = −∞ to b^L = σ at T = ∞.",
            r"b^{L-1}(\sigma-b^L)>0\quad\text{for }b^L=\tfrac{x\sigma}{1+x},\ x>0",
            Sign(growth, ">"),
            mutant=Sign(lambda: growth(sign=-1), ">"),
            uses=(1,),
            facts=("a bounded monotone solution tends to an equilibrium",),
        ),
        Step(
            "An exchange: p = p_jv_j + p_sv_s, q = p_ju_j + p_su_s, |p| = 1, and all layers of norm ρ. With μ = σ_jp_j² + σ_sp_s² the flow of the two outer layers is "
            "ρ' = ρ^{L−1}(μ − ρ^L), p_i' = ρ^{L−2}(σ_i − μ)p_i, and that of the inner ones the same ρ'. In the time τ with dτ = ρ^{L−2}dT, "
            "p_j/p_s grows like e^{(σ_j−σ_s)τ}.",
            r"\Big(\frac{p_j}{p_s}\Big)'=\rho^{L-2}(\sigma_j-\sigma_s)\frac{p_j}{p_s}",
            Identity(ratio),
            mutant=Identity(lambda: ratio(share=2)),
            uses=(1,),
        ),
        Step(
            "With x = (p_j/p_s)², μ = (σ_s + σ_jx)/(1 + x) rises, as σ_j > σ_s.",
            r"\frac{d\mu}{dx}=\frac{\sigma_j-\sigma_s}{(1+x)^2}>0",
            Sign(monotone, ">"),
            mutant=Sign(lambda: monotone(sign=-1), ">"),
            uses=(3,),
        ),
        Step(
            "It starts from σ_s at τ = −∞, where x → 0.",
            r"\lim_{x\to0}\mu=\sigma_s",
            Limit(mean_before),
            mutant=Limit(lambda: mean_before(share=2)),
            uses=(3,),
        ),
        Step(
            "And it tends to σ_j at τ = ∞.",
            r"\lim_{x\to\infty}\mu=\sigma_j",
            Limit(mean),
            mutant=Limit(lambda: mean(share=2)),
            uses=(3,),
        ),
        Step(
            "In τ, ρ obeys dρ/dτ = ρ(μ − ρ^L), and r = ρ^{−L} a linear equation.",
            r"\frac{dr}{d\tau}=-L\mu r+L",
            Identity(bernoulli),
            mutant=Identity(lambda: bernoulli(share=2)),
            uses=(3,),
        ),
        Step(
            "With g = e^{2σ_sτ} + e^{2σ_jτ} (τ = 0 where x = 1) μ = g'/(2g), and r = Lg^{−L/2}∫_{−∞}^τg^{L/2} solves it. As μ lies between σ_s and σ_j, so does "
            "ρ^L = 1/r: r is the mean of 1/μ with the weights (g^{L/2})' = Lμg^{L/2}. So ρ is bounded and bounded away from 0, and τ runs through ℝ as T does.",
            r"r=Lg^{-L/2}\int_{-\infty}^{\tau}g^{L/2},\qquad\frac{dr}{d\tau}=-L\frac{g'}{2g}r+L",
            Identity(solved),
            mutant=Identity(lambda: solved(share=2)),
            uses=(4, 7),
        ),
        Step(
            "As μ is monotone with limits σ_s and σ_j, the mean of 1/μ over (−∞, τ) tends to 1/σ_s as τ → −∞, and to 1/σ_j as τ → ∞, where the weights concentrate: "
            "A goes from σ_su_sv_sᵀ to σ_ju_jv_jᵀ. For L = 2 the orbit is explicit, z = ρp with z_i² = c_ie^{2σ_iT}/Σ_k(c_ke^{2σ_kT}/σ_k).",
            r"z_j^2=\frac{c_je^{2\sigma_jT}}{\sum_kc_ke^{2\sigma_kT}/\sigma_k},\qquad(z_j^2)'=2z_j^2(\sigma_j-|z|^2)",
            Identity(two_layers),
            mutant=Identity(lambda: two_layers(share=2)),
            uses=(5, 6, 8),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
