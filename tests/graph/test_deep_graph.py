"""The saddle graph of deep linear networks: order laws, and orbits followed numerically."""

from __future__ import annotations

import io
import json
from itertools import pairwise

import networkx
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from saddlesym import BadInputError, BudgetError, DeepLinearProblem, transition_graph
from saddlesym.cli.main import main
from saddlesym.deep import transition_between
from saddlesym.figures.deep.saddles import draw_deep_saddles
from saddlesym.graph.export import write_dot, write_graphml

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
FOUR = [[4, 0, 0, 0], [0, 3, 0, 0], [0, 0, 3, 0], [0, 0, 0, 1]]

PROBLEMS = [
    DeepLinearProblem.whitened(TARGET),
    DeepLinearProblem.whitened(TARGET, hidden=1, depth=4),
    DeepLinearProblem.whitened(FOUR),
    DeepLinearProblem.whitened(FOUR, hidden=2),
    DeepLinearProblem.whitened([[0, 0]]),
]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_losses_fall_along_every_edge_and_only_the_minimum_is_a_sink(problem):
    for elementary in (True, False):
        graph = transition_graph(problem, elementary=elementary)
        for a, b in graph.pairs():
            assert graph.node(b).loss().arb < graph.node(a).loss().arb
        assert graph.is_acyclic()
        assert graph.sinks() == graph.minima
        assert len(graph.minima) == 1
        assert graph.reachable() == frozenset(range(len(graph)))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_chains_of_elementary_transitions_give_exactly_all_transitions(problem):
    small, full = (transition_graph(problem, elementary=elementary) for elementary in (True, False))
    closure = networkx.transitive_closure(small.digraph)
    assert set(closure.edges) == set(full.pairs())
    assert all(small.edge(a, b).elementary for a, b in small.pairs() if (a, b) not in _steps(small))


def _steps(graph):
    return set(pairwise(graph.visited))


def test_transitions_are_those_with_an_increasing_exchange():
    """The prefix rule against its definition: an injection of S∖T into T∖S with greater σ."""

    def exchange(S, T):
        gone, new = sorted(S - T, reverse=True), sorted(T - S, reverse=True)
        graph = networkx.Graph([(("s", s), ("t", t)) for s in gone for t in new if t < s])
        graph.add_nodes_from(("s", s) for s in gone)
        matching = networkx.bipartite.maximum_matching(graph, [("s", s) for s in gone])
        return S != T and all(("s", s) in matching for s in gone)

    problem = DeepLinearProblem.whitened([[int(i == j) * (4 - i) for j in range(4)] for i in range(4)])
    graph = transition_graph(problem)
    for a in graph.saddles:
        for b in graph.saddles:
            found = transition_between(a, b)
            assert (found is not None) == exchange(set(a.modes), set(b.modes)), (a, b)
            if found is not None:
                assert found.is_growth == (set(a.modes) < set(b.modes))


def follow(target, weights, time):
    shapes = [w.shape for w in weights]

    def field(_t, flat):
        parts, at = [], 0
        for shape in shapes:
            parts.append(flat[at : at + shape[0] * shape[1]].reshape(shape))
            at += shape[0] * shape[1]
        below = [np.eye(target.shape[1])]
        for w in parts:
            below.append(w @ below[-1])
        slope, out = target - below[-1], []
        for w, under in zip(reversed(parts), reversed(below[:-1]), strict=True):
            out.append((slope @ under.T).ravel())
            slope = w.T @ slope
        return np.concatenate(out[::-1])

    start = np.concatenate([w.ravel() for w in weights])
    end = solve_ivp(field, (0, time), start, rtol=1e-9, atol=1e-12, method="LSODA").y[:, -1]
    product, at = np.eye(target.shape[1]), 0
    for rows, columns in shapes:
        product = end[at : at + rows * columns].reshape(rows, columns) @ product
        at += rows * columns
    return product


@pytest.mark.parametrize("depth", [2, 3])
def test_the_exchange_orbit_of_two_modes_and_one_unit(depth):
    """From the saddle of the lesser mode along its unstable direction to that of the greater one."""
    target = np.diag([3.0, 2.0])
    weights = [np.array([[1e-6, 2 ** (1 / depth)]])]
    weights += [np.array([[2 ** (1 / depth)]])] * (depth - 2)
    weights.append(np.array([[1e-6], [2 ** (1 / depth)]]))
    assert np.allclose(follow(target, weights, 60), np.diag([3.0, 0.0]), atol=1e-6)


