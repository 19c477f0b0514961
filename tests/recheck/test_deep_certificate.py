"""Saved deep saddles are believed only when every claim holds: each is tampered with in turn."""

from __future__ import annotations

import copy
import io
import json
import math

import pytest

from saddlesym import BadInputError, DeepLinearProblem, transition_graph
from saddlesym.cli.main import main
from saddlesym.deep.closed_forms.aligned import AlignedMode
from saddlesym.recheck.deep import saddles as deep_certificate
from saddlesym.recheck.deep.saddles import certify_deep_saddles

TARGET = [[3, 1, 0], [1, 2, -1], [0, 0, 1]]
TWICE = [[2, 0, 0, 0], [0, 0, 2, 0], [0, 1, 0, 0]]

PROBLEMS = [
    DeepLinearProblem.whitened(TARGET),
    DeepLinearProblem.whitened(TARGET, (3, 2, 4, 3)),
    DeepLinearProblem.whitened(TARGET, hidden=1, depth=5),
    DeepLinearProblem.whitened(TWICE, (4, 7, 3)),
    DeepLinearProblem.whitened(TWICE, (4, 2, 2, 3)),
    DeepLinearProblem.whitened([[1, 2], [2, 4], ["1/2", 1]], hidden=300),
    DeepLinearProblem.whitened([[0, 0]]),
    DeepLinearProblem.squared_error([[1, 1], [1, -1]], [[2, 3]]),
]


def document(problem, **options):
    return json.loads(json.dumps(transition_graph(problem, **options).to_dict(20)))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_true_documents_pass(problem):
    for options in ({}, {"elementary": False}, {"max_rank": 1}):
        certificate = certify_deep_saddles(document(problem, **options))
        assert certificate.holds, certificate


def tampered():
    """Each way of spoiling a document, and a word of the claim that must notice it."""

    def value(k, key, new):
        return lambda d: d["singular_values"]["values"][k].__setitem__(key, new)

    def saddle(k, key, new):
        return lambda d: d["saddles"][k].__setitem__(key, new)

    def edge(k, key, new):
        return lambda d: d["transitions"][k].__setitem__(key, new)

    ball = {"mid": "1", "radius": "1e-9"}
    return [
        (
            lambda d: d["singular_values"]["values"][0]["square"]["polynomial"].__setitem__(0, "-24"),
            "characteristic",
        ),
        (value(0, "multiplicity", 0), "characteristic"),
        (lambda d: d["singular_values"]["values"][0]["square"].__setitem__("index", 1), "each interval"),
        (value(1, "value", ball), "each interval"),
        (lambda d: d["singular_values"]["values"].reverse(), "fall"),
        (lambda d: d["problem"]["cost"]["B"][0].__setitem__(0, "4"), "characteristic"),
        (lambda d: d["problem"]["widths"].__setitem__(1, 2), "every set"),
        (lambda d: d["problem"]["widths"].__setitem__(1, 4), "Morse index"),
        (saddle(3, "modes", [1]), "ids, modes"),
        (saddle(3, "id", 4), "ids, modes"),
        (saddle(3, "rank", 2), "ids, modes"),
        (saddle(3, "dimension", 1), "ids, modes"),
        (saddle(3, "loss", ball), "losses"),
        (saddle(0, "exact_loss", "8"), "losses"),
        (saddle(3, "exact_loss", "8.185"), "losses"),
        (saddle(3, "morse_index", 5), "Morse index"),
        (saddle(3, "nullity", 6), "Morse index"),
        (saddle(7, "strictness", "strict"), "minima"),
        (saddle(3, "strictness", "non-strict"), "minima"),
        (lambda d: d["saddles"].pop(6), "every set"),
        (saddle(6, "counts", [1, 1, 0]), "every set"),
        (lambda d: d.__setitem__("visited", [0, 1, 5, 7]), "truncations"),
        (saddle(1, "time", ball), "jump times"),
        (saddle(2, "time", ball), "jump times"),
        (saddle(1, "time", None), "jump times"),
        (edge(4, "entered", [0]), "each transition"),
        (edge(0, "growth", False), "each transition"),
        (edge(0, "visited", False), "each transition"),
        (edge(0, "source", 7), "each transition"),
        (lambda d: d["transitions"].pop(), "missing"),
        (lambda d: d["transitions"].append(d["transitions"][0]), "missing"),
        (lambda d: d.__setitem__("elementary", False), "missing"),
        (lambda d: d["problem"]["cost"]["target"][0].__setitem__(0, "99"), "name, target and constant"),
        (lambda d: d["problem"]["cost"].__setitem__("target", None), "name, target and constant"),
        (lambda d: d["problem"]["cost"].__setitem__("name", "data"), "name, target and constant"),
        (lambda d: d["problem"]["cost"].__setitem__("constant", "9"), "name, target and constant"),
        (lambda d: d["singular_values"].__setitem__("rank", 17), "sum of the multiplicities"),
        (lambda d: d.__setitem__("time_unit", "1/alpha^(L-2)"), "unit of time"),
        (lambda d: d["saddles"][1]["time"].__setitem__("radius", "1000"), "has a digit"),
        (lambda d: d["saddles"][3]["loss"].__setitem__("radius", "1000"), "has a digit"),
        (saddle(0, "exact_loss", None), "losses"),
    ]


