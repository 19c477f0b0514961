"""The commands theorems and verify, as a user types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from saddlesym import Progress
from saddlesym.cli.main import main
from saddlesym.cli.progress import ctrl_c_between_items, ctrl_c_remembered, progress_bar
from saddlesym.theorems.catalogue import statements
from saddlesym.theorems.claims import Entails
from saddlesym.theorems.evidence.kernel import kernel_evidence
from saddlesym.theorems.evidence.status import Grade


def run(capsys, *arguments):
    status = main(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def test_list_of_statements(capsys):
    status, out, _ = run(capsys, "theorems")
    assert status == 0
    assert all(one in out for one in statements())
    status, out, _ = run(capsys, "theorems", "--json")
    assert [entry["id"] for entry in json.loads(out)["statements"]] == list(statements())


def test_one_statement_in_full(capsys):
    status, out, _ = run(capsys, "theorems", "balancedness")
    assert status == 0
    for piece in ("PF23", "Used by: ", "lotka-volterra", "HOLDS", "1. ", "It rejects"):
        assert piece in out
    status, out, _ = run(capsys, "theorems", "balancedness", "--json")
    document = json.loads(out)
    assert document["proof"]["verdict"] == "HOLDS"
    assert all(step["verdict"] == "HOLDS" for step in document["proof"]["steps"])
    status, out, _ = run(capsys, "theorems", "sign-kept")
    assert status == 0
    assert "folklore, false" in out
    assert "returns with the other" in out


def test_verify_json_has_the_documented_form(capsys):
    arguments = (
        "verify",
        "balancedness",
        "loss-falls",
        "sign-kept",
        "--instances",
        "8",
        "--jobs",
        "1",
        "--json",
    )
    status, out, err = run(capsys, *arguments)
    assert (status, err) == (0, "")
    document = json.loads(out)
    first, second, third = document["statements"]
    assert (first["id"], first["folklore"], first["verdict"]) == ("balancedness", False, "HOLDS")
    kinds = [item["kind"] for item in first["evidence"]]
    assert kinds == ["proof", "exact", *(str(item.kind) for item in kernel_evidence("balancedness"))]
    sampled = next(item for item in second["evidence"] if item["kind"] == "exact")
    assert sampled["exercised"] == 8
    assert {"kind", "verdict", "exercised", "detail"} <= set(sampled)
    assert (third["folklore"], third["verdict"]) == (True, "FAILS")
    assert third["evidence"][0]["counterexample"] == {"X": [[-2, -1], [-1, 0]], "y": [-2, 1]}
    assert first["status"].startswith(Grade.KERNEL if len(kinds) > 2 else Grade.ARGUED)


def test_verify_table_ends_with_the_tally(capsys):
    status, out, _ = run(capsys, "verify", "acyclicity", "sign-kept", "--instances", "5", "--jobs", "1")
    assert status == 0
    assert "FAILS (as expected)" in out
    last = out.strip().splitlines()[-1]
    assert last.startswith("1 statement: 1 HOLDS. Folklore: 1 of 1 refuted, as expected.")
    assert last.endswith("5 instance checks truly exercised on sampled instances, seed 1.")


def test_verify_on_data(capsys):
    status, out, _ = run(capsys, "verify", "sign-kept", "loss-falls", "diabetes", "--jobs", "1", "--json")
    assert status == 0
    falls, kept = json.loads(out)["statements"]
    assert falls["verdict"] == "HOLDS"
    assert "'s3' returns with the other sign" in kept["evidence"][0]["detail"]


def test_skipped_statement_names_the_assumption(capsys):
    status, out, _ = run(capsys, "verify", "orthogonal-designs", "loss-falls", "sign-flip", "--jobs", "1")
    assert status == 0
    assert "SKIPPED" in out
    assert "orthogonal-design does not hold: columns" in out
    status, out, _ = run(capsys, "verify", "orthogonal-designs", "sign-flip", "--jobs", "1")
    assert status == 3


def test_failure_and_undecided_have_their_exit_status(capsys, monkeypatch):
    from dataclasses import replace

    from saddlesym.theorems import runner
    from saddlesym.theorems.checks import checks

    false = tuple(replace(c, law=c.variant) if c.statement == "loss-falls" else c for c in checks())
    monkeypatch.setattr(runner, "checks", lambda: false)
    status, out, _ = run(capsys, "verify", "loss-falls", "--instances", "40", "--jobs", "1")
    assert status == 1
    assert "FAILS" in out
    monkeypatch.setattr(runner, "checks_of", lambda _: ())
    monkeypatch.setattr(runner, "proof_files", dict)
    monkeypatch.setattr(runner, "instance", lambda *_: None)
    status, out, _ = run(capsys, "verify", "acyclicity", "--instances", "2", "--jobs", "1")
    assert status == 3
    assert "UNDECIDED" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("theorems", "no-such"),
        ("theorems", "--plot", "file.txt"),
        ("theorems", "balancedness", "--plot", "file.svg"),
        ("verify", "no-such"),
        ("verify", "one", "two"),
        ("verify", "--instances", "0"),
        ("verify", "--seed", "-1"),
        ("verify", "loss-falls", "--centre"),
        ("verify", "__import__('os').system('true')"),
        ("verify", "bad\x1b[31mname"),
    ],
)
def test_wrong_usage_is_one_line(capsys, arguments):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert "\x1b" not in err


def test_near_ids_are_suggested(capsys):
    assert "loss-falls" in run(capsys, "verify", "loss-fall")[2]
    assert "loss-falls" in run(capsys, "theorems", "loss-fall")[2]


def test_malicious_column_names_do_nothing(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["__import__('os').mkdir('made')", "a\x1b]0;title\x07[bold]x[/bold]", "target"]
    rows = [[3, 1, 4], [1, 2, -3], [0, 1, 2]]
    import csv

    with open("bad.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([names, *rows])
    status, out, err = run(
        capsys, "verify", "bad.csv", "orthogonal-designs", "sign-kept", "loss-falls", "--jobs", "2"
    )
    assert status in (0, 3)
    assert os.listdir(tmp_path) == ["bad.csv"]
    assert "\x1b" not in out + err
    assert "\x07" not in out + err
    status, out, _ = run(
        capsys, "verify", "bad.csv", "--jobs", "1", "--json", "orthogonal-designs", "loss-falls"
    )
    assert json.loads(out)["statements"]


@pytest.fixture
def few(monkeypatch):
    """Graphs of three statements, so that the tests stay short."""
    from saddlesym.theorems import runner

    whole = runner.verify
    monkeypatch.setattr(
        runner,
        "verify",
        lambda **kw: whole(ids=["balancedness", "lotka-volterra", "sign-kept"], **{**kw, "jobs": 1}),
    )


def test_graph_as_dot_and_svg(capsys, tmp_path, few):
    dot, svg = tmp_path / "g.dot", tmp_path / "g.svg"
    for file in (dot, svg):
        status, out, err = run(capsys, "theorems", "--plot", str(file), "--instances", "2")
        assert (status, out, err) == (0, "", "")
    text = dot.read_text(encoding="utf-8")
    assert '"balancedness" -> "lotka-volterra";' in text
    assert "refuted, as expected" in text
    assert text.count("fillcolor") == 3
    ElementTree.parse(svg)


def test_statement_figure_layers_along_uses():
    from saddlesym import verify
    from saddlesym.figures.statements import _places
    from saddlesym.theorems.dependency import dependency_graph

    graph = dependency_graph(
        verify(ids=["balancedness", "lotka-volterra", "mirror-flow", "sign-kept"], instances=1)
    )
    places = _places(graph)
    assert len(set(places.values())) == len(places)
    for below, above in graph.edges:
        assert places[below][1] < places[above][1]
    assert places["sign-kept"][1] == 0


def test_arrows_between_statements_are_not_hidden_by_their_boxes() -> None:
    from saddlesym.figures.statements import draw_statements
    from saddlesym.theorems.dependency import dependency_graph
    from saddlesym.theorems.evidence.results import Report, Result
    from saddlesym.theorems.evidence.status import Status

    proved = Status(Grade.ARGUED)
    report = Report(tuple(Result(one, None, (), proved) for one in statements().values()), 1, 1)
    figure = draw_statements(dependency_graph(report))
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [text.get_bbox_patch().get_window_extent() for text in axes.texts if text.get_bbox_patch()]
    arrows = [text.arrow_patch for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(boxes) == len(statements())
    assert len(arrows) > 30
    for arrow in arrows:
        foot, _, *head = arrow.get_path().vertices[:6]  # in pixels; the second one bends the line
        assert not any(box.padded(-1).contains(x, y) for box in boxes for x, y in (foot, *head))


#: The program, which says when it is ready to be interrupted.
_READY = "import sys; from saddlesym.cli.main import main; print(); sys.stdout.flush(); sys.exit(main(%r))"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_verify_and_its_workers_at_once(jobs: str) -> None:
    command = [sys.executable, "-c", _READY % ["verify", "--jobs", jobs]]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(4)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=100)
            assert process.returncode == 130
            assert b"Traceback" not in err
            assert _ends(process.pid), "a worker is left of the group"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class _Dropping:
    """Python drops what is raised in __del__."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_that_a_library_drops_is_heard_at_the_next_report(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)
    with ctrl_c_remembered(), progress_bar() as show:
        show(Progress(1))
        _Dropping()
        assert [one.exc_type for one in dropped] == [KeyboardInterrupt]
        with pytest.raises(KeyboardInterrupt):
            show(Progress(2))
    with ctrl_c_remembered(), progress_bar() as show:
        show(Progress(1))  # it is forgotten with the run


