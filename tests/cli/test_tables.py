"""Tables in narrow terminals: whatever gives way, no number is broken, and what is missing is named."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlesym.cli.main import main
from saddlesym.cli.writing.tables import Column, fitted, print_table

WIDTHS = (80, 60, 40)
COMMANDS = {
    "path": ["path", "diabetes", "--centre", "--scale"],
    "path of long numbers": ["path", "diabetes", "--centre", "--scale", "--digits", "40"],
    "path with flips": ["path", "sign-flip"],
    "flow": ["flow", "sign-flip", "--alpha", "1e-20", "--digits", "12"],
    "recovered": ["recover", "sign-flip", "--alpha", "1e-60", "--digits", "33"],
    "graph": ["graph", "sign-flip", "--full"],
    "deep saddles": ["deep", "saddles", "svd-3x3"],
    "deep escape": ["deep", "escape", "svd-3x3"],
    "deep greedy": ["deep", "greedy", "completion-3x3"],
    "deep flow": ["deep", "flow", "svd-3x3", "--alpha", "1e-5", "--digits", "8"],
    "theorems": ["theorems"],
    "verify": ["verify", "loss-falls", "sign-kept", "--instances", "2", "--jobs", "1"],
}
_TOKEN = re.compile(r"[0-9][0-9./]*(?:e[-+]?[0-9]+)?")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(width: int | str, command: list[str]) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        assert main(command) in (0, 1, 3)
        return capsys.readouterr().out

    return run


def numbers(text: str) -> set[str]:
    """The numbers of a text that are not said to be cut."""
    return {m[0] for m in _TOKEN.finditer(text) if text[m.end() : m.end() + 1] != "…"}


def table_lines(text: str) -> list[str]:
    """The lines of tables: from a ruler's header to the blank line after the rows."""
    lines, out = text.split("\n"), []
    for k, line in enumerate(lines):
        if line and set(line) <= {" ", "─"} and "─" in line:
            first = max(j for j in range(k) if not lines[j].strip()) + 1
            last = next(j for j in range(k, len(lines)) if not lines[j].strip())
            out += lines[first:last]
    return out


@pytest.mark.parametrize("name", COMMANDS)
def test_no_number_is_broken_and_no_line_too_long(name: str, at) -> None:
    whole = at("", COMMANDS[name])
    for width in WIDTHS:
        narrow = at(width, COMMANDS[name])
        table = table_lines(narrow)
        assert table
        assert max(map(len, table)) <= width
        shown = numbers("\n".join(table)) - {"…"}
        left = {one for one in shown - numbers(whole) if f"{one}…" not in narrow}
        # a decimal cut in its middle keeps its exponent: what is left of the ellipsis is a beginning
        assert not {one for one in left if not re.search(rf"…(e[-+]?)?{re.escape(one)}\b", narrow)}, width


def test_without_columns_a_pipe_is_as_wide_as_needed(at) -> None:
    for nonsense in ("", "abc", "0", "-5", "1e3"):
        assert "71845111/3244616225" in at(nonsense, COMMANDS["path"])
    assert "71845111/3244616225" not in at(60, COMMANDS["path"])


def test_exact_numbers_give_way_first_then_columns_from_the_right(at) -> None:
    out = at(80, COMMANDS["path"])
    assert "0.022142869   7184511…" in out
    assert "Not shown" not in out
    out = at(40, COMMANDS["path"])
    assert "Not shown in 40 columns: exact, active, loss.\nCOLUMNS=121 shows all." in out
    assert at(121, COMMANDS["path"]) == at("", COMMANDS["path"])


def test_names_are_shortened_before_columns_are_left_out(tmp_path: Path, at) -> None:
    name = "expression_of_gene_" + "x" * 60
    file = tmp_path / "a.csv"
    file.write_text(f"{name},b,y\n1,0,2\n0,1,1\n")
    out = at(60, ["path", str(file)])
    assert "Not shown" not in out
    assert re.search(r"expression_\w*…", out)


def test_a_decimal_keeps_its_magnitude(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    numbers = ("1.234567890123456789e-200", "123456.7890123456789012345")
    print_table("t", ["k", "a number"], [["1", numbers[0]], ["2", numbers[1]]], {0, 1})
    out = capsys.readouterr().out
    assert re.search(r"1\.2345\d*…e-200", out)
    assert re.search(r"123456\.\d+…", out)


def test_integers_and_fractions_are_never_cut(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    print_table("t", ["k", "said"], [["1", "it is 12345678901234567890/7919 here"]], {0})
    assert "12345678901234567890/7919" in capsys.readouterr().out


def test_wide_characters_count_twice(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", "40")
    print_table("表", ["k", "名前", "loss"], [["1", "温度" * 20, "0.25"]], {0, 2})
    assert max(map(cell_len, table_lines(capsys.readouterr().out))) <= 40


@cache
def _cells() -> st.SearchStrategy[str]:
    number = st.from_regex(r"-?\d{1,30}(\.\d{1,30})?(e-?\d{1,3})?", fullmatch=True)
    word = st.from_regex(r"[a-z_]{1,20}", fullmatch=True)
    return st.lists(number | word, max_size=4).map(" ".join)


@settings(max_examples=25)
@given(st.data())
def test_columns_fit_or_only_two_are_left(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 6))
    rows = data.draw(st.lists(st.tuples(*[_cells()] * size), min_size=1, max_size=4))
    names = ["exact" if data.draw(st.booleans()) else f"c{k}" for k in range(size)]
    columns = [Column(names[k], tuple(row[k] for row in rows), data.draw(st.booleans())) for k in range(size)]
    width = data.draw(st.integers(20, 120))
    widths = fitted(columns, width)
    assert sum(widths.values()) + 3 * len(widths) - 1 <= width or len(widths) <= 2
    assert {0, 1} & set(range(size)) <= set(widths)
    for k, wide in widths.items():
        for cell in columns[k].cells:
            for line in columns[k].lines(cell, wide).split("\n"):
                pieces = line.split()
                whole = cell.split()
                assert all(piece in whole or "…" in piece for piece in pieces)
