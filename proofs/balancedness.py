"""Balancedness: u² − v² stays where it started.

Theorem.  Let (u, v)' = −∇F(u, v) with F(u, v) = L(u ⊙ v) and L(β) = ‖Xβ − y‖²/(2n),
from u(0) = √2·α·1 and v(0) = 0.  Then u_i² − v_i² = 2α² for every coordinate i and
all times.

Source: PF23, Section 2; in general, the conservation laws of linear networks.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, VectorIdentity, along
from saddlesym.theorems.diagonal.notation import X, beta, eta, gradient, loss, n, square
from saddlesym.theorems.proof import Proof, Step, main

u, v, g, a, b, eps = sp.symbols("u v g a b epsilon", real=True)
alpha = sp.Symbol("alpha", positive=True)


def expansion(factor=1):
    """L(β + εη) − L(β) as a quadratic in ε, with matrices of symbolic shape."""
    change = eps * gradient(beta).T * eta + eps**2 * factor * square(X * eta) / (2 * n)
    return loss(beta + eps * eta) - loss(beta), change


def velocity_of_beta(factor=v):
    """d/dε of (u + εa)(v + εb) at ε = 0, one coordinate."""
    return sp.diff((u + eps * a) * (v + eps * b), eps).subs(eps, 0), a * factor + b * u


def conserved(power=2):
    """d/dT (u^power − v²) along u' = −g v, v' = −g u."""
    return along(u**power - v**2, {u: -g * v, v: -g * u}), 0


def start(scale=2):
    """u² − v² at u = √scale·α, v = 0."""
    return (u**2 - v**2).subs({u: sp.sqrt(scale) * alpha, v: 0}), 2 * alpha**2


def never_zero(conserved_value=2 * alpha**2):
    """u² − v² > 0 keeps |u| above |v|."""
    return [sp.Eq(u**2 - v**2, conserved_value)], sp.Abs(u) > sp.Abs(v)


PROOF = Proof(
    statement="balancedness",
    title="Balancedness",
    latex=r"u_i(T)^2 - v_i(T)^2 = 2\alpha^2 \quad\text{for all } i \text{ and } T",
    source="PF23, Section 2",
    assumptions=("Gradient flow on F(u, v) = L(u ⊙ v) from u(0) = √2·α·1, v(0) = 0; X and y are arbitrary.",),
    steps=(
        Step(
            "The loss is a quadratic; its directional derivative along η is ∇L(β)·η with "
            "∇L(β) = Xᵀ(Xβ − y)/n.",
            r"L(\beta+\varepsilon\eta) = L(\beta) + \varepsilon\,\nabla L(\beta)^{\!\top}\eta"
            r" + \tfrac{\varepsilon^2}{2n}\|X\eta\|^2",
            VectorIdentity(expansion),
            mutant=VectorIdentity(lambda: expansion(factor=2)),
        ),
        Step(
            "Moving (u, v) along (a, b) moves β = u ⊙ v, coordinate by coordinate, along η = a ⊙ v + u ⊙ b.",
            r"\tfrac{d}{d\varepsilon}(u_i+\varepsilon a_i)(v_i+\varepsilon b_i)\big|_0 = a_i v_i + u_i b_i",
            Identity(velocity_of_beta),
            mutant=Identity(lambda: velocity_of_beta(factor=u)),
        ),
        Step(
            "By steps 1 and 2, ∂F/∂u_i = g_i v_i and ∂F/∂v_i = g_i u_i with g = ∇L(β). So the flow is "
            "u_i' = −g_i v_i, v_i' = −g_i u_i, and along it u_i² − v_i² does not change, whatever g_i is.",
            r"\tfrac{d}{dT}(u_i^2 - v_i^2) = -2g_iu_iv_i + 2g_iu_iv_i = 0",
            Identity(conserved),
            mutant=Identity(lambda: conserved(power=3)),
            uses=(1, 2),
        ),
        Step(
            "The conserved value is that of the start.",
            r"(\sqrt2\,\alpha)^2 - 0^2 = 2\alpha^2",
            Identity(start),
            mutant=Identity(lambda: start(scale=3)),
            uses=(3,),
        ),
        Step(
            "In particular |u_i| > |v_i| at all times: u_i + v_i and u_i − v_i never vanish.",
            r"u_i^2 - v_i^2 = 2\alpha^2 > 0 \;\Rightarrow\; |u_i| > |v_i|",
            Entails(never_zero),
            mutant=Entails(lambda: never_zero(conserved_value=-2 * alpha**2)),
            uses=(4,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
