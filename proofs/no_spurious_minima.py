"""Every local minimum of F is a global one.

Theorem.  Let (u, v) be a critical point of F(u, v) = L(u ⊙ v) that is not a global
minimum.  Then there is a coordinate i with u_i = v_i = 0 and g_i = ∇L(β)_i ≠ 0, and

    F(u + εe_i, v − ε sign(g_i) e_i) − F(u, v) = −|g_i| ε² + ½ M_ii ε⁴,

which is negative for 0 < ε² < 2|g_i|/M_ii.  So no local minimum is spurious.

Source: PF23, Section 3; direct computation.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, gradient, loss, n
from saddlesym.theorems.proof import Proof, Step, main

g = sp.Symbol("g", real=True)
eps = sp.Symbol("epsilon", positive=True)
size = sp.Symbol("M_ii", nonnegative=True)
d = beta.shape[0]
e = sp.MatrixSymbol("e_i", d, 1)
t = sp.Symbol("t", real=True)


def along_one_coordinate(factor=1):
    """L(β + t e_i) − L(β) = t g_i + ½ t² M_ii."""
    g_i, M_ii = e.T * gradient(beta), e.T * (X.T * X / n) * e
    return loss(beta + t * e) - loss(beta), t * g_i + factor * t**2 * M_ii / 2


def product_of_moves(sign=-1):
    """β_i moves by (0 + ε)(0 − ε sign g)."""
    nonzero = sp.Symbol("g", nonzero=True, real=True)
    move = eps * (sign * eps * sp.sign(nonzero))
    return nonzero * move + size * move**2 / 2, -sp.Abs(nonzero) * eps**2 + size * eps**4 / 2


def inactive(critical=True):
    """g_i ≠ 0 at a critical point forces u_i = v_i = 0."""
    u, v = sp.symbols("u v", real=True)
    hypotheses = [sp.Ne(g, 0)]
    if critical:
        hypotheses += [sp.Eq(g * v, 0), sp.Eq(g * u, 0)]
    return hypotheses, sp.And(sp.Eq(u, 0), sp.Eq(v, 0))


def negative(reach=2):
    """−|g|E + ½ M E² < 0 for 0 < E = ε², M E < reach·|g|."""
    E = sp.Symbol("E", positive=True)
    return [sp.Ne(g, 0), size * E < reach * sp.Abs(g)], -sp.Abs(g) * E + size * E**2 / 2 < 0


PROOF = Proof(
    statement="no-spurious-minima",
    title="No spurious local minima",
    latex=r"F(u+\varepsilon e_i,v-\varepsilon\,\mathrm{sign}(g_i)e_i)-F(u,v)=-|g_i|\varepsilon^2"
    r"+\tfrac12M_{ii}\varepsilon^4",
    source="PF23, Section 3",
    assumptions=("X and y are arbitrary.",),
    imports=("critical-points",),
    steps=(
        Step(
            "A critical point that is no global minimum has g = ∇L(β) ≠ 0 (critical points, step 5), so "
            "g_i ≠ 0 for some i; being critical, it has u_i = v_i = 0 there.",
            r"g_i\ne0,\ g_iu_i=g_iv_i=0 \;\Rightarrow\; u_i=v_i=0",
            Entails(inactive),
            mutant=Entails(lambda: inactive(critical=False)),
        ),
        Step(
            "Along a coordinate the loss is a quadratic polynomial.",
            r"L(\beta+te_i)-L(\beta)=t\,g_i+\tfrac12t^2M_{ii}",
            VectorIdentity(along_one_coordinate),
            mutant=VectorIdentity(lambda: along_one_coordinate(factor=2)),
        ),
        Step(
            "The move u_i = ε, v_i = −ε sign g_i makes t = −ε² sign g_i.",
            r"g_it+\tfrac12M_{ii}t^2=-|g_i|\varepsilon^2+\tfrac12M_{ii}\varepsilon^4",
            Identity(product_of_moves),
            mutant=Identity(lambda: product_of_moves(sign=1)),
            uses=(1, 2),
        ),
        Step(
            "This is negative for all small ε, so (u, v) is not a local minimum.",
            r"0<\varepsilon^2,\ M_{ii}\varepsilon^2<2|g_i| \;\Rightarrow\; "
            r"-|g_i|\varepsilon^2+\tfrac12M_{ii}\varepsilon^4<0",
            Entails(negative),
            mutant=Entails(lambda: negative(reach=3)),
            uses=(3,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
