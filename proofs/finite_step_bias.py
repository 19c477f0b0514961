"""The minimiser that gradient descent with finite steps converges to.

Theorem.  Let gradient descent on F(u, v) = L(u ⊙ v) start from u = √2·α·1, v = 0 with |ηg_i| < 1
at every step, g = ∇L(β), let Σ g_i² < ∞ for every i, and let it converge to a global minimiser β.
Put a_i = α² Π(1 − η²g_i²) > 0, ζ_i = −Σ[artanh(ηg_i) − ηg_i] and c_i = a_i sinh(2ζ_i).  Then for
every other global minimiser b of L

    D(b, c) > D(β, c),   D(b, c) = φ(b) − φ(c) − ∇φ(c)ᵀ(b − c),
    φ(b) = ½ Σ_i [b_i arcsinh(b_i/a_i) − √(b_i² + a_i²) + a_i].

So finite steps act in two ways: a_i is smaller than α², by the gain, and the start is moved to c.
The sums over artanh(ηg) − ηg = O(g³) converge when Σ g_i² does and g → 0.

Source: M. Even, S. Pesme, S. Gunasekar, N. Flammarion, (S)GD over diagonal linear networks,
NeurIPS 2023, Theorem 1.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, Identity, Sign, VectorIdentity
from saddlesym.theorems.diagonal.notation import X, b, beta, gradient, loss, n, square, w
from saddlesym.theorems.proof import Proof, Step, main

a = sp.Symbol("a", positive=True)
s, c, x, z = sp.symbols("s c x z", real=True)
f = sp.Function("phi")


def potential(point):
    """φ of one coordinate."""
    return (point * sp.asinh(point / a) - sp.sqrt(point**2 + a**2) + a) / 2


def slope(share=sp.Rational(1, 2)):
    """φ'(s) = ½ arcsinh(s/a), which is z where s = a sinh(2z)."""
    return [(sp.diff(potential(s), s), share * sp.asinh(s / a)), (a * sp.sinh(2 * z) / a, sp.sinh(2 * z))]


def curvature(sign=1):
    """φ'' = 1/(2√(s² + a²)) > 0."""
    return [sign / (2 * sp.sqrt(s**2 + a**2))]


def second_derivative(share=sp.Rational(1, 2)):
    """The second derivative of φ."""
    return sp.diff(potential(s), s, 2), share / sp.sqrt(s**2 + a**2)


def excess(power=3):
    """x^power − (artanh x − x) has the sign of its derivatives: here the derivative's bound for 0 ≤ x² ≤ ½."""
    q = sp.Symbol("q", nonnegative=True)
    return [q <= sp.Rational(1, 2), q > 0], q / (1 - q) <= (2 * q if power == 3 else q / 2)


def artanh(point):
    """Artanh by logarithms."""
    return (sp.log(1 + point) - sp.log(1 - point)) / 2


def telescope(sign=-1):
    """−artanh(x) − artanh(y) = −(x + y) + [the two excesses], the sum of two steps."""
    y = sp.Symbol("y", real=True)
    excesses = sign * (artanh(x) - x) + sign * (artanh(y) - y)
    return -artanh(x) - artanh(y), -(x + y) + excesses


def in_range(sign=1):
    """The sum of two gradients is Xᵀ times something."""
    y = sp.MatrixSymbol("y", n, 1)
    return gradient(beta) + gradient(b), X.T * ((X * beta - y) / n + sign * (X * b - y) / n)


def three_points(sign=1):
    """D(b, c) − D(s, c) = D(b, s) + (φ'(s) − φ'(c))(b − s), for any function φ."""
    d = sp.Function("psi")  # its derivative
    other = sp.Symbol("b", real=True)

    def divergence(p, q):
        return f(p) - f(q) - d(q) * (p - q)

    return divergence(other, c) - divergence(s, c), divergence(other, s) + sign * (d(s) - d(c)) * (other - s)


def common_fit(factor=1):
    """L(b) − L(β) = ∇L(β)ᵀ(b − β) + ‖X(b − β)‖²/2n."""
    return loss(b) - loss(beta), gradient(beta).T * (b - beta) + factor * square(X * (b - beta)) / (2 * n)


def blind(sign=-1):
    """(Xᵀw)ᵀ(b − β) = wᵀX(b − β)."""
    return (X.T * w).T * (b + sign * beta), w.T * (X * (b - beta))


def convexity(strict=True):
    """A difference D0 = D1 + pairing with D1 > 0 and pairing = 0 is positive."""
    gap, divergence, pairing = sp.symbols("gap D pairing", real=True)
    known = [sp.Eq(gap, divergence + pairing), sp.Eq(pairing, 0)]
    return [*known, divergence > 0 if strict else divergence >= 0], gap > 0


