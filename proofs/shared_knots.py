"""Jump times and lasso knots agree up to the first departure.

Theorem.  Let t* be the first jump at which a coordinate leaves the active set or changes its
sign (t* = ∞ if there is none), and let the lasso solutions be unique.  Then on (0, t*] the
jump times of the limit path are exactly the numbers 1/λ for the knots λ of the lasso path
(the points near which it is not affine in λ), the first departure t* included.

Source: B25 for the lasso; the statement on the knots was observed on data sets and is proved here.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.notation import beta, d, gradient
from saddlesym.theorems.proof import Proof, Step, main

t, t0, tau, lam = sp.symbols("t t_k tau lambda", positive=True)
s, g, x, h = sp.symbols("s_i g_i b_i h", real=True)
mean, slope = sp.MatrixSymbol("m", d, 1), sp.MatrixSymbol("c", d, 1)


def affine_in_lambda(weight=1):
    """(t_k m + (t − t_k)β)/t = β + (1/t)·t_k(m − β)."""
    return (t0 * mean + (t - t0) * beta) / t, beta + weight * t0 * (mean - beta) / t


def continued_dual(sign=-1):
    """−t∇L(β + c/t) is affine in t with slope −∇L(β)."""

    def scaled(time):
        return -time * gradient(beta + slope / time)

    return scaled(t0 + tau) - scaled(t0), sign * tau * gradient(beta)


def leaves_the_cube(outward=True):
    """At the hit s = −sign g, g ≠ 0; going on, |s| exceeds 1."""
    arrival = sp.Eq(s, -sp.sign(g)) if outward else sp.Eq(s, sp.sign(g))
    return [sp.Ne(g, 0), arrival], sp.Abs(s - tau * g) > 1


def lasso_needs_the_cube(too_large=True):
    """If |∇L_i| > λ, a small move against it lowers the lasso objective."""
    size = sp.Symbol("M_ii", nonnegative=True)
    hypotheses = [tau * size < 2 * (sp.Abs(g) - lam), sp.Eq(h, -sp.sign(g) * tau)]
    if not too_large:
        hypotheses = [sp.Abs(g) <= lam, tau * size < 2, sp.Eq(h, -sp.sign(g) * tau)]
    return hypotheses, h * g + size * h**2 / 2 + lam * (sp.Abs(x + h) - sp.Abs(x)) < 0


def arrival(inside=True):
    """A coordinate that reaches ±1 by moving along −g stands at −sign g."""
    end = sp.Symbol("s_end", real=True)
    hypotheses = [sp.Eq(end, s - tau * g), sp.Eq(sp.Abs(end), 1), sp.Ne(g, 0)]
    return hypotheses + ([sp.Abs(s) <= 1] if inside else []), sp.Eq(end, -sp.sign(g))


PROOF = Proof(
    statement="shared-knots",
    title="Jump times are lasso knots up to the first departure",
    latex=r"\{t_k\le t^{*}\}=\{1/\lambda\le t^{*}:\lambda \text{ a knot of the lasso path}\}",
    source="B25 (lasso average); the knots: here",
    assumptions=("The solution of the lasso is unique for every λ > 0 (true in general position).",),
    imports=("lasso-average", "subdifferential"),
    steps=(
        Step(
            "On the dwell that begins at t_k with saddle β, the average is an affine function of λ = 1/t.",
            r"\bar\beta(t)=\frac{t_km+(t-t_k)\beta}{t}=\beta+\lambda\,t_k(m-\beta),\quad m=\bar\beta(t_k)",
            VectorIdentity(affine_in_lambda),
            mutant=VectorIdentity(lambda: affine_in_lambda(weight=2)),
        ),
        Step(
            "For t ≤ t* the average is the lasso solution at λ = 1/t (lasso average, step 6). So inside a dwell "
            "before t* there is no knot. Now continue the affine piece β + λc of a dwell beyond its end t_e ≤ t*. "
            "There −t∇L goes on moving along −∇L(β), starting from s(t_e).",
            r"-(t_e+\tau)\nabla L\big(\beta+\tfrac{c}{t_e+\tau}\big)=-t_e\nabla L\big(\beta+\tfrac c{t_e}\big)"
            r"-\tau\nabla L(\beta)=s(t_e)-\tau\nabla L(\beta)",
            VectorIdentity(continued_dual),
            mutant=VectorIdentity(lambda: continued_dual(sign=1)),
            uses=(1,),
        ),
        Step(
            "At the end of the dwell some coordinate with g_i ≠ 0 reaches ±1, moving along −g_i; it stands at −sign g_i.",
            r"s_{\rm end}=s-\tau g,\ |s|\le1,\ |s_{\rm end}|=1,\ g\ne0 \;\Rightarrow\; s_{\rm end}=-\mathrm{sign}\,g",
            Entails(arrival),
            mutant=Entails(lambda: arrival(inside=False)),
        ),
        Step(
            "So on the continued piece this coordinate of −t∇L has modulus above 1 for every τ > 0.",
            r"s=-\mathrm{sign}\,g,\ g\ne0,\ \tau>0 \;\Rightarrow\; |s-\tau g|>1",
            Entails(leaves_the_cube),
            mutant=Entails(lambda: leaves_the_cube(outward=False)),
            uses=(2, 3),
        ),
        Step(
            "But a lasso solution has |∇L_i| ≤ λ, else a small step against g_i lowers the objective. Hence the "
            "continued piece is no lasso solution just beyond t_e: the lasso path has a knot at 1/t_e. This covers "
            "every jump up to t*, and t* itself.",
            r"|g|>\lambda,\ \tau M_{ii}<2(|g|-\lambda),\ h=-\tau\,\mathrm{sign}\,g \;\Rightarrow\; "
            r"hg+\tfrac12M_{ii}h^2+\lambda(|b+h|-|b|)<0",
            Entails(lasso_needs_the_cube),
            mutant=Entails(lambda: lasso_needs_the_cube(too_large=False)),
            uses=(4,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
