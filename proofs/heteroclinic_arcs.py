"""Orbits inside a jump: finite length always, existence for a simple jump.

Theorem.  (a) An orbit of β' = −2|β| ⊙ ∇L(β) that converges at both ends has finite length,
whatever X and y are.  So a limit curve made of finitely many such orbits has finite length.
(b) Let X have independent columns, and at a jump from β to β⁺ let exactly one coordinate i
reach ±1, while |s_j| = 1 for j ≠ i only where β_j ≠ 0.  Then an orbit joins β to β⁺.

Not proved here: that the flow at small α follows these orbits inside a jump.

Source: PF23, Theorem 3; the inequality of Łojasiewicz.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, along
from saddlesym.theorems.proof import Proof, Step, main

x, g, sign, s, after = sp.symbols("x_i g_i sigma_i s_i beta^+_i", real=True)
speed, height, theta, C, R = sp.symbols("N H theta C R", positive=True)


def root_coordinates(factor=2):
    """β = σx² with x' = −σxg has β' = −2x²g; σ² = 1 and x² = |β|."""
    return along(sign * x**2, {x: -sign * x * g}).subs(sign**2, 1), -factor * x**2 * g


def gradient_flow(factor=1):
    """The derivative of ½L(σ ⊙ x ⊙ x) in x_i, by the chain rule with ∂L/∂β_i = g_i."""
    return g * sp.diff(sign * x**2, x) / 2, factor * sign * x * g


def energy(direction=-1):
    """d/dT H^{1−θ} along H' = −N²."""
    return along(height ** (1 - theta), {height: direction * speed**2}), -(
        1 - theta
    ) * speed**2 * height**-theta


def length_rate(lojasiewicz=True):
    """H^θ ≤ C N gives N²/H^θ ≥ N/C."""
    power = sp.Symbol("K", positive=True)
    return [power <= C * speed] if lojasiewicz else [], speed**2 / power >= speed / C


def length_bound(bounded=True):
    """H^{1−θ} falls by at least (1 − θ)/C times the length."""
    length, start, end = sp.symbols("ell E_0 E_1", real=True)
    share = sp.Symbol("q", positive=True)  # (1 − θ)/C
    hypotheses = [start - end >= share * length] + ([end >= 0] if bounded else [])
    return hypotheses, length <= start / share


def length_of_beta(factor=2):
    """|β_i'| = 2|x_i||x_i'| ≤ 2R|x_i'|."""
    rate, beta_rate = sp.symbols("x_prime beta_prime", real=True)
    return [sp.Abs(x) <= R, sp.Eq(beta_rate, 2 * sign * x * rate), sp.Eq(sign**2, 1)], sp.Abs(
        beta_rate
    ) <= factor * R * sp.Abs(rate)


def enters(falls=True):
    """If supp β⁺ ⊆ supp β, then L(β) ≤ L(β⁺)."""
    old, new, inside = sp.symbols("L_old L_new inside", real=True)
    return [sp.Implies(sp.Eq(inside, 1), old <= new), new < old if falls else new <= old], sp.Ne(inside, 1)


def unstable(against=True):
    """The entering coordinate has s_i g_i < 0 and s_i β⁺_i > 0."""
    return [s * g < 0 if against else s * g <= 0, s * after > 0], after * g < 0


