"""README and the pages under docs/ say what the program does: their blocks run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from saddlesym.cli.main import cli, main
from saddlesym.kernel.theory import is_checked, log, theorems_of
from saddlesym.theorems.catalogue import statements
from saddlesym.theorems.evidence.kernel import kernel_summary
from saddlesym.theorems.evidence.status import Grade

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(
    path
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    # the page on conjectures has files and refutations in it: tests/laboratory/test_conjectures_page.py
    if path.name != "conjectures.md"
    and re.search(r"```(python\n>>>|console\n)", path.read_text(encoding="utf-8"))
)


def blocks(page: Path, pattern: str) -> list[str]:
    return re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_run_as_written(page: Path) -> None:
    """One after the other, as somebody runs them who reads the page."""
    runner, names = doctest.DocTestRunner(), {"__name__": "__main__"}
    for block in blocks(page, r"```python\n(>>> .*?)```"):
        test = doctest.DocTestParser().get_doctest(block, {}, page.name, str(page), 0)
        assert test.examples
        test.globs = names
        runner.run(test, clear_globs=False)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_console_blocks_print_what_they_show(
    page: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some of them write
    for command, shown in blocks(page, r"```console\n\$ saddlesym (.*?)\n(.*?)```"):
        assert main(command.split()) == 0
        printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        assert printed == [line.rstrip() for line in shown.splitlines()], command


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")], ids=lambda page: page.name
)
def test_links_and_files_that_a_page_names_exist(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
    for target in re.findall(r"`((?:docs|proofs|examples|tests|saddlesym)/[\w./-]+)`", text):
        assert (ROOT / target).exists(), target


def test_the_readme_is_short_and_lists_every_command() -> None:
    assert len(README.encode()) < 8200
    for name in cli.commands:
        assert f"\n    saddlesym {name} " in README, name
    for page in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in README, page


def test_both_commands_are_named() -> None:
    assert "make explore" in README
    assert "make test" in README


def statement_rows() -> list[str]:
    page = (ROOT / "docs" / "theorems.md").read_text(encoding="utf-8")
    block = page.partition("<!-- statements -->\n")[2].partition("<!-- end of statements -->")[0]
    return block.splitlines()[2:]


def test_the_table_of_statements_is_that_of_the_catalogue() -> None:
    """Out of date? `saddlesym theorems --status` prints it anew."""
    found = log()
    version = found.version if found else "none of these sources"
    begun = [f"| `{entry.id}` | {entry.title.replace('|', '&#124;')} | " for entry in statements().values()]
    rows = statement_rows()
    assert [row[: len(start)] for row, start in zip(rows, begun, strict=True)] == begun
    for entry, row in zip(statements().values(), rows, strict=True):
        status, coq = row.removesuffix(" |").split(" | ")[-2:]
        assert any(status.startswith(grade) for grade in Grade), row
        assert (status == Grade.REFUTED_AS_EXPECTED) == entry.is_folklore
        checked = [one.name for one in theorems_of(entry.id) if is_checked(one)]
        assert coq.strip() == ", ".join(f"`{name}`" for name in checked), row
        assert (status == f"kernel-checked (log of Coq {version})") == bool(checked), row


def test_the_page_says_how_many_statements_the_kernel_has_checked() -> None:
    """Out of date, as after a change of proofs/coq? `make kernel-log` and `saddlesym theorems --status`."""
    page = (ROOT / "docs" / "theorems.md").read_text(encoding="utf-8")
    said = page.partition("<!-- kernel -->\n")[2].partition("<!-- end of kernel -->")[0]
    assert said == kernel_summary()


@pytest.mark.long
def test_the_status_of_the_statements_is_what_verification_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["theorems", "--status"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == statement_rows()


def test_the_figure_is_made_by_the_command_that_it_names(tmp_path: Path) -> None:
    shipped = (ROOT / "examples" / "diabetes.svg").read_text(encoding="utf-8")
    assert "(examples/diabetes.svg)" in README
    assert "`saddlesym path diabetes --plot examples/diabetes.svg`" in README
    assert main(["path", "diabetes", "--plot", str(tmp_path / "again.svg")]) == 0
    again = (tmp_path / "again.svg").read_text(encoding="utf-8")
    for mark in ("<path", "clip-path=", "stroke: #0072b2", "stroke-dasharray"):
        assert again.count(mark) == shipped.count(mark) > 0
