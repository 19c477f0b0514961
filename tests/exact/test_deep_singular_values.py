"""Exact singular values: known ones, multiplicities, and laws that hold within the balls."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, ctx

from saddlesym import BadInputError, Ball, DegenerateProblemError
from saddlesym.deep import RealRoot, singular_values

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
GOLDEN_FACTOR = [[0, 0, 1, 0], [0, 3, 0, 0], [0, 0, 0, -3], [1, 0, 0, 0], [0, 0, 0, 0]]

MATRICES = [
    TARGET,
    [[1, 2], [2, 4]],  # rank one
    [[1, 1, 0], [0, 1, 1]],
    [[1, 1], [1, 0]],  # the golden ratio
    GOLDEN_FACTOR,  # 3, 3, 1, 1 and a zero row
    [["1/2", "-1/3", 2], [0, 5, "7/9"], [1, 1, 1], [3, -2, "1/10"]],
    [[0, 0], [0, 0]],
    [["7/3"]],
]


def gap(a: Ball, b: object) -> float:
    other = b.arb if isinstance(b, Ball) else arb(str(b))
    return float(abs(a.arb - other).upper())


@pytest.mark.parametrize("matrix", MATRICES)
def test_they_agree_with_numpy_and_their_squares_add_up_to_the_trace(matrix):
    found = singular_values(matrix)
    floats = np.linalg.svd(np.array([[float(Fraction(q)) for q in row] for row in matrix]))[1]
    expected = [s for s in floats if s > 1e-12]
    listed = [float(v) for v in found.values for _ in range(v.multiplicity)]
    assert len(listed) == found.rank == len(expected)
    assert np.allclose(listed, expected, rtol=1e-12)
    trace = sum(Fraction(q) ** 2 for row in matrix for q in row)
    with ctx.workprec(300):
        total = sum((v.square.arb() * v.multiplicity for v in found.values), arb(0))
    assert Ball(total).contains(trace)
    assert float(total.rad()) < 1e-50


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("digits", [10, 60])
def test_components_add_up_to_the_matrix_and_are_orthogonal(matrix, digits):
    found = singular_values(matrix)
    whole = found.combination([True] * len(found.values), digits)
    parts = [found.component(k, digits) for k in range(len(found.values))]
    for i, row in enumerate(matrix):
        for j, q in enumerate(row):
            assert whole[i][j].contains(Fraction(q))
            assert whole[i][j].digits >= digits - 2
    with ctx.workprec(4 * digits + 64):
        for a in range(len(parts)):
            for b in range(a + 1):
                entries = [
                    x.arb * y.arb
                    for p, q in zip(parts[a], parts[b], strict=True)
                    for x, y in zip(p, q, strict=True)
                ]
                product = sum(entries, arb(0))
                value = found.values[a]
                square = value.square.arb() * value.multiplicity if a == b else arb(0)
                assert product.overlaps(square)
                assert float(product.rad()) < 10.0 ** (3 - digits)


@pytest.mark.parametrize("matrix", [m for m in MATRICES if singular_values(m).is_simple])
def test_vectors_are_unit_and_paired(matrix):
    found = singular_values(matrix)
    for k, value in enumerate(found.values):
        u, v = found.vectors(k, 40)
        with ctx.workprec(200):
            for vector in (u, v):
                length = sum((x.arb * x.arb for x in vector), arb(0))
                assert length.overlaps(arb(1))
                assert float(length.rad()) < 1e-35
            for i, row in enumerate(matrix):
                image = sum((_arb(q) * x.arb for q, x in zip(row, v, strict=True)), arb(0))
                assert image.overlaps(value.arb() * u[i].arb)
        floats = [float(x) for x in (u if len(matrix) < len(matrix[0]) else v)]
        assert max(floats) > max(map(abs, floats)) - 1e-12


def _arb(q: object) -> arb:
    value = Fraction(q)
    return arb(value.numerator) / value.denominator


def test_known_values():
    found = singular_values(TARGET)
    assert [f"{float(v.inverse()):.5f}" for v in found.values] == ["0.27307", "0.58129", "1.25997"]
    assert [v.square.degree for v in found.values] == [3, 3, 3]
    assert {v.square.polynomial for v in found.values} == {(-25, 50, -17, 1)}
    golden = singular_values([[1, 1], [1, 0]]).values
    assert [v.sympy() for v in golden] == [(1 + sympy.sqrt(5)) / 2, (sympy.sqrt(5) - 1) / 2]
    assert golden[0].minimal_polynomial == (-1, -1, 1)
    assert [v.minimal_polynomial for v in golden][1] == (-1, 1, 1)
    threes = singular_values(GOLDEN_FACTOR).values
    assert [(v.rational, v.multiplicity) for v in threes] == [(3, 2), (1, 2)]
    assert singular_values([[1, 1, 0], [0, 1, 1]]).values[0].rational is None
    assert singular_values([[1, 1, 0], [0, 1, 1]]).values[0].rational_square == 3


def test_sympy_intervals_and_balls_name_the_same_number():
    for value in singular_values(TARGET).values + singular_values(MATRICES[5]).values:
        low, high = value.interval(40)
        assert 0 < low < high < low * (1 + Fraction(1, 10**38))
        exact = value.sympy()
        assert abs(sympy.N(exact, 50) - sympy.Float(value.ball(60).decimal()[0], 60)) < 1e-45
        polynomial = sympy.Poly(list(reversed(value.square.polynomial)), sympy.Symbol("x"))
        squares = sympy.Rational(low) ** 2, sympy.Rational(high) ** 2
        assert polynomial.count_roots(*squares) == 1
        assert isinstance(value.square, RealRoot)


def test_close_singular_values_are_told_apart():
    tiny = Fraction(1, 10**40)
    values = singular_values([[1, 0], [0, 1 + tiny]]).values
    assert [v.rational for v in values] == [1 + tiny, 1]
    near = singular_values([[1, tiny], [0, 1]]).values  # irrational, differing by 1e-40
    assert len(near) == 2
    assert gap(near[0].ball(60), near[1].ball(60)) < 2e-40
    assert bool(near[0].ball(60).arb > near[1].ball(60).arb)


def test_random_matrices_of_known_singular_values():
    generator = random.Random(7)
    c, s = Fraction(3, 5), Fraction(4, 5)
    for _ in range(10):
        d = sorted(
            (Fraction(generator.randint(1, 9), generator.randint(1, 4)) for _ in range(2)), reverse=True
        )
        rotated = [[c * d[0], -s * d[1]], [s * d[0], c * d[1]], [0, 0]]
        found = [v.rational for v in singular_values(rotated).values for _ in range(v.multiplicity)]
        assert found == d


def test_repeated_values_have_no_vectors_and_bad_input_is_refused():
    with pytest.raises(DegenerateProblemError, match="multiplicity 2"):
        singular_values([[1, 0], [0, 1]]).vectors(0)
    with pytest.raises(BadInputError, match="not finite"):
        singular_values([[float("inf")]])
    with pytest.raises(BadInputError, match="one for each of 1"):
        singular_values([[1, 0], [0, 1]]).combination([True, False])
