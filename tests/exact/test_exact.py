"""The gate to exact numbers, vectors, text and linear algebra."""

from __future__ import annotations

import pickle
import sys
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sympy
from flint import fmpq, fmpz, fmpz_mat
from hypothesis import given
from hypothesis import strategies as st

from saddlesym import BadInputError, DiagonalProblem, RationalVector, certify, rational, saddle_path
from saddlesym.exact.linear.rational import independent_columns, is_positive_semidefinite, kernel, solve
from saddlesym.exact.scalars import exact_rows, exact_vector, fraction
from saddlesym.exact.text import abbreviated, decimal_string, exact_string

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, Fraction(3)),
        (True, Fraction(1)),
        (np.bool_(True), Fraction(1)),
        (np.int8(-7), Fraction(-7)),
        (TENTH, TENTH),
        (Decimal("0.10"), TENTH),
        (Decimal("-1E+3"), Fraction(-1000)),
        (0.1, TENTH),
        (np.float64(0.1), TENTH),
        (np.float32(0.1), TENTH),
        (np.float16(0.1), TENTH),
        (np.longdouble("0.1"), TENTH),
        (1e22, Fraction(10**22)),
        ("0.1", TENTH),
        (" -.5e+1 ", Fraction(-5)),
        ("5.", Fraction(5)),
        ("1/10", TENTH),
        ("-6 / 4", Fraction(-3, 2)),
        ("+7", Fraction(7)),
        (sympy.Rational(1, 10), TENTH),
        (sympy.Integer(4), Fraction(4)),
        (sympy.QQ(1, 10), TENTH),
        (fmpq(1, 10), TENTH),
        (fmpz(-2), Fraction(-2)),
    ],
)
def test_gate_reads_exactly(value: Any, expected: Fraction) -> None:
    result = rational(value)
    assert type(result) is Fraction
    assert type(result.numerator) is int
    assert result == expected


def test_floats_mean_their_binary_value_when_asked() -> None:
    assert rational(0.1, floats="binary") == Fraction(0.1)
    assert rational(np.float32(0.1), floats="binary") == Fraction(float(np.float32(0.1)))


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "abc", "1,5", "nan", "inf", "-Infinity", "1/0", "0x10", "1_000", "1e", ".", "--1", "٣",
        "1e99999", "1" * 10_001, "1e-999999999999", "2**3", "1+1", "__import__('os')", "9" * 10**6,
        float("nan"), float("inf"), Decimal("NaN"), Decimal("1E+999999"), np.float32("nan"), 1j, None,
        object(), sympy.sqrt(2), sympy.Float(1), [1], b"1",
    ],
)  # fmt: skip
def test_gate_refuses_in_one_short_line(value: Any) -> None:
    with pytest.raises(BadInputError) as caught:
        rational(value)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 250


@given(st.fractions(max_denominator=10**12))
def test_text_of_a_rational_reads_back(q: Fraction) -> None:
    assert rational(exact_string(q)) == q


@given(st.fractions(max_denominator=10**9), st.integers(1, 40))
def test_decimals_are_the_nearest(q: Fraction, digits: int) -> None:
    text = decimal_string(q, digits)
    value = rational(text)
    mantissa = text.lower().partition("e")[0].lstrip("-").replace(".", "").lstrip("0")
    assert len(mantissa.rstrip("0")) <= digits
    if q:
        unit = Fraction(10) ** (_leading_exponent(abs(q)) - digits + 1)
        assert abs(value - q) <= unit / 2
    else:
        assert text == "0"


def _leading_exponent(q: Fraction) -> int:
    e = 0
    while q >= Fraction(10) ** (e + 1):
        e += 1
    while q < Fraction(10) ** e:
        e -= 1
    return e


def test_decimal_strings_of_hard_cases() -> None:
    assert decimal_string(Fraction(99999, 100000), 3) == "1.00"
    assert decimal_string(Fraction(1, 8), 2) == "0.12"
    assert decimal_string(Fraction(3, 8), 2) == "0.38"
    assert decimal_string(10**30) == "1e+30"
    assert decimal_string(Fraction(-1, 3 * 10**9), 5) == "-3.3333e-10"
    assert decimal_string(1200, 2) == "1200"


def test_numbers_longer_than_pythons_limit_pass_through() -> None:
    limit = sys.get_int_max_str_digits()
    q = Fraction(3**20_000, 2)
    assert len(exact_string(q)) > limit
    assert "9543 digits" in abbreviated(Fraction(3**20_000)).replace("/", " ")
    assert decimal_string(q, 5).endswith("e+9542")
    assert sys.get_int_max_str_digits() == limit


