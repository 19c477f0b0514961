"""Critical points of F(u, v) = L(u ⊙ v) and their stability."""

from saddlesym.theorems.statement import Statement

STATEMENTS = (
    Statement(
        id="critical-points",
        title="Critical points",
        text="(u, v) is critical for F exactly when for every i either u_i = v_i = 0 or ∇L(β)_i = 0;"
        " then β = u ⊙ v minimises L over the vectors with support in supp β.",
        latex=r"\nabla F(u,v)=0 \iff \forall i:\ u_i=v_i=0 \ \text{ or }\ \nabla L(u\odot v)_i=0",
        source="PF23, section 3",
        uses=("balancedness",),
    ),
    Statement(
        id="constrained-minimisers",
        title="Constrained minimisers",
        text="On an active set S with M_SS definite the only minimiser of L is β_S = M_SS⁻¹ r_S,"
        " zero elsewhere, and L exceeds its value there by ½(b − β_S)ᵀM(b − β_S).",
        latex=r"\operatorname*{argmin}_{\mathrm{supp}\,b\subseteq S} L(b) = M_{SS}^{-1}r_S",
        source="PF23, section 3",
        uses=("critical-points",),
    ),
    Statement(
        id="hessian-splitting",
        title="Hessian splitting, strict saddles, Morse index",
        text="At a critical point of support S with M_SS definite the Hessian of F splits: eigenvalues ±g_i"
        " for every i outside S, |S| positive and |S| zero ones on S.  So the Morse index is"
        " #{i ∉ S : g_i ≠ 0} and the nullity |S| + 2·#{i ∉ S : g_i = 0}.",
        latex=r"\mathrm{ind} = \#\{i\notin S: g_i\neq0\},\qquad"
        r" \mathrm{null} = |S| + 2\,\#\{i\notin S: g_i=0\},\qquad g=\nabla L(\beta)",
        source="PF23, section 3; direct computation",
        uses=("critical-points", "constrained-minimisers"),
    ),
    Statement(
        id="no-spurious-minima",
        title="No spurious local minima",
        text="A critical point of F that is no global minimum is a strict saddle: F falls along"
        " u_i = ε, v_i = −ε sign g_i for some i outside the support.",
        latex=r"\nabla F(u,v)=0,\ L(u\odot v)>\min L \implies \lambda_{\min}(\nabla^2F(u,v))<0",
        source="PF23, section 3",
        uses=("critical-points", "hessian-splitting"),
    ),
)
