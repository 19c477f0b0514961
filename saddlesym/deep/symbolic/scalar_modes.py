"""Aligned modes of deep linear networks: scalar flows, and the Hessian block of two modes, symbolically.

When the layers are balanced and aligned with the singular vectors of A*, each mode
keeps to itself: all its layers share one weight w, its strength is ``a = w^L`` (SMG14).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from saddlesym.deep.symbolic.network import deep_network
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.functions.latex import aligned


@dataclass(frozen=True, repr=False)
class ScalarMode(Documented):
    """One aligned mode of strength a, for a depth L that may be a symbol.

    Attributes:
        depth: L.
        sigma: the singular value σ > 0 that it is drawn to.
        strength: a > 0.
        flow: ``a' = L a^{2−2/L}(σ − a)`` in natural time T, derived from that of one layer.
    """

    depth: sympy.Expr
    sigma: sympy.Symbol
    strength: sympy.Symbol
    flow: sympy.Expr

    @property
    def loss(self) -> sympy.Expr:
        """½(σ − a)², the part of the loss that belongs to the mode."""
        return (self.sigma - self.strength) ** 2 / 2

    @property
    def rate_at_minimum(self) -> sympy.Expr:
        """The rate ``−L σ^{2−2/L}`` at which a settles at σ."""
        return sympy.simplify(sympy.diff(self.flow, self.strength).subs(self.strength, self.sigma))

    @property
    def rate_at_origin(self) -> sympy.Expr:
        """The growth rate of a at 0: 2σ for L = 2, and 0 for every integer L ≥ 3.

        Raises:
            BadInputError: L is a symbol.
        """
        if not self.depth.is_Integer:
            raise BadInputError("a symbolic depth", needed="a number L >= 2")
        return sympy.limit(sympy.diff(self.flow, self.strength), self.strength, 0, "+")

    def solution(self, time: Any, start: Any) -> sympy.Expr:
        """a(T) from a(0), for L = 2: ``σ / (1 + (σ/a_0 − 1) e^{−2σT})`` (SMG14).

        Raises:
            BadInputError: another depth.
        """
        if self.depth != 2:
            raise BadInputError(f"depth {self.depth}", needed="2: deeper modes have no closed form a(T)")
        T, start = sympy.sympify(time), sympy.sympify(start)
        return self.sigma / (1 + (self.sigma / start - 1) * sympy.exp(-2 * self.sigma * T))

    def latex(self) -> str:
        """Loss, flow and rate as an ``aligned`` block of LaTeX."""
        lines = [("C", self.loss), (r"\dot a", self.flow), (r"\lambda_\sigma", self.rate_at_minimum)]
        return aligned(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, expressions as text."""
        return {
            "kind": self._kind,
            "depth": str(self.depth),
            "flow": str(self.flow),
            "rate_at_minimum": str(self.rate_at_minimum),
        }

    @classmethod
    def _read(cls, given: Fields) -> ScalarMode:
        """Derived again for the depth."""
        depth = given("depth", str)
        return scalar_mode(int(depth) if depth.isdecimal() else None)

    def __repr__(self) -> str:
        return f"ScalarMode(depth={self.depth}, a' = {self.flow})"


def scalar_mode(depth: int | None = None) -> ScalarMode:
    """The flow of one aligned mode.

    Args:
        depth: L ≥ 2; without it a symbol L.

    Raises:
        BadInputError: a depth that is not a whole number from 2.

    Source: SMG14.

    >>> scalar_mode(2)
    ScalarMode(depth=2, a' = 2*a*(-a + sigma))
    >>> scalar_mode().rate_at_minimum
    -L*sigma**(2*(L - 1)/L)
    """
    if depth is not None and (type(depth) is not int or depth < 2):
        raise BadInputError(f"depth {shown(depth)}", needed="a whole number from 2")
    L = sympy.Symbol("L", positive=True) if depth is None else sympy.Integer(depth)
    a, sigma, w = (sympy.Symbol(name, positive=True) for name in ("a", "sigma", "w"))
    # one layer of L equal ones: 𝓛 = ½(σ − w_1⋯w_L)², so w' = (σ − w^L) w^{L−1}, and a = w^L
    layer = (sigma - w**L) * w ** (L - 1)
    factor = sympy.diff(w**L, w) * layer / (sigma - w**L)
    flow = sympy.powsimp(sympy.simplify(factor.subs(w, a ** (1 / L)))) * (sigma - a)
    return ScalarMode(L, sigma, a, flow)


#: The network of the exchange block is written out weight by weight.
_MAX_DEPTH = 100


def exchange_block(depth: int) -> sympy.ImmutableMatrix:
    """The Hessian block of a mode that is there (strength σ_s) and one that is not (σ_j).

    By differentiating the loss of the network with one hidden unit in each layer and the
    target diag(σ_s, σ_j) at its balanced critical point A = diag(σ_s, 0); variables are the
    entry of W_1 and that of W_L at mode j.  Written in ``omega = σ_s^{1/L}``, its eigenvalues are
    ``omega^{L−2}(σ_s ± σ_j)``: an unstable direction exactly when σ_j > σ_s.

    Args:
        depth: L ≥ 2.

    >>> exchange_block(3)
    Matrix([
    [      omega**4, -omega*sigma_j],
    [-omega*sigma_j,       omega**4]])
    """
    if type(depth) is not int or not 2 <= depth <= _MAX_DEPTH:
        raise BadInputError(f"depth {shown(depth)}", needed=f"a whole number from 2 to {_MAX_DEPTH}")
    omega, other = (sympy.Symbol(name, positive=True) for name in ("omega", "sigma_j"))
    net = deep_network([2, *[1] * (depth - 1), 2])
    weights = [sympy.Matrix([[omega, 0]]), *[sympy.Matrix([[omega]])] * (depth - 2), sympy.Matrix([omega, 0])]
    target = dict(zip(net.B, (omega**depth, 0, 0, other), strict=True))
    first, last = net.symbols.index(net.weights[0][0, 1]), net.symbols.index(net.weights[-1][1, 0])
    hessian = net.hessian_at(weights).subs(target, simultaneous=True)
    return sympy.ImmutableMatrix(hessian.extract([first, last], [first, last]))
