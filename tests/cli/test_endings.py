"""What is finished is never destroyed, what is half written is taken away, and no fault ends in a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from saddlesym.cli import main as program
from saddlesym.cli.endings import clock
from saddlesym.cli.main import cli, main
from saddlesym.diagonal.path.trajectory import Jump

DATA = "1,2,3\n4,5,7\n2,1,1\n"
SADDLESYM = [sys.executable, "-m", "saddlesym"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "data.csv"
    target.write_text(DATA)
    return target


OWN_INPUT = [
    ["path", "data.csv", "--csv", "-o", "data.csv"],
    ["path", "data.csv", "--json", "-o", "./data.csv"],
    ["path", "data.csv", "--latex", "-o", "link.csv"],
    ["path", "data.csv", "--json", "-o", "hard.csv"],
    ["saddles", "data.csv", "--json", "-o", "data.csv"],
    ["flow", "data.csv", "--json", "-o", "data.csv"],
    ["path", "link.svg", "--plot", "data.svg"],
    ["graph", "link.svg", "--plot", "data.svg"],
    ["graph", "data.csv", "--check", "path", "--resume", "data.csv"],
    ["deep", "flow", "data.csv", "--json", "-o", "data.csv"],
    ["deep", "saddles", "link.svg", "--dot", "-o", "data.svg"],
    ["deep", "escape", "data.csv", "--mask", "mask.csv", "--json", "-o", "mask.csv"],
]


@pytest.mark.parametrize("arguments", OWN_INPUT, ids=[" ".join(a) for a in OWN_INPUT])
def test_a_result_is_never_written_onto_its_data(
    arguments: list[str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data.parent / "link.csv").symlink_to(data)
    os.link(data, data.parent / "hard.csv")
    (data.parent / "data.svg").write_text(DATA)
    (data.parent / "link.svg").symlink_to("data.svg")
    (data.parent / "mask.csv").write_text("1,1,1\n1,1,1\n1,1,1\n")
    before = {p.name: p.read_bytes() for p in data.parent.iterdir()}
    assert main([*arguments, "--no-header"]) == 2
    err = capsys.readouterr().err
    assert "would be written onto" in err
    assert err.count("\n") == 1
    assert {p.name: p.read_bytes() for p in data.parent.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["path", "sign-flip", "--json", "-o", "old.json"], "read-only"),
        (["path", "sign-flip", "--plot", "x.svg", "--csv", "-o", "x.svg"], "two options name"),
        (["path", "sign-flip", "--json", "-o", "folder"], "is a folder"),
        (["theorems", "--plot", "nowhere/x.svg"], "does not exist"),
    ],
)
def test_what_cannot_be_written_is_refused_before_work(
    arguments: list[str],
    said: str,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = data.parent / "old.json"
    old.write_text("{}")
    old.chmod(0o444)
    (data.parent / "folder").mkdir()
    monkeypatch.setattr("saddlesym.data.examples.located", lambda *_: pytest.fail("work began"))
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
    assert old.read_text() == "{}"


def test_a_folder_that_takes_no_files_is_refused_before_work(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_options: object) -> str:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", full)
    monkeypatch.setattr("tempfile.mkdtemp", full)
    for arguments in (
        ["theorems", "--plot", "x.svg"],
        ["explore", "data.csv", "--no-header", "--output", "explored"],
        ["study", "scales", "--output", "studied"],
        ["path", "sign-flip", "--plot", "x.pdf"],
    ):
        assert main(arguments) == 2
        assert "Read-only file system" in capsys.readouterr().err, arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ["theorems", "--plot", "x.svg"],
        ["explore", "data.csv", "--no-header", "-o", "explored"],
        ["study", "scales", "-o", "studied"],
        ["path", "sign-flip", "--plot", "x.pdf"],
        ["flow", "sign-flip", "--json", "-o", "x.json"],
        ["saddles", "sign-flip", "--csv", "-o", "x.csv"],
    ],
)
def test_a_disk_without_room_is_refused_before_work(
    arguments: list[str], data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(data.parent.iterdir())
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(total=10**9, used=10**9, free=70_000))
    monkeypatch.setattr("saddlesym.diagonal.path.walk.iter_jumps", lambda *_: pytest.fail("work began"))
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert (told.count("\n"), "has 0.1 MB left; needed: 4 MB at least" in told) == (1, True)
    assert sorted(data.parent.iterdir()) == before


def interrupted_after(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C when the jump or saddle of that number is reported."""
    from saddlesym.cli import progress

    class Pressing:
        def __init__(self, *_arguments: object) -> None:
            self.calls = 0

        def __call__(self, *_arguments: object) -> None:
            self.calls += 1
            if self.calls == number:
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(progress, "_Signs", Pressing)


