"""How fast the leading flow leaves the origin along an optimal direction, and that nothing is faster.

Theorem.  Let θ' = −∇H(θ), H(θ) = tr GᵀW_L⋯W_1.  Along an optimal escape direction θ = ρθ*, with
ρ' = s_1L^{1−L/2}ρ^{L−1}: ρ = ρ_0 e^{s_1T} for L = 2, and for L ≥ 3 ρ blows up at the time
T* = 1/((L−2)s_1L^{1−L/2}ρ_0^{L−2}).  From every other start of norm ρ_0 the norm satisfies
ρ' ≤ s_1L^{1−L/2}ρ^{L−1}: no solution is ahead of this one.

Source: J21, section 3 (escape paths).
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Sign, VectorIdentity
from saddlesym.theorems.deep.notation import DEEP_FLOW, L, column, low, lower, mid, n_in, n_out
from saddlesym.theorems.proof import Proof, Step, main

rho, rho0, s1, T = sp.symbols("rho rho_0 s_1 T", positive=True)
m, y = sp.symbols("m y", positive=True)
x = sp.Symbol("x", positive=True)
layer = sp.Symbol("l", integer=True, positive=True)
u, v, w, w_low = column("u", n_out), column("v", n_in), column("w_l", mid), column("w_{l-1}", low)
G = sp.MatrixSymbol("G", n_out, n_in)


def velocity(sign=-1):
    """−PᵀGQᵀ for P = x^{L−l} u w_lᵀ, Q = x^{l−1} w_{l−1}vᵀ."""
    above, below = x ** (L - layer) * u * w.T, x ** (layer - 1) * w_low * v.T
    return -above.T * G * below.T, sign * x ** (L - 1) * w * (u.T * G * v) * w_low.T


def radial_law(power=0):
    """ρ'/√L = s_1(ρ/√L)^{L−1}."""
    left = sp.sqrt(L) * s1 * (rho / sp.sqrt(L)) ** (L - 1)
    return left, s1 * L ** (1 + power - L / 2) * rho ** (L - 1)


def exponential(rate=1):
    """ρ = ρ_0 e^{s_1T}; the constant is s_1 for L = 2."""
    path = rho0 * sp.exp(rate * s1 * T)
    return [(sp.diff(path, T), s1 * path), ((s1 * L ** (1 - L / 2)).subs(L, 2), s1)]


def blow_up(share=1):
    """ρ = ρ_0 y^{−1/m}, y = 1 − T/T*, m = L − 2, solves ρ' = cρ^{m+1} with T* = 1/(m c ρ_0^m)."""
    c = sp.Symbol("c", positive=True)
    end = share / (m * c * rho0**m)
    path = rho0 * y ** (-1 / m)
    return sp.diff(path, y) * (-1 / end), c * path ** (m + 1)


def euler(share=1):
    """⟨W, ∂H/∂W⟩ = tr WᵀPᵀGQᵀ = H for A = P W⁺ W Q, here with W⁺ in P."""
    above, below = sp.MatrixSymbol("P", n_out, mid), sp.MatrixSymbol("Q", low, n_in)
    return (G.T * above * lower * below).T, share * below.T * (lower.T * above.T * G)


def norm_bound(bound=1):
    """ρρ' = −LH ≤ cρ·p with p = ρ^{L−1}, c = L·s_1L^{−L/2}."""
    speed, c, p = sp.symbols("V c p", real=True)
    return [c > 0, p > 0, rho * speed <= c * rho * p], speed <= bound * c * p


def compared(sign=-1):
    """(ρ^{−m})' = −mρ^{−m−1}ρ', which is ≥ −mc when ρ' ≤ cρ^{m+1}."""
    speed = sp.Symbol("V", real=True)
    R = sp.Function("rho")(T)
    left = sp.diff(R ** (-m), T).subs(sp.Derivative(R, T), speed).subs(R, rho)
    return left, sign * m * rho ** (-m - 1) * speed


def never_ahead(sense=1):
    """c ρ^{m+1} − ρ' ≥ 0 times mρ^{−m−1} > 0."""
    gap = sp.Symbol("g", nonnegative=True)
    return sense * m * rho ** (-m - 1) * gap


