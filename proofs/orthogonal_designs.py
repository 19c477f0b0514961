"""Orthogonal designs: every jump in closed form.

Theorem.  Let M = XᵀX/n be diagonal with positive entries m_i.  Then coordinate i of the limit
path is 0 before t_i = 1/|r_i| and equal to r_i/m_i after it (always 0 if r_i = 0).  The
coordinates enter in the order of |r_i|, and none ever leaves.  For one coordinate the
orbit of the jump is logistic: β(T) = c/(1 + e^{−2r(T − T₀)}), c = r/m > 0.

Source: PF23, Section 4 (the uncorrelated case); elementary.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity
from saddlesym.theorems.proof import Proof, Step, main

x, r, s, t, g, c = sp.symbols("beta r s t g c", real=True)
m, r1, r2, t1, t2 = sp.symbols("m r_1 r_2 t_1 t_2", positive=True)
T, T0 = sp.symbols("T T_0", real=True)


def decoupled(power=2):
    """The derivative of ½ m b² − r b, one coordinate of L."""
    return sp.diff(m * x**power / 2 - r * x, x), m * x - r


def first_hit(rate=1):
    """s = t r with β = 0: the time left is 1/|r| − t."""
    left = sp.Symbol("delta", real=True)
    hypotheses = [sp.Ne(r, 0), t >= 0, t * sp.Abs(r) < 1, sp.Eq(g, -r), sp.Eq(s, rate * t * r)]
    return [*hypotheses, sp.Eq(left * sp.Abs(g), 1 + s * sp.sign(g))], sp.Eq((t + left) * sp.Abs(r), 1)


def completed_square(value=r / m):
    return m * x**2 / 2 - r * x, m * (x - value) ** 2 / 2 - r**2 / (2 * m)


def has_its_sign(sign=1):
    """At the hit s = sign r, and b = r/m obeys s b ≥ 0."""
    return [sp.Ne(r, 0), sp.Eq(s, sign * sp.sign(r)), sp.Eq(m * x, r)], sp.And(s * x > 0, sp.Eq(m * x - r, 0))


def stays(at_minimum=True):
    """Velocity of s after the jump: −g = 0."""
    rate = sp.Symbol("s_prime", real=True)
    return [sp.Eq(rate, -(m * x - r))] + ([sp.Eq(m * x, r)] if at_minimum else []), sp.Eq(rate, 0)


def order(sign=1):
    hypotheses = [sp.Eq(t1 * r1, 1), sp.Eq(t2 * r2, 1)]
    return hypotheses, sp.Equivalent(t1 < t2, r1 > r2 if sign == 1 else r1 < r2)


def never(zero=True):
    """r = 0: the gradient at β = 0 is 0, s does not move."""
    return [sp.Eq(x, 0), sp.Eq(g, m * x - r)] + ([sp.Eq(r, 0)] if zero else []), sp.Eq(g, 0)


def logistic(factor=2):
    """β' = 2β(r − mβ), the vector field −2|β|∇L for β > 0."""
    orbit = (r1 / m) / (1 + sp.exp(-2 * r1 * (T - T0)))
    return sp.diff(orbit, T), factor * orbit * (r1 - m * orbit)


PROOF = Proof(
    statement="orthogonal-designs",
    title="Orthogonal designs",
    latex=r"\beta_i(t)=\frac{r_i}{m_i}\,1[t>t_i],\qquad t_i=\frac1{|r_i|}",
    source="PF23, Section 4; elementary",
    assumptions=(
        "M = XᵀX/n is diagonal with positive entries m_i; (β, s) is produced by the limit process.",
    ),
    imports=("subdifferential",),
    steps=(
        Step(
            "M is diagonal, so L is a sum of functions of one coordinate each, up to a constant; signs and "
            "gradients decouple, and each coordinate may be followed by itself.",
            r"L(b)=\sum_i\big(\tfrac12m_ib_i^2-r_ib_i\big)+\mathrm{const},\qquad g_i=m_i\beta_i-r_i",
            Identity(decoupled),
            mutant=Identity(lambda: decoupled(power=3)),
        ),
        Step(
            "While β_i = 0, g_i = −r_i and s_i = t r_i. If r_i ≠ 0, the time left is (1 + s_i sign g_i)/|g_i|, and "
            "the hit comes at t_i = 1/|r_i|, whatever the other coordinates do in between.",
            r"\delta|g_i|=1+s_i\,\mathrm{sign}\,g_i,\ s_i=tr_i,\ g_i=-r_i \;\Rightarrow\; (t+\delta)|r_i|=1",
            Entails(first_hit),
            mutant=Entails(lambda: first_hit(rate=-1)),
            uses=(1,),
        ),
        Step(
            "The summand is least at r_i/m_i, and only there.",
            r"\tfrac12mb^2-rb=\tfrac12m\big(b-\tfrac rm\big)^2-\tfrac{r^2}{2m}",
            Identity(completed_square),
            mutant=Identity(lambda: completed_square(value=2 * r / m)),
            uses=(1,),
        ),
        Step(
            "At the hit s_i = sign r_i, so r_i/m_i obeys the sign constraint: it is the new β_i, and g_i = 0 there.",
            r"s_i=\mathrm{sign}\,r_i,\ \beta_i=r_i/m_i \;\Rightarrow\; s_i\beta_i>0,\ g_i=0",
            Entails(has_its_sign),
            mutant=Entails(lambda: has_its_sign(sign=-1)),
            uses=(2, 3),
        ),
        Step(
            "From then on s_i does not move; at later jumps β_i = r_i/m_i remains the minimiser. No coordinate "
            "leaves.",
            r"s_i'=-g_i=-(m_i\beta_i-r_i)=0",
            Entails(stays),
            mutant=Entails(lambda: stays(at_minimum=False)),
            uses=(4,),
        ),
        Step(
            "The order of the jumps is that of |r_i|; equal ones jump together.",
            r"t_1|r_1|=t_2|r_2|=1 \;\Rightarrow\; (t_1<t_2\iff|r_1|>|r_2|)",
            Entails(order),
            mutant=Entails(lambda: order(sign=-1)),
            uses=(2,),
        ),
        Step(
            "If r_i = 0, the gradient at β_i = 0 vanishes and s_i stays 0.",
            r"r_i=0,\ \beta_i=0 \;\Rightarrow\; g_i=0",
            Entails(never),
            mutant=Entails(lambda: never(zero=False)),
            uses=(1,),
        ),
        Step(
            "Inside the jump, β' = −2|β|∇L(β) reads β' = 2β(r − mβ) for β > 0 (case r > 0); the logistic curve "
            "solves it.",
            r"\beta(T)=\frac{r/m}{1+e^{-2r(T-T_0)}} \;\Rightarrow\; \beta'=2\beta(r-m\beta)",
            Identity(logistic),
            mutant=Identity(lambda: logistic(factor=1)),
            uses=(1,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
