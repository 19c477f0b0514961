"""Aligned and balanced networks: one equation for each singular mode, and when the modes appear.

Theorem.  Let 𝓛(θ) = ½‖W_L⋯W_1 − A*‖² and W_l(0) = Σ_i b_i x_i^{(l)}x_i^{(l−1)ᵀ} with orthonormal systems
that begin with the v_i and end with the u_i of A*.  The flow keeps that form, with b_i' = b_i^{L−1}(σ_i − b_i^L),
and a_i = b_i^L obeys a' = La^{2−2/L}(σ − a).  For L = 2 a is logistic.  From b_i(0) = α the time T at which b_i passes a
fixed level below its limit satisfies T/Λ → 1/σ_i for L = 2, Λ = ln(1/α), and (L−2)α^{L−2}T → 1/σ_i for L ≥ 3.

Source: SMG14, section 1.
"""

import sympy as sp

from saddlesym.theorems.claims import All, Identity, Limit, Sign, VectorIdentity, along
from saddlesym.theorems.deep.notation import L, column, low, mid, n_in, n_out
from saddlesym.theorems.proof import Proof, Step, main

a, b, B, m, sigma, T, Lam, a0 = sp.symbols("a b B m sigma T Lambda a_0", positive=True)
layer = sp.Symbol("l", integer=True, positive=True)
u, v, w, w_low = column("u", n_out), column("v", n_in), column("x_l", mid), column("x_{l-1}", low)
D = sp.MatrixSymbol("D", n_out, n_in)


def velocity(sign=1):
    """PᵀDQᵀ for one mode of P and of Q."""
    above, below = b ** (L - layer) * u * w.T, b ** (layer - 1) * w_low * v.T
    return above.T * D * below.T, sign * b ** (L - 1) * w * (u.T * D * v) * w_low.T


def product_equation(power=0):
    """a = b^L along b' = b^{L−1}(σ − b^L)."""
    left = along(b**L, {b: b ** (L - 1) * (sigma - b**L)})
    return left, (L * a ** (2 + power - 2 / L) * (sigma - a)).subs(a, b**L)


def logistic(rate=2):
    path = sigma / (1 + (sigma / a0 - 1) * sp.exp(-rate * sigma * T))
    return [(sp.diff(path, T), 2 * path * (sigma - path)), (path.subs(T, 0), a0)]


def passes_level(share=1):
    """The logistic curve from α² = e^{−2Λ} is at κσ/(1 + κ) when e^{2σT} = κ(σe^{2Λ} − 1)."""
    kappa, c = sp.symbols("kappa c", positive=True)  # c = σ/a_0 − 1
    path = sigma / (1 + c / (kappa * c * share))
    return path, kappa * sigma / (1 + kappa)


def first_order(value=1):
    """T/Λ with T = ln(κ(σe^{2Λ} − 1))/(2σ)."""
    kappa = sp.Symbol("kappa", positive=True)
    time = sp.log(kappa * (sigma * sp.exp(2 * Lam) - 1)) / (2 * sigma)
    return time / Lam, Lam, sp.oo, "-", value / sigma


def split(share=1):
    """1/(b^{m+1}(σ − b^{m+2})) in two parts."""
    depth = m + 2
    left = 1 / (b ** (depth - 1) * (sigma - b**depth))
    return left, 1 / (sigma * b ** (m + 1)) + share * b / (sigma * (sigma - b**depth))


def main_part(power=0):
    return sp.diff(-(b ** (-m)) / (m * sigma), b), 1 / (sigma * b ** (m + 1 + power))


def rest_bounded(sense=1):
    """1/x − 1/y for σ − B^L = x ≤ σ − b^L = x + e: the rest grows at most like b/(σx)."""
    x, e = sp.symbols("x e", positive=True)
    return [sense * (b / (sigma * x) - b / (sigma * (x + e))), b / (sigma * (x + e))]


def deep_limit(value=1):
    """mα^mT = (1 − α^mB^{−m})/σ + mα^mR, as y = α^m → 0."""
    y, R = sp.symbols("y R", positive=True)
    return [
        ("main part", Limit(lambda: ((1 - y * B ** (-m)) / sigma, y, 0, "+", value / sigma))),
        ("rest", Limit(lambda: (m * y * R, y, 0, "+", 0))),
    ]


