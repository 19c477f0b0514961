"""A user's run held against the theory: good runs follow it, each fault is named, and jump times are the law's."""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlesym import BadInputError, DiagonalProblem, saddle_path
from saddlesym.cli.main import main
from saddlesym.runs import compare, simulate
from saddlesym.runs.comparison import RunComparison
from saddlesym.runs.events import column_steps, half_passages
from saddlesym.runs.law import flow_times, law_times
from saddlesym.runs.reading import run_columns
from saddlesym.runs.reference import reference_run, start_of
from saddlesym.runs.run import TrainingRun
from saddlesym.runs.setting import LOSSES, Setting, loss_factor
from saddlesym.runs.simulation import FloatLoss

FLIP = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])
THREE = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
TWO = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
WIDE = DiagonalProblem([[2, 1, 1], [-1, 2, 0]], [3, -1])


def beta_only(run: TrainingRun) -> dict[str, Any]:
    assert run.steps is not None
    return {"step": run.steps, "beta": run.beta}


def names(found: RunComparison) -> list[str]:
    return [cause.name for cause in found.causes]


def saved(run: TrainingRun, path: Path, weights: bool = False) -> str:
    assert run.steps is not None
    assert run.loss is not None
    columns = {"step": run.steps, "loss": run.loss}
    if weights:
        assert run.weights is not None
        for name, block in zip("uv", run.weights, strict=True):
            columns |= {f"{name}_{i}": block[:, i] for i in range(run.d)}
    else:
        columns |= {f"beta_{i}": run.beta[:, i] for i in range(run.d)}
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*(map(float, c) for c in columns.values()), strict=True))
    return str(path)


# ---------------------------------------------------------------- runs that follow


@pytest.mark.parametrize("record", ["weights", "beta"])
@pytest.mark.parametrize(
    ("problem", "alpha", "rate", "steps"),
    [(TWO, 1e-4, 0.01, 1000), (THREE, 1e-4, 0.01, 3000), (FLIP, 1e-4, 0.02, 5500), (WIDE, 1e-5, 0.02, 5000)],
    ids=["orthogonal", "three", "flip", "wide"],
)
def test_a_run_of_gradient_descent_follows(problem, alpha, rate, steps, record) -> None:
    run = simulate(problem, alpha, rate, steps)
    found = compare(problem, run if record == "weights" else beta_only(run), alpha, rate)
    assert (found.verdict, found.status, found.first_deviation) == ("follows", 0, None)
    assert len(found.jumps) == len(saddle_path(problem).jumps)
    assert [jump.coordinate for jump in found.jumps] == [s.coordinate for s in column_steps(found.path)]
    assert all(jump.agrees for jump in found.jumps)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("parametrisation", ["uv", "squares"])
def test_every_loss_and_parametrisation_is_the_theory_in_other_units(loss, parametrisation) -> None:
    rate = 0.01 / loss_factor(loss, THREE.n)
    run = simulate(THREE, 1e-4, rate, 3000, loss=loss, parametrisation=parametrisation)
    found = compare(THREE, run, 1e-4, rate, flow=False)
    assert found.verdict == "follows"
    assert found.assumed[0].startswith(f"loss {loss}, recognised")
    assert found.setting.step == pytest.approx(0.02 if parametrisation == "squares" else 0.01)


def test_a_deeper_network_follows_on_its_own_clock() -> None:
    run = simulate(TWO, 0.02, 0.05, 3000, depth=3)
    found = compare(TWO, run, 0.02, 0.05, depth=3)
    assert found.verdict == "follows"
    # t = D(D−2)α^(D−2) T, and the limit jumps at t = 1/3 and 2/3
    assert [j.limit * 3 * 0.02 for j in found.jumps] == pytest.approx([1 / 3, 2 / 3])


def test_unknown_alpha_and_step_are_fitted_and_said() -> None:
    found = compare(THREE, beta_only(simulate(THREE, 1e-4, 0.01, 3000)))
    assert found.verdict == "follows"
    assert found.setting.alpha == pytest.approx(1e-4, rel=1e-3)
    assert found.setting.learning_rate == pytest.approx(0.01, rel=1e-3)
    assert any("fitted" in words and "alpha" in words for words in found.assumed)
    assert any("fitted" in words and "learning rate" in words for words in found.assumed)


def test_a_flow_recorded_in_times_is_held_against_the_flow() -> None:
    run = simulate(TWO, 1e-4, 1e-3, 10_000, every=20)
    assert run.steps is not None
    found = compare(TWO, {"time": run.steps * 1e-3, "beta": run.beta}, 1e-4)
    assert found.verdict == "follows"
    for jump in found.jumps:
        assert jump.measured == pytest.approx(jump.flow, rel=2e-3)