def test_growth_of_the_lesser_mode_alone_is_an_orbit():
    target = np.diag([3.0, 2.0])
    weights = [np.array([[0.0, 1e-3]]), np.array([[0.0], [1e-3]])]
    assert np.allclose(follow(target, weights, 20), np.diag([0.0, 2.0]), atol=1e-8)


def test_the_path_of_truncations_and_its_times():
    graph = transition_graph(PROBLEMS[0])
    assert [graph.node(k).modes for k in graph.visited] == [(), (0,), (0, 1), (0, 1, 2)]
    times = [graph.time(k) for k in graph.visited]
    assert times[0] is None
    assert [f"{float(t):.5f}" for t in times[1:]] == ["0.27307", "0.58129", "1.25997"]
    assert graph.time(2) is None
    repeated = transition_graph(PROBLEMS[2])
    assert [repeated.node(k).rank for k in repeated.visited] == [0, 1, 3, 4]
    assert (graph.count_chains(), len(graph.longest_chain()), len(graph.shortest_chain())) == (28, 7, 4)
    assert len(list(graph.chains(5))) == 5
    assert json.loads(json.dumps(graph.to_dict(12)))["transitions"][0]["visited"] is True


def test_refusals():
    graph = transition_graph(PROBLEMS[0])
    with pytest.raises(BadInputError, match="node 8"):
        graph.node(8)
    with pytest.raises(BadInputError, match="no transition"):
        graph.edge(1, 2)
    wide = DeepLinearProblem.whitened([[int(i == j) * (i + 1) for j in range(13)] for i in range(13)])
    with pytest.raises(BudgetError, match="too many pairs"):
        transition_graph(wide, elementary=False)
    assert len(transition_graph(wide, elementary=False, max_rank=1)) == 14


def test_the_figure_draws_every_saddle_and_edge():
    graph = transition_graph(PROBLEMS[0])
    (axes,) = draw_deep_saddles(graph).axes
    assert len(axes.patches) == graph.edge_count
    assert {text.get_text() for text in axes.texts} >= {"origin", "{1}", "{1, 3}", "{1–3}"}
    wide = DeepLinearProblem.whitened([[int(i == j) * (i + 1) for j in range(8)] for i in range(8)])
    (axes,) = draw_deep_saddles(transition_graph(wide)).axes
    assert [text.get_text() for text in axes.texts][-1] == "{1–8}"
    assert len(axes.texts) == 9
    (axes,) = draw_deep_saddles(transition_graph(wide), show="visited").axes
    assert len(axes.patches) == 8
    assert axes.get_title().startswith("9 of 256 saddles")


def loaded(text, suffix):
    """What networkx makes of a file, values as text."""
    if suffix == ".graphml":
        back = networkx.parse_graphml(text)
    else:
        import pydot  # through which networkx reads DOT

        (parsed,) = pydot.graph_from_dot_data(text)
        back = networkx.DiGraph(networkx.nx_pydot.from_pydot(parsed))
        back.remove_nodes_from([name for name in list(back) if not name.isdecimal()])
    return networkx.relabel_nodes(back, int)


def words(attributes):
    return {key: str(value).strip('"').replace("True", "true").replace("False", "false")
            for key, value in attributes.items() if key != "style"}  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydot's parser library
@pytest.mark.parametrize("suffix", [".dot", ".graphml"])
@pytest.mark.parametrize("problem", [PROBLEMS[0], PROBLEMS[3], DeepLinearProblem.whitened(FOUR, depth=3)])
def test_files_load_back_in_networkx(problem, suffix):
    graph, text = transition_graph(problem), io.StringIO()
    {".dot": write_dot, ".graphml": write_graphml}[suffix](graph, text, 12)
    back, saved = loaded(text.getvalue(), suffix), graph.to_dict(12)
    assert sorted(back.nodes) == list(range(len(graph)))
    assert sorted(back.edges) == sorted(graph.pairs())
    for entry in saved["saddles"]:
        node = words(back.nodes[entry["id"]])
        assert float(node["loss"]) == pytest.approx(float(entry["loss"]["mid"]), rel=1e-11, abs=1e-11)
        assert node["exact_loss"] == (entry["exact_loss"] or "")
        assert (node["time"] == "") == (entry["time"] is None)
        if entry["time"] is not None:
            assert float(node["time"]) == pytest.approx(float(entry["time"]["mid"]), rel=1e-11)
        for key in ("modes", "counts"):
            assert list(map(int, node[key].split())) == entry[key]
        for key, theirs in (("rank", "rank"), ("morse_index", "morse_index"), ("nullity", "nullity"),
                            ("dimension", "dimension"), ("strictness", "strictness")):  # fmt: skip
            assert node[key] == str(entry[theirs])
        assert node["visited"] == str(entry["id"] in graph.visited).lower()
    for entry in saved["transitions"]:
        edge = words(back.edges[entry["source"], entry["target"]])
        for key in ("entered", "left"):
            assert list(map(int, edge[key].split())) == entry[key]
        for key in ("growth", "elementary", "visited"):
            assert edge[key] == str(entry[key]).lower()


