"""Plausible sentences about the path that are false, each with a counterexample on record."""

from saddlesym.theorems.statement import Statement


def _folklore(statement_id: str, title: str, text: str, latex: str) -> Statement:
    return Statement(
        id=statement_id,
        title=title,
        text=text,
        latex=latex,
        source="folklore, false",
        assumptions=("unique-minimisers",),
        standing="folklore",
    )


STATEMENTS = (
    _folklore(
        "active-set-grows",
        "The active set only grows",
        "A coordinate that has become active stays active: supp β(t) ⊆ supp β(t') for t ≤ t'.",
        r"t\le t' \implies \mathrm{supp}\,\beta(t)\subseteq\mathrm{supp}\,\beta(t')",
    ),
    _folklore(
        "sign-kept",
        "An active coordinate keeps its sign",
        "Whenever a coordinate is active it has the sign with which it first entered.",
        r"\beta_i(t)\,\beta_i(t')\ge 0\quad\text{for all } t,t'",
    ),
    _folklore(
        "path-is-lasso",
        "The averaged path is the lasso path",
        "For every t the average (1/t)∫₀ᵗβ is a lasso solution with λ = 1/t.",
        r"\tfrac1t\int_0^t\beta \in \operatorname*{argmin}_b\ L(b)+\tfrac1t\|b\|_1\quad\forall t>0",
    ),
    _folklore(
        "one-orthant",
        "One orthant suffices",
        "Every saddle of the path lies in the closed orthant of the signs of r = Xᵀy/n, in which the flow"
        " sets out.",
        r"\beta_i(t)\,r_i\ge 0\quad\text{for all } t",
    ),
    _folklore(
        "order-of-correlations",
        "Coordinates enter in the order of |r_i|",
        "If i becomes active for the first time before j does then |r_i| ≥ |r_j|.",
        r"t_i^{\text{first}} < t_j^{\text{first}} \implies |r_i|\ge|r_j|",
    ),
    _folklore(
        "at-most-d-jumps",
        "At most d jumps",
        "The path has no more jumps than there are coordinates.",
        r"\#\{\text{jumps}\}\le d",
    ),
)
