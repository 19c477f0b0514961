"""All saddles, their stability, and general position."""

from __future__ import annotations

import itertools
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from saddlesym import BadInputError, BudgetError, DiagonalProblem, saddle_path, saddles
from saddlesym.diagonal import (
    GeneralPosition,
    Saddle,
    SaddleFamily,
    constrained_minimiser,
    general_position,
)
from saddlesym.recheck.saddles import certify_saddles

SMALL = st.integers(-3, 3)


@st.composite
def small_problems(draw: st.DrawFn) -> DiagonalProblem:
    n, d = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    X = draw(st.lists(st.lists(SMALL, min_size=d, max_size=d), min_size=n, max_size=n))
    return DiagonalProblem(X, draw(st.lists(SMALL, min_size=n, max_size=n)))


def hessian(problem: DiagonalProblem, u: list[Fraction], v: list[Fraction]) -> sympy.Matrix:
    """The Hessian of F(u, v) = L(u ⊙ v) by direct differentiation."""
    d = problem.d
    U, V = sympy.symbols(f"u:{d}"), sympy.symbols(f"v:{d}")
    beta = [a * b for a, b in zip(U, V, strict=True)]
    M, r = problem.M, problem.r
    F = sum(sympy.Rational(str(M[i][j])) * beta[i] * beta[j] / 2 for i in range(d) for j in range(d)) - sum(
        sympy.Rational(str(r[i])) * beta[i] for i in range(d)
    )
    point = {s: sympy.Rational(str(x)) for s, x in zip([*U, *V], [*u, *v], strict=True)}
    return sympy.hessian(F, [*U, *V]).subs(point)


def inertia(matrix: sympy.Matrix) -> tuple[int, int]:
    """Negative and zero eigenvalues, exactly, by the signs of the characteristic polynomial."""
    x = sympy.Symbol("x")
    coefficients = matrix.charpoly(x).all_coeffs()
    nullity = next(k for k, c in enumerate(reversed(coefficients)) if c != 0)
    # all roots are real, so Descartes' rule counts the negative ones exactly
    flipped = [c * (-1) ** k for k, c in enumerate(coefficients) if c != 0]
    signs = [1 if c > 0 else -1 for c in flipped]
    return sum(a != b for a, b in itertools.pairwise(signs)), nullity


@given(small_problems())
def test_index_and_nullity_are_those_of_the_hessian(problem: DiagonalProblem) -> None:
    for item in itertools.islice(saddles(problem), 12):
        point = item.beta if isinstance(item, Saddle) else generic(item)
        u = [Fraction(2) if i in item.support else Fraction(0) for i in range(problem.d)]
        v = [x / 2 for x in point]
        H = hessian(problem, u, v)
        assert inertia(H) == (item.morse_index, item.nullity)


def generic(family: SaddleFamily) -> list[Fraction]:
    """A point of the family that is not zero anywhere on its support."""
    for k in itertools.count(1):
        point = [
            x + sum(Fraction(k**m, 7) * v[i] for m, v in enumerate(family.directions, 1))
            for i, x in enumerate(family.point)
        ]
        if all(point[i] != 0 for i in family.support):
            return point
    raise AssertionError


@given(small_problems())
def test_list_is_certified_and_matches_the_definition(problem: DiagonalProblem) -> None:
    found = list(saddles(problem))
    document = {
        "problem": problem.to_dict(),
        "max_support": problem.d,
        "complete": True,
        "saddles": [s.to_dict() for s in found],
    }
    certificate = certify_saddles(document)
    assert certificate.holds, certificate.failures
    for item in found:
        if isinstance(item, Saddle):
            assert constrained_minimiser(problem, item.support).beta == item.beta
            assert item.unstable == tuple(sorted(item.unstable, key=lambda u: -u.rate))
            assert len(item.unstable) == item.morse_index


@given(small_problems())
def test_the_path_visits_listed_saddles_and_strictness(problem: DiagonalProblem) -> None:
    found = {tuple(s.beta): s for s in saddles(problem) if isinstance(s, Saddle)}
    try:
        path = saddle_path(problem)
    except Exception as error:
        assert "not unique" in str(error)
        return
    for jump in path.jumps:
        twins = any(
            problem.M[i][i] == problem.M[j][j] == abs(problem.M[i][j])
            for i, j in itertools.combinations(jump.support, 2)
        )
        if not twins:
            assert found[tuple(jump.beta)].loss == jump.loss
    losses = [s.loss for s in saddles(problem)]
    assert all((s.loss == min(losses)) == s.is_minimum for s in saddles(problem))


