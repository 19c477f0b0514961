"""The escape speed has no spurious local maximum, at any depth.

Theorem.  Let G ≠ 0, L ≥ 2 and all widths arbitrary.  Every local maximiser of f = −H, f(θ) = tr FᵀW_L⋯W_1
with F = −G, on the sphere Σ‖W_l‖² = 1 is a global one.  In particular a singular pair of F whose
singular value is below s_1 never gives a local maximiser, whatever L is: turning both of its vectors
towards (u_1, v_1) together raises f from the start.

(Among networks that stay aligned to the singular vectors of F every pair is a local maximiser when
L ≥ 3; step 8 leaves that set.)

Source: this project; the question is J21's, section 3.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Sign, VectorIdentity
from saddlesym.theorems.deep.notation import (
    DEEP_FLOW,
    L,
    P,
    Q,
    column,
    layer_gradient,
    lower,
    mid,
    n_in,
    n_out,
    upper,
)
from saddlesym.theorems.proof import Proof, Step, main

F = sp.MatrixSymbol("F", n_out, n_in)
u, u1 = column("u", n_out), column("u_1", n_out)
v, v1 = column("v", n_in), column("v_1", n_in)
a, b, s, s1 = sp.symbols("a b s s_1", positive=True)
c, k, t = sp.symbols("c k t", real=True)


def harmonic(power=1):
    """A function of degree at most one in an entry x: its second derivative in x is 0."""
    p, q, x = sp.symbols("p q x", real=True)
    return sp.diff(p + q * x**power, x, 2), 0


def equal_norms(power=1):
    """μ‖W_l‖² = f for every l, with Σ‖W_l‖² = 1."""
    mu, f, depth, norm = sp.symbols("mu f L N", real=True)
    return [depth >= 2, sp.Ne(f, 0), sp.Eq(mu * norm, f), sp.Eq(mu, depth**power * f)], sp.Eq(norm * depth, 1)


def negative_value(sign=1):
    """f(√(1+t)W_1, √(1−t)W_2, …) = y f with y² = 1 − t²."""
    f, y = sp.symbols("f y", real=True)
    return [sign * f < 0, t > 0, t < 1, y >= 0, sp.Eq(y**2, 1 - t**2)], y * f > f


def balanced(sign=1):
    """W⁺ᵀ(∂f/∂W⁺) = (∂f/∂W)Wᵀ."""
    return upper.T * layer_gradient(P, F, lower * Q), sign * layer_gradient(P * upper, F, Q) * lower.T


def shared_vectors(share=1):
    """xᵀ(W⁺ᵀW⁺)z − xᵀ(WWᵀ)z is a multiple of the difference that vanishes."""
    x, z = column("x", mid), column("z", mid)
    left = (upper * x).T * (upper * z) - (lower.T * x).T * (lower.T * z)
    return left, share * x.T * (upper.T * upper - lower * lower.T) * z


def singular_pair(power=0):
    """a^{L−1}s = L·f·a gives s = L f a^{2−L}."""
    f = sp.Symbol("f", positive=True)
    return a ** (L - 1) * (L * f * a ** (2 + power - L)), L * f * a


def one_mode(share=1):
    """xᵀ(u xᵀ)ᵀF: what the condition on W_1 says of one mode, x the left singular vector of W_1."""
    x = column("x", mid)
    return x.T * (u * x.T).T * F, share * (x.T * x) * u.T * F


def convex(sign=1):
    """Second derivative of s_i(b_i + t)^p + s_j(b_j − t)^p at t = 0, p = L/2 = 1 + q > 1."""
    q, other = sp.symbols("q b_j", positive=True)
    p = 1 + q
    curve = s * (b + t) ** p + sign * s1 * (other - t) ** p
    return sp.diff(curve, t, 2).subs(t, 0)


def turned(share=1):
    """(cu + ku_1)ᵀF(cv + kv_1), with the cross terms."""
    x, y = sp.symbols("c k", real=True)
    left = (x * u + y * u1).T * F * (x * v + y * v1)
    cross = u.T * F * v1 + u1.T * F * v
    return left, x**2 * u.T * F * v + share * x * y * cross + y**2 * u1.T * F * v1


def orthogonal(strict=True):
    """F v_1 = s_1u_1 and Fᵀu = s v: uᵀFv_1 is s_1(uᵀu_1) and s(vᵀv_1), and u_1ᵀFv the same the other way."""
    x, y = sp.symbols("x y", real=True)
    given = [sp.Eq(s1 * x, s * y), sp.Eq(s * x, s1 * y)]
    return ([*given, s < s1] if strict else given), sp.And(sp.Eq(x, 0), sp.Eq(y, 0))


def gain(sign=1):
    """c²s + k²s_1 − s for c² + k² = 1."""
    return (1 - k**2) * s + k**2 * s1 - s, sign * (s1 - s) * k**2


def gain_positive(sign=1):
    excess, turn = sp.symbols("e k", positive=True)
    return sign * excess * turn**2


def global_value(power=1):
    """One mode: a = L^{−1/2}, f = s_1a^L; for L = 2: f = Σs_1a_i² with 2Σa_i² = 1."""
    total = sp.Symbol("A", positive=True)
    return [
        (s1 * (L ** sp.Rational(-1, 2)) ** L, s1 * L ** (-power * L / 2)),
        ((s1 * total).subs(total, sp.Rational(1, 2)), (s1 * L ** (-L / 2)).subs(L, 2)),
    ]


PROOF = Proof(
    statement="deep-local-maximisers",
    title="No spurious local maxima of the escape speed",
    latex=r"\theta\ \text{local maximiser of }-H\text{ on }\textstyle\sum\|W_l\|^2=1\ \Longrightarrow\ -H(\theta)=s_1L^{-L/2}",
    source="this project",
    assumptions=(DEEP_FLOW, "G ≠ 0; f = −H, F = −G."),
    imports=("deep-balancedness", "deep-escape-direction"),
    steps=(
        Step(
            "f is linear in each entry of each layer, so it is harmonic in θ. If f(θ) = 0 at a local maximiser on the sphere, then "
            "f ≤ 0 near θ in the whole space (f(rθ) = r^Lf(θ)); a harmonic function with an interior maximum is constant, here 0 "
            "near θ and so everywhere, but G ≠ 0. So f(θ) ≠ 0.",
            r"\frac{\partial^2}{\partial x^2}(p+qx)=0",
            Identity(harmonic),
            mutant=Identity(lambda: harmonic(power=2)),
            facts=("strong maximum principle", "a polynomial that vanishes on an open set is zero"),
        ),
        Step(
            "A maximiser is critical on the sphere: ∂f/∂W_l = μW_l. Taken with W_l, f = μ‖W_l‖² (f is linear in W_l, so ⟨W_l, ∂f/∂W_l⟩ = f for "
            "each l); the sum over l is Lf = μ. So all layers have ‖W_l‖² = 1/L.",
            r"\mu\|W_l\|^2=f,\ \mu=Lf\ne0\;\Rightarrow\;\|W_l\|^2=1/L",
            Entails(equal_norms),
            mutant=Entails(lambda: equal_norms(power=2)),
            uses=(1,),
            facts=("Lagrange multipliers",),
        ),
        Step(
            "f < 0 is impossible: √(1+t)W_1, √(1−t)W_2 with the other layers kept stay on the sphere, since ‖W_1‖ = ‖W_2‖, and "
            "raise f to √(1−t²)f. So f(θ) > 0.",
            r"f<0,\ 0<t<1\;\Rightarrow\;\sqrt{1-t^2}\,f>f",
            Entails(negative_value),
            mutant=Entails(lambda: negative_value(sign=-1)),
            uses=(2,),
        ),
        Step(
            "W_{l+1}ᵀ∂f/∂W_{l+1} = (∂f/∂W_l)W_lᵀ, so with μ ≠ 0 the layers are balanced: W_{l+1}ᵀW_{l+1} = W_lW_lᵀ.",
            r"W_{l+1}^{\top}\big(P^{\top}F(W_lQ)^{\top}\big)=\big((PW_{l+1})^{\top}FQ^{\top}\big)W_l^{\top}",
            VectorIdentity(balanced),
            mutant=VectorIdentity(lambda: balanced(sign=-1)),
            uses=(2,),
        ),
        Step(
            "So all layers have the same positive singular values a_i, and W_{l+1} carries the left singular vectors of W_l to "
            "a_i times orthonormal vectors: W_l = Σ_i a_i x_i^{(l)}x_i^{(l−1)ᵀ} with orthonormal systems shared by neighbours. Write "
            "u_i = x_i^{(L)}, v_i = x_i^{(0)}: A = Σ a_i^L u_iv_iᵀ.",
            r"(W_{l+1}x)^{\top}(W_{l+1}z)-(W_l^{\top}x)^{\top}(W_l^{\top}z)=x^{\top}\big(W_{l+1}^{\top}W_{l+1}-W_lW_l^{\top}\big)z",
            VectorIdentity(shared_vectors),
            mutant=VectorIdentity(lambda: shared_vectors(share=2)),
            uses=(4,),
            facts=("singular value decomposition",),
        ),
        Step(
            "The condition on W_1, (W_L⋯W_2)ᵀF = LfW_1, taken with x_i^{(1)}: a_i^{L−1}u_iᵀF = Lfa_iv_iᵀ. The condition on W_L gives "
            "in the same way a_i^{L−1}Fv_i = Lfa_iu_i.",
            r"x^{\top}(u\,x^{\top})^{\top}F=|x|^2\,u^{\top}F",
            VectorIdentity(one_mode),
            mutant=VectorIdentity(lambda: one_mode(share=2)),
            uses=(5,),
        ),
        Step(
            "So (u_i, v_i) is a singular pair of F with the singular value s_{(i)} = Lfa_i^{2−L} > 0; for L = 2 it is 2f for every i.",
            r"a^{L-1}\cdot Lfa^{2-L}=Lfa",
            Identity(singular_pair),
            mutant=Identity(lambda: singular_pair(power=1)),
            uses=(3, 6),
        ),
        Step(
            "L ≥ 3 and two modes or more: with b_i = La_i² (Σb_i = 1), f = L^{−L/2}Σs_{(i)}b_i^{L/2}. Along b_i + t, b_j − t the first "
            "derivative is 0, as θ is critical, and the second is positive: a strict minimum along that curve, no local maximum. "
            "So for L ≥ 3 there is one mode only.",
            r"p=\tfrac L2>1:\quad \tfrac{d^2}{dt^2}\big[s_i(b_i+t)^p+s_j(b_j-t)^p\big]_{t=0}>0",
            Sign(convex, ">"),
            mutant=Sign(lambda: convex(sign=-1), ">"),
            uses=(7,),
        ),
        Step(
            "Let s be the singular value of a mode (u, v) and s < s_1. Replace u by cu + ku_1 in W_L and v by cv + kv_1 in W_1, "
            "c² + k² = 1: the term of that mode in f is a^L times this form.",
            r"(cu+ku_1)^{\top}F(cv+kv_1)=c^2u^{\top}Fv+ck(u^{\top}Fv_1+u_1^{\top}Fv)+k^2u_1^{\top}Fv_1",
            VectorIdentity(turned),
            mutant=VectorIdentity(lambda: turned(share=2)),
            uses=(5,),
        ),
        Step(
            "Vectors of different singular values are orthogonal: uᵀFv_1 equals s_1uᵀu_1 and s vᵀv_1, and u_1ᵀFv equals s uᵀu_1 and "
            "s_1vᵀv_1. So the cross terms vanish; the other modes, of value s too when L = 2, are orthogonal to u_1 and v_1 as well, "
            "and the norms of W_1 and W_L do not change.",
            r"s_1x=sy,\ sx=s_1y,\ 0<s<s_1\;\Rightarrow\;x=y=0",
            Entails(orthogonal),
            mutant=Entails(lambda: orthogonal(strict=False)),
            uses=(7, 9),
        ),
        Step(
            "So f gains a^L(s_1 − s)k².",
            r"(1-k^2)s+k^2s_1-s=(s_1-s)k^2",
            Identity(gain),
            mutant=Identity(lambda: gain(sign=-1)),
            uses=(9, 10),
        ),
        Step(
            "That is positive for every k > 0, however small: θ is no local maximiser. Hence s = s_1.",
            r"(s_1-s)k^2>0",
            Sign(gain_positive, ">"),
            mutant=Sign(lambda: gain_positive(sign=-1), ">"),
            uses=(11,),
        ),
        Step(
            "With s = s_1 the value is the maximum (deep-escape-direction): for one mode a = L^{−1/2} and f = s_1a^L, and for L = 2 "
            "f = s_1Σa_i² with 2Σa_i² = 1.",
            r"s_1(L^{-1/2})^L=s_1L^{-L/2}",
            Identity(global_value),
            mutant=Identity(lambda: global_value(power=2)),
            uses=(2, 8, 12),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
