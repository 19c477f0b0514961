"""Pages: self-contained, well formed, and nothing from a user is ever markup."""

from __future__ import annotations

import json
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest

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

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "$\\input{x}$ {name} `code`",
    "{{ 7*7 }}{% raw %}",
    "עלות \u202eexe",
    "a\nb&amp;",
)

#: Elements that end a paragraph for a browser.
BLOCKS = {
    "p",
    "div",
    "table",
    "details",
    "figure",
    "pre",
    "dl",
    "ol",
    "ul",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
}
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Structure(HTMLParser):
    """What a browser would see of a page: elements, ids, headings, references, text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.references: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.isolated: list[str] = []
        self.text = ""
        self.policy = ""
        self.feed(html)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        assert len(values) == len(attrs), "an attribute appears twice"
        self.tags.add(tag)
        assert not ("p" in self.open and tag in BLOCKS), f"<{tag}> within a paragraph"
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        self.references += [
            values[name] for name in ("src", "href", "action", "data", "poster") if name in values
        ]
        self.handlers += [name for name in values if name.startswith("on")]
        if tag == "img":
            self.images.append(values)
        if tag == "bdi":
            self.isolated.append("")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style",):
            assert "@import" not in data
            assert "url(" not in data
            return
        self.text += data
        if "bdi" in self.open:
            self.isolated[-1] += data


def assert_sound(html: str) -> Structure:
    """The laws of every page."""
    page = Structure(html)
    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(set(page.ids)) == len(page.ids)
    for reference in page.references:
        assert reference.startswith(("data:", "#")), reference[:80]
        assert not reference.startswith("#") or reference[1:] in page.ids
    assert all(image.get("alt") for image in page.images)
    assert not page.handlers
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "base"}
    assert "default-src 'none'" in page.policy
    assert "script-src" not in page.policy
    return page


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
