"""Generated data for the laws that hold of all of them."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from saddlesym import DiagonalProblem

SMALL = st.integers(-4, 4)


@st.composite
def problems(draw: st.DrawFn, tall: bool = False) -> DiagonalProblem:
    d = draw(st.integers(1, 4))
    n = draw(st.integers(d, 5) if tall else st.integers(1, 5))
    X = draw(st.lists(st.lists(SMALL, min_size=d, max_size=d), min_size=n, max_size=n))
    problem = DiagonalProblem(X, draw(st.lists(SMALL, min_size=n, max_size=n)))
    if tall:
        assume(problem.quadratic.rank() == d)
    return problem
