"""The Lotka–Volterra form of the training flow.

Theorem.  With p = (u + v)²/2 and q = (u − v)²/2 the gradient flow of the diagonal
network reads p' = −2 p ⊙ ∇L(β), q' = +2 q ⊙ ∇L(β), where β = (p − q)/2.  Moreover
p ⊙ q = α⁴ at all times, p(0) = q(0) = α², and β' = −2 √(β² + α⁴) ⊙ ∇L(β).

Since ∇L is affine in p and q, this is a Lotka–Volterra system; as α → 0 the last
equation becomes β' = −2|β| ⊙ ∇L(β).

Source: PF23, Section 3 and Appendix; HS22 for Lotka–Volterra systems.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Limit, along
from saddlesym.theorems.proof import Proof, Step, main

u, v, g, p, q, x = sp.symbols("u v g p q x", real=True)
alpha = sp.Symbol("alpha", positive=True)
half = sp.Rational(1, 2)
FLOW = {u: -g * v, v: -g * u}
P, Q = (u + v) ** 2 / 2, (u - v) ** 2 / 2


def growth(rate=2):
    """p' and q' along the flow of u and v."""
    return [(along(P, FLOW), -rate * g * P), (along(Q, FLOW), rate * g * Q)]


def readout(scale=half):
    return scale * (P - Q), u * v


def product(value=alpha**4):
    """pq in terms of u² − v² = 2α²."""
    return (P * Q).expand().subs(u**4, (v**2 + 2 * alpha**2) ** 2).subs(u**2, v**2 + 2 * alpha**2), value


def start(scale=2):
    at_zero = {u: sp.sqrt(scale) * alpha, v: 0}
    return [(P.subs(at_zero), alpha**2), (Q.subs(at_zero), alpha**2)]


def sum_of_p_and_q(scale=4):
    """p, q > 0 with pq = α⁴ make (p + q)² a function of β = (p − q)/2."""
    hypotheses = [p > 0, q > 0, sp.Eq(p * q, alpha**4), sp.Eq(2 * x, p - q)]
    return hypotheses, sp.Eq((p + q) ** 2, scale * (x**2 + alpha**4))


def velocity(sign=-1):
    return along((p - q) / 2, {p: -2 * g * p, q: 2 * g * q}), sign * (p + q) * g


PROOF = Proof(
    statement="lotka-volterra",
    title="Lotka–Volterra form",
    latex=r"p' = -2p\odot\nabla L(\beta),\; q' = 2q\odot\nabla L(\beta),\; \beta=\tfrac{p-q}{2},\; p\odot q=\alpha^4",
    source="PF23, Section 3",
    assumptions=("Gradient flow on F(u, v) = L(u ⊙ v) from u(0) = √2·α·1, v(0) = 0.",),
    imports=("balancedness",),
    steps=(
        Step(
            "The flow is u_i' = −g_i v_i, v_i' = −g_i u_i with g = ∇L(β) (balancedness, step 3). By the chain "
            "rule p_i and q_i have the relative growth rates −2g_i and 2g_i.",
            r"p_i' = -2 g_i p_i, \qquad q_i' = 2 g_i q_i",
            Identity(growth),
            mutant=Identity(lambda: growth(rate=1)),
        ),
        Step(
            "The network's vector is read off from p and q.",
            r"\tfrac12(p_i - q_i) = u_i v_i = \beta_i",
            Identity(readout),
            mutant=Identity(lambda: readout(scale=1)),
        ),
        Step(
            "The product is fixed by balancedness: p_i q_i = (u_i² − v_i²)²/4 with u_i² = v_i² + 2α².",
            r"p_i q_i = \tfrac14 (u_i^2 - v_i^2)^2 = \alpha^4",
            Identity(product),
            mutant=Identity(lambda: product(value=4 * alpha**4)),
        ),
        Step(
            "The start u = √2·α, v = 0 gives equal p and q.",
            r"p_i(0) = q_i(0) = \alpha^2",
            Identity(start),
            mutant=Identity(lambda: start(scale=1)),
        ),
        Step(
            "p_i and q_i are positive (u_i ± v_i never vanish), so their product and their difference "
            "determine their sum.",
            r"(p_i + q_i)^2 = 4\,(\beta_i^2 + \alpha^4)",
            Entails(sum_of_p_and_q),
            mutant=Entails(lambda: sum_of_p_and_q(scale=2)),
            uses=(2, 3),
        ),
        Step(
            "Hence β moves with velocity −(p_i + q_i) g_i, which is −2√(β_i² + α⁴) g_i by the step before.",
            r"\beta_i' = -(p_i + q_i)\, g_i = -2\sqrt{\beta_i^2 + \alpha^4}\; g_i",
            Identity(velocity),
            mutant=Identity(lambda: velocity(sign=1)),
            uses=(1, 5),
        ),
        Step(
            "For fixed β_i the coefficient tends to 2|β_i| as α → 0: the vector field of a jump.",
            r"2\sqrt{\beta_i^2+\alpha^4} \to 2|\beta_i|",
            Limit(lambda: (2 * sp.sqrt(x**2 + alpha**4), alpha, 0, "+", 2 * sp.Abs(x))),
            mutant=Limit(lambda: (2 * sp.sqrt(x**2 + alpha**4), alpha, 0, "+", sp.Abs(x))),
            uses=(6,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
