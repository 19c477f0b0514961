"""In general position the limit path is unique.

Theorem.  Suppose X is in general position: for every k ≤ min(n, d), the affine span of k
signed columns ±x_{i₁}, …, ±x_{i_k} with different indices contains no ±x_j of another index.
Then the minimiser that is taken at each jump of the limit process is unique, and so is
the path.

Source: PF23, Assumption 1 and Section 4; the argument is that of R. J. Tibshirani (2013)
for the uniqueness of the lasso.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, b, beta, gradient, loss, n, square
from saddlesym.theorems.proof import Proof, Step, main

k = sp.Symbol("k", integer=True, positive=True)
A = sp.MatrixSymbol("A", n, k)  # the signed columns s_i x_i, i in E
a = sp.MatrixSymbol("a_j", n, 1)
c, ones = sp.MatrixSymbol("c", k, 1), sp.MatrixSymbol("e", k, 1)
w = sp.MatrixSymbol("w", n, 1)
cj, total = sp.symbols("c_j C", real=True)


def accumulated(sign=-1):
    """Xᵀw + δ(−∇L(β)) = Xᵀ(w + δ(y − Xβ)/n): the dual variable stays in the range of Xᵀ."""
    y, delta = sp.MatrixSymbol("y", n, 1), sp.Symbol("delta", positive=True)
    return X.T * w + sign * delta * gradient(beta), X.T * (w + delta * (y - X * beta) / n)


def coefficients_sum(factor=1):
    """wᵀ(Ac) − eᵀc = (Aᵀw − e)ᵀc."""
    return w.T * (A * c) - factor * ones.T * c, (A.T * w - ones).T * c


def affine_weights(vanishing=True):
    """Σ_{i≠j} c_i + c_j = 0 and c_j ≠ 0: the weights −c_i/c_j add up to 1."""
    return [sp.Ne(cj, 0)] + ([sp.Eq(total + cj, 0)] if vanishing else []), sp.Eq(-total / cj, 1)


def representation(sign=-1):
    """a_j − A'(−c'/c_j) = (c_j a_j + A'c')/c_j."""
    weight = sp.Symbol("c_j", nonzero=True)
    return a - A * (sign * c / weight), (weight * a + A * c) / weight


def not_alone(on_face=True):
    """A single dependent column is 0; but wᵀ(s x) = 1 for a column of E."""
    product, norm = sp.symbols("p N", real=True)
    hypotheses = [sp.Implies(sp.Eq(norm, 0), sp.Eq(product, 0))]
    return hypotheses + ([sp.Eq(product, 1)] if on_face else []), sp.Ne(norm, 0)


def midpoint(factor=1):
    """½L(b) + ½L(β) − L((b + β)/2) = ‖X(b − β)‖²/(8n)."""
    return (loss(b) + loss(beta)) / 2 - loss((b + beta) / 2), factor * square(X * (b - beta)) / (8 * n)


def equal_fit(minimal=True):
    """Both b and β have the least loss; the midpoint is admissible."""
    first, second, middle, gap = sp.symbols("L_b L_beta L_mid G", real=True)
    hypotheses = [sp.Eq((first + second) / 2 - middle, gap), gap >= 0, sp.Eq(first, second)]
    return hypotheses + ([middle >= first] if minimal else []), sp.Eq(gap, 0)


def next_time(factor=1):
    """The next event: one value for each coordinate, and their minimum is one number."""
    s, g, delta, other = sp.symbols("s g delta delta_2", real=True)
    hypotheses = [
        sp.Eq(delta * sp.Abs(g), 1 + s * sp.sign(g)),
        sp.Eq(other * sp.Abs(g), 1 + factor * s * sp.sign(g)),
    ]
    return [*hypotheses, sp.Ne(g, 0)], sp.Eq(delta, other)


PROOF = Proof(
    statement="unique-path",
    title="Uniqueness of the path in general position",
    latex=r"X \text{ in general position} \;\Rightarrow\; \text{the limit path is unique}",
    source="PF23, Assumption 1; Tibshirani 2013",
    assumptions=("X is in general position (PF23, Assumption 1).",),
    imports=("subdifferential",),
    steps=(
        Step(
            "The dual variable starts at 0 = Xᵀ0, and a dwell of length δ adds −δ∇L(β) = Xᵀ(δ(y − Xβ)/n). So s = Xᵀw "
            "for some w at all times.",
            r"X^{\top}w-\delta\nabla L(\beta)=X^{\top}\big(w+\tfrac{\delta}{n}(y-X\beta)\big)",
            VectorIdentity(accumulated),
            mutant=VectorIdentity(lambda: accumulated(sign=1)),
        ),
        Step(
            "At a jump let E = {i : |s_i| = 1} and A the matrix of the signed columns s_i x_i, i ∈ E. By step "
            "1 Aᵀw = e, the vector of ones. So a relation Ac = 0 has coefficients with sum 0.",
            r"w^{\top}(Ac)-e^{\top}c=(A^{\top}w-e)^{\top}c=0",
            VectorIdentity(coefficients_sum),
            mutant=VectorIdentity(lambda: coefficients_sum(factor=2)),
        ),
        Step(
            "Suppose the columns of A were dependent, and take a minimal dependent set of them; all its coefficients "
            "are non-zero. It has more than one element, for a column x_i = 0 would have wᵀ(s_i x_i) = 0, not 1 "
            "(p is that product, N the norm of the column).",
            r"(N=0\Rightarrow p=0),\ p=1 \;\Rightarrow\; N\ne0",
            Entails(not_alone),
            mutant=Entails(lambda: not_alone(on_face=False)),
        ),
        Step(
            "Pick one element j. The others represent its column.",
            r"s_jx_j-A'\big(-\tfrac{c'}{c_j}\big)=\tfrac1{c_j}\big(c_js_jx_j+A'c'\big)=0",
            VectorIdentity(representation),
            mutant=VectorIdentity(lambda: representation(sign=1)),
            uses=(3,),
        ),
        Step(
            "By step 2 the weights add up to 1: s_j x_j lies in the affine span of k signed columns of other indices. "
            "They are independent by minimality, so k ≤ n, and k ≤ d − 1. This contradicts general position; so "
            "the columns x_i, i ∈ E, are independent.",
            r"\sum_{i\ne j}c_i+c_j=0,\ c_j\ne0 \;\Rightarrow\; \sum_{i\ne j}\big(-\tfrac{c_i}{c_j}\big)=1",
            Entails(affine_weights),
            mutant=Entails(lambda: affine_weights(vanishing=False)),
            uses=(2, 4),
        ),
        Step(
            "The loss at the midpoint of two vectors.",
            r"\tfrac12L(b)+\tfrac12L(\beta)-L\big(\tfrac{b+\beta}2\big)=\tfrac1{8n}\|X(b-\beta)\|^2",
            VectorIdentity(midpoint),
            mutant=VectorIdentity(lambda: midpoint(factor=2)),
        ),
        Step(
            "If b and β are both minimisers under the sign constraints, the midpoint obeys them too and has no "
            "smaller loss. So X(b − β) = 0, where b − β is supported in E; by step 5, b = β.",
            r"\tfrac12(L_b+L_\beta)-L_{\rm mid}=G\ge0,\ L_b=L_\beta\le L_{\rm mid} \;\Rightarrow\; G=0",
            Entails(equal_fit),
            mutant=Entails(lambda: equal_fit(minimal=False)),
            uses=(5, 6),
        ),
        Step(
            "Between the jumps nothing is chosen: for given s and β the time of the next event is determined. By "
            "induction over the jumps the path is unique.",
            r"\delta|g|=1+s\,\mathrm{sign}\,g,\ g\ne0 \quad\text{determines } \delta",
            Entails(next_time),
            mutant=Entails(lambda: next_time(factor=2)),
            uses=(7,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
