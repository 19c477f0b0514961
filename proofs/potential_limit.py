"""The potential tends to the ℓ1 norm, with an explicit rate.

Theorem.  With Λ = ln(1/α) and 0 < α ≤ 1, for |b| ≤ B in each coordinate

    −½ (1/(2e) + B) ≤ φ_α(b) − Λ|b| ≤ ½ B arcsinh(B),

so that φ_α/Λ → ‖·‖₁ uniformly on bounded sets, at the rate 1/Λ.

Source: W20, Theorem 2 (the limit); PF23, Section 3.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Limit, Sign, SignFrom
from saddlesym.theorems.proof import Proof, Step, main

b, wd, s, k = sp.symbols("b omega s k", positive=True)
B = sp.Symbol("B", nonnegative=True)
x, low, high, middle, h = sp.symbols("x ell upsilon m h", real=True)
alpha = sp.Symbol("alpha", positive=True)


def potential(point, scale=alpha**2):
    """One coordinate of φ_α, scale = α²."""
    return (point * sp.asinh(point / scale) - sp.sqrt(point**2 + scale**2) + scale) / 2


def even(sign=1):
    return [(potential(-x), sign * potential(x)), (potential(sp.Integer(0)), 0)]


def arcsinh_as_log(scale=wd):
    """Both sides vanish at b = 0 and have the same derivative in b."""
    rhs = sp.log(x + sp.sqrt(x**2 + scale**2)) - sp.log(wd)
    lhs = sp.asinh(x / wd)
    return [(sp.diff(lhs, x), sp.diff(rhs, x)), (lhs.subs(x, 0), rhs.subs(x, 0))]


def remainder(factor=1):
    """φ − Λb with arcsinh(b/ω) = log(b + √(b² + ω²)) + 2Λ, where ω = α², log ω = −2Λ."""
    root = sp.sqrt(b**2 + wd**2)
    phi = (b * (sp.log(b + root) - sp.log(wd)) - root + wd) / 2
    big_lambda = -sp.log(wd) / 2
    return phi - factor * big_lambda * b, (b * sp.log(b + root) - root + wd) / 2


def root_bounds(lower=-b):
    """−b ≤ ω − √(b² + ω²) ≤ 0."""
    return [sp.Eq(s**2, b**2 + wd**2)], sp.And(lower <= wd - s, wd - s <= 0)


def grows_with_omega(sign=1):
    """b log(b + √(b² + ω²)) does not fall as ω grows."""
    return sign * sp.diff(b * sp.log(b + sp.sqrt(b**2 + wd**2)), wd)


def grows_with_b(shift=0):
    return sp.diff(x * sp.asinh(x), x) - shift, x, 0


def entropy_right(floor=sp.exp(-1)):
    """x log x + 1/e at x = e^{h−1}, times e."""
    return sp.exp(h) * (h - 1) + floor * sp.E, h, 0


def entropy_left(floor=sp.exp(-1)):
    """x log x + 1/e at x = e^{−k−1}, times e."""
    return floor * sp.E - sp.exp(-h) * (h + 1), h, 0


def enclosed(room=0):
    """The three bounds together: 2(φ − Λb) = logarithm + (ω − root)."""
    top, bottom = sp.symbols("U V", real=True)
    hypotheses = [middle <= top, middle >= -bottom, high <= 0, high >= -b, b <= B, top >= 0, bottom > 0]
    value = (middle + high) / 2
    return hypotheses, sp.And(value <= top / 2 - room, value >= -(bottom + B) / 2)


def pointwise(scale=1):
    """φ_α(b)/Λ as Λ → ∞."""
    size = sp.Symbol("Lambda", positive=True)
    root = sp.sqrt(b**2 + sp.exp(-4 * size))
    phi = (b * sp.log(b + root) + 2 * size * b - root + sp.exp(-2 * size)) / 2
    return phi / size, size, sp.oo, "-", scale * b


PROOF = Proof(
    statement="potential-limit",
    title="The potential tends to the ℓ1 norm",
    latex=r"\frac{\varphi_\alpha(\beta)}{\ln(1/\alpha)} \to \|\beta\|_1 \quad(\alpha\to0),\ "
    r"-\tfrac12\big(\tfrac1{2e}+B\big) \le \varphi_\alpha(b)-\Lambda|b| \le \tfrac12 B\,\mathrm{arcsinh}\,B",
    source="W20, Theorem 2; PF23, Section 3",
    assumptions=("0 < α ≤ 1; |b| ≤ B in each coordinate. φ_α and ‖·‖₁ are sums over the coordinates.",),
    imports=("mirror-flow",),
    steps=(
        Step(
            "Each summand of φ_α is even and vanishes at 0, as |b| does; so let b > 0.",
            r"\varphi_\alpha(-b) = \varphi_\alpha(b), \qquad \varphi_\alpha(0) = 0",
            Identity(even),
            mutant=Identity(lambda: even(sign=-1)),
        ),
        Step(
            "Write ω = α². The two functions of b agree at b = 0 and have equal derivatives.",
            r"\mathrm{arcsinh}(b/\omega) = \ln\!\big(b+\sqrt{b^2+\omega^2}\big) - \ln\omega",
            Identity(arcsinh_as_log),
            mutant=Identity(lambda: arcsinh_as_log(scale=2 * wd)),
        ),
        Step(
            "Since −ln ω = 2Λ, the part of φ_α that grows with Λ is exactly Λb.",
            r"\varphi_\alpha(b) - \Lambda b = \tfrac12\Big[b\ln\!\big(b+\sqrt{b^2+\omega^2}\big)"
            r" - \sqrt{b^2+\omega^2} + \omega\Big]",
            Identity(remainder),
            mutant=Identity(lambda: remainder(factor=2)),
            uses=(2,),
        ),
        Step(
            "The last two terms of the remainder lie between −b and 0.",
            r"-b \le \omega - \sqrt{b^2+\omega^2} \le 0",
            Entails(root_bounds),
            mutant=Entails(lambda: root_bounds(lower=-b / 2)),
        ),
        Step(
            "The logarithmic term does not fall as ω grows; so for 0 < ω ≤ 1 it lies between its values at "
            "ω = 0, which is b ln(2b), and at ω = 1, which is b arcsinh(b).",
            r"\partial_\omega\, b\ln\!\big(b+\sqrt{b^2+\omega^2}\big) \ge 0",
            Sign(grows_with_omega),
            mutant=Sign(lambda: grows_with_omega(sign=-1)),
            uses=(2,),
        ),
        Step(
            "Above: b arcsinh(b) does not fall as b grows, so it is at most B arcsinh(B).",
            r"\tfrac{d}{db}\, b\,\mathrm{arcsinh}\,b \ge 0",
            SignFrom(grows_with_b),
            mutant=SignFrom(lambda: grows_with_b(shift=1)),
            uses=(5,),
        ),
        Step(
            "Below: x ln x ≥ −1/e, first for x = e^{h−1} with h ≥ 0; the inequality is multiplied by e.",
            r"e\,\big(x\ln x + \tfrac1e\big) = e^{h}(h-1) + 1 \ge 0 \quad (h \ge 0)",
            SignFrom(entropy_right),
            mutant=SignFrom(lambda: entropy_right(floor=sp.exp(-2))),
        ),
        Step(
            "And for x = e^{−h−1} with h ≥ 0. With x = 2b this gives b ln(2b) ≥ −1/(2e).",
            r"e\,\big(x\ln x + \tfrac1e\big) = 1 - e^{-h}(h+1) \ge 0 \quad (h \ge 0)",
            SignFrom(entropy_left),
            mutant=SignFrom(lambda: entropy_left(floor=sp.exp(-2))),
        ),
        Step(
            "Adding up, with m the logarithmic term, −V ≤ m ≤ U for V = 1/(2e), U = B arcsinh(B), and κ the "
            "difference of step 4: the remainder of step 3 is bounded independently of α.",
            r"-V\le m\le U,\; -b\le\kappa\le0,\; b\le B \;\Rightarrow\; "
            r"-\tfrac12(V+B) \le \tfrac12(m+\kappa) \le \tfrac12 U",
            Entails(enclosed),
            mutant=Entails(lambda: enclosed(room=1)),
            uses=(3, 4, 5, 6, 7, 8),
        ),
        Step(
            "Dividing by Λ → ∞ proves the limit, uniformly for |b| ≤ B. SymPy's own limit of the summand "
            "agrees; here Λ is the variable and ω = e^{−2Λ}.",
            r"\lim_{\Lambda\to\infty} \frac1{2\Lambda}\Big[b\ln\!\big(b+\sqrt{b^2+e^{-4\Lambda}}\big)+2\Lambda b"
            r"-\sqrt{b^2+e^{-4\Lambda}}+e^{-2\Lambda}\Big] = b",
            Limit(pointwise),
            mutant=Limit(lambda: pointwise(scale=2)),
            uses=(9,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
