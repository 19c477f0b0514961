"""Adding zero neurons commutes with the flow of a deep linear network.

Theorem.  Let J_l embed ℝ^{w_l} in ℝ^{w'_l} isometrically (J_lᵀJ_l = I), J_0 = I, J_L = I, and
(Jθ)_l = J_l W_l J_{l−1}ᵀ; for coordinate embeddings that is padding by zeros.  Then
A_{Jθ} = A_θ, ∇𝓛(Jθ) = J∇𝓛(θ), and the flow from Jθ is J applied to the flow from θ: it
stays a narrow network for ever.

Source: J21, section 2 (inclusion of width w into w').
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

wide_top, wide_mid, wide_low = sp.symbols("n'_{l+1} n'_l n'_{l-1}", integer=True, positive=True)
J_up = sp.MatrixSymbol("J_{l+1}", wide_top, top)
J = sp.MatrixSymbol("J_l", wide_mid, mid)
J_low = sp.MatrixSymbol("J_{l-1}", wide_low, low)
above = sp.MatrixSymbol("P", n_out, mid)


def telescope(share=1):
    """(J⁺W⁺Jᵀ)(JWJ⁻ᵀ) − J⁺W⁺WJ⁻ᵀ is a multiple of JᵀJ − I."""
    left = (J_up * upper * J.T) * (J * lower * J_low.T)
    rest = J_up * upper * (J.T * J - sp.Identity(mid)) * lower * J_low.T
    return left - J_up * upper * lower * J_low.T, share * rest


def gradient_is_padded(share=1):
    left = layer_gradient(above * J.T, Gamma, J_low * Q)
    return left, share * J * layer_gradient(above, Gamma, Q) * J_low.T


def new_neurons_rest(sign=1):
    """(I − JJᵀ)J = J(I − JᵀJ), which is 0."""
    unit_wide, unit = sp.Identity(wide_mid), sp.Identity(mid)
    return (unit_wide - J * J.T) * J, sign * J * (unit - J.T * J)


PROOF = Proof(
    statement="deep-width-inclusion",
    title="Adding zero neurons commutes with the flow",
    latex=r"A_{J\theta}=A_\theta,\qquad \nabla\mathcal L(J\theta)=J\,\nabla\mathcal L(\theta),\qquad "
    r"(J\theta)_l=J_lW_lJ_{l-1}^{\top},\ J_l^{\top}J_l=I",
    source="J21, section 2",
    assumptions=(DEEP_FLOW, "J_lᵀJ_l = I, J_0 = I and J_L = I; ∇C is locally Lipschitz."),
    imports=("deep-balancedness",),
    steps=(
        Step(
            "Between neighbours JᵀJ = I cancels, so the product telescopes: A is unchanged, and P and Q become "
            "PJ_lᵀ and J_{l−1}Q.",
            r"(J_{l+1}W_{l+1}J_l^{\top})(J_lW_lJ_{l-1}^{\top})-J_{l+1}W_{l+1}W_lJ_{l-1}^{\top}"
            r"=J_{l+1}W_{l+1}(J_l^{\top}J_l-I)W_lJ_{l-1}^{\top}",
            VectorIdentity(telescope),
            mutant=VectorIdentity(lambda: telescope(share=2)),
        ),
        Step(
            "The gradient PᵀΓQᵀ (step 2 of deep-balancedness) of the wide network is the padded gradient of the narrow "
            "one. So J applied to a solution of the flow is a solution, and the only one from its start.",
            r"(PJ_l^{\top})^{\top}\Gamma(J_{l-1}Q)^{\top}=J_l\,(P^{\top}\Gamma Q^{\top})\,J_{l-1}^{\top}",
            VectorIdentity(gradient_is_padded),
            mutant=VectorIdentity(lambda: gradient_is_padded(share=-1)),
            uses=(1,),
            facts=("Picard–Lindelöf: uniqueness of solutions",),
        ),
        Step(
            "The neurons that were added never move: the part of W_l outside the range of J_l is zero.",
            r"(I-J_lJ_l^{\top})J_l=J_l(I-J_l^{\top}J_l)=0",
            VectorIdentity(new_neurons_rest),
            mutant=VectorIdentity(lambda: new_neurons_rest(sign=-1)),
            uses=(2,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
