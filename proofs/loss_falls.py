"""The loss falls strictly at every jump of the limit path.

Theorem.  At a jump let i be a coordinate that reaches ±1 with g_i = ∇L(β)_i ≠ 0, where β is
the saddle before the jump and β⁺ the one after it.  Then M_ii > 0 and

    L(β⁺) ≤ L(β) − g_i²/(2M_ii) < L(β).

Along a dwell yᵀw rises at the rate ‖y − Xβ‖²/n as long as the residual is non-zero.

Source: PF23, Section 4.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, gradient, loss, n, square, y
from saddlesym.theorems.proof import Proof, Step, main

s, g, x, h = sp.symbols("s_i g_i beta_i h", real=True)
size = sp.Symbol("M_ii", positive=True)
delta = sp.Symbol("delta", positive=True)
end = sp.Symbol("s_end", real=True)
e = sp.MatrixSymbol("e_i", beta.shape[0], 1)


def still_feasible(complementary=True):
    """The old β obeys the new sign constraints."""
    hypotheses = [sp.Abs(end) <= 1, sp.Eq(end * x, sp.Abs(x))] if complementary else [sp.Abs(end) <= 1]
    at_top, at_bottom = sp.Implies(sp.Eq(end, 1), x >= 0), sp.Implies(sp.Eq(end, -1), x <= 0)
    return hypotheses, sp.And(at_top, at_bottom, sp.Implies(sp.Abs(end) < 1, sp.Eq(x, 0)))


def arrives_against_the_gradient(inside=True):
    """s − δg = ±1 with δ > 0 and |s| ≤ 1 forces s_end g < 0."""
    hypotheses = [sp.Eq(end, s - delta * g), sp.Eq(sp.Abs(end), 1), sp.Ne(g, 0)]
    return hypotheses + ([sp.Abs(s) <= 1] if inside else []), end * g < 0


def gradient_of_zero_column(factor=1):
    """g_i = (X e_i)ᵀ(Xβ − y)/n and M_ii = ‖X e_i‖²/n."""
    column = X * e
    return [
        (e.T * gradient(beta), factor * column.T * (X * beta - y) / n),
        (e.T * (X.T * X / n) * e, square(column) / n),
    ]


def one_coordinate(factor=1):
    M_ii = e.T * (X.T * X / n) * e
    return loss(beta + h * e) - loss(beta), h * (e.T * gradient(beta)) + factor * h**2 * M_ii / 2


def gain(against=True):
    """The move h = −g/M_ii keeps the sign constraint and gains g²/(2M_ii)."""
    hypotheses = [
        sp.Eq(end**2, 1),
        end * x >= 0,
        sp.Eq(h * size, -g),
        end * g < 0 if against else end * g > 0,
    ]
    drop = sp.Eq((h * g + size * h**2 / 2) * 2 * size, -(g**2))
    return hypotheses, sp.And(end * (x + h) >= 0, drop)


def conclusion(strict=True):
    old, moved, new = sp.symbols("L_old L_moved L_new", real=True)
    hypotheses = [sp.Eq((moved - old) * 2 * size, -(g**2)), new <= moved]
    return hypotheses + ([sp.Ne(g, 0)] if strict else []), new < old


def dual_objective(factor=1):
    """yᵀ(y − Xβ) = ‖y − Xβ‖² + βᵀXᵀ(y − Xβ), and the last term is −n βᵀ∇L(β)."""
    residual = y - X * beta
    return y.T * residual / n, factor * square(residual) / n - beta.T * gradient(beta)


PROOF = Proof(
    statement="loss-falls",
    title="The loss falls at every jump",
    latex=r"L(\beta^{+})\le L(\beta)-\frac{g_i^2}{2M_{ii}}<L(\beta)",
    source="PF23, Section 4",
    assumptions=("(β, s) is produced by the limit process; i reaches ±1 at the jump and g_i = ∇L(β)_i ≠ 0.",),
    imports=("subdifferential",),
    steps=(
        Step(
            "At the end of the dwell |s_i| ≤ 1 and s_i β_i = |β_i| for every coordinate (subdifferential, steps 5 "
            "and 6). So the old β obeys the constraints under which β⁺ is a minimiser.",
            r"|s|\le1,\ s\beta=|\beta| \;\Rightarrow\; (s=1\Rightarrow\beta\ge0),\ (s=-1\Rightarrow\beta\le0),\ "
            r"(|s|<1\Rightarrow\beta=0)",
            Entails(still_feasible),
            mutant=Entails(lambda: still_feasible(complementary=False)),
        ),
        Step(
            "The coordinate i arrives at ±1 against its gradient.",
            r"s^{+}=s-\delta g,\ |s|\le1,\ |s^{+}|=1,\ \delta>0,\ g\ne0 \;\Rightarrow\; s^{+}g<0",
            Entails(arrives_against_the_gradient),
            mutant=Entails(lambda: arrives_against_the_gradient(inside=False)),
        ),
        Step(
            "M_ii is positive: if the column Xe_i were 0, then g_i would be 0.",
            r"g_i=\tfrac1n(Xe_i)^{\top}(X\beta-y),\qquad M_{ii}=\tfrac1n\|Xe_i\|^2",
            VectorIdentity(gradient_of_zero_column),
            mutant=VectorIdentity(lambda: gradient_of_zero_column(factor=2)),
        ),
        Step(
            "Along a coordinate the loss is a quadratic polynomial.",
            r"L(\beta+he_i)-L(\beta)=h\,g_i+\tfrac12h^2M_{ii}",
            VectorIdentity(one_coordinate),
            mutant=VectorIdentity(lambda: one_coordinate(factor=2)),
        ),
        Step(
            "By step 2 the move h = −g_i/M_ii goes in the direction that the constraint on i allows, and it gains "
            "g_i²/(2M_ii).",
            r"h=-g_i/M_{ii},\ s_ig_i<0 \;\Rightarrow\; s_i(\beta_i+h)\ge0,\quad hg_i+\tfrac12M_{ii}h^2=-\frac{g_i^2}{2M_{ii}}",
            Entails(gain),
            mutant=Entails(lambda: gain(against=False)),
            uses=(2, 3, 4),
        ),
        Step(
            "β⁺ minimises L under these constraints, so its loss is at most that of β + he_i.",
            r"L(\beta^{+})\le L(\beta+he_i)=L(\beta)-\tfrac{g_i^2}{2M_{ii}}<L(\beta)",
            Entails(conclusion),
            mutant=Entails(lambda: conclusion(strict=False)),
            uses=(1, 5),
        ),
        Step(
            "On a dwell w' = (y − Xβ)/n, and βᵀ∇L(β) = 0 since β_i g_i = 0 for all i (subdifferential, step 3). "
            "So yᵀw rises strictly while the residual is non-zero.",
            r"y^{\top}w'=\tfrac1ny^{\top}(y-X\beta)=\tfrac1n\|y-X\beta\|^2-\beta^{\top}\nabla L(\beta)",
            VectorIdentity(dual_objective),
            mutant=VectorIdentity(lambda: dual_objective(factor=2)),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
