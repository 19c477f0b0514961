"""The origin of a deep linear network: how flat it is, and when it is a strict saddle.

Theorem.  Let C be quadratic, G = ∇C(0) and H(θ) = tr GᵀW_L⋯W_1.  Then 𝓛(εθ) = 𝓛(0) + ε^L H(θ) +
ε^{2L} q(A_θ): all derivatives of 𝓛 of order below L vanish at the origin, and H is the leading form.
If G ≠ 0 the origin is no local minimum; it is a strict saddle if and only if L = 2 and G ≠ 0.

Source: J21, section 3.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Sign, VectorIdentity
from saddlesym.theorems.deep.notation import DEEP_FLOW, L, column, low, mid, n_in, n_out, top
from saddlesym.theorems.proof import Proof, Step, main

eps = sp.Symbol("epsilon", positive=True)
k, m = sp.symbols("k m", integer=True, nonnegative=True)
H, q = sp.symbols("H q", real=True)
u, v, w = column("u", n_out), column("v", n_in), column("w", mid)
G = sp.MatrixSymbol("G", n_out, n_in)


def homogeneous(extra=1):
    """(εW)(ε^k A) = ε^{k+1} WA."""
    W, A = sp.MatrixSymbol("W", top, mid), sp.MatrixSymbol("A", mid, low)
    return (eps * W) * (eps**k * A), eps ** (k + extra) * W * A


def along_a_ray(power=2):
    """C(ε^L A) − C(0) for C(A) = C(0) + ⟨G, A⟩ + q(A)."""
    s = eps**L
    return H * s + q * s**2, eps**L * H + eps ** (power * L) * q


def divisible(spare=1):
    """For k < L, that is L = k + 1 + m, the polynomial is ε^{k+1} times a polynomial."""
    depth = k + 1 + m
    return eps**depth * H + eps ** (2 * depth) * q, eps ** (k + spare) * (eps**m * H + eps ** (depth + m) * q)


def rank_one_pair(sign=-1):
    """W_1 = wvᵀ, W_2 = −uwᵀ: the product is −|w|² uvᵀ."""
    return (-u * w.T) * (w * v.T), sign * u * (w.T * w) * v.T


def falls(sign=-1):
    """H = −|w|²·uᵀGv for that pair."""
    norm, slope = sp.symbols("w2 g", positive=True)
    return -sign * norm * slope


def no_minimum(sign=-1):
    """x(−h + xq) < 0 for x = ε^L small."""
    h, x = sp.symbols("h x", positive=True)
    return [x * sp.Abs(q) < h], x * (sign * h + x * q) < 0


def trace_of_rank_one(share=1):
    """tr Gᵀuvᵀ = vᵀGᵀu = uᵀGv."""
    return v.T * G.T * u, share * u.T * G * v


PROOF = Proof(
    statement="deep-origin",
    title="The origin: flat to order L − 1, strict saddle only for L = 2",
    latex=r"\mathcal L(\varepsilon\theta)=\mathcal L(0)+\varepsilon^LH(\theta)+\varepsilon^{2L}q(A_\theta),\qquad"
    r" H(\theta)=\operatorname{tr}G^{\top}W_L\cdots W_1",
    source="J21, section 3",
    assumptions=(DEEP_FLOW, "C is quadratic: C(A) = C(0) + ⟨G, A⟩ + q(A) with a quadratic form q."),
    steps=(
        Step(
            "Each layer gives one factor ε, so layer by layer A_{εθ} = ε^L A_θ.",
            r"(\varepsilon W)(\varepsilon^kA)=\varepsilon^{k+1}WA",
            VectorIdentity(homogeneous),
            mutant=VectorIdentity(lambda: homogeneous(extra=2)),
        ),
        Step(
            "Hence along every ray 𝓛(εθ) − 𝓛(0) = ε^L H(θ) + ε^{2L} q(A_θ), with H(θ) = ⟨G, A_θ⟩.",
            r"\langle G,\varepsilon^LA\rangle+q(\varepsilon^LA)=\varepsilon^LH+\varepsilon^{2L}q(A)",
            Identity(along_a_ray),
            mutant=Identity(lambda: along_a_ray(power=3)),
            uses=(1,),
        ),
        Step(
            "For k < L that is divisible by ε^{k+1}: the k-th derivative along every ray, and so the whole k-th "
            "derivative, is zero at the origin.",
            r"L=k+1+m:\quad \varepsilon^LH+\varepsilon^{2L}q=\varepsilon^{k+1}\big(\varepsilon^mH+\varepsilon^{L+m}q\big)",
            Identity(divisible),
            mutant=Identity(lambda: divisible(spare=2)),
            uses=(2,),
            facts=("a symmetric multilinear form is determined by its diagonal (polarisation)",),
        ),
        Step(
            "L = 2: the Hessian's form is 2H. For W_1 = wvᵀ, W_2 = −uwᵀ the product is −|w|²uvᵀ.",
            r"(-uw^{\top})(wv^{\top})=-|w|^2\,uv^{\top}",
            VectorIdentity(rank_one_pair),
            mutant=VectorIdentity(lambda: rank_one_pair(sign=1)),
            uses=(2,),
        ),
        Step(
            "There H = −|w|²·tr Gᵀuvᵀ = −|w|²·uᵀGv.",
            r"\operatorname{tr}G^{\top}uv^{\top}=v^{\top}G^{\top}u=u^{\top}Gv",
            VectorIdentity(trace_of_rank_one),
            mutant=VectorIdentity(lambda: trace_of_rank_one(share=2)),
            uses=(4,),
            facts=("tr XY = tr YX",),
        ),
        Step(
            "If G ≠ 0 take u = ±e_i, v = e_j at an entry G_ij ≠ 0, so that uᵀGv = g > 0, and w ≠ 0: then H < 0, and "
            "for L = 2 the Hessian has a negative value, a strict saddle. For L ≥ 3 layers w_lw_{l−1}ᵀ with unit vectors "
            "between the two do not change the product, so again H < 0. If G = 0 and L = 2, or if L ≥ 3 (step 3 with k = 2), "
            "the Hessian vanishes and the saddle is not strict.",
            r"H=-|w|^2\,g<0",
            Sign(falls, ">"),
            mutant=Sign(lambda: falls(sign=1), ">"),
            uses=(3, 5),
        ),
        Step(
            "With H = −h < 0, the loss falls along that ray for all small ε (x = ε^L): no local minimum at any depth.",
            r"x|q|<h\;\Rightarrow\;x(-h+xq)<0",
            Entails(no_minimum),
            mutant=Entails(lambda: no_minimum(sign=1)),
            uses=(2, 6),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