# ---------------------------------------------------------------- predictions


@pytest.mark.parametrize("problem", [TWO, THREE, FLIP], ids=["two", "three", "flip"])
def test_the_half_of_a_step_in_certified_flows_is_the_law_up_to_a_power_of_alpha(problem) -> None:
    data, path = FloatLoss.of(problem), saddle_path(problem)
    misses = []
    for alpha in (1e-10, 1e-30):
        setting = Setting(alpha, None)
        found = flow_times(
            problem, setting, path, 1.3 * float(path.jumps[-1].time) * setting.log_inverse, None
        )
        laws = law_times(path, data, setting.log_inverse, None)
        assert len(laws) >= 2
        misses.append([abs(law.half - found[law.jump][0]) for law in laws])
    for coarse, fine in zip(*misses, strict=True):
        assert fine < max(coarse / 10, 2e-8), misses  # the orbit itself is integrated to about 1e-8


def test_the_law_with_steps_is_that_of_gradient_descent_to_second_order() -> None:
    data, path = FloatLoss.of(TWO), saddle_path(TWO)
    misses = []
    for step in (0.02, 0.04, 0.08):
        setting = Setting(1e-12, step)
        marks = np.arange(0, int(30 / step))
        run = reference_run(data, setting, marks, (np.full(2, 2**0.5 * 1e-12),) * 2)
        seen = half_passages(marks * step, run.beta, column_steps(path))
        laws = law_times(path, data, setting.log_inverse, step)
        misses.append(max(abs(p.time - law.stepped) for p, law in zip(seen, laws, strict=True)))
        assert all(abs(p.time - law.half) > 10 * misses[-1] for p, law in zip(seen, laws, strict=True))
    assert misses[0] < 2e-5
    assert all(a < b for a, b in pairwise(misses))


def test_the_law_with_steps_tends_to_the_law_of_the_flow() -> None:
    data, path = FloatLoss.of(THREE), saddle_path(THREE)
    gaps = []
    for step in (2e-3, 1e-3):
        gaps.append([abs(law.stepped - law.half) for law in law_times(path, data, 20.0, step)])
    for coarse, fine in zip(*gaps, strict=True):
        assert fine == pytest.approx(coarse / 2, rel=0.02)


@pytest.mark.parametrize("problem", [TWO, THREE, FLIP], ids=["two", "three", "flip"])
@pytest.mark.parametrize("rate", [4e-3, 0.04])
def test_at_alpha_1e_5_the_law_is_ten_times_nearer_than_the_bare_limit(problem, rate) -> None:
    """For separated jumps: the saddle behind the jump and the one before it are met to 1% of the step."""
    end = 1.1 * (float(saddle_path(problem).jumps[1].time) * 11.5 + 8)
    found = compare(problem, simulate(problem, 1e-5, rate, int(end / rate)), 1e-5, rate, flow=False)
    separated = [
        b
        for a, b in pairwise([None, *found.jumps])
        if b and b.nearest < 0.01 and (a is None or a.nearest < 0.01)
    ]
    assert len(separated) >= 2
    for jump in separated:
        assert jump.law_stepped is not None
        assert abs(jump.measured - jump.law_stepped) < 0.1 * abs(jump.measured - jump.limit), jump


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=2, max_size=3),
    st.lists(st.integers(-3, 3), min_size=3, max_size=3),
    st.sampled_from([1e-3, 1e-6]),
)
def test_plain_double_precision_is_the_reference_while_its_digits_last(X, y, alpha) -> None:
    problem = DiagonalProblem(X, y[: len(X)])
    run = simulate(problem, alpha, 0.01, 400)
    data, setting = FloatLoss.of(problem), Setting(alpha, 0.01)
    start = start_of(run, setting)
    reference = reference_run(data, setting, run.steps, start)
    assert np.allclose(run.beta, reference.beta, rtol=1e-9, atol=1e-9 * alpha**2)


# ---------------------------------------------------------------- faulty runs, by name


def test_a_step_too_large_is_named() -> None:
    for rate in (0.25, 0.5):
        found = compare(THREE, beta_only(simulate(THREE, 1e-4, rate, 300)), 1e-4, rate, flow=False)
        assert (found.status, names(found)) == (1, ["step too large"])
        assert found.curvature > 2
    assert compare(THREE, beta_only(simulate(THREE, 1e-4, 0.1, 300)), 1e-4, 0.1, flow=False).status == 0


