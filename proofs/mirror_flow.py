"""The training flow of β is a mirror flow with the hyperbolic entropy.

Theorem.  Let φ_α(β) = ½ Σ_i (β_i arcsinh(β_i/α²) − √(β_i² + α⁴) + α²).  Along the
gradient flow of the diagonal network, d/dT ∇φ_α(β) = −∇L(β).  The potential is
strictly convex, and with z = ∇φ_α(β) one has β = α² sinh(2z), z(0) = 0.

Source: W20, Theorem 1 (the potential); PF23, Section 2.
"""

import sympy as sp

from saddlesym.theorems.claims import Identity, Sign
from saddlesym.theorems.proof import Proof, Step, main

x, z, g = sp.symbols("x z g", real=True)
alpha = sp.Symbol("alpha", positive=True)


def potential(scale=1):
    """One coordinate of φ_α."""
    return (x * sp.asinh(x / alpha**2) - scale * sp.sqrt(x**2 + alpha**4) + scale * alpha**2) / 2


def slope(scale=1):
    return sp.diff(potential(scale), x), sp.asinh(x / alpha**2) / 2


def curvature(factor=2):
    return sp.diff(sp.asinh(x / alpha**2) / 2, x), 1 / (factor * sp.sqrt(x**2 + alpha**4))


def dual_velocity(factor=2):
    """φ''(β)·β' with β' = −2√(β² + α⁴)·g."""
    return sp.diff(sp.asinh(x / alpha**2) / 2, x) * (-factor * sp.sqrt(x**2 + alpha**4) * g), -g


def inverse(scale=2):
    """With x = sinh 2z: √(x² + 1) = cosh 2z, so log(x + √(x² + 1)) = log e^{2z} = 2z."""
    x_of_z = sp.sinh(scale * z)
    return [(sp.cosh(2 * z) ** 2, x_of_z**2 + 1), (x_of_z + sp.cosh(2 * z), sp.exp(2 * z))]


PROOF = Proof(
    statement="mirror-flow",
    title="Mirror flow",
    latex=r"\tfrac{d}{dT}\nabla\varphi_\alpha(\beta) = -\nabla L(\beta)",
    source="W20, Theorem 1; PF23, Section 2",
    assumptions=("Gradient flow on F(u, v) = L(u ⊙ v) from u(0) = √2·α·1, v(0) = 0.",),
    imports=("lotka-volterra",),
    steps=(
        Step(
            "φ_α is a sum over coordinates, so its gradient is taken coordinate by coordinate.",
            r"\partial_i\varphi_\alpha(\beta) = \tfrac12\,\mathrm{arcsinh}(\beta_i/\alpha^2)",
            Identity(slope),
            mutant=Identity(lambda: slope(scale=2)),
        ),
        Step(
            "Its Hessian is diagonal with these entries.",
            r"\partial_i^2\varphi_\alpha(\beta) = \frac{1}{2\sqrt{\beta_i^2+\alpha^4}}",
            Identity(curvature),
            mutant=Identity(lambda: curvature(factor=1)),
            uses=(1,),
        ),
        Step(
            "They are positive: φ_α is strictly convex and ∇φ_α is injective.",
            r"\frac{1}{2\sqrt{\beta_i^2+\alpha^4}} > 0",
            Sign(lambda: 1 / (2 * sp.sqrt(x**2 + alpha**4)), ">"),
            mutant=Sign(lambda: 1 / (2 * sp.sqrt(x**2 + alpha**4)) - 1, ">"),
            uses=(2,),
        ),
        Step(
            "By Lotka–Volterra, step 6, β_i' = −2√(β_i² + α⁴) g_i with g = ∇L(β). The chain rule cancels "
            "the square roots.",
            r"\tfrac{d}{dT}\,\partial_i\varphi_\alpha(\beta) = \frac{\beta_i'}{2\sqrt{\beta_i^2+\alpha^4}} = -g_i",
            Identity(dual_velocity),
            mutant=Identity(lambda: dual_velocity(factor=1)),
            uses=(2,),
        ),
        Step(
            "The inverse of ∇φ_α: arcsinh(x) = ln(x + √(x² + 1)), and for x = sinh 2z the root is cosh 2z "
            "(which is positive) and the logarithm 2z. Thus β = α² sinh(2z), and β(0) = 0 means z(0) = 0.",
            r"\cosh^2 2z = 1+\sinh^2 2z,\; \sinh 2z+\cosh 2z = e^{2z}: \quad "
            r"z_i = \tfrac12\,\mathrm{arcsinh}(\beta_i/\alpha^2) \iff \beta_i = \alpha^2\sinh(2z_i)",
            Identity(inverse),
            mutant=Identity(lambda: inverse(scale=1)),
            uses=(1,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
