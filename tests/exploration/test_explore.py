"""``saddlesym explore``: one command, one page, whole or not at all."""

from __future__ import annotations

import base64
import csv
import json
import random
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from ctrl_c import interrupted
from pages import HOSTILE, Structure, assert_sound

from saddlesym import BadInputError, DiagonalProblem, explore, saddle_path, verify
from saddlesym.cli.commands.explore import _beside
from saddlesym.cli.main import main
from saddlesym.diagonal.path.data_precision import Stop
from saddlesym.exploration.settings import Settings
from saddlesym.figures.diagonal.flows import draw_flows
from saddlesym.grids import Name
from saddlesym.report.explored import exploration_page, exploration_twin
from saddlesym.report.provenance import Provenance, colophon, stamped
from saddlesym.report.render import render
from saddlesym.theorems.evidence.verdict import Verdict

DATA = [[3, 1, -2], [1, 2, 2], [0, 1, -1]], [4, 3, -2]


def page_of(problem: DiagonalProblem) -> tuple[str, dict]:
    found = explore(problem, quick=True)
    provenance = Provenance.of(problem)
    return render(exploration_page(found, provenance)), exploration_twin(found, provenance)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on data whose column names are hostile, made by the command."""
    here = tmp_path_factory.mktemp("hostile")
    file = here / 'a <b> "c" & $d$.csv'
    rng = random.Random(3)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*HOSTILE[:4], "עלות", "目標"])
        writer.writerows([rng.randint(-9, 9) for _ in range(6)] for _ in range(8))
    assert main(["explore", str(file), "--output", str(here / "out"), "--quick", "--jobs", "1"]) == 0
    return here


def test_hostile_names_make_a_correct_and_safe_page(folder: Path) -> None:
    html = (folder / "out" / "index.html").read_text(encoding="utf-8")
    page = assert_sound(html)
    assert 'a <b> "c" & $d$.csv' in page.isolated
    for name in (*HOSTILE[:4], "עלות"):
        assert str(Name(name)) in page.isolated
    assert not page.tags & {"b", "script"}
    assert "saddlesym explore 'a <b> \"c\" & $d$.csv' --quick\nsaddlesym check result.json" in page.text
    assert str(folder) not in html
    assert str(folder) not in (folder / "out" / "result.json").read_text(encoding="utf-8")


def test_no_name_of_a_column_hides_what_the_data_say() -> None:
    names = ["smallest counterexample", "b"]
    html, twin = page_of(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1], feature_names=names))
    assert "column 'smallest counterexample' leaves at t = 7/2" in assert_sound(html).text
    grows = next(one for one in twin["verdicts"]["statements"] if one["id"] == "active-set-grows")
    here, recorded = grows["evidence"]
    assert "leaves at t = 7/2" in here["detail"]
    assert "counterexample" not in here
    assert recorded["counterexample"] == {"X": [[-2, -1], [-1, 0]], "y": [-1, 0]}


def test_pictures_are_drawings_without_anything_outside_them(folder: Path) -> None:
    html = (folder / "out" / "index.html").read_text(encoding="utf-8")
    sources = [image["src"] for image in Structure(html).images]
    assert len(sources) >= 3
    for source in sources:
        text = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode("utf-8")
        drawing = ElementTree.fromstring(text)
        for element in drawing.iter():
            assert element.tag.rpartition("}")[2] not in {"script", "foreignObject", "image", "text"}
            for name, value in element.attrib.items():
                assert not name.lower().startswith("on")
                assert not name.endswith("href") or value.startswith("#")
        assert "<!--" not in text
        assert not re.search(r"20\d\d-\d\d-\d\d", text)
    assert len(list((folder / "out" / "figures").glob("*.svg"))) == len(sources)


def test_the_twin_is_checked_again_and_a_forged_one_is_found_out(folder: Path, capsys) -> None:
    file = folder / "out" / "result.json"
    assert main(["check", str(file)]) == 0
    out = capsys.readouterr().out
    assert "path: " in out
    assert "saddles: " in out
    document = json.loads(file.read_text())
    forgeries = (
        lambda d: d["path"]["jumps"][0].__setitem__("loss", "1/7"),
        lambda d: d["saddles"]["saddles"].pop(),
        lambda d: d["problem"]["y"].__setitem__(0, "1000"),
    )
    for forge in forgeries:
        forged = json.loads(json.dumps(document))
        forge(forged)
        (folder / "forged.json").write_text(json.dumps(forged))
        assert main(["check", str(folder / "forged.json")]) == 1
    del document["saddles"]
    (folder / "forged.json").write_text(json.dumps(document))
    assert main(["check", str(folder / "forged.json")]) == 2


def test_the_page_says_what_was_found_and_the_same_again() -> None:
    problem = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])
    html, twin = page_of(problem)
    page = assert_sound(html)
    for words in ("makes 3 jumps", "returns with the other sign", "3 of 3 recovered times agree", "7.5"):
        assert words in page.text
    assert [one["agrees"] for one in twin["agreements"]] == [True] * 3
    assert {"flows", "verdicts", "versions", "settings", "provenance", "graph"} <= twin.keys()
    assert {f"figure-{name}" for name in ("path", "graph", "flows", "dual-polytope", "orbits")} <= set(
        page.ids
    )
    assert page_of(problem) == (html, twin)


def test_a_wrong_recovered_time_is_not_called_agreement() -> None:
    from saddlesym.exploration.exploration import Agreement

    found = explore(DiagonalProblem(*DATA), quick=True)
    right = found.agreements[1]
    assert right.holds
    assert right.gap < 1e-6
    wrong = Agreement(2, right.exact + 1, right.recovered, right.constant, True)
    assert not wrong.holds
    assert not Agreement(2, right.exact, right.recovered, right.constant, False).holds


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        ([[1, 2], [2, 4], [0, 1]], [0, 0, 0], "zero is a global minimum already"),
        ([[1], [2]], [1, 1], "makes 1 jump "),
        ([[1, 1], [2, 2]], [1, 3], "makes 1 jump "),
        ([[1, 0], [0, 1]], [2, 2], "makes 1 jump "),
        ([[2, 0, 1], [0, 2, 1]], [1, 1], "The path stops: at t = 1 the minimiser is not unique"),
        ([["1e-400", 0], [0, "2e-400"]], [1, 1], "No flows: the size of the data is far from one"),
        ([[2, 2, 0], [2, 2, 0]], [1, 3], "makes 1 jump "),
        ([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]], [1, 1, 1, 1], "jump"),
    ],
)
def test_degenerate_data_give_a_page_that_says_what_stops(X, y, words) -> None:
    problem = DiagonalProblem(X, y)
    found = explore(problem, quick=True)
    page = assert_sound(render(exploration_page(found, Provenance.of(problem))))
    assert words in page.text
    for limit in found.limits:
        assert limit.reason in page.text


def test_what_is_beyond_the_budgets_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(Settings.of(quick=True), max_sets=8, listed_sets=4, flow_work=16, flow_steps=10**6)
    monkeypatch.setattr(Settings, "of", lambda *_, **__: small)
    problem = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
    found = explore(problem)
    assert {limit.part for limit in found.limits} == {"graph", "flow", "verdicts"}
    assert found.graph is not None
    assert (len(found.graph), found.graph.max_support, found.saddle_size) == (4, 1, 0)
    assert len(found.path.jumps) == 3
    assert [len(one.jumps) for one in found.flows] == [1, 1, 1]
    assert [one.holds for one in found.agreements] == [True]
    page = assert_sound(render(exploration_page(found, Provenance.of(problem))))
    for words in ("Of the 2^4 active sets", "the first 1 of 3 jumps", "1 of the 3 jump times", "1 of 3"):
        assert words in page.text


def test_a_flow_that_never_rests_is_followed_beyond_its_last_jump() -> None:
    # two columns leave where the gradient vanishes: they fade like 1/T
    found = explore(DiagonalProblem.from_csv("shrinking"), quick=True)
    assert {limit.part for limit in found.limits} == {"verdicts"}
    assert [one.holds for one in found.agreements] == [True, True]
    assert [len(one.jumps) for one in found.flows[1:]] == [2, 2]
    # at 1e-20 the second jump is no rush: still its panel goes on to the end
    panels = draw_flows(found.flows, found.path).axes
    ends = [max(curve.get_xdata()[-1] for curve in axes.lines) for axes in panels]
    assert min(ends) > 100


@pytest.mark.long
def test_thirty_columns_of_fifty_rows(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [",".join(str(rng.randint(-9, 9)) for _ in range(31)) for _ in range(50)]
    (tmp_path / "d30.csv").write_text("\n".join(rows))
    assert main(["explore", str(tmp_path / "d30.csv"), "--output", str(tmp_path / "out")]) == 0
    page = assert_sound((tmp_path / "out" / "index.html").read_text(encoding="utf-8"))
    assert "Of the 2^30 active sets" in page.text


def test_settings_refuse_what_cannot_be_done() -> None:
    for alphas, digits in ((["1e-5"], 8), (["1e-5", "1e-5"], 8), (["2", "1e-5"], 8), (None, 3)):
        with pytest.raises(BadInputError):
            Settings.of(alphas, digits)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--alpha", "1e-5"],
        ["--alpha", "x", "--alpha", "1e-9"],
        ["--digits", "2"],
        ["--output", "{file}"],
        ["--output", "{busy}"],
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path: Path, capsys, arguments) -> None:
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "thesis.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    places = {"file": str(tmp_path / "file"), "busy": str(tmp_path / "busy")}
    command = [
        "explore",
        "sign-flip",
        "--output",
        str(tmp_path / "out"),
        *(a.format(**places) for a in arguments),
    ]
    assert main(command) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["busy", "file"]


#: What makes a page one of ours.
EARLIER = '<meta http-equiv="Content-Security-Policy">'


@pytest.mark.parametrize(
    ("place", "calls", "there", "words"),
    [
        ("_combination", 1, {"path"}, "the path, the saddles, the graph, the flows"),
        ("transition_graph", 1, {"path", "saddles"}, "the graph, the flows"),
        ("Kernel.expand", 30, {"path", "saddles", "graph"}, "not whole: the flows"),
        ("recovered_from", 1, {"path", "saddles", "graph"}, "not whole: the recovered times, the verdicts"),
    ],
)
def test_an_interrupted_run_keeps_what_is_finished_beside(
    tmp_path: Path, capsys, place: str, calls: int, there: set[str], words: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.html").write_text(EARLIER, encoding="utf-8")
    done = interrupted(place, "explore", "sign-flip", "--output", out, "--quick", "--jobs", "1", calls=calls)
    assert done.returncode == 130, done.stderr
    assert words in done.stderr
    assert [file.read_text() for file in out.iterdir()] == [EARLIER]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", "out.partial"]
    twin = json.loads((tmp_path / "out.partial" / "result.json").read_text())
    assert twin["partial"] is True
    assert {"path", "saddles", "graph"} & twin.keys() == there
    assert (len(twin["flows"]) == 3) is (place == "recovered_from")
    page = assert_sound((tmp_path / "out.partial" / "index.html").read_text(encoding="utf-8"))
    assert "It was interrupted" in page.text
    assert main(["check", str(tmp_path / "out.partial" / "result.json")]) == 3
    assert "NOT CHECKED  the result is whole" in capsys.readouterr().out


def test_ctrl_c_while_the_page_is_written_ends_after_it(tmp_path: Path) -> None:
    done = interrupted("exploration_page", "explore", "sign-flip", "--quick", "--output", tmp_path / "out")
    assert done.returncode == 130
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out"]
    assert "partial" not in json.loads((tmp_path / "out" / "result.json").read_text())


def test_a_partial_report_replaces_nothing(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    for name in ("out.partial", "out.partial-2", "out.partial-3"):
        assert _beside(f"{out}/") == str(tmp_path / name)
        (tmp_path / name).symlink_to("nowhere")


def test_out_of_time_is_kept_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ring(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr("saddlesym.exploration.explore.transition_graph", ring)
    command = [
        "explore",
        "sign-flip",
        "--quick",
        "--jobs",
        "1",
        "--timeout",
        "1000",
        "--output",
        str(tmp_path / "o"),
    ]
    assert main(command) == 124
    assert json.loads((tmp_path / "o.partial" / "result.json").read_text())["partial"] is True


NOISE = [
    ([[3, 1], [1, 2]], [1, 1 / 3], 1, "below the rounding of the data"),
    ([[7, 1], [3, 2]], [1, 3 / 7], 1, "below the rounding of the data"),
    ([[3, 1], [1, 2]], ["1.000", "0.333"], 1, "below the rounding of the data"),
    ([["3.00", 1], ["0.33", 2]], [9, 1], 1, "below the rounding of the data"),
    ([[3, 1], [1, 2]], ["0.1", "-0.4"], 2, ""),
    ([[1, 0], [0, 1]], ["0.0001", "0.1"], 2, ""),
    ([[3, 0], [0, 1]], ["0.0001", 0.4], 2, ""),
]


@pytest.mark.parametrize(("X", "y", "jumps", "reason"), NOISE)
def test_an_exploration_stops_where_the_data_are_fitted_as_they_are_written(X, y, jumps, reason) -> None:
    problem = DiagonalProblem(X, y)
    found = explore(problem, quick=True)
    stops = [limit.reason for limit in found.limits_of("path")]
    assert len(found.path.jumps) == jumps
    assert [len(one.jumps) for one in found.flows[1:]] == [jumps] * (len(found.flows) - 1)
    assert all(one.holds for one in found.agreements)
    assert bool(stops) is bool(reason)
    html = render(exploration_page(found, Provenance.of(problem)))
    if reason:
        assert f"The path stops after jump {jumps}: the loss" in stops[0]
        assert reason in found.stopped
        assert "what follows would fit rounding errors" in assert_sound(html).text
        # the program on the page, which knows no roundings, stops there too
        loss = re.search(r'stop_loss="([^"]*)"', unescape(html))
        assert loss is not None
        again = DiagonalProblem.from_dict(problem.to_dict())
        assert explore(again, quick=True, stop_loss=loss[1]).path.jumps == found.path.jumps


@pytest.mark.parametrize("seed", range(5))
def test_verdicts_of_a_path_that_stops_are_of_the_part_up_to_there(seed: int) -> None:
    """Floats of a few true columns: what follows their jumps fits noise, and takes far longer."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((12, 20))
    problem = DiagonalProblem(X, X[:, [3, 8]] @ [2.0, -1.0])
    path = saddle_path(problem, data_precision=True)
    ids = ["loss-falls", "subdifferential", "dual-steepest-ascent", "shared-knots", "lasso-average"]
    report = verify(problem, ids, stop_path=Stop.as_given(problem))
    told = f"(on the path up to jump {len(path.jumps)}, where it stops)"
    for result in report.results:
        (found,) = result.checks
        assert (found.verdict, found.detail.endswith(told)) == (Verdict.HOLDS, True), found


