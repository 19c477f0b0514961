"""The limit path has finitely many jumps, with an explicit bound.

Theorem.  While ∇L(β) ≠ 0 the next jump comes after a finite positive time.  The supports of
the saddles visited (the origin included) are pairwise different, so there are at most 2^d
saddles and 2^d − 1 jumps.  If every minimiser taken is unique, as in general position, the
columns of each support are independent, so their number is at most Σ_{k≤n} C(d, k).

Source: PF23, Proposition on the number of steps of Algorithm 1.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, b, beta, gradient, loss, n, square
from saddlesym.theorems.proof import Proof, Step, main

s, g, x, c, h = sp.symbols("s_i g_i beta_i b_i h_i", real=True)
wait, eps = sp.symbols("delta epsilon", positive=True)
d = beta.shape[0]


def finite_wait(inside=True):
    """δ|g| = 1 + s sign g with |s| ≤ 1 and g ≠ 0 bounds δ."""
    hypotheses = [sp.Ne(g, 0), sp.Eq(wait * sp.Abs(g), 1 + s * sp.sign(g))]
    return hypotheses + ([sp.Abs(s) <= 1] if inside else []), wait <= 2 / sp.Abs(g)


def quadratic(factor=1):
    return loss(b) - loss(beta), gradient(beta).T * (b - beta) + factor * square(X * (b - beta)) / (2 * n)


def no_first_order_term(complementary=True):
    """g_i(b_i − β_i) = 0 for b supported in supp β."""
    hypotheses = [sp.Implies(sp.Eq(x, 0), sp.Eq(c, 0))]
    return hypotheses + ([sp.Eq(x * g, 0)] if complementary else []), sp.Eq(g * (c - x), 0)


def supports_differ(strict=True):
    """Equal supports have equal minima; the loss of a later saddle is smaller."""
    first, second, early, late = sp.symbols("S_j S_k L_j L_k", real=True)
    same_minimum = sp.Implies(sp.Eq(first, second), sp.Eq(early, late))
    return [same_minimum, late < early if strict else late <= early], sp.Ne(first, second)


def subsets(base=2):
    """The number of subsets obeys N(d + 1) = N(d) + N(d): without and with the last element."""
    size = sp.Symbol("d", integer=True, nonnegative=True)
    return [(base ** (size + 1), base**size + base**size), (sp.Integer(base) ** 0, 1)]


def along_the_kernel(shift=0):
    """L(β + εh) − L(β) depends on Xh only."""
    kernel = sp.MatrixSymbol("h", d, 1)
    y = sp.MatrixSymbol("y", n, 1)
    left = loss(beta + eps * kernel) - loss(beta)
    right = eps * (X * beta - y).T * (X * kernel) / n + eps**2 * square(X * kernel) / (2 * n)
    return left + shift * kernel.T * kernel, right


def still_admissible(short=True):
    hypotheses = [sp.Eq(sp.Abs(s), 1), s * x > 0]
    return hypotheses + ([eps * sp.Abs(h) <= sp.Abs(x)] if short else []), s * (x + eps * h) >= 0


def jumps_and_saddles(origin=1):
    jumps, saddles, bound = sp.symbols("J N B", real=True)
    return [sp.Eq(saddles, jumps + origin), saddles <= bound], jumps <= bound - 1


PROOF = Proof(
    statement="termination",
    title="Termination and the number of jumps",
    latex=r"\#\{\text{saddles visited}\}\le\min\Big(2^d,\ \sum_{k=0}^{n}\binom dk\Big)",
    source="PF23, Section 4",
    assumptions=(
        "(β, s) is produced by the limit process; X and y are arbitrary.",
        "For the second bound: the minimiser at every jump is unique (true in general position).",
    ),
    imports=("subdifferential", "loss-falls"),
    steps=(
        Step(
            "If ∇L(β) ≠ 0, some g_i ≠ 0, and that coordinate reaches ±1 after δ_i = (1 + s_i sign g_i)/|g_i| ≤ "
            "2/|g_i|; the least δ_i is positive (subdifferential, step 4). The next minimiser exists.",
            r"|s_i|\le1,\ g_i\ne0 \;\Rightarrow\; \delta_i=(1+s_i\,\mathrm{sign}\,g_i)/|g_i|\le2/|g_i|",
            Entails(finite_wait),
            mutant=Entails(lambda: finite_wait(inside=False)),
            facts=(
                "a convex quadratic that is bounded below attains its minimum on a polyhedron (Frank–Wolfe)",
            ),
        ),
        Step(
            "The loss is quadratic, and its second-order part is a squared norm.",
            r"L(b)-L(\beta)=\nabla L(\beta)^{\top}(b-\beta)+\tfrac1{2n}\|X(b-\beta)\|^2",
            VectorIdentity(quadratic),
            mutant=VectorIdentity(lambda: quadratic(factor=2)),
        ),
        Step(
            "At every saddle visited β_i g_i = 0 (subdifferential, step 3). So for b supported in supp β the "
            "first-order term vanishes: L(β) is the minimum of L over the vectors supported in supp β, a number "
            "that depends on supp β only.",
            r"\beta_ig_i=0,\ (\beta_i=0\Rightarrow b_i=0) \;\Rightarrow\; g_i(b_i-\beta_i)=0",
            Entails(no_first_order_term),
            mutant=Entails(lambda: no_first_order_term(complementary=False)),
            uses=(2,),
        ),
        Step(
            "The loss falls strictly at every jump, so no support is met twice.",
            r"(S_j=S_k\Rightarrow L_j=L_k),\ L_k<L_j \;\Rightarrow\; S_j\ne S_k",
            Entails(supports_differ),
            mutant=Entails(lambda: supports_differ(strict=False)),
            uses=(3,),
        ),
        Step(
            "There are 2^d subsets of d coordinates (induction on d). So at most 2^d saddles are visited.",
            r"2^{d+1}=2^d+2^d,\qquad 2^0=1",
            Identity(subsets),
            mutant=Identity(lambda: subsets(base=3)),
            uses=(4,),
        ),
        Step(
            "The origin is one of them, so there are at most 2^d − 1 jumps; the process stops, and it can only stop "
            "where ∇L(β) = 0.",
            r"N=J+1\le B \;\Rightarrow\; J\le B-1",
            Entails(jumps_and_saddles),
            mutant=Entails(lambda: jumps_and_saddles(origin=0)),
            uses=(1, 5),
        ),
        Step(
            "Let the minimiser β be unique and Xh = 0 with h supported in supp β. Then β + εh has the same loss.",
            r"L(\beta+\varepsilon h)-L(\beta)=\tfrac{\varepsilon}n(X\beta-y)^{\top}(Xh)+\tfrac{\varepsilon^2}{2n}\|Xh\|^2",
            VectorIdentity(along_the_kernel),
            mutant=VectorIdentity(lambda: along_the_kernel(shift=1)),
        ),
        Step(
            "And for small ε it obeys the sign constraints, so it is β itself, h = 0: the columns of the support are "
            "independent, and there are at most rank(X) ≤ n of them. The supports are among the Σ_{k≤n} C(d, k) "
            "subsets with at most n elements, pairwise different by step 4.",
            r"|s_i|=1,\ s_i\beta_i>0,\ \varepsilon|h_i|\le|\beta_i| \;\Rightarrow\; s_i(\beta_i+\varepsilon h_i)\ge0",
            Entails(still_admissible),
            mutant=Entails(lambda: still_admissible(short=False)),
            uses=(4, 7),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