@pytest.mark.parametrize("context", [ctrl_c_remembered, ctrl_c_between_items])
def test_ctrl_c_is_left_alone_where_it_is_ignored_or_not_ours(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with context():
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    # so Python answers when a handler was not installed from it
    monkeypatch.setattr(signal, "getsignal", lambda _number: None)
    with context(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


#: The program as it is installed, with Ctrl-C when some module is looked for.
_IMPORTING = """
import signal, sys

class Finder:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder())
from {module} import {function}
sys.exit({function}())
"""


@pytest.mark.parametrize("name", ["click", "saddlesym.cli.commands.flow"])
def test_ctrl_c_while_modules_are_imported(name: str) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    module, function = project["project"]["scripts"]["saddlesym"].split(":")
    code = _IMPORTING.format(module=module, function=function)
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "saddlesym: interrupted\n")


def test_ctrl_c_within_the_solver_is_not_an_undecided_step() -> None:
    a, b, c = sp.symbols("a b c", positive=True)
    hard = Entails(lambda: ([a**5 + b**5 > c**5 + 1], a**7 * b + b**7 * c + c**7 * a > a * b * c), seconds=2)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    def check_and_wait() -> None:
        hard.check()
        time.sleep(10)  # were it not hard enough

    with pytest.raises(KeyboardInterrupt):
        check_and_wait()
    timer.join()


def _ends(group: int) -> bool:
    """Whether no process of a group is left within a minute."""
    for _ in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_graph_in_a_missing_folder_is_refused_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["theorems", "--plot", "/no/such/place/graph.svg"]) == 2
    assert "does not exist" in capsys.readouterr().err
