"""The graph of heteroclinic transitions has no cycle.

Theorem.  Along a non-constant orbit of β' = −2|β| ⊙ ∇L(β) the loss is strictly decreasing.
So a heteroclinic orbit from one saddle to another leads to a smaller loss, and the
directed graph of transitions is acyclic.

Source: PF23, Theorem 3; HS22 (invasion graphs with a Lyapunov function).
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Sign
from saddlesym.theorems.proof import Proof, Step, main

x, g, rest = sp.symbols("beta_i g_i R", real=True)


def loss_rate(factor=2):
    """One summand g_i β_i' of dL/dT."""
    velocity = -2 * sp.Abs(x) * g
    return g * velocity, -factor * sp.Abs(x) * g**2


def dissipation(sign=1):
    return sign * 2 * sp.Abs(x) * g**2


def only_at_rest(vanishing=True):
    """Σ|β_i|g_i² = 0 forces |β_i| g_i = 0, so the velocity vanishes (R: the other summands)."""
    hypotheses = [rest >= 0]
    if vanishing:
        hypotheses.append(sp.Eq(sp.Abs(x) * g**2 + rest, 0))
    return hypotheses, sp.Eq(2 * sp.Abs(x) * g, 0)


def ends(strict=True):
    """The limits of a strictly decreasing function at the two ends of the orbit."""
    source, early, late, target = sp.symbols("L_S L_early L_late L_T", real=True)
    hypotheses = [source >= early, early > late if strict else early >= late, late >= target]
    return hypotheses, source > target


def chain(strict=True):
    """L₁ > L_k and L_k > L_{k+1} give L₁ > L_{k+1}, and then the two are different."""
    first, here, following = sp.symbols("L_1 L_k L_next", real=True)
    hypotheses = [first > here, here > following] if strict else [first >= here, here >= following]
    return hypotheses, sp.And(first > following, sp.Ne(first, following))


PROOF = Proof(
    statement="acyclicity",
    title="The transition graph is acyclic",
    latex=r"\tfrac{d}{dT}L(\beta)=-2\sum_i|\beta_i|\,\nabla L(\beta)_i^2<0 \quad\text{off rest points}",
    source="PF23, Theorem 3; HS22",
    assumptions=("Transitions are heteroclinic orbits of β' = −2|β| ⊙ ∇L(β); X and y are arbitrary.",),
    steps=(
        Step(
            "By the chain rule dL/dT = Σ g_i β_i' with g = ∇L(β).",
            r"g_i\beta_i'=-2|\beta_i|g_i^2",
            Identity(loss_rate),
            mutant=Identity(lambda: loss_rate(factor=1)),
        ),
        Step(
            "Every summand of −dL/dT is non-negative.",
            r"2|\beta_i|g_i^2\ge0",
            Sign(dissipation),
            mutant=Sign(lambda: dissipation(sign=-1)),
            uses=(1,),
        ),
        Step(
            "If the sum vanishes, every summand does, and so does the velocity: the orbit is at rest. Orbits that "
            "are not constant never are, so L is strictly decreasing along them.",
            r"|\beta_i|g_i^2+R=0,\ R\ge0 \;\Rightarrow\; \beta_i'=-2|\beta_i|g_i=0",
            Entails(only_at_rest),
            mutant=Entails(lambda: only_at_rest(vanishing=False)),
            uses=(2,),
            facts=("uniqueness for ordinary differential equations",),
        ),
        Step(
            "L is continuous, so its limits at the ends of a heteroclinic orbit are the losses of the two saddles.",
            r"L(\beta_S)\ge L(\text{early})>L(\text{late})\ge L(\beta_T) \;\Rightarrow\; L(\beta_S)>L(\beta_T)",
            Entails(ends),
            mutant=Entails(lambda: ends(strict=False)),
            uses=(3,),
        ),
        Step(
            "By induction the loss of the first vertex of a directed walk is larger than that of any later one; so "
            "no walk returns to its first vertex.",
            r"L_1>L_k,\ L_k>L_{k+1} \;\Rightarrow\; L_1>L_{k+1},\ L_{k+1}\ne L_1",
            Entails(chain),
            mutant=Entails(lambda: chain(strict=False)),
            uses=(4,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
