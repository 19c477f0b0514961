"""Odd surroundings: names of files that are no UTF-8, and variables of the environment with nonsense."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from saddlesym import DiagonalProblem
from saddlesym.cli.commands.explore import _quoted
from saddlesym.cli.main import main
from saddlesym.exact.text import encodable
from saddlesym.grids import Grid, Name
from saddlesym.report.files import write_folder
from saddlesym.report.page import CodeBlock, Page, Section

BYTES = [b"caf\xe9.csv", b"\xff\xfe.csv", b"a'b\\c\xe9.csv", b"\x80\x81 x.csv", "β\n.csv".encode() + b"\xc3"]


def file_at(folder: Path, name: bytes, text: str = "a,b,y\n1,0,2\n0,1,1\n") -> str:
    path = os.fsencode(folder) + b"/" + name
    try:
        with open(path, "w") as stream:
            stream.write(text)
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    return os.fsdecode(path)


@pytest.mark.parametrize("name", BYTES)
def test_a_name_that_is_not_utf8_is_text_that_every_file_holds(name: bytes) -> None:
    assert encodable(os.fsdecode(name)) == name.decode("utf-8", "backslashreplace")
    assert encodable("plain β.csv") == "plain β.csv"
    assert encodable("\ud83d").isascii()  # half of a pair that stands for no byte


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("command", ["path", "saddles", "graph"])
def test_json_of_a_file_whose_name_is_not_utf8(command: str, name: bytes, tmp_path: Path, capsys) -> None:
    assert main([command, file_at(tmp_path, name), "--json"]) == 0
    text = capsys.readouterr().out
    json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")  # no half of a pair


def test_json_of_a_deep_problem_whose_file_is_not_utf8(tmp_path: Path, capsys) -> None:
    assert main(["deep", "saddles", file_at(tmp_path, b"m\xe9.csv", "1,0\n0,2\n"), "--json"]) == 0
    json.dumps(json.loads(capsys.readouterr().out), ensure_ascii=False).encode("utf-8")


def test_explore_writes_its_page_and_the_command_that_makes_it_again(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = file_at(tmp_path, b"caf\xe9.csv")
    assert main(["explore", name, "--quick", "--jobs", "1"]) == 0  # into explored/ and that name
    folder = tmp_path / "explored" / os.fsdecode(b"caf\xe9")
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert r"saddlesym explore $&#39;caf\351.csv&#39; --quick" in page
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert document["provenance"]["file"] == document["problem"]["source"] == r"caf\xe9.csv"
    capsys.readouterr()
    assert main(["check", str(folder / "result.json")]) == 0


@pytest.mark.parametrize("name", BYTES)
def test_a_shell_reads_the_quoted_name_back(name: bytes) -> None:
    if not Path("/bin/bash").exists():
        pytest.skip("no bash here")
    done = subprocess.run(["/bin/bash", "-c", f"printf %s {_quoted(os.fsdecode(name))}"], capture_output=True)
    assert done.stdout == name
    assert _quoted("a b.csv") == shlex.quote("a b.csv")


def test_no_page_is_lost_to_a_character_that_utf8_cannot_hold(tmp_path: Path) -> None:
    page = Page("t \udcff", (), (Section("s", "S", (CodeBlock("x \udce9"),)),))
    write_folder(page, {"name": "\udce9"}, tmp_path / "out")
    assert "x \\udce9" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
@pytest.mark.parametrize("epoch", ["abc", "1e5", "-", "9" * 30, "12 34", "٣x"])
def test_a_date_that_is_none_is_refused_before_work(
    epoch: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    monkeypatch.setattr(
        "saddlesym.cli.commands.path.load_problem", lambda *_, **__: pytest.fail("work was done")
    )
    assert main(["path", "sign-flip", "--plot", str(tmp_path / f"a.{suffix}")]) == 2
    err = capsys.readouterr().err
    assert err.startswith("saddlesym: SOURCE_DATE_EPOCH=")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_figures_drawn_in_python_refuse_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    from saddlesym import BadInputError
    from saddlesym.figures.style import save

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "abc")
    with pytest.raises(BadInputError, match="seconds since 1970"):
        save(Figure(), tmp_path / "a.svg", "svg")


def test_nonsense_in_the_environment_changes_nothing(tmp_path: Path) -> None:
    """One start with all of it at once: each variable alone was tried by hand."""
    nonsense = {
        "MPLBACKEND": "nonsense", "NO_COLOR": "x", "COLUMNS": "abc", "LINES": "0", "TERM": "dumb", "LANG": "C",
        "LC_ALL": "xx_YY", "PYTHONIOENCODING": "ascii", "TMPDIR": "/nonexistent", "MPLCONFIGDIR": "/proc/none",
        "OPENBLAS_NUM_THREADS": "abc", "SADDLESYM_TRACEBACK": "",
    }  # fmt: skip
    figure = tmp_path / "a.svg"
    command = [sys.executable, "-m", "saddlesym", "path", "sign-flip", "--plot", str(figure)]
    done = subprocess.run(command, capture_output=True, env=os.environ | nonsense, timeout=120)
    assert done.returncode == 0, done.stderr
    assert b"Global minimum of least ?1 norm reached" in done.stdout
    assert b"Traceback" not in done.stderr
    assert figure.read_bytes().startswith(b"<?xml")


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


HOSTILE = [
    "$x$",
    "$$a$$ $b$",
    r"\(x\)",
    r"\[\href{javascript:1}{x}\]",
    r"\begin{array}{c}x\end{array}",
    "a$b\\",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_mathematics_in_a_notebook(name: str) -> None:
    """What typesets mathematics looks for delimiters within one text of one element."""
    problem = DiagonalProblem([[1, 0], [0, 1]], [2, 1], [name, "b"])
    for html in (problem._repr_html_(), Grid((Name(name),), (Name(name),), (((Name(name),),),)).html()):
        parser = _Texts()
        parser.feed(html)
        assert name in "".join(parser.texts)
        for text in parser.texts:
            if len(text) > 1 and ("$" in text or "\\" in text):  # mathematics of our own
                assert text.startswith("$")
                assert text.endswith("$")
                assert name not in text
