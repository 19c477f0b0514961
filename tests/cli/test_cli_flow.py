"""``saddlesym flow`` as a user meets it."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from ctrl_c import interrupted

from saddlesym import DiagonalProblem, NonUniqueMinimiserError, flow, saddle_path, stopping_time
from saddlesym.cli.lasting import foretell
from saddlesym.cli.main import main
from saddlesym.diagonal.path.stopping_time import dwell_end

NOISE = "a,b,y\n3,1,1\n1,2,0.33333333333333331\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_has_the_documented_form(capsys):
    status, out, err = run(capsys, "flow", "sign-flip", "--alpha", "1e-100", "--digits", "20", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert (document["alpha"], document["digits"], document["certified"]) == ("1e-100", 20, True)
    assert [j["coordinate"] for j in document["jumps"]] == [0, 1, 0]
    assert all(abs(float(j["time"])) < 8 and float(j["radius"]) < 1e-18 for j in document["jumps"])
    assert [round(float(b["mid"]), 12) for b in document["final_beta"]] == [-1, 4]
    assert document["steps"] > document["leaps"] > 0


def test_recovered_times_have_a_command_and_a_document_of_their_own(capsys):
    status, out, err = run(capsys, "recover", "sign-flip", "--alpha", "1e-100", "--digits", "20", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert [(j["coordinate"], j["recovered"]) for j in document["jumps"]] == [
        (0, "1"),
        (1, "7/2"),
        (0, "15/2"),
    ]
    assert document["certified"] is False
    assert document["alphas"] == ["1e-100", "1e-1000", "1e-10000"]


def test_tables_print_the_digits_asked_for(capsys):
    _, out, _ = run(capsys, "recover", "sign-flip", "--digits", "33", "--alpha", "1e-60")
    assert "1.85428789980734568072" in out  # c_3, ln of rationals, to more than 10 digits
    assert "estimated" in out
    assert "From flows at alpha = 1e-60, 1e-600, 1e-6000, whose 33 digits are proved." in out


def test_the_table_says_what_is_proved(capsys):
    _, proved, _ = run(capsys, "flow", "sign-flip", "--digits", "10")
    _, plain, _ = run(capsys, "flow", "sign-flip", "--digits", "10", "--no-certify")
    assert "10 digits proved" in proved
    assert "not proved" in plain


def test_a_deep_network_tells_its_clock_and_has_the_same_form(capsys):
    status, out, _ = run(capsys, "flow", "sign-flip", "--depth", "3", "--alpha", "1e-100", "--digits", "6")
    assert status == 0
    assert "depth 3, t = 3*alpha^1*T" in out
    assert "6 digits proved" in out
    _, out, _ = run(
        capsys, "flow", "sign-flip", "--depth", "3", "--alpha", "1e-100", "--digits", "6", "--json"
    )
    document = json.loads(out)
    assert (document["depth"], document["certified"]) == (3, True)
    assert [j["coordinate"] for j in document["jumps"]] == [0, 1, 0]
    assert [round(float(b["mid"]), 5) for b in document["final_beta"]] == [-1, 4]


def test_a_deep_network_has_twelve_digits_by_default(capsys):
    _, out, _ = run(capsys, "flow", "sign-flip", "--depth", "3")
    assert "12 digits proved" in out


def test_a_flow_without_jumps_says_so_and_a_scale_next_to_one_has_its_end(capsys):
    options = ["flow", "sign-flip", "--alpha", "0." + "9" * 150, "--digits", "8"]
    status, out, _ = run(capsys, *options)
    assert status == 0
    assert "999: no jumps\n" in out
    _, out, _ = run(capsys, *options, "--json")
    end = json.loads(out)["end"]
    assert 0 < float(end["radius"]) < 1e-8 * float(end["mid"])


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_figure_is_written_whole(capsys, tmp_path: Path, suffix):
    file = tmp_path / f"flow.{suffix}"
    status, _, _ = run(capsys, "flow", "sign-flip", "--digits", "8", "--plot", str(file))
    assert status == 0
    assert file.stat().st_size > 5000
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "options",
    [
        ["--alpha", "1"],
        ["--alpha", "0"],
        ["--alpha", "x"],
        ["--alpha", "-1"],
        ["--until", "1e400"],
        ["--digits", "3"],
        ["--digits", "99999999"],
        ["--depth", "1"],
        ["--depth", "21"],
        ["--depth", "3", "--digits", "500"],
        ["--depth", "3", "--until", "0"],
        ["--until", "1/2"],
        ["--until", "nan"],
        ["--output", "file.json"],
        ["--plot", "file.txt"],
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, options):
    status, out, err = run(capsys, "flow", "sign-flip", *options)
    assert (status, out) == (2, "")
    assert err.startswith("saddlesym: ")
    assert err.count("\n") == 1


def test_recovery_stops_where_the_data_are_fitted(tmp_path: Path, capsys):
    file = tmp_path / "data.csv"
    file.write_text(NOISE, encoding="utf-8")
    _, out, _ = run(capsys, "recover", str(file), "--stop-residual", "0.1", "--json")
    document = json.loads(out)
    assert len(document["jumps"]) == 1
    assert "no residual is greater than 0.1" in document["stopped"]


@pytest.mark.parametrize(
    "options",
    [
        ["--alpha", "0.5"],
        ["--alpha", "1e-600000"],
        ["--alpha", "1e-50", "--alpha", "1e-50"],
        ["--digits", "3"],
        ["--kappa", "1"],
        ["--kappa", "1,2", "--stop-loss", "1"],
    ],
)
def test_bad_input_of_recover_is_one_line_and_status_2(capsys, options):
    status, out, err = run(capsys, "recover", "sign-flip", *options)
    assert (status, out) == (2, "")
    assert err.startswith("saddlesym: ")
    assert err.count("\n") == 1


def test_the_shape_of_the_start_is_an_option(capsys):
    _, out, _ = run(capsys, "flow", "sign-flip", "--digits", "6", "--kappa", "1,1/3", "--no-certify")
    assert re.search(r"1 +0\.666667 +x1 enters", out), out


@pytest.mark.parametrize("depth", ["2", "3"])
def test_a_flow_is_not_taken_for_a_path_by_check(capsys, tmp_path: Path, depth: str):
    file = str(tmp_path / "flow.json")
    options = ["--alpha", "1e-20", "--digits", "6", "--depth", depth, "--json", "-o", file]
    assert run(capsys, "flow", "sign-flip", *options)[0] == 0
    for more in ([], ["--data", "sign-flip"]):
        status, out, err = run(capsys, "check", file, *more)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "holds no result that its data decide" in err


@pytest.mark.parametrize(
    ("place", "calls"),
    [("_Run._step", 12), ("_Run._step", 30), ("Kernel.expand", 14), ("ImplicitSteps.step", 9)],
)
def test_ctrl_c_keeps_a_flow_up_to_where_it_is(tmp_path: Path, place: str, calls: int) -> None:
    data, out = tmp_path / "data.csv", tmp_path / "out.json"
    data.write_text("a,b,c,y\n3,1,-2,4\n1,2,2,3\n0,1,-1,-2\n")
    options = ["--alpha", "1e-50", "--digits", "20", "--json", "-o", out]
    done = interrupted(place, "flow", data, *options, calls=calls)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data.csv", "out.partial.json"]
    found = json.loads((tmp_path / "out.partial.json").read_text())
    assert found["partial"] is True
    assert "interrupted: the flow up to t = " in done.stderr
    # what is kept is a part of the whole flow
    whole, end = flow(DiagonalProblem.from_csv(data), "1e-50", digits=20), found["end"]["mid"]
    jumps = [jump for jump in whole.jumps if float(jump.time) < float(end)]
    assert len(found["jumps"]) in (len(jumps), len(jumps) - 1)
    for kept, jump in zip(found["jumps"], jumps, strict=False):
        assert kept["entered"] == list(jump.entered)
        assert float(kept["time"]) == pytest.approx(float(jump.time), rel=1e-12)
    for kept, beta in zip(found["final_beta"], whole.beta(end), strict=True):
        assert float(kept["mid"]) == pytest.approx(float(beta), rel=1e-9)


def test_a_jump_of_a_coordinate_far_below_the_others_has_a_name(capsys, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a,b,y\n1,0,1\n0,1,1e-17\n")
    status, out, _ = run(capsys, "flow", str(data), "--alpha", "1e-20", "--digits", "6")
    assert status == 0
    assert re.search(r"^ +1 +2\.\d+ +a enters", out, re.M)
    assert re.search(r"^ +2 +1\.15\d*e\+17 +b meets its bound", out, re.M)


def test_ctrl_c_shows_a_flow_up_to_where_it_is() -> None:
    done = interrupted("_Run._step", "flow", "diabetes", "--alpha", "1e-500", "--digits", "10", calls=60)
    assert done.returncode == 130
    assert "At t = " in done.stdout
    assert done.stderr.strip().splitlines()[-1].startswith("saddlesym: interrupted: the flow up to t = ")


def test_ctrl_c_before_the_first_step_leaves_no_file(tmp_path: Path):
    options = ["--alpha", "1e-500", "--digits", "60", "--json", "-o", tmp_path / "out.json"]
    done = interrupted("_Run._step", "flow", "diabetes", *options, calls=1)
    assert done.returncode == 130
    assert done.stderr.strip().endswith("saddlesym: interrupted")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "options", "jumps", "reason"),
    [
        (NOISE, ["--data-precision", "given"], 1, "below the rounding of the data"),
        (NOISE, ["--data-precision", "1e-9"], 1, "below the rounding of the data"),
        (NOISE, ["--stop-loss", "1e-20"], 1, "is at most"),
        (NOISE, ["--stop-residual", "0.1"], 1, "no residual is greater than 0.1"),
        ("a,b,y\n3,1,1.000\n1,2,0.333\n", ["--data-precision", "given"], 1, "below the rounding of the data"),
        ("a,b,y\n2,0,3\n0,3,-1\n", ["--stop-loss", "0.26"], 1, "is at most 0.26"),
        ("a,b,y\n2,0,3\n0,3,-1\n", ["--stop-loss", "0.24"], 2, ""),
        ("a,b,y\n2,0,3\n0,3,-1\n", ["--data-precision", "given"], 2, ""),
    ],
)
def test_a_flow_stops_where_the_data_are_fitted(tmp_path: Path, capsys, text, options, jumps, reason) -> None:
    file = tmp_path / "data.csv"
    file.write_text(text)
    command = ["flow", str(file), "--alpha", "1e-30", "--digits", "20", *options]
    status, out, err = run(capsys, *command, "--json")
    document = json.loads(out)
    assert (status, err, len(document["jumps"])) == (0, "", jumps)
    assert reason in (document["stopped"] or "")
    assert (document["stopped"] is None) is (reason == "")
    _, out, _ = run(capsys, *command)
    assert out.strip().endswith("." if not reason else f"{document['stopped'][1:]}.")


def test_a_flow_says_when_it_fits_rounding_errors(tmp_path: Path, capsys) -> None:
    file = tmp_path / "data.csv"
    file.write_text(NOISE)
    _, _out, err = run(capsys, "flow", str(file), "--alpha", "1e-30", "--digits", "20")
    assert err.startswith("saddlesym: after jump 1 the loss 1.22e-34 is below the rounding of the data")
    assert "--data-precision given, to stop there" in err
    assert err.count("\n") == 1
    for quiet in (
        ["--until", "100"],
        ["--data-precision", "0", "--until", "1e6"],
        ["--data-precision", "given"],
    ):
        assert run(capsys, "flow", str(file), "--alpha", "1e-30", "--digits", "20", *quiet)[2].count(
            "\n"
        ) == (quiet == ["--until", "100"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--stop-loss", "x"], "stop_loss"),
        (["--stop-residual", "-1"], "stop_residual"),
        (["--data-precision", "often"], "data_precision"),
        (["--stop-loss", "100"], "at β = 0 the loss"),
        (["--stop-loss", "0.1", "--depth", "3"], "for --depth 2"),
    ],
)
def test_stops_that_make_no_sense_are_one_line(capsys, options, words) -> None:
    status, out, err = run(capsys, "flow", "sign-flip", *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_the_exact_path_is_not_left_while_a_stopped_flow_rests() -> None:
    rng = random.Random(4)
    for _ in range(40):
        n, d = rng.randint(2, 5), rng.randint(1, 5)
        rows = [[rng.randint(-9, 9) for _ in range(d)] for _ in range(n)]
        problem = DiagonalProblem(rows, [rng.randint(-9, 9) for _ in range(n)])
        try:
            path = saddle_path(problem)
        except NonUniqueMinimiserError:
            continue
        for one, after in pairwise(path.jumps):
            assert dwell_end(one) == after.time
            end = stopping_time(problem, stop_loss=one.loss)
            assert end is not None
            assert one.time < end < after.time
        if path.jumps:
            assert dwell_end(path.jumps[-1]) is None
            assert stopping_time(problem, stop_loss=path.jumps[-1].loss) is None


def test_many_digits_are_foretold(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, clock = DiagonalProblem.from_csv("sign-flip"), iter(range(10**9))
    monkeypatch.setattr("saddlesym.cli.lasting.process_time", lambda: next(clock) / 1000)
    assert foretell(problem, "1e-50", 10_000, None) == pytest.approx(222, abs=30)
    assert re.fullmatch(
        r"saddlesym: 10000 digits take about \d+ days, to judge by a flow with 20; try: .*\n",
        capsys.readouterr().err,
    )
    assert foretell(problem, "1e-50", 60, None) is None
    assert foretell(problem, "1e-50", 10_001, None) is None
    assert foretell(problem, "2", 1000, None) is None
    monkeypatch.setattr("saddlesym.cli.lasting.process_time", lambda: next(clock))
    assert foretell(problem, "1e-50", 10_000, None) is None
    assert "take more than about" in capsys.readouterr().err


def test_ctrl_c_ends_a_flow_of_many_digits_at_once(tmp_path: Path) -> None:
    # the second flow: the first, to few digits, was only timed
    done = interrupted("solve_flow", "flow", "sign-flip", "--digits", "10000", calls=2)
    assert done.returncode == 130
    assert "10000 digits take about" in done.stderr
    assert done.stderr.strip().endswith("saddlesym: interrupted")
