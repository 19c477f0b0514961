"""The Coq file of a path: it states what is meant, and (where Coq is) the kernel takes it and nothing false."""

from __future__ import annotations

import json
import random
import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.cli.main import main
from saddlesym.errors import BadInputError
from saddlesym.kernel import kernel_certificate, theory
from saddlesym.kernel.certificate import _CLAIMS
from saddlesym.kernel.coq_file import question
from saddlesym.kernel.walk import independents, walked

COQ = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed")

FLIP = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])
EXAMPLE = DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2])
DECIMALS = DiagonalProblem([["0.5", "1/3"], ["-2", "0.25"], ["1", "1"]], ["0.1", "2/7", "-1"])


def drawn(n: int, d: int, seed: int) -> DiagonalProblem:
    rng = random.Random(seed)
    X = [[rng.randint(-9, 9) for _ in range(d)] for _ in range(n)]
    return DiagonalProblem(X, [rng.randint(-9, 9) for _ in range(n)])


def source(problem: DiagonalProblem, **options: object) -> str:
    return kernel_certificate(saddle_path(problem), run=False, **options).source  # type: ignore[arg-type]


def integers(text: str) -> list[int]:
    return [int(x) for x in re.findall(r"-?\d+", text)]


def field(text: str, name: str) -> str:
    """What stands between ``name :=`` and the next field or the end of the record."""
    found = re.search(rf"\b{name} :=\s*(.*?)(?:;\s*\w+ :=|\s*\|\}})", text, re.DOTALL)
    assert found is not None
    return found[1]


def data_of(text: str) -> tuple[list[list[Fraction]], list[Fraction]]:
    """X and y as the definitions of Checker.v read them."""
    over, y_over = integers(field(text, "columns_over")), int(field(text, "targets_over"))
    rows = [integers(row) for row in re.findall(r"\[([^][]*)\]", field(text, "rows"))]
    X = [[Fraction(x, over[i]) for i, x in enumerate(row)] for row in rows]
    return X, [Fraction(y, y_over) for y in integers(field(text, "targets"))]


def defined(text: str, name: str) -> str:
    found = re.search(rf"Definition {name}\b.*?:=(.*?)\.\n", text, re.DOTALL)
    assert found is not None
    return found[1]


def times_of(text: str, name: str) -> list[Fraction]:
    return [Fraction(int(p), int(q)) for p, q in re.findall(r"(-?\d+) # (\d+)", defined(text, name))]


def saddles_of(text: str, name: str = "the_saddles") -> list[list[Fraction]]:
    over = integers(field(text, "columns_over"))
    found = re.findall(r"\(\[([^]]*)\], (\d+)%positive\)", defined(text, name))
    return [
        [Fraction(over[i] * b, int(q)) for i, b in enumerate(integers(numerators))] for numerators, q in found
    ]


@pytest.mark.parametrize(
    "problem",
    [FLIP, EXAMPLE, DECIMALS, drawn(4, 7, 2), DiagonalProblem.from_csv("diabetes").centred().scaled()],
    ids=["flip", "example", "decimals", "drawn", "diabetes"],
)
def test_the_file_is_about_the_data_and_the_path_that_are_meant(problem: DiagonalProblem) -> None:
    path = saddle_path(problem)
    text = kernel_certificate(path, run=False).source
    assert data_of(text) == ([list(row) for row in problem.X], list(problem.y))
    assert times_of(text, "jump_times") == [0, *path.times()]
    assert saddles_of(text) == [[0] * problem.d, *(list(jump.beta) for jump in path.jumps)]
    K = len(path.jumps)
    assert f"check {problem.n} {problem.d} the_data {K} claimed = true" in text
    assert f"certified {problem.n} {problem.d} (features the_data) (responses the_data) {K}" in text