@pytest.mark.parametrize("record", ["weights", "beta"])
def test_float32_at_alpha_1e_6_is_named(record) -> None:
    """The second coordinate's entrance survives; the return with the other sign needs the component lost."""
    run = simulate(FLIP, 1e-6, 0.01, 13_000, dtype="float32")
    found = compare(FLIP, run if record == "weights" else beta_only(run), 1e-6, 0.01, flow=False)
    assert (found.status, names(found)) == (1, ["precision"])
    assert len(found.jumps) == 2 < found.expected
    good = compare(FLIP, simulate(FLIP, 1e-6, 0.01, 13_000), 1e-6, 0.01, flow=False)
    assert (good.status, len(good.jumps)) == (0, 3)


@pytest.mark.parametrize("actual", ["mse", "sum"])
def test_a_wrong_scale_of_the_loss_is_named(actual) -> None:
    rate = 0.02 / loss_factor(actual, 3)
    run = simulate(THREE, 1e-4, rate, 1500, loss=actual)
    found = compare(THREE, beta_only(run), 1e-4, rate, loss="half-mse", flow=False)
    assert (found.status, names(found)) == (1, ["loss scale"])
    assert actual in found.causes[0].detail
    told = compare(THREE, run, 1e-4, rate, loss="half-mse")  # the loss was recorded, and contradicts
    assert any(actual in words for words in told.assumed)
    assert compare(THREE, run, 1e-4, rate, flow=False).status == 0


@pytest.mark.parametrize("order", [[1, 0, 2, 3], [1, 2, 3, 0]])
def test_permuted_columns_are_named(order) -> None:
    columns = beta_only(simulate(THREE, 1e-4, 0.01, 3000))
    columns["beta"] = columns["beta"][:, order]
    found = compare(THREE, columns, 1e-4, 0.01, flow=False)
    assert (found.status, names(found)) == (1, ["columns permuted"])
    assert "x0 is recorded as x" in found.causes[0].detail or order[0] == 0


def test_a_run_stopped_early_follows_as_far_as_it_goes() -> None:
    found = compare(FLIP, beta_only(simulate(FLIP, 1e-6, 0.01, 3000)), 1e-6, 0.01, flow=False)
    assert (found.status, names(found), len(found.jumps)) == (0, ["stopped early"], 1)
    assert "t = 3.5" in found.causes[0].detail
    before = compare(FLIP, beta_only(simulate(FLIP, 1e-6, 0.01, 300)), 1e-6, 0.01, flow=False)
    assert (before.status, before.verdict, before.jumps) == (3, "cannot be told", ())


@pytest.mark.parametrize("noise", [[0.1, -0.05, -0.1], [0.2, 0, 0], [0, 0, 0.3]])
def test_noise_in_the_target_is_named(noise) -> None:
    other = DiagonalProblem(THREE.X, [float(a) + b for a, b in zip(THREE.y, noise, strict=True)])
    found = compare(THREE, beta_only(simulate(other, 1e-4, 0.01, 3000)), 1e-4, 0.01, flow=False)
    assert (found.status, names(found)) == (1, ["target differs"])


@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[1, 2, 0, 1], [0, 1, 3, -1], [2, 0, 1, 1]], [3, 1, 4]),
        ([[3, 1, -2, 2], [1, 2, 2, -1], [0, 1, -1, 1]], [4, 3, -2]),
        ([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], [1, 2, 3]),
    ],
)
def test_a_run_of_another_problem_does_not_follow(X, y) -> None:
    found = compare(THREE, beta_only(simulate(DiagonalProblem(X, y), 1e-4, 0.01, 3000)), 1e-4, 0.01)
    assert (found.status, names(found)) == (1, ["another problem"])
    assert found.first_deviation is not None


@pytest.mark.parametrize("seed", range(3))
def test_stochastic_gradients_are_named(seed) -> None:
    run = simulate(THREE, 1e-4, 0.01, 3000, "sgd", seed=seed)
    found = compare(THREE, beta_only(run), 1e-4, 0.01, flow=False)
    assert (found.status, names(found)) == (1, ["stochastic gradient"])


@pytest.mark.parametrize("given_alpha", [1e-3, 1e-5])
def test_another_alpha_is_named_with_its_value(given_alpha) -> None:
    found = compare(THREE, beta_only(simulate(THREE, 1e-4, 0.01, 3000)), given_alpha, 0.01, flow=False)
    assert (found.status, names(found)) == (1, ["alpha differs"])
    told = re.search(r"began from alpha = (\S+),", found.causes[0].detail)
    assert told
    assert float(told[1]) == pytest.approx(1e-4, rel=1e-3)


