"""Which saddles are joined by a heteroclinic orbit.

Theorem.  Let L be strictly convex (X has independent columns) and consider the flow
β' = −2|β| ⊙ ∇L(β) of a jump in one closed orthant.  Let β_S ≠ β_T be saddles of supports S
and T in that orthant.  There is an orbit from β_S to β_T if and only if

  (i)   T∖S is not empty, and sign(β_T)_j ∇L(β_S)_j < 0 for every j ∈ T∖S, and
  (ii)  β_T is the minimiser of L over the face of the orthant with support S ∪ T, that is
        sign(β_S)_j ∇L(β_T)_j ≥ 0 for every j ∈ S∖T.

For |T∖S| = 1 condition (ii) implies (i); in general it does not.

Source: HS22 (invasion graphs of symmetric positive definite Lotka–Volterra systems); PF23,
Theorem 3.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, SignFrom, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, d, gradient, n, y
from saddlesym.theorems.proof import Proof, Step, main

x, xs, g, gs, r = sp.symbols("beta_i c_i g_i g^*_i r", real=True)
h = sp.Symbol("h", real=True)
k, m, q = sp.symbols("k m q", integer=True, positive=True)  # sizes of S, Z and of the other coordinates
MSS, B = sp.MatrixSymbol("M_SS", k, k), sp.MatrixSymbol("B", k, k)
MZZ, MSZ = sp.MatrixSymbol("M_ZZ", m, m), sp.MatrixSymbol("M_SZ", k, m)
MSN, MZN = sp.MatrixSymbol("M_SN", k, q), sp.MatrixSymbol("M_ZN", m, q)
e_s, b_z, b_n = (sp.MatrixSymbol(name, size, 1) for name, size in (("e_S", k), ("b_Z", m), ("b_N", q)))
SYMMETRIC = ("M_SS", "M_ZZ", "B", "D")


def reflected(sign=-1):
    """D∇L(Dβ) is the gradient of the loss with data XD, D diagonal with entries ±1."""
    D = sp.MatrixSymbol("D", d, d)
    return D * gradient(D * beta), (X * D).T * ((X * D) * beta + sign * y) / n


def logarithmic_rate(factor=2):
    """(ln β_i)' = β_i'/β_i."""
    p = sp.Symbol("beta_i", positive=True)
    return sp.diff(sp.log(p), p) * (-2 * p * g), -factor * g


def lyapunov_rate(factor=2):
    """d/dT (β_i − c_i ln β_i) along β_i' = −2β_i g_i."""
    p = sp.Symbol("beta_i", positive=True)
    return sp.diff(p - xs * sp.log(p), p) * (-2 * p * g), -factor * (p - xs) * g


def gradient_from_minimiser(factor=1):
    """g(β) = g(c) + M(β − c), so (β − c)ᵀg(β) = (β − c)ᵀg(c) + ‖X(β − c)‖²/n."""
    c = sp.MatrixSymbol("c", d, 1)
    e = beta - c
    return e.T * gradient(beta), e.T * gradient(c) + factor * (X * e).T * (X * e) / n


def boundary_term(kkt=True):
    """(β_i − c_i) g*_i ≥ 0 by the KKT conditions at c."""
    hypotheses = [x >= 0, xs >= 0, sp.Eq(xs * gs, 0)]
    return hypotheses + ([gs >= 0] if kkt else []), (x - xs) * gs >= 0


def entropy_above(level=1):
    """x − ln x − 1 at x = 1 + h."""
    return h - sp.log(1 + h) + 1 - level, h, 0


def entropy_below(level=1):
    """x − ln x − 1 at x = 1/(1 + h)."""
    return 1 / (1 + h) + sp.log(1 + h) - level, h, 0


def backward(positive=True):
    """If g_j(β_S) > 0, ln β_j decreases forward in time near β_S, so it does not tend to −∞ backward."""
    now, past, span, rate = sp.symbols("ell_now ell_past span rate", real=True)
    hypotheses = [span > 0, sp.Eq(now, past + rate * span), rate < 0 if positive else rate > 0]
    return hypotheses, past > now


def schur_rows(factor=1):
    """(M_Z − M_ZS M_SS⁻¹ M_S) e contains no e_S: only the coordinates off S act on the weighted logarithms."""
    row_Z = MSZ.T * e_s + MZZ * b_z + MZN * b_n
    row_S = MSS * e_s + MSZ * b_z + MSN * b_n
    K_ZZ = MZZ - MSZ.T * MSS**-1 * MSZ
    K_ZN = MZN - MSZ.T * MSS**-1 * MSN
    return row_Z - MSZ.T * MSS**-1 * row_S, factor * K_ZZ * b_z + K_ZN * b_n


