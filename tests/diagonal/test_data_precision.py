"""Data known to so many digits: where a path fits no more than their rounding, and stops that a user sets."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saddlesym import BadInputError, DiagonalProblem, saddle_path
from saddlesym.cli.main import main
from saddlesym.diagonal.path.data_precision import Stop, fits_to_rounding, loss_rounding, residual_rounding
from saddlesym.exact.rounding import Rounding
from saddlesym.exact.scalars import whole_number

SHRINKING = ([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])


def five_atoms() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X, beta = rng.integers(-(2**40), 2**40, (30, 60)) / 2**41, np.zeros(60)
    beta[[3, 25, 38, 50, 59]] = [3.1, -2.2, 1.3, -1.4, 0.7]
    return X, np.array([sum(a * b for a, b in zip(row, beta, strict=True)) for row in X.tolist()])


def corners(problem: DiagonalProblem, rounding: Rounding, beta: list[Fraction]) -> list[tuple[Fraction, ...]]:
    """For each row, its residuals over the corners of all data within the rounding."""
    deltas, out = (*rounding.X, rounding.y), []
    for row, target in zip(problem.X, problem.y, strict=True):
        out.append(
            tuple(
                sum((x + s * delta) * b for x, s, delta, b in zip(row, signs, deltas, beta, strict=False))
                - (target + signs[-1] * deltas[-1])
                for signs in product((-1, 1), repeat=len(deltas))
            )
        )
    return out


def test_a_fit_to_rounding_is_an_exact_fit_of_some_data_within_it() -> None:
    rng, answers = random.Random(7), []
    for _ in range(300):
        n, d = rng.randint(1, 3), rng.randint(1, 3)
        X = [[Fraction(rng.randint(-9, 9), 3) for _ in range(d)] for _ in range(n)]
        problem = DiagonalProblem(X, [rng.randint(-3, 3) for _ in range(n)])
        rounding = Rounding(
            tuple(Fraction(rng.randint(0, 6), 4) for _ in range(d)), Fraction(rng.randint(0, 3), 2)
        )
        beta = [Fraction(rng.randint(-2, 2), 2) for _ in range(d)]
        # a residual is affine in the data: it takes every value between those at two corners
        truth = all(min(row) <= 0 <= max(row) for row in corners(problem, rounding, beta))
        loss = problem.loss(beta)
        assert fits_to_rounding(problem, beta, rounding) is truth
        assert fits_to_rounding(problem, beta, rounding, loss) is truth
        assert not truth or loss <= loss_rounding(rounding, beta)
        spread = max(max(row) - min(row) for row in corners(problem, rounding, beta)) / 2
        assert spread == residual_rounding(rounding, beta)
        answers.append(truth)
    assert 60 < sum(answers) < 240


def test_residuals_are_plain_sums_and_need_data() -> None:
    problem = DiagonalProblem(*SHRINKING).centred()
    beta = [Fraction(1, 3), 0, -2, 1]
    rows = zip(problem.X, problem.y, strict=True)
    assert problem.residual(beta) == [
        sum(a * b for a, b in zip(row, beta, strict=True)) - t for row, t in rows
    ]
    with pytest.raises(BadInputError, match="needs the data"):
        DiagonalProblem.from_gram([[1]], [1]).residual([0])


def test_five_atoms_in_floats_are_five_jumps() -> None:
    problem = DiagonalProblem(*five_atoms())
    path = saddle_path(problem, data_precision=True)
    assert path.final.support() == (3, 25, 38, 50, 59)
    assert (path.complete, path.horizon) == (False, path.times()[-1])
    assert 0 < path.jumps[-1].loss < Fraction(1, 10**28)
    further = saddle_path(problem, max_jumps=len(path.jumps) + 2)
    assert further.jumps[: len(path.jumps)] == path.jumps
    assert len(further.jumps) == len(path.jumps) + 2


@pytest.mark.parametrize(
    ("X", "y", "jumps", "all_jumps"),
    [
        ([[3, 1], [1, 2]], [1, 0.33333333333333331], 1, 2),  # y = X (1/3, 0)
        ([[3, 1], [1, 2]], [1, 1 / 3], 1, 2),
        ([[7, 1], [1, 3]], [0.7, 0.1], 1, 1),  # the decimals fit exactly
        ([[7, 1], [3, 2]], [1, 3 / 7], 1, 2),
        ([[1.0, 1 / 3], [3, -2]], [1 / 3, 1], 1, 2),
        ([[3, 1], [1, 2]], ["1.000", "0.333"], 1, 2),
        ([["3.00", 1], ["0.33", 2]], [9, 1], 1, 2),  # y = 3 (3, 1/3)
        ([["3.00", 1], ["0.31", 2]], [9, 1], 2, 2),
        ([[1, 0], [0, 1]], [1, 1e-17], 2, 2),  # y is known that well: both are signal
        ([[3, 1], [1, 2]], [1, Fraction(3333, 10000)], 2, 2),
        (np.array([[3, 1], [1, 2]], np.float32), np.array([1, 1 / 3], np.float32), 1, 2),
        ([[3, 1], [1, 2]], [10**16 + 1, 3333333333333333], 2, 2),
    ],
)
def test_paths_end_where_the_data_are_fitted_as_they_are_written(
    X: Any, y: Any, jumps: int, all_jumps: int
) -> None:
    problem = DiagonalProblem(X, y)
    whole, cut = saddle_path(problem), saddle_path(problem, data_precision=True)
    assert (len(cut.jumps), len(whole.jumps)) == (jumps, all_jumps)
    assert cut.jumps == whole.jumps[:jumps]
    assert cut.complete is (jumps == all_jumps)


@pytest.mark.parametrize("prepare", [lambda p: p, DiagonalProblem.centred, DiagonalProblem.scaled])
@pytest.mark.parametrize("size", ["0", "0.01", "1/5", "1", "9"])
def test_stops_are_where_the_whole_path_first_shows_them(prepare: Any, size: str) -> None:
    problem = prepare(DiagonalProblem(*SHRINKING))
    whole, limit = saddle_path(problem), Fraction(size)
    saddles = [((0,) * 4, whole.loss(0))] + [(jump.beta, jump.loss) for jump in whole.jumps]
    worst = [max(map(abs, problem.residual(beta))) for beta, _ in saddles]
    # a mean is wrong by as much as its numbers; columns are divided by their scale
    unit = limit * (2 if problem.is_centred else 1)
    scale = problem.scale or (1,) * 4
    known = [unit + sum(unit * abs(b) / s for b, s in zip(beta, scale, strict=True)) for beta, _ in saddles]
    last = len(saddles) - 1
    for name, where in (
        ("stop_loss", (k for k, (_, loss) in enumerate(saddles) if loss <= limit)),
        ("stop_residual", (k for k, w in enumerate(worst) if w <= limit)),
        ("data_precision", (k for k, (w, e) in enumerate(zip(worst, known, strict=True)) if w <= e)),
    ):
        first = next(where, last)
        found = saddle_path(problem, **{name: size})
        assert len(found.jumps) == first
        assert found.complete is (first == last)


def test_a_precision_is_that_of_the_numbers_as_given() -> None:
    problem = DiagonalProblem([[0, 0], [20, 2]], [0, 5]).centred().scaled()
    assert problem.scale == (10, 1)
    assert Stop.of(problem, data_precision="1/2").rounding == Rounding(
        (Fraction(1, 10), Fraction(1)), Fraction(1)
    )
    decimals = DiagonalProblem([[0, 0], ["20.00", "2.5"]], [0, "5.5"]).centred().scaled()
    assert decimals.scale == (10, Fraction(5, 4))
    rounding = Rounding((Fraction(0), Fraction(1, 10) / Fraction(5, 4)), Fraction(1, 10))
    assert Stop.of(decimals, data_precision="given").rounding == rounding


def test_reasons_are_said_in_words() -> None:
    problem = DiagonalProblem([[3, 1], [1, 2]], [1, 1 / 3])
    jump = saddle_path(problem, max_jumps=1).jumps[0]
    reason = Stop.as_given(problem).reached(problem, jump.beta, jump.loss)
    assert reason == "the loss 2.5e-34 is below the rounding of the data (residuals within 5.55e-17)"
    assert Stop.of(problem, stop_residual=1).reached(problem, jump.beta, jump.loss) == (
        "no residual is greater than 1"
    )
    assert Stop.as_given(DiagonalProblem([[1]], [1])) == Stop()
    assert Stop.as_given(DiagonalProblem.from_gram([[1]], [1])) == Stop()


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"stop_loss": -1}, "stop_loss is '-1'; needed: a number >= 0"),
        ({"stop_loss": "a"}, "stop_loss: 'a' is not a number"),
        ({"stop_residual": float("nan")}, "stop_residual: nan is not finite"),
        ({"stop_residual": -0.5}, "needed: a number >= 0"),
        ({"data_precision": "x"}, "data_precision: 'x' is not a number"),
        ({"data_precision": [1]}, "data_precision: "),
        ({"data_precision": np.array([1, 2])}, "data_precision: "),
        ({"data_precision": Rounding((), Fraction(1))}, "a rounding of 0 columns; needed: one of 4 columns"),
        ({"max_jumps": "a"}, "max_jumps is 'a'; needed: a whole number >= 0"),
        ({"max_jumps": 1.5}, "max_jumps is '1.5'"),
        ({"max_jumps": True}, "max_jumps is 'True'"),
        ({"max_jumps": -1}, "max_jumps is '-1'"),
        ({"until": "soon"}, "'soon' is not a number"),
    ],
)
def test_arguments_of_a_wrong_kind_are_refused(keywords: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInputError) as caught:
        saddle_path(DiagonalProblem(*SHRINKING), **keywords)
    assert said in str(caught.value)


@pytest.mark.parametrize("keyword", ["stop_residual", "data_precision"])
def test_residuals_of_a_gram_matrix_are_refused_and_its_loss_is_not(keyword: str) -> None:
    problem = DiagonalProblem.from_gram([[4, 0], [0, 9]], [6, -3])
    with pytest.raises(BadInputError, match="given by M and r"):
        saddle_path(problem, **{keyword: 1})
    with pytest.raises(BadInputError, match="not known"):
        saddle_path(problem, data_precision=True)
    assert len(saddle_path(problem, stop_loss=-4).jumps) == 1  # relative to an unknown L(0)


@pytest.mark.parametrize("digits", [-1, 0, "a", 10**9, 2.5, True, [3]])
def test_digits_of_a_wrong_kind_are_refused(digits: Any) -> None:
    path = saddle_path(DiagonalProblem(*SHRINKING))
    for call in (path.times, path.saddles, path.final.mpf, path.final.decimals, path.to_dict):
        with pytest.raises(BadInputError, match="needed: a whole number from 1 to 1000000"):
            call(digits)
    third = saddle_path(DiagonalProblem([[11]], [Fraction(3, 11)])).times(5)[0]
    assert 0 < abs(third - Fraction(1, 3)) < 1e-5


def test_whole_numbers_of_any_library_count() -> None:
    import sympy
    from flint import fmpz

    assert [whole_number(n, "n") for n in (3, np.int64(3), sympy.Integer(3))] == [3, 3, 3]
    with pytest.raises(BadInputError, match="from 1 to 2"):
        whole_number(np.array([1, 2]), "n", 1, 2)
    assert len(saddle_path(DiagonalProblem(*SHRINKING), max_jumps=np.int8(1)).jumps) == 1
    assert whole_number(int(fmpz(3)), "n", 3) == 3


def test_the_program_says_once_that_rounding_is_fitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "five.npz"
    X, y = five_atoms()
    np.savez(data, X=X, y=y)
    assert main(["path", str(data), "--max-jumps", "8"]) == 0
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert "what follows fits rounding errors; try: --data-precision given" in err
    assert "below the rounding" not in out
    assert main(["path", str(data), "--data-precision", "given"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "below the rounding of the data (residuals within" in out
    assert main(["path", str(data), "--stop-loss", "1e-20"]) == 0
    assert "The loss" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--stop-loss", "--stop-residual", "--data-precision"])
@pytest.mark.parametrize("value", ["-1", "nan", "x"])
def test_the_program_refuses_a_bad_stop_and_writes_nothing(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "p.json"
    assert main(["path", "sign-flip", f"{option}={value}", "--json", "-o", str(target)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), target.exists()) == ("", 1, False)


def test_a_path_that_was_stopped_is_a_document_that_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "p.json"
    assert main(["path", "sign-flip", "--stop-residual", "1/2", "--json", "-o", str(target)]) == 0
    assert main(["check", str(target)]) == 0
    assert "FALSE" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("3,1,1\n1,2,0.33333333333333331\n", True),
        ("3,1,1\n1,2,0.333\n", True),
        ("3,1,1\n1,2,0.32\n", False),
        ("3,1,9\n1,2,4\n", False),
    ],
)
def test_decimals_of_a_file_are_known_to_their_last_digit(
    text: str, warned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "thirds.csv"
    data.write_text(text)
    assert main(["path", str(data), "--no-header"]) == 0
    assert ("below the rounding of the data" in capsys.readouterr().err) is warned
    assert main(["path", str(data), "--no-header", "--data-precision", "given"]) == 0
    assert ("Stopped" in capsys.readouterr().out) is warned
