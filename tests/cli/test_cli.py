"""The command line as a user meets it: results, files, refusals, exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ctrl_c import interrupted

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_path_json_has_the_documented_form(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "path", "sign-flip", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert document["features"] == ["x0", "x1"]
    assert document["jumps"][2] == {
        "time": "15/2",
        "time_decimal": "7.5",
        "beta": ["-1", "4"],
        "dual": ["-1", "1"],
        "loss": "0",
        "hit": [[0, -1]],
        "entered": [0],
        "left": [],
        "flipped": [0],
    }
    assert document["complete"] is True


def test_json_keeps_every_digit_and_check_reads_it_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "path.json"
    assert run(capsys, "path", "diabetes", "--json", "-o", target)[:2] == (0, "")
    document = json.loads(target.read_text(encoding="utf-8"))
    path = saddle_path(DiagonalProblem.from_csv("diabetes").centred().scaled())
    assert [Fraction(j["time"]) for j in document["jumps"]] == path.times()
    status, out, _ = run(capsys, "check", target)
    assert status == 0
    assert "12 of 12 claims hold" in out
    status, out, _ = run(capsys, "check", target, "--data", "diabetes")
    assert status == 0
    assert "14 of 14" in out
    status, out, _ = run(capsys, "check", target, "--data", "diabetes", "--no-scale", "--json")
    assert status == 1
    assert json.loads(out)["holds"] is False


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("jumps", 1, "time"), "4"),
        (("jumps", 1, "time_decimal"), "3.4999"),
        (("jumps", 2, "beta", 0), "-2"),
        (("jumps", 0, "loss"), "1"),
        (("problem", "y", 0), "2"),
        (("certificate", "l1_norm"), "4"),
    ],
)
def test_check_finds_a_changed_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, place: tuple[Any, ...], value: str
) -> None:
    document = json.loads(run(capsys, "path", "sign-flip", "--json")[1])
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    (tmp_path / "bad.json").write_text(json.dumps(document))
    status, out, _ = run(capsys, "check", tmp_path / "bad.json")
    assert status == 1
    assert "FALSE" in out


def test_check_of_the_bare_documented_form_needs_data(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    document = json.loads(run(capsys, "path", "diabetes", "--json", "--until", "4")[1])
    del document["problem"]
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(document))
    status, _, err = run(capsys, "check", bare)
    assert status == 2
    assert "--data" in err
    assert run(capsys, "check", bare, "--data", "diabetes")[0] == 0
    assert run(capsys, "check", bare, "--data", "diabetes", "--no-centre")[0] == 1


def test_saddles_json_streams_and_checks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "saddles.json"
    run(capsys, "saddles", "shrinking", "--json", "--general-position", "-o", target)
    document = json.loads(target.read_text(encoding="utf-8"))
    assert document["general_position"]["holds"] is True
    assert [s["morse_index"] for s in document["saddles"]] == [3, 2, 2, 0, 1]
    status, out, _ = run(capsys, "check", target)
    assert status == 0
    assert "8 of 8" in out
    for change in (
        {"saddles": document["saddles"][:-1]},
        {
            "general_position": {
                "holds": False,
                "columns": [0, 1],
                "signs": [1, 1],
                "coefficients": ["1", "-1"],
            }
        },
    ):
        target.write_text(json.dumps(document | change))
        assert run(capsys, "check", target)[0] == 1
    dependent = tmp_path / "dependent.csv"
    dependent.write_text("1,0,2,1\n0,1,1,2\n")
    run(capsys, "saddles", dependent, "--json", "--general-position", "-o", target)
    document = json.loads(target.read_text(encoding="utf-8"))
    assert document["general_position"]["holds"] is False
    assert run(capsys, "check", target)[0] == 0
    document["general_position"] = {"holds": True, "columns": [], "signs": [], "coefficients": []}
    target.write_text(json.dumps(document))
    assert run(capsys, "check", target)[0] == 1
    document["max_support"] = -5
    target.write_text(json.dumps(document))
    assert run(capsys, "check", target)[0] == 2


def test_csv_and_latex(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("50%_a,$b$ & c,y\n-3,-1,-1\n-1,0,1\n")
    rows = list(csv.DictReader(io.StringIO(run(capsys, "path", table, "--csv")[1])))
    assert [row["time"] for row in rows] == ["1", "7/2", "15/2"]
    assert rows[2]["beta $b$ & c"] == "4"
    assert rows[2]["flipped"] == "0"
    latex = run(capsys, "path", table, "--latex")[1]
    assert r"50\%\_a enters ($+$)" in latex
    assert r"\$b\$ \& c" in latex
    assert r"\tfrac{7}{2} \approx 3.5" in latex
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 1
    rows = list(csv.DictReader(io.StringIO(run(capsys, "saddles", table, "--csv")[1])))
    assert [row["support"] for row in rows] == ["", "0", "1", "0 1"]
    latex = run(capsys, "saddles", table, "--latex")[1]
    assert r"$-$50\%\_a $+$\$b\$ \& c" in latex


def test_table_tells_the_story(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "path", "diabetes")[1]
    assert "s2 enters (+), s3 leaves" in out
    assert "s3 returns with the other sign (+)" in out
    assert "442" in out
    assert "exact dual certificate" in out
    out = run(capsys, "path", "diabetes", "--until", "1/10", "--digits", "20")[1]
    assert "known up to t = 1/10" in out
    assert "0.02214286868395352" in out
    out = run(capsys, "saddles", "sign-flip", "--general-position")[1]
    assert "general position" in out
    assert "4 critical sets" in out


def test_results_of_any_size_are_read_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Floats of 17 digits make jump times of twenty thousand: more than user text may have."""
    np.save(tmp_path / "floats.npy", np.random.default_rng(0).normal(size=(34, 69)))
    assert run(capsys, "path", tmp_path / "floats.npy", "--json", "-o", tmp_path / "long.json")[0] == 0
    document = json.loads((tmp_path / "long.json").read_text())
    assert max(len(jump["time"]) for jump in document["jumps"]) > 10_000
    assert run(capsys, "check", tmp_path / "long.json")[0] == 0


