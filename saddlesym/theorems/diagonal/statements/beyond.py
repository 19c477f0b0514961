"""Results beyond the papers: the jump-time law, an explicit rate, cost free of α."""

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
)
