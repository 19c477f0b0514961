"""The case studies: every one runs in its quick setting, and its claims are what is known from elsewhere."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pages import assert_sound

from saddlesym import BadInputError, DiagonalProblem
from saddlesym.cli.main import main
from saddlesym.report.page import prose
from saddlesym.report.render import render
from saddlesym.studies.library import Study, load_study, studies
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind, Verdict

NAMES = (
    "deep-staircase",
    "depth-on-one-clock",
    "diabetes-sign-flip",
    "float64-or-200-digits",
    "lasso-or-saddles",
    "matrix-completion",
    "non-monotone-support",
    "own-run",
    "scales",
    "shapes-and-chains",
    "smallest-sign-flip",
    "sparse-recovery",
)
SIGMA = np.linalg.svd(np.array([[3.0, 1, 0], [1, 2, -1], [0, 0, 1]]), compute_uv=False)


def near(value: object, expected: float, digits: float = 1e-6) -> bool:
    return abs(float(value) - expected) <= digits * max(1, abs(expected))  # type: ignore[arg-type]


def known_deep_staircase(one: Outcome) -> None:
    assert np.allclose(one["times"].numbers["times"], 1 / SIGMA, atol=1e-9)
    assert np.allclose(one["saddles"].numbers["losses"], [(SIGMA[k:] ** 2).sum() / 2 for k in range(4)])
    # with aligned modes the second jump in units of 1/α comes at 1/σ_2; a random start is of that order
    assert [t < 2 for t in one["deeper"].numbers["times"]] == [True, True]


def known_depth_on_one_clock(one: Outcome) -> None:
    assert one["events"].numbers == {"flows": 5, "jumps": 3}
    assert len(one["rates"].numbers["rates"]) >= 4


def known_diabetes_sign_flip(one: Outcome) -> None:
    times = [one[key].numbers["time"] for key in ("enters", "leaves", "returns")]
    assert [round(float(t), 6) for t in times] == [0.066505, 3.838486, 10.251926]
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    squares = np.linalg.lstsq(np.array(problem.X, float), np.array(problem.y, float), rcond=None)[0]
    assert near(one["returns"].numbers["beta"], squares[problem.feature_names.index("s3")], 1e-9)


def known_float64_or_200_digits(one: Outcome) -> None:
    lost = one["silent"].numbers["lost"]
    # the least-squares solution on x1 alone: a saddle, and no minimum
    assert np.allclose(lost, [0, 2], atol=1e-6)
    assert near(one["silent"].numbers["loss"], 0.25)
    assert np.allclose(one["silent"].numbers["right"], np.linalg.solve([[-2, -1], [-1, 0]], [-2, 1]))
    assert near(one["matrix"].numbers["limit"], 1 / SIGMA[2])


def known_lasso_or_saddles(one: Outcome) -> None:
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    X, y = np.array(problem.X, float), np.array(problem.y, float)
    assert near(one["first"].numbers["time"], 1 / np.abs(X.T @ y / len(y)).max(), 1e-9)
    assert one["shared"].numbers["shared"] == one["shared"].numbers["departure"] == 9
    assert one["parted"].numbers["knot"] != one["parted"].numbers["jump"]


def known_matrix_completion(one: Outcome) -> None:
    target = np.array([[3.0, 1, 0], [1, 2, -1], [0, 0, 1]])
    mask = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]])
    left, s, right = np.linalg.svd(mask * target)
    # the minimiser of rank one by alternating least squares from the top pair, and its gradient
    u, v = left[:, 0] * s[0], right[0]
    for _ in range(20_000):
        u = (mask * target) @ v / (mask @ v**2)
        v = (mask * target).T @ u / (mask.T @ u**2)
    rate = np.linalg.svd(mask * (np.outer(u, v) - target), compute_uv=False)[0]
    first = 1 / s[0]
    expected = [first, first + (1 - s[1] * first) / rate]
    assert np.allclose(one["predicted"].numbers["predicted"], expected, atol=1e-8)


def known_non_monotone_support(one: Outcome) -> None:
    assert one["shrinks"].numbers["sizes"] == [0, 2, 1]
    assert one["shrinks"].numbers["times"] == [Fraction(3, 2), Fraction(81)]
    assert one["loss"].numbers["losses"][-1] == 0


def known_own_run(one: Outcome) -> None:
    # of the first jump c_1 = 0 and the orbit is logistic: h_1 = ln(2·0.2)/(2·1); t_1 = 1
    assert one["follows"].numbers == {"jumps": 3, "all": 3}
    first = abs(math.log(0.4) / 2)
    assert near(one["law"].numbers["bare"][0], first, 0.2)
    assert max(one["law"].numbers["stepped"]) < 0.02 * first


def known_scales(one: Outcome) -> None:
    constants = one["law"].numbers["constants"]
    assert np.allclose(constants, [0, 3 / 80 * math.log(3), -0.6406223669292113], atol=1e-12)


def known_shapes_and_chains(one: Outcome) -> None:
    assert one["realised"].numbers["count"] + one["impossible"].numbers["count"] == 26
    assert one["impossible"].numbers["count"] == 2
    # the thresholds: max_i |r_i|/κ_i names the first column
    X, y = np.array([[-2, 1, 0, 1], [1, 2, 1, 2], [2, 1, -1, 2], [0, 1, 1, 1]]), np.array([0, 0, 1, 1])
    kappa = np.array(one["flow"].numbers["kappa"], float)
    first = int(np.argmax(np.abs(X.T @ y) / kappa))
    assert one["flow"].numbers["chain"].startswith(f"{{}} → {{{first}}}")


def known_smallest_sign_flip(one: Outcome) -> None:
    assert one["flips"].numbers["times"] == [Fraction(2, 3), Fraction(3, 2), Fraction(11, 2)]
    assert list(one["flips"].numbers["final"]) == [-1, 4]
    assert one["interval"].numbers["from_a"] == "3/2"
    # there both columns have the same |r|, so that the first jump is a tie
    first, second = DiagonalProblem([["-3/2", -1], [-1, 0]], [-2, 1]).r
    assert abs(first) == abs(second)


def known_sparse_recovery(one: Outcome) -> None:
    assert one["order"].numbers["all"] == 6
    assert one["constant"].numbers["largest"] < 3
    first, second = one["times"].numbers["medians"]
    assert 0 < second < first < 1


def test_the_studies_that_there_are() -> None:
    assert tuple(studies()) == NAMES
    for study in studies().values():
        text = study.path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 250
        assert study.question.endswith("?")
        assert not re.search(r"\beval\(|\bexec\(|sympify", text)


@pytest.mark.parametrize("name", NAMES)
def test_a_study_holds_and_agrees_with_what_is_known(name: str) -> None:
    study = load_study(name)
    outcome = study.run(quick=True)
    assert [one.key for one in outcome.claims if one.verdict is not Verdict.HOLDS] == []
    globals()[f"known_{name.replace('-', '_')}"](outcome)
    page = assert_sound(render(study.page(outcome, True)))
    assert study.question in " ".join(page.text.split())
    twin = json.loads(json.dumps(study.twin(outcome, True), allow_nan=False))
    assert len(twin["claims"]) == len(outcome.claims)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_study_holds_in_full(name: str) -> None:
    assert load_study(name).run(quick=False).holds


SCRIPT = '''"""A title.

