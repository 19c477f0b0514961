"""Escape from the origin: the optimum against brute force, its flow against integration."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from saddlesym import BadInputError, BudgetError, DeepLinearProblem, DegenerateProblemError, escape
from saddlesym.figures.deep.escape import draw_escape

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
MASK = [[1, 1, 0], [1, 0, 1], [0, 1, 1]]
DIAGONAL = [[3, 0], [0, 2]]
WIDE = [[2, 1, 0, 1], [0, 1, -1, 3]]

PROBLEMS = [
    DeepLinearProblem.whitened(TARGET),
    DeepLinearProblem.whitened(TARGET, depth=3),
    DeepLinearProblem.matrix_completion(TARGET, MASK, depth=4, hidden=2),
    DeepLinearProblem.whitened(WIDE, (4, 3, 1, 2)),
    DeepLinearProblem.squared_error([[1, 2, 0], [0, 1, 1]], [[1, 0, 2], [1, 1, 1]], depth=2),
]


def split(flat, shapes):
    parts, at = [], 0
    for rows, columns in shapes:
        parts.append(flat[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return parts


def leading(problem):
    """f = −H and its gradient on flat vectors, in floats, from G alone."""
    G = np.array(problem.gradient_at_origin, float)

    def value(flat):
        product = np.eye(G.shape[1])
        for w in split(flat, problem.shapes):
            product = w @ product
        return -(G * product).sum()

    def gradient(flat):
        parts = split(flat, problem.shapes)
        below = [np.eye(G.shape[1])]
        for w in parts:
            below.append(w @ below[-1])
        slope, out = -G, []
        for w, under in zip(reversed(parts), reversed(below[:-1]), strict=True):
            out.append((slope @ under.T).ravel())
            slope = w.T @ slope
        return np.concatenate(out[::-1])

    return value, gradient


def curvatures(problem, point):
    """Eigenvalues of the Hessian of −H on the unit sphere at a critical point."""
    value, gradient = leading(problem)
    assert np.allclose(gradient(point), problem.depth * value(point) * point, atol=1e-9)
    step, n = 1e-5, point.size
    H = np.array([gradient(point + step * e) - gradient(point - step * e) for e in np.eye(n)]) / (2 * step)
    P = np.eye(n) - np.outer(point, point)
    tangent = P @ (H - problem.depth * value(point) * np.eye(n)) @ P
    eigenvalues = np.linalg.eigvalsh((tangent + tangent.T) / 2)
    return np.delete(eigenvalues, np.abs(eigenvalues).argmin())  # the radial direction gives one zero


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_direction_is_a_unit_vector_of_the_stated_speed(problem):
    found = escape(problem)
    square, value, speed = found.optimality(50)
    assert square.contains(1)
    assert value.overlaps(speed)
    assert min(square.digits, value.digits, speed.digits) >= 50
    s = np.linalg.svd(np.array(problem.gradient_at_origin, float))[1][0]
    assert float(speed) == pytest.approx(s * problem.depth ** (-problem.depth / 2), rel=1e-12)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_projected_ascent_from_random_starts_finds_no_other_maximum(problem):
    value, gradient = leading(problem)
    generator = np.random.default_rng(5)
    for _ in range(12):
        theta = generator.normal(size=sum(a * b for a, b in problem.shapes))
        theta /= np.linalg.norm(theta)
        for _ in range(20_000):
            g = gradient(theta)
            moved = theta + 0.3 * g / np.linalg.norm(g)
            if value(moved) / np.linalg.norm(moved) ** problem.depth > value(theta):
                theta = moved / np.linalg.norm(moved)
                continue
            moved = theta + 0.2 * g
            moved /= np.linalg.norm(moved)
            if np.linalg.norm(moved - theta) < 1e-9:
                break
            theta = moved
        assert value(theta) == pytest.approx(float(escape(problem).speed()), rel=1e-6)
        for w in split(theta, problem.shapes):
            assert np.linalg.svd(w)[1][1:].max(initial=0) < 1e-3  # rank one
            assert np.linalg.norm(w) == pytest.approx(problem.depth**-0.5, rel=1e-3)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_bound_holds_at_random_points_and_is_sharp_at_the_optimum(problem):
    found = escape(problem)
    generator = random.Random(3)
    for _ in range(20):
        weights = [
            [
                [Fraction(generator.randint(-9, 9), generator.randint(1, 4)) for _ in range(c)]
                for _ in range(r)
            ]
            for r, c in problem.shapes
        ]
        bound = found.bound(weights)
        assert bound.holds
        assert float(bound.leading) <= float(bound.product) <= float(bound.sphere) * (1 + 1e-12)
    near = [[[Fraction(str(round(float(x), 12))) for x in row] for row in W] for W in found.direction()]
    bound = found.bound(near)
    assert bound.holds
    assert float(bound.leading) == pytest.approx(float(bound.sphere), rel=1e-10)


def embedded(problem, counts):
    """The critical point of −H for some modes, in floats; s_k b_k^{L−2} is constant, Σ b_k² = 1/L."""
    G = -np.array(problem.gradient_at_origin, float)
    u, s, vt = np.linalg.svd(G)
    L, modes = problem.depth, [k for k, r in enumerate(counts) if r]
    b = np.array([s[k] ** (-1 / (L - 2)) if L > 2 else 1.0 for k in modes])
    b /= np.sqrt(L * (b**2).sum())
    parts = []
    for layer, (rows, columns) in enumerate(problem.shapes, 1):
        W = np.zeros((rows, columns))
        for unit, k in enumerate(modes):
            left = u[:, k] if layer == L else np.eye(rows)[unit]
            right = vt[k] if layer == 1 else np.eye(columns)[unit]
            W += b[unit] * np.outer(left, right)
        parts.append(W.ravel())
    return np.concatenate(parts)


@pytest.mark.parametrize(
    "problem",
    [
        DeepLinearProblem.whitened(DIAGONAL),
        DeepLinearProblem.whitened(TARGET, depth=2, hidden=2),
        DeepLinearProblem.whitened(DIAGONAL, depth=3, hidden=3),
        DeepLinearProblem.whitened(TARGET, depth=3),
        DeepLinearProblem.whitened(DIAGONAL, depth=5, hidden=2),
        DeepLinearProblem.whitened(WIDE, depth=4, hidden=[2, 3, 2]),
    ],
)
def test_only_the_optimal_direction_is_a_local_maximum(problem):
    value, _ = leading(problem)
    for direction in escape(problem).critical_directions():
        point = embedded(problem, direction.counts)
        assert value(point) == pytest.approx(float(direction.speed), rel=1e-9)
        eigenvalues = curvatures(problem, point)
        if direction.is_maximum:
            assert direction.counts[0] == direction.rank == 1
            assert eigenvalues.max() < 1e-6
        else:
            assert np.abs(eigenvalues - float(direction.ascent)).min() < 1e-6
            assert float(direction.ascent) > 1e-3


def test_how_many_critical_directions_there_are():
    shallow, deep = escape(PROBLEMS[0]), escape(PROBLEMS[1])
    assert len(list(shallow.critical_directions())) == 3
    assert len(list(deep.critical_directions())) == 7
    assert [d.rank for d in deep.critical_directions(max_rank=1)] == [1, 1, 1]
    assert sum(d.is_maximum for d in deep.critical_directions()) == 1
    twice = escape(DeepLinearProblem.whitened([[3, 0, 0], [0, 1, 0], [0, 0, 1]]))
    assert [d.counts for d in twice.critical_directions()] == [(1, 0), (0, 1), (0, 2)]
    with pytest.raises(BudgetError, match="7 critical directions"):
        next(deep.critical_directions(max_directions=6))


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_radial_law_is_that_of_the_leading_flow(depth):
    """ρ along an optimal direction: closed form against integration of the flow of −H itself."""
    from scipy.integrate import solve_ivp

    problem = DeepLinearProblem.whitened(TARGET, depth=depth)
    found, (_, gradient) = escape(problem), leading(problem)
    start = np.concatenate(
        [np.array([[float(x) for x in row] for row in W]).ravel() for W in found.direction()]
    )
    T = float(found.time("0.1", "0.5"))
    solution = solve_ivp(lambda _t, y: gradient(y), (0, T), 0.1 * start, rtol=1e-11, atol=1e-13)
    end = solution.y[:, -1]
    assert np.linalg.norm(end) == pytest.approx(0.5, rel=1e-7)
    assert np.allclose(end / 0.5, start, atol=1e-7)
    assert float(found.radius("0.1", Fraction(T))) == pytest.approx(0.5, rel=1e-12)


def test_escape_times():
    found = escape(DeepLinearProblem.whitened([[3, 0], [0, 1]], depth=4))
    rate = Fraction(3, 4)  # s_1 L^{1−L/2}
    assert found.rate().contains(rate)
    assert found.time("1/10").contains(100 / (2 * rate))
    assert found.time("1/10", 1).contains(99 / (2 * rate))
    assert found.accelerated_time().contains(1 / (2 * rate))
    assert escape(PROBLEMS[0]).accelerated_time(40).decimal()[0].startswith("0.27307")
    blow_up = found.time("1/10")
    later = Fraction(67)
    assert later > float(blow_up)
    with pytest.raises(BadInputError, match="after the blow-up"):
        found.radius("1/10", later)


def test_inner_vectors_are_free():
    problem = DeepLinearProblem.whitened(TARGET, depth=3)
    value, _ = leading(problem)
    for inner in ([[1, 2, -1], ["1/2", 0, 3]], None):
        W = escape(problem).direction(inner)
        flat = np.concatenate([np.array([[float(x) for x in row] for row in w]).ravel() for w in W])
        assert value(flat) == pytest.approx(float(escape(problem).speed()), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: escape(DeepLinearProblem.whitened([[0, 0]])), DegenerateProblemError, "gradient at the origin is zero"),
        (lambda: escape(DeepLinearProblem.whitened([[1, 0], [0, -1]])), DegenerateProblemError, "first-path theorem of J21"),
        (lambda: escape(PROBLEMS[0]).direction([[0, 0, 0]]), BadInputError, "w_1 is zero"),
        (lambda: escape(PROBLEMS[0]).direction([[1, 0]]), BadInputError, "w_1 has 2 entries"),
        (lambda: escape(PROBLEMS[1]).direction([[1, 0, 0]]), BadInputError, "1 inner vectors"),
        (lambda: escape(PROBLEMS[0]).time("0.1"), BadInputError, "exponential"),
        (lambda: escape(PROBLEMS[1]).time(0), BadInputError, "a positive one"),
        (lambda: escape(PROBLEMS[1]).time("nan"), BadInputError, "not finite"),
        (lambda: escape(PROBLEMS[1]).time("0.1", "0.01"), BadInputError, "where the escape ends"),
        (lambda: escape(PROBLEMS[1]).radius("0.1", -1), BadInputError, "time >= 0"),
    ],
)  # fmt: skip
def test_refusals_are_one_line(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_figure_shows_critical_speeds_and_the_radial_law(depth):
    found = escape(DeepLinearProblem.whitened(TARGET, depth=depth))
    directions = list(found.critical_directions(max_rank=2))
    left, right = draw_escape(found, directions).axes
    points = {
        (float(x[0]), float(y[0])): one.get_markerfacecolor() != "white"
        for one in left.lines
        if len(x := one.get_xdata()) == 1 and len(y := one.get_ydata()) == 1
    }
    assert points == {(d.rank, float(d.speed)): d.is_maximum for d in directions}
    assert sum(points.values()) == 1
    (best, *others, mark) = right.lines
    end = float(found.accelerated_time())
    assert list(mark.get_xdata()) == [end, end]
    start, last = Fraction(1, 10**9), best.get_xydata()[-1]
    assert len(others) == 2
    if depth == 2:  # ln‖θ‖/ln(1/α) is linear for every α
        assert last == pytest.approx((end, 0), abs=1e-15)
        half = found.radius(start, Fraction(end / 2) * Fraction(math.log(10**9)))
        assert math.log(float(half)) / math.log(10**9) == pytest.approx(-0.5)
        slopes = [one.get_ydata()[-1] + 1 for one in (best, *others)]
        assert slopes[1] == pytest.approx(float(found.decomposition.values[1]) * end)
    else:  # so is ‖θ‖/α as a function of t
        t, height = best.get_xydata()[120]
        reached = found.radius(start, Fraction(t) / start ** (depth - 2))
        assert float(reached) * 10**9 == pytest.approx(height, rel=1e-6)
        assert last[0] < end
        assert others[0].get_xdata()[-1] == pytest.approx(end)
    with pytest.raises(BadInputError, match="no optimal direction"):
        draw_escape(found, directions[1:])


def test_modes_are_written_on_the_other_side_where_points_are_close():
    found = escape(DeepLinearProblem.from_csv("svd-3x3", depth=3))
    figure = draw_escape(found, list(found.critical_directions(max_rank=2)))
    left = figure.axes[0]
    figure.draw_without_rendering()
    assert {text.get_text() for text in left.texts} == {"1", "2", "3", "1, 2", "1, 3", "2, 3"}
    boxes = [text.get_window_extent() for text in left.texts]
    boxes.append(left.get_legend().get_window_extent())
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_the_figure_is_written(capsys, tmp_path, suffix):
    file = tmp_path / f"a{suffix}"
    assert run(capsys, "completion-3x3", "--depth", "3", "--plot", str(file))[0] == 0
    assert file.read_bytes()[:5] == {".svg": b"<?xml", ".png": b"\x89PNG\r", ".pdf": b"%PDF-"}[suffix]
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


def run(capsys, *arguments):
    from saddlesym.cli.main import main

    status = main(["deep", "escape", *arguments])
    return status, *capsys.readouterr()


def test_on_the_command_line(capsys):
    status, out, _ = run(capsys, "svd-3x3")
    assert status == 0
    assert "t = 0.27307099, in units of ln(1/alpha)" in out
    assert out.count("maximum") == 1
    status, out, _ = run(
        capsys, "completion-3x3", "--depth", "4", "--radius", "1e-1000", "--json", "--digits", "12"
    )
    document = json.loads(out)
    assert (status, document["depth"], len(document["critical_directions"])) == (0, 4, 6)
    assert document["time"]["mid"].endswith("e+1999")
    assert [d["maximum"] for d in document["critical_directions"]].count(True) == 1


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("1,0\n0,1\n", [], "multiplicity 2: the first-path theorem of J21 does not apply"),
        ("0,0\n", [], "the gradient at the origin is zero"),
        ("1,0\n0,2\n", ["--radius", "nan"], "not finite"),
        ("1,0\n0,2\n", ["--radius", "-1"], "a positive one"),
        ("1,0\n0,2\n", ["--hidden", "1,1", "--depth", "4"], "2 hidden widths for depth 4"),
        ("1,inf\n", [], "not finite"),
        ("1,0\n0,2\n", ["--plot", "a.gif"], "figure file"),
        ("1e-400,0\n0,2e-400\n", ["--plot", "a.svg"], "does not fit into a picture"),
    ],
)
def test_bad_input_is_one_line(content, arguments, message, capsys, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(content)
    status, out, err = run(capsys, str(file), *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
