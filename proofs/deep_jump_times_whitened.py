"""Jump times 1/σ_k of a generic start, two layers and whitened squared error.

Theorem.  Let 𝓛(W_1, W_2) = ½‖W_2W_1 − A*‖² with w hidden neurons, A* = Σσ_iu_iv_iᵀ with σ_1 ≥ σ_2 ≥ … > 0 (r terms), and
start from α times a fixed balanced pair, W_2ᵀW_2 = W_1W_1ᵀ.  Let b_i = (W_1v_i + W_2ᵀu_i)/√2, a vector of length w, and
call mode i *reached* if b_i does not lie in the span of b_1, …, b_{i−1} (among equal σ the singular vectors are chosen
such that the reached modes come first, and the b_i of the others lie in the span of those of greater σ).  Then
A(tΛ) → Σσ_iu_iv_iᵀ over the reached i with σ_it > 1, as α → 0, for every t that is no 1/σ_i; Λ = ln(1/α).
So a reached mode appears at t_i = 1/σ_i, and the others never.

At most w modes are reached.  They are the min(w, r) first ones as soon as the first min(w, r) of the b_i are independent,
which is an open condition.  It is met by almost every balanced start unless w ≥ m = n = r for an m × n matrix A*.
In that case W_2 = QW_1ᵀ with an orthogonal Q for every balanced start of full rank; half of these starts, those with
det A(0)·det A* < 0, miss at least one mode for ever, and almost every one of the other half reaches all.

Starts that are not balanced are not covered.

Source: SMG14 for aligned starts; the matrix Riccati equation of Fukumizu (1998); this project.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Limit, VectorIdentity
from saddlesym.theorems.deep.notation import mid, n_in, n_out
from saddlesym.theorems.proof import Proof, Step, main

k = sp.Symbol("k", integer=True, positive=True)
size = sp.Symbol("N", integer=True, positive=True)
W1, W2 = sp.MatrixSymbol("W_1", mid, n_in), sp.MatrixSymbol("W_2", n_out, mid)
target = sp.MatrixSymbol("A_star", n_out, n_in)
M, Z, E = sp.MatrixSymbol("M", size, size), sp.MatrixSymbol("Z", size, mid), sp.MatrixSymbol("E", size, mid)
N, S = sp.MatrixSymbol("N_T", mid, mid), sp.MatrixSymbol("S", mid, mid)
B, Delta = sp.MatrixSymbol("B", mid, k), sp.MatrixSymbol("Delta", k, k)
alpha, sigma, T, t, Lam = sp.symbols("alpha sigma T t Lambda", positive=True)
lam = sp.Symbol("lambda", nonzero=True, real=True)
half = sp.Rational(1, 2)


def stacked(share=half):
    """(W_1ᵀ)' and W_2' as A*ᵀW_2 − W_1ᵀ(ZᵀZ)/2 and A*W_1ᵀ − W_2(ZᵀZ)/2, up to the balance D = 0."""
    slope = target - W2 * W1
    gram, D = W1 * W1.T + W2.T * W2, W2.T * W2 - W1 * W1.T
    return [
        ((W2.T * slope).T, target.T * W2 - share * W1.T * gram - W1.T * D / 2),
        (slope * W1.T, target * W1.T - share * W2 * gram + W2 * D / 2),
    ]


def riccati(share=1):
    """R = ZZᵀ along Z' = MZ − ½ZZᵀZ."""
    velocity = M * Z - Z * Z.T * Z / 2
    return velocity * Z.T + Z * velocity.T, M * Z * Z.T + Z * Z.T * M - share * Z * Z.T * Z * Z.T


def solved(share=1):
    """R = EN⁻¹Eᵀ with E' = ME, N' = EᵀE, (N⁻¹)' = −N⁻¹N'N⁻¹."""
    R = E * N.I * E.T
    rate = M * R + R * M - share * E * N.I * (E.T * E) * N.I * E.T
    return rate, M * R + R * M - R * R


def one_mode_of_N(share=2):
    return sp.diff(alpha**2 * (sp.exp(2 * lam * T) - 1) / (share * lam), T), alpha**2 * sp.exp(2 * lam * T)


def exponent(share=1):
    """α e^{σT} at T = tΛ, α = e^{−Λ}."""
    return sp.exp(-Lam) * sp.exp(sigma * t * Lam), sp.exp(-share * Lam * (1 - sigma * t))


def grows_or_fades(growing=1):
    """α^{1−σt} with |1 − σt| = g: e^{−gΛ} fades; its inverse is the growing case."""
    g = sp.Symbol("g", positive=True)
    return sp.exp(-growing * g * Lam), Lam, sp.oo, "-", 0


