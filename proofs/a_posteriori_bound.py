"""The error of any approximate solution is at most the integral of its defect.

Theorem.  Let w solve w' = f(w) := (y − Xβ(Xᵀw))/n, β(z) = α² sinh(2z), and let ŵ be a
piecewise continuously differentiable curve with defect δ = ŵ' − f(ŵ).  Then
‖w(T) − ŵ(T)‖ ≤ ‖w(0) − ŵ(0)‖ + ∫₀ᵀ ‖δ‖.

Local errors only add; they are not amplified.

Source: elementary, from the contraction of convex gradient flows.
"""

import sympy as sp

from saddlesym.theorems.claims import Entails, VectorIdentity
from saddlesym.theorems.diagonal.notation import n, square
from saddlesym.theorems.proof import Proof, Step, main

D, delta, fw, fh = (sp.MatrixSymbol(name, n, 1) for name in ("D", "delta", "f_w", "f_h"))
s, e, rho, eps = (
    sp.Symbol("s", nonnegative=True),
    sp.Symbol("e", nonnegative=True),
    sp.Symbol("rho", positive=True),
    sp.Symbol("epsilon", positive=True),
)
m, c = sp.symbols("m c", real=True)


def error_rate(sign=-1):
    """½ d/dT ‖D‖² for D = w − ŵ, D' = f(w) − f(ŵ) − δ."""
    velocity = fw - (fh + delta)
    return D.T * velocity, D.T * (fw - fh) + sign * D.T * delta


def cauchy_schwarz(factor=1):
    """‖ ‖D‖²δ − (Dᵀδ)D ‖² = ‖D‖² (‖D‖²‖δ‖² − (Dᵀδ)²)."""
    left = square(delta * square(D) - D * (D.T * delta))
    right = square(D) * (square(D) * square(delta) - factor * (D.T * delta) * (D.T * delta))
    return left, right


def inner_product_bound(slack=1):
    """s = ‖D‖, e = ‖δ‖, c = Dᵀδ."""
    return [c**2 <= s**2 * e**2], -c <= slack * s * e


def regularised(power=2):
    """ρ² = ‖D‖² + ε²; ρρ' = Dᵀ(f(w) − f(ŵ)) − Dᵀδ = m − c."""
    rate = sp.Symbol("rho_prime", real=True)
    hypotheses = [sp.Eq(rho**2, s**power + eps**2), m <= 0, -c <= s * e, sp.Eq(rho * rate, m - c)]
    return hypotheses, rate <= e


def conclusion(slack=0):
    """‖D(T)‖ ≤ ρ(T) ≤ ρ(0) + I ≤ ‖D(0)‖ + ε + I, for every ε > 0."""
    s0, rho0, total = sp.symbols("s_0 rho_0 I", nonnegative=True)
    hypotheses = [
        sp.Eq(rho**2, s**2 + eps**2),
        sp.Eq(rho0**2, s0**2 + eps**2),
        rho <= rho0 + total,
    ]
    return hypotheses, s <= s0 + total + eps - slack


PROOF = Proof(
    statement="a-posteriori-bound",
    title="A-posteriori error bound",
    latex=r"\|w(T)-\hat w(T)\| \le \|w(0)-\hat w(0)\| + \int_0^T\|\delta(\tau)\|\,d\tau",
    source="elementary, from contraction",
    assumptions=(
        "w solves the convex flow in data space; ŵ is continuous and piecewise continuously differentiable.",
    ),
    imports=("contraction",),
    steps=(
        Step(
            "The difference D = w − ŵ has D' = f(w) − f(ŵ) − δ.",
            r"\tfrac12\tfrac{d}{dT}\|D\|^2 = D^{\top}(f(w)-f(\hat w)) - D^{\top}\delta",
            VectorIdentity(error_rate),
            mutant=VectorIdentity(lambda: error_rate(sign=1)),
        ),
        Step(
            "Cauchy–Schwarz, as an identity: the left side is a squared norm, so (Dᵀδ)² ≤ ‖D‖²‖δ‖² when "
            "D ≠ 0, and for D = 0 both sides vanish.",
            r"\big\|\,\|D\|^2\delta-(D^{\top}\delta)D\,\big\|^2 = \|D\|^2\big(\|D\|^2\|\delta\|^2-(D^{\top}\delta)^2\big)",
            VectorIdentity(cauchy_schwarz),
            mutant=VectorIdentity(lambda: cauchy_schwarz(factor=2)),
        ),
        Step(
            "Write s = ‖D‖, e = ‖δ‖, c = Dᵀδ.",
            r"c^2\le s^2e^2 \;\Rightarrow\; -c\le s\,e",
            Entails(inner_product_bound),
            mutant=Entails(lambda: inner_product_bound(slack=sp.Rational(1, 2))),
            uses=(2,),
        ),
        Step(
            "For ε > 0 let ρ = √(‖D‖² + ε²), which is differentiable also where D = 0, and "
            "m = Dᵀ(f(w) − f(ŵ)) ≤ 0 (contraction, steps 1 and 5). Then ρ' ≤ ‖δ‖.",
            r"\rho^2=s^2+\varepsilon^2,\; m\le0,\; -c\le se,\; \rho\rho'=m-c \;\Rightarrow\; \rho'\le e",
            Entails(regularised),
            mutant=Entails(lambda: regularised(power=1)),
            uses=(1, 3),
        ),
        Step(
            "Integrating step 4, ρ(T) ≤ ρ(0) + ∫‖δ‖ = ρ(0) + I. So ‖D(T)‖ ≤ ‖D(0)‖ + I + ε for every ε > 0; "
            "let ε → 0.",
            r"\rho\le\rho_0+I \;\Rightarrow\; \|D(T)\| \le \|D(0)\| + I + \varepsilon",
            Entails(conclusion),
            mutant=Entails(lambda: conclusion(slack=2 * eps)),
            uses=(4,),
            facts=("fundamental theorem of calculus",),
        ),
    ),
)

if __name__ == "__main__":
    raise SystemExit(main(PROOF))