@pytest.mark.parametrize("case", range(len(tampered())))
def test_every_spoilt_document_is_noticed(case):
    spoil, word = tampered()[case]
    spoilt = copy.deepcopy(document(PROBLEMS[0]))
    spoil(spoilt)
    try:
        certificate = certify_deep_saddles(spoilt)
    except BadInputError as error:
        assert case in (19, 4), error  # a saddle less leaves ids that point nowhere
        return
    assert any(word in claim.text for claim in certificate.failures), certificate


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d.pop("saddles"), "has no 'saddles'"),
        (lambda d: d.__setitem__("kind", "escape"), "'escape'"),
        (lambda d: d["problem"].__setitem__("widths", [3] * 1000), "100 at most"),
        (lambda d: d["saddles"][3]["loss"].__setitem__("radius", "-1"), "0 or more"),
        (lambda d: d["problem"]["widths"].__setitem__(0, 2), "the recorded problem"),
        (lambda d: d["problem"]["cost"]["mask"][0].__setitem__(0, "0"), "the recorded problem"),
        (lambda d: d["singular_values"]["values"][0].__setitem__("multiplicity", 9), "more singular values"),
        (
            lambda d: d["saddles"][0].__setitem__("loss", None),
            r"saddles\[0\].loss is null; needed: an object",
        ),
        (lambda d: d["transitions"][0].__setitem__("source", -1), "source is -1"),
        (
            lambda d: d["problem"]["cost"]["B"][0].__setitem__(0, "x"),
            r"B\[0\]\[0\] is 'x'; needed: an exact number",
        ),
    ],
)
def test_documents_of_another_form_are_refused(spoil, message):
    spoilt = document(PROBLEMS[0])
    spoil(spoilt)
    with pytest.raises(BadInputError, match=message) as caught:
        certify_deep_saddles(spoilt)
    assert "\n" not in str(caught.value)


def test_decimals_of_one_digit_pass():
    for depth in (2, 5):
        graph = transition_graph(DeepLinearProblem.whitened(TARGET, depth=depth))
        assert certify_deep_saddles(graph.to_dict(1)).holds


def test_the_width_costs_nothing():
    problem = DeepLinearProblem.whitened(TARGET, hidden=10**9)
    assert certify_deep_saddles(document(problem)).holds


@pytest.mark.parametrize(("depth", "speed"), [(2, 1), (3, 1), (4, 2), (6, 4)])
def test_the_time_is_that_of_the_flow_of_its_depth(depth, speed):
    """Aligned modes jump at 1/((L−2)σ) in the accelerated time of the flow, not at 1/σ."""
    problem = DeepLinearProblem.whitened([[1]], depth=depth)
    saved = document(problem)
    assert float(saved["saddles"][1]["time"]["mid"]) == pytest.approx(1 / speed)
    mode = AlignedMode.of(1, depth, "1e-30")
    unit = 30 * math.log(10) if depth == 2 else 10.0 ** (30 * (depth - 2))
    assert float(mode.half_time(20)) / unit == pytest.approx(1 / speed, abs=1e-2)
    if speed > 1:
        saved["saddles"][1]["time"]["mid"] = "1"
        assert "jump times" in certify_deep_saddles(saved).failures[0].text


