"""Two layers, whitened squared error: every critical point that is no global minimum is a strict saddle.

Theorem.  Let 𝓛(W_1, W_2) = ½‖W_2W_1 − A*‖² with any widths.  At a critical point that is not a global
minimum the Hessian has a negative value along an explicit direction X = u_kxᵀ, Y = y v_kᵀ, where
(σ_k, u_k, v_k) is a singular triple of A* that A = W_2W_1 lacks:
if z ≠ 0 with W_2z = 0 exists, x = z and y = τz with large τ (and in the same way if W_1ᵀz = 0);
if not, x = W_2ᵀu_i/σ_i and y = W_1v_i/σ_i for a triple i of A with σ_i < σ_k.

Source: BH89 (no local minima); J21, section 4; the direction is written out here.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Sign, VectorIdentity
from saddlesym.theorems.deep.notation import column, mid, n_in, n_out
from saddlesym.theorems.diagonal.notation import square
from saddlesym.theorems.proof import Proof, Step, main

eps, t = sp.symbols("epsilon tau", real=True)
sk, si = sp.symbols("sigma_k sigma_i", positive=True)
W1, W2 = sp.MatrixSymbol("W_1", mid, n_in), sp.MatrixSymbol("W_2", n_out, mid)
X, Y = sp.MatrixSymbol("X", n_out, mid), sp.MatrixSymbol("Y", mid, n_in)
D = sp.MatrixSymbol("D", n_out, n_in)
u, v, x, y = column("u", n_out), column("v", n_in), column("x", mid), column("y", mid)
size = sp.Symbol("N", integer=True, positive=True)


def moved(share=1):
    """(W_2 + εX)(W_1 + εY) to second order, which is exact."""
    left = (W2 + eps * X) * (W1 + eps * Y)
    return left, W2 * W1 + eps * (X * W1 + W2 * Y) + share * eps**2 * X * Y


def second_order(share=1):
    """½|γ + εη + ε²ζ|² for stacked columns."""
    g, e, z = column("gamma", size), column("eta", size), column("zeta", size)
    left = square(g + eps * e + eps**2 * z) / 2
    rest = eps**3 * e.T * z + eps**4 * square(z) / 2
    return left, square(g) / 2 + eps * g.T * e + eps**2 * (square(e) / 2 + share * g.T * z) + rest


def kills(share=1):
    """W_2ᵀu for u = Dv/σ is (W_2ᵀD)v/σ, and W_1v for v = Dᵀu/σ is (DW_1ᵀ)ᵀu/σ."""
    return [
        (W2.T * (D * v / sk), share * (W2.T * D) * v / sk),
        (W1 * (D.T * u / sk), (D * W1.T).T * u / sk),
    ]


def no_cross_term(share=1):
    """(u xᵀW_1)ᵀ(W_2y vᵀ) contains the factor uᵀW_2y."""
    return (u * x.T * W1).T * (W2 * y * v.T), share * (W1.T * x) * (u.T * W2 * y) * v.T


def squares_and_slope(share=1):
    """(u zᵀ)ᵀ(u zᵀ) = |u|² zzᵀ, (z vᵀ)(z vᵀ)ᵀ = |v|² zzᵀ, and tr DᵀXY = (xᵀy)·vᵀDᵀu for X = uxᵀ, Y = yvᵀ."""
    p, r = column("p", n_in), column("r", n_out)
    return [
        ((u * p.T).T * (u * p.T), p * (u.T * u) * p.T),
        ((r * v.T) * (r * v.T).T, r * (v.T * v) * r.T),
        ((D.T * u * x.T * y), share * (D.T * u) * (x.T * y)),
    ]


def large_factor(share=1):
    """½p − σ_kτ < 0 for τ > p/(2σ_k), p = |W_1ᵀz|²."""
    p = sp.Symbol("p", nonnegative=True)
    return [2 * sk * t * share > p], p / 2 - sk * t < 0


def exchange_vectors(share=1):
    """W_2y and W_1ᵀx for y = W_1v_i/σ_i, x = W_2ᵀu_i/σ_i, and xᵀy."""
    A = W2 * W1
    return [
        (W2 * (W1 * v / si), A * v / si),
        (W1.T * (W2.T * u / si), A.T * u / si),
        ((W2.T * u / si).T * (W1 * v / si), share * u.T * A * v / si**2),
    ]


def exchange(sense=1):
    """½ + ½ − σ_k/σ_i < 0 for σ_i = s, σ_k = s + e."""
    s, excess = sp.symbols("s e", positive=True)
    return sense * ((s + excess) / s - 1)


PROOF = Proof(
    statement="deep-strictness",
    title="Two layers: strict saddles, with the direction of descent",
    latex=r"\nabla\mathcal L=0,\ \mathcal L>\min\mathcal L\ \Rightarrow\ "
    r"\nabla^2\mathcal L[(u_kx^{\top},yv_k^{\top})]^2=|W_1^{\top}x|^2+|W_2y|^2-2\sigma_kx^{\top}y<0",
    source="BH89; J21, section 4",
    assumptions=("L = 2, 𝓛(W_1, W_2) = ½‖W_2W_1 − A*‖², any widths; D = A* − W_2W_1.",),
    imports=("deep-critical-points", "deep-eckart-young"),
    steps=(
        Step(
            "Moving the layers by ε(Y, X) moves A by ε(XW_1 + W_2Y) + ε²XY.",
            r"(W_2+\varepsilon X)(W_1+\varepsilon Y)=A+\varepsilon(XW_1+W_2Y)+\varepsilon^2XY",
            VectorIdentity(moved),
            mutant=VectorIdentity(lambda: moved(share=2)),
        ),
        Step(
            "Stack the columns of Γ = −D, XW_1 + W_2Y and XY: the coefficient of ε² in 𝓛, half the Hessian's form, is "
            "½‖XW_1 + W_2Y‖² − ⟨D, XY⟩.",
            r"\tfrac12|\gamma+\varepsilon\eta+\varepsilon^2\zeta|^2=\tfrac12|\gamma|^2+\varepsilon\gamma^{\top}\eta"
            r"+\varepsilon^2(\tfrac12|\eta|^2+\gamma^{\top}\zeta)+\dots",
            VectorIdentity(second_order),
            mutant=VectorIdentity(lambda: second_order(share=2)),
            uses=(1,),
        ),
        Step(
            "Let (σ_k, u, v) be a singular triple of D, σ_k > 0. Critical means W_2ᵀD = 0 and DW_1ᵀ = 0; so W_2ᵀu = 0 and W_1v = 0.",
            r"W_2^{\top}\tfrac{Dv}{\sigma_k}=\tfrac{(W_2^{\top}D)v}{\sigma_k},\qquad "
            r"W_1\tfrac{D^{\top}u}{\sigma_k}=\tfrac{(DW_1^{\top})^{\top}u}{\sigma_k}",
            VectorIdentity(kills),
            mutant=VectorIdentity(lambda: kills(share=2)),
        ),
        Step(
            "Take X = uxᵀ, Y = yvᵀ. The two parts XW_1 and W_2Y are orthogonal, since uᵀW_2 = 0.",
            r"(ux^{\top}W_1)^{\top}(W_2yv^{\top})=W_1^{\top}x\,(u^{\top}W_2y)\,v^{\top}=0",
            VectorIdentity(no_cross_term),
            mutant=VectorIdentity(lambda: no_cross_term(share=2)),
            uses=(3,),
        ),
        Step(
            "Their squares are |W_1ᵀx|² and |W_2y|², and ⟨D, XY⟩ = (xᵀy)uᵀDv = σ_kxᵀy. So half the form is "
            "½|W_1ᵀx|² + ½|W_2y|² − σ_kxᵀy.",
            r"(up^{\top})^{\top}(up^{\top})=|u|^2pp^{\top},\quad (rv^{\top})(rv^{\top})^{\top}=|v|^2rr^{\top},\quad "
            r"D^{\top}XY=(x^{\top}y)\,D^{\top}u\,v^{\top}",
            VectorIdentity(squares_and_slope),
            mutant=VectorIdentity(lambda: squares_and_slope(share=2)),
            uses=(2, 4),
            facts=("tr XY = tr YX",),
        ),
        Step(
            "If A lacks a triple, D has one. Should W_2z = 0 for a unit vector z, take x = z, y = τz: ½|W_1ᵀz|² − σ_kτ < 0 for large τ. "
            "Should W_1ᵀz = 0, take x = τz, y = z.",
            r"\tau>\frac{|W_1^{\top}z|^2}{2\sigma_k}\;\Rightarrow\;\tfrac12|W_1^{\top}z|^2-\sigma_k\tau<0",
            Entails(large_factor),
            mutant=Entails(lambda: large_factor(share=-1)),
            uses=(5,),
        ),
        Step(
            "Else W_2 has rank w and W_1 too, w the hidden width: A has rank w. Being no global minimum it lacks one of the w largest modes "
            "(deep-critical-points, deep-eckart-young), so some triple (σ_i, u_i, v_i) of A has σ_i < σ_k for one of D. With y = W_1v_i/σ_i, "
            "x = W_2ᵀu_i/σ_i: W_2y = u_i, W_1ᵀx = v_i, xᵀy = 1/σ_i.",
            r"W_2\tfrac{W_1v_i}{\sigma_i}=\tfrac{Av_i}{\sigma_i},\quad W_1^{\top}\tfrac{W_2^{\top}u_i}{\sigma_i}=\tfrac{A^{\top}u_i}{\sigma_i},"
            r"\quad x^{\top}y=\tfrac{u_i^{\top}Av_i}{\sigma_i^2}",
            VectorIdentity(exchange_vectors),
            mutant=VectorIdentity(lambda: exchange_vectors(share=2)),
        ),
        Step(
            "So half the form is ½ + ½ − σ_k/σ_i < 0.",
            r"\sigma_k=s+e>s=\sigma_i:\quad \tfrac{s+e}s-1>0",
            Sign(exchange, ">"),
            mutant=Sign(lambda: exchange(sense=-1), ">"),
            uses=(5, 7),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
