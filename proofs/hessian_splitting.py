"""The Hessian of F at a critical point, strict saddles and the Morse index.

Theorem.  Let (u, v) be a critical point, S = {i : (u_i, v_i) ≠ (0, 0)} and g = ∇L(β).
The quadratic form of the Hessian of F is

    2 Σ_{i∉S} g_i a_i b_i + ‖X_S(v_S ⊙ a_S + u_S ⊙ b_S)‖²/n      at (a, b).

So each i ∉ S has the eigenvalues ±g_i.  If X_S has independent columns, the active part
has |S| positive and |S| zero eigenvalues; then the Morse index is #{i ∉ S : g_i ≠ 0} and
the nullity |S| + 2·#{i ∉ S : g_i = 0}.  A critical point that is not a global minimum
is a strict saddle, whatever X is.

S contains the support of β; it is larger when exactly one of u_i, v_i is 0.

Source: PF23, Section 3 (strict saddles); direct computation.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Sign, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, beta, eta, gradient, loss, n, square, zeta
from saddlesym.theorems.proof import Proof, Step, main

u, v, a, b, g, eps, lam, x = sp.symbols("u v a b g epsilon lambda x", real=True)


def moved_coordinate(cross=1):
    """(u + εa)(v + εb) = β + εη + ε²ζ with η = av + ub, ζ = ab."""
    return sp.expand((u + eps * a) * (v + eps * b)), u * v + eps * (a * v + u * b) + eps**2 * cross * a * b


def second_order(factor=1):
    """L(β + εη + ε²ζ) to second order; the rest has ε³ and ε⁴."""
    left = loss(beta + eps * eta + eps**2 * zeta) - loss(beta)
    g = gradient(beta)
    second = g.T * zeta + factor * square(X * eta) / (2 * n)
    rest = eta.T * X.T * X * zeta / n + eps * square(X * zeta) / (2 * n)
    return left, eps * g.T * eta + eps**2 * second + eps**3 * rest


def splitting(critical=True):
    """Off S: η = 0. On S: g = 0. Either way g·η = 0 and only one part of the form remains."""
    on = sp.Or(sp.Ne(u, 0), sp.Ne(v, 0))
    hypotheses = [sp.Eq(x, a * v + u * b)]
    if critical:
        hypotheses.append(sp.Or(sp.Eq(g, 0), sp.And(sp.Eq(u, 0), sp.Eq(v, 0))))
    parts = sp.And(sp.Implies(on, sp.Eq(g * a * b, 0)), sp.Implies(sp.Not(on), sp.Eq(x, 0)))
    return hypotheses, sp.And(sp.Eq(g * x, 0), parts)


def block_characteristic(value=g):
    block = sp.Matrix([[0, g], [g, 0]])
    return sp.det(lam * sp.eye(2) - block), (lam - value) * (lam + value)


def kernel_direction(sign=-1):
    """(a, b) = (u, −v) leaves β unchanged to first order."""
    return (a * v + u * b).subs({a: u, b: sign * v}, simultaneous=True), 0


def image_direction(swap=True):
    """(a, b) = (v, u) changes β by u² + v²."""
    return (a * v + u * b).subs({a: v, b: u} if swap else {a: u, b: v}, simultaneous=True), u**2 + v**2


def directions_independent(active=True):
    """On S the two directions are orthogonal, and u² + v² > 0."""
    on = sp.Or(sp.Ne(u, 0), sp.Ne(v, 0))
    return [on] if active else [], sp.And(u**2 + v**2 > 0, sp.Eq(u * v + (-v) * u, 0))


def definite_on_image(factor=1):
    """‖X_S η‖²/n as a quadratic form in η."""
    M = X.T * X / n
    return eta.T * M * eta, factor * square(X * eta) / n


def counts(active_null=1):
    """Dimensions: |S| = s, k inactive with g ≠ 0, m inactive with g = 0."""
    s, k, m, index, nullity, positive = sp.symbols("s k m I N P", nonnegative=True)
    hypotheses = [
        sp.Eq(positive, s + k),
        sp.Eq(index, k),
        sp.Eq(positive + index + nullity, 2 * (s + k + m)),
    ]
    return hypotheses, sp.Eq(nullity, active_null * s + 2 * m)


def descent(sign=-1):
    """−g a b at a = 1, b = sign·sign(g), for g ≠ 0."""
    nonzero = sp.Symbol("g", nonzero=True, real=True)
    return -nonzero * sign * sp.sign(nonzero)


PROOF = Proof(
    statement="hessian-splitting",
    title="Hessian splitting, strict saddles, Morse index",
    latex=r"\nabla^2F[(a,b)]^2=2\sum_{i\notin S}g_ia_ib_i+\tfrac1n\|X_S(v_S\odot a_S+u_S\odot b_S)\|^2,\quad"
    r"\mathrm{index}=\#\{i\notin S:g_i\ne0\}",
    source="PF23, Section 3; direct computation",
    assumptions=(
        "(u, v) is a critical point of F; S is the set of coordinates with (u_i, v_i) ≠ (0, 0).",
        "For the index and the nullity (step 9): the columns X_S are linearly independent.",
    ),
    imports=("critical-points",),
    steps=(
        Step(
            "Moving (u, v) by ε(a, b) moves β by εη + ε²ζ.",
            r"(u_i+\varepsilon a_i)(v_i+\varepsilon b_i)=\beta_i+\varepsilon\eta_i+\varepsilon^2\zeta_i,\quad "
            r"\eta_i=a_iv_i+u_ib_i,\ \zeta_i=a_ib_i",
            Identity(moved_coordinate),
            mutant=Identity(lambda: moved_coordinate(cross=2)),
        ),
        Step(
            "The loss to second order in ε, with its exact remainder.",
            r"L(\beta+\varepsilon\eta+\varepsilon^2\zeta)-L(\beta)=\varepsilon\,g^{\top}\eta+\varepsilon^2\big("
            r"g^{\top}\zeta+\tfrac1{2n}\|X\eta\|^2\big)+\varepsilon^3\tfrac1n\eta^{\top}X^{\top}X\zeta"
            r"+\varepsilon^4\tfrac1{2n}\|X\zeta\|^2",
            VectorIdentity(second_order),
            mutant=VectorIdentity(lambda: second_order(factor=2)),
        ),
        Step(
            "At a critical point g_i = 0 on S, and off S η_i = 0 since u_i = v_i = 0 (critical points, step 1). "
            "So gᵀη = 0, and Q = Σ_{i∉S} g_i a_i b_i + ‖X_S η_S‖²/(2n), half the Hessian's form, splits.",
            r"i\in S:\ g_ia_ib_i=0; \qquad i\notin S:\ \eta_i=0; \qquad g_i\eta_i=0",
            Entails(splitting),
            mutant=Entails(lambda: splitting(critical=False)),
            uses=(1, 2),
        ),
        Step(
            "Off S the form 2g_i a_i b_i has the matrix with zeros on and g_i off the diagonal; its eigenvalues "
            "are ±g_i: one positive and one negative if g_i ≠ 0, two zeros else.",
            r"\det\begin{pmatrix}\lambda&-g_i\\-g_i&\lambda\end{pmatrix}=(\lambda-g_i)(\lambda+g_i)",
            Identity(block_characteristic),
            mutant=Identity(lambda: block_characteristic(value=2 * g)),
            uses=(3,),
        ),
        Step(
            "On S the form is M_SS evaluated at η_S. It is a squared norm, and positive for η_S ≠ 0 if the "
            "columns X_S are independent.",
            r"\eta^{\top}M\eta=\tfrac1n\|X\eta\|^2",
            VectorIdentity(definite_on_image),
            mutant=VectorIdentity(lambda: definite_on_image(factor=-1)),
            uses=(3,),
        ),
        Step(
            "For i in S the direction (a_i, b_i) = (u_i, −v_i) has η_i = 0: |S| directions on which the "
            "active form vanishes.",
            r"u_iv_i+u_i(-v_i)=0",
            Identity(kernel_direction),
            mutant=Identity(lambda: kernel_direction(sign=1)),
        ),
        Step(
            "The direction (a_i, b_i) = (v_i, u_i) has η_i = u_i² + v_i².",
            r"v_iv_i+u_iu_i=u_i^2+v_i^2",
            Identity(image_direction),
            mutant=Identity(lambda: image_direction(swap=False)),
        ),
        Step(
            "That is positive on S, and the two directions are orthogonal; so the |S| directions of step 7 "
            "span a complement of those of step 6, on which η_S takes every value once.",
            r"(u_i,v_i)\ne0 \;\Rightarrow\; u_i^2+v_i^2>0,\quad \langle(v_i,u_i),(u_i,-v_i)\rangle=0",
            Entails(directions_independent),
            mutant=Entails(lambda: directions_independent(active=False)),
            uses=(6, 7),
        ),
        Step(
            "By steps 5 and 8 the active part is positive definite on |S| dimensions and zero on its |S|-"
            "dimensional kernel; with step 4 there are |S| + k positive and k negative eigenvalues, where k "
            "counts the i ∉ S with g_i ≠ 0. The rest of the 2d is the nullity.",
            r"\mathrm{index}=k,\qquad \mathrm{nullity}=2(|S|+k+m)-(|S|+k)-k=|S|+2m",
            Entails(counts),
            mutant=Entails(lambda: counts(active_null=2)),
            uses=(4, 5, 8),
            facts=("Sylvester's law of inertia",),
        ),
        Step(
            "If β is not a global minimiser, ∇L(β) ≠ 0 (critical points, step 5), so g_i ≠ 0 for some i ∉ S. "
            "Then a_i = 1, b_i = −sign g_i gives Q = −|g_i| < 0: a strict saddle. No assumption on X_S is used.",
            r"g_i\ne0 \;\Rightarrow\; g_ia_ib_i=-|g_i|<0",
            Sign(descent, ">"),
            mutant=Sign(lambda: descent(sign=1), ">"),
            uses=(3,),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