PROOF = Proof(
    statement="finite-step-bias",
    title="The minimiser of gradient descent with finite steps",
    latex=r"\beta_\infty=\arg\min_{\nabla L(b)=0}D_{\phi_{a_\infty}}(b,\,a_\infty\sinh2\zeta)",
    source="Even, Pesme, Gunasekar, Flammarion 2023, Theorem 1",
    assumptions=(
        "Gradient descent from u = √2·α·1, v = 0 with |ηg_i| < 1 at every step; Σ g_i² < ∞; the iterates "
        "converge to β with ∇L(β) = 0.",
    ),
    imports=("finite-steps",),
    steps=(
        Step(
            "Each step moves z_i by −artanh(ηg_i), from z = 0. Summed over the steps (two of them here; the others are "
            "alike), the limit is z = −ηΣg + ζ.",
            r"-\sum_k\mathrm{artanh}(\eta g(k))=-\eta\sum_kg(k)-\sum_k[\mathrm{artanh}(\eta g(k))-\eta g(k)]",
            Identity(telescope),
            mutant=Identity(lambda: telescope(sign=1)),
        ),
        Step(
            "The sums converge: the product for a_i is positive since Σg_i² < ∞, and the derivative x²/(1 − x²) of "
            "artanh x − x is at most 2x² as soon as x² ≤ ½, so that the terms of ζ are O(g³). ηΣg converges with z.",
            r"q=x^2\le\tfrac12 \;\Rightarrow\; \tfrac{q}{1-q}\le2q",
            Entails(excess),
            mutant=Entails(lambda: excess(power=2)),
            facts=("Π(1 − x_k) > 0 for 0 ≤ x_k < 1 with Σx_k < ∞", "absolutely convergent series converge"),
        ),
        Step(
            "Every sum of gradients lies in the range of Xᵀ, which is closed; so ηΣg = Xᵀw for some w.",
            r"\nabla L(\beta)+\nabla L(b)=X^{\top}\tfrac1n\big((X\beta-y)+(Xb-y)\big)",
            VectorIdentity(in_range),
            mutant=VectorIdentity(lambda: in_range(sign=-1)),
            facts=("a subspace of finite dimension is closed",),
        ),
        Step(
            "∇φ is ½ arcsinh(·/a), which inverts s = a sinh(2z): so ∇φ(β) = z, ∇φ(c) = ζ, and "
            "∇φ(β) − ∇φ(c) = −Xᵀw.",
            r"\phi'(s)=\tfrac12\mathrm{arcsinh}(s/a)",
            Identity(slope),
            mutant=Identity(lambda: slope(share=1)),
            uses=(1, 3),
        ),
        Step(
            "The second derivative of φ.",
            r"\phi''(s)=\tfrac1{2\sqrt{s^2+a^2}}",
            Identity(second_derivative),
            mutant=Identity(lambda: second_derivative(share=1)),
            uses=(4,),
        ),
        Step(
            "It is positive: φ is strictly convex, and D(b, β) > 0 for b ≠ β.",
            r"\tfrac1{2\sqrt{s^2+a^2}}>0",
            Sign(curvature, ">"),
            mutant=Sign(lambda: curvature(sign=-1), ">"),
            uses=(5,),
            facts=("a strictly convex differentiable function lies strictly above its tangents",),
        ),
        Step(
            "The divergences of three points, coordinate by coordinate (ψ is the derivative).",
            r"D(b,c)-D(\beta,c)=D(b,\beta)+(\phi'(\beta)-\phi'(c))(b-\beta)",
            Identity(three_points),
            mutant=Identity(lambda: three_points(sign=-1)),
        ),
        Step(
            "Global minimisers fit alike: L(b) = L(β) and ∇L(β) = 0 give X(b − β) = 0.",
            r"L(b)-L(\beta)=\nabla L(\beta)^{\top}(b-\beta)+\tfrac1{2n}\|X(b-\beta)\|^2",
            VectorIdentity(common_fit),
            mutant=VectorIdentity(lambda: common_fit(factor=2)),
        ),
        Step(
            "So −Xᵀw does not see b − β, and the last term of step 7, summed over the coordinates, vanishes.",
            r"(X^{\top}w)^{\top}(b-\beta)=w^{\top}X(b-\beta)=0",
            VectorIdentity(blind),
            mutant=VectorIdentity(lambda: blind(sign=1)),
            uses=(4, 8),
        ),
        Step(
            "Hence D(b, c) − D(β, c) = D(b, β) > 0.",
            r"D(b,c)-D(\beta,c)=D(b,\beta)>0",
            Entails(convexity),
            mutant=Entails(lambda: convexity(strict=False)),
            uses=(6, 7, 9),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
