"""Deep linear networks: symmetries, origin and escape, saddles, learning of the modes, conjectures."""

from typing import Any

from saddlesym.theorems.statement import Statement


def _deep(**fields: Any) -> Statement:
    return Statement(**fields, wing="deep")


STATEMENTS = (
    _deep(
        id="deep-balancedness",
        title="Balancedness of deep linear networks",
        text="W_{l+1}ᵀW_{l+1} − W_lW_lᵀ is constant along the flow, for every depth, all widths and every"
        " differentiable cost.",
        latex=r"\tfrac{d}{dT}\big(W_{l+1}^{\top}W_{l+1}-W_lW_l^{\top}\big)=0",
        source="J21, section 2",
    ),
    _deep(
        id="deep-rotation-equivariance",
        title="Rotations of hidden layers commute with the flow",
        text="Turning hidden layers, (Rθ)_l = R_lW_lR_{l−1}ᵀ with R_0 = I and R_L = I, leaves A unchanged,"
        " turns the gradient in the same way, and so carries flows to flows.",
        latex=r"\nabla\mathcal L(R\theta)=R\,\nabla\mathcal L(\theta),\quad A_{R\theta}=A_\theta",
        source="J21, section 2",
        uses=("deep-balancedness",),
    ),
    _deep(
        id="deep-width-inclusion",
        title="Adding zero neurons commutes with the flow",
        text="A narrow network padded with zero neurons, or embedded isometrically in any other way,"
        " follows the flow of the narrow network for ever.",
        latex=r"\nabla\mathcal L(J\theta)=J\,\nabla\mathcal L(\theta),\quad J_l^{\top}J_l=I",
        source="J21, section 2",
        uses=("deep-balancedness",),
    ),
    _deep(
        id="deep-origin",
        title="The origin: flat to order L − 1, strict saddle only for L = 2",
        text="For a quadratic cost all derivatives of the loss of order below L vanish at the origin, and"
        " the leading form is H(θ) = tr GᵀW_L⋯W_1, G = ∇C(0).  The origin is a strict saddle if and only if"
        " L = 2 and G ≠ 0; for G ≠ 0 it is never a local minimum.",
        latex=r"\mathcal L(\varepsilon\theta)=\mathcal L(0)+\varepsilon^LH(\theta)+O(\varepsilon^{2L})",
        source="J21, section 3",
    ),
    _deep(
        id="deep-escape-direction",
        title="Optimal escape directions are of rank one",
        text="For every depth L ≥ 2: on the sphere Σ‖W_l‖² = 1 the largest value of −H is s_1L^{−L/2}."
        "  If the largest singular value s_1 of G is simple, it is attained exactly at W_l ="
        " ±w_lw_{l−1}ᵀ/√L with w_0 = v_1, w_L = u_1, any inner unit vectors, and signs of product 1.",
        latex=r"L\ge2:\quad\max_{\sum\|W_l\|^2=1}-H=s_1L^{-L/2}",
        source="J21, section 3",
        assumptions=("deep-nonzero-gradient",),
        uses=("deep-origin",),
    ),
    _deep(
        id="deep-escape-speed",
        title="Escape speed and escape times",
        text="Along an optimal direction the leading flow has ρ' = s_1L^{1−L/2}ρ^{L−1}: exponential for L ="
        " 2, blow-up at 1/((L−2)s_1L^{1−L/2}ρ_0^{L−2}) for L ≥ 3; from no other start of the same norm is"
        " it faster.",
        latex=r"\rho'=s_1L^{1-L/2}\rho^{L-1}",
        source="J21, section 3",
        assumptions=("deep-nonzero-gradient",),
        uses=("deep-balancedness", "deep-escape-direction"),
    ),
    _deep(
        id="deep-local-maximisers",
        title="No spurious local maxima of the escape speed",
        text="For every depth L ≥ 2 and all widths every local maximiser of −H on the sphere is a global"
        " one.  A singular pair whose singular value is below s_1 is never a local maximiser.",
        latex=r"\theta\text{ local maximiser of }-H\implies-H(\theta)=s_1L^{-L/2}",
        source="Own",
        assumptions=("deep-nonzero-gradient",),
        uses=("deep-balancedness", "deep-escape-direction"),
    ),
    _deep(
        id="deep-critical-points",
        title="Critical values for whitened squared error",
        text="At every critical point of ½‖W_L⋯W_1 − A*‖², for every L ≥ 2 and all widths, the product is"
        " the sum of some of the terms of a singular value decomposition of A*; each choice of at most as"
        " many terms as the least width occurs, and the loss is half the sum of the squares of the singular"
        " values left out.",
        latex=r"\nabla\mathcal L=0\implies A=\sum_{i\in S}\sigma_iu_iv_i^{\top}",
        source="BH89",
        assumptions=("deep-whitened",),
        uses=("deep-balancedness",),
    ),
    _deep(
        id="deep-eckart-young",
        title="Losses of the saddles: Eckart and Young",
        text="No matrix of rank at most r is nearer to A* than A_r, the sum of the r largest terms; so the"
        " plateau of rank r has at least the loss ½Σ_{i>r}σ_i², and the saddle of the r largest modes has"
        " it.",
        latex=r"\min_{\operatorname{rank}A\le r}\tfrac12\|A-A^*\|^2=\tfrac12\sum_{i>r}\sigma_i^2",
        source="Eckart, Young (1936)",
        assumptions=("deep-whitened",),
        uses=("deep-critical-points",),
    ),
    _deep(
        id="deep-strictness",
        title="Two layers: strict saddles, with the direction of descent",
        text="For L = 2 and whitened squared error every critical point that is no global minimum is a"
        " strict saddle; the Hessian is negative along an explicit direction u_kxᵀ, yv_kᵀ of a missing mode"
        " k.",
        latex=r"\nabla^2\mathcal L[\cdot]^2=|W_1^{\top}x|^2+|W_2y|^2-2\sigma_kx^{\top}y<0",
        source="BH89; J21, section 4",
        assumptions=("deep-whitened", "deep-two-layers"),
        uses=("deep-critical-points", "deep-eckart-young"),
    ),
    _deep(
        id="deep-aligned-modes",
        title="Aligned modes: closed form and jump times",
        text="Balanced networks aligned to the singular vectors of A* stay so, and each mode follows a' ="
        " La^{2−2/L}(σ − a) by itself.  From entries α of the layers mode i appears at the time 1/σ_i in"
        " units of ln(1/α) for L = 2, and of α^{−(L−2)}/(L−2) for L ≥ 3.",
        latex=r"a'=La^{2-2/L}(\sigma-a)",
        source="SMG14, section 1",
        assumptions=("deep-whitened",),
        uses=("deep-balancedness",),
    ),
    _deep(
        id="deep-jump-times-whitened",
        title="Jump times 1/σ_k of generic starts, two layers",
        text="For L = 2, w hidden neurons and whitened squared error, from α times a generic start, A(t"
        " ln(1/α)) tends to the sum of the modes i ≤ w with σ_it > 1 as α → 0 (σ_w > σ_{w+1}): mode k ≤ w"
        " appears at t_k = 1/σ_k, no other ever.  For balanced starts, where this is proved, generic means"
        " that W_1v_i + W_2ᵀu_i are independent for i ≤ w: almost every one, unless w ≥ m = n = rank A*;"
        " then those with det A(0)·det A* > 0, and the other half miss a mode for ever.",
        latex=r"\lim_{\alpha\to0}A(t\ln\tfrac1\alpha)=\sum_{\sigma_it>1,\ i\le w}\sigma_iu_iv_i^{\top}",
        source="Own; SMG14 for aligned starts",
        assumptions=("deep-whitened", "deep-two-layers"),
        uses=("deep-balancedness",),
    ),
    _deep(
        id="deep-transitions",
        title="Orbits between the saddles: growth and exchange of modes",
        text="For whitened squared error, every L ≥ 2 and all widths: if T arises from S by adding modes and"
        " by exchanging modes for others of greater σ, with at most as many modes as the least width, then"
        " an orbit of the flow leads from a critical point with the product A_S to one with A_T.  That"
        " there are no other orbits is not claimed.",
        latex=r"S\to S\cup\{j\},\qquad S\to S\setminus\{s\}\cup\{j\}\quad(\sigma_j>\sigma_s)",
        source="Own; SMG14 for growth",
        assumptions=("deep-whitened",),
        uses=("deep-critical-points", "deep-aligned-modes"),
    ),
    _deep(
        id="deep-first-path",
        title="The first path is that of a network of width one",
        text="If the largest singular value of ∇C(0) is simple, then as α → 0 the escape from the origin"
        " is, up to a rotation of the hidden layers, the path of a network of width one: stated here, and"
        " tested, for L = 2 and L = 3 and generic starts.  J21 states it for every depth, with probability 1"
        " for L ≤ 3 and at least 1/2 for L > 3; of the latter nothing is tested here.",
        latex=r"\theta_\alpha(t_\alpha+t)\to R\,I^{(1\to w)}\theta^1(t)",
        source="J21, main theorem",
        assumptions=("deep-three-layers-at-most", "deep-nonzero-gradient"),
        uses=("deep-escape-direction", "deep-width-inclusion", "deep-rotation-equivariance"),
        standing="recalled",
    ),
    _deep(
        id="deep-greedy-conjecture",
        title="The flow follows the greedy low-rank algorithm",
        text="As α → 0 the flow from a generic start visits the critical points of the greedy algorithm, of"
        " rank 1, 2, …: at each one the top singular pair of −∇C is appended and the flow of one more width"
        " is followed to its end.  Tested for L = 2 and L = 3.",
        latex=r"A_0=0\to A_1\to A_2\to\cdots,\quad \operatorname{rank}A_k=k",
        source="J21, conjecture",
        assumptions=("deep-nonzero-gradient", "deep-coupled"),
        uses=("deep-first-path",),
        standing="conjecture",
    ),
    _deep(
        id="deep-exponent-tracking",
        title="Jump times by exponent tracking, two layers",
        text="For L = 2 the amplitudes transverse to a saddle with the gradient G_k are powers α^e whose"
        " exponents fall at the rates s_1(G_k) ≥ s_2(G_k) ≥ …, in this order, and the next jump comes when"
        " the first is zero: t_1 = 1/s_1(G_0), t_2 = t_1 + (1 − s_2(G_0)t_1)/s_1(G_1), and so on.  This"
        " supposes that each s_1(G_k) is simple, that each critical point on the way has the next rank and"
        " is left along no direction of its own rank, and that the cost couples all rows and columns"
        " (where G_0 and K are block diagonal after a permutation, it is meant of each block by itself).",
        latex=r"t_{k+1}=t_k+e_{k+1}/s_1(G_k),\quad e_{k+j}\leftarrow e_{k+j}-s_j(G_k)(t_{k+1}-t_k)",
        source="Own (theory of this package)",
        assumptions=("deep-two-layers", "deep-nonzero-gradient"),
        uses=("deep-jump-times-whitened", "deep-greedy-conjecture"),
        standing="conjecture",
    ),
    _deep(
        id="deep-blow-up-times",
        title="Jump times by blow-ups, three layers and more",
        text="For L ≥ 3 the k-th jump of the flow from α times a generic direction comes at the natural time"
        " α^{−(L−2)}(T_1 + … + T_k) up to what is of smaller order: T_k is the blow-up time of the"
        " homogeneous flow of H_k(φ) = Tr(G_kᵀφ_L⋯φ_1) from the blocks φ of the start transverse to what has"
        " grown, each block finite where the one before blows up, with the gradient G_k at the k-th critical"
        " point in frames carried along the way to it in parallel.  This supposes that each s_1(G_k) is"
        " simple and reached by the blow-up, and that each critical point on the way has the next rank and"
        " is left along no direction of its own rank.",
        latex=r"\alpha^{L-2}\,\tau_k(\alpha)\to T_1+\cdots+T_k,\quad \varphi'=-\nabla H_k(\varphi)",
        source="Own (theory of this package)",
        assumptions=("deep-three-layers-at-least", "deep-nonzero-gradient"),
        uses=("deep-escape-direction", "deep-greedy-conjecture"),
        standing="conjecture",
    ),
    _deep(
        id="deep-initialisation-distances",
        title="Distances at initialisation",
        text="For weights i.i.d. N(0, w^{−γ}) and width w → ∞ the distance to the global minima is of order"
        " w^{−(1−γ)(L−1)/2} for 1 − 1/L ≤ γ < 1 and of order 1 for γ > 1; the distance to the other saddles"
        " is of order w^{(1−γ)/2}.",
        latex=r"d_{\min}\asymp w^{-(1-\gamma)(L-1)/2},\qquad d_{\mathrm{saddle}}\asymp w^{(1-\gamma)/2}",
        source="J21, Theorem 1",
        assumptions=("deep-whitened",),
        standing="recalled",
    ),
)
