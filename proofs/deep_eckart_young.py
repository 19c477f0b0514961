"""The losses of the saddles, and Eckart and Young's theorem.

Theorem.  Let σ_1 ≥ σ_2 ≥ … be the singular values of A*.  Every A of rank at most r has ½‖A − A*‖² ≥
½Σ_{i>r}σ_i², and A_r = Σ_{i≤r}σ_iu_iv_iᵀ attains it.  So the saddle with the r largest modes has the least loss that a network
of width r can reach.

Source: Eckart, Young (1936); J21, section 4.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.deep.notation import column, n_in, n_out
from saddlesym.theorems.proof import Proof, Step, main

r = sp.Symbol("r", integer=True, positive=True)
target = sp.MatrixSymbol("A_star", n_out, n_in)
U, C = sp.MatrixSymbol("U", n_out, r), sp.MatrixSymbol("C", r, n_in)
x = column("x", n_out)
s, sr, q = sp.symbols("s s_r q", nonnegative=True)


def pythagoras(share=1):
    """(UC − A*)ᵀ(UC − A*) with UᵀU = I, split at UUᵀ; the rest is a multiple of UᵀU − I."""
    unit, small = sp.Identity(n_out), sp.Identity(r)
    inside, outside = U * C - U * U.T * target, (unit - U * U.T) * target
    left = (U * C - target).T * (U * C - target)
    cross = (C - U.T * target).T * (U.T * U - small) * U.T * target
    return left, inside.T * inside + outside.T * outside + share * (cross + cross.T)


def what_is_left(share=1):
    """|x|² − |(I − UUᵀ)x|² = |Uᵀx|² up to a multiple of UᵀU − I."""
    unit, small = sp.Identity(n_out), sp.Identity(r)
    rest = (unit - U * U.T) * x
    left = x.T * x - rest.T * rest
    return left, share * (U.T * x).T * (U.T * x) - (U.T * x).T * (U.T * U - small) * (U.T * x)


def one_mode(top=1):
    """(s² − s_r²)q ≤ (s² − s_r²)⁺ for 0 ≤ q ≤ 1."""
    gap = s**2 - sr**2
    return [q <= top], gap * q <= sp.Max(gap, 0)


def summed(total=1):
    """With Σq_i ≤ r: Σs_i²q_i = Σ(s_i² − s_r²)q_i + s_r²Σq_i."""
    over, rank, count, sigma = sp.symbols("X r N s_r2", nonnegative=True)
    part, best = sp.symbols("Y Z", nonnegative=True)
    given = [part <= over, count <= total * rank, sp.Eq(best, over + sigma * rank)]
    return given, part + sigma * count <= best


PROOF = Proof(
    statement="deep-eckart-young",
    title="Losses of the saddles: Eckart and Young",
    latex=r"\min_{\operatorname{rank}A\le r}\tfrac12\|A-A^*\|^2=\tfrac12\sum_{i>r}\sigma_i^2",
    source="Eckart, Young (1936)",
    assumptions=("A* is any real matrix with singular values σ_1 ≥ σ_2 ≥ …; r ≥ 1.",),
    imports=("deep-critical-points",),
    steps=(
        Step(
            "Let A have rank at most r, so that A = UC with r orthonormal columns U. Split at the projection UUᵀ; with UᵀU = I the two "
            "parts are orthogonal. So ‖A − A*‖² ≥ ‖(I − UUᵀ)A*‖².",
            r"(UC-A^*)^{\top}(UC-A^*)=(UC-UU^{\top}A^*)^{\top}(\cdot)+((I-UU^{\top})A^*)^{\top}(\cdot)+O(U^{\top}U-I)",
            VectorIdentity(pythagoras),
            mutant=VectorIdentity(lambda: pythagoras(share=2)),
        ),
        Step(
            "For a unit vector x = u_i, |(I − UUᵀ)u_i|² = 1 − q_i with q_i = |Uᵀu_i|²: so 0 ≤ q_i ≤ 1, Σq_i ≤ ‖U‖² = r, and "
            "‖(I − UUᵀ)A*‖² = Σσ_i²(1 − q_i), as A*v_i = σ_iu_i for orthonormal v_i.",
            r"|x|^2-|(I-UU^{\top})x|^2=|U^{\top}x|^2-(U^{\top}x)^{\top}(U^{\top}U-I)(U^{\top}x)",
            VectorIdentity(what_is_left),
            mutant=VectorIdentity(lambda: what_is_left(share=2)),
            uses=(1,),
            facts=("singular value decomposition", "Bessel's inequality"),
        ),
        Step(
            "Each mode: (σ_i² − σ_r²)q_i is at most σ_i² − σ_r² for i ≤ r, and at most 0 for i > r.",
            r"0\le q\le1:\quad (s^2-s_r^2)\,q\le\max(s^2-s_r^2,0)",
            Entails(one_mode),
            mutant=Entails(lambda: one_mode(top=2)),
            uses=(2,),
        ),
        Step(
            "Summed, Σσ_i²q_i ≤ Σ_{i≤r}(σ_i² − σ_r²) + σ_r²r = Σ_{i≤r}σ_i²: ‖A − A*‖² ≥ Σ_{i>r}σ_i². The loss of A_S is "
            "½Σ_{i∉S}σ_i² (step 5 of deep-critical-points), which for S = {1, …, r} is that bound.",
            r"\sum\sigma_i^2q_i=\sum(\sigma_i^2-\sigma_r^2)q_i+\sigma_r^2\sum q_i\le\sum_{i\le r}\sigma_i^2",
            Entails(summed),
            mutant=Entails(lambda: summed(total=2)),
            uses=(3,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
