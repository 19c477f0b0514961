"""``saddlesym flow`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ctrl_c import interrupted

from saddlesym.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_has_the_documented_form(capsys):
    status, out, err = run(capsys, "flow", "sign-flip", "--alpha", "1e-100", "--digits", "20", "--certify",
                           "--recover", "--json")  # fmt: skip
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert (document["alpha"], document["digits"], document["certified"]) == ("1e-100", 20, True)
    assert [(j["coordinate"], j["recovered"]) for j in document["jumps"]] == [
        (0, "1"),
        (1, "7/2"),
        (0, "15/2"),
    ]
    assert all(abs(float(j["time"])) < 8 and float(j["radius"]) < 1e-18 for j in document["jumps"])
    assert [round(float(b["mid"]), 12) for b in document["final_beta"]] == [-1, 4]
    assert document["steps"] > document["leaps"] > 0


def test_json_has_one_schema_with_and_without_recovery(capsys):
    common = ["flow", "sign-flip", "--alpha", "1e-60", "--digits", "12", "--json"]
    bare, full = (json.loads(run(capsys, *common, *more)[1]) for more in ([], ["--recover"]))
    assert bare.keys() == full.keys()
    assert bare["recovery"] is None
    for document in (bare, full):
        assert document["recovered_certified"] is False
    for one, two in zip(bare["jumps"], full["jumps"], strict=True):
        assert one.keys() == two.keys()
        assert one["recovered"] is None
    assert full["recovery"]["certified"] is False


def test_tables_print_the_digits_asked_for(capsys):
    _, out, _ = run(capsys, "flow", "sign-flip", "--digits", "33", "--alpha", "1e-60", "--recover")
    assert "1.85428789980734568072" in out  # c_3, ln of rationals, to more than 10 digits
    assert "estimated" in out
    assert f"-1.{32 * '0'}" in out


def test_the_table_says_what_is_proved(capsys):
    _, proved, _ = run(capsys, "flow", "sign-flip", "--digits", "10", "--certify")
    _, plain, _ = run(capsys, "flow", "sign-flip", "--digits", "10")
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
    options = ["flow", "sign-flip", "--alpha", "0." + "9" * 150, "--digits", "8", "--certify"]
    status, out, _ = run(capsys, *options)
    assert status == 0
    assert "999: no jumps\n" in out
    _, out, _ = run(capsys, *options, "--json")
    end = json.loads(out)["t_end"]
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
        ["--alpha", "0.5", "--recover"],
        ["--until", "1e400"],
        ["--digits", "3"],
        ["--digits", "99999999"],
        ["--depth", "1"],
        ["--depth", "21"],
        ["--depth", "3", "--recover"],
        ["--depth", "3", "--digits", "500"],
        ["--depth", "3", "--until", "0"],
        ["--until", "1/2"],
        ["--until", "nan"],
        ["--output", "file.json"],
        ["--plot", "file.txt"],
        ["--alpha", "1e-600000", "--recover"],
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, options):
    status, out, err = run(capsys, "flow", "sign-flip", *options)
    assert (status, out) == (2, "")
    assert err.startswith("saddlesym: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("depth", ["2", "3"])
def test_a_flow_is_not_taken_for_a_path_by_check(capsys, tmp_path: Path, depth: str):
    file = str(tmp_path / "flow.json")
    options = ["--alpha", "1e-20", "--digits", "6", "--depth", depth, "--json", "-o", file]
    assert run(capsys, "flow", "sign-flip", *options)[0] == 0
    for more in ([], ["--data", "sign-flip"]):
        status, out, err = run(capsys, "check", file, *more)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "holds no result that its data decide" in err


def test_ctrl_c_leaves_no_file(tmp_path: Path):
    options = ["--alpha", "1e-500", "--digits", "60", "--json", "-o", tmp_path / "out.json"]
    done = interrupted("Kernel.expand", "flow", "diabetes", *options, calls=30)
    assert done.returncode == 130
    assert done.stderr.strip().endswith("saddlesym: interrupted")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
