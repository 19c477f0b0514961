"""The limit α → 0: saddles, jump times, and what happens inside a jump."""

from saddlesym.theorems.statement import Statement

STATEMENTS = (
    Statement(
        id="unique-path",
        title="Unique saddle path in general position",
        text="When the signed columns are in general position every sign-constrained minimiser that"
        " the path meets is unique, and so is the path.",
        latex=r"\text{general position} \implies \operatorname*{argmin}_{b\,:\,b_i s_i\ge 0,\ "
        r"b_i=0\ (|s_i|<1)} L(b)\ \text{ is one point at every jump}",
        source="PF23, Assumption 1 and Proposition on Algorithm 1 (number recalled)",
        assumptions=("general-position", "nonzero-correlation"),
        uses=("subdifferential", "constrained-minimisers"),
    ),
    Statement(
        id="subdifferential",
        title="Subdifferential and complementarity",
        text="s(t) ∈ ∂‖β(t)‖₁ for all t, where s' = −∇L(β) and s(0) = 0; at every saddle"
        " β_i ∇L(β)_i = 0, and s_i ∇L(β)_i ≥ 0 at a jump where |s_i| = 1.",
        latex=r"s(t)\in\partial\|\beta(t)\|_1,\qquad \dot s = -\nabla L(\beta),\qquad"
        r" \beta\odot\nabla L(\beta)=0",
        source="PF23, section 4 (Algorithm 1)",
        assumptions=("unique-minimisers",),
        uses=("constrained-minimisers",),
    ),
    Statement(
        id="loss-falls",
        title="The loss falls, the dual objective rises",
        text="L falls strictly at every jump, and yᵀw rises strictly along every dwell while ∇L ≠ 0.",
        latex=r"L(\beta_{k+1}) < L(\beta_k),\qquad \tfrac{d}{dt}\,y^\top w ="
        r" \tfrac1n\big(y^\top y - y^\top X\beta_k\big) > 0",
        source="PF23, section 4",
        assumptions=("unique-minimisers", "nonzero-correlation"),
        uses=("subdifferential",),
    ),
    Statement(
        id="termination",
        title="Termination and its bound",
        text="The path ends at a global minimum of L after at most min(2^d, Σ_{k≤n} C(d,k)) saddles,"
        " the one at zero included.",
        latex=r"\#\{\text{saddles visited}\} \le \min\Big(2^d,\ \sum_{k=0}^{n}\binom dk\Big)",
        source="PF23, section 4 (bound recalled)",
        assumptions=("unique-minimisers",),
        uses=("loss-falls", "subdifferential", "constrained-minimisers"),
    ),
    Statement(
        id="minimum-l1",
        title="The limit has minimal ℓ1 norm",
        text="The path ends at the minimiser of ‖β‖₁ among the global minimisers of L; s = Xᵀw with"
        " ‖s‖_∞ ≤ 1 and sᵀβ = ‖β‖₁ is the certificate.",
        latex=r"\beta_\infty \in \operatorname*{argmin}\{\|b\|_1 : Mb=r\}",
        source="PF23, Theorem 2; W20",
        assumptions=("unique-minimisers",),
        uses=("subdifferential", "termination"),
    ),
    Statement(
        id="inverse-scale-space",
        title="Inverse scale space",
        text="The limit path is the inverse scale space flow of basis pursuit: p' = Xᵀ(y − Xβ)/n with"
        " p ∈ ∂‖β‖₁ and p(0) = 0.",
        latex=r"\dot p = \tfrac1n X^\top(y-X\beta),\qquad p\in\partial\|\beta\|_1,\qquad p(0)=0",
        source="BMBO13; PF23, section 4",
        assumptions=("unique-minimisers", "nonzero-correlation"),
        uses=("subdifferential",),
    ),
    Statement(
        id="dual-steepest-ascent",
        title="Dual steepest ascent",
        text="w moves through the polytope ‖Xᵀw‖_∞ ≤ 1 along the steepest feasible ascent of yᵀw: its"
        " velocity (y − Xβ)/n is the projection of y/n onto the tangent cone at w.",
        latex=r"\dot w = \Pi_{T_P(w)}\big(\tfrac1n y\big),\qquad P=\{w:\|X^\top w\|_\infty\le 1\}",
        source="Own; BMBO13 for the primal form",
        assumptions=("data-given", "unique-minimisers", "nonzero-correlation"),
        uses=("subdifferential",),
    ),
    Statement(
        id="convergence",
        title="Convergence to the saddle path",
        text="As α → 0 the flow in accelerated time t = T/ln(1/α) converges to the piecewise-constant"
        " saddle path, uniformly on compact sets without jump times.",
        latex=r"\beta^\alpha(t\ln\tfrac1\alpha) \longrightarrow \beta(t)\quad"
        r"\text{uniformly on compacts of }[0,\infty)\setminus\{t_1,\dots,t_m\}",
        source="PF23, Theorem 2",
        assumptions=("unique-minimisers", "nonzero-correlation"),
        uses=("explicit-rate", "mirror-flow", "potential-limit"),
    ),
    Statement(
        id="transition-rule",
        title="Transition rule",
        text="When M is definite there is a heteroclinic orbit from β_S to β_T in an orthant exactly when"
        " T∖S is not empty, −sign g_j(β_S) = sign(β_T)_j on T∖S, the signs agree on S∩T and"
        " sign(β_S)_j g_j(β_T) ≥ 0 on S∖T; that is, when β_T is the sign-constrained minimiser on S∪T"
        " and T∖S is unstable at β_S.",
        latex=r"\beta_S\to\beta_T \iff T\setminus S\ne\emptyset,\ "
        r"\mathrm{sign}(\beta_T)_{T\setminus S} = -\mathrm{sign}\,g(\beta_S)_{T\setminus S},\ "
        r"\beta_T = \operatorname*{argmin}_{S\cup T,\ \text{signs}} L",
        source="HS22 for Lotka–Volterra systems; PF23, Theorem 3",
        assumptions=("strictly-convex",),
        uses=("lotka-volterra", "constrained-minimisers", "subdifferential"),
    ),
    Statement(
        id="acyclicity",
        title="The transition graph is acyclic",
        text="Along every transition the loss falls, so that no saddle is ever visited twice.",
        latex=r"\beta_S\to\beta_T \implies L(\beta_T)<L(\beta_S)",
        source="PF23, section 4; L is a strict Lyapunov function",
        assumptions=("strictly-convex",),
        uses=("transition-rule",),
    ),
    Statement(
        id="heteroclinic-arcs",
        title="Heteroclinic arcs of finite length",
        text="Inside a jump the limit follows an orbit of β' = −2|β| ⊙ ∇L(β) from the old saddle to the"
        " new one; the whole limit curve has finite length.",
        latex=r"\dot\beta = -2|\beta|\odot\nabla L(\beta),\qquad"
        r" \beta(-\infty)=\beta_{k},\ \beta(+\infty)=\beta_{k+1},\qquad \int\|\dot\beta\|<\infty",
        source="PF23, Theorem 3",
        assumptions=("unique-minimisers", "isolated-jumps"),
        uses=("lotka-volterra", "convergence", "transition-rule", "loss-falls", "termination"),
    ),
)
