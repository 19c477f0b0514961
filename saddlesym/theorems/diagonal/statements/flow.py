"""Reformulations of the training flow at a finite initialisation scale α."""

from saddlesym.theorems.statement import Statement

STATEMENTS = (
    Statement(
        id="balancedness",
        title="Balancedness",
        text="Along the gradient flow of F(u, v) = L(u ⊙ v) every u_i² − v_i² is conserved; from"
        " u(0) = √2·α·1, v(0) = 0 it stays 2α².",
        latex=r"u_i(T)^2 - v_i(T)^2 = 2\alpha^2 \quad (T \ge 0)",
        source="PF23, section 2; W20",
    ),
    Statement(
        id="lotka-volterra",
        title="Lotka–Volterra form",
        text="With p = (u+v)²/2 and q = (u−v)²/2 the flow reads p' = −2p ⊙ ∇L(β), q' = 2q ⊙ ∇L(β),"
        " where β = (p−q)/2 and p ⊙ q = α⁴.",
        latex=r"\dot p = -2\,p\odot\nabla L(\beta),\quad \dot q = 2\,q\odot\nabla L(\beta),\quad"
        r" \beta = \tfrac12(p-q),\quad p\odot q = \alpha^4",
        source="PF23, section 2",
        uses=("balancedness",),
    ),
    Statement(
        id="mirror-flow",
        title="Mirror flow",
        text="β follows the mirror flow d/dT ∇φ_α(β) = −∇L(β) of the hyperbolic entropy φ_α, whose"
        " gradient is ½ arcsinh(β/α²).",
        latex=r"\frac{d}{dT}\nabla\phi_\alpha(\beta) = -\nabla L(\beta),\quad"
        r" \phi_\alpha(\beta)=\tfrac12\sum_i\Big(\beta_i\,\mathrm{arcsinh}\frac{\beta_i}{\alpha^2}"
        r" -\sqrt{\beta_i^2+\alpha^4}+\alpha^2\Big)",
        source="PF23, section 2; W20",
        uses=("balancedness", "lotka-volterra"),
    ),
    Statement(
        id="potential-limit",
        title="The potential tends to the ℓ1 norm",
        text="φ_α/ln(1/α) tends to ‖·‖₁, uniformly on bounded sets, as α → 0.",
        latex=r"\frac{\phi_\alpha(\beta)}{\ln(1/\alpha)} \longrightarrow \|\beta\|_1"
        r" \quad(\alpha\to 0)",
        source="PF23, section 2; W20",
        uses=("mirror-flow",),
    ),
    Statement(
        id="dual-convex-flow",
        title="Dual convex flow",
        text="Training is a convex gradient flow in data space: ∇φ_α(β) = Xᵀw with w' = −∇Φ_α(w),"
        " where Φ_α(w) = (1/n)[(α²/2) Σ cosh(2(Xᵀw)_i) − yᵀw] is convex.",
        latex=r"\nabla\phi_\alpha(\beta)=X^\top w,\quad \dot w = \tfrac1n(y-X\beta) = -\nabla\Phi_\alpha(w),"
        r"\quad \Phi_\alpha(w)=\tfrac1n\Big[\tfrac{\alpha^2}{2}\sum_i\cosh 2(X^\top w)_i - y^\top w\Big]",
        source="Own; the dual form of the mirror flow",
        assumptions=("data-given",),
        uses=("lotka-volterra", "mirror-flow"),
    ),
    Statement(
        id="contraction",
        title="Contraction",
        text="Two solutions of the dual flow never move apart: ‖w₁(T) − w₂(T)‖ does not increase.",
        latex=r"\frac{d}{dT}\,\|w_1(T)-w_2(T)\| \le 0",
        source="Own; gradient flows of convex functions contract",
        assumptions=("data-given",),
        uses=("dual-convex-flow",),
    ),
    Statement(
        id="a-posteriori-bound",
        title="A-posteriori bound",
        text="A curve ŵ with defect δ = ŵ' − (y − Xβ(Xᵀŵ))/n stays within ‖w(0)−ŵ(0)‖ + ∫‖δ‖ of"
        " the solution: local errors only add.",
        latex=r"\|w(T)-\hat w(T)\| \le \|w(0)-\hat w(0)\| + \int_0^T \|\delta(\tau)\|\,d\tau",
        source="Own; theory of one-sided Lipschitz flows with constant zero",
        assumptions=("data-given",),
        uses=("contraction",),
    ),
)