def test_diabetes_has_one_saddle_per_active_set() -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    found = list(saddles(problem))
    assert len(found) == 1024
    assert all(isinstance(s, Saddle) and s.morse_index == 10 - len(s.support) for s in found)
    assert sum(s.is_minimum for s in found) == 1
    some = found[700]
    X, y = np.array(problem.X, dtype=float), np.array(problem.y, dtype=float)
    fit = np.linalg.lstsq(X[:, some.support], y, rcond=None)[0]
    assert [float(some.beta[i]) for i in some.support] == pytest.approx(list(fit), rel=1e-8)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to read its own peak memory")
def test_enumeration_is_lazy_and_does_not_keep_what_it_yields() -> None:
    """Peak memory of the whole process, FLINT's included, for 4096 saddles against 256."""
    code = r"""if True:
        import re, sys
        from pathlib import Path
        import numpy as np
        from saddlesym import DiagonalProblem, saddles
        rng = np.random.default_rng(3)
        d = int(sys.argv[1])
        problem = DiagonalProblem(rng.integers(-9, 10, (20, d)), rng.integers(-9, 10, 20))
        count = sum(1 for _ in saddles(problem))
        # the high-water mark of this process alone: getrusage would inherit that of its parent
        print(count, *re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()))
    """
    small, large = (
        subprocess.run(
            [sys.executable, "-c", code, d], capture_output=True, text=True, check=True
        ).stdout.split()
        for d in ("8", "12")
    )
    assert (small[0], large[0]) == ("256", "4096")
    assert int(large[1]) - int(small[1]) < 2000  # kilobytes; a list of them takes more


def test_refusals() -> None:
    problem = DiagonalProblem([[1] * 30], [1])
    with pytest.raises(BudgetError, match="--max-support"):
        saddles(problem)
    assert len(list(saddles(problem, max_support=1))) == 31
    with pytest.raises(BadInputError, match="max_support"):
        saddles(problem, max_support=-1)
    wide = DiagonalProblem([[(i * j * j + 3 * j) % 17 - 8 for j in range(60)] for i in range(20)], [1] * 20)
    with pytest.raises(BudgetError, match="general position"):
        general_position(wide)


def breaks_definition(problem: DiagonalProblem) -> bool:
    """PF23, Assumption 1, word for word: spans of k signed columns, and the other signed columns."""
    columns = [sympy.Matrix([sympy.Rational(str(row[j])) for row in problem.X]) for j in range(problem.d)]
    for k in range(1, min(problem.n, problem.d) + 1):
        for chosen in itertools.combinations(range(problem.d), k):
            for signs in itertools.product((1, -1), repeat=k):
                base = [s * columns[i] for i, s in zip(chosen, signs, strict=True)]
                span = [v - base[0] for v in base[1:]]
                for j in set(range(problem.d)) - set(chosen):
                    for target in (columns[j], -columns[j]):
                        system = sympy.Matrix.hstack(*span, target - base[0])
                        left = sympy.Matrix.hstack(*span) if span else sympy.zeros(problem.n, 0)
                        if system.rank() == (left.rank() if span else 0):
                            return True
    return False


@given(st.integers(0, 10**6))
def test_general_position_matches_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    X = rng.integers(-2, 3, (n, d)).tolist()
    problem = DiagonalProblem(X, [1] * n)
    answer = general_position(problem)
    assert answer.holds != breaks_definition(problem)
    if not answer.holds:
        assert_is_witness(problem, answer)


def assert_is_witness(problem: DiagonalProblem, answer: GeneralPosition) -> None:
    assert any(answer.coefficients)
    assert sum(answer.coefficients) == 0
    assert len(answer.columns) <= min(problem.n, problem.d) + 1
    for row in problem.X:
        terms = zip(answer.columns, answer.signs, answer.coefficients, strict=True)
        assert sum(c * s * row[i] for i, s, c in terms) == 0


def test_general_position_of_known_cases() -> None:
    assert general_position(DiagonalProblem([[1, 0], [0, 1], [1, 1]], [1, 2, 3])).holds
    twins = general_position(DiagonalProblem([[1, 2, -1], [3, 1, -3]], [1, 2]))
    assert set(twins.columns) == {0, 2}
    gram = DiagonalProblem.from_gram([[1, 1], [1, 1]], [1, 1])
    assert not general_position(gram).holds