def test_on_the_command_line(tmp_path, capsys):
    file, other = tmp_path / "a.json", tmp_path / "other.csv"
    assert main(["deep", "saddles", "svd-3x3", "--json", "-o", str(file)]) == 0
    assert main(["check", str(file)]) == 0
    assert "16 of 16 claims hold" in capsys.readouterr().out
    assert main(["check", str(file), "--data", "svd-3x3"]) == 0
    other.write_text("1,2\n3,4\n")
    assert main(["check", str(file), "--data", str(other)]) == 1
    file.write_text(file.read_text().replace('"morse_index": 9', '"morse_index": 8'))
    capsys.readouterr()
    assert main(["check", str(file)]) == 1
    assert "FALSE  Morse index" in capsys.readouterr().out


def test_sets_too_many_to_list_are_not_said_to_be_listed(monkeypatch, capsys, tmp_path):
    saved, file = document(PROBLEMS[0]), tmp_path / "deep.json"
    file.write_text(json.dumps(saved), encoding="utf-8")
    monkeypatch.setattr(deep_certificate, "MAX_SETS", 3)
    certificate = certify_deep_saddles(saved)
    assert certificate.holds is None
    (claim,) = certificate.unchecked
    assert "every set" in claim.text
    assert main(["check", str(file)]) == 3
    assert "1 NOT CHECKED" in capsys.readouterr().out


#: σ² = 3 ± 2√2, three times each, and 11 ± 6√2: 3(3 − 2√2) + (11 + 6√2) = 20 is rational.
RATIONAL = [[int(i == j) + 2 * int(j == i + 1 and i % 2 == 0) for j in range(6)] + [0, 0] for i in range(6)]
RATIONAL += [[0] * 6 + [4, 1], [0] * 6 + [1, 2]]


def test_an_exact_loss_that_the_factors_do_not_show_is_refuted_or_left_open(tmp_path, capsys):
    problem = DeepLinearProblem.whitened(RATIONAL)
    graph = transition_graph(problem)
    saved = document(problem)
    values = graph.saddles[0].decomposition.values
    left = tuple({"11+": 1, "3-": 3}.get(_name(value), 0) for value in values)
    (k,) = [k for k, saddle in enumerate(graph.saddles) if saddle.left == left]
    assert saved["saddles"][k]["exact_loss"] is None
    assert graph.saddles[k].loss(20).contains(10)
    saved["saddles"][k]["exact_loss"] = "10"  # true, though no factor says so
    certificate = certify_deep_saddles(saved)
    assert certificate.holds is None
    (claim,) = certificate.unchecked
    assert "losses" in claim.text
    assert claim.detail.startswith(f"at saddle {k}: exact_loss")
    file = tmp_path / "a.json"
    file.write_text(json.dumps(saved), encoding="utf-8")
    assert main(["check", str(file)]) == 3
    assert "NOT CHECKED  losses" in capsys.readouterr().out
    saved["saddles"][k]["exact_loss"] = "10.00000000001"
    (claim,) = certify_deep_saddles(saved).failures
    assert (claim.holds, "losses" in claim.text) == (False, True)


def _name(value):
    square = float(value.square)
    return {5.83: "3+", 0.17: "3-", 19.49: "11+", 2.51: "11-"}[round(square, 2)]


def test_a_result_may_come_from_standard_input(monkeypatch, capsys):
    text = json.dumps(document(PROBLEMS[0])).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["check", "-"]) == 0
    assert "16 of 16 claims hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        ["deep", "escape", "svd-3x3"],
        ["deep", "greedy", "completion-3x3"],
        ["deep", "flow", "svd-3x3", "--alpha", "1e-5", "--digits", "8"],
        ["flow", "sign-flip", "--alpha", "1e-5", "--digits", "8"],
    ],
)
def test_results_without_a_certificate_are_refused_in_one_line(command, capsys, tmp_path):
    file = tmp_path / "a.json"
    assert main([*command, "--json", "-o", str(file)]) == 0
    capsys.readouterr()
    assert main(["check", str(file)]) == 2
    _, err = capsys.readouterr()
    assert "holds no result that its data decide" in err
    assert "of the deep commands, saddlesym deep saddles alone" in err
    assert err.count("\n") == 1
