"""The minimiser of the loss over an active set.

Theorem.  Let S be an active set, X_S the columns of X in S, M_SS = X_SᵀX_S/n and
r_S = X_Sᵀy/n.  If the columns are linearly independent, the only minimiser of L over the
vectors supported in S is β_S = M_SS⁻¹ r_S; its loss is L(0) − ½ r_Sᵀ M_SS⁻¹ r_S and its
gradient off S is g_j = M_jS M_SS⁻¹ r_S − r_j.  If M_SS is singular, the minimisers form
the affine set β_S + ker X_S.

Source: PF23, Section 3 (normal equations).
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import n, square, y
from saddlesym.theorems.proof import Proof, Step, main

k = sp.Symbol("k", integer=True, positive=True)  # the size of S
XS, xj = sp.MatrixSymbol("X_S", n, k), sp.MatrixSymbol("x_j", n, 1)
M, r = sp.MatrixSymbol("M_SS", k, k), sp.MatrixSymbol("r_S", k, 1)
b, c, h, e = (sp.MatrixSymbol(name, k, 1) for name in ("b_S", "c_S", "h_S", "e_S"))


def loss(point):
    """L of the vector that equals ``point`` on S and 0 elsewhere."""
    return square(XS * point - y) / (2 * n)


def in_gram_form(sign=-1):
    gram, dot = XS.T * XS / n, XS.T * y / n
    return loss(b), b.T * gram * b / 2 + sign * dot.T * b + square(y) / (2 * n)


def gradient_on_active_set(factor=1):
    return M * (M**-1 * r), factor * r


def completed_square(factor=1):
    """q(b) = ½bᵀMb − rᵀb around β = M⁻¹r."""
    centre = M**-1 * r
    q = b.T * M * b / 2 - r.T * b
    return q, (b - centre).T * M * (b - centre) / 2 - factor * r.T * M**-1 * r / 2


def is_square(factor=1):
    return h.T * (XS.T * XS / n) * h, factor * square(XS * h) / n


def off_gradient(sign=-1):
    """x_jᵀ(X_S c − y)/n = M_jS c − r_j."""
    return xj.T * (XS * c - y) / n, (xj.T * XS / n) * c + sign * xj.T * y / n


def same_fit(factor=1):
    """With X_S(b − c) = e one has L(b) − L(c) = g(c)ᵀ(b − c) + ‖e‖²/2n, so equality forces e = 0."""
    gradient = XS.T * (XS * c - y) / n
    return loss(b) - loss(c), gradient.T * (b - c) + factor * square(XS * (b - c)) / (2 * n)


def along_the_kernel(shift=0):
    """L(c + h) − L(c) is a combination of X_S h alone."""
    left = loss(c + h) - loss(c)
    right = (XS * c - y).T * (XS * h) / n + square(XS * h) / (2 * n)
    return left + shift * h.T * c, right


def independence(definite=True):
    """½‖X_S(b − β)‖²/n > 0 unless X_S(b − β) = 0."""
    N, gap = sp.symbols("N G", real=True)
    return [sp.Eq(gap, N / 2), N > 0 if definite else N >= 0], gap > 0


PROOF = Proof(
    statement="constrained-minimisers",
    title="Constrained minimisers",
    latex=r"\beta_S=M_{SS}^{-1}r_S,\quad L(\beta_S)=L(0)-\tfrac12r_S^{\top}M_{SS}^{-1}r_S,\quad "
    r"g_j=M_{jS}M_{SS}^{-1}r_S-r_j",
    source="PF23, Section 3",
    assumptions=(
        "S is any set of coordinates; X and y are arbitrary. Uniqueness needs independent columns.",
    ),
    steps=(
        Step(
            "On vectors supported in S the loss is a quadratic with M_SS and r_S.",
            r"L(b)=\tfrac12b_S^{\top}M_{SS}b_S-r_S^{\top}b_S+\tfrac1{2n}\|y\|^2",
            VectorIdentity(in_gram_form),
            mutant=VectorIdentity(lambda: in_gram_form(sign=1)),
        ),
        Step(
            "Its Hessian is positive semidefinite; it is definite exactly when the columns are independent, "
            "since hᵀM_SS h = 0 means X_S h = 0.",
            r"h^{\top}M_{SS}h=\tfrac1n\|X_Sh\|^2",
            VectorIdentity(is_square),
            mutant=VectorIdentity(lambda: is_square(factor=2)),
            uses=(1,),
        ),
        Step(
            "If M_SS is invertible, the gradient on S vanishes at β_S = M_SS⁻¹ r_S.",
            r"M_{SS}(M_{SS}^{-1}r_S)=r_S",
            VectorIdentity(gradient_on_active_set, symmetric=("M_SS",)),
            mutant=VectorIdentity(lambda: gradient_on_active_set(factor=2), symmetric=("M_SS",)),
            uses=(1,),
        ),
        Step(
            "Completing the square around β_S gives the value of the minimum.",
            r"\tfrac12b^{\top}Mb-r^{\top}b=\tfrac12(b-\beta_S)^{\top}M(b-\beta_S)-\tfrac12r^{\top}M^{-1}r",
            VectorIdentity(completed_square, symmetric=("M_SS",)),
            mutant=VectorIdentity(lambda: completed_square(factor=2), symmetric=("M_SS",)),
            uses=(1, 3),
        ),
        Step(
            "By steps 2 and 4 every other b has a larger loss when M_SS is definite: β_S is the only minimiser.",
            r"\|X_S(b-\beta_S)\|^2>0 \;\Rightarrow\; L(b)>L(\beta_S)",
            Entails(independence),
            mutant=Entails(lambda: independence(definite=False)),
            uses=(2, 4),
        ),
        Step(
            "The gradient of L at a vector supported in S, in a coordinate j off S.",
            r"g_j=\tfrac1nx_j^{\top}(X_Sc-y)=M_{jS}c-r_j",
            VectorIdentity(off_gradient),
            mutant=VectorIdentity(lambda: off_gradient(sign=1)),
        ),
        Step(
            "If M_SS is singular, the normal equations are still solvable, say by c with gradient 0 on S. "
            "Then L(b) − L(c) = ‖X_S(b − c)‖²/(2n): b is another minimiser only if b − c lies in ker X_S.",
            r"L(b)-L(c)=g_S(c)^{\top}(b-c)+\tfrac1{2n}\|X_S(b-c)\|^2",
            VectorIdentity(same_fit),
            mutant=VectorIdentity(lambda: same_fit(factor=2)),
            facts=("the normal equations X_SᵀX_S c = X_Sᵀy always have a solution",),
        ),
        Step(
            "And every h in ker X_S leads to another minimiser: the change of the loss depends on X_S h only.",
            r"L(c+h)-L(c)=\tfrac1n(X_Sc-y)^{\top}(X_Sh)+\tfrac1{2n}\|X_Sh\|^2",
            VectorIdentity(along_the_kernel),
            mutant=VectorIdentity(lambda: along_the_kernel(shift=1)),
            uses=(7,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
