"""Plausible sentences about deep linear networks that are false, each with a counterexample on record."""

from saddlesym.theorems.statement import Statement


def _folklore(statement_id: str, title: str, text: str, latex: str) -> Statement:
    return Statement(
        id=statement_id,
        title=title,
        text=text,
        latex=latex,
        source="folklore, false",
        standing="folklore",
        wing="deep",
    )


STATEMENTS = (
    _folklore(
        "deep-rank-grows-by-one",
        "The rank grows by exactly one at every jump, for every cost",
        "Whatever the cost, from a generic start each jump of the limit raises the rank of A by exactly one.",
        r"\operatorname{rank}A_{k+1}=\operatorname{rank}A_k+1",
    ),
    _folklore(
        "deep-order-from-target",
        "The order of learning is fixed by the target alone",
        "Whatever the cost with the minimiser A*, the singular modes of A* are learnt in the order of their"
        " singular values in A*.",
        r"\sigma_i>\sigma_j\implies t_i<t_j",
    ),
    _folklore(
        "deep-every-pair-maximises",
        "For L ≥ 3 every singular pair is a local maximiser of the escape speed",
        "For three layers or more every singular pair of ∇C(0) gives a local maximiser of −H on the sphere,"
        " as it does among networks that stay aligned to the singular vectors.",
        r"L\ge3:\ W_l=w_lw_{l-1}^{\top}/\sqrt L,\ w_0=v_k,\ w_L=u_k\ \text{locally maximise }-H",
    ),
    _folklore(
        "deep-every-balanced-start-learns",
        "Almost every balanced start learns every mode",
        "With enough hidden neurons, two layers learn every mode of a whitened target from almost every"
        " small balanced start.",
        r"W_2^{\top}W_2=W_1W_1^{\top},\ \alpha\to0\implies A(\infty)=A^*",
    ),
)
