"""Critical points of F(u, v) = L(u ⊙ v) and minimisers of L on coordinate subspaces.

Theorem.  (u, v) is a critical point of F if and only if for every coordinate i either
u_i = v_i = 0 or ∇L(β)_i = 0, where β = u ⊙ v.  Then β minimises L over all vectors
whose support is contained in that of β; conversely every such β comes from a critical
point.  If moreover ∇L(β) = 0, then β is a global minimiser of L, and only then.

Source: PF23, Section 3.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, b, beta, gradient, loss, n, square
from saddlesym.theorems.proof import Proof, Step, main

u, v, g, x, h, product = sp.symbols("u v g x h P", real=True)
size = sp.Symbol("M_ii", positive=True)
first, second = sp.symbols("F_u F_v", real=True)


def stationarity(extra=sp.false):
    """F_u = g v and F_v = g u both vanish exactly if g = 0 or u = v = 0."""
    both_vanish = sp.And(sp.Eq(first, 0), sp.Eq(second, 0))
    alternative = sp.Or(sp.Eq(g, 0), sp.And(sp.Eq(u, 0), sp.Eq(v, 0)), extra)
    return [sp.Eq(first, g * v), sp.Eq(second, g * u)], sp.Equivalent(both_vanish, alternative)


def quadratic(factor=1):
    """L(b) − L(β) = ∇L(β)ᵀ(b − β) + ‖X(b − β)‖²/(2n)."""
    return loss(b) - loss(beta), gradient(beta).T * (b - beta) + factor * square(X * (b - beta)) / (2 * n)


def no_first_order_term(support=True):
    """g_i (b_i − β_i) = 0: g_i = 0 on the support, and b_i = β_i = 0 off it."""
    other = sp.Symbol("b_i", real=True)
    alternative = sp.Or(sp.Eq(u, 0), sp.Eq(v, 0), sp.Eq(g, 0))
    on_support = [sp.Implies(sp.Eq(x, 0), sp.Eq(other, 0))] if support else []
    hypotheses = [sp.Eq(x, u * v), sp.Or(sp.Eq(g, 0), sp.And(sp.Eq(u, 0), sp.Eq(v, 0))), alternative]
    return hypotheses + on_support, sp.Eq(g * (other - x), 0)


def gain(step=1):
    """g h + ½ M_ii h² at h = −step·g/M_ii."""
    h_best = -step * g / size
    return g * h_best + size * h_best**2 / 2, -(g**2) / (2 * size)


def lift(scale=1):
    """u = √|β|, v = sign(β)√|β| has uv = β and u = 0 iff v = 0."""
    root = sp.Symbol("root", nonnegative=True)
    hypotheses = [sp.Eq(root**2, sp.Abs(x)), sp.Eq(u, root), sp.Eq(v, scale * sp.sign(x) * root)]
    return hypotheses, sp.And(sp.Eq(u * v, x), sp.Implies(sp.Eq(x, 0), sp.And(sp.Eq(u, 0), sp.Eq(v, 0))))


def only_global(strict=True):
    """A coordinate with g_i ≠ 0 allows a decrease by g_i²/(2M_ii)."""
    hypotheses = [sp.Eq(product, -(g**2) / (2 * size))]
    return [*hypotheses, sp.Ne(g, 0)] if strict else hypotheses, product < 0


PROOF = Proof(
    statement="critical-points",
    title="Critical points",
    latex=r"\nabla F(u,v)=0 \iff \forall i:\ (u_i,v_i)=(0,0)\ \text{or}\ \nabla L(\beta)_i=0; \quad"
    r"\beta\in\arg\min\{L(b): \mathrm{supp}\,b\subseteq\mathrm{supp}\,\beta\}",
    source="PF23, Section 3",
    assumptions=("X and y are arbitrary; L(β) = ‖Xβ − y‖²/(2n).",),
    imports=("balancedness",),
    steps=(
        Step(
            "By balancedness, steps 1 and 2, ∂F/∂u_i = g_i v_i and ∂F/∂v_i = g_i u_i with g = ∇L(β). Both "
            "vanish if and only if g_i = 0 or u_i = v_i = 0.",
            r"g_iv_i = g_iu_i = 0 \iff g_i=0 \ \text{or}\ u_i=v_i=0",
            Entails(stationarity),
            mutant=Entails(lambda: stationarity(extra=sp.Eq(u, 0))),
        ),
        Step(
            "The loss is quadratic, and its second-order part is a squared norm.",
            r"L(b)-L(\beta) = \nabla L(\beta)^{\top}(b-\beta) + \tfrac1{2n}\|X(b-\beta)\|^2",
            VectorIdentity(quadratic),
            mutant=VectorIdentity(lambda: quadratic(factor=2)),
        ),
        Step(
            "At a critical point let b have its support in supp β. Each summand of the first-order term "
            "vanishes: on supp β we have g_i = 0, since u_i v_i ≠ 0; off it b_i = β_i = 0. So L(b) ≥ L(β).",
            r"g_i\,(b_i-\beta_i)=0 \ \text{for all } i \;\Rightarrow\; L(b)-L(\beta)=\tfrac1{2n}\|X(b-\beta)\|^2\ge0",
            Entails(no_first_order_term),
            mutant=Entails(lambda: no_first_order_term(support=False)),
            uses=(1, 2),
        ),
        Step(
            "Conversely let β minimise L over the vectors supported in supp β. Moving a coordinate i by "
            "h = −g_i/M_ii changes L by −g_i²/(2M_ii) (if M_ii = 0 then x_i = 0 and g_i = 0 anyway).",
            r"g_ih+\tfrac12M_{ii}h^2 = -\frac{g_i^2}{2M_{ii}} \quad\text{at } h=-g_i/M_{ii}",
            Identity(gain),
            mutant=Identity(lambda: gain(step=-1)),
            uses=(2,),
        ),
        Step(
            "That is negative unless g_i = 0. Hence g_i = 0 on the support of such a minimiser; and a global "
            "minimiser of L has ∇L(β) = 0, while ∇L(β) = 0 makes β a global minimiser by step 2.",
            r"g_i\ne0 \;\Rightarrow\; -\frac{g_i^2}{2M_{ii}}<0",
            Entails(only_global),
            mutant=Entails(lambda: only_global(strict=False)),
            uses=(2, 4),
        ),
        Step(
            "The point u_i = √|β_i|, v_i = sign(β_i)√|β_i| has u ⊙ v = β and vanishes off supp β; by steps 1 "
            "and 5 it is critical. So every such minimiser is the image of a critical point.",
            r"u_i=\sqrt{|\beta_i|},\; v_i=\mathrm{sign}(\beta_i)\sqrt{|\beta_i|} \;\Rightarrow\; u_iv_i=\beta_i",
            Entails(lift),
            mutant=Entails(lambda: lift(scale=-1)),
            uses=(1, 5),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
