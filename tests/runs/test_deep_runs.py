"""Runs of deep linear networks against plateaus, ranks and times; the recipes of docs/own-run.md."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from saddlesym import BadInputError, DeepLinearProblem
from saddlesym.cli.main import main
from saddlesym.runs import compare_deep, simulate_deep

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "own-run.md").read_text(encoding="utf-8")
SVD = DeepLinearProblem.from_csv("svd-3x3")
COMPLETION = DeepLinearProblem.from_csv("completion-3x3")
THREE_LAYERS = DeepLinearProblem.whitened([[3, 1, 0], [1, 2, -1], [0, 0, 1]], depth=3)


def values_only(run):
    layers = [run[f"W{k}"] for k in range(1, len(run))]
    product = layers[0]
    for W in layers[1:]:
        product = W @ product
    values = np.linalg.svd(product, compute_uv=False)
    return {"step": run["step"], **{f"s_{k + 1}": values[:, k] for k in range(values.shape[1])}}


@pytest.mark.parametrize(
    ("problem", "alpha", "rate", "steps", "ranks"),
    [(SVD, 1e-4, 0.05, 600, 3), (COMPLETION, 1e-4, 0.05, 900, 2), (THREE_LAYERS, 0.05, 0.05, 2500, 3)],
    ids=["svd", "completion", "three layers"],
)
def test_a_deep_run_follows_and_one_on_another_clock_does_not(problem, alpha, rate, steps, ranks) -> None:
    run = simulate_deep(problem, alpha, rate, steps)
    found = compare_deep(problem, run, alpha, rate)
    assert (found.status, len(found.jumps), found.expected) == (0, ranks, ranks)
    assert all(jump.agrees and jump.nearest < 0.05 for jump in found.jumps)
    assert compare_deep(problem, run, alpha, 2 * rate).status == 1
    assert compare_deep(problem, run, alpha, rate, factor=2).status == 1


@pytest.mark.parametrize("problem", [SVD, COMPLETION], ids=["svd", "completion"])
@pytest.mark.parametrize("seed", range(4))
def test_without_layers_a_random_start_is_allowed_for_and_another_clock_is_not(problem, seed) -> None:
    run = values_only(simulate_deep(problem, 1e-6, 0.05, 1000, seed=seed))
    found = compare_deep(problem, run, 1e-6, 0.05)
    assert (found.status, found.verdict) == (0, "follows")
    assert all(jump.reference is None and jump.agrees for jump in found.jumps)
    assert compare_deep(problem, run, 1e-6, 0.15).status == 1


def test_ranks_of_another_target_are_told() -> None:
    other = DeepLinearProblem.whitened([[1, 0, 0], [0, 5, 0], [0, 0, 2]])
    assert compare_deep(SVD, simulate_deep(other, 1e-4, 0.02, 1500), 1e-4, 0.02).status == 1
    assert compare_deep(SVD, simulate_deep(SVD, 1e-4, 0.02, 50), 1e-4, 0.02).status == 3


def test_the_deep_command(tmp_path, capsys) -> None:
    np.savez(tmp_path / "run.npz", **simulate_deep(SVD, 1e-4, 0.05, 600))
    arguments = ["deep", "compare", "svd-3x3", str(tmp_path / "run.npz"), "--alpha", "1e-4", "--lr", "0.05"]
    assert main([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["kind"], document["verdict"], len(document["jumps"])) == (
        "deep run comparison",
        "follows",
        3,
    )
    assert main([*arguments, "--loss-factor", "2"]) == 1
    assert capsys.readouterr().out.startswith("The run does not follow")
    assert main([*arguments[:-2]]) == 2  # steps, and no learning rate
    assert "learning rate" in capsys.readouterr().err


@pytest.mark.parametrize(
    "run",
    [
        {"step": [0, 1, 2]},
        {"W1": np.zeros((3, 3, 3)), "W2": np.zeros((3, 3, 3))},
        {"step": [0, 1, 2], "W1": np.zeros((3, 2, 3)), "W2": np.zeros((3, 3, 3))},
        {"step": [0, 2, 1], "s_1": [0, 1, 2]},
        {"step": [0, 1], "s_1": [0, 1]},
    ],
)
def test_bad_deep_runs_are_refused(run) -> None:
    with pytest.raises(BadInputError):
        compare_deep(SVD, run, 1e-3, 0.1)


# ---------------------------------------------------------------- docs/own-run.md


def recipe(name: str) -> str:
    found = re.search(rf"^{name}:\n\n```py\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


@pytest.mark.parametrize(("name", "module"), [("NumPy", "numpy"), ("PyTorch", "torch"), ("JAX", "jax")])
def test_the_recipes_write_a_run_that_follows(name, module, tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip(module)
    text = recipe(name)
    assert len(text.strip().splitlines()) <= 15
    monkeypatch.chdir(tmp_path)
    exec(compile(text, f"docs/own-run.md, {name}", "exec"), {})
    assert os.listdir() == ["run.csv"]
    assert (
        main(["compare", "sign-flip", "run.csv", "--alpha", "1e-4", "--learning-rate", "0.02", "--no-flow"])
        == 0
    )
    said = re.search(r"^> (The run follows.*)$", PAGE, re.MULTILINE)
    assert said
    assert capsys.readouterr().out.splitlines()[0] == said[1]


def table_rows() -> list[list[str]]:
    block = PAGE.partition("<!-- times -->\n")[2].partition("<!-- end of times -->")[0]
    return [row.strip("| ").split(" | ") for row in block.splitlines()[2:]]


def test_the_table_of_the_page_is_what_its_script_computes() -> None:
    import sys

    sys.path.insert(0, str(ROOT / "examples"))
    try:
        import own_run_times as script
    finally:
        sys.path.pop(0)
    rows = script.rows("orthogonal", script.data_sets()["orthogonal"], (1e-5,), ("0.05/λ",))
    (line,) = script.table(rows).splitlines()[2:]
    shown = [row for row in PAGE.splitlines() if row.startswith("| orthogonal | 1e-05 | 0.05/λ")]
    assert len(shown) == 1
    numbers = [[float(cell) for cell in text.split("|")[5:8]] for text in (line, shown[0])]
    # the last column is an error of rounding and interpolation of a few parts in a million
    assert numbers[0][:2] == pytest.approx(numbers[1][:2], rel=0.06)
    assert max(numbers[0][2], numbers[1][2]) < 1e-4
    assert {row[0] for row in table_rows()} == set(script.data_sets())


def test_at_1e_5_every_row_of_the_table_gains_ten_times_and_more() -> None:
    kept = [row for row in table_rows() if row[1] == "1e-05" and row[-1] != "–"]
    assert len({row[0] for row in kept}) >= 5
    assert all(float(row[-1]) * 10 < float(row[-3]) for row in kept)
