"""The README says what the program does: its blocks run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from saddlesym.cli.main import main

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


def test_console_blocks_print_what_they_show(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```console\n\$ saddlesym (.*?)\n(.*?)```", README, re.DOTALL)
    assert blocks
    for command, shown in blocks:
        assert main(command.split()) == 0
        printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        assert printed == [line.rstrip() for line in shown.splitlines()], command


def test_both_commands_are_named() -> None:
    assert "make explore" in README
    assert "make test" in README
