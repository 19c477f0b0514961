"""The README says what the program does: its blocks run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from saddlesym.cli.main import main
from saddlesym.theorems.catalogue import statements
from saddlesym.theorems.evidence.status import Grade

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_python_blocks_run_as_written() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    runner = doctest.DocTestRunner()
    for block in blocks:
        test = doctest.DocTestParser().get_doctest(block, {}, "README", "README.md", 0)
        assert test.examples
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_console_blocks_print_what_they_show(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some of them write
    blocks = re.findall(r"```console\n\$ saddlesym (.*?)\n(.*?)```", README, re.DOTALL)
    assert blocks
    for command, shown in blocks:
        assert main(command.split()) == 0
        printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        assert printed == [line.rstrip() for line in shown.splitlines()], command


def test_both_commands_are_named() -> None:
    assert "make explore" in README
    assert "make test" in README


def statement_rows() -> list[str]:
    block = README.partition("<!-- statements -->\n")[2].partition("<!-- end of statements -->")[0]
    return block.splitlines()[2:]


def test_the_table_of_statements_is_that_of_the_catalogue() -> None:
    """Out of date? `saddlesym theorems --status` prints it anew."""
    begun = [f"| `{entry.id}` | {entry.title.replace('|', '&#124;')} | " for entry in statements().values()]
    rows = statement_rows()
    assert [row[: len(start)] for row, start in zip(rows, begun, strict=True)] == begun
    for entry, row in zip(statements().values(), rows, strict=True):
        status = row.split(" | ")[-1].removesuffix(" |")
        assert any(status.startswith(grade) for grade in Grade), row
        assert (status == Grade.REFUTED_AS_EXPECTED) == entry.is_folklore


@pytest.mark.long
def test_the_status_of_the_statements_is_what_verification_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["theorems", "--status"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == statement_rows()


def test_the_figure_is_made_by_the_command_that_it_names(tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[1] / "examples" / "diabetes.svg").read_text(encoding="utf-8")
    assert "(examples/diabetes.svg)" in README
    assert "`saddlesym path diabetes --plot examples/diabetes.svg`" in README
    assert main(["path", "diabetes", "--plot", str(tmp_path / "again.svg")]) == 0
    again = (tmp_path / "again.svg").read_text(encoding="utf-8")
    for mark in ("<path", "clip-path=", "stroke: #0072b2", "stroke-dasharray"):
        assert again.count(mark) == shipped.count(mark) > 0
