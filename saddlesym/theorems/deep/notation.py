"""The notation that the proofs about deep linear networks share, with symbolic widths.

Around a layer the product is ``A = P W Q``: P is the product of all layers above it,
Q of all below it; around two neighbours it is ``A = P W⁺ W Q``.  P and Q stand for
products of any number of layers, and the widths stay symbols, so that what is proved
is proved for every depth and all widths.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

n_out, n_in = sp.symbols("n_L n_0", integer=True, positive=True)
#: Widths above, between and below two neighbouring layers.
top, mid, low = sp.symbols("n_{l+1} n_l n_{l-1}", integer=True, positive=True)
L = sp.Symbol("L", integer=True, positive=True)

Gamma = sp.MatrixSymbol("Gamma", n_out, n_in)
"""The gradient of the cost at A; any matrix."""
P = sp.MatrixSymbol("P", n_out, top)
upper = sp.MatrixSymbol("W_{l+1}", top, mid)
lower = sp.MatrixSymbol("W_l", mid, low)
Q = sp.MatrixSymbol("Q", low, n_in)

DEEP_FLOW = (
    "θ = (W_1, …, W_L) with L ≥ 2, A = W_L⋯W_1, loss 𝓛(θ) = C(A) with C continuously differentiable; "
    "all widths are arbitrary."
)
"""The setting of the proofs, in words."""


def column(name: str, size: Any) -> Any:
    """A column vector of symbolic length."""
    return sp.MatrixSymbol(name, size, 1)


def layer_gradient(above: Any, slope: Any, below: Any) -> Any:
    """``∂𝓛/∂W = Pᵀ ∇C(A) Qᵀ`` for ``A = P W Q``."""
    return above.T * slope * below.T