def schur_definite(factor=1):
    """xᵀK_ZZ x is the value of the form M at (−M_SS⁻¹M_SZ x, x)."""
    top = -(MSS**-1) * MSZ * b_z
    form = top.T * MSS * top + 2 * top.T * MSZ * b_z + b_z.T * MZZ * b_z
    return form, b_z.T * (MZZ - factor * MSZ.T * MSS**-1 * MSZ) * b_z


def alternative(sign=1):
    """x_i ≥ 0 and (Kx)_i ≤ 0 for all i would make xᵀKx a sum of terms ≤ 0."""
    entry = sp.Symbol("Kx_i", real=True)
    return [x >= 0, sign * entry <= 0], x * entry <= 0


def bounded_below(integrable=True):
    """φ(0) − φ(T) = −A + B with A ≥ 0 and B ≤ C gives φ(T) ≥ φ(0) − C."""
    phi0, phi, A, other, bound = sp.symbols("phi_0 phi_T A B C", real=True)
    hypotheses = [sp.Eq(phi0 - phi, -A + other), A >= 0]
    return hypotheses + ([other <= bound] if integrable else []), phi >= phi0 - bound


def enters_something(unique=True):
    """If T ⊆ S, both saddles would have the least loss over the face of S, which is attained once."""
    loss_S, loss_T, inside = sp.symbols("L_S L_T inside", real=True)
    other_is_larger = loss_S < loss_T if unique else loss_S <= loss_T
    hypotheses = [
        sp.Implies(sp.Eq(inside, 1), loss_T <= loss_S),
        sp.Implies(sp.Eq(inside, 1), other_is_larger),
    ]
    return hypotheses, sp.Ne(inside, 1)


def jacobian_row(active=False):
    """∂(−2β_j g_j)/∂β_k at β_j = 0, with g_j affine: only −2g_j on the diagonal."""
    p, other, mjj, mjk = sp.symbols("beta_j beta_k M_jj M_jk", real=True)
    affine = mjj * p + mjk * other - r
    velocity = -2 * p * affine
    at_saddle = {} if active else {p: 0}
    return [
        (sp.diff(velocity, p).subs(at_saddle), (-2 * affine).subs(at_saddle)),
        (sp.diff(velocity, other).subs(at_saddle), 0),
    ]


def stable_block(factor=4):
    """d/dT eᵀBe with B = diag(β_S)⁻¹ along e' = −2 diag(β_S) M_SS e."""
    velocity = -2 * B**-1 * MSS * e_s
    return velocity.T * B * e_s + e_s.T * B * velocity, -factor * e_s.T * MSS * e_s


def single_entry(single=True):
    """L_T > … : gᵀ(β_T − β_S) ≤ L_T − L_S < 0, and only j ∈ T∖S contributes."""
    gj, bj, gk, bk, drop = sp.symbols("g_j beta_j g_k beta_k D", real=True)
    hypotheses = [drop < 0, gj * bj + gk * bk <= drop, bj > 0, bk >= 0]
    return hypotheses + ([sp.Eq(bk, 0)] if single else []), gj < 0


def second_entry(coupling=-1):
    """M = ((2, −1), (−1, 2)), r = (3, −1): the minimiser is positive, yet ∂₂L(0) = −r₂ > 0."""
    first, second, slope = sp.symbols("c_1 c_2 g_2", real=True)
    hypotheses = [
        sp.Eq(2 * first + coupling * second, 3),
        sp.Eq(coupling * first + 2 * second, -1),
        sp.Eq(slope, 1),
    ]
    return hypotheses, sp.And(first > 0, second > 0, slope > 0)


