"""`saddlesym conjecture`: verdicts and exit statuses, files of users, what `check` decides, the page."""

from __future__ import annotations

import json
import random
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ctrl_c import interrupted
from documents import changed, is_true, run, ways

from saddlesym import DiagonalProblem
from saddlesym.laboratory import Conjecture
from saddlesym.theorems import Verdict

AWAY = ("conjecture", "returns == 0", "--box", "4,2", "--jobs", "1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (AWAY[1:], 1, "REFUTED: X = [[-2, -1], [-1, 0]], y = [-2, 1]"),
        (("jumps <= d + 1", "--box", "4,1"), 0, "HOLDS ON "),
        (("time(9) > 0", "--box", "2,1"), 3, "UNDECIDED: no data were decided (there is no jump 9)"),
        (("saddles >= 1", "--data", "wide.csv"), 3, "UNDECIDED on 1 data sets"),
        (("at-most-d-jumps", "--box", "4,2"), 1, "y = [-2, 1]"),
        (("deep-rank-grows-by-one", "--data", "square.csv"), 1, "REFUTED"),
        (("jumps <= d", "--data", "sign-flip"), 1, "jumps = 3, d = 2"),
        (("jumps == 11", "--data", "diabetes"), 0, "HOLDS ON 1 data set"),
        (("flips == 0", "--random", "60", "--ensemble", "integer:n=2,d=2,size=3"), 1, "made smaller"),
        (("jumps <= d", "--box", "4,2", "--assume", "strictly-convex"), 1, "REFUTED"),
        (("leaves == 0", "--box", "4,1", "--assume", "orthogonal-design"), 0, "orthogonal-design does not hold"),
        (("flips == 0", "--climb", "4", "--no-shrink"), 1, "as it was found"),
    ],
)  # fmt: skip
def test_verdicts_and_exit_statuses(arguments: tuple[str, ...], status: int, told: str, here: Path) -> None:
    (here / "square.csv").write_text("1,0\n0,1\n")
    (here / "wide.csv").write_text(",".join(["1"] * 20 + ["2"]) + "\n")
    ended, out, err = run("conjecture", *arguments, "--jobs", "1")
    assert (ended, err) == (status, ""), out + err
    assert told in " ".join(out.split()) or told in out
    assert ("proves nothing" in out) == (ended == 0)


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("jumps <= d", "--box", "6"), ("jumps <= d", "--box", "0,2"), ("jumps <= d", "--box", "6,-1"), ("jumps <= d", "--box", "a,b"),
        ("jumps <= d", "--box", "9999,9999"), ("jumps <= d", "--random", "0"), ("jumps <= d", "--random", "5", "--ensemble", "no"),
        ("jumps <= d", "--ensemble", "gaussian"), ("jumps <= d", "--data", "sign-flip", "--box", "4,1"), ("jumps <= d", "--centre"),
        ("jumps <= d", "--data", "nothing.csv"), ("jumps <= d", "--budget", "0"), ("jumps <= d", "--assume", "nothing"),
        ("sign-kept", "--assume", "strictly-convex"), ("loss-falls",), ("missing.py",), ("missing.py:NAME",), ("sign-kept", "--climb", "3"),
        ("deep-rank-grows-by-one", "--box", "4,1"), ("jumps <= d", "--jobs", "0"),
        ("jumps <= d", "--assume", "deep-nothing"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_bad_usage_is_one_line_and_nothing_is_written(arguments: tuple[str, ...], here: Path) -> None:
    status, out, err = run("conjecture", *arguments)
    assert (status, out, err.count("\n"), err[:11]) == (2, "", 1, "saddlesym: ")
    assert not list(here.iterdir())


def test_the_vocabulary_is_listed() -> None:
    status, out, _ = run("conjecture", "--vocabulary")
    assert status == 0
    for word in ("size(k)", "of_index(m)", "gaussian", "unique-minimisers"):
        assert word in out


# ----------------------------------------------------------------------------------------- files of users

FILE = """
from fractions import Fraction
from saddlesym.laboratory import Conjecture, Fact

def first_half(path):
    if path.jumps:
        half = path.loss(0) / 2
        yield Fact(path.jumps[0].loss <= half, f"the loss is {path.jumps[0].loss} at the first saddle")

HALF = Conjecture("half", "the first saddle halves the loss", first_half)
SQUARE = Conjecture("square", "no more jumps than columns squared", lambda path: len(path.jumps) <= path.problem.d ** 2)
FLOWS = Conjecture("rushes", "a flow rushes as often as the path jumps", lambda flow: len(flow.jumps) <= 3, about="flow")
"""


def test_a_file_is_run_when_it_is_named(here: Path) -> None:
    (here / "mine.py").write_text(FILE)
    status, out, err = run("conjecture", "mine.py:HALF", "--box", "4,2", "--jobs", "1", "-o", "half.json")
    assert (status, err) == (1, "")
    assert "half: the first saddle halves the loss" in out
    assert "X = [[-2], [-1]], y = [0, -1]" in out
    assert "the loss is 1/5 at the first saddle" in out
    assert run("conjecture", "mine.py:SQUARE", "--box", "4,1")[0] == 0
    assert run("conjecture", "mine.py:FLOWS", "--data", "sign-flip")[0] == 0
    # the path is checked, the law in Python is not
    status, out, _ = run("check", "half.json")
    assert status == 3
    assert "not written in the language of laws" in out


def test_a_file_goes_to_other_processes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from saddlesym.laboratory import refutation

    monkeypatch.setattr(refutation, "_ALONE", 0.0)
    (here / "mine.py").write_text(FILE)
    alone = run("conjecture", "mine.py:HALF", "--box", "4,2", "--jobs", "1", "--json")
    assert run("conjecture", "mine.py:HALF", "--box", "4,2", "--jobs", "2", "--json") == alone


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (FILE, "", "makes 3 conjectures"), (FILE, ":NOTHING", "NOTHING is not there"), (FILE, ":Fact", "Fact is no Conjecture"),
        ("", "", "makes 0 conjectures"), ("x = (", "", "line 1"), ("\n1 / 0\n", "", "line 2, ended in ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", "", "SystemExit"), ("from saddlesym.laboratory import Conjecture\nC = Conjecture('a', 'b', 3)", "", "needed: a function"),
        ("from saddlesym.laboratory import Conjecture\nC = Conjecture('a', 'b', lambda p: p, about='weather')", "", "about 'weather'"),
        ("from saddlesym.laboratory import Conjecture\nC = Conjecture('a', 'b', lambda p: p.nothing)", "", "ended in AttributeError"),
        ("from saddlesym.laboratory import Conjecture\nC = Conjecture('a', 'b', lambda p: 'yes')", "", "it returned 'yes'"),
        ("from saddlesym.laboratory import Conjecture\nC = Conjecture('a', 'b', lambda p: True, assumes=['no'])", "", "'no' is not an assumption"),
        ("from saddlesym.laboratory import Conjecture\nC = Conjecture('a', 'b', lambda p: True, assumes=[lambda p: p.nothing])", "", "the assumption"),
        ("raise ValueError('\\x1b[2J')", "", "ValueError"),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_conjecture_is_refused_in_one_line(
    text: str, name: str, told: str, here: Path
) -> None:
    (here / "mine.py").write_text(text)
    status, out, err = run("conjecture", f"mine.py{name}", "--box", "4,1", "--jobs", "1")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert err[:-1].isprintable()


# ------------------------------------------------------------------------------- documents, check, the page

LAWS = ["returns == 0", "saddles == 2**d", "chains <= 2", "index(1) == d - 1", "rank == d", "d > 1"]


@pytest.mark.parametrize("law", LAWS)
def test_a_counterexample_is_checked_from_its_data_alone(law: str, here: Path) -> None:
    assert run("conjecture", law, "--box", "4,2", "--jobs", "1", "-o", "c.json", "--json")[0] == 1
    status, out, _ = run("check", "c.json")
    assert status == 0, out
    assert "holds  the law is false on these data" in out
    document = json.loads((here / "c.json").read_text())
    other = changed(document, ("law",), law.replace("==", "!=").replace("<=", ">").replace(" > 1", " <= 1"))
    (here / "c.json").write_text(json.dumps(other))
    status, out, _ = run("check", "c.json")
    assert status == 1
    assert "FALSE  the law is false on these data" in out


@pytest.mark.parametrize("law", ["returns == 0", "saddles == 2**d", "chains <= 2"])
def test_a_changed_counterexample_is_not_said_to_hold(law: str, here: Path) -> None:
    """Every place of the document changed: what `check` then accepts is true all the same."""
    assert run("conjecture", law, "--box", "4,2", "--jobs", "1", "-o", "c.json")[0] == 1
    document, rng, accepted = json.loads((here / "c.json").read_text()), random.Random(3), 0
    free = {
        "name",
        "says",
        "about",
        "reasons",
        "searched",
        "symmetries",
        "tried",
        "holds",
        "fails",
        "undecided",
        "skipped",
    }
    for place, value in ways(document, rng, 0.12):
        if place[0] in free or place[1:2] in (("smallest",), ("found",)):
            continue  # said not to be checked
        other = changed(document, place, value)
        (here / "c.json").write_text(json.dumps(other))
        status, out, err = run("check", "c.json")
        assert status in (0, 1, 2, 3), (place, value, err)
        assert "Traceback" not in err
        assert status != 2 or (err.count("\n"), out) == (1, "")
        if status == 0:
            accepted += 1
            assert still_true(other), (place, value)
    assert accepted < 40


def still_true(document: dict) -> bool:
    found = document["counterexample"]
    problem = DiagonalProblem.from_dict(found["problem"])
    shared = {"features": found["features"], "problem": found["problem"]}
    parts = [found[part] | shared for part in ("path", "saddles", "graph") if part in found]
    told = Conjecture.written(document["law"]).test(problem)
    return all(map(is_true, parts)) and told.verdict is Verdict.FAILS and told.detail == found["detail"]


def test_a_path_that_was_cut_off_decides_nothing(here: Path) -> None:
    assert run("conjecture", "jumps > 3", "--data", "sign-flip", "-o", "c.json")[0] == 1
    document = json.loads((here / "c.json").read_text())
    assert run("path", "sign-flip", "--until", "1", "--json", "-o", "p.json")[0] == 0
    cut = json.loads((here / "p.json").read_text())
    found = document["counterexample"]
    found["path"] = {key: value for key, value in cut.items() if key not in ("problem", "features")}
    found["detail"] = "jumps = 1"
    (here / "c.json").write_text(json.dumps(document))
    status, out, _ = run("check", "c.json")
    assert status == 3
    assert "NOT CHECKED  the law is false on these data" in out


def test_a_search_without_counterexample_leaves_nothing_to_check(here: Path) -> None:
    assert run("conjecture", "jumps <= 2**d", "--box", "2,1", "-o", "c.json")[0] == 0
    status, out, _ = run("check", "c.json")
    assert status == 3
    assert "search again" in out


def test_ctrl_c_keeps_what_was_searched(here: Path) -> None:
    done = interrupted(
        "examined", "conjecture", "jumps <= 2*d", "--box", "4,2", "--jobs", "1", "-o", "c.json", calls=200
    )
    assert done.returncode == 130, done.stderr
    assert "HOLDS ON" in done.stdout
    assert "The search did not come to its end." in done.stdout
    assert "largest 1, sum 2" in done.stdout
    assert "interrupted" in done.stderr
    assert not (here / "c.json").exists()
    kept = json.loads((here / "c.partial.json").read_text())
    assert kept["partial"]
    assert kept["holds"] > 100


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_the_page_says_what_the_document_says_and_nothing_of_a_user_escapes(here: Path) -> None:
    (here / "mine.py").write_text(
        "from saddlesym.laboratory import Conjecture\n"
        "C = Conjecture('<script>alert(1)</script>', '<b>\\x1b[2J bold', lambda p: len(p.jumps) <= p.problem.d)\n"
    )
    status, out, err = run("conjecture", "mine.py", "--box", "4,2", "--jobs", "1", "--page", "page")
    assert status == 1
    assert "\x1b" not in out + err
    html = (here / "page" / "index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert "<b>" not in html
    assert "\x1b" not in html
    for piece in ("none smaller among", "saddlesym conjecture mine.py", "What was searched", "figure"):
        assert piece in html
    assert run("check", "page/result.json")[0] == 3  # of a law in Python
    assert run("conjecture", "flips == 0", "--box", "4,2", "--jobs", "1", "--page", "page")[0] == 1
    assert run("check", "page/result.json")[0] == 0