def test_verdicts_of_the_end_of_a_path_are_of_the_whole_path() -> None:
    problem = DiagonalProblem([[3, 1], [1, 2]], [1, 0.33333333333333331])
    assert not saddle_path(problem, data_precision=True).complete
    report = verify(problem, ["termination", "loss-falls"], stop_path=Stop.as_given(problem))
    assert [result.verdict for result in report.results] == [Verdict.HOLDS, Verdict.HOLDS]
    told = {result.statement.id: result.checks[0].detail for result in report.results}
    assert "where it stops" in told["loss-falls"]
    assert "where it stops" not in told["termination"]
    # a path that its stop does not cut says nothing of it
    report = verify(problem, ["loss-falls"], stop_path=Stop(loss=Fraction(0)))
    assert "stops" not in report.results[0].evidence[0].detail


def test_an_exploration_stops_where_it_is_told_to() -> None:
    problem = DiagonalProblem([[3, 1], [1, 2]], [1, "0.333"])
    assert not saddle_path(problem, data_precision=True).complete
    assert explore(problem, quick=True, data_precision=0).path.complete
    flip = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    found = explore(flip, quick=True, stop_residual="0.1", stop_loss="0.26")
    assert (len(found.path.jumps), found.stopped) == (1, "the loss 0.25 is at most 0.26")
    assert [len(one.jumps) for one in found.flows[1:]] == [1] * (len(found.flows) - 1)
    zero = explore(flip, quick=True, stop_loss=100)
    assert (zero.path.jumps, zero.flows) == ((), ())
    assert "The path stops at zero" in zero.limits_of("path")[0].reason
    for wrong in ({"stop_loss": "x"}, {"data_precision": -1}, {"budget": 0}, {"check_budget": float("nan")}):
        with pytest.raises(BadInputError):
            explore(flip, **wrong)


