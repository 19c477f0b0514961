"""Jump times and lasso knots agree up to the first departure.

Theorem.  Let t* be the first jump at which a coordinate leaves the active set or changes its
sign (t* = ∞ if there is none).  All lasso solutions b(λ) for one λ have the same fit Xb(λ);
call λ a knot if the fit is not affine in λ near it.  Then on (0, t*] the jump times of the
limit path are exactly the numbers 1/λ for the knots λ, the first departure t* included.
Where the solutions are unique, the knots of the fit are those of the solution path.

Source: B25 for the lasso; the statement on the knots was observed on data sets and is proved here.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, b, beta, d, gradient, loss, n, square
from saddlesym.theorems.proof import Proof, Step, main

t, t0, tau, lam = sp.symbols("t t_k tau lambda", positive=True)
s, g, x, h = sp.symbols("s_i g_i b_i h", real=True)
mean, slope = sp.MatrixSymbol("m", d, 1), sp.MatrixSymbol("c", d, 1)


def midpoint(factor=1):
    """½L(b) + ½L(β) − L((b + β)/2) = ‖X(b − β)‖²/(8n)."""
    return (loss(b) + loss(beta)) / 2 - loss((b + beta) / 2), factor * square(X * (b - beta)) / (8 * n)


def same_fit(both=True):
    """P = L + λN at two solutions and their midpoint; N is convex, G = ‖X(b − β)‖²/(8n)."""
    loss_b, loss_c, loss_m, norm_b, norm_c, norm_m, gap, least = sp.symbols(
        "L_b L_c L_m N_b N_c N_m G P", real=True
    )
    hypotheses = [
        sp.Eq((loss_b + loss_c) / 2 - loss_m, gap),
        norm_m <= (norm_b + norm_c) / 2,
        sp.Eq(loss_b + lam * norm_b, least),
        loss_m + lam * norm_m >= least,
        gap >= 0,
    ]
    return hypotheses + ([sp.Eq(loss_c + lam * norm_c, least)] if both else []), sp.Eq(gap, 0)


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
    assumptions=("(β, s) is produced by the limit process; X and y are arbitrary.",),
    imports=("lasso-average", "subdifferential"),
    steps=(
        Step(
            "The loss at the midpoint of two vectors.",
            r"\tfrac12L(b)+\tfrac12L(c)-L\big(\tfrac{b+c}2\big)=\tfrac1{8n}\|X(b-c)\|^2",
            VectorIdentity(midpoint),
            mutant=VectorIdentity(lambda: midpoint(factor=2)),
        ),
        Step(
            "So two lasso solutions b and c for the same λ have the same fit, hence the same ∇L: else their midpoint would "
            "have a smaller objective, since the ℓ1 norm N is convex.",
            r"L_b+\lambda N_b=L_c+\lambda N_c\le L_m+\lambda N_m,\ N_m\le\tfrac12(N_b+N_c) \;\Rightarrow\; "
            r"G=\tfrac12(L_b+L_c)-L_m=0",
            Entails(same_fit),
            mutant=Entails(lambda: same_fit(both=False)),
            uses=(1,),
        ),
        Step(
            "On the dwell that begins at t_k with saddle β, the average is an affine function of λ = 1/t.",
            r"\bar\beta(t)=\frac{t_km+(t-t_k)\beta}{t}=\beta+\lambda\,t_k(m-\beta),\quad m=\bar\beta(t_k)",
            VectorIdentity(affine_in_lambda),
            mutant=VectorIdentity(lambda: affine_in_lambda(weight=2)),
        ),
        Step(
            "For t ≤ t* the average is a lasso solution at λ = 1/t (lasso average, step 6). So inside a dwell "
            "before t* the fit has no knot. Now continue the affine piece β + λc of a dwell beyond its end t_e ≤ t*. "
            "There −t∇L goes on moving along −∇L(β), starting from s(t_e).",
            r"-(t_e+\tau)\nabla L\big(\beta+\tfrac{c}{t_e+\tau}\big)=-t_e\nabla L\big(\beta+\tfrac c{t_e}\big)"
            r"-\tau\nabla L(\beta)=s(t_e)-\tau\nabla L(\beta)",
            VectorIdentity(continued_dual),
            mutant=VectorIdentity(lambda: continued_dual(sign=1)),
            uses=(3,),
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
            uses=(4, 5),
        ),
        Step(
            "But a lasso solution has |∇L_i| ≤ λ, else a small step against g_i lowers the objective. If the fit "
            "were affine near 1/t_e, then ∇L of the solutions just beyond t_e would be that of the continued piece. So "
            "1/t_e is a knot. This covers every jump up to t*, and t* itself.",
            r"|g|>\lambda,\ \tau M_{ii}<2(|g|-\lambda),\ h=-\tau\,\mathrm{sign}\,g \;\Rightarrow\; "
            r"hg+\tfrac12M_{ii}h^2+\lambda(|b+h|-|b|)<0",
            Entails(lasso_needs_the_cube),
            mutant=Entails(lambda: lasso_needs_the_cube(too_large=False)),
            uses=(2, 6),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