def test_few_digits_are_still_the_nearest_decimals(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "s.csv").write_text("1,0,0.001\n0,1,0.00081\n")
    run(capsys, "path", tmp_path / "s.csv", "--json", "--digits", "2", "-o", tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text())
    assert [jump["time_decimal"] for jump in document["jumps"]] == ["2000", "2.5e+03"]
    assert run(capsys, "check", tmp_path / "s.json")[0] == 0


def test_outputs_respect_links_modes_and_devices(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    real, link, private = tmp_path / "real.json", tmp_path / "link.json", tmp_path / "private.json"
    real.write_text("old")
    link.symlink_to(real)
    private.write_text("old")
    private.chmod(0o600)
    for name in (link, private):
        assert run(capsys, "path", "sign-flip", "--json", "-o", name)[0] == 0
    assert link.is_symlink()
    assert json.loads(real.read_text())["complete"] is True
    assert private.stat().st_mode & 0o777 == 0o600
    assert run(capsys, "path", "sign-flip", "--json", "-o", "/dev/null")[0] == 0
    assert not Path("/dev/null").is_file()


def test_preparation_flags(capsys: pytest.CaptureFixture[str]) -> None:
    raw = json.loads(run(capsys, "path", "diabetes", "--no-scale", "--no-centre", "--json")[1])
    assert raw["problem"]["centred"] is False
    assert raw["problem"]["scale"] is None
    ready = json.loads(run(capsys, "path", "diabetes", "--json")[1])
    assert ready["problem"]["centred"] is True
    assert ready["problem"]["scale"][:2] == ["6547/500", "499/1000"]


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_plot_is_written_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"figure{suffix}"
    assert run(capsys, "path", "sign-flip", "--plot", target)[0] == 0
    magic = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}[suffix]
    assert target.read_bytes().startswith(magic)
    assert os.listdir(tmp_path) == [target.name]


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\n \n\n", "is empty"),
    "ragged.csv": (b"a,b,y\n1,2,3\n1,2\n", "line 3: 2 cells"),
    "text.csv": (b"a,b,y\n1,2,3\n1,two,3\n", "line 3, column 'b': 'two' is not a number"),
    "gap.csv": (b"a,b,y\n1,2,3\n1,,3\n", "line 3, column 'b': empty cell"),
    "nan.csv": (b"a,b,y\n1,2,3\nnan,1,3\n", "line 3, column 'a': 'nan' is not finite"),
    "nanfirst.csv": (b"nan,2,3\n1,1,3\n", "line 1, column 'x0': 'nan' is not finite"),
    "inf.csv": (b"a,b,y\n1,2,3\n1,-inf,3\n", "'-inf' is not finite"),
    "comma.csv": (b"a;b;y\n1,5;2;3\n1;2;3\n", "'1,5' is not a number"),
    "header.csv": (b"a,b,y\n", "no row of data"),
    "mixed.csv": (b"1,b,y\n1,2,3\n1,2,4\n", "mixes numbers"),
    "twice.csv": (b"a,a,y\n1,2,3\n1,2,4\n", "two columns are named 'a'"),
    "index.csv": (b",a,y\n0,2,3\n1,2,4\n", "column 1 has no name"),
    "single.csv": (b"y\n2\n3\n", "has one column"),
    "binary.csv": (bytes(range(256)) * 9, "not a text file"),
    "nul.csv": (b"a,b\n1,\0\n2,3\n", "binary file"),
    "long.csv": (b"a,y\n1,2\n" + b"9" * 10**6 + b",3\n", "line 3"),
    "digits.csv": (b"a,y\n1,2\n" + b"9" * 15_000 + b",3\n", "too long"),
    "power.csv": (b"a,y\n1,2\n1e999999,3\n", "too long"),
    "bad.npy": (b"\x93NUMPY garbage", "not a readable NumPy file"),
    "bad.npz": (b"PK\x03\x04 garbage", "not a readable NumPy file"),
    "nulls.npz": (b"", "not a readable NumPy file"),
    "quote.csv": (b'a,y\n"1,2\n3,4\n', "unexpected end of data"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_get_one_line_and_write_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    content, message = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    for command in ("path", "saddles"):
        status, out, err = run(capsys, command, tmp_path / name, "--json", "-o", tmp_path / "out.json")
        assert (status, out) == (2, "")
        assert message in err
        assert err.count("\n") == 1
        assert len(err) < 400
        assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["path", "no-such-data"], "neither a file nor a shipped example"),
        (["path", "."], "is a folder"),
        (["path", "diabetes", "--until", "-1"], "negative"),
        (["path", "diabetes", "--json", "--csv"], "--json and --csv"),
        (["saddles", "sign-flip", "--latex", "--json"], "--latex and --json"),
        (["path", "diabetes", "--until", "soon"], "'soon' is not a number"),
        (["path", "diabetes", "--max-jumps", "-2"], "--max-jumps"),
        (["path", "diabetes", "--target", "weight"], "no target column 'weight'"),
        (["path", "diabetes", "--target", "11"], "index from 0 to 10"),
        (["path", "diabetes", "--target", "9" * 5000], "no target column"),
        (["path", "diabetes", "--plot", "f.svg", "-o", "x.txt"], "--output needs"),
        (["path", "diabetes", "--plot", "figure.gif"], ".svg, .png or .pdf"),
        (["path", "diabetes", "--plot", "/no/such/place/f.svg"], "does not exist"),
        (["path", "diabetes", "--json", "-o", "/no/such/place/f.json"], "does not exist"),
        (["path", "diabetes", "-o", "x.txt"], "--output needs"),
        (["path", "diabetes", "--digits", "0"], "--digits"),
        (["path"], "Missing argument"),
        (["path", "diabetes", "--jason"], "No such option"),
        (["pathology", "diabetes"], "No such command"),
        (["saddles", "diabetes", "--max-sets", "10"], "--max-support"),
        (["check", "no-such-file.json"], "cannot be read"),
    ],
)
def test_bad_usage_gets_one_line(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", '{"jumps": [], "kind": "potato"}', '{"jumps": [], "features": 5}',
     '{"jumps": [], "features": ["a"], "complete": "false", "problem": {"M": [["1"]], "r": ["1"]}}',
     '{"jumps": [], "features": ["a"], "problem": {"X": [["1"]], "y": ["1"], "centred": "no"}}',
     '{"jumps": [], "features": ["a"], "horizon": "-3", "problem": {"M": [["1"]], "r": ["1"]}}',
     '{"saddles": [], "features": ["a"], "max_support": Infinity, "problem": {"M": [["1"]], "r": ["1"]}}', "{}", '{"jumps": 3}', '{"jumps": [{}]}', "[" * 10**5, '{"saddles": [], "problem": 1}',
     '{"jumps": [], "problem": {"X": [["1"]], "y": ["a"]}}', '{"jumps": [], "problem": {"X": [["1"]]}}',
     '{"saddles": [{"support": [9]}], "problem": {"M": [["1"]], "r": ["1"]}, "max_support": 1}'],
)  # fmt: skip
def test_check_refuses_what_is_no_result(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    (tmp_path / "file.json").write_text(text)
    status, out, err = run(capsys, "check", tmp_path / "file.json")
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_hostile_column_names_are_printed_harmlessly(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "hostile.csv"
    table.write_text("\x1b[31mred[/bold],__import__('os').system('touch pwned'),y\n-3,-1,-1\n-1,0,1\n")
    status, out, _ = run(capsys, "path", table, "--plot", tmp_path / "f.svg")
    assert status == 0
    assert "\x1b" not in out
    assert r"\x1b[31mred[/bold]" in out
    assert sorted(os.listdir(tmp_path)) == ["f.svg", "hostile.csv"]


def test_npy_npz_and_headerless_csv(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [[-3, -1, -1], [-1, 0, 1]]
    np.save(tmp_path / "a.npy", np.array(rows, dtype=float))
    np.savez(tmp_path / "a.npz", X=[row[:2] for row in rows], y=[row[2] for row in rows])
    (tmp_path / "a.csv").write_text("\ufeff-3;-1;-1\r\n-1;0;1\r\n\r\n", encoding="utf-8")
    (tmp_path / "a.tsv").write_text("-3\t-1\t-1\n-1\t0\t1\n")
    expected = json.loads(run(capsys, "path", "sign-flip", "--json")[1])["jumps"]
    (tmp_path / "quoted.csv").write_text('"weight, kg";"a\nb";y\n-3;-1;-1\n-1;0;1e00000000000\n')
    for name in ("a.npy", "a.npz", "a.csv", "a.tsv", "quoted.csv"):
        status, out, _ = run(capsys, "path", tmp_path / name, "--json")
        assert status == 0
        assert json.loads(out)["jumps"] == expected


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--help")
    assert status == 0
    assert all(word in out for word in ("path", "saddles", "check"))
    assert run(capsys, "--version")[1].startswith("saddlesym, version ")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from saddlesym.cli.main import main; main(['--help']);"
        "heavy = {'sympy', 'matplotlib', 'numpy', 'flint', 'rich', 'scipy', 'networkx'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_interrupted_enumeration_leaves_a_readable_document(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = np.hstack([rng.integers(-9, 10, (25, 19)), rng.integers(-9, 10, (25, 1))])
    np.save(tmp_path / "big.npy", table)
    done = interrupted("Saddle.to_dict", "saddles", tmp_path / "big.npy", "--json", calls=100)
    assert done.returncode == 130
    assert "interrupted after 100 saddles, which are kept" in done.stderr
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    assert document["complete"] is False
    assert len(document["saddles"]) == 100


def test_a_closed_pipe_is_neither_an_error_nor_a_verdict() -> None:
    command = f"{sys.executable} -m saddlesym saddles diabetes | head -n 2; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout.startswith("diabetes")
    assert done.stdout.endswith("\n141\n")
    assert done.stderr == ""
    closed = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m saddlesym path sign-flip >&-"], capture_output=True
    )
    assert (closed.returncode, closed.stderr) == (0, b"")


def test_terminals_without_greek_letters_still_get_an_answer() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "saddlesym", "path", "sign-flip"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"15/2" in done.stdout


def test_ctrl_c_is_heard_while_no_saddle_is_found(tmp_path: Path) -> None:
    table = np.hstack([np.random.default_rng(2).integers(-9, 10, (30, 20)), np.zeros((30, 1), dtype=int)])
    np.save(tmp_path / "none.npy", table)
    done = interrupted("_critical", "saddles", tmp_path / "none.npy", "--csv", calls=1000)
    assert done.returncode == 130
    assert "interrupted after 1 saddle," in done.stderr
