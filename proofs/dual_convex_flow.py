"""In data space the training flow is a convex gradient flow.

Theorem.  Let Φ_α(w) = (1/n)[(α²/2) Σ_i cosh(2(Xᵀw)_i) − yᵀw] for w ∈ ℝⁿ.  Φ_α is convex,
and if w' = −∇Φ_α(w), w(0) = 0, then z = Xᵀw is the dual variable of the training flow:
β = α² sinh(2z) solves the mirror flow z' = −∇L(β), z(0) = 0.  The flow exists for all times.

Source: the dual of mirror descent; PF23 use the same variable, s = z/ln(1/α).
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Sign, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, d, gradient, n, square, y
from saddlesym.theorems.proof import Proof, Step, main

z = sp.Symbol("z", real=True)
alpha = sp.Symbol("alpha", positive=True)


def slopes(factor=2):
    """First and second derivative of h(z) = (α²/2) cosh 2z."""
    h = alpha**2 / 2 * sp.cosh(2 * z)
    return [
        (sp.diff(h, z), alpha**2 * sp.sinh(2 * z)),
        (sp.diff(h, z, 2), factor * alpha**2 * sp.cosh(2 * z)),
    ]


def chain_rule(sign=-1):
    """h'(z)·(Xᵀω) − y·ω, with β = h'(z), is (Xβ − y)·ω."""
    omega = sp.MatrixSymbol("omega", n, 1)
    return beta.T * (X.T * omega) + sign * y.T * omega, (X * beta - y).T * omega


def hessian(factor=1):
    """Σ h''(z_i) (Xᵀω)_i² is a squared norm; E is the diagonal matrix of √h''(z_i)."""
    omega = sp.MatrixSymbol("omega", n, 1)
    E = sp.MatrixSymbol("E", d, d)
    return omega.T * (X * E * E * X.T) * omega, factor * square(E * X.T * omega)


def dual_flow(sign=-1):
    """Xᵀ w' = −∇L(β)."""
    return X.T * ((y - X * beta) / n), sign * gradient(beta)


def descent(power=2):
    """One summand of −dL/dT, from the chain rule for L along β'."""
    beta_i, g_i = sp.symbols("beta_i g_i", real=True)
    velocity = -2 * sp.sqrt(beta_i**2 + alpha**4) * g_i
    return -(g_i ** (power - 1)) * velocity


def bounded_residual(grows=False):
    """The loss now is its first value plus the integral of L'."""
    now, start, change = sp.symbols("L_T L_0 I", real=True)
    return [sp.Eq(now, start + change), change >= 0 if grows else change <= 0], now <= start


PROOF = Proof(
    statement="dual-convex-flow",
    title="Convex flow in data space",
    latex=r"w' = -\nabla\Phi_\alpha(w) = \tfrac1n(y-X\beta),\quad \beta=\alpha^2\sinh(2X^{\top}w),\quad "
    r"\nabla^2\Phi_\alpha \succeq 0",
    source="elementary; the dual form of the mirror flow (PF23, Section 2)",
    assumptions=("Gradient flow on F(u, v) = L(u ⊙ v) from u(0) = √2·α·1, v(0) = 0.",),
    imports=("mirror-flow", "lotka-volterra"),
    steps=(
        Step(
            "The first sum of nΦ_α is Σ h(z_i) with z = Xᵀw and h(z) = (α²/2) cosh 2z.",
            r"h'(z) = \alpha^2\sinh 2z, \qquad h''(z) = 2\alpha^2\cosh 2z",
            Identity(slopes),
            mutant=Identity(lambda: slopes(factor=1)),
        ),
        Step(
            "h'' is positive.",
            r"2\alpha^2\cosh 2z > 0",
            Sign(lambda: 2 * alpha**2 * sp.cosh(2 * z), ">"),
            mutant=Sign(lambda: 2 * alpha**2 * sp.sinh(2 * z), ">"),
            uses=(1,),
        ),
        Step(
            "The derivative of nΦ_α along ω is Σ h'(z_i)(Xᵀω)_i − yᵀω; with β = h'(z) = α² sinh(2z) it is "
            "(Xβ − y)ᵀω. So −∇Φ_α(w) = (y − Xβ)/n.",
            r"\beta^{\top}X^{\top}\omega - y^{\top}\omega = (X\beta-y)^{\top}\omega",
            VectorIdentity(chain_rule),
            mutant=VectorIdentity(lambda: chain_rule(sign=1)),
            uses=(1,),
        ),
        Step(
            "The second derivative along ω is Σ h''(z_i)(Xᵀω)_i². With E the diagonal matrix of the square roots "
            "√h''(z_i) it is a squared norm, hence ≥ 0: Φ_α is convex.",
            r"\omega^{\top}XE^2X^{\top}\omega = \|EX^{\top}\omega\|^2 \ge 0",
            VectorIdentity(hessian, symmetric=("E",)),
            mutant=VectorIdentity(lambda: hessian(factor=-1), symmetric=("E",)),
            uses=(2,),
        ),
        Step(
            "If w' = (y − Xβ)/n, then z = Xᵀw has z' = −∇L(β) with β = α² sinh(2z), and z(0) = 0: this is the "
            "mirror flow. Its right-hand side is smooth, so it has one solution only, and that is Xᵀw.",
            r"X^{\top}\tfrac1n(y-X\beta) = -\nabla L(\beta)",
            VectorIdentity(dual_flow),
            mutant=VectorIdentity(lambda: dual_flow(sign=1)),
            uses=(3,),
            facts=("uniqueness for ordinary differential equations (Picard–Lindelöf)",),
        ),
        Step(
            "The loss does not increase: each summand of −dL/dT = −Σ g_i β_i' is non-negative, because "
            "β_i' = −2√(β_i² + α⁴) g_i (Lotka–Volterra, step 6).",
            r"-\tfrac{dL}{dT} = \sum_i 2\sqrt{\beta_i^2+\alpha^4}\; g_i^2 \ge 0",
            Sign(descent),
            mutant=Sign(lambda: descent(power=3)),
        ),
        Step(
            "So ‖y − Xβ‖² = 2nL stays below its first value, the velocity (y − Xβ)/n of w is bounded, and "
            "the solution cannot blow up: it exists for all times.",
            r"L(T) = L(0) + \int_0^T L' \le L(0)",
            Entails(bounded_residual),
            mutant=Entails(lambda: bounded_residual(grows=True)),
            uses=(5, 6),
            facts=("a solution that stays in a bounded set on every bounded time interval is global",),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