def push_through(share=1):
    """(S + BΔBᵀ)S⁻¹B = B(I + ΔBᵀS⁻¹B)."""
    K = B.T * S.I * B
    return (S + B * Delta * B.T) * S.I * B, share * B * Delta * K + B


def absorbed(share=1):
    """S + BΔBᵀ + δ(Bc)(Bc)ᵀ = S + B(Δ + δccᵀ)Bᵀ."""
    c, delta = sp.MatrixSymbol("c", k, 1), sp.Symbol("delta")
    left = S + B * Delta * B.T + delta * (B * c) * (B * c).T
    return left, S + B * (Delta + share * delta * c * c.T) * B.T


def overtaken(sense=1):
    """F_j/F_i = α^{(σ_i − σ_j)t} for σ_i − σ_j = g > 0."""
    g = sp.Symbol("g", positive=True)
    return sp.exp(-sense * g * t * Lam), Lam, sp.oo, "-", 0


def reflection(share=1):
    """I + O = O(I + O)ᵀ for OOᵀ = I, here O⁻¹ = Oᵀ."""
    turn = sp.MatrixSymbol("O", k, k)
    return sp.Identity(k) + turn, turn * (share * sp.Identity(k) + turn.I)


def vanishing_determinant(sign=1):
    """d = det(I + O) = det O · d with det O = −1."""
    d = sp.Symbol("d", real=True)
    return [sp.Eq(d, -sign * d)], sp.Eq(d, 0)


def sign_class(share=1):
    """W_1v + W_2ᵀu = W_1(v + Qᵀu) and W_2W_1 = QW_1ᵀW_1 for W_2 = QW_1ᵀ."""
    Q = sp.MatrixSymbol("Q", n_in, n_in)
    v, u = sp.MatrixSymbol("v", n_in, 1), sp.MatrixSymbol("u", n_in, 1)
    return W1 * v + (Q * W1.T).T * u, W1 * (v + share * Q.T * u)


def scaled(share=1):
    """(F⁻¹YF⁻¹)(FY⁻¹F) = I."""
    F, Y = sp.MatrixSymbol("F", k, k), sp.MatrixSymbol("Y", k, k)
    return share * (F.I * Y * F.I) * (F * Y.I * F), sp.Identity(k)


def own_weight(value=1):
    """F⁻²Δ = (1 − e^{−2σT})/(2σ) for F = αe^{σT}."""
    F2 = alpha**2 * sp.exp(2 * sigma * T)
    return (F2 - alpha**2) / (2 * sigma) / F2, T, sp.oo, "-", value / (2 * sigma)


def limit_block(share=1):
    """2σ·(v; u)(v; u)ᵀ/2 has the block σuvᵀ below the diagonal."""
    p, q, r, s = sp.symbols("v_1 v_2 u_1 u_2", real=True)
    vector = sp.Matrix([p, q, r, s]) / sp.sqrt(2)
    block = (2 * sigma * vector * vector.T)[2:, :2]
    want = share * sigma * sp.Matrix([r, s]) * sp.Matrix([p, q]).T
    return list(zip(block, want, strict=True))


def fades(bound=1):
    """R_jj ≤ F_j²|b_j|² as N ≥ I, and |R_ij|² ≤ R_iiR_jj."""
    p, q, r, C, e = sp.symbols("p q r C e", real=True)
    return [p >= 0, q >= 0, r**2 <= p * q, p <= C, q <= e], r**2 <= bound * C * e