PROOF = Proof(
    statement="deep-escape-speed",
    title="Escape speed and escape times",
    latex=r"\rho'=s_1L^{1-L/2}\rho^{L-1},\qquad \rho=\rho_0e^{s_1T}\ (L=2),\qquad "
    r"T^*=\frac1{(L-2)s_1L^{1-L/2}\rho_0^{L-2}}\ (L\ge3)",
    source="J21, section 3",
    assumptions=(DEEP_FLOW, "The flow is that of the leading form H at the origin, with G ≠ 0."),
    imports=("deep-balancedness", "deep-escape-direction"),
    steps=(
        Step(
            "At θ = ρθ*, with x = ρ/√L, the layers above l multiply to x^{L−l}u_1w_lᵀ and those below to x^{l−1}w_{l−1}v_1ᵀ "
            "(step 7 of deep-escape-direction). The velocity −PᵀGQᵀ of W_l is again a multiple of w_lw_{l−1}ᵀ.",
            r"-(x^{L-l}uw_l^{\top})^{\top}G\,(x^{l-1}w_{l-1}v^{\top})^{\top}=-x^{L-1}(u^{\top}Gv)\,w_lw_{l-1}^{\top}",
            VectorIdentity(velocity),
            mutant=VectorIdentity(lambda: velocity(sign=1)),
        ),
        Step(
            "With −u_1ᵀGv_1 = s_1 the ray is invariant: ρ'/√L = s_1(ρ/√L)^{L−1}.",
            r"\sqrt L\,s_1(\rho/\sqrt L)^{L-1}=s_1L^{1-L/2}\rho^{L-1}",
            Identity(radial_law),
            mutant=Identity(lambda: radial_law(power=1)),
            uses=(1,),
        ),
        Step(
            "L = 2: the constant is s_1 and the escape is exponential.",
            r"\tfrac{d}{dT}\rho_0e^{s_1T}=s_1\,\rho_0e^{s_1T}",
            Identity(exponential),
            mutant=Identity(lambda: exponential(rate=2)),
            uses=(2,),
        ),
        Step(
            "L ≥ 3, m = L − 2, c = s_1L^{1−L/2}: ρ = ρ_0(1 − T/T*)^{−1/m} with T* = 1/(mcρ_0^m); it tends to ∞ at T*.",
            r"y=1-T/T^*:\quad -\tfrac1{T^*}\tfrac{d}{dy}\rho_0y^{-1/m}=c\,(\rho_0y^{-1/m})^{m+1}",
            Identity(blow_up),
            mutant=Identity(lambda: blow_up(share=2)),
            uses=(2,),
        ),
        Step(
            "Any start: ⟨W_l, ∂H/∂W_l⟩ = H for every layer, since both are the trace of the same cyclic word. So for "
            "ρ² = Σ‖W_l‖², ρρ' = −Σ⟨W_l, ∂H/∂W_l⟩ = −LH.",
            r"(G^{\top}PWQ)^{\top}=Q^{\top}\,(W^{\top}P^{\top}G)",
            VectorIdentity(euler),
            mutant=VectorIdentity(lambda: euler(share=2)),
            facts=("tr XY = tr YX", "tr Xᵀ = tr X"),
        ),
        Step(
            "H has degree L, so −H ≤ s_1L^{−L/2}ρ^L (deep-escape-direction); divide by ρ.",
            r"\rho\rho'=-LH\le s_1L^{1-L/2}\rho^{L}\;\Rightarrow\;\rho'\le s_1L^{1-L/2}\rho^{L-1}",
            Entails(norm_bound),
            mutant=Entails(lambda: norm_bound(bound=sp.Rational(1, 2))),
            uses=(5,),
        ),
        Step(
            "For L ≥ 3 the derivative of ρ^{−m} is −mρ^{−m−1}ρ'.",
            r"\tfrac{d}{dT}\rho^{-m}=-m\rho^{-m-1}\rho'",
            Identity(compared),
            mutant=Identity(lambda: compared(sign=1)),
            uses=(6,),
        ),
        Step(
            "With g = cρ^{m+1} − ρ' ≥ 0 that is −mc + mρ^{−m−1}g ≥ −mc: ρ^{−m} is nowhere below that of step 4, and no solution "
            "of that norm at the start is ahead; for L = 2 the same with ln ρ.",
            r"\tfrac{d}{dT}\rho^{-m}+mc=m\rho^{-m-1}g\ge0",
            Sign(never_ahead, ">="),
            mutant=Sign(lambda: never_ahead(sense=-1), ">="),
            uses=(4, 6, 7),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