def test_momentum_is_a_faster_clock() -> None:
    run = simulate(THREE, 1e-6, 2e-3, 2000, "momentum", momentum=0.5)
    found = compare(THREE, beta_only(run), 1e-6, 2e-3, flow=False)
    assert (found.status, names(found)) == (1, ["loss scale"])
    assert "a momentum of 0.49" in found.causes[0].detail


@pytest.mark.parametrize("alpha", [0.3, 0.5])
def test_an_alpha_that_is_not_small_is_named(alpha) -> None:
    found = compare(THREE, simulate(THREE, alpha, 0.01, 3000), alpha, 0.01, flow=False)
    assert (found.status, names(found)) == (1, ["alpha not small"])
    assert found.first_deviation is None


@pytest.mark.parametrize(
    "text",
    [
        "step,beta_0,beta_1\n0,0,0\n1000,0.2,0\n100000,-1,4\n",
        "time,x0,x1\n0,0,0\n10,0.1,0\n20,0.2,1\n90,0.2,3\n",
    ],
)
def test_records_too_far_apart_tell_nothing(text, tmp_path) -> None:
    path = tmp_path / "run.csv"
    path.write_text(text)
    rate = 0.01 if text.startswith("step") else None
    found = compare(FLIP, str(path), 1e-6, rate, flow=False)
    assert (found.status, found.verdict) == (3, "cannot be told")
    assert "too far apart" in found.sentence


def test_dependent_columns_are_compared_too() -> None:
    problem = DiagonalProblem([[1, 1, 0], [0, 0, 1], [1, 2, 1]], [2, 1, 1])
    run = simulate(problem, 1e-4, 0.01, 14_000)
    found = compare(problem, run, 1e-4, 0.01, flow=False)
    assert found.status == 0
    assert len(found.jumps) == len(found.path.jumps)


# ---------------------------------------------------------------- conserved quantities, gain


def test_the_drift_of_u2_v2_is_that_of_the_steps() -> None:
    run = simulate(THREE, 1e-3, 0.05, 500)
    found = compare(THREE, run, 1e-3, 0.05, flow=False)
    assert run.weights is not None
    u, v = run.weights
    kept = (u[-1] ** 2 - v[-1] ** 2) / 2e-6  # Π(1 − η²g²)
    assert np.allclose(found.gain, 1 + np.log(1 / kept) / (2 * np.log(1e3)), rtol=1e-6)
    assert min(found.gain) > 1.001
    assert found.conserved < 1e-6


# ---------------------------------------------------------------- files and the command


