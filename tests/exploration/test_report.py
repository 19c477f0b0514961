"""Pages: self-contained, well formed, and nothing from a user is ever markup."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from pages import HOSTILE, assert_sound

from saddlesym import BadInputError
from saddlesym.grids import Grid, Name
from saddlesym.report.files import FIGURES, PAGE, TWIN, write_folder
from saddlesym.report.page import (
    CodeBlock,
    Facts,
    Folded,
    Formula,
    Note,
    Page,
    Paragraph,
    Picture,
    Section,
    Table,
    prose,
)
from saddlesym.report.render import render


def page_about(name: str) -> Page:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>'
    blocks = (
        Paragraph(prose("Of $x_i$ and {name}: `code` {t}.", name=Name(name), t=Fraction(1, 10**40))),
        Note(prose("Careful with {name}.", name=(Name(name), " and ", Name(name)))),
        Formula(r"\frac{1}{2}", "one half"),
        Table(
            Grid(
                (Name(name),),
                ("k", Name(name)),
                ((1, Name(name)), (2, Fraction(10**40 + 1, 3))),
                frozenset({1}),
            )
        ),
        Picture("one", svg, f"a picture of {name}", prose("About {name}.", name=Name(name))),
        CodeBlock(f"print({name!r})", "A program"),
        Facts((("name", Name(name)),)),
    )
    inner = Section("inner", f"Inner {name}", (Folded(prose("More"), blocks[:2]),))
    sections = (Section("one", "One", blocks, (inner,)), Section("two", "Two"), Section("three", "Three"))
    return Page(
        (Name(name), ": a page"), prose("Lead of {name}.", name=Name(name)), sections, (("made", name),)
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_user_text_is_text_wherever_it_stands(name: str) -> None:
    page = assert_sound(render(page_about(name)))
    assert str(Name(name)) in page.isolated
    assert len(page.images) == 1
    assert "49" not in page.text
    assert f"{10**40 + 1}/3" in page.text


def test_the_laws_notice_what_they_forbid() -> None:
    sound = render(page_about("x"))
    for old, new in (
        ("<h3", "<h5"),
        ('alt="a picture of x"', ""),
        ("data:image/svg+xml", "https://example.org/x"),
        ('id="two"', 'id="one"'),
        ("</body>", "<script></script></body>"),
        ("<bdi>", "<bdi onclick=''>"),
        ("</bdi>", ""),
        ('<p class="lead">', '<p class="lead"><details></details>'),
    ):
        assert old in sound
        with pytest.raises(AssertionError):
            assert_sound(sound.replace(old, new).replace("</h3>", "</h5>" if "h5" in new else "</h3>"))


def test_fields_are_not_read_for_markup() -> None:
    assert prose("{a}", a="$x$ `y` {a}") == ("$x$ `y` {a}",)


def test_the_same_page_is_the_same_bytes() -> None:
    assert render(page_about("a")) == render(page_about("a"))


def test_a_folder_is_whole_and_can_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "report"
    page = write_folder(page_about("a"), {"kind": "test"}, target)
    assert page == target / PAGE
    assert sorted(p.name for p in target.iterdir()) == sorted([PAGE, TWIN, FIGURES])
    assert json.loads((target / TWIN).read_text()) == {"kind": "test"}
    assert [p.name for p in (target / FIGURES).iterdir()] == ["one.svg"]
    write_folder(page_about("b"), {"kind": "second"}, target)
    assert json.loads((target / TWIN).read_text()) == {"kind": "second"}
    assert [p.name for p in target.parent.iterdir()] == ["report"]


def test_nothing_of_anybody_elses_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(BadInputError, match="no report"):
        write_folder(page_about("a"), {}, tmp_path)
    with pytest.raises(BadInputError, match="no folder"):
        write_folder(page_about("a"), {}, tmp_path / "thesis.tex")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("when", ["json", "replace"])
def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when
) -> None:
    target = tmp_path / "report"
    write_folder(page_about("a"), {"kind": "first"}, target)

    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    if when == "json":
        monkeypatch.setattr(Path, "write_text", interrupted)
    else:
        import os

        calls, replace = [], os.replace

        def second_fails(*arguments):
            calls.append(arguments)
            if len(calls) == 2:
                raise KeyboardInterrupt
            replace(*arguments)

        monkeypatch.setattr(os, "replace", second_fails)
    with pytest.raises(KeyboardInterrupt):
        write_folder(page_about("b"), {"kind": "second"}, target)
    monkeypatch.undo()
    assert json.loads((target / TWIN).read_text()) == {"kind": "first"}
    assert [p.name for p in tmp_path.iterdir()] == ["report"]