PROOF = Proof(
    statement="deep-jump-times-whitened",
    title="Jump times 1/σ_k of generic starts, two layers",
    latex=r"\lim_{\alpha\to0}A(t\Lambda)=\sum_{\sigma_it>1,\ i\ \mathrm{reached}}\sigma_iu_iv_i^{\top},\qquad t_k=1/\sigma_k",
    source="this project",
    assumptions=(
        "L = 2, 𝓛 = ½‖W_2W_1 − A*‖²; the start is α times a fixed pair, 0 < α < 1, Λ = ln(1/α).",
        "The start is balanced: W_2ᵀW_2 = W_1W_1ᵀ (it stays so).",
        "t is no 1/σ_i. Mode i is reached if b_i does not lie in the span of b_1, …, b_{i−1}; among equal σ the singular vectors are chosen as "
        "the theorem says.",
    ),
    imports=("deep-balancedness",),
    not_covered="starts that are not balanced",
    steps=(
        Step(
            "Stack Z = (W_1ᵀ; W_2) and M = (0, A*ᵀ; A*, 0). As W_2ᵀW_2 = W_1W_1ᵀ for all times (deep-balancedness), "
            "Z' = MZ − ½ZZᵀZ.",
            r"\big(W_2^{\top}(A^*-W_2W_1)\big)^{\top}=A^{*\top}W_2-\tfrac12W_1^{\top}Z^{\top}Z-\tfrac12W_1^{\top}D,\quad "
            r"D=W_2^{\top}W_2-W_1W_1^{\top}=0",
            VectorIdentity(stacked),
            mutant=VectorIdentity(lambda: stacked(share=1)),
        ),
        Step(
            "So R = ZZᵀ, whose lower left block is A, solves a Riccati equation.",
            r"R'=MR+RM-R^2",
            VectorIdentity(riccati, symmetric=("M",)),
            mutant=VectorIdentity(lambda: riccati(share=2), symmetric=("M",)),
            uses=(1,),
        ),
        Step(
            "Its solution is R = EN⁻¹Eᵀ with E = e^{MT}Z_0 and N = I + ∫EᵀE, which is positive definite.",
            r"\big(EN^{-1}E^{\top}\big)'=MR+RM-EN^{-1}(E^{\top}E)N^{-1}E^{\top}=MR+RM-R^2",
            VectorIdentity(solved, symmetric=("M", "N_T")),
            mutant=VectorIdentity(lambda: solved(share=2), symmetric=("M", "N_T")),
            uses=(2,),
            facts=("Picard–Lindelöf: uniqueness of solutions", "derivative of an inverse matrix"),
        ),
        Step(
            "M has the eigenvectors (v_i; ±u_i)/√2 for ±σ_i, and 0 on the rest. In that basis row λ of E is αe^{λT}b_λᵀ and "
            "N = I + Σ_λ α²(e^{2λT} − 1)/(2λ)·b_λb_λᵀ, with α²T in place of the fraction for λ = 0.",
            r"\tfrac{d}{dT}\frac{\alpha^2(e^{2\lambda T}-1)}{2\lambda}=\alpha^2e^{2\lambda T}",
            Identity(one_mode_of_N),
            mutant=Identity(lambda: one_mode_of_N(share=1)),
            uses=(3,),
        ),
        Step(
            "At T = tΛ the factor of row σ is α^{1−σt}.",
            r"\alpha e^{\sigma t\Lambda}=e^{-\Lambda(1-\sigma t)}",
            Identity(exponent),
            mutant=Identity(lambda: exponent(share=2)),
            uses=(4,),
        ),
        Step(
            "So it tends to 0 if σt < 1, like those of λ ≤ 0 (α²T = α²tΛ tends to 0 too), and to ∞ if σt > 1.",
            r"\lim_{\Lambda\to\infty}e^{-g\Lambda}=0\quad(g=|1-\sigma t|>0)",
            Limit(grows_or_fades),
            mutant=Limit(lambda: grows_or_fades(growing=-1)),
            uses=(5,),
        ),
        Step(
            "Let B have the columns b_i of the reached modes with σ_it > 1, Δ the diagonal of their weights in N, S the part of N that has "
            "I and the rows of factors that do not grow; S ≥ I, and S → I by step 6. The other growing rows are not reached: b_j = Bc with "
            "c_i = 0 unless σ_i > σ_j, of weight δ. They change Δ only: N = S + BΔ̃Bᵀ, Δ̃ = Δ + Σδccᵀ.",
            r"S+B\Delta B^{\top}+\delta(Bc)(Bc)^{\top}=S+B(\Delta+\delta cc^{\top})B^{\top}",
            VectorIdentity(absorbed),
            mutant=VectorIdentity(lambda: absorbed(share=2)),
            uses=(4, 6),
        ),
        Step(
            "With K = BᵀS⁻¹B, NS⁻¹B = B(I + Δ̃K), hence BᵀN⁻¹B = K(I + Δ̃K)⁻¹ = (K⁻¹ + Δ̃)⁻¹; K → BᵀB is invertible, as the columns of B "
            "are independent.",
            r"(S+B\tilde\Delta B^{\top})S^{-1}B=B(I+\tilde\Delta K),\qquad K=B^{\top}S^{-1}B",
            VectorIdentity(push_through),
            mutant=VectorIdentity(lambda: push_through(share=2)),
            uses=(7,),
        ),
        Step(
            "With F the diagonal of the factors α^{1−σ_it}, the block of R of the reached growing modes is F(K⁻¹ + Δ̃)⁻¹F, the inverse of "
            "F⁻¹K⁻¹F⁻¹ + F⁻¹Δ̃F⁻¹.",
            r"(F^{-1}YF^{-1})(FY^{-1}F)=I",
            VectorIdentity(scaled),
            mutant=VectorIdentity(lambda: scaled(share=2)),
            uses=(8,),
        ),
        Step(
            "A mode that is not reached grows more slowly than those that span its row: with F_j its factor, F_jF⁻¹c → 0, and as its weight δ "
            "is at most F_j²/(2σ_j), F⁻¹δccᵀF⁻¹ → 0.",
            r"F_j/F_i=\alpha^{(\sigma_i-\sigma_j)t}\to0\quad(\sigma_i>\sigma_j)",
            Limit(overtaken),
            mutant=Limit(lambda: overtaken(sense=-1)),
            uses=(5, 7),
        ),
        Step(
            "F⁻¹ → 0, so F⁻¹K⁻¹F⁻¹ tends to 0; F⁻¹ΔF⁻¹ is diagonal and tends to 1/(2σ_i). The block tends to the diagonal of the 2σ_i.",
            r"\lim_{T\to\infty}\frac{1-e^{-2\sigma T}}{2\sigma}=\frac1{2\sigma}",
            Limit(own_weight),
            mutant=Limit(lambda: own_weight(value=2)),
            uses=(6, 9, 10),
        ),
        Step(
            "In the rows that do not grow R_jj = F_j²b_jᵀN⁻¹b_j ≤ F_j²|b_j|² → 0, as N ≥ I; in those that are not reached R_jj is the block between "
            "F_jF⁻¹c on both sides, and tends to 0 by steps 10 and 11. R is positive semidefinite, so that |R_ij|² ≤ R_iiR_jj → 0 for every i.",
            r"r^2\le pq,\ 0\le p\le C,\ 0\le q\le e\;\Rightarrow\;r^2\le Ce",
            Entails(fades),
            mutant=Entails(lambda: fades(bound=half)),
            uses=(6, 10, 11),
        ),
        Step(
            "So R → Σ2σ_i(v_i; u_i)(v_i; u_i)ᵀ/2 over the reached i with σ_it > 1, and its lower left block is A.",
            r"\tfrac12\cdot2\sigma\,(v;u)(v;u)^{\top}\ \text{has the block}\ \sigma uv^{\top}",
            Identity(limit_block),
            mutant=Identity(lambda: limit_block(share=2)),
            uses=(11, 12),
        ),
        Step(
            "Balanced starts: W_1 and W_2ᵀ have the same Gram matrix of rows, so that W_1 = RX, W_2ᵀ = RY with R of full column rank ρ and row-orthonormal "
            "X (ρ × n), Y (ρ × m), ρ ≤ w; for almost all of them ρ = min(w, m, n). If w ≥ m = n, W_2 = QW_1ᵀ with Q orthogonal and √2·b_i = W_1(v_i + Qᵀu_i). "
            "If not, one of X and Y runs through a connected set, and some minor of the b_i is an analytic function that does not vanish where X and Y "
            "have the first ρ of the v_i and u_i as rows: it vanishes on a null set only. The same holds for r < m = n, and for either of the two signs "
            "of det Q, as the v_i and u_i are then completed by bases of either orientation.",
            r"W_1v+(QW_1^{\top})^{\top}u=W_1(v+Q^{\top}u)",
            VectorIdentity(sign_class),
            mutant=VectorIdentity(lambda: sign_class(share=2)),
            facts=(
                "orthonormal k-frames of ℝ^N form a connected analytic manifold for k < N",
                "zeros of an analytic function on a connected manifold, not identically zero, are a null set",
            ),
        ),
        Step(
            "Let w ≥ m = n = r, V and U the matrices of the v_i and u_i, O = VᵀQᵀU. The b_i are the columns of W_1V(I + O)/√2. As A(0) = QW_1ᵀW_1 up to the scale and "
            "A* = UΣVᵀ, det O = ±1 has the sign of det A(0)·det A*. And I + O = O(I + O)ᵀ, so that det(I + O) = det O·det(I + O).",
            r"I+O=O(I+O^{-1}),\qquad O^{-1}=O^{\top}",
            VectorIdentity(reflection),
            mutant=VectorIdentity(lambda: reflection(share=2)),
            uses=(14,),
        ),
        Step(
            "So if det A(0)·det A* < 0 the b_i are dependent, and a mode is not reached. If it is positive, det(I + O) is 2^n at O = I, an analytic function "
            "on the connected group SO(n), and so almost never zero.",
            r"d=-d\;\Rightarrow\;d=0,\qquad d=\det(I+O)",
            Entails(vanishing_determinant),
            mutant=Entails(lambda: vanishing_determinant(sign=-1)),
            uses=(15,),
            facts=(
                "zeros of an analytic function on a connected manifold, not identically zero, are a null set",
            ),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
