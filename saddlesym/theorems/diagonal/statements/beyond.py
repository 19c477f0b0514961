"""Results beyond the papers: the jump-time law, an explicit rate, cost free of α, finite steps."""

from saddlesym.theorems.statement import Statement

STATEMENTS = (
    Statement(
        id="explicit-rate",
        title="Explicit rate of convergence of the dual variable",
        text="‖s^α(t) − s(t)‖ in the norm of M⁺ is at most √(2Ct/ln(1/α)), where C is the largest over the"
        " dwells of ΣC_i, with C_i = 1/(4e) off the support and |½ln(2|β_i|)|·|½ − |β_i|| on it, up to"
        " terms of order α².",
        latex=r"\|s^\alpha(t)-s(t)\|_{M^+} \le \sqrt{2Ct/\ln(1/\alpha)}",
        source="Own (theory of this package); makes PF23, Theorem 2 explicit",
        assumptions=("unique-minimisers",),
        uses=("mirror-flow", "dual-convex-flow", "subdifferential"),
    ),
    Statement(
        id="sharp-rate",
        title="Sharp rate of the dual variable",
        text="When active columns are independent at every saddle and |s_i| < 1 wherever β_i and ∇L(β)_i"
        " both vanish in a dwell, ‖s^α(t) − s(t)‖ in the norm of M⁺ is at most K/ln(1/α), with"
        " an explicit K that stays bounded as α → 0.",
        latex=r"\|s^\alpha(t)-s(t)\|_{M^+} \le K/\ln(1/\alpha)",
        source="Own (theory of this package)",
        assumptions=("unique-minimisers", "regular-dwells"),
        uses=("mirror-flow", "explicit-rate", "convergence"),
    ),
    Statement(
        id="jump-time-law",
        title="Jump-time law",
        text="The natural time at which the coordinate entering at jump k passes a fixed small threshold is"
        " T_k(α) = t_k ln(1/α) + c_k + O(α^κ), κ > 0: two flows give back t_k up to a power of α.",
        latex=r"T_k(\alpha) = t_k\ln\tfrac1\alpha + c_k + O(\alpha^{\kappa}),\quad \kappa>0",
        source="Own",
        assumptions=("unique-minimisers", "regular-dwells", "isolated-jumps", "entering-jumps"),
        uses=("mirror-flow", "explicit-rate", "convergence"),
    ),
    Statement(
        id="alpha-free-cost",
        title="Cost free of α",
        text="The natural time that the flow spends away from its straight lines (some |β_i ∇L(β)_i| above"
        " ε) tends to a constant as α → 0: the dwells can be leapt, and the cost does not grow with ln(1/α).",
        latex=r"\big|\{T : \|\beta\odot\nabla L(\beta)\|_\infty>\varepsilon\}\big| = O(1)\quad(\alpha\to0)",
        source="Own",
        assumptions=("unique-minimisers", "isolated-jumps"),
        uses=("a-posteriori-bound", "jump-time-law"),
    ),
    Statement(
        id="finite-steps",
        title="Gradient descent with finite steps is mirror descent with a shrinking α",
        text="A step η of gradient descent on F(u, v) multiplies u_i ± v_i by 1 ∓ ηg_i, g = ∇L(u ⊙ v), and"
        " so u_i² − v_i² by exactly 1 − η²g_i². While |ηg_i| < 1, β_i = a_i sinh(2z_i) with"
        " a_i = (u_i² − v_i²)/2 and z_i moves by −artanh(ηg_i): Λ_i = ½ln(1/a_i) grows along the run.",
        latex=r"u_i^2-v_i^2 \mapsto (1-\eta^2g_i^2)(u_i^2-v_i^2),"
        r"\quad z_i \mapsto z_i-\mathrm{artanh}(\eta g_i),"
        r"\quad \beta_i=\tfrac12(u_i^2-v_i^2)\sinh 2z_i",
        source="Identity; the gain of Even, Pesme, Gunasekar, Flammarion 2023, section 3",
        uses=("balancedness", "mirror-flow"),
    ),
    Statement(
        id="finite-step-bias",
        title="What gradient descent with finite steps converges to",
        text="If gradient descent from u = √2·α·1, v = 0 with |ηg_i| < 1 and Σ g_i² < ∞ converges to a global"
        " minimiser β, then β is the only one that minimises the Bregman divergence of φ with α² replaced by"
        " the final a_i = α²Π(1 − η²g_i²), seen from a_i sinh(2ζ_i), ζ_i = −Σ[artanh(ηg_i) − ηg_i].",
        latex=r"\beta_\infty = \arg\min_{\nabla L(b)=0} D_{\phi_{a_\infty}}(b, a_\infty\sinh 2\zeta),\quad"
        r" a_\infty=\alpha^2\prod_k(1-\eta^2 g(k)^2),\quad"
        r" \zeta=-\sum_k[\mathrm{artanh}(\eta g(k))-\eta g(k)]",
        source="Even, Pesme, Gunasekar, Flammarion 2023, Theorem 1, for gradient descent",
        assumptions=("data-given",),
        uses=("finite-steps", "mirror-flow"),
    ),
    Statement(
        id="finite-step-jumps",
        title="Jump times of gradient descent with finite steps",
        text="As α → 0 at a fixed small step η the jumps are at T_k = τ_k ln(1/α) + O(1), where two clocks"
        " for each coordinate start at −1 and move at ln(1 ∓ ηg_i)/η on every dwell: the coordinate enters"
        " with the sign whose clock reaches 0. Half their sum, with the sign turned, is the shape κ_i that"
        " the steps have induced so far; at η → 0 it is 1 and τ_k = t_k.",
        latex=r"T_k = \tau_k\ln\tfrac1\alpha + O(1),\quad \dot x_i^{\pm} = \tfrac1\eta\ln(1\mp\eta g_i),\quad"
        r" x_i^{\pm}(0)=-1,\quad \kappa_i = -\tfrac12(x_i^++x_i^-)",
        source="Own conjecture; with the gain of Even, Pesme, Gunasekar, Flammarion 2023 it gives its shape",
        assumptions=("unique-minimisers", "regular-dwells", "isolated-jumps", "entering-jumps"),
        uses=("finite-steps", "jump-time-law"),
        standing="conjecture",
    ),
)
