"""A finite step of gradient descent shrinks u² − v² by exactly 1 − η²g², and moves z by −artanh(ηg).

Theorem.  Let F(u, v) = L(u ⊙ v), g = ∇L(u ⊙ v), and let (u, v) ↦ (u, v) − η∇F(u, v).  Then,
coordinate by coordinate, u ± v ↦ (1 ∓ ηg)(u ± v), so that u² − v² ↦ (1 − η²g²)(u² − v²).
Where u > |v| and |ηg| < 1, put a = (u² − v²)/2 and z = ½ ln((u + v)/(u − v)).  Then
β = uv = a sinh(2z), the next z is z − artanh(ηg), and 0 < next a ≤ a.

At η → 0 this is balancedness and the mirror flow.

Source: M. Even, S. Pesme, S. Gunasekar, N. Flammarion, (S)GD over diagonal linear networks,
NeurIPS 2023, section 3.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity
from saddlesym.theorems.proof import Proof, Step, main

u, v, g, eta, x = sp.symbols("u v g eta x", real=True)
P, Q, A, B = sp.symbols("P Q A B", positive=True)


def factors(share=1):
    """u ± v after u ↦ u − ηgv, v ↦ v − ηgu."""
    new_u, new_v = u - eta * g * v, v - eta * g * u
    return [
        (new_u + new_v, (1 - share * eta * g) * (u + v)),
        (new_u - new_v, (1 + share * eta * g) * (u - v)),
    ]


def shrinking(power=2):
    """u² − v² after the same step."""
    new_u, new_v = u - eta * g * v, v - eta * g * u
    return new_u**2 - new_v**2, (1 - (eta * g) ** power) * (u**2 - v**2)


def smaller(bound=1):
    """0 < (1 − x²)a ≤ a for |x| < 1 and a > 0."""
    a = sp.Symbol("a", positive=True)
    return [sp.Abs(x) < bound], sp.And((1 - x**2) * a > 0, (1 - x**2) * a <= a)


def dual_step(share=sp.Rational(1, 2)):
    """½ ln(AP/(BQ)) = ½ ln(P/Q) + ½ (ln A − ln B), with A = 1 − ηg and B = 1 + ηg."""
    moved = sp.log(A * P) - sp.log(B * Q)
    return sp.expand_log(moved / 2), sp.expand_log(
        (sp.log(P) - sp.log(Q)) / 2 + share * (sp.log(A) - sp.log(B))
    )


def artanh(sign=-1):
    """½ (ln(1 − x) − ln(1 + x)) = −artanh x, by the derivative and the value at 0."""
    left = (sp.log(1 - x) - sp.log(1 + x)) / 2
    return [(sp.diff(left, x), sp.diff(sign * sp.atanh(x), x)), (left.subs(x, 0), sp.atanh(0))]


def link(half=sp.Rational(1, 2)):
    """a sinh(2z) = uv with u + v = P, u − v = Q: a = PQ/2, and sinh(2z) = (P/Q − Q/P)/2."""
    return P * Q * half * (P / Q - Q / P) / 2, (P + Q) / 2 * (P - Q) / 2


def stays(strict=True):
    """u + v > 0 and u − v > 0 after the step."""
    conditions = [P > 0, Q > 0, sp.Abs(x) < 1 if strict else sp.Abs(x) <= 1]
    return conditions, sp.And((1 - x) * P > 0, (1 + x) * Q > 0)


PROOF = Proof(
    statement="finite-steps",
    title="Gradient descent with finite steps",
    latex=r"u_i^2-v_i^2\mapsto(1-\eta^2g_i^2)(u_i^2-v_i^2),\quad z_i\mapsto z_i-\mathrm{artanh}(\eta g_i)",
    source="Even, Pesme, Gunasekar, Flammarion 2023, section 3",
    assumptions=("One step of gradient descent on F(u, v) = L(u ⊙ v); X and y are arbitrary.",),
    imports=("balancedness",),
    steps=(
        Step(
            "By the proof of balancedness ∂F/∂u_i = g_i v_i and ∂F/∂v_i = g_i u_i, so that a step is u ↦ u − ηgv, "
            "v ↦ v − ηgu. It multiplies u + v and u − v.",
            r"(u-\eta gv)\pm(v-\eta gu)=(1\mp\eta g)(u\pm v)",
            Identity(factors),
            mutant=Identity(lambda: factors(share=2)),
        ),
        Step(
            "The product of the two factors is that of u² − v².",
            r"(u-\eta gv)^2-(v-\eta gu)^2=(1-\eta^2g^2)(u^2-v^2)",
            Identity(shrinking),
            mutant=Identity(lambda: shrinking(power=1)),
            uses=(1,),
        ),
        Step(
            "For |ηg| < 1 the positive a = (u² − v²)/2 stays positive and does not grow.",
            r"|x|<1,\ a>0 \;\Rightarrow\; 0<(1-x^2)a\le a",
            Entails(smaller),
            mutant=Entails(lambda: smaller(bound=2)),
            uses=(2,),
        ),
        Step(
            "And u + v, u − v stay positive, so that z is defined after the step, too.",
            r"P,Q>0,\ |x|<1 \;\Rightarrow\; (1-x)P>0,\ (1+x)Q>0",
            Entails(stays),
            mutant=Entails(lambda: stays(strict=False)),
            uses=(1,),
        ),
        Step(
            "With P = u + v, Q = u − v the dual variable z = ½ ln(P/Q) moves by half the logarithm of the quotient "
            "of the factors.",
            r"\tfrac12\ln\frac{AP}{BQ}=\tfrac12\ln\frac PQ+\tfrac12\ln\frac AB,\quad A=1-\eta g,\ B=1+\eta g",
            Identity(dual_step),
            mutant=Identity(lambda: dual_step(share=1)),
            uses=(1, 4),
        ),
        Step(
            "That is −artanh(ηg): both sides vanish at 0 and have the same derivative on |x| < 1.",
            r"\tfrac12\ln\frac{1-x}{1+x}=-\mathrm{artanh}\,x",
            Identity(artanh),
            mutant=Identity(lambda: artanh(sign=1)),
            uses=(5,),
            facts=("two functions on an interval with the same derivative and one common value are equal",),
        ),
        Step(
            "β is a sinh(2z), as in the mirror flow with a in the place of α².",
            r"\tfrac{PQ}2\cdot\tfrac12\big(\tfrac PQ-\tfrac QP\big)=\tfrac{P+Q}2\cdot\tfrac{P-Q}2=uv",
            Identity(link),
            mutant=Identity(lambda: link(half=1)),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
