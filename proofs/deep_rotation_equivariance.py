"""Rotations of hidden layers commute with the flow of a deep linear network.

Theorem.  Let R_0, …, R_L be orthogonal with R_0 = I, R_L = I, and (Rθ)_l = R_l W_l R_{l−1}ᵀ.
Then A_{Rθ} = A_θ, ∇𝓛(Rθ) = R∇𝓛(θ), and the flow from Rθ is R applied to the flow from θ.

Source: J21, section 2.
"""

import sympy as sp

from saddlesym.theorems.claims import VectorIdentity
from saddlesym.theorems.deep.notation import (
    DEEP_FLOW,
    Gamma,
    Q,
    layer_gradient,
    low,
    lower,
    mid,
    n_out,
    top,
    upper,
)
from saddlesym.theorems.proof import Proof, Step, main

R = sp.MatrixSymbol("R_l", mid, mid)
R_up = sp.MatrixSymbol("R_{l+1}", top, top)
R_low = sp.MatrixSymbol("R_{l-1}", low, low)
above = sp.MatrixSymbol("P", n_out, mid)


def telescope(share=1):
    """(R⁺W⁺Rᵀ)(RWR⁻ᵀ) − R⁺W⁺WR⁻ᵀ is a multiple of RᵀR − I."""
    left = (R_up * upper * R.T) * (R * lower * R_low.T)
    return left - R_up * upper * lower * R_low.T, share * R_up * upper * (
        R.T * R - sp.Identity(mid)
    ) * lower * R_low.T


def gradient_turns(share=1):
    """With PRᵀ above and R⁻Q below, the gradient is R(PᵀΓQᵀ)R⁻ᵀ."""
    left = layer_gradient(above * R.T, Gamma, R_low * Q)
    return left, share * R * layer_gradient(above, Gamma, Q) * R_low.T


def moves_along(sign=-1):
    """(RWR⁻ᵀ)' = RW'R⁻ᵀ is minus the gradient at Rθ when W' is minus the gradient at θ."""
    velocity = -layer_gradient(above, Gamma, Q)
    return R * velocity * R_low.T, sign * layer_gradient(above * R.T, Gamma, R_low * Q)


PROOF = Proof(
    statement="deep-rotation-equivariance",
    title="Rotations of hidden layers commute with the flow",
    latex=r"A_{R\theta}=A_\theta,\qquad \nabla\mathcal L(R\theta)=R\,\nabla\mathcal L(\theta),\qquad "
    r"(R\theta)_l=R_lW_lR_{l-1}^{\top}",
    source="J21, section 2",
    assumptions=(DEEP_FLOW, "R_l is orthogonal, R_0 = I and R_L = I; ∇C is locally Lipschitz."),
    imports=("deep-balancedness",),
    steps=(
        Step(
            "Between neighbours RᵀR = I cancels, the difference being a multiple of RᵀR − I. From layer to layer the "
            "product telescopes: A is unchanged; above layer l stands PR_lᵀ instead of P, below it R_{l−1}Q instead of Q.",
            r"(R_{l+1}W_{l+1}R_l^{\top})(R_lW_lR_{l-1}^{\top})-R_{l+1}W_{l+1}W_lR_{l-1}^{\top}"
            r"=R_{l+1}W_{l+1}(R_l^{\top}R_l-I)W_lR_{l-1}^{\top}",
            VectorIdentity(telescope),
            mutant=VectorIdentity(lambda: telescope(share=2)),
        ),
        Step(
            "The gradient in layer l is PᵀΓQᵀ (step 2 of deep-balancedness), with the same Γ = ∇C(A); it turns as W_l does.",
            r"(PR_l^{\top})^{\top}\Gamma(R_{l-1}Q)^{\top}=R_l\,(P^{\top}\Gamma Q^{\top})\,R_{l-1}^{\top}",
            VectorIdentity(gradient_turns),
            mutant=VectorIdentity(lambda: gradient_turns(share=-1)),
            uses=(1,),
        ),
        Step(
            "So R applied to a solution is a solution, and it is the only one from its start.",
            r"\tfrac{d}{dT}\big(R_lW_lR_{l-1}^{\top}\big)=-\nabla_{W_l}\mathcal L(R\theta)",
            VectorIdentity(moves_along),
            mutant=VectorIdentity(lambda: moves_along(sign=1)),
            uses=(2,),
            facts=("Picard–Lindelöf: uniqueness of solutions",),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