@pytest.mark.parametrize(("n", "d", "seed"), [(2, 2, 5), (4, 7, 2), (5, 3, 1), (6, 12, 3), (8, 8, 4)])
def test_enclosures_hold_the_exact_times(n: int, d: int, seed: int) -> None:
    path = saddle_path(drawn(n, d, seed))
    walk = walked(path, exact=False)
    assert not walk.exact
    for lower, time, upper in zip(walk.lower, [0, *path.times()], walk.upper, strict=True):
        assert lower <= time <= upper
        assert upper - lower < Fraction(1, 10**10)
    text = kernel_certificate(path, exact=False, run=False).source
    assert (times_of(text, "earliest"), times_of(text, "latest")) == (walk.lower, walk.upper)


def test_coordinates_that_arrive_together_are_walked_exactly() -> None:
    path = saddle_path(DiagonalProblem([[1, 0], [0, 1]], [2, 2]))
    assert len(path.jumps) == 1
    assert walked(path, exact=False).exact


def test_a_path_that_stops_early_is_claimed_up_to_its_horizon() -> None:
    for options, times in (({"until": 7}, 4), ({"until": "1/100"}, 2), ({"max_jumps": 2}, 3)):
        path = saddle_path(FLIP, **options)  # type: ignore[arg-type]
        found = kernel_certificate(path, run=False)
        assert not found.complete
        assert "up to its horizon" in found.words
        assert len(times_of(found.source, "jump_times")) == times
        assert times_of(found.source, "jump_times")[-1] == path.horizon
        assert len(saddles_of(found.source)) == times - 1
    with pytest.raises(BadInputError, match="t = 0 only"):
        kernel_certificate(saddle_path(FLIP, max_jumps=0), run=False)


def test_what_the_theorem_does_not_cover_is_named() -> None:
    twins = kernel_certificate(
        saddle_path(DiagonalProblem([[2, 1, -2], [1, 0, -1]], [1, 3], ["a", "b", "c"]))
    )
    assert (twins.holds, twins.source) == (None, "")
    assert "'a', 'c' are equal or opposite" in twins.reason
    with pytest.raises(BadInputError, match="given by M and r"):
        kernel_certificate(saddle_path(DiagonalProblem.from_gram([[2, 1], [1, 2]], [1, 0])))


def test_groups_hold_every_face_and_are_independent() -> None:
    walk = walked(saddle_path(drawn(6, 12, 3)))
    groups, held, dependent = independents(walk)
    assert dependent is None
    assert len(groups) < len(walk.hints)
    for hint, m in zip(walk.hints, held, strict=False):
        assert set(hint.face) <= set(groups[m].columns)
    for group in groups:
        M = walk.data.block(group.columns).tolist()
        k = len(group.columns)
        for i in range(k):
            row = [sum(group.entries[i][j] * int(M[j][m]) for j in range(k)) for m in range(k)]
            assert 2 * sum(abs(x - group.over * (i == m)) for m, x in enumerate(row)) <= group.over


def test_every_claim_of_the_checker_has_words() -> None:
    text = (theory.folder() / "Checker.v").read_text(encoding="utf-8")
    named = re.search(r"Inductive claim :=(.*?)\.\n", text, re.DOTALL)
    assert named is not None
    assert set(re.findall(r"\| (\w+)", named[1])) == _CLAIMS.keys()


def test_a_hostile_name_stays_in_its_comment() -> None:
    problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1], source="a *) Axiom f : False. (* .csv")
    text = source(problem)
    assert text.count("*)") == text.count("(*")
    assert "*) Axiom" not in text


# Without Coq.


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    return status, *capsys.readouterr()


def test_without_coq_one_line_says_what_to_install_and_the_file_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theory, "coqc", lambda: None)
    status, out, _ = run(capsys, "kernel", "sign-flip", "-o", str(tmp_path / "flip.v"))
    assert status == 3
    assert "NOT CHECKED: coqc is not installed; try: apt-get install" in " ".join(out.split())
    assert (tmp_path / "flip.v").read_text(encoding="utf-8") == source(DiagonalProblem.from_csv("sign-flip"))
    status, out, _ = run(capsys, "kernel", "sign-flip", "--json")
    assert (status, json.loads(out)["verdict"]) == (3, "NOT CHECKED")


