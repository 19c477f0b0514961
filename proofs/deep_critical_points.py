"""The products at critical points for whitened squared error: subsets of the singular modes.

Theorem.  Let 𝓛(θ) = ½‖W_L⋯W_1 − A*‖², L ≥ 2, all widths arbitrary.  At every critical point A = W_L⋯W_1
is the sum of some of the terms of a singular value decomposition of A*; if the positive singular
values of A* are distinct, A = A_S = Σ_{i∈S} σ_iu_iv_iᵀ for a set S of modes.  Conversely A_S occurs for every S
with |S| at most the least width.  The loss there is ½Σ_{i∉S}σ_i².

Source: BH89 (L = 2); the proof here is for every depth.
"""

import sympy as sp

from saddlesym.theorems.claims import Identity, VectorIdentity
from saddlesym.theorems.deep.notation import L, column, n_in, n_out
from saddlesym.theorems.proof import Proof, Step, main

h1, h2 = sp.symbols("n_1 n_{L-1}", integer=True, positive=True)
A, D = sp.MatrixSymbol("A", n_out, n_in), sp.MatrixSymbol("D", n_out, n_in)
first, above = sp.MatrixSymbol("W_1", h1, n_in), sp.MatrixSymbol("P", n_out, h1)
last, below = sp.MatrixSymbol("W_L", n_out, h2), sp.MatrixSymbol("Q", h2, n_in)
u, v = column("u", n_out), column("v", n_in)
a = sp.Symbol("a", positive=True)


def first_layer(share=1):
    """AᵀΓ = W_1ᵀ(PᵀΓ) for A = P W_1."""
    return (above * first).T * D, share * first.T * (above.T * D)


def last_layer(share=1):
    """ΓAᵀ = (ΓQᵀ)W_Lᵀ for A = W_L Q."""
    return D * (last * below).T, share * (D * below.T) * last.T


def gram_splits(share=1):
    """(A + D)ᵀ(A + D) − AᵀA − DᵀD = AᵀD + (AᵀD)ᵀ."""
    return (A + D).T * (A + D) - A.T * A - D.T * D, share * A.T * D + (A.T * D).T


def right_vector(share=1):
    """With v = Aᵀu/a: (A + D)v = Av + DAᵀu/a."""
    return (A + D) * (A.T * u / a), A * (A.T * u) / a + share * (D * A.T) * u / a


def left_vector(share=1):
    """With u = Av/a: (A + D)ᵀu = Aᵀu + (AᵀD)ᵀv/a."""
    return (A + D).T * (A * v / a), A.T * (A * v) / a + share * (A.T * D).T * v / a


def realised_above(share=1):
    """(u_i xᵀ)ᵀ(u_k v_kᵀ) = (u_iᵀu_k)·x v_kᵀ."""
    x, uk, vk = column("x", h1), column("u_k", n_out), column("v_k", n_in)
    return (u * x.T).T * (uk * vk.T), share * x * (u.T * uk) * vk.T


def realised_below(share=1):
    """(u_k v_kᵀ)(x v_iᵀ)ᵀ = (v_kᵀv_i)·u_k xᵀ."""
    x, uk, vk = column("x", h2), column("u_k", n_out), column("v_k", n_in)
    return (uk * vk.T) * (x * v.T).T, share * uk * (vk.T * v) * x.T


def product_of_modes(power=1):
    """(σ^{1/L})^L = σ."""
    sigma = sp.Symbol("sigma", positive=True)
    return (sigma ** (1 / L)) ** L, sigma**power


