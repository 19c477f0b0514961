"""docs/conjectures.md says what the program does: its blocks run, its table is the vocabulary."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from documents import run

from saddlesym.laboratory.ensembles import SORTS
from saddlesym.laboratory.language.quantities import QUANTITIES

PAGE = (Path(__file__).parents[2] / "docs" / "conjectures.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ saddlesym (.*?)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[block[0][:60] for block in BLOCKS])
def test_console_blocks_print_what_they_show(
    command: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in re.findall(r"```python file=(\S+)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    status, out, _ = run(*shlex.split(command), "--jobs", "1")
    assert [line.rstrip() for line in out.splitlines()] == [line.rstrip() for line in shown.splitlines()]
    assert status == ("REFUTED" in shown)


def test_python_blocks_run_as_written() -> None:
    runner = doctest.DocTestRunner()
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        runner.run(doctest.DocTestParser().get_doctest(block, {}, "page", "conjectures.md", 0))
    assert runner.summarize(verbose=False).attempted > 5
    assert runner.summarize(verbose=False).failed == 0


def rows(names: dict[str, object]) -> list[list[str]]:
    cells = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return [row for row in cells if row[0].strip("`").split("(")[0] in names]


def test_the_tables_are_the_vocabulary_and_the_ensembles() -> None:
    expected = [[f"`{q.written}`", q.says.replace("|", "&#124;"), q.part] for q in QUANTITIES.values()]
    assert rows(QUANTITIES) == expected
    assert len(expected) >= 30
    told = [[f"`{name}`", sort.says.replace("|", "&#124;")] for name, sort in SORTS.items()]
    assert [row[:2] for row in rows(SORTS)] == told