def test_saddles_with_as_many_modes_share_a_rank_of_the_drawing():
    """At depth 3 the origin and the minimum both have Morse index 0."""
    text = io.StringIO()
    write_dot(transition_graph(DeepLinearProblem.whitened([[2, 0], [0, 1]], depth=3)), text)
    assert [line for line in text.getvalue().splitlines() if "same" in line] == [
        '  { rank="same"; 3; }',
        '  { rank="same"; 1; 2; }',
        '  { rank="same"; 0; }',
    ]


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "graphml", "json"])
def test_the_graph_is_written_whole(capsys, tmp_path, suffix):
    target = tmp_path / f"graph.{suffix}"
    form = ("--plot", str(target)) if suffix in ("svg", "png", "pdf") else (f"--{suffix}", "-o", str(target))
    status, out, err = run(capsys, "saddles", "svd-3x3", *form)
    assert (status, "7 strict saddles" in out, err) == (0, form[0] == "--plot", "")
    magic = {
        "svg": b"<?xml",
        "png": b"\x89PNG",
        "pdf": b"%PDF",
        "dot": b"digraph",
        "graphml": b"<graphml",
        "json": b"{",
    }
    assert target.read_bytes().startswith(magic[suffix])
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def run(capsys, *arguments):
    status = main(["deep", *arguments])
    return status, *capsys.readouterr()


def test_deep_saddles_on_the_command_line(capsys, tmp_path):
    status, out, _ = run(capsys, "saddles", "svd-3x3")
    assert status == 0
    assert "0.27307099" in out
    assert "7 strict saddles, 1 minimum" in out
    figure, file = tmp_path / "a.svg", tmp_path / "a.json"
    arguments = ["saddles", "svd-3x3", "--hidden", "2,2", "--json", "-o", str(file), "--plot", str(figure)]
    assert run(capsys, *arguments)[0] == 0
    document = json.loads(file.read_text())
    assert document["problem"]["widths"] == [3, 2, 2, 3]
    assert [s["strictness"] for s in document["saddles"]].count("non-strict") == 2
    assert figure.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["saddles", "completion-3x3"], "completion cost"),
        (["saddles", "svd-3x3", "--hidden", "0"], "--hidden '0'"),
        (["saddles", "svd-3x3", "--hidden", "2,x"], "--hidden '2,x'"),
        (["saddles", "svd-3x3", "--hidden", "2,2", "--depth", "2"], "2 hidden widths for depth 2"),
        (["saddles", "svd-3x3", "--depth", "1"], "--depth"),
        (["saddles", "svd-3x3", "-o", "x.txt"], "--output needs --json, --dot or --graphml"),
        (["saddles", "svd-3x3", "--dot", "--graphml"], "a result has one form"),
        (["saddles", "svd-3x3", "--show", "some"], "--show"),
        (["saddles", "tiny.csv", "--plot", "x.svg"], "does not fit into a picture"),
        (["saddles", "svd-3x3", "--plot", "x.txt"], "figure file"),
        (["saddles", "svd-3x3", "--max-sets", "3"], "8 sets of modes"),
        (["saddles", "svd-3x3", "--mask", "nowhere"], "mask: 'nowhere'"),
        (["saddles", "nan.csv"], "not finite"),
        (["saddles", "ragged.csv"], "line 2: 1 cells"),
        (["saddles", "svd-3x3", "--mask", "short.csv"], "the mask is 1 × 2"),
        (["saddles", "svd-3x3", "--mask", "half.csv"], "mask[0][0] is 1/2"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {"nan.csv": "1,nan\n2,3\n", "ragged.csv": "1,2\n3\n", "short.csv": "1,0\n", "half.csv": "0.5\n"}
    files["tiny.csv"] = "1e-400,0\n0,2e-400\n"
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    if "half.csv" in arguments:
        (tmp_path / "half.csv").write_text("0.5,1,1\n1,1,1\n1,1,1\n")
    status, out, err = run(capsys, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(files)
