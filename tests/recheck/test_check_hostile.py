"""What ``check`` is handed by strangers: forged words, sizes beyond reach, streams that are none."""

from __future__ import annotations

import copy
import gzip
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from documents import documents, run

from saddlesym.cli.main import main
from saddlesym.errors import shown, visible
from saddlesym.files import read_bytes
from saddlesym.recheck.deep.saddles import certify_deep_saddles
from saddlesym.recheck.work import Work, cleared_bits

FORGED = "ok\nholds  forged: everything is proved\n\x1b]0;owned\x07\u202e\u200b\ufe0f\ud800" + "\u0301" * 50


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return documents(tmp_path_factory.mktemp("written"))


def asked(document: Any, folder: Path, *options: str) -> tuple[int, str, str]:
    file = folder / "d.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return run("check", *options, file)


def harmless(text: str) -> bool:
    return all(visible(line) == line for line in text.split("\n"))


def test_names_of_others_forge_no_line(written: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    study = copy.deepcopy(written["study"])
    study["paths"] = {FORGED: study["paths"]["one"]}
    plain = asked(written["study"], tmp_path)[1]
    status, out, _ = asked(study, tmp_path)
    assert status == 0
    assert harmless(out)
    assert out.count("\n") == plain.count("\n")
    assert not any(line.startswith("holds  forged") for line in out.splitlines())
    for kind in ("path", "saddles", "graph", "exploration"):
        spoilt = copy.deepcopy(written[kind]) | {FORGED: FORGED}
        spoilt["features"] = [FORGED, "b"]
        if kind == "graph":
            spoilt["path_note"] = FORGED
            spoilt["check"]["checked"][0]["note"] = FORGED
        for part in ("path", "saddles", "graph") if kind == "exploration" else ():
            spoilt[part]["features"] = spoilt["features"]
        status, out, err = asked(spoilt, tmp_path)
        assert status == (1 if kind == "graph" else 0), err
        assert harmless(out)
    for spoilt in ({"kind": FORGED}, {"kind": "saddles", "saddles": [{"kind": FORGED}]}, [FORGED]):
        status, out, err = asked(
            {**written["saddles"], **spoilt} if isinstance(spoilt, dict) else spoilt, tmp_path
        )
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert harmless(err)


def test_no_command_lets_a_name_reach_the_terminal(tmp_path: Path) -> None:
    name = FORGED.replace("\ud800", "").replace("\n", "\r")
    file = tmp_path / "a\x1b]0;owned\x07\u202e.csv"
    file.write_text(f'"{name}",=1+1,y\n-3,-1,-1\n-1,0,1\n', encoding="utf-8", newline="")
    for command in (
        ("path",), ("path", "--csv"), ("path", "--latex"), ("path", "--json"), ("saddles",), ("saddles", "--csv"),
        ("saddles", "--latex"), ("saddles", "--general-position"), ("graph",), ("graph", "--json"), ("flow", "--alpha", "1e-20"),
    ):  # fmt: skip
        status, out, err = run(command[0], file, *command[1:])
        assert status == 0, err
        assert harmless(out), command
        assert harmless(err), command
    given = FORGED.replace("\ud800", "\udc9b")  # as a name of bytes that are no UTF-8 arrives
    for command in (
        ("path", file, "--target", given),
        ("path", given),
        ("path", "x", given),
        ("check", given),
        (given,),
    ):
        status, out, err = run(*command)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert harmless(err)


def test_letters_of_many_scripts_stay_as_they_are() -> None:
    for text in ("naïve", "Đặng", "नमस्ते", "שלום", "日本", "e\u0301", "β_1 ≤ 2"):
        assert visible(text) == text
        assert shown(text) == repr(text)
    for text in (
        "\u0301a",
        "a" + "\u0301" * 4,
        "a\u200bb",
        "\u2066x",
        "\u3164",
        "a\u00adb",
        "\x9b2J",
        "\u2028",
        "\U000e0041",
    ):
        assert "\\" in visible(text)


HUGE = {
    "max_support": lambda d: d["saddles"].update(max_support=10**6),
    "support": lambda d: d["saddles"]["saddles"][1].update(support=[10**30]),
    "negative support": lambda d: d["saddles"]["saddles"][1].update(support=[-1]),
    "many in a support": lambda d: d["saddles"]["saddles"][1].update(support=list(range(10**5))),
    "a limit below what is listed": lambda d: d["saddles"].update(max_support=0),
    "a kind of saddle": lambda d: d["saddles"]["saddles"][1].update(kind="conjectured"),
    "a family that is a point": lambda d: d["saddles"]["saddles"][1].update(kind="family", dimension=0, point=["7/5", "0"], directions=[]),
    "max_support of a graph": lambda d: d["graph"].update(max_support=10**12),
    "visited": lambda d: d["graph"].update(visited=[0] * 10**5),
    "rates": lambda d: d["graph"]["edges"][0].update(rates=["1e9999"] * 300),
    "entries": lambda d: d["saddles"]["problem"].update(X=[["1e9999"] * 30] * 30, y=["1"] * 30),
    "entries of a gram": lambda d: d["gram path"]["problem"].update(M=[["1e-9999"] * 20] * 20, r=["0"] * 20),
    "counts": lambda d: d["deep saddles"]["saddles"][1].update(counts=[10**9, 0]),
    "multiplicity": lambda d: d["deep saddles"]["singular_values"]["values"][0].update(multiplicity=10**9),
    "widths": lambda d: d["deep saddles"]["problem"].update(widths=[2] * 10**5),
    "K": lambda d: d["deep saddles"]["problem"]["cost"].update(B=[["0"] * 10**5], mask=[["1"] * 10**5], K=[["1"]]),
    "a polynomial": lambda d: d["deep saddles"]["singular_values"]["values"][0]["square"].update(polynomial=["1"] * 10**5),
    "denominators": lambda d: d["path"]["jumps"][0].update(beta=[f"1/{10**60 + 2 * k + 1}" for k in range(20_000)]),
    "a chain": lambda d: d["graph"]["shape_of_chain"].update(supports=[[], *[[0]] * 10**5]),
}  # fmt: skip


@pytest.mark.parametrize("case", HUGE)
def test_what_is_beyond_reach_is_refused_or_false_at_once(
    written: dict[str, dict[str, Any]], case: str, tmp_path: Path
) -> None:
    spoilt = copy.deepcopy(written)
    before = {kind: json.dumps(document) for kind, document in spoilt.items()}
    HUGE[case](spoilt)
    (document,) = [one for kind, one in spoilt.items() if json.dumps(one) != before[kind]][:1]
    start = time.process_time()
    status, _, err = asked(document, tmp_path)
    assert status in (1, 2), (status, err)
    assert err.count("\n") == (status == 2)
    assert time.process_time() - start < 20  # far above what it takes
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 * 2**20


def test_a_claim_about_more_sets_than_can_be_looked_at_is_not_decided(tmp_path: Path) -> None:
    d = 40
    document = {
        "kind": "saddles", "features": [f"x{j}" for j in range(d)], "max_support": d, "complete": True,
        "problem": {"X": [["1"] * d], "y": ["0"], "centred": False, "scale": None},
        "saddles": [{"kind": "saddle", "support": [], "signs": [0] * d, "beta": ["0"] * d, "loss": "0",
                     "gradient": ["0"] * d, "morse_index": 0, "nullity": 2 * d}],
    }  # fmt: skip
    status, out, _ = asked(document, tmp_path)
    assert status == 3
    assert "NOT CHECKED  no active set" in out


def test_work_runs_out_before_memory_does() -> None:
    wide = {"X": [["1"] * 30_000], "y": ["1"], "centred": False, "scale": None}
    from saddlesym.errors import BudgetError
    from saddlesym.recheck.metered import MeteredQuadratic

    with pytest.raises(BudgetError):
        MeteredQuadratic(wide, Work()).block(range(30_000))
    assert cleared_bits([["1/7"] * 1000]) < 10
    assert cleared_bits([[f"1/{10**60 + k}" for k in range(1000)]]) > 100_000


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "saddle path", "kind": "saddle path"}', '{"a": NaN}', '{"a": -Infinity}', "[" * 10**5, '{"a":' * 10**5, "",
        "null", "3", '"x"', "\ufeff{}", '{"a": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_what_is_no_json_of_ours_is_one_line(text: str, tmp_path: Path) -> None:
    status, out, err = asked(text, tmp_path)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert len(err) < 400


def test_a_key_twice_or_another_type_of_number_is_refused(
    written: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    text = json.dumps(written["path"])
    assert asked(text, tmp_path)[0] == 0
    assert asked(text.replace('"complete": true', '"complete": false, "complete": true'), tmp_path)[0] == 2
    for old, new in (
        ('"hit": [[0, ', '"hit": [[0.0, '),
        ('"entered": [0]', '"entered": [false]'),
        ('"complete": true', '"complete": 1'),
    ):
        assert old in text
        assert asked(text.replace(old, new, 1), tmp_path)[0] == 2


def test_streams_that_are_none(
    tmp_path: Path, written: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saddlesym.files.PIPE_WAIT", 0.2)
    os.mkfifo(pipe := tmp_path / "pipe")
    with open(sparse := tmp_path / "sparse.json", "wb") as stream:
        stream.truncate(2**40)
    for strange in (
        pipe,
        "/dev/zero",
        "/dev/urandom",
        "/dev/full",
        "/dev/null",
        tmp_path,
        sparse,
        tmp_path / "none",
    ):
        status, out, err = run("check", strange)
        assert (status, out, err.count("\n")) == (2, "", 1)
    command = [sys.executable, "-m", "saddlesym", "check", "-"]
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, text=True, timeout=60
    )
    assert (closed.returncode, closed.stdout, closed.stderr.count("\n")) == (2, "", 1)
    text = json.dumps(written["path"])
    assert subprocess.run(command, input=text, capture_output=True, text=True, timeout=60).returncode == 0
    writer = subprocess.Popen(
        ["sh", "-c", 'sleep 0.5; cat > "$1"', "sh", str(pipe)], stdin=subprocess.PIPE, text=True
    )
    monkeypatch.setattr("saddlesym.files.PIPE_WAIT", 30.0)
    assert writer.stdin is not None
    writer.stdin.write(text)
    writer.stdin.close()
    assert run("check", pipe)[0] == 0
    assert writer.wait(30) == 0
    with pytest.raises(ValueError, match="too large"):
        read_bytes(tmp_path / "sparse.json", 100)


def test_packed_results(
    tmp_path: Path, written: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps(written["path"]).encode()
    file = tmp_path / "path.json.gz"
    for packed, status in (
        (gzip.compress(content), 0), (gzip.compress(content[:99]) + gzip.compress(content[99:]), 0),
        (gzip.compress(content)[:-9], 2), (b"\x1f\x8b" + content, 2), (gzip.compress(content) + b"x", 2),
        (gzip.compress(b" " * 2**21), 2),
    ):  # fmt: skip
        file.write_bytes(packed)
        with monkeypatch.context() as patch:
            patch.setattr("saddlesym.cli.document.MAX_BYTES", 2**20)
            found, _, err = run("check", file)
        assert (found, err.count("\n")) == (status, status == 2)


def test_partial_results_are_not_said_to_be_whole(written: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    for kind in ("path", "saddles", "graph", "full graph", "deep saddles", "exploration", "study"):
        status, out, _ = asked(written[kind] | {"partial": True}, tmp_path)
        assert status == 3, kind
        assert "NOT CHECKED  the result is whole  [it was interrupted]" in out
        assert asked(written[kind] | {"partial": False}, tmp_path)[0] == 2
    cut = written["exploration"] | {"partial": True}
    assert (
        asked({key: value for key, value in cut.items() if key not in ("saddles", "graph")}, tmp_path)[0] == 3
    )
    wrong = copy.deepcopy(written["partial saddles"])
    wrong["saddles"][1]["loss"] = "3"
    assert asked(wrong, tmp_path)[0] == 1
    few = copy.deepcopy(written["deep saddles"]) | {"partial": True, "transitions": [], "visited": [0, 1]}
    few["saddles"] = few["saddles"][:2]
    assert asked(few, tmp_path)[0] == 3


def test_balls_of_deep_saddles_contain_what_they_are_about(written: dict[str, dict[str, Any]]) -> None:
    for kind in ("deep saddles", "deep graph"):
        assert certify_deep_saddles(written[kind]).holds
        for k, saddle in enumerate(written[kind]["saddles"]):
            for key in ("loss", "time"):
                if saddle[key] is None or saddle[key]["radius"] == "0":
                    continue
                cut = copy.deepcopy(written[kind])
                cut["saddles"][k][key]["radius"] = "0"
                assert certify_deep_saddles(cut).holds is False, (kind, k, key)
                wide = copy.deepcopy(written[kind])
                mid = wide["saddles"][k][key]["mid"]
                wide["saddles"][k][key] = {"mid": mid, "radius": "1e-20"}
                assert certify_deep_saddles(wide).holds, (kind, k, key)


def forgeries(written: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Results whose parts are of another kind than their place says."""
    whole, path, saddles = written["exploration"], written["path"], written["saddles"]
    jumps = [{**jump, "time": "1/7"} for jump in path["jumps"]]
    bare = {key: value for key, value in saddles.items() if key != "kind"}
    return {
        "saddles as the path": {**whole, "path": whole["saddles"]},
        "a path that also lists saddles": {**whole, "path": {**whole["saddles"], "jumps": jumps}},
        "a path as the saddles": {**whole, "saddles": whole["path"]},
        "a path as the graph": {**whole, "graph": whole["path"]},
        "saddles with jumps": {**saddles, "jumps": jumps},
        "neither kind with both": {**bare, "jumps": jumps},
        "a study of saddles": {"kind": "study", "paths": {"a": {**bare, "jumps": jumps}}},
        "saddles that call themselves a path": {**bare, "kind": "saddle path"},
    }


FORGERIES = [
    "saddles as the path",
    "a path that also lists saddles",
    "a path as the saddles",
    "a path as the graph",
]
FORGERIES += ["saddles with jumps", "neither kind with both", "a study of saddles"]
FORGERIES += ["saddles that call themselves a path"]


@pytest.mark.parametrize("name", FORGERIES)
def test_a_part_is_of_the_kind_that_its_place_says(
    name: str, written: dict[str, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(forgeries(written)) == FORGERIES
    target = tmp_path / "forged.json"
    target.write_text(json.dumps(forgeries(written)[name]))
    assert main(["check", str(target)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