def test_coq_without_coquelicot_is_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "coqc"
    fake.write_text("#!/bin/sh\necho 'Error: Cannot find a physical path bound to Coquelicot' >&2; exit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(theory, "coqc", lambda: str(fake))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = kernel_certificate(saddle_path(FLIP))
    assert found.holds is None
    assert "try: apt-get install" in found.reason


@pytest.mark.parametrize(
    "arguments",
    [
        ["sign-flip", "-o", "my-path.v"], ["sign-flip", "-o", "path.txt"], ["nothing.csv"],
        ["sign-flip", "--until", "-1"], ["sign-flip", "--until", "0"], ["sign-flip", "--max-jumps", "0"],
    ],
)  # fmt: skip
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    status, out, err = run(capsys, "kernel", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)


# With Coq.


@COQ
@pytest.mark.parametrize("exact", [True, False])
def test_the_kernel_checks_small_paths(exact: bool) -> None:
    found = kernel_certificate(saddle_path(EXAMPLE), exact=exact)
    assert found.holds, found
    assert {name.rpartition(".")[2] for name in found.axioms} == set(theory.AXIOMS)


#: What is done to the file of EXAMPLE, and which claim then fails.
TAMPERED = {
    "data": (r"\[3; 1; -2; 1\]", "[3; 1; -2; 2]", "ColumnsIndependent|DualAt|Gradient|Arrival"),
    "targets": (r"targets := \[4;", "targets := [5;", "DualAt|Gradient|Arrival"),
    "time": (r"9 # 20", "10 # 20", "TimeEnclosed"),
    "saddle": (r"%positive\)\]", "0%positive)]", "GradientVanishes"),
    "dual": (r"move := (\d+)", r"move := 1\1", "DualAtEnd|Arrival|TimeEnclosed"),
    "inverse": (r"inverse_over := (\d+)", r"inverse_over := 1\1", "ColumnsIndependent"),
    "order": (r"arrives := 1;", "arrives := 2;", "Arrival|DualAtEnd"),
    "truncation": (r"the_data 3 claimed", "the_data 2 claimed", "GradientVanishes"),
}


def test_tampering_finds_what_it_changes() -> None:
    text = source(EXAMPLE)
    for what, (pattern, replacement, _) in TAMPERED.items():
        assert re.sub(pattern, replacement, text, count=1) != text, what


@COQ
@pytest.mark.parametrize("what", TAMPERED)
def test_coqc_refuses_a_file_that_was_tampered_with(what: str, tmp_path: Path) -> None:
    pattern, replacement, claim = TAMPERED[what]
    walk = walked(saddle_path(EXAMPLE))
    text = re.sub(pattern, replacement, source(EXAMPLE), count=1)
    (tmp_path / "Path.v").write_text(text, encoding="utf-8")
    refused = theory.run_coqc(tmp_path, "Path.v", theory.compiled_theory())
    assert refused.returncode == 1
    assert "true = true" in refused.stderr
    if what != "truncation":  # which is in the call, not in what is claimed
        (tmp_path / "Question.v").write_text(question(text, walk), encoding="utf-8")
        answer = theory.run_coqc(tmp_path, "Question.v", theory.compiled_theory())
        assert re.search(rf"= Some \(?({claim})", answer.stdout), answer.stdout


@COQ
def test_a_false_path_is_refused_by_name() -> None:
    from dataclasses import replace

    path = saddle_path(EXAMPLE)
    wrong = replace(path.jumps[1], time=path.jumps[1].time + Fraction(1, 100))
    found = kernel_certificate(replace(path, jumps=(path.jumps[0], wrong, path.jumps[2])))
    assert found.holds is False
    assert found.reason.startswith("refused: ")


@pytest.mark.long
@COQ
@pytest.mark.parametrize("problem", [drawn(10, 20, 1), drawn(20, 40, 1), drawn(40, 80, 1)])
def test_the_kernel_checks_large_paths(problem: DiagonalProblem) -> None:
    assert kernel_certificate(saddle_path(problem)).holds
