"""The optimal escape directions from the origin.

Theorem.  Let G ≠ 0, s_1 the largest singular value of −G and H(θ) = tr GᵀW_L⋯W_1.  On the sphere
Σ‖W_l‖² = 1 one has −H ≤ s_1 L^{−L/2}, for every depth and all widths.  If s_1 is simple, with the
pair (u_1, v_1), equality holds exactly at W_l = ε_l w_l w_{l−1}ᵀ/√L with unit vectors w_l, w_0 = v_1,
w_L = u_1 and signs ε_l = ±1 whose product is 1.

Source: J21, section 3 (optimal escape directions).
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, SignFrom, VectorIdentity
from saddlesym.theorems.deep.notation import DEEP_FLOW, L, column, low, mid, n_in, n_out, top
from saddlesym.theorems.diagonal.notation import square
from saddlesym.theorems.proof import Proof, Step, main

h = sp.Symbol("h", real=True)
s, s1, x = sp.symbols("s s_1 x", nonnegative=True)
a, b, c, e = column("a", top), column("b", mid), column("c", low), column("e", mid)


def lagrange(share=1):
    """‖e|b|² − b(bᵀe)‖² = |b|²(|e|²|b|² − (eᵀb)²)."""
    left = square(e * (b.T * b) - b * (b.T * e))
    return left, share * (b.T * b) * ((e.T * e) * (b.T * b) - (e.T * b) * (b.T * e))


def one_more_row(share=1):
    """A row w adds Σ_j (w·m_j)² ≤ |w|²‖M‖² to ‖WM‖² and |w|² to ‖W‖²."""
    so_far, entry, rows, row, M = sp.symbols("S y p r M", nonnegative=True)
    return [so_far <= rows * M, entry <= share * row * M], so_far + entry <= (rows + row) * M


def top_mode(bound=s1):
    """One mode of s_1²‖M‖² − ‖GMᵀ‖², and when it is zero."""
    gap = bound**2 * x**2 - s**2 * x**2
    return [s <= s1], sp.And(gap >= 0, sp.Implies(sp.Eq(gap, 0), sp.Or(sp.Eq(s, s1), sp.Eq(x, 0))))


def log_above(sign=-1):
    """x − 1 − ln x > 0 for x = 1 + h."""
    return h + sign * sp.log(1 + h), h, 0


def log_below(share=1):
    """x − 1 − ln x > 0 for x = 1/(1 + h)."""
    return sp.log(1 + h) - share * h / (1 + h), h, 0


def one_layer(power=sp.Rational(-1, 2)):
    """‖W_l‖ = √x_l·L^{−1/2}, and L such factors."""
    y = sp.Symbol("x_l", positive=True)
    return [(sp.sqrt(y / L), sp.sqrt(y) * L**power), ((L ** sp.Rational(-1, 2)) ** L, L ** (-L / 2))]


def parallel_rows(share=1):
    """If W|b|² = (Wb)bᵀ then W has rank one; its product with bcᵀ is |b|²·acᵀ for W = abᵀ."""
    return (a * b.T) * (b * c.T), share * a * (b.T * b) * c.T


def end_to_end_value(share=1):
    """uᵀ(−G)v for A = x·uvᵀ: tr (−G)ᵀA = x·vᵀ(−G)ᵀu."""
    u, v, F = column("u", n_out), column("v", n_in), sp.MatrixSymbol("F", n_out, n_in)
    return v.T * F.T * u, share * u.T * F * v


def last_layer(share=1):
    """W_L ∝ (−G)Mᵀ for M = b vᵀ is (−Gv)bᵀ."""
    v, F = column("v", n_in), sp.MatrixSymbol("F", n_out, n_in)
    return F * (b * v.T).T, share * (F * v) * b.T


PROOF = Proof(
    statement="deep-escape-direction",
    title="Optimal escape directions are of rank one",
    latex=r"\max_{\sum\|W_l\|^2=1}-H(\theta)=s_1L^{-L/2},\qquad W_l=\pm\tfrac1{\sqrt L}\,w_lw_{l-1}^{\top},\ w_0=v_1,\ w_L=u_1",
    source="J21, section 3",
    assumptions=(DEEP_FLOW, "G ≠ 0; for the case of equality s_1 is a simple singular value."),
    imports=("deep-origin",),
    steps=(
        Step(
            "Cauchy–Schwarz with its remainder: for b ≠ 0, (eᵀb)² ≤ |e|²|b|², with equality only if e|b|² = b(bᵀe). "
            "For matrices the same holds of their stacked columns.",
            r"\big\|e|b|^2-b(b^{\top}e)\big\|^2=|b|^2\big(|e|^2|b|^2-(e^{\top}b)^2\big)",
            VectorIdentity(lagrange),
            mutant=VectorIdentity(lambda: lagrange(share=2)),
        ),
        Step(
            "An entry of WM is row times column, so by step 1 and row by row ‖WM‖² ≤ ‖W‖²‖M‖², with equality only if "
            "it holds for every pair of a row and a column.",
            r"S\le p\,\|M\|^2,\ y\le r\,\|M\|^2\;\Rightarrow\;S+y\le(p+r)\|M\|^2",
            Entails(one_more_row),
            mutant=Entails(lambda: one_more_row(share=2)),
            uses=(1,),
        ),
        Step(
            "In the singular basis of G, ‖GMᵀ‖² = Σ_i s_i²x_i² and ‖M‖² = Σ_i x_i², where x_i = |Mv_i|: so ‖GMᵀ‖ ≤ s_1‖M‖, with "
            "equality only if Mᵀ has its columns in the space of the singular value s_1.",
            r"0\le s\le s_1:\quad s_1^2x^2-s^2x^2\ge0,\ \ =0\Rightarrow s=s_1\text{ or }x=0",
            Entails(top_mode),
            mutant=Entails(lambda: top_mode(bound=s1 / 2)),
            facts=("singular value decomposition",),
        ),
        Step(
            "With M = W_{L−1}⋯W_1: −H = ⟨−GMᵀ, W_L⟩ ≤ ‖GMᵀ‖‖W_L‖ ≤ s_1‖M‖‖W_L‖ ≤ s_1‖W_1‖⋯‖W_L‖, by steps 1, 3 and 2. Put "
            "x_l = L‖W_l‖², so that Σx_l = L on the sphere: the product is L^{−L/2}√(x_1⋯x_L).",
            r"\|W_l\|=\sqrt{x_l}\,L^{-1/2},\qquad (L^{-1/2})^L=L^{-L/2}",
            Identity(one_layer),
            mutant=Identity(lambda: one_layer(power=-1)),
            uses=(1, 2, 3),
        ),
        Step(
            "ln x < x − 1 for x = 1 + h > 1.",
            r"h-\ln(1+h)>0\quad(h>0)",
            SignFrom(log_above, ">"),
            mutant=SignFrom(lambda: log_above(sign=-2), ">"),
        ),
        Step(
            "And for x = 1/(1 + h) < 1. So Σ ln x_l ≤ Σ(x_l − 1) = 0, that is x_1⋯x_L ≤ 1, with equality only if all x_l = 1: "
            "with step 4, −H ≤ s_1L^{−L/2}, with equality only if every ‖W_l‖ = 1/√L.",
            r"\ln(1+h)-\frac h{1+h}>0\quad(h>0)",
            SignFrom(log_below, ">"),
            mutant=SignFrom(lambda: log_below(share=2), ">"),
            uses=(4, 5),
        ),
        Step(
            "The bound is attained: unit vectors w_l cancel between neighbours, so W_l = w_lw_{l−1}ᵀ/√L has A = L^{−L/2} w_Lw_0ᵀ.",
            r"(ab^{\top})(bc^{\top})=|b|^2\,ac^{\top}",
            VectorIdentity(parallel_rows),
            mutant=VectorIdentity(lambda: parallel_rows(share=2)),
        ),
        Step(
            "There −H = L^{−L/2}·u_1ᵀ(−G)v_1 = s_1L^{−L/2}; signs with product 1 change nothing.",
            r"\operatorname{tr}F^{\top}uv^{\top}=v^{\top}F^{\top}u=u^{\top}Fv,\quad F=-G",
            VectorIdentity(end_to_end_value),
            mutant=VectorIdentity(lambda: end_to_end_value(share=2)),
            uses=(7,),
            facts=("tr XY = tr YX",),
        ),
        Step(
            "Equality, s_1 simple: by steps 1 and 3, Mᵀ has its columns along v_1, so M = b v_1ᵀ, and W_L is a positive multiple of "
            "(−G)Mᵀ = s_1u_1bᵀ. For L ≥ 3 equality in each product W_{l+1}(W_l⋯W_1) of step 2 makes every row of W_{l+1} "
            "parallel to every column of a matrix that is not zero (step 1): from the right, all layers are w_lw_{l−1}ᵀ/√L with "
            "shared unit vectors up to sign, w_0 = ±v_1 and w_L = ±u_1; signs moved into ε_l leave w_0 = v_1, w_L = u_1, ∏ε_l = 1.",
            r"(-G)(b\,v^{\top})^{\top}=(-Gv)\,b^{\top}",
            VectorIdentity(last_layer),
            mutant=VectorIdentity(lambda: last_layer(share=2)),
            uses=(1, 2, 3, 6),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
