"""Balancedness of deep linear networks: W_{l+1}ᵀW_{l+1} − W_lW_lᵀ stays where it started.

Theorem.  Let θ' = −∇𝓛(θ) with 𝓛(θ) = C(W_L⋯W_1) and C continuously differentiable.  Then
W_{l+1}ᵀW_{l+1} − W_lW_lᵀ is constant in time for l = 1, …, L−1, for every depth, all
widths and every cost.

Source: J21, section 2; Arora, Cohen, Hazan (2018).
"""

import sympy as sp

from saddlesym.theorems.claims import VectorIdentity
from saddlesym.theorems.deep.notation import (
    DEEP_FLOW,
    Gamma,
    P,
    Q,
    layer_gradient,
    low,
    lower,
    mid,
    n_out,
    upper,
)
from saddlesym.theorems.proof import Proof, Step, main

eps = sp.Symbol("epsilon", real=True)
E = sp.MatrixSymbol("E", mid, low)
above = sp.MatrixSymbol("P", n_out, mid)


def linear_in_a_layer(share=1):
    """P(W + εE)Q = PWQ + εPEQ."""
    return above * (lower + eps * E) * Q, above * lower * Q + share * eps * above * E * Q


def gradient_of_a_layer(share=1):
    """(PᵀΓQᵀ)ᵀE and Γᵀ(PEQ) have the same trace: cyclically they are the same word."""
    return share * layer_gradient(above, Gamma, Q).T * E, Q * (Gamma.T * above * E)


def same_matrix(sign=1):
    """W_{l+1}ᵀW_{l+1}' and W_l'W_lᵀ, both layers at their own velocity."""
    velocity_up = -layer_gradient(P, Gamma, lower * Q)
    velocity_low = -layer_gradient(P * upper, Gamma, Q)
    return upper.T * velocity_up, sign * velocity_low * lower.T


def conserved(sign=-1):
    """The derivative of W_{l+1}ᵀW_{l+1} ∓ W_lW_lᵀ by the product rule."""
    up, down = -layer_gradient(P, Gamma, lower * Q), -layer_gradient(P * upper, Gamma, Q)
    rate = up.T * upper + upper.T * up + sign * (down * lower.T + lower * down.T)
    return rate, sp.ZeroMatrix(mid, mid)


PROOF = Proof(
    statement="deep-balancedness",
    title="Balancedness of deep linear networks",
    latex=r"\tfrac{d}{dT}\big(W_{l+1}^{\top}W_{l+1}-W_lW_l^{\top}\big)=0,\qquad l=1,\dots,L-1",
    source="J21, section 2",
    assumptions=(DEEP_FLOW, "Gradient flow θ' = −∇𝓛(θ) from any start."),
    steps=(
        Step(
            "The product is linear in each layer: with P the product of the layers above W and Q of those "
            "below, moving W along E moves A along PEQ.",
            r"P(W+\varepsilon E)Q=PWQ+\varepsilon\,PEQ",
            VectorIdentity(linear_in_a_layer),
            mutant=VectorIdentity(lambda: linear_in_a_layer(share=2)),
        ),
        Step(
            "So the loss changes at the rate ⟨Γ, PEQ⟩ = tr ΓᵀPEQ with Γ = ∇C(A); by the cyclic property that is "
            "⟨PᵀΓQᵀ, E⟩: the gradient in W is PᵀΓQᵀ.",
            r"\langle\Gamma,PEQ\rangle=\langle P^{\top}\Gamma Q^{\top},E\rangle",
            VectorIdentity(gradient_of_a_layer),
            mutant=VectorIdentity(lambda: gradient_of_a_layer(share=2)),
            uses=(1,),
            facts=("tr XY = tr YX",),
        ),
        Step(
            "Two neighbours: A = P W_{l+1} W_l Q. Then W_{l+1}ᵀW_{l+1}' and W_l'W_lᵀ are the same matrix, "
            "whatever Γ is.",
            r"W_{l+1}^{\top}\dot W_{l+1}=-W_{l+1}^{\top}P^{\top}\Gamma Q^{\top}W_l^{\top}=\dot W_lW_l^{\top}",
            VectorIdentity(same_matrix),
            mutant=VectorIdentity(lambda: same_matrix(sign=-1)),
            uses=(2,),
        ),
        Step(
            "With the transposes added, the derivative of the difference is zero.",
            r"\tfrac{d}{dT}\big(W_{l+1}^{\top}W_{l+1}-W_lW_l^{\top}\big)=0",
            VectorIdentity(conserved),
            mutant=VectorIdentity(lambda: conserved(sign=1)),
            uses=(3,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
