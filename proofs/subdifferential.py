"""The dual variable of the limit process is a subgradient of the ℓ1 norm.

Theorem.  Let (β, s) be produced by the limit process: s starts at 0, moves with velocity
−∇L(β) until a coordinate with ∇L(β)_i ≠ 0 reaches ±1, and then β becomes a minimiser of L
under b_i ≥ 0 where s_i = 1, b_i ≤ 0 where s_i = −1, b_i = 0 where |s_i| < 1.  Then at all
times |s_i| ≤ 1 and s_i β_i = |β_i|, that is s ∈ ∂‖β‖₁; moreover β_i ∇L(β)_i = 0, and
s_i ∇L(β)_i ≥ 0 where |s_i| = 1, so that every dwell has positive length.

Source: PF23, Section 4, Algorithm 1.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, gradient, loss, n
from saddlesym.theorems.proof import Proof, Step, main

s, g, x, h, c = sp.symbols("s_i g_i beta_i h b_i", real=True)
after = sp.Symbol("s_after", real=True)
size = sp.Symbol("M_ii", positive=True)
t = sp.Symbol("t", positive=True)
tau = sp.Symbol("tau", nonnegative=True)
unit = sp.Eq(s**2, 1)


def one_coordinate(factor=1):
    """L(β + h e_i) − L(β) = h g_i + ½ h² M_ii."""
    e = sp.MatrixSymbol("e_i", beta.shape[0], 1)
    M_ii = e.T * (X.T * X / n) * e
    return loss(beta + h * e) - loss(beta), h * (e.T * gradient(beta)) + factor * h**2 * M_ii / 2


def inward_move(wrong_sign=True):
    """If s g < 0, the move h = −g/M_ii is admissible and lowers L."""
    hypotheses = [unit, s * x >= 0, sp.Eq(h * size, -g), s * g < 0 if wrong_sign else s * g > 0]
    return hypotheses, sp.And(s * (x + h) >= 0, h * g + size * h**2 / 2 < 0)


def free_move(reach=1):
    """If s β > 0 and g ≠ 0, a short move h = −t g is admissible and lowers L."""
    hypotheses = [
        unit,
        s * x > 0,
        sp.Ne(g, 0),
        t * size <= 1,
        t * sp.Abs(g) <= reach * sp.Abs(x),
        sp.Eq(h, -t * g),
    ]
    return hypotheses, sp.And(s * (x + h) >= 0, h * g + size * h**2 / 2 < 0)


def positive_length(kkt=True):
    """(1 + s sign g)/|g| > 0 unless s = −sign g."""
    hypotheses = [sp.Abs(s) <= 1, sp.Ne(g, 0)]
    if kkt:
        hypotheses.append(sp.Implies(sp.Eq(sp.Abs(s), 1), s * g >= 0))
    return hypotheses, 1 + s * sp.sign(g) > 0


def stays_in_the_cube(slack=0):
    hypotheses = [sp.Abs(s) <= 1, sp.Ne(g, 0), tau * sp.Abs(g) <= 1 + s * sp.sign(g) + slack]
    return hypotheses, sp.Abs(s - tau * g) <= 1


def kept_on_a_dwell(complementary=True):
    hypotheses = [sp.Eq(s * x, sp.Abs(x)), sp.Eq(after, s - tau * g)]
    return hypotheses + ([sp.Eq(x * g, 0)] if complementary else []), sp.Eq(after * x, sp.Abs(x))


def holds_after_a_jump(inactive=True):
    hypotheses = [sp.Abs(s) <= 1, sp.Implies(sp.Eq(s, 1), x >= 0), sp.Implies(sp.Eq(s, -1), x <= 0)]
    if inactive:
        hypotheses.append(sp.Implies(sp.Abs(s) < 1, sp.Eq(x, 0)))
    return hypotheses, sp.Eq(s * x, sp.Abs(x))


def subgradient(bound=1):
    """|b| ≥ |β| + s (b − β) for every b."""
    return [sp.Abs(s) <= bound, sp.Eq(s * x, sp.Abs(x))], sp.Abs(c) >= sp.Abs(x) + s * (c - x)


PROOF = Proof(
    statement="subdifferential",
    title="The dual variable is a subgradient of the ℓ1 norm",
    latex=r"s(t)\in\partial\|\beta(t)\|_1,\qquad \beta_i\nabla L(\beta)_i=0,\qquad |s_i|=1\Rightarrow s_i\nabla L(\beta)_i\ge0",
    source="PF23, Section 4, Algorithm 1",
    assumptions=(
        "(β, s) is produced by the limit process; X and y are arbitrary. Any minimiser may be taken.",
    ),
    steps=(
        Step(
            "Moving one coordinate changes the loss by a quadratic polynomial. If M_ii = 0, then x_i = 0 and "
            "g_i = 0, and nothing is to be shown for i; so let M_ii > 0.",
            r"L(\beta+he_i)-L(\beta)=h\,g_i+\tfrac12h^2M_{ii}",
            VectorIdentity(one_coordinate),
            mutant=VectorIdentity(lambda: one_coordinate(factor=2)),
        ),
        Step(
            "Let β be the minimiser taken at a jump and |s_i| = 1. If s_i g_i < 0, moving by h = −g_i/M_ii keeps "
            "the sign constraint and lowers L. So s_i g_i ≥ 0.",
            r"|s_i|=1,\ s_i\beta_i\ge0,\ s_ig_i<0,\ h=-g_i/M_{ii} \;\Rightarrow\; s_i(\beta_i+h)\ge0,\ "
            r"hg_i+\tfrac12M_{ii}h^2<0",
            Entails(inward_move),
            mutant=Entails(lambda: inward_move(wrong_sign=False)),
            uses=(1,),
        ),
        Step(
            "If β_i ≠ 0 and g_i ≠ 0, the short move h = −t g_i with t = min(1/M_ii, |β_i|/|g_i|) keeps the sign "
            "constraint and lowers L. So β_i g_i = 0.",
            r"s_i\beta_i>0,\ g_i\ne0,\ tM_{ii}\le1,\ t|g_i|\le|\beta_i| \;\Rightarrow\; s_i(\beta_i-tg_i)\ge0,\ "
            r"-tg_i^2+\tfrac12M_{ii}t^2g_i^2<0",
            Entails(free_move),
            mutant=Entails(lambda: free_move(reach=2)),
            uses=(1,),
        ),
        Step(
            "So a coordinate with g_i ≠ 0 does not stand at the end it moves to: the time (1 + s_i sign g_i)/|g_i| "
            "after which s_i − δg_i reaches −sign g_i is positive. (At the start, s = 0, this is clear.)",
            r"|s_i|=1\Rightarrow s_ig_i\ge0 \quad\text{gives}\quad 1+s_i\,\mathrm{sign}\,g_i>0",
            Entails(positive_length),
            mutant=Entails(lambda: positive_length(kkt=False)),
            uses=(2,),
        ),
        Step(
            "Up to the least of these times every |s_i| stays at most 1.",
            r"|s_i|\le1,\ 0\le\tau\le(1+s_i\,\mathrm{sign}\,g_i)/|g_i| \;\Rightarrow\; |s_i-\tau g_i|\le1",
            Entails(stays_in_the_cube),
            mutant=Entails(lambda: stays_in_the_cube(slack=sp.Rational(1, 100))),
            uses=(4,),
        ),
        Step(
            "On the dwell s_i β_i = |β_i| is kept: where β_i ≠ 0 we have g_i = 0, so s_i does not move.",
            r"s_i\beta_i=|\beta_i|,\ \beta_ig_i=0 \;\Rightarrow\; (s_i-\tau g_i)\beta_i=|\beta_i|",
            Entails(kept_on_a_dwell),
            mutant=Entails(lambda: kept_on_a_dwell(complementary=False)),
            uses=(3,),
        ),
        Step(
            "After a jump it holds by the constraints under which the new β is a minimiser.",
            r"s_i=\pm1\Rightarrow\pm\beta_i\ge0,\quad |s_i|<1\Rightarrow\beta_i=0 \quad\text{give}\quad s_i\beta_i=|\beta_i|",
            Entails(holds_after_a_jump),
            mutant=Entails(lambda: holds_after_a_jump(inactive=False)),
            uses=(5,),
        ),
        Step(
            "By induction over the jumps |s_i| ≤ 1 and s_i β_i = |β_i| at all times, and this says that s is a "
            "subgradient, coordinate by coordinate.",
            r"|b_i|\ge|\beta_i|+s_i(b_i-\beta_i) \quad\text{for all } b_i",
            Entails(subgradient),
            mutant=Entails(lambda: subgradient(bound=2)),
            uses=(5, 6, 7),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
