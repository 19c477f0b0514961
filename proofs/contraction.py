"""Two solutions of the training flow never move apart in data space.

Theorem.  Let w₁, w₂ solve w' = (y − Xβ(Xᵀw))/n with β(z) = α² sinh(2z).  Then
‖w₁(T) − w₂(T)‖ does not increase.  Equivalently, for z_k = Xᵀw_k, the difference z₁ − z₂
does not grow in the norm of M⁺ on range(M), M = XᵀX/n.

Source: gradient flows of convex functions are contractions (Brézis, 1973).
"""

import sympy as sp

from saddlesym.theorems.claims import Identity, Sign, SignFrom, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, d, n, square, y
from saddlesym.theorems.proof import Proof, Step, main

z1, z2, x = sp.symbols("z_1 z_2 x", real=True)
alpha = sp.Symbol("alpha", positive=True)
w1, w2 = sp.MatrixSymbol("w_1", n, 1), sp.MatrixSymbol("w_2", n, 1)
b1, b2 = sp.MatrixSymbol("beta_1", d, 1), sp.MatrixSymbol("beta_2", d, 1)


def rate(sign=-1):
    """½ d/dT ‖w₁ − w₂‖² = (w₁ − w₂)ᵀ(w₁' − w₂')."""
    velocity = (y - X * b1) / n - (y - X * b2) / n
    return (w1 - w2).T * velocity, sign * (X.T * w1 - X.T * w2).T * (b1 - b2) / n


def difference_of_sinh(factor=2):
    return sp.sinh(2 * z1) - sp.sinh(2 * z2), factor * sp.cosh(z1 + z2) * sp.sinh(z1 - z2)


def x_sinh_x(sign=1):
    return sign * x * sp.sinh(x), x, 0


def even(sign=1):
    return (x * sp.sinh(x)).subs(x, -x), sign * x * sp.sinh(x)


def summand(bound=1):
    """2α² cosh(z₁ + z₂)·e with e = (z₁ − z₂) sinh(z₁ − z₂) ≥ 0."""
    e = sp.Symbol("e", nonnegative=True)
    return 2 * alpha**2 * sp.cosh(z1 + z2) * (e + bound - 1)


def pseudo_inverse_norm(factor=1):
    """With δ = Mc: δᵀM⁺M v − δᵀv = cᵀ(MM⁺M − M)v, which is 0 by Penrose's first axiom."""
    M, P = sp.MatrixSymbol("M", d, d), sp.MatrixSymbol("P", d, d)
    c, v = sp.MatrixSymbol("c", d, 1), sp.MatrixSymbol("v", d, 1)
    delta = M * c
    return delta.T * P * M * v - factor * delta.T * v, c.T * (M * P * M - M) * v


def norms_agree(factor=1):
    """zᵀM⁺z = n‖Πw‖² for z = Xᵀw, where Π = n⁻¹·X M⁺ Xᵀ is symmetric and idempotent."""
    P, w = sp.MatrixSymbol("P", d, d), sp.MatrixSymbol("w", n, 1)
    projection = X * P * X.T / n
    M = X.T * X / n
    idempotence = X * (P * M * P - P) * X.T / n  # vanishes by Penrose's second axiom
    z = X.T * w
    return z.T * P * z, factor * n * square(projection * w) - n * w.T * idempotence * w


PROOF = Proof(
    statement="contraction",
    title="Contraction",
    latex=r"\tfrac{d}{dT}\,\|w_1-w_2\| \le 0",
    source="gradient flows of convex functions are contractions (Brézis, 1973)",
    assumptions=("w₁ and w₂ solve the convex flow in data space for the same data and α.",),
    imports=("dual-convex-flow",),
    steps=(
        Step(
            "The data y cancel in the difference of the velocities, and X moves to the other factor.",
            r"\tfrac12\tfrac{d}{dT}\|w_1-w_2\|^2 = -\tfrac1n (z_1-z_2)^{\top}(\beta_1-\beta_2),\quad z_k=X^{\top}w_k",
            VectorIdentity(rate),
            mutant=VectorIdentity(lambda: rate(sign=1)),
        ),
        Step(
            "The inner product is a sum over coordinates; each summand is (z₁ − z₂)·α²(sinh 2z₁ − sinh 2z₂), "
            "and the difference of the hyperbolic sines is a product.",
            r"\sinh 2z_1-\sinh 2z_2 = 2\cosh(z_1+z_2)\sinh(z_1-z_2)",
            Identity(difference_of_sinh),
            mutant=Identity(lambda: difference_of_sinh(factor=1)),
        ),
        Step(
            "x sinh x ≥ 0 for x ≥ 0.",
            r"x\sinh x \ge 0 \quad (x\ge0)",
            SignFrom(x_sinh_x),
            mutant=SignFrom(lambda: x_sinh_x(sign=-1)),
        ),
        Step(
            "x sinh x is even, so it is non-negative for all real x.",
            r"(-x)\sinh(-x) = x\sinh x",
            Identity(even),
            mutant=Identity(lambda: even(sign=-1)),
            uses=(3,),
        ),
        Step(
            "Hence each summand is non-negative, and ‖w₁ − w₂‖² does not increase.",
            r"(z_1-z_2)\,\alpha^2(\sinh 2z_1-\sinh 2z_2) = 2\alpha^2\cosh(z_1+z_2)\; e \ge 0,\quad "
            r"e=(z_1-z_2)\sinh(z_1-z_2)",
            Sign(summand),
            mutant=Sign(lambda: summand(bound=0)),
            uses=(1, 2, 4),
        ),
        Step(
            "The same in the d-dimensional form. z' = r − Mβ, and δ = z₁ − z₂ = Xᵀ(w₁ − w₂) lies in range(M), "
            "δ = Mc, M symmetric. So ½ d/dT δᵀM⁺δ = −δᵀM⁺M(β₁ − β₂), and by Penrose's axiom MM⁺M = M this is "
            "−δᵀ(β₁ − β₂), which is ≤ 0 by step 5.",
            r"\delta^{\top}M^{+}Mv-\delta^{\top}v = c^{\top}(MM^{+}M-M)v = 0",
            VectorIdentity(pseudo_inverse_norm, symmetric=("M", "P")),
            mutant=VectorIdentity(lambda: pseudo_inverse_norm(factor=2), symmetric=("M", "P")),
            uses=(5,),
            facts=("range(Xᵀ) = range(XᵀX)", "the axioms of the pseudo-inverse"),
        ),
        Step(
            "The two norms agree: Π = XM⁺Xᵀ/n is the orthogonal projection on range(X) (symmetric, and "
            "idempotent by M⁺MM⁺ = M⁺), and zᵀM⁺z = n‖Πw‖².",
            r"z^{\top}M^{+}z = n\,\|\Pi w\|^2 \quad\text{for } z=X^{\top}w",
            VectorIdentity(norms_agree, symmetric=("P",)),
            mutant=VectorIdentity(lambda: norms_agree(factor=2), symmetric=("P",)),
            facts=("the axioms of the pseudo-inverse",),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