@pytest.mark.parametrize("weights", [False, True])
def test_the_command_reads_a_csv_and_writes_json(weights, tmp_path, capsys) -> None:
    name = saved(simulate(FLIP, 1e-4, 0.02, 5500), tmp_path / "run.csv", weights)
    figure = tmp_path / "run.svg"
    arguments = ["compare", "sign-flip", name, "--alpha", "1e-4", "--learning-rate", "0.02"]
    assert main([*arguments, "--json", "--plot", str(figure)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["kind"], document["verdict"]) == ("run comparison", "follows")
    assert document["first_deviation"] is None
    assert [jump["coordinate"] for jump in document["jumps"]] == [0, 1, 0]
    assert all(jump["agrees"] for jump in document["jumps"])
    assert figure.read_text().startswith("<?xml")
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert out.startswith("The run follows the theory: 3 of 3 jumps")
    assert "x0 returns with the other sign" in out or "x0 returns" in out


def test_the_command_writes_a_page_whole(tmp_path, capsys) -> None:
    name = saved(simulate(FLIP, 1e-4, 0.02, 5500), tmp_path / "run.csv")
    common = ["compare", "sign-flip", name, "--alpha", "1e-4", "--lr", "0.02", "--no-flow"]
    assert main([*common, "--page", str(tmp_path / "page")]) == 0
    html = (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    assert "The run follows the theory: 3 of 3 jumps" in html
    assert json.loads((tmp_path / "page" / "result.json").read_text())["verdict"] == "follows"
    assert (tmp_path / "page" / "figures" / "run.svg").exists()
    assert main([*common, "--page", name]) == 2  # a file is no folder, and is left alone
    assert (tmp_path / "run.csv").read_text().startswith("step,loss")
    capsys.readouterr()


def test_the_command_says_1_and_3(tmp_path, capsys) -> None:
    wrong = saved(simulate(FLIP, 1e-4, 0.02, 5500, loss="mse"), tmp_path / "a.csv")
    early = saved(simulate(FLIP, 1e-4, 0.02, 100), tmp_path / "b.csv")
    common = ["--alpha", "1e-4", "--lr", "0.02", "--no-flow"]
    assert main(["compare", "sign-flip", wrong, *common, "--loss", "half-mse"]) == 1
    assert "loss scale" in capsys.readouterr().out
    assert main(["compare", "sign-flip", early, *common]) == 3
    assert "cannot" not in capsys.readouterr().err


def test_npz_frame_and_mapping_are_the_same_run(tmp_path) -> None:
    pandas = pytest.importorskip("pandas")
    run = simulate(FLIP, 1e-4, 0.02, 5500)
    np.savez(tmp_path / "run.npz", step=run.steps, u=run.weights[0], v=run.weights[1])
    columns = {"step": run.steps, "beta_0": run.beta[:, 0], "beta_1": run.beta[:, 1]}
    for source in (str(tmp_path / "run.npz"), pandas.DataFrame(columns), columns, run):
        found = compare(FLIP, source, 1e-4, 0.02, flow=False)
        assert [round(j.measured, 9) for j in found.jumps] == pytest.approx([8.854, 32.4, 67.0], rel=0.2)
        assert found.verdict == "follows"


def test_parquet_is_read_or_refused_with_the_remedy(tmp_path) -> None:
    path = tmp_path / "run.parquet"
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        path.write_bytes(b"PAR1 and more PAR1")
        with pytest.raises(BadInputError, match="pyarrow"):
            run_columns(str(path))
        return
    run = simulate(FLIP, 1e-4, 0.02, 5500)
    columns = {"step": run.steps, "beta_0": run.beta[:, 0], "beta_1": run.beta[:, 1]}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    assert compare(FLIP, str(path), 1e-4, 0.02, flow=False).verdict == "follows"


BAD = {
    "step,beta_0\n0,0\n1,0\n2,0\n": "beta",
    "beta_0,beta_1\n0,0\n1,1\n2,2\n": "step or time",
    "step,beta_0,beta_1\n0,0,0\n2,0,0\n1,0,0\n": "increase",
    "step,beta_0,beta_1\n0,0,0\n1,0,0\n": "at least 3",
    "step,beta_0,beta_1\n0,nan,0\n1,0,0\n2,0,0\n": "at least 3",
    "0,0,0\n1,0,0\n2,0,0\n": "names of columns",
    "step,beta_0,beta_1\n0,0,0\n1,0\n2,0,0\n": "line 3",
    "step,beta_0,beta_0\n0,0,0\n1,0,0\n2,0,0\n": "two columns",
    "step,u_0,u_1,v_0\n0,0,0,0\n1,0,0,0\n2,0,0,0\n": "v_1",
    "step,beta_0,beta_1\n0,0,0\n0.5,0,0\n1,0,0\n": "whole numbers",
    "step,beta_0,beta_1\n0,0,0\n1e9,0,0\n1e300,0,0\n": "at most 5,000,000",
    "": "empty",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_runs_are_refused_in_one_line(text, tmp_path, capsys) -> None:
    path = tmp_path / "run.csv"
    path.write_text(text)
    assert main(["compare", "sign-flip", str(path), "--alpha", "1e-3", "--lr", "0.1"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert BAD[text] in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--alpha", "0"],
        ["--alpha", "1"],
        ["--alpha", "nan"],
        ["--lr", "-1"],
        ["--lr", "inf"],
        ["--loss", "mae"],
    ],
)
def test_bad_settings_are_refused_in_one_line(arguments, tmp_path, capsys) -> None:
    name = saved(simulate(FLIP, 1e-4, 0.02, 200), tmp_path / "run.csv")
    assert main(["compare", "sign-flip", name, "--alpha", "1e-3", "--lr", "0.1", *arguments]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)


def test_simulate_makes_many_runs_at_once() -> None:
    runs = simulate(TWO, [1e-3, 1e-5], [0.01, 0.02], 1500)
    for alpha, rate, run in zip([1e-3, 1e-5], [0.01, 0.02], runs, strict=True):
        alone = simulate(TWO, alpha, rate, 1500)
        assert np.allclose(run.beta, alone.beta, rtol=1e-12, atol=0)
    seeds = simulate(TWO, 1e-3, 0.01, 100, "sgd", seed=[0, 1, 0])
    assert (seeds[0].beta == seeds[2].beta).all()
    assert (seeds[0].beta != seeds[1].beta).any()
    with pytest.raises(BadInputError, match="optimiser"):
        simulate(TWO, optimiser="adam")
