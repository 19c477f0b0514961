"""The notation that the proofs share: data, loss and gradient with symbolic shapes.

Vectors are column matrices; ``n`` and ``d`` stay symbols, so that what is proved
of these expressions is proved for every n and d.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

n, d = sp.symbols("n d", integer=True, positive=True)

X = sp.MatrixSymbol("X", n, d)
y = sp.MatrixSymbol("y", n, 1)
beta, b, eta, zeta = (sp.MatrixSymbol(name, d, 1) for name in ("beta", "b", "eta", "zeta"))
w = sp.MatrixSymbol("w", n, 1)

LIMIT_PATH = (
    "(s, β) is a limit path: s(0) = 0, s continuous; β constant on each of finitely many dwells per bounded "
    "interval, with s' = −∇L(β) there; s(t) ∈ ∂‖β(t)‖₁.  (For example the output of PF23's Algorithm 1, as "
    "long as it runs.)"
)
"""What the proofs of convergence assume of the limit path, in words."""


def square(vector: Any) -> Any:
    """The squared Euclidean norm of a column, as a 1 × 1 matrix expression."""
    return vector.T * vector


def loss(point: Any) -> Any:
    """``L(β) = ‖Xβ − y‖²/(2n)``, as a 1 × 1 matrix expression."""
    return square(X * point - y) / (2 * n)


def gradient(point: Any) -> Any:
    """``∇L(β) = Xᵀ(Xβ − y)/n``, a column of length d."""
    return X.T * (X * point - y) / n