@pytest.mark.parametrize(("command", "kept"), [("path", "jumps"), ("saddles", "saddles")])
def test_ctrl_c_never_replaces_a_finished_result(
    command: str, kept: str, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = data.parent / "s.json"
    arguments = [command, "diabetes", "--json", "-o", str(whole)]
    assert main(arguments) == 0
    before = whole.read_bytes()
    interrupted_after(2, monkeypatch)
    assert main(arguments) == 130
    assert whole.read_bytes() == before
    partial = data.parent / "s.partial.json"
    document = json.loads(partial.read_text())
    assert document["partial"] is True
    assert 0 < len(document[kept]) < len(json.loads(before)[kept])
    assert "s.partial.json" in capsys.readouterr().err
    assert main(["check", str(partial)]) == 3
    assert main(["check", str(whole)]) == 0
    assert sorted(p.name for p in data.parent.iterdir()) == ["data.csv", "s.json", "s.partial.json"]


def test_what_stands_in_the_place_of_a_partial_result_stays(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = data.parent / "s.partial.json"
    taken.write_text("mine")
    (data.parent / "s.partial-2.json").mkdir()
    interrupted_after(2, monkeypatch)
    assert main(["path", "diabetes", "--json", "-o", "s.json"]) == 130
    assert "in 's.partial-3.json'" in capsys.readouterr().err
    assert taken.read_text() == "mine"
    assert json.loads((data.parent / "s.partial-3.json").read_text())["partial"] is True


def test_nothing_is_said_to_be_kept_before_it_is(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    interrupted_after(2, monkeypatch)
    monkeypatch.setattr("saddlesym.cli.commands.path._write_json", full)
    assert main(["path", "diabetes", "--json", "-o", "s.json"]) == 2
    assert "kept" not in capsys.readouterr().err
    assert [p.name for p in data.parent.iterdir()] == ["data.csv"]


def test_data_on_standard_input_are_not_written_onto(data: Path) -> None:
    command = " ".join(["'" + part + "'" for part in SADDLESYM])
    done = subprocess.run(
        ["sh", "-c", f"{command} path - --csv -o data.csv < data.csv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, data.read_text()) == (2, DATA)
    assert "would be written onto" in done.stderr


def test_a_page_is_not_written_over_its_data_or_a_page_of_others(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = data.parent / "page"
    folder.mkdir()
    (folder / "index.html").write_text("mine")
    (folder / "result.json").write_text(DATA)
    assert main(["explore", str(folder / "result.json"), "--no-header", "--output", str(folder)]) == 2
    assert main(["explore", "data.csv", "--no-header", "--output", "page"]) == 2
    assert (folder / "index.html").read_text() == "mine"
    assert capsys.readouterr().err.count("\n") == 2


def test_an_error_that_nobody_hears_is_no_verdict(data: Path) -> None:
    command = " ".join(["'" + part + "'" for part in SADDLESYM])
    done = subprocess.run(["sh", "-c", f"{command} path nofile 2>/dev/full"], check=False)
    assert done.returncode == 2


SLOW = """
import signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup would hand down an ignored one
from saddlesym.cli import main as program
from saddlesym.diagonal.path.trajectory import SaddlePath
def slow(self, *a, **k):
    print("writing", flush=True, file=sys.stderr)
    time.sleep(60)
SaddlePath.document = slow
sys.exit(program.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_writing_leaves_nothing_behind(number: int, data: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, "path", "sign-flip", "--json", "-o", "s.json"],
        stderr=subprocess.PIPE,
        text=True,
    ) as work:
        assert work.stderr is not None
        assert work.stderr.readline() == "writing\n"
        work.send_signal(number)
        assert work.wait(30) == (130 if number == signal.SIGINT else 128 + number)
        assert "Traceback" not in work.stderr.read()
    assert [p.name for p in data.parent.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (MemoryError("Unable to allocate 7 GiB"), 2, "not enough memory (Unable to allocate 7 GiB)"),
        (MemoryError(), 2, "not enough memory; try"),
        (RecursionError("maximum depth"), 2, "nested too deeply"),
        (ValueError("odd\x1b[31m"), 70, "a fault of the program: ValueError: 'odd\\x1b[31m'"),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
    ],
)
def test_no_error_ends_in_a_traceback(
    error: Exception,
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr("saddlesym.diagonal.path.walk.saddle_path", fail)
    assert main(["path", "sign-flip"]) == status
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_faults_show_their_place_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SADDLESYM_TRACEBACK", "1")
    monkeypatch.setattr("saddlesym.diagonal.path.walk.saddle_path", lambda *_, **__: 1 / 0)
    assert main(["path", "sign-flip"]) == 70
    assert "Traceback" in capsys.readouterr().err


def commands(group: click.Group, name: str = "") -> list[tuple[str, click.Command]]:
    out = []
    for inner in group.commands.values():
        full = f"{name} {inner.name}".strip()
        out += commands(inner, full) if isinstance(inner, click.Group) else [(full, inner)]
    return out


def test_every_command_has_a_time_limit() -> None:
    assert len(commands(cli)) > 12
    for name, command in commands(cli):
        assert [p.name for p in command.params].count("timeout") == 1, name


def test_out_of_time_keeps_what_is_finished(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second jump never ends by itself."""
    event = Jump.__init__

    def slow(self: Jump, *arguments: object, **options: object) -> None:
        event(self, *arguments, **options)
        while self.time > 1 and not clock.rang:
            time.sleep(0.01)

    monkeypatch.setattr(Jump, "__init__", slow)
    assert main(["path", "sign-flip", "--timeout", "0.3", "--json", "-o", "s.json"]) == 124
    err = capsys.readouterr().err
    assert "0.3 s of --timeout are over" in err
    assert len(json.loads((data.parent / "s.partial.json").read_text())["jumps"]) in (1, 2)
    assert not (data.parent / "s.json").exists()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "x", "1e99"])
def test_a_time_limit_is_a_positive_number(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path", "sign-flip", "--timeout", seconds]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("closed", ["2>&-", "0<&-", "1>&-", "0<&- 2>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams_change_nothing_else(closed: str, data: Path) -> None:
    command = " ".join(["'" + part + "'" for part in SADDLESYM])
    done = subprocess.run(
        ["sh", "-c", f"{command} path sign-flip --json -o s.json {closed}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads((data.parent / "s.json").read_text())["complete"] is True


def test_check_says_that_standard_input_is_closed(data: Path) -> None:
    command = " ".join(["'" + part + "'" for part in SADDLESYM])
    done = subprocess.run(["sh", "-c", f"{command} check - <&-"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_statuses_are_documented() -> None:
    assert program.__doc__ is not None
    for status in (
        "0 done",
        "2 bad input",
        "70 a fault",
        "124 out of the time",
        "130 interrupted",
        "143 terminated",
    ):
        assert status in " ".join(program.__doc__.split())
