"""The pages under docs/ and requirements/ say what is so."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import saddlesym
from saddlesym.cli.main import main

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = [Requirement(text) for text in PROJECT["optional-dependencies"]["campaigns"]]
TESTS = [
    *(
        one
        for text in PROJECT["optional-dependencies"]["test"]
        if (one := Requirement(text)).name != "saddlesym"
    ),
    *EXTRAS,
]
ROWS = re.findall(r"\| `(tests/[\w/]+\.py)::(\w+)` \|", (ROOT / "docs" / "robustness.md").read_text("utf-8"))


def pinned(name: str) -> dict[str, Version]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if "==" in line and not line.startswith("#")]
    return {re.sub(r"[-_.]+", "-", one).lower(): Version(number) for one, number in pairs}


def test_every_row_on_robustness_names_a_test() -> None:
    text = (ROOT / "docs" / "robustness.md").read_text("utf-8")
    assert len(ROWS) == text.count("\n| ") - 2 >= 25  # but the head and its line


@pytest.mark.parametrize(("file", "test"), ROWS)
def test_the_test_that_a_promise_names_exists(file: str, test: str) -> None:
    assert re.search(rf"^def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("requirement", RUNTIME + TESTS, ids=lambda one: one.name)
def test_the_licence_of_a_dependency_is_what_it_says_itself(requirement: Requirement) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {re.escape(requirement.name)} \| .* \| (.+) \|$", page, re.MULTILINE)
    assert row, requirement.name
    said = metadata.metadata(requirement.name)
    theirs = said.get("License-Expression") or " ".join(
        [said.get("License") or "", *(c for c in said.get_all("Classifier", []) if c.startswith("License"))]
    )
    assert row[1] == theirs or row[1].split()[0].lower() in theirs.lower()


@pytest.mark.parametrize("requirement", RUNTIME, ids=lambda one: one.name)
def test_runtime_dependencies_are_bounded_and_the_bounds_are_those_tried(requirement: Requirement) -> None:
    kinds = {one.operator: Version(one.version) for one in requirement.specifier}
    assert set(kinds) == {">=", "<"}
    low = pinned("lowest.txt")[requirement.name]
    assert low.release[: len(kinds[">="].release)] == kinds[">="].release
    assert pinned("lock-py311.txt")[requirement.name] in requirement.specifier
    assert Version(metadata.version(requirement.name)) in requirement.specifier


def test_the_lock_has_every_direct_dependency() -> None:
    locked = pinned("lock-py311.txt")
    assert all(one.name in locked and locked[one.name] in one.specifier for one in RUNTIME + TESTS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("form", [["--json"], ["--csv"], ["--latex"], ["--plot"]])
def test_a_full_disk_is_said_in_one_line(form: list[str], tmp_path: Path, capsys) -> None:
    target = "/dev/full"
    if form == ["--plot"]:
        link = tmp_path / "a.svg"
        link.symlink_to(target)
        arguments = ["--plot", str(link)]
    else:
        arguments = [*form, "-o", target]
    assert main(["path", "sign-flip", *arguments]) == 2
    err = capsys.readouterr().err
    assert "No space left on device" in err
    assert err.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_standard_output_is_said_in_one_line() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "saddlesym", "path", "sign-flip", "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


def test_the_citation_is_of_this_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    said = dict(re.findall(r"^(\w[\w-]*): (\S.*)$", text, re.MULTILINE))
    assert (said["title"], said["version"]) == (PROJECT["name"], saddlesym.__version__)
    assert said["license"] == PROJECT["license"]
    assert [one["name"] for one in PROJECT["authors"]] == re.findall(
        r"^  - name: \"(.*)\"$", text, re.MULTILINE
    )