PROOF = Proof(
    statement="deep-aligned-modes",
    title="Aligned modes: closed form and jump times",
    latex=r"a'=La^{2-2/L}(\sigma-a),\qquad T/\Lambda\to\tfrac1\sigma\ (L=2),\qquad (L-2)\alpha^{L-2}T\to\tfrac1\sigma\ (L\ge3)",
    source="SMG14, section 1",
    assumptions=(
        "𝓛(θ) = ½‖W_L⋯W_1 − A*‖², L ≥ 2; W_l(0) = Σ_i b_i x_i^{(l)}x_i^{(l−1)ᵀ} with orthonormal systems, "
        "x_i^{(0)} = v_i, x_i^{(L)} = u_i, singular vectors of A*; as many modes as the least width allows.",
        "For the times: b_i(0) = α for the mode in question, 0 < α < 1 small, Λ = ln(1/α).",
    ),
    imports=("deep-balancedness",),
    steps=(
        Step(
            "D = A* − A = Σ(σ_i − b_i^L)u_iv_iᵀ plus the terms of the modes without a neuron. The layers above l are Σb_i^{L−l}u_ix_i^{(l)ᵀ}, "
            "those below Σb_i^{l−1}x_i^{(l−1)}v_iᵀ, and u_iᵀDv_j = 0 for i ≠ j: the velocity PᵀDQᵀ of W_l has the same form, with "
            "b_i' = b_i^{L−1}(σ_i − b_i^L). So the solution of these equations is the solution of the flow.",
            r"(b^{L-l}ux_l^{\top})^{\top}D\,(b^{l-1}x_{l-1}v^{\top})^{\top}=b^{L-1}(u^{\top}Dv)\,x_lx_{l-1}^{\top}",
            VectorIdentity(velocity),
            mutant=VectorIdentity(lambda: velocity(sign=-1)),
            facts=("Picard–Lindelöf: uniqueness of solutions",),
        ),
        Step(
            "For a = b^L that is a' = La^{2−2/L}(σ − a).",
            r"\tfrac{d}{dT}b^L=Lb^{L-1}b^{L-1}(\sigma-b^L)=La^{2-2/L}(\sigma-a)",
            Identity(product_equation),
            mutant=Identity(lambda: product_equation(power=1)),
            uses=(1,),
        ),
        Step(
            "L = 2: the solution is logistic.",
            r"a(T)=\frac{\sigma}{1+(\sigma/a_0-1)e^{-2\sigma T}}",
            Identity(logistic),
            mutant=Identity(lambda: logistic(rate=1)),
            uses=(2,),
        ),
        Step(
            "It passes the level κσ/(1+κ) when e^{2σT} = κ(σ/a_0 − 1); κ = 1 is half its limit.",
            r"e^{2\sigma T}=\kappa c\;\Rightarrow\;\frac\sigma{1+c/(\kappa c)}=\frac{\kappa\sigma}{1+\kappa}",
            Identity(passes_level),
            mutant=Identity(lambda: passes_level(share=2)),
            uses=(3,),
        ),
        Step(
            "With a_0 = α² = e^{−2Λ} the time in units of Λ tends to 1/σ.",
            r"\lim_{\Lambda\to\infty}\frac{\ln\kappa(\sigma e^{2\Lambda}-1)}{2\sigma\Lambda}=\frac1\sigma",
            Limit(first_order),
            mutant=Limit(lambda: first_order(value=2)),
            uses=(4,),
        ),
        Step(
            "L ≥ 3, m = L − 2: the time from α to the level B < σ^{1/L} is the integral of db/(b^{L−1}(σ − b^L)), which splits.",
            r"\frac1{b^{m+1}(\sigma-b^{m+2})}=\frac1{\sigma b^{m+1}}+\frac b{\sigma(\sigma-b^{m+2})}",
            Identity(split),
            mutant=Identity(lambda: split(share=2)),
            uses=(1,),
        ),
        Step(
            "The first part integrates to (α^{−m} − B^{−m})/(mσ).",
            r"\tfrac{d}{db}\Big(-\frac{b^{-m}}{m\sigma}\Big)=\frac1{\sigma b^{m+1}}",
            Identity(main_part),
            mutant=Identity(lambda: main_part(power=1)),
            uses=(6,),
        ),
        Step(
            "The second part is positive and at most b/(σ(σ − B^L)): its integral R is at most B²/(2σ(σ − B^L)), whatever α is.",
            r"0<\frac b{\sigma(\sigma-b^L)}\le\frac b{\sigma(\sigma-B^L)}\quad(b\le B)",
            Sign(rest_bounded, ">"),
            mutant=Sign(lambda: rest_bounded(sense=-1), ">"),
            uses=(6,),
        ),
        Step(
            "So mα^mT = (1 − α^mB^{−m})/σ + mα^mR tends to 1/σ, for every level.",
            r"\lim_{y\to0}\Big(\frac{1-yB^{-m}}\sigma+myR\Big)=\frac1\sigma,\quad y=\alpha^m",
            All(deep_limit),
            mutant=All(lambda: deep_limit(value=2)),
            uses=(7, 8),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