PROOF = Proof(
    statement="heteroclinic-arcs",
    title="Heteroclinic arcs of finite length",
    latex=r"\int\|\beta'\|\,dT<\infty \ \text{ along orbits of }\ \beta'=-2|\beta|\odot\nabla L(\beta)\ "
    r"\text{ that converge at both ends}",
    source="PF23, Theorem 3",
    assumptions=(
        "(a): X and y are arbitrary; the orbit converges at both ends.",
        "(b): X has independent columns; one coordinate i reaches ±1, and |s_j| = 1 for j ≠ i only where β_j ≠ 0.",
    ),
    not_covered="that the flow at small α follows these orbits inside a jump",
    imports=("loss-falls", "termination", "transition-rule"),
    steps=(
        Step(
            "An orbit stays in one orthant, with signs σ. Write β = σ ⊙ x ⊙ x; if x' = −σ ⊙ x ⊙ g with g = ∇L(β), "
            "then β' = −2|β| ⊙ g.",
            r"(\sigma_ix_i^2)'=-2\sigma_i^2x_i^2g_i=-2|\beta_i|g_i",
            Identity(root_coordinates),
            mutant=Identity(lambda: root_coordinates(factor=1)),
        ),
        Step(
            "In these coordinates the flow is the Euclidean gradient flow x' = −∇G(x) of a polynomial.",
            r"G(x)=\tfrac12L(\sigma\odot x\odot x),\qquad \partial_iG=\sigma_ix_ig_i",
            Identity(gradient_flow),
            mutant=Identity(lambda: gradient_flow(factor=2)),
            uses=(1,),
        ),
        Step(
            "Let H = G(x) − G(x*) > 0 near the forward limit x*, and N = ‖∇G‖ = ‖x'‖, so that H' = −N². For the backward "
            "limit take H = G(x*) − G(x) and reverse time.",
            r"\tfrac{d}{dT}H^{1-\theta}=-(1-\theta)\,H^{-\theta}N^2",
            Identity(energy),
            mutant=Identity(lambda: energy(direction=1)),
            uses=(2,),
        ),
        Step(
            "By the inequality of Łojasiewicz there are θ in (0, 1) and C with H^θ ≤ CN near x*; K stands for H^θ.",
            r"K\le CN \;\Rightarrow\; N^2/K\ge N/C",
            Entails(length_rate),
            mutant=Entails(lambda: length_rate(lojasiewicz=False)),
            uses=(3,),
            facts=("Łojasiewicz' gradient inequality for real-analytic functions",),
        ),
        Step(
            "So H^{1−θ} falls by at least q = (1 − θ)/C times the length that is run through, and it stays non-negative: "
            "the length near either end is finite, and between the ends the orbit is a compact arc.",
            r"E_0-E_1\ge q\,\ell,\ E_1\ge0 \;\Rightarrow\; \ell\le E_0/q",
            Entails(length_bound),
            mutant=Entails(lambda: length_bound(bounded=False)),
            uses=(4,),
        ),
        Step(
            "The orbit is bounded, |x_i| ≤ R, so its image β has finite length, too. The limit path has finitely many "
            "jumps (termination): finitely many arcs have a finite length together. This is (a).",
            r"|\beta_i'|=2|x_i||x_i'|\le2R|x_i'|",
            Entails(length_of_beta),
            mutant=Entails(lambda: length_of_beta(factor=1)),
            uses=(5,),
        ),
        Step(
            "For (b) let S = supp β and T = supp β⁺ ⊆ S ∪ {i}. If T ⊆ S, then L(β) ≤ L(β⁺), as β has the least loss on S; "
            "but the loss falls at a jump. So T∖S = {i}.",
            r"(T\subseteq S\Rightarrow L(\beta)\le L(\beta^{+})),\ L(\beta^{+})<L(\beta) \;\Rightarrow\; T\not\subseteq S",
            Entails(enters),
            mutant=Entails(lambda: enters(falls=False)),
        ),
        Step(
            "i arrives at s_i = ±1 against its gradient (loss falls, step 2), and s_i β⁺_i > 0: condition (i) of the "
            "transition rule. S ∪ T = S ∪ {i} is the set with |s_j| = 1, on which β⁺ is the minimiser under the signs "
            "of s: condition (ii). The rule gives the orbit.",
            r"s_ig_i<0,\ s_i\beta^{+}_i>0 \;\Rightarrow\; \beta^{+}_ig_i<0",
            Entails(unstable),
            mutant=Entails(lambda: unstable(against=False)),
            uses=(7,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
