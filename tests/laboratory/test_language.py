"""The language of laws: what it means, what it refuses, and that nothing in it is ever run."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from documents import run

from saddlesym import DiagonalProblem, saddle_path, saddles, transition_graph
from saddlesym.errors import BadInputError
from saddlesym.exact.scalars import fraction
from saddlesym.laboratory.language.evaluation import SYMMETRIES, TextLaw, measured
from saddlesym.laboratory.language.quantities import QUANTITIES, Subject, UndefinedError
from saddlesym.theorems.evidence.check import UndecidedError

#: A coordinate leaves and returns; a support shrinks; a tie; wide data; dependent columns.
FLIP = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])
SHRINK = DiagonalProblem([[1, -2, 0], [2, 2, -1], [-1, 1, 0]], [0, -1, 0])
TIE = DiagonalProblem([[1, 0], [0, 1]], [2, 2])
WIDE = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
ALL = (FLIP, SHRINK, TIE, WIDE)


def holds(text: str, problem: DiagonalProblem = FLIP) -> bool:
    (fact,) = TextLaw(text)(Subject(problem))
    return bool(fact.holds)


@pytest.mark.parametrize("problem", ALL, ids=("flip", "shrink", "tie", "wide"))
def test_quantities_are_those_of_the_results(problem: DiagonalProblem) -> None:
    """Each word against the public results, computed here in another way."""
    path, graph, listed = saddle_path(problem), transition_graph(problem), list(saddles(problem))
    betas = [[Fraction(0)] * problem.d, *map(list, path.saddles())]
    gradients = [problem.gradient(beta) for beta in betas]
    supports = [{i for i, b in enumerate(beta) if b} for beta in betas]
    K = len(path.jumps)
    whole = {
        "n": problem.n, "d": problem.d, "max_r": max(map(abs, problem.r)), "jumps": K, "final": K,
        "max_size": max(map(len, supports)),
        "leaves": sum(len(a - b) for a, b in pairwise(supports)),
        "returns": sum(len((b - a) & set().union(*supports[: k + 1])) for k, (a, b) in enumerate(pairwise(supports))),
        "flips": sum(len(jump.flipped) for jump in path.jumps),
        "ties": sum(len(jump.hits) > 1 for jump in path.jumps),
        "saddles": sum(s.dimension == 0 for s in listed), "families": sum(s.dimension > 0 for s in listed),
        "edges": graph.edge_count, "chains": graph.count_chains(),
        "shortest": len(graph.shortest_chain()) - 1, "longest": len(graph.longest_chain()) - 1,
    }  # fmt: skip
    subject = Subject(problem)
    for name, value in whole.items():
        assert fraction(QUANTITIES[name].of(subject)) == value, name
    for k in range(K + 1):
        t = path.times()[k - 1] if k else 0
        by_saddle = {
            "time": t, "loss": problem.loss(betas[k]), "l1": sum(map(abs, betas[k])), "size": len(supports[k]),
            "index": sum(g != 0 for i, g in enumerate(gradients[k]) if i not in supports[k]),
        }  # fmt: skip
        for name, value in by_saddle.items():
            assert fraction(QUANTITIES[name].of(subject, k)) == value, (name, k)
        for j in range(problem.d):
            assert QUANTITIES["active"].of(subject, j, k) is (j in supports[k])
            assert fraction(QUANTITIES["beta"].of(subject, j, k)) == betas[k][j]
            assert fraction(QUANTITIES["gradient"].of(subject, j, k)) == gradients[k][j]
            assert fraction(QUANTITIES["dual"].of(subject, j, k)) == path.dual(t)[j]
    for k in range(1, K + 1):
        assert measured(f"entries({k})", subject) == len(supports[k] - supports[k - 1])
        assert measured(f"exits({k})", subject) == len(supports[k - 1] - supports[k])
        assert measured(f"hits({k})", subject) == len(path.jumps[k - 1].hits)
        assert fraction(measured(f"dwell({k - 1})", subject)) == path.times()[k - 1] - (
            path.times()[k - 2] if k > 1 else 0
        )
    assert {name for name in QUANTITIES if not QUANTITIES[name].arguments} - {"rank"} == set(whole)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("2 - 3 - 4", -5), ("8 / 4 / 2", 1), ("-2 ** 2", -4), ("2 ** -1", Fraction(1, 2)),
        ("0.1 + 0.2", Fraction(3, 10)), (".5", Fraction(1, 2)), ("2 * -3", -6), ("--2", 2), ("2 ^ 3", 8), ("max(1, 3, 2)", 3),
        ("min(d, jumps)", 2), ("abs(1 - 3)", 2), ("sum(k for k in 1..4)", 10), ("sum(k * j for j in columns for k in 1..2)", 3),
        ("count(k > 2 for k in 1..5)", 3), ("count(k > j for j in 1..3 for k in 1..3)", 3), ("max(k * (4 - k) for k in 0..4)", 4),
        ("sum(k for k in 1..0)", 0), ("time(final) / time(1)", Fraction(15, 2)), ("2**d - 1", 3), ("min(size(k) for k in 0..final)", 0),
    ],
)  # fmt: skip
def test_measures_have_the_values_of_arithmetic(text: str, value: object) -> None:
    assert fraction(TextLaw(text, measure=True).value(Subject(FLIP))) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 < 2 < 3", True), ("1 < 3 < 2", False), ("not 1 > 2", True), ("1 > 2 or 2 > 1 and 1 > 2", False),
        ("not (1 < 2) or 1 < 2", True), ("1 > 2 implies 2 > 3 implies 1 > 2", True), ("true and not false", True),
        ("all(k < 3 for k in 1..2)", True), ("any(k == 3 for k in 1..2)", False), ("all(k < 0 for k in 1..0)", True),
        ("jumps == 0 or time(1) == 1", True), ("jumps > 0 or time(9) == 1", True), ("1 != 1", False),
        ("all(active(j, 1) implies active(j, k) for j in columns for k in 1..final)", False),
        ("all(all(k <= j for k in 1..j) for j in 1..3)", True),
    ],
)  # fmt: skip
def test_laws_have_the_truth_of_logic(text: str, value: bool) -> None:
    assert holds(text) is value


HOSTILE = [
    "__import__('os').system('touch hacked')", "open('hacked', 'w')", "eval('1')", "exec(jumps)", "print(jumps)",
    "jumps.__class__", "().__class__", "jumps.real", "d.n < 1", "lambda: jumps", "[jumps]", "{1: 2}", "'text' < 1",
    "f'{jumps}'", "jumps if d else n", "jumps := 3", "jumps; d", "import os", "jumps = 3", "jumps & d", "jumps // d",
    "jumps % d", "~jumps < 1", "2 ** 2 ** 9 > 1", "(2 ** d) ** d > 1", "2 ** (2 ** d) > 1", "2 ^ 2 ^ 2 ^ 2 < 1",
    "sum(2**k for k in 1..3) ** 2 > 1", "9" * 101 + " > 1", "1e400 > 1", "0x10 > 1", "1_000 > 1", "(" * 100_000 + ")" * 100_000,
    "(" * 900 + "1" + ")" * 900 + " > 1", "[" * 100_000, "-" * 1900 + "1 < 2", "not " * 450 + "true", "1" + "+1" * 900 + "< 2",
    "d<" * 400 + "d", "abs(" * 200 + "1" + ")" * 200 + "<1", "max", "abs < 1", "abs(1, 2) < 3", "max() < 1", "sum(1) < 2",
    "len(d) < 1", "range(9) < 1", "int(d) < 1", "str < 1", "type(d) < 1", "globals() < 1", "__builtins__ < 1", "self < 1",
    "none", "None", "True", "jumps and d", "not jumps", "1 < (2 < 3)", "(1 < 2) + 1 < 3", "jumps", "d + 1", "", " ", "()", "jumps <",
    "< jumps", "jumps d < 1", "size < 1", "size() < 1", "size(1, 2) < 1", "jumps(1) < 1", "beta(0) < 1", "active(0, 1) < 1",
    "all(jumps < 1)", "all(k < 1 for k)", "all(k < 1 for k in 1)", "all(k < 1 for k in 1..)", "all(k < 1 for k in k..2)",
    "all(k for k in 1..2)", "sum(k < 1 for k in 1..2) < 1", "all(d < 1 for d in 1..2)", "all(k < 1 for k in 1..2 for k in 1..2)",
    "all(k < 1 for max in 1..2)", "k < 1", "all(true for k in columns) and k < 1", "for k in 1..2", "1..2", "in columns", "all(",
    "π < 1", "ｊｕｍｐｓ < 1", "jumps\x00 < 1", "jumps <\u202e d", "\x1b[2J", "jumps ≤ d",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
def test_what_is_no_law_is_refused_in_one_line_and_never_run(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInputError) as caught:
        _ = TextLaw(text).node
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
    status, out, err = run("conjecture", "--", text)
    assert (status, out, err.count("\n"), err[:11]) == (2, "", 1, "saddlesym: ")
    assert err.isprintable() or err[:-1].isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    ["sum(k for k in 1..1000000) > 0", "all(all(i + j >= 0 for i in 0..9999) for j in 0..9999)", "3 ** 4000000 > 1",
     "sum(9**(1000*k) for k in 1..3000) > 1", "9 ** 99999 * 9 ** 99999 * 9 ** 99999 * 9 ** 99999 > 1", "2 ** -4000000 < 1"],
)  # fmt: skip
def test_what_is_too_much_work_is_undecided(text: str) -> None:
    with pytest.raises(UndecidedError, match="law"):
        TextLaw(text).value(Subject(FLIP))


@pytest.mark.parametrize(
    "text",
    ["time(9) > 0", "beta(7, 1) > 0", "beta(-1, 1) > 0", "size(1/2) > 0", "dwell(final) > 0", "1 / (d - 2) > 0", "0 ** -1 > 0",
     "entries(0) > 0", "max(k for k in 1..0) > 0", "2 ** (1/2) > 1", "M(0, 9) > 0", "size(10**30) > 0", "size(-1) > 0"],
)  # fmt: skip
def test_what_the_data_do_not_have_is_undefined(text: str) -> None:
    with pytest.raises(UndefinedError):
        TextLaw(text).value(Subject(FLIP))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("jumps <= d", {"rows", "columns", "signs"}),
        ("beta(0, 1) >= 0", {"rows"}),
        ("abs(beta(0, 1)) >= 0", {"rows", "signs"}),
        ("all(abs(beta(j, 1)) < 1 for j in columns)", {"rows", "columns", "signs"}),
        ("all(beta(j, 1) < 1 for j in columns)", {"rows", "columns"}),
        ("all(active(j, 1) or j > 0 for j in columns)", {"rows", "signs"}),
        ("all(active(j, 1) for j in 0..d-1)", {"rows", "signs"}),
        ("all(active(j + 0, 1) for j in columns)", {"rows", "signs"}),
        ("all(abs(M(i, j)) < 9 for i in columns for j in columns)", {"rows", "columns", "signs"}),
        ("all(size(j) < 9 for j in columns)", {"rows", "signs"}),
    ],
)
def test_symmetries_that_the_text_shows(text: str, kept: set[str]) -> None:
    assert TextLaw(text).symmetries == kept
    assert kept <= SYMMETRIES


def test_a_false_law_names_the_values_that_make_it_so() -> None:
    (fact,) = TextLaw("all(size(k) <= size(k + 1) for k in 0..final - 1) and jumps > 0")(Subject(SHRINK))
    assert fact.what == "k = 1: size(1) = 2, size(2) = 1"


@pytest.mark.parametrize("text", ["jumps <= d", "all(hits(k) == 1 for k in 1..final)", "not ties > 0 or flips >= 1", "1 < jumps <= d implies d != 2"])  # fmt: skip
@pytest.mark.parametrize("problem", ALL, ids=("flip", "shrink", "tie", "wide"))
def test_the_margin_tells_false_from_true(text: str, problem: DiagonalProblem) -> None:
    margin = TextLaw(text).margin(Subject(problem))
    assert margin >= 0 if not holds(text, problem) else margin <= 0
