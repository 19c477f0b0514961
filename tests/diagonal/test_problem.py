"""The problem: loss, gradient, preparation, and the ways to make one."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlesym import BadInputError, DiagonalProblem

Q = st.fractions(-5, 5, max_denominator=6)


@given(st.lists(st.tuples(Q, Q, Q), min_size=1, max_size=5), st.tuples(Q, Q))
def test_loss_and_gradient_follow_the_definition(
    rows: list[tuple[Fraction, ...]], beta: tuple[Fraction, Fraction]
) -> None:
    X, y = [row[:2] for row in rows], [row[2] for row in rows]
    problem = DiagonalProblem(X, y)
    n = len(rows)
    residuals = [x[0] * beta[0] + x[1] * beta[1] - t for x, t in zip(X, y, strict=True)]
    assert problem.loss(beta) == sum(e * e for e in residuals) / (2 * n)
    assert problem.gradient(beta) == tuple(
        sum(e * x[j] for e, x in zip(residuals, X, strict=True)) / n for j in (0, 1)
    )
    form = problem.quadratic
    solution = form.solve([0])
    if solution is not None:
        point = form.beta_vector([0], *solution)
        assert form.gradient_vector(form.slope([0], *solution), solution[1]) == problem.gradient(point)
        assert Fraction(str(form.loss([0], *solution))) == problem.loss(point)


@given(st.lists(st.tuples(Q, Q), min_size=2, max_size=6))
def test_centring_and_scaling_are_exact(rows: list[tuple[Fraction, Fraction]]) -> None:
    problem = DiagonalProblem([[x] for x, _ in rows], [y for _, y in rows])
    centred = problem.centred()
    assert sum(row[0] for row in centred.X) == 0
    assert sum(centred.y) == 0
    assert centred.X[0][0] - centred.X[1][0] == rows[0][0] - rows[1][0]
    values = [x for x, _ in rows]
    if len(set(values)) > 1:
        scaled = problem.scaled()
        (unit,) = scaled.scale or ()
        assert float(unit) == pytest.approx(float(np.std([float(v) for v in values])), abs=6e-4, rel=6e-3)
        assert [row[0] for row in scaled.X] == [v / unit for v in values]
        assert scaled.centred().M == problem.centred().scaled().M


def test_scale_is_the_rounded_population_standard_deviation() -> None:
    problem = DiagonalProblem.from_csv("diabetes").scaled()
    X = np.array(DiagonalProblem.from_csv("diabetes").X, dtype=float)
    assert problem.scale == tuple(Fraction(str(round(v, 3))) for v in X.std(axis=0).tolist())
    tiny = DiagonalProblem([["0.00001"], ["0.00002"], ["0.00004"]], [1, 2, 3]).scaled()
    exact = math.sqrt(14 / 9) * 1e-5
    assert float(tiny.scale[0]) == pytest.approx(exact, rel=5e-3)
    assert DiagonalProblem([[0], [2]], [0, 1]).scaled().scale == (1,)


def test_diabetes_columns_agree_with_the_original_table() -> None:
    problem = DiagonalProblem.from_csv("diabetes")
    assert (problem.n, problem.d) == (442, 10)
    assert problem.X[0] == tuple(
        map(Fraction, ["59", "2", "32.1", "101", "157", "93.2", "38", "4", "4.8598", "87"])
    )
    assert problem.y[:3] == (151, 75, 141)
    assert sum(problem.y) == 67243


def test_sources_give_the_same_problem(tmp_path: Path) -> None:
    X, y = [[0.1, 2.0], [3.0, -4.5], [1.0, 1.0]], [1.0, 0.25, 2.0]
    plain = DiagonalProblem(X, y)
    np.savez(tmp_path / "data.npz", X=X, y=y)
    np.savez(tmp_path / "gram.npz", M=[[2, 1], [1, 2]], r=[1, 0], feature_names=["p", "q"])
    (tmp_path / "data.csv").write_text("a,b,t\n0.1,2,1\n3,-4.5,1/4\n1e0,1.0,2\n")
    frame = pd.DataFrame(X, columns=["a", "b"])
    others: list[Any] = [
        DiagonalProblem(np.array(X), np.array(y)),
        DiagonalProblem(frame, pd.Series(y)),
        DiagonalProblem.from_csv(tmp_path / "data.csv"),
        DiagonalProblem.from_npz(tmp_path / "data.npz"),
        DiagonalProblem.from_dict(json.loads(json.dumps(plain.to_dict()))),
    ]
    for other in others:
        assert (other.X, other.y) == (plain.X, plain.y)
    assert DiagonalProblem(frame, y).feature_names == ("a", "b")
    assert DiagonalProblem.from_csv(tmp_path / "data.csv", target="a").feature_names == ("b", "t")
    assert DiagonalProblem.from_csv(tmp_path / "data.csv", target=0).y == (Fraction(1, 10), 3, 1)
    gram = DiagonalProblem.from_npz(tmp_path / "gram.npz")
    assert (gram.feature_names, gram.r) == (("p", "q"), (1, 0))
    assert DiagonalProblem.from_dict(gram.to_dict(), ["p", "q"]).M == gram.M
    prepared = plain.centred().scaled()
    again = DiagonalProblem.from_dict(prepared.to_dict())
    assert (again.X, again.scale, again.is_centred) == (prepared.X, prepared.scale, True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DiagonalProblem([], []), "X is empty"),
        (lambda: DiagonalProblem([[]], [1]), "X is empty"),
        (lambda: DiagonalProblem([[1]], [1, 2]), "1 rows but y has 2"),
        (lambda: DiagonalProblem([[1, 2]], [1], feature_names=["a"]), "1 feature names for 2"),
        (lambda: DiagonalProblem([[1, 2]], [1], feature_names=["a", "a"]), "'a' appears twice"),
        (lambda: DiagonalProblem([[float("nan")]], [1]), r"X\[0\]\[0\]: nan is not finite"),
        (lambda: DiagonalProblem([[1]], ["x"]), r"y\[0\]: 'x' is not a number"),
        (lambda: DiagonalProblem([[1]], [1]).loss([1, 2]), "beta has 2 entries"),
        (lambda: DiagonalProblem.from_gram([[1, 2], [0, 1]], [1, 1]), r"M\[1, 0\] differs"),
        (lambda: DiagonalProblem.from_gram([[1, 2], [2, 1]], [1, 1]), "negative eigenvalue"),
        (lambda: DiagonalProblem.from_gram([[1, 1], [1, 1]], [1, 0]), "not in the range"),
        (lambda: DiagonalProblem.from_gram([[1]], [1, 2]), "M is 1 × 1 and r has 2"),
        (lambda: DiagonalProblem.from_gram([[1]], [1]).centred(), "needs the data"),
        (lambda: DiagonalProblem.from_gram([[1]], [1]).X, "X needs the data"),
    ],
)
def test_bad_problems_are_refused(make: Any, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        make()
