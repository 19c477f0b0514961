"""Wide data: no matrix of d × d is ever formed for them, and what would not fit is refused before it is asked for."""

from __future__ import annotations

import gzip
import json
import random
import resource
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from saddlesym import (
    BadInputError,
    BudgetError,
    DiagonalProblem,
    NonUniqueMinimiserError,
    certify,
    flow,
    saddle_path,
)
from saddlesym.cli.main import main
from saddlesym.deep import deep_network, exchange_block
from saddlesym.diagonal import sign_constrained_minimiser
from saddlesym.diagonal.path.minimiser import some_minimiser
from saddlesym.memory import free_memory, in_words, require_memory

TIED = "1,0,1,0,10\n1,0,0,1,13\n0,1,1,0,12\n0,1,0,1,15\n"


def wide(n: int, d: int, seed: int = 1) -> DiagonalProblem:
    rng = random.Random(seed)
    X = [[Fraction(rng.randint(-99, 99), rng.randint(1, 9)) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(X, [rng.randint(-9, 9) for _ in range(n)])


@pytest.mark.parametrize(("n", "d"), [(1, 2), (3, 7), (4, 4), (5, 2)])
def test_loss_and_gradient_are_those_of_plain_sums(n: int, d: int) -> None:
    problem, rng = wide(n, d), random.Random(5)
    X, y = problem.X, problem.y
    for _ in range(5):
        beta = [Fraction(rng.randint(-3, 3), rng.randint(1, 4)) for _ in range(d)]
        residual = [
            sum(a * b for a, b in zip(row, beta, strict=True)) - t for row, t in zip(X, y, strict=True)
        ]
        assert problem.loss(beta) == sum(r * r for r in residual) / (2 * n)
        columns = list(zip(*X, strict=True))
        assert problem.gradient(beta) == [sum(map(Fraction.__mul__, c, residual)) / n for c in columns]
    assert problem.r == tuple(sum(map(Fraction.__mul__, c, y)) / n for c in zip(*X, strict=True))


def test_a_gram_matrix_that_does_not_fit_is_refused_and_all_else_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("saddlesym.memory.free_memory", lambda: 10**6)
    problem = wide(3, 400)
    path = saddle_path(problem)
    assert path.loss(0) == problem.loss([0] * 400)
    assert path.dual(path.times()[0]) == path.jumps[0].dual
    assert certify(path).holds
    with pytest.raises(
        BudgetError, match=r"M for 400 columns needs about 28 MB of memory; needed: at most 800 kB"
    ):
        _ = problem.M


def test_memory_is_what_system_and_limits_leave() -> None:
    free = free_memory()
    assert free is None or free > 0
    require_memory(1000, "a kilobyte")
    assert [in_words(x) for x in (999, 1e3, 6.4e9, 1.6e13)] == ["999 bytes", "1 kB", "6.4 GB", "16 TB"]


def limited(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program with 3 GB of address space."""
    return subprocess.run(
        [sys.executable, "-m", "saddlesym", *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 * 10**9, 3 * 10**9)),
    )


@pytest.fixture(scope="module")
def twenty_by_20000(tmp_path_factory: pytest.TempPathFactory) -> str:
    rng = np.random.default_rng(1)
    target = tmp_path_factory.mktemp("wide") / "wide.npz"
    X, y = rng.integers(-999, 999, (20, 20_000)), rng.integers(-50, 50, 20)
    np.savez(target, X=X, y=y)
    return str(target)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_row_for_the_start_needs_no_gram_matrix(twenty_by_20000: str, form: tuple[str, ...]) -> None:
    done = limited("path", twenty_by_20000, "--max-jumps", "1", *form)
    assert (done.returncode, done.stderr) == (0, "")
    assert "20000" in done.stdout or json.loads(done.stdout)["jumps"]


def truly_moving(problem: DiagonalProblem, signs: dict[int, int], beta: list[float]) -> tuple[int, ...]:
    """The columns whose range over all minimisers has a positive length, by linear programming."""
    X, d = np.array(problem.X, float), problem.d
    kind = {1: (0, None), -1: (None, 0), 0: (0, 0)}
    bounds = [kind[signs.get(i, 0)] for i in range(d)]
    moving = []
    for i in range(d):
        ends = []
        for sense in (1, -1):
            cost = np.zeros(d)
            cost[i] = sense
            found = linprog(cost, A_eq=X, b_eq=X @ beta, bounds=bounds)
            ends.append(sense * found.fun if found.status == 0 else sense * -np.inf)
        if ends[1] - ends[0] > 1e-7:
            moving.append(i)
    return tuple(moving)


def test_all_columns_that_can_be_traded_are_named() -> None:
    problem = DiagonalProblem([[1, 0, 1, 1], [0, 1, 1, 2]], [2, 2])
    with pytest.raises(NonUniqueMinimiserError) as caught:
        sign_constrained_minimiser(problem, dict.fromkeys(range(4), 1))
    assert caught.value.columns == (0, 1, 2, 3)


def test_the_columns_named_are_those_of_linear_programming() -> None:
    rng, seen = random.Random(3), 0
    for _ in range(150):
        n, d = rng.randint(1, 3), rng.randint(2, 6)
        X = [[rng.randint(-2, 2) for _ in range(d)] for _ in range(n)]
        problem = DiagonalProblem(X, [rng.randint(-3, 3) for _ in range(n)])
        signs = {i: rng.choice([1, -1]) for i in range(d) if rng.random() < 0.85}
        form = problem.quadratic
        vertex = some_minimiser(form, signs)
        beta = form.beta_vector(vertex.support, vertex.b, vertex.delta).floats()
        try:
            sign_constrained_minimiser(problem, signs)
            named: tuple[int, ...] = ()
        except NonUniqueMinimiserError as error:
            named = error.columns
            seen += 1
        assert named == truly_moving(problem, signs, beta), (X, signs)
    assert seen > 50


@pytest.mark.parametrize("form", ["table", "--json", "--csv", "--latex"])
def test_a_refusal_keeps_the_path_before_it(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "tied.csv"
    data.write_text(TIED)
    status = main(["path", str(data), "--no-header", *([] if form == "table" else [form])])
    out, err = capsys.readouterr()
    assert status == 3
    assert "1/7" in out or r"\tfrac{1}{7}" in out
    assert "2/13" in out or r"\tfrac{2}{13}" in out
    assert err.count("\n") == 1
    assert "t = 1/5" in err
    assert "'x0', 'x1', 'x2', 'x3'" in err
    if form == "--json":
        saved = tmp_path / "tied.json"
        saved.write_text(out)
        assert main(["check", str(saved)]) == 0


def test_a_compressed_result_is_checked_and_a_rounded_one_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed, rounded = tmp_path / "p.json.gz", tmp_path / "r.json"
    assert main(["path", "sign-flip", "--json", "-o", str(packed)]) == 0
    document = json.loads(gzip.decompress(packed.read_bytes()))
    assert [jump["time"] for jump in document["jumps"]] == ["1", "7/2", "15/2"]
    assert main(["path", "shrinking", "--json", "--rounded", "--digits", "5", "-o", str(rounded)]) == 0
    document = json.loads(rounded.read_text())
    assert document["kind"] == "rounded saddle path"
    assert "/" not in "".join(document["jumps"][0]["dual"])
    assert main(["check", str(rounded)]) == 2
    capsys.readouterr()
    assert main(["path", "sign-flip", "--rounded"]) == 2
    assert "needs --json" in capsys.readouterr().err


def test_large_results_are_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("saddlesym.cli.writing.output._LARGE", 10)
    assert main(["path", "sign-flip", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "3 jumps of 2 columns with all digits make about" in err
    assert "--rounded" in err
    assert json.loads(out)["complete"] is True


def test_columns_that_all_tie_are_refused_before_their_products_are_formed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    d = 1500
    problem = DiagonalProblem([[1] * d, list(range(d))], [1, 0])  # every column has the same correlation
    monkeypatch.setattr("saddlesym.memory.free_memory", lambda: 10**7)
    with pytest.raises(BudgetError, match="forming the products of 1500 columns needs"):
        saddle_path(problem, max_jumps=1)


@pytest.mark.parametrize(("n", "d"), [(2, 5), (5, 2)])
def test_squares_are_the_diagonal_of_M(n: int, d: int) -> None:
    problem = wide(n, d)
    for given in (problem, problem.centred(), DiagonalProblem.from_gram(problem.M, problem.r)):
        assert given.squares == tuple(given.M[i][i] for i in range(d))


def test_a_figure_of_wide_data_needs_no_gram_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    from saddlesym.figures.style import check_sizes

    problem = wide(3, 400)
    monkeypatch.setattr("saddlesym.memory.free_memory", lambda: 10**6)
    check_sizes(problem)


def test_a_flow_whose_terms_do_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saddlesym.memory.free_memory", lambda: 10**6)
    with pytest.raises(BudgetError, match="a flow of 200 exponentials needs about 8 MB"):
        flow(wide(3, 100), "1e-5", digits=6)


@pytest.mark.parametrize("widths", [[10**6, 1, 10**6], [1, 10**9, 1], [201, 1, 1]])
def test_symbolic_networks_are_bounded_before_a_weight_is_made(widths: list[int]) -> None:
    with pytest.raises(BudgetError, match="symbolic weights"):
        deep_network(widths)
    with pytest.raises(BadInputError, match="from 2 to 100"):
        exchange_block(10**9)