Question. Is it {question}?

Source. Own.

Seen. Nothing.
"""

from saddlesym.report.page import Section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind


def study(quick, say):
    say("working")
    {body}
    return Outcome((claim("only", "It is", {holds}, Kind.EXACT, "found {{n}}", n=7),), (Section("s", "S"),))


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
'''


def script(folder: Path, holds: str, body: str = "pass") -> Path:
    file = folder / "my_own.py"
    file.write_text(SCRIPT.format(question="so", holds=holds, body=body), encoding="utf-8")
    return file


@pytest.mark.parametrize(("holds", "status"), [("True", 0), ("False", 1), ("None", 3)])
def test_a_study_of_ones_own_is_a_program_and_its_status_is_that_of_its_claims(
    holds: str, status: int, tmp_path: Path
) -> None:
    file = script(tmp_path, holds)
    done = subprocess.run(
        [sys.executable, str(file), "--quick"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert "my-own: working" in done.stderr
    html = (tmp_path / "studied" / "my-own" / "index.html").read_text(encoding="utf-8")
    assert {"True": "HOLDS", "False": "FAILS", "None": "UNDECIDED"}[holds] in assert_sound(html).text
    twin = json.loads((tmp_path / "studied" / "my-own" / "result.json").read_text())
    assert twin["claims"][0]["numbers"] == {"n": 7}


def test_ctrl_c_leaves_no_page(tmp_path: Path) -> None:
    file = script(tmp_path, "True", "import signal; signal.raise_signal(signal.SIGINT)")
    done = subprocess.run(
        [sys.executable, str(file)], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == 130
    assert "working" in done.stderr
    assert done.stderr.strip().endswith("saddlesym: interrupted")
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == [file.name]


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["study"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(NAMES)
    assert main(["study", "shapes-and-chains", "--quick", "--output", "page"]) == 0
    assert "4 of 4 claims hold" in capsys.readouterr().out
    assert sorted(os.listdir("page")) == ["figures", "index.html", "result.json"]
    assert main(["check", "page/result.json"]) == 0
    document = json.loads(Path("page/result.json").read_text())
    document["paths"]["usual shape"]["jumps"][0]["loss"] = "1/7"
    Path("forged.json").write_text(json.dumps(document))
    assert main(["check", "forged.json"]) == 1
    capsys.readouterr()
    Path("theirs").mkdir()
    Path("theirs", "notes.txt").write_text("mine")
    wrong = (
        ["study", "no-such"],
        ["study", "../studies/scales"],
        ["study", "--quick"],
        ["study", "scales", "--all"],
        ["study", "scales", "--output", "theirs"],
        ["check", "page/result.json", "--data", "diabetes"],
    )
    for arguments in wrong:
        assert main(arguments) == 2, arguments
        err = capsys.readouterr().err
        assert err.count("\n") == 1, arguments
        assert ("sparse-recovery" in err) == (arguments in wrong[:2])
    assert sorted(os.listdir()) == ["forged.json", "page", "theirs"]


def test_claims_are_decided_and_kept() -> None:
    one = claim("k", "$x$ is {x}", False, Kind.BALL, "seen {x}", x=Fraction(10**30, 3))
    assert one.verdict is Verdict.FAILS
    assert one.to_dict()["numbers"] == {"x": f"{10**30}/3"}
    outcome = Outcome((one,), ())
    assert not outcome.holds
    assert not Outcome((), ()).holds
    assert outcome["k"] is one
    with pytest.raises(BadInputError):
        _ = outcome["j"]
    assert claim("k", "text", None, Kind.EXACT).found == prose("")


def test_a_file_that_does_not_introduce_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "plain.py"
    file.write_text('"""A title."""\n')
    with pytest.raises(BadInputError, match="does not introduce itself"):
        Study.of(file)