def test_frames_of_mixed_columns_lose_nothing() -> None:
    frame = pd.DataFrame(
        {"big": [2**60 + 1, 3], "half": [0.5, 1.5], "narrow": np.array([0.1, 2], dtype=np.float32)}
    )
    assert exact_rows(frame, "X") == [[2**60 + 1, fmpq(1, 2), fmpq(1, 10)], [3, fmpq(3, 2), 2]]
    with pytest.raises(BadInputError, match=r"X\['big'\]\[1\]"):
        exact_rows(pd.DataFrame({"big": [1, None]}), "X")
    with pytest.raises(BadInputError, match="floats='octal'"):
        exact_rows([[1]], "X", "octal")  # type: ignore[arg-type]


def test_vectors_and_results_survive_pickling() -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    path = saddle_path(problem, max_jumps=4)
    for copy in (pickle.loads(pickle.dumps(path)), deepcopy(path)):
        assert copy.jumps == path.jumps
        assert copy.problem.M == problem.M
        assert copy.problem.feature_names == problem.feature_names
        assert certify(copy).holds


def test_arrays_frames_and_lists_give_the_same_rows() -> None:
    expected = [[fmpq(1, 10), fmpq(2)], [fmpq(-3), fmpq(1, 4)]]
    rows = [[0.1, 2.0], [-3.0, 0.25]]
    for table in (
        rows,
        tuple(map(tuple, rows)),
        np.array(rows),
        pd.DataFrame(rows),
        np.array(rows, dtype=object),
    ):
        assert exact_rows(table, "X") == expected
    assert exact_rows(np.array(rows, dtype=np.float32), "X") == expected
    assert exact_vector(np.array([[1], [2]]), "y") == [1, 2]
    assert exact_vector(pd.Series([0.1, 2]), "y") == [fmpq(1, 10), 2]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2], [3]], r"X\[1\] has 1 entries"),
        ([[1, 2], [3, "x"]], r"X\[1\]\[1\]: 'x' is not a number"),
        ([1, 2], "not two-dimensional"),
        ("12", "not two-dimensional"),
        (np.zeros((2, 2, 2)), r"X\[0\]\[0\]"),
        (5, "not two-dimensional"),
    ],
)
def test_bad_tables_say_where(table: Any, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        exact_rows(table, "X")


def test_vector_behaves_like_a_tuple_of_fractions() -> None:
    v = RationalVector.of(["1/2", 0, -3])
    assert (v[0], v[-1], v[:2]) == (Fraction(1, 2), -3, (Fraction(1, 2), Fraction(0)))
    assert v == (Fraction(1, 2), 0, -3)
    assert v == RationalVector(fmpz_mat([[2], [0], [-12]]), fmpz(4))
    assert hash(v) == hash(RationalVector(fmpz_mat([[2], [0], [-12]]), fmpz(4)))
    assert v != (1, 0, -3)
    assert v != (Fraction(1, 2), 0)
    assert (v.signs(), v.support(), v.strings()) == ((1, 0, -1), (0, 2), ["1/2", "0", "-3"])
    assert repr(v) == "(1/2, 0, -3)"
    assert v.decimals(3) == ["0.5", "0", "-3"]
    with pytest.raises(IndexError, match="index 3"):
        v[3]


SQUARE = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.lists(st.integers(-3, 3), min_size=k, max_size=k), min_size=k, max_size=k)
)


@given(SQUARE)
def test_linear_algebra_against_sympy(rows: list[list[int]]) -> None:
    A, S = fmpz_mat(rows), sympy.Matrix(rows)
    k = len(rows)
    right = fmpz_mat(k, 1, list(range(1, k + 1)))
    solution = solve(A, right)
    if S.det() == 0:
        assert solution is None
    else:
        assert solution is not None
        assert A * solution[0] == right * solution[1]
        assert solution[1] > 0
    basis = kernel(A)
    assert len(basis) == k - S.rank()
    assert all(A * fmpz_mat(k, 1, v) == fmpz_mat(k, 1) for v in basis)
    assert tuple(independent_columns(A)) == S.rref()[1]
    symmetric = S + S.T
    psd = is_positive_semidefinite(fmpz_mat([[int(x) for x in symmetric.row(i)] for i in range(k)]))
    assert psd == symmetric.is_positive_semidefinite
    assert is_positive_semidefinite(A.transpose() * A)


@given(st.fractions())
def test_fractions_from_flint_are_canonical(q: Fraction) -> None:
    result = fraction(fmpq(q.numerator, q.denominator))
    assert (result.numerator, result.denominator) == (q.numerator, q.denominator)
    assert hash(result) == hash(q)