PROOF = Proof(
    statement="transition-rule",
    title="Transition rule",
    latex=r"\beta_S\to\beta_T \iff T\setminus S\neq\emptyset,\ \mathrm{sign}(\beta_T)_j\nabla L(\beta_S)_j<0\ (j\in "
    r"T\setminus S),\ \mathrm{sign}(\beta_S)_j\nabla L(\beta_T)_j\ge0\ (j\in S\setminus T)",
    source="HS22; PF23, Theorem 3",
    assumptions=(
        "X has independent columns, so that L is strictly convex.",
        "β_S ≠ β_T are saddles in one closed orthant; orbits are those of β' = −2|β| ⊙ ∇L(β) in it.",
    ),
    imports=("subdifferential",),
    steps=(
        Step(
            "Changing the signs of columns carries any orthant to β ≥ 0 and keeps the form of the flow; so let β ≥ 0.",
            r"D\,\nabla L(D\beta)=\tfrac1n(XD)^{\top}(XD\beta-y),\quad D=\mathrm{diag}(\pm1)",
            VectorIdentity(reflected, symmetric=SYMMETRIC),
            mutant=VectorIdentity(lambda: reflected(sign=1), symmetric=SYMMETRIC),
        ),
        Step(
            "A positive coordinate has the logarithmic rate −2g_i, which is bounded on bounded orbits; so positive "
            "coordinates stay positive, zeros stay zero, and an orbit has one support U at all finite times.",
            r"(\ln\beta_i)'=-2g_i",
            Identity(logarithmic_rate),
            mutant=Identity(lambda: logarithmic_rate(factor=1)),
        ),
        Step(
            "Let c be the minimiser of L over the face of U, g* = ∇L(c), and V = Σ_{i∈U}(β_i − c_i ln β_i). Along "
            "the orbit, V' = −2Σ(β_i − c_i)g_i.",
            r"\tfrac{d}{dT}(\beta_i-c_i\ln\beta_i)=-2(\beta_i-c_i)\,g_i",
            Identity(lyapunov_rate),
            mutant=Identity(lambda: lyapunov_rate(factor=1)),
            uses=(2,),
        ),
        Step(
            "∇L is affine.",
            r"(\beta-c)^{\top}g(\beta)=(\beta-c)^{\top}g^{*}+\tfrac1n\|X(\beta-c)\|^2",
            VectorIdentity(gradient_from_minimiser),
            mutant=VectorIdentity(lambda: gradient_from_minimiser(factor=2)),
        ),
        Step(
            "The KKT conditions at c (subdifferential, steps 2 and 3) make the first term non-negative. So "
            "V' ≤ −(2/n)‖X(β − c)‖², negative unless β = c.",
            r"\beta_i,c_i,g_i^{*}\ge0,\ c_ig_i^{*}=0 \;\Rightarrow\; (\beta_i-c_i)g_i^{*}\ge0",
            Entails(boundary_term),
            mutant=Entails(lambda: boundary_term(kkt=False)),
            uses=(3, 4),
        ),
        Step(
            "x − ln x ≥ 1 for x > 0. First let x = 1 + h with h ≥ 0.",
            r"h-\ln(1+h)\ge0 \quad(h\ge0)",
            SignFrom(entropy_above),
            mutant=SignFrom(lambda: entropy_above(level=2)),
        ),
        Step(
            "Then let x = 1/(1 + h). So each summand of V is bounded below and has bounded sublevel sets (x = β_i/c_i where "
            "c_i > 0; the summand is β_i where c_i = 0). By step 5 the orbit is bounded and ∫‖X(β − c)‖² finite: every orbit of "
            "support U tends forward to c.",
            r"\tfrac1{1+h}+\ln(1+h)-1\ge0 \quad(h\ge0)",
            SignFrom(entropy_below),
            mutant=SignFrom(lambda: entropy_below(level=2)),
            uses=(5, 6),
            facts=("Barbalat's lemma",),
        ),
        Step(
            "Necessity. Let an orbit of support U go from β_S to β_T; then S ∪ T ⊆ U, and β_T is the minimiser over the "
            "face of U, hence over the smaller face of S ∪ T: condition (ii). Backward in time ln β_j → −∞ for "
            "j ∈ U∖S. If g_j(β_S) > 0, its rate −2g_j would be negative near β_S and ln β_j larger in the past.",
            r"\ell_{\rm now}=\ell_{\rm past}+\text{rate}\cdot\text{span},\ \text{rate}<0 \;\Rightarrow\; "
            r"\ell_{\rm past}>\ell_{\rm now}",
            Entails(backward),
            mutant=Entails(lambda: backward(positive=False)),
            uses=(2, 7),
        ),
        Step(
            "So g_j(β_S) ≤ 0 on U∖S = Z ∪ N, with g = 0 on Z and g < 0 on N. We show that Z is empty. Write "
            "e = β − β_S; the combination (ln β)_Z − M_ZS M_SS⁻¹(ln β)_S has the rate −2 times the following, in which "
            "e_S has cancelled.",
            r"(M_Z-M_{ZS}M_{SS}^{-1}M_S)\,e=K_{ZZ}\,\beta_Z+K_{ZN}\,\beta_N,\quad K=M-M_{\cdot S}M_{SS}^{-1}M_{S\cdot}",
            VectorIdentity(schur_rows, symmetric=SYMMETRIC),
            mutant=VectorIdentity(lambda: schur_rows(factor=2), symmetric=SYMMETRIC),
            uses=(2, 8),
        ),
        Step(
            "The Schur complement K_ZZ is positive definite, since M is.",
            r"x^{\top}K_{ZZ}x=h^{\top}Mh,\quad h=(-M_{SS}^{-1}M_{SZ}x,\;x)",
            VectorIdentity(schur_definite, symmetric=SYMMETRIC),
            mutant=VectorIdentity(lambda: schur_definite(factor=2), symmetric=SYMMETRIC),
        ),
        Step(
            "So there is no x ≥ 0, x ≠ 0 with K_ZZ x ≤ 0, for it would have xᵀK_ZZ x ≤ 0. By the theorem of the "
            "alternative there is a vector a > 0 with K_ZZ a > 0.",
            r"x_i\ge0,\ (Kx)_i\le0 \;\Rightarrow\; x_i(Kx)_i\le0",
            Entails(alternative),
            mutant=Entails(lambda: alternative(sign=-1)),
            uses=(10,),
            facts=("Ville's theorem of the alternative",),
        ),
        Step(
            "Let φ be the combination of step 9 weighted with a. Forward in time φ changes by −A + B, where "
            "A = 2∫(K_ZZ a)ᵀβ_Z ≥ 0, and B = −2∫aᵀK_ZNβ_N is bounded because β_N decays exponentially backward. So φ is "
            "bounded below backward in time; but it tends to −∞ if Z is not empty, as (ln β)_S converges. Hence Z = ∅ "
            "and g_j(β_S) < 0 for j ∈ T∖S.",
            r"\varphi(0)-\varphi(T)=-A+B,\ A\ge0,\ B\le C \;\Rightarrow\; \varphi(T)\ge\varphi(0)-C",
            Entails(bounded_below),
            mutant=Entails(lambda: bounded_below(integrable=False)),
            uses=(9, 11),
        ),
        Step(
            "T∖S is not empty: else S ∪ T = S, and by (ii) β_T has the least loss over the face of S. So has β_S, whose "
            "gradient vanishes on S, and it is the only one by strict convexity; but β_T ≠ β_S. This completes (i).",
            r"(T\subseteq S\Rightarrow L_T\le L_S),\ (T\subseteq S\Rightarrow L_S<L_T) \;\Rightarrow\; T\not\subseteq S",
            Entails(enters_something),
            mutant=Entails(lambda: enters_something(unique=False)),
            uses=(12,),
        ),
        Step(
            "Sufficiency. Linearise at β_S in the face of S ∪ T. The row of j ∈ T∖S has the single entry −2g_j(β_S), "
            "which is positive by (i).",
            r"\partial_{\beta_k}(-2\beta_jg_j)\big|_{\beta_j=0}=-2g_j\,\delta_{jk}",
            Identity(jacobian_row),
            mutant=Identity(lambda: jacobian_row(active=True)),
        ),
        Step(
            "The block of S is −2 diag(β_S) M_SS; with B = diag(β_S)⁻¹ the form eᵀBe decreases strictly, so this block "
            "is stable. The unstable manifold is therefore a graph over the coordinates in T∖S, and contains an orbit "
            "with all of them positive; near β_S its support is S ∪ T.",
            r"\tfrac{d}{dT}\,e^{\top}Be=-4\,e^{\top}M_{SS}\,e",
            VectorIdentity(stable_block, symmetric=SYMMETRIC),
            mutant=VectorIdentity(lambda: stable_block(factor=2), symmetric=SYMMETRIC),
            uses=(14,),
            facts=("the unstable manifold theorem",),
        ),
        Step(
            "By step 7 that orbit tends to the minimiser over the face of S ∪ T, which is β_T by (ii). Finally, if "
            "T∖S = {j}, then L_T < L_S by (ii) and strict convexity, and g(β_S)ᵀ(β_T − β_S) ≤ L_T − L_S, where only j "
            "contributes: (ii) implies (i).",
            r"g_j\beta_j+g_k\beta_k\le D<0,\ \beta_j>0,\ \beta_k=0 \;\Rightarrow\; g_j<0",
            Entails(single_entry),
            mutant=Entails(lambda: single_entry(single=False)),
            uses=(7, 15),
        ),
        Step(
            "With two entering coordinates it does not: for M = ((2, −1), (−1, 2)) and r = (3, −1) the minimiser over "
            "the face of S ∪ T = {1, 2} is (5/3, 1/3), but ∂₂L(0) = 1 > 0, and no orbit joins the origin to it.",
            r"2c_1-c_2=3,\ -c_1+2c_2=-1 \;\Rightarrow\; c_1,c_2>0,\qquad \nabla L(0)_2=1>0",
            Entails(second_entry),
            mutant=Entails(lambda: second_entry(coupling=1)),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