def test_the_time_of_verdicts_is_bounded_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = explore(DiagonalProblem(*DATA), quick=True, budget=1e-9)
    assert {str(result.verdict) for result in found.report.results} == {"UNDECIDED"}
    assert "not checked to the end in the time given" in found.limits_of("verdicts")[-1].reason


def test_the_date_is_said_only_where_it_can_be_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert "date" not in dict(colophon())
    assert "date" not in stamped({})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert dict(colophon())["date"] == stamped({})["date"] == "1970-01-02"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(BadInputError):
        colophon()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--enable-logging=stderr",
)  # fmt: skip


def browse(page: Path, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def requested(log: Path) -> set[str]:
    """What the page asked the network for; the browser's own errands are not the page's."""
    urls = set(re.findall(r'"url":"((?:https?|wss?|ftp):[^"]*)"', log.read_text()))
    return {url for url in urls if not re.match(r"https?://[\w.-]+\.(google|googleapis|gstatic)\.com/", url)}


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
def test_a_browser_shows_every_picture_and_has_nothing_to_complain_of(folder: Path, tmp_path: Path) -> None:
    page = folder / "out" / "index.html"
    log = tmp_path / "net.json"
    done = browse(page, tmp_path / "a", f"--log-net-log={log}", "--dump-dom")
    assert "</html>" in done.stdout
    assert "CONSOLE" not in done.stderr
    assert not requested(log)
    copy = tmp_path / "copy.html"
    copy.write_text('<img src="http://picture.invalid/x.png">', encoding="utf-8")
    browse(copy, tmp_path / "c", f"--log-net-log={log}", "--dump-dom")
    assert requested(log) == {"http://picture.invalid/x.png"}
    # a copy without its policy, so that a script can count the pictures that did not load
    html = page.read_text(encoding="utf-8")
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    count = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    script = f"<script>addEventListener('load', () => document.title = 'broken: ' + {count})</script></body>"
    for text, broken in ((html, 0), (html.replace("base64,", "base64,!", 1), 1)):
        copy.write_text(text.replace("</body>", script), encoding="utf-8")
        assert f"<title>broken: {broken}</title>" in browse(copy, tmp_path / "b", "--dump-dom").stdout
