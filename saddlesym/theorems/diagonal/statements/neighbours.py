"""Special designs and neighbouring methods: orthogonal data, lasso, depth, weights."""

from saddlesym.theorems.statement import Statement

STATEMENTS = (
    Statement(
        id="orthogonal-designs",
        title="Orthogonal designs",
        text="When M is diagonal, coordinate i jumps once, at t_i = 1/|r_i|, to r_i/M_ii, in the order of"
        " |r_i|, and no coordinate ever leaves.",
        latex=r"M=\mathrm{diag}(M_{ii}) \implies \beta_i(t) = \frac{r_i}{M_{ii}}\,\mathbf 1[t\ge 1/|r_i|]",
        source="PF23, section 4; direct computation",
        assumptions=("orthogonal-design", "nonzero-correlation"),
        uses=("subdifferential",),
    ),
    Statement(
        id="lasso-average",
        title="Lasso average",
        text="β̄(t) = (1/t)∫₀ᵗβ satisfies −t∇L(β̄(t)) = s(t); up to the first jump at which a coordinate"
        " leaves, β̄(t) is a lasso solution with λ = 1/t.",
        latex=r"-t\,\nabla L(\bar\beta(t)) = s(t),\qquad"
        r" \bar\beta(t)\in\operatorname*{argmin}_b\ L(b)+\tfrac1t\|b\|_1\quad(t\le t_{\text{departure}})",
        source="B25",
        assumptions=("unique-minimisers", "nonzero-correlation"),
        uses=("subdifferential",),
    ),
    Statement(
        id="shared-knots",
        title="Shared knots up to the first departure",
        text="The knots 1/λ of the lasso path equal the jump times up to and including the first jump at"
        " which a coordinate leaves; t₁ = 1/λ_max always.",
        latex=r"1/\lambda_k = t_k\quad\text{up to and including the first departure},\qquad"
        r" t_1 = 1/\|r\|_\infty",
        source="Own; consistent with B25",
        assumptions=("unique-minimisers", "isolated-jumps", "nonzero-correlation"),
        uses=("lasso-average", "subdifferential"),
    ),
    Statement(
        id="depth-universality",
        title="Depth universality",
        text="For depth D ≥ 3, β = a^D − b^D started at a = b = α, the limit in the time"
        " t = D(D−2)α^{D−2}T is the same saddle path with the same jump times as for D = 2.",
        latex=r"\beta^{\alpha,D}\big(t/(D(D-2)\alpha^{D-2})\big) \longrightarrow \beta(t)",
        source="Own",
        assumptions=("unique-minimisers", "isolated-jumps"),
        uses=("explicit-rate", "convergence"),
    ),
    Statement(
        id="weighted-initialisation",
        title="Weighted initialisation",
        text="Started at |u_i(0)| = √2·α^{κ_i} the limit path has thresholds ±κ_i and ends at the minimiser"
        " of Σκ_i|β_i|: it is the path of the columns x_i/κ_i, rescaled.",
        latex=r"\beta^{\kappa}(t) = \kappa^{-1}\odot\beta(t)\big[X\,\mathrm{diag}(\kappa)^{-1},\,y\big]",
        source="PF23, remark on the initialisation (recalled)",
        assumptions=("unique-minimisers", "nonzero-correlation"),
        uses=("explicit-rate", "convergence", "subdifferential"),
    ),
)
