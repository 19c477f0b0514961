"""The saddle graph as files, figures and on the command line."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import os
import random
import stat
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx
import pytest

from saddlesym import BadInputError, DiagonalProblem, SaddleGraph, transition_graph
from saddlesym.cli.main import main
from saddlesym.diagonal import NoShape
from saddlesym.figures.graph import draw_graph, shown_nodes
from saddlesym.graph.export import json_size, write_dot, write_graph_json, write_graphml
from saddlesym.graph.saved_orbits import CheckedTransition

NAMES = ['a "quoted" \\ name', "b;[c] -> 1 $x$"]


@pytest.fixture
def graph() -> SaddleGraph:
    return transition_graph(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1], NAMES))


@pytest.fixture(scope="module")
def diabetes() -> SaddleGraph:
    return transition_graph(DiagonalProblem.from_csv("diabetes").centred().scaled())


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_has_the_documented_form(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "graph", "sign-flip", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert document["nodes"][1] == {
        "id": 1,
        "support": [0],
        "signs": [1, 0],
        "beta": ["1/5", "0"],
        "loss": "2/5",
        "morse_index": 1,
        "visited": True,
        "time": "1",
    }
    assert document["edges"] == [
        {"source": 0, "target": 1, "entered": [0], "left": [], "rates": ["2"], "elementary": True, "visited": True},
        {"source": 0, "target": 2, "entered": [1], "left": [], "rates": ["1"], "elementary": True, "visited": False},
        {"source": 1, "target": 2, "entered": [1], "left": [0], "rates": ["2/5"], "elementary": True, "visited": True},
        {"source": 2, "target": 3, "entered": [0], "left": [], "rates": ["1"], "elementary": True, "visited": True},
    ]  # fmt: skip
    assert document["visited"] == [0, 1, 2, 3]
    assert DiagonalProblem.from_dict(document["problem"]).M == DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]).M


def test_streamed_json_is_the_dictionary(graph: SaddleGraph) -> None:
    text = io.StringIO()
    write_graph_json(graph, text)
    assert json.loads(text.getvalue()) == graph.to_dict()


def same_as(graph: SaddleGraph, back: networkx.DiGraph) -> None:
    assert sorted(map(int, back.nodes)) == list(range(len(graph)))
    assert sorted((int(s), int(t)) for s, t in back.edges) == sorted(graph.pairs())
    for name, attributes in back.nodes(data=True):
        node = graph.node(int(name))
        assert attributes["beta"].strip('"') == " ".join(node.beta.strings())
        assert Fraction(attributes["loss"].strip('"')) == node.loss
        assert int(str(attributes["morse_index"]).strip('"')) == node.morse_index


def test_graphml_loads_back(graph: SaddleGraph, diabetes: SaddleGraph, tmp_path: Path) -> None:
    for one in (graph, diabetes):
        target = tmp_path / "graph.graphml"
        with target.open("w", encoding="utf-8") as stream:
            write_graphml(one, stream)
        back = networkx.read_graphml(target, node_type=int)
        same_as(one, back)
        assert [k for k in back.nodes if back.nodes[k]["visited"]] == sorted(one.visited)
        assert all(isinstance(data["elementary"], bool) for _, _, data in back.edges(data=True))
    assert back.nodes[3]["label"] == "+bmi"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydot's parser library
def test_dot_loads_back_in_networkx(graph: SaddleGraph, tmp_path: Path) -> None:
    import pydot  # through which networkx reads DOT

    text = io.StringIO()
    write_dot(graph, text)
    (parsed,) = pydot.graph_from_dot_data(text.getvalue())
    back = networkx.DiGraph(networkx.nx_pydot.from_pydot(parsed))
    back.remove_nodes_from([name for name in list(back) if not name.isdecimal()])
    assert len(back) == len(graph)
    same_as(graph, back)


def test_dot_quotes_names_and_can_be_cut(graph: SaddleGraph) -> None:
    text = io.StringIO()
    write_dot(graph, text, kept=[0, 1])
    dot = text.getvalue()
    assert '1 [label="+a \\"quoted\\" \\\\ name"' in dot
    assert "0 -> 1" in dot
    assert "2" not in [line.split()[0] for line in dot.splitlines()[1:]]
    assert dot.count("{") == dot.count("}")


def test_control_characters_do_not_reach_files() -> None:
    graph = transition_graph(DiagonalProblem([[1]], [1], ["a\x00\x1b\nb"]))
    for write in (write_dot, write_graphml):
        text = io.StringIO()
        write(graph, text)
        assert "a\\x00\\x1b\\nb" in text.getvalue().replace("\\\\", "\\")  # DOT doubles a backslash
        assert all(c.isprintable() or c == "\n" for c in text.getvalue())


def test_default_drawing_stays_readable(graph: SaddleGraph, diabetes: SaddleGraph) -> None:
    assert shown_nodes(graph) == (0, 1, 2, 3)
    near = shown_nodes(diabetes)
    assert set(diabetes.visited) < set(near)
    assert len(near) <= 70
    assert set(shown_nodes(diabetes, "neighbourhood")) == set(near)
    assert shown_nodes(diabetes, "visited") == tuple(sorted(diabetes.visited))
    assert len(shown_nodes(diabetes, "all")) == len(shown_nodes(diabetes, "reachable")) == 1024
    with pytest.raises(BadInputError, match="neighbourhood"):
        shown_nodes(diabetes, "some")  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="morse_index or loss"):
        draw_graph(graph, layers="height")  # type: ignore[arg-type]


@pytest.mark.parametrize("layers", ["morse_index", "loss"])
def test_figure_shows_layers_and_every_arrow(graph: SaddleGraph, layers: str) -> None:
    figure = draw_graph(graph, layers=layers)  # type: ignore[arg-type]
    (axes,) = figure.axes
    assert len(axes.patches) == graph.edge_count
    assert sum(patch.get_linewidth() > 2 for patch in axes.patches) == 3
    places = [tuple(row) for part in axes.collections for row in part.get_offsets()]
    assert len(set(places)) == len(graph)
    key = {
        float(node.morse_index if layers == "morse_index" else node.loss): node.support
        for node in graph.nodes()
    }
    assert {x for x, _ in places} == set(key)
    texts = [text.get_text() for text in axes.texts]
    assert len(texts) == 4
    assert all("$" not in text.replace("\\$", "") for text in texts)
    figure.canvas.draw()


def test_figures_of_one_point_and_of_dependent_columns() -> None:
    for X, y in (([[1]], [0]), ([[1, 1]], [1]), ([[0, 0]], [1])):
        for layers in ("morse_index", "loss"):
            graph = transition_graph(DiagonalProblem(X, y))
            figure = draw_graph(graph, layers=layers)  # type: ignore[arg-type]
            figure.canvas.draw()
            points = [tuple(p) for part in figure.axes[0].collections for p in part.get_offsets()]
            assert len(set(points)) == len(graph) > 0


def fake_dot(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "dot"
    program.write_text(
        f"#!{sys.executable}\nimport re, sys\ntext = sys.stdin.read()\n{body}\n", encoding="utf-8"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def heights(graph: SaddleGraph) -> dict[tuple[float, ...], float]:
    (axes,) = draw_graph(graph, graphviz=True).axes
    return {tuple(row) for part in axes.collections for row in part.get_offsets().tolist()}  # type: ignore[return-value]


def test_graphviz_arranges_the_layers_when_present(
    graph: SaddleGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = heights(graph)
    body = "for k in re.findall(r'^  (\\d+) \\[', text, re.M): print('node', k, 1, {}, 1, 1, 'x')"
    fake_dot(tmp_path, body.format("int(k)"), monkeypatch)
    up = draw_graph(graph).axes[0].collections
    fake_dot(tmp_path, body.format("-int(k)"), monkeypatch)
    down = draw_graph(graph).axes[0].collections
    assert [c.get_offsets().tolist() for c in up] != [c.get_offsets().tolist() for c in down]
    for failing in ("sys.exit(1)", "print('node 0 x y')", "print('node 0 1 1')"):
        fake_dot(tmp_path, failing, monkeypatch)
        assert heights(graph) == plain


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "graphml", "json"])
def test_files_are_written_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"graph.{suffix}"
    form = ("--plot", target) if suffix in ("svg", "png", "pdf") else (f"--{suffix}", "-o", target)
    status, out, err = run(capsys, "graph", "shrinking", "--full", *form)
    assert (status, "the saddle path in its graph" in out, err) == (0, form[0] == "--plot", "")
    magic = {
        "svg": b"<?xml",
        "png": b"\x89PNG",
        "pdf": b"%PDF",
        "dot": b"digraph",
        "graphml": b"<graphml",
        "json": b"{",
    }
    assert target.read_bytes().startswith(magic[suffix])
    assert os.listdir(tmp_path) == [target.name]


def test_table_and_summary(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "graph", "diabetes")
    assert status == 0
    assert "5120 elementary transitions" in out
    assert "1024 saddles (1 of Morse index 10, 10 of Morse index 9" in out
    assert "the saddle path makes 11" in out
    out = run(capsys, "graph", "diabetes", "--max-support", "2")[1]
    assert "not followed to its end: its next saddle has more columns than max_support allows" in out
    assert "lead to more than 2 columns" in out
    assert "34639 transitions" in run(capsys, "graph", "diabetes", "--full", "--reachable")[1]


def test_check_on_the_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orbits.jsonl"
    arguments = ("graph", "sign-flip", "--check", "all", "--digits", "20", "--jobs", 1, "--resume", file)
    status, _, err = run(capsys, *arguments)
    assert status == 0
    assert "4 confirmed, 0 contradicted" in err
    for verdict, expected in (("contradicted", 1), ("undecided", 3)):
        file.unlink()

        def found(
            _problem: object, source: Any, target: Any, edge: bool, _settings: object, v: str = verdict
        ) -> Any:
            return CheckedTransition(source, target, edge, v, note="[0] planted")

        monkeypatch.setattr("saddlesym.graph.check._check_pair", found)
        status, _, err = run(capsys, *arguments)
        assert status == expected
        assert f"-> [0] {verdict}" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plot", "graph.gif"], ".svg, .png or .pdf"),
        (["-o", "graph.json"], "--output needs --json, --dot or --graphml"),
        (["--json", "--dot"], "a result has one form"),
        (["--plot", "/no/such/place/g.svg"], "does not exist"),
        (["--max-support", "-1"], "--max-support"),
        (["--max-sets", "100"], "--reachable"),
        (["--check", "some"], "sample:K"),
        (["--check", "sample:0"], "sample:K"),
        (["--digits", "0"], "--digits"),
        (["--digits", "20"], "--digits needs --check"),
        (["--resume", "r.jsonl"], "--resume needs --check"),
        (["--jobs", "2"], "--jobs needs --check"),
        (["--seed", "0"], "--seed needs --check"),
        (["--non-edges", "4"], "--non-edges needs --check"),
        (["--arc-lengths"], "--arc-lengths needs --check"),
        (["--max-steps", "9"], "--max-steps needs --check"),
        (["--check", "path", "--non-edges", "1000000000"], "--non-edges"),
        (["--plot", "/proc/g.svg"], "'/proc/g.svg' cannot be written"),
        (["--kappa", "1,2"], "10, one per column"),
        (["--kappa", "1,x"], "--kappa"),
        (["--kappa", "0,1,1,1,1,1,1,1,1,1"], "positive"),
        (["--chain", "0,a"], "ids of nodes"),
        (["--chain", "0,9999"], "node"),
        (["--chain", "3"], "origin"),
        (["--show", "some"], "--show"),
        (["--layers", "height"], "--layers"),
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
    status, out, err = run(capsys, "graph", "diabetes", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_check_in_the_document_and_nothing_to_check(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = (
        "graph",
        "sign-flip",
        "--check",
        "path",
        "--digits",
        "12",
        "--non-edges",
        "2",
        "--arc-lengths",
        "--json",
    )
    status, out, err = run(capsys, *arguments, "--seed", "5")
    assert status == 0
    checked = json.loads(out)["check"]["checked"]
    assert [c["edge"] for c in checked] == [True] * 3 + [False] * 2
    assert all(c["arc_length"] for c in checked)
    assert "arc length 1.0" in err
    assert "(no edge)" in err
    (tmp_path / "zero.csv").write_text("a,b,y\n1,2,0\n3,4,0\n", encoding="utf-8")
    status, _, err = run(capsys, "graph", str(tmp_path / "zero.csv"), "--check", "path")
    assert status == 3
    assert "nothing was checked" in err


def test_shapes_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "graph", "sign-flip", "--kappa", "1,1/3", "--chain", "0,2,3", "--json")
    document = json.loads(out)
    assert status == 0
    assert document["chain_of_shape"]["supports"] == [[], [1], [0, 1]]
    assert document["shape_of_chain"]["supports"] == [[], [1], [0, 1]]
    out = run(capsys, "graph", "sign-flip", "--kappa", "1,1/3")[1]
    assert "for the shape 1, 1/3: 2 elementary steps" in out


def test_a_chain_without_shape_is_refuted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    X, y = [[-2, -2, -1, -1], [-2, 2, 2, 2], [-2, -2, -2, -1], [2, 2, -2, 1]], [-2, 0, -2, -2]
    graph = transition_graph(DiagonalProblem(X, y))
    chain = next(c for c in graph.chains(60) if isinstance(graph.shape_for(c), NoShape))
    table = "\n".join(",".join(map(str, [*row, z])) for row, z in zip(X, y, strict=True))
    (tmp_path / "data.csv").write_text(table + "\n", encoding="utf-8")
    status, out, _ = run(capsys, "graph", str(tmp_path / "data.csv"), "--chain", ",".join(map(str, chain)))
    assert status == 0
    assert "No shape of the initialisation" in out
    assert "0 > 0" in out


def test_full_graph_with_a_bound_does_not_count_what_it_cannot_know(diabetes: SaddleGraph) -> None:
    problem = diabetes.problem
    assert transition_graph(problem, elementary=False, max_support=2).cut is None
    few = transition_graph(problem, elementary=True, max_support=2)
    edges = [(s, t) for s, t in diabetes.pairs() if len(diabetes.support(s)) <= 2 < len(diabetes.support(t))]
    assert few.cut == len(edges) > 0
    small = DiagonalProblem([[2, 0, 0], [0, 3, 0]], [3, -1])  # rank 2: there is nothing beyond
    assert transition_graph(small, elementary=False, max_support=2).cut == 0


@pytest.mark.parametrize("layers", ["morse_index", "loss"])
def test_labels_do_not_overlap(diabetes: SaddleGraph, layers: str) -> None:
    four = transition_graph(
        DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3], [1, 0, 2, 1]], [4, 3, -2, 1]),
        elementary=False,
    )
    for drawn in (diabetes, four):
        figure = draw_graph(drawn, layers=layers)
        figure.draw_without_rendering()
        boxes = [text.get_window_extent().extents for text in figure.axes[0].texts]
        assert len(boxes) >= len(drawn.visited)
        for a, b in itertools.combinations(boxes, 2):
            assert min(a[2], b[2]) - max(a[0], b[0]) < 1 or min(a[3], b[3]) - max(a[1], b[1]) < 1


def test_results_and_graph_are_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, link = tmp_path / "g.json", tmp_path / "link.json"
    file.write_text('{"kept": 1}\n', encoding="utf-8")
    link.symlink_to(file)
    for name in (file, link, tmp_path / "." / "g.json"):
        arguments = [
            "graph",
            "sign-flip",
            "--json",
            "-o",
            str(file),
            "--check",
            "path",
            "--resume",
            str(name),
        ]
        assert main(arguments) == 2
        assert "two options name" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == '{"kept": 1}\n'


def test_words_of_the_graph(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "sign-flip", "--max-support", "0"]) == 0
    assert "\n1 saddle (1 of Morse index 2)\n0 elementary transitions\n" in capsys.readouterr().out
    assert main(["graph", "sign-flip", "--kappa", "1,0"]) == 2
    assert "--kappa '1,0': number 2 is not positive" in capsys.readouterr().err
    for chain, verb in (("0,2", "begins with"), ("0,1,2,3", "takes")):
        assert main(["graph", "sign-flip", "--chain", chain]) == 0
        assert f"the chain that the flow {verb} for the shape" in capsys.readouterr().out


def random_columns(d: int) -> DiagonalProblem:
    rng = random.Random(d)
    rows = [[rng.randint(-9, 9) for _ in range(d)] for _ in range(d + 2)]
    return DiagonalProblem(rows, [rng.randint(-9, 9) for _ in rows])


@pytest.mark.parametrize(("d", "elementary"), [(1, True), (4, True), (8, True), (10, True), (7, False)])
def test_the_size_of_a_document_is_foreseen(d: int, elementary: bool) -> None:
    found, stream = transition_graph(random_columns(d), elementary=elementary), io.StringIO()
    write_graph_json(found, stream)
    assert json_size(found) == pytest.approx(len(stream.getvalue()), rel=0.05)


def test_large_graphs_are_announced_before_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("saddlesym.cli.writing.output._LARGE", 100)
    words = "saddlesym: 4 saddles and 4 transitions make about 1.3 kB; try: --max-support"
    assert main(["graph", "sign-flip", "--json"]) == 0
    assert capsys.readouterr().err == f"{words}, or -o FILE.json.gz\n"
    for name in ("g.json", "g.json.gz"):
        assert main(["graph", "sign-flip", "--json", "-o", str(tmp_path / name)]) == 0
        assert words in capsys.readouterr().err
    assert main(["graph", "sign-flip"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "command", [["graph", "diabetes"], ["deep", "saddles", "svd-3x3"], ["saddles", "diabetes"]]
)
def test_documents_are_packed_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    plain, packed, loud = tmp_path / "g.json", tmp_path / "g.json.gz", tmp_path / "G.JSON.GZ"
    for file in (plain, packed, loud):
        assert main([*command, "--json", "-o", str(file)]) == 0
    text = plain.read_bytes()
    assert gzip.decompress(packed.read_bytes()) == gzip.decompress(loud.read_bytes()) == text
    assert len(packed.read_bytes()) < len(text) / 2
    capsys.readouterr()
    assert main(["check", str(packed)]) == 0
    assert main(["graph", "sign-flip", "--plot", str(tmp_path / "g.svg.gz")]) == 2
    assert ".svg, .png or .pdf" in capsys.readouterr().err
