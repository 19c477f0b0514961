"""Deep flows and paths where rounding noise could be taken for a number, and sizes refused before work."""

from __future__ import annotations

import json
import random

import mpmath
import numpy as np
import pytest
from flint import fmpz, fmpz_mat
from kernel_cases import OWN_RANK, target

from saddlesym import DeepLinearProblem, flow
from saddlesym.cli.main import main
from saddlesym.deep.flow.direction import gaussian_direction
from saddlesym.deep.flow.graded_flow import graded_flow
from saddlesym.deep.flow.ranks import growth_size
from saddlesym.deep.greedy.path import greedy_path
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError
from saddlesym.exact.linear.jacobi import sampled_values
from saddlesym.exact.linear.singular_values import singular_values

whitened = DeepLinearProblem.whitened


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (4, 2), (5, 5)])
@pytest.mark.parametrize("spread", [0, 60, 200])
def test_sampled_values_are_those_of_mpmath_however_small(shape, spread):
    """Graded matrices D·R·D: values far below 2^-53 of the largest."""
    rng, bits = random.Random(spread), 500
    A = [
        [rng.randint(-99, 99) << bits - (i + j) * spread // 4 for j in range(shape[1])]
        for i in range(shape[0])
    ]
    found = sampled_values(fmpz_mat(A), bits)
    with mpmath.workdps(400):
        expected = sorted(
            mpmath.svd_r(mpmath.matrix(A) / mpmath.mpf(2) ** bits, compute_uv=False), reverse=True
        )
    for a, b in zip(found, expected, strict=True):
        assert float(a) == pytest.approx(float(b), rel=1e-14)


def test_sampled_values_of_a_singular_matrix_are_zero_and_not_noise():
    A = [[x * y << 100 for y in (3, -7, 11)] for x in (1, 2, 5)]
    top, *rest = map(float, sampled_values(fmpz_mat(A), 100))
    assert top == pytest.approx(np.linalg.norm([3, -7, 11]) * np.linalg.norm([1, 2, 5]))
    assert rest == [0.0, 0.0]
    A[0][0] += 1  # half an ulp more or less
    assert list(map(float, sampled_values(fmpz_mat(A), 100)))[2] == 0.0
    A[0][0] += fmpz(1) << 20
    assert float(sampled_values(fmpz_mat(A), 100)[1]) > 0.0


def test_the_size_of_a_first_jump_is_that_of_the_data():
    A = np.array([[3.0, 1, 0], [1, 2, -1]])
    assert growth_size(whitened(A.astype(int).tolist()).cost) == pytest.approx(
        np.linalg.norm(A, 2), rel=1e-14
    )


@pytest.mark.parametrize("end", ["1.04", "1.05", "1.08", "1.1", "1.2"])
@pytest.mark.parametrize("values", ["2 1", "2 1 0", "2 1 1e-15"])
def test_a_flow_cut_off_on_its_way_into_the_minimum_keeps_its_ranks(values, end):
    """The last gradient is what is left of the way; 0→1→0 was told where it is small."""
    problem = whitened(
        [[q if i == j else 0 for j in range(3)] for i, q in enumerate([*values.split(), "0"][:3])]
    )
    ranks = flow(problem, "1e-40", digits=8, until=end).ranks
    assert ranks in [(0, 1), (0, 1, 2)]
    assert ranks == (0, 1, 2) or float(end) < 1.06


@pytest.mark.parametrize(
    ("values", "depth", "alpha", "rank"),
    [
        ("1 0", 3, "1e-2", 1),
        ("3 0 0", 3, "1e-2", 1),
        ("2 1 0", 3, "3e-2", 2),
        ("2 0", 4, "1e-1", 1),
        ("5 0", 3, "5e-3", 1),
    ],
)
def test_a_deep_flow_to_a_target_of_low_rank_rests(values, depth, alpha, rank):
    """No mode is left to wait for: a plateau of 1e9 steps was foreseen."""
    numbers = values.split()
    thin = whitened(target(numbers, random.Random(1)), depth=depth, hidden=rank)
    assert flow(thin, alpha, digits=6).ranks[-1] == rank
    if depth == 3 and len(numbers) == 2:
        diagonal = [[q if i == j else 0 for j in range(2)] for i, q in enumerate(numbers)]
        assert flow(whitened(diagonal, depth=3), alpha, digits=6).ranks == (0, 1)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_a_mode_that_is_exactly_zero_is_not_waited_for(depth):
    start = [[[1, 0], [0, 0]]] * depth
    found = flow(
        whitened([[2, 0], [0, 1]], depth=depth), "1e-1" if depth > 2 else "1e-9", digits=6, direction=start
    )
    assert (found.ranks[-1], found.settled) == (1, True)
    assert all(sample.values[1] == 0.0 for sample in found.trace)


@pytest.mark.parametrize(
    "values", ["1 1e-8", "1 1e-9", "3 1e-7 1e-7", "2 1e-7 0.99999999e-7", "5 1e-10", "1 2e-7"]
)
def test_a_greedy_path_ends_where_floats_would_decide(values):
    """A second value of 1e-7: ranks (0, 1, 2) or (0, 1, 1) by the kernel; of 1e-9: a minimum that is none."""
    path = greedy_path(whitened(target(values.split(), random.Random(5))), digits=12)
    assert (path.ranks, path.stopped, path.final.is_minimum) == ((0, 1), "faint", False)
    assert path.final.certified


def test_a_faint_gradient_is_a_minimum_where_there_is_none():
    path = greedy_path(whitened(target(["2", "0", "0"], random.Random(5))), digits=12)
    assert (path.ranks, path.stopped) == ((0, 1), "minimum")


@pytest.mark.parametrize("first", [0, 1, 2])
def test_singular_vectors_with_zeros(first):
    """The first column of the projector may be zero."""
    A = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
    for k, value in enumerate((5, 3, 2)):
        A[k][(k + first) % 3] = value
    for k in range(3):
        u, v = singular_values(A).vectors(k)
        assert [float(x) for x in u] == pytest.approx([float(i == k) for i in range(3)])
        assert [float(x) for x in v] == pytest.approx([float(i == (k + first) % 3) for i in range(3)])


@pytest.mark.parametrize(
    "arguments",
    [
        f"{command} svd-3x3 {option}"
        for command in ("saddles", "escape", "greedy", "flow", "initialisation")
        for option in ("--depth 1000000000", "--depth 99999999999999999999", "--depth 1001")
    ]
    + [
        "flow svd-3x3 --hidden 999999999",
        "greedy svd-3x3 --flows --hidden 999999999",
        "verify --depth 1000000000",
    ],
)
def test_absurd_sizes_are_refused_in_one_line(arguments, capsys):
    assert main(["deep", *arguments.split()]) == 2
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "Traceback" not in seen.err
    assert len(seen.err) < 600


@pytest.mark.parametrize("command", ["escape", "saddles"])
def test_tables_of_any_number_of_digits(command, capsys):
    """Beyond some 5000 digits a number of the package's own was refused as one too long to be read."""
    assert main(["deep", command, "svd-3x3", "--digits", "12000"]) == 0
    assert len(capsys.readouterr().out) > 12000


def test_sizes_are_bounded_in_python_too():
    for widths in ([3, *[3] * 1001, 3], [3, 10**9 + 1, 3]):
        with pytest.raises(BadInputError, match="at most"):
            whitened([[1, 0, 0], [0, 1, 0], [0, 0, 1]], widths)
    wide = whitened([[1]], hidden=10**6)
    for work in (gaussian_direction, graded_flow, flow):
        with pytest.raises(BudgetError, match="2000000 weights"):
            work(wide)


def test_a_tie_of_a_point_that_is_not_enclosed_is_one_up_to_its_own_error():
    with pytest.raises(DegenerateProblemError, match="repeated"):
        greedy_path(whitened(target(["2", "1e-3", "0.0009999999999"], random.Random(5))), digits=12)


@pytest.mark.parametrize(
    ("name", "decades"), [("left in time", 12), ("3x3", 5), ("of rank two", 4), ("slow", 6)]
)
def test_graded_flows_past_saddles_of_their_own_rank_are_those_of_exact_arithmetic(name, decades):
    """σ_k at its onset and at half of its plateau, in balls from the same start."""
    problem, seed = OWN_RANK[name], 0
    found = graded_flow(problem, f"1e-{decades}", until=6, seed=seed)
    start = np.random.default_rng(seed).standard_normal((6, 3))
    direction = [start[3:].T.tolist(), start[:3].tolist()]
    end = found.jumps[-1].plateau_time
    exact = flow(problem, f"1e-{decades}", digits=8, until=f"{end:.4f}", direction=direction)
    seen = 1e-4 * np.linalg.norm([[float(x) for x in row] for row in problem.cost.B], 2)
    for jump in found.jumps:
        half = np.linalg.svd(jump.plateau)[1][jump.rank - 1] / 2
        for time, level in ((jump.onset / (decades * np.log(10)), seen), (jump.time, half)):
            assert float(exact.singular_values(repr(float(time)))[jump.rank - 1]) == pytest.approx(
                level, rel=1e-7
            )


@pytest.mark.parametrize(
    ("name", "decades"),
    [
        ("3x3", 60),  # the second jump would be at 0.52948 or 0.52953, as the kernel would have it
        ("of ranks one and two", 60),
        ("of rank two", 60),
        ("slow", 60),
        ("chain", 60),
        ("3x3", 200),
        ("chain", 1000),
    ],
)
def test_graded_flows_whose_times_rounding_would_choose_are_refused(name, decades):
    with pytest.raises(DegenerateProblemError, match=r"unstable within its own rank.*rounding of float64"):
        graded_flow(OWN_RANK[name], f"1e-{decades}", until=6)


def test_a_greedy_path_is_shown_where_its_flows_are_refused(tmp_path, capsys):
    data, mask = tmp_path / "data.csv", tmp_path / "mask.csv"
    data.write_text("3,0,-2\n2,2,-2\n-1,-3,0\n")
    mask.write_text("0,0,1\n1,1,0\n1,1,1\n")
    assert main(["deep", "greedy", str(data), "--mask", str(mask), "--flows", "--json"]) == 3
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert [step["rank"] for step in document["steps"]] == [0, 1, 2, 3]
    assert document["comparison"] is None
    assert "not held against flows: the plateau of rank 1" in told.err