PROOF = Proof(
    statement="deep-critical-points",
    title="Critical values for whitened squared error",
    latex=r"\nabla\mathcal L(\theta)=0\ \Longrightarrow\ W_L\cdots W_1=A_S=\sum_{i\in S}\sigma_iu_iv_i^{\top}",
    source="BH89; for L > 2 by the same two equations",
    assumptions=(
        "𝓛(θ) = ½‖W_L⋯W_1 − A*‖², L ≥ 2, all widths arbitrary; Γ = A − A*, D = A* − A.",
        "For a finite list of values: the positive singular values of A* are distinct.",
    ),
    imports=("deep-balancedness",),
    steps=(
        Step(
            "The gradient in W_1 is PᵀΓ with P = W_L⋯W_2 (step 2 of deep-balancedness). If it vanishes, AᵀD = 0.",
            r"A^{\top}D=W_1^{\top}(P^{\top}D)=0",
            VectorIdentity(first_layer),
            mutant=VectorIdentity(lambda: first_layer(share=2)),
        ),
        Step(
            "The gradient in W_L is ΓQᵀ with Q = W_{L−1}⋯W_1. If it vanishes, DAᵀ = 0.",
            r"DA^{\top}=(DQ^{\top})W_L^{\top}=0",
            VectorIdentity(last_layer),
            mutant=VectorIdentity(lambda: last_layer(share=2)),
        ),
        Step(
            "Let (a, u, v) be a singular triple of A, a > 0: v = Aᵀu/a. By step 2 A*v = Av = au.",
            r"(A+D)\tfrac{A^{\top}u}a=\tfrac{AA^{\top}u}a+\tfrac{(DA^{\top})u}a",
            VectorIdentity(right_vector),
            mutant=VectorIdentity(lambda: right_vector(share=2)),
            uses=(2,),
        ),
        Step(
            "And u = Av/a; by step 1 A*ᵀu = Aᵀu = av. So every singular triple of A is one of A* = A + D.",
            r"(A+D)^{\top}\tfrac{Av}a=\tfrac{A^{\top}Av}a+\tfrac{(A^{\top}D)^{\top}v}a",
            VectorIdentity(left_vector),
            mutant=VectorIdentity(lambda: left_vector(share=2)),
            uses=(1, 3),
        ),
        Step(
            "By steps 1 and 2 those of D have their vectors orthogonal to those of A, and A*ᵀA* = AᵀA + DᵀD: the triples of A and of D "
            "together are a singular value decomposition of A*, so A is the sum over a part of it. Distinct positive singular values "
            "have one decomposition only (up to common signs of u_i and v_i): A = A_S. And ‖D‖² = Σ_{i∉S}σ_i².",
            r"A^{*\top}A^*=A^{\top}A+D^{\top}D+A^{\top}D+(A^{\top}D)^{\top}",
            VectorIdentity(gram_splits),
            mutant=VectorIdentity(lambda: gram_splits(share=2)),
            uses=(1, 2, 4),
            facts=("uniqueness of the singular value decomposition",),
        ),
        Step(
            "Conversely let |S| be at most the least width and W_l = Σ_{i∈S} σ_i^{1/L}x_i^{(l)}x_i^{(l−1)ᵀ} with orthonormal systems, "
            "x_i^{(0)} = v_i, x_i^{(L)} = u_i: the product is A_S.",
            r"(\sigma^{1/L})^L=\sigma",
            Identity(product_of_modes),
            mutant=Identity(lambda: product_of_modes(power=2)),
        ),
        Step(
            "For l < L the gradient PᵀΓQᵀ vanishes, since P has its columns in the span of the u_i, i ∈ S, and Γ = −Σ_{k∉S}σ_ku_kv_kᵀ.",
            r"(u_ix^{\top})^{\top}(u_kv_k^{\top})=(u_i^{\top}u_k)\,x\,v_k^{\top}=0",
            VectorIdentity(realised_above),
            mutant=VectorIdentity(lambda: realised_above(share=2)),
            uses=(6,),
        ),
        Step(
            "For l = L it vanishes since Q has its rows in the span of the v_iᵀ. So that point is critical.",
            r"(u_kv_k^{\top})(x\,v_i^{\top})^{\top}=(v_k^{\top}v_i)\,u_k\,x^{\top}=0",
            VectorIdentity(realised_below),
            mutant=VectorIdentity(lambda: realised_below(share=2)),
            uses=(6,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
